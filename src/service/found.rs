//! Logins that other programs made on this machine: shown as they are, taken over, or ended (seeds 000, "CLI Login
//! Detection", and 003).

use super::connection::{Connection, Connections, ProgramName, Service};
use super::plan::{EndedLogin, Owner, Plan, Warning};
use super::sign_in::{Grant, LoggedIn};
use super::status::{ConnectionState, ConnectionStatus};
use super::tokens::{TokenState, days_until};
use super::{ServiceError, Services, blocking};
use crate::clients::{self, Credential, FoundLogin, LoginState, Place, Product, Tool};
use crate::navigator::NavigatorFile;
use crate::repository::{BinstarApi, CloudBase, Domain};
use crate::secret::Token;

/// A login of another program that Sextant does not look after yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundSignIn {
    pub service: Service,
    /// `scheme://host[:port]`.
    pub domain: String,
    /// Empty where the files do not tell.
    pub user: String,
    /// The program that most likely made it.
    pub program: ProgramName,
    login: FoundLogin,
}

impl FoundSignIn {
    fn new(login: FoundLogin) -> Option<Self> {
        let service = match login.product {
            Product::Server => Service::Server,
            Product::Cloud => Service::Cloud,
            Product::Repository => Service::Repository,
            Product::AnacondaOrg => Service::AnacondaOrg,
        };
        Some(Self {
            service,
            domain: Domain::parse(&login.address).ok()?.as_str().to_owned(),
            user: login.user.clone().unwrap_or_default(),
            program: program_of(&login.tools),
            login,
        })
    }

    pub(crate) fn login(&self) -> &FoundLogin {
        &self.login
    }

    /// The token, where there is one that conda could use.
    fn token(&self) -> Option<&Token> {
        match &self.login.credential {
            Some(Credential::Token(token)) => Some(token),
            _ => None,
        }
    }

    /// Whether its channels can be chosen: that takes a token, and a service that has channels.
    pub fn can_be_taken_over(&self) -> bool {
        self.service.is_repository() && self.token().is_some() && self.login.state == LoginState::Usable
    }
}

/// conda itself is named only where nobody else is.
fn program_of(tools: &[Tool]) -> ProgramName {
    let name = |tool: &Tool| match tool {
        Tool::CondaRepoCli => ProgramName::CondaRepoCli,
        Tool::AnacondaClient => ProgramName::AnacondaClient,
        Tool::CondaToken => ProgramName::CondaToken,
        Tool::AnacondaAuth => ProgramName::AnacondaAuth,
        Tool::Navigator => ProgramName::AnacondaNavigator,
        Tool::Conda => ProgramName::Conda,
    };
    let first = tools.iter().find(|tool| **tool != Tool::Conda);
    first.or(tools.first()).map_or(ProgramName::Conda, name)
}

impl Services {
    /// The logins that are not among Sextant's own sign-ins. Asks no network.
    pub fn found_logins(&self) -> Result<Vec<FoundSignIn>, ServiceError> {
        let connections = self.connections()?;
        let found = blocking(|| clients::logins(&self.machine()));
        Ok(found
            .logins
            .into_iter()
            .filter(|login| !matches!(login.state, LoginState::Damaged { .. }))
            .filter_map(FoundSignIn::new)
            .filter(|found| !is_ours(&connections, found))
            .collect())
    }

    /// As the status of a connection.
    pub(crate) fn status_of_found(&self, found: FoundSignIn) -> ConnectionStatus {
        let now = self.now();
        let end = found.login.expires_at;
        let is_over = found.login.state == LoginState::Expired;
        ConnectionStatus {
            state: if is_over {
                ConnectionState::TokenExpired
            } else {
                ConnectionState::Connected
            },
            token_expires_at: end,
            token_days_left: end.map(|end| days_until(end, now)),
            token_state: if is_over {
                TokenState::Expired
            } else {
                TokenState::at(end, now)
            },
            can_be_taken_over: found.can_be_taken_over(),
            service: found.service,
            domain: found.domain,
            user: found.user,
            origin: found.program,
        }
    }

    /// The found login of a service; the first one that can be used, where there are several.
    pub fn found_login(&self, service: Service) -> Result<Option<FoundSignIn>, ServiceError> {
        let mut found = self.found_logins()?;
        found.retain(|found| found.service == service);
        found.sort_by_key(|found| !found.can_be_taken_over());
        Ok(found.into_iter().next())
    }

    /// Credentials for taking a login over: a plan made with them creates no token, and signing out of it ends the other
    /// program's login. Asks no network.
    ///
    /// Errors: [`ServiceError::NotSignedIn`] when the login holds no token.
    pub fn take_over(&self, found: &FoundSignIn) -> Result<LoggedIn, ServiceError> {
        let token = found.token().cloned().ok_or(ServiceError::NotSignedIn {
            service: found.service.title(),
        })?;
        let domain = Domain::parse(&found.login.address)?;
        let kind = match found.service {
            Service::Server => TakenOver::Server,
            Service::Cloud => TakenOver::Cloud(CloudBase::parse(&found.login.address)?),
            Service::Repository | Service::AnacondaOrg => {
                TakenOver::Binstar(BinstarApi::parse(&found.login.address)?)
            }
        };
        Ok(LoggedIn {
            service: found.service,
            domain,
            ca_file: None,
            user: found.user.clone(),
            scopes: Vec::new(),
            grant: Grant::Found(Box::new(FoundGrant {
                token,
                id: found.login.token_id.clone(),
                expires_at: found.login.expires_at,
                program: found.program,
                kind,
            })),
        })
    }

