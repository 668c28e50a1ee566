//! Changing single settings.

use super::ConfigurationFile;
use crate::edit::history::Entry;
use crate::service::plan::Plan;
use crate::service::{ServiceError, Services};

/// One setting that is to be changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingChange {
    pub file: ConfigurationFile,
    pub key: String,
    /// Nothing removes the setting, so that the default or a lower file applies.
    pub value: Option<String>,
}

impl Services {
    /// What giving a setting a value will change in the person's own file of this configuration.
    ///
    /// `value` is as it would stand in the file: for YAML a scalar, or a list or map in brackets (`[a, b]`); a list
    /// may also be given as `a,b`. Navigator's values are taken as Navigator writes them, text without quotes too.
    /// The plan warns where the change has no effect and says why.
    pub fn plan_set(&self, file: ConfigurationFile, key: &str, value: &str) -> Result<Plan, ServiceError>;

    /// The same for a setting that is to be removed.
    pub fn plan_unset(&self, file: ConfigurationFile, key: &str) -> Result<Plan, ServiceError>;

    /// Several changes as one entry of the history, `what` in the past tense ("Changed the preferences").
    pub fn plan_settings(&self, what: &str, changes: &[SettingChange]) -> Result<Plan, ServiceError>;

    /// Executes a plan of this module.
    pub async fn change_configuration(&self, plan: &Plan) -> Result<Entry, ServiceError>;
}
