//! What is wrong with a text, as one types.

mod anaconda_client;
mod conda;
mod ini;
mod marks;
mod navigator;
mod pip;
mod yaml;

use super::ConfigurationFile;
use super::value::is_reference;
use crate::secret::find_in_text;

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Good to know.
    Hint,
    /// It has another effect than it seems, or none.
    Warning,
    /// The program stops at the file, or ignores it. Such a text is not saved.
    Error,
}

/// Something in a text that a person should know. Holds no secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// From 1.
    pub line: usize,
    /// In characters, from 1.
    pub column: usize,
    /// How many characters it is about, all on this line; 0 where that is not known.
    pub length: usize,
    pub message: String,
    pub remedy: Option<String>,
    pub severity: Severity,
}

/// Where a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Span {
    line: usize,
    column: usize,
    length: usize,
}

impl Span {
    /// The whole of a line, without the white space around it.
    fn of_line(text: &str, line: usize) -> Self {
        let content = text.lines().nth(line.saturating_sub(1)).unwrap_or_default();
        let indent = content.len() - content.trim_start().len();
        Self {
            line,
            column: content[..indent].chars().count() + 1,
            length: content.trim().chars().count(),
        }
    }

    fn finding(self, severity: Severity, message: impl Into<String>, remedy: impl Into<String>) -> Finding {
        let remedy: String = remedy.into();
        Finding {
            line: self.line,
            column: self.column,
            length: self.length,
            message: message.into(),
            remedy: (!remedy.is_empty()).then_some(remedy),
            severity,
        }
    }

    fn error(self, message: impl Into<String>, remedy: impl Into<String>) -> Finding {
        self.finding(Severity::Error, message, remedy)
    }

    fn warning(self, message: impl Into<String>, remedy: impl Into<String>) -> Finding {
        self.finding(Severity::Warning, message, remedy)
    }

    fn hint(self, message: impl Into<String>, remedy: impl Into<String>) -> Finding {
        self.finding(Severity::Hint, message, remedy)
    }
}

/// What is wrong with the text of a file, in the order of the lines. Pure; meant to be called at every key stroke.
pub fn check_text(file: ConfigurationFile, text: &str) -> Vec<Finding> {
    let mut findings = unreadable(text);
    findings.extend(match file {
        ConfigurationFile::Conda => conda::check(text),
        ConfigurationFile::AnacondaClient => anaconda_client::check(text),
        ConfigurationFile::Navigator => navigator::check(text),
        ConfigurationFile::Pip => pip::check(text),
    });
    findings.extend(secrets_in_clear(file, text));
    findings.sort_by(|a, b| {
        let place = |finding: &Finding| (finding.line, finding.column);
        place(a).cmp(&place(b)).then(b.severity.cmp(&a.severity))
    });
    findings.dedup();
    findings
}

/// What came of bytes that are no text when the file was opened.
fn unreadable(text: &str) -> Vec<Finding> {
    if !text.contains('\u{fffd}') {
        return Vec::new();
    }
    let lines = text.lines().enumerate();
    let lines =
        lines.filter_map(|(at, line)| Some((at + 1, line[..line.find('\u{fffd}')?].chars().count() + 1)));
    lines
        .map(|(line, column)| {
            let span = Span {
                line,
                column,
                length: 1,
            };
            span.error(
                "a character here could not be read: the file was saved in another encoding, or is damaged",
                "write the character anew",
            )
        })
        .collect()
}

/// Tokens and passwords that anybody can read who reads the file.
fn secrets_in_clear(file: ConfigurationFile, text: &str) -> Vec<Finding> {
    let remedy = match file {
        ConfigurationFile::Conda => {
            "sign in, so that it lies in the token store, or write ${VARIABLE} in its place"
        }
        ConfigurationFile::Pip => "keep it in ~/.netrc or the keyring: pip prints it in clear",
        ConfigurationFile::Navigator | ConfigurationFile::AnacondaClient => "sign in instead",
    };
    let mut findings = Vec::new();
    for (at, line) in text.lines().enumerate() {
        if !line.contains("/t/") && !line.contains('@') {
            continue;
        }
        for range in find_in_text(line) {
            let secret = &line[range.clone()];
            if is_reference(secret) || secret.contains('•') {
                continue;
            }
            let what = if secret.contains(':') || line[..range.start].ends_with("://") {
                "a password"
            } else {
                "a token"
            };
            let span = Span {
                line: at + 1,
                column: line[..range.start].chars().count() + 1,
                length: secret.chars().count(),
            };
            findings.push(span.warning(format!("{what} stands here in clear"), remedy));
        }
    }
    findings
}

#[cfg(test)]
mod tests;
