//! Which clients there are, and where their codes may go (RFC 8252, section 7.3: any port of the loopback address).

use url::{Host, Url};

/// A client without a secret.
#[derive(Debug, Clone)]
pub(in crate::practice) struct Client {
    pub(in crate::practice) id: &'static str,
    pub(in crate::practice) redirects: Redirects,
}

/// The addresses that a client may name.
#[derive(Debug, Clone)]
pub(in crate::practice) enum Redirects {
    /// This path on any port of this machine: by address, and by the name `localhost` if that is allowed.
    Loopback { path: &'static str, by_name: bool },
    /// This one address.
    Exactly(String),
}

impl Redirects {
    pub(super) fn allow(&self, address: &str) -> bool {
        match self {
            Self::Exactly(allowed) => address == allowed,
            Self::Loopback { path, by_name } => {
                let Ok(url) = Url::parse(address) else {
                    return false;
                };
                let here = match url.host() {
                    Some(Host::Ipv4(host)) => host == std::net::Ipv4Addr::LOCALHOST,
                    Some(Host::Domain(name)) => *by_name && name == "localhost",
                    _ => false,
                };
                here && url.scheme() == "http"
                    && url.path() == *path
                    && url.query().is_none()
                    && url.fragment().is_none()
                    && url.username().is_empty()
                    && url.password().is_none()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_port_of_this_machine_and_nothing_else() {
        let by_name = Redirects::Loopback {
            path: "/",
            by_name: true,
        };
        let by_address = Redirects::Loopback {
            path: "/auth/oidc",
            by_name: false,
        };
        for good in [
            "http://localhost:1/",
            "http://127.0.0.1:65535/",
            "http://localhost:1",
        ] {
            assert!(by_name.allow(good), "{good}");
        }
        assert!(by_address.allow("http://127.0.0.1:8000/auth/oidc"));
        for bad in [
            "https://localhost:1/",
            "http://localhost.example:1/",
            "http://localhost:1/elsewhere",
            "http://localhost:1/?x=y",
            "http://localhost:1/#x",
            "http://user@localhost:1/",
            "http://127.0.0.2:1/",
            "http://192.0.2.1:1/",
            "localhost:1",
            "",
        ] {
            assert!(!by_name.allow(bad), "{bad}");
        }
        assert!(!by_address.allow("http://localhost:8000/auth/oidc"));
        assert!(!by_address.allow("http://127.0.0.1:8000/auth/oidc/"));
    }
}
