//! The Login dialog of an Anaconda Repository (Enterprise 4): with a password or with Kerberos, as the server wants it,
//! and with what the new token may do.

use iced::widget::{Column, column, container};
use iced::{Element, Length, Task};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::attempt::Attempt;
use super::credentials::{self, Credentials};
use super::kerberos_ticket::{self, KerberosTicket};
use super::login::Ready;
use super::permissions::{self, Permissions};
use super::{Key, shown};
use crate::error::Problem;
use crate::repository::{AuthenticationType, BinstarApi};
use crate::service::connection::Service;
use crate::service::sign_in::repository::{RepositoryLogin as Credential, RepositoryOffer};
use crate::ui::banner::Banner;
use crate::ui::modal::Dialog;
use crate::ui::style::{self, Tone};
use crate::ui::{button, spacing};

/// The id of the button that goes on.
const LOGIN: &str = "repository-login";
const TRY_AGAIN: &str = "repository-try-again";

#[derive(Debug, Clone)]
pub struct RepositoryLogin {
    api: BinstarApi,
    /// What is known about the server.
    facts: String,
    /// Published credentials: the practice server's.
    hint: Option<String>,
    offer: Offer,
    credentials: Credentials,
    ticket: KerberosTicket,
    permissions: Permissions,
    state: Attempt,
}

/// How one signs in there.
#[derive(Debug, Clone)]
enum Offer {
    /// The server is being asked.
    Asked(Key),
    /// It did not say.
    Unknown(Problem),
    Known {
        wants: AuthenticationType,
        method: Method,
        /// It is being asked once more, for the ticket's sake.
        asked_again: Option<Key>,
    },
}

/// How the person proves who they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Method {
    Password,
    Kerberos,
}

impl Method {
    /// The one that the server names; a password where it names something that nobody knows.
    fn wanted(wants: &AuthenticationType) -> Self {
        match wants {
            AuthenticationType::Kerberos => Self::Kerberos,
            AuthenticationType::Password | AuthenticationType::Other(_) => Self::Password,
        }
    }
}

#[derive(Debug, Clone)]
pub enum Message {
    /// What the server wants of those who sign in, asked at this time.
    Offered {
        key: Key,
        at: Timestamp,
        result: Result<Box<RepositoryOffer>, Problem>,
    },
    Credentials(credentials::Message),
    Ticket(kerberos_ticket::Message),
    Permissions(permissions::Message),
    MethodPressed,
    TryAgainPressed,
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
    /// Ask the server how one signs in; answered by [`Message::Offered`].
    AskForOffer {
        key: Key,
        api: BinstarApi,
    },
    LogIn {
        key: Key,
        api: BinstarApi,
        credential: Credential,
        /// What the token may do; never empty.
        scopes: Vec<String>,
    },
    Copy(String),
    Abort(Key),
    /// Back to the domain.
    Change,
    Close,
    Done(Box<Ready>),
    Run(Task<Message>),
}

impl RepositoryLogin {
    /// `name` may be empty; `zone` is where the person's clock is. Asks the server at once how one signs in.
    pub fn new(
        api: BinstarApi,
        facts: String,
        name: String,
        hint: Option<String>,
        zone: TimeZone,
    ) -> (Self, Action) {
        let key = Key::fresh();
        let screen = Self {
            ticket: KerberosTicket::new(api.is_plain_http(), zone),
            api: api.clone(),
            facts,
            hint,
            offer: Offer::Asked(key),
            credentials: Credentials::new(name),
            permissions: Permissions::new(),
            state: Attempt::Asking,
        };
        (screen, Action::AskForOffer { key, api })
    }

    /// The server refused the sign-in after all: it looks at a password only when the token is made.
    pub fn refuse(&mut self, problem: Problem) -> Action {
        match self.method() {
            // A ticket cannot be typed anew.
            Some(Method::Kerberos) | None => self.state = Attempt::Failed(problem),
            Some(Method::Password) => self.state.fail(problem),
        }
        match self.state.refused() {
            Some(_) => Action::Run(self.credentials.retype()),
            None => Action::None,
        }
    }

