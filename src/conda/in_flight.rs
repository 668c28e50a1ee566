//! What conda adds to a request on its way: the token in the path, and the login in a header.
//!
//! conda's order, which is kept: a token that is written in the configuration, else the one of a token file, which stands
//! as `<location>/t/<token>/<rest>` (server reference, sections 3.4 to 3.6); then the login that is written, else the one
//! in `.netrc`. Two things differ on purpose. A token file whose key ends within a host counts for that host alone, where
//! conda would send its token to look-alike hosts as well. And a token that is written in an address stays where it is
//! written, where conda moves it to the beginning of the path, at which some servers do not look for it.

mod netrc;
mod place;

use std::fmt;
use std::path::PathBuf;

use percent_encoding::percent_decode_str;
use url::Url;

use super::channel::{ChannelUrl, split_token};
use super::configuration::{Configuration, Origin};
use super::setting::{Key, Value};
use super::subdir::KNOWN;
use super::token_file::{self, Place as TokenPlace, TokenFile};
use super::token_match::{conda_form, matching_keys};
use super::{CondaError, Surroundings, subdir};
use crate::secret::{Secret, Token};

use netrc::Netrc;
use place::Places;

/// Where a token or login comes from, for telling a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CredentialSource {
    TokenFile(PathBuf),
    /// It is written in an address of this setting.
    Written {
        key: Key,
        origin: Option<Origin>,
    },
    Netrc(PathBuf),
}

impl fmt::Display for CredentialSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TokenFile(path) | Self::Netrc(path) => f.write_str(&path.display().to_string()),
            Self::Written {
                key,
                origin: Some(origin),
            } => write!(f, "{key} in {origin}"),
            Self::Written { key, origin: None } => write!(f, "{key}"),
        }
    }
}

/// A name and password for HTTP's basic authentication.
#[derive(Debug, Clone)]
pub struct Login {
    pub user: Secret,
    pub password: Secret,
    pub source: CredentialSource,
}

/// A request's address as it is sent, and what goes along with it. It holds secrets, and `Debug` hides them.
#[derive(Clone)]
pub struct InFlight {
    address: Url,
    pub token: Option<(Token, CredentialSource)>,
    pub login: Option<Login>,
}

impl InFlight {
    /// The address with the token in it.
    pub fn expose(&self) -> &Url {
        &self.address
    }

    /// Where the credential comes from that decides what the server opens.
    pub fn source(&self) -> Option<&CredentialSource> {
        let of_token = self.token.as_ref().map(|(_, source)| source);
        of_token.or(self.login.as_ref().map(|login| &login.source))
    }
}

impl fmt::Debug for InFlight {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InFlight")
            .field("source", &self.source())
            .finish_non_exhaustive()
    }
}

/// An address with a secret, as it stands in the configuration.
struct Written {
    url: ChannelUrl,
    /// Without the secret, as the URL standard writes it; no slash at its end.
    public: String,
    source: CredentialSource,
}

impl Written {
    /// Whether an address below this one belongs to it. A channel has platforms below it; a further channel there is
    /// another one.
    fn speaks_of(&self, address: &str) -> bool {
        let is_base = matches!(
            self.source,
            CredentialSource::Written {
                key: Key::ChannelAlias | Key::CustomChannels,
                ..
            }
        );
        let below = address[self.public.len()..].trim_matches('/');
        let first = below.split('/').next().unwrap_or_default();
        is_base || first.is_empty() || subdir::is_known(first)
    }
}

/// Every credential that conda may send to channels, as it is on this machine at one moment.
pub struct ChannelCredentials {
    places: Places,
    written: Vec<Written>,
    token_files: Vec<TokenFile>,
    netrc: Option<Netrc>,
}

impl ChannelCredentials {
    /// Reads what is needed to answer for every address. Tokens are read when they are wanted.
    pub fn read(surroundings: &Surroundings, configuration: &Configuration) -> Self {
        let adds_tokens = configuration
            .explain(Key::AddAnacondaToken)
            .value
            .as_switch()
            .unwrap_or(true);
        let mut token_files = Vec::new();
        if adds_tokens {
            token_files = token_file::existing(surroundings);
            token_files.retain(|file| matches!(file.place, TokenPlace::Conda | TokenPlace::Conda2311));
        }
        Self {
            places: Places::read(configuration),
            written: written(configuration),
            token_files,
            netrc: Netrc::read(surroundings),
        }
    }

    /// What goes along with a request for `address`, which holds no secret itself.
    ///
    /// # Errors
    /// [`CondaError::TokenUnreadable`] and [`CondaError::TokenUnusable`] for the token file that applies.
    pub fn for_address(&self, address: &Url) -> Result<InFlight, CondaError> {
        let mut bare = address.clone();
        // A login is a matter of the configuration; one in the address would be sent by the HTTP client unasked.
        let _ = bare.set_username("");
        let _ = bare.set_password(None);
        let mut in_flight = InFlight {
            address: bare.clone(),
            token: None,
            login: None,
        };
        let written = self.written_for(&bare);
        if split_token(bare.path()).token.is_none_or(str::is_empty) {
            match written.and_then(|written| Some((written, written.url.token()?))) {
                Some((written, token)) => {
                    in_flight.address = self.with_written_token(&bare, written, token);
                    in_flight.token = Some((token.clone(), written.source.clone()));
                }
                None => {
                    if let Some((token, path)) = self.token_for(&bare)? {
                        in_flight.address = self.places.of(&bare).with_token(&bare, &token);
                        in_flight.token = Some((token, CredentialSource::TokenFile(path)));
                    }
                }
            }
        }
        in_flight.login = written
            .and_then(|written| login_of(&written.url, &written.source))
            .or_else(|| self.netrc.as_ref()?.login_for(bare.host_str()?));
        Ok(in_flight)
    }

