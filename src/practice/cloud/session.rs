//! Access tokens, which come from signing in and last for an hour, and API keys, which are made with one and last for a year
//! (server reference, section 2). Both are JWTs with an `exp`; only that is known of their shape.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::practice::account::Account;
use crate::practice::clock::{later, written};
use crate::practice::jwt::Signer;
use crate::practice::ledger::{Ledger, Presented, issued};
use crate::practice::open_sessions::OpenSessions;
use crate::practice::random::{bytes, uuid};
use crate::secret::Secret;

/// How long an access token lives.
pub(super) const ACCESS_SECONDS: i64 = 3_600;
/// How long a refresh token lives.
const REFRESH_SECONDS: i64 = 30 * 24 * 3_600;
const KEY_LIFETIME: SignedDuration = SignedDuration::from_hours(24 * 365);

/// An API key of anaconda.com as the server keeps it, for whoever inspects it; deleted ones are gone.
#[derive(Debug, Clone)]
pub struct ApiKey {
    pub id: String,
    /// Whose key it is.
    pub user: &'static str,
    pub scopes: Vec<String>,
    pub tags: Vec<String>,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
    /// A JWT.
    pub value: Secret,
}

impl ApiKey {
    pub(super) fn to_json(&self) -> Value {
        json!({
            "id": self.id,
            "scopes": self.scopes,
            "tags": self.tags,
            "created_at": written(self.created_at),
            "expires_at": written(self.expires_at),
        })
    }

    pub(super) fn may(&self, scope: &str) -> bool {
        self.scopes.iter().any(|has| has == scope)
    }
}

issued!(ApiKey);

/// What a bearer may be.
#[derive(Debug, Clone)]
pub(super) enum Bearer {
    /// Signed in a moment ago.
    Access(&'static Account),
    Key(&'static Account, ApiKey),
}

impl Bearer {
    pub(super) fn account(&self) -> &'static Account {
        match self {
            Self::Access(account) | Self::Key(account, _) => account,
        }
    }
}

/// Access and refresh token of one session.
#[derive(Debug)]
pub(super) struct Pair {
    pub(super) access: Secret,
    pub(super) refresh: Secret,
}

/// What is open.
pub(in crate::practice) struct Sessions {
    pub(super) signer: Signer,
    pub(super) issuer: String,
    open: OpenSessions,
    keys: Ledger<ApiKey>,
}

impl Sessions {
    pub(super) fn new(issuer: &str) -> Result<Self, getrandom::Error> {
        Ok(Self {
            signer: Signer::new()?,
            issuer: issuer.to_owned(),
            open: OpenSessions::default(),
            keys: Ledger::default(),
        })
    }

    pub(super) fn begin(
        &self,
        account: &'static Account,
        client: &str,
        now: Timestamp,
    ) -> Result<Pair, getrandom::Error> {
        let session = self.open.begin(account)?;
        self.pair(account, client, &session, now)
    }

    /// New tokens for the session of a refresh token; nothing if that is no good, or given to another client.
    pub(super) fn renew(
        &self,
        refresh: &str,
        client: &str,
        now: Timestamp,
    ) -> Result<Option<Pair>, getrandom::Error> {
        let payload = self.signer.refresh_payload(refresh);
        let Some(payload) = payload.filter(|payload| payload["client_id"] == client) else {
            return Ok(None);
        };
        match self.account_in(&payload, now) {
            Some((account, session)) => self.pair(account, client, &session, now).map(Some),
            None => Ok(None),
        }
    }

    fn pair(
        &self,
        account: &Account,
        client: &str,
        session: &str,
        now: Timestamp,
    ) -> Result<Pair, getrandom::Error> {
        let payload = |seconds: i64| -> Result<Value, getrandom::Error> {
            Ok(json!({
                "exp": now.as_second() + seconds,
                "iat": now.as_second(),
                "jti": uuid(bytes()?),
                "iss": self.issuer,
                "sub": account.id(),
                "client_id": client,
                "sid": session,
            }))
        };
        Ok(Pair {
            access: self.signer.sign(&payload(ACCESS_SECONDS)?),
            refresh: self.signer.sign_refresh(&payload(REFRESH_SECONDS)?),
        })
    }

