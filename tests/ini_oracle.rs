//! The INI editor against the reader it must agree with: Python's `configparser`.

#[path = "support/dice.rs"]
mod dice;
#[path = "support/ini_texts.rs"]
mod ini_texts;
#[path = "support/python.rs"]
mod python;

use std::collections::BTreeMap;

use dice::{Dice, cases};
use ini_texts::{Change, generate, generate_change};
use python::Python;
use serde_json::{Value, json};
use sextant::edit::ini::{DEFAULT, IniError, IniFile};

/// The reading of one side, in a form that can be compared: own options of `DEFAULT` and all of each section.
type Reading = BTreeMap<(String, String), String>;

fn ours(file: &IniFile) -> Reading {
    let mut reading = Reading::new();
    for section in file.sections().chain([DEFAULT]) {
        for option in file.options(section) {
            let value = match section {
                DEFAULT => file
                    .entries()
                    .find(|(s, o, _)| *s == DEFAULT && *o == option)
                    .map(|(.., v)| v),
                _ => file.get(section, option),
            };
            let value = value.expect("an option that is listed has a value").to_owned();
            reading.insert((section.to_owned(), option.to_owned()), value);
        }
    }
    reading
}

fn pythons(answer: &Value) -> Reading {
    let values = answer["values"]
        .as_array()
        .unwrap_or_else(|| panic!("Python refuses: {answer}"));
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    values
        .iter()
        .map(|entry| ((text(&entry[0]), text(&entry[1])), text(&entry[2])))
        .collect()
}

fn assert_same_refusal(error: &IniError, answer: &Value, text: &str) {
    let line = error.line().expect("an error of the file has a line") as u64;
    let theirs = answer["line"]
        .as_u64()
        .unwrap_or_else(|| panic!("Python reads what is refused: {error}\n{text:?}"));
    let same = match answer["error"].as_str() {
        Some("MissingSectionHeaderError") => {
            matches!(error, IniError::NoSectionHeader { .. }) && line == theirs
        }
        Some("DuplicateSectionError") => matches!(error, IniError::DuplicateSection { .. }) && line == theirs,
        Some("DuplicateOptionError") => matches!(error, IniError::DuplicateOption { .. }) && line == theirs,
        _ => matches!(error, IniError::NotAnOption { .. }) && line == theirs,
    };
    // Python reports a line that it cannot read only when nothing below it is worse.
    let earlier = matches!(error, IniError::NotAnOption { .. }) && line < theirs;
    assert!(same || earlier, "{error} against {answer}\n{text:?}");
}

#[test]
fn python_reads_what_we_read_and_after_a_change_exactly_the_intended_difference() {
    let Some(mut python) = Python::start() else { return };
    let (mut refused, mut changed, mut unrepresentable) = (0, 0, 0);
    for number in 0..cases() {
        let dice = &mut Dice::for_case(number);
        let before = generate(dice);
        let mut file = match IniFile::parse(before.as_bytes()) {
            Ok(file) => file,
            Err(error) => {
                assert_same_refusal(&error, &python.ask("ini", &[&before])[0], &before);
                refused += 1;
                continue;
            }
        };
        let (section, option, change) = generate_change(dice, &file);
        let mut expected = ours(&file);
        let inherits_from_it = section == DEFAULT;
        let folded = option.to_lowercase();
        let result = match &change {
            Change::Set(value) => file.set(&section, &option, value).map(|()| {
                expected.insert((section.clone(), folded.clone()), value.clone());
            }),
            Change::Remove => file.remove(&section, &option).map(|was_there| {
                if was_there {
                    let inherited = expected.get(&(DEFAULT.to_owned(), folded.clone())).cloned();
                    match inherited {
                        Some(value) if !inherits_from_it => {
                            expected.insert((section.clone(), folded.clone()), value)
                        }
                        _ => expected.remove(&(section.clone(), folded.clone())),
                    };
                }
            }),
        };
        let after = String::from_utf8(file.bytes()).expect("UTF-8 stays UTF-8");
        let context = || format!("case {number}: [{section}] {option:?}\n{before:?}\n{after:?}");
        match result {
            Ok(()) => changed += usize::from(before != after),
            Err(IniError::Value { .. } | IniError::OptionName { .. } | IniError::SectionName { .. }) => {
                unrepresentable += 1;
                assert_eq!(before, after, "{}", context());
            }
            // `[odd = [x]` would be a header.
            Err(IniError::OtherLines { .. }) if option.starts_with('[') => assert_eq!(before, after),
            Err(error) => panic!("{error}\n{}", context()),
        }
        let answers = python.ask("ini", &[&before, &after]);
        let (theirs_before, theirs_after) = (pythons(&answers[0]), pythons(&answers[1]));
        let original = IniFile::parse(before.as_bytes()).expect("read once already");
        assert_eq!(ours(&original), theirs_before, "{}", context());
        assert_eq!(
            json!(original.sections().collect::<Vec<_>>()),
            answers[0]["sections"],
            "{}",
            context()
        );
        for section in original.sections() {
            assert_eq!(
                json!(original.options(section)),
                answers[0]["options"][section],
                "{}",
                context()
            );
        }
        assert_eq!(ours(&file), theirs_after, "{}", context());
        if inherits_from_it {
            // The inherited values follow; what is written in the sections themselves is checked by the editor.
            let own = |(key, _): &(&(String, String), &String)| key.0 == DEFAULT;
            assert!(
                expected.iter().filter(own).eq(theirs_after.iter().filter(own)),
                "{}",
                context()
            );
        } else {
            let mut expected = expected;
            // A section that was not there before inherits as well.
            for option in file.options(&section) {
                if let Some(value) = theirs_before.get(&(DEFAULT.to_owned(), option.to_owned())) {
                    expected
                        .entry((section.clone(), option.to_owned()))
                        .or_insert_with(|| value.clone());
                }
            }
            assert_eq!(expected, theirs_after, "{}", context());
        }
    }
    // The generator must reach all sorts of cases, or the comparison means little.
    let cases = cases();
    println!("{cases} cases: {refused} refused, {changed} changed, {unrepresentable} not representable");
    if cases >= 300 {
        assert!(refused * 20 >= cases && changed * 2 >= cases && unrepresentable * 50 >= cases);
    }
}

#[test]
fn python_agrees_about_white_space_and_lower_case() {
    let Some(mut python) = Python::start() else { return };
    let characters: Vec<char> = ('\u{1}'..='\u{3100}')
        .filter(|c| !matches!(c, '\n' | '\r'))
        .collect();
    let all: String = characters.iter().collect();
    let answers = python.ask("space", &[&all]);
    for (character, is_space) in characters.iter().zip(answers[0].as_array().expect("a list")) {
        let file = IniFile::parse(format!("[m]\nx = {character}\n").as_bytes()).expect("an option");
        assert_eq!(
            file.get("m", "x") == Some(""),
            is_space == &json!(true),
            "U+{:04x}",
            u32::from(*character)
        );
    }
}
