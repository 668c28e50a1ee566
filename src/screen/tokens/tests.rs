use iced_test::selector::id;
use iced_test::simulator;

use super::*;
use crate::error::Kind;
use crate::screen::typed::Typed;
use crate::service::connection::ProgramName;
use crate::service::tokens::{RevokedLeftOver, TokenState};
use crate::ui::modal::modal;

fn token(service: Service) -> TokenHealth {
    TokenHealth {
        service,
        domain: "https://psm.example.com:8443".to_owned(),
        user: "alice".to_owned(),
        name: Some("sextant-alice@desk-0a1b2c".to_owned()),
        made_by: ProgramName::Sextant,
        scopes: vec!["channel:view".to_owned(), "artifact:download".to_owned()],
        expires_at: Some("2027-11-25T00:00:00Z".parse().unwrap()),
        days_left: Some(364),
        state: TokenState::Good,
        renewal: Renewal::AtOnce,
        files: vec!["/home/ana/.config/binstar/psm.token".into()],
    }
}

fn left_over(id: &str, made_by: ProgramName) -> LeftOver {
    LeftOver {
        service: Service::Server,
        domain: "https://psm.example.com:8443".to_owned(),
        id: id.to_owned(),
        name: format!("old-{id}"),
        created_at: Some("2025-01-02T03:04:05Z".parse().unwrap()),
        expires_at: None,
        made_by,
        surely_of_this_machine: made_by != ProgramName::AnacondaNavigator,
    }
}

fn view(screen: &Tokens) -> Element<'_, Message> {
    modal(screen.view(), None)
}

fn shows(screen: &Tokens, words: &str) -> bool {
    simulator(view(screen)).find(words).is_ok()
}

fn loaded(tokens: Vec<TokenHealth>) -> (Tokens, Action) {
    let (mut screen, Action::Load(key)) = Tokens::new(Path::new("/home/ana")) else {
        panic!("nothing is read");
    };
    let action = screen.update(Message::Loaded {
        key,
        result: Ok(tokens),
    });
    (screen, action)
}

/// The page with what was left over on the server.
fn found(tokens: Vec<LeftOver>) -> Tokens {
    let (mut screen, Action::Look(questions)) = loaded(vec![token(Service::Server)]) else {
        panic!("nothing is looked for");
    };
    let key = questions[0].key;
    screen.update(about_left_over(LeftOverMessage::Looked {
        key,
        result: Ok(tokens),
    }));
    screen
}

fn about_left_over(message: LeftOverMessage) -> Message {
    Message::LeftOver(Service::Server, message)
}

/// What clicking on this asks of the parent.
fn clicked(screen: &mut Tokens, name: &'static str) -> Vec<Action> {
    let messages: Vec<Message> = {
        let mut ui = simulator(view(screen));
        ui.click(id(name))
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        ui.into_messages().collect()
    };
    messages
        .into_iter()
        .map(|message| screen.update(message))
        .collect()
}

#[test]
fn a_token_is_shown_with_all_that_is_known_about_it() {
    let (screen, _) = loaded(vec![token(Service::Server)]);
    for words in [
        "psm.example.com:8443 as alice",
        "364 days left, until 25 November 2027",
        "sextant-alice@desk-0a1b2c",
        "Sextant",
        "channel:view, artifact:download",
        "~/.config/binstar/psm.token",
    ] {
        assert!(shows(&screen, words), "{words}");
    }
}

#[test]
fn how_long_it_lives_is_said_in_every_state() {
    for (state, words) in [
        (TokenState::EndsSoon, "364 days left, until 25 November 2027"),
        (
            TokenState::Expired,
            "Expired on 25 November 2027: conda is refused with it",
        ),
        (TokenState::Unknown, "Nobody said when it ends"),
    ] {
        let (screen, _) = loaded(vec![TokenHealth {
            state,
            ..token(Service::Server)
        }]);
        assert!(shows(&screen, words), "{words}");
    }
}

#[test]
fn renewing_is_asked_of_the_parent_or_a_new_token_is() {
    let cloud = TokenHealth {
        renewal: Renewal::BringNewToken,
        name: None,
        ..token(Service::Cloud)
    };
    let (mut screen, _) = loaded(vec![token(Service::Server), cloud]);
    assert!(matches!(
        &clicked(&mut screen, "token-renew-server")[..],
        [Action::Renew(token)] if token.service == Service::Server
    ));
    assert!(matches!(
        &clicked(&mut screen, "token-renew-cloud")[..],
        [Action::BringToken(Service::Cloud)]
    ));
}

#[test]
fn the_login_of_another_program_is_not_renewed_here() {
    let (screen, _) = loaded(vec![TokenHealth {
        made_by: ProgramName::CondaRepoCli,
        ..token(Service::Server)
    }]);
    assert!(shows(&screen, "conda-repo-cli") && !shows(&screen, "Renew"));
}

#[test]
fn a_machine_that_is_signed_in_nowhere_is_helped_on() {
    let (mut screen, action) = loaded(Vec::new());
    assert!(matches!(action, Action::None));
    assert!(matches!(
        &clicked(&mut screen, "tokens-connect")[..],
        [Action::Connect]
    ));
}

