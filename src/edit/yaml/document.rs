//! The shape of a file: where each setting's key and value stand, to the byte.

use std::ops::Range;

use serde_yaml::{Mapping, Value};

/// A piece of source that is neither white space, comment nor an indicator such as `-`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Token {
    pub start: usize,
    pub end: usize,
    pub kind: TokenKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TokenKind {
    Plain,
    Single,
    Double,
    /// A literal or folded block, from its `|` or `>` to the end of its last line.
    BlockText,
    Alias,
    FlowOpen,
    FlowClose,
}

/// The outermost form of a setting's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// Nothing is written after the colon.
    Absent,
    Scalar,
    Alias,
    FlowList,
    BlockList,
    FlowMap,
    BlockMap,
}

/// Everything inside a setting that stands in the way of an edit.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Features {
    pub alias: bool,
    pub tag: bool,
    pub merge: bool,
    pub unusual_key: bool,
    /// The anchors that are defined inside, as numbered by the parser.
    pub anchors: Vec<usize>,
}

/// One `key: value` of the root mapping.
#[derive(Clone)]
pub(super) struct Entry {
    pub key: String,
    pub value: Value,
    /// Counted from 1.
    pub line: usize,
    pub key_start: usize,
    /// Just behind the colon.
    pub colon_end: usize,
    /// Behind the last token, or behind what else is written last: a colon, a dash, an anchor.
    pub source_end: usize,
    /// The tokens of the value, as indices into [`Document::tokens`].
    pub tokens: Range<usize>,
    pub shape: Shape,
    pub features: Features,
}

/// How the root of the file is written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) enum Root {
    /// No settings: nothing, or comments only.
    #[default]
    Empty,
    /// No settings, written as braces with nothing but spaces between them.
    Braces(Range<usize>),
    /// One setting a line, all indented by this many spaces.
    Block { indent: usize },
    /// `{key: value}`.
    Flow,
}

/// A file that was understood.
#[derive(Clone, Default)]
pub(super) struct Document {
    pub root: Root,
    pub entries: Vec<Entry>,
    pub tokens: Vec<Token>,
    /// Where the first line of content can start: behind a byte order mark.
    pub start: usize,
    /// Where settings end: at the `...` line, or at the end of the text.
    pub end: usize,
    pub has_directive: bool,
    pub has_start_marker: bool,
    pub has_end_marker: bool,
    pub root_has_properties: bool,
    /// A key of the root is no scalar: a list, a map, an alias or nothing.
    pub has_unusual_key: bool,
    /// What `<<` at the root brings in.
    pub merged: Option<Mapping>,
    /// The anchors that aliases refer to, ascending.
    pub used_anchors: Vec<usize>,
}

impl Document {
    pub fn position(&self, key: &str) -> Option<usize> {
        self.entries.iter().position(|entry| entry.key == key)
    }

    pub fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.key == key)
    }

    pub fn value_tokens(&self, entry: &Entry) -> &[Token] {
        &self.tokens[entry.tokens.clone()]
    }

    /// Where the next token behind the entry starts, or where the settings end.
    pub fn next_start(&self, entry: &Entry) -> usize {
        self.tokens
            .get(entry.tokens.end)
            .map_or(self.end, |token| token.start)
            .min(self.end)
    }
}
