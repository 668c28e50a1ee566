//! What an administrator decided for this machine, and what a person took over from somebody as a preset.
//!
//! The policy is a TOML file in the system's configuration folder; the preset is a file of the same form that the person
//! has stored. A policy goes before a preset, and both before what the person set, where they lock a field; a field that
//! is not locked is a proposal that holds until the person decides. A file with a key that is not known is refused as a
//! whole: a misspelt key must not be a lock that nobody has. Nothing is changed while the policy cannot be read.

mod error;
mod file;
mod preset;

use std::path::{Path, PathBuf};

use serde::Serialize;

use super::connection::Service;
use super::network::ProxyChoice;
use super::plan::{Owner, Plan, PlannedFile};
use super::sign_in::ChannelChoice;
use super::{ServiceError, Services, blocking};
use crate::conda::condarc::Condarc;
use crate::edit;
use crate::locations::Platform;
use crate::navigator::NavigatorFile;
use crate::repository::Domain;

pub use error::PolicyError;
pub use file::{Field, PolicyFile};
pub use preset::Preset;

/// Whose decisions they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Authority {
    /// The administrator's.
    Policy,
    /// Those that the person took over.
    Preset,
}

/// One of the files that decide.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decided {
    pub by: Authority,
    pub path: PathBuf,
    pub file: PolicyFile,
}

/// Why a field cannot be changed, and whom to ask.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Lock {
    pub reason: String,
    pub contact: Option<String>,
    /// The file that says so.
    pub path: PathBuf,
}

/// A value that is decided, and whether the person can change it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting<T> {
    pub value: T,
    pub path: PathBuf,
    pub lock: Option<Lock>,
}

/// Everything that is decided; nothing on most machines.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Policy {
    /// The one that prevails first.
    decided: Vec<Decided>,
}

impl Services {
    /// Where the administrator's policy is, whether or not there is one.
    pub fn policy_path(&self) -> PathBuf {
        let locations = self.locations();
        let root = &locations.system_root;
        match locations.platform {
            Platform::Linux => root.join("etc/sextant/policy.toml"),
            Platform::MacOs => root.join("Library/Application Support/Sextant/policy.toml"),
            Platform::Windows => {
                let is_real = *root == Path::new("/");
                let named = locations
                    .variable("PROGRAMDATA")
                    .filter(|_| is_real)
                    .map(PathBuf::from);
                named
                    .filter(|folder| folder.is_absolute())
                    .unwrap_or_else(|| root.join("ProgramData"))
                    .join("Sextant/policy.toml")
            }
        }
    }

    /// Where the person's preset is, whether or not there is one.
    pub fn preset_path(&self) -> PathBuf {
        self.locations().config.join("preset.toml")
    }

    /// What is decided for this machine and this person.
    ///
    /// Errors: [`PolicyError::Damaged`] with every line that is wrong; [`PolicyError::Unreadable`].
    pub fn policy(&self) -> Result<Policy, PolicyError> {
        let places = [
            (Authority::Policy, self.policy_path()),
            (Authority::Preset, self.preset_path()),
        ];
        let mut decided = Vec::new();
        for (by, path) in places {
            match blocking(|| edit::file::read(&path)) {
                Ok(None) => {}
                Ok(Some(image)) => decided.push(Decided {
                    by,
                    file: PolicyFile::parse(&image.bytes).map_err(|problems| PolicyError::Damaged {
                        by,
                        path: path.clone(),
                        problems,
                    })?,
                    path,
                }),
                Err(source) => return Err(PolicyError::Unreadable { by, path, source }),
            }
        }
        Ok(Policy { decided })
    }

    /// Whether a plan may be carried out. Signing out and repairing only take back: they are allowed even while the policy
    /// cannot be read.
    ///
    /// Errors: as for [`Services::may_sign_in`].
    pub(crate) fn allowed(&self, plan: &Plan) -> Result<(), ServiceError> {
        match plan.only_takes_back() {
            true => Ok(()),
            false => Ok(self.policy()?.allows(plan)?),
        }
    }

    /// Whether one may sign in there.
    ///
    /// Errors: [`PolicyError::Refused`], and a policy that cannot be read.
    pub fn may_sign_in(&self, service: Service, domain: Option<&Domain>) -> Result<(), ServiceError> {
        Ok(self.policy()?.allows_sign_in(service, domain)?)
    }
}

impl Policy {
    /// The files that decide, the one that prevails first.
    pub fn decided(&self) -> &[Decided] {
        &self.decided
    }

    pub fn is_empty(&self) -> bool {
        self.decided.is_empty()
    }

    fn setting<T>(&self, field: Field, value: impl Fn(&PolicyFile) -> Option<T>) -> Option<Setting<T>> {
        self.decided.iter().find_map(|decided| {
            Some(Setting {
                value: value(&decided.file)?,
                path: decided.path.clone(),
                lock: decided.lock(field),
            })
        })
    }

    /// The address of the server.
    pub fn domain(&self) -> Option<Setting<Domain>> {
        self.setting(Field::Domain, |file| file.domain.clone())
    }

    /// The authorities that are trusted for the server, or for every server where none is named.
    pub fn ca_file(&self) -> Option<Setting<PathBuf>> {
        self.setting(Field::CaFile, |file| file.ca_file.clone())
    }

