//! Signing out: everything that signing in changed is put back, and the token dies.
//!
//! Effects: seeds 000 and 003, "Logout Action" and "What happens when you disconnect".

use std::path::PathBuf;

use serde::Serialize;

use super::commit::Filling;
use super::connection::{CondarcRecord, Connection, Revocation, Service};
use super::left_behind::{LeftBehind, OldService};
use super::merge::{self, PutBack, Versions};
use super::plan::{ChangedFile, EndedLogin, KeptEdit, Owner, Plan, PlannedFile, Warning};
use super::sign_in::files::base_of;
use super::{ServiceError, Services, blocking};
use crate::conda::CondaError;
use crate::conda::token_file::{self, ApiBase};
use crate::edit::snapshot::digest;
use crate::error::{Explain, Problem};
use crate::navigator::NavigatorFile;
use crate::repository::Domain;
use crate::secret::Secret;

/// A sign-out that happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SignedOut {
    pub service: Service,
    /// Where it was; empty where that is not known any more.
    #[serde(skip)]
    pub domain: String,
    /// True when the server confirmed that the token is gone.
    pub token_revoked: bool,
    pub files: Vec<ChangedFile>,
    pub kept_edits: Vec<KeptEdit>,
    /// Logins of other programs that ended with it.
    pub ended_logins: Vec<EndedLogin>,
    /// What conda still searches of the service.
    pub left_behind: Vec<LeftBehind>,
    /// Why the token could not be deleted; it is tried again later.
    #[serde(skip)]
    pub not_revoked_because: Option<Problem>,
    /// The history entry.
    #[serde(skip)]
    pub entry: String,
}

impl Services {
    /// What signing out will put back. Reads files, writes none, asks no network.
    ///
    /// Errors: [`ServiceError::NotSignedIn`]; [`ServiceError::Condarc`] when somebody broke `.condarc` meanwhile, which
    /// [`PutBack::Exact`] gets over.
    pub fn plan_sign_out(&self, service: Service, how: &PutBack) -> Result<Plan, ServiceError> {
        blocking(|| {
            let connections = self.connections()?;
            let Some(connection) = connections.of(service) else {
                return self.plan_sign_out_elsewhere(service);
            };
            let host = Domain::parse(&connection.domain)?.host_and_port().to_owned();
            let mut plan = Plan::new("sign-out", format!("Signed out of {host}"));
            plan.revokes = connection.revocation().map(|revocation| revocation.token_name);
            self.plan_end_of(connection, how, &mut plan)?;
            if service == Service::AnacondaOrg {
                self.warn_of_the_key(&mut plan)?;
            }
            Ok(plan)
        })
    }

    /// No call is known by which a program could end its own key (server reference, section 2).
    fn warn_of_the_key(&self, plan: &mut Plan) -> Result<(), ServiceError> {
        if let Some(key) = self.key_of_anaconda_com()? {
            let until = key
                .expires_at()
                .map(|end| end.strftime(" until %Y-%m-%d").to_string())
                .unwrap_or_default();
            plan.warnings.push(Warning::with_remedy(
                format!("the key of Anaconda.com is forgotten here, but stays valid{until}"),
                "delete it on the page of your account at Anaconda.com",
            ));
        }
        Ok(())
    }

    /// Signing out of what only other programs are signed in to.
    fn plan_sign_out_elsewhere(&self, service: Service) -> Result<Plan, ServiceError> {
        let mut found = self.found_logins()?;
        found.retain(|found| found.service == service);
        let Some(first) = found.first() else {
            return Err(ServiceError::NotSignedIn {
                service: service.title(),
            });
        };
        let host = Domain::parse(&first.domain)?.host_and_port().to_owned();
        let mut plan = Plan::new("sign-out", format!("Signed out of {host}"));
        self.plan_end_of_found(&found, &mut plan)?;
        Ok(plan)
    }

    /// Adds to a plan what ending a sign-in changes on this machine.
    pub(crate) fn plan_end_of(
        &self,
        connection: &Connection,
        how: &PutBack,
        plan: &mut Plan,
    ) -> Result<(), ServiceError> {
        if let Some(record) = &connection.condarc {
            self.plan_condarc_back(record, how, plan)?;
        }
        if connection.service.is_repository() {
            self.plan_navigator_of_sign_out(plan)?;
        }
        self.plan_removal_of_token_files(connection, plan)?;
        self.note_logins_that_end(Some(connection), plan);
        Ok(())
    }

    pub(crate) fn plan_condarc_back(
        &self,
        record: &CondarcRecord,
        how: &PutBack,
        plan: &mut Plan,
    ) -> Result<(), ServiceError> {
        let present = plan.content(&record.path)?;
        let target = self.version_content(&record.path, record.before.as_ref())?;
        let untouched =
            present.as_deref().map(digest) == record.last.as_ref().map(|version| version.digest.clone());
        let merged = if untouched || *how == PutBack::Exact {
            merge::Merged {
                content: target,
                edits: Vec::new(),
                lost: Vec::new(),
            }
        } else {
            let base = self.version_content(&record.path, record.last.as_ref())?;
            let versions = Versions {
                present: present.as_deref(),
                base: base.as_deref(),
                target: target.as_deref(),
            };
            merge::condarc(&record.path, versions, how)?
        };
        plan.kept_edits = merged.edits;
        Ok(plan.put(record.path.clone(), Owner::Condarc, merged.content)?)
    }

    /// Navigator's file may have been broken or removed by somebody else; that must not keep anybody signed in.
    fn plan_navigator_of_sign_out(&self, plan: &mut Plan) -> Result<(), ServiceError> {
        let path = self.navigator_path();
        if plan.content(&path)?.is_none() {
            return Ok(());
        }
        match self.plan_navigator(plan, NavigatorFile::set_signed_out) {
            Err(error @ ServiceError::Navigator { .. }) => {
                let problem = error.explain();
                plan.warnings.push(Warning {
                    message: format!("left as it is: {}", problem.message),
                    remedy: problem.remedy,
                });
                Ok(())
            }
            other => other,
        }
    }

