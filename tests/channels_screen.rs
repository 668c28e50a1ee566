//! The Channels page as a person uses it: every click and key goes through the drawn page.
//!
//! `SEXTANT_GALLERY_DIR=/some/folder cargo test --test channels_screen` keeps the pictures to be looked at.

#[path = "support/canvas.rs"]
#[allow(dead_code)]
mod canvas;
#[path = "support/channels_page.rs"]
mod channels_page;

use std::sync::Arc;

use channels_page::{HOST, Page, channel, entries, example, many, problem};
use iced::advanced::widget::Id;
use iced::keyboard::{Key, Modifiers, key::Named};
use iced::{Event, Point, mouse};
use sextant::conda::channel::ChannelEntry;
use sextant::error::Kind;
use sextant::repository::{ChannelProgress, Privacy};
use sextant::screen::channels::{Action, ChannelChoice, Channels, Message, Preview, SEARCH, TABLE, Warning};
use sextant::ui::keyboard::Intent;
use sextant::ui::theme::Palette;

const NONE: Modifiers = Modifiers::empty();
const ORDER: &str = "channels-order";

fn fresh() -> Page {
    Page::opened(example(), &[], &[], true)
}

/// `channels`, then `default_channels`, as the last question or order has them.
fn lists(page: &Page) -> (String, String) {
    let (channels, default_channels) = page.choice();
    (channels.join(" "), default_channels.join(" "))
}

fn channels(page: &Page) -> String {
    lists(page).0
}

/// The names of the table's rows, by the boxes in them.
fn rows(page: &mut Page) -> Vec<String> {
    let texts = page.texts();
    let rows = texts
        .iter()
        .filter_map(|text| text.strip_suffix(": Add to channels"));
    rows.map(str::to_owned).collect()
}

#[test]
fn typing_filters_and_escape_empties_the_search() {
    let mut page = fresh();
    assert_eq!(
        page.focused(),
        Some(Id::new(SEARCH)),
        "the search has the focus from the start"
    );
    assert!(page.has("Choose what conda searches. 9 channels, 9 shown."));
    page.search("RES al");
    assert_eq!(rows(&mut page), ["research", "research/gpu"]);
    assert!(page.has("Choose what conda searches. 9 channels, 2 shown."));
    page.search("zz");
    assert_eq!(rows(&mut page), [""; 0]);
    assert!(page.has("No channel matches."));
    page.tell(Message::Key(Intent::Cancel));
    assert_eq!(rows(&mut page).len(), 9);
    page.search("zz");
    page.click("Clear the search");
    assert_eq!(rows(&mut page).len(), 9);
}

#[test]
fn the_privacy_filter_is_chosen_by_key() {
    let mut page = fresh();
    page.focus("channels-privacy");
    for key in [
        Named::Enter,
        Named::ArrowDown,
        Named::ArrowDown,
        Named::ArrowDown,
        Named::Enter,
    ] {
        page.key(key, NONE);
    }
    assert_eq!(rows(&mut page), ["genomics", "research/gpu", "risk-models"]);
}

#[test]
fn boxes_are_ticked_by_mouse() {
    let mut page = fresh();
    page.click("research: Add to channels");
    page.click("main: Add to default_channels");
    page.click("sandbox: Add to channels");
    assert_eq!(lists(&page), ("research sandbox defaults".into(), "main".into()));
    assert!(page.has("= main"));
    page.click("main: Add to default_channels");
    page.click("research: Add to channels");
    assert_eq!(lists(&page), ("sandbox".into(), String::new()));
    let questions = page.questions();
    page.click("sandbox: Add to channels");
    assert_eq!(
        page.questions(),
        questions,
        "nothing is changed any more, so nothing is asked"
    );
}

#[test]
fn the_keyboard_goes_from_the_search_to_the_rows_and_ticks_them() {
    let mut page = fresh();
    page.search("res");
    page.key(Named::Enter, NONE);
    assert_eq!(page.focused(), Some(Id::new(TABLE)));
    page.key(Named::Space, NONE);
    page.key(Named::ArrowDown, NONE);
    page.key(Named::Space, Modifiers::SHIFT);
    assert_eq!(lists(&page), ("research defaults".into(), "research/gpu".into()));
    page.key(Named::Space, Modifiers::SHIFT);
    page.key(Named::ArrowUp, NONE);
    page.key(Named::Space, NONE);
    assert!(matches!(page.last(), Action::None));
    page.focus(SEARCH);
    page.tell(Message::Key(Intent::Down));
    assert_eq!(
        page.focused(),
        Some(Id::new(TABLE)),
        "the down arrow leads there too"
    );
    page.tell(Message::Key(Intent::Shortcut('f')));
    assert_eq!(page.focused(), Some(Id::new(SEARCH)));
}

