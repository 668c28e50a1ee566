//! What a change is about to do to an environment, on disk before it does it, so that a kill at any instant can be made good.
//!
//! It lies in `conda-meta/.sextant-change`, beside the files that the change works with:
//!
//! | in it | what |
//! |---|---|
//! | `lock` | held while a Sextant works on the environment |
//! | `journal.json` | this record |
//! | `stage/` | every new file, at its path |
//! | `kept/<number>` | every file that went, by the number of the step that took it away |
//!
//! Its life:
//!
//! 1. [`Phase::Staging`]: the environment is as it was. A kill here is made good by dropping the stage.
//! 2. [`Phase::Placing`]: the steps are being taken, each a rename. After a kill the rest of them is taken, since everything
//!    that is needed lies in the stage; but where scripts of packages run, the steps are taken back, since nobody knows how far
//!    a script came.
//! 3. [`Phase::Finishing`]: the environment is as it will be; what went is being dropped.
//! 4. [`Phase::Back`]: something failed or the person cancelled; the steps are taken back, newest first.
//!
//! A step tells by what lies in the folder whether it was taken, so that the record is written once a phase and not once a
//! step. The record therefore ends before anything else in the folder goes.

use std::fs;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::error::TransactionError;
use super::prefix::META;
use crate::edit::file::{self, PRIVATE};

const FOLDER: &str = ".sextant-change";

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Phase {
    Staging,
    Placing,
    Finishing,
    Back,
}

/// One step, with paths told from the prefix.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "kebab-case")]
pub(super) enum Step {
    /// A file, or a whole folder, goes. One that belongs to no package is given back to the person when all is done.
    Keep {
        path: PathBuf,
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        is_foreign: bool,
    },
    /// A file, or a whole folder, comes.
    Place { path: PathBuf },
    /// A file comes where one is, without a moment in which there is none.
    Replace { path: PathBuf },
}

impl Step {
    /// For people and tests that follow the steps.
    pub fn name(&self) -> String {
        match self {
            Self::Keep { path, .. } => format!("keep {}", path.display()),
            Self::Place { path } => format!("place {}", path.display()),
            Self::Replace { path } => format!("replace {}", path.display()),
        }
    }
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Record {
    pub id: String,
    pub started_at: Timestamp,
    /// The change in a person's words.
    pub what: String,
    pub phase: Phase,
    /// Whether scripts of packages run.
    pub has_scripts: bool,
    /// Folders that were made for the environment, outermost first.
    pub new_folders: Vec<PathBuf>,
    pub steps: Vec<Step>,
}

/// The journal of a change, and the folder that it lies in.
#[derive(Debug)]
pub(super) struct Journal {
    folder: PathBuf,
    pub record: Record,
}

/// The folder of a change of this prefix.
pub(super) fn folder_of(prefix: &Path) -> PathBuf {
    prefix.join(META).join(FOLDER)
}

impl Journal {
    /// Begins a journal and makes it durable. The folder is there, with the lock in it.
    pub fn begin(prefix: &Path, record: Record) -> Result<Self, TransactionError> {
        let journal = Self {
            folder: folder_of(prefix),
            record,
        };
        for left in [journal.stage(), journal.kept_folder()] {
            // What a change before could not remove, since it was in use, must not be taken for this one's.
            if fs::remove_dir_all(&left).is_err() && left.exists() {
                let _ = fs::rename(&left, left.with_extension(&journal.record.id));
            }
        }
        journal.save()?;
        Ok(journal)
    }

    /// The journal that a killed Sextant has left in the prefix.
    ///
    /// Errors: [`TransactionError::DamagedJournal`], file errors.
    pub fn read(prefix: &Path) -> Result<Option<Self>, TransactionError> {
        let folder = folder_of(prefix);
        let path = folder.join("journal.json");
        // Not through `edit::file`, which takes no file of more than a configuration's size.
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(file::FileError::of_io(error, &path, "read").into()),
        };
        match serde_json::from_slice(&bytes) {
            Ok(record) => Ok(Some(Self { folder, record })),
            Err(error) => Err(TransactionError::DamagedJournal {
                path,
                reason: error.to_string(),
            }),
        }
    }

    /// Makes the present record durable.
    pub fn save(&self) -> Result<(), TransactionError> {
        let path = self.folder.join("journal.json");
        let text = serde_json::to_vec(&self.record).map_err(|error| TransactionError::DamagedJournal {
            path: path.clone(),
            reason: error.to_string(),
        })?;
        Ok(file::write(&path, &text, PRIVATE)?)
    }

    /// Turns to another phase, durably.
    pub fn turn(&mut self, phase: Phase) -> Result<(), TransactionError> {
        let before = std::mem::replace(&mut self.record.phase, phase);
        self.save().inspect_err(|_| self.record.phase = before)
    }

    pub fn stage(&self) -> PathBuf {
        self.folder.join("stage")
    }

    /// Where the file lies that a step took away.
    pub fn kept(&self, step: usize) -> PathBuf {
        self.folder.join("kept").join(step.to_string())
    }

    /// Where all of them lie.
    pub fn kept_folder(&self) -> PathBuf {
        self.folder.join("kept")
    }

    /// Ends the journal. What is left in its folder means nothing any more.
    pub fn end(&self) -> Result<(), TransactionError> {
        Ok(file::remove(&self.folder.join("journal.json"))?)
    }
}
