//! A part of a page that is one Tab stop and answers keys as a whole: a list with a cursor row, an order to rearrange.

use iced::advanced::widget::{Id, Operation, Tree, Widget, tree};
use iced::advanced::{Clipboard, Layout, Renderer as _, Shell, layout, mouse, overlay, renderer};
use iced::{Element, Event, Length, Rectangle, Renderer, Size, Theme, Vector, touch};

use super::focus::{self, Focus};
use super::keyboard::{Intent, intent};
use super::spacing;

type OnKey<'a, Message> = Box<dyn Fn(Intent) -> Option<Message> + 'a>;

/// Wraps `content`; made by [`key_region`].
pub struct KeyRegion<'a, Message> {
    content: Element<'a, Message>,
    on_key: OnKey<'a, Message>,
    id: Option<Id>,
}

/// A focusable region; `on_key` gives the message of a key pressed while it has the focus, or `None` to leave the key
/// to others (Tab and Esc are never asked for).
///
/// ```
/// use iced::widget::text;
/// use sextant::ui::{key_region::key_region, keyboard::Intent};
///
/// let list: iced::Element<'_, i32> = key_region(text("rows"), |intent| match intent {
///     Intent::Up => Some(-1),
///     Intent::Down => Some(1),
///     _ => None,
/// })
/// .id("rows")
/// .into();
/// ```
pub fn key_region<'a, Message: 'a>(
    content: impl Into<Element<'a, Message>>,
    on_key: impl Fn(Intent) -> Option<Message> + 'a,
) -> KeyRegion<'a, Message> {
    KeyRegion {
        content: content.into(),
        on_key: Box::new(on_key),
        id: None,
    }
}

impl<Message> KeyRegion<'_, Message> {
    #[must_use]
    pub fn id(mut self, id: impl Into<Id>) -> Self {
        self.id = Some(id.into());
        self
    }
}

impl<'a, Message: 'a> Widget<Message, Theme, Renderer> for KeyRegion<'a, Message> {
    fn tag(&self) -> tree::Tag {
        tree::Tag::of::<Focus>()
    }

    fn state(&self) -> tree::State {
        tree::State::new(Focus::new(self.id.as_ref()))
    }

    fn children(&self) -> Vec<Tree> {
        vec![Tree::new(&self.content)]
    }

    fn diff(&self, tree: &mut Tree) {
        tree.state.downcast_mut::<Focus>().reconcile(self.id.as_ref());
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
        operation.container(self.id.as_ref(), layout.bounds());
        operation.focusable(
            self.id.as_ref(),
            layout.bounds(),
            tree.state.downcast_mut::<Focus>(),
        );
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
        let (Some(child), Some(inner)) = (tree.children.first_mut(), layout.children().next()) else {
            return;
        };
        self.content
            .as_widget_mut()
            .update(child, event, inner, cursor, renderer, clipboard, shell, viewport);
        let focus = tree.state.downcast_mut::<Focus>();
        match event {
            Event::Mouse(mouse::Event::ButtonPressed(mouse::Button::Left))
            | Event::Touch(touch::Event::FingerPressed { .. }) => {
                // What is pressed inside may take the focus for itself.
                let is_ours = cursor.is_over(layout.bounds())
                    && !focus::is_within(&mut self.content, child, inner, renderer);
                if is_ours {
                    focus.take_by_pointer();
                } else if focus.is_held() {
                    focus.release();
                    shell.request_redraw();
                }
            }
            Event::Keyboard(event) if focus.is_held() && !shell.is_event_captured() => {
                let asked = intent(event).filter(|intent| {
                    // Shortcuts are the window's, wherever the focus is.
                    !matches!(
                        intent,
                        Intent::FocusNext | Intent::FocusPrevious | Intent::Cancel | Intent::Shortcut(_)
                    )
                });
                if let Some(message) = asked.and_then(&self.on_key) {
                    // From here on the person works by keyboard.
                    iced::advanced::widget::operation::Focusable::focus(focus);
                    shell.publish(message);
                    shell.capture_event();
                    shell.request_redraw();
                }
            }
            _ => {}
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
        if tree.state.downcast_ref::<Focus>().is_visible() {
            // What scrolls inside is drawn in layers of its own, so the ring needs one above them.
            let bounds = layout.bounds();
            if let Some(seen) = bounds.intersection(viewport) {
                renderer.with_layer(seen, |renderer| {
                    focus::draw_inner_ring(renderer, theme, bounds, spacing::RADIUS);
                });
            }
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

impl<'a, Message: 'a> From<KeyRegion<'a, Message>> for Element<'a, Message> {
    fn from(region: KeyRegion<'a, Message>) -> Self {
        Element::new(region)
    }
}
