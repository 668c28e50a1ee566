//! A file's content kept for later without the secrets in it.
//!
//! Two kinds of secret stand in a person's file. One that Sextant made (a token it created) is `gone` once the
//! file is put away: it is replaced by a reference that can never be filled again, since undoing a sign-out
//! cannot revive a token. One that the person put there (`/t/<token>/` or `user:password@` in a channel) must
//! come back when the file is restored; it is `kept`, but in the credential store, and the snapshot holds its
//! number only. What looks like no secret, but is one that must come back, is named by the caller (`own`).

use std::ops::Range;

use sha2::{Digest, Sha256};
use thiserror::Error;

use crate::secret::{Secret, find_in_text};

const OPEN: &str = "⟦sextant:";
const CLOSE: &str = "⟧";

/// Of a content that was a secret as a whole.
pub const NOTHING_LEFT: &str = "⟦sextant:gone⟧";

/// Stands for any secret.
const HIDDEN: &str = "⟦sextant⟧";

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

/// What in a content is secret although it does not look like it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Named<'a> {
    /// Values that never come back.
    pub gone: &'a [&'a str],
    /// Values that come back with the file.
    pub own: &'a [&'a str],
}

impl<'a> Named<'a> {
    pub const NOTHING: Self = Self { gone: &[], own: &[] };

    pub const fn gone(gone: &'a [&'a str]) -> Self {
        Self { gone, own: &[] }
    }
}

/// Replaces every occurrence of a value in `gone`, then those in `own` and everything else that looks like a secret.
/// Bytes that are no UTF-8 stay as they are, and what is text between them is masked all the same.
pub fn mask(bytes: &[u8], named: Named<'_>) -> Masked {
    let mut masked = Masked {
        bytes: Vec::with_capacity(bytes.len()),
        kept: Vec::new(),
    };
    for chunk in bytes.utf8_chunks() {
        masked.push(chunk.valid(), named);
        masked.bytes.extend_from_slice(chunk.invalid());
    }
    masked
}

impl Masked {
    fn push(&mut self, text: &str, named: Named<'_>) {
        let mut text = text.to_owned();
        for value in named.gone.iter().filter(|value| !value.is_empty()) {
            text = text.replace(value, &format!("{OPEN}gone{CLOSE}"));
        }
        let mut at = 0;
        for range in secrets_in(&text, named.own) {
            self.bytes.extend_from_slice(&text.as_bytes()[at..range.start]);
            let reference = format!("{OPEN}kept:{}{CLOSE}", self.kept.len());
            self.bytes.extend_from_slice(reference.as_bytes());
            self.kept.push(Secret::new(&text[range.clone()]));
            at = range.end;
        }
        self.bytes.extend_from_slice(&text.as_bytes()[at..]);
    }
}

/// Where secrets stand, ascending and without overlap: the values in `own`, and what looks like a secret.
fn secrets_in(text: &str, own: &[&str]) -> Vec<Range<usize>> {
    let mut found = find_in_text(text);
    for value in own.iter().filter(|value| !value.is_empty()) {
        found.extend(text.match_indices(value).map(|(at, _)| at..at + value.len()));
    }
    found.sort_by_key(|range| (range.start, usize::MAX - range.end));
    let mut apart: Vec<Range<usize>> = Vec::new();
    for range in found {
        match apart.last_mut() {
            Some(last) if range.start < last.end => last.end = last.end.max(range.end),
            _ => apart.push(range),
        }
    }
    apart
}

/// The inverse of [`mask`]; `kept` gives the secret of a number.
///
/// Errors: [`SnapshotError::Gone`] when the content held a token of Sextant's, [`SnapshotError::Lost`] when
/// `kept` knows a number no more.
pub fn unmask(bytes: &[u8], kept: impl Fn(usize) -> Option<Secret>) -> Result<Vec<u8>, SnapshotError> {
    let mut whole = Vec::with_capacity(bytes.len());
    for part in parts(bytes) {
        match part {
            Part::Plain(bytes) => whole.extend_from_slice(bytes),
            Part::Reference(inner) => {
                match inner.strip_prefix("kept:").and_then(|number| number.parse().ok()) {
                    Some(number) => {
                        let secret = kept(number).ok_or(SnapshotError::Lost)?;
                        whole.extend_from_slice(secret.expose().as_bytes());
                    }
                    None => return Err(SnapshotError::Gone),
                }
            }
        }
    }
    Ok(whole)
}

/// Masked content in which every reference looks the same: comparable with that of another version, whatever its
/// secrets are.
pub fn without_secrets(masked: &[u8]) -> Vec<u8> {
    let parts = parts(masked).into_iter().flat_map(|part| match part {
        Part::Plain(bytes) => bytes.to_vec(),
        Part::Reference(_) => HIDDEN.as_bytes().to_vec(),
    });
    parts.collect()
}

