//! Reading, previewing, applying, skipping: what the page and the program say to each other.

use super::*;

#[test]
fn nothing_is_added_before_something_is_chosen() {
    let mut page = fresh();
    page.click("Add Channels");
    page.tell(Message::AddPressed);
    page.tell(Message::Key(Intent::Submit));
    assert!(
        !page
            .actions
            .iter()
            .any(|action| matches!(action, Action::Apply(_)))
    );
    page.click("main: Add to channels");
    page.click("Add Channels");
    assert!(matches!(page.last(), Action::Apply(choice) if choice.channels == entries(&["main"])));
}

#[test]
fn enter_adds_from_the_table_and_with_ctrl_from_the_search() {
    let mut page = fresh();
    page.click("main: Add to channels");
    page.focus(SEARCH);
    page.key(Named::Enter, NONE);
    assert!(
        !matches!(page.last(), Action::Apply(_)),
        "in the search, Enter goes to the table"
    );
    page.key(Named::Enter, NONE);
    assert!(matches!(page.last(), Action::Apply(_)));

    let mut page = fresh();
    page.click("main: Add to channels");
    page.focus(SEARCH);
    page.key(Named::Enter, Modifiers::COMMAND);
    assert!(matches!(page.last(), Action::Apply(_)));
}

#[test]
fn while_it_is_applied_nothing_changes_and_afterwards_it_is_the_start() {
    let mut page = fresh();
    page.click("main: Add to channels");
    page.click("Add Channels");
    let applied = page.actions.len();
    page.click("research: Add to channels");
    page.click("Tick all shown");
    page.click("Skip");
    page.tell(Message::AddPressed);
    assert!(
        page.actions[applied..]
            .iter()
            .all(|action| matches!(action, Action::None))
    );
    assert!(page.has("Writing…"));
    page.tell(Message::Applied(Ok(())));
    assert!(
        !page.has("Writing…") && !page.has(".condarc"),
        "nothing is left to change"
    );
    page.click("Add Channels");
    assert!(!matches!(page.last(), Action::Apply(_)));
    page.click("research: Add to channels");
    assert_eq!(channels(&page), "main research");
}

#[test]
fn a_refusal_stands_on_the_page_and_nothing_is_lost() {
    let mut page = fresh();
    page.click("main: Add to channels");
    page.click("Add Channels");
    page.tell(Message::Applied(Err(problem("The file was changed meanwhile"))));
    assert!(page.has("The file was changed meanwhile"));
    assert!(page.has("Ask whether the server is running."));
    page.click("Add Channels");
    assert!(matches!(page.last(), Action::Apply(choice) if choice.channels == entries(&["main"])));
    assert!(!page.has("The file was changed meanwhile"));
}

#[test]
fn the_page_is_skipped_after_a_sign_in_and_reverted_otherwise() {
    let mut page = fresh();
    assert!(page.has("conda finds no packages until channels are added."));
    page.click("Skip");
    assert!(matches!(page.last(), Action::Skip));

    let mut page = Page::opened(example(), &["main"], &[], false);
    assert!(!page.has("Skip"));
    page.tell(Message::SkipPressed);
    assert!(!page.actions.iter().any(|action| matches!(action, Action::Skip)));
    page.click("research: Add to channels");
    page.click("Revert");
    page.click("sandbox: Add to channels");
    assert_eq!(channels(&page), "main sandbox");
}

#[test]
fn the_diff_and_the_warnings_are_those_of_the_last_question() {
    let mut page = fresh();
    page.click("main: Add to channels");
    assert!(page.has(".condarc") && page.has("  - main"));
    let Action::Preview { key, .. } = page
        .actions
        .iter()
        .rev()
        .find(|a| matches!(a, Action::Preview { .. }))
        .unwrap()
    else {
        panic!("no question");
    };
    let old = *key;
    page.click("research: Add to channels");
    page.tell(Message::Previewed {
        key: old,
        outcome: Err(problem("too late")),
    });
    assert!(page.has("  - research") && !page.has("too late"));

    let action = page
        .screen
        .update(Message::Pick(sextant::screen::channels::Pick::TickAllPressed));
    let Action::Preview { key, .. } = action else {
        panic!("no question: {action:?}");
    };
    assert!(
        page.has("  - research"),
        "the old answer stays until the new one comes"
    );
    let warning = Warning {
        message: "Another file overrides channels".into(),
        remedy: Some("Look into /etc/conda/.condarc".into()),
    };
    let preview = Preview {
        diffs: Vec::new(),
        warnings: vec![warning],
    };
    page.tell(Message::Previewed {
        key,
        outcome: Ok(preview),
    });
    assert!(page.has("Another file overrides channels") && !page.has(".condarc"));
}

#[test]
fn reading_shows_progress_and_can_be_cancelled_and_started_again() {
    let mut page = Page::new(&[], &[], true);
    let key = page.load_key();
    assert!(page.has(&format!("Channels of {HOST}")) && page.has("Reading the channels…"));
    let progress = ChannelProgress {
        loaded: 1000,
        total: Some(2501),
    };
    page.tell(Message::Progressed {
        key: key + 1,
        progress,
    });
    assert!(page.has("Reading the channels…"), "progress of another question");
    page.tell(Message::Progressed { key, progress });
    assert!(page.has("Reading the channels: 1,000 of 2,501"));
    page.click("Cancel");
    assert!(matches!(page.last(), Action::CancelLoad));
    page.tell(Message::Loaded {
        key,
        outcome: Ok(Arc::new(example())),
    });
    assert!(!page.has("main"), "what was cancelled does not come after all");
    page.click("Retry");
    let again = page.load_key();
    assert_ne!(again, key);
    page.tell(Message::Loaded {
        key,
        outcome: Ok(Arc::new(Vec::new())),
    });
    page.tell(Message::Loaded {
        key: again,
        outcome: Err(problem("The server does not answer")),
    });
    assert!(page.has("The server does not answer") && page.has("psm.example.com refused the connection."));
    page.tell(Message::Key(Intent::Submit));
    let third = page.load_key();
    page.tell(Message::Loaded {
        key: third,
        outcome: Ok(Arc::new(example())),
    });
    assert_eq!(rows(&mut page).len(), 9);
    page.tell(Message::Loaded {
        key: third,
        outcome: Err(problem("twice")),
    });
    assert_eq!(rows(&mut page).len(), 9, "a question is answered once");
}

#[test]
fn escape_cancels_reading_and_skip_is_there_meanwhile() {
    let mut page = Page::new(&[], &[], true);
    page.click("Skip");
    assert!(matches!(page.last(), Action::Skip));
    page.tell(Message::Key(Intent::Cancel));
    assert!(matches!(page.last(), Action::CancelLoad));
    assert_eq!(problem("x").kind, Kind::Network);
}

#[test]
fn without_a_sign_in_the_page_says_what_to_do() {
    let (mut screen, action) = Channels::new(None, ChannelChoice::default(), false);
    assert!(matches!(action, Action::None));
    let mut ui = iced_test::simulator(screen.view());
    ui.click("Connect").unwrap();
    let messages: Vec<Message> = ui.into_messages().collect();
    assert_eq!(messages.len(), 1);
    for message in messages {
        assert!(matches!(screen.update(message), Action::Connect));
    }
    assert!(matches!(screen.update(Message::AddPressed), Action::None));
    let late = Message::Loaded {
        key: 0,
        outcome: Ok(Arc::new(Vec::new())),
    };
    assert!(matches!(screen.update(late), Action::None));
}
