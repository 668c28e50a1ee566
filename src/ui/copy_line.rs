//! Something to be used elsewhere, an address or a command, with the button that copies it.
//!
//! ```
//! use sextant::ui::{button, copy_line::copy_line};
//!
//! #[derive(Clone)]
//! enum Message { CopyPressed }
//!
//! let line: iced::Element<'_, Message> =
//!     copy_line("kinit jsmith@EXAMPLE.COM", button::small_link("Copy").on_press(Message::CopyPressed));
//! ```

use iced::widget::{container, row};
use iced::{Center, Element, Length};

use super::button::Button;
use super::{font, spacing, style, text};

/// Of a text longer than this many lines only the beginning is shown; it is copied whole.
const LINES: f32 = 3.0;

/// The text in a box as wide as its place, the button at its right.
pub fn copy_line<'a, Message: Clone + 'a>(
    content: impl Into<String>,
    button: Button<'a, Message>,
) -> Element<'a, Message> {
    let words = text::small(content.into())
        .font(font::MONOSPACE)
        .style(style::plain);
    let words = container(words)
        .width(Length::Fill)
        .max_height(LINES * 16.0)
        .clip(true);
    container(row![words, button].spacing(spacing::S).align_y(Center))
        .padding([spacing::S, spacing::M])
        .width(Length::Fill)
        .style(style::well)
        .into()
}
