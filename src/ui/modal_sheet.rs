//! The sheet of a dialog: a body that takes the room the footer leaves.

use iced::advanced::widget::{Id, Operation, Tree, Widget};
use iced::advanced::{Clipboard, Layout, Renderer as _, Shell, layout, mouse, overlay, renderer};
use iced::{Border, Color, Element, Event, Length, Point, Rectangle, Renderer, Size, Theme, Vector};

use super::focus;
use super::spacing;
use super::theme::palette;

/// What a dialog is for the stage: its parts and its messages.
pub(super) struct Sheet<'a, Message> {
    pub id: Id,
    pub focus: Option<Id>,
    pub on_close: Option<Message>,
    pub on_submit: Option<Message>,
    width: f32,
    /// The body, then at most a footer.
    parts: Vec<Element<'a, Message>>,
}

impl<'a, Message: 'a> Sheet<'a, Message> {
    pub fn new(id: Id, body: Element<'a, Message>, footer: Option<Element<'a, Message>>, width: f32) -> Self {
        let parts = std::iter::once(body).chain(footer).collect();
        Self {
            id,
            focus: None,
            on_close: None,
            on_submit: None,
            width,
            parts,
        }
    }

    pub fn focus(mut self, id: Option<Id>) -> Self {
        self.focus = id;
        self
    }

    pub fn on_close(mut self, message: Option<Message>) -> Self {
        self.on_close = message;
        self
    }

    pub fn on_submit(mut self, message: Option<Message>) -> Self {
        self.on_submit = message;
        self
    }

    /// Splits off what is drawn from what is sent.
    pub fn split(self) -> (Surface<'a, Message>, Terms<Message>) {
        let terms = Terms {
            id: self.id,
            focus: self.focus,
            on_close: self.on_close,
            on_submit: self.on_submit,
        };
        (
            Surface {
                width: self.width,
                parts: self.parts,
            },
            terms,
        )
    }
}

/// The messages and identity of an open dialog.
pub(super) struct Terms<Message> {
    pub id: Id,
    pub focus: Option<Id>,
    pub on_close: Option<Message>,
    pub on_submit: Option<Message>,
}

/// The drawn sheet.
pub(super) struct Surface<'a, Message> {
    width: f32,
    parts: Vec<Element<'a, Message>>,
}

/// Room above the body that never scrolls: it keeps the scroll bar out of the round corner.
pub(super) const HEAD: f32 = spacing::S;

/// Whether the body has more than it shows.
fn is_cut(body: Layout<'_>) -> bool {
    body.children()
        .next()
        .is_some_and(|content| content.bounds().height > body.bounds().height + 0.5)
}

/// Draws a soft edge below the sheet. A blurred shadow is no choice: the CPU renderer draws it anew, unclipped, with
/// every partly redrawn frame, so it grows darker with each blink of a cursor.
fn draw_halo(renderer: &mut Renderer, bounds: Rectangle, is_dark: bool) {
    let strength = if is_dark { 0.05 } else { 0.014 };
    for reach in [26.0, 22.0, 18.0, 15.0, 12.0, 9.0, 7.0, 5.0, 3.0, 1.0] {
        let halo = bounds.expand(reach) + Vector::new(0.0, reach / 2.0);
        let border = iced::border::rounded(spacing::DIALOG_RADIUS + reach);
        let quad = renderer::Quad {
            bounds: halo,
            border,
            ..renderer::Quad::default()
        };
        renderer.fill_quad(quad, Color::BLACK.scale_alpha(strength));
    }
}

impl<'a, Message: 'a> Widget<Message, Theme, Renderer> for Surface<'a, Message> {
    fn children(&self) -> Vec<Tree> {
        self.parts.iter().map(Tree::new).collect()
    }

    fn diff(&self, tree: &mut Tree) {
        tree.diff_children(&self.parts);
    }

    fn size(&self) -> Size<Length> {
        Size::new(Length::Fixed(self.width), Length::Shrink)
    }

    fn layout(&mut self, tree: &mut Tree, renderer: &Renderer, limits: &layout::Limits) -> layout::Node {
        let width = self.width.min(limits.max().width);
        let height = limits.max().height;
        let room = |height: f32| layout::Limits::new(Size::ZERO, Size::new(width, height.max(0.0)));
        let mut parts = self.parts.iter_mut().zip(&mut tree.children);
        let body = parts.next();
        // The footer first: it stays whole, and the body scrolls in what is left.
        let footer = parts
            .next()
            .map(|(part, child)| part.as_widget_mut().layout(child, renderer, &room(height)));
        let below = footer.as_ref().map_or(spacing::XL, |node| node.size().height);
        let body = body.map(|(part, child)| {
            let node = part
                .as_widget_mut()
                .layout(child, renderer, &room(height - below - HEAD));
            node.move_to(Point::new(0.0, HEAD))
        });
        let above = HEAD + body.as_ref().map_or(0.0, |node| node.size().height);
        let footer = footer.map(|node| node.move_to(Point::new(0.0, above)));
        let size = Size::new(width, (above + below).min(height));
        layout::Node::with_children(size, body.into_iter().chain(footer).collect())
    }

    fn operate(
        &mut self,
        tree: &mut Tree,
        layout: Layout<'_>,
        renderer: &Renderer,
        operation: &mut dyn Operation,
    ) {
        operation.container(None, layout.bounds());
        operation.traverse(&mut |operation| {
            for ((part, child), layout) in self
                .parts
                .iter_mut()
                .zip(&mut tree.children)
                .zip(layout.children())
            {
                part.as_widget_mut().operate(child, layout, renderer, operation);
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
        for ((part, child), layout) in self
            .parts
            .iter_mut()
            .zip(&mut tree.children)
            .zip(layout.children())
        {
            part.as_widget_mut()
                .update(child, event, layout, cursor, renderer, clipboard, shell, viewport);
        }
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
        if bounds.width < 2.0 * focus::RING_REACH || bounds.height < 2.0 * focus::RING_REACH {
            return;
        }
        draw_halo(renderer, bounds, p.is_dark);
        let border = Border {
            color: p.line,
            width: spacing::LINE,
            radius: spacing::DIALOG_RADIUS.into(),
        };
        renderer.fill_quad(
            renderer::Quad {
                bounds,
                border,
                ..renderer::Quad::default()
            },
            p.surface,
        );
        // Where the body goes on below, a line says that the footer covers it.
        let mut places = layout.children();
        if let (Some(body), Some(footer)) = (places.next(), places.next())
            && is_cut(body)
        {
            let top = footer.bounds();
            let line = Rectangle {
                height: spacing::LINE,
                ..top
            };
            renderer.fill_quad(
                renderer::Quad {
                    bounds: line,
                    ..renderer::Quad::default()
                },
                p.line,
            );
        }
        let style = renderer::Style { text_color: p.text };
        for ((part, child), layout) in self.parts.iter().zip(&tree.children).zip(layout.children()) {
            part.as_widget()
                .draw(child, renderer, theme, &style, layout, cursor, viewport);
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
