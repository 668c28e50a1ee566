//! Who may see and do what, as it is now: the world says how it began, and people change it (repository reference, G1 to G8,
//! P3 and P7).

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};

use super::answer::Refusal;
use super::owner::{Organization, Owner};
use super::package::{Access, Package};
use super::world::{ORGANIZATIONS, PACKAGES};
use crate::practice::account::Account;

/// People of an organization who may do something with some of its packages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Group {
    pub(super) name: String,
    pub(super) permission: String,
    pub(super) members: Vec<&'static str>,
    pub(super) packages: Vec<&'static str>,
}

impl Group {
    pub(super) fn to_json(&self) -> Value {
        json!({
            "name": self.name,
            "permission": self.permission,
            "members_count": self.members.len(),
            "repos_count": self.packages.len(),
        })
    }

    fn gives(&self, package: &str, person: &str) -> bool {
        self.members.contains(&person) && self.packages.contains(&package)
    }
}

#[derive(Debug)]
struct Now {
    /// By the organization's login.
    groups: BTreeMap<&'static str, Vec<Group>>,
    /// By owner and name.
    access: BTreeMap<(&'static str, &'static str), Access>,
    collaborators: BTreeMap<(&'static str, &'static str), Vec<&'static str>>,
}

/// The memory of one repository about it.
#[derive(Debug)]
pub(super) struct Standing(Mutex<Now>);

impl Default for Standing {
    fn default() -> Self {
        let groups = ORGANIZATIONS.iter().map(|organization| {
            let groups = organization.groups.iter().map(|group| Group {
                name: group.name.to_owned(),
                permission: group.permission.to_owned(),
                members: group.members.to_vec(),
                packages: group.packages.to_vec(),
            });
            (organization.login, groups.collect())
        });
        let key = |package: &Package| (package.owner, package.name);
        Self(Mutex::new(Now {
            groups: groups.collect(),
            access: PACKAGES
                .iter()
                .map(|package| (key(package), package.access))
                .collect(),
            collaborators: PACKAGES
                .iter()
                .map(|package| (key(package), package.collaborators.to_vec()))
                .collect(),
        }))
    }
}

