//! The rules for editing a `.condarc`, one by one (repository reference, section 3.5).

use std::fmt::Write as _;

use serde_yaml::Value;
use sextant::edit::yaml::{Flag, Obstacle, SIZE_LIMIT, YamlError, YamlFile};
use sextant::error::{Explain, Kind};

fn parse(text: &str) -> YamlFile {
    YamlFile::parse(text.as_bytes()).unwrap_or_else(|error| panic!("{error}: {text:?}"))
}

fn strings(items: &[&str]) -> Vec<String> {
    items.iter().map(|item| (*item).to_owned()).collect()
}

fn with_list(text: &str, items: &[&str]) -> String {
    let mut file = parse(text);
    file.set_list("channels", &strings(items))
        .unwrap_or_else(|error| panic!("{error}: {text:?}"));
    file.text().to_owned()
}

fn with_scalar(text: &str, value: &str) -> String {
    let mut file = parse(text);
    file.set_scalar("channel_alias", value)
        .unwrap_or_else(|error| panic!("{error}: {text:?}"));
    file.text().to_owned()
}

fn without(text: &str, key: &str) -> String {
    let mut file = parse(text);
    assert!(
        file.remove(key)
            .unwrap_or_else(|error| panic!("{error}: {text:?}"))
    );
    file.text().to_owned()
}

fn obstacle(result: Result<(), YamlError>) -> Obstacle {
    match result {
        Err(YamlError::Refused(refusal)) => refusal.obstacle,
        other => panic!("not refused: {other:?}"),
    }
}

#[test]
fn every_way_to_write_nothing_is_accepted() {
    for text in [
        "",
        "\n",
        "# note",
        "---",
        "---\n",
        "...\n",
        "--- # x\n...\n",
        "{}",
        "{ } # x\n",
        "\u{feff}",
        "\u{feff}# x\r\n",
    ] {
        let file = parse(text);
        assert_eq!(file.keys(), Vec::<&str>::new(), "{text:?}");
        assert_eq!(file.bytes(), text.as_bytes());
    }
    assert_eq!(YamlFile::empty(), parse(""));
}

#[test]
fn unreadable_files_are_told_apart() {
    use YamlError as E;
    let error = |bytes: &[u8]| YamlFile::parse(bytes).unwrap_err();
    assert_eq!(error(b"a: b\nc: \xff\n"), E::NotUtf8 { line: 2 });
    assert_eq!(error(b"a: b\n\0"), E::NulByte { line: 2 });
    assert_eq!(
        error("a: b\nc: \u{2028}".as_bytes()),
        E::ForbiddenCharacter {
            line: 2,
            code: 0x2028
        }
    );
    assert_eq!(
        error("a: b\n# \u{85}\n".as_bytes()),
        E::ForbiddenCharacter { line: 2, code: 0x85 }
    );
    assert_eq!(
        error("a: b\n\u{feff}c: d\n".as_bytes()),
        E::ForbiddenCharacter {
            line: 2,
            code: 0xfeff
        }
    );
    assert_eq!(
        error(b"a: b\nc: d\nc: e\n"),
        E::DuplicateKey {
            key: "c".into(),
            line: 3
        }
    );
    assert_eq!(
        error(b"a:\n  b: 1\n  b: 2\n"),
        E::DuplicateKey {
            key: "b".into(),
            line: 3
        }
    );
    assert_eq!(error(b"a: b\n---\nc: d\n"), E::SeveralDocuments { line: 2 });
    assert_eq!(
        error(b"# x\n- a\n"),
        E::RootIsNotAMapping {
            line: 2,
            found: "a list"
        }
    );
    assert_eq!(
        error(b"just text\n"),
        E::RootIsNotAMapping {
            line: 1,
            found: "a single value"
        }
    );
    assert!(matches!(error(b"a: b\nc: [d\n"), E::Syntax { .. }));
    assert_eq!(
        error(&vec![b'#'; SIZE_LIMIT + 1]),
        E::TooLarge {
            bytes: SIZE_LIMIT + 1
        }
    );
    for tab in [
        "a: b\n\t# x\n",
        "a:\n\t- b\n",
        "a: b\n  \tc: d\n",
        "a:\tb\n",
        "a: b\t# x\n",
        "a: b\tc\n",
        "a: b\n\t\n",
    ] {
        assert!(
            matches!(error(tab.as_bytes()), E::Tab { .. }),
            "{tab:?}: {:?}",
            error(tab.as_bytes())
        );
    }
    for text in ["a: b\rc: d\r", "a: b\n# x\r", "a: b\r"] {
        assert!(
            matches!(error(text.as_bytes()), E::LoneCarriageReturn { .. }),
            "{text:?}: {:?}",
            error(text.as_bytes())
        );
    }
    let nested = format!("a: {}", "[".repeat(100_000));
    assert!(matches!(
        error(nested.as_bytes()),
        E::TooDeep { line: 1 } | E::Syntax { line: 1, .. }
    ));
    let mut laughs = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..12 {
        let before = format!("*a{}, ", level - 1).repeat(10);
        let _ = writeln!(laughs, "a{level}: &a{level} [{before}]");
    }
    assert!(matches!(error(laughs.as_bytes()), E::TooManyAliases { .. }));
}

