//! Telling an Anaconda Repository from an Anaconda Server, and from what else may answer.

#[path = "support/domain_check.rs"]
mod domain_check;
#[path = "support/scripted_server.rs"]
mod scripted_server;

use domain_check::{failure, system, told};
use scripted_server::{Received, Reply, ScriptedServer};
use sextant::error::{Explain, Kind};
use sextant::repository::{
    ANACONDA_ORG, AuthenticationType, BinstarApi, CheckStep, CheckedRepository, Domain, HttpClient,
    HttpSettings, Outcome, Product, ProxySettings, RepositoryError, check_domain, check_repository,
};

fn json(status: u16, body: &str) -> Reply {
    Reply::Json(status, body.to_owned())
}

fn kerberos(request: &Received) -> Reply {
    match (request.method.as_str(), request.path()) {
        ("HEAD", "/api") => Reply::Header(200, "X", "y".into()),
        ("GET", "/api/authentication-type") => json(200, r#"{"authentication_type":"kerberos"}"#),
        _ => json(404, r#"{"error":"not found"}"#),
    }
}

async fn check(address: &str) -> (Result<CheckedRepository, RepositoryError>, Vec<CheckStep>) {
    let http = HttpClient::open(HttpSettings::default()).await.unwrap();
    let mut steps = Vec::new();
    let result = check_repository(&http, &BinstarApi::parse(address).unwrap(), |step| {
        steps.push(step);
    })
    .await;
    if let Err(error) = &result {
        assert!(
            matches!(&steps.last().unwrap().outcome, Outcome::Failed { error: last, .. } if last == error)
        );
    }
    (result, steps)
}

#[tokio::test]
async fn every_step_of_a_repositorys_check_is_told() {
    let server = ScriptedServer::start(kerberos).await;
    let (result, steps) = check(&server.url()).await;
    let checked = result.unwrap();
    assert_eq!(checked.api.as_str(), format!("{}/api", server.url()));
    assert_eq!(checked.info.authentication, AuthenticationType::Kerberos);
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
            "Server: Anaconda Repository, sign-in with Kerberos",
        ]
    );
    let asked: Vec<String> = server
        .requests()
        .iter()
        .map(|r| format!("{} {}", r.method, r.target))
        .collect();
    assert_eq!(asked, ["HEAD /api", "GET /api/authentication-type"]);
}

