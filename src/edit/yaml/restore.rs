//! Removing a setting, and giving it back the source it has in another text.

use std::collections::HashMap;
use std::ops::Range;

use super::YamlFile;
use super::change::{Draft, Intent, Splice, obstacle};
use super::document::{Entry, Root};
use super::error::YamlError;
use super::list_layout::longest_ascending;
use super::scalar::{without_braces, write_by_hand};
use super::source::line_number;

impl YamlFile {
    /// Removes a setting: its lines, the comments at their ends, and the indented comments inside and directly
    /// below it. All other comments stay. Returns whether it was there.
    ///
    /// # Errors
    /// [`YamlError::Refused`] if that cannot be done without risk; nothing is changed then.
    pub fn remove(&mut self, key: &str) -> Result<bool, YamlError> {
        let Some(entry) = self.document.entry(key).cloned() else {
            return Ok(false);
        };
        let draft = Draft::new(self);
        let region = draft.region(&self.document, &entry);
        let intent = Intent {
            key,
            value: None,
            flag: None,
            item_flags: Vec::new(),
            original: None,
            by_hand: format!(
                "Remove these lines in a text editor (lines {} to {}):\n{}",
                entry.line,
                line_number(&draft.text, region.end.saturating_sub(1)),
                &draft.text[region.clone()]
            ),
        };
        if let Some(obstacle) = obstacle(&self.document, key) {
            return Err(intent.refuse(self, obstacle));
        }
        // conda fails on a file that holds nothing but the marker of its end.
        let only_end_marker = self.document.entries.len() == 1
            && self.document.has_end_marker
            && !self.document.has_start_marker;
        let text = if only_end_marker {
            format!("{{}}{}", draft.line_end)
        } else {
            String::new()
        };
        self.make(&intent, &draft, &[Splice { range: region, text }])?;
        Ok(true)
    }

    /// Makes the source of a setting (comments, style and flags included) that of `from`: replaced in place,
    /// inserted where it stood among its neighbours, or removed if `from` lacks it. If nothing else differs, the
    /// text becomes that of `from`, byte for byte.
    ///
    /// # Errors
    /// [`YamlError::Refused`] if that cannot be done without risk; nothing is changed then.
    pub fn restore(&mut self, key: &str, from: &Self) -> Result<(), YamlError> {
        match from.document.entry(key) {
            None => {
                self.remove(key)?;
            }
            Some(wanted) => self.put_back(key, from, wanted)?,
        }
        if self.differs_in_dressing_only(from) {
            *self = from.clone();
        }
        Ok(())
    }

    fn put_back(&mut self, key: &str, from: &Self, wanted: &Entry) -> Result<(), YamlError> {
        let original = Draft::new(from);
        let mut draft = Draft::new(self);
        let wanted_region = original.region(&from.document, wanted);
        draft.may_end_open = original.completed && wanted_region.end == original.text.len();
        let source = &original.text[wanted_region.clone()];
        let present = self
            .document
            .entry(key)
            .map(|entry| draft.region(&self.document, entry));
        let same_source = present
            .clone()
            .is_some_and(|region| draft.text[region] == *source);
        let obstacle = obstacle(&self.document, key).or_else(|| obstacle(&from.document, key));
        if same_source && obstacle.is_some() {
            return Ok(());
        }
        let intent = Intent {
            key,
            value: Some(&wanted.value),
            flag: from.flag(key),
            item_flags: from.item_flags(key),
            original: Some(from),
            by_hand: write_by_hand(source),
        };
        if let Some(obstacle) = obstacle {
            return Err(intent.refuse(self, obstacle));
        }
        let candidates: Vec<Splice> = match present {
            Some(range) => {
                let in_place = Splice {
                    range: range.clone(),
                    text: source.to_owned(),
                };
                let moved = self.moved_back(&draft, from, &original, key, range);
                if same_source && moved.is_none() {
                    return Ok(());
                }
                moved.into_iter().chain([in_place]).collect()
            }
            None => {
                let places = self.insertions(&draft, from, &original, key);
                places.exact.into_iter().chain(places.near).collect()
            }
        };
        self.make(&intent, &draft, &candidates)
    }

    /// An entry that was removed and written anew elsewhere goes back to its place, if its surroundings are there.
    fn moved_back(
        &self,
        draft: &Draft,
        from: &Self,
        original: &Draft,
        key: &str,
        region: Range<usize>,
    ) -> Option<Splice> {
        let mut without = draft.text.clone();
        without.replace_range(region, "");
        let without = Self::read(without).ok()?;
        let splice = without
            .insertions(&Draft::new(&without), from, original, key)
            .exact?;
        let mut text = without.text;
        text.replace_range(splice.range, &splice.text);
        Some(Splice {
            range: 0..draft.text.len(),
            text,
        })
    }

