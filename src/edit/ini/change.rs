//! Changes to single options.

use super::error::IniError;
use super::line::{self, Ending, Line};
use super::model::{self, Entry};
use super::{IniFile, bytes_of, fold, second_reader};

/// What one change is meant to do.
#[derive(Clone, Copy)]
struct Intent<'a> {
    section: &'a str,
    option: &'a str,
    /// `None` to remove the option.
    value: Option<&'a str>,
}

impl IniFile {
    /// Gives an option a value, so that Python reads exactly this value.
    ///
    /// An option that is there is changed in place: the spelling of its name, its delimiter, the white space
    /// and its line ending stay, lines that continued the old value go, comments stay. An option that is not
    /// there is added below the last option of its section, written as that one is, and a missing section at
    /// the end of the file. Lines that continue the value are indented as they were, otherwise with a tab as
    /// Python does. An option that has the value already is left alone.
    ///
    /// Errors, with nothing changed: [`IniError::Value`] for white space at the ends of a line, a carriage
    /// return, a NUL, a blank last line, or a further line that would be a comment; [`IniError::OptionName`],
    /// [`IniError::SectionName`]; [`IniError::OtherLines`], [`IniError::ReadersDisagree`].
    pub fn set(&mut self, section: &str, option: &str, value: &str) -> Result<(), IniError> {
        let intent = Intent {
            section,
            option,
            value: Some(value),
        };
        check_value(intent, value)?;
        let lines = match self.model.own(section, &fold(option)) {
            Some(entry) if entry.value == value => return Ok(()),
            Some(entry) => self.with_value(entry, value),
            None => {
                check_option_name(option)?;
                if self.model.has_section(section) {
                    self.with_option(intent, value)
                } else {
                    check_section_name(section)?;
                    self.with_section(intent, value)
                }
            }
        };
        self.adopt(lines, intent)
    }

    /// Adds a line below the value of an option, where a list goes on; every line that is there stays as it is, comments
    /// between the items too. An option without a value, or that is not there, gets the line as its value.
    ///
    /// Errors: as [`IniFile::set`].
    pub fn append(&mut self, section: &str, option: &str, further: &str) -> Result<(), IniError> {
        let Some(entry) = self
            .model
            .own(section, &fold(option))
            .filter(|entry| !entry.value.is_empty())
        else {
            return self.set(section, option, further);
        };
        let value = format!("{}\n{further}", entry.value);
        let intent = Intent {
            section,
            option,
            value: Some(&value),
        };
        check_value(intent, &format!("\n{further}"))?;
        let last = &self.lines[entry.last_line()];
        let indent = match entry.continuations.last() {
            Some(_) => line::indent(&last.text).to_owned(),
            None => format!("{}    ", line::indent(&last.text)),
        };
        let mut lines = self.lines.clone();
        let below = entry.last_line() + 1;
        lines.splice(below..below, self.further_lines(further, &indent, last.ending));
        self.adopt(lines, intent)
    }

    /// Removes an option of this section itself with all lines of its value; comments stay. `false` when there
    /// is none; an inherited option is not the section's.
    ///
    /// Errors, with nothing changed: [`IniError::OtherLines`], [`IniError::ReadersDisagree`].
    pub fn remove(&mut self, section: &str, option: &str) -> Result<bool, IniError> {
        let Some(entry) = self.model.own(section, &fold(option)) else {
            return Ok(false);
        };
        let lines = self.without(|index| index == entry.line || entry.continuations.contains(&index));
        let intent = Intent {
            section,
            option,
            value: None,
        };
        self.adopt(lines, intent)?;
        Ok(true)
    }

    fn without(&self, gone: impl Fn(usize) -> bool) -> Vec<Line> {
        let kept = self.lines.iter().enumerate().filter(|(index, _)| !gone(*index));
        kept.map(|(_, line)| line.clone()).collect()
    }

