//! Why a package could not be had.

use std::path::PathBuf;

use thiserror::Error;

use crate::edit::file::FileError;
use crate::edit::lock::LockError;
use crate::error::{Explain, Kind, Problem};

#[derive(Debug, Clone, Error)]
pub enum CacheError {
    #[error("it was cancelled")]
    Cancelled,
    /// The courier did not carry the request: its own words.
    #[error("{package} could not be downloaded: {problem}")]
    NotCarried { package: String, problem: Problem },
    #[error("the download of {package} broke off")]
    BrokeOff {
        package: String,
        url: String,
        reason: String,
    },
    #[error("the server does not give {package}")]
    Status {
        package: String,
        url: String,
        status: u16,
    },
    #[error("{package} is not the file that the index of its channel announces")]
    WrongContent {
        package: String,
        url: String,
        announced: String,
        found: String,
    },
    #[error("{package} is damaged")]
    Damaged { package: String, reason: String },
    #[error("{package} is refused: {what}")]
    Hostile { package: String, what: Hostile },
    #[error("{package} is a kind of file that is no conda package: {file_name}")]
    NotAPackage { package: String, file_name: String },
    #[error(transparent)]
    File(#[from] FileError),
    #[error(transparent)]
    Lock(#[from] LockError),
}

/// What a package holds that no honest one does.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Hostile {
    #[error("it holds a path that leads out of the environment: {path}")]
    Path { path: PathBuf },
    #[error("it holds a link that leads out of the environment: {path} -> {target}")]
    Link { path: PathBuf, target: PathBuf },
    #[error("it writes through one of its own links: {path}")]
    ThroughLink { path: PathBuf },
    #[error("it holds a device or another special file: {path}")]
    Special { path: PathBuf },
    #[error("it claims a file that conda keeps itself: {path}")]
    Bookkeeping { path: PathBuf },
    #[error("its name leads out of the folder of packages: {name}")]
    Name { name: String },
    #[error("it says of itself that it is {found}")]
    Disguised { found: String },
}

impl Explain for CacheError {
    fn explain(&self) -> Problem {
        match self {
            Self::Cancelled => Problem::new(Kind::Cancelled, self.to_string()),
            Self::NotCarried { problem, .. } => Problem {
                message: self.to_string(),
                ..problem.clone()
            },
            Self::BrokeOff { url, reason, .. } => Problem::new(Kind::Network, self.to_string())
                .because(format!("{reason} ({url})"))
                .remedy("try again; what has arrived whole is not fetched twice"),
            Self::Status { url, status, .. } => status_problem(self.to_string(), url, *status),
            Self::WrongContent {
                url,
                announced,
                found,
                ..
            } => Problem::new(Kind::Conflict, self.to_string())
                .because(format!("{url} has {found}, the index says {announced}"))
                .remedy(
                    "update the index and try again; if it stays so, tell the people who run the channel",
                ),
            Self::Damaged { reason, .. } => Problem::new(Kind::File, self.to_string())
                .because(reason.clone())
                .remedy("tell the people who run the channel"),
            Self::Hostile { .. } => Problem::new(Kind::File, self.to_string())
                .because("no package that was built honestly does that; nothing of it was kept")
                .remedy("do not use this package, and tell the people who run the channel"),
            Self::NotAPackage { .. } => Problem::new(Kind::File, self.to_string())
                .remedy("choose a version that the channel offers as .conda or .tar.bz2"),
            Self::File(error) => error.explain(),
            Self::Lock(error) => error.explain(),
        }
    }
}

fn status_problem(message: String, url: &str, status: u16) -> Problem {
    let because = |kind| Problem::new(kind, message.clone()).because(format!("it answers {status} to {url}"));
    match status {
        401 => because(Kind::Auth).remedy("sign in, or renew the token of this channel"),
        403 => because(Kind::Forbidden).remedy("ask the owner of the channel for access"),
        404 | 410 => {
            because(Kind::Conflict).remedy("update the index; the package may be gone from the channel")
        }
        _ => because(Kind::Network).remedy("try again later"),
    }
}
