//! The open list of a [`pick`](super::pick): its state, and what is drawn above everything else.

use iced::advanced::text::Renderer as _;
use iced::advanced::widget::Operation;
use iced::advanced::{Clipboard, Layout, Renderer as _, Shell, layout, mouse, overlay, renderer};
use iced::{Border, Event, Point, Rectangle, Renderer, Size, Theme, alignment, touch};

use super::theme::{Palette, palette};
use super::{font, press, spacing};

const OPTION_HEIGHT: f32 = spacing::BUTTON_HEIGHT;

/// Whether the list is open, and then what is marked and which option stands first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Menu {
    #[default]
    Closed,
    Open {
        marked: usize,
        first: usize,
    },
}

#[derive(Default)]
pub(super) struct State {
    pub press: press::State,
    pub menu: Menu,
    /// How many options the window had room for when the list was last laid out.
    pub room: usize,
}

impl State {
    pub fn marked(&self) -> Option<usize> {
        match self.menu {
            Menu::Open { marked, .. } => Some(marked),
            Menu::Closed => None,
        }
    }

    /// Marks an option and keeps it in sight.
    pub fn mark(&mut self, marked: usize) {
        let first = match self.menu {
            Menu::Open { first, .. } => first,
            Menu::Closed => 0,
        };
        let least = (marked + 1).saturating_sub(self.room.max(1));
        self.menu = Menu::Open {
            marked,
            first: first.clamp(least, marked.max(least)),
        };
    }
}

pub(super) fn draw_box(renderer: &mut Renderer, bounds: Rectangle, color: iced::Color, p: &Palette) {
    if bounds.width < 1.0 || bounds.height < 1.0 {
        return;
    }
    let border = Border {
        color: p.line,
        width: spacing::LINE,
        radius: spacing::RADIUS.into(),
    };
    renderer.fill_quad(
        renderer::Quad {
            bounds,
            border,
            ..renderer::Quad::default()
        },
        color,
    );
}

/// The same without edge.
pub(super) fn fill(renderer: &mut Renderer, bounds: Rectangle, color: iced::Color) {
    if bounds.width < 1.0 || bounds.height < 1.0 {
        return;
    }
    let quad = renderer::Quad {
        bounds,
        border: iced::border::rounded(spacing::RADIUS),
        ..renderer::Quad::default()
    };
    renderer.fill_quad(quad, color);
}

/// The open list, drawn above everything.
pub(super) struct List<'b, Message> {
    pub options: &'b [String],
    pub state: &'b mut State,
    pub on_choose: &'b dyn Fn(usize) -> Message,
    pub anchor: Rectangle,
}

const AROUND: f32 = spacing::XS;

impl<Message> List<'_, Message> {
    /// The options in sight with their places.
    fn rows(&self, bounds: Rectangle) -> impl Iterator<Item = (usize, &String, Rectangle)> {
        let first = match self.state.menu {
            Menu::Open { first, .. } => first,
            Menu::Closed => 0,
        };
        let place = move |at: usize| Rectangle {
            x: bounds.x + AROUND,
            y: bounds.y + AROUND + at as f32 * OPTION_HEIGHT,
            width: bounds.width - 2.0 * AROUND,
            height: OPTION_HEIGHT,
        };
        let seen = self.options.iter().enumerate().skip(first).take(self.state.room);
        seen.enumerate()
            .map(move |(at, (index, option))| (index, option, place(at)))
    }

    fn under(&self, bounds: Rectangle, cursor: mouse::Cursor) -> Option<usize> {
        self.rows(bounds)
            .find(|(_, _, row)| cursor.is_over(*row))
            .map(|(index, _, _)| index)
    }
}

