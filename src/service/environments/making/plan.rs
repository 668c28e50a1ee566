//! What making an environment with packages will do.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::check_apart;
use crate::conda::configuration::Configuration;
use crate::conda::environment::relocation::copy;
use crate::conda::environment::{Intent, Protection};
use crate::package::solve::{self, SolveProgress};
use crate::package::{Channel, ChannelNames};
use crate::service::environments::import::{self, Asked, ImportError, Imported};
use crate::service::environments::protect::{WhichEnvironment, shown};
use crate::service::environments::target::{NewEnvironment, Target};
use crate::service::packages::plan::{ChangeOptions, ChangePlan};
use crate::service::plan::Warning;
use crate::service::{ServiceError, Services, blocking};

/// Where the wish comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// Match specs that the person gave.
    Specs,
    /// Another environment, with so many files that belong to no package.
    Copy {
        of: PathBuf,
        files: usize,
    },
    File {
        path: PathBuf,
    },
}

/// An environment with packages that is not there yet.
#[derive(Debug, Clone)]
pub struct NewEnvironmentPlan {
    pub target: Target,
    pub origin: Origin,
    /// What it becomes in the history, in the past tense.
    pub what: String,
    /// Its packages, with everything that is to be known about them.
    pub change: ChangePlan,
    /// What pip is to install, in its own words. It happens on request only.
    pub pip: Vec<String>,
    /// What activating it will set.
    pub variables: BTreeMap<String, String>,
    /// Beside those of the packages.
    pub warnings: Vec<Warning>,
}

impl Services {
    /// What making an environment from match specs will do.
    ///
    /// Errors: a name or place that cannot be had; as for [`Services::plan_create`].
    pub async fn plan_new_environment(
        &self,
        wanted: &NewEnvironment,
        specs: &[String],
        options: &ChangeOptions,
        progress: impl Fn(SolveProgress) + Send + Sync + 'static,
    ) -> Result<NewEnvironmentPlan, ServiceError> {
        let target = self.new_environment(wanted)?;
        let change = self.plan_create(&target.prefix, specs, options, progress).await?;
        Ok(NewEnvironmentPlan {
            what: format!("Made the environment {}", target.shown()),
            origin: Origin::Specs,
            change,
            pip: Vec::new(),
            variables: BTreeMap::new(),
            warnings: target.warnings.clone(),
            target,
        })
    }

    /// What copying an environment will do: the same packages linked again, from the package cache where they are there, and
    /// the files that belong to none. What was asked for in the one counts as asked for in the copy. Asks no network.
    ///
    /// Errors: an environment that is not there; a name or place that cannot be had; a record in it that is damaged.
    pub fn plan_clone_environment(
        &self,
        which: &WhichEnvironment,
        wanted: &NewEnvironment,
    ) -> Result<NewEnvironmentPlan, ServiceError> {
        blocking(|| {
            let found = self.environment(which)?;
            let target = self.new_environment(wanted)?;
            check_apart(&found.prefix, &target.prefix)?;
            let installed = solve::Installed::read(&found.prefix)?;
            let requested = self.requested_specs(&found.prefix)?;
            let configuration = Configuration::read(&self.surroundings());
            let resolver = configuration.resolver();
            let names = ChannelNames::new(installed.channels().into_iter().filter_map(|url| {
                let name = resolver.channel_at(&url)?.canonical_name().to_owned();
                Some(Channel { name, url })
            }));
            let solved = solve::copied(
                &installed,
                target.prefix.clone(),
                requested.into_iter().map(|spec| spec.spec).collect(),
                &configuration.subdir(),
                &names,
            );
            let mut warnings = target.warnings.clone();
            let frozen = found.protections.iter().any(|protection| {
                matches!(protection, Protection::Frozen { .. }) && protection.forbids(Intent::ChangePackages)
            });
            if frozen {
                warnings.push(Warning::new(format!(
                    "{} is frozen; the copy is not",
                    shown(&found)
                )));
            }
            Ok(NewEnvironmentPlan {
                what: format!("Cloned the environment {} to {}", shown(&found), target.shown()),
                origin: Origin::Copy {
                    files: copy::planned(&found.prefix)?.len(),
                    of: found.prefix,
                },
                change: self.plan_of(solved, Vec::new()),
                pip: Vec::new(),
                variables: BTreeMap::new(),
                warnings,
                target,
            })
        })
    }

    /// What a file says about an environment. Nothing is solved yet.
    ///
    /// Errors: [`ImportError`].
    pub fn read_environment_file(&self, path: &Path) -> Result<Imported, ImportError> {
        blocking(|| {
            let surroundings = self.surroundings();
            let subdir = Configuration::read(&surroundings).subdir();
            import::read(path, &|text| surroundings.expand_variables(text), &subdir)
        })
    }

    /// What making an environment from a file will do. Without `wanted` it is called what the file calls it.
    ///
    /// Errors: [`ImportError`]; a name or place that cannot be had; as for [`Services::plan_create`] and
    /// [`Services::plan_explicit`].
    pub async fn plan_import_environment(
        &self,
        file: &Imported,
        wanted: Option<&NewEnvironment>,
        progress: impl Fn(SolveProgress) + Send + Sync + 'static,
    ) -> Result<NewEnvironmentPlan, ServiceError> {
        let named = file.name.clone().map(NewEnvironment::Named);
        let wanted = wanted.or(named.as_ref()).ok_or_else(|| ImportError::NoName {
            path: file.path.clone(),
        })?;
        let target = self.new_environment(wanted)?;
        let options = ChangeOptions {
            channels: file.channels.clone(),
            only_these_channels: file.only_these_channels,
            ..ChangeOptions::default()
        };
        let prefix = &target.prefix;
        let change = match &file.asked {
            Asked::Specs(specs) => self.plan_create(prefix, specs, &options, progress).await?,
            Asked::Addresses(addresses) => self.plan_explicit(prefix, addresses, &options, progress).await?,
        };
        let mut warnings = [file.warnings.as_slice(), target.warnings.as_slice()].concat();
        if !file.pip.is_empty() {
            warnings.push(Warning::with_remedy(
                format!(
                    "these are for pip, which installs them on request only: {}",
                    file.pip.join(", ")
                ),
                "say so (--pip), or run pip in the new environment",
            ));
        }
        Ok(NewEnvironmentPlan {
            what: format!(
                "Made the environment {} from {}",
                target.shown(),
                self.short(&file.path)
            ),
            origin: Origin::File {
                path: file.path.clone(),
            },
            change,
            pip: file.pip.clone(),
            variables: file.variables.clone(),
            warnings,
            target,
        })
    }
}
