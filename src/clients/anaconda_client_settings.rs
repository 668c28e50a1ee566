//! What anaconda-client's files say together (repository reference, sections 2.1 and 2.2).
//!
//! Every file ending in `.yml` or `.yaml` in the folders of its search path is read; a later one prevails key by key,
//! maps are joined at every depth, and the map of the site in use lies over all of it.

use std::fs;
use std::path::{Path, PathBuf};

use super::anaconda_client::config_folders;
use super::configuration::files_in;
use super::layered::{Explanation, Origin, Part, Place, Scope, SourceValue, State, Value};
use super::machine::Machine;
use crate::edit::yaml::YamlError;
use crate::edit::yaml::tree::{Node, NodeKind, tree};

const DEFAULT_URL: &str = "https://api.anaconda.org";

/// One file as it was read.
#[derive(Debug, Clone)]
struct Layer {
    path: PathBuf,
    root: Node,
}

/// All files, read once.
#[derive(Debug, Clone)]
pub struct AnacondaClientSettings {
    places: Vec<Place>,
    layers: Vec<Layer>,
}

impl AnacondaClientSettings {
    /// Reads every file. Never fails: one that cannot be used becomes a place with a reason.
    pub fn read(machine: &Machine) -> Self {
        Self::read_with(machine, None)
    }

    /// The settings as they will be once the file at `path` holds `content`.
    pub fn planned(machine: &Machine, path: &Path, content: &[u8]) -> Self {
        Self::read_with(machine, Some((path, content)))
    }

    fn read_with(machine: &Machine, planned: Option<(&Path, &[u8])>) -> Self {
        let mut settings = Self {
            places: Vec::new(),
            layers: Vec::new(),
        };
        for (folder, scope) in folders(machine) {
            let mut files = files_in(&folder, is_yaml);
            if let Some((path, _)) = planned
                && path.parent() == Some(&folder)
                && !files.iter().any(|known| known == path)
            {
                files.push(path.to_owned());
            }
            if files.is_empty() {
                settings.add(folder, scope, State::Missing);
                continue;
            }
            for path in files {
                // A file that is named twice keeps its first place.
                if settings.places.iter().any(|place| place.path == path) {
                    continue;
                }
                let content = match planned {
                    Some((changed, content)) if changed == path => Ok(content.to_vec()),
                    _ => fs::read(&path).map_err(|error| error.to_string()),
                };
                let state = match content {
                    Ok(content) => settings.take(&path, &content),
                    Err(reason) => State::Unused { reason, stops: false },
                };
                settings.add(path, scope, state);
            }
        }
        settings
    }

    fn add(&mut self, path: PathBuf, scope: Scope, state: State) {
        if !self.places.iter().any(|place| place.path == path) {
            self.places.push(Place { path, scope, state });
        }
    }

    fn take(&mut self, path: &Path, content: &[u8]) -> State {
        let unused = |reason: String, stops| State::Unused { reason, stops };
        match tree(content) {
            Ok(Some(root)) => match (tagged(&root), &root.kind) {
                (Some(line), _) => unused(
                    format!("line {line} has a tag that anaconda-client does not accept"),
                    false,
                ),
                (None, NodeKind::Map(_)) => {
                    let below = self.merged_files();
                    if let Some(name) = clash(&below, &value_of(&root)) {
                        return unused(format!("{name} is a map here and none further down"), true);
                    }
                    self.layers.push(Layer {
                        path: path.to_owned(),
                        root,
                    });
                    State::Read
                }
                _ if root.is_nothing() => State::Read,
                _ => unused("it is no map of settings".to_owned(), true),
            },
            Ok(None) => State::Read,
            Err(error) => unused(reason(&error), false),
        }
    }

    /// The places of the search path, lowest precedence first: files, and folders in which there is none.
    pub fn places(&self) -> &[Place] {
        &self.places
    }

    /// The names of the settings that some file has, those inside maps with the names above them.
    pub fn keys(&self) -> Vec<String> {
        let mut keys: Vec<String> = Vec::new();
        for layer in &self.layers {
            for key in value_of(&layer.root).leaves() {
                if !keys.contains(&key) {
                    keys.push(key);
                }
            }
        }
        keys
    }

