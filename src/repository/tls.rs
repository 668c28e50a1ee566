//! Which certificates are trusted, and what is said when one is not.
//!
//! There is one verifier: the operating system's, with the certificates of a CA file beside the system's own. It is
//! wrapped only to keep, with every refusal, what the server presented; nothing anywhere turns verification off.

use std::sync::Arc;

use jiff::Timestamp;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::verify_server_name;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, OtherError, SignatureScheme};
use thiserror::Error;

use super::certificate::Certificate;
use super::excerpt::{EXCERPT_CHARACTERS, printable};
use crate::error::{Explain, Kind, Problem};

/// The certificates of an organisation's CA file, trusted beside those of the operating system.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct CaBundle(Vec<CertificateDer<'static>>);

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
        let mut roots = rustls::RootCertStore::empty();
        for (index, certificate) in certificates.iter().enumerate() {
            roots.add(certificate.clone()).map_err(|e| CaError::Unusable {
                number: index + 1,
                detail: e.to_string(),
            })?;
        }
        Ok(Self(certificates))
    }

    /// What is in the file, for showing.
    pub fn certificates(&self) -> Vec<Certificate> {
        self.0
            .iter()
            .filter_map(|der| Certificate::from_der(der))
            .collect()
    }
}

impl std::fmt::Debug for CaBundle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "CaBundle({} certificates)", self.0.len())
    }
}

/// A refused connection: why, and what the server presented, its own certificate first.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{}", self.message())]
pub struct TlsFailure {
    pub host: String,
    pub reason: TlsReason,
    pub chain: Vec<Certificate>,
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
            TlsReason::NoTrustStore => "this computer has no trusted certificates".to_owned(),
            TlsReason::NotTls => format!("{host} does not speak TLS on this port"),
            TlsReason::Handshake { .. } => {
                format!("{host} and Sextant could not agree on a secure connection")
            }
            TlsReason::Other { .. } => format!("the certificate of {host} was not accepted"),
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

    fn cause(&self) -> Option<String> {
        let day = |time: Timestamp| time.strftime("%Y-%m-%d %H:%M UTC").to_string();
        let leaf = self.leaf();
        match &self.reason {
            // The one that expired may be further up the chain.
            TlsReason::Expired => {
                let expired = self.chain.iter().min_by_key(|c| c.valid_until)?;
                Some(format!("{} was valid until {}", expired.subject_name(), day(expired.valid_until)))
            }
            TlsReason::NotYetValid => {
                let early = self.chain.iter().max_by_key(|c| c.valid_from)?;
                Some(format!("{} becomes valid on {}", early.subject_name(), day(early.valid_from)))
            }
            TlsReason::WrongName => Some(match leaf.map(|c| c.names.as_slice()) {
                None | Some([]) => "It names no server at all in its subjectAltName".to_owned(),
                Some(names) => format!("It is valid for {}", names.join(", ")),
            }),
            TlsReason::SelfSigned => leaf.map(|c| format!("Its SHA-256 fingerprint is {}", c.fingerprint)),
            TlsReason::UnknownIssuer if self.chain.len() == 1 => Some(
                "The server sent only its own certificate; an intermediate certificate may be missing on the server, \
                 or a proxy of your organisation stands in between"
                    .to_owned(),
            ),
            TlsReason::UnknownIssuer => {
                Some("A proxy of your organisation may stand in between, or the authority is your organisation's own".to_owned())
            }
            TlsReason::Handshake { detail } | TlsReason::Other { detail } => Some(detail.clone()),
            TlsReason::Revoked | TlsReason::NoTrustStore | TlsReason::NotTls => None,
        }
    }
}

impl Explain for TlsFailure {
    fn explain(&self) -> Problem {
        let mut problem = Problem::new(Kind::Tls, self.message());
        problem.cause = self.cause();
        problem.remedy(match self.reason {
            TlsReason::Expired | TlsReason::Revoked => "Ask the administrator of the server to renew its certificate",
            TlsReason::NotYetValid => {
                "Check the date and time of this computer; if they are right, ask the administrator of the server"
            }
            TlsReason::SelfSigned => {
                "Ask the administrator for the CA file of your organisation, or for the fingerprint to compare and the \
                 certificate itself, and choose that file under Preferences"
            }
            TlsReason::WrongName => {
                "Use one of the names the certificate is valid for, or ask the administrator to add this one"
            }
            TlsReason::UnknownIssuer => {
                "Ask your administrator for the CA file of your organisation and choose it under Preferences"
            }
            TlsReason::NoTrustStore => {
                "Install the package ca-certificates of your system, or choose a CA file under Preferences"
            }
            TlsReason::NotTls => "Check the port; if the server really has no TLS, its address begins with http://",
            TlsReason::Handshake { .. } => "Ask the administrator whether the server offers TLS 1.2 or 1.3",
            TlsReason::Other { .. } => "Show this to the administrator of the server",
        })
    }
}

/// The connection settings that everything here shares: the system's trust, the CA file beside it, TLS 1.2 and 1.3.
pub(super) fn client_config(extra: &CaBundle) -> Result<ClientConfig, rustls::Error> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let verifier = Arc::new(ExplainingVerifier::new(extra, provider.clone()));
    // The method is called dangerous because a verifier could accept anything; this one is the system's.
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .dangerous()
        .with_custom_certificate_verifier(verifier)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

/// The operating system's verifier; a refusal carries a [`TlsFailure`].
#[derive(Debug)]
struct ExplainingVerifier {
    /// `None` when the system has no certificates at all and there is no CA file: then everything is refused.
    system: Option<rustls_platform_verifier::Verifier>,
    extra: CaBundle,
    provider: Arc<CryptoProvider>,
}

