//! Setting a list: items that stay keep their lines, comments and flags.

use std::ops::Range;

use serde_yaml::Value;

use super::YamlFile;
use super::change::{Draft, Intent, Splice, indentation, obstacle};
use super::document::{Entry, Shape, Token};
use super::error::{Obstacle, YamlError};
use super::flag::{Flag, dashes, flow_items, item_tokens};
use super::list_layout::{OldItem, Origin, Piece, Placement, arrange, origins};
use super::quote::{self, Place, Quotes};
use super::scalar::{append, inside, key_source, replace_whole, token_quotes, write_by_hand};
use super::source::{LineKind, line_kind, line_start, lines, next_line};

impl YamlFile {
    /// Sets a setting to a list of strings. A list that is there keeps its style, a block list also the lines,
    /// comments and flags of the items that stay; a new list, and one that was empty, is written as a block, an
    /// empty one as `[]`.
    /// Changes no byte if the list is there already.
    ///
    /// # Errors
    /// [`YamlError::Refused`] if that cannot be done without risk; nothing is changed then.
    pub fn set_list(&mut self, key: &str, items: &[String]) -> Result<(), YamlError> {
        let value = Value::Sequence(items.iter().map(|item| Value::String(item.clone())).collect());
        if self.value(key) == Some(&value) {
            return Ok(());
        }
        let intent = Intent {
            key,
            value: Some(&value),
            flag: self.flag(key),
            item_flags: self.flags_afterwards(key, items),
            original: None,
            by_hand: write_by_hand(&format!(
                "{}:{}",
                key_source(key),
                written(items, 2, "\n", Quotes::None).trim_end()
            )),
        };
        if let Some(obstacle) = obstacle(&self.document, key) {
            return Err(intent.refuse(self, obstacle));
        }
        let draft = Draft::new(self);
        let candidates = match self.document.entry(key) {
            None => {
                let block = written(items, self.usual_list_indent(), draft.line_end, Quotes::None);
                vec![append(
                    &draft,
                    &self.document,
                    &format!("{}:{block}", key_source(key)),
                )]
            }
            Some(entry) => match self.list_candidates(&draft, entry, items) {
                Ok(candidates) => candidates,
                Err(obstacle) => return Err(intent.refuse(self, obstacle)),
            },
        };
        self.make(&intent, &draft, &candidates)
    }

    /// The flags of items that stay go with them.
    fn flags_afterwards(&self, key: &str, items: &[String]) -> Vec<Option<Flag>> {
        let Some(Value::Sequence(before)) = self.document.entry(key).map(|entry| &entry.value) else {
            return vec![None; items.len()];
        };
        let flags = self.item_flags(key);
        let old: Vec<OldItem> = before
            .iter()
            .map(|value| old_item(value, 0..0, 0..0, 0..0))
            .collect();
        origins(&old, items)
            .into_iter()
            .map(|origin| match origin {
                Origin::Kept(index) | Origin::Moved(index) => flags.get(index).copied().flatten(),
                Origin::Fresh => None,
            })
            .collect()
    }

    fn list_candidates(
        &self,
        draft: &Draft,
        entry: &Entry,
        items: &[String],
    ) -> Result<Vec<Splice>, Obstacle> {
        match entry.shape {
            // An empty list has no style to keep: what comes into it is written as people write lists.
            Shape::FlowList if !self.is_bare_brackets(entry) => {
                self.flow_list(entry, items).map(|splice| vec![splice])
            }
            Shape::BlockList if !items.is_empty() => self.block_list(draft, entry, items),
            _ => {
                let (inline, below) = match items {
                    [] => (" []", String::new()),
                    _ => {
                        let indent = self.usual_list_indent() + indentation(&self.document);
                        ("", block(items, indent, draft.line_end, Quotes::None))
                    }
                };
                Ok(self.whole_candidates(draft, entry, inline, &below))
            }
        }
    }

    fn is_bare_brackets(&self, entry: &Entry) -> bool {
        let tokens = self.document.value_tokens(entry);
        entry.value.as_sequence().is_some_and(Vec::is_empty) && !has_comment(&self.text, tokens)
    }

    /// New lines directly under the key, or else, if that would revive a disabled flag, under its comments.
    fn whole_candidates(&self, draft: &Draft, entry: &Entry, inline: &str, below: &str) -> Vec<Splice> {
        let first = replace_whole(draft, &self.document, entry, inline, below);
        let region = draft.region(&self.document, entry);
        let mut second = replace_whole(draft, &self.document, entry, inline, "");
        second.text.push_str(&draft.text[second.range.end..region.end]);
        second.text.push_str(below);
        second.range.end = region.end;
        vec![first, second]
    }

