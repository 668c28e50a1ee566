//! The environments on this machine.

use super::{Services, blocking};
use crate::conda::environment::{self, Environment};

impl Services {
    /// Every environment that conda left a trace of, base installations first. Asks no network and no conda.
    pub fn environments(&self) -> Vec<Environment> {
        blocking(|| environment::list(&self.surroundings()))
    }
}
