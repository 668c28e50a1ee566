//! Signing in to a repository with a Kerberos ticket: a real key server, real tickets, a real acceptor.
//!
//! GSSAPI reads the environment of the process, so the client is this program once more, started with the environment of
//! a person in the realm; see [`person`].

#![cfg(target_os = "linux")]

#[path = "support/kerberos/mod.rs"]
mod realm;

use std::process::Command;

use realm::{PRINCIPAL, Realm, Repository, client_configuration, free_port};
use serde_json::{Value, json};
use sextant::error::{Explain, Problem};
use sextant::repository::kerberos::{SystemKerberos, ticket};
use sextant::repository::{
    BinstarApi, BinstarClient, Extent, HttpClient, HttpSettings, NameTaken, NewBinstarToken, Proof, Strength,
};

/// What the person is to do; not set in the tests themselves.
const TASK: &str = "SEXTANT_TEST_TASK";
/// What stands before the outcome in what the person prints.
const OUTCOME: &str = "outcome: ";

/// The part of the program that runs with a person's environment. As a test of its own it does nothing.
#[test]
fn person() {
    let Ok(task) = std::env::var(TASK) else { return };
    let task: Value = serde_json::from_str(&task).unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let outcome = runtime.block_on(async {
        match task["url"].as_str() {
            Some(url) => sign_in(url, task["plain_http"] == true).await,
            None => match ticket().await {
                Ok(ticket) => json!({
                    "principal": ticket.as_ref().map(|ticket| ticket.principal.clone()),
                    "is_good": ticket.and_then(|ticket| ticket.expires_at).is_some_and(|end| end > jiff::Timestamp::now()),
                }),
                Err(error) => failed(&format!("{error:?}"), error.explain()),
            },
        }
    });
    println!("{OUTCOME}{outcome}");
}

/// Makes a token with the ticket, and asks whose it is.
async fn sign_in(url: &str, plain_http: bool) -> Value {
    let http = HttpClient::open(HttpSettings::default()).await.unwrap();
    let mut client = BinstarClient::new(http, BinstarApi::parse(url).unwrap());
    if plain_http {
        client = client.with_kerberos_over_plain_http();
    }
    let new = NewBinstarToken {
        name: "sextant-test".into(),
        hostname: "here".into(),
        extent: Extent::Everything,
        organization: None,
        lifetime: None,
        strength: Strength::Strong,
        if_name_taken: NameTaken::Refuse,
    };
    match client.create_token(Proof::Kerberos(&SystemKerberos), &new).await {
        Ok(token) => json!({ "login": client.user(&token).await.unwrap().login }),
        Err(error) => failed(&format!("{error:?}"), error.explain()),
    }
}

fn failed(error: &str, problem: Problem) -> Value {
    json!({ "error": error, "problem": problem })
}

/// What comes of it when the person in `command`'s environment does `task`.
fn outcome(mut command: Command, task: &Value) -> Value {
    let output = command
        .args(["person", "--exact", "--nocapture"])
        .env(TASK, task.to_string())
        .output()
        .unwrap();
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        output.status.success(),
        "{printed}\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
    // The test harness may have begun the line.
    let (_, outcome) = printed.split_once(OUTCOME).unwrap_or_else(|| panic!("{printed}"));
    serde_json::from_str(outcome.lines().next().unwrap()).unwrap()
}

fn this_program() -> String {
    std::env::current_exe().unwrap().to_str().unwrap().to_owned()
}

fn signed_in(realm: &Realm, repository: &Repository, host: &str) -> Value {
    let task = json!({ "url": repository.url(host), "plain_http": true });
    outcome(realm.command(&this_program()), &task)
}

fn whose(realm: &Realm) -> Value {
    outcome(realm.command(&this_program()), &json!({}))
}

/// That `outcome` is this error, and that its remedy holds these words.
fn assert_failed(outcome: &Value, error: &str, remedy: &str) {
    let told = outcome["error"].as_str().unwrap_or_else(|| panic!("{outcome}"));
    assert!(told.contains(error), "{outcome}");
    let told = outcome["problem"]["remedy"].as_str().unwrap_or_default();
    assert!(told.contains(remedy), "{outcome}");
}

