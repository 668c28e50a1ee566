//! The dialog in which it is decided who may see packages: what it means, and what became of it (seed 004, "Making a package
//! private").

use iced::widget::{Column, column, container, row};
use iced::{Center, Element, Length};

use super::packages::{identity, meaning, reference};
use crate::error::Problem;
use crate::repository::{OwnedPackage, Visibility};
use crate::screen::attempt::Attempt;
use crate::screen::seat::Seat;
use crate::screen::{Key, quantity, shown};
use crate::secret::Secret;
use crate::service::access::{AccessChanged, AccessOutcome, PackageReference};
use crate::service::connection::Service;
use crate::ui::banner::Banner;
use crate::ui::modal::Dialog;
use crate::ui::segmented::segmented;
use crate::ui::style::{self, Tone};
use crate::ui::{button, spacing, text};

/// So many packages are named; the rest is counted.
const MOST: usize = 8;

#[derive(Debug, Clone)]
pub struct SetAccess {
    seat: Seat,
    password: Option<Secret>,
    packages: Vec<OwnedPackage>,
    access: Visibility,
    /// What the server made of it; empty before it was asked.
    outcomes: Vec<AccessChanged>,
    attempt: Attempt,
}

/// Who may see it. `Display` is the label.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Choice(Visibility);

impl Choice {
    const ALL: [Self; 3] = [
        Self(Visibility::Private),
        Self(Visibility::Authenticated),
        Self(Visibility::Public),
    ];
}

impl std::fmt::Display for Choice {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(meaning(self.0).0)
    }
}

#[derive(Debug, Clone)]
pub enum Message {
    AccessChosen(Choice),
    ChangePressed,
    CancelPressed,
    PagePressed(String),
    Ended {
        key: Key,
        result: Result<Vec<AccessChanged>, Problem>,
    },
}

#[derive(Debug)]
pub enum Action {
    None,
    Change {
        key: Key,
        service: Service,
        packages: Vec<PackageReference>,
        access: Visibility,
        password: Option<Secret>,
    },
    /// Stop; what was changed by then stays so.
    Abort(Key),
    Open(String),
    /// So many were changed; the others are told in the dialog, if there are any.
    Changed {
        count: usize,
        access: Visibility,
        is_over: bool,
    },
    Close,
}

impl SetAccess {
    /// Suggests what the packages are not yet.
    pub fn new(seat: Seat, password: Option<Secret>, packages: Vec<OwnedPackage>) -> Self {
        let all_private = packages
            .iter()
            .all(|package| package.visibility == Some(Visibility::Private));
        Self {
            seat,
            password,
            access: match all_private {
                true => Visibility::Public,
                false => Visibility::Private,
            },
            packages,
            outcomes: Vec::new(),
            attempt: Attempt::Asking,
        }
    }

    pub fn update(&mut self, message: Message) -> Action {
        match message {
            Message::AccessChosen(choice) => {
                if !self.attempt.is_running() {
                    self.access = choice.0;
                    self.attempt = Attempt::Asking;
                    self.outcomes.clear();
                }
                Action::None
            }
            Message::ChangePressed => {
                if !self.can_change() {
                    return Action::None;
                }
                self.outcomes.clear();
                Action::Change {
                    key: self.attempt.begin(),
                    service: self.seat.service,
                    packages: self
                        .packages
                        .iter()
                        .map(|package| reference(&identity(package)))
                        .collect(),
                    access: self.access,
                    password: self.password.clone(),
                }
            }
            Message::CancelPressed => match self.attempt.stop() {
                Some(key) => Action::Abort(key),
                None => Action::Close,
            },
            Message::PagePressed(page) => Action::Open(page),
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

    fn ended(&mut self, outcomes: Vec<AccessChanged>) -> Action {
        let is_changed = |outcome: &&AccessChanged| matches!(outcome.outcome, AccessOutcome::Changed { .. });
        let count = outcomes.iter().filter(is_changed).count();
        let is_over = count == outcomes.len();
        self.packages.retain(|package| {
            !outcomes
                .iter()
                .filter(is_changed)
                .any(|outcome| outcome.owner == package.owner && outcome.name == package.name)
        });
        self.outcomes = outcomes;
        Action::Changed {
            count,
            access: self.access,
            is_over,
        }
    }

    /// Where there is a page for it, asking again would change nothing.
    fn can_change(&self) -> bool {
        let is_asked = self.outcomes.is_empty() || self.has_failures();
        let is_news = self
            .packages
            .iter()
            .any(|package| package.visibility != Some(self.access));
        is_asked && is_news && !self.attempt.is_running()
    }

    fn has_failures(&self) -> bool {
        self.outcomes
            .iter()
            .any(|one| matches!(one.outcome, AccessOutcome::Failed { .. }))
    }

    pub fn view(&self) -> Dialog<'_, Message> {
        let title = match self.packages.as_slice() {
            [one] => format!("Who may see {}?", one.name),
            several => format!("Who may see {}?", quantity::count(several.len(), "package")),
        };
        let choice = segmented(Choice::ALL, Choice(self.access), Message::AccessChosen)
            .id("access-choice")
            .enabled(!self.attempt.is_running());
        let failed = self.attempt.failed().or_else(|| self.attempt.refused());
        let content: Column<'_, Message> = column![
            failed.map(|problem| Element::from(shown::problem(problem))),
            column![choice, text::small(meaning(self.access).1).style(style::muted)].spacing(spacing::S),
            self.list(),
            self.consequence(),
            self.told(),
        ]
        .spacing(spacing::L);
        let go = self.can_change().then_some(Message::ChangePressed);
        let verb = match self.access {
            Visibility::Private => "Make private",
            Visibility::Authenticated => "Open to the logged in",
            Visibility::Public => "Make public",
        };
        let is_asked = !self.outcomes.is_empty();
        let mut dialog = Dialog::new("set-access", title, content)
            .eyebrow(self.seat.label())
            .wide()
            // Who sees what is not the answer of a quick Enter.
            .focus("access-choice")
            .button(
                button::secondary(if is_asked { "Close" } else { "Cancel" })
                    .id("set-access-cancel")
                    .on_press(Message::CancelPressed),
            )
            .button(button::primary(verb).id("set-access-go").on_press_maybe(go))
            .on_close(Message::CancelPressed);
        if self.attempt.is_running() {
            dialog = dialog.aside(shown::working("Asking the server"));
        }
        dialog
    }

