//! Making good what a crash, a cancelled sign-in or an unreachable server left behind.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::connection::{Connections, Revocation, Service};
use super::environments::effect::FolderEffect;
use super::sign_in::binstar::Kept;
use super::sign_in::repository::BinstarProof;
use super::sign_in::{Grant, LoggedIn};
use super::{ServiceError, Services, blocking};
use crate::edit::file;
use crate::edit::journal::Phase;
use crate::edit::lock::Lock;
use crate::edit::transaction::{Transaction, TransactionError};
use crate::error::{Explain, Problem};
use crate::repository::{Domain, RepositoryError, Revocation as Revoked, Session};
use crate::secret::{Secret, Token};

/// An effect outside this machine, as the journal describes it before it is asked for.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub(crate) enum RemoteEffect {
    /// A token is created on a server.
    CreateToken(Revocation),
    /// A secret is put into the credential store, under this name. Nothing outside comes of it.
    Secret { name: String },
    /// An environment is made or moved. Of this machine, but no file whose content could be put back.
    Folder(FolderEffect),
}

/// What was done about one unfinished change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Recovered {
    pub what: String,
    pub outcome: Outcome,
    /// Files that another program changed meanwhile; they stay as they are.
    pub left_alone: Vec<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// The rest of the change was done.
    Finished,
    /// The change was put back.
    RolledBack,
}

/// What a recovery did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Recovery {
    pub changes: Vec<Recovered>,
    /// Names of tokens that were deleted on their servers now.
    pub revoked: Vec<String>,
    /// Tokens that still wait to be deleted, and why.
    pub waiting: Vec<Waiting>,
    /// Environments whose change could be neither finished nor taken back yet.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub environments: Vec<StuckEnvironment>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StuckEnvironment {
    pub prefix: PathBuf,
    pub problem: Problem,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Waiting {
    pub domain: String,
    pub token_name: String,
    pub reason: String,
}

impl Services {
    /// Finishes or rolls back every unfinished change, and tries again to delete tokens that wait for it.
    ///
    /// Errors: [`ServiceError::Lock`] when another Sextant is at work; file errors.
    pub async fn recover(&self) -> Result<Recovery, ServiceError> {
        let lock = self.turn().await?;
        let mut recovery = self.recover_locked(&lock).await?;
        self.recover_packages(&mut recovery);
        self.retry_revocations(&mut recovery).await?;
        self.sweep_discarded_files();
        Ok(recovery)
    }

    /// Environments whose packages were being changed.
    fn recover_packages(&self, recovery: &mut Recovery) {
        use crate::package::transaction;

        for (prefix, ended) in self.recover_environments() {
            match ended {
                Ok(Some(recovered)) => recovery.changes.push(Recovered {
                    what: format!("{} ({})", recovered.what, prefix.display()),
                    outcome: match recovered.recovery {
                        transaction::Recovery::Finished => Outcome::Finished,
                        transaction::Recovery::RolledBack => Outcome::RolledBack,
                    },
                    left_alone: Vec::new(),
                }),
                Ok(None) => {}
                Err(problem) => recovery.environments.push(StuckEnvironment { prefix, problem }),
            }
        }
    }

    /// True when there is something for [`Services::recover`] to do. Asks no network.
    pub fn needs_recovery(&self) -> bool {
        let journals = Transaction::pending(&self.locations().journals());
        let waiting = self.connections().map(|all| !all.revocations.is_empty());
        journals.map(|found| !found.is_empty()).unwrap_or(true)
            || waiting.unwrap_or(false)
            || !self.unfinished_environments().is_empty()
            || blocking(|| self.has_abandoned_making() || self.has_abandoned_packages())
    }

    pub(crate) async fn recover_locked(&self, lock: &Lock) -> Result<Recovery, ServiceError> {
        let mut recovery = Recovery::default();
        let pending = blocking(|| Transaction::pending(&self.locations().journals()))?;
        for mut transaction in pending {
            let watcher = self.watcher();
            let phase = transaction.phase();
            let ended = blocking(|| transaction.resume(watcher))?;
            let forward = phase == Phase::Forward && transaction.phase() == Phase::Forward;
            recovery.changes.push(Recovered {
                what: transaction.what().to_owned(),
                outcome: if forward {
                    Outcome::Finished
                } else {
                    Outcome::RolledBack
                },
                left_alone: ended.left_alone,
            });
            if !forward {
                recovery
                    .revoked
                    .extend(self.undo_remote(&transaction, None).await?);
                self.forget_chest(transaction.id());
            } else {
                self.settle_folders(&transaction)?;
            }
            blocking(|| transaction.finish(&self.history(), watcher))?;
        }
        let mut made = blocking(|| self.recover_making(lock))?;
        made.extend(blocking(|| self.recover_packages_history(lock))?);
        // Its entry in the history was taken back above, and is written anew with the rest of it.
        recovery
            .changes
            .retain(|change| !made.iter().any(|made| made.what == change.what));
        recovery.changes.extend(made);
        Ok(recovery)
    }

