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
use super::{State, scope};
use crate::practice::shelf::Shelf;

type Shared = extract::State<Arc<State>>;

/// The label whose files a channel without a label holds.
const MAIN: &str = "main";

pub(super) async fn under_conda(
    extract::State(state): Shared,
    Path(path): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    match path.strip_prefix("t/").and_then(|rest| rest.split_once('/')) {
        Some((token, rest)) => content(&state, Some(token), rest, &headers).await,
        None => content(&state, None, &path, &headers).await,
    }
}

pub(super) async fn under_token(
    extract::State(state): Shared,
    Path((token, path)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    content(&state, Some(&token), &path, &headers).await
}

async fn content(
    state: &State,
    token: Option<&str>,
    path: &str,
    headers: &HeaderMap,
) -> Result<Response, Refusal> {
    let who = match token {
        None => None,
        Some(token) => {
            let bearer = bearer_of(state, token)?;
            bearer.token.may(scope::DOWNLOAD).then_some(bearer.owner)
        }
    };
    let segments: Vec<&str> = path.split('/').collect();
    let (login, label, rest) = match segments.as_slice() {
        [login, "label", label, rest @ ..] => (login, *label, rest),
        [login, rest @ ..] => (login, MAIN, rest),
        [] => return Err(Refusal::not_found("There is no such file")),
    };
    let Some(owner) = Owner::named(login) else {
        return Err(Refusal::not_found(format!("There is no user {login}")));
    };
    let all = state.standing.packages_of(owner);
    if label != MAIN && !all.iter().any(|package| package.has_label(label)) {
        return Err(Refusal::not_found(format!("{login} has no label {label}")));
    }
    let open = all
        .iter()
        .filter(|package| state.standing.is_open_to(package, who));
    let shelf = Shelf::of_all(open.flat_map(|package| package.labelled(label)));
    let served = shelf.serve(rest, headers).await;
    served.ok_or_else(|| Refusal::not_found("There is no such file"))
}
