use std::path::PathBuf;

use super::*;
use crate::service::manage_channels::{Freedom, ManagedPriority};

const FILE: &str = "/home/alice/.condarc";

/// `name`, `name!` for a fixed one, `name<` for one of another file that can be removed only.
fn channel(text: &str, list: List) -> ManagedChannel {
    let name = text.trim_end_matches(['!', '<', '*']);
    let entry = ChannelEntry::from_text(name);
    let file = |path: &str| RowPlace::File {
        path: PathBuf::from(path),
        line: Some(2),
    };
    let (place, freedom) = match text.chars().last() {
        Some('!') => (file("/etc/conda/.condarc"), Freedom::Fixed("of all".to_owned())),
        Some('<') => (
            file("/home/alice/.config/conda/condarc"),
            Freedom::Removable("there".to_owned()),
        ),
        Some('*') => (RowPlace::Preset, Freedom::Fixed("conda's own".to_owned())),
        _ => (file(FILE), Freedom::Free),
    };
    ManagedChannel {
        canonical_names: vec![entry.to_string()],
        addresses: match (&entry, list) {
            (ChannelEntry::Defaults, _) => vec!["https://h/d".to_owned()],
            (ChannelEntry::Url(url), _) => vec![url.public()],
            _ => vec![format!("https://h/{name}")],
        },
        has_secret: name.contains("/t/"),
        entry,
        place,
        freedom,
    }
}

fn managed(channels: &[&str], default_channels: &[&str]) -> ManagedChannels {
    let rows = |texts: &[&str], list| -> Vec<ManagedChannel> {
        texts.iter().map(|text| channel(text, list)).collect()
    };
    let written = |rows: &[ManagedChannel]| -> Vec<ChannelEntry> {
        let free = rows.iter().filter(|row| row.freedom.is_movable());
        free.map(|row| row.entry.clone()).collect()
    };
    let (channels, default_channels) = (
        rows(channels, List::Channels),
        rows(default_channels, List::DefaultChannels),
    );
    ManagedChannels {
        path: PathBuf::from(FILE),
        arrangement: Arrangement {
            channels: written(&channels),
            default_channels: written(&default_channels),
            ..Arrangement::default()
        },
        channels,
        default_channels,
        priority: ManagedPriority {
            value: ChannelPriority::Flexible,
            place: RowPlace::Preset,
            fixed_because: None,
        },
        locked_because: None,
    }
}

fn draft(channels: &[&str], default_channels: &[&str]) -> Draft {
    Draft::new(managed(channels, default_channels))
}

fn shown(draft: &Draft) -> String {
    let name = |position: &Position| {
        let name = draft.row(*position).unwrap().channel.entry.to_string();
        match position.list {
            List::Channels => name,
            List::DefaultChannels => format!(".{name}"),
        }
    };
    draft.positions().iter().map(name).collect::<Vec<_>>().join(" ")
}

/// What would stand in the file: `channels`, then `default_channels`.
fn written(draft: &Draft) -> (String, String) {
    let arrangement = draft.arrangement();
    let text = |entries: &[ChannelEntry]| {
        let entries: Vec<String> = entries.iter().map(ToString::to_string).collect();
        entries.join(" ")
    };
    (text(&arrangement.channels), text(&arrangement.default_channels))
}

fn at(draft: &Draft, name: &str) -> Position {
    let mut positions = draft.positions().into_iter();
    positions
        .find(|position| draft.row(*position).unwrap().channel.entry.to_string() == name)
        .unwrap()
}

#[test]
fn what_defaults_stands_for_is_shown_below_it() {
    assert_eq!(
        shown(&draft(&["a", "defaults", "b"], &["main", "r"])),
        "a defaults .main .r b"
    );
    assert_eq!(
        shown(&draft(&["a"], &["main*"])),
        "a",
        "conda's own are of no interest there"
    );
    assert_eq!(shown(&draft(&["a"], &["main"])), "a .main");
    assert!(!draft(&["a", "x!", "defaults"], &["main"]).is_changed());
}

#[test]
fn entries_move_around_those_that_are_fixed() {
    let mut draft = draft(&["v!", "a", "b", "x<", "c", "s!"], &[]);
    assert_eq!(
        draft.neighbour(List::Channels, 1, true),
        None,
        "above it is nothing that moves"
    );
    assert_eq!(draft.neighbour(List::Channels, 2, false), Some(4));
    assert_eq!(draft.shift(List::Channels, 2, 4), Some(4));
    assert_eq!(shown(&draft), "v a c x b s");
    assert_eq!(written(&draft).0, "a c b");
    assert_eq!(draft.shift(List::Channels, 4, 0), Some(1), "as far as it can go");
    assert_eq!(shown(&draft), "v b a x c s");
    assert_eq!(
        draft.shift(List::Channels, 1, 3),
        Some(2),
        "over one that is fixed it stays before it"
    );
    assert_eq!(draft.shift(List::Channels, 0, 2), None);
    assert_eq!(draft.shift(List::Channels, 3, 0), None);
}

