//! What a single source says: one file, or the variables.

use std::collections::BTreeMap;
use std::path::Path;

use super::Surroundings;
use super::channel::OpaqueText;
use super::merge::{Flag, Found};
use super::setting::{Key, Shape, Value};
use crate::edit::file;
use crate::edit::yaml::{self, YamlError, YamlFile};

/// One setting in one source.
#[derive(Debug, Clone)]
pub(super) struct Setting {
    /// Under which of its names it stands there.
    pub spelling: String,
    /// The line in the file, from 1.
    pub line: Option<usize>,
    pub found: Found,
}

/// Why what a source says about a setting, or all it says, does not count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Flaw {
    /// The file cannot be opened. conda stops at it.
    Unreadable { cause: String },
    /// The file cannot be understood.
    Broken { cause: String, reaction: Reaction },
    /// The setting stands in one source under two of its names. conda stops at it.
    TwoSpellings { key: Key, spellings: Vec<String> },
    /// The value is of another kind than the setting takes. conda stops at it.
    WrongKind { key: Key, spelling: String },
}

/// What conda does with a broken file (repository reference, section 0, finding 6).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reaction {
    /// It warns and goes on without the file.
    Ignores,
    /// Every conda command fails.
    Stops,
    /// One or the other.
    Unknown,
}

impl Reaction {
    fn to(error: &YamlError) -> Self {
        match error {
            YamlError::Tab { .. } | YamlError::NulByte { .. } | YamlError::ForbiddenCharacter { .. } => {
                Self::Ignores
            }
            YamlError::NotUtf8 { .. }
            | YamlError::SeveralDocuments { .. }
            | YamlError::DuplicateKey { .. } => Self::Stops,
            _ => Self::Unknown,
        }
    }
}

#[derive(Debug, Clone, Default)]
pub(super) struct Layer {
    pub settings: BTreeMap<Key, Setting>,
    pub flaws: Vec<Flaw>,
}

impl Layer {
    /// What the file at `path` says. Never fails: a file that cannot be used becomes a flaw.
    ///
    /// A `#!final` on a single name of a map, and marks inside a list of `custom_multichannels`, are not seen;
    /// those on keys and on the items of lists are.
    pub fn read(path: &Path) -> Self {
        match file::read(path) {
            Ok(image) => Self::parse(&image.map(|image| image.bytes).unwrap_or_default()),
            Err(error) => Self::flawed(Flaw::Unreadable {
                cause: error.to_string(),
            }),
        }
    }

    fn flawed(flaw: Flaw) -> Self {
        Self {
            settings: BTreeMap::new(),
            flaws: vec![flaw],
        }
    }

    pub fn parse(bytes: &[u8]) -> Self {
        let file = match YamlFile::parse(bytes) {
            Ok(file) => file,
            Err(error) => {
                let reaction = Reaction::to(&error);
                return Self::flawed(Flaw::Broken {
                    cause: error.to_string(),
                    reaction,
                });
            }
        };
        let mut layer = Self::default();
        for key in Key::ALL {
            layer.add(key, |spelling| {
                let value = file.value(spelling)?;
                Some(value_of(value).map(|value| {
                    Setting {
                        spelling: spelling.to_owned(),
                        line: file.line_of(spelling),
                        found: Found {
                            value,
                            key_flag: file.flag(spelling).map(flag_of),
                            item_flags: file
                                .item_flags(spelling)
                                .into_iter()
                                .map(|flag| flag.map(flag_of))
                                .collect(),
                        },
                    }
                }))
            });
        }
        layer
    }

    /// What the variables `CONDA_<KEY>` say: lists are separated by commas, and `!important` makes a value
    /// final. Maps cannot be given so; conda stops at them.
    pub fn of_variables(surroundings: &Surroundings) -> Self {
        let variables: BTreeMap<String, (&String, &String)> = surroundings
            .variables
            .iter()
            .filter_map(|(name, value)| Some((name.strip_prefix("CONDA_")?.to_lowercase(), (name, value))))
            .collect();
        let mut layer = Self::default();
        for key in Key::ALL {
            layer.add(key, |spelling| {
                let (name, value) = variables.get(spelling)?;
                let setting = Setting {
                    spelling: (*name).clone(),
                    line: None,
                    found: found_in_variable(key, value),
                };
                Some(Some(setting))
            });
        }
        layer
    }

