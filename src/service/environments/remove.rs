//! Removing an environment: it goes to the trash, from where it can come back whole.

use std::path::{Path, PathBuf};

use super::change::{EnvironmentAction, EnvironmentPlan, KIND};
use super::effect::FolderEffect;
use super::error::EnvironmentChangeError;
use super::protect::{WhichEnvironment, shown};
use super::trash;
use crate::conda::environment::{Environment, Intent, registry};
use crate::edit::file;
use crate::service::plan::{Plan, Warning};
use crate::service::{ServiceError, Services};

impl Services {
    /// What removing an environment will do.
    ///
    /// Errors: an environment that is not there or protected; `override_protection` goes past what a person may go past.
    pub fn plan_remove_environment(
        &self,
        which: &WhichEnvironment,
        override_protection: bool,
    ) -> Result<EnvironmentPlan, ServiceError> {
        let found = self.environment(which)?;
        self.plan_remove(&found, override_protection)
    }

    pub(super) fn plan_remove(
        &self,
        found: &Environment,
        override_protection: bool,
    ) -> Result<EnvironmentPlan, ServiceError> {
        self.check_unprotected(found, Intent::Remove, override_protection)?;
        check_movable(&found.prefix)?;
        let id = self.new_id();
        let trash = trash::place(&self.locations().data, &found.prefix, &id);
        let surroundings = self.surroundings();
        let mut plan = Plan::new(KIND, format!("Removed the environment {}", shown(found)));
        if found.prefix.is_symlink() {
            plan.warnings.push(Warning::new(format!(
                "{} is a link: the link goes, what it leads to stays",
                found.prefix.display()
            )));
        }
        let registered = registry::read(&surroundings).unwrap_or_default();
        self.finished(EnvironmentPlan {
            prefix: found.prefix.clone(),
            action: EnvironmentAction::Remove { trash: trash.clone() },
            plan,
            effect: FolderEffect::Move {
                from: found.prefix.clone(),
                folders: file::missing_folders(&trash),
                to: trash,
            },
            is_registered: registered.contains(&found.prefix),
            undoes: None,
        })
    }

    /// With what becomes of conda's list, once everything else is known.
    pub(super) fn finished(&self, mut planned: EnvironmentPlan) -> Result<EnvironmentPlan, ServiceError> {
        planned.plan.files = self.list_of_conda(&planned.action, &planned)?;
        self.allowed(&planned.plan)?;
        Ok(planned)
    }
}

/// A folder can be moved by whoever may write the one above it.
fn check_movable(prefix: &Path) -> Result<(), EnvironmentChangeError> {
    let above = prefix.parent().unwrap_or(prefix);
    match super::target::can_be_written(above) {
        true => Ok(()),
        false => Err(EnvironmentChangeError::Folder {
            folder: PathBuf::from(prefix),
            verb: "moved",
            reason: format!("this account may not write {}", above.display()),
        }),
    }
}
