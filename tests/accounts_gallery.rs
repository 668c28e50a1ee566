//! Draws the tokens of an account, Access, and their dialogs, in light and dark and in the lowest window.
//!
//! `SEXTANT_GALLERY_DIR=/some/folder cargo test --test accounts_gallery` keeps the pictures to be looked at.

#[path = "support/at_repository.rs"]
mod at_repository;
#[path = "support/canvas.rs"]
#[allow(dead_code)]
mod canvas;
#[path = "support/window.rs"]
#[allow(dead_code, reason = "every test uses its part")]
mod window;

use std::path::PathBuf;

use at_repository::{prove, sign_in_to_repository};
use canvas::Canvas;
use iced::theme::Mode;
use iced_test::selector::id;
use sextant::ui::theme::{Appearance, Contrast, Preference, palette};
use window::Window;

/// What is usual, what is small, and the small one at 200 %.
const WINDOWS: [(&str, f32, f32, f32); 3] = [
    ("", 1280.0, 800.0, 1.0),
    ("-small", 1024.0, 600.0, 1.0),
    ("-low", 512.0, 300.0, 2.0),
];

/// Draws the window as it is, in every size and theme; the way out of it, or on, must always be in sight.
fn draw(name: &str, way_out: &'static str, window: &Window) {
    for (size, width, height, scale) in WINDOWS {
        let mut canvas = Canvas::new(width, height);
        let button = canvas
            .find(window.view(), id(way_out))
            .unwrap_or_else(|| panic!("{name}{size}: no {way_out}"));
        let seen = button
            .visible_bounds()
            .map_or(0.0, |seen| seen.width * seen.height);
        let whole = button.bounds().width * button.bounds().height;
        assert!((seen - whole).abs() < 1.0, "{name}{size}: {way_out} is cut off");
        for (theme_name, preference) in [("light", Preference::Light), ("dark", Preference::Dark)] {
            let theme = Appearance {
                system: Mode::None,
                preference,
                contrast: Contrast::Standard,
            }
            .theme();
            let picture = canvas.picture(window.view(), &theme, scale);
            let p = palette(&theme);
            for (what, color) in [("surface", p.surface), ("text", p.text)] {
                let share = picture.share_of(color);
                assert!(share > 0.000_05, "{name}{size}: nothing drawn in {what}");
            }
            if let Some(folder) = std::env::var_os("SEXTANT_GALLERY_DIR") {
                let file = PathBuf::from(folder).join(format!("{name}{size}-{theme_name}.png"));
                std::fs::write(file, picture.png()).expect("the gallery's folder");
            }
        }
    }
}

/// Signed in, and the notice of it is gone.
fn sign_in(window: &mut Window) {
    sign_in_to_repository(window);
    for notice in 0..16 {
        window.send(sextant::app::Message::NoticeDismissed(notice));
    }
}

#[test]
fn the_tokens_of_an_account() {
    let mut window = Window::with_condarc();
    window.click("page-tokens");
    window.until_idle();
    window.click_text("Of the account");
    draw("account-tokens-nowhere", "account-tokens-connect", &window);
    sign_in(&mut window);
    window.click("page-tokens");
    window.click_text("Of the account");
    window.until_there("account-tokens-password");
    draw("account-tokens-password", "page-tokens", &window);
    prove(&mut window, "account-tokens-password", "account-tokens-go");
    window.until_it_says("in use here");
    window.until_idle();
    window.click("tokens-create");
    window.type_into("token-name", "ci");
    draw("token-create", "token-create-go", &window);
    window.click("token-scopes");
    draw("token-create-scopes", "token-create-go", &window);
    window.click("token-create-go");
    window.until_it_says("The token ci");
    window.until_idle();
    draw("token-issued", "token-close", &window);
    window.click_text("Add a channel");
    window.until_it_says("Leads to");
    window.until_idle();
    draw("token-channel", "token-use", &window);
    window.click("token-close");
    draw("token-leaving", "token-use", &window);
    window.click("token-leave");
    window.until_idle();
    draw("account-tokens", "account-tokens-search", &window);
    window.click_text("ci");
    draw("account-tokens-chosen", "account-tokens-revoke", &window);
    window.click("account-tokens-replace");
    draw("token-replace", "token-create-go", &window);
    window.click("token-create-cancel");
    window.click("account-tokens-revoke");
    draw("token-revoke", "token-revoke-go", &window);
}

#[test]
fn access_and_its_dialogs() {
    let mut window = Window::with_condarc();
    window.click("page-access");
    draw("access-nowhere", "page-access", &window);
    sign_in(&mut window);
    window.click("page-access");
    window.until_there("access-password");
    draw("access-password", "page-access", &window);
    prove(&mut window, "access-password", "access-go");
    window.until_it_says("risk-report");
    window.until_idle();
    draw("access", "access-search", &window);
    window.click_text("risk-report");
    window.until_it_says("In the group analysts");
    window.until_idle();
    draw("access-who", "access-change", &window);
    window.click("access-change");
    draw("set-access", "set-access-go", &window);
    window.click("set-access-cancel");
    window.click_text("Groups");
    window.until_it_says("analysts");
    window.until_idle();
    draw("access-groups", "page-access", &window);
    window.click_text("analysts");
    draw("access-group", "page-access", &window);
    window.click("access-new-group");
    draw("new-group", "group-go", &window);
}
