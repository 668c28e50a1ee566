//! The calls of a repository (repository reference, sections 1.2 and 1.3).

use jiff::Timestamp;
use reqwest::Method;
use serde_json::Value;

use super::api::BinstarApi;
use super::proof::{self, PlainHttp, Proof, Sent};
use super::recognition::{self, AuthenticationType, RepositoryInfo, authentication_type, request};
use super::token::{BinstarTokenInfo, Extent, NameTaken, NewBinstarToken, Scope};
use super::warning::{ServerWarning, Warnings};
use crate::repository::answer::Answer;
use crate::repository::error::{Leftover, RepositoryError};
use crate::repository::http::{HttpClient, LIST_LIMIT, Request};
use crate::repository::server::{Revocation, text, time};
use crate::secret::{Secret, Token};

/// Whether a login is a person's or an organisation's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UserKind {
    Person,
    Organization,
}

/// A person or an organisation, as the server describes her.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BinstarUser {
    pub login: String,
    pub name: Option<String>,
    pub kind: UserKind,
    pub created_at: Option<Timestamp>,
}

/// An organisation that the account belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Organization {
    pub login: String,
    pub name: Option<String>,
}

/// The calls of one repository. Redirects are never followed.
#[derive(Debug, Clone)]
pub struct BinstarClient {
    http: HttpClient,
    api: BinstarApi,
    plain_http: PlainHttp,
    warnings: Warnings,
}

impl BinstarClient {
    pub fn new(http: HttpClient, api: BinstarApi) -> Self {
        Self {
            http,
            api,
            plain_http: PlainHttp::default(),
            warnings: Warnings::default(),
        }
    }

    /// Lets [`Proof::Kerberos`] go over plain http, where somebody on the way could use it. To be called only when the
    /// person was warned and said yes.
    #[must_use]
    pub fn with_kerberos_over_plain_http(mut self) -> Self {
        self.plain_http = PlainHttp::Allowed;
        self
    }

    pub fn api(&self) -> &BinstarApi {
        &self.api
    }

    /// What the server has warned of so far in its answers to this client and its clones, each once: above all that the
    /// token ends soon.
    pub fn warnings(&self) -> Vec<ServerWarning> {
        self.warnings.all()
    }

    /// Whether a repository answers, and how it wants people to sign in.
    ///
    /// # Errors
    /// [`RepositoryError::NotARepository`] when something else answers; otherwise as every call.
    pub async fn check(&self) -> Result<RepositoryInfo, RepositoryError> {
        recognition::look(&self.http, &self.api).await
    }

    /// `GET authentication-type`. A repository that does not have it wants a password, as anaconda-client assumes.
    ///
    /// # Errors
    /// As every call.
    pub async fn authentication_type(&self) -> Result<AuthenticationType, RepositoryError> {
        let answer = self
            .send(self.request(Method::GET, &["authentication-type"])?)
            .await?;
        if answer.status == 404 {
            return Ok(AuthenticationType::Password);
        }
        self.expect_success(&answer, None, "tell how to sign in")?;
        authentication_type(&answer)
            .ok_or_else(|| answer.missing("the way to sign in", "authentication_type"))
    }

    /// `POST authentications`: signs in by making a token. When the connection breaks off, or the caller is dropped, the
    /// token may exist all the same: look for its name in [`BinstarClient::tokens`], or revoke it by name.
    ///
    /// # Errors
    /// [`RepositoryError::WrongPassword`]; [`RepositoryError::TokenNameTaken`] when there is a token of that name and
    /// the new one does not replace it; [`RepositoryError::TokenNotForConda`] when conda could not use the token, which
    /// is revoked at once; [`RepositoryError::Kerberos`]; otherwise as every call.
    pub async fn create_token(
        &self,
        proof: Proof<'_>,
        new: &NewBinstarToken,
    ) -> Result<Token, RepositoryError> {
        const EXPECTED: &str = "a new token";
        check_name(&new.name)?;
        if new.extent == Extent::Scopes(Vec::new()) {
            // The server reads an empty list as everything.
            return Err(RepositoryError::Internal {
                detail: "a token was to be made without any scope".to_owned(),
            });
        }
        let request = self
            .request(Method::POST, &["authentications"])?
            .json(&new.body(self.api.as_str()))
            .confidential();
        let Sent { answer, server } = self.send_as(request, proof).await?;
        if answer.status == 400 && new.if_name_taken == NameTaken::Refuse {
            return Err(RepositoryError::TokenNameTaken {
                name: new.name.clone(),
                said: answer.said(),
            });
        }
        self.expect_success(&answer, Some(proof), "make a token")?;
        let value = Secret::new(answer.text(&answer.json(EXPECTED)?, EXPECTED, "token")?);
        if let Err(error) = server {
            // Whoever made the token, it is not used; if it was the right server, it shall not stay there.
            self.discard(&value).await;
            return Err(error.into());
        }
        match Token::parse(value.expose()) {
            Ok(token) => Ok(token),
            Err(reason) => Err(RepositoryError::TokenNotForConda {
                name: new.name.clone(),
                reason,
                leftover: self.discard(&value).await,
            }),
        }
    }

