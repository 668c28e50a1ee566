//! Whether an Anaconda Server answers at a domain, told step by step.

use std::fmt;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::Value;
use url::Url;

use super::answer::Answer;
use super::certificate::Certificate;
use super::domain::Domain;
use super::error::RepositoryError;
use super::excerpt::printable;
use super::http::{HttpClient, Request};
use super::probe;
use super::proxy::Proxy;

/// The steps of a check, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Step {
    /// Looking up the name of the server, or of the proxy when there is one.
    Name,
    /// Connecting to it.
    Connection,
    /// Being let through by the proxy.
    Proxy,
    /// Securing the connection.
    Tls,
    /// `GET /api/system`.
    Answer,
}

impl Step {
    pub const ALL: [Self; 5] = [Self::Name, Self::Connection, Self::Proxy, Self::Tls, Self::Answer];
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Name => "Name",
            Self::Connection => "Connection",
            Self::Proxy => "Proxy",
            Self::Tls => "TLS",
            Self::Answer => "Server",
        })
    }
}

/// A step that began or ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckStep {
    pub step: Step,
    pub outcome: Outcome,
}

/// How a step stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    Running,
    Done {
        took: Duration,
        found: Found,
    },
    Failed {
        took: Duration,
        error: RepositoryError,
    },
    /// The step does not apply: there is no proxy, or no TLS.
    Skipped,
}

/// What a step found. `Display` is the note beside the step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    Addresses(Vec<SocketAddr>),
    Connected(SocketAddr),
    /// The proxy that lets us through, without its credentials.
    Proxy(String),
    Tls(Box<TlsFacts>),
    Server(SystemInfo),
}

/// What TLS agreed on, and the certificate that was accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsFacts {
    /// `TLS 1.3` or `TLS 1.2`.
    pub version: &'static str,
    pub certificate: Option<Certificate>,
}

/// What a server says of itself (server reference, section 1.2); only two of the three fields are ever certain.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SystemInfo {
    pub service_name: Option<String>,
    pub status: Option<String>,
    pub brand: Option<String>,
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Addresses(addresses) => {
                let addresses: Vec<String> =
                    addresses.iter().map(|address| address.ip().to_string()).collect();
                f.write_str(&addresses.join(", "))
            }
            Self::Connected(address) => write!(f, "{address}"),
            Self::Proxy(proxy) => f.write_str(proxy),
            Self::Tls(facts) => match &facts.certificate {
                Some(certificate) => write!(f, "{}, {certificate}", facts.version),
                None => f.write_str(facts.version),
            },
            Self::Server(info) => f.write_str(info.brand.as_deref().unwrap_or("Anaconda Server")),
        }
    }
}

/// A domain where an Anaconda Server answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    pub domain: Domain,
    pub info: SystemInfo,
}

/// Checks the domain, calling `report` when a step begins and when it ends. Dropping the future cancels it.
///
/// The connection of the first steps is for looking only; the answer is fetched by the HTTP client, over the same way
/// and with the same trust as every later call.
///
/// # Errors
/// Whatever the failed step found; it was reported as well.
pub async fn check_domain(
    http: &HttpClient,
    domain: &Domain,
    report: impl FnMut(CheckStep),
) -> Result<Checked, RepositoryError> {
    let mut steps = Steps { report };
    let url = domain.api(&["system"]).map_err(|e| RepositoryError::Internal {
        detail: e.to_string(),
    })?;
    let way = Way {
        http,
        domain,
        proxy: http.proxy_for(&url)?,
    };
    let stream = way.connect(&mut steps).await?;
    let stream = way.pass_proxy(stream, &mut steps).await?;
    way.secure(stream, &mut steps).await?;
    let info = steps
        .run(Step::Answer, async {
            let info = ask(http, url).await?;
            Ok((info.clone(), Found::Server(info)))
        })
        .await?;
    Ok(Checked {
        domain: domain.clone(),
        info,
    })
}

/// Reports every step around its work.
struct Steps<R> {
    report: R,
}

impl<R: FnMut(CheckStep)> Steps<R> {
    async fn run<T>(
        &mut self,
        step: Step,
        work: impl Future<Output = Result<(T, Found), RepositoryError>>,
    ) -> Result<T, RepositoryError> {
        (self.report)(CheckStep {
            step,
            outcome: Outcome::Running,
        });
        let began = Instant::now();
        let result = work.await;
        let took = began.elapsed();
        match result {
            Ok((value, found)) => {
                (self.report)(CheckStep {
                    step,
                    outcome: Outcome::Done { took, found },
                });
                Ok(value)
            }
            Err(error) => {
                (self.report)(CheckStep {
                    step,
                    outcome: Outcome::Failed {
                        took,
                        error: error.clone(),
                    },
                });
                Err(error)
            }
        }
    }