    fn method(&self) -> Option<Method> {
        match &self.offer {
            Offer::Known { method, .. } => Some(*method),
            Offer::Asked(_) | Offer::Unknown(_) => None,
        }
    }

    pub fn update(&mut self, message: Message) -> Action {
        match message {
            Message::Offered { key, at, result } => self.offered(key, at, result),
            Message::Credentials(message) => {
                self.state.heed(self.credentials.update(message));
                Action::None
            }
            Message::Ticket(message) => match self.ticket.update(message) {
                kerberos_ticket::Action::None => Action::None,
                kerberos_ticket::Action::Look => {
                    self.state.settle();
                    self.ask()
                }
                kerberos_ticket::Action::Copy(command) => Action::Copy(command),
            },
            Message::Permissions(message) => {
                if !self.state.is_running() {
                    self.permissions.update(message);
                }
                Action::None
            }
            Message::MethodPressed => self.other_method(),
            Message::TryAgainPressed => match self.offer {
                Offer::Unknown(_) => self.ask(),
                _ => Action::None,
            },
            Message::LoginPressed => self.log_in(),
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

    fn ask(&mut self) -> Action {
        let key = Key::fresh();
        match &mut self.offer {
            Offer::Known { asked_again, .. } => *asked_again = Some(key),
            offer => *offer = Offer::Asked(key),
        }
        Action::AskForOffer {
            key,
            api: self.api.clone(),
        }
    }

    fn offered(&mut self, key: Key, at: Timestamp, result: Result<Box<RepositoryOffer>, Problem>) -> Action {
        let was_known = match &self.offer {
            Offer::Asked(own) if *own == key => false,
            Offer::Known {
                asked_again: Some(own),
                ..
            } if *own == key => true,
            _ => return Action::None,
        };
        match result {
            Ok(offer) => {
                let ticket = match offer.no_ticket_because {
                    Some(problem) => Err(problem),
                    None => Ok(offer.ticket),
                };
                self.ticket.tell(at, ticket);
                self.permissions.tell(offer.scopes);
                let method = match self.method() {
                    Some(method) => method,
                    None => Method::wanted(&offer.authentication),
                };
                self.offer = Offer::Known {
                    wants: offer.authentication,
                    method,
                    asked_again: None,
                };
                match method {
                    Method::Password if was_known => Action::None,
                    Method::Password => focus(self.credentials.first_empty()),
                    Method::Kerberos if self.can_log_in() => focus(LOGIN),
                    Method::Kerberos => Action::None,
                }
            }
            Err(problem) => match &mut self.offer {
                Offer::Known { asked_again, .. } => {
                    *asked_again = None;
                    self.ticket.tell(at, Err(problem));
                    Action::None
                }
                offer => {
                    *offer = Offer::Unknown(problem);
                    focus(TRY_AGAIN)
                }
            },
        }
    }

    fn other_method(&mut self) -> Action {
        if self.state.is_running() {
            return Action::None;
        }
        self.state.settle();
        let Offer::Known { method, .. } = &mut self.offer else {
            return Action::None;
        };
        match *method {
            Method::Kerberos => {
                *method = Method::Password;
                focus(self.credentials.first_empty())
            }
            Method::Password => {
                *method = Method::Kerberos;
                focus(permissions::PRESET)
            }
        }
    }

    fn log_in(&mut self) -> Action {
        if !self.can_log_in() {
            return Action::None;
        }
        let Some(scopes) = self.permissions.scopes() else {
            return Action::None;
        };
        let credential = match self.method() {
            None => return Action::None,
            Some(Method::Kerberos) => Credential::Kerberos {
                over_plain_http: self.ticket.is_plain_http_allowed(),
            },
            Some(Method::Password) => match self.credentials.take() {
                Some((username, password)) => Credential::Password { username, password },
                None => return Action::None,
            },
        };
        Action::LogIn {
            key: self.state.begin(),
            api: self.api.clone(),
            credential,
            scopes,
        }
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

    fn can_log_in(&self) -> bool {
        let is_proven = match self.method() {
            None => false,
            Some(Method::Password) => self.credentials.is_complete(),
            Some(Method::Kerberos) => self.ticket.is_usable(),
        };
        !self.state.is_running() && is_proven && self.permissions.scopes().is_some()
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
        let is_idle = !self.state.is_running();
        let content: Column<'_, Message> = column![self.hint.as_deref().map(shown::hint)].spacing(spacing::L);
        let content = match &self.offer {
            Offer::Asked(_) => content.push(
                container(shown::working("Asking the repository how to sign in"))
                    .padding(spacing::M)
                    .width(Length::Fill)
                    .style(style::well),
            ),
            Offer::Unknown(problem) => content.push(
                shown::problem(problem).button(
                    button::secondary("Try again")
                        .id(TRY_AGAIN)
                        .on_press(Message::TryAgainPressed),
                ),
            ),
            Offer::Known { wants, method, .. } => self.form(content, wants, *method),
        };
        let submit = self.can_log_in().then_some(Message::LoginPressed);
        let (login, first) = match self.method() {
            Some(Method::Kerberos) if self.can_log_in() => ("Sign in with Kerberos", LOGIN),
            Some(Method::Kerberos) => ("Sign in with Kerberos", permissions::PRESET),
            Some(Method::Password) => ("Login", self.credentials.first_empty()),
            None => ("Login", TRY_AGAIN),
        };
        let is_asked = matches!(self.offer, Offer::Asked(_));
        let dialog = Dialog::new("repository-login", format!("Log in to {}", self.host()), content)
            .eyebrow(Service::Repository.title())
            .subtitle_element(self.facts_view(is_idle && !is_asked))
            .focus(first)
            .button(
                button::secondary("Cancel")
                    .id("repository-cancel")
                    // Enter opened this; a second one must not end it before anything was shown.
                    .tab_stop(!is_asked)
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

    fn form<'a>(
        &'a self,
        content: Column<'a, Message>,
        wants: &AuthenticationType,
        method: Method,
    ) -> Column<'a, Message> {
        let is_idle = !self.state.is_running();
        let strange = match wants {
            AuthenticationType::Other(name) => Some(
                Banner::new(
                    Tone::Warning,
                    format!("The repository wants a sign-in by {name}, which Sextant does not know."),
                )
                .remedy("User name and password may do all the same."),
            ),
            AuthenticationType::Password | AuthenticationType::Kerberos => None,
        };
        let proof = match method {
            Method::Password => self
                .credentials
                .view(is_idle, self.state.refused())
                .map(Message::Credentials),
            Method::Kerberos => self
                .ticket
                .view(is_idle, self.credentials.name())
                .map(Message::Ticket),
        };
        content
            .push(strange)
            .push(proof)
            .push(self.state.failed().map(shown::problem))
            .push(self.permissions.view(is_idle).map(Message::Permissions))
    }

    fn facts_view(&self, is_idle: bool) -> Element<'_, Message> {
        let facts = if self.facts.is_empty() {
            self.api.to_string()
        } else {
            self.facts.clone()
        };
        shown::changeable(facts, is_idle.then_some(Message::ChangePressed))
    }

    /// What runs; else the way beside the one that the server names.
    fn aside(&self) -> Option<Element<'_, Message>> {
        if self.state.is_running() {
            return Some(shown::working("Logging in"));
        }
        let other = match &self.offer {
            Offer::Known {
                wants: AuthenticationType::Kerberos,
                method,
                ..
            } => match method {
                Method::Kerberos => "Use a password",
                Method::Password => "Use Kerberos",
            },
            _ => return None,
        };
        let other = button::link(other)
            .flush()
            .id("repository-method")
            .on_press(Message::MethodPressed);
        Some(other.into())
    }
}

fn focus(id: &'static str) -> Action {
    Action::Run(iced::widget::operation::focus(id))
}

#[cfg(test)]
#[path = "repository_login_tests.rs"]
mod tests;
