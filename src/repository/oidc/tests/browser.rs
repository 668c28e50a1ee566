//! Signing in through a browser, which the test plays with plain connections.

use std::collections::HashMap;
use std::time::Duration;

use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use url::Url;

use super::scripted_server::{Received, Reply};
use super::{ACCESS, CODE, form, granted, http, impatient, provider_with, refused, token_with};
use crate::error::Explain as _;
use crate::repository::oidc::proof;
use crate::repository::oidc::{BrowserSignIn, Client, Grant, OidcError, Provider};
use crate::repository::{HttpClient, RepositoryError};
use crate::secret::Secret;

/// Longer than any test takes.
pub(super) const LONG: Duration = Duration::from_secs(120);

/// A sign-in that waits, and what a browser knows of it.
pub(super) struct Waiting {
    task: JoinHandle<Result<Grant, OidcError>>,
    url: Url,
    pairs: HashMap<String, String>,
    pub(super) redirect: Url,
}

impl Waiting {
    pub(super) async fn start(provider: &Provider) -> Self {
        Self::start_with(provider, Client::anaconda_server(), http(), LONG).await
    }

    pub(super) async fn start_with(
        provider: &Provider,
        client: Client,
        http: HttpClient,
        limit: Duration,
    ) -> Self {
        let sign_in = BrowserSignIn::begin(provider, client).await.unwrap();
        let url = sign_in.authorize_url().clone();
        let pairs: HashMap<String, String> = url.query_pairs().into_owned().collect();
        let redirect = Url::parse(&pairs["redirect_uri"]).unwrap();
        // A task must be able to carry it from thread to thread.
        let task = tokio::spawn(async move { sign_in.wait(&http, limit, || {}).await });
        Self {
            task,
            url,
            pairs,
            redirect,
        }
    }

    pub(super) fn port(&self) -> u16 {
        self.redirect.port().unwrap()
    }

    /// What the provider sends the browser back with.
    fn answer(&self, pairs: &[(&str, &str)]) -> String {
        let mut url = self.redirect.clone();
        url.query_pairs_mut()
            .extend_pairs(pairs)
            .append_pair("state", &self.pairs["state"]);
        format!("{}?{}", url.path(), url.query().unwrap())
    }

    async fn get(&self, target: &str) -> (u16, String) {
        let host = format!("{}:{}", self.redirect.host_str().unwrap(), self.port());
        self.send(&format!("GET {target} HTTP/1.1\r\nHost: {host}\r\n\r\n"))
            .await
    }

    async fn send(&self, request: &str) -> (u16, String) {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port())).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        let status = answer[9..12].parse().unwrap();
        (status, answer)
    }

    /// How the sign-in ended; its port is free by then.
    async fn end(self) -> Result<Grant, OidcError> {
        let port = self.port();
        let outcome = self.task.await.unwrap();
        assert!(TcpStream::connect(("127.0.0.1", port)).await.is_err());
        outcome
    }
}

#[tokio::test]
async fn the_person_signs_in() {
    let (server, provider) = provider_with(|_| granted()).await;
    let waiting = Waiting::start(&provider).await;
    let pairs = waiting.pairs.clone();
    assert!(
        waiting
            .url
            .as_str()
            .starts_with(&format!("{}/authorize?kept=1&", server.url()))
    );
    assert_eq!(pairs["response_type"], "code");
    assert_eq!(pairs["client_id"], "repo-service-cli");
    assert_eq!(pairs["scope"], "openid");
    assert_eq!(pairs["code_challenge_method"], "S256");
    assert_eq!(
        pairs["redirect_uri"],
        format!("http://localhost:{}/", waiting.port())
    );

    let (status, page) = waiting.get(&waiting.answer(&[("code", CODE)])).await;
    assert_eq!(status, 200);
    assert!(page.contains("You are signed in"), "{page}");
    let head = page.to_ascii_lowercase();
    assert!(head.contains("cache-control: no-store") && head.contains("referrer-policy: no-referrer"));

    let grant = waiting.end().await.unwrap();
    assert_eq!(grant.access_token.expose(), ACCESS);
    assert_eq!(grant.expires_in, Some(Duration::from_secs(300)));
    assert!(grant.refresh_token.is_none() && grant.id_token.is_none());

    let asked = server.requests().pop().unwrap();
    assert_eq!((asked.method.as_str(), asked.path()), ("POST", "/token"));
    assert_eq!(form(&asked, "grant_type").unwrap(), "authorization_code");
    assert_eq!(form(&asked, "code").unwrap(), CODE);
    assert_eq!(form(&asked, "client_id").unwrap(), "repo-service-cli");
    assert_eq!(form(&asked, "redirect_uri").unwrap(), pairs["redirect_uri"]);
    let verifier = Secret::new(form(&asked, "code_verifier").unwrap());
    assert_eq!(proof::challenge(&verifier), pairs["code_challenge"]);
}

