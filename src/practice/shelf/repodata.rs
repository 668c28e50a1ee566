//! `repodata.json` and `channeldata.json`.

use serde_json::{Map, Value, json};

use super::{Shelf, subdir_names};
use crate::practice::package::{Form, Package, Subdir};

/// The index of these packages, which are all of one subdir.
pub(super) fn repodata(subdir: Subdir, packages: &[&Package]) -> Value {
    let [archives, conda_archives] = sections(packages);
    json!({
        "info": {"subdir": subdir.as_str()},
        "packages": archives,
        "packages.conda": conda_archives,
        "removed": [],
        "repodata_version": 1,
    })
}

/// The records by file name: of `.tar.bz2` archives, and of `.conda` archives.
pub(super) fn sections(packages: &[&Package]) -> [Map<String, Value>; 2] {
    [Form::TarBz2, Form::Conda].map(|form| {
        packages
            .iter()
            .filter(|package| package.form() == form)
            .filter_map(|package| Some((package.file_name(), package.record()?)))
            .collect()
    })
}

pub(super) fn channeldata(shelf: &Shelf) -> Value {
    let mut listed = Map::new();
    for package in shelf.packages() {
        let entry = listed
            .entry(package.name())
            .or_insert_with(|| json!({"subdirs": []}));
        entry["version"] = json!(package.version());
        if let Some(subdirs) = entry["subdirs"].as_array_mut() {
            let subdir = json!(package.subdir().as_str());
            if !subdirs.contains(&subdir) {
                subdirs.push(subdir);
            }
        }
    }
    json!({"channeldata_version": 1, "packages": listed, "subdirs": subdir_names()})
}
