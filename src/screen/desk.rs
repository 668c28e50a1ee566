//! What pages about an account on a server have in common: which account, the proof of who one is, and asking the server.
//!
//! The server is asked with what is stored first. Only where that does not count any more is the password asked for, in the
//! place of the content; it is used as long as the page is open.

use iced::widget::{column, container, row, scrollable};
use iced::{Center, Element, Length, Padding, Task};

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
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heard {
    /// It was for nobody any more.
    Nothing,
    Read,
    /// The password is needed.
    Asks,
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
                // What was given last was not what failed.
                Content::Failed(_) => self.ask(self.tried.clone().or_else(|| self.password.clone())),
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
                Heard::Asks
            }
            Err(problem) => {
                self.content = Content::Failed(problem);
                Heard::Failed
            }
        }
    }

    /// The focus to the password field.
    pub fn focus<M: Send + 'static>(&self) -> Task<M> {
        self.field.retype()
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
        self.seat()
            .is_some_and(|seat| seat.service == Service::Repository)
    }

    fn can_go(&self) -> bool {
        !self.field.is_empty() || self.takes_ticket()
    }

    /// The choice of the account, where there are several.
    pub fn seat_view(&self) -> Option<Element<'_, Message>> {
        (self.seats.len() > 1).then(|| {
            let labels = self.seats.iter().map(Seat::label);
            pick(labels, self.at, Message::SeatChosen)
                .id(self.ids.seat)
                .into()
        })
    }

    /// What stands in the place of the content until it is read; nothing once it is. `purpose` says what the password is
    /// for. Where there is little room it scrolls.
    pub fn waiting_view<'a>(&'a self, purpose: &'a str, is_roomy: bool) -> Option<Element<'a, Message>> {
        let content: Element<'a, Message> = match &self.content {
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
                        .on_press(Message::RetryPressed),
                )
                .into(),
            Content::Asking(problem) => self.asking(problem.as_ref(), purpose),
        };
        let content = container(content).max_width(MEASURE);
        if is_roomy {
            return Some(content.height(Length::Fill).into());
        }
        Some(
            scrollable(content.padding(ROOM))
                .direction(scrollable::Direction::Vertical(slim_bar()))
                .style(style::scroll)
                .width(Length::Fill)
                .height(Length::Fill)
                .into(),
        )
    }

    fn asking<'a>(&'a self, problem: Option<&Problem>, purpose: &'a str) -> Element<'a, Message> {
        let seat = self.seat();
        let label = match seat.map(|seat| seat.user.as_str()) {
            None | Some("") => "Password".to_owned(),
            Some(user) => format!("Password of {user}"),
        };
        let hint = match self.takes_ticket() {
            true => "Used while this page is open, and not kept. Leave it empty to use your Kerberos ticket.",
            false => "Used while this page is open, and not kept.",
        };
        let go = self.can_go().then_some(Message::GoPressed);
        let mut field = self
            .field
            .password_view(label, true, problem, Some(hint), Message::Password)
            .width(FIELD);
        if let Some(go) = &go {
            field = field.on_submit(go.clone());
        }
        let host = seat.map(Seat::host).unwrap_or_default();
        let words = column![
            text::heading(format!("Your password for {host}")),
            text::body(purpose).style(style::muted)
        ]
        .spacing(spacing::XS);
        let go = button::primary("Continue").id(self.ids.go).on_press_maybe(go);
        column![words, field, go].spacing(spacing::L).into()
    }
}

/// The widest that words get.
const MEASURE: f32 = 560.0;
const FIELD: f32 = 320.0;
/// For the ring of what has the focus, and the bar.
const ROOM: Padding = Padding {
    top: 4.0,
    right: 14.0,
    bottom: 4.0,
    left: 4.0,
};

#[cfg(test)]
mod tests {
    use super::*;

    const IDS: Ids = Ids {
        password: "password",
        reveal: "reveal",
        go: "go",
        retry: "retry",
        seat: "seat",
    };