#[test]
fn a_click_on_a_row_puts_the_cursor_there() {
    let mut page = fresh();
    page.click("risk-models");
    page.key(Named::Space, NONE);
    assert_eq!(channels(&page), "risk-models");
    page.click("legacy-2019: Add to channels");
    page.key(Named::ArrowUp, NONE);
    page.key(Named::Space, NONE);
    assert_eq!(channels(&page), "risk-models legacy-2019 genomics");
}

#[test]
fn column_heads_sort_and_reverse() {
    let mut page = fresh();
    page.click("Artifacts");
    assert_eq!(rows(&mut page)[..3], ["sandbox", "research/gpu", "risk-models"]);
    page.click("Artifacts");
    assert_eq!(rows(&mut page)[..3], ["r-main", "main", "vendor-a"]);
    page.click("Owners");
    assert_eq!(
        rows(&mut page)[8],
        "sandbox",
        "a channel without owners comes last"
    );
    page.click("vendor-a: Add to channels");
    page.click("Add to\nchannels");
    assert_eq!(rows(&mut page)[0], "vendor-a");
    page.search("a");
    page.click("Name");
    let found = rows(&mut page);
    assert!(
        found.len() < 9 && found.is_sorted(),
        "what is found is sorted too: {found:?}"
    );
}

#[test]
fn all_shown_are_ticked_and_unticked() {
    let mut page = fresh();
    page.click("sandbox: Add to channels");
    page.search("research");
    page.click("Tick all shown");
    assert_eq!(channels(&page), "sandbox research research/gpu");
    page.click("Untick all shown");
    assert_eq!(channels(&page), "sandbox");
    page.search("zzz");
    let questions = page.questions();
    page.click("Tick all shown");
    assert_eq!(page.questions(), questions, "there is nothing to tick");
}

#[test]
fn a_name_that_conda_would_misread_cannot_be_ticked() {
    let offered = vec![
        channel("defaults", Privacy::Public, &[], 1),
        channel("main", Privacy::Public, &[], 1),
    ];
    let mut page = Page::opened(offered, &[], &[], true);
    let questions = page.questions();
    page.click("defaults: Add to channels");
    assert_eq!(page.questions(), questions);
    page.click("Tick all shown");
    assert_eq!(channels(&page), "main");
    assert!(page.has("Untick all shown"));
}

fn ordered() -> Page {
    let mut page = fresh();
    for name in ["main", "research", "risk-models", "sandbox"] {
        page.click(&format!("{name}: Add to channels"));
    }
    page
}

#[test]
fn the_order_is_changed_by_keyboard() {
    let mut page = ordered();
    page.focus(ORDER);
    page.key(Named::ArrowDown, NONE);
    page.key(Named::ArrowDown, NONE);
    page.key(Named::ArrowUp, Modifiers::ALT);
    assert_eq!(channels(&page), "research main risk-models sandbox");
    page.key(Named::ArrowUp, Modifiers::ALT);
    assert_eq!(
        channels(&page),
        "research main risk-models sandbox",
        "the first goes no higher"
    );
    for _ in 0..4 {
        page.key(Named::ArrowDown, Modifiers::ALT);
    }
    assert_eq!(channels(&page), "main risk-models sandbox research");
}

#[test]
fn the_order_is_changed_by_buttons() {
    let mut page = ordered();
    let place = page.place_of("3");
    page.move_to(place);
    page.click("Move up risk-models");
    assert_eq!(channels(&page), "main risk-models research sandbox");
    page.click("Move down risk-models");
    page.click("Move down risk-models");
    assert_eq!(channels(&page), "main research sandbox risk-models");
    let questions = page.questions();
    page.click("Move down risk-models");
    assert_eq!(page.questions(), questions, "the last goes no lower");
    page.click("Remove risk-models");
    assert_eq!(channels(&page), "main research sandbox");
}

fn pointer(pressed: bool) -> Event {
    let button = mouse::Button::Left;
    Event::Mouse(if pressed {
        mouse::Event::ButtonPressed(button)
    } else {
        mouse::Event::ButtonReleased(button)
    })
}

