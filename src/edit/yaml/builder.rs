//! From parser events to a [`Document`]: values as conda reads them, and the bytes each of them takes.

use std::collections::HashMap;
use std::ops::Range;

use saphyr_parser::{Event, Parser, ScalarStyle, ScanError, Span, Tag as ParsedTag};
use serde_yaml::value::{Tag, TaggedValue};
use serde_yaml::{Mapping, Value};

use super::document::{Document, Entry, Features, Root, Shape, Token, TokenKind};
use super::error::{DEPTH_LIMIT, YamlError};
use super::source::{
    CharCursor, LineKind, Trivia, block_text_end, closing_quote, line_kind, line_number, line_start, lines,
    trivia,
};
use super::{agreement, resolve};
use crate::secret::mask_text;

/// How many nodes all aliases together may expand to.
const EXPANSION_LIMIT: usize = 100_000;

/// Reads text (with or without byte order mark) into its shape.
///
/// # Errors
/// Those variants of [`YamlError`] that concern the structure of the text.
pub(super) fn build(text: &str) -> Result<Document, YamlError> {
    let mut builder = Builder::new(text);
    for event in Parser::new_from_str(&text[builder.document.start..]) {
        let (event, span) = event.map_err(|error| syntax_error(text, &error))?;
        builder.receive(event, span)?;
    }
    let mut document = builder.document;
    end_marker_before_content(text, &mut document)?;
    agreement::no_tabs(text, &document)?;
    agreement::second_reader(text, &document)?;
    Ok(document)
}

/// A `...` above all settings ends an empty document; the parser does not report it.
fn end_marker_before_content(text: &str, document: &mut Document) -> Result<(), YamlError> {
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

fn syntax_error(text: &str, error: &ScanError) -> YamlError {
    let line = error.marker().line();
    if agreement::has_tab(text, line) {
        return YamlError::Tab { line };
    }
    YamlError::Syntax {
        line,
        reason: mask_text(error.info()),
    }
}

struct Anchored {
    value: Value,
    nodes: usize,
}

enum Nodes {
    List(Vec<Value>),
    Map {
        entries: Mapping,
        key: Option<Value>,
        merges: bool,
    },
}

struct Frame {
    nodes: Nodes,
    flow: bool,
    anchor: usize,
    tag: Option<ParsedTag>,
    start: usize,
}

/// A setting of the root mapping whose value is not complete yet.
struct Draft {
    key: String,
    line: usize,
    key_start: usize,
    colon_end: usize,
    first_token: usize,
    shape: Shape,
}

struct Builder<'t> {
    text: &'t str,
    cursor: CharCursor<'t>,
    frames: Vec<Frame>,
    draft: Option<Draft>,
    /// Collects what is met in the current setting, key included.
    features: Features,
    anchored: HashMap<usize, Anchored>,
    expanded: usize,
    documents: usize,
    document: Document,
}

impl<'t> Builder<'t> {
    fn new(text: &'t str) -> Self {
        let start = if text.starts_with('\u{feff}') {
            '\u{feff}'.len_utf8()
        } else {
            0
        };
        Self {
            text,
            cursor: CharCursor::new(text, start),
            frames: Vec::new(),
            draft: None,
            features: Features::default(),
            anchored: HashMap::new(),
            expanded: 0,
            documents: 0,
            document: Document {
                start,
                end: text.len(),
                has_directive: has_directive(&text[start..]),
                ..Document::default()
            },
        }
    }