#[test]
fn a_ticket_signs_in_and_the_server_proves_itself() {
    let Some(realm) = Realm::start() else { return };
    let repository = realm.repository("mutual");
    realm.kinit(&[]);
    assert_eq!(whose(&realm), json!({ "principal": PRINCIPAL, "is_good": true }));
    assert_eq!(
        signed_in(&realm, &repository, "localhost"),
        json!({ "login": "jsmith" })
    );
    assert_eq!(
        repository.log(),
        [
            "POST /api/authentications with Negotiate",
            "made sextant-test for jsmith"
        ]
    );

    // The address has a name that Kerberos knows, but it was not named so.
    let told = signed_in(&realm, &repository, "127.0.0.1");
    assert_failed(&told, r#"UnknownService { host: "127.0.0.1" }"#, "full name");
    // The realm of a host is the one that krb5.conf says.
    let configured = realm.path("configured.conf");
    let usual = std::fs::read_to_string(realm.path("krb5.conf")).unwrap();
    std::fs::write(
        &configured,
        usual + "[domain_realm]\n localhost = ELSEWHERE.LOCAL\n",
    )
    .unwrap();
    let mut command = realm.command(&this_program());
    command.env("KRB5_CONFIG", &configured);
    let task = json!({ "url": repository.url("localhost"), "plain_http": true });
    assert_failed(
        &outcome(command, &task),
        r#"UnknownService { host: "localhost" }"#,
        "full name",
    );
    // Over plain http only when somebody said so.
    let task = json!({ "url": repository.url("localhost") });
    let told = outcome(realm.command(&this_program()), &task);
    assert_failed(&told, r#"PlainHttp { host: "localhost" }"#, "https://");
    assert_eq!(repository.log().len(), 2, "nothing was sent");
}

#[test]
fn without_a_good_ticket_it_is_said_what_to_do() {
    let Some(realm) = Realm::with_skew(1) else { return };
    let repository = realm.repository("mutual");
    assert_eq!(whose(&realm), json!({ "principal": null, "is_good": false }));
    let outcome = signed_in(&realm, &repository, "localhost");
    assert_failed(&outcome, "Kerberos(NoTicket)", "kinit NAME@REALM");
    assert_eq!(repository.log(), Vec::<String>::new());

    realm.kinit(&["-l", "1s"]);
    realm.await_expiry();
    assert_failed(&whose(&realm), "TicketExpired", "kinit jsmith@TEST.LOCAL");
    // The realm still accepts it for as long as clocks may differ.
    let expired = std::iter::repeat_with(|| signed_in(&realm, &repository, "localhost"))
        .take(1000)
        .find(|told| {
            told["error"]
                .as_str()
                .is_some_and(|error| error.contains("TicketExpired"))
        });
    assert_failed(&expired.unwrap(), "TicketExpired", "kinit jsmith@TEST.LOCAL");
}

#[test]
fn a_server_that_does_not_prove_itself_gets_nothing() {
    let Some(realm) = Realm::start() else { return };
    realm.kinit(&[]);
    for (mode, error, remedy) in [
        ("silent", "MutualAuthenticationMissing", "right server"),
        ("forged", "InvalidReply", "right server"),
        (
            "refusing",
            r#"Refused { host: "localhost", said: Some("not for you") }"#,
            "administrator",
        ),
        ("basic", "NotOffered", "password"),
        ("ntlm", "InvalidReply", "right server"),
    ] {
        let repository = realm.repository(mode);
        assert_failed(&signed_in(&realm, &repository, "localhost"), error, remedy);
        let log = repository.log();
        assert_eq!(log[0], "POST /api/authentications with Negotiate", "{mode}");
        if mode == "silent" {
            // The token that it made shall not stay on a server that may be the right one.
            assert_eq!(log[2..], ["DELETE /api/authentications by jsmith"]);
        } else {
            assert!(
                log.iter().filter(|line| line.starts_with("POST")).count() == 1,
                "{mode}: {log:?}"
            );
        }
    }
}

#[test]
fn a_realm_that_cannot_be_reached_is_told() {
    let Some(realm) = Realm::start() else { return };
    let repository = realm.repository("mutual");
    realm.kinit(&[]);
    let unknown = "[libdefaults]\n default_realm = OTHER.LOCAL\n dns_lookup_kdc = false\n";
    for configuration in [client_configuration(free_port()), unknown.to_owned()] {
        let elsewhere = realm.path("elsewhere.conf");
        std::fs::write(&elsewhere, configuration).unwrap();
        let mut command = realm.command(&this_program());
        command.env("KRB5_CONFIG", &elsewhere);
        let task = json!({ "url": repository.url("localhost"), "plain_http": true });
        assert_failed(&outcome(command, &task), "ServiceUnreachable", "krb5.conf");
    }
}

#[test]
fn a_computer_without_kerberos_is_told() {
    let Some(realm) = Realm::start() else { return };
    // The first library of that name that is found is none.
    std::fs::write(realm.path("libgssapi_krb5.so.2"), "not a library").unwrap();
    let mut command = realm.command(&this_program());
    command.env("LD_LIBRARY_PATH", realm.path(""));
    assert_failed(
        &outcome(command, &json!({})),
        "LibraryMissing",
        "libgssapi-krb5-2",
    );
}
