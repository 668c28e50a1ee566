//! The dialog after signing out: what conda still searches of the service, each to be removed or kept (seed 003, "How to
//! disconnect from a repository").

use std::fmt;
use std::path::{Path, PathBuf};

use iced::widget::{Column, column, container, row};
use iced::{Center, Element, Length, Task};

use super::{Key, shown};
use crate::edit::history::Entry;
use crate::error::Problem;
use crate::service::left_behind::LeftBehind;
use crate::service::plan::{Plan, short_path};
use crate::ui::diff_view::Diff;
use crate::ui::modal::Dialog;
use crate::ui::segmented::segmented;
use crate::ui::style;
use crate::ui::{button, spacing, text};

#[derive(Debug, Clone)]
pub struct LeftBehindDialog {
    /// The service, as it is called in a sentence.
    service: String,
    items: Vec<(LeftBehind, Fate)>,
    home: PathBuf,
    planned: Option<Planned>,
    state: State,
}

/// What becomes of one of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    Remove,
    Keep,
}

impl fmt::Display for Fate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Remove => "remove",
            Self::Keep => "keep",
        })
    }
}

#[derive(Debug, Clone)]
struct Planned {
    plan: Box<Plan>,
    diffs: Vec<Diff>,
}

#[derive(Debug, Clone)]
enum State {
    Planning(Key),
    Asking,
    Running(Key),
    Failed(Problem),
}

/// How removing ended.
#[derive(Debug, Clone)]
pub enum End {
    Done(Box<Entry>),
    /// Nothing was changed: a file was no longer what the plan had seen.
    Stale,
    Failed(Problem),
}

#[derive(Debug, Clone)]
pub enum Message {
    Chosen {
        at: usize,
        fate: Fate,
    },
    Planned {
        key: Key,
        result: Result<Box<Plan>, Problem>,
    },
    RemovePressed,
    Ended {
        key: Key,
        end: End,
    },
    Closed,
}

#[derive(Debug)]
pub enum Action {
    None,
    Plan { key: Key, gone: Vec<LeftBehind> },
    Remove { key: Key, plan: Box<Plan> },
    Close,
    Done(Box<Entry>),
    Run(Task<Message>),
}

impl LeftBehindDialog {
    /// `items` is not empty. Whatever can be removed is, unless the person keeps it.
    pub fn new(service: impl Into<String>, items: Vec<LeftBehind>, home: &Path) -> (Self, Action) {
        let fate = |item: &LeftBehind| match item.can_be_removed() {
            true => Fate::Remove,
            false => Fate::Keep,
        };
        let mut dialog = Self {
            service: service.into(),
            items: items
                .into_iter()
                .map(|item| (item.clone(), fate(&item)))
                .collect(),
            home: home.to_owned(),
            planned: None,
            state: State::Asking,
        };
        let action = dialog.plan();
        (dialog, action)
    }

    fn gone(&self) -> Vec<LeftBehind> {
        let gone = self.items.iter().filter(|(_, fate)| *fate == Fate::Remove);
        gone.map(|(item, _)| item.clone()).collect()
    }

    fn plan(&mut self) -> Action {
        let gone = self.gone();
        self.planned = None;
        if gone.is_empty() {
            self.state = State::Asking;
            return Action::None;
        }
        let key = Key::fresh();
        self.state = State::Planning(key);
        Action::Plan { key, gone }
    }

    pub fn update(&mut self, message: Message) -> Action {
        match message {
            Message::Chosen { .. } if matches!(self.state, State::Running(_)) => Action::None,
            Message::Chosen { at, fate } => match self.items.get_mut(at) {
                Some((item, chosen)) if item.can_be_removed() && *chosen != fate => {
                    *chosen = fate;
                    self.plan()
                }
                _ => Action::None,
            },
            Message::Planned { key, result } => self.planned(key, result),
            Message::RemovePressed => match (&self.planned, &self.state) {
                (Some(planned), State::Asking) => {
                    let key = Key::fresh();
                    let plan = planned.plan.clone();
                    self.state = State::Running(key);
                    Action::Remove { key, plan }
                }
                _ => Action::None,
            },
            Message::Ended { key, end } => self.ended(key, end),
            Message::Closed => Action::Close,
        }
    }

