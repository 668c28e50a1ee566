//! The dialog after a token was made: its text, this once, and straight into use. Either what to type is shown, or a channel is
//! added with it, or conda takes it in the place of the token that it used until then.
//!
//! The parent answers [`Action::Plan`] with [`Message::Planned`] and [`Action::Use`] with [`Message::Ended`].

mod view;

use std::path::{Path, PathBuf};

use super::create::Made;
use crate::edit::diff::FileDiff;
use crate::edit::history::Entry;
use crate::error::Problem;
use crate::screen::attempt::Attempt;
use crate::screen::seat::Seat;
use crate::screen::{Key, shown};
use crate::secret::{Secret, Token};
use crate::service::connection::Service;
use crate::service::plan::Warning;
use crate::service::tokens::{ChannelHere, IssuedToken, Renewed};
use crate::ui::diff_view::Diff;
use crate::ui::modal::Dialog;

/// The field, for focus and tests.
pub const CHANNEL: &str = "token-channel";

#[derive(Debug, Clone)]
pub struct Issued {
    home: PathBuf,
    seat: Seat,
    password: Option<Secret>,
    issued: IssuedToken,
    organization: Option<String>,
    is_revealed: bool,
    /// Whether it was copied or put to use, so that closing loses nothing.
    is_kept: bool,
    /// The person wants to close although it was not.
    is_leaving: bool,
    way: Way,
    channel: String,
    preview: Preview,
    attempt: Attempt,
    /// What was done with it.
    done: Vec<String>,
}

/// What to do with it. `Display` is its label.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    Show,
    Channel,
    Store,
}

impl Way {
    const ALL: [Self; 3] = [Self::Show, Self::Channel, Self::Store];
}

impl std::fmt::Display for Way {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Show => "Show commands",
            Self::Channel => "Add a channel",
            Self::Store => "Token store only",
        })
    }
}

/// A line to be typed elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Line {
    Channel,
    Label,
    Install,
    Pip,
}

impl Line {
    const ALL: [Self; 4] = [Self::Channel, Self::Label, Self::Install, Self::Pip];
}

/// What the chosen way would change.
#[derive(Debug, Clone)]
enum Preview {
    Nothing,
    Planning(Key),
    Planned {
        diffs: Vec<Diff>,
        warnings: Vec<Warning>,
        channel: Option<ChannelHere>,
    },
    /// The channel is none, or the files cannot be edited.
    Wrong(Problem),
}

/// A way, planned.
#[derive(Debug, Clone)]
pub struct PlannedUse {
    pub diffs: Vec<FileDiff>,
    pub warnings: Vec<Warning>,
    pub channel: Option<ChannelHere>,
}

/// What was done.
#[derive(Debug, Clone)]
pub enum Used {
    /// The channel is searched; nothing is in the history where it was before.
    Channel { name: String, entry: Option<Entry> },
    /// conda uses the token.
    Kept(Renewed),
}

#[derive(Debug, Clone)]
pub enum Message {
    RevealToggled,
    CopyPressed,
    LineCopied(Line),
    WayChosen(Way),
    ChannelTyped(String),
    Planned {
        key: Key,
        result: Result<Box<PlannedUse>, Problem>,
    },
    UsePressed,
    Ended {
        key: Key,
        result: Result<Box<Used>, Problem>,
    },
    ClosePressed,
    LeavePressed,
}

#[derive(Debug)]
pub enum Action {
    None,
    Copy(Secret),
    Plan {
        key: Key,
        service: Service,
        way: Way,
        channel: String,
        issued: Box<IssuedToken>,
    },
    Use {
        key: Key,
        service: Service,
        way: Way,
        channel: String,
        issued: Box<IssuedToken>,
        password: Option<Secret>,
    },
    Abort(Key),
    Used(Box<Used>),
    Close,
}

impl Issued {
    pub fn new(made: Made, home: &Path) -> Self {
        let channel = match made.seat.service {
            Service::Server => String::new(),
            Service::Cloud | Service::Repository | Service::AnacondaOrg => made.owner.clone(),
        };
        Self {
            home: home.to_owned(),
            seat: made.seat,
            password: made.password,
            issued: made.issued,
            organization: made.organization,
            is_revealed: false,
            is_kept: false,
            is_leaving: false,
            way: Way::Show,
            channel,
            preview: Preview::Nothing,
            attempt: Attempt::Asking,
            done: Vec::new(),
        }
    }

