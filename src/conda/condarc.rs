//! A person's `.condarc`: which file that is, and the changes a sign-in and a choice of channels make in it.

mod arrange;
mod leave;
mod set_up;

use std::path::PathBuf;

use super::Surroundings;
use super::channel::{ChannelEntry, ChannelUrl};
use super::error::CondaError;
use super::layer::{items_of, text_of};
use super::search_path::{FILE_NAMES, home_condarc, is_condarc_name, person_folders};
use super::setting::Key;
use crate::edit::yaml::YamlFile;

/// The file to change, and why this one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EditTarget {
    pub path: PathBuf,
    pub reason: TargetReason,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TargetReason {
    /// `CONDARC` names it, under a name that conda reads. It need not exist.
    NamedByCondarc,
    /// It is `~/.condarc`, and it exists.
    HomeCondarc,
    /// There is no `~/.condarc`, and this is the highest of the other files of the person.
    OtherUserFile,
    /// There is no file yet; `~/.condarc` will be made.
    New,
}

/// The file in which the person's settings are changed: the one conda really uses. `conda config` would make
/// a `~/.condarc` even where the settings live elsewhere (repository reference, section 3.1); this does not.
/// Files in a `condarc.d` folder are never chosen, for they usually belong to a package.
pub fn file_to_edit(surroundings: &Surroundings) -> EditTarget {
    let named = surroundings
        .folder("CONDARC")
        .filter(|path| is_condarc_name(path) && !path.is_dir());
    if let Some(path) = named {
        return EditTarget {
            path,
            reason: TargetReason::NamedByCondarc,
        };
    }
    let home = home_condarc(surroundings);
    // A link that leads nowhere is still the person's choice of a place, and a reason to ask.
    if home.is_file() || home.is_symlink() {
        return EditTarget {
            path: home,
            reason: TargetReason::HomeCondarc,
        };
    }
    let low_to_high = person_folders(surroundings)
        .into_iter()
        .flat_map(|f| FILE_NAMES.map(|name| f.join(name)));
    match low_to_high.rev().find(|path| path.is_file()) {
        Some(path) => EditTarget {
            path,
            reason: TargetReason::OtherUserFile,
        },
        None => EditTarget {
            path: home,
            reason: TargetReason::New,
        },
    }
}

/// The channels a person has chosen, completed so that conda uses all of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ChannelChoice {
    channels: Vec<ChannelEntry>,
    default_channels: Vec<ChannelEntry>,
}

impl ChannelChoice {
    /// Entries that are there twice count once. Where something is in `default_channels` but `defaults` not in
    /// `channels`, conda would never look at it: `defaults` is added at the end. `defaults` itself is left out
    /// of `default_channels`, which it stands for.
    pub fn new(
        channels: impl IntoIterator<Item = ChannelEntry>,
        default_channels: impl IntoIterator<Item = ChannelEntry>,
    ) -> Self {
        let mut channels = unique(channels);
        let mut default_channels = unique(default_channels);
        default_channels.retain(|entry| *entry != ChannelEntry::Defaults);
        if !default_channels.is_empty() && !channels.contains(&ChannelEntry::Defaults) {
            channels.push(ChannelEntry::Defaults);
        }
        Self {
            channels,
            default_channels,
        }
    }

    pub fn channels(&self) -> &[ChannelEntry] {
        &self.channels
    }

    pub fn default_channels(&self) -> &[ChannelEntry] {
        &self.default_channels
    }
}

/// Whether two files have the same keys with the same values.
fn says_the_same(one: &YamlFile, other: &YamlFile) -> bool {
    let keys = one.keys();
    keys == other.keys() && keys.iter().all(|key| one.value(key) == other.value(key))
}

fn unique(entries: impl IntoIterator<Item = ChannelEntry>) -> Vec<ChannelEntry> {
    let mut kept: Vec<ChannelEntry> = Vec::new();
    for entry in entries {
        if !kept.contains(&entry) {
            kept.push(entry);
        }
    }
    kept
}

/// One `.condarc`, and the changes that can be made in it. A setting that stands under another of its names
/// (`channel` for `channels`) is changed there; a second name would stop every conda command.
///
/// Every change is made wholly or not at all.
#[derive(Clone)]
pub struct Condarc {
    file: YamlFile,
}

