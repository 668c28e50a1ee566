//! What a token may do (repository reference, section 1.2).
//!
//! A token without scopes may do everything. Which scope opens what follows from the descriptions; that any one of several
//! is enough, and that reading is not part of `api:write`, is this server's reading of them.

/// Every scope with its description, as the manual words them.
pub(super) const ALL: [(&str, &str); 11] = [
    ("all", "Allow all operations"),
    ("api", "Allow all API operations"),
    ("api:modify-group", "Allow addition and modification of groups"),
    ("api:read", "Allow read access to the API site"),
    ("api:write", "Allow write access to the API site"),
    ("conda", "Allow all operations on conda repositories"),
    (
        "conda:download",
        "Allow private downloads from conda repositories",
    ),
    ("pypi", "Allow all operations on PyPI repositories"),
    ("pypi:download", "Allow private downloads from PyPI repositories"),
    ("pypi:upload", "Allow uploads to PyPI repositories"),
    ("repos", "Allow access to all package repositories"),
];

/// One of these is needed to be told anything that is not public.
pub(super) const READ: &[&str] = &["all", "api", "api:read"];
/// One of these is needed to make and to remove tokens.
pub(super) const WRITE: &[&str] = &["all", "api", "api:write"];
/// One of these is needed to change groups.
pub(super) const MODIFY_GROUP: &[&str] = &["all", "api", "api:modify-group"];
/// One of these is needed to download what is not public.
pub(super) const DOWNLOAD: &[&str] = &["all", "conda", "conda:download", "repos"];

pub(super) fn is_known(scope: &str) -> bool {
    ALL.iter().any(|(known, _)| *known == scope)
}
