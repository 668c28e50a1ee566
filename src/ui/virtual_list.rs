//! A list of rows of one height, of which only those in sight are built: 10,000 rows cost what thirty cost.
//!
//! The list is one Tab stop with a cursor row. The screen keeps a [`ListState`], passes every [`Event`] to
//! [`ListState::update`] and does what the [`Outcome`] says:
//!
//! ```
//! use iced::{Element, Task};
//! use sextant::ui::{text, virtual_list::{self, ListState, Outcome, virtual_list}};
//!
//! #[derive(Clone)]
//! enum Message { List(virtual_list::Event) }
//!
//! struct Screen { names: Vec<String>, list: ListState }
//!
//! impl Screen {
//!     fn update(&mut self, Message::List(event): Message) -> Task<Message> {
//!         match self.list.update(event, self.names.len()) {
//!             Outcome::ScrollTo(offset) => self.list.scroll_to(offset),
//!             Outcome::Toggle(_row) => Task::none(), // Space: tick the row
//!             _ => Task::none(),
//!         }
//!     }
//!
//!     fn view(&self) -> Element<'_, Message> {
//!         virtual_list(&self.list, self.names.len(), Message::List, |row| (row, text::body(&self.names[row]).into()))
//!     }
//! }
//! # let mut screen = Screen { names: vec!["main".into()], list: ListState::new("channels") };
//! # let _ = screen.view();
//! # let _ = screen.update(Message::List(virtual_list::Event::Pressed(0)));
//! ```

use std::ops::Range;

use iced::advanced::widget::Id;
use iced::widget::operation::{self, AbsoluteOffset};
use iced::widget::{column, container, keyed, mouse_area, rule, scrollable, space, stack};
use iced::{Center, Element, Length, Task, Theme};

use super::key_region::key_region;
use super::keyboard::Intent;
use super::list_bar::ListBar;
use super::theme::{Palette, palette};
use super::{spacing, style};

/// The height of every row, its separating line included.
pub const ROW_HEIGHT: f32 = spacing::ROW_HEIGHT;

/// Rows built beyond each edge, so that a quick scroll shows no gap before the next frame.
const OVERSCAN: usize = 6;

/// Assumed until the list was first laid out and reported its height.
const FIRST_HEIGHT: f32 = 900.0;

/// The rows to build for a window of `height` scrolled by `offset`. An offset beyond the end counts as the end.
#[must_use]
pub fn visible_range(offset: f32, height: f32, len: usize) -> Range<usize> {
    let furthest = (len as f32 * ROW_HEIGHT - height).max(0.0);
    let offset = offset.clamp(0.0, furthest);
    let first = (offset / ROW_HEIGHT).floor() as usize;
    let end = ((offset + height.max(0.0)) / ROW_HEIGHT).ceil() as usize;
    first.saturating_sub(OVERSCAN).min(len)..end.saturating_add(OVERSCAN).min(len)
}

/// The offset that brings `row` into sight with the least movement; `None` where it is in sight already.
#[must_use]
pub fn reveal(offset: f32, height: f32, row: usize) -> Option<f32> {
    let top = row as f32 * ROW_HEIGHT;
    if top < offset || height < ROW_HEIGHT {
        (top != offset).then_some(top)
    } else {
        let least = top + ROW_HEIGHT - height;
        (least > offset).then_some(least)
    }
}

/// What happened on the list; made by the list, consumed by [`ListState::update`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Event {
    Scrolled {
        offset: f32,
        height: f32,
    },
    Pressed(usize),
    DoublePressed(usize),
    /// The scroll bar was moved.
    Dragged(f32),
    Key(Intent),
}

/// What the screen has to do.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Outcome {
    Nothing,
    /// Run [`ListState::scroll_to`] with it.
    ScrollTo(f32),
    /// Space on a row.
    Toggle(usize),
    /// Shift-Space on a row.
    ToggleOther(usize),
    /// Enter on a row, or two quick presses.
    Activate(usize),
    /// F2 on a row.
    Rename(usize),
    /// The left arrow on a row: to the column before.
    Left(usize),
    /// The right arrow on a row: to the column after.
    Right(usize),
    /// Alt-Up on a row: move the row itself.
    MoveUp(usize),
    /// Alt-Down on a row.
    MoveDown(usize),
    /// Delete on a row.
    Delete(usize),
}

