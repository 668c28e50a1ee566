//! Why an environment cannot be made, copied, renamed, removed or brought back.

use std::path::PathBuf;

use thiserror::Error;

use crate::conda::environment::{EnvironmentError, InvalidEnvironmentName, Protection};
use crate::error::{Explain, Kind, Problem};

#[derive(Debug, Clone, Error)]
pub enum EnvironmentChangeError {
    #[error(transparent)]
    Environment(#[from] EnvironmentError),
    #[error("there is no environment {0}")]
    Unknown(String),
    #[error("an environment {name} is there already")]
    Exists { name: String, prefix: PathBuf },
    #[error("{prefix} is there already and not empty")]
    Occupied { prefix: PathBuf },
    #[error("{prefix} cannot be the folder of an environment")]
    NotAFolder { prefix: PathBuf },
    #[error("{prefix} lies within another environment")]
    Nested { prefix: PathBuf, above: PathBuf },
    #[error("there is no folder in which an environment could be made")]
    NoFolder { folders: Vec<PathBuf> },
    #[error("the environment {name} cannot be {verb}")]
    Protected {
        name: String,
        prefix: PathBuf,
        /// Past participle: removed, renamed, changed.
        verb: &'static str,
        protection: Protection,
    },
    #[error("{from} cannot be moved to {to}")]
    OtherDisk { from: PathBuf, to: PathBuf },
    #[error("what was removed is not in the trash any more")]
    NotInTrash { prefix: PathBuf },
    #[error("pip of {prefix} did not install what it was asked for")]
    Pip { prefix: PathBuf, reason: String },
    #[error("{folder} could not be {verb}")]
    Folder {
        folder: PathBuf,
        verb: &'static str,
        reason: String,
    },
}

impl EnvironmentChangeError {
    pub(super) fn cancelled() -> Self {
        EnvironmentError::Cancelled.into()
    }
}

impl From<InvalidEnvironmentName> for EnvironmentChangeError {
    fn from(error: InvalidEnvironmentName) -> Self {
        Self::Environment(error.into())
    }
}

impl Explain for EnvironmentChangeError {
    fn explain(&self) -> Problem {
        let usage = || Problem::new(Kind::Usage, self.to_string());
        let conflict = || Problem::new(Kind::Conflict, self.to_string());
        match self {
            Self::Environment(error) => error.explain(),
            Self::Unknown(_) => usage().remedy("see what there is: sextant env list"),
            Self::Exists { prefix, .. } => conflict()
                .because(format!("it lies in {}", prefix.display()))
                .remedy("choose another name, or remove that one first"),
            Self::Occupied { .. } => conflict()
                .because("what is in it belongs to somebody else")
                .remedy("choose another folder, or an empty one"),
            Self::NotAFolder { .. } => usage()
                .because("conda needs a whole path, without the character that separates the entries of PATH")
                .remedy("give a path like /home/me/envs/analysis"),
            Self::Nested { above, .. } => usage()
                .because(format!("{} is one itself", above.display()))
                .remedy("choose a folder beside it"),
            Self::NoFolder { folders } => {
                let folders: Vec<String> = folders
                    .iter()
                    .map(|folder| folder.display().to_string())
                    .collect();
                Problem::new(Kind::File, self.to_string())
                    .because(format!("this account may not write {}", folders.join(", ")))
                    .remedy("give a folder of your own (--prefix), or set envs_dirs to one")
            }
            Self::Protected {
                protection, prefix, ..
            } => Problem::new(Kind::Forbidden, self.to_string())
                .because(protection.reason())
                .remedy(protection.remedy(prefix)),
            Self::OtherDisk { .. } => conflict()
                .because("they lie on different file systems")
                .remedy("clone it to the new place, then remove the old one"),
            Self::NotInTrash { .. } => conflict()
                .because("the trash was emptied, or somebody moved it away")
                .remedy("make it again"),
            Self::Pip { reason, .. } => Problem::new(Kind::Conflict, self.to_string())
                .because(reason.clone())
                .remedy("the environment is there without it; run pip in it yourself"),
            Self::Folder { reason, .. } => Problem::new(Kind::File, self.to_string())
                .because(reason.clone())
                .remedy("check who owns the folder, and whether a program uses it"),
        }
    }
}
