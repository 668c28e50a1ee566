//! The ways a credential travels (server reference, sections 1.1 and 2; repository reference, sections 1.1 and 1.6).

use axum::http::{HeaderMap, header};
use base64::prelude::{BASE64_STANDARD, Engine as _};

use crate::secret::Secret;

/// How a credential was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Carrier {
    /// `/t/<token>/` in a path.
    Path,
    /// `Authorization: Bearer <session, access token or API key>`.
    Bearer,
    /// `Authorization: token <token>`.
    Token,
    /// `X-Auth: <user token>`.
    XAuth,
    /// `Authorization: Basic`, the user token as name and `x-auth-token` as password.
    Basic,
    /// `Authorization: Basic` with a person's name and password; the value is `name:password`.
    Password,
    /// `Authorization: Negotiate <base64>`.
    Negotiate,
    /// The cookies `jwt_token`, `token` and their refresh twins.
    Cookie,
}

/// A credential as it was sent.
#[derive(Debug, Clone)]
pub struct Credential {
    pub carrier: Carrier,
    pub value: Secret,
}

/// Every credential of a request; those of the path first, then those of the headers.
pub(super) fn credentials(path_token: Option<&str>, headers: &HeaderMap) -> Vec<Credential> {
    let mut found = Vec::new();
    let mut add = |carrier, value: Option<&str>| {
        if let Some(value) = value {
            found.push(Credential {
                carrier,
                value: Secret::new(value),
            });
        }
    };
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let authorization = text("authorization");
    let after = |scheme: &str| authorization.and_then(|value| after_scheme(value, scheme));
    add(Carrier::Path, path_token);
    add(Carrier::Bearer, after("Bearer"));
    add(Carrier::Token, after("token"));
    add(Carrier::XAuth, text("x-auth"));
    if let Some(pair) = after("Basic").and_then(decoded) {
        match pair.strip_suffix(":x-auth-token") {
            Some(token) => add(Carrier::Basic, Some(token)),
            None => add(Carrier::Password, Some(&pair)),
        }
    }
    add(Carrier::Negotiate, after("Negotiate"));
    let cookie = cookie(headers, "jwt_token").or_else(|| cookie(headers, "token"));
    add(Carrier::Cookie, cookie.as_deref());
    found
}

/// The value of the one carrier, if it was used.
pub(super) fn sent(headers: &HeaderMap, carrier: Carrier) -> Option<Secret> {
    credentials(None, headers)
        .into_iter()
        .find(|credential| credential.carrier == carrier)
        .map(|credential| credential.value)
}

fn after_scheme<'a>(value: &'a str, scheme: &str) -> Option<&'a str> {
    let (found, rest) = value.split_once(' ')?;
    found.eq_ignore_ascii_case(scheme).then_some(rest.trim())
}

/// `name:password`; nothing if the header holds no such pair.
fn decoded(encoded: &str) -> Option<String> {
    let pair = String::from_utf8(BASE64_STANDARD.decode(encoded).ok()?).ok()?;
    pair.contains(':').then_some(pair)
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

    fn one(carrier: Carrier, value: &str) -> [(Carrier, String); 1] {
        [(carrier, value.to_owned())]
    }

    #[test]
    fn every_carrier_is_seen() {
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
        let basic = |pair: &str| format!("Basic {}", BASE64_STANDARD.encode(pair));
        for (authorization, carrier, value) in [
            (basic("abc:x-auth-token"), Carrier::Basic, "abc"),
            (basic("alice:a:b"), Carrier::Password, "alice:a:b"),
            ("token abc".to_owned(), Carrier::Token, "abc"),
            ("Negotiate YII=".to_owned(), Carrier::Negotiate, "YII="),
        ] {
            assert_eq!(
                found(None, &[("authorization", &authorization)]),
                one(carrier, value)
            );
        }
        assert_eq!(
            found(None, &[("cookie", "token=t; refresh_token=r")]),
            one(Carrier::Cookie, "t")
        );
    }

    #[test]
    fn what_is_no_carrier_is_overlooked() {
        let nameless = BASE64_STANDARD.encode("abc");
        for authorization in [format!("Basic {nameless}"), "Basic !".to_owned(), "x".to_owned()] {
            assert_eq!(found(None, &[("authorization", &authorization)]), []);
        }
        assert_eq!(found(None, &[("cookie", "jwt_token=; other=1")]), []);
    }
}
