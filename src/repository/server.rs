//! Anaconda Server / Package Security Manager (On-prem) 6.x (server reference, sections 1 and 9).

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use reqwest::Method;
use reqwest::header::{AUTHORIZATION, COOKIE, HeaderName};
use serde_json::{Value, json};

use super::answer::Answer;
use super::domain::Domain;
use super::error::RepositoryError;
use super::http::{HttpClient, Request};
use super::session::Session;
use crate::secret::{Secret, Token};

/// What a token for conda may do: read, no more (server reference, section 1.5).
pub const READ_SCOPES: [&str; 6] = [
    "channel:view",
    "channel:view-artifacts",
    "subchannel:view",
    "subchannel:view-artifacts",
    "artifact:view",
    "artifact:download",
];

/// As whom a call is made.
#[derive(Debug, Clone, Copy)]
pub enum Access<'a> {
    /// The session of a login; the only access that is known to manage tokens.
    Session(&'a Session),
    /// A user token, when there is no session.
    Token(&'a Token),
}

impl<'a> From<&'a Session> for Access<'a> {
    fn from(session: &'a Session) -> Self {
        Self::Session(session)
    }
}

impl<'a> From<&'a Token> for Access<'a> {
    fn from(token: &'a Token) -> Self {
        Self::Token(token)
    }
}

/// Whose session or token it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    pub username: String,
    pub user_id: Option<String>,
    pub default_channel: Option<String>,
}

/// A token as the server lists it; its value is never told again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenInfo {
    pub id: String,
    pub name: String,
    pub created_at: Option<Timestamp>,
    pub expires_at: Option<Timestamp>,
    pub scopes: Vec<String>,
    /// Of a token for certain channels, what it is for, as far as the server's words can be read: their form is not written
    /// down anywhere (server reference, section 1.5).
    pub resources: Vec<String>,
}

/// A token to be made. A token cannot have both scopes and resources, so it always has scopes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewToken {
    pub name: String,
    /// The day it ends; the server takes no time of day.
    pub expires_on: Date,
    pub scopes: Vec<String>,
}

/// A token that was just made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreatedToken {
    pub id: String,
    pub token: Token,
    /// When it ends according to the server, if it says so.
    pub expires_at: Option<Timestamp>,
}

/// What became of a token that was to be revoked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Revocation {
    Revoked,
    /// The server did not know it any more.
    AlreadyGone,
}

/// The calls of one server.
#[derive(Debug, Clone)]
pub struct ServerClient {
    pub(super) http: HttpClient,
    pub(super) domain: Domain,
}

impl ServerClient {
    pub fn new(http: HttpClient, domain: Domain) -> Self {
        Self { http, domain }
    }

    pub fn domain(&self) -> &Domain {
        &self.domain
    }

    /// `POST auth/login`. The user name goes as it was typed (server reference, section 1.3).
    ///
    /// # Errors
    /// [`RepositoryError::WrongPassword`] on 401; otherwise as every call.
    pub async fn log_in(&self, username: &str, password: &Secret) -> Result<Session, RepositoryError> {
        const EXPECTED: &str = "the answer to a sign-in";
        let body = json!({ "username": username, "password": password.expose() });
        let request = self
            .request(Method::POST, &["auth", "login"])?
            .json(&body)
            .hiding(password)
            .confidential();
        let answer = self.http.send(request).await?;
        if answer.status == 401 {
            return Err(RepositoryError::WrongPassword {
                domain: self.domain.to_string(),
            });
        }
        self.expect_success(&answer, None, "sign in")?;
        let body = answer.json(EXPECTED)?;
        let token = Secret::new(answer.text(&body, EXPECTED, "token")?);
        let refresh_token = answer
            .text(&body, EXPECTED, "refresh_token")
            .ok()
            .map(Secret::new);
        Ok(Session::new(username, token, refresh_token))
    }

