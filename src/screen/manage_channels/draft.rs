//! The two lists as a person arranges them, beside what stands in the files.

use crate::conda::channel::{ChannelEntry, ChannelPriority};
use crate::secret::Token;
use crate::service::manage_channels::{
    Arrangement, CheckedChannel, Elsewhere, End, KeptToken, List, ManagedChannel, ManagedChannels, RowPlace,
    WantedChannel,
};

/// How far the check of a channel is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) enum CheckState {
    #[default]
    Unasked,
    Asking(u64),
    Answered(CheckedChannel),
}

/// One entry of a list.
#[derive(Debug, Clone)]
pub(super) struct Row {
    /// Stays the same while the entry moves.
    pub id: u64,
    pub channel: ManagedChannel,
    /// The token that was given with it and is not kept yet.
    pub token: Option<Token>,
    pub check: CheckState,
    /// Added here, and not in any file yet.
    pub is_new: bool,
}

/// What a position of the table shows: an entry of `channels`, or one that `defaults` stands for below it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Position {
    pub list: List,
    pub at: usize,
}

/// The lists, what is to become of them, and what was there.
#[derive(Debug)]
pub(super) struct Draft {
    channels: Vec<Row>,
    default_channels: Vec<Row>,
    pub priority: ChannelPriority,
    /// As things are in the files.
    before: ManagedChannels,
    /// Entries of the edited file that shall go.
    gone: Vec<(List, ChannelEntry)>,
    taken_out: Vec<Elsewhere>,
    /// Tokens that stood in the file and shall be kept where conda finds them.
    moved_tokens: Vec<KeptToken>,
    next_id: u64,
}

impl Draft {
    pub fn new(before: ManagedChannels) -> Self {
        let mut draft = Self {
            channels: Vec::new(),
            default_channels: Vec::new(),
            priority: before.priority.value,
            before: before.clone(),
            gone: Vec::new(),
            taken_out: Vec::new(),
            moved_tokens: Vec::new(),
            next_id: 0,
        };
        draft.follow(&before);
        draft
    }

    pub fn before(&self) -> &ManagedChannels {
        &self.before
    }

    pub fn list(&self, list: List) -> &[Row] {
        match list {
            List::Channels => &self.channels,
            List::DefaultChannels => &self.default_channels,
        }
    }

    fn list_mut(&mut self, list: List) -> &mut Vec<Row> {
        match list {
            List::Channels => &mut self.channels,
            List::DefaultChannels => &mut self.default_channels,
        }
    }

    pub fn row(&self, position: Position) -> Option<&Row> {
        self.list(position.list).get(position.at)
    }

    pub fn rows(&self) -> impl Iterator<Item = &Row> {
        self.channels.iter().chain(&self.default_channels)
    }

    pub fn rows_mut(&mut self) -> impl Iterator<Item = &mut Row> {
        self.channels.iter_mut().chain(&mut self.default_channels)
    }

    /// The rows that the table shows.
    pub fn shown_mut(&mut self) -> impl Iterator<Item = &mut Row> {
        let shows_defaults = self.searches_defaults() || self.has_own_defaults();
        let defaults = self.default_channels.iter_mut().filter(move |_| shows_defaults);
        self.channels.iter_mut().chain(defaults)
    }

    /// What the table shows, top to bottom: below `defaults` what it stands for, or at the end where it is not searched.
    pub fn positions(&self) -> Vec<Position> {
        let mut positions = Vec::new();
        let defaults = (0..self.default_channels.len()).map(|at| Position {
            list: List::DefaultChannels,
            at,
        });
        for (at, row) in self.channels.iter().enumerate() {
            positions.push(Position {
                list: List::Channels,
                at,
            });
            if row.channel.entry == ChannelEntry::Defaults {
                positions.extend(defaults.clone());
            }
        }
        if !self.searches_defaults() && self.has_own_defaults() {
            positions.extend(defaults);
        }
        positions
    }

    pub fn searches_defaults(&self) -> bool {
        self.channels
            .iter()
            .any(|row| row.channel.entry == ChannelEntry::Defaults)
    }

    /// Whether `default_channels` is anything but conda's own.
    pub fn has_own_defaults(&self) -> bool {
        self.default_channels
            .iter()
            .any(|row| row.channel.place != RowPlace::Preset)
    }

