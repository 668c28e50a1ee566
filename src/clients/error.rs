//! Why the ending of another tool's login cannot be worked out.

use std::path::PathBuf;

use thiserror::Error;

use crate::edit::file::FileError;
use crate::error::{Explain, Kind, Problem};

/// Never holds a token.
#[derive(Debug, Clone, Error)]
pub enum ClientsError {
    #[error(transparent)]
    File(#[from] FileError),
    #[error("the keyring of anaconda-auth in {path} cannot be changed")]
    Keyring { path: PathBuf, reason: String },
}

impl Explain for ClientsError {
    fn explain(&self) -> Problem {
        match self {
            Self::File(error) => error.explain(),
            Self::Keyring { reason, .. } => Problem::new(Kind::RefusedEdit, self.to_string())
                .because(reason.clone())
                .remedy("sign out with the tool that wrote it: anaconda logout"),
        }
    }
}
