//! No secret reaches an output, the history, the journal or any file that is not meant for it.

#[path = "support/browser.rs"]
mod browser;
#[path = "support/guarded_proxy.rs"]
mod guarded_proxy;
#[path = "support/sandbox.rs"]
mod sandbox;

use std::fs;
use std::path::Path;

use browser::approve;
use guarded_proxy::GuardedProxy;
use sandbox::{Ran, Sandbox, mode};
use sextant::practice::{OidcTimes, Options, Site};

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

/// The names of the files in which a secret stands, each once.
fn holders(sandbox: &Sandbox, secret: &str) -> Vec<String> {
    let mut found = Vec::new();
    holding(&sandbox.home(), secret, &mut found);
    found.sort();
    found.dedup();
    found
}

/// What the program said in everything that can be asked of it while signed in.
fn everything_said(sandbox: &Sandbox) -> String {
    let mut said = String::new();
    let url = sandbox.practice.url();
    for words in [
        &["status"][..],
        &["tokens", "list"],
        &["tokens", "renew", "--dry-run"],
        &["channels", "list"],
        &["channels", "available"],
        &["history"],
        &["trust", "show", url],
        &["domain", "check", url],
        &["sign-out", "--dry-run"],
    ] {
        for words in [words.to_vec(), [words, &["--json"]].concat()] {
            let Ran { out, err, .. } = sandbox.run(&words);
            said.push_str(&out);
            said.push_str(&err);
        }
    }
    said
}

/// Every value that a client sent to prove something.
fn sent(sandbox: &Sandbox, site: Site) -> Vec<String> {
    let requests = sandbox.practice.requests_to(site);
    let credentials = requests.into_iter().flat_map(|request| request.credentials);
    let values = credentials.map(|credential| credential.value.expose().to_owned());
    // The tokens and sessions, not names and passwords.
    values.filter(|value| value.len() > 30).collect()
}

#[test]
fn the_token_of_an_organisation_stays_in_its_files() {
    let sandbox = Sandbox::new();
    let token = sandbox.cloud_token();
    let base = sandbox.cloud_base();
    let words = ["sign-in", "cloud", "--token-stdin", "--url", &base];
    let ran = sandbox.run_with_input(&[&words[..], &["--dry-run"]].concat(), &token);
    let mut said = format!("{}{}", ran.out, ran.err);
    let ran = sandbox.run_with_input(&words, &token).succeeded();
    said.push_str(&format!("{}{}", ran.out, ran.err));
    said.push_str(&everything_said(&sandbox));
    let at = holders(&sandbox, &token);
    assert!(
        !at.is_empty() && at.iter().all(|name| name.ends_with(".token")),
        "{at:?}"
    );
    // One service in the place of another keeps the journal and the history clean as well.
    sandbox.sign_in(&["--replace"]);
    assert!(holders(&sandbox, &token).is_empty());
    sandbox.sign_in_to_cloud(&["--replace"]);
    sandbox.run(&["sign-out", "--json"]).succeeded();
    assert!(holders(&sandbox, &token).is_empty());
    assert!(!said.contains(&token), "{said}");
}

#[test]
fn the_token_of_a_repository_stays_in_its_files_and_with_what_can_revoke_it() {
    let sandbox = Sandbox::new();
    let wrong = sandbox.run_with_input(&sandbox.repository_words(&[]), "canary-password\n");
    let mut said = format!("{}{}", wrong.out, wrong.err);
    said.push_str(&sandbox.sign_in_to_repository(&[]).out);
    let token = sandbox.practice.repository_tokens()[0].value.expose().to_owned();
    said.push_str(&everything_said(&sandbox));
    let mut at = holders(&sandbox, &token);
    at.retain(|name| !name.ends_with(".token"));
    assert_eq!(at, ["credentials.json"]);
    assert_eq!(mode(&sandbox.data().join("credentials.json")), 0o600);
    let words = ["tokens", "renew", "--password-stdin"];
    let renewed = sandbox.run_with_input(&words, "sextant\n").succeeded();
    said.push_str(&format!("{}{}", renewed.out, renewed.err));
    let fresh = sandbox.practice.repository_tokens()[0].value.expose().to_owned();
    assert!(holders(&sandbox, &token).is_empty() && !holders(&sandbox, &fresh).is_empty());
    sandbox.run(&["sign-out", "--json"]).succeeded();
    let sent = sent(&sandbox, Site::Repository);
    assert!(sent.contains(&token));
    for secret in sent.iter().map(String::as_str).chain(["canary-password", &fresh]) {
        assert!(holders(&sandbox, secret).is_empty(), "after signing out");
        assert!(!said.contains(secret), "{said}");
    }
}

