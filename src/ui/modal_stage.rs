//! The widget behind [`modal`](super::modal::modal): it hands every event to the dialog while one is open, and to the
//! page otherwise.

use iced::advanced::widget::{Id, Operation, Tree, Widget, tree};
use iced::advanced::{Clipboard, Layout, Renderer as _, Shell, layout, mouse, overlay, renderer};
use iced::{Element, Event, Length, Point, Rectangle, Renderer, Size, Theme, Vector, touch};

use super::focus::{self, Step};
use super::keyboard::{Intent, intent};
use super::modal_sheet::{Sheet, Terms};
use super::spacing;
use super::theme::palette;
use super::unfocusable::Unfocusable;

/// How near a dialog comes to the window's edge.
const MARGIN: f32 = spacing::L;

pub(super) struct Stage<'a, Message> {
    /// The page, then at most one dialog.
    parts: Vec<Element<'a, Message>>,
    terms: Option<Terms<Message>>,
}

/// Which dialog is open, and whether it still waits for its first focus.
#[derive(Debug, Default)]
struct State {
    open: Option<Id>,
    awaits_focus: bool,
}

impl<'a, Message: Clone + 'a> Stage<'a, Message> {
    pub fn new(base: Element<'a, Message>, sheet: Option<Sheet<'a, Message>>) -> Self {
        match sheet.map(Sheet::split) {
            Some((surface, terms)) => Self {
                parts: vec![base, Element::new(surface)],
                terms: Some(terms),
            },
            None => Self {
                parts: vec![base],
                terms: None,
            },
        }
    }

    fn open(&self) -> Option<&Id> {
        self.terms.as_ref().map(|terms| &terms.id)
    }

    /// The focus a dialog opens with: what it names, or else its first focusable widget.
    fn focus_first(&mut self, tree: &mut Tree, layout: Layout<'_>, renderer: &Renderer) {
        let (Some(terms), Some(sheet), Some(child), Some(layout)) = (
            &self.terms,
            self.parts.get_mut(1),
            tree.children.get_mut(1),
            layout.children().nth(1),
        ) else {
            return;
        };
        let is_found = terms
            .focus
            .as_ref()
            .is_some_and(|id| focus::focus_id(sheet, child, layout, renderer, id));
        if !is_found {
            focus::advance(sheet, child, layout, renderer, Step::First);
        }
    }

    /// What keys do that no widget used.
    fn answer(
        &mut self,
        tree: &mut Tree,
        event: &Event,
        layout: Layout<'_>,
        renderer: &Renderer,
        shell: &mut Shell<'_, Message>,
    ) {
        let Event::Keyboard(event) = event else { return };
        let step = match intent(event) {
            Some(Intent::FocusNext) => Step::Next,
            Some(Intent::FocusPrevious) => Step::Previous,
            Some(Intent::Cancel) => {
                if let Some(message) = self.terms.as_ref().and_then(|terms| terms.on_close.clone()) {
                    shell.publish(message);
                    shell.capture_event();
                }
                return;
            }
            Some(Intent::Submit) => {
                if let Some(message) = self.terms.as_ref().and_then(|terms| terms.on_submit.clone()) {
                    shell.publish(message);
                    shell.capture_event();
                }
                return;
            }
            _ => return,
        };
        let top = self.parts.len() - 1;
        if let (Some(part), Some(child), Some(layout)) = (
            self.parts.get_mut(top),
            tree.children.get_mut(top),
            layout.children().nth(top),
        ) {
            focus::advance(part, child, layout, renderer, step);
            shell.capture_event();
            shell.request_redraw();
        }
    }
}

fn is_press(event: &Event) -> bool {
    matches!(
        event,
        Event::Mouse(mouse::Event::ButtonPressed(_)) | Event::Touch(touch::Event::FingerPressed { .. })
    )
}

/// What the page may still hear of while a dialog is open: frames and sizes, and that a button was let go.
fn reaches_base(event: &Event) -> bool {
    matches!(
        event,
        Event::Window(_)
            | Event::Mouse(mouse::Event::ButtonReleased(_))
            | Event::Touch(touch::Event::FingerLifted { .. } | touch::Event::FingerLost { .. })
    )
}

