//! Whether the service knows the account that this machine is signed in as.

use super::check::{Finding, Kind, Outcome};
use super::run::Desk;
use super::token::{known_fix, sign_in};
use super::world::Target;
use crate::error::Explain;
use crate::repository::RepositoryError;
use crate::secret::Token;
use crate::service::connection::{Connection, Service};
use crate::service::{ServiceError, Services};

pub(super) async fn ask(desk: &Desk, target: &Target) {
    let announced = target.announce(Kind::Account);
    let Some(connection) = &target.connection else {
        desk.skip(announced, "nobody is signed in");
        return;
    };
    if target.service == Service::Cloud {
        desk.skip(announced, "the token of an organisation belongs to no account");
        return;
    }
    desk.ask(announced, async {
        let token = match desk.services.token_of(connection) {
            Ok(Some(token)) => token,
            Ok(None) => return no_token(target, connection),
            Err(error) => return Finding::of_problem(Outcome::Fail, error.explain()),
        };
        match name_of(&desk.services, connection, target, &token).await {
            Ok(name) => with_session(&desk.services, target, connection, known(connection, &name)),
            Err(error) => refused(&desk.services, target, &error),
        }
    })
    .await;
}

/// Whose token it is, as the service says.
async fn name_of(
    services: &Services,
    connection: &Connection,
    target: &Target,
    token: &Token,
) -> Result<String, ServiceError> {
    let ca_file = target.ca_file();
    match target.service {
        Service::Server => {
            let client = services.server(&target.domain, ca_file).await?;
            Ok(client.account(token).await?.username)
        }
        _ => {
            let api = services.api_of(target.service, &connection.domain)?;
            Ok(services.binstar(&api, ca_file).await?.user(token).await?.login)
        }
    }
}

fn known(connection: &Connection, name: &str) -> Finding {
    // Servers keep names in lower case, whatever a person types.
    if connection.user.is_empty() || connection.user.eq_ignore_ascii_case(name) {
        return Finding::pass(format!("known as {name}"));
    }
    Finding::warn(format!("the token is {name}'s, and not {}'s", connection.user))
        .because("another program put its own token in the place of the one of this sign-in")
        .remedy("sign out, and sign in again as the one you want to be")
}

/// Adds whether the session is still good, which renewing a token takes.
fn with_session(services: &Services, target: &Target, connection: &Connection, finding: Finding) -> Finding {
    if !target.is_ours || target.service != Service::Server || !connection.token.is_ours() {
        return finding;
    }
    match services.session_of(connection) {
        Ok(Some(_)) => finding.with(
            Outcome::Pass,
            "the session is good: the token can be renewed at once",
        ),
        Ok(None) => finding.with(
            Outcome::Pass,
            "the session has ended: renewing the token takes the password",
        ),
        Err(error) => {
            let problem = error.explain();
            let mut finding = finding.with(Outcome::Warn, problem.message);
            finding.outcome = finding.outcome.worse(Outcome::Warn);
            finding.cause = finding.cause.or(problem.cause);
            finding.remedy = finding.remedy.or(problem.remedy);
            finding
        }
    }
}

fn no_token(target: &Target, connection: &Connection) -> Finding {
    if connection.token_files.is_empty() {
        return Finding::skip(format!(
            "the login of {} is kept in a way that conda cannot use",
            connection.origin.title()
        ));
    }
    Finding::fail("the token of this sign-in is gone")
        .because("another program removed it, or signed out")
        .remedy("sign in again")
        .fixed_by(Some(sign_in(target)))
}

fn refused(services: &Services, target: &Target, error: &ServiceError) -> Finding {
    let finding = Finding::of_problem(Outcome::Fail, error.explain());
    match error {
        ServiceError::Repository(RepositoryError::TokenNotAccepted { .. }) => {
            finding.fixed_by(known_fix(services, target))
        }
        // A token for conda need not be able to read the account.
        ServiceError::Repository(RepositoryError::Forbidden { .. }) => {
            Finding::skip("the token opens packages only, and not the account")
        }
        _ => finding,
    }
}
