//! How strong a certificate is made: the key it holds, and the signature under it.

use std::fmt;

use x509_parser::certificate::X509Certificate;
use x509_parser::public_key::PublicKey as Parsed;

/// The key that a certificate is for. `Display` names it as `RSA with 2048 bits`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PublicKey {
    Rsa {
        bits: usize,
    },
    /// A key on an elliptic curve.
    Ec {
        bits: usize,
    },
    Ed25519,
    /// Any other kind, by the identifier of its algorithm.
    Other {
        algorithm: String,
    },
}

/// What signed a certificate. `Display` names it as `SHA-256 with RSA`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    name: String,
    is_broken: bool,
}

/// Shorter RSA keys are refused by this and every other client of today.
const LEAST_RSA_BITS: usize = 2048;

/// The shortest curve that is accepted.
const LEAST_EC_BITS: usize = 256;

/// The signatures that certificates have, by their identifiers, and whether forging one is known to be possible.
const SIGNATURES: [(&str, &str, bool); 13] = [
    ("1.2.840.113549.1.1.2", "MD2 with RSA", true),
    ("1.2.840.113549.1.1.4", "MD5 with RSA", true),
    ("1.2.840.113549.1.1.5", "SHA-1 with RSA", true),
    ("1.2.840.10040.4.3", "SHA-1 with DSA", true),
    ("1.2.840.10045.4.1", "SHA-1 with ECDSA", true),
    ("1.2.840.113549.1.1.10", "RSA-PSS", false),
    ("1.2.840.113549.1.1.11", "SHA-256 with RSA", false),
    ("1.2.840.113549.1.1.12", "SHA-384 with RSA", false),
    ("1.2.840.113549.1.1.13", "SHA-512 with RSA", false),
    ("1.2.840.10045.4.3.2", "SHA-256 with ECDSA", false),
    ("1.2.840.10045.4.3.3", "SHA-384 with ECDSA", false),
    ("1.2.840.10045.4.3.4", "SHA-512 with ECDSA", false),
    ("1.3.101.112", "Ed25519", false),
];

const ED25519: &str = "1.3.101.112";

impl PublicKey {
    pub(super) fn of(certificate: &X509Certificate<'_>) -> Self {
        let algorithm = certificate.public_key().algorithm.algorithm.to_id_string();
        match certificate.public_key().parsed() {
            Ok(Parsed::RSA(key)) => Self::Rsa { bits: key.key_size() },
            Ok(Parsed::EC(point)) => Self::Ec {
                bits: point.key_size(),
            },
            _ if algorithm == ED25519 => Self::Ed25519,
            _ => Self::Other { algorithm },
        }
    }

    /// Whether it can be broken with the means of today, so that no client accepts it any more.
    pub fn is_weak(&self) -> bool {
        match self {
            Self::Rsa { bits } => *bits < LEAST_RSA_BITS,
            Self::Ec { bits } => *bits < LEAST_EC_BITS,
            Self::Ed25519 | Self::Other { .. } => false,
        }
    }
}

impl Signature {
    pub(super) fn of(certificate: &X509Certificate<'_>) -> Self {
        Self::known_as(&certificate.signature_algorithm.algorithm.to_id_string())
    }

    /// The signature with this identifier.
    pub fn known_as(identifier: &str) -> Self {
        match SIGNATURES.iter().find(|(known, ..)| *known == identifier) {
            Some((_, name, is_broken)) => Self {
                name: (*name).to_owned(),
                is_broken: *is_broken,
            },
            None => Self {
                name: format!("algorithm {identifier}"),
                is_broken: false,
            },
        }
    }

    /// Whether somebody else could forge it.
    pub fn is_weak(&self) -> bool {
        self.is_broken
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rsa { bits } => write!(f, "RSA with {bits} bits"),
            Self::Ec { bits } => write!(f, "elliptic curve with {bits} bits"),
            Self::Ed25519 => f.write_str("Ed25519"),
            Self::Other { algorithm } => write!(f, "algorithm {algorithm}"),
        }
    }
}

impl fmt::Display for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_be_broken_is_weak() {
        for (key, is_weak) in [
            (PublicKey::Rsa { bits: 1024 }, true),
            (PublicKey::Rsa { bits: 2047 }, true),
            (PublicKey::Rsa { bits: 2048 }, false),
            (PublicKey::Ec { bits: 192 }, true),
            (PublicKey::Ec { bits: 256 }, false),
            (PublicKey::Ed25519, false),
        ] {
            assert_eq!(key.is_weak(), is_weak, "{key}");
        }
        for (identifier, name, is_weak) in [
            ("1.2.840.113549.1.1.5", "SHA-1 with RSA", true),
            ("1.2.840.10045.4.3.2", "SHA-256 with ECDSA", false),
            ("1.2.3", "algorithm 1.2.3", false),
        ] {
            let signature = Signature::known_as(identifier);
            assert_eq!(
                (signature.to_string().as_str(), signature.is_weak()),
                (name, is_weak)
            );
        }
    }
}
