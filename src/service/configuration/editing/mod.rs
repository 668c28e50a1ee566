//! Editing the text of a whole file.

mod layout;
mod lines;

use std::fmt;
use std::path::{Path, PathBuf};

use super::change::owner;
use super::{ConfigurationError, ConfigurationFile, Finding, Language, SettingValue, Severity, check_text};
use crate::clients::pip_settings;
use crate::edit::diff::{Change, FileDiff};
use crate::edit::file;
use crate::edit::ini::IniFile;
use crate::edit::snapshot::digest;
use crate::edit::yaml::YamlFile;
use crate::service::merge::{self, Format, Past, PutBack};
use crate::service::plan::{Plan, PlannedFile, Warning, short_path};
use crate::service::{ServiceError, Services, blocking};
use layout::Layout;

pub use layout::LineEnding;
pub(in crate::service) use lines::joined as joined_lines;

/// What an editor has to know of a file beside its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Marks {
    pub language: Language,
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
    layout: Layout,
}

impl EditedFile {
    /// Whether the text differs from what was opened.
    pub fn is_changed(&self) -> bool {
        self.text != self.layout.text()
    }

    /// What would be written.
    fn bytes(&self) -> Vec<u8> {
        self.layout.bytes_of(&self.text)
    }
}

/// Without the text: it may hold secrets.
impl fmt::Debug for EditedFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EditedFile")
            .field("file", &self.file)
            .field("path", &self.path)
            .field("digest", &self.digest)
            .field("marks", &self.marks)
            .finish_non_exhaustive()
    }
}

/// What to do when the file has changed on disk since it was opened.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Saving {
    /// Fail with [`ConfigurationError::ChangedMeanwhile`].
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
    ///
    /// Errors: a file that cannot be read at all.
    pub fn open_for_editing(&self, file: ConfigurationFile) -> Result<EditedFile, ServiceError> {
        let path = self.configuration_path(file)?;
        self.open_file_for_editing(file, &path)
    }

    /// Opens another file of the same kind: one of [`Effective::places`](super::Effective).
    ///
    /// Errors: a file that cannot be read at all.
    pub fn open_file_for_editing(
        &self,
        file: ConfigurationFile,
        path: &Path,
    ) -> Result<EditedFile, ServiceError> {
        let bytes = blocking(|| file::read(path))?.map(|image| image.bytes);
        let layout = Layout::of(
            bytes.as_deref().unwrap_or_default(),
            file == ConfigurationFile::Pip,
        );
        Ok(EditedFile {
            file,
            path: path.to_owned(),
            text: layout.text().to_owned(),
            digest: bytes.as_deref().map(digest),
            marks: Marks {
                language: file.language(),
                line_ending: layout.line_ending(),
                comment: "#",
                indent: match file.language() {
                    Language::Yaml => layout.indent(),
                    Language::Ini => 4,
                },
            },
            layout,
        })
    }

    /// Whether the file on disk is still what was opened.
    ///
    /// Errors: a file that cannot be read at all.
    pub fn is_unchanged(&self, edited: &EditedFile) -> Result<bool, ServiceError> {
        let disk = blocking(|| file::read(&edited.path))?;
        Ok(disk.map(|image| digest(&image.bytes)) == edited.digest)
    }

    /// The difference between the file on disk and the edited text, secrets masked.
    ///
    /// Errors: a file that cannot be read at all.
    pub fn diff_to_disk(&self, edited: &EditedFile) -> Result<FileDiff, ServiceError> {
        let disk = blocking(|| file::read(&edited.path))?.map(|image| image.bytes);
        let unchanged = disk.is_none() && edited.text.is_empty();
        let after = if unchanged { None } else { Some(edited.bytes()) };
        let planned = PlannedFile::new(edited.path.clone(), owner(edited.file), disk, after);
        let mut diff = planned.diff();
        if !planned.changes() {
            diff.change = Change::Unchanged;
        }
        Ok(diff)
    }

    /// What saving will change. The plan warns of findings and of settings without effect.
    ///
    /// Errors: [`ConfigurationError::Broken`] with the findings for a text that the program would stumble over,
    /// [`ConfigurationError::ChangedMeanwhile`], [`ConfigurationError::CannotMerge`];
    /// [`ServiceError::DomainInUse`] for the domain of a server that is signed in to.
    pub fn plan_save(&self, edited: &EditedFile, saving: Saving) -> Result<Plan, ServiceError> {
        blocking(|| {
            refuse_broken(edited, &edited.text)?;
            let disk = file::read(&edited.path)?.map(|image| image.bytes);
            file::check_writable(&edited.path)?;
            let is_unchanged = disk.as_deref().map(digest) == edited.digest;
            let after = match (is_unchanged, saving) {
                (true, _) | (false, Saving::Overwrite) => edited.bytes(),
                (false, Saving::Refuse) => {
                    return Err(ConfigurationError::ChangedMeanwhile {
                        path: edited.path.clone(),
                    }
                    .into());
                }
                (false, Saving::Merge) => merged(edited, disk.as_deref())?,
            };
            let shown = short_path(&edited.path, &self.locations().home);
            let mut plan = Plan::new("configuration", format!("Edited {shown}"));
            let text = String::from_utf8_lossy(&after).into_owned();
            let warnings = check_text(edited.file, &text)
                .into_iter()
                .filter(|finding| finding.severity == Severity::Warning);
            plan.warnings.extend(warnings.map(|finding| Warning {
                message: format!("line {}: {}", finding.line, finding.message),
                remedy: finding.remedy,
            }));
            let keys = changed_keys(edited.file, disk.as_deref(), &after);
            if edited.file == ConfigurationFile::Navigator && edited.path == self.navigator_path() {
                self.check_domain_stays(&keys, &after)?;
            }
            for effect in self.effects(edited.file, &edited.path, &after, &keys)? {
                if !plan
                    .warnings
                    .iter()
                    .any(|known| known.message.contains(&effect.message))
                {
                    plan.warnings.push(effect);
                }
            }
            let nothing = disk.is_none() && after.is_empty();
            let after = if nothing { None } else { Some(after) };
            plan.files.push(PlannedFile::new(
                edited.path.clone(),
                owner(edited.file),
                disk,
                after,
            ));
            self.allowed(&plan)?;
            Ok(plan)
        })
    }

    fn check_domain_stays(&self, keys: &[String], after: &[u8]) -> Result<(), ServiceError> {
        let names = ["main.anaconda_server_api_url", "main.team_edition_api_url"];
        for key in keys.iter().filter(|key| names.contains(&key.as_str())) {
            let value = crate::navigator::NavigatorFile::parse(after)
                .ok()
                .and_then(|file| file.domain());
            self.check_domain_is_free(key, value.as_deref())?;
        }
        Ok(())
    }
}

