//! conda's flags in comments: `#!final`, `#!top`, `#!bottom` (repository reference, section 3.2).
//!
//! conda takes a comment together with all full-line comments that follow it, strips white space, then `!` and `#`
//! at both ends, and compares the rest with the name of a flag. So a comment below a flag disables it.

use std::ops::Range;

use super::document::{Document, Entry, Shape, Token, TokenKind};
use super::source::{Trivia, line_content_end, lines, next_line, trivia};

/// What a comment tells conda about the setting or the list item before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Flag {
    /// The value wins over files of higher precedence.
    Final,
    /// The item comes first when lists are joined.
    Top,
    /// The item comes last when lists are joined.
    Bottom,
}

impl Flag {
    /// The flag a comment stands for, `#` included.
    fn from_comment(comment: &str) -> Option<Self> {
        match comment.trim().trim_matches(['!', '#']) {
            "final" => Some(Self::Final),
            "top" => Some(Self::Top),
            "bottom" => Some(Self::Bottom),
            _ => None,
        }
    }
}

/// A comment and all comments below it, up to the next indicator or token.
fn comment_at(text: &str, gap: Range<usize>) -> Option<Range<usize>> {
    let mut found: Option<Range<usize>> = None;
    for piece in trivia(text, gap) {
        let Trivia::Comment(comment) = piece else {
            break;
        };
        found = Some(found.map_or(comment.start, |before| before.start)..comment.end);
    }
    found
}

/// What conda attaches to a token.
enum Behind {
    Nothing,
    /// A blank line takes the place of a comment.
    BlankLine,
    Comment(Range<usize>),
}

/// What stands behind a token. Brackets own only a comment on their line.
fn behind_token(text: &str, document: &Document, token: &Token, until: usize) -> Behind {
    let brackets = token.kind == TokenKind::FlowClose;
    match comment_at(text, token.end..until.max(token.end)) {
        Some(comment) if !brackets || comment.start <= line_content_end(text, token.end) => {
            Behind::Comment(comment)
        }
        Some(_) => Behind::Nothing,
        None if brackets || document.has_end_marker && until >= document.end => Behind::Nothing,
        None if blank_line_below(text, token.end, until) => Behind::BlankLine,
        None => Behind::Nothing,
    }
}

/// Whether the line below the one that contains `at` is empty or holds spaces only.
fn blank_line_below(text: &str, at: usize, until: usize) -> bool {
    let below = next_line(text, at);
    lines(text, below..until.max(below))
        .next()
        .is_some_and(|line| text[line.clone()].trim().is_empty() && text[line].ends_with(['\n', '\r']))
}

/// Whether conda stops with an error at the entry: a comment behind a key, a value without quotes below it, then a
/// blank line. (Its reader keeps both the comment and the blank line for the value, and has room for one.)
pub(super) fn clashes(text: &str, document: &Document, entry: &Entry) -> bool {
    let tokens = document.value_tokens(entry);
    let Some(last) = tokens.last() else {
        return false;
    };
    let next = document.next_start(entry);
    let blank = line_content_end(text, last.end) < next
        && text[last.end..line_content_end(text, last.end)].trim().is_empty()
        && blank_line_below(text, last.end, next);
    let end_marker_only =
        document.has_end_marker && next >= document.end && !text[last.end..next].contains('#');
    if !matches!(last.kind, TokenKind::Plain | TokenKind::BlockText) || !blank || end_marker_only {
        return false;
    }
    // What stands between the colon and the value.
    let mut colon = entry.colon_end;
    if let [.., before, _] = tokens {
        let behind_key = trivia(text, before.end..last.start).filter_map(|piece| match piece {
            Trivia::Indicator(at) => Some(at),
            Trivia::Comment(_) | Trivia::Property(_) => None,
        });
        match behind_key.last() {
            Some(at) if text.as_bytes()[at] == b':' => colon = at + 1,
            _ => return false,
        }
    }
    let mut pieces = trivia(text, colon..last.start);
    let commented = matches!(pieces.next(), Some(Trivia::Comment(comment)) if comment.start <= line_content_end(text, colon));
    commented && pieces.all(|piece| !matches!(piece, Trivia::Indicator(_)))
}

