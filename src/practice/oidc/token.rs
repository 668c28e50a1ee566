//! The token endpoint: a code, a device's patience or a refresh token for an access token (RFC 6749, section 5).

use axum::Json;
use axum::body::Bytes;
use axum::extract;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::authorize::Parameters;
use super::device::Told;
use super::{Client, DEVICE_GRANT, Granted, Provider, Realm, Shared};

/// An error of the endpoint in its own shape.
#[derive(Debug)]
pub(super) struct Failure {
    status: StatusCode,
    error: &'static str,
    description: &'static str,
}

impl Failure {
    pub(super) fn new(error: &'static str, description: &'static str) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            error,
            description,
        }
    }
}

impl From<getrandom::Error> for Failure {
    fn from(_: getrandom::Error) -> Self {
        Self {
            status: StatusCode::INTERNAL_SERVER_ERROR,
            ..Self::new("server_error", "No random numbers")
        }
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let body = json!({"error": self.error, "error_description": self.description});
        (self.status, NOT_KEPT, Json(body)).into_response()
    }
}

const NOT_KEPT: [(header::HeaderName, &str); 1] = [(header::CACHE_CONTROL, "no-store")];

pub(super) async fn token<R: Realm>(
    extract::State(provider): Shared<R>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Failure> {
    let form = form(&headers, &body)?;
    let client = client(&provider, &form)?;
    let body = match form.get("grant_type") {
        Some("authorization_code") => provider.realm.issue(&by_code(&provider, client, &form)?)?,
        Some("refresh_token") => {
            let refresh = need(&form, "refresh_token", "Missing refresh_token")?;
            provider
                .realm
                .renew(refresh, client.id)?
                .ok_or(Failure::new("invalid_grant", "Invalid refresh token"))?
        }
        Some(DEVICE_GRANT) => provider.realm.issue(&by_device(&provider, client, &form)?)?,
        Some(_) => return Err(Failure::new("unsupported_grant_type", "Unsupported grant_type")),
        None => return Err(Failure::new("invalid_request", "Missing grant_type")),
    };
    Ok((NOT_KEPT, Json(body)).into_response())
}

fn by_code<R: Realm>(provider: &Provider<R>, client: &Client, form: &Parameters) -> Result<Granted, Failure> {
    let code = need(form, "code", "Missing code")?;
    let redirect = need(form, "redirect_uri", "Missing redirect_uri")?;
    provider
        .codes
        .redeem(
            code,
            client.id,
            redirect,
            form.get("code_verifier"),
            provider.realm.now(),
        )
        .map_err(|bad| Failure::new("invalid_grant", bad.description()))
}

fn by_device<R: Realm>(
    provider: &Provider<R>,
    client: &Client,
    form: &Parameters,
) -> Result<Granted, Failure> {
    let code = need(form, "device_code", "Missing device_code")?;
    let (error, description) = match provider.devices.ask(code, client.id, provider.realm.now()) {
        Told::Granted(granted) => return Ok(granted),
        Told::Pending => ("authorization_pending", "Nobody has decided yet"),
        Told::SlowDown => ("slow_down", "Ask less often"),
        Told::Denied => ("access_denied", "The person denied the request"),
        Told::Expired => ("expired_token", "The device code has expired"),
        Told::Unknown => ("invalid_grant", "Device code not valid"),
    };
    Err(Failure::new(error, description))
}

/// The body, which must be a form.
pub(super) fn form(headers: &HeaderMap, body: &[u8]) -> Result<Parameters, Failure> {
    let declared = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let essence = declared.split(';').next().unwrap_or_default().trim();
    if essence.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        Ok(Parameters::parse(body))
    } else {
        Err(Failure::new(
            "invalid_request",
            "Send application/x-www-form-urlencoded",
        ))
    }
}

/// The client that the form names: 401 for an unknown one.
pub(super) fn client<'a, R: Realm>(
    provider: &'a Provider<R>,
    form: &Parameters,
) -> Result<&'a Client, Failure> {
    let known = form.get("client_id").and_then(|id| provider.client(id));
    known.ok_or(Failure {
        status: StatusCode::UNAUTHORIZED,
        ..Failure::new("invalid_client", "Invalid client or Invalid client credentials")
    })
}

fn need<'a>(form: &'a Parameters, name: &str, missing: &'static str) -> Result<&'a str, Failure> {
    form.get(name).ok_or(Failure::new("invalid_request", missing))
}
