//! The surroundings of what was found.

use std::fs;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::clients::{self, LoginState};
use crate::conda::configuration::{Configuration, Part};
use crate::conda::setting::Key;
use crate::conda::token_file;
use crate::locations::Locations;
use crate::service::Services;
use crate::service::doctor::permissions::standing;
use crate::service::doctor::secrets::places;
use crate::service::doctor::world::{Target, World};
use crate::service::plan::shown_mode;

/// As many entries of the history, the newest.
const ENTRIES: usize = 20;

/// Variables that name places; of any other only that it is set is told.
const PLACES: [&str; 14] = [
    "CONDA_PREFIX",
    "CONDA_ROOT",
    "CONDA_EXE",
    "CONDARC",
    "BINSTAR_CONFIG_DIR",
    "REPO_CONFIG_DIR",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
    "XDG_CONFIG_HOME",
    "XDG_DATA_HOME",
    "XDG_STATE_HOME",
    "PIP_CONFIG_FILE",
];

/// The beginnings of the names of other variables that matter here.
const BEGINNINGS: [&str; 5] = ["CONDA", "ANACONDA", "BINSTAR", "MAMBA", "PIP_"];

pub(super) fn versions(services: &Services) -> Value {
    json!({
        "sextant": env!("CARGO_PKG_VERSION"),
        "system": system(services.locations()),
        "architecture": std::env::consts::ARCH,
        "conda": conda(services),
    })
}

/// The name that the system gives itself.
fn system(locations: &Locations) -> String {
    let release = fs::read_to_string(locations.system_root.join("etc/os-release")).unwrap_or_default();
    let name = release.lines().find_map(|line| line.strip_prefix("PRETTY_NAME="));
    match name {
        Some(name) => name.trim_matches('"').to_owned(),
        None => std::env::consts::OS.to_owned(),
    }
}

/// conda's version, from the record of its own package.
fn conda(services: &Services) -> Option<String> {
    let folder = services.surroundings().conda_root()?.join("conda-meta");
    fs::read_dir(folder).ok()?.flatten().find_map(|entry| {
        let name = entry.file_name().into_string().ok()?;
        let rest = name.strip_prefix("conda-")?.strip_suffix(".json")?;
        // Other packages begin alike: `conda-build-…`.
        rest.starts_with(|c: char| c.is_ascii_digit())
            .then(|| rest.split('-').next().unwrap_or_default().to_owned())
    })
}

pub(super) fn sign_ins(services: &Services) -> Vec<Value> {
    let Ok(connections) = services.connections() else {
        return vec![json!("what Sextant remembers cannot be read")];
    };
    let signed_in = connections.connections.iter().map(|connection| {
        json!({
            "service": connection.service,
            "domain": connection.domain,
            "user": connection.user,
            "since": day(connection.signed_in_at),
            "made_by": connection.origin,
            "token_name": connection.token.name,
            "token_until": connection.token.expires_at.map(day),
            "scopes": connection.token.scopes,
            "token_files": connection.token_files,
        })
    });
    let waiting = connections.revocations.iter().map(|revocation| {
        json!({
            "service": revocation.service,
            "domain": revocation.domain,
            "waits_to_be_revoked": revocation.token_name,
            "because": revocation.reason,
        })
    });
    signed_in.chain(waiting).collect()
}

pub(super) fn other_logins(services: &Services) -> Vec<Value> {
    let found = clients::logins(&services.machine());
    let logins = found.logins.iter().map(|login| {
        let tools: Vec<&str> = login.tools.iter().map(|tool| tool.title()).collect();
        let state = match &login.state {
            LoginState::Usable => "usable".to_owned(),
            LoginState::Expired => "expired".to_owned(),
            LoginState::Damaged { reason } => format!("damaged: {reason}"),
        };
        let places: Vec<&PathBuf> = login.places.iter().map(clients::Place::path).collect();
        json!({
            "tools": tools.join(" and "),
            "address": login.address,
            "user": login.user,
            "state": state,
            "until": login.expires_at.map(day),
            "places": places,
        })
    });
    let remarks = found
        .remarks
        .iter()
        .map(|remark| json!({"remark": remark.message, "path": remark.path}));
    logins.chain(remarks).collect()
}

