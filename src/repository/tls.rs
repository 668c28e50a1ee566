//! Which certificates are trusted, and what is said when one is not.
//!
//! There is one verifier: the operating system's, with the certificates of a CA file beside the system's own. It is
//! wrapped only to keep, with every refusal, what the server presented, and to hold a server to the certificate that a
//! person pinned for it; nothing anywhere turns verification off.

mod authority;
mod client_certificate;
mod failure;
mod issuer;
mod pin;
mod verifier;

use std::sync::Arc;

use rustls::{AlertDescription, CertificateError, ClientConfig, OtherError};

use super::excerpt::{EXCERPT_CHARACTERS, printable};
use verifier::ExplainingVerifier;

pub use authority::{CaBundle, CaError};
pub use client_certificate::{ClientCertificate, ClientCertificateError};
pub(super) use client_certificate::{Presented, Presenter};
pub use failure::{Clocks, TlsFailure, TlsReason};
pub use pin::{Fingerprint, FingerprintError, Pin};

/// What a connection is secured with.
#[derive(Debug, Clone)]
pub(super) struct Connector {
    pub(super) config: Arc<ClientConfig>,
    pub(super) presenter: Arc<Presenter>,
}

/// The connection settings that everything here shares: the system's trust, the CA file beside it or the pin, the
/// client certificate, TLS 1.2 and 1.3.
pub(super) fn connector(
    extra: &CaBundle,
    pin: Option<&Pin>,
    certificate: Option<&ClientCertificate>,
) -> Result<Connector, rustls::Error> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let verifier = Arc::new(ExplainingVerifier::new(extra, pin, provider.clone()));
    let presenter = Arc::new(Presenter::new(certificate));
    // The method is called dangerous because a verifier could accept anything; this one is the system's, or stricter.
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .dangerous()
        .with_custom_certificate_verifier(verifier)
        .with_client_cert_resolver(presenter.clone());
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Connector {
        config: Arc::new(config),
        presenter,
    })
}

/// What a failed handshake was about, in the same terms.
pub(super) fn failure_of(error: &rustls::Error, host: &str, presented: Presented) -> TlsFailure {
    if let rustls::Error::InvalidCertificate(CertificateError::Other(OtherError(inner))) = error
        && let Some(failure) = inner.downcast_ref::<TlsFailure>()
    {
        return failure.clone();
    }
    let detail = printable(&error.to_string(), EXCERPT_CHARACTERS);
    let reason = match error {
        rustls::Error::InvalidMessage(_) => TlsReason::NotTls,
        // That of the handshake: a certificate's own is part of what the verifier explains.
        rustls::Error::InvalidCertificate(CertificateError::BadSignature) => TlsReason::Other {
            detail: "The server does not hold the key of the certificate that it shows".to_owned(),
        },
        rustls::Error::AlertReceived(AlertDescription::CertificateRequired) => {
            TlsReason::WantsClientCertificate
        }
        rustls::Error::AlertReceived(alert) if is_about_a_certificate(*alert) => match presented {
            Presented::Given => TlsReason::RefusedClientCertificate { detail },
            Presented::Missing => TlsReason::WantsClientCertificate,
            Presented::NotAsked => TlsReason::Handshake { detail },
        },
        rustls::Error::AlertReceived(_)
        | rustls::Error::PeerIncompatible(_)
        | rustls::Error::PeerMisbehaved(_) => TlsReason::Handshake { detail },
        _ => TlsReason::Other { detail },
    };
    TlsFailure::new(host.to_owned(), reason, Vec::new())
}

/// What a server says that found the client certificate, or its absence, wanting. The general failure is among them:
/// TLS 1.2 has no other word for it.
fn is_about_a_certificate(alert: AlertDescription) -> bool {
    matches!(
        alert,
        AlertDescription::HandshakeFailure
            | AlertDescription::NoCertificate
            | AlertDescription::BadCertificate
            | AlertDescription::UnsupportedCertificate
            | AlertDescription::CertificateRevoked
            | AlertDescription::CertificateExpired
            | AlertDescription::CertificateUnknown
            | AlertDescription::UnknownCA
            | AlertDescription::AccessDenied
            | AlertDescription::DecryptError
    )
}
