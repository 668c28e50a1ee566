//! The address of a server, reduced from whatever a person pastes to `scheme://host[:port]`.
//!
//! The host is kept as typed: an `api.` in front of it may well be part of its name (server reference, section 5.2,
//! tells how Navigator got this wrong).

mod paste;

use std::fmt;
use std::str::FromStr;

use thiserror::Error;
use url::{Host, Url};

use crate::error::{Explain, Kind, Problem};
use crate::secret::Token;

/// `scheme://host[:port]` of a server: http or https, lower case, IDN as punycode, no default port, no trailing slash.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Domain(String);

/// A domain and how it came out of the text that was pasted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parsed {
    pub domain: Domain,
    /// What was done to the text, in order; empty when it was a domain already.
    pub changes: Vec<Change>,
    /// The token of a pasted `/t/<token>/` address, when there was one that conda could use.
    pub token: Option<Token>,
}

/// One thing that was done to pasted text to make a domain of it. `Display` says it to a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Change {
    /// The address was found inside a command or a line of a file.
    TakenOut,
    /// There was no scheme; `https://` was put in front.
    SchemeAdded,
    /// A path, query or fragment was left out.
    PathDropped,
    /// The path held a token; it was left out with the path.
    TokenDropped,
    /// The host was written in upper case.
    LowerCased,
    /// The host has letters outside ASCII and is now written as the network writes it.
    Punycode,
    /// The port was the usual one of the scheme.
    DefaultPortDropped,
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TakenOut => "the address was taken out of the text around it",
            Self::SchemeAdded => "https:// was put in front",
            Self::PathDropped => "the path was left out",
            Self::TokenDropped => "the path was left out, and the token in it",
            Self::LowerCased => "the server name was written in lower case",
            Self::Punycode => "the server name was written as the network writes it",
            Self::DefaultPortDropped => "the usual port was left out",
        })
    }
}

/// Why a text is no domain. Holds nothing of the text but a single character or a scheme, since people paste secrets.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum DomainError {
    #[error("there is no address")]
    Empty,
    #[error("there is a space in the address")]
    Space,
    #[error("the text holds more than one server address")]
    Several,
    #[error("{scheme}:// is not the address of a web server")]
    WrongScheme { scheme: String },
    #[error("the address contains a user name or a password")]
    Credentials,
    #[error("there is no server name in the address")]
    NoHost,
    #[error("the port in the address is not a number from 1 to 65535")]
    BadPort,
    #[error("no server name contains {character:?}")]
    HostCharacter { character: char },
    #[error("the server name in the address is malformed")]
    MalformedHost,
}

impl Explain for DomainError {
    fn explain(&self) -> Problem {
        let problem = Problem::new(Kind::Usage, self.to_string());
        match self {
            Self::Empty => {
                problem.remedy("Type or paste the address of your server, such as https://repo.example.com")
            }
            Self::Space => problem.remedy("Remove the space, or paste the address alone"),
            Self::Several => problem.remedy("Paste the address of one server"),
            Self::WrongScheme { .. } => problem.remedy("Use an address that begins with https://"),
            Self::Credentials => problem
                .because("A name or password in an address ends up in files and logs")
                .remedy("Leave out everything up to the @; you sign in on the next page"),
            Self::NoHost => problem.remedy("Put the name of the server after https://"),
            Self::BadPort => problem.remedy("Correct the number after the colon, or leave both out"),
            Self::HostCharacter { .. } => {
                problem.remedy("Check the name for a slip of the pen, or for a placeholder left in it")
            }
            Self::MalformedHost => {
                problem.remedy("Check the server name; it looks like repo.example.com or 10.0.0.5")
            }
        }
    }
}

impl Domain {
    /// Reads a domain out of typed or pasted text; see [`Domain::parse_pasted`] for what it was made from.
    pub fn parse(text: &str) -> Result<Self, DomainError> {
        Self::parse_pasted(text).map(|parsed| parsed.domain)
    }

    /// Reads a domain out of `host`, `host:8443`, the address of an API, a web page or a channel (with or without a
    /// token), a `conda config` command, a line of a `.condarc`, or a `curl` command.
    ///
    /// # Errors
    /// [`DomainError`] says what is wrong with the text without repeating it.
    pub fn parse_pasted(text: &str) -> Result<Parsed, DomainError> {
        Self::parse_with_rest(text).map(|(parsed, _)| parsed)
    }

    /// [`Domain::parse_pasted`], and what stood behind the host: path, query and fragment.
    pub(super) fn parse_with_rest(text: &str) -> Result<(Parsed, &str), DomainError> {
        let found = paste::find_address(text)?;
        let mut changes = Vec::new();
        if found.taken_out {
            changes.push(Change::TakenOut);
        }
        if found.scheme.is_none() {
            changes.push(Change::SchemeAdded);
        }
        let scheme = found.scheme.unwrap_or(paste::Scheme::Https);
        let host = Authority::parse(found.authority, scheme)?;
        let token = token_in(found.rest);
        if token.is_some() {
            changes.push(Change::TokenDropped);
        } else if !found.rest.is_empty() {
            changes.push(Change::PathDropped);
        }
        changes.extend(host.changes);
        let parsed = Parsed {
            domain: Self(format!("{scheme}://{}", host.text)),
            changes,
            token,
        };
        Ok((parsed, found.rest))
    }

