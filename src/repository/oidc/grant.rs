//! The token endpoint: what a sign-in ends with.

use std::time::Duration;

use reqwest::Method;
use serde_json::Value;
use url::Url;

use super::error::OidcError;
use crate::repository::RepositoryError;
use crate::repository::answer::Answer;
use crate::repository::excerpt::{EXCERPT_CHARACTERS, Scrub};
use crate::repository::http::{HttpClient, Request};
use crate::secret::Secret;

/// What was expected of the token endpoint, in errors.
const EXPECTED: &str = "the answer to a sign-in";

/// The tokens of a person who has signed in.
#[derive(Debug, Clone)]
pub struct Grant {
    pub access_token: Secret,
    pub refresh_token: Option<Secret>,
    /// Unchecked but for its nonce: it says nothing that Sextant relies on.
    pub id_token: Option<Secret>,
    /// How long the access token is good, if the provider says so.
    pub expires_in: Option<Duration>,
}

/// An error in OAuth's own form (RFC 6749, sections 4.1.2.1 and 5.2), made printable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) code: String,
    pub(super) said: Option<String>,
}

impl Refusal {
    pub(super) fn new(code: &str, description: Option<&str>, scrub: &Scrub) -> Self {
        let said = description.map(|words| scrub.excerpt(words, EXCERPT_CHARACTERS));
        Self {
            code: scrub.excerpt(code, 40),
            said: said.filter(|words| !words.is_empty()),
        }
    }
}

impl From<Refusal> for OidcError {
    fn from(Refusal { code, said }: Refusal) -> Self {
        match code.as_str() {
            "access_denied" => Self::Denied { said },
            "invalid_grant" => Self::CodeRefused { said },
            "expired_token" => Self::DeviceCodeExpired,
            "invalid_client"
            | "unauthorized_client"
            | "invalid_scope"
            | "invalid_request"
            | "unsupported_response_type"
            | "unsupported_grant_type" => Self::ClientRefused { code, said },
            "server_error" | "temporarily_unavailable" => Self::Unavailable { code, said },
            _ => Self::Refused { code, said },
        }
    }
}

/// What the token endpoint or the device endpoint answered.
pub(super) enum Reply {
    Success { answer: Answer, body: Value },
    Refused(Refusal),
}

/// Posts a form to an endpoint of the provider. `secrets` are masked should the answer repeat them.
pub(super) async fn post(
    http: &HttpClient,
    endpoint: &Url,
    pairs: &[(&str, &str)],
    secrets: &[&Secret],
) -> Result<Reply, RepositoryError> {
    let request = Request::new(Method::POST, endpoint.clone())
        .form(pairs)
        .confidential();
    let request = secrets
        .iter()
        .fold(request, |request, secret| request.hiding(secret));
    let answer = http.send(request).await?;
    let body = answer.json(EXPECTED);
    if let Ok(body) = &body
        && let Some(code) = body.get("error").and_then(Value::as_str)
    {
        let description = body.get("error_description").and_then(Value::as_str);
        return Ok(Reply::Refused(Refusal::new(code, description, &answer.scrub)));
    }
    match answer.status {
        200..=299 => Ok(Reply::Success { body: body?, answer }),
        status @ 500..=599 => Err(RepositoryError::ServerFailed {
            status,
            doing: "sign in",
            said: None,
        }),
        status => Err(RepositoryError::Rejected {
            status,
            doing: "sign in",
            said: None,
        }),
    }
}

impl Grant {
    /// Reads a successful answer of the token endpoint.
    pub(super) fn read(answer: &Answer, body: &Value) -> Result<Self, OidcError> {
        // A token of another kind than `Bearer` could not be used; one that names none is taken as what everyone sends.
        let kind = body.get("token_type").and_then(Value::as_str);
        if kind.is_some_and(|kind| !kind.eq_ignore_ascii_case("bearer")) {
            return Err(answer.missing(EXPECTED, "a bearer token").into());
        }
        let optional = |field| {
            let text = body.get(field).and_then(Value::as_str);
            text.filter(|text| !text.is_empty()).map(Secret::new)
        };
        Ok(Self {
            access_token: Secret::new(answer.text(body, EXPECTED, "access_token")?),
            refresh_token: optional("refresh_token"),
            id_token: optional("id_token"),
            expires_in: seconds(body, "expires_in"),
        })
    }
}

/// A number of seconds, which some providers send as text.
pub(super) fn seconds(body: &Value, field: &str) -> Option<Duration> {
    let value = body.get(field)?;
    let seconds = value.as_f64().or_else(|| value.as_str()?.trim().parse().ok())?;
    Duration::try_from_secs_f64(seconds.floor()).ok()
}
