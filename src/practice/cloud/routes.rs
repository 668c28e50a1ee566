//! anaconda.com: the account, its organizations and their repository tokens, and API keys (server reference, section 2).
//!
//! How a key is listed and deleted stands in the public sources of Anaconda's own `ana` (a client generated from the service's
//! description: `GET /api-keys`, `DELETE /api-keys/{key_id}`); the fields of the list and the status of the deletion, and
//! that both are asked for under the path that makes keys, are inferred.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{self, Path};
use axum::http::{HeaderMap, StatusCode};
use serde_json::{Value, json};

use super::State;
use super::answer::Refusal;
use super::session::{ApiKey, Bearer};
use super::world::Organization;
use crate::practice::account::Account;
use crate::practice::credential::{Carrier, sent};

type Shared = extract::State<Arc<State>>;

/// What the bearer may be told: by access token or by API key.
pub(super) fn require(state: &State, headers: &HeaderMap) -> Result<Bearer, Refusal> {
    let Some(bearer) = sent(headers, Carrier::Bearer) else {
        return Err(Refusal::auth_required("Log in first"));
    };
    state
        .sessions
        .bearer(bearer.expose(), state.common.clock.now())
        .ok_or_else(|| Refusal::auth_required("The API key or access token is not valid"))
}

/// API keys are managed by whoever signed in, not by another key.
fn signed_in(state: &State, headers: &HeaderMap) -> Result<&'static Account, Refusal> {
    match require(state, headers)? {
        Bearer::Access(account) => Ok(account),
        Bearer::Key(..) => Err(Refusal::forbidden("An API key cannot manage API keys")),
    }
}

pub(super) async fn account(
    extract::State(state): Shared,
    headers: HeaderMap,
) -> Result<Json<Value>, Refusal> {
    let account = require(&state, &headers)?.account();
    let subscriptions: Vec<Value> = Organization::of(account)
        .map(|one| json!({"org_id": one.id(), "product_code": one.product}))
        .collect();
    Ok(Json(json!({
        "user": {
            "id": account.id(),
            "email": account.email,
            "username": account.username,
            "first_name": account.first_name,
            "last_name": account.last_name,
        },
        "profile": {"is_confirmed": true, "is_disabled": false, "is_consented": true},
        "subscriptions": subscriptions,
    })))
}

pub(super) async fn my_organizations(
    extract::State(state): Shared,
    headers: HeaderMap,
) -> Result<Json<Value>, Refusal> {
    let account = require(&state, &headers)?.account();
    let mine = Organization::of(account).map(|one| {
        json!({
            "id": one.id(),
            "name": one.name,
            "title": one.title,
            "active_subscription": {"product_code": one.product},
        })
    });
    Ok(Json(mine.collect()))
}

/// 404 if the seat has no token.
pub(super) async fn current_token(
    extract::State(state): Shared,
    Path(organization): Path<String>,
    headers: HeaderMap,
) -> Result<Json<Value>, Refusal> {
    let (organization, account) = seat(&state, &organization, &headers)?;
    let now = state.common.clock.now();
    match state.tokens.current(organization, account, now) {
        Some(token) => Ok(Json(token.to_json())),
        None => Err(Refusal::not_found("There is no token")),
    }
}

/// 200 with the value, the only answer that holds it. The token before is revoked.
pub(super) async fn issue_token(
    extract::State(state): Shared,
    Path(organization): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<Value>, Refusal> {
    let (organization, account) = seat(&state, &organization, &headers)?;
    if json(&body)?["confirm"] != "yes" {
        return Err(Refusal::bad_request("confirm: must be yes"));
    }
    let token = state
        .tokens
        .issue(organization, account, state.common.clock.now())?;
    Ok(Json(token.issued_json()))
}

/// A person's place in an organization with repository tokens: 403 for anyone else.
fn seat(
    state: &State,
    organization: &str,
    headers: &HeaderMap,
) -> Result<(&'static Organization, &'static Account), Refusal> {
    let account = require(state, headers)?.account();
    let organization = Organization::named(organization)
        .filter(|one| one.has(account))
        .ok_or_else(|| Refusal::forbidden("You do not belong to this organization"))?;
    if !organization.has_repository() {
        return Err(Refusal::forbidden(
            "This organization's plan has no repository tokens",
        ));
    }
    Ok((organization, account))
}

/// 201 with the value, the only answer that holds it.
pub(super) async fn create_key(
    extract::State(state): Shared,
    headers: HeaderMap,
    body: Bytes,
) -> Result<(StatusCode, Json<Value>), Refusal> {
    let account = signed_in(&state, &headers)?;
    let body = json(&body)?;
    let scopes = texts(&body, "scopes")?;
    let tags = texts(&body, "tags")?;
    let now = state.common.clock.now();
    let key = state.sessions.create_key(account, scopes, tags, now)?;
    Ok((StatusCode::CREATED, Json(json!({"api_key": key.value.expose()}))))
}

pub(super) async fn keys(extract::State(state): Shared, headers: HeaderMap) -> Result<Json<Value>, Refusal> {
    let account = signed_in(&state, &headers)?;
    let keys = state.sessions.all_keys();
    let mine = keys.iter().filter(|key| key.user == account.username);
    Ok(Json(mine.map(ApiKey::to_json).collect()))
}

/// 204, or 404 also for somebody else's key.
pub(super) async fn delete_key(
    extract::State(state): Shared,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<StatusCode, Refusal> {
    let account = signed_in(&state, &headers)?;
    if state.sessions.delete_key(account, &id) {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(Refusal::not_found("There is no such API key"))
    }
}

fn json(body: &[u8]) -> Result<Value, Refusal> {
    serde_json::from_slice(body).map_err(|_| Refusal::bad_request("The body is not JSON"))
}

/// A list of texts; an empty one if it is missing.
fn texts(body: &Value, key: &str) -> Result<Vec<String>, Refusal> {
    let wrong = || Refusal::bad_request(format!("{key}: must be a list of texts"));
    match &body[key] {
        Value::Null => Ok(Vec::new()),
        Value::Array(items) => items
            .iter()
            .map(|item| item.as_str().map(str::to_owned).ok_or_else(wrong))
            .collect(),
        _ => Err(wrong()),
    }
}
