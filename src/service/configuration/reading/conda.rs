//! conda's configuration (repository reference, sections 3.1 to 3.3).

use std::path::{Path, PathBuf};

use super::hindrance::{locked, overridden, way_out};
use super::{Planned, Reading, unknown};
use crate::conda::configuration::{self as conda, Configuration, Explanation, ForeignSetting};
use crate::conda::search_path::{self, IgnoredReason, Scope};
use crate::conda::setting::{Key, Shape, Value};
use crate::conda::{Flaw, Platform, Surroundings};
use crate::service::configuration::{
    ConfigurationError, ConfigurationFile, Effective, Explained, ExplainedSource, Origin, Part, Place,
    PlaceState, SettingValue,
};
use crate::service::plan::Warning;

pub(super) struct CondaReading {
    configuration: Configuration,
    places: Vec<search_path::Place>,
    own: PathBuf,
    platform: Platform,
}

impl CondaReading {
    pub(super) fn read(surroundings: &Surroundings, own: PathBuf, planned: Option<&Planned<'_>>) -> Self {
        let configuration = match planned {
            Some(planned) => Configuration::planned(surroundings, planned.path, planned.content),
            None => Configuration::read(surroundings),
        };
        Self {
            configuration,
            places: search_path::order(surroundings),
            own,
            platform: surroundings.platform,
        }
    }

    fn known(&self, key: Key) -> Explained {
        let explanation = self.configuration.explain(key);
        let definition = key.definition();
        let is_set = !explanation.sources.is_empty();
        let machine_default = matches!(definition.preset, crate::conda::setting::Preset::Machine(_));
        let default = (!machine_default)
            .then(|| SettingValue::in_effect(&key.default_value(self.platform), definition.form));
        Explained {
            file: ConfigurationFile::Conda,
            key: key.name().to_owned(),
            value: match (is_set, machine_default) {
                (false, true) => None,
                (false, false) => default.clone(),
                (true, _) => Some(SettingValue::in_effect(&explanation.value, definition.form)),
            },
            default,
            sources: explanation
                .sources
                .iter()
                .map(|source| explained(source, definition.form))
                .collect(),
            locked_by: explanation.locked_by.as_ref().map(origin),
            flags: definition.flags.to_vec(),
            documentation: Some(definition.documentation),
            hindrances: self.hindrances(&explanation),
        }
    }

    /// One name of a map.
    fn name_of(&self, key: Key, name: &str) -> Explained {
        let explanation = self.configuration.explain(key);
        let form = key.definition().form;
        let value = explanation.value.entry(name).cloned();
        let mut sources: Vec<ExplainedSource> = explanation
            .sources
            .iter()
            .filter_map(|source| {
                let value = source.value.entry(name)?;
                Some(ExplainedSource {
                    value: SettingValue::of_conda(value, form),
                    spelling: format!("{}.{name}", source.spelling),
                    ..explained(source, form)
                })
            })
            .collect();
        let joined = matches!(value, Some(Value::List(_) | Value::Map(_)));
        // The highest that has the value in effect: a mark on the name may have kept a higher one out.
        let effective = value.as_ref().map(|value| SettingValue::of_conda(value, form));
        let decides = sources
            .iter()
            .rposition(|source| source.wins() && Some(&source.value) == effective.as_ref());
        let highest = sources.iter().rposition(ExplainedSource::wins);
        let mut locked_by = explanation.locked_by.as_ref().map(origin);
        if !joined && let (Some(decides), Some(highest)) = (decides, highest) {
            if decides < highest && locked_by.is_none() {
                locked_by = Some(sources[decides].origin.clone());
            }
            for (at, source) in sources.iter_mut().enumerate().filter(|(_, source)| source.wins()) {
                source.part = match at {
                    at if at == decides => Part::Decides,
                    at if at > decides => Part::ShutOut,
                    _ => Part::Overridden,
                };
            }
        }
        let default = key.default_value(self.platform);
        Explained {
            file: ConfigurationFile::Conda,
            key: format!("{}.{name}", key.name()),
            value: effective,
            default: default
                .entry(name)
                .map(|value| SettingValue::of_conda(value, form)),
            sources,
            locked_by,
            flags: Vec::new(),
            documentation: Some(key.definition().documentation),
            hindrances: self.hindrances(&explanation),
        }
    }

