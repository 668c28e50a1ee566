//! Signing in: credentials to a grant, the grant to a plan, the plan to a connection.
//!
//! Every service goes the same way. Its own file says how credentials become a [`Grant`], what the plan changes, and how
//! the token comes to be; [`execute`] carries the plan out as one journalled change, whatever the service.

mod anaconda_org;
pub(crate) mod binstar;
mod cloud;
pub(crate) mod execute;
pub(crate) mod files;
pub mod repository;
mod server;
pub mod sso;

pub(crate) use binstar::BRIEF_LIFETIME;

use std::path::{Path, PathBuf};

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use serde::Serialize;

use super::connection::{Connection, Service, TokenRecord};
use super::found::{FoundGrant, TakenOver};
use super::merge::PutBack;
use super::plan::{ChangedFile, Ended, Plan, PlannedToken};
use super::{ServiceError, Services, blocking, random_hexadecimal};
pub use crate::conda::condarc::ChannelChoice;
use crate::error::Problem;
use crate::repository::{BinstarApi, CloudBase, Domain, Session};
use crate::secret::Token;
use repository::BinstarProof;

/// How long a token lives unless the server says less (seed 004: "tokens expire after one year").
const TOKEN_DAYS: i64 = 365;

/// Accepted credentials. Nothing on this machine or the server was changed yet.
#[derive(Debug, Clone)]
pub struct LoggedIn {
    pub service: Service,
    /// Where the service is.
    pub domain: Domain,
    pub ca_file: Option<PathBuf>,
    /// Empty where the service does not say who it is.
    pub user: String,
    /// The scopes that the token will ask for.
    pub scopes: Vec<String>,
    pub(crate) grant: Grant,
}

/// What the credentials gave: with it a token comes to be.
#[derive(Debug, Clone)]
pub(crate) enum Grant {
    /// A session of Anaconda Server.
    Server(Session),
    /// The organisation token that the person brought, found good.
    Cloud { base: CloudBase, token: Token },
    /// What makes tokens at Anaconda Repository and Anaconda.org.
    Binstar { api: BinstarApi, proof: BinstarProof },
    /// A token that another program left on this machine.
    Found(Box<FoundGrant>),
}

/// What to do about a repository service that the machine is signed in to already (seed 003: one at a time).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Replacing {
    /// It is in the way.
    #[default]
    Nothing,
    /// It is signed out of first, in the same change.
    Other(PutBack),
}

/// A sign-in that happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SignedIn {
    pub service: Service,
    pub domain: String,
    pub user: String,
    pub token: TokenRecord,
    pub files: Vec<ChangedFile>,
    pub channels: Vec<String>,
    pub default_channels: Vec<String>,
    /// The services that were signed out of for it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ended: Vec<EndedSignIn>,
    /// The history entry, for Undo.
    #[serde(skip)]
    pub entry: String,
    /// Names of older tokens that could be deleted on the server now.
    #[serde(skip)]
    pub revoked: Vec<String>,
}

/// A sign-in that ended so that another could begin.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EndedSignIn {
    pub service: Service,
    pub domain: String,
    /// Whether the server confirmed that the token is gone; none when Sextant had created none.
    pub token_revoked: Option<bool>,
    /// Why it could not be deleted; it is tried again later.
    #[serde(skip)]
    pub not_revoked_because: Option<Problem>,
}

impl Services {
    /// The sign-in that has to end before one to `service` can begin: that to the same service, or to another
    /// repository service.
    pub fn in_the_way(&self, service: Service) -> Result<Option<Connection>, ServiceError> {
        let connections = self.connections()?;
        let found = connections
            .of(service)
            .or_else(|| connections.repository().filter(|_| service.is_repository()));
        Ok(found.cloned())
    }

    /// Errors: [`ServiceError::AlreadySignedIn`].
    pub fn refuse_second_sign_in(&self, service: Service) -> Result<(), ServiceError> {
        match self.in_the_way(service)? {
            Some(connection) => Err(ServiceError::AlreadySignedIn {
                service: connection.service,
                domain: connection.domain,
                user: connection.user,
            }),
            None => Ok(()),
        }
    }

