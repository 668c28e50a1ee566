//! Which proxy, if any, stands between this computer and a server.
//!
//! The rule is applied in one place, so that the steps of a domain check and every later request take the same way.

use std::fmt;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD as BASE64;
use hyper_util::client::proxy::matcher::{Intercept, Matcher};
use thiserror::Error;
use url::{Host, Url};

use crate::error::{Explain, Kind, Problem};
use crate::secret::Secret;

/// Where proxies come from. Whoever builds it captures the environment or reads the settings; nothing here looks.
#[derive(Debug, Clone, Default)]
pub enum ProxySettings {
    /// Always connect directly.
    #[default]
    None,
    /// The variables `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY`, `NO_PROXY` and their lower-case twins.
    Environment(ProxyVariables),
    /// Addresses per scheme, as conda's `proxy_servers` has them; they may hold `user:password@`.
    Fixed {
        http: Option<Secret>,
        https: Option<Secret>,
        no_proxy: String,
    },
    /// The environment, and where it names none, the settings of Windows or macOS.
    System,
}

/// The proxy variables of an environment, captured once; the addresses may hold passwords.
#[derive(Debug, Clone, Default)]
pub struct ProxyVariables {
    http: Option<Secret>,
    https: Option<Secret>,
    all: Option<Secret>,
    no_proxy: Option<String>,
}

impl ProxyVariables {
    /// Picks the proxy variables out of an environment. The lower-case name counts where both are set, as it does for
    /// conda; empty values count as unset.
    pub fn capture(variables: impl IntoIterator<Item = (String, String)>) -> Self {
        let mut captured = Self::default();
        for (name, value) in variables {
            let lower = name.to_ascii_lowercase();
            let overrides = lower == name;
            let slot = match lower.as_str() {
                "http_proxy" => &mut captured.http,
                "https_proxy" => &mut captured.https,
                "all_proxy" => &mut captured.all,
                "no_proxy" => {
                    if overrides || captured.no_proxy.is_none() {
                        captured.no_proxy = Some(value);
                    }
                    continue;
                }
                _ => continue,
            };
            if !value.trim().is_empty() && (overrides || slot.is_none()) {
                *slot = Some(Secret::new(value.trim()));
            }
        }
        captured
    }
}

/// What is wrong with a proxy. Never holds its password.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ProxyError {
    #[error("the address of the proxy for {scheme} is malformed")]
    Malformed { scheme: &'static str },
    #[error("a proxy of the kind {kind} is not supported")]
    Unsupported { kind: String },
    #[error("the proxy {proxy} wants a user name and a password")]
    AuthRequired { proxy: String },
    #[error("the proxy {proxy} refused to connect to {target}: {answer}")]
    Refused {
        proxy: String,
        target: String,
        answer: String,
    },
}

impl Explain for ProxyError {
    fn explain(&self) -> Problem {
        let problem = Problem::new(Kind::Network, self.to_string());
        match self {
            Self::Malformed { .. } => {
                problem.remedy("Correct it under Preferences or in the environment; it looks like http://proxy.example.com:3128")
            }
            Self::Unsupported { .. } => problem.remedy("Use an http:// or https:// proxy"),
            Self::AuthRequired { .. } => {
                problem.remedy("Put user name and password into the proxy's address, or ask your network administrator")
            }
            Self::Refused { .. } => problem
                .because("The proxy does not allow this address, or cannot reach it")
                .remedy("Ask your network administrator, or except the server from the proxy with NO_PROXY"),
        }
    }
}

/// The proxies in force, checked.
#[derive(Debug)]
pub(super) struct Proxies(Option<Matcher>);

impl Proxies {
    pub(super) fn new(settings: &ProxySettings) -> Result<Self, ProxyError> {
        let (http, https, no_proxy) = match settings {
            ProxySettings::None => return Ok(Self(None)),
            ProxySettings::System => return Ok(Self(Some(Matcher::from_system()))),
            ProxySettings::Environment(variables) => (
                variables.http.as_ref().or(variables.all.as_ref()),
                variables.https.as_ref().or(variables.all.as_ref()),
                variables.no_proxy.as_deref().unwrap_or_default(),
            ),
            ProxySettings::Fixed {
                http,
                https,
                no_proxy,
            } => (http.as_ref(), https.as_ref(), no_proxy.as_str()),
        };
        let mut builder = Matcher::builder();
        if let Some(address) = http {
            builder = builder.http(checked(address, "http")?);
        }
        if let Some(address) = https {
            builder = builder.https(checked(address, "https")?);
        }
        // Some write the list with spaces, and in capitals.
        let no_proxy = no_proxy
            .split([',', ' ', ';'])
            .filter(|entry| !entry.is_empty())
            .collect::<Vec<_>>()
            .join(",");
        Ok(Self(Some(builder.no(no_proxy.to_ascii_lowercase()).build())))
    }

    /// The proxy for `url`; this computer itself is never reached through one.
    pub(super) fn for_url(&self, url: &Url) -> Option<Proxy> {
        if is_loopback(url) {
            return None;
        }
        let uri: hyper::Uri = url.as_str().parse().ok()?;
        self.0
            .as_ref()?
            .intercept(&uri)
            .map(|intercept| Proxy::new(&intercept))
    }
}

