//! anaconda-client's `config.yaml` (repository reference, sections 2.1 and 2.2).

use super::yaml::{finding_of, repeated_keys};
use super::{Finding, Severity, Span};
use crate::edit::yaml::YamlError;
use crate::edit::yaml::tree::{Node, NodeKind, tree};
use crate::secret::mask_text;
use crate::service::configuration::reading::closest;
use crate::service::configuration::{ConfigurationFile, known_key, known_keys};

const FILE: ConfigurationFile = ConfigurationFile::AnacondaClient;

pub(super) fn check(text: &str) -> Vec<Finding> {
    let root = match tree(text.as_bytes()) {
        Ok(Some(root)) => root,
        Ok(None) => return Vec::new(),
        Err(error) => return vec![broken(text, &error)],
    };
    let mut findings = Vec::new();
    if !matches!(root.kind, NodeKind::Map(_)) {
        if !root.is_nothing() {
            findings.push(Span::of_line(text, root.line).error(
                "this is no map of settings, and anaconda-client stops at it",
                "write 'key: value'",
            ));
        }
        return findings;
    }
    tags(&root, &mut findings);
    repeated_keys(&root, Severity::Warning, &mut findings);
    for (key, value) in root.entries() {
        let Some(name) = key.text() else { continue };
        findings.extend(about(name, key, value));
        if name == "sites" {
            sites(value, &mut findings);
        }
    }
    findings.extend(default_site(&root));
    findings
}

/// anaconda-client copies such a file aside and goes on without it.
fn broken(text: &str, error: &YamlError) -> Finding {
    let mut finding = finding_of(text, error);
    finding.message = finding
        .message
        .replace("which conda does not accept", "which is not accepted");
    if let Some((message, _)) = finding.message.split_once(": conda") {
        finding.message = format!("{message}: anaconda-client leaves the whole file out");
    }
    finding
}

fn tags(node: &Node, findings: &mut Vec<Finding>) {
    if let Some(tag) = &node.tag
        && !tag.ends_with("python/unicode")
    {
        findings.push(node.span().error(
            "anaconda-client does not accept a tag here and leaves the whole file out",
            "remove what begins with '!'",
        ));
    }
    let inner = node.entries().iter().flat_map(|(key, value)| [key, value]);
    node.items()
        .iter()
        .chain(inner)
        .for_each(|node| tags(node, findings));
}

fn about(name: &str, key: &Node, value: &Node) -> Option<Finding> {
    let is_map = matches!(value.kind, NodeKind::Map(_));
    let is_list = matches!(value.kind, NodeKind::List(_));
    if known_key(FILE, name).is_none() {
        let names: Vec<&str> = known_keys(FILE).iter().map(|known| known.name).collect();
        let shown = mask_text(name);
        return Some(match closest(name, &names) {
            Some(meant) => key.span().warning(
                format!("anaconda-client does not know {shown} and ignores it"),
                format!("did you mean {meant}?"),
            ),
            None => key.span().hint(
                format!("anaconda-client does not know {shown} and ignores it"),
                "",
            ),
        });
    }
    let text = value.text().unwrap_or_default();
    match name {
        "sites" if value.is_nothing() => None,
        "sites" if !is_map => Some(key.span().error(
            "sites must be a map of sites, and anaconda-client stops at anything else",
            "write each site on a line of its own, with its url below",
        )),
        "sites" => None,
        _ if is_map || is_list => Some(key.span().error(
            format!("{name} must be a single value, and anaconda-client stops at anything else"),
            "write it behind the colon",
        )),
        "verify_ssl" => Some(key.span().warning("anaconda-client never looks at verify_ssl", "write ssl_verify instead")),
        "ssl_verify" if is_off(value) => Some(value.span().warning(
            "anaconda-client checks no certificates",
            "name the file with your organisation's authority",
        )),
        "url" if !value.is_nothing() && !text.contains("://") => Some(value.span().warning(
            "without https:// before it, the address may not be what is meant",
            "write the whole address, such as https://repo.example.com/api/",
        )),
        "url" if !value.is_nothing() && !text.ends_with('/') => Some(value.span().hint(
            "conda also gives the token of an address without a slash at its end to hosts whose names begin like it",
            "end the address with a slash",
        )),
        "auto_register" if !value.is_nothing() && !is_switch(text) => {
            Some(value.span().warning("this is neither yes nor no", "write true or false"))
        }
        _ => None,
    }
}

fn is_switch(text: &str) -> bool {
    matches!(
        text.to_ascii_lowercase().as_str(),
        "true" | "false" | "yes" | "no" | "on" | "off"
    )
}

fn is_off(value: &Node) -> bool {
    matches!(&value.kind, NodeKind::Scalar { text, is_plain: true }
        if matches!(text.to_ascii_lowercase().as_str(), "false" | "no" | "off"))
}

fn sites(sites: &Node, findings: &mut Vec<Finding>) {
    for (name, site) in sites.entries() {
        if !matches!(site.kind, NodeKind::Map(_)) {
            findings.push(name.span().error(
                "a site must be a map, and anaconda-client stops at anything else",
                "write its url on the line below",
            ));
            continue;
        }
        for (key, value) in site.entries() {
            if let Some(text) = key.text() {
                findings.extend(about(text, key, value));
            }
        }
    }
}

/// The site in use has to be one of this file, unless another file has it.
fn default_site(root: &Node) -> Option<Finding> {
    let find = |name| root.entries().iter().find(|(key, _)| key.text() == Some(name));
    let (_, chosen) = find("default_site")?;
    let name = chosen.text().filter(|_| !chosen.is_nothing())?;
    let of_file = find("sites")
        .is_some_and(|(_, sites)| sites.entries().iter().any(|(key, _)| key.text() == Some(name)));
    let built_in = matches!(name, "anaconda" | "binstar");
    (!of_file && !built_in).then(|| {
        chosen.span().warning(
            format!("this file has no site {}", mask_text(name)),
            "write it below sites, unless another file has it",
        )
    })
}
