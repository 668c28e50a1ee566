//! A throw-away home, the practice server beside it, and the program run in both.

#![allow(dead_code, reason = "every test uses its part")]

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, Output, Stdio};

use serde_json::Value;
use sextant::practice::{OidcTimes, Options, Practice, TokenState};

pub const CONDARC: &str = "# mine\nchannels:\n  - conda-forge # fast\n";
pub const INI: &str = ".anaconda/navigator/anaconda-navigator.ini";

/// A home that nothing outside sees, and that sees nothing outside.
pub struct Sandbox {
    folder: tempfile::TempDir,
    pub practice: Practice,
}

/// What a run of the program said.
#[derive(Debug)]
pub struct Ran {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl Ran {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    #[track_caller]
    pub fn succeeded(self) -> Self {
        assert_eq!(self.code, Some(0), "{self:?}");
        self
    }

    /// The kind of the failure that was reported as JSON.
    #[track_caller]
    pub fn failed(&self) -> String {
        assert_ne!(self.code, Some(0), "{self:?}");
        self.json()["error"]["kind"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    }
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

/// A run of the program that is not over yet.
pub struct Running {
    child: Child,
    errors: BufReader<ChildStderr>,
    /// What it said on standard error so far.
    pub err: String,
}

impl Running {
    /// Waits for a line on standard error that fits, and gives it back.
    #[track_caller]
    pub fn line(&mut self, fits: impl Fn(&str) -> bool) -> String {
        loop {
            let mut line = String::new();
            let read = self.errors.read_line(&mut line).unwrap();
            self.err.push_str(&line);
            assert!(read > 0, "it ended before it said so: {}", self.err);
            if fits(line.trim_end()) {
                return line.trim_end().to_owned();
            }
        }
    }

    /// The next address that stands alone on a line.
    #[track_caller]
    pub fn address(&mut self) -> String {
        self.line(|line| line.starts_with("  http")).trim().to_owned()
    }

    /// What Ctrl-C does.
    #[cfg(unix)]
    pub fn interrupt(&self) {
        let status = Command::new("kill")
            .args(["-INT", &self.child.id().to_string()])
            .status();
        assert!(status.unwrap().success());
    }

    pub fn end(mut self) -> Ran {
        self.errors.read_to_string(&mut self.err).unwrap();
        let ran = self.child.wait_with_output().unwrap();
        Ran {
            err: self.err,
            ..Ran::from(ran)
        }
    }
}

impl Sandbox {
    pub fn new() -> Self {
        Self::with(Options::default())
    }

    pub fn with(options: Options) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("home")).unwrap();
        fs::create_dir_all(folder.path().join("system")).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let practice = runtime.block_on(Practice::start(options)).unwrap();
        Self { folder, practice }
    }

    /// With a `.condarc` of this content.
    pub fn with_condarc(content: &str) -> Self {
        let sandbox = Self::new();
        sandbox.write(".condarc", content);
        sandbox
    }

    /// With [`CONDARC`], and device codes that may be asked about each second.
    pub fn with_quick_codes() -> Self {
        let oidc = OidcTimes {
            interval_seconds: 1,
            ..OidcTimes::default()
        };
        let sandbox = Self::with(Options {
            oidc,
            ..Options::default()
        });
        sandbox.write(".condarc", CONDARC);
        sandbox
    }

