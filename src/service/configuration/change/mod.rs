//! Changing single settings.

mod anaconda_client;
mod conda;
mod navigator;
mod pip;
mod value;

use std::path::Path;

use super::reading::{Planned, split_navigator, split_pip};
use super::{ConfigurationError, ConfigurationFile};
use crate::edit::file;
use crate::edit::history::Entry;
use crate::repository::Domain;
use crate::secret::mask_text;
use crate::service::connection::Service;
use crate::service::plan::{Owner, Plan, Warning};
use crate::service::{ServiceError, Services, blocking};

/// One setting that is to be changed.
#[derive(Clone, PartialEq, Eq)]
pub struct SettingChange {
    pub file: ConfigurationFile,
    pub key: String,
    /// As it would stand in the file. Nothing removes the setting, so that the default or a lower file applies.
    pub value: Option<String>,
}

/// The value masked: it may hold a password.
impl std::fmt::Debug for SettingChange {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SettingChange")
            .field("file", &self.file)
            .field("key", &self.key)
            .field("value", &self.value.as_deref().map(mask_text))
            .finish()
    }
}

impl ConfigurationFile {
    /// The content of a file of this kind with a setting changed; for Navigator, whose names differ by its version, there
    /// is [`Services::plan_set`].
    ///
    /// Errors: as [`Services::plan_set`].
    pub(in crate::service) fn changed(
        self,
        path: &Path,
        bytes: Option<&[u8]>,
        key: &str,
        value: Option<&str>,
    ) -> Result<Vec<u8>, ServiceError> {
        match self {
            Self::Conda => conda::changed(path, bytes, key, value),
            Self::AnacondaClient => anaconda_client::changed(path, bytes, key, value),
            Self::Pip => pip::changed(path, bytes, key, value),
            Self::Navigator => navigator::changed(path, bytes, key, value, None),
        }
    }
}

impl Services {
    /// What giving a setting a value will change in the person's own file of this configuration.
    ///
    /// `value` is as it would stand in the file: for YAML a scalar, or a list or map in brackets (`[a, b]`); a list
    /// may also be given as `a,b`. Navigator's values are taken as Navigator writes them, text without quotes too.
    /// The plan warns where the change has no effect and says why.
    ///
    /// Errors: [`ConfigurationError`]; [`ServiceError::Condarc`] and [`ServiceError::Navigator`] for a file that cannot
    /// be read or changed without risk; [`ServiceError::DomainInUse`] for the domain of a server that is signed in to.
    pub fn plan_set(&self, file: ConfigurationFile, key: &str, value: &str) -> Result<Plan, ServiceError> {
        let what = format!("Set {} of {file}", mask_text(key));
        let change = SettingChange {
            file,
            key: key.to_owned(),
            value: Some(value.to_owned()),
        };
        self.plan_settings(&what, &[change])
    }

    /// The same for a setting that is to be removed.
    ///
    /// Errors: as [`Services::plan_set`].
    pub fn plan_unset(&self, file: ConfigurationFile, key: &str) -> Result<Plan, ServiceError> {
        let what = format!("Removed {} of {file}", mask_text(key));
        let change = SettingChange {
            file,
            key: key.to_owned(),
            value: None,
        };
        self.plan_settings(&what, &[change])
    }

    /// Several changes as one entry of the history, `what` in the past tense ("Changed the preferences").
    ///
    /// Errors: as [`Services::plan_set`].
    pub fn plan_settings(&self, what: &str, changes: &[SettingChange]) -> Result<Plan, ServiceError> {
        blocking(|| {
            let mut plan = Plan::new("configuration", what);
            for change in changes {
                self.plan_setting(&mut plan, change)?;
            }
            self.allowed(&plan)?;
            for warning in self.effects_of(&plan, changes)? {
                if !plan.warnings.contains(&warning) {
                    plan.warnings.push(warning);
                }
            }
            Ok(plan)
        })
    }

    /// Executes a plan of this module.
    ///
    /// Errors: another Sextant at work; a file that cannot be written, with nothing changed.
    pub async fn change_configuration(&self, plan: &Plan) -> Result<Entry, ServiceError> {
        self.commit_files(plan, None, |_, _| {}).await
    }

