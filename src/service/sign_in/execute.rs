//! Carrying out the plan of a sign-in, whatever the service: token, files and what Sextant remembers in one journalled
//! change.

use jiff::Timestamp;

use super::binstar::Kept;
use super::repository::BinstarProof;
use super::{EndedSignIn, Grant, LoggedIn, SignedIn, midnight};
use crate::edit::transaction::Transaction;
use crate::error::Explain;
use crate::repository::NewToken;
use crate::secret::{Secret, Token};
use crate::service::commit::{Filling, Prepared};
use crate::service::connection::{
    CondarcRecord, Connection, Connections, ProgramName, Revocation, Service, TokenRecord,
};
use crate::service::plan::{Owner, Plan, PlannedFile, PlannedToken, TOKEN, TOKEN_ID};
use crate::service::recover::RemoteEffect;
use crate::service::{ServiceError, Services, blocking};

/// A token that is there now.
#[derive(Debug)]
pub(crate) struct Obtained {
    pub token: Token,
    pub id: Option<String>,
    pub expires_at: Option<Timestamp>,
    /// What can revoke it, where that is known only now.
    pub keeps: Option<Secret>,
}

impl Services {
    /// Executes the plan of [`Services::plan_sign_in`]. Dropping the future cancels; [`Services::recover`] then
    /// leaves no trace.
    ///
    /// Errors: whatever fails, the machine and the server's tokens are as before; when the server does not answer
    /// any more, the token is remembered and deleted later.
    pub async fn sign_in(&self, login: &LoggedIn, plan: &Plan) -> Result<SignedIn, ServiceError> {
        let _lock = self.begin().await?;
        let id = self.new_id();
        let effect = plan.token.as_ref().map(|planned| creation(login, planned, &id));
        let remote = effect.iter().map(described).collect::<Result<_, _>>()?;
        let mut transaction = blocking(|| self.begin_transaction(&id, &plan.what, remote))?;
        let outcome = match self.obtain(login, plan.token.as_ref(), effect.as_ref()).await {
            Ok(obtained) => blocking(|| self.write_sign_in(login, plan, effect, &obtained, &mut transaction))
                .map(|written| (written, obtained)),
            Err(error) => Err(error),
        };
        match outcome {
            Ok(((connection, ended), obtained)) => {
                // It has happened. A history that cannot be written now is written by the next recovery.
                let _ = blocking(|| transaction.finish(&self.history(), self.watcher()));
                self.forget_tokens_of_repairs();
                // Other tokens are no part of this sign-in: what fails there is tried again another time.
                let revoked = self
                    .revoke_waiting_with(login, &obtained.token)
                    .await
                    .unwrap_or_default();
                let ended = self.settle_ended(plan, ended).await;
                Ok(SignedIn {
                    service: connection.service,
                    domain: connection.domain,
                    user: connection.user,
                    token: connection.token,
                    files: plan.changed_files(),
                    channels: plan.channels.clone(),
                    default_channels: plan.default_channels.clone(),
                    ended,
                    entry: connection.entry,
                    revoked,
                })
            }
            Err(error) => {
                // What cannot be put back now stays in the journal; the person hears what failed first.
                let _ = self.abandon(transaction, &login.grant).await;
                Err(error)
            }
        }
    }

