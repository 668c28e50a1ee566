//! Uploading packages, notebooks and environment files: to an account or organisation of Anaconda Repository and
//! Anaconda.org, to a channel of Anaconda Server.
//!
//! [`Services::plan_upload`] reads the files and asks the server what would become of each; nothing is sent by it. What is
//! to happen where a file lies there already is then decided in the plan, and [`Services::upload`] carries it out, one
//! file after the other. A file that fails keeps the others from nothing; what was not sent can be planned anew.

mod account;
mod carry_out;
mod plan;
mod progress;
mod to_repository;
mod to_server;

use std::path::PathBuf;

use serde::Serialize;

use super::connection::Service;
use super::plan::Warning;
use crate::error::{Explain, Kind, Problem};
use crate::package::distribution::{Distribution, DistributionError};
use crate::repository::{Privacy, Visibility};

pub use progress::{UploadProgress, UploadStep};

/// The label that files get where none is named: what a channel holds that is named without a label.
pub const MAIN_LABEL: &str = "main";

/// What somebody wants to upload.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UploadWish {
    pub files: Vec<PathBuf>,
    /// An account or organisation; a channel of Anaconda Server. Without, the person's own.
    pub to: Option<String>,
    /// None means [`MAIN_LABEL`].
    pub labels: Vec<String>,
    pub access: WishedAccess,
}

/// Who is to see packages that come to be by an upload.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum WishedAccess {
    /// Whatever the server does by itself: a repository makes them public (seed 004).
    #[default]
    Usual,
    Private,
}

/// Where the files go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UploadPlace {
    /// A person or an organisation.
    Account { login: String },
    /// `channel` or `channel/sub-channel`; who may read it decides who sees what lies in it.
    Channel { path: String, privacy: Privacy },
}

impl UploadPlace {
    pub fn name(&self) -> &str {
        match self {
            Self::Account { login } => login,
            Self::Channel { path, .. } => path,
        }
    }
}

/// What would be sent, and where.
#[derive(Debug, Clone)]
pub struct UploadPlan {
    pub service: Service,
    pub domain: String,
    pub place: UploadPlace,
    /// None at a server that has no labels.
    pub labels: Vec<String>,
    pub access: WishedAccess,
    /// In the order in which they were named.
    pub files: Vec<PlannedUpload>,
    pub warnings: Vec<Warning>,
}

/// One file of a plan.
#[derive(Debug, Clone)]
pub struct PlannedUpload {
    pub path: PathBuf,
    pub outlook: Outlook,
    /// What is to happen where another file is in the way; to be decided by whoever shows the plan.
    pub on_conflict: OnConflict,
}

/// What is to become of a file.
#[derive(Debug, Clone)]
pub enum Outlook {
    Ready(Box<ReadyFile>),
    /// It cannot be sent, for this reason.
    Refused(Problem),
}

/// A file that can be sent.
#[derive(Debug, Clone, PartialEq)]
pub struct ReadyFile {
    pub distribution: Distribution,
    /// Who will see it; `None` where the server does not say.
    pub visible_to: Option<Visibility>,
    pub there: There,
}

/// What lies already where a file goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum There {
    Nothing,
    /// The very same file: there is nothing to do.
    SameFile,
    /// Another file of this name, or one of which the server does not say what is in it.
    OtherFile,
}

/// What to do about a file that lies there already.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum OnConflict {
    /// It stays, and this one is left out.
    #[default]
    Skip,
    /// It is removed before this one is sent.
    Replace,
    /// It stays, and this one counts as failed.
    Fail,
}

impl PlannedUpload {
    pub fn ready(&self) -> Option<&ReadyFile> {
        match &self.outlook {
            Outlook::Ready(file) => Some(file),
            Outlook::Refused(_) => None,
        }
    }

    pub fn is_conflict(&self) -> bool {
        self.ready().is_some_and(|file| file.there == There::OtherFile)
    }

