//! An option in pip's file: changed where it stands, in the spelling it has there (repository reference, section 4.2).

use std::path::Path;

use super::{value, wrong};
use crate::clients::pip_settings::{self, is_list, normal};
use crate::edit::ini::IniFile;
use crate::service::ServiceError;
use crate::service::configuration::Severity;
use crate::service::configuration::reading::{split_pip, unknown};
use crate::service::configuration::{
    ConfigurationError, ConfigurationFile, ValueForm, check_text, known_key,
};

const FILE: ConfigurationFile = ConfigurationFile::Pip;

pub(super) fn changed(
    path: &Path,
    bytes: Option<&[u8]>,
    key: &str,
    value: Option<&str>,
) -> Result<Vec<u8>, ServiceError> {
    let (section, option) = split_pip(key);
    let mut file = match bytes {
        Some(bytes) => parse(path, bytes)?,
        None => IniFile::empty(),
    };
    // pip takes both spellings; a second one beside the first would stop it.
    let there = file
        .entries()
        .find(|(known, name, _)| *known == section && normal(name) == option)
        .map(|(_, name, _)| name.to_owned());
    if known_key(FILE, &option).is_none() && there.is_none() {
        return Err(unknown(FILE, &format!("{section}.{option}")).into());
    }
    let spelling = there.unwrap_or_else(|| option.clone());
    let refused = |error: crate::edit::ini::IniError| ConfigurationError::NotEditable {
        path: path.to_owned(),
        reason: error.to_string(),
    };
    match value {
        Some(text) => {
            let value = value_of(&format!("{section}.{option}"), &option, text)?;
            file.set(section, &spelling, &value).map_err(refused)?;
        }
        None => {
            file.remove(section, &spelling).map_err(refused)?;
        }
    }
    Ok(file.bytes())
}

/// The file, unless pip would stop at it.
fn parse(path: &Path, bytes: &[u8]) -> Result<IniFile, ConfigurationError> {
    let broken = |reason: String| {
        let text = String::from_utf8_lossy(bytes);
        let findings: Vec<_> = check_text(FILE, &text)
            .into_iter()
            .filter(|finding| finding.severity == Severity::Error)
            .collect();
        match findings.first() {
            Some(first) => ConfigurationError::Broken {
                path: path.to_owned(),
                finding: Box::new(first.clone()),
                findings: findings.clone(),
            },
            None => ConfigurationError::NotEditable {
                path: path.to_owned(),
                reason,
            },
        }
    };
    pip_settings::parse(bytes).map_err(broken)
}

fn value_of(key: &str, option: &str, text: &str) -> Result<String, ConfigurationError> {
    let text = text.trim();
    if is_list(option) {
        let items: Vec<String> = if text.starts_with('[') {
            value::list(text).ok_or_else(|| wrong(key, text, "a list such as [a, b]"))?
        } else {
            // An address may hold a comma, but never white space.
            text.split_whitespace().map(str::to_owned).collect()
        };
        return Ok(match items.as_slice() {
            [] => String::new(),
            [one] => one.clone(),
            many => format!("\n{}", many.join("\n")),
        });
    }
    match known_key(FILE, option).map(|known| known.form) {
        Some(ValueForm::Switch) => value::switch(text)
            .map(|switch| switch.to_string())
            .ok_or_else(|| wrong(key, text, "true or false")),
        Some(ValueForm::Number) if text.parse::<f64>().is_err() => Err(wrong(key, text, "a number")),
        Some(ValueForm::Word(words)) if !words.contains(&text) => {
            Err(wrong(key, text, format!("one of {}", words.join(", "))))
        }
        _ => Ok(text.to_owned()),
    }
}
