//! Values in the form in which Navigator writes them: Python literals, or bare text.

use std::fmt;

/// A value of `anaconda-navigator.ini` as Navigator understands it: a Python literal, or else the text as it is
/// (server reference, section 4.3).
#[derive(Clone, PartialEq, Eq)]
pub enum Literal {
    None,
    Bool(bool),
    /// A number in the spelling of the file.
    Number(String),
    /// Text in quotes.
    Text(String),
    List(Vec<Literal>),
    /// Whatever is no literal of the kinds above.
    Bare(String),
}

impl Literal {
    /// Reads a value as Python's `ast.literal_eval` does; what that cannot read, and kinds that Navigator never
    /// writes (tuples, dictionaries, bytes), are [`Literal::Bare`].
    pub fn read(value: &str) -> Self {
        let mut reader = Reader { rest: value };
        match reader.literal() {
            // No value of a file holds a carriage return, and to Python it would be a new line.
            Some(literal) if reader.is_at_end() && !value.contains('\r') => literal,
            _ => Self::Bare(value.to_owned()),
        }
    }

    /// The form to be written. Text is quoted as Python's `repr` quotes it.
    ///
    /// Only control characters, white space other than the space, quotes and backslashes are escaped. Everything
    /// else stays as it is, private-use characters (U+E000 and above) among them: `repr` would escape those, but
    /// a value may contain them as a mark that is replaced by a token only when the file is written. Python
    /// reads both forms alike.
    pub fn write(&self) -> String {
        match self {
            Self::None => "None".to_owned(),
            Self::Bool(true) => "True".to_owned(),
            Self::Bool(false) => "False".to_owned(),
            Self::Number(text) | Self::Bare(text) => text.clone(),
            Self::Text(text) => quote(text),
            Self::List(items) => {
                let items: Vec<String> = items.iter().map(Self::write).collect();
                format!("[{}]", items.join(", "))
            }
        }
    }

    /// The text, quoted or bare, of a value that is meant to be text; a token of digits alone looks like a
    /// number when it is bare.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) | Self::Bare(text) | Self::Number(text) => Some(text),
            Self::None | Self::Bool(_) | Self::List(_) => None,
        }
    }

    pub fn bool(&self) -> Option<bool> {
        match self {
            Self::Bool(value) => Some(*value),
            _ => None,
        }
    }
}

/// Without the content: it may be a token.
impl fmt::Debug for Literal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("None"),
            Self::Bool(value) => f.debug_tuple("Bool").field(value).finish(),
            Self::Number(_) => f.write_str("Number(..)"),
            Self::Text(_) => f.write_str("Text(..)"),
            Self::Bare(_) => f.write_str("Bare(..)"),
            Self::List(items) => f.debug_tuple("List").field(items).finish(),
        }
    }
}

fn quote(text: &str) -> String {
    let mark = if text.contains('\'') && !text.contains('"') {
        '"'
    } else {
        '\''
    };
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push(mark);
    for character in text.chars() {
        match character {
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            '\\' => quoted.push_str("\\\\"),
            c if c == mark => quoted.extend(['\\', c]),
            ' ' => quoted.push(' '),
            c if c.is_control() || c.is_whitespace() => quoted.push_str(&match u32::from(c) {
                code @ ..=0xff => format!("\\x{code:02x}"),
                code => format!("\\u{code:04x}"),
            }),
            c => quoted.push(c),
        }
    }
    quoted.push(mark);
    quoted
}

/// Reads Python's literals from the front of a text. `None` means that it is no literal.
struct Reader<'a> {
    rest: &'a str,
}