#[tokio::test]
async fn two_sign_ins_have_nothing_in_common() {
    let (_server, provider) = provider_with(|_| granted()).await;
    let one = Waiting::start(&provider).await;
    let two = Waiting::start(&provider).await;
    for name in ["state", "nonce", "code_challenge", "redirect_uri"] {
        assert_ne!(one.pairs[name], two.pairs[name], "{name}");
    }
}

#[tokio::test]
async fn what_is_no_answer_is_refused_and_the_sign_in_goes_on() {
    let (server, provider) = provider_with(|_| granted()).await;
    let waiting = Waiting::start(&provider).await;
    let right = waiting.answer(&[("code", CODE)]);
    let host = format!("localhost:{}", waiting.port());
    for (request, expected) in [
        // Another name that leads here, no name, two names.
        (
            format!(
                "GET {right} HTTP/1.1\r\nHost: evil.example.com:{}\r\n\r\n",
                waiting.port()
            ),
            400,
        ),
        (
            format!(
                "GET {right} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\n\r\n",
                waiting.port()
            ),
            400,
        ),
        (format!("GET {right} HTTP/1.1\r\nHost: localhost\r\n\r\n"), 400),
        (format!("GET {right} HTTP/1.1\r\n\r\n"), 400),
        (
            format!("GET {right} HTTP/1.1\r\nHost: {host}\r\nHost: {host}\r\n\r\n"),
            400,
        ),
        (
            format!("GET http://{host}{right} HTTP/1.1\r\nHost: {host}\r\n\r\n"),
            400,
        ),
        (format!("GET /favicon.ico HTTP/1.1\r\nHost: {host}\r\n\r\n"), 404),
        (format!("GET /x{right} HTTP/1.1\r\nHost: {host}\r\n\r\n"), 404),
        (
            format!("POST {right} HTTP/1.1\r\nHost: {host}\r\nContent-Length: 0\r\n\r\n"),
            405,
        ),
        (format!("HEAD {right} HTTP/1.1\r\nHost: {host}\r\n\r\n"), 405),
        // What a page of another site embeds.
        (
            format!("GET {right} HTTP/1.1\r\nHost: {host}\r\nSec-Fetch-Dest: image\r\n\r\n"),
            400,
        ),
        (format!("GET / HTTP/1.1\r\nHost: {host}\r\n\r\n"), 400),
        (
            format!("GET {right}&code=other HTTP/1.1\r\nHost: {host}\r\n\r\n"),
            400,
        ),
        (
            format!("GET {right}&state=other HTTP/1.1\r\nHost: {host}\r\n\r\n"),
            400,
        ),
        (
            format!("GET {right}&error=x HTTP/1.1\r\nHost: {host}\r\n\r\n"),
            400,
        ),
        ("nonsense\r\n\r\n".to_owned(), 400),
        (
            format!("GET /?{} HTTP/1.1\r\nHost: {host}\r\n\r\n", "x".repeat(70_000)),
            431,
        ),
    ] {
        let (status, page) = waiting.send(&request).await;
        let start: String = request.chars().take(90).collect();
        assert_eq!(status, expected, "{start}");
        assert!(!page.contains("You are signed in"), "{start}");
    }
    assert!(server.requests().iter().all(|request| request.path() != "/token"));
    // A browser opens connections ahead of need and says nothing on them.
    let idle = TcpStream::connect(("127.0.0.1", waiting.port())).await.unwrap();
    let document = format!(
        "GET {right} HTTP/1.1\r\nHost: LOCALHOST:{}\r\nSec-Fetch-Dest: document\r\n\r\n",
        waiting.port()
    );
    assert_eq!(waiting.send(&document).await.0, 200);
    assert!(waiting.end().await.is_ok());
    drop(idle);
}

