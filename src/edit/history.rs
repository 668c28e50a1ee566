//! What Sextant changed, when, and how it was before: the ground of every undo.
//!
//! Layout: `entries/<id>.json` and `content/<digest of the masked bytes>`, all readable by the owner alone.
//! No secret is ever in it (see [`super::snapshot`]).

use std::fs;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::file::{self, FileError, Image, PRIVATE};
use super::snapshot::{self, SnapshotError};
use crate::error::{Explain, Kind, Problem};
use crate::secret::Secret;

#[derive(Debug, Clone, Error)]
pub enum HistoryError {
    #[error(transparent)]
    File(#[from] FileError),
    #[error("there is no history entry {0}")]
    Unknown(String),
    #[error("the history entry {id} is damaged")]
    Damaged { id: String, reason: String },
    #[error("an earlier version of {path} cannot be brought back whole")]
    Incomplete { path: PathBuf, source: SnapshotError },
}

impl Explain for HistoryError {
    fn explain(&self) -> Problem {
        match self {
            Self::File(error) => error.explain(),
            Self::Unknown(_) => {
                Problem::new(Kind::Usage, self.to_string()).remedy("list the entries: sextant history")
            }
            Self::Damaged { reason, .. } => {
                Problem::new(Kind::File, self.to_string()).because(reason.clone())
            }
            Self::Incomplete { source, .. } => Problem::new(Kind::Conflict, self.to_string())
                .because(source.to_string())
                .remedy("edit the file by hand; its other lines are in the history"),
        }
    }
}

/// One version of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Version {
    /// Of the true content, secrets included: tells whether a file is still this version.
    pub digest: String,
    /// Of the masked content: its name in the store.
    pub content: String,
    pub mode: Option<u32>,
    /// Names in the credential store of the secrets that the content refers to by number.
    pub kept: Vec<String>,
}

/// A file before and after a change; `None` where there was, or is, no file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileVersions {
    pub path: PathBuf,
    pub before: Option<Version>,
    pub after: Option<Version>,
}

/// One change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    pub id: String,
    pub at: Timestamp,
    /// Who made it; `sextant` for our own.
    pub by: String,
    /// The use case, for programs: `sign-in`, `sign-out`, `channels`, `domain`, `undo`.
    pub kind: String,
    /// The use case in a person's words.
    pub what: String,
    pub files: Vec<FileVersions>,
    /// The entry that this one undid.
    #[serde(default)]
    pub undoes: Option<String>,
}

/// The store.
#[derive(Debug, Clone)]
pub struct History {
    folder: PathBuf,
}

