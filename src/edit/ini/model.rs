//! What the lines of a file mean, by the rules of Python's ConfigParser.

use std::collections::HashMap;

use super::error::IniError;
use super::line::{self, Line};
use super::{DEFAULT, fold};

/// A section header. Lines are indexes into the file's lines.
#[derive(Clone)]
pub(super) struct Header {
    pub(super) section: String,
    pub(super) line: usize,
}

/// An option with its value.
#[derive(Clone)]
pub(super) struct Entry {
    pub(super) section: String,
    /// The name as Python compares it.
    pub(super) option: String,
    /// The value as Python reads it.
    pub(super) value: String,
    pub(super) line: usize,
    /// The further lines of the value: ascending, blank ones between them included, comments between them not.
    pub(super) continuations: Vec<usize>,
}

impl Entry {
    pub(super) fn last_line(&self) -> usize {
        self.continuations.last().copied().unwrap_or(self.line)
    }
}

#[derive(Clone, Default)]
pub(super) struct Model {
    pub(super) headers: Vec<Header>,
    pub(super) entries: Vec<Entry>,
}

impl Model {
    pub(super) fn has_section(&self, section: &str) -> bool {
        self.headers.iter().any(|header| header.section == section)
    }

    /// The option of this section itself, not one it inherits. `option` is folded.
    pub(super) fn own(&self, section: &str, option: &str) -> Option<&Entry> {
        self.entries
            .iter()
            .find(|entry| entry.section == section && entry.option == option)
    }
}

/// The name of a section, when this stripped line is a header.
///
/// The name reaches to the last bracket, as in Python 3.10 and newer; what follows it is ignored.
pub(super) fn header(stripped: &str) -> Option<&str> {
    let inside = stripped.strip_prefix('[')?;
    inside
        .rfind(']')
        .map(|end| &inside[..end])
        .filter(|name| !name.is_empty())
}

pub(super) fn is_comment(stripped: &str) -> bool {
    stripped.starts_with(['#', ';'])
}

/// An option line cut into its pieces; joined they are the line.
pub(super) struct Pieces<'a> {
    pub(super) indent: &'a str,
    pub(super) name: &'a str,
    /// The delimiter with the white space around it.
    pub(super) delimiter: &'a str,
    pub(super) value: &'a str,
    pub(super) trailing: &'a str,
}

/// `None` when the line has no delimiter or no name before it.
pub(super) fn pieces(text: &str) -> Option<Pieces<'_>> {
    let indent = line::indent(text);
    let rest = &text[indent.len()..];
    let (before, after) = rest.split_at(rest.find(['=', ':'])?);
    let name = line::strip_end(before);
    if name.is_empty() {
        return None;
    }
    // Both delimiters are one byte long.
    let spaces = line::indent(&after[1..]).len();
    let value = line::strip(&after[1..]);
    let value_at = text.len() - after.len() + 1 + spaces;
    Some(Pieces {
        indent,
        name,
        delimiter: &text[indent.len() + name.len()..value_at],
        value,
        trailing: &text[value_at + value.len()..],
    })
}

/// Errors: [`IniError::NoSectionHeader`], [`IniError::DuplicateSection`], [`IniError::DuplicateOption`] and
/// [`IniError::NotAnOption`], whichever comes first in the file.
pub(super) fn read(lines: &[Line]) -> Result<Model, IniError> {
    let mut reader = Reader::default();
    for (index, line) in lines.iter().enumerate() {
        let stripped = line::strip(&line.text);
        if stripped.is_empty() {
            reader.blanks.push(index);
        } else if !is_comment(stripped) {
            reader.item(index, &line.text, stripped)?;
        }
    }
    reader.finish_value();
    Ok(reader.model)
}

#[derive(Default)]
struct Reader {
    model: Model,
    /// The indentation of the last header or option, in characters.
    level: usize,
    /// The lines of the value being read; `None` right after a header, so that a section cannot begin with a
    /// continuation line.
    value: Option<Vec<String>>,
    /// Blank lines that belong to the value if a continuation line follows.
    blanks: Vec<usize>,
    seen: HashMap<(String, Option<String>), usize>,
}

impl Reader {
    fn item(&mut self, index: usize, text: &str, stripped: &str) -> Result<(), IniError> {
        let level = line::indent(text).chars().count();
        if level > self.level
            && let (Some(value), Some(entry)) = (&mut self.value, self.model.entries.last_mut())
        {
            value.extend(self.blanks.iter().map(|_| String::new()));
            value.push(stripped.to_owned());
            entry.continuations.append(&mut self.blanks);
            entry.continuations.push(index);
            return Ok(());
        }
        self.finish_value();
        self.level = level;
        match header(stripped) {
            Some(section) => self.header(index, section),
            None => self.option(index, text),
        }
    }

    fn header(&mut self, index: usize, section: &str) -> Result<(), IniError> {
        let first = self.seen.insert((section.to_owned(), None), index);
        if let Some(first) = first
            && section != DEFAULT
        {
            return Err(IniError::DuplicateSection {
                section: section.to_owned(),
                line: index + 1,
                first: first + 1,
            });
        }
        self.model.headers.push(Header {
            section: section.to_owned(),
            line: index,
        });
        Ok(())
    }

    fn option(&mut self, index: usize, text: &str) -> Result<(), IniError> {
        let line = index + 1;
        let Some(header) = self.model.headers.last() else {
            return Err(IniError::NoSectionHeader { line });
        };
        let pieces = pieces(text).ok_or(IniError::NotAnOption { line })?;
        let section = header.section.clone();
        let option = fold(pieces.name);
        if let Some(first) = self.seen.insert((section.clone(), Some(option.clone())), index) {
            return Err(IniError::DuplicateOption {
                section,
                option,
                line,
                first: first + 1,
            });
        }
        self.value = Some(vec![pieces.value.to_owned()]);
        self.model.entries.push(Entry {
            section,
            option,
            value: String::new(),
            line: index,
            continuations: Vec::new(),
        });
        Ok(())
    }

    /// Blank lines at the end of a value are stripped off by Python, so they never belong to one.
    fn finish_value(&mut self) {
        self.blanks.clear();
        if let (Some(value), Some(entry)) = (self.value.take(), self.model.entries.last_mut()) {
            entry.value = line::strip_end(&value.join("\n")).to_owned();
        }
    }
}
