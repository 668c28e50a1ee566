//! What this machine is signed in to, from its files alone.

use jiff::Timestamp;
use serde::Serialize;

use super::connection::{ProgramName, Service};
use super::tokens::{TokenState, days_until};
use super::{ServiceError, Services};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ConnectionState {
    Connected,
    /// Conda's requests will be answered with 401.
    TokenExpired,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ConnectionStatus {
    pub service: Service,
    pub domain: String,
    pub user: String,
    pub state: ConnectionState,
    pub token_expires_at: Option<Timestamp>,
    /// Sextant, or the program whose login was found.
    pub origin: ProgramName,
    /// Full days until the token expires.
    pub token_days_left: Option<i64>,
    pub token_state: TokenState,
    /// Whether it is another program's, and its channels can be chosen here.
    #[serde(skip)]
    pub can_be_taken_over: bool,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Status {
    pub connections: Vec<ConnectionStatus>,
    pub offline: bool,
}

impl Services {
    /// Sextant's own sign-ins, then the logins that other programs made. Asks no network: the window shows it at once.
    pub fn status(&self) -> Result<Status, ServiceError> {
        let now = self.now();
        let mut connections: Vec<ConnectionStatus> = self
            .connections()?
            .connections
            .into_iter()
            .map(|connection| {
                let token_state = TokenState::at(connection.token.expires_at, now);
                ConnectionStatus {
                    service: connection.service,
                    domain: connection.domain,
                    user: connection.user,
                    state: match token_state {
                        TokenState::Expired => ConnectionState::TokenExpired,
                        _ => ConnectionState::Connected,
                    },
                    token_expires_at: connection.token.expires_at,
                    origin: connection.origin,
                    token_days_left: connection.token.expires_at.map(|end| days_until(end, now)),
                    token_state,
                    can_be_taken_over: false,
                }
            })
            .collect();
        let found = self.found_logins()?.into_iter();
        connections.extend(found.map(|found| self.status_of_found(found)));
        Ok(Status {
            connections,
            offline: self.offline().is_some(),
        })
    }
}
