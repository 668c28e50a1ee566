//! Anaconda Repository from the command line.

#[path = "support/sandbox.rs"]
mod sandbox;

use std::fs;

use sandbox::{Sandbox, kerberos_words, mode, password_words};
use serde_json::json;
use sextant::practice::{Acceptor, Effect, Fault, Options, RepositoryLogin, Site, Tls, Trouble};

const CONDARC: &str = "# mine\nchannels:\n  - conda-forge # fast\nssl_verify: true\n";

#[test]
fn a_password_signs_in_with_a_token_for_downloads_and_signing_out_revokes_it() {
    let sandbox = Sandbox::with_condarc(CONDARC);
    let url = sandbox.practice.repository_url().to_owned();
    let answer = sandbox
        .sign_in_to_repository(&["--add-to-channels", "practice-org"])
        .json();
    let tokens = sandbox.practice.repository_tokens();
    let token = &tokens[0];
    assert_eq!(tokens.len(), 1);
    assert_eq!(
        (&answer["service"], &answer["domain"], &answer["user"]),
        (&json!("repository"), &json!(url), &json!("alice"))
    );
    assert_eq!(answer["token"]["name"], token.name);
    assert!(token.name.starts_with("sextant-alice@"), "{}", token.name);
    assert_eq!(token.scopes, ["repos", "conda:download"]);
    let condarc = sandbox.read(".condarc");
    assert!(
        condarc.contains(&format!("channel_alias: {url}/conda")),
        "{condarc}"
    );
    assert!(condarc.contains("  - practice-org\n"), "{condarc}");
    let file = sandbox.token_file(&format!("{url}/api/"));
    assert_eq!(fs::read_to_string(&file).unwrap(), token.value.expose());
    assert_eq!(mode(&file), 0o600);

    let answer = sandbox.run(&["sign-out", "--json"]).succeeded().json();
    assert_eq!(
        (&answer["service"], &answer["token_revoked"]),
        (&json!("repository"), &json!(true))
    );
    assert_eq!(answer["token"], "revoked");
    assert!(sandbox.practice.repository_tokens().is_empty());
    assert_eq!(sandbox.read(".condarc"), CONDARC);
    assert!(!file.exists() && !sandbox.data().join("credentials.json").exists());
}

#[test]
fn scopes_are_chosen_among_those_that_the_server_lists() {
    let sandbox = Sandbox::with_condarc(CONDARC);
    let before = sandbox.listing();
    let ran = sandbox.run_with_input(&sandbox.repository_words(&["--scopes", "repos,fly"]), "sextant\n");
    assert_eq!(ran.failed(), "usage");
    let problem = &ran.json()["error"];
    assert!(problem["message"].as_str().unwrap().contains("fly"), "{problem}");
    assert!(
        problem["remedy"].as_str().unwrap().contains("pypi:upload"),
        "{problem}"
    );
    let none = sandbox.run_with_input(&sandbox.repository_words(&["--scopes", ","]), "sextant\n");
    assert_eq!(none.failed(), "usage");
    assert!(sandbox.practice.repository_tokens().is_empty());
    assert_eq!(sandbox.listing(), before);

    sandbox.sign_in_to_repository(&["--scopes", "api:read,conda, conda"]);
    assert_eq!(
        sandbox.practice.repository_tokens()[0].scopes,
        ["api:read", "conda"]
    );
}

#[test]
fn a_wrong_password_changes_nothing() {
    let sandbox = Sandbox::with_condarc(CONDARC);
    let before = sandbox.listing();
    let ran = sandbox.run_with_input(&sandbox.repository_words(&[]), "canary-wrong\n");
    assert_eq!(ran.failed(), "auth");
    assert!(
        !ran.out.contains("canary") && !ran.err.contains("canary"),
        "{ran:?}"
    );
    assert_eq!(sandbox.listing(), before);
    assert!(!sandbox.data().join("credentials.json").exists());
}

