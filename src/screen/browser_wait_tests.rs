use std::time::Duration;

use iced::keyboard::key::Named;

use super::*;
use crate::error::Kind;
use crate::repository::Domain;
use crate::screen::dialog_trial::{key as press_key, press, ready, shows};

fn server() -> SignOnSite {
    SignOnSite::Server {
        domain: Domain::parse("https://psm.example.com").unwrap(),
        ca_file: None,
        through: None,
    }
}

fn begun(site: SignOnSite) -> (BrowserWait, Key) {
    let (screen, action) = BrowserWait::new(site);
    let Action::Begin { key, .. } = action else {
        panic!("it begins at once");
    };
    (screen, key)
}

fn opened(not_opened: Option<Problem>) -> BrowserOpened {
    BrowserOpened {
        address: "https://sso.example.com/auth?state=1".parse().unwrap(),
        site: "sso.example.com".to_owned(),
        offers_code: true,
        limit: Duration::from_secs(300),
        not_opened,
    }
}

fn waiting(not_opened: Option<Problem>) -> (BrowserWait, Key, Instant) {
    let (mut screen, key) = begun(server());
    let at = Instant::now();
    let opened = opened(not_opened);
    let action = screen.update(Message::Opened { key, opened, at });
    assert!(matches!(action, Action::Run(_)), "the focus");
    (screen, key, at)
}

fn problem() -> Problem {
    Problem::new(Kind::Auth, "the sign-in was declined").remedy("sign in again")
}

/// Presses a button and takes the one action that follows.
fn pressed(screen: &mut BrowserWait, label: &str) -> Action {
    let messages = press(screen.view(), label);
    assert_eq!(messages.len(), 1, "{label}");
    screen.update(messages.into_iter().next().unwrap())
}

#[test]
fn it_asks_first_and_an_early_enter_ends_nothing() {
    let (screen, _) = begun(server());
    assert!(shows(screen.view(), "Sign in to psm.example.com"));
    assert!(shows(screen.view(), "Package Security Manager (On-prem)"));
    assert!(shows(screen.view(), "Asking psm.example.com how to sign in"));
    assert!(!shows(screen.view(), "Use a code instead"), "not known yet");
    assert!(!screen.is_counting());
    assert!(press_key(screen.view(), Named::Enter).is_empty());
}

#[test]
fn while_it_waits_it_says_where_and_how_long() {
    let (mut screen, _, at) = waiting(None);
    assert!(screen.is_counting());
    for words in [
        "You sign in at sso.example.com",
        "Go on in your browser. This window continues by itself.",
        "05:00",
    ] {
        assert!(shows(screen.view(), words), "{words}");
    }
    screen.update(Message::Ticked(at + Duration::from_secs(28)));
    assert!(shows(screen.view(), "04:32"));
    screen.update(Message::Ticked(at + Duration::from_secs(1000)));
    assert!(shows(screen.view(), "00:00"));
}

#[test]
fn the_browser_is_opened_again_at_the_same_address() {
    let (mut screen, key, _) = waiting(None);
    let Action::OpenAgain { key: own, address } = pressed(&mut screen, "Open the browser again") else {
        panic!("not opened");
    };
    assert_eq!(
        (own, address.as_str()),
        (key, "https://sso.example.com/auth?state=1")
    );
    screen.update(Message::NotOpened {
        key,
        problem: problem(),
    });
    assert!(
        shows(screen.view(), "The sign-in was declined."),
        "what went wrong"
    );
    pressed(&mut screen, "Open the browser again");
    assert!(!shows(screen.view(), "The sign-in was declined."));
}

#[test]
fn the_address_is_copied() {
    let (mut screen, _, _) = waiting(None);
    let Action::Copy(address) = pressed(&mut screen, "Copy the address") else {
        panic!("not copied");
    };
    assert_eq!(address, "https://sso.example.com/auth?state=1");
    assert!(shows(screen.view(), "Address copied"));
}

#[test]
fn without_a_browser_it_waits_on_and_shows_the_address() {
    let why = Problem::new(Kind::Conflict, "there is no desktop here").because("DISPLAY is not set");
    let (mut screen, _, _) = waiting(Some(why));
    for words in [
        "There is no desktop here.",
        "DISPLAY is not set.",
        "Copy the address below, and open it in a browser on this computer.",
        "https://sso.example.com/auth?state=1",
        "You sign in at sso.example.com",
    ] {
        assert!(shows(screen.view(), words), "{words}");
    }
    assert!(screen.is_counting());
    assert!(matches!(
        pressed(&mut screen, "Copy the address"),
        Action::Copy(_)
    ));
}