    /// How far lists are indented in this file.
    fn usual_list_indent(&self) -> usize {
        let lists = || {
            self.document
                .entries
                .iter()
                .filter(|entry| entry.shape == Shape::BlockList)
        };
        lists()
            .find_map(|entry| {
                let dash = *dashes(&self.text, &self.document, entry).first()?;
                let column = dash - line_start(&self.text, dash, self.document.start);
                column.checked_sub(indentation(&self.document))
            })
            .unwrap_or(2)
    }

    fn flow_list(&self, entry: &Entry, items: &[String]) -> Result<Splice, Obstacle> {
        let tokens = self.document.value_tokens(entry);
        let (Some(open), Some(close)) = (tokens.first(), tokens.last()) else {
            return Err(Obstacle::ItemBoundaries);
        };
        if has_comment(&self.text, tokens) {
            return Err(Obstacle::CommentInBrackets);
        }
        let old = flow_items(&self.text, tokens);
        let values = entry.value.as_sequence().map_or(&[][..], Vec::as_slice);
        if old.len() != values.len() {
            return Err(Obstacle::ItemBoundaries);
        }
        let sources: Vec<Range<usize>> = old
            .iter()
            .map(|item| tokens[item.start].start..tokens[item.end - 1].end)
            .collect();
        let old_items: Vec<OldItem> = values
            .iter()
            .zip(&sources)
            .map(|(value, source)| old_item(value, source.clone(), 0..0, 0..0))
            .collect();
        let quotes = old
            .first()
            .map_or(Quotes::None, |item| token_quotes(tokens[item.start].kind));
        let written: Vec<String> = origins(&old_items, items)
            .into_iter()
            .zip(items)
            .map(|(origin, value)| match origin {
                Origin::Kept(index) | Origin::Moved(index) => self.text[sources[index].clone()].to_owned(),
                Origin::Fresh => quote::write(value, quotes, Place::Flow),
            })
            .collect();
        let spacing = FlowSpacing::of(&self.text, open.end..close.start, &sources);
        Ok(Splice {
            range: open.end..close.start,
            text: if written.is_empty() {
                String::new()
            } else {
                format!(
                    "{}{}{}",
                    spacing.before,
                    written.join(&spacing.between),
                    spacing.behind
                )
            },
        })
    }

    fn block_list(&self, draft: &Draft, entry: &Entry, items: &[String]) -> Result<Vec<Splice>, Obstacle> {
        let (range, old) = self.block_items(draft, entry)?;
        let Some(first) = old.first() else {
            return Err(Obstacle::ItemBoundaries);
        };
        let line = &draft.text[first.lines.clone()];
        let indent = line.len() - line.trim_start_matches(' ').len();
        let spaces = line[indent + 1..].bytes().take_while(|b| *b == b' ').count();
        let prefix = format!("{}-{}", &line[..indent], " ".repeat(spaces.clamp(1, 8)));
        let tokens = item_tokens(&self.document.tokens, first.lines.start, first.lines.end);
        let quotes = match tokens {
            [token] => token_quotes(token.kind),
            _ => Quotes::None,
        };
        let origins = origins(&old, items);
        let write = |placement| {
            let mut text = String::new();
            let mut tail = String::new();
            for piece in arrange(&old, &origins, placement) {
                match piece {
                    Piece::Gap(range) => tail.push_str(&draft.text[range]),
                    Piece::Item(range) => {
                        text.push_str(&std::mem::take(&mut tail));
                        text.push_str(&draft.text[range]);
                    }
                    Piece::Fresh(position) => {
                        text.push_str(&std::mem::take(&mut tail));
                        text.push_str(&prefix);
                        text.push_str(&quote::write(&items[position], quotes, Place::Block));
                        text.push_str(draft.line_end);
                    }
                }
            }
            text.push_str(&self.tail_inside(&tail, draft.line_end));
            Splice {
                range: range.clone(),
                text,
            }
        };
        let mut candidates = vec![write(Placement::BelowPrevious), write(Placement::AboveNext)];
        // At the end of the list, comments may have to stay above the new items.
        let region = draft.region(&self.document, entry);
        if region.end > range.end {
            let mut last = candidates[1].clone();
            let fresh = origins
                .iter()
                .rev()
                .take_while(|origin| **origin == Origin::Fresh)
                .count();
            let below = block(&items[items.len() - fresh..], indent, draft.line_end, quotes);
            if let Some(kept) = last.text.strip_suffix(&below) {
                last.text = format!("{kept}{}{below}", &draft.text[range.end..region.end]);
                last.range.end = region.end;
                candidates.push(last);
            }
        }
        candidates.dedup();
        Ok(candidates)
    }

