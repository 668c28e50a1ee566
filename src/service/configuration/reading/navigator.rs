//! Navigator's configuration (product research, section 1.6).

use std::path::PathBuf;

use super::{Planned, Reading, unknown};
use crate::edit::file;
use crate::locations::Platform;
use crate::navigator::options::{self, NavigatorOption, OPTIONS, OptionForm};
use crate::navigator::{Literal, NavigatorFile, location};
use crate::service::configuration::{
    ConfigurationError, ConfigurationFile, Effective, Explained, ExplainedSource, Origin, Part, Place,
    PlaceState, SettingValue,
};
use crate::service::connection::Service;
use crate::service::plan::Warning;
use crate::service::{ServiceError, Services};

const FILE: ConfigurationFile = ConfigurationFile::Navigator;
const MAIN: &str = "main";

/// A file, or why it cannot be read.
struct Copy {
    path: PathBuf,
    content: Result<Option<NavigatorFile>, String>,
}

pub(super) struct NavigatorReading {
    own: Copy,
    /// Further ones that Navigator does not read.
    copies: Vec<Copy>,
    platform: Platform,
    conda_prefix: Option<String>,
    /// The server that Sextant is signed in to.
    signed_in_to: Option<String>,
}

/// Section and option of a key; the section is `main` where none is named.
pub(in crate::service::configuration) fn split(key: &str) -> (&str, String) {
    let (section, option) = key.split_once('.').unwrap_or((MAIN, key));
    (section, option.to_lowercase())
}

impl NavigatorReading {
    pub(super) fn read(
        services: &Services,
        own: PathBuf,
        planned: Option<&Planned<'_>>,
    ) -> Result<Self, ServiceError> {
        let locations = services.locations();
        let found = location::find(
            &locations.home,
            |name| locations.variable(name).map(str::to_owned),
            locations.platform,
            std::path::Path::exists,
        );
        let generation = services.navigator_generation();
        let read = |path: PathBuf| {
            let bytes = match planned {
                Some(planned) if planned.path == path => Ok(Some(planned.content.to_vec())),
                _ => file::read(&path)
                    .map(|image| image.map(|image| image.bytes))
                    .map_err(|error| error.to_string()),
            };
            let content = bytes.and_then(|bytes| {
                bytes
                    .map(|bytes| match NavigatorFile::parse(&bytes) {
                        Ok(file) => Ok(file.with_generation(generation)),
                        Err(error) => Err(error.to_string()),
                    })
                    .transpose()
            });
            Copy { path, content }
        };
        let copies = found.copies.into_iter().filter(|copy| *copy != own).map(&read);
        Ok(Self {
            copies: copies.collect(),
            own: read(own),
            platform: locations.platform,
            conda_prefix: locations.variable("CONDA_PREFIX").map(str::to_owned),
            signed_in_to: services
                .connections()?
                .of(Service::Server)
                .map(|connection| connection.domain.clone()),
        })
    }

    fn default(&self, option: &NavigatorOption) -> Option<SettingValue> {
        let default = match (option.name, option.default) {
            ("enable_high_dpi_scaling", _) => Literal::Bool(self.platform != Platform::Linux),
            ("default_env", _) => Literal::Bare(self.conda_prefix.clone()?),
            (_, default) => Literal::read(default?),
        };
        Some(SettingValue::of_literal(&default, false))
    }

    /// The names under which the option stands in a file, the one that counts first.
    fn spellings(file: &NavigatorFile, section: &str, name: &str) -> Vec<String> {
        let Some(known) = options::known(section, name) else {
            let is_there = file.option(section, name).is_some();
            return is_there.then(|| name.to_owned()).into_iter().collect();
        };
        let mut there: Vec<String> = known
            .names()
            .filter(|name| file.option(section, name).is_some())
            .map(str::to_owned)
            .collect();
        // Of two names that of the generation in use counts.
        if there.len() > 1 && file.generation() == crate::navigator::Generation::TeamEdition {
            there.reverse();
        }
        there
    }

    fn sources(&self, section: &str, name: &str, is_secret: bool) -> Vec<ExplainedSource> {
        let mut sources = Vec::new();
        for copy in &self.copies {
            if let Ok(Some(file)) = &copy.content {
                for spelling in Self::spellings(file, section, name) {
                    sources.extend(source(copy, file, section, &spelling, is_secret, Part::Ignored));
                }
            }
        }
        if let Ok(Some(file)) = &self.own.content {
            let spellings = Self::spellings(file, section, name);
            for (at, spelling) in spellings.iter().enumerate().rev() {
                let part = if at == 0 { Part::Decides } else { Part::Overridden };
                sources.extend(source(&self.own, file, section, spelling, is_secret, part));
            }
        }
        sources
    }

