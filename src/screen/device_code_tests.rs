use std::time::Duration;

use iced::keyboard::key::Named;

use super::*;
use crate::error::Kind;
use crate::repository::Domain;
use crate::screen::dialog_trial::{key as press_key, press, ready, shows};

fn begun(site: SignOnSite) -> (DeviceCode, Key) {
    let (screen, action) = DeviceCode::new(site);
    let Action::Begin { key, .. } = action else {
        panic!("it begins at once");
    };
    (screen, key)
}

fn prompt(complete: Option<&str>) -> DevicePrompt {
    DevicePrompt {
        user_code: "WDJB-MJHT".to_owned(),
        verification_uri: "https://anaconda.com/device".parse().unwrap(),
        verification_uri_complete: complete.map(|address| address.parse().unwrap()),
        expires_in: Duration::from_secs(60),
    }
}

fn waiting(complete: Option<&str>) -> (DeviceCode, Key, Instant) {
    let (mut screen, key) = begun(SignOnSite::AnacondaCom);
    let (prompt, at) = (prompt(complete), Instant::now());
    let action = screen.update(Message::Given { key, prompt, at });
    assert!(matches!(action, Action::Run(_)), "the focus");
    (screen, key, at)
}

fn pressed(screen: &mut DeviceCode, label: &str) -> Action {
    let messages = press(screen.view(), label);
    assert_eq!(messages.len(), 1, "{label}");
    screen.update(messages.into_iter().next().unwrap())
}

fn failed(screen: &mut DeviceCode, key: Key, message: &str) {
    let problem = Problem::new(Kind::Auth, message).remedy("start again for a new code");
    let action = screen.update(Message::Answered {
        key,
        result: Err(problem),
    });
    assert!(matches!(action, Action::Run(_)), "the focus");
}

#[test]
fn it_asks_for_a_code_and_an_early_enter_ends_nothing() {
    let (mut screen, key) = begun(SignOnSite::AnacondaCom);
    assert!(shows(screen.view(), "Asking for a code"));
    assert!(press_key(screen.view(), Named::Enter).is_empty());
    assert!(!screen.is_counting());
    assert!(matches!(pressed(&mut screen, "Cancel"), Action::Abort(own) if own == key));
}

#[test]
fn code_page_and_time_are_seen() {
    let (mut screen, _, at) = waiting(None);
    for words in [
        "Sign in to Anaconda.com",
        "WDJB-MJHT",
        "https://anaconda.com/device",
        "Waiting for you to enter the code…",
        "01:00",
    ] {
        assert!(shows(screen.view(), words), "{words}");
    }
    assert!(screen.is_counting());
    screen.update(Message::Ticked(at + Duration::from_secs(13)));
    assert!(shows(screen.view(), "00:47"));
}

#[test]
fn code_and_address_are_copied_each_for_itself() {
    let (mut screen, _, _) = waiting(None);
    assert!(matches!(pressed(&mut screen, "Copy code"), Action::Copy(code) if code == "WDJB-MJHT"));
    assert!(shows(screen.view(), "Code copied") && shows(screen.view(), "Copy"));
    let Action::Copy(address) = pressed(&mut screen, "Copy") else {
        panic!("not copied");
    };
    assert_eq!(address, "https://anaconda.com/device");
    assert!(shows(screen.view(), "Copy code") && shows(screen.view(), "Copied"));
}

#[test]
fn the_page_opens_with_the_code_in_it_where_that_is_possible() {
    let (mut screen, _, _) = waiting(None);
    let Action::OpenPage(page) = pressed(&mut screen, "Open page") else {
        panic!("not opened");
    };
    assert_eq!(page.as_str(), "https://anaconda.com/device");
    let (mut screen, _, _) = waiting(Some("https://anaconda.com/device?user_code=WDJB-MJHT"));
    let entered = press_key(screen.view(), Named::Enter);
    assert!(matches!(&entered[..], [Message::OpenPagePressed]), "{entered:?}");
    let Action::OpenPage(page) = screen.update(Message::OpenPagePressed) else {
        panic!("not opened");
    };
    assert_eq!(page.query(), Some("user_code=WDJB-MJHT"));
}

#[test]
fn once_the_code_was_used_only_cancelling_is_left() {
    let (mut screen, key, _) = waiting(None);
    screen.update(Message::CodeUsed { key });
    assert!(shows(screen.view(), "Finishing the sign-in"));
    assert!(!screen.is_counting());
    assert!(matches!(pressed(&mut screen, "Cancel"), Action::Abort(own) if own == key));
}

#[test]
fn after_a_spent_code_there_is_a_new_one() {
    let (mut screen, key, _) = waiting(None);
    failed(&mut screen, key, "the device code expired");
    assert!(shows(screen.view(), "The device code expired.") && !shows(screen.view(), "WDJB-MJHT"));
    assert!(!screen.is_counting());
    let Action::Begin { key: again, .. } = pressed(&mut screen, "New code") else {
        panic!("no new code");
    };
    assert_ne!(again, key);
    let at = Instant::now();
    let prompt = prompt(None);
    assert!(matches!(
        screen.update(Message::Given { key, prompt, at }),
        Action::None
    ));
    assert!(shows(screen.view(), "Asking for a code"), "the old code is stale");
}

#[test]
fn where_there_never_was_a_code_it_is_tried_again() {
    let (mut screen, key) = begun(SignOnSite::AnacondaCom);
    failed(&mut screen, key, "nobody answers");
    assert!(shows(screen.view(), "Nobody answers."));
    assert!(matches!(pressed(&mut screen, "Try again"), Action::Begin { .. }));
}

#[test]
fn cancel_stops_at_once_and_closes_after_a_failure() {
    let (mut screen, key, _) = waiting(None);
    let escaped = press_key(screen.view(), Named::Escape);
    assert!(matches!(&escaped[..], [Message::CancelPressed]), "{escaped:?}");
    assert!(matches!(pressed(&mut screen, "Cancel"), Action::Abort(own) if own == key));
    failed(&mut screen, key, "declined");
    assert!(matches!(pressed(&mut screen, "Cancel"), Action::Close));
}

#[test]
fn another_site_is_gone_to_only_when_agreed() {
    let site = SignOnSite::Server {
        domain: Domain::parse("https://psm.example.com").unwrap(),
        ca_file: None,
        through: None,
    };
    let (mut screen, key) = begun(site);
    let host = "login.corp.example".to_owned();
    let problem = Problem::new(Kind::Auth, "another site");
    screen.update(Message::OtherSite { key, host, problem });
    assert!(shows(screen.view(), "Another site."));
    let Action::Begin { site, .. } = pressed(&mut screen, "Go on to login.corp.example") else {
        panic!("not gone on");
    };
    assert!(matches!(site, SignOnSite::Server { through: Some(host), .. } if host == "login.corp.example"));
}

#[test]
fn a_sign_in_is_handed_on() {
    let (mut screen, key, _) = waiting(None);
    let result = Ok(ready());
    assert!(matches!(
        screen.update(Message::Answered { key, result }),
        Action::Done(_)
    ));
}
