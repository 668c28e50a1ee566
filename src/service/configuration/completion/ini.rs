//! Options and values of Navigator's and pip's files.

use super::{Completion, value};
use crate::clients::pip_settings::normal;
use crate::service::configuration::{ConfigurationFile, KnownKey, ValueForm, known_key, known_keys};

/// The word before the place, and what could stand there.
pub(super) fn proposals(
    file: ConfigurationFile,
    text: &str,
    line: usize,
    before: &str,
) -> (String, Vec<Completion>) {
    let content = before.trim_start();
    if content.starts_with(['#', ';']) {
        return (String::new(), Vec::new());
    }
    if content.starts_with('[') {
        return (content.to_owned(), sections(file, text));
    }
    let section = section_above(text, line);
    match content.split_once(['=', ':']) {
        // An indented line goes on with the value above.
        None if before.starts_with([' ', '\t']) && is_continued(text, line) => (String::new(), Vec::new()),
        None => {
            let mut proposals = options(file, section, text, line);
            if section.is_none() {
                proposals.extend(sections(file, text));
            }
            (content.to_owned(), proposals)
        }
        Some((name, typed)) => {
            let key = format!("{}.{}", section.unwrap_or_default(), name.trim());
            (
                typed.trim_start().to_owned(),
                known_key(file, &key).map_or_else(Vec::new, |known| values(file, known)),
            )
        }
    }
}

fn is_continued(text: &str, line: usize) -> bool {
    let above = text
        .lines()
        .take(line)
        .filter(|line| !line.trim().is_empty())
        .last();
    above.is_some_and(|above| !above.trim_start().starts_with(['[', '#', ';']))
}

fn section_above(text: &str, line: usize) -> Option<&str> {
    text.lines()
        .take(line)
        .filter_map(|line| {
            line.trim()
                .strip_prefix('[')?
                .split_once(']')
                .map(|(name, _)| name)
        })
        .last()
}

fn sections(file: ConfigurationFile, text: &str) -> Vec<Completion> {
    let there = |section: &str| text.lines().any(|line| line.trim() == format!("[{section}]"));
    let named: &[(&str, &str)] = match file {
        ConfigurationFile::Pip => &[
            ("global", "For every command of pip."),
            ("install", "For pip install only."),
            ("download", "For pip download only."),
            ("list", "For pip list only."),
        ],
        _ => &[
            ("main", "Everything but what has a section of its own."),
            ("ssl", "Hosts whose certificates are not checked."),
            ("applications", "Where other programs are."),
            ("internal", "What Navigator keeps for itself."),
        ],
    };
    named
        .iter()
        .filter(|(section, _)| !there(section))
        .map(|(section, documentation)| value(&format!("[{section}]"), documentation))
        .collect()
}

/// The options that can stand here and do not yet.
fn options(file: ConfigurationFile, section: Option<&str>, text: &str, line: usize) -> Vec<Completion> {
    let Some(section) = section else {
        return Vec::new();
    };
    let mut here = None;
    let mut there: Vec<String> = Vec::new();
    for (at, content) in text.lines().enumerate() {
        if let Some((name, _)) = content
            .trim()
            .strip_prefix('[')
            .and_then(|rest| rest.split_once(']'))
        {
            here = Some(name);
        } else if here == Some(section)
            && at != line
            && let Some((name, _)) = content.split_once(['=', ':'])
        {
            there.push(name.trim().to_lowercase());
        }
    }
    let is_there = |known: &KnownKey| match file {
        ConfigurationFile::Pip => there.iter().any(|name| normal(name) == known.option()),
        _ => there.iter().any(|name| name == known.option()),
    };
    known_keys(file)
        .iter()
        .filter(|known| file == ConfigurationFile::Pip || known.section() == Some(section))
        .filter(|known| !is_there(known))
        .map(|known| Completion {
            label: known.option().to_owned(),
            insert: format!("{} = ", known.option()),
            documentation: match &known.default {
                Some(default) if !default.is_empty() => {
                    format!("{} Default: {default}.", known.documentation)
                }
                _ => known.documentation.to_owned(),
            },
        })
        .collect()
}

fn values(file: ConfigurationFile, known: &KnownKey) -> Vec<Completion> {
    let words: &[&str] = match (file, known.form) {
        (ConfigurationFile::Navigator, ValueForm::Switch) => &["True", "False"],
        (ConfigurationFile::Navigator, ValueForm::Address | ValueForm::Path) => &["None"],
        (_, ValueForm::Switch) => &["true", "false"],
        (_, ValueForm::Word(words)) => words,
        _ => &[],
    };
    let mut proposals: Vec<Completion> = words
        .iter()
        .map(|word| value(word, known.documentation))
        .collect();
    let default = known.default.as_deref();
    let default = default.filter(|default| !default.is_empty() && !words.contains(default));
    proposals.extend(default.map(|default| value(default, "The default.")));
    proposals
}
