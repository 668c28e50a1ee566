//! The one verifier of server certificates.

use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::verify_server_name;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, DigitallySignedStruct, OtherError, SignatureScheme};

use super::authority::CaBundle;
use super::failure::{TlsFailure, TlsReason};
use super::pin::Pin;
use crate::repository::certificate::Certificate;
use crate::repository::excerpt::{EXCERPT_CHARACTERS, printable};

/// The operating system's verifier, or the pin where one is set; a refusal carries a [`TlsFailure`].
#[derive(Debug)]
pub(super) struct ExplainingVerifier {
    /// `None` when the system has no certificates at all and there is no CA file: then everything is refused.
    system: Option<rustls_platform_verifier::Verifier>,
    extra: CaBundle,
    pin: Option<Pin>,
    provider: Arc<CryptoProvider>,
}

/// What a server presented, and when.
struct Presentation<'a> {
    end_entity: &'a CertificateDer<'a>,
    intermediates: &'a [CertificateDer<'a>],
    server_name: &'a ServerName<'a>,
    ocsp_response: &'a [u8],
    now: UnixTime,
}

impl ExplainingVerifier {
    pub(super) fn new(extra: &CaBundle, pin: Option<&Pin>, provider: Arc<CryptoProvider>) -> Self {
        let system =
            rustls_platform_verifier::Verifier::new_with_extra_roots(extra.roots(), provider.clone());
        Self {
            system: system.ok(),
            extra: extra.clone(),
            pin: pin.cloned(),
            provider,
        }
    }

    /// Why the certificate is not accepted; `Ok` when it is.
    fn judge(
        &self,
        shown: &Presentation<'_>,
        chain: &[Certificate],
    ) -> Result<ServerCertVerified, TlsReason> {
        let verdict = match self.pin.as_ref().filter(|pin| pin.concerns(shown.server_name)) {
            Some(pin) if pin.is(shown.end_entity) => Ok(ServerCertVerified::assertion()),
            Some(pin) => Err(TlsReason::OtherThanPinned {
                pinned: pin.fingerprint(),
                trusted_otherwise: self.judge_without_pin(shown, chain).is_ok(),
            }),
            None => self.judge_without_pin(shown, chain),
        };
        // No signature by such a key is accepted, so that the handshake would fail, and not say why.
        verdict.and_then(|accepted| match chain.first().filter(|leaf| leaf.key.is_weak()) {
            Some(leaf) => Err(weak_key(leaf)),
            None => Ok(accepted),
        })
    }

    fn judge_without_pin(
        &self,
        shown: &Presentation<'_>,
        chain: &[Certificate],
    ) -> Result<ServerCertVerified, TlsReason> {
        let Some(system) = &self.system else {
            return Err(TlsReason::NoTrustStore);
        };
        system
            .verify_server_cert(
                shown.end_entity,
                shown.intermediates,
                shown.server_name,
                shown.ocsp_response,
                shown.now,
            )
            .or_else(|refusal| match self.as_vouched_for(shown) {
                Some(verdict) => verdict.map(|()| ServerCertVerified::assertion()),
                None => Err(reason_of(&refusal, chain, shown.now)),
            })
    }

    /// When the CA file holds the server's very certificate: whether it names this server and is in date. `None` when
    /// the CA file does not hold it.
    ///
    /// A certificate that the server signed itself as an authority (the default of many tools) is refused by the
    /// verifier even when it is trusted; conda accepts it from a CA file, so a person may rely on it.
    fn as_vouched_for(&self, shown: &Presentation<'_>) -> Option<Result<(), TlsReason>> {
        let leaf = shown.end_entity;
        let facts = Certificate::from_der(leaf)?;
        if !facts.self_issued || !self.extra.holds(leaf) {
            return None;
        }
        let named = ParsedCertificate::try_from(leaf)
            .is_ok_and(|leaf| verify_server_name(&leaf, shown.server_name).is_ok());
        let now = seconds(shown.now);
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
        let shown = Presentation {
            end_entity,
            intermediates,
            server_name,
            ocsp_response,
            now,
        };
        let reason = match self.judge(&shown, &chain) {
            Ok(accepted) => return Ok(accepted),
            Err(reason) => reason,
        };
        let failure = TlsFailure::new(server_name.to_str().into_owned(), reason, chain);
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
    let other = || TlsReason::Other {
        detail: printable(&refusal.to_string(), EXCERPT_CHARACTERS),
    };
    let rustls::Error::InvalidCertificate(kind) = refusal else {
        return other();
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
        _ => weakness(chain).unwrap_or_else(other),
    }
}

fn weak_key(certificate: &Certificate) -> TlsReason {
    TlsReason::WeakKey {
        subject: certificate.subject_name().to_owned(),
        key: certificate.key.clone(),
    }
}

/// What in the chain is so weak that no signature of it counts. How a root is signed does not matter.
fn weakness(chain: &[Certificate]) -> Option<TlsReason> {
    let key = chain.iter().find(|certificate| certificate.key.is_weak());
    let signature = chain
        .iter()
        .find(|certificate| certificate.signature.is_weak() && !certificate.self_issued);
    key.map(weak_key).or_else(|| {
        signature.map(|certificate| TlsReason::WeakSignature {
            subject: certificate.subject_name().to_owned(),
            signature: certificate.signature.clone(),
        })
    })
}

fn seconds(time: UnixTime) -> i64 {
    i64::try_from(time.as_secs()).unwrap_or(i64::MAX)
}
