//! The one-shot web server on this computer to which the provider sends the browser back (RFC 8252, section 7.3).

use std::convert::Infallible;
use std::future::poll_fn;
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::{Mutex, PoisonError};
use std::task::Poll;
use std::time::Duration;

use futures::StreamExt as _;
use futures::stream::FuturesUnordered;
use hyper::body::Incoming;
use hyper::header::{self, HeaderMap};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, oneshot};

use super::callback::Callback;
use super::client::{Client, Port, RedirectHost};
use super::error::OidcError;
use super::page::Page;

/// A browser opens connections ahead of need and leaves them idle; more than this is no browser.
const MOST_CONNECTIONS: usize = 32;

/// How long a connection may take to say what it wants.
const REQUEST_LIMIT: Duration = Duration::from_secs(10);

/// How large the head of a request may be: codes of some providers have thousands of characters.
const HEAD_LIMIT: usize = 32 * 1024;

/// How long the browser may take to read the page.
const PAGE_LIMIT: Duration = Duration::from_secs(2);

/// How often an ephemeral port is chosen anew when it is free on one loopback address only.
const ATTEMPTS: usize = 16;

/// The port, bound until this is dropped.
#[derive(Debug)]
pub(super) struct Loopback {
    listeners: Vec<TcpListener>,
    /// `localhost:51234`, what the `Host` of a request must be.
    authority: String,
    path: String,
}

/// An answer to a sign-in that the browser brought, waiting for its page.
pub(super) struct Arrival {
    pub(super) callback: Callback,
    reply: oneshot::Sender<Page>,
    /// Resolves when the connection is done.
    finished: oneshot::Receiver<Infallible>,
}

impl Arrival {
    /// Shows `page` in the browser, if that still waits for one.
    pub(super) async fn answer(self, page: Page) {
        if self.reply.send(page).is_ok() {
            let _ = tokio::time::timeout(PAGE_LIMIT, self.finished).await;
        }
    }
}

impl Loopback {
    /// Binds the port of `client`.
    ///
    /// # Errors
    /// [`OidcError::PortTaken`] for a fixed port that is in use, [`OidcError::NoListener`] when none can be bound.
    pub(super) async fn bind(client: &Client, device_code_offered: bool) -> Result<Self, OidcError> {
        let (listeners, port) =
            bind(client.redirect, client.port)
                .await
                .map_err(|error| match client.port {
                    Port::Fixed(port) if error.kind() == io::ErrorKind::AddrInUse => OidcError::PortTaken {
                        port,
                        device_code_offered,
                    },
                    _ => OidcError::NoListener {
                        detail: error.to_string(),
                        device_code_offered,
                    },
                })?;
        Ok(Self {
            listeners,
            authority: format!("{}:{port}", client.redirect),
            path: client.redirect_path.clone(),
        })
    }

    /// The redirect address as it is told to the provider.
    pub(super) fn redirect_uri(&self) -> String {
        format!("http://{}{}", self.authority, self.path)
    }

    /// Answers every connection until dropped. What may be the answer to a sign-in goes to `arrivals`, one at a time;
    /// everything else is refused.
    pub(super) async fn serve(&self, arrivals: mpsc::Sender<Arrival>) -> Infallible {
        let mut connections = FuturesUnordered::new();
        loop {
            tokio::select! {
                accepted = self.accept(), if connections.len() < MOST_CONNECTIONS => match accepted {
                    Ok(stream) => connections.push(self.converse(stream, &arrivals)),
                    // A shortage of sockets that passes.
                    Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
                },
                Some(()) = connections.next(), if !connections.is_empty() => {}
            }
        }
    }

    async fn accept(&self) -> io::Result<TcpStream> {
        poll_fn(|context| {
            let ready = self
                .listeners
                .iter()
                .find_map(|listener| match listener.poll_accept(context) {
                    Poll::Ready(accepted) => Some(accepted),
                    Poll::Pending => None,
                });
            ready.map_or(Poll::Pending, |accepted| {
                Poll::Ready(accepted.map(|(stream, _)| stream))
            })
        })
        .await
    }

