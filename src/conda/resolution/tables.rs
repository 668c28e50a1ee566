//! The settings that resolve names and addresses, as one table.

use std::path::{Component, Path, PathBuf};

use crate::conda::channel::{scheme, split_token};
use crate::conda::configuration::{Configuration, Explanation};
use crate::conda::setting::{Key, Value};
use crate::conda::{Platform, Surroundings, subdir};
use crate::secret::{Secret, split_name_token};

use super::resolved::ResolvedChannel;
use super::split::{Split, agree, join, percent_decoded, split_subdir, without, without_file};

/// The name of the list that `default_channels` is.
pub(super) const DEFAULTS: &str = "defaults";
/// The name under which conda finds what was built on this machine.
pub(super) const LOCAL: &str = "local";

/// Where the channels of conda's own defaults for Windows are, beside those for every system.
const MSYS2: &str = "https://repo.anaconda.com/pkgs/msys2";

/// Everything that decides which address a name stands for, and which name an address.
pub(super) struct Tables {
    alias: Option<ResolvedChannel>,
    migrated_aliases: Vec<String>,
    /// In the order in which conda looks through them.
    multichannels: Vec<(String, Vec<ResolvedChannel>)>,
    /// By name; a name is there once.
    custom: Vec<(String, ResolvedChannel)>,
    migrated_custom: Vec<(String, String)>,
    subdirs: Vec<String>,
    platform: Platform,
}

impl Tables {
    pub fn of(configuration: &Configuration) -> Self {
        let value = |key: Key| configuration.explain(key).value;
        let surroundings = configuration.surroundings();
        let mut tables = Self {
            alias: text_of(&value(Key::ChannelAlias)).and_then(|text| base_of(&text)),
            migrated_aliases: texts_of(&value(Key::MigratedChannelAliases))
                .iter()
                .filter_map(|text| Some(Split::of(text)?.location()))
                .filter(|location| !location.is_empty())
                .collect(),
            multichannels: Vec::new(),
            custom: Vec::new(),
            migrated_custom: named_texts(&value(Key::MigratedCustomChannels)),
            subdirs: known_subdirs(configuration),
            platform: surroundings.platform,
        };
        tables.multichannels = tables.lists(configuration);
        tables.custom = tables.custom_channels(&value(Key::CustomChannels));
        tables.multichannels = tables
            .multichannels
            .iter()
            .map(|(name, channels)| {
                (
                    name.clone(),
                    channels.iter().map(|one| tables.named(one)).collect(),
                )
            })
            .collect();
        tables
    }

    /// `custom_multichannels` with `default_channels` as `defaults`, unless that is defined there, and `local` last, which
    /// nothing redefines.
    fn lists(&self, configuration: &Configuration) -> Vec<(String, Vec<ResolvedChannel>)> {
        let own = configuration.explain(Key::CustomMultichannels).value;
        let mut lists: Vec<(String, Vec<String>)> = own
            .entries()
            .iter()
            .filter(|(name, value)| !(name == DEFAULTS && *value == Value::Null) && name != LOCAL)
            .map(|(name, value)| (name.clone(), texts_of(value)))
            .collect();
        if !lists.iter().any(|(name, _)| name == DEFAULTS) {
            lists.push((DEFAULTS.to_owned(), default_channels(configuration)));
        }
        lists.push((LOCAL.to_owned(), local_channels(configuration)));
        lists
            .into_iter()
            .map(|(name, texts)| {
                let channels = texts.iter().filter_map(|text| self.simple(text, None)).collect();
                (name, channels)
            })
            .collect()
    }

    /// `custom_channels`, and before them every channel of a list by its name; the last of a name counts, at the place of
    /// the first.
    fn custom_channels(&self, custom: &Value) -> Vec<(String, ResolvedChannel)> {
        let of_lists = self
            .multichannels
            .iter()
            .flat_map(|(_, channels)| channels.clone());
        let own = named_texts(custom)
            .into_iter()
            .filter_map(|(name, text)| self.simple(&text, Some(&name)));
        let mut all: Vec<(String, ResolvedChannel)> = Vec::new();
        for channel in of_lists.chain(own) {
            match all.iter_mut().find(|(name, _)| *name == channel.name) {
                Some((_, known)) => *known = channel,
                None => all.push((channel.name.clone(), channel)),
            }
        }
        all
    }

