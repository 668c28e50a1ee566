//! conda's rule for which stored token goes to which address (server reference, sections 3.3 and 3.4).
//!
//! The rule is a plain text prefix: no host boundary, no path boundary, no longest match, and the case of
//! the host counts. It is written down here as it is, so that what follows from it can be foreseen.

use super::channel::split_token;

/// The key a stored key also counts as: its first `api`, where that is a whole host label or path
/// segment, read as `conda`. The same key when there is none.
pub fn conda_form(key: &str) -> String {
    let bytes = key.as_bytes();
    let boundary = |at: usize| matches!(bytes.get(at), Some(b'.' | b'/'));
    match (0..key.len()).find(|&at| {
        boundary(at) && key[at + 1..].starts_with("api") && (at + 4 == key.len() || boundary(at + 4))
    }) {
        Some(at) => format!("{}conda{}", &key[..=at], &key[at + 4..]),
        None => key.to_owned(),
    }
}

/// Every key whose token conda may send with a request for `url`. conda takes the first of them in the order
/// in which the file system lists the token files, which is not specified: more than one means that any of
/// them may win.
///
/// An address that already carries a token gets none.
pub fn matching_keys<'k>(url: &str, keys: impl IntoIterator<Item = &'k str>) -> Vec<&'k str> {
    let split = split_token(url);
    if split.token.is_some_and(|token| !token.is_empty()) {
        return Vec::new();
    }
    let applies = |key: &str| split.clean.starts_with(key) || split.clean.starts_with(&conda_form(key));
    keys.into_iter().filter(|key| applies(key)).collect()
}

/// The key whose token conda sends with a request for `url` if the file system lists `keys` in this order.
pub fn match_token<'k>(url: &str, keys: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    matching_keys(url, keys).into_iter().next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_api_label_or_segment_is_read_as_conda() {
        for (key, form) in [
            ("https://HOST/api", "https://HOST/conda"),
            ("https://api.anaconda.org", "https://conda.anaconda.org"),
            ("https://h/api/repo", "https://h/conda/repo"),
            ("https://api.h/api", "https://conda.h/api"),
            ("https://h/apix", "https://h/apix"),
            ("https://myapi.corp.com", "https://myapi.corp.com"),
            ("https://h:80/api/", "https://h:80/conda/"),
            ("ünï/api", "ünï/conda"),
            ("", ""),
        ] {
            assert_eq!(conda_form(key), form, "{key}");
        }
    }

    /// The table of the server reference, section 3.6.
    #[test]
    fn the_prefix_rule_is_condas_own() {
        for (url, key, applies) in [
            (
                "https://s/api/repo/main/linux-64/repodata.json",
                "https://s/api",
                true,
            ),
            ("https://s/apiX/linux-64/repodata.json", "https://s/api", true),
            ("https://s/conda/main/noarch/x", "https://s/api", true),
            (
                "https://psm.example.com.evil.net/main",
                "https://psm.example.com",
                true,
            ),
            (
                "https://psm.example.com/api/repo/main",
                "https://PSM.Example.com/api",
                false,
            ),
            ("https://s/api/repo/main", "https://s/api/repo/", true),
            ("https://s/api/repo/", "https://s/api/repo/", false),
            ("http://s/api/repo/main", "https://s/api", false),
            ("https://s/api/repo/t/abc/main", "https://s/api", false),
            ("https://s/api/repo/t//main", "https://s/api", true),
            ("https://anything", "", true),
        ] {
            assert_eq!(match_token(url, [key]).is_some(), applies, "{url} with {key}");
        }
    }

    #[test]
    fn any_of_several_matching_keys_may_win() {
        let url = "https://s/api/repo/main/noarch/repodata.json";
        let keys = ["https://s/api", "https://other/api", "https://s/api/repo"];
        assert_eq!(matching_keys(url, keys), ["https://s/api", "https://s/api/repo"]);
        assert_eq!(
            match_token(url, keys.into_iter().rev()),
            Some("https://s/api/repo")
        );
    }
}
