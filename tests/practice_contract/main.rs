//! The practice server against the written contracts (server reference, sections 1, 2, 7 and 9; repository reference,
//! section 1), asked with a plain HTTP client: every endpoint, status code, carrier and privacy, and every trouble.

mod anaconda_org;
mod channels;
mod cloud_account;
mod cloud_channels;
mod cloud_content;
mod content;
mod device;
mod kerberos;
mod packages;
mod repository;
mod repository_content;
mod repository_people;
mod sign_in;
mod single_sign_on;
mod sites;
mod tls;
mod tokens;
mod trouble;

use reqwest::{Client, Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};
use sextant::practice::{Options, Practice, Site};

const READ: [&str; 6] = [
    "channel:view",
    "channel:view-artifacts",
    "subchannel:view",
    "subchannel:view-artifacts",
    "artifact:view",
    "artifact:download",
];

const SUBDIRS: [&str; 6] = [
    "noarch",
    "linux-64",
    "linux-aarch64",
    "osx-64",
    "osx-arm64",
    "win-64",
];

/// A server and someone who asks it. Without a word about the product, Anaconda Server is asked.
struct Asker {
    server: Practice,
    http: Client,
}

/// How a request proves who asks.
#[derive(Clone, Copy)]
enum As<'a> {
    Nobody,
    Bearer(&'a str),
    XAuth(&'a str),
    Basic(&'a str),
    Cookies(&'a str),
}

fn client() -> reqwest::ClientBuilder {
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
}

impl Asker {
    async fn new() -> Self {
        Self::with(Options::default()).await
    }

    async fn with(options: Options) -> Self {
        let server = Practice::start(options).await.unwrap();
        Self {
            server,
            http: client().build().unwrap(),
        }
    }

    fn request(&self, method: Method, path: &str, who: As<'_>) -> RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.server.url()));
        match who {
            As::Nobody => request,
            As::Bearer(jwt) => request.bearer_auth(jwt),
            As::XAuth(token) => request.header("X-Auth", token),
            As::Basic(token) => request.basic_auth(token, Some("x-auth-token")),
            As::Cookies(jwt) => request.header(
                "Cookie",
                format!("token={jwt}; refresh_token=r; jwt_token={jwt}; jwt_token_refresh=r"),
            ),
        }
    }

    /// A request to another product.
    fn at(&self, site: Site, method: Method, path: &str) -> RequestBuilder {
        let url = match site {
            Site::Server => self.server.url(),
            Site::Cloud => self.server.cloud_url(),
            Site::Repository => self.server.repository_url(),
            Site::AnacondaOrg => self.server.anaconda_org_url(),
        };
        self.http.request(method, format!("{url}{path}"))
    }

    async fn send(request: RequestBuilder) -> (StatusCode, Value) {
        let response = request.send().await.unwrap();
        let status = response.status();
        let text = response.text().await.unwrap();
        (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
    }

    async fn get(&self, path: &str, who: As<'_>) -> (StatusCode, Value) {
        Self::send(self.request(Method::GET, path, who)).await
    }

    async fn status(&self, path: &str, who: As<'_>) -> u16 {
        self.get(path, who).await.0.as_u16()
    }

    async fn post(&self, path: &str, who: As<'_>, body: &Value) -> (StatusCode, Value) {
        Self::send(self.request(Method::POST, path, who).json(body)).await
    }

    /// The session JWT of someone.
    async fn session(&self, username: &str) -> String {
        let body = json!({"username": username, "password": password(&self.server, username)});
        let (status, answer) = self.post("/api/auth/login", As::Nobody, &body).await;
        assert_eq!(status, 200);
        answer["token"].as_str().unwrap().to_owned()
    }

    /// The identifier and value of a new token.
    async fn token(&self, username: &str, scopes: &[&str]) -> (String, String) {
        let session = self.session(username).await;
        let body = json!({"name": "test", "expires_at": "2999-12-31", "scopes": scopes});
        let (status, answer) = self
            .post("/api/account/tokens", As::Bearer(&session), &body)
            .await;
        assert_eq!(status, 200, "{answer}");
        (text(&answer["id"]), text(&answer["token"]))
    }
}

/// The password of someone.
fn password(server: &Practice, username: &str) -> String {
    let users = server.users();
    let user = users.iter().find(|user| user.username == username).unwrap();
    user.password.expose().to_owned()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

fn keys(value: &Value) -> Vec<&str> {
    let mut keys: Vec<&str> = value.as_object().unwrap().keys().map(String::as_str).collect();
    keys.sort_unstable();
    keys
}

fn assert_error(answer: &(StatusCode, Value), status: u16) {
    assert_eq!(answer.0, status, "{}", answer.1);
    assert_eq!(keys(&answer.1), ["code", "message"]);
}
