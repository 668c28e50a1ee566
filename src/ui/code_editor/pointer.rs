//! What the pointer does in the editor: it puts the caret somewhere, selects, scrolls, and asks what is said about a line.

use iced::Point;
use iced::advanced::text::Editor as _;
use iced::advanced::text::editor::Action;
use iced::advanced::{Shell, mouse};

use super::geometry::{self, Seen};
use super::paint::Places;
use super::popup::PADDING;
use super::widget::State;
use super::{CodeEditor, Event, LINE};

/// Lines per notch of the wheel.
const NOTCH: f32 = 3.0;

/// What is being dragged.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Drag {
    Text,
    /// The scroll bar, held so far below the beginning of the thumb.
    Bar {
        grip: f32,
    },
}

impl<Message: Clone> CodeEditor<'_, Message> {
    /// Scrolls by lines without telling anybody: it is nobody else's business.
    fn scroll(&self, lines: i32, shell: &mut Shell<'_, Message>) {
        if lines != 0 {
            self.content.engine_mut().perform(Action::Scroll { lines });
            shell.invalidate_layout();
            shell.request_redraw();
        }
    }

    fn pressed(&self, state: &mut State, places: &Places, at: Point, shell: &mut Shell<'_, Message>) {
        state.focus.take_by_pointer();
        state.touch();
        shell.capture_event();
        shell.request_redraw();
        let bar = places.bar().expand(4.0);
        if let Some(seen) = Seen::of(&self.content.engine())
            && bar.contains(at)
        {
            let way = places.bar();
            let share = (at.y - way.y) / way.height.max(1.0);
            let within = share - seen.start();
            let is_on_thumb = (0.0..=seen.length()).contains(&within);
            let grip = if is_on_thumb { within } else { seen.length() / 2.0 };
            state.drag = Some(Drag::Bar { grip });
            self.scroll(seen.lines_to(share - grip), shell);
            return;
        }
        let point = at - (places.text.position() - Point::ORIGIN);
        if at.x < places.text.x - PADDING.left {
            self.tell(Event::Acted(Action::Click(Point::new(0.0, point.y))), shell);
            self.tell(Event::Acted(Action::SelectLine), shell);
            return;
        }
        if state.modifiers.shift() {
            self.tell(Event::Acted(Action::Drag(point)), shell);
            state.drag = Some(Drag::Text);
            return;
        }
        let click = mouse::Click::new(at, mouse::Button::Left, state.click);
        let action = match click.kind() {
            mouse::click::Kind::Single => Action::Click(point),
            mouse::click::Kind::Double => Action::SelectWord,
            mouse::click::Kind::Triple => Action::SelectLine,
        };
        state.drag = (click.kind() == mouse::click::Kind::Single).then_some(Drag::Text);
        state.click = Some(click);
        self.tell(Event::Acted(action), shell);
    }

    fn dragged(&self, state: &State, places: &Places, at: Point, shell: &mut Shell<'_, Message>) {
        match state.drag {
            Some(Drag::Text) => {
                if at.y < places.text.y {
                    self.scroll(-1, shell);
                } else if at.y > places.text.y + places.text.height {
                    self.scroll(1, shell);
                }
                let point = at - (places.text.position() - Point::ORIGIN);
                let last = (places.text.height - 1.0).max(0.0);
                let point = Point::new(point.x.max(0.0), point.y.clamp(0.0, last));
                self.tell(Event::Acted(Action::Drag(point)), shell);
            }
            Some(Drag::Bar { grip }) => {
                let way = places.bar();
                let share = (at.y - way.y) / way.height.max(1.0);
                let lines = Seen::of(&self.content.engine()).map(|seen| seen.lines_to(share - grip));
                self.scroll(lines.unwrap_or_default(), shell);
            }
            None => {}
        }
    }

    fn wheel(&self, state: &mut State, delta: mouse::ScrollDelta, shell: &mut Shell<'_, Message>) {
        if Seen::of(&self.content.engine()).is_none() {
            return;
        }
        let lines = match delta {
            mouse::ScrollDelta::Lines { y, .. } => -y * NOTCH,
            mouse::ScrollDelta::Pixels { y, .. } => -y / LINE,
        };
        let lines = state.scroll + lines;
        state.scroll = lines.fract();
        // Another line lies under the pointer now.
        state.click = None;
        self.scroll(lines.trunc() as i32, shell);
        shell.capture_event();
    }

    pub(super) fn pointer(
        &self,
        state: &mut State,
        event: &mouse::Event,
        places: &Places,
        cursor: mouse::Cursor,
        shell: &mut Shell<'_, Message>,
    ) {
        let over = cursor.position_over(places.frame);
        match event {
            mouse::Event::ButtonPressed(mouse::Button::Left) => match over {
                Some(at) if !shell.is_event_captured() => self.pressed(state, places, at, shell),
                _ if state.focus.is_held() => {
                    state.focus.release();
                    shell.request_redraw();
                }
                _ => {}
            },
            mouse::Event::ButtonReleased(mouse::Button::Left) if state.drag.take().is_some() => {
                shell.request_redraw();
            }
            mouse::Event::CursorMoved { .. } => {
                if let Some(at) = cursor.land().position()
                    && state.drag.is_some()
                {
                    self.dragged(state, places, at, shell);
                }
            }
            mouse::Event::WheelScrolled { delta } if over.is_some() => self.wheel(state, *delta, shell),
            _ => {}
        }
        state.pointed = over.and_then(|at| self.pointed_at(places, at));
    }

    /// The line at a place, if something is said about it.
    fn pointed_at(&self, places: &Places, at: Point) -> Option<usize> {
        let y = at.y - places.text.y;
        let rows = geometry::rows(&self.content.engine());
        let row = rows
            .into_iter()
            .find(|row| y >= row.top && y < row.top + row.height)?;
        self.marks
            .iter()
            .any(|mark| mark.line == row.line)
            .then_some(row.line)
    }
}
