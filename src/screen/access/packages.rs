//! The packages of the account and its organisations: which are shown, which are chosen, and who can see one of them.

use std::collections::BTreeSet;

use iced::Task;
use iced::widget::operation;

use super::deed::Deed;
use crate::error::Problem;
use crate::repository::{OwnedPackage, PackageKind, Visibility};
use crate::screen::Key;
use crate::service::access::{OwnedByAccount, PackageReference, Viewers};
use crate::ui::keyboard::Intent;
use crate::ui::virtual_list::{self, ListState, Outcome};

/// The search field, for focus and tests.
pub const SEARCH: &str = "access-search";
/// The list.
pub const TABLE: &str = "access-packages";
/// The field for a new collaborator.
pub const COLLABORATOR: &str = "access-collaborator";

/// Which kinds are shown. `Display` is the label (seed 004: "Under Filters, in the Type list, select All").
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Show {
    #[default]
    All,
    Conda,
    Python,
    Notebooks,
    Environments,
}

impl Show {
    pub const ALL: [Self; 5] = [
        Self::All,
        Self::Conda,
        Self::Python,
        Self::Notebooks,
        Self::Environments,
    ];

    fn takes(self, package: &OwnedPackage) -> bool {
        let kind = match self {
            Self::All => return true,
            Self::Conda => PackageKind::Conda,
            Self::Python => PackageKind::Pypi,
            Self::Notebooks => PackageKind::Notebook,
            Self::Environments => PackageKind::Environment,
        };
        package.kinds.contains(&kind)
    }
}

impl std::fmt::Display for Show {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::All => "All",
            Self::Conda => "conda",
            Self::Python => "Python",
            Self::Notebooks => "Notebooks",
            Self::Environments => "Environments",
        })
    }
}

/// What tells a package from the others: owner and name.
pub(super) type Identity = (String, String);

pub(super) fn identity(package: &OwnedPackage) -> Identity {
    (package.owner.clone(), package.name.clone())
}

#[derive(Debug, Clone)]
pub(super) struct Packages {
    pub search: String,
    pub show: Show,
    pub list: ListState,
    pub ticked: BTreeSet<Identity>,
    /// Places within the packages, in the order of the list.
    pub shown: Vec<usize>,
    pub look: Option<Look>,
}

/// Who can see one package.
#[derive(Debug, Clone)]
pub(super) struct Look {
    pub of: Identity,
    pub state: LookState,
    /// The collaborator to be added.
    pub user: String,
    pub deed: Deed<CollaboratorEdit>,
}

#[derive(Debug, Clone)]
pub(super) enum LookState {
    Asking(Key),
    Failed(Problem),
    Known(Box<Viewers>),
}

/// Somebody becomes a collaborator of a package, or is one no longer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CollaboratorEdit {
    pub of: (String, String),
    pub user: String,
    pub is_one: bool,
}

#[derive(Debug, Clone)]
pub enum Message {
    SearchChanged(String),
    SearchSubmitted,
    ShowChosen(Show),
    List(virtual_list::Event),
    TickPressed(usize),
    ClearPressed,
    /// Look at who can see the package under the cursor.
    LookPressed,
    LookEnded,
    Looked {
        key: Key,
        result: Result<Box<Viewers>, Problem>,
    },
    CollaboratorTyped(String),
    AddPressed,
    RemovePressed(String),
    PutBackPressed,
    CollaboratorSet {
        key: Key,
        result: Result<(), Problem>,
    },
    ChangePressed,
    PagePressed,
}

/// What follows from a message.
#[derive(Debug)]
pub(super) enum Step {
    Nothing,
    Look {
        key: Key,
        package: PackageReference,
        /// The question that it takes the place of.
        instead: Option<Key>,
    },
    SetCollaborator {
        key: Key,
        edit: CollaboratorEdit,
    },
    /// Ask who may see these.
    Change(Vec<OwnedPackage>),
    /// The page of this package, where its access is set.
    OpenPage(PackageReference),
    Run(Task<Message>),
}

impl Packages {
    pub fn new() -> Self {
        Self {
            search: String::new(),
            show: Show::All,
            list: ListState::new(TABLE),
            ticked: BTreeSet::new(),
            shown: Vec::new(),
            look: None,
        }
    }

