//! What conda searches: the channels the server offers, those in `.condarc`, and the choice among them.

use std::path::PathBuf;

use serde::Serialize;

use super::connection::{Connection, Service};
use super::found::TakenOver;
use super::plan::{Owner, Plan, Warning};
use super::sign_in::{ChannelChoice, Grant, LoggedIn};
use super::{ServiceError, Services, blocking};
use crate::conda::channel::{ChannelEntry, ChannelUrl};
use crate::conda::condarc::{self, Condarc};
use crate::conda::configuration::{Configuration, Explanation, Origin};
use crate::conda::setting::Key;
use crate::conda::warnings::{self, Goal};
use crate::conda::{CondaError, Surroundings};
use crate::edit::file;
use crate::edit::history::Entry;
use crate::repository::{Channel, ChannelProgress, Domain, RepositoryError, Session};
use crate::secret::{Token, mask_text};

/// The warning that stands in every plan which leaves conda without channels.
pub const NO_CHANNELS: &str = "conda finds no packages until channels are added";

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

impl Services {
    /// Every channel that the account may see, for the picker. `progress` is told how many of how many are there.
    ///
    /// Errors: network, or an expired session.
    pub async fn available_channels(
        &self,
        progress: impl FnMut(ChannelProgress) + Send,
    ) -> Result<Vec<Channel>, ServiceError> {
        let connections = self.connections()?;
        let connection = connections.repository().ok_or(ServiceError::NotSignedIn {
            service: "a repository",
        })?;
        match connection.service {
            Service::Cloud => {
                self.channels_of_cloud(&self.cloud_base_of(connection)?, progress)
                    .await
            }
            Service::Repository => self.channels_of_repository(connection, progress).await,
            _ => {
                let domain = Domain::parse(&connection.domain)?;
                let client = self.server(&domain, connection.ca_file.as_deref()).await?;
                match self.credential_of(connection)? {
                    Credential::Session(session) => Ok(client.channels(&session, progress).await?),
                    Credential::Token(token) => match client.channels(&token, progress).await {
                        Err(RepositoryError::TokenNotAccepted { domain }) => {
                            Err(ServiceError::TokenRefused {
                                domain,
                                files: connection.token_files.clone(),
                            })
                        }
                        other => Ok(other?),
                    },
                }
            }
        }
    }

    /// The same before the sign-in is committed.
    pub async fn channels_for(
        &self,
        login: &LoggedIn,
        progress: impl FnMut(ChannelProgress) + Send,
    ) -> Result<Vec<Channel>, ServiceError> {
        match &login.grant {
            Grant::Server(session) => {
                let client = self.server(&login.domain, login.ca_file.as_deref()).await?;
                Ok(client.channels(session, progress).await?)
            }
            Grant::Cloud { base, .. } => self.channels_of_cloud(base, progress).await,
            // Who may see what is known only once there is a token.
            Grant::Binstar { .. } => Ok(Vec::new()),
            Grant::Found(found) => match &found.kind {
                TakenOver::Server => {
                    let client = self.server(&login.domain, login.ca_file.as_deref()).await?;
                    Ok(client.channels(&found.token, progress).await?)
                }
                TakenOver::Cloud(base) => self.channels_of_cloud(base, progress).await,
                TakenOver::Binstar(api) => {
                    let client = self.binstar(api, login.ca_file.as_deref()).await?;
                    self.channels_of_account(&client, &found.token, &login.user, progress)
                        .await
                }
            },
        }
    }

    /// What this machine still has: the session, or the token once the session has expired.
    fn credential_of(&self, connection: &Connection) -> Result<Credential, ServiceError> {
        let stored = match &connection.session {
            Some(name) => blocking(|| self.credentials().read(name)),
            None => Ok(None),
        };
        if let Ok(Some(secret)) = &stored {
            let session = Session::from_json(secret)?;
            if !session.has_ended(self.now()) {
                return Ok(Credential::Session(session));
            }
        }
        match self.token_of(connection)? {
            Some(token) => Ok(Credential::Token(token)),
            None => {
                // A keyring that could not be asked is the reason where the token cannot stand in for the session.
                stored?;
                Err(RepositoryError::SessionExpired {
                    domain: connection.domain.clone(),
                }
                .into())
            }
        }
    }

