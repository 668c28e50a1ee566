//! The part that every commit shares: lock, recovery of what lies there, history, files.

use std::cell::RefCell;
use std::path::PathBuf;

use crate::edit::file::{self, Image};
use crate::edit::history::{Chest, Entry, FileVersions, HistoryError, SEXTANT, Version};
use crate::edit::lock::{Lock, LockError};
use crate::edit::snapshot::{Named, digest};
use crate::edit::transaction::{Ended, FileWrite, Transaction};

use crate::secret::Secret;

use super::connection::Connections;
use super::merge::Past;
use super::plan::{Owner, Plan, PlannedFile};
use super::{ServiceError, Services, blocking};

/// The writes of a plan with the placeholders filled in, and the history entry that goes with them.
#[derive(Debug)]
pub(crate) struct Prepared {
    pub writes: Vec<FileWrite>,
    pub entry: Entry,
    /// Per file that one plan changes twice: how it is between the two.
    between: Vec<(PathBuf, Option<Version>)>,
    /// Per `.condarc` that somebody else has edited too: how it would be had only Sextant edited it.
    alone: Vec<(PathBuf, Option<Version>)>,
}

impl Prepared {
    /// The versions of the file of this owner.
    pub fn versions(&self, plan: &Plan, owner: Owner) -> Option<&FileVersions> {
        let path = &plan.file(owner)?.path;
        self.entry.files.iter().find(|versions| versions.path == *path)
    }

    /// Lets the sign-ins know what Sextant has written into the `.condarc` that they edited.
    pub fn note_condarc(&self, connections: &mut Connections) {
        for versions in &self.entry.files {
            if let Some(record) = connections.of_condarc_mut(&versions.path) {
                let alone = self.alone.iter().find(|(path, _)| *path == versions.path);
                record.last = match alone {
                    Some((_, version)) => version.clone(),
                    None => versions.after.clone(),
                };
            }
        }
    }

    /// What undoing the last part of the plan puts back: how the file is before it.
    pub fn base_of(&self, versions: &FileVersions) -> Option<Version> {
        let between = self.between.iter().find(|(path, _)| *path == versions.path);
        match between {
            Some((_, version)) => version.clone(),
            None => versions.before.clone(),
        }
    }
}

/// What a commit needs to know beside its plan.
#[derive(Debug, Default)]
pub(crate) struct Filling<'a> {
    /// Placeholders and their values.
    pub values: &'a [(&'a str, &'a str)],
    /// Token values that the history must never hold.
    pub gone: &'a [&'a str],
    /// The entry that is undone.
    pub undoes: Option<String>,
    /// No token ends with the change: those in token files come back when it is undone.
    pub keeps_tokens: bool,
}

/// What of a file is secret although it does not look like it.
struct Secrets {
    gone: Vec<Secret>,
    own: Vec<Secret>,
}

fn secrets_of(planned: &PlannedFile, write: &FileWrite, filling: &Filling<'_>) -> Secrets {
    let mut gone: Vec<Secret> = filling.gone.iter().map(|value| Secret::new(*value)).collect();
    // A token that stands in Navigator's file and does not end with the change comes back with the file.
    let mut own = planned.tokens();
    gone.extend(planned.hidden.iter().map(|secret| Secret::new(secret.expose())));
    if planned.owner == Owner::TokenFile {
        // It holds a token and nothing else.
        let whole = [&write.before, &write.after].into_iter().flatten();
        let whole = whole
            .filter_map(|bytes| std::str::from_utf8(bytes).ok())
            .map(|text| Secret::new(text.trim()));
        match filling.keeps_tokens || planned.keeps_token {
            true => own.extend(whole),
            false => gone.extend(whole),
        }
    }
    Secrets { gone, own }
}

fn exposed(secrets: &[Secret]) -> Vec<&str> {
    secrets.iter().map(Secret::expose).collect()
}

impl Services {
    /// The right to change files, once everything that a crash left is made good.
    ///
    /// Errors: [`ServiceError::Lock`] when another Sextant is at work.
    pub(crate) async fn begin(&self) -> Result<Lock, ServiceError> {
        let lock = self.turn().await?;
        self.recover_locked(&lock).await?;
        // What others changed until now is theirs. A history that cannot be written is no reason to stop.
        let _ = blocking(|| {
            self.notice_locked(&lock)?;
            self.trim_history(&lock)
        });
        Ok(lock)
    }

    /// The lock, after a short wait where another Sextant is just noting what others have changed.
    pub(crate) async fn turn(&self) -> Result<Lock, ServiceError> {
        let path = self.locations().lock();
        let latest = tokio::time::Instant::now() + Lock::PATIENCE;
        loop {
            match Lock::take(&path) {
                Err(LockError::Busy { .. }) if tokio::time::Instant::now() < latest => {
                    tokio::time::sleep(std::time::Duration::from_millis(20)).await;
                }
                taken => return Ok(taken?),
            }
        }
    }

