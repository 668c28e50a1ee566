//! Signing in to Anaconda Server.
//!
//! Effects: seeds 000 and 003, "Login Mechanism" and "What happens when you connect"; server reference 1.5, 5.3.

use std::path::Path;

use super::files::{paths, warn_of_intruders};
use super::{ChannelChoice, Grant, LoggedIn, owned};
use crate::conda::CondaError;
use crate::conda::channel::ChannelUrl;
use crate::conda::token_file::{self, ApiBase};
use crate::repository::{Domain, Session};
use crate::secret::Secret;
use crate::service::connection::Service;
use crate::service::plan::{Plan, TOKEN, TOKEN_ID, Warning};
use crate::service::{ServiceError, Services};

impl Services {
    /// Exchanges credentials for a session and asks which scopes there are.
    ///
    /// Errors: [`crate::repository::RepositoryError`] for wrong credentials and every kind of trouble on the way.
    pub async fn log_in(
        &self,
        domain: &Domain,
        ca_file: Option<&Path>,
        username: &str,
        password: &Secret,
    ) -> Result<LoggedIn, ServiceError> {
        self.may_sign_in(Service::Server, Some(domain))?;
        let client = self.server(domain, ca_file).await?;
        let session = client.log_in(username, password).await?;
        self.logged_in_with(domain, ca_file, session).await
    }

    /// The same with a session that came from elsewhere, such as single sign-on.
    pub(crate) async fn logged_in_with(
        &self,
        domain: &Domain,
        ca_file: Option<&Path>,
        session: Session,
    ) -> Result<LoggedIn, ServiceError> {
        let client = self.server(domain, ca_file).await?;
        let account = client.account(&session).await?;
        let scopes = client.read_scopes(&session).await;
        // A session of single sign-on does not know yet whose it is.
        let session = session.of(&account.username);
        Ok(LoggedIn {
            service: Service::Server,
            domain: domain.clone(),
            ca_file: owned(ca_file),
            user: account.username,
            scopes,
            grant: Grant::Server(session),
        })
    }

    pub(super) fn plan_server(
        &self,
        login: &LoggedIn,
        choice: &ChannelChoice,
        plan: &mut Plan,
    ) -> Result<(), ServiceError> {
        plan.token = self.planned_token(login);
        let alias = ChannelUrl::parse(&login.domain.channel_alias()).map_err(CondaError::from)?;
        self.plan_condarc_in_use(plan, |condarc, _| {
            condarc.sign_in(&alias)?;
            condarc.choose_channels(choice)
        })?;
        warn_of_the_way(login, plan);
        self.plan_navigator(plan, |navigator| {
            let token_id = match &login.grant {
                Grant::Found(found) if found.id.is_none() => "",
                _ => TOKEN_ID,
            };
            navigator.set_signed_in(login.domain.as_str(), TOKEN, token_id)
        })?;
        let surroundings = self.surroundings();
        let api = ApiBase::parse(&format!("{}/api", login.domain)).map_err(CondaError::from)?;
        warn_of_intruders(plan, token_file::intruders(&surroundings, &api));
        self.plan_token_files(
            plan,
            paths(token_file::files_to_write(&surroundings, &api)),
            token_file::stale(&surroundings, &api),
        )
    }
}

/// What is not as safe, or not as complete, as it could be on the way to the service.
pub(super) fn warn_of_the_way(login: &LoggedIn, plan: &mut Plan) {
    if login.domain.is_plain_http() {
        plan.warnings.push(Warning::with_remedy(
            format!("{} is not encrypted: the token travels in clear", login.domain),
            "use https:// if the server offers it",
        ));
    }
    if let Some(ca_file) = &login.ca_file {
        plan.warnings.push(Warning::with_remedy(
            "conda does not know the CA file that Sextant was given",
            format!("conda config --set ssl_verify {}", ca_file.display()),
        ));
    }
}
