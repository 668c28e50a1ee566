//! The order of conda's sources and the rules by which they join (repository reference, sections 3.1 and 3.2), through
//! the service: a table of what the reference says, and a plain model of it against random machines.

#[path = "support/planted.rs"]
mod planted;

use planted::Planted;
use proptest::prelude::*;
use serde_json::{Value, json};
use sextant::service::configuration::{ConfigurationFile, Explained, Origin, Part};

const CONDA: ConfigurationFile = ConfigurationFile::Conda;

/// Every place of conda's search path on Linux, lowest precedence first. Folders are of this home.
const ORDER: [&str; 23] = [
    "system-root/etc/conda/.condarc",
    "system-root/etc/conda/condarc",
    "system-root/etc/conda/condarc.d/a.yml",
    "system-root/var/lib/conda/.condarc",
    "system-root/var/lib/conda/condarc",
    "system-root/var/lib/conda/condarc.d/a.yaml",
    "root/.condarc",
    "root/condarc",
    "root/condarc.d/a.yml",
    "xdg/conda/.condarc",
    "xdg/conda/condarc",
    "xdg/conda/condarc.d/a.yml",
    ".config/conda/.condarc",
    ".config/conda/condarc",
    ".config/conda/condarc.d/a.yml",
    ".conda/.condarc",
    ".conda/condarc",
    ".conda/condarc.d/a.yml",
    ".condarc",
    "env/.condarc",
    "env/condarc",
    "env/condarc.d/a.yml",
    "named/my.yaml",
];

fn machine() -> Planted {
    Planted::new()
        .place("CONDA_ROOT", "root")
        .place("XDG_CONFIG_HOME", "xdg")
        .place("CONDA_PREFIX", "env")
        .place("CONDARC", "named/my.yaml")
}

fn explain(home: &Planted, key: &str) -> Explained {
    home.services().explain(CONDA, key).unwrap()
}

fn value(home: &Planted, key: &str) -> Value {
    explain(home, key)
        .value
        .map_or(Value::Null, |value| value.to_json())
}

/// The place of an origin as it was planted.
fn inside(home: &Planted, origin: &Origin) -> String {
    match origin {
        Origin::File { path, .. } => path.strip_prefix(home.home()).unwrap().display().to_string(),
        other => other.place(),
    }
}

#[test]
fn each_place_prevails_over_those_before_it() {
    for top in 0..ORDER.len() {
        let mut home = machine();
        for (at, place) in ORDER[..=top].iter().enumerate() {
            home = home.file(
                place,
                format!("channel_alias: https://h{at}\nchannels: [c{at}]\n"),
            );
        }
        let alias = explain(&home, "channel_alias");
        assert_eq!(alias.value.unwrap().to_json(), json!(format!("https://h{top}")));
        let places: Vec<_> = alias
            .sources
            .iter()
            .map(|source| inside(&home, &source.origin))
            .collect();
        assert_eq!(places, ORDER[..=top]);
        let decides = alias
            .sources
            .iter()
            .position(|source| source.part == Part::Decides);
        assert_eq!(decides, Some(top));
        // The higher file's items come first.
        let expected: Vec<_> = (0..=top).rev().map(|at| format!("c{at}")).collect();
        assert_eq!(value(&home, "channels"), json!(expected));
    }
}

#[test]
fn variables_prevail_over_every_file_and_options_are_named() {
    let home = machine()
        .file(
            "named/my.yaml",
            "channel_alias: https://file\nchannels: [f]\nssl_verify: true\n",
        )
        .variable("CONDA_CHANNEL_ALIAS", "https://variable")
        .variable("CONDA_CHANNELS", "v1, v2")
        .variable("CONDA_VERIFY_SSL", "no")
        .variable("CONDA_PINNED_PACKAGES", "a=1&b=2,3")
        .variable("CONDA_ENVS_DIRS", "/one:/two");
    assert_eq!(value(&home, "channel_alias"), json!("https://variable"));
    assert_eq!(value(&home, "channels"), json!(["v1", "v2", "f"]));
    assert_eq!(value(&home, "ssl_verify"), json!(false));
    assert_eq!(value(&home, "pinned_packages"), json!(["a=1", "b=2,3"]));
    assert_eq!(value(&home, "envs_dirs"), json!(["/one", "/two"]));
    assert!(explain(&home, "channels").flags.contains(&"--override-channels"));
    assert_eq!(explain(&home, "ssl_verify").flags, ["--insecure"]);
}

