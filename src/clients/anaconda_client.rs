//! anaconda-client: `anaconda login` at Anaconda.org or at an Anaconda Repository (repository reference, section 2).

use std::path::PathBuf;

use super::address;
use super::configuration::{self, Tree};
use super::found::{Found, FoundLogin, Product, Remark, Tool};
use super::machine::Machine;
use super::token_files::{self, TokenFile, TokenFiles};

/// The address it uses where nothing is configured, and that of its built-in sites.
const DEFAULT_URL: &str = "https://api.anaconda.org";

/// Variables whose token it prefers to every file.
const TOKEN_VARIABLES: [&str; 2] = ["BINSTAR_API_TOKEN", "ANACONDA_API_TOKEN"];

/// The logins for every address that its configuration names, the one in use first.
pub(super) fn look(machine: &Machine, files: &TokenFiles) -> Found {
    let mut remarks: Vec<Remark> = Vec::new();
    let files_read = config_files(machine);
    let configured = configuration::merged(Tool::AnacondaClient, defaults(), files_read, &mut remarks);
    let mut logins: Vec<FoundLogin> = Vec::new();
    for url in urls(&configured) {
        let Some(api) = address::base(&url) else {
            continue;
        };
        let held = held(machine, files, &api);
        logins.extend(token_files::logins_of(
            Tool::AnacondaClient,
            product_of(&api),
            &api,
            &held,
        ));
    }
    if let Some(name) = TOKEN_VARIABLES
        .into_iter()
        .find(|name| machine.variable(name).is_some())
    {
        remarks.push(Remark {
            tool: Tool::AnacondaClient,
            path: None,
            message: format!(
                "anaconda-client uses the token in the variable {name}, whatever its files hold"
            ),
        });
    }
    Found { logins, remarks }
}

/// The token files that it takes for this address. In conda's folder it follows conda, which takes a token for every
/// address below the one it is kept for; in its own it wants the very address.
fn held<'a>(machine: &Machine, files: &'a TokenFiles, api: &str) -> Vec<&'a TokenFile> {
    let folders = machine.anaconda_client_token_folders();
    let shared = &machine.conda_token_folders;
    let own: Vec<PathBuf> = folders
        .into_iter()
        .filter(|folder| !shared.contains(folder))
        .collect();
    let applies = |key: &str| address::base(key).is_some_and(|key| address::lies_below(api, &key));
    let is_it = |key: &str| address::base(key).as_deref() == Some(api);
    let mut held = files.tokens(shared, applies);
    held.extend(files.tokens(&own, is_it));
    held
}

pub(super) fn product_of(api: &str) -> Product {
    if address::origin(api) == DEFAULT_URL {
        Product::AnacondaOrg
    } else {
        Product::Repository
    }
}

/// Its built-in configuration.
fn defaults() -> Tree {
    let url = || Tree::Text(DEFAULT_URL.to_owned());
    let site = || Tree::from([("url", url())]);
    Tree::from([
        ("url", url()),
        ("sites", Tree::from([("anaconda", site()), ("binstar", site())])),
    ])
}

/// The address in use, the one without a site, and those of all sites.
fn urls(configured: &Tree) -> Vec<String> {
    let in_use = match configured.text("default_site") {
        Some(site) => configured.with_site(site),
        None => configured.clone(),
    };
    let sites = configured.get("sites").map(Tree::entries).unwrap_or_default();
    let every = [&in_use, configured]
        .into_iter()
        .chain(sites.iter().map(|(_, site)| site));
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
    let is_yaml = |name: &str| name.ends_with(".yml") || name.ends_with(".yaml");
    config_folders(machine)
        .iter()
        .flat_map(|folder| configuration::files_in(folder, is_yaml))
        .collect()
}

/// The folders of its search path, lowest precedence first.
pub(super) fn config_folders(machine: &Machine) -> Vec<PathBuf> {
    // With BINSTAR_CONFIG_DIR set, conda's folder is that one, and stands for the site's folder too.
    let mut folders = match machine.folder("BINSTAR_CONFIG_DIR") {
        Some(folder) => vec![folder.join("data")],
        None => machine.site_data_folders(),
    };
    folders.push(machine.system("etc/anaconda-client"));
    folders.extend(machine.installation_folder());
    folders.extend(machine.conda_token_folders.iter().cloned());
    folders.push(machine.home().join(".continuum/anaconda-client"));
    folders.extend(machine.environment_folder());
    folders
}
