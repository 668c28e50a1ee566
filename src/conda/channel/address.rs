//! The addresses of channels, with what conda takes for a token in them.

use std::fmt;

use thiserror::Error;

use super::ChannelName;
use crate::secret::{self, Secret, Token};

/// An address taken apart by conda's rule for tokens.
pub(in crate::conda) struct SplitToken<'u> {
    /// The address without `/t/<token>` and without slashes at its end.
    pub clean: String,
    /// What conda takes for the token; empty for `/t//`.
    pub token: Option<&'u str>,
}

/// Takes `/t/<token>` out of an address as conda does: the first occurrence anywhere, and as much of what
/// follows as is letters, digits and `-` (server reference, section 3.5).
pub(in crate::conda) fn split_token(url: &str) -> SplitToken<'_> {
    let Some(at) = url.find("/t/") else {
        return SplitToken {
            clean: url.trim_end_matches('/').to_owned(),
            token: None,
        };
    };
    let rest = &url[at + 3..];
    let length = rest
        .bytes()
        .take_while(|b| b.is_ascii_alphanumeric() || *b == b'-')
        .count();
    let clean = format!("{}{}", &url[..at], &rest[length..]);
    SplitToken {
        clean: clean.trim_end_matches('/').to_owned(),
        token: Some(&rest[..length]),
    }
}

/// Why a text is no address of a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum InvalidChannelUrl {
    #[error("the address has no scheme such as https://")]
    NoScheme,
    #[error("the address names no host")]
    NoHost,
    #[error("the address contains a space or a control character")]
    Space,
}

/// The address of a channel or the value of `channel_alias`. `Debug` and `Display` mask a token and
/// `user:password@` in it.
#[derive(Clone)]
pub struct ChannelUrl {
    written: Secret,
    scheme: String,
    /// `user:password` before the host.
    credentials: Option<Secret>,
    token: Option<Token>,
    /// Host, port and path, without credentials, token, and slashes at the end.
    location: String,
}

impl ChannelUrl {
    /// Accepts any scheme that conda accepts (`file://` too). Variables (`$NAME`) stay as they are written.
    pub fn parse(text: &str) -> Result<Self, InvalidChannelUrl> {
        if text.chars().any(|c| c.is_whitespace() || c.is_control()) {
            return Err(InvalidChannelUrl::Space);
        }
        let scheme = scheme(text).ok_or(InvalidChannelUrl::NoScheme)?;
        let split = split_token(text);
        let rest = split.clean.get(scheme.len() + 3..).unwrap_or_default();
        let authority = rest.split('/').next().unwrap_or_default();
        let (credentials, location) = match authority.rfind('@') {
            Some(at) => (Some(Secret::new(&rest[..at])), &rest[at + 1..]),
            None => (None, rest),
        };
        if (location.is_empty() || location.starts_with('/')) && scheme != "file" {
            return Err(InvalidChannelUrl::NoHost);
        }
        Ok(Self {
            written: Secret::new(text),
            scheme: scheme.to_owned(),
            credentials,
            token: split.token.and_then(|token| Token::parse(token).ok()),
            location: location.to_owned(),
        })
    }

    /// The address as it is written, with whatever secret it holds.
    pub fn expose(&self) -> &str {
        self.written.expose()
    }

    /// The token of `/t/<token>`, as conda reads it.
    pub fn token(&self) -> Option<&Token> {
        self.token.as_ref()
    }

    pub fn has_secret(&self) -> bool {
        self.token.is_some() || self.credentials.is_some()
    }

    pub fn scheme(&self) -> &str {
        &self.scheme
    }

    /// Host, port and path, without credentials, token, and slashes at the end.
    pub fn location(&self) -> &str {
        &self.location
    }

    /// The address without token, `user:password@`, and slashes at the end: safe to show and to compare.
    pub fn public(&self) -> String {
        format!("{}://{}", self.scheme, self.location)
    }

    /// The address of a channel for which this is the `channel_alias`: `<alias>/<name>`. No part of either is
    /// lost, and the alias's credentials stay where conda puts them, `<alias>/t/<token>/<name>`.
    pub fn channel(&self, name: &ChannelName) -> Self {
        let location = format!("{}/{name}", self.location);
        let credentials = self
            .credentials
            .as_ref()
            .map(|c| format!("{}@", c.expose()))
            .unwrap_or_default();
        let token = self
            .token
            .as_ref()
            .map(|t| format!("/t/{}", t.expose()))
            .unwrap_or_default();
        Self {
            written: Secret::new(format!(
                "{}://{credentials}{}{token}/{name}",
                self.scheme, self.location
            )),
            location,
            ..self.clone()
        }
    }
}

