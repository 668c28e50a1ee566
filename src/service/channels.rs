//! What conda searches: the channels the server offers, those in `.condarc`, and the choice among them.

use std::path::{Path, PathBuf};

use serde::Serialize;

use super::connection::{Connection, Service};
use super::plan::{Owner, Plan, PlannedFile, Warning};
use super::sign_in::{ChannelChoice, LoggedIn};
use super::{ServiceError, Services, blocking};
use crate::conda::Surroundings;
use crate::conda::channel::ChannelName;
use crate::conda::condarc::{self, Condarc};
use crate::conda::warnings;
use crate::edit::file;
use crate::edit::history::Entry;
use crate::repository::{Access, Channel, ChannelProgress, Domain, RepositoryError, Session};
use crate::secret::Token;

/// As whom a signed-in machine asks.
enum Credential {
    Session(Session),
    Token(Token),
}

/// One entry of conda's list, in the order of search.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ListedChannel {
    /// As the file has it, secrets masked.
    pub name: String,
    /// The address it resolves to, secrets masked.
    pub url: String,
    /// The file or environment variable it comes from.
    pub source: String,
}

/// What conda searches on this machine.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ListedChannels {
    pub channels: Vec<ListedChannel>,
    pub default_channels: Vec<ListedChannel>,
}

/// The channels that stand in the file that Sextant edits.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ChosenChannels {
    pub channels: Vec<String>,
    pub default_channels: Vec<String>,
}

impl Services {
    /// Every channel that the account may see, for the picker. `progress` is told how many of how many are there.
    ///
    /// Errors: network, or an expired session.
    pub async fn available_channels(&self, progress: impl FnMut(ChannelProgress) + Send) -> Result<Vec<Channel>, ServiceError> {
        let connections = self.connections()?;
        let connection = connections.of(Service::Server).ok_or(ServiceError::NotSignedIn {
            service: Service::Server.title(),
        })?;
        let domain = Domain::parse(&connection.domain)?;
        let client = self.server(&domain, connection.ca_file.as_deref()).await?;
        match self.credential_of(connection)? {
            Credential::Session(session) => Ok(client.channels(Access::Session(&session), progress).await?),
            Credential::Token(token) => Ok(client.channels(Access::Token(&token), progress).await?),
        }
    }

    /// The same before the sign-in is committed.
    pub async fn channels_for(
        &self,
        login: &LoggedIn,
        progress: impl FnMut(ChannelProgress) + Send,
    ) -> Result<Vec<Channel>, ServiceError> {
        let client = self.server(&login.domain, login.ca_file.as_deref()).await?;
        Ok(client.channels(&login.session, progress).await?)
    }

    /// What this machine still has: the session, or the token once the session has expired.
    fn credential_of(&self, connection: &Connection) -> Result<Credential, ServiceError> {
        if let Some(secret) = self.credentials().read(&connection.session)? {
            let session = Session::from_json(&secret)?;
            if !session.has_ended(self.now()) {
                return Ok(Credential::Session(session));
            }
        }
        for path in &connection.token_files {
            if let Some(token) = crate::conda::token_file::read(path)? {
                return Ok(Credential::Token(token));
            }
        }
        Err(RepositoryError::SessionExpired {
            domain: connection.domain.clone(),
        }
        .into())
    }

    /// What conda searches, in order, with the file that each entry comes from. Asks no network.
    pub fn list_channels(&self) -> ListedChannels {
        let searched = blocking(|| crate::conda::configuration::searched_channels(&self.surroundings()));
        let listed = |found: Vec<crate::conda::configuration::SearchedChannel>| {
            found
                .into_iter()
                .map(|channel| ListedChannel {
                    name: channel.name,
                    url: channel.url,
                    source: channel.source,
                })
                .collect()
        };
        ListedChannels {
            channels: listed(searched.channels),
            default_channels: listed(searched.default_channels),
        }
    }

    /// The file that Sextant edits for conda.
    pub fn condarc_path(&self) -> PathBuf {
        condarc::file_to_edit(&self.surroundings())
    }

    /// What stands in that file now, secrets masked.
    pub fn chosen_channels(&self) -> Result<ChosenChannels, ServiceError> {
        let path = self.condarc_path();
        let bytes = file::read(&path)?.map(|image| image.bytes).unwrap_or_default();
        let condarc = Condarc::parse(&bytes).map_err(|source| ServiceError::Yaml { path, source })?;
        Ok(ChosenChannels {
            channels: condarc.channels(),
            default_channels: condarc.default_channels(),
        })
    }

