//! A home for the tests of this room.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::credential::FileStore;
use crate::edit::history::Entry;
use crate::locations::Locations;
use crate::service::{Services, SystemClock};

pub const NAVIGATOR: &str = ".anaconda/navigator/anaconda-navigator.ini";

pub struct Home {
    folder: tempfile::TempDir,
    pub services: Services,
}

impl Home {
    pub fn new(files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let locations = Locations::inside(folder.path());
        let credentials = Arc::new(FileStore::new(locations.credentials()));
        let home = Self {
            services: Services::with(locations, credentials, Arc::new(SystemClock)),
            folder,
        };
        for (path, content) in files {
            home.write(path, content);
        }
        home
    }

    pub fn path(&self, inside: &str) -> PathBuf {
        self.folder.path().join(inside)
    }

    pub fn write(&self, inside: &str, content: impl AsRef<[u8]>) {
        let path = self.path(inside);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    pub fn read(&self, inside: &str) -> String {
        fs::read_to_string(self.path(inside)).unwrap()
    }

    /// What others changed since the last look.
    pub fn noticed(&self) -> Vec<Entry> {
        self.services.notice_changes().unwrap()
    }

    pub fn said(&self) -> Vec<String> {
        self.noticed().into_iter().map(|entry| entry.what).collect()
    }

    /// The diffs of an entry as a terminal shows them.
    pub fn diff(&self, entry: &Entry) -> String {
        let diffs = self.services.entry_diffs(entry).unwrap();
        diffs.iter().map(crate::edit::diff::FileDiff::to_text).collect()
    }

    /// Whether a text is in any file of the history.
    pub fn history_holds(&self, text: &str) -> bool {
        holds(&self.services.locations().history(), text)
    }

    pub fn secret(&self, name: &str) -> Option<String> {
        let secret = self.services.credentials().read(name).unwrap();
        secret.map(|secret| secret.expose().to_owned())
    }
}

fn holds(folder: &Path, text: &str) -> bool {
    fs::read_dir(folder).into_iter().flatten().flatten().any(|entry| {
        let path = entry.path();
        match path.is_dir() {
            true => holds(&path, text),
            false => String::from_utf8_lossy(&fs::read(path).unwrap()).contains(text),
        }
    })
}

/// Runs a future to its end.
pub fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
        .block_on(future)
}