#[test]
fn the_order_is_changed_by_dragging() {
    let mut page = ordered();
    let from = page.place_of("1");
    page.move_to(from);
    page.send(&[pointer(true)]);
    let questions = page.questions();
    page.move_to(Point::new(from.x, from.y + 74.0));
    assert_eq!(page.questions(), questions, "no question while it is held");
    // Outside the list it is still held, and goes to the end.
    page.move_to(Point::new(100.0, from.y + 400.0));
    page.send(&[pointer(false)]);
    assert_eq!(channels(&page), "research risk-models sandbox main");
    let questions = page.questions();
    page.move_to(from);
    assert_eq!(page.questions(), questions, "let go is let go");
    assert_eq!(channels(&page), "research risk-models sandbox main");
}

#[test]
fn escape_puts_back_what_is_dragged() {
    let mut page = ordered();
    let from = page.place_of("1");
    page.move_to(from);
    page.send(&[pointer(true)]);
    page.move_to(Point::new(from.x, from.y + 74.0));
    page.tell(Message::Key(Intent::Cancel));
    page.send(&[pointer(false)]);
    page.click("genomics: Add to channels");
    assert_eq!(channels(&page), "main research risk-models sandbox genomics");
}

#[test]
fn the_order_inside_defaults_is_changed_too() {
    let mut page = fresh();
    page.click("main: Add to default_channels");
    assert!(!page.has("Order inside defaults"), "one channel has no order");
    page.click("research: Add to default_channels");
    assert!(page.has("Order inside defaults"));
    page.focus("default-channels-order");
    page.key(Named::ArrowDown, NONE);
    page.key(Named::ArrowDown, Modifiers::ALT);
    assert_eq!(lists(&page), ("defaults".into(), "research main".into()));
    assert!(page.has("= research, main"));
    page.focus(ORDER);
    page.key(Named::ArrowDown, NONE);
    let questions = page.questions();
    page.click("Remove defaults");
    assert_eq!(page.questions(), questions, "defaults stands for something");
}

#[test]
fn what_is_not_from_the_server_stays() {
    let address = "https://alice:sesame@h.example/t/abc-123/forge";
    let mut page = Page::opened(example(), &["conda-forge", address, "main"], &[], false);
    page.search("main");
    page.click("Tick all shown");
    assert!(page.has("not from this server"));
    let Action::Preview { choice, .. } = page
        .actions
        .iter()
        .rev()
        .find(|a| matches!(a, Action::Preview { .. }))
        .unwrap()
    else {
        panic!("no question");
    };
    assert_eq!(
        choice.channels[..3],
        entries(&["conda-forge", address, "main"])[..]
    );
    assert_eq!(choice.channels[3], ChannelEntry::from_text("r-main"));
    let texts = page.texts().join("\n");
    assert!(!texts.contains("abc-123") && !texts.contains("sesame"), "{texts}");
    assert!(!format!("{:?}", page.actions).contains("sesame"));
}

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

#[test]
fn of_ten_thousand_channels_only_those_in_sight_are_built() {
    let mut page = Page::opened(many(10_000), &[], &[], true);
    assert!(page.has("Choose what conda searches. 10,000 channels, 10,000 shown."));
    assert!(rows(&mut page).len() < 40, "{} rows", rows(&mut page).len());
    page.focus(TABLE);
    page.key(Named::End, NONE);
    let built = rows(&mut page);
    assert_eq!(built.last().map(String::as_str), Some("team-09999"));
    assert!(built.len() < 40);
    page.key(Named::Space, NONE);
    page.key(Named::PageUp, NONE);
    page.key(Named::Space, NONE);
    assert_eq!(page.choice().0.len(), 2);
    page.search("team-0042");
    assert_eq!(rows(&mut page).len(), 10);
    assert!(page.has("team-00420"), "the search starts at the top again");
}

#[test]
fn the_order_of_ten_thousand_channels_is_as_quick() {
    let mut page = Page::opened(many(10_000), &[], &[], true);
    page.click("Tick all shown");
    assert_eq!(page.choice().0.len(), 10_000);
    assert!(page.texts().len() < 600, "{} texts", page.texts().len());
    page.focus(ORDER);
    page.key(Named::End, NONE);
    assert!(page.has("10000"), "the last place is in sight");
    page.key(Named::Home, NONE);
    for _ in 0..12 {
        page.key(Named::ArrowDown, Modifiers::ALT);
    }
    assert_eq!(
        page.choice().0[12],
        "team-00000",
        "the list follows what is moved"
    );
    assert!(page.has("13"));
}

