//! Which parts of a line lie under a cover until they are asked for.

use std::ops::Range;

use crate::secret::find_in_text;

/// The secrets of a line, in bytes: tokens and passwords in addresses, and the values of settings that are named after
/// one, such as Navigator's `anaconda_server_token`.
pub(super) fn in_line(line: &str) -> Vec<Range<usize>> {
    match value_of_secret(line) {
        Some(value) => vec![value],
        None => find_in_text(line),
    }
}

fn value_of_secret(line: &str) -> Option<Range<usize>> {
    let delimiter = line.find(['=', ':'])?;
    let name = line[..delimiter]
        .trim()
        .trim_start_matches('-')
        .trim()
        .to_lowercase();
    let is_secret = ["token", "password", "secret", "api_key"]
        .into_iter()
        .any(|word| name.ends_with(word));
    if !is_secret {
        return None;
    }
    let rest = &line[delimiter + 1..];
    let start = delimiter + 1 + (rest.len() - rest.trim_start().len());
    let value = line[start..].trim_end();
    let inside = value.trim_matches(['\'', '"']);
    let is_nothing = matches!(
        inside,
        "" | "None" | "null" | "~" | "true" | "false" | "True" | "False"
    );
    (!is_nothing).then(|| {
        let skipped = value.len() - value.trim_start_matches(['\'', '"']).len();
        start + skipped..start + skipped + inside.len()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn covered(line: &str) -> Vec<&str> {
        in_line(line).into_iter().map(|range| &line[range]).collect()
    }

    #[test]
    fn tokens_are_covered_and_what_is_none_is_not() {
        assert_eq!(covered("anaconda_server_token = 'abc-1'"), ["abc-1"]);
        assert_eq!(covered("team_edition_token: \"abc\"  "), ["abc"]);
        assert_eq!(covered("anaconda_server_token_id = 'id'"), Vec::<&str>::new());
        assert_eq!(covered("anaconda_server_token = None"), Vec::<&str>::new());
        assert_eq!(covered("add_anaconda_token: true"), Vec::<&str>::new());
        assert_eq!(covered("  - https://h/t/abc/x"), ["abc"]);
        assert_eq!(covered("https: http://ana:pw@proxy:3128"), ["ana:pw"]);
        assert_eq!(covered("# token"), Vec::<&str>::new());
    }
}
