//! The one bundled font, in two weights: Inter Regular and Inter SemiBold (SIL Open Font License, the
//! text lies beside the font files).

use iced::{Font, Settings, font};

use super::spacing;

/// The font files to load at start.
pub const FONTS: &[&[u8]] = &[
    include_bytes!("../../assets/fonts/Inter-Regular.otf"),
    include_bytes!("../../assets/fonts/Inter-SemiBold.otf"),
];

/// The weight of everything that is read.
pub const REGULAR: Font = Font::with_name("Inter");

/// The weight of titles, names and buttons that act.
pub const STRONG: Font = Font {
    weight: font::Weight::Semibold,
    ..REGULAR
};

/// Lines of files, where columns must stand under each other.
pub const MONOSPACE: Font = Font::MONOSPACE;

/// The heads of sections in files.
pub const MONOSPACE_STRONG: Font = Font {
    weight: font::Weight::Bold,
    ..MONOSPACE
};

/// iced's settings with the fonts loaded, the default font and the default text size set. The program and
/// every test start from these, so that both draw the same.
///
/// ```
/// let settings = sextant::ui::font::settings();
/// assert_eq!(settings.default_font, sextant::ui::font::REGULAR);
/// ```
#[must_use]
pub fn settings() -> Settings {
    Settings {
        fonts: FONTS.iter().map(|bytes| (*bytes).into()).collect(),
        default_font: REGULAR,
        default_text_size: spacing::BODY.into(),
        ..Settings::default()
    }
}