#[test]
fn tabs_where_conda_accepts_them_are_accepted() {
    for text in ["a: |\n  b\tc\n", "#\tx\na: b #\ty\n", "a: [b,\tc]\n"] {
        parse(text);
    }
}

#[test]
fn errors_explain_themselves() {
    let problem = YamlFile::parse(b"a:\n\t- b\n").unwrap_err().explain();
    assert_eq!(problem.kind, Kind::RefusedEdit);
    assert!(problem.message.contains("line 2") && problem.remedy.is_some());
    let mut file = parse("x: &x https://al:hunter2@h/t/tk-123/c\nchannel_alias: *x\n");
    let problem = file
        .set_scalar("channel_alias", "https://me:swordfish@h/t/tk-456/c")
        .unwrap_err()
        .explain();
    assert_eq!(problem.kind, Kind::RefusedEdit);
    let shown = format!("{problem:?}");
    assert!(
        shown.contains("channel_alias: https://••••@h/t/••••/c"),
        "{shown}"
    );
    assert!(!shown.contains("swordfish") && !shown.contains("456"), "{shown}");
}

#[test]
fn debug_output_holds_no_values() {
    let file = parse("channel_alias: https://al:hunter2@h/t/tk-123/c # hunter2\n");
    let shown = format!("{file:?}");
    assert!(
        shown.contains("channel_alias") && !shown.contains("hunter2") && !shown.contains("123"),
        "{shown}"
    );
}

#[test]
fn values_are_read_as_conda_reads_them() {
    let file = parse("a: yes\nb: true\nc: 012\nd: &x [1, '2']\ne: *x\nf:\ng:\n  <<: {h: i}\n");
    assert_eq!(file.value("a").and_then(|value| value.as_str()), Some("yes"));
    assert_eq!(file.value("b").and_then(Value::as_bool), Some(true));
    assert_eq!(file.value("c").and_then(Value::as_i64), Some(12));
    assert_eq!(file.value("d"), file.value("e"));
    assert!(file.value("f").is_some_and(Value::is_null));
    assert_eq!(file.value("g").and_then(|value| value["h"].as_str()), Some("i"));
    assert_eq!(file.value("x"), None);
    assert_eq!(file.line_of("g"), Some(7));
}

