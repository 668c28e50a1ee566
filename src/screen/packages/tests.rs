use iced_test::selector::id;
use iced_test::{Simulator, simulator};

use super::*;
use crate::error::Kind;
use crate::package::Channel;
use crate::service::packages::tree::BranchKind;

fn installed(name: &str, version: &str) -> Installed {
    Installed {
        name: name.to_owned(),
        version: version.to_owned(),
        build: "py_0".to_owned(),
        channel: "research".to_owned(),
        size: Some(7_100_000),
        is_requested: name == "pandas",
        is_conda: name != "wheel-only",
    }
}

fn newest(version: &str) -> Newest {
    Newest {
        version: version.to_owned(),
        channel: "main".to_owned(),
    }
}

fn environment() -> Environment {
    Environment {
        label: "forecast".to_owned(),
        prefix: "/home/ana/envs/forecast".into(),
        python: Some("3.11.9".to_owned()),
        guard: None,
    }
}

/// Every action, one by one.
fn flat(action: Action) -> Vec<Action> {
    match action {
        Action::All(actions) => actions.into_iter().flat_map(flat).collect(),
        Action::None => Vec::new(),
        action => vec![action],
    }
}

fn read_in(environment: Environment) -> Packages {
    let (mut page, Action::ReadInstalled { key, .. }) =
        Packages::new(environment, Path::new("/home/ana"), Basket::default())
    else {
        panic!("nothing is read");
    };
    let packages = vec![
        installed("numpy", "1.26"),
        installed("pandas", "2.1"),
        installed("wheel-only", "1"),
    ];
    let action = page.update(Message::InstalledRead {
        key,
        result: Ok(packages),
    });
    let [Action::Compare { key, installed }] = &flat(action)[..] else {
        panic!("the index is not asked");
    };
    assert!(installed.contains(&("numpy".to_owned(), "1.26".to_owned())));
    let comparison = Comparison {
        newest: newest("2.3"),
        is_newer: true,
    };
    page.update(Message::Compared {
        key: *key,
        newest: HashMap::from([("numpy".to_owned(), comparison)]),
    });
    page
}

fn read() -> Packages {
    read_in(environment())
}

fn index() -> IndexLine {
    IndexLine::Known {
        packages: 913_402,
        days: 3,
        failed: 0,
        lacking: 0,
    }
}

fn press(page: &mut Packages, what: &'static str) -> Vec<Action> {
    let index = index();
    let messages: Vec<Message> = {
        let mut ui = simulator(page.view(&index));
        ui.click(id(what))
            .unwrap_or_else(|error| panic!("{what}: {error}"));
        ui.into_messages().collect()
    };
    messages
        .into_iter()
        .flat_map(|message| flat(page.update(message)))
        .collect()
}

fn key(page: &mut Packages, intent: Intent) -> Vec<Action> {
    flat(page.update(Message::List(virtual_list::Event::Key(intent))))
}

fn shows(page: &Packages, words: &str) -> bool {
    let index = index();
    simulator(page.view(&index)).find(words).is_ok()
}

/// Answers the search that the last action asks for.
fn answer(page: &mut Packages, action: Action, names: &[&str], is_cut: bool) {
    let key = flat(action).into_iter().find_map(|action| match action {
        Action::Search { key, .. } => Some(key),
        _ => None,
    });
    let hits = names.iter().map(|name| Hit {
        name: (*name).to_owned(),
        newest: newest("9.0"),
    });
    let found = Found {
        hits: hits.collect(),
        is_cut,
    };
    page.update(Message::Found {
        key: key.expect("a search"),
        result: Ok(found),
    });
}

#[test]
fn the_page_shows_what_is_there_and_what_is_newer() {
    let page = read();
    for words in [
        "Packages of forecast",
        "~/envs/forecast  ·  Python 3.11.9  ·  3 packages",
        "The index is 3 days old: 913,402 packages.",
        "numpy",
        "1.26",
        "2.3",
        "research",
        "7.1 MB",
    ] {
        assert!(shows(&page, words), "{words}");
    }
}

#[test]
fn ticks_and_updates_fill_the_basket_and_apply_plans_it() {
    let mut page = read();
    assert!(
        press(&mut page, "packages-apply").is_empty(),
        "there is nothing to apply"
    );
    page.list.set_cursor(Some(0));
    key(&mut page, Intent::ToggleOther);
    page.list.set_cursor(Some(1));
    key(&mut page, Intent::Toggle);
    page.list.set_cursor(Some(2));
    key(&mut page, Intent::Toggle);
    assert_eq!(
        page.basket.summary(),
        "update numpy; remove pandas",
        "conda cannot remove what pip installed"
    );
    assert!(shows(&page, "2 changes") && shows(&page, "update numpy; remove pandas"));
    assert!(matches!(
        &press(&mut page, "packages-basket")[..],
        [Action::OpenBasket]
    ));
    let actions = press(&mut page, "packages-apply");
    assert!(matches!(&actions[..], [Action::Plan(basket)] if basket.len() == 2));
    press(&mut page, "packages-clear");
    assert!(page.basket.is_empty());
}

