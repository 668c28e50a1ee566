//! INI files and changes to them, at random.

use sextant::edit::ini::IniFile;

use super::dice::Dice;

const NAMES: &[&str] = &[
    "anaconda_server_token",
    "Logged_API_url",
    "a",
    "b",
    "C",
    "dé",
    "two words",
    "x.y",
    "ÄÖ",
    "[odd",
    "key;x",
    "k#",
    "İ",
    "ssl",
    "version",
    "trusted",
    "e",
    "f",
    "g",
    "h-i",
];
const SECTIONS: &[&str] = &[
    "main",
    "ssl",
    "applications",
    "DEFAULT",
    "a b",
    " x ",
    "Main",
    "a]b",
    "ü",
];
const VALUES: &[&str] = &[
    "None",
    "'https://psm.example.com'",
    "https://h:8443/x;y#z",
    "C:\\Users\\new\\tab",
    "C:\\dir\\",
    "['a', 'b']",
    "",
    "",
    "= x",
    ": y",
    "[main]",
    "# not a comment",
    "; nor this",
    "%(home)s %% $x",
    "\"quoted\"",
    "ü\u{e000}\u{f0000}😀",
    "True",
    "a\u{b}b\u{85}c\u{2028}d",
    "\u{feff}",
    "1",
    "a = b : c",
];
const INDENTS: &[&str] = &["", "", "", "", "", " ", "  ", "\t", "    ", "\u{a0}", "\x0c"];
const DELIMITERS: &[&str] = &[" = ", " = ", "=", ": ", " : ", ":", "=  ", "\t=\t", " \u{a0}= "];
const TRAILING: &[&str] = &["", "", "", "", "", "", " ", "\t ", "\x1c", "\u{2003}"];

/// A file as people, programs and accidents leave them; not all of them can be read.
pub fn generate(dice: &mut Dice) -> String {
    let ending = dice.pick(&["\n", "\n", "\n", "\r\n", "\r\n", "\r"]);
    let is_mixed = dice.chance(5);
    let is_tidy = dice.chance(60);
    let mut text = String::new();
    if dice.chance(5) {
        text.push('\u{feff}');
    }
    let mut lines = vec![];
    if dice.chance(30) {
        lines.push("# first comment".to_owned());
    }
    let mut sections = SECTIONS.to_vec();
    let mut names = NAMES.to_vec();
    let strange = if is_tidy { 0 } else { 15 };
    for _ in 0..dice.roll(4) {
        if !dice.chance(strange) {
            let tail = if dice.chance(5) { " tail = 1" } else { "" };
            let section = draw(dice, &mut sections, strange);
            lines.push(format!(
                "{}[{section}]{tail}",
                if is_tidy { "" } else { dice.pick(INDENTS) }
            ));
            names = NAMES.to_vec();
        }
        for _ in 0..dice.roll(7) {
            let indent = if is_tidy { "" } else { dice.pick(INDENTS) };
            match dice.roll(20) {
                0 => lines.push(format!(
                    "{indent}{}",
                    dice.pick(&["# c", "; c", "#", ";x=1", "# [main]"])
                )),
                1 => lines.push(dice.pick(&["", "", " ", "\t", "\x1f"]).to_owned()),
                2 if dice.chance(strange * 5) => {
                    lines.push(format!(
                        "{indent}{}",
                        dice.pick(&["garbage", "[]", "[open", "= x", ":", "[ssl]", "a=1", "[x"])
                    ));
                }
                _ if names.is_empty() => {}
                _ => {
                    let name = draw(dice, &mut names, strange);
                    lines.push(
                        [
                            indent,
                            name,
                            dice.pick(DELIMITERS),
                            dice.pick(VALUES),
                            dice.pick(TRAILING),
                        ]
                        .concat(),
                    );
                    for _ in 0..dice.roll(8).saturating_sub(5) {
                        let deeper = dice.pick(&["  ", "\t", "    ", "      ", "\u{3000} "]);
                        lines.push(match dice.roll(8) {
                            0 => dice.pick(&["", "  "]).to_owned(),
                            1 => format!("{}# between", dice.pick(INDENTS)),
                            _ => [indent, deeper, dice.pick(VALUES), dice.pick(TRAILING)].concat(),
                        });
                    }
                }
            }
        }
    }
    for line in &lines {
        text.push_str(line);
        text.push_str(if is_mixed {
            dice.pick(&["\n", "\r\n", "\r"])
        } else {
            ending
        });
    }
    if dice.chance(25) {
        text.truncate(text.trim_end_matches(['\r', '\n']).len());
    }
    text
}

/// Takes one away, or now and then does not, so that it may come again.
fn draw<'a>(dice: &mut Dice, from: &mut Vec<&'a str>, again: usize) -> &'a str {
    let index = dice.roll(from.len());
    if dice.chance(again) {
        from[index]
    } else {
        from.remove(index)
    }
}

pub enum Change {
    Set(String),
    Remove,
}

pub fn generate_change(dice: &mut Dice, file: &IniFile) -> (String, String, Change) {
    let entries: Vec<(String, String)> = file
        .entries()
        .map(|(section, option, _)| (section.to_owned(), option.to_owned()))
        .collect();
    let (section, option) = match dice.roll(10) {
        0..=5 if !entries.is_empty() => entries[dice.roll(entries.len())].clone(),
        _ => (dice.pick(SECTIONS).to_owned(), dice.pick(NAMES).to_owned()),
    };
    if dice.chance(25) {
        return (section, option, Change::Remove);
    }
    let mut value = dice.pick(VALUES).to_owned();
    while dice.chance(20) {
        value = format!("{value}\n{}", dice.pick(VALUES));
    }
    (section, option, Change::Set(value))
}