#[test]
fn a_missing_setting_is_appended() {
    for (text, expected) in [
        ("", "channel_alias: x\n"),
        ("a: b\n", "a: b\nchannel_alias: x\n"),
        ("a: b", "a: b\nchannel_alias: x"),
        ("a: b\r\n", "a: b\r\nchannel_alias: x\r\n"),
        ("a: b\r\nc: d", "a: b\r\nc: d\r\nchannel_alias: x"),
        ("a: b\n\n# the end\n", "a: b\n\n# the end\nchannel_alias: x\n"),
        ("a: b\n...\n# behind\n", "a: b\nchannel_alias: x\n...\n# behind\n"),
        ("  a: b\n  c: d\n", "  a: b\n  c: d\n  channel_alias: x\n"),
        ("---\n", "---\nchannel_alias: x\n"),
        ("--- # x", "--- # x\nchannel_alias: x"),
        ("{}\n", "channel_alias: x\n"),
        ("# c\n--- {} # d\n# e\n", "# c\n--- # d\n# e\nchannel_alias: x\n"),
        ("\u{feff}", "\u{feff}channel_alias: x\n"),
        ("\u{feff}a: b\r\n", "\u{feff}a: b\r\nchannel_alias: x\r\n"),
        ("a: b #!final\n", "a: b #!final\nchannel_alias: x\n"),
        ("a:\n  - b\n  # - c\n", "a:\n  - b\n  # - c\nchannel_alias: x\n"),
        ("a: |\n  b\n\n", "a: |\n  b\n\nchannel_alias: x\n"),
    ] {
        assert_eq!(with_scalar(text, "x"), expected);
        let mut file = parse(expected);
        file.restore("channel_alias", &parse(text))
            .expect("appending can be undone");
        assert_eq!(file.text(), text);
    }
}

#[test]
fn a_value_is_replaced_in_place() {
    for (text, expected) in [
        ("channel_alias: a # why\nb: c\n", "channel_alias: x # why\nb: c\n"),
        (
            "channel_alias:   'a'   #!final\n",
            "channel_alias:   'x'   #!final\n",
        ),
        ("channel_alias: \"a\"\r\n", "channel_alias: \"x\"\r\n"),
        ("channel_alias:\nb: c\n", "channel_alias: x\nb: c\n"),
        ("channel_alias: # none\n", "channel_alias: x # none\n"),
        ("channel_alias: ~\n", "channel_alias: x\n"),
        ("channel_alias:\n  a # c\n", "channel_alias:\n  x # c\n"),
        ("channel_alias: a\n  b # c\n", "channel_alias: x # c\n"),
        (
            "channel_alias: |- # c\n  a\n  b\nb: c\n",
            "channel_alias: x # c\nb: c\n",
        ),
        ("channel_alias: [a, b] # c\n", "channel_alias: x # c\n"),
        (
            "channel_alias: # c\n  - a # d\n\n  # e\n  - b\nb: c\n",
            "channel_alias: x # c\n  # e\nb: c\n",
        ),
        ("\"channel_alias\" : a\n", "\"channel_alias\" : x\n"),
        ("channel_alias: &unused a\n", "channel_alias: x\n"),
        (
            "b: &b [c]\nd: *b\nchannel_alias: a\n",
            "b: &b [c]\nd: *b\nchannel_alias: x\n",
        ),
    ] {
        assert_eq!(with_scalar(text, "x"), expected);
    }
}

#[test]
fn a_value_that_is_there_changes_no_byte() {
    for text in [
        "channel_alias: \"x\"  \n",
        "channel_alias:\n  x",
        "b: &b x\nchannel_alias: *b\n",
        "channel_alias: !!str x\n",
    ] {
        assert_eq!(with_scalar(text, "x"), text);
    }
    for text in [
        "channels: [ a,b ] \n",
        "channels:\n-   a #!top\n\n-   'b'",
        "x: &x [a, b]\nchannels: *x\n",
        "{channels: [a, b]}\n",
    ] {
        assert_eq!(with_list(text, &["a", "b"]), text);
    }
    let mut file = parse("ssl_verify: True\n");
    file.set_bool("ssl_verify", true).expect("nothing to do");
    assert_eq!(file.text(), "ssl_verify: True\n");
    file.set_scalar("ssl_verify", "true")
        .expect("a string is no boolean");
    assert_eq!(file.text(), "ssl_verify: \"true\"\n");
    file.set_bool("ssl_verify", false).expect("and back");
    assert_eq!(file.text(), "ssl_verify: false\n");
}

