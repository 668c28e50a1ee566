//! The Channels page: which channels of the server go to `channels` and to `default_channels`, and in which order.
//!
//! The parent answers [`Action::Load`] with [`Message::Progressed`] and [`Message::Loaded`], [`Action::Preview`] with
//! [`Message::Previewed`], [`Action::Find`] with [`Message::Found`], [`Action::Apply`] with [`Message::Applied`], and
//! passes on key presses that no widget used
//! as [`Message::Key`]. Answers carry the key of the question; what answers an older question is dropped.
//!
//! The view fills its place and brings its own margins; it needs a [`modal`](crate::ui::modal::modal) around the
//! window for Tab to work.

pub(super) mod drag;
mod finder;
mod order_pane;
mod page;
mod picker;
mod preview;
mod rows;
mod selection;
mod table;

use std::sync::Arc;

use iced::widget::operation;
use iced::{Element, Task};

use crate::error::{Kind, Problem};
use crate::repository::{Channel, ChannelProgress};
use crate::ui::keyboard::Intent;

use picker::{Phase, Picker, Step};

pub use crate::service::plan::Warning;
pub use finder::FIND;
pub use picker::{Pick, SEARCH, TABLE};
pub use preview::Preview;
pub use rows::{Column, PrivacyFilter};
pub use selection::{ChannelChoice, List};

/// What happened.
#[derive(Debug, Clone)]
pub enum Message {
    /// More of the channel lists has been read.
    Progressed {
        key: u64,
        progress: ChannelProgress,
    },
    /// The channels are there, or cannot be had.
    Loaded {
        key: u64,
        outcome: Result<Arc<Vec<Channel>>, Problem>,
    },
    /// What the choice would change.
    Previewed {
        key: u64,
        outcome: Result<Preview, Problem>,
    },
    /// A channel that was looked for by its name is there, or why not.
    Found {
        key: u64,
        outcome: Result<Channel, Problem>,
    },
    /// The choice has been applied, or not.
    Applied(Result<(), Problem>),
    /// A key that no widget used.
    Key(Intent),
    /// Something on the page itself while the person chooses.
    Pick(Pick),
    AddPressed,
    SkipPressed,
    RetryPressed,
    CancelPressed,
    ConnectPressed,
    ManagePressed,
}

/// What the parent has to do.
#[derive(Debug)]
pub enum Action {
    None,
    /// Read the server's channels.
    Load {
        key: u64,
    },
    /// Stop reading them; nothing is expected any more.
    CancelLoad,
    /// Find out what the choice would change.
    Preview {
        key: u64,
        choice: ChannelChoice,
    },
    /// Look for a channel by a name or address.
    Find {
        key: u64,
        text: String,
    },
    /// Write the choice.
    Apply(ChannelChoice),
    /// Leave the page without channels; may come while they are still being read.
    Skip,
    /// Open the Connect dialog.
    Connect,
    /// To everything that conda searches, wherever it comes from.
    Manage,
    /// Focus and scroll positions.
    Run(Task<Message>),
}

#[derive(Debug)]
enum State {
    NotSignedIn,
    Loading {
        key: u64,
        progress: Option<ChannelProgress>,
    },
    Failed(Problem),
    Ready(Box<Picker>),
}

/// Whose channels are chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    pub host: String,
    pub listing: Listing,
    /// The other program whose login it is, as long as Sextant does not look after it.
    pub program: Option<&'static str>,
}

/// Whether a service lists every channel that it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Listing {
    Complete,
    /// Some are found by their name only.
    Partial,
}

impl Source {
    /// A service that lists its channels, signed in to by Sextant.
    pub fn complete(host: impl Into<String>) -> Self {
        Self {
            host: host.into(),
            listing: Listing::Complete,
            program: None,
        }
    }
}

/// The page.
#[derive(Debug)]
pub struct Channels {
    source: Source,
    chosen: ChannelChoice,
    is_after_sign_in: bool,
    state: State,
    last_key: u64,
}

impl Channels {
    /// The page for a service, `None` where nobody is signed in. `chosen` is what stands in `.condarc` now; right after
    /// a sign-in the page can be skipped.
    pub fn new(source: Option<Source>, chosen: ChannelChoice, is_after_sign_in: bool) -> (Self, Action) {
        let is_signed_in = source.is_some();
        let mut channels = Self {
            source: source.unwrap_or_else(|| Source::complete("")),
            chosen,
            is_after_sign_in,
            state: State::NotSignedIn,
            last_key: 0,
        };
        let action = if is_signed_in {
            channels.load()
        } else {
            Action::None
        };
        (channels, action)
    }

