//! A choice among many: a button that opens a list. Reached by Tab, opened by Enter, Space or the arrow keys.
//!
//! ```
//! use sextant::ui::pick::pick;
//!
//! let privacies = ["All privacies", "public", "private"];
//! let filter: iced::Element<'_, usize> = pick(privacies, 0, |index| index).id("privacy").into();
//! ```

use iced::advanced::svg::Renderer as _;
use iced::advanced::text::Renderer as _;
use iced::advanced::widget::{Id, Operation, Tree, Widget, tree};
use iced::advanced::{Clipboard, Layout, Renderer as _, Shell, layout, mouse, overlay, renderer, svg};
use iced::keyboard::{self, key};
use iced::{
    Border, Element, Event, Length, Point, Rectangle, Renderer, Size, Theme, Vector, alignment, touch,
};

use super::icon::{self, Icon};
use super::press::{self, Keys, Look};
use super::theme::{Palette, palette};
use super::{focus, font, spacing, text};

const OPTION_HEIGHT: f32 = spacing::BUTTON_HEIGHT;

/// A button with a list of options; made by [`pick`].
pub struct Pick<'a, Message> {
    options: Vec<String>,
    labels: Vec<Element<'a, Message>>,
    chosen: usize,
    on_choose: Box<dyn Fn(usize) -> Message + 'a>,
    id: Option<Id>,
    drawn: Option<(Look, Option<usize>)>,
}

/// A list of `options` with the one at index `chosen` shown; a choice gives its index.
pub fn pick<'a, Message: 'a>(
    options: impl IntoIterator<Item = impl Into<String>>,
    chosen: usize,
    on_choose: impl Fn(usize) -> Message + 'a,
) -> Pick<'a, Message> {
    let options: Vec<String> = options.into_iter().map(Into::into).collect();
    let label = |option: &String| {
        text::body(option.clone())
            .wrapping(iced::widget::text::Wrapping::None)
            .into()
    };
    Pick {
        labels: options.iter().map(label).collect(),
        options,
        chosen,
        on_choose: Box::new(on_choose),
        id: None,
        drawn: None,
    }
}

impl<Message> Pick<'_, Message> {
    #[must_use]
    pub fn id(mut self, id: impl Into<Id>) -> Self {
        self.id = Some(id.into());
        self
    }
}

/// Whether the list is open, and then what is marked and which option stands first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Menu {
    #[default]
    Closed,
    Open {
        marked: usize,
        first: usize,
    },
}

#[derive(Default)]
struct State {
    press: press::State,
    menu: Menu,
    /// How many options the window had room for when the list was last laid out.
    room: usize,
}

impl State {
    fn marked(&self) -> Option<usize> {
        match self.menu {
            Menu::Open { marked, .. } => Some(marked),
            Menu::Closed => None,
        }
    }

    /// Marks an option and keeps it in sight.
    fn mark(&mut self, marked: usize) {
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

impl<Message> Pick<'_, Message> {
    /// Handles a key while focused; `true` when it was used.
    fn key(&self, state: &mut State, pressed: &keyboard::Key, shell: &mut Shell<'_, Message>) -> bool {
        let Some(last) = self.options.len().checked_sub(1) else {
            return false;
        };
        let keyboard::Key::Named(named) = pressed.as_ref() else {
            return false;
        };
        match (state.marked(), named) {
            (None, key::Named::ArrowDown | key::Named::ArrowUp) => state.mark(self.chosen.min(last)),
            (Some(marked), key::Named::ArrowDown) => state.mark((marked + 1).min(last)),
            (Some(marked), key::Named::ArrowUp) => state.mark(marked.saturating_sub(1)),
            (Some(_), key::Named::Home) => state.mark(0),
            (Some(_), key::Named::End) => state.mark(last),
            (Some(_), key::Named::Escape) => state.menu = Menu::Closed,
            (Some(marked), key::Named::Enter | key::Named::Space) => {
                state.menu = Menu::Closed;
                shell.publish((self.on_choose)(marked));
            }
            (Some(_), key::Named::Tab) => {
                // Tab goes on to the next widget; the list closes as if nothing had been chosen.
                state.menu = Menu::Closed;
                return false;
            }
            _ => return false,
        }
        true
    }
}

impl<'a, Message: 'a> Widget<Message, Theme, Renderer> for Pick<'a, Message> {
    fn tag(&self) -> tree::Tag {
        tree::Tag::of::<State>()
    }

