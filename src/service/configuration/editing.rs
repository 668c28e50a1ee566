//! Editing the text of a whole file.

use std::path::{Path, PathBuf};

use super::{ConfigurationFile, Finding};
use crate::edit::diff::FileDiff;
use crate::service::plan::Plan;
use crate::service::{ServiceError, Services};

/// How the lines of a file end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineEnding {
    /// `\n`.
    LineFeed,
    /// `\r\n`.
    CarriageReturnLineFeed,
}

/// What an editor has to know of a file beside its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Marks {
    /// What new lines end with. Lines that stay keep theirs.
    pub line_ending: LineEnding,
    /// What a comment line starts with.
    pub comment: &'static str,
    /// How far one level is indented.
    pub indent: usize,
}

/// A file that is open in an editor.
#[derive(Clone)]
pub struct EditedFile {
    pub file: ConfigurationFile,
    pub path: PathBuf,
    /// The text with `\n` at the end of every line and without a byte order mark, whatever the file has.
    pub text: String,
    /// Of the bytes on disk when it was opened; nothing for a file that does not exist yet.
    pub digest: Option<String>,
    pub marks: Marks,
}

/// What to do when the file has changed on disk since it was opened.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Saving {
    /// Fail with [`ConfigurationError::ChangedMeanwhile`](super::ConfigurationError).
    #[default]
    Refuse,
    /// The edited text, whatever is there now.
    Overwrite,
    /// Both changes, setting by setting; fails where both changed the same one.
    Merge,
}

impl Services {
    /// Opens the person's own file of a configuration; an empty text where there is none yet. Opens whatever is
    /// broken: bytes that are no text become U+FFFD and a finding.
    pub fn open_for_editing(&self, file: ConfigurationFile) -> Result<EditedFile, ServiceError>;

    /// Opens another file of the same kind: one of [`Effective::places`](super::Effective).
    pub fn open_file_for_editing(&self, file: ConfigurationFile, path: &Path) -> Result<EditedFile, ServiceError>;

    /// Whether the file on disk is still what was opened.
    pub fn is_unchanged(&self, edited: &EditedFile) -> Result<bool, ServiceError>;

    /// The difference between the file on disk and the edited text, secrets masked.
    pub fn diff_to_disk(&self, edited: &EditedFile) -> Result<FileDiff, ServiceError>;

    /// What saving will change. The plan warns of findings and of settings without effect.
    ///
    /// Errors: [`ConfigurationError::Broken`](super::ConfigurationError) with the findings for a text that the program
    /// would stumble over, `ChangedMeanwhile`, `CannotMerge`.
    pub fn plan_save(&self, edited: &EditedFile, saving: Saving) -> Result<Plan, ServiceError>;
}
