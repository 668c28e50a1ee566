//! Whom Sextant trusts for a server, and how it gets there, from the command line.

#[path = "support/guarded_proxy.rs"]
mod guarded_proxy;
#[path = "support/sandbox.rs"]
mod sandbox;

use std::fs;

use guarded_proxy::{GuardedProxy, PASSWORD, USER};
use sandbox::Sandbox;
use serde_json::json;
use sextant::practice::{Options, Tls};

fn with_tls(tls: Tls) -> Sandbox {
    Sandbox::with(Options {
        tls,
        ..Options::default()
    })
}

/// The words that tell the program who may use the proxy; the password comes on standard input.
fn proxy_words(proxy: &GuardedProxy) -> [&str; 7] {
    let address = proxy.address();
    [
        "proxy",
        "log-in",
        address,
        "--username",
        USER,
        "--password-stdin",
        "--json",
    ]
}

#[test]
fn a_certificate_is_shown_whether_or_not_it_is_accepted() {
    for (tls, word) in [
        (Tls::SelfSigned, "signed itself"),
        (Tls::Expired, "expired"),
        (Tls::WrongHost, "not for localhost"),
        (Tls::UnknownIssuer, "issued by"),
    ] {
        let sandbox = with_tls(tls);
        let ca_file = sandbox.practice.ca_file().map(|path| path.display().to_string());
        let mut words = vec!["trust", "certificate", sandbox.practice.url(), "--json"];
        if let Some(ca_file) = &ca_file {
            words.extend(["--ca-file", ca_file]);
        }
        let answer = sandbox.run(&words).succeeded().json();
        assert_eq!(answer["accepted"], false);
        let message = answer["refused_because"]["message"].as_str().unwrap();
        assert!(message.contains(word), "{tls:?}: {message}");
        let certificate = &answer["certificate"];
        assert_eq!(certificate["sha256"].as_str().unwrap().len(), 95);
        for key in ["subject", "issuer", "valid_from", "valid_until"] {
            assert!(
                certificate[key].as_str().is_some_and(|text| !text.is_empty()),
                "{key}: {answer}"
            );
        }
        assert_eq!(answer["chain"][0], *certificate);
        let text = sandbox.run(&words[..3]).succeeded();
        assert!(
            text.out.contains(certificate["sha256"].as_str().unwrap()),
            "{text:?}"
        );
    }
    let sandbox = with_tls(Tls::Valid);
    let ca_file = sandbox.practice.ca_file().unwrap().display().to_string();
    let url = sandbox.practice.url();
    let answer = sandbox
        .run(&["trust", "certificate", url, "--ca-file", &ca_file, "--json"])
        .succeeded()
        .json();
    assert_eq!(
        (&answer["accepted"], &answer["refused_because"]),
        (&json!(true), &json!(null))
    );
    assert!(
        answer["certificate"]["names"]
            .as_array()
            .unwrap()
            .contains(&json!("localhost"))
    );
    assert!(
        sandbox.practice.requests().is_empty(),
        "it is looked at, not asked"
    );

    let plain = Sandbox::new();
    let ran = plain.run(&["trust", "certificate", plain.practice.url(), "--json"]);
    assert_eq!(ran.failed(), "usage");
    let nobody = plain.run(&["trust", "certificate", "https://127.0.0.1:9", "--json"]);
    assert_eq!(nobody.failed(), "network");
}

#[test]
fn a_certificate_is_pinned_after_a_look_and_the_pin_is_given_up_again() {
    let sandbox = with_tls(Tls::SelfSigned);
    let url = sandbox.practice.url().to_owned();
    let check = || sandbox.run(&["domain", "check", &url, "--json"]);
    assert_eq!(check().failed(), "tls");
    assert!(
        check().out.contains("sextant trust set"),
        "the remedy is a command"
    );
    let seen = sandbox.run(&["trust", "certificate", &url, "--json"]).json();
    let pin = seen["certificate"]["sha256"].as_str().unwrap().to_owned();

    let shown = sandbox
        .run(&["trust", "set", &url, "--pin", &pin, "--dry-run", "--json"])
        .succeeded()
        .json();
    assert_eq!(shown["plan"]["before"]["pinned_certificate"], json!(null));
    assert_eq!(shown["plan"]["after"]["pinned_certificate"], pin);
    assert_eq!(check().failed(), "tls", "a dry run decides nothing");

    let answer = sandbox
        .run(&["trust", "set", &url, "--pin", &pin, "--json"])
        .succeeded()
        .json();
    assert_eq!(answer["pinned_certificate"], pin);
    assert_eq!(answer["way"]["trust"][0]["kind"], "pinned");
    check().succeeded();
    sandbox.sign_in(&[]);
    sandbox.run(&["sign-out", "--json"]).succeeded();
    let text = sandbox.run(&["trust", "show", &url]).succeeded();
    assert!(text.out.contains(&pin), "{text:?}");

    let forgotten = sandbox
        .run(&["trust", "forget", &url, "--json"])
        .succeeded()
        .json();
    assert_eq!(forgotten["pinned_certificate"], json!(null));
    assert_eq!(check().failed(), "tls");
    assert!(!sandbox.home().join(".config/sextant/trust.toml").exists());
}