#[tokio::test]
async fn a_repository_is_known_by_what_it_says_of_signing_in() {
    const NOT_FOUND: (u16, &str) = (404, r#"{"error":"not found"}"#);
    const PAGE: (u16, &str) = (404, "<html>404</html>");
    const SCOPES: (u16, &str) = (200, r#"{"all":"Allow all operations"}"#);
    let password = Some(AuthenticationType::Password);
    let other = Some(AuthenticationType::Other("saml 2".into()));
    for (head, kind, scopes, known) in [
        (
            200,
            (200, r#"{"authentication_type":"Password"}"#),
            NOT_FOUND,
            password.clone(),
        ),
        // Some gateways do not let this method through.
        (
            405,
            (200, r#"{"authentication_type":"password"}"#),
            NOT_FOUND,
            password.clone(),
        ),
        (
            200,
            (200, r#"{"authentication_type":"saml\n2"}"#),
            NOT_FOUND,
            other,
        ),
        // Older ones do not say.
        (200, NOT_FOUND, NOT_FOUND, password.clone()),
        (200, PAGE, SCOPES, password.clone()),
        (404, NOT_FOUND, SCOPES, None),
        (200, PAGE, NOT_FOUND, None),
        (200, PAGE, PAGE, None),
        // A web page for every address.
        (200, (200, "<!doctype html><title>Intranet</title>"), SCOPES, None),
        (200, (200, r#"{"authentication_type":""}"#), SCOPES, None),
        (200, (401, r#"{"authentication_type":"password"}"#), SCOPES, None),
    ] {
        let server = ScriptedServer::start(move |request| match (request.method.as_str(), request.path()) {
            ("HEAD", "/api") => Reply::Header(head, "X", "y".into()),
            ("GET", "/api/authentication-type") => json(kind.0, kind.1),
            ("GET", "/api/scopes") => json(scopes.0, scopes.1),
            _ => json(404, ""),
        })
        .await;
        let (result, _) = check(&server.url()).await;
        match (result, known) {
            (Ok(checked), Some(known)) => assert_eq!(checked.info.authentication, known),
            (Err(RepositoryError::NotARepository { .. }), None) => {}
            (result, known) => panic!("{head} {kind:?} {scopes:?}: {result:?} instead of {known:?}"),
        }
    }
}

#[tokio::test]
async fn each_product_says_when_it_is_the_other() {
    let server = ScriptedServer::start(system).await;
    let error = check(&server.url()).await.0.unwrap_err();
    let expected = RepositoryError::OtherProduct {
        address: server.url(),
        expected: Product::AnacondaRepository,
        found: Product::AnacondaServer,
    };
    assert_eq!(error, expected);
    assert_eq!(
        error.to_string(),
        format!(
            "{} is an Anaconda Server, not an Anaconda Repository",
            server.url()
        )
    );

    let server = ScriptedServer::start(kerberos).await;
    let error = failure(&server.url(), &HttpSettings::default()).await;
    let expected = RepositoryError::OtherProduct {
        address: format!("{}/api", server.url()),
        expected: Product::AnacondaServer,
        found: Product::AnacondaRepository,
    };
    assert_eq!(error, expected);
    let problem = error.explain();
    assert_eq!(
        (problem.kind, problem.remedy.as_deref()),
        (Kind::NotAServer, Some("Use it as an Anaconda Repository"))
    );
}

/// Not a byte goes to hosts that everyone knows, when they cannot be what was expected.
#[tokio::test]
async fn hosts_that_everyone_knows_are_not_asked() {
    let proxy = ScriptedServer::start(|_| json(403, "")).await;
    let settings = HttpSettings {
        proxy: ProxySettings::environment(
            ["http_proxy", "https_proxy"].map(|name| (name.to_owned(), proxy.url().to_owned())),
        ),
        ..HttpSettings::default()
    };
    let http = HttpClient::open(settings).await.unwrap();
    for (address, product) in [
        ("https://repo.anaconda.cloud/repo/main", Product::AnacondaCloud),
        ("anaconda.com", Product::AnacondaCloud),
        ("anaconda.org", Product::AnacondaOrg),
        (ANACONDA_ORG, Product::AnacondaOrg),
    ] {
        let mut steps = Vec::new();
        let domain = Domain::parse(address).unwrap();
        let error = check_domain(&http, &domain, |step| steps.push(step))
            .await
            .unwrap_err();
        assert!(
            matches!(error, RepositoryError::OtherProduct { found, .. } if found == product),
            "{error:?}"
        );
        assert_eq!(steps.len(), 2, "{steps:?}");
    }
    let api = BinstarApi::parse("anaconda.cloud").unwrap();
    let error = check_repository(&http, &api, |_| ()).await.unwrap_err();
    assert!(
        matches!(
            error,
            RepositoryError::OtherProduct {
                found: Product::AnacondaCloud,
                ..
            }
        ),
        "{error:?}"
    );
    assert_eq!(proxy.requests().len(), 0);
    // Anaconda.org is a repository.
    let api = BinstarApi::parse("anaconda.org").unwrap();
    let error = check_repository(&http, &api, |_| ()).await.unwrap_err();
    assert!(matches!(error, RepositoryError::Proxy(_)), "{error:?}");
    assert_eq!(proxy.requests()[0].target, "api.anaconda.org:443");
}

#[tokio::test]
async fn a_repository_that_moved_to_https_is_told() {
    let server =
        ScriptedServer::start(|_| Reply::Header(301, "Location", "https://127.0.0.1/api".into())).await;
    let error = check(&server.url()).await.0.unwrap_err();
    assert_eq!(
        error.explain().remedy.unwrap(),
        "Use https:// instead of http:// in the domain"
    );
}

#[tokio::test]
async fn dropping_the_check_of_a_repository_closes_its_connection() {
    let server = ScriptedServer::start_mute().await;
    let http = HttpClient::new(&HttpSettings::default()).unwrap();
    let api = BinstarApi::parse(&server.url()).unwrap();
    let running = tokio::spawn(async move { check_repository(&http, &api, |_| ()).await });
    server.accepted.notified().await;
    running.abort();
    server.abandoned.notified().await;
    assert!(running.await.unwrap_err().is_cancelled());
}
