//! What the keyboard and the pointer do with the design system's widgets.

#[path = "support/canvas.rs"]
#[allow(dead_code)]
mod canvas;

use canvas::{Canvas, press};
use iced::advanced::widget::Id;
use iced::advanced::widget::operation::focusable;
use iced::keyboard::{Key, Modifiers, key::Named};
use iced::widget::{Space, column, text};
use iced::{Element, Event, mouse};
use iced_test::selector;
use iced_test::simulator;
use proptest::prelude::*;
use sextant::ui::button;
use sextant::ui::check_box::check_box;
use sextant::ui::form_field::FormField;
use sextant::ui::keyboard::Intent;
use sextant::ui::modal::{Dialog, modal};
use sextant::ui::pick::pick;
use sextant::ui::segmented::segmented;
use sextant::ui::style::Tone;
use sextant::ui::toast::{self, Toast};
use sextant::ui::virtual_list::{self, ListState, Outcome, virtual_list};

#[derive(Debug, Clone, PartialEq)]
enum Message {
    Pressed(&'static str),
    Ticked(bool),
    Typed(String),
    CapsLock(bool),
    Chosen(usize),
    List(virtual_list::Event),
    Closed,
    Submitted,
}

type View<'a> = Element<'a, Message>;

fn id(name: &'static str) -> Option<Id> {
    Some(Id::new(name))
}

fn page<'a>() -> View<'a> {
    let page = column![
        button::primary("First")
            .id("first")
            .on_press(Message::Pressed("first")),
        button::secondary("Greyed").id("greyed"),
        check_box(false)
            .label("Tick")
            .id("tick")
            .on_toggle(Message::Ticked),
        check_box(false)
            .name("In a row")
            .id("row")
            .tab_stop(false)
            .on_toggle(Message::Ticked),
        FormField::new("", "alice")
            .label("User name")
            .id("name")
            .on_input(Message::Typed),
        FormField::new("", "greyed").id("greyed-field"),
        pick(["All", "public", "private"], 0, Message::Chosen).id("pick"),
        segmented([10, 20, 30], 20, Message::Chosen).id("segmented"),
    ];
    modal(page, None)
}

#[test]
fn tab_follows_reading_order_and_wraps_around() {
    let mut canvas = Canvas::new(800.0, 600.0);
    let mut order = Vec::new();
    for _ in 0..7 {
        assert!(canvas.key(page(), Named::Tab).is_empty());
        order.push(canvas.focused(page()));
    }
    let expected = ["first", "tick", "name", "pick", "segmented", "first", "tick"];
    assert_eq!(order, expected.map(id));
    let _ = canvas.shift_tab(page());
    let _ = canvas.shift_tab(page());
    assert_eq!(canvas.focused(page()), id("segmented"));
}

#[test]
fn enter_and_space_press_a_focused_button() {
    let mut canvas = Canvas::new(800.0, 600.0);
    assert!(
        canvas.key(page(), Named::Enter).is_empty(),
        "nothing has the focus yet"
    );
    canvas.operate(page(), &mut focusable::focus::<()>(Id::new("first")));
    assert_eq!(canvas.key(page(), Named::Enter), [Message::Pressed("first")]);
    assert_eq!(canvas.key(page(), Named::Space), [Message::Pressed("first")]);
    let with_control = press(Key::Named(Named::Enter), Modifiers::CTRL);
    assert!(canvas.send(page(), &[with_control]).is_empty());
}

#[test]
fn a_key_held_down_presses_once() {
    let mut canvas = Canvas::new(800.0, 600.0);
    canvas.operate(page(), &mut focusable::focus::<()>(Id::new("first")));
    let first = press(Key::Named(Named::Enter), Modifiers::empty());
    let Event::Keyboard(iced::keyboard::Event::KeyPressed {
        key,
        modified_key,
        physical_key,
        location,
        modifiers,
        text,
        ..
    }) = first.clone()
    else {
        panic!("a key press");
    };
    let again = Event::Keyboard(iced::keyboard::Event::KeyPressed {
        key,
        modified_key,
        physical_key,
        location,
        modifiers,
        text,
        repeat: true,
    });
    assert_eq!(canvas.send(page(), &[first, again.clone(), again]).len(), 1);
}

#[test]
fn a_greyed_button_gives_no_message_and_no_focus() {
    let mut canvas = Canvas::new(800.0, 600.0);
    assert!(canvas.click(page(), page(), "Greyed").is_empty());
    canvas.operate(page(), &mut focusable::focus::<()>(Id::new("greyed")));
    assert_eq!(canvas.focused(page()), None);
    assert!(canvas.key(page(), Named::Enter).is_empty());
}

#[test]
fn a_press_counts_where_it_began() {
    let mut canvas = Canvas::new(800.0, 600.0);
    assert_eq!(canvas.click(page(), page(), "First"), [Message::Pressed("first")]);
    // Let go beside the button.
    let down = Event::Mouse(mouse::Event::ButtonPressed(mouse::Button::Left));
    let up = Event::Mouse(mouse::Event::ButtonReleased(mouse::Button::Left));
    assert!(canvas.send(page(), &[down]).is_empty());
    canvas.point_at((700.0, 550.0).into());
    assert!(canvas.send(page(), &[up]).is_empty());
}

#[test]
fn pressing_elsewhere_takes_the_focus_away() {
    let mut canvas = Canvas::new(800.0, 600.0);
    canvas.operate(page(), &mut focusable::focus::<()>(Id::new("tick")));
    canvas.point_at((700.0, 550.0).into());
    let _ = canvas.send(
        page(),
        &[Event::Mouse(mouse::Event::ButtonPressed(mouse::Button::Left))],
    );
    assert_eq!(canvas.focused(page()), None);
    let _ = canvas.click(page(), page(), "First");
    assert_eq!(canvas.focused(page()), id("first"));
    let _ = canvas.click(page(), page(), selector::id("name"));
    assert_eq!(canvas.focused(page()), id("name"));
}

#[test]
fn a_check_box_toggles_by_space_and_by_its_label() {
    let mut canvas = Canvas::new(800.0, 600.0);
    canvas.operate(page(), &mut focusable::focus::<()>(Id::new("tick")));
    assert_eq!(canvas.key(page(), Named::Space), [Message::Ticked(true)]);
    assert!(
        canvas.key(page(), Named::Enter).is_empty(),
        "Enter is the default button's"
    );
    assert_eq!(canvas.click(page(), page(), "Tick"), [Message::Ticked(true)]);
    assert_eq!(canvas.click(page(), page(), "In a row"), [Message::Ticked(true)]);
    assert_eq!(
        canvas.focused(page()),
        None,
        "a box in a row leaves the focus to the list"
    );
    let checked = || -> View<'_> { check_box(true).name("Box").on_toggle(Message::Ticked).into() };
    assert_eq!(
        Canvas::new(50.0, 50.0).click(checked(), checked(), "Box"),
        [Message::Ticked(false)]
    );
}

#[test]
fn iced_test_finds_our_widgets_by_their_text() {
    let mut ui = simulator(page());
    ui.click("First").expect("the button's label");
    ui.click("Tick").expect("the box's label");
    ui.click("In a row").expect("the nameless box's name");
    ui.click("All").expect("the chosen option");
    let messages: Vec<_> = ui.into_messages().collect();
    assert_eq!(
        messages,
        [
            Message::Pressed("first"),
            Message::Ticked(true),
            Message::Ticked(true)
        ]
    );
}

#[test]
fn the_focus_stays_with_its_widget_when_the_view_changes() {
    let view = |has_new: bool| -> View<'_> {
        let new = has_new.then(|| {
            button::secondary("New")
                .id("new")
                .on_press(Message::Pressed("new"))
        });
        let old = button::secondary("Old")
            .id("old")
            .on_press(Message::Pressed("old"));
        // The new one takes the old one's place in the tree.
        modal(
            match new {
                Some(new) => column![new, old],
                None => column![old],
            },
            None,
        )
    };
    let mut canvas = Canvas::new(800.0, 600.0);
    canvas.operate(view(false), &mut focusable::focus::<()>(Id::new("old")));
    assert_eq!(canvas.focused(view(false)), id("old"));
    assert_ne!(
        canvas.focused(view(true)),
        id("new"),
        "the focus jumped to another button"
    );
}

