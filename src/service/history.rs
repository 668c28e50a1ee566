//! The time line of a person's files: what Sextant changed, what others changed meanwhile, and every version that is
//! kept of a file.

mod alone;
#[cfg(test)]
mod fixture;
mod outside;
mod snapshots;

use std::collections::BTreeSet;
use std::path::Path;

use super::plan::short_path;
use super::{ServiceError, Services, blocking};
use crate::edit::diff::FileDiff;
use crate::edit::history::limit::{Limits, Needed};
use crate::edit::history::{Chest, Entry, Version};
use crate::edit::lock::Lock;
use crate::edit::snapshot;
use crate::edit::transaction::Transaction;
use crate::secret::MASK;

pub use snapshots::{Contents, FileSnapshot, SnapshotOrigin};

impl Services {
    /// The history, newest first.
    pub fn entries(&self) -> Result<Vec<Entry>, ServiceError> {
        Ok(self.history().entries()?)
    }

    /// One entry.
    ///
    /// Errors: one that is unknown or damaged.
    pub fn entry(&self, id: &str) -> Result<Entry, ServiceError> {
        Ok(self.history().entry(id)?)
    }

    /// The entries that changed the file at `path`, newest first.
    pub fn entries_of(&self, path: &Path) -> Result<Vec<Entry>, ServiceError> {
        let mut entries = self.entries()?;
        entries.retain(|entry| entry.files.iter().any(|file| file.path == path));
        Ok(entries)
    }

    /// What an entry changed, secrets masked.
    ///
    /// Errors: a content that is missing from the history.
    pub fn entry_diffs(&self, entry: &Entry) -> Result<Vec<FileDiff>, ServiceError> {
        blocking(|| {
            let shown =
                |version: Option<&Version>| version.map(|version| self.shown_version(version)).transpose();
            let files = entry.files.iter().filter(|file| file.before != file.after);
            files
                .map(|file| {
                    let (before, after) = (shown(file.before.as_ref())?, shown(file.after.as_ref())?);
                    Ok(FileDiff::of_versions(
                        &file.path,
                        before.as_deref(),
                        after.as_deref(),
                    ))
                })
                .collect()
        })
    }

    /// A version as a person may read it.
    fn shown_version(&self, version: &Version) -> Result<Vec<u8>, ServiceError> {
        let masked = self.history().masked_content(version)?;
        Ok(snapshot::shown(&masked, MASK))
    }

    /// Removes what is too old or too much of the history. What a sign-in in force, or a repair, needs to be undone
    /// stays.
    pub(crate) fn trim_history(&self, _lock: &Lock) -> Result<(), ServiceError> {
        // The entry of an unfinished change is not among the entries yet.
        if !Transaction::pending(&self.locations().journals())?.is_empty() {
            return Ok(());
        }
        let needed = self.needed_history()?;
        let removed = self.history().trim(Limits::default(), &needed)?;
        let mut chests = BTreeSet::new();
        for entry in &removed {
            chests.insert(Chest::name_of(&entry.id));
            chests.insert(Chest::of_tokens(&entry.id).name().to_owned());
            chests.extend(entry.versions().filter_map(Version::chest).map(str::to_owned));
        }
        self.forget_unused_chests(chests)
    }

    fn needed_history(&self) -> Result<Needed, ServiceError> {
        let connections = self.connections()?;
        let mut needed = Needed::default();
        let repaired = connections.repaired.iter();
        let remembered = connections
            .connections
            .iter()
            .chain(repaired.clone().map(|repaired| &repaired.connection));
        for connection in remembered {
            needed.entries.insert(connection.entry.clone());
            if let Some(record) = &connection.condarc {
                needed
                    .versions
                    .extend([&record.before, &record.last].into_iter().flatten().cloned());
            }
        }
        needed
            .entries
            .extend(repaired.map(|repaired| repaired.entry.clone()));
        if let Ok(Some(known)) = self.history().known() {
            needed.versions.extend(known.versions().cloned());
        }
        Ok(needed)
    }

    /// Removes those of the chests whose secrets no version needs any more.
    fn forget_unused_chests(&self, mut chests: BTreeSet<String>) -> Result<(), ServiceError> {
        if chests.is_empty() {
            return Ok(());
        }
        let needed = self.needed_history()?;
        let entries = self.entries()?;
        let versions = entries.iter().flat_map(Entry::versions).chain(&needed.versions);
        for name in versions.filter_map(Version::chest) {
            chests.remove(name);
        }
        for name in chests {
            self.credentials().remove(&name)?;
        }
        Ok(())
    }

    /// The path as a person writes it.
    pub fn short(&self, path: &Path) -> String {
        short_path(path, &self.locations().home)
    }
}
