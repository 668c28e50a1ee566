//! What can be wrong with an INI file or with a change to it.

use thiserror::Error;

use crate::error::{Explain, Kind, Problem};

/// Why a file cannot be read as Python's ConfigParser reads it, or why a change was not made. Lines count from 1.
/// No variant holds a value of the file, because a value may be a token.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum IniError {
    #[error("line {line} is not UTF-8 text")]
    NotUtf8 { line: usize },
    #[error("line {line} contains a NUL byte")]
    Nul { line: usize },
    #[error("line {line} comes before the first section header")]
    NoSectionHeader { line: usize },
    #[error("section [{section}] begins again on line {line}; it first began on line {first}")]
    DuplicateSection {
        section: String,
        line: usize,
        first: usize,
    },
    #[error("{option} in section [{section}] is set again on line {line}; it was first set on line {first}")]
    DuplicateOption {
        section: String,
        option: String,
        line: usize,
        first: usize,
    },
    #[error("line {line} is neither a section header, a comment, nor an option with its value")]
    NotAnOption { line: usize },

    #[error("{section:?} cannot be the name of a section")]
    SectionName { section: String },
    #[error("{option:?} cannot be the name of an option")]
    OptionName { option: String },
    #[error("the new value of {option} in section [{section}] would not be read back as it is")]
    Value { section: String, option: String },
    #[error("changing {option} in section [{section}] would change the meaning of other lines")]
    OtherLines { section: String, option: String },
    #[error("two readers disagree about {option} in section [{section}] after the change")]
    ReadersDisagree { section: String, option: String },
}

impl IniError {
    /// The line to look at, counted from 1; `None` for an error about the change rather than the file.
    pub fn line(&self) -> Option<usize> {
        match self {
            Self::NotUtf8 { line }
            | Self::Nul { line }
            | Self::NoSectionHeader { line }
            | Self::DuplicateSection { line, .. }
            | Self::DuplicateOption { line, .. }
            | Self::NotAnOption { line } => Some(*line),
            Self::SectionName { .. }
            | Self::OptionName { .. }
            | Self::Value { .. }
            | Self::OtherLines { .. }
            | Self::ReadersDisagree { .. } => None,
        }
    }
}

impl Explain for IniError {
    fn explain(&self) -> Problem {
        let of_kind = |kind| Problem::new(kind, self.to_string());
        match self {
            Self::NotUtf8 { .. } => of_kind(Kind::File)
                .because("the file was saved in another encoding, or is damaged")
                .remedy("open it in a text editor, check its content and save it as UTF-8"),
            Self::Nul { .. } => of_kind(Kind::File)
                .because("a text file holds none; this is typical after a crash or a full disk, or of UTF-16")
                .remedy("restore the file from a backup, or move it away so that a new one is made"),
            Self::NoSectionHeader { .. } => of_kind(Kind::RefusedEdit)
                .because("every option must stand below a header such as [main]")
                .remedy("add the header above the line, or remove the line"),
            Self::DuplicateSection { .. } => of_kind(Kind::RefusedEdit)
                .because("Python refuses a file with two sections of one name")
                .remedy("join the two sections"),
            Self::DuplicateOption { .. } => of_kind(Kind::RefusedEdit)
                .because(
                    "Python refuses a file that sets an option twice; capital letters make no difference",
                )
                .remedy("remove one of the two lines"),
            Self::NotAnOption { .. } => of_kind(Kind::RefusedEdit)
                .because("Python expects `name = value` or `name: value`")
                .remedy("correct or remove the line"),
            Self::SectionName { .. } | Self::OptionName { .. } | Self::Value { .. } => {
                of_kind(Kind::RefusedEdit)
                    .because("the INI format has no way to write it; nothing was changed")
            }
            Self::OtherLines { .. } => of_kind(Kind::RefusedEdit)
                .because("the file is laid out in a way that cannot be changed safely; nothing was changed")
                .remedy("change the line by hand"),
            Self::ReadersDisagree { .. } => of_kind(Kind::RefusedEdit)
                .because("programs that read this file could see different values; nothing was changed")
                .remedy("change the line by hand"),
        }
    }
}