    /// The token: created on the server, or the one that the person brought. What can revoke a new one lies in the
    /// credential store before it is asked for.
    pub(crate) async fn obtain(
        &self,
        login: &LoggedIn,
        planned: Option<&PlannedToken>,
        effect: Option<&Revocation>,
    ) -> Result<Obtained, ServiceError> {
        if let Grant::Cloud { token, .. } = &login.grant {
            return Ok(Obtained {
                token: token.clone(),
                id: None,
                expires_at: None,
                keeps: None,
            });
        }
        if let Grant::Found(found) = &login.grant {
            return Ok(Obtained {
                token: found.token.clone(),
                id: found.id.clone(),
                expires_at: found.expires_at,
                keeps: None,
            });
        }
        let (planned, effect) = planned
            .zip(effect)
            .ok_or_else(|| ServiceError::Internal("the plan creates no token".to_owned()))?;
        self.step("session: before");
        blocking(|| {
            self.credentials()
                .write(&effect.session, &login.grant.kept_before_the_token())
        })?;
        self.step("session: after");
        self.step("create token: before");
        let mut obtained = match self.create(login, planned).await {
            Err(error) if error.made_nothing() => {
                // There is nothing to revoke, and nothing to revoke it with.
                blocking(|| self.credentials().remove(&effect.session))?;
                return Err(error);
            }
            created => created?,
        };
        self.step("create token: after");
        if let Some(keeps) = &obtained.keeps {
            blocking(|| self.credentials().write(&effect.session, keeps))?;
            self.step("keep token: after");
        }
        if let (Service::AnacondaOrg, Grant::Binstar { proof, .. }) = (login.service, &login.grant)
            && let BinstarProof::Bearer(bearer) = proof
        {
            self.step("create key: before");
            let keeps = self.create_key(bearer, &obtained.token).await?;
            blocking(|| self.credentials().write(&effect.session, &keeps))?;
            obtained.keeps = Some(keeps);
            self.step("create key: after");
        }
        Ok(obtained)
    }

    async fn create(&self, login: &LoggedIn, planned: &PlannedToken) -> Result<Obtained, ServiceError> {
        match &login.grant {
            Grant::Server(session) => {
                let client = self.server(&login.domain, login.ca_file.as_deref()).await?;
                let new = NewToken {
                    name: planned.name.clone(),
                    expires_on: planned.expires_on,
                    scopes: planned.scopes.clone(),
                };
                let created = client.create_token(session, &new).await?;
                Ok(Obtained {
                    token: created.token,
                    id: Some(created.id),
                    expires_at: created.expires_at,
                    keeps: None,
                })
            }
            Grant::Binstar { api, proof } => self.create_binstar_token(login, api, proof, planned).await,
            Grant::Cloud { .. } | Grant::Found(_) => {
                Err(ServiceError::Internal("this sign-in creates no token".to_owned()))
            }
        }
    }

    fn write_sign_in(
        &self,
        login: &LoggedIn,
        plan: &Plan,
        effect: Option<Revocation>,
        obtained: &Obtained,
        transaction: &mut Transaction,
    ) -> Result<(Connection, Vec<Revocation>), ServiceError> {
        let effect = effect.map(|effect| Revocation {
            token_id: obtained.id.clone(),
            ..effect
        });
        if let Some(effect) = &effect {
            transaction.set_remote(vec![described(effect)?])?;
        }
        let mut prepared = self.prepare_with_token(transaction.id(), plan, obtained)?;
        let connection = self.connection(login, plan, effect, obtained, &prepared);
        let (mut connections, before) = self.connections_with_bytes()?;
        let ended = end(&mut connections, plan);
        connections.give_up_repaired(connection.service);
        connections.connections.push(connection.clone());
        prepared
            .writes
            .push(self.connections_write(&connections, before)?);
        transaction.stage(&prepared.writes, Some(prepared.entry), self.watcher())?;
        transaction.apply(self.watcher())?;
        Ok((connection, ended))
    }

    /// The plan's writes with the token in them. Neither it nor the one that stood there before is kept in the history.
    pub(crate) fn prepare_with_token(
        &self,
        id: &str,
        plan: &Plan,
        obtained: &Obtained,
    ) -> Result<Prepared, ServiceError> {
        let token = obtained.token.expose();
        let old_tokens = plan
            .file(Owner::Navigator)
            .map(PlannedFile::tokens)
            .unwrap_or_default();
        let mut gone = vec![token];
        gone.extend(old_tokens.iter().map(Secret::expose));
        let filling = Filling {
            values: &[
                (TOKEN, token),
                (TOKEN_ID, obtained.id.as_deref().unwrap_or_default()),
            ],
            gone: &gone,
            ..Filling::default()
        };
        self.prepare(id, plan, &filling)
    }

