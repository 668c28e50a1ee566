//! What is known about one thing: names at the left, values beside them.
//!
//! ```
//! use sextant::ui::facts::{Fact, facts};
//! use sextant::ui::style::Tone;
//!
//! let certificate: iced::Element<'_, ()> = facts([
//!     Fact::new("Issued by", "Example Corp Root CA"),
//!     Fact::new("Valid until", "2026-03-01 12:00 UTC").tone(Tone::Bad),
//! ]);
//! ```

use iced::widget::{Column, container, row};
use iced::{Element, Length};

use super::style::{self, Tone};
use super::{font, spacing, text};

/// The width of the names.
const NAMES: f32 = 88.0;

/// A name and its value.
pub struct Fact<'a, Message> {
    name: String,
    value: String,
    tone: Tone,
    is_monospace: bool,
    trailing: Option<Element<'a, Message>>,
}

impl<'a, Message: 'a> Fact<'a, Message> {
    pub fn new(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            value: value.into(),
            tone: Tone::Neutral,
            is_monospace: false,
            trailing: None,
        }
    }

    /// How the value is to be taken: the one that is the trouble is [`Tone::Bad`].
    #[must_use]
    pub fn tone(mut self, tone: Tone) -> Self {
        self.tone = tone;
        self
    }

    /// For values that are compared sign by sign.
    #[must_use]
    pub fn monospace(mut self) -> Self {
        self.is_monospace = true;
        self
    }

    /// What stands at the right: a small button.
    #[must_use]
    pub fn trailing(mut self, element: impl Into<Element<'a, Message>>) -> Self {
        self.trailing = Some(element.into());
        self
    }

    fn view(self) -> Element<'a, Message> {
        let value = text::small(self.value).style(style::toned(self.tone));
        let value = if self.is_monospace {
            value.font(font::MONOSPACE)
        } else {
            value
        };
        let name = container(text::small(self.name).style(style::muted)).width(NAMES);
        row![name, container(value).width(Length::Fill), self.trailing]
            .spacing(spacing::S)
            .into()
    }
}

/// The facts under each other, in a box.
pub fn facts<'a, Message: 'a>(facts: impl IntoIterator<Item = Fact<'a, Message>>) -> Element<'a, Message> {
    let lines = Column::with_children(facts.into_iter().map(Fact::view)).spacing(spacing::XS);
    container(lines)
        .padding(spacing::M)
        .width(Length::Fill)
        .style(style::well)
        .into()
}
