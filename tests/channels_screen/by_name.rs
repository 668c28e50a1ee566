//! Channels that no list holds, added by their name; and the channels of a login that another program made.

use super::*;

fn partial() -> Page {
    let source = Source {
        listing: Listing::Partial,
        ..Source::complete("repo.anaconda.cloud")
    };
    let mut page = Page::of(source, &[], &[], true);
    page.load(vec![channel("main", Privacy::Authenticated, &["Anaconda"], 9)]);
    page
}

/// Types the name, and tells the key and text of the question that follows.
fn asked(page: &mut Page, name: &str) -> (u64, String) {
    page.type_into(FIND, name);
    page.click("Find");
    let question = |action: &Action| match action {
        Action::Find { key, text } => Some((*key, text.clone())),
        _ => None,
    };
    page.actions
        .iter()
        .rev()
        .find_map(question)
        .expect("a question for the channel")
}

#[test]
fn only_a_service_whose_list_is_not_complete_asks_for_names() {
    assert!(!fresh().has("Add a channel by name"));
    assert!(partial().has("Add a channel by name"));
}

#[test]
fn a_channel_appears_ticked_once_the_server_has_it() {
    let mut page = partial();
    let (key, text) = asked(&mut page, " lab/models");
    assert_eq!(text, "lab/models");
    assert_eq!(rows(&mut page), ["main"], "not before the server has answered");
    page.tell(Message::Found {
        key,
        outcome: Ok(channel("lab/models", Privacy::Other(String::new()), &[], 0)),
    });
    page.settle();
    assert_eq!(rows(&mut page), ["lab/models", "main"]);
    assert_eq!(channels(&page), "lab/models");
    page.click("Add Channels");
    assert!(matches!(page.last(), Action::Apply(choice) if choice.channels == entries(&["lab/models"])));
}

#[test]
fn a_search_does_not_hide_what_was_found() {
    let mut page = partial();
    page.search("main");
    let (key, _) = asked(&mut page, "lab/models");
    page.tell(Message::Found {
        key,
        outcome: Ok(channel("lab/models", Privacy::Private, &[], 0)),
    });
    page.settle();
    assert_eq!(rows(&mut page), ["lab/models", "main"]);
}

#[test]
fn one_that_is_in_the_list_is_ticked_there() {
    let mut page = partial();
    let (key, _) = asked(&mut page, "main");
    page.tell(Message::Found {
        key,
        outcome: Ok(channel("main", Privacy::Public, &[], 0)),
    });
    page.settle();
    assert_eq!(rows(&mut page), ["main"]);
    assert_eq!(channels(&page), "main");
}

#[test]
fn one_that_stands_in_the_configuration_already_keeps_its_place() {
    let source = Source {
        listing: Listing::Partial,
        ..Source::complete(HOST)
    };
    let mut page = Page::of(source, &["lab/models", "main"], &[], false);
    page.load(vec![channel("main", Privacy::Public, &[], 9)]);
    assert!(page.has("not from this server"));
    let (key, _) = asked(&mut page, "lab/models");
    page.tell(Message::Found {
        key,
        outcome: Ok(channel("lab/models", Privacy::Private, &[], 0)),
    });
    page.settle();
    assert!(!page.has("not from this server"));
    page.click("main: Add to channels");
    assert_eq!(channels(&page), "lab/models");
}

#[test]
fn one_that_is_not_there_is_explained_in_place() {
    let mut page = partial();
    let (key, _) = asked(&mut page, "lab/nothing");
    page.tell(Message::Found {
        key,
        outcome: Err(problem("there is no channel lab/nothing")),
    });
    page.settle();
    let shown = page.texts().join("|");
    assert!(
        shown.contains(
            "There is no channel lab/nothing\npsm.example.com refused the connection.\nAsk whether"
        ),
        "{shown}"
    );
    assert_eq!(rows(&mut page), ["main"]);
    // Typing on takes it away.
    page.type_into(FIND, "x");
    assert!(!page.texts().join("\n").contains("There is no channel"));
}

#[test]
fn enter_in_the_field_asks_and_a_late_answer_is_dropped() {
    let mut page = partial();
    page.type_into(FIND, "lab/models");
    page.key(Named::Enter, NONE);
    assert!(matches!(page.last(), Action::Find { .. }));
    page.tell(Message::Found {
        key: 0,
        outcome: Ok(channel("other", Privacy::Public, &[], 0)),
    });
    page.settle();
    assert_eq!(rows(&mut page), ["main"]);
}

#[test]
fn the_login_of_another_program_says_so_until_channels_are_added() {
    let source = Source {
        program: Some("conda-repo-cli"),
        ..Source::complete(HOST)
    };
    let mut page = Page::of(source, &[], &[], false);
    page.load(example());
    let texts = page.texts();
    assert!(
        texts
            .iter()
            .any(|text| text.starts_with("conda-repo-cli is logged in here.")),
        "{texts:?}"
    );
    page.click("main: Add to channels");
    page.click("Add Channels");
    assert!(matches!(page.last(), Action::Apply(_)));
}
