//! Style functions for iced's own widgets, each a plain `fn(&Theme, ..) -> Style` to be passed to `.style(..)`.
//!
//! ```
//! use iced::widget::{container, text};
//! use sextant::ui::style;
//!
//! let card: iced::Element<'_, ()> =
//!     container(text("12 packages").style(style::muted)).padding(12).style(style::card).into();
//! ```

use iced::widget::{container, progress_bar, rule, scrollable, svg, text, text_editor, text_input};
use iced::{Background, Border, Color, Shadow, Theme, Vector, border};

use super::spacing;
use super::theme::{Palette, palette};

/// What a badge, banner or mark tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Tone {
    #[default]
    Neutral,
    Info,
    Good,
    Warning,
    Bad,
}

impl Tone {
    /// The colour of text and marks of this tone.
    #[must_use]
    pub fn color(self, palette: &Palette) -> Color {
        match self {
            Self::Neutral => palette.muted,
            Self::Info => palette.accent,
            Self::Good => palette.good,
            Self::Warning => palette.warning,
            Self::Bad => palette.bad,
        }
    }
}

fn line(palette: &Palette, radius: f32) -> Border {
    Border {
        color: palette.line,
        width: spacing::LINE,
        radius: radius.into(),
    }
}

fn filled(color: Color) -> container::Style {
    container::Style {
        background: Some(color.into()),
        ..container::Style::default()
    }
}

// Containers

/// Behind a page.
pub fn page(theme: &Theme) -> container::Style {
    let p = palette(theme);
    container::Style {
        text_color: Some(p.text),
        ..filled(p.page)
    }
}

/// A bar, a panel.
pub fn surface(theme: &Theme) -> container::Style {
    filled(palette(theme).surface)
}

/// The navigation rail.
pub fn sunken(theme: &Theme) -> container::Style {
    filled(palette(theme).sunken)
}

/// A raised thing with an edge: an entry of an ordered list, a box with settings.
pub fn card(theme: &Theme) -> container::Style {
    let p = palette(theme);
    container::Style {
        border: line(p, spacing::RADIUS),
        ..filled(p.surface)
    }
}

/// A box pushed back, with an edge: code, a note.
pub fn well(theme: &Theme) -> container::Style {
    let p = palette(theme);
    container::Style {
        border: line(p, spacing::RADIUS),
        ..filled(p.sunken)
    }
}

/// A dialog's sheet.
pub fn dialog(theme: &Theme) -> container::Style {
    let p = palette(theme);
    container::Style {
        text_color: Some(p.text),
        border: line(p, spacing::DIALOG_RADIUS),
        ..filled(p.surface)
    }
}

/// A small word in a capsule.
pub fn badge(theme: &Theme) -> container::Style {
    let p = palette(theme);
    container::Style {
        border: line(p, 10.0),
        ..filled(p.sunken)
    }
}

/// The square behind a service's or tool's mark.
pub fn mark(theme: &Theme) -> container::Style {
    let p = palette(theme);
    container::Style {
        text_color: Some(p.accent),
        border: border::rounded(spacing::RADIUS + 2.0),
        ..filled(p.accent_weak)
    }
}

/// A message that stays where it happened.
pub fn banner(tone: Tone) -> impl Fn(&Theme) -> container::Style {
    move |theme| {
        let p = palette(theme);
        let color = tone.color(p);
        let weight = if p.is_dark { 0.12 } else { 0.08 };
        container::Style {
            text_color: Some(p.text),
            border: Border {
                color: Palette::mix(p.surface, color, if p.is_high_contrast() { 1.0 } else { 0.35 }),
                width: spacing::LINE,
                radius: spacing::RADIUS.into(),
            },
            ..filled(Palette::mix(p.surface, color, weight))
        }
    }
}

/// The ring of a step that has not begun.
pub fn hollow(theme: &Theme) -> container::Style {
    let border = Border {
        color: palette(theme).edge,
        width: 1.5,
        radius: 4.0.into(),
    };
    container::Style {
        border,
        ..container::Style::default()
    }
}

/// What lies above the page: a toast, a tooltip. A stronger edge stands in for a shadow, which the CPU renderer would
/// draw anew, unclipped, with every partly redrawn frame.
pub fn floating(theme: &Theme) -> container::Style {
    let p = palette(theme);
    container::Style {
        text_color: Some(p.text),
        border: Border {
            color: Palette::mix(p.field_edge(), p.edge, 0.35),
            ..line(p, spacing::RADIUS + 2.0)
        },
        ..filled(if p.is_dark {
            Palette::mix(p.surface, p.text, 0.04)
        } else {
            p.surface
        })
    }
}

/// A tooltip.
pub fn tooltip(theme: &Theme) -> container::Style {
    floating(theme)
}

