//! The practice server asked by Anaconda's own programs: anaconda-client 1.13.0 talks to the practice repository, anaconda-auth
//! 0.15.3 and anaconda-client 1.16.0 to the practice cloud and to the practice Anaconda.org. What they send, and what they make of
//! the answers, shows whether the practice server keeps the contracts.
//!
//! They are installed once, into virtual environments among the build's own temporary files. Without Python or a package
//! index the tests are left out, except in continuous integration, where they fail.

#![cfg(unix)]

#[path = "support/distributions.rs"]
mod distributions;

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};

use base64::prelude::{BASE64_STANDARD, Engine as _};
use serde_json::{Value, json};
use sextant::practice::{Options, Practice, Site, Tls};
use tempfile::TempDir;

/// A virtual environment with these packages.
fn installed(name: &str, packages: &[&str]) -> Option<PathBuf> {
    // One test installs, the others wait for it.
    static INSTALLING: Mutex<()> = Mutex::new(());
    let _alone = INSTALLING.lock().unwrap_or_else(PoisonError::into_inner);
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let done = folder.join("complete");
    if done.exists() {
        return Some(folder);
    }
    let python = std::env::var("PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let made = run(Command::new(&python).args(["-m", "venv", "--clear"]).arg(&folder)).and_then(|()| {
        let pip = folder.join("bin/python");
        let options = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
        run(Command::new(pip).args(options).args(packages))
    });
    match made {
        Ok(()) => {
            fs::write(done, "").unwrap();
            Some(folder)
        }
        Err(error) if std::env::var_os("CI").is_some() => panic!("{name} is needed here: {error}"),
        Err(error) => {
            eprintln!("skipped, because {name} could not be installed: {error}");
            None
        }
    }
}

fn run(command: &mut Command) -> Result<(), String> {
    let output = command.stdin(Stdio::null()).output();
    match output {
        Ok(output) if output.status.success() => Ok(()),
        Ok(output) => Err(String::from_utf8_lossy(&output.stderr).into_owned()),
        Err(error) => Err(error.to_string()),
    }
}

/// Anaconda's `anaconda` command in a throw-away home, beside a practice server.
struct Peer {
    environment: PathBuf,
    home: TempDir,
    variables: Vec<(&'static str, String)>,
    practice: Practice,
}

/// What a command said.
#[derive(Debug)]
struct Said {
    code: Option<i32>,
    out: String,
    err: String,
}

impl Said {
    #[track_caller]
    fn done(self) -> Self {
        assert_eq!(self.code, Some(0), "{self:?}");
        self
    }

    #[track_caller]
    fn failed(self) -> Self {
        assert_ne!(self.code, Some(0), "{self:?}");
        self
    }

    #[track_caller]
    fn with(self, text: &str) -> Self {
        let said = format!("{}{}", self.out, self.err);
        assert!(said.contains(text), "{text}: {self:?}");
        self
    }
}

impl Peer {
    fn new(environment: PathBuf, options: Options) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        Self {
            environment,
            home: tempfile::tempdir().unwrap(),
            variables: Vec::new(),
            practice: runtime.block_on(Practice::start(options)).unwrap(),
        }
    }

    fn anaconda(&self, arguments: &[&str]) -> Said {
        self.anaconda_with(arguments, "")
    }