    /// The domain as it stands in files: `https://repo.example.com:8443`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The host without port, IPv6 in brackets.
    pub fn host(&self) -> &str {
        let host = self.host_and_port();
        match host.rfind(':') {
            Some(colon) if !host.ends_with(']') => &host[..colon],
            _ => host,
        }
    }

    /// `host[:port]`, the port only when it is not the usual one.
    pub fn host_and_port(&self) -> &str {
        self.0.split_once("://").map_or(self.0.as_str(), |(_, rest)| rest)
    }

    /// The port that is connected to.
    pub fn port(&self) -> u16 {
        let host = self.host_and_port();
        let usual = if self.is_plain_http() { 80 } else { 443 };
        host[self.host().len()..]
            .strip_prefix(':')
            .and_then(|port| port.parse().ok())
            .unwrap_or(usual)
    }

    /// Whether what is sent can be read by everyone on the way.
    pub fn is_plain_http(&self) -> bool {
        self.0.starts_with("http://")
    }

    /// The host's name with its own letters, for showing.
    pub fn display(&self) -> String {
        let (scheme, host) = self.0.split_once("://").unwrap_or(("https", &self.0));
        let (unicode, result) = idna::domain_to_unicode(self.host());
        match result {
            Ok(()) if !self.host().starts_with('[') => {
                format!("{scheme}://{unicode}{}", &host[self.host().len()..])
            }
            _ => self.0.clone(),
        }
    }

    /// `<domain>/api/<path>`, each segment percent-encoded (server reference, section 1).
    pub fn api(&self, path: &[&str]) -> Result<Url, DomainError> {
        let mut url = Url::parse(&self.0).map_err(|_| DomainError::MalformedHost)?;
        url.path_segments_mut()
            .map_err(|()| DomainError::MalformedHost)?
            .pop_if_empty()
            .push("api")
            .extend(path);
        Ok(url)
    }

    /// `<domain>/api/repo`, what conda's `channel_alias` must be (server reference, section 1.11).
    pub fn channel_alias(&self) -> String {
        format!("{}/api/repo", self.0)
    }
}

impl fmt::Display for Domain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Domain {
    type Err = DomainError;

    fn from_str(text: &str) -> Result<Self, DomainError> {
        Self::parse(text)
    }
}

/// `host[:port]` in its normal form, and what was done to get there.
struct Authority {
    text: String,
    changes: Vec<Change>,
}

impl Authority {
    fn parse(typed: &str, scheme: paste::Scheme) -> Result<Self, DomainError> {
        let (host, port) = split_port(typed)?;
        if host.is_empty() {
            return Err(DomainError::NoHost);
        }
        let normal = normal_host(host)?;
        let mut changes = Vec::new();
        if !host.is_ascii() {
            changes.push(Change::Punycode);
        } else if host.bytes().any(|b| b.is_ascii_uppercase()) {
            changes.push(Change::LowerCased);
        }
        let text = match port {
            Some(port) if port == scheme.usual_port() => {
                changes.push(Change::DefaultPortDropped);
                normal
            }
            Some(port) => format!("{normal}:{port}"),
            None => normal,
        };
        Ok(Self { text, changes })
    }
}

/// `host` and the port after it; `host:` counts as no port.
fn split_port(authority: &str) -> Result<(&str, Option<u16>), DomainError> {
    let (host, port) = match authority.rfind(':') {
        Some(colon) if !authority.ends_with(']') => (&authority[..colon], &authority[colon + 1..]),
        _ => (authority, ""),
    };
    if port.is_empty() {
        return Ok((host, None));
    }
    if !port.bytes().all(|b| b.is_ascii_digit()) {
        return Err(DomainError::BadPort);
    }
    match port.parse() {
        Ok(0) | Err(_) => Err(DomainError::BadPort),
        Ok(port) => Ok((host, Some(port))),
    }
}

fn normal_host(host: &str) -> Result<String, DomainError> {
    if host.starts_with('[') {
        return match Host::parse(host) {
            Ok(address @ Host::Ipv6(_)) => Ok(address.to_string()),
            _ => Err(DomainError::MalformedHost),
        };
    }
    if let Some(character) = host.chars().find(|c| c.is_ascii() && !may_be_in_host(*c)) {
        return Err(DomainError::HostCharacter { character });
    }
    match Host::parse(host) {
        // A number such as `8443` or `127.1` is an IPv4 address by the letter of the standard, but nobody means it so.
        Ok(Host::Ipv4(address)) if address.to_string() == host => Ok(host.to_owned()),
        Ok(Host::Domain(name)) if is_well_formed(&name) => Ok(name),
        _ => Err(DomainError::MalformedHost),
    }
}

fn may_be_in_host(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '-' | '_' | '.')
}

/// The lengths that DNS allows, and no empty label but the last.
fn is_well_formed(name: &str) -> bool {
    let relative = name.strip_suffix('.').unwrap_or(name);
    relative.len() <= 253
        && name.chars().all(may_be_in_host)
        && relative
            .split('.')
            .all(|label| !label.is_empty() && label.len() <= 63)
}

/// The token of `/t/<token>/` in what follows the host.
fn token_in(rest: &str) -> Option<Token> {
    let start = rest.find("/t/")? + 3;
    let token = rest[start..].split(['/', '?', '#']).next()?;
    Token::parse(token).ok()
}
