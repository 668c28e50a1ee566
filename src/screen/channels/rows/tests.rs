use proptest::prelude::*;

use super::*;

fn channel(
    path: &str,
    privacy: Privacy,
    owners: &[&str],
    artifacts: Option<u64>,
    description: &str,
) -> Channel {
    let (parent, name) = match path.rsplit_once('/') {
        Some((parent, name)) => (Some(parent.to_owned()), name),
        None => (None, path),
    };
    Channel {
        name: name.to_owned(),
        parent,
        privacy,
        description: description.to_owned(),
        owners: owners.iter().map(|owner| (*owner).to_owned()).collect(),
        artifact_count: artifacts,
        subchannel_count: None,
        mirror: false,
        updated: None,
        address: None,
    }
}

fn table() -> Rows {
    use Privacy::{Authenticated, Other, Private, Public};
    Rows::new(&Arc::new(vec![
        channel("research-b", Private, &["Bob"], Some(12), "Spectra of Stars"),
        channel("research", Authenticated, &["alice", "bob"], Some(86), ""),
        channel("research/gpu", Private, &["alice"], None, "CUDA builds"),
        channel("main", Public, &[], Some(1204), "Mirror of STARS"),
        channel("Zoo", Other("odd".into()), &["carol"], Some(12), ""),
    ]))
}

fn shown(rows: &Rows) -> Vec<&str> {
    rows.shown()
        .iter()
        .map(|&row| rows.get(row).unwrap().name.as_str())
        .collect()
}

#[test]
fn every_word_is_looked_for_in_name_owners_and_description() {
    let mut rows = table();
    for (search, expected) in [
        ("", &["main", "research", "research/gpu", "research-b", "Zoo"][..]),
        ("  RESEARCH ", &["research", "research/gpu", "research-b"]),
        ("research alice", &["research", "research/gpu"]),
        ("bob stars", &["research-b"]),
        ("stars", &["main", "research-b"]),
        ("zoo", &["Zoo"]),
        ("h/g", &["research/gpu"]),
        ("alice bob carol", &[]),
        // Not across the border between two fields.
        ("main mirror", &["main"]),
        ("mainmirror", &[]),
    ] {
        rows.search(search);
        assert_eq!(shown(&rows), expected, "{search:?}");
    }
}

#[test]
fn the_privacy_filter_and_the_search_both_count() {
    let mut rows = table();
    rows.show_privacy(PrivacyFilter::Private);
    assert_eq!(shown(&rows), ["research/gpu", "research-b"]);
    rows.search("alice");
    assert_eq!(shown(&rows), ["research/gpu"]);
    rows.show_privacy(PrivacyFilter::Public);
    assert_eq!(shown(&rows), [""; 0]);
    rows.search("");
    assert_eq!(shown(&rows), ["main"]);
    rows.show_privacy(PrivacyFilter::All);
    assert_eq!(shown(&rows).len(), 5, "what the server calls otherwise is in all");
}