    /// Runs the command without a terminal, so that it reads a password or an answer from `typed`. Nothing it does may
    /// leave this machine: telemetry is off, and whatever is not addressed to it meets a proxy that is not there.
    fn anaconda_with(&self, arguments: &[&str], typed: &str) -> Said {
        const ALONE: &str = "import os, sys; os.setsid(); os.execv(sys.argv[1], sys.argv[1:])";
        let mut command = Command::new(self.environment.join("bin/python"));
        command
            .args(["-I", "-c", ALONE])
            .arg(self.environment.join("bin/anaconda"))
            .args(arguments)
            .env_clear()
            .env("HOME", self.home.path())
            .env("USER", "tester")
            .env("PATH", "/usr/bin:/bin")
            .env("LANG", "C.UTF-8")
            .env("OTEL_SDK_DISABLED", "true")
            .env("ANACONDA_TELEMETRY_ENABLED", "false")
            .env("HTTPS_PROXY", "http://127.0.0.1:9")
            .env("HTTP_PROXY", "http://127.0.0.1:9")
            .env("NO_PROXY", "127.0.0.1,localhost")
            .envs(self.variables.iter().map(|(key, value)| (key, value)))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        // A command that asks for nothing may be gone before it reads.
        let _ = child.stdin.take().unwrap().write_all(typed.as_bytes());
        let output = child.wait_with_output().unwrap();
        Said {
            code: output.status.code(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// The files with the login's token, which only exist while there is one.
    fn token_files(&self) -> Vec<PathBuf> {
        let mut found = Vec::new();
        for folder in [".config/binstar", ".continuum/anaconda-client/tokens"] {
            let Ok(entries) = fs::read_dir(self.home.path().join(folder)) else {
                continue;
            };
            let paths = entries.map(|entry| entry.unwrap().path());
            found.extend(paths.filter(|path| path.extension().is_some_and(|end| end == "token")));
        }
        found
    }

    #[track_caller]
    fn assert_tokens_on_disk(&self, url: &str, token: &str) {
        let name = format!("{}.token", url.replace(':', "%3A").replace('/', "%2F"));
        let files = self.token_files();
        assert_eq!(files.len(), 2, "{files:?}");
        for file in files {
            assert_eq!(file.file_name().unwrap().to_str(), Some(name.as_str()));
            assert_eq!(fs::read_to_string(&file).unwrap(), token, "without a line end");
            assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        }
    }
}

/// anaconda-client as it was before it logged in with the browser. It needs `pkg_resources`, which newer setuptools lack.
fn classic() -> Option<Peer> {
    let packages = ["anaconda-client==1.13.0", "setuptools<81"];
    let environment = installed("anaconda-client-1.13.0", &packages)?;
    let peer = Peer::new(environment, Options::default());
    let url = format!("{}/api", peer.practice.repository_url());
    peer.anaconda(&["config", "--set", "url", &url]).done();
    Some(peer)
}

const NAME: &str = "binstar_client:tester@laptop";

impl Peer {
    fn log_in(&self, typed: &str) -> Said {
        let arguments = [
            "login",
            "--username",
            "alice",
            "--password",
            "sextant",
            "--hostname",
            "laptop",
        ];
        self.anaconda_with(&arguments, typed)
    }
}

#[test]
fn a_login_lives_until_the_logout() {
    let Some(peer) = classic() else { return };
    let url = format!("{}/api", peer.practice.repository_url());
    let config = peer.home.path().join(".continuum/anaconda-client/config.yaml");
    assert_eq!(fs::read_to_string(&config).unwrap(), format!("url: {url}\n"));
    peer.anaconda(&["config", "--get", "url"]).done().with(&url);
    peer.anaconda(&["whoami"]).done().with("Anonymous User");

    let wrong = ["login", "--username", "alice", "--password", "wrong"];
    peer.anaconda(&wrong)
        .failed()
        .with("Invalid Username password combination");
    assert!(peer.token_files().is_empty() && peer.practice.repository_tokens().is_empty());

    peer.practice.forget_requests();
    peer.log_in("").done().with("login successful");
    let asked: Vec<(String, String, Option<u16>)> = peer
        .practice
        .requests_to(Site::Repository)
        .into_iter()
        .map(|request| (request.method, request.path, request.status))
        .collect();
    assert_eq!(
        asked,
        [
            ("HEAD", "/api"),
            ("GET", "/api/authentication-type"),
            ("POST", "/api/authentications")
        ]
        .map(|(method, path)| (method.to_owned(), path.to_owned(), Some(200)))
    );
    let request = peer.practice.requests().pop().unwrap();
    assert_eq!(request.header("x-binstar-api-version"), Some("1.13.0"));
    assert_eq!(
        request.body,
        Some(json!({
            "scopes": null,
            "note": NAME,
            "note_url": url,
            "hostname": "laptop",
            "user": null,
            "max-age": null,
            "strength": "strong",
            "fail-if-exists": true,
        })),
        "as the reference has it"
    );
    let tokens = peer.practice.repository_tokens();
    let [token] = tokens.as_slice() else {
        panic!("{tokens:?}")
    };
    assert_eq!(
        (token.name.as_str(), token.owner, token.hostname.as_str()),
        (NAME, "alice", "laptop")
    );
    peer.assert_tokens_on_disk(&url, token.value.expose());
    peer.anaconda(&["whoami"]).done().with("Username: alice");

    peer.anaconda(&["logout"]).done().with("logout successful");
    assert!(peer.token_files().is_empty() && peer.practice.repository_tokens().is_empty());
    let last = peer.practice.requests().pop().unwrap();
    assert_eq!(
        (last.method.as_str(), last.path.as_str(), last.status),
        ("DELETE", "/api/authentications", Some(201))
    );
    assert!(config.exists());
    peer.anaconda(&["whoami"]).done().with("Anonymous User");
}

#[test]
fn a_second_login_of_the_same_name_is_asked_about() {
    let Some(peer) = classic() else { return };
    let url = format!("{}/api", peer.practice.repository_url());
    peer.log_in("").done();
    let first = peer.practice.repository_tokens()[0].value.expose().to_owned();
    peer.log_in("n\n").failed().with("already logged in from host");
    peer.assert_tokens_on_disk(&url, &first);
    peer.log_in("y\n").done().with("login successful");
    let tokens = peer.practice.repository_tokens();
    assert_eq!(tokens.len(), 1);
    assert_ne!(tokens[0].value.expose(), first);
    peer.assert_tokens_on_disk(&url, tokens[0].value.expose());

    // A token that ended on the server is that of nobody.
    assert!(peer.practice.revoke_repository_token(&tokens[0].id));
    peer.anaconda(&["whoami"]).done().with("Anonymous User");
    peer.anaconda(&["auth", "--list"]).failed();
}

#[test]
fn tokens_are_made_listed_and_removed() {
    let Some(peer) = classic() else { return };
    peer.anaconda(&["auth", "--list-scopes"])
        .done()
        .with("api:modify-group")
        .with("Allow private downloads from conda repositories");
    peer.log_in("").done();
    let id = peer.practice.repository_tokens()[0].id.clone();
    peer.anaconda(&["auth", "--info"])
        .done()
        .with(&format!("Name: {NAME}"))
        .with(&format!("Id: {id}"));

    let create = [
        "auth",
        "--create",
        "--name",
        "ci",
        "--scopes",
        "repos conda:download",
        "--max-age",
        "3600",
        "--strength",
        "weak",
    ];
    let made = peer.anaconda_with(&create, "sextant\n").done();
    let tokens = peer.practice.repository_tokens();
    let ci = tokens.iter().find(|token| token.name == "ci").unwrap();
    assert_eq!(made.out, ci.value.expose(), "alone on standard output");
    assert_eq!(ci.scopes, ["repos", "conda:download"]);
    assert_eq!((ci.expires_at - ci.created_at).as_secs(), 3_600);
    peer.anaconda_with(&create, "sextant\n")
        .failed()
        .with("already exists");

    let listed = peer.anaconda(&["auth", "--list"]).done();
    for text in [NAME, "laptop", "ci", "conda:download", "minutes", "364 days"] {
        assert!(format!("{}{}", listed.out, listed.err).contains(text), "{text}");
    }
    let for_all = ["auth", "--create", "--name", "shared", "--org", "practice-org"];
    peer.anaconda_with(&for_all, "sextant\n").done();
    let owners: Vec<&str> = peer
        .practice
        .repository_tokens()
        .iter()
        .map(|token| token.owner)
        .collect();
    assert_eq!(owners, ["alice", "alice", "practice-org"]);

    peer.anaconda(&["auth", "--remove", "ci"])
        .done()
        .with("Removed token ci");
    peer.anaconda(&["auth", "--remove", "ci"]).failed();
    let foreign = ["auth", "--remove", "shared", "--org", "anaconda"];
    peer.anaconda(&foreign).failed();
    let shared = ["auth", "--remove", "shared", "--org", "practice-org"];
    peer.anaconda(&shared).done().with("Removed token shared");
    let left = peer.practice.repository_tokens();
    assert_eq!(left.len(), 1);
    assert_eq!(left[0].name, NAME);
}

#[test]
fn groups_and_packages_are_shown() {
    let Some(peer) = classic() else { return };
    peer.log_in("").done();
    peer.anaconda(&["groups", "show", "practice-org"])
        .done()
        .with("analysts");
    peer.anaconda(&["show", "practice-org"])
        .done()
        .with("practice-org/risk-report")
        .with("user_type: org");
    peer.anaconda(&["show", "practice-org/pricing"])
        .done()
        .with("private")
        .with("1.0.0");
    peer.anaconda(&["show", "alice"]).done().with("practice-org");
    peer.anaconda(&["show", "practice-org/nothing"]).failed();
}

/// Plays the person who clicks a link: BROWSER names it.
const BROWSER: &str = r"
import sys, requests
answer = requests.get(sys.argv[1] + '&practice_user=alice', allow_redirects=False)
assert answer.status_code == 200, answer.text
";

#[test]
fn files_are_uploaded_kept_and_replaced() {
    let Some(peer) = classic() else { return };
    peer.anaconda(&["login", "--username", "alice", "--password", "sextant"])
        .done();
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, bytes: Vec<u8>| {
        let path = distributions::put(folder.path(), name, bytes);
        path.to_str().unwrap().to_owned()
    };
    let conda = |content: &[u8]| distributions::conda("field-notes", "1.0", content);
    let package = file("field-notes-1.0-0.conda", conda(b"first"));
    let wheel = file(
        "small_tools-1.2-py3-none-any.whl",
        distributions::wheel("small-tools", "1.2"),
    );
    peer.anaconda(&[
        "upload",
        "--no-progress",
        "--label",
        "beta",
        "--label",
        "main",
        &package,
    ])
    .done()
    .with("Upload complete");
    peer.anaconda(&["upload", "--no-progress", "--private", &wheel])
        .done();
    peer.anaconda(&["show", "alice/field-notes/1.0"])
        .done()
        .with("noarch/field-notes-1.0-0.conda");
    peer.anaconda(&["package", "--list-collaborators", "alice/small-tools"])
        .done();
    // What is there already: kept, refused, replaced.
    let package = file("field-notes-1.0-0.conda", conda(b"second"));
    peer.anaconda(&["upload", "--no-progress", "--skip", &package])
        .done()
        .with("Skipping upload");
    peer.anaconda(&["upload", "--no-progress", &package])
        .failed()
        .with("already exists");
    peer.anaconda(&["upload", "--no-progress", "--force", &package])
        .done();
    assert_eq!(peer.practice.repository_announcements(), 0);
    // What it made of the server is what Sextant makes of it: the same calls in the same order.
    let asked: Vec<String> = peer
        .practice
        .requests()
        .iter()
        .filter(|request| request.method == "POST")
        .filter_map(|request| {
            request
                .path
                .trim_start_matches("/api")
                .split('/')
                .nth(1)
                .map(str::to_owned)
        })
        .collect();
    let first = [
        "authentications",
        "package",
        "release",
        "stage",
        "storage",
        "commit",
    ];
    assert_eq!(asked[..first.len()], first, "{asked:?}");
    peer.anaconda(&["upload", "--no-progress", "--user", "bob", &package])
        .failed();
}

#[test]
fn one_login_opens_the_cloud_and_anaconda_org() {
    let packages = [
        "anaconda-client==1.16.0",
        "anaconda-auth==0.15.3",
        "setuptools<81",
    ];
    let Some(environment) = installed("anaconda-client-1.16.0", &packages) else {
        return;
    };
    let tls = Options {
        tls: Tls::Valid,
        ..Options::default()
    };
    let mut peer = Peer::new(environment, tls);
    let authority = peer.practice.ca_file().unwrap().to_str().unwrap().to_owned();
    let domain = peer.practice.cloud_url().replace("https://", "");
    let browser = peer.home.path().join("browser.py");
    fs::write(&browser, BROWSER).unwrap();
    let python = peer.environment.join("bin/python");
    let click = format!("{} {} %s", python.display(), browser.display());
    peer.variables = vec![
        ("ANACONDA_AUTH_DOMAIN", domain.clone()),
        ("ANACONDA_AUTH_SSL_VERIFY", authority.clone()),
        ("REQUESTS_CA_BUNDLE", authority.clone()),
        ("BROWSER", click),
    ];

    // With a code for the device, the default.
    peer.anaconda(&["auth", "login"]).done().with("Login successful");
    let keys = peer.practice.api_keys();
    let [key] = keys.as_slice() else {
        panic!("{keys:?}")
    };
    assert_eq!(key.user, "alice");
    assert_eq!(key.scopes, ["cloud:read", "cloud:write", "repo:read"]);
    assert_eq!(key.tags, ["anaconda-auth/v0.15.3"]);
    let keyring = fs::read_to_string(peer.home.path().join(".anaconda/keyring")).unwrap();
    let keyring: Value = serde_json::from_str(&keyring).unwrap();
    let entry = keyring["Anaconda Cloud"][domain.as_str()].as_str().unwrap();
    let entry: Value = serde_json::from_slice(&BASE64_STANDARD.decode(entry).unwrap()).unwrap();
    assert_eq!(entry["api_key"], key.value.expose());
    peer.anaconda(&["auth", "whoami"])
        .done()
        .with("alice@practice.example");
    peer.anaconda(&["channel", "list"])
        .done()
        .with("practice-org/models")
        .with("viewer")
        .with("collaborator");

    // The API key is what Anaconda.org gives a token for.
    let url = peer.practice.anaconda_org_url().to_owned();
    peer.anaconda(&["org", "config", "--set", "url", &url]).done();
    peer.anaconda(&["org", "config", "--set", "ssl_verify", &authority])
        .done();
    peer.anaconda(&["org", "login"]).done().with("login successful");
    let tokens = peer.practice.anaconda_org_tokens();
    assert_eq!((tokens.len(), tokens[0].owner), (1, "alice"));
    peer.assert_tokens_on_disk(&url, tokens[0].value.expose());
    peer.anaconda(&["org", "whoami"]).done().with("Username: alice");
    peer.anaconda(&["org", "logout"]).done();
    assert!(peer.practice.anaconda_org_tokens().is_empty());
    assert!(peer.practice.repository_tokens().is_empty());
}
