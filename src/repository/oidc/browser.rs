//! Signing in through the person's own browser.

use std::fmt;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use serde_json::Value;
use tokio::sync::mpsc;
use tokio::time::timeout;
use url::Url;

use super::client::Client;
use super::error::OidcError;
use super::grant::{self, Grant, Reply};
use super::loopback::{Arrival, Loopback};
use super::page::Page;
use super::proof;
use super::provider::Provider;
use crate::error::Explain as _;
use crate::repository::http::{HttpClient, shown};
use crate::repository::{RepositoryError, Wait};
use crate::secret::Secret;

/// How long the provider may take to exchange the code: the browser waits for its page meanwhile.
const EXCHANGE_LIMIT: Duration = Duration::from_secs(30);

/// A sign-in that waits for the browser. The port is free again as soon as it, or the future of
/// [`BrowserSignIn::wait`], is dropped.
pub struct BrowserSignIn {
    loopback: Loopback,
    provider: Provider,
    client_id: String,
    pub(super) verifier: Secret,
    pub(super) state: Secret,
    pub(super) nonce: Secret,
    authorize_url: Url,
}

impl fmt::Debug for BrowserSignIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BrowserSignIn")
            .field("site", &self.provider.site())
            .field("client_id", &self.client_id)
            .field("redirect_uri", &self.loopback.redirect_uri())
            .finish_non_exhaustive()
    }
}

impl BrowserSignIn {
    /// Binds the port that the browser will be sent to and makes the address to be opened in it.
    ///
    /// # Errors
    /// [`OidcError::PortTaken`] and [`OidcError::NoListener`].
    pub async fn begin(provider: &Provider, client: Client) -> Result<Self, OidcError> {
        let (verifier, state, nonce) = (proof::random()?, proof::random()?, proof::random()?);
        let loopback = Loopback::bind(&client, provider.offers_device_code()).await?;
        let mut authorize_url = provider.authorization_endpoint.clone();
        authorize_url.query_pairs_mut().extend_pairs([
            ("response_type", "code"),
            ("client_id", &client.id),
            ("redirect_uri", &loopback.redirect_uri()),
            ("scope", &client.scope),
            ("state", state.expose()),
            ("nonce", nonce.expose()),
            ("code_challenge", &proof::challenge(&verifier)),
            ("code_challenge_method", "S256"),
        ]);
        Ok(Self {
            loopback,
            provider: provider.clone(),
            client_id: client.id,
            verifier,
            state,
            nonce,
            authorize_url,
        })
    }

    /// The address to open in the browser, or to show to a person who opens it. It holds no secret, but it is of no
    /// use in a log.
    pub fn authorize_url(&self) -> &Url {
        &self.authorize_url
    }

    /// Waits for the person to finish in the browser, exchanges the code, and shows the outcome in the browser too.
    /// `limit` is for the person alone; the exchange has its own. `came_back` is told when the person is done.
    ///
    /// # Errors
    /// [`OidcError::TimedOut`], [`OidcError::WrongState`], [`OidcError::WrongIssuer`], [`OidcError::WrongNonce`],
    /// [`OidcError::CodeRefused`], what the provider said instead of a code, and network failures.
    pub async fn wait(
        self,
        http: &HttpClient,
        limit: Duration,
        came_back: impl FnOnce() + Send,
    ) -> Result<Grant, OidcError> {
        let (arrivals, arrived) = mpsc::channel(1);
        tokio::select! {
            never = self.loopback.serve(arrivals) => match never {},
            outcome = self.settle(http, arrived, limit, came_back) => outcome,
        }
    }

    async fn settle(
        &self,
        http: &HttpClient,
        mut arrived: mpsc::Receiver<Arrival>,
        limit: Duration,
        came_back: impl FnOnce() + Send,
    ) -> Result<Grant, OidcError> {
        let Ok(Some(arrival)) = timeout(limit, arrived.recv()).await else {
            return Err(OidcError::TimedOut { limit });
        };
        came_back();
        let outcome = match arrival.callback.code(&self.state, &self.provider) {
            Ok(code) => timeout(EXCHANGE_LIMIT, self.exchange(http, &code))
                .await
                .unwrap_or_else(|_| Err(self.exchange_took_too_long())),
            Err(error) => Err(error),
        };
        let page = match &outcome {
            Ok(_) => Page::signed_in(),
            Err(error) => Page::failed(&error.explain()),
        };
        arrival.answer(page).await;
        outcome
    }

    async fn exchange(&self, http: &HttpClient, code: &Secret) -> Result<Grant, OidcError> {
        let form = [
            ("grant_type", "authorization_code"),
            ("code", code.expose()),
            ("redirect_uri", &self.loopback.redirect_uri()),
            ("client_id", &self.client_id),
            ("code_verifier", self.verifier.expose()),
        ];
        let secrets = [code, &self.verifier];
        match grant::post(http, &self.provider.token_endpoint, &form, &secrets).await? {
            Reply::Refused(refusal) => Err(refusal.into()),
            Reply::Success { answer, body } => {
                let grant = Grant::read(&answer, &body)?;
                match &grant.id_token {
                    Some(id_token) if !has_nonce(id_token, &self.nonce) => Err(OidcError::WrongNonce),
                    _ => Ok(grant),
                }
            }
        }
    }

    fn exchange_took_too_long(&self) -> OidcError {
        OidcError::Repository(RepositoryError::TimedOut {
            address: shown(&self.provider.token_endpoint),
            wait: Wait::Answer,
        })
    }
}

/// JSON Web Tokens are written without padding; a provider that adds it is understood all the same.
const BASE64_URL: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::URL_SAFE,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Whether the token carries `nonce`. Its signature is not looked at: it came from the token endpoint itself (OpenID
/// Connect Core, section 3.1.3.7), and nothing in it is relied on.
fn has_nonce(id_token: &Secret, nonce: &Secret) -> bool {
    let payload = id_token.expose().split('.').nth(1);
    let payload = payload.and_then(|payload| BASE64_URL.decode(payload).ok());
    let claims: Option<Value> = payload.and_then(|payload| serde_json::from_slice(&payload).ok());
    let given = claims.as_ref().and_then(|claims| claims.get("nonce")?.as_str());
    given.is_some_and(|given| proof::is(nonce, given))
}
