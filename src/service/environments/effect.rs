//! What a change of an environment does to folders, described in the journal before it is done, so that it can be taken back
//! after a crash.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::error::EnvironmentChangeError;
use crate::conda::environment::relocation::{Relocation, Staging};
use crate::conda::environment::{EnvironmentError, history};
use crate::edit::file;
use crate::edit::transaction::Observer;

/// Something that happens to folders. Each can be undone from any point of it, and undoing what never began does nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "does", rename_all = "kebab-case")]
pub(crate) enum FolderEffect {
    /// A folder goes elsewhere on the same file system. `folders` are those above its new place that are missing, outermost
    /// first.
    Move {
        from: PathBuf,
        to: PathBuf,
        folders: Vec<PathBuf>,
    },
    /// An environment goes elsewhere, and the files in it that name its prefix name the new one. `id` is the change's.
    Relocate {
        from: PathBuf,
        to: PathBuf,
        folders: Vec<PathBuf>,
        id: String,
    },
    /// An environment without packages is made.
    Make {
        prefix: PathBuf,
        /// The prefix and those above it that are missing, outermost first.
        folders: Vec<PathBuf>,
        /// The content of `conda-meta/history`.
        history: String,
    },
}

impl FolderEffect {
    /// As part of the change `id`.
    pub fn of_change(mut self, change: &str) -> Self {
        if let Self::Relocate { id, .. } = &mut self {
            *id = change.to_owned();
        }
        self
    }

    /// Does it. `wanted` is asked between files and stops it by saying no.
    ///
    /// Errors: whatever stands in the way; it is then to be undone.
    pub fn carry_out(
        &self,
        observer: Observer<'_>,
        wanted: &dyn Fn() -> bool,
    ) -> Result<(), EnvironmentChangeError> {
        match self {
            Self::Move { from, to, .. } => {
                make_parent(to)?;
                observer("move: before");
                moved(from, to)?;
                observer("move: after");
            }
            Self::Relocate { from, to, id, .. } => {
                let staging = Staging::of(from, id);
                observer("lay out: before");
                staging.prepare(&Relocation::new(from, to), wanted)?;
                observer("lay out: after");
                staging.exchange(observer)?;
                make_parent(to)?;
                observer("move: before");
                moved(from, to)?;
                observer("move: after");
            }
            Self::Make { prefix, history, .. } => {
                let meta = prefix.join("conda-meta");
                observer("make: before");
                fs::create_dir_all(&meta).map_err(failed(&meta, "made"))?;
                observer("make: between");
                write(&history::path(prefix), history)?;
                observer("make: after");
            }
        }
        Ok(())
    }

    /// Takes it back, as far as it got.
    ///
    /// Errors: whatever stands in the way; another try may get further.
    pub fn undo(&self) -> Result<(), EnvironmentChangeError> {
        match self {
            Self::Move { from, to, folders } => {
                moved_back(from, to)?;
                remove_empty(folders);
                Ok(())
            }
            Self::Relocate {
                from,
                to,
                folders,
                id,
            } => {
                moved_back(from, to)?;
                remove_empty(folders);
                Ok(Staging::of(from, id).put_back()?)
            }
            Self::Make { prefix, folders, .. } => {
                let meta = prefix.join("conda-meta");
                let _ = fs::remove_file(history::path(prefix));
                let _ = fs::remove_dir(meta);
                remove_empty(folders);
                Ok(())
            }
        }
    }

    /// Removes what only undoing needed, once the change has happened.
    ///
    /// Errors: file errors.
    pub fn settle(&self) -> Result<(), EnvironmentChangeError> {
        match self {
            Self::Relocate { to, id, .. } => Ok(Staging::of(to, id).remove()?),
            Self::Move { .. } | Self::Make { .. } => Ok(()),
        }
    }
}

fn failed<'a>(folder: &'a Path, verb: &'static str) -> impl Fn(io::Error) -> EnvironmentChangeError + 'a {
    move |error| EnvironmentChangeError::Folder {
        folder: folder.to_owned(),
        verb,
        reason: error.to_string(),
    }
}

fn make_parent(path: &Path) -> Result<(), EnvironmentChangeError> {
    match path.parent() {
        Some(folder) => fs::create_dir_all(folder).map_err(failed(folder, "made")),
        None => Ok(()),
    }
}

fn write(path: &Path, text: &str) -> Result<(), EnvironmentChangeError> {
    let written = file::write(path, text.as_bytes(), 0o644);
    Ok(written.map_err(EnvironmentError::from)?)
}

fn moved(from: &Path, to: &Path) -> Result<(), EnvironmentChangeError> {
    // An empty folder may be in the way, which the system replaces on Unix only.
    let _ = fs::remove_dir(to);
    if to.symlink_metadata().is_ok() {
        return Err(EnvironmentChangeError::Occupied {
            prefix: to.to_owned(),
        });
    }
    match fs::rename(from, to) {
        Ok(()) => {
            durable(from);
            durable(to);
            Ok(())
        }
        Err(error) if error.kind() == io::ErrorKind::CrossesDevices => {
            Err(EnvironmentChangeError::OtherDisk {
                from: from.to_owned(),
                to: to.to_owned(),
            })
        }
        Err(error) => Err(failed(from, "moved")(error)),
    }
}

/// A rename that never happened, or was taken back already, needs nothing.
fn moved_back(from: &Path, to: &Path) -> Result<(), EnvironmentChangeError> {
    let is_there = |path: &Path| path.symlink_metadata().is_ok();
    if is_there(to) && !is_there(from) {
        make_parent(from)?;
        moved(to, from)?;
    }
    Ok(())
}

/// Removes folders that were made; one that somebody has put something into meanwhile stays.
fn remove_empty(folders: &[PathBuf]) {
    for folder in folders.iter().rev() {
        let _ = fs::remove_dir(folder);
    }
}

/// A rename lasts only once the folder is flushed. Some file systems do not offer that.
fn durable(path: &Path) {
    if let Some(folder) = path.parent()
        && let Ok(folder) = fs::File::open(folder)
    {
        let _ = folder.sync_all();
    }
}
