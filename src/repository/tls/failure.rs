//! Why a secured connection was refused, with everything a person needs to judge it.

use jiff::Timestamp;
use thiserror::Error;

use super::issuer::Issuer;
use super::pin::Fingerprint;
use crate::error::{Explain, Kind, Problem};
use crate::repository::certificate::{Certificate, PublicKey, Signature};

/// A refused connection: why, and what the server presented, its own certificate first.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{}", self.message())]
pub struct TlsFailure {
    pub host: String,
    pub reason: TlsReason,
    pub chain: Vec<Certificate>,
    /// The proxy on the way, if there was one.
    pub proxy: Option<String>,
    /// Set when the dates of the certificates are right by the server's clock, and wrong by the one of this computer.
    pub clocks: Option<Clocks>,
}

/// What two clocks said at the same moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Clocks {
    pub here: Timestamp,
    /// As the server says, over a connection that nothing secures: good for an explanation, not for a decision.
    pub there: Timestamp,
}

/// What is wrong with the certificate or the connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TlsReason {
    Expired,
    NotYetValid,
    /// The server signed its certificate itself and no CA file vouches for it.
    SelfSigned,
    /// It is a certificate for other names; the chain tells which.
    WrongName,
    /// An authority signed it that this computer does not know.
    UnknownIssuer,
    Revoked,
    /// A key in the chain is so short that it can be broken.
    WeakKey {
        /// The certificate that holds it.
        subject: String,
        key: PublicKey,
    },
    /// A certificate of the chain is signed in a way that can be forged.
    WeakSignature {
        subject: String,
        signature: Signature,
    },
    /// It is not the one that is pinned for this server.
    OtherThanPinned {
        pinned: Fingerprint,
        /// Without the pin, this computer would accept it.
        trusted_otherwise: bool,
    },
    /// The server wants a client certificate, and there is none for it.
    WantsClientCertificate,
    /// The server does not accept the client certificate.
    RefusedClientCertificate {
        detail: String,
    },
    /// This computer has no trusted certificates at all.
    NoTrustStore,
    /// What answered does not speak TLS; most likely plain HTTP.
    NotTls,
    /// Server and client have no protocol version or cipher in common, or the server gave up.
    Handshake {
        detail: String,
    },
    /// Anything else that the verifier found, in its words.
    Other {
        detail: String,
    },
}

impl TlsFailure {
    pub(super) fn new(host: String, reason: TlsReason, chain: Vec<Certificate>) -> Self {
        Self {
            host,
            reason,
            chain,
            proxy: None,
            clocks: None,
        }
    }

    /// The server's own certificate.
    pub fn leaf(&self) -> Option<&Certificate> {
        self.chain.first()
    }

    /// The last certificate that the server sent: its issuer is the one that would have to be trusted.
    fn top(&self) -> Option<&Certificate> {
        self.chain.last()
    }

    /// Whether a proxy may look into the connection and have presented a certificate of its own making.
    pub fn may_be_inspected(&self) -> bool {
        self.reason == TlsReason::UnknownIssuer && Issuer::of(&self.chain) != Issuer::Public
    }

    /// Whether all that is wrong are dates, so that a wrong clock may be the reason.
    pub(in crate::repository) fn is_about_dates(&self) -> bool {
        matches!(self.reason, TlsReason::Expired | TlsReason::NotYetValid)
    }

    /// Takes note of what the server says the time is, if that explains the failure.
    pub(in crate::repository) fn compare_clocks(&mut self, clocks: Clocks) {
        let right = |c: &Certificate| c.valid_from <= clocks.there && clocks.there <= c.valid_until;
        if self.is_about_dates() && self.chain.iter().all(right) {
            self.clocks = Some(clocks);
        }
    }

