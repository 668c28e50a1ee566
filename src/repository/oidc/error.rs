//! Why a sign-in with OpenID Connect failed.

use std::fmt;
use std::time::Duration;

use thiserror::Error;

use crate::error::{Explain, Kind, Problem};
use crate::repository::RepositoryError;

/// A failed sign-in. What a provider said is short, printable and masked.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum OidcError {
    /// The network, TLS, or an answer that is none.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
    #[error("{site} offers no single sign-on")]
    NoSingleSignOn { site: String },
    /// The server would have people sign in at a host of another name. Nothing was sent there.
    #[error("{domain} sends you to another site to sign in: {site}")]
    OtherSite {
        domain: String,
        /// The host of that site, as [`Provider::of_server_through`](super::Provider::of_server_through) takes it.
        site: String,
    },
    #[error("{address} does not describe a sign-in that can be used: {flaw}")]
    DiscoveryBroken { address: String, flaw: DiscoveryFlaw },
    #[error("port {port} of this computer, which the sign-in needs, is in use by another program")]
    PortTaken { port: u16, device_code_offered: bool },
    #[error("Sextant cannot wait for the answer of the browser on this computer")]
    NoListener {
        detail: String,
        device_code_offered: bool,
    },
    /// By the person or by the rules of the organisation: a provider does not tell which.
    #[error("the sign-in was declined")]
    Denied { said: Option<String> },
    /// An answer to a sign-in that is not this one.
    #[error("the browser brought an answer that does not belong to this sign-in")]
    WrongState,
    /// An answer of another provider than the one that was asked (RFC 9207).
    #[error("the answer came from another sign-in site than the one that was asked")]
    WrongIssuer,
    #[error("the identity that the sign-in site confirmed does not belong to this sign-in")]
    WrongNonce,
    #[error("the sign-in site did not accept the code that it gave out")]
    CodeRefused { said: Option<String> },
    /// The provider does not know Sextant's client, its redirect address or what it asks for.
    #[error("the sign-in site is not set up for this kind of sign-in ({code})")]
    ClientRefused { code: String, said: Option<String> },
    #[error("the sign-in site cannot sign anyone in at the moment ({code})")]
    Unavailable { code: String, said: Option<String> },
    /// Any other error of a provider.
    #[error("the sign-in site refused the sign-in ({code})")]
    Refused { code: String, said: Option<String> },
    #[error("the sign-in took longer than {}", spoken(*limit))]
    TimedOut { limit: Duration },
    #[error("{site} offers no sign-in with a device code")]
    NoDeviceCode { site: String },
    #[error("the device code expired before the sign-in was finished")]
    DeviceCodeExpired,
    #[error("the sign-in could not be prepared: {detail}")]
    Internal { detail: String },
}

/// What is wrong with a provider's description of itself.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum DiscoveryFlaw {
    #[error("it answered with status {0}")]
    Status(u16),
    #[error("it is not JSON")]
    NotJson,
    #[error("{0} is missing")]
    Missing(&'static str),
    #[error("{0} is no web address")]
    NoAddress(&'static str),
    /// The description came over https, but what it names would not be.
    #[error("{0} is not protected by https")]
    Unprotected(&'static str),
}

/// A duration as a person says it: `5 minutes`, `90 seconds`.
struct Spoken(Duration);

fn spoken(duration: Duration) -> Spoken {
    Spoken(duration)
}

impl fmt::Display for Spoken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (number, unit) = match self.0.as_secs() {
            seconds if seconds >= 60 && seconds.is_multiple_of(60) => (seconds / 60, "minute"),
            seconds => (seconds, "second"),
        };
        write!(f, "{number} {unit}{}", if number == 1 { "" } else { "s" })
    }
}

impl OidcError {
    fn kind(&self) -> Kind {
        match self {
            Self::Repository(error) => error.explain().kind,
            Self::NoListener { .. } | Self::Unavailable { .. } => Kind::Network,
            Self::DiscoveryBroken { .. } => Kind::NotAServer,
            Self::PortTaken { .. } => Kind::Conflict,
            Self::Internal { .. } => Kind::Internal,
            Self::NoSingleSignOn { .. }
            | Self::OtherSite { .. }
            | Self::Denied { .. }
            | Self::WrongState
            | Self::WrongIssuer
            | Self::WrongNonce
            | Self::CodeRefused { .. }
            | Self::ClientRefused { .. }
            | Self::Refused { .. }
            | Self::TimedOut { .. }
            | Self::NoDeviceCode { .. }
            | Self::DeviceCodeExpired => Kind::Auth,
        }
    }

    fn cause(&self) -> Option<String> {
        match self {
            Self::Denied { said }
            | Self::CodeRefused { said }
            | Self::ClientRefused { said, .. }
            | Self::Unavailable { said, .. }
            | Self::Refused { said, .. } => said.as_ref().map(|said| format!("The sign-in site said: {said}")),
            Self::OtherSite { domain, site } => Some(format!(
                "Nothing was sent there; what you get by signing in at {site} would be shown to {domain}"
            )),
            Self::NoListener { detail, .. } => Some(detail.clone()),
            Self::WrongState => Some(
                "It came from an older browser tab, or from somebody who wants you signed in as somebody else; \
                 it was not used"
                    .to_owned(),
            ),
            Self::WrongIssuer | Self::WrongNonce => {
                Some("Somebody may have tried to pass off another sign-in as yours; it was not used".to_owned())
            }
            _ => None,
        }
    }

