//! `account`, `account/scopes` and `account/token-info` (server reference, sections 1.5, 1.6 and 9).

use std::sync::Arc;

use axum::Json;
use axum::extract;
use axum::http::HeaderMap;
use serde_json::{Value, json};

use crate::practice::answer::Refusal;
use crate::practice::caller::{self, Caller, require};
use crate::practice::scope;
use crate::practice::state::State;

pub(super) async fn account(
    extract::State(state): extract::State<Arc<State>>,
    headers: HeaderMap,
) -> Result<Json<Value>, Refusal> {
    let caller = require(&state, &headers, caller::API)?;
    Ok(Json(caller.account().to_json()))
}

pub(super) async fn scopes(
    extract::State(state): extract::State<Arc<State>>,
    headers: HeaderMap,
) -> Result<Json<Value>, Refusal> {
    require(&state, &headers, caller::SESSION)?;
    Ok(Json(json!({"scopes": scope::ALL})))
}

/// Tells a user token about itself.
pub(super) async fn token_info(
    extract::State(state): extract::State<Arc<State>>,
    headers: HeaderMap,
) -> Result<Json<Value>, Refusal> {
    match require(&state, &headers, caller::TOKEN)? {
        Caller::Token(_, record) => Ok(Json(record.to_json())),
        Caller::Session(_) => Err(Refusal::unauthorized("A user token is needed")),
    }
}