impl PartialEq for ChannelUrl {
    fn eq(&self, other: &Self) -> bool {
        self.expose() == other.expose()
    }
}

impl Eq for ChannelUrl {}

impl fmt::Display for ChannelUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&secret::mask_text(self.expose()))
    }
}

impl fmt::Debug for ChannelUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The scheme of a text that conda takes for an address: a letter, up to eleven letters and digits, `://`.
pub(in crate::conda) fn scheme(text: &str) -> Option<&str> {
    let scheme = &text[..text.find("://")?];
    let valid = scheme.len() <= 12
        && scheme.starts_with(|c: char| c.is_ascii_lowercase())
        && scheme
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
    valid.then_some(scheme)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conda::channel::ChannelEntry;

    #[test]
    fn tokens_are_split_off_as_conda_splits_them() {
        for (url, clean, token) in [
            (
                "https://1.2.3.4/t/tk-123-456/path",
                "https://1.2.3.4/path",
                Some("tk-123-456"),
            ),
            ("https://1.2.3.4/t//path", "https://1.2.3.4/path", Some("")),
            (
                "https://some.domain/api/t/tk-1/path",
                "https://some.domain/api/path",
                Some("tk-1"),
            ),
            ("https://1.2.3.4/path/", "https://1.2.3.4/path", None),
            (
                "https://10.2.3.4:8080/conda/t/tk-1",
                "https://10.2.3.4:8080/conda",
                Some("tk-1"),
            ),
            // conda stops at the underscore and damages the rest.
            ("https://h/t/ab_cd/main", "https://h_cd/main", Some("ab")),
            ("https://h/t/a/t/b/x", "https://h/t/b/x", Some("a")),
        ] {
            let split = split_token(url);
            assert_eq!((split.clean.as_str(), split.token), (clean, token), "{url}");
        }
    }

    #[test]
    fn an_address_shows_no_secret_and_gives_it_back_unchanged() {
        let text = "https://ana:pw@psm.example.com:8443/api/repo/t/abc123/main/";
        let url = ChannelUrl::parse(text).unwrap();
        assert_eq!(url.expose(), text);
        assert_eq!(url.public(), "https://psm.example.com:8443/api/repo/main");
        assert_eq!(url.token().unwrap().expose(), "abc123");
        assert!(url.has_secret());
        let shown = format!("{url} {url:?} {}", ChannelEntry::from_text(text));
        assert!(!shown.contains("abc123") && !shown.contains("pw"), "{shown}");
        assert!(shown.contains("psm.example.com:8443/api/repo/t/"), "{shown}");
    }

    #[test]
    fn only_addresses_are_addresses() {
        for (text, error) in [
            ("main", InvalidChannelUrl::NoScheme),
            ("HTTPS://h", InvalidChannelUrl::NoScheme),
            ("psm.example.com/api", InvalidChannelUrl::NoScheme),
            ("https://", InvalidChannelUrl::NoHost),
            ("https:///x", InvalidChannelUrl::NoHost),
            ("https://h/a b", InvalidChannelUrl::Space),
        ] {
            assert_eq!(ChannelUrl::parse(text).unwrap_err(), error, "{text}");
        }
        assert_eq!(
            ChannelUrl::parse("file:///opt/channel").unwrap().public(),
            "file:///opt/channel"
        );
    }

    #[test]
    fn a_name_goes_behind_the_whole_alias() {
        for (alias, name, address) in [
            ("https://h/api/repo", "main", "https://h/api/repo/main"),
            ("https://h/api/repo/", "team/sub", "https://h/api/repo/team/sub"),
            (
                "http://h:8080/conda",
                "org/label/dev",
                "http://h:8080/conda/org/label/dev",
            ),
            ("https://h", "main", "https://h/main"),
            ("https://h/conda/t/tok-1", "main", "https://h/conda/t/tok-1/main"),
            ("https://h/t/tok-1/conda", "main", "https://h/conda/t/tok-1/main"),
            ("https://u:p@h/conda", "main", "https://u:p@h/conda/main"),
        ] {
            let channel = ChannelUrl::parse(alias)
                .unwrap()
                .channel(&ChannelName::parse(name).unwrap());
            assert_eq!(channel.expose(), address, "{alias}");
            assert_eq!(channel, ChannelUrl::parse(address).unwrap());
            assert_eq!(channel.public(), ChannelUrl::parse(address).unwrap().public());
        }
    }
}
