//! Signing in to a repository with a Kerberos ticket from the command line: a real key server, a real ticket, a real
//! acceptor.

#![cfg(target_os = "linux")]

#[path = "support/kerberos/mod.rs"]
mod realm;
#[path = "support/sandbox.rs"]
mod sandbox;

use std::process::Command;

use realm::Realm;
use sandbox::{CONDARC, Sandbox, kerberos_words};
use serde_json::json;

/// The program in the home of a person in the realm.
fn command(sandbox: &Sandbox, realm: &Realm, words: &[&str]) -> Command {
    let mut command = sandbox.command(words);
    command
        .env("KRB5_CONFIG", realm.path("krb5.conf"))
        .env("KRB5CCNAME", format!("FILE:{}", realm.path("cache").display()));
    command
}

#[test]
fn a_dry_run_shows_whose_ticket_it_is_and_makes_no_token() {
    let Some(realm) = Realm::start() else { return };
    realm.kinit(&[]);
    let repository = realm.repository("mutual");
    let url = repository.url("localhost");
    let sandbox = Sandbox::with_condarc(CONDARC);
    let before = sandbox.listing();
    let words = kerberos_words(&url, &["--scopes", "conda:download", "--dry-run"]);
    let shown = sandbox
        .start(command(&sandbox, &realm, &words))
        .end()
        .succeeded()
        .json();
    assert_eq!(shown["user"], "jsmith");
    assert_eq!(shown["plan"]["token"]["scopes"], json!(["conda:download"]));
    let log = repository.log();
    assert!(!log.iter().any(|line| line.starts_with("POST")), "{log:?}");
    assert_eq!(sandbox.listing(), before);
}

#[test]
fn a_server_that_does_not_prove_itself_is_not_signed_in_to() {
    let Some(realm) = Realm::start() else { return };
    realm.kinit(&[]);
    let repository = realm.repository("silent");
    let url = repository.url("localhost");
    let sandbox = Sandbox::with_condarc(CONDARC);
    let before = sandbox.listing();
    let words = kerberos_words(&url, &[]);
    let ran = sandbox.start(command(&sandbox, &realm, &words)).end();
    assert_eq!(ran.failed(), "auth");
    assert!(ran.out.contains("did not prove who it is"), "{ran:?}");
    assert_eq!(sandbox.listing(), before);
    assert!(sandbox.connected().is_empty());
}
