//! The page **Manage Channels**: what conda searches, in its order, each channel with the address it leads to, the file it
//! comes from and how its server answers (seeds 000 and 001).
//!
//! Changes are collected and shown as a difference before they are written. The parent answers [`Action::Load`] with
//! [`Message::Loaded`], [`Action::Check`] with one [`Message::Checked`] each, [`Action::Review`] with [`Message::Reviewed`],
//! [`Action::Resolve`] with [`Message::Resolved`], [`Action::Apply`] with [`Message::Applied`], and passes on key presses
//! that no widget used as [`Message::Key`]. Answers carry the key of the question; what answers an older question is dropped.
//!
//! The view fills its place and brings its own margins; it needs a [`modal`](crate::ui::modal::modal) around the window for
//! Tab to work.

mod adding;
mod arranging;
mod draft;
mod editor;
mod page;
mod side;
mod table;

use std::path::{Path, PathBuf};

use iced::widget::operation;
use iced::{Element, Task};

use super::Key;
use super::typed::Typed;
use crate::conda::channel::ChannelPriority;
use crate::edit::diff::FileDiff;
use crate::error::{Kind, Problem};
use crate::secret::Token;
use crate::service::manage_channels::{
    Arrangement, Caution, CheckedChannel, ManagedChannel, ManagedChannels, WantedChannel,
};
use crate::service::plan::Warning;
use crate::ui::keyboard::Intent;

pub use arranging::Edit;
use editor::{Editor, Step};

/// The field for a channel to add, for focus and tests.
pub const ADD: &str = "manage-add";
/// The table.
pub const TABLE: &str = "manage-table";

/// What the page opens with.
#[derive(Debug, Clone)]
pub struct Opening {
    pub managed: ManagedChannels,
    pub cautions: Vec<Caution>,
    /// The service whose channels can be chosen from, by its host; nothing where nobody is signed in.
    pub server: Option<String>,
}

/// What a draft would change, and what there is to know about it.
#[derive(Debug, Clone)]
pub struct Review {
    /// Files that stay as they are left out.
    pub diffs: Vec<FileDiff>,
    pub warnings: Vec<Warning>,
    pub after: ManagedChannels,
    pub cautions: Vec<Caution>,
}

/// A channel whose server is to be asked.
#[derive(Debug, Clone)]
pub struct Question {
    pub key: u64,
    pub channel: ManagedChannel,
    /// The token that was given with it.
    pub token: Option<Token>,
}

/// What happened.
#[derive(Debug, Clone)]
pub enum Message {
    Loaded {
        key: Key,
        outcome: Result<Box<Opening>, Problem>,
    },
    Checked {
        key: u64,
        checked: CheckedChannel,
    },
    Reviewed {
        key: u64,
        outcome: Result<Box<Review>, Problem>,
    },
    /// What was typed, as it would be listed.
    Resolved {
        key: u64,
        outcome: Result<Vec<ManagedChannel>, Problem>,
    },
    Applied(Result<(), Problem>),
    /// A key that no widget used.
    Key(Intent),
    /// Something in the list.
    Edit(Edit),
    AddTyped(Typed),
    AddPressed,
    PriorityChosen(ChannelPriority),
    ApplyPressed,
    RevertPressed,
    RetryPressed,
    CheckAgainPressed,
    ChoosePressed,
    ConnectPressed,
    UploadPressed,
}

/// What the parent has to do.
#[derive(Debug)]
pub enum Action {
    None,
    /// Read what conda searches.
    Load(Key),
    /// Ask the servers about these too.
    Check(Vec<Question>),
    /// Find out what the draft would change. `checked` is what is known of the channels by now.
    Review {
        key: u64,
        arrangement: Box<Arrangement>,
        checked: Vec<CheckedChannel>,
    },
    /// Find out where these would lead.
    Resolve {
        key: u64,
        wanted: Vec<WantedChannel>,
    },
    /// Write the draft, as long as the files still say what was there `before`.
    Apply {
        before: Box<Arrangement>,
        arrangement: Box<Arrangement>,
    },
    /// Open the list of the server's channels.
    Choose,
    /// Open the Connect dialog.
    Connect,
    /// Send files to the server.
    Upload,
    /// Focus and scroll positions.
    Run(Task<Message>),
    All(Vec<Action>),
}

#[derive(Debug)]
enum State {
    Loading(Key),
    Failed(Problem),
    Ready(Box<Editor>),
}

/// The page.
#[derive(Debug)]
pub struct ManageChannels {
    home: PathBuf,
    state: State,
    last_key: u64,
}

impl ManageChannels {
    pub fn new(home: &Path) -> (Self, Action) {
        let key = Key::fresh();
        let page = Self {
            home: home.to_owned(),
            state: State::Loading(key),
            last_key: 0,
        };
        (page, Action::Load(key))
    }

