//! The text in an editor: what it says, where the caret stands, what was typed before.

use std::cell::{Ref, RefCell, RefMut};
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use iced::advanced::graphics;
use iced::advanced::text::Editor as _;
use iced::advanced::text::editor::{Action, Cursor, Edit, Motion, Position};

use super::past::{Past, Replacement, Step};
use super::{Event, Language};

/// iced's text engine: the one below its own editor.
pub(super) type Engine = graphics::text::Editor;

/// A text that is being edited. Lines end with `\n`. It may hold secrets, so nothing prints it.
pub struct Content {
    engine: RefCell<Engine>,
    /// What the engine says, kept beside it.
    text: String,
    past: Past,
    version: u64,
}

/// What an [`Event`] did to a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It is not about the text.
    Nothing,
    /// The caret or the selection.
    Moved,
    /// The text; `true` when a letter was typed.
    Changed { by_letter: bool },
}

/// Where the caret stands. The first line and the place before its first character are both 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Caret {
    pub line: usize,
    /// In characters.
    pub column: usize,
}

impl Content {
    pub fn new(text: &str) -> Self {
        let text = with_plain_line_ends(text);
        Self {
            engine: RefCell::new(Engine::with_text(&text)),
            text,
            past: Past::default(),
            version: 0,
        }
    }

    pub fn text(&self) -> &str {
        &self.text
    }

    /// Another number after every change.
    pub fn version(&self) -> u64 {
        self.version
    }

    pub fn line_count(&self) -> usize {
        self.engine.borrow().line_count()
    }

    pub fn caret(&self) -> Caret {
        let position = self.engine.borrow().cursor().position;
        let line = self.line(position.line);
        Caret {
            line: position.line,
            column: line[..position.column.min(line.len())].chars().count(),
        }
    }

    /// The line with this index, without its end; empty where there is none.
    pub fn line(&self, index: usize) -> String {
        let engine = self.engine.borrow();
        engine
            .line(index)
            .map_or_else(String::new, |line| line.text.into_owned())
    }

    pub fn can_undo(&self) -> bool {
        self.past.can_undo()
    }

    pub fn can_redo(&self) -> bool {
        self.past.can_redo()
    }

    /// What is selected; none where nothing is.
    pub fn selected_text(&self) -> Option<String> {
        self.engine.borrow().copy().filter(|text| !text.is_empty())
    }

    /// Does what an event asks for, as far as it is about the text.
    pub fn update(&mut self, event: Event, language: Language) -> Outcome {
        match event {
            Event::Acted(action) => self.act(action),
            Event::LineBroken => {
                let indent = match language {
                    Language::Yaml { indent } => self.indent_of_next_line(indent),
                    // White space in front of a line makes it a part of the value above.
                    Language::Ini => String::new(),
                };
                self.edit(Edit::Paste(Arc::new(format!("\n{indent}"))), false)
            }
            Event::Indented => {
                let level = " ".repeat(language.one_level());
                self.change_lines(|line| format!("{level}{line}"))
            }
            Event::Unindented => {
                let level = language.one_level();
                self.change_lines(|line| {
                    let spaces = line.bytes().take(level).take_while(|byte| *byte == b' ').count();
                    line[spaces..].to_owned()
                })
            }
            Event::CommentToggled => self.toggle_comment(language.comment()),
            Event::Undone => match self.past.undo() {
                Some(back) => self.take_back(&back),
                None => Outcome::Nothing,
            },
            Event::Redone => match self.past.redo() {
                Some(forward) => self.take_back(&forward),
                None => Outcome::Nothing,
            },
            Event::CompletionAsked
            | Event::CompletionMoved(_)
            | Event::CompletionTaken(_)
            | Event::CompletionDismissed => Outcome::Nothing,
        }
    }

    /// Puts `with` in the place of a part, as one step that can be undone. The caret goes behind it.
    pub fn replace(&mut self, range: Range<usize>, with: &str) {
        self.past.seal();
        if self.put(&range, with) {
            self.past.seal();
        }
    }

