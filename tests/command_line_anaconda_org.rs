//! Anaconda.com / Anaconda.org from the command line: it stays beside a repository.

#![cfg(unix)]

#[path = "support/browser.rs"]
mod browser;
#[path = "support/sandbox.rs"]
mod sandbox;

use std::fs;

use browser::approve;
use sandbox::Sandbox;
use serde_json::json;

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::with_quick_codes();
    sandbox.know_anaconda_org();
    sandbox
}

/// The words of a sign-in of alice; her password comes on standard input.
const WORDS: [&str; 6] = [
    "sign-in",
    "anaconda-org",
    "--username",
    "alice",
    "--password-stdin",
    "--json",
];

fn with_password(sandbox: &Sandbox, more: &[&str]) -> sandbox::Ran {
    sandbox.run_with_input(&[&WORDS, more].concat(), "sextant\n")
}

#[test]
fn a_password_signs_in_beside_a_server_and_leaves_condarc_alone() {
    let sandbox = sandbox();
    sandbox.sign_in(&["--add-to-channels", "research"]);
    let condarc = sandbox.read(".condarc");
    let answer = with_password(&sandbox, &[]).succeeded().json();
    assert_eq!(
        (&answer["service"], &answer["user"]),
        (&json!("anaconda-org"), &json!("alice"))
    );
    assert_eq!(sandbox.read(".condarc"), condarc);
    let token = sandbox.practice.anaconda_org_tokens().remove(0);
    let file = sandbox.token_file(&format!("{}/api/", sandbox.practice.anaconda_org_url()));
    assert_eq!(fs::read_to_string(&file).unwrap(), token.value.expose());
    assert_eq!(
        sandbox
            .connected()
            .iter()
            .map(|(service, _)| service.as_str())
            .collect::<Vec<_>>(),
        ["server", "anaconda-org"]
    );

    // The repository goes first, then Anaconda.org.
    let first = sandbox.run(&["sign-out", "--json"]).succeeded().json();
    assert_eq!(
        (&first["service"], &first["token_revoked"]),
        (&json!("server"), &json!(true))
    );
    assert_eq!(sandbox.practice.anaconda_org_tokens().len(), 1);
    let second = sandbox.run(&["sign-out", "--json"]).succeeded().json();
    assert_eq!(
        (&second["service"], &second["token_revoked"]),
        (&json!("anaconda-org"), &json!(true))
    );
    assert!(sandbox.practice.anaconda_org_tokens().is_empty() && !file.exists());
    assert_eq!(sandbox.run(&["sign-out", "--json"]).failed(), "conflict");
}

#[test]
fn the_browser_and_a_code_lead_in_through_anaconda_com() {
    for how in ["--browser", "--device"] {
        let sandbox = sandbox();
        let mut words = vec!["sign-in", "anaconda-org", how, "--json"];
        let port = free_port();
        if how == "--browser" {
            words.extend(["--port", &port]);
        }
        let mut running = sandbox.start(sandbox.command(&words));
        let mut address = running.address();
        if how == "--device" {
            address = running.address();
        }
        approve(&address);
        let answer = running.end().succeeded().json();
        assert_eq!(answer["user"], "alice");
        assert_eq!(sandbox.practice.anaconda_org_tokens().len(), 1);
        assert_eq!(sandbox.practice.api_keys().len(), 1);
        let answer = sandbox
            .run(&["sign-out", "anaconda-org", "--json"])
            .succeeded()
            .json();
        assert_eq!(answer["token_revoked"], true);
        assert!(sandbox.practice.anaconda_org_tokens().is_empty());
        assert!(!sandbox.data().join("credentials.json").exists());
    }
}

fn free_port() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port().to_string()
}

#[test]
fn failures_change_nothing() {
    let sandbox = sandbox();
    let before = sandbox.listing();
    assert_eq!(sandbox.run_with_input(&WORDS, "wrong\n").failed(), "auth");
    let how = sandbox.run(&["sign-in", "anaconda-org", "--json"]);
    assert_eq!(how.failed(), "usage");
    assert!(how.out.contains("--device"), "{how:?}");
    let both = sandbox.run(&["sign-in", "anaconda-org", "--device", "--browser", "--json"]);
    assert_eq!(both.failed(), "usage");
    assert_eq!(sandbox.listing(), before);
    assert!(sandbox.practice.anaconda_org_tokens().is_empty());

    with_password(&sandbox, &[]).succeeded();
    let again = with_password(&sandbox, &[]);
    assert_eq!(again.failed(), "conflict");
    assert!(again.out.contains("--replace"), "{again:?}");
    with_password(&sandbox, &["--replace"]).succeeded();
    assert_eq!(sandbox.practice.anaconda_org_tokens().len(), 1);
}

#[test]
fn a_dry_run_tells_of_the_token_and_the_key() {
    let sandbox = sandbox();
    let before = sandbox.listing();
    let mut running = sandbox.start(sandbox.command(&["sign-in", "anaconda-org", "--device", "--dry-run"]));
    running.address();
    approve(&running.address());
    let ran = running.end().succeeded();
    assert!(
        ran.out.contains("create token sextant-alice@") && ran.out.contains("create a key of Anaconda.com"),
        "{ran:?}"
    );
    assert_eq!(sandbox.listing(), before);
    assert!(sandbox.practice.api_keys().is_empty());
}
