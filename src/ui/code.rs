//! A code that a person types elsewhere: large, each sign in a place of its own, so that none is misread or skipped.
//!
//! ```
//! use sextant::ui::code::code;
//!
//! let shown: iced::Element<'_, ()> = code("WDJB-MJHT");
//! ```

use iced::advanced::widget::{Operation, Tree, Widget};
use iced::advanced::{Layout, layout, mouse, renderer};
use iced::{Element, Length, Point, Rectangle, Renderer, Size, Theme};

use super::{font, text};

const SIGN: f32 = 28.0;
const CELL: Size = Size::new(25.0, 40.0);

/// The signs side by side, in several lines where they do not fit. Tests and selectors find the code as a whole.
pub fn code<'a, Message: 'a>(code: &str) -> Element<'a, Message> {
    let sign = |sign: char| {
        text::title(sign.to_string())
            .size(SIGN)
            .font(font::MONOSPACE)
            .into()
    };
    Element::new(Code {
        signs: code.chars().map(sign).collect(),
        code: code.to_owned(),
    })
}

struct Code<'a, Message> {
    code: String,
    signs: Vec<Element<'a, Message>>,
}

impl<Message> Widget<Message, Theme, Renderer> for Code<'_, Message> {
    fn children(&self) -> Vec<Tree> {
        self.signs.iter().map(Tree::new).collect()
    }

    fn diff(&self, tree: &mut Tree) {
        tree.diff_children(&self.signs);
    }

    fn size(&self) -> Size<Length> {
        Size::new(Length::Shrink, Length::Shrink)
    }

    fn layout(&mut self, tree: &mut Tree, renderer: &Renderer, limits: &layout::Limits) -> layout::Node {
        let fitting = (limits.max().width / CELL.width).floor().max(1.0) as usize;
        let columns = fitting.min(self.signs.len()).max(1);
        let lines = self.signs.len().div_ceil(columns);
        let room = layout::Limits::new(Size::ZERO, CELL);
        let nodes = self.signs.iter_mut().zip(&mut tree.children).enumerate();
        let nodes = nodes.map(|(index, (sign, child))| {
            let node = sign.as_widget_mut().layout(child, renderer, &room);
            let (column, line) = (index % columns, index / columns);
            let x = column as f32 * CELL.width + (CELL.width - node.size().width) / 2.0;
            let y = line as f32 * CELL.height + (CELL.height - node.size().height) / 2.0;
            node.move_to(Point::new(x, y))
        });
        let nodes = nodes.collect();
        let size = Size::new(columns as f32 * CELL.width, lines as f32 * CELL.height);
        layout::Node::with_children(size, nodes)
    }

    fn operate(&mut self, _: &mut Tree, layout: Layout<'_>, _: &Renderer, operation: &mut dyn Operation) {
        operation.text(None, layout.bounds(), &self.code);
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
        for ((sign, child), layout) in self.signs.iter().zip(&tree.children).zip(layout.children()) {
            sign.as_widget()
                .draw(child, renderer, theme, style, layout, cursor, viewport);
        }
    }
}

#[cfg(test)]
mod tests {
    use iced_test::{Simulator, simulator};

    use super::*;

    #[test]
    fn a_code_is_found_as_a_whole() {
        let mut ui = simulator(code::<()>("WDJB-MJHT"));
        assert!(ui.find("WDJB-MJHT").is_ok());
        assert!(ui.find("W").is_err(), "its signs are no texts of their own");
    }

    #[test]
    fn a_code_that_does_not_fit_takes_more_lines() {
        let height = |width: f32| {
            let mut ui: Simulator<'_, ()> = Simulator::with_size(
                crate::ui::font::settings(),
                Size::new(width, 400.0),
                code("WDJB-MJHT"),
            );
            ui.find("WDJB-MJHT").expect("the code").bounds().height
        };
        assert_eq!(height(600.0), CELL.height);
        assert_eq!(height(5.0 * CELL.width), 2.0 * CELL.height);
        assert_eq!(height(1.0), 9.0 * CELL.height);
    }
}