#[test]
fn what_single_sign_on_gives_stays_with_what_can_revoke_the_token() {
    let sandbox = Sandbox::with(Options {
        oidc: OidcTimes {
            interval_seconds: 1,
            ..OidcTimes::default()
        },
        ..Options::default()
    });
    sandbox.know_anaconda_org();
    let url = sandbox.practice.url();
    let mut said = String::new();
    for words in [
        &["sign-in", "server", "--domain", url, "--sso", "--device"][..],
        &["sign-in", "anaconda-org", "--device"],
    ] {
        let mut running = sandbox.start(sandbox.command(words));
        running.address();
        approve(&running.address());
        let ran = running.end().succeeded();
        said.push_str(&format!("{}{}", ran.out, ran.err));
    }
    said.push_str(&everything_said(&sandbox));
    let key = sandbox.practice.api_keys()[0].value.expose().to_owned();
    assert_eq!(holders(&sandbox, &key), ["credentials.json"]);
    let tokens: Vec<String> = [
        sandbox.practice.tokens()[0].value.expose().to_owned(),
        sandbox.practice.anaconda_org_tokens()[0]
            .value
            .expose()
            .to_owned(),
    ]
    .to_vec();
    let mut sessions = sent(&sandbox, Site::Server);
    sessions.extend(sent(&sandbox, Site::Cloud));
    sessions.extend(sent(&sandbox, Site::AnacondaOrg));
    sessions.retain(|session| !tokens.contains(session));
    assert!(sessions.len() > 3, "the sessions were seen on their way");
    for session in &sessions {
        let at = holders(&sandbox, session);
        assert!(at.iter().all(|name| name == "credentials.json"), "{at:?}");
    }
    sandbox.run(&["sign-out", "--json"]).succeeded();
    sandbox.run(&["sign-out", "--json"]).succeeded();
    for secret in sessions.iter().chain(&tokens).chain([&key]) {
        assert!(holders(&sandbox, secret).is_empty(), "after signing out");
        assert!(!said.contains(secret.as_str()), "{said}");
    }
}

#[test]
fn the_password_of_a_proxy_is_kept_in_one_place_only() {
    let sandbox = Sandbox::new();
    let proxy = GuardedProxy::start();
    sandbox.write(".condarc", proxy.condarc());
    let words = [
        "proxy",
        "log-in",
        proxy.address(),
        "--username",
        guarded_proxy::USER,
        "--password-stdin",
    ];
    let ran = sandbox
        .run_with_input(&words, guarded_proxy::PASSWORD)
        .succeeded();
    let mut said = format!("{}{}", ran.out, ran.err);
    sandbox.sign_in(&[]);
    said.push_str(&everything_said(&sandbox));
    assert_eq!(holders(&sandbox, guarded_proxy::PASSWORD), ["credentials.json"]);
    sandbox.run(&["sign-out", "--json"]).succeeded();
    sandbox
        .run(&["proxy", "forget", proxy.address(), "--json"])
        .succeeded();
    assert!(holders(&sandbox, guarded_proxy::PASSWORD).is_empty());
    assert!(!said.contains("canary"), "{said}");
}