    /// Another text, as one step that can be undone. The caret stays where it is, as far as that goes.
    pub fn set_text(&mut self, text: &str) {
        if let Some(step) = Step::between(&self.text, &with_plain_line_ends(text)) {
            let caret = self.engine.borrow().cursor().position;
            self.replace(step.at..step.at + step.removed.len(), &step.inserted);
            self.move_to(caret.line, caret.column);
        }
    }

    /// Puts the caret to a place, and brings it into sight.
    pub fn go_to(&mut self, caret: Caret) {
        let line = self.line(caret.line);
        let column = line
            .char_indices()
            .nth(caret.column)
            .map_or(line.len(), |(at, _)| at);
        self.past.seal();
        self.move_to(caret.line, column);
    }

    /// Selects a part, and brings it into sight.
    pub fn select(&mut self, range: Range<usize>) {
        self.past.seal();
        self.drop_selection();
        let cursor = Cursor {
            position: self.position(range.end),
            selection: Some(self.position(range.start)),
        };
        self.engine.get_mut().move_to(cursor);
    }

    /// The place of a byte of the text.
    pub fn caret_at(&self, offset: usize) -> Caret {
        let offset = floor(&self.text, offset);
        let before = &self.text[..offset];
        let start = before.rfind('\n').map_or(0, |at| at + 1);
        Caret {
            line: before.matches('\n').count(),
            column: before[start..].chars().count(),
        }
    }

    /// The byte of the text at a place.
    pub fn offset_at(&self, caret: Caret) -> usize {
        let line = self.line(caret.line);
        let column = line
            .char_indices()
            .nth(caret.column)
            .map_or(line.len(), |(at, _)| at);
        self.offset(Position {
            line: caret.line,
            column,
        })
    }

