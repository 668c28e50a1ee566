//! Keyboard focus: the state a focusable widget keeps, the ring that shows it, and the walk from one to the next.
//!
//! iced 0.14 lets only text fields be focused and never scrolls to what gets the focus. Our own widgets keep a
//! `Focus`; `advance` moves it in reading order, wraps around at the end and scrolls it into view. It is run by
//! [`modal`](super::modal::modal), so that Tab works wherever a screen is shown, without a task or a subscription.

use iced::advanced::widget::operation::{self, Operation, Scrollable};
use iced::advanced::widget::{Id, Tree};
use iced::advanced::{Layout, Renderer as _, renderer};
use iced::widget::operation::AbsoluteOffset;
use iced::{Border, Color, Element, Rectangle, Renderer, Theme, Vector};

use super::theme::palette;

/// How a widget got the focus. The ring is drawn for the keyboard only: who clicks knows where they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Held {
    #[default]
    No,
    ByPointer,
    ByKeyboard,
}

/// The focus of one widget, kept in iced's widget tree so that it survives a rebuilt view.
#[derive(Debug, Clone, Default)]
pub(super) struct Focus {
    held: Held,
    id: Option<Id>,
}

impl Focus {
    pub fn new(id: Option<&Id>) -> Self {
        Self {
            held: Held::No,
            id: id.cloned(),
        }
    }

    /// The tree matches widgets by their place; when another widget takes the place, the focus must not jump to it.
    pub fn reconcile(&mut self, id: Option<&Id>) {
        if self.id.as_ref() != id {
            *self = Self::new(id);
        }
    }

    pub fn take_by_pointer(&mut self) {
        self.held = Held::ByPointer;
    }

    pub fn release(&mut self) {
        self.held = Held::No;
    }

    pub fn is_held(&self) -> bool {
        self.held != Held::No
    }

    pub fn is_visible(&self) -> bool {
        self.held == Held::ByKeyboard
    }
}

impl operation::Focusable for Focus {
    fn is_focused(&self) -> bool {
        self.is_held()
    }

    fn focus(&mut self) {
        self.held = Held::ByKeyboard;
    }

    fn unfocus(&mut self) {
        self.release();
    }
}

/// How far the ring reaches beyond its widget: leave this much room at the edge of anything that clips.
pub const RING_REACH: f32 = 4.0;

/// The ring: 2 px of accent around `bounds`, with a gap of 2 px.
pub(super) fn draw_ring(renderer: &mut Renderer, theme: &Theme, bounds: Rectangle, radius: f32) {
    stroke(renderer, theme, bounds.expand(RING_REACH), radius + RING_REACH);
}

/// The ring inside `bounds`, for what fills its place to the edge.
pub(super) fn draw_inner_ring(renderer: &mut Renderer, theme: &Theme, bounds: Rectangle, radius: f32) {
    stroke(renderer, theme, bounds, radius);
}

fn stroke(renderer: &mut Renderer, theme: &Theme, bounds: Rectangle, radius: f32) {
    // The CPU renderer cannot draw a quad without an area.
    if bounds.width < 4.0 || bounds.height < 4.0 {
        return;
    }
    renderer.fill_quad(
        renderer::Quad {
            bounds,
            border: Border {
                color: palette(theme).accent,
                width: 2.0,
                radius: radius.max(2.0).into(),
            },
            ..renderer::Quad::default()
        },
        Color::TRANSPARENT,
    );
}

/// Which way the focus goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    Next,
    Previous,
    First,
}

impl Step {
    /// The index to focus among `total`, wrapping around.
    fn target(self, count: operation::focusable::Count) -> Option<usize> {
        let last = count.total.checked_sub(1)?;
        Some(match (self, count.focused) {
            (Self::First, _) | (Self::Next, None) => 0,
            (Self::Next, Some(focused)) => {
                if focused >= last {
                    0
                } else {
                    focused + 1
                }
            }
            (Self::Previous, None | Some(0)) => last,
            (Self::Previous, Some(focused)) => focused - 1,
        })
    }
}

/// Moves the focus inside `content` and scrolls it into view. Nothing happens where nothing can be focused.
pub(super) fn advance<Message>(
    content: &mut Element<'_, Message>,
    tree: &mut Tree,
    layout: Layout<'_>,
    renderer: &Renderer,
    step: Step,
) {
    let mut census = Census::default();
    content
        .as_widget_mut()
        .operate(tree, layout, renderer, &mut census);
    if let Some(target) = step.target(census.count) {
        settle(content, tree, layout, renderer, Aim::Index(target));
    }
}

