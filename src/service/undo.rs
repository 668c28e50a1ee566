//! Undoing an entry of the history, whichever and whoever made it.

use std::collections::BTreeSet;

use super::commit::{Filling, Prepared};
use super::connection::{Connections, Service};
use super::environments::{self, EnvironmentPlan};
use super::merge::{self, Format, Merged, Past, PutBack};
use super::packages::apply::Consent;
use super::packages::history::{self as packages, ChangedPackages, PackagesBack};
use super::plan::{KeptEdit, Plan, PlannedFile, Warning};
use super::sign_out::SignedOut;
use super::{ServiceError, Services, blocking, doctor, preferences};
use crate::edit::file;
use crate::edit::history::{Entry, FileVersions};
use crate::edit::snapshot::digest;
use crate::package::transaction::Scripts;

/// How an entry is undone.
#[derive(Debug, Clone)]
pub enum UndoPlan {
    /// The files go back.
    Files { entry: Entry, plan: Plan },
    /// Undoing a sign-in is signing out.
    SignOut { service: Service, plan: Plan },
    /// An environment comes back, goes, or gets its former name.
    Environment(Box<EnvironmentPlan>),
    /// An environment holds again what it held.
    Packages(Box<PackagesBack>),
}

impl UndoPlan {
    pub fn plan(&self) -> &Plan {
        match self {
            Self::Files { plan, .. } | Self::SignOut { plan, .. } => plan,
            Self::Environment(planned) => &planned.plan,
            Self::Packages(back) => &back.plan,
        }
    }
}

/// What an undo did.
#[derive(Debug, Clone)]
pub enum Undone {
    Files(Entry),
    SignedOut(SignedOut),
    Packages(Box<ChangedPackages>),
}

/// Whether an entry can be undone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Undoable {
    Yes,
    /// It was undone already.
    Undone,
    /// Why not, and what to do instead.
    No {
        reason: String,
        remedy: String,
    },
}

impl Services {
    /// Whether this entry can be undone, as far as that can be told without reading the files. `entries` is the whole
    /// history.
    pub fn undoable(&self, entry: &Entry, entries: &[Entry], connections: &Connections) -> Undoable {
        if entry.is_undone(entries) {
            return Undoable::Undone;
        }
        let no = |reason: &str, remedy: &str| Undoable::No {
            reason: reason.to_owned(),
            remedy: remedy.to_owned(),
        };
        let in_force = |entry: &Entry| {
            let mut all = connections.connections.iter();
            all.any(|connection| connection.entry == entry.id)
        };
        match root_kind(entry, entries) {
            "repair" if entry.kind == "undo" => no(
                "what it brought back may have been revoked since",
                "repair again: sextant repair",
            ),
            "sign-in" if !in_force(entry) => no(
                "this sign-in has ended already",
                "see what was changed since: sextant history",
            ),
            "sign-out" => no(
                "the token was revoked on the server, and a revoked token cannot come back",
                "sign in again: sextant sign-in server",
            ),
            "renewal" => no(
                "the former token was revoked on the server, and a revoked token cannot come back",
                "the new one serves in its place; see: sextant status",
            ),
            "repair" if signed_in_since(entry, entries) => no(
                "you have signed in since, and what was repaired has been replaced",
                "sign out to end that sign-in: sextant sign-out",
            ),
            doctor::ERASURE => no(
                "the secrets that it erased are kept nowhere",
                "see what else was changed: sextant history",
            ),
            doctor::KIND if entry.kind == "undo" => no(
                "what a remedy mended is mended by the remedy alone",
                "look for what is amiss: sextant doctor",
            ),
            "domain" | preferences::KIND
                if connections.of(Service::Server).is_some()
                    // An entry whose versions cannot be read may have changed it.
                    && self.changed_server_domain(entry).unwrap_or(true) =>
            {
                no(
                    "you are signed in to the server whose domain it is",
                    "sign out first: sextant sign-out",
                )
            }
            environments::KIND => self.environment_undoable(entry),
            packages::KIND => self.packages_undoable(entry),
            _ => Undoable::Yes,
        }
    }

