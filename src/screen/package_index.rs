//! Updating the index of packages: how far each channel and subdir is, and what went wrong where.
//!
//! The dialog may be closed while the update goes on; the pages show it in a line then.

use iced::widget::{Column, column, container, row};
use iced::{Center, Element, Length};

use super::quantity;
use super::{Key, shown};
use crate::error::{Kind, Problem};
use crate::service::packages::index::{IndexProgress, IndexStatus, IndexedSubdir};
use crate::ui::banner::Banner;
use crate::ui::icon::Icon;
use crate::ui::modal::Dialog;
use crate::ui::style::{self, Tone};
use crate::ui::{button, progress, spacing, text};

/// What a page says about the index.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum IndexLine {
    /// It was not looked at yet.
    #[default]
    Unread,
    /// It was never fetched.
    Missing,
    Known {
        packages: u64,
        /// Since the oldest part was fetched.
        days: u32,
        /// Channels and subdirs that the last update could not fetch.
        failed: usize,
        /// Of these nothing is there.
        lacking: usize,
    },
    Updating {
        done: usize,
        total: usize,
    },
}

impl IndexLine {
    /// From so many days on, the index is called old.
    const OLD: u32 = 7;

    pub fn is_old(&self) -> bool {
        matches!(self, Self::Known { days, .. } if *days >= Self::OLD)
    }

    pub fn words(&self) -> String {
        match self {
            Self::Unread => String::new(),
            Self::Missing => "There is no index of packages yet.".to_owned(),
            Self::Known { days, packages, .. } => {
                let packages = quantity::grouped(*packages, ',');
                match days {
                    0 => format!("The index is of today: {packages} packages."),
                    1 => format!("The index is 1 day old: {packages} packages."),
                    days => format!("The index is {days} days old: {packages} packages."),
                }
            }
            Self::Updating { total: 0, .. } => "Updating the index…".to_owned(),
            Self::Updating { done, total } => format!("Updating the index: {done} of {total}"),
        }
    }

    /// What the last update could not fetch, or nobody has fetched yet.
    pub fn failures(&self) -> Option<String> {
        match self {
            Self::Known { failed, .. } if *failed > 0 => Some(format!("{failed} failed")),
            Self::Known { lacking, .. } if *lacking > 0 => Some(format!("{lacking} missing")),
            _ => None,
        }
    }
}

/// An update of the index, under way or done.
#[derive(Debug, Clone)]
pub struct IndexUpdate {
    stage: Stage,
    parts: Vec<Part>,
}

#[derive(Debug, Clone)]
enum Stage {
    Running(Key),
    Done,
    Cancelled,
    /// It could not begin, or broke off as a whole.
    Failed(Problem),
}

/// One channel and subdir.
#[derive(Debug, Clone)]
struct Part {
    channel: String,
    subdir: String,
    state: PartState,
}

#[derive(Debug, Clone)]
enum PartState {
    Waiting,
    Receiving { bytes: u64, total: Option<u64> },
    Ended(IndexedSubdir),
}

#[derive(Debug, Clone)]
pub enum Message {
    Progressed {
        key: Key,
        progress: IndexProgress,
    },
    Ended {
        key: Key,
        result: Result<Vec<IndexedSubdir>, Problem>,
    },
    AgainPressed,
    CancelPressed,
    /// The dialog closes; what runs goes on.
    Closed,
    TokensPressed,
    ConnectPressed,
}

#[derive(Debug)]
pub enum Action {
    None,
    /// Fetch the indexes, tell of each.
    Update(Key),
    /// Stop that.
    Stop(Key),
    Close,
    /// The index is another one now.
    Changed,
    /// Look at the tokens that open the channels.
    Tokens,
    /// Sign in, since nothing opens the channels.
    Connect,
}

impl IndexUpdate {
    pub fn new() -> (Self, Action) {
        let key = Key::fresh();
        let update = Self {
            stage: Stage::Running(key),
            parts: Vec::new(),
        };
        (update, Action::Update(key))
    }

    pub fn is_running(&self) -> bool {
        matches!(self.stage, Stage::Running(_))
    }

    pub fn update(&mut self, message: Message) -> Action {
        match message {
            Message::Progressed { key, progress } => {
                if self.awaits(key) {
                    self.progressed(progress);
                }
                Action::None
            }
            Message::Ended { key, result } if self.awaits(key) => {
                match result {
                    Ok(parts) => {
                        self.parts = parts.into_iter().map(Part::ended).collect();
                        self.stage = Stage::Done;
                    }
                    Err(problem) if problem.kind == Kind::Cancelled => self.stage = Stage::Cancelled,
                    Err(problem) => self.stage = Stage::Failed(problem),
                }
                Action::Changed
            }
            Message::Ended { .. } => Action::None,
            Message::AgainPressed => {
                if self.is_running() {
                    return Action::None;
                }
                let (update, action) = Self::new();
                *self = update;
                action
            }
            Message::CancelPressed => match self.stage {
                Stage::Running(key) => {
                    self.stage = Stage::Cancelled;
                    Action::Stop(key)
                }
                _ => Action::Close,
            },
            Message::Closed => Action::Close,
            Message::TokensPressed => Action::Tokens,
            Message::ConnectPressed => Action::Connect,
        }
    }

