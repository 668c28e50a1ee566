//! Changing who may see what: access and collaborators of packages (repository reference, P3 to P7), groups of
//! organizations (G2 to G8).
//!
//! No client of the vendor changes the access of a package that exists, so what the real server makes of it is unknown. Here
//! the repository takes `access` in `PATCH package/...`; Anaconda.org overlooks it, as a server does that knows
//! `public_attrs` alone.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{self, Path};
use axum::http::{HeaderMap, StatusCode};
use serde_json::{Value, json};

use super::answer::Refusal;
use super::caller::{Caller, require};
use super::held::Held;
use super::owner::{Organization, Owner};
use super::package::Access;
use super::standing::Group;
use super::{Login, State, scope};
use crate::practice::account::Account;

type Shared = extract::State<Arc<State>>;
type Answer = Result<Json<Value>, Refusal>;

pub(super) fn body_of(body: &Bytes) -> Result<Value, Refusal> {
    let value: Value =
        serde_json::from_slice(body).map_err(|_| Refusal::bad_request("The body is not JSON"))?;
    if value.is_object() {
        Ok(value)
    } else {
        Err(Refusal::bad_request("The body must be an object"))
    }
}

pub(super) fn caller(state: &State, headers: &HeaderMap, scopes: &[&str]) -> Result<Caller, Refusal> {
    let caller = require(state, headers)?;
    caller.need(scopes)?;
    Ok(caller)
}

/// Someone with this login; 404 if there is nobody.
pub(super) fn owner_named(login: &str) -> Result<Owner, Refusal> {
    Owner::named(login).ok_or_else(|| Refusal::not_found(format!("There is no user {login}")))
}

/// The package, for whoever may see it.
pub(super) fn seen(state: &State, caller: &Caller, login: &str, name: &str) -> Result<Held, Refusal> {
    let found = Owner::named(login).and_then(|owner| state.standing.package(owner, name));
    found
        .filter(|package| state.standing.is_open_to(package, Some(caller.owner)))
        .ok_or_else(|| Refusal::not_found(format!("There is no package {login}/{name}")))
}

/// The package, for whoever may decide about it: its owner, and the owners of the organization.
pub(super) fn owned(
    state: &State,
    caller: &Caller,
    login: &str,
    name: &str,
) -> Result<(Owner, Held), Refusal> {
    let package = seen(state, caller, login, name)?;
    let owner = owner_named(package.owner)?;
    let may = match (owner, caller.owner) {
        (Owner::Organization(organization), Owner::Person(account)) => organization.is_owned_by(account),
        (owner, who) => owner == who,
    };
    if may {
        Ok((owner, package))
    } else {
        Err(Refusal::forbidden(format!("{login}/{name} is not yours")))
    }
}

pub(super) async fn patch_package(
    extract::State(state): Shared,
    Path((login, name)): Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Answer {
    let caller = caller(&state, &headers, scope::WRITE)?;
    let (owner, mut package) = owned(&state, &caller, &login, &name)?;
    let body = body_of(&body)?;
    if let Some(access) = body.get("access")
        && !matches!(state.login, Login::Unified(_))
    {
        let access = access.as_str().and_then(Access::named);
        let access =
            access.ok_or_else(|| Refusal::bad_request("access: must be public, authenticated or private"))?;
        let change = |package: &mut Held| package.access = access;
        state.standing.change_package(owner, &name, change);
        package.access = access;
    }
    Ok(Json(package.to_json()))
}

pub(super) async fn collaborators(
    extract::State(state): Shared,
    Path((login, name)): Path<(String, String)>,
    headers: HeaderMap,
) -> Answer {
    let caller = caller(&state, &headers, scope::READ)?;
    let (_, package) = owned(&state, &caller, &login, &name)?;
    let all = package.collaborators.into_iter();
    Ok(Json(all.map(|login| json!({"login": login})).collect()))
}

pub(super) async fn add_collaborator(
    state: Shared,
    path: Path<(String, String, String)>,
    headers: HeaderMap,
) -> Result<StatusCode, Refusal> {
    set_collaborator(state, path, headers, true)
}

pub(super) async fn remove_collaborator(
    state: Shared,
    path: Path<(String, String, String)>,
    headers: HeaderMap,
) -> Result<StatusCode, Refusal> {
    set_collaborator(state, path, headers, false)
}

fn set_collaborator(
    extract::State(state): Shared,
    Path((login, name, user)): Path<(String, String, String)>,
    headers: HeaderMap,
    is_one: bool,
) -> Result<StatusCode, Refusal> {
    let caller = caller(&state, &headers, scope::WRITE)?;
    let (owner, _) = owned(&state, &caller, &login, &name)?;
    let person = person(&user)?;
    state.standing.change_package(owner, &name, |package| {
        package.collaborators.retain(|one| *one != person);
        if is_one {
            package.collaborators.push(person);
        }
    });
    Ok(StatusCode::CREATED)
}

fn person(login: &str) -> Result<&'static str, Refusal> {
    let account = Account::named(login);
    Ok(account
        .ok_or_else(|| Refusal::not_found(format!("There is no user {login}")))?
        .username)
}

