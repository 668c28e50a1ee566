//! Certificates for the TLS modes, made anew at every start.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    KeyUsagePurpose, date_time_ymd,
};
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio_rustls::TlsAcceptor;

use super::clock::{day, later};
use super::error::PracticeError;
use super::options::Tls;

/// What the server needs to speak TLS, and what its clients need to trust it.
pub(super) struct Identity {
    pub(super) acceptor: TlsAcceptor,
    /// The authority, in PEM, in the modes that hand it out.
    pub(super) authority: Option<String>,
}

/// The identity of a mode; nothing for plain HTTP.
pub(super) fn identity(tls: Tls) -> Result<Option<Identity>, PracticeError> {
    let key = KeyPair::generate().map_err(PracticeError::Certificate)?;
    let params = leaf(tls).map_err(PracticeError::Certificate)?;
    let (chain, authority) = match tls {
        Tls::Off => return Ok(None),
        Tls::SelfSigned => {
            let certificate = params.self_signed(&key).map_err(PracticeError::Certificate)?;
            (vec![certificate.der().clone()], None)
        }
        Tls::Valid | Tls::Expired | Tls::WrongHost => {
            let authority = authority().map_err(PracticeError::Certificate)?;
            (signed(&params, &key, &authority)?, Some(authority.pem()))
        }
        Tls::UnknownIssuer => {
            let authority = authority().map_err(PracticeError::Certificate)?;
            (signed(&params, &key, &authority)?, None)
        }
    };
    Ok(Some(Identity {
        acceptor: acceptor(chain, &key)?,
        authority,
    }))
}

fn authority() -> Result<CertifiedIssuer<'static, KeyPair>, rcgen::Error> {
    let mut params = CertificateParams::default();
    params
        .distinguished_name
        .push(DnType::CommonName, "Practice authority");
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    lasting(&mut params, 397);
    CertifiedIssuer::self_signed(params, KeyPair::generate()?)
}

fn leaf(tls: Tls) -> Result<CertificateParams, rcgen::Error> {
    let names = match tls {
        Tls::WrongHost => vec!["other.example".to_owned()],
        _ => vec!["localhost".to_owned(), "127.0.0.1".to_owned()],
    };
    let mut params = CertificateParams::new(names)?;
    params
        .distinguished_name
        .push(DnType::CommonName, "Practice server");
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.use_authority_key_identifier_extension = true;
    match tls {
        Tls::Expired => {
            params.not_before = date_time_ymd(2019, 1, 1);
            params.not_after = date_time_ymd(2020, 1, 1);
        }
        _ => lasting(&mut params, 397),
    }
    Ok(params)
}

/// From yesterday on for so many days: some systems refuse certificates that last for years.
fn lasting(params: &mut CertificateParams, days: i64) {
    let at = |days: i64| {
        let date = day(later(Timestamp::now(), SignedDuration::from_hours(24 * days)));
        // The months and days of a calendar date fit.
        let part = |number: i8| u8::try_from(number).unwrap_or(1);
        date_time_ymd(date.year().into(), part(date.month()), part(date.day()))
    };
    params.not_before = at(-1);
    params.not_after = at(days);
}

fn signed(
    params: &CertificateParams,
    key: &KeyPair,
    authority: &CertifiedIssuer<'static, KeyPair>,
) -> Result<Vec<CertificateDer<'static>>, PracticeError> {
    let certificate = params
        .signed_by(key, authority)
        .map_err(PracticeError::Certificate)?;
    Ok(vec![certificate.der().clone()])
}

fn acceptor(chain: Vec<CertificateDer<'static>>, key: &KeyPair) -> Result<TlsAcceptor, PracticeError> {
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    // The provider is named: the process may have installed none, or another.
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .and_then(|builder| builder.with_no_client_auth().with_single_cert(chain, key))
        .map_err(PracticeError::Tls)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}
