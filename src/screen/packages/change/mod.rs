//! The dialog that changes an environment, or makes one: it finds out what follows from what is wanted, shows it, and carries
//! it out.
//!
//! The parent answers [`Action::Plan`] with [`Message::Planned`] and [`Action::Apply`] with [`Message::Progressed`] and
//! [`Message::Ended`]. It keeps the plan itself; the dialog knows what the plan would do.

mod preview;
mod refusal;
mod running;

use iced::Task;
use iced::widget::{Column, column};

use crate::error::{Kind, Problem};
use crate::screen::{Key, shown};
use crate::service::packages::change::{ChangeProgress, Preview};
use crate::ui::banner::Banner;
use crate::ui::modal::Dialog;
use crate::ui::style::{self, Tone};
use crate::ui::virtual_list::{self, ListState, Outcome};
use crate::ui::{button, spacing, text};

use preview::Shown;
pub use refusal::Refusal;
use running::Phases;

/// The button that goes on.
const GO: &str = "change-go";

/// What is changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// What a person marked in this environment.
    Packages { environment: String },
    /// Back to what this environment held before.
    Back { environment: String },
    /// A new environment of this name.
    Create { name: String },
    /// A copy of an environment, under this name.
    Clone { of: String, name: String },
    /// A new environment of this name, out of a file.
    Import { name: String, file: String },
}

impl Subject {
    /// Whether the environment is not there yet.
    fn is_new(&self) -> bool {
        matches!(
            self,
            Self::Create { .. } | Self::Clone { .. } | Self::Import { .. }
        )
    }

    /// Whether there is nothing to decide: a copy holds what the environment holds.
    fn is_plain(&self) -> bool {
        matches!(self, Self::Clone { .. })
    }
}

#[derive(Debug, Clone)]
pub struct ChangeDialog {
    subject: Subject,
    stage: Stage,
    consents: Consents,
    /// The plan had to be made anew, since the environment was changed meanwhile.
    is_anew: bool,
    list: ListState,
}

#[derive(Debug, Clone)]
enum Stage {
    Planning {
        key: Key,
        /// What is going on, where there is more to say than that.
        note: Option<String>,
    },
    /// There is no such plan.
    Refused(Box<Refusal>),
    Asking(Box<Shown>),
    Running {
        key: Key,
        shown: Box<Shown>,
        phases: Phases,
        is_stopping: bool,
    },
    /// It failed; the environment has what it had.
    Failed {
        problem: Problem,
        shown: Box<Shown>,
    },
}

/// What a person may let happen beside the change itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Consents {
    /// Packages run their scripts.
    pub scripts: bool,
    /// pip installs what the file wants of it.
    pub pip: bool,
}

/// What a plan would do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offered {
    pub preview: Preview,
    /// What pip is to install afterwards, if the person consents.
    pub pip: Vec<String>,
}

impl From<Preview> for Offered {
    fn from(preview: Preview) -> Self {
        Self {
            preview,
            pip: Vec::new(),
        }
    }
}

/// How it ended.
#[derive(Debug, Clone)]
pub enum End {
    Done,
    /// It was stopped; the environment has what it had.
    Stopped,
    /// Nothing was changed: the environment is another one now than the plan had seen.
    Stale,
    Failed(Problem),
}

#[derive(Debug, Clone)]
pub enum Message {
    /// What the search for packages that fit is at.
    Noted {
        key: Key,
        note: String,
    },
    Planned {
        key: Key,
        result: Result<Box<Offered>, Box<Refusal>>,
    },
    ScriptsToggled(bool),
    PipToggled(bool),
    List(virtual_list::Event),
    ApplyPressed,
    Progressed {
        key: Key,
        progress: ChangeProgress,
    },
    Ended {
        key: Key,
        end: End,
    },
    AgainPressed,
    IndexPressed,
    /// Stop what runs, or close.
    CancelPressed,
    /// Close; what runs goes on.
    HidePressed,
}

#[derive(Debug)]
pub enum Action {
    None,
    /// Find out what follows from what is wanted.
    Plan(Key),
    /// Carry the plan out.
    Apply {
        key: Key,
        consents: Consents,
    },
    /// Stop finding out, or carrying out: the latter tells how it ended all the same.
    Stop(Key),
    /// Show the update of the index.
    OpenIndex,
    Close,
    /// Close, and tell that it was stopped.
    Stopped,
    /// Close; it goes on.
    Hide,
    Done,
    Run(Task<Message>),
}

impl ChangeDialog {
    pub fn new(subject: Subject) -> (Self, Action) {
        let key = Key::fresh();
        let dialog = Self {
            subject,
            stage: Stage::Planning { key, note: None },
            consents: Consents::default(),
            is_anew: false,
            list: ListState::new("change-list"),
        };
        (dialog, Action::Plan(key))
    }

