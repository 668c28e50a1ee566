//! What is set up is what the programs read: anaconda-client, pip, uv, Kerberos and Chromium themselves.

#![cfg(target_os = "linux")]

#[path = "support/peers.rs"]
mod peers;
#[path = "support/kerberos/mod.rs"]
mod realm;
#[path = "support/sandbox.rs"]
mod sandbox;

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use base64::prelude::{BASE64_STANDARD, Engine as _};
use peers::Peer;
use realm::Realm;
use sandbox::Sandbox;
use serde_json::{Value, json};

/// `anaconda` itself, as it is started from a terminal; nothing it does leaves this machine.
const ANACONDA: &str = r#"
import json, os, subprocess, sys
words = json.loads(sys.stdin.read())
program = os.path.join(os.path.dirname(sys.executable), "anaconda")
if not os.path.exists(program):
    program = os.path.join(os.path.dirname(sys.executable), "binstar")
done = subprocess.run([sys.executable, program, *words], capture_output=True, text=True, stdin=subprocess.DEVNULL)
print(json.dumps({"code": done.returncode, "said": done.stdout + done.stderr}))
"#;

fn anaconda(peer: &Peer, sandbox: &Sandbox, words: &[&str]) -> Value {
    let variables: Vec<(String, String)> = [
        ("OTEL_SDK_DISABLED", "true"),
        ("ANACONDA_TELEMETRY_ENABLED", "false"),
        ("HTTPS_PROXY", "http://127.0.0.1:9"),
        ("HTTP_PROXY", "http://127.0.0.1:9"),
        ("NO_PROXY", "127.0.0.1,localhost"),
        ("USER", "tester"),
        ("LANG", "C.UTF-8"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into();
    let said = peer.run(ANACONDA, &sandbox.home(), &variables, &json!(words).to_string());
    serde_json::from_str(&said).unwrap()
}

#[test]
fn anaconda_clients_of_both_ages_read_what_was_set_up_and_talk_to_the_repository() {
    let versions = [
        (&["anaconda-client==1.13.0", "setuptools<81"][..], &[][..]),
        // The newer one has put its commands below another.
        (&["anaconda-client==1.16.0", "anaconda-auth==0.15.3"], &["org"]),
    ];
    for (packages, above) in versions {
        let Some(peer) = Peer::with(packages) else {
            continue;
        };
        let anaconda = |sandbox: &Sandbox, words: &[&str]| anaconda(&peer, sandbox, &[above, words].concat());
        let sandbox = Sandbox::new();
        let url = sandbox.practice.repository_url().to_owned();
        sandbox
            .run(&["setup", "anaconda-client", "--url", &url, "--json"])
            .succeeded();
        let get = anaconda(&sandbox, &["config", "--get", "url"]);
        assert!(
            get["said"].as_str().unwrap().contains(&format!("{url}/api/")),
            "{get}"
        );
        let login = [
            "login",
            "--username",
            "alice",
            "--password",
            "sextant",
            "--hostname",
            "laptop",
        ];
        let login = anaconda(&sandbox, &login);
        assert_eq!(login["code"], 0, "{login}");
        let whoami = anaconda(&sandbox, &["whoami"]);
        assert!(whoami["said"].as_str().unwrap().contains("alice"), "{whoami}");
        // Its token lies under the address with the slash, so that conda sends it nowhere else.
        let tokens: Vec<String> = fs::read_dir(sandbox.home().join(".continuum/anaconda-client/tokens"))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        assert!(
            tokens.iter().all(|name| name.ends_with("%2Fapi%2F.token")),
            "{tokens:?}"
        );
        let logout = anaconda(&sandbox, &["logout"]);
        assert_eq!(logout["code"], 0, "{logout}");
        assert!(sandbox.practice.repository_tokens().is_empty());
    }
}

const PIP: &str = r#"
import json, subprocess, sys
words = json.loads(sys.stdin.read())
done = subprocess.run([sys.executable, "-m", "pip", *words], capture_output=True, text=True, stdin=subprocess.DEVNULL)
print(json.dumps({"code": done.returncode, "said": done.stdout, "errors": done.stderr}))
"#;

fn pips() -> Vec<Peer> {
    [&["pip==23.0.1"][..], &["pip==26.0.1"]]
        .into_iter()
        .filter_map(Peer::with)
        .collect()
}

fn pip(peer: &Peer, sandbox: &Sandbox, words: &[&str]) -> Value {
    let said = peer.run(PIP, &sandbox.home(), &[], &json!(words).to_string());
    serde_json::from_str(&said).unwrap()
}

#[test]
fn pip_lists_what_was_set_up_in_whatever_file_it_stands() {
    for peer in pips() {
        for (path, text) in [
            (".config/pip/pip.conf", None),
            (
                ".pip/pip.conf",
                Some("[global]\nextra_index_url = https://one/simple\n"),
            ),
            (
                ".config/pip/pip.conf",
                Some(
                    "# c\n[global]\nextra-index-url =\n  https://one/simple\n  # note\n  https://two/simple\n[install]\nno-deps = true\n",
                ),
            ),
        ] {
            let sandbox = Sandbox::new();
            if let Some(text) = text {
                sandbox.write(path, text);
            }
            let url = "http://repo.corp:8080/pypi/jsmith/simple";
            sandbox
                .run(&["setup", "pip", "--extra-index-url", url, "--json"])
                .succeeded();
            let listed = pip(&peer, &sandbox, &["config", "list"]);
            assert_eq!(listed["code"], 0, "{listed}");
            let said = listed["said"].as_str().unwrap();
            let line = |name: &str| {
                said.lines()
                    .find(|line| line.replace('_', "-").starts_with(name))
                    .unwrap()
            };
            let index = line("global.extra-index-url=");
            assert!(index.contains(url), "{said}");
            assert_eq!(index.contains("https://one/simple"), text.is_some(), "{said}");
            assert!(line("global.trusted-host=").contains("repo.corp:8080"), "{said}");
            let debug = pip(&peer, &sandbox, &["config", "debug"]);
            assert!(debug["said"].as_str().unwrap().contains(url), "{debug}");
        }
    }
}

/// A package index that lets in whoever shows a name and password, or the token in the address.
struct Index {
    port: u16,
}

impl Index {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                std::thread::spawn(move || serve(stream));
            }
        });
        Self { port }
    }

    fn url(&self) -> String {
        format!("http://127.0.0.1:{}/pypi/jsmith/simple", self.port)
    }
}

