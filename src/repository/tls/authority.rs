//! Authorities beside those of the operating system.

use std::sync::Arc;

use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use thiserror::Error;

use crate::error::{Explain, Kind, Problem};
use crate::repository::certificate::Certificate;

/// The certificates of an organisation, trusted beside those of the operating system. Cloning is cheap.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct CaBundle(Arc<[CertificateDer<'static>]>);

/// Why a file is no CA file.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CaError {
    #[error("the CA file holds no certificate")]
    NoCertificate,
    #[error("the CA file is damaged: {detail}")]
    Damaged { detail: String },
    #[error("certificate {number} in the CA file cannot be used as an authority: {detail}")]
    Unusable { number: usize, detail: String },
}

impl Explain for CaError {
    fn explain(&self) -> Problem {
        Problem::new(Kind::Tls, self.to_string()).remedy(
            "Choose a PEM file with one or more blocks that begin with -----BEGIN CERTIFICATE-----; \
             your administrator can give you the one of your organisation",
        )
    }
}

impl CaBundle {
    /// Reads a PEM file of any number of certificates, or a single certificate in DER; keys beside them are ignored.
    ///
    /// # Errors
    /// [`CaError`] when there is none, or one that cannot serve as an authority.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, CaError> {
        let mut certificates = Vec::new();
        for certificate in CertificateDer::pem_slice_iter(bytes) {
            certificates.push(certificate.map_err(|e| CaError::Damaged {
                detail: e.to_string(),
            })?);
        }
        if certificates.is_empty() && Certificate::from_der(bytes).is_some() {
            certificates.push(CertificateDer::from(bytes.to_vec()));
        }
        if certificates.is_empty() {
            return Err(CaError::NoCertificate);
        }
        let mut roots = RootCertStore::empty();
        for (index, certificate) in certificates.iter().enumerate() {
            roots.add(certificate.clone()).map_err(|e| CaError::Unusable {
                number: index + 1,
                detail: e.to_string(),
            })?;
        }
        Ok(Self(certificates.into()))
    }

    /// Reads what can be used of a whole trust store, as programs that are given one do: one old certificate among a
    /// hundred is no reason to trust none.
    pub fn from_store(bytes: &[u8]) -> Self {
        let mut roots = RootCertStore::empty();
        let certificates = CertificateDer::pem_slice_iter(bytes)
            .filter_map(Result::ok)
            .filter(|certificate| roots.add(certificate.clone()).is_ok());
        Self(certificates.collect())
    }

    /// The certificates of all, each once, in their order.
    pub fn together(bundles: impl IntoIterator<Item = Self>) -> Self {
        let mut all: Vec<CertificateDer<'static>> = Vec::new();
        for bundle in bundles {
            if all.is_empty() {
                all.extend(bundle.0.iter().cloned());
            } else {
                let new: Vec<_> = bundle
                    .0
                    .iter()
                    .filter(|one| !all.contains(one))
                    .cloned()
                    .collect();
                all.extend(new);
            }
        }
        Self(all.into())
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What is in the file, for showing.
    pub fn certificates(&self) -> Vec<Certificate> {
        self.0
            .iter()
            .filter_map(|der| Certificate::from_der(der))
            .collect()
    }

    pub(super) fn roots(&self) -> impl Iterator<Item = CertificateDer<'static>> {
        self.0.iter().cloned()
    }

    /// Whether it holds this very certificate.
    pub(super) fn holds(&self, certificate: &CertificateDer<'_>) -> bool {
        self.0.iter().any(|known| known == certificate)
    }
}

impl std::fmt::Debug for CaBundle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "CaBundle({} certificates)", self.0.len())
    }
}
