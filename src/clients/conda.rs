//! Token files in conda's folders that no other tool's configuration speaks of: conda sends them all the same, and
//! Navigator takes them for a login when it starts (server reference, sections 3.4 and 5.4).

use std::path::PathBuf;

use super::address;
use super::anaconda_client;
use super::found::{FoundLogin, Product, Tool};
use super::machine::Machine;
use super::token_files::{self, TokenFile, TokenFiles};

/// The logins in files that nobody has claimed, as far as their address is that of a server's API.
pub(super) fn look(machine: &Machine, files: &TokenFiles, claimed: &[PathBuf]) -> Vec<FoundLogin> {
    let folders = [
        machine.conda_token_folders.clone(),
        machine.old_conda_token_folders.clone(),
    ]
    .concat();
    let unclaimed: Vec<&TokenFile> = files
        .tokens(&folders, |key| api_of(key).is_some())
        .into_iter()
        .filter(|file| !claimed.contains(&file.path))
        .collect();
    let mut apis: Vec<String> = unclaimed.iter().filter_map(|file| api_of(&file.key)).collect();
    apis.sort();
    apis.dedup();
    let mut logins = Vec::new();
    for api in apis {
        let of_api: Vec<&TokenFile> = unclaimed
            .iter()
            .copied()
            .filter(|file| api_of(&file.key).as_ref() == Some(&api))
            .collect();
        // Only the tools for an Anaconda Server write a second file for `…/repo`.
        let is_server = of_api.iter().any(|file| is_repo(&file.key));
        let (product, address) = match is_server {
            true => (Product::Server, address::origin(&api)),
            false => (anaconda_client::product_of(&api), api.clone()),
        };
        logins.extend(token_files::logins_of(Tool::Conda, product, &address, &of_api));
    }
    logins
}

fn plain(key: &str) -> Option<String> {
    address::base(&key.replace('\\', "/"))
}

fn is_repo(key: &str) -> bool {
    plain(key).is_some_and(|key| key.ends_with("/api/repo"))
}

/// The API that a key is for: `https://HOST/api`, its `…/repo`, or `https://api.HOST`. Nothing for another key.
fn api_of(key: &str) -> Option<String> {
    let key = plain(key)?;
    if let Some(api) = key.strip_suffix("/repo").filter(|api| api.ends_with("/api")) {
        return Some(api.to_owned());
    }
    let names_api = key.ends_with("/api")
        || (address::origin(&key) == key
            && key
                .split_once("://")
                .is_some_and(|(_, host)| host.starts_with("api.")));
    names_api.then_some(key)
}
