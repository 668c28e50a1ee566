//! The practice server: speaks the servers' contracts on this machine, for the demo and for the tests.
//!
//! Four products, each on a port of its own, with one life, one clock, one list of requests and one trouble:
//!
//! | product | room | contract |
//! |---|---|---|
//! | Anaconda Server 6.x, with single sign-on | `server`, `oidc` | server reference, sections 1 and 9 |
//! | PSM Cloud and anaconda.com | `cloud`, `oidc` | server reference, section 2 |
//! | Anaconda Repository (Enterprise 4) | `binstar` | repository reference, section 1 |
//! | Anaconda.org | `binstar` | the same, and logging in through anaconda.com |
//!
//! # Packages
//!
//! The channels of all products hold real packages (`stock`): archives in both forms, made when they are first asked for, the
//! same in every run. Anaconda Server has three kinds of channels more that are public and in no list: `trouble-archives`,
//! `trouble-index` and `trouble-large-<n>` (`stock::trouble`).
//!
//! # Playing the browser
//!
//! Where a person would sign in or deny on a page of the provider, a test gets along with plain HTTP and without a form:
//!
//! - `GET <authorization endpoint>?<the client's query>&practice_user=alice` approves at once, as alice would;
//!   `&practice_deny` denies. The answer is the redirect to the client.
//! - `GET <verification_uri_complete>&practice_user=alice` approves a device at once, `&practice_deny` denies it.
//!
//! # From another process
//!
//! Under `/practice` on every port: `trouble`, `requests`, `clock`, `sessions/expire`, and the tokens and keys of each
//! product, which can be ended.
//!
//! It shares no code with the clients. What it answers where a contract is silent is said beside each choice.

mod account;
mod binstar;
mod certificate;
mod clock;
mod cloud;
mod common;
mod control;
mod credential;
mod error;
mod gate;
mod inspect;
mod jwt;
mod ledger;
mod listen;
mod multipart;
mod oidc;
mod open_sessions;
mod options;
mod package;
mod paging;
mod random;
mod record;
mod server;
mod shelf;
mod site;
mod sites;
mod stock;
mod trouble;

use std::io::Write as _;
use std::net::{Ipv4Addr, TcpListener};
use std::sync::Arc;
use std::thread::JoinHandle;

use tempfile::NamedTempFile;
use tokio::sync::{oneshot, watch};

pub use account::PracticeUser;
pub use binstar::{Acceptor, RepositoryLogin, RepositoryToken};
pub use cloud::{ApiKey, CloudToken, TokenState};
pub use credential::{Carrier, Credential};
pub use error::PracticeError;
pub use options::{OidcTimes, Options, SingleSignOn, Tls};
pub use record::RecordedRequest;
pub use server::TokenRecord;
pub use site::Site;
pub use trouble::{Effect, Fault, Trouble};

use certificate::{Identity, identity};
use common::Common;
use listen::Served;
use sites::{Sites, Urls};

/// A running practice server. When it is dropped, it stops, its connections are closed and its ports are free.
///
/// It runs on a thread of its own, so that it answers also while its owner waits, for example for a child process.
pub struct Practice {
    urls: Urls,
    sites: Sites,
    authority: Option<Authority>,
    stop: watch::Sender<bool>,
    thread: Option<JoinHandle<()>>,
}

struct Authority {
    pem: String,
    file: NamedTempFile,
}

impl Practice {
    /// Starts all products on 127.0.0.1; when this returns, they can be reached.
    ///
    /// # Errors
    /// The port cannot be used, or the system lacks what a server needs (see [`PracticeError`]).
    pub async fn start(options: Options) -> Result<Self, PracticeError> {
        let server = bound(options.port, options.tls)?;
        let cloud = bound(0, options.tls)?;
        let repository = bound(0, options.tls)?;
        let anaconda_org = bound(0, options.tls)?;
        let (acceptor, authority) = match identity(options.tls)? {
            Some(Identity { acceptor, authority }) => (Some(acceptor), authority),
            None => (None, None),
        };
        let urls = Urls {
            server: server.1,
            cloud: cloud.1,
            repository: repository.1,
            anaconda_org: anaconda_org.1,
        };
        let (stop, stopping) = watch::channel(false);
        let common = Arc::new(Common::new(options.trouble.clone(), stopping));
        let sites = Sites::new(&options, &urls, common).map_err(PracticeError::Random)?;
        let served = [
            (Site::Server, server.0),
            (Site::Cloud, cloud.0),
            (Site::Repository, repository.0),
            (Site::AnacondaOrg, anaconda_org.0),
        ]
        .into_iter()
        .map(|(site, listener)| Served {
            site,
            listener,
            router: sites.router(site, &options),
        })
        .collect();
        let (report, outcome) = oneshot::channel();
        let shared = Arc::clone(&sites.common);
        let thread = std::thread::Builder::new()
            .name("practice-server".to_owned())
            .spawn(move || match listen::prepare(served) {
                Ok((runtime, served)) => {
                    // Nobody waits for the report any more if the start was cancelled; the server then stops at once.
                    let _ = report.send(Ok(()));
                    runtime.block_on(listen::serve(served, acceptor, shared));
                }
                Err(error) => drop(report.send(Err(error))),
            })
            .map_err(PracticeError::Runtime)?;
        let stopped_early = || std::io::Error::other("its thread ended at once");
        outcome
            .await
            .unwrap_or_else(|_| Err(stopped_early()))
            .map_err(PracticeError::Runtime)?;
        let authority = authority.map(Authority::new).transpose()?;
        Ok(Self {
            urls,
            sites,
            authority,
            stop,
            thread: Some(thread),
        })
    }
}

/// A listener, and the address under which a product is known there.
fn bound(port: u16, tls: Tls) -> Result<(TcpListener, String), PracticeError> {
    let bind = |source| PracticeError::Bind { port, source };
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).map_err(bind)?;
    listener.set_nonblocking(true).map_err(bind)?;
    let port = listener.local_addr().map_err(bind)?.port();
    let url = match tls {
        Tls::Off => format!("http://127.0.0.1:{port}"),
        _ => format!("https://localhost:{port}"),
    };
    Ok((listener, url))
}

impl Authority {
    fn new(pem: String) -> Result<Self, PracticeError> {
        let mut file = tempfile::Builder::new()
            .prefix("practice-authority-")
            .suffix(".pem")
            .tempfile()
            .map_err(PracticeError::AuthorityFile)?;
        file.write_all(pem.as_bytes())
            .and_then(|()| file.flush())
            .map_err(PracticeError::AuthorityFile)?;
        Ok(Self { pem, file })
    }
}

impl std::fmt::Debug for Practice {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Practice")
            .field("urls", &self.urls)
            .finish_non_exhaustive()
    }
}

impl Drop for Practice {
    fn drop(&mut self) {
        // The receivers live in the state, which `self` holds.
        let _ = self.stop.send(true);
        if let Some(thread) = self.thread.take() {
            // A panic of the server's thread must not become one of its owner.
            let _ = thread.join();
        }
    }
}
