//! A short list whose order a person sets: by dragging, by Alt and the arrow keys, or by the buttons of a row.
//!
//! One Tab stop; the arrow keys move the cursor, Alt-Up and Alt-Down move the row under it. All rows are built, so it
//! is for tens of rows, not thousands.
//!
//! ```
//! use iced::Element;
//! use sextant::ui::order_list::{self, OrderState, order_list};
//!
//! struct Screen { names: Vec<String>, order: OrderState }
//!
//! impl Screen {
//!     fn update(&mut self, event: order_list::Event) {
//!         if let Some(shift) = self.order.update(event, self.names.len()) {
//!             shift.apply(&mut self.names);
//!         }
//!     }
//!
//!     fn view(&self) -> Element<'_, order_list::Event> {
//!         order_list(&self.order, self.names.iter().map(|name| (name.as_str(), None)), |event| event)
//!     }
//! }
//! # let mut screen = Screen { names: vec!["a".into(), "b".into()], order: OrderState::new("order") };
//! # screen.update(order_list::Event::Move { from: 1, to: 0 });
//! # let _ = screen.view();
//! # assert_eq!(screen.names, ["b", "a"]);
//! ```

use iced::widget::text::Wrapping;
use iced::widget::{Column, column, container, mouse_area, row};
use iced::{Border, Center, Element, Length, Point, Theme, mouse};

use super::icon::Icon;
use super::key_region::key_region;
use super::keyboard::Intent;
use super::style::{self, Tone};
use super::theme::palette;
use super::{button, spacing, text};

/// From the top of one row to the top of the next.
const PITCH: f32 = spacing::ROW_HEIGHT + GAP;
const GAP: f32 = 6.0;

/// What happened on the list.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Event {
    Key(Intent),
    /// A row's handle was taken.
    Grabbed(usize),
    /// The pointer moved over the list, to this height.
    Dragged(f32),
    /// The row was let go.
    Dropped,
    /// A row's button.
    Move {
        from: usize,
        to: usize,
    },
}

/// A row that changes its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shift {
    pub from: usize,
    pub to: usize,
}

impl Shift {
    /// Carries the shift out; places outside the list change nothing.
    pub fn apply<T>(self, rows: &mut [T]) {
        let Shift { from, to } = self;
        if from >= rows.len() || to >= rows.len() {
            return;
        }
        if from < to {
            rows[from..=to].rotate_left(1);
        } else {
            rows[to..=from].rotate_right(1);
        }
    }
}

/// The cursor of an order list and what is being dragged.
#[derive(Debug, Clone)]
pub struct OrderState {
    id: &'static str,
    cursor: Option<usize>,
    dragged: Option<usize>,
}

impl OrderState {
    /// `id` is the list's, for focus and tests.
    #[must_use]
    pub fn new(id: &'static str) -> Self {
        Self {
            id,
            cursor: None,
            dragged: None,
        }
    }

    /// Takes in what happened on a list of `len` rows; gives the shift to carry out, if any. A row follows the pointer
    /// while it is dragged, so what is seen is what will be.
    pub fn update(&mut self, event: Event, len: usize) -> Option<Shift> {
        let last = len.checked_sub(1)?;
        match event {
            Event::Key(intent) => self.key(intent, last),
            Event::Grabbed(row) => {
                self.dragged = Some(row);
                self.cursor = Some(row);
                None
            }
            Event::Dragged(height) => {
                let from = self.dragged?.min(last);
                let to = ((height / PITCH).floor().max(0.0) as usize).min(last);
                self.dragged = Some(to);
                self.shift(from, to)
            }
            Event::Dropped => {
                self.dragged = None;
                None
            }
            Event::Move { from, to } => (from <= last && to <= last).then(|| self.shift(from, to))?,
        }
    }

    fn shift(&mut self, from: usize, to: usize) -> Option<Shift> {
        self.cursor = Some(to);
        (from != to).then_some(Shift { from, to })
    }

    fn key(&mut self, intent: Intent, last: usize) -> Option<Shift> {
        let Some(at) = self.cursor.map(|at| at.min(last)) else {
            self.cursor =
                matches!(intent, Intent::Up | Intent::Down | Intent::Home | Intent::End).then_some(0);
            return None;
        };
        let (target, carries) = match intent {
            Intent::Up => (at.saturating_sub(1), false),
            Intent::Down => ((at + 1).min(last), false),
            Intent::Home => (0, false),
            Intent::End => (last, false),
            Intent::MoveUp => (at.saturating_sub(1), true),
            Intent::MoveDown => ((at + 1).min(last), true),
            _ => return None,
        };
        self.cursor = Some(target);
        (carries && target != at).then_some(Shift { from: at, to: target })
    }
}