#[test]
fn a_list_of_options_is_used_by_keyboard() {
    let mut canvas = Canvas::new(800.0, 600.0);
    canvas.operate(page(), &mut focusable::focus::<()>(Id::new("pick")));
    assert!(canvas.find(page(), "private").is_none());
    assert!(canvas.key(page(), Named::Enter).is_empty());
    assert!(canvas.find(page(), "private").is_some(), "the list is open");
    assert!(canvas.key(page(), Named::ArrowDown).is_empty());
    assert!(canvas.key(page(), Named::ArrowDown).is_empty());
    assert_eq!(canvas.key(page(), Named::Enter), [Message::Chosen(2)]);
    assert!(canvas.find(page(), "private").is_none(), "the list is closed");
    let _ = canvas.key(page(), Named::Space);
    assert!(canvas.key(page(), Named::Escape).is_empty());
    assert!(canvas.find(page(), "private").is_none(), "Esc closes it");
}

#[test]
fn a_list_of_options_is_used_by_pointer() {
    let mut canvas = Canvas::new(800.0, 600.0);
    assert!(canvas.click(page(), page(), "All").is_empty());
    assert_eq!(canvas.click(page(), page(), "public"), [Message::Chosen(1)]);
}

#[test]
fn arrows_choose_a_segment() {
    let mut canvas = Canvas::new(800.0, 600.0);
    canvas.operate(page(), &mut focusable::focus::<()>(Id::new("segmented")));
    assert_eq!(canvas.key(page(), Named::ArrowRight), [Message::Chosen(30)]);
    assert_eq!(canvas.key(page(), Named::ArrowLeft), [Message::Chosen(10)]);
    assert_eq!(canvas.click(page(), page(), "30"), [Message::Chosen(30)]);
}

