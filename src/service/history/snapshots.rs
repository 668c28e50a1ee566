//! Every version of a file that is kept: by Sextant, and of `.condarc` also by Anaconda Navigator.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::Serialize;

use crate::clients::netrc;
use crate::edit::file;
use crate::edit::history::{Entry, FileVersions, Version};
use crate::edit::ini::IniFile;
use crate::edit::snapshot::{self, digest};
use crate::edit::yaml::YamlFile;
use crate::error::Explain;
use crate::navigator::location;
use crate::navigator::snapshots::{self as navigator_copies, CondarcCopy, Kept};
use crate::service::commit::Prepared;
use crate::service::connection::Connections;
use crate::service::merge::{Format, Past};
use crate::service::plan::{Owner, Plan, PlannedFile, Warning};
use crate::service::{ServiceError, Services, blocking};

/// What stands before the name of a copy of Navigator's.
const NAVIGATOR: &str = "navigator:";

/// What stands behind the entry whose beginning a snapshot is.
const BEFORE: &str = "before";

/// What stands before the beginning of a version's digest, which names it whatever entry speaks of it.
const VERSION: &str = "version-";

/// One version of a file that can be looked at, and perhaps be put back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FileSnapshot {
    /// Names it among the snapshots of one file.
    pub id: String,
    /// Since when the file was so.
    pub at: Option<Timestamp>,
    pub origin: SnapshotOrigin,
    /// In a person's words: what made it so.
    pub what: String,
    pub contents: Contents,
    /// Whether the file is so now.
    pub is_present: bool,
    #[serde(skip)]
    source: Source,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum SnapshotOrigin {
    Sextant,
    Outside,
    /// A copy that Anaconda Navigator made.
    Navigator,
}

/// Whether a snapshot serves its purpose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "state")]
pub enum Contents {
    Good,
    /// It cannot be understood.
    Broken {
        reason: String,
    },
    /// It held a token that is kept nowhere; in Navigator's file `None` takes its place.
    WithoutToken,
    /// It held a secret that is kept nowhere, and would be of no use without.
    Incomplete,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Source {
    History(Version),
    Navigator(PathBuf),
}

impl Services {
    /// The versions of the file at `path`, newest first.
    ///
    /// Errors: file errors.
    pub fn snapshots_of(&self, path: &Path) -> Result<Vec<FileSnapshot>, ServiceError> {
        blocking(|| {
            let present = file::read(path).ok().flatten().map(|image| digest(&image.bytes));
            let mut snapshots = self.snapshots_in_history(path)?;
            if self.is_condarc(path) {
                snapshots.extend(self.snapshots_of_navigator());
            }
            for snapshot in &mut snapshots {
                if let Source::History(version) = &snapshot.source {
                    snapshot.is_present = Some(&version.digest) == present.as_ref();
                }
            }
            Ok(snapshots)
        })
    }

    /// The copies of `.condarc` that Anaconda Navigator keeps, newest first. They are never changed.
    pub fn snapshots_of_navigator(&self) -> Vec<FileSnapshot> {
        let copies = navigator_copies::copies(&self.locations().home, &self.navigator_folders());
        copies.into_iter().map(|copy| of_copy(&copy)).collect()
    }

    /// The newest version of the file that can be understood and put back, other than the present one.
    pub fn last_good_snapshot(&self, path: &Path) -> Result<Option<FileSnapshot>, ServiceError> {
        let snapshots = self.snapshots_of(path)?;
        Ok(snapshots
            .into_iter()
            .find(|snapshot| !snapshot.is_present && snapshot.is_useful()))
    }

    /// The content of a snapshot, secrets masked.
    pub fn shown_snapshot(&self, snapshot: &FileSnapshot) -> Result<Vec<u8>, ServiceError> {
        match &snapshot.source {
            Source::History(version) => self.shown_version(version),
            Source::Navigator(path) => {
                let bytes = read_copy(path)?;
                Ok(crate::secret::mask_text(&String::from_utf8_lossy(&bytes)).into_bytes())
            }
        }
    }

    /// What putting a snapshot back changes: the file becomes what it was, to the byte.
    ///
    /// Errors: [`ServiceError::NoSuchSnapshot`]; a version whose secrets are kept nowhere; a copy of Navigator's that is
    /// no `.condarc`.
    pub fn plan_restore(&self, path: &Path, id: &str) -> Result<Plan, ServiceError> {
        blocking(|| {
            let snapshot = self.snapshot(path, id)?;
            let path_shown = self.short(path);
            let mut plan = match snapshot.origin {
                SnapshotOrigin::Navigator => Plan::new(
                    "import",
                    format!("Put Anaconda Navigator's copy of {path_shown} back"),
                ),
                _ => Plan::new("restore", format!("Put an earlier version of {path_shown} back")),
            };
            let content = self.content_of(path, &snapshot, &mut plan)?;
            // A file that is too broken to be read as one is put aside by its remedy, not overwritten.
            let present = file::read(path)?.map(|image| image.bytes);
            file::check_writable(path)?;
            plan.files.push(PlannedFile::new(
                path.to_owned(),
                self.owner_of(path),
                present,
                Some(content),
            ));
            self.allowed(&plan)?;
            Ok(plan)
        })
    }

