//! The root of the file: its form, and the settings in it.

use std::ops::Range;

use saphyr_parser::Tag as ParsedTag;
use serde_yaml::{Mapping, Value};

use super::super::change::indentation;
use super::super::document::{Document, Entry, Features, Root, Shape};
use super::super::error::YamlError;
use super::super::resolve;
use super::super::source::{LineKind, Trivia, line_kind, line_number, line_start, lines, trivia};
use super::{Builder, Nodes};

/// A setting of the root mapping whose value is not complete yet.
pub(super) struct Unfinished {
    pub(super) key: String,
    pub(super) line: usize,
    pub(super) key_start: usize,
    pub(super) colon_end: usize,
    pub(super) first_token: usize,
    pub(super) shape: Shape,
}

impl Builder<'_> {
    pub(super) fn open_root(
        &mut self,
        nodes: &Nodes,
        flow: bool,
        anchor: usize,
        tag: Option<&ParsedTag>,
        bytes: &Range<usize>,
        line: usize,
    ) -> Result<(), YamlError> {
        if matches!(nodes, Nodes::List(_)) {
            return Err(YamlError::RootIsNotAMapping {
                line,
                found: "a list",
            });
        }
        self.document.root_has_properties = anchor != 0 || tag.is_some();
        self.document.root = if flow {
            Root::Flow
        } else {
            let line_start = self.text[..bytes.end]
                .rfind(['\n', '\r'])
                .map_or(self.document.start, |at| at + 1);
            Root::Block {
                indent: bytes.end - line_start.max(self.document.start).min(bytes.end),
            }
        };
        Ok(())
    }

    pub(super) fn close_root(&mut self, start: usize, bytes: &Range<usize>) {
        if self.document.root == Root::Flow && self.document.entries.is_empty() {
            let braces = start..bytes.start + 1;
            let inner = &self.text[start + 1..bytes.start];
            if !self.document.root_has_properties && inner.bytes().all(|b| b == b' ') {
                self.document.root = Root::Braces(braces);
            }
        }
    }

    /// Whether the node that starts now is a key of the root mapping, or the value of one.
    pub(super) fn note_start(
        &mut self,
        shape: Shape,
        bytes: &Range<usize>,
        line: usize,
    ) -> Result<(), YamlError> {
        let [root] = self.frames.as_slice() else {
            return match self.frames.is_empty() {
                true => self.scalar_root(shape, line),
                false => Ok(()),
            };
        };
        let Nodes::Map { key, .. } = &root.nodes else {
            return Ok(());
        };
        if key.is_none() {
            self.document.has_unusual_key |= shape != Shape::Scalar;
            let unusual = shape != Shape::Scalar || self.explicit_key_before(bytes.start);
            self.features = Features {
                unusual_key: unusual,
                ..Features::default()
            };
            self.setting = Some(Unfinished {
                key: String::new(),
                line,
                key_start: bytes.start,
                colon_end: bytes.end,
                first_token: 0,
                shape: Shape::Absent,
            });
        } else if let Some(setting) = &mut self.setting {
            setting.shape = shape;
        }
        Ok(())
    }

    pub(super) fn scalar_root(&self, shape: Shape, line: usize) -> Result<(), YamlError> {
        match shape {
            Shape::Absent => Ok(()),
            _ => Err(YamlError::RootIsNotAMapping {
                line,
                found: "a single value",
            }),
        }
    }

    pub(super) fn explicit_key_before(&self, start: usize) -> bool {
        let from = self
            .document
            .tokens
            .last()
            .map_or(self.document.start, |token| token.end);
        let indent = indentation(&self.document);
        // A `?` that is indented more belongs to the value above.
        trivia(self.text, from..start).any(|piece| {
            matches!(piece, Trivia::Indicator(at) if self.text.as_bytes()[at] == b'?'
                && at - line_start(self.text, at, self.document.start) == indent)
        })
    }

    pub(super) fn complete_root_key(&mut self, value: &Value, merge_key: bool) {
        let Some(setting) = &mut self.setting else {
            return;
        };
        setting.key = resolve::spelled(value);
        let end = self
            .document
            .tokens
            .last()
            .map_or(setting.key_start, |token| token.end)
            .max(setting.key_start);
        let colon = self.text[end..].bytes().position(|b| b != b' ');
        match colon.map(|spaces| end + spaces) {
            Some(colon) if self.text.as_bytes()[colon] == b':' => setting.colon_end = colon + 1,
            _ => {
                setting.colon_end = end;
                self.features.unusual_key = true;
            }
        }
        setting.first_token = self.document.tokens.len();
        let odd = !matches!(value, Value::String(_)) || merge_key;
        let features = &self.features;
        if odd || features.alias || features.tag || !features.anchors.is_empty() {
            self.features.unusual_key = true;
        }
    }

    pub(super) fn complete_root_value(&mut self, value: Value) {
        let Some(setting) = self.setting.take() else {
            return;
        };
        let features = std::mem::take(&mut self.features);
        if features.merge && setting.key == "<<" {
            let mut holder = Mapping::new();
            holder.insert(Value::from("<<"), value);
            let mut holder = Value::Mapping(holder);
            let merged = match holder.apply_merge() {
                Ok(()) => holder.as_mapping().cloned(),
                Err(_) => None,
            };
            self.document.merged = Some(merged.unwrap_or_default());
            return;
        }
        self.document.entries.push(Entry {
            key: setting.key,
            value,
            line: setting.line,
            key_start: setting.key_start,
            colon_end: setting.colon_end,
            source_end: setting.colon_end,
            tokens: setting.first_token..self.document.tokens.len(),
            shape: setting.shape,
            features,
        });
    }
}

