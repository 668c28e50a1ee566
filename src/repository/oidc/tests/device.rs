//! Signing in with a device code.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::Instant;

use super::scripted_server::{Received, Reply, ScriptedServer};
use super::{ACCESS, form, granted, http, provider_with, refused};
use crate::repository::RepositoryError;
use crate::repository::oidc::{Client, DeviceSignIn, DiscoveryFlaw, OidcError, Provider};

const DEVICE_CODE: &str = "canary-device";

fn device(request: &Received) -> Value {
    let base = super::base(request);
    json!({
        "device_code": DEVICE_CODE,
        "user_code": "WDJB-MJHT",
        "verification_uri": format!("{base}/activate"),
        "verification_uri_complete": format!("{base}/activate?user_code=WDJB-MJHT"),
        "expires_in": 600,
        "interval": 1,
    })
}

/// A provider that gives out `change`d device codes and answers the polls with `polls` in turn.
async fn provider(
    change: impl Fn(&mut Value) + Send + Sync + 'static,
    polls: Vec<Reply>,
) -> (ScriptedServer, Provider) {
    let polls = Mutex::new(polls.into_iter());
    provider_with(move |request| match request.path() {
        "/device" => {
            let mut body = device(request);
            change(&mut body);
            Reply::Json(200, body.to_string())
        }
        _ => polls.lock().unwrap().next().unwrap_or_else(granted),
    })
    .await
}

/// A sign-in that has begun and asks more often than is polite.
async fn begun(provider: &Provider) -> DeviceSignIn {
    let mut sign_in = DeviceSignIn::begin(&http(), provider, Client::anaconda_com())
        .await
        .unwrap();
    sign_in.interval = Duration::from_millis(1);
    sign_in
}

fn polls(server: &ScriptedServer) -> usize {
    server
        .requests()
        .iter()
        .filter(|request| request.path() == "/token")
        .count()
}

fn pending() -> Reply {
    refused("authorization_pending", "wait")
}

#[tokio::test]
async fn the_person_signs_in_elsewhere() {
    let (server, provider) = provider(|_| {}, vec![pending(), pending(), granted()]).await;
    let sign_in = begun(&provider).await;
    let prompt = sign_in.prompt().clone();
    assert_eq!(prompt.user_code, "WDJB-MJHT");
    assert_eq!(
        prompt.verification_uri.as_str(),
        format!("{}/activate", server.url())
    );
    assert_eq!(
        prompt.verification_uri_complete.unwrap().query(),
        Some("user_code=WDJB-MJHT")
    );
    assert_eq!(prompt.expires_in, Duration::from_secs(600));
    assert!(!format!("{sign_in:?}").contains(DEVICE_CODE));

    let http = http();
    let grant = tokio::spawn(async move { sign_in.wait(&http).await })
        .await
        .unwrap()
        .unwrap();
    assert_eq!(grant.access_token.expose(), ACCESS);
    assert_eq!(polls(&server), 3);
    let requests = server.requests();
    let asked = requests
        .iter()
        .find(|request| request.path() == "/device")
        .unwrap();
    assert_eq!(form(asked, "client_id").unwrap(), Client::anaconda_com().id);
    assert_eq!(form(asked, "scope").unwrap(), "openid");
    let polled = requests.last().unwrap();
    assert_eq!(
        form(polled, "grant_type").unwrap(),
        "urn:ietf:params:oauth:grant-type:device_code"
    );
    assert_eq!(form(polled, "device_code").unwrap(), DEVICE_CODE);
    assert_eq!(form(polled, "client_id").unwrap(), Client::anaconda_com().id);
}

#[tokio::test]
async fn every_end_has_its_own_error() {
    let said = || Some("words".to_owned());
    for (code, expected) in [
        ("access_denied", OidcError::Denied { said: said() }),
        ("expired_token", OidcError::DeviceCodeExpired),
        ("invalid_grant", OidcError::CodeRefused { said: said() }),
        (
            "invalid_client",
            OidcError::ClientRefused {
                code: "invalid_client".to_owned(),
                said: said(),
            },
        ),
    ] {
        let (server, provider) = provider(|_| {}, vec![pending(), refused(code, "words")]).await;
        let ended = begun(&provider).await.wait(&http()).await.unwrap_err();
        assert_eq!(ended, expected);
        assert_eq!(polls(&server), 2);
    }
}

#[tokio::test]
async fn a_provider_that_wants_less_haste_is_not_asked_again_at_once() {
    let (server, provider) = provider(|_| {}, vec![refused("slow_down", "less haste")]).await;
    let mut sign_in = begun(&provider).await;
    // The next question would be granted, were it asked before the five seconds more are over.
    sign_in.deadline = Instant::now() + Duration::from_millis(500);
    assert_eq!(
        sign_in.wait(&http()).await.unwrap_err(),
        OidcError::DeviceCodeExpired
    );
    assert_eq!(polls(&server), 1);
}

