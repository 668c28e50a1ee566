//! The index of all channels that conda searches on this machine (seeds 000 and 001, "update index").

use serde::Serialize;

use crate::error::Problem;

/// One channel and subdir of the index, as the command line prints it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct IndexedSubdir {
    /// The channel as conda calls it.
    pub name: String,
    /// The channel's address, without subdir and secrets.
    pub url: String,
    pub subdir: String,
    /// How many packages, counted by version and build.
    pub records: u64,
    pub status: IndexStatus,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<Problem>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum IndexStatus {
    /// It was fetched.
    Updated,
    /// The server said that nothing changed.
    Unchanged,
    /// The server has no such subdir, which conda takes for empty.
    Missing,
    /// What an earlier update fetched stays in use, if there is any.
    Failed,
}

/// What an update of the index tells while it runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IndexProgress {
    /// Everything that will be asked for: channel name and subdir, in the order of the rows to show.
    Planned(Vec<(String, String)>),
    /// Bytes of one channel and subdir that have arrived, out of the bytes to come where that is known.
    Received {
        name: String,
        subdir: String,
        bytes: u64,
        total: Option<u64>,
    },
    Ended(IndexedSubdir),
}
