//! Reading what an environment is to hold from a file: `environment.yml`, a list of addresses, a lock file, or a list of match
//! specs.
//!
//! What kind of file it is shows in its content, not in its name.

mod lines;
mod yml;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::edit::file::{self, FileError};
use crate::error::{Explain, Kind, Problem};
use crate::package::lock::{self, LockError};
use crate::service::plan::Warning;

#[derive(Debug, Clone, Error)]
pub enum ImportError {
    #[error(transparent)]
    File(#[from] FileError),
    #[error("there is no file {path}")]
    Missing { path: PathBuf },
    #[error("{path} does not tell what an environment shall hold")]
    Nonsense { path: PathBuf, reason: String },
    #[error("{path} is a list for pip")]
    ForPip { path: PathBuf, line: usize },
    #[error("{path} names no environment")]
    NoName { path: PathBuf },
    #[error("{path}: {source}")]
    Lock { path: PathBuf, source: LockError },
}

impl Explain for ImportError {
    fn explain(&self) -> Problem {
        match self {
            Self::File(error) => error.explain(),
            Self::Missing { .. } => Problem::new(Kind::Usage, self.to_string()),
            Self::Nonsense { reason, .. } => Problem::new(Kind::Usage, self.to_string())
                .because(reason.clone())
                .remedy("give an environment.yml, a list that begins with @EXPLICIT, a lock file or a list of match specs"),
            Self::ForPip { line, .. } => Problem::new(Kind::Usage, self.to_string())
                .because(format!("line {line} means something to pip only"))
                .remedy("make an environment with python and pip, and give the file to its pip"),
            Self::NoName { .. } => {
                Problem::new(Kind::Usage, self.to_string()).remedy("give one: --name NAME")
            }
            Self::Lock { source, .. } => Problem {
                message: self.to_string(),
                ..source.explain()
            },
        }
    }
}

/// What a file asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asked {
    /// Match specs, which have to be solved.
    Specs(Vec<String>),
    /// Addresses of packages, with checksums or without.
    Addresses(Vec<String>),
}

/// What a file says about an environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imported {
    pub path: PathBuf,
    /// What the file calls the environment.
    pub name: Option<String>,
    pub asked: Asked,
    /// Channels that are searched first, by name or address, without secrets.
    pub channels: Vec<String>,
    /// Whether only those are searched (`nodefaults`).
    pub only_these_channels: bool,
    /// What pip is to install, in its own words.
    pub pip: Vec<String>,
    /// What activating the environment is to set.
    pub variables: BTreeMap<String, String>,
    pub warnings: Vec<Warning>,
}

impl Imported {
    fn new(path: &Path, asked: Asked) -> Self {
        Self {
            path: path.to_owned(),
            name: None,
            asked,
            channels: Vec::new(),
            only_these_channels: false,
            pip: Vec::new(),
            variables: BTreeMap::new(),
            warnings: Vec::new(),
        }
    }
}

/// Reads a file. `expand` puts values in the place of variables in channels; `subdir` is the platform of the environment.
///
/// Errors: [`ImportError`].
pub fn read(path: &Path, expand: &dyn Fn(&str) -> String, subdir: &str) -> Result<Imported, ImportError> {
    let image = file::read(path)?.ok_or_else(|| ImportError::Missing {
        path: path.to_owned(),
    })?;
    let text = decoded(&image.bytes).ok_or_else(|| nonsense(path, "it is no text"))?;
    parse(path, &text, expand, subdir)
}

fn parse(
    path: &Path,
    text: &str,
    expand: &dyn Fn(&str) -> String,
    subdir: &str,
) -> Result<Imported, ImportError> {
    if text.lines().any(|line| line.trim() == lines::EXPLICIT) {
        return lines::addresses(path, text);
    }
    match serde_yaml::from_str::<serde_yaml::Value>(text) {
        Ok(value) if is_lock(&value) => of_lock(path, text, subdir),
        Ok(value) if value.is_mapping() => yml::parse(path, &value, expand),
        // A list of specs is one text to YAML, or none.
        _ => lines::specs(path, text),
    }
}

fn nonsense(path: &Path, reason: impl Into<String>) -> ImportError {
    ImportError::Nonsense {
        path: path.to_owned(),
        reason: reason.into(),
    }
}

/// A lock file of pixi or rattler, or of conda-lock.
fn is_lock(value: &serde_yaml::Value) -> bool {
    let has = |key: &str| value.get(key).is_some();
    has("version") && (has("packages") || has("package"))
}

fn of_lock(path: &Path, text: &str, subdir: &str) -> Result<Imported, ImportError> {
    let lock = lock::read(text, None, subdir).map_err(|source| ImportError::Lock {
        path: path.to_owned(),
        source,
    })?;
    let mut imported = Imported::new(path, Asked::Addresses(lock.packages));
    if !lock.from_source.is_empty() {
        return Err(nonsense(
            path,
            format!(
                "these have to be built from their sources first: {}",
                lock.from_source.join(", ")
            ),
        ));
    }
    imported.pip = lock.pypi;
    Ok(imported)
}

/// UTF-8, or UTF-16 as editors of Windows write it.
fn decoded(bytes: &[u8]) -> Option<String> {
    let wide = |bytes: &[u8], unit: fn([u8; 2]) -> u16| {
        let units = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
        char::decode_utf16(units).collect::<Result<String, _>>().ok()
    };
    match bytes {
        [0xff, 0xfe, rest @ ..] => wide(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => wide(rest, u16::from_be_bytes),
        [0xef, 0xbb, 0xbf, rest @ ..] => String::from_utf8(rest.to_vec()).ok(),
        bytes => String::from_utf8(bytes.to_vec()).ok(),
    }
}

#[cfg(test)]
mod tests;