    fn planned(&mut self, key: Key, result: Result<Box<Plan>, Problem>) -> Action {
        if !matches!(self.state, State::Planning(own) if own == key) {
            return Action::None;
        }
        match result {
            Ok(plan) => {
                self.planned = Some(Planned {
                    diffs: shown::diffs(&plan, &self.home),
                    plan,
                });
                self.state = State::Asking;
            }
            Err(problem) => self.state = State::Failed(problem),
        }
        Action::None
    }

    fn ended(&mut self, key: Key, end: End) -> Action {
        if !matches!(self.state, State::Running(own) if own == key) {
            return Action::None;
        }
        match end {
            End::Done(entry) => Action::Done(entry),
            End::Stale => self.plan(),
            End::Failed(problem) => {
                self.state = State::Failed(problem);
                Action::None
            }
        }
    }

    pub fn view(&self) -> Dialog<'_, Message> {
        let mut content: Column<'_, Message> = column![].spacing(spacing::L);
        if let State::Failed(problem) = &self.state {
            content = content.push(shown::problem(problem));
        }
        let rows = self.items.iter().enumerate();
        let rows = rows.map(|(at, (item, fate))| self.row(at, item, *fate));
        content = content.push(Column::with_children(rows).spacing(spacing::S));
        if let Some(planned) = &self.planned {
            content = content.push(shown::part("On this machine", shown::diff_views(&planned.diffs)));
        }
        let dialog = Dialog::new("left-behind", "Channels that are left", content)
            .subtitle(format!(
                "You have signed out of {}, and conda goes on searching these. The channels of defaults stay.",
                self.service
            ))
            .wide()
            .on_close(Message::Closed);
        let dialog = match self.state {
            State::Planning(_) => dialog.aside(shown::working("Comparing")),
            State::Running(_) => dialog.aside(shown::working("Removing")),
            _ => dialog,
        };
        let can_go = self.planned.is_some() && matches!(self.state, State::Asking);
        let go = can_go.then_some(Message::RemovePressed);
        let label = match self.gone().len() {
            0 | 1 => "Remove".to_owned(),
            count => format!("Remove {count}"),
        };
        dialog
            .focus("left-behind-keep")
            .button(
                button::secondary("Keep all")
                    .id("left-behind-keep")
                    .on_press(Message::Closed),
            )
            .button(
                button::primary(label)
                    .id("left-behind-remove")
                    .on_press_maybe(go.clone()),
            )
            .on_submit(go)
    }

    fn row<'a>(&'a self, at: usize, item: &'a LeftBehind, fate: Fate) -> Element<'a, Message> {
        let place = format!("{} in {}", item.setting, short_path(&item.path, &self.home));
        let leads = (item.url != item.name && !item.url.is_empty())
            .then(|| text::small(format!("leads to {}", item.url)).style(style::muted));
        let stays = item
            .stays_because
            .as_ref()
            .map(|reason| text::small(shown::sentence(reason)).style(style::warning));
        let words = column![
            text::strong(item.name.as_str()),
            text::small(place).style(style::muted),
            leads,
            stays
        ]
        .spacing(spacing::XXS);
        let choice = segmented([Fate::Remove, Fate::Keep], fate, move |fate| Message::Chosen {
            at,
            fate,
        })
        .enabled(item.can_be_removed())
        .id(format!("left-behind-{at}"));
        container(
            row![container(words).width(Length::Fill), choice]
                .spacing(spacing::M)
                .align_y(Center),
        )
        .padding(spacing::M)
        .width(Length::Fill)
        .style(style::well)
        .into()
    }
}

/// What was removed, in the words of a toast.
pub fn outcome(entry: &Entry) -> String {
    format!("{}. conda searches it no more", entry.what)
}

#[cfg(test)]
#[path = "left_behind_tests.rs"]
mod tests;