    /// Puts the old and new contents of a plan's files into the history store and makes the entry, which is not
    /// recorded yet. Secrets of the person's own go into the credential store.
    pub(crate) fn prepare(
        &self,
        id: &str,
        plan: &Plan,
        filling: &Filling<'_>,
    ) -> Result<Prepared, ServiceError> {
        self.allowed(plan)?;
        let history = self.history();
        let mut chest = Chest::of(id);
        let mut tokens = Chest::of_tokens(id);
        let mut writes = Vec::new();
        let mut files = Vec::new();
        let mut between = Vec::new();
        let mut alone = Vec::new();
        // A `.condarc` that already says everything is kept too: it is what signing out puts back.
        let kept = |planned: &&PlannedFile| planned.changes() || planned.owner == Owner::Condarc;
        for planned in plan.files.iter().filter(kept) {
            let write = planned.write(filling.values);
            if planned.is_about_mode() || planned.is_forgotten {
                files.push(self.empty_versions(planned, &mut chest)?);
                writes.push(write);
                continue;
            }
            let mode = file::read(&planned.path)?.and_then(|image| image.mode);
            let secrets = secrets_of(planned, &write, filling);
            let (gone, own) = (exposed(&secrets.gone), exposed(&secrets.own));
            let named = Named {
                gone: &gone,
                own: &own,
            };
            let chest = match filling.keeps_tokens && planned.owner != Owner::Condarc {
                true => &mut tokens,
                false => &mut chest,
            };
            let mut keep = |content: &Option<Vec<u8>>| match content {
                None => Ok(None),
                Some(bytes) => {
                    let image = Image {
                        bytes: bytes.clone(),
                        mode,
                    };
                    history.keep(&image, named, chest).map(Some)
                }
            };
            files.push(FileVersions {
                path: planned.path.clone(),
                before: keep(&write.before)?,
                after: keep(&write.after)?,
            });
            if planned.owner == Owner::Condarc {
                if let Some(content) = &planned.between {
                    between.push((planned.path.clone(), keep(content)?));
                }
                if let Some(content) = self.written_alone(&write) {
                    alone.push((planned.path.clone(), keep(&content)?));
                }
            }
            if planned.changes() {
                writes.push(write);
            }
        }
        for (name, secrets) in [&chest, &tokens].into_iter().filter_map(Chest::locked) {
            self.credentials().write(name, &secrets)?;
        }
        let entry = Entry {
            id: id.to_owned(),
            at: self.now(),
            by: SEXTANT.to_owned(),
            kind: plan.kind.to_owned(),
            what: plan.what.clone(),
            files,
            undoes: filling.undoes.clone(),
        };
        Ok(Prepared {
            writes,
            entry,
            between,
            alone,
        })
    }

    /// The versions of a file whose content is not put away, whatever secret it holds: only its permissions change, or what
    /// it loses must not come back.
    fn empty_versions(&self, planned: &PlannedFile, chest: &mut Chest) -> Result<FileVersions, ServiceError> {
        let version = |content: &Option<Vec<u8>>, mode: Option<u32>, chest: &mut Chest| {
            let Some(bytes) = content else { return Ok(None) };
            let nothing = Image {
                bytes: Vec::new(),
                mode,
            };
            let kept = self.history().keep(&nothing, Named::NOTHING, chest)?;
            Ok::<_, ServiceError>(Some(Version {
                digest: digest(bytes),
                ..kept
            }))
        };
        let present = file::read(&planned.path)?.and_then(|image| image.mode);
        Ok(FileVersions {
            path: planned.path.clone(),
            before: version(&planned.before, present, chest)?,
            after: version(&planned.after, planned.mode.or(present), chest)?,
        })
    }

    /// Commits a plan that changes files of this machine only. `connections` sees what Sextant remembers and may
    /// change it as part of the same transaction.
    pub(crate) async fn commit_files(
        &self,
        plan: &Plan,
        undoes: Option<String>,
        change: impl FnOnce(&mut Connections, &Prepared),
    ) -> Result<Entry, ServiceError> {
        let filling = Filling {
            undoes,
            ..Filling::default()
        };
        self.commit_files_with(plan, &filling, change).await
    }

