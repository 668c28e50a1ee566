//! One repository service at a time: replacing one by another in one change, and the logins that other programs made.

#[path = "support/sandbox.rs"]
mod sandbox;

use std::fs;
use std::path::PathBuf;

use sandbox::Sandbox;
use serde_json::json;
use sextant::practice::{Site, Trouble};

const CONDARC: &str = "# mine\nchannels:\n  - conda-forge # fast\ndefault_channels:\n  - https://repo.anaconda.com/pkgs/main\nssl_verify: true\n";

#[test]
fn another_repository_service_is_in_the_way_until_it_may_be_replaced() {
    let sandbox = Sandbox::with_condarc(CONDARC);
    sandbox.sign_in(&["--add-to-channels", "research"]);
    let before = sandbox.listing();
    let base = sandbox.cloud_base();
    let words = ["sign-in", "cloud", "--token-stdin", "--url", &base, "--json"];
    let ran = sandbox.run_with_input(&words, &sandbox.cloud_token());
    assert_eq!(ran.failed(), "conflict");
    assert!(ran.out.contains("--replace"), "{ran:?}");
    // To go without questions is not to agree to a sign-out.
    let ran = sandbox.run_with_input(&[&words[..], &["--yes"]].concat(), &sandbox.cloud_token());
    assert_eq!(ran.failed(), "conflict");
    assert_eq!((sandbox.listing(), sandbox.tokens().len()), (before, 1));
}

#[test]
fn a_service_takes_the_place_of_another_in_one_change() {
    let sandbox = Sandbox::with_condarc(CONDARC);
    sandbox.sign_in(&["--add-to-channels", "research"]);
    let server = sandbox.practice.url().to_owned();

    let to_cloud = sandbox.sign_in_to_cloud(&["--replace"]).json();
    assert_eq!(
        to_cloud["ended"],
        json!([{"service": "server", "domain": server, "token_revoked": true}])
    );
    assert!(sandbox.tokens().is_empty());
    let condarc = sandbox.read(".condarc");
    assert!(
        !condarc.contains("research") && !condarc.contains("channel_alias"),
        "{condarc}"
    );
    assert!(!sandbox.token_file(&format!("{server}/api")).exists());

    let to_repository = sandbox.sign_in_to_repository(&["--replace"]).json();
    assert_eq!(to_repository["ended"][0]["service"], "cloud");
    assert_eq!(
        to_repository["ended"][0]["token_revoked"],
        json!(null),
        "it is the person's own"
    );

    let to_server = sandbox.sign_in(&["--replace"]).json();
    assert_eq!(to_server["ended"][0]["service"], "repository");
    assert!(sandbox.practice.repository_tokens().is_empty());
    assert_eq!(sandbox.connected(), [("server".to_owned(), server)]);
    // One change each, and the first state comes back in the end.
    let history = sandbox.run(&["history", "--json"]).json();
    assert_eq!(history["entries"].as_array().unwrap().len(), 4);
    sandbox.run(&["sign-out", "--json"]).succeeded();
    assert_eq!(sandbox.read(".condarc"), CONDARC);
    assert!(sandbox.tokens().is_empty() && sandbox.connected().is_empty());
}

#[test]
fn the_same_service_may_be_replaced_by_itself() {
    let sandbox = Sandbox::with_condarc(CONDARC);
    sandbox.sign_in(&[]);
    let first = sandbox.tokens();
    sandbox.sign_in(&["--replace", "--add-to-channels", "main"]);
    let second = sandbox.tokens();
    assert_eq!(second.len(), 1);
    assert_ne!(first, second);
    sandbox.run(&["sign-out", "--json"]).succeeded();
    assert_eq!(sandbox.read(".condarc"), CONDARC);
}

#[test]
fn a_dry_run_shows_what_ends_and_changes_nothing() {
    let sandbox = Sandbox::with_condarc(CONDARC);
    sandbox.sign_in(&[]);
    let before = sandbox.listing();
    let base = sandbox.cloud_base();
    let words = [
        "sign-in",
        "cloud",
        "--token-stdin",
        "--url",
        &base,
        "--replace",
        "--dry-run",
    ];
    let ran = sandbox
        .run_with_input(&[&words[..], &["--json"]].concat(), &sandbox.cloud_token())
        .succeeded();
    let answer = ran.json();
    assert_eq!(answer["ended"][0]["service"], "server");
    assert_eq!(answer["plan"]["ends"][0]["revokes"], sandbox.tokens()[0]);
    let ran = sandbox.run_with_input(&words, &sandbox.cloud_token()).succeeded();
    assert!(
        ran.out
            .contains(&format!("sign out of {} as alice", sandbox.practice.url())),
        "{ran:?}"
    );
    assert_eq!((sandbox.listing(), sandbox.tokens().len()), (before, 1));
}

