//! A second opinion on an edited file, from an implementation that is not ours.

use std::collections::HashSet;

use ini::{Ini, ParseOption};

use super::line::{self, Ending};
use super::{IniFile, bytes_of, fold};

/// Whether `rust-ini` reads this file exactly as we do.
///
/// Its disagreement means something only for a file of which it agreed before the change, and for a change that
/// both dialects [share](shares).
pub(super) fn agrees(file: &IniFile) -> bool {
    let options = ParseOption {
        enabled_quote: false,
        enabled_escape: false,
        enabled_indented_mutiline_value: true,
        ..ParseOption::default()
    };
    if is_foreign(file) {
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

/// Whether the file has a line that `rust-ini`'s dialect takes for something else, even if it makes no difference
/// yet: a line that ends with a backslash swallows the next one, an indented line always continues a value, a
/// lone carriage return ends no line, and only spaces and tabs are white space everywhere.
fn is_foreign(file: &IniFile) -> bool {
    let continuations: HashSet<usize> = file
        .model
        .entries
        .iter()
        .flat_map(|entry| entry.continuations.iter().copied())
        .collect();
    file.lines.iter().enumerate().any(|(index, line)| {
        line.ending == Ending::CarriageReturn
            || line.text.ends_with('\\')
            || line
                .text
                .contains(|c| line::is_space(c) && !matches!(c, ' ' | '\t'))
            || (line.text.starts_with(line::is_space) && !line.is_blank() && !continuations.contains(&index))
    })
}

/// Whether the two dialects must mean the same by an option of this section, name and value.
pub(super) fn shares(section: &str, option: &str, value: &str) -> bool {
    let plain = |name: &str| {
        name.chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.'))
    };
    plain(section)
        && plain(option)
        && !value
            .chars()
            .any(|c| c == '\\' || c.is_control() || (c != ' ' && line::is_space(c)))
}
