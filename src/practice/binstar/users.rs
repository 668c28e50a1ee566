//! People, organizations and groups (repository reference, U1 to U3 and G1), and their packages (P1 and P2).

use std::sync::Arc;

use axum::Json;
use axum::extract::{self, Path, RawQuery};
use axum::http::HeaderMap;
use serde_json::{Value, json};
use url::form_urlencoded;

use super::answer::Refusal;
use super::caller::{Caller, recognise, require};
use super::held::Held;
use super::owner::{Organization, Owner};
use super::{State, scope};
use crate::practice::account::Account;

type Shared = extract::State<Arc<State>>;

pub(super) async fn myself(
    extract::State(state): Shared,
    headers: HeaderMap,
) -> Result<Json<Value>, Refusal> {
    Ok(Json(reader(&state, &headers)?.owner.to_json()))
}

/// Told to anyone.
pub(super) async fn someone(
    extract::State(state): Shared,
    Path(login): Path<String>,
    headers: HeaderMap,
) -> Result<Json<Value>, Refusal> {
    recognise(&state, &headers)?;
    Ok(Json(known(&login)?.to_json()))
}

pub(super) async fn my_organizations(
    extract::State(state): Shared,
    headers: HeaderMap,
) -> Result<Json<Value>, Refusal> {
    Ok(Json(organizations_of(&state, reader(&state, &headers)?.owner)))
}

pub(super) async fn organizations(
    extract::State(state): Shared,
    Path(login): Path<String>,
    headers: HeaderMap,
) -> Result<Json<Value>, Refusal> {
    reader(&state, &headers)?;
    Ok(Json(organizations_of(&state, known(&login)?)))
}

fn organizations_of(state: &State, owner: Owner) -> Value {
    match owner {
        Owner::Person(account) => state
            .standing
            .organizations_of(account)
            .map(|organization| json!({"login": organization.login, "name": organization.name}))
            .collect(),
        Owner::Organization(_) => json!([]),
    }
}

/// 403 for whoever does not belong to the organization.
pub(super) async fn groups(
    extract::State(state): Shared,
    Path(login): Path<String>,
    headers: HeaderMap,
) -> Result<Json<Value>, Refusal> {
    let caller = reader(&state, &headers)?;
    let organization = Owner::organization(&login).ok_or_else(|| nobody(&login))?;
    let may = match caller.owner {
        Owner::Person(account) => state.standing.knows(organization, account),
        Owner::Organization(itself) => itself == organization,
    };
    if !may {
        return Err(Refusal::forbidden(format!("You do not belong to {login}")));
    }
    Ok(Json(json!({"groups": groups_json(&state, organization)})))
}

/// The groups one is in, of whichever organization.
pub(super) async fn my_groups(
    extract::State(state): Shared,
    headers: HeaderMap,
) -> Result<Json<Value>, Refusal> {
    let groups = match reader(&state, &headers)?.owner {
        Owner::Person(account) => groups_of(&state, account),
        Owner::Organization(organization) => groups_json(&state, organization),
    };
    Ok(Json(json!({"groups": groups})))
}

fn groups_json(state: &State, organization: &Organization) -> Vec<Value> {
    let groups = state.standing.groups(organization).into_iter();
    groups
        .map(|group| json!({"name": group.name, "permission": group.permission}))
        .collect()
}

fn groups_of(state: &State, account: &Account) -> Vec<Value> {
    state
        .standing
        .organizations_of(account)
        .flat_map(|organization| state.standing.groups(organization))
        .filter(|group| group.members.contains(&account.username))
        .map(|group| json!({"name": group.name, "permission": group.permission}))
        .collect()
}

/// Only what the caller may see.
pub(super) async fn packages(
    extract::State(state): Shared,
    Path(login): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Json<Value>, Refusal> {
    let who = viewer(&state, &headers)?;
    let owner = known(&login)?;
    Ok(Json(rows(&state, owner, who, query.as_deref())))
}

pub(super) async fn my_packages(
    extract::State(state): Shared,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Json<Value>, Refusal> {
    let caller = reader(&state, &headers)?;
    Ok(Json(rows(
        &state,
        caller.owner,
        Some(caller.owner),
        query.as_deref(),
    )))
}

/// 404 for a package that the caller may not see, as for one that is not there.
pub(super) async fn package(
    extract::State(state): Shared,
    Path((login, name)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Json<Value>, Refusal> {
    let who = viewer(&state, &headers)?;
    let found = state.standing.package(known(&login)?, &name);
    match found.filter(|package| state.standing.is_open_to(package, who)) {
        Some(package) => Ok(Json(package.to_json())),
        None => Err(Refusal::not_found(format!("There is no package {login}/{name}"))),
    }
}

/// The labels of an owner; none of them is locked here (repository reference, section 1.5).
pub(super) async fn labels(
    extract::State(state): Shared,
    Path(login): Path<String>,
    headers: HeaderMap,
) -> Result<Json<Value>, Refusal> {
    let who = viewer(&state, &headers)?;
    let mut labels = json!({"main": {"is_locked": false}});
    let all = state.standing.packages_of(known(&login)?);
    for package in all
        .iter()
        .filter(|package| state.standing.is_open_to(package, who))
    {
        for label in package.files().flat_map(|file| &file.labels) {
            labels[label.as_str()] = json!({"is_locked": false});
        }
    }
    Ok(Json(labels))
}

/// The filters `platform`, `package_type` and `access` may each come several times; `type` asks for conda apps, of which
/// there are none.
fn rows(state: &State, owner: Owner, who: Option<Owner>, query: Option<&str>) -> Value {
    let asked: Vec<(String, String)> = form_urlencoded::parse(query.unwrap_or_default().as_bytes())
        .into_owned()
        .collect();
    let fits = |key: &str, has: &dyn Fn(&str) -> bool| {
        let mut wanted = asked.iter().filter(|(found, _)| found == key).peekable();
        wanted.peek().is_none() || wanted.any(|(_, value)| has(value))
    };
    state
        .standing
        .packages_of(owner)
        .iter()
        .filter(|package| {
            state.standing.is_open_to(package, who)
                && fits("platform", &|platform| package.subdirs().contains(&platform))
                && fits("package_type", &|kind| {
                    package.kinds.iter().any(|one| one == kind)
                })
                && fits("type", &|_| false)
                && fits("access", &|access| package.access.as_str() == access)
        })
        .map(Held::to_row)
        .collect()
}

fn reader(state: &State, headers: &HeaderMap) -> Result<Caller, Refusal> {
    let caller = require(state, headers)?;
    caller.need(scope::READ)?;
    Ok(caller)
}

/// Whose eyes a list is made for: a token that may not read the API sees what everybody sees.
fn viewer(state: &State, headers: &HeaderMap) -> Result<Option<Owner>, Refusal> {
    let caller = recognise(state, headers)?;
    Ok(caller
        .filter(|caller| caller.token.may(scope::READ))
        .map(|caller| caller.owner))
}

fn known(login: &str) -> Result<Owner, Refusal> {
    Owner::named(login).ok_or_else(|| nobody(login))
}

fn nobody(login: &str) -> Refusal {
    Refusal::not_found(format!("There is no user {login}"))
}
