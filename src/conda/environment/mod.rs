//! Environments as conda keeps them: where they are, what is in them, and how conda writes down what was done to them.
//!
//! An environment is a folder, its prefix, with `conda-meta/history` and one `conda-meta/<name>-<version>-<build>.json` for
//! every package that is linked into it. No conda process is started.

mod error;
mod find;
pub mod folders;
pub mod history;
pub mod installed;
pub mod match_spec;
mod name;
pub mod protection;
pub mod registry;
pub mod relocation;
pub mod size;
pub mod variables;

use std::path::{Path, PathBuf};

use serde::Serialize;

pub use error::EnvironmentError;
pub use find::{Found, at, find, list, roots};
pub use installed::{Installed, InstalledPackage, Noarch};
pub use name::{EnvironmentName, InvalidEnvironmentName};
pub use protection::{Intent, Protection};

/// An environment: a folder with packages linked into it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Environment {
    /// `base`, the name that `conda activate` takes, or nothing where only the prefix activates it.
    pub name: Option<String>,
    pub prefix: PathBuf,
    /// The version of the package `python`.
    pub python: Option<String>,
    /// How many packages are linked.
    pub packages: usize,
    /// Whether it is the installation that conda itself runs from.
    pub is_base: bool,
    /// What stands against changing it; see [`Protection::forbids`].
    pub protections: Vec<Protection>,
}

impl Environment {
    /// Why this cannot be done to it; the first reason.
    pub fn refusal(&self, intent: Intent) -> Option<&Protection> {
        self.protections
            .iter()
            .find(|protection| protection.forbids(intent))
    }
}

/// `conda-meta` of a prefix.
pub(crate) fn meta(prefix: &Path) -> PathBuf {
    prefix.join("conda-meta")
}
