//! Giving an environment another name or place.
//!
//! conda makes a copy under the new name and deletes the old environment. Here the folder moves, and every file that names its
//! prefix names the new one: records that tell their digests too.

use super::change::{EnvironmentAction, EnvironmentPlan, KIND, folder_name};
use super::effect::FolderEffect;
use super::error::EnvironmentChangeError;
use super::protect::{WhichEnvironment, shown};
use super::target::{NewEnvironment, Target};
use super::trash;
use crate::conda::environment::{Environment, Intent, registry};
use crate::edit::file;
use crate::service::plan::Plan;
use crate::service::{ServiceError, Services};

impl Services {
    /// What giving an environment another name or place will do. A name keeps it in its folder, where environments with names
    /// lie there.
    ///
    /// Errors: an environment that is not there or protected; a name or place that cannot be had; another file system.
    pub fn plan_rename_environment(
        &self,
        which: &WhichEnvironment,
        new: &NewEnvironment,
        override_protection: bool,
    ) -> Result<EnvironmentPlan, ServiceError> {
        let found = self.environment(which)?;
        self.check_unprotected(&found, Intent::Rename, override_protection)?;
        let target = self.renamed(&found, new)?;
        let what = format!("Renamed the environment {} to {}", shown(&found), target.shown());
        self.plan_rename(&found, target, what)
    }

    pub(super) fn plan_rename(
        &self,
        found: &Environment,
        target: Target,
        what: String,
    ) -> Result<EnvironmentPlan, ServiceError> {
        if !trash::is_same_file_system(&found.prefix, &target.prefix) {
            return Err(EnvironmentChangeError::OtherDisk {
                from: found.prefix.clone(),
                to: target.prefix,
            }
            .into());
        }
        let mut plan = Plan::new(KIND, what);
        plan.warnings = target.warnings;
        let surroundings = self.surroundings();
        let registered = registry::read(&surroundings).unwrap_or_default();
        self.finished(EnvironmentPlan {
            prefix: found.prefix.clone(),
            action: EnvironmentAction::Rename {
                to: target.prefix.clone(),
            },
            plan,
            effect: FolderEffect::Relocate {
                from: found.prefix.clone(),
                folders: file::missing_folders(&target.prefix),
                to: target.prefix,
                id: String::new(),
            },
            // conda writes down what it makes anew.
            is_registered: registered.contains(&found.prefix) || registry::is_wanted(&surroundings),
            undoes: None,
        })
    }

    fn renamed(&self, found: &Environment, new: &NewEnvironment) -> Result<Target, EnvironmentChangeError> {
        let (NewEnvironment::Named(name), Some(_), Some(folder)) = (new, &found.name, found.prefix.parent())
        else {
            return self.new_environment(new);
        };
        // The name has to be free in every folder for environments, as for a new one.
        let mut target = self.new_environment(new)?;
        target.prefix = folder.join(name);
        super::target::check_is_free(&target.prefix, name)?;
        debug_assert_eq!(folder_name(&target.prefix), *name);
        Ok(target)
    }
}
