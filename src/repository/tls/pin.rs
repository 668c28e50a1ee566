//! Trusting one certificate of one server, whoever issued it.

use std::fmt;
use std::str::FromStr;

use rustls::pki_types::{CertificateDer, ServerName};
use sha2::{Digest, Sha256};
use thiserror::Error;

use crate::error::{Explain, Kind, Problem};

/// SHA-256 over a whole certificate. `Display` writes upper-case pairs with colons, as browsers and OpenSSL do.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Fingerprint([u8; 32]);

/// Why a text is no fingerprint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum FingerprintError {
    #[error("the fingerprint holds something other than the digits 0-9 and A-F")]
    Character,
    #[error("a SHA-256 fingerprint has 64 digits, not {digits}")]
    Length { digits: usize },
}

impl Explain for FingerprintError {
    fn explain(&self) -> Problem {
        let problem = Problem::new(Kind::Usage, self.to_string());
        match self {
            // SHA-1 has 40 digits, MD5 32.
            Self::Length { digits: 32 | 40 } => problem
                .because("It may be one of the older kinds, SHA-1 or MD5, which can be forged")
                .remedy("Ask for the SHA-256 fingerprint of the certificate"),
            _ => problem.remedy(
                "Paste the SHA-256 fingerprint as a browser or openssl x509 -fingerprint -sha256 shows it",
            ),
        }
    }
}

impl Fingerprint {
    /// The fingerprint of a certificate in DER.
    pub fn of(certificate: &[u8]) -> Self {
        Self(Sha256::digest(certificate).into())
    }

    /// Reads `AA:BB:…`, plain hex in either case, or what OpenSSL prints (`sha256 Fingerprint=AA:BB:…`).
    ///
    /// # Errors
    /// [`FingerprintError`] says what is wrong with the text.
    pub fn parse(text: &str) -> Result<Self, FingerprintError> {
        let text = text.trim();
        let named = text.split_once('=').filter(|(name, _)| {
            let name = name.to_ascii_lowercase();
            name.trim_end().ends_with("fingerprint")
        });
        let text = named.map_or(text, |(_, value)| value);
        let prefix = text
            .get(..7)
            .filter(|prefix| prefix.eq_ignore_ascii_case("sha256:"));
        let text = prefix.map_or(text, |prefix| &text[prefix.len()..]);
        let signs = text
            .chars()
            .filter(|c| !c.is_whitespace() && !matches!(c, ':' | '-'));
        let digits: Vec<u8> = signs
            .map(|c| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok()))
            .collect::<Option<_>>()
            .ok_or(FingerprintError::Character)?;
        let wrong = FingerprintError::Length { digits: digits.len() };
        if digits.len() != 64 {
            return Err(wrong);
        }
        let bytes: Vec<u8> = digits
            .chunks_exact(2)
            .map(|pair| pair[0] << 4 | pair[1])
            .collect();
        bytes.try_into().map(Self).map_err(|_| wrong)
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, byte) in self.0.iter().enumerate() {
            let colon = if at == 0 { "" } else { ":" };
            write!(f, "{colon}{byte:02X}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Fingerprint {
    type Err = FingerprintError;

    fn from_str(text: &str) -> Result<Self, FingerprintError> {
        Self::parse(text)
    }
}

/// The only certificate that is accepted from a server.
///
/// It is accepted whatever its issuer, its names and its dates say: whoever pinned it has compared it. Any other is
/// refused, also one that the operating system would trust: a pin that yields to a public authority protects from
/// nothing, and a person who hears of the new certificate can pin that or give up the pin. The handshake proves in
/// either case that the server holds the certificate's key. A proxy on the way is not the server; the pin does not
/// concern it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pin {
    host: String,
    fingerprint: Fingerprint,
}

impl Pin {
    /// `host` without port, IPv6 in brackets or not.
    pub fn new(host: &str, fingerprint: Fingerprint) -> Self {
        Self {
            host: bare(host),
            fingerprint,
        }
    }

    pub fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }

    /// Whether the pin is for this server.
    pub(super) fn concerns(&self, name: &ServerName<'_>) -> bool {
        self.host == bare(&name.to_str())
    }

    pub(super) fn is(&self, certificate: &CertificateDer<'_>) -> bool {
        self.fingerprint == Fingerprint::of(certificate)
    }
}

fn bare(host: &str) -> String {
    host.trim_start_matches('[')
        .trim_end_matches(']')
        .trim_end_matches('.')
        .to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_is_read_in_every_form() {
        let known = Fingerprint::of(b"a certificate");
        let shown = known.to_string();
        assert_eq!((shown.len(), shown.matches(':').count()), (95, 31));
        let plain = shown.replace(':', "");
        for text in [
            shown.clone(),
            plain.clone(),
            plain.to_lowercase(),
            format!(" sha256 Fingerprint={shown}\n"),
            format!("SHA256:{shown}"),
            shown.replace(':', " "),
        ] {
            assert_eq!(Fingerprint::parse(&text), Ok(known), "{text}");
        }
        for (text, error) in [
            ("", FingerprintError::Length { digits: 0 }),
            (&shown[..59], FingerprintError::Length { digits: 40 }),
            (&format!("{plain}0"), FingerprintError::Length { digits: 65 }),
            (
                &plain.replacen(|c: char| c.is_ascii(), "G", 1),
                FingerprintError::Character,
            ),
            ("ünï", FingerprintError::Character),
        ] {
            assert_eq!(Fingerprint::parse(text), Err(error), "{text}");
            assert!(error.explain().remedy.is_some());
        }
    }

    #[test]
    fn a_pin_is_for_its_server_alone() {
        let pin = |host: &str| Pin::new(host, Fingerprint::of(b""));
        let name = |text: &'static str| ServerName::try_from(text).unwrap();
        assert!(pin("Repo.example.com.").concerns(&name("repo.example.com")));
        assert!(pin("[::1]").concerns(&name("::1")));
        assert!(!pin("repo.example.com").concerns(&name("proxy.example.com")));
    }
}
