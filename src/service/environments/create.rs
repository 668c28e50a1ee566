//! Making an environment without packages, as `conda create` without specs does.

use super::change::{EnvironmentAction, EnvironmentPlan, KIND};
use super::effect::FolderEffect;
use super::target::NewEnvironment;
use crate::conda::environment::{history, registry};
use crate::edit::file;
use crate::service::plan::Plan;
use crate::service::{ServiceError, Services};

impl Services {
    /// What making an environment without packages will do.
    ///
    /// Errors: a name or place that cannot be had.
    pub fn plan_empty_environment(&self, wanted: &NewEnvironment) -> Result<EnvironmentPlan, ServiceError> {
        let target = self.new_environment(wanted)?;
        let mut plan = Plan::new(KIND, format!("Made the environment {}", target.shown()));
        plan.warnings = target.warnings;
        let change = history::Change::between(
            &history::History::default(),
            &Default::default(),
            self.local_time(),
            &format!("sextant env create --prefix {}", target.prefix.display()),
        );
        self.finished(EnvironmentPlan {
            action: EnvironmentAction::Create,
            plan,
            effect: FolderEffect::Make {
                folders: file::missing_folders(&target.prefix.join("conda-meta")),
                prefix: target.prefix.clone(),
                history: change.to_text(),
            },
            prefix: target.prefix,
            is_registered: registry::is_wanted(&self.surroundings()),
            undoes: None,
        })
    }

    /// Local time, as conda's history has it.
    pub(crate) fn local_time(&self) -> jiff::civil::DateTime {
        jiff::tz::TimeZone::system().to_datetime(self.now())
    }
}
