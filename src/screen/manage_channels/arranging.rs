//! Putting the entries in order: with keys, with buttons, and by dragging.

use iced::Task;
use iced::widget::operation;

use super::draft::Position;
use super::editor::{Editor, Step};
use super::{ADD, Message, TABLE};
use crate::screen::channels::drag::place_under;
use crate::service::manage_channels::List;
use crate::ui::virtual_list::{self, Outcome, reveal};

/// What happened in the list.
#[derive(Debug, Clone, PartialEq)]
pub enum Edit {
    Table(virtual_list::Event),
    PointerEntered(u64),
    PointerLeft(u64),
    /// One step up or down.
    MovePressed {
        id: u64,
        is_up: bool,
    },
    RemovePressed(u64),
    /// To the other list.
    ListPressed(u64),
    /// Its token out of the file.
    TokenPressed(u64),
    /// The pointer moved while it holds an entry: how far below the upper edge of the table, which is `height` high.
    Dragged {
        y: f32,
        height: f32,
    },
    Dropped,
    TableEntered,
    /// Esc.
    Cancelled,
    /// The table has scrolled to what was moved.
    Followed,
}

/// An entry that is held by the pointer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Held {
    pub list: List,
    /// Where it was taken up.
    pub from: usize,
    pub at: usize,
}

impl Editor {
    pub(super) fn edit(&mut self, edit: Edit, last_key: &mut u64) -> Vec<Step> {
        match edit {
            Edit::Table(event) => self.table_event(event, last_key),
            Edit::PointerEntered(id) => {
                self.pointed = Some(id);
                Vec::new()
            }
            Edit::PointerLeft(id) => {
                self.pointed = self.pointed.filter(|pointed| *pointed != id);
                Vec::new()
            }
            Edit::MovePressed { id, is_up } => match self.position_of(id) {
                Some(position) => self.step(position, is_up, last_key),
                None => Vec::new(),
            },
            Edit::RemovePressed(id) => match self.position_of(id) {
                Some(position) => self.remove(position, last_key),
                None => Vec::new(),
            },
            Edit::ListPressed(id) => match self.position_of(id) {
                Some(position) => self.change_list(position, last_key),
                None => Vec::new(),
            },
            Edit::TokenPressed(id) => match self.position_of(id) {
                Some(position) if self.draft.move_token(position) => self.changed(last_key),
                _ => Vec::new(),
            },
            Edit::Dragged { y, height } => self.drag_to(y, height),
            Edit::Dropped => match self.held.take() {
                Some(held) if held.from != held.at => self.changed(last_key),
                _ => Vec::new(),
            },
            Edit::TableEntered => {
                if self.draft.positions().is_empty() {
                    return Vec::new();
                }
                if self.table.cursor().is_none() {
                    self.table.set_cursor(Some(0));
                }
                vec![Step::Run(operation::focus(TABLE))]
            }
            Edit::Cancelled => self.cancel(),
            Edit::Followed => self.changed(last_key),
        }
    }

    fn table_event(&mut self, event: virtual_list::Event, last_key: &mut u64) -> Vec<Step> {
        let positions = self.draft.positions();
        match event {
            virtual_list::Event::Scrolled { offset, height } => {
                self.offset = offset;
                self.height = height;
            }
            virtual_list::Event::Pressed(row) => {
                let position = positions.get(row).copied();
                let movable = position.filter(|position| {
                    let row = self.draft.row(*position);
                    row.is_some_and(|row| row.channel.freedom.is_movable())
                });
                self.held = movable.filter(|_| !self.is_applying()).map(|position| Held {
                    list: position.list,
                    from: position.at,
                    at: position.at,
                });
            }
            _ => {}
        }
        let at = |row: usize| positions.get(row).copied();
        match self.table.update(event, positions.len()) {
            Outcome::ScrollTo(offset) => {
                self.offset = offset;
                vec![Step::Run(self.table.scroll_to(offset))]
            }
            Outcome::MoveUp(row) => at(row).map_or_else(Vec::new, |at| self.step(at, true, last_key)),
            Outcome::MoveDown(row) => at(row).map_or_else(Vec::new, |at| self.step(at, false, last_key)),
            Outcome::Delete(row) => at(row).map_or_else(Vec::new, |at| self.remove(at, last_key)),
            Outcome::Right(row) => match at(row) {
                Some(at) if at.list == List::Channels => self.change_list(at, last_key),
                _ => Vec::new(),
            },
            Outcome::Left(row) => match at(row) {
                Some(at) if at.list == List::DefaultChannels => self.change_list(at, last_key),
                _ => Vec::new(),
            },
            Outcome::Activate(_) => self.update(Message::ApplyPressed, last_key),
            _ => Vec::new(),
        }
    }

