//! A person at a terminal, played by Python, which has terminals. `PYTHON` names the interpreter.
//!
//! Without Python the test is left out, except in continuous integration, where it fails.

#![allow(dead_code, reason = "every test uses its part")]

use std::collections::BTreeMap;
use std::io::Write;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

/// What Ctrl-C types.
pub const INTERRUPT: &str = "\u{3}";

/// A run at a terminal that is over.
#[derive(Debug)]
pub struct Session {
    /// Everything that the terminal showed.
    pub shown: String,
    pub code: i64,
    /// Whether the terminal shows again what is typed.
    pub echoes: bool,
}

/// Runs a command; each part of the dialogue is what has to be shown, and what is typed then.
#[track_caller]
pub fn at_terminal(command: &Command, dialogue: &[(&str, &str)]) -> Option<Session> {
    let program = std::env::var("PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/terminal.py");
    let started = Command::new(&program)
        .args(["-I", "-X", "utf8", script])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let mut python = match started {
        Ok(python) => python,
        Err(error) if std::env::var_os("CI").is_some() => panic!("{program} is needed here: {error}"),
        Err(error) => {
            eprintln!("skipped, because {program} could not be started: {error}");
            return None;
        }
    };
    let text = |text: &std::ffi::OsStr| text.to_str().unwrap().to_owned();
    let environment: BTreeMap<String, String> = command
        .get_envs()
        .filter_map(|(name, value)| Some((text(name), text(value?))))
        .collect();
    let call = json!({
        "program": text(command.get_program()),
        "arguments": command.get_args().map(text).collect::<Vec<_>>(),
        "environment": environment,
        "folder": command.get_current_dir().unwrap(),
        "dialogue": dialogue,
    });
    writeln!(python.stdin.take().unwrap(), "{call}").unwrap();
    let output = python.wait_with_output().unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    Some(Session {
        shown: answer["shown"].as_str().unwrap().to_owned(),
        code: answer["code"].as_i64().unwrap(),
        echoes: answer["echoes"].as_bool().unwrap(),
    })
}
