//! Setting values of any shape, and single names inside a map.

use serde_yaml::{Mapping, Value};

use super::YamlFile;
use super::change::{Draft, Intent, Splice, indentation, obstacle};
use super::document::{Entry, Shape};
use super::error::{Refusal, YamlError};
use super::quote::{self, Place, Quotes};
use super::scalar::{append, key_source, replace_value, replace_whole, write_by_hand};

impl YamlFile {
    /// Sets a setting to a value of any shape. What stays of a list or of a map on lines of its own keeps its lines,
    /// comments and flags. Changes no byte if the value is there already.
    ///
    /// # Errors
    /// [`YamlError::Refused`] if that cannot be done without risk; nothing is changed then.
    pub fn set_value(&mut self, key: &str, value: &Value) -> Result<(), YamlError> {
        if self.value(key) == Some(value) {
            return Ok(());
        }
        match value {
            Value::String(text) => self.set_scalar(key, text),
            Value::Bool(flag) => self.set_bool(key, *flag),
            Value::Null | Value::Number(_) | Value::Tagged(_) => self.set_single(key, value, &inline(value)),
            Value::Sequence(items) => match texts(items) {
                Some(items) => self.set_list(key, &items),
                None => self.set_block(key, value),
            },
            Value::Mapping(map) => self.set_map(key, map),
        }
    }

    /// Sets what stands under a row of names: `["sites", "lab", "url"]`. Maps that are missing on the way are made.
    ///
    /// # Errors
    /// [`YamlError::Refused`], also where something else than a map stands on the way; nothing is changed then.
    pub fn set_at(&mut self, path: &[&str], value: &Value) -> Result<(), YamlError> {
        match path {
            [] => Ok(()),
            [key] => self.set_value(key, value),
            [key, rest @ ..] => {
                if self.at(path) == Some(value) {
                    return Ok(());
                }
                let mut map = match self.value(key) {
                    Some(Value::Mapping(map)) => map.clone(),
                    _ => Mapping::new(),
                };
                put(&mut map, rest, value);
                self.change_inside(key, Value::Mapping(map), |nested| nested.set_at(rest, value))
            }
        }
    }

    /// Removes what stands under a row of names, and the maps above it that would be empty then. `false` when there is
    /// nothing.
    ///
    /// # Errors
    /// [`YamlError::Refused`] if that cannot be done without risk; nothing is changed then.
    pub fn remove_at(&mut self, path: &[&str]) -> Result<bool, YamlError> {
        match path {
            [] => Ok(false),
            [key] => self.remove(key),
            [key, rest @ ..] => {
                let (Some(_), Some(Value::Mapping(map))) = (self.at(path), self.value(key)) else {
                    return Ok(false);
                };
                let mut map = map.clone();
                take(&mut map, rest);
                if map.is_empty() {
                    return self.remove(key);
                }
                self.change_inside(key, Value::Mapping(map), |nested| {
                    nested.remove_at(rest).map(|_| ())
                })?;
                Ok(true)
            }
        }
    }

    /// What stands under a row of names.
    pub fn at(&self, path: &[&str]) -> Option<&Value> {
        let (key, rest) = path.split_first()?;
        rest.iter().try_fold(self.value(key)?, |value, name| {
            value.as_mapping().and_then(|map| map.get(*name))
        })
    }

    /// Name by name where the map stands on lines of its own, as a whole otherwise.
    fn set_map(&mut self, key: &str, map: &Mapping) -> Result<(), YamlError> {
        let whole = Value::Mapping(map.clone());
        if map.is_empty() {
            return self.set_single(key, &whole, "{}");
        }
        let by_name = |nested: &mut Self| {
            let gone: Vec<String> = nested
                .keys()
                .into_iter()
                .filter(|name| !map.contains_key(*name))
                .map(str::to_owned)
                .collect();
            for name in gone {
                nested.remove(&name)?;
            }
            for (name, value) in map {
                if let Some(name) = name.as_str() {
                    nested.set_value(name, value)?;
                }
            }
            Ok(())
        };
        let mut changed = self.clone();
        // A map of other names, or in another order, is written anew.
        match changed.change_inside(key, whole.clone(), by_name) {
            Ok(()) if changed.value(key) == Some(&whole) => {
                *self = changed;
                Ok(())
            }
            _ => self.set_block(key, &whole),
        }
    }

    /// Changes the map under a key through its own lines where it has some, otherwise writes it anew.
    fn change_inside(
        &mut self,
        key: &str,
        value: Value,
        change: impl FnOnce(&mut Self) -> Result<(), YamlError>,
    ) -> Result<(), YamlError> {
        let draft = Draft::new(self);
        let Some((lines, mut nested)) = self.nested_draft(&draft, key) else {
            return self.set_block(key, &value);
        };
        let intent = self.intent(key, &value);
        if let Some(obstacle) = obstacle(&self.document, key) {
            return Err(intent.refuse(self, obstacle));
        }
        let above = draft.text[..lines.start].matches('\n').count();
        change(&mut nested).map_err(|error| within(key, above, error))?;
        let splice = Splice {
            range: lines,
            text: nested.text().to_owned(),
        };
        self.make(&intent, &draft, &[splice])
    }

    fn intent<'a>(&self, key: &'a str, value: &'a Value) -> Intent<'a> {
        Intent {
            key,
            value: Some(value),
            flag: self.flag(key),
            item_flags: match value {
                Value::Sequence(items) => vec![None; items.len()],
                _ => Vec::new(),
            },
            original: None,
            by_hand: write_by_hand(entry_source(key, value, 0, "\n").trim_end()),
        }
    }

