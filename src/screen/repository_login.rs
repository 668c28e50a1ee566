//! The Login dialog of an Anaconda Repository (Enterprise 4): with a password or with Kerberos, as the server wants it,
//! and with what the new token may do.

use iced::widget::{Column, column, row};
use iced::{Center, Element, Task};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::credentials::{self, Credentials, Standing};
use super::kerberos_ticket::{self, KerberosTicket};
use super::login::Ready;
use super::permissions::{self, Permissions};
use super::{Key, shown};
use crate::error::{Kind, Problem};
use crate::repository::kerberos::Ticket;
use crate::repository::{AuthenticationType, BinstarApi, Extent, Scope};
use crate::secret::Secret;
use crate::service::connection::Service;
use crate::ui::banner::Banner;
use crate::ui::modal::Dialog;
use crate::ui::style::{self, Tone};
use crate::ui::{button, spacing, text};

/// The id of the button that goes on.
const LOGIN: &str = "repository-login";

#[derive(Debug, Clone)]
pub struct RepositoryLogin {
    api: BinstarApi,
    /// What is known about the server.
    facts: String,
    wants: AuthenticationType,
    /// Published credentials: the practice server's.
    hint: Option<String>,
    method: Method,
    credentials: Credentials,
    ticket: KerberosTicket,
    permissions: Permissions,
    state: State,
}

/// How the person proves who they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Method {
    Password,
    Kerberos,
}

#[derive(Debug, Clone)]
enum State {
    Asking,
    Running(Key),
    /// The server refused name and password.
    Refused(Problem),
    Failed(Problem),
}

/// What a sign-in is made with.
#[derive(Debug, Clone)]
pub enum How {
    Password {
        name: String,
        password: Secret,
    },
    Kerberos {
        /// The person allowed it over a connection that is not encrypted.
        over_plain_http: bool,
    },
}

#[derive(Debug, Clone)]
pub enum Message {
    Credentials(credentials::Message),
    Ticket(kerberos_ticket::Message),
    Permissions(permissions::Message),
    MethodPressed,
    LoginPressed,
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
    /// Look which ticket there is; answered by [`Message::ticket_found`].
    LookForTicket(Key),
    /// Ask the server which scopes there are; answered by [`Message::scopes_told`].
    AskForScopes {
        key: Key,
        api: BinstarApi,
    },
    LogIn {
        key: Key,
        api: BinstarApi,
        how: How,
        extent: Extent,
    },
    Copy(String),
    Abort(Key),
    /// Back to the domain.
    Change,
    Close,
    Done(Box<Ready>),
    Run(Task<Message>),
}

impl Message {
    /// What was found when a ticket was looked for, at this time.
    pub fn ticket_found(key: Key, at: Timestamp, result: Result<Option<Ticket>, Problem>) -> Self {
        Self::Ticket(kerberos_ticket::Message::Found { key, at, result })
    }

    /// What the server says there is.
    pub fn scopes_told(key: Key, result: Result<Vec<Scope>, Problem>) -> Self {
        Self::Permissions(permissions::Message::Told { key, result })
    }
}

impl RepositoryLogin {
    /// `name` may be empty; `zone` is where the person's clock is. Looks for a ticket at once where one is wanted.
    pub fn new(
        api: BinstarApi,
        facts: String,
        wants: AuthenticationType,
        name: String,
        hint: Option<String>,
        zone: TimeZone,
    ) -> (Self, Action) {
        let method = match wants {
            AuthenticationType::Kerberos => Method::Kerberos,
            AuthenticationType::Password | AuthenticationType::Other(_) => Method::Password,
        };
        let mut screen = Self {
            ticket: KerberosTicket::new(api.is_plain_http(), zone),
            api,
            facts,
            wants,
            hint,
            method,
            credentials: Credentials::new(name),
            permissions: Permissions::new(),
            state: State::Asking,
        };
        let action = match method {
            Method::Kerberos => screen.look_for_ticket(),
            Method::Password => Action::None,
        };
        (screen, action)
    }

    /// The server refused what was given here before, when it came to the token: it looks at a password only then.
    pub fn refuse(&mut self, problem: Problem) -> Action {
        self.method = Method::Password;
        self.state = State::Refused(problem);
        Action::Run(credentials::retype())
    }

    fn look_for_ticket(&mut self) -> Action {
        Action::LookForTicket(self.ticket.look())
    }

    pub fn update(&mut self, message: Message) -> Action {
        match message {
            Message::Credentials(message) => {
                if self.credentials.update(message) == Standing::Changed {
                    self.settle();
                }
                Action::None
            }
            Message::Ticket(message) => match self.ticket.update(message) {
                kerberos_ticket::Action::None => Action::None,
                kerberos_ticket::Action::Look(key) => {
                    self.settle();
                    Action::LookForTicket(key)
                }
                kerberos_ticket::Action::Copy(command) => Action::Copy(command),
                kerberos_ticket::Action::Usable => Action::Run(iced::widget::operation::focus(LOGIN)),
            },
            Message::Permissions(message) => match self.permissions.update(message) {
                permissions::Action::None => Action::None,
                permissions::Action::Ask(key) => Action::AskForScopes {
                    key,
                    api: self.api.clone(),
                },
            },
            Message::MethodPressed => self.other_method(),
            Message::LoginPressed => self.log_in(),
            Message::ChangePressed => {
                self.credentials.forget_password();
                Action::Change
            }
            Message::CancelPressed => match self.state {
                State::Running(key) => {
                    self.state = State::Asking;
                    Action::Abort(key)
                }
                _ => {
                    self.credentials.forget_password();
                    Action::Close
                }
            },
            Message::Answered { key, result } => self.answered(key, result),
        }
    }