    /// What undoing an entry will change; without an id, the newest of Sextant's own that was not undone yet. What was
    /// changed since stays, as `how` says.
    ///
    /// Errors: [`ServiceError::NothingToUndo`], [`ServiceError::NotUndoable`] for a sign-out (its token is gone) and
    /// for a sign-in that is no longer in force; a version whose secrets are kept nowhere.
    pub fn plan_undo(&self, id: Option<&str>, how: &PutBack) -> Result<UndoPlan, ServiceError> {
        let entries = self.entries()?;
        let entry = match id {
            Some(id) => self.history().entry(id)?,
            None => newest_to_undo(&entries)?,
        };
        let connections = self.connections()?;
        match self.undoable(&entry, &entries, &connections) {
            Undoable::Yes => {}
            Undoable::Undone => {
                return Err(ServiceError::NotUndoable {
                    reason: "it was undone already".to_owned(),
                    remedy: "see what was changed since: sextant history".to_owned(),
                    id: entry.id,
                });
            }
            Undoable::No { .. } if matches!(root_kind(&entry, &entries), "domain" | preferences::KIND) => {
                let domain = connections.of(Service::Server);
                return Err(ServiceError::DomainInUse {
                    domain: domain.map(|server| server.domain.clone()).unwrap_or_default(),
                });
            }
            Undoable::No { reason, remedy } => {
                return Err(ServiceError::NotUndoable {
                    id: entry.id,
                    reason,
                    remedy,
                });
            }
        }
        if entry.kind == "sign-in" {
            return self.plan_undo_of_sign_in(&entry, &connections, how);
        }
        if entry.kind == doctor::KIND {
            return self.plan_undo_of_remedy(entry, how);
        }
        if root_kind(&entry, &entries) == environments::KIND {
            let planned = self.plan_undo_of_environment(&entry)?;
            return Ok(UndoPlan::Environment(Box::new(planned)));
        }
        if root_kind(&entry, &entries) == packages::KIND {
            return Ok(UndoPlan::Packages(Box::new(self.plan_undo_of_packages(entry)?)));
        }
        let mut plan = Plan::new("undo", format!("Undid: {}", entry.what));
        blocking(|| self.plan_files_back(&entry, how, &mut plan))?;
        self.allowed(&plan)?;
        Ok(UndoPlan::Files { entry, plan })
    }

    fn plan_undo_of_sign_in(
        &self,
        entry: &Entry,
        connections: &Connections,
        how: &PutBack,
    ) -> Result<UndoPlan, ServiceError> {
        let connection = connections
            .connections
            .iter()
            .find(|connection| connection.entry == entry.id)
            .ok_or(ServiceError::NothingToUndo)?;
        let service = connection.service;
        Ok(UndoPlan::SignOut {
            service,
            plan: self.plan_sign_out(service, how)?,
        })
    }

    fn plan_files_back(&self, entry: &Entry, how: &PutBack, plan: &mut Plan) -> Result<(), ServiceError> {
        let mut lost = BTreeSet::new();
        let changed: Vec<_> = entry
            .files
            .iter()
            .filter(|file| file.before != file.after)
            .collect();
        let is_yaml = |file: &&&FileVersions| Format::of(&file.path) == Format::Yaml;
        let is_ambiguous = changed.iter().filter(is_yaml).count() > 1;
        for versions in changed {
            // Several files may have the same keys.
            let prefix = match is_ambiguous {
                true => format!("{}: ", self.short(&versions.path)),
                false => String::new(),
            };
            let (planned, merged) = self.plan_file_back(versions, &how.below(&prefix))?;
            let edits = merged.edits.into_iter().map(|edit| KeptEdit {
                key: format!("{prefix}{}", edit.key),
                ..edit
            });
            plan.kept_edits.extend(edits);
            lost.extend(merged.lost);
            plan.files.push(planned);
        }
        if !lost.is_empty() {
            let lost: Vec<String> = lost.into_iter().collect();
            plan.warnings.push(Warning::with_remedy(
                format!(
                    "{} stays as it is: the earlier value held a secret that is kept nowhere",
                    lost.join(", ")
                ),
                "put it there by hand, or sign in again",
            ));
        }
        Ok(())
    }

