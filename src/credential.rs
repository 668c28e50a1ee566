//! Where secrets lie that only Sextant needs: the keyring of the operating system, or, where there is none,
//! a file that only its owner can read.
//!
//! All calls block; services make them off the window's thread. A keyring that does not answer within
//! [`PATIENCE`] counts as absent.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::path::PathBuf;
use std::sync::{Mutex, OnceLock, PoisonError, mpsc};
use std::time::Duration;

use thiserror::Error;

use crate::edit::file::{self, FileError, PRIVATE};
use crate::error::{Explain, Kind, Problem};
use crate::secret::Secret;

/// How long a keyring may take to answer.
pub const PATIENCE: Duration = Duration::from_secs(3);

/// Under which name Sextant's entries stand in the keyring.
const SERVICE: &str = "Sextant";

#[derive(Debug, Clone, Error)]
pub enum CredentialError {
    #[error("the credential file could not be used")]
    File(#[from] FileError),
    #[error("the credential file {path} is damaged")]
    Damaged { path: PathBuf, reason: String },
    #[error("the keyring did not do what was asked")]
    Keyring { reason: String },
}

impl Explain for CredentialError {
    fn explain(&self) -> Problem {
        match self {
            Self::File(error) => error.explain(),
            Self::Damaged { path, reason } => Problem::new(Kind::File, self.to_string())
                .because(reason.clone())
                .remedy(format!("remove it and sign in again: rm {}", path.display())),
            Self::Keyring { reason } => Problem::new(Kind::File, self.to_string())
                .because(reason.clone())
                .remedy("unlock the keyring and try again"),
        }
    }
}

/// Where a store keeps its secrets; shown to the person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    Keyring,
    File(PathBuf),
}

/// Named secrets.
pub trait CredentialStore: Debug + Send + Sync {
    fn read(&self, name: &str) -> Result<Option<Secret>, CredentialError>;
    fn write(&self, name: &str, secret: &Secret) -> Result<(), CredentialError>;
    /// Removing what is not there is no error.
    fn remove(&self, name: &str) -> Result<(), CredentialError>;
    fn place(&self) -> Place;
}

/// A JSON object of names and secrets, mode 0600, replaced atomically.
#[derive(Debug)]
pub struct FileStore {
    path: PathBuf,
    turn: Mutex<()>,
}

impl FileStore {
    pub fn new(path: PathBuf) -> Self {
        Self {
            path,
            turn: Mutex::new(()),
        }
    }

    fn load(&self) -> Result<BTreeMap<String, String>, CredentialError> {
        match file::read(&self.path)? {
            None => Ok(BTreeMap::new()),
            // The reason names a position, never a value.
            Some(image) => serde_json::from_slice(&image.bytes).map_err(|error| CredentialError::Damaged {
                path: self.path.clone(),
                reason: format!("it is no JSON object of texts (line {})", error.line()),
            }),
        }
    }

    fn change(&self, change: impl FnOnce(&mut BTreeMap<String, String>)) -> Result<(), CredentialError> {
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let mut all = self.load()?;
        let before = all.clone();
        change(&mut all);
        if all == before {
            return Ok(());
        }
        if all.is_empty() {
            return Ok(file::remove(&self.path)?);
        }
        let text = serde_json::to_vec_pretty(&all).map_err(|error| CredentialError::Damaged {
            path: self.path.clone(),
            reason: error.to_string(),
        })?;
        if let Some(folder) = self.path.parent() {
            file::private_folder(folder)?;
        }
        Ok(file::write(&self.path, &text, PRIVATE)?)
    }
}

impl CredentialStore for FileStore {
    fn read(&self, name: &str) -> Result<Option<Secret>, CredentialError> {
        Ok(self.load()?.remove(name).map(Secret::new))
    }

    fn write(&self, name: &str, secret: &Secret) -> Result<(), CredentialError> {
        self.change(|all| {
            all.insert(name.to_owned(), secret.expose().to_owned());
        })
    }

    fn remove(&self, name: &str) -> Result<(), CredentialError> {
        self.change(|all| {
            all.remove(name);
        })
    }

