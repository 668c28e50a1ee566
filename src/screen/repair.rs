//! The dialog that repairs a login which is stuck: what will be cleared away, doing it, and on to signing in again
//! (seed 003, "Trouble logging in").

use std::path::{Path, PathBuf};

use iced::widget::{Column, column};
use iced::{Element, Task};

use super::connect::host_of;
use super::{Key, shown};
use crate::error::Problem;
use crate::repository::Domain;
use crate::service::plan::short_path;
use crate::service::repair::{RepairDone, RepairPlan};
use crate::ui::banner::Banner;
use crate::ui::diff_view::Diff;
use crate::ui::modal::Dialog;
use crate::ui::style::{self, Tone};
use crate::ui::{button, spacing, text};

/// The id of the button that goes on.
const REPAIR: &str = "repair-now";

/// The id of the button that leads to signing in again.
const SIGN_IN: &str = "repair-sign-in";

#[derive(Debug, Clone)]
pub struct RepairDialog {
    home: PathBuf,
    state: State,
}

#[derive(Debug, Clone)]
enum State {
    Planning(Key),
    Asking(Planned),
    Running(Key, Planned),
    Failed(Problem),
    Done {
        sign_in_to: Option<Domain>,
        entry: Option<String>,
    },
}

#[derive(Debug, Clone)]
struct Planned {
    repair: Box<RepairPlan>,
    diffs: Vec<Diff>,
}

/// How it ended.
#[derive(Debug, Clone)]
pub enum End {
    Done(Box<RepairDone>),
    /// Nothing was changed: a file was no longer what the plan had seen.
    Stale,
    Failed(Problem),
}

#[derive(Debug, Clone)]
pub enum Message {
    Planned {
        key: Key,
        result: Result<Box<RepairPlan>, Problem>,
    },
    RepairPressed,
    TryAgainPressed,
    Ended {
        key: Key,
        end: End,
    },
    SignInPressed,
    UndoPressed,
    Closed,
}

#[derive(Debug)]
pub enum Action {
    None,
    Plan(Key),
    Repair {
        key: Key,
        repair: Box<RepairPlan>,
    },
    /// Sign in again; to this server, where one is known.
    SignIn(Option<Domain>),
    /// Undo the repair, by its entry.
    Undo(String),
    /// Something was repaired: whoever shows files reads them again.
    Repaired,
    Close,
    Run(Task<Message>),
}

impl RepairDialog {
    pub fn new(home: &Path) -> (Self, Action) {
        let key = Key::fresh();
        let dialog = Self {
            home: home.to_owned(),
            state: State::Planning(key),
        };
        (dialog, Action::Plan(key))
    }

    fn plan(&mut self) -> Action {
        let key = Key::fresh();
        self.state = State::Planning(key);
        Action::Plan(key)
    }

    pub fn update(&mut self, message: Message) -> Action {
        match message {
            Message::Planned { key, result } => self.planned(key, result),
            Message::RepairPressed => match &self.state {
                State::Asking(planned) if !planned.repair.is_empty() => {
                    let key = Key::fresh();
                    let repair = planned.repair.clone();
                    self.state = State::Running(key, planned.clone());
                    Action::Repair { key, repair }
                }
                _ => Action::None,
            },
            Message::TryAgainPressed => self.plan(),
            Message::Ended { key, end } => self.ended(key, end),
            Message::SignInPressed => match &self.state {
                State::Done { sign_in_to, .. } => Action::SignIn(sign_in_to.clone()),
                State::Asking(planned) => Action::SignIn(planned.repair.sign_in_to.clone()),
                _ => Action::None,
            },
            Message::UndoPressed => match &self.state {
                State::Done {
                    entry: Some(entry), ..
                } => Action::Undo(entry.clone()),
                _ => Action::None,
            },
            Message::Closed => Action::Close,
        }
    }

    fn planned(&mut self, key: Key, result: Result<Box<RepairPlan>, Problem>) -> Action {
        if !matches!(self.state, State::Planning(own) if own == key) {
            return Action::None;
        }
        match result {
            Ok(repair) => {
                let focus = if repair.is_empty() { SIGN_IN } else { REPAIR };
                self.state = State::Asking(Planned {
                    diffs: shown::diffs(&repair.plan, &self.home),
                    repair,
                });
                Action::Run(iced::widget::operation::focus(focus))
            }
            Err(problem) => {
                self.state = State::Failed(problem);
                Action::None
            }
        }
    }

