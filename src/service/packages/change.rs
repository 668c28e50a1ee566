//! Installing, updating and removing packages: what is wanted, what it would change, and how far it is.

use std::path::PathBuf;

use serde::Serialize;

use crate::package::Record;
use crate::service::plan::Warning;

/// What a person wants of an environment. The texts are match specs as conda reads them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Wanted {
    pub install: Vec<String>,
    pub update: Updates,
    pub remove: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Updates {
    #[default]
    Nothing,
    /// These packages, by name.
    Packages(Vec<String>),
    Everything,
}

/// What a change would do, to be shown before anything happens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Preview {
    pub prefix: PathBuf,
    pub added: Vec<Record>,
    /// Other version, build or channel: what is there, and what takes its place.
    pub changed: Vec<(Record, Record)>,
    pub removed: Vec<Record>,
    /// What is not in the package cache yet.
    pub bytes_to_download: u64,
    /// Packages with scripts that would run after linking or before unlinking, if the person consents.
    pub scripts: Vec<String>,
    pub warnings: Vec<Warning>,
}

/// How far a change is. Phases come in this order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChangeProgress {
    Downloading {
        bytes: u64,
        total: u64,
        /// The package whose bytes arrived last.
        package: String,
    },
    /// Packages checked and unpacked out of all that are needed.
    Unpacking {
        done: usize,
        total: usize,
        package: String,
    },
    Unlinking {
        done: usize,
        total: usize,
        package: String,
    },
    Linking {
        done: usize,
        total: usize,
        package: String,
    },
    /// Something failed or was cancelled: the environment gets back what it had.
    RollingBack { done: usize, total: usize },
}
