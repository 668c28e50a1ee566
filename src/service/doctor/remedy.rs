//! What can be done about a finding with one click: file changes as a plan like any other, or a way on that takes a person.

use std::path::PathBuf;

use super::check::CheckId;
use super::{environments, fix};
use crate::edit::history::Entry;
use crate::secret::Secret;
use crate::service::configuration::ConfigurationFile;
use crate::service::connection::Service;
use crate::service::plan::Plan;
use crate::service::recover::Recovery;
use crate::service::tokens::{Renewal, Renewed};
use crate::service::{ServiceError, Services, blocking};

/// What to do. It holds no secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Remedy {
    /// These files become readable for their owner alone.
    RestrictPermissions {
        paths: Vec<PathBuf>,
    },
    /// These token files go.
    RemoveTokenFiles {
        paths: Vec<PathBuf>,
    },
    /// The tokens in these files are kept under keys that end in a slash, so that no other host gets them.
    CloseTokenKeys {
        paths: Vec<PathBuf>,
    },
    /// The tokens in the channels of this `.condarc` move into conda's token store.
    MoveTokens {
        path: PathBuf,
    },
    /// The secrets in these files are overwritten.
    EraseSecrets {
        paths: Vec<PathBuf>,
    },
    /// conda uses stored tokens again.
    UseStoredTokens {
        path: PathBuf,
    },
    /// An earlier version of a file comes back.
    RestoreFile {
        path: PathBuf,
        /// Its name among the versions of the file.
        snapshot: String,
    },
    /// A broken file of Sextant's own is put aside.
    SetAside {
        path: PathBuf,
    },
    /// conda's list of environments loses the lines of these prefixes, which lead nowhere.
    StrikeOutEnvironments {
        prefixes: Vec<PathBuf>,
    },
    /// What was interrupted is made good, tokens that wait are revoked.
    Recover,
    RenewToken {
        service: Service,
    },
    /// A person edits a file.
    Edit {
        file: ConfigurationFile,
    },
    /// A person signs in again.
    SignIn {
        service: Service,
        domain: String,
    },
    /// A person looks at the certificate of a server and decides.
    Certificate {
        address: String,
    },
    /// A person logs in to a proxy.
    ProxyLogin {
        proxy: String,
    },
}

impl Remedy {
    /// The label of its button.
    pub const fn label(&self) -> &'static str {
        match self {
            Self::RestrictPermissions { .. } => "Restrict permissions",
            Self::RemoveTokenFiles { .. } => "Remove token files",
            Self::CloseTokenKeys { .. } => "Keep for this host only",
            Self::MoveTokens { .. } => "Move tokens",
            Self::EraseSecrets { .. } => "Erase secrets",
            Self::UseStoredTokens { .. } => "Use stored tokens",
            Self::RestoreFile { .. } => "Put earlier version back",
            Self::SetAside { .. } => "Put aside",
            Self::StrikeOutEnvironments { .. } => "Strike out",
            Self::Edit { .. } => "Edit",
            Self::Recover => "Clean up",
            Self::RenewToken { .. } => "Renew token",
            Self::SignIn { .. } => "Sign in",
            Self::Certificate { .. } => "Show certificate",
            Self::ProxyLogin { .. } => "Log in to proxy",
        }
    }

    /// The command that does the same for the check `id`.
    pub fn command(&self, id: &CheckId) -> String {
        if self.takes_a_person() {
            self.way()
        } else {
            format!("sextant doctor --fix {id}")
        }
    }

    /// The command in which a person does it.
    fn way(&self) -> String {
        match self {
            Self::SignIn { service, domain } => match service {
                Service::Server | Service::Repository => {
                    format!("sextant sign-in {} --domain {domain}", service.name())
                }
                Service::Cloud => "sextant sign-in cloud --token-stdin".to_owned(),
                Service::AnacondaOrg => "sextant sign-in anaconda-org".to_owned(),
            },
            Self::Edit { file } => format!("sextant config edit {}", file.name()),
            Self::Certificate { address } => format!("sextant trust certificate {address}"),
            Self::ProxyLogin { proxy } => {
                let proxy = proxy.split_once("://").map_or(proxy.as_str(), |(_, rest)| rest);
                format!("sextant proxy log-in {proxy}")
            }
            _ => "sextant doctor".to_owned(),
        }
    }

    /// Whether it takes a person who types or decides something, so that there is nothing to plan.
    pub fn takes_a_person(&self) -> bool {
        matches!(
            self,
            Self::Edit { .. } | Self::SignIn { .. } | Self::Certificate { .. } | Self::ProxyLogin { .. }
        )
    }
}

/// What carrying out a remedy will do.
#[derive(Debug, Clone)]
pub enum RemedyPlan {
    Files(Plan),
    Renewal {
        service: Service,
        plan: Plan,
        /// Whether it takes the password.
        renewal: Renewal,
    },
    /// An earlier version of a file comes back.
    Restore(Plan),
    /// The file gets another name.
    SetAside(PathBuf),
    /// What it does depends on what the server answers.
    Recovery,
}

