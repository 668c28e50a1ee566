//! Sessions: the pair of JWTs that a login gives (server reference, sections 1.1, 1.3 and 9).
//!
//! The access token is shaped as the recorded one, down to the length of its signature, but the signature comes from
//! a key of this server: whoever reads it sees the real shape, and no other text is accepted in its place. Payloads
//! are ASCII without `>`, `?` and `~`, so that their base64url never holds `-` or `_`, over which old clients stumble.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::account::{Account, Role};
use super::random::{bytes, hmac_sha256, uuid};
use crate::secret::Secret;

/// Ten hours, as recorded.
pub(super) const LIFETIME_SECONDS: i64 = 36_000;

/// What a login answers.
#[derive(Debug, Clone)]
pub(super) struct Pair {
    pub(super) access: Secret,
    pub(super) refresh: Secret,
}

/// The sessions that are open, and the key that proves a JWT to be ours.
pub(super) struct Sessions {
    key: [u8; 32],
    key_id: String,
    issuer: String,
    open: Mutex<HashMap<String, &'static Account>>,
}

impl Sessions {
    /// `url` is the server's own address, which the tokens name as their issuer.
    pub(super) fn new(url: &str) -> Result<Self, getrandom::Error> {
        Ok(Self {
            key: bytes()?,
            key_id: BASE64_URL_SAFE_NO_PAD.encode(bytes::<32>()?),
            issuer: format!("{url}/auth/realms/dev"),
            open: Mutex::default(),
        })
    }

    fn open(&self) -> MutexGuard<'_, HashMap<String, &'static Account>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Opens a session.
    pub(super) fn begin(&self, account: &'static Account, now: Timestamp) -> Result<Pair, getrandom::Error> {
        let session = uuid(bytes()?);
        let access = self.access_payload(account, &session, now)?;
        let refresh = self.refresh_payload(account, &session, now)?;
        self.open().insert(session, account);
        let access_header = json!({"alg": "RS256", "typ": "JWT", "kid": self.key_id});
        let refresh_header = json!({"alg": "HS256", "typ": "JWT", "kid": self.key_id});
        Ok(Pair {
            access: joined(&access_header, &access, |text| self.long_signature(text)),
            refresh: joined(&refresh_header, &refresh, |text| {
                hmac_sha256(&self.key, text).to_vec()
            }),
        })
    }

    fn access_payload(
        &self,
        account: &Account,
        session: &str,
        now: Timestamp,
    ) -> Result<Value, getrandom::Error> {
        let mut roles = vec!["author", "offline_access", "uma_authorization", "USER"];
        if account.role == Role::Admin {
            roles.push("admin");
        }
        Ok(json!({
            "exp": now.as_second() + LIFETIME_SECONDS,
            "iat": now.as_second(),
            "jti": uuid(bytes()?),
            "iss": self.issuer,
            "aud": "account",
            "sub": account.id(),
            "typ": "Bearer",
            "azp": "repo-service",
            "session_state": session,
            "acr": "1",
            "realm_access": {"roles": roles},
            "resource_access": {"account": {"roles": ["manage-account", "manage-account-links", "view-profile"]}},
            "scope": "email profile",
            "email_verified": false,
            "user_name": account.username,
            "preferred_username": account.username,
        }))
    }

    fn refresh_payload(
        &self,
        account: &Account,
        session: &str,
        now: Timestamp,
    ) -> Result<Value, getrandom::Error> {
        Ok(json!({
            "exp": now.as_second() + LIFETIME_SECONDS,
            "iat": now.as_second(),
            "jti": uuid(bytes()?),
            "iss": self.issuer,
            "aud": self.issuer,
            "sub": account.id(),
            "typ": "Refresh",
            "azp": "repo-service",
            "session_state": session,
            "scope": "email profile",
        }))
    }

    /// As long as an RS256 signature: clients meet a token of the real size.
    fn long_signature(&self, text: &[u8]) -> Vec<u8> {
        (0..8_u8)
            .flat_map(|part| {
                let mut message = vec![part];
                message.extend_from_slice(text);
                hmac_sha256(&self.key, &message)
            })
            .collect()
    }

    /// Whose session an access token stands for; nothing if it was not made here, is over, or was ended.
    pub(super) fn account_of(&self, jwt: &str, now: Timestamp) -> Option<&'static Account> {
        let (signed, signature) = jwt.rsplit_once('.')?;
        let (_, payload) = signed.split_once('.')?;
        let signature = BASE64_URL_SAFE_NO_PAD.decode(signature).ok()?;
        if signature != self.long_signature(signed.as_bytes()) {
            return None;
        }
        let payload: Value = serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(payload).ok()?).ok()?;
        if payload["exp"].as_i64()? <= now.as_second() {
            return None;
        }
        self.open().get(payload["session_state"].as_str()?).copied()
    }

    /// Ends every session, as a restart of the real server's sign-in service would.
    pub(super) fn end_all(&self) {
        self.open().clear();
    }
}

fn joined(header: &Value, payload: &Value, sign: impl Fn(&[u8]) -> Vec<u8>) -> Secret {
    let encoded = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!("{}.{}", encoded(header), encoded(payload));
    let signature = BASE64_URL_SAFE_NO_PAD.encode(sign(signed.as_bytes()));
    Secret::new(format!("{signed}.{signature}"))
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;

    fn alice() -> &'static Account {
        Account::named("alice").unwrap()
    }

    #[test]
    fn only_what_was_signed_here_counts() {
        let now = Timestamp::now();
        let sessions = Sessions::new("http://127.0.0.1:1").unwrap();
        let pair = sessions.begin(alice(), now).unwrap();
        assert_eq!(sessions.account_of(pair.access.expose(), now), Some(alice()));
        assert_eq!(
            sessions.account_of(pair.refresh.expose(), now),
            None,
            "a refresh token is no access token"
        );

        let elsewhere = Sessions::new("http://127.0.0.1:1").unwrap();
        assert_eq!(elsewhere.account_of(pair.access.expose(), now), None);

        let (signed, signature) = pair.access.expose().rsplit_once('.').unwrap();
        let (header, _) = signed.split_once('.').unwrap();
        let forged = BASE64_URL_SAFE_NO_PAD.encode(r#"{"exp":9999999999,"session_state":"x"}"#);
        assert_eq!(
            sessions.account_of(&format!("{header}.{forged}.{signature}"), now),
            None
        );
        assert_eq!(sessions.account_of(&format!("{signed}."), now), None);
    }

    #[test]
    fn a_session_lasts_ten_hours_or_until_it_is_ended() {
        let now = Timestamp::now();
        let sessions = Sessions::new("http://127.0.0.1:1").unwrap();
        let pair = sessions.begin(alice(), now).unwrap();
        let last = now + SignedDuration::from_secs(LIFETIME_SECONDS - 1);
        assert!(sessions.account_of(pair.access.expose(), last).is_some());
        let over = now + SignedDuration::from_secs(LIFETIME_SECONDS);
        assert!(sessions.account_of(pair.access.expose(), over).is_none());
        sessions.end_all();
        assert!(sessions.account_of(pair.access.expose(), now).is_none());
    }

    #[test]
    fn payloads_decode_with_the_plain_alphabet_too() {
        let sessions = Sessions::new("https://localhost:65535").unwrap();
        for account in &super::super::account::ACCOUNTS {
            let pair = sessions.begin(account, Timestamp::now()).unwrap();
            let payload = pair.access.expose().split('.').nth(1).unwrap();
            assert!(!payload.contains(['-', '_']), "{payload}");
        }
    }
}