/// Where a list is scrolled to and where its cursor stands.
#[derive(Debug, Clone)]
pub struct ListState {
    id: &'static str,
    offset: f32,
    height: f32,
    cursor: Option<usize>,
}

impl ListState {
    /// `id` is the list's, for focus and tests; its scrollable is found under `<id>-rows`.
    #[must_use]
    pub fn new(id: &'static str) -> Self {
        Self {
            id,
            offset: 0.0,
            height: FIRST_HEIGHT,
            cursor: None,
        }
    }

    /// The row the arrow keys stand on.
    #[must_use]
    pub fn cursor(&self) -> Option<usize> {
        self.cursor
    }

    /// Puts the cursor on a row, for instance after the row moved.
    pub fn set_cursor(&mut self, cursor: Option<usize>) {
        self.cursor = cursor;
    }

    fn scrollable(&self) -> Id {
        Id::from(format!("{}-rows", self.id))
    }

    /// Takes in what happened on a list of now `len` rows.
    pub fn update(&mut self, event: Event, len: usize) -> Outcome {
        match event {
            Event::Scrolled { offset, height } => {
                self.offset = offset;
                self.height = height;
                Outcome::Nothing
            }
            Event::Pressed(row) => {
                self.cursor = Some(row);
                Outcome::Nothing
            }
            Event::DoublePressed(row) if row < len => {
                self.cursor = Some(row);
                Outcome::Activate(row)
            }
            Event::DoublePressed(_) => Outcome::Nothing,
            Event::Dragged(offset) => Outcome::ScrollTo(offset),
            Event::Key(intent) => self.key(intent, len),
        }
    }

    fn key(&mut self, intent: Intent, len: usize) -> Outcome {
        let Some(last) = len.checked_sub(1) else {
            return Outcome::Nothing;
        };
        let page = ((self.height / ROW_HEIGHT).floor() as usize)
            .saturating_sub(1)
            .max(1);
        let at = self.cursor.map(|cursor| cursor.min(last));
        let target = match (intent, at) {
            (Intent::Up, Some(at)) => at.saturating_sub(1),
            (Intent::Down, Some(at)) => (at + 1).min(last),
            (Intent::PageUp, Some(at)) => at.saturating_sub(page),
            (Intent::PageDown, Some(at)) => (at + page).min(last),
            (Intent::Home, _) => 0,
            (Intent::End, _) => last,
            // The first key only shows the cursor, on the first row in sight.
            (Intent::Up | Intent::Down | Intent::PageUp | Intent::PageDown, None) => {
                ((self.offset / ROW_HEIGHT).ceil() as usize).min(last)
            }
            (Intent::Toggle, Some(at)) => return Outcome::Toggle(at),
            (Intent::ToggleOther, Some(at)) => return Outcome::ToggleOther(at),
            (Intent::Submit, Some(at)) => return Outcome::Activate(at),
            (Intent::Rename, Some(at)) => return Outcome::Rename(at),
            (Intent::Left, Some(at)) => return Outcome::Left(at),
            (Intent::Right, Some(at)) => return Outcome::Right(at),
            (Intent::MoveUp, Some(at)) => return Outcome::MoveUp(at),
            (Intent::MoveDown, Some(at)) => return Outcome::MoveDown(at),
            (Intent::Delete, Some(at)) => return Outcome::Delete(at),
            _ => return Outcome::Nothing,
        };
        self.cursor = Some(target);
        match reveal(self.offset, self.height, target) {
            Some(offset) => Outcome::ScrollTo(offset),
            None => Outcome::Nothing,
        }
    }

    /// Scrolls the list; its next [`Event::Scrolled`] confirms it.
    pub fn scroll_to<Message: Send + 'static>(&mut self, offset: f32) -> Task<Message> {
        self.offset = offset;
        operation::scroll_to(self.scrollable(), AbsoluteOffset { x: 0.0, y: offset })
    }

    /// Where to scroll to for a row that is out of sight.
    #[must_use]
    pub fn offset_to(&self, row: usize) -> Option<f32> {
        reveal(self.offset, self.height, row)
    }

    /// Brings a row into sight, where it is not.
    pub fn reveal<Message: Send + 'static>(&mut self, row: usize) -> Task<Message> {
        match self.offset_to(row) {
            Some(offset) => self.scroll_to(offset),
            None => Task::none(),
        }
    }

    /// Back to the start, without cursor: after the filter or the order changed.
    pub fn reset<Message: Send + 'static>(&mut self) -> Task<Message> {
        self.cursor = None;
        self.scroll_to(0.0)
    }
}