#[test]
fn a_server_that_is_gone_keeps_nobody_from_leaving_it() {
    let sandbox = Sandbox::with_condarc(CONDARC);
    sandbox.sign_in(&[]);
    sandbox
        .practice
        .set_trouble(Trouble::status(503).only_site(Site::Server));
    let answer = sandbox.sign_in_to_cloud(&["--replace"]).json();
    assert_eq!(answer["ended"][0]["token_revoked"], false);
    sandbox.practice.set_trouble(Trouble::none());
    sandbox.run(&["recover", "--json"]).succeeded();
    assert!(sandbox.tokens().is_empty());
}

/// A home in which conda-repo-cli is logged in to the practice server, as it writes its files itself.
fn logged_in_by_repo_cli() -> (Sandbox, Vec<PathBuf>) {
    let sandbox = Sandbox::with_condarc(CONDARC);
    sandbox.sign_in(&[]);
    let value = sandbox.practice.tokens()[0].value.expose().to_owned();
    for folder in [".local", ".config", ".continuum", ".anaconda"] {
        let _ = fs::remove_dir_all(sandbox.home().join(folder));
    }
    sandbox.write(".condarc", CONDARC);
    let url = sandbox.practice.url().to_owned();
    sandbox.write(
        ".conda/repo-cli-config.yaml",
        format!("default_site: practice\nsites:\n  practice: {{url: {url}/api}}\n"),
    );
    let files = ["/api", "/api/repo"].map(|path| sandbox.token_file(&format!("{url}{path}")));
    for file in &files {
        sandbox.write(file, &value);
    }
    sandbox.practice.forget_requests();
    (sandbox, files.to_vec())
}

#[test]
fn a_login_of_another_program_is_shown_and_signed_out_of() {
    let (sandbox, files) = logged_in_by_repo_cli();
    let status = sandbox.run(&["status", "--json"]).succeeded().json();
    let found = &status["connections"][0];
    assert_eq!(
        (&found["service"], &found["origin"]),
        (&json!("server"), &json!("conda-repo-cli"))
    );
    let text = sandbox.run(&["status"]).succeeded();
    assert!(text.out.contains("by conda-repo-cli"), "{text:?}");
    assert!(sandbox.practice.requests().is_empty(), "no network");

    let shown = sandbox.run(&["sign-out", "--dry-run"]).succeeded();
    assert!(
        shown.err.contains("this also ends the login of conda-repo-cli"),
        "{shown:?}"
    );
    assert!(files[0].exists());
    let answer = sandbox.run(&["sign-out", "--json"]).succeeded().json();
    assert_eq!(answer["ended_logins"][0]["program"], "conda-repo-cli");
    assert_eq!(
        (&answer["token_revoked"], &answer["token"]),
        (&json!(false), &json!("kept"))
    );
    assert!(!files.iter().any(|file| file.exists()));
    assert_eq!(sandbox.tokens().len(), 1, "it is not Sextant's to revoke");
    assert_eq!(sandbox.read(".condarc"), CONDARC);
}

#[test]
fn a_login_of_another_program_is_taken_over_with_channels() {
    let (sandbox, files) = logged_in_by_repo_cli();
    let unknown = sandbox.run(&["take-over", "server", "--add-to-channels", "no-such", "--json"]);
    assert_eq!(unknown.failed(), "usage");
    let answer = sandbox
        .run(&[
            "take-over",
            "server",
            "--add-to-channels",
            "research/gpu",
            "--json",
        ])
        .succeeded()
        .json();
    assert_eq!(answer["token"]["name"], json!(null));
    assert!(sandbox.read(".condarc").contains("- research/gpu"));
    assert_eq!(sandbox.tokens().len(), 1, "no token was made");
    let connected = sandbox.run(&["status", "--json"]).json();
    assert_eq!(connected["connections"].as_array().unwrap().len(), 1);
    assert_eq!(connected["connections"][0]["origin"], "conda-repo-cli");
    sandbox.run(&["sign-out", "--json"]).succeeded();
    assert_eq!(sandbox.read(".condarc"), CONDARC);
    assert!(!files.iter().any(|file| file.exists()));
    assert_eq!(
        sandbox.run(&["take-over", "cloud", "--json"]).failed(),
        "conflict"
    );
}
