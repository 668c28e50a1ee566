//! A JSON object of names and secrets, mode 0600, replaced atomically.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use super::error::CredentialError;
use super::{CredentialStore, Place};
use crate::edit::file::{self, PRIVATE};
use crate::secret::Secret;

/// Secrets in a file.
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
        load(&self.path)
    }

    fn change(&self, change: impl FnOnce(&mut BTreeMap<String, String>)) -> Result<(), CredentialError> {
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let mut all = self.load()?;
        let before = all.clone();
        change(&mut all);
        if all == before {
            return Ok(());
        }
        store(&self.path, &all)
    }
}

/// A private file's JSON object of texts; an empty one where there is no file.
pub(super) fn load(path: &Path) -> Result<BTreeMap<String, String>, CredentialError> {
    match file::read(path)? {
        None => Ok(BTreeMap::new()),
        // The reason names a position, never a value.
        Some(image) => serde_json::from_slice(&image.bytes).map_err(|error| CredentialError::Damaged {
            path: path.to_owned(),
            reason: format!("it is no JSON object of texts (line {})", error.line()),
        }),
    }
}

/// Replaces the file; an empty object is no file.
pub(super) fn store(path: &Path, all: &BTreeMap<String, String>) -> Result<(), CredentialError> {
    if all.is_empty() {
        return Ok(file::remove(path)?);
    }
    let text = serde_json::to_vec_pretty(all).map_err(|error| CredentialError::Damaged {
        path: path.to_owned(),
        reason: error.to_string(),
    })?;
    if let Some(folder) = path.parent() {
        file::private_folder(folder)?;
    }
    Ok(file::write(path, &text, PRIVATE)?)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Explain as _;

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
