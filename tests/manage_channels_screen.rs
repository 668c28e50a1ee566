//! The page Manage Channels as a person uses it: every click and key goes through the drawn page.
//!
//! `SEXTANT_GALLERY_DIR=/some/folder cargo test --test manage_channels_screen` keeps the pictures to be looked at.

#[path = "support/canvas.rs"]
#[allow(dead_code, reason = "every test uses its part")]
mod canvas;
#[path = "support/manage_page.rs"]
#[allow(dead_code, reason = "every test uses its part")]
mod manage_page;

use iced::advanced::widget::Id;
use iced::keyboard::{Key, Modifiers, key::Named};
use iced::{Event, Point, mouse};
use manage_page::{Page, answer, arrangement, channel, managed, problem};
use sextant::conda::channel::ChannelPriority;
use sextant::screen::manage_channels::{ADD, Action, Message, TABLE};
use sextant::screen::typed::Typed;
use sextant::service::manage_channels::{
    Caution, CautionKind, CheckedChannel, Freedom, ManagedChannel, RowPlace,
};
use sextant::ui::keyboard::Intent;
use sextant::ui::theme::Palette;

const NONE: Modifiers = Modifiers::empty();

fn usual() -> Page {
    Page::opened(&["research", "research/gpu", "defaults"], &["main", "r-main"])
}

/// Puts the cursor on a row of the table.
fn go_to(page: &mut Page, row: usize) {
    page.focus(TABLE);
    page.key(Named::Home, NONE);
    for _ in 0..row {
        page.key(Named::ArrowDown, NONE);
    }
}

fn from_variable() -> ManagedChannel {
    ManagedChannel {
        place: RowPlace::Variable {
            name: "CONDA_CHANNELS".to_owned(),
        },
        freedom: Freedom::Fixed("The environment variable CONDA_CHANNELS adds it.".to_owned()),
        ..channel("from-variable", 0)
    }
}

#[test]
fn every_channel_shows_its_address_its_place_and_its_answer() {
    let mut page = Page::opened(&["research", "gone", "https://far.example/x"], &[]);
    assert_eq!(page.asked(), 3);
    for text in [
        "research",
        "psm.example.com/api/repo/research",
        ".condarc:2",
        "found",
        "not there",
        "not reached",
    ] {
        let there = page.says(text) || page.says("…/research");
        assert!(there, "{text} in {:?}", page.texts());
    }
    go_to(&mut page, 1);
    assert!(page.says("here is no channel at") && page.says("Check the spelling, or take it out."));
}

#[test]
fn the_order_is_changed_by_keyboard_and_buttons() {
    let mut page = usual();
    go_to(&mut page, 1);
    page.key(Named::ArrowUp, Modifiers::ALT);
    assert_eq!(page.lists().0, "research/gpu research defaults");
    page.key(Named::ArrowUp, Modifiers::ALT);
    assert_eq!(page.lists().0, "research/gpu research defaults");
    page.click("Move down research/gpu");
    assert_eq!(page.lists().0, "research research/gpu defaults");
    assert!(!page.screen.is_changed());
    page.focus(TABLE);
    page.key(Named::Delete, NONE);
    assert_eq!(page.lists().0, "research defaults");
    page.key(Named::ArrowUp, NONE);
    page.click("Remove research");
    assert_eq!(page.lists().0, "defaults");
}

