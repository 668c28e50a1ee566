//! Sees events before the widgets inside do: a key that works wherever the focus is, a thing that is being dragged.
//!
//! ```
//! use iced::{Event, widget::text};
//! use sextant::ui::intercept::{self, intercept};
//!
//! #[derive(Clone)]
//! enum Message { Apply }
//!
//! let page: iced::Element<'_, Message> =
//!     intercept(text("the page"), |seen| intercept::is_confirm(seen.event).then_some(Message::Apply)).into();
//! ```

use iced::advanced::widget::{Operation, Tree, Widget};
use iced::advanced::{Clipboard, Layout, Shell, layout, mouse, overlay, renderer};
use iced::keyboard::{self, key};
use iced::{Element, Event, Length, Point, Rectangle, Renderer, Size, Theme, Vector, touch};

/// An event, and where the pointer is.
#[derive(Debug, Clone, Copy)]
pub struct Seen<'e> {
    pub event: &'e Event,
    /// The pointer relative to the upper left corner of the content, inside it or not.
    pub pointer: Option<Point>,
    pub size: Size,
}

/// Ctrl-Enter (on macOS Cmd-Enter): the default button, from wherever the focus is.
#[must_use]
pub fn is_confirm(event: &Event) -> bool {
    matches!(
        event,
        Event::Keyboard(keyboard::Event::KeyPressed {
            key: keyboard::Key::Named(key::Named::Enter),
            modifiers,
            repeat: false,
            ..
        }) if modifiers.command() && !modifiers.alt()
    )
}

/// Whether the pointer moved.
#[must_use]
pub fn is_move(event: &Event) -> bool {
    matches!(
        event,
        Event::Mouse(mouse::Event::CursorMoved { .. }) | Event::Touch(touch::Event::FingerMoved { .. })
    )
}

/// Whether the pointer let go.
#[must_use]
pub fn is_release(event: &Event) -> bool {
    matches!(
        event,
        Event::Mouse(mouse::Event::ButtonReleased(mouse::Button::Left))
            | Event::Touch(touch::Event::FingerLifted { .. } | touch::Event::FingerLost { .. })
    )
}

/// Made by [`intercept`].
pub struct Intercept<'a, Message> {
    content: Element<'a, Message>,
    on_event: Box<dyn Fn(Seen<'_>) -> Option<Message> + 'a>,
    interaction: Option<mouse::Interaction>,
}

/// Wraps `content`; `on_event` is asked about every event first. A key that gives a message goes no further; whatever
/// the pointer does is seen by the content too.
pub fn intercept<'a, Message: 'a>(
    content: impl Into<Element<'a, Message>>,
    on_event: impl Fn(Seen<'_>) -> Option<Message> + 'a,
) -> Intercept<'a, Message> {
    Intercept {
        content: content.into(),
        on_event: Box::new(on_event),
        interaction: None,
    }
}

impl<Message> Intercept<'_, Message> {
    /// The pointer's shape over the content, whatever the content itself says.
    #[must_use]
    pub fn interaction(mut self, interaction: Option<mouse::Interaction>) -> Self {
        self.interaction = interaction;
        self
    }
}

impl<'a, Message: 'a> Widget<Message, Theme, Renderer> for Intercept<'a, Message> {
    fn children(&self) -> Vec<Tree> {
        vec![Tree::new(&self.content)]
    }

    fn diff(&self, tree: &mut Tree) {
        tree.diff_children(std::slice::from_ref(&self.content));
    }

    fn size(&self) -> Size<Length> {
        self.content.as_widget().size()
    }

    fn size_hint(&self) -> Size<Length> {
        self.content.as_widget().size_hint()
    }

    fn layout(&mut self, tree: &mut Tree, renderer: &Renderer, limits: &layout::Limits) -> layout::Node {
        let node = self
            .content
            .as_widget_mut()
            .layout(&mut tree.children[0], renderer, limits);
        layout::Node::with_children(node.size(), vec![node])
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
            for (child, layout) in tree.children.iter_mut().zip(layout.children()) {
                self.content
                    .as_widget_mut()
                    .operate(child, layout, renderer, operation);
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
        let bounds = layout.bounds();
        let corner = Vector::new(bounds.x, bounds.y);
        let message = (self.on_event)(Seen {
            event,
            pointer: cursor.land().position().map(|position| position - corner),
            size: bounds.size(),
        });
        if let Some(message) = message {
            shell.publish(message);
            if matches!(event, Event::Keyboard(_)) {
                shell.capture_event();
                return;
            }
        }
        for (child, layout) in tree.children.iter_mut().zip(layout.children()) {
            self.content
                .as_widget_mut()
                .update(child, event, layout, cursor, renderer, clipboard, shell, viewport);
        }
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
        for (child, layout) in tree.children.iter().zip(layout.children()) {
            self.content
                .as_widget()
                .draw(child, renderer, theme, style, layout, cursor, viewport);
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
        if let Some(interaction) = self.interaction {
            return interaction;
        }
        match (tree.children.first(), layout.children().next()) {
            (Some(child), Some(layout)) => self
                .content
                .as_widget()
                .mouse_interaction(child, layout, cursor, viewport, renderer),
            _ => mouse::Interaction::default(),
        }
    }

    fn overlay<'b>(
        &'b mut self,
        tree: &'b mut Tree,
        layout: Layout<'b>,
        renderer: &Renderer,
        viewport: &Rectangle,
        translation: Vector,
    ) -> Option<overlay::Element<'b, Message, Theme, Renderer>> {
        let child = tree.children.first_mut()?;
        let layout = layout.children().next()?;
        self.content
            .as_widget_mut()
            .overlay(child, layout, renderer, viewport, translation)
    }
}

impl<'a, Message: 'a> From<Intercept<'a, Message>> for Element<'a, Message> {
    fn from(intercept: Intercept<'a, Message>) -> Self {
        Element::new(intercept)
    }
}
