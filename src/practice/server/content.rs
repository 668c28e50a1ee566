//! The content of channels for conda: `/api/repo[/t/<token>]/<channel>[/<subchannel>]/<subdir>/<file>` (server
//! reference, section 1.11).
//!
//! A credential that does not count is refused with 401 even for a public channel. Without one, whatever is not public is
//! refused with 401; a credential that does not reach far enough gets 403. Scopes do not matter for public channels.

use std::sync::Arc;

use axum::extract::{self, Path};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse as _, Response};

use super::answer::Refusal;
use super::caller::{self, recognise};
use super::channel::{Channel, Privacy};
use super::scope;
use super::state::State;
use crate::practice::stock::trouble;

pub(super) async fn under_api(
    extract::State(state): extract::State<Arc<State>>,
    Path(path): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let (token, path) = match path.strip_prefix("t/").and_then(|rest| rest.split_once('/')) {
        Some((token, rest)) => (Some(token), rest),
        None => (None, path.as_str()),
    };
    content(&state, token, path, &headers).await
}

/// What conda asks for when it knows no channel alias; only behind the switch.
pub(super) async fn under_root(
    extract::State(state): extract::State<Arc<State>>,
    Path((token, path)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    if !state.accept_root_token {
        return Err(Refusal::not_found("There is nothing at this address"));
    }
    content(&state, Some(&token), &path, &headers).await
}

async fn content(
    state: &State,
    token: Option<&str>,
    path: &str,
    headers: &HeaderMap,
) -> Result<Response, Refusal> {
    let caller = recognise(state, token, headers, caller::CONTENT)?;
    if path.starts_with("trouble-") {
        return troubled(path, headers).await.ok_or_else(nothing);
    }
    let (channel, rest) =
        addressed(state, path).ok_or_else(|| Refusal::not_found("There is no such channel"))?;
    if channel.privacy != Privacy::Public {
        let caller = caller.ok_or_else(|| Refusal::unauthorized("This channel needs a token"))?;
        if !channel.open_to(caller.account()) {
            return Err(Refusal::forbidden("This channel is private"));
        }
        let needed = if channel.parent.is_some() {
            scope::READ_SUBCHANNEL
        } else {
            scope::READ_CHANNEL
        };
        caller.need(&needed)?;
    }
    if let Some(bytes) = state.artifacts.other(channel, &rest.join("/")) {
        let content_type = [(header::CONTENT_TYPE, "application/octet-stream")];
        return Ok((content_type, bytes).into_response());
    }
    let shelf = state.artifacts.shelf(channel);
    shelf.serve(&rest, headers).await.ok_or_else(nothing)
}

fn nothing() -> Refusal {
    Refusal::not_found("There is no such file")
}

/// The channels that are in no list.
async fn troubled(path: &str, headers: &HeaderMap) -> Option<Response> {
    let segments: Vec<&str> = path.split('/').collect();
    match segments.as_slice() {
        ["trouble-archives", rest @ ..] => trouble::ARCHIVES.clone().serve(rest, headers).await,
        ["trouble-index", subdir, "repodata.json"] => Some(trouble::index(subdir)?.answer(headers)),
        [channel, subdir, "repodata.json"] => {
            let records = channel.strip_prefix("trouble-large-")?.parse().ok()?;
            trouble::large(subdir, records)
        }
        _ => None,
    }
}

/// The channel, or sub-channel if the second segment names one, and the segments after it.
fn addressed<'s, 'p>(state: &'s State, path: &'p str) -> Option<(&'s Channel, Vec<&'p str>)> {
    let segments: Vec<&str> = path.split('/').collect();
    let (name, rest) = segments.split_first()?;
    if let Some((second, rest)) = rest.split_first()
        && let Some(subchannel) = state.catalogue.find(name, Some(second))
    {
        return Some((subchannel, rest.to_vec()));
    }
    Some((state.catalogue.find(name, None)?, rest.to_vec()))
}
