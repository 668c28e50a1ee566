//! The channels of Anaconda Repository: the person's own and those of the organisations.

use super::access::may;
use super::connection::{Connection, Service};
use super::{ServiceError, Services};
use crate::repository::{BinstarClient, Channel, ChannelProgress, Privacy, RepositoryError};
use crate::secret::{Secret, Token};

impl Services {
    /// A repository has no list of its channels: every account is one. Those that surely concern the person are offered;
    /// any other is found by its name.
    pub(crate) async fn channels_of_repository(
        &self,
        connection: &Connection,
        progress: impl FnMut(ChannelProgress) + Send,
    ) -> Result<Vec<Channel>, ServiceError> {
        let api = self.api_of(connection.service, &connection.domain)?;
        let client = self.binstar(&api, connection.ca_file.as_deref()).await?;
        let token = self
            .token_of(connection)?
            .ok_or_else(|| RepositoryError::SessionExpired {
                domain: connection.domain.clone(),
            })?;
        let found = self
            .channels_of_account(&client, &token, &connection.user, progress)
            .await;
        match found {
            Err(ServiceError::Repository(RepositoryError::TokenNotAccepted { domain })) => {
                Err(ServiceError::TokenRefused {
                    domain,
                    files: connection.token_files.clone(),
                })
            }
            other => other,
        }
    }

    /// The same, asked as the person instead of with the token of this machine, which may only be for downloading.
    /// `password` is needed where neither the token nor a ticket will do.
    ///
    /// Errors: as for [`Services::owned_packages`].
    pub async fn channels_of_person(&self, password: Option<&Secret>) -> Result<Vec<Channel>, ServiceError> {
        self.managing(Service::Repository, password, &["api:read"], async |manager| {
            self.channels_of_account(manager.client, manager.token, manager.login, |_| {})
                .await
        })
        .await
    }

    /// Whether the token of this machine is for a repository and is not known to read the account, so that the organisations
    /// may be missing among the channels.
    ///
    /// Errors: damaged connections.
    pub fn hides_organizations(&self) -> Result<bool, ServiceError> {
        let connections = self.connections()?;
        let repository = connections.of(Service::Repository);
        Ok(repository.is_some_and(|connection| !may(&connection.token.scopes, &["api:read"])))
    }

    pub(crate) async fn channels_of_account(
        &self,
        client: &BinstarClient,
        token: &Token,
        user: &str,
        mut progress: impl FnMut(ChannelProgress) + Send,
    ) -> Result<Vec<Channel>, ServiceError> {
        let mut channels = Vec::new();
        let offer = |name: &str, description: String| Channel {
            name: name.to_owned(),
            parent: None,
            privacy: Privacy::Other(String::new()),
            description,
            owners: vec![name.to_owned()],
            artifact_count: None,
            subchannel_count: None,
            mirror: false,
            updated: None,
            address: None,
        };
        // A token for downloading may not be allowed to read the account: then the name that was typed has to do.
        let login = match client.user(token).await {
            Ok(user) => user.login,
            Err(RepositoryError::TokenNotAccepted { domain }) => {
                return Err(RepositoryError::TokenNotAccepted { domain }.into());
            }
            Err(RepositoryError::Forbidden { .. }) => user.to_owned(),
            Err(error) => return Err(error.into()),
        };
        if !login.is_empty() {
            channels.push(offer(&login, "Your own packages".to_owned()));
        }
        let organizations = match client.organizations(token).await {
            Err(RepositoryError::Forbidden { .. } | RepositoryError::NotFound { .. }) => Vec::new(),
            other => other?,
        };
        for organization in organizations {
            let title = organization.name.unwrap_or_else(|| organization.login.clone());
            channels.push(offer(&organization.login, format!("Packages of {title}")));
        }
        progress(ChannelProgress {
            loaded: channels.len(),
            total: Some(channels.len()),
        });
        Ok(channels)
    }
}
