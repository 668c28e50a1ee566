//! Where the files of other tools lie that tell a login, so that a change of them can be noticed.

use std::path::PathBuf;

use super::anaconda_auth::Settings;
use super::machine::Machine;
use super::{anaconda_client, repo_cli, token_files};

/// Files, and folders whose files count. None of them need exist.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Watched {
    /// Folders of token files and sessions.
    pub tokens: Vec<PathBuf>,
    /// Configuration that says where a tool is signed in, and the keyring of anaconda-auth.
    pub settings: Vec<PathBuf>,
}

/// The places that [`super::logins`] looks at, but for Navigator's own file.
pub fn watched(machine: &Machine) -> Watched {
    let auth = Settings::read(machine);
    let repo_cli = repo_cli::config_folders(machine)
        .into_iter()
        .map(|folder| folder.join(repo_cli::FILE_NAME));
    Watched {
        tokens: token_files::folders_of(machine),
        settings: repo_cli
            .chain(anaconda_client::config_folders(machine))
            .chain([auth.file, auth.keyring])
            .collect(),
    }
}
