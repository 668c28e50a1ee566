//! The authorization endpoint: where a person says yes or no (RFC 6749, section 4.1).

use axum::extract::{self, RawQuery};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use url::{Url, form_urlencoded};

use super::code::Challenge;
use super::page::{Form, message};
use super::{Client, Granted, Provider, Realm, Shared};
use crate::practice::account::Account;
use crate::practice::random::{bytes, uuid};

/// The parameters of a query or a form.
pub(super) struct Parameters(Vec<(String, String)>);

impl Parameters {
    pub(super) fn parse(encoded: &[u8]) -> Self {
        Self(form_urlencoded::parse(encoded).into_owned().collect())
    }

    /// The first value of that name, unless it is empty.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(key, _)| key == name);
        found
            .map(|(_, value)| value.as_str())
            .filter(|value| !value.is_empty())
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(key, _)| key == name)
    }
}

/// A request whose answer may be sent to the client.
struct Asked<'a> {
    client: &'a Client,
    redirect: &'a str,
    state: Option<&'a str>,
}

/// `GET`: the page, or with `practice_user` and `practice_deny` what would come of it.
pub(super) async fn ask<R: Realm>(
    extract::State(provider): Shared<R>,
    RawQuery(query): RawQuery,
) -> Response {
    let parameters = Parameters::parse(query.unwrap_or_default().as_bytes());
    let (asked, challenge) = match understood(&provider, &parameters) {
        Ok(understood) => understood,
        Err(response) => return *response,
    };
    if parameters.has("practice_deny") {
        return asked.denied();
    }
    match parameters.get("practice_user") {
        None => form(None),
        Some(name) => match Account::named(name) {
            Some(account) => approved(&provider, &parameters, &asked, challenge, account),
            None => message(
                StatusCode::BAD_REQUEST,
                "Nobody",
                "There is no such practice user.",
            ),
        },
    }
}

/// `POST` of the form.
pub(super) async fn decide<R: Realm>(
    extract::State(provider): Shared<R>,
    RawQuery(query): RawQuery,
    body: String,
) -> Response {
    let parameters = Parameters::parse(query.unwrap_or_default().as_bytes());
    let (asked, challenge) = match understood(&provider, &parameters) {
        Ok(understood) => understood,
        Err(response) => return *response,
    };
    let sent = Parameters::parse(body.as_bytes());
    if sent.get("decision") == Some("deny") {
        return asked.denied();
    }
    let (name, password) = (sent.get("username"), sent.get("password"));
    match provider
        .realm
        .prove(name.unwrap_or_default(), password.unwrap_or_default())
    {
        Some(account) => approved(&provider, &parameters, &asked, challenge, account),
        None => form(Some("Invalid user name or password.")),
    }
}

fn form(wrong: Option<&str>) -> Response {
    Form {
        title: "Sign in",
        text: "A program on this machine asks to act for you.",
        wrong,
        user_code: None,
    }
    .page()
}

/// Checks what can be checked before anybody decides. As long as client and address are not known to belong together,
/// the answer stays here; afterwards an error is the client's to explain.
fn understood<'a, R: Realm>(
    provider: &'a Provider<R>,
    parameters: &'a Parameters,
) -> Result<(Asked<'a>, Option<Challenge>), Box<Response>> {
    let here = |text: &str| Box::new(message(StatusCode::BAD_REQUEST, "Invalid request", text));
    let client = parameters
        .get("client_id")
        .and_then(|id| provider.client(id))
        .ok_or_else(|| here("The program that asks is not known here: client_id."))?;
    let redirect = parameters
        .get("redirect_uri")
        .filter(|address| client.redirects.allow(address))
        .ok_or_else(|| here("The program may not be answered at this address: redirect_uri."))?;
    let asked = Asked {
        client,
        redirect,
        state: parameters.get("state"),
    };
    if parameters.get("response_type") != Some("code") {
        return Err(Box::new(
            asked.failed("unsupported_response_type", "Send response_type=code"),
        ));
    }
    let challenge = match (
        parameters.get("code_challenge"),
        parameters.get("code_challenge_method"),
    ) {
        (None, None) => None,
        (Some(challenge), Some("S256")) => match Challenge::parse(challenge) {
            Some(challenge) => Some(challenge),
            None => {
                return Err(Box::new(
                    asked.failed("invalid_request", "Invalid code_challenge"),
                ));
            }
        },
        // `plain`, the default of old, is not allowed.
        _ => {
            let text = "Send code_challenge with code_challenge_method=S256";
            return Err(Box::new(asked.failed("invalid_request", text)));
        }
    };
    Ok((asked, challenge))
}

fn approved<R: Realm>(
    provider: &Provider<R>,
    parameters: &Parameters,
    asked: &Asked<'_>,
    challenge: Option<Challenge>,
    account: &'static Account,
) -> Response {
    let granted = Granted {
        account,
        client: asked.client.id,
        scope: parameters.get("scope").map(str::to_owned),
        nonce: parameters.get("nonce").map(str::to_owned),
    };
    let given = provider
        .codes
        .give(granted, asked.redirect, challenge, provider.realm.now());
    match (given, bytes()) {
        (Ok(code), Ok(session)) => {
            // Keycloak says more than the client needs.
            asked.answered(&[("session_state", &uuid(session)), ("code", code.expose())])
        }
        _ => asked.failed("server_error", "No random numbers"),
    }
}

impl Asked<'_> {
    fn denied(&self) -> Response {
        self.failed("access_denied", "The person denied the request")
    }

    fn failed(&self, error: &str, description: &str) -> Response {
        self.answered(&[("error", error), ("error_description", description)])
    }

    /// 302 to the client, with its `state` as it came.
    fn answered(&self, parameters: &[(&str, &str)]) -> Response {
        let Ok(mut url) = Url::parse(self.redirect) else {
            return message(StatusCode::BAD_REQUEST, "Invalid request", "redirect_uri");
        };
        {
            let mut query = url.query_pairs_mut();
            if let Some(state) = self.state {
                query.append_pair("state", state);
            }
            query.extend_pairs(parameters);
        }
        (StatusCode::FOUND, [(header::LOCATION, url.to_string())]).into_response()
    }
}
