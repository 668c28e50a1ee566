//! Sign-ins against servers that answer as a test tells them. `tests/oidc_provider.rs` has a real provider.

#[path = "../../../tests/support/certificates.rs"]
mod certificates;
#[path = "../../../tests/support/scripted_server.rs"]
mod scripted_server;

mod browser;
mod device;
mod port;
mod provider;

use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::json;
use url::Url;

use self::scripted_server::{Received, Reply, ScriptedServer};
use super::provider::Provider;
use crate::repository::{HttpClient, HttpSettings, Timeouts};

const CODE: &str = "canary-code";
const ACCESS: &str = "canary-access";

fn http() -> HttpClient {
    HttpClient::new(&HttpSettings::default()).unwrap()
}

fn impatient() -> HttpClient {
    let soon = Duration::from_millis(100);
    let timeouts = Timeouts {
        connect: soon,
        read: soon,
        total: soon,
    };
    HttpClient::new(&HttpSettings {
        timeouts,
        ..HttpSettings::default()
    })
    .unwrap()
}

/// The base address under which a request came.
fn base(request: &Received) -> String {
    format!("http://{}", request.header("host").unwrap())
}

/// What a provider at `base` says of itself.
fn description(base: &str) -> serde_json::Value {
    json!({
        "issuer": base,
        "authorization_endpoint": format!("{base}/authorize?kept=1"),
        "token_endpoint": format!("{base}/token"),
        "device_authorization_endpoint": format!("{base}/device"),
    })
}

/// A provider whose endpoints answer with `endpoint`.
async fn provider_with(
    endpoint: impl Fn(&Received) -> Reply + Send + Sync + 'static,
) -> (ScriptedServer, Provider) {
    let server = ScriptedServer::start(move |request| match request.path() {
        "/.well-known/openid-configuration" => Reply::Json(200, description(&base(request)).to_string()),
        _ => endpoint(request),
    })
    .await;
    let issuer = Url::parse(&server.url()).unwrap();
    let provider = Provider::discover(&http(), &issuer).await.unwrap();
    (server, provider)
}

/// A field of a form that was sent.
fn form(request: &Received, name: &str) -> Option<String> {
    url::form_urlencoded::parse(request.body.as_bytes())
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.into_owned())
}

fn granted() -> Reply {
    Reply::Json(
        200,
        json!({ "access_token": ACCESS, "token_type": "bearer", "expires_in": "300" }).to_string(),
    )
}

fn refused(code: &str, description: &str) -> Reply {
    Reply::Json(
        400,
        json!({ "error": code, "error_description": description }).to_string(),
    )
}

/// An unsigned JSON Web Token.
fn token_with(claims: &serde_json::Value) -> String {
    format!("e30.{}.", BASE64_URL_SAFE_NO_PAD.encode(claims.to_string()))
}
