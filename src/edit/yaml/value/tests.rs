use super::*;

fn file(text: &str) -> YamlFile {
    YamlFile::parse(text.as_bytes()).unwrap()
}

fn yaml(text: &str) -> Value {
    serde_yaml::from_str(text).unwrap()
}

/// The text after a value was set under a row of names.
fn set(text: &str, path: &str, value: &str) -> String {
    let mut file = file(text);
    let path: Vec<&str> = path.split('.').collect();
    file.set_at(&path, &yaml(value)).unwrap();
    assert_eq!(file.at(&path), Some(&yaml(value)));
    // Once more changes nothing.
    let before = file.text().to_owned();
    file.set_at(&path, &yaml(value)).unwrap();
    assert_eq!(file.text(), before);
    before
}

#[test]
fn values_of_any_shape_are_written() {
    for (value, text) in [
        ("5", "a: 1\nb: 5\n"),
        ("9.15", "a: 1\nb: 9.15\n"),
        ("null", "a: 1\nb: null\n"),
        ("true", "a: 1\nb: true\n"),
        ("yes", "a: 1\nb: \"yes\"\n"),
        ("{}", "a: 1\nb: {}\n"),
        ("[]", "a: 1\nb: []\n"),
        ("[x, 5]", "a: 1\nb:\n  - x\n  - 5\n"),
        ("{x: 1, k: [a]}", "a: 1\nb:\n  x: 1\n  k:\n    - a\n"),
        (
            "[{channel: x, auth: p}, {channel: z}]",
            "a: 1\nb:\n  - channel: x\n    auth: p\n  - channel: z\n",
        ),
    ] {
        assert_eq!(set("a: 1\n", "b", value), text, "{value}");
        // Over something else that stands there.
        for before in [
            "a: 1\nb: old\n",
            "a: 1\nb:\n  - old\n",
            "a: 1\nb:\n  old: 1\n",
            "a: 1\nb:\n",
        ] {
            let mut changed = file(before);
            changed.set_value("b", &yaml(value)).unwrap();
            assert_eq!(changed.value("b"), Some(&yaml(value)), "{before} {value}");
            assert_eq!(changed.value("a"), Some(&yaml("1")));
        }
    }
}

#[test]
fn one_name_of_a_map_changes_and_nothing_else() {
    let text = "# top\nproxy_servers: # ours\n    # plain\n    http: http://a:1 #!final\n    https: 'http://b:2'  # old\nssl_verify: true\n";
    assert_eq!(
        set(text, "proxy_servers.https", "http://c:3"),
        text.replace("'http://b:2'", "'http://c:3'")
    );
    assert_eq!(
        set(text, "proxy_servers.ftp", "http://d:4"),
        text.replace("# old\n", "# old\n    ftp: http://d:4\n")
    );
    // A new map, an empty one, one between braces.
    assert_eq!(set("a: 1\n", "m.x", "1"), "a: 1\nm:\n  x: 1\n");
    assert_eq!(set("m: {}\nb: 2\n", "m.x", "1"), "m:\n  x: 1\nb: 2\n");
    assert_eq!(set("m: {k: 2}\nb: 2\n", "m.x", "1"), "m: {k: 2, x: 1}\nb: 2\n");
    assert_eq!(set("m:\nb: 2\n", "m.x", "1"), "m:\n  x: 1\nb: 2\n");
    // No newline at the end of the file.
    assert_eq!(set("m:\n  y: 2", "m.x", "1"), "m:\n  y: 2\n  x: 1");
}

#[test]
fn names_deep_inside_change() {
    let text = "default_site: lab\nsites:\n  lab:\n    url: https://a  # here\n  other: {url: https://b}\nurl: https://c\n";
    assert_eq!(
        set(text, "sites.lab.url", "https://x"),
        text.replace("https://a ", "https://x ")
    );
    assert_eq!(
        set(text, "sites.other.url", "https://x"),
        text.replace("{url: https://b}", "{url: \"https://x\"}")
    );
    assert_eq!(
        set(text, "sites.new.url", "https://x"),
        text.replace("url: https://c", "").trim_end().to_owned()
            + "\n  new:\n    url: https://x\nurl: https://c\n"
    );
}

#[test]
fn names_go_with_the_maps_they_leave_empty() {
    let removed = |text: &str, path: &str| {
        let mut file = file(text);
        let path: Vec<&str> = path.split('.').collect();
        let there = file.remove_at(&path).unwrap();
        (there, file.text().to_owned())
    };
    let text = "sites:\n  lab:\n    url: a\n  b:\n    url: c\n    x: 1 # stays\nurl: d\n";
    assert_eq!(
        removed(text, "sites.lab.url"),
        (true, text.replace("  lab:\n    url: a\n", ""))
    );
    assert_eq!(
        removed(text, "sites.b.url"),
        (true, text.replace("    url: c\n", ""))
    );
    assert_eq!(removed(text, "sites.nowhere.url"), (false, text.to_owned()));
    assert_eq!(removed("m:\n  x: 1\nb: 2\n", "m.x"), (true, "b: 2\n".to_owned()));
}

#[test]
fn a_map_that_changes_keeps_the_lines_of_the_names_that_stay() {
    let text = "m:\n  a: 1 # one\n  b: 2 # two\n  c: 3\nz: 9\n";
    let mut changed = file(text);
    changed.set_value("m", &yaml("{a: 1, c: 4, d: 5}")).unwrap();
    assert_eq!(changed.text(), "m:\n  a: 1 # one\n  c: 4\n  d: 5\nz: 9\n");
}

#[test]
fn what_cannot_be_changed_without_risk_is_refused_with_the_line_of_the_file() {
    let mut tied = file("a: &x\n  b: 1\nc: *x\n");
    let error = tied.set_at(&["a", "b"], &yaml("2")).unwrap_err();
    assert_eq!(error.line(), Some(1), "{error}");
    let mut inside = file("a: 1\nm:\n  x: &y [1]\n  z: 2\n");
    let before = inside.text().to_owned();
    let changed = inside.set_at(&["m", "z"], &yaml("3"));
    assert!(changed.is_ok() || inside.text() == before);
}
