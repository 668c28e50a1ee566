use iced::keyboard::key::Named;

use super::*;
use crate::error::Kind;
use crate::repository::Scope;
use crate::repository::kerberos::Ticket;
use crate::screen::dialog_trial::{enter_in, key as press_key, press, ready, shows, type_into};

fn begun(address: &str) -> (RepositoryLogin, Key) {
    let (screen, action) = RepositoryLogin::new(
        BinstarApi::parse(address).unwrap(),
        String::new(),
        "jsmith".to_owned(),
        None,
        TimeZone::UTC,
    );
    let Action::AskForOffer { key, api } = action else {
        panic!("the server is asked at once");
    };
    assert_eq!(api, BinstarApi::parse(address).unwrap());
    (screen, key)
}

fn offer(authentication: AuthenticationType, ticket: Option<Ticket>) -> Box<RepositoryOffer> {
    Box::new(RepositoryOffer {
        api: BinstarApi::parse("https://repo.example.com").unwrap(),
        authentication,
        ticket,
        no_ticket_because: None,
        scopes: vec![Scope {
            name: "repos".to_owned(),
            description: "Every repository".to_owned(),
        }],
    })
}

fn ticket() -> Option<Ticket> {
    Some(Ticket {
        principal: "jsmith@EXAMPLE.COM".to_owned(),
        expires_at: None,
    })
}

fn at() -> Timestamp {
    "2026-11-25T12:00:00Z".parse().unwrap()
}

fn told(screen: &mut RepositoryLogin, key: Key, result: Result<Box<RepositoryOffer>, Problem>) -> Action {
    screen.update(Message::Offered {
        key,
        at: at(),
        result,
    })
}

fn offered(authentication: AuthenticationType, ticket: Option<Ticket>) -> RepositoryLogin {
    let (mut screen, key) = begun("https://repo.example.com");
    told(&mut screen, key, Ok(offer(authentication, ticket)));
    screen
}

fn with_password() -> RepositoryLogin {
    let mut screen = offered(AuthenticationType::Password, None);
    let message = type_into(screen.view(), credentials::PASSWORD, "x").expect("typed");
    screen.update(message);
    screen
}

fn pressed(screen: &mut RepositoryLogin, label: &str) -> Action {
    let messages = press(screen.view(), label);
    assert_eq!(messages.len(), 1, "{label}");
    screen.update(messages.into_iter().next().unwrap())
}

fn running() -> (RepositoryLogin, Key) {
    let mut screen = with_password();
    let Action::LogIn { key, .. } = screen.update(Message::LoginPressed) else {
        panic!("no login");
    };
    (screen, key)
}

#[test]
fn the_server_is_asked_first_and_an_early_enter_does_nothing() {
    let (mut screen, key) = begun("http://repo.example.com:8080");
    for words in [
        "Log in to repo.example.com:8080",
        "Anaconda Repository",
        "http://repo.example.com:8080/api",
        "Asking the repository how to sign in",
    ] {
        assert!(shows(screen.view(), words), "{words}");
    }
    assert!(press_key(screen.view(), Named::Enter).is_empty());
    let stale = offer(AuthenticationType::Kerberos, None);
    told(&mut screen, Key::fresh(), Ok(stale));
    assert!(shows(screen.view(), "Asking the repository how to sign in"));
    told(&mut screen, key, Ok(offer(AuthenticationType::Password, None)));
    assert!(shows(screen.view(), "User name"));
}

#[test]
fn a_server_that_does_not_say_can_be_asked_again() {
    let (mut screen, key) = begun("https://repo.example.com");
    let problem = Problem::new(Kind::Network, "nobody answers").remedy("check the network");
    assert!(matches!(told(&mut screen, key, Err(problem)), Action::Run(_)));
    assert!(shows(screen.view(), "Nobody answers.") && shows(screen.view(), "Check the network."));
    assert!(press(screen.view(), "Login").is_empty());
    let Action::AskForOffer { key: again, .. } = pressed(&mut screen, "Try again") else {
        panic!("not asked");
    };
    assert_ne!(again, key);
}

