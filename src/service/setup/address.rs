//! The address of a package index, and what one shows to be let in.

use std::fmt;

use url::Url;

use super::SetupError;
use crate::secret::{Secret, Token, find_in_text};

/// The address of an index without any secret: `https://repo.example.com/pypi/NAME/simple`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndexAddress {
    url: Url,
    text: String,
}

/// What one shows to be let in. pip and uv know two ways (pip's documentation, "Authentication"): a name and password,
/// which they find in `.netrc` without any add-on, and whatever stands in the address itself. A token of an Anaconda
/// Repository is of the second kind: it is part of the path (seed 004, "Using a token").
#[derive(Debug, Clone)]
pub enum IndexLogin {
    /// Into the address, and so into the file.
    Token(Token),
    /// Into `.netrc`; the file of the program stays without.
    Password { user: String, password: Secret },
}

impl IndexAddress {
    /// Errors: [`SetupError::NotAnIndex`], [`SetupError::SecretInAddress`].
    pub fn parse(text: &str) -> Result<Self, SetupError> {
        let text = text.trim();
        let url = Url::parse(text).map_err(|_| SetupError::NotAnIndex)?;
        if !find_in_text(text).is_empty() || !url.username().is_empty() || url.password().is_some() {
            return Err(SetupError::SecretInAddress);
        }
        let is_plain = text.chars().all(|c| c.is_ascii_graphic());
        let is_web = matches!(url.scheme(), "http" | "https") && url.host_str().is_some();
        if !is_web || !is_plain || matches!(url.path(), "" | "/") {
            return Err(SetupError::NotAnIndex);
        }
        Ok(Self {
            url,
            text: text.to_owned(),
        })
    }

    pub fn as_str(&self) -> &str {
        &self.text
    }

    pub fn host(&self) -> &str {
        self.url.host_str().unwrap_or_default()
    }

    /// The host, and the port where one is named: what `trusted-host` must be. A port that is not named is none for pip,
    /// although it is the usual one.
    pub fn host_and_port(&self) -> String {
        match self.url.port() {
            Some(port) => format!("{}:{port}", self.host()),
            None => self.host().to_owned(),
        }
    }

    /// Whether pip needs to be told that it may go there: the connection is not encrypted, and leaves this computer.
    pub fn needs_trusted_host(&self) -> bool {
        let is_here = match self.url.host() {
            Some(url::Host::Domain(name)) => name == "localhost",
            Some(url::Host::Ipv4(address)) => address.is_loopback(),
            Some(url::Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        };
        self.url.scheme() == "http" && !is_here
    }

    pub fn is_plain_http(&self) -> bool {
        self.url.scheme() == "http"
    }

    /// Whether it looks like the index of an account: `…/simple`.
    pub fn looks_like_an_index(&self) -> bool {
        self.url.path().trim_end_matches('/').ends_with("/simple")
    }

    /// The address with the token in front of its path, as every address of a repository can have it (seed 004).
    pub(super) fn with_token(&self, token: &Token) -> Secret {
        let path_at = self
            .text
            .find("://")
            .and_then(|scheme| Some(scheme + 3 + self.text[scheme + 3..].find('/')?))
            .unwrap_or(self.text.len());
        let (origin, path) = self.text.split_at(path_at);
        Secret::new(format!("{origin}/t/{}{path}", token.expose()))
    }

    /// The address as it stands in the file.
    pub(super) fn written(&self, login: Option<&IndexLogin>) -> Secret {
        match login {
            Some(IndexLogin::Token(token)) => self.with_token(token),
            Some(IndexLogin::Password { .. }) | None => Secret::new(self.as_str()),
        }
    }
}

impl fmt::Display for IndexAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_whole_and_holds_no_secret() {
        let error = |text: &str| IndexAddress::parse(text).unwrap_err();
        for text in [
            "",
            "repo.corp",
            "ftp://h/simple",
            "https://h",
            "https://h/",
            "https://h/a b",
        ] {
            assert_eq!(error(text), SetupError::NotAnIndex, "{text}");
        }
        for text in [
            "https://u:p@h/simple",
            "https://u@h/simple",
            "https://h/t/tk-1/pypi/o/simple",
        ] {
            assert_eq!(error(text), SetupError::SecretInAddress, "{text}");
        }
    }

    #[test]
    fn trust_is_needed_where_nothing_is_encrypted_and_the_way_is_long() {
        let of = |text: &str| {
            let address = IndexAddress::parse(text).unwrap();
            (address.needs_trusted_host(), address.host_and_port())
        };
        assert_eq!(
            of("http://repo.corp:8080/pypi/j/simple"),
            (true, "repo.corp:8080".into())
        );
        assert_eq!(of("http://repo.corp/pypi/j/simple"), (true, "repo.corp".into()));
        assert_eq!(
            of("https://repo.corp:8443/simple"),
            (false, "repo.corp:8443".into())
        );
        assert_eq!(of("http://127.0.0.1:1/simple"), (false, "127.0.0.1:1".into()));
        assert_eq!(of("http://[::1]:1/simple"), (false, "[::1]:1".into()));
    }

    #[test]
    fn a_token_stands_in_front_of_the_path() {
        let address = IndexAddress::parse("http://h:8080/pypi/o/simple/").unwrap();
        let with = address.with_token(&Token::parse("tk-1").unwrap());
        assert_eq!(with.expose(), "http://h:8080/t/tk-1/pypi/o/simple/");
    }
}