impl Standing {
    fn now(&self) -> MutexGuard<'_, Now> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn groups(&self, organization: &Organization) -> Vec<Group> {
        self.now()
            .groups
            .get(organization.login)
            .cloned()
            .unwrap_or_default()
    }

    pub(super) fn group(&self, organization: &Organization, name: &str) -> Result<Group, Refusal> {
        let found = self
            .groups(organization)
            .into_iter()
            .find(|group| group.name == name);
        found.ok_or_else(|| no_group(organization, name))
    }

    /// Makes a group; 409 if there is one of that name.
    pub(super) fn create_group(
        &self,
        organization: &'static Organization,
        name: &str,
        permission: &str,
    ) -> Result<(), Refusal> {
        let mut now = self.now();
        let groups = now.groups.entry(organization.login).or_default();
        if groups.iter().any(|group| group.name == name) {
            return Err(Refusal::conflict(format!(
                "{} has a group {name} already",
                organization.login
            )));
        }
        groups.push(Group {
            name: name.to_owned(),
            permission: permission.to_owned(),
            members: Vec::new(),
            packages: Vec::new(),
        });
        Ok(())
    }

    /// Changes a group; 404 if there is none of that name.
    pub(super) fn change_group(
        &self,
        organization: &'static Organization,
        name: &str,
        change: impl FnOnce(&mut Group),
    ) -> Result<(), Refusal> {
        let mut now = self.now();
        let groups = now.groups.entry(organization.login).or_default();
        let group = groups.iter_mut().find(|group| group.name == name);
        change(group.ok_or_else(|| no_group(organization, name))?);
        Ok(())
    }

    pub(super) fn access(&self, package: &Package) -> Access {
        let key = (package.owner, package.name);
        self.now().access.get(&key).copied().unwrap_or(package.access)
    }

    pub(super) fn set_access(&self, package: &'static Package, access: Access) {
        self.now().access.insert((package.owner, package.name), access);
    }

    pub(super) fn collaborators(&self, package: &Package) -> Vec<&'static str> {
        let key = (package.owner, package.name);
        self.now().collaborators.get(&key).cloned().unwrap_or_default()
    }

    pub(super) fn set_collaborator(&self, package: &'static Package, person: &'static str, is_one: bool) {
        let mut now = self.now();
        let all = now
            .collaborators
            .entry((package.owner, package.name))
            .or_default();
        all.retain(|one| *one != person);
        if is_one {
            all.push(person);
        }
    }

    /// Owners, and the members of any group.
    pub(super) fn knows(&self, organization: &Organization, account: &Account) -> bool {
        organization.is_owned_by(account)
            || self
                .groups(organization)
                .iter()
                .any(|group| group.members.contains(&account.username))
    }

    /// The organizations of a person.
    pub(super) fn organizations_of(&self, account: &Account) -> impl Iterator<Item = &'static Organization> {
        ORGANIZATIONS.iter().filter(|one| self.knows(one, account))
    }

    /// Whether someone, or nobody in particular, may see and download a package.
    pub(super) fn is_open_to(&self, package: &Package, who: Option<Owner>) -> bool {
        match (self.access(package), who) {
            (Access::Public, _) | (Access::Authenticated, Some(_)) => true,
            (_, None) => false,
            (Access::Private, Some(Owner::Organization(organization))) => organization.login == package.owner,
            (Access::Private, Some(Owner::Person(account))) => {
                let name = account.username;
                let through_organization = Owner::organization(package.owner).is_some_and(|organization| {
                    organization.is_owned_by(account)
                        || self
                            .groups(organization)
                            .iter()
                            .any(|group| group.gives(package.name, name))
                });
                package.owner == name || self.collaborators(package).contains(&name) || through_organization
            }
        }
    }

    /// A row of a package list.
    pub(super) fn row(&self, package: &Package) -> Value {
        let access = self.access(package);
        let mut row = package.to_row();
        row["public"] = json!(access == Access::Public);
        row["access"] = json!(access.as_str());
        row
    }

    /// The answer to `GET package/<owner>/<name>`.
    pub(super) fn package(&self, package: &Package) -> Value {
        let releases: Vec<Value> = package
            .versions
            .iter()
            .map(|version| json!({"version": version}))
            .collect();
        let mut document = self.row(package);
        document["owner"] = json!({"login": package.owner});
        document["releases"] = json!(releases);
        document
    }
}

fn no_group(organization: &Organization, name: &str) -> Refusal {
    Refusal::not_found(format!("{} has no group {name}", organization.login))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(standing: &Standing, who: Option<&str>) -> Vec<&'static str> {
        let who = who.map(|login| Owner::named(login).unwrap());
        let all = PACKAGES
            .iter()
            .filter(|one| standing.access(one) != Access::Public);
        all.filter(|one| standing.is_open_to(one, who))
            .map(|one| one.name)
            .collect()
    }

    #[test]
    fn access_follows_ownership_groups_and_collaboration() {
        let standing = Standing::default();
        assert!(open(&standing, None).is_empty());
        assert_eq!(
            open(&standing, Some("alice")),
            [
                "draft",
                "survey",
                "forecast-beta",
                "handbook",
                "pricing",
                "risk-report"
            ]
        );
        assert_eq!(
            open(&standing, Some("bob")),
            ["survey", "handbook", "risk-report"]
        );
        assert_eq!(open(&standing, Some("anaconda")), ["handbook"]);
        assert_eq!(
            open(&standing, Some("practice-org")),
            ["forecast-beta", "handbook", "pricing", "risk-report"]
        );
    }

    #[test]
    fn what_is_changed_counts_at_once() {
        let standing = Standing::default();
        let organization = Owner::organization("practice-org").unwrap();
        standing.create_group(organization, "interns", "read").unwrap();
        assert!(standing.create_group(organization, "interns", "read").is_err());
        let change = |group: &mut Group| {
            group.members.push("bob");
            group.packages.push("pricing");
        };
        standing.change_group(organization, "interns", change).unwrap();
        assert!(standing.change_group(organization, "none", |_| ()).is_err());
        assert!(open(&standing, Some("bob")).contains(&"pricing"));
        let survey = PACKAGES.iter().find(|one| one.name == "survey").unwrap();
        standing.set_collaborator(survey, "alice", false);
        assert!(!open(&standing, Some("alice")).contains(&"survey"));
        standing.set_access(survey, Access::Authenticated);
        assert!(open(&standing, Some("anaconda")).contains(&"survey"));
    }
}
