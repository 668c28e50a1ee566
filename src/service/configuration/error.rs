//! Why a configuration was not shown or changed.

use std::path::PathBuf;

use thiserror::Error;

use super::{ConfigurationFile, Finding};

#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ConfigurationError {
    #[error("{file} has no setting {key}")]
    UnknownKey {
        file: ConfigurationFile,
        key: String,
        /// A known name that looks like it.
        suggestion: Option<&'static str>,
    },
    #[error("{key} cannot be {value}")]
    WrongValue {
        key: String,
        /// Masked.
        value: String,
        /// "`true` or `false`".
        expected: String,
    },
    /// The text would not be understood.
    #[error("line {} of {path}: {}", finding.line, finding.message)]
    Broken {
        path: PathBuf,
        /// The first of the errors.
        finding: Finding,
        findings: Vec<Finding>,
    },
    #[error("{path} has changed since it was opened")]
    ChangedMeanwhile { path: PathBuf },
    #[error("both changes cannot be joined in {path}")]
    CannotMerge { path: PathBuf, reason: String },
}
