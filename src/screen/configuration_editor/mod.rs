//! The page on which a person edits the file of a program: **Configure Navigator**, **Configure Conda**.
//!
//! The text is checked at every key stroke; what is wrong stands at its line, and such a text is not saved. Another
//! program that changes the file meanwhile is noticed: where nothing was edited here the new text is shown, otherwise
//! the person chooses.
//!
//! The view fills its place and brings its own margins; it needs a [`modal`](crate::ui::modal::modal) around the window
//! for Tab to work.

mod disk;
mod findings;
mod page;
mod proposals;
mod search;
mod secrets;

use std::path::{Path, PathBuf};

use iced::widget::operation;
use iced::{Element, Task};

use super::Key;
use super::shown::file_diff;
use super::typed::Typed;
use crate::edit::diff::FileDiff;
use crate::error::Problem;
use crate::service::configuration::{ConfigurationFile, EditedFile, Language, Saving};
use crate::service::plan::short_path;
use crate::ui::code_editor::{self, Content, Event, Outcome};
use crate::ui::diff_view::Diff;
use findings::Findings;
use proposals::Proposals;
use search::Search;

/// The id of the editor itself.
pub const EDITOR: &str = "configuration-text";
/// The id of the field to search with.
pub const SEARCH: &str = "configuration-search";

/// A file that is open in an editor.
#[derive(Debug)]
pub struct ConfigurationEditor {
    /// As it was opened or saved last.
    edited: EditedFile,
    home: PathBuf,
    /// The text as the editor had it then: carriage returns within lines do not get in.
    opened: Typed,
    content: Content,
    findings: Findings,
    proposals: Proposals,
    search: Option<Search>,
    pane: Pane,
    disk: Disk,
    state: State,
    /// Why the file was not read or saved.
    problem: Option<Problem>,
    shows_secrets: bool,
    /// Another program changed the file, and what is shown is how it is since.
    follows: bool,
}

/// What is shown of the file.
#[derive(Debug)]
enum Pane {
    Text,
    Changes {
        key: Key,
        diff: Option<Result<Diff, Problem>>,
    },
}

/// How the file on disk stands to the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Disk {
    /// As it was opened.
    Same,
    /// It is asked about.
    Looking(Key),
    /// Another program has changed it; the person has to choose.
    Changed,
    /// It has, and is to be written over.
    GivenUp,
}

/// What is under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Editing,
    Saving {
        key: Key,
        then: Then,
    },
    Reading(Key),
    /// There are changes, and the person wants to go.
    Leaving,
}

/// What comes after saving.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Then {
    Stay,
    Close,
    Restart,
}

/// How saving ended.
#[derive(Debug, Clone)]
pub enum End {
    /// With the file as it stands on disk now, and the entry of the history where anything changed.
    Saved {
        edited: Box<EditedFile>,
        entry: Option<String>,
    },
    /// Another program was there first.
    ChangedMeanwhile,
    Failed(Problem),
}

/// What happened.
#[derive(Debug, Clone)]
pub enum Message {
    Editor(Event),
    /// Another program may have changed the file.
    DiskTouched,
    /// Whether the file on disk is still what was opened.
    Looked {
        key: Key,
        is_unchanged: Result<bool, Problem>,
    },
    ReloadPressed,
    Read {
        key: Key,
        result: Result<Box<EditedFile>, Problem>,
    },
    KeepMinePressed,
    MergePressed,

    SearchPressed,
    SearchTyped(Typed),
    SearchMoved(Step),
    SearchClosed,
    FindingMoved(Step),
    SecretsToggled,
    ChangesToggled(bool),
    Compared {
        key: Key,
        result: Result<Box<FileDiff>, Problem>,
    },

    SavePressed,
    SaveAndRestartPressed,
    Saved {
        key: Key,
        end: End,
    },
    ClosePressed,
    SaveAndClosePressed,
    DiscardPressed,
    KeepEditingPressed,
}

/// To the one before or after.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    Next,
    Previous,
}

/// What the parent has to do.
#[derive(Debug)]
pub enum Action {
    None,
    /// Tell whether the file on disk is still what was opened.
    Look {
        key: Key,
        edited: Box<EditedFile>,
    },
    /// Open the file anew.
    Read {
        key: Key,
        file: ConfigurationFile,
    },
    /// Compare the text with the file on disk.
    Compare {
        key: Key,
        edited: Box<EditedFile>,
    },
    Save {
        key: Key,
        edited: Box<EditedFile>,
        saving: Saving,
    },
    /// It was saved, as this entry of the history where anything changed, and what comes next.
    Done {
        entry: Option<String>,
        then: Then,
    },
    Close,
    Run(Task<Message>),
}

impl ConfigurationEditor {
    /// An editor for an opened file, with the caret at what is wrong with it; the action gives it the focus.
    pub fn new(edited: EditedFile, home: &Path) -> (Self, Action) {
        let content = Content::new(&edited.text);
        let mut screen = Self {
            opened: Typed::new(content.text()),
            content,
            findings: Findings::default(),
            proposals: Proposals::default(),
            search: None,
            pane: Pane::Text,
            disk: Disk::Same,
            state: State::Editing,
            problem: None,
            shows_secrets: false,
            follows: false,
            home: home.to_owned(),
            edited,
        };
        screen.check();
        if let Some(place) = screen.findings.first_error() {
            screen.content.go_to(place);
        }
        (screen, focus_editor())
    }

