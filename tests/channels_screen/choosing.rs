//! Searching, filtering, sorting and ticking.

use super::*;

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