#[test]
fn a_folder_gives_its_files_sorted_as_text_and_names_count() {
    let home = Planted::new()
        .file(".conda/condarc.d/10-a.yml", "channel_alias: https://ten\n")
        .file(".conda/condarc.d/9-b.yaml", "channel_alias: https://nine\n")
        .file(".conda/condarc.d/z.txt", "channel_alias: https://never\n")
        .file("x/myrc", "channel_alias: https://never\n")
        .place("CONDARC", "x/myrc");
    assert_eq!(value(&home, "channel_alias"), json!("https://nine"));
    let warnings = home.services().effective(CONDA).unwrap().warnings;
    assert!(
        warnings
            .iter()
            .any(|warning| warning.message.contains("conda ignores it")),
        "{warnings:?}"
    );
}

#[test]
fn a_file_named_twice_keeps_its_lower_place() {
    let home = Planted::new()
        .place("CONDA_ROOT", "root")
        .place("CONDA_PREFIX", "root")
        .file("root/.condarc", "channel_alias: https://base\n")
        .file(".condarc", "channel_alias: https://mine\n");
    assert_eq!(value(&home, "channel_alias"), json!("https://mine"));
}

/// What a key of the table merges: the sources, lowest first, and the value in effect.
struct Row {
    key: &'static str,
    sources: &'static [&'static str],
    effective: Value,
    locked: bool,
}

