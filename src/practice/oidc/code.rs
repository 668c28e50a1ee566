//! Authorization codes: good once, for a short time, for the client and address they were asked for, and only together with
//! the verifier if a challenge was sent (RFC 6749, section 4.1; RFC 7636).

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};

use super::Granted;
use crate::practice::clock::later;
use crate::practice::random::{bytes, uuid};
use crate::secret::Secret;

/// The S256 challenge of a client: 43 letters, digits, `-` and `_`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Challenge(String);

impl Challenge {
    pub(super) fn parse(text: &str) -> Option<Self> {
        let decoded = BASE64_URL_SAFE_NO_PAD.decode(text).ok()?;
        (decoded.len() == 32).then(|| Self(text.to_owned()))
    }

    fn is_met_by(&self, verifier: &str) -> bool {
        BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes())) == self.0
    }
}

/// What a code stands for.
#[derive(Debug)]
struct Entry {
    granted: Granted,
    redirect: String,
    challenge: Option<Challenge>,
    until: Timestamp,
}

/// Why a code is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Bad {
    /// Never given out, used already, or over.
    Code,
    /// Given to another client, or to go to another address.
    Client,
    /// The verifier is missing, or not the one, or there was no challenge to it.
    Verifier,
}

impl Bad {
    pub(super) fn description(self) -> &'static str {
        match self {
            Self::Code => "Code not valid",
            Self::Client => "Incorrect redirect_uri or client",
            Self::Verifier => "PKCE verification failed",
        }
    }
}

#[derive(Debug)]
pub(super) struct Codes {
    lifetime: SignedDuration,
    open: Mutex<HashMap<String, Entry>>,
}

impl Codes {
    pub(super) fn new(lifetime: SignedDuration) -> Self {
        Self {
            lifetime,
            open: Mutex::default(),
        }
    }

    pub(super) fn give(
        &self,
        granted: Granted,
        redirect: &str,
        challenge: Option<Challenge>,
        now: Timestamp,
    ) -> Result<Secret, getrandom::Error> {
        let code = format!("{}.{}", uuid(bytes()?), uuid(bytes()?));
        let entry = Entry {
            granted,
            redirect: redirect.to_owned(),
            challenge,
            until: later(now, self.lifetime),
        };
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.retain(|_, entry| entry.until > now);
        open.insert(code.clone(), entry);
        Ok(Secret::new(code))
    }

    /// Whatever comes of it, the code is used up.
    pub(super) fn redeem(
        &self,
        code: &str,
        client: &str,
        redirect: &str,
        verifier: Option<&str>,
        now: Timestamp,
    ) -> Result<Granted, Bad> {
        let entry = self
            .open
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(code);
        let entry = entry.filter(|entry| entry.until > now).ok_or(Bad::Code)?;
        if entry.granted.client != client || entry.redirect != redirect {
            return Err(Bad::Client);
        }
        let verified = match (&entry.challenge, verifier) {
            (None, None) => true,
            (Some(challenge), Some(verifier)) => challenge.is_met_by(verifier),
            // A verifier without a challenge means that somebody took the challenge away (RFC 9700, section 2.1.1).
            (Some(_), None) | (None, Some(_)) => false,
        };
        if verified {
            Ok(entry.granted)
        } else {
            Err(Bad::Verifier)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::practice::account::Account;

    /// RFC 7636, appendix B.
    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
    const HOME: &str = "http://127.0.0.1:1/";

    fn granted() -> Granted {
        Granted {
            account: Account::named("alice").unwrap(),
            client: "one",
            scope: None,
            nonce: None,
        }
    }

    #[test]
    fn a_code_is_good_once_for_the_one_who_asked() {
        let codes = Codes::new(SignedDuration::from_secs(60));
        let now = Timestamp::now();
        let redeem = |client: &str, redirect: &str, verifier: Option<&str>, after: i64| {
            let challenge = Challenge::parse(CHALLENGE);
            assert!(challenge.is_some());
            let code = codes.give(granted(), HOME, challenge, now).unwrap();
            let at = later(now, SignedDuration::from_secs(after));
            let first = codes.redeem(code.expose(), client, redirect, verifier, at);
            let again = codes.redeem(code.expose(), "one", HOME, Some(VERIFIER), now);
            assert_eq!(
                again.unwrap_err(),
                Bad::Code,
                "whatever came of it, it is used up"
            );
            first.map(|granted| granted.account.username)
        };
        assert_eq!(redeem("one", HOME, Some(VERIFIER), 59), Ok("alice"));
        assert_eq!(redeem("one", HOME, Some(VERIFIER), 60), Err(Bad::Code));
        assert_eq!(redeem("two", HOME, Some(VERIFIER), 0), Err(Bad::Client));
        let elsewhere = "http://127.0.0.1:2/";
        assert_eq!(redeem("one", elsewhere, Some(VERIFIER), 0), Err(Bad::Client));
        assert_eq!(redeem("one", HOME, Some(CHALLENGE), 0), Err(Bad::Verifier));
        assert_eq!(redeem("one", HOME, None, 0), Err(Bad::Verifier));
        let unasked = codes.give(granted(), HOME, None, now).unwrap();
        let redeemed = codes.redeem(unasked.expose(), "one", HOME, Some(VERIFIER), now);
        assert_eq!(redeemed.unwrap_err(), Bad::Verifier);
    }

    #[test]
    fn what_is_no_challenge_is_refused() {
        for bad in [
            "",
            "short",
            &CHALLENGE[1..],
            &format!("{CHALLENGE}="),
            &"+".repeat(43),
        ] {
            assert_eq!(Challenge::parse(bad), None, "{bad}");
        }
    }
}
