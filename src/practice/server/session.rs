//! Sessions: the JWTs that a login gives, with a password or through the provider (server reference, sections 1.1, 1.3,
//! 1.4 and 9).
//!
//! Payloads are ASCII without `>`, `?` and `~`, so that their base64url never holds `-` or `_`, over which old clients
//! stumble.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::practice::account::{Account, Role};
use crate::practice::jwt::Signer;
use crate::practice::open_sessions::OpenSessions;
use crate::practice::random::{bytes, uuid};
use crate::secret::Secret;

/// Ten hours, as recorded.
pub(super) const LIFETIME_SECONDS: i64 = 36_000;

/// The path of the recorded issuer; clients accept any name of a realm (server reference, sections 1.4 and 9).
pub(super) const ISSUER: &str = "/auth/realms/dev";

/// The client that the server itself is, for a login with a password.
pub(super) const OWN_CLIENT: &str = "repo-service";

/// What a login answers.
#[derive(Debug, Clone)]
pub(super) struct Pair {
    pub(super) access: Secret,
    pub(super) refresh: Secret,
    /// What both call `session_state`.
    pub(super) session: String,
}

/// The sessions that are open.
pub(in crate::practice) struct Sessions {
    pub(super) signer: Signer,
    pub(super) issuer: String,
    open: OpenSessions,
}

impl Sessions {
    /// `url` is the server's own address, which the tokens name as their issuer.
    pub(super) fn new(url: &str) -> Result<Self, getrandom::Error> {
        Ok(Self {
            signer: Signer::new()?,
            issuer: format!("{url}{ISSUER}"),
            open: OpenSessions::default(),
        })
    }

    /// Opens a session for a client: the server's own, or one of the provider.
    pub(super) fn begin(
        &self,
        account: &'static Account,
        client: &str,
        now: Timestamp,
    ) -> Result<Pair, getrandom::Error> {
        let session = self.open.begin(account)?;
        self.pair(account, client, session, now)
    }

    /// New tokens for the session of a refresh token; nothing if that is no good, or given to another client.
    pub(super) fn renew(
        &self,
        refresh: &str,
        client: &str,
        now: Timestamp,
    ) -> Result<Option<Pair>, getrandom::Error> {
        let Some(payload) = self.signer.refresh_payload(refresh) else {
            return Ok(None);
        };
        let Some((account, session)) = self.account_in(&payload, now) else {
            return Ok(None);
        };
        if payload["azp"] != client {
            return Ok(None);
        }
        self.pair(account, client, session, now).map(Some)
    }

    fn pair(
        &self,
        account: &'static Account,
        client: &str,
        session: String,
        now: Timestamp,
    ) -> Result<Pair, getrandom::Error> {
        let access = self.access_payload(account, client, &session, now)?;
        let refresh = self.refresh_payload(account, client, &session, now)?;
        Ok(Pair {
            access: self.signer.sign(&access),
            refresh: self.signer.sign_refresh(&refresh),
            session,
        })
    }

    fn access_payload(
        &self,
        account: &Account,
        client: &str,
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
            "azp": client,
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
        client: &str,
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
            "azp": client,
            "session_state": session,
            "scope": "email profile",
        }))
    }

    /// Whose session an access token stands for; nothing if it was not made here, is over, or was ended.
    pub(super) fn account_of(&self, jwt: &str, now: Timestamp) -> Option<&'static Account> {
        let payload = self.signer.payload(jwt)?;
        // An identity token bears the same signature, but is not made for asking anything with it.
        if payload["typ"] != "Bearer" {
            return None;
        }
        self.account_in(&payload, now).map(|(account, _)| account)
    }

    fn account_in(&self, payload: &Value, now: Timestamp) -> Option<(&'static Account, String)> {
        self.open.named_in(payload, "session_state", now)
    }

    /// Ends every session, as a restart of the real server's sign-in service would.
    pub(in crate::practice) fn end_all(&self) {
        self.open.end_all();
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;
    use crate::practice::account::ACCOUNTS;

    fn alice() -> &'static Account {
        Account::named("alice").unwrap()
    }

    fn sessions() -> Sessions {
        Sessions::new("http://127.0.0.1:1").unwrap()
    }

    #[test]
    fn a_session_belongs_to_its_server() {
        let now = Timestamp::now();
        let pair = sessions().begin(alice(), OWN_CLIENT, now).unwrap();
        assert_eq!(sessions().account_of(pair.access.expose(), now), None);
    }

    #[test]
    fn a_session_lasts_ten_hours_or_until_it_is_ended() {
        let now = Timestamp::now();
        let sessions = sessions();
        let pair = sessions.begin(alice(), OWN_CLIENT, now).unwrap();
        assert_eq!(sessions.account_of(pair.access.expose(), now), Some(alice()));
        let last = now + SignedDuration::from_secs(LIFETIME_SECONDS - 1);
        assert!(sessions.account_of(pair.access.expose(), last).is_some());
        let over = now + SignedDuration::from_secs(LIFETIME_SECONDS);
        assert!(sessions.account_of(pair.access.expose(), over).is_none());
        sessions.end_all();
        assert!(sessions.account_of(pair.access.expose(), now).is_none());
    }

    #[test]
    fn a_session_is_renewed_for_the_client_it_was_given_to() {
        let now = Timestamp::now();
        let sessions = sessions();
        let pair = sessions.begin(alice(), "one", now).unwrap();
        let renew =
            |token: &Secret, client: &str, at: Timestamp| sessions.renew(token.expose(), client, at).unwrap();
        assert!(renew(&pair.refresh, "other", now).is_none());
        assert!(renew(&pair.access, "one", now).is_none());
        let later = now + SignedDuration::from_secs(LIFETIME_SECONDS - 1);
        let renewed = renew(&pair.refresh, "one", later).unwrap();
        let over = now + SignedDuration::from_secs(LIFETIME_SECONDS);
        assert_eq!(sessions.account_of(pair.access.expose(), over), None);
        assert_eq!(sessions.account_of(renewed.access.expose(), over), Some(alice()));
        assert!(renew(&pair.refresh, "one", over).is_none());
        sessions.end_all();
        assert!(renew(&renewed.refresh, "one", now).is_none());
    }

    #[test]
    fn payloads_decode_with_the_plain_alphabet_too() {
        let sessions = Sessions::new("https://localhost:65535").unwrap();
        for account in &ACCOUNTS {
            let pair = sessions.begin(account, OWN_CLIENT, Timestamp::now()).unwrap();
            let payload = pair.access.expose().split('.').nth(1).unwrap();
            assert!(!payload.contains(['-', '_']), "{payload}");
        }
    }
}
