//! Lines as Python's text files deliver them, with the ending each had.

/// How a line ends. A lone carriage return ends one too: Python opens text files with universal newlines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    LineFeed,
    CarriageReturnLineFeed,
    CarriageReturn,
    /// The last line of a file without a final newline.
    Missing,
}

impl Ending {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::LineFeed => "\n",
            Self::CarriageReturnLineFeed => "\r\n",
            Self::CarriageReturn => "\r",
            Self::Missing => "",
        }
    }

    /// This ending, or `other` where it is missing.
    pub(super) fn or(self, other: Self) -> Self {
        if self == Self::Missing { other } else { self }
    }
}

#[derive(Clone, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) text: String,
    pub(super) ending: Ending,
}

impl Line {
    pub(super) fn new(text: impl Into<String>, ending: Ending) -> Self {
        Self {
            text: text.into(),
            ending,
        }
    }

    pub(super) fn is_blank(&self) -> bool {
        strip(&self.text).is_empty()
    }
}

/// Joining the lines gives back `text`, byte by byte.
pub(super) fn split(text: &str) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut rest = text;
    while let Some(end) = rest.find(['\n', '\r']) {
        let ending = match &rest.as_bytes()[end..] {
            [b'\n', ..] => Ending::LineFeed,
            [b'\r', b'\n', ..] => Ending::CarriageReturnLineFeed,
            _ => Ending::CarriageReturn,
        };
        lines.push(Line::new(&rest[..end], ending));
        rest = &rest[end + ending.as_str().len()..];
    }
    if !rest.is_empty() {
        lines.push(Line::new(rest, Ending::Missing));
    }
    lines
}

/// The ending that new lines of this file get: that of its first line.
pub(super) fn usual_ending(lines: &[Line]) -> Ending {
    lines
        .first()
        .map_or(Ending::LineFeed, |line| line.ending.or(Ending::LineFeed))
}

/// What Python's `str.strip` and `\s` take for white space: Unicode's, and four ASCII separators more.
pub(super) fn is_space(character: char) -> bool {
    character.is_whitespace() || matches!(character, '\x1c'..='\x1f')
}

pub(super) fn strip(text: &str) -> &str {
    text.trim_matches(is_space)
}

pub(super) fn strip_end(text: &str) -> &str {
    text.trim_end_matches(is_space)
}

/// The white space a line begins with.
pub(super) fn indent(text: &str) -> &str {
    &text[..text.len() - text.trim_start_matches(is_space).len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_join_to_the_text_they_came_from() {
        for text in ["", "a", "a\n", "\n", "a\r\nb\rc\n\r\r\nd", "\r", "ü\r\r"] {
            let lines = split(text);
            let joined: String = lines
                .iter()
                .flat_map(|line| [line.text.as_str(), line.ending.as_str()])
                .collect();
            assert_eq!(joined, text);
            assert!(lines.iter().all(|line| !line.text.contains(['\n', '\r'])));
        }
        assert_eq!(split("a\r\r\nb").len(), 3);
    }

    #[test]
    fn white_space_is_pythons() {
        assert_eq!(strip("\x1c\u{a0}\u{2028} x\u{85}\x0b"), "x");
        assert_eq!(strip("\u{feff}x\u{200b}"), "\u{feff}x\u{200b}");
        assert_eq!(indent("\t x "), "\t ");
        assert_eq!(indent("   "), "   ");
    }
}