    fn skip(&mut self, step: Step) {
        (self.report)(CheckStep {
            step,
            outcome: Outcome::Skipped,
        });
    }
}

/// The way to the server: directly, or through a proxy.
struct Way<'a> {
    http: &'a HttpClient,
    domain: &'a Domain,
    proxy: Option<Proxy>,
}

type Connection = Box<dyn probe::Stream>;

impl Way<'_> {
    fn limit(&self) -> Duration {
        self.http.timeouts().connect
    }

    /// `host:port` of the server, the port always told.
    fn target(&self) -> String {
        format!("{}:{}", self.domain.host(), self.domain.port())
    }

    async fn connect<R: FnMut(CheckStep)>(
        &self,
        steps: &mut Steps<R>,
    ) -> Result<Connection, RepositoryError> {
        let (host, port) = match &self.proxy {
            Some(proxy) => (proxy.host.clone(), proxy.port),
            None => (self.domain.host().to_owned(), self.domain.port()),
        };
        let addresses = steps
            .run(Step::Name, async {
                let addresses = probe::look_up(&host, port, self.limit()).await?;
                Ok((addresses.clone(), Found::Addresses(addresses)))
            })
            .await?;
        let stream = steps
            .run(Step::Connection, async {
                let shown = format!("{host}:{port}");
                let (stream, address) = probe::connect(&addresses, &shown, self.limit()).await?;
                Ok((stream, Found::Connected(address)))
            })
            .await?;
        Ok(Box::new(stream))
    }

    async fn pass_proxy<R: FnMut(CheckStep)>(
        &self,
        stream: Connection,
        steps: &mut Steps<R>,
    ) -> Result<Connection, RepositoryError> {
        let Some(proxy) = &self.proxy else {
            steps.skip(Step::Proxy);
            return Ok(stream);
        };
        let pass = async {
            let mut stream = stream;
            if proxy.over_tls {
                let (secured, _) =
                    probe::secure(stream, self.http.tls_without_alpn(), &proxy.host, self.limit()).await?;
                stream = Box::new(secured);
            }
            // Plain HTTP needs no tunnel: the proxy takes each request as it is.
            if !self.domain.is_plain_http() {
                probe::tunnel(&mut *stream, proxy, &self.target(), self.limit()).await?;
            }
            Ok((stream, Found::Proxy(proxy.to_string())))
        };
        steps.run(Step::Proxy, pass).await
    }

    async fn secure<R: FnMut(CheckStep)>(
        &self,
        stream: Connection,
        steps: &mut Steps<R>,
    ) -> Result<(), RepositoryError> {
        if self.domain.is_plain_http() {
            steps.skip(Step::Tls);
            return Ok(());
        }
        let secure = async {
            let tls = self.http.tls_without_alpn();
            let (_, secured) = match probe::secure(stream, tls, self.domain.host(), self.limit()).await {
                Ok(secured) => secured,
                Err(error) => return Err(self.explained(error).await),
            };
            let facts = TlsFacts {
                version: secured.version,
                certificate: secured.certificate,
            };
            Ok(((), Found::Tls(Box::new(facts))))
        };
        steps.run(Step::Tls, secure).await
    }

    /// What later calls would say of the same failure.
    async fn explained(&self, mut error: RepositoryError) -> RepositoryError {
        if let RepositoryError::Tls(failure) = &mut error {
            failure.proxy = self.proxy.as_ref().map(ToString::to_string);
        }
        self.http.with_clocks(error).await
    }
}

/// `GET /api/system`, accepted as both known clients together accept it: `service_name` is `repo`, or `status` is `ok`,
/// or `ok` is 1 (server reference, section 1.2).
async fn ask(http: &HttpClient, url: Url) -> Result<SystemInfo, RepositoryError> {
    let answer = http.send(Request::new(Method::GET, url)).await?;
    match accepted(&answer) {
        Some(info) => Ok(info),
        None => Err(RepositoryError::NotAServer {
            address: answer.address.clone(),
            answered: answer.describe(),
        }),
    }
}

fn accepted(answer: &Answer) -> Option<SystemInfo> {
    if !(200..300).contains(&answer.status) {
        return None;
    }
    let body = answer.json("the description of a server").ok()?;
    let is = |field: &str, expected: &str| {
        body.get(field)
            .and_then(Value::as_str)
            .is_some_and(|text| text.eq_ignore_ascii_case(expected))
    };
    let ok = body.get("ok").and_then(Value::as_f64).is_some_and(|ok| ok == 1.0);
    if !(is("service_name", "repo") || is("status", "ok") || ok) {
        return None;
    }
    let text = |field: &str| {
        body.get(field)
            .and_then(Value::as_str)
            .map(|text| printable(text, 60))
            .filter(|text| !text.is_empty())
    };
    Some(SystemInfo {
        service_name: text("service_name"),
        status: text("status"),
        brand: text("brand"),
    })
}
