//! The lists of servers in a policy: one text, commas between, stars for whatever may stand there.

/// The patterns of a list.
pub fn listed(text: &str) -> Vec<&str> {
    text.split(',')
        .map(str::trim)
        .filter(|pattern| !pattern.is_empty())
        .collect()
}

/// Whether Chromium takes one of the patterns for the host. A port or scheme in a pattern is passed over.
pub fn allows(patterns: &[&str], host: &str) -> bool {
    patterns.iter().any(|pattern| {
        let pattern = bare(pattern);
        // A name alone stands for the names below it, too: `.corp` and `*corp`, but `corp` only for itself.
        match pattern.strip_prefix('.') {
            Some(domain) => host.eq_ignore_ascii_case(domain) || ends_below(host, domain),
            None => fits(&pattern.to_ascii_lowercase(), &host.to_ascii_lowercase()),
        }
    })
}

fn ends_below(host: &str, domain: &str) -> bool {
    host.to_ascii_lowercase()
        .ends_with(&format!(".{}", domain.to_ascii_lowercase()))
}

fn bare(pattern: &str) -> &str {
    let rest = pattern.split_once("://").map_or(pattern, |(_, rest)| rest);
    let rest = rest.trim_end_matches('/');
    match rest.rsplit_once(':') {
        Some((host, port)) if port.chars().all(|c| c.is_ascii_digit()) => host,
        _ => rest,
    }
}

/// Whether a text fits a pattern whose stars stand for any number of characters.
fn fits(pattern: &str, text: &str) -> bool {
    let Some((before, after)) = pattern.split_once('*') else {
        return pattern == text;
    };
    let Some(rest) = text.strip_prefix(before) else {
        return false;
    };
    rest.char_indices()
        .map(|(at, _)| at)
        .chain([rest.len()])
        .any(|at| fits(after, &rest[at..]))
}

/// The list with a host more.
pub fn joined(text: &str, host: &str) -> String {
    match text.trim().trim_end_matches(',') {
        "" => host.to_owned(),
        list => format!("{list},{host}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_fit_as_in_the_browser() {
        let allowed = |list: &str, host: &str| allows(&listed(list), host);
        assert!(allowed("a, repo.corp ,b", "Repo.corp"));
        assert!(allowed("*.corp.example,localhost", "localhost"));
        assert!(allowed("*.corp.example", "x.y.corp.example"));
        assert!(allowed("*corp.example", "corp.example"));
        assert!(allowed("*", "anything"));
        assert!(allowed("https://repo.corp:8443/", "repo.corp"));
        assert!(allowed(".corp", "repo.corp"));
        assert!(!allowed("*.corp.example", "corp.example"));
        assert!(!allowed("corp", "repo.corp"));
        assert!(!allowed("", "repo.corp"));
        assert!(!allowed("repo.corp.evil", "repo.corp"));
    }

    #[test]
    fn a_list_is_added_to() {
        assert_eq!(joined("", "h"), "h");
        assert_eq!(joined(" a,b, ", "h"), "a,b,h");
    }
}
