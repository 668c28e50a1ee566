//! The dialog before tokens are revoked, which cannot be undone: which ones, and who may lose access.

use iced::widget::Column;

use super::account::Desired;
use crate::error::{Kind, Problem};
use crate::screen::attempt::Attempt;
use crate::screen::seat::Seat;
use crate::screen::{Key, quantity, shown};
use crate::secret::Secret;
use crate::service::connection::Service;
use crate::service::tokens::{RevokedToken, ServerToken};
use crate::ui::banner::Banner;
use crate::ui::modal::Dialog;
use crate::ui::style::{self, Tone};
use crate::ui::{button, spacing, text};

/// So many names are shown; the rest is counted.
const MOST: usize = 8;

#[derive(Debug, Clone)]
pub struct Revoke {
    seat: Seat,
    password: Option<Secret>,
    tokens: Vec<ServerToken>,
    /// Those that could not be revoked, and why.
    refusals: Vec<(String, Problem)>,
    attempt: Attempt,
}

#[derive(Debug, Clone)]
pub enum Message {
    RevokePressed,
    CancelPressed,
    Ended {
        key: Key,
        result: Result<Vec<RevokedToken>, Problem>,
    },
}

#[derive(Debug)]
pub enum Action {
    None,
    Revoke {
        key: Key,
        service: Service,
        tokens: Vec<ServerToken>,
        password: Option<Secret>,
    },
    /// Stop; what was revoked by then stays revoked.
    Abort(Key),
    Close,
    /// So many were revoked; the others are told in the dialog, if there are any.
    Revoked {
        count: usize,
        is_over: bool,
    },
}

impl Revoke {
    pub fn new(desired: Desired, tokens: Vec<ServerToken>) -> Self {
        Self {
            seat: desired.seat,
            password: desired.password,
            tokens,
            refusals: Vec::new(),
            attempt: Attempt::Asking,
        }
    }

    pub fn update(&mut self, message: Message) -> Action {
        match message {
            Message::RevokePressed => {
                if !self.can_revoke() {
                    return Action::None;
                }
                self.refusals.clear();
                Action::Revoke {
                    key: self.attempt.begin(),
                    service: self.seat.service,
                    tokens: self.tokens.clone(),
                    password: self.password.clone(),
                }
            }
            Message::CancelPressed => match self.attempt.stop() {
                Some(key) => Action::Abort(key),
                None => Action::Close,
            },
            Message::Ended { key, result } if self.attempt.awaits(key) => {
                self.attempt = Attempt::Asking;
                match result {
                    Ok(outcomes) => self.ended(outcomes),
                    Err(problem) => {
                        self.attempt = Attempt::Failed(problem);
                        Action::None
                    }
                }
            }
            Message::Ended { .. } => Action::None,
        }
    }

    fn ended(&mut self, outcomes: Vec<RevokedToken>) -> Action {
        let all = outcomes.len();
        self.tokens.clear();
        for outcome in outcomes {
            if let Some(problem) = outcome.failed {
                self.refusals.push((outcome.token.name.clone(), problem));
                self.tokens.push(outcome.token);
            }
        }
        Action::Revoked {
            count: all - self.tokens.len(),
            is_over: self.tokens.is_empty(),
        }
    }

    fn can_revoke(&self) -> bool {
        !self.attempt.is_running() && !self.tokens.is_empty()
    }

    pub fn view(&self) -> Dialog<'_, Message> {
        let title = match self.tokens.as_slice() {
            [one] => format!("Revoke {}?", one.name),
            several => format!("Revoke {}?", quantity::count(several.len(), "token")),
        };
        let failed = self
            .attempt
            .failed()
            .map(|problem| shown::problem(problem).into());
        let refusals = self.refusals.iter().map(|(name, problem)| {
            shown::problem(&Problem {
                message: format!("{name} was not revoked: {}", problem.message),
                ..problem.clone()
            })
            .into()
        });
        let content: Column<'_, Message> = Column::with_children(failed.into_iter().chain(refusals))
            .push(self.names())
            .push(self.consequence())
            .spacing(spacing::L);
        let go = self.can_revoke().then_some(Message::RevokePressed);
        let verb = match self.refusals.is_empty() {
            true => "Revoke",
            false => "Try again",
        };
        let mut dialog = Dialog::new("token-revoke", title, content)
            .eyebrow(self.seat.label())
            .subtitle("It ends on the server at once. A token that was revoked does not come back.")
            // What cannot be undone is not the answer of a quick Enter.
            .focus("token-revoke-cancel")
            .button(
                button::secondary(if self.refusals.is_empty() {
                    "Cancel"
                } else {
                    "Close"
                })
                .id("token-revoke-cancel")
                .on_press(Message::CancelPressed),
            )
            .button(button::primary(verb).id("token-revoke-go").on_press_maybe(go))
            .on_close(Message::CancelPressed);
        if self.attempt.is_running() {
            dialog = dialog.aside(shown::working("Revoking"));
        }
        dialog
    }

    /// Of one the title says it.
    fn names(&self) -> Option<Column<'_, Message>> {
        if self.tokens.len() < 2 {
            return None;
        }
        let names = self.tokens.iter().take(MOST);
        let names = names.map(|token| text::strong(token.name.as_str()).into());
        let more = self.tokens.len().saturating_sub(MOST);
        let more = (more > 0).then(|| text::body(format!("and {more} more")).style(style::muted));
        Some(Column::with_children(names).push(more).spacing(spacing::XXS))
    }

    fn consequence(&self) -> Option<iced::Element<'_, Message>> {
        let elsewhere: Vec<&ServerToken> = self
            .tokens
            .iter()
            .filter(|token| !token.surely_of_this_machine)
            .collect();
        if elsewhere.is_empty()
            || self
                .attempt
                .failed()
                .is_some_and(|one| one.kind == Kind::Cancelled)
        {
            return None;
        }
        let host = elsewhere
            .iter()
            .find_map(|token| token.hostname.as_deref().filter(|host| !host.is_empty()));
        let words = match (elsewhere.as_slice(), host) {
            ([_], Some(host)) => format!("It was made for {host}, which may use it."),
            ([_], None) => "Another machine may use it.".to_owned(),
            (several, _) => format!("Other machines may use {} of them.", several.len()),
        };
        Some(
            Banner::new(Tone::Warning, words)
                .cause("conda, pip and whatever else uses it there is refused with 401 from then on.")
                .into(),
        )
    }
}
