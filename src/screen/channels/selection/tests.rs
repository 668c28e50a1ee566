use proptest::prelude::*;

use super::*;

const ROWS: [&str; 5] = ["main", "research", "research/gpu", "risk", "sandbox"];

fn row_of(entry: &ChannelEntry) -> Option<usize> {
    ROWS.iter().position(|name| *name == entry.expose())
}

fn entries(texts: &[&str]) -> Vec<ChannelEntry> {
    texts.iter().map(|text| ChannelEntry::from_text(text)).collect()
}

fn row(index: usize) -> (usize, ChannelEntry) {
    (index, ChannelEntry::from_text(ROWS[index]))
}

fn with(channels: &[&str], default_channels: &[&str]) -> Selection {
    let choice = ChannelChoice {
        channels: entries(channels),
        default_channels: entries(default_channels),
    };
    Selection::new(choice, row_of)
}

fn shown(selection: &Selection, list: List) -> String {
    let names: Vec<String> = selection
        .list(list)
        .iter()
        .map(|place| place.entry.to_string())
        .collect();
    names.join(" ")
}

use List::{Channels, DefaultChannels};

#[test]
fn defaults_comes_with_the_first_default_channel_and_goes_with_the_last() {
    let mut selection = with(&[], &[]);
    selection.tick(Channels, [row(1)]);
    assert_eq!(shown(&selection, Channels), "research");
    selection.tick(DefaultChannels, [row(0)]);
    assert_eq!(shown(&selection, Channels), "research defaults");
    selection.tick(DefaultChannels, [row(1)]);
    selection.tick(Channels, [row(3)]);
    assert_eq!(
        shown(&selection, Channels),
        "research risk defaults",
        "defaults stays last"
    );
    assert!(selection.shift(Channels, 2, 0));
    selection.tick(Channels, [row(4)]);
    assert_eq!(
        shown(&selection, Channels),
        "defaults research risk sandbox",
        "unless it was moved"
    );
    selection.untick(DefaultChannels, [0]);
    assert_eq!(shown(&selection, DefaultChannels), "research");
    selection.untick(DefaultChannels, [1]);
    assert_eq!(shown(&selection, Channels), "research risk sandbox");
}

#[test]
fn the_persons_own_defaults_stays() {
    let mut selection = with(&["defaults", "conda-forge"], &[]);
    selection.tick(DefaultChannels, [row(0)]);
    assert_eq!(shown(&selection, Channels), "defaults conda-forge");
    selection.untick(DefaultChannels, [0]);
    assert_eq!(shown(&selection, Channels), "defaults conda-forge");
    assert!(!selection.is_changed());
    selection.remove(Channels, 0);
    selection.tick(DefaultChannels, [row(0)]);
    assert_eq!(shown(&selection, Channels), "conda-forge defaults");
    selection.untick(DefaultChannels, [0]);
    assert_eq!(
        shown(&selection, Channels),
        "conda-forge",
        "the person had taken it out"
    );
}

#[test]
fn defaults_that_stood_for_default_channels_goes_with_them() {
    // Alone it would suddenly mean Anaconda's public channels.
    let mut selection = with(&["research", "defaults"], &["main"]);
    selection.untick(DefaultChannels, [0]);
    assert_eq!(shown(&selection, Channels), "research");
}

#[test]
fn defaults_is_not_taken_out_while_it_stands_for_something() {
    let mut selection = with(&["defaults", "research"], &["main"]);
    assert!(!selection.is_removable(Channels, 0) && selection.is_removable(Channels, 1));
    selection.remove(Channels, 0);
    assert_eq!(shown(&selection, Channels), "defaults research");
    assert!(!selection.is_removable(Channels, 7));
}

#[test]
fn a_file_without_defaults_is_left_so_until_a_default_channel_is_ticked() {
    let mut selection = with(&["conda-forge"], &["main"]);
    selection.tick(Channels, [row(1)]);
    assert_eq!(shown(&selection, Channels), "conda-forge research");
    selection.tick(DefaultChannels, [row(1)]);
    assert_eq!(shown(&selection, Channels), "conda-forge research defaults");
}

#[test]
fn what_the_server_does_not_list_is_kept_with_its_secrets() {
    let address = "https://user:pw@h.example/t/abc-1/chan";
    let mut selection = with(&[address, "main", "$CHANNEL"], &[]);
    assert_eq!(selection.list(Channels)[0].row, None);
    selection.untick(Channels, [0]);
    selection.tick(Channels, [row(2)]);
    let choice = selection.choice();
    assert_eq!(choice.channels[0].expose(), address);
    assert!(!format!("{choice:?} {selection:?}").contains("pw"), "{choice:?}");
    assert_eq!(
        shown(&selection, Channels),
        "https://••••@h.example/t/••••/chan $CHANNEL research/gpu"
    );
}