#[test]
fn a_code_is_offered_where_there_is_one_and_what_runs_is_named() {
    let (mut screen, key, _) = waiting(None);
    let Action::UseCode { running, site } = pressed(&mut screen, "Use a code instead") else {
        panic!("no code");
    };
    assert_eq!((running, site), (Some(key), server()));
    let (mut screen, key) = begun(server());
    let opened = BrowserOpened {
        offers_code: false,
        ..opened(None)
    };
    let at = Instant::now();
    screen.update(Message::Opened { key, opened, at });
    assert!(!shows(screen.view(), "Use a code instead"));
    let (screen, _) = begun(SignOnSite::AnacondaCom);
    assert!(
        shows(screen.view(), "Use a code instead"),
        "always at Anaconda.com"
    );
    assert!(shows(screen.view(), "Anaconda.com / Anaconda.org"));
}

#[test]
fn back_from_the_browser_only_cancelling_is_left() {
    let (mut screen, key, _) = waiting(None);
    screen.update(Message::CameBack { key });
    assert!(shows(screen.view(), "Back from the browser"));
    assert!(!screen.is_counting());
    assert!(!shows(screen.view(), "Use a code instead"));
    assert!(!shows(screen.view(), "Open the browser again"));
    assert!(matches!(pressed(&mut screen, "Cancel"), Action::Abort(own) if own == key));
}

#[test]
fn cancel_and_escape_stop_at_once() {
    let (mut screen, key) = begun(server());
    assert!(matches!(pressed(&mut screen, "Cancel"), Action::Abort(own) if own == key));
    let (mut screen, key, _) = waiting(None);
    let escaped = press_key(screen.view(), Named::Escape);
    assert!(matches!(&escaped[..], [Message::CancelPressed]), "{escaped:?}");
    assert!(matches!(screen.update(Message::CancelPressed), Action::Abort(own) if own == key));
}

#[test]
fn a_failure_can_be_tried_again() {
    let (mut screen, key, _) = waiting(None);
    let result = Err(problem());
    let action = screen.update(Message::Answered { key, result });
    assert!(matches!(action, Action::Run(_)), "the focus");
    assert!(shows(screen.view(), "The sign-in was declined.") && shows(screen.view(), "Sign in again."));
    assert!(shows(screen.view(), "Use a code instead"));
    let Action::Begin { key: again, .. } = pressed(&mut screen, "Try again") else {
        panic!("not again");
    };
    assert_ne!(again, key);
    let late = screen.update(Message::Answered {
        key,
        result: Ok(ready()),
    });
    assert!(matches!(late, Action::None), "a stale answer");
    assert!(shows(screen.view(), "Asking psm.example.com how to sign in"));
}

#[test]
fn after_a_failure_cancel_closes() {
    let (mut screen, key, _) = waiting(None);
    let result = Err(problem());
    screen.update(Message::Answered { key, result });
    assert!(matches!(pressed(&mut screen, "Cancel"), Action::Close));
}

#[test]
fn another_site_is_gone_to_only_when_agreed() {
    let (mut screen, key) = begun(server());
    let host = "login.corp.example".to_owned();
    let problem = Problem::new(Kind::Auth, "another site").remedy("go on only if it is yours");
    screen.update(Message::OtherSite { key, host, problem });
    assert!(shows(screen.view(), "Another site.") && shows(screen.view(), "Go on only if it is yours."));
    let Action::Begin { site, .. } = pressed(&mut screen, "Go on to login.corp.example") else {
        panic!("not gone on");
    };
    let SignOnSite::Server { through, .. } = site else {
        panic!("another service");
    };
    assert_eq!(through.as_deref(), Some("login.corp.example"));
}

#[test]
fn what_was_agreed_goes_with_the_code_too() {
    let (mut screen, key) = begun(server());
    let host = "login.corp.example".to_owned();
    screen.update(Message::OtherSite {
        key,
        host,
        problem: problem(),
    });
    let Action::Begin { key, .. } = screen.update(Message::GoOnPressed) else {
        panic!("not gone on");
    };
    let at = Instant::now();
    let opened = opened(None);
    screen.update(Message::Opened { key, opened, at });
    let Action::UseCode { site, .. } = pressed(&mut screen, "Use a code instead") else {
        panic!("no code");
    };
    assert!(format!("{site:?}").contains("login.corp.example"));
}

#[test]
fn a_sign_in_is_handed_on() {
    let (mut screen, key, _) = waiting(None);
    let action = screen.update(Message::Answered {
        key,
        result: Ok(ready()),
    });
    assert!(matches!(action, Action::Done(_)));
}