#[test]
fn the_index_is_searched_while_one_types_and_late_answers_are_dropped() {
    let mut page = read();
    let first = page.update(Message::ShowChosen(Show::All));
    let second = page.update(Message::SearchChanged("sci".to_owned()));
    let third = page.update(Message::SearchChanged("scip".to_owned()));
    answer(&mut page, third, &["scipy"], false);
    answer(&mut page, second, &["scikit-learn", "scipy"], false);
    answer(&mut page, first, &["zlib"], false);
    assert_eq!(page.rows.len(), 1);
    assert!(shows(&page, "scipy"));
    // Installing marks it, wherever it is shown.
    page.list.set_cursor(Some(0));
    key(&mut page, Intent::Toggle);
    assert_eq!(page.basket.summary(), "install scipy");
    let more = page.update(Message::SearchChanged("s".to_owned()));
    answer(&mut page, more, &["scipy", "six"], true);
    assert!(shows(
        &page,
        "More match than are shown. Type more to find the one you look for."
    ));
    let problem = Problem::new(Kind::File, "the index cannot be read");
    let again = page.update(Message::SearchChanged("si".to_owned()));
    let Some(Action::Search { key, .. }) = flat(again).into_iter().next() else {
        panic!("nothing is searched");
    };
    page.update(Message::Found {
        key,
        result: Err(problem),
    });
    assert!(shows(&page, "The index cannot be read."));
}

fn record(version: &str) -> Record {
    Record {
        name: "numpy".to_owned(),
        version: version.to_owned(),
        build: "py311_0".to_owned(),
        build_number: 0,
        channel: Channel {
            name: "main".to_owned(),
            url: "https://psm.example.com/api/repo/main".to_owned(),
        },
        subdir: "linux-64".to_owned(),
        file_name: format!("numpy-{version}-py311_0.conda"),
        size: Some(7_100_000),
        license: Some("BSD-3-Clause".to_owned()),
        depends: vec!["python >=3.11".to_owned()],
        constrains: Vec::new(),
        timestamp: None,
    }
}

#[test]
fn the_package_under_the_cursor_is_shown_in_detail() {
    let mut page = read();
    let actions = flat(page.update(Message::List(virtual_list::Event::Pressed(0))));
    let [Action::ReadReleases { key, name }] = &actions[..] else {
        panic!("{actions:?}");
    };
    assert_eq!(name, "numpy");
    page.update(Message::ReleasesRead {
        key: *key,
        result: Ok(vec![record("2.3"), record("1.26")]),
    });
    for words in [
        "BSD-3-Clause",
        "1.26 (py_0)",
        "Why is this here",
        "What needs this",
    ] {
        assert!(shows(&page, words), "{words}");
    }
    // A version is chosen by the keys of its tree.
    let tree = |page: &mut Packages, intent| {
        let event = tree_list::Event::List(virtual_list::Event::Key(intent));
        page.update(Message::Tree(Section::Versions, event))
    };
    tree(&mut page, Intent::Down);
    tree(&mut page, Intent::Toggle);
    assert_eq!(page.basket.wanted().install, ["numpy==2.3"]);
    tree(&mut page, Intent::Right);
    tree(&mut page, Intent::Right);
    tree(&mut page, Intent::Submit);
    assert_eq!(page.basket.wanted().install, ["numpy==2.3=py311_0"]);
    assert!(shows(&page, "2.3 (py311_0) is chosen."));
    press(&mut page, "package-take-back");
    assert!(page.basket.is_empty());
    press(&mut page, "package-remove");
    assert_eq!(page.basket.wanted().remove, ["numpy"]);
}

