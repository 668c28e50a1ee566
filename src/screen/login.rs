//! The Login dialog: user name and password for a domain.

use iced::widget::{Column, column, row};
use iced::{Center, Task};

use super::typed::Typed;
use super::{Key, SERVER, shown};
use crate::error::{Kind, Problem};
use crate::repository::Domain;
use crate::secret::Secret;
use crate::service::plan::Plan;
use crate::service::sign_in::LoggedIn;
use crate::ui::banner::Banner;
use crate::ui::form_field::FormField;
use crate::ui::modal::Dialog;
use crate::ui::style::{self, Tone};
use crate::ui::{button, spacing, text};

const NAME: &str = "user-name";
const PASSWORD: &str = "password";

#[derive(Debug, Clone)]
pub struct Login {
    domain: Domain,
    /// What is known about the server.
    facts: String,
    /// Published credentials: the practice server's.
    hint: Option<String>,
    name: String,
    password: Typed,
    is_revealed: bool,
    caps_lock: bool,
    state: State,
}

#[derive(Debug, Clone)]
enum State {
    Asking,
    Running(Key),
    /// The server refused name and password.
    Refused(Problem),
    Failed(Problem),
}

/// Accepted credentials, and what signing in with them will change.
#[derive(Debug, Clone)]
pub struct Ready {
    pub login: LoggedIn,
    pub plan: Plan,
}

#[derive(Debug, Clone)]
pub enum Message {
    NameTyped(String),
    PasswordTyped(Typed),
    RevealToggled,
    CapsLock(bool),
    LoginPressed,
    SsoPressed,
    ChangePressed,
    CancelPressed,
    Answered {
        key: Key,
        result: Result<Box<Ready>, Problem>,
    },
}

#[derive(Debug)]
pub enum Action {
    None,
    LogIn {
        key: Key,
        domain: Domain,
        name: String,
        password: Secret,
    },
    /// Sign in in the browser, where the organisation asks for whatever it wants.
    SignInWithSso {
        domain: Domain,
    },
    Abort(Key),
    /// Back to the domain.
    Change,
    Close,
    Done(Box<Ready>),
    Run(Task<Message>),
}

impl Login {
    /// `name` may be empty.
    pub fn new(domain: Domain, facts: String, name: String, hint: Option<String>) -> Self {
        Self {
            domain,
            facts,
            hint,
            name,
            password: Typed::default(),
            is_revealed: false,
            caps_lock: false,
            state: State::Asking,
        }
    }

    pub fn update(&mut self, message: Message) -> Action {
        match message {
            Message::NameTyped(name) => {
                self.name = name;
                self.settle();
                Action::None
            }
            Message::PasswordTyped(password) => {
                self.password = password;
                self.settle();
                Action::None
            }
            Message::RevealToggled => {
                self.is_revealed = !self.is_revealed;
                Action::None
            }
            Message::CapsLock(is_on) => {
                self.caps_lock = is_on;
                Action::None
            }
            Message::LoginPressed => self.log_in(),
            Message::SsoPressed if self.is_running() => Action::None,
            Message::SsoPressed => {
                self.password = Typed::default();
                Action::SignInWithSso {
                    domain: self.domain.clone(),
                }
            }
            Message::ChangePressed => {
                self.password = Typed::default();
                Action::Change
            }
            Message::CancelPressed => match self.state {
                State::Running(key) => {
                    self.state = State::Asking;
                    Action::Abort(key)
                }
                _ => {
                    self.password = Typed::default();
                    Action::Close
                }
            },
            Message::Answered { key, result } => self.answered(key, result),
        }
    }

    /// What was said about the last try is about what was typed then.
    fn settle(&mut self) {
        if matches!(self.state, State::Refused(_) | State::Failed(_)) {
            self.state = State::Asking;
        }
    }

