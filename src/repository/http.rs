//! The one place that makes an HTTP client.
//!
//! Trust is the operating system's plus a CA file, or a pinned certificate; redirects are never followed, every wait has an end, and no answer
//! is read beyond its limit.

mod file_form;
mod request;
mod stream;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use reqwest::Response;
use url::Url;

use super::answer::{Answer, Content};
use super::error::RepositoryError;
use super::excerpt::Scrub;
use super::failure::{self, Target};
use super::probe;
use super::proxy::{Proxies, Proxy, ProxyError, ProxySettings, challenge, is_loopback};
use super::reach::Reach;
use super::tls::{self, CaBundle, ClientCertificate, Clocks, Connector, Pin};
use crate::secret::mask_text;

pub(super) use file_form::FileForm;
pub use file_form::{BytesSent, FileToSend};
pub(super) use request::Request;

/// The largest list that is read.
pub(super) const LIST_LIMIT: usize = 16 * 1024 * 1024;

/// The largest of all other answers that is read.
pub(super) const ANSWER_LIMIT: usize = 1024 * 1024;

/// Who we say we are.
pub(super) const USER_AGENT: &str = concat!("sextant/", env!("CARGO_PKG_VERSION"));

/// How long a server may take to say what time it is.
const PATIENCE_FOR_TIME: Duration = Duration::from_secs(2);

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

/// What a client is made of. Equal settings make equal clients.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HttpSettings {
    pub proxy: ProxySettings,
    /// The authorities that are trusted beside those of the operating system.
    pub ca: CaBundle,
    /// The only certificate that is accepted from the server of the pin.
    pub pin: Option<Pin>,
    /// Given to servers that ask for one.
    pub client_certificate: Option<ClientCertificate>,
    pub timeouts: Timeouts,
}

/// An HTTP client for one server; cloning shares its connections.
#[derive(Clone)]
pub struct HttpClient(Arc<Inner>);

struct Inner {
    client: reqwest::Client,
    /// The same for what takes its time to be sent: the silence of a server that listens is no sign of trouble.
    sending: reqwest::Client,
    /// The same trust for a connection over which no HTTP is spoken, so no protocol is offered.
    plain: Connector,
    proxies: Arc<Proxies>,
    timeouts: Timeouts,
    /// Is told how every request ends.
    reach: Reach,
}

