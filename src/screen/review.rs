//! The Review dialog: what signing in will change, before it happens.

use std::path::{Path, PathBuf};

use iced::Element;
use iced::widget::{Column, column};

use super::connect::host_of;
use super::{Key, attempt, shown};
use crate::error::{Kind, Problem};
use crate::service::channels::NO_CHANNELS;
use crate::service::connection::Service;
use crate::service::plan::{Ended, Owner, Plan, short_path};
use crate::service::sign_in::repository::BinstarProof;
use crate::service::sign_in::{Grant, LoggedIn, SignedIn};
use crate::ui::check_box::check_box;
use crate::ui::diff_view::Diff;
use crate::ui::facts::{Fact, facts};
use crate::ui::modal::Dialog;
use crate::ui::{button, spacing, text};

use super::login::Ready;

#[derive(Debug, Clone)]
pub struct Review {
    login: LoggedIn,
    plan: Plan,
    diffs: Vec<Diff>,
    home: PathBuf,
    shows_next_time: bool,
    state: State,
}

#[derive(Debug, Clone)]
enum State {
    Asking,
    /// A file was changed between plan and commit; this is the new plan.
    PlannedAnew,
    Running(Key),
    Failed(Problem),
}

/// How a sign-in ended.
pub type End = attempt::End<SignedIn>;

#[derive(Debug, Clone)]
pub enum Message {
    ShowAgainToggled(bool),
    SignInPressed,
    BackPressed,
    CancelPressed,
    Ended { key: Key, end: End },
}

#[derive(Debug)]
pub enum Action {
    None,
    SignIn {
        key: Key,
        login: Box<LoggedIn>,
        plan: Box<Plan>,
        /// Whether to show this again next time.
        shows_next_time: bool,
    },
    /// Stop, and leave no trace.
    Abort(Key),
    /// Back to the credentials of this service.
    Back(Service),
    /// The service did not accept the credentials.
    Refused {
        service: Service,
        problem: Problem,
    },
    Close,
    Done(Box<SignedIn>),
}

impl Review {
    pub fn new(ready: Ready, home: &Path) -> Self {
        Self {
            diffs: shown::diffs(&ready.plan, home),
            login: ready.login,
            plan: ready.plan,
            home: home.to_owned(),
            shows_next_time: true,
            state: State::Asking,
        }
    }

    /// Goes on at once, for those who asked not to be shown the plan.
    pub fn without_asking(ready: Ready, home: &Path) -> (Self, Action) {
        let mut review = Self::new(ready, home);
        review.shows_next_time = false;
        let action = review.sign_in();
        (review, action)
    }

    pub fn update(&mut self, message: Message) -> Action {
        match message {
            Message::ShowAgainToggled(is_hidden) => {
                self.shows_next_time = !is_hidden;
                Action::None
            }
            Message::SignInPressed => self.sign_in(),
            Message::BackPressed => Action::Back(self.login.service),
            Message::CancelPressed => match self.state {
                State::Running(key) => {
                    self.state = State::Asking;
                    Action::Abort(key)
                }
                _ => Action::Close,
            },
            Message::Ended { key, end } => self.ended(key, end),
        }
    }

    fn sign_in(&mut self) -> Action {
        if self.is_running() {
            return Action::None;
        }
        let key = Key::fresh();
        self.state = State::Running(key);
        Action::SignIn {
            key,
            login: Box::new(self.login.clone()),
            plan: Box::new(self.plan.clone()),
            shows_next_time: self.shows_next_time,
        }
    }

    fn ended(&mut self, key: Key, end: End) -> Action {
        if !matches!(self.state, State::Running(own) if own == key) {
            return Action::None;
        }
        match end {
            End::Done(signed_in) => return Action::Done(signed_in),
            End::Stale(plan) => {
                self.diffs = shown::diffs(&plan, &self.home);
                self.plan = *plan;
                self.state = State::PlannedAnew;
            }
            // Only now the service has seen the password; it is given again where it was given first.
            End::Failed(problem) if problem.kind == Kind::Auth && is_unproven(&self.login) => {
                return Action::Refused {
                    service: self.login.service,
                    problem,
                };
            }
            End::Failed(problem) => self.state = State::Failed(problem),
        }
        Action::None
    }

    fn is_running(&self) -> bool {
        matches!(self.state, State::Running(_))
    }

