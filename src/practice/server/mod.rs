//! Anaconda Server 6.x (server reference, sections 1 and 9): for real, tokens live and expire, channels are public,
//! authenticated or private, and every status code is the contract's. Not offered: changes to channels, lists of all
//! artifacts, mirrors.

mod account_routes;
mod answer;
mod artifact;
mod caller;
mod channel;
mod channel_routes;
mod content;
mod packages;
mod scope;
mod session;
mod sign_in;
mod single_sign_on;
mod state;
mod token;
mod token_routes;
mod world;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderMap, header};
use axum::response::Html;
use axum::routing::{get, post, put};
use serde_json::Value;

pub(super) use answer::Refusal;
pub(super) use state::State;
pub use token::TokenRecord;

use super::options::{OidcTimes, SingleSignOn};

/// The whole site, the control endpoints included.
pub(super) fn router(
    state: Arc<State>,
    offered: SingleSignOn,
    times: OidcTimes,
    control: Router<Arc<State>>,
) -> Router {
    let site = Router::new()
        .route("/", get(front_page))
        .route("/api/system", get(sign_in::system))
        .route("/api/auth/login", post(sign_in::login))
        .route("/api/account", get(account_routes::account))
        .route("/api/account/scopes", get(account_routes::scopes))
        .route("/api/account/token-info", get(account_routes::token_info))
        .route("/api/account/channels", get(channel_routes::own))
        .route(
            "/api/account/tokens",
            get(token_routes::list).post(token_routes::create),
        )
        .route(
            "/api/account/tokens/{id}",
            put(token_routes::renew).delete(token_routes::delete),
        )
        .route("/api/channels", get(channel_routes::all))
        .route("/api/channels/{channel}", get(channel_routes::one))
        .route(
            "/api/channels/{channel}/subchannels",
            get(channel_routes::subchannels),
        )
        .route(
            "/api/channels/{channel}/subchannels/{subchannel}",
            get(channel_routes::one_subchannel),
        )
        .route(
            "/api/channels/{channel}/artifacts",
            // The gate has its own.
            post(artifact::upload).layer(DefaultBodyLimit::disable()),
        )
        .route(
            "/api/channels/{channel}/{subchannel}/artifacts",
            post(artifact::upload_to_subchannel).layer(DefaultBodyLimit::disable()),
        )
        .route("/api/channels/{channel}/artifacts/bulk", put(artifact::bulk))
        .route(
            "/api/channels/{channel}/subchannels/{subchannel}/artifacts/bulk",
            put(artifact::bulk_in_subchannel),
        )
        .route(
            "/api/channels/{channel}/artifacts/{family}/{name}/files",
            get(artifact::files),
        )
        .route(
            "/api/channels/{channel}/subchannels/{subchannel}/artifacts/{family}/{name}/files",
            get(artifact::files_of_subchannel),
        )
        .route("/api/repo/{*path}", get(content::under_api))
        .route("/t/{token}/api/repo/{*path}", get(content::under_root))
        .nest("/practice", control);
    let site = match offered {
        SingleSignOn::Offered => site.merge(single_sign_on::router(&state, times)),
        SingleSignOn::Absent => site,
    };
    site.fallback(|| async { Refusal::not_found("There is nothing at this address") })
        .method_not_allowed_fallback(|| async { Refusal::method_not_allowed() })
        .with_state(state)
}

async fn front_page() -> Html<&'static str> {
    Html(
        "<!DOCTYPE html><title>Practice server</title><p>A practice server. Its API is under <code>/api</code>.</p>",
    )
}

/// The JSON of a body that must be declared as JSON: 415 if it is not, 400 if it does not parse.
pub(super) fn json_body(headers: &HeaderMap, body: &[u8]) -> Result<Value, Refusal> {
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
