//! The Login dialog: user name and password for a domain.

use iced::Task;
use iced::widget::{Column, column};

use super::attempt::Attempt;
use super::credentials::{self, Credentials};
use super::{Key, SERVER, shown};
use crate::error::Problem;
use crate::repository::Domain;
use crate::secret::Secret;
use crate::service::plan::Plan;
use crate::service::sign_in::LoggedIn;
use crate::ui::modal::Dialog;
use crate::ui::{button, spacing};

#[derive(Debug, Clone)]
pub struct Login {
    domain: Domain,
    /// What is known about the server.
    facts: String,
    /// Published credentials: the practice server's.
    hint: Option<String>,
    credentials: Credentials,
    state: Attempt,
}

/// Accepted credentials, and what signing in with them will change.
#[derive(Debug, Clone)]
pub struct Ready {
    pub login: LoggedIn,
    pub plan: Plan,
}

#[derive(Debug, Clone)]
pub enum Message {
    Credentials(credentials::Message),
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
            credentials: Credentials::new(name),
            state: Attempt::Asking,
        }
    }

    pub fn update(&mut self, message: Message) -> Action {
        match message {
            Message::Credentials(message) => {
                self.state.heed(self.credentials.update(message));
                Action::None
            }
            Message::LoginPressed => self.log_in(),
            Message::SsoPressed if self.state.is_running() => Action::None,
            Message::SsoPressed => {
                self.credentials.forget_password();
                Action::SignInWithSso {
                    domain: self.domain.clone(),
                }
            }
            Message::ChangePressed => {
                self.credentials.forget_password();
                Action::Change
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

    fn log_in(&mut self) -> Action {
        if self.state.is_running() {
            return Action::None;
        }
        let Some((name, password)) = self.credentials.take() else {
            return Action::None;
        };
        Action::LogIn {
            key: self.state.begin(),
            domain: self.domain.clone(),
            name,
            password,
        }
    }

    fn answered(&mut self, key: Key, result: Result<Box<Ready>, Problem>) -> Action {
        if !self.state.awaits(key) {
            return Action::None;
        }
        match result {
            Ok(ready) => {
                self.credentials.forget_password();
                self.state = Attempt::Asking;
                Action::Done(ready)
            }
            Err(problem) => {
                self.state.fail(problem);
                match self.state.refused() {
                    Some(_) => Action::Run(self.credentials.retype()),
                    None => Action::None,
                }
            }
        }
    }

    pub fn view(&self) -> Dialog<'_, Message> {
        let is_idle = !self.state.is_running();
        let fields = self.credentials.view(is_idle, self.state.refused());
        let content: Column<'_, Message> = column![
            self.hint.as_deref().map(shown::hint),
            fields.map(Message::Credentials),
            self.state.failed().map(shown::problem),
        ];
        let facts = if self.facts.is_empty() {
            self.domain.display()
        } else {
            self.facts.clone()
        };
        let change = is_idle.then_some(Message::ChangePressed);
        let can_log_in = is_idle && self.credentials.is_complete();
        let submit = can_log_in.then_some(Message::LoginPressed);
        let dialog = Dialog::new(
            "login",
            format!("Log in to {}", self.domain.host_and_port()),
            content.spacing(spacing::L),
        )
        .eyebrow(SERVER)
        .subtitle_element(shown::changeable(facts, change))
        .focus(self.credentials.first_empty())
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
        if is_idle {
            dialog.aside(
                button::link("Sign in with SSO")
                    .flush()
                    .id("login-sso")
                    .on_press(Message::SsoPressed),
            )
        } else {
            dialog.aside(shown::working("Logging in"))
        }
    }
}

#[cfg(test)]
#[path = "login_tests.rs"]
mod tests;