    /// One request, one page.
    async fn converse(&self, stream: TcpStream, arrivals: &mpsc::Sender<Arrival>) {
        let (done, finished) = oneshot::channel();
        let finished = Mutex::new(Some(finished));
        let service = service_fn(|request: Request<Incoming>| {
            let finished = finished.lock().unwrap_or_else(PoisonError::into_inner).take();
            async move { Ok::<_, Infallible>(self.respond(&request, arrivals, finished).await) }
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(REQUEST_LIMIT)
            .max_buf_size(HEAD_LIMIT)
            .keep_alive(false)
            .serve_connection(TokioIo::new(stream), service);
        // A browser may close a connection whenever it likes.
        let _ = connection.await;
        drop(done);
    }

    async fn respond(
        &self,
        request: &Request<Incoming>,
        arrivals: &mpsc::Sender<Arrival>,
        finished: Option<oneshot::Receiver<Infallible>>,
    ) -> Response<String> {
        let (callback, finished) = match (self.callback_of(request), finished) {
            (Ok(callback), Some(finished)) => (callback, finished),
            (Ok(_), None) => return Page::not_an_answer().into_response(),
            (Err(page), _) => return page.into_response(),
        };
        let (reply, page) = oneshot::channel();
        let arrival = Arrival {
            callback,
            reply,
            finished,
        };
        if arrivals.send(arrival).await.is_err() {
            return Page::over().into_response();
        }
        page.await.unwrap_or_else(|_| Page::over()).into_response()
    }

    /// The answer to a sign-in in a request, or the page that refuses it.
    fn callback_of<B>(&self, request: &Request<B>) -> Result<Callback, Page> {
        // A page on the web whose name is made to lead here sends its own name as host (DNS rebinding).
        let host = only(request.headers(), header::HOST);
        if request.uri().authority().is_some()
            || !host.is_some_and(|host| host.eq_ignore_ascii_case(&self.authority))
        {
            return Err(Page::not_an_answer());
        }
        if request.uri().path() != self.path {
            return Err(Page::not_found());
        }
        if request.method() != Method::GET {
            return Err(Page::only_get());
        }
        // The provider sends the whole tab here; what a page of another site embeds is no answer.
        let destination = request.headers().get("sec-fetch-dest");
        if destination.is_some_and(|destination| destination != "document") {
            return Err(Page::not_an_answer());
        }
        let query = request.uri().query().unwrap_or_default();
        Callback::parse(query).ok_or_else(Page::not_an_answer)
    }
}

/// The value of a header that stands there exactly once.
fn only(headers: &HeaderMap, name: header::HeaderName) -> Option<&str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?.to_str().ok()?;
    values.next().is_none().then_some(value)
}

/// The listeners for a redirect address, and their port.
async fn bind(host: RedirectHost, port: Port) -> io::Result<(Vec<TcpListener>, u16)> {
    let (wanted, attempts) = match port {
        Port::Fixed(port) => (port, 1),
        Port::Ephemeral => (0, ATTEMPTS),
    };
    let mut failure = None;
    for _ in 0..attempts {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, wanted)).await?;
        let port = listener.local_addr()?.port();
        if host == RedirectHost::Ipv4 {
            return Ok((vec![listener], port));
        }
        // Were the port another program's on `::1`, a browser might bring the code there.
        match TcpListener::bind(SocketAddr::from((Ipv6Addr::LOCALHOST, port))).await {
            Ok(second) => return Ok((vec![listener, second], port)),
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => failure = Some(error),
            // A computer without IPv6: nobody can listen there.
            Err(_) => return Ok((vec![listener], port)),
        }
    }
    Err(failure.unwrap_or_else(|| io::ErrorKind::AddrInUse.into()))
}
