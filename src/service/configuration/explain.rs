//! What is in effect, and where it comes from.

use std::fmt;
use std::path::{Path, PathBuf};

use super::reading::{Planned, Reading};
use super::{ConfigurationFile, SettingValue};
use crate::service::plan::Warning;
use crate::service::{ServiceError, Services, blocking};

/// What reading the files of a program came to.
type Read = Result<Box<dyn Reading>, ServiceError>;

/// Where a value stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    File {
        path: PathBuf,
        /// From 1.
        line: Option<usize>,
    },
    /// An environment variable.
    Variable { name: String },
    /// The options of the command itself, which prevail over everything.
    CommandLine,
}

impl Origin {
    pub fn path(&self) -> Option<&Path> {
        match self {
            Self::File { path, .. } => Some(path),
            Self::Variable { .. } | Self::CommandLine => None,
        }
    }

    /// The file or the variable, without the line.
    pub fn place(&self) -> String {
        match self {
            Self::File { path, .. } => path.display().to_string(),
            Self::Variable { name } => name.clone(),
            Self::CommandLine => "the command line".to_owned(),
        }
    }

    pub fn line(&self) -> Option<usize> {
        match self {
            Self::File { line, .. } => *line,
            Self::Variable { .. } | Self::CommandLine => None,
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File {
                path,
                line: Some(line),
            } => write!(f, "line {line} of {}", path.display()),
            Self::File { path, line: None } => write!(f, "{}", path.display()),
            Self::Variable { name } => write!(f, "the environment variable {name}"),
            Self::CommandLine => f.write_str("the command line"),
        }
    }
}

/// What becomes of the value that one source gives a setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// It is the value.
    Decides,
    /// It is joined with those of other sources.
    Contributes,
    /// A source of higher precedence replaces it.
    Overridden,
    /// A source of lower precedence has marked the setting `#!final`.
    ShutOut,
    /// The program does not use it, for the reason that is given: a broken file, a name that nothing reads.
    Ignored,
}

/// The value one source gives a setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExplainedSource {
    pub origin: Origin,
    /// The name under which the setting stands there.
    pub spelling: String,
    /// As it is written, variables not expanded.
    pub value: SettingValue,
    pub part: Part,
}

/// What a setting is in effect, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explained {
    pub file: ConfigurationFile,
    /// The preferred name; of an ini file `section.option`.
    pub key: String,
    /// What the program uses, variables expanded; its default where no source has the setting. Nothing where there is
    /// neither.
    pub value: Option<SettingValue>,
    /// What the program uses where no source has the setting, as far as it is known.
    pub default: Option<SettingValue>,
    /// Lowest precedence first; empty where the default applies.
    pub sources: Vec<ExplainedSource>,
    /// The source that keeps every higher one from counting: `#!final`, in a variable `!important`.
    pub locked_by: Option<Origin>,
    /// Options of the program's own command line that prevail over every source, such as `--channel`.
    pub flags: Vec<&'static str>,
    /// One line about the setting; none for one that Sextant does not know.
    pub documentation: Option<&'static str>,
    /// Why the person's own file has no effect on this setting, or not the whole, and what to do about it.
    pub hindrances: Vec<Warning>,
}

/// Whether the program reads what lies at a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PlaceState {
    Read,
    /// There is nothing.
    Missing,
    /// Something is there that the program passes over or stumbles over.
    Unused {
        reason: String,
    },
}

/// One place in the order in which the program reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    pub origin: Origin,
    /// Whom it is for, in a person's words: "everybody on this machine".
    pub scope: &'static str,
    pub state: PlaceState,
    /// It is the file that [`Services::plan_set`] and the editor change.
    pub is_own: bool,
}

/// A whole configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Effective {
    pub file: ConfigurationFile,
    /// Every place, lowest precedence first.
    pub places: Vec<Place>,
    /// Every setting that some source has, by name.
    pub settings: Vec<Explained>,
    /// What keeps sources from being used: broken files, two spellings.
    pub warnings: Vec<Warning>,
}

impl Explained {
    /// The source that prevails: of a single value the one that decides, otherwise the highest that contributes.
    pub fn decided_by(&self) -> Option<&ExplainedSource> {
        self.sources.iter().rev().find(|source| source.wins())
    }
}

impl ExplainedSource {
    /// Whether the value has any effect.
    pub fn wins(&self) -> bool {
        matches!(self.part, Part::Decides | Part::Contributes)
    }
}

impl Services {
    /// The person's own file: the one that [`Services::plan_set`] and the editor change. It need not exist.
    ///
    /// Errors: what Sextant remembers of its sign-ins cannot be read.
    pub fn configuration_path(&self, file: ConfigurationFile) -> Result<PathBuf, ServiceError> {
        blocking(|| self.own_file(file, None))
    }

    /// What a setting is in effect. `key` may be any of its names, for an ini file the option alone where its section is
    /// the usual one (`main`, `global`), and one name of a map behind a dot (`proxy_servers.https`).
    ///
    /// Errors: [`ConfigurationError::UnknownKey`](super::ConfigurationError) for a name that neither Sextant knows nor
    /// any source has.
    pub fn explain(&self, file: ConfigurationFile, key: &str) -> Result<Explained, ServiceError> {
        let reading = blocking(|| self.reading(file, None))?;
        Ok(reading.explain(key)?)
    }

    /// Several settings, each file's sources being read once: what Preferences ask for.
    pub fn explain_all(&self, keys: &[(ConfigurationFile, &str)]) -> Vec<Result<Explained, ServiceError>> {
        let mut read: Vec<(ConfigurationFile, Read)> = Vec::new();
        keys.iter()
            .map(|(file, key)| {
                if !read.iter().any(|(known, _)| known == file) {
                    read.push((*file, blocking(|| self.reading(*file, None))));
                }
                let reading = read.iter().find(|(known, _)| known == file);
                match reading {
                    Some((_, Ok(reading))) => Ok(reading.explain(key)?),
                    Some((_, Err(error))) => Err(error.clone()),
                    None => Err(ServiceError::Internal("a configuration was not read".to_owned())),
                }
            })
            .collect()
    }

    /// The whole configuration. What cannot be read becomes a warning.
    ///
    /// Errors: what Sextant remembers of its sign-ins cannot be read.
    pub fn effective(&self, file: ConfigurationFile) -> Result<Effective, ServiceError> {
        Ok(blocking(|| self.reading(file, None))?.effective())
    }

    /// What a setting will be once the file at `path` holds `content`.
    pub(super) fn explain_planned(
        &self,
        file: ConfigurationFile,
        planned: &Planned<'_>,
        keys: &[String],
    ) -> Result<Vec<Explained>, ServiceError> {
        let reading = blocking(|| self.reading(file, Some(planned)))?;
        Ok(keys.iter().filter_map(|key| reading.explain(key).ok()).collect())
    }
}
