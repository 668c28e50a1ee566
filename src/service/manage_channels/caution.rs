//! What a person should know about the channels that conda searches: what is there twice, what is not protected, what has
//! no effect.

use serde::Serialize;

use super::listing::{ManagedChannel, ManagedChannels};
use super::wanted::List;
use crate::conda::channel::{ChannelEntry, ChannelUrl};
use crate::conda::condarc::ChannelChoice;
use crate::conda::configuration::Configuration;
use crate::conda::setting::Key;
use crate::conda::warnings::{self, Goal};
use crate::service::Services;
use crate::service::plan::Warning;

/// What a caution is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum CautionKind {
    /// A package of a private channel may be taken from a public one.
    Shadowed,
    /// Installed packages have no channel any more that they came from.
    SourceLost,
    /// Installed packages would come from another channel.
    SourceChanged,
    /// A channel of a server that was signed out of, whose name leads elsewhere now.
    SignedOut,
    /// A token or password stands in a file.
    Secret,
    /// conda stops at a channel, or leaves out what a file says.
    Refused,
    /// A channel is reached without encryption.
    PlainHttp,
    /// A channel is searched under two names.
    Twice,
    /// `defaults` and a channel that it stands for.
    PartOfDefaults,
    /// `default_channels` without `defaults`.
    DefaultsUnused,
    /// conda searches nothing.
    NoChannels,
    /// A setting that has no effect any more.
    NoEffect,
}

/// Something to know, and what to do about it. It prevents nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Caution {
    pub kind: CautionKind,
    /// One sentence without a full stop.
    pub message: String,
    pub cause: Option<String>,
    pub remedy: Option<String>,
    /// The entries that it is about, as they are shown.
    pub channels: Vec<String>,
    /// The packages that it is about.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub packages: Vec<String>,
}

impl Caution {
    pub(super) fn new(kind: CautionKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            cause: None,
            remedy: None,
            channels: Vec::new(),
            packages: Vec::new(),
        }
    }

    #[must_use]
    pub(super) fn because(mut self, cause: impl Into<String>) -> Self {
        self.cause = Some(cause.into());
        self
    }

    #[must_use]
    pub(super) fn remedy(mut self, remedy: impl Into<String>) -> Self {
        self.remedy = Some(remedy.into());
        self
    }

    #[must_use]
    pub(super) fn about(mut self, channel: &ManagedChannel) -> Self {
        self.channels.push(channel.entry.to_string());
        self
    }
}

impl From<&Caution> for Warning {
    fn from(caution: &Caution) -> Self {
        let message = match &caution.cause {
            Some(cause) => format!("{}: {cause}", caution.message),
            None => caution.message.clone(),
        };
        Self {
            message,
            remedy: caution.remedy.clone(),
        }
    }
}

impl Services {
    /// What can be told from the files alone.
    pub(super) fn cautions_of(
        &self,
        configuration: &Configuration,
        managed: &ManagedChannels,
    ) -> Vec<Caution> {
        let mut cautions = refused(configuration, managed);
        cautions.extend(self.left_by_sign_out(configuration, managed));
        cautions.extend(secrets(managed));
        cautions.extend(plain_http(managed));
        cautions.extend(twice(managed));
        cautions.extend(part_of_defaults(managed));
        cautions.extend(unused_defaults(configuration, managed));
        cautions.extend(no_effect(configuration));
        if managed.channels.is_empty() {
            cautions.push(
                Caution::new(
                    CautionKind::NoChannels,
                    "conda finds no packages until channels are added",
                )
                .because("channels is empty; versions of conda before 25 then search defaults"),
            );
        }
        cautions
    }

    /// The same for the channels as they are now. Asks no network.
    ///
    /// # Errors
    /// As [`Services::managed_channels`].
    pub fn channel_cautions(&self, managed: &ManagedChannels) -> Vec<Caution> {
        let configuration = super::super::blocking(|| Configuration::read(&self.surroundings()));
        self.cautions_of(&configuration, managed)
    }
}

/// What other sources do to the lists, and channels at which conda stops.
fn refused(configuration: &Configuration, managed: &ManagedChannels) -> Vec<Caution> {
    let alias = configuration.explain(Key::ChannelAlias).value;
    let alias = alias
        .as_text()
        .and_then(|text| ChannelUrl::parse(text.expose()).ok());
    let Some(channel_alias) = alias else {
        return Vec::new();
    };
    let entries = |list: List| managed.list(list).iter().map(|channel| channel.entry.clone());
    let goal = Goal {
        channel_alias,
        choice: ChannelChoice::new(entries(List::Channels), entries(List::DefaultChannels)),
    };
    let is_told_otherwise = |warning: &warnings::Warning| {
        matches!(
            warning,
            warnings::Warning::Added { .. }
                | warnings::Warning::NameTaken { .. }
                | warnings::Warning::FileNotRead { .. }
        )
    };
    warnings::warnings(configuration, &managed.path, &goal)
        .iter()
        .filter(|warning| !is_told_otherwise(warning))
        .map(|warning| Caution::new(CautionKind::Refused, warning.to_string()))
        .collect()
}

