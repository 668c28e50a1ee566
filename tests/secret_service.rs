//! The credential store against a real Secret Service: gnome-keyring on a bus of its own, in a home of its own.
//!
//! A program meets one keyring in its life, so every run of the store is a child process: this test's own executable,
//! which reads from its input what to do and writes what came of it.

#![cfg(target_os = "linux")]

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use sextant::credential::{CredentialError, CredentialStore, PATIENCE, Place, SystemStore};
use sextant::error::Explain;
use sextant::secret::Secret;

/// Says in the environment of a child process that it is one, and where its store lies.
const CHILD: &str = "SEXTANT_TEST_CREDENTIAL_FILE";

/// No service is started by this bus: what is not there must not appear.
const BUS: &str = r#"<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>session</type><listen>unix:dir=FOLDER</listen><auth>EXTERNAL</auth>
<policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy>
</busconfig>"#;

/// What the child does; does nothing in the test itself.
#[test]
fn child() {
    let Some(file) = std::env::var_os(CHILD) else {
        return;
    };
    let store = SystemStore::new(PathBuf::from(file));
    for line in std::io::stdin().lines() {
        let line = line.unwrap();
        let words: Vec<&str> = line.split(' ').collect();
        let began = Instant::now();
        let answer = match words[..] {
            ["write", name, value] => told(
                store
                    .write(name, &Secret::new(value))
                    .map(|()| "written".to_owned()),
            ),
            ["write-long", name, length] => {
                let value = "ü".repeat(length.parse().unwrap());
                told(
                    store
                        .write(name, &Secret::new(value))
                        .map(|()| "written".to_owned()),
                )
            }
            ["read", name] => told(store.read(name).map(|secret| match secret {
                Some(secret) if secret.expose().len() > 100 => {
                    format!("{} characters", secret.expose().chars().count())
                }
                Some(secret) => secret.expose().to_owned(),
                None => "nothing".to_owned(),
            })),
            ["remove", name] => told(store.remove(name).map(|()| "removed".to_owned())),
            ["place"] => match store.place() {
                Place::Keyring => "keyring".to_owned(),
                Place::File(_) => "file".to_owned(),
            },
            ["threads"] => fs::read_dir("/proc/self/task").unwrap().count().to_string(),
            _ => panic!("{line}"),
        };
        println!("\n> {} {answer}", began.elapsed().as_millis());
    }
}

fn told(result: Result<String, CredentialError>) -> String {
    result.unwrap_or_else(|error| {
        let problem = error.explain();
        let parts = [Some(problem.message), problem.cause, problem.remedy];
        parts.into_iter().flatten().collect::<Vec<_>>().join(" | ")
    })
}

/// A process that ends with the test.
struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        // One that was stopped must go on to end.
        signal(self.0.id(), "CONT");
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn signal(process: u32, name: &str) {
    let sent = Command::new("kill")
        .args([&format!("-{name}"), &process.to_string()])
        .status();
    assert!(sent.unwrap().success());
}

/// A home with a bus, and a keyring on it when one is started.
struct Desktop {
    folder: tempfile::TempDir,
    address: String,
    keyring: Option<Ended>,
    _bus: Ended,
}

impl Desktop {
    fn start() -> Option<Self> {
        for program in ["dbus-daemon", "dbus-send", "gnome-keyring-daemon"] {
            let mut asked = Command::new(program);
            let found = asked
                .arg("--version")
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .status();
            if let Err(error) = found {
                assert!(
                    std::env::var_os("CI").is_none(),
                    "{program} is needed here: {error}"
                );
                eprintln!("skipped, because {program} could not be started: {error}");
                return None;
            }
        }
        let folder = tempfile::tempdir().unwrap();
        let configuration = folder.path().join("bus.conf");
        fs::write(
            &configuration,
            BUS.replace("FOLDER", &folder.path().display().to_string()),
        )
        .unwrap();
        let mut bus = Command::new("dbus-daemon")
            .arg("--config-file")
            .arg(&configuration)
            .args(["--nofork", "--print-address"])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut address = String::new();
        BufReader::new(bus.stdout.take().unwrap())
            .read_line(&mut address)
            .unwrap();
        Some(Self {
            folder,
            address: address.trim().to_owned(),
            keyring: None,
            _bus: Ended(bus),
        })
    }

