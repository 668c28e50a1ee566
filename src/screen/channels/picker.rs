//! The page once the server's channels are known: searching, ticking, putting in order.

use std::sync::Arc;

use iced::Task;
use iced::widget::operation;

use crate::error::Problem;
use crate::repository::Channel;
use crate::ui::virtual_list::{self, ListState, Outcome, reveal};

use super::Message;
use super::drag::{Drag, place_under};
use super::finder::Finder;
use super::preview::PreviewState;
use super::rows::{Column, PrivacyFilter, Row, Rows};
use super::selection::{ChannelChoice, List, Selection};

/// The search field, for focus and tests.
pub const SEARCH: &str = "channels-search";
/// The table.
pub const TABLE: &str = "channels-table";

/// What happened on the page while the person chooses.
#[derive(Debug, Clone, PartialEq)]
pub enum Pick {
    SearchChanged(String),
    /// Enter in the search field.
    SearchSubmitted,
    PrivacyChosen(PrivacyFilter),
    HeaderPressed(Column),
    TickAllPressed,
    /// The box at a position of the table as it is shown.
    TickPressed {
        list: List,
        position: usize,
    },
    Table(virtual_list::Event),
    Order(List, virtual_list::Event),
    PointerEntered(List, usize),
    PointerLeft(List, usize),
    MovePressed {
        list: List,
        from: usize,
        to: usize,
    },
    RemovePressed {
        list: List,
        at: usize,
    },
    /// The pointer moved while it holds an entry: how far below the upper edge of the list, which is `height` high.
    Dragged {
        y: f32,
        height: f32,
    },
    Dropped,
    RevertPressed,
    /// In the field for a channel that is not in the list.
    FindTyped(String),
    FindPressed,
    /// An order has scrolled to what was moved.
    Followed,
}

impl Pick {
    /// Whether it may change what is chosen; such a thing waits while a choice is being applied.
    fn is_about_choice(&self) -> bool {
        match self {
            Self::TickAllPressed
            | Self::TickPressed { .. }
            | Self::MovePressed { .. }
            | Self::RemovePressed { .. }
            | Self::Dragged { .. }
            | Self::Dropped
            | Self::RevertPressed => true,
            Self::Table(event) | Self::Order(_, event) => {
                matches!(
                    event,
                    virtual_list::Event::Pressed(_) | virtual_list::Event::Key(_)
                )
            }
            _ => false,
        }
    }
}

/// What follows from it.
#[derive(Debug)]
pub(super) enum Step {
    Nothing,
    /// The choice changed.
    Changed,
    Run(Task<Message>),
    /// A channel is to be looked for by the text in the field.
    Find,
    /// Enter: the default button.
    Confirmed,
}

/// What the page is at.
#[derive(Debug)]
pub(super) enum Phase {
    Choosing,
    Applying,
    /// The last attempt to apply failed; the choice is as it was.
    Refused(Problem),
}

/// One of the two orders on the screen.
#[derive(Debug)]
pub(super) struct OrderList {
    pub state: ListState,
    offset: f32,
    height: f32,
}

impl OrderList {
    fn new(id: &'static str) -> Self {
        Self {
            state: ListState::new(id),
            offset: 0.0,
            height: 0.0,
        }
    }

    /// Puts the cursor on a place and scrolls there if it is out of sight.
    fn follow(&mut self, at: usize) -> Option<Task<Message>> {
        self.state.set_cursor(Some(at));
        if self.height <= 0.0 {
            return None;
        }
        let offset = reveal(self.offset, self.height, at)?;
        self.offset = offset;
        Some(self.state.scroll_to(offset))
    }
}

/// The state of the page while the person chooses.
#[derive(Debug)]
pub(super) struct Picker {
    host: String,
    pub rows: Rows,
    pub search: String,
    pub table: ListState,
    pub selection: Selection,
    channels: OrderList,
    default_channels: OrderList,
    pub drag: Option<Drag>,
    /// The entry of an order under the pointer.
    pub pointed: Option<(List, usize)>,
    pub preview: PreviewState,
    pub finder: Finder,
    pub phase: Phase,
}

impl Picker {
    pub fn new(host: &str, channels: &Arc<Vec<Channel>>, chosen: ChannelChoice) -> Self {
        let rows = Rows::new(channels);
        Self {
            host: host.to_owned(),
            search: String::new(),
            table: ListState::new(TABLE),
            selection: Selection::new(chosen, |entry| rows.row_of(entry, host)),
            rows,
            channels: OrderList::new("channels-order"),
            default_channels: OrderList::new("default-channels-order"),
            drag: None,
            pointed: None,
            preview: PreviewState::default(),
            finder: Finder::default(),
            phase: Phase::Choosing,
        }
    }