pub(super) fn ways(services: &Services) -> Vec<Value> {
    let way = |target: &Target| {
        let address = target.domain.as_str();
        match services.way_to(&target.domain, target.ca_file()) {
            Ok(way) => json!({
                "address": address,
                "proxy": way.proxy.as_ref().map(|proxy| &proxy.address),
                "proxy_set_by": way.proxy.as_ref().map(|proxy| &proxy.source),
                "client_certificate": way.client_certificate.as_ref().map(|client| &client.subject),
                "trusted": way.trust.iter().map(ToString::to_string).collect::<Vec<_>>(),
                "warnings": way.warnings.iter().map(|warning| &warning.message).collect::<Vec<_>>(),
            }),
            Err(error) => json!({"address": address, "unusable": error.to_string()}),
        }
    };
    World::read(services).targets.iter().map(way).collect()
}

/// Every setting that decides from where packages come, with the part of each source in it.
pub(super) fn configuration(services: &Services) -> Vec<Value> {
    let configuration = Configuration::read(&services.surroundings());
    let settings = Key::ALL.iter().map(|key| {
        let explanation = configuration.explain(*key);
        let sources = explanation.sources.iter().map(|source| {
            json!({
                "origin": source.origin.to_string(),
                "value": source.value.to_string(),
                "part": match source.part {
                    Part::Decides => "decides",
                    Part::Contributes => "contributes",
                    Part::Overridden => "overridden",
                    Part::ShutOut => "shut out",
                },
            })
        });
        json!({
            "key": key.name(),
            "value": explanation.value.to_string(),
            "locked_by": explanation.locked_by.as_ref().map(ToString::to_string),
            "sources": sources.collect::<Vec<_>>(),
        })
    });
    let notes = configuration.notes().into_iter();
    let notes = notes.map(|note| json!({"note": note.to_string()}));
    settings.chain(notes).collect()
}

pub(super) fn environment(services: &Services) -> Vec<Value> {
    let variables = services.locations().variables.iter();
    let is_place = |name: &str| PLACES.contains(&name.to_uppercase().as_str());
    let matters = |name: &str| {
        let upper = name.to_uppercase();
        let begins = BEGINNINGS.iter().any(|beginning| upper.starts_with(beginning));
        is_place(name) || begins || upper.ends_with("_PROXY")
    };
    variables
        .filter(|(name, _)| matters(name))
        .map(|(name, value)| json!({"name": name, "value": if is_place(name) { value } else { "(set)" }}))
        .collect()
}

/// Names, permissions and sizes of all files that anything here depends on. Never their content.
pub(super) fn files(services: &Services) -> Vec<Value> {
    let locations = services.locations();
    let mut paths: Vec<PathBuf> = places::conda(services);
    let tokens = token_file::existing(&services.surroundings()).into_iter();
    paths.extend(tokens.map(|file| file.path));
    paths.extend(
        services
            .machine()
            .navigator
            .into_iter()
            .map(|reading| reading.path),
    );
    for family in [places::pip, places::shells, places::logs] {
        paths.extend(family(services));
    }
    for name in [
        ".anaconda/keyring",
        ".anaconda/config.toml",
        ".conda/repo-cli-config.yaml",
        ".netrc",
    ] {
        paths.push(locations.home.join(name));
    }
    paths.extend(files_in(&locations.config));
    paths.extend(files_in(&locations.data));
    if let Ok(all) = services.trust_by_server() {
        let named = all
            .values()
            .flat_map(|trust| trust.files().map(Path::to_owned).collect::<Vec<_>>());
        paths.extend(named);
    }
    paths.sort();
    paths.dedup();
    paths.iter().filter_map(|path| file_json(path)).collect()
}

fn files_in(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|entry| entry.path())
        .filter(|path| path.is_file())
        .collect()
}

fn file_json(path: &Path) -> Option<Value> {
    let link = fs::read_link(path).ok();
    let Ok(metadata) = fs::metadata(path) else {
        return link.map(|target| json!({"path": path, "dangling_link_to": target}));
    };
    let changed = metadata.modified().ok();
    let changed = changed.and_then(|time| Timestamp::try_from(time).ok());
    Some(json!({
        "path": path,
        "mode": standing(path).map(|standing| shown_mode(standing.mode)),
        "owner": standing(path).map(|standing| standing.owner),
        "bytes": metadata.len(),
        "changed": changed.map(minute),
        "link_to": link,
    }))
}

pub(super) fn history(services: &Services) -> Vec<Value> {
    match services.entries() {
        Ok(entries) => entries
            .iter()
            .take(ENTRIES)
            .map(|entry| {
                json!({"at": minute(entry.at), "what": entry.what, "by": entry.by, "kind": entry.kind})
            })
            .collect(),
        Err(error) => vec![json!(error.to_string())],
    }
}

fn day(time: Timestamp) -> String {
    time.strftime("%Y-%m-%d").to_string()
}

fn minute(time: Timestamp) -> String {
    time.strftime("%Y-%m-%d %H:%M UTC").to_string()
}
