//! Who may see which package, from the command line (seed 004).

#[path = "support/sandbox.rs"]
mod sandbox;

use sandbox::{Ran, Sandbox};
use serde_json::{Value, json};

const PASSWORD: &str = "sextant\n";

/// Signed in to the repository as alice.
fn signed_in(more: &[&str]) -> Sandbox {
    let sandbox = Sandbox::new();
    let words = [&["--skip-channels"], more].concat();
    sandbox.sign_in_to_repository(&words);
    sandbox
}

fn with_password(sandbox: &Sandbox, words: &[&str]) -> Ran {
    let words = [&["access"], words, &["--password-stdin"]].concat();
    let ran = sandbox.run_with_input(&words, PASSWORD);
    assert!(
        !ran.out.contains("sextant\n") && !ran.err.contains("sextant\n"),
        "{ran:?}"
    );
    ran
}

fn json_of(sandbox: &Sandbox, words: &[&str]) -> Value {
    with_password(sandbox, &[words, &["--json"]].concat())
        .succeeded()
        .json()
}

fn access_of(sandbox: &Sandbox, name: &str) -> Value {
    let list = json_of(sandbox, &["list"]);
    let packages = list["packages"].as_array().unwrap();
    let found = packages.iter().find(|package| package["name"] == name);
    found.unwrap_or_else(|| panic!("no {name} in {list}"))["visibility"].clone()
}

#[test]
fn packages_of_the_account_and_its_organisations_are_listed_with_their_access() {
    let sandbox = signed_in(&[]);
    let list = json_of(&sandbox, &["list"]);
    let packages: Vec<(String, Value)> = list["packages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|package| {
            let name = |key: &str| package[key].as_str().unwrap().to_owned();
            (
                format!("{}/{}", name("owner"), name("name")),
                package["visibility"].clone(),
            )
        })
        .collect();
    for expected in [
        ("alice/draft", "private"),
        ("alice/alice-tools", "public"),
        ("practice-org/handbook", "authenticated"),
        ("practice-org/risk-report", "private"),
    ] {
        assert!(
            packages.contains(&(expected.0.to_owned(), json!(expected.1))),
            "{packages:?}"
        );
    }
    assert!(packages.iter().all(|(name, _)| !name.starts_with("bob/")));
    let none = json_of(&sandbox, &["list", "--type", "notebook"]);
    assert_eq!(none["packages"], json!([]));
    let text = with_password(&sandbox, &["list", "--type", "conda"]).succeeded();
    assert!(text.out.contains("private        alice/draft 0.1.0"), "{text:?}");
    // The token that was made for looking is gone again.
    assert_eq!(sandbox.practice.repository_tokens().len(), 1);
}

#[test]
fn a_package_is_made_private_and_public_again() {
    let sandbox = signed_in(&[]);
    let planned = sandbox
        .run(&["access", "set", "alice-tools", "private", "--dry-run"])
        .succeeded();
    assert!(
        planned.out.contains("Would make alice-tools private"),
        "{planned:?}"
    );
    assert_eq!(access_of(&sandbox, "alice-tools"), "public");
    let changed = json_of(
        &sandbox,
        &["set", "alice-tools", "practice-org/forecast", "private"],
    );
    assert_eq!(
        changed["packages"][1],
        json!({"owner": "practice-org", "name": "forecast", "outcome": "changed", "access": "private"})
    );
    assert_eq!(access_of(&sandbox, "alice-tools"), "private");
    assert_eq!(access_of(&sandbox, "forecast"), "private");
    let text = with_password(&sandbox, &["set", "alice-tools", "authenticated"]).succeeded();
    assert_eq!(text.out.trim(), "alice/alice-tools is authenticated now.");
    assert_eq!(access_of(&sandbox, "alice-tools"), "authenticated");
}