    fn connection(
        &self,
        login: &LoggedIn,
        plan: &Plan,
        effect: Option<Revocation>,
        obtained: &Obtained,
        prepared: &Prepared,
    ) -> Connection {
        let condarc = prepared
            .versions(plan, Owner::Condarc)
            .map(|versions| CondarcRecord {
                path: versions.path.clone(),
                before: prepared.base_of(versions),
                last: versions.after.clone(),
            });
        Connection {
            service: login.service,
            domain: login.address(),
            user: login.user.clone(),
            signed_in_at: self.now(),
            token: record(obtained, plan.token.as_ref()),
            ca_file: login.ca_file.clone(),
            session: effect.map(|effect| effect.session),
            condarc,
            token_files: plan
                .files
                .iter()
                .filter(|planned| planned.owner == Owner::TokenFile && planned.after.is_some())
                .map(|planned| planned.path.clone())
                .collect(),
            entry: prepared.entry.id.clone(),
            origin: match &login.grant {
                Grant::Found(found) => found.program,
                _ => ProgramName::Sextant,
            },
        }
    }

    /// Ends a sign-in that did not happen: the files are back already, the token goes, the session is forgotten. `grant`
    /// is at hand still, and can revoke a token whose value never arrived.
    pub(crate) async fn abandon(
        &self,
        mut transaction: Transaction,
        grant: &Grant,
    ) -> Result<(), ServiceError> {
        let put_back = blocking(|| transaction.roll_back(self.watcher()));
        self.undo_remote(&transaction, Some(grant)).await?;
        self.forget_chest(transaction.id());
        // A file that could not be put back keeps its journal for the next recovery.
        if put_back.is_ok() {
            blocking(|| transaction.finish(&self.history(), self.watcher()))?;
        }
        Ok(())
    }

    /// Revokes the tokens of the sign-ins that ended for this one. What fails is remembered already.
    async fn settle_ended(&self, plan: &Plan, revocations: Vec<Revocation>) -> Vec<EndedSignIn> {
        let mut all = Vec::new();
        for ended in &plan.ends {
            let waiting = revocations
                .iter()
                .find(|revocation| revocation.service == ended.service && revocation.domain == ended.domain);
            let problem = match waiting {
                Some(waiting) => self.revoke_and_settle(waiting).await.err(),
                None => None,
            };
            all.push(EndedSignIn {
                service: ended.service,
                domain: ended.domain.clone(),
                token_revoked: waiting.map(|_| problem.is_none()),
                not_revoked_because: problem.map(|error| error.explain()),
            });
        }
        all
    }
}

impl Grant {
    /// What lies in the credential store while the token is asked for: without it no token was.
    pub(crate) fn kept_before_the_token(&self) -> Secret {
        match self {
            Self::Server(session) => session.to_json(),
            Self::Cloud { .. } | Self::Found(_) => Secret::new(""),
            Self::Binstar { .. } => Kept::default().to_secret(),
        }
    }
}

/// The creation of a token, as the journal describes it before it is asked for.
pub(crate) fn creation(login: &LoggedIn, planned: &PlannedToken, id: &str) -> Revocation {
    Revocation {
        service: login.service,
        domain: login.domain.as_str().to_owned(),
        ca_file: login.ca_file.clone(),
        user: login.user.clone(),
        session: format!("session/{id}"),
        token_name: planned.name.clone(),
        token_id: None,
        reason: None,
    }
}

/// What is remembered of a token; `planned` is none for one that the person brought.
pub(crate) fn record(obtained: &Obtained, planned: Option<&PlannedToken>) -> TokenRecord {
    TokenRecord {
        id: obtained.id.clone(),
        name: planned.map(|planned| planned.name.clone()),
        expires_at: obtained
            .expires_at
            .or_else(|| planned.and_then(|planned| midnight(planned.expires_on))),
        scopes: planned.map(|planned| planned.scopes.clone()).unwrap_or_default(),
    }
}

/// Takes the connections out that the plan ends; their tokens wait to be revoked, so that none is forgotten.
fn end(connections: &mut Connections, plan: &Plan) -> Vec<Revocation> {
    let mut waiting = Vec::new();
    connections.connections.retain(|connection| {
        let ends = plan.ends.iter().any(|ended| ended.service == connection.service);
        if ends {
            waiting.extend(connection.revocation());
        }
        !ends
    });
    connections.revocations.extend(waiting.iter().cloned());
    waiting
}

pub(crate) fn described(effect: &Revocation) -> Result<serde_json::Value, ServiceError> {
    serde_json::to_value(RemoteEffect::CreateToken(effect.clone()))
        .map_err(|error| ServiceError::Internal(error.to_string()))
}
