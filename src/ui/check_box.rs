//! A check box that the keyboard reaches: Tab focuses it, Space toggles it. Enter stays free for the default button.
//!
//! ```
//! use sextant::ui::check_box::check_box;
//!
//! #[derive(Clone)]
//! enum Message { ShowHidden(bool) }
//!
//! let hidden: iced::Element<'_, Message> =
//!     check_box(true).label("Show hidden channels").on_toggle(Message::ShowHidden).into();
//! // In a row of a long list the list itself holds the focus, so the box is left out of the Tab order.
//! let tick: iced::Element<'_, Message> =
//!     check_box(false).name("research: Add to channels").tab_stop(false).on_toggle(Message::ShowHidden).into();
//! ```

use iced::advanced::svg::Renderer as _;
use iced::advanced::widget::{Id, Operation, Tree, Widget, tree};
use iced::advanced::{Clipboard, Layout, Renderer as _, Shell, layout, mouse, renderer, svg};
use iced::widget::column;
use iced::{Border, Color, Element, Event, Length, Point, Rectangle, Renderer, Size, Theme};

use super::icon::Icon;
use super::press::{self, Keys, Look};
use super::theme::{Palette, palette};
use super::{focus, spacing, text};

/// The side of the box.
const BOX: f32 = 16.0;
const BOX_RADIUS: f32 = 4.0;
/// The height of a label of one line.
const LINE: f32 = 24.0;

/// A check box; made by [`check_box`].
pub struct CheckBox<'a, Message> {
    is_checked: bool,
    label: Option<Element<'a, Message>>,
    name: Option<String>,
    id: Option<Id>,
    on_toggle: Option<Box<dyn Fn(bool) -> Message + 'a>>,
    is_tab_stop: bool,
    drawn: Option<Look>,
}

/// A check box without label; see [`CheckBox::label`].
pub fn check_box<'a, Message: 'a>(is_checked: bool) -> CheckBox<'a, Message> {
    CheckBox {
        is_checked,
        label: None,
        name: None,
        id: None,
        on_toggle: None,
        is_tab_stop: true,
        drawn: None,
    }
}

impl<'a, Message: 'a> CheckBox<'a, Message> {
    /// The words beside the box; pressing them toggles too.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = Some(text::body(label.into()).into());
        self
    }

    /// The words beside the box, and under them what they mean.
    #[must_use]
    pub fn explained_label(mut self, label: impl Into<String>, explanation: impl Into<String>) -> Self {
        let explanation = text::small(explanation.into()).style(super::style::muted);
        self.label = Some(column![text::body(label.into()), explanation].into());
        self
    }

    /// What tests call a box without label.
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    #[must_use]
    pub fn id(mut self, id: impl Into<Id>) -> Self {
        self.id = Some(id.into());
        self
    }

    /// The message of a toggle, given the new value. Without one the box is greyed and cannot be focused.
    #[must_use]
    pub fn on_toggle(mut self, on_toggle: impl Fn(bool) -> Message + 'a) -> Self {
        self.on_toggle = Some(Box::new(on_toggle));
        self
    }

    /// Whether Tab stops here; it does by default.
    #[must_use]
    pub fn tab_stop(mut self, is_tab_stop: bool) -> Self {
        self.is_tab_stop = is_tab_stop;
        self
    }

    fn look(&self) -> Look {
        let rest = if self.on_toggle.is_some() {
            Look::Resting
        } else {
            Look::Disabled
        };
        self.drawn.unwrap_or(rest)
    }
}

/// Where the box itself stands: at the left, beside the first line; or in the middle when it has no label.
fn square(bounds: Rectangle, has_label: bool) -> Rectangle {
    let (x, height) = if has_label {
        (bounds.x, bounds.height.min(LINE))
    } else {
        (bounds.x + (bounds.width - BOX) / 2.0, bounds.height)
    };
    let y = bounds.y + (height - BOX) / 2.0;
    Rectangle::new(Point::new(x.round(), y.round()), Size::new(BOX, BOX))
}

fn draw_square(renderer: &mut Renderer, p: &Palette, bounds: Rectangle, is_checked: bool, look: Look) {
    let (background, edge) = match (is_checked, look) {
        (true, Look::Disabled) => (p.line, p.line),
        (false, Look::Disabled) => (p.sunken, p.line),
        (true, Look::Resting) => (p.accent, p.accent),
        (true, _) => (Palette::mix(p.accent, p.text, 0.15), p.accent),
        (false, Look::Resting) => (p.surface, p.edge),
        (false, _) => (Palette::mix(p.surface, p.text, 0.05), p.text),
    };
    renderer.fill_quad(
        renderer::Quad {
            bounds,
            border: Border {
                color: edge,
                width: spacing::LINE,
                radius: BOX_RADIUS.into(),
            },
            ..renderer::Quad::default()
        },
        background,
    );
}

