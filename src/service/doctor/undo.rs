//! Undoing a remedy.

use std::path::Path;

use crate::conda::search_path;
use crate::edit::file;
use crate::edit::history::{Entry, FileVersions};
use crate::edit::snapshot::digest;
use crate::service::merge::PutBack;
use crate::service::plan::{Owner, Plan, PlannedFile};
use crate::service::undo::UndoPlan;
use crate::service::{ServiceError, Services, blocking};

impl Services {
    /// What undoing a remedy will change: permissions, token files and conda's settings come back; what was erased does not.
    pub(crate) fn plan_undo_of_remedy(&self, entry: Entry, how: &PutBack) -> Result<UndoPlan, ServiceError> {
        blocking(|| {
            let mut plan = Plan::new("undo", format!("Undid: {}", entry.what));
            for versions in &entry.files {
                let planned = self.plan_back(&entry, versions, how, &mut plan)?;
                plan.files.extend(planned);
            }
            Ok(UndoPlan::Files { entry, plan })
        })
    }

    fn plan_back(
        &self,
        entry: &Entry,
        versions: &FileVersions,
        how: &PutBack,
        plan: &mut Plan,
    ) -> Result<Option<PlannedFile>, ServiceError> {
        let path = &versions.path;
        if let (Some(before), Some(after)) = (&versions.before, &versions.after)
            && before.digest == after.digest
        {
            return Ok(match (file::read(path)?, before.mode) {
                (Some(present), Some(mode)) if present.mode == after.mode => Some(PlannedFile::with_mode(
                    path.clone(),
                    Owner::Other,
                    present.bytes,
                    mode,
                )),
                _ => None,
            });
        }
        if self.is_read_by_conda(path) {
            let (planned, merged) = self.plan_file_back(versions, how)?;
            plan.kept_edits.extend(merged.edits);
            return Ok(Some(planned));
        }
        if !is_token_file(path) {
            return Err(not_undoable(entry, "its former content was not kept"));
        }
        let present = file::read(path)?.map(|image| image.bytes);
        let is_untouched =
            present.as_deref().map(digest) == versions.after.as_ref().map(|version| version.digest.clone());
        if !is_untouched && *how != PutBack::Exact {
            return Err(not_undoable(
                entry,
                &format!("another program changed {} meanwhile", path.display()),
            ));
        }
        let target = self.version_content(path, versions.before.as_ref())?;
        Ok(Some(PlannedFile {
            keeps_token: true,
            ..PlannedFile::new(path.clone(), Owner::TokenFile, present, target)
        }))
    }

    fn is_read_by_conda(&self, path: &Path) -> bool {
        let surroundings = self.surroundings();
        let is_read = search_path::search_path(&surroundings)
            .sources
            .iter()
            .any(|source| source.path() == Some(path));
        is_read || self.condarc_path().is_ok_and(|own| own == path)
    }
}

fn is_token_file(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "token")
}

fn not_undoable(entry: &Entry, reason: &str) -> ServiceError {
    ServiceError::NotUndoable {
        id: entry.id.clone(),
        reason: reason.to_owned(),
        remedy: "see what was changed since: sextant history".to_owned(),
    }
}
