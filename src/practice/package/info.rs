//! The files under `info` that every package has.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::entry::{Body, Entry, PLACEHOLDER};
use super::flaw::Flaw;
use super::{Kind, Package};
use crate::practice::random::hex;

/// All of them, in the order in which conda-build lays them down.
pub(super) fn files(package: &Package) -> Vec<(&'static str, String)> {
    if package.flaw == Some(Flaw::NoInfo) {
        return Vec::new();
    }
    let mut files = vec![
        ("info/index.json", index(package).to_string()),
        ("info/about.json", about(package).to_string()),
        ("info/files", list(package)),
        ("info/paths.json", paths(package).to_string()),
    ];
    if let Some(link) = link(package) {
        files.push(("info/link.json", link.to_string()));
    }
    let has_prefix = has_prefix(package);
    if !has_prefix.is_empty() {
        files.push(("info/has_prefix", has_prefix));
    }
    files.push((
        "info/licenses/LICENSE.txt",
        "Made for practice; do with it what you like.\n".to_owned(),
    ));
    files
}

fn index(package: &Package) -> Value {
    let mut index = package.index();
    if package.flaw == Some(Flaw::AnotherPackage) {
        index.insert("name".to_owned(), json!("something-else"));
        index.insert("version".to_owned(), json!("0.0.1"));
    }
    Value::Object(index)
}

fn about(package: &Package) -> Value {
    json!({
        "home": "https://practice.invalid/",
        "license": package.license,
        "summary": format!("{}, made for practice", package.name),
    })
}

fn listed(package: &Package) -> impl Iterator<Item = &Entry> {
    package.entries.iter().filter(|entry| entry.listed)
}

fn list(package: &Package) -> String {
    listed(package).map(|entry| format!("{}\n", entry.path)).collect()
}

fn paths(package: &Package) -> Value {
    let paths: Vec<Value> = listed(package)
        .map(|entry| {
            // Of a link, the digest and size are those of what it leads to (conda-build does the same).
            let bytes = target(package, entry).map_or_else(|| entry.bytes(), Entry::bytes);
            let path_type = match entry.body {
                Body::Link(_) => "softlink",
                _ => "hardlink",
            };
            let mut path = json!({
                "_path": entry.path,
                "path_type": path_type,
                "sha256": hex(&<[u8; 32]>::from(Sha256::digest(&bytes))),
                "size_in_bytes": bytes.len(),
            });
            if let Some(mode) = entry.placeholder() {
                path["file_mode"] = json!(mode.as_str());
                path["prefix_placeholder"] = json!(PLACEHOLDER);
            }
            path
        })
        .collect();
    json!({"paths": paths, "paths_version": 1})
}

/// The file in the same folder that a link names; nothing for a file, or for a link that leads elsewhere.
fn target<'p>(package: &'p Package, link: &Entry) -> Option<&'p Entry> {
    let Body::Link(target) = &link.body else {
        return None;
    };
    let folder = link.path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut wanted = format!("{folder}/{target}");
    for _ in 0..package.entries.len() {
        let found = package.entries.iter().find(|entry| entry.path == wanted)?;
        match &found.body {
            Body::Link(next) => wanted = format!("{folder}/{next}"),
            _ => return Some(found),
        }
    }
    None
}

fn link(package: &Package) -> Option<Value> {
    let noarch = match package.kind {
        Kind::Native => return None,
        Kind::Generic => json!({"type": "generic"}),
        Kind::Python => json!({"type": "python", "entry_points": package.entry_points}),
    };
    Some(json!({"noarch": noarch, "package_metadata_version": 1}))
}

/// What old programs read in place of `paths.json`.
fn has_prefix(package: &Package) -> String {
    listed(package)
        .filter_map(|entry| {
            let mode = entry.placeholder()?.as_str();
            Some(format!("\"{PLACEHOLDER}\" \"{mode}\" \"{}\"\n", entry.path))
        })
        .collect()
}
