//! Single sign-on for Anaconda Server (server reference, section 1.4), and the code flow of both providers.

use std::time::Duration;

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};
use reqwest::Response;
use sextant::practice::SingleSignOn;
use sha2::{Digest, Sha256};
use url::{Url, form_urlencoded};

use super::*;

pub(super) const CLI: &str = "repo-service-cli";
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

/// What a provider is known by.
pub(super) struct Discovered {
    pub(super) document: Value,
    pub(super) client: &'static str,
    pub(super) redirect: &'static str,
}

impl Discovered {
    pub(super) fn endpoint(&self, name: &str) -> &str {
        self.document[name].as_str().unwrap()
    }
}

pub(super) fn encoded(pairs: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .finish()
}

impl Asker {
    /// As conda-repo-cli finds it: through the redirect of `auth/authorize`.
    pub(super) async fn server_provider(&self) -> Discovered {
        let request = self.request(Method::GET, "/api/auth/authorize", As::Nobody);
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 302);
        let location = Url::parse(location(&response)).unwrap();
        let rest = location.path().strip_prefix("/auth/realms/").unwrap();
        let (realm, rest) = rest.split_once('/').unwrap();
        assert!(!realm.is_empty() && realm.chars().all(|c| c.is_ascii_lowercase() || c == '-'));
        assert_eq!(rest, "protocol/openid-connect/auth");
        let path = format!("/auth/realms/{realm}/.well-known/openid-configuration");
        let (status, document) = self.get(&path, As::Nobody).await;
        assert_eq!(status, 200);
        Discovered {
            document,
            client: CLI,
            redirect: "http://localhost:4711/",
        }
    }

    pub(super) async fn cloud_provider(&self) -> Discovered {
        let path = "/.well-known/openid-configuration";
        let (status, document) = Self::send(self.at(Site::Cloud, Method::GET, path)).await;
        assert_eq!(status, 200);
        Discovered {
            document,
            client: "b4ad7f1d-c784-46b5-a9fe-106e50441f5a",
            redirect: "http://127.0.0.1:8000/auth/oidc",
        }
    }

    /// `GET` of the authorization endpoint.
    pub(super) async fn authorize(&self, provider: &Discovered, more: &[(&str, &str)]) -> Response {
        let query = encoded(&asked(provider, more));
        let url = format!("{}?{query}", provider.endpoint("authorization_endpoint"));
        self.http.get(url).send().await.unwrap()
    }

    pub(super) async fn form(&self, url: &str, pairs: &[(&str, &str)]) -> (StatusCode, Value) {
        let request = self.http.post(url);
        let request = request.header("Content-Type", "application/x-www-form-urlencoded");
        Self::send(request.body(encoded(pairs))).await
    }

    async fn redeem(&self, provider: &Discovered, code: &str, more: &[(&str, &str)]) -> (StatusCode, Value) {
        let mut pairs = vec![
            ("grant_type", "authorization_code"),
            ("code", code),
            ("client_id", provider.client),
            ("redirect_uri", provider.redirect),
        ];
        pairs.extend_from_slice(more);
        self.form(provider.endpoint("token_endpoint"), &pairs).await
    }

    /// The answer of the token endpoint after alice or another said yes.
    pub(super) async fn sign_in(&self, provider: &Discovered, user: &str, scope: &str) -> Value {
        let more = [("practice_user", user), ("scope", scope)];
        let code = parameter(&self.authorize(provider, &more).await, "code").unwrap();
        let (status, answer) = self.redeem(provider, &code, &[]).await;
        assert_eq!(status, 200, "{answer}");
        answer
    }
}

fn asked<'a>(provider: &'a Discovered, more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut pairs = vec![
        ("client_id", provider.client),
        ("response_type", "code"),
        ("redirect_uri", provider.redirect),
    ];
    for (key, value) in more {
        pairs.retain(|(known, _)| known != key);
        pairs.push((key, value));
    }
    pairs
}

fn location(response: &Response) -> &str {
    response.headers()["location"].to_str().unwrap()
}

/// A parameter of the redirect to the client.
pub(super) fn parameter(response: &Response, name: &str) -> Option<String> {
    assert_eq!(response.status(), 302);
    let url = Url::parse(location(response)).unwrap();
    let found = url.query_pairs().find(|(key, _)| key == name);
    found.map(|(_, value)| value.into_owned())
}

pub(super) fn payload(jwt: &Value) -> Value {
    let part = jwt.as_str().unwrap().split('.').nth(1).unwrap();
    serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

fn challenge() -> String {
    BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(VERIFIER))
}

