//! Making an environment with packages in it: from match specs, as a copy of another one, or from a file.
//!
//! Linking the packages is a change of packages like any other; what comes before and after it belongs to the same wish: what no
//! package brings is copied, variables are set, the history gets an entry. A note says so as long as it is not all done, so that
//! a kill in between ends in a whole environment or in none (see [`note`]).

mod note;
mod plan;

use std::future::Future;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use futures::FutureExt;
use tokio::sync::mpsc;

use super::change::{Done, KIND, to_bytes};
use super::error::EnvironmentChangeError;
use super::trash::delete_tree;
use crate::conda::environment::relocation::copy;
use crate::conda::environment::{folders, registry, variables};
use crate::edit::file::PRIVATE;
use crate::edit::history::Entry;
use crate::edit::lock::Lock;
use crate::edit::transaction::FileWrite;
use crate::package::transaction::Outcome;
use crate::service::commit::Filling;
use crate::service::packages::apply::Consent;
use crate::service::packages::change::ChangeProgress;
use crate::service::plan::Plan;
use crate::service::recover::{Outcome as Recovery, Recovered};
use crate::service::{ServiceError, Services, blocking};
use note::Note;

pub use plan::{NewEnvironmentPlan, Origin};

/// An environment that is there now.
#[derive(Debug, Clone)]
pub struct MadeEnvironment {
    /// Its entry in the history; none where another Sextant was at work all the while, and writes it when it is next looked at.
    pub entry: Option<Entry>,
    /// What linking its packages came to.
    pub outcome: Outcome,
}

impl Services {
    /// Makes the environment of a plan. When `stop` ends with success, or the future is dropped, nothing of it is left; what pip is
    /// to install is not installed: see [`Services::install_with_pip`].
    ///
    /// Errors: whatever fails, the environment is not there.
    pub async fn make_environment<E>(
        &self,
        planned: &NewEnvironmentPlan,
        consent: &Consent,
        mut progress: impl FnMut(ChangeProgress),
        stop: impl Future<Output = Result<(), E>>,
    ) -> Result<MadeEnvironment, ServiceError> {
        let prefix = &planned.target.prefix;
        blocking(|| super::target::check_is_free(prefix, &planned.target.shown()))?;
        let held = blocking(|| self.note_making(planned))?;
        let mut stop = std::pin::pin!(stop.fuse());
        let outcome = self
            .apply_change(&planned.change, consent, &mut progress, stop.as_mut())
            .await;
        let outcome = match outcome {
            Ok(outcome) => outcome,
            Err(error) => {
                blocking(|| self.forget_note(held))?;
                return Err(error);
            }
        };
        let finished = self.finish_with(&held.note, &mut progress, stop.as_mut()).await;
        if let Err(error) = finished {
            blocking(|| self.unmake(&held.note));
            blocking(|| self.forget_note(held))?;
            return Err(error);
        }
        let entry = match self.begin().await {
            Ok(lock) => Some(blocking(|| self.record_making(&held.note, &lock))?),
            // The note stays for whoever is at work.
            Err(_) => return Ok(MadeEnvironment { entry: None, outcome }),
        };
        blocking(|| self.forget_note(held))?;
        Ok(MadeEnvironment { entry, outcome })
    }

    /// What comes after the packages, off the threads that wait, until `stop` ends with success.
    async fn finish_with<E>(
        &self,
        note: &Note,
        progress: &mut impl FnMut(ChangeProgress),
        mut stop: impl futures::future::FusedFuture<Output = Result<(), E>> + Unpin,
    ) -> Result<(), ServiceError> {
        let wanted = std::sync::Arc::new(AtomicBool::new(true));
        let (tell, mut hear) = mpsc::unbounded_channel();
        let mut work = {
            let (note, wanted, services) = (note.clone(), wanted.clone(), self.clone());
            tokio::task::spawn_blocking(move || {
                services.finish_making(&note, &mut |done, total, file| {
                    let _ = tell.send((done, total, file.to_owned()));
                    wanted.load(Ordering::Relaxed)
                })
            })
        };
        let _ends = StopOnDrop(wanted.clone());
        loop {
            tokio::select! {
                biased;
                wished = &mut stop, if !stop.is_terminated() => {
                    if wished.is_ok() {
                        wanted.store(false, Ordering::Relaxed);
                    }
                }
                Some((done, total, package)) = hear.recv() => {
                    progress(ChangeProgress::Linking { done, total, package });
                }
                ended = &mut work => {
                    return ended.map_err(|error| ServiceError::Internal(error.to_string()))?;
                }
            }
        }
    }

