//! The steps of a domain check: what each finds, and what is said when one fails.

#[path = "support/scripted_server.rs"]
mod scripted_server;

use std::sync::Arc;
use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, date_time_ymd};
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use scripted_server::{Received, Reply, ScriptedServer};
use sextant::error::{Explain, Kind};
use sextant::repository::{
    Answered, CaBundle, CaError, CheckStep, Checked, Domain, Found, HttpClient, HttpSettings, Outcome,
    ProxyError, ProxySettings, RepositoryError, ServerClient, Step, Timeouts, TlsFailure, TlsReason, Wait,
    check_domain,
};
use sextant::secret::{Secret, Token};

const SYSTEM: &str = r#"{"service_name":"repo","status":"ok","brand":"PSM"}"#;

fn system(_: &Received) -> Reply {
    Reply::Json(200, SYSTEM.into())
}

/// The check and the steps it reported.
async fn check(domain: &str, settings: &HttpSettings) -> (Result<Checked, RepositoryError>, Vec<CheckStep>) {
    let http = HttpClient::open(settings.clone()).await.unwrap();
    let mut steps = Vec::new();
    let result = check_domain(&http, &Domain::parse(domain).unwrap(), |step| steps.push(step)).await;
    (result, steps)
}

async fn failure(domain: &str, settings: &HttpSettings) -> RepositoryError {
    let (result, steps) = check(domain, settings).await;
    let error = result.unwrap_err();
    // What failed was reported last, and nothing stayed at running.
    assert!(matches!(&steps.last().unwrap().outcome, Outcome::Failed { error: last, .. } if *last == error));
    let shown = format!("{steps:?} {error} {error:?} {:?}", error.explain());
    assert!(!shown.contains("canary"), "{shown}");
    error
}

fn trusting(ca: &str) -> HttpSettings {
    HttpSettings {
        ca: CaBundle::from_bytes(ca.as_bytes()).unwrap(),
        ..HttpSettings::default()
    }
}

/// `step: outcome` of every report, durations left out.
fn told(steps: &[CheckStep]) -> Vec<String> {
    let told = steps.iter().map(|CheckStep { step, outcome }| match outcome {
        Outcome::Running => format!("{step}…"),
        Outcome::Done { found, .. } => format!("{step}: {found}"),
        Outcome::Failed { error, .. } => format!("{step} failed: {error}"),
        Outcome::Skipped => format!("{step}: skipped"),
    });
    told.collect()
}

/// An authority of an organisation, and certificates it issues.
struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params
            .distinguished_name
            .push(DnType::CommonName, "Example Corp Root CA");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    fn pem(&self) -> String {
        self.0.pem()
    }

    /// A server that presents a certificate for `names`, changed by `change`.
    fn server(&self, names: &[&str], change: impl Fn(&mut CertificateParams)) -> ServerConfig {
        let key = KeyPair::generate().unwrap();
        let certificate = params(names, change).signed_by(&key, &self.0).unwrap();
        config(vec![certificate.der().clone()], &key)
    }
}

fn params(names: &[&str], change: impl Fn(&mut CertificateParams)) -> CertificateParams {
    let mut params =
        CertificateParams::new(names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>()).unwrap();
    params
        .distinguished_name
        .push(DnType::CommonName, "psm.example.com");
    change(&mut params);
    params
}

/// A certificate that its server signed itself, and the server that presents it.
fn self_signed(names: &[&str], change: impl Fn(&mut CertificateParams)) -> (String, ServerConfig) {
    let key = KeyPair::generate().unwrap();
    let certificate = params(names, change).self_signed(&key).unwrap();
    (certificate.pem(), config(vec![certificate.der().clone()], &key))
}

fn config(chain: Vec<rustls::pki_types::CertificateDer<'static>>, key: &KeyPair) -> ServerConfig {
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .unwrap()
}

const HERE: &[&str] = &["127.0.0.1"];

fn unchanged(_: &mut CertificateParams) {}

fn expired(params: &mut CertificateParams) {
    params.not_before = date_time_ymd(2019, 1, 1);
    params.not_after = date_time_ymd(2020, 2, 3);
}

fn not_yet_valid(params: &mut CertificateParams) {
    params.not_before = date_time_ymd(2400, 1, 1);
    params.not_after = date_time_ymd(2401, 1, 1);
}

fn as_authority(params: &mut CertificateParams) {
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
}

