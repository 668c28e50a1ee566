//! Files of channels: listed, uploaded and removed (server reference, sections 1.9 and 1.10).
//!
//! As no contract says it, this is the server's own: whoever owns a channel or was given it may upload; a file that is there
//! already is refused with 409; what is removed is gone when the answer comes.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Json;
use axum::body::Bytes;
use axum::extract::{self, Path};
use axum::http::{HeaderMap, StatusCode};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::answer::Refusal;
use super::caller::{self, Caller, require};
use super::channel::Channel;
use super::state::State;
use super::{json_body, packages, scope};
use crate::practice::account::Role;
use crate::practice::multipart::Form;
use crate::practice::package::Package;
use crate::practice::random::{hex, uuid_of};
use crate::practice::shelf::Shelf;

type Shared = extract::State<Arc<State>>;

/// A file that somebody uploaded.
#[derive(Debug, Clone)]
struct Artifact {
    family: &'static str,
    kind: &'static str,
    name: String,
    version: String,
    key: String,
    content: Content,
}

#[derive(Debug, Clone)]
enum Content {
    Conda(Arc<Package>),
    Other(Bytes),
}

#[derive(Debug, Default)]
struct Now {
    /// By the path of the channel.
    uploaded: BTreeMap<String, Vec<Artifact>>,
    /// Files of the world, by channel and key.
    removed: BTreeSet<(String, String)>,
}

/// What people did to the channels.
#[derive(Debug, Default)]
pub(super) struct Artifacts(Mutex<Now>);

impl Artifacts {
    fn now(&self) -> MutexGuard<'_, Now> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What lies in a channel for conda now.
    pub(super) fn shelf(&self, channel: &Channel) -> Shelf {
        let now = self.now();
        let path = channel.path();
        let uploaded = now.uploaded.get(&path).map(Vec::as_slice).unwrap_or_default();
        let packages = uploaded.iter().filter_map(|artifact| match &artifact.content {
            Content::Conda(package) => Some(Arc::clone(package)),
            Content::Other(_) => None,
        });
        packages::shelf(channel)
            .without(|package| now.removed.contains(&(path.clone(), key_of(package))))
            .with(&Shelf::of_all(packages))
    }

    /// A file that is no conda package.
    pub(super) fn other(&self, channel: &Channel, key: &str) -> Option<Bytes> {
        let now = self.now();
        let mut uploaded = now.uploaded.get(&channel.path())?.iter();
        uploaded.find_map(|artifact| match &artifact.content {
            Content::Other(bytes) if artifact.key == key => Some(bytes.clone()),
            _ => None,
        })
    }
}

fn key_of(package: &Package) -> String {
    format!("{}/{}", package.subdir().as_str(), package.file_name())
}

impl Artifact {
    fn conda(package: Package) -> Self {
        Self {
            family: "conda",
            kind: "conda_package_1",
            name: package.name().to_owned(),
            version: package.version().to_owned(),
            key: key_of(&package),
            content: Content::Conda(Arc::new(package)),
        }
    }

    fn other(
        family: &'static str,
        kind: &'static str,
        folder: &str,
        file_name: &str,
        content: Bytes,
    ) -> Self {
        let stem = file_name.rsplit_once('.').map_or(file_name, |(stem, _)| stem);
        // The name of a wheel is that of its package, then its version.
        let mut parts = stem.split('-');
        let (name, version) = match family {
            "python" => (
                parts.next().unwrap_or_default().to_owned(),
                parts.next().unwrap_or_default().to_owned(),
            ),
            _ => (stem.to_lowercase().replace(' ', "-"), "1".to_owned()),
        };
        Self {
            family,
            kind,
            name,
            version,
            key: format!("{folder}{file_name}"),
            content: Content::Other(content),
        }
    }

    fn bytes(&self) -> Bytes {
        match &self.content {
            Content::Conda(package) => package
                .built()
                .map(|built| built.bytes.clone())
                .unwrap_or_default(),
            Content::Other(bytes) => bytes.clone(),
        }
    }

