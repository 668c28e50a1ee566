//! Moving an environment: its prefix is written into many of its files, and each must name the new one.
//!
//! Which files of packages name it stands in the records; of what belongs to no package, every text may. What is to be written
//! is worked out beforehand and laid into a folder within the prefix, so that taking it into use is nothing but renames (see
//! [`Staging`]).

pub mod copy;
pub mod replace;
mod staging;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::EnvironmentError;
use super::installed::record_paths;
use crate::edit::file::FileError;
pub use staging::Staging;

/// A text that belongs to no package and is larger is none that names a prefix.
const LARGEST_TEXT: u64 = 32 * 1024 * 1024;

/// From one prefix to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Relocation {
    /// Where the files are now.
    pub prefix: PathBuf,
    /// Old and new prefix in every form in which the old one may be written down, longest first.
    forms: Vec<(Vec<u8>, Vec<u8>)>,
}

/// How a file names the prefix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Mode {
    Text,
    /// With a fixed length.
    Binary,
}

/// What takes the place of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Replacement {
    Content(Vec<u8>),
    /// A link to this target.
    Link(PathBuf),
}

#[derive(Debug, Deserialize)]
struct Record {
    #[serde(default)]
    files: Vec<String>,
    #[serde(default)]
    paths_data: Option<Paths>,
}

#[derive(Debug, Deserialize)]
struct Paths {
    #[serde(default)]
    paths: Vec<RecordedPath>,
}

#[derive(Debug, Deserialize)]
struct RecordedPath {
    #[serde(rename = "_path")]
    path: String,
    #[serde(default)]
    path_type: Option<String>,
    #[serde(default)]
    file_mode: Option<String>,
    #[serde(default)]
    prefix_placeholder: Option<String>,
}

/// What the records say about the files of packages.
#[derive(Debug, Default)]
pub struct Recorded {
    /// Every file of a package, relative to the prefix, with slashes.
    pub files: BTreeSet<String>,
    /// Those that name the prefix, or may.
    named: BTreeSet<(String, Mode)>,
}

impl Recorded {
    /// Reads all records of a prefix; damaged ones say nothing.
    ///
    /// Errors: [`EnvironmentError::NotAnEnvironment`].
    pub fn read(prefix: &Path) -> Result<Self, EnvironmentError> {
        let mut recorded = Self::default();
        for path in record_paths(prefix)? {
            let Ok(bytes) = fs::read(&path) else { continue };
            if let Ok(record) = serde_json::from_slice::<Record>(&bytes) {
                recorded.take(record);
            }
        }
        Ok(recorded)
    }

    fn take(&mut self, record: Record) {
        let paths = record.paths_data.map(|paths| paths.paths).unwrap_or_default();
        let described: BTreeSet<&str> = paths.iter().map(|path| path.path.as_str()).collect();
        for path in &paths {
            let kind = path.path_type.as_deref().unwrap_or_default();
            let is_made = kind.contains("entry_point");
            if path.prefix_placeholder.is_some() || is_made {
                let mode = match path.file_mode.as_deref() {
                    Some("binary") => Mode::Binary,
                    _ => Mode::Text,
                };
                self.named.insert((path.path.clone(), mode));
            }
        }
        // Old conda described no files: what is a text among them may name the prefix.
        for file in &record.files {
            if !described.contains(file.as_str()) {
                self.named.insert((file.clone(), Mode::Text));
            }
        }
        self.files.extend(paths.into_iter().map(|path| path.path));
        self.files.extend(record.files);
    }
}

impl Relocation {
    /// From the environment at `prefix` to `new`. Where the prefix is reached through a link, files may name either path.
    pub fn new(prefix: &Path, new: &Path) -> Self {
        let mut olds = vec![prefix.to_owned()];
        olds.extend(fs::canonicalize(prefix));
        let mut forms = Vec::new();
        for old in olds {
            let (old, new) = (old.display().to_string(), new.display().to_string());
            forms.push((old.clone(), new.clone()));
            if cfg!(windows) {
                forms.push((old.replace('\\', "/"), new.replace('\\', "/")));
                forms.push((old.replace('\\', "\\\\"), new.replace('\\', "\\\\")));
            }
        }
        forms.sort_by_key(|(old, _)| std::cmp::Reverse(old.len()));
        forms.dedup();
        Self {
            prefix: prefix.to_owned(),
            forms: forms
                .into_iter()
                .map(|(old, new)| (old.into_bytes(), new.into_bytes()))
                .collect(),
        }
    }

    /// What a text becomes; nothing where it stays.
    pub fn of_text(&self, content: &[u8]) -> Option<Vec<u8>> {
        let mut changed = None;
        for (old, new) in &self.forms {
            let present = changed.as_deref().unwrap_or(content);
            if let Some(replaced) = replace::text(present, old, new) {
                changed = Some(replaced);
            }
        }
        changed
    }

