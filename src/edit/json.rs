//! Changing single values of a JSON file: every other byte stays, the layout of what is added follows what is there.
//!
//! A change is read again before it is accepted: exactly the intended value must have changed.

use std::ops::Range;

use serde_json::Value;
use thiserror::Error;

use crate::error::{Explain, Kind, Problem};

/// Never holds a value of the file.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum JsonError {
    #[error("the file is not UTF-8 text")]
    NotUtf8,
    #[error("line {line} is no JSON")]
    NotJson { line: usize },
    #[error("{name} stands there twice")]
    Twice { name: String },
    #[error("{name} is no object")]
    NotAnObject { name: String },
    #[error("changing {name} would change other values too")]
    OtherValues { name: String },
}

impl Explain for JsonError {
    fn explain(&self) -> Problem {
        Problem::new(Kind::RefusedEdit, self.to_string())
            .because("nothing was changed")
            .remedy("correct the file by hand")
    }
}

/// The content of a JSON file whose outermost value is an object.
#[derive(Debug, Clone)]
pub struct JsonFile {
    text: String,
    value: Value,
}

/// A member of an object, as it stands in the text.
struct Member {
    name: String,
    /// Where its name begins.
    start: usize,
    value: Range<usize>,
}

const MARK: &str = "\u{feff}";

impl JsonFile {
    /// A file that does not exist yet.
    pub fn empty() -> Self {
        Self {
            text: "{\n}\n".to_owned(),
            value: Value::Object(serde_json::Map::new()),
        }
    }

    /// Errors: [`JsonError::NotUtf8`], [`JsonError::NotJson`], [`JsonError::NotAnObject`]. A file with nothing in it is
    /// an empty one.
    pub fn parse(bytes: &[u8]) -> Result<Self, JsonError> {
        let text = std::str::from_utf8(bytes).map_err(|_| JsonError::NotUtf8)?;
        if text.trim().is_empty() {
            return Ok(Self::empty());
        }
        let value: Value = serde_json::from_str(text.trim_start_matches(MARK))
            .map_err(|error| JsonError::NotJson { line: error.line() })?;
        if !value.is_object() {
            return Err(JsonError::NotAnObject {
                name: "what stands there".to_owned(),
            });
        }
        Ok(Self {
            text: text.to_owned(),
            value,
        })
    }

    pub fn bytes(&self) -> Vec<u8> {
        self.text.clone().into_bytes()
    }

    /// What stands under a row of names.
    pub fn at(&self, path: &[&str]) -> Option<&Value> {
        path.iter().try_fold(&self.value, |value, name| value.get(name))
    }

    /// Gives what stands under a row of names this value; objects on the way are made.
    ///
    /// Errors, with nothing changed: [`JsonError::Twice`], [`JsonError::NotAnObject`], [`JsonError::OtherValues`].
    pub fn set(&mut self, path: &[&str], value: &Value) -> Result<(), JsonError> {
        if self.at(path) == Some(value) {
            return Ok(());
        }
        let name = path.join(".");
        let text = self.with(path, value)?;
        let mut wanted = self.value.clone();
        put(&mut wanted, path, value);
        let other = || JsonError::OtherValues { name: name.clone() };
        let changed = Self::parse(text.as_bytes()).map_err(|_| other())?;
        if changed.value != wanted {
            return Err(other());
        }
        *self = changed;
        Ok(())
    }

    fn with(&self, path: &[&str], value: &Value) -> Result<String, JsonError> {
        let mut object = self.text.find('{').unwrap_or_default();
        for (depth, name) in path.iter().enumerate() {
            let members = members(&self.text, object).ok_or_else(|| JsonError::OtherValues {
                name: (*name).to_owned(),
            })?;
            let mut named = members.iter().filter(|member| member.name == *name);
            let (found, twice) = (named.next(), named.next());
            if twice.is_some() {
                return Err(JsonError::Twice {
                    name: (*name).to_owned(),
                });
            }
            let is_last = depth + 1 == path.len();
            match found {
                Some(member) if is_last => {
                    let indent = indent_at(&self.text, member.start);
                    let written = written(value, &indent, &self.unit(), self.is_on_lines(object));
                    return Ok(replaced(&self.text, member.value.clone(), &written));
                }
                Some(member) if self.text[member.value.clone()].starts_with('{') => {
                    object = member.value.start;
                }
                Some(_) => {
                    return Err(JsonError::NotAnObject {
                        name: (*name).to_owned(),
                    });
                }
                None => {
                    let inner = path[depth + 1..].iter().rev().fold(value.clone(), |value, name| {
                        Value::Object([((*name).to_owned(), value)].into_iter().collect())
                    });
                    return Ok(self.with_member(object, &members, name, &inner));
                }
            }
        }
        Ok(self.text.clone())
    }

