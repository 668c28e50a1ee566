//! What the files of sections and options have in common.

use super::{Finding, Severity, Span};
use crate::edit::ini::{IniError, IniFile};
use crate::error::Explain;

/// An option as it is written.
pub(super) struct Written<'t> {
    pub section: &'t str,
    /// In small letters.
    pub name: &'t str,
    pub value: &'t str,
    /// Of its name.
    pub span: Span,
    /// Of its value, where that stands on the same line.
    pub value_span: Span,
}

/// Every option of a file that can be read, or what is wrong with it.
pub(super) fn options<'t>(file: &'t IniFile, text: &'t str) -> Vec<Written<'t>> {
    let lines: Vec<&str> = text.lines().collect();
    file.placed_entries()
        .map(|(section, name, value, line)| {
            let content = lines.get(line - 1).copied().unwrap_or_default();
            let indent = content.chars().take_while(|c| c.is_whitespace()).count();
            let delimiter = content.find(['=', ':']).unwrap_or(content.len());
            let behind = content.get(delimiter + 1..).unwrap_or_default();
            let spaces = behind.chars().take_while(|c| c.is_whitespace()).count();
            Written {
                section,
                name,
                value,
                span: Span {
                    line,
                    column: indent + 1,
                    length: name.chars().count(),
                },
                value_span: Span {
                    line,
                    column: content[..delimiter].chars().count() + 2 + spaces,
                    length: behind.trim().chars().count(),
                },
            }
        })
        .collect()
}

/// The error as a finding, told without its line.
pub(super) fn finding_of(text: &str, error: &IniError) -> Finding {
    let line = error.line().unwrap_or(1);
    let problem = error.explain();
    let told = problem.message;
    let message = told
        .strip_prefix(&format!("line {line} "))
        .map_or_else(|| told.clone(), |rest| format!("this line {rest}"));
    let reason = problem
        .cause
        .map_or_else(String::new, |cause| format!(": {cause}"));
    Span::of_line(text, line).finding(
        Severity::Error,
        format!("{message}{reason}"),
        problem.remedy.unwrap_or_default(),
    )
}
