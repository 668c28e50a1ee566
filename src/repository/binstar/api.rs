//! Where the API of an Anaconda Repository, or of Anaconda.org, is, and what follows from that.

use std::fmt;
use std::str::FromStr;

use url::Url;

use crate::repository::domain::{Change, Domain, DomainError, Parsed};
use crate::secret::Token;

/// The base of the API of Anaconda.org.
pub const ANACONDA_ORG: &str = "https://api.anaconda.org";

/// The hosts under which Anaconda.org is reached by people, conda and pip.
const ANACONDA_ORG_HOSTS: [&str; 5] = [
    "anaconda.org",
    "www.anaconda.org",
    "api.anaconda.org",
    "conda.anaconda.org",
    "pypi.anaconda.org",
];

/// How a repository lays out its addresses (repository reference, section 1.6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Layout {
    /// One host: `/api`, `/conda`, `/pypi`.
    Paths,
    /// A host for each: `api.HOST`, `conda.HOST`, `pypi.HOST`.
    Subdomains,
}

/// The API of an Anaconda Repository (Enterprise 4) or of Anaconda.org: `http://host:8080/api` or `https://api.host`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct BinstarApi {
    /// Where the API is; begins with `api.` in the layout of subdomains.
    domain: Domain,
    layout: Layout,
    /// The base of the API, without a slash at the end.
    base: String,
}

/// The API that pasted text leads to, and how it came out of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PastedApi {
    pub api: BinstarApi,
    /// What was done to the text, in order; empty when it was the base of an API already.
    pub changes: Vec<Change>,
    /// The token of a pasted `/t/<token>/` address, when there was one that conda could use.
    pub token: Option<Token>,
}

impl PastedApi {
    /// Whether the text named a place below the host that is not the base of the API. Pages and channels are such places,
    /// and so is a repository that lives behind a path, which is another one than `api`.
    pub fn has_lost_path(&self) -> bool {
        self.changes.contains(&Change::PathDropped)
    }
}

impl BinstarApi {
    /// Reads the API out of typed or pasted text; see [`BinstarApi::parse_pasted`].
    ///
    /// # Errors
    /// [`DomainError`] says what is wrong with the text without repeating it.
    pub fn parse(text: &str) -> Result<Self, DomainError> {
        Self::parse_pasted(text).map(|pasted| pasted.api)
    }

    /// Reads the API out of `host`, `host:8080`, the address of the API itself, of a web page, of a channel or of a
    /// package index (with or without a token), or an `anaconda config` or `conda config` command.
    ///
    /// A host whose name begins with `api.`, and a channel on a host whose name begins with `conda.` or `pypi.`, mean
    /// the layout of subdomains; everything else the layout of paths.
    ///
    /// # Errors
    /// As for [`BinstarApi::parse`].
    pub fn parse_pasted(text: &str) -> Result<PastedApi, DomainError> {
        let (
            Parsed {
                domain,
                mut changes,
                token,
            },
            rest,
        ) = Domain::parse_with_rest(text)?;
        let segments = segments(rest);
        let (domain, layout) = locate(domain, segments.first().copied())?;
        if segments.is_empty() || segments == ["api"] && layout == Layout::Paths {
            changes.retain(|change| *change != Change::PathDropped);
        }
        let api = Self::new(domain, layout);
        Ok(PastedApi { api, changes, token })
    }

    /// The API that a repository at this domain has.
    pub(in crate::repository) fn at(domain: &Domain) -> Result<Self, DomainError> {
        let (domain, layout) = locate(domain.clone(), None)?;
        Ok(Self::new(domain, layout))
    }

    fn new(domain: Domain, layout: Layout) -> Self {
        let base = match layout {
            Layout::Paths => format!("{domain}/api"),
            Layout::Subdomains => domain.to_string(),
        };
        Self { domain, layout, base }
    }

    /// The base of the API, `http://host:8080/api` or `https://api.host`, without a slash at the end.
    pub fn as_str(&self) -> &str {
        &self.base
    }

    /// The host of the API, with its scheme and port.
    pub fn domain(&self) -> &Domain {
        &self.domain
    }

    /// Whether what is sent can be read by everyone on the way.
    pub fn is_plain_http(&self) -> bool {
        self.domain.is_plain_http()
    }

    /// Whether this is Anaconda.org, which everyone shares, and not an organisation's own repository.
    pub fn is_anaconda_org(&self) -> bool {
        self.layout == Layout::Subdomains && is_anaconda_org(&self.domain)
    }

    /// What `channel_alias` in a `.condarc` must be: `http://host:8080/conda` or `https://conda.host`.
    pub fn channel_alias(&self) -> String {
        self.sibling("conda")
    }

    /// What pip's `extra-index-url` must be for the packages of `owner`.
    pub fn pypi_index(&self, owner: &str) -> String {
        format!("{}/{owner}/simple", self.sibling("pypi"))
    }

