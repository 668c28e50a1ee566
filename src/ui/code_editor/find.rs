//! Finding a text within another.

use std::ops::Range;

/// Every place of a text within another, whatever its case.
pub fn occurrences(text: &str, needle: &str) -> Vec<Range<usize>> {
    if needle.is_empty() {
        return Vec::new();
    }
    let mut found = Vec::new();
    let mut at = 0;
    while at < text.len() {
        match length_of_match(&text[at..], needle) {
            Some(length) => {
                found.push(at..at + length);
                at += length.max(1);
            }
            None => at += text[at..].chars().next().map_or(1, char::len_utf8),
        }
    }
    found
}

fn length_of_match(text: &str, needle: &str) -> Option<usize> {
    let mut letters = text.char_indices();
    for wanted in needle.chars() {
        let (_, letter) = letters.next()?;
        let is_same = letter == wanted || letter.to_lowercase().eq(wanted.to_lowercase());
        if !is_same {
            return None;
        }
    }
    Some(letters.next().map_or(text.len(), |(at, _)| at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_searched_for_is_found_whatever_its_case() {
        assert_eq!(occurrences("Channels: channel", "chan"), [0..4, 10..14]);
        assert_eq!(occurrences("ÄÖ äö", "äö"), [0..4, 5..9]);
        assert_eq!(occurrences("aaa aa", "aa"), [0..2, 4..6]);
        assert!(occurrences("abc", "").is_empty());
        assert!(occurrences("ab", "abc").is_empty());
    }
}
