//! The dialog in which a group of an organisation is made.

use iced::widget::column;

use crate::error::{Kind, Problem};
use crate::repository::Permission;
use crate::screen::attempt::Attempt;
use crate::screen::seat::Seat;
use crate::screen::{Key, shown};
use crate::secret::Secret;
use crate::service::connection::Service;
use crate::ui::form_field::FormField;
use crate::ui::modal::Dialog;
use crate::ui::pick::pick;
use crate::ui::segmented::segmented;
use crate::ui::style;
use crate::ui::{button, spacing, text};

/// The field, for focus and tests.
pub const NAME: &str = "group-name";

#[derive(Debug, Clone)]
pub struct NewGroup {
    seat: Seat,
    password: Option<Secret>,
    organizations: Vec<String>,
    /// The names that are given already, with their organisations.
    taken: Vec<(String, String)>,
    at: usize,
    name: String,
    permission: Choice,
    attempt: Attempt,
}

/// What its members may do. `Display` is the label.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    Read,
    Write,
    Admin,
}

impl Choice {
    const ALL: [Self; 3] = [Self::Read, Self::Write, Self::Admin];

    const fn permission(self) -> Permission {
        match self {
            Self::Read => Permission::Read,
            Self::Write => Permission::Write,
            Self::Admin => Permission::Admin,
        }
    }

    const fn meaning(self) -> &'static str {
        match self {
            Self::Read => "Its members see and download its packages.",
            Self::Write => "Its members see, download and upload its packages.",
            Self::Admin => "Its members may do everything with its packages, also decide who sees them.",
        }
    }
}

impl std::fmt::Display for Choice {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Read => "Read",
            Self::Write => "Write",
            Self::Admin => "Admin",
        })
    }
}

#[derive(Debug, Clone)]
pub enum Message {
    OrganizationChosen(usize),
    NameTyped(String),
    PermissionChosen(Choice),
    Submitted,
    CancelPressed,
    Ended { key: Key, result: Result<(), Problem> },
}

#[derive(Debug)]
pub enum Action {
    None,
    Create {
        key: Key,
        service: Service,
        organization: String,
        name: String,
        permission: Permission,
        password: Option<Secret>,
    },
    Abort(Key),
    Close,
    Created {
        organization: String,
        name: String,
    },
}

impl NewGroup {
    pub fn new(
        seat: Seat,
        password: Option<Secret>,
        organizations: Vec<String>,
        taken: Vec<(String, String)>,
    ) -> Self {
        Self {
            seat,
            password,
            organizations,
            taken,
            at: 0,
            name: String::new(),
            permission: Choice::Read,
            attempt: Attempt::Asking,
        }
    }

    fn organization(&self) -> &str {
        self.organizations.get(self.at).map_or("", String::as_str)
    }

    fn is_taken(&self) -> bool {
        let (organization, name) = (self.organization(), self.name.trim());
        self.taken
            .iter()
            .any(|(of, one)| of == organization && one == name)
    }

    fn can_submit(&self) -> bool {
        !self.attempt.is_running()
            && !self.name.trim().is_empty()
            && !self.organization().is_empty()
            && !self.is_taken()
    }

    pub fn update(&mut self, message: Message) -> Action {
        match message {
            Message::CancelPressed => match self.attempt.stop() {
                Some(key) => Action::Abort(key),
                None => Action::Close,
            },
            Message::Submitted if self.can_submit() => Action::Create {
                key: self.attempt.begin(),
                service: self.seat.service,
                organization: self.organization().to_owned(),
                name: self.name.trim().to_owned(),
                permission: self.permission.permission(),
                password: self.password.clone(),
            },
            Message::Submitted => Action::None,
            Message::Ended { key, result } => {
                if !self.attempt.awaits(key) {
                    return Action::None;
                }
                self.attempt = Attempt::Asking;
                match result {
                    Ok(()) => Action::Created {
                        organization: self.organization().to_owned(),
                        name: self.name.trim().to_owned(),
                    },
                    Err(problem) if problem.kind == Kind::Conflict => {
                        self.taken
                            .push((self.organization().to_owned(), self.name.trim().to_owned()));
                        Action::None
                    }
                    Err(problem) => {
                        self.attempt = Attempt::Failed(problem);
                        Action::None
                    }
                }
            }
            _ if self.attempt.is_running() => Action::None,
            Message::OrganizationChosen(at) => {
                self.at = at;
                self.attempt.settle();
                Action::None
            }
            Message::NameTyped(name) => {
                self.name = name;
                self.attempt.settle();
                Action::None
            }
            Message::PermissionChosen(permission) => {
                self.permission = permission;
                Action::None
            }
        }
    }

    pub fn view(&self) -> Dialog<'_, Message> {
        let organizations = self.organizations.iter().map(String::as_str);
        let organization = pick(organizations, self.at, Message::OrganizationChosen).id("group-organization");
        let mut name = FormField::new("analysts", &self.name)
            .label("Name")
            .id(NAME)
            .on_submit(Message::Submitted);
        if !self.attempt.is_running() {
            name = name.on_input(Message::NameTyped);
        }
        let name = match self.is_taken() {
            true => name.error(Some(format!(
                "{} has a group of this name already.",
                self.organization()
            ))),
            false => name,
        };
        let permission = segmented(Choice::ALL, self.permission, Message::PermissionChosen)
            .id("group-permission")
            .enabled(!self.attempt.is_running());
        let failed = self.attempt.failed().or_else(|| self.attempt.refused());
        let content = column![
            failed.map(|problem| iced::Element::from(shown::problem(problem))),
            column![text::small("Organisation"), organization].spacing(spacing::XS),
            name,
            column![
                text::small("Permission"),
                permission,
                text::small(self.permission.meaning()).style(style::muted)
            ]
            .spacing(spacing::XS),
        ]
        .spacing(spacing::L);
        let go = self.can_submit().then_some(Message::Submitted);
        let mut dialog = Dialog::new("new-group", "New group", content)
            .eyebrow(self.seat.label())
            .subtitle("Afterwards its permission is changed, and the group removed, only on the pages of the server.")
            .focus(NAME)
            .button(
                button::secondary("Cancel")
                    .id("group-cancel")
                    .on_press(Message::CancelPressed),
            )
            .button(
                button::primary("Create")
                    .id("group-go")
                    .on_press_maybe(go.clone()),
            )
            .on_close(Message::CancelPressed)
            .on_submit(go);
        if self.attempt.is_running() {
            dialog = dialog.aside(shown::working("Making the group"));
        }
        dialog
    }
}
