//! Finding out where one signs in.

use serde_json::{Value, json};
use url::Url;

use super::certificates::Authority;
use super::scripted_server::{Received, Reply, ScriptedServer};
use super::{base, description, http};
use crate::error::{Explain as _, Kind};
use crate::repository::oidc::{DiscoveryFlaw, OidcError, Provider};
use crate::repository::{CaBundle, Domain, HttpClient, HttpSettings, RepositoryError};

async fn described(status: u16, body: String) -> Result<Provider, OidcError> {
    let server = ScriptedServer::start(move |_| Reply::Json(status, body.clone())).await;
    Provider::discover(&http(), &Url::parse(&server.url()).unwrap()).await
}

fn flaw(found: Result<Provider, OidcError>) -> DiscoveryFlaw {
    match found {
        Err(OidcError::DiscoveryBroken { flaw, .. }) => flaw,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_provider_describes_itself_below_its_issuer() {
    let server =
        ScriptedServer::start(|request| Reply::Json(200, description(&base(request)).to_string())).await;
    for (issuer, path) in [
        ("", "/.well-known/openid-configuration"),
        ("/", "/.well-known/openid-configuration"),
        ("/realms/a", "/realms/a/.well-known/openid-configuration"),
        ("/realms/a/?x#y", "/realms/a/.well-known/openid-configuration"),
    ] {
        let issuer = Url::parse(&format!("{}{issuer}", server.url())).unwrap();
        let provider = Provider::discover(&http(), &issuer).await.unwrap();
        assert_eq!(provider.issuer(), Some(server.url().as_str()));
        assert_eq!(provider.site(), server.address.to_string());
        assert!(provider.offers_device_code());
        let asked = server.requests().pop().unwrap();
        assert_eq!((asked.method.as_str(), asked.target.as_str()), ("GET", path));
    }
}

#[tokio::test]
async fn what_is_not_needed_may_be_missing() {
    let body = json!({
        "authorization_endpoint": "http://sso.example.com:8080/a",
        "token_endpoint": "https://sso.example.com/t",
        "device_authorization_endpoint": null,
    });
    let provider = described(200, body.to_string()).await.unwrap();
    assert_eq!(provider.issuer(), None);
    assert_eq!(provider.site(), "sso.example.com:8080");
    assert!(!provider.offers_device_code());
}

#[tokio::test]
async fn a_broken_description_is_named() {
    assert_eq!(
        flaw(described(404, "{}".into()).await),
        DiscoveryFlaw::Status(404)
    );
    assert_eq!(
        flaw(described(200, "<html>".into()).await),
        DiscoveryFlaw::NotJson
    );
    let with = |field: &str, value: Value| {
        let mut body = description("http://h");
        body[field] = value;
        body.to_string()
    };
    for (field, value, expected) in [
        (
            "token_endpoint",
            Value::Null,
            DiscoveryFlaw::Missing("token_endpoint"),
        ),
        (
            "token_endpoint",
            json!(7),
            DiscoveryFlaw::NoAddress("token_endpoint"),
        ),
        (
            "authorization_endpoint",
            json!("javascript:alert(1)"),
            DiscoveryFlaw::NoAddress("authorization_endpoint"),
        ),
        (
            "authorization_endpoint",
            json!("/relative"),
            DiscoveryFlaw::NoAddress("authorization_endpoint"),
        ),
        (
            "token_endpoint",
            json!("https://user:pw@h/t"),
            DiscoveryFlaw::NoAddress("token_endpoint"),
        ),
        (
            "token_endpoint",
            json!("https://h/t#x"),
            DiscoveryFlaw::NoAddress("token_endpoint"),
        ),
        (
            "device_authorization_endpoint",
            json!("file:///etc"),
            DiscoveryFlaw::NoAddress("device_authorization_endpoint"),
        ),
    ] {
        assert_eq!(
            flaw(described(200, with(field, value)).await),
            expected,
            "{field}"
        );
    }
    let ill = described(503, "{}".into()).await.unwrap_err();
    assert_eq!(ill.explain().kind, Kind::Network, "{ill:?}");
}

#[tokio::test]
async fn nothing_less_than_https_follows_https() {
    let authority = Authority::new();
    let config = authority.server(&["127.0.0.1"], |_| {});
    let server = ScriptedServer::start_tls(config, |request| {
        let mut body = description(&base(request).replace("http:", "https:"));
        if request.path().starts_with("/weak") {
            body["token_endpoint"] = json!("http://127.0.0.1/token");
        }
        Reply::Json(200, body.to_string())
    })
    .await;
    let http = HttpClient::new(&HttpSettings {
        ca: CaBundle::from_bytes(authority.pem().as_bytes()).unwrap(),
        ..HttpSettings::default()
    })
    .unwrap();
    let discover = |path: &str| {
        let issuer = Url::parse(&format!("{}{path}", server.url())).unwrap();
        let http = http.clone();
        async move { Provider::discover(&http, &issuer).await }
    };
    assert!(discover("/strong").await.is_ok());
    assert_eq!(
        flaw(discover("/weak").await),
        DiscoveryFlaw::Unprotected("token_endpoint")
    );
}

/// An Anaconda Server that sends people to `location` and describes itself with `describe`.
async fn server(
    location: impl Fn(&Received) -> Reply + Send + Sync + 'static,
    describe: impl Fn(&Received) -> Value + Send + Sync + 'static,
) -> (ScriptedServer, Domain) {
    let server = ScriptedServer::start(move |request| match request.path() {
        "/api/auth/authorize" => location(request),
        "/auth/realms/dev-1/.well-known/openid-configuration" => {
            Reply::Json(200, describe(request).to_string())
        }
        _ => Reply::Json(404, "{}".into()),
    })
    .await;
    let domain = Domain::parse(&server.url()).unwrap();
    (server, domain)
}

fn to(location: impl Into<String>) -> Reply {
    Reply::Header(302, "Location", location.into())
}

/// Where Keycloak would send the browser, on the host under which the server was asked.
fn own_realm(request: &Received) -> Reply {
    to(format!(
        "{}/auth/realms/dev-1/protocol/openid-connect/auth?client_id=x",
        base(request)
    ))
}

#[tokio::test]
async fn a_server_leads_to_its_realm() {
    let (server, domain) = server(own_realm, |request| description(&base(request))).await;
    let provider = Provider::of_server(&http(), &domain).await.unwrap();
    assert_eq!(provider.site(), server.address.to_string());
    let asked: Vec<_> = server.requests().into_iter().map(|r| r.target).collect();
    assert_eq!(
        asked,
        [
            "/api/auth/authorize",
            "/auth/realms/dev-1/.well-known/openid-configuration"
        ]
    );
}

#[tokio::test]
async fn a_server_without_single_sign_on_says_so() {
    for reply in [
        || Reply::Json(404, "{}".into()),
        || Reply::Json(200, "{}".into()),
        || Reply::Html(200, "<html>"),
        || Reply::Json(401, "{}".into()),
        || Reply::Json(302, "{}".into()),
    ] {
        let (_server, domain) = server(move |_| reply(), |_| json!({})).await;
        let refused = Provider::of_server(&http(), &domain).await.unwrap_err();
        assert_eq!(
            refused,
            OidcError::NoSingleSignOn {
                site: domain.to_string()
            }
        );
    }
    let (_server, domain) = server(|_| Reply::Json(502, "{}".into()), |_| json!({})).await;
    let ill = Provider::of_server(&http(), &domain).await.unwrap_err();
    assert!(
        matches!(
            ill,
            OidcError::Repository(RepositoryError::ServerFailed { status: 502, .. })
        ),
        "{ill:?}"
    );
}

#[tokio::test]
async fn a_redirect_that_is_no_sign_in_is_not_taken_for_one() {
    for (status, location) in [
        (302, "/login"),
        (302, "/auth/realms/"),
        (302, "/auth/realms/dev-1"),
        (302, "/auth/realms/a%2fb/x"),
        (302, "/x/auth/realms/dev-1/y"),
        (302, "ftp://h/auth/realms/dev-1/y"),
        (301, "/auth/realms/dev-1/y"),
    ] {
        let (_server, domain) = server(
            move |_| Reply::Header(status, "Location", location.to_owned()),
            |request| description(&base(request)),
        )
        .await;
        let refused = Provider::of_server(&http(), &domain).await.unwrap_err();
        assert!(
            matches!(refused, OidcError::Repository(RepositoryError::Redirected { .. })),
            "{location}: {refused:?}"
        );
    }
}

#[tokio::test]
async fn another_host_takes_part_only_when_it_is_confirmed() {
    // `localhost` and `127.0.0.1` are one computer and two names.
    let other = |request: &Received| base(request).replace("127.0.0.1", "localhost");
    let (server, domain) = server(
        move |request| to(format!("{}/auth/realms/dev-1/x?secret=1", other(request))),
        |request| description(&base(request)),
    )
    .await;
    let refused = Provider::of_server(&http(), &domain).await.unwrap_err();
    assert_eq!(
        refused,
        OidcError::OtherSite {
            domain: domain.to_string(),
            site: "localhost".to_owned()
        }
    );
    assert!(refused.explain().remedy.unwrap().contains("localhost"));
    assert_eq!(
        server.requests().len(),
        1,
        "the other host was asked all the same"
    );

    let provider = Provider::of_server_through(&http(), &domain, "localhost")
        .await
        .unwrap();
    assert_eq!(provider.site(), format!("localhost:{}", server.address.port()));
    let unmoved = Provider::of_server_through(&http(), &domain, "sso.example.com").await;
    assert_eq!(unmoved.unwrap_err(), refused);
}

#[tokio::test]
async fn no_endpoint_is_on_a_third_host() {
    for field in [
        "authorization_endpoint",
        "token_endpoint",
        "device_authorization_endpoint",
    ] {
        let (_server, domain) = server(own_realm, move |request| {
            let mut body = description(&base(request));
            body[field] = json!("https://elsewhere.example.com/x");
            body
        })
        .await;
        let refused = Provider::of_server(&http(), &domain).await.unwrap_err();
        let OidcError::OtherSite { site, .. } = refused else {
            panic!("{field}: {refused:?}");
        };
        assert_eq!(site, "elsewhere.example.com");
    }
}
