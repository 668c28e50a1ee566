//! The groups of the organisations: their members and packages, and changing them (seed 004, "Using groups to allow access to
//! private packages").

use super::deed::Deed;
use crate::error::Problem;
use crate::repository::{Member, Permission};
use crate::screen::Key;
use crate::service::access::{GroupShown, GroupSubject, OwnedByAccount};
use crate::ui::virtual_list::{self, ListState, Outcome};

/// The list.
pub const TABLE: &str = "access-groups";
/// The fields for a new member and a new package.
pub const MEMBER: &str = "access-member";
pub const PACKAGE: &str = "access-package";

#[derive(Debug, Clone)]
pub(super) struct Groups {
    pub content: Content,
    pub list: ListState,
    pub member: String,
    pub package: String,
    pub deed: Deed<GroupEdit>,
    /// Somebody is about to leave a group without a way back.
    pub asked: Option<GroupEdit>,
    /// The group to stand on once it is listed.
    wanted: Option<(String, String)>,
}

#[derive(Debug, Clone)]
pub(super) enum Content {
    /// Nobody has looked yet.
    Unread,
    Reading(Key),
    ReadingAgain(Key, Vec<GroupShown>),
    Failed(Problem),
    Read(Vec<GroupShown>),
}

/// Somebody or something goes into a group, or out of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupEdit {
    pub organization: String,
    pub group: String,
    pub subject: GroupSubject,
    pub is_in: bool,
}

impl GroupEdit {
    pub fn name(&self) -> &str {
        match &self.subject {
            GroupSubject::User(name) | GroupSubject::Package(name) => name,
        }
    }

    fn reversed(&self) -> Self {
        Self {
            is_in: !self.is_in,
            ..self.clone()
        }
    }
}

#[derive(Debug, Clone)]
pub enum Message {
    Read {
        key: Key,
        result: Result<Vec<GroupShown>, Problem>,
    },
    RetryPressed,
    List(virtual_list::Event),
    MemberTyped(String),
    AddMemberPressed,
    PackageTyped(String),
    AddPackagePressed,
    RemovePressed(GroupSubject),
    /// Take out, although there is no way back.
    NeverthelessPressed,
    KeepPressed,
    PutBackPressed,
    Changed {
        key: Key,
        result: Result<(), Problem>,
    },
    NewPressed,
    LookEnded,
}

/// What follows from a message.
#[derive(Debug)]
pub(super) enum Step {
    Nothing,
    Read(Key),
    Change {
        key: Key,
        edit: GroupEdit,
    },
    /// Ask for the name of a new group.
    New,
    ScrollTo(f32),
}

impl Groups {
    pub fn new() -> Self {
        Self {
            content: Content::Unread,
            list: ListState::new(TABLE),
            member: String::new(),
            package: String::new(),
            deed: Deed::Idle,
            asked: None,
            wanted: None,
        }
    }

    pub fn all(&self) -> &[GroupShown] {
        match &self.content {
            Content::Read(groups) | Content::ReadingAgain(_, groups) => groups,
            Content::Unread | Content::Reading(_) | Content::Failed(_) => &[],
        }
    }

    fn all_mut(&mut self) -> &mut [GroupShown] {
        match &mut self.content {
            Content::Read(groups) | Content::ReadingAgain(_, groups) => groups,
            Content::Unread | Content::Reading(_) | Content::Failed(_) => &mut [],
        }
    }

    pub fn selected(&self) -> Option<&GroupShown> {
        self.all().get(self.list.cursor()?)
    }

    /// Reads them for the first time, where it was not done.
    pub fn open(&mut self) -> Step {
        match self.content {
            Content::Unread => self.read(),
            _ => Step::Nothing,
        }
    }

    /// Reads them anew; what was read stays in sight.
    pub fn read(&mut self) -> Step {
        let key = Key::fresh();
        self.content = match std::mem::replace(&mut self.content, Content::Unread) {
            Content::Read(groups) | Content::ReadingAgain(_, groups) => Content::ReadingAgain(key, groups),
            Content::Unread | Content::Reading(_) | Content::Failed(_) => Content::Reading(key),
        };
        Step::Read(key)
    }

    /// The same, and then the cursor stands on this group.
    pub fn read_at(&mut self, organization: &str, name: &str) -> Step {
        self.wanted = Some((organization.to_owned(), name.to_owned()));
        self.read()
    }

    pub fn cancelled(&mut self, key: Key) {
        self.deed.cancelled(key);
        let content = std::mem::replace(&mut self.content, Content::Unread);
        self.content = match content {
            Content::Reading(own) if own == key => Content::Failed(Problem::new(
                crate::error::Kind::Cancelled,
                "reading the groups was cancelled",
            )),
            Content::ReadingAgain(own, groups) if own == key => Content::Read(groups),
            other => other,
        };
    }