#[track_caller]
pub(super) fn assert_oauth_error(answer: &(StatusCode, Value), status: u16, error: &str) {
    assert_eq!((answer.0.as_u16(), &answer.1["error"]), (status, &json!(error)));
    assert!(answer.1["error_description"].is_string());
}

#[tokio::test]
async fn a_session_from_the_browser_is_as_good_as_one_from_a_password() {
    let asker = Asker::new().await;
    let provider = asker.server_provider().await;
    let answer = asker.sign_in(&provider, "alice", "").await;
    assert_eq!(answer["token_type"], "bearer");
    assert_eq!(answer["expires_in"], 36_000);
    assert!(answer.get("id_token").is_none(), "nobody asked for openid");
    let token = text(&answer["access_token"]);
    let with_password = payload(&json!(asker.session("alice").await));
    let claims = payload(&answer["access_token"]);
    assert_eq!(keys(&claims), keys(&with_password));
    for key in ["iss", "sub", "realm_access", "typ", "preferred_username", "scope"] {
        assert_eq!(claims[key], with_password[key], "{key}");
    }
    assert_eq!(claims["azp"], CLI);
    for who in [As::Bearer(&token), As::Cookies(&token)] {
        assert_eq!(asker.get("/api/account", who).await.1["username"], "alice");
    }
    let new = json!({"name": "n", "expires_at": "2999-12-31", "scopes": READ});
    let created = asker.post("/api/account/tokens", As::Bearer(&token), &new).await;
    assert_eq!(created.0, 200);
    asker.server.expire_sessions();
    assert_eq!(asker.status("/api/account", As::Bearer(&token)).await, 401);
}

#[tokio::test]
async fn conda_repo_cli_needs_neither_state_nor_proof() {
    let asker = Asker::new().await;
    let provider = asker.server_provider().await;
    let response = asker.authorize(&provider, &[("practice_user", "bob")]).await;
    assert!(location(&response).starts_with("http://localhost:4711/?"));
    assert_eq!(parameter(&response, "state"), None);
    let code = parameter(&response, "code").unwrap();
    assert_eq!(asker.redeem(&provider, &code, &[]).await.0, 200);
    assert_oauth_error(&asker.redeem(&provider, &code, &[]).await, 400, "invalid_grant");
}

#[tokio::test]
async fn state_nonce_and_proof_are_kept() {
    let asker = Asker::new().await;
    for provider in [asker.server_provider().await, asker.cloud_provider().await] {
        let challenge = challenge();
        let more = [
            ("practice_user", "alice"),
            ("scope", "openid email"),
            ("state", "a b&c=d"),
            ("nonce", "n-1"),
            ("code_challenge", challenge.as_str()),
            ("code_challenge_method", "S256"),
        ];
        let response = asker.authorize(&provider, &more).await;
        assert_eq!(parameter(&response, "state").as_deref(), Some("a b&c=d"));
        let code = parameter(&response, "code").unwrap();
        let (status, answer) = asker
            .redeem(&provider, &code, &[("code_verifier", VERIFIER)])
            .await;
        assert_eq!(status, 200, "{answer}");
        let identity = payload(&answer["id_token"]);
        assert_eq!(
            (&identity["nonce"], &identity["aud"], &identity["iss"]),
            (
                &json!("n-1"),
                &json!(provider.client),
                &provider.document["issuer"]
            )
        );
        assert_eq!(identity["sub"], payload(&answer["access_token"])["sub"]);

        for verifier in [None, Some("another-verifier-another-verifier-another-v")] {
            let response = asker.authorize(&provider, &more).await;
            let code = parameter(&response, "code").unwrap();
            let sent: Vec<_> = verifier
                .map(|value| ("code_verifier", value))
                .into_iter()
                .collect();
            let refused = asker.redeem(&provider, &code, &sent).await;
            assert_oauth_error(&refused, 400, "invalid_grant");
        }
        let response = asker.authorize(&provider, &[("practice_user", "alice")]).await;
        let code = parameter(&response, "code").unwrap();
        let refused = asker
            .redeem(&provider, &code, &[("code_verifier", VERIFIER)])
            .await;
        assert_oauth_error(&refused, 400, "invalid_grant");
    }
}

