//! How the files looked when they were looked at last: what another program changes is noticed against it.

use std::collections::BTreeMap;
use std::path::PathBuf;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{History, HistoryError, Version};
use crate::edit::file::{self, PRIVATE};

/// The files of every place that is looked at.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Known {
    /// When they were looked at.
    pub at: Timestamp,
    /// A place is a file, or a folder whose files count. One that is not named here was never looked at; a file that is
    /// not named below its place was not there.
    pub places: BTreeMap<PathBuf, BTreeMap<PathBuf, Version>>,
}

impl Known {
    pub fn versions(&self) -> impl Iterator<Item = &Version> {
        self.places.values().flat_map(BTreeMap::values)
    }
}

impl History {
    /// What is known of the files; nothing before the first look.
    ///
    /// Errors: [`HistoryError::Damaged`]; the files are then looked at as if for the first time.
    pub fn known(&self) -> Result<Option<Known>, HistoryError> {
        let Some(image) = file::read(&self.known_path())? else {
            return Ok(None);
        };
        match serde_json::from_slice(&image.bytes) {
            Ok(known) => Ok(Some(known)),
            Err(error) => Err(damaged(&error)),
        }
    }

    /// Replaces what is known; the contents of its versions are kept already.
    pub fn set_known(&self, known: &Known) -> Result<(), HistoryError> {
        file::private_folder(&self.folder)?;
        let text = serde_json::to_vec_pretty(known).map_err(|error| damaged(&error))?;
        Ok(file::write(&self.known_path(), &text, PRIVATE)?)
    }

    fn known_path(&self) -> PathBuf {
        self.folder.join("known.json")
    }
}

fn damaged(error: &serde_json::Error) -> HistoryError {
    HistoryError::Damaged {
        id: "known.json".to_owned(),
        reason: error.to_string(),
    }
}