#[test]
fn the_order_inside_defaults_and_the_way_in_and_out() {
    let mut page = usual();
    go_to(&mut page, 4);
    page.key(Named::ArrowUp, Modifiers::ALT);
    assert_eq!(page.lists().1, "r-main main");
    page.key(Named::ArrowLeft, NONE);
    assert_eq!(
        page.lists(),
        ("research research/gpu r-main defaults".into(), "main".into())
    );
    page.key(Named::ArrowRight, NONE);
    assert_eq!(
        page.lists(),
        ("research research/gpu defaults".into(), "main r-main".into())
    );
    go_to(&mut page, 0);
    page.click("Into defaults: research");
    assert_eq!(
        page.lists(),
        ("research/gpu defaults".into(), "main r-main research".into())
    );
    assert!(page.has("2.3"), "{:?}", page.texts());
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
fn the_order_is_changed_by_dragging_and_escape_puts_it_back() {
    let mut page = Page::opened(&["a", "b", "c", "d"], &[]);
    let from = page.place_of("1");
    page.move_to(from);
    page.send(&[pointer(true)]);
    page.move_to(Point::new(from.x, from.y + 74.0));
    page.send(&[pointer(false)]);
    assert_eq!(page.lists().0, "b c a d");
    let from = page.place_of("1");
    page.move_to(from);
    page.send(&[pointer(true)]);
    page.move_to(Point::new(from.x, from.y + 400.0));
    page.tell(Message::Key(Intent::Cancel));
    page.send(&[pointer(false)]);
    go_to(&mut page, 3);
    page.key(Named::Delete, NONE);
    assert_eq!(page.lists().0, "b c a");
}

#[test]
fn what_is_fixed_stays_and_says_why() {
    let mut page = Page::opened_with(vec![from_variable()], &["a", "b"], &[], |_| {});
    assert!(page.says("$CONDA_CHANNELS"));
    go_to(&mut page, 0);
    assert!(page.says("The environment variable CONDA_CHANNELS adds it."));
    page.key(Named::ArrowDown, Modifiers::ALT);
    page.key(Named::Delete, NONE);
    page.key(Named::ArrowRight, NONE);
    assert!(!page.screen.is_changed());
    assert!(!page.has("Remove from-variable"));
    go_to(&mut page, 1);
    page.key(Named::ArrowUp, Modifiers::ALT);
    assert!(!page.screen.is_changed(), "above it is nothing that moves");
}

#[test]
fn a_channel_is_added_by_name_and_checked() {
    let mut page = usual();
    page.type_into(ADD, "gone");
    assert!(
        page.says("Leads to https://psm.example.com/api/repo/gone."),
        "{:?}",
        page.texts()
    );
    let asked = page.asked();
    page.key(Named::Enter, NONE);
    assert_eq!(page.lists().0, "research research/gpu gone defaults");
    assert_eq!(page.asked(), asked + 1);
    assert!(page.says("not there") && page.has("new"));
    assert_eq!(page.focused(), Some(Id::new(ADD)), "for the next one");
    assert!(
        page.says("here is no channel at"),
        "it is the one that is looked at"
    );
    page.type_into(ADD, "research");
    page.key(Named::Enter, NONE);
    assert!(page.says("research is in the list already."));
    assert_eq!(page.asked(), asked + 1);
}

#[test]
fn a_pasted_line_with_a_token_keeps_the_token_to_itself() {
    let mut page = usual();
    let line = "conda config --add channels https://h.example/api/repo/t/tok-12345/team";
    page.tell(Message::AddTyped(Typed::new(line)));
    page.settle();
    assert!(page.says("The token goes into the token store"));
    page.click("Add");
    assert_eq!(
        page.lists().0,
        "https://h.example/api/repo/team research research/gpu defaults",
        "such a line puts it first"
    );
    let tokens = page.last_arrangement().tokens;
    assert_eq!(tokens[0].token.expose(), "tok-12345");
    let told = format!("{:?} {:?} {:?}", page.texts(), page.screen, page.actions);
    assert!(!told.contains("tok-12345"), "{told}");
}

#[test]
fn what_is_no_channel_is_told_in_place() {
    let mut page = usual();
    page.type_into(ADD, "please add research");
    page.click("Add");
    assert!(page.says("The text holds words that are no channels") || page.says("the text holds words"));
    page.key(Named::Backspace, NONE);
    assert!(!page.says("words that are no channels"), "typing takes it back");
    page.tell(Message::Key(Intent::Cancel));
    page.settle();
    assert!(
        page.says("A name as the server lists it"),
        "Esc empties the field"
    );
}

#[test]
fn the_priority_is_chosen() {
    let mut page = usual();
    page.focus("manage-priority");
    page.key(Named::ArrowLeft, NONE);
    assert_eq!(page.last_arrangement().priority, Some(ChannelPriority::Strict));
    assert!(page.says("from the first channel that has it"));
    page.key(Named::ArrowRight, NONE);
    assert_eq!(page.last_arrangement().priority, None);
    assert!(!page.screen.is_changed());
}

#[test]
fn a_token_in_the_file_is_moved_out_with_one_click() {
    let mut page = Page::opened(&["https://h.example/t/tok-12345/x"], &[]);
    assert!(page.has("secret"));
    go_to(&mut page, 0);
    page.click("Move the token out of the file");
    assert_eq!(page.lists().0, "https://h.example/x");
    assert_eq!(page.last_arrangement().tokens.len(), 1);
    assert!(!page.has("Move the token out of the file"));
}

#[test]
fn applying_writes_what_is_shown_and_reads_it_anew() {
    let mut page = usual();
    page.click("Apply");
    assert!(!matches!(page.last(), Action::Apply { .. }), "nothing is changed");
    go_to(&mut page, 0);
    page.key(Named::Delete, NONE);
    assert!(page.has("What Apply changes"));
    page.click("Apply");
    let Action::Apply {
        before,
        arrangement: wanted,
    } = page.last()
    else {
        panic!("{:?}", page.last())
    };
    assert_eq!(before.channels.len(), 3);
    assert_eq!(wanted.channels.len(), 2);
    let actions = page.actions.len();
    page.key(Named::Delete, NONE);
    page.click("Revert");
    assert_eq!(page.actions.len(), actions, "while it is written nothing changes");
    page.tell(Message::Applied(Err(problem("The file was changed meanwhile"))));
    page.settle();
    assert!(page.has("The file was changed meanwhile."), "{:#?}", page.texts());
    page.click("Apply");
    page.before = managed(
        &[],
        &arrangement(&["research/gpu", "defaults"], &["main", "r-main"]),
        ChannelPriority::Flexible,
    );
    let asked = page.asked();
    page.tell(Message::Applied(Ok(())));
    page.load();
    assert!(!page.screen.is_changed() && !page.has("What Apply changes"));
    assert_eq!(page.asked(), asked, "what the servers said still counts");
}

#[test]
fn enter_applies_from_the_table_and_with_ctrl_from_the_field() {
    let mut page = usual();
    go_to(&mut page, 0);
    page.key(Named::Delete, NONE);
    page.key(Named::Enter, NONE);
    assert!(matches!(page.last(), Action::Apply { .. }));
    let mut page = usual();
    go_to(&mut page, 0);
    page.key(Named::Delete, NONE);
    page.focus(ADD);
    page.key(Named::Enter, Modifiers::COMMAND);
    assert!(matches!(page.last(), Action::Apply { .. }));
}

#[test]
fn revert_takes_everything_back() {
    let mut page = usual();
    go_to(&mut page, 1);
    page.key(Named::Delete, NONE);
    page.focus("manage-priority");
    page.key(Named::ArrowLeft, NONE);
    let asked = page.asked();
    page.click("Revert");
    assert!(!page.screen.is_changed());
    assert_eq!(page.lists().0, "research research/gpu defaults");
    assert_eq!(page.asked(), asked + 1, "only what was away is asked about again");
}

#[test]
fn late_answers_find_nobody() {
    let mut page = Page::opened_with(Vec::new(), &["a"], &[], |page| page.answers = false);
    let Some(Action::Check(questions)) = page
        .actions
        .iter()
        .find(|action| matches!(action, Action::Check(_)))
    else {
        panic!("nobody is asked")
    };
    let key = questions[0].key;
    assert!(page.has("asking…"));
    page.screen.checks_cancelled();
    page.settle();
    assert!(page.has("not asked"));
    page.tell(Message::Checked {
        key,
        checked: CheckedChannel {
            addresses: vec![answer("https://h/a")],
        },
    });
    page.settle();
    assert!(page.has("not asked"), "it was cancelled");
    page.click("Check again");
    assert!(page.has("asking…"));
    let old = page.load_key();
    page.tell(Message::Loaded {
        key: old,
        outcome: Err(problem("late")),
    });
    page.settle();
    assert!(!page.has("late"));
}

#[test]
fn a_change_of_others_is_read_unless_something_is_changed_here() {
    let mut page = usual();
    let action = page.screen.reload();
    assert!(matches!(action, Action::Load(_)));
    page.actions.push(action);
    page.before = managed(&[], &arrangement(&["theirs"], &[]), ChannelPriority::Flexible);
    page.load();
    assert!(page.has("theirs") && !page.has("research"));
    go_to(&mut page, 0);
    page.key(Named::Delete, NONE);
    assert!(matches!(page.screen.reload(), Action::None));
}

#[test]
fn reading_fails_and_is_tried_again() {
    let mut page = Page::loading(Vec::new(), &arrangement(&["a"], &[]));
    assert!(page.says("Reading what conda searches…"));
    let key = page.load_key();
    page.tell(Message::Loaded {
        key,
        outcome: Err(problem("the file cannot be read")),
    });
    page.settle();
    assert!(page.says("the file cannot be read") || page.says("The file cannot be read"));
    page.click("Try again");
    page.load();
    assert!(page.has("a"));
}

#[test]
fn nothing_is_searched_yet() {
    let mut page = Page::opened_with(Vec::new(), &[], &[], |page| page.server = None);
    assert!(page.says("conda searches nothing yet. Sign in"));
    page.click("Sign in to choose…");
    assert!(matches!(page.last(), Action::Connect));
    let mut page = Page::opened(&[], &[]);
    page.click("Choose from the server…");
    assert!(matches!(page.last(), Action::Choose));
}

#[test]
fn tab_reaches_everything_in_reading_order() {
    let mut page = usual();
    go_to(&mut page, 1);
    page.key(Named::Delete, NONE);
    page.type_into(ADD, "x");
    let mut seen = Vec::new();
    for _ in 0..30 {
        page.key(Named::Tab, NONE);
        seen.push(page.focused());
        if page.focused() == Some(Id::new(ADD)) {
            break;
        }
    }
    let place = |id: &'static str| seen.iter().position(|seen| *seen == Some(Id::new(id)));
    let order: Vec<_> = [
        "manage-add-now",
        TABLE,
        "manage-priority",
        "manage-check",
        "manage-revert",
        "manage-apply",
        "manage-choose",
        ADD,
    ]
    .into_iter()
    .map(|id| place(id).unwrap_or_else(|| panic!("{id} is not reached: {seen:?}")))
    .collect();
    assert!(order.is_sorted(), "{order:?}");
}

#[test]
fn a_long_list_is_as_quick_and_follows_what_is_moved() {
    let names: Vec<String> = (0..5_000).map(|at| format!("team-{at:04}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut page = Page::opened_with(Vec::new(), &names, &[], |page| page.answers = false);
    assert!(page.texts().len() < 800, "{} texts", page.texts().len());
    go_to(&mut page, 0);
    for _ in 0..20 {
        page.key(Named::ArrowDown, Modifiers::ALT);
    }
    assert!(page.lists().0.starts_with("team-0001 "));
    assert!(page.has("21"), "the list follows what is moved");
}

#[test]
fn at_twice_the_size_in_a_small_window_the_buttons_stay_and_the_rest_scrolls() {
    let mut page = usual();
    for size in [(512.0, 300.0), (324.0, 220.0)] {
        page.canvas = canvas::Canvas::new(size.0, size.1);
        page.settle();
        go_to(&mut page, 1);
        page.key(Named::ArrowUp, Modifiers::ALT);
        for button in ["Revert", "Apply"] {
            let place = page.place_of(button);
            assert!(place.x < size.0 && place.y < size.1, "{button} at {place:?}");
        }
        page.send(&[canvas::press(Key::Named(Named::Enter), Modifiers::COMMAND)]);
        assert!(matches!(page.last(), Action::Apply { .. }));
        page = usual();
    }
}

fn cautions() -> Vec<Caution> {
    let caution = |kind, message: &str| Caution {
        kind,
        message: message.to_owned(),
        cause: None,
        remedy: None,
        channels: Vec::new(),
        packages: Vec::new(),
    };
    vec![
        Caution {
            cause: Some("conda searches main before research".to_owned()),
            remedy: Some("move research before main".to_owned()),
            packages: (0..12).map(|at| format!("risk-{at}")).collect(),
            ..caution(
                CautionKind::Shadowed,
                "12 packages of research would come from main, which is open to everybody",
            )
        },
        Caution {
            cause: Some("whoever is on the way can read the token and exchange packages".to_owned()),
            remedy: Some("use https:// if the server offers it".to_owned()),
            ..caution(
                CautionKind::PlainHttp,
                "there is no encryption on the way to http://h.example/x",
            )
        },
    ]
}

#[test]
fn the_pictures() {
    for theme in ["light", "dark", "light-high", "dark-high"] {
        let p = match theme {
            "light" => Palette::LIGHT,
            "dark" => Palette::DARK,
            "light-high" => Palette::LIGHT_HIGH_CONTRAST,
            _ => Palette::DARK_HIGH_CONTRAST,
        };
        let mut page = Page::opened_with(
            vec![from_variable()],
            &[
                "main",
                "research",
                "research/gpu",
                "https://h.example/t/tok-12345/x",
                "gone",
                "https://far.example/y",
                "defaults",
            ],
            &["r-main", "vendor-a"],
            |page| page.cautions = cautions(),
        );
        assert!(page.says("risk-7 and 4 more"));
        for (name, size, scale) in [
            ("manage-page", (992.0, 680.0), 1.0),
            ("manage-1024", (836.0, 520.0), 1.0),
            ("manage-low", (512.0, 300.0), 2.0),
            ("manage-small", (324.0, 220.0), 2.0),
        ] {
            let picture = page.picture(name, theme, size, scale);
            for (what, color) in [("text", p.text), ("surface", p.surface)] {
                assert!(
                    picture.share_of(color) > 0.000_05,
                    "{name} in {theme}: nothing in {what}"
                );
            }
        }
        page.cautions.clear();
        go_to(&mut page, 5);
        page.key(Named::ArrowUp, Modifiers::ALT);
        page.type_into(ADD, "conda-forge");
        page.picture("manage-changed", theme, (992.0, 680.0), 1.0);
        page.picture("manage-changed-whole", theme, (512.0, 1400.0), 1.0);
        page.click("Apply");
        page.tell(Message::Applied(Err(problem("The file was changed meanwhile"))));
        page.picture("manage-refused", theme, (992.0, 680.0), 1.0);
        let mut page = Page::loading(Vec::new(), &arrangement(&[], &[]));
        page.picture("manage-loading", theme, (836.0, 300.0), 1.0);
        page.server = None;
        page.load();
        page.picture("manage-empty", theme, (992.0, 680.0), 1.0);
    }
}