    /// Moves an entry by one place.
    fn step(&mut self, position: Position, is_up: bool, last_key: &mut u64) -> Vec<Step> {
        let Some(to) = self.draft.neighbour(position.list, position.at, is_up) else {
            return Vec::new();
        };
        let Some(at) = self.draft.shift(position.list, position.at, to) else {
            return Vec::new();
        };
        let moved = Position { at, ..position };
        match self.put_cursor(moved) {
            // The change is told once the table is where it has to be.
            Some(scroll) => vec![Step::Run(scroll.chain(Task::done(Message::Edit(Edit::Followed))))],
            None => self.changed(last_key),
        }
    }

    fn remove(&mut self, position: Position, last_key: &mut u64) -> Vec<Step> {
        if !self.draft.remove(position) {
            return Vec::new();
        }
        self.settle_cursor();
        self.changed(last_key)
    }

    fn change_list(&mut self, position: Position, last_key: &mut u64) -> Vec<Step> {
        let Some(moved) = self.draft.change_list(position) else {
            return Vec::new();
        };
        let mut steps: Vec<Step> = self.put_cursor(moved).map(Step::Run).into_iter().collect();
        steps.extend(self.changed(last_key));
        steps
    }

    /// Puts the cursor on an entry, and scrolls there if it is out of sight.
    pub(super) fn put_cursor(&mut self, position: Position) -> Option<Task<Message>> {
        let row = self
            .draft
            .positions()
            .iter()
            .position(|known| *known == position)?;
        self.table.set_cursor(Some(row));
        if self.height <= 0.0 {
            return None;
        }
        let offset = reveal(self.offset, self.height, row)?;
        self.offset = offset;
        Some(self.table.scroll_to(offset))
    }

    /// The table may have become shorter, and what the pointer was on may be another entry.
    pub(super) fn settle_cursor(&mut self) {
        self.pointed = None;
        let last = self.draft.positions().len().checked_sub(1);
        let cursor = self.table.cursor().and_then(|cursor| Some(cursor.min(last?)));
        self.table.set_cursor(cursor);
    }

    fn drag_to(&mut self, y: f32, height: f32) -> Vec<Step> {
        let Some(held) = self.held else { return Vec::new() };
        self.height = height;
        let positions = self.draft.positions();
        let under = place_under(y, height, self.offset, positions.len());
        // Over the entries of the other list it stays where it is.
        let to = match positions.get(under) {
            Some(position) if position.list == held.list => position.at,
            _ => return Vec::new(),
        };
        let Some(at) = self.draft.shift(held.list, held.at, to) else {
            return Vec::new();
        };
        self.held = Some(Held { at, ..held });
        self.pointed = None;
        let moved = Position { list: held.list, at };
        self.put_cursor(moved).map(Step::Run).into_iter().collect()
    }

    /// Lets go of what is held, or else empties the field.
    fn cancel(&mut self) -> Vec<Step> {
        if let Some(held) = self.held.take() {
            if let Some(at) = self.draft.shift(held.list, held.at, held.from) {
                let _ = self.put_cursor(Position { list: held.list, at });
            }
            return Vec::new();
        }
        match self.adding.clear() {
            true => vec![Step::Run(operation::focus(ADD))],
            false => Vec::new(),
        }
    }
}
