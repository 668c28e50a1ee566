//! What was asked of the server, for tests that want to see what a client really sends.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use axum::http::{HeaderMap, Method, Uri, header};
use jiff::Timestamp;
use serde_json::{Value, json};
use url::form_urlencoded;

use super::clock::written;
use super::credential::{Credential, credentials};
use super::site::Site;
use crate::secret::{MASK, mask_text};

/// More are forgotten, oldest first, so that a demo may run for days.
const KEPT: usize = 10_000;

/// One request. Its texts are masked; the secrets are in `credentials` only.
#[derive(Debug, Clone)]
pub struct RecordedRequest {
    /// Which product was asked.
    pub site: Site,
    pub at: Timestamp,
    pub method: String,
    /// The path, with the token of `/t/<token>/` masked.
    pub path: String,
    pub query: Option<String>,
    /// Names in lower case; credentials are masked.
    pub headers: Vec<(String, String)>,
    /// Every credential that was sent, whether or not it was looked at.
    pub credentials: Vec<Credential>,
    /// The body if it was JSON, or a form, which becomes an object; what is secret in it is masked.
    pub body: Option<Value>,
    /// What was answered; nothing as long as, or because, no answer was given.
    pub status: Option<u16>,
}

impl RecordedRequest {
    pub(super) fn new(
        site: Site,
        at: Timestamp,
        method: &Method,
        uri: &Uri,
        headers: &HeaderMap,
        body: &[u8],
    ) -> Self {
        Self {
            site,
            at,
            method: method.to_string(),
            path: mask_text(uri.path()),
            query: uri.query().map(str::to_owned),
            headers: headers
                .iter()
                .map(|(name, value)| masked_header(name.as_str(), value))
                .collect(),
            credentials: credentials(path_token(uri.path()), headers),
            body: understood(headers, body).map(masked_body),
            status: None,
        }
    }

    /// The value of a header, its name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(found, _)| found == name)
            .map(|(_, value)| value.as_str())
    }

    pub(super) fn to_json(&self) -> Value {
        let carriers: Vec<_> = self
            .credentials
            .iter()
            .map(|credential| credential.carrier)
            .collect();
        json!({
            "site": self.site,
            "at": written(self.at),
            "method": self.method,
            "path": self.path,
            "query": self.query,
            "headers": self.headers.iter().map(|(name, value)| json!([name, value])).collect::<Vec<_>>(),
            "carriers": carriers,
            "body": self.body,
            "status": self.status,
        })
    }
}

/// The token in `/t/<token>/` wherever in the path it stands.
pub(super) fn path_token(path: &str) -> Option<&str> {
    let mut segments = path.split('/');
    segments.find(|segment| *segment == "t")?;
    segments.next().filter(|token| !token.is_empty())
}

fn understood(headers: &HeaderMap, body: &[u8]) -> Option<Value> {
    let declared = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    if declared.starts_with("application/x-www-form-urlencoded") {
        let fields = form_urlencoded::parse(body).into_owned();
        return Some(fields.map(|(key, value)| (key, json!(value))).collect());
    }
    serde_json::from_slice(body).ok()
}

/// The keys whose values no record shows.
const SECRET: [&str; 8] = [
    "access_token",
    "api_key",
    "code",
    "code_verifier",
    "device_code",
    "password",
    "refresh_token",
    "token",
];

fn masked_header(name: &str, value: &header::HeaderValue) -> (String, String) {
    let text = String::from_utf8_lossy(value.as_bytes());
    let masked = match name {
        "x-auth" => MASK.to_owned(),
        "authorization" | "proxy-authorization" => match text.split_once(' ') {
            Some((scheme, _)) => format!("{scheme} {MASK}"),
            None => MASK.to_owned(),
        },
        "cookie" => {
            let names = text
                .split(';')
                .map(|pair| pair.split('=').next().unwrap_or_default().trim());
            names
                .map(|name| format!("{name}={MASK}"))
                .collect::<Vec<_>>()
                .join("; ")
        }
        _ => mask_text(&text),
    };
    (name.to_owned(), masked)
}

