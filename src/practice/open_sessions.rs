//! The sessions that are open at a product, and whose they are.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use serde_json::Value;

use super::account::Account;
use super::random::{bytes, uuid};

#[derive(Default)]
pub(super) struct OpenSessions {
    accounts: Mutex<HashMap<String, &'static Account>>,
}

impl OpenSessions {
    fn accounts(&self) -> MutexGuard<'_, HashMap<String, &'static Account>> {
        self.accounts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Opens a session, which is known by a UUID from then on.
    pub(super) fn begin(&self, account: &'static Account) -> Result<String, getrandom::Error> {
        let session = uuid(bytes()?);
        self.accounts().insert(session.clone(), account);
        Ok(session)
    }

    /// The session that the payload of a token names in `claim`, and whose it is; nothing if the token is over, names no
    /// session, or one that was ended.
    pub(super) fn named_in(
        &self,
        payload: &Value,
        claim: &str,
        now: Timestamp,
    ) -> Option<(&'static Account, String)> {
        if payload["exp"].as_i64()? <= now.as_second() {
            return None;
        }
        let session = payload[claim].as_str()?;
        let account = self.accounts().get(session).copied()?;
        Some((account, session.to_owned()))
    }

    pub(super) fn end_all(&self) {
        self.accounts().clear();
    }
}
