//! JSON Web Tokens with the look of a real provider's.
//!
//! An access token is shaped as the recorded one, down to the length of its signature, but the signature comes from a key
//! of this server: whoever reads it sees the real shape, and no other text is accepted in its place. There is no public
//! key to verify it with (server reference, section 9).

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};
use serde_json::{Value, json};

use super::random::{bytes, hmac_sha256};
use crate::secret::Secret;

/// Signs tokens, and knows its own again.
pub(super) struct Signer {
    key: [u8; 32],
    key_id: String,
}

impl Signer {
    pub(super) fn new() -> Result<Self, getrandom::Error> {
        Ok(Self {
            key: bytes()?,
            key_id: BASE64_URL_SAFE_NO_PAD.encode(bytes::<32>()?),
        })
    }

    /// A token as `RS256` makes them: for access, identity and API keys.
    pub(super) fn sign(&self, payload: &Value) -> Secret {
        let header = json!({"alg": "RS256", "typ": "JWT", "kid": self.key_id});
        joined(&header, payload, |text| self.long_signature(text))
    }

    /// A token as `HS256` makes them: for renewal.
    pub(super) fn sign_refresh(&self, payload: &Value) -> Secret {
        let header = json!({"alg": "HS256", "typ": "JWT", "kid": self.key_id});
        joined(&header, payload, |text| hmac_sha256(&self.key, text).to_vec())
    }

    /// The payload of a token from [`Self::sign`]; nothing if it was not made here.
    pub(super) fn payload(&self, jwt: &str) -> Option<Value> {
        checked(jwt, |text| self.long_signature(text))
    }

    /// The payload of a token from [`Self::sign_refresh`]; nothing if it was not made here.
    pub(super) fn refresh_payload(&self, jwt: &str) -> Option<Value> {
        checked(jwt, |text| hmac_sha256(&self.key, text).to_vec())
    }

    /// As long as an RS256 signature: clients meet a token of the real size.
    fn long_signature(&self, text: &[u8]) -> Vec<u8> {
        (0..8_u8)
            .flat_map(|part| {
                let mut message = vec![part];
                message.extend_from_slice(text);
                hmac_sha256(&self.key, &message)
            })
            .collect()
    }
}

fn joined(header: &Value, payload: &Value, sign: impl Fn(&[u8]) -> Vec<u8>) -> Secret {
    let encoded = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!("{}.{}", encoded(header), encoded(payload));
    let signature = BASE64_URL_SAFE_NO_PAD.encode(sign(signed.as_bytes()));
    Secret::new(format!("{signed}.{signature}"))
}

fn checked(jwt: &str, sign: impl Fn(&[u8]) -> Vec<u8>) -> Option<Value> {
    let (signed, signature) = jwt.rsplit_once('.')?;
    let (_, payload) = signed.split_once('.')?;
    if BASE64_URL_SAFE_NO_PAD.decode(signature).ok()? != sign(signed.as_bytes()) {
        return None;
    }
    serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(payload).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_signed_here_counts() {
        let signer = Signer::new().unwrap();
        let payload = json!({"sub": "alice"});
        let jwt = signer.sign(&payload);
        assert_eq!(signer.payload(jwt.expose()), Some(payload.clone()));
        assert_eq!(Signer::new().unwrap().payload(jwt.expose()), None);

        let refresh = signer.sign_refresh(&payload);
        assert_eq!(signer.refresh_payload(refresh.expose()), Some(payload));
        assert_eq!(
            signer.payload(refresh.expose()),
            None,
            "a refresh token is no access token"
        );
        assert_eq!(signer.refresh_payload(jwt.expose()), None);

        let (signed, signature) = jwt.expose().rsplit_once('.').unwrap();
        let (header, _) = signed.split_once('.').unwrap();
        let forged = BASE64_URL_SAFE_NO_PAD.encode(r#"{"sub":"admin"}"#);
        assert_eq!(signer.payload(&format!("{header}.{forged}.{signature}")), None);
        assert_eq!(signer.payload(&format!("{signed}.")), None);
        assert_eq!(signer.payload("x"), None);
    }
}
