//! Anaconda.com: who a person is there, the key that programs use, and the organisations with their tokens (server
//! reference, section 2).

use std::fmt;

use jiff::Timestamp;
use reqwest::Method;
use reqwest::header::AUTHORIZATION;
use serde_json::{Value, json};
use url::Url;

use super::answer::Answer;
use super::channel::{Channel, PAGE};
use super::domain::{Domain, DomainError};
use super::error::RepositoryError;
use super::http::{HttpClient, LIST_LIMIT, Request};
use super::server::{identifier, text};
use super::session::expiry_of;
use crate::secret::{Secret, Token};

/// The site where no other is named.
pub const ANACONDA_COM: &str = "https://anaconda.com";

/// What a key may do: what anaconda-auth asks for (server reference, section 2).
const KEY_SCOPES: [&str; 3] = ["cloud:read", "cloud:write", "repo:read"];

/// A key of Anaconda.com: a JWT that is valid for about a year.
#[derive(Debug, Clone)]
pub struct ApiKey {
    value: Secret,
    expires_at: Option<Timestamp>,
}

impl ApiKey {
    pub fn new(value: Secret) -> Self {
        let expires_at = expiry_of(value.expose());
        Self { value, expires_at }
    }

    pub fn value(&self) -> &Secret {
        &self.value
    }

    /// When it ends, if it says so.
    pub fn expires_at(&self) -> Option<Timestamp> {
        self.expires_at
    }
}

/// Who a person is at Anaconda.com.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// The user name, else the address of the account.
    pub name: String,
}

/// An organisation at Anaconda.com.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CloudOrganization {
    pub id: String,
    /// As it stands in addresses.
    pub name: String,
    pub title: String,
}

/// The calls of the site. Every one of them needs the access token of a sign-in or an [`ApiKey`].
#[derive(Clone)]
pub struct AnacondaComClient {
    http: HttpClient,
    domain: Domain,
    bearer: Secret,
}

impl fmt::Debug for AnacondaComClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AnacondaComClient")
            .field("domain", &self.domain)
            .finish_non_exhaustive()
    }
}

impl AnacondaComClient {
    pub fn new(http: HttpClient, domain: Domain, bearer: Secret) -> Self {
        Self { http, domain, bearer }
    }

    /// `POST api/auth/api-keys`, or where that is unknown `POST api/iam/api-keys`.
    ///
    /// # Errors
    /// [`RepositoryError::SessionExpired`]; otherwise as every call.
    pub async fn create_key(&self) -> Result<ApiKey, RepositoryError> {
        const EXPECTED: &str = "a new key";
        let body = json!({
            "scopes": KEY_SCOPES,
            "tags": [concat!("sextant/v", env!("CARGO_PKG_VERSION"))],
        });
        let post = async |path: &[&str]| {
            let request = self.request(Method::POST, path)?.json(&body).confidential();
            self.http.send(request).await
        };
        let mut answer = post(&["auth", "api-keys"]).await?;
        if answer.status == 404 {
            answer = post(&["iam", "api-keys"]).await?;
        }
        self.expect_success(&answer, "make a key")?;
        let key = answer.text(&answer.json(EXPECTED)?, EXPECTED, "api_key")?;
        Ok(ApiKey::new(Secret::new(key)))
    }

    /// `GET api/account`.
    ///
    /// # Errors
    /// As every call.
    pub async fn account(&self) -> Result<Person, RepositoryError> {
        const EXPECTED: &str = "an account";
        let answer = self.get(&["account"], "read the account").await?;
        let body = answer.json(EXPECTED)?;
        let user = body.get("user").unwrap_or(&body);
        let name = text(user, "username").or_else(|| text(user, "email"));
        let name = name.ok_or_else(|| answer.missing(EXPECTED, "username"))?;
        Ok(Person { name })
    }

    /// `GET api/organizations/my`.
    ///
    /// # Errors
    /// As every call.
    pub async fn organizations(&self) -> Result<Vec<CloudOrganization>, RepositoryError> {
        const EXPECTED: &str = "a list of organisations";
        let answer = self
            .get(&["organizations", "my"], "list the organisations")
            .await?;
        let body = answer.json(EXPECTED)?;
        let items = body.as_array().ok_or_else(|| answer.not_json(EXPECTED))?;
        let read = |item: &Value| {
            let name = text(item, "name")?;
            Some(CloudOrganization {
                id: identifier(item).unwrap_or_default(),
                title: text(item, "title").unwrap_or_else(|| name.clone()),
                name,
            })
        };
        Ok(items.iter().filter_map(read).collect())
    }

