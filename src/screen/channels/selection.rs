//! The two lists that are being put together, and the rule that ties them: `defaults` among the channels.

use std::collections::HashSet;

use crate::conda::channel::ChannelEntry;

/// One of conda's two lists of channels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum List {
    /// `channels`: what conda searches, in order.
    Channels,
    /// `default_channels`: what `defaults` stands for.
    DefaultChannels,
}

impl List {
    /// The name of the setting.
    pub fn key(self) -> &'static str {
        match self {
            Self::Channels => "channels",
            Self::DefaultChannels => "default_channels",
        }
    }
}

/// What is to be written for conda's channels, each list in the order of search.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ChannelChoice {
    pub channels: Vec<ChannelEntry>,
    pub default_channels: Vec<ChannelEntry>,
}

/// One entry of a list.
#[derive(Debug, Clone)]
pub(super) struct Place {
    /// Stays the same while the entry moves.
    pub id: u64,
    pub entry: ChannelEntry,
    /// The row of the table it belongs to; `None` for what is not from this server.
    pub row: Option<usize>,
}

/// Why `defaults` stands among the channels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Defaults {
    /// The person put it there for conda's own default channels: it stays.
    OfThePerson,
    /// It stands for `default_channels`, and goes when they go: alone it would mean conda's own default channels,
    /// which nobody has asked for.
    ForDefaultChannels,
}

/// The lists as they are now, beside what they were.
#[derive(Debug)]
pub(super) struct Selection {
    channels: Vec<Place>,
    default_channels: Vec<Place>,
    ticked_channels: HashSet<usize>,
    ticked_default_channels: HashSet<usize>,
    defaults: Defaults,
    next_id: u64,
    initial: ChannelChoice,
}

impl Selection {
    /// The lists as they stand in the file. `row_of` finds the row of an entry.
    pub fn new(initial: ChannelChoice, row_of: impl Fn(&ChannelEntry) -> Option<usize>) -> Self {
        let has_defaults = initial.channels.contains(&ChannelEntry::Defaults);
        let defaults = if has_defaults && initial.default_channels.is_empty() {
            Defaults::OfThePerson
        } else {
            Defaults::ForDefaultChannels
        };
        let mut selection = Self {
            channels: Vec::new(),
            default_channels: Vec::new(),
            ticked_channels: HashSet::new(),
            ticked_default_channels: HashSet::new(),
            defaults,
            next_id: 0,
            initial: initial.clone(),
        };
        for entry in initial.channels {
            let row = row_of(&entry);
            selection.push(List::Channels, entry, row);
        }
        for entry in initial.default_channels {
            let row = row_of(&entry);
            selection.push(List::DefaultChannels, entry, row);
        }
        selection.recount();
        selection
    }

    pub fn list(&self, list: List) -> &[Place] {
        match list {
            List::Channels => &self.channels,
            List::DefaultChannels => &self.default_channels,
        }
    }

    fn list_mut(&mut self, list: List) -> &mut Vec<Place> {
        match list {
            List::Channels => &mut self.channels,
            List::DefaultChannels => &mut self.default_channels,
        }
    }

    pub fn is_ticked(&self, list: List, row: usize) -> bool {
        match list {
            List::Channels => self.ticked_channels.contains(&row),
            List::DefaultChannels => self.ticked_default_channels.contains(&row),
        }
    }

    /// The lists as they are to be written.
    pub fn choice(&self) -> ChannelChoice {
        let entries = |places: &[Place]| places.iter().map(|place| place.entry.clone()).collect();
        ChannelChoice {
            channels: entries(&self.channels),
            default_channels: entries(&self.default_channels),
        }
    }

    /// Whether the lists are other than in the file.
    pub fn is_changed(&self) -> bool {
        let differs = |places: &[Place], entries: &[ChannelEntry]| {
            places.len() != entries.len()
                || places
                    .iter()
                    .zip(entries)
                    .any(|(place, entry)| place.entry != *entry)
        };
        differs(&self.channels, &self.initial.channels)
            || differs(&self.default_channels, &self.initial.default_channels)
    }

