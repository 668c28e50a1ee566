//! pip's configuration (repository reference, sections 4.1 and 4.2).

use std::path::{Path, PathBuf};

use super::anaconda_client::origin;
use super::hindrance::overridden;
use super::{Planned, Reading, scope, state, unknown};
use crate::clients::Machine;
use crate::clients::layered::{self, State};
use crate::clients::pip_settings::{GLOBAL, PipSettings, is_loopback, normal};
use crate::service::configuration::{
    ConfigurationError, ConfigurationFile, Effective, Explained, ExplainedSource, Origin, Part, Place,
    PlaceState, SettingValue, known_key,
};
use crate::service::plan::Warning;

const FILE: ConfigurationFile = ConfigurationFile::Pip;

pub(super) struct PipReading {
    settings: PipSettings,
    own: PathBuf,
}

/// Section and option of a key; the section is `global` where none is named.
pub(in crate::service::configuration) fn split(key: &str) -> (&str, String) {
    match key.rsplit_once('.') {
        Some((section, option)) => (section, normal(option)),
        None => (GLOBAL, normal(key)),
    }
}

impl PipReading {
    pub(super) fn read(machine: &Machine, own: PathBuf, planned: Option<&Planned<'_>>) -> Self {
        let settings = match planned {
            Some(planned) => PipSettings::planned(machine, planned.path, planned.content),
            None => PipSettings::read(machine),
        };
        Self { settings, own }
    }

    fn hindrances(&self, section: &str, option: &str, explanation: &layered::Explanation) -> Vec<Warning> {
        let mut warnings: Vec<Warning> = Vec::new();
        let place = self.settings.places().iter().find(|place| place.path == self.own);
        if let Some(State::Unused { reason, stops: false }) = place.map(|place| &place.state) {
            warnings.push(Warning::with_remedy(
                format!("pip does not read {}: {reason}", self.own.display()),
                "unset PIP_CONFIG_FILE, or change the file that it names",
            ));
        }
        let value = explanation.value.as_ref().map(SettingValue::of_layered);
        let key = format!("{section}.{option}");
        if let (Some(last), Some(value)) = (explanation.sources.last(), &value)
            && self.is_above(&last.origin)
        {
            warnings.push(overridden(
                &key,
                &value.to_string(),
                &origin(&last.origin),
                &self.own,
            ));
        }
        if section == GLOBAL {
            for command in self.settings.commands_with(option) {
                warnings.push(Warning::with_remedy(
                    format!("pip {command} uses a value of its own, which stands in the section [{command}]"),
                    format!("set {command}.{option} as well, or remove it"),
                ));
            }
        }
        if let Some(value) = value.as_ref() {
            warnings.extend(self.about_meaning(option, value));
        }
        warnings
    }

    fn about_meaning(&self, option: &str, value: &SettingValue) -> Vec<Warning> {
        let mut warnings = Vec::new();
        let holds_secret = value.holds_secret();
        if holds_secret {
            warnings.push(Warning::with_remedy(
                format!("pip prints the token in {option} in clear, and so does every log of it"),
                "keep it in ~/.netrc or the keyring, or take care who reads the logs",
            ));
        }
        let is_index = matches!(option, "index-url" | "extra-index-url");
        let texts: Vec<String> = match value {
            SettingValue::List(items) => items.iter().filter_map(SettingValue::expose).collect(),
            other => other.expose().into_iter().collect(),
        };
        if is_index {
            let plain: Vec<&str> = texts
                .iter()
                .filter_map(|text| text.strip_prefix("http://"))
                .filter_map(|rest| rest.split('/').next())
                .map(|authority| authority.rsplit_once('@').map_or(authority, |(_, host)| host))
                .filter(|host| !is_loopback(host) && !self.is_trusted(host))
                .collect();
            if let Some(host) = plain.first() {
                warnings.push(Warning::with_remedy(
                    format!("pip ignores {host}, because the connection is not encrypted"),
                    format!("use https, or set trusted-host to {host}"),
                ));
                return warnings;
            }
        }
        let lesser = option == "extra-index-url"
            && !holds_secret
            && self.settings.explain(GLOBAL, "index-url").value.is_none()
            && !texts.is_empty();
        if lesser {
            warnings.push(Warning::with_remedy(
                "pip looks at the public index as well and takes the highest version, whoever published it",
                "set index-url instead, where your repository mirrors the public index",
            ));
        }
        warnings
    }

