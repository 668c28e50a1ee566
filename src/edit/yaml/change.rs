//! Trying an edit, and keeping it only if exactly the intended setting changed.

use std::ops::Range;

use serde_yaml::Value;

use super::document::{Document, Entry, Root};
use super::error::{Obstacle, Refusal, SIZE_LIMIT, YamlError};
use super::flag::{self, Flag};
use super::source::{LineKind, line_end, line_kind, line_start, lines, next_line};
use super::{YamlFile, builder};
use crate::secret::mask_text;

/// One replacement in the text of a [`Draft`].
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Splice {
    pub range: Range<usize>,
    pub text: String,
}

/// What an edit is meant to bring about.
pub(super) struct Intent<'a> {
    pub key: &'a str,
    /// The value afterwards, none if the setting is to be gone.
    pub value: Option<&'a Value>,
    pub flag: Option<Flag>,
    pub item_flags: Vec<Option<Flag>>,
    /// The text that is being restored; what conda could not read there may come back.
    pub original: Option<&'a YamlFile>,
    /// What a person is told to do if the edit is impossible; secrets are masked here.
    pub by_hand: String,
}

impl Intent<'_> {
    fn original_clashes(&self, key: &str) -> bool {
        self.original.is_some_and(|original| original.clashes(key))
    }

    pub fn refuse(&self, file: &YamlFile, obstacle: Obstacle) -> YamlError {
        YamlError::Refused(Box::new(Refusal {
            key: mask_text(self.key),
            line: file.line_of(self.key),
            obstacle,
            by_hand: mask_text(&self.by_hand),
        }))
    }
}

/// The text as edits see it: every line ends, the last one too.
pub(super) struct Draft {
    pub text: String,
    pub line_end: &'static str,
    /// The file itself has no line end at its end.
    pub completed: bool,
    /// What is put in may have to end without a line end, as it did where it comes from.
    pub may_end_open: bool,
}

impl Draft {
    pub fn new(file: &YamlFile) -> Self {
        let line_end = line_end(&file.text);
        let content = &file.text[file.document.start..];
        let completed = !content.is_empty() && !content.ends_with(['\n', '\r']);
        let mut text = file.text.clone();
        if completed {
            text.push_str(line_end);
        }
        Self {
            text,
            line_end,
            completed,
            may_end_open: false,
        }
    }

    /// The lines of an entry: from its key to its last line, and the indented comments below it. Those clearly
    /// sit inside the entry.
    pub fn region(&self, document: &Document, entry: &Entry) -> Range<usize> {
        let start = line_start(&self.text, entry.key_start, document.start);
        let source_end = next_line(&self.text, entry.source_end);
        let limit = document.next_start(entry);
        let limit = if limit == document.end && !document.has_end_marker {
            self.text.len()
        } else {
            limit
        };
        let mut end = source_end;
        for line in lines(&self.text, source_end..limit.max(source_end)) {
            match line_kind(&self.text[line.clone()]) {
                LineKind::Blank => {}
                LineKind::Comment { indent } if indent > indentation(document) => end = line.end,
                LineKind::Comment { .. } | LineKind::Other => break,
            }
        }
        start..end
    }

    /// Where settings end: above `...`, or at the end of the text.
    pub fn end(&self, document: &Document) -> usize {
        if document.has_end_marker {
            document.end
        } else {
            self.text.len()
        }
    }

    /// The resulting texts of a replacement, best first: without the line end at the end of the file that only
    /// the draft has, and with it for the case that a value above would change without it. Where the last lines
    /// go, the line end above them stays.
    fn results(&self, splice: &Splice) -> Vec<String> {
        let mut whole = String::with_capacity(self.text.len() + splice.text.len());
        whole.push_str(&self.text[..splice.range.start]);
        whole.push_str(&splice.text);
        whole.push_str(&self.text[splice.range.end..]);
        let touches_above = splice.text.is_empty() && splice.range.end == self.text.len();
        match without_last_break(&whole) {
            Some(shorter) if self.completed && !touches_above => vec![shorter.to_owned(), whole],
            Some(shorter) if self.may_end_open => vec![whole.clone(), shorter.to_owned()],
            _ => vec![whole],
        }
    }
}

fn without_last_break(text: &str) -> Option<&str> {
    ["\r\n", "\n", "\r"]
        .into_iter()
        .find_map(|line_end| text.strip_suffix(line_end))
}

/// The indentation of the settings.
pub(super) fn indentation(document: &Document) -> usize {
    match document.root {
        Root::Block { indent } => indent,
        Root::Empty | Root::Braces(_) | Root::Flow => 0,
    }
}