#[test]
fn entries_go_where_they_stand() {
    let mut draft = draft(&["a", "x<", "s!", "b"], &[]);
    assert!(!draft.remove(at(&draft, "s")));
    assert!(draft.remove(at(&draft, "a")));
    assert!(draft.remove(at(&draft, "x")));
    assert_eq!(written(&draft).0, "b");
    let elsewhere = &draft.arrangement().taken_out[0];
    assert_eq!(elsewhere.entry, ChannelEntry::from_text("x"));
    assert!(draft.is_changed());
}

#[test]
fn entries_change_lists_and_defaults_follows() {
    let mut draft = draft(&["a", "b"], &["main*", "r*"]);
    let there = draft.change_list(at(&draft, "a")).unwrap();
    assert_eq!((there.list, there.at), (List::DefaultChannels, 0));
    assert_eq!(written(&draft), ("b defaults".to_owned(), "a".to_owned()));
    assert_eq!(shown(&draft), "b .a", "until the services have answered");
    draft.follow(&managed(&["b", "defaults"], &["a"]));
    assert_eq!(shown(&draft), "b defaults .a");
    assert!(draft.change_list(at(&draft, "defaults")).is_none());
    draft.change_list(at(&draft, "a")).unwrap();
    assert_eq!(shown(&draft), "b a defaults");
}

fn wanted(text: &str) -> (WantedChannel, ManagedChannel) {
    let wanted = WantedChannel::parse(text).unwrap().remove(0);
    let channel = channel(&wanted.entry.to_string(), List::Channels);
    (wanted, channel)
}

#[test]
fn what_is_added_goes_before_defaults_or_where_the_line_says() {
    let mut draft = draft(&["v!", "a", "defaults", "s!"], &["main*"]);
    let add = |draft: &mut Draft, text: &str| {
        let (wanted, channel) = wanted(text);
        draft.add(wanted, channel)
    };
    add(&mut draft, "research");
    add(&mut draft, "conda config --add channels first");
    add(&mut draft, "conda config --append channels last");
    assert_eq!(shown(&draft), "v first a research defaults .main last s");
    assert_eq!(written(&draft).0, "first a research defaults last");
    let (position, was_there) = add(&mut draft, "https://h/a");
    assert!(
        was_there && position.at == 2,
        "the same address is the same channel"
    );
    add(&mut draft, "t/tok-12345/research");
    let tokens = draft.arrangement().tokens;
    assert_eq!((tokens.len(), tokens[0].token.expose()), (1, "tok-12345"));
    add(&mut draft, "conda config --add default_channels mine");
    assert_eq!(written(&draft).1, "mine");
}

#[test]
fn a_token_moves_out_of_an_entry() {
    let mut draft = draft(&["a", "https://h/t/tok-1/x"], &[]);
    assert!(!draft.move_token(at(&draft, "a")));
    assert!(draft.move_token(at(&draft, "https://h/t/••••/x")));
    assert_eq!(written(&draft).0, "a https://h/x");
    let arrangement = draft.arrangement();
    assert_eq!(
        arrangement.tokens[0].entry,
        ChannelEntry::from_text("https://h/x")
    );
    assert!(!format!("{:?}", draft).contains("tok-1"), "{draft:?}");
}

#[test]
fn what_is_known_of_a_row_stays_with_it() {
    let mut draft = draft(&["a", "b"], &[]);
    for row in draft.rows_mut() {
        row.check = CheckState::Asking(7);
    }
    let ids: Vec<u64> = draft.rows().map(|row| row.id).collect();
    draft.follow(&managed(&["b", "new", "a"], &[]));
    let rows: Vec<(u64, bool)> = draft
        .rows()
        .map(|row| (row.id, row.check == CheckState::Asking(7)))
        .collect();
    assert_eq!(rows[0], (ids[1], true));
    assert!(!rows[1].1 && !ids.contains(&rows[1].0));
    assert_eq!(rows[2], (ids[0], true));
}

#[test]
fn entries_that_are_not_shown_stay_in_the_file() {
    // `hidden` stands in the file too, but a variable that comes first has it.
    let mut before = managed(&["hidden!", "a", "b"], &[]);
    before.arrangement.channels = ["a", "hidden", "b"].map(ChannelEntry::from_text).to_vec();
    let mut draft = Draft::new(before);
    assert!(!draft.is_changed());
    draft.shift(List::Channels, 1, 2);
    assert_eq!(written(&draft).0, "b hidden a");
}
