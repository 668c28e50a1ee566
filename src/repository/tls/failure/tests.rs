use super::*;
use crate::repository::{PublicKey, Signature};

fn certificate(subject: &str, issuer: &str) -> Certificate {
    Certificate {
        subject: format!("CN={subject}"),
        issuer: format!("CN={issuer}, O=Example"),
        valid_from: "2024-01-01T00:00:00Z".parse().unwrap(),
        valid_until: "2026-01-01T00:00:00Z".parse().unwrap(),
        names: vec![subject.to_owned()],
        more_names: 0,
        fingerprint: Fingerprint::of(subject.as_bytes()),
        self_issued: subject == issuer,
        is_authority: false,
        key: PublicKey::Ec { bits: 256 },
        signature: Signature::known_as("1.2.840.10045.4.3.2"),
    }
}

fn refused(reason: TlsReason, chain: Vec<Certificate>) -> TlsFailure {
    TlsFailure::new("repo.example.com".to_owned(), reason, chain)
}

#[test]
fn the_names_of_an_unknown_issuer_choose_the_words() {
    let unknown = |chain: &[(&str, &str)]| {
        let chain = chain.iter().map(|(subject, issuer)| certificate(subject, issuer));
        refused(TlsReason::UnknownIssuer, chain.collect())
    };
    for (chain, inspected, part) in [
        (
            &[(
                "repo.example.com",
                "Zscaler Intermediate Root CA (zscalertwo.net)",
            )][..],
            true,
            "inspect the connection: the certificate is one that Zscaler makes",
        ),
        (
            &[
                ("repo.example.com", "Example Corp CA"),
                ("Example Corp CA", "Example Corp CA"),
            ],
            true,
            "inspect the connection, or the authority is your organisation's own",
        ),
        (
            &[("repo.example.com", "Example Corp CA")],
            true,
            "an intermediate certificate may be missing on the server",
        ),
        (
            &[("repo.example.com", "DigiCert Global G2 TLS RSA SHA256 2020 CA1")],
            false,
            "does not send the intermediate certificate",
        ),
        // A root of that name that this computer does not know is somebody else's.
        (
            &[("repo.example.com", "DigiCert"), ("DigiCert", "DigiCert")],
            true,
            "A proxy of your organisation may inspect the connection",
        ),
    ] {
        let failure = unknown(chain);
        assert_eq!(failure.may_be_inspected(), inspected, "{chain:?}");
        let problem = failure.explain();
        assert!(problem.cause.as_ref().unwrap().contains(part), "{problem:?}");
        let remedy = problem.remedy.unwrap();
        assert!(remedy.contains("CA file"), "{remedy}");
        assert_eq!(remedy.contains("trust store"), inspected, "{remedy}");
    }
    let mut failure = unknown(&[("repo.example.com", "Example Corp CA")]);
    failure.proxy = Some("http://proxy:3128".to_owned());
    assert!(
        failure
            .explain()
            .cause
            .unwrap()
            .contains("such as http://proxy:3128 on the way")
    );
}

#[test]
fn a_wrong_clock_is_blamed_only_when_it_explains_the_dates() {
    let time = |text: &str| -> Timestamp { text.parse().unwrap() };
    let asked = |reason: TlsReason, there: &str| {
        let mut failure = refused(reason, vec![certificate("repo.example.com", "Example Corp CA")]);
        failure.compare_clocks(Clocks {
            here: time("2031-05-01T10:00:00Z"),
            there: time(there),
        });
        failure
    };
    let failure = asked(TlsReason::Expired, "2025-05-01T10:00:00Z");
    let problem = failure.explain();
    assert_eq!(
        problem.cause.unwrap(),
        "The clock of this computer is wrong: it says 2031-05-01 10:00 UTC, and the server says 2025-05-01 10:00 UTC, \
         when the certificate is valid"
    );
    assert!(problem.remedy.unwrap().contains("date and time"));
    // By the server's clock it has expired too.
    assert_eq!(asked(TlsReason::Expired, "2026-05-01T10:00:00Z").clocks, None);
    assert_eq!(asked(TlsReason::WrongName, "2025-05-01T10:00:00Z").clocks, None);
}

#[test]
fn every_refusal_has_a_remedy() {
    let detail = || "detail".to_owned();
    for reason in [
        TlsReason::Expired,
        TlsReason::NotYetValid,
        TlsReason::SelfSigned,
        TlsReason::WrongName,
        TlsReason::UnknownIssuer,
        TlsReason::Revoked,
        TlsReason::OtherThanPinned {
            pinned: Fingerprint::of(b""),
            trusted_otherwise: true,
        },
        TlsReason::WantsClientCertificate,
        TlsReason::RefusedClientCertificate { detail: detail() },
        TlsReason::NoTrustStore,
        TlsReason::NotTls,
        TlsReason::Handshake { detail: detail() },
        TlsReason::Other { detail: detail() },
    ] {
        for chain in [Vec::new(), vec![certificate("a", "b")]] {
            let problem = refused(reason.clone(), chain).explain();
            assert_eq!(problem.kind, Kind::Tls);
            assert!(problem.remedy.is_some_and(|remedy| !remedy.is_empty()));
        }
    }
}
