//! Single sign-on from the command line: in the browser, with a code, and everything that a person may do instead.

#![cfg(unix)]

#[path = "support/browser.rs"]
mod browser;
#[path = "support/sandbox.rs"]
mod sandbox;

use std::net::TcpListener;

use browser::{approve, deny, sent_to, visit};
use sandbox::{CONDARC, Running, Sandbox};
use sextant::practice::{Fault, Options, SingleSignOn, Trouble};

fn words<'a>(sandbox: &'a Sandbox, more: &[&'a str]) -> Vec<&'a str> {
    let mut words = vec!["sign-in", "server", "--domain", sandbox.practice.url(), "--sso"];
    words.extend(more);
    words
}

/// Starts the sign-in with a browser that writes down where it was sent.
fn with_browser(sandbox: &Sandbox, more: &[&str]) -> Running {
    let mut command = sandbox.command(&words(sandbox, more));
    command.env("BROWSER", browser::command(&sandbox.system()));
    sandbox.start(command)
}

fn start(sandbox: &Sandbox, more: &[&str]) -> Running {
    sandbox.start(sandbox.command(&words(sandbox, more)))
}

#[test]
fn the_browser_opens_and_the_person_comes_back_signed_in() {
    let sandbox = Sandbox::with_quick_codes();
    let mut running = with_browser(&sandbox, &["--json", "--add-to-channels", "research"]);
    let address = running.address();
    let host = sandbox.practice.url().strip_prefix("http://").unwrap();
    assert!(
        running.err.contains(&format!("Sign in at {host}")),
        "{}",
        running.err
    );
    assert_eq!(sent_to(&sandbox.system()), address);
    let page = approve(&address);
    assert_eq!(page.status, 200, "{page:?}");
    let answer = running.end().succeeded().json();
    assert_eq!(answer["service"], "server");
    assert_eq!(answer["user"], "alice");
    assert_eq!(answer["token"]["name"], sandbox.tokens()[0]);
    assert!(sandbox.read(".condarc").contains("- research"));

    let signed_out = sandbox.run(&["sign-out", "--json"]).succeeded().json();
    assert_eq!(signed_out["token_revoked"], true);
    assert!(sandbox.tokens().is_empty());
    assert_eq!(sandbox.read(".condarc"), CONDARC);
}

#[test]
fn without_a_browser_the_address_is_printed_and_the_code_named() {
    let sandbox = Sandbox::with_quick_codes();
    let mut running = start(&sandbox, &[]);
    let address = running.address();
    assert!(
        running.err.contains("warning: there is no desktop"),
        "{}",
        running.err
    );
    assert!(running.err.contains("--device"), "{}", running.err);
    approve(&address);
    let ran = running.end().succeeded();
    assert!(
        ran.out.contains("Signed in to") && ran.out.contains("alice"),
        "{ran:?}"
    );
    assert_eq!(sandbox.tokens().len(), 1);
}

#[test]
fn a_port_is_chosen_and_one_in_use_is_named() {
    let sandbox = Sandbox::with_quick_codes();
    // Both loopback addresses are needed.
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let ran = start(&sandbox, &["--port", &port, "--json"]).end();
    assert_eq!(ran.failed(), "conflict");
    let remedy = ran.json()["error"]["remedy"].as_str().unwrap().to_owned();
    assert!(
        remedy.contains("--port") && remedy.contains("--device"),
        "{remedy}"
    );
    drop(taken);
    let mut running = start(&sandbox, &["--port", &port, "--json"]);
    let page = approve(&running.address());
    assert_eq!(page.address.port().unwrap().to_string(), port);
    running.end().succeeded();
}

#[test]
fn a_code_is_entered_on_another_device() {
    let sandbox = Sandbox::with_quick_codes();
    let mut running = start(&sandbox, &["--device", "--json"]);
    let plain = running.address();
    let code = running.line(|line| line.starts_with("  "));
    let complete = running.address();
    assert!(
        complete.starts_with(&plain) && complete.contains(code.trim()),
        "{complete} {code}"
    );
    assert_eq!(visit(&plain).status, 200, "a page to enter it on");
    let page = approve(&complete);
    assert!(page.text.contains("Done"), "{page:?}");
    let answer = running.end().succeeded().json();
    assert_eq!(answer["user"], "alice");
    assert_eq!(sandbox.tokens().len(), 1);
}

#[test]
fn a_person_who_declines_changes_nothing() {
    let sandbox = Sandbox::with_quick_codes();
    let before = sandbox.listing();
    let mut running = start(&sandbox, &["--json"]);
    deny(&running.address());
    assert_eq!(running.end().failed(), "auth");

    let mut running = start(&sandbox, &["--device", "--json"]);
    let complete = {
        running.address();
        running.address()
    };
    deny(&complete);
    assert_eq!(running.end().failed(), "auth");
    assert_eq!(sandbox.listing(), before);
    assert!(sandbox.tokens().is_empty());
}

#[test]
fn interrupting_leaves_no_trace_and_frees_the_port() {
    for how in [None, Some("--device")] {
        let sandbox = Sandbox::with_quick_codes();
        let before = sandbox.listing();
        let mut running = start(&sandbox, &how.into_iter().chain(["--json"]).collect::<Vec<_>>());
        let address = running.address();
        running.line(|line| line.starts_with("Waiting for"));
        running.interrupt();
        let ran = running.end();
        assert_eq!(ran.failed(), "cancelled", "{ran:?}");
        assert_eq!(ran.json()["error"]["cause"], "nothing was changed");
        assert_eq!(sandbox.listing(), before);
        assert!(!sandbox.data().join("credentials.json").exists());
        if how.is_none() {
            let address = url::Url::parse(&address).unwrap();
            let redirect = address.query_pairs().find(|(key, _)| key == "redirect_uri");
            let redirect = url::Url::parse(&redirect.unwrap().1).unwrap();
            TcpListener::bind(("127.0.0.1", redirect.port().unwrap())).unwrap();
        }
    }
}

#[test]
fn another_site_is_named_and_used_only_when_it_is_confirmed() {
    let sandbox = Sandbox::with_quick_codes();
    let elsewhere = sandbox.practice.url().replace("127.0.0.1", "localhost");
    let to = format!("{elsewhere}/auth/realms/dev/protocol/openid-connect/auth?client_id=x");
    let trouble = || Trouble::fault(Fault::Redirect { to: to.clone() }).only_path("/api/auth/authorize");
    sandbox.practice.set_trouble(trouble());
    let ran = start(&sandbox, &["--json"]).end();
    assert_eq!(ran.failed(), "auth");
    let problem = &ran.json()["error"];
    assert!(
        problem["message"].as_str().unwrap().contains("localhost"),
        "{problem}"
    );
    assert!(
        problem["remedy"]
            .as_str()
            .unwrap()
            .contains("--sso-site localhost"),
        "{problem}"
    );

    let other = start(&sandbox, &["--sso-site", "sso.example.com", "--json"]).end();
    assert_eq!(other.failed(), "auth", "a third site is none that was confirmed");

    let mut running = start(&sandbox, &["--sso-site", "localhost", "--json"]);
    approve(&running.address());
    running.end().succeeded();
    assert_eq!(sandbox.tokens().len(), 1);
}

#[test]
fn a_dry_run_signs_on_and_changes_nothing() {
    let sandbox = Sandbox::with_quick_codes();
    let before = sandbox.listing();
    let mut running = start(&sandbox, &["--dry-run", "--json"]);
    approve(&running.address());
    let answer = running.end().succeeded().json();
    assert_eq!(answer["dry_run"], true);
    assert_eq!(answer["user"], "alice");
    assert_eq!(sandbox.listing(), before);
    assert!(sandbox.tokens().is_empty());
}

#[test]
fn a_server_without_single_sign_on_says_so() {
    let sandbox = Sandbox::with(Options {
        single_sign_on: SingleSignOn::Absent,
        ..Options::default()
    });
    let ran = start(&sandbox, &["--json"]).end();
    assert_eq!(ran.failed(), "auth");
    assert!(ran.out.contains("--username"), "{ran:?}");
}

#[test]
fn words_that_contradict_each_other_are_wrong_usage() {
    let sandbox = Sandbox::with_quick_codes();
    for words in [
        &["--device", "--port", "8000"][..],
        &["--username", "alice"],
        &["--password-stdin"],
        &["--port", "0"],
    ] {
        let ran = start(&sandbox, &[words, &["--json"]].concat()).end();
        assert_eq!((ran.failed().as_str(), ran.code), ("usage", Some(2)), "{words:?}");
    }
    let without = sandbox.run(&["sign-in", "server", "--device", "--json"]);
    assert_eq!(without.failed(), "usage");
}
