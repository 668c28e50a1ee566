//! The frame of a text field: edge, focus ring, glyph, the text itself and what trails it.

use iced::advanced::svg::Renderer as _;
use iced::advanced::widget::{Operation, Tree, Widget};
use iced::advanced::{Clipboard, Layout, Renderer as _, Shell, layout, mouse, overlay, renderer, svg};
use iced::keyboard::{self, key};
use iced::{Border, Element, Event, Length, Point, Rectangle, Renderer, Size, Theme, Vector};

use super::focus;
use super::icon::{self, Icon};
use super::keyboard::caps_lock;
use super::theme::palette;
use super::unfocusable::Unfocusable;
use super::{press, spacing};

/// Made by [`FormField`](super::form_field::FormField).
pub(super) struct Frame<'a, Message> {
    /// The text input, then at most one trailing element.
    parts: Vec<Element<'a, Message>>,
    glyph: Option<Icon>,
    has_error: bool,
    is_enabled: bool,
    on_caps_lock: Option<Box<dyn Fn(bool) -> Message + 'a>>,
    drawn: Option<Look>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Look {
    is_focused: bool,
    is_hovered: bool,
}

impl<'a, Message: 'a> Frame<'a, Message> {
    pub fn new(
        input: Element<'a, Message>,
        trailing: Option<Element<'a, Message>>,
        is_enabled: bool,
    ) -> Self {
        Self {
            parts: std::iter::once(input).chain(trailing).collect(),
            glyph: None,
            has_error: false,
            is_enabled,
            on_caps_lock: None,
            drawn: None,
        }
    }

    pub fn glyph(mut self, glyph: Option<Icon>) -> Self {
        self.glyph = glyph;
        self
    }

    pub fn error(mut self, has_error: bool) -> Self {
        self.has_error = has_error;
        self
    }

    pub fn on_caps_lock(mut self, on_caps_lock: Option<Box<dyn Fn(bool) -> Message + 'a>>) -> Self {
        self.on_caps_lock = on_caps_lock;
        self
    }

    /// Whether the text (not what trails it) has the focus.
    fn is_focused(&mut self, tree: &mut Tree, layout: Layout<'_>, renderer: &Renderer) -> bool {
        match (
            self.parts.first_mut(),
            tree.children.first_mut(),
            layout.children().next(),
        ) {
            (Some(input), Some(child), Some(layout)) => focus::is_within(input, child, layout, renderer),
            _ => false,
        }
    }
}

/// Whether the text input may see an event. Escape belongs to the dialog, and a greyed field only keeps up with frames.
fn is_for_input(event: &Event, is_enabled: bool) -> bool {
    match event {
        Event::Keyboard(keyboard::Event::KeyPressed { key, .. }) => {
            is_enabled && key.as_ref() != keyboard::Key::Named(key::Named::Escape)
        }
        Event::Window(_) => true,
        _ => is_enabled,
    }
}

