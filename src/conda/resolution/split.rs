//! Addresses taken apart as conda takes them apart: with Python's `urlparse`, not by the URL standard.

use crate::conda::channel::{scheme, split_token};
use crate::secret::Secret;

/// What follows the subdir in the address of a package or an index (conda's package formats, and its names of indexes).
const FILE_ENDINGS: [&str; 4] = [".tar.bz2", ".conda", ".json", ".json.zst"];

/// `schemes` for which Python's `urlparse` takes what follows a `;` in the last part of a path for parameters.
const WITH_PARAMETERS: [&str; 5] = ["", "ftp", "http", "https", "sftp"];

/// An address without its token.
#[derive(Debug, Clone)]
pub(super) struct Split {
    /// Empty where the text has none.
    pub scheme: String,
    /// `user` or `user:password`.
    pub credentials: Option<Secret>,
    /// The token, which may be empty as in `/t//`.
    pub token: Option<Secret>,
    /// In lower case; empty in `file:///…`.
    pub host: String,
    pub port: Option<u16>,
    /// Begins with a slash unless it is empty.
    pub path: String,
    /// What follows a question mark.
    pub query: String,
}

impl Split {
    /// Nothing where conda stops because of the port.
    pub fn of(text: &str) -> Option<Self> {
        let split = split_token(text);
        Some(Self {
            token: split.token.map(Secret::new),
            ..Self::without_token(&split.clean)?
        })
    }

    /// The same of an address out of which the token was taken: whatever looks like one is part of the path.
    pub fn without_token(clean: &str) -> Option<Self> {
        let scheme = scheme(clean).unwrap_or_default().to_owned();
        let rest = match scheme.is_empty() {
            true => clean,
            false => &clean[scheme.len() + 3..],
        };
        let (authority, rest) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
        let rest = rest.split('#').next().unwrap_or_default();
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
        let path = match WITH_PARAMETERS.contains(&scheme.as_str()) {
            true => without_parameters(path),
            false => path,
        };
        let (credentials, host) = match authority.rsplit_once('@') {
            Some((credentials, host)) => (credentials_of(credentials), host),
            None => (None, authority),
        };
        let (host, port) = host_and_port(host);
        let port = match port {
            "" => None,
            port if port.bytes().all(|byte| byte.is_ascii_digit()) => Some(port.parse::<u16>().ok()?),
            _ => return None,
        };
        Some(Self {
            credentials,
            token: None,
            host: host.to_lowercase(),
            port: port.filter(|port| *port != 0),
            path: path.to_owned(),
            query: query.to_owned(),
            scheme,
        })
    }

    /// `host:port`.
    pub fn authority(&self) -> String {
        match self.port {
            Some(port) => format!("{}:{port}", self.host),
            None => self.host.clone(),
        }
    }

    /// Host, port, path and query: what conda calls the location of a base.
    pub fn location(&self) -> String {
        let query = match self.query.as_str() {
            "" => String::new(),
            query => format!("?{query}"),
        };
        format!("{}{}{query}", self.authority(), self.path)
    }

    /// The token, where there is one that could be sent.
    pub fn usable_token(&self) -> Option<Secret> {
        self.token.clone().filter(|token| !token.is_empty())
    }
}

/// `user:password`, or the user alone; a password without a user is none.
fn credentials_of(text: &str) -> Option<Secret> {
    let (user, password) = text.split_once(':').unwrap_or((text, ""));
    match (user, password) {
        ("", _) => None,
        (user, "") => Some(Secret::new(user)),
        _ => Some(Secret::new(text)),
    }
}

/// An address in brackets keeps them. conda itself loses them and then reaches nobody.
fn host_and_port(text: &str) -> (&str, &str) {
    match text.find(']') {
        Some(end) if text.starts_with('[') => {
            let (host, rest) = text.split_at(end + 1);
            (host, rest.strip_prefix(':').unwrap_or_default())
        }
        _ => text.split_once(':').unwrap_or((text, "")),
    }
}

fn without_parameters(path: &str) -> &str {
    let last = path.rfind('/').unwrap_or_default();
    match path[last..].find(';') {
        Some(at) => &path[..last + at],
        None => path,
    }
}

/// The text without its subdir, and the subdir: the first part, wherever it stands, that is one, in any case of letters. The
/// first part has to follow a slash.
pub(super) fn split_subdir<'t>(text: &'t str, known: &[String]) -> (String, Option<&'t str>) {
    let mut rest = text;
    let found = loop {
        let Some(slash) = rest.find('/') else { break None };
        let part = &rest[slash + 1..];
        let part = &part[..part.find('/').unwrap_or(part.len())];
        if known.iter().any(|known| known.eq_ignore_ascii_case(part)) {
            break Some(part);
        }
        rest = &rest[slash + 1..];
    };
    let clean = match found {
        // The first place where these letters stand, which need not be the whole part: conda's own way.
        Some(part) => text.replacen(&format!("/{part}"), "", 1),
        None => text.to_owned(),
    };
    (clean.trim_end_matches('/').to_owned(), found)
}

/// The address of a package or index without the name of the file.
pub(super) fn without_file(address: &str) -> &str {
    let names_file = FILE_ENDINGS.iter().any(|ending| address.ends_with(ending));
    match address.rsplit_once('/') {
        Some((folder, _)) if names_file => folder,
        _ => address,
    }
}

/// Parts of an address joined by single slashes, as conda joins them: it begins with a slash where the first part is empty
/// or begins with one.
pub(super) fn join(parts: &[&str]) -> String {
    let first = parts.first().copied().unwrap_or_default();
    let parts = parts.iter().map(|part| part.trim_matches('/'));
    let joined: Vec<&str> = parts.filter(|part| !part.is_empty()).collect();
    let start = if first.is_empty() || first.starts_with('/') {
        "/"
    } else {
        ""
    };
    format!("{start}{}", joined.join("/"))
}

/// Whether two addresses or names agree part by part as far as the shorter one goes. That is conda's rule, and it takes
/// `pkgs` for something in `pkgs/main`.
pub(super) fn agree(one: &str, other: &str) -> bool {
    one.split('/')
        .zip(other.split('/'))
        .all(|(one, other)| one == other)
}

/// What follows the first place where `part` stands in `text`, and what goes before it; all of it where it stands nowhere.
pub(super) fn without(text: &str, part: &str) -> String {
    text.replacen(part, "", 1).trim_matches('/').to_owned()
}

/// `%20` and the like read as what they stand for.
pub(super) fn percent_decoded(text: &str) -> String {
    match percent_encoding::percent_decode_str(text).decode_utf8() {
        Ok(decoded) => decoded.into_owned(),
        Err(_) => text.to_owned(),
    }
}
