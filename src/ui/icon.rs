//! The product's own icons, drawn on a 16 px grid (the product mark on 20) and tinted by the theme.
//!
//! ```
//! use sextant::ui::{icon, style};
//!
//! let mark: iced::Element<'_, ()> = icon::Icon::Warning.view().style(style::icon(style::Tone::Warning)).into();
//! ```

use std::sync::LazyLock;

use iced::Theme;
use iced::widget::{Svg, svg};

use super::style;

macro_rules! icons {
    ($($(#[$doc:meta])* $name:ident = $file:literal,)*) => {
        /// An icon of the product.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Icon {
            $($(#[$doc])* $name,)*
        }

        impl Icon {
            /// Every icon, in the order of their declaration.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            fn bytes(self) -> &'static [u8] {
                match self {
                    $(Self::$name => include_bytes!(concat!("../../assets/icons/", $file, ".svg")),)*
                }
            }
        }
    };
}

icons! {
    /// The product: a sextant's frame with its arm swung to a sighting.
    Mark = "mark",
    Check = "check",
    Close = "close",
    Warning = "warning",
    /// Wrong: another shape than a warning's, not another colour alone.
    Error = "error",
    Info = "info",
    ArrowUp = "arrow-up",
    ArrowDown = "arrow-down",
    /// What is dragged by it.
    DragHandle = "drag-handle",
    /// Show a password.
    Eye = "eye",
    /// Hide a password.
    EyeOff = "eye-off",
    ChevronDown = "chevron-down",
    ChevronRight = "chevron-right",
    Search = "search",
    /// Left out, nothing; less.
    Dash = "dash",
    /// More.
    Plus = "plus",
    ChevronLeft = "chevron-left",
    Undo = "undo",
    Redo = "redo",
}

/// The side of an icon in logical pixels.
pub const SIZE: f32 = 16.0;

impl Icon {
    /// The picture for iced; made once, because iced finds it again by the hash of its bytes.
    #[must_use]
    pub fn handle(self) -> svg::Handle {
        static HANDLES: LazyLock<Vec<svg::Handle>> = LazyLock::new(|| {
            Icon::ALL
                .iter()
                .map(|icon| svg::Handle::from_memory(icon.bytes()))
                .collect()
        });
        HANDLES
            .get(self as usize)
            .cloned()
            .unwrap_or_else(|| svg::Handle::from_memory(self.bytes()))
    }

    /// The icon in the colour of ordinary text, 16 px (the mark 20 px).
    #[must_use]
    pub fn view<'a>(self) -> Svg<'a, Theme> {
        let side = if self == Self::Mark { 20.0 } else { SIZE };
        svg(self.handle())
            .width(side)
            .height(side)
            .style(style::icon_plain)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_icon_is_its_own_picture() {
        for (index, icon) in Icon::ALL.iter().enumerate() {
            assert_eq!(*icon as usize, index);
            assert!(icon.bytes().starts_with(b"<svg "), "{icon:?}");
            let twins = Icon::ALL
                .iter()
                .filter(|other| other.handle() == icon.handle())
                .count();
            assert_eq!(twins, 1, "{icon:?}");
        }
    }
}
