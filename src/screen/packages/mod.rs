//! The packages of an environment: what is installed, what could be, what a person has marked, and one package in detail.
//!
//! The parent answers [`Action::ReadInstalled`] with [`Message::InstalledRead`], [`Action::Compare`] with [`Message::Compared`],
//! [`Action::Search`] with [`Message::Found`], [`Action::ReadReleases`] with [`Message::ReleasesRead`] and
//! [`Action::Explain`] with [`Message::Explained`]. Answers carry the key of the question; what answers an older one is dropped.

mod basket;
pub mod basket_dialog;
pub mod change;
mod details;
mod looking;
mod marking;
mod page;
mod pane;
mod rows;
mod table;

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use iced::widget::operation;
use iced::{Element, Task};

use super::Key;
use super::package_index::IndexLine;
use crate::error::Problem;
use crate::package::Record;
use crate::ui::keyboard::Intent;
use crate::ui::tree_list;
use crate::ui::virtual_list::{self, ListState, Outcome};

pub use basket::{Basket, Choice, Mark};
use details::Details;
pub use details::{Reason, Section};
pub use rows::{Comparison, Found, Hit, Installed, Newest, Show};
use rows::{Row, Rows};

/// The search field, for focus and tests.
pub const SEARCH: &str = "packages-search";
/// The table.
pub const TABLE: &str = "packages";
/// As many hits of a search as anybody looks through.
pub const MOST_HITS: usize = 500;

/// Whose packages are shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Environment {
    /// As it is called.
    pub label: String,
    pub prefix: PathBuf,
    pub python: Option<String>,
    /// What stands against changing its packages.
    pub guard: Option<Guard>,
}

/// Why the packages of an environment cannot be changed, or should not, in a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Guard {
    Final(String),
    /// The person may say that it is to be done nevertheless.
    Frozen(String),
}

impl Guard {
    fn reason(&self) -> &str {
        match self {
            Self::Final(reason) | Self::Frozen(reason) => reason,
        }
    }
}

#[derive(Debug, Clone)]
pub struct Packages {
    environment: Environment,
    home: PathBuf,
    content: Content,
    rows: Rows,
    show: Show,
    search: String,
    searching: Option<Key>,
    comparing: Option<Key>,
    /// Why the index could not be searched.
    unsearched: Option<Problem>,
    list: ListState,
    basket: Basket,
    /// The person said that it is to be changed nevertheless.
    is_overridden: bool,
    details: Option<Box<Details>>,
    /// Which parts of the details are open; the same for every package.
    open: Vec<Section>,
    /// In a narrow window the details take the place of the table, once they are asked for.
    is_looking: bool,
}

#[derive(Debug, Clone)]
enum Content {
    Reading(Key),
    Read,
    Failed(Problem),
}

#[derive(Debug, Clone)]
pub enum Message {
    InstalledRead {
        key: Key,
        result: Result<Vec<Installed>, Problem>,
    },
    /// What the index says about the installed packages; nothing where there is no index.
    Compared {
        key: Key,
        newest: HashMap<String, Comparison>,
    },
    Found {
        key: Key,
        result: Result<Found, Problem>,
    },
    ReleasesRead {
        key: Key,
        result: Result<Vec<Record>, Problem>,
    },
    Explained {
        key: Key,
        result: Result<Vec<Reason>, Problem>,
    },
    SearchChanged(String),
    SearchSubmitted,
    ShowChosen(Show),
    List(virtual_list::Event),
    /// The box before a package: whether it is to be there.
    TickPressed(usize),
    /// The newer version of a package.
    UpdatePressed(usize),
    /// The same of the package that is looked at.
    MarkPressed(Mark),
    UpdateAllPressed,
    SectionPressed(Section),
    Tree(Section, tree_list::Event),
    LookPressed(usize),
    LookEnded,
    NeverthelessPressed,
    BasketPressed,
    ClearPressed,
    ApplyPressed,
    UpdateIndexPressed,
    /// How the update of the index is, or was.
    ShowIndexPressed,
    BackPressed,
    ReloadPressed,
    /// A key that no widget used.
    Key(Intent),
}

#[derive(Debug)]
pub enum Action {
    None,
    /// Read what the environment holds.
    ReadInstalled {
        key: Key,
        prefix: PathBuf,
    },
    /// Ask the index for the newest of what is installed: names with their versions.
    Compare {
        key: Key,
        installed: Vec<(String, String)>,
    },
    /// Search the index.
    Search {
        key: Key,
        text: String,
        most: usize,
    },
    /// Read all records of a package, the newest first.
    ReadReleases {
        key: Key,
        name: String,
    },
    /// Find out why a package is in the environment, or what needs it there.
    Explain {
        key: Key,
        prefix: PathBuf,
        name: String,
        is_why: bool,
    },
    /// Show what is marked.
    OpenBasket,
    /// Find out what applying the basket would do, and show it.
    Plan(Basket),
    /// Update the index, and show how far it is.
    UpdateIndex,
    /// Show how the update of the index is, or was.
    ShowIndex,
    /// Back to the environments.
    Back,
    Run(Task<Message>),
    All(Vec<Action>),
}

