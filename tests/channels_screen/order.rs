//! The order of search, and the order inside `defaults`.

use super::*;

pub fn ordered() -> Page {
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
