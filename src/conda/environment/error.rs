//! What can go wrong with environments.

use std::path::PathBuf;

use thiserror::Error;

use crate::edit::file::FileError;
use crate::error::{Explain, Kind, Problem};

#[derive(Debug, Clone, Error)]
pub enum EnvironmentError {
    #[error(transparent)]
    File(#[from] FileError),
    #[error("{prefix} is no conda environment")]
    NotAnEnvironment { prefix: PathBuf },
}

impl Explain for EnvironmentError {
    fn explain(&self) -> Problem {
        match self {
            Self::File(error) => error.explain(),
            Self::NotAnEnvironment { .. } => Problem::new(Kind::Usage, self.to_string())
                .because("it has no file conda-meta/history")
                .remedy("see what there is: sextant env list"),
        }
    }
}