fn row(key: &'static str, sources: &'static [&'static str], effective: Value) -> Row {
    Row {
        key,
        sources,
        effective,
        locked: false,
    }
}

#[test]
fn the_rules_of_joining() {
    let locked = |row: Row| Row { locked: true, ..row };
    let rows = [
        // Single values: the last wins, unless one is final.
        row("offline", &["offline: true\n", "offline: false\n"], json!(false)),
        locked(row(
            "offline",
            &["offline: true #!final\n", "offline: false\n"],
            json!(true),
        )),
        locked(row(
            "offline",
            &["offline: true #final\n", "offline: false\n"],
            json!(true),
        )),
        row(
            "offline",
            &["offline: true # !final\n", "offline: false\n"],
            json!(false),
        ),
        row(
            "offline",
            &["offline: true #!final keep\n", "offline: false\n"],
            json!(false),
        ),
        locked(row(
            "offline",
            &["offline: true #!final\n\n", "offline: false\n"],
            json!(true),
        )),
        row(
            "offline",
            &["offline: true #!final\n# c\n", "offline: false\n"],
            json!(false),
        ),
        row(
            "offline",
            &["offline: true #!final\n\n# c\n", "offline: false\n"],
            json!(false),
        ),
        locked(row(
            "offline",
            &[
                "offline: false\n",
                "offline: true #!final\n",
                "offline: false #!final\n",
            ],
            json!(true),
        )),
        // Lists: the higher file's items first, each once.
        row(
            "channels",
            &["channels: [a, b]\n", "channels: [b, c]\n"],
            json!(["b", "c", "a"]),
        ),
        row(
            "channels",
            &["channel: [a]\n", "channels: [b]\n"],
            json!(["b", "a"]),
        ),
        row("channels", &["channels: [a]\n", "channels:\n"], json!(["a"])),
        locked(row(
            "channels",
            &["channels: [a]\n", "channels: #!final\n  - b\n", "channels: [c]\n"],
            json!(["b", "a"]),
        )),
        row(
            "channels",
            &[
                "channels:\n  - a\n  - t #!top\n  - z #!bottom\n",
                "channels: [b, z]\n",
            ],
            json!(["t", "b", "a", "z"]),
        ),
        row(
            "channels",
            &["channels:\n  - t1 #!top\n", "channels:\n  - b\n  - t2 #!top\n"],
            json!(["t1", "t2", "b"]),
        ),
        // Maps: name by name; a final name stays.
        row(
            "proxy_servers",
            &[
                "proxy_servers:\n  http: a\n  https: b\n",
                "proxy_servers:\n  https: c\n",
            ],
            json!({"http": "a", "https": "c"}),
        ),
        row(
            "proxy_servers",
            &[
                "proxy_servers:\n  http: a\n  https: b #!final\n",
                "proxy_servers:\n  https: c\n  http: d\n",
            ],
            json!({"http": "d", "https": "b"}),
        ),
        row(
            "proxy_servers",
            &[
                "proxy_servers:\n  https: b #!final\n  # note\n",
                "proxy_servers:\n  https: c\n",
            ],
            json!({"https": "c"}),
        ),
        locked(row(
            "proxy_servers",
            &[
                "proxy_servers: #!final\n  https: b\n",
                "proxy_servers:\n  https: c\n  http: d\n",
            ],
            json!({"https": "b"}),
        )),
        row(
            "proxy_servers",
            &["proxy_servers: {https: a}\n", "proxy_servers: ~\n"],
            json!({"https": "a"}),
        ),
        // Maps of lists: the lists under one name join.
        row(
            "custom_multichannels",
            &[
                "custom_multichannels:\n  x: [a]\n  y: [b]\n",
                "custom_multichannels:\n  x: [c, a]\n",
            ],
            json!({"x": ["c", "a"], "y": ["b"]}),
        ),
        row(
            "custom_multichannels",
            &[
                "custom_multichannels:\n  x:\n    - a #!top\n",
                "custom_multichannels:\n  x:\n    - c\n",
            ],
            json!({"x": ["a", "c"]}),
        ),
        row(
            "custom_multichannels",
            &[
                "custom_multichannels:\n  x: #!final\n    - a\n",
                "custom_multichannels:\n  x:\n    - c\n",
            ],
            json!({"x": ["a"]}),
        ),
        // Lists of maps join as lists do.
        row(
            "channel_settings",
            &[
                "channel_settings:\n  - channel: a\n    auth: low\n",
                "channel_settings:\n  - channel: a\n    auth: high\n",
            ],
            json!([{"channel": "a", "auth": "high"}, {"channel": "a", "auth": "low"}]),
        ),
        // Words that conda takes for others.
        row(
            "channel_priority",
            &["channel_priority: true\n"],
            json!("flexible"),
        ),
        row(
            "channel_priority",
            &["channel_priority: STRICT\n"],
            json!("strict"),
        ),
        row("auto_update_conda", &["self_update: off\n"], json!(false)),
        row("ssl_verify", &["ssl_verify: ~\n"], json!(false)),
        row(
            "ssl_verify",
            &["ssl_verify: true\n", "verify_ssl: /ca.pem\n"],
            json!("/ca.pem"),
        ),
        row(
            "remote_read_timeout_secs",
            &["remote_read_timeout_secs: 5\n"],
            json!(5),
        ),
    ];
    for Row {
        key,
        sources,
        effective,
        locked,
    } in rows
    {
        let mut home = machine();
        for (at, content) in sources.iter().enumerate() {
            home = home.file(ORDER[at * 6], content);
        }
        let explained = explain(&home, key);
        assert_eq!(
            explained.value.unwrap().to_json(),
            effective,
            "{key}: {sources:?}"
        );
        assert_eq!(explained.locked_by.is_some(), locked, "{key}: {sources:?}");
    }
}

#[test]
fn the_word_important_makes_a_variable_final() {
    let home = Planted::new().variable("CONDA_CHANNEL_ALIAS", "https://h!important");
    let alias = explain(&home, "channel_alias");
    assert_eq!(alias.value.unwrap().to_json(), json!("https://h"));
    let name = "CONDA_CHANNEL_ALIAS".to_owned();
    assert_eq!(alias.locked_by, Some(Origin::Variable { name }));
}

#[test]
fn variables_in_values_are_expanded_where_conda_does() {
    let expanding = [
        "ssl_verify",
        "client_ssl_cert",
        "client_ssl_cert_key",
        "channel_alias",
    ];
    for key in expanding {
        let home = Planted::new()
            .file(".condarc", format!("{key}: \"https://h/${{PART}}/x$MISSING\"\n"))
            .variable("PART", "p");
        assert_eq!(value(&home, key), json!("https://h/p/x$MISSING"), "{key}");
    }
    for key in [
        "envs_dirs",
        "pkgs_dirs",
        "channels",
        "default_channels",
        "allowlist_channels",
        "denylist_channels",
        "shortcuts_only",
    ] {
        let home = Planted::new()
            .file(".condarc", format!("{key}: [\"$PART\"]\n"))
            .variable("PART", "p");
        assert_eq!(value(&home, key), json!(["p"]), "{key}");
    }
    for key in ["proxy_servers", "custom_channels", "migrated_custom_channels"] {
        let home = Planted::new()
            .file(".condarc", format!("{key}:\n  a: $PART\n"))
            .variable("PART", "p");
        assert_eq!(value(&home, key)["a"], json!("p"), "{key}");
    }
    for (key, written) in [
        ("migrated_channel_aliases", "[$PART]"),
        ("channel_settings", "[{channel: $PART}]"),
        ("env_prompt", "$PART"),
    ] {
        let home = Planted::new()
            .file(".condarc", format!("{key}: {written}\n"))
            .variable("PART", "p");
        assert!(value(&home, key).to_string().contains("$PART"), "{key}");
    }
}

#[test]
fn what_conda_does_not_know_is_shown_and_not_interpreted() {
    let home = Planted::new()
        .file("system-root/etc/conda/condarc", "my_tool: {a: [1]}\n")
        .file(".condarc", "my_tool: high\nplugins:\n  x: 1\n");
    let explained = explain(&home, "my_tool");
    assert!(
        explained
            .sources
            .iter()
            .all(|source| source.part == Part::Ignored)
    );
    assert_eq!(explained.documentation, None);
    assert_eq!(value(&home, "plugins.x"), json!("1"));
    let error = home.services().explain(CONDA, "my_toll").unwrap_err().to_string();
    assert!(error.contains("has no setting my_toll"), "{error}");
    let keys: Vec<_> = home
        .services()
        .effective(CONDA)
        .unwrap()
        .settings
        .into_iter()
        .map(|set| set.key)
        .collect();
    assert_eq!(keys, ["my_tool", "plugins"]);
}

/// Names of a map with their values, and whether each is marked as final.
type Names = Vec<(u8, u8, bool)>;

/// One source of the model.
#[derive(Debug, Clone)]
struct Source {
    place: usize,
    /// Absent, or items with whether one is at the top (1) or the bottom (2).
    list: Option<(Vec<(u8, u8)>, bool)>,
    single: Option<(bool, bool)>,
    /// Name, value, final.
    map: Option<(Names, bool)>,
}

fn sources() -> impl Strategy<Value = Vec<Source>> {
    let list = proptest::option::of((proptest::collection::vec((0..6u8, 0..3u8), 0..4), any::<bool>()));
    let map = proptest::option::of((
        proptest::collection::vec((0..4u8, 0..9u8, any::<bool>()), 0..4),
        any::<bool>(),
    ));
    let single = proptest::option::of((any::<bool>(), any::<bool>()));
    let source = (0..ORDER.len(), list, single, map).prop_map(|(place, list, single, map)| Source {
        place,
        // An item stands there once, and so does a name.
        list: list.map(|(items, last)| (once(items, |item| item.0), last && place % 3 == 0)),
        single: single.map(|(on, last)| (on, last && place % 4 == 0)),
        map: map.map(|(entries, last)| (once(entries, |entry| entry.0), last && place % 5 == 0)),
    });
    proptest::collection::vec(source, 0..7).prop_map(|mut sources| {
        sources.sort_by_key(|source| source.place);
        sources.dedup_by_key(|source| source.place);
        sources
    })
}

fn once<T, K: PartialEq>(items: Vec<T>, key: impl Fn(&T) -> K) -> Vec<T> {
    let mut kept: Vec<T> = Vec::new();
    for item in items {
        if !kept.iter().any(|known| key(known) == key(&item)) {
            kept.push(item);
        }
    }
    kept
}

impl Source {
    fn text(&self) -> String {
        let mark = |last: bool| if last { " #!final" } else { "" };
        let mut text = String::new();
        if let Some((items, last)) = &self.list
            && !items.is_empty()
        {
            text.push_str(&format!("channels:{}\n", mark(*last)));
            for (item, place) in items {
                let place = ["", " #!top", " #!bottom"][usize::from(*place)];
                text.push_str(&format!("  - c{item}{place}\n"));
            }
        }
        if let Some((on, last)) = self.single {
            text.push_str(&format!("offline: {on}{}\n", mark(last)));
        }
        if let Some((entries, last)) = &self.map
            && !entries.is_empty()
        {
            text.push_str(&format!("proxy_servers:{}\n", mark(*last)));
            for (name, value, last) in entries {
                text.push_str(&format!("  n{name}: v{value}{}\n", mark(*last)));
            }
        }
        text
    }
}

/// The sources up to the first that is final.
fn counting<T>(found: Vec<(T, bool)>) -> Vec<T> {
    let mut counting = Vec::new();
    for (value, last) in found {
        counting.push(value);
        if last {
            break;
        }
    }
    counting
}

/// What the reference says about lists, in the plainest way: put all in a row, sort by where they are pinned.
fn model_of_lists(sources: &[Source]) -> Vec<String> {
    let lists = sources
        .iter()
        .filter_map(|source| source.list.clone().filter(|(items, _)| !items.is_empty()));
    let lists = counting(lists.collect());
    let pinned = |pin: u8| -> Vec<u8> {
        lists
            .iter()
            .flatten()
            .filter(|(_, place)| *place == pin)
            .map(|(item, _)| *item)
            .collect()
    };
    let plain: Vec<u8> = lists.iter().rev().flatten().map(|(item, _)| *item).collect();
    // The lowest source's pins are the outermost on both sides; a bottom pin beats a top pin.
    let bottom: Vec<u8> = {
        let mut bottom: Vec<u8> = Vec::new();
        for list in &lists {
            for (item, _) in list.iter().rev().filter(|(_, place)| *place == 2) {
                if !bottom.contains(item) {
                    bottom.push(*item);
                }
            }
        }
        bottom.reverse();
        bottom
    };
    let mut row: Vec<u8> = Vec::new();
    for item in pinned(1).into_iter().chain(plain) {
        if !row.contains(&item) && !bottom.contains(&item) {
            row.push(item);
        }
    }
    row.extend(bottom);
    row.into_iter().map(|item| format!("c{item}")).collect()
}

fn model_of_singles(sources: &[Source]) -> bool {
    let singles = counting(sources.iter().filter_map(|source| source.single).collect());
    singles.last().copied().unwrap_or(false)
}

fn model_of_maps(sources: &[Source]) -> Value {
    let maps = sources
        .iter()
        .filter_map(|source| source.map.clone().filter(|(entries, _)| !entries.is_empty()));
    let mut joined: Vec<(u8, u8, bool)> = Vec::new();
    for map in counting(maps.collect()) {
        for (name, value, last) in map {
            match joined.iter_mut().find(|(known, ..)| *known == name) {
                Some((_, _, true)) => {}
                Some(entry) => *entry = (name, value, last),
                None => joined.push((name, value, last)),
            }
        }
    }
    joined
        .into_iter()
        .map(|(name, value, _)| (format!("n{name}"), json!(format!("v{value}"))))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn what_is_in_effect_is_what_a_plain_model_says(sources in sources()) {
        let mut home = machine();
        for source in &sources {
            home = home.file(ORDER[source.place], source.text());
        }
        prop_assert_eq!(value(&home, "channels"), json!(model_of_lists(&sources)));
        prop_assert_eq!(value(&home, "offline"), json!(model_of_singles(&sources)));
        prop_assert_eq!(value(&home, "proxy_servers"), model_of_maps(&sources));

        // The winner is the highest that counts, and its value is the one in effect.
        let offline = explain(&home, "offline");
        let model = counting(
            sources.iter().filter_map(|source| Some((source.place, source.single?.1))).collect(),
        );
        let winner = offline.decided_by().map(|source| inside(&home, &source.origin));
        prop_assert_eq!(winner.as_deref(), model.last().map(|place| ORDER[*place]));
        let locker = sources.iter().find(|source| source.single.is_some_and(|single| single.1));
        let locked_by = offline.locked_by.map(|origin| inside(&home, &origin));
        prop_assert_eq!(locked_by.as_deref(), locker.map(|source| ORDER[source.place]));
        // Of each name, too.
        for name in 0..4u8 {
            let explained = explain(&home, &format!("proxy_servers.n{name}"));
            let expected = model_of_maps(&sources)[format!("n{name}")].clone();
            prop_assert_eq!(explained.value.map_or(Value::Null, |value| value.to_json()), expected);
        }
    }
}
