//! The content of channels for conda (repository reference, section 1.6):
//! `/conda/<owner>[/label/<label>]/<subdir>/repodata.json`, with a token as `/conda/t/<token>/...`, which conda makes, or
//! `/t/<token>/conda/...`, which mamba and rattler make and the manual describes.
//!
//! Everybody gets what they may have: without a token the public packages of an owner, with one also what its owner may
//! see. A token that does not count is refused with 401 even where everything is public.

use std::sync::Arc;

use axum::extract::{self, Path};
use axum::http::HeaderMap;
use axum::response::Response;

use super::answer::Refusal;
use super::caller::bearer_of;
use super::owner::Owner;
use super::package::repodata;
use super::{State, scope, users};
use crate::practice::tagged::with_tag;

type Shared = extract::State<Arc<State>>;

/// The label whose files a channel without a label holds.
const MAIN: &str = "main";

pub(super) async fn under_conda(
    extract::State(state): Shared,
    Path(path): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    match path.strip_prefix("t/").and_then(|rest| rest.split_once('/')) {
        Some((token, rest)) => content(&state, Some(token), rest, &headers),
        None => content(&state, None, &path, &headers),
    }
}

pub(super) async fn under_token(
    extract::State(state): Shared,
    Path((token, path)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    content(&state, Some(&token), &path, &headers)
}

fn content(state: &State, token: Option<&str>, path: &str, headers: &HeaderMap) -> Result<Response, Refusal> {
    let who = match token {
        None => None,
        Some(token) => {
            let bearer = bearer_of(state, token)?;
            bearer.token.may(scope::DOWNLOAD).then_some(bearer.owner)
        }
    };
    let segments: Vec<&str> = path.split('/').collect();
    let (login, label, subdir) = match segments.as_slice() {
        [login, "label", label, subdir, "repodata.json"] => (login, *label, subdir),
        [login, subdir, "repodata.json"] => (login, MAIN, subdir),
        // Compressed, current and sharded repodata are not offered, nor are package files.
        _ => return Err(Refusal::not_found("There is no such file")),
    };
    let Some(owner) = Owner::named(login) else {
        return Err(Refusal::not_found(format!("There is no user {login}")));
    };
    let labelled: Vec<_> = users::of(owner).filter(|one| one.label == label).collect();
    if label != MAIN && labelled.is_empty() {
        return Err(Refusal::not_found(format!("{login} has no label {label}")));
    }
    let open = labelled
        .into_iter()
        .filter(|one| state.standing.is_open_to(one, who));
    match repodata(owner.login(), subdir, open) {
        Some(repodata) => Ok(with_tag(repodata.to_string(), headers)),
        None => Err(Refusal::not_found("There is no such file")),
    }
}
