//! Taking out of a report what nobody else may read. What goes into it is masked by its types already; this looks once more
//! at every word, with everything at hand that is known to be secret on this machine.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::Names;
use crate::conda::token_file;
use crate::edit::file;
use crate::secret::{MASK, mask_text};
use crate::service::Services;
use crate::service::doctor::permissions::secret_files;
use crate::service::doctor::secrets::{places, scan};

/// Shorter values are words of ordinary text. They are masked where their surroundings give them away.
const SHORTEST: usize = 6;

/// What takes the place of a person's name.
const PERSON: &str = "<user>";

/// Knows what is secret.
pub(super) struct Redactor {
    /// The longest first, so that none is left in part.
    secrets: Vec<String>,
    homes: Vec<String>,
    people: Vec<String>,
}

impl Redactor {
    pub fn new(services: &Services, names: Names) -> Self {
        let mut secrets: BTreeSet<String> = BTreeSet::new();
        for path in secret_files(services).iter().chain(&session_files(services)) {
            secrets.extend(values_in(path));
        }
        let families = [places::conda, places::pip, places::shells, places::logs];
        for path in families.iter().flat_map(|files| files(services)) {
            secrets.extend(spans_in(&path));
        }
        secrets.extend(of_variables(services));
        let navigator = services.machine().navigator.into_iter();
        secrets.extend(navigator.filter_map(|reading| {
            let token = reading.values.ok()?.server_token?;
            Some(token.expose().to_owned())
        }));
        let mut secrets: Vec<String> = secrets
            .into_iter()
            .filter(|value| value.len() >= SHORTEST)
            .collect();
        secrets.sort_by_key(|value| std::cmp::Reverse(value.len()));
        let home = &services.locations().home;
        let mut homes: Vec<String> = [Some(home.clone()), home.canonicalize().ok()]
            .into_iter()
            .flatten()
            .map(|home| home.display().to_string())
            .filter(|home| home.len() > 1)
            .collect();
        homes.dedup();
        Self {
            secrets,
            homes,
            people: match names {
                Names::Masked => people(services),
                Names::Kept => Vec::new(),
            },
        }
    }

    /// The text without anything that nobody else may read.
    pub fn text(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for secret in &self.secrets {
            if text.contains(secret.as_str()) {
                text = text.replace(secret.as_str(), MASK);
            }
        }
        let mut masked = String::with_capacity(text.len());
        let mut at = 0;
        for span in scan::spans(text.as_bytes(), &[], || false) {
            masked.push_str(&text[at..span.range.start]);
            masked.push_str(MASK);
            at = span.range.end;
        }
        masked.push_str(&text[at..]);
        let mut masked = mask_text(&masked);
        for home in &self.homes {
            masked = masked.replace(home.as_str(), "~");
        }
        for person in &self.people {
            masked = replace_word(&masked, person, PERSON);
        }
        masked
    }

    /// Every text of a document.
    pub fn value(&self, value: Value) -> Value {
        match value {
            Value::String(text) => Value::String(self.text(&text)),
            Value::Array(items) => items.into_iter().map(|item| self.value(item)).collect(),
            Value::Object(fields) => fields
                .into_iter()
                .map(|(name, value)| (name, self.value(value)))
                .collect(),
            other => other,
        }
    }
}

/// Navigator's sessions.
fn session_files(services: &Services) -> Vec<PathBuf> {
    let folders = token_file::folders(&services.surroundings());
    let entries = folders
        .iter()
        .flat_map(|folder| std::fs::read_dir(&folder.path).into_iter().flatten().flatten());
    entries
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "jwt"))
        .collect()
}

/// Everything in a file of secrets that could be one.
fn values_in(path: &Path) -> Vec<String> {
    let Ok(Some(image)) = file::read(path) else {
        return Vec::new();
    };
    let text = String::from_utf8_lossy(&image.bytes);
    let name = path
        .file_name()
        .and_then(|name| name.to_str())
        .unwrap_or_default();
    if name.ends_with(".token") {
        return vec![text.trim().to_owned()];
    }
    if name == ".netrc" {
        let words: Vec<&str> = text.split_whitespace().collect();
        let passwords = words.windows(2).filter(|pair| pair[0] == "password");
        return passwords.map(|pair| pair[1].to_owned()).collect();
    }
    let mut values = recognised(&image.bytes);
    // What Sextant remembers of sign-ins holds names and addresses, and no secret.
    if name != "connections.json"
        && let Ok(document) = serde_json::from_str::<Value>(&text)
    {
        texts_of(&document, &mut values);
    }
    values
}

