//! What conda's files and variables say together (repository reference, sections 3.1 and 3.2).

use std::fmt;
use std::path::{Path, PathBuf};

use super::Surroundings;
use super::channel::ChannelPriority;
use super::layer::{Flaw, Foreign, Layer, Reaction};
use super::merge::{self, Flag};
use super::search_path::{IgnoredCondarc, Scope, Source, search_path_with};
use super::setting::{Key, Shape, Value};

/// Where a value stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    File {
        path: PathBuf,
        scope: Scope,
        /// From 1.
        line: Option<usize>,
    },
    Variable {
        name: String,
    },
}

impl Origin {
    pub fn path(&self) -> Option<&Path> {
        match self {
            Self::File { path, .. } => Some(path),
            Self::Variable { .. } => None,
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File {
                path,
                line: Some(line),
                ..
            } => write!(f, "line {line} of {}", path.display()),
            Self::File { path, line: None, .. } => write!(f, "{}", path.display()),
            Self::Variable { name } => write!(f, "the environment variable {name}"),
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
}

/// The value one source gives a setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceValue {
    pub origin: Origin,
    /// The name under which the setting stands there.
    pub spelling: String,
    /// As it is written, variables not expanded.
    pub value: Value,
    /// The marks on the items of a list, one for each.
    pub item_flags: Vec<Option<Flag>>,
    pub part: Part,
}

impl SourceValue {
    /// Whether the value has any effect.
    pub fn wins(&self) -> bool {
        matches!(self.part, Part::Decides | Part::Contributes)
    }
}

/// What a setting is in effect, and where it comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    pub key: Key,
    /// What conda uses, variables expanded; its default where no source has the setting.
    pub value: Value,
    /// Lowest precedence first; empty where the default applies.
    pub sources: Vec<SourceValue>,
    /// The source that shuts out every higher one by `#!final`, or in a variable by `!important`.
    pub locked_by: Option<Origin>,
}

impl Explanation {
    /// The source that prevails: of a single value the one that decides, otherwise the highest that contributes.
    pub fn decided_by(&self) -> Option<&SourceValue> {
        self.sources.iter().rev().find(|source| source.wins())
    }

    /// Where everything stands that has a part in the value.
    pub fn contributors(&self) -> Vec<Origin> {
        let winning = self.sources.iter().filter(|source| source.wins());
        winning.map(|source| source.origin.clone()).collect()
    }
}

/// Something in a source that keeps conda from using it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    pub origin: Origin,
    pub flaw: Flaw,
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let origin = &self.origin;
        match &self.flaw {
            Flaw::Unreadable { cause } => {
                write!(f, "{origin} cannot be read ({cause}), and conda stops at it")
            }
            Flaw::Broken { cause, reaction } => {
                let reaction = match reaction {
                    Reaction::Ignores => "ignores it",
                    Reaction::Stops => "stops at it",
                    Reaction::Unknown => "ignores it or stops at it",
                };
                write!(f, "{origin} cannot be understood ({cause}), and conda {reaction}")
            }
            Flaw::TwoSpellings { key, spellings } => {
                write!(
                    f,
                    "{key} is set in {origin} under two names ({}), and conda stops at it",
                    spellings.join(", ")
                )
            }
            Flaw::WrongKind { key, .. } => {
                write!(
                    f,
                    "{key} in {origin} is not {}, and conda stops at it",
                    kind(key.shape())
                )
            }
            Flaw::WrongValue { key, expected, .. } => {
                write!(f, "{key} in {origin} is not {expected}, and conda stops at it")
            }
            Flaw::Date { spelling, .. } => {
                write!(
                    f,
                    "{spelling} in {origin} holds a date without quotes, and conda stops at it"
                )
            }
        }
    }
}

/// What a value of this shape is called.
const fn kind(shape: Shape) -> &'static str {
    match shape {
        Shape::Scalar => "a single value",
        Shape::List => "a list",
        Shape::Records => "a list of maps, which only a file can give",
        Shape::Map | Shape::MapOfLists | Shape::Settings => "a map, which only a file can give",
    }
}

/// A setting of one source that conda does not know.
#[derive(Debug, Clone, PartialEq)]
pub struct ForeignSetting {
    pub origin: Origin,
    pub setting: Foreign,
}

/// All of conda's sources, read once.
#[derive(Clone)]
pub struct Configuration {
    surroundings: Surroundings,
    layers: Vec<(Source, Layer)>,
    ignored_condarc: Option<IgnoredCondarc>,
}

impl Configuration {
    /// Reads every source. Never fails: a file that is broken or cannot be read becomes one of the [`notes`].
    ///
    /// [`notes`]: Self::notes
    pub fn read(surroundings: &Surroundings) -> Self {
        Self::read_with(surroundings, &[])
    }

    /// The configuration as it will be once the file at `path` holds `content`.
    pub fn planned(surroundings: &Surroundings, path: &Path, content: &[u8]) -> Self {
        Self::read_with(surroundings, &[(path, content)])
    }

    /// The same for several files, of which only the first may be new.
    pub fn planned_files(surroundings: &Surroundings, planned: &[(&Path, &[u8])]) -> Self {
        Self::read_with(surroundings, planned)
    }

    fn read_with(surroundings: &Surroundings, planned: &[(&Path, &[u8])]) -> Self {
        let search_path = search_path_with(surroundings, planned.first().map(|(path, _)| *path));
        let layer = |source: &Source| match source {
            Source::Variables => Layer::of_variables(surroundings),
            Source::File { path, .. } => match planned.iter().find(|(changed, _)| changed == path) {
                Some((_, content)) => Layer::parse(content),
                None => Layer::read(path),
            },
        };
        Self {
            surroundings: surroundings.clone(),
            layers: search_path
                .sources
                .into_iter()
                .map(|source| (source.clone(), layer(&source)))
                .collect(),
            ignored_condarc: search_path.ignored_condarc,
        }
    }

