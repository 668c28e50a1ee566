//! A new order of the channels, and what it changes.

use std::path::PathBuf;

use super::caution::Caution;
use super::error::ManageError;
use super::listing::ManagedChannels;
use super::wanted::{End, List};
use crate::conda::channel::{ChannelEntry, ChannelPriority};
use crate::conda::condarc::Condarc;
use crate::conda::configuration::Configuration;
use crate::conda::setting::Key;
use crate::edit::file;
use crate::secret::Token;
use crate::service::plan::{Owner, Plan};
use crate::service::{ServiceError, Services, blocking};

/// The two lists as they shall stand in the file that is edited, and what else shall change.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Arrangement {
    pub channels: Vec<ChannelEntry>,
    pub default_channels: Vec<ChannelEntry>,
    /// A new priority; nothing leaves it as it is.
    pub priority: Option<ChannelPriority>,
    /// Entries that shall go from other files.
    pub taken_out: Vec<Elsewhere>,
    /// Tokens for channels that are added or that stood in the file, to be kept where conda finds them.
    pub tokens: Vec<KeptToken>,
}

/// An entry of another file than the one that is edited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Elsewhere {
    pub path: PathBuf,
    pub list: List,
    pub entry: ChannelEntry,
}

/// A token for one channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptToken {
    /// The channel as it is written.
    pub entry: ChannelEntry,
    pub token: Token,
}

impl Arrangement {
    pub fn list(&self, list: List) -> &[ChannelEntry] {
        match list {
            List::Channels => &self.channels,
            List::DefaultChannels => &self.default_channels,
        }
    }

    pub fn list_mut(&mut self, list: List) -> &mut Vec<ChannelEntry> {
        match list {
            List::Channels => &mut self.channels,
            List::DefaultChannels => &mut self.default_channels,
        }
    }

    /// Where something stands in `default_channels` but `defaults` is not searched, conda would never look at it: `defaults`
    /// is added at the end.
    pub fn search_defaults(&mut self) {
        if !self.default_channels.is_empty() && !self.channels.contains(&ChannelEntry::Defaults) {
            self.channels.push(ChannelEntry::Defaults);
        }
    }
}

/// What a new order changes, and how things are afterwards.
#[derive(Debug, Clone)]
pub struct PlannedArrangement {
    pub plan: Plan,
    /// What conda will search.
    pub after: ManagedChannels,
    /// What a person should know about it.
    pub cautions: Vec<Caution>,
}

impl Services {
    /// The lists with further channels in one of them: those already there stay where they are, and `defaults` stays last
    /// unless they go first.
    ///
    /// # Errors
    /// As [`Services::managed_channels`].
    pub fn with_channels(
        &self,
        added: &[(ChannelEntry, Option<Token>)],
        list: List,
        end: Option<End>,
    ) -> Result<Arrangement, ServiceError> {
        let mut arrangement = self.managed_channels()?.arrangement;
        let mut first = 0;
        for (entry, token) in added {
            arrangement.tokens.extend(token.clone().map(|token| KeptToken {
                entry: entry.clone(),
                token,
            }));
            let entries = arrangement.list_mut(list);
            if entries.contains(entry) {
                continue;
            }
            let place = match (end, entries.last()) {
                (Some(End::First), _) => {
                    first += 1;
                    first - 1
                }
                (None, Some(ChannelEntry::Defaults)) => entries.len() - 1,
                _ => entries.len(),
            };
            entries.insert(place, entry.clone());
        }
        if list == List::DefaultChannels {
            arrangement.search_defaults();
        }
        Ok(arrangement)
    }

    /// The lists without some channels, wherever these stand: as they are written, or by their address without the token.
    ///
    /// # Errors
    /// [`ServiceError::ChannelNotListed`]; [`ManageError::Fixed`] for one that cannot be taken out.
    pub fn without_channels(&self, names: &[ChannelEntry]) -> Result<Arrangement, ServiceError> {
        let managed = self.managed_channels()?;
        let mut arrangement = managed.arrangement.clone();
        for name in names {
            let places = self.places_of_channel(name);
            let removable: Vec<_> = places.iter().filter(|place| place.can_be_removed()).collect();
            if removable.is_empty() {
                return Err(self.not_removable(&managed, name));
            }
            for place in removable {
                let list = match place.key {
                    Key::DefaultChannels => List::DefaultChannels,
                    _ => List::Channels,
                };
                if place.path == managed.path {
                    arrangement.list_mut(list).retain(|entry| *entry != place.entry);
                } else {
                    arrangement.taken_out.push(Elsewhere {
                        path: place.path.clone(),
                        list,
                        entry: place.entry.clone(),
                    });
                }
            }
        }
        Ok(arrangement)
    }

    fn not_removable(&self, managed: &ManagedChannels, name: &ChannelEntry) -> ServiceError {
        let reason = managed
            .all()
            .filter(|(_, channel)| channel.entry == *name)
            .find_map(|(_, channel)| channel.freedom.reason());
        match reason {
            Some(reason) => ManageError::Fixed {
                name: name.to_string(),
                reason: reason.to_owned(),
            }
            .into(),
            None => ServiceError::ChannelNotListed {
                name: name.to_string(),
                path: managed.path.clone(),
            },
        }
    }

