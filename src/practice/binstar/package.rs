//! Packages and who may have them (repository reference, section 1.4).

use std::sync::LazyLock;

use serde_json::{Value, json};

use super::owner::Owner;
use super::world::PACKAGES;
use crate::practice::package::{self, Subdir};
use crate::practice::shelf::Shelf;
use crate::practice::stock::{Release, interpreter, numpy};

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

impl Package {
    /// The archives of one version.
    fn archives(&self, version: &'static str) -> Vec<package::Package> {
        let subdirs = self.subdirs.iter().copied().filter_map(Subdir::named);
        subdirs
            .flat_map(|subdir| match self.name {
                "python" => vec![interpreter(Release(version), subdir)],
                "numpy" => [Release("3.12"), Release("3.13")]
                    .map(|release| numpy(version, release, subdir))
                    .into(),
                _ => vec![self.archive(version, subdir)],
            })
            .collect()
    }

    fn archive(&self, version: &str, subdir: Subdir) -> package::Package {
        let archive = match subdir {
            Subdir::Noarch => package::Package::generic(self.name, version),
            platform => package::Package::native(self.name, version, "h5eb1b0e_0", platform),
        };
        let text = format!("{} {version}: {}\n", self.name, self.summary);
        let archive = archive
            .depends(self.depends)
            .text(format!("share/{}/about.txt", self.name), text);
        // The first version of everything is older than the new form of archives.
        if self.versions.first() == Some(&version) {
            archive.tar_bz2()
        } else {
            archive
        }
    }
}

/// Everything that can be downloaded, by package.
static ARCHIVES: LazyLock<Vec<Shelf>> = LazyLock::new(|| {
    let archives = |package: &Package| {
        let versions = package.versions.iter().copied();
        Shelf::new(versions.flat_map(|version| package.archives(version)).collect())
    };
    PACKAGES.iter().map(archives).collect()
});

/// What lies in a channel of which these packages may be had.
pub(super) fn shelf<'a>(packages: impl Iterator<Item = &'a Package>) -> Shelf {
    packages.fold(Shelf::default(), |shelf, package| {
        let place = PACKAGES.iter().position(|one| std::ptr::eq(one, package));
        match place.and_then(|place| ARCHIVES.get(place)) {
            Some(archives) => shelf.with(archives),
            None => shelf,
        }
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::practice::shelf::tests::check;

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
        let (mut names, mut wanted) = (BTreeSet::new(), BTreeSet::new());
        check(&shelf(PACKAGES.iter()), &mut names, &mut wanted);
        assert_eq!(names.len(), PACKAGES.len());
        assert!(wanted.is_subset(&names), "{:?}", wanted.difference(&names));
    }
}
