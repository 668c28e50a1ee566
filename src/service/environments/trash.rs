//! Where removed environments lie until they come back or leave for good.
//!
//! A removed environment stays on its file system, since moving it must be one step: in Sextant's own folder where that is on the
//! same one, in `.sextant-trash` beside it otherwise.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::change::Done;
use super::error::EnvironmentChangeError;
use crate::service::{ServiceError, Services, blocking};

/// The folder beside an environment on another file system.
const BESIDE: &str = ".sextant-trash";

/// Until when a removed environment stays, and how much all of them may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TrashLimits {
    pub age: SignedDuration,
    pub bytes: u64,
}

impl Default for TrashLimits {
    fn default() -> Self {
        Self {
            age: SignedDuration::from_hours(24 * 30),
            bytes: 20_000_000_000,
        }
    }
}

/// An environment in the trash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Trashed {
    /// The history entry of its removal, which brings it back when undone.
    pub entry: String,
    /// Where it was.
    pub prefix: PathBuf,
    pub trash: PathBuf,
    pub at: Timestamp,
    /// What deleting it would give back, where that was counted.
    pub bytes: Option<u64>,
}

/// Where an environment goes.
pub(super) fn place(data: &Path, prefix: &Path, id: &str) -> PathBuf {
    let name = prefix.file_name().unwrap_or_default();
    let own = data.join("trash");
    let folder = match is_same_file_system(prefix, &own) {
        true => own,
        false => prefix.with_file_name(BESIDE),
    };
    folder.join(id).join(name)
}

/// Whether a folder can be moved to a place by renaming it. The place need not be there yet.
pub(super) fn is_same_file_system(from: &Path, to: &Path) -> bool {
    let existing = to.ancestors().find(|ancestor| ancestor.exists());
    match (fs::symlink_metadata(from), existing.map(fs::metadata)) {
        (Ok(from), Some(Ok(to))) => same_device(&from, &to),
        _ => false,
    }
}

#[cfg(unix)]
fn same_device(one: &fs::Metadata, other: &fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    one.dev() == other.dev()
}

/// Elsewhere the move itself tells.
#[cfg(not(unix))]
fn same_device(_one: &fs::Metadata, _other: &fs::Metadata) -> bool {
    true
}

impl Services {
    /// What lies in the trash, newest first.
    pub fn trash(&self) -> Vec<Trashed> {
        let done = blocking(|| self.all_done());
        let mut trashed: Vec<Trashed> = done
            .into_iter()
            .filter_map(|(entry, done)| match done {
                Done::Removed {
                    prefix,
                    trash,
                    at,
                    bytes,
                    is_leaving: false,
                    ..
                } if trash.symlink_metadata().is_ok() => Some(Trashed {
                    entry,
                    prefix,
                    trash,
                    at,
                    bytes,
                }),
                _ => None,
            })
            .collect();
        trashed.sort_by_key(|trashed| std::cmp::Reverse(trashed.at));
        trashed
    }

    /// Deletes environments from the trash for good: those whose entries are named, or all. How many.
    ///
    /// Errors: what cannot be deleted; it is tried again next time.
    pub async fn empty_trash(&self, entries: Option<&[String]>) -> Result<usize, ServiceError> {
        let _lock = self.begin().await?;
        let wanted = |trashed: &Trashed| entries.is_none_or(|entries| entries.contains(&trashed.entry));
        blocking(|| {
            self.finish_deleting()?;
            let leaving: Vec<Trashed> = self.trash().into_iter().filter(wanted).collect();
            for trashed in &leaving {
                self.delete(&trashed.entry)?;
            }
            Ok(leaving.len())
        })
    }

