//! The addresses that are reached without a proxy: what `NO_PROXY` lists.
//!
//! The rules of curl, with ports and `*.` besides: a name stands for itself and everything below it, with or without a
//! leading dot; an address or a network (`10.0.0.0/8`) for the addresses in it; `*` for everything; `name:port` for one
//! port; `<local>`, which Windows writes, for names without a dot.

use std::net::IpAddr;

use url::{Host, Url};

/// A list of exceptions. What cannot be understood excepts nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Exceptions(Vec<Exception>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Exception {
    hosts: Hosts,
    port: Option<u16>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Hosts {
    All,
    /// Names without a dot.
    Undotted,
    /// The name and everything below it.
    Name(String),
    Network {
        address: IpAddr,
        /// How many bits of it count.
        bits: u32,
    },
}

impl Exceptions {
    /// Reads a list separated by commas, semicolons or white space.
    pub fn parse(text: &str) -> Self {
        let entries = text.split(|c: char| c == ',' || c == ';' || c.is_whitespace());
        Self(entries.filter_map(Exception::parse).collect())
    }

    /// The entries of both lists.
    #[must_use]
    pub fn and(mut self, more: Self) -> Self {
        for exception in more.0 {
            if !self.0.contains(&exception) {
                self.0.push(exception);
            }
        }
        self
    }

    /// Whether `url` is reached without a proxy.
    pub(super) fn hold(&self, url: &Url) -> bool {
        let Some(host) = url.host() else { return false };
        let port = url.port_or_known_default();
        self.0.iter().any(|exception| {
            exception.port.is_none_or(|only| Some(only) == port) && exception.hosts.hold(&host)
        })
    }
}

impl Exception {
    fn parse(entry: &str) -> Option<Self> {
        // Some write whole addresses.
        let entry = entry.split_once("://").map_or(entry, |(_, rest)| rest);
        let (hosts, port) = match entry {
            "" => return None,
            "*" => (Hosts::All, None),
            "<local>" => (Hosts::Undotted, None),
            _ => match Hosts::parse(entry) {
                Some(hosts) => (hosts, None),
                None => {
                    let (host, port) = entry.trim_end_matches('/').rsplit_once(':')?;
                    let hosts = if host == "*" {
                        Hosts::All
                    } else {
                        Hosts::parse(host)?
                    };
                    (hosts, Some(port.parse().ok()?))
                }
            },
        };
        Some(Self { hosts, port })
    }
}

impl Hosts {
    fn parse(text: &str) -> Option<Self> {
        let bare = |text: &str| {
            text.trim_start_matches('[')
                .trim_end_matches(']')
                .parse::<IpAddr>()
        };
        if let Ok(address) = bare(text) {
            return Some(Self::Network {
                address,
                bits: width(address),
            });
        }
        if let Some((network, bits)) = text.split_once('/')
            && let Ok(address) = bare(network)
        {
            let bits = bits.parse().ok().filter(|bits| *bits <= width(address))?;
            return Some(Self::Network { address, bits });
        }
        let name = text.trim_end_matches('/');
        let name = name.strip_prefix("*.").unwrap_or(name).trim_matches('.');
        if name.is_empty() || name.contains([':', '/', '*']) {
            return None;
        }
        Some(Self::Name(idna::domain_to_ascii(name).ok()?))
    }

    fn hold(&self, host: &Host<&str>) -> bool {
        match (self, host) {
            (Self::All, _) => true,
            (Self::Undotted, Host::Domain(name)) => !name.trim_end_matches('.').contains('.'),
            (Self::Name(known), Host::Domain(name)) => {
                let name = name.trim_end_matches('.');
                name.strip_suffix(known.as_str())
                    .is_some_and(|above| above.is_empty() || above.ends_with('.'))
            }
            (Self::Network { address, bits }, Host::Ipv4(own)) => within(IpAddr::V4(*own), *address, *bits),
            (Self::Network { address, bits }, Host::Ipv6(own)) => within(IpAddr::V6(*own), *address, *bits),
            _ => false,
        }
    }
}

fn width(address: IpAddr) -> u32 {
    if address.is_ipv4() { 32 } else { 128 }
}

/// Whether the first `bits` of both addresses are the same.
fn within(address: IpAddr, network: IpAddr, bits: u32) -> bool {
    let different = match (address, network) {
        (IpAddr::V4(one), IpAddr::V4(other)) => u128::from(one.to_bits() ^ other.to_bits()) << 96,
        (IpAddr::V6(one), IpAddr::V6(other)) => one.to_bits() ^ other.to_bits(),
        _ => return false,
    };
    different.leading_zeros() >= bits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_of_exceptions() {
        let held = |list: &str, url: &str| Exceptions::parse(list).hold(&Url::parse(url).unwrap());
        for (list, url, expected) in [
            ("", "https://h", false),
            ("*", "https://anything.example", true),
            ("corp.example", "https://corp.example", true),
            ("corp.example", "https://repo.corp.example:8443/x", true),
            (".corp.example", "https://corp.example", true),
            ("*.corp.example", "https://repo.corp.example", true),
            ("corp.example", "https://notcorp.example", false),
            ("repo.corp.example", "https://corp.example", false),
            ("Corp.Example.", "https://repo.corp.example.", true),
            ("bücher.example", "https://xn--bcher-kva.example", true),
            ("corp.example:8443", "https://repo.corp.example:8443", true),
            ("corp.example:8443", "https://repo.corp.example", false),
            ("corp.example:443", "https://repo.corp.example", true),
            ("corp.example:80", "http://corp.example", true),
            ("*:8443", "https://a.example:8443", true),
            ("10.0.0.0/8", "http://10.1.2.3", true),
            ("10.0.0.0/8", "http://11.1.2.3", false),
            ("10.0.0.0/8", "https://10.example", false),
            ("0.0.0.0/0", "http://192.0.2.1", true),
            ("0.0.0.0/0", "http://[2001:db8::1]", false),
            ("10.0.0.5", "https://10.0.0.5:8443", true),
            ("10.0.0.5:8443", "https://10.0.0.5:8443", true),
            ("10.0.0.5:8443", "https://10.0.0.5", false),
            ("2001:db8::/32", "https://[2001:db8:1::2]", true),
            ("2001:db8::/32", "https://[2001:db9::2]", false),
            ("2001:db8::1", "https://[2001:db8::1]:8443", true),
            ("[2001:db8::1]:8443", "https://[2001:db8::1]:8443", true),
            ("[2001:db8::1]:8443", "https://[2001:db8::1]", false),
            ("10.0.0.0/33", "http://10.0.0.1", false),
            ("a b;c,, corp.example", "https://corp.example", true),
            ("https://corp.example/", "https://corp.example", true),
            ("<local>", "http://psm", true),
            ("<local>", "http://psm.example", false),
        ] {
            assert_eq!(held(list, url), expected, "{list:?} for {url}");
        }
        let both = Exceptions::parse("a.example").and(Exceptions::parse("b.example a.example"));
        assert_eq!(both, Exceptions::parse("a.example b.example"));
    }
}
