use std::time::Duration;

use super::*;
use crate::error::Kind;
use crate::repository::{Outcome, ProxyError, Step};
use crate::screen::dialog_trial::{press, shows, type_into};

fn typed(screen: &mut SetDomain, words: &str) {
    if let Some(message) = type_into(screen.view(), "domain", words) {
        screen.update(message);
    }
}

fn pressed(screen: &mut SetDomain, label: &str) -> Vec<Action> {
    let messages = press(screen.view(), label);
    messages
        .into_iter()
        .map(|message| screen.update(message))
        .collect()
}

fn domain() -> Domain {
    Domain::parse("https://repo.example.com").unwrap()
}

fn running() -> (SetDomain, Key) {
    let mut screen = SetDomain::new(Wanted::Server, "repo.example.com", None);
    let Action::Check { key, .. } = screen.update(Message::SetPressed) else {
        panic!("no check");
    };
    (screen, key)
}

#[test]
fn nothing_can_be_set_before_something_was_typed() {
    let mut screen = SetDomain::new(Wanted::Server, "", None);
    assert!(pressed(&mut screen, "Set Domain").is_empty());
}

#[test]
fn what_the_text_became_is_shown_and_checked() {
    let mut screen = SetDomain::new(
        Wanted::Server,
        "https://repo.example.com/api/repo/t/abc123/mai",
        None,
    );
    assert!(shows(screen.view(), "using https://repo.example.com"));
    let actions = pressed(&mut screen, "Set Domain");
    assert!(
        matches!(&actions[..], [Action::Check { domain: found, ca_file: None, .. }] if *found == domain())
    );
}

#[test]
fn typing_takes_the_error_away() {
    let mut screen = SetDomain::new(Wanted::Server, "ftp://repo.example.com", None);
    assert_eq!(pressed(&mut screen, "Set Domain"), [Action::None]);
    let error = "ftp:// is not the address of a web server. Use an address that begins with https://";
    assert!(shows(screen.view(), error));
    typed(&mut screen, "x");
    assert!(!shows(screen.view(), error));
}

#[test]
fn plain_http_is_warned_about() {
    let screen = SetDomain::new(Wanted::Server, "http://repo.example.com", None);
    assert!(shows(
        screen.view(),
        "using http://repo.example.com: not encrypted, password and token can be read on the way"
    ));
}

#[test]
fn steps_are_shown_as_they_end_and_stale_ones_dropped() {
    let (mut screen, key) = running();
    let done = CheckStep {
        step: Step::Proxy,
        outcome: Outcome::Skipped,
    };
    screen.update(Message::Stepped {
        key: Key::fresh(),
        step: done.clone(),
    });
    assert!(!shows(screen.view(), "no proxy on the way"));
    screen.update(Message::Stepped { key, step: done });
    assert!(shows(screen.view(), "no proxy on the way"));
    assert!(shows(screen.view(), "Server"), "what is still to come");
}

#[test]
fn cancel_ends_the_check_first_and_the_dialog_then() {
    let (mut screen, key) = running();
    assert_eq!(pressed(&mut screen, "Cancel"), [Action::Abort(key)]);
    let late = Message::Ended {
        key,
        result: Err(Problem::new(Kind::Network, "late")),
    };
    assert_eq!(screen.update(late), Action::None);
    assert!(!shows(screen.view(), "Late."));
    assert_eq!(pressed(&mut screen, "Cancel"), [Action::Close]);
}

#[test]
fn a_failure_says_what_why_and_what_to_do() {
    let (mut screen, key) = running();
    let problem = Problem::new(Kind::NotAServer, "this is no server")
        .because("a sign-in page answered")
        .remedy("connect to the company network");
    screen.update(Message::Ended {
        key,
        result: Err(problem),
    });
    for words in [
        "This is no server.",
        "A sign-in page answered.",
        "Connect to the company network.",
    ] {
        assert!(shows(screen.view(), words), "{words}");
    }
}

#[test]
fn a_ca_file_goes_with_the_check() {
    let mut screen = SetDomain::new(Wanted::Server, "repo.example.com", None);
    pressed(&mut screen, "The server uses our own certificate authority");
    screen.update(Message::CaFileTyped(" /etc/ours.pem ".to_owned()));
    let Action::Check { ca_file, .. } = screen.update(Message::SetPressed) else {
        panic!("no check");
    };
    assert_eq!(ca_file, Some(PathBuf::from("/etc/ours.pem")));
}

#[test]
fn the_facts_are_those_of_the_steps() {
    let step = |step, outcome| CheckStep { step, outcome };
    let facts = facts(&[
        step(Step::Tls, Outcome::Skipped),
        step(
            Step::Answer,
            Outcome::Done {
                took: Duration::from_millis(84),
                found: crate::repository::Found::Server(Default::default()),
            },
        ),
    ]);
    assert_eq!(facts, "not encrypted · Anaconda Server · 84 ms");
}

#[test]
fn what_is_pasted_shows_in_no_message() {
    let message = Message::Typed(Typed::new("https://al:hunter2@h/t/tok/x"));
    assert!(!format!("{message:?}").contains("hunter2"));
}

/// The dialog after a check of this domain that failed at one step.
fn failed(wanted: Wanted, error: crate::repository::RepositoryError) -> SetDomain {
    let (mut screen, action) = SetDomain::checking(wanted, "https://repo.example.com", None);
    let Action::Check { key, .. } = action else {
        panic!("it checks at once");
    };
    let problem = error.explain();
    let took = Duration::from_millis(12);
    let step = CheckStep {
        step: Step::Answer,
        outcome: Outcome::Failed { took, error },
    };
    screen.update(Message::Stepped { key, step });
    screen.update(Message::Ended {
        key,
        result: Err(problem),
    });
    screen
}

