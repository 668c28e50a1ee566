//! Which certificates are accepted, and what is said of the others.

#[path = "support/certificates.rs"]
mod certificates;
#[path = "support/domain_check.rs"]
mod domain_check;
#[path = "support/scripted_server.rs"]
mod scripted_server;

use certificates::{
    Authority, HERE, as_authority, config, der, expired, impostor, not_yet_valid, params, self_signed,
    unchanged,
};
use domain_check::{check, failure, system, trusting};
use rcgen::{CertificateParams, CertifiedIssuer, DnType, KeyPair};
use rustls::ServerConfig;
use rustls::version::{TLS12, TLS13};
use scripted_server::ScriptedServer;
use sextant::error::{Explain, Kind};
use sextant::repository::{
    CaBundle, CaError, ClientCertificate, ClientCertificateError, Domain, Fingerprint, Found, HttpClient,
    HttpSettings, Outcome, Pin, RepositoryError, ServerClient, TlsFailure, TlsReason,
};
use sextant::secret::{Secret, Token};

async fn refused(config: ServerConfig, settings: &HttpSettings) -> TlsFailure {
    let server = ScriptedServer::start_tls(config, system).await;
    let error = failure(&server.url(), settings).await;
    let RepositoryError::Tls(failed) = error else {
        panic!("{error:?}")
    };
    // Every later call is refused for the same reason, before anything is sent.
    let client = ServerClient::new(
        HttpClient::new(settings).unwrap(),
        Domain::parse(&server.url()).unwrap(),
    );
    let later = client.log_in("al", &Secret::new("canary")).await.unwrap_err();
    assert_eq!(later, RepositoryError::Tls(failed.clone()));
    assert!(server.requests().is_empty());
    *failed
}

#[tokio::test]
async fn a_certificate_is_refused_for_what_is_wrong_with_it() {
    let authority = Authority::new();
    let trusted = trusting(&authority.pem());
    let said = |failed: &TlsFailure| {
        let problem = failed.explain();
        assert_eq!(problem.kind, Kind::Tls);
        (problem.message, problem.cause.unwrap_or_default())
    };

    let failed = refused(authority.server(HERE, expired), &trusted).await;
    assert_eq!(failed.reason, TlsReason::Expired);
    assert_eq!(
        said(&failed),
        (
            "the certificate of 127.0.0.1 has expired".into(),
            "psm.example.com was valid until 2020-02-03 00:00 UTC".into()
        )
    );

    let failed = refused(authority.server(HERE, not_yet_valid), &trusted).await;
    assert_eq!(failed.reason, TlsReason::NotYetValid);
    assert_eq!(
        said(&failed).1,
        "psm.example.com becomes valid on 2400-01-01 00:00 UTC; hardly any certificate is made ahead of its time, so the \
         clock of this computer may be behind"
    );

    let failed = refused(
        authority.server(&["psm.example.com", "10.0.0.5"], unchanged),
        &trusted,
    )
    .await;
    assert_eq!(failed.reason, TlsReason::WrongName);
    assert_eq!(
        said(&failed),
        (
            "the certificate that 127.0.0.1 shows is not for 127.0.0.1".into(),
            "It is valid for psm.example.com, 10.0.0.5".into()
        )
    );
    let failed = refused(authority.server(&[], unchanged), &trusted).await;
    assert_eq!(failed.reason, TlsReason::WrongName);
    assert_eq!(said(&failed).1, "It names no server at all in its subjectAltName");

    let failed = refused(authority.server(HERE, unchanged), &HttpSettings::default()).await;
    assert_eq!(failed.reason, TlsReason::UnknownIssuer);
    assert_eq!(
        said(&failed).0,
        "the certificate of 127.0.0.1 was issued by Example Corp Root CA, which this computer does not trust"
    );
    assert_eq!(failed.leaf().unwrap().names, HERE);

    for change in [unchanged, as_authority] {
        let (_, config) = self_signed(HERE, change);
        let failed = refused(config, &HttpSettings::default()).await;
        assert_eq!(failed.reason, TlsReason::SelfSigned);
        assert!(said(&failed).1.starts_with("Its SHA-256 fingerprint is "));
        assert_eq!(failed.leaf().unwrap().fingerprint.to_string().len(), 95);
    }
}