    fn with_keyring() -> Option<Self> {
        let mut desktop = Self::start()?;
        desktop.start_keyring();
        Some(desktop)
    }

    /// Starts gnome-keyring with an unlocked collection, and waits until it is on the bus.
    fn start_keyring(&mut self) {
        let runtime = self.folder.path().join("runtime");
        fs::create_dir_all(&runtime).unwrap();
        fs::set_permissions(&runtime, fs::Permissions::from_mode(0o700)).unwrap();
        let mut daemon = self
            .command("gnome-keyring-daemon")
            .args([
                "--foreground",
                "--unlock",
                "--components=secrets",
                "--control-directory",
            ])
            .arg(&runtime)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        daemon.stdin.take().unwrap().write_all(b"test").unwrap();
        self.keyring = Some(Ended(daemon));
        wait_until("the keyring is there", || {
            let answer = self.send(
                "/org/freedesktop/secrets/aliases/default",
                "org.freedesktop.DBus.Peer.Ping",
                &[],
            );
            answer
                && self
                    .folder
                    .path()
                    .join(".local/share/keyrings/login.keyring")
                    .exists()
        });
    }

    fn lock(&self) {
        let collection = "array:objpath:/org/freedesktop/secrets/collection/login";
        assert!(self.send(
            "/org/freedesktop/secrets",
            "org.freedesktop.Secret.Service.Lock",
            &[collection]
        ));
    }

    fn send(&self, object: &str, method: &str, arguments: &[&str]) -> bool {
        let mut command = self.command("dbus-send");
        command
            .args([
                "--session",
                "--print-reply",
                "--dest=org.freedesktop.secrets",
                object,
                method,
            ])
            .args(arguments)
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command.status().unwrap().success()
    }

    fn daemon(&self) -> u32 {
        self.keyring.as_ref().unwrap().0.id()
    }

    fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        command
            .env_clear()
            .env("HOME", self.folder.path())
            .env("XDG_RUNTIME_DIR", self.folder.path().join("runtime"))
            .env("PATH", "/usr/bin:/bin")
            .env("DBUS_SESSION_BUS_ADDRESS", &self.address);
        command
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("data/credentials.json")
    }

    /// Another run of the program.
    fn run(&self) -> Run {
        let mut command = self.command(std::env::current_exe().unwrap());
        Run::start(&mut command, &self.file())
    }
}

fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let began = Instant::now();
    while !is_so() {
        assert!(began.elapsed() < Duration::from_secs(60), "{what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// A child with a store of its own.
struct Run {
    _process: Ended,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Run {
    fn start(command: &mut Command, file: &Path) -> Self {
        let mut process = command
            .args(["--exact", "child", "--nocapture", "--test-threads=1"])
            .env(CHILD, file)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        Self {
            input: process.stdin.take().unwrap(),
            output: BufReader::new(process.stdout.take().unwrap()),
            _process: Ended(process),
        }
    }

    /// What came of it, and how long it took.
    fn timed(&mut self, what: &str) -> (Duration, String) {
        writeln!(self.input, "{what}").unwrap();
        let mut line = String::new();
        while !line.starts_with("> ") {
            line.clear();
            assert!(self.output.read_line(&mut line).unwrap() > 0, "it ended: {what}");
        }
        let (milliseconds, answer) = line[2..].trim_end().split_once(' ').unwrap();
        (
            Duration::from_millis(milliseconds.parse().unwrap()),
            answer.to_owned(),
        )
    }

    #[track_caller]
    fn does(&mut self, what: &str, expected: &str) {
        let answer = self.timed(what).1;
        assert!(answer.starts_with(expected), "{what}: {answer}, not {expected}");
    }
}

#[test]
fn secrets_of_every_length_are_kept_in_the_keyring_and_removed_whole() {
    let Some(desktop) = Desktop::with_keyring() else {
        return;
    };
    let mut run = desktop.run();
    run.does("place", "keyring");
    run.does("read a", "nothing");
    run.does("write a one", "written");
    run.does("write-long b 6000", "written");
    let mut other = desktop.run();
    other.does("read a", "one");
    other.does("read b", "6000 characters");
    other.does("write b two", "written");
    run.does("read b", "two");
    run.does("remove b", "removed");
    run.does("remove a", "removed");
    other.does("read a", "nothing");
    other.does("read b", "nothing");
    assert!(!desktop.file().exists());
    assert!(!desktop.file().with_file_name("keyring.json").exists());
    // Nothing of them is left in the keyring: it holds no entry of Sextant's.
    let found = desktop
        .command("dbus-send")
        .args([
            "--session",
            "--print-reply",
            "--dest=org.freedesktop.secrets",
            "/org/freedesktop/secrets",
        ])
        .args([
            "org.freedesktop.Secret.Service.SearchItems",
            "dict:string:string:service,Sextant",
        ])
        .output()
        .unwrap();
    let found = String::from_utf8(found.stdout).unwrap();
    assert!(
        found.contains("array") && !found.contains("/collection/"),
        "{found}"
    );
}

#[test]
fn a_locked_keyring_is_an_error_with_a_remedy_and_not_an_absence() {
    let Some(desktop) = Desktop::with_keyring() else {
        return;
    };
    let mut run = desktop.run();
    run.does("write a one", "written");
    desktop.lock();
    // Nobody is there to unlock it: this bus has no prompter.
    for run in [&mut run, &mut desktop.run()] {
        let (_, answer) = run.timed("read a");
        assert!(answer.starts_with("the keyring is locked |"), "{answer}");
        assert!(answer.ends_with("unlock the keyring and try again"), "{answer}");
        run.does("read never-stored", "nothing");
    }
    // What is stored now goes into the file, and what is removed is gone.
    run.does("write b two", "written");
    run.does("read b", "two");
    assert_eq!(
        fs::metadata(desktop.file()).unwrap().permissions().mode() & 0o777,
        0o600
    );
    run.does("remove a", "removed");
    run.does("read a", "nothing");
}

#[test]
fn a_keyring_that_hangs_is_waited_for_once_and_speaks_again() {
    let Some(desktop) = Desktop::with_keyring() else {
        return;
    };
    let mut run = desktop.run();
    run.does("write a one", "written");
    signal(desktop.daemon(), "STOP");
    run.does("read a", "the keyring does not answer |");
    let threads = run.timed("threads").1;
    let mut waited = Duration::ZERO;
    for _ in 0..20 {
        let (took, answer) = run.timed("read a");
        assert!(answer.starts_with("the keyring does not answer |"), "{answer}");
        waited += took;
        run.does("write b two", "written");
        run.does("place", "file");
    }
    // Had each of them waited, it were a minute.
    assert!(waited < PATIENCE, "{waited:?}");
    assert_eq!(run.timed("threads").1, threads);
    // A program that starts meanwhile does not hang either.
    desktop.run().does("read a", "the keyring does not answer |");
    signal(desktop.daemon(), "CONT");
    wait_until("it is used again", || run.timed("read a").1 == "one");
    run.does("place", "keyring");
    run.does("read b", "two");
    assert!(!desktop.file().exists());
    desktop.run().does("read b", "two");
}

#[test]
fn without_a_keyring_the_file_takes_the_secrets_until_there_is_one() {
    let Some(mut desktop) = Desktop::start() else {
        return;
    };
    let mut run = desktop.run();
    run.does("place", "file");
    run.does("write-long a 6000", "written");
    run.does("read a", "6000 characters");
    assert_eq!(
        fs::metadata(desktop.file()).unwrap().permissions().mode() & 0o777,
        0o600
    );
    desktop.start_keyring();
    desktop.run().does("read a", "6000 characters");
    assert!(!desktop.file().exists());
    let mut run = desktop.run();
    run.does("read a", "6000 characters");
    // In a session without the keyring, as over ssh, the secret is out of reach, not gone.
    let mut elsewhere = desktop.command(std::env::current_exe().unwrap());
    elsewhere.env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent");
    let mut elsewhere = Run::start(&mut elsewhere, &desktop.file());
    elsewhere.does("read a", "there is no keyring in this session |");
    elsewhere.does("place", "file");
    run.does("remove a", "removed");
    elsewhere.does("read a", "nothing");
}

#[test]
fn a_keyring_that_ends_is_no_hang() {
    let Some(mut desktop) = Desktop::with_keyring() else {
        return;
    };
    let mut run = desktop.run();
    run.does("write a one", "written");
    desktop.keyring = None;
    let (_, answer) = run.timed("read a");
    assert!(
        answer.starts_with("the keyring ") || answer.starts_with("there is no keyring"),
        "{answer}"
    );
    run.does("write b two", "written");
    run.does("read b", "two");
}