    pub fn order(&self, list: List) -> &OrderList {
        match list {
            List::Channels => &self.channels,
            List::DefaultChannels => &self.default_channels,
        }
    }

    fn order_mut(&mut self, list: List) -> &mut OrderList {
        match list {
            List::Channels => &mut self.channels,
            List::DefaultChannels => &mut self.default_channels,
        }
    }

    pub fn is_applying(&self) -> bool {
        matches!(self.phase, Phase::Applying)
    }

    /// Whether **Add Channels** has something to do.
    pub fn can_apply(&self) -> bool {
        !self.is_applying() && self.drag.is_none() && self.selection.is_changed()
    }

    /// The row at a position of the table as it is shown, with its number.
    pub fn row_at(&self, position: usize) -> Option<(usize, &Row)> {
        let index = *self.rows.shown().get(position)?;
        Some((index, self.rows.get(index)?))
    }

    /// Whether every channel that is shown and can be ticked is ticked for `channels`.
    pub fn is_all_shown_ticked(&self) -> bool {
        let mut tickable = self.tickable_shown().peekable();
        tickable.peek().is_some() && tickable.all(|row| self.selection.is_ticked(List::Channels, row))
    }

    pub fn tickable_shown(&self) -> impl Iterator<Item = usize> {
        let shown = self.rows.shown().iter().copied();
        shown.filter(|&row| self.rows.get(row).is_some_and(|row| row.entry.is_some()))
    }

    pub fn update(&mut self, pick: Pick) -> Step {
        if self.is_applying() && pick.is_about_choice() {
            return Step::Nothing;
        }
        match pick {
            Pick::SearchChanged(search) => {
                self.search = search;
                self.rows.search(&self.search);
                Step::Run(self.table.reset())
            }
            Pick::SearchSubmitted => self.enter_table(),
            Pick::PrivacyChosen(privacy) => {
                self.rows.show_privacy(privacy);
                Step::Run(self.table.reset())
            }
            Pick::HeaderPressed(column) => {
                let selection = &self.selection;
                self.rows
                    .sort_by(column, |list, row| selection.is_ticked(list, row));
                Step::Run(self.table.reset())
            }
            Pick::TickAllPressed => self.tick_all(),
            Pick::TickPressed { list, position } => {
                self.table.set_cursor(Some(position));
                self.toggle(list, position)
            }
            Pick::Table(event) => match self.table.update(event, self.rows.shown().len()) {
                Outcome::ScrollTo(offset) => Step::Run(self.table.scroll_to(offset)),
                Outcome::Toggle(position) => self.toggle(List::Channels, position),
                Outcome::ToggleOther(position) => self.toggle(List::DefaultChannels, position),
                Outcome::Activate(_) => Step::Confirmed,
                _ => Step::Nothing,
            },
            Pick::Order(list, event) => self.update_order(list, event),
            Pick::PointerEntered(list, at) => {
                self.pointed = Some((list, at));
                Step::Nothing
            }
            Pick::PointerLeft(list, at) => {
                self.pointed = self.pointed.filter(|pointed| *pointed != (list, at));
                Step::Nothing
            }
            Pick::MovePressed { list, from, to } => self.shift(list, from, to),
            Pick::RemovePressed { list, at } => {
                self.selection.remove(list, at);
                self.settle_cursors();
                Step::Changed
            }
            Pick::Dragged { y, height } => self.drag_to(y, height),
            Pick::Dropped => match self.drag.take() {
                Some(drag) if drag.from != drag.at => Step::Changed,
                _ => Step::Nothing,
            },
            Pick::RevertPressed => {
                let (rows, host) = (&self.rows, &self.host);
                self.selection.revert(|entry| rows.row_of(entry, host));
                self.settle_cursors();
                Step::Changed
            }
            Pick::FindTyped(text) => {
                self.finder.type_text(text);
                Step::Nothing
            }
            Pick::FindPressed => Step::Find,
            Pick::Followed => Step::Changed,
        }
    }

    /// A channel was found by its name: it appears in the table, ticked for `channels`.
    pub fn found(&mut self, channel: &Channel) -> Step {
        let selection = &self.selection;
        let row = self.rows.add(channel, |list, row| selection.is_ticked(list, row));
        let Some(entry) = self.rows.get(row).and_then(|row| row.entry.clone()) else {
            return Step::Nothing;
        };
        self.selection.adopt(row, &entry);
        self.selection.tick(List::Channels, [(row, entry)]);
        self.settle_cursors();
        // What was searched for before would hide it.
        self.search.clear();
        self.rows.search("");
        self.rows.show_privacy(PrivacyFilter::All);
        let position = self.rows.shown().iter().position(|shown| *shown == row);
        self.table.set_cursor(position);
        Step::Changed
    }