/// What stands for every proxy where it matters whether there is a network.
pub const THROUGH_PROXY: &str = "the proxy";

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
    /// [`RepositoryError::Internal`] when the system has no memory or randomness left for it.
    pub fn new(settings: &HttpSettings) -> Result<Self, RepositoryError> {
        Self::with(settings, Reach::default())
    }

    fn with(settings: &HttpSettings, reach: Reach) -> Result<Self, RepositoryError> {
        let internal = |detail: String| RepositoryError::Internal { detail };
        let HttpSettings {
            ca,
            pin,
            client_certificate,
            ..
        } = settings;
        let tls = tls::connector(ca, pin.as_ref(), client_certificate.as_ref())
            .map_err(|e| internal(e.to_string()))?;
        let mut without_alpn = (*tls.config).clone();
        without_alpn.alpn_protocols.clear();
        let proxies = Arc::new(Proxies::new(&settings.proxy));
        let builder = || {
            let chosen = proxies.clone();
            reqwest::Client::builder()
                .tls_backend_preconfigured((*tls.config).clone())
                // A proxy that cannot be used was refused before the request got here.
                .proxy(reqwest::Proxy::custom(move |url| {
                    chosen.for_url(url).ok()??.url_with_credentials()
                }))
                .redirect(reqwest::redirect::Policy::none())
                .referer(false)
                .user_agent(USER_AGENT)
                .connect_timeout(settings.timeouts.connect)
        };
        let client = builder()
            .read_timeout(settings.timeouts.read)
            .timeout(settings.timeouts.total)
            .build()
            .map_err(|e| internal(e.to_string()))?;
        let sending = builder().build().map_err(|e| internal(e.to_string()))?;
        Ok(Self(Arc::new(Inner {
            client,
            sending,
            plain: Connector {
                config: Arc::new(without_alpn),
                presenter: tls.presenter,
            },
            proxies,
            timeouts: settings.timeouts,
            reach,
        })))
    }

    /// [`HttpClient::new`] without keeping the caller waiting.
    ///
    /// # Errors
    /// As for [`HttpClient::new`].
    pub async fn open(settings: HttpSettings) -> Result<Self, RepositoryError> {
        Self::open_telling(settings, Reach::default()).await
    }

    /// [`HttpClient::open`]; `reach` is told how every request ends.
    ///
    /// # Errors
    /// As for [`HttpClient::new`].
    pub async fn open_telling(settings: HttpSettings, reach: Reach) -> Result<Self, RepositoryError> {
        match tokio::task::spawn_blocking(move || Self::with(&settings, reach)).await {
            Ok(client) => client,
            Err(e) => Err(RepositoryError::Internal {
                detail: e.to_string(),
            }),
        }
    }

    /// # Errors
    /// [`RepositoryError::Proxy`] when the proxy that is set for `url` cannot be used.
    pub(super) fn proxy_for(&self, url: &Url) -> Result<Option<Proxy>, RepositoryError> {
        Ok(self.0.proxies.for_url(url)?)
    }

    /// The same trust for a connection over which no HTTP is spoken.
    pub(super) fn tls_without_alpn(&self) -> &Connector {
        &self.0.plain
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
        let answered = self.respond(request).await?;
        answer_of(answered, limit, content, scrub).await
    }

    /// The same with a body that is made while it is sent.
    async fn send_with_body(&self, request: Request, body: reqwest::Body) -> Result<Answer, RepositoryError> {
        let (limit, content, scrub) = (request.limit, request.content, request.scrub.clone());
        let client = &self.0.sending;
        let outgoing = client
            .request(request.method, request.url)
            .headers(request.headers)
            .body(body);
        let answered = self.exchange(client, built(outgoing)?).await?;
        answer_of(answered, limit, content, scrub).await
    }

    /// Sends the request and reads the status alone, whatever its answer holds.
    ///
    /// # Errors
    /// Network and TLS failures.
    pub(super) async fn status(&self, request: Request) -> Result<u16, RepositoryError> {
        Ok(self.respond(request).await?.response.status().as_u16())
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
        let Answered { response, url, .. } = self.respond(request).await?;
        let location = response.headers().get(reqwest::header::LOCATION);
        let to = location.and_then(|to| url.join(to.to_str().ok()?).ok());
        Ok((response.status().as_u16(), to))
    }

    /// What the server says the time is when it answers the request, whatever else it says.
    ///
    /// # Errors
    /// Network and TLS failures.
    pub(super) async fn time_of_answer(
        &self,
        request: Request,
    ) -> Result<Option<Timestamp>, RepositoryError> {
        Ok(date_of(&self.respond(request).await?.response))
    }

    async fn respond(&self, request: Request) -> Result<Answered, RepositoryError> {
        let mut outgoing = self
            .0
            .client
            .request(request.method, request.url)
            .headers(request.headers);
        if let Some(body) = request.body {
            outgoing = outgoing.body(body);
        }
        self.exchange(&self.0.client, built(outgoing)?).await
    }

    /// Sends what is ready to be sent.
    async fn exchange(
        &self,
        client: &reqwest::Client,
        request: reqwest::Request,
    ) -> Result<Answered, RepositoryError> {
        let proxy = self.proxy_for(request.url())?;
        let place = match &proxy {
            Some(_) => THROUGH_PROXY.to_owned(),
            None => request.url().host_str().unwrap_or_default().to_owned(),
        };
        let answered = self.exchange_through(client, proxy, request).await;
        self.0.reach.heard(&place, &answered);
        answered
    }

    async fn exchange_through(
        &self,
        client: &reqwest::Client,
        proxy: Option<Proxy>,
        request: reqwest::Request,
    ) -> Result<Answered, RepositoryError> {
        let url = request.url().clone();
        let response = match client.execute(request).await {
            Ok(response) => response,
            Err(error) => return Err(self.failure_of(&error, &url, proxy.as_ref()).await),
        };
        let target = self.target(&url, proxy.as_ref());
        // Inside a tunnel it is the server that answers.
        let is_refusal = response.status().as_u16() == 407 && url.scheme() == "http";
        if let Some(proxy) = proxy.filter(|_| is_refusal) {
            let offers = response.headers().get_all(reqwest::header::PROXY_AUTHENTICATE);
            let offers = offers.iter().filter_map(|offer| offer.to_str().ok());
            return Err(proxy.denied(challenge::schemes(offers)).into());
        }
        Ok(Answered {
            response,
            url,
            target,
        })
    }

    fn target(&self, url: &Url, proxy: Option<&Proxy>) -> Target {
        Target {
            address: shown(url),
            proxy: proxy.map(ToString::to_string),
            presented: self.0.plain.presenter.presented(),
        }
    }

    /// What a failed request was about; where the client does not say enough, somebody is asked.
    async fn failure_of(&self, error: &reqwest::Error, url: &Url, proxy: Option<&Proxy>) -> RepositoryError {
        let failure = failure::of_request(error, &self.target(url, proxy));
        match (&failure, proxy) {
            (RepositoryError::Proxy(ProxyError::AuthRequired { .. }), Some(proxy)) => {
                let host = url.host_str().unwrap_or_default();
                let target = format!("{host}:{}", url.port_or_known_default().unwrap_or(443));
                let limit = self.0.timeouts.connect;
                let schemes = probe::schemes_of(proxy, &target, &self.0.plain, limit).await;
                proxy.denied(schemes).into()
            }
            _ => self.with_clocks(failure).await,
        }
    }

    /// Adds to a refusal for its dates what the server says the time is. It is asked without TLS, since that is what
    /// failed; the answer serves the explanation only.
    pub(super) async fn with_clocks(&self, error: RepositoryError) -> RepositoryError {
        match error {
            RepositoryError::Tls(mut failure) => {
                if failure.is_about_dates()
                    && let Some(there) = self.time_at(&failure.host).await
                {
                    failure.compare_clocks(Clocks {
                        here: Timestamp::now(),
                        there,
                    });
                }
                RepositoryError::Tls(failure)
            }
            other => other,
        }
    }

    /// The `Date` of whatever answers for `host` on the usual port without TLS. Nothing is sent but the question.
    async fn time_at(&self, host: &str) -> Option<Timestamp> {
        let host = if host.contains(':') {
            format!("[{host}]")
        } else {
            host.to_owned()
        };
        let url = Url::parse(&format!("http://{host}/")).ok()?;
        // This computer has one clock.
        if is_loopback(&url) {
            return None;
        }
        self.proxy_for(&url).ok()?;
        let asked = self
            .0
            .client
            .head(url)
            .timeout(PATIENCE_FOR_TIME)
            .send()
            .await
            .ok()?;
        date_of(&asked)
    }
}

fn date_of(response: &Response) -> Option<Timestamp> {
    let date = response.headers().get(reqwest::header::DATE)?.to_str().ok()?;
    Some(jiff::fmt::rfc2822::parse(date).ok()?.timestamp())
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

fn built(request: reqwest::RequestBuilder) -> Result<reqwest::Request, RepositoryError> {
    request.build().map_err(|error| RepositoryError::Internal {
        detail: error.without_url().to_string(),
    })
}

/// The whole answer, whatever its status but a redirect.
async fn answer_of(
    answered: Answered,
    limit: usize,
    content: Content,
    scrub: Scrub,
) -> Result<Answer, RepositoryError> {
    let Answered {
        response,
        url,
        target,
    } = answered;
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

/// An answer whose body is still to come.
struct Answered {
    response: Response,
    url: Url,
    target: Target,
}
