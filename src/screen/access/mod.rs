//! The Access page: the packages of an account and its organisations, who may see them and why, and the groups through which
//! people see them (seed 004).
//!
//! The parent answers [`Action::Read`], [`Action::Look`], [`Action::ReadGroups`] and the changes with the message that bears
//! their key; what answers an older one is dropped.

mod deed;
pub mod dialog;
mod groups;
mod groups_view;
pub mod new_group;
mod packages;
mod page;
mod pane;
pub mod set_access;
mod table;

use iced::{Element, Task};

use super::Key;
use super::desk::{self, Desk, Heard, Ids, Question};
use super::seat::Seat;
use crate::error::Problem;
use crate::repository::OwnedPackage;
use crate::secret::Secret;
use crate::service::access::{OwnedByAccount, PackageReference};
use crate::service::connection::Service;
use crate::ui::keyboard::Intent;

pub use groups::{GroupEdit, MEMBER, Message as GroupsMessage, PACKAGE, TABLE as GROUPS};
pub use packages::{COLLABORATOR, CollaboratorEdit, Message as PackagesMessage, SEARCH, Show, TABLE};

use groups::Groups;
use packages::Packages;

const IDS: Ids = Ids {
    password: "access-password",
    reveal: "access-reveal",
    go: "access-go",
    retry: "access-retry",
    seat: "access-seat",
};

#[derive(Debug, Clone)]
pub struct Access {
    desk: Desk<OwnedByAccount>,
    /// Signed in to something that decides about whole channels.
    elsewhere: Option<Seat>,
    part: Part,
    packages: Packages,
    groups: Groups,
}

/// The two sides of the page. `Display` is the label.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    Packages,
    Groups,
}

impl std::fmt::Display for Part {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Packages => "Packages",
            Self::Groups => "Groups",
        })
    }
}

#[derive(Debug, Clone)]
pub enum Message {
    Desk(desk::Message),
    Read {
        key: Key,
        result: Result<Box<OwnedByAccount>, Problem>,
    },
    PartChosen(Part),
    RefreshPressed,
    ConnectPressed,
    ElsewherePressed,
    Packages(PackagesMessage),
    Groups(GroupsMessage),
    /// A key that no widget used.
    Key(Intent),
}

/// As whom the server is asked.
#[derive(Debug, Clone)]
pub struct Person {
    pub service: Service,
    pub password: Option<Secret>,
}

#[derive(Debug)]
pub enum Action {
    None,
    Read(Question),
    ReadGroups {
        key: Key,
        person: Person,
    },
    /// Who can see a package, and why. The question that it takes the place of is waited for no longer.
    Look {
        key: Key,
        person: Person,
        package: PackageReference,
        instead: Option<Key>,
    },
    SetCollaborator {
        key: Key,
        person: Person,
        edit: CollaboratorEdit,
    },
    ChangeGroup {
        key: Key,
        person: Person,
        edit: GroupEdit,
    },
    /// Ask who may see these.
    AskAccess {
        seat: Seat,
        password: Option<Secret>,
        packages: Vec<OwnedPackage>,
    },
    AskGroup {
        seat: Seat,
        password: Option<Secret>,
        organizations: Vec<String>,
        /// Organisation and name of those that are there.
        taken: Vec<(String, String)>,
    },
    OpenPage {
        service: Service,
        package: PackageReference,
    },
    OpenPages(Seat),
    Connect,
    All(Vec<Action>),
    Run(Task<Message>),
}

impl Access {
    /// `seats` are accounts that own packages; `elsewhere` is a service that has none, where this machine is signed in to
    /// one.
    pub fn new(seats: Vec<Seat>, elsewhere: Option<Seat>) -> (Self, Action) {
        let (desk, question) = Desk::new(IDS, seats);
        let access = Self {
            desk,
            elsewhere,
            part: Part::Packages,
            packages: Packages::new(),
            groups: Groups::new(),
        };
        (access, question.map_or(Action::None, Action::Read))
    }

    /// Whether the account is one of a repository, and not one beside it.
    pub fn asks_repository(&self) -> bool {
        self.desk.seat().is_some_and(|seat| seat.service.is_repository())
    }

    /// Sign-ins may have changed: everything is read anew, what was read stays in sight.
    pub fn reload(&mut self, seats: Vec<Seat>, elsewhere: Option<Seat>) -> Action {
        self.desk.with_seats(seats);
        self.elsewhere = elsewhere;
        self.refresh()
    }

    pub fn refresh(&mut self) -> Action {
        if self.desk.is_reading() {
            return Action::None;
        }
        let read = self.desk.ask_again().map_or(Action::None, Action::Read);
        let groups = match self.part {
            Part::Groups if self.desk.value().is_some() => {
                let step = self.groups.read();
                self.of_groups(step)
            }
            _ => Action::None,
        };
        Action::All(vec![read, groups])
    }

