//! A `.condarc` (repository reference, sections 3.2 to 3.4).

use serde_yaml::Value as Yaml;

use super::marks::marks_without_effect;
use super::yaml::{finding_of, repeated_keys};
use super::{Finding, Severity, Span};
use crate::conda::channel::OpaqueText;
use crate::conda::setting::{Key, OF_OTHERS, Shape, Value};
use crate::edit::yaml::tree::{Node, NodeKind, tree};
use crate::edit::yaml::{YamlError, YamlFile};
use crate::secret::mask_text;
use crate::service::configuration::reading::closest;

pub(super) fn check(text: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    let file = YamlFile::parse(text.as_bytes());
    match &file {
        Ok(file) => findings.extend(marks_without_effect(file, text)),
        // Told below, at every key.
        Err(YamlError::DuplicateKey { .. }) => {}
        Err(error) => findings.push(finding_of(text, error)),
    }
    let Ok(Some(root)) = tree(text.as_bytes()) else {
        return findings;
    };
    repeated_keys(&root, Severity::Error, &mut findings);
    if file.is_err() && findings.is_empty() {
        findings.push(Span::of_line(text, 1).error("conda cannot read this file", ""));
    }
    second_spellings(&root, &mut findings);
    for (key, value) in root.entries() {
        let Some(name) = key.text() else { continue };
        findings.extend(date_in(value));
        match Key::named(name) {
            Some(known) => findings.extend(about_value(known, key, value)),
            None => findings.push(unknown(key, name)),
        }
    }
    findings
}

/// Two names of one setting, at which conda stops.
fn second_spellings(root: &Node, findings: &mut Vec<Finding>) {
    let mut seen: Vec<(Key, &str, usize)> = Vec::new();
    for (key, _) in root.entries() {
        let Some(name) = key.text() else { continue };
        let Some(known) = Key::named(name) else { continue };
        match seen
            .iter()
            .find(|(other, spelling, _)| *other == known && *spelling != name)
        {
            Some((_, spelling, line)) => findings.push(key.span().error(
                format!("{name} is another name of {spelling} in line {line}, and conda stops at both"),
                format!("join the two under the name {known}"),
            )),
            None => seen.push((known, name, key.line)),
        }
    }
}

fn unknown(key: &Node, name: &str) -> Finding {
    if let Some((_, what)) = OF_OTHERS.iter().find(|(known, _)| *known == name) {
        return key.span().hint(format!("{name}: {what}"), "");
    }
    let names: Vec<&str> = Key::ALL.iter().flat_map(|key| key.spellings()).copied().collect();
    let shown = mask_text(name);
    match closest(name, &names) {
        Some(meant) => key.span().warning(
            format!("conda does not know {shown} and ignores it"),
            format!("did you mean {meant}?"),
        ),
        None => key.span().hint(
            format!("conda does not know {shown}; it is left to other programs"),
            "",
        ),
    }
}

/// A date or time without quotes, at which conda stops whatever the setting.
fn date_in(node: &Node) -> Option<Finding> {
    if let NodeKind::Scalar { text, is_plain: true } = &node.kind
        && is_date(text)
    {
        return Some(node.span().error(
            "this is a date to YAML, and conda stops at dates",
            format!("put it in quotes: \"{text}\""),
        ));
    }
    let inner = node.entries().iter().flat_map(|(key, value)| [key, value]);
    node.items().iter().chain(inner).find_map(date_in)
}

fn is_date(text: &str) -> bool {
    text.len() >= 8
        && text.starts_with(|c: char| c.is_ascii_digit())
        && matches!(&serde_yaml_of(text), Yaml::Tagged(tagged) if tagged.tag == "timestamp")
}

/// A plain text as conda's reader resolves it.
fn serde_yaml_of(text: &str) -> Yaml {
    YamlFile::parse(format!("a: {text}\n").as_bytes())
        .ok()
        .and_then(|file| file.value("a").cloned())
        .unwrap_or(Yaml::Null)
}