/// The flag of a comment in front of an item, which nothing before it owns: conda looks at its first line only,
/// and at none below an empty line.
fn flag_in_front(text: &str, from: usize, until: usize) -> Option<Flag> {
    let Some(Trivia::Comment(comment)) = trivia(text, from..until.max(from)).next() else {
        return None;
    };
    let between = text[from..comment.start]
        .replace("\r\n", "\n")
        .replace('\r', "\n");
    if between.contains("\n\n") {
        None
    } else {
        Flag::from_comment(&text[comment])
    }
}

/// The flag of the comment that starts on the line of `at`, or none.
fn flag_on_line(text: &str, at: usize, until: usize) -> Option<Flag> {
    let comment = comment_at(text, at..until)?;
    if comment.start > line_content_end(text, at) {
        return None;
    }
    Flag::from_comment(&text[comment])
}

/// The flag of the comment behind an entry's last token; changes below the entry can disable it.
pub(super) fn behind(text: &str, document: &Document, entry: &Entry) -> Option<Flag> {
    let next = document.next_start(entry);
    let comment = match document.value_tokens(entry).last() {
        Some(token) => match behind_token(text, document, token, next) {
            Behind::Comment(comment) => Some(comment),
            Behind::Nothing | Behind::BlankLine => None,
        },
        None => comment_at(text, entry.colon_end..next.max(entry.colon_end)),
    };
    Flag::from_comment(&text[comment?])
}

/// The flag that conda sees for the whole setting.
pub(super) fn of_entry(text: &str, document: &Document, entry: &Entry) -> Option<Flag> {
    let tokens = document.value_tokens(entry);
    let next = document.next_start(entry).max(entry.colon_end);
    match entry.shape {
        Shape::Absent => {
            let has_colon = text.as_bytes()[..entry.colon_end].ends_with(b":");
            let anchored = !entry.features.anchors.is_empty() && !entry.features.unusual_key;
            if anchored || !has_colon {
                None
            } else {
                flag_on_line(text, entry.colon_end, next)
            }
        }
        Shape::BlockList | Shape::BlockMap => {
            let first = tokens.first().map_or(next, |token| token.start);
            flag_on_line(text, entry.colon_end, first)
        }
        Shape::Alias => flag_on_line(text, entry.colon_end, tokens.first()?.start),
        Shape::Scalar | Shape::FlowList | Shape::FlowMap => {
            match behind_token(text, document, tokens.last()?, next) {
                Behind::Comment(comment) => Flag::from_comment(&text[comment]),
                Behind::BlankLine => None,
                Behind::Nothing => flag_on_line(text, entry.colon_end, tokens.first()?.start),
            }
        }
    }
}

/// The flags of a list's items, one for each item; empty for anything but a list.
pub(super) fn of_items(text: &str, document: &Document, entry: &Entry) -> Vec<Option<Flag>> {
    let count = entry.value.as_sequence().map_or(0, Vec::len);
    match entry.shape {
        Shape::FlowList => of_flow_items(text, document, entry, count),
        Shape::BlockList => of_block_items(text, document, entry, count),
        _ => vec![None; count],
    }
}

/// One item between brackets: its tokens.
pub(super) fn flow_items(text: &str, tokens: &[Token]) -> Vec<Range<usize>> {
    let mut items = Vec::new();
    let mut depth = 0_usize;
    let mut first: Option<usize> = None;
    for (index, token) in tokens.iter().enumerate() {
        match token.kind {
            TokenKind::FlowClose => depth = depth.saturating_sub(1),
            TokenKind::FlowOpen => depth += 1,
            _ => {}
        }
        let opened = index == 0;
        let closed = depth == 0 && index > 0;
        if !opened && !closed {
            first.get_or_insert(index);
        }
        let separated = !closed
            && depth == 1
            && tokens.get(index + 1).is_some_and(|next| {
                trivia(text, token.end..next.start)
                    .any(|piece| matches!(piece, Trivia::Indicator(at) if text.as_bytes()[at] == b','))
            });
        if (closed || separated)
            && let Some(start) = first.take()
        {
            items.push(start..if closed { index } else { index + 1 });
        }
    }
    items
}

