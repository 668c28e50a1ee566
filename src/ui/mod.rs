//! The design system.

pub mod banner;
pub mod button;
pub mod check_box;
pub mod diff_view;
mod field_frame;
mod focus;
pub mod font;
pub mod form_field;
pub mod icon;
pub mod key_region;
pub mod keyboard;
pub mod modal;
mod modal_sheet;
mod modal_stage;
pub mod pick;
mod press;
pub mod progress;
pub mod segmented;
pub mod spacing;
pub mod status_line;
pub mod style;
pub mod text;
pub mod theme;
pub mod toast;
pub mod virtual_list;