fn masked_body(body: Value) -> Value {
    match body {
        Value::Object(fields) => fields
            .into_iter()
            .map(|(key, value)| match SECRET.contains(&key.as_str()) {
                true => (key, json!(MASK)),
                false => (key, masked_body(value)),
            })
            .collect(),
        Value::Array(items) => items.into_iter().map(masked_body).collect(),
        other => other,
    }
}

/// The requests so far.
#[derive(Debug, Default)]
pub(super) struct Records {
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    requests: VecDeque<RecordedRequest>,
    forgotten: usize,
}

impl Records {
    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes a request; the number given back is for [`Self::answered`].
    pub(super) fn asked(&self, request: RecordedRequest) -> usize {
        let mut kept = self.kept();
        if kept.requests.len() == KEPT {
            kept.requests.pop_front();
            kept.forgotten += 1;
        }
        kept.requests.push_back(request);
        kept.forgotten + kept.requests.len() - 1
    }

    pub(super) fn answered(&self, number: usize, status: u16) {
        let mut kept = self.kept();
        let at = number.checked_sub(kept.forgotten);
        if let Some(request) = at.and_then(|at| kept.requests.get_mut(at)) {
            request.status = Some(status);
        }
    }

    pub(super) fn all(&self) -> Vec<RecordedRequest> {
        self.kept().requests.iter().cloned().collect()
    }

    pub(super) fn forget(&self) {
        let mut kept = self.kept();
        kept.forgotten += kept.requests.len();
        kept.requests.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(path: &str) -> RecordedRequest {
        let mut headers = HeaderMap::new();
        headers.insert("x-auth", "hush1".parse().unwrap());
        headers.insert("authorization", "Bearer hush2".parse().unwrap());
        headers.insert("cookie", "jwt_token=hush3; token=hush4".parse().unwrap());
        let body = br#"{"username":"alice","password":"hush5","inner":[{"token":"hush6"}]}"#;
        RecordedRequest::new(
            Site::Server,
            Timestamp::now(),
            &Method::POST,
            &path.parse().unwrap(),
            &headers,
            body,
        )
    }

    #[test]
    fn no_text_of_a_record_holds_a_secret() {
        let record = request("/api/repo/t/hush7/main/noarch/repodata.json");
        let shown = format!("{record:?} {}", record.to_json());
        assert!(!shown.contains("hush"), "{shown}");
        assert_eq!(record.header("authorization"), Some("Bearer ••••"));
        assert_eq!(record.header("cookie"), Some("jwt_token=••••; token=••••"));
        assert_eq!(record.credentials[0].value.expose(), "hush7");
    }

    #[test]
    fn a_form_is_shown_without_its_secrets() {
        let mut headers = HeaderMap::new();
        let form = "application/x-www-form-urlencoded; charset=utf-8";
        headers.insert("content-type", form.parse().unwrap());
        let body = b"grant_type=x&code=hush1&code_verifier=hush2&device_code=hush3&client_id=c+d";
        let record = RecordedRequest::new(
            Site::Cloud,
            Timestamp::now(),
            &Method::POST,
            &"/token".parse().unwrap(),
            &headers,
            body,
        );
        let shown = record.to_json().to_string();
        assert!(!shown.contains("hush"), "{shown}");
        let shown = record.body.unwrap();
        assert_eq!(
            (&shown["grant_type"], &shown["client_id"]),
            (&json!("x"), &json!("c d"))
        );
    }

    #[test]
    fn old_requests_are_forgotten_and_answers_find_theirs() {
        let records = Records::default();
        let numbers: Vec<usize> = (0..=KEPT).map(|_| records.asked(request("/"))).collect();
        records.answered(numbers[0], 500);
        records.answered(numbers[KEPT], 200);
        let all = records.all();
        assert_eq!(all.len(), KEPT);
        assert_eq!(all.last().unwrap().status, Some(200));
        assert!(all.iter().all(|request| request.status != Some(500)));
        let number = numbers[KEPT];
        records.forget();
        records.answered(number, 200);
        assert_eq!(records.asked(request("/")), KEPT + 1);
    }
}