    fn message(&self) -> String {
        let host = &self.host;
        match &self.reason {
            TlsReason::Expired => format!("the certificate of {host} has expired"),
            TlsReason::NotYetValid => format!("the certificate of {host} is not valid yet"),
            TlsReason::SelfSigned => format!("{host} has a certificate that it signed itself"),
            TlsReason::WrongName => format!("the certificate that {host} shows is not for {host}"),
            TlsReason::UnknownIssuer => match self.top() {
                Some(top) => format!(
                    "the certificate of {host} was issued by {}, which this computer does not trust",
                    top.issuer_name()
                ),
                None => format!("this computer does not trust the issuer of the certificate of {host}"),
            },
            TlsReason::Revoked => format!("the certificate of {host} was revoked"),
            TlsReason::WeakKey { .. } => {
                format!("the certificate of {host} rests on a key that is too short")
            }
            TlsReason::WeakSignature { .. } => {
                format!("the certificate of {host} rests on a signature that can be forged")
            }
            TlsReason::OtherThanPinned { .. } => {
                format!("{host} shows another certificate than the one that is pinned for it")
            }
            TlsReason::WantsClientCertificate => {
                format!("{host} wants a client certificate, and there is none for it")
            }
            TlsReason::RefusedClientCertificate { .. } => {
                format!("{host} does not accept the client certificate")
            }
            TlsReason::NoTrustStore => "this computer has no trusted certificates".to_owned(),
            TlsReason::NotTls => format!("{host} does not speak TLS on this port"),
            TlsReason::Handshake { .. } => {
                format!("{host} and Sextant could not agree on a secure connection")
            }
            TlsReason::Other { .. } => format!("the certificate of {host} was not accepted"),
        }
    }

    fn cause(&self) -> Option<String> {
        if let Some(clocks) = &self.clocks {
            return Some(format!(
                "The clock of this computer is wrong: it says {}, and the server says {}, when the certificate is valid",
                minute(clocks.here),
                minute(clocks.there)
            ));
        }
        match &self.reason {
            TlsReason::Expired => self.expired(),
            TlsReason::NotYetValid => {
                let early = self.chain.iter().max_by_key(|c| c.valid_from)?;
                Some(format!(
                    "{} becomes valid on {}; hardly any certificate is made ahead of its time, so the clock of this \
                     computer may be behind",
                    early.subject_name(),
                    minute(early.valid_from)
                ))
            }
            TlsReason::WrongName => Some(match self.leaf().map(Certificate::shown_names) {
                None => "It names no server at all in its subjectAltName".to_owned(),
                Some(names) if names.is_empty() => {
                    "It names no server at all in its subjectAltName".to_owned()
                }
                Some(names) => format!("It is valid for {names}"),
            }),
            TlsReason::SelfSigned => self
                .leaf()
                .map(|c| format!("Its SHA-256 fingerprint is {}", c.fingerprint)),
            TlsReason::UnknownIssuer => Some(self.unknown_issuer()),
            TlsReason::OtherThanPinned {
                pinned,
                trusted_otherwise,
            } => Some(self.other_than_pinned(pinned, *trusted_otherwise)),
            TlsReason::Handshake { detail }
            | TlsReason::RefusedClientCertificate { detail }
            | TlsReason::Other { detail } => Some(detail.clone()),
            TlsReason::WeakKey { subject, key } => Some(format!(
                "The key of {subject} is {key}; keys as short as that have been broken, so that anybody could pass for it"
            )),
            TlsReason::WeakSignature { subject, signature } => Some(format!(
                "{subject} is signed with {signature}, which has been broken, so that anybody could make one like it"
            )),
            TlsReason::Revoked
            | TlsReason::WantsClientCertificate
            | TlsReason::NoTrustStore
            | TlsReason::NotTls => None,
        }
    }

    /// The one that expired may be further up the chain.
    fn expired(&self) -> Option<String> {
        let first = self.chain.iter().min_by_key(|c| c.valid_until)?;
        Some(format!(
            "{} was valid until {}",
            first.subject_name(),
            minute(first.valid_until)
        ))
    }