impl Reader<'_> {
    fn skip_spaces(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t', '\x0c']);
    }

    /// Nothing is left but perhaps a comment, which Python allows.
    fn is_at_end(&mut self) -> bool {
        self.skip_spaces();
        self.rest.is_empty() || (self.rest.starts_with('#') && !self.rest.contains('\n'))
    }

    fn take(&mut self, start: &str) -> bool {
        match self.rest.strip_prefix(start) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn literal(&mut self) -> Option<Literal> {
        if self.take("[") {
            return self.list();
        }
        let word_length = self
            .rest
            .find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '+' | '-')))
            .unwrap_or(self.rest.len());
        let (word, after) = self.rest.split_at(word_length);
        if after.starts_with(['\'', '"']) {
            return self.texts();
        }
        let literal = match word {
            "None" => Literal::None,
            "True" => Literal::Bool(true),
            "False" => Literal::Bool(false),
            _ if is_number(word) => Literal::Number(word.to_owned()),
            _ => return None,
        };
        self.rest = after;
        Some(literal)
    }

    fn list(&mut self) -> Option<Literal> {
        let mut items = Vec::new();
        loop {
            self.skip_list_spaces();
            if self.take("]") {
                return Some(Literal::List(items));
            }
            if !items.is_empty() {
                if !self.take(",") {
                    return None;
                }
                self.skip_list_spaces();
                if self.take("]") {
                    return Some(Literal::List(items));
                }
            }
            // Lists of lists do not occur, and refusing them bounds the depth.
            if self.rest.starts_with('[') {
                return None;
            }
            items.push(self.literal()?);
        }
    }

    /// Inside brackets a new line is white space.
    fn skip_list_spaces(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t', '\x0c', '\n']);
    }

    /// One text, or several that Python joins because they stand side by side.
    fn texts(&mut self) -> Option<Literal> {
        let mut joined = String::new();
        loop {
            joined.push_str(&self.one_text()?);
            self.skip_spaces();
            let next = self.rest.trim_start_matches(['r', 'R', 'u', 'U']);
            if !next.starts_with(['\'', '"']) {
                return Some(Literal::Text(joined));
            }
        }
    }

    fn one_text(&mut self) -> Option<String> {
        let is_raw = match self.rest.chars().next()? {
            'r' | 'R' => true,
            'u' | 'U' | '\'' | '"' => false,
            _ => return None,
        };
        if !self.rest.starts_with(['\'', '"']) {
            self.rest = &self.rest[1..];
        }
        let mark = ["'''", "\"\"\"", "'", "\""]
            .into_iter()
            .find(|mark| self.take(mark))?;
        let mut text = String::new();
        loop {
            if self.take(mark) {
                return Some(text);
            }
            match self.rest.chars().next()? {
                '\n' if mark.len() == 1 => return None,
                '\\' if is_raw => {
                    let escaped = self.rest[1..].chars().next()?;
                    text.extend(['\\', escaped]);
                    self.rest = &self.rest[1 + escaped.len_utf8()..];
                }
                '\\' => {
                    self.rest = &self.rest[1..];
                    self.escape(&mut text)?;
                }
                other => {
                    text.push(other);
                    self.rest = &self.rest[other.len_utf8()..];
                }
            }
        }
    }

    /// What follows a backslash.
    fn escape(&mut self, text: &mut String) -> Option<()> {
        let character = self.rest.chars().next()?;
        if character.is_digit(8) {
            text.push(self.code(1, 3, 8)?);
            return Some(());
        }
        self.rest = &self.rest[character.len_utf8()..];
        match character {
            '\n' => {}
            '\\' | '\'' | '"' => text.push(character),
            'a' => text.push('\x07'),
            'b' => text.push('\x08'),
            'f' => text.push('\x0c'),
            'n' => text.push('\n'),
            'r' => text.push('\r'),
            't' => text.push('\t'),
            'v' => text.push('\x0b'),
            'x' => text.push(self.code(2, 2, 16)?),
            'u' => text.push(self.code(4, 4, 16)?),
            'U' => text.push(self.code(8, 8, 16)?),
            // A character by its Unicode name; nobody writes an address so.
            'N' => return None,
            other => text.extend(['\\', other]),
        }
        Some(())
    }

    /// The character whose code stands here in `least` to `most` digits.
    fn code(&mut self, least: usize, most: usize, radix: u32) -> Option<char> {
        let length = self
            .rest
            .chars()
            .take(most)
            .take_while(|c| c.is_digit(radix))
            .count();
        if length < least {
            return None;
        }
        let (digits, rest) = self.rest.split_at(length);
        self.rest = rest;
        char::from_u32(u32::from_str_radix(digits, radix).ok()?)
    }
}

