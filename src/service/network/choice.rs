//! What a person decided about proxies for Sextant alone.

use serde::{Deserialize, Serialize};

use crate::repository::{Applies, ProxyAddress, ProxyRule};

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
    /// What is wrong with it. A password is refused: the preferences are no place for one.
    pub fn parse(text: &str) -> Result<Self, String> {
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

fn without_login(text: &str) -> Result<ProxyAddress, String> {
    let address = ProxyAddress::parse(text).map_err(|error| format!("the proxy cannot be used: {error}"))?;
    if address.has_login() {
        return Err(
            "the proxy has a user name or password in its address, where everybody can read it; leave it out, \
             Sextant asks for it when the proxy does and keeps it in the keyring"
                .to_owned(),
        );
    }
    Ok(address)
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
    type Error = String;

    fn try_from(written: Written) -> Result<Self, String> {
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
