//! Where everything stands in a YAML text, to the line and column: the ground of findings about a text.
//!
//! More lenient than [`YamlFile`](super::YamlFile): a key that stands twice is there twice.

use saphyr_parser::{Event, Parser, ScalarStyle, Tag};

use super::decode;
use super::error::{DEPTH_LIMIT, YamlError};
use super::source::CharCursor;
use crate::secret::mask_text;

/// How many nodes aliases may expand to, taken together.
const EXPANSION_LIMIT: usize = 100_000;

/// One value, key or item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// From 1.
    pub line: usize,
    /// In characters, from 1.
    pub column: usize,
    /// How many characters it takes on its first line; 0 for lists and maps.
    pub length: usize,
    /// A tag such as `!!python/tuple` that stands before it; those of YAML's own kinds (`!!str`) are not named.
    pub tag: Option<String>,
    pub kind: NodeKind,
}

#[derive(Clone, PartialEq, Eq)]
pub enum NodeKind {
    Scalar {
        text: String,
        /// Without quotes and without a tag, so that its spelling decides what it is.
        is_plain: bool,
    },
    List(Vec<Node>),
    Map(Vec<(Node, Node)>),
}

/// Without the texts: they may be secrets.
impl std::fmt::Debug for NodeKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Scalar { is_plain, .. } => f.debug_struct("Scalar").field("is_plain", is_plain).finish(),
            Self::List(items) => f.debug_tuple("List").field(items).finish(),
            Self::Map(entries) => f.debug_tuple("Map").field(entries).finish(),
        }
    }
}

impl Node {
    pub fn text(&self) -> Option<&str> {
        match &self.kind {
            NodeKind::Scalar { text, .. } => Some(text),
            NodeKind::List(_) | NodeKind::Map(_) => None,
        }
    }

    /// A key without a value, or `null` and `~`.
    pub fn is_nothing(&self) -> bool {
        matches!(&self.kind, NodeKind::Scalar { text, is_plain: true }
            if matches!(text.as_str(), "" | "~" | "null" | "Null" | "NULL"))
    }

    pub fn items(&self) -> &[Self] {
        match &self.kind {
            NodeKind::List(items) => items,
            _ => &[],
        }
    }

    pub fn entries(&self) -> &[(Self, Self)] {
        match &self.kind {
            NodeKind::Map(entries) => entries,
            _ => &[],
        }
    }
}

/// The outermost value of a text; nothing for one without any.
///
/// # Errors
/// [`YamlError::Syntax`], [`YamlError::SeveralDocuments`], [`YamlError::TooDeep`], [`YamlError::TooManyAliases`] and those
/// of bytes that are no text.
pub fn tree(bytes: &[u8]) -> Result<Option<Node>, YamlError> {
    let whole = decode::decode(bytes)?;
    let text = whole.strip_prefix('\u{feff}').unwrap_or(whole);
    let mut planter = Planter {
        text,
        cursor: CharCursor::new(text, 0),
        open: Vec::new(),
        anchored: Vec::new(),
        expanded: 0,
        documents: 0,
        root: None,
    };
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| YamlError::Syntax {
            line: error.marker().line(),
            reason: mask_text(error.info()),
        })?;
        let at = (span.start.line(), span.start.col() + 1);
        let bytes = planter.cursor.byte(span.start.index())..planter.cursor.byte(span.end.index());
        planter.receive(event, at, bytes)?;
    }
    Ok(planter.root)
}

enum Open {
    List(Vec<Node>),
    Map(Vec<(Node, Node)>, Option<Node>),
}

struct Opened {
    open: Open,
    anchor: usize,
    tag: Option<String>,
    at: (usize, usize),
}

struct Planter<'t> {
    text: &'t str,
    cursor: CharCursor<'t>,
    open: Vec<Opened>,
    anchored: Vec<(usize, Node, usize)>,
    expanded: usize,
    documents: usize,
    root: Option<Node>,
}

