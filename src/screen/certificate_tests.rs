use iced::keyboard::key::Named;

use super::*;
use crate::error::Kind;
use crate::screen::dialog_trial::{enter_in, key as press_key, press, shows, type_into};

fn leaf() -> Certificate {
    Certificate {
        subject: "CN=psm.example.com, O=Example Corp".to_owned(),
        issuer: "CN=Example Corp CA".to_owned(),
        valid_from: "2026-01-05T00:00:00Z".parse().unwrap(),
        valid_until: "2027-01-05T23:59:59Z".parse().unwrap(),
        names: ["psm.example.com", "10.0.0.7"].map(str::to_owned).to_vec(),
        more_names: 0,
        fingerprint: Fingerprint::of(b"a certificate"),
        self_issued: false,
        is_authority: false,
        key: crate::repository::PublicKey::Ec { bits: 256 },
        signature: crate::repository::Signature::known_as("1.2.840.10045.4.3.2"),
    }
}

fn domain() -> Domain {
    Domain::parse("https://psm.example.com").unwrap()
}

fn failure(reason: TlsReason) -> TlsFailure {
    let authority = Certificate {
        subject: "CN=Example Corp CA".to_owned(),
        issuer: "CN=Example Corp Root".to_owned(),
        names: Vec::new(),
        ..leaf()
    };
    TlsFailure {
        host: "psm.example.com".to_owned(),
        reason,
        chain: vec![leaf(), authority],
        proxy: None,
        clocks: None,
    }
}

fn screen(reason: TlsReason) -> CertificateDialog {
    CertificateDialog::new(domain(), failure(reason))
}

fn pinned(trusted_otherwise: bool) -> TlsReason {
    TlsReason::OtherThanPinned {
        pinned: Fingerprint::of(b"another"),
        trusted_otherwise,
    }
}

fn pressed(screen: &mut CertificateDialog, label: &str) -> Action {
    let messages = press(screen.view(), label);
    assert_eq!(messages.len(), 1, "{label}");
    screen.update(messages.into_iter().next().unwrap())
}

/// The reasons for which nobody here can do anything.
fn of_others() -> [TlsReason; 7] {
    let detail = || "words".to_owned();
    [
        TlsReason::Expired,
        TlsReason::NotYetValid,
        TlsReason::WrongName,
        TlsReason::Revoked,
        TlsReason::WantsClientCertificate,
        TlsReason::RefusedClientCertificate { detail: detail() },
        TlsReason::Handshake { detail: detail() },
    ]
}

#[test]
fn what_the_certificate_says_is_seen() {
    let screen = screen(TlsReason::UnknownIssuer);
    for words in [
        "CN=psm.example.com, O=Example Corp",
        "CN=Example Corp CA",
        "2026-01-05 00:00 UTC",
        "2027-01-05 23:59 UTC",
        "psm.example.com, 10.0.0.7",
        "Example Corp CA, issued by Example Corp Root, valid until 2027-01-05",
        &in_lines(leaf().fingerprint),
    ] {
        assert!(shows(screen.view(), words), "{words}");
    }
}

#[test]
fn a_fingerprint_is_shown_in_four_lines_and_copied_as_one() {
    let mut screen = screen(TlsReason::SelfSigned);
    let shown = in_lines(leaf().fingerprint);
    assert_eq!(
        (shown.lines().count(), shown.lines().next().unwrap().len()),
        (4, 23)
    );
    let action = pressed(&mut screen, "Copy");
    assert_eq!(action, Action::Copy(leaf().fingerprint.to_string()));
    assert!(shows(screen.view(), "Copied"));
}

#[test]
fn a_ca_file_is_used() {
    let mut screen = screen(TlsReason::UnknownIssuer);
    assert!(press(screen.view(), "Use CA file").is_empty(), "none was named");
    let message = type_into(screen.view(), CA_FILE, "/").expect("typed");
    screen.update(message);
    screen.update(Message::CaFileTyped(" /etc/ours.pem ".to_owned()));
    let entered = enter_in(screen.view(), CA_FILE);
    assert!(matches!(&entered[..], [Message::UseCaFilePressed]), "{entered:?}");
    let Action::Decide {
        domain: of,
        decision,
        key,
    } = pressed(&mut screen, "Use CA file")
    else {
        panic!("not used");
    };
    let file = Decision::CaFile(PathBuf::from("/etc/ours.pem"));
    assert_eq!((of, decision), (domain(), file.clone()));
    assert!(shows(screen.view(), "Checking"));
    let action = screen.update(Message::Answered { key, result: Ok(()) });
    assert_eq!(action, Action::Done(file));
}

#[test]
fn a_file_that_is_none_is_said_in_place() {
    let mut screen = screen(TlsReason::SelfSigned);
    screen.update(Message::CaFileTyped("/tmp/notes.txt".to_owned()));
    let Action::Decide { key, .. } = screen.update(Message::UseCaFilePressed) else {
        panic!("not used");
    };
    let problem = Problem::new(Kind::Tls, "the CA file holds no certificate").remedy("choose a PEM file");
    let result = Err(problem);
    assert_eq!(screen.update(Message::Answered { key, result }), Action::None);
    let said = "The CA file holds no certificate. Choose a PEM file.";
    assert!(shows(screen.view(), said));
    screen.update(Message::CaFileTyped("/tmp/other.pem".to_owned()));
    assert!(!shows(screen.view(), said));
}

