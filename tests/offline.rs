//! Working offline, and starting without asking anybody.

#[path = "support/sandbox.rs"]
mod sandbox;

use std::net::TcpListener;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use sandbox::{Ran, Sandbox};

const NAVIGATOR: &str = ".anaconda/navigator/anaconda-navigator.ini";

/// A port on which every connection is counted and none is answered: whoever waits for it waits for ever.
struct BlackHole {
    port: u16,
    connections: Arc<AtomicUsize>,
}

impl BlackHole {
    fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let connections = Arc::new(AtomicUsize::new(0));
        let count = connections.clone();
        std::thread::spawn(move || {
            let mut open = Vec::new();
            for connection in listener.incoming() {
                count.fetch_add(1, Ordering::SeqCst);
                open.push(connection);
            }
        });
        Self { port, connections }
    }

    fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

/// A home that is signed in to a server which has become a black hole, behind a proxy which is one too.
fn home(hole: &BlackHole) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.sign_in(&["--add-to-channels", "research"]);
    for path in [
        sandbox.data().join("connections.json"),
        sandbox.condarc(),
        sandbox.home().join(NAVIGATOR),
    ] {
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(path, text.replace(sandbox.practice.url(), &hole.url())).unwrap();
    }
    sandbox
}

fn run(sandbox: &Sandbox, hole: &BlackHole, words: &[&str]) -> Ran {
    let mut command = sandbox.command(words);
    for name in ["http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy"] {
        command.env(name, hole.url());
    }
    command.output().unwrap().into()
}

#[test]
fn what_only_looks_asks_nobody() {
    let hole = BlackHole::new();
    let sandbox = home(&hole);
    for words in [
        &["status", "--json"][..],
        &["history", "--json"],
        &["history", "versions", "--json"],
        &["channels", "list", "--json"],
        &["domain", "show", "--json"],
        &["repair", "--dry-run", "--json"],
        &["sign-out", "--dry-run", "--json"],
        &["undo", "--dry-run", "--json"],
        &["tokens", "list", "--json"],
        &["policy", "show", "--json"],
        &["offline", "--json"],
        &["recover", "--json"],
    ] {
        run(&sandbox, &hole, words).succeeded();
    }
    assert_eq!(hole.connections(), 0);
}

#[test]
fn the_switch_lets_every_request_fail_at_once_and_says_where_it_is() {
    let sandbox = Sandbox::new();
    let offline = sandbox.run(&["offline", "on", "--json"]).succeeded().json();
    assert_eq!(
        (&offline["offline"], &offline["reason"]["by"]),
        (&true.into(), &"preferences".into())
    );
    assert_eq!(
        sandbox.run(&["status", "--json"]).succeeded().json()["offline"],
        true
    );
    let asked = sandbox.practice.requests().len();
    for words in [
        &["domain", "check", sandbox.practice.url(), "--json"][..],
        &["domain", "set", sandbox.practice.url(), "--json"],
        &["--preset", "https://127.0.0.1:1/x.toml", "--json"],
    ] {
        let ran = sandbox.run(words);
        assert_eq!(ran.failed(), "network", "{ran:?}");
        let remedy = ran.json()["error"]["remedy"].as_str().unwrap().to_owned();
        assert!(remedy.contains("sextant offline off"), "{remedy}");
    }
    let ran = sandbox.run_with_input(&sandbox.sign_in_words(&[]), "sextant\n");
    assert_eq!(ran.failed(), "network");
    assert_eq!(sandbox.practice.requests().len(), asked, "nobody was asked");
    // What needs no server goes on.
    sandbox
        .run(&["domain", "set", sandbox.practice.url(), "--no-check", "--json"])
        .succeeded();
    sandbox.run(&["offline", "off", "--json"]).succeeded();
    sandbox.sign_in(&["--skip-channels"]);
}

#[test]
fn signing_out_offline_takes_back_what_is_here_and_revokes_the_token_later() {
    let sandbox = Sandbox::new();
    sandbox.sign_in(&["--skip-channels"]);
    sandbox.run(&["offline", "on"]).succeeded();
    let out = sandbox.run(&["sign-out", "--json"]).succeeded().json();
    assert_eq!(
        (&out["token_revoked"], &out["token"]),
        (&false.into(), &"waiting".into())
    );
    assert_eq!(sandbox.tokens().len(), 1);
    sandbox.run(&["offline", "off"]).succeeded();
    sandbox.run(&["recover", "--json"]).succeeded();
    assert!(sandbox.tokens().is_empty());
}

#[test]
fn navigators_own_switch_is_followed_until_sextant_is_told_otherwise() {
    let sandbox = Sandbox::new();
    sandbox.write(NAVIGATOR, "[main]\noffline_mode = True\n");
    let offline = sandbox.run(&["offline", "--json"]).succeeded().json();
    assert_eq!(offline["reason"]["by"], "navigator");
    let ran = sandbox.run(&["domain", "check", sandbox.practice.url(), "--json"]);
    assert_eq!(ran.failed(), "network");
    assert!(
        ran.json()["error"]["cause"]
            .as_str()
            .unwrap()
            .contains("anaconda-navigator.ini")
    );
    sandbox.run(&["offline", "off"]).succeeded();
    sandbox
        .run(&["domain", "check", sandbox.practice.url(), "--json"])
        .succeeded();
    assert!(
        sandbox.read(NAVIGATOR).contains("offline_mode = True"),
        "the file is Navigator's"
    );
    sandbox.run(&["offline", "follow"]).succeeded();
    assert_eq!(sandbox.run(&["status", "--json"]).json()["offline"], true);
}

/// A machine with no network at all, the loopback included.
#[cfg(target_os = "linux")]
#[test]
fn without_any_network_everything_starts_and_requests_say_so() {
    let hole = BlackHole::new();
    let sandbox = home(&hole);
    let without_network = |words: &[&str]| -> Option<Ran> {
        let program = env!("CARGO_BIN_EXE_sextant");
        let output = Command::new("unshare")
            .args(["-rn", program])
            .args(words)
            .env_clear()
            .env("PATH", "/usr/bin:/bin:/usr/sbin:/sbin")
            .env("HOME", sandbox.home())
            .env("SEXTANT_SYSTEM_ROOT", sandbox.system())
            .env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent")
            .output();
        match output {
            Ok(output) if !String::from_utf8_lossy(&output.stderr).starts_with("unshare:") => {
                Some(output.into())
            }
            other => {
                println!("skipped: this machine gives no name space of one's own ({other:?})");
                None
            }
        }
    };
    for words in [
        &["status", "--json"][..],
        &["history", "--json"],
        &["channels", "list", "--json"],
        &["domain", "show", "--json"],
        &["repair", "--dry-run", "--json"],
    ] {
        let Some(ran) = without_network(words) else { return };
        ran.succeeded();
    }
    let Some(ran) = without_network(&["domain", "check", "https://psm.example.com", "--json"]) else {
        return;
    };
    assert_eq!(ran.failed(), "network", "{ran:?}");
}