fn login<'a>() -> View<'a> {
    dialog_over("login", true)
}

fn dialog_over<'a>(name: &'static str, is_ready: bool) -> View<'a> {
    let base = column![
        button::primary("Connect")
            .id("connect")
            .on_press(Message::Pressed("connect")),
        FormField::new("", "below").id("below").on_input(Message::Typed),
    ];
    let form = column![
        button::link("change")
            .id("change")
            .on_press(Message::Pressed("change")),
        FormField::new("", "alice").id("name").on_input(Message::Typed),
        FormField::new("", "secret")
            .id("password")
            .secure(true)
            .on_input(Message::Typed)
            .on_caps_lock(Message::CapsLock)
            .error(Some("The server did not accept this name and password.")),
    ];
    let dialog = Dialog::new(name, "Log in", form)
        .button(button::secondary("Cancel").id("cancel").on_press(Message::Closed))
        .button(
            button::primary("Login")
                .id("login")
                .on_press_maybe(is_ready.then_some(Message::Submitted)),
        )
        .focus("name")
        .on_close(Message::Closed)
        .on_submit(is_ready.then_some(Message::Submitted));
    modal(base, Some(dialog))
}

fn without_dialog<'a>() -> View<'a> {
    let base = column![
        button::primary("Connect")
            .id("connect")
            .on_press(Message::Pressed("connect")),
        FormField::new("", "below").id("below").on_input(Message::Typed),
    ];
    modal(base, None)
}

#[test]
fn a_dialog_keeps_the_focus_and_gives_it_back() {
    let mut canvas = Canvas::new(800.0, 600.0);
    canvas.operate(without_dialog(), &mut focusable::focus::<()>(Id::new("connect")));
    assert_eq!(
        canvas.focused(login()),
        id("name"),
        "the dialog opens with its field focused"
    );
    let mut order = Vec::new();
    for _ in 0..6 {
        let _ = canvas.key(login(), Named::Tab);
        order.push(canvas.focused(login()));
    }
    assert_eq!(
        order,
        ["password", "cancel", "login", "change", "name", "password"].map(id)
    );
    canvas.operate(login(), &mut focusable::focus::<()>(Id::new("below")));
    assert_eq!(
        canvas.focused(login()),
        None,
        "not even an operation reaches below"
    );
    assert_eq!(
        canvas.focused(without_dialog()),
        id("connect"),
        "the focus is where it was"
    );
}

#[test]
fn nothing_below_a_dialog_can_be_used() {
    let mut canvas = Canvas::new(800.0, 600.0);
    canvas.operate(without_dialog(), &mut focusable::focus::<()>(Id::new("below")));
    let _ = canvas.find(login(), "Log in");
    assert!(
        canvas.click(login(), login(), "Connect").is_empty(),
        "drawn, found, but out of reach"
    );
    let typed = canvas.send(login(), &[press(Key::Character("x".into()), Modifiers::empty())]);
    assert!(
        typed
            .iter()
            .all(|message| *message != Message::Typed("belowx".into())),
        "{typed:?}"
    );
    assert_eq!(canvas.click(login(), login(), "Cancel"), [Message::Closed]);
}

#[test]
fn a_press_beside_a_dialog_leaves_the_focus_in_it() {
    let mut canvas = Canvas::new(800.0, 600.0);
    let _ = canvas.key(login(), Named::Tab);
    canvas.point_at((10.0, 590.0).into());
    let _ = canvas.send(
        login(),
        &[Event::Mouse(mouse::Event::ButtonPressed(mouse::Button::Left))],
    );
    assert_eq!(canvas.focused(login()), id("password"));
}