#[test]
fn an_answer_that_never_arrived_leaves_no_token() {
    let sandbox = Sandbox::with_condarc(CONDARC);
    let before = sandbox.listing();
    sandbox.practice.set_trouble(
        Trouble::drop_after_effect_at(1)
            .only_path("/authentications")
            .only_method("POST"),
    );
    let ran = sandbox.run_with_input(&sandbox.repository_words(&[]), "sextant\n");
    assert_eq!(ran.failed(), "network");
    assert_eq!(sandbox.listing(), before);
    assert!(sandbox.practice.repository_tokens().is_empty());
    assert!(!sandbox.data().join("credentials.json").exists());
}

#[test]
fn a_token_that_a_lost_network_left_goes_at_the_next_sign_in() {
    let sandbox = Sandbox::with_condarc(CONDARC);
    // From the lost answer on, nothing gets through.
    sandbox.practice.set_trouble(
        Trouble::fault(Fault::Drop {
            effect: Effect::Performed,
        })
        .only_path("/authentications"),
    );
    let ran = sandbox.run_with_input(&sandbox.repository_words(&[]), "sextant\n");
    assert_eq!(ran.failed(), "network");
    assert!(!sandbox.practice.repository_tokens().is_empty());
    sandbox.practice.set_trouble(Trouble::none());
    let recovered = sandbox.run(&["recover", "--json"]).succeeded().json();
    assert_eq!(
        recovered["waiting"].as_array().unwrap().len(),
        1,
        "its value is not known"
    );
    sandbox.sign_in_to_repository(&[]);
    let recovered = sandbox.run(&["recover", "--json"]).succeeded().json();
    assert!(recovered["waiting"].as_array().unwrap().is_empty());
    let year_long = sandbox.practice.repository_tokens();
    let year_long = year_long
        .iter()
        .filter(|token| token.scopes.contains(&"repos".to_owned()));
    assert_eq!(year_long.count(), 1);
}

#[test]
fn another_product_is_named_with_the_command_for_it() {
    let sandbox = Sandbox::with_condarc(CONDARC);
    let url = sandbox.practice.url();
    let ran = sandbox.run_with_input(&password_words("repository", url, &[]), "sextant\n");
    assert_eq!(ran.failed(), "not-a-server");
    assert!(
        ran.out
            .contains(&format!("sextant sign-in server --domain {url}")),
        "{ran:?}"
    );

    let repository = sandbox.practice.repository_url();
    let ran = sandbox.run_with_input(&password_words("server", repository, &[]), "sextant\n");
    assert_eq!(ran.failed(), "not-a-server");
    assert!(ran.out.contains("sextant sign-in repository --domain"), "{ran:?}");
    assert!(
        sandbox
            .practice
            .requests()
            .iter()
            .all(|request| request.credentials.is_empty()),
        "no password goes to the wrong product"
    );

    let shared = sandbox.run(&[
        "sign-in",
        "repository",
        "--domain",
        "https://anaconda.org",
        "--username",
        "al",
        "--json",
    ]);
    assert_eq!(shared.failed(), "not-a-server");
    assert!(shared.out.contains("sextant sign-in anaconda-org"), "{shared:?}");
}

#[test]
fn the_check_knows_both_products() {
    let sandbox = Sandbox::with_condarc(CONDARC);
    let repository = sandbox.practice.repository_url().to_owned();
    let server = sandbox.practice.url().to_owned();
    let answer = sandbox
        .run(&[
            "domain",
            "check",
            &format!("{repository}/api"),
            "--product",
            "repository",
            "--json",
        ])
        .succeeded()
        .json();
    assert_eq!(
        (&answer["ok"], &answer["product"]),
        (&json!(true), &json!("repository"))
    );
    assert_eq!(answer["api"], format!("{repository}/api"));
    assert!(answer["steps"].as_array().unwrap().len() > 2, "{answer}");

    let wrong = sandbox.run(&["domain", "check", &repository, "--json"]);
    assert_eq!(wrong.failed(), "not-a-server");
    assert!(wrong.out.contains("an Anaconda Repository"), "{wrong:?}");
    let wrong = sandbox.run(&["domain", "check", &server, "--product", "repository", "--json"]);
    assert_eq!(wrong.failed(), "not-a-server");
    assert!(wrong.out.contains("an Anaconda Server"), "{wrong:?}");
    let right = sandbox
        .run(&["domain", "check", &server, "--json"])
        .succeeded()
        .json();
    assert_eq!(right["product"], "server");
}