// Texts

fn colored(color: Color) -> text::Style {
    text::Style { color: Some(color) }
}

/// Text that may be skipped.
pub fn muted(theme: &Theme) -> text::Style {
    colored(palette(theme).muted)
}

/// Ordinary text, where the surroundings would colour it otherwise.
pub fn plain(theme: &Theme) -> text::Style {
    colored(palette(theme).text)
}

pub fn accent(theme: &Theme) -> text::Style {
    colored(palette(theme).accent)
}

pub fn good(theme: &Theme) -> text::Style {
    colored(palette(theme).good)
}

pub fn warning(theme: &Theme) -> text::Style {
    colored(palette(theme).warning)
}

pub fn bad(theme: &Theme) -> text::Style {
    colored(palette(theme).bad)
}

/// Text of a tone; a neutral one is ordinary text.
pub fn toned(tone: Tone) -> impl Fn(&Theme) -> text::Style {
    move |theme| match tone {
        Tone::Neutral => plain(theme),
        tone => colored(tone.color(palette(theme))),
    }
}

/// An icon of a tone.
pub fn icon(tone: Tone) -> impl Fn(&Theme, svg::Status) -> svg::Style {
    move |theme, _| svg::Style {
        color: Some(tone.color(palette(theme))),
    }
}

/// An icon in the colour of ordinary text.
pub fn icon_plain(theme: &Theme, _: svg::Status) -> svg::Style {
    svg::Style {
        color: Some(palette(theme).text),
    }
}

// Lines and bars

/// A separating line.
pub fn separator(theme: &Theme) -> rule::Style {
    rule::Style {
        color: palette(theme).line,
        radius: 0.0.into(),
        fill_mode: rule::FillMode::Full,
        snap: true,
    }
}

/// A progress bar.
pub fn progress(theme: &Theme) -> progress_bar::Style {
    let p = palette(theme);
    progress_bar::Style {
        background: Palette::mix(p.line, p.sunken, 0.3).into(),
        bar: p.accent.into(),
        border: border::rounded(3),
    }
}

/// A scrollable's slim bar.
pub fn scroll(theme: &Theme, status: scrollable::Status) -> scrollable::Style {
    let p = palette(theme);
    let rest = Palette::mix(p.line, p.muted, 0.35);
    let scroller = |active: bool| scrollable::Rail {
        background: None,
        border: Border::default(),
        scroller: scrollable::Scroller {
            background: Background::Color(if active { p.muted } else { rest }),
            border: border::rounded(3),
        },
    };
    let (vertical, horizontal) = match status {
        scrollable::Status::Active { .. } => (false, false),
        scrollable::Status::Hovered {
            is_vertical_scrollbar_hovered,
            is_horizontal_scrollbar_hovered,
            ..
        } => (is_vertical_scrollbar_hovered, is_horizontal_scrollbar_hovered),
        scrollable::Status::Dragged {
            is_vertical_scrollbar_dragged,
            is_horizontal_scrollbar_dragged,
            ..
        } => (is_vertical_scrollbar_dragged, is_horizontal_scrollbar_dragged),
    };
    scrollable::Style {
        container: container::Style::default(),
        vertical_rail: scroller(vertical),
        horizontal_rail: scroller(horizontal),
        gap: None,
        auto_scroll: scrollable::AutoScroll {
            background: p.surface.into(),
            border: line(p, 16.0),
            shadow: Shadow {
                color: Color::TRANSPARENT,
                offset: Vector::ZERO,
                blur_radius: 0.0,
            },
            icon: p.text,
        },
    }
}

// Fields

/// The bare text of a field; its frame is drawn by [`form_field`](super::form_field).
pub fn bare_input(theme: &Theme, status: text_input::Status) -> text_input::Style {
    let p = palette(theme);
    let is_disabled = status == text_input::Status::Disabled;
    text_input::Style {
        background: Color::TRANSPARENT.into(),
        border: Border::default(),
        icon: p.muted,
        placeholder: p.muted,
        value: if is_disabled { p.muted } else { p.text },
        selection: Palette::mix(p.surface, p.accent, 0.3),
    }
}

/// A file's editor.
pub fn editor(theme: &Theme, status: text_editor::Status) -> text_editor::Style {
    let p = palette(theme);
    let is_focused = matches!(status, text_editor::Status::Focused { .. });
    text_editor::Style {
        background: p.surface.into(),
        border: Border {
            color: if is_focused { p.accent } else { p.line },
            width: if is_focused { 2.0 } else { spacing::LINE },
            radius: spacing::RADIUS.into(),
        },
        placeholder: p.muted,
        value: p.text,
        selection: Palette::mix(p.surface, p.accent, 0.3),
    }
}
