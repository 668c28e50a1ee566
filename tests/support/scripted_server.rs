//! A server on the loopback that answers as a test tells it, over plain TCP or TLS, and remembers what it was asked.

// Every test file that includes this uses only a part of it.
#![allow(dead_code)]

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;

/// One request as it came.
#[derive(Debug, Clone)]
pub struct Received {
    pub method: String,
    /// Path and query, or what else stood there.
    pub target: String,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Received {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    pub fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or_default()
    }

    pub fn query(&self, name: &str) -> Option<String> {
        let url = url::Url::parse(&format!("http://h{}", self.target)).ok()?;
        url.query_pairs()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.into_owned())
    }
}

/// What the server does with a request.
pub enum Reply {
    Json(u16, String),
    Html(u16, &'static str),
    /// A status with one header and no body.
    Header(u16, &'static str, String),
    /// These bytes, then the connection is closed.
    Raw(Vec<u8>),
    /// These bytes over and over, until the client goes away.
    Endless(&'static str, Vec<u8>),
    /// These bytes and no more, but the connection stays open until the client goes away.
    Stalled(Vec<u8>),
    /// Nothing, until the client goes away.
    Silence,
    /// As a proxy: 200, then everything to and fro.
    Tunnel(SocketAddr),
}

type Handler = dyn Fn(&Received) -> Reply + Send + Sync;

pub struct ScriptedServer {
    pub address: SocketAddr,
    requests: Arc<Mutex<Vec<Received>>>,
    /// Told when a client has gone away from a connection that was kept open.
    pub abandoned: Arc<Notify>,
    /// Told when a connection was accepted.
    pub accepted: Arc<Notify>,
    task: JoinHandle<()>,
    tls: bool,
}

impl Drop for ScriptedServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl ScriptedServer {
    pub async fn start(handler: impl Fn(&Received) -> Reply + Send + Sync + 'static) -> Self {
        Self::serve(None, Arc::new(handler)).await
    }

    pub async fn start_tls(
        config: ServerConfig,
        handler: impl Fn(&Received) -> Reply + Send + Sync + 'static,
    ) -> Self {
        Self::serve(Some(TlsAcceptor::from(Arc::new(config))), Arc::new(handler)).await
    }

    /// Accepts connections and says nothing, not even in TLS.
    pub async fn start_mute() -> Self {
        Self::serve(None, Arc::new(|_: &Received| Reply::Silence)).await
    }

    pub fn url(&self) -> String {
        format!("{}://{}", if self.tls { "https" } else { "http" }, self.address)
    }

    pub fn requests(&self) -> Vec<Received> {
        self.requests.lock().unwrap().clone()
    }

    async fn serve(tls: Option<TlsAcceptor>, handler: Arc<Handler>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let abandoned = Arc::new(Notify::new());
        let accepted = Arc::new(Notify::new());
        let is_tls = tls.is_some();
        let task = tokio::spawn({
            let (requests, abandoned, accepted) = (requests.clone(), abandoned.clone(), accepted.clone());
            async move {
                while let Ok((stream, _)) = listener.accept().await {
                    accepted.notify_one();
                    let (tls, handler) = (tls.clone(), handler.clone());
                    let (requests, abandoned) = (requests.clone(), abandoned.clone());
                    tokio::spawn(async move {
                        match tls {
                            // A client that refuses the certificate ends the handshake; that is its right.
                            Some(tls) => {
                                if let Ok(stream) = tls.accept(stream).await {
                                    converse(stream, &*handler, &requests, &abandoned).await;
                                }
                            }
                            None => converse(stream, &*handler, &requests, &abandoned).await,
                        }
                    });
                }
            }
        });
        Self {
            address,
            requests,
            abandoned,
            accepted,
            task,
            tls: is_tls,
        }
    }
}

/// One request, one reply.
async fn converse<S: AsyncRead + AsyncWrite + Unpin>(
    mut stream: S,
    handler: &Handler,
    requests: &Mutex<Vec<Received>>,
    abandoned: &Notify,
) {
    let Some(received) = read_request(&mut stream).await else {
        abandoned.notify_one();
        return;
    };
    let reply = handler(&received);
    requests.lock().unwrap().push(received);
    let head = |status: u16, kind: &str, length: usize| {
        format!(
            "HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
        )
    };
    let bytes = match reply {
        Reply::Json(status, body) => head(status, "application/json", body.len()) + &body,
        Reply::Html(status, body) => head(status, "text/html", body.len()) + body,
        Reply::Header(status, name, value) => {
            format!(
                "HTTP/1.1 {status} X\r\n{name}: {value}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
            )
        }
        Reply::Raw(bytes) => {
            let _ = stream.write_all(&bytes).await;
            let _ = stream.shutdown().await;
            return;
        }
        Reply::Endless(head, bytes) => {
            if stream.write_all(head.as_bytes()).await.is_ok() {
                while stream.write_all(&bytes).await.is_ok() {}
            }
            abandoned.notify_one();
            return;
        }
        Reply::Stalled(bytes) => {
            let _ = stream.write_all(&bytes).await;
            let _ = stream.flush().await;
            let _ = stream.read_to_end(&mut Vec::new()).await;
            abandoned.notify_one();
            return;
        }
        Reply::Silence => {
            let _ = stream.read_to_end(&mut Vec::new()).await;
            abandoned.notify_one();
            return;
        }
        Reply::Tunnel(target) => {
            let Ok(mut target) = TcpStream::connect(target).await else {
                return;
            };
            if stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.is_ok() {
                let _ = tokio::io::copy_bidirectional(&mut stream, &mut target).await;
            }
            return;
        }
    };
    let _ = stream.write_all(bytes.as_bytes()).await;
    let _ = stream.shutdown().await;
}

async fn read_request<S: AsyncRead + Unpin>(stream: &mut S) -> Option<Received> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    let head = String::from_utf8(head).ok()?;
    let mut lines = head.lines();
    let mut first = lines.next()?.split(' ');
    let (method, target) = (first.next()?.to_owned(), first.next()?.to_owned());
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(key, value)| (key.trim().to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let length = headers
        .iter()
        .find(|(key, _)| key == "content-length")
        .and_then(|(_, value)| value.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    stream.read_exact(&mut body).await.ok()?;
    Some(Received {
        method,
        target,
        headers,
        body: String::from_utf8(body).ok()?,
    })
}
