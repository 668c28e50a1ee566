//! Packages and who may have them (repository reference, section 1.4).

use serde_json::{Value, json};

use crate::practice::repodata::{self, SUBDIRS, package};

/// The access levels of the data model; on the wire only `public` is a field of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    /// Anyone.
    Public,
    /// Anyone who is logged in.
    Authenticated,
    /// The owner, collaborators, and the groups that list it.
    Private,
}

impl Access {
    pub(super) fn named(word: &str) -> Option<Self> {
        [Self::Public, Self::Authenticated, Self::Private]
            .into_iter()
            .find(|access| access.as_str() == word)
    }

    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Authenticated => "authenticated",
            Self::Private => "private",
        }
    }
}

/// A conda package of an owner.
#[derive(Debug)]
pub(super) struct Package {
    pub(super) owner: &'static str,
    pub(super) name: &'static str,
    pub(super) summary: &'static str,
    /// At the beginning.
    pub(super) access: Access,
    /// Oldest first.
    pub(super) versions: &'static [&'static str],
    pub(super) subdirs: &'static [&'static str],
    pub(super) depends: &'static [&'static str],
    /// The label that all its files carry.
    pub(super) label: &'static str,
    /// People who were given it without a group, at the beginning.
    pub(super) collaborators: &'static [&'static str],
}

impl Package {
    /// A row of a package list, without who may see it.
    pub(super) fn to_row(&self) -> Value {
        json!({
            "name": self.name,
            "full_name": format!("{}/{}", self.owner, self.name),
            "owner": self.owner,
            "summary": self.summary,
            "latest_version": self.versions.last(),
            "versions": self.versions,
            "package_types": ["conda"],
            "conda_platforms": self.subdirs,
            "builds": [],
            "revision": self.versions.len(),
            "published": false,
        })
    }
}

/// The `repodata.json` of these packages of one owner; nothing if there is no such subdir.
pub(super) fn repodata<'a>(
    owner: &str,
    subdir: &str,
    packages: impl Iterator<Item = &'a Package>,
) -> Option<Value> {
    if !SUBDIRS.contains(&subdir) {
        return None;
    }
    let files = packages
        .filter(|one| one.subdirs.contains(&subdir))
        .flat_map(|one| {
            one.versions
                .iter()
                .map(|version| package(one.name, version, one.depends))
        });
    Some(repodata::repodata(owner, subdir, files.collect()))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::world::PACKAGES;
    use super::*;
    use crate::practice::repodata::tests::check;

    #[test]
    fn records_are_complete_and_depend_on_what_exists() {
        let mut names = BTreeSet::new();
        let mut wanted = BTreeSet::new();
        for subdir in SUBDIRS {
            let repodata = repodata("everyone", subdir, PACKAGES.iter()).unwrap();
            check(&repodata, subdir, &mut names, &mut wanted);
        }
        assert_eq!(names.len(), PACKAGES.len());
        assert!(wanted.is_subset(&names), "{:?}", wanted.difference(&names));
        assert!(repodata("everyone", "osx-64", PACKAGES.iter()).is_none());
    }
}
