//! The editor against the reader that conda uses: ruamel.yaml reads the text before and after every edit, and must
//! find exactly the intended change and the flags that the editor claims.

#[path = "support/condarc.rs"]
mod condarc;

use std::cell::RefCell;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use condarc::{Edit, case, cases, damaged_case, runner};
use proptest::strategy::Strategy;
use proptest::test_runner::TestCaseError;
use serde_json::{Value, json};
use sextant::edit::yaml::{Flag, YamlError, YamlFile};

/// Reads JSON lines and answers each with `"ok"` or with what is wrong. The comment functions are conda's rules for
/// flags (repository reference, section 3.2).
const ORACLE: &str = r#"
import json, sys, warnings
from ruamel.yaml import YAML
warnings.simplefilter("ignore")

def load(text, typ):
    # conda opens its files in text mode, where every line end becomes a newline.
    yaml = YAML(typ=typ, pure=True)
    return yaml.load(text.replace("\r\n", "\n").replace("\r", "\n"))

def strict(value):
    if isinstance(value, dict):
        return ("map", [(strict(k), strict(v)) for k, v in value.items()])
    if isinstance(value, list):
        return ("list", [strict(v) for v in value])
    return (type(value).__name__, repr(value))

def same(conda, ours):
    """Whether a value equals its JSON form; dates and the like have none and are null with a mark."""
    if isinstance(ours, dict):
        if "not json" in ours:
            return not isinstance(conda, (str, bool, list, dict)) and conda is not None
        return isinstance(conda, dict) and set(map(str, conda)) == set(ours) and all(
            same(v, ours[str(k)]) for k, v in conda.items())
    if isinstance(ours, list):
        return isinstance(conda, list) and len(conda) == len(ours) and all(map(same, conda, ours))
    if isinstance(ours, (int, float)) and not isinstance(ours, bool):
        return isinstance(conda, (int, float)) and conda == ours
    return type(conda) is type(ours) and conda == ours

def flag(comment):
    if comment is None:
        return None
    word = comment.strip().strip("!#")
    return word if word in ("final", "top", "bottom") else None

def key_flag(mapping, key):
    try:
        return flag(mapping.ca.items[key][2].value)
    except (AttributeError, KeyError, TypeError, IndexError):
        return None

def item_flag(sequence, index):
    try:
        item = sequence.ca.items[index]
        return flag(item[0].value if item[0] else item[1][0].value)
    except (AttributeError, KeyError, TypeError, IndexError):
        return None

def flags(text):
    mapping = load(text, "rt") or {}
    found = {}
    for key in mapping:
        value = mapping[key]
        items = [item_flag(value, i) for i in range(len(value))] if isinstance(value, list) else []
        if isinstance(key, str):
            found[key] = [key_flag(mapping, key), items]
    return found

def only_end_marker(text):
    lines = [line.strip() for line in text.replace("\ufeff", "").splitlines()]
    return [line for line in lines if line and not line.startswith('#')] == ["..."]

def check(case):
    if "refused" in case:
        try:
            load(case["refused"], "safe")
            load(case["refused"], "rt")
        except Exception:
            return "ok"
        return "ruamel accepts this text"
    for name in ("before", "after"):
        # conda cannot read such a file, the editor can.
        if only_end_marker(case[name]) and (name == "before" or case["before"] == ""):
            case[name] = ""
    try:
        before = load(case["before"], "safe") or {}
        load(case["before"], "rt")
    except Exception as error:
        # A comment between key and value and a blank line below: conda cannot read such a file.
        if case["damaged"] or "overlap in comment" in str(error):
            return "ok"
        raise
    for key, ours in case["values"].items():
        if not same(before.get(key), ours):
            return f"{key} is {before.get(key)!r} for conda, {ours!r} for the editor"
    after = load(case["after"], "safe") or {}
    expected = dict(before)
    for change in case["changes"]:
        if "value" in change:
            expected[change["key"]] = change["value"]
        else:
            expected.pop(change["key"], None)
    keys = [k for k in expected]
    if sorted(map(str, keys)) != sorted(map(str, after)):
        return f"keys are {list(after)} instead of {keys}"
    for key in keys:
        if strict(after[key]) != strict(expected[key]):
            return f"{key} is {after[key]!r} instead of {expected[key]!r}"
    old = [k for k in before if k in after]
    if old != [k for k in after if k in before]:
        return "the order of keys changed"
    for name in ("before", "after"):
        conda = flags(case[name])
        for key, ours in case["flags_" + name].items():
            # conda's settings have names; other keys are nothing to it.
            if key in conda and conda[key] != ours:
                return f"flags of {key} in text {name} are {conda.get(key)} instead of {ours}"
    return "ok"

for line in sys.stdin:
    try:
        answer = check(json.loads(line))
    except Exception as error:
        answer = f"{type(error).__name__}: {error}"
    print(json.dumps(answer), flush=True)
"#;

struct Oracle {
    process: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Oracle {
    /// None where Python or ruamel.yaml is missing and that is acceptable.
    fn start() -> Option<Self> {
        let available = Command::new("python3")
            .args(["-c", "import ruamel.yaml"])
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|status| status.success());
        if !available {
            assert!(
                std::env::var_os("CI").is_none(),
                "the oracle needs python3 with ruamel.yaml"
            );
            eprintln!("skipped: python3 with ruamel.yaml is not installed");
            return None;
        }
        let mut process = Command::new("python3")
            .args(["-c", ORACLE])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("python3 starts");
        let input = process.stdin.take().expect("piped");
        let output = BufReader::new(process.stdout.take().expect("piped"));
        Some(Self {
            process,
            input,
            output,
        })
    }