    pub fn update(&mut self, message: Message) -> Action {
        match message {
            Message::Noted { key, note } => {
                if let Stage::Planning {
                    key: own,
                    note: noted,
                } = &mut self.stage
                    && *own == key
                {
                    *noted = Some(note);
                }
                Action::None
            }
            Message::Planned { key, result } => self.planned(key, result),
            Message::ScriptsToggled(is_consented) => {
                self.consents.scripts = is_consented;
                Action::None
            }
            Message::PipToggled(is_consented) => {
                self.consents.pip = is_consented;
                Action::None
            }
            Message::List(event) => {
                let len = self.shown().map_or(0, Shown::len);
                match self.list.update(event, len) {
                    Outcome::ScrollTo(offset) => Action::Run(self.list.scroll_to(offset)),
                    Outcome::Activate(_) => self.apply(),
                    _ => Action::None,
                }
            }
            Message::ApplyPressed => self.apply(),
            Message::Progressed { key, progress } => {
                if let Stage::Running { key: own, phases, .. } = &mut self.stage
                    && *own == key
                {
                    phases.progressed(progress);
                }
                Action::None
            }
            Message::Ended { key, end } => self.ended(key, end),
            Message::AgainPressed => match &self.stage {
                Stage::Refused(_) | Stage::Failed { .. } => self.plan(),
                _ => Action::None,
            },
            Message::IndexPressed => Action::OpenIndex,
            Message::CancelPressed => self.cancel(),
            Message::HidePressed => match self.stage {
                Stage::Running { .. } => Action::Hide,
                _ => self.cancel(),
            },
        }
    }

    fn plan(&mut self) -> Action {
        let key = Key::fresh();
        self.stage = Stage::Planning { key, note: None };
        Action::Plan(key)
    }

    fn planned(&mut self, key: Key, result: Result<Box<Offered>, Box<Refusal>>) -> Action {
        if !matches!(self.stage, Stage::Planning { key: own, .. } if own == key) {
            return Action::None;
        }
        match result {
            Ok(offered) => {
                self.list = ListState::new("change-list");
                let preview = &offered.preview;
                let is_decided = preview.scripts.is_empty() && preview.warnings.is_empty() && !self.is_anew;
                self.stage = Stage::Asking(Box::new(Shown::new(*offered)));
                if self.subject.is_plain() && is_decided {
                    return self.apply();
                }
                // Until now the button could not be focused; it is what Enter is for.
                Action::Run(iced::widget::operation::focus(GO))
            }
            Err(refusal) => {
                self.stage = Stage::Refused(refusal);
                Action::None
            }
        }
    }

    fn apply(&mut self) -> Action {
        if !self.can_apply() {
            return Action::None;
        }
        let key = Key::fresh();
        let running = |shown: Box<Shown>| Stage::Running {
            key,
            phases: Phases::new(shown.preview()),
            shown,
            is_stopping: false,
        };
        let stage = std::mem::replace(&mut self.stage, Stage::Planning { key, note: None });
        self.stage = match stage {
            Stage::Asking(shown) => running(shown),
            other => {
                self.stage = other;
                return Action::None;
            }
        };
        Action::Apply {
            key,
            consents: self.consents,
        }
    }

    fn can_apply(&self) -> bool {
        match &self.stage {
            // A new environment may be wanted without packages in it.
            Stage::Asking(shown) => !shown.is_empty() || self.subject.is_new(),
            _ => false,
        }
    }

    fn ended(&mut self, key: Key, end: End) -> Action {
        let Stage::Running { key: own, .. } = &self.stage else {
            return Action::None;
        };
        if *own != key {
            return Action::None;
        }
        match end {
            End::Done => Action::Done,
            End::Stopped => Action::Stopped,
            End::Stale => {
                self.is_anew = true;
                self.plan()
            }
            End::Failed(problem) => {
                let refusal = Box::new(Refusal::from(problem.clone()));
                let stage = std::mem::replace(&mut self.stage, Stage::Refused(refusal));
                if let Stage::Running { shown, .. } = stage {
                    self.stage = Stage::Failed { problem, shown };
                }
                Action::None
            }
        }
    }

    fn cancel(&mut self) -> Action {
        match &mut self.stage {
            // The parent stops it; the dialog is gone by then.
            Stage::Planning { key, .. } => {
                let key = *key;
                let problem = Problem::new(Kind::Cancelled, "It was cancelled");
                self.stage = Stage::Refused(Box::new(problem.into()));
                Action::Stop(key)
            }
            Stage::Running {
                is_stopping: true, ..
            } => Action::None,
            Stage::Running {
                key,
                is_stopping,
                phases,
                ..
            } => {
                *is_stopping = true;
                phases.stop();
                Action::Stop(*key)
            }
            _ => Action::Close,
        }
    }

    /// Work was cancelled from outside.
    pub fn cancelled(&mut self, key: Key) {
        let is_own = match &self.stage {
            Stage::Planning { key: own, .. } | Stage::Running { key: own, .. } => *own == key,
            _ => false,
        };
        if is_own {
            let _ = self.cancel();
        }
    }

    /// Whether it closes once it is cancelled: nothing was begun.
    pub fn is_over(&self) -> bool {
        matches!(&self.stage, Stage::Refused(refusal) if refusal.kind() == Kind::Cancelled)
    }

    /// How much of what runs is done, and the key of the work.
    pub fn share(&self) -> Option<(Key, f32)> {
        match &self.stage {
            Stage::Running { key, phases, .. } => Some((*key, phases.share()?)),
            _ => None,
        }
    }