/// The smallest wheel there is.
const WHEEL: &str = r#"
import io, sys, zipfile
out = io.BytesIO()
with zipfile.ZipFile(out, "w") as wheel:
    wheel.writestr("sextant_probe.py", "")
    wheel.writestr("sextant_probe-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: sextant-probe\nVersion: 1.0\n")
    wheel.writestr("sextant_probe-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
    wheel.writestr("sextant_probe-1.0.dist-info/RECORD", "")
sys.stdout.buffer.write(out.getvalue())
"#;

fn serve(mut stream: TcpStream) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    loop {
        let (mut first, mut allowed) = (String::new(), false);
        if reader.read_line(&mut first).unwrap_or(0) == 0 {
            return;
        }
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).unwrap();
            let shown = format!("Basic {}", BASE64_STANDARD.encode("jsmith:pw-canary"));
            allowed |=
                line.trim().to_lowercase().starts_with("authorization:") && line.trim().ends_with(&shown);
            if line.trim().is_empty() {
                break;
            }
        }
        let path = first.split(' ').nth(1).unwrap_or_default().to_owned();
        let (path, by_token) = match path.strip_prefix("/t/tk-canary") {
            Some(rest) => (rest.to_owned(), true),
            None => (path, false),
        };
        let (status, kind, body) = if !allowed && !by_token {
            (
                "401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"x\"",
                "text/plain",
                Vec::new(),
            )
        } else if path.ends_with(".whl") {
            let python = std::env::var("PYTHON").unwrap_or_else(|_| "python3".to_owned());
            let wheel = Command::new(python).args(["-c", WHEEL]).output().unwrap();
            ("200 OK", "application/octet-stream", wheel.stdout)
        } else if path.trim_end_matches('/').ends_with("/sextant-probe") {
            let link =
                r#"<a href="sextant_probe-1.0-py3-none-any.whl">sextant_probe-1.0-py3-none-any.whl</a>"#;
            (
                "200 OK",
                "text/html",
                format!("<!DOCTYPE html><html><body>{link}</body></html>").into_bytes(),
            )
        } else {
            ("404 Not Found", "text/plain", Vec::new())
        };
        let head = format!(
            "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        if stream.write_all(&[head.as_bytes(), &body].concat()).is_err() {
            return;
        }
    }
}

