//! What can go wrong between this computer and a repository server.

use std::fmt;

use thiserror::Error;

use super::kerberos::KerberosError;
use super::product::Product;
use super::proxy::ProxyError;
use super::tls::{CaError, TlsFailure};
use crate::error::{Explain, Kind, Problem};
use crate::secret::InvalidToken;

/// A failed call. Addresses in it have no query and no secrets; what the server said is short, printable and masked.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum RepositoryError {
    #[error("the name {host} is not known to this computer's name service")]
    UnknownName { host: String, detail: String },
    #[error("{address} refused the connection")]
    Refused { address: String },
    #[error("{address} cannot be reached from this computer")]
    Unreachable { address: String },
    /// It was found out before, so nothing was sent.
    #[error("this computer has no network")]
    NoNetwork,
    #[error("{address} did not answer in time ({wait})")]
    TimedOut { address: String, wait: Wait },
    #[error("the connection to {address} broke off")]
    BrokenOff { address: String, detail: String },
    #[error(transparent)]
    Proxy(#[from] ProxyError),
    #[error(transparent)]
    Tls(Box<TlsFailure>),
    #[error(transparent)]
    Ca(#[from] CaError),
    /// The login was refused.
    #[error("{domain} does not accept this user name and password")]
    WrongPassword { domain: String },
    /// A call with a session was refused.
    #[error("the session on {domain} is no longer valid")]
    SessionExpired { domain: String },
    /// A call with a user token was refused.
    #[error("{domain} no longer accepts the token")]
    TokenNotAccepted { domain: String },
    /// An organisation's token was refused.
    #[error("{host} does not accept this token")]
    CloudTokenRefused {
        host: String,
        status: u16,
        /// How many characters the token has.
        length: usize,
    },
    /// A call without credentials was refused.
    #[error("{domain} wants a sign-in before it answers")]
    SignInRequired { domain: String },
    #[error("{domain} does not allow this account to {doing}")]
    Forbidden {
        domain: String,
        doing: &'static str,
        said: Option<String>,
    },
    #[error("{address} does not exist on the server")]
    NotFound { address: String, doing: &'static str },
    #[error("the server could not {doing}: it contradicts what is there already")]
    Conflict {
        doing: &'static str,
        said: Option<String>,
    },
    /// Any other refusal.
    #[error("the server answered {status} to the request to {doing}")]
    Rejected {
        status: u16,
        doing: &'static str,
        said: Option<String>,
    },
    #[error("the server answered {status} to the request to {doing}")]
    ServerFailed {
        status: u16,
        doing: &'static str,
        said: Option<String>,
    },
    /// The server sent us elsewhere. It was not followed, since credentials must not go where they were not meant for.
    #[error("{from} sent us to {to}")]
    Redirected { from: String, to: String },
    #[error("{address} is not an Anaconda Server: {answered}")]
    NotAServer { address: String, answered: Answered },
    #[error("{address} is not an Anaconda Repository: {answered}")]
    NotARepository { address: String, answered: Answered },
    /// Another product answers, which can be gone to instead: `address` is what a person would type for it.
    #[error("{address} is {found}, not {expected}")]
    OtherProduct {
        address: String,
        expected: Product,
        found: Product,
    },
    #[error("the answer of {address} is larger than {} MiB", limit / (1024 * 1024))]
    TooLarge { address: String, limit: usize },
    #[error("{address} answered with something other than {expected}")]
    NotJson {
        address: String,
        expected: &'static str,
        excerpt: String,
    },
    #[error("the answer of {address} lacks {field}, so it is not {expected}")]
    MissingField {
        address: String,
        expected: &'static str,
        field: &'static str,
    },
    /// The server made a token that conda could not use. It exists on the server under `id` until it is revoked.
    #[error("the server made a token that conda cannot use: {reason}")]
    UnusableToken { id: String, reason: InvalidToken },
    /// The same of a repository, whose tokens are known by name.
    #[error("the server made a token that conda cannot use: {reason}")]
    TokenNotForConda {
        name: String,
        reason: InvalidToken,
        leftover: Leftover,
    },
    #[error("the server has a token called \"{name}\" already")]
    TokenNameTaken { name: String, said: Option<String> },
    #[error(transparent)]
    Kerberos(#[from] KerberosError),
    /// The file that was to be sent.
    #[error("{path} cannot be read")]
    FileUnreadable { path: String, detail: String },
    #[error("{path} was changed while it was sent")]
    FileChanged { path: String },
    /// A file is refused for what it is or takes.
    #[error("{domain} does not take the file: {refusal}")]
    FileRefused {
        domain: String,
        refusal: FileRefusal,
        said: Option<String>,
    },
    /// The file would go elsewhere without encryption, although the server itself is reached with it.
    #[error("{domain} wants the file sent to {to}, unencrypted")]
    UnencryptedStorage { domain: String, to: String },
    #[error("the connection could not be prepared: {detail}")]
    Internal { detail: String },
}

/// Why a server does not take a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileRefusal {
    /// 413.
    TooLarge,
    /// 402 and 507: the account, or the server, has no room for it.
    NoRoom,
    /// What arrived is not what was announced.
    Digest,
}

impl FileRefusal {
    /// What a status of an upload means, where it means something that other calls do not have.
    pub(super) fn of_status(status: u16) -> Option<Self> {
        match status {
            413 => Some(Self::TooLarge),
            402 | 507 => Some(Self::NoRoom),
            _ => None,
        }
    }
}

impl fmt::Display for FileRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TooLarge => "it is too large",
            Self::NoRoom => "the account has no room for it",
            Self::Digest => "what arrived is not what was sent",
        })
    }
}

