use iced::keyboard::key::Named;

use super::*;
use crate::error::Kind;
use crate::screen::dialog_trial::{enter_in, key as press_key, press, ready, shows, type_into};

fn pressed(screen: &mut AnacondaOrgLogin, label: &str) -> Action {
    let messages = press(screen.view(), label);
    assert_eq!(messages.len(), 1, "{label}");
    screen.update(messages.into_iter().next().unwrap())
}

fn with_password() -> AnacondaOrgLogin {
    let mut screen = AnacondaOrgLogin::new("jsmith".to_owned());
    let action = pressed(&mut screen, "User name and password of Anaconda.org");
    assert!(matches!(action, Action::Run(_)), "the focus goes to the fields");
    let message = type_into(screen.view(), credentials::PASSWORD, "x").expect("typed");
    screen.update(message);
    screen
}

fn running() -> (AnacondaOrgLogin, Key) {
    let mut screen = with_password();
    let Action::Password { key, .. } = pressed(&mut screen, "Sign in with password") else {
        panic!("no sign-in");
    };
    (screen, key)
}

#[test]
fn every_way_is_named_by_its_method_and_the_browser_comes_first() {
    let mut screen = AnacondaOrgLogin::new(String::new());
    assert!(matches!(
        pressed(&mut screen, "Sign in with browser"),
        Action::Browser
    ));
    assert!(matches!(
        pressed(&mut screen, "Use a device code"),
        Action::Device
    ));
    let entered = press_key(screen.view(), Named::Enter);
    assert!(matches!(&entered[..], [Message::BrowserPressed]), "{entered:?}");
    assert!(!shows(screen.view(), "Sign in with password"), "folded");
}

#[test]
fn it_says_what_is_kept_and_that_it_stays_beside_a_repository() {
    let screen = AnacondaOrgLogin::new(String::new());
    for words in [
        "It can stay beside a repository.",
        "In the keyring of this computer. It comes from the browser or the device code.",
        "In conda's token file, so that conda finds your private channels.",
        "Not kept.",
    ] {
        assert!(shows(screen.view(), words), "{words}");
    }
}

#[test]
fn the_password_way_needs_both() {
    let mut screen = AnacondaOrgLogin::new("jsmith".to_owned());
    pressed(&mut screen, "User name and password of Anaconda.org");
    assert!(press(screen.view(), "Sign in with password").is_empty());
    let mut screen = with_password();
    let Action::Password { name, password, .. } = pressed(&mut screen, "Sign in with password") else {
        panic!("no sign-in");
    };
    assert_eq!((name.as_str(), password.expose()), ("jsmith", "x"));
}

#[test]
fn enter_in_the_password_signs_in_with_it() {
    let mut screen = with_password();
    let entered = enter_in(screen.view(), credentials::PASSWORD);
    assert_eq!(entered.len(), 1, "{entered:?}");
    let action = screen.update(entered.into_iter().next().unwrap());
    assert!(matches!(action, Action::Password { .. }), "{action:?}");
}

#[test]
fn nothing_else_can_be_begun_meanwhile() {
    let (mut screen, key) = running();
    assert!(shows(screen.view(), "Signing in"));
    for label in ["Sign in with browser", "Sign in with password"] {
        assert!(press(screen.view(), label).is_empty(), "{label}");
    }
    assert!(!shows(screen.view(), "Use a device code"));
    assert!(matches!(screen.update(Message::DevicePressed), Action::None));
    assert!(matches!(pressed(&mut screen, "Cancel"), Action::Abort(own) if own == key));
    assert!(matches!(pressed(&mut screen, "Cancel"), Action::Close));
    assert!(!screen.credentials.is_complete());
}

#[test]
fn a_refusal_is_said_in_place() {
    let (mut screen, key) = running();
    let problem = Problem::new(
        Kind::Auth,
        "Anaconda.org does not accept this user name and password",
    );
    let result = Err(problem.clone());
    assert!(matches!(
        screen.update(Message::Answered { key, result }),
        Action::Run(_)
    ));
    let said = "Anaconda.org does not accept this user name and password.";
    assert!(shows(screen.view(), said));
    let message = type_into(screen.view(), credentials::PASSWORD, "y").expect("typed");
    screen.update(message);
    assert!(!shows(screen.view(), said));
    let mut folded = AnacondaOrgLogin::new("jsmith".to_owned());
    assert!(
        matches!(folded.refuse(problem), Action::Run(_)),
        "also when it comes later"
    );
    assert!(shows(folded.view(), said), "the fields unfold for it");
}

#[test]
fn other_failures_say_what_to_do_and_folding_forgets() {
    let (mut screen, key) = running();
    let problem = Problem::new(Kind::Network, "nobody answers").remedy("check the network");
    let result = Err(problem);
    screen.update(Message::Answered { key, result });
    assert!(shows(screen.view(), "Nobody answers.") && shows(screen.view(), "Check the network."));
    pressed(&mut screen, "User name and password of Anaconda.org");
    assert!(!screen.credentials.is_complete());
}

#[test]
fn a_sign_in_is_handed_on_and_a_stale_one_dropped() {
    let (mut screen, key) = running();
    let stale = screen.update(Message::Answered {
        key: Key::fresh(),
        result: Ok(ready()),
    });
    assert!(matches!(stale, Action::None));
    let result = Ok(ready());
    assert!(matches!(
        screen.update(Message::Answered { key, result }),
        Action::Done(_)
    ));
}

#[test]
fn without_a_keyring_it_does_not_speak_of_one() {
    let file = crate::credential::Place::File("/home/ana/.local/share/sextant/credentials.json".into());
    let screen = AnacondaOrgLogin::new(String::new())
        .keeping(Some(file))
        .hinting(Some("This is the practice server.".to_owned()));
    for words in [
        "In a file that only you can read, because there is no keyring. It comes from the browser or the device code.",
        "This is the practice server.",
    ] {
        assert!(shows(screen.view(), words), "{words}");
    }
}
