//! Where a new environment goes.

use std::fs;
use std::path::{Path, PathBuf};

use super::error::EnvironmentChangeError;
use crate::conda::Surroundings;
use crate::conda::environment::{EnvironmentName, folders, registry, roots};
use crate::service::plan::Warning;
use crate::service::{Services, blocking};

/// How a person names an environment that is to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NewEnvironment {
    /// It goes into the first of `envs_dirs` that can be written.
    Named(String),
    /// A folder.
    At(PathBuf),
}

/// Where it will lie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    pub prefix: PathBuf,
    /// The name under which conda will know it; none where only the folder activates it.
    pub name: Option<String>,
    pub warnings: Vec<Warning>,
}

impl Target {
    /// As a person calls it: the name, or else the folder.
    pub fn shown(&self) -> String {
        match &self.name {
            Some(name) => name.clone(),
            None => self.prefix.display().to_string(),
        }
    }
}

impl Services {
    /// Where a new environment goes, by conda's rules.
    ///
    /// Errors: a name that conda does not take; an environment or a folder with files that is there already; a folder within
    /// another environment; no folder for environments that can be written.
    pub fn new_environment(&self, wanted: &NewEnvironment) -> Result<Target, EnvironmentChangeError> {
        blocking(|| match wanted {
            NewEnvironment::Named(name) => named(&self.surroundings(), name),
            NewEnvironment::At(prefix) => at(&self.surroundings(), prefix),
        })
    }
}

fn named(surroundings: &Surroundings, name: &str) -> Result<Target, EnvironmentChangeError> {
    let name = EnvironmentName::parse(name)?;
    let roots = roots(surroundings);
    let folders = folders::envs_dirs(surroundings, roots.first().map(PathBuf::as_path));
    // conda takes whatever folder of that name it finds first for the environment.
    for folder in &folders {
        check_is_free(&folder.join(name.as_str()), &name.to_string())?;
    }
    let folder = folders.iter().find(|folder| can_be_written(folder));
    let Some(folder) = folder else {
        return Err(EnvironmentChangeError::NoFolder { folders });
    };
    target(folder.join(name.as_str()), Some(name.to_string()))
}

fn at(surroundings: &Surroundings, prefix: &Path) -> Result<Target, EnvironmentChangeError> {
    if !prefix.is_absolute() {
        return Err(EnvironmentChangeError::NotAFolder {
            prefix: prefix.to_owned(),
        });
    }
    let prefix = registry::normal(prefix);
    check_is_free(&prefix, &prefix.display().to_string())?;
    let roots = roots(surroundings);
    let mut folders: Vec<PathBuf> = roots.iter().map(|root| root.join("envs")).collect();
    folders.extend(folders::envs_dirs(
        surroundings,
        roots.first().map(PathBuf::as_path),
    ));
    let name = folders::name_of(&prefix, &roots, &folders);
    if let Some(name) = &name {
        EnvironmentName::parse(name)?;
    }
    if let Some(folder) = prefix.parent()
        && !can_be_written(folder)
    {
        return Err(EnvironmentChangeError::NoFolder {
            folders: vec![folder.to_owned()],
        });
    }
    target(prefix, name)
}

fn target(prefix: PathBuf, name: Option<String>) -> Result<Target, EnvironmentChangeError> {
    let text = prefix.display().to_string();
    // `PATH` could not hold it.
    let separator = if cfg!(windows) { ';' } else { ':' };
    if text.contains(separator) || text.contains(['\n', '\r']) {
        return Err(EnvironmentChangeError::NotAFolder { prefix });
    }
    if let Some(above) = prefix.parent().filter(|above| folders::is_environment(above)) {
        return Err(EnvironmentChangeError::Nested {
            prefix: prefix.clone(),
            above: above.to_owned(),
        });
    }
    let mut warnings = Vec::new();
    if text.contains(' ') {
        warnings.push(Warning::with_remedy(
            format!("{text} holds a space, with which some packages do not work"),
            "choose a folder without spaces in its path",
        ));
    }
    Ok(Target {
        prefix,
        name,
        warnings,
    })
}

/// Nothing may be there, or only an empty folder.
pub(super) fn check_is_free(prefix: &Path, name: &str) -> Result<(), EnvironmentChangeError> {
    if folders::is_environment(prefix) {
        return Err(EnvironmentChangeError::Exists {
            name: name.to_owned(),
            prefix: prefix.to_owned(),
        });
    }
    let is_empty = match fs::symlink_metadata(prefix) {
        Err(_) => true,
        Ok(metadata) if metadata.is_dir() => {
            fs::read_dir(prefix).is_ok_and(|mut entries| entries.next().is_none())
        }
        Ok(_) => false,
    };
    match is_empty {
        true => Ok(()),
        false => Err(EnvironmentChangeError::Occupied {
            prefix: prefix.to_owned(),
        }),
    }
}

/// Whether a folder can be made there, or something in it where it is there already. Leaves no trace.
pub(super) fn can_be_written(folder: &Path) -> bool {
    let existing = folder.ancestors().find(|ancestor| ancestor.exists());
    existing.is_some_and(|existing| {
        existing.is_dir()
            && tempfile::Builder::new()
                .prefix(".sextant-")
                .tempfile_in(existing)
                .is_ok()
    })
}
