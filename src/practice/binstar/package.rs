//! Packages and who may have them (repository reference, section 1.4).

use serde_json::{Value, json};

use super::owner::Owner;
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
    pub(super) access: Access,
    /// Oldest first.
    pub(super) versions: &'static [&'static str],
    pub(super) subdirs: &'static [&'static str],
    pub(super) depends: &'static [&'static str],
    /// The label that all its files carry.
    pub(super) label: &'static str,
    /// People who were given it without a group.
    pub(super) collaborators: &'static [&'static str],
}

impl Package {
    /// Whether someone, or nobody in particular, may see and download it.
    pub(super) fn is_open_to(&self, who: Option<Owner>) -> bool {
        match (self.access, who) {
            (Access::Public, _) | (Access::Authenticated, Some(_)) => true,
            (_, None) => false,
            (Access::Private, Some(Owner::Organization(organization))) => organization.login == self.owner,
            (Access::Private, Some(Owner::Person(account))) => {
                let name = account.username;
                let through_organization = Owner::organization(self.owner).is_some_and(|organization| {
                    organization.is_owned_by(account)
                        || organization
                            .groups
                            .iter()
                            .any(|group| group.members.contains(&name) && group.packages.contains(&self.name))
                });
                self.owner == name || self.collaborators.contains(&name) || through_organization
            }
        }
    }

    /// A row of a package list.
    pub(super) fn to_row(&self) -> Value {
        json!({
            "name": self.name,
            "full_name": format!("{}/{}", self.owner, self.name),
            "owner": self.owner,
            "summary": self.summary,
            "public": self.access == Access::Public,
            "access": self.access.as_str(),
            "latest_version": self.versions.last(),
            "versions": self.versions,
            "package_types": ["conda"],
            "conda_platforms": self.subdirs,
            "builds": [],
            "revision": self.versions.len(),
            "published": false,
        })
    }

    /// The answer to `GET package/<owner>/<name>`.
    pub(super) fn to_json(&self) -> Value {
        let releases: Vec<Value> = self
            .versions
            .iter()
            .map(|version| json!({"version": version}))
            .collect();
        let mut json = self.to_row();
        json["owner"] = json!({"login": self.owner});
        json["releases"] = json!(releases);
        json
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
    fn access_follows_ownership_groups_and_collaboration() {
        let open = |who: Option<&str>| -> Vec<&str> {
            let who = who.map(|login| Owner::named(login).unwrap());
            let all = PACKAGES.iter().filter(|one| one.access != Access::Public);
            all.filter(|one| one.is_open_to(who))
                .map(|one| one.name)
                .collect()
        };
        assert!(open(None).is_empty());
        assert_eq!(
            open(Some("alice")),
            [
                "draft",
                "survey",
                "forecast-beta",
                "handbook",
                "pricing",
                "risk-report"
            ]
        );
        assert_eq!(open(Some("bob")), ["survey", "handbook", "risk-report"]);
        assert_eq!(open(Some("anaconda")), ["handbook"]);
        assert_eq!(
            open(Some("practice-org")),
            ["forecast-beta", "handbook", "pricing", "risk-report"]
        );
    }

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