    /// What was said about the last try is about what was given then.
    fn settle(&mut self) {
        if matches!(self.state, State::Refused(_) | State::Failed(_)) {
            self.state = State::Asking;
        }
    }

    fn other_method(&mut self) -> Action {
        if self.is_running() {
            return Action::None;
        }
        self.settle();
        match self.method {
            Method::Kerberos => {
                self.method = Method::Password;
                Action::Run(iced::widget::operation::focus(self.credentials.first_empty()))
            }
            Method::Password => {
                self.method = Method::Kerberos;
                self.look_for_ticket()
            }
        }
    }

    fn log_in(&mut self) -> Action {
        if !self.can_log_in() {
            return Action::None;
        }
        let Some(extent) = self.permissions.extent() else {
            return Action::None;
        };
        let how = match self.method {
            Method::Kerberos => How::Kerberos {
                over_plain_http: self.ticket.is_plain_http_allowed(),
            },
            Method::Password => match self.credentials.take() {
                Some((name, password)) => How::Password { name, password },
                None => return Action::None,
            },
        };
        let key = Key::fresh();
        self.state = State::Running(key);
        Action::LogIn {
            key,
            api: self.api.clone(),
            how,
            extent,
        }
    }

    fn answered(&mut self, key: Key, result: Result<Box<Ready>, Problem>) -> Action {
        if !matches!(self.state, State::Running(own) if own == key) {
            return Action::None;
        }
        match result {
            Ok(ready) => {
                self.credentials.forget_password();
                Action::Done(ready)
            }
            Err(problem) if problem.kind == Kind::Auth && self.method == Method::Password => {
                self.state = State::Refused(problem);
                Action::Run(credentials::retype())
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
        let is_proven = match self.method {
            Method::Password => self.credentials.is_complete(),
            Method::Kerberos => self.ticket.is_usable(),
        };
        !self.is_running() && is_proven && self.permissions.extent().is_some()
    }

    /// The host as a person knows it: that of the web page.
    fn host(&self) -> String {
        let website = self.api.website();
        website
            .split_once("://")
            .map_or(website.as_str(), |(_, host)| host)
            .to_owned()
    }

    pub fn view(&self) -> Dialog<'_, Message> {
        let is_idle = !self.is_running();
        let mut content: Column<'_, Message> = column![].spacing(spacing::L);
        if let Some(hint) = &self.hint {
            content = content.push(Banner::new(Tone::Info, hint.clone()));
        }
        if let (AuthenticationType::Other(name), Method::Password) = (&self.wants, self.method) {
            content = content.push(
                Banner::new(
                    Tone::Warning,
                    format!("The repository wants a sign-in by {name}, which Sextant does not know."),
                )
                .remedy("User name and password may do all the same."),
            );
        }
        content = content.push(self.proof_view(is_idle));
        if let State::Failed(problem) = &self.state {
            content = content.push(shown::problem(problem));
        }
        content = content.push(self.permissions.view(is_idle).map(Message::Permissions));
        let submit = self.can_log_in().then_some(Message::LoginPressed);
        let login = match self.method {
            Method::Password => "Login",
            Method::Kerberos => "Sign in with Kerberos",
        };
        let focus = match self.method {
            Method::Password => self.credentials.first_empty(),
            Method::Kerberos if self.can_log_in() => LOGIN,
            // While the ticket is looked for, Enter must lead nowhere.
            Method::Kerberos => permissions::PRESET,
        };
        let dialog = Dialog::new("repository-login", format!("Log in to {}", self.host()), content)
            .eyebrow(Service::Repository.title())
            .subtitle_element(self.facts_view(is_idle))
            .focus(focus)
            .button(
                button::secondary("Cancel")
                    .id("repository-cancel")
                    .on_press(Message::CancelPressed),
            )
            .button(button::primary(login).id(LOGIN).on_press_maybe(submit.clone()))
            .on_close(Message::CancelPressed)
            .on_submit(submit);
        match self.aside() {
            Some(aside) => dialog.aside(aside),
            None => dialog,
        }
    }

    fn proof_view(&self, is_idle: bool) -> Element<'_, Message> {
        match self.method {
            Method::Password => {
                let refused = match &self.state {
                    State::Refused(problem) => Some(problem),
                    _ => None,
                };
                self.credentials.view(is_idle, refused).map(Message::Credentials)
            }
            Method::Kerberos => self
                .ticket
                .view(is_idle, self.credentials.name())
                .map(Message::Ticket),
        }
    }

    fn facts_view(&self, is_idle: bool) -> Element<'_, Message> {
        let facts = if self.facts.is_empty() {
            self.api.to_string()
        } else {
            self.facts.clone()
        };
        row![
            text::small(facts).style(style::muted),
            button::small_link("change")
                .id("change-domain")
                .on_press_maybe(is_idle.then_some(Message::ChangePressed))
        ]
        .spacing(spacing::XS)
        .align_y(Center)
        .wrap()
        .into()
    }

    /// What runs; else the way beside the one that the server names.
    fn aside(&self) -> Option<Element<'_, Message>> {
        if self.is_running() {
            return Some(shown::working("Logging in"));
        }
        let other = match (&self.wants, self.method) {
            (AuthenticationType::Kerberos, Method::Kerberos) => "Use a password",
            (AuthenticationType::Kerberos, Method::Password) => "Use Kerberos",
            _ => return None,
        };
        let other = button::link(other)
            .flush()
            .id("repository-method")
            .on_press(Message::MethodPressed);
        Some(other.into())
    }
}

#[cfg(test)]
#[path = "repository_login_tests.rs"]
mod tests;