    pub(super) fn engine(&self) -> Ref<'_, Engine> {
        self.engine.borrow()
    }

    pub(super) fn engine_mut(&self) -> RefMut<'_, Engine> {
        self.engine.borrow_mut()
    }

    fn act(&mut self, action: Action) -> Outcome {
        match action {
            Action::Edit(Edit::Paste(text)) => {
                // What comes from a clipboard may have the line ends of another system.
                let text = with_plain_line_ends(&text);
                self.past.seal();
                let done = self.edit(Edit::Paste(Arc::new(text)), false);
                self.past.seal();
                done
            }
            Action::Edit(edit) => {
                let by_letter = matches!(edit, Edit::Insert(_));
                self.edit(edit, by_letter)
            }
            action => {
                self.past.seal();
                self.engine.get_mut().perform(action);
                Outcome::Moved
            }
        }
    }

    fn edit(&mut self, edit: Edit, by_letter: bool) -> Outcome {
        self.engine.get_mut().perform(Action::Edit(edit));
        if self.read_back() {
            Outcome::Changed { by_letter }
        } else {
            Outcome::Moved
        }
    }

    /// Takes over what the engine says now, and remembers the change. Tells whether there is one.
    fn read_back(&mut self) -> bool {
        let text = text_of(self.engine.get_mut());
        let Some(step) = Step::between(&self.text, &text) else {
            return false;
        };
        self.past.record(step);
        self.text = text;
        self.version += 1;
        true
    }

    fn put(&mut self, range: &Range<usize>, with: &str) -> bool {
        self.perform_replacement(range, with);
        self.read_back()
    }

    fn take_back(&mut self, replacement: &Replacement) -> Outcome {
        self.perform_replacement(&replacement.range, &replacement.text);
        self.text = text_of(self.engine.get_mut());
        self.version += 1;
        Outcome::Changed { by_letter: false }
    }

    fn perform_replacement(&mut self, range: &Range<usize>, with: &str) {
        self.drop_selection();
        let cursor = Cursor {
            position: self.position(range.end),
            selection: (!range.is_empty()).then(|| self.position(range.start)),
        };
        let engine = self.engine.get_mut();
        engine.move_to(cursor);
        engine.perform(Action::Edit(Edit::Paste(Arc::new(with.to_owned()))));
    }

    /// The engine keeps a selection when the caret is moved by its place.
    fn drop_selection(&mut self) {
        let engine = self.engine.get_mut();
        if engine.cursor().selection.is_some() {
            engine.perform(Action::Move(Motion::Home));
        }
    }

    fn move_to(&mut self, line: usize, column: usize) {
        self.drop_selection();
        let line = line.min(self.line_count().saturating_sub(1));
        let column = floor(&self.line(line), column);
        self.engine.get_mut().move_to(Cursor {
            position: Position { line, column },
            selection: None,
        });
    }

    fn indent_of_next_line(&self, level: usize) -> String {
        let position = self.engine.borrow().cursor().position;
        let line = self.line(position.line);
        let before = &line[..floor(&line, position.column)];
        let spaces = before.bytes().take_while(|byte| *byte == b' ').count();
        let opens = before.trim_end().ends_with(':') && !before.trim_start().starts_with('#');
        " ".repeat(if opens { spaces + level } else { spaces })
    }

    /// Changes every line that the selection touches, or that of the caret, as one step; what was selected stays so.
    fn change_lines(&mut self, change: impl Fn(&str) -> String) -> Outcome {
        let cursor = self.engine.borrow().cursor();
        let selected = cursor.selection.unwrap_or(cursor.position);
        let (first, last) = (
            cursor.position.line.min(selected.line),
            cursor.position.line.max(selected.line),
        );
        let start = self.offset(Position {
            line: first,
            column: 0,
        });
        let end = self.offset(Position {
            line: last,
            column: usize::MAX,
        });
        let changed: Vec<String> = self.text[start..end].split('\n').map(&change).collect();
        let changed = changed.join("\n");
        if changed == self.text[start..end] {
            return Outcome::Nothing;
        }
        let length = changed.len();
        self.replace(start..end, &changed);
        if first == last {
            let line = self.line(first);
            let by = line.len() as isize - (end - start) as isize;
            let column = cursor.position.column.saturating_add_signed(by);
            self.move_to(first, column);
        } else {
            self.select(start..start + length);
        }
        Outcome::Changed { by_letter: false }
    }

    fn toggle_comment(&mut self, mark: &'static str) -> Outcome {
        let cursor = self.engine.borrow().cursor();
        let other = cursor.selection.unwrap_or(cursor.position).line;
        let lines = cursor.position.line.min(other)..=cursor.position.line.max(other);
        let all_are = lines
            .map(|line| self.line(line))
            .filter(|line| !line.trim().is_empty())
            .all(|line| line.trim_start().starts_with(mark));
        self.change_lines(move |line| {
            let spaces = line.len() - line.trim_start().len();
            let (indent, rest) = line.split_at(spaces);
            match rest.strip_prefix(mark) {
                _ if rest.is_empty() => line.to_owned(),
                Some(rest) if all_are => format!("{indent}{}", rest.strip_prefix(' ').unwrap_or(rest)),
                _ if all_are => line.to_owned(),
                _ => format!("{indent}{mark} {rest}"),
            }
        })
    }

    /// The byte of the text at a place of the engine; a column beyond the end counts as the end.
    fn offset(&self, position: Position) -> usize {
        let mut start = 0;
        for _ in 0..position.line {
            match self.text[start..].find('\n') {
                Some(at) => start += at + 1,
                None => return self.text.len(),
            }
        }
        let end = self.text[start..]
            .find('\n')
            .map_or(self.text.len(), |at| start + at);
        start + floor(&self.text[start..end], position.column)
    }

    fn position(&self, offset: usize) -> Position {
        let offset = floor(&self.text, offset);
        let before = &self.text[..offset];
        Position {
            line: before.matches('\n').count(),
            column: before.len() - before.rfind('\n').map_or(0, |at| at + 1),
        }
    }
}

/// Without the text.
impl fmt::Debug for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Content")
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}

/// The engine would keep other line ends, but a file's are restored when it is saved, not here.
fn with_plain_line_ends(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n")
}

/// The engine's text. Between lines stands `\n`: other line ends do not get in.
fn text_of(engine: &Engine) -> String {
    let count = engine.line_count();
    let mut text = String::new();
    for index in 0..count {
        if index > 0 {
            text.push('\n');
        }
        if let Some(line) = engine.line(index) {
            text.push_str(&line.text);
        }
    }
    text
}

/// The nearest place at or before `at` that cuts no character.
fn floor(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

#[cfg(test)]
#[path = "content_tests.rs"]
mod tests;