    fn with_value(&self, entry: &Entry, value: &str) -> Vec<Line> {
        let mut lines = self.without(|index| entry.continuations.contains(&index));
        let old = &self.lines[entry.line];
        let (first, further) = value
            .split_once('\n')
            .map_or((value, None), |(a, b)| (a, Some(b)));
        if let Some(pieces) = model::pieces(&old.text) {
            lines[entry.line].text = [
                pieces.indent,
                pieces.name,
                pieces.delimiter,
                first,
                pieces.trailing,
            ]
            .concat();
        }
        if let Some(further) = further {
            let indent = entry
                .continuations
                .iter()
                .map(|index| &self.lines[*index])
                .find(|line| !line.is_blank())
                .map_or_else(
                    || format!("{}\t", line::indent(&old.text)),
                    |line| line::indent(&line.text).to_owned(),
                );
            let after = entry.line + 1;
            lines.splice(after..after, self.further_lines(further, &indent, old.ending));
        }
        lines
    }

    /// The lines of a value below its first; a blank one gets no indentation.
    fn further_lines(&self, text: &str, indent: &str, ending: Ending) -> Vec<Line> {
        let ending = ending.or(line::usual_ending(&self.lines));
        text.split('\n')
            .map(|text| match text {
                "" => Line::new("", ending),
                _ => Line::new(format!("{indent}{text}"), ending),
            })
            .collect()
    }

    fn with_option(&self, intent: Intent<'_>, value: &str) -> Vec<Line> {
        let last = self
            .model
            .entries
            .iter()
            .rfind(|entry| entry.section == intent.section);
        let header = self
            .model
            .headers
            .iter()
            .rfind(|header| header.section == intent.section);
        let (above, indent, delimiter) = match (last, header) {
            (Some(entry), _) => {
                let text = &self.lines[entry.line].text;
                (entry.last_line(), line::indent(text), delimiter_like(text))
            }
            // What follows is a header, and must not be indented deeper than the new option.
            (None, Some(header)) => {
                let next = self.model.headers.iter().find(|next| next.line > header.line);
                let indent = next.map_or("", |next| line::indent(&self.lines[next.line].text));
                (header.line, indent, " = ")
            }
            (None, None) => (0, "", " = "),
        };
        let ending = self.lines[above].ending;
        let text = format!("{indent}{}{delimiter}{value}", intent.option);
        let mut lines = self.lines.clone();
        lines.splice(above + 1..above + 1, self.option_lines(&text, indent, ending));
        lines
    }

    fn with_section(&self, intent: Intent<'_>, value: &str) -> Vec<Line> {
        let ending = line::usual_ending(&self.lines);
        let mut lines = self.lines.clone();
        if lines.last().is_some_and(|last| !last.is_blank()) {
            lines.push(Line::new("", ending));
        }
        lines.push(Line::new(format!("[{}]", intent.section), ending));
        lines.extend(self.option_lines(&format!("{} = {value}", intent.option), "", ending));
        lines
    }

    fn option_lines(&self, text: &str, indent: &str, ending: Ending) -> Vec<Line> {
        let usual = line::usual_ending(&self.lines);
        let (first, further) = text.split_once('\n').map_or((text, None), |(a, b)| (a, Some(b)));
        let mut lines = vec![Line::new(first, ending.or(usual))];
        if let Some(further) = further {
            lines.extend(self.further_lines(further, &format!("{indent}\t"), ending));
        }
        lines
    }

    /// Takes over changed lines once reading them again has shown that they mean what was intended.
    fn adopt(&mut self, mut lines: Vec<Line>, intent: Intent<'_>) -> Result<(), IniError> {
        end_as(&mut lines, &self.lines);
        let other_lines = || IniError::OtherLines {
            section: intent.section.to_owned(),
            option: intent.option.to_owned(),
        };
        // What counts is what will be read from the file, so the lines go through their bytes.
        let changed = Self::parse(&bytes_of(&lines, self.marked)).map_err(|_| other_lines())?;
        if !differs_as_intended(self, &changed, intent) {
            return Err(other_lines());
        }
        self.ask_second_reader(&changed, intent)?;
        *self = changed;
        Ok(())
    }