    /// What choosing these channels will change. Asks no network.
    pub fn plan_channels(&self, choice: &ChannelChoice) -> Result<Plan, ServiceError> {
        self.plan_condarc("Chose channels", |condarc| {
            condarc.choose_channels(&choice.channels, &choice.default_channels)
        })
    }

    /// Appends names to one of the two lists; those already there stay where they are.
    pub fn plan_add_channels(&self, names: &[ChannelName], to_default: bool) -> Result<Plan, ServiceError> {
        self.plan_condarc("Added channels", |condarc| condarc.add(names, to_default))
    }

    /// Takes names out of both lists.
    ///
    /// Errors: [`ServiceError::ChannelNotListed`].
    pub fn plan_remove_channels(&self, names: &[String]) -> Result<Plan, ServiceError> {
        let path = self.condarc_path();
        let chosen = self.chosen_channels()?;
        for name in names {
            if !chosen.channels.contains(name) && !chosen.default_channels.contains(name) {
                return Err(ServiceError::ChannelNotListed {
                    name: name.clone(),
                    path,
                });
            }
        }
        self.plan_condarc("Removed channels", |condarc| condarc.remove(names))
    }

    /// Puts the named ones first, in this order; the others follow as they were.
    ///
    /// Errors: [`ServiceError::ChannelNotListed`].
    pub fn plan_order_channels(&self, names: &[String]) -> Result<Plan, ServiceError> {
        let path = self.condarc_path();
        let chosen = self.chosen_channels()?;
        for name in names {
            if !chosen.channels.contains(name) {
                return Err(ServiceError::ChannelNotListed {
                    name: name.clone(),
                    path,
                });
            }
        }
        self.plan_condarc("Ordered channels", |condarc| condarc.order(names))
    }

    fn plan_condarc(
        &self,
        what: &str,
        change: impl FnOnce(&mut Condarc) -> Result<condarc::Written, crate::edit::yaml::YamlError>,
    ) -> Result<Plan, ServiceError> {
        blocking(|| {
            let surroundings = self.surroundings();
            let path = match self.connections()?.of(Service::Server) {
                Some(connection) => connection.condarc.path.clone(),
                None => condarc::file_to_edit(&surroundings),
            };
            let before = file::read(&path)?.map(|image| image.bytes);
            file::check_writable(&path)?;
            let yaml = |source| ServiceError::Yaml {
                path: path.clone(),
                source,
            };
            let mut condarc = Condarc::parse(before.as_deref().unwrap_or_default()).map_err(yaml)?;
            let written = change(&mut condarc).map_err(yaml)?;
            let mut plan = Plan::new("channels", what);
            plan.channels = written.channels;
            plan.default_channels = written.default_channels;
            plan.warnings = condarc_warnings(&surroundings, &path, &condarc);
            plan.files.push(PlannedFile {
                path,
                owner: Owner::Condarc,
                after: Some(condarc.bytes()).filter(|bytes| before.is_some() || !bytes.is_empty()),
                before,
            });
            Ok(plan)
        })
    }

    /// Executes a plan of this module.
    pub async fn apply_channels(&self, plan: &Plan) -> Result<Entry, ServiceError> {
        self.commit_files(plan, None, |connections, prepared| {
            if let (Some(connection), Some(versions)) =
                (connections.of_mut(Service::Server), prepared.versions(plan, Owner::Condarc))
                && connection.condarc.path == versions.path
            {
                connection.condarc.last = versions.after.clone();
            }
        })
        .await
    }
}

/// What keeps a planned `.condarc` from having its effect.
pub(crate) fn condarc_warnings(surroundings: &Surroundings, path: &Path, planned: &Condarc) -> Vec<Warning> {
    let mut found: Vec<Warning> = warnings::after_edit(surroundings, path, planned)
        .into_iter()
        .map(|warning| Warning {
            message: warning.message,
            remedy: warning.remedy,
        })
        .collect();
    if planned.channels().is_empty() {
        found.push(Warning::with_remedy(
            "conda finds no packages until a channel is added",
            "choose channels on the Channels page, or: sextant channels add NAME",
        ));
    }
    found
}