#[test]
fn pip_is_let_in_by_netrc_and_by_the_token_in_the_address() {
    for peer in pips() {
        let index = Index::start();
        let ways = [
            (vec!["--username", "jsmith", "--password-stdin"], "pw-canary\n"),
            (vec!["--token-stdin"], "tk-canary\n"),
        ];
        for (words, secret) in ways {
            let sandbox = Sandbox::new();
            let url = index.url();
            let words = [&["setup", "pip", "--index-url", &url, "--json"][..], &words].concat();
            sandbox.run_with_input(&words, secret).succeeded();
            let download = [
                "download",
                "--no-deps",
                "--no-cache-dir",
                "-d",
                "got",
                "sextant-probe",
            ];
            let got = pip(&peer, &sandbox, &download);
            assert_eq!(got["code"], 0, "{got}");
            assert!(
                sandbox
                    .home()
                    .join("got/sextant_probe-1.0-py3-none-any.whl")
                    .exists(),
                "{got}"
            );
            sandbox.run(&["undo", "--json"]).succeeded();
            // The machine may have settings of its own.
            let left = pip(&peer, &sandbox, &["config", "list"]);
            assert!(!left["said"].as_str().unwrap().contains("index-url"), "{left}");
        }
    }
}

const UV: &str = r#"
import json, os, subprocess, sys
words = json.loads(sys.stdin.read())
program = os.path.join(os.path.dirname(sys.executable), "uv")
done = subprocess.run([program, *words], capture_output=True, text=True, stdin=subprocess.DEVNULL)
print(json.dumps({"code": done.returncode, "said": done.stdout + done.stderr}))
"#;

#[test]
fn uv_takes_a_package_from_the_index_that_was_set_up() {
    let Some(peer) = Peer::with(&["uv==0.9.5"]) else {
        return;
    };
    let index = Index::start();
    let ways = [
        (vec!["--username", "jsmith", "--password-stdin"], "pw-canary\n"),
        (vec!["--token-stdin"], "tk-canary\n"),
    ];
    for (words, secret) in ways {
        let sandbox = Sandbox::new();
        sandbox.write(".config/uv/uv.toml", "# mine\nno-cache = true\n");
        let url = index.url();
        let words = [&["setup", "uv", "--default-index", &url, "--json"][..], &words].concat();
        sandbox.run_with_input(&words, secret).succeeded();
        let words = ["pip", "install", "--target", "got", "--no-deps", "sextant-probe"];
        let said = peer.run(UV, &sandbox.home(), &[], &json!(words).to_string());
        let got: Value = serde_json::from_str(&said).unwrap();
        assert_eq!(got["code"], 0, "{got}");
        assert!(sandbox.home().join("got/sextant_probe.py").exists(), "{got}");
    }
}

/// The program in the home of a person whose Kerberos reads `krb5.conf` of that home.
fn in_realm(sandbox: &Sandbox, words: &[&str]) -> Command {
    let mut command = sandbox.command(words);
    command.env("KRB5_CONFIG", sandbox.home().join("krb5.conf")).env(
        "KRB5CCNAME",
        format!("FILE:{}", sandbox.home().join("cache").display()),
    );
    command
}

fn run(mut command: Command, input: &str) -> sandbox::Ran {
    let mut child = command.spawn().unwrap();
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap().into()
}