impl<'a, Message: 'a> Widget<Message, Theme, Renderer> for Frame<'a, Message> {
    fn children(&self) -> Vec<Tree> {
        self.parts.iter().map(Tree::new).collect()
    }

    fn diff(&self, tree: &mut Tree) {
        tree.diff_children(&self.parts);
    }

    fn size(&self) -> Size<Length> {
        Size::new(Length::Fill, Length::Fixed(spacing::FIELD_HEIGHT))
    }

    fn layout(&mut self, tree: &mut Tree, renderer: &Renderer, limits: &layout::Limits) -> layout::Node {
        let size = limits.resolve(Length::Fill, Length::Fixed(spacing::FIELD_HEIGHT), Size::ZERO);
        let inner = layout::Limits::new(Size::ZERO, size);
        let mut parts = self.parts.iter_mut().zip(&mut tree.children);
        let input = parts.next();
        let trailing = parts.next().map(|(part, child)| {
            let node = part.as_widget_mut().layout(child, renderer, &inner);
            let x = size.width - node.size().width - spacing::S;
            let y = (size.height - node.size().height) / 2.0;
            node.move_to(Point::new(x.max(0.0), y))
        });
        let taken = trailing
            .as_ref()
            .map_or(0.0, |node| node.size().width + spacing::S);
        let input = input.map(|(part, child)| {
            let room = inner.shrink(Size::new(taken, 0.0));
            part.as_widget_mut().layout(child, renderer, &room)
        });
        layout::Node::with_children(size, input.into_iter().chain(trailing).collect())
    }

    fn operate(
        &mut self,
        tree: &mut Tree,
        layout: Layout<'_>,
        renderer: &Renderer,
        operation: &mut dyn Operation,
    ) {
        let is_enabled = self.is_enabled;
        operation.traverse(&mut |operation| {
            let parts = self
                .parts
                .iter_mut()
                .zip(&mut tree.children)
                .zip(layout.children());
            for (index, ((part, child), layout)) in parts.enumerate() {
                if index == 0 && !is_enabled {
                    let mut operation = Unfocusable {
                        operation: &mut *operation,
                    };
                    part.as_widget_mut()
                        .operate(child, layout, renderer, &mut operation);
                } else {
                    part.as_widget_mut().operate(child, layout, renderer, operation);
                }
            }
        });
    }

    fn update(
        &mut self,
        tree: &mut Tree,
        event: &Event,
        layout: Layout<'_>,
        cursor: mouse::Cursor,
        renderer: &Renderer,
        clipboard: &mut dyn Clipboard,
        shell: &mut Shell<'_, Message>,
        viewport: &Rectangle,
    ) {
        if let (Some(on_caps_lock), Event::Keyboard(event)) = (&self.on_caps_lock, event)
            && let Some(is_on) = caps_lock(event)
        {
            let message = on_caps_lock(is_on);
            if self.is_focused(tree, layout, renderer) {
                shell.publish(message);
            }
        }
        let parts = self
            .parts
            .iter_mut()
            .zip(&mut tree.children)
            .zip(layout.children());
        for (index, ((part, child), layout)) in parts.enumerate() {
            if index > 0 || is_for_input(event, self.is_enabled) {
                part.as_widget_mut()
                    .update(child, event, layout, cursor, renderer, clipboard, shell, viewport);
            }
        }
        let look = Look {
            is_focused: self.is_focused(tree, layout, renderer),
            is_hovered: self.is_enabled && cursor.is_over(layout.bounds()),
        };
        press::refresh(&mut self.drawn, look, event, shell);
    }

    fn draw(
        &self,
        tree: &Tree,
        renderer: &mut Renderer,
        theme: &Theme,
        style: &renderer::Style,
        layout: Layout<'_>,
        cursor: mouse::Cursor,
        viewport: &Rectangle,
    ) {
        let p = palette(theme);
        let bounds = layout.bounds();
        if bounds.width < 1.0 || bounds.height < 1.0 {
            return;
        }
        let look = self.drawn.unwrap_or_default();
        let edge = if self.has_error {
            p.bad
        } else if look.is_hovered || look.is_focused {
            p.edge
        } else {
            p.field_edge()
        };
        let border = Border {
            color: edge,
            width: spacing::LINE,
            radius: spacing::RADIUS.into(),
        };
        let background = if self.is_enabled { p.surface } else { p.sunken };
        renderer.fill_quad(
            renderer::Quad {
                bounds,
                border,
                ..renderer::Quad::default()
            },
            background,
        );
        if let Some(glyph) = self.glyph {
            let place = Rectangle {
                x: bounds.x + spacing::M,
                y: bounds.y + (bounds.height - icon::SIZE) / 2.0,
                width: icon::SIZE,
                height: icon::SIZE,
            };
            renderer.draw_svg(svg::Svg::new(glyph.handle()).color(p.muted), place, *viewport);
        }
        for ((part, child), layout) in self.parts.iter().zip(&tree.children).zip(layout.children()) {
            part.as_widget()
                .draw(child, renderer, theme, style, layout, cursor, viewport);
        }
        if look.is_focused {
            focus::draw_ring(renderer, theme, bounds, spacing::RADIUS);
        }
    }

    fn mouse_interaction(
        &self,
        tree: &Tree,
        layout: Layout<'_>,
        cursor: mouse::Cursor,
        viewport: &Rectangle,
        renderer: &Renderer,
    ) -> mouse::Interaction {
        let parts = self.parts.iter().zip(&tree.children).zip(layout.children());
        parts
            .map(|((part, child), layout)| {
                part.as_widget()
                    .mouse_interaction(child, layout, cursor, viewport, renderer)
            })
            .max()
            .unwrap_or_default()
    }

    fn overlay<'b>(
        &'b mut self,
        tree: &'b mut Tree,
        layout: Layout<'b>,
        renderer: &Renderer,
        viewport: &Rectangle,
        translation: Vector,
    ) -> Option<overlay::Element<'b, Message, Theme, Renderer>> {
        overlay::from_children(&mut self.parts, tree, layout, renderer, viewport, translation)
    }
}

impl<'a, Message: 'a> From<Frame<'a, Message>> for Element<'a, Message> {
    fn from(frame: Frame<'a, Message>) -> Self {
        Element::new(frame)
    }
}