    fn list(&self) -> Element<'_, Message> {
        let line = |package: &OwnedPackage| -> Element<'_, Message> {
            let now = match package.visibility {
                Some(access) => meaning(access).0,
                None => "unknown",
            };
            let then = match package.visibility == Some(self.access) {
                true => "stays so".to_owned(),
                false => format!("{now} → {}", meaning(self.access).0),
            };
            let name = text::body(format!("{}/{}", package.owner, package.name))
                .wrapping(iced::widget::text::Wrapping::None);
            row![
                container(name).width(Length::Fill).clip(true),
                text::small(then).style(style::muted)
            ]
            .spacing(spacing::M)
            .align_y(Center)
            .into()
        };
        let mut lines: Vec<Element<'_, Message>> = self.packages.iter().take(MOST).map(line).collect();
        if self.packages.len() > MOST {
            let more = format!("and {} more", self.packages.len() - MOST);
            lines.push(text::small(more).style(style::muted).into());
        }
        container(Column::with_children(lines).spacing(spacing::XS))
            .padding(spacing::M)
            .width(Length::Fill)
            .style(style::well)
            .into()
    }

    /// What cannot be taken back, or is felt at once.
    fn consequence(&self) -> Option<Element<'_, Message>> {
        if !self.outcomes.is_empty() {
            return None;
        }
        let is_opened = self
            .packages
            .iter()
            .any(|package| package.visibility.is_some_and(|now| now > self.access));
        let (tone, words) = match (self.access, is_opened) {
            (Visibility::Private, _) => (
                Tone::Info,
                "Whoever is not among them can no longer install it, from then on. It can be opened again.",
            ),
            (_, true) => (
                Tone::Warning,
                "What others have downloaded by the time you close it again stays with them.",
            ),
            (_, false) => return None,
        };
        Some(Banner::new(tone, words).into())
    }

    /// What the server made of it, where there is more to it than done.
    fn told(&self) -> Option<Element<'_, Message>> {
        let told = self.outcomes.iter().filter_map(|one| {
            let name = format!("{}/{}", one.owner, one.name);
            match &one.outcome {
                AccessOutcome::Changed { .. } => None,
                AccessOutcome::OnlyInBrowser { page } => Some(
                    Banner::new(
                        Tone::Info,
                        format!("This server lets only its own pages change {name}"),
                    )
                    .cause(page.clone())
                    .remedy("There: Settings, Admin, Set access. Refresh the list here afterwards.")
                    .button(
                        button::secondary("Open in the browser")
                            .id("set-access-open")
                            .on_press(Message::PagePressed(page.clone())),
                    )
                    .into(),
                ),
                AccessOutcome::Failed { problem } => Some(
                    shown::problem(&Problem {
                        message: format!("{name} was not changed: {}", problem.message),
                        ..problem.clone()
                    })
                    .into(),
                ),
            }
        });
        let told: Vec<Element<'_, Message>> = told.take(MOST).collect();
        (!told.is_empty()).then(|| Column::with_children(told).spacing(spacing::S).into())
    }
}
