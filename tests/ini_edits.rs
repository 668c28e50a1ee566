//! What an edit of an INI file promises: every byte that is not the option's own stays.

use proptest::prelude::*;
use proptest::sample::Index;
use sextant::edit::ini::IniFile;

/// A file that Python reads, and the number of lines in it that set an option.
fn file() -> impl Strategy<Value = String> {
    let value = || "[!-~é][ -~é]{0,10}[!-~é]|[!-~]|";
    let noise = prop_oneof![
        Just(String::new()),
        Just("  ".to_owned()),
        "[ \t]{0,2}[#;][ -~]{0,8}".prop_map(|comment| comment),
    ];
    let option = (
        "[a-zA-Z][a-z_.;# -]{0,6}[a-z]",
        "( {0,2}|\t)[=:]( {0,2}|\t)",
        value(),
        "[ \t]{0,2}",
        prop::collection::vec(noise, 0..3),
    );
    let section = prop::collection::vec(option, 0..6);
    (
        prop::collection::vec(section, 1..4),
        prop_oneof![Just("\n"), Just("\r\n"), Just("\r")],
        "[ \t]{0,2}",
        any::<bool>(),
        any::<bool>(),
    )
        .prop_map(|(sections, newline, indent, final_newline, mark)| {
            let mut lines = Vec::new();
            for (section, options) in sections.into_iter().enumerate() {
                lines.push(format!("[section {section}]"));
                for (number, (name, delimiter, value, trailing, noise)) in options.into_iter().enumerate() {
                    lines.push(format!("{indent}{name}{number}{delimiter}{value}{trailing}"));
                    lines.extend(noise);
                }
            }
            let mut text = lines.join(newline);
            text.push_str(if final_newline { newline } else { "" });
            if mark { format!("\u{feff}{text}") } else { text }
        })
}

fn parse(text: &str) -> IniFile {
    IniFile::parse(text.as_bytes()).unwrap_or_else(|error| panic!("{error}: {text:?}"))
}

fn text(file: &IniFile) -> String {
    String::from_utf8(file.bytes()).unwrap()
}

/// Section, option and value of one of the options; `None` when the file has none.
fn pick(file: &IniFile, index: Index) -> Option<(String, String, String)> {
    let entries: Vec<_> = file.entries().collect();
    let (section, option, value) = *entries.get(index.index(entries.len().max(1)))?;
    Some((section.to_owned(), option.to_owned(), value.to_owned()))
}

proptest! {
    #[test]
    fn reading_keeps_every_byte(before in file()) {
        prop_assert_eq!(text(&parse(&before)), before);
    }

    #[test]
    fn whatever_can_be_read_is_kept_and_nothing_makes_the_reader_panic(before in "(\\PC|[\n\r\t=:\\[\\]#; \0]){0,40}") {
        if let Ok(file) = IniFile::parse(before.as_bytes()) {
            prop_assert_eq!(text(&file), before);
        }
    }

    #[test]
    fn a_new_value_changes_its_own_line_behind_the_delimiter(
        before in file(),
        index in any::<Index>(),
        value in "[!-~é]([ -~é]{0,10}[!-~é])?",
    ) {
        let mut file = parse(&before);
        let Some((section, option, old)) = pick(&file, index) else { return Ok(()) };
        let line = file.line_of(&section, &option).unwrap();
        file.set(&section, &option, &value).unwrap();
        prop_assert_eq!(file.line_of(&section, &option), Some(line));
        let after = text(&file);
        let ends = ['\n', '\r'];
        let (old_lines, new_lines): (Vec<_>, Vec<_>) =
            (before.split_inclusive(ends).collect(), after.split_inclusive(ends).collect());
        prop_assert_eq!(old_lines.len(), new_lines.len());
        let differing: Vec<_> = old_lines.iter().zip(&new_lines).filter(|(old, new)| old != new).collect();
        if let [(old_line, new_line)] = differing[..] {
            let rest = |line: &str, value: &str| {
                let at = line.find(['=', ':']).unwrap() + 1;
                let at = at + line[at..].len() - line[at..].trim_start_matches([' ', '\t']).len();
                assert!(line[at..].starts_with(value), "{line:?} {value:?}");
                (line[..at].to_owned(), line[at + value.len()..].to_owned())
            };
            prop_assert_eq!(rest(old_line, &old), rest(new_line, &value));
        } else {
            prop_assert!(differing.is_empty() && old == value);
        }
    }

    #[test]
    fn setting_back_restores_every_byte(
        before in file(),
        index in any::<Index>(),
        value in "[!-~é]([ -~é]{0,10}[!-~é])?(\n[!-:<-~][ -~]{0,5}[!-~]){0,2}",
    ) {
        let mut file = parse(&before);
        let Some((section, option, old)) = pick(&file, index) else { return Ok(()) };
        if file.set(&section, &option, &value).is_ok() {
            file.set(&section, &option, &old).unwrap();
            prop_assert_eq!(text(&file), before);
        }
    }

    #[test]
    fn adding_and_removing_an_option_restores_every_byte(
        before in file(),
        section in any::<Index>(),
        value in "[!-~]{0,5}(\n[a-z]{1,5}){0,2}",
    ) {
        let mut file = parse(&before);
        let sections: Vec<_> = file.sections().map(str::to_owned).collect();
        let section = section.get(&sections);
        file.set(section, "Entirely_New", &value).unwrap();
        prop_assert_eq!(file.get(section, "entirely_new"), Some(value.as_str()));
        let added = text(&file);
        let without: String = added.replace("Entirely_New", "");
        prop_assert!(without.len() < added.len());
        prop_assert_eq!(file.remove(section, "ENTIRELY_NEW"), Ok(true));
        prop_assert_eq!(text(&file), before);
    }
}
