//! Package Security Manager Cloud from the command line.

#[path = "support/sandbox.rs"]
mod sandbox;

use std::fs;

use sandbox::{Sandbox, mode};
use serde_json::json;
use sextant::practice::{Site, TokenState, Trouble};

const CONDARC: &str = "# mine\nchannels:\n  - conda-forge # fast\n  - defaults\nssl_verify: true\n";

/// The words of a sign-in; the token comes on standard input.
fn words<'a>(base: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let mut words = vec!["sign-in", "cloud", "--token-stdin", "--url", base, "--json"];
    words.extend(more);
    words
}

#[test]
fn a_token_opens_the_cloud_and_signing_out_keeps_it() {
    let sandbox = Sandbox::with_condarc(CONDARC);
    let base = sandbox.cloud_base();
    let answer = sandbox.sign_in_to_cloud(&[]).json();
    assert_eq!(answer["service"], "cloud");
    assert_eq!(answer["domain"], sandbox.practice.cloud_url());
    assert_eq!(answer["token"]["name"], json!(null));
    let condarc = sandbox.read(".condarc");
    assert!(
        condarc.starts_with("# mine\nchannels:\n  - conda-forge # fast\n  - defaults\n"),
        "{condarc}"
    );
    for channel in ["main", "r", "msys2"] {
        assert!(condarc.contains(&format!("  - {base}{channel}\n")), "{condarc}");
    }
    let file = sandbox.token_file(&base);
    assert_eq!(fs::read_to_string(&file).unwrap(), sandbox.cloud_token());
    assert_eq!(mode(&file), 0o600);
    assert_eq!(
        sandbox.connected(),
        [("cloud".to_owned(), sandbox.practice.cloud_url().to_owned())]
    );

    let answer = sandbox.run(&["sign-out", "--json"]).succeeded().json();
    assert_eq!(
        (&answer["service"], &answer["token_revoked"]),
        (&json!("cloud"), &json!(false))
    );
    assert_eq!(answer["token"], "kept");
    assert_eq!(sandbox.read(".condarc"), CONDARC);
    assert!(!file.exists());
    let tokens = sandbox.practice.cloud_tokens();
    assert!(
        tokens.iter().any(|token| token.state == TokenState::Valid),
        "it is the person's own"
    );
}

#[test]
fn what_people_paste_is_understood() {
    let base = Sandbox::with_condarc(CONDARC).cloud_base();
    for paste in [
        |token: &str, _: &str| format!("\n  {token} \r\n"),
        |token: &str, base: &str| format!("{}/t/{token}/repo/main\n", base.trim_end_matches("/repo/")),
        |token: &str, _: &str| format!("conda token set {token}\n"),
    ] {
        let sandbox = Sandbox::with_condarc(CONDARC);
        let base_here = sandbox.cloud_base();
        let pasted = paste(&sandbox.cloud_token(), &base_here);
        sandbox
            .run_with_input(&words(&base_here, &["--dry-run"]), &pasted)
            .succeeded();
        assert_eq!(sandbox.read(".condarc"), CONDARC);
    }
    assert!(base.ends_with("/repo/"));
}

#[test]
fn tokens_that_do_not_count_are_refused_and_nothing_is_changed() {
    let sandbox = Sandbox::with_condarc(CONDARC);
    let before = sandbox.listing();
    let base = sandbox.cloud_base();
    let dead: Vec<String> = sandbox
        .practice
        .cloud_tokens()
        .iter()
        .filter(|token| token.state != TokenState::Valid)
        .map(|token| token.value.expose().to_owned())
        .collect();
    assert_eq!(dead.len(), 2);
    for token in dead {
        let ran = sandbox.run_with_input(&words(&base, &[]), &token);
        assert_eq!(ran.failed(), "auth");
        assert!(!ran.out.contains(&token) && !ran.err.contains(&token), "{ran:?}");
    }
    for (input, kind) in [
        ("", "usage"),
        ("\n\n", "usage"),
        ("<TOKEN>\n", "usage"),
        ("ab_cd\n", "usage"),
        ("abc123\n", "auth"),
    ] {
        let ran = sandbox.run_with_input(&words(&base, &[]), input);
        assert_eq!(ran.failed(), kind, "{input:?}: {ran:?}");
    }
    sandbox
        .practice
        .set_trouble(Trouble::status(503).only_site(Site::Cloud));
    let ran = sandbox.run_with_input(&words(&base, &[]), &sandbox.cloud_token());
    assert_eq!(ran.failed(), "network");
    assert_eq!(sandbox.listing(), before);

    let without = sandbox.run(&["sign-in", "cloud", "--url", &base, "--json"]);
    assert_eq!(without.failed(), "usage");
    assert!(without.out.contains("--token-stdin"), "{without:?}");
}

