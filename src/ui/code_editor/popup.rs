//! What the editor shows above the text: proposals at the caret, and what is said about the line under the pointer.

use iced::advanced::widget::{Operation, Tree};
use iced::advanced::{Clipboard, Layout, Shell, layout, mouse, overlay, renderer};
use iced::widget::{Column, column, container, mouse_area, rule};
use iced::{Element, Event, Length, Padding, Point, Rectangle, Renderer, Size, Theme, Vector};

use crate::ui::style::{self, Tone};
use crate::ui::theme::palette;
use crate::ui::{font, spacing, text};

/// Something that can be written at the caret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    pub label: String,
    /// What it means; a line or two.
    pub documentation: String,
}

/// How many proposals are in sight.
const SHOWN: usize = 7;
const ROW: f32 = 24.0;
const WIDTH: f32 = 340.0;

/// The proposals in sight with the marked one among them, and what it means. `taken` are the messages of a press on
/// each.
pub(super) fn list<'a, Message: Clone + 'a>(
    proposals: &[Proposal],
    marked: usize,
    taken: impl Iterator<Item = Message>,
) -> Element<'a, Message> {
    let marked = marked.min(proposals.len().saturating_sub(1));
    let first = first_shown(marked, proposals.len());
    let rows = proposals
        .iter()
        .zip(taken)
        .enumerate()
        .skip(first)
        .take(SHOWN)
        .map(|(index, (proposal, taken))| row(&proposal.label, index == marked, taken));
    let rows = Column::with_children(rows).padding(spacing::XS);
    let about = proposals.get(marked).map(|proposal| {
        let place = match proposals.len() {
            count if count > SHOWN => format!("  {}/{count}", marked + 1),
            _ => String::new(),
        };
        let words = text::small(format!("{}{place}", proposal.documentation)).style(style::muted);
        column![
            rule::horizontal(spacing::LINE).style(style::separator),
            container(words).padding([spacing::S, spacing::M])
        ]
    });
    container(column![rows, about])
        .width(WIDTH)
        .padding(spacing::LINE)
        .style(style::floating)
        .into()
}

/// The first proposal in sight: the marked one stands in the middle as far as that goes.
fn first_shown(marked: usize, count: usize) -> usize {
    marked.saturating_sub(SHOWN / 2).min(count.saturating_sub(SHOWN))
}

fn row<'a, Message: Clone + 'a>(label: &str, is_marked: bool, taken: Message) -> Element<'a, Message> {
    let words = text::body(label.to_owned())
        .font(font::MONOSPACE)
        .size(super::SIZE)
        .wrapping(iced::widget::text::Wrapping::None)
        .style(if is_marked { style::accent } else { style::plain });
    let line = container(words)
        .width(Length::Fill)
        .height(ROW)
        .align_y(iced::Center)
        .clip(true)
        .padding([0.0, spacing::S])
        .style(move |theme: &Theme| container::Style {
            background: is_marked.then(|| palette(theme).accent_weak.into()),
            border: iced::border::rounded(spacing::RADIUS - 2.0),
            ..container::Style::default()
        });
    mouse_area(line).on_press(taken).into()
}

/// What is said about a line.
pub(super) fn bubble<'a, Message: 'a>(said: impl Iterator<Item = (Tone, String)>) -> Element<'a, Message> {
    let lines = said.map(|(tone, words)| text::small(words).style(style::toned(tone)).into());
    container(Column::with_children(lines).spacing(spacing::XS))
        .max_width(WIDTH)
        .padding([spacing::XS, spacing::S])
        .style(style::tooltip)
        .into()
}

/// An element beside a place of the window: below it, or above where there is no room.
pub(super) struct Beside<'a, 'b, Message> {
    pub element: &'b mut Element<'a, Message>,
    pub tree: &'b mut Tree,
    pub place: Rectangle,
    /// Whether it takes what the pointer does on it.
    pub is_pressable: bool,
}

impl<Message> overlay::Overlay<Message, Theme, Renderer> for Beside<'_, '_, Message> {
    fn layout(&mut self, renderer: &Renderer, window: Size) -> layout::Node {
        let most = Size::new(
            (window.width - 2.0 * spacing::XS).max(0.0),
            (window.height - 2.0 * spacing::XS).max(0.0),
        );
        let limits = layout::Limits::new(Size::ZERO, most);
        let node = self.element.as_widget_mut().layout(self.tree, renderer, &limits);
        let size = node.size();
        let below = self.place.y + self.place.height + spacing::XXS;
        let above = self.place.y - size.height - spacing::XXS;
        let y = if below + size.height > window.height && above >= 0.0 {
            above
        } else {
            below.min(window.height - size.height)
        };
        let x = self.place.x.min(window.width - size.width - spacing::XS);
        node.move_to(Point::new(x.max(spacing::XS).round(), y.max(0.0).round()))
    }

    fn operate(&mut self, layout: Layout<'_>, renderer: &Renderer, operation: &mut dyn Operation) {
        self.element
            .as_widget_mut()
            .operate(self.tree, layout, renderer, operation);
    }

    fn update(
        &mut self,
        event: &Event,
        layout: Layout<'_>,
        cursor: mouse::Cursor,
        renderer: &Renderer,
        clipboard: &mut dyn Clipboard,
        shell: &mut Shell<'_, Message>,
    ) {
        if !self.is_pressable {
            return;
        }
        let bounds = layout.bounds();
        self.element.as_widget_mut().update(
            self.tree, event, layout, cursor, renderer, clipboard, shell, &bounds,
        );
        if matches!(event, Event::Mouse(_) | Event::Touch(_)) && cursor.is_over(bounds) {
            shell.capture_event();
        }
    }

    fn mouse_interaction(
        &self,
        layout: Layout<'_>,
        cursor: mouse::Cursor,
        _: &Renderer,
    ) -> mouse::Interaction {
        if self.is_pressable && cursor.is_over(layout.bounds()) {
            mouse::Interaction::Pointer
        } else {
            mouse::Interaction::None
        }
    }

    fn draw(
        &self,
        renderer: &mut Renderer,
        theme: &Theme,
        _: &renderer::Style,
        layout: Layout<'_>,
        cursor: mouse::Cursor,
    ) {
        let bounds = layout.bounds();
        let style = renderer::Style {
            text_color: palette(theme).text,
        };
        self.element
            .as_widget()
            .draw(self.tree, renderer, theme, &style, layout, cursor, &bounds);
    }
}

/// The places of overlays are told from the corner of the window.
pub(super) fn moved(place: Rectangle, corner: Point, translation: Vector) -> Rectangle {
    place + (corner - Point::ORIGIN) + translation
}

/// Room between the frame and the text.
pub(super) const PADDING: Padding = Padding {
    top: 6.0,
    right: 14.0,
    bottom: 6.0,
    left: 10.0,
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_marked_proposal_is_always_in_sight() {
        assert_eq!(first_shown(0, 3), 0);
        assert_eq!(first_shown(2, 3), 0);
        for marked in 0..40 {
            let first = first_shown(marked, 40);
            assert!((first..first + SHOWN).contains(&marked), "{marked}");
            assert!(first + SHOWN <= 40);
        }
    }
}
