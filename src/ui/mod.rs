//! The design system: everything a screen is made of. It knows iced and nothing of the domain.
//!
//! A screen names no colour, no size and no font of its own; if something is missing, it is added here.
//!
//! | for | use |
//! |---|---|
//! | colours, light and dark, high contrast | [`theme::Appearance`], [`theme::Contrast`], [`theme::palette`] |
//! | styles of iced's own widgets (container, rule, scrollable, editor) | [`style`], [`style::Tone`] |
//! | measures | [`spacing`] |
//! | fonts and iced's settings | [`font::settings`], [`font::STRONG`], [`font::MONOSPACE`] |
//! | text in four sizes, badges, states, tooltips | [`text`] |
//! | icons | [`icon::Icon`] |
//! | buttons of every kind, the navigation rail, sorting headers | [`button`] |
//! | ticks | [`check_box`] |
//! | one of a few, side by side | [`segmented`] |
//! | one of many, in a list that opens; a menu of things to do | [`pick`] |
//! | text fields with label, hint and error; search | [`form_field`] |
//! | the frame of the whole view, dialogs, Tab | [`modal`] |
//! | long lists and tables | [`virtual_list`] |
//! | what hangs together, to be unfolded | [`tree_list`] |
//! | any part of a page that answers keys as a whole | [`key_region`] |
//! | what is known about one thing | [`facts`] |
//! | a code to type elsewhere; an address or command to copy | [`code`], [`copy_line`] |
//! | what was done, with Undo | [`toast`] |
//! | what happened and what is running | [`status_line`] |
//! | messages that stay, errors with cause and remedy | [`banner`] |
//! | activity, bars, the steps of a check | [`progress`] |
//! | file changes | [`diff_view`] |
//! | editing a file: line numbers, colours, findings, completion | [`code_editor`] |
//! | shortcuts | [`keyboard::intent`] |
//!
//! # Rules
//! - The root of every view is [`modal::modal`], with or without a dialog: Tab, Shift-Tab, Esc and Enter live there.
//! - Every focusable widget that stands among siblings that come and go gets an id, or the focus may be lost.
//! - The focus ring reaches [`focus::RING_REACH`] beyond a widget: leave that much room inside anything that clips.
//! - No shadows: the CPU renderer draws them unclipped, so they grow darker with every partial redraw.
//! - No quad without an area, and no corner radius of half a border's width or less: the CPU renderer panics on them.
//! - Text fields come from [`form_field`], not from iced: iced's own keep Esc for themselves.

pub mod banner;
pub mod button;
mod button_paint;
pub mod check_box;
pub mod code;
pub mod code_editor;
pub mod copy_line;
pub mod diff_view;
pub mod facts;
mod field_frame;
pub mod focus;
pub mod font;
pub mod form_field;
pub mod icon;
pub mod intercept;
pub mod key_region;
pub mod keyboard;
mod list_bar;
pub mod modal;
mod modal_sheet;
mod modal_stage;
pub mod pick;
mod pick_list;
mod press;
pub mod progress;
pub mod segmented;
pub mod spacing;
pub mod status_line;
pub mod style;
pub mod text;
pub mod theme;
pub mod toast;
pub mod tree_list;
mod unfocusable;
pub mod virtual_list;