    /// Comments below the last item of a list that was shortened, kept inside the entry, without blank lines.
    fn tail_inside(&self, tail: &str, line_end: &str) -> String {
        lines(tail, 0..tail.len())
            .filter(|line| line_kind(&tail[line.clone()]) != LineKind::Blank)
            .map(|line| inside(&tail[line], indentation(&self.document), line_end))
            .collect()
    }

    /// The lines of a block list, from below the key's line to the end of the last item.
    fn block_items(&self, draft: &Draft, entry: &Entry) -> Result<(Range<usize>, Vec<OldItem>), Obstacle> {
        let values = entry.value.as_sequence().map_or(&[][..], Vec::as_slice);
        let dashes = dashes(&self.text, &self.document, entry);
        if dashes.len() != values.len() {
            return Err(Obstacle::ItemBoundaries);
        }
        let text = &draft.text;
        let start = next_line(text, entry.colon_end);
        let tokens = self.document.value_tokens(entry);
        let end_of_settings = self.document.next_start(entry);
        let mut above = start;
        let mut items = Vec::with_capacity(values.len());
        for (index, (dash, value)) in dashes.iter().zip(values).enumerate() {
            let limit = dashes.get(index + 1).copied().unwrap_or(end_of_settings);
            let last = item_tokens(tokens, *dash, limit)
                .last()
                .map_or(dash + 1, |token| token.end);
            let line = line_start(text, *dash, self.document.start);
            if line < above {
                return Err(Obstacle::ItemBoundaries);
            }
            let end = next_line(text, last);
            let attached = attached_comments(text, above..line);
            items.push(old_item(value, line..end, above..attached, attached..line));
            above = end;
        }
        Ok((start..above, items))
    }
}

fn old_item(value: &Value, lines: Range<usize>, loose: Range<usize>, attached: Range<usize>) -> OldItem {
    OldItem {
        value: value.as_str().filter(|_| value.is_string()).map(str::to_owned),
        lines,
        loose,
        attached,
    }
}

/// Where the unbroken block of comment lines at the end of a gap starts.
fn attached_comments(text: &str, gap: Range<usize>) -> usize {
    let mut start = None;
    for line in lines(text, gap.clone()) {
        match line_kind(&text[line.clone()]) {
            LineKind::Comment { .. } => start = start.or(Some(line.start)),
            LineKind::Blank | LineKind::Other => start = None,
        }
    }
    start.unwrap_or(gap.end)
}

fn has_comment(text: &str, tokens: &[Token]) -> bool {
    tokens
        .windows(2)
        .any(|pair| text[pair[0].end..pair[1].start].contains('#'))
}

/// What follows `key:` in a new entry: ` []`, or a block list on the lines below.
fn written(items: &[String], indent: usize, line_end: &str, quotes: Quotes) -> String {
    if items.is_empty() {
        return format!(" []{line_end}");
    }
    format!("{line_end}{}", block(items, indent, line_end, quotes))
}

fn block(items: &[String], indent: usize, line_end: &str, quotes: Quotes) -> String {
    let indent = " ".repeat(indent);
    items
        .iter()
        .map(|item| format!("{indent}- {}{line_end}", quote::write(item, quotes, Place::Block)))
        .collect()
}

/// The white space and commas of a list between brackets.
struct FlowSpacing {
    before: String,
    between: String,
    behind: String,
}

impl FlowSpacing {
    fn of(text: &str, inner: Range<usize>, items: &[Range<usize>]) -> Self {
        let (Some(first), Some(last)) = (items.first(), items.last()) else {
            return Self {
                before: String::new(),
                between: ", ".to_owned(),
                behind: String::new(),
            };
        };
        let before = text[inner.start..first.start].to_owned();
        let between = match items {
            [first, second, ..] => text[first.end..second.start].to_owned(),
            _ if before.contains(['\n', '\r']) => format!(",{before}"),
            _ => ", ".to_owned(),
        };
        Self {
            before,
            between,
            behind: text[last.end..inner.end].to_owned(),
        }
    }
}