#[test]
fn ticks_follow_the_lists() {
    let mut selection = with(&["main", "main"], &[]);
    assert!(selection.is_ticked(Channels, 0) && !selection.is_ticked(DefaultChannels, 0));
    selection.tick(Channels, [row(0), row(1), row(1)]);
    assert_eq!(shown(&selection, Channels), "main main research");
    selection.remove(Channels, 2);
    assert!(!selection.is_ticked(Channels, 1));
    selection.untick(Channels, [0]);
    assert_eq!(shown(&selection, Channels), "");
    assert!(selection.is_changed());
    selection.revert(row_of);
    assert_eq!(shown(&selection, Channels), "main main");
    assert!(selection.is_ticked(Channels, 0) && !selection.is_changed());
}

#[test]
fn what_was_written_is_the_new_start() {
    let mut selection = with(&[], &[]);
    selection.tick(Channels, [row(0)]);
    assert!(selection.is_changed());
    selection.written();
    assert!(!selection.is_changed());
    assert!(!selection.shift(Channels, 0, 1) && !selection.shift(Channels, 3, 0));
}

#[derive(Debug, Clone)]
enum Step {
    Tick(List, usize),
    Untick(List, usize),
    Shift(List, usize, usize),
    Remove(List, usize),
}

fn any_step() -> impl Strategy<Value = Step> {
    let list = || prop_oneof![Just(Channels), Just(DefaultChannels)];
    prop_oneof![
        (list(), 0..ROWS.len()).prop_map(|(list, row)| Step::Tick(list, row)),
        (list(), 0..ROWS.len()).prop_map(|(list, row)| Step::Untick(list, row)),
        (list(), 0_usize..6, 0_usize..6).prop_map(|(list, from, to)| Step::Shift(list, from, to)),
        (list(), 0_usize..6).prop_map(|(list, at)| Step::Remove(list, at)),
    ]
}

proptest! {
    #[test]
    fn whatever_is_done_the_lists_stay_in_order(
        channels in proptest::sample::subsequence(vec!["main", "conda-forge", "risk", "defaults"], 0..4),
        default_channels in proptest::sample::subsequence(vec!["research", "https://h/x"], 0..2),
        steps in proptest::collection::vec(any_step(), 0..40),
    ) {
        let mut selection = with(&channels, &default_channels);
        let mut removed_foreign = false;
        for step in steps {
            match step {
                Step::Tick(list, index) => {
                    let before = selection.choice();
                    let was_ticked = selection.is_ticked(list, index);
                    selection.tick(list, [row(index)]);
                    prop_assert!(selection.is_ticked(list, index));
                    prop_assert!(!was_ticked || list == DefaultChannels || selection.choice() == before);
                }
                Step::Untick(list, index) => {
                    selection.untick(list, [index]);
                    prop_assert!(!selection.is_ticked(list, index));
                }
                Step::Shift(list, from, to) => {
                    let mut before: Vec<u64> = selection.list(list).iter().map(|place| place.id).collect();
                    selection.shift(list, from, to);
                    let mut after: Vec<u64> = selection.list(list).iter().map(|place| place.id).collect();
                    before.sort_unstable();
                    after.sort_unstable();
                    prop_assert_eq!(before, after, "an entry moves, none comes or goes");
                }
                Step::Remove(list, at) => {
                    removed_foreign |= selection.list(list).get(at).is_some_and(|place| place.row.is_none());
                    selection.remove(list, at);
                }
            }
            for list in [Channels, DefaultChannels] {
                for (index, name) in ROWS.iter().enumerate() {
                    let is_listed = selection.list(list).iter().any(|place| place.entry.expose() == *name);
                    prop_assert_eq!(selection.is_ticked(list, index), is_listed);
                }
            }
            let count = selection.list(Channels).iter().filter(|place| place.entry == ChannelEntry::Defaults).count();
            prop_assert!(count <= 1);
            if !removed_foreign {
                for (list, name) in [(Channels, "conda-forge"), (DefaultChannels, "https://h/x")] {
                    let stood = if list == Channels { channels.contains(&name) } else { default_channels.contains(&name) };
                    let stands = selection.list(list).iter().any(|place| place.entry.expose() == name);
                    prop_assert_eq!(stood, stands, "{} is neither lost nor made up", name);
                }
            }
        }
        selection.revert(row_of);
        prop_assert!(!selection.is_changed());
    }
}
