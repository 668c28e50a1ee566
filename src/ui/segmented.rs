//! A choice among a few, shown side by side. One Tab stop; the arrow keys choose.
//!
//! ```
//! use sextant::ui::segmented::segmented;
//!
//! #[derive(Clone, Copy, PartialEq)]
//! enum Show { Installed, All }
//! impl std::fmt::Display for Show {
//!     fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
//!         f.write_str(match self { Show::Installed => "Installed", Show::All => "All" })
//!     }
//! }
//!
//! let filter: iced::Element<'_, Show> = segmented([Show::Installed, Show::All], Show::All, |show| show).into();
//! ```

use iced::advanced::widget::{Id, Operation, Tree, Widget, tree};
use iced::advanced::{Clipboard, Layout, Renderer as _, Shell, layout, mouse, renderer};
use iced::keyboard::{self, key};
use iced::{Border, Color, Element, Event, Length, Point, Rectangle, Renderer, Size, Theme, touch};

use super::focus::{self, Focus};
use super::press;
use super::theme::{Palette, palette};
use super::{font, spacing, text};

/// A group of options of which one is chosen; made by [`segmented`].
pub struct Segmented<'a, T, Message> {
    options: Vec<T>,
    chosen: Option<usize>,
    labels: Vec<Element<'a, Message>>,
    on_choose: Box<dyn Fn(T) -> Message + 'a>,
    id: Option<Id>,
    is_enabled: bool,
    hovered: Option<Option<usize>>,
}

/// Options side by side, `chosen` among them marked.
pub fn segmented<'a, T, Message: 'a>(
    options: impl IntoIterator<Item = T>,
    chosen: T,
    on_choose: impl Fn(T) -> Message + 'a,
) -> Segmented<'a, T, Message>
where
    T: Copy + PartialEq + ToString + 'a,
{
    let options: Vec<T> = options.into_iter().collect();
    let labels = options
        .iter()
        .map(|option| {
            let words = text::body(option.to_string()).wrapping(iced::widget::text::Wrapping::None);
            if *option == chosen {
                words.font(font::STRONG).into()
            } else {
                words.into()
            }
        })
        .collect();
    Segmented {
        chosen: options.iter().position(|option| *option == chosen),
        options,
        labels,
        on_choose: Box::new(on_choose),
        id: None,
        is_enabled: true,
        hovered: None,
    }
}

impl<T, Message> Segmented<'_, T, Message> {
    #[must_use]
    pub fn id(mut self, id: impl Into<Id>) -> Self {
        self.id = Some(id.into());
        self
    }

    /// Whether anything can be chosen; otherwise it is greyed and cannot be focused.
    #[must_use]
    pub fn enabled(mut self, is_enabled: bool) -> Self {
        self.is_enabled = is_enabled;
        self
    }

    /// The option an arrow key leads to from the chosen one.
    fn neighbour(&self, key: &keyboard::Key) -> Option<usize> {
        let last = self.options.len().checked_sub(1)?;
        let at = self.chosen.unwrap_or(0);
        match key.as_ref() {
            keyboard::Key::Named(key::Named::ArrowLeft | key::Named::ArrowUp) => Some(at.saturating_sub(1)),
            keyboard::Key::Named(key::Named::ArrowRight | key::Named::ArrowDown) => Some((at + 1).min(last)),
            keyboard::Key::Named(key::Named::Home) => Some(0),
            keyboard::Key::Named(key::Named::End) => Some(last),
            _ => None,
        }
    }
}

