use super::*;
use crate::screen::dialog_trial::{press, shows};
use crate::service::connection::ProgramName;
use crate::service::plan::{EndedLogin, KeptEdit};
use crate::service::status::ConnectionState;
use crate::service::tokens::TokenState;

fn opened() -> (Replace, Key) {
    let other = ConnectionStatus {
        service: Service::Server,
        domain: "https://psm.example.com".to_owned(),
        user: "alice".to_owned(),
        state: ConnectionState::Connected,
        token_expires_at: None,
        origin: ProgramName::Sextant,
        token_days_left: None,
        token_state: TokenState::Unknown,
        can_be_taken_over: false,
    };
    match Replace::new(Service::Cloud, other) {
        (
            screen,
            Action::Plan {
                key,
                service: Service::Server,
                how: PutBack::KeepEdits,
            },
        ) => (screen, key),
        (_, action) => panic!("{action:?}"),
    }
}

fn planned(change: impl FnOnce(&mut Plan)) -> Replace {
    let (mut screen, key) = opened();
    let mut plan = Plan::new("sign-out", "Signed out of psm.example.com");
    change(&mut plan);
    screen.update(Message::Planned {
        key,
        result: Ok(Box::new(plan)),
    });
    screen
}

fn pressed(screen: &mut Replace, label: &str) -> Vec<Action> {
    let messages = press(screen.view(), label);
    messages
        .into_iter()
        .map(|message| screen.update(message))
        .collect()
}

#[test]
fn one_cannot_go_on_before_one_has_seen_what_ends() {
    let (mut screen, _) = opened();
    assert!(shows(screen.view(), "Connected to psm.example.com as alice."));
    assert!(pressed(&mut screen, "Sign out and go on").is_empty());
}

#[test]
fn what_ends_is_said_and_going_on_leads_to_the_wanted_service() {
    let mut screen = planned(|plan| {
        plan.revokes = Some("sextant-alice".to_owned());
        plan.ends_logins = vec![EndedLogin {
            program: "conda-repo-cli",
            address: "psm.example.com".to_owned(),
        }];
        plan.kept_edits = vec![KeptEdit {
            key: "channels".to_owned(),
            restored: None,
            present: Some("[\"theirs\"]".to_owned()),
            kept: true,
        }];
    });
    for words in [
        "The token sextant-alice is revoked.",
        "conda-repo-cli is logged out of psm.example.com too.",
        "channels: [\"theirs\"]",
    ] {
        assert!(shows(screen.view(), words), "{words}");
    }
    assert!(matches!(
        &pressed(&mut screen, "Sign out and go on")[..],
        [Action::GoOn {
            service: Service::Cloud,
            how: PutBack::KeepEdits
        }]
    ));
}

#[test]
fn a_token_that_is_not_ours_is_only_forgotten() {
    let screen = planned(|_| {});
    assert!(shows(
        screen.view(),
        "No token is revoked, because Sextant did not create it: it is only forgotten on this machine."
    ));
}

#[test]
fn a_broken_file_can_be_replaced() {
    let (mut screen, key) = opened();
    screen.update(Message::Planned {
        key,
        result: Err(Problem::new(Kind::RefusedEdit, "line 3 is no YAML")),
    });
    let actions = pressed(&mut screen, "Put the old file back as it was");
    let [
        Action::Plan {
            key,
            how: PutBack::Exact,
            ..
        },
    ] = &actions[..]
    else {
        panic!("{actions:?}");
    };
    screen.update(Message::Planned {
        key: *key,
        result: Ok(Box::new(Plan::new("sign-out", ""))),
    });
    assert!(matches!(
        screen.update(Message::GoOnPressed),
        Action::GoOn {
            how: PutBack::Exact,
            ..
        }
    ));
}

#[test]
fn an_answer_to_an_older_question_is_dropped() {
    let (mut screen, _) = opened();
    screen.update(Message::Planned {
        key: Key::fresh(),
        result: Err(Problem::new(Kind::File, "late")),
    });
    assert!(matches!(screen.state, State::Planning(_)));
}

#[test]
fn escape_changes_nothing() {
    let mut screen = planned(|_| {});
    assert!(matches!(screen.update(Message::CancelPressed), Action::Close));
}