/// A repository that believes a ticket of the form `ticket:<principal>`.
fn with_kerberos() -> Sandbox {
    Sandbox::with(Options {
        repository_login: RepositoryLogin::Kerberos(Acceptor::new(|_| Err(()))),
        ..Options::default()
    })
}

#[test]
fn kerberos_over_plain_http_has_to_be_accepted() {
    let sandbox = with_kerberos();
    let url = sandbox.practice.repository_url();
    let ran = sandbox.run(&["sign-in", "repository", "--domain", url, "--kerberos", "--json"]);
    assert_eq!((ran.failed().as_str(), ran.code), ("usage", Some(2)));
    assert!(ran.out.contains("--allow-plain-http"), "{ran:?}");
    assert!(sandbox.practice.requests().is_empty(), "nothing was sent");
    let words = ["--allow-plain-http", "--json"];
    let ran = sandbox.run(
        &[
            &["sign-in", "repository", "--domain", url, "--kerberos"],
            &words[..],
        ]
        .concat(),
    );
    assert!(
        ran.err
            .contains("warning: the connection to 127.0.0.1 is not encrypted"),
        "{ran:?}"
    );
    // There is no ticket in this home.
    assert_eq!(ran.failed(), "auth");
    assert!(sandbox.practice.repository_tokens().is_empty());
}

#[test]
fn the_way_in_that_a_repository_does_not_offer_is_said_before_anything_is_sent() {
    let sandbox = with_kerberos();
    let ran = sandbox.run_with_input(&sandbox.repository_words(&[]), "sextant\n");
    assert_eq!(ran.failed(), "auth");
    assert!(ran.out.contains("--kerberos"), "{ran:?}");
    let requests = sandbox.practice.requests_to(Site::Repository);
    assert!(requests.iter().all(|request| request.credentials.is_empty()));

    let sandbox = Sandbox::new();
    let url = sandbox.practice.repository_url();
    let ran = sandbox.run(&kerberos_words(url, &[]));
    assert_eq!(ran.failed(), "auth");
    assert!(ran.out.contains("--username"), "{ran:?}");
}

#[test]
fn a_ca_file_is_remembered_wherever_the_command_was_given() {
    let sandbox = Sandbox::with(Options {
        tls: Tls::Valid,
        ..Options::default()
    });
    let ca_file = sandbox.practice.ca_file().unwrap();
    fs::copy(ca_file, sandbox.home().join("corp.pem")).unwrap();
    sandbox.sign_in_to_repository(&["--ca-file", "corp.pem"]);
    fs::create_dir(sandbox.home().join("elsewhere")).unwrap();
    let mut command = sandbox.command(&["sign-out", "--json"]);
    command.current_dir(sandbox.home().join("elsewhere"));
    let answer = sandbox.start(command).end().succeeded().json();
    assert_eq!(answer["token_revoked"], true);
}

#[test]
fn a_dry_run_shows_the_token_and_makes_none() {
    let sandbox = Sandbox::with_condarc(CONDARC);
    let before = sandbox.listing();
    let answer = sandbox
        .run_with_input(&sandbox.repository_words(&["--dry-run"]), "sextant\n")
        .succeeded()
        .json();
    assert_eq!(
        answer["plan"]["token"]["scopes"],
        json!(["repos", "conda:download"])
    );
    assert!(sandbox.practice.repository_tokens().is_empty());
    assert_eq!(sandbox.listing(), before);
}

#[test]
fn without_a_terminal_nothing_is_asked() {
    let sandbox = Sandbox::with_condarc(CONDARC);
    let url = sandbox.practice.repository_url();
    let ran = sandbox.run(&["sign-in", "repository", "--domain", url, "--json"]);
    assert_eq!(ran.failed(), "usage");
    assert!(
        ran.out.contains("--username") && ran.out.contains("--kerberos"),
        "{ran:?}"
    );
    let both = ["--username", "alice", "--kerberos", "--json"];
    let ran = sandbox.run(&[&["sign-in", "repository", "--domain", url], &both[..]].concat());
    assert_eq!(ran.failed(), "usage");
}
