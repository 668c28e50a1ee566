//! A file's content kept for later without the secrets in it.
//!
//! Two kinds of secret stand in a person's file. One that Sextant made (a token it created) is `gone` once the
//! file is put away: it is replaced by a reference that can never be filled again, since undoing a sign-out
//! cannot revive a token. One that the person put there (`/t/<token>/` or `user:password@` in a channel) must
//! come back when the file is restored; it is `kept`, but in the credential store, and the snapshot holds its
//! number only.

use sha2::{Digest, Sha256};
use thiserror::Error;

use crate::secret::{Secret, find_in_text};

const OPEN: &str = "⟦sextant:";
const CLOSE: &str = "⟧";

/// SHA-256 in lower-case hexadecimal.
pub fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SnapshotError {
    #[error("the file held a token that no longer exists")]
    Gone,
    #[error("a secret that stood in the file is no longer in the credential store")]
    Lost,
}

/// Content with references in the place of secrets.
#[derive(Debug, Clone)]
pub struct Masked {
    pub bytes: Vec<u8>,
    /// The secrets to be kept elsewhere, in the order of their numbers.
    pub kept: Vec<Secret>,
}

/// Replaces every occurrence of a value in `gone`, then everything else that looks like a secret.
/// Bytes that are no UTF-8 are returned unchanged: Sextant edits no such file.
pub fn mask(bytes: &[u8], gone: &[&str]) -> Masked {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return Masked {
            bytes: bytes.to_vec(),
            kept: Vec::new(),
        };
    };
    let mut text = text.to_owned();
    for value in gone.iter().filter(|value| !value.is_empty()) {
        text = text.replace(value, &format!("{OPEN}gone{CLOSE}"));
    }
    let mut masked = String::with_capacity(text.len());
    let mut kept = Vec::new();
    let mut at = 0;
    for range in find_in_text(&text) {
        masked.push_str(&text[at..range.start]);
        masked.push_str(&format!("{OPEN}kept:{}{CLOSE}", kept.len()));
        kept.push(Secret::new(&text[range.clone()]));
        at = range.end;
    }
    masked.push_str(&text[at..]);
    Masked {
        bytes: masked.into_bytes(),
        kept,
    }
}

/// Content that is one secret as a whole, to be kept. Bytes that are no UTF-8 are no secret that could be kept: they are
/// gone.
pub fn mask_whole(bytes: &[u8]) -> Masked {
    match std::str::from_utf8(bytes) {
        Ok(text) => Masked {
            bytes: format!("{OPEN}kept:0{CLOSE}").into_bytes(),
            kept: vec![Secret::new(text)],
        },
        Err(_) => Masked {
            bytes: format!("{OPEN}gone{CLOSE}").into_bytes(),
            kept: Vec::new(),
        },
    }
}

/// The inverse of [`mask`]; `kept` gives the secret of a number.
///
/// Errors: [`SnapshotError::Gone`] when the content held a token of Sextant's, [`SnapshotError::Lost`] when
/// `kept` knows a number no more.
pub fn unmask(bytes: &[u8], kept: impl Fn(usize) -> Option<Secret>) -> Result<Vec<u8>, SnapshotError> {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return Ok(bytes.to_vec());
    };
    let mut whole = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(OPEN) {
        let (before, from) = rest.split_at(start);
        whole.push_str(before);
        let inner = &from[OPEN.len()..];
        let Some(end) = inner.find(CLOSE) else {
            whole.push_str(from);
            return Ok(whole.into_bytes());
        };
        match inner[..end]
            .strip_prefix("kept:")
            .and_then(|number| number.parse().ok())
        {
            Some(number) => whole.push_str(kept(number).ok_or(SnapshotError::Lost)?.expose()),
            None => return Err(SnapshotError::Gone),
        }
        rest = &inner[end + CLOSE.len()..];
    }
    whole.push_str(rest);
    Ok(whole.into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_made_token_is_gone_and_a_found_one_is_kept() {
        let text = b"token = 'aaa111'\nchannel: https://h/t/bbb222/c\n";
        let masked = mask(text, &["aaa111"]);
        let shown = String::from_utf8(masked.bytes.clone()).unwrap();
        assert!(!shown.contains("aaa111") && !shown.contains("bbb222"), "{shown}");
        assert_eq!(masked.kept.len(), 1);
        assert_eq!(unmask(&masked.bytes, |_| None), Err(SnapshotError::Gone));
    }

    #[test]
    fn a_lost_secret_is_said() {
        let masked = mask(b"https://h/t/bbb222/c", &[]);
        assert_eq!(unmask(&masked.bytes, |_| None), Err(SnapshotError::Lost));
    }

    #[test]
    fn what_is_one_secret_is_kept_as_a_whole() {
        let masked = mask_whole(b"abc-token\n");
        assert!(!String::from_utf8_lossy(&masked.bytes).contains("abc"));
        let back = unmask(&masked.bytes, |number| masked.kept.get(number).cloned());
        assert_eq!(back.unwrap(), b"abc-token\n");
        assert_eq!(unmask(&masked.bytes, |_| None), Err(SnapshotError::Lost));
        assert_eq!(unmask(&mask_whole(b"\xff").bytes, |_| None), Err(SnapshotError::Gone));
    }

    proptest! {
        #[test]
        fn what_is_kept_comes_back(text in "(?s)[a-z:/t@\n ü-]{0,80}(/t/[a-z0-9]{1,8}/|://[a-z]{1,3}:[a-z]{1,3}@h)?[a-z\n/]{0,20}") {
            let masked = mask(text.as_bytes(), &[]);
            let back = unmask(&masked.bytes, |number| masked.kept.get(number).cloned()).unwrap();
            prop_assert_eq!(back, text.into_bytes());
        }
    }
}
