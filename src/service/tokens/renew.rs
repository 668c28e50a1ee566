//! Renewing a token: a new one is created and found good, takes the place of the old one in every file, and the old one is
//! revoked; one journalled change.

use serde::Serialize;

use super::TokenHealth;
use crate::edit::transaction::Transaction;
use crate::error::{Explain, Problem};
use crate::repository::Domain;
use crate::secret::Secret;
use crate::service::connection::{Connection, Revocation, Service, TokenRecord};
use crate::service::plan::{ChangedFile, Owner, Plan, PlannedToken, TOKEN, TOKEN_ID};
use crate::service::sign_in::execute::{Obtained, creation, described, record};
use crate::service::sign_in::repository::RepositoryLogin;
use crate::service::sign_in::{LoggedIn, token_name};
use crate::service::{ServiceError, Services, blocking};

/// A token that was renewed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Renewed {
    pub service: Service,
    pub domain: String,
    pub token: TokenRecord,
    pub files: Vec<ChangedFile>,
    /// Whether the server confirmed that the former token is gone; none when there was none of ours.
    pub former_revoked: Option<bool>,
    /// Why it could not be deleted; it is tried again later.
    #[serde(skip)]
    pub not_revoked_because: Option<Problem>,
    /// The history entry.
    #[serde(skip)]
    pub entry: String,
}

impl Services {
    /// What renewing the token of a service will change. Asks no network.
    ///
    /// Errors: [`ServiceError::NotSignedIn`], [`ServiceError::NotRenewable`].
    pub fn plan_renewal(&self, service: Service) -> Result<Plan, ServiceError> {
        blocking(|| {
            let connection = self.connection_of(service)?;
            let domain = Domain::parse(&connection.domain)?;
            if service == Service::Cloud {
                return Err(ServiceError::NotRenewable {
                    domain: connection.domain,
                });
            }
            let mut plan = Plan::new(
                "renewal",
                format!("Renewed the token for {}", domain.host_and_port()),
            );
            plan.token = Some(PlannedToken {
                name: token_name(&connection.user),
                scopes: connection.token.scopes.clone(),
                expires_on: self.token_expiry(),
            });
            plan.revokes = connection.revocation().map(|former| former.token_name);
            for path in &connection.token_files {
                plan.put(path.clone(), Owner::TokenFile, Some(TOKEN.as_bytes().to_vec()))?;
            }
            if service == Service::Server {
                self.plan_navigator(&mut plan, |navigator| {
                    navigator.set_signed_in(&connection.domain, TOKEN, TOKEN_ID)
                })?;
            }
            Ok(plan)
        })
    }

    /// Executes the plan of [`Services::plan_renewal`]. `password` is needed where [`TokenHealth::renewal`] says so.
    /// Dropping the future cancels; [`Services::recover`] then leaves no trace.
    ///
    /// Errors: as for signing in; the old token stays in use then.
    pub async fn renew(
        &self,
        service: Service,
        plan: &Plan,
        password: Option<&Secret>,
    ) -> Result<Renewed, ServiceError> {
        let _lock = self.begin().await?;
        let connection = self.connection_of(service)?;
        let login = self.log_in_again(&connection, password).await?;
        let planned = plan
            .token
            .as_ref()
            .ok_or_else(|| ServiceError::Internal("the plan creates no token".to_owned()))?;
        let planned = &PlannedToken {
            scopes: login.scopes.clone(),
            ..planned.clone()
        };
        let id = self.new_id();
        let effect = creation(&login, planned, &id);
        let mut transaction =
            blocking(|| self.begin_transaction(&id, &plan.what, vec![described(&effect)?]))?;
        let outcome = match self.obtain_verified(&connection, &login, planned, &effect).await {
            Ok(obtained) => blocking(|| {
                let effect = Revocation {
                    token_id: obtained.id.clone(),
                    ..effect
                };
                transaction.set_remote(vec![described(&effect)?])?;
                let parts = Parts {
                    plan,
                    planned,
                    effect,
                    obtained,
                };
                self.write_renewal(&connection, parts, &mut transaction)
            }),
            Err(error) => Err(error),
        };
        let (token, entry) = match outcome {
            Ok(written) => written,
            Err(error) => {
                // What cannot be put back now stays in the journal; the person hears what failed first.
                let _ = self.abandon(transaction, &login.grant).await;
                return Err(error);
            }
        };
        // It has happened. A history that cannot be written now is written by the next recovery.
        let _ = blocking(|| transaction.finish(&self.history(), self.watcher()));
        Ok(self.settle_renewal(connection, plan, &login, token, entry).await)
    }

