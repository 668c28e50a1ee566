//! pip's file (repository reference, section 4.2).

use super::ini::{Written, finding_of, options};
use super::{Finding, Span};
use crate::clients::pip_settings::{is_list, normal};
use crate::edit::ini::IniFile;
use crate::service::configuration::reading::closest;
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
    for (at, option) in written.iter().enumerate() {
        let same = |other: &&Written<'_>| {
            other.section == option.section && normal(other.name) == normal(option.name)
        };
        if let Some(first) = written[..at].iter().find(same) {
            findings.push(option.span.error(
                format!(
                    "{} is the same as {} in line {}, and pip stops at both",
                    option.name, first.name, first.span.line
                ),
                "join the two, or remove one",
            ));
        }
        findings.extend(about(option, &written));
    }
    for section in file.sections().filter(|section| !SECTIONS.contains(section)) {
        let Some(line) = text
            .lines()
            .position(|line| line.trim().starts_with(&format!("[{section}]")))
        else {
            continue;
        };
        let span = Span::of_line(text, line + 1);
        let meant = closest(&section.to_lowercase(), &SECTIONS);
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

fn about(option: &Written<'_>, all: &[Written<'_>]) -> Option<Finding> {
    let name = normal(option.name);
    let Some(known) = known_key(FILE, &name) else {
        let names: Vec<&str> = known_keys(FILE).iter().map(KnownKey::option).collect();
        return Some(match closest(&name, &names) {
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
    let comment = option
        .value
        .lines()
        .any(|line| line.contains(" #") || line.contains(" ;"));
    if comment {
        return Some(option.value_span.warning(
            "to pip a comment behind a value is part of the value",
            "put the comment on a line of its own",
        ));
    }
    match known.form {
        ValueForm::Switch if !is_switch(value) => Some(option.value_span.error(
            format!("{name} must be true or false, and pip stops at anything else"),
            "write true or false",
        )),
        ValueForm::Number
            if value.parse::<f64>().is_err() && !matches!(name.as_str(), "verbose" | "quiet") =>
        {
            Some(option.value_span.error(
                format!("{name} must be a number, and pip stops at anything else"),
                "write a number",
            ))
        }
        ValueForm::Word(words)
            if !words.contains(&value) && matches!(name.as_str(), "keyring-provider" | "progress-bar") =>
        {
            Some(
                option
                    .value_span
                    .warning(format!("{name} must be one of {}", words.join(", ")), ""),
            )
        }
        _ => about_index(&name, option, all),
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
        (!trusted.contains(&host) && !trusted.contains(&bare)).then_some(host)
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