#[test]
fn enter_presses_the_default_button_and_escape_cancels() {
    let mut canvas = Canvas::new(800.0, 600.0);
    // In a field, which must not keep these keys for itself.
    assert_eq!(canvas.key(login(), Named::Enter), [Message::Submitted]);
    assert_eq!(canvas.key(login(), Named::Escape), [Message::Closed]);
    // On a button Enter is that button's.
    canvas.operate(login(), &mut focusable::focus::<()>(Id::new("cancel")));
    assert_eq!(canvas.key(login(), Named::Enter), [Message::Closed]);
    // While the default button is greyed Enter does nothing.
    let mut canvas = Canvas::new(800.0, 600.0);
    assert!(canvas.key(dialog_over("login", false), Named::Enter).is_empty());
    // Without a dialog these keys are the app's.
    let mut canvas = Canvas::new(800.0, 600.0);
    assert!(canvas.key(without_dialog(), Named::Escape).is_empty());
}

#[test]
fn another_dialog_starts_anew() {
    let mut canvas = Canvas::new(800.0, 600.0);
    let _ = canvas.key(login(), Named::Tab);
    assert_eq!(canvas.focused(login()), id("password"));
    assert_eq!(canvas.focused(dialog_over("login-again", true)), id("name"));
}

#[test]
fn a_field_shows_its_error_and_tells_of_caps_lock() {
    let mut canvas = Canvas::new(800.0, 600.0);
    let error = "The server did not accept this name and password.";
    assert!(canvas.find(login(), error).is_some());
    canvas.operate(login(), &mut focusable::focus::<()>(Id::new("password")));
    let key = |letter: &str, modifiers| press(Key::Character(letter.into()), modifiers);
    assert_eq!(
        canvas.send(login(), &[key("A", Modifiers::empty())]),
        [Message::CapsLock(true), Message::Typed("secretA".into())]
    );
    // An error wins over a hint, whatever the order.
    let field = || -> View<'_> { FormField::new("", "").error(Some("wrong")).hint("help").into() };
    assert!(Canvas::new(300.0, 90.0).find(field(), "wrong").is_some());
    assert!(Canvas::new(300.0, 90.0).find(field(), "help").is_none());
    let field = || -> View<'_> { FormField::new("", "").hint("help").error(None::<&str>).into() };
    assert!(Canvas::new(300.0, 90.0).find(field(), "help").is_some());
}

#[test]
fn the_focus_scrolls_into_view_in_a_low_window() {
    let view = || -> View<'_> {
        let form = column![
            button::secondary("Top")
                .id("top")
                .on_press(Message::Pressed("top")),
            Space::new().height(1000),
            button::secondary("End")
                .id("end")
                .on_press(Message::Pressed("end")),
        ];
        modal(
            text(""),
            Some(Dialog::new("low", "A long form", form).on_close(Message::Closed)),
        )
    };
    let mut canvas = Canvas::new(512.0, 300.0);
    let visible = |canvas: &mut Canvas, name: &'static str| {
        let found = canvas.find(view(), selector::id(name)).expect("in the tree");
        found.visible_bounds().is_some_and(|seen| seen.height > 30.0)
    };
    assert!(visible(&mut canvas, "top") && !visible(&mut canvas, "end"));
    let _ = canvas.key(view(), Named::Tab);
    assert!(visible(&mut canvas, "end") && !visible(&mut canvas, "top"));
    let _ = canvas.key(view(), Named::Tab);
    assert!(visible(&mut canvas, "top"));
}

#[test]
fn a_toast_can_be_undone_while_the_page_stays_usable() {
    let view = || -> View<'_> {
        let toasts = [Toast::new(Tone::Good, "Done.")
            .action("Undo", Message::Pressed("undo"))
            .on_dismiss(Message::Closed)];
        modal(toast::layer(page(), toasts), None)
    };
    let mut canvas = Canvas::new(800.0, 600.0);
    assert_eq!(canvas.click(view(), view(), "Undo"), [Message::Pressed("undo")]);
    assert_eq!(canvas.click(view(), view(), "Dismiss"), [Message::Closed]);
    assert_eq!(canvas.click(view(), view(), "First"), [Message::Pressed("first")]);
}

fn list<'a>(state: &ListState, len: usize) -> View<'a> {
    let rows = virtual_list(state, len, Message::List, |row| {
        let tick = check_box(false)
            .name(format!("tick {row}"))
            .tab_stop(false)
            .on_toggle(Message::Ticked);
        (
            row,
            iced::widget::row![sextant::ui::text::body(format!("row {row}")), tick].into(),
        )
    });
    modal(rows, None)
}