/// What became of a token that was made and cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leftover {
    Revoked,
    /// It could not be revoked, and is still on the server.
    OnServer,
}

/// What was waited for when the time was up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wait {
    Name,
    Connection,
    Proxy,
    Tls,
    Answer,
}

impl fmt::Display for Wait {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Name => "looking up the name",
            Self::Connection => "connecting",
            Self::Proxy => "waiting for the proxy",
            Self::Tls => "securing the connection",
            Self::Answer => "waiting for the answer",
        })
    }
}

/// What answered at an address where a repository server was expected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answered {
    /// A web page.
    Page { status: u16, title: Option<String> },
    /// JSON, but of another product; the first field names of it.
    OtherJson { status: u16, fields: Vec<String> },
    /// Text that is neither.
    Text { status: u16, excerpt: String },
    /// Nothing but a status.
    Empty { status: u16 },
}

impl Answered {
    pub fn status(&self) -> u16 {
        match self {
            Self::Page { status, .. }
            | Self::OtherJson { status, .. }
            | Self::Text { status, .. }
            | Self::Empty { status } => *status,
        }
    }
}

impl fmt::Display for Answered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Page {
                title: Some(title), ..
            } => write!(f, "a web page called \"{title}\" answered")?,
            Self::Page { title: None, .. } => f.write_str("a web page without a title answered")?,
            Self::OtherJson { fields, .. } if fields.is_empty() => {
                f.write_str("JSON without the expected fields answered")?;
            }
            Self::OtherJson { fields, .. } => {
                write!(
                    f,
                    "another product answered, with JSON about {}",
                    fields.join(", ")
                )?;
            }
            Self::Text { excerpt, .. } => write!(f, "the answer was \"{excerpt}\"")?,
            Self::Empty { .. } => f.write_str("the answer was empty")?,
        }
        match self.status() {
            200 => Ok(()),
            status => write!(f, " (status {status})"),
        }
    }
}

impl From<TlsFailure> for RepositoryError {
    fn from(failure: TlsFailure) -> Self {
        Self::Tls(Box::new(failure))
    }
}

