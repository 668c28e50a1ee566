//! What ending a login means for the files of the tools that use it.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use super::error::ClientsError;
use super::found::{Credential, FoundLogin, Place};
use super::keyring::Keyring;
use super::token_files;
use crate::edit::file;

/// A file to be changed, as it is and as it becomes. Both may hold tokens: of this login, and of others that stay.
#[derive(Clone, PartialEq, Eq)]
pub struct FileChange {
    pub path: PathBuf,
    pub before: Vec<u8>,
    /// `None`: the file is removed.
    pub after: Option<Vec<u8>>,
}

/// Without the contents.
impl fmt::Debug for FileChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FileChange")
            .field("path", &self.path)
            .field("removes", &self.after.is_none())
            .finish_non_exhaustive()
    }
}

/// How logins end.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ending {
    /// One change for each file, however many logins lie in it.
    pub files: Vec<FileChange>,
    /// Navigator's files in which the login is to be set to `None`; the room of Navigator knows how.
    pub navigator: Vec<PathBuf>,
}

/// Works out how these logins end. Files that hold another token by now are left alone, and so is everything in
/// anaconda-auth's keyring that belongs to no login given here. The token stays valid at the service until it is revoked
/// there.
///
/// Errors: [`ClientsError::File`] when a file cannot be read, [`ClientsError::Keyring`] when the keyring was damaged since
/// the login was found.
pub fn end<'a>(logins: impl IntoIterator<Item = &'a FoundLogin>) -> Result<Ending, ClientsError> {
    let mut ending = Ending::default();
    let mut keyrings: BTreeMap<PathBuf, (Vec<u8>, Keyring)> = BTreeMap::new();
    for login in logins {
        for place in &login.places {
            match place {
                Place::TokenFile(path) => {
                    if holds(path, login.credential.as_ref()) {
                        ending.remove(path)?;
                    }
                }
                Place::SessionFile(path) => ending.remove(path)?,
                Place::NavigatorFile(path) => {
                    if !ending.navigator.contains(path) {
                        ending.navigator.push(path.clone());
                    }
                }
                Place::Keyring { path, domain } => {
                    if let Some((_, keyring)) = opened(&mut keyrings, path)? {
                        keyring.remove(domain, login.credential.as_ref());
                    }
                }
            }
        }
    }
    for (path, (before, keyring)) in keyrings {
        let after = keyring.to_bytes(&before);
        if after != before {
            ending.files.push(FileChange {
                path,
                before,
                after: Some(after),
            });
        }
    }
    Ok(ending)
}

impl Ending {
    fn remove(&mut self, path: &Path) -> Result<(), ClientsError> {
        if self.files.iter().any(|known| known.path == path) {
            return Ok(());
        }
        if let Some(image) = file::read(path)? {
            self.files.push(FileChange {
                path: path.to_owned(),
                before: image.bytes,
                after: None,
            });
        }
        Ok(())
    }
}

/// Whether a file still holds this token. What held none that could be used is taken as it is.
fn holds(path: &Path, credential: Option<&Credential>) -> bool {
    match credential {
        Some(Credential::Token(token)) => {
            token_files::read_token(path).is_some_and(|found| found.as_ref() == Ok(token))
        }
        Some(Credential::ApiKey(_) | Credential::Session(_)) => false,
        None => true,
    }
}

fn opened<'a>(
    keyrings: &'a mut BTreeMap<PathBuf, (Vec<u8>, Keyring)>,
    path: &Path,
) -> Result<Option<&'a mut (Vec<u8>, Keyring)>, ClientsError> {
    if !keyrings.contains_key(path) {
        let Some(image) = file::read(path)? else {
            return Ok(None);
        };
        let keyring = Keyring::parse(&image.bytes).map_err(|reason| ClientsError::Keyring {
            path: path.to_owned(),
            reason,
        })?;
        keyrings.insert(path.to_owned(), (image.bytes, keyring));
    }
    Ok(keyrings.get_mut(path))
}