fn of_flow_items(text: &str, document: &Document, entry: &Entry, count: usize) -> Vec<Option<Flag>> {
    let tokens = document.value_tokens(entry);
    let items = flow_items(text, tokens);
    if items.len() != count {
        return vec![None; count];
    }
    let flag = |item: &Range<usize>| {
        let (before, first) = (tokens.get(item.start.checked_sub(1)?)?, tokens.get(item.start)?);
        let (last, after) = (tokens.get(item.end - 1)?, tokens.get(item.end)?);
        let compact_pair = item.len() > 1 && first.kind != TokenKind::FlowOpen;
        if compact_pair || first.kind == TokenKind::Alias {
            return None;
        }
        match behind_token(text, document, last, after.start) {
            Behind::Comment(comment) => return Flag::from_comment(&text[comment]),
            Behind::BlankLine => return None,
            Behind::Nothing => {}
        }
        let behind_comma = trivia(text, before.end..first.start)
            .find_map(|piece| match piece {
                Trivia::Indicator(at) => Some(at + 1),
                _ => None,
            })
            .unwrap_or(before.end);
        flag_in_front(text, behind_comma, first.start)
    };
    items.iter().map(flag).collect()
}

fn of_block_items(text: &str, document: &Document, entry: &Entry, count: usize) -> Vec<Option<Flag>> {
    let dashes = dashes(text, document, entry);
    if dashes.len() != count {
        return vec![None; count];
    }
    let tokens = document.value_tokens(entry);
    let end = document.next_start(entry);
    let mut flags = Vec::with_capacity(count);
    // The flag of a comment that no item above owns counts for the next item that has none of its own.
    let mut pending = None;
    for (index, dash) in dashes.iter().enumerate() {
        let limit = dashes.get(index + 1).copied().unwrap_or(end);
        let own = item_tokens(tokens, *dash, limit);
        let (Some(first), Some(last)) = (own.first(), own.last()) else {
            flags.push(None);
            let from = trivia(text, dash + 1..limit)
                .take_while(|piece| matches!(piece, Trivia::Property(_)))
                .last()
                .map_or(dash + 1, |piece| piece.range().end);
            pending = flag_in_front(text, from, limit).or(pending);
            continue;
        };
        let nested = nested_dash(text, *dash, first.start);
        let is_block = nested || own.len() > 1 && first.kind != TokenKind::FlowOpen;
        let behind = behind_token(text, document, last, limit);
        flags.push(match &behind {
            _ if is_block || first.kind == TokenKind::Alias => pending,
            Behind::Comment(comment) => Flag::from_comment(&text[comment.clone()]),
            Behind::BlankLine => None,
            Behind::Nothing => flag_on_line(text, dash + 1, first.start).or(pending),
        });
        let disowned = match behind {
            Behind::Comment(_) => last.kind == TokenKind::Alias,
            Behind::Nothing | Behind::BlankLine => {
                matches!(last.kind, TokenKind::Alias | TokenKind::FlowClose)
            }
        };
        pending = if disowned && !nested {
            flag_in_front(text, last.end, limit)
        } else {
            None
        };
    }
    flags
}

/// The tokens between two positions.
pub(super) fn item_tokens(tokens: &[Token], from: usize, to: usize) -> &[Token] {
    let first = tokens.partition_point(|token| token.start < from);
    let last = tokens.partition_point(|token| token.start < to).max(first);
    &tokens[first..last]
}

fn nested_dash(text: &str, dash: usize, first: usize) -> bool {
    trivia(text, dash + 1..first).any(|piece| matches!(piece, Trivia::Indicator(_)))
}

/// The positions of the dashes of a block list, nested ones excluded.
pub(super) fn dashes(text: &str, document: &Document, entry: &Entry) -> Vec<usize> {
    let mut found = Vec::new();
    let mut column = None;
    let mut at = entry.colon_end;
    let end = document.next_start(entry);
    let gaps = document
        .value_tokens(entry)
        .iter()
        .map(|token| (token.start, token.end))
        .chain([(end, end)]);
    for (gap_end, next) in gaps {
        for piece in trivia(text, at..gap_end.max(at)) {
            let Trivia::Indicator(dash) = piece else { continue };
            if text.as_bytes()[dash] != b'-' {
                continue;
            }
            let line = super::source::line_start(text, dash, document.start);
            let here = dash - line;
            if text[line..dash].bytes().all(|b| b == b' ') && *column.get_or_insert(here) == here {
                found.push(dash);
            }
        }
        at = next;
    }
    found
}
