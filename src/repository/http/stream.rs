//! Large answers, read while they arrive.

use std::time::Duration;

use reqwest::{Request, Response};
use url::Url;

use super::HttpClient;
use crate::repository::error::RepositoryError;
use crate::repository::failure;

impl HttpClient {
    /// Sends the request as it is and gives the answer whatever its status; a redirect is not followed. The body is still
    /// to be read, and may take any time as long as something arrives: only silence ends it.
    ///
    /// # Errors
    /// Network and TLS failures, and a proxy that cannot be used.
    pub async fn stream(&self, mut request: Request) -> Result<Response, RepositoryError> {
        // Longer than any download: the client's own limit is for answers that are read at once.
        *request.timeout_mut() = Some(Duration::MAX);
        Ok(self.exchange(&self.0.client, request).await?.response)
    }

    /// What broke the body of an answer off that came from `url`.
    pub fn broken_body(&self, error: &reqwest::Error, url: &Url) -> RepositoryError {
        let proxy = self.proxy_for(url).ok().flatten();
        failure::of_request(error, &self.target(url, proxy.as_ref()))
    }
}
