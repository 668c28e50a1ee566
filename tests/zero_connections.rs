//! Nothing is asked of the network at start: the program runs under `strace`, which sees every attempt to connect to an
//! address of the network, whoever in the program makes it. Needs strace, and for the window Xvfb and xdotool; without them
//! it is left out, except in continuous integration, where it must run.
#![cfg(target_os = "linux")]

#[path = "support/sandbox.rs"]
mod sandbox;

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use sandbox::Sandbox;

const PATIENCE: Duration = Duration::from_secs(60);

/// A process that ends with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn is_there(programs: &[&str]) -> bool {
    let missing: Vec<&&str> = programs
        .iter()
        .filter(|program| {
            let found = Command::new("sh")
                .args(["-c", &format!("command -v {program}")])
                .output();
            !found.is_ok_and(|found| found.status.success())
        })
        .collect();
    if missing.is_empty() && can_trace() {
        return true;
    }
    assert!(
        std::env::var_os("CI").is_none(),
        "missing, or not allowed here: {missing:?}"
    );
    println!("skipped: missing, or not allowed here: {missing:?}");
    false
}

fn can_trace() -> bool {
    Command::new("strace")
        .arg("true")
        .output()
        .is_ok_and(|ran| ran.status.success())
}

/// The command, such that every attempt to reach an address is written into `log`.
fn traced(command: &Command, log: &Path, more: &[&str]) -> Command {
    let mut traced = Command::new("strace");
    traced
        .args(more)
        .args(["-f", "-q", "-e", "trace=connect,sendto,sendmsg,sendmmsg", "-o"])
        .arg(log)
        .arg(command.get_program())
        .args(command.get_args())
        .env_clear();
    for (name, value) in command.get_envs() {
        if let Some(value) = value {
            traced.env(name, value);
        }
    }
    traced
}

/// The attempts to reach an address of the Internet protocols. Sockets of this machine alone, as of the screen and the
/// desktop's bus, are none.
fn attempts(log: &Path) -> Vec<String> {
    let log = fs::read_to_string(log).unwrap();
    log.lines()
        .filter(|line| line.contains("AF_INET"))
        .map(str::to_owned)
        .collect()
}

/// A home that is signed in, with a server that is there.
fn signed_in() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write(".condarc", "channels: [conda-forge]\n");
    sandbox.sign_in(&["--add-to-channels", "research"]);
    sandbox
}

#[test]
fn commands_that_only_look_reach_for_nobody() {
    if !is_there(&["strace"]) {
        return;
    }
    let sandbox = signed_in();
    let log = sandbox.home().join("trace");
    for words in [
        &["status", "--json"][..],
        &["history", "--json"],
        &["channels", "list", "--json"],
        &["domain", "show", "--json"],
        &["repair", "--dry-run", "--json"],
        &["sign-out", "--dry-run", "--json"],
    ] {
        let ran = traced(&sandbox.command(words), &log, &[]).output().unwrap();
        assert!(ran.status.success(), "{words:?}: {ran:?}");
        assert_eq!(attempts(&log), Vec::<String>::new(), "{words:?}");
    }
    // What is looked for would be seen.
    let words = ["domain", "check", sandbox.practice.url(), "--json"];
    let ran = traced(&sandbox.command(&words), &log, &[]).output().unwrap();
    assert!(ran.status.success(), "{ran:?}");
    assert!(!attempts(&log).is_empty());
}

#[test]
fn the_window_opens_and_reaches_for_nobody() {
    if !is_there(&["strace", "Xvfb", "xdotool"]) {
        return;
    }
    let sandbox = signed_in();
    let asked = sandbox.practice.requests().len();
    let mut server = Command::new("Xvfb")
        .args([
            "-displayfd",
            "1",
            "-screen",
            "0",
            "1280x800x24",
            "-nolisten",
            "tcp",
        ])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map(Running)
        .unwrap();
    let mut number = String::new();
    BufReader::new(server.0.stdout.take().unwrap())
        .read_line(&mut number)
        .unwrap();
    let display = format!(":{}", number.trim());
    let log = sandbox.home().join("trace");
    let known = sandbox.data().join("history/known.json");
    fs::remove_file(&known).unwrap();
    let mut command = sandbox.command(&[]);
    command.env("DISPLAY", &display);
    // It traces from aside, so that the process which is ended is the program.
    let program = traced(&command, &log, &["-D"])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map(Running)
        .unwrap();
    let tool = |words: &[&str]| {
        let ran = Command::new("xdotool")
            .env("DISPLAY", &display)
            .args(words)
            .output()
            .unwrap();
        ran.status
            .success()
            .then(|| String::from_utf8(ran.stdout).unwrap())
    };
    let end = Instant::now() + PATIENCE;
    // Its title tells that it shows its first page.
    while tool(&["search", "--onlyvisible", "--name", "Environments - Sextant"])
        .is_none_or(|found| found.trim().is_empty())
    {
        assert!(Instant::now() < end, "there is no window");
        std::thread::sleep(Duration::from_millis(50));
    }
    // What it notes at the start is noted once this file is there.
    while !known.exists() {
        assert!(Instant::now() < end, "the files were not looked at");
        std::thread::sleep(Duration::from_millis(50));
    }
    drop(program);
    while !fs::read_to_string(&log)
        .unwrap()
        .contains("+++ killed by SIGKILL +++")
    {
        assert!(Instant::now() < end, "the trace does not end");
        std::thread::sleep(Duration::from_millis(50));
    }
    assert_eq!(attempts(&log), Vec::<String>::new());
    assert_eq!(sandbox.practice.requests().len(), asked);
}
