//! An environment taken under lock for a change, and given back.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use rattler_conda_types::RepoDataRecord;

use super::change::Change;
use super::error::TransactionError;
use super::journal::{self, Journal, Phase, Record};
use super::lock::{PrefixLock, look_for_others};
use super::prefix::{META, Mark, installed};
use super::registration::Registration;
use super::{Request, recover, run, sweep};
use crate::edit::file::{self, FileError};
use crate::package::cache::Needed;
use crate::package::stop::Stop;

/// The environment under lock, with a journal that says that nothing was done yet.
///
/// Dropped before the first step, it leaves no trace; later, a journal for the next recovery.
pub(super) struct Opened {
    pub request: Arc<Request>,
    pub stop: Stop,
    registration: Registration,
    pub journal: Journal,
    pub change: Change,
    /// `conda-meta` as it was read.
    pub mark: Mark,
    /// Nothing once the change is at its end, or has to be made good later.
    pub lock: Option<PrefixLock>,
}

impl Drop for Opened {
    fn drop(&mut self) {
        if self.journal.record.phase == Phase::Staging {
            let _ = self.close();
        }
    }
}

impl Opened {
    /// Nothing when the environment already is what it shall be.
    pub fn open(request: Arc<Request>, stop: Stop) -> Result<Option<Self>, TransactionError> {
        let prefix = request.solution.prefix.clone();
        if stop.is_set() {
            return Err(TransactionError::Cancelled);
        }
        let registration = Registration {
            new_folders: file::missing_folders(&prefix.join(META).join("history")),
            prefix: prefix.clone(),
        };
        request.watch("register: before");
        registration.write(&request.registrations)?;
        request.watch("register: after");
        let opened = Self::under_lock(request.clone(), stop, &registration);
        if !matches!(opened, Ok(Some(_))) {
            registration.remove_new_folders();
            let _ = registration.remove(&request.registrations);
        }
        opened
    }

    fn under_lock(
        request: Arc<Request>,
        stop: Stop,
        registration: &Registration,
    ) -> Result<Option<Self>, TransactionError> {
        let prefix = &registration.prefix;
        make_prefix(prefix)?;
        let lock = PrefixLock::take(prefix)?;
        let watch = |step: &str| request.watch(step);
        // What somebody's killed Sextant has left; the change was planned for something else then, which is seen below.
        recover::resume(prefix, &*request.ledger, &watch)?;
        let begun = Self::begin(&request, prefix, registration);
        match begun {
            Ok(Some((journal, change, mark))) => Ok(Some(Self {
                request,
                stop,
                registration: registration.clone(),
                journal,
                change,
                mark,
                lock: Some(lock),
            })),
            other => {
                lock.release();
                other.map(|_| None)
            }
        }
    }

    fn begin(
        request: &Request,
        prefix: &Path,
        registration: &Registration,
    ) -> Result<Option<(Journal, Change, Mark)>, TransactionError> {
        look_for_others(prefix)?;
        let mark = Mark::of(prefix)?;
        let change = Change::between(installed(prefix)?, &request.solution)?;
        let (gone, linked) = change.difference();
        if let Some(expected) = &request.expected
            && (expected.gone != gone || expected.linked != linked)
        {
            return Err(TransactionError::Changed {
                prefix: prefix.to_owned(),
            });
        }
        if change.is_empty() && run::is_there(&prefix.join(META).join("history")) {
            return Ok(None);
        }
        request.watch("journal: before");
        let journal = Journal::begin(
            prefix,
            Record {
                id: request.id.clone(),
                started_at: request.at,
                what: request.what.clone(),
                phase: Phase::Staging,
                has_scripts: false,
                new_folders: registration.new_folders.clone(),
                steps: Vec::new(),
            },
        )?;
        request.watch("journal: after");
        Ok(Some((journal, change, mark)))
    }
    pub fn needed(&self) -> Vec<Needed> {
        let needed = |record: &RepoDataRecord| Needed {
            record: record.clone(),
            is_unindexed: self.request.solution.is_unindexed(record),
        };
        self.change.linked.iter().map(needed).collect()
    }

    pub fn prefix(&self) -> &Path {
        &self.registration.prefix
    }

    /// Ends the journal and gives the lock back. The environment is as it was or as it will be.
    pub fn close(&mut self) -> Result<(), TransactionError> {
        let Some(lock) = self.lock.take() else {
            return Ok(());
        };
        let is_taken_back = self.journal.record.phase != Phase::Finishing;
        let watch = |step: &str| self.request.watch(step);
        sweep(&self.journal, &watch, |folders| {
            self.request.discards.take(folders);
        })?;
        lock.release();
        if is_taken_back {
            self.registration.remove_new_folders();
        }
        watch("unregister: before");
        self.registration.remove(&self.request.registrations)?;
        watch("unregister: after");
        Ok(())
    }
}

/// Makes the folders of an environment that is not there yet, and finds out whether it can be written.
fn make_prefix(prefix: &Path) -> Result<(), TransactionError> {
    let folder = journal::folder_of(prefix);
    let failed = |error| FileError::of_io(error, prefix, "changed");
    fs::create_dir_all(prefix.join(META)).map_err(failed)?;
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    match builder.create(&folder) {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => Err(failed(error).into()),
        _ => Ok(()),
    }
}
