//! Buttons that the keyboard reaches: Tab focuses them, Enter and Space press them, a ring shows where one is.
//!
//! ```
//! use sextant::ui::button;
//!
//! #[derive(Clone)]
//! enum Message { AddChannels, Skip }
//!
//! let add: iced::Element<'_, Message> =
//!     button::primary("Add Channels").id("add-channels").on_press(Message::AddChannels).into();
//! let skip: iced::Element<'_, Message> = button::secondary("Skip").on_press_maybe(None).into(); // greyed
//! ```

use iced::advanced::svg::Renderer as _;
use iced::advanced::widget::{Id, Operation, Tree, Widget, tree};
use iced::advanced::{Clipboard, Layout, Renderer as _, Shell, layout, mouse, overlay, renderer, svg};
use iced::widget::{row, space};
use iced::{Border, Center, Element, Event, Length, Padding, Rectangle, Renderer, Size, Theme, Vector};

use super::button_paint::{Kind, paint};
use super::focus;
use super::icon::{self, Icon};
use super::press::{self, Keys, Look};
use super::theme::palette;
use super::{font, spacing, text};

/// The order a sorted column stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Order {
    Ascending,
    Descending,
}

/// A button; see the module for its constructors.
pub struct Button<'a, Message> {
    content: Element<'a, Message>,
    /// What selectors and, later, screen readers call a button that shows no text.
    name: Option<String>,
    glyph: Option<Icon>,
    kind: Kind,
    on_press: Option<Message>,
    id: Option<Id>,
    is_tab_stop: bool,
    width: Length,
    height: f32,
    padding: Padding,
    drawn: Option<Look>,
}

/// The action of a page or dialog; at most one is shown at a time.
pub fn primary<'a, Message: 'a>(label: impl Into<String>) -> Button<'a, Message> {
    Button::labelled(label, Kind::Primary)
}

/// Any other action.
pub fn secondary<'a, Message: 'a>(label: impl Into<String>) -> Button<'a, Message> {
    Button::labelled(label, Kind::Secondary)
}

/// An action that looks like a link: in rows, beside text.
pub fn link<'a, Message: 'a>(label: impl Into<String>) -> Button<'a, Message> {
    Button::labelled(label, Kind::Link)
}

/// A link-like button in 12 px for use inside a line of small text.
pub fn small_link<'a, Message: 'a>(label: impl Into<String>) -> Button<'a, Message> {
    let mut button = Button::labelled("", Kind::Link);
    button.content = text::small(label.into()).font(font::STRONG).into();
    button.height = 20.0;
    button.padding = Padding::from([0.0, spacing::XS]);
    button
}

/// An action that takes something away, without shouting.
pub fn quiet_danger<'a, Message: 'a>(label: impl Into<String>) -> Button<'a, Message> {
    Button::labelled(label, Kind::QuietDanger)
}

/// An entry of the navigation rail, as wide as its place.
pub fn nav<'a, Message: 'a>(label: impl Into<String>, is_selected: bool) -> Button<'a, Message> {
    let mut button = Button::labelled(label, Kind::Nav { is_selected });
    button.width = Length::Fill;
    button.height = spacing::NAV_HEIGHT;
    button
}

/// A square button with an icon alone; `name` is what tests and tooltips call it.
pub fn icon<'a, Message: 'a>(icon: Icon, name: impl Into<String>) -> Button<'a, Message> {
    let mut button = Button::around(space().width(icon::SIZE).height(icon::SIZE), Kind::Icon);
    button.glyph = Some(icon);
    button.name = Some(name.into());
    button.padding = Padding::from(S_AROUND_ICON);
    button
}

