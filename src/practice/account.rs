//! The people of the practice world. They are the same in every product, as in a company with one user directory; what
//! they own there is told beside each product.

use super::random::uuid_of;
use crate::secret::Secret;

/// A person of the practice world; the name is also that of the person's default channel on Anaconda Server.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Account {
    pub(super) username: &'static str,
    pub(super) password: &'static str,
    pub(super) first_name: &'static str,
    pub(super) last_name: &'static str,
    pub(super) email: &'static str,
    pub(super) role: Role,
}

/// What a person may do on Anaconda Server as a whole (server reference, section 1.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Author,
    /// Sees and may use every channel.
    Admin,
}

/// The passwords are published: they protect nothing, the server listens on this machine only.
pub(super) static ACCOUNTS: [Account; 3] = [
    Account {
        username: "alice",
        password: "sextant",
        first_name: "Alice",
        last_name: "Archer",
        email: "alice@practice.example",
        role: Role::Author,
    },
    Account {
        username: "bob",
        password: "octant",
        first_name: "Bob",
        last_name: "Bramble",
        email: "bob@practice.example",
        role: Role::Author,
    },
    Account {
        username: "admin",
        password: "quadrant",
        first_name: "Ada",
        last_name: "Ministrator",
        email: "admin@practice.example",
        role: Role::Admin,
    },
];

impl Account {
    /// The account of that name; upper and lower case are the same, as in the real server's user directory.
    pub(super) fn named(username: &str) -> Option<&'static Account> {
        ACCOUNTS
            .iter()
            .find(|account| account.username.eq_ignore_ascii_case(username))
    }

    /// Whoever proves to be that person.
    pub(super) fn proven(username: &str, password: &str) -> Option<&'static Account> {
        Self::named(username).filter(|account| account.password == password)
    }

    /// As [`Self::proven`]; anaconda.com knows people by their address as well.
    pub(super) fn proven_by_email(email_or_name: &str, password: &str) -> Option<&'static Account> {
        let by_email = ACCOUNTS
            .iter()
            .find(|account| account.email.eq_ignore_ascii_case(email_or_name));
        by_email
            .or_else(|| Self::named(email_or_name))
            .filter(|account| account.password == password)
    }

    pub(super) fn id(&self) -> String {
        uuid_of(&format!("account {}", self.username))
    }
}

/// Someone who can sign in, for whoever needs the names and passwords of the practice world.
#[derive(Debug, Clone)]
pub struct PracticeUser {
    pub username: &'static str,
    pub password: Secret,
    /// What anaconda.com takes in the place of the name, too.
    pub email: &'static str,
}

pub(super) fn users() -> Vec<PracticeUser> {
    ACCOUNTS
        .iter()
        .map(|account| PracticeUser {
            username: account.username,
            password: Secret::new(account.password),
            email: account.email,
        })
        .collect()
}
