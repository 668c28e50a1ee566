//! Undoing an entry of the history.

use super::connection::Service;
use super::merge::{self, PutBack, Versions};
use super::plan::{Owner, Plan, PlannedFile};
use super::sign_out::SignedOut;
use super::{ServiceError, Services, blocking};
use crate::edit::file;
use crate::edit::history::{Entry, FileVersions};
use crate::edit::snapshot::digest;
use crate::navigator::{NavigatorError, NavigatorFile};

/// How an entry is undone.
#[derive(Debug, Clone)]
pub enum UndoPlan {
    /// The files go back.
    Files { entry: Entry, plan: Plan },
    /// Undoing a sign-in is signing out.
    SignOut { service: Service, plan: Plan },
}

impl UndoPlan {
    pub fn plan(&self) -> &Plan {
        match self {
            Self::Files { plan, .. } | Self::SignOut { plan, .. } => plan,
        }
    }
}

/// What an undo did.
#[derive(Debug, Clone)]
pub enum Undone {
    Files(Entry),
    SignedOut(SignedOut),
}

/// Whether an entry is one whose effect can come back at all.
pub fn is_undoable(entry: &Entry) -> bool {
    entry.kind != super::doctor::ERASURE
}

impl Services {
    /// The history, newest first.
    pub fn entries(&self) -> Result<Vec<Entry>, ServiceError> {
        Ok(self.history().entries()?)
    }

    /// What undoing an entry will change; without an id, the newest that was not undone yet.
    ///
    /// Errors: [`ServiceError::NothingToUndo`], [`ServiceError::NotUndoable`] for a sign-out (its token is gone) and
    /// for a sign-in that is no longer in force.
    pub fn plan_undo(&self, id: Option<&str>, how: &PutBack) -> Result<UndoPlan, ServiceError> {
        let entry = match id {
            Some(id) => self.history().entry(id)?,
            None => self.newest_to_undo()?,
        };
        match entry.kind.as_str() {
            "sign-in" => self.plan_undo_of_sign_in(&entry, how),
            "sign-out" => Err(ServiceError::NotUndoable {
                id: entry.id,
                reason: "the token was revoked on the server, and a revoked token cannot come back"
                    .to_owned(),
                remedy: "sign in again: sextant sign-in server".to_owned(),
            }),
            "renewal" => Err(ServiceError::NotUndoable {
                id: entry.id,
                reason: "the former token was revoked on the server, and a revoked token cannot come back"
                    .to_owned(),
                remedy: "the new one serves in its place; see: sextant status".to_owned(),
            }),
            super::doctor::ERASURE => Err(ServiceError::NotUndoable {
                id: entry.id,
                reason: "the secrets that it erased are kept nowhere".to_owned(),
                remedy: "see what else was changed: sextant history".to_owned(),
            }),
            super::doctor::KIND => self.plan_undo_of_remedy(entry, how),
            "domain" if let Some(connection) = self.connections()?.of(Service::Server) => {
                Err(ServiceError::DomainInUse {
                    domain: connection.domain.clone(),
                })
            }
            _ => {
                let mut plan = Plan::new("undo", format!("Undid: {}", entry.what));
                for versions in &entry.files {
                    let planned = blocking(|| self.plan_file_back(versions, how, &mut plan))?;
                    plan.files.push(planned);
                }
                Ok(UndoPlan::Files { entry, plan })
            }
        }
    }

    fn newest_to_undo(&self) -> Result<Entry, ServiceError> {
        let entries = self.entries()?;
        let undone: Vec<&str> = entries
            .iter()
            .filter_map(|entry| entry.undoes.as_deref())
            .collect();
        entries
            .iter()
            .find(|entry| entry.kind != "undo" && !undone.contains(&entry.id.as_str()))
            .cloned()
            .ok_or(ServiceError::NothingToUndo)
    }

    fn plan_undo_of_sign_in(&self, entry: &Entry, how: &PutBack) -> Result<UndoPlan, ServiceError> {
        let connections = self.connections()?;
        let connection = connections
            .connections
            .iter()
            .find(|connection| connection.entry == entry.id)
            .ok_or_else(|| ServiceError::NotUndoable {
                id: entry.id.clone(),
                reason: "this sign-in has ended already".to_owned(),
                remedy: "see what was changed since: sextant history".to_owned(),
            })?;
        let service = connection.service;
        Ok(UndoPlan::SignOut {
            service,
            plan: self.plan_sign_out(service, how)?,
        })
    }

    pub(crate) fn plan_file_back(
        &self,
        versions: &FileVersions,
        how: &PutBack,
        plan: &mut Plan,
    ) -> Result<PlannedFile, ServiceError> {
        let path = &versions.path;
        let present = file::read(path)?.map(|image| image.bytes);
        let target = self.version_content(path, versions.before.as_ref())?;
        let untouched =
            present.as_deref().map(digest) == versions.after.as_ref().map(|version| version.digest.clone());
        let owner = if *path == self.navigator_path() {
            Owner::Navigator
        } else {
            Owner::Condarc
        };
        let after = if untouched || *how == PutBack::Exact {
            target
        } else {
            let base = self.version_content(path, versions.after.as_ref())?;
            match owner {
                Owner::Navigator => navigator_back(present.as_deref(), base.as_deref(), target.as_deref())
                    .map_err(ServiceError::in_navigator(path))?,
                _ => {
                    let versions = Versions {
                        present: present.as_deref(),
                        base: base.as_deref(),
                        target: target.as_deref(),
                    };
                    let merged = merge::condarc(path, versions, how)?;
                    plan.kept_edits.extend(merged.edits);
                    merged.content
                }
            }
        };
        Ok(PlannedFile::new(path.clone(), owner, present, after))
    }

    /// Executes the plan of [`Services::plan_undo`].
    pub async fn undo(&self, undo: &UndoPlan) -> Result<Undone, ServiceError> {
        match undo {
            UndoPlan::SignOut { service, plan } => {
                Ok(Undone::SignedOut(self.sign_out(*service, plan, None).await?))
            }
            UndoPlan::Files { entry, plan } => {
                let undone = self
                    .commit_files(plan, Some(entry.id.clone()), |connections, prepared| {
                        if let Some(versions) = prepared.versions(plan, Owner::Condarc)
                            && let Some(record) = connections.of_condarc_mut(&versions.path)
                        {
                            record.last = versions.after.clone();
                        }
                    })
                    .await?;
                Ok(Undone::Files(undone))
            }
        }
    }
}

/// Only the domain is ever changed in Navigator's file outside signing in and out: it goes back if it is still
/// what Sextant wrote.
fn navigator_back(
    present: Option<&[u8]>,
    base: Option<&[u8]>,
    target: Option<&[u8]>,
) -> Result<Option<Vec<u8>>, NavigatorError> {
    let Some(present) = present else {
        return Ok(None);
    };
    let domain = |bytes: Option<&[u8]>| match bytes {
        Some(bytes) => NavigatorFile::parse(bytes).map(|file| file.domain()),
        None => Ok(None),
    };
    let mut navigator = NavigatorFile::parse(present)?;
    if navigator.domain() == domain(base)? {
        navigator.set_domain(domain(target)?.as_deref())?;
    }
    Ok(Some(navigator.bytes()))
}
