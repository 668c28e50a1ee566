//! What can go wrong with environments.

use std::path::PathBuf;

use thiserror::Error;

use super::name::InvalidEnvironmentName;
use super::relocation::replace::ReplaceError;
use crate::edit::file::FileError;
use crate::error::{Explain, Kind, Problem};

#[derive(Debug, Clone, Error)]
pub enum EnvironmentError {
    #[error(transparent)]
    File(#[from] FileError),
    #[error("{prefix} is no conda environment")]
    NotAnEnvironment { prefix: PathBuf },
    #[error(transparent)]
    Name(#[from] InvalidEnvironmentName),
    #[error("the new path of the environment is too long")]
    PrefixTooLong { path: PathBuf, source: ReplaceError },
    #[error("what was laid out in {folder} cannot be read")]
    Staging { folder: PathBuf, reason: String },
    #[error("it is not known where {} came from", packages.join(", "))]
    WithoutAddress { packages: Vec<String> },
    #[error("it was cancelled; nothing has changed")]
    Cancelled,
}

impl Explain for EnvironmentError {
    fn explain(&self) -> Problem {
        match self {
            Self::File(error) => error.explain(),
            Self::NotAnEnvironment { .. } => Problem::new(Kind::Usage, self.to_string())
                .because("it has no file conda-meta/history")
                .remedy("see what there is: sextant env list"),
            Self::Name(_) => Problem::new(Kind::Usage, self.to_string())
                .because("conda does not find an environment by such a name")
                .remedy("choose another name: letters, digits, '-', '_' and '.'"),
            Self::PrefixTooLong { path, source } => Problem::new(Kind::Usage, self.to_string())
                .because(format!(
                    "{} holds the path of the environment, and {source}",
                    path.display()
                ))
                .remedy("choose a shorter name, or a folder with a shorter path"),
            Self::Staging { reason, .. } => {
                Problem::new(Kind::File, self.to_string()).because(reason.clone())
            }
            Self::WithoutAddress { .. } => Problem::new(Kind::Conflict, self.to_string())
                .because("its record in conda-meta names no address, as for what was installed from a file")
                .remedy("write down names and versions instead: --format yml"),
            Self::Cancelled => Problem::new(Kind::Cancelled, self.to_string()),
        }
    }
}