    /// A member more, below the last one and laid out as that is.
    fn with_member(&self, object: usize, members: &[Member], name: &str, value: &Value) -> String {
        let name = Value::from(name).to_string();
        let Some(last) = members.last() else {
            let outer = indent_at(&self.text, object);
            let unit = self.unit();
            let indent = format!("{outer}{unit}");
            let end = object + 1 + self.text[object + 1..].find('}').unwrap_or_default();
            let member = format!(
                "{{\n{indent}{name}: {}\n{outer}",
                written(value, &indent, &unit, true)
            );
            return replaced(&self.text, object..end, &member);
        };
        let before = members
            .len()
            .checked_sub(2)
            .map_or(object + 1, |previous| members[previous].value.end);
        let space: String = self.text[before..last.start]
            .trim_start()
            .strip_prefix(',')
            .map_or(&self.text[before..last.start], |_| {
                let comma = self.text[before..].find(',').unwrap_or_default();
                &self.text[before + comma + 1..last.start]
            })
            .to_owned();
        let colon = self.text[last.start..last.value.start]
            .rfind(':')
            .map_or(" ", |at| &self.text[last.start + at + 1..last.value.start]);
        let on_lines = space.contains('\n');
        let indent = indent_at(&self.text, last.start);
        let space = if on_lines || members.len() > 1 {
            space
        } else {
            " ".to_owned()
        };
        let member = format!(
            ",{space}{name}:{colon}{}",
            written(value, &indent, &self.unit(), on_lines)
        );
        replaced(&self.text, last.value.end..last.value.end, &member)
    }

    /// By how much one level is indented.
    fn unit(&self) -> String {
        let indents = self
            .text
            .lines()
            .map(|line| &line[..line.len() - line.trim_start().len()]);
        indents
            .filter(|indent| !indent.is_empty())
            .min_by_key(|indent| indent.len())
            .unwrap_or("  ")
            .to_owned()
    }

    fn is_on_lines(&self, object: usize) -> bool {
        let inside = &self.text[object + 1..];
        inside[..inside.len() - inside.trim_start().len()].contains('\n')
    }
}

fn replaced(text: &str, range: Range<usize>, by: &str) -> String {
    format!("{}{by}{}", &text[..range.start], &text[range.end..])
}

/// The white space that begins the line on which `at` lies.
fn indent_at(text: &str, at: usize) -> String {
    let line = &text[text[..at].rfind('\n').map_or(0, |end| end + 1)..at];
    line[..line.len() - line.trim_start().len()].to_owned()
}

fn written(value: &Value, indent: &str, unit: &str, on_lines: bool) -> String {
    let lines = match value {
        Value::Array(items) if on_lines && !items.is_empty() => items
            .iter()
            .map(|item| written(item, &format!("{indent}{unit}"), unit, true))
            .collect::<Vec<_>>(),
        Value::Object(members) if on_lines && !members.is_empty() => members
            .iter()
            .map(|(name, value)| {
                let value = written(value, &format!("{indent}{unit}"), unit, true);
                format!("{}: {value}", Value::from(name.as_str()))
            })
            .collect(),
        other => return other.to_string(),
    };
    let (open, close) = if value.is_array() { ('[', ']') } else { ('{', '}') };
    let lines = lines.join(&format!(",\n{indent}{unit}"));
    format!("{open}\n{indent}{unit}{lines}\n{indent}{close}")
}

fn put(into: &mut Value, path: &[&str], value: &Value) {
    match path {
        [] => *into = value.clone(),
        [name, rest @ ..] => put(&mut into[*name], rest, value),
    }
}

/// The members of the object that begins at `at`, in text that is known to be JSON.
fn members(text: &str, at: usize) -> Option<Vec<Member>> {
    let mut members = Vec::new();
    let mut at = space(text, at + 1);
    while !text[at..].starts_with('}') {
        let start = at;
        let end = string_end(text, at)?;
        let name = serde_json::from_str(&text[start..end]).ok()?;
        at = space(text, end);
        at = space(text, at + text[at..].find(':').filter(|colon| *colon == 0)? + 1);
        let end = value_end(text, at)?;
        members.push(Member {
            name,
            start,
            value: at..end,
        });
        at = space(text, end);
        if text[at..].starts_with(',') {
            at = space(text, at + 1);
        }
    }
    Some(members)
}

fn space(text: &str, at: usize) -> usize {
    text.len() - text[at..].trim_start().len()
}

fn string_end(text: &str, at: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    if bytes.get(at) != Some(&b'"') {
        return None;
    }
    let mut end = at + 1;
    loop {
        match bytes.get(end)? {
            b'\\' => end += 2,
            b'"' => return Some(end + 1),
            _ => end += 1,
        }
    }
}

