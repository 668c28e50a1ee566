//! What a change is about to do, on disk before it does it, so that a crash at any instant can be made good.
//!
//! A journal is a folder `<id>` with `journal.json` and the contents that it speaks of. Its life:
//!
//! 1. [`Phase::Preparing`]: no file has been touched. Remote effects may exist; each is described before it is
//!    asked for. A crash here is made good by undoing the remote effects.
//! 2. [`Phase::Forward`]: the new contents of all files lie in the journal. From here on the change *happens*:
//!    after a crash the rest is written.
//! 3. [`Phase::Back`]: a file could not be written; what was written is put back, then the remote effects are
//!    undone. After a crash the same.
//!
//! The contents are the true ones, secrets included, because a file must be restored to the byte. The folder is
//! private and is removed when the change ends; the history, which stays, holds masked contents only.

use std::fs;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use thiserror::Error;

use super::file::{self, FileError, Image, PRIVATE};
use super::history::Entry;
use super::snapshot::digest;
use crate::error::{Explain, Kind, Problem};

#[derive(Debug, Clone, Error)]
pub enum JournalError {
    #[error(transparent)]
    File(#[from] FileError),
    #[error("the journal {path} is damaged")]
    Damaged { path: PathBuf, reason: String },
}

impl Explain for JournalError {
    fn explain(&self) -> Problem {
        match self {
            Self::File(error) => error.explain(),
            Self::Damaged { path, reason } => Problem::new(Kind::File, self.to_string())
                .because(reason.clone())
                .remedy(format!(
                    "keep a copy for the record and remove it: rm -r {}",
                    path.display()
                )),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    Preparing,
    Forward,
    Back,
}

/// A content that lies in the journal's folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stored {
    /// File name inside the folder.
    name: String,
    pub digest: String,
    pub mode: Option<u32>,
}

/// One file of the change; `None` where there was, or will be, no file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JournalFile {
    pub path: PathBuf,
    pub before: Option<Stored>,
    pub after: Option<Stored>,
    /// Permission bits if the file is new.
    pub new_mode: u32,
    /// Folders that are made for the file, outermost first: removed again when the change is put back.
    pub new_folders: Vec<PathBuf>,
}

/// What is written in `journal.json`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Record {
    pub id: String,
    pub started_at: Timestamp,
    /// The use case in a person's words.
    pub what: String,
    pub phase: Phase,
    /// Effects outside this machine, described by the use case that asks for them.
    pub remote: Vec<Value>,
    pub files: Vec<JournalFile>,
    /// The history entry to record when the change is done.
    pub entry: Option<Entry>,
}

/// One change's journal on disk.
#[derive(Debug)]
pub struct Journal {
    folder: PathBuf,
    pub record: Record,
}

impl Journal {
    /// Opens a journal in [`Phase::Preparing`] and makes it durable.
    pub fn open(
        journals: &Path,
        id: &str,
        what: &str,
        at: Timestamp,
        remote: Vec<Value>,
    ) -> Result<Self, JournalError> {
        let folder = journals.join(id);
        file::private_folder(&folder)?;
        let journal = Self {
            folder,
            record: Record {
                id: id.to_owned(),
                started_at: at,
                what: what.to_owned(),
                phase: Phase::Preparing,
                remote,
                files: Vec::new(),
                entry: None,
            },
        };
        journal.save()?;
        Ok(journal)
    }

    /// Every journal that a crash, or an unreachable server, left. Folders without a record never began.
    pub fn pending(journals: &Path) -> Result<Vec<Self>, JournalError> {
        let Ok(folder) = fs::read_dir(journals) else {
            return Ok(Vec::new());
        };
        let mut pending = Vec::new();
        for found in folder.filter_map(Result::ok) {
            let folder = found.path();
            match Self::read(folder.clone())? {
                Some(journal) => pending.push(journal),
                None => {
                    let _ = fs::remove_dir_all(&folder);
                }
            }
        }
        pending.sort_by(|a, b| a.record.id.cmp(&b.record.id));
        Ok(pending)
    }

    /// The journals that cannot be read, with the reason.
    pub fn damaged(journals: &Path) -> Vec<(PathBuf, JournalError)> {
        let folder = fs::read_dir(journals).into_iter().flatten().flatten();
        let mut damaged: Vec<_> = folder
            .filter_map(|found| {
                let folder = found.path();
                Some((folder.clone(), Self::read(folder).err()?))
            })
            .collect();
        damaged.sort_by(|a, b| a.0.cmp(&b.0));
        damaged
    }

    /// Nothing where the record was never written.
    fn read(folder: PathBuf) -> Result<Option<Self>, JournalError> {
        let Some(image) = file::read(&folder.join("journal.json"))? else {
            return Ok(None);
        };
        match serde_json::from_slice(&image.bytes) {
            Ok(record) => Ok(Some(Self { folder, record })),
            Err(error) => Err(JournalError::Damaged {
                path: folder,
                reason: error.to_string(),
            }),
        }
    }

    /// Makes the present record durable.
    pub fn save(&self) -> Result<(), JournalError> {
        let text = serde_json::to_vec_pretty(&self.record).map_err(|error| JournalError::Damaged {
            path: self.folder.clone(),
            reason: error.to_string(),
        })?;
        Ok(file::write(&self.folder.join("journal.json"), &text, PRIVATE)?)
    }

    /// Puts a content into the journal's folder.
    pub fn store(&self, name: &str, image: &Image) -> Result<Stored, JournalError> {
        file::write(&self.folder.join(name), &image.bytes, PRIVATE)?;
        Ok(Stored {
            name: name.to_owned(),
            digest: digest(&image.bytes),
            mode: image.mode,
        })
    }

    pub fn content(&self, stored: &Stored) -> Result<Vec<u8>, JournalError> {
        let path = self.folder.join(&stored.name);
        match file::read(&path)? {
            Some(image) if digest(&image.bytes) == stored.digest => Ok(image.bytes),
            _ => Err(JournalError::Damaged {
                path: self.folder.clone(),
                reason: format!("its content {} is not what it was", stored.name),
            }),
        }
    }

    /// The mark of the files that wait beside their targets.
    pub fn mark(&self) -> String {
        format!("sextant-{}", self.record.id)
    }

    /// Ends the journal: the record first, so that a crash in between leaves no half of it.
    pub fn close(self) -> Result<(), JournalError> {
        file::remove(&self.folder.join("journal.json"))?;
        let _ = fs::remove_dir_all(&self.folder);
        Ok(())
    }
}
