//! Package Security Manager Cloud: the repository behind an organisation's token (server reference, section 2).

use std::fmt;

use reqwest::Method;
use url::Url;

use super::domain::{Domain, DomainError};
use super::error::RepositoryError;
use super::http::{HttpClient, Request};
use crate::secret::{Secret, Token};

/// The repository where no other is named (server reference, section 2).
pub const CLOUD_REPOSITORY: &str = "https://repo.anaconda.cloud/repo/";

/// The length of the tokens that the service issues (server reference, section 2).
const USUAL_LENGTH: usize = 48;

/// The base address of the repository, `https://HOST/repo/`, always with a slash at its end: the key under which conda
/// finds the token, which then leads to no other host.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CloudBase(String);

impl CloudBase {
    /// Accepts what `CONDA_TOKEN_REPO_URL` may hold.
    ///
    /// # Errors
    /// [`DomainError`] when that is no web address.
    pub fn parse(text: &str) -> Result<Self, DomainError> {
        let text = text.trim();
        let domain = Domain::parse(text)?;
        let path = Url::parse(text)
            .map(|url| url.path().trim_matches('/').to_owned())
            .unwrap_or_default();
        // A bare host would lead conda to send the token to look-alike hosts (server reference, section 3.6).
        let path = if path.is_empty() { "repo".to_owned() } else { path };
        Ok(Self(format!("{domain}/{path}/")))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub fn domain(&self) -> Result<Domain, DomainError> {
        Domain::parse(&self.0)
    }

    /// The address of a channel, such as `main` or `my-organisation/models`, as it stands in `.condarc`.
    pub fn channel(&self, name: &str) -> String {
        format!("{}{}", self.0, name.trim_matches('/'))
    }

    /// The channels that take the place of conda's own (server reference, section 2.1).
    pub fn default_channels(&self) -> [String; 3] {
        ["main", "r", "msys2"].map(|name| self.channel(name))
    }

    /// `<base with /t/<token> before its path>/<channel>/noarch/repodata.json`.
    fn index_of(&self, channel: &str, token: &Token) -> Result<Url, RepositoryError> {
        let internal = |detail: String| RepositoryError::Internal { detail };
        let mut url = Url::parse(&self.0).map_err(|error| internal(error.to_string()))?;
        let path = url.path().trim_matches('/').to_owned();
        url.set_path(&format!(
            "/t/{}/{path}/{channel}/noarch/repodata.json",
            token.expose()
        ));
        Ok(url)
    }
}

impl fmt::Display for CloudBase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The calls of the repository.
#[derive(Debug, Clone)]
pub struct CloudClient {
    http: HttpClient,
    base: CloudBase,
}

impl CloudClient {
    pub fn new(http: HttpClient, base: CloudBase) -> Self {
        Self { http, base }
    }

    pub fn base(&self) -> &CloudBase {
        &self.base
    }

    /// Whether the token is accepted: `HEAD` of the index of `main`, where 200 says yes and all else no.
    ///
    /// # Errors
    /// [`RepositoryError::CloudTokenRefused`]; network and TLS failures; a server that fails.
    pub async fn check_token(&self, token: &Token) -> Result<(), RepositoryError> {
        match self.head(token, "main").await? {
            200 => Ok(()),
            status @ 500.. => Err(RepositoryError::ServerFailed {
                status,
                doing: "validate the token",
                said: None,
            }),
            status => Err(RepositoryError::CloudTokenRefused {
                host: self.host(),
                status,
                length: token.expose().chars().count(),
            }),
        }
    }

    /// Whether the token opens a channel.
    ///
    /// # Errors
    /// Network and TLS failures.
    pub async fn opens(&self, token: &Token, channel: &str) -> Result<bool, RepositoryError> {
        Ok(self.head(token, channel).await? == 200)
    }

    async fn head(&self, token: &Token, channel: &str) -> Result<u16, RepositoryError> {
        let url = self.base.index_of(channel, token)?;
        let request = Request::new(Method::HEAD, url).hiding(&Secret::new(token.expose()));
        Ok(self.http.send(request).await?.status)
    }

    fn host(&self) -> String {
        self.base
            .domain()
            .map(|domain| domain.host_and_port().to_owned())
            .unwrap_or_default()
    }
}

/// What the length of a refused token gives away.
pub(super) fn said_by_length(length: usize) -> String {
    match length.cmp(&USUAL_LENGTH) {
        std::cmp::Ordering::Less => {
            format!(
                "it has {length} characters where such tokens have {USUAL_LENGTH}, so it may have been cut off"
            )
        }
        std::cmp::Ordering::Equal => {
            "it has expired, was re-issued, or belongs to an ended subscription".to_owned()
        }
        std::cmp::Ordering::Greater => format!(
            "it has {length} characters where such tokens have {USUAL_LENGTH}, so something else may have been copied with it"
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_stands_before_the_path() {
        let token = Token::parse("abc123").unwrap();
        for (text, base, index) in [
            (
                CLOUD_REPOSITORY,
                CLOUD_REPOSITORY,
                "https://repo.anaconda.cloud/t/abc123/repo/main/noarch/repodata.json",
            ),
            (
                "http://127.0.0.1:8080/repo",
                "http://127.0.0.1:8080/repo/",
                "http://127.0.0.1:8080/t/abc123/repo/main/noarch/repodata.json",
            ),
            (
                "https://Mirror.example.com",
                "https://mirror.example.com/repo/",
                "https://mirror.example.com/t/abc123/repo/main/noarch/repodata.json",
            ),
            (
                "https://mirror.example.com/a/b/",
                "https://mirror.example.com/a/b/",
                "https://mirror.example.com/t/abc123/a/b/main/noarch/repodata.json",
            ),
        ] {
            let parsed = CloudBase::parse(text).unwrap();
            assert_eq!(parsed.as_str(), base);
            assert_eq!(parsed.index_of("main", &token).unwrap().as_str(), index);
        }
        let base = CloudBase::parse(CLOUD_REPOSITORY).unwrap();
        assert_eq!(
            base.channel("org/models/"),
            "https://repo.anaconda.cloud/repo/org/models"
        );
        assert!(CloudBase::parse("ftp://x").is_err());
    }
}