    fn receive(&mut self, event: Event<'_>, span: Span) -> Result<(), YamlError> {
        let line = span.start.line();
        let bytes = self.cursor.byte(span.start.index())..self.cursor.byte(span.end.index());
        match event {
            Event::Nothing | Event::StreamStart | Event::StreamEnd => {}
            Event::DocumentStart(explicit) => {
                self.documents += 1;
                if self.documents > 1 {
                    return Err(YamlError::SeveralDocuments { line });
                }
                self.document.has_start_marker = explicit;
            }
            Event::DocumentEnd => {
                if self.text[bytes.clone()].starts_with("...") {
                    self.document.has_end_marker = true;
                    self.document.end = bytes.start;
                }
            }
            Event::Alias(anchor) => self.alias(anchor, bytes, line)?,
            Event::Scalar(text, style, anchor, tag) => {
                self.scalar(&text, style, anchor, tag.as_deref(), bytes, line)?;
            }
            Event::SequenceStart(anchor, tag) => {
                self.open(Nodes::List(Vec::new()), anchor, tag.as_deref(), bytes, line)?;
            }
            Event::MappingStart(anchor, tag) => {
                let map = Nodes::Map {
                    entries: Mapping::new(),
                    key: None,
                    merges: false,
                };
                self.open(map, anchor, tag.as_deref(), bytes, line)?;
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(&bytes, line)?,
        }
        Ok(())
    }

    fn gap_start(&self) -> usize {
        let token = self
            .document
            .tokens
            .last()
            .map_or(self.document.start, |token| token.end);
        self.draft
            .as_ref()
            .map_or(token, |draft| token.max(draft.colon_end))
    }

    fn alias(&mut self, anchor: usize, bytes: Range<usize>, line: usize) -> Result<(), YamlError> {
        let Some(target) = self.anchored.get(&anchor) else {
            return Err(YamlError::Syntax {
                line,
                reason: "an alias stands inside the value it refers to".to_owned(),
            });
        };
        self.expanded += target.nodes;
        if self.expanded > EXPANSION_LIMIT {
            return Err(YamlError::TooManyAliases { line });
        }
        let value = target.value.clone();
        self.note_start(Shape::Alias, &bytes, line)?;
        self.features.alias = true;
        if let Err(at) = self.document.used_anchors.binary_search(&anchor) {
            self.document.used_anchors.insert(at, anchor);
        }
        self.token(bytes.start, bytes.end, TokenKind::Alias);
        self.complete(value, 0, line, false)
    }

    fn scalar(
        &mut self,
        content: &str,
        style: ScalarStyle,
        anchor: usize,
        tag: Option<&ParsedTag>,
        bytes: Range<usize>,
        line: usize,
    ) -> Result<(), YamlError> {
        let kind = match style {
            ScalarStyle::Plain => TokenKind::Plain,
            ScalarStyle::SingleQuoted => TokenKind::Single,
            ScalarStyle::DoubleQuoted => TokenKind::Double,
            ScalarStyle::Literal | ScalarStyle::Folded => TokenKind::BlockText,
        };
        let absent = kind == TokenKind::Plain && content.is_empty();
        let span_end = bytes.end;
        let (start, end) = if absent {
            (bytes.start, bytes.start)
        } else {
            self.extent(kind, bytes)
        };
        self.note_start(
            if absent { Shape::Absent } else { Shape::Scalar },
            &(start..end),
            line,
        )?;
        self.note_properties(anchor, tag);
        let mut value = match (kind, tag) {
            (TokenKind::Plain, None) => resolve::plain(content),
            _ => Value::String(content.to_owned()),
        };
        if kind == TokenKind::BlockText && self.adds_line_end(end, span_end) && content.ends_with('\n') {
            value = Value::String(content[..content.len() - 1].to_owned());
        }
        if let Some(tag) = tag {
            value = with_tag(tag, value);
        }
        if !absent {
            self.token(start, end, kind);
        }
        let merge_key = kind == TokenKind::Plain && tag.is_none() && content == "<<";
        self.complete(value, anchor, line, merge_key)
    }

    /// Whether the parser takes the end of the text for the end of another line of a text block; conda does not.
    fn adds_line_end(&self, end: usize, span_end: usize) -> bool {
        let open = !self.text.ends_with(['\n', '\r']);
        let last_line = self.text[end..].trim_end_matches(' ');
        open && (end == self.text.len() || span_end == self.text.len() && last_line.trim().is_empty())
    }

    /// The exact bytes of a scalar, whose span may include properties before it and white space behind it.
    fn extent(&self, kind: TokenKind, bytes: Range<usize>) -> (usize, usize) {
        match kind {
            TokenKind::Single | TokenKind::Double => {
                let quote = self.skip_properties(bytes.start);
                (bytes.start, closing_quote(self.text, quote))
            }
            TokenKind::BlockText => {
                let header = trivia(self.text, self.gap_start()..self.text.len())
                    .find_map(|piece| match piece {
                        Trivia::Indicator(at) if matches!(self.text.as_bytes()[at], b'|' | b'>') => Some(at),
                        _ => None,
                    })
                    .unwrap_or(bytes.start);
                (header, block_text_end(self.text, header, bytes))
            }
            _ => (bytes.start, bytes.start + self.text[bytes].trim_end().len()),
        }
    }

    /// Where the node itself starts, behind its anchor and tag.
    fn skip_properties(&self, from: usize) -> usize {
        let mut at = from;
        while matches!(self.text.as_bytes().get(at), Some(b'&' | b'!')) {
            at = trivia(self.text, at..self.text.len())
                .take_while(|piece| matches!(piece, Trivia::Property(_) | Trivia::Comment(_)))
                .last()
                .map_or(at + 1, |piece| piece.range().end);
            at += self.text[at..].len() - self.text[at..].trim_start().len();
        }
        at
    }

    fn open(
        &mut self,
        nodes: Nodes,
        anchor: usize,
        tag: Option<&ParsedTag>,
        bytes: Range<usize>,
        line: usize,
    ) -> Result<(), YamlError> {
        if self.frames.len() >= DEPTH_LIMIT {
            return Err(YamlError::TooDeep { line });
        }
        // The span starts with an anchor or a tag, and that of brackets may reach beyond them.
        let bracket = Some(self.skip_properties(bytes.start))
            .filter(|at| *at < bytes.end && matches!(self.text.as_bytes()[*at], b'[' | b'{'));
        let flow = bracket.is_some();
        let shape = match (&nodes, flow) {
            (Nodes::List(_), true) => Shape::FlowList,
            (Nodes::List(_), false) => Shape::BlockList,
            (Nodes::Map { .. }, true) => Shape::FlowMap,
            (Nodes::Map { .. }, false) => Shape::BlockMap,
        };
        if self.frames.is_empty() {
            self.open_root(&nodes, flow, anchor, tag, &bytes, line)?;
        } else {
            self.note_start(shape, &bytes, line)?;
            self.note_properties(anchor, tag);
        }
        if let Some(at) = bracket {
            self.token(at, at + 1, TokenKind::FlowOpen);
        }
        self.frames.push(Frame {
            nodes,
            flow,
            anchor,
            tag: tag.cloned(),
            start: bytes.start,
        });
        Ok(())
    }

    fn open_root(
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

    fn close(&mut self, bytes: &Range<usize>, line: usize) -> Result<(), YamlError> {
        let Some(frame) = self.frames.pop() else {
            return Ok(());
        };
        if frame.flow {
            self.token(bytes.start, bytes.start + 1, TokenKind::FlowClose);
        }
        let mut value = match frame.nodes {
            Nodes::List(values) => Value::Sequence(values),
            Nodes::Map { entries, merges, .. } => {
                let mut value = Value::Mapping(entries);
                // What cannot be merged is left as it is written.
                if merges {
                    let written = value.clone();
                    if value.apply_merge().is_err() {
                        value = written;
                    }
                }
                value
            }
        };
        if self.frames.is_empty() {
            self.close_root(frame.start, bytes);
            return Ok(());
        }
        if let Some(tag) = &frame.tag {
            value = with_tag(tag, value);
        }
        self.complete(value, frame.anchor, line, false)
    }

    fn close_root(&mut self, start: usize, bytes: &Range<usize>) {
        if self.document.root == Root::Flow && self.document.entries.is_empty() {
            let braces = start..bytes.start + 1;
            let inner = &self.text[start + 1..bytes.start];
            if !self.document.root_has_properties && inner.bytes().all(|b| b == b' ') {
                self.document.root = Root::Braces(braces);
            }
        }
    }

    fn token(&mut self, start: usize, end: usize, kind: TokenKind) {
        self.document.tokens.push(Token { start, end, kind });
    }

    fn note_properties(&mut self, anchor: usize, tag: Option<&ParsedTag>) {
        if anchor != 0 {
            self.features.anchors.push(anchor);
        }
        self.features.tag |= tag.is_some();
    }

    /// Whether the node that starts now is a key of the root mapping, or the value of one.
    fn note_start(&mut self, shape: Shape, bytes: &Range<usize>, line: usize) -> Result<(), YamlError> {
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
            self.draft = Some(Draft {
                key: String::new(),
                line,
                key_start: bytes.start,
                colon_end: bytes.end,
                first_token: 0,
                shape: Shape::Absent,
            });
        } else if let Some(draft) = &mut self.draft {
            draft.shape = shape;
        }
        Ok(())
    }

    fn scalar_root(&self, shape: Shape, line: usize) -> Result<(), YamlError> {
        match shape {
            Shape::Absent => Ok(()),
            _ => Err(YamlError::RootIsNotAMapping {
                line,
                found: "a single value",
            }),
        }
    }

    fn explicit_key_before(&self, start: usize) -> bool {
        let from = self
            .document
            .tokens
            .last()
            .map_or(self.document.start, |token| token.end);
        let indent = super::change::indentation(&self.document);
        // A `?` that is indented more belongs to the value above.
        trivia(self.text, from..start).any(|piece| {
            matches!(piece, Trivia::Indicator(at) if self.text.as_bytes()[at] == b'?'
                && at - line_start(self.text, at, self.document.start) == indent)
        })
    }

    /// Hands a finished node to the list or map it stands in.
    fn complete(
        &mut self,
        value: Value,
        anchor: usize,
        line: usize,
        merge_key: bool,
    ) -> Result<(), YamlError> {
        if anchor != 0 {
            let nodes = count(&value);
            let value = value.clone();
            self.anchored.insert(anchor, Anchored { value, nodes });
        }
        let at_root = self.frames.len() == 1;
        self.features.merge |= merge_key;
        let Some(frame) = self.frames.last_mut() else {
            if anchor != 0 || self.features.tag {
                self.document.root_has_properties = true;
            }
            return Ok(());
        };
        match &mut frame.nodes {
            Nodes::List(values) => values.push(value),
            Nodes::Map { entries, key, merges } => match key.take() {
                None => {
                    *merges |= merge_key;
                    if at_root {
                        self.complete_root_key(&value, merge_key);
                    }
                    if let Some(Frame {
                        nodes: Nodes::Map { key, .. },
                        ..
                    }) = self.frames.last_mut()
                    {
                        *key = Some(value);
                    }
                }
                Some(key) => {
                    if entries.contains_key(&key) {
                        let line = self
                            .draft
                            .as_ref()
                            .filter(|_| at_root)
                            .map_or(line, |draft| draft.line);
                        return Err(YamlError::DuplicateKey {
                            key: mask_text(&spelled(&key)),
                            line,
                        });
                    }
                    if at_root {
                        entries.insert(key, Value::Null);
                        self.complete_root_value(value);
                    } else {
                        entries.insert(key, value);
                    }
                }
            },
        }
        Ok(())
    }

    fn complete_root_key(&mut self, value: &Value, merge_key: bool) {
        let Some(draft) = &mut self.draft else {
            return;
        };
        draft.key = spelled(value);
        let end = self
            .document
            .tokens
            .last()
            .map_or(draft.key_start, |token| token.end)
            .max(draft.key_start);
        let colon = self.text[end..].bytes().position(|b| b != b' ');
        match colon.map(|spaces| end + spaces) {
            Some(colon) if self.text.as_bytes()[colon] == b':' => draft.colon_end = colon + 1,
            _ => {
                draft.colon_end = end;
                self.features.unusual_key = true;
            }
        }
        draft.first_token = self.document.tokens.len();
        let odd = !matches!(value, Value::String(_)) || merge_key;
        let features = &self.features;
        if odd || features.alias || features.tag || !features.anchors.is_empty() {
            self.features.unusual_key = true;
        }
    }

    fn complete_root_value(&mut self, value: Value) {
        let Some(draft) = self.draft.take() else {
            return;
        };
        let features = std::mem::take(&mut self.features);
        if features.unusual_key && draft.key == "<<" && features.alias {
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
            key: draft.key,
            value,
            line: draft.line,
            key_start: draft.key_start,
            colon_end: draft.colon_end,
            tokens: draft.first_token..self.document.tokens.len(),
            shape: draft.shape,
            features,
        });
    }
}

