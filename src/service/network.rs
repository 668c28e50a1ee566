//! The way to a server: who vouches for it, and what stands in between. Every request of every use case takes it.
//!
//! Trust, in this order: a certificate that is pinned for the server is the only one accepted. Otherwise the operating
//! system's trust store decides, with these authorities beside its own: the CA file that the call names, the one that is
//! set for the server, the one in conda's `ssl_verify`, and those in the variables that conda and its libraries honour.
//! `ssl_verify: false` is told, not followed.
//!
//! Proxies, the first that holds: Sextant's preferences, conda's `proxy_servers`, the environment, the settings of the
//! operating system. `NO_PROXY` excepts servers from all of them.

mod authorities;
mod choice;
mod proxies;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use serde::Serialize;

use super::plan::Warning;
use super::{ServiceError, Services, blocking};
use crate::conda::configuration::Configuration;
use crate::repository::{Domain, Fingerprint, HttpClient, HttpSettings, Reach, ServerClient, THROUGH_PROXY};

pub use choice::{ProxyChoice, ProxyChoiceError};

/// The most clients that are kept.
const KEPT: usize = 16;

/// The clients made so far. They are kept, since making one reads the whole trust store.
#[derive(Debug, Default)]
pub(crate) struct Ways {
    clients: Mutex<Vec<(HttpSettings, HttpClient)>>,
    /// What their requests have shown of the network.
    reach: Reach,
}

impl Ways {
    fn find(&self, settings: &HttpSettings) -> Option<HttpClient> {
        let clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        let found = clients.iter().find(|(known, _)| known == settings);
        found.map(|(_, client)| client.clone())
    }

    fn keep(&self, settings: HttpSettings, client: HttpClient) {
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        if clients.len() >= KEPT {
            clients.remove(0);
        }
        clients.push((settings, client));
    }

    /// Clients that remember a refused login must not be met again when it is given anew.
    fn forget(&self) {
        self.clients
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
    }
}

/// How a server is reached and who vouches for it, for showing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Way {
    /// `None` when the server is reached directly.
    pub proxy: Option<ProxyShown>,
    /// Who vouches for the server; nobody when the connection is not secured.
    pub trust: Vec<TrustShown>,
    /// The subject of the certificate that the server gets if it asks for one, and where it is set.
    pub client_certificate: Option<ClientShown>,
    /// What of conda's settings and of the environment is not followed, and why.
    pub warnings: Vec<Warning>,
}

/// A proxy on the way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ProxyShown {
    /// `http://host:port`, no login in it.
    pub address: String,
    /// Where it is set.
    pub source: String,
    /// Who signs in to it, when a login is known.
    pub user: Option<String>,
}

/// Somebody who vouches for a server. `Display` says it to a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum TrustShown {
    /// The operating system's trust store.
    OperatingSystem,
    /// The authorities in a file or folder.
    Authorities {
        path: PathBuf,
        count: usize,
        /// Who says so.
        source: String,
    },
    /// Nobody else: one certificate is pinned.
    Pinned { fingerprint: String },
}

impl fmt::Display for TrustShown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OperatingSystem => f.write_str("the trust store of the operating system"),
            Self::Authorities { path, count, source } => {
                let plural = if *count == 1 { "y" } else { "ies" };
                write!(
                    f,
                    "{count} authorit{plural} in {}, set by {source}",
                    path.display()
                )
            }
            Self::Pinned { fingerprint } => write!(f, "only the pinned certificate {fingerprint}"),
        }
    }
}

/// A client certificate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ClientShown {
    pub subject: String,
    pub path: PathBuf,
    pub source: String,
}

impl Services {
    /// The client for the server at `address`, with everything that is set for it. The certificates in `ca_file` are
    /// trusted too.
    ///
    /// # Errors
    /// [`ServiceError::NoTrustFile`], [`ServiceError::CaFile`] and [`ServiceError::ClientCertificate`] for files that are
    /// set in Sextant and cannot be used, damaged settings, a proxy that cannot be used, and working offline.
    pub(crate) async fn http(
        &self,
        address: &Domain,
        ca_file: Option<&Path>,
    ) -> Result<HttpClient, ServiceError> {
        let (settings, way) = blocking(|| {
            // Before anything else: offline is offline, whatever else is wrong.
            self.expect_online(address)?;
            self.way(address, ca_file)
        })?;
        self.ways.reach.expect(match way.proxy {
            Some(_) => THROUGH_PROXY,
            None => address.host(),
        })?;
        if let Some(client) = self.ways.find(&settings) {
            return Ok(client);
        }
        let client = HttpClient::open_telling(settings.clone(), self.ways.reach.clone()).await?;
        self.ways.keep(settings, client.clone());
        Ok(client)
    }

    pub(crate) fn reach(&self) -> &Reach {
        &self.ways.reach
    }

    pub(crate) async fn server(
        &self,
        domain: &Domain,
        ca_file: Option<&Path>,
    ) -> Result<ServerClient, ServiceError> {
        let http = self.http(domain, ca_file).await?;
        Ok(ServerClient::new(http, domain.clone()))
    }

    /// How the server at `domain` is reached, and who vouches for it. Asks no network.
    ///
    /// # Errors
    /// Whatever would keep a request from being sent.
    pub fn way_to(&self, domain: &Domain, ca_file: Option<&Path>) -> Result<Way, ServiceError> {
        Ok(blocking(|| self.way(domain, ca_file))?.1)
    }

    fn way(&self, domain: &Domain, ca_file: Option<&Path>) -> Result<(HttpSettings, Way), ServiceError> {
        let configuration = Configuration::read(&self.surroundings());
        let (proxy, proxy_shown) = self.proxies_for(domain, &configuration)?;
        let mut way = Way {
            proxy: proxy_shown,
            trust: Vec::new(),
            client_certificate: None,
            warnings: Vec::new(),
        };
        let mut settings = HttpSettings {
            proxy,
            ..HttpSettings::default()
        };
        // The proxy itself may be reached over TLS, so trust matters there for plain servers too.
        self.add_trust(domain, ca_file, &configuration, &mut settings, &mut way)?;
        if domain.is_plain_http() {
            way.trust.clear();
            way.client_certificate = None;
        }
        Ok((settings, way))
    }
}

fn pinned(fingerprint: Fingerprint) -> TrustShown {
    TrustShown::Pinned {
        fingerprint: fingerprint.to_string(),
    }
}