#[test]
fn what_cannot_be_changed_is_said_and_the_rest_is_changed() {
    let sandbox = signed_in(&[]);
    // It is bob's, who shared it.
    let ran = with_password(&sandbox, &["set", "bob/survey", "public", "--json"]);
    assert_eq!(ran.failed(), "forbidden");
    let ran = with_password(&sandbox, &["set", "bob/survey", "draft", "public", "--json"]);
    assert!(ran.out.contains("\"outcome\":\"changed\""), "{ran:?}");
    assert_eq!(access_of(&sandbox, "draft"), "public");
    for words in [
        &["set", "draft", "secret"][..],
        &["set", "a/b/c", "public"],
        &["who", ".."],
    ] {
        let ran = sandbox.run(&[&["access"], words, &["--json"]].concat());
        assert_eq!(ran.failed(), "usage", "{words:?}");
    }
}

#[test]
fn a_server_without_the_call_is_recognised_and_the_page_named() {
    let sandbox = Sandbox::new();
    sandbox.know_anaconda_org();
    sandbox
        .run_with_input(
            &[
                "sign-in",
                "anaconda-org",
                "--username",
                "alice",
                "--password-stdin",
            ],
            PASSWORD,
        )
        .succeeded();
    // What was asked for is not done, and a script has to know it.
    let ran = with_password(&sandbox, &["set", "alice-tools", "private", "--json"]);
    assert_eq!(ran.failed(), "conflict");
    let remedy = ran.json()["error"]["remedy"].as_str().unwrap().to_owned();
    assert!(remedy.ends_with("/alice/alice-tools/settings/admin"), "{remedy}");
    let ran = with_password(&sandbox, &["set", "alice-tools", "private"]);
    assert_ne!(ran.code, Some(0), "{ran:?}");
    assert!(
        ran.err.contains("was not changed") && ran.err.contains("/settings/admin"),
        "{ran:?}"
    );
    let ran = with_password(&sandbox, &["set", "alice-tools", "draft", "public", "--json"]);
    assert_ne!(ran.code, Some(0), "{ran:?}");
    assert!(ran.out.contains("only-in-browser"), "{ran:?}");
    assert_eq!(access_of(&sandbox, "alice-tools"), "public");
}

#[test]
fn groups_are_made_filled_and_emptied() {
    let sandbox = signed_in(&[]);
    let groups = json_of(&sandbox, &["groups"]);
    assert_eq!(groups["groups"].as_array().unwrap().len(), 3);
    let made = json_of(
        &sandbox,
        &[
            "group",
            "create",
            "practice-org",
            "interns",
            "--permission",
            "read",
        ],
    );
    assert_eq!(made["done"], true);
    let again = with_password(
        &sandbox,
        &[
            "group",
            "create",
            "practice-org",
            "interns",
            "--permission",
            "read",
            "--json",
        ],
    );
    assert_eq!(again.failed(), "conflict");
    json_of(
        &sandbox,
        &["group", "add", "practice-org", "interns", "--user", "bob"],
    );
    json_of(
        &sandbox,
        &[
            "group",
            "add",
            "practice-org",
            "interns",
            "--package",
            "practice-org/pricing",
        ],
    );
    let groups = json_of(&sandbox, &["groups", "practice-org"]);
    let interns = groups["groups"]
        .as_array()
        .unwrap()
        .iter()
        .find(|group| group["name"] == "interns");
    assert_eq!(
        interns.unwrap(),
        &json!({
            "organization": "practice-org",
            "name": "interns",
            "permission": "read",
            "members": [{"login": "bob", "name": "Bob Bramble"}],
            "packages": ["pricing"],
        })
    );
    let who = json_of(&sandbox, &["who", "practice-org/pricing"]);
    let bob = who["people"]
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["login"] == "bob");
    assert_eq!(
        bob.unwrap()["reasons"],
        json!([{"because": "group", "group": "interns", "permission": "read"}])
    );
    json_of(
        &sandbox,
        &["group", "remove", "practice-org", "interns", "--user", "bob"],
    );
    let who = with_password(&sandbox, &["who", "practice-org/pricing"]).succeeded();
    assert!(
        who.out.contains("is private") && !who.out.contains("bob"),
        "{who:?}"
    );
    let missing = with_password(
        &sandbox,
        &[
            "group",
            "add",
            "practice-org",
            "nobody",
            "--user",
            "bob",
            "--json",
        ],
    );
    assert!(!missing.failed().is_empty());
    let nothing = sandbox.run(&["access", "group", "add", "practice-org", "interns"]);
    assert_eq!(nothing.code, Some(2), "{nothing:?}");
}