    pub fn update(&mut self, message: Message, owned: &OwnedByAccount) -> Step {
        match message {
            Message::Read { key, result } => {
                self.take(key, result);
                Step::Nothing
            }
            Message::RetryPressed => self.read(),
            Message::List(event) => {
                let before = self.list.cursor();
                let outcome = self.list.update(event, self.all().len());
                if self.list.cursor() != before {
                    self.settle();
                }
                match outcome {
                    Outcome::ScrollTo(offset) => Step::ScrollTo(offset),
                    _ => Step::Nothing,
                }
            }
            Message::MemberTyped(name) => {
                self.member = name;
                Step::Nothing
            }
            Message::PackageTyped(name) => {
                self.package = name;
                Step::Nothing
            }
            Message::AddMemberPressed => {
                let name = self.member.trim().to_owned();
                self.put_in(name, GroupSubject::User)
            }
            Message::AddPackagePressed => {
                let name = self.package.trim().to_owned();
                self.put_in(name, GroupSubject::Package)
            }
            Message::RemovePressed(subject) => self.take_out(subject, owned),
            Message::NeverthelessPressed => match self.asked.take() {
                Some(edit) => self.change(edit),
                None => Step::Nothing,
            },
            Message::KeepPressed => {
                self.asked = None;
                Step::Nothing
            }
            Message::PutBackPressed => match &self.deed {
                Deed::Done(edit) => {
                    let edit = edit.reversed();
                    self.change(edit)
                }
                _ => Step::Nothing,
            },
            Message::Changed { key, result } => {
                if let Some(edit) = self.deed.ended(key, result) {
                    self.changed(&edit);
                }
                Step::Nothing
            }
            Message::NewPressed => Step::New,
            Message::LookEnded => {
                self.list.set_cursor(None);
                self.settle();
                Step::Nothing
            }
        }
    }

    fn settle(&mut self) {
        self.deed.forget();
        self.asked = None;
        self.member.clear();
        self.package.clear();
    }

    fn take(&mut self, key: Key, result: Result<Vec<GroupShown>, Problem>) {
        let is_awaited = matches!(
            self.content,
            Content::Reading(own) | Content::ReadingAgain(own, _) if own == key
        );
        if !is_awaited {
            return;
        }
        let name = |group: &GroupShown| (group.organization.clone(), group.name.clone());
        let wanted = self.wanted.take().or_else(|| self.selected().map(name));
        match result {
            Ok(groups) => {
                let place = wanted.and_then(|wanted| groups.iter().position(|group| name(group) == wanted));
                self.content = Content::Read(groups);
                self.list.set_cursor(place);
            }
            Err(problem) => self.content = Content::Failed(problem),
        }
    }

    fn put_in(&mut self, name: String, subject: fn(String) -> GroupSubject) -> Step {
        let Some(group) = self.selected() else {
            return Step::Nothing;
        };
        if name.is_empty() {
            return Step::Nothing;
        }
        let name = name
            .strip_prefix(&format!("{}/", group.organization))
            .map_or(name.clone(), str::to_owned);
        let edit = GroupEdit {
            organization: group.organization.clone(),
            group: group.name.clone(),
            subject: subject(name),
            is_in: true,
        };
        self.change(edit)
    }

    fn take_out(&mut self, subject: GroupSubject, owned: &OwnedByAccount) -> Step {
        let Some(group) = self.selected() else {
            return Step::Nothing;
        };
        let is_self = matches!(&subject, GroupSubject::User(user) if user.eq_ignore_ascii_case(&owned.login));
        // Who leaves the administrators cannot come back alone.
        let is_final = is_self && group.permission == Permission::Admin;
        let edit = GroupEdit {
            organization: group.organization.clone(),
            group: group.name.clone(),
            subject,
            is_in: false,
        };
        if is_final {
            self.asked = Some(edit);
            return Step::Nothing;
        }
        self.change(edit)
    }

    fn change(&mut self, edit: GroupEdit) -> Step {
        self.asked = None;
        match self.deed.begin(edit.clone()) {
            Some(key) => Step::Change { key, edit },
            None => Step::Nothing,
        }
    }

    /// The server has confirmed it: the list shows it without being asked for again.
    fn changed(&mut self, edit: &GroupEdit) {
        let (organization, group) = (&edit.organization, &edit.group);
        let found = self
            .all_mut()
            .iter_mut()
            .find(|one| one.organization == *organization && one.name == *group);
        if let Some(group) = found {
            match (&edit.subject, edit.is_in) {
                (GroupSubject::User(user), true) => {
                    if !group.members.iter().any(|member| member.login == *user) {
                        group.members.push(Member {
                            login: user.clone(),
                            name: None,
                        });
                    }
                }
                (GroupSubject::User(user), false) => group.members.retain(|member| member.login != *user),
                (GroupSubject::Package(package), true) => {
                    if !group.packages.contains(package) {
                        group.packages.push(package.clone());
                    }
                }
                (GroupSubject::Package(package), false) => group.packages.retain(|one| one != package),
            }
        }
        if edit.is_in {
            match edit.subject {
                GroupSubject::User(_) => self.member.clear(),
                GroupSubject::Package(_) => self.package.clear(),
            }
        }
    }
}
