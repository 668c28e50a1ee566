//! Why a secret cannot be read or stored.

use std::path::PathBuf;

use thiserror::Error;

use super::PATIENCE;
use crate::edit::file::FileError;
use crate::error::{Explain, Kind, Problem};

#[derive(Debug, Clone, Error)]
pub enum CredentialError {
    #[error("the credential file could not be used")]
    File(#[from] FileError),
    #[error("the credential file {path} is damaged")]
    Damaged { path: PathBuf, reason: String },
    #[error("the keyring is locked")]
    KeyringLocked,
    #[error("the keyring does not answer")]
    KeyringSilent,
    #[error("there is no keyring in this session")]
    KeyringAbsent { reason: String },
    #[error("the keyring did not do what was asked")]
    Keyring { reason: String },
}

impl Explain for CredentialError {
    fn explain(&self) -> Problem {
        let problem = Problem::new(Kind::File, self.to_string());
        match self {
            Self::File(error) => error.explain(),
            Self::Damaged { path, reason } => problem
                .because(reason.clone())
                .remedy(format!("remove it and sign in again: rm {}", path.display())),
            Self::KeyringLocked => problem
                .because("it holds what is needed, and was not unlocked")
                .remedy("unlock the keyring and try again"),
            Self::KeyringSilent => problem
                .because(format!(
                    "it did not answer within {} seconds; it may be waiting for you to unlock it",
                    PATIENCE.as_secs()
                ))
                .remedy("unlock the keyring and try again"),
            Self::KeyringAbsent { reason } => problem
                .because(format!("what is needed lies in your keyring, and {reason}"))
                .remedy("try again in the desktop session in which you signed in, with the keyring unlocked"),
            Self::Keyring { reason } => problem
                .because(reason.clone())
                .remedy("restart the keyring or sign in to your desktop again, then try again"),
        }
    }
}