impl Packages {
    /// `basket` is what was marked when the page was left.
    pub fn new(environment: Environment, home: &Path, basket: Basket) -> (Self, Action) {
        let key = Key::fresh();
        let prefix = environment.prefix.clone();
        let screen = Self {
            environment,
            home: home.to_owned(),
            content: Content::Reading(key),
            rows: Rows::default(),
            show: Show::default(),
            search: String::new(),
            searching: None,
            comparing: None,
            unsearched: None,
            list: ListState::new(TABLE),
            basket,
            is_overridden: false,
            details: None,
            open: vec![Section::Versions],
            is_looking: false,
        };
        (screen, Action::ReadInstalled { key, prefix })
    }

    pub fn environment(&self) -> &Environment {
        &self.environment
    }

    pub fn basket(&self) -> &Basket {
        &self.basket
    }

    /// What was marked, changed elsewhere.
    pub fn set_basket(&mut self, basket: Basket) {
        self.basket = basket;
    }

    /// The environment was changed: reads it again, and what is looked at.
    pub fn reload(&mut self) -> Action {
        let key = Key::fresh();
        // What is shown stays until the answer is there.
        self.comparing = None;
        self.content = Content::Reading(key);
        Action::ReadInstalled {
            key,
            prefix: self.environment.prefix.clone(),
        }
    }

    /// The index is another one now.
    pub fn index_changed(&mut self) -> Action {
        let mut actions = vec![self.compare(), self.find()];
        actions.push(self.look_again());
        Action::All(actions)
    }

    pub fn update(&mut self, message: Message) -> Action {
        match message {
            Message::InstalledRead { key, result } => self.installed_read(key, result),
            Message::Compared { key, newest } => {
                if self.comparing == Some(key) {
                    self.comparing = None;
                    self.keeping_cursor(|rows| rows.compare(newest));
                }
                Action::None
            }
            Message::Found { key, result } => self.found(key, result),
            Message::ReleasesRead { key, result } => {
                if let Some(details) = &mut self.details {
                    details.released(key, result);
                }
                Action::None
            }
            Message::Explained { key, result } => {
                if let Some(details) = &mut self.details {
                    details.explained(key, result);
                }
                Action::None
            }
            Message::SearchChanged(search) => {
                self.search = search;
                self.rows.search(&self.search);
                let find = self.find();
                Action::All(vec![find, Action::Run(self.list.reset())])
            }
            Message::SearchSubmitted => self.enter_list(),
            Message::ShowChosen(show) => {
                self.show = show;
                self.rows.show(show);
                let find = self.find();
                Action::All(vec![find, Action::Run(self.list.reset())])
            }
            Message::List(event) => self.listed(event),
            Message::TickPressed(place) => {
                self.list.set_cursor(Some(place));
                self.tick(place);
                self.look_at(place)
            }
            Message::UpdatePressed(place) => {
                self.list.set_cursor(Some(place));
                self.mark_update(place);
                self.look_at(place)
            }
            Message::MarkPressed(mark) => {
                if let (Some(details), true) = (&self.details, self.can_change()) {
                    self.basket.toggle(&details.name, mark);
                }
                Action::None
            }
            Message::UpdateAllPressed => {
                if self.can_change() {
                    self.basket.update_everything(!self.basket.has_everything());
                }
                Action::None
            }
            Message::SectionPressed(section) => {
                match self.open.iter().position(|open| *open == section) {
                    Some(at) => {
                        self.open.remove(at);
                    }
                    None => self.open.push(section),
                }
                self.ask()
            }
            Message::Tree(section, event) => self.tree(section, event),
            Message::LookPressed(place) => {
                self.list.set_cursor(Some(place));
                self.is_looking = true;
                self.look_at(place)
            }
            Message::LookEnded => {
                self.is_looking = false;
                Action::Run(operation::focus(TABLE))
            }
            Message::BasketPressed if !self.basket.is_empty() => Action::OpenBasket,
            Message::NeverthelessPressed => {
                self.is_overridden = matches!(self.environment.guard, Some(Guard::Frozen(_)));
                Action::None
            }
            Message::ClearPressed => {
                self.basket.clear();
                Action::None
            }
            Message::ApplyPressed if self.can_apply() => Action::Plan(self.basket.clone()),
            Message::BasketPressed | Message::ApplyPressed => Action::None,
            Message::UpdateIndexPressed => Action::UpdateIndex,
            Message::ShowIndexPressed => Action::ShowIndex,
            Message::BackPressed => Action::Back,
            Message::ReloadPressed => self.reload(),
            Message::Key(intent) => self.key(intent),
        }
    }

