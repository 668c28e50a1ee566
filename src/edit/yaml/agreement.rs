//! Two doubts that are settled before a file is taken as understood: white space that conda refuses, and a second,
//! independent YAML reader that must see the same values.

use serde_yaml::Value;

use super::document::{Document, Entry, TokenKind};
use super::error::YamlError;
use super::source::{Trivia, line_number, trivia};
use crate::secret::mask_text;

/// conda's reader takes a tab outside quotes, comments and brackets for an error and ignores the whole file.
pub(super) fn no_tabs(text: &str, document: &Document) -> Result<(), YamlError> {
    if !text.contains('\t') {
        return Ok(());
    }
    let refuse = |at: usize| {
        Err(YamlError::Tab {
            line: line_number(text, at),
        })
    };
    let mut depth = 0_usize;
    let mut at = document.start;
    for token in &document.tokens {
        if depth == 0
            && let Some(tab) = tab_outside_comments(text, at, token.start)
        {
            return refuse(tab);
        }
        match token.kind {
            TokenKind::FlowOpen => depth += 1,
            TokenKind::FlowClose => depth = depth.saturating_sub(1),
            TokenKind::Plain if text[token.start..token.end].contains('\t') => return refuse(token.start),
            _ => {}
        }
        at = token.end;
    }
    match tab_outside_comments(text, at, text.len()) {
        Some(tab) => refuse(tab),
        None => Ok(()),
    }
}

fn tab_outside_comments(text: &str, from: usize, to: usize) -> Option<usize> {
    let mut at = from;
    let comments = trivia(text, from..to).filter_map(|piece| match piece {
        Trivia::Comment(range) => Some(range),
        Trivia::Indicator(_) | Trivia::Property(_) => None,
    });
    for gap in comments.chain(std::iter::once(to..to)) {
        if let Some(tab) = text[at..gap.start].find('\t') {
            return Some(at + tab);
        }
        at = gap.end;
    }
    None
}

/// Whether the line has a tab in front of a comment; that is then what a reader stumbles over.
pub(super) fn has_tab(text: &str, line: usize) -> bool {
    text.lines()
        .nth(line.saturating_sub(1))
        .and_then(|line| line.split('#').next())
        .is_some_and(|source| source.contains('\t'))
}

/// Refuses a text that another reader finds invalid, or reads in another shape.
pub(super) fn second_reader(text: &str, document: &Document) -> Result<(), YamlError> {
    if document.entries.is_empty() {
        return Ok(());
    }
    let theirs: Value = serde_yaml::from_str(&text[document.start..]).map_err(|error| YamlError::Syntax {
        line: error.location().map_or(1, |location| location.line()),
        reason: mask_text(&error.to_string()),
    })?;
    // The second reader leaves tags and merge keys as they are written.
    let as_written = |entry: &&Entry| {
        let features = &entry.features;
        !(features.tag || features.alias || features.merge || features.unusual_key)
    };
    for entry in document.entries.iter().filter(as_written) {
        if !theirs
            .get(entry.key.as_str())
            .is_some_and(|value| agree(&entry.value, value))
        {
            return Err(YamlError::Syntax {
                line: entry.line,
                reason: format!(
                    "readers of YAML differ about the value of '{}'",
                    mask_text(&entry.key)
                ),
            });
        }
    }
    Ok(())
}

/// Same shape and same strings; numbers and dates without quotes are read by differing rules.
fn agree(ours: &Value, theirs: &Value) -> bool {
    match (ours, theirs) {
        (Value::Sequence(ours), Value::Sequence(theirs)) => {
            ours.len() == theirs.len() && ours.iter().zip(theirs).all(|(ours, theirs)| agree(ours, theirs))
        }
        (Value::Mapping(ours), Value::Mapping(theirs)) => {
            ours.len() == theirs.len()
                && ours
                    .iter()
                    .zip(theirs)
                    .all(|(ours, theirs)| agree(ours.0, theirs.0) && agree(ours.1, theirs.1))
        }
        (Value::Sequence(_) | Value::Mapping(_), _) | (_, Value::Sequence(_) | Value::Mapping(_)) => false,
        (Value::String(ours), Value::String(theirs)) => {
            // Only our reader knows that conda reads no line end where the file has none.
            ours == theirs || theirs.strip_suffix('\n') == Some(ours)
        }
        _ => true,
    }
}
