//! What can be written at a place of a text.

mod ini;
mod yaml;

use super::{ConfigurationFile, Language};

/// A place in a text. The first line and the place before its first character are both 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    pub line: usize,
    /// In characters.
    pub column: usize,
}

/// One proposal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Completion {
    /// What is listed.
    pub label: String,
    /// What takes the place of the word: may end in `: ` or ` = `, or hold a line end and the indentation of the next.
    pub insert: String,
    /// One line.
    pub documentation: String,
}

/// The proposals, best first, and the word that they replace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Completions {
    /// The columns, in characters from 0, on the line of the position.
    pub replaces: std::ops::Range<usize>,
    pub items: Vec<Completion>,
}

/// What can be written at `position`: keys where a key stands, values where a key has few of them. Pure, and works on
/// texts that are not complete.
pub fn completions(file: ConfigurationFile, text: &str, position: Position) -> Completions {
    let line = text.lines().nth(position.line).unwrap_or_default();
    let before: String = line.chars().take(position.column).collect();
    let (word, proposals) = match file.language() {
        Language::Yaml => yaml::proposals(file, text, position.line, &before),
        Language::Ini => ini::proposals(file, text, position.line, &before),
    };
    let column = before.chars().count();
    Completions {
        replaces: column - word.chars().count()..column,
        items: ranked(&word, proposals),
    }
}

/// Those that begin with the word, then those of which a part begins with it.
fn ranked(word: &str, proposals: Vec<Completion>) -> Vec<Completion> {
    let word = word.to_lowercase().replace('-', "_");
    let plain = |completion: &Completion| completion.label.to_lowercase().replace('-', "_");
    let (mut first, rest): (Vec<_>, Vec<_>) = proposals
        .into_iter()
        .partition(|completion| plain(completion).starts_with(&word));
    let part = format!("_{word}");
    let has_part = |completion: &Completion| word.chars().count() > 1 && plain(completion).contains(&part);
    first.extend(rest.into_iter().filter(has_part));
    // What stands there already is no proposal.
    first.retain(|completion| plain(completion) != word || completion.insert.trim() != completion.label);
    first
}

fn value(label: &str, documentation: &str) -> Completion {
    Completion {
        label: label.to_owned(),
        insert: label.to_owned(),
        documentation: documentation.to_owned(),
    }
}

#[cfg(test)]
mod tests;
