//! Uploads (repository reference, P3, P5 and P8 to P11): packages and versions are made, a file is announced, goes to the
//! storage, and is taken over. Nobody sees it before.
//!
//! As no contract says it, this is the server's own: a file that is there is not announced a second time (409); what is taken
//! over must have the digest that was announced (400), and the storage holds the file against `Content-MD5` as S3 does.
//! Private packages are refused at Anaconda.org with 402.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Json;
use axum::body::Bytes;
use axum::extract::{self, Path};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use md5::Md5;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::access::{body_of, caller, owner_named, seen};
use super::answer::Refusal;
use super::held::{Content, File, Held, Release};
use super::owner::Owner;
use super::package::Access;
use super::{Login, State, scope};
use crate::practice::multipart::Form;
use crate::practice::package;
use crate::practice::random::{self, hex, uuid};

type Shared = extract::State<Arc<State>>;
type Answer = Result<Json<Value>, Refusal>;

/// A file that was announced.
#[derive(Debug, Clone)]
struct Staged {
    owner: &'static str,
    package: String,
    version: String,
    basename: String,
    kind: String,
    labels: Vec<String>,
    attributes: Value,
    sha256: Option<String>,
    /// Once it has arrived.
    bytes: Option<Bytes>,
}

/// The files that were announced, by their ids.
#[derive(Debug, Default)]
pub(super) struct Staging(Mutex<BTreeMap<String, Staged>>);

impl Staging {
    fn now(&self) -> MutexGuard<'_, BTreeMap<String, Staged>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many files are announced and not taken over.
    pub(super) fn len(&self) -> usize {
        self.now().len()
    }
}

/// The owner, for whoever may put files into this package of theirs.
fn writable(state: &State, headers: &HeaderMap, login: &str, name: &str) -> Result<Owner, Refusal> {
    let caller = caller(state, headers, scope::WRITE)?;
    let owner = owner_named(login)?;
    match state.standing.may_write(owner, name, caller.owner) {
        true => Ok(owner),
        false => Err(Refusal::forbidden(format!("You may not upload to {login}"))),
    }
}

fn nothing(what: &str) -> Refusal {
    Refusal::not_found(format!("There is no {what}"))
}

