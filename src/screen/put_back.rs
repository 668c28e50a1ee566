//! The dialog before something is put back: signing out, or undoing an entry of the history. It shows what comes back,
//! and lets the person decide about what somebody else changed meanwhile.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use iced::widget::{Column, column, container, row};
use iced::{Center, Element, Length, Task};

use super::connect::host_of;
use super::{Key, shown};
use crate::error::{Kind, Problem};
use crate::service::connection::Service;
use crate::service::merge::PutBack;
use crate::service::packages::history::PackagesBack;
use crate::service::plan::KeptEdit;
use crate::service::sign_out::SignedOut;
use crate::service::undo::{UndoPlan, Undone};
use crate::ui::banner::Banner;
use crate::ui::diff_view::Diff;
use crate::ui::modal::Dialog;
use crate::ui::segmented::segmented;
use crate::ui::style::{self, Tone};
use crate::ui::{button, spacing, text};

/// The id of the button that goes on.
const PUT_BACK: &str = "put-back-now";

/// What is put back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    SignIn {
        service: Service,
        domain: String,
        user: String,
    },
    Entry {
        id: String,
        what: String,
    },
}

#[derive(Debug, Clone)]
pub struct PutBackDialog {
    subject: Subject,
    home: PathBuf,
    /// Per key that somebody else changed: whether their value stays.
    choices: BTreeMap<String, bool>,
    planned: Option<Planned>,
    state: State,
}

#[derive(Debug, Clone)]
struct Planned {
    plan: UndoPlan,
    diffs: Vec<Diff>,
}

#[derive(Debug, Clone)]
enum State {
    Planning(Key),
    Asking,
    Running(Key),
    Failed(Problem),
}

/// How it ended.
#[derive(Debug, Clone)]
pub enum End {
    Done(Box<Undone>),
    /// Nothing was changed: a file was no longer what the plan had seen.
    Stale,
    Failed(Problem),
}

#[derive(Debug, Clone)]
pub enum Message {
    Planned {
        key: Key,
        result: Result<Box<UndoPlan>, Problem>,
    },
    Chosen {
        key: String,
        keep: Keep,
    },
    ExactPressed,
    PutBackPressed,
    CancelPressed,
    Ended {
        key: Key,
        end: End,
    },
}

#[derive(Debug)]
pub enum Action {
    None,
    Plan {
        key: Key,
        subject: Subject,
        how: PutBack,
    },
    PutBack {
        key: Key,
        plan: Box<UndoPlan>,
    },
    Abort(Key),
    Close,
    Done(Box<Undone>),
    /// Packages come back or go: what is to be shown is another thing than files.
    Packages(Box<PackagesBack>),
    Run(Task<Message>),
}

/// Whose value of a key stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keep {
    Mine,
    Theirs,
}

impl fmt::Display for Keep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Mine => "keep mine",
            Self::Theirs => "keep theirs",
        })
    }
}

impl PutBackDialog {
    pub fn new(subject: Subject, home: &Path) -> (Self, Action) {
        let mut dialog = Self {
            subject,
            home: home.to_owned(),
            choices: BTreeMap::new(),
            planned: None,
            state: State::Asking,
        };
        let action = dialog.plan(PutBack::KeepEdits);
        (dialog, action)
    }

    fn plan(&mut self, how: PutBack) -> Action {
        let key = Key::fresh();
        self.state = State::Planning(key);
        Action::Plan {
            key,
            subject: self.subject.clone(),
            how,
        }
    }

    pub fn update(&mut self, message: Message) -> Action {
        match message {
            Message::Planned { key, result } => self.planned(key, result),
            Message::Chosen { key, keep } => {
                self.choices.insert(key, keep == Keep::Theirs);
                self.plan(PutBack::PerKey(self.choices.clone()))
            }
            Message::ExactPressed => self.plan(PutBack::Exact),
            Message::PutBackPressed => match (&self.planned, self.can_go_on()) {
                (Some(planned), true) => {
                    let key = Key::fresh();
                    self.state = State::Running(key);
                    Action::PutBack {
                        key,
                        plan: Box::new(planned.plan.clone()),
                    }
                }
                _ => Action::None,
            },
            Message::CancelPressed => match self.state {
                State::Running(key) => Action::Abort(key),
                _ => Action::Close,
            },
            Message::Ended { key, end } => self.ended(key, end),
        }
    }