    /// The authorities for one server.
    pub fn ca_file_for(&self, domain: &Domain) -> Option<Setting<PathBuf>> {
        self.decided.iter().find_map(|decided| {
            let is_meant = decided.file.domain.as_ref().is_none_or(|named| named == domain);
            Some(Setting {
                value: decided.file.ca_file.clone().filter(|_| is_meant)?,
                path: decided.path.clone(),
                lock: decided.lock(Field::CaFile),
            })
        })
    }

    /// The services that one may sign in to. It is always a lock.
    pub fn services(&self) -> Option<Setting<Vec<Service>>> {
        self.setting(Field::Services, |file| file.services.clone())
    }

    /// What conda searches once one is signed in.
    pub fn channels(&self) -> Option<Setting<ChannelChoice>> {
        self.setting(Field::Channels, PolicyFile::choice)
    }

    /// The way out of this computer, and the servers that are reached without a proxy.
    pub fn proxy(&self) -> Option<Setting<(Option<ProxyChoice>, Option<String>)>> {
        self.setting(Field::Proxy, |file| {
            let (proxy, no_proxy) = (file.proxy.clone(), file.no_proxy.clone());
            (proxy.is_some() || no_proxy.is_some()).then_some((proxy, no_proxy))
        })
    }

    /// Why a field cannot be changed; nothing where it can.
    pub fn lock(&self, field: Field) -> Option<Lock> {
        self.decided.iter().find_map(|decided| decided.lock(field))
    }

    /// Errors: [`PolicyError::Refused`].
    pub fn allows_sign_in(&self, service: Service, domain: Option<&Domain>) -> Result<(), PolicyError> {
        if let Some(services) = self.services()
            && !services.value.contains(&service)
        {
            return Err(refused(
                Field::Services,
                format!("signing in to {} is not allowed here", service.title()),
                services.lock,
            ));
        }
        match (self.domain(), domain) {
            (Some(set), Some(wanted)) if service == Service::Server && set.value != *wanted => {
                self.unless_locked(Field::Domain, || format!("this computer uses {}", set.value))
            }
            _ => Ok(()),
        }
    }

    /// Whether what a plan makes of the person's files is allowed.
    ///
    /// Errors: [`PolicyError::Refused`].
    pub fn allows(&self, plan: &Plan) -> Result<(), PolicyError> {
        for planned in plan.files.iter().filter(|planned| planned.changes()) {
            match planned.owner {
                Owner::Condarc => self.allows_condarc(planned)?,
                Owner::Navigator => self.allows_navigator(planned)?,
                _ => {}
            }
        }
        Ok(())
    }

    fn allows_condarc(&self, planned: &PlannedFile) -> Result<(), PolicyError> {
        let Some(channels) = self.channels().filter(|channels| channels.lock.is_some()) else {
            return Ok(());
        };
        let chosen = |bytes: &Option<Vec<u8>>| {
            let condarc = Condarc::parse(bytes.as_deref().unwrap_or_default()).ok()?;
            Some((condarc.channels().ok()?, condarc.default_channels().ok()?))
        };
        let (before, after) = (chosen(&planned.before), chosen(&planned.after));
        let is_as_decided = |after: &(Vec<_>, Vec<_>)| {
            after.0 == channels.value.channels() && after.1 == channels.value.default_channels()
        };
        if before == after || after.as_ref().is_some_and(is_as_decided) {
            return Ok(());
        }
        self.unless_locked(Field::Channels, || {
            "the channels of this computer are fixed".to_owned()
        })
    }

    fn allows_navigator(&self, planned: &PlannedFile) -> Result<(), PolicyError> {
        let Some(domain) = self.domain() else {
            return Ok(());
        };
        let named = |bytes: &Option<Vec<u8>>| NavigatorFile::parse(bytes.as_deref()?).ok()?.domain();
        let (before, after) = (named(&planned.before), named(&planned.after));
        if before == after || after.as_deref() == Some(domain.value.as_str()) {
            return Ok(());
        }
        self.unless_locked(Field::Domain, || format!("this computer uses {}", domain.value))
    }

    /// Errors: [`PolicyError::Refused`] where the field is locked.
    pub(crate) fn unless_locked(&self, field: Field, what: impl Fn() -> String) -> Result<(), PolicyError> {
        match self.lock(field) {
            Some(lock) => Err(refused(field, what(), Some(lock))),
            None => Ok(()),
        }
    }
}

impl Decided {
    fn lock(&self, field: Field) -> Option<Lock> {
        let of = |reason: &str| Lock {
            reason: reason.to_owned(),
            contact: self.file.contact.clone(),
            path: self.path.clone(),
        };
        match self.file.locked.get(&field) {
            Some(reason) => Some(of(reason)),
            None if field == Field::Services && self.file.services.is_some() => {
                let whose = self.file.organisation.as_deref().unwrap_or("the administrator");
                Some(of(&format!("{whose} allows only certain services")))
            }
            None => None,
        }
    }
}

fn refused(field: Field, what: String, lock: Option<Lock>) -> PolicyError {
    let lock = lock.unwrap_or_else(|| Lock {
        reason: String::new(),
        contact: None,
        path: PathBuf::new(),
    });
    PolicyError::Refused { field, what, lock }
}

#[cfg(test)]
mod tests;
