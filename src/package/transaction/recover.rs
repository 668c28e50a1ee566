//! Making good what a kill has left half way.

use std::fs;
use std::path::{Path, PathBuf};

use super::error::TransactionError;
use super::journal::{Journal, Phase, folder_of};
use super::lock::PrefixLock;
use super::registration::Registration;
use super::run::{self, Watch};
use super::{Ledger, sweep};

/// How an unfinished change ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recovery {
    /// The rest of it was done.
    Finished,
    /// It was taken back.
    RolledBack,
}

/// An unfinished change that was made good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recovered {
    pub prefix: PathBuf,
    /// The change in a person's words.
    pub what: String,
    pub recovery: Recovery,
}

/// The environments with an unfinished change.
pub fn unfinished(registrations: &Path) -> Vec<PathBuf> {
    let all = Registration::all(registrations);
    all.into_iter().map(|registration| registration.prefix).collect()
}

/// Makes good every unfinished change, and says of each environment how. One that another Sextant is changing right now is left
/// out.
pub fn recover(
    registrations: &Path,
    ledger: &dyn Ledger,
    watch: Watch<'_>,
) -> Vec<(PathBuf, Result<Option<Recovered>, TransactionError>)> {
    let mut recovered = Vec::new();
    for registration in Registration::all(registrations) {
        let outcome = match recover_one(&registration, ledger, watch) {
            Err(TransactionError::Busy { .. }) => continue,
            Ok(outcome) => registration
                .remove(registrations)
                .map(|()| outcome)
                .map_err(TransactionError::from),
            Err(error) => Err(error),
        };
        recovered.push((registration.prefix, outcome));
    }
    recovered
}

fn recover_one(
    registration: &Registration,
    ledger: &dyn Ledger,
    watch: Watch<'_>,
) -> Result<Option<Recovered>, TransactionError> {
    let prefix = &registration.prefix;
    if !folder_of(prefix).exists() {
        // Killed before the first folder, or after the last file. Or somebody has moved the environment away.
        registration.remove_new_folders();
        return Ok(None);
    }
    let lock = PrefixLock::take(prefix)?;
    let recovered = resume(prefix, ledger, watch)?;
    let is_new = recovered
        .as_ref()
        .is_none_or(|one| one.recovery == Recovery::RolledBack);
    lock.release();
    if is_new {
        registration.remove_new_folders();
    }
    Ok(recovered)
}

/// Finishes or takes back the change whose journal lies in the prefix, if there is one. Whoever calls holds the lock.
pub(super) fn resume(
    prefix: &Path,
    ledger: &dyn Ledger,
    watch: Watch<'_>,
) -> Result<Option<Recovered>, TransactionError> {
    let Some(mut journal) = Journal::read(prefix)? else {
        return Ok(None);
    };
    let recovery = match (journal.record.phase, journal.record.has_scripts) {
        (Phase::Staging, _) => {
            sweep(&journal, watch, removed)?;
            Recovery::RolledBack
        }
        (Phase::Placing, false) => match run::forward(&journal, prefix, watch, None, |_| {}) {
            Ok(()) => {
                journal.turn(Phase::Finishing)?;
                finish(&journal, prefix, ledger, watch)?;
                Recovery::Finished
            }
            // Something is in the way that was not there: as before is right as well.
            Err(_) => take_back(&mut journal, prefix, watch)?,
        },
        (Phase::Placing, true) | (Phase::Back, _) => take_back(&mut journal, prefix, watch)?,
        (Phase::Finishing, _) => {
            finish(&journal, prefix, ledger, watch)?;
            Recovery::Finished
        }
    };
    Ok(Some(Recovered {
        prefix: prefix.to_owned(),
        what: journal.record.what.clone(),
        recovery,
    }))
}

fn take_back(journal: &mut Journal, prefix: &Path, watch: Watch<'_>) -> Result<Recovery, TransactionError> {
    if journal.record.phase != Phase::Back {
        journal.turn(Phase::Back)?;
    }
    run::back(journal, prefix, watch, |_| {})?;
    sweep(journal, watch, removed)?;
    Ok(Recovery::RolledBack)
}

fn finish(
    journal: &Journal,
    prefix: &Path,
    ledger: &dyn Ledger,
    watch: Watch<'_>,
) -> Result<(), TransactionError> {
    // An environment that cannot be put on the list is one all the same, as with conda.
    let _ = ledger.register(prefix);
    run::give_back_foreign(journal, prefix)?;
    sweep(journal, watch, removed)
}

/// On the spot: who recovers waits for the environment to be as it should, and for nothing to be left in it.
fn removed(folders: &[(PathBuf, String)]) {
    for (folder, _) in folders {
        let _ = fs::remove_dir_all(folder);
    }
}
