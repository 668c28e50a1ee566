//! The tokens of this machine: how long they live, renewing them, and those that were left over on the server.

mod adopt;
mod issue;
mod left_over;
mod on_server;
mod put_to_use;
mod renew;
mod verify;

use std::path::PathBuf;

use jiff::Timestamp;
use serde::Serialize;

use super::connection::{Connection, ProgramName, Service};
use super::{ServiceError, Services, blocking};
use crate::repository::Session;

pub use issue::{IssuedToken, Preset, SameName, ScopeShown, TokenUses, TokenWish};
pub use left_over::{LeftOver, RevokedLeftOver};
pub use on_server::{AccountTokens, RevokedToken, ServerToken};
pub use put_to_use::{ChannelHere, may_download};
pub use renew::Renewed;
pub use verify::{TokenCheck, TokenOutcome};

/// From so many days before its end on, a person is warned of a token.
pub const SOON_DAYS: i64 = 30;

/// How a token stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum TokenState {
    Good,
    /// It ends within [`SOON_DAYS`].
    EndsSoon,
    Expired,
    /// Nobody said when it ends.
    Unknown,
}

/// What it takes to renew a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Renewal {
    /// The session is still good.
    AtOnce,
    /// The person has to give the password once more.
    WithPassword,
    /// Only the service's own pages issue such tokens: the person has to bring a new one.
    BringNewToken,
}

/// A token that a sign-in of this machine uses, as far as it is known without asking the server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TokenHealth {
    pub service: Service,
    pub domain: String,
    pub user: String,
    /// The name on the server; none for a token that the person brought.
    pub name: Option<String>,
    /// The program that created it.
    pub made_by: ProgramName,
    pub scopes: Vec<String>,
    pub expires_at: Option<Timestamp>,
    /// Full days until then.
    pub days_left: Option<i64>,
    pub state: TokenState,
    pub renewal: Renewal,
    /// The files in which it lies.
    pub files: Vec<PathBuf>,
}

/// Full days from `now` until `end`, none below zero.
pub(crate) fn days_until(end: Timestamp, now: Timestamp) -> i64 {
    (end.as_second() - now.as_second()).max(0) / 86_400
}

impl TokenState {
    /// How a token stands that ends at `end`.
    pub(crate) fn at(end: Option<Timestamp>, now: Timestamp) -> Self {
        match end {
            None => Self::Unknown,
            Some(end) if end <= now => Self::Expired,
            Some(end) if days_until(end, now) < SOON_DAYS => Self::EndsSoon,
            Some(_) => Self::Good,
        }
    }
}

impl Services {
    /// The tokens of all sign-ins. Asks no network.
    pub fn token_health(&self) -> Result<Vec<TokenHealth>, ServiceError> {
        let now = self.now();
        let connections = self.connections()?.connections;
        connections
            .into_iter()
            .map(|connection| {
                let renewal = self.renewal_of(&connection)?;
                let end = connection.token.expires_at;
                Ok(TokenHealth {
                    service: connection.service,
                    domain: connection.domain,
                    user: connection.user,
                    name: connection.token.name,
                    made_by: connection.origin,
                    scopes: connection.token.scopes,
                    expires_at: end,
                    days_left: end.map(|end| days_until(end, now)),
                    state: TokenState::at(end, now),
                    renewal,
                    files: connection.token_files,
                })
            })
            .collect()
    }

    fn renewal_of(&self, connection: &Connection) -> Result<Renewal, ServiceError> {
        Ok(match connection.service {
            Service::Cloud => Renewal::BringNewToken,
            Service::Server => match self.session_of(connection)? {
                Some(_) => Renewal::AtOnce,
                None => Renewal::WithPassword,
            },
            Service::Repository | Service::AnacondaOrg => Renewal::WithPassword,
        })
    }

    /// The stored session of a sign-in to Anaconda Server, unless it has ended.
    pub(crate) fn session_of(&self, connection: &Connection) -> Result<Option<Session>, ServiceError> {
        let Some(name) = &connection.session else {
            return Ok(None);
        };
        let Some(stored) = blocking(|| self.credentials().read(name))? else {
            return Ok(None);
        };
        let session = Session::from_json(&stored)?;
        Ok((!session.has_ended(self.now())).then_some(session))
    }
}
