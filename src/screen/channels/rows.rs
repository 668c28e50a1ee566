//! The table of the server's channels as data: what each row shows, which rows the search leaves, in which order.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::sync::Arc;

use crate::conda::channel::{ChannelEntry, ChannelName};
use crate::repository::{Channel, Privacy};
use crate::ui::button::Order;

use super::selection::List;

pub(super) use crate::screen::quantity::grouped;

/// A column of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Column {
    Name,
    Privacy,
    Owners,
    Artifacts,
    /// The ticks of a list: what is ticked comes first.
    Ticks(List),
}

/// Which privacies are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum PrivacyFilter {
    #[default]
    All,
    Public,
    Authenticated,
    Private,
}

impl PrivacyFilter {
    pub const ALL: [Self; 4] = [Self::All, Self::Public, Self::Authenticated, Self::Private];

    pub(super) fn label(self) -> &'static str {
        match self {
            Self::All => "All privacies",
            Self::Public => "public",
            Self::Authenticated => "authenticated",
            Self::Private => "private",
        }
    }

    fn accepts(self, privacy: &Privacy) -> bool {
        match self {
            Self::All => true,
            Self::Public => *privacy == Privacy::Public,
            Self::Authenticated => *privacy == Privacy::Authenticated,
            Self::Private => *privacy == Privacy::Private,
        }
    }
}

/// One channel of the server, ready to be drawn, searched and sorted.
#[derive(Debug)]
pub(super) struct Row {
    /// `name`, or `parent/name`.
    pub name: String,
    /// What a tick writes; `None` where conda would not understand the name.
    pub entry: Option<ChannelEntry>,
    pub privacy: Privacy,
    /// Empty when the server names none.
    pub owners: String,
    /// Digits in groups of three; empty when the server does not say.
    pub artifacts: String,
    pub description: String,
    pub is_mirror: bool,
    artifact_count: Option<u64>,
    /// Name, owners and description in lower case, one a line.
    haystack: String,
    /// The name in lower case; sub-channels come right after their parent.
    name_key: String,
    owners_key: String,
}

impl Row {
    fn new(channel: &Channel) -> Self {
        let name = channel.path();
        let owners = channel.owners.join(", ");
        let owners_key = lower(&owners);
        let name_key = lower(&name).replace('/', "\0");
        let description = channel.description.trim().to_owned();
        let haystack = format!("{}\n{owners_key}\n{}", lower(&name), lower(&description));
        let artifacts = channel.artifact_count.map(|count| grouped(count, ' '));
        let entry = match &channel.address {
            Some(address) => Some(ChannelEntry::from_text(address)),
            None => ChannelName::parse(&name).ok().map(ChannelEntry::from),
        };
        Self {
            entry,
            privacy: channel.privacy.clone(),
            artifacts: artifacts.unwrap_or_default(),
            description,
            is_mirror: channel.mirror,
            artifact_count: channel.artifact_count,
            haystack,
            name_key,
            owners_key,
            name,
            owners,
        }
    }
}

/// All rows, those that are shown, and why.
#[derive(Debug)]
pub(super) struct Rows {
    rows: Vec<Row>,
    by_name: HashMap<String, usize>,
    /// Every row, sorted.
    sorted: Vec<usize>,
    /// The sorted rows that search and privacy leave.
    shown: Vec<usize>,
    words: Vec<String>,
    privacy: PrivacyFilter,
    sort: (Column, Order),
}

impl Rows {
    /// As the server listed them: sorted by name already.
    pub fn new(channels: &Arc<Vec<Channel>>) -> Self {
        let rows: Vec<Row> = channels.iter().map(Row::new).collect();
        let by_name = rows
            .iter()
            .enumerate()
            .map(|(index, row)| (row.name.clone(), index));
        let mut table = Self {
            by_name: by_name.collect(),
            sorted: (0..rows.len()).collect(),
            shown: Vec::new(),
            words: Vec::new(),
            privacy: PrivacyFilter::All,
            sort: (Column::Name, Order::Ascending),
            rows,
        };
        table.arrange(|_, _| false);
        table
    }

    /// Adds a channel that the list did not hold, and tells its row; one that is there already stays as it is.
    pub fn add(&mut self, channel: &Channel, is_ticked: impl Fn(List, usize) -> bool) -> usize {
        let row = Row::new(channel);
        if let Some(known) = self.by_name.get(&row.name) {
            return *known;
        }
        let index = self.rows.len();
        self.by_name.insert(row.name.clone(), index);
        self.rows.push(row);
        self.sorted.push(index);
        self.arrange(is_ticked);
        index
    }

