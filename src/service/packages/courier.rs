//! The way of every request for indexes and packages: the client and proxy that are set for its server, and the
//! credential of its channel, which is added here and leaves no trace behind.
//!
//! Whoever asked sees the address that was asked for, whatever was sent instead, and of the answer's head only what is
//! needed to read and keep it: a server may repeat the token anywhere else in it.

mod resume;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use futures::FutureExt;
use futures::future::BoxFuture;
use reqwest::header::{self, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, Request, Response, ResponseBuilderExt};
use url::Url;

use crate::conda::configuration::Configuration;
use crate::conda::in_flight::{ChannelCredentials, CredentialSource, InFlight};
use crate::error::{Explain, Kind, Problem};
use crate::package::{Courier, CourierError, Transport};
use crate::repository::{Domain, HttpClient, RepositoryError};
use crate::secret::mask_text;
use crate::service::{ServiceError, Services, blocking};

/// As many redirects are followed as browsers follow.
const MOST_REDIRECTS: usize = 10;

/// What of an answer's head reaches those who asked.
const KEPT_HEADERS: [HeaderName; 15] = [
    header::ACCEPT_RANGES,
    header::AGE,
    header::CACHE_CONTROL,
    header::CONTENT_ENCODING,
    header::CONTENT_LENGTH,
    header::CONTENT_RANGE,
    header::CONTENT_TYPE,
    header::DATE,
    header::ETAG,
    header::EXPIRES,
    header::LAST_MODIFIED,
    header::PRAGMA,
    header::RETRY_AFTER,
    header::TRANSFER_ENCODING,
    header::VARY,
];

impl Services {
    /// What carries the requests of one use case: it knows the configuration and the tokens as they are now, so it is made
    /// anew for each.
    ///
    /// # Errors
    /// [`ServiceError::Internal`] when the machine has no memory or randomness left.
    pub fn transport(&self) -> Result<Transport, ServiceError> {
        let courier = ServiceCourier(Arc::new(self.desk()));
        Transport::new(Arc::new(courier)).map_err(|error| ServiceError::Internal(error.to_string()))
    }

    fn desk(&self) -> Desk {
        let credentials = blocking(|| {
            let surroundings = self.surroundings();
            ChannelCredentials::read(&surroundings, &Configuration::read(&surroundings))
        });
        Desk {
            services: self.clone(),
            credentials,
            clients: Mutex::default(),
        }
    }

    /// Where the credential lies that is sent along with requests for the channel at this address; nothing when none is.
    pub(crate) fn credential_source(&self, address: &Url) -> Option<CredentialSource> {
        let in_flight = self.desk().credentials.for_address(address).ok()?;
        in_flight.source().cloned()
    }
}

struct ServiceCourier(Arc<Desk>);

impl Courier for ServiceCourier {
    fn carry(&self, request: Request) -> BoxFuture<'static, Result<Response, CourierError>> {
        self.0.clone().carry(request).boxed()
    }
}

/// What all requests of one transport share.
struct Desk {
    services: Services,
    credentials: ChannelCredentials,
    /// By scheme, host and port.
    clients: Mutex<HashMap<String, HttpClient>>,
}

/// An answer on its way back.
struct Answered {
    response: Response,
    http: HttpClient,
    /// Where it came from in the end.
    from: Url,
}

impl Desk {
    async fn carry(self: Arc<Self>, request: Request) -> Result<Response, CourierError> {
        let asked = request.url().clone();
        let in_flight = blocking(|| self.credentials.for_address(&asked)).map_err(|e| refused(e.into()))?;
        let again = resume::Again::of(&request);
        let is_head = request.method() == Method::HEAD;
        let answered = self.answer(request, &in_flight).await?;
        let headers = kept(answered.response.headers(), &in_flight);
        let mut built = http::Response::builder()
            .status(answered.response.status())
            .version(answered.response.version())
            .url(asked);
        if let Some(all) = built.headers_mut() {
            *all = headers;
        }
        let body = if is_head {
            answered.response.into()
        } else if answered.response.status().is_success() {
            resume::body(self.clone(), again, answered)
        } else {
            // The words of a refusal may repeat the token, and nobody reads them.
            reqwest::Body::default()
        };
        let response = built.body::<reqwest::Body>(body);
        Ok(response.map_err(|error| internal(error.to_string()))?.into())
    }

    /// Sends the request with its credential, and follows redirects.
    async fn answer(&self, mut request: Request, in_flight: &InFlight) -> Result<Answered, CourierError> {
        *request.url_mut() = in_flight.expose().clone();
        if let Some(login) = &in_flight.login {
            request.headers_mut().insert(header::AUTHORIZATION, basic(login)?);
        }
        let mut redirects = 0;
        loop {
            let from = request.url().clone();
            let http = self.client_for(&from).await?;
            let next = request.try_clone();
            let response = http.stream(request).await.map_err(|e| refused(e.into()))?;
            let to = redirect_of(&response, &from);
            let (Some(to), Some(mut next)) = (to, next.filter(|next| is_repeatable(next.method()))) else {
                return Ok(Answered { response, http, from });
            };
            redirects += 1;
            if redirects > MOST_REDIRECTS {
                return Err(CourierError(
                    Problem::new(Kind::NotAServer, format!("{} leads in a circle", shown(&from)))
                        .because(format!(
                            "after {MOST_REDIRECTS} redirects there was no answer yet"
                        ))
                        .remedy("check the address of the channel, or tell the administrator of the server"),
                ));
            }
            if !keeps_secrets(&from, &to) {
                expect_no_secret(&from, &to, in_flight)?;
                for secret in [header::AUTHORIZATION, header::COOKIE, header::PROXY_AUTHORIZATION] {
                    next.headers_mut().remove(secret);
                }
            }
            *next.url_mut() = to;
            request = next;
        }
    }

