use super::*;

fn parse(text: &str) -> IniFile {
    IniFile::parse(text.as_bytes()).unwrap()
}

fn text(file: &IniFile) -> String {
    String::from_utf8(file.bytes()).unwrap()
}

/// The text after one change.
fn set(before: &str, section: &str, option: &str, value: &str) -> String {
    let mut file = parse(before);
    file.set(section, option, value).unwrap();
    assert_eq!(file.get(section, option), Some(value));
    text(&file)
}

#[test]
fn python_rules_are_followed() {
    let file = parse(
        "; c\n[DEFAULT]\nShared: 1\n[main]\n# c\nPath = C:\\Users\\new; #x ; y\nlist = one\n  two\n # c\n\n\tthree\n\n\
         empty=\n[ other ] tail\n  x = = y\n  shared=2\n",
    );
    assert_eq!(file.sections().collect::<Vec<_>>(), ["main", " other "]);
    assert_eq!(file.options("main"), ["path", "list", "empty", "shared"]);
    assert_eq!(file.get("main", "PATH"), Some("C:\\Users\\new; #x ; y"));
    assert_eq!(file.get("main", "list"), Some("one\ntwo\n\nthree"));
    assert_eq!(file.get("main", "empty"), Some(""));
    assert_eq!(file.get("main", "shared"), Some("1"));
    assert_eq!(file.get(" other ", "shared"), Some("2"));
    assert_eq!(file.get(" other ", "x"), Some("= y"));
    assert_eq!(file.get("nowhere", "shared"), None);
    assert_eq!(file.line_of("main", "LIST"), Some(7));
    assert_eq!(file.line_of("main", "shared"), None);
}

#[test]
fn files_that_python_refuses_are_refused_with_the_line() {
    let refused = |text: &[u8]| IniFile::parse(text).unwrap_err();
    assert_eq!(refused(b"[a]\nx = \xff\n"), IniError::NotUtf8 { line: 2 });
    assert_eq!(refused(b"\xff\xfe[\0"), IniError::NotUtf8 { line: 1 });
    assert_eq!(refused(b"[a]\nx = 1\0\n"), IniError::Nul { line: 2 });
    assert_eq!(
        refused(b"# c\n\nx = 1\n[a]\n"),
        IniError::NoSectionHeader { line: 3 }
    );
    assert_eq!(
        refused(b"[a]\n[b]\n[a]\n"),
        IniError::DuplicateSection {
            section: "a".to_owned(),
            line: 3,
            first: 1
        }
    );
    assert_eq!(
        refused(b"[a]\nx = 1\n\nX: 2\n"),
        IniError::DuplicateOption {
            section: "a".to_owned(),
            option: "x".to_owned(),
            line: 4,
            first: 2
        }
    );
    assert_eq!(refused(b"[a]\nx\n"), IniError::NotAnOption { line: 2 });
    assert_eq!(refused(b"[a]\n = 1\n"), IniError::NotAnOption { line: 2 });
    assert!(IniFile::parse(b"[DEFAULT]\nx=1\n[a]\n[DEFAULT]\ny=1\n").is_ok());
}

#[test]
fn only_the_option_changes() {
    assert_eq!(
        set("# c\r\n[m]\r\nA  :  1  \r\nb=2", "m", "a", "new"),
        "# c\r\n[m]\r\nA  :  new  \r\nb=2"
    );
    assert_eq!(
        set("[m]\na = 1\n  2\n# c\n  3\nb=2\n", "m", "a", "x"),
        "[m]\na = x\n# c\nb=2\n"
    );
    assert_eq!(
        set("[m]\na = 1\n  2\n\n[n]\n", "m", "a", "x\ny\n\nz"),
        "[m]\na = x\n  y\n\n  z\n\n[n]\n"
    );
    assert_eq!(set("[m]\na=1", "m", "a", "x\ny"), "[m]\na=x\n\ty");
    assert_eq!(set("[m]\na=1\n 2", "m", "a", "x"), "[m]\na=x");
    assert_eq!(set("[m]\na = 1\n", "m", "a", ""), "[m]\na = \n");
    assert_eq!(set("[m]\r\na=1\r\n", "m", "A", "1"), "[m]\r\na=1\r\n");
    assert_eq!(set("\u{feff}[m]\na=1", "m", "a", "2"), "\u{feff}[m]\na=2");
}

#[test]
fn what_is_missing_is_added_in_the_style_of_its_neighbours() {
    assert_eq!(
        set("[m]\na=1\n  2\n\n# c\n[n]\nx=1\n", "m", "b", "v"),
        "[m]\na=1\n  2\nb=v\n\n# c\n[n]\nx=1\n"
    );
    assert_eq!(
        set("[m]\r\n  a     : 1", "m", "b", "v"),
        "[m]\r\n  a     : 1\r\n  b : v"
    );
    assert_eq!(set("[m]\n  [n]\n", "m", "b", "v"), "[m]\n  b = v\n  [n]\n");
    assert_eq!(set("[m]", "m", "b", "v"), "[m]\nb = v");
    assert_eq!(set("", "m", "b", "v"), "[m]\nb = v\n");
    assert_eq!(set("# c\r\n", "m", "b", "v"), "# c\r\n\r\n[m]\r\nb = v\r\n");
    assert_eq!(
        set("[a]\nx=1\n\n", "DEFAULT", "b", "v"),
        "[a]\nx=1\n\n[DEFAULT]\nb = v\n"
    );
    let inherits = set("[DEFAULT]\nb=1\n[m]\nx=1\n", "m", "b", "2");
    assert_eq!(inherits, "[DEFAULT]\nb=1\n[m]\nx=1\nb=2\n");
}