    /// Undoes the remote effects of a change that did not happen; returns the names of deleted tokens. What cannot
    /// be undone now is written down for later, so that the journal can end. `grant` replaces what is stored.
    pub(crate) async fn undo_remote(
        &self,
        transaction: &Transaction,
        grant: Option<&Grant>,
    ) -> Result<Vec<String>, ServiceError> {
        let mut revoked = Vec::new();
        for described in transaction.remote() {
            let effect = serde_json::from_value(described.clone())
                .map_err(|error| ServiceError::Internal(error.to_string()))?;
            let mut revocation = match effect {
                RemoteEffect::CreateToken(revocation) => revocation,
                RemoteEffect::Secret { name } => {
                    blocking(|| self.credentials().remove(&name))?;
                    continue;
                }
                RemoteEffect::Folder(effect) => {
                    self.undo_folder(&effect)?;
                    continue;
                }
            };
            if let Ok(None) = blocking(|| self.credentials().read(&revocation.session)) {
                // The session is stored before the request is sent: without it no token was asked for.
                continue;
            }
            match self.revoke(&revocation, grant).await {
                Ok(found) => {
                    if found == Revoked::Revoked {
                        revoked.push(revocation.token_name.clone());
                    }
                    blocking(|| self.credentials().remove(&revocation.session))?;
                }
                Err(error) => {
                    revocation.reason = Some(error.explain().message);
                    self.change_connections(|all| {
                        if !all
                            .revocations
                            .iter()
                            .any(|known| known.token_name == revocation.token_name)
                        {
                            all.revocations.push(revocation);
                        }
                    })?;
                }
            }
        }
        Ok(revoked)
    }

    /// Deletes a token on its server, found by its name when the id is unknown. `grant` replaces what is stored.
    pub(crate) async fn revoke(
        &self,
        revocation: &Revocation,
        grant: Option<&Grant>,
    ) -> Result<Revoked, ServiceError> {
        match revocation.service {
            Service::Server => self.revoke_at_server(revocation, grant).await,
            Service::Repository | Service::AnacondaOrg => {
                let kept = blocking(|| self.credentials().read(&revocation.session))?;
                let kept = kept.as_ref().map(Kept::from_secret).unwrap_or_default();
                let proof = match grant {
                    Some(Grant::Binstar { proof, .. }) => Some(proof),
                    _ => None,
                };
                self.revoke_at_binstar(revocation, proof, &kept).await
            }
            Service::Cloud => Err(ServiceError::Internal(
                "a token of a service that creates none is to be revoked".to_owned(),
            )),
        }
    }

    async fn revoke_at_server(
        &self,
        revocation: &Revocation,
        grant: Option<&Grant>,
    ) -> Result<Revoked, ServiceError> {
        let session = match grant {
            Some(Grant::Server(session)) => session.clone(),
            _ => {
                let secret = self.stored(revocation)?;
                Session::from_json(&secret)?
            }
        };
        let domain = Domain::parse(&revocation.domain)?;
        let client = self.server(&domain, revocation.ca_file.as_deref()).await?;
        let id = match &revocation.token_id {
            Some(id) => id.clone(),
            None => {
                let tokens = client.tokens(&session).await?;
                match tokens
                    .into_iter()
                    .find(|token| token.name == revocation.token_name)
                {
                    Some(token) => token.id,
                    None => return Ok(Revoked::AlreadyGone),
                }
            }
        };
        self.step("delete token: before");
        let revoked = client.delete_token(&session, &id).await?;
        self.step("delete token: after");
        Ok(revoked)
    }

    /// What was stored to revoke a token with.
    fn stored(&self, revocation: &Revocation) -> Result<Secret, ServiceError> {
        blocking(|| self.credentials().read(&revocation.session))?.ok_or_else(|| {
            RepositoryError::SessionExpired {
                domain: revocation.domain.clone(),
            }
            .into()
        })
    }