/// Whether a line such as `%YAML 1.1` stands above the settings.
pub(super) fn has_directive(text: &str) -> bool {
    text.split(['\n', '\r'])
        .take_while(|line| !line.starts_with("---"))
        .find(|line| !line.trim_start().is_empty() && !line.trim_start().starts_with('#'))
        .is_some_and(|line| line.starts_with('%'))
}

/// Finds where the source of every setting ends, once it is known where the next one starts.
pub(super) fn find_source_ends(text: &str, document: &mut Document) {
    let indent = indentation(document);
    for index in 0..document.entries.len() {
        let entry = &document.entries[index];
        let written = document
            .value_tokens(entry)
            .last()
            .map_or(entry.colon_end, |token| token.end);
        let next = document.next_start(entry).max(written);
        let next_line = if next < document.end {
            line_start(text, next, document.start)
        } else {
            next
        };
        let of_next =
            |at: usize| text.as_bytes()[at] == b'?' && at - line_start(text, at, document.start) == indent;
        let end = trivia(text, written..next_line.max(written))
            .take_while(|piece| !matches!(piece, Trivia::Indicator(at) if of_next(*at)))
            .filter(|piece| !matches!(piece, Trivia::Comment(_)))
            .last()
            .map_or(written, |piece| piece.range().end);
        document.entries[index].source_end = end;
    }
}

/// A `...` above all settings ends an empty document; the parser does not report it.
pub(super) fn end_marker_before_content(text: &str, document: &mut Document) -> Result<(), YamlError> {
    let marker = lines(text, document.start..text.len())
        .take_while(|line| {
            line_kind(&text[line.clone()]) != LineKind::Other || text[line.clone()].starts_with("...")
        })
        .find(|line| text[line.clone()].starts_with("..."));
    let Some(marker) = marker else {
        return Ok(());
    };
    match document.tokens.first() {
        Some(token) if token.start > marker.start => Err(YamlError::Syntax {
            line: line_number(text, marker.start),
            reason: "the end marker '...' stands above the settings".to_owned(),
        }),
        Some(_) => Ok(()),
        None => {
            document.has_end_marker = true;
            document.end = marker.start;
            Ok(())
        }
    }
}