    /// Deletes what is too old, and the oldest of what is too much.
    ///
    /// Errors: what cannot be deleted; it is tried again next time.
    pub async fn trim_trash(&self, limits: TrashLimits) -> Result<usize, ServiceError> {
        let now = self.now();
        let mut left = limits.bytes;
        let mut leaving = Vec::new();
        for trashed in self.trash() {
            let bytes = trashed.bytes.unwrap_or_default();
            let is_old = now.duration_since(trashed.at) > limits.age;
            if is_old || bytes > left {
                leaving.push(trashed.entry);
            } else {
                left -= bytes;
            }
        }
        if leaving.is_empty() && !self.has_unfinished_deletion() {
            return Ok(0);
        }
        self.empty_trash(Some(&leaving)).await
    }

    /// Counts what removed environments take, where that was not done yet. Takes its time.
    pub fn weigh_trash(&self) {
        for trashed in self.trash().into_iter().filter(|trashed| trashed.bytes.is_none()) {
            let never = std::sync::atomic::AtomicBool::new(false);
            let folders = [trashed.trash.clone()];
            let Ok(sizes) = crate::conda::environment::size::measure(&folders, &[], &|_| {}, &never) else {
                continue;
            };
            let own = sizes.environments.first().map(|size| size.own);
            if let Ok(Some(Done::Removed {
                prefix,
                trash,
                is_registered,
                at,
                is_leaving,
                ..
            })) = self.environment_change(&trashed.entry)
            {
                let weighed = Done::Removed {
                    prefix,
                    trash,
                    is_registered,
                    at,
                    bytes: own,
                    is_leaving,
                };
                // Only for the limit; next time will do.
                let _ = self.remember(&trashed.entry, &weighed);
            }
        }
    }

    fn has_unfinished_deletion(&self) -> bool {
        let done = self.all_done();
        done.iter()
            .any(|(_, done)| matches!(done, Done::Removed { is_leaving: true, .. }))
    }

    /// Deletes what a crash left half deleted.
    fn finish_deleting(&self) -> Result<(), ServiceError> {
        for (entry, done) in self.all_done() {
            if matches!(done, Done::Removed { is_leaving: true, .. }) {
                self.delete(&entry)?;
            }
        }
        Ok(())
    }

    /// Says first that it leaves: half of an environment must not come back.
    fn delete(&self, entry: &str) -> Result<(), ServiceError> {
        let Some(Done::Removed {
            prefix,
            trash,
            is_registered,
            at,
            bytes,
            ..
        }) = self.environment_change(entry)?
        else {
            return Ok(());
        };
        let leaving = Done::Removed {
            prefix,
            trash: trash.clone(),
            is_registered,
            at,
            bytes,
            is_leaving: true,
        };
        self.remember(entry, &leaving)?;
        self.step("delete: before");
        delete_tree(&trash).map_err(|error| EnvironmentChangeError::Folder {
            folder: trash.clone(),
            verb: "deleted",
            reason: error.to_string(),
        })?;
        self.step("delete: after");
        for folder in trash.ancestors().skip(1).take(2) {
            // The folder of the change, and the one of all of them where it was the last.
            let _ = fs::remove_dir(folder);
        }
        crate::edit::file::remove(&self.done_path(entry))?;
        Ok(())
    }
}

/// Removes a folder with everything in it, folders that are closed to their owner too.
pub(super) fn delete_tree(path: &Path) -> io::Result<()> {
    let metadata = match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        metadata => metadata?,
    };
    if !metadata.is_dir() {
        return fs::remove_file(path);
    }
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            open_folders(path)?;
            fs::remove_dir_all(path)
        }
        removed => removed,
    }
}

/// Lets the owner write every folder below.
fn open_folders(folder: &Path) -> io::Result<()> {
    let mut permissions = fs::metadata(folder)?.permissions();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        permissions.set_mode(permissions.mode() | 0o700);
    }
    #[cfg(not(unix))]
    #[allow(clippy::permissions_set_readonly_false)]
    permissions.set_readonly(false);
    fs::set_permissions(folder, permissions)?;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            open_folders(&entry.path())?;
        }
    }
    Ok(())
}
