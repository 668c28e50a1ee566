//! Why a configuration was not shown or changed.

use std::path::PathBuf;

use thiserror::Error;

use super::{ConfigurationFile, Finding};
use crate::error::{Explain, Kind, Problem};

/// Never holds a secret.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ConfigurationError {
    #[error("{file} has no setting {key}")]
    UnknownKey {
        file: ConfigurationFile,
        key: String,
        /// A known name that looks like it.
        suggestion: Option<String>,
    },
    #[error("{key} cannot be {value}")]
    WrongValue {
        key: String,
        /// Masked.
        value: String,
        /// What it has to be, in a person's words.
        expected: String,
    },
    /// The text would not be understood.
    #[error("line {} of {}: {}", finding.line, path.display(), finding.message)]
    Broken {
        path: PathBuf,
        /// The first of the errors.
        finding: Box<Finding>,
        findings: Vec<Finding>,
    },
    #[error("{} has changed since it was opened", path.display())]
    ChangedMeanwhile { path: PathBuf },
    #[error("both changes cannot be joined in {}", path.display())]
    CannotMerge { path: PathBuf, reason: String },
    /// The file holds the setting twice, so that nobody can say which one counts.
    #[error("{} has {key} twice", path.display())]
    TwoSpellings { path: PathBuf, key: String },
    #[error("{} cannot be edited", path.display())]
    NotEditable { path: PathBuf, reason: String },
}

impl Explain for ConfigurationError {
    fn explain(&self) -> Problem {
        let problem = |kind| Problem::new(kind, self.to_string());
        match self {
            Self::UnknownKey { file, suggestion, .. } => {
                let problem = problem(Kind::Usage);
                match suggestion {
                    Some(name) => problem.remedy(format!("did you mean {name}?")),
                    None => problem.remedy(format!("see what there is: sextant config show {}", file.name())),
                }
            }
            Self::WrongValue { expected, .. } => problem(Kind::Usage).remedy(format!("give {expected}")),
            Self::Broken {
                finding, findings, ..
            } => {
                let more = findings.len().saturating_sub(1);
                let problem = problem(Kind::RefusedEdit).because(match more {
                    0 => "the program that reads the file would stumble over it; nothing was saved".to_owned(),
                    more => format!(
                        "the program that reads the file would stumble over it; {more} more of the kind; nothing was saved"
                    ),
                });
                match &finding.remedy {
                    Some(remedy) => problem.remedy(remedy.clone()),
                    None => problem.remedy("mend the line"),
                }
            }
            Self::ChangedMeanwhile { .. } => problem(Kind::Conflict)
                .because("another program, or another window, wrote it; nothing was saved")
                .remedy("look at what is there now, then join both changes or overwrite it"),
            Self::CannotMerge { reason, .. } => problem(Kind::Conflict)
                .because(reason.clone())
                .remedy("look at what is there now, and make your change in it"),
            Self::TwoSpellings { .. } => problem(Kind::RefusedEdit)
                .because("it stands there under two names; nothing was changed")
                .remedy("remove one of the two"),
            Self::NotEditable { reason, .. } => problem(Kind::RefusedEdit)
                .because(reason.clone())
                .remedy("change the line by hand"),
        }
    }
}