impl<'a, T, Message> Widget<Message, Theme, Renderer> for Segmented<'a, T, Message>
where
    T: Copy + PartialEq + 'a,
    Message: 'a,
{
    fn tag(&self) -> tree::Tag {
        tree::Tag::of::<Focus>()
    }

    fn state(&self) -> tree::State {
        tree::State::new(Focus::new(self.id.as_ref()))
    }

    fn children(&self) -> Vec<Tree> {
        self.labels.iter().map(Tree::new).collect()
    }

    fn diff(&self, tree: &mut Tree) {
        tree.state.downcast_mut::<Focus>().reconcile(self.id.as_ref());
        tree.diff_children(&self.labels);
    }

    fn size(&self) -> Size<Length> {
        Size::new(Length::Shrink, Length::Fixed(spacing::BUTTON_HEIGHT))
    }

    fn layout(&mut self, tree: &mut Tree, renderer: &Renderer, limits: &layout::Limits) -> layout::Node {
        let height = spacing::BUTTON_HEIGHT;
        let mut x = 0.0;
        let nodes: Vec<_> = self
            .labels
            .iter_mut()
            .zip(&mut tree.children)
            .map(|(label, child)| {
                let words = label.as_widget_mut().layout(child, renderer, &limits.loose());
                let size = Size::new(words.size().width + 2.0 * spacing::M, height);
                let inside = Point::new(spacing::M, (height - words.size().height) / 2.0);
                let part = layout::Node::with_children(size, vec![words.move_to(inside)])
                    .move_to(Point::new(x, 0.0));
                x += size.width;
                part
            })
            .collect();
        layout::Node::with_children(Size::new(x, height), nodes)
    }

    fn operate(
        &mut self,
        tree: &mut Tree,
        layout: Layout<'_>,
        renderer: &Renderer,
        operation: &mut dyn Operation,
    ) {
        operation.container(self.id.as_ref(), layout.bounds());
        if self.is_enabled {
            let focus = tree.state.downcast_mut::<Focus>();
            operation.focusable(self.id.as_ref(), layout.bounds(), focus);
        }
        operation.traverse(&mut |operation| {
            let parts = self
                .labels
                .iter_mut()
                .zip(&mut tree.children)
                .zip(layout.children());
            for ((label, child), part) in parts {
                for layout in part.children() {
                    label.as_widget_mut().operate(child, layout, renderer, operation);
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
        _: &Renderer,
        _: &mut dyn Clipboard,
        shell: &mut Shell<'_, Message>,
        _: &Rectangle,
    ) {
        let focus = tree.state.downcast_mut::<Focus>();
        if !self.is_enabled {
            focus.release();
            press::refresh(&mut self.hovered, None, event, shell);
            return;
        }
        let under = layout.children().position(|part| cursor.is_over(part.bounds()));
        let chosen = match event {
            Event::Mouse(mouse::Event::ButtonPressed(mouse::Button::Left))
            | Event::Touch(touch::Event::FingerPressed { .. }) => {
                if under.is_some() && !shell.is_event_captured() {
                    focus.take_by_pointer();
                    under
                } else {
                    if focus.is_held() {
                        focus.release();
                        shell.request_redraw();
                    }
                    None
                }
            }
            Event::Keyboard(keyboard::Event::KeyPressed { key, modifiers, .. })
                if focus.is_held() && modifiers.is_empty() && !shell.is_event_captured() =>
            {
                self.neighbour(key)
            }
            _ => None,
        };
        if let Some(index) = chosen {
            shell.capture_event();
            if self.chosen != Some(index)
                && let Some(option) = self.options.get(index)
            {
                shell.publish((self.on_choose)(*option));
            }
        }
        press::refresh(&mut self.hovered, under, event, shell);
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
        if bounds.width < 1.0 || bounds.height < 1.0 {
            return;
        }
        let fill = |renderer: &mut Renderer, bounds, color: Color, edge: Color| {
            let border = Border {
                color: edge,
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
        };
        fill(renderer, bounds, p.surface, p.line);
        let parts = self
            .labels
            .iter()
            .zip(&tree.children)
            .zip(layout.children())
            .enumerate();
        for (index, ((label, child), part)) in parts {
            let is_chosen = self.chosen == Some(index);
            if is_chosen {
                let (color, edge) = if self.is_enabled {
                    (p.accent_weak, Palette::mix(p.accent_weak, p.accent, 0.5))
                } else {
                    (p.sunken, p.line)
                };
                fill(renderer, part.bounds(), color, edge);
            }
            let is_hovered = self.hovered.flatten() == Some(index);
            let text_color = match (is_chosen, is_hovered) {
                _ if !self.is_enabled => p.muted,
                (true, _) => p.accent,
                (false, true) => p.text,
                (false, false) => p.muted,
            };
            for layout in part.children() {
                let style = renderer::Style { text_color };
                label
                    .as_widget()
                    .draw(child, renderer, theme, &style, layout, cursor, viewport);
            }
        }
        if tree.state.downcast_ref::<Focus>().is_visible() {
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
        if self.is_enabled && cursor.is_over(layout.bounds()) {
            mouse::Interaction::Pointer
        } else {
            mouse::Interaction::default()
        }
    }
}

impl<'a, T, Message> From<Segmented<'a, T, Message>> for Element<'a, Message>
where
    T: Copy + PartialEq + 'a,
    Message: 'a,
{
    fn from(segmented: Segmented<'a, T, Message>) -> Self {
        Element::new(segmented)
    }
}