    /// The site in use, which is laid over everything else.
    pub fn site(&self) -> Option<String> {
        match self.merged_files().at(&["default_site"])? {
            Value::Text(site) if !site.is_empty() => Some(site.clone()),
            Value::Number(site) => Some(site.clone()),
            _ => None,
        }
    }

    /// Everything that is in effect, with the defaults, as `anaconda config --show` has it.
    pub fn merged(&self) -> Value {
        let mut whole = self.merged_files();
        if let Some(own) = self.site().and_then(|site| whole.at(&["sites", &site]).cloned()) {
            lay_over(&mut whole, own);
        }
        whole
    }

    fn merged_files(&self) -> Value {
        let mut whole = defaults();
        for layer in &self.layers {
            lay_over(&mut whole, value_of(&layer.root));
        }
        whole
    }

    /// What a setting is in effect; `key` is its name with the names above it, joined by dots.
    pub fn explain(&self, key: &str) -> Explanation {
        let path: Vec<&str> = key.split('.').collect();
        let mut found: Vec<(Origin, String, Value)> = Vec::new();
        let mut look = |spelled: &[&str]| {
            for layer in &self.layers {
                if let Some((line, value)) = node_at(&layer.root, spelled) {
                    let origin = Origin::File {
                        path: layer.path.clone(),
                        line: Some(line),
                    };
                    found.push((origin, spelled.join("."), value));
                }
            }
        };
        look(&path);
        // The site in use lies over the general settings.
        if let Some(site) = self.site()
            && path[0] != "sites"
        {
            let of_site: Vec<&str> = ["sites", &site].into_iter().chain(path.iter().copied()).collect();
            look(&of_site);
        }
        let last_single = found
            .iter()
            .rposition(|(.., value)| !matches!(value, Value::Map(_)));
        let count = found.len();
        let sources = found
            .into_iter()
            .enumerate()
            .map(|(at, (origin, spelling, value))| SourceValue {
                origin,
                spelling,
                part: match (&value, last_single) {
                    (_, Some(single)) if at < single => Part::Overridden,
                    (Value::Map(_), _) => Part::Contributes,
                    _ if at + 1 == count => Part::Decides,
                    _ => Part::Overridden,
                },
                value,
            })
            .collect();
        Explanation {
            value: self.merged().at(&path).cloned(),
            default: defaults().at(&path).cloned(),
            sources,
        }
    }
}

fn is_yaml(name: &str) -> bool {
    name.ends_with(".yml") || name.ends_with(".yaml")
}

/// The file that `anaconda config --set` writes, and that is changed here.
pub fn own_file(machine: &Machine) -> PathBuf {
    match machine.folder("BINSTAR_CONFIG_DIR") {
        Some(folder) => folder.join("data/config.yaml"),
        None => machine.home().join(".continuum/anaconda-client/config.yaml"),
    }
}

/// The file that `anaconda config --set … --site` writes: that of the base installation of conda, without one the system's.
pub fn site_file(machine: &Machine) -> PathBuf {
    let folder = machine
        .installation_folder()
        .unwrap_or_else(|| machine.system("etc/anaconda-client"));
    folder.join("config.yaml")
}

fn folders(machine: &Machine) -> Vec<(PathBuf, Scope)> {
    let machine_wide = machine.site_data_folders();
    let installation = machine.installation_folder();
    let environment = machine.environment_folder();
    let system = machine.system("etc/anaconda-client");
    config_folders(machine)
        .into_iter()
        .map(|folder| {
            let scope = if Some(&folder) == installation.as_ref() {
                Scope::Installation
            } else if Some(&folder) == environment.as_ref() {
                Scope::Environment
            } else if folder == system || machine_wide.contains(&folder) {
                Scope::Machine
            } else {
                Scope::Person
            };
            (folder, scope)
        })
        .collect()
}

/// The reason without any value of the file.
fn reason(error: &YamlError) -> String {
    match error.line() {
        Some(line) => format!("line {line} is no YAML"),
        None => error.to_string(),
    }
}

fn defaults() -> Value {
    let map = |entries: Vec<(&str, Value)>| {
        let owned = entries.into_iter().map(|(name, value)| (name.to_owned(), value));
        Value::Map(owned.collect())
    };
    let site = || map(vec![("url", Value::text(DEFAULT_URL))]);
    map(vec![
        ("sites", map(vec![("anaconda", site()), ("binstar", site())])),
        ("auto_register", Value::Switch(true)),
        ("default_site", Value::Nothing),
        ("url", Value::text(DEFAULT_URL)),
        ("ssl_verify", Value::Switch(true)),
    ])
}

