//! Marks such as `#!final` that conda does not see (repository reference, section 3.2).

use std::collections::HashMap;

use super::{Finding, Span};
use crate::edit::yaml::{Flag, FlagPlace, YamlFile};

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
    let on: Vec<usize> = comments.iter().map(|comment| comment.span.line).collect();
    let seen: HashMap<(usize, Flag), FlagPlace> = file
        .flags_on(&on)
        .into_iter()
        .map(|seen| ((seen.line, seen.flag), seen.about))
        .collect();
    comments
        .into_iter()
        .filter_map(|comment| about(&comment, &lines, &seen))
        .collect()
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
    let in_pairs = |quote: char| text.matches(quote).count().is_multiple_of(2);
    in_pairs('"') && in_pairs('\'')
}

fn about(comment: &Comment<'_>, lines: &[&str], seen: &HashMap<(usize, Flag), FlagPlace>) -> Option<Finding> {
    let name = match comment.meant {
        Flag::Final => "final",
        Flag::Top => "top",
        Flag::Bottom => "bottom",
    };
    if let Some(place) = seen.get(&(comment.span.line, comment.meant)) {
        let useless = match (comment.meant, place) {
            (Flag::Final, FlagPlace::Item) => Some((
                "final means nothing on an item of a list",
                "put #!final behind the list's name",
            )),
            (Flag::Top | Flag::Bottom, FlagPlace::Setting | FlagPlace::Name) => {
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