#[test]
fn the_host_is_that_of_the_web_page() {
    let (screen, _) = begun("https://api.repo.example.com");
    assert!(shows(screen.view(), "Log in to repo.example.com"));
}

#[test]
fn login_is_greyed_until_all_is_there() {
    let mut screen = offered(AuthenticationType::Password, None);
    assert!(press(screen.view(), "Login").is_empty(), "no password");
    let message = type_into(screen.view(), credentials::PASSWORD, "x").expect("typed");
    screen.update(message);
    assert_eq!(press(screen.view(), "Login").len(), 1);
    for scope in ["repos", "conda:download"] {
        screen.update(Message::Permissions(permissions::Message::Ticked {
            scope: scope.to_owned(),
            is_ticked: false,
        }));
    }
    assert!(
        press(screen.view(), "Login").is_empty(),
        "no scopes would be everything"
    );
    assert!(matches!(screen.update(Message::LoginPressed), Action::None));
    pressed(&mut screen, "Everything");
    assert_eq!(press(screen.view(), "Login").len(), 1);
}

#[test]
fn a_password_goes_with_what_the_token_may_do() {
    let mut screen = with_password();
    let entered = enter_in(screen.view(), credentials::PASSWORD);
    assert!(matches!(&entered[..], [Message::LoginPressed]), "{entered:?}");
    let Action::LogIn {
        credential: Credential::Password { username, password },
        scopes,
        ..
    } = screen.update(Message::LoginPressed)
    else {
        panic!("no login");
    };
    assert_eq!((username.as_str(), password.expose()), ("jsmith", "x"));
    assert_eq!(scopes, ["conda:download", "repos"]);
    assert!(shows(screen.view(), "Logging in"));
    assert!(
        matches!(screen.update(Message::LoginPressed), Action::None),
        "not twice"
    );
}

#[test]
fn while_it_runs_nothing_can_be_changed() {
    let (mut screen, _) = running();
    screen.update(Message::Permissions(permissions::Message::PresetChosen(
        permissions::Preset::Everything,
    )));
    assert_eq!(screen.permissions.scopes().unwrap(), ["conda:download", "repos"]);
    assert!(press(screen.view(), "change").is_empty());
}

