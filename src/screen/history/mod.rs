//! The History page: what was changed, by Sextant and by others, each undone with one click where that is possible.

pub mod details;
pub mod versions;

use std::fmt;

use iced::widget::{column, container, row, rule};
use iced::{Center, Element, Length, Task};

use super::{Key, shown};
use crate::error::Problem;
use crate::ui::segmented::segmented;
use crate::ui::style;
use crate::ui::virtual_list::{self, ListState, Outcome, virtual_list};
use crate::ui::{button, progress, spacing, text};

#[derive(Debug, Clone)]
pub struct History {
    content: Content,
    show: Show,
    list: ListState,
}

#[derive(Debug, Clone)]
enum Content {
    Loading(Key),
    Loaded(Vec<Row>),
    Failed(Problem),
}

/// Whose changes are shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Show {
    #[default]
    All,
    Sextant,
    Others,
}

impl Show {
    const ALL: [Self; 3] = [Self::All, Self::Sextant, Self::Others];

    fn admits(self, row: &Row) -> bool {
        match self {
            Self::All => true,
            Self::Sextant => !row.is_from_outside,
            Self::Others => row.is_from_outside,
        }
    }
}

impl fmt::Display for Show {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::All => "All",
            Self::Sextant => "By Sextant",
            Self::Others => "By others",
        })
    }
}

/// One entry as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    pub id: String,
    /// In the local time of the machine.
    pub when: String,
    pub what: String,
    pub files: String,
    /// Another program, or a person with an editor, made it.
    pub is_from_outside: bool,
    pub undo: Undo,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Undo {
    Possible,
    /// It was undone already.
    Undone,
    /// A sign-out, or a sign-in that is no longer in force.
    Impossible,
}

#[derive(Debug, Clone)]
pub enum Message {
    Loaded {
        key: Key,
        result: Result<Vec<Row>, Problem>,
    },
    List(virtual_list::Event),
    ShowChosen(Show),
    DetailsPressed(usize),
    UndoPressed(usize),
    VersionsPressed,
    ReloadPressed,
}

#[derive(Debug)]
pub enum Action {
    None,
    Load(Key),
    /// Show what an entry did.
    Look(Row),
    Undo {
        id: String,
        what: String,
    },
    /// Show the earlier versions of files.
    OpenVersions,
    Run(Task<Message>),
}

impl History {
    pub fn new() -> (Self, Action) {
        Self::showing(Show::default())
    }

    fn showing(show: Show) -> (Self, Action) {
        let key = Key::fresh();
        let screen = Self {
            content: Content::Loading(key),
            show,
            list: ListState::new("history"),
        };
        (screen, Action::Load(key))
    }

    /// Reads again what is shown.
    pub fn reload(&mut self) -> Action {
        let (fresh, action) = Self::showing(self.show);
        *self = fresh;
        action
    }

    pub fn update(&mut self, message: Message) -> Action {
        match message {
            Message::Loaded { key, result } => {
                if matches!(self.content, Content::Loading(own) if own == key) {
                    self.content = match result {
                        Ok(rows) => Content::Loaded(rows),
                        Err(problem) => Content::Failed(problem),
                    };
                }
                Action::None
            }
            Message::List(event) => match self.list.update(event, self.rows().len()) {
                Outcome::ScrollTo(offset) => Action::Run(self.list.scroll_to(offset)),
                Outcome::Activate(row) => self.look(row),
                _ => Action::None,
            },
            Message::ShowChosen(show) => {
                self.show = show;
                Action::Run(self.list.reset())
            }
            Message::DetailsPressed(row) => self.look(row),
            Message::UndoPressed(row) => self.undo(row),
            Message::VersionsPressed => Action::OpenVersions,
            Message::ReloadPressed => self.reload(),
        }
    }

    fn rows(&self) -> Vec<&Row> {
        match &self.content {
            Content::Loaded(rows) => rows.iter().filter(|row| self.show.admits(row)).collect(),
            _ => Vec::new(),
        }
    }

    fn look(&self, row: usize) -> Action {
        match self.rows().get(row) {
            Some(row) => Action::Look((*row).clone()),
            None => Action::None,
        }
    }

    fn undo(&self, row: usize) -> Action {
        match self.rows().get(row) {
            Some(row) if row.undo == Undo::Possible => Action::Undo {
                id: row.id.clone(),
                what: row.what.clone(),
            },
            _ => Action::None,
        }
    }

    pub fn view(&self) -> Element<'_, Message> {
        let words = column![
            text::title("History"),
            text::body("What Sextant changed, and others.").style(style::muted)
        ]
        .spacing(spacing::XS);
        let versions = button::secondary("Earlier versions")
            .id("history-versions")
            .on_press(Message::VersionsPressed);
        let head = row![container(words).width(Length::Fill), versions]
            .spacing(spacing::L)
            .align_y(Center);
        let body = match &self.content {
            Content::Loading(_) => progress::activity(),
            Content::Failed(problem) => shown::problem(problem)
                .button(button::secondary("Try again").on_press(Message::ReloadPressed))
                .into(),
            Content::Loaded(rows) if rows.is_empty() => {
                text::body("Nothing was changed yet.").style(style::muted).into()
            }
            Content::Loaded(_) => self.table(),
        };
        column![head, body]
            .spacing(spacing::L)
            .height(Length::Fill)
            .into()
    }

    fn table(&self) -> Element<'_, Message> {
        let show = segmented(Show::ALL, self.show, Message::ShowChosen).id("history-show");
        let head = row![
            container(text::column_header("When")).width(WHEN),
            container(text::column_header("What")).width(Length::FillPortion(3)),
            container(text::column_header("Files")).width(Length::FillPortion(2)),
            container(text::column_header("")).width(LINKS),
        ]
        .spacing(spacing::L);
        let rows = self.rows();
        let list: Element<'_, Message> = match rows.is_empty() {
            true => container(text::body("None of them.").style(style::muted))
                .padding(spacing::S)
                .height(Length::Fill)
                .into(),
            false => virtual_list(&self.list, rows.len(), Message::List, |index| {
                (index, row_view(index, rows[index]))
            }),
        };
        let head = container(head).padding([spacing::S, spacing::S]);
        column![
            show,
            head,
            rule::horizontal(spacing::LINE).style(style::separator),
            list
        ]
        .height(Length::Fill)
        .into()
    }
}

const WHEN: f32 = 132.0;
const LINKS: f32 = 124.0;

fn row_view(index: usize, entry: &Row) -> Element<'_, Message> {
    let undo: Element<'_, Message> = match entry.undo {
        Undo::Possible => button::small_link("Undo")
            .id(format!("undo-{}", entry.id))
            .on_press(Message::UndoPressed(index))
            .into(),
        Undo::Undone => text::small("undone").style(style::muted).into(),
        Undo::Impossible => text::small("").into(),
    };
    let details = button::small_link("Details")
        .id(format!("details-{}", entry.id))
        .on_press(Message::DetailsPressed(index));
    let links = row![details, container(undo).width(Length::Fill).align_x(iced::Right)]
        .width(LINKS)
        .align_y(Center);
    row![
        text::cell(text::body(entry.when.as_str()).style(style::muted), WHEN),
        text::cell(text::body(entry.what.as_str()), Length::FillPortion(3)),
        text::cell(
            text::small(entry.files.as_str()).style(style::muted),
            Length::FillPortion(2)
        ),
        links,
    ]
    .spacing(spacing::L)
    .align_y(Center)
    .into()
}

#[cfg(test)]
mod tests;
