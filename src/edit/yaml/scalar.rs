//! Setting a single value, and what all settings share: appending an entry, replacing a whole value.

use serde_yaml::Value;

use super::YamlFile;
use super::change::{Draft, Intent, Splice, indentation, obstacle};
use super::document::{Document, Entry, Root, Shape, TokenKind};
use super::error::YamlError;
use super::quote::{self, Place, Quotes};
use super::source::{LineKind, Trivia, line_content_end, line_kind, line_start, lines, next_line, trivia};

impl YamlFile {
    /// Sets a setting to a string. The entry is changed in place, keeping its quotes and its comments, or appended
    /// below all others. Changes no byte if the value is there already.
    ///
    /// # Errors
    /// [`YamlError::Refused`] if that cannot be done without risk; nothing is changed then.
    pub fn set_scalar(&mut self, key: &str, value: &str) -> Result<(), YamlError> {
        let quotes = self
            .document
            .entry(key)
            .map_or(Quotes::None, |entry| quotes_of(&self.document, entry));
        let source = quote::write(value, quotes, Place::Block);
        self.set_single(key, &Value::String(value.to_owned()), &source)
    }

    /// Sets a setting to `true` or `false`, see [`YamlFile::set_scalar`].
    ///
    /// # Errors
    /// [`YamlError::Refused`] if that cannot be done without risk; nothing is changed then.
    pub fn set_bool(&mut self, key: &str, value: bool) -> Result<(), YamlError> {
        self.set_single(key, &Value::Bool(value), if value { "true" } else { "false" })
    }

    pub(super) fn set_single(&mut self, key: &str, value: &Value, source: &str) -> Result<(), YamlError> {
        if self.value(key) == Some(value) {
            return Ok(());
        }
        let intent = Intent {
            key,
            value: Some(value),
            flag: self.flag(key),
            item_flags: Vec::new(),
            original: None,
            by_hand: write_by_hand(&format!("{}: {source}", key_source(key))),
        };
        if let Some(obstacle) = obstacle(&self.document, key) {
            return Err(intent.refuse(self, obstacle));
        }
        let draft = Draft::new(self);
        let candidates = match self.document.entry(key) {
            None => vec![append(
                &draft,
                &self.document,
                &format!("{}: {source}{}", key_source(key), draft.line_end),
            )],
            Some(entry) => vec![
                replace_value(&draft, &self.document, entry, source),
                replace_whole(&draft, &self.document, entry, &format!(" {source}"), ""),
            ],
        };
        self.make(&intent, &draft, &candidates)
    }
}

fn quotes_of(document: &Document, entry: &Entry) -> Quotes {
    match document.value_tokens(entry) {
        [token] => token_quotes(token.kind),
        _ => Quotes::None,
    }
}

pub(super) fn token_quotes(kind: TokenKind) -> Quotes {
    match kind {
        TokenKind::Single => Quotes::Single,
        TokenKind::Double => Quotes::Double,
        _ => Quotes::None,
    }
}

pub(super) fn key_source(key: &str) -> String {
    quote::write(key, Quotes::None, Place::Block)
}

pub(super) fn write_by_hand(lines: &str) -> String {
    format!("Make the entry read as follows in a text editor:\n{lines}")
}

/// A new entry below all others, but above `...`. The source ends with a line end and is indented here.
pub(super) fn append(draft: &Draft, document: &Document, source: &str) -> Splice {
    let end = draft.end(document);
    let indent = " ".repeat(indentation(document));
    let mut text = String::new();
    let mut start = end;
    if let Root::Braces(braces) = &document.root {
        let (removed, kept) = without_braces(&draft.text, document, braces.clone());
        start = removed.start;
        text.push_str(&kept);
        text.push_str(&draft.text[removed.end..end]);
    }
    for line in lines(source, 0..source.len()) {
        text.push_str(&indent);
        text.push_str(&source[line]);
    }
    Splice {
        range: start..end,
        text,
    }
}

/// The line of an empty root `{}`, and what stays of it without the braces: a `---` and a comment.
pub(super) fn without_braces(
    text: &str,
    document: &Document,
    braces: std::ops::Range<usize>,
) -> (std::ops::Range<usize>, String) {
    let line = line_start(text, braces.start, document.start)..next_line(text, braces.end);
    let before = text[line.start..braces.start].trim_end();
    let content_end = line_content_end(text, braces.end);
    let behind = text[braces.end..content_end].trim();
    if before.is_empty() && behind.is_empty() {
        return (line, String::new());
    }
    let space = if before.is_empty() || behind.is_empty() {
        ""
    } else {
        " "
    };
    let kept = format!("{before}{space}{behind}{}", &text[content_end..line.end]);
    (line, kept)
}