    /// The written address that the request is for, or the nearest one above it.
    fn written_for(&self, address: &Url) -> Option<&Written> {
        let text = address.as_str();
        self.written
            .iter()
            .filter(|written| is_at_or_below(text, &written.public) && written.speaks_of(text))
            .max_by_key(|written| written.public.len())
    }

    /// The token stands where it is written; below a base such as `channel_alias`, behind the base.
    fn with_written_token(&self, address: &Url, written: &Written, token: &Token) -> Url {
        let base = match written.source {
            CredentialSource::Written {
                key: Key::ChannelAlias | Key::CustomChannels,
                ..
            } => self.places.of(address),
            _ => place::written_in(&written.url),
        };
        base.with_token(address, token)
    }

    /// The token of the key that says most about the address. conda takes any that applies.
    fn token_for(&self, address: &Url) -> Result<Option<(Token, PathBuf)>, CondaError> {
        let text = address.as_str();
        let mut applying: Vec<_> = self
            .token_files
            .iter()
            .filter(|file| !matching_keys(text, [file.key.as_str()]).is_empty())
            .filter(|file| ends_its_host(text, &file.key) || ends_its_host(text, &conda_form(&file.key)))
            .collect();
        // Stable: of equal keys, the one in the folder that conda reads first.
        applying.sort_by_key(|file| std::cmp::Reverse(file.key.len()));
        for file in applying {
            if let Some(token) = token_file::read(&file.path)? {
                return Ok(Some((token, file.path.clone())));
            }
        }
        Ok(None)
    }
}

/// Whether `key` is the beginning of `address` and says the whole host of it.
fn ends_its_host(address: &str, key: &str) -> bool {
    let Some(rest) = address.strip_prefix(key) else {
        return false;
    };
    let Some(host) = key.find("://").map(|at| at + 3) else {
        return false;
    };
    key[host..].contains('/') || rest.is_empty() || rest.starts_with('/')
}

fn is_at_or_below(address: &str, base: &str) -> bool {
    address
        .strip_prefix(base)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Every address of the configuration that carries a token or a login.
fn written(configuration: &Configuration) -> Vec<Written> {
    let keys = [
        Key::Channels,
        Key::DefaultChannels,
        Key::CustomMultichannels,
        Key::CustomChannels,
        Key::ChannelAlias,
    ];
    let mut all = Vec::new();
    for key in keys {
        let explanation = configuration.explain(key);
        for (name, text) in texts(&explanation.value) {
            let Ok(url) = ChannelUrl::parse(text.expose()) else {
                continue;
            };
            let public = url.public();
            let of_channel = match key {
                Key::CustomChannels => format!("{public}/{}", name.trim_matches('/')),
                Key::ChannelAlias => public,
                // The token of a channel is for all of its subdirs, also where the entry names one.
                _ => without_subdir(&public).to_owned(),
            };
            let Some(public) = Url::parse(&of_channel).ok().filter(|_| url.has_secret()) else {
                continue;
            };
            let holds = |value: &Value| {
                let value = configuration.in_effect(key, value);
                texts(&value)
                    .iter()
                    .any(|(_, other)| other.expose() == text.expose())
            };
            let origin = explanation
                .sources
                .iter()
                .rev()
                .find(|source| source.wins() && holds(&source.value))
                .map(|source| source.origin.clone());
            all.push(Written {
                url,
                public: public.as_str().trim_end_matches('/').to_owned(),
                source: CredentialSource::Written { key, origin },
            });
        }
    }
    all
}

fn without_subdir(address: &str) -> &str {
    match address.rsplit_once('/') {
        Some((channel, last)) if KNOWN.contains(&last) => channel,
        _ => address,
    }
}

/// Every text of a value, with the name it stands under in a map.
fn texts(value: &Value) -> Vec<(String, Secret)> {
    let text = value
        .as_text()
        .map(|text| (String::new(), Secret::new(text.expose())));
    let items = value
        .items()
        .iter()
        .map(|item| (String::new(), Secret::new(item.expose())));
    let entries = value.entries().iter().flat_map(|(name, value)| {
        texts(value)
            .into_iter()
            .map(move |(_, text)| (name.clone(), text))
    });
    text.into_iter().chain(items).chain(entries).collect()
}

/// `user:password@` of an address.
fn login_of(url: &ChannelUrl, source: &CredentialSource) -> Option<Login> {
    let (_, rest) = url.expose().split_once("://")?;
    let authority = rest.split('/').next()?;
    let (login, _) = authority.rsplit_once('@')?;
    let (user, password) = login.split_once(':').unwrap_or((login, ""));
    let decoded = |text: &str| Secret::new(percent_decode_str(text).decode_utf8_lossy());
    Some(Login {
        user: decoded(user),
        password: decoded(password),
        source: source.clone(),
    })
}

#[cfg(test)]
mod tests;
