//! What a person decided about proxies for Sextant alone.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::error::{Explain, Kind, Problem};
use crate::repository::{Applies, ProxyAddress, ProxyAddressError, ProxyRule};

/// Why a text is no choice of a proxy. Holds nothing of the text but a scheme.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ProxyChoiceError {
    #[error("the proxy cannot be used: {0}")]
    Unusable(ProxyAddressError),
    #[error("the proxy has a user name or password in its address, where everybody can read it")]
    Login,
}

impl Explain for ProxyChoiceError {
    fn explain(&self) -> Problem {
        let problem = Problem::new(Kind::Usage, self.to_string());
        match self {
            Self::Unusable(_) => {
                problem.remedy("Type system, none, or an address such as http://proxy.example.com:3128")
            }
            Self::Login => problem
                .remedy("Leave it out; Sextant asks for it when the proxy does, and keeps it in the keyring"),
        }
    }
}

/// The proxy in Sextant's preferences: `proxy = "system"`, `"none"`, an address, or `{ http = …, https = … }`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "Written")]
pub enum ProxyChoice {
    /// As conda's settings, the environment and the operating system say.
    #[default]
    System,
    /// Every server is reached directly, whatever they say.
    None,
    Everywhere(ProxyAddress),
    PerScheme {
        http: Option<ProxyAddress>,
        https: Option<ProxyAddress>,
    },
}

impl ProxyChoice {
    /// Reads what a person typed for all servers.
    ///
    /// # Errors
    /// [`ProxyChoiceError`]; a password is refused, since the preferences are no place for one.
    pub fn parse(text: &str) -> Result<Self, ProxyChoiceError> {
        match text.trim() {
            "system" | "" => Ok(Self::System),
            "none" => Ok(Self::None),
            address => Ok(Self::Everywhere(without_login(address)?)),
        }
    }

    /// The rules that it stands for.
    pub(super) fn rules(&self) -> Vec<ProxyRule> {
        let rule = |applies: &str, address: &ProxyAddress| ProxyRule {
            applies: Applies::parse(applies),
            proxy: Ok(address.clone()),
            source: "Sextant's preferences".to_owned(),
        };
        match self {
            Self::System | Self::None => Vec::new(),
            Self::Everywhere(address) => vec![rule("all", address)],
            Self::PerScheme { http, https } => {
                let http = http.iter().map(|address| rule("http", address));
                http.chain(https.iter().map(|address| rule("https", address)))
                    .collect()
            }
        }
    }
}

fn without_login(text: &str) -> Result<ProxyAddress, ProxyChoiceError> {
    let address = ProxyAddress::parse(text).map_err(ProxyChoiceError::Unusable)?;
    match address.has_login() {
        true => Err(ProxyChoiceError::Login),
        false => Ok(address),
    }
}

/// The choice as it stands in the file.
#[derive(Clone, Serialize, Deserialize)]
#[serde(untagged)]
enum Written {
    One(String),
    Each(Each),
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Each {
    #[serde(skip_serializing_if = "Option::is_none")]
    http: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    https: Option<String>,
}

impl TryFrom<Written> for ProxyChoice {
    type Error = ProxyChoiceError;

    fn try_from(written: Written) -> Result<Self, ProxyChoiceError> {
        let address = |text: Option<String>| text.as_deref().map(without_login).transpose();
        match written {
            Written::One(text) => Self::parse(&text),
            Written::Each(Each { http, https }) => Ok(Self::PerScheme {
                http: address(http)?,
                https: address(https)?,
            }),
        }
    }
}

impl From<ProxyChoice> for Written {
    fn from(choice: ProxyChoice) -> Self {
        let text = |address: ProxyAddress| address.to_string();
        match choice {
            ProxyChoice::System => Self::One("system".to_owned()),
            ProxyChoice::None => Self::One("none".to_owned()),
            ProxyChoice::Everywhere(address) => Self::One(text(address)),
            ProxyChoice::PerScheme { http, https } => Self::Each(Each {
                http: http.map(text),
                https: https.map(text),
            }),
        }
    }
}
