use super::*;
use crate::screen::dialog_trial::{click, shows};
use crate::screen::typed::Typed;
use crate::service::connection::ProgramName;
use crate::service::plan::PlannedToken;
use crate::service::tokens::TokenState;

fn token(service: Service, renewal: Renewal) -> TokenHealth {
    TokenHealth {
        service,
        domain: "https://psm.example.com".to_owned(),
        user: "alice".to_owned(),
        name: Some("sextant-alice-1".to_owned()),
        made_by: ProgramName::Sextant,
        scopes: vec!["channel:view".to_owned()],
        expires_at: None,
        days_left: Some(3),
        state: TokenState::EndsSoon,
        renewal,
        files: Vec::new(),
    }
}

fn plan() -> Box<Plan> {
    let mut plan = Plan::new("renewal", "Renewed the token for psm.example.com");
    plan.token = Some(PlannedToken {
        name: "sextant-alice-2".to_owned(),
        scopes: vec!["channel:view".to_owned()],
        expires_on: jiff::civil::date(2027, 11, 25),
    });
    plan.revokes = Some("sextant-alice-1".to_owned());
    Box::new(plan)
}

fn planned(service: Service, renewal: Renewal) -> Renew {
    let (mut screen, Action::Plan { key, .. }) = Renew::new(token(service, renewal), Path::new("/home/ana"))
    else {
        panic!("nothing is planned");
    };
    screen.update(Message::Planned {
        key,
        result: Ok(plan()),
    });
    screen
}

/// The key and the password of a renewal that begins by the button.
fn begun(screen: &mut Renew) -> (Key, Option<Secret>) {
    let messages = click(screen.view(), RENEW);
    let mut actions = messages.into_iter().map(|message| screen.update(message));
    match actions.next() {
        Some(Action::Renew { key, password, .. }) => (key, password),
        action => panic!("{action:?}"),
    }
}

#[test]
fn nothing_is_renewed_before_it_was_shown() {
    let (mut screen, _) = Renew::new(token(Service::Server, Renewal::AtOnce), Path::new("/home/ana"));
    assert!(matches!(screen.update(Message::RenewPressed), Action::None));
}

#[test]
fn the_plan_is_shown_and_carried_out_with_the_session() {
    let mut screen = planned(Service::Server, Renewal::AtOnce);
    for words in [
        "sextant-alice-2",
        "25 November 2027",
        "The token sextant-alice-1 is revoked once the new one works.",
    ] {
        assert!(shows(screen.view(), words), "{words}");
    }
    let (_, password) = begun(&mut screen);
    assert!(password.is_none());
}

#[test]
fn an_ended_session_asks_for_the_password_in_place() {
    let mut screen = planned(Service::Server, Renewal::WithPassword);
    assert!(shows(screen.view(), "Password of alice"));
    assert!(matches!(screen.update(Message::RenewPressed), Action::None));
    screen.update(Message::Password(secret_field::Message::Typed(Typed::new(
        "sextant",
    ))));
    let (key, password) = begun(&mut screen);
    assert_eq!(password.expect("the password").expose(), "sextant");
    let refusal = Problem::new(Kind::Auth, "the server did not accept this name and password");
    let action = screen.update(Message::Ended {
        key,
        end: End::Failed(refusal),
    });
    assert!(matches!(action, Action::Run(_)), "focus and selection");
    assert!(shows(
        screen.view(),
        "The server did not accept this name and password."
    ));
}

#[test]
fn a_session_that_ended_unnoticed_asks_for_the_password_too() {
    let mut screen = planned(Service::Server, Renewal::AtOnce);
    let (key, _) = begun(&mut screen);
    screen.update(Message::Ended {
        key,
        end: End::Failed(Problem::new(
            Kind::Auth,
            "the session on psm.example.com is no longer valid",
        )),
    });
    assert!(shows(screen.view(), "Password of alice"));
    screen.update(Message::Password(secret_field::Message::Typed(Typed::new(
        "sextant",
    ))));
    let (_, password) = begun(&mut screen);
    assert!(password.is_some());
}

#[test]
fn a_repository_takes_a_ticket_in_place_of_a_password() {
    let mut screen = planned(Service::Repository, Renewal::WithPassword);
    assert!(shows(
        screen.view(),
        "Leave it empty to use your Kerberos ticket."
    ));
    let (_, password) = begun(&mut screen);
    assert!(password.is_none());
}

#[test]
fn a_stale_plan_is_shown_anew() {
    let mut screen = planned(Service::Server, Renewal::AtOnce);
    let (key, _) = begun(&mut screen);
    screen.update(Message::Ended {
        key,
        end: End::Stale(plan()),
    });
    assert!(shows(
        screen.view(),
        "A file was changed by another program meanwhile."
    ));
    begun(&mut screen);
}

#[test]
fn cancel_stops_first_and_leaves_then() {
    let mut screen = planned(Service::Server, Renewal::AtOnce);
    let (key, _) = begun(&mut screen);
    assert!(matches!(screen.update(Message::CancelPressed), Action::Abort(own) if own == key));
    assert!(matches!(screen.update(Message::CancelPressed), Action::Close));
}

#[test]
fn the_password_shows_in_no_message_and_no_state() {
    let mut screen = planned(Service::Server, Renewal::WithPassword);
    let message = Message::Password(secret_field::Message::Typed(Typed::new("sextant-secret")));
    assert!(!format!("{message:?}").contains("sextant-secret"));
    screen.update(message);
    assert!(!format!("{screen:?}").contains("sextant-secret"));
}