    /// As recorded of a real server (server reference, section 9).
    fn to_json(&self, channel: &Channel) -> Value {
        let bytes = self.bytes();
        let record = match &self.content {
            Content::Conda(package) => package.record(),
            Content::Other(_) => None,
        };
        let mut record = record.unwrap_or_else(|| {
            json!({
                "name": self.name,
                "version": self.version,
                "size": bytes.len(),
                "sha256": hex(&<[u8; 32]>::from(Sha256::digest(&bytes))),
            })
        });
        record["fn"] = json!(self.key.rsplit('/').next());
        let (parent, sub) = match &channel.parent {
            Some(parent) => (parent, Some(&channel.name)),
            None => (&channel.name, None),
        };
        json!({
            "id": uuid_of(&format!("artifact {} {}", channel.path(), self.key)),
            "ckey": self.key,
            "name": self.name,
            "family": self.family,
            "type": self.kind,
            "channel": parent,
            "subchannel": sub,
            "metadata": {"about.json": {}, "index.json": record, "repodata_record.json": record},
            "size": bytes.len(),
        })
    }
}

/// All files of a channel: the world's and those that were uploaded.
fn all(state: &State, channel: &Channel) -> Vec<Artifact> {
    let shelf = state.artifacts.shelf(channel);
    let conda = shelf.shared().map(|package| Artifact {
        family: "conda",
        kind: "conda_package_1",
        name: package.name().to_owned(),
        version: package.version().to_owned(),
        key: key_of(package),
        content: Content::Conda(Arc::clone(package)),
    });
    let now = state.artifacts.now();
    let uploaded = now.uploaded.get(&channel.path()).cloned().unwrap_or_default();
    let other = uploaded
        .into_iter()
        .filter(|artifact| matches!(artifact.content, Content::Other(_)));
    conda.chain(other).collect()
}

/// The channel, for whoever may do this there.
fn channel_for<'a>(
    state: &'a State,
    headers: &HeaderMap,
    (channel, sub): (&str, Option<&str>),
    scopes: &[&str],
    is_change: bool,
) -> Result<&'a Channel, Refusal> {
    let caller: Caller = require(state, headers, caller::API)?;
    caller.need(scopes)?;
    let found = state.catalogue.find(channel, sub);
    let found = found.ok_or_else(|| Refusal::not_found("There is no such channel"))?;
    let account = caller.account();
    if !found.open_to(account) {
        return Err(Refusal::forbidden("This channel is private"));
    }
    if is_change && account.role != Role::Admin && !found.belongs_to(account) {
        return Err(Refusal::forbidden("This channel is not yours"));
    }
    Ok(found)
}

