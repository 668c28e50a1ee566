//! What a single source says: one file, or the variables.

use std::collections::BTreeMap;
use std::path::Path;

use super::channel::OpaqueText;
use super::merge::{Flag, Found};
use super::setting::{Key, Shape, Value};
use super::{Platform, Surroundings};
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
    WrongKind {
        key: Key,
        spelling: String,
        line: Option<usize>,
    },
    /// The value is of the right kind, but none that the setting can have. conda stops at it.
    WrongValue {
        key: Key,
        spelling: String,
        line: Option<usize>,
        /// What it has to be, in a person's words.
        expected: String,
    },
    /// The value is a date, at which conda stops, whatever the setting.
    Date { spelling: String, line: Option<usize> },
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

/// A setting that conda does not know: shown, and not interpreted.
#[derive(Debug, Clone, PartialEq)]
pub struct Foreign {
    pub name: String,
    /// The line in the file, from 1.
    pub line: Option<usize>,
    pub value: serde_yaml::Value,
}

#[derive(Debug, Clone, Default)]
pub(super) struct Layer {
    pub settings: BTreeMap<Key, Setting>,
    pub foreign: Vec<Foreign>,
    pub flaws: Vec<Flaw>,
}

impl Layer {
    /// What the file at `path` says. Never fails: a file that cannot be used becomes a flaw.
    ///
    /// Marks such as `#!final` are seen on keys, on the items of lists, on the names of a map that stands on lines of
    /// its own, and on the items of the lists in one; those between braces are not.
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
            flaws: vec![flaw],
            ..Self::default()
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
            layer.add(key, true, |spelling| {
                let value = file.value(spelling)?;
                let found = value_of(value).map(|value| found_in_file(&file, spelling, value));
                Some((spelling.to_owned(), file.line_of(spelling), found))
            });
        }
        for name in file.keys() {
            let Some(value) = file.value(name) else { continue };
            if holds_date(value) {
                layer.flaws.push(Flaw::Date {
                    spelling: name.to_owned(),
                    line: file.line_of(name),
                });
            }
            if Key::named(name).is_none() {
                layer.foreign.push(Foreign {
                    name: name.to_owned(),
                    line: file.line_of(name),
                    value: value.clone(),
                });
            }
        }
        layer
    }

    /// What the variables `CONDA_<KEY>` say: lists are separated by commas or what else the setting says, and
    /// `!important` makes a value final. Maps cannot be given so; conda stops at them.
    pub fn of_variables(surroundings: &Surroundings) -> Self {
        let variables: BTreeMap<String, (&String, &String)> = surroundings
            .variables
            .iter()
            .filter_map(|(name, value)| Some((name.strip_prefix("CONDA_")?.to_lowercase(), (name, value))))
            .collect();
        let mut layer = Self::default();
        for key in Key::ALL {
            layer.add(key, false, |spelling| {
                let (name, value) = variables.get(spelling)?;
                let found = found_in_variable(key, value, surroundings.platform);
                Some(((*name).clone(), None, Some(found)))
            });
        }
        layer
    }

    /// Adds a setting if one of its names is there. `find` gives nothing for a name that is not there; otherwise the
    /// name as it is written, its line, and nothing for a value that cannot be one of a setting.
    fn add(
        &mut self,
        key: Key,
        in_file: bool,
        find: impl Fn(&str) -> Option<(String, Option<usize>, Option<Found>)>,
    ) {
        let mut there: Vec<_> = key
            .spellings()
            .iter()
            .filter_map(|spelling| Some((*spelling, find(spelling)?)))
            .collect();
        if there.len() > 1 {
            let spellings = there.iter().map(|(spelling, _)| (*spelling).to_owned()).collect();
            self.flaws.push(Flaw::TwoSpellings { key, spellings });
        }
        if there.is_empty() {
            return;
        }
        let (known, (spelling, line, mut found)) = there.swap_remove(0);
        // An empty list may be one of maps.
        if let Some(found) = &mut found
            && key.shape() == Shape::Records
            && found.value == Value::List(Vec::new())
        {
            found.value = Value::Records(Vec::new());
        }
        match found {
            // To conda a list or map without a value is as good as not there.
            Some(found) if found.value == Value::Null && key.shape() != Shape::Scalar => {}
            Some(found) if fits(&found.value, key.shape()) => {
                if let Some(expected) = key.refused(&found.value, in_file) {
                    self.flaws.push(Flaw::WrongValue {
                        key,
                        spelling: known.to_owned(),
                        line,
                        expected,
                    });
                }
                let setting = Setting {
                    spelling,
                    line,
                    found,
                };
                self.settings.insert(key, setting);
            }
            _ => self.flaws.push(Flaw::WrongKind {
                key,
                spelling: known.to_owned(),
                line,
            }),
        }
    }
}

