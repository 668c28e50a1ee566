//! Whether an Anaconda Repository answers, and how it wants people to sign in.

use std::fmt;

use reqwest::Method;
use serde_json::Value;

use super::api::BinstarApi;
use crate::repository::answer::Answer;
use crate::repository::error::RepositoryError;
use crate::repository::excerpt::printable;
use crate::repository::http::{HttpClient, Request};

/// How a repository wants people to prove who they are (repository reference, A2).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum AuthenticationType {
    Password,
    Kerberos,
    /// Something that no known client speaks.
    Other(String),
}

impl fmt::Display for AuthenticationType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Password => f.write_str("password"),
            Self::Kerberos => f.write_str("Kerberos"),
            Self::Other(name) => f.write_str(name),
        }
    }
}

/// What a repository says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RepositoryInfo {
    pub authentication: AuthenticationType,
    /// Whether it is Anaconda.org, which everyone shares.
    pub is_anaconda_org: bool,
}

impl fmt::Display for RepositoryInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let product = if self.is_anaconda_org {
            "Anaconda.org"
        } else {
            "Anaconda Repository"
        };
        write!(f, "{product}, sign-in with {}", self.authentication)
    }
}

/// `HEAD <base>`, then `GET <base>/authentication-type`. A repository is known by the answer to the second; an older
/// one, which does not have it, by the first together with its way of saying so or its list of scopes.
///
/// # Errors
/// [`RepositoryError::NotARepository`] when something else answers; otherwise as every call.
pub(in crate::repository) async fn look(
    http: &HttpClient,
    api: &BinstarApi,
) -> Result<RepositoryInfo, RepositoryError> {
    let base = http.send(request(Method::HEAD, api, &[])?).await?;
    let told = http
        .send(request(Method::GET, api, &["authentication-type"])?)
        .await?;
    let authentication = match authentication_type(&told) {
        Some(authentication) => authentication,
        None if base.status == 200 && told.status == 404 && is_older(http, api, &told).await? => {
            AuthenticationType::Password
        }
        None => {
            return Err(RepositoryError::NotARepository {
                address: told.address.clone(),
                answered: told.describe(),
            });
        }
    };
    Ok(RepositoryInfo {
        authentication,
        is_anaconda_org: api.is_anaconda_org(),
    })
}

/// Whether a repository answers here for certain, asked in passing: no answer is no repository.
pub(in crate::repository) async fn recognise(http: &HttpClient, api: &BinstarApi) -> bool {
    let Ok(request) = request(Method::GET, api, &["authentication-type"]) else {
        return false;
    };
    http.send(request)
        .await
        .is_ok_and(|answer| authentication_type(&answer).is_some())
}

/// A repository without `authentication-type`: it says so in its own form, or it has scopes.
async fn is_older(http: &HttpClient, api: &BinstarApi, told: &Answer) -> Result<bool, RepositoryError> {
    let refusal = told.json("an error").ok();
    if refusal.is_some_and(|body| body.get("error").is_some_and(Value::is_string)) {
        return Ok(true);
    }
    let scopes = http.send(request(Method::GET, api, &["scopes"])?).await?;
    let known = |body: &Value| {
        ["all", "api", "conda", "repos"]
            .iter()
            .any(|scope| body.get(scope).is_some())
    };
    Ok(scopes.status == 200 && scopes.json("scopes").is_ok_and(|body| known(&body)))
}

/// The answer of `authentication-type`; `None` when it is none.
pub(super) fn authentication_type(answer: &Answer) -> Option<AuthenticationType> {
    if answer.status != 200 {
        return None;
    }
    let body = answer.json("the way to sign in").ok()?;
    let name = printable(body.get("authentication_type")?.as_str()?, 40);
    Some(match name.to_ascii_lowercase().as_str() {
        "" => return None,
        "password" => AuthenticationType::Password,
        "kerberos" => AuthenticationType::Kerberos,
        _ => AuthenticationType::Other(name),
    })
}

pub(super) fn request(method: Method, api: &BinstarApi, path: &[&str]) -> Result<Request, RepositoryError> {
    let url = api.url(path).map_err(|e| RepositoryError::Internal {
        detail: e.to_string(),
    })?;
    Ok(Request::new(method, url))
}
