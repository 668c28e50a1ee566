use iced::keyboard::key::Named;
use iced_test::selector::id;
use iced_test::{Simulator, simulator};

use super::*;
use crate::conda::environment::Protection;

fn environment(name: &str) -> Environment {
    Environment {
        name: Some(name.to_owned()),
        prefix: format!("/home/ana/miniconda3/envs/{name}").into(),
        python: Some("3.12.4".to_owned()),
        packages: 318,
        is_base: false,
        protections: Vec::new(),
    }
}

fn base() -> Environment {
    Environment {
        prefix: "/home/ana/miniconda3".into(),
        is_base: true,
        protections: vec![Protection::Base],
        ..environment("base")
    }
}

fn loaded(found: Vec<Environment>) -> (Environments, Action) {
    let (mut screen, Action::Load(key)) = Environments::new(Path::new("/home/ana")) else {
        panic!("nothing is loaded");
    };
    let action = screen.update(Message::Loaded { key, found });
    (screen, action)
}

fn press(screen: &mut Environments, what: &'static str) -> Vec<Action> {
    let messages: Vec<Message> = {
        let mut ui = simulator(screen.view(true));
        ui.click(id(what))
            .unwrap_or_else(|error| panic!("{what}: {error}"));
        ui.into_messages().collect()
    };
    messages
        .into_iter()
        .map(|message| screen.update(message))
        .collect()
}

#[test]
fn an_environment_is_shown_with_what_is_in_it_and_its_size_once_that_is_known() {
    let (mut screen, action) = loaded(vec![base()]);
    let Action::Measure { key, prefixes } = action else {
        panic!("nothing is measured");
    };
    assert_eq!(prefixes, [PathBuf::from("/home/ana/miniconda3")]);
    let mut ui = simulator(screen.view(true));
    for words in ["base", "3.12.4", "318", "1 environment, measuring their sizes…"] {
        ui.find(words).unwrap_or_else(|_| panic!("{words}"));
    }
    drop(ui);
    let size = DiskSize {
        own: 3_200_000_000,
        shared: 900_000_000,
    };
    let measured = |key| Message::Measured {
        key,
        prefix: "/home/ana/miniconda3".into(),
        measure: Measure::Known(size),
    };
    screen.update(measured(Key::fresh()));
    assert!(
        simulator(screen.view(true)).find("4.1 GB").is_err(),
        "an older question"
    );
    screen.update(measured(key));
    screen.update(Message::MeasuringEnded {
        key,
        total: Some(5_000_000_000),
    });
    let mut ui = simulator(screen.view(true));
    for words in ["4.1 GB", "1 environment, 5.0 GB on disk"] {
        ui.find(words).unwrap_or_else(|_| panic!("{words}"));
    }
}

#[test]
fn an_empty_page_helps_on() {
    let (mut screen, action) = loaded(Vec::new());
    assert!(matches!(action, Action::None));
    let messages: Vec<Message> = {
        let mut ui = simulator(screen.view(false));
        ui.click("Connect").expect("the button");
        ui.into_messages().collect()
    };
    let actions: Vec<Action> = messages
        .into_iter()
        .map(|message| screen.update(message))
        .collect();
    assert!(matches!(&actions[..], [Action::Connect]));
    assert!(simulator(screen.view(true)).find("Connect").is_err());
    assert!(matches!(
        &press(&mut screen, "environments-create")[..],
        [Action::Create]
    ));
}

#[test]
fn a_list_read_for_an_older_question_is_dropped() {
    let (mut screen, _) = loaded(Vec::new());
    screen.update(Message::Loaded {
        key: Key::fresh(),
        found: vec![base()],
    });
    assert_eq!(screen.len(), 0);
}

#[test]
fn buttons_act_on_the_environment_under_the_cursor() {
    let (mut screen, _) = loaded(vec![base(), environment("etl")]);
    assert!(
        simulator(screen.view(true))
            .find(id("environment-clone"))
            .is_err()
    );
    screen.update(Message::List(virtual_list::Event::Pressed(1)));
    for (button, deed) in [
        ("environment-packages", Deed::Packages),
        ("environment-terminal", Deed::OpenTerminal),
        ("environment-clone", Deed::Clone),
        ("environment-rename", Deed::Rename),
        ("environment-export", Deed::Export),
        ("environment-remove", Deed::Remove),
    ] {
        let actions = press(&mut screen, button);
        let [Action::Do(done, of)] = &actions[..] else {
            panic!("{button} gives {actions:?}");
        };
        assert_eq!((*done, of.name.as_deref()), (deed, Some("etl")));
    }
    // conda's own installation stays where it is.
    screen.update(Message::List(virtual_list::Event::Pressed(0)));
    assert!(press(&mut screen, "environment-remove").is_empty());
    let Action::None = screen.update(Message::DeedChosen(Deed::Remove)) else {
        panic!("base would be removed");
    };
}

