//! A throw-away home, for the unit tests of this room.

use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use super::machine::Machine;
use crate::locations::{Locations, Platform};

pub(crate) struct Home {
    folder: tempfile::TempDir,
    variables: Vec<(String, String)>,
}

impl Home {
    pub fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            variables: Vec::new(),
        }
    }

    pub fn variable(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    /// The machine on which this home lies: Linux, with no conda.
    pub fn machine(&self) -> Machine {
        let mut locations = Locations::inside(self.folder.path());
        locations.platform = Platform::Linux;
        locations.variables.extend(self.variables.iter().cloned());
        Machine {
            locations,
            conda_root: None,
            conda_token_folders: vec![self.path(".config/binstar")],
            old_conda_token_folders: vec![self.path(".local/share/binstar")],
            navigator: Vec::new(),
            now: "2026-11-24T12:00:00Z".parse().unwrap(),
        }
    }
}

/// A token with these claims; nobody checks its signature.
pub(crate) fn jwt(claims: &Value) -> String {
    let part = |value: &str| URL_SAFE_NO_PAD.encode(value);
    format!(
        "{}.{}.c2ln",
        part(r#"{"alg":"RS256"}"#),
        part(&claims.to_string())
    )
}
