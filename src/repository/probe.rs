//! One connection, joint by joint, to see where it fails. It sends nothing but what opening it takes.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use futures::stream::{FuturesUnordered, StreamExt};
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::certificate::Certificate;
use super::error::{RepositoryError, Wait};
use super::excerpt::printable;
use super::failure;
use super::http::USER_AGENT;
use super::proxy::{Proxy, ProxyError, challenge};
use super::tls::{self, Connector, Presented};
use crate::secret::Secret;

/// The next address is tried when the one before has not answered after this time.
const NEXT_ADDRESS: Duration = Duration::from_millis(250);

/// No more addresses of a name than this are tried.
const MAX_ADDRESSES: usize = 8;

/// The longest head of a proxy's answer that is read.
const PROXY_HEAD: usize = 8 * 1024;

/// A connection that bytes can go through, whatever it is made of.
pub(super) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

/// What TLS agreed on, and whom the server presented itself as.
#[derive(Debug)]
pub(super) struct Secured {
    pub(super) version: &'static str,
    /// The server's own certificate first, as it sent them.
    pub(super) chain: Vec<Certificate>,
}

/// The addresses of a name.
pub(super) async fn look_up(
    host: &str,
    port: u16,
    limit: Duration,
) -> Result<Vec<SocketAddr>, RepositoryError> {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    match timeout(limit, tokio::net::lookup_host((bare, port))).await {
        Ok(found) => addresses_of(host, found),
        Err(_) => Err(RepositoryError::TimedOut {
            address: host.to_owned(),
            wait: Wait::Name,
        }),
    }
}

/// What the name service found, each address once.
fn addresses_of(
    host: &str,
    found: io::Result<impl Iterator<Item = SocketAddr>>,
) -> Result<Vec<SocketAddr>, RepositoryError> {
    let unknown = |detail| RepositoryError::UnknownName {
        host: host.to_owned(),
        detail,
    };
    let mut addresses: Vec<SocketAddr> = Vec::new();
    for address in found.map_err(|e| unknown(failure::plain(&e.to_string())))? {
        if !addresses.contains(&address) && addresses.len() < MAX_ADDRESSES {
            addresses.push(address);
        }
    }
    if addresses.is_empty() {
        Err(unknown("It has no address".to_owned()))
    } else {
        Ok(addresses)
    }
}

/// The first of the addresses that answers. They are tried staggered, so that a dead one does not hold up the rest.
pub(super) async fn connect(
    addresses: &[SocketAddr],
    shown: &str,
    limit: Duration,
) -> Result<(TcpStream, SocketAddr), RepositoryError> {
    let mut attempts: FuturesUnordered<_> = (0u32..)
        .zip(addresses)
        .map(|(turn, address)| async move {
            sleep(NEXT_ADDRESS * turn).await;
            TcpStream::connect(address).await.map(|stream| (stream, *address))
        })
        .collect();
    let first_to_answer = async {
        let mut failure: Option<io::Error> = None;
        while let Some(attempt) = attempts.next().await {
            match attempt {
                Ok(connected) => return Ok(connected),
                // A refusal tells more than an address that cannot be reached.
                Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => failure = Some(error),
                Err(error) => failure = failure.or(Some(error)),
            }
        }
        Err(failure)
    };
    let timed_out = || RepositoryError::TimedOut {
        address: shown.to_owned(),
        wait: Wait::Connection,
    };
    let failure = match timeout(limit, first_to_answer).await {
        Ok(Ok(connected)) => return Ok(connected),
        Ok(Err(failure)) => failure,
        Err(_) => return Err(timed_out()),
    };
    Err(match failure {
        Some(error) => of_io(&error, shown, Wait::Connection, Presented::NotAsked),
        None => RepositoryError::Unreachable {
            address: shown.to_owned(),
        },
    })
}

/// Asks a proxy for a way through to `host:port`.
///
/// # Errors
/// What the proxy answered; a login that it refused is not sent again.
pub(super) async fn tunnel(
    stream: &mut (impl Stream + ?Sized),
    proxy: &Proxy,
    target: &str,
    limit: Duration,
) -> Result<(), RepositoryError> {
    let answer = ask_for_tunnel(stream, proxy, target, proxy.authorization().as_ref(), limit).await?;
    let refused = |answer| ProxyError::Refused {
        proxy: proxy.to_string(),
        target: target.to_owned(),
        answer,
    };
    match answer.status {
        Some(200) => Ok(()),
        Some(407) => Err(proxy.denied(answer.schemes).into()),
        Some(_) => Err(refused(answer.words).into()),
        None => Err(refused("it does not speak HTTP".to_owned()).into()),
    }
}

/// The ways to sign in that a proxy offers to those who ask for `target` without credentials; none when it cannot be
/// found out.
pub(super) async fn schemes_of(proxy: &Proxy, target: &str, tls: &Connector, limit: Duration) -> Vec<String> {
    let ask = async {
        let addresses = look_up(&proxy.host, proxy.port, limit).await?;
        let (stream, _) = connect(&addresses, &proxy.to_string(), limit).await?;
        if proxy.over_tls {
            let (mut stream, _) = secure(stream, tls, &proxy.host, limit).await?;
            ask_for_tunnel(&mut stream, proxy, target, None, limit).await
        } else {
            let mut stream = stream;
            ask_for_tunnel(&mut stream, proxy, target, None, limit).await
        }
    };
    match ask.await {
        Ok(answer) if answer.status == Some(407) => answer.schemes,
        _ => Vec::new(),
    }
}

