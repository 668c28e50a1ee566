//! The settings of the programs that Sextant looks after: what is in effect and where it comes from, changing one
//! setting, and editing a whole file.
//!
//! | file | rules |
//! |---|---|
//! | [`ConfigurationFile::Navigator`] | product research, section 1.6 |
//! | [`ConfigurationFile::Conda`] | repository reference, section 3 |
//! | [`ConfigurationFile::AnacondaClient`] | repository reference, section 2 |
//! | [`ConfigurationFile::Pip`] | repository reference, section 4 |
//!
//! [`check_text`], [`completions`] and [`known_keys`] are pure: they may be called at every key stroke.

mod change;
mod check;
mod completion;
mod editing;
mod error;
mod explain;
mod known;
mod reading;
mod value;

use std::fmt;

use serde::Serialize;

pub use change::SettingChange;
pub use check::{Finding, Severity, check_text};
pub use completion::{Completion, Completions, Position, completions};
pub(in crate::service) use editing::joined_lines;
pub use editing::{EditedFile, LineEnding, Marks, Saving};
pub use error::ConfigurationError;
pub use explain::{Effective, Explained, ExplainedSource, Origin, Part, Place, PlaceState};
pub use known::{KnownKey, ValueForm, known_key, known_keys};
pub use value::SettingValue;

/// A configuration that can be shown and changed. Several files may make it up; one of them is the person's own, which
/// is the one that is changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ConfigurationFile {
    /// `anaconda-navigator.ini`.
    Navigator,
    /// `.condarc`.
    Conda,
    /// `config.yaml` of anaconda-client.
    AnacondaClient,
    /// `pip.conf`, on Windows `pip.ini`.
    Pip,
}

/// How a file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Language {
    Yaml,
    Ini,
}

impl ConfigurationFile {
    pub const ALL: [Self; 4] = [Self::Navigator, Self::Conda, Self::AnacondaClient, Self::Pip];

    /// The word of the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Navigator => "navigator",
            Self::Conda => "conda",
            Self::AnacondaClient => "anaconda-client",
            Self::Pip => "pip",
        }
    }

    /// The program that reads it, as a person calls it.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Navigator => "Anaconda Navigator",
            Self::Conda => "conda",
            Self::AnacondaClient => "anaconda-client",
            Self::Pip => "pip",
        }
    }

    pub const fn language(self) -> Language {
        match self {
            Self::Navigator | Self::Pip => Language::Ini,
            Self::Conda | Self::AnacondaClient => Language::Yaml,
        }
    }
}

impl fmt::Display for ConfigurationFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.title())
    }
}