    /// `GET account`.
    ///
    /// # Errors
    /// As every call.
    pub async fn account(&self, access: impl Into<Access<'_>>) -> Result<Account, RepositoryError> {
        const EXPECTED: &str = "an account";
        let answer = self.get(&["account"], access.into(), "read the account").await?;
        let body = answer.json(EXPECTED)?;
        Ok(Account {
            username: answer.text(&body, EXPECTED, "username")?,
            user_id: text(&body, "user_id"),
            default_channel: text(&body, "default_channel_name"),
        })
    }

    /// `GET account/scopes`: everything the account may put into a token.
    ///
    /// # Errors
    /// As every call.
    pub async fn scopes(&self, access: impl Into<Access<'_>>) -> Result<Vec<String>, RepositoryError> {
        let answer = self
            .get(&["account", "scopes"], access.into(), "list the scopes")
            .await?;
        let body = answer.json("a list of scopes")?;
        let scopes = body.get("scopes").and_then(Value::as_array);
        scopes
            .map(|scopes| texts(scopes))
            .ok_or_else(|| answer.missing("a list of scopes", "scopes"))
    }

    /// Those of [`READ_SCOPES`] that this server knows; all of them when it does not say, or knows none.
    pub async fn read_scopes(&self, access: impl Into<Access<'_>>) -> Vec<String> {
        let known = self.scopes(access).await.unwrap_or_default();
        let all = READ_SCOPES.map(str::to_owned).to_vec();
        let both: Vec<String> = all
            .iter()
            .filter(|scope| known.contains(scope))
            .cloned()
            .collect();
        if both.is_empty() { all } else { both }
    }

    /// `GET account/tokens`: the first page, which is all that is known of this list (server reference, section 1.5).
    ///
    /// # Errors
    /// As every call.
    pub async fn tokens(&self, access: impl Into<Access<'_>>) -> Result<Vec<TokenInfo>, RepositoryError> {
        let answer = self
            .get(&["account", "tokens"], access.into(), "list the tokens")
            .await?;
        let body = answer.json("a list of tokens")?;
        let items = body.get("items").unwrap_or(&body).as_array();
        let items = items.ok_or_else(|| answer.missing("a list of tokens", "items"))?;
        Ok(items.iter().filter_map(token_info).collect())
    }

    /// `POST account/tokens`. When the connection breaks off, the token may exist all the same: look for its name in
    /// [`ServerClient::tokens`].
    ///
    /// # Errors
    /// [`RepositoryError::UnusableToken`] when conda could not use the token's value; it then exists under the id in
    /// the error. Otherwise as every call.
    pub async fn create_token(
        &self,
        access: impl Into<Access<'_>>,
        new: &NewToken,
    ) -> Result<CreatedToken, RepositoryError> {
        const EXPECTED: &str = "a new token";
        let access = access.into();
        let body =
            json!({ "name": new.name, "expires_at": new.expires_on.to_string(), "scopes": new.scopes });
        let request = self
            .request(Method::POST, &["account", "tokens"])?
            .json(&body)
            .confidential();
        let answer = self.http.send(with_access(request, access)?).await?;
        self.expect_success(&answer, Some(access), "make a token")?;
        let body = answer.json(EXPECTED)?;
        let id = identifier(&body).ok_or_else(|| answer.missing(EXPECTED, "id"))?;
        let value = Secret::new(answer.text(&body, EXPECTED, "token")?);
        match Token::parse(value.expose()) {
            Ok(token) => Ok(CreatedToken {
                id,
                token,
                expires_at: time(&body, "expires_at"),
            }),
            Err(reason) => Err(RepositoryError::UnusableToken { id, reason }),
        }
    }

