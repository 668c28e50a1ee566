//! Where a device begins, and where a person types its code (RFC 8628, sections 3.1 to 3.3).

use axum::Json;
use axum::body::Bytes;
use axum::extract::{self, RawQuery};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde_json::{Value, json};

use super::authorize::Parameters;
use super::page::{Form, message};
use super::token::{Failure, client, form};
use super::{Provider, Realm, Shared};
use crate::practice::account::Account;

/// The device authorization endpoint.
pub(super) async fn begin<R: Realm>(
    extract::State(provider): Shared<R>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<Value>, Failure> {
    let form = form(&headers, &body)?;
    let client = client(&provider, &form)?;
    let scope = form.get("scope").map(str::to_owned);
    let begun = provider.devices.begin(client.id, scope, provider.realm.now())?;
    let addresses = &provider.addresses;
    let verification = format!("{}{}", addresses.site, addresses.verification);
    Ok(Json(json!({
        "device_code": begun.code.expose(),
        "user_code": begun.user_code,
        "verification_uri": verification,
        "verification_uri_complete": format!("{verification}?{}={}", addresses.user_code, begun.user_code),
        "expires_in": begun.expires_in.as_secs(),
        "interval": begun.interval.as_secs(),
    })))
}

/// `GET`: the page, or with `practice_user` and `practice_deny` what would come of it.
pub(super) async fn ask<R: Realm>(
    extract::State(provider): Shared<R>,
    RawQuery(query): RawQuery,
) -> Response {
    let parameters = Parameters::parse(query.unwrap_or_default().as_bytes());
    let user_code = parameters.get(provider.addresses.user_code).unwrap_or_default();
    if parameters.has("practice_deny") {
        return denied(&provider, user_code);
    }
    match parameters.get("practice_user") {
        None => page(user_code, None),
        Some(name) => match Account::named(name) {
            Some(account) => approved(&provider, user_code, account),
            None => message(
                StatusCode::BAD_REQUEST,
                "Nobody",
                "There is no such practice user.",
            ),
        },
    }
}

/// `POST` of the form.
pub(super) async fn decide<R: Realm>(extract::State(provider): Shared<R>, body: String) -> Response {
    let sent = Parameters::parse(body.as_bytes());
    let user_code = sent.get("user_code").unwrap_or_default();
    if sent.get("decision") == Some("deny") {
        return denied(&provider, user_code);
    }
    let (name, password) = (sent.get("username"), sent.get("password"));
    match provider
        .realm
        .prove(name.unwrap_or_default(), password.unwrap_or_default())
    {
        Some(account) => approved(&provider, user_code, account),
        None => page(user_code, Some("Invalid user name or password.")),
    }
}

fn page(user_code: &str, wrong: Option<&str>) -> Response {
    Form {
        title: "Connect a program",
        text: "Check that this is the code which the program shows, then sign in.",
        wrong,
        user_code: Some(user_code),
    }
    .page()
}

fn approved<R: Realm>(provider: &Provider<R>, user_code: &str, account: &'static Account) -> Response {
    if provider.devices.approve(user_code, account, provider.realm.now()) {
        message(
            StatusCode::OK,
            "Done",
            "The program is connected. You can close this page.",
        )
    } else {
        nobody_waits()
    }
}

fn denied<R: Realm>(provider: &Provider<R>, user_code: &str) -> Response {
    if provider.devices.deny(user_code, provider.realm.now()) {
        message(
            StatusCode::OK,
            "Denied",
            "The program is not connected. You can close this page.",
        )
    } else {
        nobody_waits()
    }
}

fn nobody_waits() -> Response {
    message(
        StatusCode::BAD_REQUEST,
        "Unknown code",
        "No program waits for this code: it is mistyped, used, or too old.",
    )
}