#[test]
fn a_column_sorts_and_then_reverses_and_what_is_unknown_comes_last() {
    let mut rows = table();
    let mut sorted = |column| {
        rows.sort_by(column, |list, row| list == List::Channels && row == 3);
        shown(&rows)
            .iter()
            .map(|name| (*name).to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        sorted(Column::Name),
        ["Zoo", "research-b", "research/gpu", "research", "main"],
        "it was sorted by name already"
    );
    assert_eq!(
        sorted(Column::Artifacts),
        ["Zoo", "research-b", "research", "main", "research/gpu"],
        "what is equal stays as it was"
    );
    assert_eq!(
        sorted(Column::Artifacts),
        ["main", "research", "Zoo", "research-b", "research/gpu"]
    );
    assert_eq!(
        sorted(Column::Owners),
        ["research/gpu", "research", "research-b", "Zoo", "main"]
    );
    assert_eq!(
        sorted(Column::Owners),
        ["Zoo", "research-b", "research", "research/gpu", "main"]
    );
    assert_eq!(
        sorted(Column::Privacy),
        ["main", "research", "research-b", "research/gpu", "Zoo"]
    );
    assert_eq!(sorted(Column::Ticks(List::Channels))[0], "main");
    assert_eq!(sorted(Column::Ticks(List::Channels))[4], "main");
    assert_eq!(
        rows.order_of(Column::Ticks(List::Channels)),
        Some(Order::Descending)
    );
    assert_eq!(rows.order_of(Column::Name), None);
}

#[test]
fn a_row_says_what_the_server_says() {
    let rows = table();
    let main = rows.get(3).unwrap();
    assert_eq!((main.artifacts.as_str(), main.owners.as_str()), ("1 204", ""));
    assert_eq!(rows.get(1).unwrap().owners, "alice, bob");
    assert_eq!(rows.get(2).unwrap().artifacts, "");
    for (number, text) in [
        (0, "0"),
        (12, "12"),
        (999, "999"),
        (1000, "1 000"),
        (5_118_204, "5 118 204"),
    ] {
        assert_eq!(grouped(number, ' '), text);
    }
    let odd = Rows::new(&Arc::new(vec![channel(
        "defaults",
        Privacy::Public,
        &[],
        None,
        "",
    )]));
    assert_eq!(
        odd.get(0).unwrap().entry,
        None,
        "in conda this is no channel of the server"
    );
}

#[test]
fn entries_of_the_file_are_found_among_the_rows() {
    let rows = table();
    let host = "psm.example.com";
    for (entry, expected) in [
        ("research", Some(1)),
        ("research/gpu", Some(2)),
        ("conda-forge", None),
        ("defaults", None),
        ("https://psm.example.com/api/repo/main", Some(3)),
        ("https://psm.example.com/api/repo/t/abc-1/research/gpu", Some(2)),
        ("https://PSM.example.com:8443/api/repo/research/", Some(1)),
        ("https://psm.example.com/main", Some(3)),
        ("https://conda.anaconda.org/main", None),
        ("https://psm.example.com", None),
        ("file:///main", None),
    ] {
        assert_eq!(
            rows.row_of(&ChannelEntry::from_text(entry), host),
            expected,
            "{entry}"
        );
    }
    let entry = ChannelEntry::from_text("https://psm.example.com:8443/api/repo/main");
    assert_eq!(rows.row_of(&entry, "psm.example.com:8443"), Some(3));
}

fn any_channels() -> impl Strategy<Value = Vec<Channel>> {
    let privacy = prop_oneof![
        Just(Privacy::Public),
        Just(Privacy::Authenticated),
        Just(Privacy::Private),
        Just(Privacy::Other(String::new())),
    ];
    let channel = (
        "[a-cÄß]{1,3}(/[a-c]{1,2})?",
        privacy,
        proptest::option::of(0_u64..4),
        "[A-C ]{0,5}",
    );
    let made = channel.prop_map(|(path, privacy, artifacts, description)| {
        super::tests::channel(&path, privacy, &["a"], artifacts, &description)
    });
    proptest::collection::vec(made, 0..40)
}

fn any_column() -> impl Strategy<Value = Column> {
    prop_oneof![
        Just(Column::Name),
        Just(Column::Privacy),
        Just(Column::Owners),
        Just(Column::Artifacts),
        Just(Column::Ticks(List::Channels)),
    ]
}

proptest! {
    #[test]
    fn what_is_shown_is_what_matches_and_nothing_else(
        channels in any_channels(),
        search in "[a-cA-C ]{0,4}",
        columns in proptest::collection::vec(any_column(), 0..4),
    ) {
        let mut rows = Rows::new(&Arc::new(channels));
        for column in columns {
            rows.sort_by(column, |_, row| row % 3 == 0);
        }
        rows.search(&search);
        let mut found = rows.shown().to_vec();
        found.sort_unstable();
        let words: Vec<String> = search.split_whitespace().map(str::to_lowercase).collect();
        let expected: Vec<usize> = (0..rows.len())
            .filter(|&row| {
                let row = rows.get(row).unwrap();
                let fields = [&row.name, &row.owners, &row.description].map(|field| field.to_lowercase());
                words.iter().all(|word| fields.iter().any(|field| field.contains(word)))
            })
            .collect();
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn sorting_keeps_the_order_of_what_is_equal(channels in any_channels(), columns in proptest::collection::vec(any_column(), 1..5)) {
        let mut rows = Rows::new(&Arc::new(channels));
        for column in columns {
            let before = rows.shown().to_vec();
            rows.sort_by(column, |_, row| row % 3 == 0);
            let place = |row: usize| before.iter().position(|other| *other == row);
            for pair in rows.shown().windows(2) {
                let (a, b) = (rows.get(pair[0]).unwrap(), rows.get(pair[1]).unwrap());
                let is_equal = match column {
                    Column::Name => a.name_key == b.name_key,
                    Column::Privacy => a.privacy == b.privacy,
                    Column::Owners => a.owners_key == b.owners_key,
                    Column::Artifacts => a.artifact_count == b.artifact_count,
                    Column::Ticks(_) => (pair[0] % 3 == 0) == (pair[1] % 3 == 0),
                };
                prop_assert!(!is_equal || place(pair[0]) < place(pair[1]));
            }
        }
    }

    #[test]
    fn a_part_of_a_text_is_found_in_any_case(text in "\\PC{0,12}", start in 0_usize..12, length in 0_usize..12) {
        let part: String = text.chars().skip(start).take(length).collect();
        prop_assert!(lower(&text).contains(&lower(&part)));
    }
}
