//! What a single source says: one file, or the variables.

use std::collections::BTreeMap;
use std::path::Path;

use super::Surroundings;
use super::channel::OpaqueText;
use super::merge::{Flag, Found};
use super::setting::{Key, Shape, Value};

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
    /// The file is no YAML that can be understood. conda ignores it or stops at it, depending on the fault.
    Broken { cause: String },
    /// The setting stands in one source under two of its names. conda stops at it.
    TwoSpellings { key: Key, spellings: Vec<String> },
    /// The value is of another kind than the setting takes. conda stops at it.
    WrongKind { key: Key, spelling: String },
}

#[derive(Debug, Clone, Default)]
pub(super) struct Layer {
    pub settings: BTreeMap<Key, Setting>,
    pub flaws: Vec<Flaw>,
}

impl Layer {
    /// What the file at `path` says. Never fails: a file that cannot be used becomes a flaw.
    pub fn read(path: &Path) -> Self {
        match std::fs::read(path) {
            Ok(bytes) => Self::parse(&bytes),
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
        match serde_yaml::from_slice::<serde_yaml::Mapping>(bytes) {
            Ok(map) => Self::collect(|spelling| {
                let value = map.get(spelling)?;
                Some((None, value_of(value), None, Vec::new()))
            }),
            Err(error) => Self::flawed(Flaw::Broken {
                cause: error.to_string(),
            }),
        }
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

    fn collect(
        entry: impl Fn(&str) -> Option<(Option<usize>, Option<Value>, Option<Flag>, Vec<Option<Flag>>)>,
    ) -> Self {
        let mut layer = Self::default();
        for key in Key::ALL {
            layer.add(key, |spelling| {
                let (line, value, key_flag, item_flags) = entry(spelling)?;
                Some(value.map(|value| {
                    let found = Found {
                        value,
                        key_flag,
                        item_flags,
                    };
                    Setting {
                        spelling: spelling.to_owned(),
                        line,
                        found,
                    }
                }))
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
    if let Some(items) = value.as_sequence() {
        let items: Option<Vec<_>> = items
            .iter()
            .map(|item| text_of(item).map(OpaqueText::new))
            .collect();
        return items.map(Value::List);
    }
    let entries = value.as_mapping()?;
    let entry = |(name, value)| Some((text_of(name)?, value_of(value)?));
    entries
        .iter()
        .map(entry)
        .collect::<Option<Vec<_>>>()
        .map(Value::Map)
}

fn text_of(value: &serde_yaml::Value) -> Option<String> {
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