    fn installed_read(&mut self, key: Key, result: Result<Vec<Installed>, Problem>) -> Action {
        if !matches!(self.content, Content::Reading(own) if own == key) {
            return Action::None;
        }
        match result {
            Ok(packages) => {
                self.content = Content::Read;
                let mut is_other = false;
                self.keeping_cursor(|rows| is_other = rows.install(packages));
                if !is_other {
                    return Action::None;
                }
                let rows = &self.rows;
                self.basket.settle(|name| rows.get(name).is_some());
                Action::All(vec![self.compare(), self.look_again()])
            }
            Err(problem) => {
                self.content = Content::Failed(problem);
                Action::None
            }
        }
    }

    fn found(&mut self, key: Key, result: Result<Found, Problem>) -> Action {
        if self.searching != Some(key) {
            return Action::None;
        }
        self.searching = None;
        match result {
            Ok(found) => {
                self.unsearched = None;
                self.keeping_cursor(|rows| rows.find(found));
            }
            Err(problem) => {
                self.unsearched = Some(problem);
                self.rows.find(Found::default());
            }
        }
        Action::None
    }

    /// Work was cancelled from outside: nothing of it is waited for any more.
    pub fn cancelled(&mut self, key: Key) {
        if matches!(self.content, Content::Reading(own) if own == key) {
            self.content = Content::Read;
        }
        self.searching = self.searching.filter(|own| *own != key);
        self.comparing = self.comparing.filter(|own| *own != key);
        if let Some(details) = &mut self.details {
            details.cancelled(key);
        }
    }

    /// Rows may move; the cursor stays with its package.
    fn keeping_cursor(&mut self, change: impl FnOnce(&mut Rows)) {
        let name = self.list.cursor().and_then(|place| self.rows.at(place));
        let name = name.map(|row| row.name.clone());
        change(&mut self.rows);
        self.list
            .set_cursor(name.and_then(|name| self.rows.place_of(&name)));
    }

    fn compare(&mut self) -> Action {
        let installed = self.rows.installed().iter();
        let installed: Vec<(String, String)> = installed
            .map(|row| (row.name.clone(), row.version().to_owned()))
            .collect();
        if installed.is_empty() {
            return Action::None;
        }
        let key = Key::fresh();
        self.comparing = Some(key);
        Action::Compare { key, installed }
    }

    /// Searches the index, where it is shown.
    fn find(&mut self) -> Action {
        if !self.show.is_of_index() {
            self.searching = None;
            return Action::None;
        }
        let key = Key::fresh();
        self.searching = Some(key);
        // What is installed is left out of what is not.
        let most = match self.show {
            Show::NotInstalled => MOST_HITS + self.rows.installed().len(),
            _ => MOST_HITS,
        };
        Action::Search {
            key,
            text: self.search.trim().to_owned(),
            most,
        }
    }

    fn listed(&mut self, event: virtual_list::Event) -> Action {
        let before = self.list.cursor();
        let outcome = self.list.update(event, self.rows.len());
        let action = match outcome {
            Outcome::ScrollTo(offset) => Action::Run(self.list.scroll_to(offset)),
            Outcome::Toggle(place) => {
                self.tick(place);
                Action::None
            }
            Outcome::ToggleOther(place) => {
                self.mark_update(place);
                Action::None
            }
            Outcome::Delete(place) => {
                let row = self.rows.at(place).filter(|row| row.installed.is_some());
                if let Some(row) = row.filter(|row| self.can_mark(row)) {
                    self.basket.toggle(&row.name, Mark::Remove);
                }
                Action::None
            }
            Outcome::Activate(_) => {
                self.is_looking = true;
                Action::None
            }
            _ => Action::None,
        };
        match self.list.cursor() {
            Some(place) if self.list.cursor() != before || self.details.is_none() => {
                let look = self.look_at(place);
                Action::All(vec![action, look])
            }
            _ => action,
        }
    }

    fn key(&mut self, intent: Intent) -> Action {
        match intent {
            Intent::Cancel if self.is_looking => self.update(Message::LookEnded),
            Intent::Cancel if !self.search.is_empty() => {
                let cleared = self.update(Message::SearchChanged(String::new()));
                Action::All(vec![cleared, Action::Run(operation::focus(SEARCH))])
            }
            Intent::Cancel => Action::Back,
            Intent::Down => self.enter_list(),
            Intent::Shortcut('f') => Action::Run(Task::batch([
                operation::focus(SEARCH),
                operation::select_all(SEARCH),
            ])),
            _ => Action::None,
        }
    }

    /// From the search field to what it found.
    fn enter_list(&mut self) -> Action {
        if self.rows.len() == 0 {
            return Action::None;
        }
        let place = self.list.cursor().unwrap_or_default();
        self.list.set_cursor(Some(place));
        let look = self.look_at(place);
        Action::All(vec![Action::Run(operation::focus(TABLE)), look])
    }

    fn row(&self, place: usize) -> Option<&Row> {
        self.rows.at(place)
    }

    /// The page fills its place and brings its own margins.
    pub fn view<'a>(&'a self, index: &'a IndexLine) -> Element<'a, Message> {
        page::view(self, index)
    }
}

#[cfg(test)]
mod tests;
