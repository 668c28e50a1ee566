//! Keys and values of `.condarc` and of anaconda-client's file.

use super::{Completion, value};
use crate::conda::setting::{Key, Shape};
use crate::service::configuration::{ConfigurationFile, KnownKey, ValueForm, known_key, known_keys};

/// The word before the place, and what could stand there.
pub(super) fn proposals(
    file: ConfigurationFile,
    text: &str,
    line: usize,
    before: &str,
) -> (String, Vec<Completion>) {
    let lines: Vec<&str> = text.lines().collect();
    let indent = indent_of(before);
    let content = before.trim_start();
    if content.starts_with('#') {
        return (String::new(), Vec::new());
    }
    if let Some(at) = before.rfind(" #") {
        let marks = match file {
            ConfigurationFile::Conda => marks(content),
            _ => Vec::new(),
        };
        return (before[at + 1..].to_owned(), marks);
    }
    let parents = parents(&lines, line, indent);
    if let Some(rest) = content.strip_prefix('-') {
        return (rest.trim_start().to_owned(), items(file, &parents, &lines));
    }
    match content.split_once(':') {
        None => {
            let indent_before = " ".repeat(indent);
            (
                content.to_owned(),
                keys(file, &parents, &lines, line, &indent_before),
            )
        }
        Some((name, typed)) if typed.is_empty() || typed.starts_with(' ') => {
            let row: Vec<&str> = parents.iter().copied().chain([name.trim()]).collect();
            (typed.trim_start().to_owned(), values(file, &row))
        }
        Some(_) => (String::new(), Vec::new()),
    }
}

fn indent_of(line: &str) -> usize {
    line.chars().take_while(|c| *c == ' ').count()
}

/// The names of the maps that a line of this indentation stands in, outermost first.
fn parents<'t>(lines: &[&'t str], line: usize, indent: usize) -> Vec<&'t str> {
    let mut parents = Vec::new();
    let mut within = indent;
    for above in lines.iter().take(line).rev() {
        let content = above.trim_start();
        if content.is_empty() || content.starts_with('#') {
            continue;
        }
        let own = indent_of(above);
        // The items of a list may stand as far left as its name.
        let is_name_of_items =
            own == within && !content.starts_with('-') && content.trim_end().ends_with(':');
        let here = lines
            .get(line)
            .is_some_and(|line| line.trim_start().starts_with('-'));
        if (own < within || is_name_of_items && here && parents.is_empty())
            && let Some((name, _)) = content.split_once(':').filter(|_| !content.starts_with('-'))
        {
            parents.push(name.trim());
            within = own;
        }
        if own == 0 && within == 0 {
            break;
        }
    }
    parents.reverse();
    parents
}

fn keys(
    file: ConfigurationFile,
    parents: &[&str],
    lines: &[&str],
    line: usize,
    indent: &str,
) -> Vec<Completion> {
    match (file, parents) {
        (_, []) => {
            let there: Vec<&str> = lines
                .iter()
                .enumerate()
                .filter(|(at, content)| *at != line && !content.starts_with([' ', '#', '-']))
                .filter_map(|(_, content)| content.split_once(':'))
                .map(|(name, _)| name.trim())
                .collect();
            known_keys(file)
                .iter()
                .filter(|known| {
                    !there.contains(&known.name) && !known.aliases.iter().any(|alias| there.contains(alias))
                })
                .map(|known| key(known, indent))
                .collect()
        }
        (ConfigurationFile::Conda, ["proxy_servers"]) => ["http", "https", "all", "no_proxy"]
            .into_iter()
            .map(|name| entry(name, "The proxy for addresses of this scheme."))
            .collect(),
        (ConfigurationFile::Conda, ["custom_multichannels"]) => {
            vec![entry(
                "defaults",
                "What the name defaults stands for; prevails over default_channels.",
            )]
        }
        (ConfigurationFile::Conda, ["channel_settings"]) => vec![
            entry("channel", "The channel by name, address or pattern."),
            entry("auth", "The plugin that signs in to it."),
            entry("exclude_newer", "Leave out what is newer in this channel."),
        ],
        (ConfigurationFile::AnacondaClient, ["sites", _]) => {
            ["url", "ssl_verify", "auto_register", "upload_user"]
                .into_iter()
                .filter_map(|name| Some(entry(name, known_key(file, name)?.documentation)))
                .collect()
        }
        _ => Vec::new(),
    }
}

