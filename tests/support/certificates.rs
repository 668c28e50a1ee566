//! An organisation's own authority and the certificates that servers may show, good and bad.

// Every test file that includes this uses only a part of it.
#![allow(dead_code)]

use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer,
    KeyPair, PKCS_RSA_SHA256, PublicKeyData, SignatureAlgorithm, SigningKey, date_time_ymd,
};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert, WebPkiClientVerifier};
use rustls::sign::CertifiedKey;
use rustls::{RootCertStore, ServerConfig, SupportedProtocolVersion};

/// An authority of an organisation, and certificates it issues.
pub struct Authority(pub CertifiedIssuer<'static, KeyPair>);

impl Authority {
    pub fn new() -> Self {
        Self::named("Example Corp Root CA")
    }

    pub fn named(name: &str) -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    pub fn pem(&self) -> String {
        self.0.pem()
    }

    /// A server that presents a certificate for `names`, changed by `change`.
    pub fn server(&self, names: &[&str], change: impl Fn(&mut CertificateParams)) -> ServerConfig {
        let key = KeyPair::generate().unwrap();
        let certificate = params(names, change).signed_by(&key, &self.0).unwrap();
        config(vec![certificate.der().clone()], &key)
    }

    /// A certificate for a person and its key, in PEM.
    pub fn client(&self, name: &str) -> (String, String) {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.distinguished_name.push(DnType::CommonName, name);
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        let certificate = params.signed_by(&key, &self.0).unwrap();
        (certificate.pem(), key.serialize_pem())
    }

    /// A server for `names` that lets nobody in without a certificate of this authority.
    pub fn server_for_members(
        &self,
        names: &[&str],
        versions: &[&'static SupportedProtocolVersion],
    ) -> ServerConfig {
        let key = KeyPair::generate().unwrap();
        let certificate = params(names, unchanged).signed_by(&key, &self.0).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut roots = RootCertStore::empty();
        roots.add(self.0.der().clone()).unwrap();
        let members = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider.clone());
        ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(versions)
            .unwrap()
            .with_client_cert_verifier(members.build().unwrap())
            .with_single_cert(
                vec![certificate.der().clone()],
                PrivateKeyDer::try_from(key.serialize_der()).unwrap(),
            )
            .unwrap()
    }
}

/// A server that shows `certificate` without having its key: somebody in between who copied it.
pub fn impostor(certificate: CertificateDer<'static>) -> ServerConfig {
    showing(vec![certificate])
}

/// A server that shows these certificates without having the key of the first.
pub fn showing(chain: Vec<CertificateDer<'static>>) -> ServerConfig {
    #[derive(Debug)]
    struct Copied(Arc<CertifiedKey>);
    impl ResolvesServerCert for Copied {
        fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
            Some(self.0.clone())
        }
    }
    let own = KeyPair::generate().unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let own = PrivateKeyDer::try_from(own.serialize_der()).unwrap();
    let own = provider.key_provider.load_private_key(own).unwrap();
    let copied = Copied(Arc::new(CertifiedKey::new(chain, own)));
    ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(copied))
}

/// The certificate in PEM as it goes over the network.
pub fn der(pem: &str) -> CertificateDer<'static> {
    CertificateDer::from_pem_slice(pem.as_bytes()).unwrap()
}

pub fn params(names: &[&str], change: impl Fn(&mut CertificateParams)) -> CertificateParams {
    let mut params =
        CertificateParams::new(names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>()).unwrap();
    params
        .distinguished_name
        .push(DnType::CommonName, "psm.example.com");
    change(&mut params);
    params
}

/// A certificate that its server signed itself, and the server that presents it.
pub fn self_signed(names: &[&str], change: impl Fn(&mut CertificateParams)) -> (String, ServerConfig) {
    let key = KeyPair::generate().unwrap();
    let certificate = params(names, change).self_signed(&key).unwrap();
    (certificate.pem(), config(vec![certificate.der().clone()], &key))
}