#[tokio::test]
async fn a_missing_intermediate_is_suspected() {
    let authority = Authority::new();
    let mut intermediate = params(&[], as_authority);
    intermediate
        .distinguished_name
        .push(DnType::CommonName, "Example Corp Issuing CA");
    let intermediate =
        CertifiedIssuer::signed_by(intermediate, KeyPair::generate().unwrap(), &authority.0).unwrap();
    let key = KeyPair::generate().unwrap();
    let leaf = params(HERE, unchanged).signed_by(&key, &intermediate).unwrap();
    let trusted = trusting(&authority.pem());

    let failed = refused(config(vec![leaf.der().clone()], &key), &trusted).await;
    assert_eq!(failed.reason, TlsReason::UnknownIssuer);
    let problem = failed.explain();
    assert!(
        problem.message.contains("Example Corp Issuing CA"),
        "{}",
        problem.message
    );
    assert!(
        problem
            .cause
            .unwrap()
            .contains("intermediate certificate may be missing")
    );

    let whole = config(vec![leaf.der().clone(), intermediate.der().clone()], &key);
    let server = ScriptedServer::start_tls(whole, system).await;
    assert!(check(&server.url(), &trusted).await.0.is_ok());
}

#[tokio::test]
async fn the_ca_file_of_an_organisation_is_trusted() {
    let authority = Authority::new();
    let server = ScriptedServer::start_tls(authority.server(HERE, unchanged), system).await;
    let (result, steps) = check(&server.url(), &trusting(&authority.pem())).await;
    result.unwrap();
    let found = steps.iter().find_map(|step| match &step.outcome {
        Outcome::Done {
            found: Found::Tls(facts),
            ..
        } => Some(facts),
        _ => None,
    });
    let facts = found.unwrap();
    let certificate = facts.certificate.as_ref().unwrap();
    assert_eq!(
        (facts.version, certificate.issuer_name()),
        ("TLS 1.3", "Example Corp Root CA")
    );
    assert_eq!(certificate.names, HERE);

    // Calls trust it as the check does.
    let client = HttpClient::new(&trusting(&authority.pem())).unwrap();
    let client = ServerClient::new(client, Domain::parse(&server.url()).unwrap());
    let token = Token::parse("46e98d3d").unwrap();
    assert!(matches!(
        client.account(&token).await.unwrap_err(),
        RepositoryError::MissingField { .. }
    ));
    assert_eq!(
        server.requests().last().unwrap().header("x-auth"),
        Some("46e98d3d")
    );
}

#[tokio::test]
async fn a_self_signed_certificate_is_trusted_only_as_itself() {
    for change in [unchanged, as_authority] {
        let (pem, config) = self_signed(HERE, change);
        let server = ScriptedServer::start_tls(config, system).await;
        assert!(check(&server.url(), &trusting(&pem)).await.0.is_ok());
        let (other, _) = self_signed(HERE, change);
        assert!(check(&server.url(), &trusting(&other)).await.0.is_err());
    }
    // Being in the CA file excuses neither the name nor the date.
    for (names, change, reason) in [
        (
            &["psm.example.com"][..],
            as_authority as fn(&mut CertificateParams),
            TlsReason::WrongName,
        ),
        (
            HERE,
            (|params| {
                as_authority(params);
                expired(params);
            }) as fn(&mut CertificateParams),
            TlsReason::Expired,
        ),
    ] {
        let (pem, config) = self_signed(names, change);
        assert_eq!(refused(config, &trusting(&pem)).await.reason, reason);
    }
}

#[tokio::test]
async fn what_speaks_no_tls_is_named() {
    // An HTTP server at the other end answers a TLS greeting with text.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            use tokio::io::{AsyncReadExt, AsyncWriteExt};
            let _ = stream.read(&mut [0; 1024]).await;
            let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
        }
    });
    let error = failure(&format!("https://{address}"), &HttpSettings::default()).await;
    assert!(
        matches!(&error, RepositoryError::Tls(failed) if failed.reason == TlsReason::NotTls),
        "{error:?}"
    );
}

