//! The copies of `.condarc` that Navigator keeps: found and read, never written.
//!
//! Navigator saves the file before a login and puts it back at logout; between logins it keeps one copy for each account
//! (server reference, section 4.3; product research, section 1.8).

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use serde::Deserialize;
use serde_json::Value;

/// The folder of the copies, beside Navigator's configuration.
pub const FOLDER: &str = "condarc_storage";

const INDEX: &str = "condarc_index.json";

/// The key of the copy from before a login, and the name of its file, which is made from the MD5 sum of the key.
const MAIN: &str = "main";
const MAIN_FILE: &str = ".condarc_fad58de7366495db4650cfefac2fcd61";

/// What older Navigators wrote instead, into the home folder.
const COPY: &str = ".condarc_copy";

/// More copies than this are not listed: something else has filled the folder.
const MOST: usize = 200;

/// Of which state of the person's file a copy is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kept {
    /// Before a login.
    LoggedOut,
    /// While logged in somewhere: product, address and account as Navigator strings them together.
    Account(String),
    /// By an older Navigator, before a login.
    LegacyCopy,
    /// The index does not speak of it.
    Unknown,
}

/// A copy of `.condarc`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CondarcCopy {
    pub kept: Kept,
    pub path: PathBuf,
    pub modified: Option<SystemTime>,
    /// Whether Navigator takes this one for the present state.
    pub is_current: bool,
}

impl CondarcCopy {
    /// A name that is unique among the copies of one person.
    pub fn id(&self) -> String {
        match &self.kept {
            Kept::LoggedOut => MAIN.to_owned(),
            Kept::Account(key) => key.clone(),
            Kept::LegacyCopy => "condarc_copy".to_owned(),
            Kept::Unknown => {
                let name = self.path.file_name().unwrap_or_default();
                name.to_string_lossy().trim_start_matches('.').to_owned()
            }
        }
    }
}

/// Word for word; whatever else stands in it is of no concern.
#[derive(Debug, Default, Deserialize)]
struct Index {
    #[serde(default)]
    current: Value,
    #[serde(default)]
    snapshots: BTreeMap<String, Value>,
}

/// Every copy, newest first. `folders` are those that may hold Navigator's configuration. An index that is damaged or
/// missing hides no copy, and one that names a file elsewhere leads nowhere.
pub fn copies(home: &Path, folders: &[PathBuf]) -> Vec<CondarcCopy> {
    let mut copies: Vec<CondarcCopy> = Vec::new();
    for folder in folders {
        let storage = folder.join(FOLDER);
        let index = read_index(&storage);
        let key_of = |name: &str| {
            let named = |path: &Value| file_name(path.as_str().unwrap_or_default()) == name;
            index
                .snapshots
                .iter()
                .find(|(_, path)| named(path))
                .map(|(key, _)| key.clone())
        };
        for path in files_in(&storage) {
            let name = path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            let key = key_of(&name).or_else(|| (name == MAIN_FILE).then(|| MAIN.to_owned()));
            let is_current = key.is_some() && index.current.as_str() == key.as_deref();
            copies.push(CondarcCopy {
                modified: modified(&path),
                is_current,
                kept: match key {
                    Some(key) if key == MAIN => Kept::LoggedOut,
                    Some(key) => Kept::Account(key),
                    None => Kept::Unknown,
                },
                path,
            });
        }
    }
    let legacy = home.join(COPY);
    if is_file(&legacy) {
        copies.push(CondarcCopy {
            kept: Kept::LegacyCopy,
            modified: modified(&legacy),
            path: legacy,
            is_current: false,
        });
    }
    copies.sort_by(|a, b| (b.modified, &a.path).cmp(&(a.modified, &b.path)));
    copies
}

fn read_index(storage: &Path) -> Index {
    /// No index is larger.
    const LARGEST: u64 = 1024 * 1024;
    let path = storage.join(INDEX);
    let is_small = fs::metadata(&path).is_ok_and(|metadata| metadata.is_file() && metadata.len() <= LARGEST);
    let read = || -> io::Result<Index> { Ok(serde_json::from_slice(&fs::read(&path)?)?) };
    match is_small {
        true => read().unwrap_or_default(),
        false => Index::default(),
    }
}

/// The last part of a path as Navigator wrote it, perhaps on another system.
fn file_name(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or_default()
}

fn files_in(storage: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(storage).into_iter().flatten().flatten();
    let mut files: Vec<PathBuf> = entries
        .map(|entry| entry.path())
        .filter(|path| {
            let name = path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            name.starts_with(".condarc_") && is_file(path)
        })
        .collect();
    files.sort();
    files.truncate(MOST);
    files
}

fn is_file(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|metadata| metadata.is_file())
}

fn modified(path: &Path) -> Option<SystemTime> {
    fs::metadata(path).and_then(|metadata| metadata.modified()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Home(tempfile::TempDir);

    impl Home {
        fn new(files: &[(&str, &str)]) -> Self {
            let home = tempfile::tempdir().unwrap();
            for (path, content) in files {
                let path = home.path().join(path);
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(path, content).unwrap();
            }
            Self(home)
        }

        fn kept(&self) -> Vec<(Kept, bool)> {
            let folder = self.0.path().join(".anaconda/navigator");
            let mut copies = copies(self.0.path(), &[folder]);
            copies.sort_by(|a, b| a.path.cmp(&b.path));
            copies
                .into_iter()
                .map(|copy| (copy.kept, copy.is_current))
                .collect()
        }
    }

    const STORAGE: &str = ".anaconda/navigator/condarc_storage";

    #[test]
    fn copies_are_known_by_the_index_wherever_it_was_written() {
        let index = r#"{"current": "anaconda_server_https_h_1", "snapshots": {
            "main": "/home/old/.anaconda/navigator/condarc_storage/.condarc_fad58de7366495db4650cfefac2fcd61",
            "anaconda_server_https_h_1": "C:\\Users\\ada\\.condarc_0123456789abcdef0123456789abcdef",
            "elsewhere": "/etc/passwd"}}"#;
        let home = Home::new(&[
            (&format!("{STORAGE}/condarc_index.json"), index),
            (&format!("{STORAGE}/{MAIN_FILE}"), "channels: []\n"),
            (
                &format!("{STORAGE}/.condarc_0123456789abcdef0123456789abcdef"),
                "channels: [a]\n",
            ),
            (".condarc_copy", "channels: [b]\n"),
        ]);
        let account = Kept::Account("anaconda_server_https_h_1".to_owned());
        assert_eq!(
            home.kept(),
            [
                (account, true),
                (Kept::LoggedOut, false),
                (Kept::LegacyCopy, false)
            ]
        );
    }

    #[test]
    fn without_a_usable_index_the_copies_are_found_all_the_same() {
        for index in ["", "{", "[]", r#"{"current": 3, "snapshots": {"main": null}}"#] {
            let home = Home::new(&[
                (&format!("{STORAGE}/condarc_index.json"), index),
                (&format!("{STORAGE}/{MAIN_FILE}"), ""),
                (&format!("{STORAGE}/.condarc_ffff"), ""),
                (&format!("{STORAGE}/notes.txt"), ""),
            ]);
            assert_eq!(
                home.kept(),
                [(Kept::LoggedOut, false), (Kept::Unknown, false)],
                "{index}"
            );
        }
        assert!(Home::new(&[]).kept().is_empty());
    }
}
