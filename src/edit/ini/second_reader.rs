//! A second opinion on an edited file, from an implementation that is not ours.

use ini::{Ini, ParseOption};

use super::line::{self, Ending};
use super::{IniFile, bytes_of, fold};

/// Whether `rust-ini` reads this file exactly as we do.
///
/// Its dialect differs from Python's: a line that ends with a backslash swallows the next one, every indented
/// line continues a value, brackets may not stand in a section's name, and some kinds of white space are not
/// stripped, a lone carriage return ends no line. So its disagreement means something only for a file of which it agreed before the change.
pub(super) fn agrees(file: &IniFile) -> bool {
    let options = ParseOption {
        enabled_quote: false,
        enabled_escape: false,
        enabled_indented_mutiline_value: true,
        ..ParseOption::default()
    };
    if file
        .lines
        .iter()
        .any(|line| line.ending == Ending::CarriageReturn)
    {
        return false;
    }
    let Ok(theirs) = Ini::read_from_opt(&mut bytes_of(&file.lines, false).as_slice(), options) else {
        return false;
    };
    let mut theirs: Vec<(String, String, String)> = theirs
        .iter()
        .flat_map(|(section, properties)| {
            let section = section.unwrap_or_default();
            properties
                .iter()
                .map(move |(option, value)| (section.to_owned(), fold(option), value.to_owned()))
        })
        .collect();
    let mut ours: Vec<(String, String, String)> = file
        .entries()
        .map(|(section, option, value)| (section.to_owned(), option.to_owned(), value.to_owned()))
        .collect();
    theirs.sort_unstable();
    ours.sort_unstable();
    theirs == ours
}

/// Whether the two dialects must mean the same by an option of this section, name and value, written on a line
/// that begins with `indent`.
pub(super) fn shares(section: &str, option: &str, value: &str, indent: &str) -> bool {
    let plain = |name: &str| {
        name.chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.'))
    };
    indent.is_empty()
        && plain(section)
        && plain(option)
        && !value
            .chars()
            .any(|c| c == '\\' || c.is_control() || (c != ' ' && line::is_space(c)))
}
