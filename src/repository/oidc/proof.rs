//! Random values that tie an answer to the sign-in that asked for it.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

use super::error::OidcError;
use crate::secret::Secret;

/// 256 random bits as 43 characters that need no encoding in an address: a PKCE verifier (RFC 7636, section 4.1), a
/// `state` or a `nonce`.
pub(super) fn random() -> Result<Secret, OidcError> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|e| OidcError::Internal {
        detail: format!("the system gave no random numbers: {e}"),
    })?;
    Ok(Secret::new(BASE64_URL_SAFE_NO_PAD.encode(bytes)))
}

/// The S256 challenge of a PKCE verifier.
pub(super) fn challenge(verifier: &Secret) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.expose()))
}

/// Whether `given` is the expected value, in a time that does not depend on where they differ.
pub(super) fn is(expected: &Secret, given: &str) -> bool {
    let (expected, given) = (expected.expose().as_bytes(), given.as_bytes());
    if expected.len() != given.len() {
        return false;
    }
    let difference = expected
        .iter()
        .zip(given)
        .fold(0, |difference, (a, b)| std::hint::black_box(difference | (a ^ b)));
    difference == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_challenge_is_that_of_the_standard() {
        // RFC 7636, appendix B.
        let verifier = Secret::new("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
        assert_eq!(
            challenge(&verifier),
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
        );
    }

    #[test]
    fn random_values_are_long_and_never_the_same() {
        let (one, two) = (random().unwrap(), random().unwrap());
        assert_eq!(one.expose().len(), 43);
        assert!(
            one.expose()
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
        );
        assert_ne!(one.expose(), two.expose());
    }

    #[test]
    fn only_the_very_value_is_the_value() {
        let expected = Secret::new("abc");
        assert!(is(&expected, "abc"));
        for other in ["", "ab", "abd", "Abc", "abcd"] {
            assert!(!is(&expected, other), "{other}");
        }
    }
}
