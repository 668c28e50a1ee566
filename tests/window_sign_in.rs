//! The way through the window against the practice server, checked by what stands in the files and on the server.

#[path = "support/window.rs"]
#[allow(dead_code, reason = "every test uses its part")]
mod window;

use std::time::Duration;

use sextant::practice::{Effect, Fault, Trouble};
use window::{CONDARC, INI, Window};

#[test]
fn connect_choose_channels_undo_and_sign_out() {
    let mut window = Window::with_condarc();
    assert!(window.says("Not connected"));
    window.open_login();
    assert!(
        window.file(INI).contains("http://127.0.0.1"),
        "the domain is stored"
    );

    // A wrong password first: it is said in place, the name stays.
    window.type_into("user-name", "alice");
    window.type_into("password", "wrong");
    window.click("login");
    window.until_it_says("does not accept");
    assert!(window.practice.tokens().is_empty());
    window.type_into("password", "x");
    assert!(!window.says("does not accept"));
    window.click("login-cancel");
    window.until_idle();

    window.click("connect");
    window.click("connect-server");
    window.type_into("password", "sextant");
    window.click("login");
    window.until_it_says("A new token on the server");
    assert_eq!(
        window.file(".condarc"),
        CONDARC,
        "nothing happens before it is confirmed"
    );
    window.click("review-sign-in");
    window.until_it_says("Signed in to 127.0.0.1");
    assert_eq!(window.practice.tokens().len(), 1);
    assert!(window.token_files() > 0);
    let signed_in = window.file(".condarc");
    assert!(
        signed_in.contains("channels: []") && signed_in.contains("channel_alias: http://127.0.0.1"),
        "{signed_in}"
    );

    // The Channels page opens by itself.
    window.until_it_says("research: Add to channels");
    window.click_text("research: Add to channels");
    window.click_text("main: Add to default_channels");
    window.click("channels-add");
    window.until_it_says("conda searches the chosen channels now");
    let chosen = window.file(".condarc");
    assert!(
        chosen.contains("channels:\n  - research\n  - defaults\n"),
        "{chosen}"
    );
    assert!(chosen.contains("default_channels:\n  - main\n"), "{chosen}");

    window.click_text("Undo");
    window.until_it_says("Undid: ");
    window.until_idle();
    assert_eq!(window.file(".condarc"), signed_in);

    window.open_sign_out();
    assert!(window.says("Sign out of 127.0.0.1"));
    window.click("put-back-now");
    window.until_it_says("Signed out. The token was revoked on the server.");
    window.until_it_says("Not connected");
    assert_eq!(window.file(".condarc"), CONDARC);
    assert_eq!(window.token_files(), 0);
    assert!(window.practice.tokens().is_empty());

    window.click("page-history");
    window.until_it_says("Signed out of");
    assert!(window.says("undone"), "the channels were");
}

#[test]
fn undoing_the_sign_in_from_its_notice_signs_out() {
    let mut window = Window::with_condarc();
    window.sign_in();
    window.click_text("Undo");
    window.until_it_says("Signed out. The token was revoked on the server.");
    assert_eq!(window.file(".condarc"), CONDARC);
    assert!(window.practice.tokens().is_empty());
}

#[test]
fn a_cancelled_sign_in_leaves_no_trace() {
    let mut window = Window::with_condarc();
    window.open_review();
    window.lose_answer_to_new_token();
    window.click("review-sign-in");
    window.until("the token is created", |window| {
        !window.practice.tokens().is_empty()
    });
    window.click("review-cancel");
    assert!(window.has(iced_test::selector::id("review-sign-in")), "at once");
    window.until_it_says("Sign-in cancelled. Nothing was changed.");
    assert!(window.practice.tokens().is_empty());
    assert_eq!(window.file(".condarc"), CONDARC);
    assert_eq!(window.token_files(), 0);
    assert!(!window.services.needs_recovery());
}

#[test]
fn a_cancelled_check_stores_nothing() {
    let mut window = Window::open(&[]);
    let url = window.practice.url().to_owned();
    window.practice.set_trouble(Trouble::fault(Fault::Stall {
        effect: Effect::NotPerformed,
    }));
    window.set_domain(&url);
    window.until_it_says("no proxy on the way");
    window.click("set-domain-cancel");
    window.until_idle();
    assert!(window.has(iced_test::selector::id("set-domain-set")));
    assert_eq!(window.file(INI), "");
}

#[test]
fn a_server_that_is_none_is_explained_at_its_step() {
    let mut window = Window::open(&[]);
    let url = window.practice.url().to_owned();
    window.practice.set_trouble(Trouble::fault(Fault::Html));
    window.set_domain(&url);
    window.until_idle();
    assert!(
        window.says("Connection") && window.says("no proxy on the way"),
        "the steps stay"
    );
    assert_eq!(window.file(INI), "");
}

#[test]
fn signing_out_works_without_the_server_and_the_token_is_revoked_later() {
    let mut window = Window::with_condarc();
    window.sign_in();
    window.practice.set_trouble(Trouble::fault(Fault::Drop {
        effect: Effect::NotPerformed,
    }));
    window.open_sign_out();
    window.click("put-back-now");
    window.until_it_says("the token was not revoked on the server");
    assert_eq!(window.file(".condarc"), CONDARC);
    assert_eq!(window.token_files(), 0);
    assert_eq!(window.practice.tokens().len(), 1);

    window.until_it_says("You are not signed in");
    window.practice.set_trouble(Trouble::none());
    window.click_text("Retry");
    window.until_it_says("The token that was still to be revoked is revoked now.");
    assert!(window.practice.tokens().is_empty());
}

