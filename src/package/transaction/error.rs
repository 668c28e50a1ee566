//! Why an environment could not be changed.

use std::path::PathBuf;

use thiserror::Error;

use crate::edit::file::FileError;
use crate::edit::lock::LockError;
use crate::error::{Explain, Kind, Problem};
use crate::package::cache::CacheError;

#[derive(Debug, Clone, Error)]
pub enum TransactionError {
    #[error("it was cancelled; the environment is as it was")]
    Cancelled,
    #[error(transparent)]
    Cache(CacheError),
    #[error(transparent)]
    File(#[from] FileError),
    #[error("{program} is changing {prefix} right now")]
    Busy {
        prefix: PathBuf,
        program: &'static str,
        /// What tells that it is at work.
        sign: String,
    },
    #[error("{prefix} has records that cannot be read")]
    BrokenRecords {
        prefix: PathBuf,
        /// Files in `conda-meta`, each with the reason.
        records: Vec<(PathBuf, String)>,
    },
    #[error("{prefix} was changed by another program meanwhile")]
    Changed { prefix: PathBuf },
    #[error("packages cannot be linked into {prefix}: its path is not Unicode")]
    NotUnicode { prefix: PathBuf },
    #[error("{package} needs a Python in the environment")]
    NoPython { package: String },
    #[error("{subdir} is no platform")]
    NoPlatform { subdir: String },
    #[error("{one} and {other} cannot be in one environment")]
    Collision {
        one: String,
        other: String,
        path: PathBuf,
    },
    #[error("{path} of {package} could not be linked")]
    Link {
        package: String,
        path: PathBuf,
        reason: String,
    },
    #[error("the {script} script of {package} failed")]
    Script {
        package: String,
        script: &'static str,
        output: String,
    },
    #[error("the journal {path} is damaged")]
    DamagedJournal { path: PathBuf, reason: String },
    /// The change failed, and then something could not be put back.
    #[error("{cause}, and not everything could be put back")]
    NotPutBack {
        cause: Box<TransactionError>,
        reason: Box<TransactionError>,
    },
}

impl From<CacheError> for TransactionError {
    fn from(error: CacheError) -> Self {
        match error {
            CacheError::Cancelled => Self::Cancelled,
            CacheError::File(error) => Self::File(error),
            error => Self::Cache(error),
        }
    }
}

impl From<LockError> for TransactionError {
    fn from(error: LockError) -> Self {
        Self::Cache(CacheError::Lock(error))
    }
}

impl Explain for TransactionError {
    fn explain(&self) -> Problem {
        let problem = |kind| Problem::new(kind, self.to_string());
        match self {
            Self::Cancelled => problem(Kind::Cancelled),
            Self::Cache(error) => error.explain(),
            Self::File(error) => error.explain(),
            Self::Busy { sign, .. } => problem(Kind::Busy)
                .because(sign.clone())
                .remedy("wait until it has finished and try again"),
            Self::BrokenRecords { records, .. } => {
                let records: Vec<String> = records
                    .iter()
                    .map(|(path, reason)| format!("{}: {reason}", path.display()))
                    .collect();
                problem(Kind::File).because(records.join("; ")).remedy(
                    "reinstall these packages with conda after moving the files away, or make the environment anew",
                )
            }
            Self::Changed { .. } => problem(Kind::Conflict)
                .because("it no longer holds what the change was planned for")
                .remedy("try again; the change is then planned anew"),
            Self::NotUnicode { .. } => problem(Kind::File).remedy("use a folder whose name is Unicode"),
            Self::NoPython { .. } => {
                problem(Kind::Unsolvable).remedy("install python into the environment as well")
            }
            Self::NoPlatform { .. } => {
                problem(Kind::Usage).remedy("name a platform as conda does, such as linux-64")
            }
            Self::Collision { path, .. } => problem(Kind::Conflict)
                .because(format!(
                    "{} is a file in one of them and a folder in the other",
                    path.display()
                ))
                .remedy("leave one of them out"),
            Self::Link { reason, .. } => problem(Kind::File)
                .because(reason.clone())
                .remedy("free some space or check who owns the environment, and try again"),
            Self::Script { output, .. } => {
                let problem = problem(Kind::File).remedy("install it without its scripts, if it works so");
                match output.is_empty() {
                    true => problem,
                    false => problem.because(output.clone()),
                }
            }
            Self::DamagedJournal { path, reason } => {
                problem(Kind::File).because(reason.clone()).remedy(format!(
                    "keep a copy of {} and make the environment anew",
                    path.parent().unwrap_or(path).display()
                ))
            }
            Self::NotPutBack { cause, reason } => {
                let mut problem = cause.explain();
                problem.message = self.to_string();
                problem.cause = Some(reason.explain().message);
                problem.remedy = Some("once that is mended, run: sextant recover".to_owned());
                problem
            }
        }
    }
}
