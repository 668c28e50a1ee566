//! One prefix in the place of another in the content of a file, by conda's rules.
//!
//! A package is built for a long prefix, its placeholder, for which conda puts the real one when it links the package. In text
//! that is all; in a binary file the text up to the next NUL keeps its length by NULs at its end. Those NULs are what a longer
//! prefix can have later, as long as it is not longer than the placeholder.

use thiserror::Error;

/// The longest `#!` line that Linux takes whole; conda goes by it on every system.
const LONGEST_SHEBANG: usize = 127;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum ReplaceError {
    /// There are not enough NULs where the longer prefix needs them.
    #[error("the new prefix is too long for it by {0} bytes")]
    TooLong(usize),
}

/// The text with the new prefix; nothing where the old one does not occur, or only as the beginning of a longer name.
pub fn text(content: &[u8], old: &[u8], new: &[u8]) -> Option<Vec<u8>> {
    let places = occurrences(content, old);
    if places.is_empty() {
        return None;
    }
    let mut replaced = Vec::with_capacity(content.len() + places.len() * new.len());
    let mut at = 0;
    for place in places {
        replaced.extend_from_slice(&content[at..place]);
        replaced.extend_from_slice(new);
        at = place + old.len();
    }
    replaced.extend_from_slice(&content[at..]);
    Some(with_short_shebang(replaced))
}

/// The content of a binary file with the new prefix, as long as before; nothing where the old one does not occur.
///
/// # Errors
/// [`ReplaceError::TooLong`].
pub fn binary(content: &[u8], old: &[u8], new: &[u8]) -> Result<Option<Vec<u8>>, ReplaceError> {
    let places = occurrences(content, old);
    let Some(first) = places.first() else {
        return Ok(None);
    };
    let mut replaced = Vec::with_capacity(content.len());
    replaced.extend_from_slice(&content[..*first]);
    let mut at = *first;
    let mut places = places.into_iter().peekable();
    while let Some(place) = places.next() {
        replaced.extend_from_slice(&content[at..place]);
        // Up to the NUL that ends the text, everything moves.
        let end = content[place..]
            .iter()
            .position(|byte| *byte == 0)
            .map_or(content.len(), |length| place + length);
        let mut from = place;
        let mut count = 1;
        replaced.extend_from_slice(new);
        from += old.len();
        while let Some(next) = places.next_if(|next| *next < end) {
            replaced.extend_from_slice(&content[from..next]);
            replaced.extend_from_slice(new);
            from = next + old.len();
            count += 1;
        }
        replaced.extend_from_slice(&content[from..end]);
        at = end;
        if new.len() <= old.len() {
            let padding = count * (old.len() - new.len());
            replaced.resize(replaced.len() + padding, 0);
        } else {
            let needed = count * (new.len() - old.len());
            // One NUL has to stay and end the text.
            let free = content[end..].iter().take_while(|byte| **byte == 0).count();
            if free <= needed {
                return Err(ReplaceError::TooLong(needed + 1 - free));
            }
            at = end + needed;
        }
    }
    replaced.extend_from_slice(&content[at..]);
    Ok(Some(replaced))
}

/// Where the prefix stands, and not merely a name that begins like it: `/envs/a` in `/envs/ab` is none.
fn occurrences(content: &[u8], prefix: &[u8]) -> Vec<usize> {
    let mut places = Vec::new();
    let Some(first) = prefix.first() else {
        return places;
    };
    let mut at = 0;
    while let Some(next) = content[at..].iter().position(|byte| byte == first) {
        at += next;
        if content[at..].starts_with(prefix) && ends_name(content.get(at + prefix.len())) {
            places.push(at);
            at += prefix.len();
        } else {
            at += 1;
        }
    }
    places
}

fn ends_name(next: Option<&u8>) -> bool {
    // A dot that ends a sentence is taken for part of a name, which leaves the sentence as it is and does no harm.
    !next.is_some_and(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | 0x80..))
}

/// A script whose first line is too long for the system, or has a space in its path, finds its program through `env`, as
/// conda lets it.
fn with_short_shebang(content: Vec<u8>) -> Vec<u8> {
    if !content.starts_with(b"#!") {
        return content;
    }
    let end = content
        .iter()
        .position(|byte| *byte == b'\n')
        .unwrap_or(content.len());
    let line = &content[2..end];
    let Ok(text) = std::str::from_utf8(line) else {
        return content;
    };
    let spaces = text.len() - text.trim_start_matches(' ').len();
    let path = &text[spaces..];
    if !path.starts_with('/') {
        return content;
    }
    let length = program_length(path);
    let (program, options) = path.split_at(length);
    if end <= LONGEST_SHEBANG && !program.contains(' ') {
        return content;
    }
    let name = program.rsplit('/').next().unwrap_or_default();
    let mut short = format!("#!/usr/bin/env {name}{options}").into_bytes();
    short.extend_from_slice(&content[end..]);
    short
}

