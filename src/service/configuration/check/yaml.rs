//! What the files of YAML have in common.

use std::collections::HashMap;

use super::{Finding, Severity, Span};
use crate::edit::yaml::YamlError;
use crate::edit::yaml::tree::{Node, NodeKind};
use crate::error::Explain;

impl Node {
    pub(super) fn span(&self) -> Span {
        Span {
            line: self.line,
            column: self.column,
            length: self.length,
        }
    }
}

/// The error as a finding, told without its line.
pub(super) fn finding_of(text: &str, error: &YamlError) -> Finding {
    let line = error.line().unwrap_or(1);
    let problem = error.explain();
    let told = problem.message;
    let message = match told.strip_prefix(&format!("line {line} ")) {
        Some(rest) => format!("this line {rest}"),
        None => told,
    };
    let reason = problem
        .cause
        .map_or_else(String::new, |cause| format!(": {}", lower(&cause)));
    Span::of_line(text, line).finding(
        Severity::Error,
        format!("{message}{reason}"),
        problem.remedy.unwrap_or_default(),
    )
}

fn lower(text: &str) -> String {
    let mut characters = text.chars();
    match characters.next() {
        // YAML keeps its capitals.
        Some(first) if characters.as_str().starts_with(|c: char| c.is_lowercase()) => {
            first.to_lowercase().chain(characters).collect()
        }
        _ => text.to_owned(),
    }
}

/// Every key that stands a second time in its map.
pub(super) fn repeated_keys(node: &Node, severity: Severity, found: &mut Vec<Finding>) {
    match &node.kind {
        NodeKind::Scalar { .. } => {}
        NodeKind::List(items) => items.iter().for_each(|item| repeated_keys(item, severity, found)),
        NodeKind::Map(entries) => {
            let mut seen: HashMap<&str, usize> = HashMap::new();
            for (key, value) in entries {
                repeated_keys(value, severity, found);
                let Some(name) = key.text() else { continue };
                if let Some(first) = seen.insert(name, key.line) {
                    let shown = crate::secret::mask_text(name);
                    found.push(key.span().finding(
                        severity,
                        match severity {
                            Severity::Error => {
                                format!("{shown} stands in line {first} already, and conda stops at that")
                            }
                            _ => format!("{shown} stands in line {first} already, which does not count then"),
                        },
                        "join the two, or remove one",
                    ));
                }
            }
        }
    }
}
