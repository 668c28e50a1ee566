//! `offset`, `limit`, `sort` and `include_subchannels` (server reference, section 1.7).
//!
//! What the real servers do without `limit` is unknown; these give 100, and never more than 1,000 at once.

use url::form_urlencoded;

const DEFAULT_LIMIT: usize = 100;
const MAX_LIMIT: usize = 1_000;

/// The part of a list that a request asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Page {
    offset: usize,
    limit: usize,
    /// The keys to sort by, the most important first; `-` before a key turns its order round.
    pub(super) sort: Vec<String>,
    pub(super) include_subchannels: bool,
}

impl Page {
    /// An error says which number is none; unknown parameters are overlooked.
    pub(super) fn parse(query: Option<&str>) -> Result<Self, String> {
        let mut page = Self {
            offset: 0,
            limit: DEFAULT_LIMIT,
            sort: Vec::new(),
            include_subchannels: false,
        };
        for (key, value) in form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
            match key.as_ref() {
                "offset" => page.offset = number("offset", &value)?,
                "limit" => page.limit = number("limit", &value)?.min(MAX_LIMIT),
                "sort" => page.sort = value.split(',').map(|key| key.trim().to_owned()).collect(),
                "include_subchannels" => page.include_subchannels = value.eq_ignore_ascii_case("true"),
                _ => {}
            }
        }
        if page.limit == 0 {
            return Err("limit: must be at least 1".to_owned());
        }
        Ok(page)
    }

    pub(super) fn of<'a, T>(&self, items: &'a [T]) -> &'a [T] {
        let start = self.offset.min(items.len());
        let end = start.saturating_add(self.limit).min(items.len());
        &items[start..end]
    }
}

fn number(key: &str, value: &str) -> Result<usize, String> {
    value
        .parse()
        .map_err(|_| format!("{key}: must be a number, not negative"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(query: &str) -> Page {
        Page::parse(Some(query)).unwrap()
    }

    #[test]
    fn pages_stay_within_the_list_and_the_limits() {
        let items: Vec<usize> = (0..2_501).collect();
        assert_eq!(Page::parse(None).unwrap().of(&items).len(), 100);
        assert_eq!(page("offset=2000&limit=1000").of(&items), &items[2_000..]);
        assert_eq!(page("limit=99999").of(&items).len(), 1_000);
        assert!(page("offset=2501").of(&items).is_empty());
        assert!(page(&format!("offset={}", usize::MAX)).of(&items).is_empty());
    }

    #[test]
    fn what_is_no_number_is_refused_and_what_is_unknown_overlooked() {
        for bad in ["limit=0", "limit=-1", "offset=x", "limit="] {
            assert!(Page::parse(Some(bad)).is_err(), "{bad}");
        }
        let known = page("sort=name,updated_at&include_subchannels=True&q=x");
        assert_eq!(known.sort, ["name", "updated_at"]);
        assert!(known.include_subchannels);
    }
}