    fn awaits(&self, key: Key) -> bool {
        matches!(self.stage, Stage::Running(own) if own == key)
    }

    /// Work was cancelled from outside.
    pub fn cancelled(&mut self, key: Key) {
        if self.awaits(key) {
            self.stage = Stage::Cancelled;
        }
    }

    fn progressed(&mut self, progress: IndexProgress) {
        match progress {
            IndexProgress::Planned(parts) => {
                let parts = parts.into_iter().map(|(channel, subdir)| Part {
                    channel,
                    subdir,
                    state: PartState::Waiting,
                });
                self.parts = parts.collect();
            }
            IndexProgress::Received {
                name,
                subdir,
                bytes,
                total,
            } => {
                if let Some(part) = self.part_mut(&name, &subdir)
                    && !matches!(part.state, PartState::Ended(_))
                {
                    part.state = PartState::Receiving { bytes, total };
                }
            }
            IndexProgress::Ended(ended) => {
                if let Some(part) = self.part_mut(&ended.name, &ended.subdir) {
                    part.state = PartState::Ended(ended);
                }
            }
        }
    }

    fn part_mut(&mut self, channel: &str, subdir: &str) -> Option<&mut Part> {
        let is_it = |part: &&mut Part| part.channel == channel && part.subdir == subdir;
        self.parts.iter_mut().find(is_it)
    }

    fn done(&self) -> usize {
        let ended = |part: &&Part| matches!(part.state, PartState::Ended(_));
        self.parts.iter().filter(ended).count()
    }

    /// How far it is, while it runs.
    pub fn line(&self) -> Option<IndexLine> {
        self.is_running().then(|| IndexLine::Updating {
            done: self.done(),
            total: self.parts.len(),
        })
    }

    /// How much is done, and the key of the work.
    pub fn share(&self) -> Option<(Key, f32)> {
        let Stage::Running(key) = self.stage else {
            return None;
        };
        if self.parts.is_empty() {
            return None;
        }
        let each = self.parts.iter().map(|part| match &part.state {
            PartState::Ended(_) => 1.0,
            PartState::Receiving {
                bytes,
                total: Some(total),
            } => (*bytes as f32 / (*total).max(1) as f32).clamp(0.0, 1.0),
            PartState::Waiting | PartState::Receiving { .. } => 0.0,
        });
        Some((key, each.sum::<f32>() / self.parts.len() as f32))
    }

    /// How many parts could not be fetched.
    pub fn failures(&self) -> usize {
        self.parts.iter().filter(|part| part.problem().is_some()).count()
    }

    /// `is_connected` decides where a channel leads that is not open to the person.
    pub fn view(&self, is_connected: bool) -> Dialog<'_, Message> {
        let mut content: Column<'_, Message> = column![].spacing(spacing::M);
        if let Stage::Failed(problem) = &self.stage {
            content = content.push(shown::problem(problem));
        }
        if self.parts.is_empty() && self.is_running() {
            content = content.push(shown::working("Looking which channels conda searches"));
        }
        if self.parts.is_empty() && matches!(self.stage, Stage::Done) {
            content = content.push(
                Banner::new(Tone::Warning, "conda searches no channels on this machine")
                    .remedy("Add channels first, on the page Channels."),
            );
        }
        let is_running = self.is_running();
        content = content.push(
            Column::with_children(self.part_views(is_running, is_connected))
                .spacing(spacing::S)
                .width(Length::Fill),
        );
        let dialog = Dialog::new("package-index-dialog", "Package index", content)
            .subtitle(self.summary())
            .wide()
            .on_close(Message::Closed);
        if is_running {
            return dialog
                .focus("index-cancel")
                .button(
                    button::secondary("Go on in the background")
                        .id("index-close")
                        .on_press(Message::Closed),
                )
                .button(
                    button::secondary("Cancel")
                        .id("index-cancel")
                        .on_press(Message::CancelPressed),
                );
        }
        dialog
            .focus("index-close")
            .on_submit(Some(Message::Closed))
            .button(
                button::secondary("Update again")
                    .id("index-again")
                    .on_press(Message::AgainPressed),
            )
            .button(
                button::primary("Close")
                    .id("index-close")
                    .on_press(Message::Closed),
            )
    }

    /// Every part, and behind the last one of a channel why it failed.
    fn part_views(&self, is_running: bool, is_connected: bool) -> Vec<Element<'_, Message>> {
        let mut views = Vec::new();
        for (at, part) in self.parts.iter().enumerate() {
            views.push(part.view(is_running));
            let Some(problem) = part.problem() else {
                continue;
            };
            let is_said_again = self.parts.iter().skip(at + 1).any(|later| {
                let same = |other: &Problem| other.kind == problem.kind && other.cause == problem.cause;
                later.channel == part.channel && later.problem().is_some_and(same)
            });
            if !is_said_again {
                views.push(failure(part, problem, is_connected));
            }
        }
        views
    }

    fn summary(&self) -> String {
        let failed = match self.failures() {
            0 => String::new(),
            1 => ", 1 failed".to_owned(),
            count => format!(", {count} failed"),
        };
        match &self.stage {
            Stage::Running(_) if self.parts.is_empty() => "Updating…".to_owned(),
            Stage::Running(_) => format!("{} of {} fetched{failed}", self.done(), self.parts.len()),
            Stage::Done => {
                let records: u64 = self.parts.iter().map(Part::records).sum();
                format!("{} packages{failed}", quantity::grouped(records, ','))
            }
            Stage::Cancelled => "Cancelled. What was fetched before stays in use.".to_owned(),
            Stage::Failed(_) => "What was fetched before stays in use.".to_owned(),
        }
    }
}