    pub(crate) fn plan_file_back(
        &self,
        versions: &FileVersions,
        how: &PutBack,
    ) -> Result<(PlannedFile, Merged), ServiceError> {
        let path = &versions.path;
        let format = Format::of(path);
        let present = file::read(path)?.map(|image| image.bytes);
        let target = self.past(path, versions.before.as_ref())?;
        let left = versions.after.as_ref().map(|version| version.digest.clone());
        let untouched = present.as_deref().map(digest) == left;
        let needs_whole = *how == PutBack::Exact || matches!(format, Format::Lines | Format::Opaque);
        if needs_whole && matches!(target, Past::Masked(_)) {
            // It says which file it is, and why.
            self.version_content(path, versions.before.as_ref())?;
        }
        let base = match untouched {
            // What stands there now is what the change left, secrets and all.
            true if matches!(target, Past::Whole(_)) => Past::Whole(present.clone()),
            _ => self.past(path, versions.after.as_ref())?,
        };
        let merged = merge::file(format, path, present.as_deref(), (&base, &target), how)?;
        let owner = self.owner_of(path);
        let planned = PlannedFile::new(path.clone(), owner, present, merged.content.clone());
        Ok((planned, merged))
    }

    /// Executes the plan of [`Services::plan_undo`].
    pub async fn undo(&self, undo: &UndoPlan) -> Result<Undone, ServiceError> {
        let (entry, plan) = match undo {
            UndoPlan::SignOut { service, plan } => {
                return Ok(Undone::SignedOut(self.sign_out(*service, plan, None).await?));
            }
            UndoPlan::Environment(planned) => {
                let never = std::sync::atomic::AtomicBool::new(false);
                return Ok(Undone::Files(self.change_environment(planned, &never).await?));
            }
            UndoPlan::Packages(back) => {
                let consent = Consent {
                    scripts: Scripts::Skip,
                    command: format!("sextant undo {}", back.entry.id),
                };
                let never = std::future::pending::<Result<(), std::convert::Infallible>>();
                let changed = self.change_packages(&back.change, &consent, Some(&back.entry), |_| {}, never);
                return Ok(Undone::Packages(Box::new(changed.await?)));
            }
            UndoPlan::Files { entry, plan } => (entry, plan),
        };
        let filling = Filling {
            undoes: Some(entry.id.clone()),
            // Nothing is revoked by it: an undo of the undo brings them back.
            keeps_tokens: entry.kind == "repair",
            ..Filling::default()
        };
        let note = |connections: &mut Connections, prepared: &Prepared| {
            prepared.note_condarc(connections);
            connections.take_back_repaired(&entry.id);
        };
        Ok(Undone::Files(self.commit_files_with(plan, &filling, note).await?))
    }
}

/// The kind of what was done: that of an undo is the kind of what it undid.
fn root_kind<'a>(entry: &'a Entry, entries: &'a [Entry]) -> &'a str {
    let mut root = entry;
    // No chain is longer than the history, not even a damaged one.
    for _ in entries {
        let undone = root.undoes.as_ref();
        match undone.and_then(|id| entries.iter().find(|other| other.id == *id)) {
            Some(undone) => root = undone,
            None => break,
        }
    }
    &root.kind
}

fn newest_to_undo(entries: &[Entry]) -> Result<Entry, ServiceError> {
    entries
        .iter()
        .find(|entry| entry.kind != "undo" && !entry.is_from_outside() && !entry.is_undone(entries))
        .cloned()
        .ok_or(ServiceError::NothingToUndo)
}

/// Whether a sign-in is newer than this entry.
fn signed_in_since(entry: &Entry, entries: &[Entry]) -> bool {
    entries
        .iter()
        .take_while(|other| other.id != entry.id)
        .any(|other| other.kind == "sign-in")
}