#[test]
fn an_edit_of_somebody_else_is_kept_or_not_as_one_says() {
    let mut window = Window::with_condarc();
    window.sign_in();
    let theirs = window
        .file(".condarc")
        .replace("channels: []", "channels:\n  - theirs");
    std::fs::write(window.path(".condarc"), theirs).unwrap();
    window.open_sign_out();
    assert!(window.says("Changed by somebody else meanwhile"));
    window.click_text("keep mine");
    window.until_idle();
    window.click("put-back-now");
    window.until_it_says("Signed out.");
    assert_eq!(window.file(".condarc"), CONDARC);
}

#[test]
fn a_file_changed_after_the_review_is_reviewed_anew() {
    let mut window = Window::with_condarc();
    window.open_review();
    let theirs = format!("{CONDARC}auto_update_conda: false\n");
    std::fs::write(window.path(".condarc"), &theirs).unwrap();
    window.click("review-sign-in");
    window.until_it_says("A file was changed by another program meanwhile.");
    assert!(window.practice.tokens().is_empty());
    window.click("review-sign-in");
    window.until_it_says("Signed in to 127.0.0.1");
    assert!(window.file(".condarc").contains("auto_update_conda: false"));
}

#[test]
fn the_review_is_left_out_for_those_who_said_so() {
    let mut window = Window::with_condarc();
    window.open_review();
    window.click("review-hide");
    window.click("review-sign-in");
    window.until_it_says("Signed in to 127.0.0.1");
    window.until_idle();
    assert!(
        window
            .file(".config/sextant/preferences.toml")
            .contains("review-before-sign-in = false")
    );
    window.open_sign_out();
    window.click("put-back-now");
    window.until_it_says("Signed out.");
    window.click("connect");
    window.click("connect-server");
    window.type_into("password", "sextant");
    window.click("login");
    window.until_it_says("Signed in to 127.0.0.1");
}

#[test]
fn a_server_that_does_not_answer_is_said_in_the_top_bar() {
    let mut window = Window::open(&[]);
    window.sign_in();
    window.until_it_says("research: Add to channels");
    window.practice.set_trouble(Trouble::fault(Fault::Drop {
        effect: Effect::NotPerformed,
    }));
    window.click("page-environments");
    window.click("page-channels");
    window.until_there("manage-choose");
    window.click("manage-choose");
    window.until_it_says("Connected, but the server does not answer");
    window
        .practice
        .set_trouble(Trouble::slow(Duration::from_millis(1)));
    window.click("channels-retry");
    window.until_it_says("Connected to 127.0.0.1");
}

#[test]
fn broken_files_keep_the_window_from_nothing() {
    let mut window = Window::open(&[
        (".condarc", "channels: [unclosed\n"),
        (INI, "no section here\n"),
        (".config/sextant/preferences.toml", "appearance = \n"),
    ]);
    window.until_idle();
    for part in [".condarc", "anaconda-navigator.ini", "preferences.toml"] {
        assert!(window.says(part), "{part}");
    }
    assert!(window.says("Environments"));
    // Mended, it is said no more.
    std::fs::write(window.path(".condarc"), CONDARC).unwrap();
    std::fs::write(window.path(INI), "[main]\n").unwrap();
    std::fs::remove_file(window.path(".config/sextant/preferences.toml")).unwrap();
    window.click_text("Check again");
    window.until("the banners go", |window| !window.says("preferences.toml"));

    let mut window = Window::open(&[(".local/share/sextant/connections.json", "{")]);
    window.until_idle();
    assert!(window.says("connections.json is damaged"));
}

/// The program is killed in the middle of a sign-in, and then the window is opened.
#[test]
fn the_next_start_makes_good_what_a_crash_left() {
    use std::io::{BufRead, BufReader, Write};
    use std::process::{Command, Stdio};

    for (step, told, is_signed_in) in [
        ("create token: after", "Put back what was interrupted", false),
        ("commit: after", "Finished what was interrupted", true),
    ] {
        let window = Window::with_condarc();
        let mut child = Command::new(env!("CARGO_BIN_EXE_sextant"))
            .args(["sign-in", "server", "--domain", window.practice.url()])
            .args(["--username", "alice", "--password-stdin"])
            .env_clear()
            .env("HOME", window.path(""))
            .env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent")
            .env("SEXTANT_STOP_AT_STEP", step)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(b"sextant\n").unwrap();
        let said = BufReader::new(child.stderr.take().unwrap());
        let stopped = said.lines().any(|line| line.unwrap().starts_with("stopped at: "));
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(stopped, "{step}");

        let mut window = window.reopen();
        window.until("the recovery is told", |window| window.says(told));
        assert_eq!(
            window.practice.tokens().len(),
            usize::from(is_signed_in),
            "{step}"
        );
        assert_eq!(window.file(".condarc") == CONDARC, !is_signed_in, "{step}");
        assert_eq!(window.says("Not connected"), !is_signed_in, "{step}");
        assert!(!window.services.needs_recovery(), "{step}");
    }
}
