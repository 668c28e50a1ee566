//! What conda searches, in its order, with the place of each entry and whether it can be changed there.

use std::path::{Path, PathBuf};

use serde::Serialize;

use super::arrangement::Arrangement;
use super::wanted::{List, WantedChannel};
use crate::conda::Flag;
use crate::conda::channel::{ChannelEntry, ChannelName, ChannelPriority};
use crate::conda::condarc::Condarc;
use crate::conda::configuration::{Configuration, Explanation, Origin, SourceValue};
use crate::conda::resolution::{ResolvedChannel, Resolver, SearchedChannel};
use crate::conda::search_path::Scope;
use crate::conda::setting::Key;
use crate::edit::file;
use crate::edit::yaml;
use crate::repository::Domain;
use crate::service::connection::Service;
use crate::service::plan::short_path;
use crate::service::policy::Field;
use crate::service::{ServiceError, Services, blocking};

/// Where an entry stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum RowPlace {
    File {
        path: PathBuf,
        /// From 1, where it could be told.
        line: Option<usize>,
    },
    Variable {
        name: String,
    },
    /// conda takes it where nothing says otherwise.
    Preset,
}

/// What can be done to an entry here, and why not more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Freedom {
    /// It can be moved and taken out.
    Free,
    /// It can be taken out, but not moved.
    Removable(String),
    Fixed(String),
}

impl Freedom {
    pub fn is_movable(&self) -> bool {
        matches!(self, Self::Free)
    }

    pub fn is_removable(&self) -> bool {
        matches!(self, Self::Free | Self::Removable(_))
    }

    /// Why it cannot be moved.
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::Free => None,
            Self::Removable(reason) | Self::Fixed(reason) => Some(reason),
        }
    }
}

/// One entry of `channels` or `default_channels`, in the order in which conda searches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManagedChannel {
    /// As it is written.
    pub entry: ChannelEntry,
    /// What conda shows beside the packages that come from it; several where it stands for several channels.
    pub canonical_names: Vec<String>,
    /// Where conda looks, without secrets and subdirs.
    pub addresses: Vec<String>,
    /// Whether a token or password stands in the entry.
    pub has_secret: bool,
    pub place: RowPlace,
    pub freedom: Freedom,
}

/// How the order counts, and what decides that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManagedPriority {
    pub value: ChannelPriority,
    pub place: RowPlace,
    /// Why it cannot be changed here; nothing where it can.
    pub fixed_because: Option<String>,
}

/// conda's two lists as one page shows them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManagedChannels {
    /// The file in which changes are made.
    pub path: PathBuf,
    pub channels: Vec<ManagedChannel>,
    pub default_channels: Vec<ManagedChannel>,
    pub priority: ManagedPriority,
    /// Why nothing at all can be changed; nothing on most machines.
    pub locked_because: Option<String>,
    /// The lists as they stand in that file.
    pub arrangement: Arrangement,
}

impl ManagedChannels {
    pub fn list(&self, list: List) -> &[ManagedChannel] {
        match list {
            List::Channels => &self.channels,
            List::DefaultChannels => &self.default_channels,
        }
    }

    /// Every entry that conda looks at, those of `channels` first: what `defaults` stands for only where that is searched.
    pub fn searched(&self) -> impl Iterator<Item = (List, &ManagedChannel)> {
        let searches_defaults = self
            .channels
            .iter()
            .any(|channel| channel.entry == ChannelEntry::Defaults);
        self.all()
            .filter(move |(list, _)| *list == List::Channels || searches_defaults)
    }

    /// Every entry, those of `channels` first.
    pub fn all(&self) -> impl Iterator<Item = (List, &ManagedChannel)> {
        let channels = self.channels.iter().map(|channel| (List::Channels, channel));
        let defaults = self.default_channels.iter();
        channels.chain(defaults.map(|channel| (List::DefaultChannels, channel)))
    }
}