    /// A channel as it is given in `custom_channels` (then with its name), or in a list: an address, or a name below the
    /// alias. Subdirs are not looked for here.
    fn simple(&self, text: &str, name: Option<&str>) -> Option<ResolvedChannel> {
        let trimmed = |name: &str| name.trim_matches('/').to_owned();
        if scheme(text).is_none() {
            let name = name.map(trimmed).filter(|name| !name.is_empty());
            let name = name.unwrap_or_else(|| trimmed(text));
            return Some(with_name(self.alias.clone()?, &name));
        }
        let split = Split::of(text)?;
        let location = split.location();
        let below_alias = self
            .alias
            .as_ref()
            .filter(|alias| !alias.location.is_empty())
            .and_then(|alias| Some((alias.location.clone(), location.strip_prefix(&alias.location)?)));
        let (location, name) = match (name.filter(|name| !name.is_empty()), below_alias) {
            (Some(name), _) => (location, trimmed(name)),
            (None, Some((alias, rest))) => (alias, trimmed(rest)),
            (None, None) => (split.authority(), trimmed(&split.path)),
        };
        Some(ResolvedChannel {
            token: split.usable_token(),
            scheme: split.scheme,
            credentials: split.credentials,
            location,
            name,
            subdir: None,
            canonical_name: String::new(),
        })
    }

    /// The list of this name, each of its channels for the one platform that the text names, if it does.
    pub fn multichannel(&self, text: &str) -> Option<(&str, Vec<ResolvedChannel>)> {
        let (stripped, subdir) = split_subdir(text, &self.subdirs);
        let (name, channels) = self.multichannels.iter().find(|(name, _)| *name == stripped)?;
        let of_subdir = |channel: &ResolvedChannel| ResolvedChannel {
            subdir: subdir.map(str::to_owned),
            ..channel.clone()
        };
        Some((name, channels.iter().map(of_subdir).collect()))
    }

    /// The channel that a name stands for when it names no list, and the name in `custom_channels` that decides.
    pub fn of_name(&self, text: &str) -> Option<(ResolvedChannel, Option<&str>)> {
        let (stripped, subdir) = split_subdir(text, &self.subdirs);
        let (channel, custom) = self.by_name(&stripped)?;
        let channel = ResolvedChannel {
            subdir: subdir.map(str::to_owned),
            ..with_name(channel, &stripped)
        };
        Some((self.named(&channel), custom))
    }

    /// By `custom_channels`, the name tried with ever fewer parts, else by the alias.
    fn by_name(&self, name: &str) -> Option<(ResolvedChannel, Option<&str>)> {
        let parts = std::iter::successors(Some(name), |name| name.rsplit_once('/').map(|(rest, _)| rest));
        let custom = parts
            .filter_map(|part| self.custom.iter().find(|(known, _)| known == part))
            .next();
        match custom {
            Some((known, channel)) => Some((channel.clone(), Some(known.as_str()))),
            None => Some((self.alias.clone()?, None)),
        }
    }

    /// The address that the alias makes of a name.
    pub fn by_alias(&self, text: &str) -> Option<String> {
        let (stripped, _) = split_subdir(text, &self.subdirs);
        Some(with_name(self.alias.clone()?, &stripped).url())
    }

    /// The channel at an address, or that a package or index at an address belongs to.
    pub fn of_address(&self, address: &str) -> Option<ResolvedChannel> {
        let file = address.starts_with("file:") && self.platform == Platform::Windows;
        let address = if file {
            address.replace('\\', "/").replace(":////", "://")
        } else {
            address.to_owned()
        };
        let token = split_token(&address);
        let (clean, subdir) = split_subdir(&token.clean, &self.subdirs);
        let split = Split::without_token(without_file(&clean))?;
        let token = token.token.filter(|token| !token.is_empty()).map(Secret::new);
        let found = self.found(&split);
        let channel = ResolvedChannel {
            scheme: match found.scheme.as_str() {
                "" => "https".to_owned(),
                _ => found.scheme,
            },
            credentials: split.credentials.or(found.credentials),
            token: token.or(found.token),
            name: percent_decoded(&found.name),
            subdir: subdir.map(str::to_owned),
            ..found
        };
        Some(self.named(&channel))
    }

