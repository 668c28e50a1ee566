//! The tokens of this machine from the command line: seen, renewed, and those that were left over.

#[path = "support/sandbox.rs"]
mod sandbox;

use std::fs;
use std::time::Duration;

use sandbox::{CONDARC, INI, Sandbox};
use serde_json::{Value, json};
use sextant::practice::{Options, Trouble};

fn list(sandbox: &Sandbox) -> Vec<Value> {
    let answer = sandbox.run(&["tokens", "list", "--json"]).succeeded().json();
    answer["tokens"].as_array().unwrap().clone()
}

/// What a reinstallation does: the server still knows the token, this machine does not.
fn lose_home(sandbox: &Sandbox) {
    for folder in [".local", ".config", ".continuum", ".anaconda"] {
        let _ = fs::remove_dir_all(sandbox.home().join(folder));
    }
    sandbox.write(".condarc", CONDARC);
}

#[test]
fn the_tokens_in_use_are_listed_without_asking_the_network() {
    let sandbox = Sandbox::with_condarc(CONDARC);
    assert!(list(&sandbox).is_empty());
    sandbox.sign_in(&[]);
    sandbox.practice.forget_requests();
    let tokens = list(&sandbox);
    let known = &sandbox.practice.tokens()[0];
    assert_eq!(tokens.len(), 1);
    let token = &tokens[0];
    assert_eq!(
        (&token["id"], &token["name"]),
        (&json!(known.id), &json!(known.name))
    );
    assert_eq!(token["scopes"], json!(known.scopes));
    assert_eq!(
        (&token["service"], &token["state"]),
        (&json!("server"), &json!("good"))
    );
    let moment = |key: &str| token[key].as_str().unwrap().parse::<jiff::Timestamp>().unwrap();
    let lifetime = moment("expires_at").as_second() - moment("created_at").as_second();
    assert!((364 * 86_400..=365 * 86_400).contains(&lifetime), "{token}");
    assert!(sandbox.practice.requests().is_empty());
    assert!(!token.to_string().contains(known.value.expose()));

    sandbox.run(&["sign-out", "--json"]).succeeded();
    sandbox.sign_in_to_cloud(&[]);
    let tokens = list(&sandbox);
    assert_eq!(
        (&tokens[0]["id"], &tokens[0]["created_at"]),
        (&json!(null), &json!(null))
    );
    assert_eq!(tokens[0]["renewal"], "bring-new-token");
}

#[test]
fn a_token_near_its_end_is_warned_of() {
    let sandbox = Sandbox::with(Options {
        max_token_days: Some(10),
        ..Options::default()
    });
    sandbox.sign_in(&[]);
    let ran = sandbox.run(&["status", "--json"]).succeeded();
    assert_eq!(ran.json()["connections"][0]["token_state"], "ends-soon");
    assert!(
        ran.err.contains("expires in") && ran.err.contains("sextant tokens renew server"),
        "{ran:?}"
    );
    let text = sandbox.run(&["status"]).succeeded();
    assert!(text.out.contains("days left"), "{text:?}");
}

#[test]
fn a_renewal_puts_a_new_token_everywhere_and_revokes_the_former() {
    let sandbox = Sandbox::with_condarc(CONDARC);
    sandbox.sign_in(&["--add-to-channels", "research"]);
    let former = sandbox.practice.tokens().remove(0);
    let before = sandbox.listing();

    let shown = sandbox
        .run(&["tokens", "renew", "--dry-run", "--json"])
        .succeeded()
        .json();
    assert_eq!(shown["plan"]["revokes"], former.name);
    assert_eq!((sandbox.listing(), sandbox.tokens().len()), (before, 1));

    for which in [None, Some("server"), Some("token")] {
        let former = sandbox.practice.tokens().remove(0);
        let which = match which {
            Some("token") => Some(former.name.clone()),
            other => other.map(str::to_owned),
        };
        let words = ["tokens", "renew"]
            .into_iter()
            .chain(which.as_deref())
            .chain(["--json"]);
        let answer = sandbox.run(&words.collect::<Vec<_>>()).succeeded().json();
        assert_eq!(answer["former_revoked"], true);
        let tokens = sandbox.practice.tokens();
        assert_eq!(tokens.len(), 1);
        assert_ne!(tokens[0].id, former.id);
        assert_eq!(answer["token"]["name"], tokens[0].name);
        let file = sandbox.token_file(&format!("{}/api", sandbox.practice.url()));
        assert_eq!(fs::read_to_string(file).unwrap(), tokens[0].value.expose());
        assert!(sandbox.read(INI).contains(tokens[0].value.expose()));
    }
    assert_eq!(
        sandbox.run(&["tokens", "renew", "no-such", "--json"]).failed(),
        "usage"
    );
    sandbox.run(&["sign-out", "--json"]).succeeded();
    assert!(sandbox.tokens().is_empty());
    assert_eq!(sandbox.read(".condarc"), CONDARC);
}

#[test]
fn an_ended_session_wants_the_password() {
    let sandbox = Sandbox::with_condarc(CONDARC);
    sandbox.sign_in(&[]);
    sandbox.practice.expire_sessions();
    let ran = sandbox.run(&["tokens", "renew", "--json"]);
    assert_eq!(ran.failed(), "auth");
    assert!(ran.out.contains("--password-stdin"), "{ran:?}");
    assert_eq!(sandbox.tokens().len(), 1);
    let words = ["tokens", "renew", "--password-stdin", "--json"];
    let answer = sandbox.run_with_input(&words, "sextant\n").succeeded().json();
    assert_eq!(answer["former_revoked"], true);
    assert_eq!(sandbox.tokens().len(), 1);
}

