//! What an administrator decided holds for every way to change it.

#[path = "support/certificates.rs"]
mod certificates;
#[path = "support/sandbox.rs"]
mod sandbox;
#[path = "support/scripted_server.rs"]
mod scripted_server;

use std::fs;

use certificates::{Authority, unchanged};
use sandbox::{Ran, Sandbox};
use scripted_server::{Reply, ScriptedServer};

const NAVIGATOR: &str = ".anaconda/navigator/anaconda-navigator.ini";

fn with_policy(text: impl Fn(&Sandbox) -> String) -> Sandbox {
    let sandbox = Sandbox::new();
    let path = sandbox.system().join("etc/sextant/policy.toml");
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text(&sandbox)).unwrap();
    sandbox
}

fn locked() -> Sandbox {
    with_policy(|sandbox| {
        format!(
            "contact = \"it-help@example.com\"\ndomain = \"{}\"\nservices = [\"server\"]\nchannels = [\"research\"]\n\
             default-channels = [\"main\"]\n[locked]\ndomain = \"reviewed there\"\nchannels = \"licensed\"\n",
            sandbox.practice.url()
        )
    })
}

#[track_caller]
fn is_refused(ran: &Ran, reason: &str) {
    assert_eq!(ran.failed(), "forbidden", "{ran:?}");
    let error = &ran.json()["error"];
    assert!(error["cause"].as_str().unwrap().contains(reason), "{error:#}");
    assert_eq!(error["remedy"], "ask it-help@example.com");
}

#[test]
fn everything_that_a_locked_field_would_change_is_refused_and_says_whom_to_ask() {
    let sandbox = locked();
    let other = "https://other.example.com";
    is_refused(
        &sandbox.run(&["domain", "set", other, "--no-check", "--json"]),
        "reviewed there",
    );
    sandbox.write(
        NAVIGATOR,
        format!("[main]\nanaconda_server_api_url = '{}'\n", sandbox.practice.url()),
    );
    let before = sandbox.listing();
    is_refused(&sandbox.run(&["domain", "forget", "--json"]), "reviewed there");
    let words = [
        "sign-in",
        "server",
        "--domain",
        other,
        "--username",
        "a",
        "--password-stdin",
        "--json",
    ];
    is_refused(&sandbox.run_with_input(&words, "x\n"), "reviewed there");
    let url = sandbox.cloud_base();
    let words = ["sign-in", "cloud", "--token-stdin", "--url", &url, "--json"];
    is_refused(
        &sandbox.run_with_input(&words, "abc\n"),
        "allows only certain services",
    );
    is_refused(
        &sandbox.run_with_input(&sandbox.repository_words(&[]), "sextant\n"),
        "allows only certain services",
    );
    is_refused(
        &sandbox.run(&["channels", "add", "conda-forge", "--json"]),
        "licensed",
    );
    assert_eq!(sandbox.listing(), before);
    assert!(sandbox.tokens().is_empty());
    let shown = sandbox.run(&["domain", "show", "--json"]).succeeded().json();
    assert_eq!(shown["domain"], sandbox.practice.url());
    assert_eq!(shown["locked"]["reason"], "reviewed there");
}

#[test]
fn signing_in_brings_the_decided_channels_and_signing_out_is_always_allowed() {
    let sandbox = locked();
    sandbox.write(".condarc", "# mine\nchannels: [conda-forge]\n");
    // Neither a domain nor channels have to be named.
    let words = [
        "sign-in",
        "server",
        "--username",
        "alice",
        "--password-stdin",
        "--json",
    ];
    let signed_in = sandbox.run_with_input(&words, "sextant\n").succeeded().json();
    assert_eq!(signed_in["channels"], serde_json::json!(["research", "defaults"]));
    assert_eq!(signed_in["default_channels"], serde_json::json!(["main"]));
    is_refused(
        &sandbox.run(&["channels", "remove", "research", "--json"]),
        "licensed",
    );
    let history = sandbox.run(&["history", "--json"]).succeeded().json();
    let id = history["entries"][0]["id"].as_str().unwrap().to_owned();
    let path = sandbox.condarc().display().to_string();
    let words = ["restore", &path, "--to", &format!("{id}-before"), "--json"];
    is_refused(&sandbox.run(&words), "licensed");
    sandbox.run(&["sign-out", "--json"]).succeeded();
    assert_eq!(sandbox.read(".condarc"), "# mine\nchannels: [conda-forge]\n");
    // Others may be named with a sign-in as little as afterwards.
    let words = sandbox.sign_in_words(&["--add-to-channels", "main"]);
    is_refused(&sandbox.run_with_input(&words, "sextant\n"), "licensed");
    assert!(sandbox.tokens().is_empty());
}

#[test]
fn a_misspelt_key_stops_every_change_and_no_look() {
    let sandbox = with_policy(|sandbox| format!("\ndomian = \"{}\"\n", sandbox.practice.url()));
    sandbox.write(".condarc", "channels: [conda-forge]\n");
    let before = sandbox.listing();
    let ran = sandbox.run_with_input(&sandbox.sign_in_words(&[]), "sextant\n");
    assert_eq!(ran.failed(), "file");
    let cause = ran.json()["error"]["cause"].as_str().unwrap().to_owned();
    assert_eq!(cause, "line 2: there is no key domian; did you mean domain?");
    assert_eq!(sandbox.run(&["channels", "add", "x", "--json"]).failed(), "file");
    assert_eq!(sandbox.listing(), before);
    let status = sandbox.run(&["status", "--json"]).succeeded().json();
    assert_eq!(status["problems"][0]["line"], 2);
    sandbox.run(&["channels", "list", "--json"]).succeeded();
    sandbox.run(&["history", "--json"]).succeeded();
}

