//! The lines that differ between two versions of a file, for a person to read: secrets masked.

use std::path::{Path, PathBuf};

use similar::{ChangeTag, TextDiff};

use crate::secret::{MASK, mask_text};

/// Unchanged lines shown around a change.
const CONTEXT: usize = 3;

#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum LineKind {
    Context,
    Added,
    Removed,
    /// Unchanged lines were left out here.
    Gap,
}

#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Line {
    pub kind: LineKind,
    pub text: String,
}

/// What becomes of a file as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Change {
    Created,
    Edited,
    Removed,
    Unchanged,
}

#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct FileDiff {
    pub path: PathBuf,
    pub change: Change,
    pub lines: Vec<Line>,
}

impl FileDiff {
    /// Compares two versions; `None` is a missing file. `secrets` are values to mask beside those that can be
    /// recognised in any text.
    pub fn between(path: &Path, before: Option<&[u8]>, after: Option<&[u8]>, secrets: &[&str]) -> Self {
        let change = match (before, after) {
            (None, Some(_)) => Change::Created,
            (Some(_), None) => Change::Removed,
            (before, after) if before == after => Change::Unchanged,
            _ => Change::Edited,
        };
        let text = |bytes: Option<&[u8]>| {
            let mut text = String::from_utf8_lossy(bytes.unwrap_or_default()).into_owned();
            for secret in secrets.iter().filter(|secret| !secret.is_empty()) {
                text = text.replace(secret, MASK);
            }
            mask_text(&text)
        };
        let lines = if change == Change::Unchanged {
            Vec::new()
        } else {
            lines(&text(before), &text(after))
        };
        Self {
            path: path.to_owned(),
            change,
            lines,
        }
    }

    /// [`FileDiff::between`] of two versions that differ, though perhaps in their secrets alone, which are masked already.
    pub fn of_versions(path: &Path, before: Option<&[u8]>, after: Option<&[u8]>) -> Self {
        let mut diff = Self::between(path, before, after, &[]);
        if diff.change == Change::Unchanged {
            diff.change = Change::Edited;
        }
        diff
    }

    /// The diff in the usual notation of a terminal.
    pub fn to_text(&self) -> String {
        let mut text = String::new();
        for line in &self.lines {
            text.push_str(match line.kind {
                LineKind::Context => "  ",
                LineKind::Added => "+ ",
                LineKind::Removed => "- ",
                LineKind::Gap => "  ...",
            });
            text.push_str(&line.text);
            text.push('\n');
        }
        text
    }
}

fn lines(before: &str, after: &str) -> Vec<Line> {
    let diff = TextDiff::from_lines(before, after);
    let mut lines = Vec::new();
    for (index, group) in diff.grouped_ops(CONTEXT).iter().enumerate() {
        if index > 0 {
            lines.push(Line {
                kind: LineKind::Gap,
                text: String::new(),
            });
        }
        for change in group.iter().flat_map(|operation| diff.iter_changes(operation)) {
            lines.push(Line {
                kind: match change.tag() {
                    ChangeTag::Equal => LineKind::Context,
                    ChangeTag::Insert => LineKind::Added,
                    ChangeTag::Delete => LineKind::Removed,
                },
                text: change.value().trim_end_matches(['\n', '\r']).to_owned(),
            });
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_what_changes_and_hides_what_is_secret() {
        let diff = FileDiff::between(
            Path::new("x"),
            Some(b"a: 1\nb: https://h/t/abc123/c\ntoken = topsecret\n"),
            Some(b"a: 2\nb: https://h/t/abc123/c\ntoken = newsecret\n"),
            &["topsecret", "newsecret"],
        );
        assert_eq!(
            diff.to_text(),
            "- a: 1\n+ a: 2\n  b: https://h/t/••••/c\n  token = ••••\n"
        );
        assert_eq!(diff.change, Change::Edited);
    }

    #[test]
    fn missing_files_are_created_and_removed() {
        let created = FileDiff::between(Path::new("x"), None, Some(b"a: 1"), &[]);
        assert_eq!(
            (created.change, created.to_text().as_str()),
            (Change::Created, "+ a: 1\n")
        );
        let removed = FileDiff::between(Path::new("x"), Some(b"a: 1"), None, &[]);
        assert_eq!(removed.change, Change::Removed);
    }
}
