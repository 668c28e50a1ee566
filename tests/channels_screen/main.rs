//! The Channels page as a person uses it: every click and key goes through the drawn page.
//!
//! `SEXTANT_GALLERY_DIR=/some/folder cargo test --test channels_screen` keeps the pictures to be looked at.

mod by_name;
#[path = "../support/canvas.rs"]
#[allow(dead_code)]
mod canvas;
#[path = "../support/channels_page.rs"]
mod channels_page;
mod choosing;
mod drawn;
mod order;
mod states;

use std::sync::Arc;

use channels_page::{HOST, Page, channel, entries, example, many, problem};
use iced::advanced::widget::Id;
use iced::keyboard::{Key, Modifiers, key::Named};
use iced::{Event, Point, mouse};
use sextant::conda::channel::ChannelEntry;
use sextant::error::Kind;
use sextant::repository::{ChannelProgress, Privacy};
use sextant::screen::channels::{
    Action, ChannelChoice, Channels, FIND, Listing, Message, Preview, SEARCH, Source, TABLE, Warning,
};
use sextant::ui::keyboard::Intent;
use sextant::ui::theme::Palette;

const NONE: Modifiers = Modifiers::empty();
const ORDER: &str = "channels-order";

fn fresh() -> Page {
    Page::opened(example(), &[], &[], true)
}

/// `channels`, then `default_channels`, as the last question or order has them.
fn lists(page: &Page) -> (String, String) {
    let (channels, default_channels) = page.choice();
    (channels.join(" "), default_channels.join(" "))
}

fn channels(page: &Page) -> String {
    lists(page).0
}

/// The names of the table's rows, by the boxes in them.
fn rows(page: &mut Page) -> Vec<String> {
    let texts = page.texts();
    let rows = texts
        .iter()
        .filter_map(|text| text.strip_suffix(": Add to channels"));
    rows.map(str::to_owned).collect()
}