impl RepositoryError {
    fn kind(&self) -> Kind {
        match self {
            Self::UnknownName { .. }
            | Self::Refused { .. }
            | Self::Unreachable { .. }
            | Self::NoNetwork
            | Self::TimedOut { .. }
            | Self::BrokenOff { .. }
            | Self::Proxy(_)
            | Self::TooLarge { .. }
            | Self::ServerFailed { .. } => Kind::Network,
            Self::Tls(_) | Self::Ca(_) => Kind::Tls,
            Self::WrongPassword { .. }
            | Self::SessionExpired { .. }
            | Self::TokenNotAccepted { .. }
            | Self::CloudTokenRefused { .. }
            | Self::SignInRequired { .. } => Kind::Auth,
            Self::Forbidden { .. } => Kind::Forbidden,
            Self::Redirected { .. }
            | Self::NotAServer { .. }
            | Self::NotARepository { .. }
            | Self::OtherProduct { .. }
            | Self::NotJson { .. }
            | Self::MissingField { .. }
            | Self::NotFound { .. } => Kind::NotAServer,
            Self::FileUnreadable { .. } | Self::FileChanged { .. } => Kind::File,
            Self::UnencryptedStorage { .. } => Kind::Tls,
            Self::FileRefused {
                refusal: FileRefusal::Digest,
                ..
            } => Kind::Network,
            Self::Conflict { .. }
            | Self::Rejected { .. }
            | Self::FileRefused { .. }
            | Self::UnusableToken { .. }
            | Self::TokenNotForConda { .. }
            | Self::TokenNameTaken { .. } => Kind::Conflict,
            Self::Kerberos(error) => error.explain().kind,
            Self::Internal { .. } => Kind::Internal,
        }
    }

    fn cause(&self) -> Option<String> {
        let server_said = |said: &String| format!("The server said: {said}");
        match self {
            Self::BrokenOff { detail, .. }
            | Self::UnknownName { detail, .. }
            | Self::FileUnreadable { detail, .. } => Some(detail.clone()),
            Self::UnencryptedStorage { .. } => {
                Some("It was not sent, so that nobody on the way can read it".to_owned())
            }
            Self::Forbidden { said, .. }
            | Self::Conflict { said, .. }
            | Self::Rejected { said, .. }
            | Self::ServerFailed { said, .. }
            | Self::FileRefused { said, .. }
            | Self::TokenNameTaken { said, .. } => said.as_ref().map(server_said),
            Self::TokenNotForConda { .. } => Some(
                "The tokens of this server begin with the first two characters of the user name, and conda knows only letters, digits and '-' in a token".to_owned(),
            ),
            Self::NotJson { excerpt, .. } if excerpt.is_empty() => Some("The answer was empty".to_owned()),
            Self::NotJson { excerpt, .. } => Some(format!("The answer began with: {excerpt}")),
            Self::CloudTokenRefused { status, length, .. } => Some(format!(
                "It answered {status}; {}",
                super::cloud::said_by_length(*length)
            )),
            Self::TooLarge { .. } => Some("No honest answer is that large".to_owned()),
            Self::NoNetwork => Some("A request has failed, and no way leads out of this computer".to_owned()),
            Self::Redirected { .. } => Some(
                "It was not followed, so that no password or token goes where it was not meant for"
                    .to_owned(),
            ),
            _ => None,
        }
    }