    fn log_in(&mut self) -> Action {
        if !self.can_log_in() {
            return Action::None;
        }
        let key = Key::fresh();
        self.state = State::Running(key);
        self.is_revealed = false;
        Action::LogIn {
            key,
            domain: self.domain.clone(),
            name: self.name.trim().to_owned(),
            password: self.password.to_secret(),
        }
    }

    fn answered(&mut self, key: Key, result: Result<Box<Ready>, Problem>) -> Action {
        if !matches!(self.state, State::Running(own) if own == key) {
            return Action::None;
        }
        match result {
            Ok(ready) => {
                self.password = Typed::default();
                self.state = State::Asking;
                Action::Done(ready)
            }
            Err(problem) if problem.kind == Kind::Auth => {
                self.state = State::Refused(problem);
                use iced::widget::operation::{focus, select_all};
                Action::Run(focus(PASSWORD).chain(select_all(PASSWORD)))
            }
            Err(problem) => {
                self.state = State::Failed(problem);
                Action::None
            }
        }
    }

    fn is_running(&self) -> bool {
        matches!(self.state, State::Running(_))
    }

    fn can_log_in(&self) -> bool {
        !self.is_running() && !self.name.trim().is_empty() && !self.password.is_empty()
    }

    pub fn view(&self) -> Dialog<'_, Message> {
        let mut content: Column<'_, Message> = column![].spacing(spacing::L);
        if let Some(hint) = &self.hint {
            content = content.push(Banner::new(Tone::Info, hint.clone()));
        }
        content = content.push(self.name_field()).push(self.password_field());
        if let State::Failed(problem) = &self.state {
            content = content.push(shown::problem(problem));
        }
        let facts = if self.facts.is_empty() {
            self.domain.display()
        } else {
            self.facts.clone()
        };
        let change = (!self.is_running()).then_some(Message::ChangePressed);
        let facts = row![
            text::small(facts).style(style::muted),
            button::small_link("change")
                .id("change-domain")
                .on_press_maybe(change)
        ]
        .spacing(spacing::XS)
        .align_y(Center)
        .wrap();
        let submit = self.can_log_in().then_some(Message::LoginPressed);
        let dialog = Dialog::new(
            "login",
            format!("Log in to {}", self.domain.host_and_port()),
            content,
        )
        .eyebrow(SERVER)
        .subtitle_element(facts)
        .focus(if self.name.is_empty() { NAME } else { PASSWORD })
        .button(
            button::secondary("Cancel")
                .id("login-cancel")
                .on_press(Message::CancelPressed),
        )
        .button(
            button::primary("Login")
                .id("login")
                .on_press_maybe(submit.clone()),
        )
        .on_close(Message::CancelPressed)
        .on_submit(submit);
        if self.is_running() {
            dialog.aside(shown::working("Logging in"))
        } else {
            dialog.aside(
                button::link("Sign in with SSO")
                    .flush()
                    .id("login-sso")
                    .on_press(Message::SsoPressed),
            )
        }
    }

    fn name_field(&self) -> FormField<'_, Message> {
        let field = FormField::new("", &self.name).label("User name").id(NAME);
        if self.is_running() {
            field
        } else {
            field.on_input(Message::NameTyped)
        }
    }

    fn password_field(&self) -> FormField<'_, Message> {
        let reveal = if self.is_revealed { "hide" } else { "show" };
        let field = FormField::new("", self.password.as_str())
            .label("Password")
            .id(PASSWORD)
            .secure(!self.is_revealed)
            .on_caps_lock(Message::CapsLock)
            .trailing(
                button::small_link(reveal)
                    .id("reveal")
                    .on_press(Message::RevealToggled),
            );
        let field = match &self.state {
            State::Refused(problem) => field.error(Some(shown::sentence(&problem.message))),
            _ if self.caps_lock => field.note(Tone::Warning, "Caps Lock is on"),
            _ => field,
        };
        if self.is_running() {
            field
        } else {
            field.on_input(|text| Message::PasswordTyped(Typed::new(text)))
        }
    }
}

#[cfg(test)]
#[path = "login_tests.rs"]
mod tests;