    /// What ending the logins of other programs at a service will change.
    pub(crate) fn plan_end_of_found(
        &self,
        found: &[FoundSignIn],
        plan: &mut Plan,
    ) -> Result<(), ServiceError> {
        let ending = clients::end(found.iter().map(|found| &found.login))?;
        for change in ending.files {
            plan.put(change.path, Owner::TokenFile, change.after)?;
        }
        if !ending.navigator.is_empty() {
            self.plan_navigator(plan, NavigatorFile::set_signed_out)?;
        }
        for found in found {
            note_ended(plan, &found.login);
        }
        Ok(())
    }

    /// Says which programs stay logged in to another repository service: their logins are not Sextant's to end unasked.
    pub(crate) fn warn_of_other_logins(&self, login: &LoggedIn, plan: &mut Plan) -> Result<(), ServiceError> {
        if !login.service.is_repository() {
            return Ok(());
        }
        for found in self.found_logins()? {
            let is_elsewhere =
                (found.service, found.domain.as_str()) != (login.service, login.domain.as_str());
            if found.service.is_repository() && is_elsewhere {
                plan.warnings.push(Warning::with_remedy(
                    format!("{} stays logged in to {}", found.program.title(), found.domain),
                    format!(
                        "sign out there too if you are done with it: sextant sign-out {}",
                        found.service.name()
                    ),
                ));
            }
        }
        Ok(())
    }

    /// The logins of other programs that end because the plan that ends a sign-in removes the files in which they lie.
    /// What Sextant itself wrote, others can read; that is no login of theirs.
    pub(crate) fn note_logins_that_end(&self, connection: Option<&Connection>, plan: &mut Plan) {
        let own = connection.filter(|connection| connection.origin == ProgramName::Sextant);
        let is_written_here = |place: &Place| match place {
            Place::TokenFile(path) => own.is_some_and(|own| own.token_files.contains(path)),
            Place::NavigatorFile(_) => true,
            Place::SessionFile(_) | Place::Keyring { .. } => false,
        };
        for login in clients::logins(&self.machine()).logins {
            if own.is_some() && login.places.iter().all(is_written_here) {
                continue;
            }
            if is_gone(&login, plan) {
                note_ended(plan, &login);
            }
        }
    }

    /// Every login that ends because the plan removes the files in which it lies.
    pub(crate) fn note_logins_without_files(&self, plan: &mut Plan) {
        for login in clients::logins(&self.machine()).logins {
            if is_gone(&login, plan) {
                note_ended(plan, &login);
            }
        }
    }
}

/// Whether nothing of a login is left once the plan has been carried out.
fn is_gone(login: &FoundLogin, plan: &Plan) -> bool {
    let planned = |path: &std::path::Path| plan.files.iter().find(|planned| planned.path == path);
    let gone = |place: &Place| match place {
        Place::TokenFile(path) | Place::SessionFile(path) => {
            planned(path).is_some_and(|planned| planned.before.is_some() && planned.after.is_none())
        }
        // What is left of it there is `None`.
        Place::NavigatorFile(path) => planned(path).is_some_and(super::plan::PlannedFile::changes),
        Place::Keyring { .. } => false,
    };
    !login.places.is_empty() && login.places.iter().all(gone)
}

fn note_ended(plan: &mut Plan, login: &FoundLogin) {
    for tool in login.tools.iter().filter(|tool| **tool != Tool::Conda) {
        let ended = EndedLogin {
            program: tool.title(),
            address: login.address.clone(),
        };
        if !plan.ends_logins.contains(&ended) {
            plan.ends_logins.push(ended);
        }
    }
}

/// A token of another program that Sextant takes over.
#[derive(Debug, Clone)]
pub(crate) struct FoundGrant {
    pub token: Token,
    pub id: Option<String>,
    pub expires_at: Option<jiff::Timestamp>,
    pub program: ProgramName,
    pub kind: TakenOver,
}

/// Where the token is good.
#[derive(Debug, Clone)]
pub(crate) enum TakenOver {
    Server,
    Cloud(CloudBase),
    Binstar(BinstarApi),
}

/// Whether a login is what a sign-in of Sextant left in the files, or is for the same service at the same place.
fn is_ours(connections: &Connections, found: &FoundSignIn) -> bool {
    connections.connections.iter().any(|connection| {
        let same_place = connection.service == found.service && connection.domain == found.domain;
        let places = &found.login.places;
        let same_files = places
            .iter()
            .any(|place| connection.token_files.iter().any(|file| file == place.path()));
        same_place || same_files
    })
}
