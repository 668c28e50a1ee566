//! INI files read by the rules of Python's ConfigParser and changed line by line.
//!
//! The rules are those of `configparser.RawConfigParser()` with its defaults: `=` and `:` delimit, `#` and `;`
//! begin comments that fill a whole line, an indented line continues the value above it, blank lines may stand
//! inside a value, option names are compared in lower case, options of `[DEFAULT]` are inherited by every
//! section, and nothing is interpolated. A file that Python refuses is refused here: options before the first
//! header, a section or option given twice, a line without a delimiter. In addition a file with a NUL byte is
//! refused, because Python accepts it only by accident. A byte order mark is kept and otherwise ignored.
//!
//! A change touches the lines of its option and no others. Its result is read again before it is accepted:
//! exactly the intended option must have changed. Where the dialects agree `rust-ini` reads the result too. Its
//! writer is of no use for a person's file: it drops comments, removes the indentation of continuation lines
//! and rewrites the spacing around delimiters (ecosystem reference, section 3.3).

mod change;
mod error;
mod line;
mod model;
mod second_reader;

use std::fmt;

pub use error::IniError;
use line::Line;
use model::Model;

/// The section whose options every other section inherits.
pub const DEFAULT: &str = "DEFAULT";

const BYTE_ORDER_MARK: &str = "\u{feff}";

/// The content of an INI file.
#[derive(Clone)]
pub struct IniFile {
    marked: bool,
    lines: Vec<Line>,
    model: Model,
}

/// Option names are the same when their lower-case forms are.
fn fold(option: &str) -> String {
    option.to_lowercase()
}

/// The lines as they stand in the file, with a byte order mark or without.
fn bytes_of(lines: &[Line], marked: bool) -> Vec<u8> {
    let mark = if marked { BYTE_ORDER_MARK } else { "" };
    let text = lines
        .iter()
        .flat_map(|line| [line.text.as_str(), line.ending.as_str()]);
    Some(mark)
        .into_iter()
        .chain(text)
        .collect::<String>()
        .into_bytes()
}

impl IniFile {
    /// The content of a file that does not exist yet.
    pub fn empty() -> Self {
        Self {
            marked: false,
            lines: Vec::new(),
            model: Model::default(),
        }
    }

    /// Reads the content of a file.
    ///
    /// Errors: [`IniError::NotUtf8`], [`IniError::Nul`], [`IniError::NoSectionHeader`],
    /// [`IniError::DuplicateSection`], [`IniError::DuplicateOption`], [`IniError::NotAnOption`]; where several
    /// apply, the first line that is wrong decides.
    pub fn parse(bytes: &[u8]) -> Result<Self, IniError> {
        let text = std::str::from_utf8(bytes).map_err(|error| IniError::NotUtf8 {
            line: line::split(&String::from_utf8_lossy(&bytes[..error.valid_up_to()]))
                .iter()
                .filter(|line| line.ending != line::Ending::Missing)
                .count()
                + 1,
        })?;
        let unmarked = text.strip_prefix(BYTE_ORDER_MARK);
        let lines = line::split(unmarked.unwrap_or(text));
        if let Some(index) = lines.iter().position(|line| line.text.contains('\0')) {
            return Err(IniError::Nul { line: index + 1 });
        }
        let model = model::read(&lines)?;
        Ok(Self {
            marked: unmarked.is_some(),
            lines,
            model,
        })
    }

    /// The content as it is to be written.
    pub fn bytes(&self) -> Vec<u8> {
        bytes_of(&self.lines, self.marked)
    }

    /// The names of the sections in the order of the file, `DEFAULT` left out.
    pub fn sections(&self) -> impl Iterator<Item = &str> {
        self.model
            .headers
            .iter()
            .map(|header| header.section.as_str())
            .filter(|section| *section != DEFAULT)
    }

    /// The options of a section in lower case: its own, then those it inherits; none for an unknown section.
    pub fn options(&self, section: &str) -> Vec<&str> {
        let of = |wanted: &str| -> Vec<&str> {
            self.entries()
                .filter(|(section, ..)| *section == wanted)
                .map(|(_, option, _)| option)
                .collect()
        };
        let mut options = of(section);
        if section != DEFAULT && self.model.has_section(section) {
            let inherited = of(DEFAULT);
            options.extend(
                inherited
                    .iter()
                    .filter(|option| self.model.own(section, option).is_none()),
            );
        }
        options
    }

    /// Every option where it is written, in the order of the file: section, name in lower case, value.
    pub fn entries(&self) -> impl Iterator<Item = (&str, &str, &str)> {
        self.model.entries.iter().map(|entry| {
            (
                entry.section.as_str(),
                entry.option.as_str(),
                entry.value.as_str(),
            )
        })
    }

    /// [`IniFile::entries`], each with its line, counted from 1.
    pub fn placed_entries(&self) -> impl Iterator<Item = (&str, &str, &str, usize)> {
        self.entries()
            .zip(&self.model.entries)
            .map(|((section, option, value), entry)| (section, option, value, entry.line + 1))
    }

    /// The value as Python reads it: the section's own or else the inherited one.
    pub fn get(&self, section: &str, option: &str) -> Option<&str> {
        let option = fold(option);
        if !self.model.has_section(section) {
            return None;
        }
        self.model
            .own(section, &option)
            .or_else(|| self.model.own(DEFAULT, &option))
            .map(|entry| entry.value.as_str())
    }

    /// The line, counted from 1, on which the section itself sets the option.
    pub fn line_of(&self, section: &str, option: &str) -> Option<usize> {
        self.model.own(section, &fold(option)).map(|entry| entry.line + 1)
    }
}

/// Without the content: a value may be a token.
impl fmt::Debug for IniFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IniFile")
            .field("lines", &self.lines.len())
            .field("options", &self.model.entries.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