    fn foreign(&self, name: &str) -> Option<Explained> {
        let found: Vec<ForeignSetting> = self
            .configuration
            .foreign()
            .into_iter()
            .filter(|foreign| foreign.setting.name == name)
            .collect();
        let last = found.last()?;
        Some(Explained {
            file: ConfigurationFile::Conda,
            key: name.to_owned(),
            value: Some(SettingValue::of_yaml(&last.setting.value)),
            default: None,
            sources: found
                .iter()
                .map(|foreign| ExplainedSource {
                    origin: origin(&foreign.origin),
                    spelling: name.to_owned(),
                    value: SettingValue::of_yaml(&foreign.setting.value),
                    part: Part::Ignored,
                })
                .collect(),
            locked_by: None,
            flags: Vec::new(),
            documentation: None,
            hindrances: Vec::new(),
        })
    }

    /// How high a source stands. A file that does not exist yet has its rank already; nothing for one that conda does
    /// not look at.
    fn rank(&self, path: &Path) -> Option<usize> {
        self.places.iter().position(|place| place.path == path)
    }

    fn rank_of(&self, origin: &conda::Origin) -> Option<usize> {
        match origin {
            conda::Origin::File { path, .. } => self.rank(path),
            conda::Origin::Variable { .. } => Some(usize::MAX),
        }
    }

    fn is_above(&self, origin: &conda::Origin) -> bool {
        self.rank_of(origin) > self.rank(&self.own)
    }

    fn is_below(&self, origin: &conda::Origin) -> bool {
        self.rank_of(origin) < self.rank(&self.own)
    }

    fn hindrances(&self, explanation: &Explanation) -> Vec<Warning> {
        let key = explanation.key;
        let mut warnings: Vec<Warning> = Vec::new();
        if self.rank(&self.own).is_none() {
            warnings.push(Warning::with_remedy(
                format!("conda does not read {}", self.own.display()),
                "name the file condarc or .condarc, or let it end in .yml, and give CONDARC its whole path",
            ));
            return warnings;
        }
        warnings.extend(self.flaws_of(key));
        if let Some(lock) = explanation.locked_by.as_ref().filter(|lock| self.is_below(lock)) {
            warnings.push(locked(key.name(), &origin(lock), &self.own));
            return warnings;
        }
        match key.shape() {
            Shape::Scalar => {
                let above = explanation
                    .decided_by()
                    .filter(|source| self.is_above(&source.origin));
                warnings.extend(above.map(|source| {
                    overridden(
                        key.name(),
                        &explanation.value.to_string(),
                        &origin(&source.origin),
                        &self.own,
                    )
                }));
            }
            Shape::List | Shape::Records => warnings.extend(self.additions(explanation)),
            Shape::Map | Shape::MapOfLists | Shape::Settings => {
                warnings.extend(self.taken_names(explanation));
            }
        }
        warnings.extend(self.about_meaning(explanation));
        warnings
    }

    fn flaws_of(&self, key: Key) -> Vec<Warning> {
        let concerns = |note: &&conda::Note| match &note.flaw {
            Flaw::TwoSpellings { key: of, .. }
            | Flaw::WrongKind { key: of, .. }
            | Flaw::WrongValue { key: of, .. } => *of == key,
            Flaw::Date { spelling, .. } => key.spellings().contains(&spelling.as_str()),
            Flaw::Unreadable { .. } | Flaw::Broken { .. } => false,
        };
        let notes = self.configuration.notes();
        notes.iter().filter(concerns).map(warning_of).collect()
    }