    /// Takes in what happened.
    pub fn update(&mut self, message: Message) -> Action {
        match message {
            Message::Progressed { key, progress } => {
                if let State::Loading {
                    key: asked,
                    progress: shown,
                } = &mut self.state
                    && *asked == key
                {
                    *shown = Some(progress);
                }
                Action::None
            }
            Message::Loaded { key, outcome } => self.loaded(key, outcome),
            Message::Previewed { key, outcome } => {
                if let State::Ready(picker) = &mut self.state {
                    picker.preview.answer(key, outcome);
                }
                Action::None
            }
            Message::Found { key, outcome } => self.found(key, outcome),
            Message::Applied(outcome) => {
                self.applied(outcome);
                Action::None
            }
            Message::Key(intent) => self.key(intent),
            Message::Pick(pick) => match &mut self.state {
                State::Ready(picker) => {
                    let step = picker.update(pick);
                    self.follow(step)
                }
                _ => Action::None,
            },
            Message::AddPressed => self.apply(),
            Message::SkipPressed if self.is_after_sign_in => Action::Skip,
            Message::RetryPressed if matches!(self.state, State::Failed(_)) => self.load(),
            Message::CancelPressed => self.cancel(),
            Message::ConnectPressed => Action::Connect,
            Message::ManagePressed => Action::Manage,
            Message::SkipPressed | Message::RetryPressed => Action::None,
        }
    }

    pub fn view(&self) -> Element<'_, Message> {
        page::view(self)
    }

    fn new_key(&mut self) -> u64 {
        self.last_key += 1;
        self.last_key
    }

    fn load(&mut self) -> Action {
        let key = self.new_key();
        self.state = State::Loading { key, progress: None };
        Action::Load { key }
    }

    fn loaded(&mut self, key: u64, outcome: Result<Arc<Vec<Channel>>, Problem>) -> Action {
        if !matches!(self.state, State::Loading { key: asked, .. } if asked == key) {
            return Action::None;
        }
        match outcome {
            Ok(channels) => {
                let picker = Picker::new(&self.source.host, &channels, self.chosen.clone());
                self.state = State::Ready(Box::new(picker));
                Action::Run(operation::focus(SEARCH))
            }
            Err(problem) => {
                self.state = State::Failed(problem);
                Action::None
            }
        }
    }

    fn cancel(&mut self) -> Action {
        match &mut self.state {
            State::Loading { .. } => {
                let problem = Problem::new(Kind::Cancelled, "Reading the channels was cancelled");
                self.state = State::Failed(problem.remedy("Retry starts it again."));
                Action::CancelLoad
            }
            State::Ready(picker) => {
                let step = picker.cancel();
                self.follow(step)
            }
            _ => Action::None,
        }
    }

    fn key(&mut self, intent: Intent) -> Action {
        match (intent, &mut self.state) {
            (Intent::Cancel, _) => self.cancel(),
            (Intent::Submit, State::Ready(_)) => self.apply(),
            (Intent::Submit, State::NotSignedIn) => Action::Connect,
            (Intent::Submit, State::Failed(_)) => self.load(),
            (Intent::Down, State::Ready(picker)) => {
                let step = picker.enter_table();
                self.follow(step)
            }
            (Intent::Shortcut('f'), State::Ready(_)) => Action::Run(Task::batch([
                operation::focus(SEARCH),
                operation::select_all(SEARCH),
            ])),
            _ => Action::None,
        }
    }

    /// **Add Channels**.
    fn apply(&mut self) -> Action {
        match &mut self.state {
            State::Ready(picker) if picker.can_apply() => {
                picker.phase = Phase::Applying;
                Action::Apply(picker.selection.choice())
            }
            _ => Action::None,
        }
    }

    fn applied(&mut self, outcome: Result<(), Problem>) {
        let State::Ready(picker) = &mut self.state else {
            return;
        };
        if !picker.is_applying() {
            return;
        }
        picker.phase = match outcome {
            Ok(()) => {
                picker.selection.written();
                picker.preview.clear();
                self.chosen = picker.selection.choice();
                Phase::Choosing
            }
            Err(problem) => Phase::Refused(problem),
        };
    }

    fn follow(&mut self, step: Step) -> Action {
        match step {
            Step::Nothing => Action::None,
            Step::Run(task) => Action::Run(task),
            Step::Confirmed => self.apply(),
            Step::Find => self.find(),
            Step::Changed => self.preview(),
        }
    }

    fn find(&mut self) -> Action {
        let key = self.new_key();
        let State::Ready(picker) = &mut self.state else {
            return Action::None;
        };
        match picker.finder.ask(key) {
            Some(text) => Action::Find { key, text },
            None => Action::None,
        }
    }

    fn found(&mut self, key: u64, outcome: Result<Channel, Problem>) -> Action {
        let State::Ready(picker) = &mut self.state else {
            return Action::None;
        };
        if !picker.finder.answered(key, outcome.as_ref().err().cloned()) {
            return Action::None;
        }
        match outcome {
            Ok(channel) if !picker.is_applying() => {
                let step = picker.found(&channel);
                self.follow(step)
            }
            _ => Action::Run(operation::focus(FIND)),
        }
    }

    /// Asks what the choice would change; nothing where it is what stands in the file.
    fn preview(&mut self) -> Action {
        let key = self.new_key();
        let State::Ready(picker) = &mut self.state else {
            return Action::None;
        };
        if picker.is_applying() {
            return Action::None;
        }
        picker.phase = Phase::Choosing;
        if !picker.selection.is_changed() {
            picker.preview.clear();
            return Action::None;
        }
        picker.preview.ask(key);
        Action::Preview {
            key,
            choice: picker.selection.choice(),
        }
    }
}