    fn planned(&mut self, key: Key, result: Result<Box<UndoPlan>, Problem>) -> Action {
        if !matches!(self.state, State::Planning(own) if own == key) {
            return Action::None;
        }
        match result {
            Ok(plan) => {
                let plan = match *plan {
                    UndoPlan::Packages(back) => return Action::Packages(back),
                    plan => plan,
                };
                let is_first = self.planned.is_none();
                self.planned = Some(Planned {
                    diffs: shown::diffs(plan.plan(), &self.home),
                    plan,
                });
                self.state = State::Asking;
                // Until now the button could not be focused; it is what Enter is for.
                if is_first {
                    return Action::Run(iced::widget::operation::focus(PUT_BACK));
                }
            }
            Err(problem) => {
                self.planned = None;
                self.state = State::Failed(problem);
            }
        }
        Action::None
    }

    fn ended(&mut self, key: Key, end: End) -> Action {
        if !matches!(self.state, State::Running(own) if own == key) {
            return Action::None;
        }
        match end {
            End::Done(undone) => Action::Done(undone),
            End::Failed(problem) => {
                self.state = State::Failed(problem);
                Action::None
            }
            End::Stale => {
                let action = self.plan(PutBack::PerKey(self.choices.clone()));
                self.planned = None;
                action
            }
        }
    }

    fn can_go_on(&self) -> bool {
        let is_ready = matches!(self.state, State::Asking | State::Failed(_));
        is_ready && self.planned.is_some()
    }

    /// The label of the button that goes on.
    pub fn verb(&self) -> &'static str {
        match self.subject {
            Subject::SignIn { .. } => "Sign out",
            Subject::Entry { .. } => "Undo",
        }
    }

    pub fn view(&self) -> Dialog<'_, Message> {
        let (title, subtitle) = match &self.subject {
            Subject::SignIn { domain, user, .. } => (
                format!("Sign out of {}", host_of(domain)),
                match user.as_str() {
                    "" => "What signing in changed is put back.".to_owned(),
                    user => format!("{user} is signed out, and what signing in changed is put back."),
                },
            ),
            Subject::Entry { what, .. } => ("Undo a change".to_owned(), what.clone()),
        };
        let mut content: Column<'_, Message> = column![].spacing(spacing::L);
        if let State::Failed(problem) = &self.state {
            content = content.push(self.failure(problem));
        }
        if let Some(planned) = &self.planned {
            content = content.push(planned_view(planned));
        }
        let dialog = Dialog::new("put-back", title, content)
            .subtitle(subtitle)
            .wide()
            .on_close(Message::CancelPressed);
        let dialog = match self.state {
            State::Planning(_) => dialog.aside(shown::working("Reading the files")),
            State::Running(_) => dialog.aside(shown::working(match self.subject {
                Subject::SignIn { .. } => "Signing out",
                Subject::Entry { .. } => "Putting back",
            })),
            _ => dialog,
        };
        let go = self.can_go_on().then_some(Message::PutBackPressed);
        let is_running = matches!(self.state, State::Running(_));
        let cancel = if is_running { "Stop waiting" } else { "Cancel" };
        dialog
            .focus(PUT_BACK)
            .button(
                button::secondary(cancel)
                    .id("put-back-cancel")
                    // A quick Enter must not cancel what has not been shown yet.
                    .tab_stop(self.planned.is_some() || matches!(self.state, State::Failed(_)))
                    .on_press(Message::CancelPressed),
            )
            .button(
                button::primary(self.verb())
                    .id(PUT_BACK)
                    .on_press_maybe(go.clone()),
            )
            .on_submit(go)
    }

    /// A file that somebody broke cannot be merged, but it can be replaced.
    fn failure<'a>(&self, problem: &Problem) -> Banner<'a, Message> {
        let banner = shown::problem(problem);
        if problem.kind == Kind::RefusedEdit && self.planned.is_none() {
            banner
                .button(button::secondary("Put the old file back as it was").on_press(Message::ExactPressed))
        } else {
            banner
        }
    }
}