#[test]
fn why_and_what_for_are_asked_when_they_are_looked_at() {
    let mut page = read();
    page.update(Message::List(virtual_list::Event::Pressed(0)));
    let actions = press(&mut page, "package-needs");
    let [
        Action::Explain {
            key,
            name,
            is_why: false,
            ..
        },
    ] = &actions[..]
    else {
        panic!("{actions:?}");
    };
    assert_eq!(name, "numpy");
    let reason = Reason {
        name: "pandas".to_owned(),
        version: Some("2.1".to_owned()),
        spec: Some("numpy >=1.26".to_owned()),
        is_requested: true,
        kind: BranchKind::Package,
        below: Vec::new(),
    };
    let numpy = Reason {
        name: "numpy".to_owned(),
        spec: None,
        is_requested: false,
        below: vec![reason.clone()],
        ..reason
    };
    page.update(Message::Explained {
        key: *key,
        result: Ok(vec![numpy]),
    });
    assert!(shows(&page, "asked for"));
    // From there to that package.
    let event = tree_list::Event::List(virtual_list::Event::DoublePressed(1));
    let actions = flat(page.update(Message::Tree(Section::Needs, event)));
    assert!(
        matches!(&actions[..], [Action::ReadReleases { name, .. }, Action::Explain { .. }, ..] if name == "pandas")
    );
    assert_eq!(page.list.cursor(), Some(1));
}

#[test]
fn what_is_protected_shows_why_and_cannot_be_marked() {
    let mut page = read_in(Environment {
        guard: Some(Guard::Final("this account may not write there".to_owned())),
        ..environment()
    });
    assert!(shows(&page, "This account may not write there."));
    page.list.set_cursor(Some(0));
    key(&mut page, Intent::Toggle);
    key(&mut page, Intent::ToggleOther);
    page.update(Message::UpdateAllPressed);
    assert!(page.basket.is_empty());
    // Of a frozen one the person may say so.
    let mut page = read_in(Environment {
        guard: Some(Guard::Frozen("it is frozen".to_owned())),
        ..environment()
    });
    page.list.set_cursor(Some(0));
    key(&mut page, Intent::Toggle);
    assert!(page.basket.is_empty());
    press(&mut page, "packages-nevertheless");
    key(&mut page, Intent::Toggle);
    assert_eq!(page.basket.len(), 1);
    assert!(page.is_overridden());
}

#[test]
fn leaving_and_coming_back_keeps_the_basket() {
    let mut page = read();
    page.list.set_cursor(Some(1));
    key(&mut page, Intent::Toggle);
    assert!(matches!(&press(&mut page, "packages-back")[..], [Action::Back]));
    let (page, _) = Packages::new(environment(), Path::new("/home/ana"), page.basket().clone());
    assert_eq!(page.basket.len(), 1);
}

#[test]
fn esc_goes_back_step_by_step() {
    let mut page = read();
    page.update(Message::SearchChanged("num".to_owned()));
    page.update(Message::LookPressed(0));
    page.update(Message::Key(Intent::Cancel));
    assert!(!page.is_looking);
    page.update(Message::Key(Intent::Cancel));
    assert_eq!(page.search, "");
    assert!(matches!(page.update(Message::Key(Intent::Cancel)), Action::Back));
}

#[test]
fn in_the_smallest_window_the_details_take_the_place_of_the_table() {
    let mut page = read();
    let index = index();
    let small = |page: &Packages, what: &'static str| {
        let mut ui = Simulator::with_size(
            iced::Settings::default(),
            iced::Size::new(324.0, 220.0),
            page.view(&index),
        );
        let is_there = ui.click(id(what)).is_ok();
        (is_there, ui.into_messages().collect::<Vec<Message>>())
    };
    for what in [
        "packages-search",
        "packages-show",
        "packages-more",
        "packages-apply",
    ] {
        assert!(small(&page, what).0, "{what}");
    }
    page.update(Message::LookPressed(0));
    let (_, messages) = small(&page, "package-back");
    assert!(matches!(messages[..], [Message::LookEnded]), "{messages:?}");
}

#[test]
fn a_change_is_read_again_around_the_cursor() {
    let mut page = read();
    page.list.set_cursor(Some(1));
    let Action::ReadInstalled { key, .. } = page.reload() else {
        panic!("nothing is read");
    };
    assert!(shows(&page, "numpy"), "what was there stays in sight");
    let result = Ok(vec![
        installed("arrow", "1"),
        installed("numpy", "2.3"),
        installed("pandas", "2.1"),
    ]);
    page.update(Message::InstalledRead { key, result });
    assert_eq!(page.list.cursor(), Some(2));
    let Action::ReadInstalled { key, .. } = page.reload() else {
        panic!("nothing is read");
    };
    let problem = Problem::new(Kind::File, "the folder is gone");
    page.update(Message::InstalledRead {
        key,
        result: Err(problem),
    });
    assert!(shows(&page, "The folder is gone."));
    assert!(matches!(
        &press(&mut page, "packages-again")[..],
        [Action::ReadInstalled { .. }]
    ));
}
