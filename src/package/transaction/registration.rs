//! Which environments are being changed, so that the next start finds those that a kill has left half way.

use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::edit::file::{self, FileError, PRIVATE};
use crate::edit::snapshot::digest;

/// An environment that is being changed, written down before anything of it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Registration {
    pub prefix: PathBuf,
    /// Folders that are made for the environment, outermost first; none where it is there.
    pub new_folders: Vec<PathBuf>,
}

impl Registration {
    /// One file for each prefix: two changes of one environment are never under way.
    fn path(folder: &Path, prefix: &Path) -> PathBuf {
        let name = digest(prefix.as_os_str().as_encoded_bytes());
        folder.join(format!("{}.json", &name[..name.len().min(32)]))
    }

    pub fn write(&self, folder: &Path) -> Result<(), FileError> {
        let text = serde_json::to_vec_pretty(self).unwrap_or_default();
        file::private_folder(folder)?;
        file::write(&Self::path(folder, &self.prefix), &text, PRIVATE)
    }

    pub fn remove(&self, folder: &Path) -> Result<(), FileError> {
        file::remove(&Self::path(folder, &self.prefix))?;
        // Stays where another change is under way.
        let _ = fs::remove_dir(folder);
        Ok(())
    }

    /// All of them. What cannot be read was never finished being written, and its change never began.
    pub fn all(folder: &Path) -> Vec<Self> {
        let files = fs::read_dir(folder).into_iter().flatten().flatten();
        let mut found: Vec<Self> = files
            .filter_map(|entry| serde_json::from_slice(&fs::read(entry.path()).ok()?).ok())
            .collect();
        found.sort_by(|one, other| one.prefix.cmp(&other.prefix));
        found
    }

    /// Takes away the folders that were made for the environment, as far as nothing is in them.
    pub fn remove_new_folders(&self) {
        for folder in self.new_folders.iter().rev() {
            let _ = fs::remove_dir(folder);
        }
    }
}
