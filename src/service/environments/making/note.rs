//! What says that an environment is being made, as long as it is not all done.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::plan::{NewEnvironmentPlan, Origin};
use crate::service::under_way::Held;
use crate::service::{ServiceError, Services};

/// Where such notes lie.
const KIND: &str = "making-environments";

/// What is being made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Note {
    /// Of its entry in the history.
    pub id: String,
    pub what: String,
    pub prefix: PathBuf,
    /// The environment whose own files are copied.
    pub copy_of: Option<PathBuf>,
    pub variables: BTreeMap<String, String>,
}

impl Services {
    /// Notes down what is going to be made, and holds it.
    pub(super) fn note_making(&self, planned: &NewEnvironmentPlan) -> Result<Held<Note>, ServiceError> {
        let note = Note {
            id: self.new_id(),
            what: planned.what.clone(),
            prefix: planned.target.prefix.clone(),
            copy_of: match &planned.origin {
                Origin::Copy { of, .. } => Some(of.clone()),
                Origin::Specs | Origin::File { .. } => None,
            },
            variables: planned.variables.clone(),
        };
        let id = note.id.clone();
        self.hold_note(KIND, &id, note)
    }

    /// What a kill has left.
    pub(super) fn abandoned_making(&self) -> Result<Vec<Held<Note>>, ServiceError> {
        self.abandoned_notes(KIND)
    }

    /// Whether a kill has left something to finish.
    pub(crate) fn has_abandoned_making(&self) -> bool {
        let abandoned = self.abandoned_making();
        abandoned.is_ok_and(|abandoned| !abandoned.is_empty())
    }
}
