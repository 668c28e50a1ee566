//! Finding a channel that no list holds, by the name or address that a person gives.

use super::connection::{Connection, Service};
use super::{ServiceError, Services};
use crate::conda::channel::ChannelEntry;
use crate::repository::{Channel, ChannelAnswer, Domain, Privacy, probe_channel};
use crate::secret::Token;

impl Services {
    /// The channel that `text` means at the repository that the machine is signed in to: `name`, `parent/name`,
    /// `organisation/name`, or an address. It is asked for there with the token that conda would use.
    ///
    /// Errors: [`ServiceError::NotSignedIn`], [`ServiceError::NoSuchChannel`], [`ServiceError::ChannelClosed`],
    /// [`ServiceError::TokenRefused`]; network.
    pub async fn find_channel(&self, text: &str) -> Result<Channel, ServiceError> {
        let connections = self.connections()?;
        let connection = connections.repository().ok_or(ServiceError::NotSignedIn {
            service: "a repository",
        })?;
        let token = self.token_of(connection)?;
        let text = text.trim().trim_end_matches('/');
        let base = self.channel_base(connection)?;
        let inside = text
            .strip_prefix(base.as_str())
            .map(|rest| rest.trim_matches('/'));
        match (ChannelEntry::from_text(text), inside) {
            (ChannelEntry::Name(name), _) => {
                self.asked(connection, &base, token.as_ref(), name.as_str()).await
            }
            (ChannelEntry::Url(_), Some(name)) if !name.is_empty() => {
                self.asked(connection, &base, token.as_ref(), name).await
            }
            (ChannelEntry::Url(url), _) if !url.has_secret() => self.asked_elsewhere(&url.public()).await,
            _ => Err(ServiceError::NotAChannel),
        }
    }

    /// What the names of a service's channels are added to.
    fn channel_base(&self, connection: &Connection) -> Result<String, ServiceError> {
        Ok(match connection.service {
            Service::Cloud => {
                let base = self.cloud_base_of(connection)?;
                base.as_str().trim_end_matches('/').to_owned()
            }
            Service::Server => Domain::parse(&connection.domain)?.channel_alias(),
            Service::Repository | Service::AnacondaOrg => self
                .api_of(connection.service, &connection.domain)?
                .channel_alias(),
        })
    }

    async fn asked(
        &self,
        connection: &Connection,
        base: &str,
        token: Option<&Token>,
        name: &str,
    ) -> Result<Channel, ServiceError> {
        let answer = if connection.service == Service::Cloud {
            // Its token stands before the whole path.
            let client = self.cloud(&self.cloud_base_of(connection)?).await?;
            match token {
                Some(token) if client.opens(token, name).await? => ChannelAnswer::Open,
                Some(_) => ChannelAnswer::Forbidden,
                None => ChannelAnswer::Unauthorized,
            }
        } else {
            let http = self
                .http(&Domain::parse(base)?, connection.ca_file.as_deref())
                .await?;
            probe_channel(&http, base, token, name).await?
        };
        let domain = connection.domain.clone();
        let name = name.to_owned();
        match answer {
            ChannelAnswer::Open => {}
            ChannelAnswer::NotThere => return Err(ServiceError::NoSuchChannel { name, domain }),
            ChannelAnswer::Forbidden => return Err(ServiceError::ChannelClosed { name, domain }),
            ChannelAnswer::Unauthorized => {
                return Err(ServiceError::TokenRefused {
                    domain,
                    files: connection.token_files.clone(),
                });
            }
        }
        let address = (connection.service == Service::Cloud).then(|| format!("{base}/{name}"));
        Ok(channel(&name, address))
    }

    /// A channel of another host: it is asked for without any token.
    async fn asked_elsewhere(&self, address: &str) -> Result<Channel, ServiceError> {
        let domain = Domain::parse(address)?;
        let http = self.http(&domain, None).await?;
        match probe_channel(&http, address, None, "").await? {
            ChannelAnswer::Open => Ok(channel(address, Some(address.to_owned()))),
            ChannelAnswer::NotThere => Err(ServiceError::NoSuchChannel {
                name: address.to_owned(),
                domain: domain.to_string(),
            }),
            ChannelAnswer::Unauthorized | ChannelAnswer::Forbidden => Err(ServiceError::ChannelClosed {
                name: address.to_owned(),
                domain: domain.to_string(),
            }),
        }
    }
}

fn channel(name: &str, address: Option<String>) -> Channel {
    let (parent, bare) = match name.rsplit_once('/') {
        Some((parent, bare)) if !name.contains("://") => (Some(parent.to_owned()), bare),
        _ => (None, name),
    };
    Channel {
        name: bare.to_owned(),
        parent,
        privacy: Privacy::Other(String::new()),
        description: String::new(),
        owners: Vec::new(),
        artifact_count: None,
        subchannel_count: None,
        mirror: false,
        updated: None,
        address,
    }
}
