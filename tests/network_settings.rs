//! How Sextant's own settings, conda's and the environment decide who is trusted.

#[path = "support/certificates.rs"]
mod certificates;
#[path = "support/domain_check.rs"]
mod domain_check;
#[path = "support/network_home.rs"]
mod network_home;
#[path = "support/scripted_server.rs"]
mod scripted_server;

use std::fs;
use std::path::PathBuf;

use certificates::{Authority, HERE, expired, self_signed, unchanged};
use domain_check::system;
use network_home::{Home, check, of, refused};
use rustls::version::TLS13;
use scripted_server::ScriptedServer;
use sextant::error::Explain;
use sextant::repository::TlsReason;
use sextant::service::ServiceError;
use sextant::service::network::TrustShown;
use sextant::service::trust::{ClientFiles, Trust};

const DOMAIN: &str = "https://repo.example.com:8443";

#[tokio::test]
async fn the_authorities_that_conda_trusts_are_trusted_too() {
    let authority = Authority::new();
    let server = ScriptedServer::start_tls(authority.server(HERE, unchanged), system).await;
    let url = server.url();

    let home = Home::new();
    assert_eq!(
        refused(&home.services(), &url).await.reason,
        TlsReason::UnknownIssuer
    );
    assert_eq!(home.way(&url).trust, [TrustShown::OperatingSystem]);

    let ca = home.file("corp.pem", authority.pem());
    home.file("folder/0a1b2c3d.0", authority.pem());
    home.file("folder/README", "no certificate");
    let folder = home.folder.path().join("folder");
    for path in [&ca, &folder] {
        let condarc = home.file(".condarc", format!("ssl_verify: {}\n", path.display()));
        check(&home.services(), &url).await.unwrap();
        let way = home.way(&url);
        assert_eq!(
            way.trust[1].to_string(),
            format!(
                "1 authority in {}, set by ssl_verify in line 1 of {}",
                path.display(),
                condarc.display()
            )
        );
        assert!(way.warnings.is_empty(), "{way:?}");
    }
    for ordinary in ["truststore", "true"] {
        home.file(".condarc", format!("ssl_verify: {ordinary}\n"));
        refused(&home.services(), &url).await;
        assert!(home.warnings(&url).is_empty());
    }
    let value = ca.display().to_string();
    home.file(".condarc", "");
    for name in [
        "SSL_CERT_FILE",
        "REQUESTS_CA_BUNDLE",
        "CURL_CA_BUNDLE",
        "SSL_CERT_DIR",
        "CONDA_SSL_VERIFY",
    ] {
        let value = match name {
            "SSL_CERT_DIR" => format!("/nowhere:{}", folder.display()),
            _ => value.clone(),
        };
        let home = Home::new().variable(name, value);
        check(&home.services(), &url).await.unwrap();
        let trust = home.way(&url).trust;
        assert!(
            trust.iter().any(|shown| shown.to_string().ends_with(name)),
            "{trust:?}"
        );
    }
}

#[tokio::test]
async fn checks_stay_on_when_conda_has_switched_them_off() {
    let (_, config) = self_signed(HERE, unchanged);
    let server = ScriptedServer::start_tls(config, system).await;
    let home = Home::new();
    let condarc = home.file(".condarc", "channels: []\nssl_verify: false\n");
    let services = home.services();
    assert_eq!(
        refused(&services, &server.url()).await.reason,
        TlsReason::SelfSigned
    );
    assert_eq!(
        home.warnings(&server.url()),
        [format!(
            "conda does not check certificates (ssl_verify: false in line 2 of {}); Sextant does",
            condarc.display()
        )]
    );
    assert!(server.requests().is_empty());
}

#[test]
fn what_conda_and_the_environment_name_wrongly_is_told_and_left_out() {
    let home = Home::new();
    let empty = home.file("empty.pem", "nothing");
    for (value, part) in [
        ("/nowhere/ca.pem".to_owned(), "there is no such file or folder"),
        (
            empty.display().to_string(),
            "it holds no certificate of an authority",
        ),
        ("corp/ca.pem".to_owned(), "is not a whole path"),
    ] {
        home.file(
            ".condarc",
            format!("ssl_verify: {value}\nclient_ssl_cert: /nowhere/me.pem\n"),
        );
        let warnings = home.warnings(DOMAIN);
        assert_eq!(warnings.len(), 2, "{warnings:?}");
        assert!(
            warnings[0].contains(&value) && warnings[0].contains(part),
            "{warnings:?}"
        );
        assert!(
            warnings[1].contains("client_ssl_cert in line 2 of"),
            "{warnings:?}"
        );
    }
    let home = Home::new()
        .variable("SSL_CERT_FILE", "/nowhere/bundle.pem")
        .variable("REQUESTS_CA_BUNDLE", "/nowhere/requests.pem");
    home.file(".condarc", "ssl_verify: false\n");
    let warnings = home.warnings(DOMAIN).join("\n");
    for part in [
        "Sextant does",
        "conda obeys the environment variable REQUESTS_CA_BUNDLE instead of ssl_verify",
        "/nowhere/bundle.pem is not used as the environment variable SSL_CERT_FILE says",
        "/nowhere/requests.pem is not used",
    ] {
        assert!(warnings.contains(part), "{part}: {warnings}");
    }
}

