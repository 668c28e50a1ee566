//! Tokens that earlier sign-ins of this machine left on the server: after a reinstallation, a lost home, or another
//! program that does not clean up (server reference, section 6, row 16).

use jiff::Timestamp;
use serde::Serialize;

use crate::error::{Explain, Problem};
use crate::repository::{Domain, TokenInfo};
use crate::secret::Secret;
use crate::service::connection::{Connections, ProgramName, Service};
use crate::service::sign_in::{Grant, host_name, token_name_start};
use crate::service::{ServiceError, Services};

/// A token on the server that no sign-in of this machine uses.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LeftOver {
    pub service: Service,
    pub domain: String,
    pub id: String,
    pub name: String,
    pub created_at: Option<Timestamp>,
    pub expires_at: Option<Timestamp>,
    /// The program that made it, by its name.
    pub made_by: ProgramName,
    /// False where the name does not tell the machine, so that another one may use the token.
    pub surely_of_this_machine: bool,
}

/// What became of a token that was to be revoked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RevokedLeftOver {
    pub token: LeftOver,
    pub failed: Option<Problem>,
}

impl Services {
    /// The tokens that look like this machine's and are not in use. `password` is needed when the session has ended.
    ///
    /// Errors: [`ServiceError::NotSignedIn`], an ended session, network.
    pub async fn left_over_tokens(
        &self,
        service: Service,
        password: Option<&Secret>,
    ) -> Result<Vec<LeftOver>, ServiceError> {
        let connection = self.connection_of(service)?;
        let login = self.log_in_again(&connection, password).await?;
        let connections = self.connections()?;
        let found = match &login.grant {
            Grant::Server(session) => {
                let client = self.server(&login.domain, login.ca_file.as_deref()).await?;
                client.tokens(session).await?
            }
            Grant::Binstar { api, proof } => self
                .binstar_tokens(&login, api, proof)
                .await?
                .into_iter()
                .map(|token| TokenInfo {
                    id: token.id,
                    name: token.name,
                    created_at: None,
                    expires_at: token.expires_at,
                    scopes: token.scopes,
                    resources: Vec::new(),
                })
                .collect(),
            Grant::Cloud { .. } | Grant::Found(_) => Vec::new(),
        };
        let host = host_name();
        Ok(found
            .into_iter()
            .filter(|token| !in_use(&connections, token))
            .filter_map(|token| left_over(service, &login.domain, &login.user, &host, token))
            .collect())
    }

    /// Revokes them one by one; what fails is told and keeps nothing else from being revoked.
    ///
    /// Errors: as for [`Services::left_over_tokens`], before anything is revoked.
    pub async fn revoke_left_over(
        &self,
        service: Service,
        tokens: &[LeftOver],
        password: Option<&Secret>,
    ) -> Result<Vec<RevokedLeftOver>, ServiceError> {
        let connection = self.connection_of(service)?;
        let login = self.log_in_again(&connection, password).await?;
        let mut all = Vec::new();
        for token in tokens {
            let outcome = match &login.grant {
                Grant::Server(session) => {
                    let client = self.server(&login.domain, login.ca_file.as_deref()).await?;
                    let deleted = client.delete_token(session, &token.id).await;
                    deleted.map(drop).map_err(ServiceError::from)
                }
                Grant::Binstar { api, proof } => {
                    self.revoke_by_name_at_binstar(&login, api, proof, &token.name)
                        .await
                }
                Grant::Cloud { .. } | Grant::Found(_) => Ok(()),
            };
            if outcome.is_ok() {
                self.forget_revocation_of(&token.name)?;
            }
            all.push(RevokedLeftOver {
                token: token.clone(),
                failed: outcome.err().map(|error| error.explain()),
            });
        }
        Ok(all)
    }

    /// The token may have waited for its revocation.
    pub(super) fn forget_revocation_of(&self, token_name: &str) -> Result<(), ServiceError> {
        let waiting = self.connections()?.revocations;
        match waiting.iter().find(|waiting| waiting.token_name == token_name) {
            Some(waiting) => self.settle(waiting),
            None => Ok(()),
        }
    }
}

fn in_use(connections: &Connections, token: &TokenInfo) -> bool {
    connections.connections.iter().any(|connection| {
        connection.token.id.as_deref() == Some(token.id.as_str())
            || connection.token.name.as_deref() == Some(token.name.as_str())
    })
}

/// A token as a left-over one, if its name says that this machine or a program of its kind made it (server reference,
/// section 1.5).
fn left_over(
    service: Service,
    domain: &Domain,
    user: &str,
    host: &str,
    token: TokenInfo,
) -> Option<LeftOver> {
    let (made_by, surely_of_this_machine) = maker(&token.name, user, host)?;
    Some(LeftOver {
        service,
        domain: domain.as_str().to_owned(),
        id: token.id,
        name: token.name,
        created_at: token.created_at,
        expires_at: token.expires_at,
        made_by,
        surely_of_this_machine,
    })
}

/// Whether the name of a token says that it was made on this machine.
pub(super) fn is_of_this_machine(name: &str, user: &str, host: &str) -> bool {
    maker(name, user, host).is_some_and(|(_, surely)| surely)
}

/// The program that names tokens like this, and whether it surely did so on this machine.
fn maker(name: &str, user: &str, host: &str) -> Option<(ProgramName, bool)> {
    let of_host = |start: &str| name.strip_prefix(start).is_some_and(|rest| rest == host);
    if name.starts_with(&token_name_start(user)) {
        Some((ProgramName::Sextant, true))
    } else if of_host("repo-cli-token-") || of_host("conda_repo:") {
        Some((ProgramName::CondaRepoCli, true))
    } else if name.starts_with("navigator-token-") {
        Some((ProgramName::AnacondaNavigator, false))
    } else {
        None
    }
}