    /// The token of a sign-in, from the first of its files that is still there.
    pub(crate) fn token_of(&self, connection: &Connection) -> Result<Option<Token>, ServiceError> {
        for path in &connection.token_files {
            if let Some(token) = crate::conda::token_file::read(path)? {
                return Ok(Some(token));
            }
        }
        Ok(None)
    }

    /// What conda searches, in order, with the file that each entry comes from. Asks no network.
    pub fn list_channels(&self) -> ListedChannels {
        let configuration = blocking(|| Configuration::read(&self.surroundings()));
        let resolver = configuration.resolver();
        let listed = |key: Key| -> Vec<ListedChannel> {
            let explanation = configuration.explain(key);
            explanation
                .value
                .items()
                .iter()
                .map(|text| {
                    let entry = ChannelEntry::from_text(text.expose());
                    ListedChannel {
                        name: entry.to_string(),
                        url: mask_text(&resolver.resolve(&entry).addresses.join(", ")),
                        source: source_of(&explanation, text.expose()),
                    }
                })
                .collect()
        };
        ListedChannels {
            channels: listed(Key::Channels),
            default_channels: listed(Key::DefaultChannels),
        }
    }

    /// The file that Sextant edits for conda: the one of the sign-in, or the one conda really uses.
    pub fn condarc_path(&self) -> Result<PathBuf, ServiceError> {
        let connections = self.connections()?;
        let record = connections
            .repository()
            .and_then(|connection| connection.condarc.clone());
        Ok(match record {
            Some(record) => record.path,
            None => condarc::file_to_edit(&self.surroundings()).path,
        })
    }

    /// What stands in that file now.
    pub fn chosen_channels(&self) -> Result<ChannelChoice, ServiceError> {
        let path = self.condarc_path()?;
        let bytes = file::read(&path)?.map(|image| image.bytes).unwrap_or_default();
        Condarc::parse(&bytes)
            .and_then(|condarc| {
                Ok(ChannelChoice::new(
                    condarc.channels()?,
                    condarc.default_channels()?,
                ))
            })
            .map_err(ServiceError::in_condarc(&path))
    }

    /// What choosing exactly these channels will change. Asks no network.
    pub fn plan_channels(&self, choice: &ChannelChoice) -> Result<Plan, ServiceError> {
        self.plan_choice("Chose channels", choice)
    }

    fn chosen_lists(&self) -> Result<(Vec<ChannelEntry>, Vec<ChannelEntry>), ServiceError> {
        let chosen = self.chosen_channels()?;
        Ok((chosen.channels().to_vec(), chosen.default_channels().to_vec()))
    }

    /// Takes names out of both lists.
    ///
    /// Errors: [`ServiceError::ChannelNotListed`].
    pub fn plan_remove_channels(&self, names: &[ChannelEntry]) -> Result<Plan, ServiceError> {
        let (mut channels, mut default_channels) = self.chosen_lists()?;
        for name in names {
            if !channels.contains(name) && !default_channels.contains(name) {
                return Err(self.not_listed(name)?);
            }
        }
        channels.retain(|entry| !names.contains(entry));
        default_channels.retain(|entry| !names.contains(entry));
        self.plan_choice(
            &format!("Removed {}", shown(names)),
            &ChannelChoice::new(channels, default_channels),
        )
    }

    fn not_listed(&self, name: &ChannelEntry) -> Result<ServiceError, ServiceError> {
        Ok(ServiceError::ChannelNotListed {
            name: name.to_string(),
            path: self.condarc_path()?,
        })
    }

    fn plan_choice(&self, what: &str, choice: &ChannelChoice) -> Result<Plan, ServiceError> {
        blocking(|| {
            let mut plan = Plan::new("channels", what);
            let path = self.condarc_path()?;
            self.plan_condarc(&mut plan, path, |condarc, _| condarc.choose_channels(choice))?;
            self.allowed(&plan)?;
            Ok(plan)
        })
    }

