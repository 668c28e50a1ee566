//! Where secrets lie that only Sextant needs: the keyring of the operating system, or, where there is none,
//! a file that only its owner can read.
//!
//! All calls block; services make them off the window's thread. A keyring gets [`PATIENCE`] to answer. One that does not
//! answer costs that once: until it answers again, calls fail at once.
//!
//! Names that lie in the keyring are written down, without their values, in a file of their own. So a secret in a keyring
//! that is locked, or out of reach in this session, is told apart from one that is nowhere, and a name that was never
//! stored troubles no keyring.

mod error;
mod file_store;
mod keyring;
mod names;
mod parts;
mod system_store;
mod worker;

#[cfg(test)]
mod fixture;

use std::fmt::Debug;
use std::path::PathBuf;
use std::time::Duration;

use crate::secret::Secret;

pub use error::CredentialError;
pub use file_store::FileStore;
pub use system_store::SystemStore;

/// How long a keyring may take to answer.
pub const PATIENCE: Duration = Duration::from_secs(3);

/// Where a store keeps its secrets; shown to the person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    Keyring,
    File(PathBuf),
}

/// Named secrets.
pub trait CredentialStore: Debug + Send + Sync {
    /// The secret of this name; `None` when there is none.
    ///
    /// Errors: among others that the secret lies in a keyring that cannot be asked now.
    fn read(&self, name: &str) -> Result<Option<Secret>, CredentialError>;

    fn write(&self, name: &str, secret: &Secret) -> Result<(), CredentialError>;

    /// From now on there is no secret of this name. Removing what is not there is no error.
    fn remove(&self, name: &str) -> Result<(), CredentialError>;

    /// Where the next secret goes. The first call may ask the keyring; later ones answer at once.
    fn place(&self) -> Place;
}
