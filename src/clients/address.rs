//! The addresses under which tools know a service.

use url::Url;

/// The address without what differs between spellings: host in lower case, no port that goes without saying, no user
/// name, no slash at the end. A text without a scheme is taken for `https`, as anaconda-client takes it. Nothing for what
/// is no address of a web server.
pub(super) fn base(text: &str) -> Option<String> {
    let text = text.trim();
    let whole = match text.split_once("://") {
        Some(_) => text.to_owned(),
        None => format!("https://{text}"),
    };
    let url = Url::parse(&whole).ok()?;
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
        return None;
    }
    let path = url.path().trim_end_matches('/');
    Some(format!("{}{path}", url.origin().ascii_serialization()))
}

/// Scheme, host and port; the whole text where it is no address.
pub(super) fn origin(text: &str) -> String {
    let whole = base(text).unwrap_or_else(|| text.to_owned());
    let host = whole.find("://").map_or(0, |at| at + 3);
    match whole[host..].find('/') {
        Some(end) => whole[..host + end].to_owned(),
        None => whole,
    }
}

/// Whether `address` is `above` or lies below it. Both as [`base`] gives them.
pub(super) fn lies_below(address: &str, above: &str) -> bool {
    format!("{address}/").starts_with(&format!("{above}/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_address_are_one() {
        for (text, expected) in [
            (
                "https://PSM.Example.com/api/",
                Some("https://psm.example.com/api"),
            ),
            ("https://psm.example.com:443", Some("https://psm.example.com")),
            ("http://127.0.0.1:8088/api", Some("http://127.0.0.1:8088/api")),
            ("psm.example.com/api", Some("https://psm.example.com/api")),
            ("https://al:pw@h/x?y#z", Some("https://h/x")),
            (r"https://h/api\repo", Some("https://h/api/repo")),
            ("ftp://h/x", None),
            ("", None),
        ] {
            assert_eq!(base(text).as_deref(), expected, "{text}");
        }
        assert_eq!(origin("https://H:8/api/repo"), "https://h:8");
        assert_eq!(origin("no address"), "no address");
    }

    #[test]
    fn below_ends_at_a_slash() {
        assert!(lies_below("https://h/api/repo", "https://h/api"));
        assert!(lies_below("https://h/api", "https://h/api"));
        assert!(!lies_below("https://h/apix", "https://h/api"));
        assert!(!lies_below("https://h.evil.net", "https://h"));
    }
}
