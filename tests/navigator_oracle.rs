//! The values of Navigator's file against the reader they must agree with: Python's `ast.literal_eval`.

#[path = "support/dice.rs"]
mod dice;
#[path = "support/python.rs"]
mod python;

use dice::{Dice, cases};
use python::Python;
use sextant::navigator::Literal;

#[test]
fn python_evaluates_the_literals_that_are_written() {
    let Some(mut python) = Python::start() else { return };
    const PARTS: &[&str] = &[
        "'",
        "\"",
        "\\",
        "\\n",
        "\n",
        "\t",
        "\r",
        "a",
        "C:\\Users",
        "é",
        "\u{e000}",
        "\u{f0001}",
        "😀",
        " ",
        "\u{a0}",
        "\u{2028}",
        "\x01",
        "\x7f",
        "#",
        "\u{ad}",
        "{",
        "https://h",
        "\\x41",
        "\\N{DASH}",
        "\\b\\a\\f\\v",
        "\\08",
        "''",
        "r",
    ];
    for number in 0..cases() {
        let dice = &mut Dice::for_case(number);
        let text: String = (0..dice.roll(8)).map(|_| dice.pick(PARTS)).collect();
        let written = Literal::Text(text.clone()).write();
        assert!(!written.contains(['\n', '\r']), "{written:?}");
        // The text itself may happen to be a literal, or nearly one. Values of a file are stripped.
        let near = if dice.chance(50) {
            format!(
                "[{written}, {}]",
                dice.pick(&["'x'", "None", "True,", "1", "", "x"])
            )
        } else {
            format!("{}{text}{0}", dice.pick(&["", "'", "\"", "'''"]))
                .trim()
                .to_owned()
        };
        let back = Literal::read(&near);
        let answers = python.ask("literal", &[&written, &near, &back.write()]);
        assert_eq!(answers[0]["text"], text.as_str(), "{written:?}");
        assert!(
            Literal::read(&written).text() == Some(text.as_str()),
            "{written:?}"
        );
        if !matches!(back, Literal::Bare(_)) {
            assert!(!answers[1].is_null() && answers[1] == answers[2], "{near:?}");
        } else if let Some(theirs) = answers[1]["text"].as_str() {
            // What no program writes into this file may stay bare text.
            let exotic = near.contains(['\r', '('])
                || ["\\N", "\n#"].iter().any(|part| near.contains(part))
                || near.starts_with(['\\', '#']);
            assert!(exotic, "{near:?} is {theirs:?}");
        }
    }
}