    fn state(&self) -> tree::State {
        tree::State::new(State {
            press: press::State::new(self.id.as_ref()),
            ..State::default()
        })
    }

    fn children(&self) -> Vec<Tree> {
        self.labels.iter().map(Tree::new).collect()
    }

    fn diff(&self, tree: &mut Tree) {
        tree.state
            .downcast_mut::<State>()
            .press
            .focus
            .reconcile(self.id.as_ref());
        tree.diff_children(&self.labels);
    }

    fn size(&self) -> Size<Length> {
        Size::new(Length::Shrink, Length::Fixed(spacing::BUTTON_HEIGHT))
    }

    /// As wide as the longest option, so that a choice moves nothing.
    fn layout(&mut self, tree: &mut Tree, renderer: &Renderer, limits: &layout::Limits) -> layout::Node {
        let loose = limits.loose();
        let height = spacing::BUTTON_HEIGHT;
        let nodes: Vec<_> = self
            .labels
            .iter_mut()
            .zip(&mut tree.children)
            .map(|(label, child)| {
                let node = label.as_widget_mut().layout(child, renderer, &loose);
                let y = (height - node.size().height) / 2.0;
                node.move_to(Point::new(spacing::M, y))
            })
            .collect();
        let widest = nodes.iter().map(|node| node.size().width).fold(0.0, f32::max);
        let width = widest + 2.0 * spacing::M + spacing::S + icon::SIZE;
        layout::Node::with_children(Size::new(width.ceil(), height), nodes)
    }

    fn operate(&mut self, tree: &mut Tree, layout: Layout<'_>, _: &Renderer, operation: &mut dyn Operation) {
        let state = tree.state.downcast_mut::<State>();
        operation.container(self.id.as_ref(), layout.bounds());
        operation.focusable(self.id.as_ref(), layout.bounds(), &mut state.press.focus);
        if let Some(option) = self.options.get(self.chosen) {
            operation.text(None, layout.bounds(), option);
        }
    }

    fn update(
        &mut self,
        tree: &mut Tree,
        event: &Event,
        layout: Layout<'_>,
        cursor: mouse::Cursor,
        _: &Renderer,
        _: &mut dyn Clipboard,
        shell: &mut Shell<'_, Message>,
        _: &Rectangle,
    ) {
        let state = tree.state.downcast_mut::<State>();
        let bounds = layout.bounds();
        if let Event::Keyboard(keyboard::Event::KeyPressed { key, .. }) = event
            && state.press.focus.is_held()
            && !shell.is_event_captured()
            && self.key(state, key, shell)
        {
            shell.capture_event();
            shell.request_redraw();
        }
        let is_press = matches!(
            event,
            Event::Mouse(mouse::Event::ButtonPressed(_)) | Event::Touch(touch::Event::FingerPressed { .. })
        );
        if is_press && state.marked().is_some() {
            // The list itself takes what is pressed on it; whatever arrives here was beside it.
            state.menu = Menu::Closed;
            shell.capture_event();
            shell.request_redraw();
        } else if state.press.update(
            event,
            bounds,
            cursor,
            shell,
            Keys::EnterAndSpace,
            !self.options.is_empty(),
        ) {
            state.mark(self.chosen.min(self.options.len().saturating_sub(1)));
            shell.request_redraw();
        }
        let look = state.press.look(bounds, cursor, true);
        press::refresh(&mut self.drawn, (look, state.marked()), event, shell);
    }