    /// Adds a setting if one of its names is there. `find` gives nothing for a name that is not there, and
    /// nothing inside for a value that cannot be one of a setting.
    fn add(&mut self, key: Key, find: impl Fn(&str) -> Option<Option<Setting>>) {
        let mut there: Vec<_> = key
            .spellings()
            .iter()
            .filter_map(|s| Some((*s, find(s)?)))
            .collect();
        if there.len() > 1 {
            let spellings = there.iter().map(|(spelling, _)| (*spelling).to_owned()).collect();
            self.flaws.push(Flaw::TwoSpellings { key, spellings });
        }
        if there.is_empty() {
            return;
        }
        let (spelling, setting) = there.swap_remove(0);
        match setting {
            // To conda a list or map without a value is as good as not there.
            Some(setting) if setting.found.value == Value::Null && key.shape() != Shape::Scalar => {}
            Some(setting) if fits(&setting.found.value, key.shape()) => {
                self.settings.insert(key, setting);
            }
            _ => self.flaws.push(Flaw::WrongKind {
                key,
                spelling: spelling.to_owned(),
            }),
        }
    }
}

fn found_in_variable(key: Key, text: &str) -> Found {
    let important = text.contains("!important");
    // Of several values only the part before the mark counts, in each item of a list.
    let plain = |text: &str| {
        text.split("!important")
            .next()
            .unwrap_or_default()
            .trim()
            .to_owned()
    };
    let value = match key.shape() {
        Shape::List => {
            let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
            Value::List(items.map(|item| OpaqueText::new(plain(item))).collect())
        }
        Shape::Scalar | Shape::Map | Shape::MapOfLists => Value::scalar(plain(text)),
    };
    Found {
        value,
        key_flag: important.then_some(Flag::Final),
        item_flags: Vec::new(),
    }
}

fn fits(value: &Value, shape: Shape) -> bool {
    let scalar = |value: &Value| matches!(value, Value::Scalar(_) | Value::Null);
    match (shape, value) {
        (Shape::Scalar, value) => scalar(value),
        (Shape::List, Value::List(_)) => true,
        (Shape::Map, Value::Map(entries)) => entries.iter().all(|(_, value)| scalar(value)),
        (Shape::MapOfLists, Value::Map(entries)) => entries
            .iter()
            .all(|(_, value)| matches!(value, Value::List(_) | Value::Null)),
        _ => false,
    }
}

/// A YAML value as a setting's value; nothing for one that no setting here can have.
fn value_of(value: &serde_yaml::Value) -> Option<Value> {
    if value.is_null() {
        return Some(Value::Null);
    }
    if let Some(text) = text_of(value) {
        return Some(Value::scalar(text));
    }
    if value.is_sequence() {
        return items_of(value).map(|items| Value::List(items.into_iter().map(OpaqueText::new).collect()));
    }
    let entries = value.as_mapping()?;
    let entry = |(name, value)| Some((text_of(name)?, value_of(value)?));
    entries
        .iter()
        .map(entry)
        .collect::<Option<Vec<_>>>()
        .map(Value::Map)
}

/// The items of a list of texts.
pub(super) fn items_of(value: &serde_yaml::Value) -> Option<Vec<String>> {
    value.as_sequence()?.iter().map(text_of).collect()
}

/// A text, number or switch as text.
pub(super) fn text_of(value: &serde_yaml::Value) -> Option<String> {
    if let Some(text) = value.as_str() {
        return Some(text.to_owned());
    }
    if let Some(switch) = value.as_bool() {
        return Some(switch.to_string());
    }
    value
        .is_number()
        .then(|| {
            serde_yaml::to_string(value)
                .ok()
                .map(|text| text.trim().to_owned())
        })
        .flatten()
}

fn flag_of(flag: yaml::Flag) -> Flag {
    match flag {
        yaml::Flag::Final => Flag::Final,
        yaml::Flag::Top => Flag::Top,
        yaml::Flag::Bottom => Flag::Bottom,
    }
}
