//! pip's file (repository reference, section 4.2).

use std::collections::HashMap;

use super::ini::{Written, finding_of, options};
use super::{Finding, Guesser, Span};
use crate::clients::pip_settings::{is_list, is_loopback, normal};
use crate::edit::ini::IniFile;
use crate::service::configuration::{ConfigurationFile, KnownKey, ValueForm, known_key, known_keys};

const FILE: ConfigurationFile = ConfigurationFile::Pip;

/// The commands whose sections pip reads beside `[global]`.
const SECTIONS: [&str; 18] = [
    "global",
    "install",
    "download",
    "uninstall",
    "freeze",
    "inspect",
    "list",
    "show",
    "check",
    "config",
    "search",
    "cache",
    "index",
    "wheel",
    "hash",
    "completion",
    "debug",
    "lock",
];

pub(super) fn check(text: &str) -> Vec<Finding> {
    let mut findings = not_ascii(text);
    let file = match IniFile::parse(text.as_bytes()) {
        Ok(file) => file,
        Err(error) => {
            findings.push(finding_of(text, &error));
            return findings;
        }
    };
    let written = options(&file, text);
    let guesser = Guesser::new();
    let mut seen: HashMap<(&str, String), &Written<'_>> = HashMap::new();
    for option in &written {
        if let Some(first) = seen.insert((option.section, normal(option.name)), option) {
            findings.push(option.span.error(
                format!(
                    "{} is the same as {} in line {}, and pip stops at both",
                    option.name, first.name, first.span.line
                ),
                "join the two, or remove one",
            ));
        }
        findings.extend(about(option, &written, &guesser));
    }
    for section in file.sections().filter(|section| !SECTIONS.contains(section)) {
        let Some(line) = text
            .lines()
            .position(|line| line.trim().starts_with(&format!("[{section}]")))
        else {
            continue;
        };
        let span = Span::of_line(text, line + 1);
        let meant = guesser.guess(&section.to_lowercase(), || SECTIONS.to_vec());
        findings.push(match meant {
            Some(meant) => span.warning(
                "pip does not read this section: capital letters count",
                format!("write [{meant}]"),
            ),
            None => span.hint("pip has no command of this name", ""),
        });
    }
    findings
}

fn about(option: &Written<'_>, all: &[Written<'_>], guesser: &Guesser) -> Option<Finding> {
    let name = normal(option.name);
    let Some(known) = known_key(FILE, &name) else {
        let names = || known_keys(FILE).iter().map(KnownKey::option).collect();
        return Some(match guesser.guess(&name, names) {
            Some(meant) => option.span.warning(
                format!("pip does not know {}", option.name),
                format!("did you mean {meant}?"),
            ),
            None => option
                .span
                .hint(format!("Sextant does not know {}", option.name), ""),
        });
    };
    let value = option.value.trim();
    let expected = match known.form {
        ValueForm::Switch if !is_switch(value) => Some("true or false".to_owned()),
        ValueForm::Number if !is_number(&name, value) => Some("a number".to_owned()),
        ValueForm::Word(words) if !words.contains(&value) => Some(format!("one of {}", words.join(", "))),
        _ => None,
    };
    let commented = option
        .value
        .lines()
        .any(|line| line.contains(" #") || line.contains(" ;"));
    let comment = "put the comment on a line of its own";
    match expected {
        Some(expected) => Some(option.value_span.error(
            format!("{name} must be {expected}, and pip stops at anything else"),
            if commented { comment } else { "" },
        )),
        None if commented => Some(
            option
                .value_span
                .warning("to pip a comment behind a value is part of the value", comment),
        ),
        None => about_index(&name, option, all),
    }
}

/// Retries are counted, seconds measured; how much is told may be a switch.
fn is_number(name: &str, value: &str) -> bool {
    match name {
        "retries" => value.parse::<i64>().is_ok(),
        "verbose" | "quiet" => value.parse::<i64>().is_ok() || is_switch(value),
        _ => value.parse::<f64>().is_ok(),
    }
}

fn is_switch(value: &str) -> bool {
    matches!(
        value.to_lowercase().as_str(),
        "true" | "false" | "yes" | "no" | "on" | "off" | "1" | "0" | "y" | "n" | "t" | "f"
    )
}

fn about_index(name: &str, option: &Written<'_>, all: &[Written<'_>]) -> Option<Finding> {
    if !matches!(name, "index-url" | "extra-index-url") {
        return None;
    }
    let items: Vec<&str> = match is_list(name) {
        true => option.value.split_whitespace().collect(),
        false => vec![option.value.trim()],
    };
    let trusted: Vec<&str> = all
        .iter()
        .filter(|other| normal(other.name) == "trusted-host")
        .flat_map(|other| other.value.split_whitespace())
        .collect();
    let untrusted = items.iter().find_map(|item| {
        let rest = item.strip_prefix("http://")?;
        let authority = rest.split('/').next()?;
        let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
        let bare = host.rsplit_once(':').map_or(host, |(bare, _)| bare);
        let is_taken = is_loopback(host) || trusted.contains(&host) || trusted.contains(&bare);
        (!is_taken).then_some(host)
    });
    if let Some(host) = untrusted {
        return Some(option.value_span.warning(
            format!("pip ignores {host}, because the connection is not encrypted"),
            format!("use https, or add trusted-host = {host}"),
        ));
    }
    let has_index = all.iter().any(|other| normal(other.name) == "index-url");
    (name == "extra-index-url" && !has_index && !items.is_empty()).then(|| {
        option.span.hint(
            "pip looks at the public index as well and takes the highest version, whoever published it",
            "set index-url instead, where your repository mirrors the public index",
        )
    })
}

/// pip reads the file in the encoding of the place where it runs.
fn not_ascii(text: &str) -> Vec<Finding> {
    if text.is_ascii() {
        return Vec::new();
    }
    let at = text.lines().enumerate().find_map(|(at, line)| {
        Some((
            at + 1,
            line.chars().position(|c| !c.is_ascii() && c != '\u{fffd}')? + 1,
        ))
    });
    let finding = at.map(|(line, column)| {
        let span = Span {
            line,
            column,
            length: 1,
        };
        span.warning(
            "pip reads this file in the encoding of where it runs, and stops at this character in some",
            "write it without accents",
        )
    });
    finding.into_iter().collect()
}
