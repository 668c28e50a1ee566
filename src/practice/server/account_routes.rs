//! `account`, `account/scopes` and `account/token-info` (server reference, sections 1.5, 1.6 and 9).

use std::sync::Arc;

use axum::Json;
use axum::extract;
use axum::http::HeaderMap;
use serde_json::{Value, json};

use super::answer::Refusal;
use super::caller::{self, Caller, require};
use super::scope;
use super::state::State;
use crate::practice::account::{Account, Role};

pub(super) async fn account(
    extract::State(state): extract::State<Arc<State>>,
    headers: HeaderMap,
) -> Result<Json<Value>, Refusal> {
    let caller = require(&state, &headers, caller::API)?;
    Ok(Json(described(caller.account())))
}

/// As recorded (server reference, section 9).
fn described(account: &Account) -> Value {
    let roles = match account.role {
        Role::Author => json!(["author"]),
        Role::Admin => json!(["author", "admin"]),
    };
    json!({
        "user_id": account.id(),
        "username": account.username,
        "roles": roles,
        "default_channel_name": account.username,
        "dbroles": roles,
    })
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