impl<Message> overlay::Overlay<Message, Theme, Renderer> for List<'_, Message> {
    /// Below the button, or above where there is room, or over it in a window too low for either.
    fn layout(&mut self, _: &Renderer, window: Size) -> layout::Node {
        let gap = spacing::XS;
        let below = window.height - (self.anchor.y + self.anchor.height) - gap;
        let above = self.anchor.y - gap;
        let wanted = self.options.len() as f32 * OPTION_HEIGHT + 2.0 * AROUND;
        let room = if below.max(above) >= wanted {
            below.max(above)
        } else {
            window.height
        };
        let room = ((room - 2.0 * AROUND) / OPTION_HEIGHT).floor();
        self.state.room = (room.max(1.0) as usize).min(self.options.len());
        if let Some(marked) = self.state.marked() {
            self.state.mark(marked);
        }
        let height = self.state.room as f32 * OPTION_HEIGHT + 2.0 * AROUND;
        let y = if below >= height {
            self.anchor.y + self.anchor.height + gap
        } else if above >= height {
            self.anchor.y - gap - height
        } else {
            (window.height - height) / 2.0
        };
        let x = self.anchor.x.min(window.width - self.anchor.width).max(0.0);
        layout::Node::new(Size::new(self.anchor.width, height)).move_to(Point::new(x, y.max(0.0)))
    }

    fn operate(&mut self, layout: Layout<'_>, _: &Renderer, operation: &mut dyn Operation) {
        for (_, option, bounds) in self.rows(layout.bounds()) {
            operation.text(None, bounds, option);
        }
    }

    fn update(
        &mut self,
        event: &Event,
        layout: Layout<'_>,
        cursor: mouse::Cursor,
        _: &Renderer,
        _: &mut dyn Clipboard,
        shell: &mut Shell<'_, Message>,
    ) {
        let under = self.under(layout.bounds(), cursor);
        match event {
            Event::Mouse(mouse::Event::CursorMoved { .. }) => {
                if let Some(index) = under {
                    self.state.mark(index);
                    shell.request_redraw();
                }
            }
            Event::Mouse(mouse::Event::ButtonPressed(mouse::Button::Left))
            | Event::Touch(touch::Event::FingerPressed { .. }) => {
                if let Some(index) = under {
                    self.state.menu = Menu::Closed;
                    shell.publish((self.on_choose)(index));
                    shell.capture_event();
                    shell.request_redraw();
                }
            }
            Event::Mouse(mouse::Event::WheelScrolled { delta }) if cursor.is_over(layout.bounds()) => {
                let (mouse::ScrollDelta::Lines { y, .. } | mouse::ScrollDelta::Pixels { y, .. }) = delta;
                let last = self.options.len().saturating_sub(1);
                if let Some(marked) = self.state.marked() {
                    self.state.mark(if *y < 0.0 {
                        (marked + 1).min(last)
                    } else {
                        marked.saturating_sub(1)
                    });
                }
                shell.capture_event();
                shell.request_redraw();
            }
            _ => {}
        }
    }

    fn mouse_interaction(
        &self,
        layout: Layout<'_>,
        cursor: mouse::Cursor,
        _: &Renderer,
    ) -> mouse::Interaction {
        if cursor.is_over(layout.bounds()) {
            mouse::Interaction::Pointer
        } else {
            mouse::Interaction::default()
        }
    }

    fn draw(
        &self,
        renderer: &mut Renderer,
        theme: &Theme,
        _: &renderer::Style,
        layout: Layout<'_>,
        _: mouse::Cursor,
    ) {
        let p = palette(theme);
        let bounds = layout.bounds();
        draw_box(renderer, bounds, p.surface, p);
        for (index, option, row) in self.rows(bounds) {
            let is_marked = self.state.marked() == Some(index);
            if is_marked {
                let border = iced::border::rounded(spacing::RADIUS - 2.0);
                let quad = renderer::Quad {
                    bounds: row,
                    border,
                    ..renderer::Quad::default()
                };
                renderer.fill_quad(quad, p.accent_weak);
            }
            let words = iced::advanced::Text {
                content: option.clone(),
                bounds: row.size(),
                size: spacing::BODY.into(),
                line_height: iced::widget::text::LineHeight::Absolute(20.0.into()),
                font: font::REGULAR,
                align_x: iced::widget::text::Alignment::Left,
                align_y: alignment::Vertical::Center,
                shaping: iced::widget::text::Shaping::Advanced,
                wrapping: iced::widget::text::Wrapping::None,
            };
            let start = Point::new(row.x + spacing::S, row.center_y());
            renderer.fill_text(words, start, if is_marked { p.accent } else { p.text }, row);
        }
    }
}