/// Draws the list, as high as its place. `row` gives a row's key (what stays the same when rows come and go) and its
/// content, which is centred in the row's height. A header belongs above, outside: see [`header`].
pub fn virtual_list<'a, Key, Message>(
    state: &ListState,
    len: usize,
    on_event: impl Fn(Event) -> Message + Clone + 'a,
    row: impl Fn(usize) -> (Key, Element<'a, Message>),
) -> Element<'a, Message>
where
    Key: Copy + PartialEq + 'static,
    Message: Clone + 'a,
{
    let range = visible_range(state.offset, state.height, len);
    let above = range.start as f32 * ROW_HEIGHT;
    let below = (len - range.end) as f32 * ROW_HEIGHT;
    let rows = range.map(|index| {
        let (key, content) = row(index);
        (
            key,
            framed(
                content,
                state.cursor == Some(index),
                on_event(Event::Pressed(index)),
                on_event(Event::DoublePressed(index)),
            ),
        )
    });
    let slice = keyed::Column::with_children(rows).width(Length::Fill);
    let content = column![space().height(above), slice, space().height(below)].width(Length::Fill);
    let (scrolled, dragged) = (on_event.clone(), on_event.clone());
    let rows = scrollable(content)
        .id(state.scrollable())
        .direction(scrollable::Direction::Vertical(scrollable::Scrollbar::hidden()))
        .width(Length::Fill)
        .height(Length::Fill)
        .style(style::scroll)
        .on_scroll(move |viewport| {
            scrolled(Event::Scrolled {
                offset: viewport.absolute_offset().y,
                height: viewport.bounds().height,
            })
        });
    let bar = ListBar {
        offset: state.offset,
        // As much less than the rows as the bar is lower than the window: it begins where they no longer fit.
        content: len as f32 * ROW_HEIGHT - 2.0 * spacing::XXS,
        on_scroll: Box::new(move |offset| dragged(Event::Dragged(offset))),
        drawn: None,
    };
    let bar = container(bar)
        .align_right(Length::Fill)
        .height(Length::Fill)
        .padding([spacing::XXS, spacing::XXS]);
    let rows = stack![rows, bar].width(Length::Fill).height(Length::Fill);
    key_region(rows, move |intent| Some(on_event(Event::Key(intent))))
        .id(state.id)
        .into()
}

/// One row with its separating line; the cursor row is tinted.
fn framed<'a, Message: Clone + 'a>(
    content: Element<'a, Message>,
    is_cursor: bool,
    on_press: Message,
    on_double_press: Message,
) -> Element<'a, Message> {
    let tint = move |theme: &Theme| {
        let p = palette(theme);
        container::Style {
            background: is_cursor.then(|| Palette::mix(p.page, p.accent_weak, 0.8).into()),
            ..container::Style::default()
        }
    };
    let body = container(content)
        .width(Length::Fill)
        .height(ROW_HEIGHT - spacing::LINE)
        .align_y(Center)
        .padding([0.0, spacing::S])
        .clip(true)
        .style(tint);
    let line = rule::horizontal(spacing::LINE).style(style::separator);
    mouse_area(column![body, line])
        .on_press(on_press)
        .on_double_click(on_double_press)
        .into()
}

