//! conda-repo-cli: `conda repo login` at an Anaconda Server (server reference, sections 4.1 and 5.1).

use std::path::PathBuf;

use super::address;
use super::configuration::{self, Tree};
use super::found::{Found, FoundLogin, Product, Remark, Tool};
use super::machine::Machine;
use super::token_files::{self, TokenFiles};

/// The one file that counts in each folder of the search path.
pub(super) const FILE_NAME: &str = "repo-cli-config.yaml";

/// The sites that its configuration knows, the default one first, as far as there is a token for them.
pub(super) fn look(machine: &Machine, files: &TokenFiles) -> Found {
    let mut remarks: Vec<Remark> = Vec::new();
    let configured = configuration::merged(
        Tool::CondaRepoCli,
        Tree::default(),
        config_files(machine),
        &mut remarks,
    );
    let mut logins: Vec<FoundLogin> = Vec::new();
    let folders = token_folders(machine);
    for url in urls(&configured) {
        let Some(api) = address::base(&url) else {
            continue;
        };
        let held = files.tokens(&folders, |key| token_files::is_key_of_api(key, &url));
        let server = address::origin(&api);
        logins.extend(token_files::logins_of(
            Tool::CondaRepoCli,
            Product::Server,
            &server,
            &held,
        ));
    }
    Found { logins, remarks }
}

/// The addresses of the default site, of the configuration without a site, and of every other site.
fn urls(configured: &Tree) -> Vec<String> {
    let default = configured.text("default_site");
    let sites = configured.get("sites").map(Tree::entries).unwrap_or_default();
    let in_use = default.map(|site| configured.with_site(site));
    let whole = in_use.iter().chain([configured]);
    let every = whole.chain(sites.iter().map(|(_, site)| site));
    let mut urls: Vec<String> = Vec::new();
    for url in every.filter_map(|tree| tree.text("url")) {
        if !urls.iter().any(|known| known == url) {
            urls.push(url.to_owned());
        }
    }
    urls
}

/// The files it reads, in its order: later ones prevail.
pub(super) fn config_files(machine: &Machine) -> Vec<PathBuf> {
    let folders = config_folders(machine);
    folders
        .iter()
        .flat_map(|folder| configuration::files_in(folder, |name| name == FILE_NAME))
        .collect()
}

/// The folders in which it looks for its file.
pub(super) fn config_folders(machine: &Machine) -> Vec<PathBuf> {
    let mut folders = vec![machine.home().join(".conda")];
    let own = own_folders(machine);
    match &own {
        // With its variable set, the folder stands for the site's and the person's folder alike.
        Some(own) => folders.extend(own.iter().cloned()),
        None => folders.extend(machine.site_data_folders()),
    }
    folders.push(machine.system("etc/anaconda-client"));
    folders.extend(machine.installation_folder());
    if own.is_none() {
        folders.extend(machine.conda_token_folders.iter().cloned());
    }
    folders.push(machine.home().join(".continuum/anaconda-client"));
    folders.extend(machine.environment_folder());
    folders
}

/// The folders in which it looks for its tokens, in its order.
pub(super) fn token_folders(machine: &Machine) -> Vec<PathBuf> {
    match own_folders(machine) {
        Some(own) => own
            .iter()
            .flat_map(|folder| [folder.clone(), folder.join("tokens")])
            .collect(),
        None => {
            let shared = machine.conda_token_folders.iter().cloned();
            shared.chain([machine.home().join(".conda/tokens")]).collect()
        }
    }
}

/// Where `REPO_CONFIG_DIR` moves everything: its folder `data`, in some versions the folder itself.
fn own_folders(machine: &Machine) -> Option<[PathBuf; 2]> {
    let folder = machine.folder("REPO_CONFIG_DIR")?;
    Some([folder.clone(), folder.join("data")])
}
