//! The one place that makes an HTTP client.
//!
//! Trust is the operating system's plus a CA file, redirects are never followed, every wait has an end, and no answer
//! is read beyond its limit.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, Response};
use rustls::ClientConfig;
use url::Url;

use super::answer::{Answer, Content};
use super::error::RepositoryError;
use super::excerpt::Scrub;
use super::failure::{self, Target};
use super::proxy::{Proxies, Proxy, ProxySettings};
use super::tls::{self, CaBundle};
use crate::secret::{Secret, mask_text};

/// The largest list that is read.
pub(super) const LIST_LIMIT: usize = 16 * 1024 * 1024;

/// The largest of all other answers that is read.
pub(super) const ANSWER_LIMIT: usize = 1024 * 1024;

/// Who we say we are.
pub(super) const USER_AGENT: &str = concat!("sextant/", env!("CARGO_PKG_VERSION"));

/// How long each wait may last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// For name, connection and TLS.
    pub connect: Duration,
    /// For silence in the middle of an answer.
    pub read: Duration,
    /// For a whole request.
    pub total: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(15),
            read: Duration::from_secs(30),
            total: Duration::from_secs(120),
        }
    }
}

/// What a client is made of.
#[derive(Debug, Clone, Default)]
pub struct HttpSettings {
    pub proxy: ProxySettings,
    /// The certificates of the organisation's CA file for the server that the client is for.
    pub ca: CaBundle,
    pub timeouts: Timeouts,
}

/// An HTTP client for one server; cloning shares its connections.
#[derive(Clone)]
pub struct HttpClient(Arc<Inner>);

struct Inner {
    client: reqwest::Client,
    tls_without_alpn: Arc<ClientConfig>,
    proxies: Arc<Proxies>,
    timeouts: Timeouts,
}

impl fmt::Debug for HttpClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HttpClient")
    }
}

impl HttpClient {
    /// Makes the client. It reads the system's trusted certificates, which takes some milliseconds; [`HttpClient::open`]
    /// does so beside the caller's thread.
    ///
    /// # Errors
    /// [`RepositoryError::Proxy`] for a proxy that cannot be used.
    pub fn new(settings: &HttpSettings) -> Result<Self, RepositoryError> {
        let internal = |detail: String| RepositoryError::Internal { detail };
        let tls = tls::client_config(&settings.ca).map_err(|e| internal(e.to_string()))?;
        let proxies = Arc::new(Proxies::new(&settings.proxy)?);
        let mut tls_without_alpn = tls.clone();
        tls_without_alpn.alpn_protocols.clear();
        let chosen = proxies.clone();
        let client = reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .proxy(reqwest::Proxy::custom(move |url| {
                chosen.for_url(url)?.url_with_credentials()
            }))
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .user_agent(USER_AGENT)
            .connect_timeout(settings.timeouts.connect)
            .read_timeout(settings.timeouts.read)
            .timeout(settings.timeouts.total)
            .build()
            .map_err(|e| internal(e.to_string()))?;
        Ok(Self(Arc::new(Inner {
            client,
            tls_without_alpn: Arc::new(tls_without_alpn),
            proxies,
            timeouts: settings.timeouts,
        })))
    }

    /// [`HttpClient::new`] without keeping the caller waiting.
    ///
    /// # Errors
    /// As for [`HttpClient::new`].
    pub async fn open(settings: HttpSettings) -> Result<Self, RepositoryError> {
        match tokio::task::spawn_blocking(move || Self::new(&settings)).await {
            Ok(client) => client,
            Err(e) => Err(RepositoryError::Internal {
                detail: e.to_string(),
            }),
        }
    }

    pub(super) fn proxy_for(&self, url: &Url) -> Option<Proxy> {
        self.0.proxies.for_url(url)
    }

    /// The same trust for a connection over which no HTTP is spoken, so no protocol is offered.
    pub(super) fn tls_without_alpn(&self) -> Arc<ClientConfig> {
        self.0.tls_without_alpn.clone()
    }

    pub(super) fn timeouts(&self) -> Timeouts {
        self.0.timeouts
    }

    /// Sends the request and reads the whole answer, whatever its status.
    ///
    /// # Errors
    /// Network and TLS failures, an answer beyond its limit, and [`RepositoryError::Redirected`].
    pub(super) async fn send(&self, request: Request) -> Result<Answer, RepositoryError> {
        let (limit, content, scrub) = (request.limit, request.content, request.scrub.clone());
        let (response, url, target) = self.respond(request).await?;
        if let Some(to) = redirect_of(&response, &url, &scrub) {
            return Err(RepositoryError::Redirected {
                from: target.address,
                to,
            });
        }
        let status = response.status().as_u16();
        let headers = response.headers().clone();
        let body = read_body(response, limit, &target).await?;
        Ok(Answer {
            address: target.address,
            status,
            headers,
            body,
            content,
            scrub,
        })
    }

