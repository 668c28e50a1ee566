//! Where proxies come from: rules in the order in which they are asked, and the exceptions from all of them.

use url::Url;

use super::Proxies;
use super::address::{ProxyAddress, ProxyAddressError, ProxyLogin};
use super::error::ProxyError;
use super::exceptions::Exceptions;
use crate::repository::domain::Domain;
use crate::secret::Secret;

/// For which addresses a rule holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Applies {
    Everywhere,
    /// `http` or `https`.
    Scheme(String),
    /// One server; the scheme only where it is told.
    Server {
        scheme: Option<String>,
        host: String,
    },
}

impl Applies {
    /// Reads a name of conda's `proxy_servers`: `https`, `all`, `https://host` or `all://host` (repository reference,
    /// section 3.3).
    pub fn parse(name: &str) -> Self {
        let scheme = |text: &str| (text != "all").then(|| text.to_ascii_lowercase());
        match name.split_once("://") {
            Some((of, host)) => Self::Server {
                scheme: scheme(of),
                host: host.trim_end_matches('/').to_ascii_lowercase(),
            },
            None => scheme(name).map_or(Self::Everywhere, Self::Scheme),
        }
    }

    pub(super) fn to(&self, url: &Url) -> bool {
        match self {
            Self::Everywhere => true,
            Self::Scheme(scheme) => url.scheme() == scheme,
            Self::Server { scheme, host } => {
                scheme.as_ref().is_none_or(|scheme| url.scheme() == scheme)
                    && url.host_str().is_some_and(|own| own == host)
            }
        }
    }

    /// A rule for one server goes before one for a scheme, and that before one for everything, as conda has it.
    fn rank(&self) -> u8 {
        match self {
            Self::Server { scheme: Some(_), .. } => 0,
            Self::Scheme(_) => 1,
            Self::Server { scheme: None, .. } => 2,
            Self::Everywhere => 3,
        }
    }
}

/// One proxy that a source names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProxyRule {
    pub applies: Applies,
    /// An address that cannot be used fails only those requests that would go there: going around a proxy that somebody
    /// set would be wrong.
    pub proxy: Result<ProxyAddress, ProxyAddressError>,
    /// Where it is set, in words for a person.
    pub source: String,
}

impl ProxyRule {
    /// `address` may hold a login.
    pub fn new(applies: Applies, address: &Secret, source: impl Into<String>) -> Self {
        Self {
            applies,
            proxy: ProxyAddress::parse(address.expose()),
            source: source.into(),
        }
    }
}

/// A login that a person gave for one proxy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProxyCredentials {
    /// `host:port` of the proxy.
    pub proxy: String,
    pub login: ProxyLogin,
}

/// A proxy on the way to a server, for showing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProxyUsed {
    /// `scheme://host:port`, no login in it.
    pub address: String,
    /// What names it in the credential store.
    pub host_and_port: String,
    /// Who signs in to it.
    pub user: Option<String>,
    /// Where it is set.
    pub source: String,
}

/// Which proxies are used. The default is none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProxySettings {
    /// The first that holds for an address is followed.
    pub rules: Vec<ProxyRule>,
    /// Reached directly, whatever the rules say.
    pub exceptions: Exceptions,
    /// Where no rule holds, the settings of Windows or macOS are asked.
    pub system: bool,
    /// Goes before a login in the address of the proxy.
    pub credentials: Option<ProxyCredentials>,
}

impl ProxySettings {
    /// The variables `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY`, `NO_PROXY` and their lower-case twins, out of an
    /// environment that the caller captured. The lower-case name counts where both are set, as it does for conda; empty
    /// values count as unset.
    pub fn environment(variables: impl IntoIterator<Item = (String, String)>) -> Self {
        let mut found: [Option<(String, Secret)>; 3] = Default::default();
        let mut no_proxy = None;
        for (name, value) in variables {
            let lower = name.to_ascii_lowercase();
            let overrides = lower == name;
            let slot = match lower.as_str() {
                "http_proxy" => &mut found[0],
                "https_proxy" => &mut found[1],
                "all_proxy" => &mut found[2],
                "no_proxy" => {
                    if overrides || no_proxy.is_none() {
                        no_proxy = Some(value);
                    }
                    continue;
                }
                _ => continue,
            };
            if !value.trim().is_empty() && (overrides || slot.is_none()) {
                *slot = Some((name, Secret::new(value)));
            }
        }
        let applies = ["http", "https", "all"].map(Applies::parse);
        let rules = applies.into_iter().zip(found).filter_map(|(applies, found)| {
            let (name, address) = found?;
            let source = format!("the environment variable {name}");
            Some(ProxyRule::new(applies, &address, source))
        });
        Self {
            rules: rules.collect(),
            exceptions: Exceptions::parse(&no_proxy.unwrap_or_default()),
            ..Self::default()
        }
    }

    /// The proxy on the way to the server at `domain`.
    ///
    /// # Errors
    /// [`ProxyError::Unusable`] when the one that is set for it cannot be used.
    pub fn used_for(&self, domain: &Domain) -> Result<Option<ProxyUsed>, ProxyError> {
        let Ok(url) = Url::parse(domain.as_str()) else {
            return Ok(None);
        };
        let proxy = Proxies::new(self).for_url(&url)?;
        Ok(proxy.map(|proxy| ProxyUsed {
            address: proxy.to_string(),
            host_and_port: format!("{}:{}", proxy.host, proxy.port),
            user: proxy.user().map(str::to_owned),
            source: proxy.source,
        }))
    }

    /// Adds rules that are asked after those already there. Among themselves the most particular is asked first.
    #[must_use]
    pub fn then(mut self, rules: impl IntoIterator<Item = ProxyRule>) -> Self {
        let mut rules: Vec<ProxyRule> = rules.into_iter().collect();
        rules.sort_by_key(|rule| rule.applies.rank());
        self.rules.extend(rules);
        self
    }
}
