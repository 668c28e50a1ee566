//! What says that an environment is being made, as long as it is not all done.
//!
//! The file is locked by whoever makes it: one that is not locked was left by a kill.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::plan::{NewEnvironmentPlan, Origin};
use crate::edit::file::{self, FileError};
use crate::service::{ServiceError, Services};

/// What is being made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Note {
    pub what: String,
    pub prefix: PathBuf,
    /// The environment whose own files are copied.
    pub copy_of: Option<PathBuf>,
    pub variables: BTreeMap<String, String>,
}

/// A note whose environment nobody else works at.
#[derive(Debug)]
pub(super) struct Held {
    pub note: Note,
    path: PathBuf,
    _lock: File,
}

impl Services {
    fn notes_of_making(&self) -> PathBuf {
        self.locations().data.join("making-environments")
    }

    /// Notes down what is going to be made, and holds it.
    pub(super) fn note_making(&self, planned: &NewEnvironmentPlan) -> Result<Held, ServiceError> {
        let folder = self.notes_of_making();
        file::private_folder(&folder)?;
        let note = Note {
            what: planned.what.clone(),
            prefix: planned.target.prefix.clone(),
            copy_of: match &planned.origin {
                Origin::Copy { of, .. } => Some(of.clone()),
                Origin::Specs | Origin::File { .. } => None,
            },
            variables: planned.variables.clone(),
        };
        let path = folder.join(format!("{}.json", self.new_id()));
        let text = serde_json::to_vec(&note).map_err(|error| ServiceError::Internal(error.to_string()))?;
        let failed = |error| FileError::of_io(error, &path, "written");
        // The lock first: an empty note is passed over, one that nobody holds is taken for one that was left.
        let mut lock = File::create_new(&path).map_err(failed)?;
        lock.try_lock().map_err(|error| failed(error.into()))?;
        lock.write_all(&text).map_err(failed)?;
        lock.sync_all().map_err(failed)?;
        Ok(Held {
            note,
            path: path.clone(),
            _lock: lock,
        })
    }

    /// It is all done, or undone.
    pub(super) fn forget_making(&self, held: Held) -> Result<(), ServiceError> {
        Ok(file::remove(&held.path)?)
    }

    /// What a kill has left. Notes that say nothing are removed.
    pub(super) fn abandoned_making(&self) -> Result<Vec<Held>, ServiceError> {
        let mut abandoned = Vec::new();
        for entry in fs::read_dir(self.notes_of_making())
            .into_iter()
            .flatten()
            .flatten()
        {
            let path = entry.path();
            let Ok(mut lock) = File::options().read(true).write(true).open(&path) else {
                continue;
            };
            if lock.try_lock().is_err() {
                continue;
            }
            let mut text = Vec::new();
            let read = lock.read_to_end(&mut text);
            let note = read.ok().and_then(|_| serde_json::from_slice(&text).ok());
            match note {
                Some(note) => abandoned.push(Held {
                    note,
                    path,
                    _lock: lock,
                }),
                None => file::remove(&path)?,
            }
        }
        Ok(abandoned)
    }

    /// Whether a kill has left something to finish.
    pub(crate) fn has_abandoned_making(&self) -> bool {
        let abandoned = self.abandoned_making();
        abandoned.is_ok_and(|abandoned| !abandoned.is_empty())
    }
}