    fn plan_setting(&self, plan: &mut Plan, change: &SettingChange) -> Result<(), ServiceError> {
        let path = self.changed_file(change)?;
        let before = plan.content(&path)?;
        file::check_writable(&path)?;
        let bytes = before.as_deref();
        let value = change.value.as_deref();
        let after = match change.file {
            ConfigurationFile::Conda => conda::changed(&path, bytes, &change.key, value)?,
            ConfigurationFile::AnacondaClient => anaconda_client::changed(&path, bytes, &change.key, value)?,
            ConfigurationFile::Pip => pip::changed(&path, bytes, &change.key, value)?,
            ConfigurationFile::Navigator => {
                self.check_domain_is_free(&change.key, value)?;
                navigator::changed(&path, bytes, &change.key, value, self.navigator_generation())?
            }
        };
        // Removing from a file that does not exist makes none.
        if before.is_some() || !after.is_empty() {
            plan.put(path, owner(change.file), Some(after))?;
        }
        Ok(())
    }

    fn changed_file(&self, change: &SettingChange) -> Result<std::path::PathBuf, ServiceError> {
        match change.file {
            ConfigurationFile::Pip => {
                let (section, option) = split_pip(&change.key);
                self.own_file(change.file, Some((section, &option)))
            }
            file => self.own_file(file, None),
        }
    }

    /// While signed in to a server, its domain stays.
    pub(super) fn check_domain_is_free(&self, key: &str, value: Option<&str>) -> Result<(), ServiceError> {
        let (section, option) = split_navigator(key);
        let is_domain = section == "main"
            && matches!(
                option.as_str(),
                "anaconda_server_api_url" | "team_edition_api_url"
            );
        if !is_domain {
            return Ok(());
        }
        let same = |domain: &str| {
            let value = value.map(navigator::plain).unwrap_or_default();
            value.trim_end_matches('/') == domain
                || Domain::parse(&value).is_ok_and(|value| value.as_str() == domain)
        };
        match self.connections()?.of(Service::Server) {
            Some(connection) if !same(&connection.domain) => Err(ServiceError::DomainInUse {
                domain: connection.domain.clone(),
            }),
            _ => Ok(()),
        }
    }

    /// What the changed files will not bring about.
    fn effects_of(&self, plan: &Plan, changes: &[SettingChange]) -> Result<Vec<Warning>, ServiceError> {
        let mut warnings = Vec::new();
        for planned in plan.files.iter() {
            let of_file = |change: &&SettingChange| owner(change.file) == planned.owner;
            let Some(file) = changes.iter().find(of_file).map(|change| change.file) else {
                continue;
            };
            let keys: Vec<String> = changes
                .iter()
                .filter(of_file)
                .map(|change| change.key.clone())
                .collect();
            let content = planned.after.as_deref().unwrap_or_default();
            warnings.extend(self.effects(file, &planned.path, content, &keys)?);
        }
        Ok(warnings)
    }

    /// What keeps these settings of a planned file from having their full effect.
    pub(in crate::service) fn effects(
        &self,
        file: ConfigurationFile,
        path: &Path,
        content: &[u8],
        keys: &[String],
    ) -> Result<Vec<Warning>, ServiceError> {
        let planned = Planned { path, content };
        let explained = self.explain_planned(file, &planned, keys)?;
        let mut warnings = Vec::new();
        for explained in explained {
            let own = explained
                .sources
                .iter()
                .filter(|source| source.origin.path() == Some(path));
            let in_clear = own.clone().any(|source| {
                !matches!(source.value, super::SettingValue::Secret(_)) && source.value.holds_secret()
            });
            if in_clear && file != ConfigurationFile::Pip {
                warnings.push(Warning::with_remedy(
                    format!("a token or password will stand in {} in clear", path.display()),
                    "sign in instead, so that it lies in the token store, or write ${VARIABLE} in its place",
                ));
            }
            warnings.extend(explained.hindrances);
        }
        Ok(warnings)
    }
}

pub(super) const fn owner(file: ConfigurationFile) -> Owner {
    match file {
        ConfigurationFile::Conda => Owner::Condarc,
        ConfigurationFile::Navigator => Owner::Navigator,
        ConfigurationFile::AnacondaClient => Owner::AnacondaClient,
        ConfigurationFile::Pip => Owner::Pip,
    }
}

fn wrong(key: &str, value: &str, expected: impl Into<String>) -> ConfigurationError {
    ConfigurationError::WrongValue {
        key: key.to_owned(),
        value: mask_text(value),
        expected: expected.into(),
    }
}