/// Draws the rows: handle, number, name, an optional note, and buttons to move a row without dragging.
pub fn order_list<'a, Message: Clone + 'a>(
    state: &OrderState,
    rows: impl IntoIterator<Item = (impl Into<String>, Option<String>)>,
    on_event: impl Fn(Event) -> Message + Clone + 'a,
) -> Element<'a, Message> {
    let rows: Vec<_> = rows.into_iter().map(|(name, note)| (name.into(), note)).collect();
    let count = rows.len();
    let views = rows.into_iter().enumerate().map(|(index, (name, note))| {
        let look = Look {
            is_cursor: state.cursor == Some(index),
            is_dragged: state.dragged == Some(index),
        };
        row_view(index, count, name, note, look, &on_event)
    });
    let list = Column::with_children(views).spacing(GAP).width(Length::Fill);
    let (moved, dropped) = (on_event.clone(), on_event(Event::Dropped));
    // The pointer counts only while something is dragged; otherwise every move would rebuild the view.
    let list = if state.dragged.is_some() {
        mouse_area(list)
            .on_move(move |Point { y, .. }| moved(Event::Dragged(y)))
            .on_release(dropped.clone())
            .on_exit(dropped)
            .interaction(mouse::Interaction::Grabbing)
    } else {
        mouse_area(list)
    };
    key_region(column![list], move |intent| Some(on_event(Event::Key(intent))))
        .id(state.id)
        .into()
}

#[derive(Clone, Copy)]
struct Look {
    is_cursor: bool,
    is_dragged: bool,
}

fn row_view<'a, Message: Clone + 'a>(
    index: usize,
    count: usize,
    name: String,
    note: Option<String>,
    look: Look,
    on_event: &impl Fn(Event) -> Message,
) -> Element<'a, Message> {
    let handle =
        mouse_area(container(Icon::DragHandle.view().style(style::icon(Tone::Neutral))).padding([10.0, 4.0]))
            .on_press(on_event(Event::Grabbed(index)))
            .interaction(if look.is_dragged {
                mouse::Interaction::Grabbing
            } else {
                mouse::Interaction::Grab
            });
    let note = note.map(|note| text::small(note).wrapping(Wrapping::None).style(style::muted));
    let name_and_note = row![text::strong(name.clone()), note]
        .spacing(spacing::S)
        .align_y(Center);
    let step = |icon, words: &str, to: Option<usize>| {
        button::icon(icon, format!("Move {name} {words}"))
            .small()
            .tab_stop(false)
            .on_press_maybe(to.map(|to| on_event(Event::Move { from: index, to })))
    };
    let line = row![
        handle,
        text::body((index + 1).to_string()).style(style::muted),
        container(name_and_note).width(Length::Fill).clip(true),
        row![
            step(Icon::ArrowUp, "up", index.checked_sub(1)),
            step(Icon::ArrowDown, "down", (index + 1 < count).then_some(index + 1)),
        ],
    ]
    .spacing(spacing::S)
    .align_y(Center);
    container(line)
        .width(Length::Fill)
        .height(spacing::ROW_HEIGHT)
        .align_y(Center)
        .padding([0.0, spacing::XS])
        .style(move |theme: &Theme| {
            let p = palette(theme);
            let base = style::card(theme);
            let background = if look.is_cursor || look.is_dragged {
                p.accent_weak
            } else {
                p.surface
            };
            let edge = if look.is_dragged {
                p.accent
            } else {
                base.border.color
            };
            container::Style {
                background: Some(background.into()),
                border: Border {
                    color: edge,
                    ..base.border
                },
                ..base
            }
        })
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(events: &[Event]) -> (String, Option<usize>) {
        let mut rows: Vec<char> = "abcd".chars().collect();
        let mut state = OrderState::new("order");
        for event in events {
            if let Some(shift) = state.update(*event, rows.len()) {
                shift.apply(&mut rows);
            }
        }
        (rows.into_iter().collect(), state.cursor)
    }

    #[test]
    fn alt_and_arrows_carry_the_row_under_the_cursor() {
        use Intent::{Down, End, MoveDown, MoveUp, Up};
        let keys = |intents: &[Intent]| run(&intents.iter().copied().map(Event::Key).collect::<Vec<_>>());
        assert_eq!(keys(&[Down, Down, MoveUp]), ("bacd".into(), Some(0)));
        assert_eq!(
            keys(&[Down, MoveDown, MoveDown, MoveDown, MoveDown]),
            ("bcda".into(), Some(3))
        );
        assert_eq!(keys(&[Down, End, MoveUp, Up]), ("abdc".into(), Some(1)));
        assert_eq!(keys(&[MoveDown]), ("abcd".into(), None), "nothing is chosen yet");
    }

    #[test]
    fn a_dragged_row_follows_the_pointer() {
        let drag = [
            Event::Grabbed(0),
            Event::Dragged(PITCH * 2.5),
            Event::Dragged(PITCH * 1.2),
            Event::Dropped,
        ];
        assert_eq!(run(&drag), ("bacd".into(), Some(1)));
        assert_eq!(
            run(&[Event::Grabbed(1), Event::Dragged(-20.0)]),
            ("bacd".into(), Some(0))
        );
        assert_eq!(
            run(&[Event::Grabbed(1), Event::Dragged(9999.0)]),
            ("acdb".into(), Some(3))
        );
        assert_eq!(run(&[Event::Dragged(PITCH * 3.0)]).0, "abcd", "nothing is held");
    }

    #[test]
    fn buttons_move_without_dragging() {
        assert_eq!(run(&[Event::Move { from: 3, to: 2 }]), ("abdc".into(), Some(2)));
        assert_eq!(run(&[Event::Move { from: 3, to: 4 }]), ("abcd".into(), None));
    }
}
