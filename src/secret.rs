//! Values that must never be seen: passwords, tokens, and addresses that carry them.
//!
//! `Debug` and `Display` of every type here mask the value; the only way out is a method named `expose`,
//! so that a search for `expose` lists every place where a secret leaves its type.

mod paste;

use std::fmt;

use secrecy::{ExposeSecret, SecretString};
use thiserror::Error;

pub use paste::{Change as PasteChange, NoToken};

/// What stands in the place of a secret wherever a person may read it.
pub const MASK: &str = "••••";

/// A password, session or any other secret text; wiped from memory when dropped.
#[derive(Clone)]
pub struct Secret(SecretString);

impl Secret {
    pub fn new(value: impl Into<String>) -> Self {
        Self(SecretString::from(value.into()))
    }

    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    pub fn is_empty(&self) -> bool {
        self.expose().is_empty()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(MASK)
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(MASK)
    }
}

/// Why a text is no token that conda could use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum InvalidToken {
    #[error("the token is empty")]
    Empty,
    #[error("the token contains a character other than letters, digits and '-', which conda would cut off")]
    Character,
}

/// A repository token: letters, digits and `-`, because conda recognises no more than that in `/t/<token>/`
/// (server reference, sections 1.1 and 3.5).
#[derive(Clone)]
pub struct Token(Secret);

impl Token {
    /// Accepts the token with white space around it, as it comes from a clipboard.
    pub fn parse(text: &str) -> Result<Self, InvalidToken> {
        let text = text.trim();
        if text.is_empty() {
            return Err(InvalidToken::Empty);
        }
        if !text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-') {
            return Err(InvalidToken::Character);
        }
        Ok(Self(Secret::new(text)))
    }

    pub fn expose(&self) -> &str {
        self.0.expose()
    }
}

impl PartialEq for Token {
    fn eq(&self, other: &Self) -> bool {
        self.expose() == other.expose()
    }
}

impl Eq for Token {}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(MASK)
    }
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(MASK)
    }
}

/// The fewest characters behind `t/` at the start of a name that are taken for a token.
const SHORTEST_TOKEN: usize = 8;

/// A channel's name of the form `t/<token>/<name>`, as older clients wanted it, taken apart.
pub fn split_name_token(text: &str) -> Option<(&str, &str)> {
    let (token, name) = text.strip_prefix("t/")?.split_once('/')?;
    let is_token =
        token.len() >= SHORTEST_TOKEN && token.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    (is_token && !name.is_empty()).then_some((token, name))
}

/// The byte ranges of secrets inside text: the token of every `/t/<token>` and of every name `t/<token>/…`, and the
/// `user:password` of every `scheme://user:password@`. Ranges are ascending and do not overlap.
pub fn find_in_text(text: &str) -> Vec<std::ops::Range<usize>> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        if text[at..].starts_with("/t/") {
            let start = at + 3;
            let length = bytes[start..]
                .iter()
                .take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
                .count();
            // `/t/<TOKEN>` placeholders and `/t/` alone hold nothing.
            if length > 0 {
                found.push(start..start + length);
            }
            at = start + length;
        } else if begins_word(bytes, at)
            && let Some((token, _)) = split_name_token(&text[at..])
        {
            found.push(at + 2..at + 2 + token.len());
            at += 2 + token.len();
        } else if text[at..].starts_with("://") {
            let start = at + 3;
            let authority = bytes[start..]
                .iter()
                .take_while(|b| {
                    !b.is_ascii_whitespace()
                        && !matches!(b, b'/' | b'"' | b'\'' | b'?' | b'#' | b',' | b']' | b'}')
                })
                .count();
            match text[start..start + authority].rfind('@') {
                Some(length) if length > 0 => {
                    found.push(start..start + length);
                    at = start + length;
                }
                // Only behind a scheme is it a host that follows; elsewhere `//t/` may be the token of a path.
                _ if ends_scheme(bytes, at) => at = start,
                _ => at = start - 1,
            }
        } else {
            at += 1;
            while !text.is_char_boundary(at) {
                at += 1;
            }
        }
    }
    found
}

/// Whether what stands before is the scheme that an address begins with.
fn ends_scheme(bytes: &[u8], at: usize) -> bool {
    let scheme = bytes[..at].iter().rev();
    let length = scheme
        .take_while(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(byte))
        .count();
    length > 0 && begins_word(bytes, at - length)
}

/// Whether a word of a file or a line begins there.
fn begins_word(bytes: &[u8], at: usize) -> bool {
    let before = at.checked_sub(1).and_then(|before| bytes.get(before));
    before.is_none_or(|byte| byte.is_ascii_whitespace() || b"\"'[,(=".contains(byte))
}

/// The text with every secret that [`find_in_text`] sees masked.
pub fn mask_text(text: &str) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut at = 0;
    for range in find_in_text(text) {
        masked.push_str(&text[at..range.start]);
        masked.push_str(MASK);
        at = range.end;
    }
    masked.push_str(&text[at..]);
    masked
}

/// An address without the secrets in it: `/t/<token>` and `user:password@` are taken out, as if they were never written.
pub fn without_secrets(address: &str) -> String {
    let mut bare = String::with_capacity(address.len());
    let mut at = 0;
    for range in find_in_text(address) {
        let (start, end) = match address[..range.start].ends_with("/t/") {
            true => (range.start - 3, range.end),
            // The `@` goes with the login.
            false => (range.start, range.end + 1),
        };
        bare.push_str(&address[at..start]);
        at = end;
    }
    bare.push_str(&address[at..]);
    bare
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_do_not_show() {
        let secret = Secret::new("hunter2");
        let token = Token::parse(" 46e98d3d \n").unwrap();
        assert_eq!(
            format!("{secret:?} {secret} {token:?} {token}"),
            "•••• •••• •••• ••••"
        );
        assert_eq!(token.expose(), "46e98d3d");
    }

    #[test]
    fn a_token_holds_what_conda_recognises() {
        assert_eq!(Token::parse(" \n").unwrap_err(), InvalidToken::Empty);
        for bad in ["ab_cd", "ab.cd", "a b", "<TOKEN>"] {
            assert_eq!(Token::parse(bad).unwrap_err(), InvalidToken::Character, "{bad}");
        }
    }

    #[test]
    fn an_address_loses_its_secrets_and_nothing_else() {
        for (address, bare) in [
            ("https://h/api/repo/t/abc-1/main/", "https://h/api/repo/main/"),
            ("https://al:p@ss@h:8/t/x", "https://h:8"),
            ("/packages/t/abc/x", "/packages/x"),
            ("https://h/a/://t/abc-1", "https://h/a/:/"),
            ("../x@y", "../x@y"),
            ("https://h/t//main", "https://h/t//main"),
        ] {
            assert_eq!(without_secrets(address), bare, "{address}");
        }
    }

    #[test]
    fn text_is_masked_where_it_holds_a_secret() {
        assert_eq!(
            mask_text("- https://h/api/repo/t/abc123/main # ünï\n- https://al:pw@h:8/x\n- https://h/x@y"),
            "- https://h/api/repo/t/••••/main # ünï\n- https://••••@h:8/x\n- https://h/x@y"
        );
        assert_eq!(mask_text("/t/<TOKEN>/x and /t/"), "/t/<TOKEN>/x and /t/");
        assert_eq!(
            mask_text("t/46e98d3d/main\n- t/46e98d3d-1/a/b\n['t/46e98d3d/x'] t/short/x at/46e98d3d/x"),
            "t/••••/main\n- t/••••/a/b\n['t/••••/x'] t/short/x at/46e98d3d/x"
        );
    }
}
