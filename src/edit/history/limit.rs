//! The history does not grow for ever: the oldest entries go, with what only they held.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use super::{Entry, History, HistoryError, Version};
use crate::edit::file;

/// How much history is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    pub entries: usize,
    /// Of all files of the history together.
    pub bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            entries: 500,
            bytes: 64 * 1024 * 1024,
        }
    }
}

/// What must stay, however old it is.
#[derive(Debug, Clone, Default)]
pub struct Needed {
    /// Ids of entries.
    pub entries: BTreeSet<String>,
    /// Versions that others than entries speak of.
    pub versions: Vec<Version>,
}

impl History {
    /// Removes the oldest entries until the history is within its limits, and returns them, for what else belongs to
    /// them. The newest entry stays in any case. An entry that cannot be read stays too, since nobody can say what it
    /// needs; so do all contents while there is one, but for those of the removed entries.
    pub fn trim(&self, limits: Limits, needed: &Needed) -> Result<Vec<Entry>, HistoryError> {
        if self.is_within(limits) {
            return Ok(Vec::new());
        }
        let (mut entries, damaged) = self.read_entries();
        let contents = files_of(&self.folder.join("content"));
        let mut removed = Vec::new();
        let mut uses = uses(&entries, needed);
        // Contents that nobody speaks of: of changes that never came to be.
        if damaged.is_empty() {
            for name in contents.keys().filter(|name| !uses.contains_key(*name)) {
                file::remove(&self.content_path(name))?;
            }
        }
        let mut bytes: u64 = files_of(&self.folder.join("entries")).values().sum();
        bytes += contents
            .iter()
            .filter(|(name, _)| uses.contains_key(*name))
            .map(|(_, size)| size)
            .sum::<u64>();
        let mut at = entries.len();
        while at > 1 && (entries.len() > limits.entries || bytes > limits.bytes) {
            at -= 1;
            if needed.entries.contains(&entries[at].id) {
                continue;
            }
            let entry = entries.remove(at);
            let path = self.entry_path(&entry.id);
            bytes = bytes.saturating_sub(size_of(&path));
            // The entry first: contents that nobody speaks of are found again, the reverse would be damage.
            file::remove(&path)?;
            for content in contents_of(&entry) {
                let left = uses.get_mut(content).map_or(0, |count| {
                    *count -= 1;
                    *count
                });
                if left == 0 {
                    uses.remove(content);
                    bytes = bytes.saturating_sub(contents.get(content).copied().unwrap_or(0));
                    file::remove(&self.content_path(content))?;
                }
            }
            removed.push(entry);
        }
        Ok(removed)
    }

    fn is_within(&self, limits: Limits) -> bool {
        let entries = files_of(&self.folder.join("entries"));
        let contents = files_of(&self.folder.join("content"));
        let bytes: u64 = entries.values().chain(contents.values()).sum();
        entries.len() <= limits.entries && bytes <= limits.bytes
    }
}

/// How many entries and others speak of each content.
fn uses(entries: &[Entry], needed: &Needed) -> BTreeMap<String, usize> {
    let mut uses: BTreeMap<String, usize> = BTreeMap::new();
    let named = needed.versions.iter().map(|version| version.content.as_str());
    for content in entries.iter().flat_map(contents_of).chain(named) {
        *uses.entry(content.to_owned()).or_default() += 1;
    }
    uses
}

fn contents_of(entry: &Entry) -> BTreeSet<&str> {
    entry.versions().map(|version| version.content.as_str()).collect()
}

/// Names and sizes of the files in a folder.
fn files_of(folder: &Path) -> BTreeMap<String, u64> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .filter_map(|entry| {
            let size = entry.metadata().ok().filter(fs::Metadata::is_file)?.len();
            Some((entry.file_name().into_string().ok()?, size))
        })
        .collect()
}

