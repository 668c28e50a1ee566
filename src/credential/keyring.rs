//! The operating system's keyring: single entries, as short as the shortest of them allows.

use std::fmt::Debug;

use ::keyring::v1::{Entry, Error};

use super::error::CredentialError;

/// Under which name Sextant's entries stand in the keyring.
const SERVICE: &str = "Sextant";

/// Named texts in a keyring. Calls block for as long as it pleases the keyring.
pub(super) trait Entries: Debug + Send + Sync {
    fn get(&self, name: &str) -> Result<Option<String>, CredentialError>;
    fn set(&self, name: &str, value: &str) -> Result<(), CredentialError>;
    /// Removing what is not there is no error.
    fn delete(&self, name: &str) -> Result<(), CredentialError>;
}

/// The keyring of this machine: Secret Service, Keychain, or the Credential Manager of Windows.
#[derive(Debug)]
pub(super) struct SystemKeyring;

impl Entries for SystemKeyring {
    fn get(&self, name: &str) -> Result<Option<String>, CredentialError> {
        match entry(name)?.get_password() {
            Ok(value) => Ok(Some(value)),
            Err(Error::NoEntry) => Ok(None),
            Err(error) => Err(explained(&error)),
        }
    }

    fn set(&self, name: &str, value: &str) -> Result<(), CredentialError> {
        entry(name)?
            .set_password(value)
            .map_err(|error| explained(&error))
    }

    fn delete(&self, name: &str) -> Result<(), CredentialError> {
        match entry(name)?.delete_credential() {
            Ok(()) | Err(Error::NoEntry) => Ok(()),
            Err(error) => Err(explained(&error)),
        }
    }
}

fn entry(name: &str) -> Result<Entry, CredentialError> {
    Entry::new(SERVICE, name).map_err(|error| explained(&error))
}

/// The error in Sextant's words. What the keyring says holds no secret; the bytes of values that it gives along are
/// left out.
fn explained(error: &Error) -> CredentialError {
    match error {
        Error::NoDefaultStore => CredentialError::KeyringAbsent {
            reason: match Entry::store_status() {
                Err(error) => format!("none can be reached ({})", reason(error)),
                Ok(()) => "none can be reached".to_owned(),
            },
        },
        Error::NoStorageAccess(_) => CredentialError::KeyringLocked,
        // The Secret Service reports a locked collection as a failure, too, where it is asked to store something.
        Error::PlatformFailure(inner) if says_locked(&inner.to_string()) => CredentialError::KeyringLocked,
        other => CredentialError::Keyring {
            reason: reason(other),
        },
    }
}

fn says_locked(text: &str) -> bool {
    ["IsLocked", "object locked", "prompt dismissed"]
        .iter()
        .any(|part| text.contains(part))
}

fn reason(error: &Error) -> String {
    match error {
        Error::PlatformFailure(inner) | Error::NoStorageAccess(inner) => inner.to_string(),
        Error::Ambiguous(_) => "it has several entries of one name".to_owned(),
        Error::BadDataFormat(..) => "an entry is malformed".to_owned(),
        other => other.to_string(),
    }
}
