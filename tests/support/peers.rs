//! Programs of others, installed from the package index into a virtual environment of their own, to be asked what they
//! make of the same files. The environments stay beside the build output.
//!
//! Where one cannot be had, the comparison is left out, except in continuous integration, where it fails.

#![allow(dead_code, reason = "every test uses its part")]

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A Python that can import what was asked for.
pub struct Peer {
    interpreter: PathBuf,
}

impl Peer {
    /// `requirements` in pip's own words, versions pinned.
    pub fn with(requirements: &[&str]) -> Option<Self> {
        let name: String = requirements
            .join("+")
            .chars()
            .map(|c| {
                if c.is_ascii_alphanumeric() || c == '.' {
                    c
                } else {
                    '-'
                }
            })
            .collect();
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("peers").join(name);
        match installed(&folder, requirements) {
            Ok(()) => Some(Self {
                interpreter: interpreter_in(&folder),
            }),
            Err(reason) if std::env::var_os("CI").is_some() => {
                panic!("{requirements:?} is needed here: {reason}")
            }
            Err(reason) => {
                eprintln!("skipped, because {requirements:?} could not be installed: {reason}");
                None
            }
        }
    }

    /// Runs a script in a home, with nothing of this process's environment. Its standard output.
    #[track_caller]
    pub fn run(&self, script: &str, home: &Path, variables: &[(String, String)], input: &str) -> String {
        use std::io::Write as _;
        use std::process::Stdio;
        let mut child = Command::new(&self.interpreter)
            .args(["-X", "utf8", "-W", "ignore", "-c", script])
            .env_clear()
            .env("HOME", home)
            .env("PATH", "/usr/bin:/bin")
            .envs(variables.iter().map(|(name, value)| (name, value)))
            .current_dir(home)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8(output.stdout).unwrap()
    }
}

/// Makes the environment unless it is there; one process at a time.
fn installed(folder: &Path, requirements: &[&str]) -> Result<(), String> {
    let said = |error: std::io::Error| error.to_string();
    let above = folder.parent().ok_or("no folder")?;
    fs::create_dir_all(above).map_err(said)?;
    let turn = File::create(folder.with_extension("lock")).map_err(said)?;
    turn.lock().map_err(said)?;
    let ready = folder.join("ready");
    if ready.exists() {
        return Ok(());
    }
    let python = std::env::var("PYTHON").unwrap_or_else(|_| "python3".to_owned());
    succeeded(
        Command::new(python)
            .args(["-m", "venv", "--clear"])
            .arg(folder)
            .output(),
    )?;
    let mut pip = Command::new(interpreter_in(folder));
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]);
    succeeded(pip.args(requirements).output())?;
    fs::write(ready, "").map_err(said)
}

fn succeeded(output: std::io::Result<Output>) -> Result<(), String> {
    let output = output.map_err(|error| error.to_string())?;
    match output.status.success() {
        true => Ok(()),
        false => Err(String::from_utf8_lossy(&output.stderr).into_owned()),
    }
}

fn interpreter_in(folder: &Path) -> PathBuf {
    folder.join(if cfg!(windows) {
        "Scripts/python.exe"
    } else {
        "bin/python"
    })
}
