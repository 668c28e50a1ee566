//! Finding the one address in pasted text.

use std::fmt;

use super::DomainError;

/// The two schemes a server can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scheme {
    Http,
    Https,
}

impl Scheme {
    pub(super) fn usual_port(self) -> u16 {
        match self {
            Self::Http => 80,
            Self::Https => 443,
        }
    }
}

impl fmt::Display for Scheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Http => "http",
            Self::Https => "https",
        })
    }
}

/// An address split at its joints; `rest` is path, query and fragment.
pub(super) struct Address<'a> {
    pub(super) scheme: Option<Scheme>,
    pub(super) authority: &'a str,
    pub(super) rest: &'a str,
    pub(super) taken_out: bool,
}

/// Finds the address in `text`.
///
/// # Errors
/// Everything that can be wrong before the host itself is looked at.
pub(super) fn find_address(text: &str) -> Result<Address<'_>, DomainError> {
    let text = strip_wrapping(text);
    if text.is_empty() {
        return Err(DomainError::Empty);
    }
    if !text.contains(is_space) {
        return split_address(text, false);
    }
    // An address that begins the text and has a space in it is a slip; anywhere else the address ends at the space.
    let embedded = position_of_url(text).is_some_and(|start| start > 0);
    if text.contains(['\n', '\r']) || looks_like_command(text) || embedded {
        let word = find_in_words(text)?;
        return split_address(word, true);
    }
    Err(DomainError::Space)
}

/// White space, quotes and brackets around the whole text, and the invisible marks that word processors add.
fn strip_wrapping(text: &str) -> &str {
    text.trim_matches(|c: char| {
        is_space(c)
            || matches!(
                c,
                '"' | '\'' | '`' | '<' | '>' | '\u{201c}' | '\u{201d}' | '\u{2018}' | '\u{2019}'
            )
    })
}

fn is_space(character: char) -> bool {
    character.is_whitespace()
        || character.is_control()
        || matches!(character, '\u{feff}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{202a}'..='\u{202e}')
}

/// A shell command or a line of YAML that may hold an address without a scheme.
fn looks_like_command(text: &str) -> bool {
    let first = text
        .split(is_space)
        .find(|word| !matches!(*word, "" | "$" | ">" | "%" | "-"))
        .unwrap_or_default();
    matches!(
        first,
        "conda" | "mamba" | "micromamba" | "pixi" | "curl" | "wget" | "pip"
    ) || first
        .strip_suffix(':')
        .is_some_and(|key| !key.is_empty() && key.chars().all(is_key_character))
}

fn is_key_character(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '_' | '-')
}

/// The one address among several words: every word with `http(s)://` must name the same server; without any, the last
/// word of the text that looks like a host.
fn find_in_words(text: &str) -> Result<&str, DomainError> {
    let words = || text.split(|c: char| is_space(c) || matches!(c, '"' | '\'' | '`' | ',' | '<' | '>'));
    let mut found: Option<&str> = None;
    for word in words() {
        let Some(start) = position_of_url(word) else {
            continue;
        };
        let word = word[start..].trim_end_matches([')', ']', '}', ';', '.']);
        match found {
            Some(earlier) if !same_server(earlier, word) => return Err(DomainError::Several),
            Some(_) => {}
            None => found = Some(word),
        }
    }
    if let Some(word) = found {
        return Ok(word);
    }
    if !looks_like_command(text) {
        return Err(DomainError::Space);
    }
    words()
        .filter(|word| !word.starts_with('-'))
        .rfind(|word| word.contains('.'))
        .ok_or(DomainError::NoHost)
}

fn same_server(one: &str, other: &str) -> bool {
    let host = |address| split_address(address, false).map(|a| a.authority.to_ascii_lowercase());
    matches!((host(one), host(other)), (Ok(one), Ok(other)) if one == other)
}

/// Where `http://` or `https://` begins, in any case.
fn position_of_url(text: &str) -> Option<usize> {
    text.match_indices("://").find_map(|(colon, _)| {
        ["https", "http"].into_iter().find_map(|scheme| {
            let start = colon.checked_sub(scheme.len())?;
            text.get(start..colon)?
                .eq_ignore_ascii_case(scheme)
                .then_some(start)
        })
    })
}

fn split_address(word: &str, taken_out: bool) -> Result<Address<'_>, DomainError> {
    let (scheme, after) = split_scheme(word)?;
    let end = after.find(['/', '?', '#', '\\']).unwrap_or(after.len());
    let (authority, rest) = after.split_at(end);
    if authority.contains('@') {
        return Err(DomainError::Credentials);
    }
    let rest = if rest == "/" { "" } else { rest };
    if authority.is_empty() {
        return Err(DomainError::NoHost);
    }
    Ok(Address {
        scheme,
        authority,
        rest,
        taken_out,
    })
}

fn split_scheme(word: &str) -> Result<(Option<Scheme>, &str), DomainError> {
    if let Some((scheme, after)) = word.split_once("://")
        && !scheme.contains(['/', '?', '#', '@', '.'])
    {
        let known = match scheme.to_ascii_lowercase().as_str() {
            "https" => Scheme::Https,
            "http" => Scheme::Http,
            "" => return Err(DomainError::NoHost),
            _ => return Err(wrong_scheme(scheme)),
        };
        // A scheme typed in front of a pasted one: the pasted one counts.
        return match position_of_url(after) {
            Some(0) => split_scheme(after),
            _ => Ok((Some(known), after.trim_start_matches('/'))),
        };
    }
    if let Some(after) = word.strip_prefix("//") {
        return Ok((None, after.trim_start_matches('/')));
    }
    // `https:/host`, `http//host`: a slip of the finger. `https:8443` is a host called https.
    for (name, scheme) in [("https", Scheme::Https), ("http", Scheme::Http)] {
        let head = word.get(..name.len()).unwrap_or_default();
        if head.eq_ignore_ascii_case(name)
            && let Some(after) = [":/", "//", ":\\"]
                .into_iter()
                .find_map(|joint| word[name.len()..].strip_prefix(joint))
        {
            return Ok((Some(scheme), after.trim_start_matches(['/', '\\'])));
        }
    }
    match word.split_once(':') {
        Some((scheme, _)) if OTHER_SCHEMES.contains(&scheme.to_ascii_lowercase().as_str()) => {
            Err(wrong_scheme(scheme))
        }
        _ => Ok((None, word)),
    }
}

/// Schemes that are written without `//`, and would otherwise be taken for a host and its port.
const OTHER_SCHEMES: [&str; 6] = ["file", "ftp", "mailto", "ssh", "javascript", "data"];

fn wrong_scheme(scheme: &str) -> DomainError {
    // Only what a scheme can look like is repeated; anything else might be a secret.
    let legal = scheme.len() <= 12
        && scheme
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-'));
    let scheme = if legal {
        scheme.to_ascii_lowercase()
    } else {
        "…".to_owned()
    };
    DomainError::WrongScheme { scheme }
}
