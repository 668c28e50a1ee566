//! What was found, and the surroundings of it, for somebody who helps: one document without anything secret in it.

mod gather;
mod redact;

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use super::check::{Check, Group};
use crate::edit::file;
use crate::service::{ServiceError, Services, blocking};
use redact::Redactor;

/// How the report is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ReportFormat {
    #[default]
    Text,
    Json,
}

impl ReportFormat {
    /// By the end of the file's name.
    pub fn of(path: &Path) -> Self {
        let is_json = path
            .extension()
            .is_some_and(|extension| extension.eq_ignore_ascii_case("json"));
        if is_json { Self::Json } else { Self::Text }
    }
}

/// Whether names of people stay in the report. Names of hosts do: without them nobody can help.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Names {
    #[default]
    Masked,
    Kept,
}

impl Services {
    /// The report on these checks. Reads files, asks no network.
    pub fn report(&self, checks: &[Check], format: ReportFormat, names: Names) -> String {
        blocking(|| {
            let redacted = Redactor::new(self, names).value(document(self, checks));
            match format {
                ReportFormat::Json => format!("{redacted:#}\n"),
                ReportFormat::Text => text(&redacted),
            }
        })
    }

    /// Writes the report into a file that only its owner can read. A file that is there is replaced.
    ///
    /// # Errors
    /// Whatever keeps the file from being written.
    pub fn write_report(&self, path: &Path, checks: &[Check], names: Names) -> Result<(), ServiceError> {
        let report = self.report(checks, ReportFormat::of(path), names);
        blocking(|| {
            // A file keeps its permissions when it is replaced, so they are set right before.
            if fs::metadata(path).is_ok_and(|metadata| metadata.is_file()) {
                file::set_mode(path, file::PRIVATE)?;
            }
            Ok(file::write(path, report.as_bytes(), file::PRIVATE)?)
        })
    }
}

fn document(services: &Services, checks: &[Check]) -> Value {
    json!({
        "report": "Sextant doctor",
        "made_at": services.now().strftime("%Y-%m-%d %H:%M:%S UTC").to_string(),
        "versions": gather::versions(services),
        "checks": checks.iter().map(Check::to_json).collect::<Vec<_>>(),
        "sign_ins": gather::sign_ins(services),
        "other_logins": gather::other_logins(services),
        "ways": gather::ways(services),
        "configuration": gather::configuration(services),
        "environment": gather::environment(services),
        "files": gather::files(services),
        "history": gather::history(services),
    })
}

/// The document for the eyes of a person.
fn text(document: &Value) -> String {
    let made_at = document["made_at"].as_str().unwrap_or_default();
    let mut text = format!("Sextant doctor, {made_at}\nSecrets are masked; ~ is the home folder.\n");
    let versions = document["versions"].as_object().into_iter().flatten();
    let versions = versions.filter(|(_, value)| !value.is_null());
    part(
        &mut text,
        "Versions",
        versions.map(|(name, value)| format!("{name}: {}", plain(value))),
    );
    text.push_str("\n== Checks ==\n");
    for group in Group::ALL {
        let of_group = json!(group);
        let all = document["checks"].as_array().into_iter().flatten();
        let checks: Vec<&Value> = all.filter(|check| check["group"] == of_group).collect();
        if !checks.is_empty() {
            text.push_str(&format!("\n{}\n", group.title()));
            checks.iter().for_each(|check| text.push_str(&check_text(check)));
        }
    }
    for (title, name) in [
        ("Sign-ins", "sign_ins"),
        ("Logins of this machine", "other_logins"),
        ("Ways", "ways"),
        ("conda's settings", "configuration"),
        ("Environment", "environment"),
        ("Files", "files"),
        ("History", "history"),
    ] {
        let lines = document[name].as_array().into_iter().flatten().map(line);
        part(&mut text, title, lines);
    }
    text
}

fn check_text(check: &Value) -> String {
    let string = |name: &str| check[name].as_str().unwrap_or_default().to_owned();
    let subject = match string("subject") {
        subject if subject.is_empty() => String::new(),
        subject => format!(" {subject}"),
    };
    let mut text = format!(
        "  {:4} {}{subject} ({} ms): {}\n",
        string("outcome"),
        string("title"),
        check["ms"],
        string("found"),
    );
    // The cause repeats what was found, for those who read nothing else.
    let cause = string("cause");
    if let Some(cause) = cause.strip_prefix(&format!("{}: ", string("found"))) {
        text.push_str(&format!("       cause: {cause}\n"));
    }
    if let Some(remedy) = check["remedy"].as_str() {
        text.push_str(&format!("       try: {remedy}\n"));
    }
    for detail in check["details"].as_array().into_iter().flatten() {
        text.push_str(&format!(
            "       {:4} {}\n",
            detail["outcome"].as_str().unwrap_or_default(),
            detail["text"].as_str().unwrap_or_default()
        ));
    }
    text
}

fn part(text: &mut String, title: &str, lines: impl Iterator<Item = String>) {
    text.push_str(&format!("\n== {title} ==\n"));
    let mut is_empty = true;
    for line in lines {
        is_empty = false;
        text.push_str(&format!("  {line}\n"));
    }
    if is_empty {
        text.push_str("  none\n");
    }
}

/// An object on one line; the lists in it on lines of their own.
fn line(value: &Value) -> String {
    let Value::Object(fields) = value else {
        return plain(value);
    };
    let mut text = String::new();
    let mut below = String::new();
    for (name, value) in fields {
        match value {
            Value::Null => {}
            Value::Array(items) => {
                for item in items {
                    below.push_str(&format!("\n    {name}: {}", line(item)));
                }
            }
            value if text.is_empty() => text.push_str(&plain(value)),
            value => text.push_str(&format!(", {name} {}", plain(value))),
        }
    }
    text + &below
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_the_file_chooses_the_format() {
        assert_eq!(ReportFormat::of(Path::new("/x/report.JSON")), ReportFormat::Json);
        assert_eq!(ReportFormat::of(Path::new("report.txt")), ReportFormat::Text);
        assert_eq!(ReportFormat::of(Path::new("report")), ReportFormat::Text);
    }

    #[test]
    fn an_object_is_a_line_with_its_lists_below() {
        let value = json!({
            "key": "channels", "value": "[a]", "none": null,
            "sources": [{"origin": "x", "part": "wins"}],
        });
        assert_eq!(line(&value), "channels, value [a]\n    sources: x, part wins");
    }
}