fn secrets(managed: &ManagedChannels) -> Vec<Caution> {
    managed
        .all()
        .filter(|(_, channel)| channel.has_secret)
        .map(|(_, channel)| {
            let has_token = match &channel.entry {
                ChannelEntry::Url(url) => url.token().is_some(),
                _ => true,
            };
            let caution = match has_token {
                true => Caution::new(
                    CautionKind::Secret,
                    format!("the token of {} stands in the file", channel.entry),
                )
                .remedy("move it to the token store, from which conda sends it too"),
                false => Caution::new(
                    CautionKind::Secret,
                    format!("the password of {} stands in the file", channel.entry),
                )
                .remedy("put it into ~/.netrc, where conda looks for it too, and take it out of the address"),
            };
            caution
                .because("whoever reads the file can use it, and it is copied with every backup")
                .about(channel)
        })
        .collect()
}

fn plain_http(managed: &ManagedChannels) -> Vec<Caution> {
    let is_plain = |address: &String| {
        let Some(rest) = address.strip_prefix("http://") else {
            return false;
        };
        let host = rest.split(['/', ':']).next().unwrap_or_default();
        // What does not leave this computer needs no protection on the way.
        !matches!(host, "localhost" | "127.0.0.1" | "[" | "[::1]")
    };
    managed
        .searched()
        .filter(|(_, channel)| channel.addresses.iter().any(is_plain))
        .map(|(_, channel)| {
            Caution::new(
                CautionKind::PlainHttp,
                format!("there is no encryption on the way to {}", channel.entry),
            )
            .because("whoever is on the way can read the token and exchange packages")
            .remedy("use https:// if the server offers it")
            .about(channel)
        })
        .collect()
}

/// One channel under two names: the second has no effect.
fn twice(managed: &ManagedChannels) -> Vec<Caution> {
    let mut cautions = Vec::new();
    for list in [List::Channels, List::DefaultChannels] {
        let rows = managed.list(list);
        for (at, later) in rows.iter().enumerate() {
            let is_single = |channel: &ManagedChannel| channel.addresses.len() == 1;
            let earlier = rows[..at]
                .iter()
                .find(|earlier| is_single(earlier) && earlier.addresses == later.addresses);
            if let Some(earlier) = earlier.filter(|_| is_single(later)) {
                cautions.push(
                    Caution::new(
                        CautionKind::Twice,
                        format!(
                            "the same channel stands there twice: {} and {}",
                            earlier.entry, later.entry
                        ),
                    )
                    .because("conda searches it once, at the first place")
                    .remedy(format!("take {} out", later.entry))
                    .about(earlier)
                    .about(later),
                );
            }
        }
    }
    cautions
}

fn part_of_defaults(managed: &ManagedChannels) -> Vec<Caution> {
    let is_defaults = |channel: &&ManagedChannel| channel.entry == ChannelEntry::Defaults;
    let Some(at) = managed.channels.iter().position(|channel| is_defaults(&channel)) else {
        return Vec::new();
    };
    let defaults = &managed.channels[at];
    let parts = managed.channels.iter().enumerate().filter(|(_, channel)| {
        !is_defaults(channel)
            && matches!(channel.addresses.as_slice(), [one] if defaults.addresses.contains(one))
    });
    parts
        .map(|(place, part)| {
            let caution = Caution::new(
                CautionKind::PartOfDefaults,
                format!("defaults holds {} already", part.entry),
            )
            .about(part);
            match place < at {
                true => caution.because("here it is searched before the other channels of defaults"),
                false => caution
                    .because("conda has searched it at the place of defaults by then")
                    .remedy(format!("take {} out", part.entry)),
            }
        })
        .collect()
}

fn unused_defaults(configuration: &Configuration, managed: &ManagedChannels) -> Option<Caution> {
    let is_set = !configuration.explain(Key::DefaultChannels).sources.is_empty();
    let is_searched = managed
        .channels
        .iter()
        .any(|channel| channel.entry == ChannelEntry::Defaults);
    let is_unused = is_set && !is_searched && !managed.default_channels.is_empty();
    is_unused.then(|| {
        Caution::new(
            CautionKind::DefaultsUnused,
            "default_channels has no effect, because defaults is not among the channels",
        )
        .remedy("add defaults to the channels")
    })
}

fn no_effect(configuration: &Configuration) -> Option<Caution> {
    let foreign = configuration.foreign();
    let found = foreign
        .iter()
        .find(|found| found.setting.name == "restore_free_channel")?;
    Some(
        Caution::new(
            CautionKind::NoEffect,
            format!("restore_free_channel has no effect, in {}", found.origin),
        )
        .because("conda no longer reads it, since 25.9")
        .remedy("add https://repo.anaconda.com/pkgs/free where it is still needed"),
    )
}
