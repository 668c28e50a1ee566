//! `environment.yml`, as conda reads it.

use std::path::Path;

use serde_yaml::Value;

use super::{Asked, ImportError, Imported, nonsense};
use crate::conda::channel::ChannelEntry;
use crate::conda::environment::match_spec::MatchSpec;
use crate::service::plan::Warning;

/// Says that only the channels of the file are searched.
const NO_DEFAULTS: &str = "nodefaults";

const KEYS: [&str; 5] = ["name", "channels", "dependencies", "variables", "prefix"];

pub(super) fn parse(
    path: &Path,
    value: &Value,
    expand: &dyn Fn(&str) -> String,
) -> Result<Imported, ImportError> {
    let mut imported = Imported::new(path, Asked::Specs(Vec::new()));
    let entries = value.as_mapping().into_iter().flatten();
    let unknown: Vec<&str> = entries
        .filter_map(|(key, _)| key.as_str())
        .filter(|key| !KEYS.contains(key))
        .collect();
    if !unknown.is_empty() {
        imported.warnings.push(Warning::new(format!(
            "{} in {} means nothing to conda and is left out",
            unknown.join(", "),
            path.display()
        )));
    }
    // What conda exports of an environment without a name has its folder there.
    let name = text_at(path, value, "name")?;
    imported.name = name.filter(|name| !name.is_empty() && !name.contains(['/', '\\']));
    text_at(path, value, "prefix")?;
    imported.channels(path, value.get("channels"), expand)?;
    imported.variables(path, value.get("variables"))?;
    imported.dependencies(path, value.get("dependencies"))?;
    Ok(imported)
}

fn text_at(path: &Path, value: &Value, key: &str) -> Result<Option<String>, ImportError> {
    match value.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(Value::Number(number)) => Ok(Some(number.to_string())),
        Some(_) => Err(nonsense(path, format!("{key} is no text"))),
    }
}

fn list<'a>(path: &Path, value: Option<&'a Value>, key: &str) -> Result<&'a [Value], ImportError> {
    match value {
        None | Some(Value::Null) => Ok(&[]),
        Some(Value::Sequence(items)) => Ok(items),
        Some(_) => Err(nonsense(path, format!("{key} is no list"))),
    }
}

impl Imported {
    fn channels(
        &mut self,
        path: &Path,
        value: Option<&Value>,
        expand: &dyn Fn(&str) -> String,
    ) -> Result<(), ImportError> {
        for item in list(path, value, "channels")? {
            let Some(text) = item.as_str() else {
                return Err(nonsense(path, "a channel is no text"));
            };
            if text == NO_DEFAULTS {
                self.only_these_channels = true;
                continue;
            }
            let channel = match ChannelEntry::from_text(&expand(text)) {
                ChannelEntry::Url(url) => {
                    if url.has_secret() {
                        self.warnings.push(Warning::with_remedy(
                            format!("the login in the address of {} is not taken over", url.public()),
                            "sign in to that server if its packages are not open to everybody",
                        ));
                    }
                    url.public()
                }
                entry => entry.expose().into_owned(),
            };
            if !self.channels.contains(&channel) {
                self.channels.push(channel);
            }
        }
        Ok(())
    }

    fn variables(&mut self, path: &Path, value: Option<&Value>) -> Result<(), ImportError> {
        let entries = match value {
            None | Some(Value::Null) => return Ok(()),
            Some(Value::Mapping(entries)) => entries,
            Some(_) => return Err(nonsense(path, "variables are no names with values")),
        };
        for (name, value) in entries {
            let Some(name) = name.as_str() else {
                return Err(nonsense(path, "the name of a variable is no text"));
            };
            let value = match value {
                Value::String(text) => text.clone(),
                Value::Number(number) => number.to_string(),
                // As Python writes them.
                Value::Bool(true) => "True".to_owned(),
                Value::Bool(false) => "False".to_owned(),
                _ => return Err(nonsense(path, format!("the value of {name} is no text"))),
            };
            if name == "PATH" {
                self.warnings
                    .push(Warning::new("the variable PATH is left out: activating sets it"));
                continue;
            }
            self.variables.insert(name.to_owned(), value);
        }
        Ok(())
    }

    fn dependencies(&mut self, path: &Path, value: Option<&Value>) -> Result<(), ImportError> {
        if value.is_none() {
            return Err(nonsense(path, "it has no dependencies"));
        }
        let mut specs = Vec::new();
        for item in list(path, value, "dependencies")? {
            match item {
                Value::String(spec) => specs.push(spec.trim().to_owned()),
                Value::Mapping(entries) => {
                    for (installer, packages) in entries {
                        self.others(path, installer.as_str().unwrap_or_default(), packages)?;
                    }
                }
                _ => {
                    return Err(nonsense(
                        path,
                        "a dependency is neither a match spec nor a list for pip",
                    ));
                }
            }
        }
        let has_pip = specs.iter().any(|spec| MatchSpec::parse(spec).name() == "pip");
        if !self.pip.is_empty() && !has_pip {
            specs.push("pip".to_owned());
        }
        self.asked = Asked::Specs(specs);
        Ok(())
    }

    fn others(&mut self, path: &Path, installer: &str, packages: &Value) -> Result<(), ImportError> {
        if installer != "pip" {
            return Err(nonsense(
                path,
                format!("{installer} is nothing that conda installs with"),
            ));
        }
        for package in list(path, Some(packages), "pip")? {
            let Some(package) = package.as_str() else {
                return Err(nonsense(path, "a package for pip is no text"));
            };
            self.pip.push(package.trim().to_owned());
        }
        Ok(())
    }
}