    pub fn home(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    pub fn system(&self) -> PathBuf {
        self.folder.path().join("system")
    }

    pub fn data(&self) -> PathBuf {
        self.home().join(".local/share/sextant")
    }

    pub fn condarc(&self) -> PathBuf {
        self.home().join(".condarc")
    }

    pub fn write(&self, path: impl AsRef<Path>, content: impl AsRef<[u8]>) {
        let path = self.home().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    pub fn read(&self, path: impl AsRef<Path>) -> String {
        let path = self.home().join(path);
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    pub fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sextant"));
        command
            .args(words)
            .env_clear()
            .env("HOME", self.home())
            .env("PATH", "/usr/bin:/bin")
            .env("SEXTANT_SYSTEM_ROOT", self.system())
            .env("ANACONDA_AUTH_DOMAIN", self.practice.cloud_url())
            // No keyring: what would go there goes into the file, where the tests can see it.
            .env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent")
            .current_dir(self.home())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    pub fn run_with_input(&self, words: &[&str], input: &str) -> Ran {
        let mut child = self.command(words).spawn().unwrap();
        // The program may end without reading what it was sent.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        child.wait_with_output().unwrap().into()
    }

    /// Starts the program with nothing on its standard input.
    pub fn start(&self, mut command: Command) -> Running {
        let mut child = command.spawn().unwrap();
        drop(child.stdin.take());
        let errors = BufReader::new(child.stderr.take().unwrap());
        Running {
            child,
            errors,
            err: String::new(),
        }
    }

    pub fn run(&self, words: &[&str]) -> Ran {
        self.run_with_input(words, "")
    }

    pub fn sign_in_words<'a>(&'a self, more: &[&'a str]) -> Vec<&'a str> {
        password_words("server", self.practice.url(), more)
    }

    /// Signs alice in.
    #[track_caller]
    pub fn sign_in(&self, more: &[&str]) -> Ran {
        self.run_with_input(&self.sign_in_words(more), "sextant\n")
            .succeeded()
    }

    /// The address of the practice cloud's repository.
    pub fn cloud_base(&self) -> String {
        format!("{}/repo/", self.practice.cloud_url())
    }

    /// A token of the practice cloud that is accepted.
    pub fn cloud_token(&self) -> String {
        let tokens = self.practice.cloud_tokens();
        let valid = tokens.iter().find(|token| token.state == TokenState::Valid);
        valid.unwrap().value.expose().to_owned()
    }

    /// Signs in to the practice cloud.
    #[track_caller]
    pub fn sign_in_to_cloud(&self, more: &[&str]) -> Ran {
        let base = self.cloud_base();
        let mut words = vec!["sign-in", "cloud", "--token-stdin", "--url", &base, "--json"];
        words.extend(more);
        self.run_with_input(&words, &format!("{}\n", self.cloud_token()))
            .succeeded()
    }

    pub fn repository_words<'a>(&'a self, more: &[&'a str]) -> Vec<&'a str> {
        password_words("repository", self.practice.repository_url(), more)
    }

    /// Signs alice in to the practice repository.
    #[track_caller]
    pub fn sign_in_to_repository(&self, more: &[&str]) -> Ran {
        self.run_with_input(&self.repository_words(more), "sextant\n")
            .succeeded()
    }

    /// Lets the home know the practice server's Anaconda.org.
    pub fn know_anaconda_org(&self) {
        self.write(
            INI,
            format!(
                "[main]\nanaconda_api_url = {}\n",
                self.practice.anaconda_org_url()
            ),
        );
    }

    /// The token file for a key, as conda quotes it.
    pub fn token_file(&self, key: &str) -> PathBuf {
        let quoted = key.replace(':', "%3A").replace('/', "%2F");
        self.home().join(format!(".config/binstar/{quoted}.token"))
    }

    /// The services that the machine is signed in to, with their domains.
    pub fn connected(&self) -> Vec<(String, String)> {
        let status = self.run(&["status", "--json"]).succeeded().json();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let connections = status["connections"].as_array().unwrap().iter();
        connections
            .map(|one| (text(&one["service"]), text(&one["domain"])))
            .collect()
    }

    /// Every file of the home but Sextant's own, with its mode; folders too, since a trace is a trace.
    pub fn listing(&self) -> BTreeMap<PathBuf, String> {
        let mut found = BTreeMap::new();
        walk(&self.home(), &self.home(), &self.data(), &mut found);
        found
    }

    /// The names of the tokens on the server.
    pub fn tokens(&self) -> Vec<String> {
        self.practice
            .tokens()
            .into_iter()
            .map(|token| token.name)
            .collect()
    }
}

/// The words of a sign-in of alice to a service at a domain; her password comes on standard input.
pub fn password_words<'a>(service: &'a str, url: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let mut words = vec!["sign-in", service, "--domain", url];
    words.extend(["--username", "alice", "--password-stdin", "--json"]);
    words.extend(more);
    words
}

/// The words of a sign-in to a repository with a ticket.
pub fn kerberos_words<'a>(url: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let mut words = vec!["sign-in", "repository", "--domain", url];
    words.extend(["--kerberos", "--allow-plain-http", "--json"]);
    words.extend(more);
    words
}

fn walk(folder: &Path, root: &Path, left_out: &Path, found: &mut BTreeMap<PathBuf, String>) {
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let path = entry.path();
        let name = path.strip_prefix(root).unwrap().to_owned();
        if path == left_out || left_out.starts_with(&path) {
            continue;
        }
        if path.is_dir() {
            found.insert(name, "folder".to_owned());
            walk(&path, root, left_out, found);
        } else {
            let content = fs::read(&path).unwrap();
            let mode = mode(&path);
            found.insert(name, format!("{mode:o} {}", String::from_utf8_lossy(&content)));
        }
    }
}

#[cfg(unix)]
pub fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[cfg(not(unix))]
pub fn mode(_path: &Path) -> u32 {
    0
}
