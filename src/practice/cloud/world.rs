//! What there is in the practice cloud: the default channels, and organizations with channels of their own.

use crate::practice::account::Account;
use crate::practice::package::{Package, Subdir};
use crate::practice::random::uuid_of;
use crate::practice::shelf::Shelf;
use crate::practice::stock::{MAIN, R, simple};

/// The channels that every subscriber has; the last three are the archives.
pub(super) const DEFAULTS: [&str; 6] = ["main", "r", "msys2", "free", "mro-archive", "pro"];

/// A customer of anaconda.com.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Organization {
    pub(super) name: &'static str,
    pub(super) title: &'static str,
    /// Whoever manages it.
    pub(super) owners: &'static [&'static str],
    pub(super) members: &'static [&'static str],
    pub(super) product: &'static str,
    pub(super) channels: &'static [Channel],
}

/// A channel of an organization; its name in conda is `<organization>/<channel>`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Channel {
    pub(super) name: &'static str,
    pub(super) description: Option<&'static str>,
    pub(super) privacy: &'static str,
    /// People outside the organization who may read it.
    pub(super) shared_with: &'static [&'static str],
}

/// What a plan without repository tokens is called; clients look for `starter` in it.
const STARTER: &str = "starter_subscription";

pub(super) static ORGANIZATIONS: [&Organization; 3] = [&BOBS_LAB, &OPEN_DATA, &PRACTICE_ORG];

static BOBS_LAB: Organization = Organization {
    name: "bobs-lab",
    title: "Bob's Laboratory",
    owners: &["bob"],
    members: &[],
    product: STARTER,
    channels: &[Channel {
        name: "notes",
        description: None,
        privacy: "private",
        shared_with: &["alice"],
    }],
};

static OPEN_DATA: Organization = Organization {
    name: "open-data",
    title: "Open Data",
    owners: &["admin"],
    members: &[],
    product: "commercial_subscription",
    channels: &[Channel {
        name: "weather",
        description: Some("Measured every hour"),
        privacy: "public",
        shared_with: &[],
    }],
};

pub(super) static PRACTICE_ORG: Organization = Organization {
    name: "practice-org",
    title: "Practice Organization",
    owners: &["admin"],
    members: &["alice"],
    product: "security_subscription",
    channels: &[
        Channel {
            name: "internal",
            description: Some("For this organization only"),
            privacy: "private",
            shared_with: &[],
        },
        Channel {
            name: "models",
            description: Some(""),
            privacy: "authenticated",
            shared_with: &[],
        },
    ],
};

impl Organization {
    pub(super) fn named(name: &str) -> Option<&'static Organization> {
        ORGANIZATIONS.into_iter().find(|one| one.name == name)
    }

    /// The organizations of a person.
    pub(super) fn of(account: &Account) -> impl Iterator<Item = &'static Organization> {
        ORGANIZATIONS.into_iter().filter(move |one| one.has(account))
    }

    pub(super) fn has(&self, account: &Account) -> bool {
        self.owners.contains(&account.username) || self.members.contains(&account.username)
    }

    pub(super) fn id(&self) -> String {
        uuid_of(&format!("organization {}", self.name))
    }

    /// Whether its plan comes with tokens for the repository.
    pub(super) fn has_repository(&self) -> bool {
        !self.product.contains("starter")
    }

    pub(super) fn channel(&self, name: &str) -> Option<&'static Channel> {
        self.channels.iter().find(|channel| channel.name == name)
    }
}

/// The packages of a default channel; the archives are empty.
pub(super) fn default_packages(channel: &str) -> Shelf {
    match channel {
        "main" => MAIN.clone(),
        "r" => R.clone(),
        "msys2" => Shelf::new(vec![
            Package::native("m2-base", "1.0.0", "0", Subdir::Win64)
                .text("Library/usr/share/m2-base.txt", "m2-base 1.0.0\r\n"),
        ]),
        _ => Shelf::default(),
    }
}

/// The packages of an organization's channel.
pub(super) fn packages(channel: &Channel) -> Shelf {
    Shelf::new(simple::data_and_tools(channel.name))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::practice::shelf::tests::check;

    #[test]
    fn records_are_complete_and_depend_on_what_exists() {
        let (mut names, mut wanted) = (BTreeSet::new(), BTreeSet::new());
        for channel in DEFAULTS {
            check(&default_packages(channel), &mut names, &mut wanted);
        }
        for channel in ORGANIZATIONS.iter().flat_map(|one| one.channels) {
            check(&packages(channel), &mut names, &mut wanted);
        }
        assert!(wanted.is_subset(&names), "{:?}", wanted.difference(&names));
    }

    #[test]
    fn people_exist() {
        for organization in ORGANIZATIONS {
            let shared = organization
                .channels
                .iter()
                .flat_map(|channel| channel.shared_with);
            for person in organization
                .owners
                .iter()
                .chain(organization.members)
                .chain(shared)
            {
                assert!(Account::named(person).is_some(), "{person}");
            }
        }
    }
}