    fn ask_second_reader(&self, changed: &Self, intent: Intent<'_>) -> Result<(), IniError> {
        let value = intent.value.unwrap_or_default();
        if second_reader::shares(intent.section, intent.option, value)
            && second_reader::agrees(self)
            && !second_reader::agrees(changed)
        {
            return Err(IniError::ReadersDisagree {
                section: intent.section.to_owned(),
                option: intent.option.to_owned(),
            });
        }
        Ok(())
    }
}

/// Every option is as before, apart from the intended one.
fn differs_as_intended(before: &IniFile, after: &IniFile, intent: Intent<'_>) -> bool {
    let option = fold(intent.option);
    let is_intended = |(section, name, _): &(&str, &str, &str)| *section == intent.section && *name == option;
    let others = |file: &'_ IniFile| -> Vec<(String, String, String)> {
        file.entries()
            .filter(|entry| !is_intended(entry))
            .map(|(section, name, value)| (section.to_owned(), name.to_owned(), value.to_owned()))
            .collect()
    };
    let sections_kept = before
        .sections()
        .chain(
            Some(intent.section)
                .filter(|section| !before.model.has_section(section) && *section != super::DEFAULT),
        )
        .eq(after.sections());
    sections_kept
        && others(before) == others(after)
        && after
            .model
            .own(intent.section, &option)
            .map(|entry| entry.value.as_str())
            == intent.value
}

/// A file that ended without a final newline, or with one, still does.
fn end_as(lines: &mut [Line], before: &[Line]) {
    let usual = line::usual_ending(before);
    let final_newline = before.last().is_none_or(|line| line.ending != Ending::Missing);
    if let Some((last, others)) = lines.split_last_mut() {
        for line in others {
            line.ending = line.ending.or(usual);
        }
        last.ending = if final_newline {
            last.ending.or(usual)
        } else {
            Ending::Missing
        };
    }
}

/// The delimiter of an option line with at most a space at each side, so that aligned columns do not run on.
fn delimiter_like(text: &str) -> &'static str {
    let Some(pieces) = model::pieces(text) else {
        return " = ";
    };
    let delimiter = pieces.delimiter;
    let before = delimiter.starts_with(line::is_space);
    let after = if pieces.value.is_empty() {
        before || delimiter.ends_with(line::is_space)
    } else {
        delimiter.ends_with(line::is_space)
    };
    match (delimiter.contains(':'), before, after) {
        (false, true, true) => " = ",
        (false, true, false) => " =",
        (false, false, true) => "= ",
        (false, false, false) => "=",
        (true, true, true) => " : ",
        (true, true, false) => " :",
        (true, false, true) => ": ",
        (true, false, false) => ":",
    }
}

fn check_value(intent: Intent<'_>, value: &str) -> Result<(), IniError> {
    let mut lines = value.split('\n');
    let stripped = |text: &str| line::strip(text) == text && !text.contains(['\r', '\0']);
    let readable = lines.next().is_none_or(stripped)
        && lines.all(|text| stripped(text) && !model::is_comment(text))
        && !value.ends_with('\n');
    if readable {
        Ok(())
    } else {
        Err(IniError::Value {
            section: intent.section.to_owned(),
            option: intent.option.to_owned(),
        })
    }
}

fn check_option_name(option: &str) -> Result<(), IniError> {
    let usable = !option.is_empty()
        && line::strip(option) == option
        && !option.contains(['=', ':', '\n', '\r', '\0'])
        && !model::is_comment(option)
        && !option.starts_with('[');
    if usable {
        Ok(())
    } else {
        Err(IniError::OptionName {
            option: option.to_owned(),
        })
    }
}

/// Pythons before 3.10 end a section's name at the first bracket, so a bracket inside is no name for a new one.
fn check_section_name(section: &str) -> Result<(), IniError> {
    if section.is_empty() || section.contains([']', '\n', '\r', '\0']) {
        return Err(IniError::SectionName {
            section: section.to_owned(),
        });
    }
    Ok(())
}
