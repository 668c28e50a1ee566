//! The four sizes of text in two weights.
//!
//! Each function gives iced's own [`Text`], to be styled further: `text::small("364 days left").style(style::muted)`.
//! Long words (addresses, paths) break anywhere rather than run out of their box.

use std::time::Duration;

use iced::widget::text::{IntoFragment, LineHeight, Wrapping};
use iced::widget::{Text, container, row, space, text, tooltip};
use iced::{Center, Element, Length, Pixels, Theme, border};

use super::theme::palette;
use super::{font, spacing, style};

fn sized<'a>(content: impl IntoFragment<'a>, size: f32, line_height: f32) -> Text<'a, Theme> {
    text(content)
        .size(size)
        .font(font::REGULAR)
        .line_height(LineHeight::Absolute(Pixels(line_height)))
        .wrapping(Wrapping::WordOrGlyph)
}

/// A page's or dialog's title.
pub fn title<'a>(content: impl IntoFragment<'a>) -> Text<'a, Theme> {
    sized(content, spacing::TITLE, 28.0).font(font::STRONG)
}

/// The heading of a part.
pub fn heading<'a>(content: impl IntoFragment<'a>) -> Text<'a, Theme> {
    sized(content, spacing::HEADING, 20.0).font(font::STRONG)
}

/// What is read.
pub fn body<'a>(content: impl IntoFragment<'a>) -> Text<'a, Theme> {
    sized(content, spacing::BODY, 20.0)
}

/// What is read, with weight: a name in a row.
pub fn strong<'a>(content: impl IntoFragment<'a>) -> Text<'a, Theme> {
    body(content).font(font::STRONG)
}

/// Labels, hints, notes.
pub fn small<'a>(content: impl IntoFragment<'a>) -> Text<'a, Theme> {
    sized(content, spacing::SMALL, 16.0)
}

/// A table's header.
pub fn column_header<'a>(content: impl IntoFragment<'a>) -> Text<'a, Theme> {
    small(content).font(font::STRONG).style(style::muted)
}

/// A text in a cell of fixed width: one line, cut at the edge of the cell.
pub fn cell<'a, Message: 'a>(content: Text<'a, Theme>, width: impl Into<Length>) -> Element<'a, Message> {
    container(content.wrapping(Wrapping::None))
        .width(width)
        .clip(true)
        .into()
}

/// A short word in a capsule, such as `mirror`.
pub fn badge<'a, Message: 'a>(content: impl IntoFragment<'a>, tone: style::Tone) -> Element<'a, Message> {
    let words = small(content)
        .wrapping(Wrapping::None)
        .style(move |theme| match tone {
            style::Tone::Neutral => style::muted(theme),
            tone => style::toned(tone)(theme),
        });
    container(words).padding([1, 8]).style(style::badge).into()
}

/// A coloured dot.
pub fn state_dot<'a, Message: 'a>(tone: style::Tone) -> Element<'a, Message> {
    container(space().width(8).height(8))
        .style(move |theme: &Theme| container::Style {
            background: Some(tone.color(palette(theme)).into()),
            border: border::rounded(4),
            ..container::Style::default()
        })
        .into()
}

/// A coloured dot before a state, such as `Connected to ...`.
pub fn state<'a, Message: 'a>(
    tone: style::Tone,
    content: impl Into<Element<'a, Message>>,
) -> Element<'a, Message> {
    row![state_dot(tone), content.into()]
        .spacing(spacing::M)
        .align_y(Center)
        .into()
}

/// An explanation that appears while the pointer rests on `content`.
pub fn hint<'a, Message: 'a>(
    content: impl Into<Element<'a, Message>>,
    explanation: impl IntoFragment<'a>,
) -> Element<'a, Message> {
    let bubble = container(small(explanation))
        .padding([spacing::XS, spacing::S])
        .max_width(320)
        .style(style::tooltip);
    tooltip(content, bubble, tooltip::Position::Bottom)
        .gap(spacing::XS)
        .delay(HINT_DELAY)
        .into()
}

const HINT_DELAY: Duration = Duration::from_millis(400);
