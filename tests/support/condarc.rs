//! Texts as people write them in a `.condarc`, and edits on them, for the property and oracle tests.

use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use sextant::edit::yaml::{YamlError, YamlFile};

pub const KEYS: [&str; 9] = [
    "channels",
    "default_channels",
    "channel_alias",
    "ssl_verify",
    "proxy_servers",
    "custom_channels",
    "show_channel_urls",
    "envs_dirs",
    "always_yes",
];

/// One edit through the public interface.
#[derive(Debug, Clone)]
pub enum Edit {
    Scalar(&'static str, String),
    Bool(&'static str, bool),
    List(&'static str, Vec<String>),
    Remove(&'static str),
}

impl Edit {
    #[allow(dead_code, reason = "one of the tests needs it")]
    pub fn key(&self) -> &'static str {
        match self {
            Self::Scalar(key, _) | Self::Bool(key, _) | Self::List(key, _) | Self::Remove(key) => key,
        }
    }

    pub fn apply(&self, file: &mut YamlFile) -> Result<(), YamlError> {
        match self {
            Self::Scalar(key, value) => file.set_scalar(key, value),
            Self::Bool(key, value) => file.set_bool(key, *value),
            Self::List(key, items) => file.set_list(key, items),
            Self::Remove(key) => file.remove(key).map(|_| ()),
        }
    }
}

fn word() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => select(vec![
            "defaults", "conda-forge", "myorg/label/dev", "https://repo.corp:8080/conda", "https://h/x#frag",
            "https://h/t/${TOKEN}/c", "bioconda", "/etc/ssl/ca.pem", "C:\\certs\\ca.pem", "~/ca.pem",
        ]).prop_map(str::to_owned),
        2 => select(vec![
            "", "yes", "No", "on", "y", "null", "~", "true", "FALSE", "1e3", "012", "0x1f", "0o7", "1_0", "12:30",
            ".5", ".inf", "2001-01-01", "2001-1-1T1:00:00Z", "-", "- a", "-x", "--- a", "...", "*x", "&x", "!x",
            "@x", "`x", "%x", "#x", "?", "? x", "|", ">", "[a]", "{a}", "a b", " a", "a ", "a: b", "a #b", "a:",
            "<<", "=", "'a'", "\"a\"", "a\\b", "ünï", "日本", "a\nb", "\t", "\u{85}", "\u{2028}", "\u{1f600}",
            "\u{7}", "\u{feff}", "-_", "._", "a,b", "]", "}", "key: [", "0_", "08", "1.2.3", "+.5e3",
        ]).prop_map(str::to_owned),
        1 => "[ -~]{0,12}",
        1 => "\\PC{0,6}",
    ]
}

fn edit() -> impl Strategy<Value = Edit> {
    let key = || select(KEYS.to_vec());
    let common = || select(vec!["a", "b", "c", "defaults", "conda-forge", "x y"]).prop_map(str::to_owned);
    let items = prop_oneof![
        3 => prop::collection::vec(common(), 0..5),
        1 => prop::collection::vec(word(), 0..4),
    ];
    prop_oneof![
        3 => (key(), word()).prop_map(|(key, value)| Edit::Scalar(key, value)),
        1 => (key(), any::<bool>()).prop_map(|(key, value)| Edit::Bool(key, value)),
        5 => (key(), items).prop_map(|(key, items)| Edit::List(key, items)),
        3 => key().prop_map(Edit::Remove),
    ]
}

fn behind() -> impl Strategy<Value = String> {
    prop_oneof![
        8 => Just(String::new()),
        1 => select(vec![" # note", "   # ünï: [x", " #!final", "  #!top", " #!bottom  ", " # !final",
            " #!final keep", " ##final!", " #"]).prop_map(str::to_owned),
    ]
}

/// Lines without settings; the number is how far comments may be indented.
fn gap(indent: usize) -> impl Strategy<Value = Vec<String>> {
    let line = prop_oneof![
        3 => Just(String::new()),
        1 => Just("  ".to_owned()),
        3 => select(vec!["# note", "#- old", "#!final", "# key: value", "#"]).prop_map(str::to_owned),
        2 => select(vec!["# inner", "#- c", "# ünï"]).prop_map(move |c| format!("{}{c}", " ".repeat(indent))),
    ];
    prop_oneof![5 => Just(Vec::new()), 2 => prop::collection::vec(line, 1..3)]
}

fn scalar_source() -> impl Strategy<Value = String> {
    select(vec![
        "defaults",
        "https://repo.corp:8080/conda",
        "'single ''quoted'",
        "\"double \\\"quoted\\u00fc\"",
        "true",
        "False",
        "~",
        "null",
        "3",
        "012",
        "1.5",
        "1e3",
        "yes",
        "2001-01-01",
        "x y",
        "a#b",
        "ünï",
        "\"# no\"",
        "''",
        "\"\"",
        "a",
        "b",
        "c",
    ])
    .prop_map(str::to_owned)
}

fn item_source() -> impl Strategy<Value = Vec<String>> {
    let plain = || {
        select(vec![
            "a",
            "b",
            "c",
            "defaults",
            "conda-forge",
            "x y",
            "\"a\"",
            "'b'",
        ])
    };
    prop_oneof![
        10 => plain().prop_map(|item| vec![item.to_owned()]),
        1 => scalar_source().prop_map(|item| vec![item]),
        1 => Just(vec!["channel: x".to_owned(), "auth: y".to_owned()]),
        1 => Just(vec!["[a, {b: c}]".to_owned()]),
        1 => Just(vec!["two".to_owned(), "lines".to_owned()]),
    ]
}

fn block_list(key: String, root: usize) -> impl Strategy<Value = Vec<String>> {
    (
        select(vec![0_usize, 2, 4]),
        select(vec![" ", "   "]),
        any::<bool>(),
    )
        .prop_flat_map(move |(indent, space, flagged)| {
            let indent = root + indent;
            let item = (gap(indent), item_source(), behind());
            let head = if flagged {
                behind().boxed()
            } else {
                Just(String::new()).boxed()
            };
            let key = key.clone();
            (head, prop::collection::vec(item, 1..5)).prop_map(move |(head, items)| {
                let mut lines = vec![format!("{}{key}:{head}", " ".repeat(root))];
                for (above, source, behind) in items {
                    lines.extend(above);
                    let last = source.len() - 1;
                    for (index, part) in source.into_iter().enumerate() {
                        let dash = if index == 0 { "-" } else { " " };
                        let end = if index == last { behind.as_str() } else { "" };
                        lines.push(format!("{}{dash}{space}{part}{end}", " ".repeat(indent)));
                    }
                }
                lines
            })
        })
}

fn entry(key: String, root: usize) -> impl Strategy<Value = Vec<String>> {
    let pad = " ".repeat(root);
    let (k, p) = (key.clone(), pad.clone());
    let scalar = (
        scalar_source(),
        behind(),
        select(vec!["", " ", "  "]),
        select(vec!["", "\"", "'"]),
    )
        .prop_map(move |(value, behind, space, quote)| {
            vec![format!("{p}{quote}{k}{quote}:{space} {value}{behind}")]
        });
    let flow = (
        select(vec![
            "[]",
            "[ ]",
            "[a]",
            "[a, b]",
            "[ a,b ,c ]",
            "['a', \"x\"]",
            "[a, [b], {c: d}]",
            "[https://h/x, b,]",
            "{}",
            "{a: b}",
            "{http: x, https: 'y'}",
        ]),
        behind(),
    );
    let (k, p) = (key.clone(), pad.clone());
    let flow = flow.prop_map(move |(value, behind)| vec![format!("{p}{k}: {value}{behind}")]);
    let shapes: Vec<Vec<&str>> = vec![
        vec!["K:"],
        vec!["K:   # nothing"],
        vec!["K: #!final"],
        vec!["K:", "  below"],
        vec!["K: #!final", "  below # x"],
        vec!["K: # above", "  below"],
        vec!["K:", "  - a", "  -"],
        vec!["K:", "  - - a", "    -", "  - &unused4"],
        vec!["K:", "  a:", "  b:"],
        vec!["K:", "  &unused3"],
        vec!["K:", "  a: # above", "    below"],
        vec!["K: # above", "  [a]"],
        vec!["K:", "  [a,", "  b]"],
        vec!["K: [", "    a, # one", "    b", "  ] #!final"],
        vec!["K: [", "  a,", "  b", "  ]"],
        vec!["K: |", "  text", "   # no comment", "", "  more"],
        vec!["K: |- # header", "  text"],
        vec!["K: |+", "  text", "", ""],
        vec!["K: >", "  folded", "  text"],
        vec!["K: >2", "    text"],
        vec!["K: two", "  lines # x"],
        vec!["K: \"two", "  # lines\" #!final"],
        vec!["K:", "  http: x #!final", "  https: y"],
        vec![
            "K: # map",
            "  a:",
            "    - b",
            "    # inner",
            "    - c",
            "  d: {e: f}",
        ],
        vec!["K: &unused", "  - a", "  - b"],
        vec!["K: &unused2 a"],
        vec!["K: !!str 5"],
        vec!["? K", ": a"],
        vec!["K :   a"],
        vec!["K: &used [a, b]", "other: *used"],
        vec!["K: &used2", "  - a", "other:", "  - *used2"],
        vec!["K: &used3 {a: b}", "other:", "  <<: *used3", "  c: d"],
        vec!["K:", "  - - a", "    - b", "  - c"],
        vec!["K:", "  -", "  - a #!top", "  - ~"],
        vec!["K:", "  - |", "    text", "  # x", "  - a"],
    ];
    let unusual = select(shapes).prop_map(move |lines| {
        lines
            .iter()
            .map(|line| {
                if line.is_empty() {
                    String::new()
                } else {
                    format!("{pad}{}", line.replace('K', &key))
                }
            })
            .collect()
    });
    prop_oneof![3 => scalar, 2 => flow, 3 => unusual]
}

/// A whole text; conda accepts nearly all of them.
pub fn text() -> impl Strategy<Value = String> {
    let layout = (
        subsequence(KEYS.to_vec(), 0..7).prop_shuffle(),
        prop_oneof![9 => Just(0_usize), 1 => Just(2)],
        prop_oneof![9 => Just(""), 1 => Just("\u{feff}")],
        prop_oneof![6 => Just(vec![]), 1 => Just(vec!["---"]), 1 => Just(vec!["--- # start"]), 1 => Just(vec!["# top", "", "---"])],
        prop_oneof![8 => Just(vec![]), 1 => Just(vec!["..."]), 1 => Just(vec!["...", "# behind"])],
        prop_oneof![6 => Just("\n"), 3 => Just("\r\n")],
        prop_oneof![4 => Just(true), 1 => Just(false)],
    );
    layout.prop_flat_map(|(keys, root, bom, header, footer, line_end, final_newline)| {
        let empty = keys.is_empty();
        let entries: Vec<_> = keys
            .into_iter()
            .map(|key| {
                let list = block_list(key.to_owned(), root).boxed();
                let other = entry(key.to_owned(), root).boxed();
                (prop_oneof![2 => list, 3 => other], gap(root + 2))
            })
            .collect();
        (gap(2), entries, any::<bool>()).prop_map(move |(head, entries, braces)| {
            let mut lines: Vec<String> = header.iter().map(|line| (*line).to_owned()).collect();
            lines.extend(head);
            if empty && braces {
                lines.push("{}".to_owned());
            }
            for (entry, gap) in entries {
                lines.extend(entry);
                lines.extend(gap);
            }
            lines.extend(footer.iter().map(|line| (*line).to_owned()));
            let mut text = format!("{bom}{}", lines.join(line_end));
            if final_newline && !lines.is_empty() {
                text.push_str(line_end);
            }
            text
        })
    })
}

/// A text and a few edits on it.
pub fn case() -> impl Strategy<Value = (String, Vec<Edit>)> {
    (text(), prop::collection::vec(edit(), 1..4))
}

/// A text with a few random changes to its characters, and edits on it.
pub fn damaged_case() -> impl Strategy<Value = (String, Vec<Edit>)> {
    let piece = select(vec![
        " ",
        "  ",
        "\t",
        "\n",
        "#",
        " #",
        ":",
        ": ",
        "-",
        "- ",
        "---\n",
        "...\n",
        "\"",
        "'",
        "[",
        "]",
        "{",
        "}",
        ",",
        "&a ",
        "*a",
        "!!str ",
        "? ",
        "|",
        ">",
        "<<",
        "%YAML 1.1\n",
        "\r",
        "x",
        "ü",
        "\n\n",
        "\n# c\n",
        " #!final",
        "\\",
        "@",
        "=",
        "~",
    ]);
    let damage = (any::<prop::sample::Index>(), 0_usize..3, piece);
    (case(), prop::collection::vec(damage, 1..4)).prop_map(|((mut text, edits), damages)| {
        for (place, removed, piece) in damages {
            let places: Vec<usize> = text
                .char_indices()
                .map(|(at, _)| at)
                .chain([text.len()])
                .collect();
            let start = place.index(places.len());
            let end = (start + removed).min(places.len() - 1);
            text.replace_range(places[start]..places[end], piece);
        }
        (text, edits)
    })
}

/// How many cases to run: many where time does not matter.
pub fn cases() -> u32 {
    if let Some(cases) = std::env::var("SEXTANT_CASES")
        .ok()
        .and_then(|cases| cases.parse().ok())
    {
        return cases;
    }
    if std::env::var_os("CI").is_some() {
        10_000
    } else {
        300
    }
}

/// A runner that leaves no files behind. The cases are the same in every run; another number in `SEXTANT_SEED` gives
/// others, to look for what nobody has met yet.
pub fn runner() -> proptest::test_runner::TestRunner {
    use proptest::test_runner::{RngAlgorithm, TestRng, TestRunner};
    let seed =
        std::env::var("SEXTANT_SEED").map_or(0_u64, |seed| seed.parse().expect("SEXTANT_SEED is a number"));
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let config = ProptestConfig {
        cases: cases(),
        failure_persistence: None,
        max_global_rejects: 1_000_000,
        max_shrink_iters: 400,
        ..ProptestConfig::default()
    };
    TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &bytes))
}
