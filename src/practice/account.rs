//! The people who may sign in to the practice server.

use serde_json::{Value, json};

use super::random::uuid_of;
use crate::secret::Secret;

/// A person of the practice world; the name is also that of the person's default channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Account {
    pub(super) username: &'static str,
    pub(super) password: &'static str,
    pub(super) role: Role,
}

/// What a person may do on the server as a whole (server reference, section 1.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Author,
    /// Sees and may use every channel.
    Admin,
}

/// The passwords are published: they protect nothing, the server listens on this machine only.
pub(super) const ACCOUNTS: [Account; 3] = [
    Account {
        username: "alice",
        password: "sextant",
        role: Role::Author,
    },
    Account {
        username: "bob",
        password: "octant",
        role: Role::Author,
    },
    Account {
        username: "admin",
        password: "quadrant",
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

    pub(super) fn id(&self) -> String {
        uuid_of(&format!("account {}", self.username))
    }

    pub(super) fn roles(&self) -> &'static [&'static str] {
        match self.role {
            Role::Author => &["author"],
            Role::Admin => &["author", "admin"],
        }
    }

    /// The answer to `GET account`, as recorded (server reference, section 9).
    pub(super) fn to_json(self) -> Value {
        json!({
            "user_id": self.id(),
            "username": self.username,
            "roles": self.roles(),
            "default_channel_name": self.username,
            "dbroles": self.roles(),
        })
    }
}

/// Someone who can sign in, for whoever needs the names and passwords of the practice world.
#[derive(Debug, Clone)]
pub struct PracticeUser {
    pub username: &'static str,
    pub password: Secret,
}

pub(super) fn users() -> Vec<PracticeUser> {
    ACCOUNTS
        .iter()
        .map(|account| PracticeUser {
            username: account.username,
            password: Secret::new(account.password),
        })
        .collect()
}
