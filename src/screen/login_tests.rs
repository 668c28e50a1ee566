use iced::keyboard::key::Named;

use super::*;
use crate::error::Kind;
use crate::screen::dialog_trial::{click, enter_in, key as press_key, press, shows};
use crate::screen::secret_field;
use crate::screen::typed::Typed;

fn screen(name: &str) -> Login {
    let domain = Domain::parse("https://psm.example.com").unwrap();
    Login::new(domain, String::new(), name.to_owned(), None)
}

fn with_password() -> Login {
    let mut screen = screen("alice");
    screen.update(typed("sextant"));
    screen
}

fn typed(password: &str) -> Message {
    let typed = secret_field::Message::Typed(Typed::new(password));
    Message::Credentials(credentials::Message::Password(typed))
}

fn running() -> (Login, Key) {
    let mut screen = with_password();
    let Action::LogIn { key, .. } = screen.update(Message::LoginPressed) else {
        panic!("no login");
    };
    (screen, key)
}

#[test]
fn login_is_greyed_until_both_are_there() {
    for (name, password, is_pressed) in [
        ("", "x", false),
        ("alice", "", false),
        (" ", "x", false),
        ("alice", "x", true),
    ] {
        let mut screen = screen(name);
        screen.update(typed(password));
        let messages = press(screen.view(), "Login");
        assert_eq!(messages.len() == 1, is_pressed, "{name:?} {password:?}");
    }
}

#[test]
fn enter_in_the_password_logs_in() {
    let mut screen = with_password();
    let messages = enter_in(screen.view(), credentials::PASSWORD);
    assert!(matches!(&messages[..], [Message::LoginPressed]), "{messages:?}");
    let Action::LogIn { name, password, .. } = screen.update(Message::LoginPressed) else {
        panic!("no login");
    };
    assert_eq!((name.as_str(), password.expose()), ("alice", "sextant"));
    assert!(
        matches!(screen.update(Message::LoginPressed), Action::None),
        "not twice"
    );
}

#[test]
fn a_wrong_password_keeps_the_name_and_says_so_in_place() {
    let (mut screen, key) = running();
    let problem = Problem::new(Kind::Auth, "The server did not accept this name and password");
    let action = screen.update(Message::Answered {
        key,
        result: Err(problem),
    });
    assert!(matches!(action, Action::Run(_)), "focus and selection");
    let said = "The server did not accept this name and password.";
    assert!(shows(screen.view(), said));
    let (name, password) = screen.credentials.take().expect("both");
    assert_eq!((name.as_str(), password.expose()), ("alice", "sextant"));
    screen.update(typed("other"));
    assert!(!shows(screen.view(), said));
}

#[test]
fn any_other_failure_says_what_to_do() {
    let (mut screen, key) = running();
    let problem = Problem::new(Kind::Network, "nobody answers").remedy("check the network");
    screen.update(Message::Answered {
        key,
        result: Err(problem),
    });
    assert!(shows(screen.view(), "Nobody answers.") && shows(screen.view(), "Check the network."));
}

#[test]
fn cancel_aborts_first_and_leaves_then_without_the_password() {
    let (mut screen, key) = running();
    assert!(matches!(screen.update(Message::CancelPressed), Action::Abort(aborted) if aborted == key));
    let late = screen.update(Message::Answered {
        key,
        result: Err(Problem::new(Kind::Auth, "late")),
    });
    assert!(matches!(late, Action::None));
    assert!(matches!(screen.update(Message::CancelPressed), Action::Close));
    assert!(!screen.credentials.has_password());
}

#[test]
fn escape_cancels() {
    let screen = screen("");
    let messages = press_key(screen.view(), Named::Escape);
    assert!(matches!(&messages[..], [Message::CancelPressed]), "{messages:?}");
}

#[test]
fn caps_lock_is_noted() {
    let mut screen = screen("alice");
    let caps_lock = |is_on| {
        let caps_lock = secret_field::Message::CapsLock(is_on);
        Message::Credentials(credentials::Message::Password(caps_lock))
    };
    screen.update(caps_lock(true));
    assert!(shows(screen.view(), "Caps Lock is on"));
    screen.update(caps_lock(false));
    assert!(!shows(screen.view(), "Caps Lock is on"));
}

#[test]
fn the_password_shows_in_neither_message_nor_state() {
    let (screen, _) = running();
    let message = typed("sextant");
    assert!(!format!("{message:?} {screen:?}").contains("sextant"));
}

#[test]
fn single_sign_on_needs_no_name_and_takes_no_password_along() {
    let mut screen = screen("");
    screen.update(typed("sextant"));
    let messages = click(screen.view(), "login-sso");
    let actions: Vec<Action> = messages
        .into_iter()
        .map(|message| screen.update(message))
        .collect();
    let [Action::SignInWithSso { domain }] = &actions[..] else {
        panic!("{actions:?}");
    };
    assert_eq!(domain.as_str(), "https://psm.example.com");
    assert!(!screen.credentials.has_password());
    let (running, _) = running();
    assert!(!shows(running.view(), "Sign in with SSO"));
}