#[tokio::test]
async fn every_step_is_told_as_it_begins_and_ends() {
    let server = ScriptedServer::start(system).await;
    let (result, steps) = check(&server.url(), &HttpSettings::default()).await;
    let checked = result.unwrap();
    assert_eq!(checked.domain.as_str(), server.url());
    assert_eq!(
        told(&steps),
        [
            "Name…",
            "Name: 127.0.0.1",
            "Connection…",
            &format!("Connection: {}", server.address),
            "Proxy: skipped",
            "TLS: skipped",
            "Server…",
            "Server: PSM",
        ]
    );
    let requests = server.requests();
    assert_eq!(requests.len(), 1);
    assert_eq!(
        (requests[0].method.as_str(), requests[0].target.as_str()),
        ("GET", "/api/system")
    );
}

#[tokio::test]
async fn a_server_is_known_by_either_clients_signs() {
    for (body, known) in [
        (r#"{"service_name":"repo"}"#, true),
        (r#"{"status":"OK"}"#, true),
        (r#"{"ok":1}"#, true),
        ("\u{feff}{\"ok\":1.0,\"brand\":\"\"}", true),
        (r#"{"ok":0,"status":"starting"}"#, false),
        (r#"{"service_name":"other"}"#, false),
        (r#"{"status":["ok"]}"#, false),
        ("[]", false),
    ] {
        let server = ScriptedServer::start(move |_| Reply::Json(200, body.into())).await;
        let (result, _) = check(&server.url(), &HttpSettings::default()).await;
        assert_eq!(result.is_ok(), known, "{body}");
    }
    let server = ScriptedServer::start(|_| Reply::Json(503, SYSTEM.into())).await;
    assert!(check(&server.url(), &HttpSettings::default()).await.0.is_err());
}

#[tokio::test]
async fn a_wrong_domain_tells_what_answered_instead() {
    let not_a_server = async |reply: fn(&Received) -> Reply| {
        let server = ScriptedServer::start(reply).await;
        match failure(&server.url(), &HttpSettings::default()).await {
            RepositoryError::NotAServer { answered, .. } => answered,
            other => panic!("{other:?}"),
        }
    };
    let page =
        not_a_server(|_| Reply::Html(200, "<!doctype html><title>Example &mdash; Intranet</title>")).await;
    assert_eq!(
        page,
        Answered::Page {
            status: 200,
            title: Some("Example &mdash; Intranet".into())
        }
    );
    let other = not_a_server(|_| Reply::Json(404, r#"{"errors":[{"status":404}],"kind":"x"}"#.into())).await;
    assert_eq!(
        other,
        Answered::OtherJson {
            status: 404,
            fields: vec!["errors".into(), "kind".into()]
        }
    );
    let gateway = not_a_server(|_| Reply::Html(502, "<html><h1>Bad Gateway</h1></html>")).await;
    assert_eq!(
        gateway.to_string(),
        "a web page without a title answered (status 502)"
    );
    let empty = not_a_server(|_| Reply::Header(204, "X", "y".into())).await;
    assert_eq!(empty, Answered::Empty { status: 204 });
    let missing = not_a_server(|_| Reply::Header(404, "X", "y".into())).await;
    assert_eq!(missing, Answered::Empty { status: 404 });
    let text = not_a_server(|_| Reply::Raw(b"HTTP/1.1 200 OK\r\n\r\nIt works".to_vec())).await;
    assert_eq!(
        text,
        Answered::Text {
            status: 200,
            excerpt: "It works".into()
        }
    );

    let server = ScriptedServer::start(|_| Reply::Html(503, "<html></html>")).await;
    let problem = failure(&server.url(), &HttpSettings::default()).await.explain();
    assert_eq!(problem.kind, Kind::NotAServer);
    assert!(problem.remedy.unwrap().contains("try again later"));
}

#[tokio::test]
async fn a_redirect_to_https_is_explained() {
    let server = ScriptedServer::start(|request| {
        let host = request.header("host").unwrap().split(':').next().unwrap();
        Reply::Header(301, "Location", format!("https://{host}/api/system"))
    })
    .await;
    let error = failure(&server.url(), &HttpSettings::default()).await;
    assert!(matches!(&error, RepositoryError::Redirected { to, .. } if to == "https://127.0.0.1/api/system"));
    assert_eq!(
        error.explain().remedy.unwrap(),
        "Use https:// instead of http:// in the domain"
    );
}

#[tokio::test]
async fn refused_and_silent_are_told_apart() {
    let closed = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let error = failure(&format!("https://{closed}"), &HttpSettings::default()).await;
    assert_eq!(
        error,
        RepositoryError::Refused {
            address: closed.to_string()
        }
    );

    let soon = Duration::from_millis(100);
    let impatient = HttpSettings {
        timeouts: Timeouts {
            connect: soon,
            read: soon,
            total: soon,
        },
        ..HttpSettings::default()
    };
    let mute = ScriptedServer::start_mute().await;
    let error = failure(&mute.url(), &impatient).await;
    assert!(
        matches!(
            error,
            RepositoryError::TimedOut {
                wait: Wait::Answer,
                ..
            }
        ),
        "{error:?}"
    );
    let error = failure(&format!("https://{}", mute.address), &impatient).await;
    assert!(
        matches!(error, RepositoryError::TimedOut { wait: Wait::Tls, .. }),
        "{error:?}"
    );
}

#[tokio::test]
async fn dropping_the_check_closes_its_connection() {
    let server = ScriptedServer::start_mute().await;
    let domain = Domain::parse(&format!("https://{}", server.address)).unwrap();
    let http = HttpClient::new(&HttpSettings::default()).unwrap();
    let running = tokio::spawn(async move { check_domain(&http, &domain, |_| ()).await });
    server.accepted.notified().await;
    running.abort();
    server.abandoned.notified().await;
    assert!(running.await.unwrap_err().is_cancelled());
}

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
        "psm.example.com becomes valid on 2400-01-01 00:00 UTC"
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
        assert_eq!(failed.leaf().unwrap().fingerprint.len(), 95);
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
            TlsReason::SelfSigned,
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

#[tokio::test]
async fn a_way_through_a_proxy_is_told_step_by_step() {
    let authority = Authority::new();
    let server = ScriptedServer::start_tls(authority.server(&["repo.example.com"], unchanged), system).await;
    let target = server.address;
    let proxy = ScriptedServer::start(move |request| match request.target.as_str() {
        _ if request.header("proxy-authorization").is_none() => Reply::Header(407, "X", "y".into()),
        "repo.example.com:8443" => Reply::Tunnel(target),
        _ => Reply::Header(403, "X", "y".into()),
    })
    .await;
    let through = |address: String| HttpSettings {
        proxy: ProxySettings::Fixed {
            http: None,
            https: Some(Secret::new(address)),
            no_proxy: String::new(),
        },
        ..trusting(&authority.pem())
    };
    let with_password = through(format!("http://al:canary@{}", proxy.address));
    let (result, steps) = check("https://repo.example.com:8443", &with_password).await;
    result.unwrap();
    let told = told(&steps);
    assert_eq!(told[3], format!("Connection: {}", proxy.address));
    assert_eq!(told[5], format!("Proxy: {}", proxy.url()));
    assert!(
        told[7].starts_with("TLS: TLS 1.3, psm.example.com, issued by Example Corp Root CA"),
        "{}",
        told[7]
    );

    let error = failure("https://repo.example.com:8443", &through(proxy.url())).await;
    assert_eq!(error, ProxyError::AuthRequired { proxy: proxy.url() }.into());
    let error = failure("https://elsewhere.example.com", &with_password).await;
    let refusal = ProxyError::Refused {
        proxy: proxy.url(),
        target: "elsewhere.example.com:443".into(),
        answer: "403 X".into(),
    };
    assert_eq!(error, refusal.into());

    // The calls after the check tell the same.
    let client = |settings: &HttpSettings, domain: &str| {
        ServerClient::new(HttpClient::new(settings).unwrap(), Domain::parse(domain).unwrap())
    };
    let token = Token::parse("canary").unwrap();
    let error = client(&through(proxy.url()), "https://repo.example.com:8443")
        .account(&token)
        .await
        .unwrap_err();
    assert_eq!(error, ProxyError::AuthRequired { proxy: proxy.url() }.into());
    let error = client(&with_password, "https://elsewhere.example.com")
        .account(&token)
        .await
        .unwrap_err();
    assert!(
        matches!(error, RepositoryError::Proxy(ProxyError::Refused { .. })),
        "{error:?}"
    );
    let closed = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let error = client(&through(closed.to_string()), "https://repo.example.com")
        .account(&token)
        .await
        .unwrap_err();
    assert_eq!(
        error,
        RepositoryError::Refused {
            address: format!("http://{closed}")
        }
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

#[test]
fn every_step_has_its_place() {
    assert_eq!(
        Step::ALL.map(|step| step.to_string()),
        ["Name", "Connection", "Proxy", "TLS", "Server"]
    );
    assert!(Step::ALL.is_sorted());
}
