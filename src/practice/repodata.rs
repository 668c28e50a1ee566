//! Small but valid `repodata.json` (server reference, section 1.11). There are no package files.

use serde_json::{Map, Value, json};

use super::random::{hex, sha256};

/// The subdirs that every channel has; any other is answered with 404, which conda takes for empty.
pub(super) const SUBDIRS: [&str; 4] = ["noarch", "linux-64", "osx-arm64", "win-64"];

/// When every package was built, in milliseconds: the first of January 2026.
const BUILT: i64 = 1_767_225_600_000;

/// A conda package of one subdir.
pub(super) struct Package {
    pub(super) name: String,
    pub(super) version: String,
    pub(super) depends: Vec<String>,
}

pub(super) fn package(name: impl Into<String>, version: &str, depends: &[&str]) -> Package {
    Package {
        name: name.into(),
        version: version.to_owned(),
        depends: depends.iter().map(|&text| text.to_owned()).collect(),
    }
}

/// The `repodata.json` that lists these packages, the first as `.tar.bz2`, so that clients meet both forms. `channel`
/// makes the checksums differ between channels.
pub(super) fn repodata(channel: &str, subdir: &str, listed: Vec<Package>) -> Value {
    let mut packages = Map::new();
    let mut conda_packages = Map::new();
    for (number, package) in listed.into_iter().enumerate() {
        let (file, record) = package.record(channel, subdir, if number == 0 { "tar.bz2" } else { "conda" });
        let section = if number == 0 {
            &mut packages
        } else {
            &mut conda_packages
        };
        section.insert(file, record);
    }
    json!({
        "info": {"subdir": subdir},
        "packages": packages,
        "packages.conda": conda_packages,
        "removed": [],
        "repodata_version": 1,
    })
}

impl Package {
    fn record(&self, channel: &str, subdir: &str, extension: &str) -> (String, Value) {
        let build = if subdir == "noarch" { "py_0" } else { "h5eb1b0e_0" };
        let file = format!("{}-{}-{build}.{extension}", self.name, self.version);
        // Checksums of no file: what is not there cannot be downloaded, but their shape must be right.
        let checksum = hex(&sha256(&format!("{channel}/{subdir}/{file}")));
        let mut record = json!({
            "build": build,
            "build_number": 0,
            "depends": self.depends,
            "license": "BSD-3-Clause",
            "md5": checksum[..32],
            "name": self.name,
            "sha256": checksum,
            "size": 10_000 + self.name.len() * 1_000,
            "subdir": subdir,
            "timestamp": BUILT,
            "version": self.version,
        });
        if subdir == "noarch" {
            record["noarch"] = json!("generic");
        }
        (file, record)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn section<'a>(repodata: &'a Value, name: &str) -> impl Iterator<Item = (&'a String, &'a Value)> {
        repodata[name].as_object().unwrap().iter()
    }

    /// Checks every record's shape; adds its name, and the names it depends on.
    pub(in crate::practice) fn check(
        repodata: &Value,
        subdir: &str,
        names: &mut BTreeSet<String>,
        wanted: &mut BTreeSet<String>,
    ) {
        assert_eq!(repodata["info"]["subdir"], subdir);
        for (name, extension) in [("packages", ".tar.bz2"), ("packages.conda", ".conda")] {
            for (file, record) in section(repodata, name) {
                let [package, version, build] =
                    ["name", "version", "build"].map(|key| record[key].as_str().unwrap());
                assert_eq!(*file, format!("{package}-{version}-{build}{extension}"));
                assert_eq!(record["md5"].as_str().unwrap().len(), 32);
                assert_eq!(record["sha256"].as_str().unwrap().len(), 64);
                names.insert(package.to_owned());
                for depends in record["depends"].as_array().unwrap() {
                    wanted.insert(depends.as_str().unwrap().split(' ').next().unwrap().to_owned());
                }
            }
        }
    }
}