    fn ask(&mut self, question: &Value) -> Result<(), TestCaseError> {
        writeln!(self.input, "{question}").expect("the oracle listens");
        let mut line = String::new();
        self.output.read_line(&mut line).expect("the oracle answers");
        let answer: String = serde_json::from_str(&line).expect("the oracle answers in JSON");
        match answer.as_str() {
            "ok" => Ok(()),
            _ => Err(TestCaseError::fail(format!("{answer}\n{question:#}"))),
        }
    }

    fn finish(self) {
        let Self {
            mut process, input, ..
        } = self;
        drop(input);
        process.wait().expect("the oracle ends");
    }
}

fn flags(file: &YamlFile) -> Value {
    let name = |flag: Option<Flag>| match flag {
        None => Value::Null,
        Some(Flag::Final) => json!("final"),
        Some(Flag::Top) => json!("top"),
        Some(Flag::Bottom) => json!("bottom"),
    };
    let of_key = |key: &str| {
        let items: Vec<Value> = file.item_flags(key).into_iter().map(name).collect();
        (key.to_owned(), json!([name(file.flag(key)), items]))
    };
    Value::Object(file.keys().into_iter().map(of_key).collect())
}

fn change(edit: &Edit) -> Value {
    let key = edit.key();
    match edit {
        Edit::Scalar(_, value) => json!({"key": key, "value": value}),
        Edit::Bool(_, value) => json!({"key": key, "value": value}),
        Edit::List(_, items) => json!({"key": key, "value": items}),
        Edit::Remove(_) => json!({"key": key}),
    }
}

/// The values of settings that contain nothing but what JSON has, keys included.
fn values(file: &YamlFile) -> Value {
    let keys = file.keys().into_iter();
    Value::Object(
        keys.filter_map(|key| Some((key.to_owned(), in_json(file.value(key)?)?)))
            .collect(),
    )
}

fn in_json(value: &serde_yaml::Value) -> Option<Value> {
    use serde_yaml::Value as Yaml;
    match value {
        Yaml::Sequence(items) => items.iter().map(in_json).collect::<Option<_>>().map(Value::Array),
        Yaml::Mapping(map) => {
            let entry = |(key, value): (&Yaml, &Yaml)| {
                Some((
                    key.as_str().filter(|_| key.is_string())?.to_owned(),
                    in_json(value)?,
                ))
            };
            map.iter().map(entry).collect::<Option<_>>().map(Value::Object)
        }
        Yaml::Tagged(_) => Some(json!({"not json": true})),
        Yaml::Number(number) if !number.is_finite() => Some(json!({"not json": true})),
        scalar => serde_json::to_value(scalar).ok(),
    }
}

struct Counts {
    made: u32,
    refused: u32,
    unreadable: u32,
}

/// Makes the edits of every case one after the other and has the oracle check each.
fn check(cases: impl Strategy<Value = (String, Vec<Edit>)>, damaged: bool) -> Option<Counts> {
    let oracle = RefCell::new(Oracle::start()?);
    let counts = RefCell::new(Counts {
        made: 0,
        refused: 0,
        unreadable: 0,
    });
    let result = runner().run(&cases, |(text, edits)| {
        let mut oracle = oracle.borrow_mut();
        let Ok(mut file) = YamlFile::parse(text.as_bytes()) else {
            counts.borrow_mut().unreadable += 1;
            return if damaged {
                Ok(())
            } else {
                oracle.ask(&json!({"refused": text}))
            };
        };
        for edit in edits {
            let old = file.clone();
            match edit.apply(&mut file) {
                Ok(()) => counts.borrow_mut().made += 1,
                Err(YamlError::Refused(_)) => {
                    counts.borrow_mut().refused += 1;
                    assert_eq!(old, file, "a refused edit changes nothing");
                    continue;
                }
                Err(error) => return Err(TestCaseError::fail(format!("unexpected error: {error}"))),
            }
            oracle.ask(&json!({
                "before": old.text(),
                "after": file.text(),
                "changes": [change(&edit)],
                "damaged": damaged,
                "values": values(&old),
                "flags_before": flags(&old),
                "flags_after": flags(&file),
            }))?;
        }
        Ok(())
    });
    oracle.into_inner().finish();
    let counts = counts.into_inner();
    println!(
        "{} edits made, {} refused, {} texts unreadable",
        counts.made, counts.refused, counts.unreadable
    );
    if let Err(error) = result {
        panic!("{error}");
    }
    Some(counts)
}

#[test]
fn ruamel_sees_exactly_the_intended_change() {
    let Some(counts) = check(case(), false) else {
        return;
    };
    assert!(
        counts.made > cases() / 2,
        "most edits are possible: {} made, {} refused",
        counts.made,
        counts.refused
    );
}

/// Texts with something broken: what the editor accepts nevertheless, it reads as conda does, and edits right.
#[test]
fn damaged_texts_are_refused_or_read_as_conda_reads_them() {
    check(damaged_case(), true);
}
