//! The provider behind single sign-on: OpenID Connect's code flow with PKCE (RFC 6749, 7636) and the device flow (RFC 8628),
//! shaped as Keycloak for Anaconda Server and as anaconda.com for PSM Cloud (server reference, sections 1.4 and 2).
//!
//! People get a page to sign in, or to deny; how a test plays the browser is told at the top of the practice server.
//!
//! There is no set of keys to verify signatures with: clients get identity tokens from the token endpoint itself, which is
//! as good as a signature (OpenID Connect Core, section 3.1.3.7).

mod authorize;
mod code;
mod device;
mod page;
mod redirect;
mod token;
mod verify;

use std::sync::Arc;

use axum::Json;
use axum::Router;
use axum::extract;
use axum::routing::{get, post};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::account::Account;
use super::options::OidcTimes;
use code::Codes;
use device::Devices;
pub(super) use redirect::{Client, Redirects};

/// Where a provider is found. Everything but the issuer is a path of the site.
#[derive(Debug, Clone)]
pub(super) struct Addresses {
    /// The site's own address.
    pub(super) site: String,
    /// The path of the issuer: empty, or that of a realm.
    pub(super) issuer: &'static str,
    pub(super) authorization: &'static str,
    pub(super) token: &'static str,
    pub(super) device_authorization: &'static str,
    /// Where a person types the code of a device.
    pub(super) verification: &'static str,
    /// The parameter that carries it in `verification_uri_complete`.
    pub(super) user_code: &'static str,
}

impl Addresses {
    fn at(&self, path: &str) -> String {
        format!("{}{path}", self.site)
    }

    pub(super) fn authorization_url(&self) -> String {
        self.at(self.authorization)
    }

    /// The discovery document.
    pub(super) fn discovery(&self) -> Value {
        json!({
            "issuer": self.at(self.issuer),
            "authorization_endpoint": self.at(self.authorization),
            "token_endpoint": self.at(self.token),
            "device_authorization_endpoint": self.at(self.device_authorization),
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "grant_types_supported": ["authorization_code", "refresh_token", DEVICE_GRANT],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "scopes_supported": ["openid", "email", "profile", "offline_access"],
            "token_endpoint_auth_methods_supported": ["none"],
            "code_challenge_methods_supported": ["S256"],
        })
    }
}

const DEVICE_GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";

/// What a person agreed to.
#[derive(Debug, Clone)]
pub(super) struct Granted {
    pub(super) account: &'static Account,
    pub(super) client: &'static str,
    /// As the client asked for it; nothing if it did not.
    pub(super) scope: Option<String>,
    pub(super) nonce: Option<String>,
}

impl Granted {
    pub(super) fn has_scope(&self, wanted: &str) -> bool {
        let scopes = self.scope.as_deref().unwrap_or_default();
        scopes.split_ascii_whitespace().any(|scope| scope == wanted)
    }

    /// The payload of an identity token, for whoever asked for `openid`.
    pub(super) fn identity(&self, issuer: &str, now: Timestamp, seconds: i64) -> Option<Value> {
        self.has_scope("openid").then(|| {
            let mut payload = json!({
                "exp": now.as_second() + seconds,
                "iat": now.as_second(),
                "auth_time": now.as_second(),
                "iss": issuer,
                "aud": self.client,
                "sub": self.account.id(),
                "typ": "ID",
                "azp": self.client,
                "preferred_username": self.account.username,
                "email": self.account.email,
                "email_verified": false,
                "name": format!("{} {}", self.account.first_name, self.account.last_name),
            });
            if let Some(nonce) = &self.nonce {
                payload["nonce"] = json!(nonce);
            }
            payload
        })
    }
}

/// The site whose people and sessions a provider is for.
pub(super) trait Realm: Send + Sync + 'static {
    fn now(&self) -> Timestamp;

    /// Whoever proves to be that person.
    fn prove(&self, name: &str, password: &str) -> Option<&'static Account>;

    /// The answer of the token endpoint.
    fn issue(&self, granted: &Granted) -> Result<Value, getrandom::Error>;

    /// The same for a refresh token that was given to this client; nothing if it is no good.
    fn renew(&self, refresh: &str, client: &str) -> Result<Option<Value>, getrandom::Error>;
}

/// A provider at work.
pub(super) struct Provider<R> {
    realm: Arc<R>,
    addresses: Addresses,
    clients: Vec<Client>,
    codes: Codes,
    devices: Devices,
}

impl<R: Realm> Provider<R> {
    pub(super) fn new(realm: Arc<R>, addresses: Addresses, clients: Vec<Client>, times: OidcTimes) -> Self {
        let seconds = |seconds: u32| SignedDuration::from_secs(seconds.into());
        Self {
            realm,
            addresses,
            clients,
            codes: Codes::new(seconds(times.code_seconds)),
            devices: Devices::new(seconds(times.device_seconds), seconds(times.interval_seconds)),
        }
    }

    fn client(&self, id: &str) -> Option<&Client> {
        self.clients.iter().find(|client| client.id == id)
    }
}

type Shared<R> = extract::State<Arc<Provider<R>>>;

/// The provider's routes; they are part of the site's own router.
pub(super) fn router<R: Realm, S: Clone + Send + Sync + 'static>(provider: Provider<R>) -> Router<S> {
    let addresses = provider.addresses.clone();
    let discovery = format!("{}/.well-known/openid-configuration", addresses.issuer);
    Router::new()
        .route(&discovery, get(discovered::<R>))
        .route(
            addresses.authorization,
            get(authorize::ask::<R>).post(authorize::decide::<R>),
        )
        .route(addresses.token, post(token::token::<R>))
        .route(addresses.device_authorization, post(verify::begin::<R>))
        .route(
            addresses.verification,
            get(verify::ask::<R>).post(verify::decide::<R>),
        )
        .with_state(Arc::new(provider))
}

async fn discovered<R: Realm>(extract::State(provider): Shared<R>) -> Json<Value> {
    Json(provider.addresses.discovery())
}
