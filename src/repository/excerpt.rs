//! What of a server's answer may be shown: short, printable, and without anything secret.

use crate::secret::{MASK, Secret, mask_text};

/// The longest excerpt of an answer that is shown.
pub(super) const EXCERPT_CHARACTERS: usize = 160;

/// A word longer than this is no human language but a token, a session or a hash.
const LONGEST_WORD: usize = 32;

/// `text` on one line, control and direction marks removed, cut to `limit` characters.
///
/// Text from a server or a certificate reaches terminals and windows; it must not be able to steer them.
pub(super) fn printable(text: &str, limit: usize) -> String {
    let mut shown = String::new();
    let mut count = 0;
    for word in text.split(|c: char| c.is_whitespace() || c.is_control() || is_invisible(c)) {
        if word.is_empty() {
            continue;
        }
        if count > 0 {
            shown.push(' ');
            count += 1;
        }
        for character in word.chars() {
            if count >= limit {
                shown.push('…');
                return shown;
            }
            shown.push(character);
            count += 1;
        }
    }
    shown
}

fn is_invisible(character: char) -> bool {
    matches!(character, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffd}')
}

/// The secrets that went out with a request, so that an answer that repeats them does not show them.
#[derive(Clone, Default)]
pub(super) struct Scrub(Vec<Secret>);

impl Scrub {
    pub(super) fn add(&mut self, secret: &Secret) {
        if !secret.is_empty() {
            self.0.push(secret.clone());
        }
    }

    /// A [`printable`] excerpt with the known secrets, everything that looks like one, and secrets in URLs masked.
    pub(super) fn excerpt(&self, text: &str, limit: usize) -> String {
        let mut text = text.to_owned();
        for secret in &self.0 {
            for form in spellings(secret.expose()) {
                text = text.replace(&form, MASK);
            }
        }
        printable(&mask_long_words(&mask_text(&text)), limit)
    }
}

/// The secret as text, inside a JSON string, and inside a URL.
fn spellings(secret: &str) -> Vec<String> {
    let json = serde_json::Value::from(secret).to_string();
    let json = json.trim_matches('"').to_owned();
    let url = percent_encoding::utf8_percent_encode(secret, percent_encoding::NON_ALPHANUMERIC).to_string();
    let mut spellings = vec![secret.to_owned(), json, url];
    spellings.dedup();
    spellings
}

fn mask_long_words(text: &str) -> String {
    let mut masked = String::with_capacity(text.len());
    let is_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '+' | '=');
    let mut rest = text;
    while !rest.is_empty() {
        let length = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
        if length > LONGEST_WORD {
            masked.push_str(MASK);
        } else {
            masked.push_str(&rest[..length]);
        }
        rest = &rest[length..];
        let gap = rest.find(is_word).unwrap_or(rest.len());
        masked.push_str(&rest[..gap]);
        rest = &rest[gap..];
    }
    masked
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_excerpt_is_short_and_harmless() {
        assert_eq!(printable("  a\n\tb\u{1b}[31mc\u{202e}d ", 99), "a b [31mc d");
        assert_eq!(printable("abcdef", 3), "abc…");
        assert_eq!(printable("", 3), "");
    }

    #[test]
    fn an_echoed_secret_is_masked_in_every_spelling() {
        let mut scrub = Scrub::default();
        scrub.add(&Secret::new("p\"w ä"));
        scrub.add(&Secret::new(""));
        let echo = r#"raw p"w ä json "p\"w ä" url p%22w%20%C3%A4 "#;
        assert_eq!(scrub.excerpt(echo, 200), "raw •••• json \"••••\" url ••••");
    }

    #[test]
    fn what_looks_like_a_token_is_masked() {
        let scrub = Scrub::default();
        assert_eq!(
            scrub.excerpt(
                "token 46e98d3dbf2378bb26e2107867652ee734eb098ea5b96f35 is bad",
                200
            ),
            "token •••• is bad"
        );
        assert_eq!(
            scrub.excerpt("https://h/t/abc/x a perfectly-normal_sentence.", 200),
            "https://h/t/••••/x a perfectly-normal_sentence."
        );
    }
}
