//! The form of the page: headings, cards, and the row of a setting.

use iced::widget::text::Wrapping;
use iced::widget::{Column, column, container, row, rule};
use iced::{Alignment, Element, Fill, Padding};

use crate::ui::style::{self, Tone};
use crate::ui::{spacing, text};

use super::Message;

/// From this width on names stand beside their controls.
const WIDE: f32 = 600.0;
/// Width of the names there.
const NAMES: f32 = 216.0;
/// The widest that a control gets.
const CONTROL: f32 = 460.0;
/// Width of the links at the right.
const LINKS: f32 = 108.0;

/// A setting: its name, where it stands, its control, and what is to be said about it.
pub(super) struct Setting<'a> {
    pub name: &'static str,
    pub source: Element<'a, Message>,
    pub control: Element<'a, Message>,
    /// Under the control.
    pub notes: Vec<Element<'a, Message>>,
    /// Reset and the like.
    pub links: Vec<Element<'a, Message>>,
}

impl<'a> Setting<'a> {
    fn view(self, width: f32) -> Element<'a, Message> {
        let name = text::strong(self.name);
        let links = row(self.links).spacing(spacing::S);
        let notes = Column::with_children(self.notes).spacing(spacing::XS);
        let control = column![self.control, notes].spacing(spacing::XS).width(Fill);
        if width < WIDE {
            let head = row![container(name).width(Fill), links].align_y(Alignment::Center);
            return column![head, control, self.source]
                .spacing(spacing::XS)
                .width(Fill)
                .into();
        }
        let names = column![name, self.source].spacing(spacing::XXS).width(NAMES);
        let links = container(links).width(LINKS).align_x(Alignment::End);
        row![
            container(names).padding(Padding::ZERO.top(6.0)),
            container(container(control).max_width(CONTROL)).width(Fill),
            container(links).padding(Padding::ZERO.top(6.0))
        ]
        .spacing(spacing::L)
        .into()
    }
}

/// A heading, and its settings in a card with lines between them.
pub(super) fn section<'a>(
    heading: &'static str,
    settings: Vec<Setting<'a>>,
    width: f32,
) -> Element<'a, Message> {
    let mut lines = Column::new().width(Fill);
    for (index, setting) in settings.into_iter().enumerate() {
        if index > 0 {
            lines = lines.push(rule::horizontal(spacing::LINE).style(style::separator));
        }
        lines = lines.push(container(setting.view(width)).padding([spacing::M, spacing::L]));
    }
    let card = container(lines)
        .padding(spacing::LINE)
        .width(Fill)
        .style(style::card);
    column![text::heading(heading), card]
        .spacing(spacing::S)
        .width(Fill)
        .into()
}

/// A line under a control.
pub(super) fn note<'a>(tone: Tone, words: impl Into<String>) -> Element<'a, Message> {
    let words = text::small(words.into());
    match tone {
        Tone::Neutral => words.style(style::muted),
        tone => words.style(style::toned(tone)),
    }
    .into()
}

/// Where a setting stands, short; the whole path shows under the pointer.
pub(super) fn source<'a>(short: String, whole: Option<String>) -> Element<'a, Message> {
    let words = text::small(short)
        .style(style::muted)
        .wrapping(Wrapping::WordOrGlyph);
    match whole {
        Some(whole) => text::hint(words, whole),
        None => words.into(),
    }
}
