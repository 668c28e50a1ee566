//! anaconda-client's configuration (repository reference, sections 2.1 and 2.2).

use std::path::{Path, PathBuf};

use super::hindrance::overridden;
use super::{Planned, Reading, scope, state, unknown};
use crate::clients::Machine;
use crate::clients::anaconda_client_settings::AnacondaClientSettings;
use crate::clients::layered::{self, State};
use crate::service::configuration::{
    ConfigurationError, ConfigurationFile, Effective, Explained, ExplainedSource, Origin, Part, Place,
    SettingValue, known_key,
};
use crate::service::plan::Warning;

const FILE: ConfigurationFile = ConfigurationFile::AnacondaClient;

pub(super) struct AnacondaClientReading {
    settings: AnacondaClientSettings,
    own: PathBuf,
}

impl AnacondaClientReading {
    pub(super) fn read(machine: &Machine, own: PathBuf, planned: Option<&Planned<'_>>) -> Self {
        let settings = match planned {
            Some(planned) => AnacondaClientSettings::planned(machine, planned.path, planned.content),
            None => AnacondaClientSettings::read(machine),
        };
        Self { settings, own }
    }

    fn hindrances(&self, key: &str, explanation: &layered::Explanation) -> Vec<Warning> {
        let mut warnings = Vec::new();
        let value = explanation.value.as_ref().map(SettingValue::of_layered);
        let own = explanation.sources.iter().rposition(|source| {
            source.spelling == key && path_of(&source.origin) == Some(self.own.as_path())
        });
        let decides = explanation
            .sources
            .iter()
            .rposition(|source| source.part == layered::Part::Decides);
        // A value that lies over the person's, or over where it would be.
        let above = match (own, decides) {
            (Some(own), Some(decides)) => decides > own,
            (None, Some(decides)) => {
                let source = &explanation.sources[decides];
                self.is_above(&source.origin) || source.spelling != key
            }
            _ => false,
        };
        if let (true, Some(decides), Some(value)) = (above, decides, &value) {
            let source = &explanation.sources[decides];
            let by = origin(&source.origin);
            if source.spelling == key {
                warnings.push(overridden(key, &value.to_string(), &by, &self.own));
            } else {
                warnings.push(Warning::with_remedy(
                    format!("{key} stays {value}: {by} gives the site in use a value of its own"),
                    format!("set {} instead, or take default_site away", source.spelling),
                ));
            }
        }
        if key == "verify_ssl" {
            warnings.push(Warning::with_remedy(
                "anaconda-client never looks at verify_ssl",
                "set ssl_verify instead",
            ));
        }
        if key == "ssl_verify" && value == Some(SettingValue::Switch(false)) {
            warnings.push(Warning::with_remedy(
                "anaconda-client checks no certificates",
                "set ssl_verify to the file with your organisation's authority",
            ));
        }
        if key == "default_site"
            && let Some(site) = self.settings.site()
            && self.settings.merged().at(&["sites", &site]).is_none()
        {
            warnings.push(Warning::with_remedy(
                format!("there is no site {site}, so that anaconda-client uses the general settings"),
                format!("set sites.{site}.url, or choose another site"),
            ));
        }
        warnings
    }

    fn is_above(&self, origin: &layered::Origin) -> bool {
        let rank = |path: &Path| {
            let of = |place: &Path| place == path || path.parent() == Some(place);
            self.settings.places().iter().position(|place| of(&place.path))
        };
        path_of(origin).and_then(rank) > rank(&self.own)
    }
}

impl Reading for AnacondaClientReading {
    fn explain(&self, key: &str) -> Result<Explained, ConfigurationError> {
        let explanation = self.settings.explain(key);
        let known = known_key(FILE, key);
        if known.is_none()
            && explanation.sources.is_empty()
            && explanation.value.is_none()
            && !is_of_a_site(key)
        {
            return Err(unknown(FILE, key));
        }
        let is_site = explanation.sources.iter().any(|source| source.spelling != key);
        Ok(Explained {
            file: FILE,
            key: key.to_owned(),
            value: explanation.value.as_ref().map(SettingValue::of_layered),
            default: explanation.default.as_ref().map(SettingValue::of_layered),
            sources: explanation.sources.iter().map(explained).collect(),
            locked_by: None,
            flags: if is_site || key == "default_site" || key == "url" {
                vec!["--site"]
            } else {
                Vec::new()
            },
            documentation: known
                .or_else(|| known_key(FILE, key.rsplit('.').next().filter(|_| is_of_a_site(key))?))
                .map(|known| known.documentation),
            hindrances: self.hindrances(key, &explanation),
        })
    }

    fn effective(&self) -> Effective {
        let mut keys = self.settings.keys();
        keys.sort();
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
        if !places.iter().any(|place| place.is_own) {
            // It takes the place of its folder, in which there is none yet.
            let folder = self.own.parent();
            let of_folder = places.iter_mut().find(|place| place.origin.path() == folder);
            if let Some(place) = of_folder {
                place.origin = Origin::File {
                    path: self.own.clone(),
                    line: None,
                };
                place.is_own = true;
            }
        }
        let warnings = self
            .settings
            .places()
            .iter()
            .filter_map(|place| match &place.state {
                State::Unused { reason, stops } => {
                    let effect = if *stops { "stops at it" } else { "leaves it out" };
                    Some(Warning::with_remedy(
                        format!("{}: {reason}; anaconda-client {effect}", place.path.display()),
                        "open it with: sextant config edit anaconda-client",
                    ))
                }
                State::Read | State::Missing => None,
            });
        Effective {
            file: FILE,
            warnings: warnings.collect(),
            settings: keys.iter().filter_map(|key| self.explain(key).ok()).collect(),
            places,
        }
    }
}

/// `sites.NAME.KEY` with a key that counts for a site.
fn is_of_a_site(key: &str) -> bool {
    let parts: Vec<&str> = key.split('.').collect();
    matches!(parts.as_slice(), ["sites", _, own] if known_key(FILE, own).is_some())
        || matches!(parts.as_slice(), ["sites", _])
}

fn explained(source: &layered::SourceValue) -> ExplainedSource {
    ExplainedSource {
        origin: origin(&source.origin),
        spelling: source.spelling.clone(),
        value: SettingValue::of_layered(&source.value),
        part: match source.part {
            layered::Part::Decides => Part::Decides,
            layered::Part::Contributes => Part::Contributes,
            layered::Part::Overridden => Part::Overridden,
        },
    }
}

pub(super) fn origin(origin: &layered::Origin) -> Origin {
    match origin {
        layered::Origin::File { path, line } => Origin::File {
            path: path.clone(),
            line: *line,
        },
        layered::Origin::Variable { name } => Origin::Variable { name: name.clone() },
    }
}

fn path_of(origin: &layered::Origin) -> Option<&Path> {
    match origin {
        layered::Origin::File { path, .. } => Some(path),
        layered::Origin::Variable { .. } => None,
    }
}
