//! What stands against changing an environment, with what only the running machine can tell.

use std::path::{Path, PathBuf};

use super::error::EnvironmentChangeError;
use super::running;
use crate::conda::configuration::Configuration;
use crate::conda::environment::{self, Environment, Intent, Protection, folders};
use crate::conda::setting::Key;
use crate::service::{Services, blocking};

/// How a person names an environment that is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WhichEnvironment {
    Named(String),
    At(PathBuf),
}

impl Services {
    /// The environment of this name, found as conda finds it, or in this folder.
    ///
    /// Errors: [`EnvironmentChangeError::Unknown`]; a folder that is no environment.
    pub fn environment(&self, which: &WhichEnvironment) -> Result<Environment, EnvironmentChangeError> {
        blocking(|| {
            let surroundings = self.surroundings();
            let roots = environment::roots(&surroundings);
            let prefix = match which {
                WhichEnvironment::At(prefix) => prefix.clone(),
                WhichEnvironment::Named(name) if name == "base" || name == "root" => {
                    roots
                        .first()
                        .cloned()
                        .ok_or_else(|| EnvironmentChangeError::Unknown(name.clone()))?
                }
                WhichEnvironment::Named(name) => {
                    let mut places = folders::envs_dirs(&surroundings, roots.first().map(PathBuf::as_path));
                    places.extend(roots.iter().map(|root| root.join("envs")));
                    let found = places
                        .iter()
                        .map(|folder| folder.join(name))
                        .find(|prefix| prefix.is_dir());
                    let found = found.filter(|_| !name.is_empty() && !name.contains(['/', '\\']));
                    found.ok_or_else(|| EnvironmentChangeError::Unknown(name.clone()))?
                }
            };
            environment::at(&surroundings, &prefix)
                .ok_or_else(|| environment::EnvironmentError::NotAnEnvironment { prefix }.into())
        })
    }

    /// Everything that stands against changing the environment: what lies on the disk, programs that run from it, and
    /// whether it is active.
    pub fn protections(&self, found: &Environment) -> Vec<Protection> {
        blocking(|| {
            let mut protections = found.protections.clone();
            let surroundings = self.surroundings();
            let active = surroundings.folder("CONDA_PREFIX");
            if active.is_some_and(|active| same(&active, &found.prefix)) {
                protections.push(Protection::Active);
            }
            let setting = Configuration::read(&surroundings)
                .explain(Key::DefaultActivationEnv)
                .value;
            let setting = setting.as_text().map(|text| text.expose().to_owned());
            if setting.is_some_and(|setting| {
                found.name.as_ref() == Some(&setting) && !found.is_base
                    || same(Path::new(&setting), &found.prefix)
            }) {
                protections.push(Protection::ActivatedByDefault);
            }
            if let Some(program) = running::from(&found.prefix).into_iter().next() {
                protections.push(Protection::Running {
                    program: program.name,
                    process: program.process,
                });
            }
            protections
        })
    }

    /// Refuses what the environment is protected from. `override_protection` goes past those that a person may go past.
    ///
    /// Errors: [`EnvironmentChangeError::Protected`].
    pub fn check_unprotected(
        &self,
        found: &Environment,
        intent: Intent,
        override_protection: bool,
    ) -> Result<(), EnvironmentChangeError> {
        let protections = self.protections(found);
        let forbidding = protections
            .into_iter()
            .filter(|protection| protection.forbids(intent))
            .find(|protection| !(override_protection && protection.can_be_overridden()));
        match forbidding {
            None => Ok(()),
            Some(protection) => Err(EnvironmentChangeError::Protected {
                name: shown(found),
                prefix: found.prefix.clone(),
                verb: match intent {
                    Intent::ChangePackages => "changed",
                    Intent::Rename => "renamed",
                    Intent::Remove => "removed",
                },
                protection,
            }),
        }
    }
}

fn same(one: &Path, other: &Path) -> bool {
    let canonical = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
    canonical(one) == canonical(other)
}

/// As a person calls it: the name, or else the folder.
pub(super) fn shown(found: &Environment) -> String {
    match &found.name {
        Some(name) => name.clone(),
        None => found.prefix.display().to_string(),
    }
}
