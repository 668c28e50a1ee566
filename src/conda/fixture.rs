//! A temporary machine for tests: a home, system folders beside it, and variables of one's own.

use std::fs;
use std::path::{Path, PathBuf};

use super::{Platform, Surroundings};

/// Everything lies below one temporary folder: the home in `home`, the system's files in `etc`, `var`, ….
pub struct Machine {
    folder: tempfile::TempDir,
    pub surroundings: Surroundings,
}

impl Machine {
    pub fn on(platform: Platform) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let surroundings = Surroundings {
            home: folder.path().join("home"),
            variables: Default::default(),
            platform,
            system_root: folder.path().to_owned(),
        };
        Self { folder, surroundings }
    }

    pub fn linux() -> Self {
        Self::on(Platform::Linux)
    }

    pub fn path(&self, inside: &str) -> PathBuf {
        self.folder.path().join(inside)
    }

    pub fn file(self, inside: &str, content: impl AsRef<[u8]>) -> Self {
        let path = self.path(inside);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
        self
    }

    pub fn variable(mut self, name: &str, value: &str) -> Self {
        self.surroundings
            .variables
            .insert(name.to_owned(), value.to_owned());
        self
    }

    /// Sets a variable to a place on this machine.
    pub fn place(self, name: &str, inside: &str) -> Self {
        let value = self.path(inside).display().to_string();
        self.variable(name, &value)
    }

    /// The path as it is named to [`Self::file`].
    pub fn inside(&self, path: &Path) -> String {
        path.strip_prefix(self.folder.path())
            .unwrap()
            .display()
            .to_string()
    }
}
