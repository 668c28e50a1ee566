//! What there is in the practice cloud: the default channels, and organizations with channels of their own.

use crate::practice::account::Account;
use crate::practice::random::uuid_of;
use crate::practice::repodata::{Package, package};

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

/// The packages of a default channel.
pub(super) fn default_packages(channel: &str, subdir: &str) -> Vec<Package> {
    match (channel, subdir) {
        ("main", "noarch") => vec![package("tzdata", "2026a", &[]), package("six", "1.17.0", &[])],
        ("main", _) => vec![
            package("python", "3.12.8", &["tzdata"]),
            package("python", "3.13.1", &["tzdata"]),
            package("numpy", "2.2.5", &["python >=3.12"]),
        ],
        ("r", "noarch") => vec![package("r-tibble", "3.2.1", &["r-base >=4.3"])],
        ("r", _) => vec![package("r-base", "4.4.1", &[])],
        ("msys2", "win-64") => vec![package("m2-base", "1.0.0", &[])],
        _ => Vec::new(),
    }
}

/// The packages of an organization's channel.
pub(super) fn packages(channel: &Channel, subdir: &str) -> Vec<Package> {
    let stem = channel.name;
    match subdir {
        "noarch" => vec![package(format!("{stem}-data"), "1.0.0", &[])],
        _ => vec![package(
            format!("{stem}-tools"),
            "1.0.0",
            &[&format!("{stem}-data >=1.0.0")],
        )],
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::practice::repodata::tests::check;
    use crate::practice::repodata::{SUBDIRS, repodata};

    #[test]
    fn records_are_complete_and_depend_on_what_exists() {
        let (mut names, mut wanted) = (BTreeSet::new(), BTreeSet::new());
        for subdir in SUBDIRS {
            for channel in DEFAULTS {
                let found = repodata(channel, subdir, default_packages(channel, subdir));
                check(&found, subdir, &mut names, &mut wanted);
            }
            for channel in ORGANIZATIONS.iter().flat_map(|one| one.channels) {
                let found = repodata(channel.name, subdir, packages(channel, subdir));
                check(&found, subdir, &mut names, &mut wanted);
            }
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