#[test]
fn a_certificate_that_was_refused_can_be_looked_at() {
    let certificate = crate::repository::Certificate {
        subject: "CN=repo.example.com".to_owned(),
        issuer: "CN=repo.example.com".to_owned(),
        valid_from: "2026-01-05T00:00:00Z".parse().unwrap(),
        valid_until: "2027-01-05T00:00:00Z".parse().unwrap(),
        names: Vec::new(),
        more_names: 0,
        fingerprint: crate::repository::Fingerprint::of(b"a certificate"),
        self_issued: true,
        is_authority: false,
        key: crate::repository::PublicKey::Ec { bits: 256 },
        signature: crate::repository::Signature::known_as("1.2.840.10045.4.3.2"),
    };
    let failure = TlsFailure {
        host: "repo.example.com".to_owned(),
        reason: crate::repository::TlsReason::SelfSigned,
        chain: vec![certificate],
        proxy: None,
        clocks: None,
    };
    let mut screen = failed(Wanted::Server, failure.clone().into());
    assert!(shows(
        screen.view(),
        "repo.example.com has a certificate that it signed itself."
    ));
    let shown = Action::Certificate {
        domain: domain(),
        failure: Box::new(failure.clone()),
    };
    assert_eq!(pressed(&mut screen, "Show the certificate"), [shown]);
    let nothing = TlsFailure {
        chain: Vec::new(),
        ..failure
    };
    let screen = failed(Wanted::Server, nothing.into());
    assert!(!shows(screen.view(), "Show the certificate"));
}

#[test]
fn a_proxy_that_asks_for_a_password_gets_one() {
    let proxy = || "http://proxy.example.com:3128".to_owned();
    let mut screen = failed(Wanted::Server, ProxyError::AuthRequired { proxy: proxy() }.into());
    let asked = Action::Proxy {
        proxy: proxy(),
        refusal: None,
    };
    assert_eq!(pressed(&mut screen, "Log in to the proxy"), [asked]);
    let error = ProxyError::WrongPassword { proxy: proxy() };
    let refused = Action::Proxy {
        proxy: proxy(),
        refusal: Some(error.explain()),
    };
    let mut screen = failed(Wanted::Server, error.into());
    assert_eq!(pressed(&mut screen, "Log in to the proxy"), [refused]);
}

#[test]
fn another_product_is_gone_to() {
    let error = |address: &str, found| crate::repository::RepositoryError::OtherProduct {
        address: address.to_owned(),
        expected: Product::AnacondaServer,
        found,
    };
    for (address, product, label, domain) in [
        (
            "http://repo.example.com:8080/api",
            Product::AnacondaRepository,
            "Use it as an Anaconda Repository",
            "http://repo.example.com:8080",
        ),
        (
            "https://repo.example.com",
            Product::AnacondaServer,
            "Use it as an Anaconda Server",
            "https://repo.example.com",
        ),
        (
            "https://anaconda.org",
            Product::AnacondaOrg,
            "Sign in to Anaconda.org",
            "https://anaconda.org",
        ),
        (
            "https://repo.anaconda.cloud",
            Product::AnacondaCloud,
            "Use a token of your organisation",
            "https://repo.anaconda.cloud",
        ),
    ] {
        let mut screen = failed(Wanted::Server, error(address, product));
        let gone = Action::OtherProduct {
            domain: Domain::parse(domain).unwrap(),
            product,
        };
        assert_eq!(pressed(&mut screen, label), [gone]);
    }
}

#[test]
fn other_failures_offer_nothing_and_typing_takes_an_offer_back() {
    let refused = crate::repository::RepositoryError::Refused {
        address: "https://repo.example.com".to_owned(),
    };
    let mut screen = failed(Wanted::Server, refused);
    assert!(shows(
        screen.view(),
        "Check the port, or ask whether the server is running."
    ));
    assert_eq!(screen.update(Message::OfferPressed), Action::None);
    let proxy = "http://proxy.example.com:3128".to_owned();
    let mut screen = failed(Wanted::Server, ProxyError::AuthRequired { proxy }.into());
    screen.update(Message::Typed(Typed::new("psm.example.com")));
    assert!(!shows(screen.view(), "Log in to the proxy"));
}

#[test]
fn a_repository_is_asked_for_in_its_own_words() {
    let screen = SetDomain::new(Wanted::Repository, "", None);
    for words in ["Anaconda Repository", "Set the domain of your repository"] {
        assert!(shows(screen.view(), words), "{words}");
    }
    for (text, hint, address) in [
        (
            "https://repo.example.com/conda/alice",
            "using https://repo.example.com/api",
            "https://repo.example.com",
        ),
        (
            "https://conda.repo.example.com/alice",
            "using https://api.repo.example.com",
            "https://api.repo.example.com",
        ),
        (
            "http://repo.example.com:8080",
            "using http://repo.example.com:8080/api: not encrypted, password and token can be read on the way",
            "http://repo.example.com:8080",
        ),
    ] {
        let mut screen = SetDomain::new(Wanted::Repository, text, None);
        assert!(shows(screen.view(), hint), "{hint}");
        let Action::Check { wanted, domain, .. } = screen.update(Message::SetPressed) else {
            panic!("no check");
        };
        assert_eq!((wanted, domain.as_str()), (Wanted::Repository, address));
    }
}