fn entry(name: &str, documentation: &str) -> Completion {
    Completion {
        label: name.to_owned(),
        insert: format!("{name}: "),
        documentation: documentation.to_owned(),
    }
}

fn key(known: &KnownKey, indent: &str) -> Completion {
    let is_list = |form| matches!(form, ValueForm::List);
    Completion {
        label: known.name.to_owned(),
        insert: match known.form {
            form if is_list(form) => format!("{}:\n{indent}  - ", known.name),
            ValueForm::Map => format!("{}:\n{indent}  ", known.name),
            _ => format!("{}: ", known.name),
        },
        documentation: described(known),
    }
}

/// The documentation with the default.
fn described(known: &KnownKey) -> String {
    match &known.default {
        Some(default) if !default.is_empty() => format!("{} Default: {default}.", known.documentation),
        _ => known.documentation.to_owned(),
    }
}

fn values(file: ConfigurationFile, row: &[&str]) -> Vec<Completion> {
    let name = match (file, row) {
        (_, [name]) => name,
        (ConfigurationFile::AnacondaClient, ["sites", _, name]) => name,
        _ => return Vec::new(),
    };
    let Some(known) = known_key(file, name) else {
        return Vec::new();
    };
    let words: &[&str] = match known.form {
        ValueForm::Switch => &["true", "false"],
        ValueForm::Word(words) => words,
        _ => &[],
    };
    let mut proposals: Vec<Completion> = words
        .iter()
        .map(|word| value(word, known.documentation))
        .collect();
    let default = known
        .default
        .as_deref()
        .filter(|default| !words.contains(default) && !default.is_empty());
    if let (Some(default), false) = (default, matches!(known.form, ValueForm::List | ValueForm::Map)) {
        proposals.push(value(default, "The default."));
    }
    proposals
}

fn items(file: ConfigurationFile, parents: &[&str], lines: &[&str]) -> Vec<Completion> {
    let (ConfigurationFile::Conda, [name]) = (file, parents) else {
        return Vec::new();
    };
    let Some(key) = Key::named(name).filter(|key| key.shape() == Shape::List) else {
        return if Key::named(name) == Some(Key::ChannelSettings) {
            vec![entry("channel", "The channel by name, address or pattern.")]
        } else {
            Vec::new()
        };
    };
    let there = |item: &str| lines.iter().any(|line| line.trim() == format!("- {item}"));
    let named: &[(&str, &str)] = match key {
        Key::Channels => &[
            ("defaults", "The channels of default_channels."),
            ("conda-forge", "The public channel of the community."),
            ("local", "What conda-build made on this machine."),
            (
                "nodefaults",
                "For files of environments: leave the default channels out.",
            ),
        ],
        Key::AllowlistChannels | Key::DenylistChannels => &[
            ("defaults", "The channels of default_channels."),
            ("local", "What conda-build made on this machine."),
        ],
        _ => &[],
    };
    let mut proposals: Vec<Completion> = named
        .iter()
        .filter(|(item, _)| !there(item))
        .map(|(item, documentation)| value(item, documentation))
        .collect();
    if let crate::conda::setting::Preset::Items(items) = key.definition().preset {
        let fresh = items.iter().filter(|item| !there(item));
        proposals.extend(fresh.map(|item| value(item, "Among the defaults.")));
    }
    proposals
}

/// What a comment can tell conda.
fn marks(content: &str) -> Vec<Completion> {
    if content.starts_with('-') {
        return vec![
            value("#!top", "This item comes first when files are joined."),
            value("#!bottom", "This item comes last when files are joined."),
        ];
    }
    vec![value(
        "#!final",
        "No file, variable or person of higher precedence can change this; no comment may stand on the line below.",
    )]
}
