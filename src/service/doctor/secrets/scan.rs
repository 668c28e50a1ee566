//! Finding secrets in any text, by their surroundings, by their shape, and by their value.

use std::fmt;
use std::ops::Range;

use crate::secret::{Secret, find_in_text};

/// What makes a text a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::service::doctor) enum SecretKind {
    /// `/t/<token>/` in an address.
    TokenInAddress,
    /// `user:password@` in an address.
    PasswordInAddress,
    /// A token that lies in a token file of this machine.
    TokenOfThisMachine,
    /// What looks like a token and like nothing else.
    Token,
    /// The value of a variable or option that is for secrets.
    NamedSecret,
}

impl fmt::Display for SecretKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TokenInAddress => "a token in an address",
            Self::PasswordInAddress => "a user name and password in an address",
            Self::TokenOfThisMachine => "a token of this machine",
            Self::Token => "what looks like a token",
            Self::NamedSecret => "a secret that was typed",
        })
    }
}

/// A secret in a text: where it stands, and in which line, from 1. Never its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::service::doctor) struct Span {
    pub range: Range<usize>,
    pub line: usize,
    pub kind: SecretKind,
}

/// The variables whose values are secrets of the tools concerned.
const VARIABLES: [&str; 6] = [
    "ANACONDA_API_TOKEN",
    "BINSTAR_API_TOKEN",
    "ANACONDA_AUTH_API_KEY",
    "CONDA_TOKEN",
    "RATTLER_TOKEN",
    "PIP_PASSWORD",
];

/// What stands before a secret on a command line; the tool must be named in the line too.
const BEFORE: [&str; 6] = [
    "--token ",
    "--token=",
    "--password ",
    "--password=",
    "token set ",
    "token install --token ",
];
const TOOLS: [&str; 5] = ["anaconda", "conda", "binstar", "mamba", "pixi"];

/// Shorter values are words, not tokens.
const SHORTEST_KNOWN: usize = 8;

/// Every secret in a text. `known` are values that are secret in any place; `is_over` is asked now and then whether
/// anybody still wants to know.
pub(in crate::service::doctor) fn spans(
    bytes: &[u8],
    known: &[Secret],
    is_over: impl Fn() -> bool,
) -> Vec<Span> {
    let mut found = Vec::new();
    let mut start = 0;
    for (number, line) in bytes.split_inclusive(|byte| *byte == b'\n').enumerate() {
        if number % 1024 == 0 && is_over() {
            break;
        }
        for (range, kind) in in_line(&readable(line), known) {
            found.push(Span {
                range: start + range.start..start + range.end,
                line: number + 1,
                kind,
            });
        }
        start += line.len();
    }
    found
}

/// The line as text of the same length: histories hold bytes that are no UTF-8.
fn readable(line: &[u8]) -> String {
    match std::str::from_utf8(line) {
        Ok(text) => text.to_owned(),
        Err(_) => line
            .iter()
            .map(|byte| if byte.is_ascii() { *byte as char } else { '?' })
            .collect(),
    }
}

/// The secrets of a line, in order, none inside another.
fn in_line(text: &str, known: &[Secret]) -> Vec<(Range<usize>, SecretKind)> {
    let mut found = in_addresses(text);
    for value in known
        .iter()
        .map(Secret::expose)
        .filter(|value| value.len() >= SHORTEST_KNOWN)
    {
        found.extend(
            text.match_indices(value)
                .map(|(at, _)| (at..at + value.len(), SecretKind::TokenOfThisMachine)),
        );
    }
    found.extend(named(text));
    found.extend(shaped(text));
    // The more telling kind comes first where two begin alike.
    found.sort_by_key(|(range, kind)| (range.start, *kind));
    let mut kept: Vec<(Range<usize>, SecretKind)> = Vec::new();
    for (range, kind) in found {
        if kept.last().is_none_or(|(last, _)| range.start >= last.end) {
            kept.push((range, kind));
        }
    }
    kept
}

fn in_addresses(text: &str) -> Vec<(Range<usize>, SecretKind)> {
    let found = find_in_text(text).into_iter().filter_map(|range| {
        let is_token = text[..range.start].ends_with("/t/");
        if is_token {
            // A folder called `t` is no token: the word must be an address.
            let word = text[..range.start]
                .rfind(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '`' | '=' | '('))
                .map_or(0, |at| at + 1);
            let is_address = text[word..range.start].contains("://");
            return is_address.then_some((range, SecretKind::TokenInAddress));
        }
        let (_, password) = text[range.clone()].split_once(':')?;
        // `$NAME` and `<password>` stand for something else.
        let is_value = !password.is_empty() && !password.starts_with(['$', '%', '<', '{', '*', '•']);
        is_value.then_some((range, SecretKind::PasswordInAddress))
    });
    found.collect()
}

