//! Notes of changes that are under way, so that the next start knows what a kill has left of one.
//!
//! The file is locked by whoever is at work: one that nobody holds was left by a kill.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::PathBuf;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::edit::file::{self, FileError};
use crate::service::{ServiceError, Services};

/// A note whose change nobody else works at.
#[derive(Debug)]
pub(crate) struct Held<T> {
    pub note: T,
    path: PathBuf,
    _lock: File,
}

impl Services {
    fn notes_of(&self, kind: &str) -> PathBuf {
        self.locations().data.join(kind)
    }

    /// Notes down what is going to be done, and holds it. `kind` names the folder of such notes.
    pub(crate) fn hold_note<T: Serialize>(
        &self,
        kind: &str,
        id: &str,
        note: T,
    ) -> Result<Held<T>, ServiceError> {
        let folder = self.notes_of(kind);
        file::private_folder(&folder)?;
        let path = folder.join(format!("{id}.json"));
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
    pub(crate) fn forget_note<T>(&self, held: Held<T>) -> Result<(), ServiceError> {
        Ok(file::remove(&held.path)?)
    }

    /// What a kill has left. Notes that say nothing are removed.
    pub(crate) fn abandoned_notes<T: DeserializeOwned>(
        &self,
        kind: &str,
    ) -> Result<Vec<Held<T>>, ServiceError> {
        let mut abandoned = Vec::new();
        for entry in fs::read_dir(self.notes_of(kind)).into_iter().flatten().flatten() {
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
}