/// The place of the focused widget in the Tab order of `content`, for [`restore`].
pub(super) fn place<Message>(
    content: &mut Element<'_, Message>,
    tree: &mut Tree,
    layout: Layout<'_>,
    renderer: &Renderer,
) -> Option<usize> {
    let mut census = Census::default();
    content
        .as_widget_mut()
        .operate(tree, layout, renderer, &mut census);
    census.count.focused
}

/// Gives the focus back to the widget at a place in the Tab order.
pub(super) fn restore<Message>(
    content: &mut Element<'_, Message>,
    tree: &mut Tree,
    layout: Layout<'_>,
    renderer: &Renderer,
    place: usize,
) {
    settle(content, tree, layout, renderer, Aim::Index(place));
}

/// Focuses the widget with `id` inside `content`; tells whether there is one.
pub(super) fn focus_id<Message>(
    content: &mut Element<'_, Message>,
    tree: &mut Tree,
    layout: Layout<'_>,
    renderer: &Renderer,
    id: &Id,
) -> bool {
    settle(content, tree, layout, renderer, Aim::Id(id.clone()))
}

fn settle<Message>(
    content: &mut Element<'_, Message>,
    tree: &mut Tree,
    layout: Layout<'_>,
    renderer: &Renderer,
    aim: Aim,
) -> bool {
    let mut settle = Settle::new(aim);
    content
        .as_widget_mut()
        .operate(tree, layout, renderer, &mut settle);
    let Some((bounds, path)) = settle.found else {
        return false;
    };
    let mut reveal = Reveal {
        moves: moves_to_show(bounds, &path),
        seen: 0,
    };
    if !reveal.moves.is_empty() {
        content
            .as_widget_mut()
            .operate(tree, layout, renderer, &mut reveal);
    }
    true
}

/// Whether anything inside `content` has the focus.
pub(super) fn is_within<Message>(
    content: &mut Element<'_, Message>,
    tree: &mut Tree,
    layout: Layout<'_>,
    renderer: &Renderer,
) -> bool {
    place(content, tree, layout, renderer).is_some()
}

#[derive(Default)]
struct Census {
    count: operation::focusable::Count,
}

impl Operation for Census {
    fn traverse(&mut self, operate: &mut dyn FnMut(&mut dyn Operation)) {
        operate(self);
    }

    fn focusable(&mut self, _: Option<&Id>, _: Rectangle, state: &mut dyn operation::Focusable) {
        if state.is_focused() {
            self.count.focused = Some(self.count.total);
        }
        self.count.total += 1;
    }
}

enum Aim {
    Index(usize),
    Id(Id),
}

/// A scrollable on the way to the focused widget: its place in the walk, its window and how far it is scrolled.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Window {
    index: usize,
    bounds: Rectangle,
    content: Rectangle,
    translation: Vector,
}

/// Gives the focus to one widget, takes it from all others, and remembers the scrollables around the one.
struct Settle {
    aim: Aim,
    seen: usize,
    windows_seen: usize,
    /// The scrollable whose content is walked next.
    pending: Option<Window>,
    path: Vec<Window>,
    found: Option<(Rectangle, Vec<Window>)>,
}

impl Settle {
    fn new(aim: Aim) -> Self {
        Self {
            aim,
            seen: 0,
            windows_seen: 0,
            pending: None,
            path: Vec::new(),
            found: None,
        }
    }
}

impl Operation for Settle {
    fn traverse(&mut self, operate: &mut dyn FnMut(&mut dyn Operation)) {
        let entered = self.pending.take();
        let depth = self.path.len();
        self.path.extend(entered);
        operate(self);
        self.path.truncate(depth);
    }

    fn scrollable(
        &mut self,
        _: Option<&Id>,
        bounds: Rectangle,
        content: Rectangle,
        translation: Vector,
        _: &mut dyn Scrollable,
    ) {
        self.pending = Some(Window {
            index: self.windows_seen,
            bounds,
            content,
            translation,
        });
        self.windows_seen += 1;
    }

    fn focusable(&mut self, id: Option<&Id>, bounds: Rectangle, state: &mut dyn operation::Focusable) {
        let is_target = match &self.aim {
            Aim::Index(index) => *index == self.seen,
            Aim::Id(wanted) => id == Some(wanted),
        };
        self.seen += 1;
        if is_target {
            state.focus();
            self.found = Some((bounds, self.path.clone()));
        } else {
            state.unfocus();
        }
    }
}

