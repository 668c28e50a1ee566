use iced::keyboard::key::Named;

use super::*;
use crate::error::Kind;
use crate::screen::dialog_trial::{enter_in, key as press_key, press, shows, type_into};
use crate::screen::secret_field;
use crate::screen::typed::Typed;

fn screen(refusal: Option<Problem>) -> ProxyLogin {
    ProxyLogin::new(
        "http://proxy.example.com:3128".to_owned(),
        "jsmith".to_owned(),
        refusal,
    )
}

fn with_password() -> ProxyLogin {
    let mut screen = screen(None);
    let message = type_into(screen.view(), credentials::PASSWORD, "x").expect("typed");
    assert!(matches!(screen.update(message), Action::None));
    screen
}

fn running() -> (ProxyLogin, Key) {
    let mut screen = with_password();
    let Action::Use { key, .. } = screen.update(Message::UsePressed) else {
        panic!("not used");
    };
    (screen, key)
}

fn refusal() -> Problem {
    Problem::new(
        Kind::Auth,
        "the proxy does not accept this user name and password",
    )
    .remedy("type them again")
}

#[test]
fn it_says_who_asks_and_where_it_is_kept() {
    let screen = screen(None);
    for words in [
        "The proxy proxy.example.com:3128 wants a user name and a password.",
        "They are kept in the keyring of this computer, and sent to this proxy only. The connection to it is not \
         encrypted.",
    ] {
        assert!(shows(screen.view(), words), "{words}");
    }
    let secured = ProxyLogin::new("https://proxy.example.com:3129".to_owned(), String::new(), None);
    assert!(shows(
        secured.view(),
        "They are kept in the keyring of this computer, and sent to this proxy only."
    ));
}

#[test]
fn both_are_needed() {
    let screen = screen(None);
    assert!(press(screen.view(), "Use and try again").is_empty());
    let mut screen = with_password();
    let messages = press(screen.view(), "Use and try again");
    assert!(matches!(&messages[..], [Message::UsePressed]), "{messages:?}");
    let Action::Use {
        proxy,
        name,
        password,
        ..
    } = screen.update(Message::UsePressed)
    else {
        panic!("not used");
    };
    assert_eq!(
        (proxy.as_str(), name.as_str(), password.expose()),
        ("http://proxy.example.com:3128", "jsmith", "x")
    );
    assert!(
        matches!(screen.update(Message::UsePressed), Action::None),
        "not twice"
    );
    assert!(shows(screen.view(), "Asking the proxy"));
}

#[test]
fn enter_uses_them_and_escape_closes() {
    let mut screen = with_password();
    let entered = enter_in(screen.view(), credentials::PASSWORD);
    assert!(matches!(&entered[..], [Message::UsePressed]), "{entered:?}");
    let escaped = press_key(screen.view(), Named::Escape);
    assert!(matches!(&escaped[..], [Message::CancelPressed]), "{escaped:?}");
    assert!(matches!(screen.update(Message::CancelPressed), Action::Close));
    assert!(!screen.credentials.is_complete(), "the password is forgotten");
}

#[test]
fn a_refusal_is_said_in_place_until_something_else_is_typed() {
    let (mut screen, key) = running();
    let result = Err(refusal());
    let action = screen.update(Message::Answered { key, result });
    assert!(matches!(action, Action::Run(_)), "focus and selection");
    let said = "The proxy does not accept this user name and password.";
    assert!(shows(screen.view(), said) && shows(screen.view(), "Type them again."));
    screen.update(Message::Credentials(credentials::Message::Password(
        secret_field::Message::CapsLock(true),
    )));
    assert!(shows(screen.view(), said), "that is no other password");
    screen.update(Message::Credentials(credentials::Message::Password(
        secret_field::Message::Typed(Typed::new("y")),
    )));
    assert!(!shows(screen.view(), said) && shows(screen.view(), "Caps Lock is on"));
}

#[test]
fn it_may_open_with_a_refusal() {
    let screen = screen(Some(refusal()));
    assert!(shows(
        screen.view(),
        "The proxy does not accept this user name and password."
    ));
}

#[test]
fn other_failures_say_what_to_do() {
    let (mut screen, key) = running();
    let problem = Problem::new(Kind::Network, "nobody answers").remedy("check the network");
    let result = Err(problem);
    screen.update(Message::Answered { key, result });
    assert!(shows(screen.view(), "Nobody answers.") && shows(screen.view(), "Check the network."));
}

#[test]
fn cancel_aborts_first_and_late_answers_are_dropped() {
    let (mut screen, key) = running();
    assert!(matches!(screen.update(Message::CancelPressed), Action::Abort(own) if own == key));
    let late = screen.update(Message::Answered { key, result: Ok(()) });
    assert!(matches!(late, Action::None));
}

#[test]
fn when_it_lets_us_through_the_password_is_forgotten_here() {
    let (mut screen, key) = running();
    let action = screen.update(Message::Answered { key, result: Ok(()) });
    assert!(matches!(action, Action::Done));
    assert!(!screen.credentials.is_complete());
    assert!(!format!("{screen:?}").contains("hunter2"));
}