    /// `GET authentications`: all tokens of the account.
    ///
    /// # Errors
    /// As every call.
    pub async fn tokens(
        &self,
        proof: impl Into<Proof<'_>>,
    ) -> Result<Vec<BinstarTokenInfo>, RepositoryError> {
        let answer = self
            .get(&["authentications"], proof.into(), "list the tokens")
            .await?;
        let body = answer.json("a list of tokens")?;
        let items = body
            .as_array()
            .ok_or_else(|| answer.not_json("a list of tokens"))?;
        Ok(items.iter().filter_map(BinstarTokenInfo::read).collect())
    }

    /// `GET authentication`: id and name of this token.
    ///
    /// # Errors
    /// [`RepositoryError::TokenNotAccepted`] when it is no longer good; otherwise as every call.
    pub async fn current_token(&self, token: &Token) -> Result<BinstarTokenInfo, RepositoryError> {
        const EXPECTED: &str = "a description of the token";
        let answer = self
            .get(&["authentication"], token.into(), "look at the token")
            .await?;
        let body = answer.json(EXPECTED)?;
        BinstarTokenInfo::read(&body).ok_or_else(|| answer.missing(EXPECTED, "application"))
    }

    /// `DELETE authentications`: ends this token.
    ///
    /// # Errors
    /// As every call, but a token that is not accepted any more is gone already.
    pub async fn revoke_current(&self, token: &Token) -> Result<Revocation, RepositoryError> {
        let request = self.request(Method::DELETE, &["authentications"])?;
        let answer = self.send_as(request, token.into()).await?.believed()?;
        self.revocation(&answer, token.into(), &[401, 404])
    }

    /// `DELETE authentications/name/<name>`, or the same of an organisation. A token is the one proof that this call is
    /// known to take, as it is for [`BinstarClient::tokens`].
    ///
    /// # Errors
    /// As every call, but a token that is gone already is no error.
    pub async fn revoke_by_name(
        &self,
        proof: impl Into<Proof<'_>>,
        name: &str,
        organization: Option<&str>,
    ) -> Result<Revocation, RepositoryError> {
        let proof = proof.into();
        check_name(name)?;
        let path = match organization {
            Some(organization) => {
                check_name(organization)?;
                vec!["authentications", "org", organization, "name", name]
            }
            None => vec!["authentications", "name", name],
        };
        let request = self.request(Method::DELETE, &path)?;
        let answer = self.send_as(request, proof).await?.believed()?;
        self.revocation(&answer, proof, &[404])
    }

    /// `GET scopes`: everything that a token can be allowed to do, in the server's order and words.
    ///
    /// # Errors
    /// As every call.
    pub async fn scopes(&self) -> Result<Vec<Scope>, RepositoryError> {
        let answer = self.send(self.request(Method::GET, &["scopes"])?).await?;
        self.expect_success(&answer, None, "list the scopes")?;
        Scope::read_all(&answer.json("a list of scopes")?).ok_or_else(|| answer.not_json("a list of scopes"))
    }

    /// `GET user`: whose token it is.
    ///
    /// # Errors
    /// [`RepositoryError::TokenNotAccepted`] when it is no longer good; otherwise as every call.
    pub async fn user(&self, token: &Token) -> Result<BinstarUser, RepositoryError> {
        const EXPECTED: &str = "an account";
        let answer = self.get(&["user"], token.into(), "read the account").await?;
        let body = answer.json(EXPECTED)?;
        let is_organization = text(&body, "user_type").is_some_and(|kind| kind == "org");
        Ok(BinstarUser {
            login: answer.text(&body, EXPECTED, "login")?,
            name: text(&body, "name"),
            kind: if is_organization {
                UserKind::Organization
            } else {
                UserKind::Person
            },
            created_at: time(&body, "created_at"),
        })
    }

