//! Files as conda fetches them: with an entity tag, by which a client that has one already is spared it.

use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::random::{hex, sha256};

/// JSON with an entity tag, or 304 to whoever has it already.
pub(super) fn with_tag(text: String, headers: &HeaderMap) -> Response {
    let tag = format!("\"{}\"", &hex(&sha256(&text))[..32]);
    let known = headers
        .get(header::IF_NONE_MATCH)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    if known.split(',').any(|one| one.trim() == tag) {
        return (StatusCode::NOT_MODIFIED, [(header::ETAG, tag)]).into_response();
    }
    (
        [
            (header::CONTENT_TYPE, "application/json".to_owned()),
            (header::ETAG, tag),
        ],
        text,
    )
        .into_response()
}