#[test]
fn a_ca_file_is_read_or_refused() {
    let authority = Authority::new();
    let two = format!("# our CA\n{}\r\n{}", authority.pem(), Authority::new().pem());
    let bundle = CaBundle::from_bytes(two.as_bytes()).unwrap();
    assert_eq!(bundle.certificates().len(), 2);
    assert_eq!(bundle.certificates()[0].subject_name(), "Example Corp Root CA");
    assert_eq!(
        CaBundle::from_bytes(authority.0.der())
            .unwrap()
            .certificates()
            .len(),
        1
    );
    let key = KeyPair::generate().unwrap().serialize_pem();
    for nothing in ["", "hello", &key] {
        assert_eq!(
            CaBundle::from_bytes(nothing.as_bytes()).unwrap_err(),
            CaError::NoCertificate,
            "{nothing}"
        );
    }
    let damaged = authority.pem().replacen("M", "!", 1);
    assert!(matches!(
        CaBundle::from_bytes(damaged.as_bytes()).unwrap_err(),
        CaError::Damaged { .. }
    ));
    let cut = "-----BEGIN CERTIFICATE-----\nMAAA\n-----END CERTIFICATE-----\n";
    assert!(matches!(
        CaBundle::from_bytes(cut.as_bytes()).unwrap_err(),
        CaError::Unusable { number: 1, .. }
    ));
}

fn pinned_to(fingerprint: Fingerprint, settings: HttpSettings) -> HttpSettings {
    HttpSettings {
        pin: Some(Pin::new("127.0.0.1", fingerprint)),
        ..settings
    }
}

#[tokio::test]
async fn a_pinned_certificate_is_accepted_whatever_it_says() {
    for (names, change) in [
        (HERE, unchanged as fn(&mut CertificateParams)),
        (HERE, as_authority),
        (HERE, expired),
        (HERE, not_yet_valid),
        (&["psm.example.com"], unchanged),
        (&[], unchanged),
    ] {
        let (pem, config) = self_signed(names, change);
        let settings = pinned_to(Fingerprint::of(&der(&pem)), HttpSettings::default());
        let server = ScriptedServer::start_tls(config, system).await;
        check(&server.url(), &settings).await.0.unwrap();
        let http = HttpClient::new(&settings).unwrap();
        let client = ServerClient::new(http, Domain::parse(&server.url()).unwrap());
        // Let through, and understood as far as an answer of another kind can be.
        let error = client
            .account(&Token::parse("46e98d3d").unwrap())
            .await
            .unwrap_err();
        assert!(matches!(error, RepositoryError::MissingField { .. }), "{error:?}");
        assert_eq!(server.requests().len(), 2);
    }
}

#[tokio::test]
async fn another_certificate_than_the_pinned_one_is_refused_even_if_it_is_trusted() {
    let authority = Authority::new();
    let pinned = Fingerprint::of(b"the certificate of last year");
    let trusted = pinned_to(pinned, trusting(&authority.pem()));
    let trusted = refused(authority.server(HERE, unchanged), &trusted).await;
    let unknown = pinned_to(pinned, HttpSettings::default());
    let unknown = refused(self_signed(HERE, unchanged).1, &unknown).await;
    for (failed, trusted_otherwise) in [(trusted, true), (unknown, false)] {
        assert_eq!(
            failed.reason,
            TlsReason::OtherThanPinned {
                pinned,
                trusted_otherwise
            }
        );
        let problem = failed.explain();
        assert_eq!(
            problem.message,
            "127.0.0.1 shows another certificate than the one that is pinned for it"
        );
        let cause = problem.cause.unwrap();
        let shown = failed.leaf().unwrap().fingerprint;
        assert!(
            cause.contains(&pinned.to_string()) && cause.contains(&shown.to_string()),
            "{cause}"
        );
        assert_eq!(cause.contains("would trust it"), trusted_otherwise, "{cause}");
        assert!(problem.remedy.unwrap().contains("administrator"));
    }
    // The pin of another server changes nothing here.
    let elsewhere = HttpSettings {
        pin: Some(Pin::new("repo.example.com", pinned)),
        ..trusting(&authority.pem())
    };
    let server = ScriptedServer::start_tls(authority.server(HERE, unchanged), system).await;
    check(&server.url(), &elsewhere).await.0.unwrap();
}

#[tokio::test]
async fn a_copied_certificate_does_not_pass_for_the_pinned_one() {
    let (pem, _) = self_signed(HERE, unchanged);
    let settings = pinned_to(Fingerprint::of(&der(&pem)), HttpSettings::default());
    let failed = refused(impostor(der(&pem)), &settings).await;
    assert_eq!(failed.host, "127.0.0.1");
    assert_eq!(
        failed.explain().cause.as_deref(),
        Some("The server does not hold the key of the certificate that it shows")
    );
}

