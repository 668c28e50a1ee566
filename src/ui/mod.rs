//! The design system.

pub mod button;
pub mod check_box;
mod field_frame;
mod focus;
pub mod font;
pub mod form_field;
pub mod icon;
pub mod keyboard;
pub mod modal;
mod modal_sheet;
mod modal_stage;
pub mod pick;
mod press;
pub mod segmented;
pub mod spacing;
pub mod style;
pub mod text;
pub mod theme;
