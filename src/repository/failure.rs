//! Telling failures of the network apart.

use std::error::Error;
use std::io;

use super::error::{RepositoryError, Wait};
use super::excerpt::{EXCERPT_CHARACTERS, printable};
use super::proxy::ProxyError;
use super::tls::{self, Presented};

/// Whom a connection was for, as it is shown.
pub(super) struct Target {
    pub(super) address: String,
    /// The proxy on the way, without its credentials.
    pub(super) proxy: Option<String>,
    /// How it stands with the client certificate.
    pub(super) presented: Presented,
}

impl Target {
    /// The first computer on the way: connecting fails at the proxy when there is one.
    fn nearest(&self) -> &str {
        self.proxy.as_deref().unwrap_or(&self.address)
    }
}

/// The host in `scheme://host[:port]/…`.
fn host_of(address: &str) -> String {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    let authority = rest.split('/').next().unwrap_or_default();
    match authority.rfind(':') {
        Some(colon) if !authority.ends_with(']') => authority[..colon].to_owned(),
        _ => authority.to_owned(),
    }
}

/// What a failed request was about.
pub(super) fn of_request(error: &reqwest::Error, target: &Target) -> RepositoryError {
    let mut source: Option<&(dyn Error + 'static)> = Some(error);
    let mut broke_off = false;
    while let Some(link) = source {
        if let Some(failure) = of_link(link, target) {
            return failure;
        }
        if let Some(hyper) = link.downcast_ref::<hyper::Error>() {
            broke_off |=
                hyper.is_incomplete_message() || hyper.is_closed() || hyper.is_canceled() || hyper.is_parse();
        }
        // The inner error of an `io::Error` is not its source but itself.
        source = match link.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
            Some(inner) => Some(inner),
            None => link.source(),
        };
    }
    let address = target.address.clone();
    if error.is_timeout() {
        let wait = if error.is_connect() {
            Wait::Connection
        } else {
            Wait::Answer
        };
        return RepositoryError::TimedOut { address, wait };
    }
    if error.is_dns() {
        return RepositoryError::UnknownName {
            host: host_of(target.nearest()),
            detail: innermost(error),
        };
    }
    if broke_off || error.is_body() || error.is_decode() || error.is_request() {
        return RepositoryError::BrokenOff {
            address,
            detail: innermost(error),
        };
    }
    RepositoryError::Internal {
        detail: innermost(error),
    }
}

/// A link of the chain of causes that says for itself what happened.
fn of_link(link: &(dyn Error + 'static), target: &Target) -> Option<RepositoryError> {
    if let Some(rustls) = link.downcast_ref::<rustls::Error>() {
        let mut failure = tls::failure_of(rustls, &host_of(&target.address), target.presented);
        failure.proxy.clone_from(&target.proxy);
        return Some(failure.into());
    }
    if let Some(io) = link.downcast_ref::<io::Error>()
        && io.get_ref().is_none()
    {
        return of_io(io, target.nearest(), Wait::Connection);
    }
    let proxy = target.proxy.as_ref()?;
    // The HTTP client keeps the type of this error to itself.
    let text = link.to_string();
    let told = text.strip_prefix("tunnel error: ")?;
    match told {
        // Whoever called asks the proxy what it wants.
        "proxy authorization required" => Some(ProxyError::AuthRequired { proxy: proxy.clone() }.into()),
        "failed to create underlying connection" | "io error establishing tunnel" => None,
        _ => Some(
            ProxyError::Refused {
                proxy: proxy.clone(),
                target: target.address.clone(),
                answer: told.to_owned(),
            }
            .into(),
        ),
    }
}

/// An error of the operating system, when it names something a person can act on.
pub(super) fn of_io(error: &io::Error, address: &str, wait: Wait) -> Option<RepositoryError> {
    let address = address.to_owned();
    Some(match error.kind() {
        io::ErrorKind::ConnectionRefused => RepositoryError::Refused { address },
        io::ErrorKind::NetworkUnreachable | io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkDown => {
            RepositoryError::Unreachable { address }
        }
        io::ErrorKind::TimedOut => RepositoryError::TimedOut { address, wait },
        io::ErrorKind::ConnectionReset
        | io::ErrorKind::ConnectionAborted
        | io::ErrorKind::BrokenPipe
        | io::ErrorKind::UnexpectedEof => RepositoryError::BrokenOff {
            address,
            detail: plain(&error.to_string()),
        },
        _ => return None,
    })
}

/// The words of the last cause, which is the one that names the matter.
fn innermost(error: &reqwest::Error) -> String {
    let mut words = "no reason is known".to_owned();
    let mut source = error.source();
    while let Some(link) = source {
        words = link.to_string();
        source = link.source();
    }
    plain(&words)
}

pub(super) fn plain(words: &str) -> String {
    printable(&crate::secret::mask_text(words), EXCERPT_CHARACTERS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_operating_system_says_is_told_apart() {
        let told = |kind: io::ErrorKind| of_io(&io::Error::from(kind), "h:1", Wait::Tls);
        let address = || "h:1".to_owned();
        assert_eq!(
            told(io::ErrorKind::ConnectionRefused),
            Some(RepositoryError::Refused { address: address() })
        );
        assert_eq!(
            told(io::ErrorKind::NetworkUnreachable),
            Some(RepositoryError::Unreachable { address: address() })
        );
        assert_eq!(
            told(io::ErrorKind::HostUnreachable),
            Some(RepositoryError::Unreachable { address: address() })
        );
        assert_eq!(
            told(io::ErrorKind::TimedOut),
            Some(RepositoryError::TimedOut {
                address: address(),
                wait: Wait::Tls
            })
        );
        for kind in [
            io::ErrorKind::ConnectionReset,
            io::ErrorKind::UnexpectedEof,
            io::ErrorKind::BrokenPipe,
        ] {
            assert!(
                matches!(told(kind), Some(RepositoryError::BrokenOff { .. })),
                "{kind:?}"
            );
        }
        assert_eq!(told(io::ErrorKind::Other), None);
    }

    #[test]
    fn the_host_is_found_in_an_address() {
        for (address, host) in [
            ("https://repo.example.com/api", "repo.example.com"),
            ("http://repo.example.com:8080", "repo.example.com"),
            ("http://[::1]:8080/x", "[::1]"),
            ("http://[::1]", "[::1]"),
        ] {
            assert_eq!(host_of(address), host);
        }
    }
}
