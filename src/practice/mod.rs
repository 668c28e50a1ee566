//! The practice server: speaks the servers' contracts on this machine, for the demo and for the tests.
//!
//! It implements Anaconda Server's API 6.x (server reference, sections 1 and 9) for real: tokens live and expire, channels
//! are public, authenticated or private, and every status code is the contract's. It shares no code with the clients.
//! What it answers where the contract is silent is said beside each choice. Not offered: signing in with a browser, changes to
//! channels, artifact lists, uploads, mirrors, package files.

mod account;
mod answer;
mod caller;
mod certificate;
mod channel;
mod clock;
mod error;
mod gate;
mod listen;
mod options;
mod random;
mod record;
mod repodata;
mod routes;
mod scope;
mod session;
mod state;
mod token;
mod trouble;
mod world;

use std::io::Write as _;
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::NamedTempFile;
use tokio::sync::{oneshot, watch};

pub use account::PracticeUser;
pub use caller::{Carrier, Credential};
pub use error::PracticeError;
pub use options::{Options, Tls};
pub use record::RecordedRequest;
pub use token::TokenRecord;
pub use trouble::{Effect, Fault, Trouble};

use certificate::{Identity, identity};
use state::State;

/// A running practice server. When it is dropped, it stops, its connections are closed and its port is free.
///
/// It runs on a thread of its own, so that it answers also while its owner waits, for example for a child process.
pub struct Practice {
    url: String,
    state: Arc<State>,
    authority: Option<Authority>,
    stop: watch::Sender<bool>,
    thread: Option<JoinHandle<()>>,
}

struct Authority {
    pem: String,
    file: NamedTempFile,
}

impl Practice {
    /// Starts a server on 127.0.0.1; when this returns, it can be reached.
    ///
    /// # Errors
    /// The port cannot be used, or the system lacks what a server needs (see [`PracticeError`]).
    pub async fn start(options: Options) -> Result<Self, PracticeError> {
        let bind = |source| PracticeError::Bind {
            port: options.port,
            source,
        };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, options.port)).map_err(bind)?;
        listener.set_nonblocking(true).map_err(bind)?;
        let port = listener.local_addr().map_err(bind)?.port();
        let (acceptor, authority) = match identity(options.tls)? {
            Some(Identity { acceptor, authority }) => (Some(acceptor), authority),
            None => (None, None),
        };
        let url = match options.tls {
            Tls::Off => format!("http://127.0.0.1:{port}"),
            _ => format!("https://localhost:{port}"),
        };
        let (stop, stopping) = watch::channel(false);
        let state = Arc::new(State::new(&options, &url, stopping).map_err(PracticeError::Random)?);
        let router = routes::router(Arc::clone(&state));
        let (report, outcome) = oneshot::channel();
        let shared = Arc::clone(&state);
        let thread = std::thread::Builder::new()
            .name("practice-server".to_owned())
            .spawn(move || match listen::prepare(listener) {
                Ok((runtime, listener)) => {
                    // Nobody waits for the report any more if the start was cancelled; the server then stops at once.
                    let _ = report.send(Ok(()));
                    runtime.block_on(listen::serve(listener, acceptor, shared, router));
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
            url,
            state,
            authority,
            stop,
            thread: Some(thread),
        })
    }

    /// `http://127.0.0.1:PORT`, or `https://localhost:PORT`; without `/api`.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The authority that signed the server's certificate, in PEM, in the modes whose fault is another one.
    pub fn ca_pem(&self) -> Option<&str> {
        self.authority.as_ref().map(|authority| authority.pem.as_str())
    }

    /// The same as a file, which is there as long as the server runs.
    pub fn ca_file(&self) -> Option<&Path> {
        self.authority.as_ref().map(|authority| authority.file.path())
    }

    /// Who can sign in.
    pub fn users(&self) -> Vec<PracticeUser> {
        account::users()
    }

    /// What `sextant practice-server` prints first: the addresses, the people with their passwords, the number of
    /// channels, and the file of the authority if there is one (command-line contract).
    pub fn announcement(&self) -> Value {
        let users: Vec<Value> = self
            .users()
            .iter()
            .map(|user| json!({"username": user.username, "password": user.password.expose()}))
            .collect();
        let mut announcement = json!({
            "url": self.url,
            "cloud_url": null,
            "repository_url": null,
            "users": users,
            "channels": self.state.catalogue.len(),
        });
        if let Some(file) = self.ca_file() {
            announcement["ca_file"] = json!(file);
        }
        announcement
    }

    /// The tokens there are, oldest first, also those that have expired; revoked ones are gone.
    pub fn tokens(&self) -> Vec<TokenRecord> {
        self.state.tokens.all()
    }

    /// Revokes a token as an administrator would; false if there is none with this id.
    pub fn revoke_token(&self, id: &str) -> bool {
        self.state.tokens.revoke(id)
    }

    /// Lets a token end now; false if there is none with this id.
    pub fn expire_token(&self, id: &str) -> bool {
        self.state.tokens.expire(id, self.state.clock.now())
    }

    /// Ends every session: each JWT that was given out is refused from now on. Tokens are not touched.
    pub fn expire_sessions(&self) {
        self.state.sessions.end_all();
    }

    /// Moves the server's clock on, by which sessions and tokens end.
    pub fn advance_clock(&self, by: Duration) {
        self.state.clock.advance(by);
    }

    /// The requests so far, oldest first, without those to the control endpoints; at most the last ten thousand.
    pub fn requests(&self) -> Vec<RecordedRequest> {
        self.state.records.all()
    }

    pub fn forget_requests(&self) {
        self.state.records.forget();
    }

    /// Replaces the trouble in force; the requests it concerns are counted from now.
    pub fn set_trouble(&self, trouble: Trouble) {
        self.state.troubles.set(trouble);
    }
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
            .field("url", &self.url)
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
