//! Reading source text between tokens: characters, lines, comments.

use std::ops::Range;

/// Turns the parser's character positions into byte positions. Positions come almost in order, so walking from
/// the last one is cheap.
pub(super) struct CharCursor<'t> {
    text: &'t str,
    /// Where the parser's text starts.
    origin: usize,
    ascii: bool,
    char: usize,
    byte: usize,
}

impl<'t> CharCursor<'t> {
    pub fn new(text: &'t str, origin: usize) -> Self {
        Self {
            text,
            origin,
            ascii: text[origin..].is_ascii(),
            char: 0,
            byte: origin,
        }
    }

    pub fn byte(&mut self, char: usize) -> usize {
        if self.ascii {
            return (self.origin + char).min(self.text.len());
        }
        let bytes = self.text.as_bytes();
        let starts_char = |at: usize| bytes.get(at).is_none_or(|b| b & 0xC0 != 0x80);
        while self.char < char && self.byte < bytes.len() {
            self.byte += 1;
            while !starts_char(self.byte) {
                self.byte += 1;
            }
            self.char += 1;
        }
        while self.char > char && self.byte > self.origin {
            self.byte -= 1;
            while !starts_char(self.byte) {
                self.byte -= 1;
            }
            self.char -= 1;
        }
        self.byte
    }
}

/// What can stand between two tokens, white space aside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Trivia {
    /// From `#` to the end of the line, line end excluded.
    Comment(Range<usize>),
    /// One of `- ? : ,`, or any other character that is no part of a gap.
    Indicator(usize),
    /// An anchor or a tag.
    Property(Range<usize>),
}

impl Trivia {
    pub fn range(&self) -> Range<usize> {
        match self {
            Self::Comment(range) | Self::Property(range) => range.clone(),
            Self::Indicator(at) => *at..*at + 1,
        }
    }
}

pub(super) fn is_break(byte: u8) -> bool {
    matches!(byte, b'\n' | b'\r')
}

/// The pieces of a gap between two tokens, in order.
pub(super) fn trivia(text: &str, gap: Range<usize>) -> impl Iterator<Item = Trivia> {
    let bytes = &text.as_bytes()[..gap.end.max(gap.start)];
    let mut at = gap.start;
    let until = move |from: usize, stop: fn(u8) -> bool| {
        bytes[from..]
            .iter()
            .position(|b| stop(*b))
            .map_or(bytes.len(), |length| from + length)
    };
    std::iter::from_fn(move || {
        at = until(at, |b| !(b.is_ascii_whitespace()));
        let first = *bytes.get(at)?;
        let start = at;
        Some(match first {
            b'#' => {
                at = until(start, is_break);
                Trivia::Comment(start..at)
            }
            b'&' | b'!' => {
                at = until(start, |b| {
                    b.is_ascii_whitespace() || matches!(b, b',' | b'[' | b']' | b'{' | b'}')
                });
                at = at.max(start + 1);
                Trivia::Property(start..at)
            }
            _ => {
                at = start + 1;
                Trivia::Indicator(start)
            }
        })
    })
}

/// Behind the quote that closes the one at `open`.
pub(super) fn closing_quote(text: &str, open: usize) -> usize {
    let bytes = text.as_bytes();
    let Some(quote) = bytes.get(open).copied() else {
        return text.len();
    };
    let mut at = open + 1;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' if quote == b'"' => at += 2,
            b if b == quote && quote == b'\'' && bytes.get(at + 1) == Some(&b'\'') => at += 2,
            b if b == quote => return at + 1,
            _ => at += 1,
        }
    }
    text.len()
}

/// Where a literal or folded block ends: at the end of its last line, its line end excluded. Empty lines below
/// belong to it only when its header says so with `+`.
pub(super) fn block_text_end(text: &str, header: usize, content: Range<usize>) -> usize {
    let indicators = text[header + 1..]
        .bytes()
        .take_while(|b| matches!(b, b'+' | b'-' | b'0'..=b'9'))
        .count();
    let header_end = header + 1 + indicators;
    let content = content.start.max(header_end)..content.end.max(header_end);
    // The span may reach into the indentation of the next line.
    let source = &text[content.clone()];
    let source = match source.rfind(['\n', '\r']) {
        Some(at) if source[at..].trim().is_empty() => &source[..=at],
        _ => source,
    };
    if text[header..header_end].contains('+') {
        let without_break = source.strip_suffix('\n').unwrap_or(source);
        let without_break = without_break.strip_suffix('\r').unwrap_or(without_break);
        return if source.is_empty() {
            header_end
        } else {
            content.start + without_break.len()
        };
    }
    let trimmed = source.trim_end_matches(['\n', '\r', ' ']);
    if trimmed.is_empty() || content.start <= header_end {
        return header_end;
    }
    // Spaces at the end of the last line are part of it.
    let end = content.start + trimmed.len();
    line_content_end(text, end).min(content.end)
}

/// The start of the line that contains `at`.
pub(super) fn line_start(text: &str, at: usize, lower: usize) -> usize {
    text.as_bytes()[lower..at]
        .iter()
        .rposition(|b| is_break(*b))
        .map_or(lower, |found| lower + found + 1)
}

/// The end of the line that contains `at`, line end excluded.
pub(super) fn line_content_end(text: &str, at: usize) -> usize {
    text.as_bytes()[at..]
        .iter()
        .position(|b| is_break(*b))
        .map_or(text.len(), |length| at + length)
}

/// The start of the line below the one that contains `at`.
pub(super) fn next_line(text: &str, at: usize) -> usize {
    let end = line_content_end(text, at);
    match text.as_bytes()[end..] {
        [b'\r', b'\n', ..] => end + 2,
        [_, ..] => end + 1,
        [] => end,
    }
}

/// The lines of a range that starts at the start of a line, line ends included.
pub(super) fn lines(text: &str, range: Range<usize>) -> impl Iterator<Item = Range<usize>> {
    let mut at = range.start;
    std::iter::from_fn(move || {
        if at >= range.end {
            return None;
        }
        let start = at;
        at = next_line(text, start).min(range.end);
        Some(start..at)
    })
}

/// What a line without tokens is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LineKind {
    Blank,
    Comment { indent: usize },
    Other,
}

pub(super) fn line_kind(line: &str) -> LineKind {
    let content = line.trim_start_matches(' ');
    let indent = line.len() - content.len();
    match content.trim_start().bytes().next() {
        None => LineKind::Blank,
        Some(b'#') => LineKind::Comment { indent },
        Some(_) => LineKind::Other,
    }
}

/// The line end in use: that of the first line that ends with LF or CRLF, and LF for a text without line ends.
/// CR counts only where nothing else is used, because before an LF it would become half of a CRLF.
pub(super) fn line_end(text: &str) -> &'static str {
    match text.find('\n') {
        Some(at) if text[..at].ends_with('\r') => "\r\n",
        Some(_) => "\n",
        None if text.contains('\r') => "\r",
        None => "\n",
    }
}

/// The number of the line that contains `at`, counted from 1.
pub(super) fn line_number(text: &str, at: usize) -> usize {
    let mut number = 1;
    let mut start = 0;
    loop {
        let next = next_line(text, start);
        if next > at || next == start {
            return number;
        }
        if next == text.len() && !text[..next].ends_with(['\n', '\r']) {
            return number;
        }
        start = next;
        number += 1;
    }
}