#[tokio::test]
async fn a_server_for_members_wants_a_client_certificate() {
    let authority = Authority::new();
    let (certificate, key) = authority.client("Alice");
    let (foreign, foreign_key) = Authority::named("Other Corp CA").client("Mallory");
    let with = |certificate: &str, key: &str| HttpSettings {
        client_certificate: Some(
            ClientCertificate::from_pem(certificate.as_bytes(), Some(key.as_bytes())).unwrap(),
        ),
        ..trusting(&authority.pem())
    };
    for versions in [&[&TLS13][..], &[&TLS12]] {
        let config = authority.server_for_members(HERE, versions);
        let server = ScriptedServer::start_tls(config, system).await;
        check(&server.url(), &with(&certificate, &key)).await.0.unwrap();

        let reason = async |settings: &HttpSettings| {
            let error = failure(&server.url(), settings).await;
            let RepositoryError::Tls(failed) = error else {
                panic!("{versions:?}: {error:?}")
            };
            failed.reason
        };
        assert_eq!(
            reason(&trusting(&authority.pem())).await,
            TlsReason::WantsClientCertificate,
            "{versions:?}"
        );
        let refused = reason(&with(&foreign, &foreign_key)).await;
        assert!(
            matches!(refused, TlsReason::RefusedClientCertificate { .. }),
            "{versions:?}: {refused:?}"
        );
    }
}

#[test]
fn a_client_certificate_is_read_or_refused_without_showing_its_key() {
    let authority = Authority::new();
    let (certificate, key) = authority.client("Alice");
    let (_, other_key) = authority.client("Bob");
    let read = |certificate: &str, key: Option<&str>| {
        ClientCertificate::from_pem(certificate.as_bytes(), key.map(str::as_bytes))
    };
    let chain = format!("{certificate}{}", authority.pem());
    for both in [format!("{key}{chain}"), format!("# mine\r\n{chain}{key}")] {
        assert_eq!(read(&both, None).unwrap(), read(&chain, Some(&key)).unwrap());
    }
    let known = read(&chain, Some(&key)).unwrap();
    assert_eq!(known.certificate().subject_name(), "Alice");
    let secret = key.lines().nth(1).unwrap();
    assert!(!format!("{known:?}").contains(secret));

    let encrypted = key.replace("PRIVATE KEY", "ENCRYPTED PRIVATE KEY");
    let old = "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\nAAAA\n\
               -----END RSA PRIVATE KEY-----\n";
    let damaged_key = key.replacen(secret, "!!!", 1);
    let damaged = certificate.replacen(certificate.lines().nth(1).unwrap(), "!!!", 1);
    for (text, key, error) in [
        ("", None, ClientCertificateError::NoCertificate),
        ("\u{30}\u{82}\u{1}", None, ClientCertificateError::NotPem),
        (&key, None, ClientCertificateError::NoCertificate),
        (&certificate, None, ClientCertificateError::NoKey),
        (
            &certificate,
            Some(certificate.as_str()),
            ClientCertificateError::NoKey,
        ),
        (
            &certificate,
            Some(&encrypted),
            ClientCertificateError::EncryptedKey,
        ),
        (&certificate, Some(old), ClientCertificateError::EncryptedKey),
        (&certificate, Some(&other_key), ClientCertificateError::OtherKey),
        (
            &certificate,
            Some(&damaged_key),
            ClientCertificateError::UnusableKey,
        ),
        (
            &damaged,
            Some(&key),
            ClientCertificateError::Damaged {
                detail: "a block is no PEM".into(),
            },
        ),
    ] as [(&str, Option<&str>, ClientCertificateError); 10]
    {
        let found = read(text, key).unwrap_err();
        assert_eq!(found, error);
        let problem = found.explain();
        assert!(problem.remedy.is_some());
        assert!(!format!("{found:?} {problem:?}").contains(secret));
    }
}

#[test]
fn a_whole_store_is_used_as_far_as_it_can_be() {
    let authority = Authority::new();
    let cut = "-----BEGIN CERTIFICATE-----\nMAAA\n-----END CERTIFICATE-----\n";
    let text = format!("{cut}{}{}", authority.pem(), authority.pem());
    let store = CaBundle::from_store(text.as_bytes());
    assert_eq!(store.len(), 2);
    assert!(CaBundle::from_store(b"nothing").is_empty());
    let one = CaBundle::from_bytes(authority.pem().as_bytes()).unwrap();
    assert_eq!(
        CaBundle::together([CaBundle::default(), one.clone(), one.clone()]),
        one
    );
}
