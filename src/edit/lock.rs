//! Two Sextants must not change files at the same time.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use thiserror::Error;

use super::file;
use crate::error::{Explain, Kind, Problem};

#[derive(Debug, Clone, Error)]
pub enum LockError {
    #[error("another Sextant is changing files right now")]
    Busy { holder: Option<u32> },
    #[error("{path} could not be locked")]
    Failed {
        path: PathBuf,
        source: Arc<std::io::Error>,
    },
    #[error(transparent)]
    Folder(#[from] file::FileError),
}

impl Explain for LockError {
    fn explain(&self) -> Problem {
        match self {
            Self::Busy { holder } => {
                let problem = Problem::new(Kind::Busy, self.to_string())
                    .remedy("wait until it has finished, or close it, and try again");
                match holder {
                    Some(process) => problem.because(format!("it is process {process}")),
                    None => problem,
                }
            }
            Self::Failed { source, .. } => {
                Problem::new(Kind::File, self.to_string()).because(source.to_string())
            }
            Self::Folder(error) => error.explain(),
        }
    }
}

/// The right to change files; given back when dropped, or by the operating system when the process dies.
#[derive(Debug)]
pub struct Lock {
    file: File,
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Closing it is not enough: a program that is being started holds a copy until it runs.
        let _ = self.file.unlock();
    }
}

impl Lock {
    /// How long a change waits for another one, which takes milliseconds unless a server is waited for.
    pub const PATIENCE: std::time::Duration = std::time::Duration::from_secs(1);

    /// Takes the lock at `path` or says at once who has it.
    pub fn take(path: &Path) -> Result<Self, LockError> {
        if let Some(folder) = path.parent() {
            file::private_folder(folder)?;
        }
        let failed = |error| LockError::Failed {
            path: path.to_owned(),
            source: Arc::new(error),
        };
        let mut file = OpenOptions::new()
            .create(true)
            .read(true)
            .write(true)
            .truncate(false)
            .open(path)
            .map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut holder = String::new();
                let _ = file.read_to_string(&mut holder);
                return Err(LockError::Busy {
                    holder: holder.trim().parse().ok(),
                });
            }
            Err(TryLockError::Error(error)) => return Err(failed(error)),
        }
        // The number is for the message alone; the lock itself does not need it.
        let _ = file.set_len(0);
        let _ = file.rewind();
        let _ = write!(file, "{}", std::process::id());
        Ok(Self { file })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("data/lock");
        let held = Lock::take(&path).unwrap();
        let refused = Lock::take(&path).unwrap_err();
        assert!(
            matches!(refused, LockError::Busy { holder: Some(process) } if process == std::process::id())
        );
        drop(held);
        Lock::take(&path).unwrap();
    }
}