    /// Copies what belongs to no package, and sets variables. Doing it again does no harm.
    fn finish_making(
        &self,
        note: &Note,
        copied: &mut dyn FnMut(usize, usize, &str) -> bool,
    ) -> Result<(), ServiceError> {
        if let Some(from) = &note.copy_of {
            self.step("copy: before");
            copy::copy(from, &note.prefix, copied)?;
            self.step("copy: after");
        }
        Ok(variables::set(&note.prefix, &note.variables)?)
    }

    /// The entry in the history, and what undoing it needs.
    fn record_making(&self, note: &Note, _lock: &Lock) -> Result<Entry, ServiceError> {
        let plan = Plan::new(KIND, note.what.clone());
        let id = note.id.clone();
        // Written down before a kill came.
        if let Some(entry) = self.entries()?.into_iter().find(|entry| entry.id == id) {
            return Ok(entry);
        }
        let begun = self.begin_transaction(&id, &plan.what, Vec::new())?;
        let prepared = self
            .prepare(&id, &plan, &Filling::default())
            .and_then(|mut prepared| {
                let done = Done::Made {
                    prefix: note.prefix.clone(),
                };
                prepared.writes.push(FileWrite {
                    path: self.done_path(&id),
                    before: None,
                    after: Some(to_bytes(&done)?),
                    new_mode: PRIVATE,
                    mode: None,
                });
                Ok(prepared)
            });
        let (_, entry) = self.carry_out(begun, prepared)?;
        Ok(entry)
    }

    /// Removes a new environment that is not whole.
    fn unmake(&self, note: &Note) {
        let _ = delete_tree(&note.prefix);
        let _ = registry::unregister(&self.surroundings(), &note.prefix, &self.turn_of_list());
    }

    /// Finishes environments that were being made when somebody killed the program.
    ///
    /// Errors: file errors; what cannot be finished or removed now is tried again next time.
    pub(crate) fn recover_making(&self, lock: &Lock) -> Result<Vec<Recovered>, ServiceError> {
        let abandoned = self.abandoned_making()?;
        if abandoned.is_empty() {
            return Ok(Vec::new());
        }
        if !self.unfinished_environments().is_empty() {
            self.recover_environments();
        }
        let mut recovered = Vec::new();
        for held in abandoned {
            let note = &held.note;
            // Its packages were linked, or taken back as a whole.
            let is_whole = folders::is_environment(&note.prefix)
                && match self.finish_making(note, &mut |_, _, _| true) {
                    Ok(()) => true,
                    Err(_) => {
                        self.unmake(note);
                        false
                    }
                };
            let outcome = match is_whole {
                true => {
                    self.record_making(note, lock)?;
                    Recovery::Finished
                }
                false => Recovery::RolledBack,
            };
            recovered.push(Recovered {
                what: note.what.clone(),
                outcome,
                left_alone: Vec::new(),
            });
            self.forget_note(held)?;
        }
        Ok(recovered)
    }
}

/// Says that nobody waits any more.
struct StopOnDrop(std::sync::Arc<AtomicBool>);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Relaxed);
    }
}

/// Refuses what does not fit what it is a copy of.
pub(super) fn check_apart(from: &Path, to: &Path) -> Result<(), EnvironmentChangeError> {
    match to.starts_with(from) {
        true => Err(EnvironmentChangeError::Nested {
            prefix: to.to_owned(),
            above: from.to_owned(),
        }),
        false => Ok(()),
    }
}
