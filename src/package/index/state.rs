//! What is known of an index that is kept: where it came from, when, and what the server said about asking again.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::intake::Encoding;
use super::place::Place;
use crate::edit::file::FileError;

/// The version of what is kept; anything else is fetched anew.
const FORMAT: u32 = 1;

/// No state is larger.
const LARGEST: u64 = 64 * 1024;

/// For so many seconds it is believed that a server still has no compressed or sharded index.
const ABSENCE_HOLDS: i64 = 14 * 24 * 60 * 60;

/// The index of one place. Everything of it is replaced at once, since only this names the file that holds the records.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct State {
    format: u32,
    /// The address of the subdir.
    url: String,
    /// The index's name there, without what compression adds to it.
    file_name: String,
    pub(super) content: Content,
    pub(super) etag: Option<String>,
    pub(super) last_modified: Option<String>,
    /// For so many seconds after `checked`, the server said, it need not be asked again.
    pub(super) max_age: Option<u64>,
    /// When it last was another than before.
    pub(super) fetched: Timestamp,
    /// When the server was last asked.
    pub(super) checked: Timestamp,
    /// Variants that the server did not have, and when.
    pub(super) absent: BTreeMap<String, Timestamp>,
}

/// What the place holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub(super) enum Content {
    /// Every record, in a file beside this one.
    Records { file: String, encoding: String },
    /// The names alone; the records of a name are fetched when they are wanted (CEP 16).
    Names { file: String },
    /// The server has no such subdir.
    Nothing,
}

impl Content {
    pub(super) fn file(&self) -> Option<&str> {
        match self {
            Self::Records { file, .. } | Self::Names { file } => Some(file),
            Self::Nothing => None,
        }
    }

    pub(super) fn encoding(&self) -> Option<Encoding> {
        let Self::Records { encoding, .. } = self else {
            return None;
        };
        [Encoding::Zst, Encoding::Bz2, Encoding::Plain]
            .into_iter()
            .find(|known| known.extension() == encoding)
    }
}

impl State {
    pub(super) fn new(place: &Place, content: Content, now: Timestamp) -> Self {
        Self {
            format: FORMAT,
            url: place.url.to_string(),
            file_name: place.file_name.clone(),
            content,
            etag: None,
            last_modified: None,
            max_age: None,
            fetched: now,
            checked: now,
            absent: BTreeMap::new(),
        }
    }

    /// What is kept of the place in `folder`; nothing where it is missing, damaged, of another format or of another place.
    pub(super) fn read(folder: &Path, place: &Place) -> Option<Self> {
        let path = path(folder, place);
        if fs::metadata(&path).ok()?.len() > LARGEST {
            return None;
        }
        let state: Self = serde_json::from_slice(&fs::read(&path).ok()?).ok()?;
        let is_of_place = state.url == place.url.as_str() && state.file_name == place.file_name;
        // A name with a separator in it would lead elsewhere.
        let is_plain = state.content.file().is_none_or(|file| {
            file.bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.'))
        });
        (state.format == FORMAT && is_of_place && is_plain).then_some(state)
    }

    /// Makes this what is kept, and removes what was kept before.
    pub(super) fn write(&self, folder: &Path, place: &Place) -> Result<(), FileError> {
        let path = path(folder, place);
        let part = path.with_extension("json.part");
        let failed = |path: &Path, error| FileError::of_io(error, path, "written");
        let bytes = serde_json::to_vec_pretty(self).map_err(|error| failed(&path, error.into()))?;
        let written = fs::File::create(&part).and_then(|mut file| file.write_all(&bytes));
        let written = written.and_then(|()| fs::rename(&part, &path));
        if let Err(error) = written {
            let _ = fs::remove_file(&part);
            return Err(failed(&path, error));
        }
        self.remove_older(folder, place);
        Ok(())
    }

    /// Forgets what is kept, so that it is fetched anew.
    pub(super) fn remove(folder: &Path, place: &Place) {
        let _ = fs::remove_file(path(folder, place));
    }

    /// Whoever has an older file open still reads it to its end. What cannot be removed now is removed next time.
    fn remove_older(&self, folder: &Path, place: &Place) {
        let key = place.key();
        let Ok(entries) = fs::read_dir(folder) else {
            return;
        };
        for entry in entries.flatten() {
            let Ok(name) = entry.file_name().into_string() else {
                continue;
            };
            let is_older = name.strip_prefix(&key).is_some_and(|rest| rest.ends_with(INDEX));
            if is_older && self.content.file() != Some(&name) {
                let _ = fs::remove_file(entry.path());
            }
        }
    }

    /// Whether the server is known to lack a variant.
    pub(super) fn lacks(&self, variant: &str, now: Timestamp) -> bool {
        self.absent.get(variant).is_some_and(|found| {
            let age = now.as_second() - found.as_second();
            (0..ABSENCE_HOLDS).contains(&age)
        })
    }

    /// Seconds since the server was asked; nothing where that lies in the future, which no clock can tell.
    pub(super) fn age(&self, now: Timestamp) -> Option<u64> {
        u64::try_from(now.as_second() - self.checked.as_second()).ok()
    }
}

/// What the names of files with records end in.
const INDEX: &str = ".index";

/// A new file for the records of a place; no other has its name.
pub(super) fn new_file(place: &Place, now: Timestamp) -> String {
    format!("{}-{:x}{INDEX}", place.key(), now.as_nanosecond())
}

fn path(folder: &Path, place: &Place) -> PathBuf {
    folder.join(format!("{}.json", place.key()))
}
