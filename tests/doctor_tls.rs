//! The TLS check of the doctor against servers with bad certificates: it names the link that fails, and why.

#[path = "support/certificates.rs"]
mod certificates;
#[path = "support/domain_check.rs"]
mod domain_check;
#[path = "support/network_home.rs"]
mod network_home;
#[path = "support/scripted_server.rs"]
mod scripted_server;

use std::time::Duration;

use certificates::{
    Authority, HERE, as_authority, config, expired, not_yet_valid, params, self_signed, unchanged,
};
use domain_check::system;
use network_home::Home;
use rcgen::{CertifiedIssuer, DnType, KeyPair};
use rustls::ServerConfig;
use scripted_server::ScriptedServer;
use sextant::service::doctor::{Check, Examination, Kind, Outcome, Remedy};

const INI: &str = ".anaconda/navigator/anaconda-navigator.ini";

/// The checks of the way to a server that is set as the domain, with `authority` trusted where there is one.
async fn examined(url: &str, authority: Option<&Authority>) -> Vec<Check> {
    let home = Home::new();
    home.file(INI, format!("[main]\nanaconda_server_api_url = '{url}'\n"));
    if let Some(authority) = authority {
        let path = home.file("corp.pem", authority.pem());
        home.file(
            ".config/sextant/trust.toml",
            format!("[server.\"{url}\"]\nca-file = {path:?}\n"),
        );
    }
    let services = home.services();
    let examination = Examination::of("tls".parse().unwrap()).within(Duration::from_secs(60));
    services.examine(&examination, |_| {}).await
}

fn of(checks: &[Check], kind: Kind) -> &Check {
    checks.iter().find(|check| check.id().kind() == kind).unwrap()
}