    /// Where people look at the repository in a browser.
    pub fn website(&self) -> String {
        match self.layout {
            Layout::Paths => self.domain.to_string(),
            Layout::Subdomains => self.domain.as_str().replacen("://api.", "://", 1),
        }
    }

    /// The address under which conda must find the token: always with a slash at the end, since conda compares plain
    /// beginnings of text and would else send the token to `https://api.host.evil.net` as well (repository reference,
    /// section 0.7).
    pub fn token_key(&self) -> String {
        format!("{}/", self.base)
    }

    /// `<base>/<path>`, each segment percent-encoded.
    pub(super) fn url(&self, path: &[&str]) -> Result<Url, DomainError> {
        let mut url = Url::parse(&self.base).map_err(|_| DomainError::MalformedHost)?;
        url.path_segments_mut()
            .map_err(|()| DomainError::MalformedHost)?
            .pop_if_empty()
            .extend(path);
        Ok(url)
    }

    /// Where `conda` or `pypi` is.
    fn sibling(&self, name: &str) -> String {
        match self.layout {
            Layout::Paths => format!("{}/{name}", self.domain),
            Layout::Subdomains => self
                .domain
                .as_str()
                .replacen("://api.", &format!("://{name}."), 1),
        }
    }
}

impl fmt::Display for BinstarApi {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.base)
    }
}

impl FromStr for BinstarApi {
    type Err = DomainError;

    fn from_str(text: &str) -> Result<Self, DomainError> {
        Self::parse(text)
    }
}

/// Whether people, conda or pip reach Anaconda.org at this domain.
pub(in crate::repository) fn is_anaconda_org(domain: &Domain) -> bool {
    ANACONDA_ORG_HOSTS.contains(&domain.host().trim_end_matches('.'))
}

/// The domain of the API, and the layout, from the host that was named and the first segment of the path behind it.
fn locate(domain: Domain, first: Option<&str>) -> Result<(Domain, Layout), DomainError> {
    if is_anaconda_org(&domain) {
        return Ok((Domain::parse(ANACONDA_ORG)?, Layout::Subdomains));
    }
    if first.is_some_and(|first| ["api", "conda", "pypi"].contains(&first)) {
        return Ok((domain, Layout::Paths));
    }
    let label = domain.host().split_once('.').filter(|(_, rest)| !rest.is_empty());
    match label.map(|(label, _)| label) {
        Some("api") => Ok((domain, Layout::Subdomains)),
        // Without a path it may as well be the host of everything.
        Some(label @ ("conda" | "pypi")) if first.is_some() => {
            let api = domain.as_str().replacen(&format!("://{label}."), "://api.", 1);
            Ok((Domain::parse(&api)?, Layout::Subdomains))
        }
        _ => Ok((domain, Layout::Paths)),
    }
}

