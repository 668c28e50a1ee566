//! **Save and Restart** of the program as it is shipped, in a real window: the same process begins anew, at the same
//! place, on the same page, with the setting in force. Needs Xvfb, openbox and xdotool; without them it is left out,
//! except in continuous integration, where it must run.
#![cfg(target_os = "linux")]

#[path = "support/screen.rs"]
#[allow(dead_code, reason = "every test uses its part")]
mod screen;

use std::fs;
use std::time::{Duration, Instant};

use screen::{Screen, Window, eventually};

const CONDARC: &str = "# mine\nchannels:\n  - conda-forge  # fast\n";

#[test]
fn the_program_starts_itself_anew_and_comes_back_where_it_was() {
    if screen::is_left_out() {
        return;
    }
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    fs::write(home.join(".condarc"), CONDARC).unwrap();
    let file = |inside: &str| fs::read_to_string(home.join(inside)).unwrap_or_default();

    let display = Screen::start();
    let mut window = Window::open(&display, home);
    window.shows("Environments");
    window.leads_to("Preferences", |_| window.key("ctrl+comma"));
    // **Configure Conda**.
    window.leads_to("Configure Conda", |_| window.click(1066, 96));
    window.place(40, 60, 1000, 640);
    let place = window.geometry();
    let mut typed = None;
    eventually("what was typed is saved", || {
        // On a busy machine the focus may come late, and what is typed meanwhile is lost.
        if typed.is_none_or(|typed: Instant| typed.elapsed() > Duration::from_secs(4)) {
            window.key("ctrl+a");
            window.type_text("quiet: true");
            window.key("ctrl+s");
            typed = Some(Instant::now());
        }
        (file(".condarc") == "quiet: true").then_some(())
    });
    window.find("Preferences", |window| window.key("ctrl+shift+s"));
    let (started, owner) = window.processes();
    assert_eq!(started, owner, "it is the same process");
    let variables = fs::read(format!("/proc/{started}/environ")).unwrap();
    assert!(
        String::from_utf8_lossy(&variables).contains("SEXTANT_RESUME="),
        "and it has begun anew"
    );
    assert_eq!(window.geometry(), place);
    assert_eq!(file(".condarc"), "quiet: true");
    assert!(
        !home.join(".local/share/sextant/resume").exists(),
        "what it had to know is gone"
    );
    assert!(!home.join("never-touched").exists(), "the real home");
}