    pub fn len(&self) -> usize {
        self.rows.len()
    }

    pub fn get(&self, row: usize) -> Option<&Row> {
        self.rows.get(row)
    }

    /// The rows to show, in order.
    pub fn shown(&self) -> &[usize] {
        &self.shown
    }

    pub fn privacy(&self) -> PrivacyFilter {
        self.privacy
    }

    /// How the table is sorted by a column, if it is.
    pub fn order_of(&self, column: Column) -> Option<Order> {
        (self.sort.0 == column).then_some(self.sort.1)
    }

    /// Shows what contains every word of `search`.
    pub fn search(&mut self, search: &str) {
        let words: Vec<String> = lower(search).split_whitespace().map(str::to_owned).collect();
        if words != self.words {
            self.words = words;
            self.filter();
        }
    }

    pub fn show_privacy(&mut self, privacy: PrivacyFilter) {
        self.privacy = privacy;
        self.filter();
    }

    /// Sorts by a column; once more reverses it. What is equal stays in the order it had.
    pub fn sort_by(&mut self, column: Column, is_ticked: impl Fn(List, usize) -> bool) {
        let order = match self.order_of(column) {
            Some(Order::Ascending) => Order::Descending,
            _ => Order::Ascending,
        };
        self.sort = (column, order);
        self.arrange(is_ticked);
    }

    fn arrange(&mut self, is_ticked: impl Fn(List, usize) -> bool) {
        let (column, order) = self.sort;
        let (rows, sorted) = (&self.rows, &mut self.sorted);
        let directed = |ordering: Ordering| match order {
            Order::Ascending => ordering,
            Order::Descending => ordering.reverse(),
        };
        sorted.sort_by(|&left, &right| {
            let (a, b) = (&rows[left], &rows[right]);
            // What the server does not say comes last, whichever way the column is sorted.
            match column {
                Column::Name => directed(a.name_key.cmp(&b.name_key)),
                Column::Privacy => {
                    let rank = |row: &Row| privacy_rank(&row.privacy);
                    directed(
                        rank(a)
                            .cmp(&rank(b))
                            .then_with(|| a.privacy.as_str().cmp(b.privacy.as_str())),
                    )
                }
                Column::Owners => (a.owners.is_empty().cmp(&b.owners.is_empty()))
                    .then_with(|| directed(a.owners_key.cmp(&b.owners_key))),
                Column::Artifacts => (a.artifact_count.is_none().cmp(&b.artifact_count.is_none()))
                    .then_with(|| directed(a.artifact_count.cmp(&b.artifact_count))),
                Column::Ticks(list) => directed(is_ticked(list, right).cmp(&is_ticked(list, left))),
            }
        });
        self.filter();
    }

    fn filter(&mut self) {
        let (rows, words, privacy) = (&self.rows, &self.words, self.privacy);
        self.shown.clear();
        self.shown.extend(self.sorted.iter().copied().filter(|&index| {
            let row = &rows[index];
            privacy.accepts(&row.privacy) && words.iter().all(|word| row.haystack.contains(word.as_str()))
        }));
    }

    /// The row that an entry of conda's configuration means: by its name, or by an address on `host`.
    pub fn row_of(&self, entry: &ChannelEntry, host: &str) -> Option<usize> {
        match entry {
            ChannelEntry::Name(name) => self.by_name.get(name.as_str()).copied(),
            ChannelEntry::Url(url) => {
                let (authority, path) = url.location().split_once('/')?;
                if !bare_host(authority).eq_ignore_ascii_case(bare_host(host)) {
                    return None;
                }
                // `…/parent/name`, else `…/name`.
                let mut starts = path.rmatch_indices('/').map(|(at, _)| at + 1);
                let (last, before) = (starts.next().unwrap_or(0), starts.next().unwrap_or(0));
                let named = |start: usize| self.by_name.get(path.get(start..)?).copied();
                named(before).or_else(|| named(last))
            }
            _ => None,
        }
    }
}

/// A host without its port.
fn bare_host(authority: &str) -> &str {
    match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => authority,
    }
}

fn privacy_rank(privacy: &Privacy) -> u8 {
    match privacy {
        Privacy::Public => 0,
        Privacy::Authenticated => 1,
        Privacy::Private => 2,
        Privacy::Other(_) => 3,
    }
}

/// Lower case letter by letter: unlike `str::to_lowercase` no letter depends on its neighbours, so a part of a text
/// stays a part of it.
fn lower(text: &str) -> String {
    text.chars().flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests;
