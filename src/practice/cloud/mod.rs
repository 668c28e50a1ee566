//! PSM Cloud and anaconda.com, on one listener: the channels of repo.anaconda.cloud, and the account that goes with them
//! (server reference, section 2).
//!
//! The addresses of the provider follow the public client of the service (`/oauth2/...`); that they lie under `/api/auth`
//! is inferred, and clients take them from the discovery document anyway.

mod answer;
mod channels;
mod content;
mod routes;
mod session;
mod token;
mod world;

use std::sync::Arc;

use axum::Router;
use axum::response::Html;
use axum::routing::{delete, get, post};
use jiff::Timestamp;
use serde_json::{Value, json};

pub use session::ApiKey;
pub use token::{CloudToken, TokenState};

use super::account::Account;
use super::common::Common;
use super::oidc::{self, Addresses, Client, Granted, Provider, Realm, Redirects};
use super::options::OidcTimes;
use answer::Refusal;
use session::{ACCESS_SECONDS, Pair, Sessions};
use token::Tokens;
use world::PRACTICE_ORG;

/// The client that Anaconda's own programs are.
const CLIENT: &str = "b4ad7f1d-c784-46b5-a9fe-106e50441f5a";

/// The cloud's memory.
pub(super) struct State {
    pub(super) common: Arc<Common>,
    pub(super) sessions: Sessions,
    pub(super) tokens: Tokens,
    addresses: Addresses,
}

impl State {
    pub(super) fn new(url: &str, common: Arc<Common>) -> Result<Self, getrandom::Error> {
        let tokens = Tokens::new(&PRACTICE_ORG, common.clock.now())?;
        Ok(Self {
            common,
            sessions: Sessions::new(url)?,
            tokens,
            addresses: Addresses {
                site: url.to_owned(),
                issuer: "",
                authorization: "/api/auth/oauth2/authorize",
                token: "/api/auth/oauth2/token",
                device_authorization: "/api/auth/oauth2/device/authorize",
                verification: "/device",
                user_code: "code",
            },
        })
    }

    /// Who bears this access token or API key; nothing if it does not count.
    pub(super) fn person_of(&self, bearer: &str) -> Option<&'static Account> {
        let bearer = self.sessions.bearer(bearer, self.common.clock.now())?;
        Some(bearer.account())
    }

    /// The discovery document, which Anaconda.org hands out as well.
    pub(super) fn discovery(&self) -> Value {
        self.addresses.discovery()
    }

    fn token_answer(&self, pair: &Pair) -> Value {
        json!({
            "access_token": pair.access.expose(),
            "expires_in": ACCESS_SECONDS,
            "token_type": "bearer",
        })
    }
}

impl Realm for State {
    fn now(&self) -> Timestamp {
        self.common.clock.now()
    }

    fn prove(&self, name: &str, password: &str) -> Option<&'static Account> {
        Account::proven_by_email(name, password)
    }

    /// A refresh token only for whoever asks for `offline_access`.
    fn issue(&self, granted: &Granted) -> Result<Value, getrandom::Error> {
        let now = self.now();
        let pair = self.sessions.begin(granted.account, granted.client, now)?;
        let mut answer = self.token_answer(&pair);
        answer["scope"] = json!(granted.scope.as_deref().unwrap_or_default());
        if granted.has_scope("offline_access") {
            answer["refresh_token"] = json!(pair.refresh.expose());
        }
        if let Some(identity) = granted.identity(&self.sessions.issuer, now, ACCESS_SECONDS) {
            answer["id_token"] = json!(self.sessions.signer.sign(&identity).expose());
        }
        Ok(answer)
    }

    fn renew(&self, refresh: &str, client: &str) -> Result<Option<Value>, getrandom::Error> {
        let pair = self.sessions.renew(refresh, client, self.now())?;
        Ok(pair.map(|pair| {
            let mut answer = self.token_answer(&pair);
            answer["refresh_token"] = json!(pair.refresh.expose());
            answer
        }))
    }
}

/// The whole site, the control endpoints included.
pub(super) fn router(state: Arc<State>, times: OidcTimes, control: Router<Arc<State>>) -> Router {
    let client = Client {
        id: CLIENT,
        redirects: Redirects::Loopback {
            path: "/auth/oidc",
            by_name: false,
        },
    };
    let provider = Provider::new(Arc::clone(&state), state.addresses.clone(), vec![client], times);
    Router::new()
        .route("/", get(front_page))
        .merge(oidc::router(provider))
        .route("/api/auth/api-keys", post(routes::create_key).get(routes::keys))
        .route("/api/auth/api-keys/{id}", delete(routes::delete_key))
        .route("/api/iam/api-keys", post(routes::create_key))
        .route("/api/account", get(routes::account))
        .route("/api/organizations/my", get(routes::my_organizations))
        .route("/api/auth/organizations/my", get(routes::my_organizations))
        .route(
            "/api/organizations/{organization}/ce/current-token",
            get(routes::current_token).put(routes::issue_token),
        )
        .route("/api/repo/channels", get(channels::all))
        .route("/api/repo/account/channels", get(channels::own))
        .route("/api/repo/channels/{organization}", get(channels::one))
        .route(
            "/api/repo/channels/{organization}/subchannels",
            get(channels::channels_of),
        )
        .route(
            "/api/repo/channels/{organization}/subchannels/{channel}",
            get(channels::one_channel),
        )
        .route("/repo/{*path}", get(content::with_header))
        .route("/t/{token}/repo/{*path}", get(content::with_token))
        .nest("/practice", control)
        .fallback(|| async { Refusal::not_found("There is nothing at this address") })
        .method_not_allowed_fallback(|| async { Refusal::method_not_allowed() })
        .with_state(state)
}

async fn front_page() -> Html<&'static str> {
    Html(
        "<!DOCTYPE html><title>Practice cloud</title>\
         <p>A practice cloud. Its channels are under <code>/repo</code>, its API under <code>/api</code>.</p>",
    )
}