    /// A group was made.
    pub fn group_created(&mut self, organization: &str, name: &str) -> Action {
        let step = self.groups.read_at(organization, name);
        self.of_groups(step)
    }

    pub fn cancelled(&mut self, key: Key) {
        self.desk.cancelled(key);
        self.packages.cancelled(key);
        self.groups.cancelled(key);
    }

    pub fn update(&mut self, message: Message) -> Action {
        match message {
            Message::Desk(message) => {
                if matches!(message, desk::Message::SeatChosen(_)) {
                    self.packages = Packages::new();
                    self.groups = Groups::new();
                }
                self.desk.update(message).map_or(Action::None, Action::Read)
            }
            Message::Read { key, result } => self.read(key, result),
            Message::PartChosen(part) => {
                self.part = part;
                self.open_part()
            }
            Message::RefreshPressed => self.refresh(),
            Message::ConnectPressed => Action::Connect,
            Message::ElsewherePressed => self.elsewhere.clone().map_or(Action::None, Action::OpenPages),
            Message::Packages(message) => {
                let Some(owned) = self.desk.value() else {
                    return Action::None;
                };
                let step = self.packages.update(message, owned);
                self.of_packages(step)
            }
            Message::Groups(message) => {
                let Some(owned) = self.desk.value() else {
                    return Action::None;
                };
                let step = self.groups.update(message, owned);
                self.of_groups(step)
            }
            Message::Key(intent) => {
                let (Some(owned), Part::Packages) = (self.desk.value(), self.part) else {
                    return Action::None;
                };
                let step = self.packages.key(intent, owned);
                self.of_packages(step)
            }
        }
    }

    fn read(&mut self, key: Key, result: Result<Box<OwnedByAccount>, Problem>) -> Action {
        let before = self
            .desk
            .value()
            .and_then(|owned| self.packages.selected(owned))
            .map(packages::identity);
        match self.desk.answered(key, result.map(|owned| *owned)) {
            Heard::Read => {}
            Heard::Asks => return Action::Run(self.desk.focus()),
            Heard::Nothing | Heard::Failed => return Action::None,
        }
        if let Some(owned) = self.desk.value() {
            self.packages.read(before, owned);
        }
        let look = self.packages.look_again();
        let look = self.of_packages(look);
        let part = self.open_part();
        Action::All(vec![look, part])
    }

    fn open_part(&mut self) -> Action {
        if self.part == Part::Packages || self.desk.value().is_none() {
            return Action::None;
        }
        let step = self.groups.open();
        self.of_groups(step)
    }

    fn person(&self) -> Option<Person> {
        Some(Person {
            service: self.desk.seat()?.service,
            password: self.desk.password(),
        })
    }

    fn of_packages(&self, step: packages::Step) -> Action {
        use packages::Step;

        let (Some(person), Some(seat)) = (self.person(), self.desk.seat()) else {
            return Action::None;
        };
        match step {
            Step::Nothing => Action::None,
            Step::Look {
                key,
                package,
                instead,
            } => Action::Look {
                key,
                person,
                package,
                instead,
            },
            Step::SetCollaborator { key, edit } => Action::SetCollaborator { key, person, edit },
            Step::Change(packages) => Action::AskAccess {
                seat: seat.clone(),
                password: person.password,
                packages,
            },
            Step::OpenPage(package) => Action::OpenPage {
                service: person.service,
                package,
            },
            Step::Run(task) => Action::Run(task.map(Message::Packages)),
        }
    }

    fn of_groups(&mut self, step: groups::Step) -> Action {
        use groups::Step;

        let (Some(person), Some(seat)) = (self.person(), self.desk.seat()) else {
            return Action::None;
        };
        match step {
            Step::Nothing => Action::None,
            Step::Read(key) => Action::ReadGroups { key, person },
            Step::Change { key, edit } => Action::ChangeGroup { key, person, edit },
            Step::New => Action::AskGroup {
                seat: seat.clone(),
                password: person.password,
                organizations: self
                    .desk
                    .value()
                    .map_or_else(Vec::new, |owned| owned.organizations.clone()),
                taken: self
                    .groups
                    .all()
                    .iter()
                    .map(|group| (group.organization.clone(), group.name.clone()))
                    .collect(),
            },
            Step::ScrollTo(offset) => Action::Run(self.groups.list.scroll_to(offset)),
        }
    }

    /// The page fills its place and brings its own margins.
    pub fn view(&self) -> Element<'_, Message> {
        page::view(self)
    }
}

#[cfg(test)]
mod tests;
