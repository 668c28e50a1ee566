//! The channel lists and single channels (server reference, sections 1.7, 1.8 and 9).

use std::cmp::Ordering;
use std::sync::Arc;

use axum::Json;
use axum::extract::{self, Path, RawQuery};
use axum::http::HeaderMap;
use serde_json::{Value, json};

use super::answer::Refusal;
use super::caller::{self, require};
use super::channel::Channel;
use super::scope;
use super::state::State;
use crate::practice::account::Account;
use crate::practice::paging::Page;

/// `account/channels`: what one owns or was given.
pub(super) async fn own(
    extract::State(state): extract::State<Arc<State>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Json<Value>, Refusal> {
    list(&state, query.as_deref(), &headers, Channel::belongs_to)
}

/// `channels`: whatever one may see.
pub(super) async fn all(
    extract::State(state): extract::State<Arc<State>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Json<Value>, Refusal> {
    list(&state, query.as_deref(), &headers, Channel::open_to)
}

fn list(
    state: &State,
    query: Option<&str>,
    headers: &HeaderMap,
    chosen: fn(&Channel, &Account) -> bool,
) -> Result<Json<Value>, Refusal> {
    let caller = require(state, headers, caller::API)?;
    let page = Page::parse(query).map_err(Refusal::malformed)?;
    caller.need(&[scope::VIEW_CHANNEL])?;
    if page.include_subchannels {
        caller.need(&[scope::VIEW_SUBCHANNEL])?;
    }
    let account = caller.account();
    let found = state
        .catalogue
        .iter()
        .filter(|channel| (page.include_subchannels || channel.parent.is_none()) && chosen(channel, account))
        .collect();
    Ok(paged(&page, found))
}

pub(super) async fn one(
    extract::State(state): extract::State<Arc<State>>,
    Path(channel): Path<String>,
    headers: HeaderMap,
) -> Result<Json<Value>, Refusal> {
    let (found, _) = visible(&state, &headers, &channel, None)?;
    Ok(Json(found.to_json()))
}

pub(super) async fn one_subchannel(
    extract::State(state): extract::State<Arc<State>>,
    Path((channel, subchannel)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Json<Value>, Refusal> {
    let (found, _) = visible(&state, &headers, &channel, Some(&subchannel))?;
    Ok(Json(found.to_json()))
}

pub(super) async fn subchannels(
    extract::State(state): extract::State<Arc<State>>,
    Path(channel): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Json<Value>, Refusal> {
    let (_, caller) = visible(&state, &headers, &channel, None)?;
    let page = Page::parse(query.as_deref()).map_err(Refusal::malformed)?;
    caller.need(&[scope::VIEW_SUBCHANNEL])?;
    let below = state.catalogue.subchannels_of(&channel).unwrap_or_default();
    let found = below
        .iter()
        .filter(|subchannel| subchannel.open_to(caller.account()))
        .collect();
    Ok(paged(&page, found))
}

/// A channel that the caller may see: 404 if there is none, 403 if it is not for them.
fn visible<'a>(
    state: &'a State,
    headers: &HeaderMap,
    channel: &str,
    subchannel: Option<&str>,
) -> Result<(&'a Channel, caller::Caller), Refusal> {
    let caller = require(state, headers, caller::API)?;
    let needed = if subchannel.is_some() {
        scope::VIEW_SUBCHANNEL
    } else {
        scope::VIEW_CHANNEL
    };
    caller.need(&[needed])?;
    let found = state
        .catalogue
        .find(channel, subchannel)
        .ok_or_else(|| Refusal::not_found("There is no such channel"))?;
    if !found.open_to(caller.account()) {
        return Err(Refusal::forbidden("This channel is private"));
    }
    Ok((found, caller))
}

/// The channels come sorted by name; only another order costs time.
fn paged(page: &Page, mut found: Vec<&Channel>) -> Json<Value> {
    if page.sort.first().is_some_and(|key| key != "name") {
        found.sort_by(|a, b| order(&page.sort, a, b));
    }
    let items: Vec<Value> = page.of(&found).iter().map(|channel| channel.to_json()).collect();
    Json(json!({"total_count": found.len(), "items": items}))
}

fn order(keys: &[String], a: &Channel, b: &Channel) -> Ordering {
    keys.iter().fold(Ordering::Equal, |order, key| {
        order.then_with(|| match key.strip_prefix('-') {
            Some(key) => by_key(key, b, a),
            None => by_key(key, a, b),
        })
    })
}

/// Keys that are not known change nothing.
fn by_key(key: &str, a: &Channel, b: &Channel) -> Ordering {
    match key {
        "name" => a.path().cmp(&b.path()),
        "privacy" => a.privacy.cmp(&b.privacy),
        "artifact_count" => a.artifacts.cmp(&b.artifacts),
        "download_count" => a.downloads.cmp(&b.downloads),
        "mirror_count" => a.mirrors.cmp(&b.mirrors),
        "subchannel_count" => a.subchannels.cmp(&b.subchannels),
        "created" | "created_at" => a.created.cmp(&b.created),
        "updated" | "updated_at" => a.updated.cmp(&b.updated),
        _ => Ordering::Equal,
    }
}
