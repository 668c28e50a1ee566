//! Settings that several files make up together, each with the place it comes from.

use std::fmt;
use std::path::PathBuf;

use crate::secret::mask_text;

/// A value of such a file. `Debug` masks tokens and passwords.
#[derive(Clone, PartialEq, Eq)]
pub enum Value {
    /// `null`, or nothing behind the name.
    Nothing,
    Switch(bool),
    /// In the spelling of the file.
    Number(String),
    Text(String),
    List(Vec<Value>),
    /// In the order of the file.
    Map(Vec<(String, Value)>),
}

impl Value {
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// What stands under a row of names.
    pub fn at(&self, path: &[&str]) -> Option<&Self> {
        path.iter().try_fold(self, |value, name| match value {
            Self::Map(entries) => entries
                .iter()
                .find_map(|(known, value)| (known == name).then_some(value)),
            _ => None,
        })
    }

    /// The names of everything in it that is no map, each with the names above it, joined by dots.
    pub fn leaves(&self) -> Vec<String> {
        let mut leaves = Vec::new();
        if let Self::Map(entries) = self {
            for (name, value) in entries {
                match value {
                    Self::Map(inner) if !inner.is_empty() => {
                        leaves.extend(value.leaves().into_iter().map(|leaf| format!("{name}.{leaf}")));
                    }
                    _ => leaves.push(name.clone()),
                }
            }
        }
        leaves
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing => f.write_str("Nothing"),
            Self::Switch(switch) => f.debug_tuple("Switch").field(switch).finish(),
            Self::Number(number) => f.debug_tuple("Number").field(number).finish(),
            Self::Text(text) => f.debug_tuple("Text").field(&mask_text(text)).finish(),
            Self::List(items) => f.debug_tuple("List").field(items).finish(),
            Self::Map(entries) => f.debug_tuple("Map").field(entries).finish(),
        }
    }
}

/// Where a value stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    File {
        path: PathBuf,
        /// From 1.
        line: Option<usize>,
    },
    Variable {
        name: String,
    },
}

/// What becomes of the value that one source gives a setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    Decides,
    /// Joined with those of other sources.
    Contributes,
    /// A source of higher precedence replaces it.
    Overridden,
}

/// The value that one source gives a setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceValue {
    pub origin: Origin,
    /// The name under which the setting stands there.
    pub spelling: String,
    pub value: Value,
    pub part: Part,
}

/// What a setting is in effect, and where it comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// Nothing where neither a source nor the program itself has a value.
    pub value: Option<Value>,
    pub default: Option<Value>,
    /// Lowest precedence first.
    pub sources: Vec<SourceValue>,
}

/// Whether the program reads what lies at a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    Read,
    Missing,
    /// It passes over what is there, or stumbles over it, for this reason.
    Unused {
        reason: String,
        /// Every command of the program fails.
        stops: bool,
    },
}

/// A place in the order in which a program reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    pub path: PathBuf,
    /// Whom it is for.
    pub scope: Scope,
    pub state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Everybody on this machine.
    Machine,
    /// Everybody who uses the base installation of conda.
    Installation,
    /// One person.
    Person,
    /// The active environment.
    Environment,
    /// What a variable names.
    Named,
}