    /// Executes the plan of [`Services::plan_restore`].
    pub async fn restore(&self, plan: &Plan) -> Result<Entry, ServiceError> {
        let note = |connections: &mut Connections, prepared: &Prepared| prepared.note_condarc(connections);
        self.commit_files(plan, None, note).await
    }

    fn snapshot(&self, path: &Path, id: &str) -> Result<FileSnapshot, ServiceError> {
        let mut snapshots = self.snapshots_of(path)?;
        let by_digest = id.strip_prefix(VERSION).filter(|digest| digest.len() >= 8);
        let digest = self.digest_before(path, id).or(by_digest.map(str::to_owned));
        let has_digest = |snapshot: &FileSnapshot| match (&snapshot.source, &digest) {
            (Source::History(version), Some(digest)) => version.digest.starts_with(digest),
            _ => false,
        };
        let is_meant = |snapshot: &FileSnapshot| snapshot.id == id || has_digest(snapshot);
        let at = snapshots.iter().position(is_meant);
        at.map(|at| snapshots.swap_remove(at))
            .ok_or_else(|| ServiceError::NoSuchSnapshot {
                id: id.to_owned(),
                path: path.to_owned(),
            })
    }

    /// The version before an entry, by its own name: it is listed under that of the entry which made it, where there is
    /// one.
    fn digest_before(&self, path: &Path, id: &str) -> Option<String> {
        let entry = id.strip_suffix(BEFORE)?.strip_suffix('-')?;
        let entry = self.history().entry(entry).ok()?;
        let file = entry.files.into_iter().find(|file| file.path == path)?;
        Some(file.before?.digest)
    }

    fn content_of(
        &self,
        path: &Path,
        snapshot: &FileSnapshot,
        plan: &mut Plan,
    ) -> Result<Vec<u8>, ServiceError> {
        let version = match &snapshot.source {
            Source::Navigator(copy) => {
                let bytes = read_copy(copy)?;
                YamlFile::parse(&bytes).map_err(ServiceError::in_condarc(copy))?;
                return Ok(bytes);
            }
            Source::History(version) => version,
        };
        match self.past(path, Some(version))? {
            Past::Whole(content) => Ok(content.unwrap_or_default()),
            Past::Masked(masked) => match without_tokens(&masked) {
                Some(content) if Format::of(path) == Format::Ini => {
                    plan.warnings.push(Warning::with_remedy(
                        "the token that stood in the file is not kept: None takes its place",
                        "sign in to get a new one",
                    ));
                    Ok(content)
                }
                _ => Err(self
                    .version_content(path, Some(version))
                    .err()
                    .unwrap_or_else(|| {
                        ServiceError::Internal("a version is whole and incomplete at once".to_owned())
                    })),
            },
        }
    }

    fn snapshots_in_history(&self, path: &Path) -> Result<Vec<FileSnapshot>, ServiceError> {
        let mut found: Vec<FileSnapshot> = Vec::new();
        let known = self.history().known().ok().flatten();
        let known_version = known.as_ref().and_then(|known| {
            let mut places = known.places.values();
            places.find_map(|files| files.get(path))
        });
        let snapshot = |id: String, at, what: String, origin, version: &Version| FileSnapshot {
            id,
            at,
            origin,
            what,
            contents: self.contents_of(path, version),
            is_present: false,
            source: Source::History(version.clone()),
        };
        let entries = self.entries_of(path)?;
        for entry in &entries {
            let Some(FileVersions { before, after, .. }) = entry.files.iter().find(|file| file.path == path)
            else {
                continue;
            };
            let origin = match entry.is_from_outside() {
                true => SnapshotOrigin::Outside,
                false => SnapshotOrigin::Sextant,
            };
            if let Some(version) = after {
                // What was there before the next change is better named by what made it.
                found.pop_if(|last| last.is(version));
                let (id, what) = (entry.id.clone(), entry.what.clone());
                found.push(snapshot(id, Some(entry.at), what, origin, version));
            }
            if let Some(version) = before {
                let (id, what) = (
                    format!("{}-{BEFORE}", entry.id),
                    format!("before \"{}\"", entry.what),
                );
                found.push(snapshot(id, None, what, origin, version));
            }
        }
        if let Some(version) = known_version
            && !found.iter().any(|snapshot| snapshot.is(version))
        {
            let at = known.as_ref().map(|known| known.at);
            let what = "as it was seen last".to_owned();
            let id = format!("{VERSION}{}", version.digest.get(..12).unwrap_or_default());
            found.push(snapshot(id, at, what, SnapshotOrigin::Outside, version));
        }
        Ok(found)
    }

