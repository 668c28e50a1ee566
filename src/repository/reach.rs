//! Whether this computer has a network at all, as far as it shows: found out when a request fails, never by asking
//! around.
//!
//! A request that fails because there is no way out leaves a mark. While the mark is there and the machine still has no
//! network, a further request to the same place fails at once instead of waiting for its time-outs. An answer of anybody,
//! or a network, removes the mark. Computers on this machine itself are no matter of networks.

use std::collections::BTreeSet;
use std::fmt;
use std::fs;
use std::net::UdpSocket;
use std::sync::{Arc, Mutex, PoisonError};

use super::error::RepositoryError;
use crate::locations::Platform;

/// What requests have shown of the network.
#[derive(Clone)]
pub struct Reach(Arc<Inner>);

struct Inner {
    /// The places that could not be reached for want of a network.
    lacking: Mutex<BTreeSet<String>>,
    has_network: Box<dyn Fn() -> bool + Send + Sync>,
}

impl Default for Reach {
    fn default() -> Self {
        Self::with(has_network)
    }
}

impl fmt::Debug for Reach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reach").finish_non_exhaustive()
    }
}

impl Reach {
    /// With another way to tell whether this machine has a network; for tests.
    pub fn with(has_network: impl Fn() -> bool + Send + Sync + 'static) -> Self {
        Self(Arc::new(Inner {
            lacking: Mutex::default(),
            has_network: Box::new(has_network),
        }))
    }

    /// Takes note of how a request to `place`, a host or the proxy on the way to it, has ended.
    pub fn heard<T>(&self, place: &str, outcome: &Result<T, RepositoryError>) {
        match outcome {
            Err(error) if !is_answer(error) => {
                if may_lack_network(error) && !is_this_machine(place) && !(self.0.has_network)() {
                    self.lacking().insert(place.to_owned());
                }
            }
            _ if is_this_machine(place) => {}
            _ => self.lacking().clear(),
        }
    }

    /// Whether a request has failed for want of a network, and there is none still.
    pub fn lacks_network(&self) -> bool {
        let mut lacking = self.lacking();
        if lacking.is_empty() {
            return false;
        }
        if (self.0.has_network)() {
            lacking.clear();
        }
        !lacking.is_empty()
    }

    /// # Errors
    /// [`RepositoryError::NoNetwork`] when `place` could not be reached a moment ago for want of a network, and there is
    /// none still.
    pub fn expect(&self, place: &str) -> Result<(), RepositoryError> {
        match self.lacks_network() && self.lacking().contains(place) {
            true => Err(RepositoryError::NoNetwork),
            false => Ok(()),
        }
    }

    fn lacking(&self) -> std::sync::MutexGuard<'_, BTreeSet<String>> {
        self.0.lacking.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether somebody answered, if not as hoped.
fn is_answer(error: &RepositoryError) -> bool {
    !matches!(
        error,
        RepositoryError::UnknownName { .. }
            | RepositoryError::Refused { .. }
            | RepositoryError::Unreachable { .. }
            | RepositoryError::TimedOut { .. }
            | RepositoryError::BrokenOff { .. }
            | RepositoryError::NoNetwork
            | RepositoryError::Ca(_)
            | RepositoryError::Internal { .. }
    )
}

fn may_lack_network(error: &RepositoryError) -> bool {
    matches!(
        error,
        RepositoryError::UnknownName { .. }
            | RepositoryError::Unreachable { .. }
            | RepositoryError::TimedOut { .. }
            | RepositoryError::NoNetwork
    )
}

fn is_this_machine(place: &str) -> bool {
    let host = place.trim_start_matches('[').split(']').next().unwrap_or(place);
    let is_loopback = |host: &str| host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback());
    let without_port = host.rsplit_once(':').map_or(host, |(host, _)| host);
    host == "localhost" || without_port == "localhost" || is_loopback(host) || is_loopback(without_port)
}

/// Whether this machine has any way to others. Nothing is sent.
fn has_network() -> bool {
    match Platform::current() {
        Platform::Linux => routes_of_linux().unwrap_or(true),
        Platform::MacOs | Platform::Windows => leads_somewhere(),
    }
}

/// Whether the kernel's tables name a route that leaves the machine; nothing where they cannot be read.
fn routes_of_linux() -> Option<bool> {
    let ipv4 = fs::read_to_string("/proc/net/route").ok()?;
    let ipv6 = fs::read_to_string("/proc/net/ipv6_route").unwrap_or_default();
    Some(leaves_by_ipv4(&ipv4) || leaves_by_ipv6(&ipv6))
}

fn leaves_by_ipv4(table: &str) -> bool {
    table
        .lines()
        .skip(1)
        .filter_map(|line| line.split_whitespace().next())
        .any(|interface| interface != "lo")
}

