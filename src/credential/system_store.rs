//! The keyring where it works, the file where it does not.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use super::error::CredentialError;
use super::file_store::FileStore;
use super::keyring::{Entries, SystemKeyring};
use super::names::{Names, Standing};
use super::worker::Worker;
use super::{CredentialStore, PATIENCE, Place, parts};
use crate::secret::Secret;

/// The name of the file that says what lies in the keyring; beside the credential file.
const NAMES: &str = "keyring.json";

/// Looked up to see whether there is a keyring: no secret has this name.
const PROBE: &str = "probe";

/// Secrets in the keyring of the operating system; in a file, while that cannot take them.
///
/// What lies in the file is newer than what may lie in the keyring under the same name. It moves into the keyring when it
/// is read and the keyring takes it.
#[derive(Debug)]
pub struct SystemStore {
    file: FileStore,
    names: Names,
    entries: Arc<dyn Entries>,
    worker: Worker,
    /// Whether there is a keyring at all, which does not change while the program runs. A locked one is one.
    exists: OnceLock<bool>,
    /// Set when a secret could not be moved into the keyring: a person is asked to unlock it once, not at every read.
    stays_in_file: AtomicBool,
}

impl SystemStore {
    /// Asks nothing yet.
    pub fn new(file: PathBuf) -> Self {
        Self::with(file, Arc::new(SystemKeyring), PATIENCE)
    }

    pub(super) fn with(file: PathBuf, entries: Arc<dyn Entries>, patience: Duration) -> Self {
        Self {
            names: Names::new(file.with_file_name(NAMES)),
            file: FileStore::new(file),
            entries,
            worker: Worker::new(patience),
            exists: OnceLock::new(),
            stays_in_file: AtomicBool::new(false),
        }
    }

    fn ask<T: Send + 'static>(
        &self,
        call: impl FnOnce(&dyn Entries) -> Result<T, CredentialError> + Send + 'static,
    ) -> Result<T, CredentialError> {
        let entries = Arc::clone(&self.entries);
        self.worker.ask(move || call(&*entries))
    }

    /// Whether a secret can be given to the keyring now, as far as that can be told without giving it one.
    fn keyring_is_there(&self) -> bool {
        if let Some(exists) = self.exists.get() {
            return *exists && !self.worker.is_held_up();
        }
        match self.ask(|entries| entries.get(PROBE)) {
            Ok(_) | Err(CredentialError::KeyringLocked) => *self.exists.get_or_init(|| true),
            // It may answer later.
            Err(CredentialError::KeyringSilent) => false,
            Err(_) => *self.exists.get_or_init(|| false),
        }
    }

    /// Puts a secret into the keyring and takes it out of the file.
    fn put_into_keyring(&self, name: &str, secret: &Secret) -> Result<(), CredentialError> {
        let before = self.names.of(name)?;
        self.names.set(name, Some(Standing::Kept))?;
        let (owned, value) = (name.to_owned(), secret.clone());
        match self.ask(move |entries| parts::write(entries, &owned, &value)) {
            Ok(()) => {
                self.sweep();
                self.file.remove(name)
            }
            Err(error) => {
                // Silence may still end in storing it; any other failure leaves the keyring as it was.
                if before.is_none() && !matches!(error, CredentialError::KeyringSilent) {
                    self.names.set(name, None)?;
                }
                Err(error)
            }
        }
    }

    /// Takes out of the keyring what was removed while it could not be asked. It answers just now; what fails all the
    /// same is tried again another time.
    fn sweep(&self) {
        for name in self.names.doomed().unwrap_or_default() {
            let owned = name.clone();
            let removed = self.ask(move |entries| parts::remove(entries, &owned));
            if removed.is_err() || self.names.set(&name, None).is_err() {
                return;
            }
        }
    }

    fn try_to_move(&self, name: &str, secret: &Secret) {
        if self.stays_in_file.load(Ordering::Relaxed) || !self.keyring_is_there() {
            return;
        }
        if self.put_into_keyring(name, secret).is_err() {
            self.stays_in_file.store(true, Ordering::Relaxed);
        }
    }
}

impl CredentialStore for SystemStore {
    fn read(&self, name: &str) -> Result<Option<Secret>, CredentialError> {
        if let Some(secret) = self.file.read(name)? {
            self.try_to_move(name, &secret);
            return Ok(Some(secret));
        }
        match self.names.of(name)? {
            None | Some(Standing::Doomed) => Ok(None),
            Some(Standing::Kept) => {
                let owned = name.to_owned();
                let secret = self.ask(move |entries| parts::read(entries, &owned))?;
                self.sweep();
                Ok(secret)
            }
        }
    }

    fn write(&self, name: &str, secret: &Secret) -> Result<(), CredentialError> {
        if self.keyring_is_there() && self.put_into_keyring(name, secret).is_ok() {
            return Ok(());
        }
        self.file.write(name, secret)
    }

    fn remove(&self, name: &str) -> Result<(), CredentialError> {
        if self.names.of(name)?.is_some() {
            self.names.set(name, Some(Standing::Doomed))?;
            self.sweep();
        }
        self.file.remove(name)
    }

    fn place(&self) -> Place {
        if self.keyring_is_there() {
            Place::Keyring
        } else {
            self.file.place()
        }
    }
}

#[cfg(test)]
mod tests;