#[test]
fn kerberos_is_set_up_asked_used_and_signed_in_with() {
    let Some(realm) = Realm::start() else { return };
    let repository = realm.repository("mutual");
    let sandbox = Sandbox::new();
    // Only what has nothing to do with the realm stands there yet.
    let head = "# company\n[libdefaults]\n dns_lookup_kdc = false\n dns_lookup_realm = false\n";
    sandbox.write("krb5.conf", head);
    let kdc = realm.key_server();
    let words = [
        "setup",
        "kerberos",
        "--server",
        "localhost",
        "--realm",
        "TEST.LOCAL",
        "--kdc",
        &kdc,
        "--json",
    ];
    let wrong = [&words[..], &["--kinit", "jsmith", "--password-stdin"]].concat();
    let ran = run(in_realm(&sandbox, &wrong), "wrong\n");
    assert_eq!(ran.failed(), "auth");
    assert!(ran.out.contains("does not accept this password"), "{ran:?}");
    let unknown = [
        "setup",
        "kerberos",
        "--server",
        "localhost",
        "--kinit",
        "nobody",
        "--password-stdin",
        "--json",
    ];
    let ran = run(in_realm(&sandbox, &unknown), "x\n");
    assert!(ran.out.contains("does not know nobody@TEST.LOCAL"), "{ran:?}");

    // The file is written already; now with the right password.
    let ran = run(in_realm(&sandbox, &wrong), &format!("{}\n", realm::PASSWORD)).succeeded();
    assert_eq!(ran.json()["ticket"]["principal"], realm::PRINCIPAL);
    assert!(!ran.out.contains("get a ticket"), "{ran:?}");
    assert!(!ran.err.contains("get a ticket"), "{ran:?}");
    assert!(!ran.out.contains(realm::PASSWORD) && !ran.err.contains(realm::PASSWORD));
    assert!(sandbox.read("krb5.conf").starts_with(head));
    let state = run(
        in_realm(
            &sandbox,
            &["setup", "kerberos", "--server", "localhost", "--json"],
        ),
        "",
    )
    .succeeded();
    let state = state.json();
    assert_eq!(state["realm"], "TEST.LOCAL");
    assert_eq!(state["key_servers"][0]["answers"], true, "{state}");
    assert_eq!(state["key_servers"][0]["refuses_realm"], false, "{state}");
    assert_eq!(state["clock_is_right"], true, "{state}");
    assert_eq!(state["ticket"]["principal"], realm::PRINCIPAL);

    let url = repository.url("localhost");
    let words = sandbox::kerberos_words(&url, &["--scopes", "conda:download"]);
    let signed_in = run(in_realm(&sandbox, &words), "").succeeded().json();
    assert_eq!(signed_in["user"], "jsmith");
}

#[test]
fn a_key_server_that_does_not_answer_and_a_clock_that_is_off_are_told() {
    let Some(realm) = Realm::start() else { return };
    let sandbox = Sandbox::new();
    let kdc = realm.key_server();
    // What Kerberos bears is what the file says.
    sandbox.write(
        "krb5.conf",
        format!(
            "[libdefaults]\ndefault_realm = TEST.LOCAL\nclockskew = 100\n[realms]\nTEST.LOCAL = {{\nkdc = 127.0.0.1:1\n\
             kdc = {kdc}\n}}\n"
        ),
    );
    let words = ["setup", "kerberos", "--server", "localhost", "--json"];
    let state = run(in_realm(&sandbox, &words), "").succeeded().json();
    assert_eq!(state["key_servers"][0]["answers"], false, "{state}");
    assert_eq!(state["key_servers"][1]["answers"], true, "{state}");
    assert_eq!(state["clock_is_right"], true, "{state}");
    assert_eq!(state["ticket"], Value::Null);
    let mapped = state["realm"].clone();
    assert_eq!(mapped, Value::Null, "the server is in no realm yet");
}

/// A page that only a ticket opens, as `acceptor.py` shows it.
struct Page {
    server: Child,
    url: String,
}

