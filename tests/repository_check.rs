//! The steps of a domain check: what each finds, and what is said when one fails.

#[path = "support/certificates.rs"]
mod certificates;
#[path = "support/domain_check.rs"]
mod domain_check;
#[path = "support/scripted_server.rs"]
mod scripted_server;

use std::time::Duration;

use certificates::{Authority, unchanged};
use domain_check::{check, failure, system, told, trusting};
use scripted_server::{Received, Reply, ScriptedServer};
use sextant::error::{Explain, Kind};
use sextant::repository::{
    Answered, Domain, HttpClient, HttpSettings, ProxyError, ProxySettings, RepositoryError, ServerClient,
    Step, Timeouts, Wait, check_domain,
};
use sextant::secret::Token;

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
    let server = ScriptedServer::start(|_| Reply::Json(503, domain_check::SYSTEM.into())).await;
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
        proxy: ProxySettings::environment([("https_proxy".to_owned(), address)]),
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
fn every_step_has_its_place() {
    assert_eq!(
        Step::ALL.map(|step| step.to_string()),
        ["Name", "Connection", "Proxy", "TLS", "Server"]
    );
    assert!(Step::ALL.is_sorted());
}