/// The length of the program's path: spaces with a backslash before them are part of it.
fn program_length(path: &str) -> usize {
    let mut escaped = false;
    for (at, c) in path.char_indices() {
        match c {
            '\\' => escaped = true,
            ' ' if escaped => escaped = false,
            ' ' | '\t' | '\r' => return at,
            _ => escaped = false,
        }
    }
    path.len()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shown(content: Option<Vec<u8>>) -> Option<String> {
        content.map(|content| String::from_utf8(content).unwrap())
    }

    #[test]
    fn text_gets_the_new_prefix_and_names_alike_stay() {
        let replaced = |content: &str| shown(text(content.as_bytes(), b"/envs/a", b"/envs/new"));
        assert_eq!(
            replaced("#!/envs/a/bin/python\nx='/envs/a'\n/envs/ab /envs/a-1 /envs/a.bak /envs/a/\n")
                .as_deref(),
            Some("#!/envs/new/bin/python\nx='/envs/new'\n/envs/ab /envs/a-1 /envs/a.bak /envs/new/\n")
        );
        assert_eq!(replaced("/envs/ab"), None);
        assert_eq!(replaced(""), None);
    }

    #[test]
    fn a_first_line_that_is_too_long_goes_through_env() {
        let long = format!("/envs/{}", "x".repeat(130));
        let replaced = |content: &str| shown(text(content.as_bytes(), b"/envs/a", long.as_bytes()));
        assert_eq!(
            replaced("#!/envs/a/bin/python3.12 -I\nx\n").as_deref(),
            Some("#!/usr/bin/env python3.12 -I\nx\n")
        );
        assert_eq!(
            replaced("#! /envs/a/bin/sh").as_deref(),
            Some("#!/usr/bin/env sh")
        );
        let spaced = shown(text(b"#!/envs/a/bin/python\n", b"/envs/a", b"/my envs/a"));
        // An unescaped space ends the path for the system as for conda's expression.
        assert_eq!(spaced.as_deref(), Some("#!/my envs/a/bin/python\n"));
        let escaped = shown(text(b"#!/envs/a/bin/python\n", b"/envs/a", b"/my\\ envs/a"));
        assert_eq!(escaped.as_deref(), Some("#!/usr/bin/env python\n"));
    }

    #[test]
    fn a_binary_file_keeps_its_length_and_every_other_byte() {
        let before = b"\x7fELF/envs/a/lib:/envs/a/x\0\0\0\0\0\0\0\0tail/envs/a\0\0\0\0z";
        let longer = binary(before, b"/envs/a", b"/envs/abc").unwrap().unwrap();
        assert_eq!(
            longer,
            b"\x7fELF/envs/abc/lib:/envs/abc/x\0\0\0\0tail/envs/abc\0\0z"
        );
        assert_eq!(
            binary(&longer, b"/envs/abc", b"/envs/a").unwrap().unwrap(),
            before
        );
        let shorter = binary(before, b"/envs/a", b"/e").unwrap().unwrap();
        assert_eq!(shorter.len(), before.len());
        assert!(shorter.starts_with(b"\x7fELF/e/lib:/e/x\0\0"));
        assert_eq!(
            binary(before, b"/envs/a", b"/envs/abcdefgh"),
            Err(ReplaceError::TooLong(7))
        );
        assert_eq!(binary(b"nothing\0", b"/envs/a", b"/b"), Ok(None));
        // Without a NUL at its end there is no room.
        assert_eq!(
            binary(b"/envs/a", b"/envs/a", b"/envs/ab"),
            Err(ReplaceError::TooLong(2))
        );
        assert_eq!(
            binary(b"/envs/a", b"/envs/a", b"/e").unwrap().unwrap(),
            b"/e\0\0\0\0\0"
        );
    }

    proptest! {
        /// What a placeholder leaves room for can be had and given back.
        #[test]
        fn there_and_back_again(
            parts in prop::collection::vec(("[l-z:/]{0,6}", "[l-z:]{0,6}", any::<bool>()), 1..5),
            old in "/[a-f]{1,8}", new in "/[g-k]{1,20}",
        ) {
            let placeholder = 24;
            let mut content = Vec::new();
            for (before, behind, twice) in &parts {
                let mut text = format!("{before}{old}/{behind}").into_bytes();
                let mut count = before.matches(&old).count() + 1;
                if *twice {
                    text.extend(format!(":{old}/").bytes());
                    count += 1;
                }
                content.extend(&text);
                content.extend(vec![0; 1 + count * (placeholder - old.len())]);
                content.push(b'!');
            }
            let there = binary(&content, old.as_bytes(), new.as_bytes()).unwrap().unwrap();
            prop_assert_eq!(there.len(), content.len());
            let back = binary(&there, new.as_bytes(), old.as_bytes()).unwrap().unwrap();
            prop_assert_eq!(back, content);
        }

        #[test]
        fn no_bytes_do_harm(content in prop::collection::vec(prop_oneof![Just(0u8), Just(b'/'), Just(b'a'), any::<u8>()], 0..80)) {
            let _ = text(&content, b"/a", b"/bb");
            if let Ok(Some(replaced)) = binary(&content, b"/a", b"/bb") {
                prop_assert_eq!(replaced.len(), content.len());
            }
        }
    }
}
