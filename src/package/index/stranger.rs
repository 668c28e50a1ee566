//! What answered in the place of an index, in a few words.

use crate::secret::mask_text;

/// No word of a page's title is longer; what is, may be a secret.
const LONGEST_WORD: usize = 24;

const LONGEST_TITLE: usize = 80;

/// `beginning` is what the answer begins with.
pub(super) fn described(beginning: &[u8]) -> String {
    let text = String::from_utf8_lossy(beginning);
    let lower = text.to_ascii_lowercase();
    let is_page = ["<html", "<!doctype html", "<head", "<body"]
        .iter()
        .any(|tag| lower.contains(tag));
    if !is_page {
        return match beginning.trim_ascii().is_empty() {
            true => "the answer was empty".to_owned(),
            false => "something else than an index answered".to_owned(),
        };
    }
    match title(&text, &lower) {
        Some(title) => format!("a web page called \"{title}\" answered"),
        None => "a web page answered".to_owned(),
    }
}

/// What stands between `<title…>` and `</title`; `lower` is `page` in ASCII lower case, so positions agree.
fn title(page: &str, lower: &str) -> Option<String> {
    let open = lower.find("<title")?;
    let start = open + lower[open..].find('>')? + 1;
    let end = start + lower[start..].find("</title")?;
    let masked = mask_text(&page[start..end]);
    let words = masked
        .split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|word| !word.is_empty() && word.chars().count() <= LONGEST_WORD);
    let title: String = words.collect::<Vec<_>>().join(" ");
    let title: String = title.chars().take(LONGEST_TITLE).collect();
    (!title.is_empty()).then_some(title)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stranger_is_named_and_shows_no_secret() {
        for (answer, said) in [
            (
                "<!DOCTYPE html><TITLE>Sign in\n to /t/canary-1/ corp</TITLE>",
                "a web page called \"Sign in to /t/••••/ corp\" answered",
            ),
            (
                "<html><title>0123456789012345678901234</title>",
                "a web page answered",
            ),
            (" \n", "the answer was empty"),
            ("[1]", "something else than an index answered"),
        ] {
            assert_eq!(described(answer.as_bytes()), said);
        }
    }
}