#[test]
fn a_certificate_is_trusted_only_after_comparing() {
    for reason in [TlsReason::SelfSigned, TlsReason::UnknownIssuer] {
        let mut screen = screen(reason);
        assert!(press(screen.view(), "Trust exactly this certificate").is_empty());
        assert_eq!(screen.update(Message::TrustPressed), Action::None);
        pressed(&mut screen, "I compared the fingerprint");
        let Action::Decide {
            decision,
            domain: of,
            key,
        } = pressed(&mut screen, "Trust exactly this certificate")
        else {
            panic!("not trusted");
        };
        assert_eq!((of, &decision), (domain(), &Decision::Pin(leaf().fingerprint)));
        let action = screen.update(Message::Answered { key, result: Ok(()) });
        assert_eq!(action, Action::Done(decision));
    }
}

#[test]
fn what_is_wrong_in_itself_cannot_be_trusted() {
    for reason in of_others() {
        let mut screen = screen(reason.clone());
        for label in ["Use CA file", "Trust exactly this certificate", "Remove the pin"] {
            assert!(!shows(screen.view(), label), "{reason:?}: {label}");
        }
        screen.update(Message::ComparedToggled(true));
        assert_eq!(screen.update(Message::TrustPressed), Action::None, "{reason:?}");
        let remedy = failure(reason.clone()).explain().remedy.unwrap();
        assert!(shows(screen.view(), &shown::sentence(&remedy)), "{reason:?}");
    }
}

#[test]
fn the_certificate_of_another_host_is_not_pinned_for_the_server() {
    let failure = TlsFailure {
        host: "proxy.example.com".to_owned(),
        ..failure(TlsReason::SelfSigned)
    };
    let screen = CertificateDialog::new(domain(), failure);
    assert!(!shows(screen.view(), "Trust exactly this certificate"));
    assert!(shows(screen.view(), "Use CA file"));
}

#[test]
fn without_a_certificate_there_is_none_to_trust() {
    let failure = TlsFailure {
        chain: Vec::new(),
        ..failure(TlsReason::NotTls)
    };
    let screen = CertificateDialog::new(domain(), failure);
    assert!(shows(screen.view(), "No secure connection to psm.example.com"));
    assert!(!shows(screen.view(), "Trust exactly this certificate"));
    assert!(!shows(screen.view(), "Use CA file"));
}

#[test]
fn another_certificate_than_the_pinned_one_shows_both() {
    let mut screen = screen(pinned(true));
    assert!(shows(screen.view(), &in_lines(Fingerprint::of(b"another"))));
    assert!(shows(
        screen.view(),
        "Without the pin, this computer would trust it."
    ));
    assert!(press(screen.view(), "Remove the pin").is_empty());
    pressed(&mut screen, "I compared the fingerprint");
    let Action::Decide { decision, key, .. } = pressed(&mut screen, "Remove the pin") else {
        panic!("not removed");
    };
    assert_eq!(decision, Decision::RemovePin);
    let problem = Problem::new(Kind::File, "trust.toml is damaged");
    let result = Err(problem);
    screen.update(Message::Answered { key, result });
    assert!(shows(screen.view(), "trust.toml is damaged."));
    let action = pressed(&mut screen, "Trust exactly this certificate");
    assert!(
        matches!(
            &action,
            Action::Decide {
                decision: Decision::Pin(_),
                ..
            }
        ),
        "{action:?}"
    );
}

#[test]
fn a_pin_that_is_needed_is_not_removed() {
    let screen = screen(pinned(false));
    assert!(!shows(screen.view(), "Remove the pin"));
    assert!(shows(screen.view(), "Trust exactly this certificate"));
}

#[test]
fn enter_and_escape_trust_nothing() {
    let mut screen = screen(TlsReason::SelfSigned);
    screen.update(Message::ComparedToggled(true));
    for key in [Named::Enter, Named::Escape] {
        let messages = press_key(screen.view(), key);
        assert!(matches!(&messages[..], [Message::ClosePressed]), "{messages:?}");
    }
    assert_eq!(pressed(&mut screen, "Close"), Action::Close);
}

#[test]
fn cancel_aborts_first_and_late_answers_are_dropped() {
    let mut screen = screen(TlsReason::SelfSigned);
    screen.update(Message::ComparedToggled(true));
    let Action::Decide { key, .. } = screen.update(Message::TrustPressed) else {
        panic!("not trusted");
    };
    assert_eq!(screen.update(Message::TrustPressed), Action::None, "not twice");
    assert_eq!(pressed(&mut screen, "Cancel"), Action::Abort(key));
    let late = screen.update(Message::Answered { key, result: Ok(()) });
    assert_eq!(late, Action::None);
}
