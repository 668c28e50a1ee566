//! Signing in to Anaconda Server: credentials to a session, the session to a plan, the plan to a connection.
//!
//! Effects: seeds 000 and 003, "Login Mechanism" and "What happens when you connect"; server reference 1.5, 5.3.

use std::path::{Path, PathBuf};

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use serde::Serialize;

use super::commit::Filling;
use super::connection::{CondarcRecord, Connection, Revocation, Service, TokenRecord};
use super::plan::{ChangedFile, Owner, Plan, PlannedFile, PlannedToken, TOKEN, TOKEN_ID, Warning};
use super::recover::RemoteEffect;
use super::{ServiceError, Services, blocking, random_hexadecimal};
use crate::conda::CondaError;
use crate::conda::channel::ChannelUrl;
pub use crate::conda::condarc::ChannelChoice;
use crate::conda::condarc::{self, Condarc};
use crate::conda::token_file::{self, ApiBase};
use crate::edit::file;
use crate::edit::transaction::Transaction;
use crate::navigator::{NavigatorFile, location};
use crate::repository::{CreatedToken, Domain, NewToken, Session};
use crate::secret::Secret;

/// How long a token lives unless the server says less (seed 004: "tokens expire after one year").
const TOKEN_DAYS: i64 = 365;

/// Accepted credentials. Nothing on this machine or the server was changed yet.
#[derive(Debug, Clone)]
pub struct LoggedIn {
    pub domain: Domain,
    pub ca_file: Option<PathBuf>,
    pub user: String,
    /// The scopes that the token will ask for.
    pub scopes: Vec<String>,
    pub(crate) session: Session,
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
    /// The history entry, for Undo.
    #[serde(skip)]
    pub entry: String,
    /// Names of older tokens that could be deleted on the server now.
    #[serde(skip)]
    pub revoked: Vec<String>,
}

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
        let client = self.server(domain, ca_file).await?;
        let session = client.log_in(username, password).await?;
        let account = client.account(&session).await?;
        let scopes = client.read_scopes(&session).await;
        Ok(LoggedIn {
            domain: domain.clone(),
            ca_file: ca_file.map(Path::to_owned),
            user: account.username,
            scopes,
            session,
        })
    }

    /// Errors: [`ServiceError::AlreadySignedIn`].
    pub fn refuse_second_sign_in(&self) -> Result<(), ServiceError> {
        match self.connections()?.of(Service::Server) {
            Some(connection) => Err(ServiceError::AlreadySignedIn {
                domain: connection.domain.clone(),
                user: connection.user.clone(),
            }),
            None => Ok(()),
        }
    }

    /// What signing in will change. Reads files, writes none, asks no network.
    pub fn plan_sign_in(&self, login: &LoggedIn, choice: &ChannelChoice) -> Result<Plan, ServiceError> {
        self.refuse_second_sign_in()?;
        blocking(|| {
            let mut plan = Plan::new(
                "sign-in",
                format!("Signed in to {} as {}", login.domain.host_and_port(), login.user),
            );
            plan.token = Some(PlannedToken {
                name: token_name(&login.user),
                scopes: login.scopes.clone(),
                expires_on: self.token_expiry(),
            });
            self.plan_condarc_of_sign_in(login, choice, &mut plan)?;
            self.plan_navigator(&mut plan, |navigator| {
                navigator.set_signed_in(login.domain.as_str(), TOKEN, TOKEN_ID)
            })?;
            self.plan_token_files(login, &mut plan)?;
            Ok(plan)
        })
    }

    fn plan_condarc_of_sign_in(
        &self,
        login: &LoggedIn,
        choice: &ChannelChoice,
        plan: &mut Plan,
    ) -> Result<(), ServiceError> {
        let surroundings = self.surroundings();
        let path = condarc::file_to_edit(&surroundings).path;
        let before = file::read(&path)?.map(|image| image.bytes);
        file::check_writable(&path)?;
        let alias = ChannelUrl::parse(&login.domain.channel_alias()).map_err(CondaError::from)?;
        let mut condarc =
            Condarc::parse(before.as_deref().unwrap_or_default()).map_err(ServiceError::in_condarc(&path))?;
        condarc
            .sign_in(&alias)
            .and_then(|()| condarc.choose_channels(choice))
            .map_err(ServiceError::in_condarc(&path))?;
        plan.set_condarc(&surroundings, path, before, &condarc)?;
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
        Ok(())
    }

    /// Plans a change of Navigator's file; a missing one is created.
    pub(crate) fn plan_navigator(
        &self,
        plan: &mut Plan,
        change: impl FnOnce(&mut NavigatorFile) -> Result<(), crate::navigator::NavigatorError>,
    ) -> Result<(), ServiceError> {
        let path = self.navigator_path();
        let before = file::read(&path)?.map(|image| image.bytes);
        file::check_writable(&path)?;
        let mut navigator = match &before {
            Some(bytes) => NavigatorFile::parse(bytes).map_err(ServiceError::in_navigator(&path))?,
            None => NavigatorFile::empty(),
        };
        change(&mut navigator).map_err(ServiceError::in_navigator(&path))?;
        plan.files.push(PlannedFile {
            path,
            owner: Owner::Navigator,
            before,
            after: Some(navigator.bytes()),
        });
        Ok(())
    }

    /// The new token under every name that conda and its neighbours look for; older ones for the same server go, so
    /// that none of them wins.
    fn plan_token_files(&self, login: &LoggedIn, plan: &mut Plan) -> Result<(), ServiceError> {
        let surroundings = self.surroundings();
        let api = ApiBase::parse(&format!("{}/api", login.domain)).map_err(CondaError::from)?;
        let targets: Vec<PathBuf> = token_file::files_to_write(&surroundings, &api)
            .into_iter()
            .map(|target| target.path)
            .collect();
        let stale = token_file::stale(&surroundings, &api);
        for found in token_file::intruders(&surroundings, &api) {
            plan.warnings.push(Warning::with_remedy(
                format!(
                    "conda may send the token stored for {} to this server instead of yours",
                    found.key
                ),
                format!("sign out there, or remove {}", found.path.display()),
            ));
        }
        for path in &targets {
            plan.files.push(PlannedFile {
                before: file::read(path)?.map(|image| image.bytes),
                path: path.clone(),
                owner: Owner::TokenFile,
                after: Some(TOKEN.as_bytes().to_vec()),
            });
        }
        for found in stale.into_iter().filter(|found| !targets.contains(&found.path)) {
            plan.files.push(PlannedFile {
                before: file::read(&found.path)?.map(|image| image.bytes),
                path: found.path,
                owner: Owner::TokenFile,
                after: None,
            });
        }
        Ok(())
    }

    /// Executes the plan of [`Services::plan_sign_in`]. Dropping the future cancels; [`Services::recover`] then
    /// leaves no trace.
    ///
    /// Errors: whatever fails, the machine and the server's tokens are as before; when the server does not answer
    /// any more, the token is remembered and deleted later.
    pub async fn sign_in(&self, login: &LoggedIn, plan: &Plan) -> Result<SignedIn, ServiceError> {
        let _lock = self.begin().await?;
        let planned = plan
            .token
            .as_ref()
            .ok_or_else(|| ServiceError::Internal("the plan creates no token".to_owned()))?;
        let id = self.new_id();
        let mut effect = Revocation {
            domain: login.domain.as_str().to_owned(),
            ca_file: login.ca_file.clone(),
            user: login.user.clone(),
            session: format!("session/{id}"),
            token_name: planned.name.clone(),
            token_id: None,
            reason: None,
        };
        let mut transaction =
            blocking(|| self.begin_transaction(&id, &plan.what, vec![described(&effect)?]))?;
        let created = self.create_token(login, planned, &effect).await;
        let outcome = match created {
            Ok(created) => {
                effect.token_id = Some(created.id.clone());
                blocking(|| self.write_sign_in(login, plan, &effect, &created, &mut transaction))
            }
            Err(error) => Err(error),
        };
        match outcome {
            Ok(connection) => {
                // It has happened. A history that cannot be written now is written by the next recovery.
                let _ = blocking(|| transaction.finish(&self.history(), self.watcher()));
                // Older tokens are no part of this sign-in: what fails there is tried again another time.
                let revoked = self
                    .revoke_waiting_at(&login.domain, &login.session)
                    .await
                    .unwrap_or_default();
                Ok(SignedIn {
                    service: connection.service,
                    domain: connection.domain,
                    user: connection.user,
                    token: connection.token,
                    files: plan.changed_files(),
                    channels: plan.channels.clone(),
                    default_channels: plan.default_channels.clone(),
                    entry: connection.entry,
                    revoked,
                })
            }
            Err(error) => {
                // What cannot be put back now stays in the journal; the person hears what failed first.
                let _ = self.abandon(transaction).await;
                Err(error)
            }
        }
    }

    async fn create_token(
        &self,
        login: &LoggedIn,
        planned: &PlannedToken,
        effect: &Revocation,
    ) -> Result<CreatedToken, ServiceError> {
        self.step("session: before");
        blocking(|| {
            self.credentials()
                .write(&effect.session, &login.session.to_json())
        })?;
        self.step("session: after");
        let client = self.server(&login.domain, login.ca_file.as_deref()).await?;
        let new = NewToken {
            name: planned.name.clone(),
            expires_on: planned.expires_on,
            scopes: planned.scopes.clone(),
        };
        self.step("create token: before");
        let created = client.create_token(&login.session, &new).await?;
        self.step("create token: after");
        Ok(created)
    }

    fn write_sign_in(
        &self,
        login: &LoggedIn,
        plan: &Plan,
        effect: &Revocation,
        created: &CreatedToken,
        transaction: &mut Transaction,
    ) -> Result<Connection, ServiceError> {
        transaction.set_remote(vec![described(effect)?])?;
        let token = created.token.expose();
        let old_tokens = plan
            .file(Owner::Navigator)
            .map(PlannedFile::tokens)
            .unwrap_or_default();
        let mut gone = vec![token];
        gone.extend(old_tokens.iter().map(Secret::expose));
        let filling = Filling {
            values: &[(TOKEN, token), (TOKEN_ID, &created.id)],
            gone: &gone,
            undoes: None,
        };
        let mut prepared = self.prepare(transaction.id(), plan, &filling)?;
        let condarc = prepared
            .versions(plan, Owner::Condarc)
            .ok_or_else(|| ServiceError::Internal("the plan edits no condarc".to_owned()))?
            .clone();
        let connection = Connection {
            service: Service::Server,
            domain: login.domain.as_str().to_owned(),
            user: login.user.clone(),
            signed_in_at: self.now(),
            token: TokenRecord {
                id: created.id.clone(),
                name: effect.token_name.clone(),
                expires_at: created
                    .expires_at
                    .or_else(|| plan.token.as_ref().and_then(|token| midnight(token.expires_on))),
            },
            ca_file: login.ca_file.clone(),
            session: effect.session.clone(),
            condarc: CondarcRecord {
                path: condarc.path,
                before: condarc.before,
                last: condarc.after,
            },
            navigator: self.navigator_path(),
            token_files: plan
                .files
                .iter()
                .filter(|planned| planned.owner == Owner::TokenFile && planned.after.is_some())
                .map(|planned| planned.path.clone())
                .collect(),
            entry: prepared.entry.id.clone(),
        };
        let (mut connections, before) = self.connections_with_bytes()?;
        connections.connections.push(connection.clone());
        prepared
            .writes
            .push(self.connections_write(&connections, before)?);
        transaction.stage(&prepared.writes, Some(prepared.entry), self.watcher())?;
        transaction.apply(self.watcher())?;
        Ok(connection)
    }

    /// Ends a sign-in that did not happen: the files are back already, the token goes, the session is forgotten.
    async fn abandon(&self, mut transaction: Transaction) -> Result<(), ServiceError> {
        let put_back = blocking(|| transaction.roll_back(self.watcher()));
        self.undo_remote(&transaction).await?;
        self.forget_chest(transaction.id());
        // A file that could not be put back keeps its journal for the next recovery.
        if put_back.is_ok() {
            blocking(|| transaction.finish(&self.history(), self.watcher()))?;
        }
        Ok(())
    }

    fn token_expiry(&self) -> Date {
        let today = self.now().to_zoned_datetime(TimeZone::UTC).date();
        today.checked_add(TOKEN_DAYS.days()).unwrap_or(today)
    }

    pub(crate) fn navigator_path(&self) -> PathBuf {
        let found = location::find(
            &self.locations().home,
            |name| self.locations().variable(name).map(str::to_owned),
            self.locations().platform,
            Path::exists,
        );
        found.file
    }
}

fn described(effect: &Revocation) -> Result<serde_json::Value, ServiceError> {
    serde_json::to_value(RemoteEffect::CreateToken(effect.clone()))
        .map_err(|error| ServiceError::Internal(error.to_string()))
}

fn midnight(date: Date) -> Option<Timestamp> {
    date.to_zoned_datetime(TimeZone::UTC)
        .ok()
        .map(|zoned| zoned.timestamp())
}

/// `sextant-<user>@<host>-<random>`: says to an administrator who made it and where, and is never used twice.
fn token_name(user: &str) -> String {
    let clean = |text: String| -> String {
        text.chars()
            .map(|c| {
                if c.is_ascii_alphanumeric() || "._-".contains(c) {
                    c
                } else {
                    '-'
                }
            })
            .collect()
    };
    let host = clean(whoami::hostname().unwrap_or_else(|_| "unknown-host".to_owned()));
    format!(
        "sextant-{}@{host}-{}",
        clean(user.to_owned()),
        random_hexadecimal(3)
    )
}