#[test]
fn of_ten_thousand_rows_few_are_built_and_the_keyboard_reaches_all() {
    let mut canvas = Canvas::new(600.0, 360.0);
    let mut state = ListState::new("rows");
    // The first frame reports the height.
    for message in canvas.send(list(&state, 10_000), &[]) {
        if let Message::List(event) = message {
            assert_eq!(state.update(event, 10_000), Outcome::Nothing);
        }
    }
    assert!(canvas.find(list(&state, 10_000), "row 15").is_some());
    assert!(
        canvas.find(list(&state, 10_000), "row 40").is_none(),
        "built far beyond the window"
    );

    let _ = canvas.key(list(&state, 10_000), Named::Tab);
    assert_eq!(canvas.focused(list(&state, 10_000)), id("rows"));
    let sent = canvas.key(list(&state, 10_000), Named::End);
    assert_eq!(sent, [Message::List(virtual_list::Event::Key(Intent::End))]);
    let Outcome::ScrollTo(offset) = state.update(virtual_list::Event::Key(Intent::End), 10_000) else {
        panic!("End scrolls");
    };
    assert_eq!(offset, 10_000.0 * virtual_list::ROW_HEIGHT - 360.0);
    let mut scroll = iced::advanced::widget::operation::scrollable::scroll_to::<()>(
        Id::from("rows-rows".to_owned()),
        iced::widget::operation::AbsoluteOffset {
            x: None,
            y: Some(offset),
        },
    );
    canvas.operate(list(&state, 10_000), &mut scroll);
    for message in canvas.send(list(&state, 10_000), &[]) {
        if let Message::List(event) = message {
            let _ = state.update(event, 10_000);
        }
    }
    assert!(canvas.find(list(&state, 10_000), "row 9999").is_some());
    assert_eq!(state.cursor(), Some(9999));
    let space = canvas.key(list(&state, 10_000), Named::Space);
    assert_eq!(space, [Message::List(virtual_list::Event::Key(Intent::Toggle))]);
    // A filter leaves three rows: they are built although the list was scrolled to the end.
    assert!(canvas.find(list(&state, 3), "row 0").is_some());
}

#[test]
fn the_scroll_bar_of_a_long_list_is_dragged_to_its_end() {
    let mut canvas = Canvas::new(600.0, 360.0);
    let mut state = ListState::new("rows");
    let down = Event::Mouse(mouse::Event::ButtonPressed(mouse::Button::Left));
    let moved = |y| {
        Event::Mouse(mouse::Event::CursorMoved {
            position: iced::Point::new(595.0, y),
        })
    };
    canvas.point_at((595.0, 10.0).into());
    let _ = canvas.send(list(&state, 10_000), &[down]);
    canvas.point_at((595.0, 400.0).into());
    let sent = canvas.send(list(&state, 10_000), &[moved(400.0)]);
    let offsets: Vec<_> = sent
        .into_iter()
        .filter_map(|message| match message {
            Message::List(event @ virtual_list::Event::Dragged(_)) => Some(state.update(event, 10_000)),
            _ => None,
        })
        .collect();
    let [Outcome::ScrollTo(offset)] = offsets[..] else {
        panic!("one move, one offset: {offsets:?}")
    };
    assert!(
        (offset - (10_000.0 * virtual_list::ROW_HEIGHT - 360.0)).abs() < 10.0,
        "{offset}"
    );
}

#[test]
fn a_row_is_pressed_beside_its_box() {
    let mut canvas = Canvas::new(600.0, 360.0);
    let state = ListState::new("rows");
    let sent = canvas.click(list(&state, 20), list(&state, 20), "row 2");
    assert!(
        sent.contains(&Message::List(virtual_list::Event::Pressed(2))),
        "{sent:?}"
    );
    let sent = canvas.click(list(&state, 20), list(&state, 20), "tick 3");
    assert!(
        sent.contains(&Message::Ticked(true))
            && !sent
                .iter()
                .any(|m| matches!(m, Message::List(virtual_list::Event::Pressed(_)))),
        "{sent:?}"
    );
    assert_eq!(canvas.focused(list(&state, 20)), id("rows"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// The CPU renderer gives up on quads without an area; no window may be so small that we draw one.
    #[test]
    fn any_window_size_can_be_drawn(width in 1_u16..900, height in 1_u16..700) {
        let theme = sextant::ui::theme::Appearance::default().theme();
        for view in [page(), login(), list(&ListState::new("rows"), 100)] {
            let mut canvas = Canvas::new(f32::from(width), f32::from(height));
            let picture = canvas.picture(view, &theme, 1.0);
            prop_assert_eq!(picture.rgba.len(), usize::from(width) * usize::from(height) * 4);
        }
    }
}