    /// Which part of an address is the location, which the name, and what the configuration adds.
    fn found(&self, split: &Split) -> ResolvedChannel {
        let plain = |location: String, name: &str| ResolvedChannel {
            scheme: split.scheme.clone(),
            credentials: None,
            location,
            token: None,
            name: name.trim_matches('/').to_owned(),
            subdir: None,
            canonical_name: String::new(),
        };
        let path = split.path.trim_end_matches('/');
        if path.is_empty() {
            return plain(split.authority(), "");
        }
        let place = format!("{}{path}", split.authority());
        if let Some(channel) = self.moved(split, &place) {
            return channel;
        }
        if let Some(channel) = self.known(split, &place) {
            return channel;
        }
        if split.host.is_empty() {
            let (location, name) = place.rsplit_once('/').unwrap_or(("", &place));
            let location = if location.is_empty() { "/" } else { location };
            return ResolvedChannel {
                scheme: "file".to_owned(),
                ..plain(location.to_owned(), name)
            };
        }
        // Anaconda Repository has its channels below /conda, where its tokens belong.
        let path = path.trim_matches('/');
        match path.split_once('/').unwrap_or((path, "")) {
            ("conda", rest) => plain(format!("{}/conda", split.authority()), rest),
            _ => plain(split.authority(), path),
        }
    }

    /// By `migrated_custom_channels` and `migrated_channel_aliases`: the channel as it is reached now.
    fn moved(&self, split: &Split, place: &str) -> Option<ResolvedChannel> {
        let mut by_length: Vec<&(String, String)> = self.migrated_custom.iter().collect();
        by_length.sort_by_key(|(name, _)| std::cmp::Reverse(name.chars().count()));
        for (name, former) in by_length {
            let former = join(&[&Split::of(former)?.location(), name]);
            let Some(there) = Split::without_token(&former) else {
                continue;
            };
            let trimmed = |path: &str| match path.trim_matches('/') {
                "" => "/".to_owned(),
                path => path.to_owned(),
            };
            let is_there = there.host == split.host
                && there.port == split.port
                && agree(&trimmed(&split.path), &trimmed(&there.path));
            if is_there {
                let name = join(&[name, &without(place, &former)]);
                let (stripped, _) = split_subdir(&name, &self.subdirs);
                let (channel, _) = self.by_name(&stripped)?;
                return Some(ResolvedChannel { name, ..channel });
            }
        }
        let former = self
            .migrated_aliases
            .iter()
            .find(|former| place.starts_with(*former))?;
        Some(ResolvedChannel {
            name: without(place, former),
            ..self.alias.clone()?
        })
    }

    /// By `custom_channels`, the longest name first, and by the alias. The address keeps its own scheme.
    fn known(&self, split: &Split, place: &str) -> Option<ResolvedChannel> {
        let mut by_length: Vec<&(String, ResolvedChannel)> = self.custom.iter().collect();
        by_length.sort_by_key(|(name, _)| std::cmp::Reverse(name.chars().count()));
        for (_, channel) in by_length {
            let there = join(&[&channel.location, &channel.name]);
            if agree(place, &there) {
                return Some(ResolvedChannel {
                    name: join(&[&channel.name, &without(place, &there)]),
                    scheme: split.scheme.clone(),
                    ..channel.clone()
                });
            }
        }
        let alias = self.alias.as_ref().filter(|alias| !alias.location.is_empty())?;
        agree(place, &alias.location).then(|| ResolvedChannel {
            name: without(place, &alias.location),
            scheme: split.scheme.clone(),
            ..alias.clone()
        })
    }

    /// The channel with the name that conda shows: that of the list in which a channel has its name, else its own name where
    /// the configuration knows it or its location, else its address.
    fn named(&self, channel: &ResolvedChannel) -> ResolvedChannel {
        let list = self
            .multichannels
            .iter()
            .find(|(_, channels)| channels.iter().any(|other| other.name == channel.name));
        let is_custom = || {
            let mut custom = self.custom.iter();
            !channel.name.is_empty() && custom.any(|(name, _)| agree(&channel.name, name))
        };
        let is_below_alias = || {
            let alias = self.alias.as_ref().map(|alias| &alias.location);
            alias
                .into_iter()
                .chain(&self.migrated_aliases)
                .any(|location| *location == channel.location)
        };
        let canonical_name = match list {
            Some((list, _)) => list.clone(),
            None if is_custom() || is_below_alias() => channel.name.clone(),
            None => channel.url(),
        };
        ResolvedChannel {
            canonical_name,
            ..channel.clone()
        }
    }

    /// The address of a folder, as conda makes it; nothing for one that depends on where conda is started.
    pub fn address_of_folder(&self, folder: &str, surroundings: &Surroundings) -> Option<String> {
        let path = surroundings.expand_home(folder);
        let is_absolute = match self.platform {
            Platform::Windows => {
                let text = path.to_string_lossy();
                text.as_bytes().get(1) == Some(&b':') || text.starts_with("\\\\") || text.starts_with("//")
            }
            Platform::Linux | Platform::MacOs => path.is_absolute(),
        };
        is_absolute.then(|| address_of_path(&path, self.platform))
    }
}