    /// `DELETE account/tokens/<id>`.
    ///
    /// # Errors
    /// As every call, but a token that is gone already is no error.
    pub async fn delete_token(
        &self,
        access: impl Into<Access<'_>>,
        id: &str,
    ) -> Result<Revocation, RepositoryError> {
        // Such an id would name the list of tokens or its parent instead of one token.
        if matches!(id, "" | "." | "..") {
            return Err(RepositoryError::Internal {
                detail: "a token to be revoked has no id".to_owned(),
            });
        }
        let access = access.into();
        let request = self.request(Method::DELETE, &["account", "tokens", id])?;
        let answer = self.http.send(with_access(request, access)?).await?;
        if answer.status == 404 {
            return Ok(Revocation::AlreadyGone);
        }
        self.expect_success(&answer, Some(access), "revoke a token")?;
        // A gateway's page with status 200 must not pass for a revocation.
        if !answer.body.is_empty() {
            answer.json("a confirmation")?;
        }
        Ok(Revocation::Revoked)
    }

    /// `GET account/token-info`: whether the token is still accepted, and when it ends, if the server says so.
    ///
    /// # Errors
    /// [`RepositoryError::TokenNotAccepted`] when it is not; otherwise as every call.
    pub async fn token_end(&self, token: &Token) -> Result<Option<Timestamp>, RepositoryError> {
        let answer = self
            .get(&["account", "token-info"], token.into(), "look at the token")
            .await?;
        // 204 says that it is good, and nothing else.
        if answer.body.is_empty() {
            return Ok(None);
        }
        Ok(time(&answer.json("a token's end")?, "expires_at"))
    }

    pub(super) async fn get(
        &self,
        path: &[&str],
        access: Access<'_>,
        doing: &'static str,
    ) -> Result<Answer, RepositoryError> {
        let request = with_access(self.request(Method::GET, path)?, access)?;
        let answer = self.http.send(request).await?;
        self.expect_success(&answer, Some(access), doing)?;
        Ok(answer)
    }

    pub(super) fn request(&self, method: Method, path: &[&str]) -> Result<Request, RepositoryError> {
        let url = self.domain.api(path).map_err(|e| RepositoryError::Internal {
            detail: e.to_string(),
        })?;
        Ok(Request::new(method, url))
    }

    /// Tells refusals apart by status and by what was sent.
    pub(super) fn expect_success(
        &self,
        answer: &Answer,
        access: Option<Access<'_>>,
        doing: &'static str,
    ) -> Result<(), RepositoryError> {
        let domain = self.domain.to_string();
        let said = answer.said();
        Err(match answer.status {
            200..=299 => return Ok(()),
            401 => match access {
                Some(Access::Session(_)) => RepositoryError::SessionExpired { domain },
                Some(Access::Token(_)) => RepositoryError::TokenNotAccepted { domain },
                None => RepositoryError::SignInRequired { domain },
            },
            403 => RepositoryError::Forbidden { domain, doing, said },
            404 => RepositoryError::NotFound {
                address: answer.address.clone(),
                doing,
            },
            409 => RepositoryError::Conflict { doing, said },
            status @ 500..=599 => RepositoryError::ServerFailed { status, doing, said },
            status => RepositoryError::Rejected { status, doing, said },
        })
    }
}

/// Puts the access into the headers: a session as Bearer and as the four cookies, since it is not known which of them
/// a server reads; a user token as `X-Auth` (server reference, section 1.1).
pub(super) fn with_access(request: Request, access: Access<'_>) -> Result<Request, RepositoryError> {
    match access {
        Access::Token(token) => {
            let token = Secret::new(token.expose());
            request.secret_header(HeaderName::from_static("x-auth"), &token, &token)
        }
        Access::Session(session) => {
            let token = session.token();
            let bearer = Secret::new(format!("Bearer {}", token.expose()));
            let mut request = request.secret_header(AUTHORIZATION, &bearer, token)?;
            if let Some(cookies) = cookies(session) {
                request = request.secret_header(COOKIE, &cookies, token)?;
            }
            Ok(match session.refresh_token() {
                Some(refresh) => request.hiding(refresh),
                None => request,
            })
        }
    }
}