/// Masked content for a person to read, with `mask` in the place of secrets.
pub fn shown(masked: &[u8], mask: &str) -> Vec<u8> {
    let parts = parts(masked).into_iter().flat_map(|part| match part {
        Part::Plain(bytes) => bytes.to_vec(),
        Part::Reference(_) => mask.as_bytes().to_vec(),
    });
    parts.collect()
}

/// Whether masked content held any secret.
pub fn has_secrets(masked: &[u8]) -> bool {
    next_reference(masked).is_some()
}

/// Whether masked content held a secret that can never be filled in again.
pub fn is_incomplete(masked: &[u8]) -> bool {
    parts(masked)
        .iter()
        .any(|part| matches!(part, Part::Reference(inside) if !inside.starts_with("kept:")))
}

/// Whether a text of [`without_secrets`] lacks a secret.
pub fn hides_something(text: &str) -> bool {
    text.contains(HIDDEN)
}

enum Part<'a> {
    Plain(&'a [u8]),
    /// What stands inside the brackets of a reference.
    Reference(&'a str),
}

fn parts(bytes: &[u8]) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let mut rest = bytes;
    while let Some((before, inside, after)) = next_reference(rest) {
        parts.push(Part::Plain(before));
        parts.push(Part::Reference(inside));
        rest = after;
    }
    parts.push(Part::Plain(rest));
    parts
}

fn next_reference(bytes: &[u8]) -> Option<(&[u8], &str, &[u8])> {
    let find = |bytes: &[u8], wanted: &str| {
        let wanted = wanted.as_bytes();
        bytes.windows(wanted.len()).position(|window| window == wanted)
    };
    let start = find(bytes, OPEN)?;
    let inside = &bytes[start + OPEN.len()..];
    let end = find(inside, CLOSE)?;
    let text = std::str::from_utf8(&inside[..end]).ok()?;
    Some((&bytes[..start], text, &inside[end + CLOSE.len()..]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_made_token_is_gone_and_a_found_one_is_kept() {
        let text = b"token = 'aaa111'\nchannel: https://h/t/bbb222/c\n";
        let masked = mask(text, Named::gone(&["aaa111"]));
        let shown = String::from_utf8(masked.bytes.clone()).unwrap();
        assert!(!shown.contains("aaa111") && !shown.contains("bbb222"), "{shown}");
        assert_eq!(masked.kept.len(), 1);
        assert_eq!(unmask(&masked.bytes, |_| None), Err(SnapshotError::Gone));
    }

    #[test]
    fn a_lost_secret_is_said() {
        let masked = mask(b"https://h/t/bbb222/c", Named::NOTHING);
        assert_eq!(unmask(&masked.bytes, |_| None), Err(SnapshotError::Lost));
    }

    #[test]
    fn what_is_named_as_ones_own_comes_back_and_overlaps_do_no_harm() {
        let text = b"token = 'abc'\nurl = https://h/t/abc/c\nabcd\n";
        let named = Named {
            gone: &[],
            own: &["abc", "abc/c", ""],
        };
        let masked = mask(text, named);
        let shown = String::from_utf8(masked.bytes.clone()).unwrap();
        assert!(!shown.contains("abc"), "{shown}");
        let back = unmask(&masked.bytes, |number| masked.kept.get(number).cloned()).unwrap();
        assert_eq!(back, text);
    }

    #[test]
    fn text_between_bytes_that_are_none_is_masked_too() {
        let text = b"a: \xff\n- https://h/t/abc123/c\n\xfe";
        let masked = mask(text, Named::NOTHING);
        assert!(!String::from_utf8_lossy(&masked.bytes).contains("abc123"));
        let back = unmask(&masked.bytes, |number| masked.kept.get(number).cloned()).unwrap();
        assert_eq!(back, text);
    }

    #[test]
    fn versions_that_differ_in_secrets_alone_are_the_same_without_them() {
        let one = mask(b"x: https://h/t/abc/c", Named::NOTHING);
        let other = mask(b"x: https://h/t/def/c", Named::gone(&["def"]));
        let (one, other) = (without_secrets(&one.bytes), without_secrets(&other.bytes));
        assert_eq!(one, other);
        assert!(hides_something(std::str::from_utf8(&one).unwrap()));
    }

    proptest! {
        #[test]
        fn what_is_kept_comes_back(text in "(?s)[a-z:/t@\n ü-]{0,80}(/t/[a-z0-9]{1,8}/|://[a-z]{1,3}:[a-z]{1,3}@h)?[a-z\n/]{0,20}") {
            let masked = mask(text.as_bytes(), Named::NOTHING);
            let back = unmask(&masked.bytes, |number| masked.kept.get(number).cloned()).unwrap();
            prop_assert_eq!(back, text.into_bytes());
        }
    }
}
