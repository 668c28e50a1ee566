//! Who owns packages and tokens: people and organizations share one space of names (repository reference, section 1.3).

use serde_json::{Value, json};

use super::world::ORGANIZATIONS;
use crate::practice::account::Account;

/// An organization.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Organization {
    pub(super) login: &'static str,
    pub(super) name: &'static str,
    /// Who may do everything in it.
    pub(super) owners: &'static [&'static str],
    /// At the beginning.
    pub(super) groups: &'static [Group],
}

/// People of an organization who may do something with some of its packages.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Group {
    pub(super) name: &'static str,
    /// `read`, `write` or `admin`.
    pub(super) permission: &'static str,
    pub(super) members: &'static [&'static str],
    pub(super) packages: &'static [&'static str],
}

impl Organization {
    pub(super) fn is_owned_by(&self, account: &Account) -> bool {
        self.owners.contains(&account.username)
    }
}

/// Someone with a login.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Owner {
    Person(&'static Account),
    Organization(&'static Organization),
}

impl Owner {
    pub(super) fn named(login: &str) -> Option<Self> {
        let person = Account::named(login).map(Self::Person);
        person.or_else(|| Self::organization(login).map(Self::Organization))
    }

    pub(super) fn organization(login: &str) -> Option<&'static Organization> {
        ORGANIZATIONS
            .iter()
            .find(|one| one.login.eq_ignore_ascii_case(login))
    }

    pub(super) fn login(self) -> &'static str {
        match self {
            Self::Person(account) => account.username,
            Self::Organization(organization) => organization.login,
        }
    }

    /// The answer to `GET user`: clients print every key but the first two (repository reference, U1).
    pub(super) fn to_json(self) -> Value {
        let (kind, name) = match self {
            Self::Person(account) => ("user", format!("{} {}", account.first_name, account.last_name)),
            Self::Organization(organization) => ("org", organization.name.to_owned()),
        };
        json!({
            "login": self.login(),
            "created_at": "2026-01-12 07:30:00.112819+00:00",
            "name": name,
            "user_type": kind,
            "company": "Practice",
            "location": "",
            "description": "",
            "url": "",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::world::PACKAGES;
    use super::*;
    use crate::practice::account::ACCOUNTS;

    #[test]
    fn names_are_unique_and_every_reference_leads_somewhere() {
        let people = ACCOUNTS.iter().map(|account| account.username);
        let all: Vec<&str> = people.chain(ORGANIZATIONS.iter().map(|one| one.login)).collect();
        for login in &all {
            assert_eq!(all.iter().filter(|other| *other == login).count(), 1, "{login}");
            assert_eq!(Owner::named(login).unwrap().login(), *login);
        }
        for organization in &ORGANIZATIONS {
            let members = organization.groups.iter().flat_map(|group| group.members);
            for person in organization.owners.iter().chain(members) {
                assert!(Account::named(person).is_some(), "{person}");
            }
            for package in organization.groups.iter().flat_map(|group| group.packages) {
                assert!(
                    PACKAGES
                        .iter()
                        .any(|one| one.owner == organization.login && one.name == *package),
                    "{package}"
                );
            }
        }
        assert!(PACKAGES.iter().all(|package| all.contains(&package.owner)));
    }
}
