//! Signing out: everything that signing in changed is put back, and the token dies.
//!
//! Effects: seeds 000 and 003, "Logout Action" and "What happens when you disconnect".

use serde::Serialize;

use super::commit::Filling;
use super::connection::{Connection, Connections, Revocation, Service};
use super::merge::{self, PutBack, Versions};
use super::plan::{ChangedFile, KeptEdit, Owner, Plan, PlannedFile, Warning};
use super::{ServiceError, Services, blocking};
use crate::conda::CondaError;
use crate::conda::token_file::{self, ApiBase};
use crate::edit::file;
use crate::edit::snapshot::digest;
use crate::error::{Explain, Problem};
use crate::repository::{Domain, Revocation as Revoked};
use crate::secret::Secret;

/// A sign-out that happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SignedOut {
    pub service: Service,
    /// True when the server confirmed that the token is gone.
    pub token_revoked: bool,
    pub files: Vec<ChangedFile>,
    pub kept_edits: Vec<KeptEdit>,
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
            let connection = connections.of(service).ok_or(ServiceError::NotSignedIn {
                service: service.title(),
            })?;
            let host = Domain::parse(&connection.domain)?.host_and_port().to_owned();
            let mut plan = Plan::new("sign-out", format!("Signed out of {host}"));
            plan.revokes = Some(connection.token.name.clone());
            self.plan_condarc_of_sign_out(connection, how, &mut plan)?;
            self.plan_navigator_of_sign_out(&mut plan)?;
            self.plan_removal_of_token_files(connection, &mut plan)?;
            Ok(plan)
        })
    }

    fn plan_condarc_of_sign_out(
        &self,
        connection: &Connection,
        how: &PutBack,
        plan: &mut Plan,
    ) -> Result<(), ServiceError> {
        let record = &connection.condarc;
        let present = file::read(&record.path)?.map(|image| image.bytes);
        let target = self.version_content(&record.path, record.before.as_ref())?;
        let untouched =
            present.as_deref().map(digest) == record.last.as_ref().map(|version| version.digest.clone());
        let merged = if untouched || *how == PutBack::Exact {
            merge::Merged {
                content: target,
                edits: Vec::new(),
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
        plan.files.push(PlannedFile {
            path: record.path.clone(),
            owner: Owner::Condarc,
            before: present,
            after: merged.content,
        });
        Ok(())
    }

    /// Navigator's file may have been broken or removed by somebody else; that must not keep anybody signed in.
    fn plan_navigator_of_sign_out(&self, plan: &mut Plan) -> Result<(), ServiceError> {
        let path = self.navigator_path();
        if file::read(&path)?.is_none() {
            return Ok(());
        }
        match self.plan_navigator(plan, super::super::navigator::NavigatorFile::set_signed_out) {
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
        let api = ApiBase::parse(&format!("{}/api", connection.domain)).map_err(CondaError::from)?;
        let surroundings = self.surroundings();
        let mut paths = connection.token_files.clone();
        let others = token_file::stale(&surroundings, &api)
            .into_iter()
            .map(|found| found.path);
        for path in others.chain(token_file::session_files(&surroundings, &api)) {
            if !paths.contains(&path) {
                paths.push(path);
            }
        }
        for path in paths {
            if let Some(image) = file::read(&path)? {
                plan.files.push(PlannedFile {
                    path,
                    owner: Owner::TokenFile,
                    before: Some(image.bytes),
                    after: None,
                });
            }
        }
        Ok(())
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
        let _lock = self.begin().await?;
        let connections = self.connections()?;
        let connection = connections
            .of(service)
            .ok_or(ServiceError::NotSignedIn {
                service: service.title(),
            })?
            .clone();
        let revocation = Revocation {
            domain: connection.domain.clone(),
            ca_file: connection.ca_file.clone(),
            user: connection.user.clone(),
            session: connection.session.clone(),
            token_name: connection.token.name.clone(),
            token_id: Some(connection.token.id.clone()),
            reason: None,
        };
        let entry = blocking(|| self.write_sign_out(service, plan, &revocation))?;
        let outcome = self.revoke_at_sign_out(&revocation, password).await;
        let problem = match outcome {
            Ok(_) => {
                self.settle(&revocation)?;
                None
            }
            Err(error) => {
                let problem = error.explain();
                let reason = problem.message.clone();
                self.change_connections(|all| remember_reason(all, &revocation, reason))?;
                Some(problem)
            }
        };
        Ok(SignedOut {
            service,
            token_revoked: problem.is_none(),
            files: plan.changed_files(),
            kept_edits: plan.kept_edits.clone(),
            not_revoked_because: problem,
            entry,
        })
    }

    /// Takes the connection out and writes the revocation down in one transaction with the files, so that the token
    /// is never forgotten.
    fn write_sign_out(
        &self,
        service: Service,
        plan: &Plan,
        revocation: &Revocation,
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
            connections.revocations.push(revocation.clone());
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
    ) -> Result<Revoked, ServiceError> {
        match password {
            None => self.revoke(revocation, None).await,
            Some(password) => {
                let domain = Domain::parse(&revocation.domain)?;
                let client = self.server(&domain, revocation.ca_file.as_deref()).await?;
                let session = client.log_in(&revocation.user, password).await?;
                self.revoke(revocation, Some(&session)).await
            }
        }
    }
}

fn remember_reason(all: &mut Connections, revocation: &Revocation, reason: String) {
    if let Some(waiting) = all
        .revocations
        .iter_mut()
        .find(|waiting| waiting.token_name == revocation.token_name)
    {
        waiting.reason = Some(reason);
    }
}
