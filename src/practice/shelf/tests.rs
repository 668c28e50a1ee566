use std::collections::BTreeSet;

use super::*;

/// Checks every record's shape; adds its name, and the names it depends on, save those of the machine (`__glibc`).
pub(in crate::practice) fn check(shelf: &Shelf, names: &mut BTreeSet<String>, wanted: &mut BTreeSet<String>) {
    for subdir in SUBDIRS {
        let repodata = repodata::repodata(subdir, &shelf.of(subdir));
        assert_eq!(repodata["info"]["subdir"], subdir.as_str());
        let mut seen = 0;
        for (section, extension) in [("packages", ".tar.bz2"), ("packages.conda", ".conda")] {
            for (file, record) in repodata[section].as_object().unwrap() {
                let [package, version, build] =
                    ["name", "version", "build"].map(|key| record[key].as_str().unwrap());
                assert_eq!(*file, format!("{package}-{version}-{build}{extension}"));
                assert_eq!(record["md5"].as_str().unwrap().len(), 32);
                assert_eq!(record["sha256"].as_str().unwrap().len(), 64);
                assert!(record["size"].as_u64().unwrap() > 0, "{file}");
                names.insert(package.to_owned());
                for depends in record["depends"].as_array().unwrap() {
                    let name = depends.as_str().unwrap().split(' ').next().unwrap();
                    if !name.starts_with("__") {
                        wanted.insert(name.to_owned());
                    }
                }
                seen += 1;
            }
        }
        assert_eq!(seen, shelf.of(subdir).len(), "no two packages have one file name");
    }
}
