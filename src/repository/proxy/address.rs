//! The address of a proxy, as people and programs write it.

use std::fmt;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD as BASE64;
use percent_encoding::percent_decode_str;
use thiserror::Error;
use url::Url;

use crate::secret::Secret;

/// A user name and password for a proxy. The password never shows.
#[derive(Debug, Clone)]
pub struct ProxyLogin {
    pub user: String,
    pub password: Secret,
}

impl ProxyLogin {
    /// The value of `Proxy-Authorization`: Basic, in UTF-8 (RFC 7617).
    pub(super) fn authorization(&self) -> Secret {
        let pair = format!("{}:{}", self.user, self.password.expose());
        Secret::new(format!("Basic {}", BASE64.encode(pair)))
    }
}

impl PartialEq for ProxyLogin {
    fn eq(&self, other: &Self) -> bool {
        self.user == other.user && self.password.expose() == other.password.expose()
    }
}

impl Eq for ProxyLogin {}

/// Where a proxy listens; `Display` shows it without the login.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProxyAddress {
    /// The proxy itself is reached over TLS.
    pub(super) over_tls: bool,
    /// IPv6 in brackets.
    pub(super) host: String,
    pub(super) port: u16,
    /// A login that stood in the address.
    pub(super) login: Option<ProxyLogin>,
}

/// Why a text is no address of a proxy. Holds nothing of the text but a scheme.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ProxyAddressError {
    #[error("the address is malformed")]
    Malformed,
    #[error("a proxy of the kind {kind} is not supported")]
    Unsupported { kind: String },
}

impl ProxyAddress {
    /// Reads `[http[s]://][user[:password]@]host[:port]`. Without a scheme it is `http`; the usual port is that of the
    /// scheme.
    ///
    /// # Errors
    /// [`ProxyAddressError`], without repeating the text: it may hold a password.
    pub fn parse(text: &str) -> Result<Self, ProxyAddressError> {
        let text = text.trim();
        let whole = if text.contains("://") {
            text.to_owned()
        } else {
            format!("http://{text}")
        };
        let url = Url::parse(&whole).map_err(|_| ProxyAddressError::Malformed)?;
        let over_tls = match url.scheme() {
            "http" => false,
            "https" => true,
            kind => {
                let kind = kind.chars().take(12).collect();
                return Err(ProxyAddressError::Unsupported { kind });
            }
        };
        let host = url.host_str().filter(|host| !host.is_empty());
        let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
        let login = (!url.username().is_empty()).then(|| ProxyLogin {
            user: decoded(url.username()),
            password: Secret::new(decoded(url.password().unwrap_or_default())),
        });
        // A password with a bare `/`, `?` or `#` ends the host early: what is left of the `@` is not a proxy.
        if text.contains('@') && login.is_none() {
            return Err(ProxyAddressError::Malformed);
        }
        Ok(Self {
            over_tls,
            host: host.ok_or(ProxyAddressError::Malformed)?.to_owned(),
            port: url.port().unwrap_or(if over_tls { 443 } else { 80 }),
            login,
        })
    }

    /// `host:port`, which names the proxy in the credential store.
    pub fn host_and_port(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }

    /// Whether a user name or password stood in the text.
    pub fn has_login(&self) -> bool {
        self.login.is_some()
    }
}

impl fmt::Display for ProxyAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.over_tls { "https" } else { "http" };
        write!(f, "{scheme}://{}:{}", self.host, self.port)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_as_people_write_them() {
        for (text, shown) in [
            ("proxy:3128", "http://proxy:3128"),
            (" http://proxy.example.com/ ", "http://proxy.example.com:80"),
            ("https://proxy", "https://proxy:443"),
            ("al:canary@proxy:8080", "http://proxy:8080"),
            ("http://al@proxy", "http://proxy:80"),
            ("http://[2001:db8::1]:3128", "http://[2001:db8::1]:3128"),
            ("10.0.0.1:8080", "http://10.0.0.1:8080"),
        ] {
            assert_eq!(ProxyAddress::parse(text).unwrap().to_string(), shown, "{text}");
        }
    }

    #[test]
    fn what_is_no_address_is_not_repeated() {
        let unsupported = |kind: &str| ProxyAddressError::Unsupported { kind: kind.into() };
        for (text, error) in [
            ("", ProxyAddressError::Malformed),
            ("http://", ProxyAddressError::Malformed),
            ("http://:80", ProxyAddressError::Malformed),
            ("http://h:99999", ProxyAddressError::Malformed),
            ("http://al:12#canary@proxy:3128", ProxyAddressError::Malformed),
            ("http://al:12/canary@proxy:3128", ProxyAddressError::Malformed),
            ("socks5://h:1", unsupported("socks5")),
        ] {
            assert_eq!(ProxyAddress::parse(text), Err(error), "{text}");
        }
    }

    #[test]
    fn a_login_in_an_address_is_decoded_and_stays_hidden() {
        let address = ProxyAddress::parse("http://al%40corp:canary%21@proxy:3128").unwrap();
        let login = address.login.clone().unwrap();
        assert_eq!(
            (login.user.as_str(), login.password.expose()),
            ("al@corp", "canary!")
        );
        assert_eq!(login.authorization().expose(), "Basic YWxAY29ycDpjYW5hcnkh");
        assert!(!format!("{address:?} {address}").contains("canary"));
    }
}
