//! What was changed on this machine, when, and how it was before: the ground of every undo.
//!
//! Layout: `entries/<id>.json`, `content/<digest of the masked bytes>` and `known.json`, all readable by the owner alone.
//! No secret is ever in it (see [`super::snapshot`]). Its size has a [`limit`].

mod known;
pub mod limit;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::file::{self, FileError, Image, PRIVATE};
use super::snapshot::{self, Named, SnapshotError};
use crate::error::{Explain, Kind, Problem};
use crate::secret::Secret;

pub use known::Known;

/// Who made the changes of Sextant.
pub const SEXTANT: &str = "sextant";

/// Who made a change that was only noticed: nobody can tell.
pub const OUTSIDE: &str = "outside";

#[derive(Debug, Clone, Error)]
pub enum HistoryError {
    #[error(transparent)]
    File(#[from] FileError),
    #[error("there is no history entry {0}")]
    Unknown(String),
    #[error("the history entry {id} is damaged")]
    Damaged { id: String, reason: String },
    #[error("an earlier version of {path} cannot be brought back whole")]
    Incomplete { path: PathBuf, source: SnapshotError },
    /// Only that there was a content is known, as where permissions alone were changed.
    #[error("the content of an earlier version of {path} was not kept")]
    NotKept { path: PathBuf },
}

impl Explain for HistoryError {
    fn explain(&self) -> Problem {
        match self {
            Self::File(error) => error.explain(),
            Self::Unknown(_) => {
                Problem::new(Kind::Usage, self.to_string()).remedy("list the entries: sextant history")
            }
            Self::Damaged { reason, .. } => {
                Problem::new(Kind::File, self.to_string()).because(reason.clone())
            }
            Self::Incomplete { source, .. } => Problem::new(Kind::Conflict, self.to_string())
                .because(source.to_string())
                .remedy("edit the file by hand; its other lines are in the history"),
            Self::NotKept { .. } => Problem::new(Kind::Conflict, self.to_string())
                .because("the change was not about its content, or what was taken out must not come back")
                .remedy("choose another version: sextant history versions"),
        }
    }
}

/// One version of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Version {
    /// Of the true content, secrets included: tells whether a file is still this version.
    pub digest: String,
    /// Of the masked content: its name in the store.
    pub content: String,
    pub mode: Option<u32>,
    /// Where the secrets lie that the content refers to by number; none when it has none.
    pub secrets: Option<ChestPart>,
}

/// A part of a [`Chest`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChestPart {
    /// The chest's name in the credential store.
    pub chest: String,
    /// The position of the content's first secret in the chest.
    pub first: usize,
}

/// The secrets of all versions of one entry, kept together in the credential store under one name.
#[derive(Debug)]
pub struct Chest {
    name: String,
    secrets: Vec<Secret>,
}

impl Chest {
    /// The chest of the entry `id`.
    pub fn of(id: &str) -> Self {
        Self {
            name: Self::name_of(id),
            secrets: Vec::new(),
        }
    }

    pub fn name_of(id: &str) -> String {
        format!("history/{id}")
    }

    /// The chest for the tokens of the entry `id` that come back when it is undone, apart from all else: they are to be
    /// forgotten once it cannot be undone any more.
    pub fn of_tokens(id: &str) -> Self {
        Self::of(&format!("{id}-tokens"))
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    /// What to put into the credential store before the entry is recorded; nothing when there is no secret.
    pub fn locked(&self) -> Option<(&str, Secret)> {
        if self.secrets.is_empty() {
            return None;
        }
        let texts: Vec<&str> = self.secrets.iter().map(Secret::expose).collect();
        Some((&self.name, Secret::new(serde_json::json!(texts).to_string())))
    }

    /// The inverse of [`Chest::locked`].
    pub fn unlock(name: &str, locked: &Secret) -> Option<Self> {
        let texts: Vec<String> = serde_json::from_str(locked.expose()).ok()?;
        Some(Self {
            name: name.to_owned(),
            secrets: texts.into_iter().map(Secret::new).collect(),
        })
    }
}

/// A file before and after a change; `None` where there was, or is, no file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileVersions {
    pub path: PathBuf,
    pub before: Option<Version>,
    pub after: Option<Version>,
}

/// One change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    pub id: String,
    pub at: Timestamp,
    /// Who made it: [`SEXTANT`] or [`OUTSIDE`].
    pub by: String,
    /// The use case, for programs: `sign-in`, `sign-out`, `channels`, `domain`, `undo`, `outside` and so on.
    pub kind: String,
    /// The use case in a person's words.
    pub what: String,
    pub files: Vec<FileVersions>,
    /// The entry that this one undid.
    #[serde(default)]
    pub undoes: Option<String>,
}

impl Entry {
    /// Whether another program, or a person with an editor, made the change.
    pub fn is_from_outside(&self) -> bool {
        self.by == OUTSIDE
    }