    /// Accepted credentials for revoking, from a password.
    pub(crate) async fn grant_for(
        &self,
        revocation: &Revocation,
        password: &Secret,
    ) -> Result<Grant, ServiceError> {
        if revocation.service != Service::Server {
            return Ok(Grant::Binstar {
                api: self.api_of(revocation.service, &revocation.domain)?,
                proof: BinstarProof::Password {
                    username: revocation.user.clone(),
                    password: password.clone(),
                },
            });
        }
        let domain = Domain::parse(&revocation.domain)?;
        let client = self.server(&domain, revocation.ca_file.as_deref()).await?;
        Ok(Grant::Server(client.log_in(&revocation.user, password).await?))
    }

    /// Revokes a token that is written down as waiting, and forgets it; what fails is remembered with its reason.
    pub(crate) async fn revoke_and_settle(&self, revocation: &Revocation) -> Result<(), ServiceError> {
        let outcome = self.revoke(revocation, None).await;
        self.settled(revocation, outcome)
    }

    pub(crate) fn settled(
        &self,
        revocation: &Revocation,
        outcome: Result<Revoked, ServiceError>,
    ) -> Result<(), ServiceError> {
        match outcome {
            Ok(_) => self.settle(revocation),
            Err(error) => {
                let reason = error.explain().message;
                self.change_connections(|all| {
                    let mut waiting = all.revocations.iter_mut();
                    if let Some(waiting) = waiting.find(|waiting| waiting.token_name == revocation.token_name)
                    {
                        waiting.reason = Some(reason);
                    }
                })?;
                Err(error)
            }
        }
    }

    async fn retry_revocations(&self, recovery: &mut Recovery) -> Result<(), ServiceError> {
        let waiting = self.connections()?.revocations;
        for revocation in waiting {
            match self.revoke(&revocation, None).await {
                Ok(_) => {
                    self.settle(&revocation)?;
                    recovery.revoked.push(revocation.token_name);
                }
                Err(error) => recovery.waiting.push(Waiting {
                    domain: revocation.domain,
                    token_name: revocation.token_name,
                    reason: error.explain().message,
                }),
            }
        }
        Ok(())
    }

    /// Deletes the tokens that wait at a service for which there are fresh credentials now. What fails waits on.
    pub(crate) async fn revoke_waiting_with(
        &self,
        login: &LoggedIn,
        token: &Token,
    ) -> Result<Vec<String>, ServiceError> {
        let mut revoked = Vec::new();
        for revocation in self.connections()?.revocations {
            let is_theirs = revocation.service == login.service
                && revocation.domain == login.domain.as_str()
                && revocation.user == login.user;
            if is_theirs && self.revoke_with_either(&revocation, login, token).await {
                self.settle(&revocation)?;
                revoked.push(revocation.token_name);
            }
        }
        Ok(revoked)
    }

    /// With the credentials, or where a server takes only tokens for that, with the new token.
    async fn revoke_with_either(&self, revocation: &Revocation, login: &LoggedIn, token: &Token) -> bool {
        if self.revoke(revocation, Some(&login.grant)).await.is_ok() {
            return true;
        }
        let Grant::Binstar { api, .. } = &login.grant else {
            return false;
        };
        let with_token = Grant::Binstar {
            api: api.clone(),
            proof: BinstarProof::Token(token.clone()),
        };
        self.revoke(revocation, Some(&with_token)).await.is_ok()
    }

    /// The token is gone: neither it nor its session is remembered.
    pub(crate) fn settle(&self, revocation: &Revocation) -> Result<(), ServiceError> {
        blocking(|| self.credentials().remove(&revocation.session))?;
        self.change_connections(|all| {
            all.revocations
                .retain(|waiting| waiting.token_name != revocation.token_name);
        })
    }

    /// Changes what Sextant remembers, outside any transaction: for facts that are true whatever happens next.
    pub(crate) fn change_connections(
        &self,
        change: impl FnOnce(&mut Connections),
    ) -> Result<(), ServiceError> {
        let mut connections = self.connections()?;
        change(&mut connections);
        let path = self.locations().connections();
        match connections.to_bytes()? {
            Some(bytes) => file::write(&path, &bytes, file::PRIVATE)?,
            None => file::remove(&path)?,
        }
        Ok(())
    }
}

impl ServiceError {
    /// True when the change was refused because a file is no longer what the plan saw: plan again.
    pub fn is_stale_plan(&self) -> bool {
        use crate::package::transaction::TransactionError as EnvironmentError;

        matches!(
            self,
            Self::Transaction(TransactionError::Changed { .. })
                | Self::EnvironmentTransaction(EnvironmentError::Changed { .. })
        )
    }
}
