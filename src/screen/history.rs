//! The History page: what was changed and when, each undone with one click where that is possible.

use iced::widget::{column, container, row, rule};
use iced::{Center, Element, Length, Task};

use super::{Key, shown};
use crate::edit::history::Entry;
use crate::error::Problem;
use crate::ui::style::{self};
use crate::ui::virtual_list::{self, ListState, Outcome, virtual_list};
use crate::ui::{button, progress, spacing, text};

#[derive(Debug, Clone)]
pub struct History {
    content: Content,
    list: ListState,
}

#[derive(Debug, Clone)]
enum Content {
    Loading(Key),
    Loaded(Vec<Row>),
    Failed(Problem),
}

/// One entry as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    pub id: String,
    /// In the local time of the machine.
    pub when: String,
    pub what: String,
    pub files: String,
    pub undo: Undo,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Undo {
    Possible,
    /// It was undone already.
    Undone,
    /// An undo, a sign-out, a renewal, or a sign-in that is no longer in force.
    Impossible,
}

#[derive(Debug, Clone)]
pub enum Message {
    Loaded {
        key: Key,
        result: Result<Vec<Row>, Problem>,
    },
    List(virtual_list::Event),
    UndoPressed(usize),
    ReloadPressed,
}

#[derive(Debug)]
pub enum Action {
    None,
    Load(Key),
    Undo { id: String, what: String },
    Run(Task<Message>),
}

impl History {
    pub fn new() -> (Self, Action) {
        let key = Key::fresh();
        let screen = Self {
            content: Content::Loading(key),
            list: ListState::new("history"),
        };
        (screen, Action::Load(key))
    }

    /// Reads again what is shown, which stays until the answer comes.
    pub fn reload(&mut self) -> Action {
        let (fresh, action) = Self::new();
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
                Outcome::Activate(row) => self.undo(row),
                _ => Action::None,
            },
            Message::UndoPressed(row) => self.undo(row),
            Message::ReloadPressed => self.reload(),
        }
    }

    fn rows(&self) -> &[Row] {
        match &self.content {
            Content::Loaded(rows) => rows,
            _ => &[],
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
        let head = column![
            text::title("History"),
            text::body("Every change that Sextant made on this machine.").style(style::muted)
        ]
        .spacing(spacing::XS);
        let body = match &self.content {
            Content::Loading(_) => progress::activity(),
            Content::Failed(problem) => shown::problem(problem)
                .button(button::secondary("Try again").on_press(Message::ReloadPressed))
                .into(),
            Content::Loaded(rows) if rows.is_empty() => {
                text::body("Nothing was changed yet.").style(style::muted).into()
            }
            Content::Loaded(rows) => self.table(rows),
        };
        column![head, body]
            .spacing(spacing::L)
            .height(Length::Fill)
            .into()
    }

    fn table<'a>(&'a self, rows: &'a [Row]) -> Element<'a, Message> {
        let head = row![
            container(text::column_header("When")).width(WHEN),
            container(text::column_header("What")).width(Length::FillPortion(3)),
            container(text::column_header("Files")).width(Length::FillPortion(2)),
            container(text::column_header("")).width(UNDO),
        ]
        .spacing(spacing::L);
        let list = virtual_list(&self.list, rows.len(), Message::List, |index| {
            (index, row_view(index, &rows[index]))
        });
        let head = container(head).padding([spacing::S, spacing::S]);
        column![
            head,
            rule::horizontal(spacing::LINE).style(style::separator),
            list
        ]
        .height(Length::Fill)
        .into()
    }
}

const WHEN: f32 = 132.0;
const UNDO: f32 = 72.0;

