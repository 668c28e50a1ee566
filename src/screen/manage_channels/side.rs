//! What stands beside the table: the channel under the cursor, what the draft would change, and what there is to know.

use iced::widget::{Column, column, space};
use iced::{Element, Fill, Padding};

use super::arranging::Edit;
use super::draft::{CheckState, Row};
use super::editor::Editor;
use super::{ManageChannels, Message, page, table};
use crate::edit::diff::{self, FileDiff};
use crate::error::{Kind, Problem};
use crate::screen::shown;
use crate::service::manage_channels::{Access, Caution, CautionKind, CheckedAddress};
use crate::ui::diff_view::{Diff, DiffLine, LineKind, diff_view};
use crate::ui::facts::{Fact, facts};
use crate::ui::style::{self, Tone};
use crate::ui::{button, spacing, text};

/// Width of the pane beside the table.
pub(super) const WIDTH: f32 = 300.0;
/// Room for the ring around what has the focus, and for the scroll bar, where the pane scrolls by itself.
pub(super) const AROUND: Padding = Padding {
    top: 4.0,
    right: 12.0,
    bottom: 4.0,
    left: 4.0,
};
/// Lines of one file that are shown; a longer change is summed up.
const MOST_LINES: usize = 60;
/// Packages that are named; the rest is counted.
const MOST_PACKAGES: usize = 8;

pub(super) fn view<'a>(page: &'a ManageChannels, editor: &'a Editor) -> Element<'a, Message> {
    let mut parts: Vec<Element<'a, Message>> = vec![page::priority(editor)];
    let (grave, others): (Vec<&Caution>, Vec<&Caution>) = editor
        .cautions
        .iter()
        .partition(|caution| tone_of(caution) == Tone::Bad);
    // What is wrong comes before everything else.
    parts.extend(cautions(&grave, None));
    if let Some(row) = editor.selected().and_then(|position| editor.draft.row(position)) {
        parts.push(details(page, editor, row));
    }
    parts.extend(changes(editor));
    parts.extend(cautions(&others, Some("To know")));
    parts.push(space().height(0).into());
    Column::with_children(parts)
        .spacing(spacing::L)
        .width(Fill)
        .into()
}

/// The channel under the cursor.
fn details<'a>(page: &'a ManageChannels, editor: &'a Editor, row: &'a Row) -> Element<'a, Message> {
    let channel = &row.channel;
    let entry = channel.entry.to_string();
    let mut all = Vec::new();
    for address in &channel.addresses {
        all.push(Fact::new("Leads to", address.clone()));
    }
    let names: Vec<&String> = channel
        .canonical_names
        .iter()
        .filter(|name| **name != entry && !channel.addresses.contains(name))
        .collect();
    if let [name] = names.as_slice() {
        all.push(Fact::new("Shown as", (*name).clone()));
    }
    all.push(Fact::new("Stands in", table::place(row, &page.home)));
    let checked = match &row.check {
        CheckState::Answered(checked) => checked.addresses.as_slice(),
        CheckState::Unasked | CheckState::Asking(_) => &[],
    };
    if let [one] = checked {
        all.push(Fact::new("Answer", answer(one)).tone(table::tone(&one.state)));
    }
    let mut parts = column![text::heading(entry), facts(all)].spacing(spacing::S);
    for address in checked {
        if let Some(problem) = &address.problem {
            let tone = table::tone(&address.state);
            parts = parts.push(Element::from(shown::toned(
                if tone == Tone::Neutral { Tone::Info } else { tone },
                problem,
            )));
        }
    }
    if let Some(reason) = channel.freedom.reason() {
        parts = parts.push(text::small(reason.to_owned()).style(style::muted));
    }
    if channel.has_secret && channel.freedom.is_movable() {
        let move_token = button::secondary("Move the token out of the file")
            .id("manage-move-token")
            .on_press_maybe((!editor.is_applying()).then_some(Message::Edit(Edit::TokenPressed(row.id))));
        parts = parts.push(move_token);
    }
    parts.width(Fill).into()
}