/// Lays one map over another, at every depth.
fn lay_over(below: &mut Value, above: Value) {
    match (&mut *below, above) {
        (Value::Map(entries), Value::Map(others)) => {
            for (key, value) in others {
                match entries.iter_mut().find(|(known, _)| *known == key) {
                    Some((_, known)) => lay_over(known, value),
                    None => entries.push((key, value)),
                }
            }
        }
        // Nothing is laid over what is no map.
        (_, Value::Map(others)) if others.is_empty() => {}
        (_, above) => *below = above,
    }
}

/// A name whose value is a map above and something else below: anaconda-client stops at it.
fn clash(below: &Value, above: &Value) -> Option<String> {
    let Value::Map(entries) = above else { return None };
    entries.iter().find_map(|(name, value)| {
        let Value::Map(_) = value else { return None };
        match below.at(&[name]) {
            Some(known @ Value::Map(_)) => clash(known, value).map(|inner| format!("{name}.{inner}")),
            Some(_) if !matches!(value, Value::Map(inner) if inner.is_empty()) => Some(name.clone()),
            _ => None,
        }
    })
}

/// Tags beyond those of YAML's own kinds that anaconda-client's reader takes.
const ACCEPTED_TAGS: [&str; 6] = ["python/unicode", "timestamp", "binary", "set", "omap", "pairs"];

/// The line of a tag that only a Python program understands.
fn tagged(node: &Node) -> Option<usize> {
    if node
        .tag
        .as_ref()
        .is_some_and(|tag| !ACCEPTED_TAGS.iter().any(|known| tag.ends_with(known)))
    {
        return Some(node.line);
    }
    let inner = node.entries().iter().flat_map(|(key, value)| [key, value]);
    node.items().iter().chain(inner).find_map(tagged)
}

/// The last of what stands under a row of names, with its line.
fn node_at(root: &Node, path: &[&str]) -> Option<(usize, Value)> {
    let mut line = root.line;
    let mut node = root;
    for name in path {
        let (key, value) = node.entries().iter().rfind(|(key, _)| key.text() == Some(name))?;
        line = key.line;
        node = value;
    }
    Some((line, value_of(node)))
}

/// A value as PyYAML reads it, by the rules of YAML 1.1; dates are left as text.
fn value_of(node: &Node) -> Value {
    match &node.kind {
        NodeKind::Scalar { text, is_plain: true } => plain(text),
        NodeKind::Scalar { text, .. } => Value::text(text),
        NodeKind::List(items) => Value::List(items.iter().map(value_of).collect()),
        NodeKind::Map(entries) => {
            let mut map: Vec<(String, Value)> = Vec::new();
            for (key, value) in entries {
                let Some(name) = key.text() else { continue };
                let value = value_of(value);
                // A key that stands there twice keeps its last value, in its first place.
                match map.iter_mut().find(|(known, _)| known == name) {
                    Some((_, known)) => *known = value,
                    None => map.push((name.to_owned(), value)),
                }
            }
            Value::Map(map)
        }
    }
}

fn plain(text: &str) -> Value {
    let lower = text.to_ascii_lowercase();
    // `yEs` is a text: only three ways to capitalise a word count.
    let counts = text == lower
        || text == text.to_ascii_uppercase()
        || text
            .get(..1)
            .is_some_and(|first| first == first.to_ascii_uppercase() && text.get(1..) == lower.get(1..));
    match lower.as_str() {
        "" | "~" => Value::Nothing,
        "null" if counts => Value::Nothing,
        "yes" | "true" | "on" if counts => Value::Switch(true),
        "no" | "false" | "off" if counts => Value::Switch(false),
        _ if is_number(text) => Value::Number(text.to_owned()),
        _ => Value::text(text),
    }
}

fn is_number(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit() || b == b'_');
    if !unsigned.starts_with(|c: char| c.is_ascii_digit()) {
        return false;
    }
    match unsigned.split_once('.') {
        Some((whole, part)) => digits(whole) && digits(part),
        None => digits(unsigned),
    }
}

#[cfg(test)]
mod tests;