    fn remedy(&self) -> Option<String> {
        let text = match self {
            Self::UnknownName { .. } => {
                "Check the spelling, and whether you need to be in your organisation's network or VPN"
            }
            Self::Refused { .. } => "Check the port, or ask whether the server is running",
            Self::Unreachable { .. } => "Check your network connection or VPN",
            Self::NoNetwork => "Connect it to a network, then try again",
            Self::TimedOut { .. } => "Try again; if it stays so, check the port, your VPN and your proxy",
            Self::BrokenOff { .. } => "Try again; if it stays so, a firewall or proxy may stand in between",
            Self::WrongPassword { .. } => "Type the password again, and check that this is the right server",
            Self::SessionExpired { .. } | Self::SignInRequired { .. } => "Sign in again",
            Self::CloudTokenRefused { .. } => {
                "Copy the token again from the Token Access page of your organisation, or re-issue it there; \
                 re-issuing makes the old one invalid"
            }
            Self::TokenNotAccepted { .. } => "It has expired or was revoked; sign in again",
            Self::Forbidden { .. } => "Ask the administrator of the server for the permission",
            Self::NotFound { .. } | Self::NotJson { .. } | Self::MissingField { .. } => {
                "Check the domain; if it is right, the server may be of a version that Sextant does not know"
            }
            Self::Conflict { .. } | Self::Rejected { .. } => "Reload and try again",
            Self::ServerFailed { .. } => "Try again later, or tell the administrator of the server",
            Self::Redirected { from, to } => return Some(redirect_remedy(from, to)),
            Self::OtherProduct { found, .. } => return Some(found.remedy().to_owned()),
            Self::NotAServer { answered, .. } | Self::NotARepository { answered, .. } => {
                match answered.status() {
                    500..=599 => {
                        "Something answers there but it is not well; try again later or tell its administrator"
                    }
                    401 | 403 | 407 => {
                        "A gateway may want a sign-in first; ask your administrator for the right address"
                    }
                    _ => "Check the address; it is the one you open in a browser to see your channels",
                }
            }
            Self::TooLarge { .. } => "Check that this is the right server",
            Self::UnusableToken { .. } => "Revoke it on the server and ask its administrator",
            Self::TokenNotForConda { name, leftover, .. } => return Some(token_remedy(name, *leftover)),
            Self::TokenNameTaken { .. } => "Choose another name, or replace the token",
            Self::FileUnreadable { .. } => "Check that the file is there and that you may read it",
            Self::FileChanged { .. } => "Wait until it is finished, then upload it again",
            Self::FileRefused { refusal, .. } => match refusal {
                FileRefusal::TooLarge => {
                    "Make it smaller, or ask the administrator of the server for a higher limit"
                }
                FileRefusal::NoRoom => "Remove what is not needed there, or ask for more room",
                FileRefusal::Digest => "Try again; if it stays so, something on the way changes files",
            },
            Self::UnencryptedStorage { .. } => {
                "Tell the administrator of the server; its storage needs an https address"
            }
            Self::Internal { .. } => "This is a defect of Sextant; please report it",
            Self::Proxy(_) | Self::Tls(_) | Self::Ca(_) | Self::Kerberos(_) => return None,
        };
        Some(text.to_owned())
    }
}

fn token_remedy(name: &str, leftover: Leftover) -> String {
    let ask =
        "ask the administrator of the server for an account whose name begins with two letters or digits";
    match leftover {
        Leftover::Revoked => format!("It was revoked at once; {ask}"),
        Leftover::OnServer => format!("Revoke \"{name}\" in the web page of the repository, and {ask}"),
    }
}

/// The most common redirect is from `http` to `https` on the same host.
fn redirect_remedy(from: &str, to: &str) -> String {
    let host = |url: &str| {
        url.split_once("://")
            .map(|(_, rest)| rest.split(['/', ':']).next().unwrap_or_default().to_owned())
    };
    if from.starts_with("http://") && to.starts_with("https://") && host(from) == host(to) {
        return "Use https:// instead of http:// in the domain".to_owned();
    }
    "If that is your server, set it as the domain; if it is a sign-in page, ask your administrator for the direct address"
        .to_owned()
}

impl Explain for RepositoryError {
    fn explain(&self) -> Problem {
        match self {
            Self::Proxy(error) => error.explain(),
            Self::Tls(failure) => failure.explain(),
            Self::Ca(error) => error.explain(),
            Self::Kerberos(error) => error.explain(),
            _ => Problem {
                kind: self.kind(),
                message: self.to_string(),
                cause: self.cause(),
                remedy: self.remedy(),
            },
        }
    }
}
