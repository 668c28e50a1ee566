//! As what Sextant is known to a provider.

use std::fmt;

/// The host of the redirect address, as the provider knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RedirectHost {
    /// `localhost`: both loopback addresses are listened on, since a browser may choose either.
    Localhost,
    /// `127.0.0.1`.
    Ipv4,
}

impl RedirectHost {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Localhost => "localhost",
            Self::Ipv4 => "127.0.0.1",
        }
    }
}

impl fmt::Display for RedirectHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The port of the redirect address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Port {
    /// Any that is free; a provider must allow every port (RFC 8252, section 7.3).
    Ephemeral,
    /// The one that the provider insists on.
    Fixed(u16),
}

/// A public client: it has no secret, and proves with PKCE that it is who began the sign-in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Client {
    pub id: String,
    /// What a sign-in through the browser asks for.
    pub scope: String,
    /// What a sign-in with a device code asks for.
    pub device_scope: String,
    pub redirect: RedirectHost,
    /// Begins with `/`.
    pub redirect_path: String,
    pub port: Port,
}

impl Client {
    /// The client that every Anaconda Server knows (server reference, section 1.4). Its redirect address is
    /// `http://localhost:<port>/`, the only form that is known to be accepted.
    pub fn anaconda_server() -> Self {
        Self {
            id: "repo-service-cli".to_owned(),
            scope: "openid".to_owned(),
            device_scope: "openid".to_owned(),
            redirect: RedirectHost::Localhost,
            redirect_path: "/".to_owned(),
            port: Port::Ephemeral,
        }
    }

    /// The client that anaconda.com knows (server reference, section 2): it insists on
    /// `http://127.0.0.1:8000/auth/oidc`.
    pub fn anaconda_com() -> Self {
        Self {
            id: "b4ad7f1d-c784-46b5-a9fe-106e50441f5a".to_owned(),
            scope: "openid email profile offline_access".to_owned(),
            device_scope: "openid".to_owned(),
            redirect: RedirectHost::Ipv4,
            redirect_path: "/auth/oidc".to_owned(),
            port: Port::Fixed(8000),
        }
    }

    /// The same client with another port, for a provider that was set up so.
    #[must_use]
    pub fn on_port(mut self, port: Port) -> Self {
        self.port = port;
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_known_clients_are_as_the_reference_has_them() {
        let server = Client::anaconda_server();
        assert_eq!(
            (server.id.as_str(), server.scope.as_str()),
            ("repo-service-cli", "openid")
        );
        assert_eq!(
            (server.redirect, server.redirect_path.as_str()),
            (RedirectHost::Localhost, "/")
        );
        assert_eq!(server.port, Port::Ephemeral);
        assert_eq!(server.on_port(Port::Fixed(9)).port, Port::Fixed(9));
        let com = Client::anaconda_com();
        assert_eq!(com.id, "b4ad7f1d-c784-46b5-a9fe-106e50441f5a");
        assert_eq!(com.scope, "openid email profile offline_access");
        assert_eq!((com.redirect, com.port), (RedirectHost::Ipv4, Port::Fixed(8000)));
        assert_eq!(com.redirect_path, "/auth/oidc");
    }
}
