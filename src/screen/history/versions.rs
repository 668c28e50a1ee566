//! The dialog about the earlier versions of a file, those that Anaconda Navigator keeps of `.condarc` included: what
//! putting one back would change, and doing it.

use std::path::{Path, PathBuf};

use iced::widget::{Column, column, container, row};
use iced::{Center, Element, Length, Task};

use crate::edit::history::Entry;
use crate::error::Problem;
use crate::screen::{Key, shown};
use crate::service::history::{Contents, FileSnapshot, SnapshotOrigin};
use crate::service::plan::{Plan, Warning};
use crate::ui::banner::Banner;
use crate::ui::diff_view::Diff;
use crate::ui::modal::Dialog;
use crate::ui::segmented::segmented;
use crate::ui::style::{self, Tone};
use crate::ui::{button, spacing, text};

/// The id of the button that goes on.
const PUT_BACK: &str = "versions-put-back";

/// More are shown on demand.
const AT_FIRST: usize = 12;

/// A file whose versions are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Followed {
    pub path: PathBuf,
    pub name: &'static str,
}

/// One version as it is listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    pub snapshot: FileSnapshot,
    /// In the local time of the machine.
    pub when: String,
}

#[derive(Debug, Clone)]
pub struct Versions {
    files: Vec<Followed>,
    file: usize,
    home: PathBuf,
    content: Content,
    shown: usize,
    chosen: Option<usize>,
    state: State,
}

#[derive(Debug, Clone)]
enum Content {
    Loading(Key),
    Loaded(Vec<Listed>),
    Failed(Problem),
}

#[derive(Debug, Clone)]
enum State {
    /// Nothing is chosen.
    Choosing,
    Planning(Key),
    Planned(Planned),
    Running(Key, Planned),
    Failed(Problem),
}

#[derive(Debug, Clone)]
struct Planned {
    plan: Box<Plan>,
    diffs: Vec<Diff>,
}

/// How putting back ended.
#[derive(Debug, Clone)]
pub enum End {
    Done(Box<Entry>),
    /// The file was no longer what the plan had seen.
    Stale,
    Failed(Problem),
}

#[derive(Debug, Clone)]
pub enum Message {
    Loaded {
        key: Key,
        result: Result<Vec<Listed>, Problem>,
    },
    FileChosen(&'static str),
    Chosen(usize),
    MorePressed,
    Planned {
        key: Key,
        result: Result<Box<Plan>, Problem>,
    },
    PutBackPressed,
    Ended {
        key: Key,
        end: End,
    },
    Closed,
}

#[derive(Debug)]
pub enum Action {
    None,
    Load { key: Key, path: PathBuf },
    Plan { key: Key, path: PathBuf, id: String },
    PutBack { key: Key, plan: Box<Plan> },
    Close,
    Done(Box<Entry>),
    Run(Task<Message>),
}

impl Versions {
    /// `files` is never empty; the first one is shown.
    pub fn new(files: Vec<Followed>, home: &Path) -> (Self, Action) {
        let mut dialog = Self {
            files,
            file: 0,
            home: home.to_owned(),
            content: Content::Loaded(Vec::new()),
            shown: AT_FIRST,
            chosen: None,
            state: State::Choosing,
        };
        let action = dialog.load();
        (dialog, action)
    }

    fn load(&mut self) -> Action {
        let Some(file) = self.files.get(self.file) else {
            return Action::None;
        };
        let key = Key::fresh();
        self.content = Content::Loading(key);
        self.chosen = None;
        self.shown = AT_FIRST;
        self.state = State::Choosing;
        Action::Load {
            key,
            path: file.path.clone(),
        }
    }

    fn listed(&self) -> &[Listed] {
        match &self.content {
            Content::Loaded(listed) => listed,
            _ => &[],
        }
    }

    pub fn update(&mut self, message: Message) -> Action {
        match message {
            Message::Loaded { key, result } => {
                if matches!(self.content, Content::Loading(own) if own == key) {
                    self.content = match result {
                        Ok(listed) => Content::Loaded(listed),
                        Err(problem) => Content::Failed(problem),
                    };
                }
                Action::None
            }
            // What is being put back is put back first.
            Message::FileChosen(_) | Message::Chosen(_) if matches!(self.state, State::Running(..)) => {
                Action::None
            }
            Message::FileChosen(name) => {
                let at = self.files.iter().position(|file| file.name == name);
                self.file = at.unwrap_or(self.file);
                self.load()
            }
            Message::Chosen(at) => self.choose(at),
            Message::MorePressed => {
                self.shown = usize::MAX;
                Action::None
            }
            Message::Planned { key, result } => self.planned(key, result),
            Message::PutBackPressed => self.put_back(),
            Message::Ended { key, end } => self.ended(key, end),
            Message::Closed => Action::Close,
        }
    }

    fn choose(&mut self, at: usize) -> Action {
        let Some(listed) = self.listed().get(at) else {
            return Action::None;
        };
        if listed.snapshot.is_present {
            return Action::None;
        }
        let id = listed.snapshot.id.clone();
        let Some(file) = self.files.get(self.file) else {
            return Action::None;
        };
        let key = Key::fresh();
        let action = Action::Plan {
            key,
            path: file.path.clone(),
            id,
        };
        self.chosen = Some(at);
        self.state = State::Planning(key);
        action
    }

    fn planned(&mut self, key: Key, result: Result<Box<Plan>, Problem>) -> Action {
        if !matches!(self.state, State::Planning(own) if own == key) {
            return Action::None;
        }
        self.state = match result {
            Ok(plan) => State::Planned(Planned {
                diffs: shown::diffs(&plan, &self.home),
                plan,
            }),
            Err(problem) => State::Failed(problem),
        };
        match self.can_put_back() {
            // Until now the button could not be focused; it is what Enter is for.
            true => Action::Run(iced::widget::operation::focus(PUT_BACK)),
            false => Action::None,
        }
    }

