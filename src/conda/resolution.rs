//! Which addresses a channel entry stands for, given the whole configuration, and what conda calls what is there.
//!
//! The order is conda's own: `custom_multichannels` (with `defaults` and `local`), then `custom_channels`, where also every
//! channel inside a multichannel counts and where a name is tried with ever fewer parts, then `channel_alias`. An address is
//! looked for among the migrated ones, then among `custom_channels`, then below the alias (repository reference, section
//! 3.3). Where conda's rules are odd they are followed all the same, since what conda would not find, Sextant must not
//! promise.

mod resolved;
mod searched;
mod split;
mod tables;

use super::Surroundings;
use super::channel::{ChannelEntry, is_folder, scheme};
use super::configuration::Configuration;
use tables::Tables;

pub use resolved::ResolvedChannel;
pub use searched::{RefusedBy, RefusedChannel, SearchedChannel};

/// What decides about the address of an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Through {
    /// The entry is an address.
    Itself,
    /// `channel_alias`.
    Alias,
    /// The entry of this name in `custom_channels`, or a channel of this name in `default_channels` or
    /// `custom_multichannels`.
    CustomChannel(String),
    /// The list of this name in `custom_multichannels`, or `default_channels`.
    Multichannel(String),
    /// Nothing that concerns a server: a folder, `local`, or a text of which conda makes nothing.
    Nothing,
}

/// What an entry stands for.
#[derive(Debug, Clone)]
pub struct Resolution {
    /// In the order of search.
    pub channels: Vec<ResolvedChannel>,
    /// The addresses of `channels`, without tokens and passwords.
    pub addresses: Vec<String>,
    pub through: Through,
}

impl Resolution {
    fn new(channels: Vec<ResolvedChannel>, through: Through) -> Self {
        Self {
            addresses: channels.iter().map(ResolvedChannel::url).collect(),
            channels,
            through,
        }
    }
}

/// The settings that resolve names, read once for many entries.
pub struct Resolver {
    tables: Tables,
    surroundings: Surroundings,
}

impl Configuration {
    pub fn resolver(&self) -> Resolver {
        Resolver {
            tables: Tables::of(self),
            surroundings: self.surroundings().clone(),
        }
    }
}

impl Resolver {
    /// What an entry of `channels` or a similar list stands for, variables in it expanded.
    pub fn resolve(&self, entry: &ChannelEntry) -> Resolution {
        self.resolve_text(&self.surroundings.expand_variables(&entry.expose()))
    }

    /// The same for a text as conda finds it.
    pub fn resolve_text(&self, text: &str) -> Resolution {
        // conda's names for "not known", which it does not search.
        if matches!(text, "None" | "<unknown>" | "None:///<unknown>") {
            return Resolution::new(Vec::new(), Through::Nothing);
        }
        if scheme(text).is_some() {
            let channel = self.tables.of_address(text);
            return Resolution::new(channel.into_iter().collect(), Through::Itself);
        }
        if is_folder(text) && !text.contains("://") {
            let address = self.tables.address_of_folder(text, &self.surroundings);
            let channel = address.and_then(|address| self.tables.of_address(&address));
            return Resolution::new(channel.into_iter().collect(), Through::Nothing);
        }
        if let Some((name, channels)) = self.tables.multichannel(text) {
            let through = match name {
                tables::LOCAL => Through::Nothing,
                name => Through::Multichannel(name.to_owned()),
            };
            return Resolution::new(channels, through);
        }
        match self.tables.of_name(text) {
            // A channel of this name that leads to the same place changes nothing.
            Some((channel, Some(custom))) if self.tables.by_alias(text) != Some(channel.url()) => {
                Resolution::new(vec![channel], Through::CustomChannel(custom.to_owned()))
            }
            Some((channel, _)) => Resolution::new(vec![channel], Through::Alias),
            None => Resolution::new(Vec::new(), Through::Alias),
        }
    }

    /// The channel to which an address belongs, be it that of a channel, of an index in it or of a package in it.
    pub fn channel_at(&self, address: &str) -> Option<ResolvedChannel> {
        scheme(address)?;
        self.tables.of_address(address)
    }
}

#[cfg(test)]
mod tests;