    /// Where no token is created: the person brought one.
    fn brought_token_view<'a>(&self) -> Element<'a, Message> {
        let files: Vec<String> = self
            .plan
            .files
            .iter()
            .filter(|file| file.owner == Owner::TokenFile && file.changes())
            .map(|file| short_path(&file.path, &self.home))
            .collect();
        let host = self.login.domain.host_and_port();
        let mut all = vec![Fact::new(
            "Token",
            format!("{host} accepts it; no other is made there"),
        )];
        if !files.is_empty() {
            all.push(Fact::new("Kept in", files.join("\n")));
        }
        all.push(Fact::new(
            "Later",
            "Signing out takes it off this machine, and does not revoke it",
        ));
        column![text::heading("Your token"), facts(all)]
            .spacing(spacing::S)
            .into()
    }

    pub fn view(&self) -> Dialog<'_, Message> {
        let mut content: Column<'_, Message> = column![].spacing(spacing::L);
        match &self.state {
            State::PlannedAnew => content = content.push(shown::planned_anew("signing in")),
            State::Failed(problem) => content = content.push(shown::problem(problem)),
            State::Asking | State::Running(_) => {}
        }
        // Channels are chosen on the very next page: that there are none yet is no news.
        let warnings = self
            .plan
            .warnings
            .iter()
            .filter(|warning| warning.message != NO_CHANNELS);
        content = content.extend(shown::warnings(warnings));
        content = content
            .extend(self.plan.ends.iter().map(ended_view))
            .push(shown::ended_logins(&self.plan.ends_logins))
            .push(shown::kept_edits(&self.plan.kept_edits))
            .push(self.plan.creates_key.then(|| {
                shown::part(
                    "A new key at Anaconda.com",
                    text::body("It is valid for about a year, and kept with Sextant's other secrets."),
                )
            }))
            .push(match &self.plan.token {
                Some(token) => shown::new_token(token),
                None => self.brought_token_view(),
            })
            .push(
                column![text::heading("On this machine"), shown::diff_views(&self.diffs)].spacing(spacing::S),
            );
        let host = self.login.domain.host_and_port();
        let title = match self.login.user.as_str() {
            "" => format!("Sign in to {host}"),
            user => format!("Sign in to {host} as {user}"),
        };
        let subtitle = match self.plan.ends.is_empty() {
            true => "This is what signing in changes. All of it can be undone.",
            false => "This is what the change from one service to the other changes, in one step.",
        };
        let dialog = Dialog::new("review", title, content)
            .eyebrow(self.login.service.title())
            .subtitle(subtitle)
            .wide();
        if self.is_running() {
            return dialog
                .aside(shown::working("Signing in"))
                .button(
                    button::secondary("Cancel")
                        .id("review-cancel")
                        .on_press(Message::CancelPressed),
                )
                .on_close(Message::CancelPressed);
        }
        dialog
            .focus("review-sign-in")
            .aside(
                check_box(!self.shows_next_time)
                    .label("Do not show this again")
                    .id("review-hide")
                    .on_toggle(Message::ShowAgainToggled),
            )
            .button(
                button::secondary("Back")
                    .id("review-back")
                    .on_press(Message::BackPressed),
            )
            .button(
                button::primary("Sign in")
                    .id("review-sign-in")
                    .on_press(Message::SignInPressed),
            )
            .on_close(Message::CancelPressed)
            .on_submit(Some(Message::SignInPressed))
    }
}

/// Whether the service has not seen the password yet: Anaconda Repository and Anaconda.org look at one only when a token
/// is made.
fn is_unproven(login: &LoggedIn) -> bool {
    matches!(
        &login.grant,
        Grant::Binstar {
            proof: BinstarProof::Password { .. },
            ..
        }
    )
}

/// A sign-in that ends so that this one can begin.
fn ended_view<'a>(ended: &Ended) -> Element<'a, Message> {
    let who = match ended.user.as_str() {
        "" => String::new(),
        user => format!(" as {user}"),
    };
    let words = column![
        text::body(format!(
            "{}: {}{who}.",
            ended.service.title(),
            host_of(&ended.domain)
        )),
        text::body(shown::end_of_token(ended.revokes.as_deref())),
    ];
    shown::part("Signed out of first", words)
}

#[cfg(test)]
#[path = "review_tests.rs"]
mod tests;