/// How far one scrollable has to move.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Move {
    window: Window,
    by: AbsoluteOffset,
}

/// What is scrolled into view above and below a focused widget: its label, and its hint or error.
const AROUND_TARGET: f32 = 24.0;

/// The moves, outermost first, after which `target` is seen in every window of `path`.
fn moves_to_show(target: Rectangle, path: &[Window]) -> Vec<Move> {
    let mut target = target.expand(iced::Padding::from([AROUND_TARGET, RING_REACH]));
    let mut moves = Vec::new();
    for window in path.iter().rev() {
        let seen = window.bounds + window.translation;
        let by = AbsoluteOffset {
            x: overshoot(target.x, target.width, seen.x, seen.width),
            y: overshoot(target.y, target.height, seen.y, seen.height),
        };
        if by.x != 0.0 || by.y != 0.0 {
            moves.push(Move { window: *window, by });
        }
        target = target - window.translation - Vector::new(by.x, by.y);
    }
    moves.reverse();
    moves
}

/// How far a window at `window` of length `extent` has to move to show `start .. start + length`; the start wins
/// when it does not fit.
fn overshoot(start: f32, length: f32, window: f32, extent: f32) -> f32 {
    if start < window || length > extent {
        start - window
    } else {
        (start + length - window - extent).max(0.0)
    }
}

struct Reveal {
    moves: Vec<Move>,
    seen: usize,
}

impl Operation for Reveal {
    fn traverse(&mut self, operate: &mut dyn FnMut(&mut dyn Operation)) {
        operate(self);
    }

    fn scrollable(
        &mut self,
        _: Option<&Id>,
        _: Rectangle,
        _: Rectangle,
        _: Vector,
        state: &mut dyn Scrollable,
    ) {
        if let Some(found) = self.moves.iter().find(|found| found.window.index == self.seen) {
            state.scroll_by(found.by, found.window.bounds, found.window.content);
        }
        self.seen += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use iced::{Point, Size};
    use operation::focusable::Count;

    fn rectangle(x: f32, y: f32, width: f32, height: f32) -> Rectangle {
        Rectangle::new(Point::new(x, y), Size::new(width, height))
    }

    #[test]
    fn the_walk_wraps_around() {
        let at = |focused, total| Count { focused, total };
        assert_eq!(Step::Next.target(at(None, 3)), Some(0));
        assert_eq!(Step::Next.target(at(Some(2), 3)), Some(0));
        assert_eq!(Step::Previous.target(at(Some(0), 3)), Some(2));
        assert_eq!(Step::Previous.target(at(None, 3)), Some(2));
        assert_eq!(Step::First.target(at(Some(1), 3)), Some(0));
        assert_eq!(Step::Next.target(at(None, 0)), None);
    }

    #[test]
    fn a_hidden_target_scrolls_every_window_around_it() {
        let window = |index, y, height, scrolled| Window {
            index,
            bounds: rectangle(0.0, y, 100.0, height),
            content: rectangle(0.0, y, 100.0, 1000.0),
            translation: Vector::new(0.0, scrolled),
        };
        // Already seen.
        assert_eq!(
            moves_to_show(rectangle(10.0, 30.0, 50.0, 20.0), &[window(0, 0.0, 100.0, 0.0)]),
            []
        );
        // Below: ends at 344 with what belongs to it, the window at 100.
        let below = moves_to_show(rectangle(10.0, 300.0, 50.0, 20.0), &[window(0, 0.0, 100.0, 0.0)]);
        assert_eq!(below[0].by.y, 244.0);
        // Above.
        let above = moves_to_show(rectangle(10.0, 30.0, 50.0, 20.0), &[window(0, 0.0, 100.0, 200.0)]);
        assert_eq!(above[0].by.y, -194.0);
        // An inner window that itself lies below the outer one's edge.
        let path = [window(0, 0.0, 100.0, 0.0), window(1, 150.0, 80.0, 0.0)];
        let both = moves_to_show(rectangle(10.0, 400.0, 50.0, 20.0), &path);
        assert_eq!(both.iter().map(|m| m.window.index).collect::<Vec<_>>(), [0, 1]);
        assert_eq!((both[0].by.y, both[1].by.y), (130.0, 214.0));
    }
}