#[test]
fn removing_takes_the_value_and_leaves_comments() {
    let mut file = parse("[DEFAULT]\na=0\n[m]\nA=1\n  2\n# c\n\n  3\n\nb=1");
    assert_eq!(file.remove("m", "a"), Ok(true));
    assert_eq!(text(&file), "[DEFAULT]\na=0\n[m]\n# c\n\nb=1");
    assert_eq!(file.get("m", "a"), Some("0"));
    assert_eq!(file.remove("m", "a"), Ok(false));
    assert_eq!(file.remove("m", "b"), Ok(true));
    assert_eq!(text(&file), "[DEFAULT]\na=0\n[m]\n# c\n");
}

#[test]
fn a_change_with_side_effects_is_refused_and_nothing_happens() {
    let before = "[m]\na=1\n[n]\n";
    let mut file = parse(before);
    for value in [
        " x", "x ", "x\n y", "x\n# y", "x\n", "\n", "x\r", "x\0", "x\n;y", "a\x1c",
    ] {
        let error = file.set("m", "a", value).unwrap_err();
        assert!(matches!(error, IniError::Value { .. }), "{value:?}");
    }
    for option in ["", " b", "b ", "b=c", "b:c", "#b", ";b", "[b", "b\nc"] {
        let error = file.set("m", option, "1").unwrap_err();
        assert!(matches!(error, IniError::OptionName { .. }), "{option:?}");
    }
    for section in ["", "a]b", "a\nb"] {
        let error = file.set(section, "a", "1").unwrap_err();
        assert!(matches!(error, IniError::SectionName { .. }), "{section:?}");
    }
    assert_eq!(text(&file), before);
}

#[test]
fn removing_from_a_staircase_keeps_every_other_option() {
    let before = "[m]\na=0\n[n]\n    b=1\n  c=1\n  d=1\n [o]\n";
    for (option, after) in [
        ("b", "[m]\na=0\n[n]\n  c=1\n  d=1\n [o]\n"),
        ("c", "[m]\na=0\n[n]\n    b=1\n  d=1\n [o]\n"),
    ] {
        let mut file = parse(before);
        assert_eq!(file.remove("n", option), Ok(true));
        assert_eq!(text(&file), after);
    }
}

#[test]
fn a_file_that_only_python_reads_can_still_be_changed() {
    // rust-ini joins `a` with the next line and takes `c` for a part of `b`.
    let before = "[m]\na = C:\\dir\\\n  b = 1\n  c = 2\nd = 3\n";
    assert!(!second_reader::agrees(&parse(before)));
    assert_eq!(
        set(before, "m", "d", "4"),
        "[m]\na = C:\\dir\\\n  b = 1\n  c = 2\nd = 4\n"
    );
}

#[test]
fn the_second_reader_notices_a_wrong_file() {
    let mut file = parse("[m]\na = 1\nb = 'x'\n");
    assert!(second_reader::agrees(&file));
    assert!(second_reader::agrees(&parse(
        "\u{feff}[m]\r\na = 1\r\n# c\r\nb = 'x'"
    )));
    file.model.entries[0].value.push('1');
    assert!(!second_reader::agrees(&file));
}

#[test]
fn nothing_of_the_content_shows_in_debug() {
    assert!(!format!("{:?}", parse("[m]\ntoken = 'abc-secret'\n")).contains("abc"));
}

#[test]
fn a_list_goes_on_below_its_last_item_and_its_comments_stay() {
    let append = |text: &str| {
        let mut file = IniFile::parse(text.as_bytes()).unwrap();
        file.append("global", "extra-index-url", "https://new").unwrap();
        String::from_utf8(file.bytes()).unwrap()
    };
    assert_eq!(
        append("[global]\nextra-index-url =\n    https://a\n    # why\n    https://b\n\ntimeout = 5\n"),
        "[global]\nextra-index-url =\n    https://a\n    # why\n    https://b\n    https://new\n\ntimeout = 5\n"
    );
    assert_eq!(
        append("[global]\r\nextra-index-url = https://a\r\n# end\r\n"),
        "[global]\r\nextra-index-url = https://a\r\n    https://new\r\n# end\r\n"
    );
    assert_eq!(
        append("[global]\nextra-index-url ="),
        "[global]\nextra-index-url =https://new"
    );
    assert_eq!(
        append("[x]\na = 1\n"),
        "[x]\na = 1\n\n[global]\nextra-index-url = https://new\n"
    );
    let mut file = IniFile::parse(b"[global]\nextra-index-url = a\n").unwrap();
    assert!(file.append("global", "extra-index-url", "# no").is_err());
}
