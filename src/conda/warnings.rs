//! What keeps a planned change of a `.condarc` from having the effect it is made for.
//!
//! conda joins many files and variables; a change to one of them may be overruled, added to, or blocked by
//! another. Each such finding names the place that is responsible for it.

use std::fmt;
use std::path::{Path, PathBuf};

use super::channel::{ChannelEntry, ChannelUrl, OpaqueText};
use super::condarc::ChannelChoice;
use super::configuration::{Configuration, Explanation, Note, Origin, Part, SourceValue};
use super::resolution::{RefusedChannel, Through};
use super::search_path::{IgnoredCondarc, IgnoredReason};
use super::setting::Key;

/// What the change is made for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Goal {
    pub channel_alias: ChannelUrl,
    pub choice: ChannelChoice,
}

/// One reason why the change will not have its full effect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Warning {
    /// conda does not read the file that is changed.
    FileNotRead { path: PathBuf },
    /// `CONDARC` is set to something conda does not read.
    CondarcIgnored { ignored: IgnoredCondarc },
    /// A fault in another source.
    Flawed { note: Note },
    /// Another source decides about the setting.
    Overridden {
        key: Key,
        origin: Origin,
        value: OpaqueText,
    },
    /// A lower source has made the setting final, so that the changed file does not count for it.
    Locked { key: Key, origin: Origin },
    /// Another source adds channels to the list.
    Added {
        key: Key,
        origin: Origin,
        entries: Vec<ChannelEntry>,
        order: Order,
    },
    /// `custom_multichannels` says what `defaults` is, so `default_channels` has no effect.
    DefaultsReplaced { origin: Origin },
    /// conda does not use stored tokens.
    TokenDisabled { origin: Origin },
    /// conda refuses the channel.
    Refused(RefusedChannel),
    /// The name leads elsewhere than to the server.
    NameTaken {
        entry: ChannelEntry,
        address: String,
        key: Key,
        origins: Vec<Origin>,
    },
}

/// Whether channels from elsewhere are searched before those that were chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    Before,
    After,
}

/// Everything that keeps the change of `edited` from having the effect of `goal`. `planned` is the
/// configuration with the change made, from [`Configuration::planned`].
pub fn warnings(planned: &Configuration, edited: &Path, goal: &Goal) -> Vec<Warning> {
    let mut warnings = Vec::new();
    let known = planned.sources().any(|source| source.path() == Some(edited));
    if !known {
        warnings.push(Warning::FileNotRead {
            path: edited.to_owned(),
        });
    }
    warnings.extend(
        planned
            .ignored_condarc()
            .cloned()
            .map(|ignored| Warning::CondarcIgnored { ignored }),
    );
    warnings.extend(planned.notes().into_iter().map(|note| Warning::Flawed { note }));
    warnings.extend(about_alias(
        &planned.explain(Key::ChannelAlias),
        &goal.channel_alias,
    ));
    let channels = planned.explain(Key::Channels);
    warnings.extend(about_list(planned, &channels, edited, goal.choice.channels()));
    let uses_defaults = channels
        .value
        .items()
        .iter()
        .any(|item| item.expose() == "defaults");
    if uses_defaults {
        warnings.extend(about_defaults(planned, edited, goal));
    }
    warnings.extend(about_tokens(&planned.explain(Key::AddAnacondaToken)));
    warnings.extend(about_addresses(planned, goal));
    warnings
}

fn about_alias(alias: &Explanation, goal: &ChannelUrl) -> Option<Warning> {
    let same = |text: &OpaqueText| text.expose().trim_end_matches('/') == goal.expose().trim_end_matches('/');
    if alias.value.as_text().is_some_and(same) {
        return None;
    }
    let origin = alias.decided_by()?.origin.clone();
    if alias.locked_by.as_ref() == Some(&origin) {
        return Some(Warning::Locked {
            key: alias.key,
            origin,
        });
    }
    let value = alias
        .value
        .as_text()
        .cloned()
        .unwrap_or_else(|| OpaqueText::new(""));
    Some(Warning::Overridden {
        key: alias.key,
        origin,
        value,
    })
}

/// What is wrong with a list that should hold `goal` and nothing else.
fn about_list(
    planned: &Configuration,
    list: &Explanation,
    edited: &Path,
    goal: &[ChannelEntry],
) -> Vec<Warning> {
    let key = list.key;
    let shut_out = list
        .sources
        .iter()
        .any(|s| s.origin.path() == Some(edited) && s.part == Part::ShutOut);
    if let Some(origin) = list.locked_by.clone().filter(|_| shut_out) {
        return vec![Warning::Locked { key, origin }];
    }
    let mut warnings = Vec::new();
    let wanted = |text: &OpaqueText| goal.iter().any(|entry| entry.expose() == text.expose());
    let effective = list.value.items();
    let first_wanted = effective.iter().position(wanted).unwrap_or(effective.len());
    for source in list
        .sources
        .iter()
        .filter(|s| s.wins() && s.origin.path() != Some(edited))
    {
        let value = planned.expanded(&source.value);
        let foreign: Vec<_> = value.items().iter().filter(|text| !wanted(text)).collect();
        let first = effective
            .iter()
            .position(|text| foreign.contains(&text))
            .unwrap_or(effective.len());
        let order = if first < first_wanted {
            Order::Before
        } else {
            Order::After
        };
        if !foreign.is_empty() {
            let entries = foreign
                .into_iter()
                .map(|text| ChannelEntry::from_text(text.expose()))
                .collect();
            warnings.push(Warning::Added {
                key,
                origin: source.origin.clone(),
                entries,
                order,
            });
        }
    }
    warnings
}