fn value_end(text: &str, at: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    match bytes.get(at)? {
        b'"' => string_end(text, at),
        b'{' | b'[' => {
            let mut depth = 0;
            let mut end = at;
            loop {
                match bytes.get(end)? {
                    b'"' => {
                        end = string_end(text, end)?;
                        continue;
                    }
                    b'{' | b'[' => depth += 1,
                    b'}' | b']' => depth -= 1,
                    _ => {}
                }
                end += 1;
                if depth == 0 {
                    return Some(end);
                }
            }
        }
        _ => {
            let rest = &text[at..];
            let length = rest.find(|c: char| c.is_whitespace() || matches!(c, ',' | '}' | ']'));
            Some(at + length.unwrap_or(rest.len()))
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn set(text: &str, path: &[&str], value: Value) -> String {
        let mut file = JsonFile::parse(text.as_bytes()).unwrap();
        file.set(path, &value).unwrap();
        String::from_utf8(file.bytes()).unwrap()
    }

    #[test]
    fn one_value_changes_and_nothing_else() {
        let text = "{\n    \"HomepageLocation\" : \"https://x\",\n\n    \"AuthServerAllowlist\": \"a\"   ,\n    \"z\": [1,2 ,3]\n}\n";
        assert_eq!(
            set(text, &["AuthServerAllowlist"], json!("a,b")),
            text.replace("\"a\"   ,", "\"a,b\"   ,")
        );
        assert_eq!(set(text, &["z"], json!([1, 2, 3])), text, "the same value");
    }

    #[test]
    fn what_is_new_is_laid_out_as_what_is_there() {
        assert_eq!(
            set("{\n\t\"a\": 1\n}\n", &["b"], json!("x")),
            "{\n\t\"a\": 1,\n\t\"b\": \"x\"\n}\n"
        );
        assert_eq!(set("{\"a\":1}", &["b"], json!("x")), "{\"a\":1, \"b\":\"x\"}");
        assert_eq!(
            set("{\"a\": 1,\"c\": 2}", &["b"], json!("x")),
            "{\"a\": 1,\"c\": 2,\"b\": \"x\"}"
        );
        assert_eq!(set("{}", &["b"], json!(true)), "{\n  \"b\": true\n}");
        assert_eq!(set("", &["b"], json!(true)), "{\n  \"b\": true\n}\n");
        let policies = "{\r\n  \"policies\": {\r\n    \"DisableTelemetry\": true\r\n  }\r\n}\r\n";
        let changed = set(policies, &["policies", "Authentication", "SPNEGO"], json!(["h"]));
        assert!(
            changed.starts_with(
                "{\r\n  \"policies\": {\r\n    \"DisableTelemetry\": true,\r\n    \"Authentication\": {"
            ),
            "{changed}"
        );
        assert_eq!(
            set("", &["policies", "Authentication", "SPNEGO"], json!(["h"])),
            "{\n  \"policies\": {\n    \"Authentication\": {\n      \"SPNEGO\": [\n        \"h\"\n      ]\n    }\n  }\n}\n"
        );
    }

    #[test]
    fn what_cannot_be_told_is_refused() {
        let refused = |text: &str, path: &[&str]| {
            let mut file = JsonFile::parse(text.as_bytes()).unwrap();
            let error = file.set(path, &json!(1)).unwrap_err();
            assert_eq!(file.bytes(), text.as_bytes());
            error
        };
        assert!(matches!(
            refused("{\"a\": 1, \"a\": 2}", &["a"]),
            JsonError::Twice { .. }
        ));
        assert!(matches!(
            refused("{\"a\": 1}", &["a", "b"]),
            JsonError::NotAnObject { .. }
        ));
        for broken in ["[1]", "{", "{\"a\": 1,}", "// x\n{}"] {
            assert!(JsonFile::parse(broken.as_bytes()).is_err(), "{broken}");
        }
    }

    proptest::proptest! {
        #[test]
        fn whatever_is_set_is_read_back(
            names in proptest::collection::vec("[a-z\"\\\\ ]{1,4}", 1..4), text in "[ -~]{0,8}", pretty in proptest::bool::ANY
        ) {
            let before = json!({"x": {"y": [1, {"z": "}\""}]}, "w": null});
            let written = if pretty { serde_json::to_string_pretty(&before) } else { serde_json::to_string(&before) };
            let mut file = JsonFile::parse(written.unwrap().as_bytes()).unwrap();
            let path: Vec<&str> = names.iter().map(String::as_str).collect();
            if !(path.contains(&"w") || path[0] == "x" && path.get(1) == Some(&"y") && path.len() > 2) {
                file.set(&path, &json!(text)).unwrap();
                proptest::prop_assert_eq!(file.at(&path), Some(&json!(text)));
            }
        }
    }
}
