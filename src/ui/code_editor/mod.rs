//! An editor for the files of programs: line numbers, the colours of YAML and INI, findings at their line, completion,
//! undo, and secrets under a cover.
//!
//! It stands on the text engine of iced's own editor, which tells nobody how far it is scrolled and thus cannot be
//! given line numbers from outside. The screen keeps a [`Content`] and passes it every [`Event`]:
//!
//! ```
//! use sextant::ui::code_editor::{Content, Event, Language, Outcome, code_editor};
//!
//! #[derive(Debug, Clone)]
//! enum Message { Editor(Event) }
//!
//! const YAML: Language = Language::Yaml { indent: 2 };
//!
//! struct Screen { content: Content }
//!
//! impl Screen {
//!     fn update(&mut self, Message::Editor(event): Message) {
//!         if let Outcome::Changed { .. } = self.content.update(event, YAML) {
//!             // Check the text anew.
//!         }
//!     }
//!
//!     fn view(&self) -> iced::Element<'_, Message> {
//!         code_editor(&self.content, YAML, Message::Editor).id("file").into()
//!     }
//! }
//! # let mut screen = Screen { content: Content::new("channels: []\n") };
//! # screen.update(Message::Editor(Event::Undone));
//! # let _ = screen.view();
//! ```
//!
//! | key | does |
//! |---|---|
//! | Ctrl-Z, Ctrl-Shift-Z or Ctrl-Y | undo, redo |
//! | Ctrl-Space | proposals; Up, Down, Enter or Tab, Esc while they are shown |
//! | Ctrl-] and Ctrl-[ | indent and back; Tab goes on to the next widget, as everywhere |
//! | Ctrl-/ | comment in and out |
//!
//! On macOS Cmd stands for Ctrl.

mod content;
mod find;
mod geometry;
mod keys;
mod paint;
mod past;
mod pointer;
mod popup;
mod syntax;
mod widget;

use std::fmt;
use std::ops::Range;

use iced::Element;
use iced::advanced::text::editor::Action;
use iced::advanced::widget::Id;

use super::style::Tone;
pub use content::{Caret, Content, Outcome};
pub use find::occurrences;
pub use popup::Proposal;

/// Height of a line, and the size of its letters.
const LINE: f32 = 20.0;
const SIZE: f32 = 13.0;

/// The rules by which a file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Language {
    Yaml { indent: usize },
    Ini,
}

impl Language {
    fn one_level(self) -> usize {
        match self {
            Self::Yaml { indent } => indent,
            Self::Ini => 4,
        }
    }

    /// What begins a comment.
    fn comment(self) -> &'static str {
        match self {
            Self::Yaml { .. } | Self::Ini => "#",
        }
    }
}

/// Something that is said about a part of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// From 0.
    pub line: usize,
    /// In characters; empty where it is about the whole line.
    pub columns: Range<usize>,
    pub tone: Tone,
    pub words: String,
}

/// What a person did. `Debug` does not tell what was typed: it may be a secret.
#[derive(Clone, PartialEq)]
pub enum Event {
    /// Typed, pasted, deleted, moved the caret, selected.
    Acted(Action),
    /// Pressed Enter.
    LineBroken,
    Indented,
    Unindented,
    CommentToggled,
    Undone,
    Redone,
    CompletionAsked,
    /// Another proposal was marked, so many further.
    CompletionMoved(isize),
    /// The marked proposal, or the one with this index.
    CompletionTaken(Option<usize>),
    CompletionDismissed,
}

impl fmt::Debug for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Acted(Action::Edit(_)) => "Acted(Edit(..))",
            Self::Acted(_) => "Acted(..)",
            Self::LineBroken => "LineBroken",
            Self::Indented => "Indented",
            Self::Unindented => "Unindented",
            Self::CommentToggled => "CommentToggled",
            Self::Undone => "Undone",
            Self::Redone => "Redone",
            Self::CompletionAsked => "CompletionAsked",
            Self::CompletionMoved(_) => "CompletionMoved(..)",
            Self::CompletionTaken(_) => "CompletionTaken(..)",
            Self::CompletionDismissed => "CompletionDismissed",
        })
    }
}

/// Finds the parts of a line, in bytes, that lie under a cover.
pub type Covering = fn(&str) -> Vec<Range<usize>>;

/// An editor; made by [`code_editor`].
pub struct CodeEditor<'a, Message> {
    content: &'a Content,
    language: Language,
    on_event: Box<dyn Fn(Event) -> Message + 'a>,
    id: Option<Id>,
    marks: &'a [Mark],
    needle: &'a str,
    is_read_only: bool,
    covered: Option<Covering>,
    /// The list of proposals while it is shown.
    proposals: Option<Element<'a, Message>>,
    proposal_count: usize,
    /// What is said about the line under the pointer.
    bubble: Option<Element<'a, Message>>,
    drawn: Option<widget::Look>,
}

/// An editor for `content`, as large as its place.
pub fn code_editor<'a, Message: Clone + 'a>(
    content: &'a Content,
    language: Language,
    on_event: impl Fn(Event) -> Message + 'a,
) -> CodeEditor<'a, Message> {
    CodeEditor {
        content,
        language,
        on_event: Box::new(on_event),
        id: None,
        marks: &[],
        needle: "",
        is_read_only: false,
        covered: None,
        proposals: None,
        proposal_count: 0,
        bubble: None,
        drawn: None,
    }
}

impl<'a, Message: Clone + 'a> CodeEditor<'a, Message> {
    #[must_use]
    pub fn id(mut self, id: impl Into<Id>) -> Self {
        self.id = Some(id.into());
        self
    }

    /// What is said about lines: a sign beside the number, a line under the part, the words under the pointer.
    #[must_use]
    pub fn marks(mut self, marks: &'a [Mark]) -> Self {
        self.marks = marks;
        self
    }

    /// What is searched for: every place of it is marked, whatever its case.
    #[must_use]
    pub fn needle(mut self, needle: &'a str) -> Self {
        self.needle = needle;
        self
    }

    /// Whether the text can only be read: the caret moves, and what is selected can be copied.
    #[must_use]
    pub fn read_only(mut self, is_read_only: bool) -> Self {
        self.is_read_only = is_read_only;
        self
    }

    /// The parts of a line, in bytes, that lie under a cover, such as tokens.
    #[must_use]
    pub fn covered(mut self, covered: Option<Covering>) -> Self {
        self.covered = covered;
        self
    }

    /// The proposals to show at the caret, one of them marked; nothing is shown where there is none.
    #[must_use]
    pub fn proposals(mut self, proposals: &[Proposal], marked: usize) -> Self {
        self.proposal_count = proposals.len();
        self.proposals = (!proposals.is_empty()).then(|| {
            let taken =
                (0..proposals.len()).map(|index| (self.on_event)(Event::CompletionTaken(Some(index))));
            popup::list(proposals, marked, taken)
        });
        self
    }
}

impl<'a, Message: Clone + 'a> From<CodeEditor<'a, Message>> for Element<'a, Message> {
    fn from(editor: CodeEditor<'a, Message>) -> Self {
        Element::new(editor)
    }
}