    /// Takes over what conda will search, as the services found it for this draft. What is known of a row stays with it.
    pub fn follow(&mut self, after: &ManagedChannels) {
        for list in [List::Channels, List::DefaultChannels] {
            let mut old = std::mem::take(self.list_mut(list));
            let rows = after
                .list(list)
                .iter()
                .map(|channel| {
                    let known = old.iter().position(|row| row.channel.entry == channel.entry);
                    match known.map(|at| old.remove(at)) {
                        Some(row) => Row {
                            channel: channel.clone(),
                            ..row
                        },
                        None => self.new_row(channel.clone()),
                    }
                })
                .collect();
            *self.list_mut(list) = rows;
        }
    }

    fn new_row(&mut self, channel: ManagedChannel) -> Row {
        self.next_id += 1;
        Row {
            id: self.next_id,
            channel,
            token: None,
            check: CheckState::default(),
            is_new: false,
        }
    }

    /// Whether anything is other than in the files.
    pub fn is_changed(&self) -> bool {
        let wanted = self.arrangement();
        let before = &self.before.arrangement;
        wanted.channels != before.channels
            || wanted.default_channels != before.default_channels
            || wanted.priority.is_some()
            || !wanted.taken_out.is_empty()
            || !wanted.tokens.is_empty()
    }

    /// What is to be written. Entries of the file that are not shown, or that a mark holds, stay where they are.
    pub fn arrangement(&self) -> Arrangement {
        let tokens = self.rows().filter_map(|row| {
            Some(KeptToken {
                entry: row.channel.entry.clone(),
                token: row.token.clone()?,
            })
        });
        let mut arrangement = Arrangement {
            channels: self.written(List::Channels),
            default_channels: self.written(List::DefaultChannels),
            priority: (self.priority != self.before.priority.value).then_some(self.priority),
            taken_out: self.taken_out.clone(),
            tokens: self.moved_tokens.iter().cloned().chain(tokens).collect(),
        };
        // Only what is put there now: a person may have left them unsearched on purpose.
        if arrangement.default_channels != self.before.arrangement.default_channels {
            arrangement.search_defaults();
        }
        arrangement
    }

    fn written(&self, list: List) -> Vec<ChannelEntry> {
        let mut movable = self
            .list(list)
            .iter()
            .filter(|row| row.channel.freedom.is_movable())
            .map(|row| row.channel.entry.clone());
        let moves: Vec<ChannelEntry> = movable.clone().collect();
        let was_movable = |entry: &ChannelEntry| {
            let mut rows = self.before.list(list).iter();
            rows.any(|row| row.entry == *entry && row.freedom.is_movable())
        };
        let mut written = Vec::new();
        for entry in self.before.arrangement.list(list) {
            if was_movable(entry) {
                written.extend(movable.next());
            } else if !self.gone.contains(&(list, entry.clone())) && !moves.contains(entry) {
                written.push(entry.clone());
            }
        }
        written.extend(movable);
        written
    }

    /// Moves an entry to the place of another one of its list; those that cannot be moved stay where they are. Tells where
    /// it is then, if it moved.
    pub fn shift(&mut self, list: List, from: usize, to: usize) -> Option<usize> {
        let rows = self.list_mut(list);
        let movable: Vec<usize> = (0..rows.len())
            .filter(|at| rows[*at].channel.freedom.is_movable())
            .collect();
        let from = movable.iter().position(|at| *at == from)?;
        // The nearest place in that direction that an entry can take.
        let target = match movable.get(from).is_some_and(|at| to < *at) {
            true => movable.iter().position(|at| *at >= to)?,
            false => movable.iter().rposition(|at| *at <= to)?,
        };
        if target == from {
            return None;
        }
        let step = |at: usize| if target > from { at + 1 } else { at - 1 };
        let mut at = from;
        while at != target {
            rows.swap(movable[at], movable[step(at)]);
            at = step(at);
        }
        Some(movable[target])
    }

    /// The place that one step up or down leads to.
    pub fn neighbour(&self, list: List, at: usize, is_up: bool) -> Option<usize> {
        let is_movable = |at: &usize| {
            self.list(list)
                .get(*at)
                .is_some_and(|row| row.channel.freedom.is_movable())
        };
        if !is_movable(&at) {
            return None;
        }
        match is_up {
            true => (0..at).rev().find(is_movable),
            false => (at + 1..self.list(list).len()).find(is_movable),
        }
    }

