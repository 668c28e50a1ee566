//! A setting in a `.condarc`.

use std::path::Path;

use serde_yaml::Value;

use super::value;
use super::wrong;
use crate::conda::channel::OpaqueText;
use crate::conda::setting::{Form, Key, Shape, Value as CondaValue};
use crate::edit::yaml::YamlFile;
use crate::service::ServiceError;
use crate::service::configuration::reading::unknown;
use crate::service::configuration::{ConfigurationError, ConfigurationFile};

/// The file with the setting changed where it stands, under whatever name it has there.
pub(super) fn changed(
    path: &Path,
    bytes: Option<&[u8]>,
    key: &str,
    value: Option<&str>,
) -> Result<Vec<u8>, ServiceError> {
    let in_file = ServiceError::in_condarc(path);
    let mut file = match bytes {
        Some(bytes) => YamlFile::parse(bytes).map_err(&in_file)?,
        None => YamlFile::empty(),
    };
    let (setting, names) = resolve(&file, path, key)?;
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    match value {
        Some(text) => {
            let value = value_of(setting, key, names.len() > 1, text)?;
            file.set_at(&names, &value).map_err(&in_file)?;
        }
        None => {
            file.remove_at(&names).map_err(&in_file)?;
        }
    }
    Ok(file.bytes())
}

/// The setting, if conda knows it, and the names under which it stands in this file.
fn resolve(
    file: &YamlFile,
    path: &Path,
    key: &str,
) -> Result<(Option<Key>, Vec<String>), ConfigurationError> {
    if let Some(known) = Key::named(key) {
        return Ok((Some(known), vec![spelling(file, path, known)?]));
    }
    if let Some((map, name)) = key.split_once('.')
        && let Some(known) = Key::named(map)
        && matches!(known.shape(), Shape::Map | Shape::MapOfLists | Shape::Settings)
        && !name.is_empty()
    {
        return Ok((Some(known), vec![spelling(file, path, known)?, name.to_owned()]));
    }
    // What conda does not know may be another program's, but then it stands there already.
    match file.value(key) {
        Some(_) => Ok((None, vec![key.to_owned()])),
        None => Err(unknown(ConfigurationFile::Conda, key)),
    }
}

fn spelling(file: &YamlFile, path: &Path, key: Key) -> Result<String, ConfigurationError> {
    let there: Vec<&str> = key
        .spellings()
        .iter()
        .copied()
        .filter(|spelling| file.value(spelling).is_some())
        .collect();
    match there.as_slice() {
        [] => Ok(key.name().to_owned()),
        [spelling] => Ok((*spelling).to_owned()),
        _ => Err(ConfigurationError::TwoSpellings {
            path: path.to_owned(),
            key: there.join(" and "),
        }),
    }
}

/// The value as it is written into the file.
fn value_of(key: Option<Key>, name: &str, inside: bool, text: &str) -> Result<Value, ConfigurationError> {
    let Some(key) = key else {
        return Ok(value::whole(text).unwrap_or_else(|| value::single(text)));
    };
    let definition = key.definition();
    let texts = |items: Vec<String>| Value::Sequence(items.into_iter().map(Value::String).collect());
    let value = match (definition.shape, inside) {
        (Shape::Scalar, _) => {
            let value = single(definition.form, text);
            let read = match &value {
                Value::Null => CondaValue::Null,
                Value::String(text) => CondaValue::scalar(text),
                _ => CondaValue::scalar(text.trim()),
            };
            if let Some(expected) = key.refused(&read, true) {
                return Err(wrong(name, text, expected));
            }
            value
        }
        (Shape::List, _) => {
            let items = value::list(text).ok_or_else(|| wrong(name, text, "a list such as [a, b]"))?;
            let read = CondaValue::List(items.iter().map(OpaqueText::new).collect());
            if let Some(expected) = key.refused(&read, true) {
                return Err(wrong(name, text, expected));
            }
            texts(items)
        }
        (Shape::MapOfLists, true) => {
            texts(value::list(text).ok_or_else(|| wrong(name, text, "a list such as [a, b]"))?)
        }
        (Shape::Map, true) => match definition.form {
            Form::TextOrNothing if matches!(text.trim(), "null" | "~" | "") => Value::Null,
            _ => Value::String(text.to_owned()),
        },
        (Shape::Settings, true) => value::whole(text).unwrap_or_else(|| value::single(text)),
        (Shape::Records, _) => {
            let expected = "a list of maps such as [{channel: my-channel, auth: my-plugin}]";
            let value = value::whole(text).ok_or_else(|| wrong(name, text, expected))?;
            let fits = value.as_sequence().is_some_and(|records| {
                records
                    .iter()
                    .all(|record| record.as_mapping().is_some_and(|map| map.contains_key("channel")))
            });
            fits.then_some(value).ok_or_else(|| wrong(name, text, expected))?
        }
        (Shape::Map | Shape::MapOfLists | Shape::Settings, false) => {
            let expected = "a map such as {name: value}, or a single name of it behind a dot";
            let value = value::whole(text).ok_or_else(|| wrong(name, text, expected))?;
            let fits = value.as_mapping().is_some_and(|map| {
                map.iter().all(|(name, value)| {
                    name.is_string()
                        && match definition.shape {
                            Shape::Map => !value.is_sequence() && !value.is_mapping(),
                            Shape::MapOfLists => value.is_sequence(),
                            _ => true,
                        }
                })
            });
            fits.then_some(value).ok_or_else(|| wrong(name, text, expected))?
        }
    };
    Ok(value)
}

fn single(form: Form, text: &str) -> Value {
    let text = text.trim();
    let is_nothing = matches!(text, "null" | "~");
    let switch = || value::switch(text).map(Value::Bool);
    match form {
        Form::SwitchOrNothing | Form::TextOrNothing if is_nothing => Value::Null,
        Form::Switch | Form::SwitchOrNothing => switch().unwrap_or_else(|| value::single(text)),
        Form::SwitchOrText => match text {
            "0" | "1" => value::single(text),
            _ => switch().unwrap_or_else(|| Value::String(text.to_owned())),
        },
        Form::Whole | Form::Decimal | Form::SwitchOrWhole | Form::SwitchOrWord(_) => value::single(text),
        Form::Text | Form::TextOrNothing | Form::Word(_) | Form::Member(_) => Value::String(text.to_owned()),
    }
}