    /// Where a missing entry can go: where the same comments surround it, or else near them, best first.
    fn insertions(&self, draft: &Draft, from: &Self, original: &Draft, key: &str) -> Places {
        let end = draft.end(&self.document);
        let index = from.document.position(key).unwrap_or(0);
        let neighbours = Neighbours::of(self, from, index);
        let (original_above, original_below) = neighbours.gaps(original, from, index);
        let here = neighbours.place(draft, self, end);
        // An empty root in braces gives way to the entry.
        let (braces, kept) = match &self.document.root {
            Root::Braces(braces) => without_braces(&draft.text, &self.document, braces.clone()),
            Root::Empty | Root::Block { .. } | Root::Flow => (here.end..here.end, String::new()),
        };
        let above_braces = braces.start - here.start;
        let mut gap = draft.text[here.clone()].to_owned();
        gap.replace_range(above_braces..braces.end - here.start, &kept);
        let same_above = gap.starts_with(&original_above).then_some(original_above.len());
        let same_below = gap
            .ends_with(&original_below)
            .then(|| gap.len() - original_below.len());
        let in_braces = (braces != (here.end..here.end)).then_some(above_braces + kept.len());
        let below_neighbour = neighbours.above.map(|_| 0);
        let source = from.document.entries.get(index).map_or("", |wanted| {
            &original.text[original.region(&from.document, wanted)]
        });
        let insert = |at: usize| Splice {
            range: here.clone(),
            text: format!("{}{source}{}", &gap[..at], &gap[at..]),
        };
        let near = [
            same_above,
            same_below,
            in_braces,
            below_neighbour,
            Some(gap.len()),
        ];
        Places {
            exact: same_above
                .filter(|_| gap.len() == original_above.len() + original_below.len() && same_below.is_some())
                .map(insert),
            near: near.into_iter().flatten().map(insert).collect(),
        }
    }

    /// Whether both have the same settings, and the texts are the same but for line ends at their end and the
    /// braces of an empty root.
    fn differs_in_dressing_only(&self, from: &Self) -> bool {
        let bare = |file: &Self| {
            let mut text = file.text.clone();
            if let Root::Braces(braces) = &file.document.root {
                let (line, kept) = without_braces(&text, &file.document, braces.clone());
                text.replace_range(line, &kept);
            }
            text.truncate(text.trim_end_matches(['\n', '\r']).len());
            text
        };
        let settings = |file: &Self| {
            file.document
                .entries
                .iter()
                .map(|entry| entry.value.clone())
                .collect::<Vec<_>>()
        };
        self.text != from.text && bare(self) == bare(from) && settings(self) == settings(from)
    }
}

/// Where an entry can be inserted.
struct Places {
    /// The one place where everything up to the neighbours is as it was.
    exact: Option<Splice>,
    near: Vec<Splice>,
}

/// The nearest entries of the other text that both texts have.
struct Neighbours {
    /// Its places in the other text and in this one.
    above: Option<(usize, usize)>,
    /// Its place in the other text.
    below: Option<usize>,
}

impl Neighbours {
    fn of(file: &YamlFile, from: &YamlFile, index: usize) -> Self {
        let places: HashMap<&str, usize> = file
            .document
            .entries
            .iter()
            .enumerate()
            .map(|(place, entry)| (entry.key.as_str(), place))
            .collect();
        let shared: Vec<Option<usize>> = from
            .document
            .entries
            .iter()
            .map(|entry| places.get(entry.key.as_str()).copied())
            .collect();
        // An entry that was written anew elsewhere is nobody's neighbour.
        let in_order = longest_ascending(&shared);
        let split = in_order.partition_point(|at| *at < index);
        Self {
            above: split
                .checked_sub(1)
                .and_then(|at| Some((in_order[at], shared[in_order[at]]?))),
            below: in_order.get(split).copied(),
        }
    }

    /// What stands between the entry and its neighbours in the other text, entries that went left out.
    fn gaps(&self, original: &Draft, from: &YamlFile, index: usize) -> (String, String) {
        let entries = &from.document.entries;
        let first = self.above.map_or(0, |(there, _)| there);
        let last = self.below.unwrap_or(entries.len() - 1);
        let regions: Vec<Range<usize>> = entries[first..=last]
            .iter()
            .map(|entry| original.region(&from.document, entry))
            .collect();
        let between = |start: usize, regions: &[Range<usize>], end: usize| {
            let mut at = start;
            let mut text = String::new();
            for region in regions {
                text.push_str(&original.text[at..region.start]);
                at = region.end;
            }
            text.push_str(&original.text[at..end]);
            text
        };
        let own = index - first;
        let above = match self.above {
            Some(_) => between(regions[0].end, &regions[1..own], regions[own].start),
            None => between(from.document.start, &regions[..own], regions[own].start),
        };
        let below = match self.below {
            Some(_) => {
                let last = regions.len() - 1;
                between(regions[own].end, &regions[own + 1..last], regions[last].start)
            }
            None => between(
                regions[own].end,
                &regions[own + 1..],
                original.end(&from.document),
            ),
        };
        (above, below)
    }

    /// The gap in this text that the entry belongs into.
    fn place(&self, draft: &Draft, file: &YamlFile, end: usize) -> Range<usize> {
        let entries = &file.document.entries;
        let region = |index: usize| draft.region(&file.document, &entries[index]);
        let start = self
            .above
            .map_or(file.document.start, |(_, here)| region(here).end);
        let next = self.above.map_or(0, |(_, here)| here + 1);
        let stop = if next < entries.len() {
            region(next).start
        } else {
            end
        };
        start..stop.max(start)
    }
}