/// The cookies of a session; `None` when a token holds what would end a cookie.
fn cookies(session: &Session) -> Option<Secret> {
    let token = session.token().expose();
    let refresh = session.refresh_token().map(Secret::expose);
    let legal = |text: &str| {
        text.bytes()
            .all(|b| b.is_ascii_graphic() && !matches!(b, b';' | b',' | b'"' | b'\\'))
    };
    if !legal(token) || !refresh.is_none_or(legal) {
        return None;
    }
    let mut cookies = format!("token={token}; jwt_token={token}");
    if let Some(refresh) = refresh {
        cookies.push_str(&format!("; refresh_token={refresh}; jwt_token_refresh={refresh}"));
    }
    Some(Secret::new(cookies))
}

fn token_info(item: &Value) -> Option<TokenInfo> {
    Some(TokenInfo {
        id: identifier(item)?,
        name: text(item, "name").unwrap_or_default(),
        created_at: time(item, "created_at"),
        expires_at: time(item, "expires_at"),
        scopes: item
            .get("scopes")
            .and_then(Value::as_array)
            .map(|scopes| texts(scopes))
            .unwrap_or_default(),
        resources: resources(&item["resources"]),
    })
}

/// A list of names, a list of objects that have one, or an object with the names as its keys; anything else is nothing.
fn resources(value: &Value) -> Vec<String> {
    match value {
        Value::Array(items) => items
            .iter()
            .filter_map(|item| match item {
                Value::String(name) => Some(name.clone()),
                item => ["name", "channel", "resource"]
                    .into_iter()
                    .find_map(|field| text(item, field)),
            })
            .collect(),
        Value::Object(map) => map.keys().cloned().collect(),
        _ => Vec::new(),
    }
}

/// The `id`, which is a UUID on the servers known, but may as well be a number.
pub(super) fn identifier(item: &Value) -> Option<String> {
    match item.get("id")? {
        Value::String(id) if !id.is_empty() => Some(id.clone()),
        Value::Number(id) => Some(id.to_string()),
        _ => None,
    }
}

pub(super) fn text(body: &Value, field: &str) -> Option<String> {
    body.get(field)
        .and_then(Value::as_str)
        .filter(|text| !text.is_empty())
        .map(str::to_owned)
}

pub(super) fn texts(items: &[Value]) -> Vec<String> {
    items
        .iter()
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect()
}

/// A time in any of the forms a server may write it: with a zone, without one (taken as UTC), or a bare day. Formats
/// are not known for certain, so one that cannot be read is one that was not told.
pub(super) fn time(body: &Value, field: &str) -> Option<Timestamp> {
    let text = body.get(field)?.as_str()?;
    let zoned = text.parse::<Timestamp>().ok();
    let local = || {
        text.parse::<DateTime>()
            .ok()
            .or_else(|| text.parse::<Date>().ok().map(DateTime::from))
    };
    zoned.or_else(|| TimeZone::UTC.to_timestamp(local()?).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_in_every_form() {
        let read = |text: &str| time(&json!({ "at": text }), "at").map(|time| time.to_string());
        assert_eq!(
            read("2021-05-02T00:00:00+00:00").as_deref(),
            Some("2021-05-02T00:00:00Z")
        );
        assert_eq!(
            read("2021-04-02T12:22:55.244876+02:00").as_deref(),
            Some("2021-04-02T10:22:55.244876Z")
        );
        assert_eq!(
            read("2021-05-02T10:00:00").as_deref(),
            Some("2021-05-02T10:00:00Z")
        );
        assert_eq!(read("2021-05-02").as_deref(), Some("2021-05-02T00:00:00Z"));
        assert_eq!(read("in a month"), None);
        assert_eq!(time(&json!({ "at": null }), "at"), None);
    }

    #[test]
    fn a_session_that_would_break_its_cookie_goes_without() {
        let session = |token: &str| Session::new("a", Secret::new(token), Some(Secret::new("r")));
        assert_eq!(
            cookies(&session("t")).unwrap().expose(),
            "token=t; jwt_token=t; refresh_token=r; jwt_token_refresh=r"
        );
        assert!(cookies(&session("t; admin=1")).is_none());
    }
}