    async fn client_for(&self, url: &Url) -> Result<HttpClient, CourierError> {
        let origin = origin_of(url);
        let known = self.clients().get(&origin).cloned();
        if let Some(client) = known {
            return Ok(client);
        }
        let domain = Domain::parse(&origin).map_err(|e| refused(e.into()))?;
        let ca_file = blocking(|| self.ca_file_for(&domain));
        let client = self
            .services
            .http(&domain, ca_file.as_deref())
            .await
            .map_err(refused)?;
        self.clients().insert(origin, client.clone());
        Ok(client)
    }

    fn clients(&self) -> std::sync::MutexGuard<'_, HashMap<String, HttpClient>> {
        self.clients.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The CA file that was named when the person signed in to the server.
    fn ca_file_for(&self, domain: &Domain) -> Option<PathBuf> {
        let connections = self.services.connections().ok()?;
        let is_of = |signed_in: &str| {
            Domain::parse(signed_in).is_ok_and(|known| {
                let host = known.host_and_port();
                // The channels of Anaconda.org, and of repositories like it, are on a host beside that of their API.
                [host.to_owned(), host.replacen("api.", "conda.", 1)]
                    .contains(&domain.host_and_port().to_owned())
            })
        };
        let connection = connections
            .connections
            .iter()
            .find(|known| is_of(&known.domain))?;
        connection.ca_file.clone()
    }
}

fn is_repeatable(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD)
}

fn redirect_of(response: &Response, from: &Url) -> Option<Url> {
    if !matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308) {
        return None;
    }
    let location = response.headers().get(header::LOCATION)?;
    from.join(location.to_str().ok()?).ok()
}

/// Whether what was meant for the one may go to the other: the same server, over no weaker connection.
fn keeps_secrets(from: &Url, to: &Url) -> bool {
    let is_upgrade = from.scheme() == "http" && to.scheme() == "https";
    let same_port = from.port_or_known_default() == to.port_or_known_default();
    let usual_ports = from.port().is_none() && to.port().is_none();
    from.host() == to.host() && ((from.scheme() == to.scheme() && same_port) || (is_upgrade && usual_ports))
}

/// # Errors
/// The server repeats the credential in an address of somebody else.
fn expect_no_secret(from: &Url, to: &Url, in_flight: &InFlight) -> Result<(), CourierError> {
    if !secrets(in_flight).any(|secret| to.as_str().contains(secret)) {
        return Ok(());
    }
    Err(CourierError(
        Problem::new(
            Kind::Auth,
            format!(
                "{} leads to {} with your credentials in the address",
                shown(from),
                origin_of(to)
            ),
        )
        .because("they are not meant for that server, so nothing was sent there")
        .remedy("tell the administrator of the server"),
    ))
}

fn secrets(in_flight: &InFlight) -> impl Iterator<Item = &str> {
    let token = in_flight.token.as_ref().map(|(token, _)| token.expose());
    let password = in_flight.login.as_ref().map(|login| login.password.expose());
    token
        .into_iter()
        .chain(password)
        .filter(|secret| !secret.is_empty())
}

/// The headers that may be seen and kept.
fn kept(headers: &HeaderMap, in_flight: &InFlight) -> HeaderMap {
    let mut kept = HeaderMap::new();
    for name in KEPT_HEADERS {
        for value in headers.get_all(&name) {
            let text = String::from_utf8_lossy(value.as_bytes());
            if !secrets(in_flight).any(|secret| text.contains(secret)) {
                kept.append(name.clone(), value.clone());
            }
        }
    }
    kept
}

fn basic(login: &crate::conda::in_flight::Login) -> Result<HeaderValue, CourierError> {
    use base64::Engine;
    let pair = format!("{}:{}", login.user.expose(), login.password.expose());
    let encoded = base64::engine::general_purpose::STANDARD.encode(pair);
    let mut value =
        HeaderValue::from_str(&format!("Basic {encoded}")).map_err(|error| internal(error.to_string()))?;
    value.set_sensitive(true);
    Ok(value)
}

fn origin_of(url: &Url) -> String {
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    format!("{}://{}{port}", url.scheme(), url.host_str().unwrap_or_default())
}

/// An address as it may be shown: without query, login and token.
fn shown(url: &Url) -> String {
    mask_text(&format!("{}{}", origin_of(url), url.path()))
}

fn refused(error: ServiceError) -> CourierError {
    CourierError(error.explain())
}

fn internal(detail: String) -> CourierError {
    refused(RepositoryError::Internal { detail }.into())
}

#[cfg(test)]
mod tests;
