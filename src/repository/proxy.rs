//! Which proxy, if any, stands between this computer and a server.
//!
//! The rule is applied in one place, so that the steps of a domain check and every later request take the same way.
//! Whoever builds the settings captures the environment and reads the files; nothing here looks.

mod address;
pub(super) mod challenge;
mod error;
mod exceptions;
mod settings;

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use hyper_util::client::proxy::matcher::Matcher;
use url::{Host, Url};

use crate::secret::Secret;

pub use address::{ProxyAddress, ProxyAddressError, ProxyLogin};
pub use error::ProxyError;
pub use exceptions::Exceptions;
pub use settings::{Applies, ProxyCredentials, ProxyRule, ProxySettings, ProxyUsed};

/// Where the settings of the operating system come from, in words for a person.
const SYSTEM: &str = if cfg!(windows) {
    "the settings of Windows"
} else {
    "the settings of the system"
};

/// A login that is sent until a proxy refuses it: a wrong password that is repeated may lock an account.
struct Attempt {
    login: ProxyLogin,
    refused: AtomicBool,
}

impl Attempt {
    fn new(login: ProxyLogin) -> Arc<Self> {
        let refused = AtomicBool::new(false);
        Arc::new(Self { login, refused })
    }
}

/// The proxies in force.
pub(super) struct Proxies {
    settings: ProxySettings,
    system: Option<Matcher>,
    /// The login in the address of each rule.
    in_addresses: Vec<Option<Arc<Attempt>>>,
    given: Option<Arc<Attempt>>,
}

impl fmt::Debug for Proxies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.settings.fmt(f)
    }
}

impl Proxies {
    pub(super) fn new(settings: &ProxySettings) -> Self {
        // On Linux the environment is all there is, and the rules have that already.
        let has_settings = cfg!(any(windows, target_os = "macos"));
        let login = |rule: &ProxyRule| rule.proxy.as_ref().ok()?.login.clone();
        Self {
            settings: settings.clone(),
            system: (settings.system && has_settings).then(Matcher::from_system),
            in_addresses: settings
                .rules
                .iter()
                .map(|rule| login(rule).map(Attempt::new))
                .collect(),
            given: settings
                .credentials
                .as_ref()
                .map(|credentials| Attempt::new(credentials.login.clone())),
        }
    }

    /// The proxy for `url`. This computer itself is reached through one only if a rule names it.
    ///
    /// # Errors
    /// [`ProxyError::Unusable`] when the proxy that is set for `url` cannot be used.
    pub(super) fn for_url(&self, url: &Url) -> Result<Option<Proxy>, ProxyError> {
        if self.settings.exceptions.hold(url) {
            return Ok(None);
        }
        let here = is_loopback(url);
        let named = |rule: &ProxyRule| matches!(rule.applies, Applies::Server { .. });
        for (rule, in_address) in self.settings.rules.iter().zip(&self.in_addresses) {
            if rule.applies.to(url) && (!here || named(rule)) {
                let address = rule.proxy.clone().map_err(|reason| ProxyError::Unusable {
                    source_name: rule.source.clone(),
                    reason,
                })?;
                return Ok(Some(self.proxy(address, in_address.clone(), &rule.source)));
            }
        }
        let intercept = || {
            let uri: hyper::Uri = url.as_str().parse().ok()?;
            let found = self.system.as_ref().filter(|_| !here)?.intercept(&uri)?;
            Some(found.uri().to_string())
        };
        let Some(found) = intercept() else { return Ok(None) };
        let address = ProxyAddress::parse(&found).map_err(|reason| ProxyError::Unusable {
            source_name: SYSTEM.to_owned(),
            reason,
        })?;
        Ok(Some(self.proxy(address, None, SYSTEM)))
    }

    fn proxy(&self, address: ProxyAddress, in_address: Option<Arc<Attempt>>, source: &str) -> Proxy {
        let credentials = self.settings.credentials.as_ref();
        let given = credentials.filter(|given| given.proxy == address.host_and_port());
        let attempt = given.and(self.given.clone()).or(in_address);
        Proxy {
            host: address.host.clone(),
            port: address.port,
            over_tls: address.over_tls,
            source: source.to_owned(),
            attempt: attempt.filter(|attempt| !attempt.refused.load(Ordering::Relaxed)),
        }
    }
}

/// Whether `url` leads to this computer itself.
pub(super) fn is_loopback(url: &Url) -> bool {
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
    /// Where it is set.
    pub(super) source: String,
    attempt: Option<Arc<Attempt>>,
}

impl Proxy {
    /// The value of `Proxy-Authorization`.
    pub(super) fn authorization(&self) -> Option<Secret> {
        self.attempt.as_ref().map(|attempt| attempt.login.authorization())
    }

    /// The user name that is sent.
    pub(super) fn user(&self) -> Option<&str> {
        self.attempt.as_ref().map(|attempt| attempt.login.user.as_str())
    }

    /// What status 407 means here. A login that was refused is not sent again.
    pub(super) fn denied(&self, schemes: Vec<String>) -> ProxyError {
        let proxy = self.to_string();
        let takes_basic = schemes.iter().any(|scheme| scheme.eq_ignore_ascii_case("basic"));
        if !takes_basic && !schemes.is_empty() {
            return ProxyError::UnsupportedAuth {
                proxy,
                wanted: schemes,
            };
        }
        match &self.attempt {
            Some(attempt) => {
                attempt.refused.store(true, Ordering::Relaxed);
                ProxyError::WrongPassword { proxy }
            }
            None => ProxyError::AuthRequired { proxy },
        }
    }

    /// The address with the credentials in it, as the HTTP client takes them.
    pub(super) fn url_with_credentials(&self) -> Option<Url> {
        let mut url = Url::parse(&self.to_string()).ok()?;
        if let Some(attempt) = &self.attempt {
            // A bare `%` would be taken for the beginning of an encoded sign.
            url.set_username(&attempt.login.user.replace('%', "%25")).ok()?;
            let password = attempt.login.password.expose().replace('%', "%25");
            url.set_password(Some(&password)).ok()?;
        }
        Some(url)
    }
}

impl fmt::Display for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.over_tls { "https" } else { "http" };
        write!(f, "{scheme}://{}:{}", self.host, self.port)
    }
}

#[cfg(test)]
mod tests;