pub(super) async fn upload(
    extract::State(state): Shared,
    Path(channel): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<(StatusCode, Json<Value>), Refusal> {
    taken(&state, &headers, (&channel, None), &body)
}

/// Of all addresses of a sub-channel this one has no `subchannels` in it.
pub(super) async fn upload_to_subchannel(
    extract::State(state): Shared,
    Path((channel, sub)): Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<(StatusCode, Json<Value>), Refusal> {
    taken(&state, &headers, (&channel, Some(&sub)), &body)
}

fn taken(
    state: &State,
    headers: &HeaderMap,
    channel: (&str, Option<&str>),
    body: &Bytes,
) -> Result<(StatusCode, Json<Value>), Refusal> {
    let channel = channel_for(state, headers, channel, &[scope::CREATE_ARTIFACT], true)?;
    let form = Form::parse(headers, body).ok_or_else(|| Refusal::malformed("The body is no form"))?;
    let missing = |field: &str| Refusal::malformed(format!("{field}: is missing"));
    let file = form.part("content").ok_or_else(|| missing("content"))?;
    let file_name = file.file_name.as_deref().ok_or_else(|| missing("content"))?;
    if form.text("size") != Some(&file.content.len().to_string()) {
        return Err(Refusal::invalid("size: is not that of the file"));
    }
    let content = file.content.clone();
    let artifact = match form.text("filetype").ok_or_else(|| missing("filetype"))? {
        "conda1" => Package::uploaded(file_name, content)
            .map(Artifact::conda)
            .ok_or_else(|| Refusal::invalid("The file is no conda package"))?,
        "bdist_wheel" => Artifact::other("python", "bdist_wheel", "", file_name, content),
        "jupyter_notebook" => Artifact::other("notebook", "jupyter_notebook", "jupyter/", file_name, content),
        "anaconda_env" => Artifact::other("anaconda_env", "anaconda_env", "", file_name, content),
        _ => return Err(Refusal::invalid("filetype: is not known")),
    };
    if all(state, channel).iter().any(|one| one.key == artifact.key) {
        return Err(Refusal::conflict(format!("{} is there already", artifact.key)));
    }
    let mut answer = artifact.to_json(channel);
    answer["signatures"] = Value::Null;
    answer["state"] = json!("active");
    answer["url"] = json!(format!(
        "{}/api/repo/{}/{}",
        state.url,
        channel.path(),
        artifact.key
    ));
    let mut now = state.artifacts.now();
    now.uploaded.entry(channel.path()).or_default().push(artifact);
    Ok((StatusCode::CREATED, Json(answer)))
}

pub(super) async fn files(
    extract::State(state): Shared,
    Path((channel, family, name)): Path<(String, String, String)>,
    headers: HeaderMap,
) -> Result<Json<Value>, Refusal> {
    listed(&state, &headers, (&channel, None), (&family, &name))
}

pub(super) async fn files_of_subchannel(
    extract::State(state): Shared,
    Path((channel, sub, family, name)): Path<(String, String, String, String)>,
    headers: HeaderMap,
) -> Result<Json<Value>, Refusal> {
    listed(&state, &headers, (&channel, Some(&sub)), (&family, &name))
}

/// 404 where there is nothing of the name.
fn listed(
    state: &State,
    headers: &HeaderMap,
    channel: (&str, Option<&str>),
    (family, name): (&str, &str),
) -> Result<Json<Value>, Refusal> {
    let channel = channel_for(state, headers, channel, &[scope::VIEW_ARTIFACT], false)?;
    let found = all(state, channel).into_iter();
    let items: Vec<Value> = found
        .filter(|one| one.family == family && is_same_name(&one.name, name))
        .map(|artifact| artifact.to_json(channel))
        .collect();
    match items.is_empty() {
        true => Err(Refusal::not_found("There is no such package")),
        false => Ok(Json(json!({"total_count": items.len(), "items": items}))),
    }
}

/// As Python's indexes compare them.
fn is_same_name(one: &str, other: &str) -> bool {
    let plain = |name: &str| name.to_lowercase().replace(['_', '.'], "-");
    plain(one) == plain(other)
}

pub(super) async fn bulk(
    extract::State(state): Shared,
    Path(channel): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<StatusCode, Refusal> {
    in_bulk(&state, &headers, (&channel, None), &body)
}

pub(super) async fn bulk_in_subchannel(
    extract::State(state): Shared,
    Path((channel, sub)): Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<StatusCode, Refusal> {
    in_bulk(&state, &headers, (&channel, Some(&sub)), &body)
}

/// Only removing; copying and moving are not offered.
fn in_bulk(
    state: &State,
    headers: &HeaderMap,
    channel: (&str, Option<&str>),
    body: &Bytes,
) -> Result<StatusCode, Refusal> {
    let channel = channel_for(state, headers, channel, &[scope::DELETE_ARTIFACT], true)?;
    let body = json_body(headers, body)?;
    if body["action"] != "delete" {
        return Err(Refusal::malformed("action: must be delete"));
    }
    let items = body["items"]
        .as_array()
        .ok_or_else(|| Refusal::malformed("items: must be a list"))?;
    let keys: Vec<&str> = items.iter().filter_map(|item| item["ckey"].as_str()).collect();
    let there = all(state, channel);
    if keys.len() != items.len() || !keys.iter().all(|key| there.iter().any(|one| one.key == *key)) {
        return Err(Refusal::not_found("There is no such file"));
    }
    let mut now = state.artifacts.now();
    for key in keys {
        let uploaded = now.uploaded.entry(channel.path()).or_default();
        let before = uploaded.len();
        uploaded.retain(|artifact| artifact.key != key);
        if uploaded.len() == before {
            now.removed.insert((channel.path(), key.to_owned()));
        }
    }
    Ok(StatusCode::ACCEPTED)
}