    fn ended(&mut self, key: Key, end: End) -> Action {
        if !matches!(&self.state, State::Running(own, _) if *own == key) {
            return Action::None;
        }
        match end {
            End::Done(done) => {
                self.state = State::Done {
                    sign_in_to: done.sign_in_to.clone(),
                    entry: done.entry.as_ref().map(|entry| entry.id.clone()),
                };
                Action::Repaired
            }
            End::Stale => self.plan(),
            End::Failed(problem) => {
                self.state = State::Failed(problem);
                Action::None
            }
        }
    }

    pub fn view(&self) -> Dialog<'_, Message> {
        let dialog = Dialog::new("repair", "Repair the connection", self.content())
            .wide()
            .on_close(Message::Closed)
            .focus("repair-close");
        let dialog = match &self.state {
            State::Done { .. } => dialog,
            _ => dialog.subtitle(
                "For a login that fails or hangs: what is left of earlier logins is cleared away. It can be undone \
                 until you sign in again.",
            ),
        };
        let dialog = match self.state {
            State::Planning(_) => dialog.aside(shown::working("Reading the files")),
            State::Running(..) => dialog.aside(shown::working("Repairing")),
            _ => dialog,
        };
        let close = match self.state {
            State::Done { .. } => "Close",
            _ => "Cancel",
        };
        let dialog = dialog.button(
            button::secondary(close)
                .id("repair-close")
                .on_press(Message::Closed),
        );
        match &self.state {
            State::Done { .. } => dialog.button(sign_in()).on_submit(Some(Message::SignInPressed)),
            State::Asking(planned) if planned.repair.is_empty() => {
                dialog.button(sign_in()).on_submit(Some(Message::SignInPressed))
            }
            State::Failed(_) => dialog.button(
                button::primary("Try again")
                    .id("repair-again")
                    .on_press(Message::TryAgainPressed),
            ),
            state => {
                let go = matches!(state, State::Asking(_)).then_some(Message::RepairPressed);
                dialog
                    .button(button::primary("Repair").id(REPAIR).on_press_maybe(go.clone()))
                    .on_submit(go)
            }
        }
    }

    fn content(&self) -> Column<'_, Message> {
        let content: Column<'_, Message> = column![].spacing(spacing::L);
        match &self.state {
            State::Planning(_) => content,
            State::Failed(problem) => content.push(shown::problem(problem)),
            State::Asking(planned) | State::Running(_, planned) => self.planned_view(content, planned),
            State::Done { sign_in_to, entry } => {
                let words = match sign_in_to {
                    Some(domain) => format!("Now sign in to {} again.", domain.host_and_port()),
                    None => "Now sign in again.".to_owned(),
                };
                let banner = Banner::new(Tone::Good, "The connection is repaired").cause(words);
                content.push(match entry {
                    Some(_) => banner.button(
                        button::small_link("Undo")
                            .flush()
                            .id("repair-undo")
                            .on_press(Message::UndoPressed),
                    ),
                    None => banner,
                })
            }
        }
    }

    fn planned_view<'a>(&'a self, content: Column<'a, Message>, planned: &'a Planned) -> Column<'a, Message> {
        let repair = &planned.repair;
        if repair.is_empty() {
            let banner = Banner::new(Tone::Info, "There is nothing to repair").cause(
                "No trace of a login is left on this machine. If signing in fails all the same, the cause is the \
                 server, the network or the account.",
            );
            return content.push(banner);
        }
        let mut content = content.extend(shown::warnings(&repair.plan.warnings));
        content = content.push(shown::ended_logins(&repair.plan.ends_logins));
        if let Some(connection) = repair.forgets() {
            let words = format!(
                "The sign-in to {} is forgotten, and its channels go with it.",
                host_of(&connection.domain)
            );
            content = content.push(shown::part("In Sextant", text::body(words)));
        }
        for path in &repair.set_aside {
            let words = format!(
                "{} cannot be read and is put aside.",
                short_path(path, &self.home)
            );
            content = content.push(shown::part("In Sextant", text::body(words)));
        }
        content = content.push(shown::kept_edits(&repair.plan.kept_edits));
        let files: Element<'_, Message> = match planned.diffs.is_empty() {
            true => text::body("No file has to be changed.")
                .style(style::muted)
                .into(),
            false => shown::diff_views(&planned.diffs),
        };
        content.push(shown::part("On this machine", files))
    }
}

fn sign_in<'a>() -> button::Button<'a, Message> {
    button::primary("Sign in again")
        .id(SIGN_IN)
        .on_press(Message::SignInPressed)
}

#[cfg(test)]
#[path = "repair_tests.rs"]
mod tests;
