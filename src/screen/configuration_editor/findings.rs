//! What is wrong with the text, and the way from one such place to the next.

use crate::screen::shown::sentence;
use crate::service::configuration::{ConfigurationFile, Finding, Severity, check_text};
use crate::ui::code_editor::{Caret, Mark};
use crate::ui::style::Tone;

use super::Step;

/// What is said about a text, in the order of the lines.
#[derive(Debug, Default)]
pub(super) struct Findings {
    found: Vec<Finding>,
    pub marks: Vec<Mark>,
}

impl Findings {
    pub fn of(file: ConfigurationFile, text: &str) -> Self {
        let mut found = check_text(file, text);
        // What is missing at the end may be told of a line behind the last.
        let last = text.matches('\n').count() + 1;
        for finding in &mut found {
            finding.line = finding.line.clamp(1, last);
        }
        let marks = found.iter().map(mark).collect();
        Self { found, marks }
    }

    pub fn has_errors(&self) -> bool {
        self.count(Severity::Error) > 0
    }

    pub fn first_error(&self) -> Option<Caret> {
        let is_error = |finding: &&Finding| finding.severity == Severity::Error;
        self.found.iter().find(is_error).map(place)
    }

    fn count(&self, severity: Severity) -> usize {
        self.found
            .iter()
            .filter(|finding| finding.severity == severity)
            .count()
    }

    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// "2 errors, 1 warning".
    pub fn summary(&self) -> String {
        let kinds = [
            (Severity::Error, "error"),
            (Severity::Warning, "warning"),
            (Severity::Hint, "hint"),
        ];
        let parts: Vec<String> = kinds
            .into_iter()
            .filter_map(|(severity, name)| match self.count(severity) {
                0 => None,
                1 => Some(format!("1 {name}")),
                count => Some(format!("{count} {name}s")),
            })
            .collect();
        parts.join(", ")
    }

    /// What is said about the line of the caret, the worst first.
    pub fn at(&self, caret: Caret) -> Option<(usize, Tone, String)> {
        let here = self
            .found
            .iter()
            .filter(|finding| place(finding).line == caret.line);
        let worst = here.max_by_key(|finding| finding.severity)?;
        Some((worst.line, tone(worst.severity), words(worst)))
    }

    /// The next or previous place seen from the caret, going round at the end.
    pub fn from(&self, caret: Caret, step: Step) -> Option<Caret> {
        let places = self.found.iter().map(place);
        match step {
            Step::Next => places.clone().find(|place| *place > caret).or(places.min()),
            Step::Previous => places.clone().rev().find(|place| *place < caret).or(places.max()),
        }
    }
}

fn place(finding: &Finding) -> Caret {
    Caret {
        line: finding.line.saturating_sub(1),
        column: finding.column.saturating_sub(1),
    }
}

fn tone(severity: Severity) -> Tone {
    match severity {
        Severity::Error => Tone::Bad,
        Severity::Warning => Tone::Warning,
        Severity::Hint => Tone::Info,
    }
}

fn words(finding: &Finding) -> String {
    let mut message = sentence(&finding.message);
    let Some(remedy) = finding.remedy.as_deref().and_then(here) else {
        return message;
    };
    if !message.ends_with(['.', '!', '?', ':', ')']) {
        message.push('.');
    }
    format!("{message} {}", sentence(&remedy))
}

/// The remedy for somebody who is in a text editor, at the line, already.
fn here(remedy: &str) -> Option<String> {
    let remedy = remedy.replace(" in a text editor", "");
    (!remedy.starts_with("Correct line ")).then_some(remedy)
}

fn mark(finding: &Finding) -> Mark {
    let Caret { line, column } = place(finding);
    Mark {
        line,
        columns: column..column + finding.length,
        tone: tone(finding.severity),
        words: words(finding),
    }
}
