//! The content of Anaconda Server's channels.

use serde_json::Value;

use super::channel::Channel;
use crate::practice::repodata::{self, Package, SUBDIRS, package};

/// The `repodata.json` of a channel for a subdir; nothing if the channel has no such subdir.
pub(super) fn repodata(channel: &Channel, subdir: &str) -> Option<Value> {
    SUBDIRS
        .contains(&subdir)
        .then(|| repodata::repodata(&channel.path(), subdir, packages_of(channel, subdir)))
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::world::channels;
    use super::*;
    use crate::practice::repodata::tests::check;

    #[test]
    fn records_are_complete_and_depend_on_what_exists() {
        let world = channels(10);
        let mut names = BTreeSet::new();
        let mut wanted = BTreeSet::new();
        for channel in &world {
            for subdir in SUBDIRS {
                check(
                    &repodata(channel, subdir).unwrap(),
                    subdir,
                    &mut names,
                    &mut wanted,
                );
            }
        }
        assert!(wanted.is_subset(&names), "{:?}", wanted.difference(&names));
    }

    #[test]
    fn a_subdir_nobody_builds_for_is_not_there() {
        assert!(repodata(&channels(0)[0], "osx-64").is_none());
    }
}
