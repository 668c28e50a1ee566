use iced_test::selector::id;
use iced_test::{Simulator, simulator};

use super::*;
use crate::error::Kind;
use crate::screen::tokens::create::tests::{desired, token};
use crate::ui::modal::modal;

fn seat(service: Service) -> Seat {
    desired(service).seat
}

fn at() -> Timestamp {
    "2026-11-25T08:00:00Z".parse().unwrap()
}

fn read(tokens: Vec<ServerToken>) -> Account {
    let (mut account, Step::Read(question)) = Account::new(vec![seat(Service::Repository)]) else {
        panic!("nothing is asked");
    };
    let found = AccountTokens {
        tokens,
        ..desired(Service::Repository).account
    };
    account.update(Message::Read {
        key: question.key,
        at: at(),
        result: Ok(Box::new(found)),
    });
    account
}

fn usual() -> Account {
    let in_use = ServerToken {
        in_use: true,
        ..token("sextant-alice@desk")
    };
    let over = ServerToken {
        expires_at: Some("2026-01-01T00:00:00Z".parse().unwrap()),
        surely_of_this_machine: true,
        ..token("old")
    };
    read(vec![token("ci"), over, in_use])
}

fn view(account: &Account) -> Element<'_, Message> {
    modal(account.view(900.0, true), None)
}

fn ui(account: &Account) -> Simulator<'_, Message> {
    simulator(view(account))
}

fn shows(account: &Account, words: &str) -> bool {
    ui(account).find(words).is_ok()
}

fn click(account: &mut Account, name: &'static str) -> Vec<Step> {
    let messages: Vec<Message> = {
        let mut ui = ui(account);
        ui.click(id(name))
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        ui.into_messages().collect()
    };
    messages
        .into_iter()
        .map(|message| account.update(message))
        .collect()
}

fn stand_on(account: &mut Account, place: usize) {
    account.update(Message::List(virtual_list::Event::Pressed(place)));
}

#[test]
fn the_tokens_are_listed_with_what_is_known_the_ones_of_this_machine_first() {
    let account = usual();
    for words in [
        "sextant-alice@desk",
        "in use here",
        "ci",
        "old",
        "left over",
        "expired",
        "2027-01-31",
        "build-7",
        "Last host",
    ] {
        assert!(shows(&account, words), "{words}");
    }
    assert!(!shows(&account, "Created"), "the server does not say");
    assert_eq!(account.token(0).unwrap().name, "sextant-alice@desk");
}

#[test]
fn several_are_ticked_and_revoked_but_never_the_one_in_use() {
    let mut account = usual();
    for place in 0..3 {
        account.update(Message::TickPressed(place));
    }
    assert!(shows(&account, "2 tokens chosen"));
    let steps = click(&mut account, "account-tokens-revoke");
    let [Step::Revoke(_, tokens)] = &steps[..] else {
        panic!("{steps:?}");
    };
    let names: Vec<&str> = tokens.iter().map(|token| token.name.as_str()).collect();
    assert_eq!(names, ["ci", "old"]);
    click(&mut account, "account-tokens-clear");
    assert!(!shows(&account, "2 tokens chosen"));
}

#[test]
fn the_one_under_the_cursor_is_replaced_revoked_or_renewed() {
    let mut account = usual();
    stand_on(&mut account, 1);
    let steps = click(&mut account, "account-tokens-replace");
    assert!(matches!(&steps[..], [Step::Create(_, Some(token))] if token.name == "ci"));
    let steps = click(&mut account, "account-tokens-revoke");
    assert!(matches!(&steps[..], [Step::Revoke(_, tokens)] if tokens.len() == 1));
    stand_on(&mut account, 0);
    let steps = click(&mut account, "account-tokens-renew");
    assert!(matches!(steps[..], [Step::Renew(Service::Repository)]));
    let delete = Message::List(virtual_list::Event::Key(Intent::Delete));
    assert!(
        matches!(account.update(delete), Step::Nothing),
        "that one is signed out of"
    );
}

#[test]
fn what_is_searched_for_is_found_in_names_scopes_and_hosts() {
    let mut account = usual();
    for (search, count) in [("CI", 1), ("pypi", 3), ("build", 3), ("nothing", 0)] {
        account.update(Message::SearchChanged(search.to_owned()));
        assert_eq!(account.len(), count, "{search}");
    }
    assert!(shows(&account, "No token matches."));
    click(&mut account, "account-tokens-clear-search");
    assert_eq!(account.len(), 3);
}

#[test]
fn a_new_token_that_was_asked_for_early_is_asked_about_once_the_account_is_read() {
    let (mut account, Step::Read(question)) = Account::new(vec![seat(Service::Repository)]) else {
        panic!("nothing is asked");
    };
    assert!(matches!(account.want_new(), Step::Nothing));
    let step = account.update(Message::Read {
        key: question.key,
        at: at(),
        result: Ok(Box::new(desired(Service::Repository).account)),
    });
    assert!(matches!(step, Step::Create(_, None)));
}

#[test]
fn the_password_is_asked_for_in_place_and_a_failure_can_be_tried_again() {
    let (mut account, Step::Read(question)) = Account::new(vec![seat(Service::AnacondaOrg)]) else {
        panic!("nothing is asked");
    };
    account.update(Message::Read {
        key: question.key,
        at: at(),
        result: Err(Problem::new(Kind::Auth, "the session has ended")),
    });
    assert!(shows(&account, "Password of alice"));
    let typed = crate::screen::typed::Typed::new("sextant");
    account.update(Message::Desk(desk::Message::Password(
        crate::screen::secret_field::Message::Typed(typed),
    )));
    let steps = click(&mut account, "account-tokens-go");
    let [Step::Read(question)] = &steps[..] else {
        panic!("{steps:?}");
    };
    account.update(Message::Read {
        key: question.key,
        at: at(),
        result: Err(Problem::new(Kind::Network, "the server does not answer")),
    });
    assert!(shows(&account, "The server does not answer."));
    let steps = click(&mut account, "account-tokens-retry");
    assert!(matches!(&steps[..], [Step::Read(_)]));
}

#[test]
fn nowhere_signed_in_says_so_and_offers_to() {
    let (mut account, step) = Account::new(Vec::new());
    assert!(matches!(step, Step::Nothing));
    let steps = click(&mut account, "account-tokens-connect");
    assert!(matches!(steps[..], [Step::Connect]));
    let mut none = read(Vec::new());
    assert!(shows(&none, "The account has no token."));
    let steps = click(&mut none, "account-tokens-first");
    assert!(matches!(&steps[..], [Step::Create(_, None)]));
}

#[test]
fn what_is_read_again_keeps_ticks_and_cursor_where_the_tokens_are_still_there() {
    let mut account = usual();
    account.update(Message::TickPressed(1));
    account.update(Message::TickPressed(2));
    stand_on(&mut account, 2);
    let Step::Read(question) = account.update(Message::RefreshPressed) else {
        panic!("nothing is asked");
    };
    assert!(
        matches!(account.update(Message::RefreshPressed), Step::Nothing),
        "once"
    );
    let old = account.token(2).unwrap().clone();
    account.update(Message::Read {
        key: question.key,
        at: at(),
        result: Ok(Box::new(AccountTokens {
            tokens: vec![old, token("aaa")],
            ..desired(Service::Repository).account
        })),
    });
    assert_eq!(account.selected().map(|token| token.name.as_str()), Some("old"));
    assert!(shows(&account, "1 token chosen"));
}
