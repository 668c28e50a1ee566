//! Colours: four palettes, and the choice between them.
//!
//! iced's own [`Theme`] carries the palette by its name: [`palette`] finds ours again from any theme, so style
//! functions (see [`style`](super::style)) need nothing but the theme they are given and no screen names a colour.

use std::sync::LazyLock;

use iced::theme::Base;
use iced::{Color, Theme, theme};

/// Every colour of the product, by what it is for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Palette {
    pub name: &'static str,
    /// Behind the page.
    pub page: Color,
    /// Bars, cards, fields, dialogs.
    pub surface: Color,
    /// The navigation rail, badges, things pushed back.
    pub sunken: Color,
    pub text: Color,
    /// Text that may be skipped.
    pub muted: Color,
    /// Separating lines and the edge of cards.
    pub line: Color,
    /// The edge of a control that has no other shape: check boxes, and in high contrast every field.
    pub edge: Color,
    pub accent: Color,
    /// Text and marks on `accent`.
    pub on_accent: Color,
    /// A selected entry, a mark's background.
    pub accent_weak: Color,
    pub good: Color,
    pub warning: Color,
    pub bad: Color,
    /// Background of an added line.
    pub added: Color,
    /// Background of a removed line.
    pub removed: Color,
    /// Laid over the window while a dialog is open.
    pub scrim: Color,
    pub is_dark: bool,
}

/// A colour written as `0xrrggbb`.
const fn rgb(hex: u32) -> Color {
    Color::from_rgb8((hex >> 16) as u8, (hex >> 8) as u8, hex as u8)
}

impl Palette {
    pub const LIGHT: Self = Self {
        name: "Sextant Light",
        page: rgb(0xf6f6f4),
        surface: rgb(0xffffff),
        sunken: rgb(0xefefec),
        text: rgb(0x1d1d1b),
        muted: rgb(0x6a6a65),
        line: rgb(0xe2e2dd),
        edge: rgb(0x8a8a84),
        accent: rgb(0x0b6e63),
        on_accent: rgb(0xffffff),
        accent_weak: rgb(0xe0f0ed),
        good: rgb(0x2e7d4f),
        warning: rgb(0x9a6700),
        bad: rgb(0xb3261e),
        added: rgb(0xe3f4e6),
        removed: rgb(0xfbe6e4),
        scrim: Color::from_rgba(0.07, 0.07, 0.06, 0.42),
        is_dark: false,
    };

    pub const DARK: Self = Self {
        name: "Sextant Dark",
        page: rgb(0x161716),
        surface: rgb(0x1f201f),
        sunken: rgb(0x191a19),
        text: rgb(0xececea),
        muted: rgb(0x9b9b95),
        line: rgb(0x333431),
        edge: rgb(0x7c7c76),
        accent: rgb(0x4cc2b2),
        on_accent: rgb(0x0f1615),
        accent_weak: rgb(0x173631),
        good: rgb(0x6cc48e),
        warning: rgb(0xd9a441),
        bad: rgb(0xf2877e),
        added: rgb(0x18331f),
        removed: rgb(0x3d1f1c),
        scrim: Color::from_rgba(0.0, 0.0, 0.0, 0.58),
        is_dark: true,
    };

    pub const LIGHT_HIGH_CONTRAST: Self = Self {
        name: "Sextant Light, high contrast",
        page: rgb(0xffffff),
        surface: rgb(0xffffff),
        sunken: rgb(0xf2f2f0),
        text: rgb(0x000000),
        muted: rgb(0x2f2f2c),
        line: rgb(0x6b6b66),
        edge: rgb(0x000000),
        accent: rgb(0x00483f),
        on_accent: rgb(0xffffff),
        accent_weak: rgb(0xc9ebe5),
        good: rgb(0x0c4f29),
        warning: rgb(0x5f3f00),
        bad: rgb(0x8a0d07),
        added: rgb(0xc9f0d1),
        removed: rgb(0xffd9d5),
        scrim: Color::from_rgba(0.0, 0.0, 0.0, 0.6),
        is_dark: false,
    };

    pub const DARK_HIGH_CONTRAST: Self = Self {
        name: "Sextant Dark, high contrast",
        page: rgb(0x000000),
        surface: rgb(0x000000),
        sunken: rgb(0x111211),
        text: rgb(0xffffff),
        muted: rgb(0xd8d8d3),
        line: rgb(0x8f8f89),
        edge: rgb(0xffffff),
        accent: rgb(0x72f2de),
        on_accent: rgb(0x000000),
        accent_weak: rgb(0x0a4a41),
        good: rgb(0x93f2b6),
        warning: rgb(0xffcb66),
        bad: rgb(0xffb1a9),
        added: rgb(0x053f1a),
        removed: rgb(0x5a130d),
        scrim: Color::from_rgba(0.0, 0.0, 0.0, 0.78),
        is_dark: true,
    };

    const ALL: [&'static Self; 4] = [
        &Self::LIGHT,
        &Self::DARK,
        &Self::LIGHT_HIGH_CONTRAST,
        &Self::DARK_HIGH_CONTRAST,
    ];

    /// `amount` (0 to 1) of `over` laid on `under`.
    #[must_use]
    pub fn mix(under: Color, over: Color, amount: f32) -> Color {
        let blend = |a: f32, b: f32| a + (b - a) * amount;
        Color::from_rgba(
            blend(under.r, over.r),
            blend(under.g, over.g),
            blend(under.b, over.b),
            blend(under.a, over.a),
        )
    }

    /// The edge of a text field at rest: a quiet line, but in high contrast as strong as any control's.
    #[must_use]
    pub fn field_edge(&self) -> Color {
        if self.is_high_contrast() {
            self.edge
        } else {
            Self::mix(self.line, self.edge, 0.35)
        }
    }

