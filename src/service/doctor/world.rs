//! What all checks look at, read once: the services of this machine, and conda's settings.

use std::path::{Path, PathBuf};

use super::check::{Announced, CheckId, Kind};
use crate::clients::Place;
use crate::conda::configuration::Configuration;
use crate::conda::token_file::ApiBase;
use crate::repository::Domain;
use crate::service::connection::{Connection, Service, TokenRecord};
use crate::service::found::FoundSignIn;
use crate::service::offline::OfflineReason;
use crate::service::plan::short_path;
use crate::service::sign_in::files::base_of;
use crate::service::{ServiceError, Services};

/// A service that is examined.
#[derive(Debug, Clone)]
pub(super) struct Target {
    pub service: Service,
    /// Where it is.
    pub domain: Domain,
    /// The sign-in; none where only the domain is set. That of another program is put into the same form.
    pub connection: Option<Connection>,
    /// Whether Sextant looks after the sign-in.
    pub is_ours: bool,
    /// What stands behind the names of its checks; nothing for the foremost repository service.
    suffix: Option<&'static str>,
}

impl Target {
    pub fn announce(&self, kind: Kind) -> Announced {
        Announced::new(CheckId::of(kind, self.suffix), self.domain.host_and_port())
    }

    pub fn ca_file(&self) -> Option<&Path> {
        self.connection.as_ref()?.ca_file.as_deref()
    }

    /// The keys under which its token is kept.
    pub fn api_base(&self, services: &Services) -> Result<ApiBase, ServiceError> {
        let connection = self.connection.as_ref();
        let address = connection.map_or(self.domain.as_str(), |connection| connection.domain.as_str());
        let parse = |text: &str| {
            let parsed = ApiBase::parse(text);
            parsed.map_err(|error| ServiceError::from(crate::conda::CondaError::from(error)))
        };
        match self.service {
            Service::Server => parse(&format!("{}/api", self.domain)),
            Service::Cloud => parse(crate::repository::CloudBase::parse(address)?.as_str()),
            Service::Repository | Service::AnacondaOrg => base_of(&services.api_of(self.service, address)?),
        }
    }

    /// What the names of its channels are added to; nothing where conda's settings do not name it.
    pub fn channel_alias(&self, services: &Services) -> Option<String> {
        match self.service {
            Service::Server => Some(self.domain.channel_alias()),
            Service::Repository => {
                let address = &self.connection.as_ref()?.domain;
                Some(services.api_of(self.service, address).ok()?.channel_alias())
            }
            Service::Cloud | Service::AnacondaOrg => None,
        }
    }
}

/// What the checks look at.
#[derive(Clone)]
pub(super) struct World {
    /// The foremost repository service first.
    pub targets: Vec<Target>,
    pub configuration: Configuration,
    /// Why nothing outside this machine is asked, where somebody has decided that. That there was no network a moment ago
    /// is no such reason: whether there is one now is what is to be found out.
    pub offline: Option<&'static str>,
    home: PathBuf,
}

impl World {
    /// Reads files, asks no network. What cannot be read is left out here; the check that it belongs to says so.
    pub fn read(services: &Services) -> Self {
        Self {
            targets: targets(services),
            configuration: Configuration::read(&services.surroundings()),
            offline: match services.offline() {
                Some(OfflineReason::Preferences) => Some("offline mode is on in Sextant's preferences"),
                Some(OfflineReason::Navigator { .. }) => {
                    Some("offline mode is on in Anaconda Navigator's preferences")
                }
                Some(OfflineReason::Network) | None => None,
            },
            home: services.locations().home.clone(),
        }
    }

    /// A path as a person writes it.
    pub fn short(&self, path: &Path) -> String {
        short_path(path, &self.home)
    }
}

fn targets(services: &Services) -> Vec<Target> {
    let connections = services.connections().unwrap_or_default().connections;
    let mut signed_in: Vec<(Connection, bool)> = connections
        .into_iter()
        .map(|connection| (connection, true))
        .collect();
    let mut found = services.found_logins().unwrap_or_default();
    found.sort_by_key(|found| !found.can_be_taken_over());
    for found in found {
        if !signed_in
            .iter()
            .any(|(connection, _)| connection.service == found.service)
        {
            signed_in.push((as_connection(services, &found), false));
        }
    }
    // Stable: the order of the sign-ins stays within each kind.
    signed_in.sort_by_key(|(connection, is_ours)| (!connection.service.is_repository(), !is_ours));
    let mut all = Vec::new();
    for (connection, is_ours) in signed_in {
        if let Ok(domain) = domain_of(services, &connection) {
            let is_foremost = connection.service.is_repository() && all.is_empty();
            all.push(Target {
                service: connection.service,
                domain,
                is_ours,
                suffix: (!is_foremost).then(|| connection.service.name()),
                connection: Some(connection),
            });
        }
    }
    let has_repository = all.iter().any(|target| target.service.is_repository());
    if !has_repository && let Some(domain) = set_domain(services) {
        let target = Target {
            service: Service::Server,
            domain,
            connection: None,
            is_ours: false,
            suffix: None,
        };
        all.insert(0, target);
    }
    all
}

fn set_domain(services: &Services) -> Option<Domain> {
    Domain::parse(&services.domain().ok()?.domain?).ok()
}

fn domain_of(services: &Services, connection: &Connection) -> Result<Domain, ServiceError> {
    Ok(match connection.service {
        Service::Server => Domain::parse(&connection.domain)?,
        Service::Cloud => services.cloud_base_of(connection)?.domain()?,
        Service::Repository | Service::AnacondaOrg => services
            .api_of(connection.service, &connection.domain)?
            .domain()
            .clone(),
    })
}

/// The login of another program as a sign-in of Sextant would be remembered.
fn as_connection(services: &Services, found: &FoundSignIn) -> Connection {
    let login = found.login();
    let token_file = |place: &Place| match place {
        Place::TokenFile(path) => Some(path.clone()),
        Place::SessionFile(_) | Place::NavigatorFile(_) | Place::Keyring { .. } => None,
    };
    Connection {
        service: found.service,
        domain: login.address.clone(),
        user: found.user.clone(),
        signed_in_at: services.now(),
        token: TokenRecord {
            id: login.token_id.clone(),
            name: None,
            expires_at: login.expires_at,
            scopes: Vec::new(),
        },
        ca_file: None,
        session: None,
        condarc: None,
        token_files: login.places.iter().filter_map(token_file).collect(),
        entry: String::new(),
        origin: found.program,
    }
}