    fn is_trusted(&self, host: &str) -> bool {
        let trusted = self.settings.explain(GLOBAL, "trusted-host").value;
        let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
        match trusted {
            Some(layered::Value::List(hosts)) => hosts
                .iter()
                .any(|known| matches!(known, layered::Value::Text(text) if text == host || text == name)),
            _ => false,
        }
    }

    fn is_above(&self, origin: &layered::Origin) -> bool {
        let rank = |path: &Path| self.settings.places().iter().position(|place| place.path == path);
        match origin {
            layered::Origin::Variable { .. } => true,
            layered::Origin::File { path, .. } => rank(path) > rank(&self.own),
        }
    }
}

impl Reading for PipReading {
    fn explain(&self, key: &str) -> Result<Explained, ConfigurationError> {
        let (section, option) = split(key);
        let explanation = self.settings.explain(section, &option);
        let known = known_key(FILE, &format!("{section}.{option}"));
        if known.is_none() && explanation.sources.is_empty() {
            return Err(unknown(FILE, &format!("{section}.{option}")));
        }
        let default = known.and_then(super::super::known::default_of);
        Ok(Explained {
            file: FILE,
            key: format!("{section}.{option}"),
            value: explanation
                .value
                .as_ref()
                .map(SettingValue::of_layered)
                .or_else(|| default.clone()),
            default,
            sources: explanation
                .sources
                .iter()
                .map(|source| ExplainedSource {
                    origin: origin(&source.origin),
                    spelling: source.spelling.clone(),
                    value: SettingValue::of_layered(&source.value),
                    part: match source.part {
                        layered::Part::Decides => Part::Decides,
                        layered::Part::Contributes => Part::Contributes,
                        layered::Part::Overridden => Part::Overridden,
                    },
                })
                .collect(),
            locked_by: None,
            // Every option of pip is a setting by the same name.
            flags: known.map(|known| vec![known.flag()]).unwrap_or_default(),
            documentation: known.map(|known| known.documentation),
            hindrances: self.hindrances(section, &option, &explanation),
        })
    }

    fn effective(&self) -> Effective {
        let mut keys = self.settings.keys();
        keys.sort();
        let settings: Vec<Explained> = keys.iter().filter_map(|key| self.explain(key).ok()).collect();
        let mut places: Vec<Place> = self
            .settings
            .places()
            .iter()
            .map(|place| Place {
                origin: Origin::File {
                    path: place.path.clone(),
                    line: None,
                },
                scope: scope(place.scope),
                state: state(&place.state),
                is_own: place.path == self.own,
            })
            .collect();
        for source in settings.iter().flat_map(|setting| &setting.sources) {
            if let Origin::Variable { .. } = source.origin
                && !places.iter().any(|place| place.origin == source.origin)
            {
                places.push(Place {
                    origin: source.origin.clone(),
                    scope: "what is started from here",
                    state: PlaceState::Read,
                    is_own: false,
                });
            }
        }
        places.push(Place {
            origin: Origin::CommandLine,
            scope: "one command",
            state: PlaceState::Read,
            is_own: false,
        });
        let warnings = self
            .settings
            .places()
            .iter()
            .filter_map(|place| match &place.state {
                State::Unused { reason, stops: true } => Some(Warning::with_remedy(
                    format!(
                        "{}: {reason}; every pip command stops at it",
                        place.path.display()
                    ),
                    "open it with: sextant config edit pip",
                )),
                State::Unused { reason, stops: false } => Some(Warning::new(format!(
                    "pip does not read {}: {reason}",
                    place.path.display()
                ))),
                State::Read | State::Missing => None,
            });
        Effective {
            file: FILE,
            warnings: warnings.collect(),
            settings,
            places,
        }
    }
}
