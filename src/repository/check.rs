//! Whether an Anaconda Server, or an Anaconda Repository, answers at an address, told step by step. When it is the other
//! one that answers, or a product that everyone knows by name, the error says which.

use std::fmt;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use reqwest::Method;
use serde_json::Value;
use url::Url;

use super::answer::Answer;
use super::binstar::{self, BinstarApi, RepositoryInfo};
use super::certificate::Certificate;
use super::domain::Domain;
use super::error::RepositoryError;
use super::excerpt::printable;
use super::http::{HttpClient, Request};
use super::probe;
use super::product::Product;
use super::proxy::Proxy;
use super::tls::{Clocks, TlsFailure};

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
    /// What the server says of itself.
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
    Repository(RepositoryInfo),
}

/// What TLS agreed on, and the certificate that was accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsFacts {
    /// `TLS 1.3` or `TLS 1.2`.
    pub version: &'static str,
    pub certificate: Option<Certificate>,
    /// Everything that the server presented, its own certificate first.
    pub chain: Vec<Certificate>,
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
            Self::Repository(info) => info.fmt(f),
        }
    }
}

/// A domain where an Anaconda Server answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    pub domain: Domain,
    pub info: SystemInfo,
}

/// An address where an Anaconda Repository, or Anaconda.org, answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckedRepository {
    pub api: BinstarApi,
    pub info: RepositoryInfo,
}

/// Checks whether an Anaconda Server answers at the domain, calling `report` when a step begins and when it ends.
/// Dropping the future cancels it.
///
/// The connection of the first steps is for looking only; the answer is fetched by the HTTP client, over the same way
/// and with the same trust as every later call.
///
/// # Errors
/// Whatever the failed step found; it was reported as well. [`RepositoryError::OtherProduct`] when it is another
/// product that answers.
pub async fn check_domain(
    http: &HttpClient,
    domain: &Domain,
    report: impl FnMut(CheckStep),
) -> Result<Checked, RepositoryError> {
    let mut steps = Steps { report };
    let url = system(domain)?;
    let way = Way::new(http, domain, &url)?;
    let known = Product::known_at(domain).map(|found| other(domain.as_str(), Product::AnacondaServer, found));
    way.go(known, &mut steps).await?;
    let info = steps
        .run(Step::Answer, async {
            let info = ask_server(http, domain, url).await?;
            Ok((info.clone(), Found::Server(info)))
        })
        .await?;
    Ok(Checked {
        domain: domain.clone(),
        info,
    })
}

/// Checks whether an Anaconda Repository, or Anaconda.org, answers at the address of its API; otherwise as
/// [`check_domain`].
///
/// # Errors
/// As for [`check_domain`].
pub async fn check_repository(
    http: &HttpClient,
    api: &BinstarApi,
    report: impl FnMut(CheckStep),
) -> Result<CheckedRepository, RepositoryError> {
    let mut steps = Steps { report };
    let domain = api.domain();
    let way = Way::new(http, domain, &system(domain)?)?;
    let known = Product::known_at(domain)
        .filter(|found| *found != Product::AnacondaOrg)
        .map(|found| other(domain.as_str(), Product::AnacondaRepository, found));
    way.go(known, &mut steps).await?;
    let info = steps
        .run(Step::Answer, async {
            let info = ask_repository(http, api).await?;
            Ok((info.clone(), Found::Repository(info)))
        })
        .await?;
    Ok(CheckedRepository {
        api: api.clone(),
        info,
    })
}

/// Goes the way to the server at the domain, whatever product it is, calling `report` for every step but the answer, which
/// is not asked for. Dropping the future cancels it.
///
/// # Errors
/// Whatever the failed step found; it was reported as well.
pub async fn check_way(
    http: &HttpClient,
    domain: &Domain,
    report: impl FnMut(CheckStep),
) -> Result<(), RepositoryError> {
    let way = Way::new(http, domain, &system(domain)?)?;
    way.go(None, &mut Steps { report }).await
}

/// What the clocks of this computer and of the server say at the same moment; nothing where the server does not tell the
/// time. Any answer will do, also a refusal.
///
/// # Errors
/// Whatever keeps the server from answering.
pub async fn compare_clocks(
    http: &HttpClient,
    domain: &Domain,
    now: impl Fn() -> Timestamp,
) -> Result<Option<Clocks>, RepositoryError> {
    let there = http
        .time_of_answer(Request::new(Method::HEAD, system(domain)?))
        .await?;
    Ok(there.map(|there| Clocks { here: now(), there }))
}

