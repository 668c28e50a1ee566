//! Draws History, its dialogs, repair, what is left behind and a broken home, in light and dark and in the lowest window.
//!
//! `SEXTANT_GALLERY_DIR=/some/folder cargo test --test history_gallery` keeps the pictures to be looked at.

#[path = "support/canvas.rs"]
#[allow(dead_code)]
mod canvas;
#[path = "support/window.rs"]
#[allow(dead_code, reason = "every test uses its part")]
mod window;

use std::fs;
use std::path::PathBuf;

use canvas::Canvas;
use iced::theme::Mode;
use iced_test::selector::id;
use sextant::ui::theme::{Appearance, Contrast, Preference, palette};
use window::Window;

const NAVIGATOR: &str = ".anaconda/navigator/anaconda-navigator.ini";
const CONDARC: &str =
    "# Packages for everyday work\nchannels:\n  - conda-forge  # before the others\nssl_verify: true\n";

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
                fs::write(file, picture.png()).expect("the gallery's folder");
            }
        }
    }
}

fn write(window: &Window, inside: &str, content: impl AsRef<[u8]>) {
    let path = window.path(inside);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, content).unwrap();
}

/// A home with a past: signed in, channels chosen, and others at work in between.
fn lived_in() -> Window {
    let copy = "channels:\n  - before-navigator\n";
    let mut window = Window::open(&[
        (".condarc", CONDARC),
        (
            ".anaconda/navigator/condarc_storage/.condarc_fad58de7366495db4650cfefac2fcd61",
            copy,
        ),
    ]);
    window.until_idle();
    write(
        &window,
        ".condarc",
        format!("{CONDARC}auto_update_conda: false\n"),
    );
    window.sign_in();
    window.until_it_says("research: Add to channels");
    window.click_text("research: Add to channels");
    window.click("channels-add");
    window.until_it_says("conda searches the chosen channels now");
    window.until_idle();
    write(
        &window,
        ".condarc",
        window
            .file(".condarc")
            .replace("ssl_verify: true", "ssl_verify: truststore"),
    );
    write(
        &window,
        ".conda/.condarc",
        "channels:\n  - https://elsewhere.example.com/t/secret1/team\n",
    );
    window
}

#[test]
fn history_and_its_dialogs() {
    let mut window = lived_in();
    window.click("page-history");
    window.until_it_says("was created outside Sextant");
    draw("history", "history-versions", &window);
    window.click_text("By others");
    draw("history-others", "history-versions", &window);
    window.click_text("Details");
    window.until_it_says("by another program, or by hand");
    window.until_idle();
    draw("history-details", "entry-undo", &window);
    window.click("entry-close");
    window.click("history-versions");
    window.until_it_says("as it is now");
    draw("history-versions", "versions-close", &window);
    window.click("version-navigator:main");
    window.until_it_says("What putting it back changes");
    draw("history-version-chosen", "versions-put-back", &window);
}

#[test]
fn repair_and_what_is_left_behind() {
    let mut window = lived_in();
    window.click("connect");
    draw("connect-with-repair", "connect-close", &window);
    window.click("connect-repair");
    window.until_it_says("is forgotten");
    draw("repair", "repair-now", &window);
    window.click("repair-now");
    window.until_it_says("The connection is repaired");
    window.until_idle();
    draw("repair-done", "repair-sign-in", &window);
    window.click("repair-undo");
    window.until_it_says("Undid: ");
    window.until_idle();
    let text = window
        .file(".condarc")
        .replace("- research", "- research\n  - main # mine");
    write(&window, ".condarc", text);
    window.open_sign_out();
    window.click("put-back-now");
    window.until_it_says("Channels that are left");
    window.until_idle();
    draw("left-behind", "left-behind-remove", &window);

    let mut window = Window::open(&[]);
    window.until_idle();
    window.click("connect");
    window.click("connect-repair");
    window.until_it_says("There is nothing to repair");
    draw("repair-nothing", "repair-sign-in", &window);
}

#[test]
fn a_broken_home_and_offline() {
    let mut window = Window::open_after(&[(".condarc", CONDARC)], |home, _| {
        let path = home.join(NAVIGATOR);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "[main]\noffline_mode = True\n").unwrap();
    });
    window.until_idle();
    write(&window, ".condarc", "channels: [a\0\n");
    write(&window, ".config/sextant/preferences.toml", "appearance = 3\n");
    let mut window = window.reopen();
    window.until_idle();
    assert!(window.has("Offline"));
    draw("broken-home", "connect", &window);
}