#[tokio::test]
async fn an_identity_token_is_no_session() {
    let asker = Asker::new().await;
    let provider = asker.server_provider().await;
    let answer = asker.sign_in(&provider, "alice", "openid").await;
    let identity = text(&answer["id_token"]);
    assert_eq!(asker.status("/api/account", As::Bearer(&identity)).await, 401);
    let provider = asker.cloud_provider().await;
    let identity = text(&asker.sign_in(&provider, "alice", "openid").await["id_token"]);
    let account = asker.at(Site::Cloud, Method::GET, "/api/account");
    assert_eq!(Asker::send(account.bearer_auth(identity)).await.0, 401);
}

#[tokio::test]
async fn a_code_ends_after_a_minute() {
    let asker = Asker::new().await;
    let provider = asker.server_provider().await;
    let response = asker.authorize(&provider, &[("practice_user", "alice")]).await;
    let code = parameter(&response, "code").unwrap();
    asker.server.advance_clock(Duration::from_secs(61));
    assert_oauth_error(&asker.redeem(&provider, &code, &[]).await, 400, "invalid_grant");
}

#[tokio::test]
async fn codes_go_to_this_machine_only() {
    let asker = Asker::new().await;
    for (provider, good, bad) in [
        (
            asker.server_provider().await,
            vec!["http://localhost:1/", "http://127.0.0.1:50000/"],
            vec![
                "http://localhost:1/x",
                "https://evil.example/",
                "http://127.0.0.1.evil.example/",
            ],
        ),
        (
            asker.cloud_provider().await,
            vec!["http://127.0.0.1:1/auth/oidc", "http://127.0.0.1:8000/auth/oidc"],
            vec!["http://127.0.0.1:8000/", "http://localhost:8000/auth/oidc"],
        ),
    ] {
        for redirect in good {
            let more = [("redirect_uri", redirect), ("practice_user", "alice")];
            let response = asker.authorize(&provider, &more).await;
            assert!(parameter(&response, "code").is_some(), "{redirect}");
        }
        for redirect in bad {
            let more = [("redirect_uri", redirect), ("practice_user", "alice")];
            let response = asker.authorize(&provider, &more).await;
            assert_eq!(response.status(), 400, "{redirect}");
            assert!(response.headers().get("location").is_none());
        }
        let stranger = [("client_id", "stranger"), ("practice_user", "alice")];
        assert_eq!(asker.authorize(&provider, &stranger).await.status(), 400);
        // A code goes back to where it was asked for.
        let response = asker.authorize(&provider, &[("practice_user", "alice")]).await;
        let code = parameter(&response, "code").unwrap();
        let elsewhere = provider
            .redirect
            .replace(":4711", ":4712")
            .replace(":8000", ":8001");
        let pairs = [
            ("grant_type", "authorization_code"),
            ("code", code.as_str()),
            ("client_id", provider.client),
            ("redirect_uri", elsewhere.as_str()),
        ];
        let refused = asker.form(provider.endpoint("token_endpoint"), &pairs).await;
        assert_oauth_error(&refused, 400, "invalid_grant");
    }
}

#[tokio::test]
async fn what_is_wrong_with_a_request_is_told_to_the_client() {
    let asker = Asker::new().await;
    let provider = asker.server_provider().await;
    let challenge = challenge();
    for (more, error) in [
        (vec![("response_type", "token")], "unsupported_response_type"),
        (vec![("code_challenge", challenge.as_str())], "invalid_request"),
        (
            vec![
                ("code_challenge", challenge.as_str()),
                ("code_challenge_method", "plain"),
            ],
            "invalid_request",
        ),
        (
            vec![("code_challenge", "short"), ("code_challenge_method", "S256")],
            "invalid_request",
        ),
        (vec![("practice_deny", "")], "access_denied"),
    ] {
        let more = [more, vec![("state", "s")]].concat();
        let response = asker.authorize(&provider, &more).await;
        assert_eq!(parameter(&response, "error").as_deref(), Some(error));
        assert_eq!(parameter(&response, "state").as_deref(), Some("s"));
        assert_eq!(parameter(&response, "code"), None);
    }
    let token = provider.endpoint("token_endpoint");
    for (pairs, status, error) in [
        (vec![("grant_type", "password")], 401, "invalid_client"),
        (vec![("client_id", "x")], 401, "invalid_client"),
        (vec![("client_id", CLI)], 400, "invalid_request"),
        (
            vec![("client_id", CLI), ("grant_type", "password")],
            400,
            "unsupported_grant_type",
        ),
        (
            vec![("client_id", CLI), ("grant_type", "authorization_code")],
            400,
            "invalid_request",
        ),
        (
            vec![
                ("client_id", CLI),
                ("grant_type", "refresh_token"),
                ("refresh_token", "x"),
            ],
            400,
            "invalid_grant",
        ),
    ] {
        assert_oauth_error(&asker.form(token, &pairs).await, status, error);
    }
    let json = Asker::send(asker.http.post(token).json(&json!({"client_id": CLI}))).await;
    assert_oauth_error(&json, 400, "invalid_request");
}