    /// Every token file for this server, also those that another program wrote meanwhile: signing out here ends the
    /// command line's login too (seed 003).
    fn plan_removal_of_token_files(
        &self,
        connection: &Connection,
        plan: &mut Plan,
    ) -> Result<(), ServiceError> {
        let mut paths = connection.token_files.clone();
        for path in self.files_of_logins(connection)? {
            if !paths.contains(&path) {
                paths.push(path);
            }
        }
        for path in paths {
            if plan.content(&path)?.is_some() {
                plan.put(path, Owner::TokenFile, None)?;
            }
        }
        Ok(())
    }

    /// The files in which any program of this machine keeps a token or session for this service.
    fn files_of_logins(&self, connection: &Connection) -> Result<Vec<PathBuf>, ServiceError> {
        let surroundings = self.surroundings();
        let base = match connection.service {
            Service::Server => ApiBase::parse(&format!("{}/api", connection.domain)),
            Service::Cloud => ApiBase::parse(self.cloud_base_of(connection)?.as_str()),
            Service::Repository | Service::AnacondaOrg => {
                Ok(base_of(&self.api_of(connection.service, &connection.domain)?)?)
            }
        };
        let base = base.map_err(CondaError::from)?;
        let mut paths: Vec<PathBuf> = token_file::stale(&surroundings, &base)
            .into_iter()
            .map(|found| found.path)
            .collect();
        paths.extend(token_file::session_files(&surroundings, &base));
        Ok(paths)
    }

    /// Executes the plan of [`Services::plan_sign_out`]. From the moment its journal is complete it happens, even
    /// after a crash. A server that does not answer does not prevent it: the token is then remembered, and
    /// [`Services::recover`] and the next sign-in try again. `password` makes that possible at once when the session
    /// has expired.
    pub async fn sign_out(
        &self,
        service: Service,
        plan: &Plan,
        password: Option<&Secret>,
    ) -> Result<SignedOut, ServiceError> {
        let old = self.old_service(service)?;
        let old = old.as_ref();
        if self.connections()?.of(service).is_none() {
            return self.sign_out_elsewhere(service, plan, old).await;
        }
        let _lock = self.begin().await?;
        let revocation = self.connection_of(service)?.revocation();
        let entry = blocking(|| self.write_sign_out(service, plan, revocation.as_ref()))?;
        let problem = match &revocation {
            None => None,
            Some(revocation) => self.revoke_at_sign_out(revocation, password).await.err(),
        };
        let problem = problem.map(|error| error.explain());
        Ok(SignedOut {
            service,
            domain: old.map(|old| old.domain.clone()).unwrap_or_default(),
            token_revoked: revocation.is_some() && problem.is_none(),
            files: plan.changed_files(),
            kept_edits: plan.kept_edits.clone(),
            ended_logins: plan.ends_logins.clone(),
            left_behind: self.left_behind_by(old),
            not_revoked_because: problem,
            entry,
        })
    }

    fn left_behind_by(&self, old: Option<&OldService>) -> Vec<LeftBehind> {
        old.map(|old| self.left_behind(old)).unwrap_or_default()
    }

    async fn sign_out_elsewhere(
        &self,
        service: Service,
        plan: &Plan,
        old: Option<&OldService>,
    ) -> Result<SignedOut, ServiceError> {
        if plan.is_empty() {
            return Err(ServiceError::NotSignedIn {
                service: service.title(),
            });
        }
        let entry = self.commit_files(plan, None, |_, _| {}).await?;
        Ok(SignedOut {
            service,
            domain: old.map(|old| old.domain.clone()).unwrap_or_default(),
            token_revoked: false,
            files: plan.changed_files(),
            kept_edits: Vec::new(),
            ended_logins: plan.ends_logins.clone(),
            left_behind: self.left_behind_by(old),
            not_revoked_because: None,
            entry: entry.id,
        })
    }

    /// Takes the connection out and writes the revocation down in one transaction with the files, so that the token
    /// is never forgotten.
    fn write_sign_out(
        &self,
        service: Service,
        plan: &Plan,
        revocation: Option<&Revocation>,
    ) -> Result<String, ServiceError> {
        let id = self.new_id();
        let transaction = self.begin_transaction(&id, &plan.what, Vec::new())?;
        let tokens = plan
            .file(Owner::Navigator)
            .map(PlannedFile::tokens)
            .unwrap_or_default();
        let gone: Vec<&str> = tokens.iter().map(Secret::expose).collect();
        let filling = Filling {
            gone: &gone,
            ..Filling::default()
        };
        let prepared = self.prepare(&id, plan, &filling).and_then(|mut prepared| {
            let (mut connections, before) = self.connections_with_bytes()?;
            connections
                .connections
                .retain(|connection| connection.service != service);
            connections.revocations.extend(revocation.cloned());
            prepared
                .writes
                .push(self.connections_write(&connections, before)?);
            Ok(prepared)
        });
        let (_, entry) = self.carry_out(transaction, prepared)?;
        Ok(entry.id)
    }

    async fn revoke_at_sign_out(
        &self,
        revocation: &Revocation,
        password: Option<&Secret>,
    ) -> Result<(), ServiceError> {
        let Some(password) = password else {
            return self.revoke_and_settle(revocation).await;
        };
        let outcome = match self.grant_for(revocation, password).await {
            Ok(grant) => self.revoke(revocation, Some(&grant)).await,
            Err(error) => Err(error),
        };
        self.settled(revocation, outcome)
    }
}