impl Part {
    fn ended(ended: IndexedSubdir) -> Self {
        Self {
            channel: ended.name.clone(),
            subdir: ended.subdir.clone(),
            state: PartState::Ended(ended),
        }
    }

    fn problem(&self) -> Option<&Problem> {
        match &self.state {
            PartState::Ended(ended) if ended.status == IndexStatus::Failed => ended.problem.as_ref(),
            _ => None,
        }
    }

    fn records(&self) -> u64 {
        match &self.state {
            PartState::Ended(ended) => ended.records,
            _ => 0,
        }
    }

    fn view<'a>(&self, is_running: bool) -> Element<'a, Message> {
        let name = column![
            text::strong(self.channel.clone()).wrapping(iced::widget::text::Wrapping::None),
            text::small(self.subdir.clone()).style(style::muted),
        ];
        let (mark, words, share) = self.told(is_running);
        let bar = share.map(progress::bar);
        let line = row![
            mark,
            container(name).width(Length::FillPortion(3)).clip(true),
            container(column![text::small(words).style(style::muted), bar].spacing(spacing::XS))
                .width(Length::FillPortion(2)),
        ]
        .spacing(spacing::M)
        .align_y(Center);
        line.into()
    }

    /// Mark, words and share.
    fn told<'a>(&self, is_running: bool) -> (Element<'a, Message>, String, Option<f32>) {
        let icon = |icon: Icon, tone: Tone| icon.view().style(style::icon(tone)).into();
        match &self.state {
            PartState::Waiting if is_running => (progress::activity(), "waiting".to_owned(), None),
            PartState::Receiving { bytes, total } if is_running => {
                let received = quantity::bytes(*bytes);
                match total {
                    Some(total) => {
                        let share = *bytes as f32 / (*total).max(1) as f32;
                        let words = format!("{received} of {}", quantity::bytes(*total));
                        (progress::activity(), words, Some(share))
                    }
                    None => (progress::activity(), received, None),
                }
            }
            PartState::Waiting | PartState::Receiving { .. } => {
                (icon(Icon::Dash, Tone::Neutral), "not fetched".to_owned(), None)
            }
            PartState::Ended(ended) => {
                let packages = quantity::count(ended.records as usize, "package");
                match ended.status {
                    IndexStatus::Updated => (icon(Icon::Check, Tone::Good), packages, None),
                    IndexStatus::Unchanged => (
                        icon(Icon::Check, Tone::Good),
                        format!("{packages}, unchanged"),
                        None,
                    ),
                    IndexStatus::Missing => {
                        (icon(Icon::Dash, Tone::Neutral), "nothing there".to_owned(), None)
                    }
                    IndexStatus::Failed if ended.records > 0 => (
                        icon(Icon::Error, Tone::Bad),
                        format!("failed; {packages} from before"),
                        None,
                    ),
                    IndexStatus::Failed => (icon(Icon::Error, Tone::Bad), "failed".to_owned(), None),
                }
            }
        }
    }
}

/// Why a channel could not be fetched, and the way to what opens it.
fn failure<'a>(part: &Part, problem: &Problem, is_connected: bool) -> Element<'a, Message> {
    // It is about the channel, whichever subdir was asked last.
    let place = format!("{}/{}", part.channel, part.subdir);
    let problem = Problem {
        message: problem.message.replacen(&place, &part.channel, 1),
        ..problem.clone()
    };
    let banner = shown::problem(&problem);
    let banner = match (problem.kind, is_connected) {
        (Kind::Auth | Kind::Forbidden, true) => banner.button(
            button::secondary("Look at the tokens")
                .id("index-tokens")
                .on_press(Message::TokensPressed),
        ),
        (Kind::Auth, false) => banner.button(
            button::secondary("Connect")
                .id("index-connect")
                .on_press(Message::ConnectPressed),
        ),
        _ => banner,
    };
    banner.into()
}

#[cfg(test)]
#[path = "package_index_tests.rs"]
mod tests;