#[test]
fn a_repository_token_is_renewed_with_the_password() {
    let sandbox = Sandbox::with_condarc(CONDARC);
    sandbox.sign_in_to_repository(&[]);
    let former = sandbox.practice.repository_tokens().remove(0);
    let ran = sandbox.run(&["tokens", "renew", "--json"]);
    assert_eq!(ran.failed(), "auth");
    let words = ["tokens", "renew", "repository", "--password-stdin", "--json"];
    let answer = sandbox.run_with_input(&words, "sextant\n").succeeded().json();
    assert_eq!(answer["former_revoked"], true);
    let tokens = sandbox.practice.repository_tokens();
    assert_eq!(tokens.len(), 1);
    assert_ne!(tokens[0].id, former.id);
    assert_eq!(tokens[0].scopes, former.scopes);
    let file = sandbox.token_file(&format!("{}/api/", sandbox.practice.repository_url()));
    assert_eq!(fs::read_to_string(file).unwrap(), tokens[0].value.expose());
    assert_eq!(list(&sandbox)[0]["name"], tokens[0].name);
}

#[test]
fn a_token_of_the_person_is_not_renewed_from_here() {
    let sandbox = Sandbox::with_condarc(CONDARC);
    sandbox.sign_in_to_cloud(&[]);
    assert_eq!(sandbox.run(&["tokens", "renew", "--json"]).failed(), "conflict");
    sandbox.run(&["sign-out", "--json"]).succeeded();
    assert_eq!(sandbox.run(&["tokens", "renew", "--json"]).failed(), "conflict");
}

#[test]
fn left_over_tokens_are_found_and_revoked_by_id_or_name() {
    let sandbox = Sandbox::with_condarc(CONDARC);
    let mut lost = Vec::new();
    for _ in 0..2 {
        sandbox.sign_in(&[]);
        lose_home(&sandbox);
    }
    lost.extend(sandbox.practice.tokens());
    sandbox.sign_in(&[]);
    let answer = sandbox.run(&["tokens", "left-over", "--json"]).succeeded().json();
    let mut found: Vec<&str> = answer["tokens"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|token| token["id"].as_str())
        .collect();
    found.sort_unstable();
    let mut expected: Vec<&str> = lost.iter().map(|token| token.id.as_str()).collect();
    expected.sort_unstable();
    assert_eq!(found, expected);
    assert_eq!(answer["tokens"][0]["made_by"], "sextant");

    let in_use = sandbox
        .practice
        .tokens()
        .into_iter()
        .find(|token| !expected.contains(&token.id.as_str()));
    let in_use = in_use.unwrap();
    for wrong in [in_use.id.as_str(), &in_use.name, "no-such"] {
        let ran = sandbox.run(&["tokens", "revoke", &lost[0].id, wrong, "--json"]);
        assert_eq!(ran.failed(), "usage", "{wrong}");
    }
    let words = ["tokens", "revoke", &lost[0].id, &lost[1].name, "--json"];
    sandbox.run(&[&words[..], &["--dry-run"]].concat()).succeeded();
    assert_eq!(sandbox.tokens().len(), 3);

    sandbox
        .practice
        .set_trouble(Trouble::status(503).only_method("DELETE").from(2));
    let ran = sandbox.run(&words);
    assert_eq!(ran.failed(), "network");
    assert!(
        ran.out.contains(&lost[1].name) && !ran.out.contains(&lost[0].name),
        "{ran:?}"
    );
    sandbox.practice.set_trouble(Trouble::none());
    let answer = sandbox
        .run(&["tokens", "revoke", &lost[1].id, "--json"])
        .succeeded()
        .json();
    assert_eq!(answer["revoked"][0]["name"], lost[1].name);
    assert_eq!(sandbox.tokens(), [in_use.name]);
}

#[test]
fn left_over_tokens_of_a_repository_are_revoked_with_the_password() {
    let sandbox = Sandbox::with_condarc(CONDARC);
    sandbox.sign_in_to_repository(&[]);
    let lost = sandbox.practice.repository_tokens().remove(0);
    lose_home(&sandbox);
    sandbox.sign_in_to_repository(&[]);
    let words = |more: &[&'static str]| [&["tokens"], more, &["--password-stdin", "--json"]].concat();
    let found = sandbox
        .run_with_input(&words(&["left-over"]), "sextant\n")
        .succeeded()
        .json();
    let found = found["tokens"].as_array().unwrap();
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0]["name"], lost.name);
    let mut words = vec!["tokens", "revoke", lost.name.as_str()];
    words.extend(["--password-stdin", "--json"]);
    sandbox.run_with_input(&words, "sextant\n").succeeded();
    let left = sandbox.practice.repository_tokens();
    assert_eq!(left.len(), 1);
    assert_ne!(left[0].name, lost.name);
}

#[test]
fn the_days_of_a_token_are_counted_by_the_server_that_shortened_it() {
    let sandbox = Sandbox::with(Options {
        max_token_days: Some(3),
        ..Options::default()
    });
    sandbox.sign_in(&[]);
    let token = list(&sandbox).remove(0);
    assert!(token["days_left"].as_i64().unwrap() <= 3, "{token}");
    sandbox.practice.advance_clock(Duration::from_secs(4 * 86_400));
    // The renewal is refused by nothing: the session is what counts.
    sandbox.practice.expire_sessions();
    let words = ["tokens", "renew", "--password-stdin", "--json"];
    sandbox.run_with_input(&words, "sextant\n").succeeded();
}
