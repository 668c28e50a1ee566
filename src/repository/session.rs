//! A signed-in session on an Anaconda Server.

use std::fmt;

use base64::Engine as _;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use jiff::Timestamp;
use serde_json::{Value, json};
use thiserror::Error;

use crate::error::{Explain, Kind, Problem};
use crate::secret::Secret;

/// What a login returned: the pair of JWTs, and whose they are.
#[derive(Clone)]
pub struct Session {
    username: String,
    token: Secret,
    refresh_token: Option<Secret>,
    expires_at: Option<Timestamp>,
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("username", &self.username)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

/// A stored session that cannot be read back. Says nothing of what was stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the stored session cannot be read")]
pub struct SessionError;

impl Explain for SessionError {
    fn explain(&self) -> Problem {
        Problem::new(Kind::Auth, self.to_string())
            .because("It was damaged, or another version of Sextant stored it")
            .remedy("Sign in again")
    }
}

impl Session {
    /// A session from the tokens of a login; its end is read out of the JWT when that can be read.
    pub fn new(username: impl Into<String>, token: Secret, refresh_token: Option<Secret>) -> Self {
        let expires_at = expiry_of(token.expose());
        Self {
            username: username.into(),
            token,
            refresh_token,
            expires_at,
        }
    }

    /// The user name as it was typed.
    pub fn username(&self) -> &str {
        &self.username
    }

    /// The same session under the name that the server knows the person by.
    #[must_use]
    pub fn of(mut self, username: &str) -> Self {
        username.clone_into(&mut self.username);
        self
    }

    /// The access JWT.
    pub fn token(&self) -> &Secret {
        &self.token
    }

    /// The refresh JWT; no call of the server is known that takes it (server reference, section 8, question 5).
    pub fn refresh_token(&self) -> Option<&Secret> {
        self.refresh_token.as_ref()
    }

    /// When the session ends, if it says so.
    pub fn expires_at(&self) -> Option<Timestamp> {
        self.expires_at
    }

    /// Whether the session says that it has ended by `now`.
    pub fn has_ended(&self, now: Timestamp) -> bool {
        self.expires_at.is_some_and(|end| end <= now)
    }

    /// The whole session as JSON for a credential store.
    pub fn to_json(&self) -> Secret {
        Secret::new(
            json!({
                "username": self.username,
                "token": self.token.expose(),
                "refresh_token": self.refresh_token.as_ref().map(Secret::expose),
            })
            .to_string(),
        )
    }

    /// Reads back what [`Session::to_json`] wrote.
    ///
    /// # Errors
    /// [`SessionError`] for anything else.
    pub fn from_json(stored: &Secret) -> Result<Self, SessionError> {
        let stored: Value = serde_json::from_str(stored.expose()).map_err(|_| SessionError)?;
        let text = |field| {
            stored
                .get(field)
                .and_then(Value::as_str)
                .filter(|text: &&str| !text.is_empty())
        };
        let username = text("username").ok_or(SessionError)?;
        let token = text("token").ok_or(SessionError)?;
        Ok(Self::new(
            username,
            Secret::new(token),
            text("refresh_token").map(Secret::new),
        ))
    }
}

/// Both alphabets, with or without padding: the server's clients disagree (server reference, section 1.1).
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// The `exp` of a JWT. Anything that cannot be read has no known end; it is the server that decides anyway.
pub(super) fn expiry_of(token: &str) -> Option<Timestamp> {
    let payload = token.split('.').nth(1)?.replace('-', "+").replace('_', "/");
    let payload: Value = serde_json::from_slice(&LENIENT.decode(payload).ok()?).ok()?;
    let end = payload.get("exp")?;
    let seconds = end
        .as_i64()
        .or_else(|| end.as_f64().map(|seconds| seconds as i64))?;
    Timestamp::from_second(seconds).ok()
}

#[cfg(test)]
mod tests {
    use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};

    use super::*;

    fn session(token: &str) -> Session {
        Session::new("alice", Secret::new(token), Some(Secret::new("canary-refresh")))
    }

    #[test]
    fn the_end_is_read_in_either_alphabet() {
        // Chosen so that the encodings differ: they hold `-`/`_` and `+`/`/` respectively.
        let payload = r#"{"name":"ÿþ>>>???ü","exp":1617402175,"x":1}"#;
        for encoded in [
            BASE64_URL_SAFE_NO_PAD.encode(payload),
            BASE64_STANDARD.encode(payload),
        ] {
            let end = session(&format!("h.{encoded}.s")).expires_at().unwrap();
            assert_eq!(end.to_string(), "2021-04-02T22:22:55Z", "{encoded}");
        }
        let float = BASE64_STANDARD.encode(r#"{"exp":1617402175.5}"#);
        assert_eq!(
            session(&format!(".{float}")).expires_at().unwrap().as_second(),
            1_617_402_175
        );
    }

    #[test]
    fn an_odd_token_has_no_known_end() {
        let huge = BASE64_STANDARD.encode(r#"{"exp":1e300}"#);
        let text = BASE64_STANDARD.encode(r#"{"exp":"tomorrow"}"#);
        for odd in [
            "",
            ".",
            "opaque",
            "a.b.c",
            "a.e30.c",
            &format!("a.{huge}.c"),
            &format!("a.{text}.c"),
            "ä.ö.ü",
        ] {
            let session = session(odd);
            assert_eq!(session.expires_at(), None, "{odd}");
            assert!(!session.has_ended(Timestamp::MAX));
        }
    }

    #[test]
    fn a_session_survives_its_store() {
        let end = BASE64_STANDARD.encode(r#"{"exp":100}"#);
        let stored = session(&format!("canary.{end}.s")).to_json();
        let read = Session::from_json(&stored).unwrap();
        assert_eq!(read.username(), "alice");
        assert_eq!(read.refresh_token().unwrap().expose(), "canary-refresh");
        assert!(read.has_ended(Timestamp::from_second(100).unwrap()));
        assert!(!read.has_ended(Timestamp::from_second(99).unwrap()));
        assert!(!format!("{stored} {stored:?} {read:?}").contains("canary"));
        for broken in ["", "[]", r#"{"username":"al"}"#, r#"{"username":"","token":"x"}"#] {
            assert_eq!(
                Session::from_json(&Secret::new(broken)).unwrap_err(),
                SessionError,
                "{broken}"
            );
        }
    }
}