    fn place(&self) -> Place {
        Place::File(self.path.clone())
    }
}

/// The keyring where it works, the file where it does not. Reading looks into both, since another run may have
/// found the keyring locked.
#[derive(Debug)]
pub struct SystemStore {
    file: FileStore,
    works: OnceLock<bool>,
}

impl SystemStore {
    pub fn new(file: PathBuf) -> Self {
        Self {
            file: FileStore::new(file),
            works: OnceLock::new(),
        }
    }

    /// Asked once, on first use: looking up a name that cannot exist needs a working keyring and changes nothing.
    fn keyring_works(&self) -> bool {
        *self.works.get_or_init(|| keyring_read("probe").is_ok())
    }
}

impl CredentialStore for SystemStore {
    fn read(&self, name: &str) -> Result<Option<Secret>, CredentialError> {
        if self.keyring_works()
            && let Some(secret) = keyring_read(name)?
        {
            return Ok(Some(secret));
        }
        self.file.read(name)
    }

    fn write(&self, name: &str, secret: &Secret) -> Result<(), CredentialError> {
        if self.keyring_works() {
            let (owned, value) = (name.to_owned(), secret.clone());
            let written =
                patiently(move || keyring::v1::Entry::new(SERVICE, &owned)?.set_password(value.expose()));
            if written.is_ok() {
                return self.file.remove(name);
            }
        }
        self.file.write(name, secret)
    }

    fn remove(&self, name: &str) -> Result<(), CredentialError> {
        if self.keyring_works() {
            let owned = name.to_owned();
            patiently(
                move || match keyring::v1::Entry::new(SERVICE, &owned)?.delete_credential() {
                    Err(keyring::v1::Error::NoEntry) => Ok(()),
                    other => other,
                },
            )?;
        }
        self.file.remove(name)
    }

    fn place(&self) -> Place {
        if self.keyring_works() {
            Place::Keyring
        } else {
            self.file.place()
        }
    }
}

fn keyring_read(name: &str) -> Result<Option<Secret>, CredentialError> {
    let name = name.to_owned();
    patiently(
        move || match keyring::v1::Entry::new(SERVICE, &name)?.get_password() {
            Ok(value) => Ok(Some(Secret::new(value))),
            Err(keyring::v1::Error::NoEntry) => Ok(None),
            Err(error) => Err(error),
        },
    )
}

/// Runs a keyring call in a thread of its own, since it may wait for a person to unlock the keyring.
fn patiently<T: Send + 'static>(
    call: impl FnOnce() -> keyring::v1::Result<T> + Send + 'static,
) -> Result<T, CredentialError> {
    let (answer, wait) = mpsc::channel();
    std::thread::spawn(move || {
        let _ = answer.send(call());
    });
    match wait.recv_timeout(PATIENCE) {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => Err(CredentialError::Keyring {
            reason: error.to_string(),
        }),
        Err(_) => Err(CredentialError::Keyring {
            reason: format!("it did not answer within {} seconds", PATIENCE.as_secs()),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_keeps_secrets_for_its_owner_alone_and_goes_when_empty() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("data/credentials.json");
        let store = FileStore::new(path.clone());
        assert!(store.read("a").unwrap().is_none());
        store.write("a", &Secret::new("one")).unwrap();
        store.write("b", &Secret::new("two")).unwrap();
        assert_eq!(store.read("a").unwrap().unwrap().expose(), "one");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(
                std::fs::metadata(&path).unwrap().permissions().mode() & 0o777,
                0o600
            );
        }
        store.remove("a").unwrap();
        store.remove("a").unwrap();
        store.remove("b").unwrap();
        assert!(!path.exists());
    }

    #[test]
    fn a_damaged_file_is_said_without_its_content() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("credentials.json");
        std::fs::write(&path, "{\"a\": \"canary").unwrap();
        let error = FileStore::new(path).read("a").unwrap_err();
        assert!(matches!(error, CredentialError::Damaged { .. }));
        assert!(!format!("{error:?} {:?}", error.explain()).contains("canary"));
    }
}
