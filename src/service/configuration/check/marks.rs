//! Marks such as `#!final` that conda does not see (repository reference, section 3.2).

use super::{Finding, Span};
use crate::edit::yaml::{Flag, YamlFile};

/// A comment that looks like a mark.
struct Comment<'t> {
    span: Span,
    text: &'t str,
    meant: Flag,
}

/// Every mark that has no effect, and why.
pub(super) fn marks_without_effect(file: &YamlFile, text: &str) -> Vec<Finding> {
    // Most files have none, and then nothing more is looked at.
    let lines: Vec<&str> = text.lines().collect();
    let comments: Vec<Comment<'_>> = lines
        .iter()
        .enumerate()
        .filter_map(|(at, line)| comment_on(at + 1, line))
        .collect();
    if comments.is_empty() {
        return Vec::new();
    }
    let mut seen: Vec<(usize, Flag, Place)> = Vec::new();
    collect(file, 0, Place::Key, &mut seen);
    comments
        .into_iter()
        .filter_map(|comment| about(&comment, &lines, &seen))
        .collect()
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Key,
    Item,
    /// A name inside a map.
    Name,
}

/// The marks that conda sees, by the line they stand on.
fn collect(file: &YamlFile, above: usize, place: Place, seen: &mut Vec<(usize, Flag, Place)>) {
    for key in file.keys() {
        let Some(line) = file.line_of(key) else { continue };
        if let Some(flag) = file.flag(key) {
            seen.push((above + line, flag, place));
        }
        let item_lines = file.item_lines(key);
        for (flag, line) in file.item_flags(key).into_iter().zip(item_lines) {
            if let Some(flag) = flag {
                seen.push((above + line, flag, Place::Item));
            }
        }
        if let Some((first, nested)) = file.nested_with_line(key) {
            collect(&nested, above + first - 1, Place::Name, seen);
        }
    }
}

/// A trailing comment that looks like a mark.
fn comment_on(line: usize, content: &str) -> Option<Comment<'_>> {
    let at = content.match_indices('#').map(|(at, _)| at).find(|at| {
        let before = &content[..*at];
        before.ends_with([' ', '\t']) && !before.trim_start().is_empty() && quotes_are_closed(before)
    })?;
    let text = content[at..].trim_end();
    let word = text.trim_matches(['#', '!', ' ', '\t']);
    let first = word
        .split_whitespace()
        .next()?
        .trim_matches(['#', '!', ':', ',', '.']);
    // Without an exclamation mark only the bare word is meant as a mark: "# final version" is a remark.
    if !text.contains('!') && word != first {
        return None;
    }
    let meant = match first.to_lowercase().as_str() {
        "final" => Flag::Final,
        "top" => Flag::Top,
        "bottom" => Flag::Bottom,
        _ => return None,
    };
    Some(Comment {
        span: Span {
            line,
            column: content[..at].chars().count() + 1,
            length: text.chars().count(),
        },
        text,
        meant,
    })
}

fn quotes_are_closed(text: &str) -> bool {
    text.matches('"').count().is_multiple_of(2) && text.matches('\'').count().is_multiple_of(2)
}

fn about(comment: &Comment<'_>, lines: &[&str], seen: &[(usize, Flag, Place)]) -> Option<Finding> {
    let name = match comment.meant {
        Flag::Final => "final",
        Flag::Top => "top",
        Flag::Bottom => "bottom",
    };
    let effective = seen
        .iter()
        .find(|(line, flag, _)| *line == comment.span.line && *flag == comment.meant);
    if let Some((_, _, place)) = effective {
        let useless = match (comment.meant, place) {
            (Flag::Final, Place::Item) => Some((
                "final means nothing on an item of a list",
                "put #!final behind the list's name",
            )),
            (Flag::Top | Flag::Bottom, Place::Key | Place::Name) => {
                Some(("this mark means nothing here", "put it behind an item of a list"))
            }
            _ => None,
        };
        return useless.map(|(message, remedy)| comment.span.warning(message, remedy));
    }
    let spelled = comment.text.trim_matches(['#', '!']);
    if spelled != name {
        return Some(comment.span.warning(
            "conda does not take this for a mark: it must read exactly so",
            format!("write #!{name}, with nothing else behind it"),
        ));
    }
    let below = lines
        .iter()
        .skip(comment.span.line)
        .find(|line| !line.trim().is_empty());
    let killed = below.is_some_and(|line| line.trim_start().starts_with('#'));
    Some(match killed {
        true => comment.span.warning(
            format!("the comment below takes #!{name} away: conda reads both as one"),
            "move that comment above this line",
        ),
        false => comment.span.warning(
            "conda does not see this mark here",
            "put it behind the name of the setting, or behind an item of a list that stands on a line of its own",
        ),
    })
}