#[test]
fn lists_keep_their_style() {
    for (text, items, expected) in [
        ("", &["a", "b"][..], "channels:\n  - a\n  - b\n"),
        ("", &[], "channels: []\n"),
        ("b:\n    - c\n", &["a"], "b:\n    - c\nchannels:\n    - a\n"),
        ("b:\n- c\n", &["a"], "b:\n- c\nchannels:\n- a\n"),
        ("channels: [a, b] # c\n", &["x", "a"], "channels: [x, a] # c\n"),
        (
            "channels: [ 'a' , 'b' ]\n",
            &["b", "x"],
            "channels: [ 'b' , 'x' ]\n",
        ),
        (
            "channels: []\n",
            &["a", "https://h/x"],
            "channels:\n  - a\n  - https://h/x\n",
        ),
        ("channels: [a]\n", &[], "channels: []\n"),
        (
            "channels: [\n  a,\n  b,\n]\n",
            &["a", "b", "c"],
            "channels: [\n  a,\n  b,\n  c,\n]\n",
        ),
        (
            "channels:\n  -   a\n",
            &["a", "b"],
            "channels:\n  -   a\n  -   b\n",
        ),
        (
            "channels:\n  - \"a\"\n",
            &["a", "b"],
            "channels:\n  - \"a\"\n  - \"b\"\n",
        ),
        (
            "channels:\n- a\nb: c\n",
            &["x", "a"],
            "channels:\n- x\n- a\nb: c\n",
        ),
        ("channels:\r\n  - a", &["a", "b"], "channels:\r\n  - a\r\n  - b"),
        (
            "channels: # c\n  - a # d\nb: c\n",
            &[],
            "channels: [] # c\nb: c\n",
        ),
        ("channels: # c\nb: d\n", &["a"], "channels: # c\n  - a\nb: d\n"),
        ("channels: ~\n", &["a"], "channels:\n  - a\n"),
        ("channels: a # c\n", &["a"], "channels: # c\n  - a\n"),
        (
            "channels:\n  - a\n  - {b: c}\n  - d\n",
            &["d"],
            "channels:\n  - d\n",
        ),
    ] {
        assert_eq!(with_list(text, items), expected, "{text:?}");
    }
}

#[test]
fn comments_and_flags_stay_with_their_items() {
    let text = "channels: # mine\n  # first\n  - a #!top\n\n  - b # bee\n  # third\n  - c\n  # - d\n\n# below\nx: y\n";
    for (items, expected) in [
        (
            &["a", "b", "c", "new"][..],
            "channels: # mine\n  # first\n  - a #!top\n\n  - b # bee\n  # third\n  - c\n  - new\n  # - d\n\n# below\nx: y\n",
        ),
        (
            &["new", "a", "b", "c"],
            "channels: # mine\n  - new\n  # first\n  - a #!top\n\n  - b # bee\n  # third\n  - c\n  # - d\n\n# below\nx: y\n",
        ),
        (
            &["a", "new", "c"],
            "channels: # mine\n  # first\n  - a #!top\n\n  - new\n  # third\n  - c\n  # - d\n\n# below\nx: y\n",
        ),
        (
            &["c", "a", "b"],
            "channels: # mine\n  # third\n  - c\n  # first\n  - a #!top\n\n  - b # bee\n  # - d\n\n# below\nx: y\n",
        ),
    ] {
        assert_eq!(with_list(text, items), expected);
    }
    let text = "channels:\n  # first\n  - a #!top\n\n  - b # bee\n  - c\n  # - d\n\n# below\nx: y\n";
    let mut file = parse(text);
    file.set_list("channels", &strings(&["b", "a", "c"]))
        .expect("items can swap");
    assert_eq!(file.item_flags("channels"), [None, Some(Flag::Top), None]);
    assert!(file.text().contains("  # first\n  - a #!top\n"));
    file.restore("channels", &parse(text)).expect("and back");
    assert_eq!(file.text(), text);
}

