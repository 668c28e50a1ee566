//! Who is asking the API: the bearer of `Authorization: token <token>` (repository reference, section 1.1).

use axum::http::HeaderMap;

use super::State;
use super::answer::Refusal;
use super::owner::Owner;
use super::token::RepositoryToken;
use crate::practice::credential::{Carrier, sent};
use crate::practice::ledger::Presented;

/// A caller who was recognised.
#[derive(Debug, Clone)]
pub(super) struct Caller {
    pub(super) owner: Owner,
    pub(super) token: RepositoryToken,
}

impl Caller {
    /// 403 unless the token carries one of these scopes.
    pub(super) fn need(&self, any_of: &[&str]) -> Result<(), Refusal> {
        if self.token.may(any_of) {
            Ok(())
        } else {
            Err(Refusal::forbidden(format!(
                "The token has none of the scopes {}",
                any_of.join(", ")
            )))
        }
    }
}

/// The caller of a request, or nobody if no token was sent; 401 if it is no good.
pub(super) fn recognise(state: &State, headers: &HeaderMap) -> Result<Option<Caller>, Refusal> {
    match sent(headers, Carrier::Token) {
        Some(token) => bearer_of(state, token.expose()).map(Some),
        None => Ok(None),
    }
}

/// As [`recognise`], but 401 for nobody.
pub(super) fn require(state: &State, headers: &HeaderMap) -> Result<Caller, Refusal> {
    recognise(state, headers)?.ok_or_else(|| Refusal::unauthorized("This needs a token. Log in first"))
}

/// Whoever may use this token; 401 if nobody.
pub(super) fn bearer_of(state: &State, token: &str) -> Result<Caller, Refusal> {
    match state.tokens.look_up(token, state.common.clock.now()) {
        Presented::Valid(token) => match Owner::named(token.owner) {
            Some(owner) => Ok(Caller { owner, token }),
            None => Err(Refusal::unauthorized("The owner of the token is gone")),
        },
        Presented::Expired => Err(Refusal::unauthorized("The token has expired")),
        Presented::Unknown => Err(Refusal::unauthorized("The token is not valid")),
    }
}
