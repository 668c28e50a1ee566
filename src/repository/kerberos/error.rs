//! What can go wrong between a person's Kerberos ticket and a server.

use thiserror::Error;

use crate::error::{Explain, Kind, Problem};

/// A sign-in with Kerberos that failed. `principal` is the person as the realm names her, `NAME@REALM`.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum KerberosError {
    #[error("there is no Kerberos on this computer")]
    LibraryMissing { detail: String },
    #[error("there is no Kerberos ticket")]
    NoTicket,
    #[error("the Kerberos ticket has expired")]
    TicketExpired { principal: Option<String> },
    #[error("the clock of this computer is not that of the Kerberos server")]
    ClockSkew,
    #[error("Kerberos does not know the server {host}")]
    UnknownService { host: String },
    #[error("the Kerberos server cannot be reached")]
    ServiceUnreachable { detail: String },
    /// 401 to a ticket.
    #[error("{host} does not accept the Kerberos ticket")]
    Refused { host: String, said: Option<String> },
    /// 401 without an offer of Kerberos.
    #[error("{host} does not offer a sign-in with Kerberos")]
    NotOffered { host: String },
    #[error("{host} did not prove who it is")]
    MutualAuthenticationMissing { host: String },
    /// The server's part of the exchange made no sense, or was forged.
    #[error("{host} answered the Kerberos ticket with something that cannot be verified")]
    InvalidReply { host: String, detail: String },
    /// NTLM, or another mechanism that is weaker than Kerberos.
    #[error("the sign-in would not use Kerberos but {mechanism}")]
    OtherMechanism { mechanism: String },
    /// Nobody allowed it to go over plain http.
    #[error("Kerberos was not used, because the connection to {host} is not encrypted")]
    PlainHttp { host: String },
    /// The program that gets tickets.
    #[error("there is no kinit on this computer")]
    NoKinit,
    #[error("Kerberos does not accept this password for {principal}")]
    WrongPassword { principal: String },
    #[error("Kerberos does not know {principal}")]
    UnknownPrincipal { principal: String },
    #[error("Kerberos failed: {detail}")]
    Failed { detail: String },
}

impl KerberosError {
    fn kind(&self) -> Kind {
        match self {
            Self::LibraryMissing { .. }
            | Self::NoTicket
            | Self::TicketExpired { .. }
            | Self::ClockSkew
            | Self::UnknownService { .. }
            | Self::Refused { .. }
            | Self::NotOffered { .. }
            | Self::MutualAuthenticationMissing { .. }
            | Self::InvalidReply { .. }
            | Self::OtherMechanism { .. }
            | Self::NoKinit
            | Self::WrongPassword { .. }
            | Self::UnknownPrincipal { .. }
            | Self::Failed { .. } => Kind::Auth,
            Self::ServiceUnreachable { .. } => Kind::Network,
            Self::PlainHttp { .. } => Kind::Usage,
        }
    }

    fn cause(&self) -> Option<String> {
        let text = match self {
            Self::LibraryMissing { detail }
            | Self::ServiceUnreachable { detail }
            | Self::InvalidReply { detail, .. } => detail,
            Self::Refused { said, .. } => {
                return said.as_ref().map(|said| format!("The server said: {said}"));
            }
            Self::ClockSkew => "Kerberos accepts a difference of a few minutes",
            Self::UnknownService { host } => return Some(format!("There is no HTTP/{host} in its database")),
            Self::MutualAuthenticationMissing { .. } => {
                "The answer lacks the server's half of the exchange, so it may come from somebody else; \
                 nothing of it was used"
            }
            Self::OtherMechanism { .. } => "It would give away more than a ticket, so nothing was sent",
            Self::PlainHttp { .. } => "Somebody on the way could use the sign-in for themselves",
            Self::NoTicket
            | Self::TicketExpired { .. }
            | Self::NotOffered { .. }
            | Self::NoKinit
            | Self::WrongPassword { .. }
            | Self::UnknownPrincipal { .. }
            | Self::Failed { .. } => return None,
        };
        Some(text.to_owned())
    }

    fn remedy(&self) -> Option<String> {
        let text = match self {
            Self::LibraryMissing { .. } if cfg!(target_os = "linux") => {
                "Install the Kerberos library (Debian: libgssapi-krb5-2, Red Hat: krb5-libs), or sign in with a \
                 token that you made in the web page of the repository"
            }
            Self::LibraryMissing { .. } => {
                "Sign in with a token that you made in the web page of the repository"
            }
            Self::NoTicket if cfg!(windows) => {
                "Sign in to this computer with your organisation's account, or run: klist get krbtgt"
            }
            Self::NoTicket => "Run: kinit NAME@REALM",
            Self::TicketExpired { principal } => {
                let principal = principal.as_deref().unwrap_or("NAME@REALM");
                return Some(format!("Run: kinit {principal}"));
            }
            Self::ClockSkew => "Set the clock of this computer, best by a time service",
            Self::UnknownService { .. } => {
                "Use the server's full name in its address; if it is right, ask the administrator to register it \
                 with Kerberos"
            }
            Self::ServiceUnreachable { .. } => {
                "Check your network connection or VPN, and the realm in /etc/krb5.conf"
            }
            Self::Refused { .. } => {
                "Ask the administrator whether your Kerberos account may use the repository"
            }
            Self::NotOffered { .. } => {
                "Sign in with a password, or with a token from the web page of the repository"
            }
            Self::MutualAuthenticationMissing { .. } => {
                "Check that this is the right server; if it is, ask the administrator to switch on mutual \
                 authentication"
            }
            Self::InvalidReply { .. } => "Check that this is the right server, and tell its administrator",
            Self::OtherMechanism { .. } => "Run: kinit NAME@REALM",
            Self::PlainHttp { .. } => "Use https:// in the address, or allow it for this server",
            Self::NoKinit if cfg!(target_os = "linux") => {
                "Install it (Debian: krb5-user, Red Hat: krb5-workstation)"
            }
            Self::NoKinit => "Sign in to this computer with your organisation's account",
            Self::WrongPassword { .. } => "Check the password, and whether Caps Lock is on",
            Self::UnknownPrincipal { .. } => "Check the name, and the realm behind it in capital letters",
            Self::Failed { .. } => "Look at your ticket with klist, and renew it with kinit",
        };
        Some(text.to_owned())
    }
}

impl Explain for KerberosError {
    fn explain(&self) -> Problem {
        Problem {
            kind: self.kind(),
            message: self.to_string(),
            cause: self.cause(),
            remedy: self.remedy(),
        }
    }
}
