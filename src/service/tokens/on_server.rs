//! All tokens of an account, whoever made them, and revoking any of them (seed 004, "Revoking a token").

use jiff::Timestamp;
use serde::Serialize;

use super::issue::ScopeShown;
use super::left_over::is_of_this_machine;
use crate::error::{Explain, Problem};
use crate::repository::Revocation;
use crate::secret::Secret;
use crate::service::connection::{Connection, Service};
use crate::service::sign_in::{Grant, LoggedIn, host_name};
use crate::service::{ServiceError, Services};

/// A token as the server lists it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ServerToken {
    /// Empty where the server knows tokens by their names.
    pub id: String,
    pub name: String,
    pub scopes: Vec<String>,
    /// What a token of Anaconda Server is limited to that has resources in the place of scopes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub resources: Vec<String>,
    pub created_at: Option<Timestamp>,
    pub expires_at: Option<Timestamp>,
    /// The computer it was made for or on, where the server says so.
    pub hostname: Option<String>,
    /// Whether a sign-in of this machine uses it: signing out is the way to end that one.
    pub in_use: bool,
    /// Whether its name says that it was made on this machine; any other may be in use elsewhere.
    pub surely_of_this_machine: bool,
}

/// What became of a token that was to be revoked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RevokedToken {
    #[serde(flatten)]
    pub token: ServerToken,
    pub failed: Option<Problem>,
}

/// An account with its tokens, and what can be chosen for a new one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AccountTokens {
    /// The account's login, in its own spelling where the server says it.
    pub login: String,
    pub tokens: Vec<ServerToken>,
    /// The organisations that the account belongs to, which may have tokens of their own; none where the service knows none.
    pub organizations: Vec<String>,
    /// What a token can be allowed to do, in the server's order.
    pub scopes: Vec<ScopeShown>,
}

impl Services {
    /// Every token of the account, and what can be chosen for a new one.
    ///
    /// Errors: as for [`Services::server_tokens`].
    pub async fn account_tokens(
        &self,
        service: Service,
        password: Option<&Secret>,
    ) -> Result<AccountTokens, ServiceError> {
        let connection = self.connection_of(service)?;
        let login = self.log_in_again(&connection, password).await?;
        let mut account = AccountTokens {
            login: login.user.clone(),
            tokens: self.tokens_of(&connection, &login).await?,
            organizations: Vec::new(),
            scopes: self.scopes_of(&login).await?,
        };
        if let Grant::Binstar { api, proof } = &login.grant {
            let (spelling, organizations) = self.binstar_account(&login, api, proof).await?;
            account.login = spelling;
            account.organizations = organizations;
        }
        Ok(account)
    }

    /// Every token of the account.
    ///
    /// Errors: [`ServiceError::NotSignedIn`], an ended session, network, and a service whose tokens are seen on its pages.
    pub async fn server_tokens(
        &self,
        service: Service,
        password: Option<&Secret>,
    ) -> Result<Vec<ServerToken>, ServiceError> {
        let connection = self.connection_of(service)?;
        let login = self.log_in_again(&connection, password).await?;
        self.tokens_of(&connection, &login).await
    }

    async fn tokens_of(
        &self,
        connection: &Connection,
        login: &LoggedIn,
    ) -> Result<Vec<ServerToken>, ServiceError> {
        let in_use = |id: &str, name: &str| {
            let token = &connection.token;
            let is_id = !id.is_empty() && token.id.as_deref() == Some(id);
            is_id || token.name.as_deref() == Some(name)
        };
        let host = host_name();
        let of_this_machine = |name: &str| is_of_this_machine(name, &login.user, &host);
        match &login.grant {
            Grant::Server(session) => {
                let client = self.server(&login.domain, login.ca_file.as_deref()).await?;
                let all = client.tokens(session).await?.into_iter();
                Ok(all
                    .map(|token| ServerToken {
                        in_use: in_use(&token.id, &token.name),
                        surely_of_this_machine: of_this_machine(&token.name),
                        id: token.id,
                        name: token.name,
                        scopes: token.scopes,
                        resources: token.resources,
                        created_at: token.created_at,
                        expires_at: token.expires_at,
                        hostname: None,
                    })
                    .collect())
            }
            Grant::Binstar { api, proof } => {
                let all = self.binstar_tokens(login, api, proof).await?.into_iter();
                Ok(all
                    .map(|token| ServerToken {
                        in_use: in_use(&token.id, &token.name),
                        surely_of_this_machine: of_this_machine(&token.name),
                        id: token.id,
                        name: token.name,
                        scopes: token.scopes,
                        resources: Vec::new(),
                        created_at: None,
                        expires_at: token.expires_at,
                        hostname: token.hostname,
                    })
                    .collect())
            }
            Grant::Cloud { .. } | Grant::Found(_) => Err(ServiceError::NotRenewable {
                domain: connection.domain.clone(),
            }),
        }
    }

    /// Revokes a token of an organisation, which no list of the account holds, by its name.
    ///
    /// Errors: [`ServiceError::NoAccounts`] where there are no organisations; forbidden to whoever does not own it; otherwise
    /// as for [`Services::server_tokens`].
    pub async fn revoke_organization_token(
        &self,
        service: Service,
        organization: &str,
        name: &str,
        password: Option<&Secret>,
    ) -> Result<Revocation, ServiceError> {
        let connection = self.repository_connection(service)?;
        let login = self.log_in_again(&connection, password).await?;
        match &login.grant {
            Grant::Binstar { api, proof } => {
                self.revoke_of_organization(&login, api, proof, organization, name)
                    .await
            }
            Grant::Server(_) | Grant::Cloud { .. } | Grant::Found(_) => Err(ServiceError::NoAccounts {
                service: service.title(),
            }),
        }
    }

    /// Revokes tokens one by one; what fails is told and keeps nothing else from being revoked.
    ///
    /// Errors: as for [`Services::server_tokens`], before anything is revoked.
    pub async fn revoke_tokens(
        &self,
        service: Service,
        tokens: &[ServerToken],
        password: Option<&Secret>,
    ) -> Result<Vec<RevokedToken>, ServiceError> {
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
                Grant::Cloud { .. } | Grant::Found(_) => Err(ServiceError::NotRenewable {
                    domain: connection.domain.clone(),
                }),
            };
            if outcome.is_ok() {
                self.forget_revocation_of(&token.name)?;
            }
            all.push(RevokedToken {
                token: token.clone(),
                failed: outcome.err().map(|error| error.explain()),
            });
        }
        Ok(all)
    }
}
