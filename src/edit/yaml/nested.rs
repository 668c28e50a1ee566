//! The map under a setting, read and edited as a file of its own.

use std::ops::Range;

use super::YamlFile;
use super::change::Draft;
use super::document::{Entry, Root, Shape};
use super::flag::{self, Flag, dashes};
use super::source::line_start;

/// What a flag is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FlagPlace {
    /// A setting.
    Setting,
    /// An item of a list.
    Item,
    /// A name inside a map.
    Name,
}

/// A flag that conda sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SeenFlag {
    /// From 1.
    pub line: usize,
    pub flag: Flag,
    pub about: FlagPlace,
}

impl YamlFile {
    /// The map that stands on the lines below a setting, as a file of its own: its keys, their flags and the flags of
    /// the items below them. Nothing for a map between braces, or one that other parts of the file are tied to by
    /// anchors, aliases or tags.
    pub fn nested(&self, key: &str) -> Option<Self> {
        let entry = self.document.entry(key)?;
        self.read_nested(&self.text, entry).map(|(_, nested)| nested)
    }

    /// The flags that conda sees on some lines, ascending and counted from 1. Those of maps inside maps are seen too.
    pub fn flags_on(&self, lines: &[usize]) -> Vec<SeenFlag> {
        let mut seen = Vec::new();
        self.collect_flags(lines, 0, false, &mut seen);
        seen
    }

    fn collect_flags(&self, wanted: &[usize], above: usize, inside: bool, seen: &mut Vec<SeenFlag>) {
        let entries = &self.document.entries;
        for (at, entry) in entries.iter().enumerate() {
            let first = above + entry.line;
            let behind = entries.get(at + 1).map_or(usize::MAX, |next| above + next.line);
            let next = wanted.partition_point(|line| *line < first);
            if wanted.get(next).is_none_or(|line| *line >= behind) {
                continue;
            }
            if let Some(flag) = flag::of_entry(&self.text, &self.document, entry) {
                seen.push(SeenFlag {
                    line: first,
                    flag,
                    about: if inside {
                        FlagPlace::Name
                    } else {
                        FlagPlace::Setting
                    },
                });
            }
            if entry.shape == Shape::BlockList {
                let flags = flag::of_items(&self.text, &self.document, entry);
                let (mut line, mut from) = (first, entry.key_start);
                for (dash, flag) in dashes(&self.text, &self.document, entry).into_iter().zip(flags) {
                    line += self.text[from..dash].matches('\n').count();
                    from = dash;
                    seen.extend(flag.map(|flag| SeenFlag {
                        line,
                        flag,
                        about: FlagPlace::Item,
                    }));
                }
            }
            if let Some((lines, nested)) = self.read_nested(&self.text, entry) {
                let before = self.text[..lines.start].matches('\n').count();
                nested.collect_flags(wanted, above + before, true, seen);
            }
        }
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
