//! Making and revoking tokens of Anaconda Repository and Anaconda.org.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::execute::Obtained;
use super::repository::BinstarProof;
use super::{LoggedIn, TOKEN_DAYS, host_name, midnight, token_name};
use crate::repository::{
    ApiKey, BinstarApi, BinstarClient, Extent, NameTaken, NewBinstarToken, Proof, RepositoryError,
    Revocation as Revoked, Strength,
};
use crate::secret::{Secret, Token};
use crate::service::connection::{Revocation, Service};
use crate::service::plan::PlannedToken;
use crate::service::{ServiceError, Services};

/// The scope that the server knows for everything.
const EVERYTHING: &str = "all";

/// What a token needs for looking after the others.
const LOOKING_AFTER: [&str; 2] = ["api:read", "api:write"];
/// How long a token lives at most that is made for one piece of work.
pub(crate) const BRIEF_LIFETIME: Duration = Duration::from_secs(300);

/// What lies in the credential store for a token of this kind: the token, which can revoke itself, and the key of
/// Anaconda.com where there is one. While a token is asked for, neither.
#[derive(Debug, Clone, Default)]
pub(crate) struct Kept {
    pub token: Option<Token>,
    pub key: Option<ApiKey>,
}

impl Kept {
    pub(crate) fn to_secret(&self) -> Secret {
        let token = self.token.as_ref().map(Token::expose);
        let key = self.key.as_ref().map(|key| key.value().expose());
        Secret::new(json!({"token": token, "api_key": key}).to_string())
    }

    /// Whatever cannot be read is not there.
    pub(crate) fn from_secret(secret: &Secret) -> Self {
        let stored: Value = serde_json::from_str(secret.expose()).unwrap_or_default();
        let text = |field: &str| stored.get(field).and_then(Value::as_str).map(str::to_owned);
        Self {
            token: text("token").and_then(|token| Token::parse(&token).ok()),
            key: text("api_key").map(|key| ApiKey::new(Secret::new(key))),
        }
    }
}

