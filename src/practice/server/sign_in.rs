//! `system` and `auth/login` (server reference, sections 1.2 and 1.3).

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract;
use axum::http::HeaderMap;
use serde_json::{Value, json};

use super::answer::Refusal;
use super::json_body;
use super::session::OWN_CLIENT;
use super::state::State;
use crate::practice::account::Account;

/// No value is an empty string: Navigator cannot bear one.
pub(super) async fn system() -> Json<Value> {
    Json(json!({"service_name": "repo", "status": "ok", "brand": "Practice server"}))
}

pub(super) async fn login(
    extract::State(state): extract::State<Arc<State>>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<Value>, Refusal> {
    let body = json_body(&headers, &body)?;
    let (Some(username), Some(password)) = (body["username"].as_str(), body["password"].as_str()) else {
        return Err(Refusal::malformed("username and password are needed"));
    };
    let account = Account::proven(username, password)
        .ok_or_else(|| Refusal::unauthorized("Invalid username or password"))?;
    let pair = state
        .sessions
        .begin(account, OWN_CLIENT, state.common.clock.now())?;
    Ok(Json(
        json!({"token": pair.access.expose(), "refresh_token": pair.refresh.expose()}),
    ))
}
