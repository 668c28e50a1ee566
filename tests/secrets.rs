//! No secret reaches an output, the history, the journal or any file that is not meant for it.

#[path = "support/sandbox.rs"]
mod sandbox;

use std::fs;
use std::path::Path;

use sandbox::{Sandbox, mode};

const PERSONS_OWN: &str = "personsowntoken123";

/// Files below `folder` that contain `secret`.
fn holding(folder: &Path, secret: &str, found: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let path = entry.path();
        if path.is_dir() {
            holding(&path, secret, found);
        } else if String::from_utf8_lossy(&fs::read(&path).unwrap()).contains(secret) {
            found.push(path.file_name().unwrap().to_str().unwrap().to_owned());
        }
    }
}

#[test]
fn secrets_stay_where_they_belong() {
    let sandbox = Sandbox::new();
    sandbox.write(
        ".condarc",
        format!("channels:\n  - https://other.example/t/{PERSONS_OWN}/c\n"),
    );
    sandbox.write(
        ".anaconda/navigator/anaconda-navigator.ini",
        "[main]\nanaconda_server_token = 'oldnavigatortoken'\n",
    );
    let condarc = sandbox.read(".condarc");
    let mut said = String::new();
    let mut hear = |ran: sandbox::Ran| said.push_str(&format!("{}{}", ran.out, ran.err));

    hear(sandbox.run_with_input(&sandbox.sign_in_words(&["--dry-run"]), "sextant\n"));
    hear(sandbox.sign_in(&["--add-to-channels", "research"]));
    let token = sandbox.practice.tokens()[0].value.expose().to_owned();
    let session = fs::read_to_string(sandbox.data().join("credentials.json")).unwrap();
    let jwt = session
        .split("\\\"token\\\":\\\"")
        .nth(1)
        .unwrap()
        .split('\\')
        .next()
        .unwrap()
        .to_owned();
    assert!(jwt.len() > 100 && token.len() == 48);
    for words in [
        &["status"][..],
        &["channels", "list"],
        &["channels", "add", "main", "--dry-run"],
        &["history"],
        &["history", "--json"],
        &["sign-out", "--dry-run"],
        &["sign-out", "--dry-run", "--json"],
    ] {
        hear(sandbox.run(words));
    }
    let mut at = Vec::new();
    holding(&sandbox.home(), &token, &mut at);
    at.retain(|name| !name.ends_with(".token") && name != "anaconda-navigator.ini");
    assert!(at.is_empty(), "the token is in {at:?}");
    let mut at = Vec::new();
    holding(&sandbox.home(), &jwt, &mut at);
    assert_eq!(at, ["credentials.json"]);
    assert_eq!(mode(&sandbox.data().join("credentials.json")), 0o600);
    let mut at = Vec::new();
    holding(&sandbox.data(), PERSONS_OWN, &mut at);
    assert_eq!(at, ["credentials.json"], "it must come back one day");
    for dead in ["oldnavigatortoken", "sextant\n\""] {
        let mut at = Vec::new();
        holding(&sandbox.data(), dead, &mut at);
        assert!(at.is_empty(), "{dead} is in {at:?}");
    }

    hear(sandbox.run(&["sign-out"]).succeeded());
    assert_eq!(sandbox.read(".condarc"), condarc);
    for secret in [&token, &jwt] {
        let mut at = Vec::new();
        holding(&sandbox.home(), secret, &mut at);
        assert!(at.is_empty(), "after signing out: {at:?}");
    }
    for secret in [token.as_str(), &jwt, PERSONS_OWN, "oldnavigatortoken"] {
        assert!(!said.contains(secret), "{said}");
    }
}

#[test]
fn a_secret_in_a_channel_argument_is_refused() {
    let sandbox = Sandbox::new();
    let ran = sandbox.run(&["channels", "add", "https://other.example/t/canary123/c", "--json"]);
    assert_eq!(ran.failed(), "usage");
    assert!(!ran.out.contains("canary123"), "{ran:?}");
    assert!(!sandbox.condarc().exists());
}