    /// The former token goes; what fails there is remembered and tried again.
    pub(super) async fn settle_renewal(
        &self,
        connection: Connection,
        plan: &Plan,
        login: &LoggedIn,
        token: TokenRecord,
        entry: String,
    ) -> Renewed {
        let former = connection.revocation();
        let problem = match &former {
            Some(former) => {
                let outcome = self.revoke(former, Some(&login.grant)).await;
                self.settled(former, outcome).err()
            }
            None => None,
        };
        Renewed {
            service: connection.service,
            domain: connection.domain,
            token,
            files: plan.changed_files(),
            former_revoked: former.map(|_| problem.is_none()),
            not_revoked_because: problem.map(|error| error.explain()),
            entry,
        }
    }

    pub(crate) fn connection_of(&self, service: Service) -> Result<Connection, ServiceError> {
        let connections = self.connections()?;
        connections.of(service).cloned().ok_or(ServiceError::NotSignedIn {
            service: service.title(),
        })
    }

    /// Fresh credentials for a sign-in that is in force: its session, or the password that the person gives again.
    pub(crate) async fn log_in_again(
        &self,
        connection: &Connection,
        password: Option<&Secret>,
    ) -> Result<LoggedIn, ServiceError> {
        let domain = Domain::parse(&connection.domain)?;
        let ca_file = connection.ca_file.as_deref();
        let ended = || {
            ServiceError::Repository(crate::repository::RepositoryError::SessionExpired {
                domain: connection.domain.clone(),
            })
        };
        match connection.service {
            Service::Server => match (self.session_of(connection)?, password) {
                (_, Some(password)) => self.log_in(&domain, ca_file, &connection.user, password).await,
                (Some(session), None) => self.logged_in_with(&domain, ca_file, session).await,
                (None, None) => Err(ended()),
            },
            Service::Repository => {
                let api = self.api_of(connection.service, &connection.domain)?;
                let login = match password {
                    Some(password) => RepositoryLogin::Password {
                        username: connection.user.clone(),
                        password: password.clone(),
                    },
                    // A ticket is as good as a password where there is one, and it may be shown.
                    None if api.is_plain_http() || !self.has_ticket() => return Err(ended()),
                    None => RepositoryLogin::Kerberos {
                        over_plain_http: false,
                    },
                };
                let login = self.log_in_to_repository(&api, ca_file, login, connection.token.scopes.clone());
                login.map_err(|error| if password.is_none() { ended() } else { error })
            }
            Service::AnacondaOrg => {
                let password = password.ok_or_else(ended)?;
                self.log_in_to_anaconda_org(&connection.user, password)
            }
            Service::Cloud => Err(ServiceError::NotRenewable {
                domain: connection.domain.clone(),
            }),
        }
    }

    fn has_ticket(&self) -> bool {
        let kerberos = self.kerberos().clone();
        blocking(|| kerberos.ticket()).is_ok_and(|ticket| ticket.is_some())
    }

    /// A new token that the server accepts: one that does not work must not take the place of one that does.
    async fn obtain_verified(
        &self,
        connection: &Connection,
        login: &LoggedIn,
        planned: &PlannedToken,
        effect: &Revocation,
    ) -> Result<Obtained, ServiceError> {
        let mut obtained = self.obtain(login, Some(planned), Some(effect)).await?;
        self.step("verify token: before");
        let end = self.end_of(connection, &obtained.token).await?;
        obtained.expires_at = obtained.expires_at.or(end);
        self.step("verify token: after");
        Ok(obtained)
    }

    /// Every file, and what Sextant remembers of the sign-in.
    pub(super) fn write_renewal(
        &self,
        connection: &Connection,
        parts: Parts<'_>,
        transaction: &mut Transaction,
    ) -> Result<(TokenRecord, String), ServiceError> {
        let Parts {
            plan,
            planned,
            effect,
            obtained,
        } = parts;
        let mut prepared = self.prepare_with_token(transaction.id(), plan, &obtained)?;
        let renewed = record(&obtained, Some(planned));
        let (mut connections, before) = self.connections_with_bytes()?;
        connections.revocations.extend(connection.revocation());
        if let Some(present) = connections.of_mut(connection.service) {
            present.token = renewed.clone();
            present.session = Some(effect.session);
        }
        prepared
            .writes
            .push(self.connections_write(&connections, before)?);
        let entry = prepared.entry.id.clone();
        transaction.stage(&prepared.writes, Some(prepared.entry), self.watcher())?;
        transaction.apply(self.watcher())?;
        Ok((renewed, entry))
    }
}

/// What a renewal has got together by the time it writes.
pub(super) struct Parts<'a> {
    pub plan: &'a Plan,
    pub planned: &'a PlannedToken,
    /// How the new token is ended again.
    pub effect: Revocation,
    pub obtained: Obtained,
}

impl TokenHealth {
    /// Whether the person should do something about it.
    pub fn needs_care(&self) -> bool {
        matches!(
            self.state,
            super::TokenState::EndsSoon | super::TokenState::Expired
        )
    }
}