    pub(super) fn surroundings(&self) -> &Surroundings {
        &self.surroundings
    }

    /// The sources that were read, lowest precedence first.
    pub fn sources(&self) -> impl Iterator<Item = &Source> {
        self.layers.iter().map(|(source, _)| source)
    }

    /// The value of `CONDARC` when it names something conda does not read.
    pub fn ignored_condarc(&self) -> Option<&IgnoredCondarc> {
        self.ignored_condarc.as_ref()
    }

    /// What in the sources keeps conda from using them.
    pub fn notes(&self) -> Vec<Note> {
        let notes = |(source, layer): &(Source, Layer)| -> Vec<Note> {
            let note = |flaw: &Flaw| Note {
                origin: flaw_origin(source, flaw),
                flaw: flaw.clone(),
            };
            layer.flaws.iter().map(note).collect()
        };
        self.layers.iter().flat_map(notes).collect()
    }

    /// The settings that some source has, of those that conda knows.
    pub fn set_keys(&self) -> Vec<Key> {
        let set = |key: &Key| {
            self.layers
                .iter()
                .any(|(_, layer)| layer.settings.contains_key(key))
        };
        Key::ALL.into_iter().filter(set).collect()
    }

    /// The settings of files that conda does not know, lowest precedence first.
    pub fn foreign(&self) -> Vec<ForeignSetting> {
        let foreign = |(source, layer): &(Source, Layer)| -> Vec<ForeignSetting> {
            let setting = |setting: &Foreign| ForeignSetting {
                origin: origin(source, &setting.name, setting.line),
                setting: setting.clone(),
            };
            layer.foreign.iter().map(setting).collect()
        };
        self.layers.iter().flat_map(foreign).collect()
    }

    /// What conda makes of a value of this setting: with the variables in it expanded where it expands them.
    pub fn in_effect(&self, key: Key, value: &Value) -> Value {
        match key.expands_variables() {
            true => self.expanded(value),
            false => value.clone(),
        }
    }

    /// The value with the variables in it expanded.
    pub(super) fn expanded(&self, value: &Value) -> Value {
        value.map_texts(&|text: &str| self.surroundings.expand_variables(text))
    }

    /// How conda treats a package that several channels have.
    pub fn channel_priority(&self) -> ChannelPriority {
        let value = self.explain(Key::ChannelPriority).value;
        let text = value.as_text().map(|text| text.expose().trim().to_lowercase());
        let named = text.and_then(|text| ChannelPriority::named(&text));
        named.unwrap_or(match value.as_switch() {
            Some(false) => ChannelPriority::Disabled,
            Some(true) | None => ChannelPriority::Flexible,
        })
    }

    /// What a setting is in effect, and which source has which part in it.
    pub fn explain(&self, key: Key) -> Explanation {
        let settings: Vec<_> = self
            .layers
            .iter()
            .filter_map(|(source, layer)| Some((source, layer.settings.get(&key)?)))
            .collect();
        let found: Vec<_> = settings
            .iter()
            .map(|(_, setting)| setting.found.clone())
            .collect();
        let relevant = merge::relevant(&found);
        let locked = found
            .iter()
            .position(|found| found.key_flag == Some(merge::Flag::Final));
        let part = |at: usize| match key.shape() {
            _ if at >= relevant => Part::ShutOut,
            Shape::Scalar if at + 1 == relevant => Part::Decides,
            Shape::Scalar => Part::Overridden,
            Shape::List | Shape::Records | Shape::Map | Shape::MapOfLists | Shape::Settings => {
                Part::Contributes
            }
        };
        let origins: Vec<_> = settings
            .iter()
            .map(|(source, setting)| origin(source, &setting.spelling, setting.line))
            .collect();
        let merged = merge::merge(key.shape(), &found);
        let value = merged.unwrap_or_else(|| key.default_value(self.surroundings.platform));
        let expand = |text: &str| self.surroundings.expand_variables(text);
        Explanation {
            key,
            value: if key.expands_variables() {
                value.map_texts(&expand)
            } else {
                value
            },
            locked_by: locked.map(|at| origins[at].clone()),
            sources: settings
                .iter()
                .zip(origins)
                .enumerate()
                .map(|(at, ((_, setting), origin))| SourceValue {
                    origin,
                    spelling: setting.spelling.clone(),
                    value: setting.found.value.clone(),
                    item_flags: setting.found.item_flags.clone(),
                    part: part(at),
                })
                .collect(),
        }
    }
}

fn origin(source: &Source, spelling: &str, line: Option<usize>) -> Origin {
    match source {
        Source::File { path, scope } => Origin::File {
            path: path.clone(),
            scope: *scope,
            line,
        },
        Source::Variables => Origin::Variable {
            name: spelling.to_owned(),
        },
    }
}

fn flaw_origin(source: &Source, flaw: &Flaw) -> Origin {
    let (names, line) = match flaw {
        Flaw::TwoSpellings { spellings, .. } => (spellings.clone(), None),
        Flaw::WrongKind { spelling, line, .. }
        | Flaw::WrongValue { spelling, line, .. }
        | Flaw::Date { spelling, line } => (vec![spelling.clone()], *line),
        Flaw::Unreadable { .. } | Flaw::Broken { .. } => (Vec::new(), None),
    };
    let variables: Vec<_> = names
        .iter()
        .map(|name| format!("CONDA_{}", name.to_uppercase()))
        .collect();
    origin(source, &variables.join(" and "), line)
}

#[cfg(test)]
mod tests;
