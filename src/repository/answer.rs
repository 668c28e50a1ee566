//! A server's answer, read with suspicion.

use std::fmt;

use reqwest::header::HeaderMap;
use serde_json::Value;

use super::error::{Answered, RepositoryError};
use super::excerpt::{EXCERPT_CHARACTERS, Scrub};

/// Whether an answer holds a new token or a session, so that nothing of it may be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Content {
    #[default]
    Showable,
    Confidential,
}

/// Status, headers and body of an answer that was not a redirect.
pub(super) struct Answer {
    pub(super) address: String,
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
    pub(super) content: Content,
    pub(super) scrub: Scrub,
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Answer({} from {}, {} bytes)",
            self.status,
            self.address,
            self.body.len()
        )
    }
}

impl Answer {
    /// The body as JSON; `expected` says what it should have been.
    pub(super) fn json(&self, expected: &'static str) -> Result<Value, RepositoryError> {
        // Some servers put a byte order mark in front.
        let body = self
            .body
            .strip_prefix(b"\xef\xbb\xbf".as_slice())
            .unwrap_or(&self.body);
        serde_json::from_slice(body).map_err(|_| self.not_json(expected))
    }

    pub(super) fn not_json(&self, expected: &'static str) -> RepositoryError {
        let excerpt = match self.content {
            Content::Confidential if !self.body.is_empty() => format!("{} bytes, not shown", self.body.len()),
            _ => self.excerpt(),
        };
        RepositoryError::NotJson {
            address: self.address.clone(),
            expected,
            excerpt,
        }
    }

    pub(super) fn missing(&self, expected: &'static str, field: &'static str) -> RepositoryError {
        RepositoryError::MissingField {
            address: self.address.clone(),
            expected,
            field,
        }
    }

    /// A text field of the body that must be there and not empty.
    pub(super) fn text(
        &self,
        body: &Value,
        expected: &'static str,
        field: &'static str,
    ) -> Result<String, RepositoryError> {
        match body.get(field).and_then(Value::as_str) {
            Some(text) if !text.is_empty() => Ok(text.to_owned()),
            _ => Err(self.missing(expected, field)),
        }
    }

    fn excerpt(&self) -> String {
        // Masking comes before cutting, so a margin is kept for secrets that straddle the end.
        let head = &self.body[..self.body.len().min(64 * 1024)];
        self.scrub
            .excerpt(&String::from_utf8_lossy(head), EXCERPT_CHARACTERS)
    }

    /// The server's own words about a failure: `message`, `detail` or `error`, on the top or inside `error`
    /// (server reference, section 1.17).
    pub(super) fn said(&self) -> Option<String> {
        let body: Value = serde_json::from_slice(&self.body).ok()?;
        let inner = body.get("error");
        let candidates = [
            inner.and_then(|error| error.get("message")),
            inner.and_then(|error| error.get("detail")),
            body.get("message"),
            body.get("detail"),
            inner,
        ];
        let words = candidates.into_iter().flatten().find_map(Value::as_str)?;
        let words = self.scrub.excerpt(words, EXCERPT_CHARACTERS);
        (!words.is_empty()).then_some(words)
    }

    /// What this is, when it is not what was expected.
    pub(super) fn describe(&self) -> Answered {
        let status = self.status;
        let excerpt = self.excerpt();
        if excerpt.is_empty() {
            return Answered::Empty { status };
        }
        if let Ok(body) = serde_json::from_slice::<Value>(&self.body) {
            let keys = body
                .as_object()
                .map(|object| object.keys().take(5).map(|key| self.scrub.excerpt(key, 24)));
            return Answered::OtherJson {
                status,
                fields: keys.map(Iterator::collect).unwrap_or_default(),
            };
        }
        let head = String::from_utf8_lossy(&self.body[..self.body.len().min(64 * 1024)]).into_owned();
        let lower = head.to_ascii_lowercase();
        if lower.contains("<html") || lower.contains("<!doctype html") || lower.contains("<head") {
            return Answered::Page {
                status,
                title: title(&head, &lower).map(|title| self.scrub.excerpt(title, 80)),
            };
        }
        Answered::Text { status, excerpt }
    }
}

/// What stands between `<title…>` and `</title`; `lower` is `page` in ASCII lower case, so positions agree.
fn title<'a>(page: &'a str, lower: &str) -> Option<&'a str> {
    let open = lower.find("<title")?;
    let start = open + lower[open..].find('>')? + 1;
    let end = start + lower[start..].find("</title")?;
    let title = page[start..end].trim();
    (!title.is_empty()).then_some(title)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::Secret;

    fn answer(status: u16, body: &str) -> Answer {
        let mut scrub = Scrub::default();
        scrub.add(&Secret::new("canary"));
        Answer {
            address: "https://h/api".into(),
            status,
            headers: HeaderMap::new(),
            body: body.into(),
            content: Content::Showable,
            scrub,
        }
    }

    #[test]
    fn what_answered_is_described() {
        let shown = |status, body| answer(status, body).describe().to_string();
        assert_eq!(
            shown(
                200,
                "<!DOCTYPE html><HTML><head><Title lang=de>\n Willkommen\n bei canary </TITLE>"
            ),
            "a web page called \"Willkommen bei ••••\" answered"
        );
        assert_eq!(
            shown(404, "<html><body>no</body></html>"),
            "a web page without a title answered (status 404)"
        );
        assert_eq!(
            shown(200, r#"{"errors":[],"canary":1}"#),
            "another product answered, with JSON about errors, ••••"
        );
        assert_eq!(shown(200, "[]"), "JSON without the expected fields answered");
        assert_eq!(shown(502, " \n"), "the answer was empty (status 502)");
        assert_eq!(shown(200, "It works"), "the answer was \"It works\"");
    }

    #[test]
    fn the_servers_words_are_found_wherever_they_stand() {
        for body in [
            r#"{"code":"x","message":"No canary"}"#,
            r#"{"error":{"code":"auth_required","message":"No canary"}}"#,
            r#"{"error":{"detail":"No canary"}}"#,
            r#"{"detail":"No canary"}"#,
            r#"{"error":"No canary"}"#,
        ] {
            assert_eq!(answer(400, body).said().as_deref(), Some("No ••••"), "{body}");
        }
        for body in ["", "[]", r#"{"message":7}"#, "<html>"] {
            assert_eq!(answer(400, body).said(), None, "{body}");
        }
    }
}
