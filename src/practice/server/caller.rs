//! Who is asking: which credentials count where, and what they prove (server reference, section 1.1).

use axum::http::HeaderMap;

use super::answer::Refusal;
use super::state::State;
use super::token::TokenRecord;
use crate::practice::account::Account;
use crate::practice::credential::{Carrier, credentials};
use crate::practice::ledger::Presented;

/// The carriers that some endpoints look at; others are overlooked there, as if they were not sent.
pub(super) type Accepted = &'static [Carrier];

/// Tokens and scopes are managed with a session only (server reference, section 1.5).
pub(super) const SESSION: Accepted = &[Carrier::Bearer, Carrier::Cookie];
/// The account and channel lists.
pub(super) const API: Accepted = &[Carrier::Bearer, Carrier::XAuth, Carrier::Cookie];
/// What is told of a token is told to the token.
pub(super) const TOKEN: Accepted = &[Carrier::XAuth];
/// Channel content.
pub(super) const CONTENT: Accepted = &[
    Carrier::Path,
    Carrier::Bearer,
    Carrier::XAuth,
    Carrier::Basic,
    Carrier::Cookie,
];

/// A caller who was recognised.
#[derive(Debug, Clone)]
pub(super) enum Caller {
    Session(&'static Account),
    Token(&'static Account, TokenRecord),
}

impl Caller {
    pub(super) fn account(&self) -> &'static Account {
        match self {
            Self::Session(account) | Self::Token(account, _) => account,
        }
    }

    /// 403 unless the token carries all these scopes; a session may do what its person may.
    pub(super) fn need(&self, scopes: &[&str]) -> Result<(), Refusal> {
        let Self::Token(_, record) = self else {
            return Ok(());
        };
        match scopes
            .iter()
            .find(|wanted| !record.scopes.iter().any(|scope| scope == *wanted))
        {
            Some(missing) => Err(Refusal::forbidden(format!("The token lacks the scope {missing}"))),
            None => Ok(()),
        }
    }
}

/// The caller of a request, or nobody if no accepted credential was sent; 401 if the first accepted one is no good.
pub(super) fn recognise(
    state: &State,
    path_token: Option<&str>,
    headers: &HeaderMap,
    accepted: Accepted,
) -> Result<Option<Caller>, Refusal> {
    let sent = credentials(path_token, headers);
    let Some(credential) = sent
        .iter()
        .find(|credential| accepted.contains(&credential.carrier))
    else {
        return Ok(None);
    };
    let value = credential.value.expose();
    match credential.carrier {
        Carrier::Bearer | Carrier::Cookie => session(state, value).map(Some),
        Carrier::Path | Carrier::XAuth | Carrier::Basic => token(state, value).map(Some),
        // No list of accepted carriers names these.
        Carrier::Token | Carrier::Password | Carrier::Negotiate => Ok(None),
    }
}

/// As [`recognise`], but 401 for nobody.
pub(super) fn require(state: &State, headers: &HeaderMap, accepted: Accepted) -> Result<Caller, Refusal> {
    recognise(state, None, headers, accepted)?.ok_or_else(|| Refusal::unauthorized("Sign in first"))
}

fn session(state: &State, jwt: &str) -> Result<Caller, Refusal> {
    match state.sessions.account_of(jwt, state.common.clock.now()) {
        Some(account) => Ok(Caller::Session(account)),
        None => Err(Refusal::unauthorized("The session is not valid or has ended")),
    }
}

fn token(state: &State, value: &str) -> Result<Caller, Refusal> {
    match state.tokens.look_up(value, state.common.clock.now()) {
        Presented::Valid(record) => match Account::named(record.user) {
            Some(account) => Ok(Caller::Token(account, record)),
            None => Err(Refusal::unauthorized("The owner of the token is gone")),
        },
        Presented::Expired => Err(Refusal::unauthorized("The token has expired")),
        Presented::Unknown => Err(Refusal::unauthorized("The token is not known")),
    }
}
