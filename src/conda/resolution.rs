//! Which addresses a channel entry stands for, given the whole configuration.
//!
//! The order is conda's own: `custom_multichannels` (with `defaults`), then `custom_channels`, where also every
//! channel inside a multichannel counts and where a name is tried with ever fewer parts, then `channel_alias`
//! (repository reference, section 3.3).

use super::channel::{ChannelEntry, ChannelName, ChannelUrl};
use super::configuration::Configuration;
use super::setting::{Key, Value};

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
    /// Nothing that concerns a server: a folder, `local`, or a text conda may not understand.
    Nothing,
}

/// The addresses of an entry, without tokens and passwords.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolution {
    pub addresses: Vec<String>,
    pub through: Through,
}

/// The parts of a name at the end that conda takes for a platform instead.
const SUBDIRS: [&str; 19] = [
    "noarch",
    "emscripten-wasm32",
    "wasi-wasm32",
    "freebsd-64",
    "linux-32",
    "linux-64",
    "linux-aarch64",
    "linux-armv6l",
    "linux-armv7l",
    "linux-ppc64",
    "linux-ppc64le",
    "linux-riscv64",
    "linux-s390x",
    "osx-64",
    "osx-arm64",
    "win-32",
    "win-64",
    "win-arm64",
    "zos-z",
];

/// A named place for channels: conda's location and scheme for one name of `custom_channels`.
struct Custom {
    name: String,
    /// Scheme and location, to which the channel's whole name is added.
    base: String,
}

/// The settings that resolve names, read once for many entries.
pub struct Resolver {
    alias: Option<ChannelUrl>,
    multichannels: Vec<(String, Vec<String>)>,
    custom: Vec<Custom>,
}

impl Configuration {
    pub fn resolver(&self) -> Resolver {
        let alias = self.explain(Key::ChannelAlias).value;
        let alias = alias
            .as_text()
            .and_then(|text| ChannelUrl::parse(text.expose()).ok());
        let multichannels = self.multichannels();
        let custom = custom_channels(
            alias.as_ref(),
            &multichannels,
            &self.explain(Key::CustomChannels).value,
        );
        Resolver {
            alias,
            multichannels,
            custom,
        }
    }

    /// `custom_multichannels`, with `default_channels` as `defaults` where it does not define that itself.
    fn multichannels(&self) -> Vec<(String, Vec<String>)> {
        let texts = |value: &Value| {
            value
                .items()
                .iter()
                .map(|item| item.expose().to_owned())
                .collect::<Vec<_>>()
        };
        let own = self.explain(Key::CustomMultichannels).value;
        let mut all: Vec<_> = own
            .entries()
            .iter()
            .map(|(name, value)| (name.clone(), texts(value)))
            .collect();
        if !all.iter().any(|(name, _)| name == "defaults") {
            all.push((
                "defaults".to_owned(),
                texts(&self.explain(Key::DefaultChannels).value),
            ));
        }
        all
    }
}

fn custom_channels(
    alias: Option<&ChannelUrl>,
    multichannels: &[(String, Vec<String>)],
    custom: &Value,
) -> Vec<Custom> {
    let mut all = Vec::new();
    for channel in multichannels.iter().flat_map(|(_, channels)| channels) {
        all.extend(custom_of_multichannel(alias, channel));
    }
    for (name, value) in custom.entries() {
        let base = value
            .as_text()
            .and_then(|text| ChannelUrl::parse(text.expose()).ok());
        // Without a scheme, conda takes the alias instead.
        let base = base.as_ref().or(alias).map(ChannelUrl::public);
        all.extend(base.map(|base| Custom {
            name: name.trim_matches('/').to_owned(),
            base,
        }));
    }
    // The last of a name counts.
    all.reverse();
    all
}

/// A channel of a multichannel as conda names it: by what follows the alias, or else by its path.
fn custom_of_multichannel(alias: Option<&ChannelUrl>, channel: &str) -> Option<Custom> {
    let Ok(url) = ChannelUrl::parse(channel) else {
        return Some(Custom {
            name: channel.trim_matches('/').to_owned(),
            base: alias?.public(),
        });
    };
    let below_alias = alias.and_then(|alias| Some((alias, url.location().strip_prefix(alias.location())?)));
    let (location, name) = match below_alias {
        Some((alias, name)) => (alias.location(), name),
        None => url.location().split_once('/').unwrap_or((url.location(), "")),
    };
    Some(Custom {
        name: name.trim_matches('/').to_owned(),
        base: format!("{}://{location}", url.scheme()),
    })
}

impl Resolver {
    pub fn resolve(&self, entry: &ChannelEntry) -> Resolution {
        match entry {
            ChannelEntry::Defaults => self.multichannel("defaults").unwrap_or_else(nothing),
            ChannelEntry::Local | ChannelEntry::Folder(_) | ChannelEntry::Other(_) => nothing(),
            ChannelEntry::Url(url) => {
                let public = url.public();
                let address = without_subdir(&public).to_owned();
                Resolution {
                    addresses: vec![address],
                    through: Through::Itself,
                }
            }
            ChannelEntry::Name(name) => self.resolve_name(name),
        }
    }

    fn resolve_name(&self, name: &ChannelName) -> Resolution {
        let name = without_subdir(name.as_str());
        if let Some(resolution) = self.multichannel(name) {
            return resolution;
        }
        let by_alias = self
            .alias
            .as_ref()
            .map(|alias| format!("{}/{name}", alias.public()));
        let custom = prefixes(name).find_map(|part| self.custom.iter().find(|custom| custom.name == part));
        let by_custom = custom.map(|custom| (format!("{}/{name}", custom.base), custom));
        match by_custom {
            // A channel of this name that leads to the same place changes nothing.
            Some((address, custom)) if by_alias.as_ref() != Some(&address) => Resolution {
                addresses: vec![address],
                through: Through::CustomChannel(custom.name.clone()),
            },
            _ => Resolution {
                addresses: by_alias.into_iter().collect(),
                through: Through::Alias,
            },
        }
    }

    fn multichannel(&self, name: &str) -> Option<Resolution> {
        let (name, channels) = self.multichannels.iter().find(|(known, _)| known == name)?;
        let address = |channel: &String| match ChannelUrl::parse(channel) {
            Ok(url) => Some(url.public()),
            Err(_) => Some(format!(
                "{}/{}",
                self.alias.as_ref()?.public(),
                channel.trim_matches('/')
            )),
        };
        let addresses = channels.iter().filter_map(address).collect();
        Some(Resolution {
            addresses,
            through: Through::Multichannel(name.clone()),
        })
    }
}

fn nothing() -> Resolution {
    Resolution {
        addresses: Vec::new(),
        through: Through::Nothing,
    }
}

/// The name, then without its last part, and so on.
fn prefixes(name: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(name), |name| name.rsplit_once('/').map(|(rest, _)| rest))
}

/// Whether conda takes this last part of a channel for a platform.
pub fn is_subdir(part: &str) -> bool {
    SUBDIRS.contains(&part)
}

fn without_subdir(name: &str) -> &str {
    match name.rsplit_once('/') {
        Some((rest, last)) if SUBDIRS.contains(&last) => rest,
        _ => name,
    }
}

#[cfg(test)]
mod tests;
