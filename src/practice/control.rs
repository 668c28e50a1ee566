//! The control endpoints under `/practice`: outside every contract, for tests that run the server as a process of its
//! own. They need no credential, for the server listens on this machine only, and they meet no trouble.
//!
//! They are the same on every product's port. `tokens` are those of Anaconda Server, `cloud-tokens`, `api-keys`,
//! `repository-tokens` and `anaconda-org-tokens` those of the others; each has `<id>/expire` and `<id>/revoke`.

use std::time::Duration;

use axum::Json;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{self, Path};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::{get, post};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::binstar::RepositoryToken;
use super::clock::written;
use super::cloud::{ApiKey, CloudToken};
use super::record::RecordedRequest;
use super::server::{Refusal, TokenRecord, json_body};
use super::sites::Sites;
use super::trouble::Trouble;
use crate::secret::MASK;

type Shared = extract::State<Sites>;

pub(super) fn router<S>(sites: Sites) -> Router<S> {
    let router = Router::new()
        .route("/trouble", get(trouble).post(set_trouble))
        .route("/requests", get(requests).delete(forget_requests))
        .route("/sessions/expire", post(expire_sessions))
        .route("/clock", post(advance_clock));
    [
        Kept::Server,
        Kept::Cloud,
        Kept::ApiKeys,
        Kept::Repository,
        Kept::AnacondaOrg,
    ]
    .into_iter()
    .fold(router, |router, kept| {
        let list =
            move |extract::State(sites): Shared| async move { Json(json!({"items": kept.items(&sites)})) };
        let expire = move |extract::State(sites): Shared, Path(id): Path<String>| async move {
            done(kept.expire(&sites, &id))
        };
        let revoke = move |extract::State(sites): Shared, Path(id): Path<String>| async move {
            done(kept.revoke(&sites, &id))
        };
        let path = kept.path();
        router
            .route(path, get(list))
            .route(&format!("{path}/{{id}}/expire"), post(expire))
            .route(&format!("{path}/{{id}}/revoke"), post(revoke))
    })
    .with_state(sites)
}

/// What is kept by the products and can be ended.
#[derive(Debug, Clone, Copy)]
enum Kept {
    Server,
    Cloud,
    ApiKeys,
    Repository,
    AnacondaOrg,
}

impl Kept {
    fn path(self) -> &'static str {
        match self {
            Self::Server => "/tokens",
            Self::Cloud => "/cloud-tokens",
            Self::ApiKeys => "/api-keys",
            Self::Repository => "/repository-tokens",
            Self::AnacondaOrg => "/anaconda-org-tokens",
        }
    }

    /// Every one of everyone, its value masked.
    fn items(self, sites: &Sites) -> Vec<Value> {
        match self {
            Self::Server => sites.server.tokens.all().iter().map(of_server).collect(),
            Self::Cloud => {
                let all = sites.cloud.tokens.all(sites.common.clock.now());
                all.iter().map(of_cloud).collect()
            }
            Self::ApiKeys => sites.cloud.sessions.all_keys().iter().map(of_key).collect(),
            Self::Repository => {
                let all = sites.repository.tokens.all();
                all.iter().map(of_repository).collect()
            }
            Self::AnacondaOrg => {
                let all = sites.anaconda_org.tokens.all();
                all.iter().map(of_repository).collect()
            }
        }
    }

    fn expire(self, sites: &Sites, id: &str) -> bool {
        let now: Timestamp = sites.common.clock.now();
        match self {
            Self::Server => sites.server.tokens.expire(id, now),
            Self::Cloud => sites.cloud.tokens.expire(id, now),
            Self::ApiKeys => sites.cloud.sessions.expire_key(id, now),
            Self::Repository => sites.repository.tokens.expire(id, now),
            Self::AnacondaOrg => sites.anaconda_org.tokens.expire(id, now),
        }
    }

    fn revoke(self, sites: &Sites, id: &str) -> bool {
        match self {
            Self::Server => sites.server.tokens.revoke(id),
            Self::Cloud => sites.cloud.tokens.revoke(id),
            Self::ApiKeys => sites.cloud.sessions.revoke_key(id),
            Self::Repository => sites.repository.tokens.revoke(id),
            Self::AnacondaOrg => sites.anaconda_org.tokens.revoke(id),
        }
    }
}

fn of_server(record: &TokenRecord) -> Value {
    let mut item = record.to_json();
    item["user"] = json!(record.user);
    item["token"] = json!(MASK);
    item
}

fn of_cloud(token: &CloudToken) -> Value {
    json!({
        "id": token.id,
        "organization": token.organization,
        "user": token.user,
        "expires_at": written(token.expires_at),
        "state": token.state,
        "token": MASK,
    })
}

fn of_key(key: &ApiKey) -> Value {
    json!({
        "id": key.id,
        "user": key.user,
        "scopes": key.scopes,
        "tags": key.tags,
        "created_at": written(key.created_at),
        "expires_at": written(key.expires_at),
        "api_key": MASK,
    })
}

fn of_repository(token: &RepositoryToken) -> Value {
    json!({
        "id": token.id,
        "name": token.name,
        "owner": token.owner,
        "hostname": token.hostname,
        "scopes": token.scopes,
        "created_at": written(token.created_at),
        "expires_at": written(token.expires_at),
        "token": MASK,
    })
}

fn done(done: bool) -> StatusCode {
    if done {
        StatusCode::NO_CONTENT
    } else {
        StatusCode::NOT_FOUND
    }
}

async fn trouble(extract::State(sites): Shared) -> Json<Trouble> {
    Json(sites.common.troubles.in_force())
}

/// Answers the trouble that is now in force; 422 says what was not understood.
async fn set_trouble(
    extract::State(sites): Shared,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<Trouble>, Refusal> {
    let trouble = serde_json::from_value(json_body(&headers, &body)?);
    let troubles = &sites.common.troubles;
    troubles.set(trouble.map_err(|error| Refusal::invalid(error.to_string()))?);
    Ok(Json(troubles.in_force()))
}

/// Those to all products.
async fn requests(extract::State(sites): Shared) -> Json<Value> {
    let all = sites.common.records.all();
    let items: Vec<Value> = all.iter().map(RecordedRequest::to_json).collect();
    Json(json!({"items": items}))
}

async fn forget_requests(extract::State(sites): Shared) -> StatusCode {
    sites.common.records.forget();
    StatusCode::NO_CONTENT
}

/// Those of Anaconda Server and of the cloud.
async fn expire_sessions(extract::State(sites): Shared) -> StatusCode {
    sites.end_sessions();
    StatusCode::NO_CONTENT
}

/// `{"advance_seconds": N}`.
async fn advance_clock(
    extract::State(sites): Shared,
    headers: HeaderMap,
    body: Bytes,
) -> Result<StatusCode, Refusal> {
    let seconds = json_body(&headers, &body)?["advance_seconds"]
        .as_u64()
        .ok_or_else(|| Refusal::malformed("advance_seconds: must be a number"))?;
    sites.common.clock.advance(Duration::from_secs(seconds));
    Ok(StatusCode::NO_CONTENT)
}
