//! What the choice will change in `.condarc`, as the parent finds out.

use std::path::Path;

use crate::edit::diff::{self, FileDiff};
use crate::error::Problem;
use crate::service::plan::Warning;
use crate::ui::diff_view::{Diff, DiffLine, LineKind};

use super::rows::grouped;

/// Lines of one file that are shown; a longer change is summed up.
const MOST_LINES: usize = 80;

/// The answer to a question for a preview.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Preview {
    /// Files that stay as they are left out.
    pub diffs: Vec<FileDiff>,
    pub warnings: Vec<Warning>,
}

/// What is shown below the order.
#[derive(Debug, Default)]
pub(super) enum Shown {
    #[default]
    Nothing,
    Changes {
        diffs: Vec<Diff>,
        warnings: Vec<Warning>,
    },
    Problem(Problem),
}

/// The last question, and the last answer, which stays until the next one.
#[derive(Debug, Default)]
pub(super) struct PreviewState {
    asked: Option<u64>,
    shown: Shown,
}

impl PreviewState {
    pub fn shown(&self) -> &Shown {
        &self.shown
    }

    pub fn ask(&mut self, key: u64) {
        self.asked = Some(key);
    }

    /// There is nothing to preview.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// Takes the answer in, unless another question has been asked since.
    pub fn answer(&mut self, key: u64, outcome: Result<Preview, Problem>) {
        if self.asked != Some(key) {
            return;
        }
        self.asked = None;
        self.shown = match outcome {
            Ok(preview) => Shown::Changes {
                diffs: preview.diffs.iter().map(drawn).collect(),
                warnings: preview.warnings,
            },
            Err(problem) => Shown::Problem(problem),
        };
    }
}

/// A file's change as the design system draws it.
fn drawn(diff: &FileDiff) -> Diff {
    let line = |line: &diff::Line| match line.kind {
        diff::LineKind::Added => DiffLine::new(LineKind::Added, line.text.clone()),
        diff::LineKind::Removed => DiffLine::new(LineKind::Removed, line.text.clone()),
        diff::LineKind::Context => DiffLine::new(LineKind::Context, line.text.clone()),
        diff::LineKind::Gap => DiffLine::new(LineKind::Gap, "…"),
    };
    let mut lines: Vec<DiffLine> = diff.lines.iter().take(MOST_LINES).map(line).collect();
    let rest = diff.lines.len().saturating_sub(MOST_LINES);
    if rest > 0 {
        lines.push(DiffLine::new(
            LineKind::Gap,
            format!("{} more lines", grouped(rest as u64, ',')),
        ));
    }
    Diff {
        path: short_name(&diff.path),
        lines,
    }
}

/// The file's own name, which is what a person calls it.
fn short_name(path: &Path) -> String {
    path.file_name()
        .unwrap_or(path.as_os_str())
        .to_string_lossy()
        .into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Kind;

    fn preview(lines: usize) -> Preview {
        let after = "line\n".repeat(lines);
        Preview {
            diffs: vec![FileDiff::between(
                Path::new("/home/alice/.condarc"),
                None,
                Some(after.as_bytes()),
                &[],
            )],
            warnings: Vec::new(),
        }
    }

    #[test]
    fn only_the_last_question_is_answered_and_the_old_answer_stays_until_then() {
        let mut state = PreviewState::default();
        state.ask(3);
        state.answer(3, Ok(preview(1)));
        state.ask(4);
        state.ask(5);
        state.answer(4, Err(Problem::new(Kind::File, "late")));
        assert!(matches!(state.shown(), Shown::Changes { .. }));
        state.answer(5, Err(Problem::new(Kind::File, "the file cannot be read")));
        assert!(matches!(state.shown(), Shown::Problem(_)));
        state.answer(5, Ok(preview(1)));
        assert!(
            matches!(state.shown(), Shown::Problem(_)),
            "an answer counts once"
        );
        state.ask(6);
        state.clear();
        state.answer(6, Ok(preview(1)));
        assert!(matches!(state.shown(), Shown::Nothing));
    }

    #[test]
    fn a_long_change_is_summed_up() {
        let diff = drawn(&preview(2500).diffs[0]);
        assert_eq!(diff.path, ".condarc");
        assert_eq!(diff.lines.len(), MOST_LINES + 1);
        assert_eq!(diff.lines[MOST_LINES].text, "2,420 more lines");
        assert_eq!(drawn(&preview(3).diffs[0]).lines.len(), 3);
    }
}