fn about_defaults(planned: &Configuration, edited: &Path, goal: &Goal) -> Vec<Warning> {
    let multichannels = planned.explain(Key::CustomMultichannels);
    let replaced: Vec<_> = sources_with(&multichannels, "defaults");
    if replaced.is_empty() {
        return about_list(
            planned,
            &planned.explain(Key::DefaultChannels),
            edited,
            goal.choice.default_channels(),
        );
    }
    replaced
        .into_iter()
        .map(|origin| Warning::DefaultsReplaced { origin })
        .collect()
}

fn about_tokens(switch: &Explanation) -> Option<Warning> {
    let off = switch.value.as_switch() == Some(false);
    let origin = switch.decided_by()?.origin.clone();
    off.then_some(Warning::TokenDisabled { origin })
}

fn about_addresses(planned: &Configuration, goal: &Goal) -> Vec<Warning> {
    let resolver = planned.resolver();
    let taken = goal.choice.channels().iter().filter_map(|entry| {
        let resolution = resolver.resolve(entry);
        taken(planned, entry, &resolution.through, resolution.addresses.first())
    });
    let refused = planned.refused(goal.choice.channels()).into_iter();
    taken.chain(refused.map(Warning::Refused)).collect()
}

/// The warning that a name does not follow the alias.
fn taken(
    planned: &Configuration,
    entry: &ChannelEntry,
    through: &Through,
    address: Option<&String>,
) -> Option<Warning> {
    let ChannelEntry::Name(_) = entry else { return None };
    let (key, name) = match through {
        Through::CustomChannel(name) => (Key::CustomChannels, name),
        Through::Multichannel(name) => (Key::CustomMultichannels, name),
        Through::Itself | Through::Alias | Through::Nothing => return None,
    };
    let address = address.cloned().unwrap_or_default();
    Some(Warning::NameTaken {
        entry: entry.clone(),
        address,
        key,
        origins: sources_with(&planned.explain(key), name),
    })
}

/// The sources that give a map an entry of this name.
fn sources_with(map: &Explanation, name: &str) -> Vec<Origin> {
    let has = |source: &&SourceValue| source.wins() && source.value.entry(name).is_some();
    map.sources
        .iter()
        .filter(has)
        .map(|source| source.origin.clone())
        .collect()
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::FileNotRead { path } => write!(f, "conda does not read {}", path.display()),
            Self::CondarcIgnored { ignored } => {
                let path = ignored.path.display();
                match ignored.reason {
                    IgnoredReason::Name => write!(
                        f,
                        "CONDARC names {path}, which conda ignores: the file must be called .condarc or condarc, \
                         or end in .yml or .yaml"
                    ),
                    IgnoredReason::Relative => write!(
                        f,
                        "CONDARC names {path} without its folder, so that it depends on where conda is started \
                         whether there is such a file"
                    ),
                    IgnoredReason::Missing => write!(f, "CONDARC names {path}, which does not exist"),
                }
            }
            Self::Flawed { note } => note.fmt(f),
            Self::Overridden { key, origin, value } => {
                write!(
                    f,
                    "{key} stays {value}, because {origin} has precedence over your file"
                )
            }
            Self::Locked { key, origin } => {
                write!(
                    f,
                    "{key} is locked by {origin}, so that conda ignores it in your file"
                )
            }
            Self::Added {
                key,
                origin,
                entries,
                order,
            } => {
                let entries: Vec<_> = entries.iter().map(ToString::to_string).collect();
                let order = match order {
                    Order::Before => "before",
                    Order::After => "after",
                };
                write!(
                    f,
                    "{origin} adds {} to {key}; conda searches that {order} yours",
                    entries.join(", ")
                )
            }
            Self::DefaultsReplaced { origin } => {
                write!(
                    f,
                    "default_channels has no effect, because custom_multichannels in {origin} defines defaults"
                )
            }
            Self::TokenDisabled { origin } => {
                write!(
                    f,
                    "conda will not use your token, because {origin} sets add_anaconda_token to false"
                )
            }
            Self::Refused(refused) => refused.fmt(f),
            Self::NameTaken {
                entry,
                address,
                origins,
                ..
            } if origins.is_empty() => {
                write!(
                    f,
                    "the channel {entry} leads to {address} instead of your server, because conda has a channel of \
                     that name already"
                )
            }
            Self::NameTaken {
                entry,
                address,
                key,
                origins,
            } => {
                write!(
                    f,
                    "the channel {entry} leads to {address} instead of your server, by {key} in {}",
                    list(origins)
                )
            }
        }
    }
}

fn list(origins: &[Origin]) -> String {
    origins
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(" and ")
}

#[cfg(test)]
mod tests;