    fn hindrances(
        &self,
        known: Option<&NavigatorOption>,
        sources: &[ExplainedSource],
        literal: Option<&Literal>,
    ) -> Vec<Warning> {
        let mut warnings: Vec<Warning> = self.unreadable().into_iter().collect();
        for copy in sources.iter().filter(|source| source.part == Part::Ignored) {
            warnings.push(Warning::with_remedy(
                format!(
                    "{} says something too, but Navigator does not read it",
                    copy.origin
                ),
                "remove that file; it is left from an older Navigator",
            ));
        }
        if let Some(known) = known {
            let refused = literal.and_then(|literal| known.refused(literal));
            warnings.extend(refused.map(|expected| {
                Warning::with_remedy(
                    format!(
                        "{} is not {expected}, and Navigator may not start with it",
                        known.name
                    ),
                    format!("give {expected}"),
                )
            }));
            if let (true, Some(domain)) = (known.name == "anaconda_server_api_url", &self.signed_in_to) {
                warnings.push(Warning::with_remedy(
                    format!("you are signed in to {domain}; its domain cannot be changed"),
                    "sign out first: sextant sign-out",
                ));
            }
            if known.name == "ssl_verification" && literal == Some(&Literal::Bool(false)) {
                warnings.push(Warning::with_remedy(
                    "Navigator checks no certificates",
                    "set ssl_certificate to the file with your organisation's authority",
                ));
            }
        }
        warnings
    }

    fn unreadable(&self) -> Option<Warning> {
        let reason = self.own.content.as_ref().err()?;
        Some(Warning::with_remedy(
            format!("{}: {reason}", self.own.path.display()),
            "open it with: sextant config edit navigator",
        ))
    }
}

fn source(
    copy: &Copy,
    file: &NavigatorFile,
    section: &str,
    spelling: &str,
    is_secret: bool,
    part: Part,
) -> Option<ExplainedSource> {
    Some(ExplainedSource {
        origin: Origin::File {
            path: copy.path.clone(),
            line: file.line_of_option(section, spelling),
        },
        spelling: format!("{section}.{spelling}"),
        value: SettingValue::of_literal(&file.option(section, spelling)?, is_secret),
        part,
    })
}

/// Names that look like those of a secret, in options that are not known.
fn looks_secret(name: &str) -> bool {
    name.ends_with("token") || name.contains("password") || name.contains("secret")
}

impl Reading for NavigatorReading {
    fn explain(&self, key: &str) -> Result<Explained, ConfigurationError> {
        let (section, name) = split(key);
        let known = options::known(section, &name);
        let is_secret = match known {
            Some(known) => known.form == OptionForm::Secret,
            None => looks_secret(&name),
        };
        let sources = self.sources(section, &name, is_secret);
        if known.is_none() && sources.is_empty() {
            return Err(unknown(FILE, &format!("{section}.{name}")));
        }
        let default = known.and_then(|known| self.default(known));
        let decides = sources.iter().rev().find(|source| source.part == Part::Decides);
        let literal = match &self.own.content {
            Ok(Some(file)) => Self::spellings(file, section, &name)
                .first()
                .and_then(|spelling| file.option(section, spelling)),
            _ => None,
        };
        Ok(Explained {
            file: FILE,
            key: format!("{section}.{}", known.map_or(name.as_str(), |known| known.name)),
            value: decides
                .map(|source| source.value.clone())
                .or_else(|| default.clone()),
            default,
            hindrances: self.hindrances(known, &sources, literal.as_ref()),
            sources,
            locked_by: None,
            flags: Vec::new(),
            documentation: known.map(|known| known.documentation),
        })
    }

    fn effective(&self) -> Effective {
        let mut keys: Vec<String> = Vec::new();
        if let Ok(Some(file)) = &self.own.content {
            for (section, name, _) in file.entries() {
                let name = options::known(section, name).map_or(name, |known| known.name);
                let key = format!("{section}.{name}");
                if !keys.contains(&key) {
                    keys.push(key);
                }
            }
        }
        let place = |copy: &Copy, is_own: bool| Place {
            origin: Origin::File {
                path: copy.path.clone(),
                line: None,
            },
            scope: "you",
            state: match (&copy.content, is_own) {
                (Err(reason), _) => PlaceState::Unused {
                    reason: reason.clone(),
                },
                (_, false) => PlaceState::Unused {
                    reason: "a copy of an older Navigator".to_owned(),
                },
                (Ok(None), true) => PlaceState::Missing,
                (Ok(Some(_)), true) => PlaceState::Read,
            },
            is_own,
        };
        let copies = self.copies.iter().map(|copy| place(copy, false));
        Effective {
            file: FILE,
            places: copies.chain([place(&self.own, true)]).collect(),
            settings: keys.iter().filter_map(|key| self.explain(key).ok()).collect(),
            warnings: self.unreadable().into_iter().collect(),
        }
    }
}

/// Every option that is known, for what can be chosen from.
pub(in crate::service::configuration) fn known_options() -> &'static [NavigatorOption] {
    &OPTIONS
}