#[test]
fn a_policy_is_checked_before_it_is_rolled_out() {
    let sandbox = Sandbox::new();
    let example = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/policy/example.toml");
    let checked = sandbox
        .run(&["policy", "check", example, "--json"])
        .succeeded()
        .json();
    assert_eq!(checked["values"]["organisation"], "Example Corporation");
    sandbox.write("bad.toml", "domian = 1\n[locked]\nchanels = \"x\"\n");
    let bad = sandbox.home().join("bad.toml").display().to_string();
    let ran = sandbox.run(&["policy", "check", &bad, "--json"]);
    assert_eq!(ran.failed(), "file");
    let cause = ran.json()["error"]["cause"].as_str().unwrap().to_owned();
    assert!(
        cause.contains("line 1") && cause.contains("line 3") && cause.contains("did you mean channels?"),
        "{cause}"
    );
    let none = sandbox.run(&["policy", "show", "--json"]).succeeded().json();
    assert!(none["decided"].as_array().unwrap().is_empty());
    let text = locked().run(&["policy", "show"]).succeeded().out;
    assert!(text.contains("domain is locked: reviewed there"), "{text}");
}

#[test]
fn a_preset_is_shown_then_stored_and_forgotten_again() {
    let sandbox = Sandbox::new();
    let preset = format!(
        "domain = \"{}\"\nchannels = [\"research\"]\n",
        sandbox.practice.url()
    );
    sandbox.write("team.toml", &preset);
    let file = sandbox.home().join("team.toml").display().to_string();
    let dry = sandbox
        .run(&["--preset", &file, "--dry-run", "--json"])
        .succeeded()
        .json();
    assert_eq!(dry["values"]["channels"], "research");
    let stored = sandbox.home().join(".config/sextant/preset.toml");
    assert!(!stored.exists());
    let ran = sandbox.run(&["--preset", &file]).succeeded();
    assert!(
        ran.err.contains("channels: research"),
        "what it decides is shown: {ran:?}"
    );
    assert!(stored.exists());
    let words = [
        "sign-in",
        "server",
        "--username",
        "alice",
        "--password-stdin",
        "--json",
    ];
    let signed_in = sandbox.run_with_input(&words, "sextant\n").succeeded().json();
    assert_eq!(signed_in["channels"][0], "research");
    // It is no lock.
    sandbox.run(&["channels", "add", "main", "--json"]).succeeded();
    sandbox.run(&["sign-out", "--json"]).succeeded();
    sandbox.run(&["policy", "forget-preset", "--json"]).succeeded();
    assert!(!stored.exists());
    for (words, kind) in [
        (&["--preset", "http://h/x.toml", "--json"][..], "usage"),
        (&["--preset", "/nowhere.toml", "--json"], "usage"),
        (&["--preset", &file, "status", "--json"], "usage"),
    ] {
        assert_eq!(sandbox.run(words).failed(), kind, "{words:?}");
    }
}

#[test]
fn what_is_not_locked_can_be_skipped_and_changed() {
    let sandbox = with_policy(|sandbox| {
        format!(
            "domain = \"{}\"\nchannels = [\"research\"]\n",
            sandbox.practice.url()
        )
    });
    sandbox.sign_in(&["--skip-channels"]);
    assert!(sandbox.read(".condarc").contains("channels: []"));
    sandbox.run(&["sign-out", "--json"]).succeeded();
    sandbox.write(
        NAVIGATOR,
        "[main]\nanaconda_server_api_url = 'https://mine.example.com'\n",
    );
    let shown = sandbox.run(&["domain", "show", "--json"]).succeeded().json();
    assert_eq!(shown["domain"], "https://mine.example.com");
}

/// Over a certificate that is checked, and with nothing stored before that.
#[tokio::test(flavor = "multi_thread")]
async fn a_preset_comes_from_a_link() {
    let authority = Authority::new();
    let text = "domain = \"https://psm.example.com\"\n[locked]\ndomain = \"ours\"\n";
    let answer = move |asked: &scripted_server::Received| match asked.path() {
        "/team.toml" => Reply::Raw(
            format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{text}", text.len()).into_bytes(),
        ),
        "/moved.toml" => Reply::Header(302, "Location", "https://elsewhere.example.com/".to_owned()),
        _ => Reply::Json(404, "{}".to_owned()),
    };
    let server = ScriptedServer::start_tls(authority.server(&["127.0.0.1"], unchanged), answer).await;
    let url = server.url();
    tokio::task::spawn_blocking(move || {
        let sandbox = Sandbox::new();
        let link = format!("{url}/team.toml");
        let untrusted = sandbox.run(&["--preset", &link, "--json"]);
        assert_eq!(untrusted.failed(), "tls", "{untrusted:?}");
        sandbox.write("ca.pem", authority.pem());
        let fetch = |link: &str| -> Ran {
            let mut command = sandbox.command(&["--preset", link, "--json"]);
            command.env("SSL_CERT_FILE", sandbox.home().join("ca.pem"));
            command.output().unwrap().into()
        };
        for wrong in ["moved.toml", "nothing.toml"] {
            let ran = fetch(&format!("{url}/{wrong}"));
            assert_eq!(ran.failed(), "not-a-server", "{ran:?}");
        }
        assert!(!sandbox.home().join(".config/sextant/preset.toml").exists());
        let stored = fetch(&link).succeeded().json();
        assert_eq!(stored["values"]["domain is locked"], "ours");
        let shown = sandbox.run(&["domain", "show", "--json"]).succeeded().json();
        assert_eq!(shown["locked"]["reason"], "ours");
    })
    .await
    .unwrap();
}
