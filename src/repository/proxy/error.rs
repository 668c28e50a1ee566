//! What can be wrong with a proxy.

use thiserror::Error;

use super::address::ProxyAddressError;
use crate::error::{Explain, Kind, Problem};

/// What is wrong with a proxy. Never holds its password.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ProxyError {
    #[error("the proxy in {source_name} cannot be used: {reason}")]
    Unusable {
        /// Where it is set.
        source_name: String,
        reason: ProxyAddressError,
    },
    /// Nobody gave a user name and password yet, or those given were refused and are not sent again.
    #[error("the proxy {proxy} wants a user name and a password")]
    AuthRequired { proxy: String },
    #[error("the proxy {proxy} does not accept this user name and password")]
    WrongPassword { proxy: String },
    /// It takes none of the ways to sign in that Sextant knows.
    #[error("the proxy {proxy} wants a sign-in by {}, which Sextant cannot do", wanted.join(" or "))]
    UnsupportedAuth { proxy: String, wanted: Vec<String> },
    #[error("the proxy {proxy} refused to connect to {target}: {answer}")]
    Refused {
        proxy: String,
        target: String,
        answer: String,
    },
}

impl ProxyError {
    /// The proxy for which a person should be asked for user name and password.
    pub fn asks_for_credentials(&self) -> Option<&str> {
        match self {
            Self::AuthRequired { proxy } | Self::WrongPassword { proxy } => Some(proxy),
            Self::Unusable { .. } | Self::UnsupportedAuth { .. } | Self::Refused { .. } => None,
        }
    }
}

impl Explain for ProxyError {
    fn explain(&self) -> Problem {
        let kind = match self {
            Self::AuthRequired { .. } | Self::WrongPassword { .. } | Self::UnsupportedAuth { .. } => {
                Kind::Auth
            }
            Self::Unusable { .. } | Self::Refused { .. } => Kind::Network,
        };
        let problem = Problem::new(kind, self.to_string());
        match self {
            Self::Unusable {
                reason: ProxyAddressError::Malformed,
                ..
            } => problem.remedy(
                "Correct it there; it looks like http://proxy.example.com:3128, and signs such as # or / in a password \
                 are written %23 and %2F",
            ),
            Self::Unusable { .. } => problem.remedy("Use an http:// or https:// proxy"),
            Self::AuthRequired { .. } => problem.remedy(
                "Give the user name and password of the proxy, which are often those of your computer; your network \
                 administrator knows them",
            ),
            Self::WrongPassword { .. } => {
                problem.remedy("Type them again; too many wrong ones may lock your account, so ask if you are not sure")
            }
            Self::UnsupportedAuth { .. } => problem
                .because("Sextant signs in to a proxy with a user name and a password (Basic) only")
                .remedy(
                    "Ask your network administrator for a proxy that takes Basic, or to let the server through without \
                     one (NO_PROXY); a helper on this computer such as px or cntlm can sign in for it",
                ),
            Self::Refused { .. } => problem
                .because("The proxy does not allow this address, or cannot reach it")
                .remedy("Ask your network administrator, or except the server from the proxy with NO_PROXY"),
        }
    }
}