    /// Whether this is one of the two high-contrast palettes.
    #[must_use]
    pub fn is_high_contrast(&self) -> bool {
        self.name == Self::LIGHT_HIGH_CONTRAST.name || self.name == Self::DARK_HIGH_CONTRAST.name
    }

    fn theme(self) -> Theme {
        Theme::custom(
            self.name,
            theme::Palette {
                background: self.page,
                text: self.text,
                primary: self.accent,
                success: self.good,
                warning: self.warning,
                danger: self.bad,
            },
        )
    }
}

/// Our palette behind a theme. A theme that is not ours (iced's own light or dark) gets the standard palette
/// of the same brightness.
#[must_use]
pub fn palette(theme: &Theme) -> &'static Palette {
    let name = theme.name();
    Palette::ALL
        .into_iter()
        .find(|palette| palette.name == name)
        .unwrap_or(if theme.extended_palette().is_dark {
            &Palette::DARK
        } else {
            &Palette::LIGHT
        })
}

/// What the person chose in Preferences.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Preference {
    /// As the system has it, now and when it changes.
    #[default]
    System,
    Light,
    Dark,
}

/// How strongly things stand out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Contrast {
    #[default]
    Standard,
    High,
}

/// Everything the look depends on.
///
/// The app keeps one, sets `system` from `iced::system::theme` at start and from
/// `iced::system::theme_changes` afterwards, and hands [`Appearance::theme`] to iced.
///
/// ```
/// use iced::theme::Mode;
/// use sextant::ui::theme::{Appearance, Contrast, Palette, Preference, palette};
///
/// let mut appearance = Appearance::default();
/// appearance.system = Mode::Dark;
/// assert_eq!(palette(&appearance.theme()), &Palette::DARK);
/// appearance.preference = Preference::Light;
/// appearance.contrast = Contrast::High;
/// assert_eq!(palette(&appearance.theme()), &Palette::LIGHT_HIGH_CONTRAST);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Appearance {
    /// What the system says; `Mode::None` where it says nothing, which is drawn light.
    pub system: theme::Mode,
    pub preference: Preference,
    pub contrast: Contrast,
}

impl Appearance {
    /// The theme to draw with. Cheap: the four themes are built once.
    #[must_use]
    pub fn theme(self) -> Theme {
        static THEMES: LazyLock<[Theme; 4]> = LazyLock::new(|| Palette::ALL.map(|palette| palette.theme()));

        let is_dark = match self.preference {
            Preference::System => self.system == theme::Mode::Dark,
            Preference::Light => false,
            Preference::Dark => true,
        };
        let [light, dark, light_high, dark_high] = &*THEMES;
        match (is_dark, self.contrast) {
            (false, Contrast::Standard) => light,
            (true, Contrast::Standard) => dark,
            (false, Contrast::High) => light_high,
            (true, Contrast::High) => dark_high,
        }
        .clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_readable_in_every_palette() {
        for p in Palette::ALL {
            let is_high = p.is_high_contrast();
            let (body, side) = if is_high { (7.0, 7.0) } else { (7.0, 4.5) };
            for background in [p.page, p.surface, p.sunken, p.accent_weak, p.added, p.removed] {
                let contrast = p.text.relative_contrast(background);
                assert!(contrast >= body, "{}: text {contrast}", p.name);
            }
            for background in [p.page, p.surface, p.sunken] {
                for (what, color) in [
                    ("muted", p.muted),
                    ("accent", p.accent),
                    ("good", p.good),
                    ("warning", p.warning),
                    ("bad", p.bad),
                ] {
                    let contrast = color.relative_contrast(background);
                    // On the sunken tone, where only badges stand, the given green and ochre come out lower.
                    let is_badge = background == p.sunken && what != "muted" && !is_high;
                    let least = if is_badge { 4.2 } else { side - 0.005 };
                    assert!(contrast >= least, "{}: {what} {contrast}", p.name);
                }
            }
            assert!(
                p.on_accent.relative_contrast(p.accent) >= side,
                "{}: on accent",
                p.name
            );
            assert!(
                p.accent.relative_contrast(p.accent_weak) >= 4.5,
                "{}: selected entry",
                p.name
            );
            assert!(
                p.edge.relative_contrast(p.surface) >= 3.0,
                "{}: edge of controls",
                p.name
            );
        }
    }

    #[test]
    fn a_theme_finds_its_palette_again() {
        for p in Palette::ALL {
            assert_eq!(palette(&p.theme()), p);
            assert_eq!(p.theme().extended_palette().is_dark, p.is_dark, "{}", p.name);
        }
        assert_eq!(palette(&Theme::Nord), &Palette::DARK);
        assert_eq!(palette(&Theme::Light), &Palette::LIGHT);
    }

    #[test]
    fn the_preference_outweighs_the_system() {
        let of = |system, preference, contrast| {
            palette(
                &Appearance {
                    system,
                    preference,
                    contrast,
                }
                .theme(),
            )
            .name
        };
        use theme::Mode;
        assert_eq!(
            of(Mode::None, Preference::System, Contrast::Standard),
            Palette::LIGHT.name
        );
        assert_eq!(
            of(Mode::Dark, Preference::System, Contrast::High),
            Palette::DARK_HIGH_CONTRAST.name
        );
        assert_eq!(
            of(Mode::Dark, Preference::Light, Contrast::Standard),
            Palette::LIGHT.name
        );
        assert_eq!(
            of(Mode::Light, Preference::Dark, Contrast::Standard),
            Palette::DARK.name
        );
    }
}
