//! The certificate with which this computer proves who it is, to servers that ask for one.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rustls::client::ResolvesClientCert;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
use rustls::{InconsistentKeys, SignatureScheme};
use thiserror::Error;

use crate::error::{Explain, Kind, Problem};
use crate::repository::certificate::Certificate;

/// A certificate with its chain and its private key. The key never shows.
#[derive(Clone)]
pub struct ClientCertificate {
    certified: Arc<CertifiedKey>,
    shown: Certificate,
}

/// Why files are no client certificate. Holds nothing of a key.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ClientCertificateError {
    #[error("the client certificate is not in PEM format")]
    NotPem,
    #[error("the file holds no certificate")]
    NoCertificate,
    #[error("there is no private key for the client certificate")]
    NoKey,
    #[error("the private key of the client certificate is encrypted")]
    EncryptedKey,
    #[error("the client certificate is damaged: {detail}")]
    Damaged { detail: String },
    #[error("the private key of the client certificate cannot be used")]
    UnusableKey,
    #[error("the private key belongs to another certificate")]
    OtherKey,
}

impl Explain for ClientCertificateError {
    fn explain(&self) -> Problem {
        let problem = Problem::new(Kind::Tls, self.to_string());
        match self {
            Self::NotPem => problem
                .because("It may be a .p12 or .pfx file, as browsers export them")
                .remedy("Convert it: openssl pkcs12 -in FILE.p12 -out client.pem -nodes, and keep the new file private"),
            Self::NoCertificate => {
                problem.remedy("Choose a PEM file with a block that begins with -----BEGIN CERTIFICATE-----")
            }
            Self::NoKey => problem.remedy(
                "Name the file with the block that ends in PRIVATE KEY----- too, or put both blocks into one file",
            ),
            Self::EncryptedKey => problem
                .because("Sextant has no place to ask for its password, and conda could not use it either")
                .remedy("Decrypt it into a file that only you can read: openssl pkey -in FILE -out client.key"),
            Self::Damaged { .. } => problem.remedy("Ask whoever issued the certificate for a new copy"),
            Self::UnusableKey => problem
                .because("It is damaged, or of a kind other than RSA, ECDSA (P-256, P-384) and Ed25519")
                .remedy("Ask whoever issued the certificate for a new one"),
            Self::OtherKey => problem.remedy("Name the key that was made together with the certificate"),
        }
    }
}

impl ClientCertificate {
    /// Reads the certificate, its chain after it, and the key: from `key`, or, where there is none, from the same text.
    ///
    /// # Errors
    /// [`ClientCertificateError`] says which of both is wrong.
    pub fn from_pem(certificate: &[u8], key: Option<&[u8]>) -> Result<Self, ClientCertificateError> {
        let chain = chain(certificate)?;
        let key = private_key(key.unwrap_or(certificate))?;
        let leaf = chain.first().ok_or(ClientCertificateError::NoCertificate)?;
        let shown = Certificate::from_der(leaf).ok_or_else(|| ClientCertificateError::Damaged {
            detail: "its first block is no X.509 certificate".to_owned(),
        })?;
        let provider = rustls::crypto::ring::default_provider();
        // The reason is not told: it could hold a part of the key.
        let certified = CertifiedKey::from_der(chain, key, &provider).map_err(|error| match error {
            rustls::Error::InconsistentKeys(InconsistentKeys::KeyMismatch) => {
                ClientCertificateError::OtherKey
            }
            _ => ClientCertificateError::UnusableKey,
        })?;
        Ok(Self {
            certified: Arc::new(certified),
            shown,
        })
    }

    /// What it says, for showing.
    pub fn certificate(&self) -> &Certificate {
        &self.shown
    }
}

fn chain(text: &[u8]) -> Result<Vec<CertificateDer<'static>>, ClientCertificateError> {
    if !contains(text, b"-----BEGIN ") {
        return Err(match text.trim_ascii().is_empty() {
            true => ClientCertificateError::NoCertificate,
            false => ClientCertificateError::NotPem,
        });
    }
    let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(text).collect();
    match chain {
        Ok(chain) if chain.is_empty() => Err(ClientCertificateError::NoCertificate),
        Ok(chain) => Ok(chain),
        Err(error) => Err(ClientCertificateError::Damaged {
            detail: match error {
                rustls::pki_types::pem::Error::MissingSectionEnd { .. } => "a block has no end".to_owned(),
                _ => "a block is no PEM".to_owned(),
            },
        }),
    }
}

fn private_key(text: &[u8]) -> Result<PrivateKeyDer<'static>, ClientCertificateError> {
    if contains(text, b"BEGIN ENCRYPTED PRIVATE KEY") || contains(text, b"Proc-Type: 4,ENCRYPTED") {
        return Err(ClientCertificateError::EncryptedKey);
    }
    PrivateKeyDer::from_pem_slice(text).map_err(|error| match error {
        rustls::pki_types::pem::Error::NoItemsFound => ClientCertificateError::NoKey,
        _ => ClientCertificateError::UnusableKey,
    })
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}

/// The key belongs to the certificate, so equal certificates have equal keys.
impl PartialEq for ClientCertificate {
    fn eq(&self, other: &Self) -> bool {
        self.certified.cert == other.certified.cert
    }
}

impl Eq for ClientCertificate {}

impl fmt::Debug for ClientCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ClientCertificate({})", self.shown)
    }
}

/// How it stands with the client certificate of a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::repository) enum Presented {
    /// No server has asked for one.
    NotAsked,
    /// A server asked, and there is none.
    Missing,
    /// A server asked and got it.
    Given,
}

/// Gives the certificate to servers that ask, and remembers that one asked.
pub(in crate::repository) struct Presenter {
    certified: Option<Arc<CertifiedKey>>,
    asked: AtomicBool,
}

impl Presenter {
    pub(super) fn new(certificate: Option<&ClientCertificate>) -> Self {
        Self {
            certified: certificate.map(|certificate| certificate.certified.clone()),
            asked: AtomicBool::new(false),
        }
    }

    pub(in crate::repository) fn presented(&self) -> Presented {
        match (self.asked.load(Ordering::Relaxed), &self.certified) {
            (false, _) => Presented::NotAsked,
            (true, None) => Presented::Missing,
            (true, Some(_)) => Presented::Given,
        }
    }
}

impl ResolvesClientCert for Presenter {
    fn resolve(&self, _: &[&[u8]], _: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        self.asked.store(true, Ordering::Relaxed);
        self.certified.clone()
    }

    fn has_certs(&self) -> bool {
        self.certified.is_some()
    }
}

impl fmt::Debug for Presenter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Presenter")
    }
}
