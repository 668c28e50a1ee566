//! The address of a server's API, and the keys that follow from it.

use std::fmt;

use thiserror::Error;
use url::Url;

use super::{Place, origin, spelled_plainly};
use crate::conda::channel::ChannelUrl;
use crate::conda::error::CondaError;
use crate::conda::token_match::matching_keys;

/// Why a text is not the address of a server's API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum InvalidApiBase {
    #[error("this is not an address that starts with http:// or https://")]
    NotHttp,
    #[error("the address has no path: a token stored for a bare host would be sent to other hosts too")]
    BareHost,
    #[error("the address contains a user name, a question mark or a hash, which no server's address needs")]
    Superfluous,
}

/// The base of a server's API, without a slash at the end and with the host in lower case: what the server's token is
/// stored for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ApiBase {
    base: String,
    /// Where the channels are, without a slash at the end.
    channels: String,
    product: Product,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Product {
    /// Anaconda Server, and what keeps tokens like it.
    Server,
    /// Anaconda Repository and Anaconda.org.
    Repository {
        /// The address as anaconda-client's configuration spells it, where that is a spelling of its own.
        configured: Option<String>,
    },
}

impl ApiBase {
    /// The API of an Anaconda Server, `https://HOST/api`.
    pub fn parse(text: &str) -> Result<Self, InvalidApiBase> {
        let url = parse(text)?;
        if url.path().trim_matches('/').is_empty() {
            return Err(InvalidApiBase::BareHost);
        }
        let base = without_slash(&url);
        Ok(Self {
            channels: format!("{base}/repo"),
            base,
            product: Product::Server,
        })
    }

    /// The API of an Anaconda Repository or of Anaconda.org, `http://HOST:PORT/api` or `https://api.HOST`, and what
    /// conda's `channel_alias` is for it.
    pub fn of_repository(api: &str, channel_alias: &str) -> Result<Self, InvalidApiBase> {
        Ok(Self {
            base: without_slash(&parse(api)?),
            channels: without_slash(&parse(channel_alias)?),
            product: Product::Repository { configured: None },
        })
    }

    /// Adds the spelling of `url` in anaconda-client's configuration, by which, to the letter, it looks for the token of a
    /// repository. Without effect when that is another address.
    #[must_use]
    pub fn configured_as(mut self, url: &str) -> Self {
        let plain = spelled_plainly(url);
        let without_scheme = self.base.strip_prefix("https://");
        if let Product::Repository { configured } = &mut self.product
            && (plain == self.base || without_scheme == Some(&plain))
        {
            *configured = Some(url.to_owned());
        }
        self
    }

    pub fn as_str(&self) -> &str {
        &self.base
    }

    /// The `channel_alias` that goes with this server.
    pub fn channel_alias(&self) -> String {
        self.channels.clone()
    }

    /// The keys under which the token is stored in a folder of this kind.
    pub fn keys_in(&self, place: Place) -> Vec<String> {
        let closed = format!("{}/", self.base);
        match &self.product {
            Product::Server => vec![self.base.clone(), self.channels.clone()],
            Product::Repository { .. } if place.is_read_by_conda() => {
                let channels = format!("{}/", self.channels);
                // conda reads the first `api` as `conda`, which is the wrong one where the host has one too.
                let is_found = !matching_keys(&format!("{channels}channel"), [closed.as_str()]).is_empty();
                if is_found {
                    vec![closed]
                } else {
                    vec![closed, channels]
                }
            }
            Product::Repository { configured } => {
                let mut keys = vec![closed, self.base.clone()];
                keys.extend(
                    configured
                        .iter()
                        .filter(|key| !keys.contains(key))
                        .cloned()
                        .collect::<Vec<_>>(),
                );
                keys
            }
        }
    }

    /// Scheme, host and port.
    pub(super) fn origin(&self) -> &str {
        origin(&self.base)
    }

    /// The addresses whose spellings are this server's keys.
    pub(super) fn addresses(&self) -> [&str; 2] {
        [&self.base, &self.channels]
    }
}

impl fmt::Display for ApiBase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.base)
    }
}

/// The `channel_alias` of a server as an address of channels.
impl TryFrom<&ApiBase> for ChannelUrl {
    type Error = CondaError;

    fn try_from(api: &ApiBase) -> Result<Self, CondaError> {
        Ok(ChannelUrl::parse(&api.channel_alias())?)
    }
}

/// An address with nothing in it that no server's address needs.
fn parse(text: &str) -> Result<Url, InvalidApiBase> {
    let url = Url::parse(text).map_err(|_| InvalidApiBase::NotHttp)?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(InvalidApiBase::NotHttp);
    }
    let userinfo = !url.username().is_empty() || url.password().is_some();
    if userinfo || url.query().is_some() || url.fragment().is_some() {
        return Err(InvalidApiBase::Superfluous);
    }
    Ok(url)
}

fn without_slash(url: &Url) -> String {
    url.as_str().trim_end_matches('/').to_owned()
}