    /// Reads everything anew, unless something is changed here that is not written yet. What is shown stays until then.
    pub fn reload(&mut self) -> Action {
        match &mut self.state {
            State::Ready(editor) if !editor.gives_way() => Action::None,
            State::Ready(editor) => {
                let key = Key::fresh();
                editor.reloading = Some(key);
                Action::Load(key)
            }
            State::Loading(key) => Action::Load(*key),
            State::Failed(_) => {
                let key = Key::fresh();
                self.state = State::Loading(key);
                Action::Load(key)
            }
        }
    }

    /// Takes in what happened.
    pub fn update(&mut self, message: Message) -> Action {
        match message {
            Message::Loaded { key, outcome } => self.loaded(key, outcome),
            Message::Key(intent) => self.key(intent),
            Message::RetryPressed => match self.state {
                State::Failed(_) => self.reload(),
                _ => Action::None,
            },
            Message::Applied(outcome) => self.applied(outcome),
            // The files may say something else by now.
            Message::RevertPressed => {
                let steps = match &mut self.state {
                    State::Ready(editor) if editor.is_applying() => return Action::None,
                    State::Ready(editor) => editor.update(Message::RevertPressed, &mut self.last_key),
                    State::Loading(_) | State::Failed(_) => return Action::None,
                };
                let shown = self.follow(steps);
                Action::All(vec![shown, self.reload()])
            }
            Message::ChoosePressed => Action::Choose,
            Message::ConnectPressed => Action::Connect,
            Message::UploadPressed => Action::Upload,
            message => match &mut self.state {
                State::Ready(editor) => {
                    let steps = editor.update(message, &mut self.last_key);
                    self.follow(steps)
                }
                State::Loading(_) | State::Failed(_) => Action::None,
            },
        }
    }

    pub fn view(&self) -> Element<'_, Message> {
        page::view(self)
    }

    /// Whether something is changed here that is not written yet.
    pub fn is_changed(&self) -> bool {
        matches!(&self.state, State::Ready(editor) if editor.draft.is_changed())
    }

    /// Work was cancelled from outside: the page must not wait for it.
    pub fn checks_cancelled(&mut self) {
        if let State::Ready(editor) = &mut self.state {
            editor.checks_cancelled();
        }
    }

    fn loaded(&mut self, key: Key, outcome: Result<Box<Opening>, Problem>) -> Action {
        let is_expected = match &self.state {
            State::Loading(asked) => *asked == key,
            State::Ready(editor) => editor.reloading == Some(key) && editor.gives_way(),
            State::Failed(_) => false,
        };
        if !is_expected {
            return Action::None;
        }
        match outcome {
            Ok(opening) => {
                let was_ready = matches!(self.state, State::Ready(_));
                let known = match std::mem::replace(&mut self.state, State::Loading(key)) {
                    State::Ready(editor) => Some(*editor),
                    _ => None,
                };
                let mut editor = Editor::new(*opening, known);
                let steps = editor.begin(&mut self.last_key);
                self.state = State::Ready(Box::new(editor));
                let first = match was_ready {
                    true => Action::None,
                    false => Action::Run(operation::focus(ADD)),
                };
                Action::All(vec![first, self.follow(steps)])
            }
            Err(problem) => {
                self.state = State::Failed(problem);
                Action::None
            }
        }
    }

    fn applied(&mut self, outcome: Result<(), Problem>) -> Action {
        let is_written = match &mut self.state {
            State::Ready(editor) => editor.applied(outcome),
            State::Loading(_) | State::Failed(_) => false,
        };
        match is_written {
            true => self.reload(),
            false => Action::None,
        }
    }

    fn key(&mut self, intent: Intent) -> Action {
        let message = match (intent, &mut self.state) {
            (Intent::Submit, State::Failed(_)) => return self.reload(),
            (Intent::Submit, State::Ready(_)) => Message::ApplyPressed,
            (Intent::Cancel, State::Ready(_)) => Message::Edit(Edit::Cancelled),
            (Intent::Down, State::Ready(_)) => Message::Edit(Edit::TableEntered),
            (Intent::Shortcut('f'), State::Ready(_)) => return Action::Run(operation::focus(ADD)),
            _ => return Action::None,
        };
        self.update(message)
    }

    fn follow(&self, steps: Vec<Step>) -> Action {
        let mut actions: Vec<Action> = steps
            .into_iter()
            .map(|step| match step {
                Step::Run(task) => Action::Run(task),
                Step::Check(questions) => Action::Check(questions),
                Step::Review {
                    key,
                    arrangement,
                    checked,
                } => Action::Review {
                    key,
                    arrangement: Box::new(arrangement),
                    checked,
                },
                Step::Resolve { key, wanted } => Action::Resolve { key, wanted },
                Step::Apply { before, arrangement } => Action::Apply {
                    before: Box::new(before),
                    arrangement: Box::new(arrangement),
                },
            })
            .collect();
        match actions.len() {
            0 => Action::None,
            1 => actions.remove(0),
            _ => Action::All(actions),
        }
    }
}

/// That a page's work was cancelled by the person.
fn cancelled() -> Problem {
    Problem::new(Kind::Cancelled, "asking the servers was cancelled")
}
