//! Removing a setting, and giving it back the source it has in another text.

use std::ops::Range;

use super::change::{Draft, Intent, Splice, obstacle};
use super::document::{Entry, Root};
use super::error::{Obstacle, YamlError};
use super::scalar::{without_braces, write_by_hand};
use super::source::line_number;
use super::{Flag, YamlFile};

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
        let draft = Draft::new(self);
        let wanted_region = original.region(&from.document, wanted);
        let source = &original.text[wanted_region.clone()];
        let present = self
            .document
            .entry(key)
            .map(|entry| draft.region(&self.document, entry));
        if present
            .clone()
            .is_some_and(|region| draft.text[region] == *source)
        {
            return Ok(());
        }
        let flags: (Option<Flag>, Vec<Option<Flag>>) = (from.flag(key), from.item_flags(key));
        let intent = Intent {
            key,
            value: Some(&wanted.value),
            flag: flags.0,
            item_flags: flags.1,
            by_hand: write_by_hand(source),
        };
        if let Some(obstacle) = obstacle(&self.document, key).or_else(|| obstacle(&from.document, key)) {
            return Err(intent.refuse(self, obstacle));
        }
        let candidates = match present {
            Some(range) => vec![Splice {
                range,
                text: source.to_owned(),
            }],
            None => self.insertions(&draft, from, &original, key, source),
        };
        match candidates.is_empty() {
            true => Err(intent.refuse(self, Obstacle::Value)),
            false => self.make(&intent, &draft, &candidates),
        }
    }

    /// Where a missing entry can go, best first: at the same place of the same comments, then next to a neighbour,
    /// then at the end.
    fn insertions(
        &self,
        draft: &Draft,
        from: &Self,
        original: &Draft,
        key: &str,
        source: &str,
    ) -> Vec<Splice> {
        let insert = |at: usize| Splice {
            range: at..at,
            text: source.to_owned(),
        };
        if let Root::Braces(braces) = &self.document.root {
            let (line, kept) = without_braces(&draft.text, &self.document, braces.clone());
            let end = draft.end(&self.document);
            let text = format!("{kept}{}{source}", &draft.text[line.end..end]);
            return vec![Splice {
                range: line.start..end,
                text,
            }];
        }
        let end = draft.end(&self.document);
        let index = from.document.position(key).unwrap_or(0);
        let neighbours = Neighbours::of(self, from, index);
        let (original_above, original_below) = neighbours.gaps(original, from, index);
        let here = neighbours.place(draft, self, end);
        let gap = &draft.text[here.clone()];
        let mut places = Vec::new();
        if gap.starts_with(&original_above) {
            places.push(here.start + original_above.len());
        }
        if gap.ends_with(&original_below) {
            places.push(here.end - original_below.len());
        }
        if neighbours.above.is_some() {
            places.push(here.start);
        }
        places.extend([here.end, end]);
        places.dedup();
        places.into_iter().map(insert).collect()
    }

    /// Whether the texts are the same but for the line end at the end and the braces of an empty root.
    fn differs_in_dressing_only(&self, from: &Self) -> bool {
        let bare = |file: &Self| {
            let draft = Draft::new(file);
            let mut text = draft.text.clone();
            if let Root::Braces(braces) = &file.document.root {
                let (line, kept) = without_braces(&text, &file.document, braces.clone());
                text.replace_range(line, &kept);
            }
            text
        };
        self.text != from.text && bare(self) == bare(from)
    }
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
        let entries = &from.document.entries;
        let here = |at: usize| file.document.position(&entries[at].key);
        Self {
            above: (0..index).rev().find_map(|at| Some((at, here(at)?))),
            below: (index + 1..entries.len()).find(|at| here(*at).is_some()),
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
