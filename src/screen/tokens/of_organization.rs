//! The dialog that revokes a token of an organisation by its name: no list of an account holds such tokens (repository
//! reference, section 1.2, A8).

use iced::widget::column;

use super::account::Desired;
use crate::error::{Kind, Problem};
use crate::screen::attempt::Attempt;
use crate::screen::{Key, shown};
use crate::secret::Secret;
use crate::service::connection::Service;
use crate::ui::form_field::FormField;
use crate::ui::modal::Dialog;
use crate::ui::pick::pick;
use crate::ui::{button, spacing, text};

/// The field, for focus and tests.
pub const NAME: &str = "organization-token-name";

#[derive(Debug, Clone)]
pub struct OfOrganization {
    desired: Desired,
    at: usize,
    name: String,
    attempt: Attempt,
}

#[derive(Debug, Clone)]
pub enum Message {
    OrganizationChosen(usize),
    NameTyped(String),
    RevokePressed,
    CancelPressed,
    Ended {
        key: Key,
        /// Whether it was there.
        result: Result<bool, Problem>,
    },
}

#[derive(Debug)]
pub enum Action {
    None,
    Revoke {
        key: Key,
        service: Service,
        organization: String,
        name: String,
        password: Option<Secret>,
    },
    Abort(Key),
    Close,
    Revoked,
}

impl OfOrganization {
    pub fn new(desired: Desired) -> Self {
        Self {
            desired,
            at: 0,
            name: String::new(),
            attempt: Attempt::Asking,
        }
    }

    fn organization(&self) -> &str {
        let organizations = &self.desired.account.organizations;
        organizations.get(self.at).map_or("", String::as_str)
    }

    fn can_revoke(&self) -> bool {
        !self.attempt.is_running() && !self.name.trim().is_empty()
    }

    pub fn update(&mut self, message: Message) -> Action {
        match message {
            Message::OrganizationChosen(at) => {
                self.at = at;
                self.attempt.settle();
                Action::None
            }
            Message::NameTyped(name) => {
                if !self.attempt.is_running() {
                    self.name = name;
                    self.attempt.settle();
                }
                Action::None
            }
            Message::RevokePressed if self.can_revoke() => Action::Revoke {
                key: self.attempt.begin(),
                service: self.desired.seat.service,
                organization: self.organization().to_owned(),
                name: self.name.trim().to_owned(),
                password: self.desired.password.clone(),
            },
            Message::RevokePressed => Action::None,
            Message::CancelPressed => match self.attempt.stop() {
                Some(key) => Action::Abort(key),
                None => Action::Close,
            },
            Message::Ended { key, result } if self.attempt.awaits(key) => {
                match result {
                    Ok(true) => return Action::Revoked,
                    Ok(false) => {
                        self.attempt = Attempt::Refused(Problem::new(
                            Kind::Usage,
                            format!("{} has no token of this name", self.organization()),
                        ));
                    }
                    Err(problem) => self.attempt = Attempt::Failed(problem),
                }
                Action::None
            }
            Message::Ended { .. } => Action::None,
        }
    }

    pub fn view(&self) -> Dialog<'_, Message> {
        let organizations = self.desired.account.organizations.iter().map(String::as_str);
        let choice = pick(organizations, self.at, Message::OrganizationChosen).id("organization-token-of");
        let mut field = FormField::new("ci", &self.name)
            .label("Name of the token")
            .id(NAME)
            .on_submit(Message::RevokePressed);
        if !self.attempt.is_running() {
            field = field.on_input(Message::NameTyped);
        }
        let field = match self.attempt.refused() {
            Some(problem) => field.error(Some(shown::sentence(&problem.message))),
            None => field.hint("Whoever uses it is refused from then on. It does not come back."),
        };
        let content = column![
            self.attempt.failed().map(shown::problem),
            column![text::small("Organisation"), choice].spacing(spacing::XS),
            field
        ]
        .spacing(spacing::L);
        let go = self.can_revoke().then_some(Message::RevokePressed);
        let mut dialog = Dialog::new("organization-token", "Revoke a token of an organisation", content)
            .eyebrow(self.desired.seat.label())
            .subtitle("The server lists such tokens for nobody. They are revoked by their names.")
            .focus(NAME)
            .button(
                button::secondary("Cancel")
                    .id("organization-token-cancel")
                    .on_press(Message::CancelPressed),
            )
            .button(
                button::primary("Revoke")
                    .id("organization-token-go")
                    .on_press_maybe(go),
            )
            .on_close(Message::CancelPressed);
        if self.attempt.is_running() {
            dialog = dialog.aside(shown::working("Revoking"));
        }
        dialog
    }
}