/// A table's header that sorts; an arrow shows the column the table is sorted by. The label may have several lines.
pub fn column_header<'a, Message: 'a>(label: impl Into<String>, order: Option<Order>) -> Button<'a, Message> {
    let label = label.into();
    let lines = label.lines().count().max(1) as f32;
    let words = text::small(label)
        .font(font::STRONG)
        .wrapping(iced::widget::text::Wrapping::None);
    let words = if lines > 1.0 { words.align_x(Center) } else { words };
    let arrow = order.map(|order| match order {
        Order::Ascending => Icon::ArrowUp.view(),
        Order::Descending => Icon::ArrowDown.view(),
    });
    let arrow = arrow.map(|arrow| {
        arrow
            .width(12)
            .height(12)
            .style(super::style::icon(super::style::Tone::Neutral))
    });
    let mut button = Button::around(
        row![words, arrow].spacing(spacing::XS).align_y(Center),
        Kind::Header,
    );
    button.padding = Padding::ZERO;
    button.height = 8.0 + 16.0 * lines;
    button
}

const S_AROUND_ICON: f32 = 8.0;

impl<'a, Message: 'a> Button<'a, Message> {
    fn labelled(label: impl Into<String>, kind: Kind) -> Self {
        let label = label.into();
        let is_strong = match kind {
            Kind::Primary | Kind::Link | Kind::QuietDanger => true,
            Kind::Nav { is_selected } => is_selected,
            Kind::Secondary | Kind::Icon | Kind::Header => false,
        };
        let words = text::body(label).wrapping(iced::widget::text::Wrapping::None);
        Self::around(
            if is_strong {
                words.font(font::STRONG)
            } else {
                words
            },
            kind,
        )
    }

    fn around(content: impl Into<Element<'a, Message>>, kind: Kind) -> Self {
        let side = match kind {
            Kind::Primary | Kind::Secondary => 14.0,
            _ => spacing::M,
        };
        Self {
            content: content.into(),
            name: None,
            glyph: None,
            kind,
            on_press: None,
            id: None,
            is_tab_stop: true,
            width: Length::Shrink,
            height: spacing::BUTTON_HEIGHT,
            padding: Padding::from([0.0, side]),
            drawn: None,
        }
    }

    /// The message of a press. Without one the button is greyed and cannot be focused.
    #[must_use]
    pub fn on_press(mut self, message: Message) -> Self {
        self.on_press = Some(message);
        self
    }

    #[must_use]
    pub fn on_press_maybe(mut self, message: Option<Message>) -> Self {
        self.on_press = message;
        self
    }

    /// The id by which tests and tasks find it; it also keeps the focus from jumping when siblings come and go.
    #[must_use]
    pub fn id(mut self, id: impl Into<Id>) -> Self {
        self.id = Some(id.into());
        self
    }

    /// The width, the label's own by default.
    #[must_use]
    pub fn width(mut self, width: impl Into<Length>) -> Self {
        self.width = width.into();
        self
    }

    /// An icon before the label.
    #[must_use]
    pub fn glyph(mut self, icon: Icon) -> Self {
        self.padding.left += icon::SIZE + spacing::S;
        self.glyph = Some(icon);
        self
    }

    /// 24 px instead of 32: an icon inside a row.
    #[must_use]
    pub fn small(mut self) -> Self {
        self.height = 24.0;
        self.padding = Padding::from(spacing::XS);
        self
    }

    /// Whether Tab stops here; it does by default. Not where a list around it holds the focus.
    #[must_use]
    pub fn tab_stop(mut self, is_tab_stop: bool) -> Self {
        self.is_tab_stop = is_tab_stop;
        self
    }

    /// No room at the sides: a link flush with the text around it.
    #[must_use]
    pub fn flush(mut self) -> Self {
        self.padding = Padding::ZERO;
        self
    }

    fn is_enabled(&self) -> bool {
        self.on_press.is_some()
    }
}