    /// What other sources put into a list.
    fn additions(&self, explanation: &Explanation) -> Vec<Warning> {
        let texts = |value: &Value| -> Vec<String> {
            match value {
                Value::Records(records) => records.iter().map(ToString::to_string).collect(),
                other => other.items().iter().map(ToString::to_string).collect(),
            }
        };
        let is_own = |source: &&conda::SourceValue| source.origin.path() == Some(self.own.as_path());
        let Some(own) = explanation
            .sources
            .iter()
            .find(is_own)
            .filter(|source| source.wins())
        else {
            return Vec::new();
        };
        let own = texts(&own.value);
        let effective = texts(&explanation.value);
        let first_own = effective.iter().position(|item| own.contains(item));
        let others = explanation
            .sources
            .iter()
            .filter(|source| source.wins() && !is_own(source));
        others
            .filter_map(|source| {
                let foreign: Vec<String> = texts(&source.value)
                    .into_iter()
                    .filter(|item| !own.contains(item))
                    .collect();
                let first = effective.iter().position(|item| foreign.contains(item));
                let order = if first < first_own { "before" } else { "after" };
                let origin = origin(&source.origin);
                (!foreign.is_empty()).then(|| {
                    Warning::with_remedy(
                        format!(
                            "{origin} adds {} to {}, {order} what stands in {}",
                            foreign.join(", "),
                            explanation.key,
                            self.own.display()
                        ),
                        way_out(&origin),
                    )
                })
            })
            .collect()
    }

    /// The names of the person's map that have another value in effect.
    fn taken_names(&self, explanation: &Explanation) -> Vec<Warning> {
        let is_own = |source: &&conda::SourceValue| source.origin.path() == Some(self.own.as_path());
        let Some(own) = explanation
            .sources
            .iter()
            .find(is_own)
            .filter(|source| source.wins())
        else {
            return Vec::new();
        };
        let key = explanation.key;
        own.value
            .entries()
            .iter()
            .filter_map(|(name, _)| {
                let explained = self.name_in_effect(key, name, explanation)?;
                (explained.path() != Some(self.own.as_path())).then(|| {
                    let value = explanation
                        .value
                        .entry(name)
                        .map_or_else(|| "as it is".to_owned(), ToString::to_string);
                    overridden(&format!("{key}.{name}"), &value, &explained, &self.own)
                })
            })
            .collect()
    }

    /// The source whose value a single name of a map has; nothing where several are joined.
    fn name_in_effect(&self, key: Key, name: &str, explanation: &Explanation) -> Option<Origin> {
        let value = explanation.value.entry(name)?;
        if matches!(value, Value::List(_) | Value::Map(_)) {
            return None;
        }
        let with_value = explanation.sources.iter().rev().find(|source| {
            let own = source
                .value
                .entry(name)
                .map(|value| self.configuration.in_effect(key, value));
            source.wins() && own.as_ref() == Some(value)
        });
        with_value.map(|source| origin(&source.origin))
    }

    /// What a value means beyond what it says.
    fn about_meaning(&self, explanation: &Explanation) -> Option<Warning> {
        let configuration = &self.configuration;
        match explanation.key {
            Key::SslVerify if explanation.value.as_switch() == Some(false) => Some(Warning::with_remedy(
                "conda checks no certificates: anybody on the way can change what it downloads",
                "set ssl_verify to the file with your organisation's authority, or to truststore",
            )),
            Key::SslVerify | Key::ClientSslCert | Key::ClientSslCertKey => {
                let path = explanation.value.as_text()?.expose().trim().to_owned();
                let is_path = explanation.value.as_switch().is_none() && path != "truststore";
                let missing = is_path && !path.is_empty() && !Path::new(&path).exists();
                let missing = missing.then(|| {
                    Warning::with_remedy(
                        format!("there is no file {path}, and conda stops at it"),
                        "name a file that exists",
                    )
                });
                missing.or_else(|| self.about_client_key(explanation))
            }
            Key::AlwaysCopy | Key::AlwaysSoftlink => {
                let on = |key| configuration.explain(key).value.as_switch() == Some(true);
                (on(Key::AlwaysCopy) && on(Key::AlwaysSoftlink)).then(|| {
                    Warning::with_remedy(
                        "always_copy and always_softlink are both on, and conda stops at that",
                        "switch one of the two off",
                    )
                })
            }
            Key::DefaultChannels => {
                let multichannels = configuration.explain(Key::CustomMultichannels);
                let replaced = multichannels
                    .sources
                    .iter()
                    .rev()
                    .find(|source| source.wins() && source.value.entry("defaults").is_some());
                if let Some(replaced) = replaced {
                    let origin = origin(&replaced.origin);
                    return Some(Warning::with_remedy(
                        format!(
                            "default_channels has no effect, because custom_multichannels in {origin} defines defaults"
                        ),
                        way_out(&origin),
                    ));
                }
                let channels = configuration.explain(Key::Channels).value;
                let is_used = channels
                    .items()
                    .iter()
                    .any(|channel| channel.expose() == "defaults");
                (!is_used && !explanation.sources.is_empty()).then(|| {
                    Warning::with_remedy(
                        "default_channels counts only where defaults is among the channels, and it is not",
                        "add defaults to channels",
                    )
                })
            }
            Key::ChannelSettings => {
                let channels: Vec<String> = explanation
                    .value
                    .records()
                    .iter()
                    .filter_map(|record| Some(record.entry("channel")?.to_string()))
                    .collect();
                let twice = channels
                    .iter()
                    .enumerate()
                    .find(|(at, channel)| channels[..*at].contains(channel))?;
                Some(Warning::with_remedy(
                    format!(
                        "channel_settings has {} more than once; conda takes the last, which comes from the lowest source",
                        twice.1
                    ),
                    "remove what shall not count",
                ))
            }
            Key::AddAnacondaToken if explanation.value.as_switch() == Some(false) => {
                Some(Warning::with_remedy(
                    "conda uses no stored token, so that private channels stay closed",
                    "set add_anaconda_token to true",
                ))
            }
            _ => None,
        }
    }