    /// Every version that it speaks of.
    pub fn versions(&self) -> impl Iterator<Item = &Version> {
        self.files
            .iter()
            .flat_map(|file| [&file.before, &file.after])
            .flatten()
    }

    /// Whether this entry is undone, by another that is not undone itself.
    pub fn is_undone(&self, entries: &[Self]) -> bool {
        // A damaged history may go round in circles.
        let mut seen = BTreeSet::from([&self.id]);
        let mut undone = false;
        let mut entry = self;
        while let Some(undo) = entries
            .iter()
            .find(|other| other.undoes.as_ref() == Some(&entry.id) && seen.insert(&other.id))
        {
            undone = !undone;
            entry = undo;
        }
        undone
    }
}

impl Version {
    /// The name of the chest where its secrets lie.
    pub fn chest(&self) -> Option<&str> {
        Some(&self.secrets.as_ref()?.chest)
    }
}

/// The store.
#[derive(Debug, Clone)]
pub struct History {
    folder: PathBuf,
}

impl History {
    pub fn new(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// Puts a content away. Secrets that must come back one day go into `chest`, which the caller stores *before*
    /// the entry is recorded.
    pub fn keep(&self, image: &Image, named: Named<'_>, chest: &mut Chest) -> Result<Version, HistoryError> {
        let masked = snapshot::mask(&image.bytes, named);
        let content = snapshot::digest(&masked.bytes);
        let path = self.content_path(&content);
        if !path.exists() {
            self.private_folder("content")?;
            file::write(&path, &masked.bytes, PRIVATE)?;
        }
        let first = chest.secrets.len();
        let secrets = (!masked.kept.is_empty()).then(|| ChestPart {
            chest: chest.name.clone(),
            first,
        });
        chest.secrets.extend(masked.kept);
        Ok(Version {
            digest: snapshot::digest(&image.bytes),
            content,
            mode: image.mode,
            secrets,
        })
    }

    /// Remembers that there was a content, and nothing of it: it is a secret as a whole.
    pub fn keep_nothing_of(&self, image: &Image) -> Result<Version, HistoryError> {
        let nothing = Image {
            bytes: snapshot::NOTHING_LEFT.as_bytes().to_vec(),
            mode: image.mode,
        };
        let version = self.keep(&nothing, Named::NOTHING, &mut Chest::of(""))?;
        Ok(Version {
            digest: snapshot::digest(&image.bytes),
            ..version
        })
    }

    /// The bytes of a version; `open` finds a chest by its name. `path` is for the message.
    ///
    /// Errors: [`HistoryError::Incomplete`] when the content held a token of Sextant's, or its chest is gone;
    /// [`HistoryError::NotKept`] when what is kept is not what the version was.
    pub fn content(
        &self,
        path: &Path,
        version: &Version,
        open: impl Fn(&str) -> Option<Chest>,
    ) -> Result<Vec<u8>, HistoryError> {
        let masked = self.masked_content(version)?;
        let chest = version
            .secrets
            .as_ref()
            .and_then(|part| Some((open(&part.chest)?, part.first)));
        let kept = |number: usize| {
            let (chest, first) = chest.as_ref()?;
            chest.secrets.get(first + number).cloned()
        };
        let content = snapshot::unmask(&masked, kept).map_err(|source| HistoryError::Incomplete {
            path: path.to_owned(),
            source,
        })?;
        match snapshot::digest(&content) == version.digest {
            true => Ok(content),
            false => Err(HistoryError::NotKept {
                path: path.to_owned(),
            }),
        }
    }

    /// Whether the content of a version is kept at all, if perhaps without its secrets.
    pub fn is_kept(&self, version: &Version) -> bool {
        match self.masked_content(version) {
            Ok(masked) => snapshot::has_secrets(&masked) || snapshot::digest(&masked) == version.digest,
            Err(_) => false,
        }
    }

    /// The bytes of a version as stored, with references in the place of secrets.
    pub fn masked_content(&self, version: &Version) -> Result<Vec<u8>, HistoryError> {
        match file::read(&self.content_path(&version.content))? {
            Some(image) => Ok(image.bytes),
            None => Err(HistoryError::Damaged {
                id: version.content.clone(),
                reason: "its content is missing from the history folder".to_owned(),
            }),
        }
    }

    /// Writes an entry; writing the same one again changes nothing.
    pub fn record(&self, entry: &Entry) -> Result<(), HistoryError> {
        self.private_folder("entries")?;
        let text = serde_json::to_vec_pretty(entry).map_err(|error| HistoryError::Damaged {
            id: entry.id.clone(),
            reason: error.to_string(),
        })?;
        Ok(file::write(&self.entry_path(&entry.id), &text, PRIVATE)?)
    }

    /// Every entry, newest first. A damaged one is left out here; [`History::entry`] says what is wrong with it.
    pub fn entries(&self) -> Result<Vec<Entry>, HistoryError> {
        Ok(self.read_entries().0)
    }

    /// The entries that cannot be read, with the file and the reason.
    pub fn damaged(&self) -> Vec<(PathBuf, HistoryError)> {
        self.read_entries().1
    }

    fn read_entries(&self) -> (Vec<Entry>, Vec<(PathBuf, HistoryError)>) {
        let folder = fs::read_dir(self.folder.join("entries")).into_iter().flatten();
        let ids: BTreeSet<String> = folder
            .flatten()
            .filter_map(|found| Some(found.file_name().to_str()?.strip_suffix(".json")?.to_owned()))
            .collect();
        let (mut entries, mut damaged) = (Vec::new(), Vec::new());
        for id in ids {
            match self.entry(&id) {
                Ok(entry) => entries.push(entry),
                // A file that somebody laid there under another kind of name is none of ours.
                Err(HistoryError::Unknown(_)) => {}
                Err(error) => damaged.push((self.entry_path(&id), error)),
            }
        }
        entries.sort_by(|a, b| (b.at, &b.id).cmp(&(a.at, &a.id)));
        (entries, damaged)
    }

    pub fn entry(&self, id: &str) -> Result<Entry, HistoryError> {
        if id.is_empty() || !id.chars().all(|c| c.is_ascii_alphanumeric() || c == '-') {
            return Err(HistoryError::Unknown(id.to_owned()));
        }
        let image = file::read(&self.entry_path(id))?.ok_or_else(|| HistoryError::Unknown(id.to_owned()))?;
        serde_json::from_slice(&image.bytes).map_err(|error| HistoryError::Damaged {
            id: id.to_owned(),
            reason: error.to_string(),
        })
    }

    fn private_folder(&self, name: &str) -> Result<(), HistoryError> {
        file::private_folder(&self.folder)?;
        Ok(file::private_folder(&self.folder.join(name))?)
    }

    fn entry_path(&self, id: &str) -> PathBuf {
        self.folder.join("entries").join(format!("{id}.json"))
    }

    fn content_path(&self, digest: &str) -> PathBuf {
        self.folder.join("content").join(digest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_versions_without_their_secrets() {
        let folder = tempfile::tempdir().unwrap();
        let history = History::new(folder.path().join("history"));
        let image = Image {
            bytes: b"channels:\n  - https://h/t/person1/c\n".to_vec(),
            mode: Some(0o644),
        };
        let mut chest = Chest::of("e1");
        history
            .keep(
                &Image {
                    bytes: b"https://h/t/another2/c".to_vec(),
                    mode: None,
                },
                Named::NOTHING,
                &mut chest,
            )
            .unwrap();
        let version = history.keep(&image, Named::NOTHING, &mut chest).unwrap();
        let (name, locked) = chest.locked().unwrap();
        let open = |wanted: &str| (wanted == name).then(|| Chest::unlock(name, &locked)).flatten();
        assert_eq!(
            history.content(Path::new("x"), &version, open).unwrap(),
            image.bytes
        );
        let stored = history.masked_content(&version).unwrap();
        assert!(!String::from_utf8(stored).unwrap().contains("person1"));
        assert!(matches!(
            history.content(Path::new("x"), &version, |_| None),
            Err(HistoryError::Incomplete { .. })
        ));
    }

    #[test]
    fn entries_come_newest_first_and_a_damaged_one_does_not_hide_the_rest() {
        let folder = tempfile::tempdir().unwrap();
        let history = History::new(folder.path().to_owned());
        let entry = |id: &str, second| Entry {
            id: id.to_owned(),
            at: Timestamp::from_second(second).unwrap(),
            by: "sextant".to_owned(),
            kind: "channels".to_owned(),
            what: "Chose channels".to_owned(),
            files: Vec::new(),
            undoes: None,
        };
        history.record(&entry("a", 1)).unwrap();
        history.record(&entry("b", 2)).unwrap();
        fs::write(folder.path().join("entries/c.json"), "{").unwrap();
        let ids: Vec<_> = history
            .entries()
            .unwrap()
            .into_iter()
            .map(|entry| entry.id)
            .collect();
        assert_eq!(ids, ["b", "a"]);
        assert!(matches!(history.entry("c"), Err(HistoryError::Damaged { .. })));
        assert!(matches!(history.entry("../a"), Err(HistoryError::Unknown(_))));
        let damaged = history.damaged();
        assert_eq!(damaged.len(), 1);
        assert!(damaged[0].0.ends_with("entries/c.json"));
    }

    #[test]
    fn an_undo_that_was_undone_does_not_count() {
        let entry = |id: &str, undoes: Option<&str>| Entry {
            id: id.to_owned(),
            at: Timestamp::UNIX_EPOCH,
            by: SEXTANT.to_owned(),
            kind: "channels".to_owned(),
            what: String::new(),
            files: Vec::new(),
            undoes: undoes.map(str::to_owned),
        };
        let entries = [entry("c", Some("b")), entry("b", Some("a")), entry("a", None)];
        let undone: Vec<bool> = entries.iter().map(|entry| entry.is_undone(&entries)).collect();
        assert_eq!(undone, [false, true, false]);
    }
}
