//! Asking a server as the person who signed in.

use super::Asked;
use super::remedy::{in_commands, proxy_that_asks, reach};
use crate::error::{Explain, Kind, Problem};
use crate::secret::Secret;
use crate::service::ServiceError;
use crate::service::connection::{Connection, Service};

/// Asks a server as the person who signed in: with what is stored, and where that does not count any more, with the
/// password once more.
pub(super) struct AsPerson<'a> {
    pub(super) asked: &'a Asked<'a>,
    pub(super) connection: Connection,
    password: Option<Secret>,
}

impl<'a> AsPerson<'a> {
    pub(super) async fn new(
        asked: &'a Asked<'a>,
        service: Service,
        password_stdin: bool,
    ) -> Result<Self, Problem> {
        let connection =
            asked
                .services
                .connections()?
                .of(service)
                .cloned()
                .ok_or(ServiceError::NotSignedIn {
                    service: service.title(),
                })?;
        let mut person = Self {
            asked,
            connection,
            password: None,
        };
        if password_stdin {
            person.password = Some(person.ask(true).await?);
        }
        Ok(person)
    }

    async fn ask(&self, from_input: bool) -> Result<Secret, Problem> {
        let Connection { user, domain, .. } = &self.connection;
        super::sign_in::password_of(self.asked, from_input, user, domain).await
    }

    pub(super) async fn call<T>(
        &mut self,
        mut call: impl AsyncFnMut(Option<&Secret>) -> Result<T, ServiceError>,
    ) -> Result<T, Problem> {
        let password = self.password.clone();
        let outcome = reach(self.asked, async || match call(password.as_ref()).await {
            Err(error) if password.is_none() && is_about_the_person(&error) => Ok(Err(error)),
            other => other.map(Ok),
        });
        let problem = match outcome.await? {
            Ok(value) => return Ok(value),
            Err(error) => in_commands(&error),
        };
        if !self.asked.output.can_ask() {
            return Err(problem.remedy("add --password-stdin and send the password on standard input"));
        }
        self.asked.output.tell(&problem.message);
        let password = self.ask(false).await?;
        self.password = Some(password.clone());
        reach(self.asked, async || call(Some(&password)).await).await
    }
}

/// What is stored does not count any more, as opposed to a proxy on the way that wants a login.
fn is_about_the_person(error: &ServiceError) -> bool {
    error.explain().kind == Kind::Auth && proxy_that_asks(error).is_none()
}