/// The header above a list: one row high, with the same inset as the rows.
pub fn header<'a, Message: 'a>(content: impl Into<Element<'a, Message>>) -> Element<'a, Message> {
    let body = container(content)
        .width(Length::Fill)
        .height(ROW_HEIGHT - spacing::LINE)
        .align_y(Center)
        .padding([0.0, spacing::S]);
    column![body, rule::horizontal(spacing::LINE).style(style::separator)].into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_row_in_sight_is_built_and_few_others(
            offset in -1000.0_f32..500_000.0,
            height in 0.0_f32..3000.0,
            len in 0_usize..12_000,
        ) {
            let range = visible_range(offset, height, len);
            prop_assert!(range.start <= range.end && range.end <= len);
            prop_assert!(range.len() as f32 <= height / ROW_HEIGHT + 2.0 + 2.0 * OVERSCAN as f32);
            let real = offset.clamp(0.0, (len as f32 * ROW_HEIGHT - height).max(0.0));
            for row in 0..len {
                let top = row as f32 * ROW_HEIGHT;
                if top + ROW_HEIGHT > real + 0.1 && top < real + height - 0.1 {
                    prop_assert!(range.contains(&row), "row {row} of {len} at {real}");
                }
            }
        }

        #[test]
        fn a_revealed_row_is_whole_and_stays(
            offset in 0.0_f32..300_000.0,
            height in ROW_HEIGHT..2000.0_f32,
            row in 0_usize..10_000,
        ) {
            let now = reveal(offset, height, row).unwrap_or(offset);
            let top = row as f32 * ROW_HEIGHT;
            prop_assert!(top >= now - 0.1 && top + ROW_HEIGHT <= now + height + 0.1);
            if let Some(again) = reveal(now, height, row) {
                prop_assert!((again - now).abs() < 0.1);
            }
        }
    }

    fn at(cursor: usize, offset: f32) -> ListState {
        ListState {
            id: "list",
            offset,
            height: 10.0 * ROW_HEIGHT,
            cursor: Some(cursor),
        }
    }

    #[test]
    fn keys_move_the_cursor_and_the_window_follows() {
        let mut list = at(9, 0.0);
        assert_eq!(
            list.update(Event::Key(Intent::Down), 100),
            Outcome::ScrollTo(ROW_HEIGHT)
        );
        assert_eq!(list.cursor(), Some(10));
        assert_eq!(
            list.update(Event::Key(Intent::End), 100),
            Outcome::ScrollTo(90.0 * ROW_HEIGHT)
        );
        assert_eq!(
            list.update(Event::Key(Intent::Down), 100),
            Outcome::ScrollTo(90.0 * ROW_HEIGHT)
        );
        assert_eq!(list.cursor(), Some(99));
        let mut list = at(50, 45.0 * ROW_HEIGHT);
        assert_eq!(
            list.update(Event::Key(Intent::PageUp), 100),
            Outcome::ScrollTo(41.0 * ROW_HEIGHT)
        );
        assert_eq!(list.update(Event::Key(Intent::Home), 100), Outcome::ScrollTo(0.0));
        assert_eq!(list.update(Event::Key(Intent::Up), 100), Outcome::ScrollTo(0.0));
        assert_eq!(list.cursor(), Some(0));
    }

    #[test]
    fn space_and_enter_speak_of_the_cursor_row() {
        let mut list = at(4, 0.0);
        assert_eq!(list.update(Event::Key(Intent::Toggle), 10), Outcome::Toggle(4));
        assert_eq!(list.update(Event::Key(Intent::Submit), 10), Outcome::Activate(4));
        assert_eq!(list.update(Event::Key(Intent::Delete), 10), Outcome::Delete(4));
        assert_eq!(list.update(Event::Key(Intent::Rename), 10), Outcome::Rename(4));
        assert_eq!(list.update(Event::DoublePressed(7), 10), Outcome::Activate(7));
        assert_eq!(list.update(Event::DoublePressed(4), 10), Outcome::Activate(4));
        assert_eq!(list.update(Event::DoublePressed(10), 10), Outcome::Nothing);
        assert_eq!(
            list.update(Event::Key(Intent::ToggleOther), 10),
            Outcome::ToggleOther(4)
        );
        // The list got shorter meanwhile.
        assert_eq!(list.update(Event::Key(Intent::Toggle), 3), Outcome::Toggle(2));
        assert_eq!(list.update(Event::Key(Intent::Toggle), 0), Outcome::Nothing);
        let mut fresh = ListState::new("list");
        assert_eq!(fresh.update(Event::Key(Intent::Toggle), 10), Outcome::Nothing);
        assert_eq!(fresh.update(Event::Key(Intent::Down), 10), Outcome::Nothing);
        assert_eq!(fresh.cursor(), Some(0));
    }
}
