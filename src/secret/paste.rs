//! Finding the one token in pasted text: people copy it with the line, the command or the address around it.

use std::fmt;

use thiserror::Error;

use super::{InvalidToken, MASK, Token};

/// What was done to pasted text to make a token of it. `Display` says it to a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Change {
    /// White space, quotes or brackets around it were left out.
    WrappingDropped,
    /// It stood in the `/t/<token>/` of an address.
    OutOfAddress,
    /// It stood behind `conda token set`.
    OutOfCommand,
    /// It was the one word of the text that can be a token.
    OutOfText,
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::WrappingDropped => "the spaces or quotes around the token were left out",
            Self::OutOfAddress => "the token was taken out of the address around it",
            Self::OutOfCommand => "the token was taken out of the command around it",
            Self::OutOfText => "the token was taken out of the text around it",
        })
    }
}

/// Why there is no token in a text. Holds nothing of the text, since it may be a secret all the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum NoToken {
    #[error(transparent)]
    Invalid(#[from] InvalidToken),
    #[error("this is the place for a token, such as documentation shows it, not the token itself")]
    Placeholder,
    #[error("this is a masked token")]
    Masked,
    #[error("the text holds more than one token")]
    Several,
    #[error("there is no token in the text")]
    Nowhere,
}

impl NoToken {
    /// What to do about it.
    pub const fn remedy(self) -> &'static str {
        match self {
            Self::Invalid(InvalidToken::Empty) => "paste the token",
            Self::Invalid(InvalidToken::Character) => "copy the token alone; it has letters and digits only",
            Self::Placeholder => "copy your own token",
            Self::Masked => "copy it from where it can be seen in full",
            Self::Several | Self::Nowhere => "copy the token alone",
        }
    }
}

/// The fewest characters that make a word among others a token: those of the service have 48, and no ordinary word
/// has so many with a digit among them.
const LONG: usize = 24;

/// Options of `conda token set` that take the next word with them (server reference, section 2.1).
const OPTIONS_WITH_A_WORD: [&str; 2] = ["--file", "-f"];
/// What `--include-archive-channels` may be followed by.
const ARCHIVE_CHANNELS: [&str; 3] = ["free", "mro-archive", "pro"];

impl Token {
    /// The token in pasted text, and what had to be done to find it: a bare token, one with spaces or quotes around it,
    /// an address with `/t/<token>/`, a `conda token set` line, or the one long word of a sentence.
    ///
    /// # Errors
    /// [`NoToken`]; nothing is guessed where two could be meant.
    pub fn from_pasted(text: &str) -> Result<(Self, Vec<Change>), NoToken> {
        let bare = text.trim_matches(is_around);
        if bare.is_empty() {
            return Err(InvalidToken::Empty.into());
        }
        if let Ok(token) = Self::parse(bare) {
            let changes = if bare.len() == text.len() {
                Vec::new()
            } else {
                vec![Change::WrappingDropped]
            };
            return match is_placeholder(text) {
                true => Err(NoToken::Placeholder),
                false => Ok((token, changes)),
            };
        }
        if bare.chars().all(|c| MASK.contains(c) || c == '*') {
            return Err(NoToken::Masked);
        }
        if let Some(found) = in_address(text) {
            return Ok((found?, vec![Change::OutOfAddress]));
        }
        if let Some(word) = in_command(text) {
            let token = Self::parse(word.trim_matches(is_around))?;
            return match is_placeholder(word) {
                true => Err(NoToken::Placeholder),
                false => Ok((token, vec![Change::OutOfCommand])),
            };
        }
        let token = the_one(words(bare).filter_map(long_token))?;
        match token {
            Some(token) => Ok((token, vec![Change::OutOfText])),
            None if is_placeholder(text) => Err(NoToken::Placeholder),
            None if bare.contains(char::is_whitespace) => Err(NoToken::Nowhere),
            None => Err(InvalidToken::Character.into()),
        }
    }
}

/// White space, quotes and brackets that come along, and the invisible marks that word processors add.
fn is_around(c: char) -> bool {
    c.is_whitespace()
        || c.is_control()
        || matches!(
            c,
            '"' | '\'' | '`' | '<' | '>' | '(' | ')' | '\u{201c}' | '\u{201d}' | '\u{2018}' | '\u{2019}'
        )
        || matches!(c, '\u{feff}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{202a}'..='\u{202e}')
}

/// `<TOKEN>`, `<your token>`: brackets around words.
fn is_placeholder(text: &str) -> bool {
    let inside = text
        .split_once('<')
        .and_then(|(_, rest)| rest.split_once('>'))
        .map(|(inside, _)| inside.trim());
    inside.is_some_and(|inside| {
        !inside.is_empty()
            && inside.len() < LONG
            && inside
                .chars()
                .all(|c| c.is_ascii_alphabetic() || matches!(c, ' ' | '_' | '-'))
    })
}

/// What stands behind every `/t/`, when there is one.
fn in_address(text: &str) -> Option<Result<Token, NoToken>> {
    let mut parts = text.split("/t/").skip(1).peekable();
    parts.peek()?;
    let mut found = Vec::new();
    for part in parts {
        let end = part.find(|c: char| c == '/' || is_around(c));
        // `<` ends a word too; before that it may begin a placeholder.
        if is_placeholder(part) && part.starts_with('<') {
            return Some(Err(NoToken::Placeholder));
        }
        match Token::parse(&part[..end.unwrap_or(part.len())]) {
            Ok(token) => found.push(token),
            Err(error) => return Some(Err(error.into())),
        }
    }
    let token = the_one(found).and_then(|token| token.ok_or(NoToken::Nowhere));
    Some(token)
}

