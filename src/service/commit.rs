//! The part that every commit shares: lock, recovery of what lies there, history, files.

use std::cell::RefCell;
use std::path::PathBuf;

use crate::edit::file::{self, Image};
use crate::edit::history::{Chest, Entry, FileVersions, Version};
use crate::edit::lock::Lock;
use crate::edit::snapshot::digest;
use crate::edit::transaction::{Ended, FileWrite, Transaction};

use super::connection::Connections;
use super::plan::{Owner, Plan, PlannedFile};
use super::{ServiceError, Services, blocking};

/// The writes of a plan with the placeholders filled in, and the history entry that goes with them.
#[derive(Debug)]
pub(crate) struct Prepared {
    pub writes: Vec<FileWrite>,
    pub entry: Entry,
    /// Per file that one plan changes twice: how it is between the two.
    between: Vec<(PathBuf, Option<Version>)>,
}

impl Prepared {
    /// The versions of the file of this owner.
    pub fn versions(&self, plan: &Plan, owner: Owner) -> Option<&FileVersions> {
        let path = &plan.file(owner)?.path;
        self.entry.files.iter().find(|versions| versions.path == *path)
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
}

impl Services {
    /// The right to change files, once everything that a crash left is made good.
    ///
    /// Errors: [`ServiceError::Lock`] when another Sextant is at work.
    pub(crate) async fn begin(&self) -> Result<Lock, ServiceError> {
        let lock = Lock::take(&self.locations().lock())?;
        self.recover_locked(&lock).await?;
        Ok(lock)
    }

    /// Puts the old and new contents of a plan's files into the history store and makes the entry, which is not
    /// recorded yet. Secrets of the person's own go into the credential store.
    pub(crate) fn prepare(
        &self,
        id: &str,
        plan: &Plan,
        filling: &Filling<'_>,
    ) -> Result<Prepared, ServiceError> {
        let history = self.history();
        let mut chest = Chest::of(id);
        let mut writes = Vec::new();
        let mut files = Vec::new();
        let mut between = Vec::new();
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
            let mut gone = filling.gone.to_vec();
            gone.extend(planned.hidden.iter().map(crate::secret::Secret::expose));
            // A token file holds a token and nothing else.
            for content in [&write.before, &write.after] {
                if planned.owner == Owner::TokenFile
                    && !planned.keeps_token
                    && let Some(text) = content
                        .as_deref()
                        .and_then(|bytes| std::str::from_utf8(bytes).ok())
                {
                    gone.push(text.trim());
                }
            }
            let mut keep = |content: &Option<Vec<u8>>| match content {
                None => Ok(None),
                Some(bytes) => {
                    let image = Image {
                        bytes: bytes.clone(),
                        mode,
                    };
                    if planned.keeps_token {
                        history.keep_whole(&image, &mut chest).map(Some)
                    } else {
                        history.keep(&image, &gone, &mut chest).map(Some)
                    }
                }
            };
            files.push(FileVersions {
                path: planned.path.clone(),
                before: keep(&write.before)?,
                after: keep(&write.after)?,
            });
            if let (Owner::Condarc, Some(content)) = (planned.owner, &planned.between) {
                between.push((planned.path.clone(), keep(content)?));
            }
            if planned.changes() {
                writes.push(write);
            }
        }
        if let Some((name, secrets)) = chest.locked() {
            self.credentials().write(name, &secrets)?;
        }
        let entry = Entry {
            id: id.to_owned(),
            at: self.now(),
            by: "sextant".to_owned(),
            kind: plan.kind.to_owned(),
            what: plan.what.clone(),
            files,
            undoes: filling.undoes.clone(),
        };
        Ok(Prepared {
            writes,
            entry,
            between,
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
            let kept = self.history().keep(&nothing, &[], chest)?;
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
        let _lock = self.begin().await?;
        blocking(|| {
            let id = self.new_id();
            let filling = Filling {
                undoes,
                ..Filling::default()
            };
            let begun = self.begin_transaction(&id, &plan.what, Vec::new())?;
            let staged = self.prepare(&id, plan, &filling).and_then(|mut prepared| {
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
        let _ = blocking(|| self.credentials().remove(&Chest::name_of(id)));
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