    /// The account was read anew.
    pub fn read(&mut self, before: Option<Identity>, owned: &OwnedByAccount) {
        let there: BTreeSet<Identity> = owned.packages.iter().map(identity).collect();
        self.ticked.retain(|ticked| there.contains(ticked));
        if self.look.as_ref().is_some_and(|look| !there.contains(&look.of)) {
            self.look = None;
        }
        self.filter(owned);
        let place = before.and_then(|before| {
            self.shown.iter().position(|place| {
                owned
                    .packages
                    .get(*place)
                    .is_some_and(|one| identity(one) == before)
            })
        });
        self.list.set_cursor(place);
    }

    fn filter(&mut self, owned: &OwnedByAccount) {
        let search = self.search.trim().to_lowercase();
        let fits = |package: &OwnedPackage| {
            self.show.takes(package)
                && (search.is_empty()
                    || format!("{}/{}", package.owner, package.name)
                        .to_lowercase()
                        .contains(&search)
                    || package
                        .summary
                        .as_ref()
                        .is_some_and(|summary| summary.to_lowercase().contains(&search)))
        };
        let all = owned.packages.iter().enumerate();
        self.shown = all
            .filter(|(_, package)| fits(package))
            .map(|(place, _)| place)
            .collect();
    }

    pub fn package<'a>(&self, owned: &'a OwnedByAccount, place: usize) -> Option<&'a OwnedPackage> {
        owned.packages.get(*self.shown.get(place)?)
    }

    pub fn selected<'a>(&self, owned: &'a OwnedByAccount) -> Option<&'a OwnedPackage> {
        self.package(owned, self.list.cursor()?)
    }

    pub fn cancelled(&mut self, key: Key) {
        if let Some(look) = &mut self.look {
            look.deed.cancelled(key);
            if matches!(look.state, LookState::Asking(own) if own == key) {
                self.look = None;
            }
        }
    }

    pub fn update(&mut self, message: Message, owned: &OwnedByAccount) -> Step {
        match message {
            Message::SearchChanged(search) => {
                self.search = search;
                self.filter(owned);
                Step::Run(self.list.reset())
            }
            Message::SearchSubmitted => self.enter_list(),
            Message::ShowChosen(show) => {
                self.show = show;
                self.filter(owned);
                Step::Run(self.list.reset())
            }
            Message::List(event) => self.listed(event, owned),
            Message::TickPressed(place) => self.tick(place, owned),
            Message::ClearPressed => {
                self.ticked.clear();
                Step::Nothing
            }
            Message::LookPressed => self.look(owned),
            Message::LookEnded => {
                self.look = None;
                Step::Nothing
            }
            Message::Looked { key, result } => {
                if let Some(look) = &mut self.look
                    && matches!(look.state, LookState::Asking(own) if own == key)
                {
                    look.state = match result {
                        Ok(viewers) => LookState::Known(viewers),
                        Err(problem) => LookState::Failed(problem),
                    };
                }
                Step::Nothing
            }
            Message::CollaboratorTyped(user) => {
                if let Some(look) = &mut self.look {
                    look.user = user;
                }
                Step::Nothing
            }
            Message::AddPressed => {
                let user = self.look.as_ref().map(|look| look.user.trim().to_owned());
                self.set(user.unwrap_or_default(), true)
            }
            Message::RemovePressed(user) => self.set(user, false),
            Message::PutBackPressed => match self.look.as_ref().map(|look| &look.deed) {
                Some(Deed::Done(edit)) => {
                    let (user, is_one) = (edit.user.clone(), !edit.is_one);
                    self.set(user, is_one)
                }
                _ => Step::Nothing,
            },
            Message::CollaboratorSet { key, result } => {
                let done = self.look.as_mut().and_then(|look| look.deed.ended(key, result));
                match done {
                    // The reasons of others may have changed with it.
                    Some(edit) => {
                        if let Some(look) = &mut self.look
                            && edit.is_one
                        {
                            look.user.clear();
                        }
                        self.look_again()
                    }
                    None => Step::Nothing,
                }
            }
            Message::ChangePressed => {
                let chosen = self.chosen(owned);
                match chosen.is_empty() {
                    true => Step::Nothing,
                    false => Step::Change(chosen),
                }
            }
            Message::PagePressed => match self.selected(owned) {
                Some(package) => Step::OpenPage(reference(&identity(package))),
                None => Step::Nothing,
            },
        }
    }

    /// The ticked ones; without any, the one under the cursor.
    fn chosen(&self, owned: &OwnedByAccount) -> Vec<OwnedPackage> {
        let all = owned.packages.iter();
        let ticked: Vec<OwnedPackage> = all
            .filter(|package| self.ticked.contains(&identity(package)))
            .cloned()
            .collect();
        match ticked.is_empty() {
            false => ticked,
            true => self.selected(owned).cloned().into_iter().collect(),
        }
    }

    fn tick(&mut self, place: usize, owned: &OwnedByAccount) -> Step {
        if let Some(package) = self.package(owned, place) {
            let ticked = identity(package);
            if !self.ticked.remove(&ticked) {
                self.ticked.insert(ticked);
            }
        }
        Step::Nothing
    }

    fn listed(&mut self, event: virtual_list::Event, owned: &OwnedByAccount) -> Step {
        let is_press = matches!(event, virtual_list::Event::Pressed(_));
        match self.list.update(event, self.shown.len()) {
            Outcome::ScrollTo(offset) => Step::Run(self.list.scroll_to(offset)),
            Outcome::Toggle(place) => self.tick(place, owned),
            Outcome::Activate(_) => self.look(owned),
            // A press shows; the arrow keys only pass by, and every look asks the server.
            Outcome::Nothing if is_press => self.look(owned),
            _ => Step::Nothing,
        }
    }

    fn look(&mut self, owned: &OwnedByAccount) -> Step {
        let Some(package) = self.selected(owned) else {
            return Step::Nothing;
        };
        let of = identity(package);
        let is_there = self
            .look
            .as_ref()
            .is_some_and(|look| look.of == of && !matches!(look.state, LookState::Failed(_)));
        if is_there {
            return Step::Nothing;
        }
        let instead = self.look.as_ref().and_then(|look| match look.state {
            LookState::Asking(key) => Some(key),
            LookState::Failed(_) | LookState::Known(_) => None,
        });
        let key = Key::fresh();
        let package = reference(&of);
        self.look = Some(Look {
            of,
            state: LookState::Asking(key),
            user: String::new(),
            deed: Deed::Idle,
        });
        Step::Look {
            key,
            package,
            instead,
        }
    }

    /// Reads the same once more; what was done stays said.
    pub fn look_again(&mut self) -> Step {
        let Some(look) = &mut self.look else {
            return Step::Nothing;
        };
        let key = Key::fresh();
        look.state = LookState::Asking(key);
        Step::Look {
            key,
            package: reference(&look.of),
            instead: None,
        }
    }

    fn set(&mut self, user: String, is_one: bool) -> Step {
        let Some(look) = &mut self.look else {
            return Step::Nothing;
        };
        if user.is_empty() {
            return Step::Nothing;
        }
        let edit = CollaboratorEdit {
            of: look.of.clone(),
            user,
            is_one,
        };
        match look.deed.begin(edit.clone()) {
            Some(key) => Step::SetCollaborator { key, edit },
            None => Step::Nothing,
        }
    }

    pub fn key(&mut self, intent: Intent, owned: &OwnedByAccount) -> Step {
        match intent {
            Intent::Cancel if !self.search.is_empty() => {
                self.search.clear();
                self.filter(owned);
                Step::Run(Task::batch([self.list.reset(), operation::focus(SEARCH)]))
            }
            Intent::Cancel => {
                self.look = None;
                Step::Nothing
            }
            Intent::Down => self.enter_list(),
            Intent::Shortcut('f') => Step::Run(Task::batch([
                operation::focus(SEARCH),
                operation::select_all(SEARCH),
            ])),
            _ => Step::Nothing,
        }
    }

    /// From the search field to what it found.
    fn enter_list(&mut self) -> Step {
        if self.shown.is_empty() {
            return Step::Nothing;
        }
        if self.list.cursor().is_none() {
            self.list.set_cursor(Some(0));
        }
        Step::Run(operation::focus(TABLE))
    }
}

pub(super) fn reference((owner, name): &Identity) -> PackageReference {
    PackageReference {
        owner: Some(owner.clone()),
        name: name.clone(),
    }
}

/// How an access is called, and in one sentence what it means.
pub(super) const fn meaning(access: Visibility) -> (&'static str, &'static str) {
    match access {
        Visibility::Public => (
            "Public",
            "Anyone who reaches the repository sees and downloads it.",
        ),
        Visibility::Authenticated => ("Logged in", "Anyone who is logged in sees and downloads it."),
        Visibility::Private => (
            "Private",
            "Only the owner, groups that have it and collaborators see it, and whoever holds a token for the owner's packages.",
        ),
    }
}
