//! Why a `.condarc` could not be read or was not changed.

use thiserror::Error;

use crate::error::{Explain, Kind, Problem};

/// The largest file that is read: far above any real `.condarc`, low enough to stay quick.
pub const SIZE_LIMIT: usize = 16 * 1024 * 1024;

/// How deeply lists and maps may nest; `.condarc` needs three levels.
pub const DEPTH_LIMIT: usize = 64;

/// Everything that can go wrong with a YAML file. No variant holds a secret.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum YamlError {
    #[error("the file is larger than {} MiB", SIZE_LIMIT / (1024 * 1024))]
    TooLarge { bytes: usize },
    #[error("line {line} is not UTF-8 text")]
    NotUtf8 { line: usize },
    #[error("line {line} contains a NUL byte")]
    NulByte { line: usize },
    #[error("line {line} contains the character U+{code:04X}, which conda does not accept")]
    ForbiddenCharacter { line: usize, code: u32 },
    #[error("line {line} uses a tab as white space, which conda does not accept")]
    Tab { line: usize },
    #[error("line {line} ends with a carriage return alone, which some readers take for no line end")]
    LoneCarriageReturn { line: usize },
    #[error("line {line} is not valid YAML: {reason}")]
    Syntax { line: usize, reason: String },
    #[error("line {line} starts a second YAML document")]
    SeveralDocuments { line: usize },
    #[error("line {line} repeats the key '{key}'")]
    DuplicateKey { key: String, line: usize },
    #[error("line {line} holds {found} where settings of the form 'key: value' belong")]
    RootIsNotAMapping { line: usize, found: &'static str },
    #[error("line {line} nests lists and maps too deeply")]
    TooDeep { line: usize },
    #[error("the aliases of the file expand to too much")]
    TooManyAliases { line: usize },
    #[error("'{}' was not changed: {}", .0.key, .0.obstacle)]
    Refused(Box<Refusal>),
}

/// An edit that was not made, and what a person can do instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    pub key: String,
    /// The line of the entry, if the file has it.
    pub line: Option<usize>,
    pub obstacle: Obstacle,
    /// What to change by hand, with secrets masked.
    pub by_hand: String,
}

/// The shapes that cannot be edited without risk (repository reference, section 3.5, rule 1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Obstacle {
    #[error("other places of the file refer to its anchor")]
    AnchorInUse,
    #[error("its value refers to an anchor elsewhere in the file")]
    Alias,
    #[error("its value carries a YAML tag")]
    Tag,
    #[error("the file merges settings with '<<'")]
    MergeKey,
    #[error("its key is not a plain word on one line")]
    UnusualKey,
    #[error("all settings of the file stand inside braces")]
    RootInBraces,
    #[error("all settings of the file carry an anchor or a tag")]
    RootProperties,
    #[error("the file starts with a YAML directive")]
    Directive,
    #[error("its list has comments between the brackets")]
    CommentInBrackets,
    #[error("a list item could not be told from its neighbours")]
    ItemBoundaries,
    #[error("a comment would come to stand under a line with a flag such as '#!final' and disable it")]
    Flag,
    #[error(
        "a blank line would come to stand under a value with a comment above it, which conda cannot read"
    )]
    BlankLine,
    #[error("another setting would have changed with it")]
    OtherSettings,
    #[error("the result would not have had the intended value")]
    Value,
    #[error("the result would be larger than a configuration file may be")]
    Size,
}

impl YamlError {
    /// The line the error is about, counted from 1.
    pub fn line(&self) -> Option<usize> {
        match self {
            Self::TooLarge { .. } => None,
            Self::NotUtf8 { line }
            | Self::NulByte { line }
            | Self::ForbiddenCharacter { line, .. }
            | Self::Tab { line }
            | Self::LoneCarriageReturn { line }
            | Self::Syntax { line, .. }
            | Self::SeveralDocuments { line }
            | Self::DuplicateKey { line, .. }
            | Self::RootIsNotAMapping { line, .. }
            | Self::TooDeep { line }
            | Self::TooManyAliases { line } => Some(*line),
            Self::Refused(refusal) => refusal.line,
        }
    }

    /// Why it matters to conda, and what to do about it.
    fn advice(&self) -> (&'static str, String) {
        let correct = |line: &usize| format!("Correct line {line} in a text editor");
        match self {
            Self::TooLarge { bytes } => (
                "A file of this size is hardly a configuration file",
                format!("Check what the file holds; it has {bytes} bytes"),
            ),
            Self::NotUtf8 { .. } => (
                "conda stops with an error on such a file",
                "Save the file with the encoding UTF-8 in a text editor".to_owned(),
            ),
            Self::NulByte { .. } => (
                "The file is damaged, or saved as UTF-16",
                "Save the file with the encoding UTF-8 in a text editor".to_owned(),
            ),
            Self::ForbiddenCharacter { line, .. } => (
                "The character is invisible, or some programs take it for the end of the line",
                format!("Remove the character from line {line} in a text editor"),
            ),
            Self::LoneCarriageReturn { line } => (
                "Old Macintosh programs wrote files so; what such a file means depends on who reads it",
                format!("Save the file with ordinary line ends in a text editor; line {line} is the first"),
            ),
            Self::Tab { line } => (
                "YAML is indented with spaces; conda ignores a file with tabs",
                format!("Replace the tab in line {line} by spaces"),
            ),
            Self::Syntax { line, .. } => ("conda cannot read the file as it is", correct(line)),
            Self::SeveralDocuments { line } => (
                "conda stops with an error on a file with several documents",
                format!("Remove the separator '---' in line {line}, or what follows it"),
            ),
            Self::DuplicateKey { line, .. } => (
                "conda stops with an error on a file that has a key twice",
                format!("Join the two entries, or remove the one in line {line}"),
            ),
            Self::RootIsNotAMapping { line, .. } => ("conda cannot read settings from it", correct(line)),
            Self::TooDeep { line } | Self::TooManyAliases { line } => {
                ("No configuration file needs such a shape", correct(line))
            }
            Self::Refused(refusal) => ("Nothing was written", refusal.by_hand.clone()),
        }
    }
}

impl Explain for YamlError {
    fn explain(&self) -> Problem {
        let kind = match self {
            Self::TooLarge { .. } => Kind::File,
            // The file can be read, but not changed without risk.
            _ => Kind::RefusedEdit,
        };
        let (cause, remedy) = self.advice();
        Problem::new(kind, self.to_string()).because(cause).remedy(remedy)
    }
}
