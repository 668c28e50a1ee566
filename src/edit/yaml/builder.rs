//! From parser events to a [`Document`]: values as conda reads them, and the bytes each of them takes.

mod extent;
mod root;

use std::collections::HashMap;
use std::ops::Range;

use saphyr_parser::{Event, Parser, ScalarStyle, ScanError, Span, Tag as ParsedTag};
use serde_yaml::{Mapping, Value};

use self::root::Unfinished;
use super::document::{Document, Features, Shape, Token, TokenKind};
use super::error::{DEPTH_LIMIT, YamlError};
use super::source::CharCursor;
use super::{agreement, resolve};
use crate::secret::mask_text;

/// How many nodes all anchors hold, and all aliases expand to, taken together.
const EXPANSION_LIMIT: usize = 1_000_000;

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
    root::end_marker_before_content(text, &mut document)?;
    root::find_source_ends(text, &mut document);
    agreement::no_tabs(text, &document)?;
    agreement::second_reader(text, &document)?;
    Ok(document)
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

struct Builder<'t> {
    text: &'t str,
    cursor: CharCursor<'t>,
    frames: Vec<Frame>,
    setting: Option<Unfinished>,
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
            setting: None,
            features: Features::default(),
            anchored: HashMap::new(),
            expanded: 0,
            documents: 0,
            document: Document {
                start,
                end: text.len(),
                has_directive: root::has_directive(&text[start..]),
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
        let span = bytes.clone();
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
        if kind == TokenKind::BlockText && self.adds_line_end(&span, end) && content.ends_with('\n') {
            value = Value::String(content[..content.len() - 1].to_owned());
        }
        if let Some(tag) = tag {
            value = resolve::with_tag(tag, value);
        }
        if !absent {
            self.token(start, end, kind);
        }
        let merge_key = kind == TokenKind::Plain && tag.is_none() && content == "<<";
        self.complete(value, anchor, line, merge_key)
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
            value = resolve::with_tag(tag, value);
        }
        self.complete(value, frame.anchor, line, false)
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
            self.expanded += nodes;
            if self.expanded > EXPANSION_LIMIT {
                return Err(YamlError::TooManyAliases { line });
            }
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
                            .setting
                            .as_ref()
                            .filter(|_| at_root)
                            .map_or(line, |setting| setting.line);
                        return Err(YamlError::DuplicateKey {
                            key: mask_text(&resolve::spelled(&key)),
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
