//! Everything that conda searches, in its order.

use std::fmt;

use crate::conda::channel::ChannelEntry;
use crate::conda::configuration::{Configuration, Origin};
use crate::conda::setting::{Key, Value};

use super::resolved::ResolvedChannel;
use super::tables::LOCAL;
use super::{Resolution, Resolver};

/// One channel that conda searches.
#[derive(Debug, Clone)]
pub struct SearchedChannel {
    /// The entry that it comes from, variables expanded; several channels may come from one.
    pub entry: ChannelEntry,
    pub channel: ResolvedChannel,
    /// The subdirs in which it is searched.
    pub subdirs: Vec<String>,
}

impl SearchedChannel {
    /// The addresses of the indexes' folders, without secrets, in the order of search.
    pub fn urls(&self) -> Vec<String> {
        let url = self.channel.url();
        self.subdirs
            .iter()
            .map(|subdir| format!("{url}/{subdir}"))
            .collect()
    }
}

/// Which of the two lists makes conda refuse a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefusedBy {
    /// It is on `denylist_channels`.
    Denylist,
    /// There is an `allowlist_channels`, and it is not on that.
    Allowlist,
}

/// A channel at which every command of conda stops.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedChannel {
    pub entry: Box<ChannelEntry>,
    pub address: String,
    pub by: RefusedBy,
    /// Where the list stands.
    pub origins: Vec<Origin>,
}

impl fmt::Display for RefusedChannel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let origins: Vec<String> = self.origins.iter().map(ToString::to_string).collect();
        let (entry, address, origins) = (&self.entry, &self.address, origins.join(" and "));
        match self.by {
            RefusedBy::Denylist => write!(
                f,
                "conda will refuse the channel {entry} ({address}), because {origins} denies it"
            ),
            RefusedBy::Allowlist => write!(
                f,
                "conda will refuse the channel {entry} ({address}), because it is not among those that {origins} allows"
            ),
        }
    }
}

impl Configuration {
    /// The channels that conda searches, in its order; an index that comes up twice stays at its first place.
    ///
    /// # Errors
    /// The first channel that is not allowed: conda stops at it.
    pub fn searched(&self) -> Result<Vec<SearchedChannel>, RefusedChannel> {
        let mut texts = Vec::new();
        if self.explain(Key::UseLocal).value.as_switch() == Some(true) {
            texts.push(LOCAL.to_owned());
        }
        let channels = self.explain(Key::Channels).value;
        texts.extend(channels.items().iter().map(|item| item.expose().to_owned()));
        self.searched_by(&texts)
    }

    /// The same for other entries than those of `channels`, such as those that a person names for one command.
    ///
    /// # Errors
    /// As [`searched`](Self::searched).
    pub fn searched_by(&self, texts: &[String]) -> Result<Vec<SearchedChannel>, RefusedChannel> {
        let resolver = self.resolver();
        let lists = Lists::of(self, &resolver);
        let usual = self.subdirs();
        let mut searched: Vec<SearchedChannel> = Vec::new();
        for text in texts {
            let entry = ChannelEntry::from_text(text);
            let Resolution { channels, .. } = resolver.resolve_text(text);
            for channel in channels {
                if let Some(refused) = lists.refuse(&entry, &channel.url()) {
                    return Err(refused);
                }
                let url = channel.url();
                let is_known = |subdir: &String| {
                    searched
                        .iter()
                        .any(|known| known.channel.url() == url && known.subdirs.contains(subdir))
                };
                let mut subdirs = channel.subdirs(&usual);
                subdirs.retain(|subdir| !is_known(subdir));
                if !subdirs.is_empty() {
                    searched.push(SearchedChannel {
                        entry: entry.clone(),
                        channel,
                        subdirs,
                    });
                }
            }
        }
        Ok(searched)
    }

    /// The channels among `entries` that conda refuses.
    pub fn refused(&self, entries: &[ChannelEntry]) -> Vec<RefusedChannel> {
        let resolver = self.resolver();
        let lists = Lists::of(self, &resolver);
        let mut refused = Vec::new();
        for entry in entries {
            let addresses = resolver.resolve(entry).addresses;
            refused.extend(
                addresses
                    .iter()
                    .filter_map(|address| lists.refuse(entry, address)),
            );
        }
        refused
    }

    /// Whether a person may search other channels than these for one command (`--override-channels`).
    pub fn allows_other_channels(&self) -> bool {
        self.explain(Key::OverrideChannelsEnabled).value.as_switch() != Some(false)
    }
}

/// What is allowed and what denied, by address.
struct Lists {
    allowed: Vec<String>,
    denied: Vec<String>,
    allowed_by: Vec<Origin>,
    denied_by: Vec<Origin>,
}

impl Lists {
    fn of(configuration: &Configuration, resolver: &Resolver) -> Self {
        let (allowed, denied) = (
            configuration.explain(Key::AllowlistChannels),
            configuration.explain(Key::DenylistChannels),
        );
        let addresses = |value: &Value| -> Vec<String> {
            let texts = value.items().iter();
            texts
                .flat_map(|text| resolver.resolve_text(text.expose()).addresses)
                .collect()
        };
        Self {
            allowed: addresses(&allowed.value),
            denied: addresses(&denied.value),
            allowed_by: allowed.contributors(),
            denied_by: denied.contributors(),
        }
    }

    fn refuse(&self, entry: &ChannelEntry, address: &str) -> Option<RefusedChannel> {
        let is_in = |list: &[String]| list.iter().any(|known| known == address);
        let (by, origins) = if is_in(&self.denied) {
            (RefusedBy::Denylist, &self.denied_by)
        } else if !self.allowed.is_empty() && !is_in(&self.allowed) {
            (RefusedBy::Allowlist, &self.allowed_by)
        } else {
            return None;
        };
        Some(RefusedChannel {
            entry: Box::new(entry.clone()),
            address: address.to_owned(),
            by,
            origins: origins.clone(),
        })
    }
}