    /// `PUT api/organizations/<organisation>/ce/current-token`: issues a token for the organisation's repository. The
    /// previous one is invalid from then on, on every machine.
    ///
    /// # Errors
    /// As every call.
    pub async fn issue_token(&self, organization: &str) -> Result<Token, RepositoryError> {
        const EXPECTED: &str = "a new token";
        let path = ["organizations", organization, "ce", "current-token"];
        let request = self
            .request(Method::PUT, &path)?
            .json(&json!({"confirm": "yes"}))
            .confidential();
        let answer = self.http.send(request).await?;
        self.expect_success(&answer, "issue a token")?;
        let value = answer.text(&answer.json(EXPECTED)?, EXPECTED, "token")?;
        Token::parse(&value).map_err(|reason| RepositoryError::UnusableToken {
            id: organization.to_owned(),
            reason,
        })
    }

    /// The channels of the person's organisations: `GET api/repo/account/channels`, as anaconda-client asks for them. That the
    /// site answers there is inferred from that client alone, so that a failure is no reason to give anything up.
    ///
    /// # Errors
    /// As every call.
    pub async fn channels(&self) -> Result<Vec<Channel>, RepositoryError> {
        const EXPECTED: &str = "a list of channels";
        const MOST: usize = 10_000;
        let mut channels: Vec<Channel> = Vec::new();
        let mut asked = 0;
        loop {
            let (offset, limit) = (asked.to_string(), PAGE.to_string());
            let request = self
                .request(Method::GET, &["repo", "account", "channels"])?
                .query(&[
                    ("offset", offset.as_str()),
                    ("limit", limit.as_str()),
                    ("include_subchannels", "true"),
                ])
                .limit(LIST_LIMIT);
            let answer = self.http.send(request).await?;
            self.expect_success(&answer, "list the channels")?;
            let body = answer.json(EXPECTED)?;
            let items = body.get("items").and_then(Value::as_array);
            let items = items.ok_or_else(|| answer.missing(EXPECTED, "items"))?;
            channels.extend(items.iter().filter_map(Channel::from_json));
            asked += PAGE;
            let total = body
                .get("total_count")
                .and_then(Value::as_u64)
                .unwrap_or_default();
            if items.is_empty() || asked as u64 >= total || asked >= MOST {
                return Ok(channels);
            }
        }
    }

    async fn get(&self, path: &[&str], doing: &'static str) -> Result<Answer, RepositoryError> {
        let answer = self.http.send(self.request(Method::GET, path)?).await?;
        self.expect_success(&answer, doing)?;
        Ok(answer)
    }

    fn request(&self, method: Method, path: &[&str]) -> Result<Request, RepositoryError> {
        let url = self.domain.api(path).map_err(|error| RepositoryError::Internal {
            detail: error.to_string(),
        })?;
        let value = Secret::new(format!("Bearer {}", self.bearer.expose()));
        Request::new(method, url).secret_header(AUTHORIZATION, &value, &self.bearer)
    }

    fn expect_success(&self, answer: &Answer, doing: &'static str) -> Result<(), RepositoryError> {
        let (domain, said) = (self.domain.to_string(), answer.said());
        Err(match answer.status {
            200..=299 => return Ok(()),
            401 => RepositoryError::SessionExpired { domain },
            403 => RepositoryError::Forbidden { domain, doing, said },
            404 => RepositoryError::NotFound {
                address: answer.address.clone(),
                doing,
            },
            status @ 500.. => RepositoryError::ServerFailed { status, doing, said },
            status => RepositoryError::Rejected { status, doing, said },
        })
    }
}

/// The address of the sign-in's description, which lies at the root of the site.
///
/// # Errors
/// [`DomainError`] never occurs for a domain that was parsed.
pub fn issuer_of(domain: &Domain) -> Result<Url, DomainError> {
    Url::parse(domain.as_str()).map_err(|_| DomainError::MalformedHost)
}
