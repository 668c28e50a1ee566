//! What a button looks like: its kind and how it is held give its colours.

use iced::Color;

use super::press::Look;
use super::theme::Palette;

/// What a button is for; its colours follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Primary,
    Secondary,
    Link,
    QuietDanger,
    Nav { is_selected: bool },
    Icon,
    Header,
}

/// The colours of a button: background, text and edge.
pub(super) struct Paint {
    pub background: Color,
    pub text: Color,
    pub edge: Color,
}

pub(super) fn paint(p: &Palette, kind: Kind, look: Look) -> Paint {
    let clear = Color::TRANSPARENT;
    let toward_text = match look {
        Look::Hovered => 0.06,
        Look::Pressed => 0.12,
        Look::Resting | Look::Disabled => 0.0,
    };
    let shade = |color| Palette::mix(color, p.text, toward_text);
    let tint = |color: Color| {
        if toward_text > 0.0 {
            color.scale_alpha(toward_text * 1.5)
        } else {
            clear
        }
    };
    if look == Look::Disabled {
        let text = Palette::mix(p.sunken, p.muted, 0.6);
        return match kind {
            Kind::Primary => Paint {
                background: Palette::mix(p.sunken, p.text, 0.06),
                text,
                edge: clear,
            },
            Kind::Secondary => Paint {
                background: p.sunken,
                text,
                edge: p.line,
            },
            _ => Paint {
                background: clear,
                text,
                edge: clear,
            },
        };
    }
    match kind {
        Kind::Primary => Paint {
            background: Palette::mix(p.accent, p.text, toward_text * 2.0),
            text: p.on_accent,
            edge: clear,
        },
        Kind::Secondary => Paint {
            background: shade(p.surface),
            text: p.text,
            edge: Palette::mix(p.line, p.text, toward_text),
        },
        Kind::Link => Paint {
            background: tint(p.accent),
            text: p.accent,
            edge: clear,
        },
        Kind::QuietDanger => Paint {
            background: tint(p.bad),
            text: p.bad,
            edge: clear,
        },
        Kind::Nav { is_selected: true } => Paint {
            background: p.accent_weak,
            text: p.accent,
            edge: clear,
        },
        Kind::Nav { is_selected: false } => Paint {
            background: tint(p.text),
            text: p.muted,
            edge: clear,
        },
        Kind::Icon => Paint {
            background: tint(p.text),
            text: p.muted,
            edge: clear,
        },
        Kind::Header => {
            let text = if look == Look::Resting { p.muted } else { p.text };
            Paint {
                background: clear,
                text,
                edge: clear,
            }
        }
    }
}
