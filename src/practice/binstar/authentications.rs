//! Logging in, and the tokens that come of it (repository reference, A1 to A9).

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{self, Path};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::prelude::{BASE64_STANDARD, Engine as _};
use serde_json::{Map, Value, json};

use super::answer::Refusal;
use super::caller::{Caller, require};
use super::negotiate::Acceptor;
use super::owner::Owner;
use super::scope;
use super::token::{NewToken, RepositoryToken};
use super::{Login, State};
use crate::practice::account::Account;
use crate::practice::credential::{Carrier, sent};

type Shared = extract::State<Arc<State>>;

/// Clients ask with `HEAD` whether the API is there.
pub(super) async fn root() -> Json<Value> {
    Json(json!({}))
}

pub(super) async fn authentication_type(extract::State(state): Shared) -> Json<Value> {
    let kind = match state.login {
        Login::Kerberos(_) => "kerberos",
        Login::Password | Login::Unified(_) => "password",
    };
    Json(json!({"authentication_type": kind}))
}

/// Told to anyone.
pub(super) async fn scopes() -> Json<Value> {
    let all: Map<String, Value> = scope::ALL
        .iter()
        .map(|(name, description)| ((*name).to_owned(), json!(description)))
        .collect();
    Json(Value::Object(all))
}

/// 200 with the token, the only answer that holds its value.
pub(super) async fn create(
    extract::State(state): Shared,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refusal> {
    let proof = prove(&state, &headers)?;
    let new = NewToken::parse(&body)?;
    let owner = match &new.organization {
        None => proof.who,
        Some(login) => owned(proof.who, login)?,
    };
    let record = state.tokens.create(owner, new, state.common.clock.now())?;
    let mut response = Json(json!({"token": record.value.expose()})).into_response();
    if let Some(reply) = proof.reply {
        response.headers_mut().insert(header::WWW_AUTHENTICATE, reply);
    }
    Ok(response)
}

/// Who wants a token, and what is to be said to them in turn.
struct Proof {
    who: Owner,
    /// `Negotiate <token>`: without it, clients take the server for an impostor.
    reply: Option<HeaderValue>,
}

impl Proof {
    fn of(who: Owner) -> Self {
        Self { who, reply: None }
    }
}

fn prove(state: &State, headers: &HeaderMap) -> Result<Proof, Refusal> {
    match &state.login {
        Login::Password => by_password(headers).map(Proof::of),
        Login::Kerberos(acceptor) => by_ticket(state, acceptor, headers),
        Login::Unified(cloud) => match sent(headers, Carrier::Bearer) {
            Some(bearer) => match cloud.person_of(bearer.expose()) {
                Some(account) => Ok(Proof::of(Owner::Person(account))),
                None => Err(Refusal::unauthorized("The access token is not valid")),
            },
            None => by_password(headers).map(Proof::of),
        },
    }
}

fn by_password(headers: &HeaderMap) -> Result<Owner, Refusal> {
    if sent(headers, Carrier::Bearer).is_some() {
        return Err(Refusal::unauthorized(
            "Bearer token authentication is not enabled",
        ));
    }
    let Some(pair) = sent(headers, Carrier::Password) else {
        return Err(Refusal::unauthorized("Send the name and the password"));
    };
    pair.expose()
        .split_once(':')
        .and_then(|(name, password)| Account::proven(name, password))
        .map(Owner::Person)
        .ok_or_else(|| Refusal::unauthorized("Invalid username or password"))
}

/// A ticket, or a token that may make others: that is how anaconda-client makes named tokens where there are no passwords.
fn by_ticket(state: &State, acceptor: &Acceptor, headers: &HeaderMap) -> Result<Proof, Refusal> {
    if let Some(token) = sent(headers, Carrier::Token) {
        let caller = super::caller::bearer_of(state, token.expose())?;
        caller.need(scope::WRITE)?;
        return Ok(Proof::of(caller.owner));
    }
    let Some(ticket) = sent(headers, Carrier::Negotiate) else {
        return Err(Refusal::negotiate("Kerberos authentication is required"));
    };
    let accepted = BASE64_STANDARD
        .decode(ticket.expose())
        .ok()
        .and_then(|ticket| acceptor.accept(&ticket));
    let Some((login, reply)) = accepted else {
        return Err(Refusal::negotiate("The ticket is not valid"));
    };
    let Some(account) = Account::named(&login) else {
        return Err(Refusal::negotiate(format!("{login} has no account here")));
    };
    let reply = format!("Negotiate {}", BASE64_STANDARD.encode(reply));
    Ok(Proof {
        who: Owner::Person(account),
        reply: HeaderValue::from_str(&reply).ok(),
    })
}

/// The organization of that name if it is the caller's to act for: 403 otherwise.
fn owned(who: Owner, login: &str) -> Result<Owner, Refusal> {
    let Some(organization) = Owner::organization(login) else {
        // Oneself may be named, too.
        return match who.login().eq_ignore_ascii_case(login) {
            true => Ok(who),
            false => Err(Refusal::forbidden(format!(
                "{login} is not one of your organizations"
            ))),
        };
    };
    let may = match who {
        Owner::Person(account) => organization.is_owned_by(account),
        Owner::Organization(itself) => itself == organization,
    };
    if may {
        Ok(Owner::Organization(organization))
    } else {
        Err(Refusal::forbidden(format!(
            "{login} is not one of your organizations"
        )))
    }
}

/// 200: the caller's tokens, also those that have expired.
pub(super) async fn list(extract::State(state): Shared, headers: HeaderMap) -> Result<Json<Value>, Refusal> {
    let caller = require(&state, &headers)?;
    caller.need(scope::READ)?;
    let tokens = state.tokens.of(caller.owner);
    Ok(Json(tokens.iter().map(RepositoryToken::to_json).collect()))
}

/// Tells any token about itself.
pub(super) async fn current(
    extract::State(state): Shared,
    headers: HeaderMap,
) -> Result<Json<Value>, Refusal> {
    let Caller { token, .. } = require(&state, &headers)?;
    Ok(Json(json!({"application": token.name, "id": token.id})))
}

/// 201, as everything that is deleted here. Every token may end itself.
pub(super) async fn delete_current(
    extract::State(state): Shared,
    headers: HeaderMap,
) -> Result<(StatusCode, Json<Value>), Refusal> {
    let caller = require(&state, &headers)?;
    state.tokens.revoke(&caller.token.id);
    Ok(deleted())
}

/// 201, or 404 if the caller has no token of that name.
pub(super) async fn delete_named(
    extract::State(state): Shared,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Result<(StatusCode, Json<Value>), Refusal> {
    let caller = require(&state, &headers)?;
    caller.need(scope::WRITE)?;
    remove(&state, caller.owner, &name)
}

/// 201; 403 if the organization is not the caller's, 404 if it has no token of that name.
pub(super) async fn delete_of_organization(
    extract::State(state): Shared,
    Path((organization, name)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<(StatusCode, Json<Value>), Refusal> {
    let caller = require(&state, &headers)?;
    caller.need(scope::WRITE)?;
    remove(&state, owned(caller.owner, &organization)?, &name)
}

fn remove(state: &State, owner: Owner, name: &str) -> Result<(StatusCode, Json<Value>), Refusal> {
    if state.tokens.remove_named(owner, name) {
        Ok(deleted())
    } else {
        Err(Refusal::not_found(format!(
            "There is no authentication with name {name}"
        )))
    }
}

fn deleted() -> (StatusCode, Json<Value>) {
    (StatusCode::CREATED, Json(json!({})))
}