    /// Writes the whole value on lines of its own.
    fn set_block(&mut self, key: &str, value: &Value) -> Result<(), YamlError> {
        let intent = self.intent(key, value);
        if let Some(obstacle) = obstacle(&self.document, key) {
            return Err(intent.refuse(self, obstacle));
        }
        let draft = Draft::new(self);
        let indent = indentation(&self.document);
        let candidates = match self.document.entry(key) {
            None => vec![append(
                &draft,
                &self.document,
                &entry_source(key, value, 0, draft.line_end),
            )],
            Some(entry) => self.block_candidates(&draft, entry, value, indent),
        };
        self.make(&intent, &draft, &candidates)
    }

    fn block_candidates(&self, draft: &Draft, entry: &Entry, value: &Value, indent: usize) -> Vec<Splice> {
        let below = block(value, indent + 2, draft.line_end);
        let whole = replace_whole(draft, &self.document, entry, "", &below);
        // What stands between brackets stays there.
        match entry.shape {
            Shape::FlowMap | Shape::FlowList if !is_bare(&entry.value) => {
                vec![replace_value(draft, &self.document, entry, &flow(value)), whole]
            }
            _ => vec![whole],
        }
    }
}

fn is_bare(value: &Value) -> bool {
    match value {
        Value::Sequence(items) => items.is_empty(),
        Value::Mapping(map) => map.is_empty(),
        _ => false,
    }
}

/// The error of the map inside, told of the whole file.
fn within(key: &str, above: usize, error: YamlError) -> YamlError {
    match error {
        YamlError::Refused(refusal) => YamlError::Refused(Box::new(Refusal {
            key: format!("{key}.{}", refusal.key),
            line: refusal.line.map(|line| line + above),
            ..*refusal
        })),
        other => other,
    }
}

fn put(map: &mut Mapping, path: &[&str], value: &Value) {
    let Some((name, rest)) = path.split_first() else {
        return;
    };
    if rest.is_empty() {
        map.insert(Value::from(*name), value.clone());
        return;
    }
    let mut inner = match map.get(*name) {
        Some(Value::Mapping(inner)) => inner.clone(),
        _ => Mapping::new(),
    };
    put(&mut inner, rest, value);
    map.insert(Value::from(*name), Value::Mapping(inner));
}

fn take(map: &mut Mapping, path: &[&str]) {
    match path {
        [] => {}
        [name] => {
            map.shift_remove(*name);
        }
        [name, rest @ ..] => {
            if let Some(Value::Mapping(inner)) = map.get_mut(*name) {
                take(inner, rest);
                if inner.is_empty() {
                    map.shift_remove(*name);
                }
            }
        }
    }
}

fn texts(items: &[Value]) -> Option<Vec<String>> {
    items
        .iter()
        .map(|item| match item {
            Value::String(text) => Some(text.clone()),
            _ => None,
        })
        .collect()
}

/// A single value in source.
fn inline(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(flag) => flag.to_string(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => quote::write(text, Quotes::None, Place::Block),
        Value::Tagged(tagged) => inline(&tagged.value),
        Value::Sequence(_) | Value::Mapping(_) => flow(value),
    }
}

/// A value on one line, in brackets.
fn flow(value: &Value) -> String {
    let text = |text: &str| quote::write(text, Quotes::None, Place::Flow);
    match value {
        Value::String(value) => text(value),
        Value::Sequence(items) => format!("[{}]", items.iter().map(flow).collect::<Vec<_>>().join(", ")),
        Value::Mapping(map) => {
            let entries: Vec<_> = map
                .iter()
                .map(|(name, value)| format!("{}: {}", flow(name), flow(value)))
                .collect();
            format!("{{{}}}", entries.join(", "))
        }
        other => inline(other),
    }
}

/// `key: value` on lines of its own, without the indentation of its first line.
fn entry_source(key: &str, value: &Value, indent: usize, line_end: &str) -> String {
    let key = key_source(key);
    match value {
        Value::Sequence(items) if !items.is_empty() => {
            format!("{key}:{line_end}{}", block(value, indent + 2, line_end))
        }
        Value::Mapping(map) if !map.is_empty() => {
            format!("{key}:{line_end}{}", block(value, indent + 2, line_end))
        }
        other => format!("{key}: {}{line_end}", inline(other)),
    }
}

/// The lines of a list or map.
fn block(value: &Value, indent: usize, line_end: &str) -> String {
    let spaces = " ".repeat(indent);
    let entries = |map: &Mapping, indent: usize| -> Vec<String> {
        map.iter()
            .filter_map(|(name, value)| Some(entry_source(name.as_str()?, value, indent, line_end)))
            .collect()
    };
    match value {
        Value::Mapping(map) => entries(map, indent)
            .iter()
            .map(|entry| format!("{spaces}{entry}"))
            .collect(),
        Value::Sequence(items) => items
            .iter()
            .map(|item| match item {
                Value::Mapping(map) if !map.is_empty() => {
                    let inner = format!("{spaces}  ");
                    format!("{spaces}- {}", entries(map, indent + 2).join(&inner))
                }
                other => format!("{spaces}- {}{line_end}", flow(other)),
            })
            .collect(),
        other => format!("{spaces}{}{line_end}", inline(other)),
    }
}

#[cfg(test)]
mod tests;