    /// From the search field to what it found.
    pub fn enter_table(&mut self) -> Step {
        if self.rows.shown().is_empty() {
            return Step::Nothing;
        }
        if self.table.cursor().is_none() {
            self.table.set_cursor(Some(0));
        }
        Step::Run(operation::focus(TABLE))
    }

    /// Esc: lets go of what is held, or else empties the search.
    pub fn cancel(&mut self) -> Step {
        if let Some(drag) = self.drag.take() {
            self.selection.shift(drag.list, drag.at, drag.from);
            self.order_mut(drag.list).state.set_cursor(Some(drag.from));
            return Step::Nothing;
        }
        if self.search.is_empty() {
            return Step::Nothing;
        }
        match self.update(Pick::SearchChanged(String::new())) {
            Step::Run(task) => Step::Run(Task::batch([task, operation::focus(SEARCH)])),
            step => step,
        }
    }

    fn toggle(&mut self, list: List, position: usize) -> Step {
        let Some((row, entry)) = self
            .row_at(position)
            .and_then(|(index, row)| Some((index, row.entry.clone()?)))
        else {
            return Step::Nothing;
        };
        if self.selection.is_ticked(list, row) {
            self.selection.untick(list, [row]);
        } else {
            self.selection.tick(list, [(row, entry)]);
        }
        self.settle_cursors();
        Step::Changed
    }

    fn tick_all(&mut self) -> Step {
        let rows: Vec<usize> = self.tickable_shown().collect();
        if rows.is_empty() {
            return Step::Nothing;
        }
        if self.is_all_shown_ticked() {
            self.selection.untick(List::Channels, rows);
        } else {
            let entry = |row: usize| Some((row, self.rows.get(row)?.entry.clone()?));
            let entries: Vec<_> = rows.into_iter().filter_map(entry).collect();
            self.selection.tick(List::Channels, entries);
        }
        self.settle_cursors();
        Step::Changed
    }

    fn update_order(&mut self, list: List, event: virtual_list::Event) -> Step {
        let len = self.selection.list(list).len();
        let order = self.order_mut(list);
        match event {
            virtual_list::Event::Scrolled { offset, height } => {
                order.offset = offset;
                order.height = height;
            }
            virtual_list::Event::Pressed(at) if at < len => self.drag = Some(Drag::new(list, at)),
            _ => {}
        }
        let order = self.order_mut(list);
        match order.state.update(event, len) {
            Outcome::ScrollTo(offset) => {
                order.offset = offset;
                Step::Run(order.state.scroll_to(offset))
            }
            Outcome::MoveUp(at) => match at.checked_sub(1) {
                Some(to) => self.shift(list, at, to),
                None => Step::Nothing,
            },
            Outcome::MoveDown(at) => self.shift(list, at, at + 1),
            Outcome::Activate(_) => Step::Confirmed,
            _ => Step::Nothing,
        }
    }

    fn shift(&mut self, list: List, from: usize, to: usize) -> Step {
        if !self.selection.shift(list, from, to) {
            return Step::Nothing;
        }
        match self.order_mut(list).follow(to) {
            // The change is told once the list is where it has to be.
            Some(scroll) => Step::Run(scroll.chain(Task::done(Message::Pick(Pick::Followed)))),
            None => Step::Changed,
        }
    }

    fn drag_to(&mut self, y: f32, height: f32) -> Step {
        let Some(drag) = self.drag else {
            return Step::Nothing;
        };
        let len = self.selection.list(drag.list).len();
        let order = self.order_mut(drag.list);
        order.height = height;
        let to = place_under(y, height, order.offset, len);
        if !self.selection.shift(drag.list, drag.at, to) {
            return Step::Nothing;
        }
        self.drag = Some(Drag { at: to, ..drag });
        self.pointed = None;
        match self.order_mut(drag.list).follow(to) {
            Some(scroll) => Step::Run(scroll),
            None => Step::Nothing,
        }
    }

    /// The orders may have become shorter, and what the pointer was on may be another entry.
    fn settle_cursors(&mut self) {
        self.pointed = None;
        for list in [List::Channels, List::DefaultChannels] {
            let last = self.selection.list(list).len().checked_sub(1);
            let state = &mut self.order_mut(list).state;
            let cursor = state.cursor().and_then(|cursor| Some(cursor.min(last?)));
            state.set_cursor(cursor);
        }
    }
}
