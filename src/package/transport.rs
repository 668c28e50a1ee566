//! How requests for indexes and packages get to a server.
//!
//! The rattler crates ask for addresses without secrets. A [`Courier`] decides on the way: which client, which proxy, whose
//! trust, and which token goes into the address in flight. What comes back carries the address that was asked for, so that no
//! token reaches a cache, a record or an error.

use std::sync::Arc;

use futures::future::BoxFuture;
use reqwest::{Request, Response};
use reqwest_middleware::{ClientBuilder, ClientWithMiddleware, Middleware, Next};

use crate::error::{Kind, Problem};

/// Why a request was not carried. Secrets are masked.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{0}")]
pub struct CourierError(pub Problem);

/// Says what the courier says. It stands around the courier's error, because the rattler crates hand on what is below an
/// error of theirs and not the error itself.
#[derive(Debug, thiserror::Error)]
#[error("the request was not carried")]
struct NotCarried(#[source] CourierError);

/// Carries requests to servers. A service is one.
pub trait Courier: Send + Sync + 'static {
    /// Sends the request with whatever credential belongs to its address, follows redirects, and gives the answer whatever
    /// its status; its body is still to be read. Dropping the future cancels the request.
    fn carry(&self, request: Request) -> BoxFuture<'static, Result<Response, CourierError>>;
}

/// The client that all requests for indexes and packages go through.
#[derive(Clone)]
pub struct Transport(ClientWithMiddleware);

impl std::fmt::Debug for Transport {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Transport")
    }
}

impl Transport {
    /// # Errors
    /// [`CourierError`] when the machine has no memory or randomness left for a client.
    pub fn new(courier: Arc<dyn Courier>) -> Result<Self, CourierError> {
        let client = idle().map_err(|cause| {
            CourierError(Problem::new(Kind::Internal, "no client for packages can be made").because(cause))
        })?;
        Ok(Self(ClientBuilder::new(client).with(Carried(courier)).build()))
    }

    /// What the rattler crates take.
    pub(super) fn client(&self) -> ClientWithMiddleware {
        self.0.clone()
    }
}

/// A client that never sends anything, since the courier takes every request before it gets there; it trusts nobody.
fn idle() -> Result<reqwest::Client, String> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let tls = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth();
    reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .no_proxy()
        .build()
        .map_err(|error| error.to_string())
}

struct Carried(Arc<dyn Courier>);

#[async_trait::async_trait]
impl Middleware for Carried {
    async fn handle(
        &self,
        request: Request,
        _extensions: &mut http::Extensions,
        _next: Next<'_>,
    ) -> reqwest_middleware::Result<Response> {
        let answer = self.0.carry(request).await;
        answer.map_err(|error| reqwest_middleware::Error::middleware(NotCarried(error)))
    }
}
