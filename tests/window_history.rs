//! History, repair, what is left behind, policy and offline mode through the window, checked by what stands in the files.

#[path = "support/window.rs"]
#[allow(dead_code, reason = "every test uses its part")]
mod window;

use std::fs;
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use iced_test::selector::id;
use window::{CONDARC, Window};

const NAVIGATOR: &str = ".anaconda/navigator/anaconda-navigator.ini";
const CHANGED: &str = "~/.condarc was changed outside Sextant";

fn write(window: &Window, inside: &str, content: impl AsRef<[u8]>) {
    let path = window.path(inside);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, content).unwrap();
}

#[test]
fn a_change_by_others_shows_up_by_itself_and_is_undone() {
    let mut window = Window::open(&[(".condarc", CONDARC)]);
    window.until_idle();
    window.watch();
    window.click("page-history");
    window.until_it_says("Nothing was changed yet.");
    write(
        &window,
        ".condarc",
        format!("{CONDARC}auto_update_conda: false\n"),
    );
    window.until_it_says(CHANGED);
    window.click_text("Details");
    window.until_it_says("auto_update_conda: false");
    window.click("entry-undo");
    window.until_it_says("Undo a change");
    window.until("the plan is there", |window| window.says("On this machine"));
    window.click("put-back-now");
    window.until_it_says("Undid: ");
    window.until_idle();
    assert_eq!(window.file(".condarc"), CONDARC);
    window.until_it_says("undone");
    window.click_text("By Sextant");
    assert!(!window.has(CHANGED));
}

#[test]
fn what_changed_while_the_window_was_closed_is_there_when_it_opens() {
    let mut window = Window::open(&[(".condarc", CONDARC)]);
    window.until_idle();
    write(&window, ".condarc", "channels: []\n");
    let mut window = window.reopen();
    window.until_idle();
    window.click("page-history");
    window.until_it_says(CHANGED);
}

#[test]
fn an_earlier_version_is_put_back_and_navigators_copies_are_among_them() {
    let copy = "channels:\n  - before-navigator\n";
    let mut window = Window::open(&[
        (".condarc", CONDARC),
        (
            ".anaconda/navigator/condarc_storage/.condarc_fad58de7366495db4650cfefac2fcd61",
            copy,
        ),
    ]);
    window.until_idle();
    window.click("page-history");
    window.until_idle();
    window.click("history-versions");
    window.until_it_says("Anaconda Navigator's copy from before a login");
    window.click("version-navigator:main");
    window.until_it_says("before-navigator");
    window.click("versions-put-back");
    window.until_it_says("copy of ~/.condarc back");
    window.until_idle();
    assert_eq!(window.file(".condarc"), copy);
    window.click_text("Undo");
    window.until_it_says("On this machine");
    window.click("put-back-now");
    window.until_it_says("Undid: ");
    window.until_idle();
    assert_eq!(window.file(".condarc"), CONDARC);
}

#[test]
fn a_stuck_login_is_repaired_and_one_signs_in_again() {
    let window = Window::open(&[(".condarc", CONDARC)]);
    let url = window.practice.url().to_owned();
    write(
        &window,
        ".condarc",
        format!("{CONDARC}channel_alias: {url}/api/repo\n"),
    );
    write(
        &window,
        NAVIGATOR,
        format!(
            "[main]\nlogged_api_url = '{url}'\nanaconda_server_api_url = '{url}'\nanaconda_server_token = 'stale1'\n"
        ),
    );
    let mut window = window.reopen();
    window.until_idle();
    window.click("connect");
    window.click("connect-repair");
    window.until_it_says("anaconda_server_token = None");
    assert!(!window.says("stale1"));
    window.click("repair-now");
    window.until_it_says("The connection is repaired");
    assert_eq!(window.file(".condarc"), CONDARC);
    assert!(window.file(NAVIGATOR).contains("logged_api_url = None"));
    window.click("repair-sign-in");
    window.until_it_says("Log in to 127.0.0.1");
    window.type_into("user-name", "alice");
    window.type_into("password", "sextant");
    window.click("login");
    window.until_it_says("A new token on the server");
    window.click("review-sign-in");
    window.until_it_says("Signed in to 127.0.0.1");
    assert_eq!(window.practice.tokens().len(), 1);
}

#[test]
fn a_repair_is_undone_from_where_it_was_done() {
    let mut window = Window::open(&[(".condarc", CONDARC)]);
    window.sign_in();
    window.until_idle();
    let (condarc, navigator) = (window.file(".condarc"), window.file(NAVIGATOR));
    window.click("connect");
    window.click("connect-repair");
    window.until_it_says("is forgotten");
    window.click("repair-now");
    window.until_it_says("The connection is repaired");
    window.until_it_says("Not connected");
    window.click("repair-undo");
    window.until_it_says("Undid: ");
    window.until_it_says("Connected to 127.0.0.1");
    assert_eq!(
        (window.file(".condarc"), window.file(NAVIGATOR)),
        (condarc, navigator)
    );
    assert_eq!(window.practice.tokens().len(), 1);
}