/// The values of variables and options that are for secrets.
fn named(text: &str) -> Vec<(Range<usize>, SecretKind)> {
    let mut found = Vec::new();
    let mut add = |at: usize| {
        let quote = text[at..].starts_with(['"', '\'']);
        let start = at + usize::from(quote);
        let length = text[start..]
            .find(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | ';' | '&' | '|'))
            .unwrap_or(text.len() - start);
        let value = &text[start..start + length];
        if length >= SHORTEST_KNOWN && !value.starts_with(['$', '%', '<', '-']) {
            found.push((start..start + length, SecretKind::NamedSecret));
        }
    };
    for name in VARIABLES {
        for (at, _) in text.match_indices(name) {
            if text[at + name.len()..].starts_with('=') {
                add(at + name.len() + 1);
            }
        }
    }
    if TOOLS.iter().any(|tool| text.contains(tool)) {
        for before in BEFORE {
            for (at, _) in text.match_indices(before) {
                add(at + before.len());
            }
        }
    }
    found
}

/// Words of the shapes that tokens have: 48 digits of hexadecimal, `xx-` and a UUID, a JWT (server reference, section
/// 1.1; repository reference, section 1.2).
fn shaped(text: &str) -> Vec<(Range<usize>, SecretKind)> {
    let mut found = Vec::new();
    let mut at = 0;
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    while at < text.len() {
        let rest = &text[at..];
        let Some(begin) = rest.find(is_part) else { break };
        let start = at + begin;
        let length = text[start..]
            .find(|c: char| !is_part(c))
            .unwrap_or(text.len() - start);
        let word = text[start..start + length].trim_end_matches('.');
        if is_token(word) {
            found.push((start..start + word.len(), SecretKind::Token));
        }
        at = start + length;
    }
    found
}

fn is_token(word: &str) -> bool {
    let is_hexadecimal = |text: &str| {
        text.bytes()
            .all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
    };
    if word.len() == 48 && is_hexadecimal(word) {
        return true;
    }
    if word.len() == 39 && word.is_char_boundary(3) && word[2..].starts_with('-') {
        let parts: Vec<&str> = word[3..].split('-').collect();
        let lengths: Vec<usize> = parts.iter().map(|part| part.len()).collect();
        return lengths == [8, 4, 4, 4, 12] && parts.iter().all(|part| is_hexadecimal(part));
    }
    let parts: Vec<&str> = word.split('.').collect();
    word.starts_with("eyJ") && parts.len() == 3 && parts.iter().all(|part| part.len() >= 8)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEX: &str = "46e98d3dbf2378bb26e2107867652ee734eb098ea5b96f35";

    fn found(text: &str) -> Vec<(usize, SecretKind, String)> {
        let known = [Secret::new("abcdefgh")];
        spans(text.as_bytes(), &known, || false)
            .into_iter()
            .map(|span| (span.line, span.kind, text[span.range].to_owned()))
            .collect()
    }

    #[test]
    fn secrets_are_found_with_their_lines() {
        let text = format!(
            "channels:\n  - https://h/t/tok-1/c\nconda install -c https://al:pw@h/c x\nls /home/t/file\n\
             cd /t/src\necho abcdefgh\nexport ANACONDA_API_TOKEN='el-secret-1'\nanaconda -t el-b03c64bf-f01f-47d1-a2a0-1188dae76630 whoami\n\
             Saving token {HEX} to\nconda token set Ab3456789\n"
        );
        use SecretKind::{NamedSecret, PasswordInAddress, Token, TokenInAddress, TokenOfThisMachine};
        let expected = [
            (2, TokenInAddress, "tok-1"),
            (3, PasswordInAddress, "al:pw"),
            (6, TokenOfThisMachine, "abcdefgh"),
            (7, NamedSecret, "el-secret-1"),
            (8, Token, "el-b03c64bf-f01f-47d1-a2a0-1188dae76630"),
            (9, Token, HEX),
            (10, NamedSecret, "Ab3456789"),
        ];
        let expected: Vec<_> = expected
            .iter()
            .map(|(line, kind, value)| (*line, *kind, (*value).to_owned()))
            .collect();
        assert_eq!(found(&text), expected);
    }

    #[test]
    fn what_stands_for_a_secret_is_none() {
        for text in [
            "https://h/t/<TOKEN>/c",
            "https://h/t/$TOKEN/c",
            "https://al:$PASSWORD@h/c",
            "https://al@h/c",
            "ssh://git@github.com/t/project",
            "ANACONDA_API_TOKEN=$(cat token)",
            "anaconda login --password --username al",
            "commit 46e98d3dbf2378bb26e2107867652ee734eb098e",
            "psql --password hunter2hunter2",
        ] {
            // The path of an address with a `/t/` in it cannot be told from one with a token.
            let found: Vec<_> = found(text)
                .into_iter()
                .filter(|(_, _, value)| value != "project")
                .collect();
            assert_eq!(found, [], "{text}");
        }
    }

    #[test]
    fn bytes_that_are_no_text_keep_their_places() {
        let mut bytes = b"\xff\x83x https://h/t/tok-1/c \xfe\n".to_vec();
        let spans = spans(&bytes, &[], || false);
        assert_eq!(spans.len(), 1);
        assert_eq!(&bytes[spans[0].range.clone()], b"tok-1");
        bytes.clear();
    }

    #[test]
    fn nobody_is_kept_from_leaving() {
        let text = "https://h/t/tok-1/c\n".repeat(5000);
        assert!(spans(text.as_bytes(), &[], || true).is_empty());
    }
}