    fn draw(
        &self,
        tree: &Tree,
        renderer: &mut Renderer,
        theme: &Theme,
        _: &renderer::Style,
        layout: Layout<'_>,
        cursor: mouse::Cursor,
        viewport: &Rectangle,
    ) {
        let p = palette(theme);
        let bounds = layout.bounds();
        let (look, _) = self.drawn.unwrap_or_default();
        let amount = if look == Look::Resting { 0.0 } else { 0.06 };
        draw_box(renderer, bounds, Palette::mix(p.surface, p.text, amount), p);
        let chosen = self
            .labels
            .iter()
            .zip(&tree.children)
            .zip(layout.children())
            .nth(self.chosen);
        if let Some(((label, child), layout)) = chosen {
            let style = renderer::Style { text_color: p.text };
            label
                .as_widget()
                .draw(child, renderer, theme, &style, layout, cursor, viewport);
        }
        let arrow = Rectangle {
            x: bounds.x + bounds.width - spacing::M - icon::SIZE + 2.0,
            y: bounds.y + (bounds.height - icon::SIZE) / 2.0,
            width: icon::SIZE,
            height: icon::SIZE,
        };
        renderer.draw_svg(
            svg::Svg::new(Icon::ChevronDown.handle()).color(p.muted),
            arrow,
            *viewport,
        );
        if tree.state.downcast_ref::<State>().press.focus.is_visible() {
            focus::draw_ring(renderer, theme, bounds, spacing::RADIUS);
        }
    }

    fn mouse_interaction(
        &self,
        _: &Tree,
        layout: Layout<'_>,
        cursor: mouse::Cursor,
        _: &Rectangle,
        _: &Renderer,
    ) -> mouse::Interaction {
        if cursor.is_over(layout.bounds()) {
            mouse::Interaction::Pointer
        } else {
            mouse::Interaction::default()
        }
    }

    fn overlay<'b>(
        &'b mut self,
        tree: &'b mut Tree,
        layout: Layout<'b>,
        _: &Renderer,
        _: &Rectangle,
        translation: Vector,
    ) -> Option<overlay::Element<'b, Message, Theme, Renderer>> {
        let state = tree.state.downcast_mut::<State>();
        state.marked()?;
        let anchor = layout.bounds() + translation;
        let list = List {
            options: &self.options,
            state,
            on_choose: &*self.on_choose,
            anchor,
        };
        Some(overlay::Element::new(Box::new(list)))
    }
}

fn draw_box(renderer: &mut Renderer, bounds: Rectangle, color: iced::Color, p: &Palette) {
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

/// The open list, drawn above everything.
struct List<'b, Message> {
    options: &'b [String],
    state: &'b mut State,
    on_choose: &'b dyn Fn(usize) -> Message,
    anchor: Rectangle,
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
    /// Below the button, or above where that has more room.
    fn layout(&mut self, _: &Renderer, window: Size) -> layout::Node {
        let gap = spacing::XS;
        let below = window.height - (self.anchor.y + self.anchor.height) - gap;
        let above = self.anchor.y - gap;
        let wanted = self.options.len() as f32 * OPTION_HEIGHT + 2.0 * AROUND;
        let is_below = below >= wanted || below >= above;
        let room = ((if is_below { below } else { above } - 2.0 * AROUND) / OPTION_HEIGHT).floor();
        self.state.room = (room.max(1.0) as usize).min(self.options.len());
        if let Some(marked) = self.state.marked() {
            self.state.mark(marked);
        }
        let height = self.state.room as f32 * OPTION_HEIGHT + 2.0 * AROUND;
        let y = if is_below {
            self.anchor.y + self.anchor.height + gap
        } else {
            self.anchor.y - gap - height
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

impl<'a, Message: 'a> From<Pick<'a, Message>> for Element<'a, Message> {
    fn from(pick: Pick<'a, Message>) -> Self {
        Element::new(pick)
    }
}