    fn can_put_back(&self) -> bool {
        matches!(&self.state, State::Planned(planned) if !planned.diffs.is_empty())
    }

    fn put_back(&mut self) -> Action {
        let State::Planned(planned) = &self.state else {
            return Action::None;
        };
        if planned.diffs.is_empty() {
            return Action::None;
        }
        let key = Key::fresh();
        let plan = planned.plan.clone();
        self.state = State::Running(key, planned.clone());
        Action::PutBack { key, plan }
    }

    fn ended(&mut self, key: Key, end: End) -> Action {
        if !matches!(&self.state, State::Running(own, _) if *own == key) {
            return Action::None;
        }
        match (end, self.chosen) {
            (End::Done(entry), _) => Action::Done(entry),
            (End::Stale, Some(chosen)) => self.choose(chosen),
            (End::Stale, None) => self.load(),
            (End::Failed(problem), _) => {
                self.state = State::Failed(problem);
                Action::None
            }
        }
    }

    pub fn view(&self) -> Dialog<'_, Message> {
        let mut content: Column<'_, Message> = column![].spacing(spacing::L);
        if self.files.len() > 1 {
            let names = self.files.iter().map(|file| file.name);
            let chosen = self.files.get(self.file).map_or("", |file| file.name);
            content = content.push(segmented(names, chosen, Message::FileChosen).id("versions-file"));
        }
        content = match &self.content {
            Content::Loading(_) => content,
            Content::Failed(problem) => content.push(shown::problem(problem)),
            Content::Loaded(listed) if listed.is_empty() => {
                content.push(text::body("No version of it is kept yet.").style(style::muted))
            }
            Content::Loaded(listed) => content.push(self.list(listed)),
        };
        content = content.push(self.chosen_view());
        let dialog = Dialog::new("versions", "Earlier versions", content)
            .subtitle(
                "What Sextant has seen of a file, and the copies that Anaconda Navigator made of it. \
                 Putting one back can be undone.",
            )
            .wide()
            .on_close(Message::Closed);
        let dialog = match (&self.content, &self.state) {
            (_, State::Running(..)) => dialog.aside(shown::working("Putting back")),
            (Content::Loading(_), _) | (_, State::Planning(_)) => {
                dialog.aside(shown::working("Reading the files"))
            }
            _ => dialog,
        };
        let go = self.can_put_back().then_some(Message::PutBackPressed);
        dialog
            .focus("versions-close")
            .button(
                button::secondary("Close")
                    .id("versions-close")
                    .on_press(Message::Closed),
            )
            .button(
                button::primary("Put back")
                    .id(PUT_BACK)
                    .on_press_maybe(go.clone()),
            )
            .on_submit(go)
    }

    fn list<'a>(&'a self, listed: &'a [Listed]) -> Element<'a, Message> {
        let rows = listed
            .iter()
            .enumerate()
            .take(self.shown)
            .map(|(at, listed)| row_view(at, listed, self.chosen == Some(at)));
        let left = listed.len().saturating_sub(self.shown);
        let more = (left > 0).then(|| {
            button::small_link(format!("Show {left} older ones"))
                .id("versions-more")
                .on_press(Message::MorePressed)
        });
        Column::with_children(rows)
            .push(more)
            .spacing(spacing::XXS)
            .into()
    }

    fn chosen_view(&self) -> Option<Element<'_, Message>> {
        let planned = match &self.state {
            State::Choosing | State::Planning(_) => return None,
            State::Failed(problem) => return Some(shown::problem(problem).into()),
            State::Planned(planned) | State::Running(_, planned) => planned,
        };
        let warnings: &[Warning] = &planned.plan.warnings;
        let diffs: Element<'_, Message> = match planned.diffs.is_empty() {
            true => Banner::new(Tone::Info, "The file is so already.").into(),
            false => shown::diff_views(&planned.diffs),
        };
        let parts = Column::with_children(shown::warnings(warnings)).spacing(spacing::M);
        Some(shown::part("What putting it back changes", parts.push(diffs)))
    }
}

fn row_view(at: usize, listed: &Listed, is_chosen: bool) -> Element<'_, Message> {
    let snapshot = &listed.snapshot;
    let (words, tone) = match &snapshot.contents {
        _ if snapshot.is_present => (Some("as it is now"), Tone::Good),
        Contents::Good if snapshot.origin == SnapshotOrigin::Navigator => (Some("Navigator"), Tone::Neutral),
        Contents::Good => (None, Tone::Neutral),
        Contents::Broken { .. } => (Some("broken"), Tone::Warning),
        Contents::WithoutToken => (Some("without token"), Tone::Neutral),
        Contents::Incomplete => (Some("lacks a secret"), Tone::Warning),
    };
    let look: Option<Element<'_, Message>> = (!snapshot.is_present).then(|| {
        button::small_link("Look")
            .id(format!("version-{}", snapshot.id))
            .on_press(Message::Chosen(at))
            .into()
    });
    let words = words.map(|words| text::badge(words, tone));
    let what = text::body(shown::capitalised(&snapshot.what));
    let line = row![
        container(text::small(listed.when.as_str()).style(style::muted)).width(112),
        container(what).width(Length::Fill),
        words,
        container(look).width(48).align_x(iced::Right),
    ]
    .spacing(spacing::S)
    .align_y(Center);
    let line = container(line)
        .padding([spacing::XS, spacing::S])
        .width(Length::Fill);
    match is_chosen {
        true => line.style(style::well).into(),
        false => line.into(),
    }
}

#[cfg(test)]
#[path = "versions_tests.rs"]
mod tests;