fn refuse_broken(edited: &EditedFile, text: &str) -> Result<(), ConfigurationError> {
    let findings: Vec<Finding> = check_text(edited.file, text)
        .into_iter()
        .filter(|finding| finding.severity == Severity::Error)
        .collect();
    match findings.first() {
        None => Ok(()),
        Some(first) => Err(ConfigurationError::Broken {
            path: edited.path.clone(),
            finding: Box::new(first.clone()),
            findings,
        }),
    }
}

/// Both changes in one: line by line where they do not touch, comments included, else setting by setting.
fn merged(edited: &EditedFile, disk: Option<&[u8]>) -> Result<Vec<u8>, ServiceError> {
    let by_setting = merged_by_setting(edited, disk);
    let on_disk = Layout::of(disk.unwrap_or_default(), edited.file == ConfigurationFile::Pip);
    if let Some(text) = lines::joined(edited.layout.text(), &edited.text, on_disk.text())
        && refuse_broken(edited, &text).is_ok()
    {
        let bytes = on_disk.bytes_of(&text);
        let same = |other: &[u8]| settings_of(edited.file, &bytes) == settings_of(edited.file, other);
        // Lines that do not touch may still be about one setting.
        match &by_setting {
            Ok(other) if same(other) => return Ok(bytes),
            _ => {}
        }
    }
    let merged = by_setting?;
    refuse_broken(edited, &String::from_utf8_lossy(&merged))?;
    Ok(merged)
}

fn merged_by_setting(edited: &EditedFile, disk: Option<&[u8]>) -> Result<Vec<u8>, ServiceError> {
    let cannot = |reason: String| ConfigurationError::CannotMerge {
        path: edited.path.clone(),
        reason,
    };
    let format = match edited.file.language() {
        Language::Yaml => Format::Yaml,
        Language::Ini => Format::Ini,
    };
    let opened = edited.digest.as_ref().map(|_| edited.layout.original().to_vec());
    let past = (&Past::Whole(opened), &Past::Whole(Some(edited.bytes())));
    let merged = merge::file(format, &edited.path, disk, past, &PutBack::KeepEdits)?;
    let clashes: Vec<String> = merged.edits.into_iter().map(|edit| edit.key).collect();
    match clashes.is_empty() {
        true => Ok(merged.content.unwrap_or_default()),
        false => Err(cannot(format!("both changed {}", clashes.join(" and "))).into()),
    }
}

/// The settings whose values differ, by name.
fn changed_keys(file: ConfigurationFile, before: Option<&[u8]>, after: &[u8]) -> Vec<String> {
    let before = settings_of(file, before.unwrap_or_default());
    let after = settings_of(file, after);
    let differs = |(key, value): &&(String, SettingValue)| {
        !before.iter().any(|(known, old)| known == key && old == value)
    };
    let gone = before
        .iter()
        .filter(|(key, _)| !after.iter().any(|(known, _)| known == key));
    after
        .iter()
        .filter(differs)
        .chain(gone)
        .map(|(key, _)| key.clone())
        .collect()
}

fn settings_of(file: ConfigurationFile, bytes: &[u8]) -> Vec<(String, SettingValue)> {
    match file.language() {
        Language::Yaml => {
            let Ok(yaml) = YamlFile::parse(bytes) else {
                return Vec::new();
            };
            let setting = |key: &str| Some((key.to_owned(), SettingValue::of_yaml(yaml.value(key)?)));
            yaml.keys().into_iter().filter_map(setting).collect()
        }
        Language::Ini => {
            let Ok(ini) = IniFile::parse(bytes) else {
                return Vec::new();
            };
            ini.entries()
                .map(|(section, option, value)| {
                    let option = match file {
                        ConfigurationFile::Pip => pip_settings::normal(option),
                        _ => option.to_owned(),
                    };
                    (
                        format!("{section}.{option}"),
                        SettingValue::Text(value.to_owned()),
                    )
                })
                .collect()
        }
    }
}