    /// Plans a change of a `.condarc`; a missing file is created. `change` also sees what all files of conda's say together
    /// before it.
    pub(crate) fn plan_condarc(
        &self,
        plan: &mut Plan,
        path: PathBuf,
        change: impl FnOnce(&mut Condarc, &Configuration) -> Result<(), CondaError>,
    ) -> Result<(), ServiceError> {
        let surroundings = self.surroundings();
        let before = plan.content(&path)?;
        file::check_writable(&path)?;
        let content = before.as_deref().unwrap_or_default();
        let configuration = Configuration::planned(&surroundings, &path, content);
        let mut condarc = Condarc::parse(content).map_err(ServiceError::in_condarc(&path))?;
        change(&mut condarc, &configuration).map_err(ServiceError::in_condarc(&path))?;
        plan.set_condarc(&surroundings, path, &condarc)
    }

    /// The same for the file that a sign-in edits: the one conda really uses.
    pub(crate) fn plan_condarc_in_use(
        &self,
        plan: &mut Plan,
        change: impl FnOnce(&mut Condarc, &Configuration) -> Result<(), CondaError>,
    ) -> Result<(), ServiceError> {
        let path = condarc::file_to_edit(&self.surroundings()).path;
        self.plan_condarc(plan, path, change)
    }

    /// Executes a plan of this module.
    pub async fn apply_channels(&self, plan: &Plan) -> Result<Entry, ServiceError> {
        self.commit_files(plan, None, |connections, prepared| {
            prepared.note_condarc(connections);
        })
        .await
    }
}

impl Plan {
    /// Adds the edited `.condarc`, what conda will search by it, and what keeps it from having its effect.
    pub(crate) fn set_condarc(
        &mut self,
        surroundings: &Surroundings,
        path: PathBuf,
        condarc: &Condarc,
    ) -> Result<(), ServiceError> {
        let after = condarc.text().as_bytes().to_vec();
        let channels = condarc.channels().map_err(ServiceError::in_condarc(&path))?;
        let default_channels = condarc
            .default_channels()
            .map_err(ServiceError::in_condarc(&path))?;
        self.channels = channels.iter().map(ToString::to_string).collect();
        self.default_channels = default_channels.iter().map(ToString::to_string).collect();
        let planned = Configuration::planned(surroundings, &path, &after);
        let alias = planned.explain(Key::ChannelAlias).value;
        let effective = || ChannelUrl::parse(alias.as_text()?.expose()).ok();
        if let Some(channel_alias) = condarc.channel_alias().or_else(effective) {
            let goal = Goal {
                channel_alias,
                choice: ChannelChoice::new(channels, default_channels),
            };
            let found = warnings::warnings(&planned, &path, &goal);
            self.warnings
                .extend(found.iter().map(|warning| Warning::new(warning.to_string())));
        }
        if planned.explain(Key::Channels).value.items().is_empty() {
            self.warnings.push(Warning::with_remedy(
                NO_CHANNELS,
                "choose channels on the Channels page, or: sextant channels add NAME",
            ));
        }
        let exists = self.content(&path)?.is_some();
        let after = Some(after).filter(|bytes| exists || !bytes.is_empty());
        Ok(self.put(path, Owner::Condarc, after)?)
    }
}

fn shown(names: &[ChannelEntry]) -> String {
    names
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(", ")
}

/// The highest source that contributes this item.
fn source_of(explanation: &Explanation, item: &str) -> String {
    explanation
        .sources
        .iter()
        .rev()
        .filter(|source| source.wins())
        .find(|source| source.value.items().iter().any(|text| text.expose() == item))
        .or_else(|| explanation.decided_by())
        .map_or_else(
            || "conda's default".to_owned(),
            |source| match &source.origin {
                Origin::File { path, .. } => path.display().to_string(),
                Origin::Variable { name } => name.clone(),
            },
        )
}
