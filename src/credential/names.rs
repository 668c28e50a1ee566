//! Which names lie in the keyring: a file without secrets, so that a keyring need not be opened to know.

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use super::error::CredentialError;
use super::file_store::{load, store};

/// What is known of a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// It lies in the keyring, or is just being put there.
    Kept,
    /// It was removed while the keyring could not be asked, and is to be taken out once it can.
    Doomed,
}

impl Standing {
    const fn word(self) -> &'static str {
        match self {
            Self::Kept => "kept",
            Self::Doomed => "to be removed",
        }
    }
}

/// The file. What stands there comes before what happens in the keyring, so that a crash in between leaves a name too
/// many and never a secret nobody knows of.
#[derive(Debug)]
pub(super) struct Names {
    path: PathBuf,
    turn: Mutex<()>,
}

impl Names {
    pub fn new(path: PathBuf) -> Self {
        Self {
            path,
            turn: Mutex::new(()),
        }
    }

    pub fn of(&self, name: &str) -> Result<Option<Standing>, CredentialError> {
        let all = load(&self.path)?;
        Ok(all.get(name).map(|word| match word == Standing::Doomed.word() {
            true => Standing::Doomed,
            false => Standing::Kept,
        }))
    }

    /// The names to be taken out of the keyring.
    pub fn doomed(&self) -> Result<Vec<String>, CredentialError> {
        let all = load(&self.path)?;
        Ok(all
            .into_iter()
            .filter(|(_, word)| word == Standing::Doomed.word())
            .map(|(name, _)| name)
            .collect())
    }

    /// Writes down what is known of a name from now on; `None` forgets it.
    pub fn set(&self, name: &str, standing: Option<Standing>) -> Result<(), CredentialError> {
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let mut all = load(&self.path)?;
        let before = all.clone();
        match standing {
            Some(standing) => all.insert(name.to_owned(), standing.word().to_owned()),
            None => all.remove(name),
        };
        if all == before {
            return Ok(());
        }
        store(&self.path, &all)
    }
}
