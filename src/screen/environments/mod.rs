//! The Environments page, where the window opens: every environment on this machine, what it takes on the disk, and what can
//! be done with it.
//!
//! The parent answers [`Action::Load`] with [`Message::Loaded`], and [`Action::Measure`] with one [`Message::Measured`] for each
//! environment and [`Message::MeasuringEnded`]. Answers carry the key of the question; what answers an older one is dropped.

pub mod create;
pub mod dialog;
pub mod export;
pub mod import;
pub mod name;
pub mod nevertheless;
mod page;
mod rows;
mod table;

use std::path::{Path, PathBuf};

use iced::widget::operation;
use iced::{Element, Task};

use super::Key;
use crate::ui::keyboard::Intent;
use crate::ui::virtual_list::{self, ListState, Outcome};

pub use crate::conda::environment::Environment;
pub use rows::{Column, Deed, DiskSize, Measure, hindrance, label, objection};
use rows::{Row, Rows};

/// The search field, for focus and tests.
pub const SEARCH: &str = "environments-search";
/// The list.
pub const TABLE: &str = "environments";

#[derive(Debug, Clone)]
pub struct Environments {
    home: PathBuf,
    /// Nothing while it is read for the first time.
    rows: Option<Rows>,
    loading: Option<Key>,
    measuring: Option<Key>,
    /// What all of them take together, shared files counted once.
    total: Option<u64>,
    search: String,
    list: ListState,
    /// The environment to stand on once it is listed.
    wanted: Option<PathBuf>,
}

#[derive(Debug, Clone)]
pub enum Message {
    Loaded {
        key: Key,
        found: Vec<Environment>,
    },
    Measured {
        key: Key,
        prefix: PathBuf,
        measure: Measure,
    },
    /// Every size is known that can be, with what all of them take together.
    MeasuringEnded {
        key: Key,
        total: Option<u64>,
    },
    SearchChanged(String),
    SearchSubmitted,
    HeaderPressed(Column),
    List(virtual_list::Event),
    /// On the environment under the cursor.
    DeedChosen(Deed),
    /// On the environment at a place of the list.
    RowDeedChosen(usize, Deed),
    ReloadPressed,
    ConnectPressed,
    CreatePressed,
    ImportPressed,
    /// A key that no widget used.
    Key(Intent),
}

#[derive(Debug)]
pub enum Action {
    None,
    /// Find the environments.
    Load(Key),
    /// Find out what these take on the disk, the first ones first.
    Measure {
        key: Key,
        prefixes: Vec<PathBuf>,
    },
    Create,
    Import,
    Do(Deed, Environment),
    Connect,
    Run(Task<Message>),
}

impl Environments {
    pub fn new(home: &Path) -> (Self, Action) {
        let key = Key::fresh();
        let screen = Self {
            home: home.to_owned(),
            rows: None,
            loading: Some(key),
            measuring: None,
            total: None,
            search: String::new(),
            list: ListState::new(TABLE),
            wanted: None,
        };
        (screen, Action::Load(key))
    }

    /// Reads the list again; what it showed stays until then.
    pub fn reload(&mut self) -> Action {
        let key = Key::fresh();
        self.loading = Some(key);
        Action::Load(key)
    }

    /// The same, and then the cursor stands on this environment.
    pub fn reload_at(&mut self, prefix: &Path) -> Action {
        self.wanted = Some(prefix.to_owned());
        self.reload()
    }

    pub fn update(&mut self, message: Message) -> Action {
        match message {
            Message::Loaded { key, found } => self.loaded(key, found),
            Message::Measured { key, prefix, measure } => {
                if self.measuring == Some(key)
                    && let Some(rows) = &mut self.rows
                {
                    let cursor = self.list.cursor().and_then(|place| rows.at(place));
                    let cursor = cursor.map(|row| row.environment.prefix.clone());
                    rows.measured(&prefix, measure);
                    // Where the list is sorted by size, rows move.
                    self.list
                        .set_cursor(cursor.and_then(|prefix| rows.place_of(&prefix)));
                }
                Action::None
            }
            Message::MeasuringEnded { key, total } => {
                if self.measuring == Some(key) {
                    self.stop_measuring();
                    self.total = total;
                }
                Action::None
            }
            Message::SearchChanged(search) => {
                self.search = search;
                if let Some(rows) = &mut self.rows {
                    rows.search(&self.search);
                }
                Action::Run(self.list.reset())
            }
            Message::SearchSubmitted => self.enter_list(),
            Message::HeaderPressed(column) => {
                if let Some(rows) = &mut self.rows {
                    rows.sort_by(column);
                }
                Action::Run(self.list.reset())
            }
            Message::List(event) => self.listed(event),
            Message::DeedChosen(deed) => self.list.cursor().map_or(Action::None, |at| self.act(at, deed)),
            Message::RowDeedChosen(place, deed) => {
                self.list.set_cursor(Some(place));
                self.act(place, deed)
            }
            Message::ReloadPressed => self.reload(),
            Message::ConnectPressed => Action::Connect,
            Message::CreatePressed => Action::Create,
            Message::ImportPressed => Action::Import,
            Message::Key(intent) => self.key(intent),
        }
    }