fn row_view(index: usize, entry: &Row) -> Element<'_, Message> {
    let undo: Element<'_, Message> = match entry.undo {
        Undo::Possible => button::small_link("Undo")
            .id(format!("undo-{}", entry.id))
            .on_press(Message::UndoPressed(index))
            .into(),
        Undo::Undone => text::small("undone").style(style::muted).into(),
        Undo::Impossible => text::small("").into(),
    };
    row![
        text::cell(text::body(entry.when.as_str()).style(style::muted), WHEN),
        text::cell(text::body(entry.what.as_str()), Length::FillPortion(3)),
        text::cell(
            text::small(entry.files.as_str()).style(style::muted),
            Length::FillPortion(2)
        ),
        container(undo).align_right(UNDO),
    ]
    .spacing(spacing::L)
    .align_y(Center)
    .into()
}

/// What can be undone: entries of files that were not undone yet, and the sign-in that is in force (its entry is among
/// `in_force`).
pub fn undo_of(entry: &Entry, entries: &[Entry], in_force: &[String]) -> Undo {
    if entries
        .iter()
        .any(|other| other.undoes.as_deref() == Some(&entry.id))
    {
        return Undo::Undone;
    }
    match entry.kind.as_str() {
        "undo" | "sign-out" | "renewal" => Undo::Impossible,
        "sign-in" if !in_force.contains(&entry.id) => Undo::Impossible,
        _ => Undo::Possible,
    }
}

#[cfg(test)]
mod tests {
    use iced_test::simulator;

    use super::*;

    fn entry(id: &str, kind: &str, undoes: Option<&str>) -> Entry {
        Entry {
            id: id.to_owned(),
            at: jiff::Timestamp::UNIX_EPOCH,
            by: "sextant".to_owned(),
            kind: kind.to_owned(),
            what: String::new(),
            files: Vec::new(),
            undoes: undoes.map(str::to_owned),
        }
    }

    fn row(id: &str, undo: Undo) -> Row {
        Row {
            id: id.to_owned(),
            when: "2026-11-24 10:00".to_owned(),
            what: format!("Changed {id}"),
            files: "~/.condarc".to_owned(),
            undo,
        }
    }

    fn loaded(rows: Vec<Row>) -> History {
        let (mut screen, Action::Load(key)) = History::new() else {
            panic!("nothing is loaded");
        };
        screen.update(Message::Loaded {
            key,
            result: Ok(rows),
        });
        screen
    }

    #[test]
    fn what_can_be_undone() {
        let entries = [
            entry("f", "renewal", None),
            entry("e", "undo", Some("d")),
            entry("d", "channels", None),
            entry("c", "sign-in", None),
            entry("b", "sign-out", None),
            entry("a", "sign-in", None),
        ];
        let found: Vec<Undo> = entries
            .iter()
            .map(|entry| undo_of(entry, &entries, &["c".to_owned()]))
            .collect();
        use Undo::{Impossible, Possible, Undone};
        assert_eq!(
            found,
            [Impossible, Impossible, Undone, Possible, Impossible, Impossible]
        );
    }

    #[test]
    fn undo_is_offered_where_it_is_possible() {
        let mut screen = loaded(vec![row("b", Undo::Impossible), row("a", Undo::Possible)]);
        let messages: Vec<Message> = {
            let mut ui = simulator(screen.view());
            ui.click("Undo").expect("one link");
            ui.into_messages().collect()
        };
        let undone: Vec<Action> = messages
            .into_iter()
            .map(|message| screen.update(message))
            .collect();
        assert!(
            undone
                .iter()
                .any(|action| matches!(action, Action::Undo { id, .. } if id == "a")),
            "{undone:?}"
        );
    }

    #[test]
    fn an_answer_to_an_older_question_is_dropped() {
        let (mut screen, _) = History::new();
        let stale = Message::Loaded {
            key: Key::fresh(),
            result: Ok(vec![row("a", Undo::Possible)]),
        };
        screen.update(stale);
        assert!(matches!(screen.content, Content::Loading(_)));
    }

    #[test]
    fn an_empty_history_says_so() {
        let screen = loaded(Vec::new());
        simulator(screen.view())
            .find("Nothing was changed yet.")
            .expect("the sentence");
    }
}