fn size_of(path: &Path) -> u64 {
    fs::metadata(path).map_or(0, |metadata| metadata.len())
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::edit::file::Image;
    use crate::edit::history::{Chest, FileVersions, SEXTANT};
    use crate::edit::snapshot::Named;

    struct Store {
        folder: tempfile::TempDir,
        history: History,
    }

    impl Store {
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let history = History::new(folder.path().to_owned());
            Self { folder, history }
        }

        fn version(&self, text: &str) -> Version {
            let image = Image {
                bytes: text.as_bytes().to_vec(),
                mode: None,
            };
            self.history
                .keep(&image, Named::NOTHING, &mut Chest::of("x"))
                .unwrap()
        }

        /// An entry that turns one content into another.
        fn record(&self, second: i64, before: &str, after: &str) {
            let entry = Entry {
                id: format!("e{second}"),
                at: Timestamp::from_second(second).unwrap(),
                by: SEXTANT.to_owned(),
                kind: "channels".to_owned(),
                what: String::new(),
                files: vec![FileVersions {
                    path: "/h/.condarc".into(),
                    before: Some(self.version(before)),
                    after: Some(self.version(after)),
                }],
                undoes: None,
            };
            self.history.record(&entry).unwrap();
        }

        fn ids(&self) -> Vec<String> {
            let entries = self.history.entries().unwrap();
            entries.into_iter().map(|entry| entry.id).collect()
        }

        fn contents(&self) -> usize {
            files_of(&self.folder.path().join("content")).len()
        }
    }

    fn entries(count: usize) -> Limits {
        Limits {
            entries: count,
            ..Limits::default()
        }
    }

    #[test]
    fn the_oldest_go_with_what_only_they_held() {
        let store = Store::new();
        for second in 1..=5 {
            store.record(second, &format!("v{}", second - 1), &format!("v{second}"));
        }
        store.version("of a change that never came to be");
        assert_eq!(store.contents(), 7);
        let removed = store.history.trim(entries(2), &Needed::default()).unwrap();
        let removed: Vec<_> = removed.into_iter().map(|entry| entry.id).collect();
        assert_eq!(removed, ["e1", "e2", "e3"]);
        assert_eq!(store.ids(), ["e5", "e4"]);
        assert_eq!(store.contents(), 3, "v3, v4, v5");
        let entry = store.history.entry("e4").unwrap();
        for version in entry.versions() {
            store.history.masked_content(version).unwrap();
        }
    }

    #[test]
    fn what_is_needed_stays_however_old_it_is() {
        let store = Store::new();
        for second in 1..=4 {
            store.record(second, &format!("v{}", second - 1), &format!("v{second}"));
        }
        let needed = Needed {
            entries: BTreeSet::from(["e2".to_owned()]),
            versions: vec![store.version("v0")],
        };
        store.history.trim(entries(2), &needed).unwrap();
        assert_eq!(store.ids(), ["e4", "e2"]);
        store.history.masked_content(&needed.versions[0]).unwrap();
    }

    #[test]
    fn size_counts_and_the_newest_stays() {
        let store = Store::new();
        let large = |letter: &str| letter.repeat(10_000);
        for (second, letter) in [(1, "a"), (2, "b"), (3, "c")] {
            store.record(second, "", &large(letter));
        }
        let limits = |bytes| Limits {
            bytes,
            ..Limits::default()
        };
        assert!(
            store
                .history
                .trim(limits(100_000), &Needed::default())
                .unwrap()
                .is_empty()
        );
        store.history.trim(limits(25_000), &Needed::default()).unwrap();
        assert_eq!(store.ids(), ["e3", "e2"]);
        store.history.trim(limits(1), &Needed::default()).unwrap();
        assert_eq!(store.ids(), ["e3"]);
        assert_eq!(store.contents(), 2);
    }

    #[test]
    fn beside_a_damaged_entry_nothing_goes_that_it_may_need() {
        let store = Store::new();
        for second in 1..=3 {
            store.record(second, "", &format!("v{second}"));
        }
        fs::write(store.folder.path().join("entries/e0.json"), "{").unwrap();
        store.version("perhaps of the damaged one");
        store.history.trim(entries(1), &Needed::default()).unwrap();
        assert_eq!(store.ids(), ["e3"]);
        assert_eq!(store.contents(), 3);
        assert!(store.folder.path().join("entries/e0.json").exists());
    }
}