pub fn config(chain: Vec<rustls::pki_types::CertificateDer<'static>>, key: &KeyPair) -> ServerConfig {
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .unwrap()
}

/// An RSA key of 1024 bits. Nobody has its private part: a client must see that it is weak before that matters.
pub struct ShortKey(Vec<u8>);

impl ShortKey {
    pub fn new() -> Self {
        // RSAPublicKey: a modulus of 1024 bits, and the exponent 65537.
        let head = [0x30, 0x81, 0x89, 0x02, 0x81, 0x81, 0x00];
        let modulus = [0xc5; 128];
        let exponent = [0x02, 0x03, 0x01, 0x00, 0x01];
        Self([head.as_slice(), &modulus, &exponent].concat())
    }
}

impl PublicKeyData for ShortKey {
    fn der_bytes(&self) -> &[u8] {
        &self.0
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        &PKCS_RSA_SHA256
    }
}

impl SigningKey for ShortKey {
    /// Something of the right length: no client gets as far as checking it.
    fn sign(&self, _: &[u8]) -> Result<Vec<u8>, rcgen::Error> {
        Ok(vec![0x5a; 128])
    }
}

impl Authority {
    /// A server whose own key is too short.
    pub fn server_with_short_key(&self, names: &[&str]) -> ServerConfig {
        let certificate = params(names, unchanged)
            .signed_by(&ShortKey::new(), &self.0)
            .unwrap();
        showing(vec![certificate.der().clone()])
    }

    /// A server whose intermediate authority has a key that is too short.
    pub fn server_below_short_key(&self, names: &[&str]) -> ServerConfig {
        let mut of_issuer = CertificateParams::new(Vec::new()).unwrap();
        of_issuer
            .distinguished_name
            .push(DnType::CommonName, "Example Corp Old Issuing CA");
        as_authority(&mut of_issuer);
        let intermediate = of_issuer.signed_by(&ShortKey::new(), &self.0).unwrap();
        let issuer = Issuer::new(of_issuer, ShortKey::new());
        let key = KeyPair::generate().unwrap();
        let certificate = params(names, unchanged).signed_by(&key, &issuer).unwrap();
        config(vec![certificate.der().clone(), intermediate.der().clone()], &key)
    }

    /// A server whose certificate is signed with SHA-1, as no client accepts it any more.
    pub fn server_signed_with_sha1(&self, names: &[&str]) -> ServerConfig {
        let mut of_issuer = CertificateParams::new(Vec::new()).unwrap();
        of_issuer
            .distinguished_name
            .push(DnType::CommonName, "Example Corp Root CA");
        let issuer = Issuer::new(of_issuer, ShortKey::new());
        let key = KeyPair::generate().unwrap();
        let certificate = params(names, unchanged).signed_by(&key, &issuer).unwrap();
        // The identifiers of both kinds of signature are of the same length.
        const SHA256: [u8; 11] = [0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b];
        let mut der = certificate.der().to_vec();
        let mut at = 0;
        while let Some(found) = der[at..]
            .windows(SHA256.len())
            .position(|window| window == SHA256)
        {
            at += found + SHA256.len();
            der[at - 1] = 0x05;
        }
        config(vec![CertificateDer::from(der)], &key)
    }
}

pub const HERE: &[&str] = &["127.0.0.1"];

pub fn unchanged(_: &mut CertificateParams) {}

pub fn expired(params: &mut CertificateParams) {
    params.not_before = date_time_ymd(2019, 1, 1);
    params.not_after = date_time_ymd(2020, 2, 3);
}

pub fn not_yet_valid(params: &mut CertificateParams) {
    params.not_before = date_time_ymd(2400, 1, 1);
    params.not_after = date_time_ymd(2401, 1, 1);
}

pub fn as_authority(params: &mut CertificateParams) {
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
}
