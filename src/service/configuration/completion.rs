//! What can be written at a place of a text.

use super::ConfigurationFile;

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
    /// What takes the place of the word: may end in `: ` or ` = `.
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

/// What can be written at `position`: keys where a key stands, values where a key has few of them.
pub fn completions(file: ConfigurationFile, text: &str, position: Position) -> Completions;