fn found_in_file(file: &YamlFile, spelling: &str, value: Value) -> Found {
    let flags = |flags: Vec<Option<yaml::Flag>>| -> Vec<Option<Flag>> {
        flags.into_iter().map(|flag| flag.map(flag_of)).collect()
    };
    // Only a map that has marks at all is worth a second look.
    let inner = match value {
        Value::Map(_) => file.nested(spelling),
        _ => None,
    };
    let (item_flags, inner_flags) = match &inner {
        Some(inner) => {
            let names = inner.keys();
            (
                names.iter().map(|name| inner.flag(name)).collect(),
                names.iter().map(|name| flags(inner.item_flags(name))).collect(),
            )
        }
        None => (file.item_flags(spelling), Vec::new()),
    };
    Found {
        value,
        key_flag: file.flag(spelling).map(flag_of),
        item_flags: flags(item_flags),
        inner_flags,
    }
}

fn found_in_variable(key: Key, text: &str, platform: Platform) -> Found {
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
            let separator = key.definition().separator.character(platform);
            let items = text
                .split(separator)
                .map(str::trim)
                .filter(|item| !item.is_empty());
            Value::List(items.map(|item| OpaqueText::new(plain(item))).collect())
        }
        Shape::Scalar | Shape::Records | Shape::Map | Shape::MapOfLists | Shape::Settings => {
            Value::scalar(plain(text))
        }
    };
    Found {
        value,
        key_flag: important.then_some(Flag::Final),
        item_flags: Vec::new(),
        inner_flags: Vec::new(),
    }
}

fn fits(value: &Value, shape: Shape) -> bool {
    let scalar = |value: &Value| matches!(value, Value::Scalar(_) | Value::Null);
    match (shape, value) {
        (Shape::Scalar, value) => scalar(value),
        (Shape::List, Value::List(_)) | (Shape::Records, Value::Records(_)) => true,
        (Shape::Map, Value::Map(entries)) => entries.iter().all(|(_, value)| scalar(value)),
        (Shape::MapOfLists, Value::Map(entries)) => entries
            .iter()
            .all(|(_, value)| matches!(value, Value::List(_) | Value::Null)),
        (Shape::Settings, Value::Map(_)) => true,
        _ => false,
    }
}

/// A date or a time without quotes: no value that conda knows.
fn holds_date(value: &serde_yaml::Value) -> bool {
    use serde_yaml::Value as Yaml;
    match value {
        Yaml::Tagged(tagged) => tagged.tag == "timestamp" || holds_date(&tagged.value),
        Yaml::Sequence(items) => items.iter().any(holds_date),
        Yaml::Mapping(entries) => entries
            .iter()
            .any(|(name, value)| holds_date(name) || holds_date(value)),
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
    if let Some(items) = value.as_sequence() {
        if !items.is_empty() && items.iter().all(serde_yaml::Value::is_mapping) {
            return items
                .iter()
                .map(value_of)
                .collect::<Option<_>>()
                .map(Value::Records);
        }
        // An item without a value is the word None to conda.
        let item = |item: &serde_yaml::Value| match item.is_null() {
            true => Some("None".to_owned()),
            false => text_of(item),
        };
        let items = items.iter().map(item).collect::<Option<Vec<_>>>()?;
        return Some(Value::List(items.into_iter().map(OpaqueText::new).collect()));
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