/// The texts of a document, and those inside texts that are documents themselves, plain or in Base64.
fn texts_of(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::String(text) => {
            if let Ok(inner @ (Value::Object(_) | Value::Array(_))) = serde_json::from_str(text) {
                texts_of(&inner, found);
            }
            let decoded = STANDARD.decode(text).ok();
            if let Some(Ok(inner @ Value::Object(_))) = decoded.map(|bytes| serde_json::from_slice(&bytes)) {
                texts_of(&inner, found);
            }
            found.push(text.clone());
        }
        Value::Array(items) => items.iter().for_each(|item| texts_of(item, found)),
        Value::Object(fields) => fields.values().for_each(|field| texts_of(field, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn spans_in(path: &Path) -> Vec<String> {
    match file::read(path) {
        Ok(Some(image)) => recognised(&image.bytes),
        _ => Vec::new(),
    }
}

/// The secrets that can be recognised in any text, and the passwords among them by themselves.
fn recognised(bytes: &[u8]) -> Vec<String> {
    let mut values = Vec::new();
    for span in scan::spans(bytes, &[], || false) {
        let value = String::from_utf8_lossy(&bytes[span.range]).into_owned();
        values.extend(value.split_once(':').map(|(_, password)| password.to_owned()));
        values.push(value);
    }
    values
}

/// The values of variables whose names say that they are secret, and the logins in addresses.
fn of_variables(services: &Services) -> Vec<String> {
    const TELLING: [&str; 6] = ["TOKEN", "PASSW", "SECRET", "API_KEY", "APIKEY", "CREDENTIAL"];
    let mut values = Vec::new();
    for (name, value) in &services.locations().variables {
        let name = name.to_uppercase();
        let is_place = value.starts_with('/') || value.starts_with("http");
        if TELLING.iter().any(|part| name.contains(part)) && !is_place {
            values.push(value.clone());
        }
        values.extend(recognised(value.as_bytes()));
    }
    values
}

/// The names under which the person is known on this machine and at the services.
fn people(services: &Services) -> Vec<String> {
    let locations = services.locations();
    let of_home = locations.home.file_name().and_then(|name| name.to_str());
    let of_variables = ["USER", "LOGNAME", "USERNAME"]
        .iter()
        .filter_map(|name| locations.variable(name));
    let mut people: BTreeSet<String> = of_home
        .into_iter()
        .chain(of_variables)
        .map(str::to_owned)
        .collect();
    if let Ok(status) = services.status() {
        people.extend(status.connections.into_iter().map(|connection| connection.user));
    }
    if let Ok(connections) = services.connections() {
        people.extend(connections.revocations.into_iter().map(|waiting| waiting.user));
    }
    let found = crate::clients::logins(&services.machine()).logins;
    people.extend(found.into_iter().filter_map(|login| login.user));
    let mut people: Vec<String> = people
        .into_iter()
        .filter(|name| name.len() >= 2 && name != "root" && name != "home")
        .collect();
    people.sort_by_key(|name| std::cmp::Reverse(name.len()));
    people
}

/// Replaces a word where it stands alone, in whatever case.
fn replace_word(text: &str, word: &str, by: &str) -> String {
    let lower = text.to_ascii_lowercase();
    let word = word.to_ascii_lowercase();
    let is_part = |c: char| c.is_alphanumeric();
    let mut replaced = String::with_capacity(text.len());
    let mut at = 0;
    while let Some(found) = lower[at..].find(&word) {
        let start = at + found;
        let end = start + word.len();
        let alone = !lower[..start].ends_with(is_part) && !lower[end..].starts_with(is_part);
        replaced.push_str(&text[at..start]);
        replaced.push_str(if alone { by } else { &text[start..end] });
        at = end;
    }
    replaced.push_str(&text[at..]);
    replaced
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_replaced_where_it_stands_alone() {
        assert_eq!(
            replace_word("as Alice, not malice", "alice", "<user>"),
            "as <user>, not malice"
        );
        assert_eq!(
            replace_word("sextant-alice@host", "alice", "<user>"),
            "sextant-<user>@host"
        );
        assert_eq!(replace_word("ünï", "alice", "<user>"), "ünï");
    }

    #[test]
    fn secrets_inside_documents_are_found_however_they_are_wrapped() {
        let inner = STANDARD.encode(r#"{"api_key": "canary-in-base64"}"#);
        let document = serde_json::json!({"a": {"b": inner}, "c": "{\"token\": \"canary-in-json\"}"});
        let mut found = Vec::new();
        texts_of(&document, &mut found);
        assert!(found.contains(&"canary-in-base64".to_owned()), "{found:?}");
        assert!(found.contains(&"canary-in-json".to_owned()), "{found:?}");
    }
}