/// Replaces the value of an entry by source on one line.
pub(super) fn replace_value(draft: &Draft, document: &Document, entry: &Entry, source: &str) -> Splice {
    let tokens = document.value_tokens(entry);
    match (entry.shape, tokens) {
        (Shape::Scalar, [token]) if token.kind != TokenKind::BlockText => Splice {
            range: token.start..token.end,
            text: source.to_owned(),
        },
        (Shape::Absent, _) if entry.features.anchors.is_empty() => Splice {
            range: entry.colon_end..entry.colon_end,
            text: format!(" {source}"),
        },
        (Shape::FlowList | Shape::FlowMap, [first, .., last])
            if !draft.text[first.start..last.end].contains('#') =>
        {
            Splice {
                range: first.start..last.end,
                text: source.to_owned(),
            }
        }
        _ => replace_whole(draft, document, entry, &format!(" {source}"), ""),
    }
}

/// Replaces everything behind the colon: `inline` comes on the key's line, before its comment, and `below` under
/// it. Comments on lines of their own stay, under that, indented so that they remain inside the entry.
pub(super) fn replace_whole(
    draft: &Draft,
    document: &Document,
    entry: &Entry,
    inline: &str,
    below: &str,
) -> Splice {
    let text = &draft.text;
    let source_end = next_line(text, entry.source_end);
    let key_line_end = line_content_end(text, entry.colon_end);
    let comment = key_line_comment(draft, document, entry).map_or("", |comment| &text[comment]);
    let mut replaced = inline.to_owned();
    if !comment.is_empty() {
        replaced.push(' ');
        replaced.push_str(comment);
    }
    replaced.push_str(draft.line_end);
    replaced.push_str(below);
    for range in own_comment_lines(draft, document, entry, next_line(text, key_line_end)..source_end) {
        replaced.push_str(&inside(&text[range], indentation(document), draft.line_end));
    }
    Splice {
        range: entry.colon_end..source_end,
        text: replaced,
    }
}

/// The comment on the key's line, if nothing but the header of a text block, or all of the value, is before it.
fn key_line_comment(draft: &Draft, document: &Document, entry: &Entry) -> Option<std::ops::Range<usize>> {
    let line_end = line_content_end(&draft.text, entry.colon_end);
    let tokens = document.value_tokens(entry);
    let from = match tokens.iter().rev().find(|token| token.start < line_end) {
        Some(token) if token.kind == TokenKind::BlockText => {
            let header = draft.text[token.start..line_end]
                .find(" #")
                .map(|at| token.start + at + 1);
            return header.map(|start| start..start + draft.text[start..line_end].trim_end().len());
        }
        Some(token) if token.end > line_end => return None,
        Some(token) => token.end,
        None => entry.colon_end,
    };
    trivia(&draft.text, from..line_end).find_map(|piece| match piece {
        Trivia::Comment(range) => Some(range.start..range.start + draft.text[range.clone()].trim_end().len()),
        Trivia::Indicator(_) | Trivia::Property(_) => None,
    })
}

/// The lines of a range that hold a comment and nothing else; a `#` inside a text is none.
fn own_comment_lines(
    draft: &Draft,
    document: &Document,
    entry: &Entry,
    range: std::ops::Range<usize>,
) -> Vec<std::ops::Range<usize>> {
    let tokens = document.value_tokens(entry);
    let inside_token = |at: usize| {
        let before = tokens.partition_point(|token| token.start <= at);
        before > 0 && tokens[before - 1].end > at
    };
    lines(&draft.text, range)
        .filter(|line| matches!(line_kind(&draft.text[line.clone()]), LineKind::Comment { .. }))
        .filter(|line| !inside_token(line.start))
        .collect()
}

/// A comment line indented more than the settings, so that it stays inside the entry above it.
pub(super) fn inside(line: &str, indent: usize, line_end: &str) -> String {
    let content = line.trim_start_matches(' ');
    let content = if content.ends_with(['\n', '\r']) {
        content.to_owned()
    } else {
        format!("{content}{line_end}")
    };
    let current = line.len() - line.trim_start_matches(' ').len();
    let indent = if current > indent { current } else { indent + 2 };
    format!("{}{content}", " ".repeat(indent))
}