    fn contents_of(&self, path: &Path, version: &Version) -> Contents {
        let masked = match self.history().masked_content(version) {
            Ok(masked) => masked,
            Err(error) => {
                return Contents::Broken {
                    reason: error.explain().message,
                };
            }
        };
        if !self.history().is_kept(version) {
            return Contents::Incomplete;
        }
        let format = Format::of(path);
        if let Err(reason) = readable(format, &masked) {
            return Contents::Broken { reason };
        }
        let has_chest = version.secrets.is_some() || !snapshot::has_secrets(&masked);
        match (snapshot::is_incomplete(&masked) || !has_chest, format) {
            (false, _) => Contents::Good,
            (true, Format::Ini) => Contents::WithoutToken,
            (true, _) => Contents::Incomplete,
        }
    }

    /// Whose file it is, by its place and name.
    pub(crate) fn owner_of(&self, path: &Path) -> Owner {
        let locations = self.locations();
        let variable = |name: &str| locations.variable(name).map(str::to_owned);
        let navigator = location::candidates(&locations.home, variable, locations.platform);
        let extension = path.extension().and_then(|extension| extension.to_str());
        match extension {
            _ if navigator.iter().any(|candidate| candidate == path) => Owner::Navigator,
            Some("token" | "jwt") => Owner::TokenFile,
            _ if *path == netrc::path(&self.machine()) => Owner::Netrc,
            _ if [self.preferences_path(), self.trust_path()]
                .iter()
                .any(|own| own == path) =>
            {
                Owner::Sextant
            }
            _ => Owner::Condarc,
        }
    }

    fn is_condarc(&self, path: &Path) -> bool {
        self.condarc_path().is_ok_and(|condarc| condarc == path)
    }

    /// The folders in which Navigator may keep its files.
    fn navigator_folders(&self) -> Vec<PathBuf> {
        let locations = self.locations();
        let variable = |name: &str| locations.variable(name).map(str::to_owned);
        let files = location::candidates(&locations.home, variable, locations.platform);
        files
            .iter()
            .filter_map(|file| file.parent())
            .map(Path::to_owned)
            .collect()
    }
}

impl FileSnapshot {
    fn is(&self, version: &Version) -> bool {
        matches!(&self.source, Source::History(own) if own.digest == version.digest)
    }

    /// Whether it can be put back, and conda or Navigator will understand it then.
    pub fn is_useful(&self) -> bool {
        matches!(self.contents, Contents::Good | Contents::WithoutToken)
    }
}

fn readable(format: Format, bytes: &[u8]) -> Result<(), String> {
    match format {
        Format::Yaml => YamlFile::parse(bytes)
            .map(drop)
            .map_err(|error| error.to_string()),
        Format::Ini => IniFile::parse(bytes).map(drop).map_err(|error| error.to_string()),
        Format::Toml => toml::from_str::<toml::Table>(&String::from_utf8_lossy(bytes))
            .map(drop)
            .map_err(|error| error.message().to_owned()),
        Format::Lines | Format::Opaque => Ok(()),
    }
}

/// An INI file with `None` wherever a value lacks its secret.
fn without_tokens(masked: &[u8]) -> Option<Vec<u8>> {
    let hidden = snapshot::without_secrets(masked);
    let mut ini = IniFile::parse(&hidden).ok()?;
    let incomplete: Vec<(String, String)> = ini
        .entries()
        .filter(|(_, _, value)| snapshot::hides_something(value))
        .map(|(section, option, _)| (section.to_owned(), option.to_owned()))
        .collect();
    for (section, option) in incomplete {
        ini.set(&section, &option, "None").ok()?;
    }
    let content = ini.bytes();
    // A comment may hold one too.
    (!snapshot::hides_something(&String::from_utf8_lossy(&content))).then_some(content)
}

fn read_copy(path: &Path) -> Result<Vec<u8>, ServiceError> {
    match file::read(path)? {
        Some(image) => Ok(image.bytes),
        None => Err(ServiceError::NoSuchSnapshot {
            id: path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned(),
            path: path.to_owned(),
        }),
    }
}

fn of_copy(copy: &CondarcCopy) -> FileSnapshot {
    let what = match &copy.kept {
        Kept::LoggedOut => "Anaconda Navigator's copy from before a login".to_owned(),
        Kept::Account(key) => format!("Anaconda Navigator's copy for {key}"),
        Kept::LegacyCopy => "an older Anaconda Navigator's copy from before a login".to_owned(),
        Kept::Unknown => "a copy that Anaconda Navigator left".to_owned(),
    };
    let read = read_copy(&copy.path).map_err(|error| error.explain().message);
    let contents = read.and_then(|bytes| readable(Format::Yaml, &bytes));
    FileSnapshot {
        id: format!("{NAVIGATOR}{}", copy.id()),
        at: copy
            .modified
            .and_then(|modified| Timestamp::try_from(modified).ok()),
        origin: SnapshotOrigin::Navigator,
        what,
        contents: match contents {
            Ok(()) => Contents::Good,
            Err(reason) => Contents::Broken { reason },
        },
        is_present: false,
        source: Source::Navigator(copy.path.clone()),
    }
}

#[cfg(test)]
mod tests;