pub(super) async fn create_package(
    extract::State(state): Shared,
    Path((login, name)): Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Answer {
    let owner = writable(&state, &headers, &login, &name)?;
    let body = body_of(&body)?;
    let is_private = body["public"] == json!(false);
    if is_private && matches!(state.login, Login::Unified(_)) {
        return Err(Refusal::not_in_plan("Private packages are not part of this plan"));
    }
    if state.standing.package(owner, &name).is_some() {
        return Err(Refusal::conflict(format!(
            "There is a package {login}/{name} already"
        )));
    }
    let attributes = &body["public_attrs"];
    let kinds = attributes["package_types"].as_array().into_iter().flatten();
    let package = Held {
        owner: owner.login(),
        name,
        summary: attributes["summary"].as_str().unwrap_or_default().to_owned(),
        kinds: kinds.filter_map(Value::as_str).map(str::to_owned).collect(),
        access: if is_private {
            Access::Private
        } else {
            Access::Public
        },
        collaborators: Vec::new(),
        releases: Vec::new(),
    };
    let answer = package.to_json();
    state.standing.add_package(package);
    Ok(Json(answer))
}

pub(super) async fn remove_package(
    extract::State(state): Shared,
    Path((login, name)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<StatusCode, Refusal> {
    let owner = writable(&state, &headers, &login, &name)?;
    if state.standing.package(owner, &name).is_none() {
        return Err(nothing("such package"));
    }
    state.standing.remove_package(owner, &name);
    Ok(StatusCode::CREATED)
}

type Version = Path<(String, String, String)>;

pub(super) async fn release(
    extract::State(state): Shared,
    Path((login, name, version)): Version,
    headers: HeaderMap,
) -> Answer {
    let caller = caller(&state, &headers, scope::READ)?;
    let package = seen(&state, &caller, &login, &name)?;
    let release = package.release(&version).ok_or_else(|| nothing("such version"))?;
    Ok(Json(package.release_json(release)))
}

pub(super) async fn create_release(
    extract::State(state): Shared,
    Path((login, name, version)): Version,
    headers: HeaderMap,
    body: Bytes,
) -> Answer {
    let owner = writable(&state, &headers, &login, &name)?;
    body_of(&body)?;
    let made = state.standing.change_package(owner, &name, |package| {
        if package.release(&version).is_some() {
            return Err(Refusal::conflict("There is such a version already"));
        }
        package.releases.push(Release {
            version: version.clone(),
            files: Vec::new(),
        });
        Ok(Json(json!({"version": version, "distributions": []})))
    });
    made.ok_or_else(|| nothing("such package"))?
}

/// What is told of a version is not kept.
pub(super) async fn patch_release(
    extract::State(state): Shared,
    Path((login, name, version)): Version,
    headers: HeaderMap,
    body: Bytes,
) -> Answer {
    let owner = writable(&state, &headers, &login, &name)?;
    body_of(&body)?;
    let package = state.standing.package(owner, &name);
    let package = package.ok_or_else(|| nothing("such package"))?;
    let release = package.release(&version).ok_or_else(|| nothing("such version"))?;
    Ok(Json(package.release_json(release)))
}

pub(super) async fn remove_release(
    extract::State(state): Shared,
    Path((login, name, version)): Version,
    headers: HeaderMap,
) -> Result<StatusCode, Refusal> {
    let owner = writable(&state, &headers, &login, &name)?;
    let removed = state.standing.change_package(owner, &name, |package| {
        let before = package.releases.len();
        package.releases.retain(|release| release.version != version);
        package.releases.len() < before
    });
    match removed {
        Some(true) => Ok(StatusCode::CREATED),
        _ => Err(nothing("such version")),
    }
}

type FilePath = Path<(String, String, String, String)>;

/// The file, for whoever may see its package.
fn found(
    state: &State,
    headers: &HeaderMap,
    (login, name, version, basename): &(String, String, String, String),
) -> Result<(Held, File), Refusal> {
    let caller = caller(state, headers, scope::READ)?;
    let package = seen(state, &caller, login, name)?;
    let release = package.release(version).ok_or_else(|| nothing("such version"))?;
    let file = release
        .files
        .iter()
        .find(|file| file.basename == *basename)
        .cloned();
    Ok((package, file.ok_or_else(|| nothing("such file"))?))
}

pub(super) async fn file(extract::State(state): Shared, Path(path): FilePath, headers: HeaderMap) -> Answer {
    let (package, file) = found(&state, &headers, &path)?;
    Ok(Json(file.to_json(package.owner, &package.name, &path.2)))
}

pub(super) async fn download(
    extract::State(state): Shared,
    Path(path): FilePath,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let (_, file) = found(&state, &headers, &path)?;
    let content_type = [(header::CONTENT_TYPE, "application/octet-stream")];
    Ok((content_type, file.content.bytes()).into_response())
}

/// A file, or, as `-/<id>`, an announcement.
pub(super) async fn remove_file(
    extract::State(state): Shared,
    Path((login, name, version, basename)): FilePath,
    headers: HeaderMap,
) -> Answer {
    let owner = writable(&state, &headers, &login, &name)?;
    if let Some(id) = basename.strip_prefix("-/") {
        return match state.staged.now().remove(id) {
            Some(staged) => Ok(Json(json!({"basename": staged.basename}))),
            None => Err(nothing("such file")),
        };
    }
    let removed = state.standing.change_package(owner, &name, |package| {
        let release = package.releases.iter_mut().find(|one| one.version == version)?;
        let before = release.files.len();
        release.files.retain(|file| file.basename != basename);
        (release.files.len() < before).then_some(())
    });
    match removed.flatten() {
        Some(()) => Ok(Json(json!({"basename": basename}))),
        None => Err(nothing("such file")),
    }
}

pub(super) async fn stage(
    extract::State(state): Shared,
    Path((login, name, version, basename)): FilePath,
    headers: HeaderMap,
    body: Bytes,
) -> Answer {
    let owner = writable(&state, &headers, &login, &name)?;
    let body = body_of(&body)?;
    let package = state.standing.package(owner, &name);
    let package = package.ok_or_else(|| nothing("such package"))?;
    let release = package.release(&version).ok_or_else(|| nothing("such version"))?;
    if release.files.iter().any(|file| file.basename == basename) {
        return Err(Refusal::conflict(format!("{basename} is there already")));
    }
    let kind = body["distribution_type"]
        .as_str()
        .filter(|kind| ["conda", "pypi", "ipynb", "env"].contains(kind))
        .ok_or_else(|| Refusal::bad_request("distribution_type: is not known"))?;
    let labels = body["channels"].as_array().into_iter().flatten();
    let labels: Vec<String> = labels.filter_map(Value::as_str).map(str::to_owned).collect();
    let id = uuid(random::bytes()?);
    state.staged.now().insert(
        id.clone(),
        Staged {
            owner: owner.login(),
            package: name,
            version,
            kind: kind.to_owned(),
            labels: if labels.is_empty() {
                vec!["main".to_owned()]
            } else {
                labels
            },
            attributes: body["attrs"].clone(),
            sha256: body["sha256"].as_str().map(str::to_owned),
            basename: basename.clone(),
            bytes: None,
        },
    );
    Ok(Json(json!({
        "post_url": format!("{}/storage/{id}", state.url),
        "form_data": {"key": basename, "acl": "private", "policy": hex(id.as_bytes())},
        "dist_id": id,
    })))
}

/// The storage: it knows no tokens, only what was announced.
pub(super) async fn store(
    extract::State(state): Shared,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let error = |status: StatusCode, code: &str, message: &str| {
        let xml =
            format!("<?xml version=\"1.0\"?><Error><Code>{code}</Code><Message>{message}</Message></Error>");
        (status, [(header::CONTENT_TYPE, "application/xml")], xml).into_response()
    };
    let Some(form) = Form::parse(&headers, &body) else {
        return error(StatusCode::BAD_REQUEST, "MalformedPOSTRequest", "This is no form");
    };
    let mut staged = state.staged.now();
    let Some(staged) = staged.get_mut(&id) else {
        return error(StatusCode::NOT_FOUND, "NoSuchUpload", "Nothing was announced");
    };
    let (Some(file), Some(policy)) = (form.part("file"), form.text("policy")) else {
        return error(
            StatusCode::BAD_REQUEST,
            "InvalidArgument",
            "The form lacks a field",
        );
    };
    if policy != hex(id.as_bytes()) || form.text("key") != Some(&staged.basename) {
        return error(
            StatusCode::FORBIDDEN,
            "AccessDenied",
            "The policy is for another file",
        );
    }
    let md5 = BASE64_STANDARD.encode(Md5::digest(&file.content));
    if form.text("Content-MD5") != Some(&md5) {
        return error(
            StatusCode::BAD_REQUEST,
            "InvalidDigest",
            "The Content-MD5 is not valid",
        );
    }
    staged.bytes = Some(file.content.clone());
    StatusCode::CREATED.into_response()
}

pub(super) async fn commit(
    extract::State(state): Shared,
    Path((login, name, version, basename)): FilePath,
    headers: HeaderMap,
    body: Bytes,
) -> Answer {
    let owner = writable(&state, &headers, &login, &name)?;
    let id = body_of(&body)?["dist_id"].as_str().unwrap_or_default().to_owned();
    let staged = state.staged.now().get(&id).cloned();
    let staged = staged
        .filter(|one| {
            (one.owner, one.package.as_str()) == (owner.login(), name.as_str())
                && one.version == version
                && one.basename == basename
        })
        .ok_or_else(|| nothing("such announcement"))?;
    let Some(bytes) = staged.bytes else {
        return Err(Refusal::bad_request("The file has not arrived"));
    };
    let digest = hex(&<[u8; 32]>::from(Sha256::digest(&bytes)));
    if staged.sha256.is_some_and(|announced| announced != digest) {
        return Err(Refusal::bad_request(
            "The file has not the sha256 that was announced",
        ));
    }
    let file_name = basename.rsplit('/').next().unwrap_or_default();
    let content = match staged.kind.as_str() {
        "conda" => {
            let package = package::Package::uploaded(file_name, bytes)
                .ok_or_else(|| Refusal::bad_request("The file is no conda package"))?;
            Content::Conda(Arc::new(package))
        }
        _ => Content::Other(bytes),
    };
    let file = File {
        basename,
        kind: staged.kind.clone(),
        labels: staged.labels,
        attributes: staged.attributes,
        content,
    };
    let answer = file.to_json(owner.login(), &name, &version);
    let added = state.standing.change_package(owner, &name, |package| {
        if !package.kinds.contains(&staged.kind) {
            package.kinds.push(staged.kind);
        }
        let release = package.releases.iter_mut().find(|one| one.version == version)?;
        release.files.push(file);
        Some(())
    });
    added.flatten().ok_or_else(|| nothing("such version"))?;
    state.staged.now().remove(&id);
    Ok(Json(answer))
}
