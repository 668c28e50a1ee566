//! `anaconda-navigator.ini` (product research, section 1.6).

use super::ini::{Written, finding_of, options};
use super::{Finding, Span};
use crate::edit::ini::IniFile;
use crate::navigator::Literal;
use crate::navigator::options::{self as known, OPTIONS, OptionForm};
use crate::service::configuration::reading::closest;

pub(super) fn check(text: &str) -> Vec<Finding> {
    let file = match IniFile::parse(text.as_bytes()) {
        Ok(file) => file,
        Err(error) => return vec![finding_of(text, &error)],
    };
    let written = options(&file, text);
    let mut findings: Vec<Finding> = written.iter().filter_map(about).collect();
    findings.extend(two_generations(&written));
    findings.extend(unknown_sections(&file, text));
    findings
}

fn about(option: &Written<'_>) -> Option<Finding> {
    let Some(known) = known::known(option.section, option.name) else {
        return Some(unknown(option));
    };
    let literal = Literal::read(option.value);
    let opens = option.value.starts_with(['\'', '"']);
    if opens && !matches!(literal, Literal::Text(_)) {
        return Some(option.value_span.warning(
            "the quotes are not closed as Python wants it, so that Navigator takes them for part of the value",
            "close them, or leave them out",
        ));
    }
    if let Some(expected) = known.refused(&literal) {
        let remedy = match (known.form, option.value.to_lowercase().as_str()) {
            (OptionForm::Switch, "true" | "yes" | "on" | "1") => "write True",
            (OptionForm::Switch, "false" | "no" | "off" | "0") => "write False",
            (OptionForm::Address, "") | (OptionForm::Address, "null") => "write None",
            _ => "",
        };
        return Some(option.value_span.warning(
            format!(
                "{} must be {expected}; Navigator may not start with anything else",
                option.name
            ),
            remedy,
        ));
    }
    let text = literal.text().unwrap_or_default();
    match known.form {
        OptionForm::Address if text.ends_with('/') => Some(
            option
                .value_span
                .warning("Navigator wants no slash at the end of an address", "remove it"),
        ),
        OptionForm::Address if text.starts_with("http://") => Some(
            option
                .value_span
                .hint("the connection to this address is not encrypted", ""),
        ),
        OptionForm::Switch if known.name == "ssl_verification" && literal == Literal::Bool(false) => {
            Some(option.value_span.warning(
                "Navigator checks no certificates: anybody on the way can change what it loads",
                "write True, and set ssl_certificate to the file with your organisation's authority",
            ))
        }
        OptionForm::List
            if known.name == "trusted_servers"
                && literal != Literal::List(Vec::new())
                && literal != Literal::None =>
        {
            Some(
                option
                    .value_span
                    .warning("Navigator checks no certificates of these hosts", ""),
            )
        }
        _ => None,
    }
}

fn unknown(option: &Written<'_>) -> Finding {
    // The right name in the wrong section.
    if let Some(elsewhere) = OPTIONS
        .iter()
        .find(|known| known.names().any(|name| name == option.name))
    {
        return option.span.warning(
            format!(
                "Navigator does not look for {} in [{}]",
                option.name, option.section
            ),
            format!("move it to [{}]", elsewhere.section),
        );
    }
    let names: Vec<&str> = OPTIONS
        .iter()
        .filter(|known| known.section == option.section)
        .flat_map(known::NavigatorOption::names)
        .collect();
    match closest(option.name, &names) {
        Some(meant) => option.span.warning(
            format!("Navigator does not know {}", option.name),
            format!("did you mean {meant}?"),
        ),
        None => option
            .span
            .hint(format!("Sextant does not know {}", option.name), ""),
    }
}

/// Both names of one option, with different values.
fn two_generations(written: &[Written<'_>]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for known in OPTIONS.iter().filter(|known| !known.former.is_empty()) {
        let all: Vec<&Written<'_>> = written
            .iter()
            .filter(|option| option.section == known.section && known.names().any(|name| name == option.name))
            .collect();
        if let [first, second] = all.as_slice()
            && Literal::read(first.value) != Literal::read(second.value)
        {
            findings.push(second.span.warning(
                format!(
                    "{} is another name of {} in line {}, and they differ: which one counts depends on Navigator's version",
                    second.name, first.name, first.span.line
                ),
                "give both the same value, or remove one",
            ));
        }
    }
    findings
}

fn unknown_sections(file: &IniFile, text: &str) -> Vec<Finding> {
    let known: Vec<&str> = OPTIONS.iter().map(|option| option.section).collect();
    let unknown = file.sections().filter(|section| !known.contains(section));
    unknown
        .filter_map(|section| {
            let meant = known.iter().find(|known| known.eq_ignore_ascii_case(section))?;
            let line = text
                .lines()
                .position(|line| line.trim() == format!("[{section}]"))?
                + 1;
            Some(Span::of_line(text, line).warning(
                "Navigator does not know this section: capital letters count",
                format!("write [{meant}]"),
            ))
        })
        .collect()
}