fn has_directive(text: &str) -> bool {
    text.split(['\n', '\r'])
        .take_while(|line| !line.starts_with("---"))
        .find(|line| !line.trim_start().is_empty() && !line.trim_start().starts_with('#'))
        .is_some_and(|line| line.starts_with('%'))
}

fn with_tag(tag: &ParsedTag, value: Value) -> Value {
    if tag.is_yaml_core_schema() {
        return match (tag.suffix.as_str(), value) {
            ("str", value) => value,
            (_, Value::String(text)) => resolve::plain(&text),
            (_, value) => value,
        };
    }
    if tag.handle.is_empty() || tag.suffix.is_empty() {
        return value;
    }
    Value::Tagged(Box::new(TaggedValue {
        tag: Tag::new(tag.to_string()),
        value,
    }))
}

fn count(value: &Value) -> usize {
    match value {
        Value::Sequence(values) => 1 + values.iter().map(count).sum::<usize>(),
        Value::Mapping(map) => {
            1 + map
                .iter()
                .map(|(key, value)| count(key) + count(value))
                .sum::<usize>()
        }
        Value::Tagged(tagged) => count(&tagged.value),
        _ => 1,
    }
}

/// A key as text; only strings are settings that conda knows.
fn spelled(key: &Value) -> String {
    match key {
        Value::String(text) => text.clone(),
        Value::Null => "null".to_owned(),
        Value::Bool(flag) => flag.to_string(),
        Value::Number(number) => number.to_string(),
        Value::Tagged(tagged) => spelled(&tagged.value),
        Value::Sequence(_) | Value::Mapping(_) => "?".to_owned(),
    }
}