impl Services {
    /// What conda searches on this machine, and what can be changed of it. Asks no network.
    ///
    /// # Errors
    /// The file to edit cannot be read or understood; damaged connections.
    pub fn managed_channels(&self) -> Result<ManagedChannels, ServiceError> {
        blocking(|| {
            let path = self.condarc_path()?;
            let content = file::read(&path)?.map(|image| image.bytes).unwrap_or_default();
            let configuration = Configuration::read(&self.surroundings());
            self.managed(&configuration, &path, &content)
        })
    }

    /// Channels that a person wants as they would be listed once they are added. One of the server that one is signed in to
    /// is written by its name, which the alias resolves (seed 000: "using the <my_channel_name> format"). Asks no network.
    ///
    /// # Errors
    /// As [`Services::managed_channels`].
    pub fn resolve_wanted(&self, wanted: &[WantedChannel]) -> Result<Vec<ManagedChannel>, ServiceError> {
        blocking(|| {
            let path = self.condarc_path()?;
            let resolver = Configuration::read(&self.surroundings()).resolver();
            let alias = self.alias_of_server()?;
            let channel = |wanted: &WantedChannel| {
                let entry = alias
                    .as_deref()
                    .and_then(|alias| by_name(&resolver, alias, &wanted.entry))
                    .unwrap_or_else(|| wanted.entry.clone());
                let resolution = resolver.resolve(&entry);
                ManagedChannel {
                    canonical_names: canonical_names(&resolution.channels),
                    addresses: resolution.addresses,
                    entry,
                    has_secret: false,
                    place: RowPlace::File {
                        path: path.clone(),
                        line: None,
                    },
                    freedom: Freedom::Free,
                }
            };
            Ok(wanted.iter().map(channel).collect())
        })
    }

    /// What the bare names of the signed-in server's channels are added to.
    fn alias_of_server(&self) -> Result<Option<String>, ServiceError> {
        let connections = self.connections()?;
        let Some(connection) = connections.repository() else {
            return Ok(None);
        };
        Ok(match connection.service {
            Service::Server => Some(Domain::parse(&connection.domain)?.channel_alias()),
            Service::Repository => Some(
                self.api_of(connection.service, &connection.domain)?
                    .channel_alias(),
            ),
            Service::Cloud | Service::AnacondaOrg => None,
        })
    }

    /// The same of a configuration in which the file to edit has this content.
    pub(super) fn managed(
        &self,
        configuration: &Configuration,
        path: &Path,
        content: &[u8],
    ) -> Result<ManagedChannels, ServiceError> {
        let condarc = Condarc::parse(content).map_err(ServiceError::in_condarc(path))?;
        let in_condarc = ServiceError::in_condarc(path);
        let arrangement = Arrangement {
            channels: condarc.channels().map_err(&in_condarc)?,
            default_channels: condarc.default_channels().map_err(&in_condarc)?,
            ..Arrangement::default()
        };
        let reader = Reader {
            configuration,
            resolver: configuration.resolver(),
            edited: path,
            content,
            home: &self.locations().home,
            locked_because: self.locked_channels(),
            unwritable: file::check_writable(path).err().map(|error| error.to_string()),
        };
        Ok(ManagedChannels {
            path: path.to_owned(),
            channels: reader.rows(Key::Channels),
            default_channels: reader.rows(Key::DefaultChannels),
            priority: reader.priority(),
            locked_because: reader.locked_because.clone(),
            arrangement,
        })
    }

    /// The address of every index that conda asks for, in its order, without secrets. Asks no network.
    ///
    /// # Errors
    /// [`super::ManageError::Refused`]: conda stops at a channel.
    pub fn searched_addresses(&self) -> Result<Vec<String>, ServiceError> {
        let configuration = blocking(|| Configuration::read(&self.surroundings()));
        let searched = configuration.searched().map_err(super::ManageError::from)?;
        Ok(searched.iter().flat_map(SearchedChannel::urls).collect())
    }