/// The head of a proxy's answer.
struct TunnelAnswer {
    /// `None` when it is no HTTP.
    status: Option<u16>,
    /// Status and reason as they are shown.
    words: String,
    /// What it offers with status 407.
    schemes: Vec<String>,
}

async fn ask_for_tunnel(
    stream: &mut (impl Stream + ?Sized),
    proxy: &Proxy,
    target: &str,
    authorization: Option<&Secret>,
    limit: Duration,
) -> Result<TunnelAnswer, RepositoryError> {
    let authorization = match authorization {
        Some(value) => format!("Proxy-Authorization: {}\r\n", value.expose()),
        None => String::new(),
    };
    let request = format!(
        "CONNECT {target} HTTP/1.1\r\nHost: {target}\r\nUser-Agent: {USER_AGENT}\r\n{authorization}\r\n"
    );
    let exchange = async {
        stream.write_all(request.as_bytes()).await?;
        stream.flush().await?;
        read_head(stream).await
    };
    let shown = proxy.to_string();
    match timeout(limit, exchange).await {
        Ok(Ok(head)) => Ok(TunnelAnswer::read(&head)),
        Ok(Err(error)) => Err(of_io(&error, &shown, Wait::Proxy, Presented::NotAsked)),
        Err(_) => Err(RepositoryError::TimedOut {
            address: shown,
            wait: Wait::Proxy,
        }),
    }
}

impl TunnelAnswer {
    fn read(head: &str) -> Self {
        let mut lines = head.lines();
        let status_line = lines.next().unwrap_or_default();
        let (version, words) = status_line.split_once(' ').unwrap_or((status_line, ""));
        let status = words.split(' ').next().and_then(|status| status.parse().ok());
        let offers = lines.filter_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.trim()
                .eq_ignore_ascii_case("proxy-authenticate")
                .then_some(value)
        });
        Self {
            status: status.filter(|_| version.starts_with("HTTP/")),
            words: printable(words, 60),
            schemes: challenge::schemes(offers),
        }
    }
}

/// Reads up to the empty line, byte by byte, since what follows belongs to the tunnel.
async fn read_head(stream: &mut (impl Stream + ?Sized)) -> io::Result<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") && head.len() < PROXY_HEAD {
        head.push(stream.read_u8().await?);
    }
    Ok(String::from_utf8_lossy(&head).into_owned())
}

/// Secures the connection with the same verifier that every later request uses.
pub(super) async fn secure<S: Stream>(
    stream: S,
    tls: &Connector,
    host: &str,
    limit: Duration,
) -> Result<(TlsStream<S>, Secured), RepositoryError> {
    let bare = host.trim_start_matches('[').trim_end_matches(']').to_owned();
    let name = ServerName::try_from(bare).map_err(|_| RepositoryError::Internal {
        detail: "the server name cannot be used for TLS".to_owned(),
    })?;
    let stream = match timeout(
        limit,
        TlsConnector::from(tls.config.clone()).connect(name, stream),
    )
    .await
    {
        Ok(Ok(stream)) => stream,
        Ok(Err(error)) => return Err(of_io(&error, host, Wait::Tls, tls.presenter.presented())),
        Err(_) => {
            return Err(RepositoryError::TimedOut {
                address: host.to_owned(),
                wait: Wait::Tls,
            });
        }
    };
    let (_, connection) = stream.get_ref();
    let secured = Secured {
        version: match connection.protocol_version() {
            Some(rustls::ProtocolVersion::TLSv1_3) => "TLS 1.3",
            Some(rustls::ProtocolVersion::TLSv1_2) => "TLS 1.2",
            _ => "TLS",
        },
        chain: connection
            .peer_certificates()
            .unwrap_or_default()
            .iter()
            .filter_map(|der| Certificate::from_der(der))
            .collect(),
    };
    Ok((stream, secured))
}

fn of_io(error: &io::Error, address: &str, wait: Wait, presented: Presented) -> RepositoryError {
    if let Some(rustls) = error
        .get_ref()
        .and_then(|inner| inner.downcast_ref::<rustls::Error>())
    {
        return tls::failure_of(rustls, address, presented).into();
    }
    failure::of_io(error, address, wait).unwrap_or_else(|| RepositoryError::BrokenOff {
        address: address.to_owned(),
        detail: printable(&error.to_string(), 120),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_name_says_what_the_name_service_said() {
        let error: io::Result<std::vec::IntoIter<SocketAddr>> = Err(io::Error::other("try again later"));
        assert_eq!(
            addresses_of("h.example", error).unwrap_err(),
            RepositoryError::UnknownName {
                host: "h.example".into(),
                detail: "try again later".into()
            }
        );
        assert!(addresses_of("h.example", Ok([].into_iter())).is_err());
        let one: SocketAddr = "127.0.0.1:1".parse().unwrap();
        assert_eq!(
            addresses_of("h.example", Ok([one, one].into_iter())).unwrap(),
            [one]
        );
    }

    #[tokio::test]
    async fn a_dead_address_does_not_hold_up_the_next() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let alive = listener.local_addr().unwrap();
        let dead = std::net::TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap();
        let (_, address) = connect(&[dead, alive], "h:1", Duration::from_secs(60))
            .await
            .unwrap();
        assert_eq!(address, alive);
        let error = connect(&[dead, dead], "h:1", Duration::from_secs(60))
            .await
            .unwrap_err();
        assert_eq!(
            error,
            RepositoryError::Refused {
                address: "h:1".into()
            }
        );
    }
}