impl Drop for Page {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

impl Page {
    fn start(realm: &Realm) -> Self {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/kerberos/page.py");
        let mut server = realm
            .command("/usr/bin/python3")
            .arg(script)
            .env("KRB5_KTNAME", realm.path("http.keytab"))
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut port = String::new();
        BufReader::new(server.stdout.take().unwrap())
            .read_line(&mut port)
            .unwrap();
        let url = format!("http://localhost:{}/", port.trim());
        Self { server, url }
    }
}

/// Chromium itself, where it is installed.
fn chromium() -> Option<PathBuf> {
    let found = ["/usr/bin/chromium", "/usr/bin/chromium-browser"].map(PathBuf::from);
    let found = found.into_iter().find(|path| path.is_file());
    if found.is_none() {
        assert!(std::env::var_os("CI").is_none(), "chromium is needed here");
        eprintln!("skipped, because chromium is missing");
    }
    found
}

/// Lets Chromium open the page, in a profile of its own. The first navigation finds GSSAPI not loaded yet, and so the page
/// asks again by itself.
fn visit(chromium: &Path, realm: &Realm, page: &Page) {
    let profile = tempfile::tempdir().unwrap();
    let mut child = realm
        .command(&chromium.display().to_string())
        .args([
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--no-first-run",
            "--disable-dev-shm-usage",
        ])
        .args([
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
        ])
        .args(["--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost"])
        .arg(format!("--user-data-dir={}", profile.path().display()))
        .args(["--virtual-time-budget=10000", "--dump-dom", &page.url])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let patience = Instant::now() + Duration::from_secs(60);
    while child.try_wait().unwrap().is_none() {
        if Instant::now() > patience {
            let _ = child.kill();
            let _ = child.wait();
            panic!("Chromium does not end");
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

impl Page {
    /// Whose tickets it was shown so far.
    fn tickets(&self) -> Vec<String> {
        let (_, rest) = self.url.split_once("//").unwrap();
        let address = rest.trim_end_matches('/').replace("localhost", "127.0.0.1");
        let mut stream = TcpStream::connect(address).unwrap();
        stream.write_all(b"GET /log HTTP/1.0\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (_, body) = answer.split_once("\r\n\r\n").unwrap();
        serde_json::from_str(body).unwrap()
    }
}

/// The policies of this machine are what Chromium reads: there is no other place. The test leaves them as they were.
#[test]
fn chromium_shows_a_ticket_to_the_server_that_was_set_up_and_to_no_other() {
    let Some(chromium) = chromium() else { return };
    let Some(realm) = Realm::start() else { return };
    let folder = Path::new("/etc/chromium/policies/managed");
    // What a run that was killed has left is this test's own.
    let _ = fs::remove_file(folder.join("sextant.json"));
    let theirs = fs::read_dir(folder).into_iter().flatten().flatten().next();
    if theirs.is_some() || fs::create_dir_all(folder).is_err() {
        assert!(
            std::env::var_os("CI").is_none(),
            "Chromium's policies cannot be changed here"
        );
        eprintln!("skipped, because Chromium's policies are this machine's own");
        return;
    }
    realm.kinit(&[]);
    let page = Page::start(&realm);
    let sandbox = Sandbox::new();
    let set_up = |words: &[&str]| {
        let mut command = sandbox.command(words);
        command.env("SEXTANT_SYSTEM_ROOT", "/");
        run(command, "").succeeded().json()
    };
    visit(&chromium, &realm, &page);
    assert!(page.tickets().is_empty(), "nobody allowed it");
    set_up(&[
        "setup",
        "browser",
        "--server",
        "other.corp",
        "--browser",
        "chromium",
        "--json",
    ]);
    visit(&chromium, &realm, &page);
    assert!(page.tickets().is_empty(), "another server was allowed");
    set_up(&[
        "setup",
        "browser",
        "--server",
        "localhost",
        "--browser",
        "chromium",
        "--json",
    ]);
    // A page that was loaded in no time may be left before it asks again.
    let shown = (0..5).any(|_| {
        visit(&chromium, &realm, &page);
        !page.tickets().is_empty()
    });
    set_up(&["undo", "--json"]);
    set_up(&["undo", "--json"]);
    assert!(shown, "the ticket was kept from a server that is allowed");
    assert!(page.tickets().iter().all(|name| name == realm::PRINCIPAL));
    assert!(
        fs::read_dir(folder).into_iter().flatten().next().is_none(),
        "as it was"
    );
}