#[test]
fn flags_follow_the_rule_of_conda() {
    for (comment, expected) in [
        ("#!final\n", Some(Flag::Final)),
        ("#final\n", Some(Flag::Final)),
        ("#!top\n\n", Some(Flag::Top)),
        ("#!bottom", Some(Flag::Bottom)),
        ("# !final\n", None),
        ("#!final keep\n", None),
        ("#!FINAL\n", None),
        ("#!final\n# c\n", None),
        ("#!final\n\n# c\n", None),
        ("#!final\r\n# c\r\n", None),
    ] {
        assert_eq!(
            parse(&format!("a: b {comment}")).flag("a"),
            expected,
            "{comment:?}"
        );
        assert_eq!(
            parse(&format!("a:\n  - b {comment}")).item_flags("a"),
            [expected],
            "{comment:?}"
        );
    }
    assert_eq!(parse("a: #!final\n  - b\n").flag("a"), Some(Flag::Final));
    assert_eq!(parse("a: #!final\n  # c\n  - b\n").flag("a"), None);
    assert_eq!(parse("a: [b, c] #!final\n").flag("a"), Some(Flag::Final));
}

#[test]
fn no_edit_disables_a_flag() {
    // A comment would come to stand under the flag.
    let mut file = parse("ssl_verify: x #!final\nchannels: [a]\n# note\nb: c\n");
    assert_eq!(obstacle(file.remove("channels").map(|_| ())), Obstacle::Flag);
    // Between a flag and a comment the new item would have to revive the flag or kill it; the comment goes first.
    let text = "channels:\n  - a #!top\n  # dead\n  - b\n";
    assert_eq!(
        with_list(text, &["a", "new", "b"]),
        "channels:\n  - a #!top\n  # dead\n  - new\n  - b\n"
    );
    let text = "channels: #!final\n  # dead\n  - b\n";
    assert_eq!(
        with_list(text, &["new", "b"]),
        "channels: #!final\n  # dead\n  - new\n  - b\n"
    );
    let text = "channels:\n  - a #!top\n  # dead\n";
    assert_eq!(
        with_list(text, &["a", "new"]),
        "channels:\n  - a #!top\n  # dead\n  - new\n"
    );
    // The comment of an item that goes would stand under the flag of the item above.
    let mut file = parse("channels:\n  - a #!top\n  - b\n  # about c\n  - c\n");
    assert_eq!(
        obstacle(file.set_list("channels", &strings(&["a", "c"]))),
        Obstacle::Flag
    );
}

#[test]
fn removing_takes_the_entry_and_what_is_inside() {
    for (text, key, expected) in [
        (
            "# above\na: b # mine\n# below\nc: d\n",
            "a",
            "# above\n# below\nc: d\n",
        ),
        (
            "a:\n  - b\n  # inside\n\n  # too\n# outside\nc: d\n",
            "a",
            "# outside\nc: d\n",
        ),
        ("a: b\nc: d", "c", "a: b\n"),
        ("a: b\nc: d", "a", "c: d"),
        ("a: b\n", "a", ""),
        ("---\na: b\n...\n", "a", "---\n...\n"),
        ("# c\na: b\n...\n", "a", "# c\n{}\n...\n"),
        ("\u{feff}a: b\r\nc: d\r\n", "a", "\u{feff}c: d\r\n"),
        ("a: |\n  # text\n  b\nc: d\n", "a", "c: d\n"),
        ("a: {b: c,\n  d: e}\nf: g\n", "a", "f: g\n"),
    ] {
        assert_eq!(without(text, key), expected);
        let mut file = parse(expected);
        file.restore(key, &parse(text)).expect("removing can be undone");
        assert_eq!(file.text(), text);
    }
    assert!(!parse("a: b\n").remove("x").expect("nothing to do"));
}