impl<'a, Message: Clone + 'a> Widget<Message, Theme, Renderer> for Button<'a, Message> {
    fn tag(&self) -> tree::Tag {
        tree::Tag::of::<press::State>()
    }

    fn state(&self) -> tree::State {
        tree::State::new(press::State::new(self.id.as_ref()))
    }

    fn children(&self) -> Vec<Tree> {
        vec![Tree::new(&self.content)]
    }

    fn diff(&self, tree: &mut Tree) {
        tree.state
            .downcast_mut::<press::State>()
            .focus
            .reconcile(self.id.as_ref());
        tree.diff_children(std::slice::from_ref(&self.content));
    }

    fn size(&self) -> Size<Length> {
        Size::new(self.width, Length::Fixed(self.height))
    }

    fn layout(&mut self, tree: &mut Tree, renderer: &Renderer, limits: &layout::Limits) -> layout::Node {
        let is_wide = matches!(self.kind, Kind::Nav { .. });
        layout::positioned(
            limits,
            self.width,
            Length::Fixed(self.height),
            self.padding,
            |limits| {
                self.content
                    .as_widget_mut()
                    .layout(&mut tree.children[0], renderer, &limits.loose())
            },
            |content, size| {
                let across = if is_wide { iced::Alignment::Start } else { Center };
                content.align(across, Center, size)
            },
        )
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
        if self.is_enabled() && self.is_tab_stop {
            let state = tree.state.downcast_mut::<press::State>();
            operation.focusable(self.id.as_ref(), bounds, &mut state.focus);
        }
        if let Some(name) = &self.name {
            operation.text(None, bounds, name);
        }
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
        _: &Renderer,
        _: &mut dyn Clipboard,
        shell: &mut Shell<'_, Message>,
        _: &Rectangle,
    ) {
        let is_enabled = self.is_enabled();
        let bounds = layout.bounds();
        let state = tree.state.downcast_mut::<press::State>();
        if state.update(event, bounds, cursor, shell, Keys::EnterAndSpace, is_enabled)
            && let Some(message) = &self.on_press
        {
            shell.publish(message.clone());
        }
        if !self.is_tab_stop {
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
        let bounds = layout.bounds();
        if bounds.width < 1.0 || bounds.height < 1.0 {
            return;
        }
        let rest = if self.is_enabled() {
            Look::Resting
        } else {
            Look::Disabled
        };
        let paint = paint(palette(theme), self.kind, self.drawn.unwrap_or(rest));
        renderer.fill_quad(
            renderer::Quad {
                bounds,
                border: Border {
                    color: paint.edge,
                    width: if paint.edge.a > 0.0 { spacing::LINE } else { 0.0 },
                    radius: spacing::RADIUS.into(),
                },
                ..renderer::Quad::default()
            },
            paint.background,
        );
        for (child, layout) in tree.children.iter().zip(layout.children()) {
            let style = renderer::Style {
                text_color: paint.text,
            };
            self.content
                .as_widget()
                .draw(child, renderer, theme, &style, layout, cursor, viewport);
            if let Some(glyph) = self.glyph {
                let box_ = glyph_bounds(bounds, layout.bounds(), self.kind);
                let picture = svg::Svg::new(glyph.handle()).color(paint.text);
                renderer.draw_svg(picture, box_, *viewport);
            }
        }
        if tree.state.downcast_ref::<press::State>().focus.is_visible() {
            if matches!(self.kind, Kind::Nav { .. }) {
                focus::draw_inner_ring(renderer, theme, bounds, spacing::RADIUS);
            } else {
                focus::draw_ring(renderer, theme, bounds, spacing::RADIUS);
            }
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
        if cursor.is_over(layout.bounds()) && self.is_enabled() {
            mouse::Interaction::Pointer
        } else {
            mouse::Interaction::default()
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

/// Where the glyph stands: alone in the middle, or before the label.
fn glyph_bounds(bounds: Rectangle, label: Rectangle, kind: Kind) -> Rectangle {
    let left = if kind == Kind::Icon {
        label.x
    } else {
        label.x - spacing::S - icon::SIZE
    };
    Rectangle {
        x: left,
        y: bounds.y + (bounds.height - icon::SIZE) / 2.0,
        width: icon::SIZE,
        height: icon::SIZE,
    }
}

impl<'a, Message: Clone + 'a> From<Button<'a, Message>> for Element<'a, Message> {
    fn from(button: Button<'a, Message>) -> Self {
        Element::new(button)
    }
}