    /// [`Services::commit_files`] with more to know.
    pub(crate) async fn commit_files_with(
        &self,
        plan: &Plan,
        filling: &Filling<'_>,
        change: impl FnOnce(&mut Connections, &Prepared),
    ) -> Result<Entry, ServiceError> {
        let _lock = self.begin().await?;
        blocking(|| {
            let id = self.new_id();
            let begun = self.begin_transaction(&id, &plan.what, Vec::new())?;
            let staged = self.prepare(&id, plan, filling).and_then(|mut prepared| {
                let (mut connections, before) = self.connections_with_bytes()?;
                change(&mut connections, &prepared);
                prepared
                    .writes
                    .push(self.connections_write(&connections, before)?);
                Ok(prepared)
            });
            let (ended, entry) = self.carry_out(begun, staged)?;
            self.note_left_alone(&ended);
            Ok(entry)
        })
    }

    pub(crate) fn begin_transaction(
        &self,
        id: &str,
        what: &str,
        remote: Vec<serde_json::Value>,
    ) -> Result<Transaction, ServiceError> {
        Ok(Transaction::begin(
            &self.locations().journals(),
            id,
            what,
            self.now(),
            remote,
            self.watcher(),
        )?)
    }

    /// Stages, writes and records a transaction without remote effects. Whatever fails, nothing stays of it.
    pub(crate) fn carry_out(
        &self,
        mut transaction: Transaction,
        prepared: Result<Prepared, ServiceError>,
    ) -> Result<(Ended, Entry), ServiceError> {
        let id = transaction.id().to_owned();
        let watcher = self.watcher();
        let done = prepared.and_then(|prepared| {
            transaction.stage(&prepared.writes, Some(prepared.entry.clone()), watcher)?;
            Ok((transaction.apply(watcher)?, prepared.entry))
        });
        match done {
            Ok((ended, entry)) => {
                // It has happened. A history that cannot be written now is written by the next recovery.
                let _ = transaction.finish(&self.history(), watcher);
                Ok((ended, entry))
            }
            Err(error) => {
                self.forget_chest(&id);
                // A file that could not be put back keeps its journal for the next recovery.
                if transaction.roll_back(watcher).is_ok() {
                    transaction.finish(&self.history(), watcher)?;
                }
                Err(error)
            }
        }
    }

    /// Removes the secrets that were put away for an entry which never came to be.
    pub(crate) fn forget_chest(&self, id: &str) {
        blocking(|| {
            let _ = self.credentials().remove(&Chest::name_of(id));
            let _ = self.credentials().remove(Chest::of_tokens(id).name());
        });
    }

    /// Repairs cannot be undone once one has signed in again: the tokens that would come back then are forgotten.
    pub(crate) fn forget_tokens_of_repairs(&self) {
        for entry in self.entries().unwrap_or_default() {
            if matches!(entry.kind.as_str(), "repair" | "undo") {
                let _ = blocking(|| self.credentials().remove(Chest::of_tokens(&entry.id).name()));
            }
        }
    }

    pub(crate) fn connections_write(
        &self,
        connections: &Connections,
        before: Option<Vec<u8>>,
    ) -> Result<FileWrite, ServiceError> {
        Ok(FileWrite {
            path: self.locations().connections(),
            before,
            after: connections.to_bytes()?,
            new_mode: file::PRIVATE,
            mode: None,
        })
    }

    fn note_left_alone(&self, ended: &Ended) {
        for path in &ended.left_alone {
            self.step(&format!("left alone {}", path.display()));
        }
    }

    /// The same as far as it can be had: masked where its secrets are kept nowhere.
    ///
    /// Errors: a credential store that cannot be asked; a content that is missing.
    pub(crate) fn past(
        &self,
        path: &std::path::Path,
        version: Option<&Version>,
    ) -> Result<Past, ServiceError> {
        match (self.version_content(path, version), version) {
            (Err(ServiceError::History(HistoryError::Incomplete { .. })), Some(version)) => {
                Ok(Past::Masked(self.history().masked_content(version)?))
            }
            (content, _) => Ok(Past::Whole(content?)),
        }
    }

    /// The bytes of a version in the history; secrets of the person's own come from the credential store.
    pub(crate) fn version_content(
        &self,
        path: &std::path::Path,
        version: Option<&Version>,
    ) -> Result<Option<Vec<u8>>, ServiceError> {
        let Some(version) = version else {
            return Ok(None);
        };
        let refused = RefCell::new(None);
        let open = |name: &str| match blocking(|| self.credentials().read(name)) {
            Ok(locked) => Chest::unlock(name, &locked?),
            Err(error) => {
                refused.replace(Some(error));
                None
            }
        };
        let content = self.history().content(path, version, open);
        // A keyring that could not be asked is the reason, not the gap that it leaves.
        match (content, refused.into_inner()) {
            (Err(_), Some(error)) => Err(error.into()),
            (content, _) => Ok(Some(content?)),
        }
    }
}
