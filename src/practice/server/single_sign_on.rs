//! Single sign-on, shaped as the Keycloak that comes with Anaconda Server (server reference, section 1.4). What comes of
//! it is a session as that of `auth/login`, but for the name of the client in it.

use std::sync::Arc;

use axum::Router;
use axum::extract;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use jiff::Timestamp;
use serde_json::{Value, json};
use url::Url;

use super::answer::Refusal;
use super::session::{ISSUER, LIFETIME_SECONDS, OWN_CLIENT, Pair};
use super::state::State;
use crate::practice::account::Account;
use crate::practice::oidc::{self, Addresses, Client, Granted, Provider, Realm, Redirects};
use crate::practice::options::OidcTimes;

/// The client that programs on a person's machine are.
const CLIENT: &str = "repo-service-cli";

pub(super) fn router(state: &Arc<State>, times: OidcTimes) -> Router<Arc<State>> {
    let clients = vec![
        Client {
            id: CLIENT,
            redirects: Redirects::Loopback {
                path: "/",
                by_name: true,
            },
        },
        // The server's own web pages, of which there is one.
        Client {
            id: OWN_CLIENT,
            redirects: Redirects::Exactly(front_page(state)),
        },
    ];
    let provider = Provider::new(Arc::clone(state), addresses(state), clients, times);
    Router::new()
        .route("/api/auth/authorize", get(authorize))
        .merge(oidc::router(provider))
}

fn front_page(state: &State) -> String {
    format!("{}/", state.url)
}

/// The paths that Keycloak gives a realm.
fn addresses(state: &State) -> Addresses {
    Addresses {
        site: state.url.clone(),
        issuer: ISSUER,
        authorization: "/auth/realms/dev/protocol/openid-connect/auth",
        token: "/auth/realms/dev/protocol/openid-connect/token",
        device_authorization: "/auth/realms/dev/protocol/openid-connect/auth/device",
        verification: "/auth/realms/dev/device",
        user_code: "user_code",
    }
}

/// 302 to the provider, by which clients learn of it.
async fn authorize(extract::State(state): extract::State<Arc<State>>) -> Result<Response, Refusal> {
    let mut url = Url::parse(&addresses(&state).authorization_url())
        .map_err(|_| Refusal::failing(StatusCode::INTERNAL_SERVER_ERROR))?;
    url.query_pairs_mut().extend_pairs([
        ("client_id", OWN_CLIENT),
        ("response_type", "code"),
        ("scope", "openid"),
        ("redirect_uri", &front_page(&state)),
    ]);
    Ok((StatusCode::FOUND, [(header::LOCATION, url.to_string())]).into_response())
}

impl Realm for State {
    fn now(&self) -> Timestamp {
        self.common.clock.now()
    }

    fn prove(&self, name: &str, password: &str) -> Option<&'static Account> {
        Account::proven(name, password)
    }

    fn issue(&self, granted: &Granted) -> Result<Value, getrandom::Error> {
        let now = self.now();
        let pair = self.sessions.begin(granted.account, granted.client, now)?;
        let mut answer = answer(&pair);
        if let Some(identity) = granted.identity(&self.sessions.issuer, now, LIFETIME_SECONDS) {
            answer["id_token"] = json!(self.sessions.signer.sign(&identity).expose());
        }
        Ok(answer)
    }

    fn renew(&self, refresh: &str, client: &str) -> Result<Option<Value>, getrandom::Error> {
        let pair = self.sessions.renew(refresh, client, self.now())?;
        Ok(pair.map(|pair| answer(&pair)))
    }
}

fn answer(pair: &Pair) -> Value {
    json!({
        "access_token": pair.access.expose(),
        "expires_in": LIFETIME_SECONDS,
        "refresh_expires_in": LIFETIME_SECONDS,
        "refresh_token": pair.refresh.expose(),
        "token_type": "bearer",
        "not-before-policy": 0,
        "session_state": pair.session,
        "scope": "email profile",
    })
}