    /// Adds rows at the end of a list, those already there stay where they are; what is last and `defaults` stays last.
    /// Where `default_channels` gets something that conda would never look at, `defaults` is added to `channels`.
    pub fn tick(&mut self, list: List, rows: impl IntoIterator<Item = (usize, ChannelEntry)>) {
        let last = match self.list(list).last() {
            Some(last) if last.entry == ChannelEntry::Defaults => self.list_mut(list).pop(),
            _ => None,
        };
        let mut known: HashSet<usize> = self.list(list).iter().filter_map(|place| place.row).collect();
        for (row, entry) in rows {
            if known.insert(row) {
                self.push(list, entry, Some(row));
            }
        }
        self.list_mut(list).extend(last);
        let has_defaults = self
            .channels
            .iter()
            .any(|place| place.entry == ChannelEntry::Defaults);
        if list == List::DefaultChannels && !self.default_channels.is_empty() && !has_defaults {
            self.push(List::Channels, ChannelEntry::Defaults, None);
        }
        self.settle();
    }

    /// A row has come to the table that entries may have stood for without one.
    pub fn adopt(&mut self, row: usize, entry: &ChannelEntry) {
        for place in self.channels.iter_mut().chain(&mut self.default_channels) {
            if place.row.is_none() && place.entry == *entry {
                place.row = Some(row);
            }
        }
        self.recount();
    }

    /// Takes rows out of a list.
    pub fn untick(&mut self, list: List, rows: impl IntoIterator<Item = usize>) {
        let rows: HashSet<usize> = rows.into_iter().collect();
        self.list_mut(list)
            .retain(|place| !place.row.is_some_and(|row| rows.contains(&row)));
        self.settle();
    }

    /// Whether an entry may be taken out by itself: not `defaults` while it stands for something.
    pub fn is_removable(&self, list: List, at: usize) -> bool {
        let Some(place) = self.list(list).get(at) else {
            return false;
        };
        let stands_for_something = list == List::Channels
            && place.entry == ChannelEntry::Defaults
            && !self.default_channels.is_empty();
        !stands_for_something
    }

    /// Takes one entry out of a list.
    pub fn remove(&mut self, list: List, at: usize) {
        if self.is_removable(list, at) {
            let place = self.list_mut(list).remove(at);
            if place.entry == ChannelEntry::Defaults {
                self.defaults = Defaults::ForDefaultChannels;
            }
            self.settle();
        }
    }

    /// Moves an entry of a list to another place, the others keep their order. Tells whether it moved.
    pub fn shift(&mut self, list: List, from: usize, to: usize) -> bool {
        let places = self.list_mut(list);
        if from >= places.len() || to >= places.len() || from == to {
            return false;
        }
        let place = places.remove(from);
        places.insert(to, place);
        true
    }

    /// Back to what stands in the file.
    pub fn revert(&mut self, row_of: impl Fn(&ChannelEntry) -> Option<usize>) {
        *self = Self::new(std::mem::take(&mut self.initial), row_of);
    }

    /// The lists have been written as they are.
    pub fn written(&mut self) {
        self.initial = self.choice();
    }

    fn push(&mut self, list: List, entry: ChannelEntry, row: Option<usize>) {
        let id = self.next_id;
        self.next_id += 1;
        self.list_mut(list).push(Place { id, entry, row });
    }

    /// After every change: `defaults` goes when what it stands for is gone.
    fn settle(&mut self) {
        if self.default_channels.is_empty() && self.defaults == Defaults::ForDefaultChannels {
            self.channels
                .retain(|place| place.entry != ChannelEntry::Defaults);
        }
        self.recount();
    }

    fn recount(&mut self) {
        let rows = |places: &[Place]| places.iter().filter_map(|place| place.row).collect();
        self.ticked_channels = rows(&self.channels);
        self.ticked_default_channels = rows(&self.default_channels);
    }
}

#[cfg(test)]
mod tests;
