//! The Channels page as a person uses it: every click and key goes through the drawn page.
//!
//! `SEXTANT_GALLERY_DIR=/some/folder cargo test --test channels_screen` keeps the pictures to be looked at.

#[path = "support/canvas.rs"]
#[allow(dead_code)]
mod canvas;
#[path = "support/channels_page.rs"]
mod channels_page;

use channels_page::{Page, channel, example, problem};
use iced::keyboard::key::Named;
use sextant::screen::channels::{Action, Message};

#[test]
fn the_page_of_the_mock() {
    for theme in ["light", "dark"] {
        let mut page = Page::opened(example(), &[], &[], true);
        page.click("main: Add to default_channels");
        page.click("research: Add to default_channels");
        page.click("research: Add to channels");
        page.click("research/gpu: Add to channels");
        page.click("risk-models: Add to channels");
        page.picture("channels-page", theme, (992.0, 680.0), 1.0);
        page.picture("channels-page-2x", theme, (992.0, 680.0), 2.0);
    }
    let mut page = Page::opened(example(), &["conda-forge", "defaults"], &[], true);
    page.click("main: Add to default_channels");
    page.click("research: Add to channels");
    page.picture("channels-low", "light", (512.0, 300.0), 2.0);
    page.picture("channels-low-tall", "light", (512.0, 1000.0), 2.0);
    page.picture("channels-small", "dark", (324.0, 300.0), 2.0);
    page.picture("channels-1024", "light", (836.0, 520.0), 1.0);
    page.key(Named::Escape, iced::keyboard::Modifiers::empty());
    let key = 1;
    let mut page = Page::new(&[], &[], true);
    page.tell(Message::Progressed {
        key,
        progress: sextant::repository::ChannelProgress {
            loaded: 1000,
            total: Some(2501),
        },
    });
    page.picture("channels-loading", "light", (836.0, 300.0), 1.0);
    page.tell(Message::Loaded {
        key,
        outcome: Err(problem("The server does not answer")),
    });
    page.picture("channels-failed", "light", (836.0, 300.0), 1.0);
    let _ = (channel, problem, Named::Space);
    let _: fn(Message) -> Action = |_| Action::None;
}