    fn about_client_key(&self, explanation: &Explanation) -> Option<Warning> {
        let is_set = |key| {
            let value = self.configuration.explain(key).value;
            value
                .as_text()
                .is_some_and(|text| !text.expose().trim().is_empty())
        };
        let alone =
            explanation.key != Key::SslVerify && is_set(Key::ClientSslCertKey) && !is_set(Key::ClientSslCert);
        alone.then(|| {
            Warning::with_remedy(
                "client_ssl_cert_key is set without client_ssl_cert, and conda stops at that",
                "set client_ssl_cert to the file with the certificate",
            )
        })
    }

    fn places(&self) -> Vec<Place> {
        let notes = self.configuration.notes();
        let broken = |path: &Path| {
            notes.iter().find_map(|note| {
                let whole_file = matches!(note.flaw, Flaw::Unreadable { .. } | Flaw::Broken { .. });
                (whole_file && note.origin.path() == Some(path)).then(|| warning_of(note).message)
            })
        };
        let mut places: Vec<Place> = self
            .places
            .iter()
            .filter(|place| place.state != search_path::PlaceState::Folder)
            .map(|place| Place {
                origin: Origin::File {
                    path: place.path.clone(),
                    line: None,
                },
                scope: scope(place.scope),
                state: match (&place.state, broken(&place.path)) {
                    (_, Some(reason)) => PlaceState::Unused { reason },
                    (search_path::PlaceState::Missing, None) => PlaceState::Missing,
                    (search_path::PlaceState::Repeated, None) => unused("it counts further down already"),
                    (search_path::PlaceState::Other, None) => {
                        unused("it is no file, or has a name that conda does not read")
                    }
                    (search_path::PlaceState::Read | search_path::PlaceState::Folder, None) => {
                        PlaceState::Read
                    }
                },
                is_own: place.path == self.own,
            })
            .collect();
        if !places.iter().any(|place| place.is_own) {
            places.push(Place {
                origin: Origin::File {
                    path: self.own.clone(),
                    line: None,
                },
                scope: scope(Scope::Person),
                state: unused("conda does not read it"),
                is_own: true,
            });
        }
        for key in self.configuration.set_keys() {
            for source in self.configuration.explain(key).sources {
                if let conda::Origin::Variable { name } = source.origin {
                    places.push(variable(name));
                }
            }
        }
        places.push(Place {
            origin: Origin::CommandLine,
            scope: "one command",
            state: PlaceState::Read,
            is_own: false,
        });
        places
    }
}

