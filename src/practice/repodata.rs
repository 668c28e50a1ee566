//! The content of channels: small but valid `repodata.json` (server reference, section 1.11). There are no package files.

use serde_json::{Map, Value, json};

use super::channel::Channel;
use super::random::{hex, sha256};

/// The subdirs that every channel has; any other is answered with 404, which conda takes for empty.
pub(super) const SUBDIRS: [&str; 4] = ["noarch", "linux-64", "osx-arm64", "win-64"];

/// When every package was built, in milliseconds: the first of January 2026.
const BUILT: i64 = 1_767_225_600_000;

struct Package {
    name: String,
    version: &'static str,
    depends: Vec<String>,
}

fn package(name: impl Into<String>, version: &'static str, depends: &[&str]) -> Package {
    Package {
        name: name.into(),
        version,
        depends: depends.iter().map(|&text| text.to_owned()).collect(),
    }
}

/// The `repodata.json` of a channel for a subdir; nothing if the channel has no such subdir.
pub(super) fn repodata(channel: &Channel, subdir: &str) -> Option<Value> {
    if !SUBDIRS.contains(&subdir) {
        return None;
    }
    let mut packages = Map::new();
    let mut conda_packages = Map::new();
    for (number, package) in packages_of(channel, subdir).into_iter().enumerate() {
        let (file, record) = package.record(channel, subdir, if number == 0 { "tar.bz2" } else { "conda" });
        let section = if number == 0 {
            &mut packages
        } else {
            &mut conda_packages
        };
        section.insert(file, record);
    }
    Some(json!({
        "info": {"subdir": subdir},
        "packages": packages,
        "packages.conda": conda_packages,
        "removed": [],
        "repodata_version": 1,
    }))
}

/// A channel without artifacts has empty repodata; others have a few packages, and `main` a Python to depend on.
fn packages_of(channel: &Channel, subdir: &str) -> Vec<Package> {
    let stem = channel.path().replace('/', "-");
    match (channel.artifacts, stem.as_str(), subdir) {
        (0, _, _) => Vec::new(),
        (_, "main", "noarch") => vec![
            package("tzdata", "2026a", &[]),
            package("six", "1.17.0", &["python >=3.12"]),
            package("python-dateutil", "2.9.0", &["python >=3.12", "six >=1.5"]),
        ],
        (_, "main", _) => vec![
            package("python", "3.12.8", &["tzdata"]),
            package("python", "3.13.1", &["tzdata"]),
            package("numpy", "2.1.3", &["python >=3.12"]),
            package("numpy", "2.2.5", &["python >=3.12"]),
            package(
                "pandas",
                "2.2.3",
                &["numpy >=2.1", "python >=3.12", "python-dateutil >=2.8"],
            ),
        ],
        (_, "r-main", "noarch") => vec![package("r-tibble", "3.2.1", &["r-base >=4.3"])],
        (_, "r-main", _) => vec![package("r-base", "4.3.3", &[]), package("r-base", "4.4.1", &[])],
        (_, _, "noarch") => vec![
            package(format!("{stem}-data"), "1.0.0", &[]),
            package(format!("{stem}-data"), "1.1.0", &[]),
        ],
        _ => vec![
            package(format!("{stem}-tools"), "0.9.2", &[]),
            package(
                format!("{stem}-tools"),
                "1.0.0",
                &[&format!("{stem}-data >=1.0.0")],
            ),
        ],
    }
}

impl Package {
    fn record(&self, channel: &Channel, subdir: &str, extension: &str) -> (String, Value) {
        let build = if subdir == "noarch" { "py_0" } else { "h5eb1b0e_0" };
        let file = format!("{}-{}-{build}.{extension}", self.name, self.version);
        // Checksums of no file: what is not there cannot be downloaded, but their shape must be right.
        let checksum = hex(&sha256(&format!("{}/{subdir}/{file}", channel.path())));
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
mod tests {
    use std::collections::BTreeSet;

    use super::super::world::channels;
    use super::*;

    fn section<'a>(repodata: &'a Value, name: &str) -> impl Iterator<Item = (&'a String, &'a Value)> {
        repodata[name].as_object().unwrap().iter()
    }

    #[test]
    fn records_are_complete_and_depend_on_what_exists() {
        let world = channels(10);
        let mut names = BTreeSet::new();
        let mut wanted = BTreeSet::new();
        for channel in &world {
            for subdir in SUBDIRS {
                let repodata = repodata(channel, subdir).unwrap();
                assert_eq!(repodata["info"]["subdir"], subdir);
                for (name, extension) in [("packages", ".tar.bz2"), ("packages.conda", ".conda")] {
                    for (file, record) in section(&repodata, name) {
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
        assert!(wanted.is_subset(&names), "{:?}", wanted.difference(&names));
    }

    #[test]
    fn a_subdir_nobody_builds_for_is_not_there() {
        assert!(repodata(&channels(0)[0], "osx-64").is_none());
    }
}
