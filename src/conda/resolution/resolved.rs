//! A channel as conda sees it once its name or address is resolved.

use crate::conda::subdir::NOARCH;
use crate::secret::{Secret, Token};

use super::split::join;

/// One channel: where it is, and what conda calls it.
#[derive(Debug, Clone)]
pub struct ResolvedChannel {
    pub(super) scheme: String,
    /// `user` or `user:password`.
    pub(super) credentials: Option<Secret>,
    /// Host, port and the path up to where a token belongs.
    pub(super) location: String,
    pub(super) token: Option<Secret>,
    pub(super) name: String,
    /// The only platform that is searched, beside `noarch`.
    pub(super) subdir: Option<String>,
    pub(super) canonical_name: String,
}

impl ResolvedChannel {
    /// What conda shows beside its packages.
    pub fn canonical_name(&self) -> &str {
        &self.canonical_name
    }

    /// What follows the location: `team/sub`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The address without token, password, subdir and slashes at the end.
    pub fn url(&self) -> String {
        format!("{}://{}", self.scheme, join(&[&self.location, &self.name]))
    }

    /// Scheme and location, to which token and name are added.
    pub fn base(&self) -> String {
        format!("{}://{}", self.scheme, self.location)
    }

    pub fn scheme(&self) -> &str {
        &self.scheme
    }

    /// The subdir that the entry itself names.
    pub fn subdir(&self) -> Option<&str> {
        self.subdir.as_deref()
    }

    /// The subdirs that conda searches: the entry's own and `noarch`, or else all of `usual`.
    pub fn subdirs(&self, usual: &[String]) -> Vec<String> {
        match &self.subdir {
            Some(subdir) if subdir == NOARCH => vec![subdir.clone()],
            Some(subdir) => vec![subdir.clone(), NOARCH.to_owned()],
            None => usual.to_vec(),
        }
    }

    /// The token that conda's configuration gives the channel.
    pub fn token(&self) -> Option<Token> {
        Token::parse(self.token.as_ref()?.expose()).ok()
    }

    /// `user` or `user:password` that conda's configuration gives the channel.
    pub fn credentials(&self) -> Option<&Secret> {
        self.credentials.as_ref()
    }

    pub fn has_secret(&self) -> bool {
        self.token.is_some() || self.credentials.is_some()
    }

    /// The address as conda asks for it: with the credentials of its configuration, and with its token, or else `token`,
    /// between location and name.
    pub fn request_address(&self, token: Option<&Token>) -> Secret {
        let credentials = match &self.credentials {
            Some(credentials) => format!("{}@", credentials.expose()),
            None => String::new(),
        };
        let own = self.token.as_ref().map(Secret::expose);
        let path = match own.or(token.map(Token::expose)) {
            Some(token) => join(&[&self.location, "t", token, &self.name]),
            None => join(&[&self.location, &self.name]),
        };
        Secret::new(format!("{}://{credentials}{path}", self.scheme))
    }
}