#[test]
fn a_collaborator_sees_a_package_without_a_group() {
    let sandbox = signed_in(&[]);
    json_of(&sandbox, &["collaborator", "add", "draft", "bob"]);
    let who = json_of(&sandbox, &["who", "draft"]);
    assert_eq!(who["access"], "private");
    assert_eq!(
        who["people"],
        json!([
            {"login": "alice", "reasons": [{"because": "owner"}]},
            {"login": "bob", "reasons": [{"because": "collaborator"}]},
        ])
    );
    json_of(&sandbox, &["collaborator", "remove", "draft", "bob"]);
    let who = json_of(&sandbox, &["who", "draft"]);
    assert_eq!(who["people"].as_array().unwrap().len(), 1);
}

#[test]
fn a_token_that_may_do_it_needs_no_password() {
    let sandbox = signed_in(&["--scopes", "all"]);
    let list = sandbox.run(&["access", "list", "--json"]).succeeded().json();
    assert!(!list["packages"].as_array().unwrap().is_empty());
    let sandbox = signed_in(&[]);
    let ran = sandbox.run(&["access", "list", "--json"]);
    assert_eq!(ran.failed(), "auth");
    let remedy = ran.json()["error"]["remedy"].to_string();
    assert!(remedy.contains("--password-stdin"), "{remedy}");
}

#[test]
fn a_service_without_accounts_says_so() {
    let sandbox = Sandbox::new();
    sandbox.sign_in(&["--skip-channels"]);
    let ran = sandbox.run(&["access", "list", "--json"]);
    assert_eq!(ran.failed(), "usage");
    assert!(
        ran.json()["error"]["remedy"]
            .as_str()
            .unwrap()
            .contains("--service"),
        "{ran:?}"
    );
}

#[test]
fn a_name_that_is_not_there_is_named_and_no_server_blamed() {
    let sandbox = signed_in(&[]);
    for (words, message) in [
        (
            &["set", "nosuch", "private"][..],
            "the server has no package alice/nosuch",
        ),
        (
            &["set", "nobody/tools", "private"],
            "the server has no package nobody/tools",
        ),
        (&["who", "nosuch"], "the server has no package alice/nosuch"),
        (&["who", "nobody/tools"], "the server has no package nobody/tools"),
        (
            &["groups", "nosuchorg"],
            "the server has no organisation nosuchorg",
        ),
        (
            &["group", "create", "nosuchorg", "a", "--permission", "read"],
            "the server has no organisation nosuchorg",
        ),
        (
            &["group", "add", "nosuchorg", "a", "--user", "bob"],
            "the server has no organisation nosuchorg",
        ),
        (
            &["group", "add", "practice-org", "nosuch", "--user", "bob"],
            "practice-org has no group nosuch",
        ),
        (
            &["group", "add", "practice-org", "analysts", "--user", "nobody"],
            "the server has no user nobody",
        ),
        (
            &["group", "add", "practice-org", "analysts", "--package", "nosuch"],
            "the server has no package practice-org/nosuch",
        ),
        (
            &["collaborator", "add", "draft", "nobody"],
            "the server has no user nobody",
        ),
        (
            &["collaborator", "add", "nosuch", "bob"],
            "the server has no package alice/nosuch",
        ),
    ] {
        let ran = with_password(&sandbox, &[words, &["--json"]].concat());
        assert_eq!(ran.failed(), "usage", "{words:?}: {ran:?}");
        let error = &ran.json()["error"];
        assert_eq!(error["message"], message, "{words:?}");
        let remedy = error["remedy"].as_str().unwrap();
        assert!(remedy.contains("sextant access"), "{words:?}: {remedy}");
        assert!(!ran.out.contains("domain"), "{words:?}: {ran:?}");
    }
}