    /// Sends the request and reads the status and where the answer redirects to, for a redirect that is itself the
    /// answer. It is not followed.
    ///
    /// # Errors
    /// Network and TLS failures.
    pub(super) async fn ask_for_redirect(
        &self,
        request: Request,
    ) -> Result<(u16, Option<Url>), RepositoryError> {
        let (response, url, _) = self.respond(request).await?;
        let location = response.headers().get(reqwest::header::LOCATION);
        let to = location.and_then(|to| url.join(to.to_str().ok()?).ok());
        Ok((response.status().as_u16(), to))
    }

    async fn respond(&self, request: Request) -> Result<(Response, Url, Target), RepositoryError> {
        let url = request.url;
        let target = Target {
            address: shown(&url),
            proxy: self.proxy_for(&url).map(|proxy| proxy.to_string()),
        };
        let client = &self.0.client;
        let mut outgoing = client
            .request(request.method, url.clone())
            .headers(request.headers);
        if let Some(body) = request.body {
            outgoing = outgoing.body(body);
        }
        let response = outgoing
            .send()
            .await
            .map_err(|e| failure::of_request(&e, &target))?;
        if response.status().as_u16() == 407 {
            return Err(failure::proxy_wants_password(&target));
        }
        Ok((response, url, target))
    }
}

/// Where a redirect leads, without query and secrets; `None` when the answer is none.
fn redirect_of(response: &Response, from: &Url, scrub: &Scrub) -> Option<String> {
    if !response.status().is_redirection() || response.status().as_u16() == 304 {
        return None;
    }
    let location = response.headers().get(reqwest::header::LOCATION)?;
    let to = location.to_str().ok().and_then(|text| from.join(text).ok());
    Some(to.map_or_else(
        || "an unreadable address".to_owned(),
        |to| scrub.excerpt(&shown(&to), 120),
    ))
}

async fn read_body(
    mut response: Response,
    limit: usize,
    target: &Target,
) -> Result<Vec<u8>, RepositoryError> {
    let too_large = || RepositoryError::TooLarge {
        address: target.address.clone(),
        limit,
    };
    let announced = response.content_length().unwrap_or(0);
    if announced > limit as u64 {
        return Err(too_large());
    }
    let mut body = Vec::with_capacity(usize::try_from(announced).unwrap_or(0));
    while let Some(chunk) = response
        .chunk()
        .await
        .map_err(|e| failure::of_request(&e, target))?
    {
        if body.len() + chunk.len() > limit {
            return Err(too_large());
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// The address as it may be shown: no credentials, no query, no fragment, no token in the path.
pub(super) fn shown(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    mask_text(&format!("{}://{host}{port}{}", url.scheme(), url.path()))
}

/// A request to be sent, with what must not be shown of its answer.
#[derive(Clone)]
pub(super) struct Request {
    method: Method,
    url: Url,
    headers: HeaderMap,
    body: Option<Vec<u8>>,
    limit: usize,
    content: Content,
    scrub: Scrub,
}

impl Request {
    pub(super) fn new(method: Method, url: Url) -> Self {
        let mut headers = HeaderMap::new();
        headers.insert(
            reqwest::header::ACCEPT,
            HeaderValue::from_static("application/json"),
        );
        let (limit, content) = (ANSWER_LIMIT, Content::default());
        Self {
            method,
            url,
            headers,
            body: None,
            limit,
            content,
            scrub: Scrub::default(),
        }
    }

    pub(super) fn query(mut self, pairs: &[(&str, &str)]) -> Self {
        self.url.query_pairs_mut().extend_pairs(pairs);
        self
    }

    /// Sends `body` as JSON.
    pub(super) fn json(mut self, body: &serde_json::Value) -> Self {
        self.headers.insert(
            reqwest::header::CONTENT_TYPE,
            HeaderValue::from_static("application/json"),
        );
        self.body = Some(body.to_string().into_bytes());
        self
    }

    /// Sends `pairs` as a form, as OAuth does.
    pub(super) fn form(mut self, pairs: &[(&str, &str)]) -> Self {
        self.headers.insert(
            reqwest::header::CONTENT_TYPE,
            HeaderValue::from_static("application/x-www-form-urlencoded"),
        );
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        form.extend_pairs(pairs);
        self.body = Some(form.finish().into_bytes());
        self
    }

    /// Adds a header that is never shown. `value` is built around `secret`, which is masked wherever the answer
    /// repeats it.
    ///
    /// # Errors
    /// [`RepositoryError::Internal`] when the value cannot stand in a header.
    pub(super) fn secret_header(
        mut self,
        name: HeaderName,
        value: &Secret,
        secret: &Secret,
    ) -> Result<Self, RepositoryError> {
        let mut header = HeaderValue::from_str(value.expose()).map_err(|_| RepositoryError::Internal {
            detail: format!("{name} cannot be sent: it holds a control character"),
        })?;
        header.set_sensitive(true);
        self.headers.insert(name, header);
        Ok(self.hiding(secret))
    }

    /// Masks `secret` wherever the answer repeats it.
    pub(super) fn hiding(mut self, secret: &Secret) -> Self {
        self.scrub.add(secret);
        self
    }

    /// The answer holds a secret: nothing of it is shown.
    pub(super) fn confidential(mut self) -> Self {
        self.content = Content::Confidential;
        self
    }

    pub(super) fn limit(mut self, limit: usize) -> Self {
        self.limit = limit;
        self
    }
}
