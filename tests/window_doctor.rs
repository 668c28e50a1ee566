//! The Doctor page in the window: it looks when it is opened, mends what is wrong in place, and what it did can be undone.

#[path = "support/window.rs"]
#[allow(dead_code, reason = "every test uses its part")]
mod window;

use iced_test::selector::id;
use sextant::app::Message;
use sextant::practice::{Options, Tls};
use sextant::screen::doctor;
use window::{CONDARC, Window};

/// Presses a button of the page that may be further down than the window shows.
fn mend(window: &mut Window, check: &str) {
    let pressed = doctor::Message::RemedyPressed(check.parse().unwrap());
    window.send(Message::Doctor(pressed));
}

#[test]
fn nothing_is_asked_before_the_page_is_opened_and_everything_is_well_after_a_sign_in() {
    let mut window = Window::open(&[(".condarc", CONDARC)]);
    window.sign_in();
    window.until_idle();
    window.practice.forget_requests();
    window.click("page-tokens");
    window.click("page-environments");
    window.until_idle();
    let system = |window: &Window| {
        let requests = window.practice.requests().into_iter();
        requests.filter(|request| request.path == "/api/system").count()
    };
    assert_eq!(system(&window), 0);
    window.click("page-doctor");
    window.until_it_says("1 warning, nothing failed.");
    window.until_idle();
    assert!(window.says("Practice server answers") && window.says("Conda has no channel to search."));
    let asked = system(&window);
    assert!(asked > 0);
    // Coming back shows what was found, and asks nobody.
    window.click("page-environments");
    window.click("page-doctor");
    window.until_idle();
    assert!(window.says("Practice server answers"));
    assert_eq!(system(&window), asked);
    window.click("doctor-run");
    window.until("another look", |window| window.has(id("doctor-cancel")));
    window.until_it_says("1 warning, nothing failed.");
    assert!(system(&window) > asked);
}

#[test]
fn a_secret_in_a_history_is_erased_after_it_was_shown() {
    let history = "conda install -c http://127.0.0.1:1/t/canary0token/c x\n";
    let mut window = Window::open(&[(".condarc", "channels: []\n"), (".bash_history", history)]);
    window.click("page-doctor");
    window.until("the end", |window| window.has(id("doctor-run")));
    assert!(window.says("~/.bash_history, line 1: a token in an address"));
    assert!(!window.says("canary0token"));
    mend(&mut window, "secrets-shell");
    window.until("the plan", |window| window.has(id("doctor-apply")));
    assert!(window.says("<REMOVED>"));
    assert_eq!(
        window.file(".bash_history"),
        history,
        "nothing happens before it is confirmed"
    );
    window.send(Message::Doctor(doctor::Message::ApplyPressed));
    window.until_it_says("Erased secrets in ~/.bash_history.");
    window.until_idle();
    assert_eq!(
        window.file(".bash_history"),
        history.replace("canary0token", "<REMOVED>")
    );
    // The check was made again; what was erased cannot come back.
    assert!(window.says("None in 1 file"));
    assert!(!window.says("Undo"));
}

#[test]
fn stored_tokens_are_used_again_and_that_is_undone_from_the_notice() {
    let condarc = "channels: []\nadd_anaconda_token: false  # mine\n";
    let mut window = Window::open(&[(".condarc", condarc)]);
    window.click("page-doctor");
    window.until("the end", |window| window.has(id("doctor-run")));
    assert!(window.says("Conda does not send the stored token."));
    mend(&mut window, "conda-token");
    window.until("the plan", |window| window.has(id("doctor-apply")));
    window.send(Message::Doctor(doctor::Message::ApplyPressed));
    window.until_it_says("Let conda use stored tokens.");
    window.until_idle();
    assert_eq!(window.file(".condarc"), condarc.replace("false", "true"));
    assert!(window.says("Conda sends stored tokens"));
    window.click_text("Undo");
    window.until("the undo", |window| window.file(".condarc") == condarc);
    window.until_idle();
}

#[test]
fn a_certificate_is_looked_at_and_pinned_and_the_check_is_made_again() {
    let options = Options {
        tls: Tls::SelfSigned,
        ..Options::default()
    };
    let mut window = Window::open_beside(options, &[(".condarc", "channels: []\n")], |home, practice| {
        let ini = home.join(".anaconda/navigator/anaconda-navigator.ini");
        std::fs::create_dir_all(ini.parent().unwrap()).unwrap();
        std::fs::write(
            ini,
            format!("[main]\nanaconda_server_api_url = '{}'\n", practice.url()),
        )
        .unwrap();
    });
    window.click("page-doctor");
    window.until("the end", |window| window.has(id("doctor-run")));
    assert!(window.says("Localhost has a certificate that it signed itself."));
    window.click("fix-tls");
    window.until("the certificate", |window| window.has(id("certificate-compared")));
    window.click("certificate-compared");
    window.click("certificate-trust");
    window.until_it_says("Practice server answers");
    window.until_idle();
    assert!(!window.has(id("certificate-compared")));
    assert!(
        window
            .file(".config/sextant/trust.toml")
            .contains("pinned-certificate")
    );
}

#[test]
fn cancelling_ends_it_and_a_report_is_saved() {
    let mut window = Window::open(&[(".condarc", "channels: []\n")]);
    window.click("page-doctor");
    window.click("doctor-cancel");
    window.until_idle();
    assert!(window.says("Cancelled after"));
    window.click("doctor-run");
    window.until("the end", |window| window.has(id("doctor-run")));
    window.click("doctor-report");
    window.click("doctor-report-save");
    window.until_it_says("The report is in ~/sextant-report.txt.");
    assert!(window.file("sextant-report.txt").starts_with("Sextant doctor"));
}