    /// Work was cancelled from outside: nothing of it is waited for any more.
    pub fn cancelled(&mut self, key: Key) {
        if self.loading == Some(key) {
            self.loading = None;
            self.rows.get_or_insert_default();
        }
        if self.measuring == Some(key) {
            self.stop_measuring();
        }
    }

    fn stop_measuring(&mut self) {
        self.measuring = None;
        if let Some(rows) = &mut self.rows {
            rows.give_up();
        }
    }

    fn loaded(&mut self, key: Key, found: Vec<Environment>) -> Action {
        if self.loading != Some(key) {
            return Action::None;
        }
        self.loading = None;
        let rows = self.rows.get_or_insert_default();
        let before = self.list.cursor().and_then(|place| rows.at(place));
        let before = before.map(|row| row.environment.prefix.clone());
        rows.replace(found, &self.home);
        rows.search(&self.search);
        let cursor = self.wanted.take().or(before);
        let cursor = cursor.and_then(|prefix| rows.place_of(&prefix));
        self.list.set_cursor(cursor);
        if rows.all().is_empty() {
            return Action::None;
        }
        let prefixes = rows
            .all()
            .iter()
            .map(|row| row.environment.prefix.clone())
            .collect();
        let key = Key::fresh();
        self.measuring = Some(key);
        Action::Measure { key, prefixes }
    }

    fn listed(&mut self, event: virtual_list::Event) -> Action {
        match self.list.update(event, self.len()) {
            Outcome::ScrollTo(offset) => Action::Run(self.list.scroll_to(offset)),
            Outcome::Activate(place) => self.act(place, Deed::Packages),
            Outcome::Delete(place) => self.act(place, Deed::Remove),
            Outcome::Rename(place) => self.act(place, Deed::Rename),
            _ => Action::None,
        }
    }

    fn act(&self, place: usize, deed: Deed) -> Action {
        match self.row(place) {
            Some(row) if hindrance(&row.environment, deed).is_none() => {
                Action::Do(deed, row.environment.clone())
            }
            _ => Action::None,
        }
    }

    fn key(&mut self, intent: Intent) -> Action {
        match intent {
            Intent::Cancel if !self.search.is_empty() => {
                let cleared = match self.update(Message::SearchChanged(String::new())) {
                    Action::Run(task) => task,
                    _ => Task::none(),
                };
                Action::Run(Task::batch([cleared, operation::focus(SEARCH)]))
            }
            Intent::Down => self.enter_list(),
            Intent::Shortcut('f') => Action::Run(Task::batch([
                operation::focus(SEARCH),
                operation::select_all(SEARCH),
            ])),
            Intent::Shortcut('n') => Action::Create,
            _ => Action::None,
        }
    }

    /// From the search field to what it found.
    fn enter_list(&mut self) -> Action {
        if self.len() == 0 {
            return Action::None;
        }
        if self.list.cursor().is_none() {
            self.list.set_cursor(Some(0));
        }
        Action::Run(operation::focus(TABLE))
    }

    fn len(&self) -> usize {
        self.rows.as_ref().map_or(0, Rows::len)
    }

    fn row(&self, place: usize) -> Option<&Row> {
        self.rows.as_ref()?.at(place)
    }

    /// The names that are taken, for the dialogs that give one.
    pub fn taken(&self) -> Vec<String> {
        let rows = self.rows.iter().flat_map(rows::Rows::all);
        rows.filter_map(|row| row.environment.name.clone()).collect()
    }

    /// `is_connected` decides what an empty page suggests. The page fills its place and brings its own margins.
    pub fn view(&self, is_connected: bool) -> Element<'_, Message> {
        page::view(self, is_connected)
    }
}

#[cfg(test)]
mod tests;