#[tokio::test]
async fn trust_is_set_server_by_server() {
    let authority = Authority::new();
    let server = ScriptedServer::start_tls(authority.server(HERE, unchanged), system).await;
    let home = Home::new();
    let services = home.services();
    let here = of(&server.url());
    let ca_file = Some(home.file("corp.pem", authority.pem()));
    let trust = Trust {
        ca_file: ca_file.clone(),
        ..Trust::default()
    };
    services
        .set_trust(&of("https://127.0.0.1:1"), trust.clone())
        .unwrap();
    refused(&services, &server.url()).await;
    services.set_trust(&here, trust).unwrap();
    check(&services, &server.url()).await.unwrap();
    assert!(
        services.way_to(&here, None).unwrap().trust[1]
            .to_string()
            .ends_with("settings for this server")
    );

    // The pin holds at once, for the certificate that is shown and for no other.
    let (_, config) = self_signed(&["old.example.com"], expired);
    let odd = ScriptedServer::start_tls(config, system).await;
    let shown = refused(&services, &odd.url()).await.leaf().unwrap().fingerprint;
    let pinned = Trust {
        pinned_certificate: Some(shown),
        ..Trust::default()
    };
    services.set_trust(&of(&odd.url()), pinned.clone()).unwrap();
    check(&services, &odd.url()).await.unwrap();
    check(&home.services(), &odd.url()).await.unwrap();
    assert_eq!(
        services.way_to(&of(&odd.url()), None).unwrap().trust[0].to_string(),
        format!("only the pinned certificate {shown}")
    );
    let both = Trust { ca_file, ..pinned };
    services.set_trust(&here, both).unwrap();
    assert_eq!(
        refused(&services, &server.url()).await.reason,
        TlsReason::OtherThanPinned {
            pinned: shown,
            trusted_otherwise: true
        }
    );
    services.set_trust(&of(&odd.url()), Trust::default()).unwrap();
    refused(&services, &odd.url()).await;
}

#[tokio::test]
async fn a_file_that_is_set_in_sextant_must_be_right() {
    let home = Home::new();
    let services = home.services();
    let domain = of("https://127.0.0.1:1");
    let wrong = home.file("wrong.pem", "nothing");
    let client = |certificate: &PathBuf| Trust {
        client_certificate: Some(ClientFiles {
            certificate: certificate.clone(),
            key: None,
        }),
        ..Trust::default()
    };
    for (path, part) in [
        (&wrong, "wrong.pem: "),
        (&PathBuf::from("/nowhere.pem"), "no file /nowhere.pem"),
    ] {
        let ca = Trust {
            ca_file: Some(path.clone()),
            ..Trust::default()
        };
        for trust in [ca, client(path)] {
            services.set_trust(&domain, trust).unwrap();
            let error = check(&services, domain.as_str()).await.unwrap_err();
            let problem = error.explain();
            assert!(problem.message.contains(part), "{problem:?}");
            assert!(problem.remedy.is_some());
        }
    }
    let damaged = home.folder.path().join(".config/sextant/trust.toml");
    fs::write(&damaged, "[server.\"https://127.0.0.1:1\"]\nverify = false\n").unwrap();
    let error = check(&services, domain.as_str()).await.unwrap_err();
    assert!(
        matches!(&error, ServiceError::DamagedTrust { reason, .. } if reason.starts_with("line 2: unknown field")),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_client_certificate_comes_from_sextant_or_from_conda() {
    let authority = Authority::new();
    let server = ScriptedServer::start_tls(authority.server_for_members(HERE, &[&TLS13]), system).await;
    let home = Home::new();
    let ca = home.file("corp.pem", authority.pem());
    let (certificate, key) = authority.client("Alice");
    let both = home.file("both.pem", format!("{certificate}{key}"));
    let certificate = home.file("me.pem", certificate);
    let key = home.file("me.key", key);

    let condarc = format!("ssl_verify: {}\n", ca.display());
    home.file(".condarc", &condarc);
    let failed = refused(&home.services(), &server.url()).await;
    assert_eq!(failed.reason, TlsReason::WantsClientCertificate);
    for more in [
        format!("client_ssl_cert: {}\n", both.display()),
        format!(
            "client_ssl_cert: {}\nclient_ssl_cert_key: {}\n",
            certificate.display(),
            key.display()
        ),
    ] {
        home.file(".condarc", format!("{condarc}{more}"));
        check(&home.services(), &server.url()).await.unwrap();
    }
    let shown = home.way(&server.url()).client_certificate.unwrap();
    assert_eq!(
        (shown.subject.as_str(), shown.path),
        ("CN=Alice", certificate.clone())
    );
    assert!(shown.source.starts_with("client_ssl_cert in line 2 of "));

    home.file(".condarc", &condarc);
    let services = home.services();
    let trust = Trust {
        client_certificate: Some(ClientFiles {
            certificate,
            key: Some(key),
        }),
        ..Trust::default()
    };
    services.set_trust(&of(&server.url()), trust).unwrap();
    check(&services, &server.url()).await.unwrap();
}