impl Condarc {
    /// # Errors
    /// [`CondaError::Yaml`] if the file cannot be understood; then it must not be changed either.
    pub fn parse(content: &[u8]) -> Result<Self, CondaError> {
        Ok(Self {
            file: YamlFile::parse(content)?,
        })
    }

    /// A file that does not exist yet.
    pub fn empty() -> Self {
        Self {
            file: YamlFile::empty(),
        }
    }

    /// The file's content after the changes so far.
    pub fn text(&self) -> &str {
        self.file.text()
    }

    /// The entries of `channels`; none where the setting is missing.
    pub fn channels(&self) -> Result<Vec<ChannelEntry>, CondaError> {
        self.entries(Key::Channels)
    }

    /// The entries of `default_channels`; none where the setting is missing.
    pub fn default_channels(&self) -> Result<Vec<ChannelEntry>, CondaError> {
        self.entries(Key::DefaultChannels)
    }

    /// The value of `channel_alias`, if it is there and is an address.
    pub fn channel_alias(&self) -> Option<ChannelUrl> {
        let text = text_of(self.file.value(Key::ChannelAlias.name())?)?;
        ChannelUrl::parse(&text).ok()
    }

    /// What a sign-in changes (sign-in manual, "Login mechanism"): `channels` becomes empty, `default_channels`
    /// goes, and `channel_alias` becomes the server's. `add_anaconda_token` is left as it is; whether it is off
    /// is told by [`warnings`](super::warnings::warnings).
    pub fn sign_in(&mut self, channel_alias: &ChannelUrl) -> Result<(), CondaError> {
        self.change(|condarc| {
            condarc.set_list(Key::Channels, &[])?;
            condarc.remove(Key::DefaultChannels)?;
            condarc.set_text(Key::ChannelAlias, channel_alias.expose())
        })
    }

    /// What signing in to Package Security Manager Cloud changes, as conda-token does it (server reference, section 2.1):
    /// conda uses stored tokens, and `defaults` stands for the channels of the organisation's repository. `channels`
    /// stays.
    pub fn sign_in_to_cloud(&mut self, default_channels: &[ChannelEntry]) -> Result<(), CondaError> {
        self.change(|condarc| {
            let spelling = condarc.spelling(Key::AddAnacondaToken)?;
            condarc.file.set_bool(spelling, true)?;
            condarc.set_list(Key::DefaultChannels, default_channels)
        })
    }

    /// What signing in to Anaconda Repository changes (repository reference, section 3.3): bare names lead to it, and an
    /// address that they led to before is remembered as migrated, so that installed packages keep their channel.
    pub fn sign_in_to_repository(&mut self, channel_alias: &ChannelUrl) -> Result<(), CondaError> {
        self.change(|condarc| {
            let former = condarc
                .channel_alias()
                .filter(|former| former.public() != channel_alias.public() && !former.has_secret());
            if let Some(former) = former {
                let mut migrated = condarc.entries(Key::MigratedChannelAliases)?;
                let former = ChannelEntry::Url(former);
                if !migrated.contains(&former) {
                    migrated.insert(0, former);
                    condarc.set_list(Key::MigratedChannelAliases, &migrated)?;
                }
            }
            condarc.set_text(Key::ChannelAlias, channel_alias.expose())
        })
    }

    /// Writes the chosen channels; `default_channels` goes where none is chosen.
    pub fn choose_channels(&mut self, choice: &ChannelChoice) -> Result<(), CondaError> {
        self.change(|condarc| {
            condarc.set_list(Key::Channels, choice.channels())?;
            if choice.default_channels().is_empty() {
                condarc.remove(Key::DefaultChannels)
            } else {
                condarc.set_list(Key::DefaultChannels, choice.default_channels())
            }
        })
    }