    fn account_in(&self, payload: &Value, now: Timestamp) -> Option<(&'static Account, String)> {
        // An API key and an identity token bear the same signature, but belong to no session.
        self.open.named_in(payload, "sid", now)
    }

    /// Makes an API key.
    pub(super) fn create_key(
        &self,
        account: &'static Account,
        scopes: Vec<String>,
        tags: Vec<String>,
        now: Timestamp,
    ) -> Result<ApiKey, getrandom::Error> {
        let id = uuid(bytes()?);
        let expires_at = later(now, KEY_LIFETIME);
        let value = self.signer.sign(&json!({
            "exp": expires_at.as_second(),
            "iat": now.as_second(),
            "jti": id,
            "iss": self.issuer,
            "sub": account.id(),
            "scopes": scopes,
        }));
        let key = ApiKey {
            id,
            user: account.username,
            scopes,
            tags,
            created_at: now,
            expires_at,
            value,
        };
        self.keys.add(key.clone());
        Ok(key)
    }

    pub(in crate::practice) fn all_keys(&self) -> Vec<ApiKey> {
        self.keys.all()
    }

    /// A person's own key is deleted; false if there is none.
    pub(super) fn delete_key(&self, account: &Account, id: &str) -> bool {
        self.keys
            .remove_where(|key| key.id == id && key.user == account.username)
    }

    /// Deletes a key whoever owns it; false if there is none.
    pub(in crate::practice) fn revoke_key(&self, id: &str) -> bool {
        self.keys.revoke(id)
    }

    /// Lets a key end now, whatever its own `exp` says; false if there is none.
    pub(in crate::practice) fn expire_key(&self, id: &str, now: Timestamp) -> bool {
        self.keys.expire(id, now)
    }

    /// Who bears this; nothing if it was not made here, is over, or was ended.
    pub(super) fn bearer(&self, jwt: &str, now: Timestamp) -> Option<Bearer> {
        let payload = self.signer.payload(jwt)?;
        if let Some((account, _)) = self.account_in(&payload, now) {
            return Some(Bearer::Access(account));
        }
        match self.keys.look_up(jwt, now) {
            Presented::Valid(key) => Some(Bearer::Key(Account::named(key.user)?, key)),
            Presented::Expired | Presented::Unknown => None,
        }
    }

    /// Ends every session; API keys are not touched.
    pub(in crate::practice) fn end_all(&self) {
        self.open.end_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn access_is_short_keys_are_long_and_both_can_end() {
        let sessions = Sessions::new("http://127.0.0.1:1").unwrap();
        let now = Timestamp::now();
        let alice = Account::named("alice").unwrap();
        let after = |seconds: i64| later(now, SignedDuration::from_secs(seconds));
        let pair = sessions.begin(alice, "one", now).unwrap();
        let key = sessions.create_key(alice, Vec::new(), Vec::new(), now).unwrap();
        let access = |at| sessions.bearer(pair.access.expose(), at).is_some();
        let by_key = |at| sessions.bearer(key.value.expose(), at).is_some();
        assert!(access(after(ACCESS_SECONDS - 1)) && !access(after(ACCESS_SECONDS)));
        let year = 365 * 24 * 3_600;
        assert!(by_key(after(year - 1)) && !by_key(after(year)));
        assert!(sessions.bearer(pair.refresh.expose(), now).is_none());
        assert!(
            sessions
                .renew(pair.refresh.expose(), "two", now)
                .unwrap()
                .is_none()
        );
        assert!(
            sessions
                .renew(pair.refresh.expose(), "one", now)
                .unwrap()
                .is_some()
        );
        sessions.end_all();
        assert!(!access(now) && by_key(now));
        assert!(!sessions.delete_key(Account::named("bob").unwrap(), &key.id));
        assert!(sessions.delete_key(alice, &key.id) && !by_key(now));
    }
}
