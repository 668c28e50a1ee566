//! What is drawn, at which size, and how the keyboard goes through it.

use super::order::ordered;
use super::*;

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
