//! The environments on this machine: what there is, what is in each, and making, copying, renaming and removing them.

mod change;
mod commit;
mod create;
pub(crate) mod effect;
mod error;
mod protect;
mod remove;
mod rename;
mod running;
mod target;
mod trash;
mod undo;

use std::path::Path;

use super::{ServiceError, Services, blocking};
use crate::conda::environment::{self, Environment, Found, Installed};

pub(crate) use change::KIND;
pub use change::{Done, EnvironmentAction, EnvironmentPlan};
pub use error::EnvironmentChangeError;
pub use protect::WhichEnvironment;
pub use target::{NewEnvironment, Target};
pub use trash::{TrashLimits, Trashed};

impl Services {
    /// Every environment that conda left a trace of, base installations first. Asks no network and no conda.
    pub fn environments(&self) -> Vec<Environment> {
        blocking(|| environment::list(&self.surroundings()))
    }

    /// The same, and the lines of `environments.txt` that lead nowhere.
    pub fn find_environments(&self) -> Found {
        blocking(|| environment::find(&self.surroundings()))
    }

    /// The packages of an environment, those that pip has installed too.
    ///
    /// Errors: [`EnvironmentError::NotAnEnvironment`](crate::conda::environment::EnvironmentError::NotAnEnvironment).
    pub fn installed(&self, prefix: &Path) -> Result<Installed, ServiceError> {
        Ok(blocking(|| environment::installed::read(prefix))?)
    }
}
