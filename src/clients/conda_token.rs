//! conda-token, and anaconda-auth where it takes its way: a token of the cloud in conda's token folder (server reference,
//! section 2.1).

use std::path::PathBuf;

use super::address;
use super::found::{Found, Product, Tool};
use super::machine::Machine;
use super::token_files::{self, TokenFiles};

/// The repository whose token it keeps.
const REPOSITORY: &str = "https://repo.anaconda.cloud/repo/";

/// Another repository in its place.
const REPOSITORY_VARIABLE: &str = "CONDA_TOKEN_REPO_URL";

/// The logins at the cloud's repository, and at the one that the variable names. Every key of its host counts: conda uses
/// such a token for the repository, however it is spelled.
pub(super) fn look(machine: &Machine, files: &TokenFiles) -> Found {
    let mut found = Found::default();
    let folders: Vec<PathBuf> = [
        machine.conda_token_folders.clone(),
        machine.old_conda_token_folders.clone(),
    ]
    .concat();
    let usual = address::base(REPOSITORY).unwrap_or_default();
    let mut repositories = vec![repository(machine)];
    if address::base(&repositories[0]).as_ref() != Some(&usual) {
        repositories.push(REPOSITORY.to_owned());
    }
    for repository in repositories {
        let held = files.tokens(&folders, |key| is_key_of(key, &repository));
        found.logins.extend(token_files::logins_of(
            Tool::CondaToken,
            Product::Cloud,
            &repository,
            &held,
        ));
    }
    found
}

/// Whether conda would use a token of this key for some channel of the repository.
pub(super) fn is_key_of(key: &str, repository: &str) -> bool {
    let (Some(key), Some(base)) = (address::base(key), address::base(repository)) else {
        return false;
    };
    address::lies_below(&base, &key) || address::lies_below(&key, &base)
}

/// The base of the cloud's repository as the tools know it, with a slash at the end.
pub(super) fn repository(machine: &Machine) -> String {
    let named = machine.variable(REPOSITORY_VARIABLE);
    match named.and_then(address::base) {
        Some(base) => format!("{base}/"),
        None => REPOSITORY.to_owned(),
    }
}
