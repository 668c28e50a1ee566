//! Which of the tokens on this machine a service still accepts. An expired token makes conda fail with 401 on public
//! channels too, without a word about the file it came from (server reference, section 6, row 1): here every file is named.

use std::path::PathBuf;

use jiff::Timestamp;

use crate::conda::token_file;
use crate::error::{Explain, Problem};
use crate::repository::{Domain, RepositoryError};
use crate::secret::Token;
use crate::service::connection::{Connection, Service};
use crate::service::{ServiceError, Services};

/// What a service says of the token in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenCheck {
    pub path: PathBuf,
    /// The host that the token is for.
    pub host: String,
    pub outcome: TokenOutcome,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TokenOutcome {
    /// It is accepted; until when, if the service says so.
    Accepted(Option<Timestamp>),
    /// It is not, or the file holds none that could be used.
    Refused(Problem),
    /// The service could not be asked.
    Unknown(Problem),
}

impl Services {
    /// Asks a service about the token in each of the files of its sign-in; each token once.
    ///
    /// Errors: [`ServiceError::NotSignedIn`], files.
    pub async fn check_tokens(&self, service: Service) -> Result<Vec<TokenCheck>, ServiceError> {
        let connection = self.connection_of(service)?;
        let host = Domain::parse(&connection.domain)?.host_and_port().to_owned();
        let mut asked: Vec<(Token, TokenOutcome)> = Vec::new();
        let mut checks = Vec::new();
        for path in &connection.token_files {
            let outcome = match token_file::read(path) {
                Ok(None) => TokenOutcome::Refused(missing(path)),
                Err(error) => TokenOutcome::Refused(error.explain()),
                Ok(Some(token)) => match asked.iter().find(|(known, _)| *known == token) {
                    Some((_, outcome)) => outcome.clone(),
                    None => {
                        let outcome = self.ask_about(&connection, &token).await;
                        asked.push((token, outcome.clone()));
                        outcome
                    }
                },
            };
            checks.push(TokenCheck {
                path: path.clone(),
                host: host.clone(),
                outcome,
            });
        }
        Ok(checks)
    }

    async fn ask_about(&self, connection: &Connection, token: &Token) -> TokenOutcome {
        match self.end_of(connection, token).await {
            Ok(end) => TokenOutcome::Accepted(end),
            Err(error) => {
                let is_refusal = matches!(
                    &error,
                    ServiceError::Repository(
                        RepositoryError::TokenNotAccepted { .. } | RepositoryError::CloudTokenRefused { .. }
                    )
                );
                let problem = error.explain();
                if is_refusal {
                    TokenOutcome::Refused(problem)
                } else {
                    TokenOutcome::Unknown(problem)
                }
            }
        }
    }

    /// When a token ends, if the service says so.
    pub(crate) async fn end_of(
        &self,
        connection: &Connection,
        token: &Token,
    ) -> Result<Option<Timestamp>, ServiceError> {
        let ca_file = connection.ca_file.as_deref();
        match connection.service {
            Service::Server => {
                let domain = Domain::parse(&connection.domain)?;
                Ok(self.server(&domain, ca_file).await?.token_end(token).await?)
            }
            Service::Cloud => {
                self.cloud(&self.cloud_base_of(connection)?)
                    .await?
                    .check_token(token)
                    .await?;
                Ok(None)
            }
            Service::Repository | Service::AnacondaOrg => {
                let api = self.api_of(connection.service, &connection.domain)?;
                let client = self.binstar(&api, ca_file).await?;
                Ok(client.current_token(token).await?.expires_at)
            }
        }
    }
}

fn missing(path: &std::path::Path) -> Problem {
    Problem::new(
        crate::error::Kind::Auth,
        format!("there is no token in {}", path.display()),
    )
    .because("another program removed it, or signed out")
    .remedy("sign in again")
}