    /// A list with the named channels first, in this order; the others follow as they were.
    ///
    /// # Errors
    /// [`ServiceError::ChannelNotListed`] for one that does not stand in the file that is edited.
    pub fn ordered_channels(&self, names: &[ChannelEntry], list: List) -> Result<Arrangement, ServiceError> {
        let managed = self.managed_channels()?;
        let mut arrangement = managed.arrangement;
        let entries = arrangement.list_mut(list);
        if let Some(name) = names.iter().find(|name| !entries.contains(name)) {
            return Err(ServiceError::ChannelNotListed {
                name: name.to_string(),
                path: managed.path,
            });
        }
        let mut ordered: Vec<ChannelEntry> = Vec::new();
        for entry in names.iter().chain(&*entries) {
            if !ordered.contains(entry) {
                ordered.push(entry.clone());
            }
        }
        *entries = ordered;
        Ok(arrangement)
    }

    /// The lists as they are, with another priority.
    ///
    /// # Errors
    /// [`ManageError::Fixed`] where another source decides it.
    pub fn with_priority(&self, priority: ChannelPriority) -> Result<Arrangement, ServiceError> {
        let managed = self.managed_channels()?;
        if let Some(reason) = managed.priority.fixed_because {
            return Err(ManageError::Fixed {
                name: "channel_priority".to_owned(),
                reason,
            }
            .into());
        }
        Ok(Arrangement {
            priority: Some(priority),
            ..managed.arrangement
        })
    }

    /// What putting the channels in this order changes. Asks no network. It is carried out with
    /// [`Services::apply_channels`].
    ///
    /// # Errors
    /// Files that cannot be edited; a policy that forbids it.
    pub fn plan_arrangement(&self, wanted: &Arrangement) -> Result<PlannedArrangement, ServiceError> {
        blocking(|| {
            let path = self.condarc_path()?;
            let before = self.managed_channels()?.arrangement;
            let mut plan = Plan::new("channels", said(&before, wanted));
            self.plan_condarc(&mut plan, path.clone(), |condarc, _| {
                condarc.arrange(&wanted.channels, &wanted.default_channels)?;
                match wanted.priority {
                    Some(priority) => condarc.set_channel_priority(priority),
                    None => Ok(()),
                }
            })?;
            // What the other sources do to it is told among the cautions.
            plan.warnings.clear();
            for gone in &wanted.taken_out {
                take_out(&mut plan, gone)?;
            }
            let configuration = self.configuration_after(&plan, &path);
            self.plan_tokens(&mut plan, &configuration, &before, wanted)?;
            self.allowed(&plan)?;
            let content = plan.content(&path)?.unwrap_or_default();
            let after = self.managed(&configuration, &path, &content)?;
            let cautions = self.cautions_of(&configuration, &after);
            Ok(PlannedArrangement {
                plan,
                after,
                cautions,
            })
        })
    }

    /// conda's configuration once the planned files are written.
    pub(super) fn configuration_after(&self, plan: &Plan, edited: &std::path::Path) -> Configuration {
        let condarcs = || plan.files.iter().filter(|file| file.owner == Owner::Condarc);
        let of_edited = condarcs().filter(|file| file.path == edited);
        let others = condarcs().filter(|file| file.path != edited);
        let planned: Vec<(&std::path::Path, &[u8])> = of_edited
            .chain(others)
            .filter_map(|file| Some((file.path.as_path(), file.after.as_deref()?)))
            .collect();
        Configuration::planned_files(&self.surroundings(), &planned)
    }
}

fn take_out(plan: &mut Plan, gone: &Elsewhere) -> Result<(), ServiceError> {
    let Some(before) = plan.content(&gone.path)? else {
        return Ok(());
    };
    file::check_writable(&gone.path)?;
    let in_condarc = ServiceError::in_condarc(&gone.path);
    let mut condarc = Condarc::parse(&before).map_err(&in_condarc)?;
    let key = match gone.list {
        List::Channels => Key::Channels,
        List::DefaultChannels => Key::DefaultChannels,
    };
    condarc
        .take_out(key, std::slice::from_ref(&gone.entry))
        .map_err(&in_condarc)?;
    let after = condarc.text().as_bytes().to_vec();
    Ok(plan.put(gone.path.clone(), Owner::Condarc, Some(after))?)
}

/// The change in a person's words, for the history.
fn said(before: &Arrangement, after: &Arrangement) -> String {
    let all = |arrangement: &Arrangement| -> Vec<ChannelEntry> {
        [arrangement.channels.clone(), arrangement.default_channels.clone()].concat()
    };
    let (old, new) = (all(before), all(after));
    let is_new = |entry: &&ChannelEntry| !old.contains(entry);
    let elsewhere = after.taken_out.iter().map(|gone| &gone.entry);
    // What follows from something else is not told.
    let follows =
        |entry: &&ChannelEntry| **entry != ChannelEntry::Defaults || new.iter().filter(is_new).count() == 1;
    let added: Vec<String> = new
        .iter()
        .filter(is_new)
        .filter(follows)
        .map(ToString::to_string)
        .collect();
    let removed: Vec<String> = old
        .iter()
        .filter(|entry| !new.contains(entry))
        .chain(elsewhere)
        .map(ToString::to_string)
        .collect();
    match (added.as_slice(), removed.as_slice(), after.priority) {
        ([], [], Some(priority)) if old == new => format!("Set the channel priority to {priority}"),
        ([], [], _) => "Ordered the channels".to_owned(),
        (added, [], _) => format!("Added {}", added.join(", ")),
        ([], removed, _) => format!("Removed {}", removed.join(", ")),
        (added, removed, _) => format!("Added {}, removed {}", added.join(", "), removed.join(", ")),
    }
}
