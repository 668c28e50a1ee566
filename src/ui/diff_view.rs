//! What a file change looks like: added and removed lines by colour and by sign.
//!
//! ```
//! use sextant::ui::diff_view::{Diff, DiffLine, LineKind, diff_view};
//!
//! let diff = Diff {
//!     path: ".condarc".into(),
//!     lines: vec![
//!         DiffLine::new(LineKind::Removed, "channels: []"),
//!         DiffLine::new(LineKind::Added, "channels:"),
//!         DiffLine::new(LineKind::Added, "  - research"),
//!     ],
//! };
//! let view: iced::Element<'_, ()> = diff_view(&diff);
//! ```

use iced::widget::text::Wrapping;
use iced::widget::{Column, column, container, row};
use iced::{Element, Length, Padding, Theme, border};

use super::theme::palette;
use super::{font, spacing, style, text};

/// What happens to a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LineKind {
    Added,
    Removed,
    /// Stays, shown for orientation.
    Context,
    /// Stands for lines left out; its text says how many.
    Gap,
}

/// A line without its line end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DiffLine {
    pub kind: LineKind,
    pub text: String,
}

impl DiffLine {
    pub fn new(kind: LineKind, text: impl Into<String>) -> Self {
        Self {
            kind,
            text: text.into(),
        }
    }
}

/// The change of one file. The caller masks secrets before they get here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diff {
    pub path: String,
    pub lines: Vec<DiffLine>,
}

/// Draws one file's change, as high as it is; long lines wrap. Put it into a scrollable where it may be long.
pub fn diff_view<'a, Message: 'a>(diff: &Diff) -> Element<'a, Message> {
    let count = diff.lines.len();
    let lines = diff.lines.iter().enumerate().map(|(index, line)| {
        let corner = |is_at_end: bool| {
            if is_at_end {
                spacing::RADIUS - spacing::LINE
            } else {
                0.0
            }
        };
        line_view(line, corner(index == 0), corner(index + 1 == count))
    });
    let path = text::small(diff.path.clone()).style(style::muted);
    let body: Element<'a, Message> = if count == 0 {
        let words = text::small("No change").style(style::muted);
        container(words).padding([spacing::XS, spacing::M]).into()
    } else {
        Column::with_children(lines).width(Length::Fill).into()
    };
    let frame = container(body)
        .width(Length::Fill)
        .padding(spacing::LINE)
        .style(style::card);
    column![path, frame]
        .spacing(spacing::S)
        .width(Length::Fill)
        .into()
}

fn line_view<'a, Message: 'a>(line: &DiffLine, top: f32, bottom: f32) -> Element<'a, Message> {
    let kind = line.kind;
    let sign = match kind {
        LineKind::Added => "+",
        LineKind::Removed => "-",
        LineKind::Context | LineKind::Gap => " ",
    };
    let mono = |content: String| text::small(content).font(font::MONOSPACE);
    // Tabs have no width of their own in the text engine.
    let content = mono(line.text.replace('\t', "    ")).wrapping(Wrapping::WordOrGlyph);
    let content = if kind == LineKind::Gap {
        content.style(style::muted)
    } else {
        content
    };
    let parts = row![
        container(mono(sign.to_owned())).width(spacing::M),
        container(content).width(Length::Fill)
    ];
    container(parts)
        .width(Length::Fill)
        .padding(Padding::from([1.0, spacing::M]))
        .style(move |theme: &Theme| {
            let p = palette(theme);
            let background = match kind {
                LineKind::Added => Some(p.added),
                LineKind::Removed => Some(p.removed),
                LineKind::Gap => Some(p.sunken),
                LineKind::Context => None,
            };
            container::Style {
                background: background.map(Into::into),
                text_color: Some(p.text),
                border: border::rounded(border::Radius::default().top(top).bottom(bottom)),
                ..container::Style::default()
            }
        })
        .into()
}