    pub fn update(&mut self, message: Message) -> Action {
        match message {
            Message::RevealToggled => {
                self.is_revealed = !self.is_revealed;
                Action::None
            }
            Message::CopyPressed => {
                self.keep();
                Action::Copy(Secret::new(self.token().expose()))
            }
            Message::LineCopied(line) => match self.line(line) {
                Some(text) => {
                    self.keep();
                    Action::Copy(Secret::new(text.replace(PLACE, self.token().expose())))
                }
                None => Action::None,
            },
            Message::WayChosen(way) => {
                if self.attempt.is_running() {
                    return Action::None;
                }
                self.way = way;
                self.attempt = Attempt::Asking;
                self.plan()
            }
            Message::ChannelTyped(channel) => {
                if self.attempt.is_running() {
                    return Action::None;
                }
                self.channel = channel;
                self.attempt = Attempt::Asking;
                self.plan()
            }
            Message::Planned { key, result } => {
                self.planned(key, result);
                Action::None
            }
            Message::UsePressed => self.put_to_use(),
            Message::Ended { key, result } => self.ended(key, result),
            Message::ClosePressed => match (self.attempt.stop(), self.is_kept) {
                (Some(key), _) => Action::Abort(key),
                (None, true) => Action::Close,
                (None, false) => {
                    self.is_leaving = true;
                    Action::None
                }
            },
            Message::LeavePressed => Action::Close,
        }
    }

    fn token(&self) -> &Token {
        &self.issued.token
    }

    fn keep(&mut self) {
        self.is_kept = true;
        self.is_leaving = false;
    }

    fn plan(&mut self) -> Action {
        let wants_channel = self.way == Way::Channel;
        if self.way == Way::Show || wants_channel && self.channel.trim().is_empty() {
            self.preview = Preview::Nothing;
            return Action::None;
        }
        let key = Key::fresh();
        self.preview = Preview::Planning(key);
        Action::Plan {
            key,
            service: self.seat.service,
            way: self.way,
            channel: self.channel.trim().to_owned(),
            issued: Box::new(self.issued.clone()),
        }
    }

    fn planned(&mut self, key: Key, result: Result<Box<PlannedUse>, Problem>) {
        if !matches!(self.preview, Preview::Planning(own) if own == key) {
            return;
        }
        self.preview = match result {
            Ok(planned) => Preview::Planned {
                diffs: planned
                    .diffs
                    .iter()
                    .map(|diff| shown::file_diff(diff, &self.home))
                    .collect(),
                warnings: planned.warnings,
                channel: planned.channel,
            },
            Err(problem) => Preview::Wrong(problem),
        };
    }

    /// Where everything is as it would be, there is nothing to do.
    fn can_use(&self) -> bool {
        let changes = matches!(&self.preview, Preview::Planned { diffs, .. } if !diffs.is_empty());
        changes && !self.attempt.is_running()
    }

    fn put_to_use(&mut self) -> Action {
        if !self.can_use() {
            return Action::None;
        }
        Action::Use {
            key: self.attempt.begin(),
            service: self.seat.service,
            way: self.way,
            channel: self.channel.trim().to_owned(),
            issued: Box::new(self.issued.clone()),
            password: self.password.clone(),
        }
    }

    fn ended(&mut self, key: Key, result: Result<Box<Used>, Problem>) -> Action {
        if !self.attempt.awaits(key) {
            // It was asked to stop, and had happened already.
            return match result {
                Ok(used) => Action::Used(used),
                Err(_) => Action::None,
            };
        }
        self.attempt = Attempt::Asking;
        match result {
            Ok(used) => {
                self.keep();
                self.done.push(match &*used {
                    Used::Channel { name, .. } => format!("conda searches {name} now."),
                    Used::Kept(_) => {
                        "conda uses this token now. Sextant looks after it, and signing out revokes it."
                            .to_owned()
                    }
                });
                self.way = Way::Show;
                self.preview = Preview::Nothing;
                Action::Used(used)
            }
            Err(problem) => {
                self.attempt = Attempt::Failed(problem);
                Action::None
            }
        }
    }

    /// The line with the channel in it, and [`PLACE`] where the token belongs; nothing where the service has none, or the token may not.
    fn line(&self, line: Line) -> Option<String> {
        let uses = &self.issued.uses;
        let text = match line {
            Line::Channel => uses.conda_channel.clone()?,
            Line::Label => uses.conda_label.clone()?,
            Line::Install => uses.conda_install.clone()?,
            Line::Pip => uses.pip_install.clone()?,
        };
        let channel = self.channel.trim().trim_matches('/');
        let (owner, label) = match channel.split_once("/label/") {
            Some((owner, label)) => (owner, Some(label)),
            None => (channel, None),
        };
        let text = match label {
            Some(label) => text.replace("LABEL", label),
            None => text,
        };
        Some(match (channel, line) {
            ("", _) => text,
            (channel, Line::Channel | Line::Install) => text.replace("CHANNEL", channel),
            (_, Line::Label | Line::Pip) => text.replace("CHANNEL", owner),
        })
    }

    pub fn view(&self) -> Dialog<'_, Message> {
        view::view(self)
    }
}

/// Stands for the token in what is shown.
const PLACE: &str = "<token>";

#[cfg(test)]
mod tests;
