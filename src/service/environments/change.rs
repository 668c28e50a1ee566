//! Changes of an environment as a whole: what is planned, and what is remembered so that it can be undone.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::effect::FolderEffect;
use crate::edit::file::{self, PRIVATE};
use crate::service::plan::Plan;
use crate::service::{ServiceError, Services};

/// The kind of history entry.
pub(crate) const KIND: &str = "environment";

/// What happens to an environment as a whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "action", rename_all = "kebab-case")]
pub enum EnvironmentAction {
    /// It is made, without packages.
    Create,
    /// It goes to the trash.
    Remove { trash: PathBuf },
    /// It comes back from the trash.
    Restore { trash: PathBuf },
    /// It goes elsewhere.
    Rename { to: PathBuf },
}

/// A change of an environment that has not happened yet.
#[derive(Debug, Clone)]
pub struct EnvironmentPlan {
    /// Where it lies now, or will lie where it is made or comes back.
    pub prefix: PathBuf,
    pub action: EnvironmentAction,
    /// `environments.txt`, warnings, and what it is called in the history.
    pub plan: Plan,
    pub(super) effect: FolderEffect,
    /// Whether conda's list of environments is to name it, or to be changed at all.
    pub(super) is_registered: bool,
    /// The entry that it undoes.
    pub(super) undoes: Option<String>,
}

/// What is remembered of a change that happened, beside its entry in the history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Done {
    /// An environment came to be, or came back.
    Made {
        prefix: PathBuf,
    },
    Removed {
        prefix: PathBuf,
        /// Where it lies now.
        trash: PathBuf,
        /// Whether conda's list of environments named it.
        is_registered: bool,
        at: Timestamp,
        /// What it takes there that nothing else does; nothing where that was not counted.
        bytes: Option<u64>,
        /// It is being deleted for good.
        #[serde(default)]
        is_leaving: bool,
    },
    Renamed {
        from: PathBuf,
        to: PathBuf,
    },
}

impl EnvironmentPlan {
    /// What is remembered once it has happened.
    pub(super) fn done(&self, at: Timestamp) -> Done {
        match &self.action {
            EnvironmentAction::Create | EnvironmentAction::Restore { .. } => Done::Made {
                prefix: self.prefix.clone(),
            },
            EnvironmentAction::Remove { trash } => Done::Removed {
                prefix: self.prefix.clone(),
                trash: trash.clone(),
                is_registered: self.is_registered,
                at,
                bytes: None,
                is_leaving: false,
            },
            EnvironmentAction::Rename { to } => Done::Renamed {
                from: self.prefix.clone(),
                to: to.clone(),
            },
        }
    }
}

impl Services {
    fn environment_changes(&self) -> PathBuf {
        self.locations().data.join("environments")
    }

    /// Where it is remembered what the entry `id` did.
    pub(super) fn done_path(&self, id: &str) -> PathBuf {
        self.environment_changes().join(format!("{id}.json"))
    }

    /// What an entry did to an environment; nothing where that is not remembered any more.
    ///
    /// Errors: file errors.
    pub fn environment_change(&self, id: &str) -> Result<Option<Done>, ServiceError> {
        let image = file::read(&self.done_path(id))?;
        Ok(image.and_then(|image| serde_json::from_slice(&image.bytes).ok()))
    }

    /// Everything that is remembered, by the entry's id, oldest first.
    pub(super) fn all_done(&self) -> Vec<(String, Done)> {
        let entries = std::fs::read_dir(self.environment_changes())
            .into_iter()
            .flatten();
        let mut ids: Vec<String> = entries
            .flatten()
            .filter_map(|entry| Some(entry.file_name().to_str()?.strip_suffix(".json")?.to_owned()))
            .collect();
        ids.sort();
        ids.into_iter()
            .filter_map(|id| Some((id.clone(), self.environment_change(&id).ok()??)))
            .collect()
    }

    /// Remembers, outside of any change.
    pub(super) fn remember(&self, id: &str, done: &Done) -> Result<(), ServiceError> {
        Ok(file::write(&self.done_path(id), &to_bytes(done)?, PRIVATE)?)
    }
}

pub(super) fn to_bytes(done: &Done) -> Result<Vec<u8>, ServiceError> {
    serde_json::to_vec_pretty(done).map_err(|error| ServiceError::Internal(error.to_string()))
}

/// The last part of a path, as a person names a folder.
pub(super) fn folder_name(path: &Path) -> String {
    match path.file_name() {
        Some(name) => name.to_string_lossy().into_owned(),
        None => path.display().to_string(),
    }
}
