//! The environments on this machine: what there is, what is in each, and making, copying, renaming and removing them.

use std::path::Path;

use super::{ServiceError, Services, blocking};
use crate::conda::environment::{self, Environment, Found, Installed};

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