impl Reading for CondaReading {
    fn explain(&self, key: &str) -> Result<Explained, ConfigurationError> {
        if let Some(key) = Key::named(key) {
            return Ok(self.known(key));
        }
        if let Some((map, name)) = key.split_once('.')
            && let Some(map) = Key::named(map)
            && matches!(map.shape(), Shape::Map | Shape::MapOfLists | Shape::Settings)
        {
            return Ok(self.name_of(map, name));
        }
        self.foreign(key)
            .ok_or_else(|| unknown(ConfigurationFile::Conda, key))
    }

    fn effective(&self) -> Effective {
        let mut settings: Vec<Explained> = self
            .configuration
            .set_keys()
            .into_iter()
            .map(|key| self.known(key))
            .collect();
        let mut foreign: Vec<String> = Vec::new();
        for setting in self.configuration.foreign() {
            if !foreign.contains(&setting.setting.name) {
                foreign.push(setting.setting.name);
            }
        }
        settings.extend(foreign.iter().filter_map(|name| self.foreign(name)));
        settings.sort_by(|a, b| a.key.cmp(&b.key));
        let ignored = self.configuration.ignored_condarc().map(|ignored| {
            let reason = match ignored.reason {
                IgnoredReason::Name => {
                    "conda ignores it: the file must be called .condarc or condarc, or end in .yml or .yaml"
                }
                IgnoredReason::Relative => "it depends on the folder in which conda is started",
                IgnoredReason::Missing => "there is no such file",
            };
            Warning::with_remedy(
                format!("CONDARC names {}: {reason}", ignored.path.display()),
                "give CONDARC the whole path of a file that conda reads, or unset it",
            )
        });
        let notes = self.configuration.notes();
        Effective {
            file: ConfigurationFile::Conda,
            places: self.places(),
            settings,
            warnings: ignored.into_iter().chain(notes.iter().map(warning_of)).collect(),
        }
    }
}

fn explained(source: &conda::SourceValue, form: crate::conda::setting::Form) -> ExplainedSource {
    ExplainedSource {
        origin: origin(&source.origin),
        spelling: source.spelling.clone(),
        value: SettingValue::of_conda(&source.value, form),
        part: match source.part {
            conda::Part::Decides => Part::Decides,
            conda::Part::Contributes => Part::Contributes,
            conda::Part::Overridden => Part::Overridden,
            conda::Part::ShutOut => Part::ShutOut,
        },
    }
}

fn origin(origin: &conda::Origin) -> Origin {
    match origin {
        conda::Origin::File { path, line, .. } => Origin::File {
            path: path.clone(),
            line: *line,
        },
        conda::Origin::Variable { name } => Origin::Variable { name: name.clone() },
    }
}

fn warning_of(note: &conda::Note) -> Warning {
    let remedy = match &note.flaw {
        Flaw::Unreadable { .. } => "check its permissions".to_owned(),
        Flaw::Broken { .. } => "open it with: sextant config edit conda".to_owned(),
        Flaw::TwoSpellings { key, .. } => format!("join the two under the name {key}"),
        Flaw::WrongKind { key, .. } => format!("write {key} as {}", kind(key.shape())),
        Flaw::WrongValue { expected, .. } => format!("give {expected}"),
        Flaw::Date { .. } => "put the date in quotes".to_owned(),
    };
    Warning::with_remedy(note.to_string(), remedy)
}

const fn kind(shape: Shape) -> &'static str {
    match shape {
        Shape::Scalar => "one value",
        Shape::List => "a list, each item on a line of its own that starts with '- '",
        Shape::Records => "a list of maps",
        Shape::Map | Shape::MapOfLists | Shape::Settings => "a map, each name on a line of its own",
    }
}

fn unused(reason: &str) -> PlaceState {
    PlaceState::Unused {
        reason: reason.to_owned(),
    }
}

fn variable(name: String) -> Place {
    Place {
        origin: Origin::Variable { name },
        scope: "what is started from here",
        state: PlaceState::Read,
        is_own: false,
    }
}

const fn scope(scope: Scope) -> &'static str {
    match scope {
        Scope::Machine => "everybody on this machine",
        Scope::Installation => "everybody who uses this conda",
        Scope::Person => "you",
        Scope::Environment => "the active environment",
        Scope::Named => "named by CONDARC",
    }
}