    /// What signing in will change. Reads files, writes none, asks no network.
    ///
    /// Errors: [`ServiceError::AlreadySignedIn`] unless the other sign-in is to be replaced; files that cannot be
    /// edited.
    pub fn plan_sign_in(
        &self,
        login: &LoggedIn,
        choice: &ChannelChoice,
        replacing: &Replacing,
    ) -> Result<Plan, ServiceError> {
        self.may_sign_in(login.service, Some(&login.domain))?;
        let choice = &self.decided_choice(login.service, choice)?;
        let other = self.in_the_way(login.service)?;
        if *replacing == Replacing::Nothing {
            self.refuse_second_sign_in(login.service)?;
        }
        blocking(|| {
            let who = match login.user.as_str() {
                "" => String::new(),
                user => format!(" as {user}"),
            };
            let mut plan = Plan::new(
                "sign-in",
                format!("Signed in to {}{who}", login.domain.host_and_port()),
            );
            if let (Some(other), Replacing::Other(how)) = (&other, replacing) {
                self.plan_end_of(other, how, &mut plan)?;
                plan.ends.push(Ended {
                    service: other.service,
                    domain: other.domain.clone(),
                    user: other.user.clone(),
                    revokes: other.revocation().map(|revocation| revocation.token_name),
                });
            }
            match &login.grant {
                Grant::Server(_) => self.plan_server(login, choice, &mut plan)?,
                Grant::Cloud { base, .. } => self.plan_cloud(base, choice, &mut plan)?,
                Grant::Binstar { api, proof } if login.service == Service::AnacondaOrg => {
                    self.plan_anaconda_org(login, api, proof, &mut plan)?;
                }
                Grant::Binstar { api, .. } => self.plan_repository(login, api, choice, &mut plan)?,
                Grant::Found(found) => match &found.kind {
                    TakenOver::Server => self.plan_server(login, choice, &mut plan)?,
                    TakenOver::Cloud(base) => self.plan_cloud(base, choice, &mut plan)?,
                    TakenOver::Binstar(api) => self.plan_repository(login, api, choice, &mut plan)?,
                },
            }
            self.warn_of_other_logins(login, &mut plan)?;
            self.allowed(&plan)?;
            Ok(plan)
        })
    }

    /// The channels that are chosen with a sign-in: where they are fixed and none is named, the fixed ones.
    fn decided_choice(
        &self,
        service: Service,
        choice: &ChannelChoice,
    ) -> Result<ChannelChoice, ServiceError> {
        let decided = self.policy()?.channels().filter(|decided| decided.lock.is_some());
        Ok(match decided {
            Some(decided) if service == Service::Server && *choice == ChannelChoice::default() => {
                decided.value
            }
            _ => choice.clone(),
        })
    }

    /// The channels to begin with where nobody has named any: those that the policy or preset proposes.
    pub fn proposed_channels(&self) -> Result<ChannelChoice, ServiceError> {
        let proposed = self.policy()?.channels();
        Ok(proposed.map(|proposed| proposed.value).unwrap_or_default())
    }

    /// The token that a sign-in will create; none where it takes one over.
    fn planned_token(&self, login: &LoggedIn) -> Option<PlannedToken> {
        if let Grant::Found(_) = login.grant {
            return None;
        }
        Some(PlannedToken {
            name: token_name(&login.user),
            scopes: login.scopes.clone(),
            expires_on: self.token_expiry(),
        })
    }

    pub(crate) fn token_expiry(&self) -> Date {
        let today = self.now().to_zoned_datetime(TimeZone::UTC).date();
        today.checked_add(TOKEN_DAYS.days()).unwrap_or(today)
    }
}

pub(crate) fn midnight(date: Date) -> Option<Timestamp> {
    date.to_zoned_datetime(TimeZone::UTC)
        .ok()
        .map(|zoned| zoned.timestamp())
}

/// `sextant-<user>@<host>-<random>`: says to an administrator who made it and where, and is never used twice.
pub(crate) fn token_name(user: &str) -> String {
    format!("{}{}", token_name_start(user), random_hexadecimal(3))
}

/// What the names of all tokens begin with that Sextant makes for this person on this machine.
pub(crate) fn token_name_start(user: &str) -> String {
    format!("sextant-{}@{}-", clean(user), clean(&host_name()))
}

/// The name of this machine.
pub(crate) fn host_name() -> String {
    whoami::hostname().unwrap_or_else(|_| "unknown-host".to_owned())
}

fn clean(text: &str) -> String {
    text.chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || "._-".contains(c) {
                c
            } else {
                '-'
            }
        })
        .collect()
}

/// The file that holds a CA certificate, as it is remembered.
fn owned(ca_file: Option<&Path>) -> Option<PathBuf> {
    ca_file.map(Path::to_owned)
}