/// `file://` and the path. Only a path with other letters than those of ASCII is encoded.
fn address_of_path(path: &Path, platform: Platform) -> String {
    let path = path.to_string_lossy();
    let path = match platform {
        Platform::Windows => path.replace('\\', "/"),
        Platform::Linux | Platform::MacOs => path.into_owned(),
    };
    let normal = normalized(&path);
    let encoded = match normal.is_ascii() {
        true => normal,
        false => normal
            .bytes()
            .map(|byte| match byte {
                byte if byte.is_ascii_alphanumeric() || b"!'()*-._/:".contains(&byte) => {
                    char::from(byte).to_string()
                }
                byte => format!("%{byte:02X}"),
            })
            .collect(),
    };
    match encoded.as_bytes().get(1) {
        Some(b':') => format!("file:///{encoded}"),
        _ => format!("file://{encoded}"),
    }
}

/// Without `.`, `..` and slashes that mean nothing.
fn normalized(path: &str) -> String {
    let mut normal = PathBuf::new();
    for component in Path::new(path).components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => {
                if normal.parent().is_some() {
                    normal.pop();
                }
            }
            other => normal.push(other),
        }
    }
    normal.to_string_lossy().into_owned()
}

/// A token at the start of a name belongs between location and name, where conda's request has it too; conda itself would
/// show it.
fn with_name(channel: ResolvedChannel, name: &str) -> ResolvedChannel {
    match split_name_token(name) {
        Some((token, name)) => ResolvedChannel {
            token: Some(Secret::new(token)),
            name: name.to_owned(),
            ..channel
        },
        None => ResolvedChannel {
            name: name.to_owned(),
            ..channel
        },
    }
}

fn base_of(text: &str) -> Option<ResolvedChannel> {
    let split = Split::of(text).filter(|split| !split.scheme.is_empty())?;
    Some(ResolvedChannel {
        location: split.location(),
        token: split.usable_token(),
        scheme: split.scheme,
        credentials: split.credentials,
        name: String::new(),
        subdir: None,
        canonical_name: String::new(),
    })
}

fn known_subdirs(configuration: &Configuration) -> Vec<String> {
    let known = subdir::KNOWN.iter().map(|known| (*known).to_owned());
    known.chain(configuration.subdirs()).collect()
}

/// `default_channels`; conda's own for Windows where packages for Windows are looked for from elsewhere.
fn default_channels(configuration: &Configuration) -> Vec<String> {
    let explanation = configuration.explain(Key::DefaultChannels);
    let mut texts = texts_of(&explanation.value);
    let platform = configuration.surroundings().platform;
    let is_own = texts == texts_of(&Key::DefaultChannels.default_value(platform));
    if platform != Platform::Windows && is_own && configuration.subdir().starts_with("win-") {
        texts.push(MSYS2.to_owned());
    }
    texts
}

/// The folders into which conda-build puts packages, as far as they exist, as addresses.
fn local_channels(configuration: &Configuration) -> Vec<String> {
    let surroundings = configuration.surroundings();
    let set = |explanation: Explanation| text_of(&explanation.value).filter(|text| !text.is_empty());
    let root_dir = configuration
        .explain(Key::CondaBuild)
        .value
        .entry("root-dir")
        .and_then(text_of);
    let root = surroundings.conda_root().map(|root| root.join("conda-bld"));
    let named = [
        set(configuration.explain(Key::Croot)),
        set(configuration.explain(Key::BldPath)),
        root_dir,
    ];
    let named = named
        .into_iter()
        .flatten()
        .map(|text| surroundings.expand_home(&surroundings.expand_variables(&text)));
    let mut found: Vec<String> = Vec::new();
    for folder in named.chain(root).chain([surroundings.home.join("conda-bld")]) {
        if folder.is_absolute() && folder.is_dir() {
            let address = address_of_path(&folder, surroundings.platform);
            if !found.contains(&address) {
                found.push(address);
            }
        }
    }
    found
}

fn text_of(value: &Value) -> Option<String> {
    value.as_text().map(|text| text.expose().to_owned())
}

fn texts_of(value: &Value) -> Vec<String> {
    value
        .items()
        .iter()
        .map(|item| item.expose().to_owned())
        .collect()
}

fn named_texts(value: &Value) -> Vec<(String, String)> {
    let named = |(name, value): &(String, Value)| Some((name.clone(), text_of(value)?));
    value.entries().iter().filter_map(named).collect()
}