impl Services {
    /// The proof as the client takes it.
    pub(crate) async fn proven<T>(
        &self,
        client: BinstarClient,
        proof: &BinstarProof,
        call: impl AsyncFnOnce(BinstarClient, Proof<'_>) -> Result<T, RepositoryError>,
    ) -> Result<T, ServiceError> {
        let kerberos = self.kerberos().clone();
        let (client, proof) = match proof {
            BinstarProof::Password { username, password } => (client, Proof::Basic { username, password }),
            BinstarProof::Kerberos {
                over_plain_http: true,
            } => (
                client.with_kerberos_over_plain_http(),
                Proof::Kerberos(&*kerberos),
            ),
            BinstarProof::Kerberos {
                over_plain_http: false,
            } => (client, Proof::Kerberos(&*kerberos)),
            BinstarProof::Bearer(token) => (client, Proof::Bearer(token)),
            BinstarProof::Token(token) => (client, Proof::Token(token)),
        };
        Ok(call(client, proof).await?)
    }

    pub(super) async fn create_binstar_token(
        &self,
        login: &LoggedIn,
        api: &BinstarApi,
        proof: &BinstarProof,
        planned: &PlannedToken,
    ) -> Result<Obtained, ServiceError> {
        let client = self.binstar(api, login.ca_file.as_deref()).await?;
        let new = NewBinstarToken {
            name: planned.name.clone(),
            hostname: host_name(),
            extent: if planned.scopes.iter().any(|scope| scope == EVERYTHING) {
                Extent::Everything
            } else {
                Extent::Scopes(planned.scopes.clone())
            },
            organization: None,
            lifetime: Some(self.lifetime_until(midnight(planned.expires_on))),
            strength: Strength::Strong,
            if_name_taken: NameTaken::Refuse,
        };
        let token = self
            .proven(client, proof, async |client, proof| {
                client.create_token(proof, &new).await
            })
            .await?;
        let kept = Kept {
            token: Some(token.clone()),
            key: None,
        };
        Ok(Obtained {
            token,
            id: None,
            expires_at: None,
            keeps: Some(kept.to_secret()),
        })
    }

    /// A key of Anaconda.com beside the token of Anaconda.org; what is to be kept of both.
    pub(super) async fn create_key(&self, bearer: &Secret, token: &Token) -> Result<Secret, ServiceError> {
        let key = self.anaconda_com_client(bearer).await?.create_key().await?;
        let kept = Kept {
            token: Some(token.clone()),
            key: Some(key),
        };
        Ok(kept.to_secret())
    }

    fn lifetime_until(&self, end: Option<Timestamp>) -> Duration {
        let seconds = end.map_or(TOKEN_DAYS * 86_400, |end| {
            end.as_second() - self.now().as_second()
        });
        Duration::from_secs(u64::try_from(seconds).unwrap_or_default())
    }

    /// Deletes a token by itself where it is known, else by its name with other credentials. `proof` replaces what is
    /// stored.
    pub(crate) async fn revoke_at_binstar(
        &self,
        revocation: &Revocation,
        proof: Option<&BinstarProof>,
        kept: &Kept,
    ) -> Result<Revoked, ServiceError> {
        let api = self.api_of(revocation.service, &revocation.domain)?;
        let client = self.binstar(&api, revocation.ca_file.as_deref()).await?;
        self.step("delete token: before");
        let revoked = match (&kept.token, proof) {
            (Some(token), _) => client.revoke_current(token).await?,
            (None, Some(proof)) => {
                let name = &revocation.token_name;
                self.looking_after_tokens(&revocation.user, client, proof, async |client, token, _| {
                    client.revoke_by_name(token, name, None).await
                })
                .await?
            }
            // What a crash left: the token's value never arrived, and nothing that was stored can name it.
            (None, None) => {
                return Err(RepositoryError::SignInRequired {
                    domain: revocation.domain.clone(),
                }
                .into());
            }
        };
        self.step("delete token: after");
        Ok(revoked)
    }

    /// The API of a service that this machine is, or was, signed in to.
    pub(crate) fn api_of(&self, service: Service, domain: &str) -> Result<BinstarApi, ServiceError> {
        match service {
            Service::AnacondaOrg => self.anaconda_org(),
            _ => Ok(BinstarApi::parse(domain)?),
        }
    }

    /// All tokens of the account.
    pub(crate) async fn binstar_tokens(
        &self,
        login: &LoggedIn,
        api: &BinstarApi,
        proof: &BinstarProof,
    ) -> Result<Vec<crate::repository::BinstarTokenInfo>, ServiceError> {
        let client = self.binstar(api, login.ca_file.as_deref()).await?;
        self.looking_after_tokens(&login.user, client, proof, async |client, token, own| {
            let mut all = client.tokens(token).await?;
            all.retain(|found| Some(found.name.as_str()) != own);
            Ok(all)
        })
        .await
    }

    /// The account's login in its own spelling, and the organisations that it belongs to.
    pub(crate) async fn binstar_account(
        &self,
        login: &LoggedIn,
        api: &BinstarApi,
        proof: &BinstarProof,
    ) -> Result<(String, Vec<String>), ServiceError> {
        let client = self.binstar(api, login.ca_file.as_deref()).await?;
        self.looking_after_tokens(&login.user, client, proof, async |client, token, _| {
            let organizations = match client.organizations(token).await {
                Err(RepositoryError::Forbidden { .. } | RepositoryError::NotFound { .. }) => Vec::new(),
                all => all?,
            };
            let logins = organizations.into_iter().map(|one| one.login).collect();
            Ok((client.user(token).await?.login, logins))
        })
        .await
    }

    /// Ends a token of an organisation by its name.
    pub(crate) async fn revoke_of_organization(
        &self,
        login: &LoggedIn,
        api: &BinstarApi,
        proof: &BinstarProof,
        organization: &str,
        name: &str,
    ) -> Result<Revoked, ServiceError> {
        let client = self.binstar(api, login.ca_file.as_deref()).await?;
        self.looking_after_tokens(&login.user, client, proof, async |client, token, _| {
            client.revoke_by_name(token, name, Some(organization)).await
        })
        .await
    }

    pub(crate) async fn revoke_by_name_at_binstar(
        &self,
        login: &LoggedIn,
        api: &BinstarApi,
        proof: &BinstarProof,
        name: &str,
    ) -> Result<(), ServiceError> {
        let client = self.binstar(api, login.ca_file.as_deref()).await?;
        self.looking_after_tokens(&login.user, client, proof, async |client, token, _| {
            client.revoke_by_name(token, name, None).await.map(drop)
        })
        .await
    }

    /// Does `work` with a token that may see and end the other tokens of the account: a repository takes neither password nor
    /// ticket for that (repository reference, section 1.2, A4 to A8). One that is made for it goes again; if that fails, it
    /// ends by itself soon. `work` is told its name.
    async fn looking_after_tokens<T>(
        &self,
        user: &str,
        client: BinstarClient,
        proof: &BinstarProof,
        work: impl AsyncFnOnce(&BinstarClient, &Token, Option<&str>) -> Result<T, RepositoryError>,
    ) -> Result<T, ServiceError> {
        let work = async |client: &BinstarClient, token: &Token, own: Option<&str>| {
            work(client, token, own).await.map_err(ServiceError::from)
        };
        self.with_brief_token(user, client, proof, &LOOKING_AFTER, work)
            .await
    }

    /// Does `work` with a token of these scopes that ends with it; if it cannot be ended, it ends by itself soon. A proof
    /// that is a token is used as it is. `work` is told the name of the token that is made for it.
    pub(crate) async fn with_brief_token<T>(
        &self,
        user: &str,
        client: BinstarClient,
        proof: &BinstarProof,
        scopes: &[&str],
        work: impl AsyncFnOnce(&BinstarClient, &Token, Option<&str>) -> Result<T, ServiceError>,
    ) -> Result<T, ServiceError> {
        self.with_token_of_work(user, client, proof, scopes, BRIEF_LIFETIME, work)
            .await
    }

    /// The same for work that may take longer, at most `lifetime`.
    pub(crate) async fn with_token_of_work<T>(
        &self,
        user: &str,
        client: BinstarClient,
        proof: &BinstarProof,
        scopes: &[&str],
        lifetime: Duration,
        work: impl AsyncFnOnce(&BinstarClient, &Token, Option<&str>) -> Result<T, ServiceError>,
    ) -> Result<T, ServiceError> {
        if let BinstarProof::Token(token) = proof {
            return work(&client, token, None).await;
        }
        let new = NewBinstarToken {
            name: token_name(user),
            hostname: host_name(),
            extent: Extent::Scopes(scopes.iter().map(|&scope| scope.to_owned()).collect()),
            organization: None,
            lifetime: Some(lifetime),
            strength: Strength::Strong,
            if_name_taken: NameTaken::Refuse,
        };
        let token = self
            .proven(client.clone(), proof, async |client, proof| {
                client.create_token(proof, &new).await
            })
            .await?;
        let outcome = work(&client, &token, Some(&new.name)).await;
        let _ = client.revoke_current(&token).await;
        outcome
    }
}