#[test]
fn a_refusal_is_said_in_place_also_when_it_comes_later() {
    let (mut screen, key) = running();
    let problem = Problem::new(Kind::Auth, "the server does not accept this");
    let result = Err(problem.clone());
    assert!(matches!(
        screen.update(Message::Answered { key, result }),
        Action::Run(_)
    ));
    assert!(shows(screen.view(), "The server does not accept this."));
    let message = type_into(screen.view(), credentials::PASSWORD, "y").expect("typed");
    screen.update(message);
    assert!(!shows(screen.view(), "The server does not accept this."));
    let (mut screen, key) = running();
    let result = Ok(ready());
    assert!(matches!(
        screen.update(Message::Answered { key, result }),
        Action::Done(_)
    ));
    assert!(matches!(screen.refuse(problem), Action::Run(_)));
    assert!(shows(screen.view(), "The server does not accept this."));
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
fn cancel_aborts_first_and_leaves_then_without_the_password() {
    let (mut screen, key) = running();
    assert!(matches!(pressed(&mut screen, "Cancel"), Action::Abort(own) if own == key));
    let late = screen.update(Message::Answered {
        key,
        result: Ok(ready()),
    });
    assert!(matches!(late, Action::None));
    let escaped = press_key(screen.view(), Named::Escape);
    assert!(matches!(&escaped[..], [Message::CancelPressed]), "{escaped:?}");
    assert!(matches!(screen.update(Message::CancelPressed), Action::Close));
    assert!(!screen.credentials.is_complete());
}

#[test]
fn the_domain_can_be_changed() {
    let mut screen = with_password();
    assert!(matches!(pressed(&mut screen, "change"), Action::Change));
    assert!(!screen.credentials.is_complete());
}

#[test]
fn a_ticket_is_enough() {
    let (mut screen, key) = begun("https://repo.example.com");
    let offer = offer(AuthenticationType::Kerberos, ticket());
    assert!(
        matches!(told(&mut screen, key, Ok(offer)), Action::Run(_)),
        "the focus goes to the button"
    );
    assert!(shows(screen.view(), "Sign in as jsmith@EXAMPLE.COM") && !shows(screen.view(), "Password"));
    let Action::LogIn { credential, .. } = pressed(&mut screen, "Sign in with Kerberos") else {
        panic!("no login");
    };
    assert!(matches!(
        credential,
        Credential::Kerberos {
            over_plain_http: false
        }
    ));
}

#[test]
fn without_a_ticket_one_can_be_got_and_looked_for_again() {
    let mut screen = offered(AuthenticationType::Kerberos, None);
    assert!(press(screen.view(), "Sign in with Kerberos").is_empty());
    assert!(matches!(pressed(&mut screen, "Copy"), Action::Copy(_)));
    let Action::AskForOffer { key, .. } = pressed(&mut screen, "Check again") else {
        panic!("not asked");
    };
    assert!(shows(screen.view(), "Looking for your Kerberos ticket"));
    let offer = offer(AuthenticationType::Kerberos, ticket());
    told(&mut screen, key, Ok(offer));
    assert_eq!(press(screen.view(), "Sign in with Kerberos").len(), 1);
}

#[test]
fn a_server_that_is_gone_meanwhile_leaves_the_dialog_as_it_was() {
    let mut screen = offered(AuthenticationType::Kerberos, None);
    let Action::AskForOffer { key, .. } = pressed(&mut screen, "Check again") else {
        panic!("not asked");
    };
    let problem = Problem::new(Kind::Network, "nobody answers");
    told(&mut screen, key, Err(problem));
    assert!(shows(screen.view(), "Nobody answers.") && shows(screen.view(), "What the token may do"));
}

#[test]
fn over_plain_http_the_person_allows_it() {
    let (mut screen, key) = begun("http://repo.example.com:8080");
    let offer = offer(AuthenticationType::Kerberos, ticket());
    told(&mut screen, key, Ok(offer));
    assert!(press(screen.view(), "Sign in with Kerberos").is_empty());
    pressed(&mut screen, "Use Kerberos over this unencrypted connection");
    let Action::LogIn { credential, .. } = pressed(&mut screen, "Sign in with Kerberos") else {
        panic!("no login");
    };
    assert!(matches!(
        credential,
        Credential::Kerberos {
            over_plain_http: true
        }
    ));
}

#[test]
fn a_password_is_the_other_way_beside_kerberos_only() {
    let mut screen = offered(AuthenticationType::Kerberos, None);
    assert!(matches!(pressed(&mut screen, "Use a password"), Action::Run(_)));
    assert!(shows(screen.view(), "Password"));
    assert!(matches!(pressed(&mut screen, "Use Kerberos"), Action::Run(_)));
    assert!(!shows(screen.view(), "Password"));
    let screen = offered(AuthenticationType::Password, None);
    assert!(!shows(screen.view(), "Use Kerberos"));
}

#[test]
fn a_failed_ticket_is_no_refused_password() {
    let mut screen = offered(AuthenticationType::Kerberos, ticket());
    let Action::LogIn { key, .. } = screen.update(Message::LoginPressed) else {
        panic!("no login");
    };
    let problem = Problem::new(Kind::Auth, "the ticket is not accepted").remedy("ask the administrator");
    let result = Err(problem);
    screen.update(Message::Answered { key, result });
    assert!(
        shows(screen.view(), "The ticket is not accepted.") && shows(screen.view(), "Ask the administrator.")
    );
}

#[test]
fn a_way_that_nobody_knows_is_said() {
    let screen = offered(AuthenticationType::Other("ldap".to_owned()), None);
    assert!(shows(
        screen.view(),
        "The repository wants a sign-in by ldap, which Sextant does not know."
    ));
    assert!(shows(screen.view(), "Password"));
}
