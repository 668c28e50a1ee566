//! What a JSON Web Token says of itself. Its signature is the server's business: what is read here is shown, and decides
//! over nothing but whether a login is called expired.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use serde_json::Value;

/// The claims of a token that matter here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Claims {
    pub expires_at: Option<Timestamp>,
    pub user: Option<String>,
}

/// Reads the claims; nothing when the text is no JWT.
pub(super) fn claims(text: &str) -> Option<Claims> {
    let mut parts = text.trim().split('.');
    let (_header, payload, _signature) = (parts.next()?, parts.next()?, parts.next()?);
    let payload = URL_SAFE_NO_PAD.decode(payload.trim_end_matches('=')).ok()?;
    let payload: Value = serde_json::from_slice(&payload).ok()?;
    let payload = payload.as_object()?;
    let seconds = payload.get("exp").and_then(Value::as_f64);
    let named = ["preferred_username", "user_name", "username"];
    Some(Claims {
        expires_at: seconds.and_then(|seconds| Timestamp::from_second(seconds as i64).ok()),
        user: named
            .into_iter()
            .find_map(|name| payload.get(name)?.as_str())
            .map(str::to_owned),
    })
}

#[cfg(test)]
mod tests {
    use super::super::fixture::jwt;
    use super::*;
    use serde_json::json;

    #[test]
    fn expiry_and_user_are_read_and_anything_else_is_no_jwt() {
        let read = claims(&jwt(
            &json!({"exp": 1_800_000_000, "preferred_username": "älice"}),
        ))
        .unwrap();
        assert_eq!(read.expires_at.unwrap().as_second(), 1_800_000_000);
        assert_eq!(read.user.as_deref(), Some("älice"));
        assert_eq!(
            claims(&jwt(&json!({"sub": "x"}))).unwrap(),
            Claims {
                expires_at: None,
                user: None
            }
        );
        for text in ["", "abc", "a.b.c", "a.e30=", &jwt(&json!([1]))] {
            assert_eq!(claims(text), None, "{text}");
        }
        // A number no clock reaches is no date.
        assert_eq!(claims(&jwt(&json!({"exp": 1e300}))).unwrap().expires_at, None);
    }
}
