//! The lines of a block list: which lines belong to which item, and in which order they come back.

use std::collections::{HashMap, VecDeque};
use std::ops::Range;

/// An item of the list as it is.
pub(super) struct OldItem {
    /// The string it stands for; none for anything else, which never matches a new item.
    pub value: Option<String>,
    /// Its lines.
    pub lines: Range<usize>,
    /// Blank lines and comments above it that are not its own.
    pub loose: Range<usize>,
    /// Comments directly above it.
    pub attached: Range<usize>,
}

/// Where a new item of the new list comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin {
    /// The old item of this index, in its place.
    Kept(usize),
    /// The old item of this index, with the comments above it, from elsewhere.
    Moved(usize),
    Fresh,
}

/// Matches new items with old ones; as many as possible of those that keep their order stay in place.
pub(super) fn origins(old: &[OldItem], new: &[String]) -> Vec<Origin> {
    let mut waiting: HashMap<&str, VecDeque<usize>> = HashMap::new();
    for (index, item) in old.iter().enumerate() {
        if let Some(value) = &item.value {
            waiting.entry(value).or_default().push_back(index);
        }
    }
    let matched: Vec<Option<usize>> = new
        .iter()
        .map(|value| waiting.get_mut(value.as_str()).and_then(VecDeque::pop_front))
        .collect();
    let kept = longest_ascending(&matched);
    matched
        .into_iter()
        .enumerate()
        .map(|(position, old)| match old {
            None => Origin::Fresh,
            Some(old) if kept.binary_search(&position).is_ok() => Origin::Kept(old),
            Some(old) => Origin::Moved(old),
        })
        .collect()
}

/// The positions of a longest ascending subsequence, ascending.
pub(super) fn longest_ascending(values: &[Option<usize>]) -> Vec<usize> {
    // tails[n] is the position whose value is the smallest that ends an ascending sequence of n + 1 values.
    let mut tails: Vec<usize> = Vec::new();
    let mut previous: Vec<Option<usize>> = vec![None; values.len()];
    for (position, value) in values.iter().enumerate() {
        if value.is_none() {
            continue;
        }
        let length = tails.partition_point(|tail| values[*tail] < *value);
        previous[position] = length.checked_sub(1).map(|shorter| tails[shorter]);
        match tails.get_mut(length) {
            Some(tail) => *tail = position,
            None => tails.push(position),
        }
    }
    let mut positions = Vec::with_capacity(tails.len());
    let mut next = tails.last().copied();
    while let Some(position) = next {
        positions.push(position);
        next = previous[position];
    }
    positions.reverse();
    positions
}

/// Where an additional item goes among the comments between two kept items.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Placement {
    /// Directly below the item above.
    BelowPrevious,
    /// Directly above the item below, under its comments.
    AboveNext,
}

/// One piece of the new list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Piece {
    /// Lines of the file as they are: comments and blank lines.
    Gap(Range<usize>),
    Item(Range<usize>),
    /// The new item of this index, to be written.
    Fresh(usize),
}

/// The pieces of the new list in order. Comments of items that go stay where they are; those of items that move
/// go with them; an item that takes the place of another takes its line.
pub(super) fn arrange(old: &[OldItem], origins: &[Origin], placement: Placement) -> Vec<Piece> {
    let mut arrangement = Arrangement {
        old,
        moved: vec![false; old.len()],
        pieces: Vec::new(),
        next_old: 0,
    };
    for origin in origins {
        if let Origin::Moved(index) = origin {
            arrangement.moved[*index] = true;
        }
    }
    let mut waiting: Vec<(usize, Origin)> = Vec::new();
    for (position, origin) in origins.iter().enumerate() {
        match origin {
            Origin::Kept(index) => {
                arrangement.fill(&std::mem::take(&mut waiting), *index, placement);
                arrangement.gap_above(*index);
                arrangement.pieces.push(Piece::Item(old[*index].lines.clone()));
                arrangement.next_old = index + 1;
            }
            Origin::Moved(_) | Origin::Fresh => waiting.push((position, *origin)),
        }
    }
    arrangement.fill(&waiting, old.len(), placement);
    arrangement.pieces
}

struct Arrangement<'a> {
    old: &'a [OldItem],
    moved: Vec<bool>,
    pieces: Vec<Piece>,
    /// The first old item that was not dealt with yet.
    next_old: usize,
}

impl Arrangement<'_> {
    fn gap(&mut self, range: Range<usize>) {
        if !range.is_empty() {
            self.pieces.push(Piece::Gap(range));
        }
    }

    /// The lines above an item that were not placed yet.
    fn gap_above(&mut self, index: usize) {
        if self.next_old <= index {
            self.gap(self.old[index].loose.clone());
            if !self.moved[index] {
                self.gap(self.old[index].attached.clone());
            }
            self.next_old = index + 1;
        }
    }

    fn new_item(&mut self, position: usize, origin: Origin) {
        match origin {
            Origin::Kept(index) | Origin::Moved(index) => {
                self.gap(self.old[index].attached.clone());
                self.pieces.push(Piece::Item(self.old[index].lines.clone()));
            }
            Origin::Fresh => self.pieces.push(Piece::Fresh(position)),
        }
    }

    /// Places new items between the last kept item and the old item `until`, whose predecessors went.
    fn fill(&mut self, waiting: &[(usize, Origin)], until: usize, placement: Placement) {
        let mut waiting = waiting.iter();
        // The places of items that went are taken first.
        while self.next_old < until {
            let place = self.next_old;
            let Some((position, origin)) = waiting.next() else {
                break;
            };
            self.gap_above(place);
            self.new_item(*position, *origin);
        }
        if placement == Placement::BelowPrevious {
            for (position, origin) in waiting.by_ref() {
                self.new_item(*position, *origin);
            }
        }
        while self.next_old < until {
            self.gap_above(self.next_old);
        }
        if placement == Placement::AboveNext {
            if until < self.old.len() {
                self.gap_above(until);
            }
            for (position, origin) in waiting {
                self.new_item(*position, *origin);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn old(values: &[&str]) -> Vec<OldItem> {
        let item = |(index, value): (usize, &&str)| OldItem {
            value: Some((*value).to_owned()),
            lines: index * 10..index * 10 + 1,
            loose: 0..0,
            attached: 0..0,
        };
        values.iter().enumerate().map(item).collect()
    }

    fn new(values: &[&str]) -> Vec<String> {
        values.iter().map(|value| (*value).to_owned()).collect()
    }

    #[test]
    fn items_that_keep_their_order_stay() {
        use Origin::{Fresh, Kept, Moved};
        assert_eq!(
            origins(&old(&["a", "b", "c"]), &new(&["x", "a", "c"])),
            [Fresh, Kept(0), Kept(2)]
        );
        assert_eq!(
            origins(&old(&["a", "b", "c"]), &new(&["c", "a", "b"])),
            [Moved(2), Kept(0), Kept(1)]
        );
        assert_eq!(
            origins(&old(&["a", "a"]), &new(&["a", "a", "a"])),
            [Kept(0), Kept(1), Fresh]
        );
        assert_eq!(origins(&old(&[]), &new(&["a"])), [Fresh]);
    }

    #[test]
    fn a_new_item_takes_the_place_of_one_that_went() {
        let items = old(&["a", "b", "c"]);
        let pieces = arrange(
            &items,
            &origins(&items, &new(&["a", "x", "c"])),
            Placement::BelowPrevious,
        );
        assert_eq!(pieces, [Piece::Item(0..1), Piece::Fresh(1), Piece::Item(20..21)]);
    }
}
