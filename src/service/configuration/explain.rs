//! What is in effect, and where it comes from.

use std::path::PathBuf;

use super::{ConfigurationFile, SettingValue};
use crate::service::plan::Warning;
use crate::service::{ServiceError, Services};

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
    Unused { reason: String },
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
    pub fn configuration_path(&self, file: ConfigurationFile) -> Result<PathBuf, ServiceError>;

    /// What a setting is in effect. `key` may be any of its names, and for an ini file the option alone where its
    /// section is the usual one (`main`, `global`).
    ///
    /// Errors: [`ConfigurationError::UnknownKey`](super::ConfigurationError) for a name that neither Sextant knows nor
    /// any source has.
    pub fn explain(&self, file: ConfigurationFile, key: &str) -> Result<Explained, ServiceError>;

    /// Several settings, the sources being read once: what Preferences ask for.
    pub fn explain_all(&self, keys: &[(ConfigurationFile, &str)]) -> Vec<Result<Explained, ServiceError>>;

    /// The whole configuration. Never fails: what cannot be read becomes a warning.
    pub fn effective(&self, file: ConfigurationFile) -> Effective;
}
