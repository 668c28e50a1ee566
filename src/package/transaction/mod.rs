//! Bringing an environment from what it holds to what it shall hold, as one change: all of it or none, whatever happens.
//!
//! 1. Everything that can fail without touching the environment comes first: every package is fetched and checked
//!    ([`cache`](super::cache)), every new file is laid beside the environment ([`stage`]).
//! 2. What then remains are renames within one file system ([`steps`], [`run`]), written down before they begin ([`journal`]).
//! 3. When one fails, or the person cancels, they are taken back. After a kill the next start finishes them or takes them back
//!    ([`recover`]).
//!
//! The files themselves are not flushed to disk one by one, as no program does that links packages: after a power failure the
//! journal is whole, and the files are what the file system makes of them.

mod apply;
mod bytecode;
mod carry_out;
mod change;
mod discard;
mod error;
mod journal;
mod layout;
mod lock;
mod opened;
mod prefix;
mod records;
mod recover;
mod registration;
mod run;
mod scripts;
mod stage;
mod steps;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;

use super::cache::PackageCache;
use super::transport::Transport;
use super::{Record, Solution};
use crate::error::Problem;

pub use apply::apply;
pub use discard::Discards;
pub use error::TransactionError;
pub use layout::Clobbered;
pub use lock::check_idle;
pub use recover::{Recovered, Recovery, recover, unfinished};

use journal::Journal;
use run::Watch;

/// What is written down about an environment beside its packages. The files are conda's, so that somebody else knows them.
pub trait Ledger: Send + Sync {
    /// The content of `conda-meta/history` once the change is at its end. `present` is what the environment then holds, with
    /// channels named by their address.
    fn history(&self, before: Option<&[u8]>, present: &[Record]) -> Vec<u8>;

    /// Makes the environment known to conda, if it is not.
    ///
    /// Errors: what a person reads; the environment is one all the same.
    fn register(&self, prefix: &Path) -> Result<(), Problem>;
}

/// Whether the scripts that packages bring may run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scripts {
    Run,
    Skip,
}

/// `<name>-<version>-<build>` of the packages that the person was told would go and come.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Expected {
    pub gone: BTreeSet<String>,
    pub linked: BTreeSet<String>,
}

/// A change of an environment, or a new one.
pub struct Request {
    pub solution: Solution,
    pub cache: PackageCache,
    pub transport: Transport,
    /// The folder in which environments are written down while they change.
    pub registrations: PathBuf,
    /// Takes what the change has worked with.
    pub discards: Discards,
    /// Unique to the change; a file name everywhere.
    pub id: String,
    /// The change in a person's words.
    pub what: String,
    pub at: Timestamp,
    pub scripts: Scripts,
    /// What the person has seen; a change that would be another one is refused. Nothing where nothing was shown.
    pub expected: Option<Expected>,
    pub ledger: Arc<dyn Ledger>,
    /// Environment variables for scripts.
    pub variables: BTreeMap<String, String>,
    /// Is told the name of every step before and after it is taken, from any thread.
    pub watcher: Arc<dyn Fn(&str) + Send + Sync>,
}

/// How far a change is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    Downloading {
        bytes: u64,
        total: u64,
        package: String,
    },
    Unpacking {
        done: usize,
        total: usize,
        package: String,
    },
    Linking {
        done: usize,
        total: usize,
        package: String,
    },
    Unlinking {
        done: usize,
        total: usize,
        package: String,
    },
    RollingBack {
        done: usize,
        total: usize,
    },
}

/// What a change came to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Outcome {
    /// `<name>-<version>-<build>` of the packages that went.
    pub gone: Vec<String>,
    /// Of those that were linked.
    pub linked: Vec<String>,
    pub clobbered: Vec<Clobbered>,
    /// Files that belong to no package and were in the way: where they lie now, told from the prefix.
    pub set_aside: Vec<PathBuf>,
    /// Packages with a script that did not run, since the person did not consent: `<name> (<script>)`.
    pub scripts_skipped: Vec<String>,
    pub scripts_run: Vec<String>,
    /// What scripts have to say to the person.
    pub messages: Vec<String>,
    /// Why the environment could not be made known to conda.
    pub not_registered: Option<Problem>,
    /// Why the new state stands although something around it failed: a script before unlinking.
    pub problems: Vec<Problem>,
}

/// Ends a journal whose change is at its end or taken back, and drops what the change has worked with.
///
/// The record goes first, which takes no space: without it there is nothing left but to drop the folder. What is in use by a
/// running program goes the next time. `away` takes folders away, and is told names for them that nothing else has.
fn sweep(
    journal: &Journal,
    watch: Watch<'_>,
    away: impl Fn(&[(PathBuf, String)]),
) -> Result<(), TransactionError> {
    watch("journal end: before");
    journal.end()?;
    watch("journal end: after");
    let id = &journal.record.id;
    away(&[
        (journal.stage(), format!("{id}-stage")),
        (journal.kept_folder(), format!("{id}-kept")),
    ]);
    watch("sweep: after");
    Ok(())
}

#[cfg(test)]
mod tests;