#[tokio::test]
async fn another_sign_ins_answer_ends_this_one_unused() {
    let (server, provider) = provider_with(|_| granted()).await;
    for target in [
        "/?code=c&state=guessed",
        "/?code=c",
        "/?error=access_denied&state=",
        "/?code=c&state=",
    ] {
        let waiting = Waiting::start(&provider).await;
        let (status, page) = waiting.get(target).await;
        assert_eq!(status, 400);
        assert!(page.contains("does not belong to this sign-in"), "{page}");
        assert_eq!(waiting.end().await.unwrap_err(), OidcError::WrongState);
    }
    assert_eq!(
        server.requests().len(),
        1,
        "nothing but the description was asked for"
    );
}

#[tokio::test]
async fn a_refusal_is_told_in_the_browser_and_here() {
    let (server, provider) = provider_with(|_| granted()).await;
    let said = || Some("Not today <b>".to_owned());
    let code = str::to_owned;
    for (error, expected) in [
        ("access_denied", OidcError::Denied { said: said() }),
        (
            "unauthorized_client",
            OidcError::ClientRefused {
                code: code("unauthorized_client"),
                said: said(),
            },
        ),
        (
            "invalid_scope",
            OidcError::ClientRefused {
                code: code("invalid_scope"),
                said: said(),
            },
        ),
        (
            "server_error",
            OidcError::Unavailable {
                code: code("server_error"),
                said: said(),
            },
        ),
        (
            "temporarily_unavailable",
            OidcError::Unavailable {
                code: code("temporarily_unavailable"),
                said: said(),
            },
        ),
        (
            "login_required",
            OidcError::Refused {
                code: code("login_required"),
                said: said(),
            },
        ),
    ] {
        let waiting = Waiting::start(&provider).await;
        let answer = waiting.answer(&[("error", error), ("error_description", "Not\ntoday <b>")]);
        let (status, page) = waiting.get(&answer).await;
        assert_eq!(status, 400);
        assert!(page.contains("You are not signed in"));
        assert!(page.contains("Not today &lt;b&gt;"), "{page}");
        assert_eq!(waiting.end().await.unwrap_err(), expected);
    }
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn the_issuer_of_an_answer_must_be_the_one_that_was_asked() {
    let (server, provider) = provider_with(|_| granted()).await;
    let waiting = Waiting::start(&provider).await;
    let answer = waiting.answer(&[("code", CODE), ("iss", "https://evil.example.com")]);
    assert_eq!(waiting.get(&answer).await.0, 400);
    assert_eq!(waiting.end().await.unwrap_err(), OidcError::WrongIssuer);

    let promising = Provider {
        names_issuer_in_answers: true,
        ..provider.clone()
    };
    let waiting = Waiting::start(&promising).await;
    waiting.get(&waiting.answer(&[("code", CODE)])).await;
    assert_eq!(waiting.end().await.unwrap_err(), OidcError::WrongIssuer);

    let waiting = Waiting::start(&promising).await;
    waiting
        .get(&waiting.answer(&[("code", CODE), ("iss", &server.url())]))
        .await;
    assert!(waiting.end().await.is_ok());
}

#[tokio::test]
async fn an_identity_must_be_of_this_sign_in() {
    // The code stands for the identity that the provider is to give out.
    let (_server, provider) = provider_with(|request| {
        Reply::Json(
            200,
            json!({ "access_token": ACCESS, "id_token": form(request, "code").unwrap() }).to_string(),
        )
    })
    .await;
    let other = token_with(&json!({ "nonce": "of-another-sign-in" }));
    let none = token_with(&json!({ "sub": "alice" }));
    for identity in [other.as_str(), &none, "not-a-token", "a.%.c"] {
        let waiting = Waiting::start(&provider).await;
        let (status, page) = waiting.get(&waiting.answer(&[("code", identity)])).await;
        assert_eq!(status, 400, "{page}");
        assert_eq!(
            waiting.end().await.unwrap_err(),
            OidcError::WrongNonce,
            "{identity}"
        );
    }
    let waiting = Waiting::start(&provider).await;
    let right = token_with(&json!({ "nonce": waiting.pairs["nonce"] }));
    assert_eq!(waiting.get(&waiting.answer(&[("code", &right)])).await.0, 200);
    assert_eq!(waiting.end().await.unwrap().id_token.unwrap().expose(), right);
}

#[tokio::test]
async fn a_failed_exchange_is_told_in_the_browser_and_shows_no_secret() {
    let (_server, provider) = provider_with(|request: &Received| {
        let verifier = form(request, "code_verifier").unwrap();
        refused("invalid_grant", &format!("{CODE} with {verifier} has expired"))
    })
    .await;
    let waiting = Waiting::start(&provider).await;
    let (status, page) = waiting.get(&waiting.answer(&[("code", CODE)])).await;
    assert_eq!(status, 400);
    assert!(page.contains("You are not signed in") && page.contains("has expired"));
    assert!(!page.contains(CODE));
    let error = waiting.end().await.unwrap_err();
    let said = Some("•••• with •••• has expired".to_owned());
    assert_eq!(error, OidcError::CodeRefused { said });
}

#[tokio::test]
async fn an_exchange_that_does_not_end_ends_the_sign_in() {
    let (_server, provider) = provider_with(|_| Reply::Silence).await;
    let client = Client::anaconda_server();
    let waiting = Waiting::start_with(&provider, client, impatient(), LONG).await;
    let (status, page) = waiting.get(&waiting.answer(&[("code", CODE)])).await;
    assert_eq!(status, 400);
    assert!(page.contains("did not answer in time"), "{page}");
    let error = waiting.end().await.unwrap_err();
    assert!(
        matches!(error, OidcError::Repository(RepositoryError::TimedOut { .. })),
        "{error:?}"
    );
}

#[tokio::test]
async fn an_answer_that_is_no_grant_is_no_sign_in() {
    for body in [
        json!({ "token_type": "Bearer" }),
        json!({ "access_token": "" }),
        json!({ "access_token": ACCESS, "token_type": "mac" }),
        json!([]),
    ] {
        let text = body.to_string();
        let (_server, provider) = provider_with(move |_| Reply::Json(200, text.clone())).await;
        let waiting = Waiting::start(&provider).await;
        assert_eq!(waiting.get(&waiting.answer(&[("code", CODE)])).await.0, 400);
        let error = waiting.end().await.unwrap_err();
        assert!(
            matches!(error, OidcError::Repository(RepositoryError::MissingField { .. })),
            "{body}: {error:?}"
        );
        assert!(!format!("{error:?} {:?}", error.explain()).contains(ACCESS));
    }
    for (reply, status) in [
        (Reply::Html(502, "<html>"), 502),
        (Reply::Html(418, "<html>"), 418),
    ] {
        let Reply::Html(_, text) = reply else {
            unreachable!()
        };
        let (_server, provider) = provider_with(move |_| Reply::Html(status, text)).await;
        let waiting = Waiting::start(&provider).await;
        waiting.get(&waiting.answer(&[("code", CODE)])).await;
        let error = waiting.end().await.unwrap_err();
        assert!(error.to_string().contains(&status.to_string()), "{error:?}");
    }
}

#[tokio::test]
async fn a_browser_that_leaves_early_does_not_undo_the_sign_in() {
    let (_server, provider) = provider_with(|_| granted()).await;
    let waiting = Waiting::start(&provider).await;
    let target = waiting.answer(&[("code", CODE)]);
    let mut stream = TcpStream::connect(("127.0.0.1", waiting.port())).await.unwrap();
    let request = format!(
        "GET {target} HTTP/1.1\r\nHost: localhost:{}\r\n\r\n",
        waiting.port()
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    drop(stream);
    assert!(waiting.end().await.is_ok());
}

#[tokio::test]
async fn the_persons_time_is_limited() {
    let (_server, provider) = provider_with(|_| granted()).await;
    let limit = Duration::from_millis(1);
    let waiting = Waiting::start_with(&provider, Client::anaconda_server(), http(), limit).await;
    assert_eq!(waiting.end().await.unwrap_err(), OidcError::TimedOut { limit });
}

#[tokio::test]
async fn nothing_secret_shows_in_debug_output() {
    let (_server, provider) = provider_with(|_| granted()).await;
    let sign_in = BrowserSignIn::begin(&provider, Client::anaconda_server())
        .await
        .unwrap();
    let shown = format!("{sign_in:?}");
    assert!(shown.contains("repo-service-cli"));
    for secret in [&sign_in.verifier, &sign_in.state, &sign_in.nonce] {
        assert!(!shown.contains(secret.expose()));
    }
    let grant = Grant {
        access_token: Secret::new(ACCESS),
        refresh_token: Some(Secret::new(ACCESS)),
        id_token: Some(Secret::new(ACCESS)),
        expires_in: None,
    };
    assert!(!format!("{grant:?}").contains(ACCESS));
}
