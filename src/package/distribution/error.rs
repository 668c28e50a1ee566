//! Why a file cannot be uploaded.

use std::path::PathBuf;

use thiserror::Error;

use crate::edit::file::FileError;
use crate::error::{Explain, Kind, Problem};

#[derive(Debug, Clone, Error)]
pub enum DistributionError {
    #[error("{path} is nothing that can be uploaded")]
    Unknown { path: PathBuf },
    #[error("{path} is damaged")]
    Damaged { path: PathBuf, reason: String },
    #[error("{path} lacks {what}")]
    Lacks { path: PathBuf, what: &'static str },
    #[error(transparent)]
    File(#[from] FileError),
    #[error("it was cancelled")]
    Cancelled,
}

impl Explain for DistributionError {
    fn explain(&self) -> Problem {
        let problem = |kind| Problem::new(kind, self.to_string());
        match self {
            Self::Unknown { .. } => problem(Kind::File)
                .because(
                    "a repository takes conda packages (.conda, .tar.bz2), wheels, source distributions (.tar.gz), \
                     notebooks (.ipynb) and environment files (.yml)",
                )
                .remedy("choose a file that is one of these"),
            Self::Damaged { reason, .. } => problem(Kind::File)
                .because(reason)
                .remedy("build or save it again"),
            Self::Lacks { .. } => problem(Kind::File)
                .because("a server could not tell what it is")
                .remedy("build or save it again"),
            Self::File(error) => error.explain(),
            Self::Cancelled => problem(Kind::Cancelled),
        }
    }
}
