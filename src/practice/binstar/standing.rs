//! Who may see and do what, as it is now, and what there is: the world says how it began, and people change it (repository
//! reference, G1 to G8 and P1 to P11).

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};

use super::answer::Refusal;
use super::held::Held;
use super::owner::{Organization, Owner};
use super::package::Access;
use super::world::{ORGANIZATIONS, PACKAGES};
use crate::practice::account::Account;

/// People of an organization who may do something with some of its packages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Group {
    pub(super) name: String,
    pub(super) permission: String,
    pub(super) members: Vec<&'static str>,
    pub(super) packages: Vec<String>,
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
        self.members.contains(&person) && self.packages.iter().any(|one| one == package)
    }
}

#[derive(Debug)]
struct Now {
    /// By the organization's login.
    groups: BTreeMap<&'static str, Vec<Group>>,
    packages: Vec<Held>,
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
                packages: group.packages.iter().map(|&name| name.to_owned()).collect(),
            });
            (organization.login, groups.collect())
        });
        Self(Mutex::new(Now {
            groups: groups.collect(),
            packages: PACKAGES.iter().map(Held::of_world).collect(),
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

    /// The packages of an owner.
    pub(super) fn packages_of(&self, owner: Owner) -> Vec<Held> {
        let now = self.now();
        let all = now.packages.iter().filter(|one| one.owner == owner.login());
        all.cloned().collect()
    }

    pub(super) fn package(&self, owner: Owner, name: &str) -> Option<Held> {
        let now = self.now();
        let found = now.packages.iter().find(|one| is_it(one, owner, name));
        found.cloned()
    }

    pub(super) fn add_package(&self, package: Held) {
        self.now().packages.push(package);
    }

    /// Changes a package, unless it is gone.
    pub(super) fn change_package<T>(
        &self,
        owner: Owner,
        name: &str,
        change: impl FnOnce(&mut Held) -> T,
    ) -> Option<T> {
        let mut now = self.now();
        let package = now.packages.iter_mut().find(|one| is_it(one, owner, name))?;
        Some(change(package))
    }

    pub(super) fn remove_package(&self, owner: Owner, name: &str) {
        self.now().packages.retain(|one| !is_it(one, owner, name));
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
    pub(super) fn is_open_to(&self, package: &Held, who: Option<Owner>) -> bool {
        match (package.access, who) {
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
                            .any(|group| group.gives(&package.name, name))
                });
                package.owner == name || package.collaborators.contains(&name) || through_organization
            }
        }
    }

    /// Whether someone may put files into a package, or make one of this name: the owner, the owners of the organization,
    /// and its groups that may write and have the package.
    pub(super) fn may_write(&self, owner: Owner, name: &str, who: Owner) -> bool {
        match (owner, who) {
            (Owner::Organization(organization), Owner::Person(account)) => {
                organization.is_owned_by(account)
                    || self
                        .groups(organization)
                        .iter()
                        .any(|group| group.permission != "read" && group.gives(name, account.username))
            }
            (owner, who) => owner == who,
        }
    }
}

fn is_it(package: &Held, owner: Owner, name: &str) -> bool {
    package.owner == owner.login() && package.name == name
}

fn no_group(organization: &Organization, name: &str) -> Refusal {
    Refusal::not_found(format!("{} has no group {name}", organization.login))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(standing: &Standing, who: Option<&str>) -> Vec<String> {
        let who = who.map(|login| Owner::named(login).unwrap());
        let all = standing.now().packages.clone().into_iter();
        all.filter(|one| one.access != Access::Public && standing.is_open_to(one, who))
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
            group.packages.push("pricing".to_owned());
        };
        standing.change_group(organization, "interns", change).unwrap();
        assert!(standing.change_group(organization, "none", |_| ()).is_err());
        assert!(open(&standing, Some("bob")).contains(&"pricing".to_owned()));
        let bob = Owner::named("bob").unwrap();
        standing
            .change_package(bob, "survey", |survey| survey.collaborators.clear())
            .unwrap();
        assert!(!open(&standing, Some("alice")).contains(&"survey".to_owned()));
        standing
            .change_package(bob, "survey", |survey| survey.access = Access::Authenticated)
            .unwrap();
        assert!(open(&standing, Some("anaconda")).contains(&"survey".to_owned()));
        assert!(standing.change_package(bob, "nothing", |_| ()).is_none());
    }

    #[test]
    fn files_are_put_in_by_whoever_may_write() {
        let standing = Standing::default();
        let named = |login| Owner::named(login).unwrap();
        let (team, alice, bob) = (named("practice-org"), named("alice"), named("bob"));
        assert!(standing.may_write(team, "anything", alice));
        assert!(standing.may_write(alice, "anything", alice));
        assert!(!standing.may_write(alice, "anything", bob));
        // He may read it.
        assert!(!standing.may_write(team, "risk-report", bob));
        let organization = Owner::organization("practice-org").unwrap();
        let join = |group: &mut Group| group.members.push("bob");
        standing.change_group(organization, "release", join).unwrap();
        assert!(standing.may_write(team, "risk-report", bob));
        assert!(!standing.may_write(team, "forecast", bob));
    }
}