    fn remedy(&self) -> Option<String> {
        let text = match self {
            Self::NoSingleSignOn { .. } => "Sign in with your user name and password, or use a token",
            Self::OtherSite { site, .. } => {
                return Some(format!(
                    "Go on only if {site} is where your organisation signs in; otherwise ask your administrator"
                ));
            }
            Self::DiscoveryBroken { .. } => {
                "Tell the administrator of the server; until then sign in with a password or use a token"
            }
            Self::PortTaken {
                port,
                device_code_offered,
            } => {
                let instead = if *device_code_offered {
                    ", or use the device code instead"
                } else {
                    ""
                };
                return Some(format!(
                    "Close the program that uses port {port} and try again{instead}"
                ));
            }
            Self::NoListener {
                device_code_offered: true,
                ..
            } => "Use the device code instead",
            Self::NoListener { .. } => {
                "Check whether security software forbids it, or use a password or a token"
            }
            Self::Denied { .. } => {
                "Sign in again; if you did not decline it yourself, ask your administrator for access"
            }
            Self::WrongState => "Close the older sign-in tabs of your browser and sign in again",
            Self::WrongIssuer | Self::WrongNonce => {
                "Sign in again; if it stays so, tell the administrator of the server"
            }
            Self::CodeRefused { .. } => "Sign in again; codes are good for a short time and only once",
            Self::ClientRefused { .. } => {
                "Ask the administrator of the server to allow it; until then use a password or a token"
            }
            Self::Unavailable { .. } => "Try again later, or tell the administrator of the server",
            Self::Refused { .. } => "Sign in again; if it stays so, ask the administrator of the server",
            Self::TimedOut { .. } => "Start the sign-in again and finish it in the browser",
            Self::NoDeviceCode { .. } => "Sign in with the browser, or use a token",
            Self::DeviceCodeExpired => "Start again for a new code",
            Self::Internal { .. } => "This is a defect of Sextant; please report it",
            Self::Repository(_) => return None,
        };
        Some(text.to_owned())
    }
}

impl Explain for OidcError {
    fn explain(&self) -> Problem {
        match self {
            Self::Repository(error) => error.explain(),
            _ => Problem {
                kind: self.kind(),
                message: self.to_string(),
                cause: self.cause(),
                remedy: self.remedy(),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn every() -> Vec<OidcError> {
        let (site, said, code) = (
            || "sso.example.com".to_owned(),
            || Some("words".to_owned()),
            || "code".to_owned(),
        );
        vec![
            OidcError::NoSingleSignOn { site: site() },
            OidcError::OtherSite {
                domain: "https://repo.example.com".to_owned(),
                site: site(),
            },
            OidcError::DiscoveryBroken {
                address: site(),
                flaw: DiscoveryFlaw::Missing("token_endpoint"),
            },
            OidcError::PortTaken {
                port: 8000,
                device_code_offered: true,
            },
            OidcError::NoListener {
                detail: code(),
                device_code_offered: false,
            },
            OidcError::Denied { said: said() },
            OidcError::WrongState,
            OidcError::WrongIssuer,
            OidcError::WrongNonce,
            OidcError::CodeRefused { said: said() },
            OidcError::ClientRefused {
                code: code(),
                said: said(),
            },
            OidcError::Unavailable {
                code: code(),
                said: said(),
            },
            OidcError::Refused {
                code: code(),
                said: said(),
            },
            OidcError::TimedOut {
                limit: Duration::from_secs(300),
            },
            OidcError::NoDeviceCode { site: site() },
            OidcError::DeviceCodeExpired,
            OidcError::Internal { detail: code() },
        ]
    }

    #[test]
    fn every_failure_says_what_to_do() {
        let mut messages = Vec::new();
        for error in every() {
            let problem = error.explain();
            assert!(problem.remedy.is_some(), "{error:?}");
            assert!(!problem.message.ends_with('.'), "{error:?}");
            messages.push(problem.message);
        }
        let count = messages.len();
        messages.sort();
        messages.dedup();
        assert_eq!(messages.len(), count, "two failures read the same");
    }

    #[test]
    fn what_the_provider_said_is_the_cause() {
        for error in every() {
            if format!("{error:?}").contains("said: Some") {
                let cause = error.explain().cause.unwrap();
                assert_eq!(cause, "The sign-in site said: words", "{error:?}");
            }
        }
    }

    #[test]
    fn a_taken_port_is_named_and_the_device_code_offered_where_there_is_one() {
        let remedy = |device_code_offered| {
            let error = OidcError::PortTaken {
                port: 8000,
                device_code_offered,
            };
            error.explain().remedy.unwrap()
        };
        assert_eq!(
            remedy(true),
            "Close the program that uses port 8000 and try again, or use the device code instead"
        );
        assert_eq!(
            remedy(false),
            "Close the program that uses port 8000 and try again"
        );
    }

    #[test]
    fn a_limit_reads_as_a_person_says_it() {
        for (seconds, text) in [
            (300, "5 minutes"),
            (60, "1 minute"),
            (90, "90 seconds"),
            (1, "1 second"),
            (0, "0 seconds"),
        ] {
            assert_eq!(spoken(Duration::from_secs(seconds)).to_string(), text);
        }
    }

    #[test]
    fn a_network_failure_explains_itself() {
        let network = RepositoryError::Refused {
            address: "https://h".to_owned(),
        };
        assert_eq!(OidcError::from(network.clone()).explain(), network.explain());
    }
}
