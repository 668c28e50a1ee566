//! A new token straight into use: the channel that it opens among those that conda searches, the token itself in conda's token
//! store and never in a file that others read (seed 004, "Using a token").

use crate::conda::channel::ChannelEntry;
use crate::repository::Domain;
use crate::secret::Token;
use crate::service::connection::Service;
use crate::service::manage_channels::{List, PlannedArrangement, WantedChannel};
use crate::service::{ServiceError, Services, blocking};

/// A channel of a service, as a person names it and as conda will know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChannelHere {
    /// As it is to be written; no secret is in it.
    pub entry: ChannelEntry,
    /// Where it is.
    pub address: String,
    /// Whether conda sends the token of a sign-in there already. It takes any of several tokens that fit an address (server
    /// reference, section 3.4), so that no other can be kept beside.
    pub has_token: bool,
}

/// Whether conda downloads private packages with a token of these scopes (server reference, section 1.5; repository
/// reference, section 1.2).
pub fn may_download(service: Service, scopes: &[String]) -> bool {
    let any_of: &[&str] = match service {
        Service::Server => &["artifact:download"],
        Service::Cloud | Service::Repository | Service::AnacondaOrg => {
            &["all", "conda", "conda:download", "repos"]
        }
    };
    scopes.iter().any(|scope| any_of.contains(&scope.as_str()))
}

impl Services {
    /// A channel of a service: `research`, `research/gpu`, `my-organisation/label/dev`, or its whole address. A token in
    /// the text is left out. Asks no network.
    ///
    /// Errors: [`ServiceError::NotSignedIn`], [`ServiceError::NotAChannel`].
    pub fn channel_of_service(&self, service: Service, text: &str) -> Result<ChannelHere, ServiceError> {
        let connection = self.connection_of(service)?;
        let alias = match service {
            Service::Server => Domain::parse(&connection.domain)?.channel_alias(),
            Service::Cloud => {
                return Err(ServiceError::NotRenewable {
                    domain: connection.domain,
                });
            }
            Service::Repository | Service::AnacondaOrg => {
                self.api_of(service, &connection.domain)?.channel_alias()
            }
        };
        let text = text.trim().trim_matches('/');
        let address = match text.contains("://") {
            true => text.to_owned(),
            false => format!("{alias}/{text}"),
        };
        let not_a_channel = |_| ServiceError::NotAChannel;
        let wanted = WantedChannel::parse(&address).map_err(not_a_channel)?;
        let [wanted] = wanted.as_slice() else {
            return Err(ServiceError::NotAChannel);
        };
        if text.is_empty() || text.contains(char::is_whitespace) {
            return Err(ServiceError::NotAChannel);
        }
        let resolved = self.resolve_wanted(std::slice::from_ref(wanted))?;
        let channel = resolved.into_iter().next().ok_or(ServiceError::NotAChannel)?;
        let address = channel.addresses.into_iter().next().unwrap_or(address);
        Ok(ChannelHere {
            has_token: self.has_token_of_server(&address),
            entry: channel.entry,
            address,
        })
    }

    /// What it changes that conda searches a channel, with a token that is for it; without, as long as it is not made yet.
    /// Carried out with [`Services::apply_channels`]. The token of a sign-in that opens the channel already stays in use.
    ///
    /// Errors: as for [`Services::plan_arrangement`].
    pub fn plan_channel_use(
        &self,
        channel: &ChannelHere,
        token: Option<&Token>,
    ) -> Result<PlannedArrangement, ServiceError> {
        blocking(|| {
            let token = token.filter(|_| !channel.has_token).cloned();
            let added = [(channel.entry.clone(), token)];
            let arrangement = self.with_channels(&added, List::Channels, None)?;
            self.review_arrangement(&arrangement, &[])
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_some_scopes_let_conda_download() {
        let may = |service, scope: &str| may_download(service, &[scope.to_owned()]);
        for scope in ["all", "conda", "conda:download", "repos"] {
            assert!(may(Service::Repository, scope), "{scope}");
        }
        for scope in ["api:write", "pypi:download", "artifact:download"] {
            assert!(!may(Service::Repository, scope), "{scope}");
        }
        assert!(may(Service::Server, "artifact:download"));
        assert!(!may(Service::Server, "channel:view"));
        assert!(!may_download(Service::Server, &[]));
    }
}
