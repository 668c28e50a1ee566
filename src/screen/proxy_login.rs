//! The dialog for the user name and password of a proxy.

use iced::Task;
use iced::widget::{Column, column};

use super::attempt::Attempt;
use super::credentials::{self, Credentials};
use super::{Key, shown};
use crate::credential::Place;
use crate::error::Problem;
use crate::secret::Secret;
use crate::ui::modal::Dialog;
use crate::ui::style;
use crate::ui::{button, spacing, text};

#[derive(Debug, Clone)]
pub struct ProxyLogin {
    /// `scheme://host:port`.
    proxy: String,
    credentials: Credentials,
    /// Where secrets are kept.
    secrets: Place,
    state: Attempt,
}

#[derive(Debug, Clone)]
pub enum Message {
    Credentials(credentials::Message),
    UsePressed,
    CancelPressed,
    /// Whether the proxy lets us through now.
    Answered {
        key: Key,
        result: Result<(), Problem>,
    },
}

#[derive(Debug)]
pub enum Action {
    None,
    /// Keep them, and try again what the proxy had stopped.
    Use {
        key: Key,
        proxy: String,
        name: String,
        password: Secret,
    },
    Abort(Key),
    Close,
    /// The proxy lets us through.
    Done,
    Run(Task<Message>),
}

impl ProxyLogin {
    /// `proxy` is its address as it is shown, `http://proxy.example.com:3128`; `refusal` says that the credentials that
    /// were known, those of `name`, are no longer good.
    pub fn new(proxy: String, name: String, refusal: Option<Problem>) -> Self {
        Self {
            proxy,
            credentials: Credentials::new(name),
            secrets: Place::Keyring,
            state: refusal.map_or(Attempt::Asking, Attempt::Refused),
        }
    }

    /// Says where secrets are kept, once that is known; until then it is taken for the keyring.
    #[must_use]
    pub fn keeping(mut self, secrets: Option<Place>) -> Self {
        self.secrets = secrets.unwrap_or(self.secrets);
        self
    }

    pub fn update(&mut self, message: Message) -> Action {
        match message {
            Message::Credentials(message) => {
                self.state.heed(self.credentials.update(message));
                Action::None
            }
            Message::UsePressed => self.use_them(),
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

    fn use_them(&mut self) -> Action {
        if self.state.is_running() {
            return Action::None;
        }
        let Some((name, password)) = self.credentials.take() else {
            return Action::None;
        };
        Action::Use {
            key: self.state.begin(),
            proxy: self.proxy.clone(),
            name,
            password,
        }
    }

    fn answered(&mut self, key: Key, result: Result<(), Problem>) -> Action {
        if !self.state.awaits(key) {
            return Action::None;
        }
        match result {
            Ok(()) => {
                self.credentials.forget_password();
                Action::Done
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

    fn host_and_port(&self) -> &str {
        self.proxy
            .split_once("://")
            .map_or(self.proxy.as_str(), |(_, host)| host)
    }

    pub fn view(&self) -> Dialog<'_, Message> {
        let is_idle = !self.state.is_running();
        let refused = self.state.refused();
        let fields = self.credentials.view(is_idle, refused);
        let remedy = refused.and_then(|problem| problem.remedy.as_deref());
        let mut content: Column<'_, Message> = column![
            fields.map(Message::Credentials),
            remedy.map(|remedy| text::small(shown::sentence(remedy))),
            self.state.failed().map(shown::problem),
        ]
        .spacing(spacing::L);
        let secrets = shown::kept_in(&self.secrets);
        let mut kept = format!("They are kept {secrets}, and sent to this proxy only.");
        if !self.proxy.starts_with("https://") {
            kept.push_str(" The connection to it is not encrypted.");
        }
        content = content.push(text::small(kept).style(style::muted));
        let can_use = is_idle && self.credentials.is_complete();
        let submit = can_use.then_some(Message::UsePressed);
        let proxy = self.host_and_port();
        let dialog = Dialog::new("proxy-login", "Log in to the proxy", content)
            .subtitle(format!("The proxy {proxy} wants a user name and a password."))
            .focus(self.credentials.first_empty())
            .button(
                button::secondary("Cancel")
                    .id("proxy-cancel")
                    .on_press(Message::CancelPressed),
            )
            .button(
                button::primary("Use and try again")
                    .id("proxy-use")
                    .on_press_maybe(submit.clone()),
            )
            .on_close(Message::CancelPressed)
            .on_submit(submit);
        if is_idle {
            dialog
        } else {
            dialog.aside(shown::working("Asking the proxy"))
        }
    }
}

#[cfg(test)]
#[path = "proxy_login_tests.rs"]
mod tests;