#[test]
fn channels_that_are_left_behind_are_removed_or_kept_one_by_one() {
    let mut window = Window::open(&[(".condarc", CONDARC)]);
    window.sign_in();
    window.until_idle();
    let text = window.file(".condarc").replace(
        "channels: []",
        "channels:\n  - research # mine\n  - main\n  - defaults",
    );
    write(&window, ".condarc", text);
    window.open_sign_out();
    window.click("put-back-now");
    window.until_it_says("Channels that are left");
    assert!(window.says("research") && window.says("main") && !window.has("defaults"));
    // The second one is kept.
    window.with_view(|ui| {
        let kept: Vec<_> = ui.find(id("left-behind-1")).into_iter().collect();
        assert_eq!(kept.len(), 1);
    });
    window.click_text("keep");
    window.until_it_says("On this machine");
    window.click("left-behind-remove");
    window.until_it_says("Removed ");
    window.until_idle();
    let after = window.file(".condarc");
    assert_eq!(after.matches("  - ").count(), 2, "{after}");
    assert!(after.contains("  - defaults"), "{after}");
}

#[test]
fn what_the_administrator_forbids_is_refused_before_anything_is_asked() {
    let mut window = Window::open_after(&[(".condarc", CONDARC)], |home, practice| {
        let path = home.join("system-root/etc/sextant/policy.toml");
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let text = format!(
            "contact = \"it-help@example.com\"\ndomain = \"{}\"\nservices = [\"server\"]\nchannels = [\"research\"]\n\
             [locked]\ndomain = \"reviewed there\"\nchannels = \"licensed\"\n",
            practice.url()
        );
        fs::write(path, text).unwrap();
    });
    window.until_idle();
    window.click("connect");
    window.click("connect-cloud");
    window.until_it_says("is not allowed here");
    assert!(window.says("it-help@example.com"));
    // The domain need not be typed, and the channels need not be chosen.
    window.click("connect");
    window.click("connect-server");
    window.until_it_says("Log in to 127.0.0.1");
    window.type_into("user-name", "alice");
    window.type_into("password", "sextant");
    window.click("login");
    window.until_it_says("A new token on the server");
    window.click("review-sign-in");
    window.until_it_says("Signed in to 127.0.0.1");
    assert!(window.file(".condarc").contains("- research"));
    window.until_it_says("main: Add to channels");
    window.click_text("main: Add to channels");
    window.until_it_says("licensed");
}

#[test]
fn offline_is_shown_and_requests_fail_at_once() {
    let mut window = Window::open(&[(NAVIGATOR, "[main]\noffline_mode = True\n")]);
    window.until_idle();
    assert!(window.has("Offline"));
    let asked = window.practice.requests().len();
    let url = window.practice.url().to_owned();
    window.click("connect");
    window.click("connect-server");
    window.type_into("domain", &url);
    window.click("set-domain-set");
    window.until_it_says("Sextant works offline");
    assert_eq!(window.practice.requests().len(), asked);
}

/// The window opens on a home that is signed in to a server, behind a proxy; nobody is asked, whatever page is opened but
/// that of the server's channels.
#[test]
fn the_window_opens_without_asking_anybody() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let hole = format!("http://{}", listener.local_addr().unwrap());
    let connections = Arc::new(AtomicUsize::new(0));
    let count = connections.clone();
    std::thread::spawn(move || {
        let mut open = Vec::new();
        for connection in listener.incoming() {
            count.fetch_add(1, Ordering::SeqCst);
            open.push(connection);
        }
    });
    let mut window = Window::open(&[(".condarc", CONDARC)]);
    window.sign_in();
    window.until_idle();
    let url = window.practice.url().to_owned();
    for inside in [".condarc", NAVIGATOR, ".local/share/sextant/connections.json"] {
        write(&window, inside, window.file(inside).replace(&url, &hole));
    }
    let condarc = window.file(".condarc");
    write(
        &window,
        ".condarc",
        format!("{condarc}proxy_servers:\n  http: {hole}\n  https: {hole}\n"),
    );
    let mut window = window.reopen();
    window.until_idle();
    assert!(window.says("Connected to 127.0.0.1"), "{:#?}", window.texts());
    for page in ["page-history", "page-environments"] {
        window.click(page);
        window.until_idle();
    }
    window.click("connect");
    assert_eq!(connections.load(Ordering::SeqCst), 0);
}