fn about_value(key: Key, name: &Node, node: &Node) -> Option<Finding> {
    let spelled = name.text().unwrap_or_default();
    let span = match node.kind {
        NodeKind::Scalar { .. } if node.length > 0 => node.span(),
        _ => name.span(),
    };
    if node.is_nothing() && key.shape() != Shape::Scalar {
        return None;
    }
    let Some(value) = value_of(node, key.shape()) else {
        let (what, remedy) = match key.shape() {
            Shape::Scalar => ("a single value", "write it behind the colon"),
            Shape::List => (
                "a list",
                "write each item on a line of its own that starts with '- '",
            ),
            Shape::Records => (
                "a list of maps",
                "write each item as '- channel: NAME', with its settings below",
            ),
            Shape::Map => (
                "a map of single values",
                "write each name with its value on a line of its own",
            ),
            Shape::MapOfLists => (
                "a map of lists",
                "write each name on a line of its own, with a list below",
            ),
            Shape::Settings => ("a map", "write each name on a line of its own"),
        };
        return Some(span.error(
            format!("{spelled} must be {what}, and conda stops at anything else"),
            remedy,
        ));
    };
    if let Some(expected) = key.refused(&value, true) {
        return Some(span.error(
            format!("{spelled} must be {expected}, and conda stops at anything else"),
            String::new(),
        ));
    }
    let empty = node.items().iter().find(|item| item.is_nothing());
    if let Some(item) = empty.filter(|_| key.shape() == Shape::List) {
        return Some(
            Span {
                length: item.length.max(1),
                ..item.span()
            }
            .warning(
                "conda takes an item without a value for the word None",
                "remove it, or write what is meant",
            ),
        );
    }
    meaning(key, node, &value, span)
}

/// What a value that conda accepts means beyond what it says.
fn meaning(key: Key, node: &Node, value: &Value, span: Span) -> Option<Finding> {
    match key {
        Key::SslVerify if *value == Value::Null => Some(span.warning(
            "conda takes nothing for false here and checks no certificates",
            "write true, or remove the line",
        )),
        Key::SslVerify if value.as_switch() == Some(false) => Some(span.warning(
            "conda checks no certificates: anybody on the way can change what it downloads",
            "name the file with your organisation's authority, or truststore",
        )),
        Key::AddAnacondaToken if value.as_switch() == Some(false) => Some(span.warning(
            "conda uses no stored token, so that private channels stay closed",
            "write true, or remove the line",
        )),
        Key::ChannelSettings => node.items().iter().find_map(|item| {
            let has_channel = item
                .entries()
                .iter()
                .any(|(name, _)| name.text() == Some("channel"));
            (!has_channel).then(|| {
                item.span()
                    .warning("without channel, conda ignores this item", "name the channel")
            })
        }),
        Key::CustomMultichannels => {
            let local = node
                .entries()
                .iter()
                .find(|(name, _)| name.text() == Some("local"))?;
            Some(
                local
                    .0
                    .span()
                    .warning("conda does not let local be redefined", "choose another name"),
            )
        }
        _ => None,
    }
}

/// The value of a setting; nothing for one of another shape.
fn value_of(node: &Node, shape: Shape) -> Option<Value> {
    let single = |node: &Node| -> Option<Value> {
        match &node.kind {
            NodeKind::Scalar { .. } if node.is_nothing() => Some(Value::Null),
            NodeKind::Scalar { text, .. } => Some(Value::Scalar(OpaqueText::new(text.clone()))),
            NodeKind::List(_) | NodeKind::Map(_) => None,
        }
    };
    let texts = |node: &Node| -> Option<Value> {
        let NodeKind::List(items) = &node.kind else {
            return None;
        };
        let text = |item: &Node| item.text().map(OpaqueText::new);
        items.iter().map(text).collect::<Option<_>>().map(Value::List)
    };
    let map = |node: &Node, inner: &dyn Fn(&Node) -> Option<Value>| -> Option<Value> {
        let NodeKind::Map(entries) = &node.kind else {
            return None;
        };
        let entry = |(name, value): &(Node, Node)| Some((name.text()?.to_owned(), inner(value)?));
        entries.iter().map(entry).collect::<Option<_>>().map(Value::Map)
    };
    match shape {
        Shape::Scalar => single(node),
        Shape::List => texts(node),
        Shape::Map => map(node, &single),
        Shape::MapOfLists => map(node, &|value| match value.is_nothing() {
            true => Some(Value::Null),
            false => texts(value),
        }),
        Shape::Settings => map(node, &|_| Some(Value::Null)),
        Shape::Records => {
            let NodeKind::List(items) = &node.kind else {
                return None;
            };
            items
                .iter()
                .map(|item| map(item, &single))
                .collect::<Option<_>>()
                .map(Value::Records)
        }
    }
}