#[test]
fn keys_do_the_same_in_the_list() {
    let (mut screen, _) = loaded(vec![base(), environment("etl")]);
    let mut doings = Vec::new();
    for key in [
        Named::ArrowDown,
        Named::ArrowDown,
        Named::Enter,
        Named::F2,
        Named::Delete,
    ] {
        let messages: Vec<Message> = {
            let mut ui = simulator(screen.view(true));
            ui.click(id(TABLE)).expect("the list");
            // The press itself is not what is looked at.
            let _ = ui.tap_key(key);
            ui.into_messages().last().into_iter().collect()
        };
        screen.list.set_cursor(Some(1));
        for message in messages {
            if let Action::Do(deed, environment) = screen.update(message) {
                doings.push((deed, environment.name));
            }
        }
    }
    let etl = Some("etl".to_owned());
    assert_eq!(
        doings,
        [
            (Deed::Packages, etl.clone()),
            (Deed::Rename, etl.clone()),
            (Deed::Remove, etl)
        ]
    );
}

#[test]
fn in_the_smallest_window_everything_is_in_menus() {
    let (screen, _) = loaded(vec![base(), environment("etl")]);
    let mut ui = Simulator::with_size(
        iced::Settings::default(),
        iced::Size::new(324.0, 220.0),
        screen.view(true),
    );
    ui.click(id("environments-more")).expect("the menu");
    ui.click("Import").expect("its entry");
    let messages: Vec<Message> = ui.into_messages().collect();
    assert!(
        messages
            .iter()
            .any(|message| matches!(message, Message::ImportPressed)),
        "{messages:?}"
    );
    let mut ui = Simulator::with_size(
        iced::Settings::default(),
        iced::Size::new(324.0, 220.0),
        screen.view(true),
    );
    ui.click(id("environment-more-1")).expect("the menu of a row");
    ui.click("Rename").expect("its entry");
    let messages: Vec<Message> = ui.into_messages().collect();
    let is_rename = |message: &Message| matches!(message, Message::RowDeedChosen(1, Deed::Rename));
    assert!(messages.iter().any(is_rename), "{messages:?}");
}

#[test]
fn a_reload_keeps_the_cursor_on_its_environment() {
    let (mut screen, _) = loaded(vec![base(), environment("etl")]);
    screen.update(Message::List(virtual_list::Event::Pressed(1)));
    let Action::Load(key) = screen.reload() else {
        panic!("nothing is loaded");
    };
    assert_eq!(screen.len(), 2, "what was there stays in sight");
    let found = vec![base(), environment("all"), environment("etl")];
    screen.update(Message::Loaded { key, found });
    assert_eq!(
        screen.row(2).map(|row| label(&row.environment, Path::new("/"))),
        Some("etl".to_owned())
    );
    assert_eq!(screen.list.cursor(), Some(2));
    let Action::Load(key) = screen.reload_at(Path::new("/home/ana/miniconda3/envs/all")) else {
        panic!("nothing is loaded");
    };
    let found = vec![base(), environment("all"), environment("etl")];
    screen.update(Message::Loaded { key, found });
    assert_eq!(screen.list.cursor(), Some(1));
}

#[test]
fn a_search_that_finds_nothing_is_cleared_from_where_it_is_said() {
    let (mut screen, _) = loaded(vec![base()]);
    screen.update(Message::SearchChanged("zzz".to_owned()));
    assert_eq!(screen.len(), 0);
    press(&mut screen, "environments-clear");
    assert_eq!((screen.len(), screen.search.as_str()), (1, ""));
}

#[test]
fn cancelled_work_is_not_waited_for() {
    let (mut screen, Action::Load(key)) = Environments::new(Path::new("/home/ana")) else {
        panic!("nothing is loaded");
    };
    screen.cancelled(key);
    assert!(simulator(screen.view(true)).find("Create").is_ok());
    let (mut screen, Action::Measure { key, .. }) = loaded(vec![base()]) else {
        panic!("nothing is measured");
    };
    screen.cancelled(key);
    assert_eq!(screen.row(0).map(|row| row.measure), Some(Measure::Unknown));
}
