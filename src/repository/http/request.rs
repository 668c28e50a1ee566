//! A request before it is sent.

use reqwest::Method;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use url::Url;

use super::ANSWER_LIMIT;
use crate::repository::answer::Content;
use crate::repository::error::RepositoryError;
use crate::repository::excerpt::Scrub;
use crate::secret::Secret;

/// A request to be sent, with what must not be shown of its answer.
#[derive(Clone)]
pub(in crate::repository) struct Request {
    pub(super) method: Method,
    pub(super) url: Url,
    pub(super) headers: HeaderMap,
    pub(super) body: Option<Vec<u8>>,
    pub(super) limit: usize,
    pub(super) content: Content,
    pub(super) scrub: Scrub,
}

impl Request {
    pub(in crate::repository) fn new(method: Method, url: Url) -> Self {
        let mut headers = HeaderMap::new();
        headers.insert(
            reqwest::header::ACCEPT,
            HeaderValue::from_static("application/json"),
        );
        let (limit, content) = (ANSWER_LIMIT, Content::default());
        Self {
            method,
            url,
            headers,
            body: None,
            limit,
            content,
            scrub: Scrub::default(),
        }
    }

    pub(in crate::repository) fn query(mut self, pairs: &[(&str, &str)]) -> Self {
        self.url.query_pairs_mut().extend_pairs(pairs);
        self
    }

    /// Sends `body` as JSON.
    pub(in crate::repository) fn json(mut self, body: &serde_json::Value) -> Self {
        self.headers.insert(
            reqwest::header::CONTENT_TYPE,
            HeaderValue::from_static("application/json"),
        );
        self.body = Some(body.to_string().into_bytes());
        self
    }

    /// Sends `pairs` as a form, as OAuth does.
    pub(in crate::repository) fn form(mut self, pairs: &[(&str, &str)]) -> Self {
        self.headers.insert(
            reqwest::header::CONTENT_TYPE,
            HeaderValue::from_static("application/x-www-form-urlencoded"),
        );
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        form.extend_pairs(pairs);
        self.body = Some(form.finish().into_bytes());
        self
    }

    /// Adds a header that is never shown. `value` is built around `secret`, which is masked wherever the answer
    /// repeats it.
    ///
    /// # Errors
    /// [`RepositoryError::Internal`] when the value cannot stand in a header.
    pub(in crate::repository) fn secret_header(
        mut self,
        name: HeaderName,
        value: &Secret,
        secret: &Secret,
    ) -> Result<Self, RepositoryError> {
        let mut header = HeaderValue::from_str(value.expose()).map_err(|_| RepositoryError::Internal {
            detail: format!("{name} cannot be sent: it holds a control character"),
        })?;
        header.set_sensitive(true);
        self.headers.insert(name, header);
        Ok(self.hiding(secret))
    }

    /// Masks `secret` wherever the answer repeats it.
    pub(in crate::repository) fn hiding(mut self, secret: &Secret) -> Self {
        self.scrub.add(secret);
        self
    }

    /// The answer holds a secret: nothing of it is shown.
    pub(in crate::repository) fn confidential(mut self) -> Self {
        self.content = Content::Confidential;
        self
    }

    pub(in crate::repository) fn limit(mut self, limit: usize) -> Self {
        self.limit = limit;
        self
    }
}
