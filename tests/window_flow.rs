//! The program as it is shipped, in a real window on a screen of its own: signing in and out by keyboard, checked by
//! what stands in the files. Needs Xvfb, openbox and xdotool; without them it is left out, except in continuous
//! integration, where it must run.
#![cfg(target_os = "linux")]

#[path = "support/screen.rs"]
#[allow(dead_code, reason = "every test uses its part")]
mod screen;

use std::fs;
use std::path::Path;

use screen::{Screen, Window, eventually};

const CONDARC: &str = "# mine\nchannels:\n  - conda-forge  # fast\n";

fn token_files(home: &Path) -> usize {
    let folder = fs::read_dir(home.join(".config/binstar"));
    folder.into_iter().flatten().flatten().count()
}

#[test]
fn sign_in_and_out_by_keyboard() {
    if screen::is_left_out() {
        return;
    }
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    fs::write(home.join(".condarc"), CONDARC).unwrap();
    let file = |inside: &str| fs::read_to_string(home.join(inside)).unwrap_or_default();

    let display = Screen::start();
    let window = Window::open(&display, home);
    window.shows("Environments");
    window.leads_to("Connect", |_| window.key("ctrl+k"));
    window.leads_to("Set Domain", |_| window.key("Return"));
    window.leads_to("Login", |_| window.key("Return"));
    assert!(file(".anaconda/navigator/anaconda-navigator.ini").contains("http://127.0.0.1"));
    window.leads_to("Review", |times| {
        // After a refusal the password has the focus.
        if times > 0 {
            window.key("shift+Tab");
        }
        window.key("ctrl+a");
        window.type_text("alice");
        window.key("Tab");
        window.key("ctrl+a");
        window.type_text("sextant");
        window.key("Return");
    });
    assert_eq!(
        file(".condarc"),
        CONDARC,
        "nothing happens before it is confirmed"
    );
    window.leads_to("Channels", |_| window.key("Return"));
    assert!(file(".condarc").contains("channel_alias: http://127.0.0.1"));
    assert!(token_files(home) > 0);

    window.leads_to("Connect", |_| window.key("ctrl+k"));
    window.leads_to("Sign out", |_| window.key("Return"));
    // The button is there as soon as the plan is; until then Enter does nothing.
    eventually("signing out", || {
        window.key("Return");
        (!window.is("Sign out")).then_some(())
    });
    eventually("the file comes back", || {
        (file(".condarc") == CONDARC).then_some(())
    });
    assert_eq!(token_files(home), 0);
    assert!(!home.join("never-touched").exists(), "the real home");
}