    fn unknown_issuer(&self) -> String {
        let way = match &self.proxy {
            Some(proxy) => {
                format!("A proxy of your organisation may inspect the connection, such as {proxy} on the way")
            }
            None => "A proxy of your organisation may inspect the connection".to_owned(),
        };
        match Issuer::of(&self.chain) {
            Issuer::Inspector(product) => format!("{way}: the certificate is one that {product} makes"),
            Issuer::Public => {
                "That is a public authority, so the server most likely does not send the intermediate \
                               certificate that belongs to its own"
                    .to_owned()
            }
            Issuer::Private if self.chain.len() == 1 => format!(
                "{way}; otherwise an intermediate certificate may be missing on the server, which sent only its own, \
                 or the authority is your organisation's"
            ),
            Issuer::Private => format!("{way}, or the authority is your organisation's own"),
        }
    }

    fn other_than_pinned(&self, pinned: &Fingerprint, trusted_otherwise: bool) -> String {
        let shows = self.leaf().map_or_else(
            || "none that can be read".to_owned(),
            |leaf| format!("{} ({leaf})", leaf.fingerprint),
        );
        let trusted = if trusted_otherwise {
            "; without the pin, this computer would trust it"
        } else {
            ""
        };
        format!("Pinned is {pinned}; the server shows {shows}{trusted}")
    }

    fn remedy(&self) -> &'static str {
        if self.clocks.is_some() {
            return "Set the date and time of this computer right, and try again";
        }
        match &self.reason {
            TlsReason::Expired => {
                "Check the date and time of this computer; if they are right, ask the administrator of the server to \
                 renew its certificate"
            }
            TlsReason::Revoked => "Ask the administrator of the server to renew its certificate",
            TlsReason::WeakKey { .. } => {
                "Ask the administrator of the server for a certificate with a key of at least 2048 bits (RSA) or 256 bits \
                 (elliptic curve); no setting of this computer helps"
            }
            TlsReason::WeakSignature { .. } => {
                "Ask the administrator of the server for a certificate that is signed with SHA-256 or better; no setting of \
                 this computer helps"
            }
            TlsReason::NotYetValid => {
                "Check the date and time of this computer; if they are right, ask the administrator of the server"
            }
            TlsReason::SelfSigned => {
                "Compare the fingerprint with the administrator of the server and pin the certificate for this server, \
                 or ask for a CA file and choose that"
            }
            TlsReason::WrongName => {
                "Use one of the names the certificate is valid for, or ask the administrator to add this one"
            }
            TlsReason::UnknownIssuer if Issuer::of(&self.chain) == Issuer::Public => {
                "Ask the administrator of the server to install the intermediate certificate; until then, a CA file \
                 with it helps"
            }
            TlsReason::UnknownIssuer => {
                "Ask your administrator for the CA file of your organisation and choose it for this server, or to have \
                 the authority put into the trust store of this computer's operating system"
            }
            TlsReason::OtherThanPinned { .. } => {
                "Ask the administrator of the server whether the certificate was renewed. If so, compare the \
                 fingerprints and pin the new one, or remove the pin; if not, somebody may be listening in"
            }
            TlsReason::WantsClientCertificate => {
                "Ask the administrator of the server for one, and name its file and that of its key for this server"
            }
            TlsReason::RefusedClientCertificate { .. } => {
                "Check that it is the one for this server and has not expired, or ask the administrator for a new one"
            }
            TlsReason::NoTrustStore => {
                "Install the package ca-certificates of your system, check SSL_CERT_FILE and SSL_CERT_DIR if they are \
                 set, or choose a CA file"
            }
            TlsReason::NotTls => {
                "Check the port; if the server really has no TLS, its address begins with http://"
            }
            TlsReason::Handshake { .. } => "Ask the administrator whether the server offers TLS 1.2 or 1.3",
            TlsReason::Other { .. } => "Show this to the administrator of the server",
        }
    }
}

fn minute(time: Timestamp) -> String {
    time.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

impl Explain for TlsFailure {
    fn explain(&self) -> Problem {
        let mut problem = Problem::new(Kind::Tls, self.message()).remedy(self.remedy());
        problem.cause = self.cause();
        problem
    }
}

#[cfg(test)]
mod tests;