/// What the TLS check says: what happened, then every link that is not well.
async fn refused(server: ServerConfig, authority: Option<&Authority>) -> (Check, Vec<String>) {
    let server = ScriptedServer::start_tls(server, system).await;
    let checks = examined(&server.url(), authority).await;
    assert_eq!(of(&checks, Kind::Dns).outcome(), Outcome::Pass);
    assert_eq!(of(&checks, Kind::Tcp).outcome(), Outcome::Pass);
    let tls = of(&checks, Kind::Tls).clone();
    assert_eq!(tls.outcome(), Outcome::Fail, "{tls:?}");
    // What comes later is not blamed for it.
    for kind in [Kind::Server, Kind::Clock, Kind::Account, Kind::Token] {
        let later = of(&checks, kind);
        assert_eq!(later.outcome(), Outcome::Skip, "{later:?}");
    }
    assert!(server.requests().is_empty());
    let bad = tls
        .finding
        .details
        .iter()
        .filter(|link| link.outcome == Outcome::Fail);
    let bad = bad.map(|link| link.text.clone()).collect();
    (tls, bad)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_that_fails_is_named_with_its_reason() {
    let authority = Authority::new();
    let trusted = Some(&authority);

    let (tls, bad) = refused(authority.server(HERE, expired), trusted).await;
    assert_eq!(tls.finding.message, "the certificate of 127.0.0.1 has expired");
    assert!(tls.finding.remedy.unwrap().contains("renew its certificate"));
    assert_eq!(bad.len(), 1, "{bad:?}");
    assert!(
        bad[0].starts_with("1. psm.example.com, the server's certificate (issued by Example Corp Root CA"),
        "{bad:?}"
    );
    assert!(
        bad[0].contains("valid 2019-01-01 to 2020-02-03") && bad[0].contains("it expired 6 years ago"),
        "{bad:?}"
    );

    let (tls, bad) = refused(authority.server(HERE, not_yet_valid), trusted).await;
    assert!(tls.finding.message.ends_with("is not valid yet"));
    assert!(bad[0].contains("it becomes valid only in 37"), "{bad:?}");

    let names = &["psm.example.com", "10.0.0.5"];
    let (tls, bad) = refused(authority.server(names, unchanged), trusted).await;
    assert!(tls.finding.message.ends_with("is not for 127.0.0.1"));
    assert!(
        bad[0].ends_with("it is for psm.example.com, 10.0.0.5, and not for 127.0.0.1"),
        "{bad:?}"
    );

    let (_, own) = self_signed(HERE, unchanged);
    let (tls, bad) = refused(own, trusted).await;
    assert!(tls.finding.message.ends_with("signed itself"));
    assert!(
        bad[0].contains("issued by itself") && bad[0].contains("the server vouches for itself"),
        "{bad:?}"
    );
    assert!(matches!(tls.finding.fix, Some(Remedy::Certificate { .. })));

    let (tls, bad) = refused(authority.server(HERE, unchanged), None).await;
    assert!(tls.finding.message.contains("which this computer does not trust"));
    assert_eq!(
        bad,
        [
            "2. Example Corp Root CA is missing: the server does not send its certificate, and this computer does not know it"
        ]
    );
    assert!(matches!(tls.finding.fix, Some(Remedy::Certificate { .. })));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_intermediate_and_a_root_that_came_along_are_told_apart() {
    let authority = Authority::new();
    let mut of_issuer = params(&[], as_authority);
    of_issuer
        .distinguished_name
        .push(DnType::CommonName, "Example Corp Issuing CA");
    let issuer = CertifiedIssuer::signed_by(of_issuer, KeyPair::generate().unwrap(), &authority.0).unwrap();
    let key = KeyPair::generate().unwrap();
    let leaf = params(HERE, unchanged).signed_by(&key, &issuer).unwrap();
    let leaf = || leaf.der().clone();

    let (_, bad) = refused(config(vec![leaf()], &key), Some(&authority)).await;
    assert!(
        bad[0].starts_with("2. Example Corp Issuing CA is missing"),
        "{bad:?}"
    );

    let whole = vec![leaf(), issuer.der().clone(), authority.0.der().clone()];
    let (tls, bad) = refused(config(whole, &key), None).await;
    assert_eq!(
        bad,
        ["4. this computer does not know Example Corp Root CA, so nobody it trusts vouches for the chain"]
    );
    assert_eq!(tls.finding.details.len(), 4);

    // The same chain is well where the root is known, and is shown link by link all the same.
    let server = ScriptedServer::start_tls(config(vec![leaf(), issuer.der().clone()], &key), system).await;
    let checks = examined(&server.url(), Some(&authority)).await;
    let tls = of(&checks, Kind::Tls);
    assert_eq!(tls.outcome(), Outcome::Pass, "{tls:?}");
    let links: Vec<&str> = tls
        .finding
        .details
        .iter()
        .map(|link| link.text.as_str())
        .collect();
    assert_eq!(links.len(), 2, "{links:?}");
    assert!(
        links[1].starts_with("2. Example Corp Issuing CA, an intermediate (issued by Example Corp Root CA"),
        "{links:?}"
    );
    assert_eq!(of(&checks, Kind::Server).finding.message, "PSM answers");
}

#[tokio::test(flavor = "multi_thread")]
async fn weak_keys_and_signatures_are_named() {
    let authority = Authority::new();
    let trusted = Some(&authority);
    let (tls, bad) = refused(authority.server_with_short_key(HERE), trusted).await;
    assert_eq!(
        tls.finding.message,
        "the certificate of 127.0.0.1 rests on a key that is too short"
    );
    assert!(
        bad[0].contains("its key (RSA with 1024 bits) is too short and can be broken"),
        "{bad:?}"
    );
    assert!(tls.finding.remedy.unwrap().contains("at least 2048 bits"));

    let (tls, bad) = refused(authority.server_below_short_key(HERE), trusted).await;
    assert!(
        tls.finding.message.ends_with("a key that is too short"),
        "{tls:?}"
    );
    assert!(bad[0].starts_with("2. Example Corp Old Issuing CA"), "{bad:?}");

    let (tls, bad) = refused(authority.server_signed_with_sha1(HERE), trusted).await;
    assert!(
        tls.finding.message.ends_with("a signature that can be forged"),
        "{tls:?}"
    );
    assert!(
        bad[0].contains("its signature (SHA-1 with RSA) can be forged"),
        "{tls:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn plain_http_where_tls_is_expected_is_named() {
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
    let checks = examined(&format!("https://{address}"), None).await;
    let tls = of(&checks, Kind::Tls);
    assert_eq!(tls.finding.message, "127.0.0.1 does not speak TLS on this port");
    assert!(tls.finding.details.is_empty());

    // A server by its right address is well; on this machine nobody can listen in.
    let server = ScriptedServer::start(system).await;
    let checks = examined(&server.url(), None).await;
    assert_eq!(of(&checks, Kind::Tls).outcome(), Outcome::Skip);
    assert_eq!(of(&checks, Kind::Server).outcome(), Outcome::Pass);
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_that_cannot_be_used_are_told_where_they_belong() {
    let authority = Authority::new();
    let server = ScriptedServer::start_tls(authority.server(HERE, unchanged), system).await;
    let home = Home::new();
    home.file(
        INI,
        format!("[main]\nanaconda_server_api_url = '{}'\n", server.url()),
    );
    home.file(
        ".config/sextant/trust.toml",
        format!("[server.\"{}\"]\nca-file = \"/nowhere/corp.pem\"\n", server.url()),
    );
    let examination = Examination::of("tls".parse().unwrap());
    let checks = home.services().examine(&examination, |_| {}).await;
    let tls = of(&checks, Kind::Tls);
    assert_eq!(tls.finding.message, "there is no file /nowhere/corp.pem");
    assert_eq!(of(&checks, Kind::Dns).outcome(), Outcome::Skip);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_says_nothing_costs_no_more_than_the_patience() {
    let server = ScriptedServer::start_mute().await;
    let home = Home::new();
    home.file(
        INI,
        format!("[main]\nanaconda_server_api_url = '{}'\n", server.url()),
    );
    let examination = Examination::of("server".parse().unwrap()).within(Duration::from_secs(2));
    let checks = home.services().examine(&examination, |_| {}).await;
    assert_eq!(of(&checks, Kind::Tcp).outcome(), Outcome::Pass);
    let answer = of(&checks, Kind::Server);
    assert_eq!(answer.outcome(), Outcome::Fail);
    assert!(
        answer.finding.message.starts_with("it took longer than"),
        "{answer:?}"
    );
    assert_eq!(of(&checks, Kind::Token).outcome(), Outcome::Skip);
}
