//! The Login dialog of Anaconda.com and Anaconda.org, with a choice of ways.

use iced::widget::{Column, column, row};
use iced::{Center, Element, Task};

use super::attempt::Attempt;
use super::credentials::{self, Credentials};
use super::login::Ready;
use super::{Key, shown};
use crate::credential::Place;
use crate::error::Problem;
use crate::secret::Secret;
use crate::service::connection::Service;
use crate::ui::facts::{Fact, facts};
use crate::ui::icon::Icon;
use crate::ui::modal::Dialog;
use crate::ui::{button, spacing, text};

#[derive(Debug, Clone)]
pub struct AnacondaOrgLogin {
    credentials: Credentials,
    asks_password: bool,
    hint: Option<String>,
    /// Where secrets are kept.
    secrets: Place,
    state: Attempt,
}

#[derive(Debug, Clone)]
pub enum Message {
    BrowserPressed,
    DevicePressed,
    PasswordUnfolded,
    Credentials(credentials::Message),
    PasswordPressed,
    CancelPressed,
    Answered {
        key: Key,
        result: Result<Box<Ready>, Problem>,
    },
}

#[derive(Debug)]
pub enum Action {
    None,
    /// On to the sign-in in the browser, at Anaconda.com.
    Browser,
    /// On to the sign-in with a device code, at Anaconda.com.
    Device,
    /// Sign in to Anaconda.org.
    Password {
        key: Key,
        name: String,
        password: Secret,
    },
    Abort(Key),
    Close,
    Done(Box<Ready>),
    Run(Task<Message>),
}

impl AnacondaOrgLogin {
    /// `name` is that of the last sign-in with a password; it may be empty.
    pub fn new(name: String) -> Self {
        Self {
            credentials: Credentials::new(name).submitting(),
            asks_password: false,
            hint: None,
            secrets: Place::Keyring,
            state: Attempt::Asking,
        }
    }

    /// Says where secrets are kept, once that is known; until then it is taken for the keyring.
    #[must_use]
    pub fn keeping(mut self, secrets: Option<Place>) -> Self {
        self.secrets = secrets.unwrap_or(self.secrets);
        self
    }

    /// Shows published credentials: the practice server's.
    #[must_use]
    pub fn hinting(mut self, hint: Option<String>) -> Self {
        self.hint = hint;
        self
    }

    /// Anaconda.org refused name and password after all: it looks at them only when the token is made.
    pub fn refuse(&mut self, problem: Problem) -> Action {
        self.asks_password = true;
        self.state.fail(problem);
        match self.state.refused() {
            Some(_) => Action::Run(self.credentials.retype()),
            None => Action::None,
        }
    }

    pub fn update(&mut self, message: Message) -> Action {
        match message {
            Message::BrowserPressed if !self.state.is_running() => Action::Browser,
            Message::DevicePressed if !self.state.is_running() => Action::Device,
            Message::BrowserPressed | Message::DevicePressed => Action::None,
            Message::PasswordUnfolded => {
                self.asks_password = !self.asks_password;
                if self.asks_password {
                    Action::Run(iced::widget::operation::focus(self.credentials.first_empty()))
                } else {
                    self.credentials.forget_password();
                    Action::None
                }
            }
            Message::Credentials(credentials::Message::Submitted) | Message::PasswordPressed => {
                self.sign_in_with_password()
            }
            Message::Credentials(message) => {
                self.state.heed(self.credentials.update(message));
                Action::None
            }
            Message::CancelPressed => match self.state.stop() {
                Some(key) => Action::Abort(key),
                None => {
                    self.credentials.forget_password();
                    Action::Close
                }
            },
            Message::Answered { key, result } => self.answered(key, result),
        }
    }

    fn sign_in_with_password(&mut self) -> Action {
        if self.state.is_running() {
            return Action::None;
        }
        let Some((name, password)) = self.credentials.take() else {
            return Action::None;
        };
        let key = self.state.begin();
        Action::Password { key, name, password }
    }

    fn answered(&mut self, key: Key, result: Result<Box<Ready>, Problem>) -> Action {
        if !self.state.awaits(key) {
            return Action::None;
        }
        match result {
            Ok(ready) => {
                self.state = Attempt::Asking;
                Action::Done(ready)
            }
            Err(problem) => self.refuse(problem),
        }
    }

    pub fn view(&self) -> Dialog<'_, Message> {
        let kept = facts([
            Fact::new(
                "API key",
                format!(
                    "{}. It comes from the browser or the device code.",
                    shown::sentence(shown::kept_in(&self.secrets)).trim_end_matches('.')
                ),
            ),
            Fact::new(
                "Token",
                "In conda's token file, so that conda finds your private channels.",
            ),
            Fact::new("Password", "Not kept."),
        ]);
        let kept = column![text::small("What is kept on this computer"), kept].spacing(spacing::XS);
        let way = text::body("Your browser opens at anaconda.com, where you sign in as you always do.");
        let content: Column<'_, Message> = column![
            self.hint.as_deref().map(shown::hint),
            way,
            self.password_part(),
            self.state.failed().map(shown::problem),
            kept
        ];
        let content = content.spacing(spacing::L);
        let is_idle = !self.state.is_running();
        let dialog = Dialog::new("anaconda-org-login", "Sign in to Anaconda", content)
            .eyebrow(Service::AnacondaOrg.title())
            .subtitle("It can stay beside a repository.")
            .focus("anaconda-browser")
            .button(
                button::secondary("Cancel")
                    .id("anaconda-cancel")
                    .on_press(Message::CancelPressed),
            )
            .button(
                button::primary("Sign in with browser")
                    .id("anaconda-browser")
                    .on_press_maybe(is_idle.then_some(Message::BrowserPressed)),
            )
            .on_close(Message::CancelPressed)
            .on_submit(is_idle.then_some(Message::BrowserPressed));
        if is_idle {
            dialog.aside(
                button::link("Use a device code")
                    .flush()
                    .id("anaconda-device")
                    .on_press(Message::DevicePressed),
            )
        } else {
            dialog.aside(shown::working("Signing in"))
        }
    }

    fn password_part(&self) -> Element<'_, Message> {
        let icon = if self.asks_password {
            Icon::ChevronDown
        } else {
            Icon::ChevronRight
        };
        let fold = button::small_link("User name and password of Anaconda.org")
            .flush()
            .glyph(icon)
            .id("anaconda-fold")
            .on_press_maybe((!self.state.is_running()).then_some(Message::PasswordUnfolded));
        if !self.asks_password {
            return fold.into();
        }
        let is_idle = !self.state.is_running();
        let can_sign_in = is_idle && self.credentials.is_complete();
        let sign_in = button::secondary("Sign in with password")
            .id("anaconda-password")
            .on_press_maybe(can_sign_in.then_some(Message::PasswordPressed));
        let fields = self
            .credentials
            .view(is_idle, self.state.refused())
            .map(Message::Credentials);
        column![fold, fields, row![sign_in].align_y(Center)]
            .spacing(spacing::M)
            .into()
    }
}

#[cfg(test)]
#[path = "anaconda_org_login_tests.rs"]
mod tests;
