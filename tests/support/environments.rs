//! A home without conda, signed in to the practice server, and what its environments hold.

#![allow(dead_code, reason = "every test uses its part")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::sandbox::Sandbox;

/// Signed in as alice, with channels of every privacy: what is private comes first.
pub fn signed_in() -> Sandbox {
    with_channels("risk-models,main")
}

/// As [`signed_in`], with these channels and no others.
pub fn with_channels(channels: &str) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.sign_in(&["--add-to-channels", channels]);
    sandbox
}

/// The folder of an environment with a name.
pub fn prefix(sandbox: &Sandbox, name: &str) -> PathBuf {
    sandbox.home().join(".conda/envs").join(name)
}

/// The versions of the packages of an environment, as its own files say.
pub fn versions(prefix: &Path) -> BTreeMap<String, String> {
    let meta = fs::read_dir(prefix.join("conda-meta"));
    let meta = meta.unwrap_or_else(|error| panic!("{}: {error}", prefix.display()));
    meta.map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .map(|path| {
            let record: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
            let text = |key: &str| record[key].as_str().unwrap().to_owned();
            (text("name"), text("version"))
        })
        .collect()
}

/// The names in a list of an answer, such as `install`.
pub fn names(list: &Value) -> Vec<&str> {
    let list = list.as_array().unwrap_or_else(|| panic!("no list: {list}"));
    list.iter().map(|one| one["name"].as_str().unwrap()).collect()
}

/// The keys of an object, in order of the alphabet.
pub fn keys(object: &Value) -> Vec<&str> {
    let object = object
        .as_object()
        .unwrap_or_else(|| panic!("no object: {object}"));
    let mut keys: Vec<&str> = object.keys().map(String::as_str).collect();
    keys.sort_unstable();
    keys
}

/// Every file below a folder.
pub fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = fs::read_dir(&folder) else {
            continue;
        };
        for entry in entries.map(Result::unwrap) {
            match entry.file_type().unwrap() {
                kind if kind.is_dir() => folders.push(entry.path()),
                kind if kind.is_file() => found.push(entry.path()),
                _ => {}
            }
        }
    }
    found.sort();
    found
}