fn answer(checked: &CheckedAddress) -> String {
    let mut words = vec![checked.state.word().to_owned()];
    if checked.state.is_good() {
        match checked.access {
            Access::Open => words.push("open to everybody".to_owned()),
            Access::Closed => words.push("private".to_owned()),
            Access::Unknown => {}
        }
        if checked.mirror {
            words.push("a mirror".to_owned());
        }
        words.extend(checked.artifacts.map(|count| match count {
            1 => "1 package file".to_owned(),
            count => format!("{count} package files"),
        }));
    }
    words.join(", ")
}

/// What the draft would change in the files.
fn changes(editor: &Editor) -> Option<Element<'_, Message>> {
    let changes = &editor.changes;
    if let Some(problem) = &changes.problem {
        return Some(shown::problem(problem).into());
    }
    if changes.diffs.is_empty() && changes.warnings.is_empty() {
        return None;
    }
    let mut parts = column![text::heading("What Apply changes")].spacing(spacing::S);
    for diff in &changes.diffs {
        parts = parts.push(diff_view(diff));
    }
    for warning in shown::warnings(&changes.warnings) {
        parts = parts.push(warning);
    }
    Some(parts.into())
}

fn cautions<'a>(cautions: &[&'a Caution], heading: Option<&'a str>) -> Option<Element<'a, Message>> {
    if cautions.is_empty() {
        return None;
    }
    let banners = cautions.iter().map(|one| caution(one));
    Some(
        column![
            heading.map(text::heading),
            Column::with_children(banners).spacing(spacing::S)
        ]
        .spacing(spacing::S)
        .into(),
    )
}

fn tone_of(caution: &Caution) -> Tone {
    match caution.kind {
        CautionKind::Shadowed | CautionKind::Refused => Tone::Bad,
        CautionKind::Secret
        | CautionKind::PlainHttp
        | CautionKind::SourceLost
        | CautionKind::SourceChanged
        | CautionKind::SignedOut
        | CautionKind::NoChannels => Tone::Warning,
        CautionKind::Twice
        | CautionKind::PartOfDefaults
        | CautionKind::DefaultsUnused
        | CautionKind::NoEffect => Tone::Info,
    }
}

fn caution(caution: &Caution) -> Element<'_, Message> {
    let packages = named(&caution.packages);
    let cause: Vec<String> = [caution.cause.clone(), packages].into_iter().flatten().collect();
    // The kind of a problem is of no interest here: it is shown, and not acted upon.
    let mut problem = Problem::new(Kind::Conflict, caution.message.clone());
    if !cause.is_empty() {
        problem = problem.because(cause.join(". "));
    }
    if let Some(remedy) = &caution.remedy {
        problem = problem.remedy(remedy.clone());
    }
    shown::toned(tone_of(caution), &problem).into()
}

/// The first packages by name, the rest counted.
fn named(packages: &[String]) -> Option<String> {
    let first: Vec<&str> = packages.iter().take(MOST_PACKAGES).map(String::as_str).collect();
    match packages.len() {
        0 | 1 => None,
        count if count > MOST_PACKAGES => Some(format!(
            "It is about {} and {} more",
            first.join(", "),
            count - MOST_PACKAGES
        )),
        _ => Some(format!("It is about {}", first.join(", "))),
    }
}

/// A file's change as the design system draws it.
pub(super) fn drawn(diff: &FileDiff) -> Diff {
    let line = |line: &diff::Line| match line.kind {
        diff::LineKind::Added => DiffLine::new(LineKind::Added, line.text.clone()),
        diff::LineKind::Removed => DiffLine::new(LineKind::Removed, line.text.clone()),
        diff::LineKind::Context => DiffLine::new(LineKind::Context, line.text.clone()),
        diff::LineKind::Gap => DiffLine::new(LineKind::Gap, "…"),
    };
    let mut lines: Vec<DiffLine> = diff.lines.iter().take(MOST_LINES).map(line).collect();
    let rest = diff.lines.len().saturating_sub(MOST_LINES);
    if rest > 0 {
        lines.push(DiffLine::new(LineKind::Gap, format!("{rest} more lines")));
    }
    let name = diff.path.file_name().unwrap_or(diff.path.as_os_str());
    let name = name.to_string_lossy();
    let path = match diff
        .path
        .extension()
        .is_some_and(|extension| extension == "token")
    {
        true => "the token store".to_owned(),
        false => name.into_owned(),
    };
    Diff { path, lines }
}
