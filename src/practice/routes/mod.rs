//! The endpoints, one file per group.

mod account;
mod channels;
mod content;
mod control;
mod paging;
mod sign_in;
mod tokens;

use std::sync::Arc;

use axum::Router;
use axum::http::{HeaderMap, header};
use axum::response::Html;
use axum::routing::{get, post, put};
use serde_json::Value;

use super::answer::Refusal;
use super::state::State;

/// The whole server.
pub(super) fn router(state: Arc<State>) -> Router {
    Router::new()
        .route("/", get(front_page))
        .route("/api/system", get(sign_in::system))
        .route("/api/auth/login", post(sign_in::login))
        // Signing in with a browser (`/api/auth/authorize` and the realm's own addresses) is not offered; its routes
        // belong here.
        .route("/api/account", get(account::account))
        .route("/api/account/scopes", get(account::scopes))
        .route("/api/account/token-info", get(account::token_info))
        .route("/api/account/channels", get(channels::own))
        .route("/api/account/tokens", get(tokens::list).post(tokens::create))
        .route(
            "/api/account/tokens/{id}",
            put(tokens::renew).delete(tokens::delete),
        )
        .route("/api/channels", get(channels::all))
        .route("/api/channels/{channel}", get(channels::one))
        .route("/api/channels/{channel}/subchannels", get(channels::subchannels))
        .route(
            "/api/channels/{channel}/subchannels/{subchannel}",
            get(channels::one_subchannel),
        )
        .route("/api/repo/{*path}", get(content::under_api))
        .route("/t/{token}/api/repo/{*path}", get(content::under_root))
        .nest("/practice", control::router())
        .fallback(|| async { Refusal::not_found("There is nothing at this address") })
        .method_not_allowed_fallback(|| async { Refusal::method_not_allowed() })
        .with_state(state)
}

async fn front_page() -> Html<&'static str> {
    Html(
        "<!DOCTYPE html><title>Practice server</title><p>A practice server. Its API is under <code>/api</code>.</p>",
    )
}

/// The JSON of a body that must be declared as JSON: 415 if it is not, 400 if it does not parse.
fn json_body(headers: &HeaderMap, body: &[u8]) -> Result<Value, Refusal> {
    let declared = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let essence = declared.split(';').next().unwrap_or_default().trim();
    if !essence.eq_ignore_ascii_case("application/json") {
        return Err(Refusal::not_json());
    }
    serde_json::from_slice(body).map_err(|_| Refusal::malformed("The body is not JSON"))
}