/// The organization, for whoever belongs to it.
fn known(state: &State, caller: &Caller, login: &str) -> Result<&'static Organization, Refusal> {
    let organization = Owner::organization(login)
        .ok_or_else(|| Refusal::not_found(format!("There is no organization {login}")))?;
    let may = match caller.owner {
        Owner::Person(account) => state.standing.knows(organization, account),
        Owner::Organization(itself) => itself == organization,
    };
    if may {
        Ok(organization)
    } else {
        Err(Refusal::forbidden(format!("You do not belong to {login}")))
    }
}

/// The organization, for whoever may change its groups.
fn changed(state: &State, headers: &HeaderMap, login: &str) -> Result<&'static Organization, Refusal> {
    let caller = caller(state, headers, scope::MODIFY_GROUP)?;
    let organization = known(state, &caller, login)?;
    match caller.owner {
        Owner::Person(account) if !organization.is_owned_by(account) => {
            Err(Refusal::forbidden(format!("You do not own {login}")))
        }
        _ => Ok(organization),
    }
}

fn group_of(state: &State, headers: &HeaderMap, login: &str, name: &str) -> Result<Group, Refusal> {
    let caller = caller(state, headers, scope::READ)?;
    let organization = known(state, &caller, login)?;
    state.standing.group(organization, name)
}

pub(super) async fn group(
    extract::State(state): Shared,
    Path((login, name)): Path<(String, String)>,
    headers: HeaderMap,
) -> Answer {
    Ok(Json(group_of(&state, &headers, &login, &name)?.to_json()))
}

pub(super) async fn create_group(
    extract::State(state): Shared,
    Path((login, name)): Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<StatusCode, Refusal> {
    let organization = changed(&state, &headers, &login)?;
    let body = body_of(&body)?;
    let permission = body["perms"]
        .as_str()
        .filter(|word| ["read", "write", "admin"].contains(word))
        .ok_or_else(|| Refusal::bad_request("perms: must be read, write or admin"))?;
    state.standing.create_group(organization, &name, permission)?;
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn members(
    extract::State(state): Shared,
    Path((login, name)): Path<(String, String)>,
    headers: HeaderMap,
) -> Answer {
    let group = group_of(&state, &headers, &login, &name)?;
    let accounts = group
        .members
        .iter()
        .filter_map(|username| Account::named(username));
    let all = accounts.map(|account| {
        json!({"login": account.username, "name": format!("{} {}", account.first_name, account.last_name)})
    });
    Ok(Json(all.collect()))
}

/// 204 for a member, 404 for anybody else.
pub(super) async fn is_member(
    extract::State(state): Shared,
    Path((login, name, user)): Path<(String, String, String)>,
    headers: HeaderMap,
) -> Result<StatusCode, Refusal> {
    let group = group_of(&state, &headers, &login, &name)?;
    if group.members.contains(&user.as_str()) {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(Refusal::not_found(format!("{user} is not in {login}/{name}")))
    }
}

pub(super) async fn add_member(
    extract::State(state): Shared,
    Path((login, name, user)): Path<(String, String, String)>,
    headers: HeaderMap,
) -> Result<StatusCode, Refusal> {
    let organization = changed(&state, &headers, &login)?;
    let user = person(&user)?;
    state.standing.change_group(organization, &name, |group| {
        if !group.members.contains(&user) {
            group.members.push(user);
        }
    })?;
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn remove_member(
    extract::State(state): Shared,
    Path((login, name, user)): Path<(String, String, String)>,
    headers: HeaderMap,
) -> Result<StatusCode, Refusal> {
    let organization = changed(&state, &headers, &login)?;
    state.standing.change_group(organization, &name, |group| {
        group.members.retain(|member| *member != user);
    })?;
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn packages(
    extract::State(state): Shared,
    Path((login, name)): Path<(String, String)>,
    headers: HeaderMap,
) -> Answer {
    let group = group_of(&state, &headers, &login, &name)?;
    let all = state.standing.packages_of(owner_named(&login)?).into_iter();
    let all = all.filter(|package| group.packages.contains(&package.name));
    let all = all.map(|package| {
        json!({
            "name": package.name,
            "full_name": format!("{}/{}", package.owner, package.name),
            "summary": package.summary,
        })
    });
    Ok(Json(all.collect()))
}

pub(super) async fn add_package(
    extract::State(state): Shared,
    Path((login, name, package)): Path<(String, String, String)>,
    headers: HeaderMap,
) -> Result<StatusCode, Refusal> {
    let organization = changed(&state, &headers, &login)?;
    let found = state
        .standing
        .package(Owner::Organization(organization), &package);
    let found = found.ok_or_else(|| Refusal::not_found(format!("There is no package {login}/{package}")))?;
    state.standing.change_group(organization, &name, |group| {
        if !group.packages.contains(&found.name) {
            group.packages.push(found.name.clone());
        }
    })?;
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn remove_package(
    extract::State(state): Shared,
    Path((login, name, package)): Path<(String, String, String)>,
    headers: HeaderMap,
) -> Result<StatusCode, Refusal> {
    let organization = changed(&state, &headers, &login)?;
    state.standing.change_group(organization, &name, |group| {
        group.packages.retain(|one| one != &package);
    })?;
    Ok(StatusCode::NO_CONTENT)
}
