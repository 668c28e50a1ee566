//! Who is asking: the carriers of a credential and what they prove (server reference, section 1.1).

use axum::http::{HeaderMap, header};
use base64::prelude::{BASE64_STANDARD, Engine as _};

use super::account::Account;
use super::answer::Refusal;
use super::state::State;
use super::token::{Presented, TokenRecord};
use crate::secret::Secret;

/// The ways a credential travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Carrier {
    /// `/t/<user token>/` in the path of channel content.
    Path,
    /// `Authorization: Bearer <session>`.
    Bearer,
    /// `X-Auth: <user token>`.
    XAuth,
    /// `Authorization: Basic`, the user token as name and `x-auth-token` as password.
    Basic,
    /// The cookies `jwt_token`, `token` and their refresh twins.
    Cookie,
}

/// The carriers that some endpoints look at; others are overlooked there, as if they were not sent.
pub(super) type Accepted = &'static [Carrier];

/// Tokens and scopes are managed with a session only (server reference, section 1.5).
pub(super) const SESSION: Accepted = &[Carrier::Bearer, Carrier::Cookie];
/// The account and channel lists.
pub(super) const API: Accepted = &[Carrier::Bearer, Carrier::XAuth, Carrier::Cookie];
/// What is told of a token is told to the token.
pub(super) const TOKEN: Accepted = &[Carrier::XAuth];
/// Channel content.
pub(super) const CONTENT: Accepted = &[
    Carrier::Path,
    Carrier::Bearer,
    Carrier::XAuth,
    Carrier::Basic,
    Carrier::Cookie,
];

/// A credential as it was sent.
#[derive(Debug, Clone)]
pub struct Credential {
    pub carrier: Carrier,
    pub value: Secret,
}

/// A caller who was recognised.
#[derive(Debug, Clone)]
pub(super) enum Caller {
    Session(&'static Account),
    Token(&'static Account, TokenRecord),
}

impl Caller {
    pub(super) fn account(&self) -> &'static Account {
        match self {
            Self::Session(account) | Self::Token(account, _) => account,
        }
    }

    /// 403 unless the token carries all these scopes; a session may do what its person may.
    pub(super) fn need(&self, scopes: &[&str]) -> Result<(), Refusal> {
        let Self::Token(_, record) = self else {
            return Ok(());
        };
        match scopes
            .iter()
            .find(|wanted| !record.scopes.iter().any(|scope| scope == *wanted))
        {
            Some(missing) => Err(Refusal::forbidden(format!("The token lacks the scope {missing}"))),
            None => Ok(()),
        }
    }
}

/// Every credential of a request, the one that counts first.
pub(super) fn credentials(path_token: Option<&str>, headers: &HeaderMap) -> Vec<Credential> {
    let mut found = Vec::new();
    let mut add = |carrier, value: Option<String>| {
        if let Some(value) = value {
            found.push(Credential {
                carrier,
                value: Secret::new(value),
            });
        }
    };
    let authorization = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok());
    add(Carrier::Path, path_token.map(str::to_owned));
    add(
        Carrier::Bearer,
        authorization
            .and_then(|value| after_scheme(value, "Bearer"))
            .map(str::to_owned),
    );
    add(
        Carrier::XAuth,
        headers
            .get("x-auth")
            .and_then(|value| value.to_str().ok())
            .map(str::to_owned),
    );
    add(
        Carrier::Basic,
        authorization
            .and_then(|value| after_scheme(value, "Basic"))
            .and_then(basic_token),
    );
    add(
        Carrier::Cookie,
        cookie(headers, "jwt_token").or_else(|| cookie(headers, "token")),
    );
    found
}

fn after_scheme<'a>(value: &'a str, scheme: &str) -> Option<&'a str> {
    let (found, rest) = value.split_once(' ')?;
    found.eq_ignore_ascii_case(scheme).then_some(rest.trim())
}

fn basic_token(encoded: &str) -> Option<String> {
    let decoded = String::from_utf8(BASE64_STANDARD.decode(encoded).ok()?).ok()?;
    let (name, password) = decoded.split_once(':')?;
    (password == "x-auth-token").then(|| name.to_owned())
}

fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(found, value)| *found == name && !value.is_empty())
        .map(|(_, value)| value.to_owned())
}

/// The caller of a request, or nobody if no accepted credential was sent; 401 if the first accepted one is no good.
pub(super) fn recognise(
    state: &State,
    path_token: Option<&str>,
    headers: &HeaderMap,
    accepted: Accepted,
) -> Result<Option<Caller>, Refusal> {
    let sent = credentials(path_token, headers);
    let Some(credential) = sent
        .iter()
        .find(|credential| accepted.contains(&credential.carrier))
    else {
        return Ok(None);
    };
    let value = credential.value.expose();
    match credential.carrier {
        Carrier::Bearer | Carrier::Cookie => session(state, value).map(Some),
        Carrier::Path | Carrier::XAuth | Carrier::Basic => token(state, value).map(Some),
    }
}

/// As [`recognise`], but 401 for nobody.
pub(super) fn require(state: &State, headers: &HeaderMap, accepted: Accepted) -> Result<Caller, Refusal> {
    recognise(state, None, headers, accepted)?.ok_or_else(|| Refusal::unauthorized("Sign in first"))
}

fn session(state: &State, jwt: &str) -> Result<Caller, Refusal> {
    match state.sessions.account_of(jwt, state.clock.now()) {
        Some(account) => Ok(Caller::Session(account)),
        None => Err(Refusal::unauthorized("The session is not valid or has ended")),
    }
}

fn token(state: &State, value: &str) -> Result<Caller, Refusal> {
    match state.tokens.look_up(value, state.clock.now()) {
        Presented::Valid(record) => match Account::named(record.user) {
            Some(account) => Ok(Caller::Token(account, record)),
            None => Err(Refusal::unauthorized("The owner of the token is gone")),
        },
        Presented::Expired => Err(Refusal::unauthorized("The token has expired")),
        Presented::Unknown => Err(Refusal::unauthorized("The token is not known")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
            .collect()
    }

    fn found(path: Option<&str>, pairs: &[(&'static str, &str)]) -> Vec<(Carrier, String)> {
        let all = credentials(path, &headers(pairs));
        all.into_iter()
            .map(|one| (one.carrier, one.value.expose().to_owned()))
            .collect()
    }

    #[test]
    fn every_carrier_is_seen() {
        let basic = BASE64_STANDARD.encode("abc:x-auth-token");
        assert_eq!(
            found(
                Some("p"),
                &[
                    ("authorization", "bearer j"),
                    ("x-auth", "x"),
                    ("cookie", "a=b; jwt_token=c")
                ]
            ),
            [
                (Carrier::Path, "p".to_owned()),
                (Carrier::Bearer, "j".to_owned()),
                (Carrier::XAuth, "x".to_owned()),
                (Carrier::Cookie, "c".to_owned()),
            ]
        );
        assert_eq!(
            found(None, &[("authorization", &format!("Basic {basic}"))]),
            [(Carrier::Basic, "abc".to_owned())]
        );
        assert_eq!(
            found(None, &[("cookie", "token=t; refresh_token=r")]),
            [(Carrier::Cookie, "t".to_owned())]
        );
    }

    #[test]
    fn what_is_no_carrier_is_overlooked() {
        let other = BASE64_STANDARD.encode("abc:password");
        assert_eq!(found(None, &[("authorization", &format!("Basic {other}"))]), []);
        assert_eq!(
            found(
                None,
                &[("authorization", "token abc"), ("cookie", "jwt_token=; other=1")]
            ),
            []
        );
    }
}
