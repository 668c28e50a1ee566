//! How a person's `.condarc` would be had only Sextant edited it.
//!
//! A sign-in remembers what Sextant wrote last, so that signing out can tell its own settings from those that somebody
//! else added. When Sextant edits a file that somebody else has edited meanwhile, theirs must not become its own: they
//! would be taken away with it.

use std::collections::BTreeMap;

use crate::edit::snapshot::digest;
use crate::edit::transaction::FileWrite;
use crate::service::Services;
use crate::service::merge::{self, PutBack, Versions};

impl Services {
    /// What the `.condarc` of a sign-in would be after this write, without the edits of others; nothing where there are
    /// none, or where that cannot be told.
    pub(crate) fn written_alone(&self, write: &FileWrite) -> Option<Option<Vec<u8>>> {
        let mut connections = self.connections().ok()?;
        let last = connections.of_condarc_mut(&write.path)?.last.clone();
        let is_its_own =
            last.as_ref().map(|version| version.digest.clone()) == write.before.as_deref().map(digest);
        if is_its_own {
            return None;
        }
        let last = self.version_content(&write.path, last.as_ref()).ok()?;
        let versions = Versions {
            present: last.as_deref(),
            base: write.before.as_deref(),
            target: write.after.as_deref(),
        };
        // First what others changed in the same keys, which Sextant has overwritten now.
        let merged = merge::condarc(&write.path, versions, &PutBack::KeepEdits).ok()?;
        let overwritten: BTreeMap<String, bool> =
            merged.edits.into_iter().map(|edit| (edit.key, false)).collect();
        let merged = merge::condarc(&write.path, versions, &PutBack::PerKey(overwritten)).ok()?;
        Some(merged.content)
    }
}