    /// `GET user/orgs`: the organisations that the account belongs to.
    ///
    /// # Errors
    /// As every call.
    pub async fn organizations(&self, token: &Token) -> Result<Vec<Organization>, RepositoryError> {
        const EXPECTED: &str = "a list of organisations";
        let answer = self
            .get(&["user", "orgs"], token.into(), "list the organisations")
            .await?;
        let body = answer.json(EXPECTED)?;
        let items = body.as_array().ok_or_else(|| answer.not_json(EXPECTED))?;
        let read = |item: &Value| {
            let login = text(item, "login")?;
            let name = text(item, "name");
            Some(Organization { login, name })
        };
        Ok(items.iter().filter_map(read).collect())
    }

    pub(super) fn http(&self) -> &HttpClient {
        &self.http
    }

    pub(super) fn request(&self, method: Method, path: &[&str]) -> Result<Request, RepositoryError> {
        request(method, &self.api, path)
    }

    /// Sends a request as nobody.
    async fn send(&self, request: Request) -> Result<Answer, RepositoryError> {
        let answer = self.http.send(request).await?;
        self.warnings.note(&answer);
        Ok(answer)
    }

    pub(super) async fn send_as(&self, request: Request, proof: Proof<'_>) -> Result<Sent, RepositoryError> {
        let sent = proof::send(&self.http, self.api.domain(), self.plain_http, request, proof).await?;
        self.warnings.note(&sent.answer);
        Ok(sent)
    }

    pub(super) async fn get(
        &self,
        path: &[&str],
        proof: Proof<'_>,
        doing: &'static str,
    ) -> Result<Answer, RepositoryError> {
        let request = self.request(Method::GET, path)?.limit(LIST_LIMIT);
        let answer = self.send_as(request, proof).await?.believed()?;
        self.expect_success(&answer, Some(proof), doing)?;
        Ok(answer)
    }

    fn revocation(
        &self,
        answer: &Answer,
        proof: Proof<'_>,
        gone: &[u16],
    ) -> Result<Revocation, RepositoryError> {
        if gone.contains(&answer.status) {
            return Ok(Revocation::AlreadyGone);
        }
        self.expect_success(answer, Some(proof), "revoke a token")?;
        // The contract is 201. A gateway's page with status 200 must not pass for a revocation.
        if answer.status == 200 && !answer.body.is_empty() {
            answer.json("a confirmation")?;
        }
        Ok(Revocation::Revoked)
    }

    /// Revokes a token that was just made and will not be used.
    async fn discard(&self, value: &Secret) -> Leftover {
        let revoke = async {
            let request = self.request(Method::DELETE, &["authentications"])?;
            let header = Secret::new(format!("token {}", value.expose()));
            let request = request.secret_header(reqwest::header::AUTHORIZATION, &header, value)?;
            let answer = self.send(request).await?;
            self.expect_success(&answer, None, "revoke a token")
        };
        match revoke.await {
            Ok(()) => Leftover::Revoked,
            Err(_) => Leftover::OnServer,
        }
    }

    /// Tells refusals apart by status and by what was sent (repository reference, section 1.1).
    pub(super) fn expect_success(
        &self,
        answer: &Answer,
        proof: Option<Proof<'_>>,
        doing: &'static str,
    ) -> Result<(), RepositoryError> {
        let domain = self.api.domain().to_string();
        let said = answer.said();
        Err(match answer.status {
            200..=299 => return Ok(()),
            401 => match proof {
                Some(Proof::Basic { .. }) => RepositoryError::WrongPassword { domain },
                Some(Proof::Token(_)) => RepositoryError::TokenNotAccepted { domain },
                Some(Proof::Bearer(_)) => RepositoryError::SessionExpired { domain },
                // A 401 to a ticket is told where the tickets are exchanged.
                Some(Proof::Kerberos(_)) | None => RepositoryError::SignInRequired { domain },
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

/// Refuses a name that, in an address, would mean another address.
pub(super) fn check_name(name: &str) -> Result<(), RepositoryError> {
    if matches!(name, "" | "." | "..") {
        return Err(RepositoryError::Internal {
            detail: "something has no usable name".to_owned(),
        });
    }
    Ok(())
}
