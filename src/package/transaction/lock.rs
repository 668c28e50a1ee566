//! One program at a time changes an environment.
//!
//! Two Sextants are kept apart by a lock in the prefix, which the operating system gives back when a process dies. The others
//! know nothing of it, but leave traces while they work: conda lays changed files into `<prefix>/.condatmp`, mamba locks
//! `conda-meta/conda-meta.lock` (both read from their public sources; conda itself has no lock on a prefix). What they do
//! without leaving a trace is seen when `conda-meta` changes.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};

use super::error::TransactionError;
use super::journal::folder_of;
use super::prefix::META;
use crate::edit::file::{self, FileError};

/// The right to change an environment; given back when dropped, or by the operating system when the process dies.
#[derive(Debug)]
pub(super) struct PrefixLock {
    file: File,
    folder: PathBuf,
}

impl Drop for PrefixLock {
    fn drop(&mut self) {
        // Closing it is not enough: a program that is being started holds a copy until it runs.
        let _ = self.file.unlock();
    }
}

impl PrefixLock {
    /// Takes the lock, or says at once who is at work. The folder of the change is there afterwards.
    ///
    /// Errors: [`TransactionError::Busy`]; file errors, which tell a prefix that cannot be written.
    pub fn take(prefix: &Path) -> Result<Self, TransactionError> {
        let folder = folder_of(prefix);
        loop {
            file::private_folder(&folder)?;
            let path = folder.join("lock");
            let mut file = match OpenOptions::new()
                .create(true)
                .truncate(false)
                .read(true)
                .write(true)
                .open(&path)
            {
                Ok(file) => file,
                // Another Sextant has just ended and taken the folder with it.
                Err(error) if error.kind() == std::io::ErrorKind::NotFound && !folder.exists() => continue,
                Err(error) => return Err(FileError::of_io(error, &path, "written").into()),
            };
            match file.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => return Err(held(&mut file, prefix)),
                Err(TryLockError::Error(error)) => {
                    return Err(FileError::of_io(error, &path, "locked").into());
                }
            }
            if !is_at(&file, &path) {
                continue;
            }
            // The number is for the message alone.
            let _ = file.set_len(0);
            let _ = file.rewind();
            let _ = write!(file, "{}", std::process::id());
            return Ok(Self { file, folder });
        }
    }

    /// Takes away the folder of the change, with everything in it, and gives the lock back.
    ///
    /// What cannot be removed, since a program of the environment runs from it, is removed the next time.
    pub fn release(self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// Fails while somebody works on the packages of an environment. Leaves no trace, and what a kill has left as it is.
///
/// Errors: [`TransactionError::Busy`]; file errors.
pub fn check_idle(prefix: &Path) -> Result<(), TransactionError> {
    let lock = PrefixLock::take(prefix)?;
    let others = look_for_others(prefix);
    let files = fs::read_dir(&lock.folder).map_or(0, Iterator::count);
    // Beside the lock lies the journal of a change that was interrupted.
    if files <= 1 {
        lock.release();
    }
    others
}

fn held(file: &mut File, prefix: &Path) -> TransactionError {
    let mut holder = String::new();
    let _ = file.read_to_string(&mut holder);
    TransactionError::Busy {
        prefix: prefix.to_owned(),
        program: "another Sextant",
        sign: match holder.trim().parse::<u32>() {
            Ok(process) => format!("it is process {process}"),
            Err(_) => "it holds the lock of the environment".to_owned(),
        },
    }
}

/// Whether the path still leads to this file: whoever held the lock before may have removed it.
fn is_at(file: &File, path: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        match (file.metadata(), fs::metadata(path)) {
            (Ok(one), Ok(other)) => (one.dev(), one.ino()) == (other.dev(), other.ino()),
            _ => false,
        }
    }
    #[cfg(not(unix))]
    {
        let _ = file;
        path.exists()
    }
}

/// Errors: [`TransactionError::Busy`] when a trace says that conda or mamba works on the prefix.
pub(super) fn look_for_others(prefix: &Path) -> Result<(), TransactionError> {
    let busy = |program, sign| TransactionError::Busy {
        prefix: prefix.to_owned(),
        program,
        sign,
    };
    let conda = prefix.join(".condatmp");
    if conda.exists() {
        let sign = format!(
            "conda works in {0}; if no conda is running, it was killed and left the folder, which you may remove",
            conda.display()
        );
        return Err(busy("conda", sign));
    }
    let mamba = prefix.join(META).join("conda-meta.lock");
    if mamba.exists() {
        let sign = format!(
            "mamba holds {0}; if no mamba is running, it was killed and left the file, which you may remove",
            mamba.display()
        );
        return Err(busy("mamba", sign));
    }
    Ok(())
}