/// Decimal numbers as Navigator writes them; any other number is as good as bare text.
fn is_number(word: &str) -> bool {
    let unsigned = word.strip_prefix('-').unwrap_or(word);
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    match unsigned.split_once('.') {
        Some((whole, part)) => digits(whole) && digits(part),
        None => digits(unsigned) && (unsigned == "0" || !unsigned.starts_with('0')),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(value: &str) -> Literal {
        Literal::Text(value.to_owned())
    }

    #[test]
    fn literals_are_read_as_python_reads_them() {
        let bare = |value: &str| Literal::Bare(value.to_owned());
        for (value, expected) in [
            ("None", Literal::None),
            ("True", Literal::Bool(true)),
            ("False  # note", Literal::Bool(false)),
            ("12", Literal::Number("12".to_owned())),
            ("-1.50", Literal::Number("-1.50".to_owned())),
            ("007", bare("007")),
            ("'https://h'", text("https://h")),
            ("\"it's\"", text("it's")),
            ("''", text("")),
            ("''''''", text("")),
            ("'a' \"b\"", text("ab")),
            ("u'a'", text("a")),
            ("r'C:\\new'", text("C:\\new")),
            ("b'a'", bare("b'a'")),
            ("'\\x41\\u00e9\\U0001f600\\101\\n\\d'", text("Aé😀A\n\\d")),
            ("'C:\\Users\\me'", bare("'C:\\Users\\me'")),
            ("'\\a\\b\\f\\v\\r\\t\\'\\\n'", text("\x07\x08\x0c\x0b\r\t'")),
            ("'open", bare("'open")),
            ("'a' b", bare("'a' b")),
            ("https://h", bare("https://h")),
            ("Anaconda Server", bare("Anaconda Server")),
            ("46e98d", bare("46e98d")),
            ("", bare("")),
            ("[]", Literal::List(vec![])),
            ("['a', \"b\",]", Literal::List(vec![text("a"), text("b")])),
            ("['a',\n'b']", Literal::List(vec![text("a"), text("b")])),
            ("[,]", bare("[,]")),
            ("['a' , ]x", bare("['a' , ]x")),
            ("[[]]", bare("[[]]")),
        ] {
            // The derived message would not show the content.
            assert!(
                Literal::read(value) == expected,
                "{value}: {}",
                Literal::read(value).write()
            );
        }
    }

    #[test]
    fn text_is_quoted_as_python_quotes_it() {
        for (value, expected) in [
            ("https://h", "'https://h'"),
            ("it's", "\"it's\""),
            ("'\"", "'\\'\"'"),
            ("\"", "'\"'"),
            (
                "C:\\x\n\t\u{1}\u{7f}\u{a0}\u{2028}é",
                "'C:\\\\x\\n\\t\\x01\\x7f\\xa0\\u2028é'",
            ),
            ("\u{e000}12\u{e001}\u{f0000}", "'\u{e000}12\u{e001}\u{f0000}'"),
        ] {
            assert_eq!(text(value).write(), expected);
            assert!(Literal::read(expected) == text(value));
        }
        assert_eq!(
            Literal::List(vec![text("a"), Literal::None]).write(),
            "['a', None]"
        );
    }

    #[test]
    fn nothing_of_the_content_shows_in_debug() {
        let literal = Literal::List(vec![text("abc"), Literal::read("abc"), Literal::None]);
        assert_eq!(format!("{literal:?}"), "List([Text(..), Bare(..), None])");
    }
}
