//! Carrying out changes of environments as a whole: the folder, conda's list of environments and the history in one journalled
//! change.
//!
//! What happens to the folder is described in the journal first and done while nothing else has been touched: a crash before the
//! point of no return is made good by taking it back, one after it by writing the rest.

use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::Value;

use super::change::{EnvironmentAction, EnvironmentPlan, to_bytes};
use super::effect::FolderEffect;
use super::error::EnvironmentChangeError;
use crate::conda::environment::registry;
use crate::edit::file::{self, PRIVATE};
use crate::edit::history::Entry;
use crate::edit::transaction::{FileWrite, Transaction};
use crate::package::transaction;
use crate::service::commit::Filling;
use crate::service::plan::{Owner, Plan, PlannedFile};
use crate::service::recover::RemoteEffect;
use crate::service::{ServiceError, Services, blocking};

impl Services {
    /// Executes the plan of a change of an environment as a whole. `stop` ends it between files as long as it can still be
    /// taken back.
    ///
    /// Errors: whatever fails, the environment, conda's list and the history are as before.
    pub async fn change_environment(
        &self,
        planned: &EnvironmentPlan,
        stop: &AtomicBool,
    ) -> Result<Entry, ServiceError> {
        let lock = self.begin().await?;
        blocking(|| {
            self.check_idle(planned)?;
            if matches!(planned.action, EnvironmentAction::Remove { .. }) {
                // A trash that cannot be emptied is no reason to keep an environment.
                let _ = self.make_room(&lock);
            }
            self.carry_out_environment(planned, stop)
        })
    }

    /// A change of its packages that a kill has left half way is made good first; one that somebody is at stands in the way.
    fn check_idle(&self, planned: &EnvironmentPlan) -> Result<(), ServiceError> {
        let prefix = &planned.prefix;
        match &planned.action {
            EnvironmentAction::Create | EnvironmentAction::Restore { .. } => return Ok(()),
            EnvironmentAction::Remove { .. } | EnvironmentAction::Rename { .. } => {}
        }
        if self.unfinished_environments().contains(prefix) {
            self.recover_environments();
        }
        Ok(transaction::check_idle(prefix)?)
    }

    fn carry_out_environment(
        &self,
        planned: &EnvironmentPlan,
        stop: &AtomicBool,
    ) -> Result<Entry, ServiceError> {
        // conda may have written into its list since the change was planned.
        let plan = Plan {
            files: self.list_of_conda(&planned.action, planned)?,
            ..planned.plan.clone()
        };
        self.allowed(&plan)?;
        let id = self.new_id();
        let effect = planned.effect.clone().of_change(&id);
        let described = described(&effect)?;
        let mut transaction = self.begin_transaction(&id, &plan.what, vec![described])?;
        let wanted = || !stop.load(Ordering::Relaxed);
        let done = effect
            .carry_out(self.watcher(), &wanted)
            .map_err(ServiceError::from)
            .and_then(|()| match wanted() {
                true => self.write_environment(&id, planned, &plan, &mut transaction),
                false => Err(EnvironmentChangeError::cancelled().into()),
            });
        match done {
            Ok(entry) => {
                // It has happened. What cannot be tidied up or written now, the next recovery does.
                if effect.settle().is_ok() {
                    let _ = transaction.finish(&self.history(), self.watcher());
                }
                Ok(entry)
            }
            Err(error) => {
                self.forget_chest(&id);
                // What cannot be put back now stays in the journal; the person hears what failed first.
                if transaction.roll_back(self.watcher()).is_ok() && effect.undo().is_ok() {
                    transaction.finish(&self.history(), self.watcher())?;
                }
                Err(error)
            }
        }
    }

    fn write_environment(
        &self,
        id: &str,
        planned: &EnvironmentPlan,
        plan: &Plan,
        transaction: &mut Transaction,
    ) -> Result<Entry, ServiceError> {
        let filling = Filling {
            undoes: planned.undoes.clone(),
            ..Filling::default()
        };
        let mut prepared = self.prepare(id, plan, &filling)?;
        prepared.writes.push(FileWrite {
            path: self.done_path(id),
            before: None,
            after: Some(to_bytes(&planned.done(self.now()))?),
            new_mode: PRIVATE,
            mode: None,
        });
        let watcher = self.watcher();
        transaction.stage(&prepared.writes, Some(prepared.entry.clone()), watcher)?;
        transaction.apply(watcher)?;
        Ok(prepared.entry)
    }

    /// What becomes of `environments.txt`.
    pub(super) fn list_of_conda(
        &self,
        action: &EnvironmentAction,
        planned: &EnvironmentPlan,
    ) -> Result<Vec<PlannedFile>, ServiceError> {
        let path = registry::path(&self.surroundings());
        let before = file::read(&path)?.map(|image| image.bytes);
        let prefix = &planned.prefix;
        let with = |content: Option<&[u8]>, prefix| match planned.is_registered {
            true => registry::with(content, prefix),
            false => None,
        };
        let after = match action {
            EnvironmentAction::Create | EnvironmentAction::Restore { .. } => with(before.as_deref(), prefix),
            EnvironmentAction::Remove { .. } => registry::without(before.as_deref(), prefix),
            EnvironmentAction::Rename { to } => {
                let without = registry::without(before.as_deref(), prefix);
                let present = without.as_deref().or(before.as_deref());
                with(present, to).or(without)
            }
        };
        let file = after.map(|after| PlannedFile::new(path, Owner::Other, before, Some(after)));
        Ok(file.into_iter().collect())
    }

    /// Takes back what an unfinished change did to a folder.
    pub(crate) fn undo_folder(&self, effect: &FolderEffect) -> Result<(), ServiceError> {
        Ok(blocking(|| effect.undo())?)
    }

    /// Removes what only undoing needed, once a change that was interrupted has been finished.
    pub(crate) fn settle_folders(&self, transaction: &Transaction) -> Result<(), ServiceError> {
        for described in transaction.remote() {
            if let Ok(RemoteEffect::Folder(effect)) = serde_json::from_value(described.clone()) {
                blocking(|| effect.settle())?;
            }
        }
        Ok(())
    }
}

fn described(effect: &FolderEffect) -> Result<Value, ServiceError> {
    serde_json::to_value(RemoteEffect::Folder(effect.clone()))
        .map_err(|error| ServiceError::Internal(error.to_string()))
}
