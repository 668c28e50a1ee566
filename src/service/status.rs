//! What this machine is signed in to, from its files alone.

use jiff::Timestamp;
use serde::Serialize;

use super::connection::Service;
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
    /// `sextant`, or the program whose login was found.
    pub origin: &'static str,
    /// Full days until the token expires.
    #[serde(skip)]
    pub token_days_left: Option<i64>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Status {
    pub connections: Vec<ConnectionStatus>,
    pub offline: bool,
}

impl Services {
    /// Asks no network: the window shows it at once.
    pub fn status(&self) -> Result<Status, ServiceError> {
        let now = self.now();
        let connections = self
            .connections()?
            .connections
            .into_iter()
            .map(|connection| {
                let left = connection
                    .token
                    .expires_at
                    .map(|expires| expires.as_second() - now.as_second());
                ConnectionStatus {
                    service: connection.service,
                    domain: connection.domain,
                    user: connection.user,
                    state: match left {
                        Some(seconds) if seconds <= 0 => ConnectionState::TokenExpired,
                        _ => ConnectionState::Connected,
                    },
                    token_expires_at: connection.token.expires_at,
                    origin: "sextant",
                    token_days_left: left.map(|seconds| seconds.max(0) / 86_400),
                }
            })
            .collect();
        Ok(Status {
            connections,
            offline: false,
        })
    }
}
