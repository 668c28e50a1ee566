use super::*;
use crate::screen::dialog_trial::{click, shows};

fn ended(name: &str, status: IndexStatus, records: u64) -> IndexedSubdir {
    let problem = (status == IndexStatus::Failed).then(|| {
        Problem::new(Kind::Auth, "the server did not accept the token for this channel")
            .remedy("renew the token")
    });
    IndexedSubdir {
        name: name.to_owned(),
        url: format!("https://psm.example.com/api/repo/{name}"),
        subdir: "noarch".to_owned(),
        records,
        skipped: 0,
        as_of: None,
        status,
        problem,
    }
}

fn running() -> (IndexUpdate, Key) {
    let (mut update, Action::Update(key)) = IndexUpdate::new() else {
        panic!("nothing is updated");
    };
    let planned = ["main", "research"].map(|name| (name.to_owned(), "noarch".to_owned()));
    update.update(Message::Progressed {
        key,
        progress: IndexProgress::Planned(planned.to_vec()),
    });
    (update, key)
}

#[test]
fn each_channel_shows_how_far_it_is() {
    let (mut update, key) = running();
    let received = |key, bytes| Message::Progressed {
        key,
        progress: IndexProgress::Received {
            name: "main".to_owned(),
            subdir: "noarch".to_owned(),
            bytes,
            total: Some(4_000_000),
        },
    };
    update.update(received(key, 1_000_000));
    update.update(received(Key::fresh(), 3_000_000));
    assert!(shows(update.view(true), "1.0 MB of 4.0 MB"));
    assert_eq!(update.share(), Some((key, 0.125)));
    update.update(Message::Progressed {
        key,
        progress: IndexProgress::Ended(ended("main", IndexStatus::Updated, 1204)),
    });
    update.update(received(key, 2));
    assert!(
        shows(update.view(true), "1,204 packages"),
        "late news change nothing"
    );
    assert_eq!(update.line(), Some(IndexLine::Updating { done: 1, total: 2 }));
    assert!(shows(update.view(true), "1 of 2 fetched"));
}

#[test]
fn a_failure_stands_where_it_happened_with_what_to_do() {
    let (mut update, key) = running();
    let parts = vec![
        ended("main", IndexStatus::Unchanged, 1204),
        ended("research", IndexStatus::Failed, 86),
    ];
    let Action::Changed = update.update(Message::Ended {
        key,
        result: Ok(parts),
    }) else {
        panic!("nobody is told");
    };
    for words in [
        "1,204 packages, unchanged",
        "failed; 86 packages from before",
        "The server did not accept the token for this channel.",
        "Renew the token.",
        "1,290 packages, 1 failed",
    ] {
        assert!(shows(update.view(true), words), "{words}");
    }
    assert!(matches!(
        click(update.view(false), "index-connect")[..],
        [Message::ConnectPressed]
    ));
    let messages = click(update.view(true), "index-tokens");
    assert!(matches!(messages[..], [Message::TokensPressed]));
    let Action::Update(_) = update.update(Message::AgainPressed) else {
        panic!("it does not begin again");
    };
    assert!(update.is_running() && update.failures() == 0);
}

#[test]
fn what_is_wrong_with_a_channel_is_said_once() {
    let (mut update, key) = running();
    let of = |subdir: &str| {
        let part = ended("research", IndexStatus::Failed, 0);
        let problem = part.problem.clone().map(|problem| Problem {
            message: format!("research/{subdir}: the server wants a sign-in (401)"),
            ..problem
        });
        IndexedSubdir {
            subdir: subdir.to_owned(),
            problem,
            ..part
        }
    };
    let parts = vec![of("linux-64"), of("noarch")];
    update.update(Message::Ended {
        key,
        result: Ok(parts),
    });
    assert!(shows(
        update.view(true),
        "research: the server wants a sign-in (401)"
    ));
    assert!(!shows(
        update.view(true),
        "research/linux-64: the server wants a sign-in (401)"
    ));
    assert_eq!(update.failures(), 2);
}

#[test]
fn cancelling_stops_at_once_and_closing_does_not() {
    let (mut update, key) = running();
    assert!(matches!(update.update(Message::Closed), Action::Close));
    assert!(update.is_running());
    assert!(matches!(update.update(Message::CancelPressed), Action::Stop(own) if own == key));
    assert!(shows(
        update.view(true),
        "Cancelled. What was fetched before stays in use."
    ));
    assert!(shows(update.view(true), "not fetched"));
    let late = Message::Ended {
        key,
        result: Ok(Vec::new()),
    };
    assert!(matches!(update.update(late), Action::None));
}

#[test]
fn the_line_tells_the_age() {
    let known = |days| IndexLine::Known {
        packages: 913_402,
        days,
        failed: 0,
        lacking: 2,
    };
    assert_eq!(known(0).failures().as_deref(), Some("2 missing"));
    assert_eq!(known(0).words(), "The index is of today: 913,402 packages.");
    assert_eq!(known(3).words(), "The index is 3 days old: 913,402 packages.");
    assert!(known(7).is_old() && !known(6).is_old());
}
