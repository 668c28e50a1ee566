//! As whom files are uploaded: with the token in use where it may, else with one that is made for the work and goes with it.

use std::time::Duration;

use jiff::ToSpan;
use jiff::tz::TimeZone;

use super::UploadError;
use crate::error::Explain;
use crate::repository::{NewToken, RepositoryError, ServerClient};
use crate::secret::{Secret, Token};
use crate::service::access::AsManager;
use crate::service::connection::{Revocation, Service};
use crate::service::plan::PlannedToken;
use crate::service::sign_in::execute::creation;
use crate::service::sign_in::{BRIEF_LIFETIME, Grant, LoggedIn, token_name};
use crate::service::{ServiceError, Services, blocking};

/// What uploading to a repository takes (repository reference, section 1.2).
const AT_REPOSITORY: [&str; 2] = ["api:read", "api:write"];

/// What uploading to a channel takes, looking first; the scopes that a server does not have are left out (server reference,
/// section 1.5).
const AT_SERVER: [&str; 8] = [
    "artifact:view",
    "channel:view",
    "channel:view-artifacts",
    "subchannel:view",
    "subchannel:view-artifacts",
    "artifact:create",
    "artifact:delete",
    "artifact:edit",
];

/// How many of them are for looking.
const FOR_LOOKING: usize = 5;

/// How long a token lives at most with which files are sent: nobody knows how long that takes.
const WORKING_LIFETIME: Duration = Duration::from_secs(4 * 3_600);

/// What a token is wanted for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    Looking,
    Sending,
}

/// As whom a server is asked.
#[derive(Debug, Clone, Copy)]
pub(super) struct AtServer<'a> {
    pub client: &'a ServerClient,
    pub token: &'a Token,
}

/// The products that take uploads, and how they are asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Product {
    Repository,
    Server,
}

impl Product {
    pub(super) fn of(service: Service) -> Result<Self, UploadError> {
        match service {
            Service::Repository | Service::AnacondaOrg => Ok(Self::Repository),
            Service::Server => Ok(Self::Server),
            Service::Cloud => Err(UploadError::NoUploads {
                service: service.title(),
            }),
        }
    }
}

impl Services {
    /// Does `work` as somebody who may upload to a repository.
    pub(super) async fn uploading_to_repository<T>(
        &self,
        service: Service,
        password: Option<&Secret>,
        purpose: Purpose,
        work: impl AsyncFnOnce(AsManager<'_>) -> Result<T, ServiceError>,
    ) -> Result<T, ServiceError> {
        let (scopes, lifetime) = match purpose {
            Purpose::Looking => (&AT_REPOSITORY[..1], BRIEF_LIFETIME),
            Purpose::Sending => (&AT_REPOSITORY[..], WORKING_LIFETIME),
        };
        self.managing_for(service, password, scopes, lifetime, work).await
    }

    /// Does `work` as somebody who may upload to Anaconda Server.
    pub(super) async fn uploading_to_server<T>(
        &self,
        password: Option<&Secret>,
        purpose: Purpose,
        work: impl AsyncFnOnce(AtServer<'_>) -> Result<T, ServiceError>,
    ) -> Result<T, ServiceError> {
        let connection = self.connection_of(Service::Server)?;
        let may = |scope: &str| connection.token.scopes.iter().any(|has| has == scope);
        if password.is_none()
            && may("artifact:create")
            && let Some(token) = self.token_of(&connection)?
        {
            let domain = crate::repository::Domain::parse(&connection.domain)?;
            let client = self.server(&domain, connection.ca_file.as_deref()).await?;
            return work(AtServer {
                client: &client,
                token: &token,
            })
            .await;
        }
        let login = self.log_in_again(&connection, password).await?;
        let Grant::Server(session) = &login.grant else {
            return Err(ServiceError::NotRenewable {
                domain: connection.domain,
            });
        };
        let client = self.server(&login.domain, login.ca_file.as_deref()).await?;
        let known = client.scopes(session).await.unwrap_or_default();
        let scopes = match purpose {
            Purpose::Looking => &AT_SERVER[..FOR_LOOKING],
            Purpose::Sending => &AT_SERVER[..],
        };
        let wanted = scopes
            .iter()
            .filter(|scope| known.is_empty() || known.iter().any(|one| one == *scope));
        let today = TimeZone::UTC.to_datetime(self.now()).date();
        let new = NewToken {
            name: token_name(&login.user),
            // The server takes no time of day, and today may be over soon.
            expires_on: today.checked_add(2.days()).unwrap_or(today),
            scopes: wanted.map(|scope| (*scope).to_owned()).collect(),
        };
        let made = client.create_token(session, &new).await?;
        let outcome = work(AtServer {
            client: &client,
            token: &made.token,
        })
        .await;
        if let Err(error) = client.delete_token(session, &made.id).await {
            // The files are there whatever becomes of it, and it ends by itself within two days.
            let _ = self.remember_working_token(&login, &new, &made.id, &error).await;
        }
        outcome
    }

    /// A token that could not be deleted now waits for it, as that of a sign-out does.
    async fn remember_working_token(
        &self,
        login: &LoggedIn,
        new: &NewToken,
        token_id: &str,
        error: &RepositoryError,
    ) -> Result<(), ServiceError> {
        let planned = PlannedToken {
            name: new.name.clone(),
            scopes: new.scopes.clone(),
            expires_on: new.expires_on,
        };
        let waiting = Revocation {
            token_id: Some(token_id.to_owned()),
            reason: Some(error.explain().message),
            ..creation(login, &planned, &self.new_id())
        };
        let _lock = self.turn().await?;
        blocking(|| {
            self.credentials()
                .write(&waiting.session, &login.grant.kept_before_the_token())?;
            self.change_connections(|all| all.revocations.push(waiting))
        })
    }
}
