//! Repository tokens: one for each seat of an organization, and tokens of the organization itself, called site tokens (server
//! reference, section 2).

use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::world::Organization;
use crate::practice::account::Account;
use crate::practice::clock::later;
use crate::practice::random::{bytes, uuid};
use crate::secret::Secret;

/// How long a new token lives; the real server's choice is unknown.
const LIFETIME: SignedDuration = SignedDuration::from_hours(24 * 365);

/// Tokens are 48 of these.
const LETTERS: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// Whether a token counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum TokenState {
    Valid,
    Expired,
    Revoked,
}

/// A repository token of PSM Cloud as the server keeps it, for whoever inspects it.
#[derive(Debug, Clone)]
pub struct CloudToken {
    pub id: String,
    pub organization: &'static str,
    /// Whose seat it is for; nobody's for a site token.
    pub user: Option<&'static str>,
    pub expires_at: Timestamp,
    pub revoked: bool,
    /// As of the moment it was asked for.
    pub state: TokenState,
    /// 48 letters and digits.
    pub value: Secret,
}

impl CloudToken {
    fn state_at(&self, now: Timestamp) -> TokenState {
        if self.revoked {
            TokenState::Revoked
        } else if self.expires_at <= now {
            TokenState::Expired
        } else {
            TokenState::Valid
        }
    }

    /// The answer to `GET .../ce/current-token`, which never holds the value.
    pub(super) fn to_json(&self) -> Value {
        json!({"id": self.id, "expires_at": plain(self.expires_at)})
    }

    /// The answer to `PUT .../ce/current-token`.
    pub(super) fn issued_json(&self) -> Value {
        json!({"token": self.value.expose(), "expires_at": plain(self.expires_at)})
    }
}

/// As recorded: `2025-01-01T00:00:00`, in UTC without saying so.
fn plain(moment: Timestamp) -> String {
    moment.strftime("%Y-%m-%dT%H:%M:%S").to_string()
}

/// All tokens, oldest first; the revoked ones stay, so that one can see what became of them.
#[derive(Debug)]
pub(in crate::practice) struct Tokens {
    records: Mutex<Vec<CloudToken>>,
}

impl Tokens {
    /// Three site tokens of `practice-org`: one that counts, one that has expired, one that was revoked.
    pub(super) fn new(organization: &'static Organization, now: Timestamp) -> Result<Self, getrandom::Error> {
        let ago = |hours: i64| later(now, SignedDuration::from_hours(-hours));
        let mut records = Vec::new();
        for (expires_at, revoked) in [
            (later(now, LIFETIME), false),
            (ago(24), false),
            (later(now, LIFETIME), true),
        ] {
            records.push(CloudToken {
                revoked,
                ..fresh(organization, None, expires_at)?
            });
        }
        Ok(Self {
            records: Mutex::new(records),
        })
    }

    fn records(&self) -> MutexGuard<'_, Vec<CloudToken>> {
        self.records.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(in crate::practice) fn all(&self, now: Timestamp) -> Vec<CloudToken> {
        let with_state = |token: &CloudToken| CloudToken {
            state: token.state_at(now),
            ..token.clone()
        };
        self.records().iter().map(with_state).collect()
    }

    /// The token of a seat, if it has one that counts.
    pub(super) fn current(
        &self,
        organization: &Organization,
        account: &Account,
        now: Timestamp,
    ) -> Option<CloudToken> {
        let records = self.records();
        let seat = |token: &&CloudToken| is_seat(token, organization, account);
        let mut valid = records
            .iter()
            .filter(seat)
            .filter(|token| token.state_at(now) == TokenState::Valid);
        valid.next_back().cloned()
    }

    /// Gives a seat a new token and revokes the one before.
    pub(super) fn issue(
        &self,
        organization: &'static Organization,
        account: &'static Account,
        now: Timestamp,
    ) -> Result<CloudToken, getrandom::Error> {
        let token = fresh(organization, Some(account.username), later(now, LIFETIME))?;
        let mut records = self.records();
        for before in records
            .iter_mut()
            .filter(|token| is_seat(token, organization, account))
        {
            before.revoked = true;
        }
        records.push(token.clone());
        Ok(token)
    }

    /// Revokes a token as an administrator would; false if there is none that is not revoked.
    pub(in crate::practice) fn revoke(&self, id: &str) -> bool {
        let mut records = self.records();
        let token = records.iter_mut().find(|token| token.id == id && !token.revoked);
        token.map(|token| token.revoked = true).is_some()
    }

    /// Lets a token end now; false if there is none.
    pub(in crate::practice) fn expire(&self, id: &str, now: Timestamp) -> bool {
        let mut records = self.records();
        let token = records.iter_mut().find(|token| token.id == id);
        token.map(|token| token.expires_at = now).is_some()
    }

    /// The token of that value, if it counts.
    pub(super) fn valid(&self, value: &str, now: Timestamp) -> Option<CloudToken> {
        let records = self.records();
        let found = records.iter().find(|token| token.value.expose() == value);
        found
            .filter(|token| token.state_at(now) == TokenState::Valid)
            .cloned()
    }
}

fn is_seat(token: &CloudToken, organization: &Organization, account: &Account) -> bool {
    token.organization == organization.name && token.user == Some(account.username)
}

fn fresh(
    organization: &'static Organization,
    user: Option<&'static str>,
    expires_at: Timestamp,
) -> Result<CloudToken, getrandom::Error> {
    let letter = |byte: u8| char::from(LETTERS[usize::from(byte) % LETTERS.len()]);
    Ok(CloudToken {
        id: uuid(bytes()?),
        organization: organization.name,
        user,
        expires_at,
        revoked: false,
        state: TokenState::Valid,
        value: Secret::new(bytes::<48>()?.into_iter().map(letter).collect::<String>()),
    })
}
