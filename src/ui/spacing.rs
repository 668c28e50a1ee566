//! Measures: a 4 px grid, control and row heights, corners, and the four text sizes.
//!
//! All values are logical pixels at 100 %. A person's text size (80 to 200 %) is iced's `scale_factor`,
//! which enlarges everything alike, so no screen ever multiplies by it.

/// Half a step: between an icon and its text in dense rows.
pub const XXS: f32 = 2.0;
/// One step of the grid.
pub const XS: f32 = 4.0;
/// Between controls that belong together.
pub const S: f32 = 8.0;
/// Inside controls, between cells.
pub const M: f32 = 12.0;
/// Between groups.
pub const L: f32 = 16.0;
/// Inside dialogs, between a page's parts.
pub const XL: f32 = 24.0;
/// Around a page.
pub const PAGE: f32 = 28.0;

/// Height of a button.
pub const BUTTON_HEIGHT: f32 = 32.0;
/// Height of a text field.
pub const FIELD_HEIGHT: f32 = 36.0;
/// Height of a row of a list or table, its separating line included.
pub const ROW_HEIGHT: f32 = 36.0;
/// Height of an entry of the navigation rail.
pub const NAV_HEIGHT: f32 = 34.0;
/// Height of the bar at the top of the window.
pub const TOP_BAR_HEIGHT: f32 = 52.0;
/// Height of the status line.
pub const STATUS_HEIGHT: f32 = 28.0;
/// Width of the navigation rail.
pub const RAIL_WIDTH: f32 = 188.0;

/// Corners of controls and cards.
pub const RADIUS: f32 = 6.0;
/// Corners of dialogs.
pub const DIALOG_RADIUS: f32 = 12.0;
/// Width of every line.
pub const LINE: f32 = 1.0;

/// A page's or dialog's title.
pub const TITLE: f32 = 22.0;
/// The heading of a part, the name in a row of services.
pub const HEADING: f32 = 15.0;
/// Everything else that is read.
pub const BODY: f32 = 14.0;
/// Labels, hints, table headers, the status line.
pub const SMALL: f32 = 12.0;

/// Width of a dialog with a short form.
pub const DIALOG_NARROW: f32 = 460.0;
/// Width of a dialog with a list or a diff.
pub const DIALOG_WIDE: f32 = 600.0;