/// What makes any edit of the setting a risk (repository reference, section 3.5, rule 1).
pub(super) fn obstacle(document: &Document, key: &str) -> Option<Obstacle> {
    let whole_file = [
        (document.has_directive, Obstacle::Directive),
        (document.root == Root::Flow, Obstacle::RootInBraces),
        (document.root_has_properties, Obstacle::RootProperties),
        (document.merged.is_some(), Obstacle::MergeKey),
        (document.has_unusual_key, Obstacle::UnusualKey),
    ];
    if let Some((_, obstacle)) = whole_file.into_iter().find(|(present, _)| *present) {
        return Some(obstacle);
    }
    let features = &document.entry(key)?.features;
    let in_use = features
        .anchors
        .iter()
        .any(|anchor| document.used_anchors.binary_search(anchor).is_ok());
    [
        (features.unusual_key, Obstacle::UnusualKey),
        (in_use, Obstacle::AnchorInUse),
        (features.alias, Obstacle::Alias),
        (features.tag, Obstacle::Tag),
        (features.merge, Obstacle::MergeKey),
    ]
    .into_iter()
    .find_map(|(present, obstacle)| present.then_some(obstacle))
}

impl YamlFile {
    /// Makes the first of the replacements that brings about exactly the intent; if none does, changes nothing.
    pub(super) fn make(
        &mut self,
        intent: &Intent<'_>,
        draft: &Draft,
        candidates: &[Splice],
    ) -> Result<(), YamlError> {
        let mut first_obstacle = None;
        for result in candidates.iter().flat_map(|splice| draft.results(splice)) {
            match self.check(result, intent) {
                Ok(changed) => {
                    *self = changed;
                    return Ok(());
                }
                Err(obstacle) => first_obstacle = first_obstacle.or(Some(obstacle)),
            }
        }
        Err(intent.refuse(self, first_obstacle.unwrap_or(Obstacle::Value)))
    }

    fn check(&self, text: String, intent: &Intent<'_>) -> Result<Self, Obstacle> {
        if text.len() > SIZE_LIMIT {
            return Err(Obstacle::Size);
        }
        let document = builder::build(&text).map_err(|_| Obstacle::Value)?;
        let after = Self { text, document };
        self.others_are_untouched(&after, intent)?;
        if after.document.entry(intent.key).map(|entry| &entry.value) != intent.value {
            return Err(Obstacle::Value);
        }
        if after.clashes(intent.key) && !intent.original_clashes(intent.key) {
            return Err(Obstacle::BlankLine);
        }
        if after.flag(intent.key) != intent.flag || after.item_flags(intent.key) != intent.item_flags {
            return Err(Obstacle::Flag);
        }
        Ok(after)
    }

    fn others_are_untouched(&self, after: &Self, intent: &Intent<'_>) -> Result<(), Obstacle> {
        let others = |file: &'_ Self| -> Vec<usize> {
            (0..file.document.entries.len())
                .filter(|index| file.document.entries[*index].key != intent.key)
                .collect()
        };
        let (old, new) = (others(self), others(after));
        if old.len() != new.len() {
            return Err(Obstacle::OtherSettings);
        }
        for (old, new) in old.into_iter().zip(new) {
            let (old, new) = (&self.document.entries[old], &after.document.entries[new]);
            let same = old.key == new.key
                && old.shape == new.shape
                && old.value == new.value
                && self.source(old) == after.source(new);
            if !same {
                return Err(Obstacle::OtherSettings);
            }
            if flag::clashes(&after.text, &after.document, new)
                && !flag::clashes(&self.text, &self.document, old)
                && !intent.original_clashes(&old.key)
            {
                return Err(Obstacle::BlankLine);
            }
            if self.flags_of(old) != after.flags_of(new) {
                return Err(Obstacle::Flag);
            }
        }
        Ok(())
    }

    fn clashes(&self, key: &str) -> bool {
        self.document
            .entry(key)
            .is_some_and(|entry| flag::clashes(&self.text, &self.document, entry))
    }

    /// Every flag of an entry that lines below or above it could disable.
    fn flags_of(&self, entry: &Entry) -> (Option<Flag>, Option<Flag>, Vec<Option<Flag>>) {
        (
            flag::of_entry(&self.text, &self.document, entry),
            flag::behind(&self.text, &self.document, entry),
            flag::of_items(&self.text, &self.document, entry),
        )
    }

    fn source(&self, entry: &Entry) -> &str {
        &self.text[entry.key_start..entry.source_end]
    }
}
