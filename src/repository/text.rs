//! Fetching a small text from a link that a person was given.

use reqwest::Method;
use url::Url;

use super::error::RepositoryError;
use super::http::{HttpClient, Request, shown};

/// The text at `url`.
///
/// # Errors
/// Network and TLS failures, a redirect, and any status but 200.
pub async fn fetch_text(http: &HttpClient, url: &Url) -> Result<Vec<u8>, RepositoryError> {
    let answer = http.send(Request::new(Method::GET, url.clone())).await?;
    match answer.status {
        200 => Ok(answer.body),
        404 | 410 => Err(RepositoryError::NotFound {
            address: shown(url),
            doing: "fetch the text",
        }),
        status => Err(RepositoryError::Rejected {
            status,
            doing: "fetch the text",
            said: None,
        }),
    }
}
