//! What can be written at the caret.

use crate::service::configuration::{Completions, ConfigurationFile, Position, completions};
use crate::ui::code_editor::{Caret, Content, Proposal};

/// The proposals while they are shown.
#[derive(Debug, Default)]
pub(super) struct Proposals {
    open: Option<Open>,
}

#[derive(Debug)]
struct Open {
    line: usize,
    found: Completions,
    shown: Vec<Proposal>,
    marked: usize,
}

impl Proposals {
    pub fn close(&mut self) {
        self.open = None;
    }

    pub fn is_open(&self) -> bool {
        self.open.is_some()
    }

    /// What is shown, and the index of the marked one.
    pub fn shown(&self) -> (&[Proposal], usize) {
        self.open
            .as_ref()
            .map_or((&[], 0), |open| (open.shown.as_slice(), open.marked))
    }

    /// Shows everything that can be written here.
    pub fn ask(&mut self, file: ConfigurationFile, content: &Content) {
        self.open = Open::at_caret(file, content);
    }

    /// After a change of the text: a typed letter shows what begins so, anything else only keeps a shown list up to date.
    pub fn follow(&mut self, by_letter: bool, file: ConfigurationFile, content: &Content) {
        if !by_letter && !self.is_open() {
            return;
        }
        self.open = Open::at_caret(file, content).filter(Open::is_helpful);
    }

    /// Marks another one, so many further; beyond the end it goes on at the beginning.
    pub fn mark(&mut self, by: isize) {
        if let Some(open) = &mut self.open {
            let count = open.shown.len().max(1) as isize;
            open.marked = (open.marked as isize + by).rem_euclid(count) as usize;
        }
    }

    /// Writes the marked one, or that with this index. Tells whether the text has changed.
    pub fn take(&mut self, index: Option<usize>, content: &mut Content) -> bool {
        let Some(open) = self.open.take() else {
            return false;
        };
        let Some(item) = open.found.items.get(index.unwrap_or(open.marked)) else {
            return false;
        };
        let at = |column| {
            content.offset_at(Caret {
                line: open.line,
                column,
            })
        };
        let range = at(open.found.replaces.start)..at(open.found.replaces.end);
        content.replace(range, &item.insert);
        true
    }
}

impl Open {
    fn at_caret(file: ConfigurationFile, content: &Content) -> Option<Self> {
        let Caret { line, column } = content.caret();
        let found = completions(file, content.text(), Position { line, column });
        let shown: Vec<Proposal> = found
            .items
            .iter()
            .map(|item| Proposal {
                label: item.label.clone(),
                documentation: item.documentation.clone(),
            })
            .collect();
        (!shown.is_empty()).then_some(Self {
            line,
            found,
            shown,
            marked: 0,
        })
    }

    /// Whether it is worth showing unasked: something of the word is there, and not the whole of the only one.
    fn is_helpful(&self) -> bool {
        let length = self.found.replaces.len();
        let is_whole = match self.shown.as_slice() {
            [only] => only.label.chars().count() == length,
            _ => false,
        };
        length > 0 && !is_whole
    }
}