    /// Why an administrator's policy keeps the channels as they are.
    fn locked_channels(&self) -> Option<String> {
        let policy = match self.policy() {
            Ok(policy) => policy,
            Err(error) => return Some(error.to_string()),
        };
        let lock = policy.lock(Field::Channels)?;
        Some(match lock.contact {
            Some(contact) => format!("{}; ask {contact}", lock.reason),
            None => lock.reason,
        })
    }
}

struct Reader<'a> {
    configuration: &'a Configuration,
    resolver: Resolver,
    edited: &'a Path,
    content: &'a [u8],
    home: &'a Path,
    locked_because: Option<String>,
    unwritable: Option<String>,
}

impl Reader<'_> {
    fn rows(&self, key: Key) -> Vec<ManagedChannel> {
        let explanation = self.configuration.explain(key);
        let lines = Lines::of(&explanation, self.edited, self.content);
        let items = explanation.value.items();
        items
            .iter()
            .map(|item| self.row(&explanation, &lines, item.expose()))
            .collect()
    }

    fn row(&self, explanation: &Explanation, lines: &Lines, text: &str) -> ManagedChannel {
        let found = self.source_of(explanation, text);
        let written = found.and_then(|(source, at)| source.value.items().get(at));
        let entry = ChannelEntry::from_text(written.map_or(text, |written| written.expose()));
        let place = match found {
            Some((source, at)) => match &source.origin {
                Origin::File { path, .. } => RowPlace::File {
                    path: path.clone(),
                    line: lines.of_item(path, at),
                },
                Origin::Variable { name } => RowPlace::Variable { name: name.clone() },
            },
            None => RowPlace::Preset,
        };
        let resolution = self.resolver.resolve_text(text);
        ManagedChannel {
            has_secret: holds_secret(&entry),
            entry,
            canonical_names: canonical_names(&resolution.channels),
            addresses: resolution.channels.iter().map(ResolvedChannel::url).collect(),
            freedom: self.freedom(explanation.key, found),
            place,
        }
    }

    /// The highest source that contributes the item, and the item's number there.
    fn source_of<'e>(&self, explanation: &'e Explanation, text: &str) -> Option<(&'e SourceValue, usize)> {
        let winning = explanation.sources.iter().rev().filter(|source| source.wins());
        winning
            .filter_map(|source| {
                let value = self.configuration.in_effect(explanation.key, &source.value);
                let at = value.items().iter().position(|item| item.expose() == text)?;
                Some((source, at))
            })
            .next()
    }

    fn freedom(&self, key: Key, found: Option<(&SourceValue, usize)>) -> Freedom {
        if let Some(reason) = &self.locked_because {
            return Freedom::Fixed(reason.clone());
        }
        let Some((source, at)) = found else {
            return Freedom::Fixed(format!(
                "These are conda's own. What is added to {key} takes their place."
            ));
        };
        let (path, scope) = match &source.origin {
            Origin::File { path, scope, .. } => (path, *scope),
            Origin::Variable { name } => {
                return Freedom::Fixed(format!(
                    "The environment variable {name} adds it, which comes before every file. It goes where that is set."
                ));
            }
        };
        if path == self.edited {
            if let Some(reason) = &self.unwritable {
                return Freedom::Fixed(reason.clone());
            }
            return match source.item_flags.get(at).copied().flatten() {
                None => Freedom::Free,
                Some(flag) => Freedom::Removable(pinned(flag)),
            };
        }
        let shown = short_path(path, self.home);
        match file::check_writable(path) {
            Err(_) => Freedom::Fixed(match scope {
                Scope::Machine => format!("It is set for everybody on this computer, in {shown}."),
                Scope::Installation => {
                    format!("It is set for everybody who uses this installation of conda, in {shown}.")
                }
                Scope::Person | Scope::Environment | Scope::Named => {
                    format!("It stands in {shown}, which you cannot change.")
                }
            }),
            Ok(()) => Freedom::Removable(format!(
                "It stands in {shown}; its place comes from that file. Only what stands in {} is put in order here.",
                short_path(self.edited, self.home)
            )),
        }
    }

    fn priority(&self) -> ManagedPriority {
        let explanation = self.configuration.explain(Key::ChannelPriority);
        let decided = explanation.decided_by();
        let place = match decided.map(|source| &source.origin) {
            Some(Origin::File { path, line, .. }) => RowPlace::File {
                path: path.clone(),
                line: *line,
            },
            Some(Origin::Variable { name }) => RowPlace::Variable { name: name.clone() },
            None => RowPlace::Preset,
        };
        ManagedPriority {
            value: self.configuration.channel_priority(),
            fixed_because: self.priority_fixed(&explanation),
            place,
        }
    }

    fn priority_fixed(&self, explanation: &Explanation) -> Option<String> {
        if let Some(reason) = &self.unwritable {
            return Some(reason.clone());
        }
        if let Some(origin) = &explanation.locked_by
            && origin.path() != Some(self.edited)
        {
            return Some(format!("{origin} keeps it as it is."));
        }
        let order: Vec<&Path> = self
            .configuration
            .sources()
            .filter_map(|source| source.path())
            .collect();
        let rank = |path: &Path| order.iter().position(|known| *known == path);
        match &explanation.decided_by()?.origin {
            Origin::Variable { name } => Some(format!("The environment variable {name} decides it.")),
            Origin::File { path, .. } => {
                let is_above = rank(path) > rank(self.edited) && rank(self.edited).is_some();
                (path != self.edited && is_above)
                    .then(|| format!("{} decides it.", short_path(path, self.home)))
            }
        }
    }
}