impl ExplainingVerifier {
    fn new(extra: &CaBundle, provider: Arc<CryptoProvider>) -> Self {
        let system =
            rustls_platform_verifier::Verifier::new_with_extra_roots(extra.0.clone(), provider.clone());
        Self {
            system: system.ok(),
            extra: extra.clone(),
            provider,
        }
    }

    /// When the CA file holds the server's very certificate: whether it names this server and is in date. `None` when
    /// the CA file does not hold it.
    ///
    /// A certificate that the server signed itself as an authority (the default of many tools) is refused by the
    /// verifier even when it is trusted; conda accepts it from a CA file, so a person may rely on it.
    fn as_pinned(
        &self,
        leaf: &CertificateDer<'_>,
        name: &ServerName<'_>,
        now: UnixTime,
    ) -> Option<Result<(), TlsReason>> {
        let facts = Certificate::from_der(leaf)?;
        if !facts.self_issued || !self.extra.0.iter().any(|known| known == leaf) {
            return None;
        }
        let named =
            ParsedCertificate::try_from(leaf).is_ok_and(|leaf| verify_server_name(&leaf, name).is_ok());
        let now = seconds(now);
        Some(if facts.valid_until.as_second() < now {
            Err(TlsReason::Expired)
        } else if facts.valid_from.as_second() > now {
            Err(TlsReason::NotYetValid)
        } else if !named {
            Err(TlsReason::WrongName)
        } else {
            Ok(())
        })
    }

    /// Why the certificate is not accepted; `Ok` when it is.
    fn judge(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        chain: &[Certificate],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, TlsReason> {
        let Some(system) = &self.system else {
            return Err(TlsReason::NoTrustStore);
        };
        system
            .verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
            .or_else(|refusal| match self.as_pinned(end_entity, server_name, now) {
                Some(verdict) => verdict.map(|()| ServerCertVerified::assertion()),
                None => Err(reason_of(&refusal, chain, now)),
            })
    }
}

impl ServerCertVerifier for ExplainingVerifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let chain: Vec<Certificate> = std::iter::once(end_entity)
            .chain(intermediates)
            .filter_map(|der| Certificate::from_der(der))
            .collect();
        let reason = match self.judge(end_entity, intermediates, &chain, server_name, ocsp_response, now) {
            Ok(accepted) => return Ok(accepted),
            Err(reason) => reason,
        };
        let failure = TlsFailure {
            host: server_name.to_str().into_owned(),
            reason,
            chain,
        };
        Err(rustls::Error::InvalidCertificate(CertificateError::Other(
            OtherError(Arc::new(failure)),
        )))
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        rustls::crypto::verify_tls12_signature(
            message,
            cert,
            dss,
            &self.provider.signature_verification_algorithms,
        )
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        rustls::crypto::verify_tls13_signature(
            message,
            cert,
            dss,
            &self.provider.signature_verification_algorithms,
        )
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider
            .signature_verification_algorithms
            .supported_schemes()
    }
}

/// Names the refusal. The verifier's own kind decides where it has one; on systems whose verifier only gives a text,
/// the presented certificates decide.
fn reason_of(refusal: &rustls::Error, chain: &[Certificate], now: UnixTime) -> TlsReason {
    let self_signed = chain.first().is_some_and(|leaf| leaf.self_issued);
    let rustls::Error::InvalidCertificate(kind) = refusal else {
        return TlsReason::Other {
            detail: printable(&refusal.to_string(), EXCERPT_CHARACTERS),
        };
    };
    let now = seconds(now);
    let expired = chain.iter().any(|c| c.valid_until.as_second() < now);
    let not_yet_valid = chain.iter().any(|c| c.valid_from.as_second() > now);
    match kind {
        // Some systems have one word for both sides of the period.
        CertificateError::Expired | CertificateError::ExpiredContext { .. } if not_yet_valid && !expired => {
            TlsReason::NotYetValid
        }
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => TlsReason::Expired,
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => TlsReason::NotYetValid,
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            TlsReason::WrongName
        }
        CertificateError::Revoked => TlsReason::Revoked,
        CertificateError::UnknownIssuer if self_signed => TlsReason::SelfSigned,
        CertificateError::UnknownIssuer => TlsReason::UnknownIssuer,
        _ if expired => TlsReason::Expired,
        _ if not_yet_valid => TlsReason::NotYetValid,
        _ if self_signed => TlsReason::SelfSigned,
        _ => TlsReason::Other {
            detail: printable(&refusal.to_string(), EXCERPT_CHARACTERS),
        },
    }
}

fn seconds(time: UnixTime) -> i64 {
    i64::try_from(time.as_secs()).unwrap_or(i64::MAX)
}

/// What a failed handshake was about, in the same terms.
pub(super) fn failure_of(error: &rustls::Error, host: &str) -> TlsFailure {
    if let rustls::Error::InvalidCertificate(CertificateError::Other(OtherError(inner))) = error
        && let Some(failure) = inner.downcast_ref::<TlsFailure>()
    {
        return failure.clone();
    }
    let detail = printable(&error.to_string(), EXCERPT_CHARACTERS);
    let reason = match error {
        rustls::Error::InvalidMessage(_) => TlsReason::NotTls,
        rustls::Error::AlertReceived(_)
        | rustls::Error::PeerIncompatible(_)
        | rustls::Error::PeerMisbehaved(_) => TlsReason::Handshake { detail },
        _ => TlsReason::Other { detail },
    };
    TlsFailure {
        host: host.to_owned(),
        reason,
        chain: Vec::new(),
    }
}