#[tokio::test]
async fn a_network_that_fails_for_a_while_is_waited_for() {
    let failures = vec![
        Reply::Raw(Vec::new()),
        Reply::Html(503, "<html>"),
        pending(),
        Reply::Raw(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{".to_vec()),
    ];
    let (server, provider) = provider(|_| {}, failures).await;
    assert!(begun(&provider).await.wait(&http()).await.is_ok());
    assert_eq!(polls(&server), 5);
}

#[tokio::test]
async fn a_failure_that_does_not_pass_ends_the_sign_in() {
    let (server, provider) = provider(|_| {}, vec![Reply::Html(404, "<html>")]).await;
    let ended = begun(&provider).await.wait(&http()).await.unwrap_err();
    assert!(
        matches!(
            ended,
            OidcError::Repository(RepositoryError::Rejected { status: 404, .. })
        ),
        "{ended:?}"
    );
    assert_eq!(polls(&server), 1);
}

#[tokio::test]
async fn the_code_expires_here_too() {
    let (_server, provider) = provider_with(|request| match request.path() {
        "/device" => Reply::Json(200, device(request).to_string()),
        _ => pending(),
    })
    .await;
    let mut sign_in = begun(&provider).await;
    sign_in.deadline = Instant::now() + Duration::from_millis(50);
    assert_eq!(
        sign_in.wait(&http()).await.unwrap_err(),
        OidcError::DeviceCodeExpired
    );

    // The server is gone: that is what stood in the way.
    let mut sign_in = begun(&provider).await;
    drop(_server);
    sign_in.deadline = Instant::now() + Duration::from_millis(50);
    let ended = sign_in.wait(&http()).await.unwrap_err();
    assert!(
        matches!(ended, OidcError::Repository(RepositoryError::Refused { .. })),
        "{ended:?}"
    );
}

#[tokio::test]
async fn a_poll_under_way_ends_when_the_code_expires() {
    let (_server, provider) = provider(|_| {}, vec![Reply::Silence]).await;
    let mut sign_in = begun(&provider).await;
    sign_in.deadline = Instant::now() + Duration::from_millis(50);
    assert_eq!(
        sign_in.wait(&http()).await.unwrap_err(),
        OidcError::DeviceCodeExpired
    );
}

#[tokio::test]
async fn cancelling_asks_no_more() {
    let asked = std::sync::Arc::new((AtomicUsize::new(0), tokio::sync::Notify::new()));
    let (server, provider) = provider_with({
        let asked = asked.clone();
        move |request| match request.path() {
            "/device" => Reply::Json(200, device(request).to_string()),
            _ => {
                asked.0.fetch_add(1, Ordering::SeqCst);
                asked.1.notify_one();
                Reply::Silence
            }
        }
    })
    .await;
    let sign_in = begun(&provider).await;
    let http = http();
    let task = tokio::spawn(async move { sign_in.wait(&http).await });
    asked.1.notified().await;
    task.abort();
    assert!(task.await.unwrap_err().is_cancelled());
    server.abandoned.notified().await;
    assert_eq!(asked.0.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_provider_without_device_codes_says_so() {
    let (_server, provider) = provider(|_| {}, Vec::new()).await;
    let without = Provider {
        device_authorization_endpoint: None,
        ..provider
    };
    let refused = DeviceSignIn::begin(&http(), &without, Client::anaconda_server())
        .await
        .unwrap_err();
    assert_eq!(refused, OidcError::NoDeviceCode { site: without.site() });
}

#[tokio::test]
async fn what_a_provider_gives_out_is_looked_at() {
    let begin = |change: fn(&mut Value)| async move {
        let (_server, provider) = provider(change, Vec::new()).await;
        DeviceSignIn::begin(&http(), &provider, Client::anaconda_server()).await
    };
    for (change, field) in [
        (
            (|body| body["device_code"] = json!("")) as fn(&mut Value),
            "device_code",
        ),
        (|body| body["user_code"] = json!(7), "user_code"),
        (|body| body["expires_in"] = Value::Null, "expires_in"),
        (|body| body["verification_uri"] = Value::Null, "verification_uri"),
    ] {
        let refused = begin(change).await.unwrap_err();
        assert!(
            matches!(&refused, OidcError::Repository(RepositoryError::MissingField { field: named, .. }) if *named == field),
            "{field}: {refused:?}"
        );
    }
    let refused = begin(|body| body["verification_uri"] = json!("javascript:alert(1)"))
        .await
        .unwrap_err();
    assert!(
        matches!(
            &refused,
            OidcError::DiscoveryBroken {
                flaw: DiscoveryFlaw::NoAddress("verification_uri"),
                ..
            }
        ),
        "{refused:?}"
    );
    let elsewhere =
        begin(|body| body["verification_uri_complete"] = json!("https://evil.example.com/")).await;
    assert_eq!(elsewhere.unwrap().prompt().verification_uri_complete, None);

    let odd = begin(|body| {
        body["interval"] = json!(0);
        body["expires_in"] = json!(1e300);
        body["user_code"] = json!("AB\u{202e}CD\u{1b}[31m");
    })
    .await;
    // A number that no clock can hold is as good as none.
    assert!(matches!(
        odd,
        Err(OidcError::Repository(RepositoryError::MissingField { .. }))
    ));
    let odd = begin(|body| {
        body["interval"] = json!(1e18);
        body["expires_in"] = json!(1e18);
        body["user_code"] = json!("AB\u{202e}CD\u{1b}[31m");
    })
    .await
    .unwrap();
    assert_eq!(odd.prompt().expires_in, Duration::from_secs(24 * 60 * 60));
    assert_eq!(odd.prompt().user_code, "AB CD [31m");
    let usual = begin(|body| body["interval"] = Value::Null).await.unwrap();
    assert_eq!(usual.interval, Duration::from_secs(5));
    let rude = begin(|body| body["interval"] = json!(0)).await.unwrap();
    assert_eq!(rude.interval, Duration::from_secs(1));
}

#[tokio::test]
async fn a_refused_request_for_a_code_says_why() {
    let (_server, provider) = provider_with(|_| refused("unauthorized_client", "no devices here")).await;
    let refused = DeviceSignIn::begin(&http(), &provider, Client::anaconda_server())
        .await
        .unwrap_err();
    assert_eq!(
        refused,
        OidcError::ClientRefused {
            code: "unauthorized_client".to_owned(),
            said: Some("no devices here".to_owned())
        }
    );
}
