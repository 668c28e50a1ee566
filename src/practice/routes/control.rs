//! The control endpoints under `/practice`: outside every contract, for tests that run the server as a process of its
//! own. They need no credential, for the server listens on this machine only, and they meet no trouble.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{self, Path};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::{get, post};
use serde_json::{Value, json};

use super::json_body;
use crate::practice::answer::Refusal;
use crate::practice::state::State;
use crate::practice::trouble::Trouble;
use crate::secret::MASK;

type Shared = extract::State<Arc<State>>;

pub(super) fn router() -> Router<Arc<State>> {
    Router::new()
        .route("/trouble", get(trouble).post(set_trouble))
        .route("/tokens", get(tokens))
        .route("/tokens/{id}/expire", post(expire_token))
        .route("/tokens/{id}/revoke", post(revoke_token))
        .route("/requests", get(requests).delete(forget_requests))
        .route("/sessions/expire", post(expire_sessions))
        .route("/clock", post(advance_clock))
}

async fn trouble(extract::State(state): Shared) -> Json<Trouble> {
    Json(state.troubles.in_force())
}

/// Answers the trouble that is now in force; 422 says what was not understood.
async fn set_trouble(
    extract::State(state): Shared,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<Trouble>, Refusal> {
    let trouble = serde_json::from_value(json_body(&headers, &body)?);
    state
        .troubles
        .set(trouble.map_err(|error| Refusal::invalid(error.to_string()))?);
    Ok(Json(state.troubles.in_force()))
}

/// Every token of everyone, its value masked.
async fn tokens(extract::State(state): Shared) -> Json<Value> {
    let items: Vec<Value> = state
        .tokens
        .all()
        .iter()
        .map(|record| {
            let mut item = record.to_json();
            item["user"] = json!(record.user);
            item["token"] = json!(MASK);
            item
        })
        .collect();
    Json(json!({"items": items}))
}

async fn expire_token(extract::State(state): Shared, Path(id): Path<String>) -> StatusCode {
    done(state.tokens.expire(&id, state.clock.now()))
}

async fn revoke_token(extract::State(state): Shared, Path(id): Path<String>) -> StatusCode {
    done(state.tokens.revoke(&id))
}

fn done(done: bool) -> StatusCode {
    if done {
        StatusCode::NO_CONTENT
    } else {
        StatusCode::NOT_FOUND
    }
}

async fn requests(extract::State(state): Shared) -> Json<Value> {
    let items: Vec<Value> = state
        .records
        .all()
        .iter()
        .map(super::super::record::RecordedRequest::to_json)
        .collect();
    Json(json!({"items": items}))
}

async fn forget_requests(extract::State(state): Shared) -> StatusCode {
    state.records.forget();
    StatusCode::NO_CONTENT
}

async fn expire_sessions(extract::State(state): Shared) -> StatusCode {
    state.sessions.end_all();
    StatusCode::NO_CONTENT
}

/// `{"advance_seconds": N}`.
async fn advance_clock(
    extract::State(state): Shared,
    headers: HeaderMap,
    body: Bytes,
) -> Result<StatusCode, Refusal> {
    let seconds = json_body(&headers, &body)?["advance_seconds"]
        .as_u64()
        .ok_or_else(|| Refusal::malformed("advance_seconds: must be a number"))?;
    state.clock.advance(Duration::from_secs(seconds));
    Ok(StatusCode::NO_CONTENT)
}