#[test]
fn a_ca_file_is_trusted_from_then_on_wherever_commands_are_given() {
    let sandbox = with_tls(Tls::Valid);
    let url = sandbox.practice.url().to_owned();
    fs::copy(
        sandbox.practice.ca_file().unwrap(),
        sandbox.home().join("corp.pem"),
    )
    .unwrap();
    let whole = sandbox.home().join("corp.pem").display().to_string();
    let answer = sandbox
        .run(&["trust", "set", &url, "--ca-file", "corp.pem", "--json"])
        .succeeded()
        .json();
    assert_eq!(answer["ca_file"], whole);
    sandbox.run(&["domain", "check", &url, "--json"]).succeeded();
    sandbox.sign_in(&[]);
    let shown = sandbox.run(&["trust", "show", &url, "--json"]).succeeded().json();
    assert_eq!(shown["ca_file"], whole);
    assert_eq!(shown["way"]["proxy"], json!(null));
    let trusted = shown["way"]["trust"].as_array().unwrap();
    assert!(trusted.iter().any(|who| who["path"] == whole.as_str()), "{shown}");
    sandbox.run(&["sign-out", "--json"]).succeeded();
}

#[test]
fn what_cannot_be_trusted_is_refused_before_it_is_decided() {
    let sandbox = Sandbox::new();
    sandbox.write("no.pem", "nothing of the kind");
    let url = "https://repo.example.com";
    for (words, kind) in [
        (&["--ca-file", "missing.pem"][..], "usage"),
        (&["--ca-file", "no.pem"], "tls"),
        (&["--pin", "AB:CD"], "usage"),
        (&["--client-certificate", "no.pem"], "tls"),
        (&["--client-key", "no.pem"], "usage"),
        (&[], "usage"),
    ] {
        let ran = sandbox.run(&[&["trust", "set", url, "--json"], words].concat());
        assert_eq!(ran.failed(), kind, "{words:?}: {ran:?}");
    }
    assert!(!sandbox.home().join(".config/sextant/trust.toml").exists());
    let shown = sandbox.run(&["trust", "show", url, "--json"]).succeeded().json();
    assert_eq!(
        (&shown["ca_file"], &shown["client_certificate"]),
        (&json!(null), &json!(null))
    );
}

fn behind_proxy() -> (Sandbox, GuardedProxy) {
    let sandbox = Sandbox::new();
    let proxy = GuardedProxy::start();
    sandbox.write(".condarc", proxy.condarc());
    (sandbox, proxy)
}

#[test]
fn a_proxy_that_wants_a_login_is_told_with_the_command_and_passed_after_it() {
    let (sandbox, proxy) = behind_proxy();
    let condarc = sandbox.read(".condarc");
    let url = sandbox.practice.url().to_owned();
    for ran in [
        sandbox.run(&["domain", "check", &url, "--json"]),
        sandbox.run_with_input(&sandbox.sign_in_words(&[]), "sextant\n"),
        sandbox.run_with_input(&sandbox.repository_words(&[]), "sextant\n"),
    ] {
        assert_eq!(ran.failed(), "auth");
        let remedy = ran.json()["error"]["remedy"].as_str().unwrap().to_owned();
        let command = format!(
            "sextant proxy log-in {} --username NAME --password-stdin",
            proxy.address()
        );
        assert_eq!(remedy, command);
    }
    assert!(sandbox.practice.requests().is_empty());

    let words = proxy_words(&proxy);
    sandbox
        .run_with_input(&[&words[..], &["--dry-run"]].concat(), PASSWORD)
        .succeeded();
    assert_eq!(sandbox.run(&["domain", "check", &url, "--json"]).failed(), "auth");
    let answer = sandbox
        .run_with_input(&words, &format!("{PASSWORD}\n"))
        .succeeded();
    assert_eq!(answer.json(), json!({"proxy": proxy.address(), "user": USER}));
    sandbox.run(&["domain", "check", &url, "--json"]).succeeded();
    sandbox.sign_in(&[]);
    let shown = sandbox.run(&["trust", "show", &url, "--json"]).succeeded().json();
    assert_eq!(shown["way"]["proxy"]["user"], USER);
    sandbox.run(&["sign-out", "--json"]).succeeded();
    assert_eq!(sandbox.read(".condarc"), condarc);
    assert!(
        proxy
            .seen()
            .iter()
            .any(|(line, is_in)| *is_in && line.starts_with("POST http://"))
    );

    sandbox
        .run(&["proxy", "forget", proxy.address(), "--json"])
        .succeeded();
    assert_eq!(sandbox.run(&["domain", "check", &url, "--json"]).failed(), "auth");
    assert!(!sandbox.data().join("credentials.json").exists());
}

#[test]
fn a_wrong_login_is_said_and_a_password_in_the_address_refused() {
    let (sandbox, proxy) = behind_proxy();
    let words = proxy_words(&proxy);
    sandbox.run_with_input(&words, "canary-wrong\n").succeeded();
    let ran = sandbox.run(&["domain", "check", sandbox.practice.url(), "--json"]);
    assert_eq!(ran.failed(), "auth");
    assert!(
        ran.out.contains("does not accept") && !ran.out.contains("canary"),
        "{ran:?}"
    );
    for address in [
        "al:canary@proxy:3128",
        "http://al:canary/x@proxy:3128",
        "socks5://proxy:1",
    ] {
        let ran = sandbox.run(&["proxy", "log-in", address, "--username", "al", "--json"]);
        assert_eq!(ran.failed(), "usage", "{address}");
        assert!(
            !ran.out.contains("canary") && !ran.err.contains("canary"),
            "{ran:?}"
        );
    }
    let without = sandbox.run(&["proxy", "log-in", "proxy:3128", "--username", "al", "--json"]);
    assert_eq!(without.failed(), "usage");
}