/// The channel by its name below the alias, where that leads to the same address.
fn by_name(resolver: &Resolver, alias: &str, entry: &ChannelEntry) -> Option<ChannelEntry> {
    let ChannelEntry::Url(url) = entry else {
        return None;
    };
    let address = url.public();
    let name = address.strip_prefix(&format!("{alias}/"))?;
    let name = ChannelEntry::Name(ChannelName::parse(name).ok()?);
    (resolver.resolve(&name).addresses == [address]).then_some(name)
}

fn canonical_names(channels: &[ResolvedChannel]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for channel in channels {
        if !names.iter().any(|known| known == channel.canonical_name()) {
            names.push(channel.canonical_name().to_owned());
        }
    }
    names
}

fn pinned(flag: Flag) -> String {
    match flag {
        Flag::Top => "The mark #!top in the file keeps it first.".to_owned(),
        Flag::Bottom => "The mark #!bottom in the file keeps it last.".to_owned(),
        Flag::Final => "A mark in the file keeps it where it is.".to_owned(),
    }
}

/// Whether a token or password stands in an entry.
pub(super) fn holds_secret(entry: &ChannelEntry) -> bool {
    !crate::secret::find_in_text(&entry.expose()).is_empty()
}

/// In which lines the items of a list stand, file by file.
struct Lines(Vec<(PathBuf, Vec<usize>)>);

impl Lines {
    /// `content` is that of the edited file, which may not have been written yet.
    fn of(explanation: &Explanation, edited: &Path, content: &[u8]) -> Self {
        let lines = explanation.sources.iter().filter_map(|source| {
            let path = source.origin.path()?;
            let bytes = match path == edited {
                true => content.to_vec(),
                false => file::read(path).ok()??.bytes,
            };
            Some((path.to_owned(), lines_of_items(&bytes, &source.spelling)?))
        });
        Self(lines.collect())
    }

    fn of_item(&self, path: &Path, at: usize) -> Option<usize> {
        let (_, lines) = self.0.iter().find(|(known, _)| known == path)?;
        lines.get(at).copied()
    }
}

fn lines_of_items(bytes: &[u8], key: &str) -> Option<Vec<usize>> {
    let root = yaml::tree::tree(bytes).ok()??;
    let mut entries = root.entries().iter();
    let (_, list) = entries.find(|(name, _)| name.text() == Some(key))?;
    Some(list.items().iter().map(|item| item.line).collect())
}
