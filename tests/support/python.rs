//! Python itself, to be asked what it makes of a text. `PYTHON` names the interpreter.
//!
//! Without Python the comparison is left out, except in continuous integration, where it fails.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};

/// Answers each line of JSON with one: what Python makes of every text in the list.
const PYTHON: &str = r#"
import ast, configparser, io, json, sys, warnings
warnings.simplefilter("ignore")

def read(text):
    parser = configparser.RawConfigParser()
    file = io.TextIOWrapper(io.BytesIO(text.encode("utf-8")), encoding="utf-8-sig")
    try:
        parser.read_file(file)
    except configparser.ParsingError as error:
        lines = [line for line, _ in getattr(error, "errors", [])] or [error.lineno]
        return {"error": type(error).__name__, "line": lines[0]}
    except configparser.Error as error:
        return {"error": type(error).__name__, "line": error.lineno}
    return {
        "sections": parser.sections(),
        "options": {name: parser.options(name) for name in parser.sections()},
        "values": [[name, option, parser.get(name, option)]
                   for name in parser.sections() for option in parser.options(name)]
                  + [["DEFAULT", option, value] for option, value in parser.defaults().items()],
    }

def literal(text):
    try:
        value = ast.literal_eval(text)
    except Exception:
        return None
    return {"repr": repr(value), "text": value if isinstance(value, str) else None}

answer = {"ini": read, "literal": literal, "space": lambda text: [c.isspace() for c in text]}
for line in sys.stdin:
    question = json.loads(line)
    print(json.dumps([answer[question["kind"]](text) for text in question["texts"]]), flush=True)
"#;

pub struct Python {
    child: Child,
    questions: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl Python {
    pub fn start() -> Option<Self> {
        let program = std::env::var("PYTHON").unwrap_or_else(|_| "python3".to_owned());
        let started = Command::new(&program)
            .args(["-I", "-X", "utf8", "-c", PYTHON])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn();
        let mut child = match started {
            Ok(child) => child,
            Err(error) if std::env::var_os("CI").is_some() => panic!("{program} is needed here: {error}"),
            Err(error) => {
                eprintln!("skipped, because {program} could not be started: {error}");
                return None;
            }
        };
        let questions = child.stdin.take();
        let answers = BufReader::new(child.stdout.take().expect("standard output is piped"));
        Some(Self {
            child,
            questions,
            answers,
        })
    }

    pub fn ask(&mut self, kind: &str, texts: &[&str]) -> Vec<Value> {
        let questions = self.questions.as_mut().expect("open until the end");
        writeln!(questions, "{}", json!({"kind": kind, "texts": texts})).expect("Python listens");
        let mut answer = String::new();
        self.answers.read_line(&mut answer).expect("Python answers");
        serde_json::from_str(&answer).expect("Python answers with a list")
    }
}

impl Drop for Python {
    fn drop(&mut self) {
        self.questions = None;
        let _ = self.child.wait();
    }
}