impl Planter<'_> {
    fn receive(
        &mut self,
        event: Event<'_>,
        at: (usize, usize),
        bytes: std::ops::Range<usize>,
    ) -> Result<(), YamlError> {
        let (line, column) = at;
        match event {
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => {}
            Event::DocumentStart(_) => {
                self.documents += 1;
                if self.documents > 1 {
                    return Err(YamlError::SeveralDocuments { line });
                }
            }
            Event::Scalar(text, style, anchor, tag) => {
                let source = &self.text[bytes];
                let node = Node {
                    line,
                    column,
                    length: source
                        .lines()
                        .next()
                        .unwrap_or_default()
                        .trim_end()
                        .chars()
                        .count(),
                    tag: unusual(tag.as_deref()),
                    kind: NodeKind::Scalar {
                        is_plain: style == ScalarStyle::Plain && tag.is_none(),
                        text: text.into_owned(),
                    },
                };
                self.complete(node, anchor);
            }
            Event::Alias(anchor) => {
                let found = self.anchored.iter().rev().find(|(known, ..)| *known == anchor);
                let Some((_, node, size)) = found else {
                    return Err(YamlError::Syntax {
                        line,
                        reason: "an alias stands inside the value it refers to".to_owned(),
                    });
                };
                self.expanded += size;
                if self.expanded > EXPANSION_LIMIT {
                    return Err(YamlError::TooManyAliases { line });
                }
                let node = Node {
                    line,
                    column,
                    length: bytes.len(),
                    tag: None,
                    kind: node.kind.clone(),
                };
                self.complete(node, 0);
            }
            Event::SequenceStart(anchor, tag) => {
                self.start(Open::List(Vec::new()), anchor, unusual(tag.as_deref()), at)?;
            }
            Event::MappingStart(anchor, tag) => {
                self.start(Open::Map(Vec::new(), None), anchor, unusual(tag.as_deref()), at)?;
            }
            Event::SequenceEnd | Event::MappingEnd => {
                if let Some(Opened {
                    open,
                    anchor,
                    tag,
                    at: (line, column),
                }) = self.open.pop()
                {
                    let kind = match open {
                        Open::List(items) => NodeKind::List(items),
                        Open::Map(entries, _) => NodeKind::Map(entries),
                    };
                    let node = Node {
                        line,
                        column,
                        length: 0,
                        tag,
                        kind,
                    };
                    self.complete(node, anchor);
                }
            }
        }
        Ok(())
    }

    fn start(
        &mut self,
        open: Open,
        anchor: usize,
        tag: Option<String>,
        at: (usize, usize),
    ) -> Result<(), YamlError> {
        if self.open.len() >= DEPTH_LIMIT {
            return Err(YamlError::TooDeep { line: at.0 });
        }
        self.open.push(Opened {
            open,
            anchor,
            tag,
            at,
        });
        Ok(())
    }

    fn complete(&mut self, node: Node, anchor: usize) {
        if anchor != 0 {
            self.anchored.push((anchor, node.clone(), size(&node)));
        }
        match self.open.last_mut().map(|opened| &mut opened.open) {
            None => self.root = Some(node),
            Some(Open::List(items)) => items.push(node),
            Some(Open::Map(entries, key)) => match key.take() {
                None => *key = Some(node),
                Some(key) => entries.push((key, node)),
            },
        }
    }
}

fn unusual(tag: Option<&Tag>) -> Option<String> {
    let tag = tag?;
    let usual = tag.is_yaml_core_schema()
        && ["str", "int", "float", "bool", "null", "seq", "map"].contains(&tag.suffix.as_str());
    (!usual).then(|| tag.to_string())
}

fn size(node: &Node) -> usize {
    match &node.kind {
        NodeKind::Scalar { .. } => 1,
        NodeKind::List(items) => 1 + items.iter().map(size).sum::<usize>(),
        NodeKind::Map(entries) => {
            1 + entries
                .iter()
                .map(|(key, value)| size(key) + size(value))
                .sum::<usize>()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_stands_where_it_is_written() {
        let text = "\u{feff}# ünï\nchannels:\n  - ünï # x\n  - 'b c'\nmap: {k: v}\nempty:\n";
        let root = tree(text.as_bytes()).unwrap().unwrap();
        let mut places = Vec::new();
        fn walk(node: &Node, places: &mut Vec<(String, usize, usize, usize)>) {
            if let Some(text) = node.text() {
                places.push((text.to_owned(), node.line, node.column, node.length));
            }
            node.items().iter().for_each(|item| walk(item, places));
            for (key, value) in node.entries() {
                walk(key, places);
                walk(value, places);
            }
        }
        walk(&root, &mut places);
        let place = |text: &str, line, column, length| (text.to_owned(), line, column, length);
        assert_eq!(
            places[..7],
            [
                place("channels", 2, 1, 8),
                place("ünï", 3, 5, 3),
                place("b c", 4, 5, 5),
                place("map", 5, 1, 3),
                place("k", 5, 7, 1),
                place("v", 5, 10, 1),
                place("empty", 6, 1, 5),
            ]
        );
        assert!(root.entries()[2].1.is_nothing());
    }

    #[test]
    fn a_key_that_stands_twice_is_there_twice_and_aliases_are_followed() {
        let root = tree(b"a: &x [1]\nb: *x\na: 2\n").unwrap().unwrap();
        let keys: Vec<_> = root.entries().iter().filter_map(|(key, _)| key.text()).collect();
        assert_eq!(keys, ["a", "b", "a"]);
        assert_eq!(root.entries()[1].1.items()[0].text(), Some("1"));
    }

    #[test]
    fn nothing_is_nothing_and_errors_name_their_line() {
        assert_eq!(tree(b"# only a comment\n").unwrap(), None);
        assert_eq!(tree(b"a: [1\nb: 2\n").unwrap_err().line(), Some(2));
        assert_eq!(
            tree(b"a: 1\n---\nb: 2\n").unwrap_err(),
            YamlError::SeveralDocuments { line: 2 }
        );
    }
}