/// What a server shows of itself when a connection is secured, accepted or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PresentedCertificates {
    /// The server's own certificate first.
    pub chain: Vec<Certificate>,
    /// Why it is not accepted.
    pub refused: Option<TlsFailure>,
}

/// Looks at the certificate that the server at the domain presents, over the same way and with the same trust as every
/// call. Dropping the future cancels it.
///
/// # Errors
/// Whatever keeps it from being seen.
pub async fn look_at_certificate(
    http: &HttpClient,
    domain: &Domain,
) -> Result<PresentedCertificates, RepositoryError> {
    let mut chain = Vec::new();
    let report = |step: CheckStep| {
        if let Outcome::Done {
            found: Found::Tls(facts),
            ..
        } = step.outcome
        {
            chain.extend(facts.chain);
        }
    };
    let way = Way::new(http, domain, &system(domain)?)?;
    let refused = match way.go(None, &mut Steps { report }).await {
        Ok(()) => None,
        Err(RepositoryError::Tls(failure)) if !failure.chain.is_empty() => Some(*failure),
        Err(error) => return Err(error),
    };
    if let Some(failure) = &refused {
        chain.clone_from(&failure.chain);
    }
    Ok(PresentedCertificates { chain, refused })
}

fn other(address: &str, expected: Product, found: Product) -> RepositoryError {
    RepositoryError::OtherProduct {
        address: address.to_owned(),
        expected,
        found,
    }
}

/// Where an Anaconda Server says what it is.
fn system(domain: &Domain) -> Result<Url, RepositoryError> {
    domain.api(&["system"]).map_err(|e| RepositoryError::Internal {
        detail: e.to_string(),
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

impl<'a> Way<'a> {
    fn new(http: &'a HttpClient, domain: &'a Domain, url: &Url) -> Result<Self, RepositoryError> {
        let proxy = http.proxy_for(url)?;
        Ok(Self { http, domain, proxy })
    }

    /// Goes all the way; not a step of it when the host is `known` to be of another product.
    async fn go<R: FnMut(CheckStep)>(
        &self,
        known: Option<RepositoryError>,
        steps: &mut Steps<R>,
    ) -> Result<(), RepositoryError> {
        if let Some(error) = known {
            return steps.run(Step::Name, async { Err(error) }).await;
        }
        let stream = self.connect(steps).await?;
        let stream = self.pass_proxy(stream, steps).await?;
        self.secure(stream, steps).await
    }

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
                certificate: secured.chain.first().cloned(),
                chain: secured.chain,
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

/// `GET /api/system`.
async fn ask_server(http: &HttpClient, domain: &Domain, url: Url) -> Result<SystemInfo, RepositoryError> {
    let answer = http.send(Request::new(Method::GET, url)).await?;
    if let Some(info) = accepted(&answer) {
        return Ok(info);
    }
    if let Ok(api) = BinstarApi::at(domain)
        && binstar::recognise(http, &api).await
    {
        return Err(other(
            api.as_str(),
            Product::AnacondaServer,
            Product::AnacondaRepository,
        ));
    }
    Err(RepositoryError::NotAServer {
        address: answer.address.clone(),
        answered: answer.describe(),
    })
}

/// What the API of a repository says of itself.
async fn ask_repository(http: &HttpClient, api: &BinstarApi) -> Result<RepositoryInfo, RepositoryError> {
    let error = match binstar::look(http, api).await {
        Err(error @ RepositoryError::NotARepository { .. }) => error,
        looked => return looked,
    };
    let domain = api.domain();
    let system = http.send(Request::new(Method::GET, system(domain)?)).await;
    match system {
        Ok(answer) if accepted(&answer).is_some() => Err(other(
            domain.as_str(),
            Product::AnacondaRepository,
            Product::AnacondaServer,
        )),
        _ => Err(error),
    }
}

/// What a server says of itself, accepted as both known clients together accept it: `service_name` is `repo`, or
/// `status` is `ok`, or `ok` is 1 (server reference, section 1.2).
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