    fn of_binary(&self, content: &[u8]) -> Result<Option<Vec<u8>>, replace::ReplaceError> {
        let mut changed = None;
        for (old, new) in &self.forms {
            let present = changed.as_deref().unwrap_or(content);
            if let Some(replaced) = replace::binary(present, old, new)? {
                changed = Some(replaced);
            }
        }
        Ok(changed)
    }

    /// What a file becomes; nothing where it stays or is gone.
    ///
    /// Errors: file errors; [`EnvironmentError::PrefixTooLong`].
    fn of_file(&self, inside: &str, mode: Mode) -> Result<Option<Replacement>, EnvironmentError> {
        let path = self.prefix.join(inside);
        let Ok(metadata) = fs::symlink_metadata(&path) else {
            return Ok(None);
        };
        if metadata.is_symlink() {
            let target = fs::read_link(&path).map_err(|error| FileError::of_io(error, &path, "read"))?;
            let text = target.as_os_str().as_encoded_bytes();
            let moved = self.of_text(text).and_then(|moved| String::from_utf8(moved).ok());
            return Ok(moved.map(|target| Replacement::Link(PathBuf::from(target))));
        }
        if !metadata.is_file() {
            return Ok(None);
        }
        let content = fs::read(&path).map_err(|error| FileError::of_io(error, &path, "read"))?;
        let replaced = match mode {
            Mode::Binary => self
                .of_binary(&content)
                .map_err(|source| EnvironmentError::PrefixTooLong {
                    path: path.clone(),
                    source,
                })?,
            Mode::Text if std::str::from_utf8(&content).is_err() => None,
            Mode::Text => self.of_text(&content),
        };
        Ok(replaced.map(Replacement::Content))
    }

    /// Hands every file that names the prefix to `take`, with what it becomes. `found` hears of each file that is looked at
    /// and stops the work by saying false.
    ///
    /// Errors: file errors; [`EnvironmentError::PrefixTooLong`]; [`EnvironmentError::Cancelled`]; what `take` says.
    pub fn each(
        &self,
        found: &dyn Fn() -> bool,
        take: &mut dyn FnMut(&str, Replacement) -> Result<(), EnvironmentError>,
    ) -> Result<(), EnvironmentError> {
        let recorded = Recorded::read(&self.prefix)?;
        let mut look = |inside: &str, mode| {
            if !found() {
                return Err(EnvironmentError::Cancelled);
            }
            match self.of_file(inside, mode)? {
                Some(replacement) => take(inside, replacement),
                None => Ok(()),
            }
        };
        for (inside, mode) in &recorded.named {
            look(inside, *mode)?;
        }
        for inside in unrecorded(&self.prefix, &recorded.files, Some(LARGEST_TEXT))? {
            look(&inside, Mode::Text)?;
        }
        Ok(())
    }
}

/// Files and links that belong to no package, relative to the prefix, with slashes; neither what conda keeps in `conda-meta`
/// nor, in an installation, its packages and environments. What is larger than `largest` is left out.
///
/// Errors: file errors.
pub fn unrecorded(
    prefix: &Path,
    recorded: &BTreeSet<String>,
    largest: Option<u64>,
) -> Result<Vec<String>, EnvironmentError> {
    let mut files = Vec::new();
    let mut folders = vec![String::new()];
    while let Some(folder) = folders.pop() {
        let path = prefix.join(&folder);
        let entries = fs::read_dir(&path).map_err(|error| FileError::of_io(error, &path, "read"))?;
        for entry in entries {
            let entry = entry.map_err(|error| FileError::of_io(error, &path, "read"))?;
            // What is no text cannot be written down in a record either.
            let Ok(name) = entry.file_name().into_string() else {
                continue;
            };
            let inside = match folder.is_empty() {
                true => name,
                false => format!("{folder}/{name}"),
            };
            let Ok(metadata) = entry.metadata() else { continue };
            if metadata.is_dir() {
                if !matches!(inside.as_str(), "conda-meta" | "pkgs" | "envs")
                    && !inside.starts_with(staging::NAME)
                {
                    folders.push(inside);
                }
            } else if !recorded.contains(&inside)
                && largest.is_none_or(|largest| metadata.len() <= largest)
                && !is_compiled(&inside)
            {
                files.push(inside);
            }
        }
    }
    files.sort();
    Ok(files)
}

/// What Python has compiled, and compiles again where it is missing.
fn is_compiled(inside: &str) -> bool {
    inside.ends_with(".pyc") && inside.contains("__pycache__/")
}

#[cfg(test)]
mod tests;