fn planned_view(planned: &Planned) -> Element<'_, Message> {
    let plan = planned.plan.plan();
    let mut parts: Column<'_, Message> = column![].spacing(spacing::L);
    parts = parts.extend(shown::warnings(&plan.warnings));
    if matches!(planned.plan, UndoPlan::SignOut { .. }) {
        let words = shown::end_of_token(plan.revokes.as_deref());
        parts = parts.push(shown::part("On the server", text::body(words)));
    }
    parts = parts.push(shown::ended_logins(&plan.ends_logins));
    if !plan.kept_edits.is_empty() {
        let heading = column![
            text::heading("Changed by somebody else meanwhile"),
            text::small("Mine is what stood there before; theirs is what stands there now.")
                .style(style::muted)
        ];
        let edits = plan.kept_edits.iter().map(edit_view);
        parts = parts.push(column![heading].extend(edits).spacing(spacing::S));
    }
    let files: Element<'_, Message> = if planned.diffs.is_empty() {
        text::body("No file has to be changed.")
            .style(style::muted)
            .into()
    } else {
        shown::diff_views(&planned.diffs)
    };
    parts
        .push(column![text::heading("On this machine"), files].spacing(spacing::S))
        .into()
}

fn edit_view(edit: &KeptEdit) -> Element<'_, Message> {
    let value = |value: &Option<String>| value.clone().unwrap_or_else(|| "nothing".to_owned());
    let side = |name: &'static str, words: String| {
        row![
            container(text::small(name).style(style::muted)).width(44),
            container(text::small(words).font(crate::ui::font::MONOSPACE)).width(Length::Fill)
        ]
        .spacing(spacing::S)
    };
    let chosen = if edit.kept { Keep::Theirs } else { Keep::Mine };
    let words = column![
        text::strong(edit.key.clone()),
        side("mine", value(&edit.restored)),
        side("theirs", value(&edit.present))
    ]
    .spacing(spacing::XXS);
    let choice = segmented([Keep::Mine, Keep::Theirs], chosen, |keep| Message::Chosen {
        key: edit.key.clone(),
        keep,
    })
    .id(format!("keep-{}", edit.key));
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

/// What became of it, in the words of a toast: tone, message, detail, and whether a token still waits to be revoked.
pub fn outcome(undone: &Undone) -> Outcome {
    match undone {
        Undone::Files(entry) => Outcome {
            tone: Tone::Good,
            words: entry.what.clone(),
            detail: None,
            token_waits: false,
        },
        Undone::Packages(changed) => Outcome {
            tone: Tone::Good,
            words: match &changed.entry {
                Some(entry) => entry.what.clone(),
                None => "There was nothing to change".to_owned(),
            },
            detail: None,
            token_waits: false,
        },
        Undone::SignedOut(signed_out) if signed_out.token_revoked => Outcome {
            tone: Tone::Good,
            words: "Signed out. The token was revoked on the server.".to_owned(),
            detail: more(signed_out),
            token_waits: false,
        },
        // There was nothing that Sextant could have revoked.
        Undone::SignedOut(signed_out) if signed_out.not_revoked_because.is_none() => Outcome {
            tone: Tone::Good,
            words: "Signed out. The token was forgotten here; on the server it stays as it is.".to_owned(),
            detail: more(signed_out),
            token_waits: false,
        },
        Undone::SignedOut(signed_out) => Outcome {
            tone: Tone::Warning,
            words: "Signed out here, but the token was not revoked on the server.".to_owned(),
            detail: signed_out
                .not_revoked_because
                .as_ref()
                .map(|problem| shown::sentence(&problem.message) + " It is tried again at the next start."),
            token_waits: true,
        },
    }
}

/// See [`outcome`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    pub tone: Tone,
    pub words: String,
    pub detail: Option<String>,
    pub token_waits: bool,
}

/// What else there is to tell of a sign-out.
fn more(signed_out: &SignedOut) -> Option<String> {
    let ended: Vec<String> = signed_out
        .ended_logins
        .iter()
        .map(|login| format!("{} is logged out too.", login.program))
        .collect();
    let parts: Vec<String> = ended.into_iter().chain(kept(&signed_out.kept_edits)).collect();
    (!parts.is_empty()).then(|| parts.join(" "))
}

fn kept(edits: &[KeptEdit]) -> Option<String> {
    let keys: Vec<&str> = edits
        .iter()
        .filter(|edit| edit.kept)
        .map(|edit| edit.key.as_str())
        .collect();
    (!keys.is_empty()).then(|| format!("Kept as somebody else changed it: {}", keys.join(", ")))
}

#[cfg(test)]
#[path = "put_back_tests.rs"]
mod tests;