#[test]
fn restoring_keeps_what_changed_meanwhile() {
    let original = parse("# mine\na: 1\n\n# about b\nb: [x] #!final\n\nc: 3\n");
    let mut file = parse("# mine\na: 2 # changed\n\n# about b\n\nc: 3\nnew: 4\n");
    file.restore("b", &original).expect("its place is known");
    assert_eq!(
        file.text(),
        "# mine\na: 2 # changed\n\n# about b\nb: [x] #!final\n\nc: 3\nnew: 4\n"
    );
    file.restore("new", &original).expect("it was not there");
    file.restore("a", &original).expect("in place");
    assert_eq!(file.text(), original.text());
    // Written anew elsewhere, it goes back to its place.
    let mut file = original.clone();
    file.remove("b").expect("removable");
    file.set_scalar("b", "y").expect("appended");
    assert_eq!(file.keys(), ["a", "c", "b"]);
    file.restore("b", &original).expect("restorable");
    assert_eq!(file.text(), original.text());
}

#[test]
fn shapes_that_are_a_risk_are_refused() {
    for (text, expected) in [
        ("channels: &x [a]\nb: *x\n", Obstacle::AnchorInUse),
        ("b: &x [a]\nchannels: *x\n", Obstacle::Alias),
        ("b: &x a\nchannels:\n  - *x\n", Obstacle::Alias),
        ("channels: !!seq [a]\n", Obstacle::Tag),
        ("b: &x {c: d}\n<<: *x\nchannels: [a]\n", Obstacle::MergeKey),
        ("<<: {c: d}\nchannels: [a]\n", Obstacle::MergeKey),
        ("channels:\n  <<: {c: d}\n", Obstacle::MergeKey),
        ("? channels\n: [a]\n", Obstacle::UnusualKey),
        ("? [b]\n: c\nchannels: [a]\n", Obstacle::UnusualKey),
        ("{channels: [a]}\n", Obstacle::RootInBraces),
        ("{\n}\n", Obstacle::RootInBraces),
        ("--- &x\nchannels: [a]\n", Obstacle::RootProperties),
        ("%YAML 1.1\n---\nchannels: [a]\n", Obstacle::Directive),
        ("channels: [a, # c\n  b]\n", Obstacle::CommentInBrackets),
        ("b: |\n  no line end", Obstacle::OtherSettings),
    ] {
        let mut file = parse(text);
        let result = file.set_list("channels", &strings(&["n"]));
        assert_eq!(file.text(), text);
        assert_eq!(obstacle(result), expected, "{text:?}");
    }
}

#[test]
fn variables_are_left_alone() {
    let text = "channels:\n  - https://h/t/${AER_TOKEN}/a\n";
    assert_eq!(
        with_list(text, &["https://h/t/${AER_TOKEN}/a", "$X/b"]),
        "channels:\n  - https://h/t/${AER_TOKEN}/a\n  - $X/b\n"
    );
}

#[test]
fn large_files_work() {
    let mut text = String::new();
    while text.len() < 10_000_000 {
        let number = text.len();
        let _ = writeln!(
            text,
            "key{number}: # ünï\n  - a{number} #!top\n  - https://h/{number}"
        );
    }
    let mut file = parse(&text);
    file.set_list("channels", &strings(&["b"])).expect("editable");
    assert_eq!(file.text(), format!("{text}channels:\n  - b\n"));
}

#[test]
fn long_lists_work() {
    let numbers = 0..20_000;
    let list: String = numbers
        .clone()
        .map(|number| format!("  - item-number-{number} # {number}\n"))
        .collect();
    let mut file = parse(&format!("channels:\n{list}"));
    let mut items: Vec<String> = numbers.map(|number| format!("item-number-{number}")).collect();
    items.reverse();
    items.push("new".to_owned());
    file.set_list("channels", &items).expect("editable");
    assert!(file.text().ends_with("  - item-number-0 # 0\n  - new\n"));
}