impl<'a, Message: Clone + 'a> Widget<Message, Theme, Renderer> for Stage<'a, Message> {
    fn tag(&self) -> tree::Tag {
        tree::Tag::of::<State>()
    }

    fn state(&self) -> tree::State {
        tree::State::new(State {
            open: self.open().cloned(),
            awaits_focus: self.terms.is_some(),
        })
    }

    fn children(&self) -> Vec<Tree> {
        self.parts.iter().map(Tree::new).collect()
    }

    fn diff(&self, tree: &mut Tree) {
        let state = tree.state.downcast_mut::<State>();
        if state.open.as_ref() != self.open() {
            state.open = self.open().cloned();
            state.awaits_focus = self.terms.is_some();
            // Another dialog starts with nothing of the last one's.
            tree.children.truncate(1);
        }
        tree.diff_children(&self.parts);
    }

    fn size(&self) -> Size<Length> {
        Size::new(Length::Fill, Length::Fill)
    }

    fn layout(&mut self, tree: &mut Tree, renderer: &Renderer, limits: &layout::Limits) -> layout::Node {
        let size = limits.max();
        let mut nodes = Vec::with_capacity(self.parts.len());
        for (index, (part, child)) in self.parts.iter_mut().zip(&mut tree.children).enumerate() {
            if index == 0 {
                let room = layout::Limits::new(Size::ZERO, size);
                nodes.push(part.as_widget_mut().layout(child, renderer, &room));
            } else {
                let most = Size::new(
                    (size.width - 2.0 * MARGIN).max(0.0),
                    (size.height - 2.0 * MARGIN).max(0.0),
                );
                let room = layout::Limits::new(Size::ZERO, most);
                let node = part.as_widget_mut().layout(child, renderer, &room);
                let x = ((size.width - node.size().width) / 2.0).round();
                let y = ((size.height - node.size().height) / 2.0).round();
                nodes.push(node.move_to(Point::new(x, y)));
            }
        }
        let node = layout::Node::with_children(size, nodes);
        if std::mem::take(&mut tree.state.downcast_mut::<State>().awaits_focus) {
            self.focus_first(tree, Layout::new(&node), renderer);
        }
        node
    }

    /// The dialog comes first; of the page, operations see everything but what could take the focus.
    fn operate(
        &mut self,
        tree: &mut Tree,
        layout: Layout<'_>,
        renderer: &Renderer,
        operation: &mut dyn Operation,
    ) {
        let is_open = self.terms.is_some();
        operation.container(None, layout.bounds());
        operation.traverse(&mut |operation| {
            let parts = self
                .parts
                .iter_mut()
                .zip(&mut tree.children)
                .zip(layout.children());
            for (index, ((part, child), layout)) in parts.enumerate().collect::<Vec<_>>().into_iter().rev() {
                if index == 0 && is_open {
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
        let is_open = self.terms.is_some();
        let mut parts = self
            .parts
            .iter_mut()
            .zip(&mut tree.children)
            .zip(layout.children());
        let base = parts.next();
        if let Some(((sheet, child), layout)) = parts.next() {
            // A press beside the dialog closes lists that are open in it, but must not leave the keyboard nowhere.
            let kept = (is_press(event) && !cursor.is_over(layout.bounds()))
                .then(|| focus::place(sheet, child, layout, renderer))
                .flatten();
            sheet
                .as_widget_mut()
                .update(child, event, layout, cursor, renderer, clipboard, shell, viewport);
            if let Some(place) = kept {
                focus::restore(sheet, child, layout, renderer, place);
            }
        }
        if let Some(((base, child), layout)) = base {
            if !is_open {
                base.as_widget_mut()
                    .update(child, event, layout, cursor, renderer, clipboard, shell, viewport);
            } else if reaches_base(event) {
                let mut messages = Vec::new();
                let mut apart = Shell::new(&mut messages);
                let away = mouse::Cursor::Unavailable;
                base.as_widget_mut().update(
                    child, event, layout, away, renderer, clipboard, &mut apart, viewport,
                );
                // Its redraws and scroll reports count, its input method and captures do not.
                shell.request_redraw_at(apart.redraw_request());
                if apart.is_layout_invalid() {
                    shell.invalidate_layout();
                }
                if apart.are_widgets_invalid() {
                    shell.invalidate_widgets();
                }
                for message in messages {
                    shell.publish(message);
                }
            }
        }
        if !shell.is_event_captured() {
            self.answer(tree, event, layout, renderer, shell);
            let is_pointer = matches!(event, Event::Mouse(_) | Event::Touch(_));
            if is_open && is_pointer {
                shell.capture_event();
            }
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
        let style = renderer::Style { text_color: p.text };
        let is_open = self.terms.is_some();
        let parts = self.parts.iter().zip(&tree.children).zip(layout.children());
        for (index, ((part, child), layout)) in parts.enumerate() {
            if index == 0 {
                let cursor = if is_open {
                    mouse::Cursor::Unavailable
                } else {
                    cursor
                };
                part.as_widget()
                    .draw(child, renderer, theme, &style, layout, cursor, viewport);
            } else if bounds.width >= 1.0 && bounds.height >= 1.0 {
                renderer.with_layer(bounds, |renderer| {
                    renderer.fill_quad(
                        renderer::Quad {
                            bounds,
                            ..renderer::Quad::default()
                        },
                        p.scrim,
                    );
                    part.as_widget()
                        .draw(child, renderer, theme, &style, layout, cursor, viewport);
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
        let top = self.parts.len() - 1;
        match (
            self.parts.get(top),
            tree.children.get(top),
            layout.children().nth(top),
        ) {
            (Some(part), Some(child), Some(layout)) => part
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
        let top = self.parts.len() - 1;
        let part = self.parts.get_mut(top)?;
        let child = tree.children.get_mut(top)?;
        let layout = layout.children().nth(top)?;
        part.as_widget_mut()
            .overlay(child, layout, renderer, viewport, translation)
    }
}