impl History {
    pub fn new(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// Puts a content away. The secrets that must come back one day are returned under the names by which the
    /// caller has to store them *before* the entry is recorded. `owner` makes the names unique.
    pub fn keep(
        &self,
        owner: &str,
        image: &Image,
        gone: &[&str],
    ) -> Result<(Version, Vec<(String, Secret)>), HistoryError> {
        let masked = snapshot::mask(&image.bytes, gone);
        let content = snapshot::digest(&masked.bytes);
        let path = self.content_path(&content);
        if !path.exists() {
            file::private_folder(&self.folder.join("content"))?;
            file::write(&path, &masked.bytes, PRIVATE)?;
        }
        let digest = snapshot::digest(&image.bytes);
        let secrets: Vec<_> = masked
            .kept
            .into_iter()
            .enumerate()
            .map(|(number, secret)| (format!("history/{owner}/{}/{number}", &digest[..12]), secret))
            .collect();
        let version = Version {
            digest,
            content,
            mode: image.mode,
            kept: secrets.iter().map(|(name, _)| name.clone()).collect(),
        };
        Ok((version, secrets))
    }

    /// The bytes of a version; `secret` reads a name of the credential store. `path` is for the message.
    pub fn content(
        &self,
        path: &Path,
        version: &Version,
        secret: impl Fn(&str) -> Option<Secret>,
    ) -> Result<Vec<u8>, HistoryError> {
        let masked = self.masked_content(version)?;
        let kept = |number: usize| version.kept.get(number).and_then(|name| secret(name));
        snapshot::unmask(&masked, kept).map_err(|source| HistoryError::Incomplete {
            path: path.to_owned(),
            source,
        })
    }

    /// The bytes of a version as stored, with references in the place of secrets.
    pub fn masked_content(&self, version: &Version) -> Result<Vec<u8>, HistoryError> {
        match file::read(&self.content_path(&version.content))? {
            Some(image) => Ok(image.bytes),
            None => Err(HistoryError::Damaged {
                id: version.content.clone(),
                reason: "its content is missing from the history folder".to_owned(),
            }),
        }
    }

    /// Writes an entry; writing the same one again changes nothing.
    pub fn record(&self, entry: &Entry) -> Result<(), HistoryError> {
        file::private_folder(&self.folder.join("entries"))?;
        let text = serde_json::to_vec_pretty(entry).map_err(|error| HistoryError::Damaged {
            id: entry.id.clone(),
            reason: error.to_string(),
        })?;
        Ok(file::write(&self.entry_path(&entry.id), &text, PRIVATE)?)
    }

    /// Every entry, newest first. A damaged one is left out here; [`History::entry`] says what is wrong with it.
    pub fn entries(&self) -> Result<Vec<Entry>, HistoryError> {
        let Ok(folder) = fs::read_dir(self.folder.join("entries")) else {
            return Ok(Vec::new());
        };
        let mut entries: Vec<Entry> = folder
            .filter_map(|found| found.ok())
            .filter_map(|found| {
                found
                    .file_name()
                    .to_str()?
                    .strip_suffix(".json")
                    .map(str::to_owned)
            })
            .filter_map(|id| self.entry(&id).ok())
            .collect();
        entries.sort_by(|a, b| (b.at, &b.id).cmp(&(a.at, &a.id)));
        Ok(entries)
    }

    pub fn entry(&self, id: &str) -> Result<Entry, HistoryError> {
        if id.is_empty() || !id.chars().all(|c| c.is_ascii_alphanumeric() || c == '-') {
            return Err(HistoryError::Unknown(id.to_owned()));
        }
        let image = file::read(&self.entry_path(id))?.ok_or_else(|| HistoryError::Unknown(id.to_owned()))?;
        serde_json::from_slice(&image.bytes).map_err(|error| HistoryError::Damaged {
            id: id.to_owned(),
            reason: error.to_string(),
        })
    }

    fn entry_path(&self, id: &str) -> PathBuf {
        self.folder.join("entries").join(format!("{id}.json"))
    }

    fn content_path(&self, digest: &str) -> PathBuf {
        self.folder.join("content").join(digest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn keeps_versions_without_their_secrets() {
        let folder = tempfile::tempdir().unwrap();
        let history = History::new(folder.path().join("history"));
        let image = Image {
            bytes: b"channels:\n  - https://h/t/person1/c\n".to_vec(),
            mode: Some(0o644),
        };
        let (version, secrets) = history.keep("e1", &image, &[]).unwrap();
        let store: BTreeMap<_, _> = secrets.into_iter().collect();
        let back = history
            .content(Path::new("x"), &version, |name| store.get(name).cloned())
            .unwrap();
        assert_eq!(back, image.bytes);
        let stored = history.masked_content(&version).unwrap();
        assert!(!String::from_utf8(stored).unwrap().contains("person1"));
        assert!(matches!(
            history.content(Path::new("x"), &version, |_| None),
            Err(HistoryError::Incomplete { .. })
        ));
    }

    #[test]
    fn entries_come_newest_first_and_a_damaged_one_does_not_hide_the_rest() {
        let folder = tempfile::tempdir().unwrap();
        let history = History::new(folder.path().to_owned());
        let entry = |id: &str, second| Entry {
            id: id.to_owned(),
            at: Timestamp::from_second(second).unwrap(),
            by: "sextant".to_owned(),
            kind: "channels".to_owned(),
            what: "Chose channels".to_owned(),
            files: Vec::new(),
            undoes: None,
        };
        history.record(&entry("a", 1)).unwrap();
        history.record(&entry("b", 2)).unwrap();
        fs::write(folder.path().join("entries/c.json"), "{").unwrap();
        let ids: Vec<_> = history
            .entries()
            .unwrap()
            .into_iter()
            .map(|entry| entry.id)
            .collect();
        assert_eq!(ids, ["b", "a"]);
        assert!(matches!(history.entry("c"), Err(HistoryError::Damaged { .. })));
        assert!(matches!(history.entry("../a"), Err(HistoryError::Unknown(_))));
    }
}
