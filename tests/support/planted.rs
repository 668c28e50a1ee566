//! A home in which other tools' files are planted, and the services over it.

#![allow(dead_code, reason = "every test uses its part")]

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use sextant::clients::{Credential, Ending, Found, FoundLogin, LoginState, Machine};
use sextant::credential::FileStore;
use sextant::locations::{Locations, Platform};
use sextant::service::{Clock, Services};

pub const NOW: &str = "2026-11-24T12:00:00Z";

struct Still;

impl Clock for Still {
    fn now(&self) -> Timestamp {
        NOW.parse().unwrap()
    }
}

pub struct Planted {
    folder: tempfile::TempDir,
    variables: Vec<(String, String)>,
    platform: Platform,
}

impl Planted {
    pub fn new() -> Self {
        Self::on(Platform::Linux)
    }

    pub fn on(platform: Platform) -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            variables: Vec::new(),
            platform,
        }
    }

    pub fn home(&self) -> &Path {
        self.folder.path()
    }

    pub fn path(&self, path: &str) -> PathBuf {
        self.home().join(path)
    }

    pub fn file(self, path: &str, content: impl AsRef<[u8]>) -> Self {
        self.plant(path, content);
        self
    }

    pub fn plant(&self, path: &str, content: impl AsRef<[u8]>) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    pub fn variable(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    /// A variable that names a folder of this home.
    pub fn place(self, name: &str, path: &str) -> Self {
        let value = self.path(path).display().to_string();
        self.variable(name, &value)
    }

    pub fn variables(&self) -> &[(String, String)] {
        &self.variables
    }

    pub fn services(&self) -> Services {
        let mut locations = Locations::inside(self.home());
        locations.platform = self.platform;
        locations.variables.extend(self.variables.iter().cloned());
        let credentials = Arc::new(FileStore::new(locations.credentials()));
        Services::with(locations, credentials, Arc::new(Still))
    }

    pub fn machine(&self) -> Machine {
        self.services().machine()
    }

    pub fn found(&self) -> Found {
        sextant::clients::logins(&self.machine())
    }

    pub fn read(&self, path: &str) -> Option<String> {
        fs::read_to_string(self.path(path)).ok()
    }

    /// Ends logins and writes what that means.
    pub fn end<'a>(&self, logins: impl IntoIterator<Item = &'a FoundLogin>) -> Ending {
        let ending = sextant::clients::end(logins).unwrap();
        for change in &ending.files {
            assert_eq!(fs::read(&change.path).unwrap(), change.before);
            match &change.after {
                Some(bytes) => fs::write(&change.path, bytes).unwrap(),
                None => fs::remove_file(&change.path).unwrap(),
            }
        }
        ending
    }

    /// One line for each login: product, address, credential, tools, and whatever else is known.
    pub fn told(&self) -> Vec<String> {
        self.found().logins.iter().map(tell).collect()
    }

    /// The paths at which a login lies, below the home.
    pub fn places(&self, login: &FoundLogin) -> Vec<String> {
        let inside = |path: &PathBuf| path.strip_prefix(self.home()).unwrap().display().to_string();
        login.places.iter().map(|place| inside(place.path())).collect()
    }
}

pub fn tell(login: &FoundLogin) -> String {
    let tools: Vec<&str> = login.tools.iter().map(|tool| tool.title()).collect();
    let credential = match &login.credential {
        Some(Credential::Token(token)) => token.expose().to_owned(),
        Some(Credential::ApiKey(_)) => "API key".to_owned(),
        Some(Credential::Session(_)) => "session".to_owned(),
        None => "nothing".to_owned(),
    };
    let mut line = format!(
        "{:?} {} {credential} by {}",
        login.product,
        login.address,
        tools.join(", ")
    );
    for (name, value) in [
        ("of", &login.organization),
        ("as", &login.user),
        ("id", &login.token_id),
        ("until", &login.expires_at.map(|at| at.to_string())),
        (
            "session until",
            &login.session_expires_at.map(|at| at.to_string()),
        ),
    ] {
        if let Some(value) = value {
            line.push_str(&format!(" {name} {value}"));
        }
    }
    match &login.state {
        LoginState::Usable => {}
        LoginState::Expired => line.push_str(" EXPIRED"),
        LoginState::Damaged { reason } => line.push_str(&format!(" DAMAGED {reason}")),
    }
    line
}
