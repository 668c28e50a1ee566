use iced::keyboard::key::Named;
use iced_test::selector::id;
use iced_test::simulator;

use super::*;
use crate::ui::modal::modal;

const GOOD: &str = "q7Zk3mN8pT2vX5bL9dR4wC6yH1sJ0fGaEuViOoPtKnMrWxYz";

fn view(screen: &CloudToken) -> Element<'_, Message> {
    modal(text::body("page"), Some(screen.view()))
}

fn at(address: &str) -> CloudToken {
    CloudToken::new(Ok(CloudBase::parse(address).unwrap()), None)
}

fn with(typed: &str) -> CloudToken {
    let mut screen = at(CLOUD_REPOSITORY);
    screen.update(Message::Token(secret_field::Message::Typed(Typed::new(typed))));
    screen
}

fn shows(screen: &CloudToken, words: &str) -> bool {
    simulator(view(screen)).find(words).is_ok()
}

fn running() -> (CloudToken, Key) {
    let mut screen = with(GOOD);
    match screen.update(Message::SetPressed) {
        Action::LogIn { key, token, .. } if token.expose() == GOOD => (screen, key),
        action => panic!("{action:?}"),
    }
}

fn refused() -> CloudToken {
    let (mut screen, key) = running();
    let problem = Problem::new(Kind::Auth, "repo.anaconda.cloud does not accept this token")
        .because("It answered 403; it may have been cut off")
        .remedy("Copy it again");
    let action = screen.update(Message::Answered {
        key,
        result: Err(problem),
    });
    assert!(matches!(action, Action::Run(_)), "focus and selection");
    screen
}

#[test]
fn set_token_is_greyed_until_there_is_one() {
    for (typed, is_pressed) in [("", false), ("  ", false), (GOOD, true)] {
        let screen = with(typed);
        let mut ui = simulator(view(&screen));
        ui.click("Set Token").expect("the button is seen");
        assert_eq!(ui.into_messages().count() == 1, is_pressed, "{typed:?}");
    }
}

#[test]
fn enter_submits_and_escape_cancels() {
    let screen = with(GOOD);
    let mut ui = simulator(view(&screen));
    ui.click(id(TOKEN)).expect("the field");
    ui.tap_key(Named::Enter);
    let messages: Vec<Message> = ui.into_messages().collect();
    assert!(matches!(&messages[..], [Message::SetPressed]), "{messages:?}");

    let mut ui = simulator(view(&screen));
    ui.tap_key(Named::Escape);
    let messages: Vec<Message> = ui.into_messages().collect();
    assert!(matches!(&messages[..], [Message::CancelPressed]), "{messages:?}");
}

#[test]
fn what_surrounds_a_pasted_token_is_left_out_and_that_is_said() {
    for (typed, said) in [
        (
            format!("https://repo.anaconda.cloud/t/{GOOD}/repo/main"),
            "The token was taken out of the address around it.",
        ),
        (
            format!("conda token set {GOOD}"),
            "The token was taken out of the command around it.",
        ),
        (
            format!(" {GOOD} "),
            "The spaces or quotes around the token were left out.",
        ),
    ] {
        let mut screen = with(&typed);
        assert!(shows(&screen, said), "{said}");
        let action = screen.update(Message::SetPressed);
        assert!(
            matches!(&action, Action::LogIn { token, .. } if token.expose() == GOOD),
            "{action:?}"
        );
    }
}

#[test]
fn what_is_no_token_is_explained_without_asking_the_service() {
    let mut screen = with("abc_def");
    let action = screen.update(Message::SetPressed);
    assert!(
        matches!(action, Action::Run(_)),
        "focus and selection: {action:?}"
    );
    let Attempt::Refused(problem) = &screen.state else {
        panic!("{:?}", screen.state);
    };
    assert!(shows(&screen, &shown::lines(problem)));
    screen.update(Message::Token(secret_field::Message::Typed(Typed::new("abc"))));
    assert!(
        matches!(screen.state, Attempt::Asking),
        "about what was typed then"
    );
}

#[test]
fn a_refused_token_stays_in_the_field_and_is_explained_there() {
    let screen = refused();
    assert!(shows(
        &screen,
        "repo.anaconda.cloud does not accept this token.\nIt answered 403; it may have been cut off.\nCopy it again."
    ));
    assert_eq!(screen.token.as_str(), GOOD);
}

#[test]
fn any_other_failure_says_what_to_do() {
    let (mut screen, key) = running();
    screen.update(Message::Answered {
        key,
        result: Err(Problem::new(Kind::Network, "nobody answers").remedy("check the network")),
    });
    assert!(shows(&screen, "Nobody answers.") && shows(&screen, "Check the network."));
}

#[test]
fn cancel_aborts_first_and_leaves_then_without_the_token() {
    let (mut screen, key) = running();
    assert!(matches!(screen.update(Message::CancelPressed), Action::Abort(aborted) if aborted == key));
    let late = screen.update(Message::Answered {
        key,
        result: Err(Problem::new(Kind::Auth, "late")),
    });
    assert!(matches!(late, Action::None) && matches!(screen.state, Attempt::Asking));
    assert!(matches!(screen.update(Message::CancelPressed), Action::Close));
    assert!(screen.token.is_empty());
}

#[test]
fn the_help_unfolds() {
    let mut screen = at(CLOUD_REPOSITORY);
    assert!(!shows(&screen, HELP[0]));
    let messages: Vec<Message> = {
        let mut ui = simulator(view(&screen));
        ui.click("Where is my token?").expect("the link");
        ui.into_messages().collect()
    };
    for message in messages {
        screen.update(message);
    }
    for line in HELP {
        assert!(shows(&screen, line), "{line}");
    }
}

#[test]
fn an_address_other_than_the_usual_one_is_shown() {
    assert!(!shows(&at(CLOUD_REPOSITORY), CLOUD_REPOSITORY));
    assert!(shows(
        &at("https://mirror.example.com/a"),
        "https://mirror.example.com/a/"
    ));
    let mut wrong = CloudToken::new(Err(Problem::new(Kind::Usage, "that is no address")), None);
    wrong.update(Message::Token(secret_field::Message::Typed(Typed::new(GOOD))));
    assert!(shows(&wrong, "That is no address."));
    assert!(matches!(wrong.update(Message::SetPressed), Action::None));
}

#[test]
fn the_token_shows_in_neither_message_nor_state() {
    let (screen, _) = running();
    let message = Message::Token(secret_field::Message::Typed(Typed::new(GOOD)));
    assert!(!format!("{message:?} {screen:?}").contains(GOOD));
}

#[test]
fn the_practice_server_s_token_need_not_be_typed() {
    let base = CloudBase::parse(CLOUD_REPOSITORY).unwrap();
    let mut screen = CloudToken::new(Ok(base), Some(Secret::new(GOOD)));
    let messages: Vec<Message> = {
        let mut ui = simulator(view(&screen));
        ui.click("Use its token").expect("the button");
        ui.into_messages().collect()
    };
    for message in messages {
        screen.update(message);
    }
    assert_eq!(screen.token.as_str(), GOOD);
    assert!(!shows(&at(CLOUD_REPOSITORY), "This is the practice server."));
}
