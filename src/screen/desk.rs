//! What pages about an account on a server have in common: which account, the proof of who one is, and asking the server.
//!
//! The server is asked with what is stored first. Only where that does not count any more is the password asked for, in the
//! place of the content; it is used as long as the page is open.

use iced::widget::{column, container, row};
use iced::{Center, Element, Task};

use super::seat::Seat;
use super::secret_field::{self, SecretField};
use super::{Key, shown};
use crate::error::{Kind, Problem};
use crate::secret::Secret;
use crate::service::connection::Service;
use crate::ui::modal::slim_bar;
use crate::ui::pick::pick;
use crate::ui::style;
use crate::ui::{button, progress, spacing, text};

/// The ids of what a desk shows, for focus and tests.
#[derive(Debug, Clone, Copy)]
pub struct Ids {
    pub password: &'static str,
    pub reveal: &'static str,
    pub go: &'static str,
    pub retry: &'static str,
    pub seat: &'static str,
}

#[derive(Debug, Clone)]
pub struct Desk<T> {
    ids: Ids,
    seats: Vec<Seat>,
    at: usize,
    field: SecretField,
    /// The password that the server took.
    password: Option<Secret>,
    /// The one that it is asked with now.
    tried: Option<Secret>,
    content: Content<T>,
}

#[derive(Debug, Clone)]
enum Content<T> {
    /// The password is needed, with what was wrong with the last one.
    Asking(Option<Problem>),
    Reading(Key),
    Failed(Problem),
    Read(T),
    /// It is asked once more; what was read before is shown.
    ReadingAgain(Key, T),
}

#[derive(Debug, Clone)]
pub enum Message {
    Password(secret_field::Message),
    GoPressed,
    RetryPressed,
    SeatChosen(usize),
}

/// What is to be asked.
#[derive(Debug)]
pub struct Question {
    pub key: Key,
    pub service: Service,
    pub password: Option<Secret>,
}

/// What an answer led to.
#[derive(Debug)]
pub enum Heard {
    /// It was for nobody any more.
    Nothing,
    Read,
    /// The password field is there, and wants the focus.
    Asks(Task<()>),
    Failed,
}

impl<T> Desk<T> {
    /// Nothing is to be asked where there is no account.
    pub fn new(ids: Ids, seats: Vec<Seat>) -> (Self, Option<Question>) {
        let mut desk = Self {
            ids,
            seats,
            at: 0,
            field: SecretField::new(ids.password, ids.reveal),
            password: None,
            tried: None,
            content: Content::Asking(None),
        };
        let question = desk.ask(None);
        (desk, question)
    }

    /// The same for accounts that may have changed: the choice and the password stay where the account does.
    pub fn with_seats(&mut self, seats: Vec<Seat>) {
        let chosen = self.seat().cloned();
        let at = chosen.and_then(|chosen| seats.iter().position(|seat| *seat == chosen));
        self.seats = seats;
        if let Some(at) = at {
            self.at = at;
        } else {
            self.forget();
        }
    }

    fn forget(&mut self) {
        self.at = 0;
        self.field.forget();
        self.password = None;
        self.tried = None;
        self.content = Content::Asking(None);
    }

    pub fn seats(&self) -> &[Seat] {
        &self.seats
    }

    pub fn seat(&self) -> Option<&Seat> {
        self.seats.get(self.at)
    }

    /// What proved who one is, for further work.
    pub fn password(&self) -> Option<Secret> {
        self.password.clone()
    }

    pub fn value(&self) -> Option<&T> {
        match &self.content {
            Content::Read(value) | Content::ReadingAgain(_, value) => Some(value),
            Content::Asking(_) | Content::Reading(_) | Content::Failed(_) => None,
        }
    }

    pub fn value_mut(&mut self) -> Option<&mut T> {
        match &mut self.content {
            Content::Read(value) | Content::ReadingAgain(_, value) => Some(value),
            Content::Asking(_) | Content::Reading(_) | Content::Failed(_) => None,
        }
    }

    pub fn is_reading(&self) -> bool {
        matches!(self.content, Content::Reading(_) | Content::ReadingAgain(..))
    }

    /// Asks again with what counted last; what was read stays in sight.
    pub fn ask_again(&mut self) -> Option<Question> {
        self.ask(self.password.clone())
    }

    fn ask(&mut self, password: Option<Secret>) -> Option<Question> {
        let service = self.seat()?.service;
        let key = Key::fresh();
        let before = std::mem::replace(&mut self.content, Content::Reading(key));
        if let Content::Read(value) | Content::ReadingAgain(_, value) = before {
            self.content = Content::ReadingAgain(key, value);
        }
        self.tried.clone_from(&password);
        Some(Question {
            key,
            service,
            password,
        })
    }

    pub fn update(&mut self, message: Message) -> Option<Question> {
        match message {
            Message::Password(message) => {
                if self.field.update(message) == secret_field::Standing::Changed
                    && let Content::Asking(problem) = &mut self.content
                {
                    *problem = None;
                }
                None
            }
            Message::GoPressed => match self.content {
                Content::Asking(_) if self.can_go() => {
                    let typed = (!self.field.is_empty()).then(|| self.field.take());
                    self.ask(typed)
                }
                _ => None,
            },
            Message::RetryPressed => match self.content {
                Content::Failed(_) => self.ask_again(),
                _ => None,
            },
            Message::SeatChosen(at) if at != self.at && at < self.seats.len() => {
                self.forget();
                self.at = at;
                self.ask(None)
            }
            Message::SeatChosen(_) => None,
        }
    }