    fn seat(service: Service) -> Seat {
        Seat {
            service,
            domain: "https://aer.example.com".to_owned(),
            user: "alice".to_owned(),
        }
    }

    fn desk(service: Service) -> (Desk<u8>, Key) {
        let (desk, question) = Desk::new(IDS, vec![seat(service)]);
        let question = question.expect("a question");
        assert!(question.password.is_none(), "first with what is stored");
        (desk, question.key)
    }

    fn refusal() -> Problem {
        Problem::new(Kind::Auth, "the session has ended")
    }

    fn typed(desk: &mut Desk<u8>, text: &str) {
        let typed = crate::screen::typed::Typed::new(text);
        desk.update(Message::Password(secret_field::Message::Typed(typed)));
    }

    #[test]
    fn the_password_is_asked_for_only_where_what_is_stored_does_not_count() {
        let (mut desk, key) = desk(Service::Server);
        assert_eq!(desk.answered(key, Err(refusal())), Heard::Asks);
        assert!(desk.update(Message::GoPressed).is_none(), "nothing is typed");
        typed(&mut desk, "hunter2");
        let question = desk.update(Message::GoPressed).expect("a question");
        assert_eq!(
            question.password.map(|one| one.expose().to_owned()).as_deref(),
            Some("hunter2")
        );
        assert_eq!(desk.answered(question.key, Ok(7)), Heard::Read);
        assert_eq!(desk.value(), Some(&7));
        assert!(desk.password().is_some(), "for what is done next");
        let again = desk.ask_again().expect("a question");
        assert!(again.password.is_some());
        assert_eq!(desk.value(), Some(&7), "it stays in sight meanwhile");
    }

    #[test]
    fn a_wrong_password_is_said_and_no_longer_used() {
        let (mut desk, key) = desk(Service::Server);
        desk.answered(key, Err(refusal()));
        typed(&mut desk, "wrong");
        let question = desk.update(Message::GoPressed).expect("a question");
        desk.answered(question.key, Err(refusal()));
        assert!(matches!(&desk.content, Content::Asking(Some(_))));
        assert!(desk.password().is_none());
        typed(&mut desk, "other");
        assert!(matches!(&desk.content, Content::Asking(None)));
    }

    #[test]
    fn late_answers_are_dropped_and_cancelling_waits_for_nothing() {
        let (mut desk, key) = desk(Service::AnacondaOrg);
        desk.cancelled(key);
        assert_eq!(desk.answered(key, Ok(1)), Heard::Nothing);
        let question = desk.update(Message::RetryPressed).expect("a question");
        assert_eq!(desk.answered(key, Ok(1)), Heard::Nothing);
        assert_eq!(desk.answered(question.key, Ok(2)), Heard::Read);
        let again = desk.ask_again().expect("a question");
        desk.cancelled(again.key);
        assert_eq!(desk.value(), Some(&2));
    }

    #[test]
    fn a_ticket_takes_the_place_of_the_password_at_a_repository_only() {
        for (service, can_go) in [(Service::Repository, true), (Service::AnacondaOrg, false)] {
            let (mut desk, key) = desk(service);
            desk.answered(key, Err(refusal()));
            assert_eq!(desk.update(Message::GoPressed).is_some(), can_go, "{service:?}");
        }
    }

    #[test]
    fn another_account_begins_anew_and_the_same_one_keeps_its_place() {
        let seats = vec![seat(Service::Repository), seat(Service::AnacondaOrg)];
        let (mut desk, _) = Desk::<u8>::new(IDS, seats.clone());
        let question = desk.update(Message::SeatChosen(1)).expect("a question");
        assert_eq!(question.service, Service::AnacondaOrg);
        desk.answered(question.key, Ok(3));
        desk.with_seats(seats[1..].to_vec());
        assert_eq!((desk.at, desk.value()), (0, Some(&3)));
        desk.with_seats(Vec::new());
        assert_eq!(desk.value(), None);
    }
}