/// The address, complete with a scheme, or why it is none.
fn checked(address: &Secret, scheme: &'static str) -> Result<String, ProxyError> {
    let text = address.expose().trim();
    let text = if text.contains("://") {
        text.to_owned()
    } else {
        format!("http://{text}")
    };
    let url = Url::parse(&text).map_err(|_| ProxyError::Malformed { scheme })?;
    match url.scheme() {
        "http" | "https" if url.has_host() => Ok(text),
        "http" | "https" => Err(ProxyError::Malformed { scheme }),
        kind => Err(ProxyError::Unsupported {
            kind: kind.chars().take(12).collect(),
        }),
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => {
            let name = name.strip_suffix('.').unwrap_or(name);
            name == "localhost" || name.ends_with(".localhost")
        }
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// One proxy; `Display` shows its address without credentials.
#[derive(Clone)]
pub(super) struct Proxy {
    pub(super) host: String,
    pub(super) port: u16,
    /// The proxy itself is reached over TLS.
    pub(super) over_tls: bool,
    /// The value of `Proxy-Authorization`.
    pub(super) authorization: Option<Secret>,
}

impl Proxy {
    fn new(intercept: &Intercept) -> Self {
        let uri = intercept.uri();
        let over_tls = uri.scheme_str() == Some("https");
        let authorization = intercept
            .basic_auth()
            .and_then(|value| value.to_str().ok())
            .map(Secret::new);
        Self {
            host: uri.host().unwrap_or_default().to_owned(),
            port: uri.port_u16().unwrap_or(if over_tls { 443 } else { 80 }),
            over_tls,
            authorization,
        }
    }

    /// The address with the credentials in it, as the HTTP client takes them.
    pub(super) fn url_with_credentials(&self) -> Option<Url> {
        let mut url = Url::parse(&self.address()).ok()?;
        if let Some(authorization) = &self.authorization {
            let pair = BASE64
                .decode(authorization.expose().strip_prefix("Basic ")?)
                .ok()?;
            let pair = String::from_utf8(pair).ok()?;
            let (user, password) = pair.split_once(':').unwrap_or((&pair, ""));
            url.set_username(user).ok()?;
            url.set_password(Some(password)).ok()?;
        }
        Some(url)
    }

    /// `scheme://host:port`, for showing.
    fn address(&self) -> String {
        format!(
            "{}://{}:{}",
            if self.over_tls { "https" } else { "http" },
            self.host,
            self.port
        )
    }
}

impl fmt::Display for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.address())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(variables: &[(&str, &str)]) -> ProxySettings {
        ProxySettings::Environment(ProxyVariables::capture(
            variables
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
        ))
    }

    fn chosen(settings: &ProxySettings, url: &str) -> Option<String> {
        Proxies::new(settings)
            .unwrap()
            .for_url(&Url::parse(url).unwrap())
            .map(|proxy| proxy.to_string())
    }

    #[test]
    fn the_environment_names_the_proxy_per_scheme() {
        let settings = environment(&[
            ("HTTP_PROXY", "upper:1"),
            ("http_proxy", "lower:2"),
            ("ALL_PROXY", "https://all"),
            ("NO_PROXY", "Corp.example 10.0.0.0/8;,other.example"),
            ("PATH", "/bin"),
        ]);
        assert_eq!(
            chosen(&settings, "http://repo.example.com").as_deref(),
            Some("http://lower:2")
        );
        assert_eq!(
            chosen(&settings, "https://repo.example.com").as_deref(),
            Some("https://all:443")
        );
        for direct in [
            "https://corp.example",
            "https://repo.corp.example:8443/x",
            "http://10.1.2.3",
            "http://other.example",
            "http://localhost:1",
            "https://127.0.0.1:8443",
            "http://[::1]:8080",
        ] {
            assert_eq!(chosen(&settings, direct), None, "{direct}");
        }
        assert_eq!(chosen(&ProxySettings::None, "https://repo.example.com"), None);
        assert_eq!(
            chosen(&environment(&[("https_proxy", " ")]), "https://repo.example.com"),
            None
        );
    }

    #[test]
    fn a_password_in_a_proxy_address_stays_hidden() {
        let settings = environment(&[("https_proxy", "http://al:canary-pw@proxy:3128")]);
        let proxy = Proxies::new(&settings)
            .unwrap()
            .for_url(&Url::parse("https://h").unwrap())
            .unwrap();
        assert_eq!(proxy.to_string(), "http://proxy:3128");
        assert_eq!(
            proxy.url_with_credentials().unwrap().as_str(),
            "http://al:canary-pw@proxy:3128/"
        );
        assert_eq!(proxy.authorization.unwrap().expose(), "Basic YWw6Y2FuYXJ5LXB3");
        assert!(!format!("{settings:?}").contains("canary"));
    }

    #[test]
    fn an_unusable_proxy_is_named() {
        let error = |address: &str| Proxies::new(&environment(&[("https_proxy", address)])).unwrap_err();
        assert_eq!(
            error("socks5://h:1"),
            ProxyError::Unsupported {
                kind: "socks5".into()
            }
        );
        assert_eq!(error("http://:80"), ProxyError::Malformed { scheme: "https" });
        assert_eq!(error("http://h:99999"), ProxyError::Malformed { scheme: "https" });
    }
}
