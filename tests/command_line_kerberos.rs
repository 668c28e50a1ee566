//! Signing in to a repository with a Kerberos ticket from the command line: a real key server, a real ticket, a real
//! acceptor.

#![cfg(target_os = "linux")]

#[path = "support/kerberos/mod.rs"]
#[allow(dead_code, reason = "every test uses its part")]
mod realm;
#[path = "support/sandbox.rs"]
mod sandbox;

use std::process::Command;

use realm::Realm;
use sandbox::Sandbox;
use serde_json::json;

const CONDARC: &str = "# mine\nchannels:\n  - conda-forge # fast\n";

/// The program in the home of a person in the realm.
fn command(sandbox: &Sandbox, realm: &Realm, words: &[&str]) -> Command {
    let mut command = sandbox.command(words);
    command
        .env("KRB5_CONFIG", realm.path("krb5.conf"))
        .env("KRB5CCNAME", format!("FILE:{}", realm.path("cache").display()));
    command
}

#[test]
fn a_ticket_signs_in_and_the_token_is_revoked_without_it() {
    let Some(realm) = Realm::start() else { return };
    let repository = realm.repository("mutual");
    let url = repository.url("localhost");
    let sandbox = Sandbox::new();
    sandbox.write(".condarc", CONDARC);
    let before = sandbox.listing();
    let words = [
        "sign-in",
        "repository",
        "--domain",
        &url,
        "--kerberos",
        "--allow-plain-http",
        "--json",
    ];
    let run = |words: &[&str]| sandbox.start(command(&sandbox, &realm, words)).end();

    let without = run(&words);
    assert_eq!(without.failed(), "auth");
    assert!(without.out.contains("kinit"), "{without:?}");
    assert_eq!(sandbox.listing(), before);

    realm.kinit(&[]);
    let shown = run(&[&words[..], &["--dry-run"]].concat()).succeeded().json();
    assert_eq!(shown["user"], "jsmith");
    assert!(
        !repository.log().iter().any(|line| line.starts_with("made")),
        "{:?}",
        repository.log()
    );
    let answer = run(&words).succeeded().json();
    assert_eq!(
        (&answer["service"], &answer["user"]),
        (&json!("repository"), &json!("jsmith"))
    );
    let name = answer["token"]["name"].as_str().unwrap().to_owned();
    assert!(
        repository.log().contains(&format!("made {name} for jsmith")),
        "{:?}",
        repository.log()
    );
    assert!(sandbox.token_file(&format!("{url}/")).exists());

    // The token revokes itself: no ticket is needed for that.
    let answer = sandbox.run(&["sign-out", "--json"]).succeeded().json();
    assert_eq!(answer["token_revoked"], true);
    let log = repository.log();
    assert!(
        log.iter()
            .any(|line| line.starts_with("DELETE") && line.ends_with("by jsmith")),
        "{log:?}"
    );
    assert_eq!(sandbox.read(".condarc"), CONDARC);
}

#[test]
fn a_server_that_does_not_prove_itself_is_not_signed_in_to() {
    let Some(realm) = Realm::start() else { return };
    realm.kinit(&[]);
    let repository = realm.repository("silent");
    let url = repository.url("localhost");
    let sandbox = Sandbox::new();
    sandbox.write(".condarc", CONDARC);
    let before = sandbox.listing();
    let words = [
        "sign-in",
        "repository",
        "--domain",
        &url,
        "--kerberos",
        "--allow-plain-http",
        "--json",
    ];
    let ran = sandbox.start(command(&sandbox, &realm, &words)).end();
    assert_eq!(ran.failed(), "auth");
    assert!(ran.out.contains("did not prove who it is"), "{ran:?}");
    assert_eq!(sandbox.listing(), before);
    assert!(sandbox.connected().is_empty());
}