    /// Takes an entry out.
    pub fn remove(&mut self, position: Position) -> bool {
        let Some(row) = self
            .row(position)
            .filter(|row| row.channel.freedom.is_removable())
        else {
            return false;
        };
        let entry = row.channel.entry.clone();
        let elsewhere = match &row.channel.place {
            RowPlace::File { path, .. } if *path != self.before.path => Some(path.clone()),
            _ => None,
        };
        match elsewhere {
            Some(path) => self.taken_out.push(Elsewhere {
                path,
                list: position.list,
                entry,
            }),
            None => {
                self.moved_tokens.retain(|token| token.entry != entry);
                self.gone.push((position.list, entry));
            }
        }
        self.list_mut(position.list).remove(position.at);
        true
    }

    /// Whether an entry can go to the other list.
    pub fn can_change_list(&self, position: Position) -> bool {
        self.row(position).is_some_and(|row| {
            row.channel.freedom.is_movable()
                && !matches!(row.channel.entry, ChannelEntry::Defaults | ChannelEntry::Local)
        })
    }

    /// Moves an entry to the other list: to the end of `default_channels`, or right before `defaults`. Tells where it is
    /// then.
    pub fn change_list(&mut self, position: Position) -> Option<Position> {
        if !self.can_change_list(position) {
            return None;
        }
        let row = self.list_mut(position.list).remove(position.at);
        let list = match position.list {
            List::Channels => List::DefaultChannels,
            List::DefaultChannels => List::Channels,
        };
        // The same channel on the other list already: then this one goes.
        if let Some(at) = self.find(list, &row.channel) {
            return Some(Position { list, at });
        }
        let at = self.insert(list, row, None);
        Some(Position { list, at })
    }

    /// Where a channel stands in a list already: under the same address, or as the same entry.
    pub fn find(&self, list: List, channel: &ManagedChannel) -> Option<usize> {
        self.list(list).iter().position(|row| {
            let is_same = row.channel.entry == channel.entry
                || (channel.addresses.len() == 1 && row.channel.addresses == channel.addresses);
            // conda's own make way for what a person puts there.
            is_same && row.channel.place != RowPlace::Preset
        })
    }

    /// Adds a channel. Tells where it is then, and whether it was there before.
    pub fn add(&mut self, wanted: WantedChannel, channel: ManagedChannel) -> (Position, bool) {
        let list = match (wanted.list, &wanted.entry) {
            (Some(List::DefaultChannels), ChannelEntry::Defaults) | (None, _) => List::Channels,
            (Some(list), _) => list,
        };
        if let Some(at) = self.find(list, &channel) {
            let row = &mut self.list_mut(list)[at];
            if wanted.token.is_some() {
                row.token = wanted.token;
                row.check = CheckState::Unasked;
            }
            return (Position { list, at }, true);
        }
        let mut row = self.new_row(channel);
        row.token = wanted.token;
        row.is_new = true;
        let at = self.insert(list, row, wanted.end);
        (Position { list, at }, false)
    }

    /// Where nothing else is said, a channel goes to the end, and `defaults` stays last.
    fn insert(&mut self, list: List, row: Row, end: Option<End>) -> usize {
        if list == List::DefaultChannels {
            self.list_mut(list)
                .retain(|row| row.channel.place != RowPlace::Preset);
        }
        let rows = self.list(list);
        let is_movable = |row: &Row| row.channel.freedom.is_movable();
        let first = rows.iter().position(is_movable);
        let last = rows.iter().rposition(is_movable);
        let at = match (end, first, last) {
            (_, None, _) | (_, _, None) => rows.len(),
            (Some(End::First), Some(first), _) => first,
            (Some(End::Last), _, Some(last)) => last + 1,
            (None, _, Some(last)) => match rows[last].channel.entry {
                ChannelEntry::Defaults => last,
                _ => last + 1,
            },
        };
        self.gone
            .retain(|(known, entry)| *known != list || *entry != row.channel.entry);
        self.list_mut(list).insert(at, row);
        at
    }

    /// Takes the token out of an entry, to be kept where conda finds it. Tells whether there was one.
    pub fn move_token(&mut self, position: Position) -> bool {
        let Some(row) = self.row(position) else {
            return false;
        };
        let written = row.channel.entry.expose().into_owned();
        let Ok(mut parsed) = WantedChannel::parse(&written) else {
            return false;
        };
        let (Some(bare), true) = (parsed.pop(), parsed.is_empty()) else {
            return false;
        };
        let Some(token) = bare.token else { return false };
        let row = &mut self.list_mut(position.list)[position.at];
        row.channel.entry = bare.entry.clone();
        row.channel.has_secret = false;
        self.moved_tokens.push(KeptToken {
            entry: bare.entry,
            token,
        });
        true
    }
}

#[cfg(test)]
#[path = "draft_tests.rs"]
mod tests;
