use std::time::Duration;

use iced_test::selector::id;
use iced_test::simulator;

use super::*;
use crate::error::Kind;
use crate::repository::{Outcome, Step};
use crate::ui::modal::modal;
use crate::ui::text;

fn view(screen: &SetDomain) -> Element<'_, Message> {
    modal(text::body("page"), Some(screen.view()))
}

fn typed(screen: &mut SetDomain, words: &str) {
    let messages: Vec<Message> = {
        let mut ui = simulator(view(screen));
        ui.click(id("domain")).expect("the field");
        let _ = ui.typewrite(words);
        ui.into_messages().collect()
    };
    if let Some(message) = messages.into_iter().last() {
        screen.update(message);
    }
}

fn pressed(screen: &mut SetDomain, label: &str) -> Vec<Action> {
    let messages: Vec<Message> = {
        let mut ui = simulator(view(screen));
        ui.click(label).expect("a visible button");
        ui.into_messages().collect()
    };
    messages
        .into_iter()
        .map(|message| screen.update(message))
        .collect()
}

fn shows(screen: &SetDomain, words: &str) -> bool {
    simulator(view(screen)).find(words).is_ok()
}

fn domain() -> Domain {
    Domain::parse("https://repo.example.com").unwrap()
}

fn running() -> (SetDomain, Key) {
    let mut screen = SetDomain::new(Wanted::Server, "repo.example.com", None);
    let Action::Check { key, .. } = screen.update(Message::SetPressed) else {
        panic!("no check");
    };
    (screen, key)
}

#[test]
fn nothing_can_be_set_before_something_was_typed() {
    let mut screen = SetDomain::new(Wanted::Server, "", None);
    assert!(pressed(&mut screen, "Set Domain").is_empty());
}

#[test]
fn what_the_text_became_is_shown_and_checked() {
    let mut screen = SetDomain::new(
        Wanted::Server,
        "https://repo.example.com/api/repo/t/abc123/mai",
        None,
    );
    assert!(shows(&screen, "using https://repo.example.com"));
    let actions = pressed(&mut screen, "Set Domain");
    assert!(
        matches!(&actions[..], [Action::Check { domain: found, ca_file: None, .. }] if *found == domain())
    );
}

#[test]
fn typing_takes_the_error_away() {
    let mut screen = SetDomain::new(Wanted::Server, "ftp://repo.example.com", None);
    assert_eq!(pressed(&mut screen, "Set Domain"), [Action::None]);
    let error = "ftp:// is not the address of a web server. Use an address that begins with https://";
    assert!(shows(&screen, error));
    typed(&mut screen, "x");
    assert!(!shows(&screen, error));
}

#[test]
fn plain_http_is_warned_about() {
    let screen = SetDomain::new(Wanted::Server, "http://repo.example.com", None);
    assert!(shows(
        &screen,
        "using http://repo.example.com: not encrypted, password and token can be read on the way"
    ));
}

#[test]
fn steps_are_shown_as_they_end_and_stale_ones_dropped() {
    let (mut screen, key) = running();
    let done = CheckStep {
        step: Step::Proxy,
        outcome: Outcome::Skipped,
    };
    screen.update(Message::Stepped {
        key: Key::fresh(),
        step: done.clone(),
    });
    assert!(!shows(&screen, "no proxy on the way"));
    screen.update(Message::Stepped { key, step: done });
    assert!(shows(&screen, "no proxy on the way"));
    assert!(shows(&screen, "Server"), "what is still to come");
}

#[test]
fn cancel_ends_the_check_first_and_the_dialog_then() {
    let (mut screen, key) = running();
    assert_eq!(pressed(&mut screen, "Cancel"), [Action::Abort(key)]);
    let late = Message::Ended {
        key,
        result: Err(Problem::new(Kind::Network, "late")),
    };
    assert_eq!(screen.update(late), Action::None);
    assert!(!shows(&screen, "Late."));
    assert_eq!(pressed(&mut screen, "Cancel"), [Action::Close]);
}

#[test]
fn a_failure_says_what_why_and_what_to_do() {
    let (mut screen, key) = running();
    let problem = Problem::new(Kind::NotAServer, "this is no server")
        .because("a sign-in page answered")
        .remedy("connect to the company network");
    screen.update(Message::Ended {
        key,
        result: Err(problem),
    });
    for words in [
        "This is no server.",
        "A sign-in page answered.",
        "Connect to the company network.",
    ] {
        assert!(shows(&screen, words), "{words}");
    }
}

#[test]
fn a_ca_file_goes_with_the_check() {
    let mut screen = SetDomain::new(Wanted::Server, "repo.example.com", None);
    pressed(&mut screen, "The server uses our own certificate authority");
    screen.update(Message::CaFileTyped(" /etc/ours.pem ".to_owned()));
    let Action::Check { ca_file, .. } = screen.update(Message::SetPressed) else {
        panic!("no check");
    };
    assert_eq!(ca_file, Some(PathBuf::from("/etc/ours.pem")));
}

#[test]
fn the_facts_are_those_of_the_steps() {
    let step = |step, outcome| CheckStep { step, outcome };
    let facts = facts(&[
        step(Step::Tls, Outcome::Skipped),
        step(
            Step::Answer,
            Outcome::Done {
                took: Duration::from_millis(84),
                found: crate::repository::Found::Server(Default::default()),
            },
        ),
    ]);
    assert_eq!(facts, "not encrypted · Anaconda Server · 84 ms");
}

#[test]
fn what_is_pasted_shows_in_no_message() {
    let message = Message::Typed(Typed::new("https://al:hunter2@h/t/tok/x"));
    assert!(!format!("{message:?}").contains("hunter2"));
}