#[tokio::test]
async fn a_person_says_yes_or_no_on_a_page() {
    let asker = Asker::new().await;
    for provider in [asker.server_provider().await, asker.cloud_provider().await] {
        let page = asker.authorize(&provider, &[("state", "s\"><b>")]).await;
        assert_eq!(page.status(), 200);
        let html = page.text().await.unwrap();
        assert!(html.starts_with("<!DOCTYPE html>") && html.contains("<form method=post>"));
        assert!(html.contains("Deny") && html.contains("type=password") && !html.contains("<b>"));

        let query = encoded(&asked(&provider, &[("state", "s")]));
        let url = format!("{}?{query}", provider.endpoint("authorization_endpoint"));
        let send = async |pairs: &[(&str, &str)]| {
            let request = asker.http.post(&url);
            let request = request.header("Content-Type", "application/x-www-form-urlencoded");
            request.body(encoded(pairs)).send().await.unwrap()
        };
        let wrong = send(&[
            ("username", "alice"),
            ("password", "wrong"),
            ("decision", "approve"),
        ])
        .await;
        assert_eq!(wrong.status(), 200);
        assert!(
            wrong
                .text()
                .await
                .unwrap()
                .contains("Invalid user name or password")
        );
        let right = send(&[
            ("username", "alice"),
            ("password", "sextant"),
            ("decision", "approve"),
        ])
        .await;
        let code = parameter(&right, "code").unwrap();
        assert_eq!(parameter(&right, "state").as_deref(), Some("s"));
        assert_eq!(asker.redeem(&provider, &code, &[]).await.0, 200);
        let denied = send(&[("decision", "deny")]).await;
        assert_eq!(parameter(&denied, "error").as_deref(), Some("access_denied"));
    }
    let nobody = [("practice_user", "nobody")];
    let provider = asker.server_provider().await;
    assert_eq!(asker.authorize(&provider, &nobody).await.status(), 400);
}

#[tokio::test]
async fn a_session_is_renewed() {
    let asker = Asker::new().await;
    let provider = asker.server_provider().await;
    let first = asker.sign_in(&provider, "alice", "").await;
    asker.server.advance_clock(Duration::from_secs(35_999));
    let refresh = text(&first["refresh_token"]);
    let pairs = [
        ("grant_type", "refresh_token"),
        ("refresh_token", refresh.as_str()),
        ("client_id", CLI),
    ];
    let token = provider.endpoint("token_endpoint");
    let (status, second) = asker.form(token, &pairs).await;
    assert_eq!(status, 200);
    asker.server.advance_clock(Duration::from_secs(2));
    let account = async |answer: &Value| {
        let token = text(&answer["access_token"]);
        asker.status("/api/account", As::Bearer(&token)).await
    };
    assert_eq!((account(&first).await, account(&second).await), (401, 200));
    assert_oauth_error(&asker.form(token, &pairs).await, 400, "invalid_grant");
}

#[tokio::test]
async fn the_servers_own_page_can_be_reached_through_it() {
    let asker = Asker::new().await;
    let request = asker.request(Method::GET, "/api/auth/authorize", As::Nobody);
    let url = location(&request.send().await.unwrap()).to_owned();
    assert_eq!(asker.http.get(&url).send().await.unwrap().status(), 200);
    let response = asker
        .http
        .get(format!("{url}&practice_user=alice"))
        .send()
        .await
        .unwrap();
    assert!(parameter(&response, "code").is_some());
    let back = asker.http.get(location(&response)).send().await.unwrap();
    assert_eq!(back.status(), 200);
}

#[tokio::test]
async fn single_sign_on_may_be_absent() {
    let asker = Asker::with(Options {
        single_sign_on: SingleSignOn::Absent,
        ..Options::default()
    })
    .await;
    for path in [
        "/api/auth/authorize",
        "/auth/realms/dev/.well-known/openid-configuration",
        "/auth/realms/dev/protocol/openid-connect/auth",
    ] {
        assert_error(&asker.get(path, As::Nobody).await, 404);
    }
    asker.session("alice").await;
    asker.cloud_provider().await;
}