#[test]
fn a_token_in_the_address_is_refused_without_being_repeated() {
    let sandbox = Sandbox::with_condarc(CONDARC);
    let address = format!("{}/t/canary123/repo/", sandbox.practice.cloud_url());
    let ran = sandbox.run_with_input(&words(&address, &[]), "x\n");
    assert_eq!(ran.failed(), "usage");
    assert!(
        !ran.out.contains("canary123") && !ran.err.contains("canary123"),
        "{ran:?}"
    );
    assert!(sandbox.practice.requests().is_empty());
}

#[test]
fn channels_of_the_organisation_are_written_as_addresses() {
    let sandbox = Sandbox::with_condarc(CONDARC);
    let base = sandbox.cloud_base();
    let answer = sandbox
        .sign_in_to_cloud(&[
            "--add-to-channels",
            "practice-org/models",
            "--add-to-default-channels",
            "practice-org/internal",
        ])
        .json();
    assert_eq!(answer["channels"][0], format!("{base}practice-org/models"));
    let defaults = answer["default_channels"].as_array().unwrap();
    assert_eq!(
        defaults.last().unwrap(),
        &json!(format!("{base}practice-org/internal"))
    );

    // Later choices too: conda would look for a bare name at its channel alias.
    let added = sandbox
        .run(&["channels", "add", "open-data/weather", "--json"])
        .succeeded()
        .json();
    let added = added["channels"].as_array().unwrap();
    assert!(
        added.contains(&json!(format!("{base}open-data/weather"))),
        "{added:?}"
    );
    sandbox
        .run(&["channels", "order", "open-data/weather", "conda-forge", "--json"])
        .succeeded();
    sandbox
        .run(&["channels", "remove", "open-data/weather", "--json"])
        .succeeded();
    sandbox.run(&["sign-out", "--json"]).succeeded();
    assert_eq!(sandbox.read(".condarc"), CONDARC);
}

#[test]
fn a_channel_that_the_token_does_not_open_is_refused() {
    let sandbox = Sandbox::with_condarc(CONDARC);
    let base = sandbox.cloud_base();
    let ran = sandbox.run_with_input(
        &words(
            &base,
            &["--add-to-channels", "main,bobs-lab/notes,practice-org/no-such"],
        ),
        &sandbox.cloud_token(),
    );
    assert_eq!(ran.failed(), "usage");
    let message = ran.json()["error"]["message"].as_str().unwrap().to_owned();
    assert!(
        message.contains("bobs-lab/notes, practice-org/no-such"),
        "{message}"
    );
    assert_eq!(sandbox.read(".condarc"), CONDARC);
}

#[test]
fn the_repository_that_was_named_is_the_one_that_is_asked_later() {
    let sandbox = Sandbox::with_condarc(CONDARC);
    sandbox.sign_in_to_cloud(&[]);
    let available = sandbox
        .run(&["channels", "available", "--json"])
        .succeeded()
        .json();
    assert_eq!(
        available["channels"][0]["url"],
        format!("{}main", sandbox.cloud_base())
    );
    // A token file that another program left for the same repository goes with the sign-in.
    let host = sandbox.token_file(sandbox.practice.cloud_url());
    fs::write(&host, "stale").unwrap();
    sandbox.run(&["sign-out", "--json"]).succeeded();
    assert!(!host.exists());
}

#[test]
fn a_dry_run_asks_about_the_token_and_changes_nothing() {
    let sandbox = Sandbox::with_condarc(CONDARC);
    let before = sandbox.listing();
    let base = sandbox.cloud_base();
    let ran = sandbox
        .run_with_input(&words(&base, &["--dry-run"]), &sandbox.cloud_token())
        .succeeded();
    assert_eq!(ran.json()["dry_run"], true);
    assert!(!ran.out.contains(&sandbox.cloud_token()), "{ran:?}");
    assert_eq!(sandbox.listing(), before);
}