impl RemedyPlan {
    /// What will change, where that is known beforehand.
    pub fn plan(&self) -> Option<&Plan> {
        match self {
            Self::Files(plan) | Self::Restore(plan) | Self::Renewal { plan, .. } => Some(plan),
            Self::SetAside(_) | Self::Recovery => None,
        }
    }
}

/// What was done.
#[derive(Debug, Clone)]
pub enum CarriedOut {
    Files(Box<Entry>),
    Renewed(Box<Renewed>),
    /// Where the file is now.
    SetAside(PathBuf),
    Recovered(Recovery),
}

impl CarriedOut {
    /// The history entry, where there is one.
    pub fn entry(&self) -> Option<&str> {
        match self {
            Self::Files(entry) => Some(&entry.id),
            Self::Renewed(renewed) => Some(&renewed.entry),
            Self::SetAside(_) | Self::Recovered(_) => None,
        }
    }

    /// In a person's words, one sentence with its full stop.
    pub fn told(&self) -> String {
        match self {
            Self::Files(entry) => format!("{}.", entry.what),
            Self::Renewed(renewed) => match &renewed.not_revoked_because {
                None => "The token was renewed.".to_owned(),
                Some(_) => "The token was renewed; the former one still waits to be revoked.".to_owned(),
            },
            Self::SetAside(path) => format!("The broken file is now {}.", path.display()),
            Self::Recovered(recovery) if recovery.waiting.is_empty() => {
                "Nothing is left unfinished.".to_owned()
            }
            Self::Recovered(_) => {
                "A token still waits to be revoked, because its server did not do it.".to_owned()
            }
        }
    }
}

impl Services {
    /// What a remedy will change. Reads files, writes none, asks no network.
    ///
    /// # Errors
    /// As the use case that it is; [`ServiceError::NoRemedy`] for one that takes a person.
    pub fn plan_remedy(&self, remedy: &Remedy) -> Result<RemedyPlan, ServiceError> {
        blocking(|| {
            Ok(match remedy {
                Remedy::Recover => RemedyPlan::Recovery,
                Remedy::RenewToken { service } => {
                    let renewal = self
                        .token_health()?
                        .into_iter()
                        .find(|health| health.service == *service)
                        .map_or(Renewal::WithPassword, |health| health.renewal);
                    RemedyPlan::Renewal {
                        service: *service,
                        plan: self.plan_renewal(*service)?,
                        renewal,
                    }
                }
                Remedy::RestrictPermissions { paths } => RemedyPlan::Files(fix::restrict(self, paths)?),
                Remedy::RemoveTokenFiles { paths } => {
                    RemedyPlan::Files(fix::remove_token_files(self, paths)?)
                }
                Remedy::CloseTokenKeys { paths } => RemedyPlan::Files(fix::close_keys(self, paths)?),
                Remedy::MoveTokens { path } => RemedyPlan::Files(fix::move_tokens(self, path)?),
                Remedy::EraseSecrets { paths } => RemedyPlan::Files(fix::erase(self, paths)?),
                Remedy::UseStoredTokens { path } => RemedyPlan::Files(fix::use_stored_tokens(self, path)?),
                Remedy::RestoreFile { path, snapshot } => {
                    RemedyPlan::Restore(self.plan_restore(path, snapshot)?)
                }
                Remedy::SetAside { path } => RemedyPlan::SetAside(path.clone()),
                Remedy::StrikeOutEnvironments { prefixes } => {
                    RemedyPlan::Files(environments::strike_out(self, prefixes)?)
                }
                Remedy::Edit { .. }
                | Remedy::SignIn { .. }
                | Remedy::Certificate { .. }
                | Remedy::ProxyLogin { .. } => {
                    return Err(ServiceError::NoRemedy {
                        reason: "something has to be typed or decided".to_owned(),
                        remedy: remedy.way(),
                    });
                }
            })
        })
    }

    /// Carries out the plan of [`Services::plan_remedy`]. `password` is needed where the renewal says so.
    ///
    /// # Errors
    /// As the use case that it is; a plan that others overtook is not carried out.
    pub async fn carry_out_remedy(
        &self,
        plan: &RemedyPlan,
        password: Option<&Secret>,
    ) -> Result<CarriedOut, ServiceError> {
        Ok(match plan {
            RemedyPlan::Files(plan) => CarriedOut::Files(Box::new(self.apply_channels(plan).await?)),
            RemedyPlan::Restore(plan) => CarriedOut::Files(Box::new(self.restore(plan).await?)),
            RemedyPlan::SetAside(path) => CarriedOut::SetAside(self.set_aside(path)?),
            RemedyPlan::Renewal { service, plan, .. } => {
                CarriedOut::Renewed(Box::new(self.renew(*service, plan, password).await?))
            }
            RemedyPlan::Recovery => CarriedOut::Recovered(self.recover().await?),
        })
    }
}