#[test]
fn a_long_order_follows_what_is_dragged_beyond_its_edge() {
    let mut page = Page::opened(many(40), &[], &[], true);
    page.click("Tick all shown");
    let from = page.place_of("1");
    page.move_to(from);
    page.send(&[pointer(true)]);
    for step in 0..12 {
        page.move_to(Point::new(from.x, 660.0 + step as f32 / 10.0));
    }
    page.send(&[pointer(false)]);
    let at = page
        .choice()
        .0
        .iter()
        .position(|name| name == "team-00000")
        .unwrap();
    assert!(at > 9, "it went to {at}");
}

#[test]
fn tab_reaches_everything_in_reading_order() {
    let mut page = ordered();
    page.focus(SEARCH);
    let mut seen = Vec::new();
    for _ in 0..30 {
        page.key(Named::Tab, NONE);
        seen.push(page.focused());
        if page.focused() == Some(Id::new(SEARCH)) {
            break;
        }
    }
    let place = |id: &'static str| seen.iter().position(|seen| *seen == Some(Id::new(id)));
    let order: Vec<_> = [
        "channels-privacy",
        "channels-tick-all",
        TABLE,
        ORDER,
        "channels-skip",
        "channels-add",
        SEARCH,
    ]
    .into_iter()
    .map(|id| place(id).unwrap_or_else(|| panic!("{id} is not reached")))
    .collect();
    assert!(order.is_sorted(), "{order:?}");
}

#[test]
fn the_pictures() {
    for theme in ["light", "dark"] {
        let p = if theme == "light" {
            Palette::LIGHT
        } else {
            Palette::DARK
        };
        let mut page = fresh();
        for name in [
            "main: Add to default_channels",
            "research: Add to default_channels",
        ] {
            page.click(name);
        }
        for name in ["research", "research/gpu", "risk-models"] {
            page.click(&format!("{name}: Add to channels"));
        }
        page.focus(ORDER);
        page.key(Named::ArrowDown, NONE);
        page.key(Named::ArrowDown, NONE);
        for (name, size, scale) in [
            ("channels-page", (992.0, 680.0), 1.0),
            ("channels-page-2x", (992.0, 680.0), 2.0),
            ("channels-1024", (836.0, 520.0), 1.0),
            ("channels-low", (512.0, 300.0), 2.0),
            ("channels-low-whole", (512.0, 1000.0), 2.0),
            ("channels-small", (324.0, 300.0), 2.0),
        ] {
            let picture = page.picture(name, theme, size, scale);
            for (what, color) in [("accent", p.accent), ("text", p.text), ("surface", p.surface)] {
                assert!(
                    picture.share_of(color) > 0.000_05,
                    "{name} in {theme}: nothing in {what}"
                );
            }
        }
        page.click("Add Channels");
        page.tell(Message::Applied(Err(problem("The server does not answer"))));
        page.picture("channels-refused", theme, (992.0, 680.0), 1.0);

        let mut page = Page::new(&[], &[], true);
        let key = page.load_key();
        page.tell(Message::Progressed {
            key,
            progress: ChannelProgress {
                loaded: 1000,
                total: Some(2501),
            },
        });
        page.picture("channels-loading", theme, (836.0, 300.0), 1.0);
        page.tell(Message::Loaded {
            key,
            outcome: Err(problem("The server does not answer")),
        });
        page.picture("channels-failed", theme, (836.0, 300.0), 1.0);
    }
}

#[test]
fn at_twice_the_size_in_a_small_window_the_buttons_stay_and_the_rest_scrolls() {
    let mut page = ordered();
    page.canvas = canvas::Canvas::new(512.0, 300.0);
    page.settle();
    for button in ["Skip", "Add Channels"] {
        let place = page.place_of(button);
        assert!(place.x < 512.0 && place.y < 300.0, "{button} at {place:?}");
    }
    page.focus(TABLE);
    for _ in 0..20 {
        page.key(Named::Tab, NONE);
        if page.focused() == Some(Id::new(ORDER)) {
            break;
        }
    }
    assert_eq!(page.focused(), Some(Id::new(ORDER)));
    page.key(Named::ArrowDown, NONE);
    page.key(Named::ArrowDown, Modifiers::ALT);
    assert_eq!(channels(&page), "research main risk-models sandbox");
    let place = page.place_of("1");
    assert!(
        place.y > 0.0 && place.y < 260.0,
        "what has the focus is in sight: {place:?}"
    );
    page.send(&[canvas::press(Key::Named(Named::Enter), Modifiers::COMMAND)]);
    assert!(matches!(page.last(), Action::Apply(_)));
}