/// Addresses that every interface gives itself (fe80::/10) and those for many at once (ff00::/8) lead nowhere.
fn leaves_by_ipv6(table: &str) -> bool {
    table.lines().any(|line| {
        let mut fields = line.split_whitespace();
        let destination = fields.next().unwrap_or_default();
        let interface = fields.last().unwrap_or_default();
        let is_local = ["fe8", "fe9", "fea", "feb", "ff"]
            .iter()
            .any(|start| destination.starts_with(start));
        interface != "lo" && !is_local && !interface.is_empty()
    })
}

/// Whether the system would know where to send something to addresses that are nobody's (RFC 5737, RFC 3849). Naming the
/// other end of a datagram socket sends nothing.
fn leads_somewhere() -> bool {
    [("0.0.0.0:0", "198.51.100.1:9"), ("[::]:0", "[2001:db8::1]:9")]
        .into_iter()
        .any(|(from, to)| {
            UdpSocket::bind(from)
                .and_then(|socket| socket.connect(to))
                .is_ok()
        })
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::*;

    fn unknown() -> Result<(), RepositoryError> {
        Err(RepositoryError::UnknownName {
            host: "psm.example.com".to_owned(),
            detail: String::new(),
        })
    }

    fn switched() -> (Reach, Arc<AtomicBool>) {
        let network = Arc::new(AtomicBool::new(false));
        let there = network.clone();
        (Reach::with(move || there.load(Ordering::SeqCst)), network)
    }

    #[test]
    fn a_second_request_without_a_network_fails_at_once_until_there_is_one() {
        let (reach, network) = switched();
        assert!(reach.expect("psm.example.com").is_ok() && !reach.lacks_network());
        reach.heard("psm.example.com", &unknown());
        assert!(reach.lacks_network());
        assert_eq!(reach.expect("psm.example.com"), Err(RepositoryError::NoNetwork));
        // Another place may be reached all the same.
        assert!(reach.expect("other.example.com").is_ok());
        network.store(true, Ordering::SeqCst);
        assert!(reach.expect("psm.example.com").is_ok() && !reach.lacks_network());
        network.store(false, Ordering::SeqCst);
        assert!(!reach.lacks_network(), "the mark is gone");
    }

    #[test]
    fn an_answer_of_anybody_shows_that_there_is_a_network() {
        let (reach, _) = switched();
        reach.heard("psm.example.com", &unknown());
        let refused = RepositoryError::Refused {
            address: "psm.example.com".to_owned(),
        };
        reach.heard::<()>("psm.example.com", &Err(refused));
        assert!(reach.lacks_network());
        let forbidden = RepositoryError::SignInRequired {
            domain: "psm.example.com".to_owned(),
        };
        reach.heard::<()>("psm.example.com", &Err(forbidden));
        assert!(!reach.lacks_network());
    }

    #[test]
    fn with_a_network_a_wrong_name_says_nothing_about_it() {
        let reach = Reach::with(|| true);
        reach.heard("psm.example.com", &unknown());
        assert!(!reach.lacks_network());
    }

    #[test]
    fn this_machine_is_no_matter_of_networks() {
        let (reach, _) = switched();
        for place in [
            "localhost",
            "127.0.0.1",
            "127.0.0.1:8080",
            "[::1]",
            "::1",
            "[::1]:80",
        ] {
            reach.heard(place, &unknown());
            assert!(!reach.lacks_network(), "{place}");
        }
        reach.heard("psm.example.com", &unknown());
        reach.heard::<()>("127.0.0.1", &Ok(()));
        assert!(reach.lacks_network());
    }

    #[test]
    fn the_kernels_tables_tell_a_network_from_none() {
        let head = "Iface\tDestination\tGateway\tFlags\n";
        assert!(!leaves_by_ipv4(head));
        assert!(!leaves_by_ipv4(&format!("{head}lo\t0000007F\t00000000\t0001\n")));
        assert!(leaves_by_ipv4(&format!("{head}eth0\t000200C0\t00000000\t0001\n")));
        let line = |destination: &str, interface: &str| {
            format!(
                "{destination} 40 {} 00 {} 00000100 00000001 00000000 00000001 {interface}\n",
                "0".repeat(32),
                "0".repeat(32)
            )
        };
        let none = "0".repeat(32);
        assert!(!leaves_by_ipv6(""));
        assert!(!leaves_by_ipv6(&line(&none, "lo")));
        assert!(!leaves_by_ipv6(&line("fe800000000000000000000000000000", "eth0")));
        assert!(!leaves_by_ipv6(&line("ff000000000000000000000000000000", "eth0")));
        assert!(leaves_by_ipv6(&line("fd000000000000000000000000000000", "eth0")));
    }
}
