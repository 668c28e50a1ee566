//! The Review dialog: what signing in will change, before it happens.

use std::path::{Path, PathBuf};

use iced::widget::{Column, column, container, row};
use iced::{Center, Element, Length};

use super::{Key, SERVER, shown};
use crate::error::Problem;
use crate::service::channels::NO_CHANNELS;
use crate::service::plan::{Plan, PlannedToken};
use crate::service::sign_in::{LoggedIn, SignedIn};
use crate::ui::banner::Banner;
use crate::ui::check_box::check_box;
use crate::ui::diff_view::Diff;
use crate::ui::modal::Dialog;
use crate::ui::style::{self, Tone};
use crate::ui::{button, progress, spacing, text};

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
#[derive(Debug, Clone)]
pub enum End {
    Done(Box<SignedIn>),
    /// Nothing was changed: a file was no longer what the plan had seen.
    Stale(Box<Plan>),
    Failed(Problem),
}

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
    Back,
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
            Message::BackPressed => Action::Back,
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
            End::Failed(problem) => self.state = State::Failed(problem),
        }
        Action::None
    }

    fn is_running(&self) -> bool {
        matches!(self.state, State::Running(_))
    }

    pub fn view(&self) -> Dialog<'_, Message> {
        let mut content: Column<'_, Message> = column![].spacing(spacing::L);
        match &self.state {
            State::PlannedAnew => {
                let banner = Banner::new(Tone::Info, "A file was changed by another program meanwhile.")
                    .remedy("Nothing was done yet. This is what signing in changes now.");
                content = content.push(banner);
            }
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
        if let Some(token) = &self.plan.token {
            content = content.push(token_view(token));
        }
        content = content.push(
            column![text::heading("On this machine"), shown::diff_views(&self.diffs)].spacing(spacing::S),
        );
        let title = format!(
            "Sign in to {} as {}",
            self.login.domain.host_and_port(),
            self.login.user
        );
        let dialog = Dialog::new("review", title, content)
            .eyebrow(SERVER)
            .subtitle("This is what signing in changes. All of it can be undone.")
            .wide();
        if self.is_running() {
            let words = text::small("Signing in").style(style::muted);
            return dialog
                .aside(
                    row![progress::activity(), words]
                        .spacing(spacing::S)
                        .align_y(Center),
                )
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

fn token_view<'a>(token: &PlannedToken) -> Element<'a, Message> {
    let fact = |name: &'static str, value: String| {
        row![
            container(text::small(name).style(style::muted)).width(64),
            container(text::small(value)).width(Length::Fill)
        ]
        .spacing(spacing::S)
    };
    let facts = column![
        fact("name", token.name.clone()),
        fact("scopes", token.scopes.join(", ")),
        fact("until", token.expires_on.strftime("%-d %B %Y").to_string()),
    ]
    .spacing(spacing::XXS);
    let card = container(facts)
        .padding(spacing::M)
        .width(Length::Fill)
        .style(style::well);
    column![text::heading("A new token on the server"), card]
        .spacing(spacing::S)
        .into()
}
