//! The map under a setting, read and edited as a file of its own.

use std::ops::Range;

use super::YamlFile;
use super::change::Draft;
use super::document::{Entry, Root, Shape};
use super::flag::dashes;
use super::source::{line_number, line_start};

impl YamlFile {
    /// The map that stands on the lines below a setting, as a file of its own: its keys, their flags and the flags of
    /// the items below them. Nothing for a map between braces, or one that other parts of the file are tied to by
    /// anchors, aliases or tags.
    pub fn nested(&self, key: &str) -> Option<Self> {
        let entry = self.document.entry(key)?;
        self.read_nested(&self.text, entry).map(|(_, nested)| nested)
    }

    /// The same with the line on which it begins, counted from 1.
    pub fn nested_with_line(&self, key: &str) -> Option<(usize, Self)> {
        let entry = self.document.entry(key)?;
        let (lines, nested) = self.read_nested(&self.text, entry)?;
        Some((line_number(&self.text, lines.start), nested))
    }

    /// The lines of a list's items that stand on lines of their own; none for anything else.
    pub fn item_lines(&self, key: &str) -> Vec<usize> {
        let Some(entry) = self
            .document
            .entry(key)
            .filter(|entry| entry.shape == Shape::BlockList)
        else {
            return Vec::new();
        };
        let (mut line, mut from) = (entry.line, entry.key_start);
        dashes(&self.text, &self.document, entry)
            .into_iter()
            .map(|dash| {
                line += self.text[from..dash].matches('\n').count();
                from = dash;
                line
            })
            .collect()
    }

    /// The same with the lines that it takes in a text whose beginning is this file's.
    pub(super) fn read_nested(&self, text: &str, entry: &Entry) -> Option<(Range<usize>, Self)> {
        let features = &entry.features;
        let tied = features.alias || features.tag || features.merge || !features.anchors.is_empty();
        if entry.shape != Shape::BlockMap || tied {
            return None;
        }
        let first = self.document.value_tokens(entry).first()?;
        let start = line_start(text, first.start, self.document.start);
        let next = self.document.next_start(entry);
        let end = if next == self.document.end && !self.document.has_end_marker {
            text.len()
        } else {
            line_start(text, next, self.document.start)
        };
        let lines = start..end.max(start);
        let nested = Self::read(text[lines.clone()].to_owned()).ok()?;
        // What it means on its own must be what it means here.
        let same = matches!(nested.document.root, Root::Block { .. })
            && entry.value.as_mapping().is_some_and(|map| {
                map.len() == nested.document.entries.len()
                    && map
                        .iter()
                        .zip(&nested.document.entries)
                        .all(|((name, value), own)| name.as_str() == Some(&own.key) && *value == own.value)
            });
        same.then_some((lines, nested))
    }

    pub(super) fn nested_draft(&self, draft: &Draft, key: &str) -> Option<(Range<usize>, Self)> {
        self.read_nested(&draft.text, self.document.entry(key)?)
    }
}

#[cfg(test)]
mod tests {
    use super::super::Flag;
    use super::*;

    fn file(text: &str) -> YamlFile {
        YamlFile::parse(text.as_bytes()).unwrap()
    }

    #[test]
    fn the_marks_of_names_in_a_map_are_seen() {
        let text = "a: 1\nproxies: # mine\n  # first\n  http: x #!final\n  https: y\n  \n  other: z #!final\n  # note\nb: 2\n";
        let nested = file(text).nested("proxies").unwrap();
        assert_eq!(nested.keys(), ["http", "https", "other"]);
        assert_eq!(nested.flag("http"), Some(Flag::Final));
        assert_eq!(nested.flag("https"), None);
        // The comment below it takes the mark away.
        assert_eq!(nested.flag("other"), None);
    }

    #[test]
    fn the_marks_of_items_in_a_map_of_lists_are_seen() {
        let text = "m:\n    lab: #!final\n    - a #!top\n    - b\n    other:\n    - c #!bottom\n";
        let nested = file(text).nested("m").unwrap();
        assert_eq!(nested.flag("lab"), Some(Flag::Final));
        assert_eq!(nested.item_flags("lab"), [Some(Flag::Top), None]);
        assert_eq!(nested.item_flags("other"), [Some(Flag::Bottom)]);
    }

    #[test]
    fn what_is_no_map_of_its_own_is_left() {
        for text in [
            "m: {a: b}\n",
            "m:\n",
            "m: text\n",
            "m: &x\n  a: b\n",
            "n: &x 1\nm:\n  a: *x\n",
            "m:\n  1: a\n",
        ] {
            assert_eq!(file(text).nested("m"), None, "{text}");
        }
    }
}