    /// Takes the tokens and passwords out of these addresses, wherever they stand in `channels`, `default_channels` or
    /// `channel_alias`: what is left is the bare address.
    pub fn bare(&mut self, addresses: &[ChannelUrl]) -> Result<(), CondaError> {
        let in_place = self.bare_in_place(addresses);
        self.change(|condarc| {
            let is_meant =
                |entry: &ChannelEntry| matches!(entry, ChannelEntry::Url(url) if addresses.contains(url));
            for key in [Key::Channels, Key::DefaultChannels] {
                let mut entries = condarc.entries(key)?;
                if !entries.iter().any(is_meant) {
                    continue;
                }
                for entry in entries.iter_mut().filter(|entry| is_meant(entry)) {
                    if let ChannelEntry::Url(url) = entry {
                        *entry = ChannelEntry::from_text(&url.public());
                    }
                }
                condarc.set_list(key, &entries)?;
            }
            if let Some(alias) = condarc.channel_alias().filter(|alias| addresses.contains(alias)) {
                condarc.set_text(Key::ChannelAlias, &alias.public())?;
            }
            // Where taking the letters out comes to the same, everything around them stays, comments too.
            if let Some(file) = in_place.filter(|file| says_the_same(file, &condarc.file)) {
                condarc.file = file;
            }
            Ok(())
        })
    }

    /// The file with the addresses made bare letter by letter, wherever they stand in it.
    fn bare_in_place(&self, addresses: &[ChannelUrl]) -> Option<YamlFile> {
        let mut longest_first: Vec<&ChannelUrl> = addresses.iter().collect();
        longest_first.sort_by_key(|url| std::cmp::Reverse(url.expose().len()));
        let text = longest_first
            .iter()
            .fold(self.file.text().to_owned(), |text, url| {
                text.replace(url.expose(), &url.public())
            });
        YamlFile::parse(text.as_bytes()).ok()
    }

    /// Lets conda use the tokens that are stored for it.
    pub fn use_stored_tokens(&mut self) -> Result<(), CondaError> {
        self.change(|condarc| {
            let spelling = condarc.spelling(Key::AddAnacondaToken)?;
            Ok(condarc.file.set_bool(spelling, true)?)
        })
    }

    /// Takes settings back to how another state of the file has them, each under whatever name it has there.
    pub fn restore(&mut self, keys: &[Key], earlier: &Self) -> Result<(), CondaError> {
        self.change(|condarc| {
            for key in keys {
                let (now, then) = (condarc.spelling(*key)?, earlier.spelling(*key)?);
                if now != then {
                    condarc.file.remove(now)?;
                }
                condarc.file.restore(then, &earlier.file)?;
            }
            Ok(())
        })
    }

    /// Makes a change on a copy, and keeps it only if all of it succeeded.
    fn change(&mut self, change: impl FnOnce(&mut Self) -> Result<(), CondaError>) -> Result<(), CondaError> {
        let mut changed = self.clone();
        change(&mut changed)?;
        *self = changed;
        Ok(())
    }

    /// The name under which the setting stands in this file, or its preferred one.
    fn spelling(&self, key: Key) -> Result<&'static str, CondaError> {
        let there: Vec<_> = key
            .spellings()
            .iter()
            .copied()
            .filter(|spelling| self.file.value(spelling).is_some())
            .collect();
        match there.as_slice() {
            [] => Ok(key.name()),
            [spelling] => Ok(spelling),
            _ => Err(CondaError::TwoSpellings { spellings: there }),
        }
    }

    fn entries(&self, key: Key) -> Result<Vec<ChannelEntry>, CondaError> {
        let Some(value) = self.file.value(self.spelling(key)?) else {
            return Ok(Vec::new());
        };
        if value.is_null() {
            return Ok(Vec::new());
        }
        let items = items_of(value).ok_or(CondaError::NotAList { key })?;
        Ok(items.iter().map(|text| ChannelEntry::from_text(text)).collect())
    }

    fn set_list(&mut self, key: Key, entries: &[ChannelEntry]) -> Result<(), CondaError> {
        let items: Vec<String> = entries.iter().map(|entry| entry.expose().into_owned()).collect();
        self.file.set_list(self.spelling(key)?, &items)?;
        Ok(())
    }

    fn set_text(&mut self, key: Key, text: &str) -> Result<(), CondaError> {
        self.file.set_scalar(self.spelling(key)?, text)?;
        Ok(())
    }

    fn remove(&mut self, key: Key) -> Result<(), CondaError> {
        self.file.remove(self.spelling(key)?)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests;
