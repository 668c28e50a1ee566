//! Undoing changes of environments as a whole: what was removed comes back, what was made goes, a name is given back.

use super::change::{Done, EnvironmentAction, EnvironmentPlan};
use super::effect::FolderEffect;
use super::error::EnvironmentChangeError;
use super::protect::WhichEnvironment;
use super::target::NewEnvironment;
use crate::conda::environment::Intent;
use crate::edit::file;
use crate::edit::history::Entry;
use crate::service::plan::Plan;
use crate::service::undo::Undoable;
use crate::service::{ServiceError, Services};

impl Services {
    /// Whether a change of an environment can be undone, as far as the disk tells.
    pub(crate) fn environment_undoable(&self, entry: &Entry) -> Undoable {
        let no = |reason: &str, remedy: &str| Undoable::No {
            reason: reason.to_owned(),
            remedy: remedy.to_owned(),
        };
        match self.environment_change(&entry.id) {
            Ok(Some(Done::Removed { is_leaving: true, .. })) | Ok(None) => no(
                "what was removed is not in the trash any more",
                "make it again: sextant env create",
            ),
            Ok(Some(Done::Removed { prefix, trash, .. })) => {
                if trash.symlink_metadata().is_err() {
                    no(
                        "what was removed is not in the trash any more",
                        "make it again: sextant env create",
                    )
                } else if prefix.symlink_metadata().is_ok() {
                    no(
                        "something else lies where it was",
                        "rename or remove that first: sextant env rename",
                    )
                } else {
                    Undoable::Yes
                }
            }
            Ok(Some(Done::Made { prefix } | Done::Renamed { to: prefix, .. })) => match prefix.is_dir() {
                true => Undoable::Yes,
                false => no("it is not there any more", "see what there is: sextant env list"),
            },
            Err(_) => no(
                "what is remembered of it cannot be read",
                "see what there is: sextant env list",
            ),
        }
    }

    /// What undoing a change of an environment will do.
    ///
    /// Errors: [`ServiceError::NotUndoable`]; what stands against removing or renaming.
    pub(crate) fn plan_undo_of_environment(&self, entry: &Entry) -> Result<EnvironmentPlan, ServiceError> {
        let not_there = |prefix: &std::path::Path| EnvironmentChangeError::NotInTrash {
            prefix: prefix.to_owned(),
        };
        let done = self
            .environment_change(&entry.id)?
            .ok_or_else(|| not_there(std::path::Path::new("")))?;
        let mut planned = match done {
            Done::Made { prefix } => {
                let found = self.environment(&WhichEnvironment::At(prefix))?;
                self.plan_remove(&found, false)?
            }
            Done::Renamed { from, to } => {
                let found = self.environment(&WhichEnvironment::At(to))?;
                self.check_unprotected(&found, Intent::Rename, false)?;
                let target = self.new_environment(&NewEnvironment::At(from))?;
                self.plan_rename(&found, target, String::new())?
            }
            Done::Removed {
                prefix,
                trash,
                is_registered,
                ..
            } => {
                super::target::check_is_free(&prefix, &prefix.display().to_string())?;
                self.finished(EnvironmentPlan {
                    action: EnvironmentAction::Restore { trash: trash.clone() },
                    plan: Plan::new("undo", String::new()),
                    effect: FolderEffect::Move {
                        from: trash,
                        folders: file::missing_folders(&prefix),
                        to: prefix.clone(),
                    },
                    prefix,
                    is_registered,
                    undoes: None,
                })?
            }
        };
        planned.plan.kind = "undo";
        planned.plan.what = format!("Undid: {}", entry.what);
        planned.undoes = Some(entry.id.clone());
        Ok(planned)
    }
}
