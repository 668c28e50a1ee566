//! The channels of organizations as a REST collection under `/api/repo`.
//!
//! That anaconda.com answers there, and with these fields, is inferred from anaconda-client 1.16 (`binstar_client.repocore`):
//! its client asks `https://anaconda.com/api/repo/channels` and `.../account/channels` with an API key, and reads every
//! answer with one model. An organization is a top-level channel, its channels are the sub-channels. The default channels are
//! not listed.

use std::sync::Arc;

use axum::Json;
use axum::extract::{self, Path, RawQuery};
use axum::http::HeaderMap;
use serde_json::{Value, json};

use super::State;
use super::answer::Refusal;
use super::routes::require;
use super::world::{Channel, ORGANIZATIONS, Organization};
use crate::practice::account::Account;
use crate::practice::paging::Page;
use crate::practice::random::uuid_of;

type Shared = extract::State<Arc<State>>;

/// How far someone's rights to a channel go; only the list of one's own channels tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Access {
    Viewer,
    Collaborator,
    Owner,
}

impl Access {
    fn as_str(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Collaborator => "collaborator",
            Self::Owner => "owner",
        }
    }

    fn to_organization(organization: &Organization, account: &Account) -> Option<Self> {
        if organization.owners.contains(&account.username) {
            Some(Self::Owner)
        } else if organization.members.contains(&account.username) {
            Some(Self::Collaborator)
        } else {
            None
        }
    }

    /// Through the organization, or because the channel was shared.
    fn to(organization: &Organization, channel: &Channel, account: &Account) -> Option<Self> {
        let shared = channel.shared_with.contains(&account.username);
        Self::to_organization(organization, account).or_else(|| shared.then_some(Self::Viewer))
    }
}

/// One item of a list.
#[derive(Clone, Copy)]
struct Entry {
    organization: &'static Organization,
    /// None for the organization's own entry.
    channel: Option<&'static Channel>,
    /// Nothing for what is only public.
    access: Option<Access>,
}

impl Entry {
    /// Every key has a value, for the client's model takes no null but in the description.
    fn to_json(self) -> Value {
        let Self {
            organization,
            channel,
            ..
        } = self;
        let (name, path) = match channel {
            Some(channel) => (channel.name, format!("{}/{}", organization.name, channel.name)),
            None => (organization.name, organization.name.to_owned()),
        };
        let mut json = json!({
            "id": uuid_of(&format!("cloud channel {path}")),
            "name": name,
            "description": channel.map_or(Some(organization.title), |channel| channel.description),
            "privacy": channel.map_or("private", |channel| channel.privacy),
            "artifact_count": channel.map_or(0, |_| 2),
            "download_count": 0,
            "mirror_count": 0,
            "channel_count": channel.map_or(organization.channels.len(), |_| 0),
            "indexing_behavior": "default",
            "owners": organization.owners,
            "created": "2026-01-12T07:30:00.112819+00:00",
            "updated": "2026-11-20T02:00:11.018274+00:00",
        });
        if channel.is_some() {
            json["parent"] = json!(organization.name);
        }
        json
    }
}

/// Everything someone may see, sorted by name, each channel after its organization.
fn visible(account: &Account) -> Vec<Entry> {
    let mut entries = Vec::new();
    for organization in ORGANIZATIONS {
        let channels: Vec<Entry> = organization
            .channels
            .iter()
            .map(|channel| Entry {
                organization,
                channel: Some(channel),
                access: Access::to(organization, channel, account),
            })
            .filter(|entry| {
                let public = entry.channel.is_some_and(|channel| channel.privacy == "public");
                entry.access.is_some() || public
            })
            .collect();
        let access = Access::to_organization(organization, account);
        if access.is_some() || !channels.is_empty() {
            entries.push(Entry {
                organization,
                channel: None,
                access,
            });
        }
        entries.extend(channels);
    }
    entries
}

/// `channels`: whatever one may see.
pub(super) async fn all(
    extract::State(state): Shared,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Json<Value>, Refusal> {
    let (page, entries) = asked(&state, query.as_deref(), &headers)?;
    Ok(paged(&page, &entries, Entry::to_json))
}

/// `account/channels`: what one owns or was given, with how far that goes.
pub(super) async fn own(
    extract::State(state): Shared,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Json<Value>, Refusal> {
    let (page, mut entries) = asked(&state, query.as_deref(), &headers)?;
    entries.retain(|entry| entry.access.is_some());
    Ok(paged(&page, &entries, |entry| {
        let mut json = entry.to_json();
        json["access"] = json!(entry.access.map(Access::as_str));
        json
    }))
}

fn asked(state: &State, query: Option<&str>, headers: &HeaderMap) -> Result<(Page, Vec<Entry>), Refusal> {
    let account = require(state, headers)?.account();
    let page = Page::parse(query).map_err(Refusal::bad_request)?;
    let mut entries = visible(account);
    entries.retain(|entry| page.include_subchannels || entry.channel.is_none());
    Ok((page, entries))
}

pub(super) async fn one(
    extract::State(state): Shared,
    Path(organization): Path<String>,
    headers: HeaderMap,
) -> Result<Json<Value>, Refusal> {
    find(&state, &headers, &organization, None).map(|entry| Json(entry.to_json()))
}

pub(super) async fn one_channel(
    extract::State(state): Shared,
    Path((organization, channel)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Json<Value>, Refusal> {
    find(&state, &headers, &organization, Some(&channel)).map(|entry| Json(entry.to_json()))
}

pub(super) async fn channels_of(
    extract::State(state): Shared,
    Path(organization): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Json<Value>, Refusal> {
    find(&state, &headers, &organization, None)?;
    let account = require(&state, &headers)?.account();
    let page = Page::parse(query.as_deref()).map_err(Refusal::bad_request)?;
    let mut entries = visible(account);
    entries.retain(|entry| entry.organization.name == organization && entry.channel.is_some());
    Ok(paged(&page, &entries, Entry::to_json))
}

/// 404 also for what is not for the caller.
fn find(
    state: &State,
    headers: &HeaderMap,
    organization: &str,
    channel: Option<&str>,
) -> Result<Entry, Refusal> {
    let account = require(state, headers)?.account();
    visible(account)
        .into_iter()
        .find(|entry| {
            entry.organization.name == organization && entry.channel.map(|channel| channel.name) == channel
        })
        .ok_or_else(|| Refusal::not_found("There is no such channel"))
}

fn paged(page: &Page, entries: &[Entry], json: impl Fn(Entry) -> Value) -> Json<Value> {
    let items: Vec<Value> = page.of(entries).iter().map(|entry| json(*entry)).collect();
    Json(json!({"total_count": entries.len(), "items": items}))
}
