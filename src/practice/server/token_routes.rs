//! `account/tokens` with its exact status codes (server reference, section 1.5).

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{self, Path, RawQuery};
use axum::http::{HeaderMap, StatusCode};
use serde_json::{Value, json};

use super::answer::Refusal;
use super::caller::{self, require};
use super::json_body;
use super::state::State;
use super::token::{NewToken, TokenRecord};
use crate::practice::paging::Page;

/// 200, as recorded without `total_count`: who sends no paging sees the first page only.
pub(super) async fn list(
    extract::State(state): extract::State<Arc<State>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Json<Value>, Refusal> {
    let caller = require(&state, &headers, caller::SESSION)?;
    let page = Page::parse(query.as_deref()).map_err(Refusal::malformed)?;
    let tokens = state.tokens.of(caller.account());
    let items: Vec<Value> = page.of(&tokens).iter().map(TokenRecord::to_json).collect();
    Ok(Json(json!({"items": items})))
}

/// 200, the only answer besides that of a renewal that holds the token's value.
pub(super) async fn create(
    extract::State(state): extract::State<Arc<State>>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<Value>, Refusal> {
    let caller = require(&state, &headers, caller::SESSION)?;
    let now = state.common.clock.now();
    let new = NewToken::parse(&json_body(&headers, &body)?, now, state.max_token_days)?;
    let record = state.tokens.create(caller.account(), new, now)?;
    let mut answer = record.to_json();
    answer["token"] = json!(record.value.expose());
    Ok(Json(answer))
}

/// 200 with the new value. Clients send `{}` or nothing, so the body is not looked at.
pub(super) async fn renew(
    extract::State(state): extract::State<Arc<State>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Json<Value>, Refusal> {
    let caller = require(&state, &headers, caller::SESSION)?;
    let record = state
        .tokens
        .renew(caller.account(), &id)?
        .ok_or_else(no_such_token)?;
    Ok(Json(json!({"token": record.value.expose(), "id": record.id})))
}

/// 204.
pub(super) async fn delete(
    extract::State(state): extract::State<Arc<State>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<StatusCode, Refusal> {
    let caller = require(&state, &headers, caller::SESSION)?;
    if state.tokens.delete(caller.account(), &id) {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(no_such_token())
    }
}

/// Also for the token of someone else: its existence is nobody's business.
fn no_such_token() -> Refusal {
    Refusal::not_found("There is no such token")
}
