//! What a certificate says of itself, for showing. Reading it accepts nothing.

mod strength;

use std::fmt;

use jiff::Timestamp;
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::{FromDer, X509Certificate};
use x509_parser::x509::X509Name;

use super::excerpt::printable;
use super::tls::Fingerprint;

pub use strength::{PublicKey, Signature};

/// The longest name out of a certificate that is shown.
const NAME_CHARACTERS: usize = 120;

/// How many of the names a certificate is valid for are kept.
const MAX_NAMES: usize = 20;

/// The facts of one certificate of a presented chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// Whom it names, as `CN=…, O=…`.
    pub subject: String,
    /// Who signed it.
    pub issuer: String,
    pub valid_from: Timestamp,
    pub valid_until: Timestamp,
    /// The server names and addresses it is valid for (subjectAltName).
    pub names: Vec<String>,
    /// How many more there are than those in `names`.
    pub more_names: usize,
    /// SHA-256 over the whole certificate.
    pub fingerprint: Fingerprint,
    /// Subject and issuer are the same.
    pub self_issued: bool,
    /// It may sign other certificates.
    pub is_authority: bool,
    pub key: PublicKey,
    /// What its issuer signed it with.
    pub signature: Signature,
}

impl Certificate {
    /// Reads the facts out of DER; `None` when it is no X.509 certificate.
    pub fn from_der(der: &[u8]) -> Option<Self> {
        let (_, certificate) = X509Certificate::from_der(der).ok()?;
        let validity = certificate.validity();
        let mut names = alternative_names(&certificate);
        let more_names = names.len().saturating_sub(MAX_NAMES);
        names.truncate(MAX_NAMES);
        Some(Self {
            subject: shown_name(certificate.subject()),
            issuer: shown_name(certificate.issuer()),
            valid_from: Timestamp::from_second(validity.not_before.timestamp()).ok()?,
            valid_until: Timestamp::from_second(validity.not_after.timestamp()).ok()?,
            names,
            more_names,
            fingerprint: Fingerprint::of(der),
            self_issued: certificate.subject().as_raw() == certificate.issuer().as_raw(),
            is_authority: certificate.is_ca(),
            key: PublicKey::of(&certificate),
            signature: Signature::of(&certificate),
        })
    }

    /// Who signed it, by the name a person would look for: the common name, else the organisation.
    pub fn issuer_name(&self) -> &str {
        short_name(&self.issuer)
    }

    /// Whom it names, likewise.
    pub fn subject_name(&self) -> &str {
        short_name(&self.subject)
    }

    /// The names it is valid for, on one line; empty when there are none.
    pub fn shown_names(&self) -> String {
        let names = self.names.join(", ");
        match self.more_names {
            0 => names,
            more => format!("{names} and {more} more"),
        }
    }
}

impl fmt::Display for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}, issued by {}, valid until {}",
            self.subject_name(),
            self.issuer_name(),
            self.valid_until.strftime("%Y-%m-%d")
        )
    }
}

fn short_name(name: &str) -> &str {
    let part = |key: &str| name.split(", ").find_map(|part| part.strip_prefix(key));
    part("CN=")
        .or_else(|| part("O="))
        .unwrap_or(if name.is_empty() { "nobody" } else { name })
}

fn shown_name(name: &X509Name<'_>) -> String {
    printable(&name.to_string(), NAME_CHARACTERS)
}

fn alternative_names(certificate: &X509Certificate<'_>) -> Vec<String> {
    let Ok(Some(extension)) = certificate.subject_alternative_name() else {
        return Vec::new();
    };
    let names = extension
        .value
        .general_names
        .iter()
        .filter_map(|name| match name {
            GeneralName::DNSName(name) => Some(printable(name, NAME_CHARACTERS)),
            GeneralName::IPAddress(bytes) => address(bytes),
            _ => None,
        });
    names.collect()
}

fn address(bytes: &[u8]) -> Option<String> {
    if let Ok(four) = <[u8; 4]>::try_from(bytes) {
        return Some(std::net::Ipv4Addr::from(four).to_string());
    }
    <[u8; 16]>::try_from(bytes)
        .ok()
        .map(|sixteen| std::net::Ipv6Addr::from(sixteen).to_string())
}