    pub fn is_running(&self) -> bool {
        matches!(self.stage, Stage::Running { .. })
    }

    fn shown(&self) -> Option<&Shown> {
        match &self.stage {
            Stage::Asking(shown) | Stage::Running { shown, .. } | Stage::Failed { shown, .. } => Some(shown),
            _ => None,
        }
    }

    /// The title of the window while it is open.
    pub fn verb(&self) -> &'static str {
        match self.subject {
            Subject::Packages { .. } => "Apply",
            Subject::Back { .. } => "Undo",
            Subject::Create { .. } => "Create",
            Subject::Clone { .. } => "Clone",
            Subject::Import { .. } => "Import",
        }
    }

    pub fn view(&self) -> Dialog<'_, Message> {
        let title = match &self.subject {
            Subject::Packages { environment } => format!("Change {environment}"),
            Subject::Back { environment } => format!("Undo the change of {environment}"),
            Subject::Create { name } => format!("Create {name}"),
            Subject::Clone { of, name } => format!("Clone {of} to {name}"),
            Subject::Import { name, .. } => format!("Import {name}"),
        };
        let subtitle = match (&self.stage, &self.subject) {
            (Stage::Planning { .. }, _) => "What is wanted, and everything that it needs.".to_owned(),
            (Stage::Refused(_), _) => "Nothing was changed.".to_owned(),
            (Stage::Failed { .. }, subject) if subject.is_new() => "No environment was made.".to_owned(),
            (Stage::Failed { .. }, _) => "The environment has what it had before.".to_owned(),
            (Stage::Asking(shown) | Stage::Running { shown, .. }, subject) => {
                let summary = shown.summary();
                match subject {
                    Subject::Import { file, .. } => format!("From {file}: {summary}"),
                    _ => summary,
                }
            }
        };
        let dialog = Dialog::new("change-dialog", title, self.content())
            .subtitle(subtitle)
            .wide()
            .on_close(Message::CancelPressed);
        self.buttons(dialog)
    }

    fn content(&self) -> Column<'_, Message> {
        let anew = self.is_anew.then(|| {
            Banner::new(
                Tone::Info,
                "The environment was changed by another program meanwhile.",
            )
            .remedy("Nothing was done yet. This is what would follow now.")
        });
        let content = column![].spacing(spacing::L);
        match &self.stage {
            Stage::Planning { note, .. } => {
                let words = note
                    .clone()
                    .unwrap_or_else(|| "Finding packages that fit together".to_owned());
                content.push(shown::working(words))
            }
            Stage::Refused(refusal) => content.push(refusal.view()),
            Stage::Asking(shown) => {
                let scripts = shown.scripts_consent(self.consents.scripts);
                let pip = shown.pip_consent(self.consents.pip);
                content
                    .push(anew)
                    .extend(shown::warnings(&shown.preview().warnings))
                    .push(shown.list(&self.list))
                    .push(scripts)
                    .push(pip)
            }
            Stage::Running {
                phases, is_stopping, ..
            } => content.push(phases.view(*is_stopping)),
            Stage::Failed { problem, .. } => content.push(shown::problem(problem)),
        }
    }

    fn buttons<'a>(&'a self, dialog: Dialog<'a, Message>) -> Dialog<'a, Message> {
        let cancel = |label: &'static str| {
            button::secondary(label)
                .id("change-cancel")
                .on_press(Message::CancelPressed)
        };
        match &self.stage {
            Stage::Planning { .. } => dialog.focus("change-cancel").button(cancel("Cancel")),
            Stage::Asking(_) => {
                let go = self.can_apply().then_some(Message::ApplyPressed);
                if go.is_none() {
                    return dialog
                        .on_submit(Some(Message::CancelPressed))
                        .button(cancel("Close"));
                }
                dialog
                    .focus(GO)
                    .on_submit(go.clone())
                    .button(cancel("Cancel"))
                    .button(button::primary(self.verb()).id(GO).on_press_maybe(go))
            }
            Stage::Running { is_stopping, .. } => {
                let stop = (!is_stopping).then_some(Message::CancelPressed);
                let hide = button::secondary("Go on in the background")
                    .id("change-hide")
                    .on_press(Message::HidePressed);
                let aside = is_stopping.then(|| {
                    text::small("Cancelled: the environment gets back what it had.").style(style::muted)
                });
                let dialog = match aside {
                    Some(words) => dialog.aside(words),
                    None => dialog.button(hide),
                };
                dialog.button(
                    button::secondary("Cancel")
                        .id("change-cancel")
                        .on_press_maybe(stop),
                )
            }
            Stage::Refused(_) | Stage::Failed { .. } => dialog
                .aside(
                    button::link("Update index")
                        .flush()
                        .id("change-index")
                        .on_press(Message::IndexPressed),
                )
                .focus("change-cancel")
                .button(
                    button::secondary("Try again")
                        .id("change-again")
                        .on_press(Message::AgainPressed),
                )
                .button(cancel("Close")),
        }
    }
}

#[cfg(test)]
mod tests;