    pub fn answered(&mut self, key: Key, result: Result<T, Problem>) -> Heard {
        let is_awaited = matches!(
            self.content,
            Content::Reading(own) | Content::ReadingAgain(own, _) if own == key
        );
        if !is_awaited {
            return Heard::Nothing;
        }
        match result {
            Ok(value) => {
                self.password = self.tried.take();
                self.field.forget();
                self.content = Content::Read(value);
                Heard::Read
            }
            // Only a session that has ended or a wrong password is mended by a password.
            Err(problem) if problem.kind == Kind::Auth => {
                let was_given = self.tried.take().is_some();
                self.password = None;
                self.content = Content::Asking(was_given.then_some(problem));
                Heard::Asks(self.field.retype())
            }
            Err(problem) => {
                self.content = Content::Failed(problem);
                Heard::Failed
            }
        }
    }

    /// Work was cancelled from outside: nothing of it is waited for any more.
    pub fn cancelled(&mut self, key: Key) {
        let content = std::mem::replace(&mut self.content, Content::Asking(None));
        self.content = match content {
            Content::Reading(own) if own == key => {
                Content::Failed(Problem::new(Kind::Cancelled, "asking the server was cancelled"))
            }
            Content::ReadingAgain(own, value) if own == key => Content::Read(value),
            other => other,
        };
    }

    /// With a Kerberos ticket there is no password to type.
    fn takes_ticket(&self) -> bool {
        self.seat().is_some_and(|seat| seat.service == Service::Repository)
    }

    fn can_go(&self) -> bool {
        !self.field.is_empty() || self.takes_ticket()
    }

    /// The choice of the account, where there are several.
    pub fn seat_view<'a, M: Clone + 'a>(&'a self, wrap: fn(Message) -> M) -> Option<Element<'a, M>> {
        (self.seats.len() > 1).then(|| {
            let labels = self.seats.iter().map(Seat::label);
            pick(labels, self.at, move |at| wrap(Message::SeatChosen(at)))
                .id(self.ids.seat)
                .into()
        })
    }

    /// What stands in the place of the content until it is read; nothing once it is. `purpose` says what the password is
    /// for.
    pub fn waiting_view<'a, M: Clone + 'a>(
        &'a self,
        purpose: &'a str,
        wrap: fn(Message) -> M,
    ) -> Option<Element<'a, M>> {
        let content: Element<'a, M> = match &self.content {
            Content::Read(_) | Content::ReadingAgain(..) => return None,
            Content::Reading(_) => row![
                progress::activity(),
                text::body("Asking the server…").style(style::muted)
            ]
            .spacing(spacing::M)
            .align_y(Center)
            .into(),
            Content::Failed(problem) => shown::problem(problem)
                .button(
                    button::secondary("Try again")
                        .id(self.ids.retry)
                        .on_press(wrap(Message::RetryPressed)),
                )
                .into(),
            Content::Asking(problem) => self.asking(problem.as_ref(), purpose, wrap),
        };
        let content = container(content).max_width(MEASURE).padding(ROOM);
        Some(
            iced::widget::scrollable(content)
                .direction(iced::widget::scrollable::Direction::Vertical(slim_bar()))
                .style(style::scroll)
                .width(iced::Fill)
                .height(iced::Fill)
                .into(),
        )
    }

    fn asking<'a, M: Clone + 'a>(
        &'a self,
        problem: Option<&Problem>,
        purpose: &'a str,
        wrap: fn(Message) -> M,
    ) -> Element<'a, M> {
        let seat = self.seat();
        let label = match seat.map(|seat| seat.user.as_str()) {
            None | Some("") => "Password".to_owned(),
            Some(user) => format!("Password of {user}"),
        };
        let hint = match self.takes_ticket() {
            true => "Used as long as this page is open, and not kept. Leave it empty to use your Kerberos ticket.",
            false => "Used as long as this page is open, and not kept.",
        };
        let go = wrap(Message::GoPressed);
        let wrap_field: Box<dyn Fn(secret_field::Message) -> M> =
            Box::new(move |message| wrap(Message::Password(message)));
        let field = self
            .field
            .password_view(label, true, problem, Some(hint), PasswordMessage)
            .width(FIELD)
            .on_submit(PasswordMessage(secret_field::Message::RevealToggled));
        drop(field);
        drop(wrap_field);
        let host = seat.map(Seat::host).unwrap_or_default();
        column![
            text::heading(format!("{host} wants to know again who you are")),
            text::body(purpose).style(style::muted),
            button::primary("Go on").id(self.ids.go).on_press_maybe(self.can_go().then_some(go)),
        ]
        .spacing(spacing::M)
        .into()
    }
}

/// The widest that words get.
const MEASURE: f32 = 560.0;
const FIELD: f32 = 320.0;
/// For the ring of what has the focus.
const ROOM: f32 = 4.0;