    /// Whether something will be sent, as it is decided now.
    pub fn will_be_sent(&self) -> bool {
        self.ready().is_some_and(|file| match file.there {
            There::Nothing => true,
            There::SameFile => false,
            There::OtherFile => self.on_conflict == OnConflict::Replace,
        })
    }
}

impl UploadPlan {
    /// How many bytes would be sent.
    pub fn bytes(&self) -> u64 {
        let sent = self.files.iter().filter(|file| file.will_be_sent());
        sent.filter_map(|file| Some(file.ready()?.distribution.size))
            .sum()
    }

    pub fn has_conflict(&self) -> bool {
        self.files.iter().any(PlannedUpload::is_conflict)
    }
}

/// What became of one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UploadedFile {
    pub path: PathBuf,
    pub outcome: UploadOutcome,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UploadOutcome {
    Uploaded {
        /// It took the place of another.
        replaced: bool,
    },
    /// The very same file was there.
    AlreadyThere,
    /// Another file of its name was there and stays.
    Skipped,
    Failed(Problem),
    /// The person stopped before it was whole, and nothing of it is there.
    Cancelled,
    /// It was not its turn yet when everything ended.
    NotTried,
}

impl UploadOutcome {
    /// One word for programs.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Uploaded { replaced: false } => "uploaded",
            Self::Uploaded { replaced: true } => "replaced",
            Self::AlreadyThere => "already-there",
            Self::Skipped => "skipped",
            Self::Failed(_) => "failed",
            Self::Cancelled => "cancelled",
            Self::NotTried => "not-tried",
        }
    }

    /// Whether the file is still to be uploaded.
    pub const fn is_left(&self) -> bool {
        matches!(self, Self::Failed(_) | Self::Cancelled | Self::NotTried)
    }
}

/// What became of all of them, in the order of the plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UploadReport {
    pub files: Vec<UploadedFile>,
}

impl UploadReport {
    /// The files that are still to be uploaded.
    pub fn rest(&self) -> Vec<PathBuf> {
        let left = self.files.iter().filter(|file| file.outcome.is_left());
        left.map(|file| file.path.clone()).collect()
    }

    /// The first failure.
    pub fn failure(&self) -> Option<&Problem> {
        self.files.iter().find_map(|file| match &file.outcome {
            UploadOutcome::Failed(problem) => Some(problem),
            _ => None,
        })
    }
}

/// Why files cannot be uploaded at all.
#[derive(Debug, Clone, thiserror::Error)]
pub enum UploadError {
    #[error("{service} takes no uploads")]
    NoUploads { service: &'static str },
    #[error("no file is named")]
    NoFiles,
    #[error("{domain} does not say which channel is yours")]
    NoOwnChannel { domain: String },
    #[error("\"{name}\" is neither an account nor an organisation")]
    NotAnAccount { name: String },
    #[error("{label} cannot be a label")]
    InvalidLabel { label: String },
    #[error(transparent)]
    Distribution(#[from] DistributionError),
    #[error("it was cancelled")]
    Cancelled,
}

impl Explain for UploadError {
    fn explain(&self) -> Problem {
        let problem = |kind| Problem::new(kind, self.to_string());
        match self {
            Self::NoUploads { .. } => problem(Kind::Usage)
                .because("its channels are filled by their organisation")
                .remedy("sign in to Anaconda Server, Anaconda Repository or Anaconda.org and upload there"),
            Self::NoFiles => problem(Kind::Usage).remedy("name the files to upload"),
            Self::NoOwnChannel { .. } => problem(Kind::Usage).remedy("name the channel"),
            Self::NotAnAccount { .. } => problem(Kind::Usage)
                .remedy("name the account or the organisation as it stands in its channel's address"),
            Self::InvalidLabel { .. } => problem(Kind::Usage)
                .because("a label is part of addresses")
                .remedy("use letters, digits, '-', '_', '.' and ':'"),
            Self::Distribution(error) => error.explain(),
            Self::Cancelled => problem(Kind::Cancelled).because("nothing was sent"),
        }
    }
}