    pub fn file(&self) -> ConfigurationFile {
        self.edited.file
    }

    /// The path as a person writes it.
    fn path(&self) -> String {
        short_path(&self.edited.path, &self.home)
    }

    /// Whether there are changes that would be lost.
    pub fn is_changed(&self) -> bool {
        self.content.text() != self.opened.as_str()
    }

    /// The words above the page and in the title of the window.
    pub fn title(&self) -> &'static str {
        match self.edited.file {
            ConfigurationFile::Navigator => "Configure Navigator",
            ConfigurationFile::Conda => "Configure Conda",
            ConfigurationFile::AnacondaClient => "Configure anaconda-client",
            ConfigurationFile::Pip => "Configure pip",
        }
    }

    pub fn update(&mut self, message: Message) -> Action {
        match message {
            Message::Editor(event) => self.edit(event),
            Message::DiskTouched => self.look(),
            Message::Looked { key, is_unchanged } => self.looked(key, is_unchanged),
            Message::ReloadPressed => self.read(),
            Message::Read { key, result } => self.was_read(key, result),
            Message::KeepMinePressed => {
                self.disk = Disk::GivenUp;
                self.compare()
            }
            Message::MergePressed => self.save(Saving::Merge, Then::Stay),
            Message::SearchPressed => {
                let wanted = self.content.selected_text();
                self.search = Some(Search::new(wanted.as_deref(), self.search.take()));
                self.show_text();
                Action::Run(Task::batch([
                    operation::focus(SEARCH),
                    operation::select_all(SEARCH),
                ]))
            }
            Message::SearchTyped(text) => {
                if let Some(search) = &mut self.search {
                    search.typed(text, &mut self.content);
                }
                Action::None
            }
            Message::SearchMoved(step) => {
                if let Some(search) = &self.search {
                    search.go(step, &mut self.content);
                }
                Action::None
            }
            Message::SearchClosed => {
                self.search = None;
                focus_editor()
            }
            Message::FindingMoved(step) => {
                self.show_text();
                if let Some(place) = self.findings.from(self.content.caret(), step) {
                    self.content.go_to(place);
                }
                focus_editor()
            }
            Message::SecretsToggled => {
                self.shows_secrets = !self.shows_secrets;
                Action::None
            }
            Message::ChangesToggled(true) => {
                self.pane = Pane::Changes {
                    key: Key::fresh(),
                    diff: None,
                };
                self.compare()
            }
            Message::ChangesToggled(false) => {
                self.show_text();
                focus_editor()
            }
            Message::Compared { key, result } => self.compared(key, result),
            Message::SavePressed => self.save(self.usual_saving(), Then::Stay),
            Message::SaveAndRestartPressed => self.save(self.usual_saving(), Then::Restart),
            Message::SaveAndClosePressed => self.save(self.usual_saving(), Then::Close),
            Message::Saved { key, end } => self.saved(key, end),
            Message::ClosePressed => self.close(),
            Message::DiscardPressed => Action::Close,
            Message::KeepEditingPressed => {
                if self.state == State::Leaving {
                    self.state = State::Editing;
                }
                focus_editor()
            }
        }
    }

    fn edit(&mut self, event: Event) -> Action {
        if self.is_busy() {
            return Action::None;
        }
        match event {
            Event::CompletionAsked => {
                self.proposals.ask(self.edited.file, &self.content);
            }
            Event::CompletionMoved(by) => self.proposals.mark(by),
            Event::CompletionTaken(index) => {
                if self.proposals.take(index, &mut self.content) {
                    self.check();
                }
            }
            Event::CompletionDismissed => self.proposals.close(),
            event => match self.content.update(event, self.language()) {
                Outcome::Changed { by_letter } => {
                    self.follows = false;
                    self.proposals.follow(by_letter, self.edited.file, &self.content);
                    self.check();
                    if self.state == State::Leaving {
                        self.state = State::Editing;
                    }
                }
                Outcome::Moved => self.proposals.close(),
                Outcome::Nothing => {}
            },
        }
        Action::None
    }

    fn check(&mut self) {
        self.findings = Findings::of(self.edited.file, self.content.text());
        self.problem = None;
    }

    fn show_text(&mut self) {
        self.pane = Pane::Text;
    }

    fn compare(&mut self) -> Action {
        let Pane::Changes { key, .. } = &self.pane else {
            return Action::None;
        };
        Action::Compare {
            key: *key,
            edited: Box::new(self.present()),
        }
    }

    fn compared(&mut self, key: Key, result: Result<Box<FileDiff>, Problem>) -> Action {
        if let Pane::Changes { key: own, diff } = &mut self.pane
            && *own == key
        {
            *diff = Some(result.map(|found| file_diff(&found, &self.home)));
        }
        Action::None
    }

    fn language(&self) -> code_editor::Language {
        match self.edited.file.language() {
            Language::Yaml => code_editor::Language::Yaml {
                indent: self.edited.marks.indent,
            },
            Language::Ini => code_editor::Language::Ini,
        }
    }

    pub fn view(&self) -> Element<'_, Message> {
        page::view(self)
    }
}

fn focus_editor() -> Action {
    Action::Run(operation::focus(EDITOR))
}

#[cfg(test)]
mod tests;