/// The first word behind `token set` that is neither an option nor belongs to one.
fn in_command(text: &str) -> Option<&str> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let set = words
        .windows(2)
        .position(|pair| pair[0].ends_with("token") && pair[1] == "set")?;
    let mut rest = words[set + 2..].iter().copied();
    while let Some(word) = rest.next() {
        if OPTIONS_WITH_A_WORD.contains(&word) {
            rest.next();
        } else if !word.starts_with('-') && !ARCHIVE_CHANNELS.contains(&word) {
            return Some(word);
        }
    }
    None
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| is_around(c) || matches!(c, '=' | ':' | ',' | ';' | '.' | '!' | '/' | '@'))
}

fn long_token(word: &str) -> Option<Token> {
    let is_long = word.len() >= LONG && word.contains(|c: char| c.is_ascii_digit());
    Token::parse(word).ok().filter(|_| is_long)
}

/// The token, when all of them are the same.
fn the_one(tokens: impl IntoIterator<Item = Token>) -> Result<Option<Token>, NoToken> {
    let mut tokens = tokens.into_iter();
    let first = tokens.next();
    match &first {
        Some(first) if tokens.any(|other| other != *first) => Err(NoToken::Several),
        _ => Ok(first),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TOKEN: &str = "q7Zk3mN8pT2vX5bL9dR4wC6yH1sJ0fGaEuViOoPtKnMrWxYz";

    fn pasted(text: &str) -> Result<(String, Vec<Change>), NoToken> {
        Token::from_pasted(text).map(|(token, changes)| (token.expose().to_owned(), changes))
    }

    #[test]
    fn a_token_is_found_in_what_people_copy() {
        use Change::{OutOfAddress, OutOfCommand, OutOfText, WrappingDropped};
        let cases = [
            (TOKEN.to_owned(), vec![]),
            ("short-1".to_owned(), vec![]),
            (format!("  {TOKEN}\n"), vec![WrappingDropped]),
            (format!("\u{201c}{TOKEN}\u{201d}"), vec![WrappingDropped]),
            (format!("<{TOKEN}>"), vec![WrappingDropped]),
            (
                format!("https://repo.anaconda.cloud/t/{TOKEN}/repo/main"),
                vec![OutOfAddress],
            ),
            (
                format!(
                    "  - https://repo.anaconda.cloud/t/{TOKEN}/repo/main\n  - https://repo.anaconda.cloud/t/{TOKEN}/repo/r\n"
                ),
                vec![OutOfAddress],
            ),
            (format!("/t/{TOKEN}"), vec![OutOfAddress]),
            (format!("conda token set {TOKEN}"), vec![OutOfCommand]),
            (format!("$ conda token set \"{TOKEN}\""), vec![OutOfCommand]),
            (
                format!(
                    "conda token set --file /a/b --include-archive-channels free pro --no-ssl-verify {TOKEN}"
                ),
                vec![OutOfCommand],
            ),
            (
                format!("conda-token set {TOKEN} && conda search x"),
                vec![OutOfCommand],
            ),
            (format!("TOKEN={TOKEN}"), vec![OutOfText]),
            (format!("Your token is: {TOKEN}."), vec![OutOfText]),
        ];
        for (text, changes) in cases {
            let expected = if text == "short-1" { "short-1" } else { TOKEN };
            assert_eq!(pasted(&text), Ok((expected.to_owned(), changes)), "{text:?}");
        }
    }

    #[test]
    fn what_is_none_is_told_apart() {
        let other = TOKEN.replace('q', "x");
        let cases = [
            (" \n".to_owned(), NoToken::Invalid(InvalidToken::Empty)),
            ("abc_def".to_owned(), NoToken::Invalid(InvalidToken::Character)),
            (
                "https://repo.anaconda.cloud/t/abc_def/repo".to_owned(),
                NoToken::Invalid(InvalidToken::Character),
            ),
            (
                "https://repo.anaconda.cloud/t/<TOKEN>/repo/main".to_owned(),
                NoToken::Placeholder,
            ),
            ("<TOKEN>".to_owned(), NoToken::Placeholder),
            ("conda token set <your-token>".to_owned(), NoToken::Placeholder),
            ("••••••••".to_owned(), NoToken::Masked),
            ("********".to_owned(), NoToken::Masked),
            (format!("{TOKEN} {other}"), NoToken::Several),
            (
                format!("https://h/t/{TOKEN}/repo/main https://h/t/{other}/repo/r"),
                NoToken::Several,
            ),
            ("where is my token".to_owned(), NoToken::Nowhere),
        ];
        for (text, error) in cases {
            assert_eq!(pasted(&text), Err(error), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn a_token_survives_what_surrounds_it(
            token in "[A-Za-z0-9]{47}[0-9]",
            before in "[ \t\n\"'`]{0,4}",
            after in "[ \t\r\n\"'`]{0,4}",
        ) {
            for text in [
                format!("{before}{token}{after}"),
                format!("{before}https://repo.anaconda.cloud/t/{token}/repo/main{after}"),
                format!("{before}conda token set {token}{after}"),
                format!("{before}token: {token}{after}"),
            ] {
                prop_assert_eq!(pasted(&text).map(|found| found.0), Ok(token.clone()));
            }
        }

        #[test]
        fn whatever_is_found_stood_there(text in "\\PC{0,80}") {
            if let Ok((token, _)) = pasted(&text) {
                prop_assert!(text.contains(&token));
            }
        }

        #[test]
        fn whatever_is_found_in_look_alikes_stood_there(
            text in "(conda |token |set |--file |/t/|<|>|https://|[a-z0-9]{30}| |\n|•|=){0,8}",
        ) {
            if let Ok((token, _)) = pasted(&text) {
                prop_assert!(text.contains(&token));
            }
        }
    }
}