#[test]
fn a_failure_says_what_to_do_and_can_be_tried_again() {
    let (mut screen, Action::Load(key)) = Tokens::new(Path::new("/home/ana")) else {
        panic!("nothing is read");
    };
    screen.update(Message::Loaded {
        key: Key::fresh(),
        result: Ok(Vec::new()),
    });
    assert!(matches!(screen.content, Content::Loading(_)), "an older answer");
    screen.update(Message::Loaded {
        key,
        result: Err(Problem::new(Kind::File, "connections.json is damaged").remedy("move it away")),
    });
    assert!(shows(&screen, "Move it away."));
    assert!(matches!(screen.update(Message::ReloadPressed), Action::Load(_)));
}

#[test]
fn what_was_left_over_is_ticked_and_revoked() {
    let mut screen = found(vec![
        left_over("a", ProgramName::Sextant),
        left_over("b", ProgramName::CondaRepoCli),
    ]);
    assert!(shows(&screen, "old-a") && shows(&screen, "2025-01-02"));
    assert!(clicked(&mut screen, "left-over-revoke-server").is_empty());
    clicked(&mut screen, "left-over-b");
    assert!(shows(&screen, "Revoke 1 token"));
    let actions = clicked(&mut screen, "left-over-revoke-server");
    let [
        Action::Revoke {
            key,
            tokens,
            password: None,
            ..
        },
    ] = &actions[..]
    else {
        panic!("{actions:?}");
    };
    assert_eq!(tokens.len(), 1);
    screen.update(about_left_over(LeftOverMessage::Revoked {
        key: *key,
        result: Ok(vec![RevokedLeftOver {
            token: tokens[0].clone(),
            failed: None,
        }]),
    }));
    assert!(!shows(&screen, "old-b") && shows(&screen, "old-a"));
}

#[test]
fn a_token_that_could_not_be_revoked_stays_and_says_why() {
    let mut screen = found(vec![left_over("a", ProgramName::Sextant)]);
    clicked(&mut screen, "left-over-a");
    let actions = clicked(&mut screen, "left-over-revoke-server");
    let [Action::Revoke { key, tokens, .. }] = &actions[..] else {
        panic!("{actions:?}");
    };
    screen.update(about_left_over(LeftOverMessage::Revoked {
        key: *key,
        result: Ok(vec![RevokedLeftOver {
            token: tokens[0].clone(),
            failed: Some(Problem::new(Kind::Network, "nobody answers")),
        }]),
    }));
    assert!(shows(&screen, "old-a was not revoked") && shows(&screen, "Nobody answers."));
    assert!(shows(&screen, "Revoke 1 token"), "it can be tried again");
}

#[test]
fn a_token_that_may_be_another_machine_s_is_warned_of() {
    let mut screen = found(vec![left_over("n", ProgramName::AnacondaNavigator)]);
    let warning = "If another machine uses a token that you ticked, it loses its access.";
    assert!(!shows(&screen, warning));
    clicked(&mut screen, "left-over-n");
    assert!(shows(&screen, warning));
}

#[test]
fn nothing_left_over_is_said_too() {
    assert!(shows(&found(Vec::new()), "None."));
}

#[test]
fn an_ended_session_asks_for_the_password_in_place() {
    let (mut screen, action) = loaded(vec![TokenHealth {
        renewal: Renewal::WithPassword,
        ..token(Service::Server)
    }]);
    assert!(matches!(action, Action::None), "nothing is asked without it");
    assert!(clicked(&mut screen, "left-over-look-server").is_empty());
    screen.update(about_left_over(LeftOverMessage::PasswordTyped(Typed::new(
        "hunter2",
    ))));
    let actions = clicked(&mut screen, "left-over-look-server");
    let [Action::Look(questions)] = &actions[..] else {
        panic!("{actions:?}");
    };
    assert_eq!(
        questions[0].password.as_ref().map(Secret::expose),
        Some("hunter2")
    );
    let refused = screen.update(about_left_over(LeftOverMessage::Looked {
        key: questions[0].key,
        result: Err(Problem::new(
            Kind::Auth,
            "the server does not accept the password",
        )),
    }));
    assert!(matches!(refused, Action::Run(_)), "focus and selection");
    assert!(shows(&screen, "The server does not accept the password."));
    assert!(!format!("{screen:?}").contains("hunter2"));
}

#[test]
fn a_server_that_does_not_answer_can_be_asked_again() {
    let (mut screen, Action::Look(questions)) = loaded(vec![token(Service::Server)]) else {
        panic!("nothing is looked for");
    };
    screen.update(about_left_over(LeftOverMessage::Looked {
        key: questions[0].key,
        result: Err(Problem::new(Kind::Network, "nobody answers")),
    }));
    assert!(shows(&screen, "Nobody answers."));
    assert!(matches!(
        &clicked(&mut screen, "left-over-retry-server")[..],
        [Action::Look(_)]
    ));
}

#[test]
fn what_was_cancelled_from_outside_is_no_longer_waited_for() {
    let (mut screen, Action::Look(questions)) = loaded(vec![token(Service::Server)]) else {
        panic!("nothing is looked for");
    };
    screen.cancelled(questions[0].key);
    assert!(shows(&screen, "Looking for left-over tokens was cancelled."));
}
