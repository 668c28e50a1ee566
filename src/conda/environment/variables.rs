//! `conda-meta/state`: the environment variables that activating an environment sets.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use super::{EnvironmentError, meta};
use crate::edit::file;

/// What conda writes in the place of a value that was taken out.
const UNSET: &str = "***unset***";

/// The mode of a new file, before the umask of most systems.
const ORDINARY: u32 = 0o644;

/// The file of a prefix.
pub fn path(prefix: &Path) -> PathBuf {
    meta(prefix).join("state")
}

/// The variables of an environment; none where the file is missing or damaged.
///
/// Errors: file errors.
pub fn read(prefix: &Path) -> Result<BTreeMap<String, String>, EnvironmentError> {
    let state = state(prefix)?;
    let set = state.get("env_vars").and_then(Value::as_object);
    Ok(set
        .into_iter()
        .flatten()
        .filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())))
        .filter(|(_, value)| value != UNSET)
        .collect())
}

/// Sets variables; others stay.
///
/// Errors: file errors.
pub fn set(prefix: &Path, variables: &BTreeMap<String, String>) -> Result<(), EnvironmentError> {
    if variables.is_empty() {
        return Ok(());
    }
    let mut state = state(prefix)?;
    let set = state
        .entry("env_vars")
        .or_insert_with(|| Value::Object(Map::new()));
    if !set.is_object() {
        *set = Value::Object(Map::new());
    }
    if let Some(set) = set.as_object_mut() {
        for (name, value) in variables {
            set.insert(name.clone(), value.as_str().into());
        }
    }
    let text = Value::Object(state).to_string();
    Ok(file::write(&path(prefix), text.as_bytes(), ORDINARY)?)
}

fn state(prefix: &Path) -> Result<Map<String, Value>, EnvironmentError> {
    let image = file::read(&path(prefix))?;
    let state = image.and_then(|image| serde_json::from_slice(&image.bytes).ok());
    Ok(state.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conda::fixture::Machine;

    #[test]
    fn variables_are_set_beside_what_is_there() {
        let machine = Machine::linux().file("e/conda-meta/history", "").file(
            "e/conda-meta/state",
            r#"{"env_vars": {"A": "1", "GONE": "***unset***"}, "other": 3}"#,
        );
        let prefix = machine.path("e");
        let variables = |pairs: &[(&str, &str)]| -> BTreeMap<String, String> {
            pairs
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect()
        };
        assert_eq!(read(&prefix).unwrap(), variables(&[("A", "1")]));
        set(&prefix, &variables(&[("B", "x y")])).unwrap();
        assert_eq!(read(&prefix).unwrap(), variables(&[("A", "1"), ("B", "x y")]));
        let text = std::fs::read_to_string(path(&prefix)).unwrap();
        assert_eq!(
            text,
            r#"{"env_vars":{"A":"1","GONE":"***unset***","B":"x y"},"other":3}"#
        );

        let damaged = Machine::linux().file("e/conda-meta/state", "[");
        assert!(read(&damaged.path("e")).unwrap().is_empty());
    }
}
