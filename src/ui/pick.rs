//! A choice among many: a button that opens a list. Reached by Tab, opened by Enter, Space or the arrow keys.
//!
//! ```
//! use sextant::ui::pick::pick;
//!
//! let privacies = ["All privacies", "public", "private"];
//! let filter: iced::Element<'_, usize> = pick(privacies, 0, |index| index).id("privacy").into();
//! ```
//!
//! The same list under a name of its own is a menu of things to do:
//!
//! ```
//! use sextant::ui::pick::menu;
//!
//! let more: iced::Element<'_, usize> = menu("More", ["Clone", "Rename"], |index| index).id("more").into();
//! ```

use iced::advanced::svg::Renderer as _;
use iced::advanced::widget::{Id, Operation, Tree, Widget, tree};
use iced::advanced::{Clipboard, Layout, Shell, layout, mouse, overlay, renderer, svg};
use iced::keyboard::{self, key};
use iced::{Element, Event, Length, Point, Rectangle, Renderer, Size, Theme, Vector, touch};

use super::icon::{self, Icon};
use super::pick_list::{List, Menu, State, draw_box, fill};
use super::press::{self, Keys, Look};
use super::theme::{Palette, palette};
use super::{focus, spacing, text};

/// A button with a list of options; made by [`pick`] or [`menu`].
pub struct Pick<'a, Message> {
    options: Vec<String>,
    /// One for each option; behind them that of the button itself, where it shows no option.
    labels: Vec<Element<'a, Message>>,
    /// The label that the button shows.
    chosen: usize,
    name: Option<String>,
    on_choose: Box<dyn Fn(usize) -> Message + 'a>,
    id: Option<Id>,
    is_tab_stop: bool,
    /// Whether it has neither edge nor arrow: inside a row.
    is_bare: bool,
    drawn: Option<(Look, Option<usize>)>,
}

/// A list of `options` with the one at index `chosen` shown; a choice gives its index.
pub fn pick<'a, Message: 'a>(
    options: impl IntoIterator<Item = impl Into<String>>,
    chosen: usize,
    on_choose: impl Fn(usize) -> Message + 'a,
) -> Pick<'a, Message> {
    let options: Vec<String> = options.into_iter().map(Into::into).collect();
    Pick {
        labels: options.iter().map(|words| label(words)).collect(),
        options,
        chosen,
        name: None,
        on_choose: Box::new(on_choose),
        id: None,
        is_tab_stop: true,
        is_bare: false,
        drawn: None,
    }
}

/// A button that shows `name` and opens a list of things to do; a choice gives its index.
pub fn menu<'a, Message: 'a>(
    name: impl Into<String>,
    options: impl IntoIterator<Item = impl Into<String>>,
    on_choose: impl Fn(usize) -> Message + 'a,
) -> Pick<'a, Message> {
    let mut pick = pick(options, 0, on_choose);
    let name = name.into();
    pick.chosen = pick.labels.len();
    pick.labels.push(label(&name));
    pick.name = Some(name);
    pick
}

fn label<'a, Message: 'a>(words: &str) -> Element<'a, Message> {
    text::body(words.to_owned())
        .wrapping(iced::widget::text::Wrapping::None)
        .into()
}

impl<Message> Pick<'_, Message> {
    #[must_use]
    pub fn id(mut self, id: impl Into<Id>) -> Self {
        self.id = Some(id.into());
        self
    }

    /// Whether Tab stops here; it does by default. Not where a list around it holds the focus.
    #[must_use]
    pub fn tab_stop(mut self, is_tab_stop: bool) -> Self {
        self.is_tab_stop = is_tab_stop;
        self
    }

    /// Without edge and arrow, and lower: inside a row.
    #[must_use]
    pub fn bare(mut self) -> Self {
        self.is_bare = true;
        self
    }

    fn height(&self) -> f32 {
        if self.is_bare {
            28.0
        } else {
            spacing::BUTTON_HEIGHT
        }
    }
}

impl<Message> Pick<'_, Message> {
    /// What is marked as the list opens.
    fn first_marked(&self) -> usize {
        if self.name.is_some() {
            0
        } else {
            self.chosen.min(self.options.len().saturating_sub(1))
        }
    }

    /// Handles a key while focused; `true` when it was used.
    fn key(&self, state: &mut State, pressed: &keyboard::Key, shell: &mut Shell<'_, Message>) -> bool {
        let Some(last) = self.options.len().checked_sub(1) else {
            return false;
        };
        let keyboard::Key::Named(named) = pressed.as_ref() else {
            return false;
        };
        match (state.marked(), named) {
            (None, key::Named::ArrowDown | key::Named::ArrowUp) => state.mark(self.first_marked()),
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
        Size::new(Length::Shrink, Length::Fixed(self.height()))
    }

    /// As wide as the longest option, so that a choice moves nothing; a menu as its name.
    fn layout(&mut self, tree: &mut Tree, renderer: &Renderer, limits: &layout::Limits) -> layout::Node {
        let loose = limits.loose();
        let height = self.height();
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
        let widest = match (&self.name, nodes.last()) {
            (Some(_), Some(name)) => name.size().width,
            _ => nodes.iter().map(|node| node.size().width).fold(0.0, f32::max),
        };
        let arrow = if self.is_bare {
            0.0
        } else {
            spacing::S + icon::SIZE
        };
        let width = widest + 2.0 * spacing::M + arrow;
        layout::Node::with_children(Size::new(width.ceil(), height), nodes)
    }

    fn operate(&mut self, tree: &mut Tree, layout: Layout<'_>, _: &Renderer, operation: &mut dyn Operation) {
        let state = tree.state.downcast_mut::<State>();
        operation.container(self.id.as_ref(), layout.bounds());
        if self.is_tab_stop {
            operation.focusable(self.id.as_ref(), layout.bounds(), &mut state.press.focus);
        }
        if let Some(words) = self.options.get(self.chosen).or(self.name.as_ref()) {
            operation.text(None, layout.bounds(), words);
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
            state.mark(self.first_marked());
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
        if !self.is_bare {
            draw_box(renderer, bounds, Palette::mix(p.surface, p.text, amount), p);
        } else if look != Look::Resting {
            fill(renderer, bounds, p.text.scale_alpha(0.09));
        }
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
        let arrow = (!self.is_bare).then(|| Rectangle {
            x: bounds.x + bounds.width - spacing::M - icon::SIZE + 2.0,
            y: bounds.y + (bounds.height - icon::SIZE) / 2.0,
            width: icon::SIZE,
            height: icon::SIZE,
        });
        if let Some(arrow) = arrow {
            let picture = svg::Svg::new(Icon::ChevronDown.handle()).color(p.muted);
            renderer.draw_svg(picture, arrow, *viewport);
        }
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
        let mut anchor = layout.bounds() + translation;
        let options = layout.children().take(self.options.len());
        let widest = options.map(|option| option.bounds().width).fold(0.0, f32::max);
        // A menu may stand at the right edge of its place: the list then reaches out to the left.
        let width = (widest + 2.0 * spacing::M).max(anchor.width);
        if self.name.is_some() {
            anchor.x -= width - anchor.width;
        }
        anchor.width = width;
        let list = List {
            options: &self.options,
            state,
            on_choose: &*self.on_choose,
            anchor,
        };
        Some(overlay::Element::new(Box::new(list)))
    }
}

impl<'a, Message: 'a> From<Pick<'a, Message>> for Element<'a, Message> {
    fn from(pick: Pick<'a, Message>) -> Self {
        Element::new(pick)
    }
}