impl<'a, Message: 'a> Widget<Message, Theme, Renderer> for CheckBox<'a, Message> {
    fn tag(&self) -> tree::Tag {
        tree::Tag::of::<press::State>()
    }

    fn state(&self) -> tree::State {
        tree::State::new(press::State::new(self.id.as_ref()))
    }

    fn children(&self) -> Vec<Tree> {
        self.label.iter().map(Tree::new).collect()
    }

    fn diff(&self, tree: &mut Tree) {
        tree.state
            .downcast_mut::<press::State>()
            .focus
            .reconcile(self.id.as_ref());
        tree.diff_children(self.label.as_slice());
    }

    fn size(&self) -> Size<Length> {
        Size::new(Length::Shrink, Length::Shrink)
    }

    fn layout(&mut self, tree: &mut Tree, renderer: &Renderer, limits: &layout::Limits) -> layout::Node {
        let (Some(label), Some(child)) = (&mut self.label, tree.children.first_mut()) else {
            // A box alone is as high as a row and twice as wide as drawn, to be hit easily.
            let side = spacing::BUTTON_HEIGHT;
            return layout::Node::new(limits.resolve(Length::Shrink, Length::Shrink, Size::new(side, side)));
        };
        let indent = BOX + spacing::S;
        let inner = limits.shrink(Size::new(indent, 0.0)).loose();
        let words = label.as_widget_mut().layout(child, renderer, &inner);
        let height = words.size().height.max(LINE);
        let size = Size::new(indent + words.size().width, height);
        let y = (height - words.size().height) / 2.0;
        layout::Node::with_children(size, vec![words.move_to(Point::new(indent, y))])
    }

    fn operate(
        &mut self,
        tree: &mut Tree,
        layout: Layout<'_>,
        renderer: &Renderer,
        operation: &mut dyn Operation,
    ) {
        let bounds = layout.bounds();
        operation.container(self.id.as_ref(), bounds);
        if self.on_toggle.is_some() && self.is_tab_stop {
            let state = tree.state.downcast_mut::<press::State>();
            operation.focusable(self.id.as_ref(), bounds, &mut state.focus);
        }
        if let Some(name) = &self.name {
            operation.text(None, bounds, name);
        }
        operation.traverse(&mut |operation| {
            if let (Some(label), Some(child), Some(layout)) = (
                &mut self.label,
                tree.children.first_mut(),
                layout.children().next(),
            ) {
                label.as_widget_mut().operate(child, layout, renderer, operation);
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
        let bounds = layout.bounds();
        let is_enabled = self.on_toggle.is_some();
        let state = tree.state.downcast_mut::<press::State>();
        if state.update(event, bounds, cursor, shell, Keys::Space, is_enabled)
            && let Some(on_toggle) = &self.on_toggle
        {
            shell.publish(on_toggle(!self.is_checked));
        }
        if !self.is_tab_stop {
            // A press must leave the focus where the keyboard left it: on the list.
            state.focus.release();
        }
        press::refresh(
            &mut self.drawn,
            state.look(bounds, cursor, is_enabled),
            event,
            shell,
        );
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
        let look = self.look();
        let square = square(layout.bounds(), self.label.is_some());
        draw_square(renderer, p, square, self.is_checked, look);
        if self.is_checked {
            let color = if look == Look::Disabled {
                p.muted
            } else {
                p.on_accent
            };
            let inset = (BOX - 12.0) / 2.0;
            let picture = svg::Svg::new(Icon::Check.handle()).color(color);
            renderer.draw_svg(picture, square.shrink(inset), *viewport);
        }
        if let (Some(label), Some(child), Some(layout)) =
            (&self.label, tree.children.first(), layout.children().next())
        {
            let text_color: Color = if look == Look::Disabled { p.muted } else { p.text };
            let style = renderer::Style { text_color };
            label
                .as_widget()
                .draw(child, renderer, theme, &style, layout, cursor, viewport);
        }
        if tree.state.downcast_ref::<press::State>().focus.is_visible() {
            focus::draw_ring(renderer, theme, square, BOX_RADIUS);
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
        if cursor.is_over(layout.bounds()) && self.on_toggle.is_some() {
            mouse::Interaction::Pointer
        } else {
            mouse::Interaction::default()
        }
    }
}

impl<'a, Message: 'a> From<CheckBox<'a, Message>> for Element<'a, Message> {
    fn from(check_box: CheckBox<'a, Message>) -> Self {
        Element::new(check_box)
    }
}
