//! repo.anaconda.cloud: the content of channels for conda (server reference, section 2).
//!
//! `/t/<token>/repo/<channel>/<subdir>/repodata.json`, or `/repo/...` with `Authorization: token <token>` or
//! `Bearer <API key>`; the channels of an organization are `<organization>/<channel>`. Whoever has no right to a channel
//! gets 403, whatever is wrong. A channel that does not exist is answered with 404 to whoever has a good credential.

use std::sync::Arc;

use axum::extract::{self, Path};
use axum::http::HeaderMap;
use axum::response::Response;

use super::State;
use super::answer::Refusal;
use super::session::Bearer;
use super::world::{Channel, DEFAULTS, Organization, default_packages, packages};
use crate::practice::account::Account;
use crate::practice::credential::{Carrier, credentials};
use crate::practice::shelf::Shelf;

type Shared = extract::State<Arc<State>>;

/// The scope that lets an API key read channels.
const READ: &str = "repo:read";

pub(super) async fn with_token(
    extract::State(state): Shared,
    Path((token, path)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    content(&state, Some(&token), &path, &headers).await
}

pub(super) async fn with_header(
    extract::State(state): Shared,
    Path(path): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    content(&state, None, &path, &headers).await
}

/// Who reads.
enum Reader {
    /// The bearer of a repository token reads what its organization has.
    Organization(&'static str),
    /// The owner of an API key also reads what was shared with them.
    Person(&'static Account),
}

impl Reader {
    fn may_read(&self, organization: &Organization, channel: &Channel) -> bool {
        let belongs = match self {
            Self::Organization(name) => organization.name == *name,
            Self::Person(account) => {
                organization.has(account) || channel.shared_with.contains(&account.username)
            }
        };
        belongs || channel.privacy == "public"
    }
}

/// The reader, by the first credential that may stand here; nothing if it does not count.
fn reader(state: &State, token: Option<&str>, headers: &HeaderMap) -> Option<Reader> {
    let now = state.common.clock.now();
    let sent = credentials(token, headers);
    let credential = sent
        .iter()
        .find(|one| matches!(one.carrier, Carrier::Path | Carrier::Token | Carrier::Bearer))?;
    let value = credential.value.expose();
    if credential.carrier != Carrier::Bearer {
        let token = state.tokens.valid(value, now)?;
        return Some(Reader::Organization(token.organization));
    }
    match state.sessions.bearer(value, now)? {
        Bearer::Key(account, key) => key.may(READ).then_some(Reader::Person(account)),
        Bearer::Access(_) => None,
    }
}

async fn content(
    state: &State,
    token: Option<&str>,
    path: &str,
    headers: &HeaderMap,
) -> Result<Response, Refusal> {
    let reader =
        reader(state, token, headers).ok_or_else(|| Refusal::forbidden("This needs a valid token"))?;
    let segments: Vec<&str> = path.split('/').collect();
    let found = match segments.as_slice() {
        [channel, rest @ ..] if DEFAULTS.contains(channel) => {
            file(default_packages(channel), rest, headers).await
        }
        [organization, channel, rest @ ..] => {
            let organization = Organization::named(organization);
            let channel =
                organization.and_then(|organization| Some((organization, organization.channel(channel)?)));
            let (organization, channel) =
                channel.ok_or_else(|| Refusal::not_found("There is no such channel"))?;
            if !reader.may_read(organization, channel) {
                return Err(Refusal::forbidden("This channel is not for this token"));
            }
            file(packages(channel), rest, headers).await
        }
        _ => None,
    };
    found.ok_or_else(|| Refusal::not_found("There is no such file"))
}

async fn file(shelf: Shelf, rest: &[&str], headers: &HeaderMap) -> Option<Response> {
    match rest {
        ["channeldata.json"] => Some(shelf.channeldata().answer(headers)),
        _ => shelf.serve(rest, headers).await,
    }
}
