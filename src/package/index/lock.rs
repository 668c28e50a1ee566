//! One at a time fetches the index of a place, also of two Sextants.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::Path;
use std::time::Duration;

use super::place::Place;
use crate::edit::file::FileError;

/// How often a lock that is taken is tried.
const PAUSE: Duration = Duration::from_millis(40);

/// The right to change what is kept of a place; given back when dropped, or by the operating system.
#[derive(Debug)]
pub(super) struct Lock {
    file: File,
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Closing it is not enough: a program that is being started holds a copy until it runs.
        let _ = self.file.unlock();
    }
}

impl Lock {
    /// Waits until nobody else has it, and says whether somebody had. Dropping the future ends the waiting at once.
    pub(super) async fn take(folder: &Path, place: &Place) -> Result<(Self, bool), FileError> {
        let path = folder.join(format!("{}.lock", place.key()));
        let failed = |error| FileError::of_io(error, &path, "locked");
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(failed)?;
        let mut has_waited = false;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok((Self { file }, has_waited)),
                Err(TryLockError::WouldBlock) => {
                    has_waited = true;
                    tokio::time::sleep(PAUSE).await;
                }
                Err(TryLockError::Error(error)) => return Err(failed(error)),
            }
        }
    }
}