/// The segments of a path, without a leading `/t/<token>`, query and fragment.
fn segments(rest: &str) -> Vec<&str> {
    let path = rest.split(['?', '#']).next().unwrap_or_default();
    let segments: Vec<&str> = path
        .split(['/', '\\'])
        .filter(|segment| !segment.is_empty())
        .collect();
    match segments.as_slice() {
        ["t", _, behind @ ..] => behind.to_vec(),
        _ => segments,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_is_typed_leads_to_the_api() {
        for (text, base) in [
            ("repo.corp.example", "https://repo.corp.example/api"),
            ("repo.corp.example:8080", "https://repo.corp.example:8080/api"),
            ("http://Repo.Corp:8080", "http://repo.corp:8080/api"),
            ("http://repo.corp:8080/api", "http://repo.corp:8080/api"),
            ("http://repo.corp:8080/api/", "http://repo.corp:8080/api"),
            ("http://10.0.0.5:8080/jsmith/package", "http://10.0.0.5:8080/api"),
            (
                "http://repo.corp:8080/jsmith/settings/access",
                "http://repo.corp:8080/api",
            ),
            (
                "http://repo.corp:8080/conda/jsmith/label/dev",
                "http://repo.corp:8080/api",
            ),
            (
                "http://repo.corp:8080/conda/t/tk-1/jsmith",
                "http://repo.corp:8080/api",
            ),
            (
                "http://repo.corp:8080/t/tk-1/conda/jsmith",
                "http://repo.corp:8080/api",
            ),
            (
                "http://repo.corp:8080/pypi/jsmith/simple",
                "http://repo.corp:8080/api",
            ),
            (
                "anaconda config --set url http://repo.corp:8080/api",
                "http://repo.corp:8080/api",
            ),
            ("https://api.corp.example", "https://api.corp.example"),
            ("api.corp.example:8443/", "https://api.corp.example:8443"),
            ("https://api.corp.example/user", "https://api.corp.example"),
            // The path says that everything is on one host.
            ("https://api.corp.example/api", "https://api.corp.example/api"),
            (
                "https://conda.corp.example/conda/main",
                "https://conda.corp.example/api",
            ),
            (
                "https://conda.corp.example/t/tk-1/main",
                "https://api.corp.example",
            ),
            (
                "https://pypi.corp.example/main/simple",
                "https://api.corp.example",
            ),
            ("https://conda.corp.example", "https://conda.corp.example/api"),
            // Names that only look like one of the subdomains.
            ("https://myapi.corp.example", "https://myapi.corp.example/api"),
            ("https://api", "https://api/api"),
            ("http://[::1]:8080", "http://[::1]:8080/api"),
            ("anaconda.org", ANACONDA_ORG),
            ("http://www.anaconda.org/jsmith/repo", ANACONDA_ORG),
            ("https://conda.anaconda.org/conda/label/dev", ANACONDA_ORG),
            ("https://api.anaconda.org/", ANACONDA_ORG),
            (
                "https://anaconda.org.evil.net",
                "https://anaconda.org.evil.net/api",
            ),
        ] {
            assert_eq!(BinstarApi::parse(text).unwrap().as_str(), base, "{text}");
        }
        assert_eq!(
            BinstarApi::parse("http://your.server:<port>/api").unwrap_err(),
            DomainError::BadPort
        );
        assert_eq!(
            BinstarApi::parse("http://al:pw@h/api").unwrap_err(),
            DomainError::Credentials
        );
    }

    #[test]
    fn the_base_of_an_api_is_read_as_itself() {
        for text in [
            "http://h:8080/api",
            "https://api.corp.example",
            "https://api.corp.example/api",
            ANACONDA_ORG,
        ] {
            let pasted = BinstarApi::parse_pasted(text).unwrap();
            assert_eq!(pasted.api.as_str(), text);
            assert_eq!(pasted.changes, []);
            assert_eq!(BinstarApi::parse(&pasted.api.token_key()).unwrap(), pasted.api);
            assert_eq!(
                BinstarApi::at(pasted.api.domain()).unwrap() == pasted.api,
                text != "https://api.corp.example/api"
            );
        }
        let pasted = BinstarApi::parse_pasted("repo.corp/t/tk-1/conda/jsmith").unwrap();
        assert_eq!(pasted.changes, [Change::SchemeAdded, Change::TokenDropped]);
        assert_eq!(pasted.token.unwrap().expose(), "tk-1");
        let pasted = BinstarApi::parse_pasted("http://repo.corp/jsmith").unwrap();
        assert_eq!(pasted.changes, [Change::PathDropped]);
    }

    #[test]
    fn a_path_that_is_not_that_of_the_api_is_known_to_be_lost() {
        let lost = |text: &str| BinstarApi::parse_pasted(text).unwrap().has_lost_path();
        for kept in [
            "https://h",
            "https://h/",
            "https://h/api",
            "h:8080/api/",
            "https://api.h.example/",
            "anaconda config --set url http://h:8080/api",
        ] {
            assert!(!lost(kept), "{kept}");
        }
        for cut in ["https://h/repo/api", "https://h/xyz", "https://api.h.example/v2"] {
            assert!(lost(cut), "{cut}");
        }
    }

    #[test]
    fn the_other_addresses_follow_from_the_layout() {
        let paths = BinstarApi::parse("http://h:8080").unwrap();
        assert_eq!(paths.channel_alias(), "http://h:8080/conda");
        assert_eq!(paths.pypi_index("jsmith"), "http://h:8080/pypi/jsmith/simple");
        assert_eq!(paths.website(), "http://h:8080");
        assert_eq!(paths.token_key(), "http://h:8080/api/");
        assert_eq!(
            paths.url(&["user", "a/b"]).unwrap().as_str(),
            "http://h:8080/api/user/a%2Fb"
        );
        assert!(!paths.is_anaconda_org());
        let subdomains = BinstarApi::parse("https://api.corp.example:8443").unwrap();
        assert_eq!(subdomains.channel_alias(), "https://conda.corp.example:8443");
        assert_eq!(
            subdomains.pypi_index("jsmith"),
            "https://pypi.corp.example:8443/jsmith/simple"
        );
        assert_eq!(subdomains.website(), "https://corp.example:8443");
        assert_eq!(subdomains.token_key(), "https://api.corp.example:8443/");
        assert_eq!(
            subdomains.url(&["user"]).unwrap().as_str(),
            "https://api.corp.example:8443/user"
        );
        assert!(BinstarApi::parse(ANACONDA_ORG).unwrap().is_anaconda_org());
    }

    #[test]
    fn a_token_key_never_ends_within_the_host() {
        for text in [
            "h",
            "http://h:8080",
            "api.corp.example",
            "anaconda.org",
            "https://api.h:1/api",
            "http://[::1]",
        ] {
            let api = BinstarApi::parse(text).unwrap();
            let key = api.token_key();
            assert!(key.starts_with(&format!("{}/", api.domain())), "{key}");
        }
    }
}
