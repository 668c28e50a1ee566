//! Long values as several entries. Windows keeps no more than 2,560 bytes in one, and counts two for most characters.
//!
//! A short value is the entry itself. For a long one the entry is a heading that names the parts; it is written last and
//! the old parts go after it, so that at every moment either the old value is whole or the new one. Parts are numbered
//! without a gap, so that what a write left that broke off is found and goes as well.

use super::error::CredentialError;
use super::keyring::Entries;
use crate::secret::Secret;

/// The most UTF-16 units of one entry.
const LONGEST: usize = 1_200;

/// How a heading begins. A value that begins so is stored in parts, whatever its length.
const MARK: &str = "sextant:parts:";

/// The letters that the parts of one value after the other have in turn.
const LETTERS: [char; 2] = ['a', 'b'];

/// What a heading says: how many parts there are, and under which letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Heading {
    count: usize,
    letter: char,
}

impl Heading {
    fn parse(text: &str) -> Option<Self> {
        let (letter, count) = text.strip_prefix(MARK)?.split_once(':')?;
        let (letter, count) = (letter.parse().ok()?, count.parse().ok()?);
        LETTERS.contains(&letter).then_some(Self { count, letter })
    }

    fn text(self) -> String {
        format!("{MARK}{}:{}", self.letter, self.count)
    }

    fn names(self, name: &str) -> impl Iterator<Item = String> {
        (1..=self.count).map(move |number| part_name(name, self.letter, number))
    }
}

fn part_name(name: &str, letter: char, number: usize) -> String {
    format!("{name}#{letter}{number}")
}

/// The value of this name, put together.
///
/// Errors: those of the keyring, and [`CredentialError::Keyring`] when a part is missing.
pub(super) fn read(entries: &dyn Entries, name: &str) -> Result<Option<Secret>, CredentialError> {
    let Some(first) = entries.get(name)? else {
        return Ok(None);
    };
    let Some(heading) = Heading::parse(&first) else {
        return Ok(Some(Secret::new(first)));
    };
    let mut whole = String::new();
    for part in heading.names(name) {
        whole.push_str(&entries.get(&part)?.ok_or_else(|| CredentialError::Keyring {
            reason: "a part of the entry is missing in it".to_owned(),
        })?);
    }
    Ok(Some(Secret::new(whole)))
}

/// Stores a value of any length.
pub(super) fn write(entries: &dyn Entries, name: &str, secret: &Secret) -> Result<(), CredentialError> {
    let value = secret.expose();
    if value.encode_utf16().count() <= LONGEST && !value.starts_with(MARK) {
        entries.set(name, value)?;
        return remove_parts_but(entries, name, None);
    }
    let old = entries.get(name)?.and_then(|first| Heading::parse(&first));
    let parts = split(value);
    let heading = Heading {
        count: parts.len(),
        letter: match old {
            Some(Heading { letter: 'a', .. }) => 'b',
            _ => 'a',
        },
    };
    for (part, text) in heading.names(name).zip(parts) {
        entries.set(&part, text)?;
    }
    entries.set(name, &heading.text())?;
    remove_parts_but(entries, name, Some(heading))
}

/// Removes a value with all its parts.
pub(super) fn remove(entries: &dyn Entries, name: &str) -> Result<(), CredentialError> {
    remove_parts_but(entries, name, None)?;
    entries.delete(name)
}

/// Removes every part that the heading does not name.
fn remove_parts_but(entries: &dyn Entries, name: &str, kept: Option<Heading>) -> Result<(), CredentialError> {
    for letter in LETTERS {
        let kept = kept
            .filter(|kept| kept.letter == letter)
            .map_or(0, |kept| kept.count);
        // From the last one down: the numbers stay without a gap when this breaks off.
        let mut last = kept;
        while entries.get(&part_name(name, letter, last + 1))?.is_some() {
            last += 1;
        }
        for number in (kept + 1..=last).rev() {
            entries.delete(&part_name(name, letter, number))?;
        }
    }
    Ok(())
}

/// The value in pieces that each fit into an entry.
fn split(value: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut start, mut units) = (0, 0);
    for (at, character) in value.char_indices() {
        if units + character.len_utf16() > LONGEST {
            parts.push(&value[start..at]);
            (start, units) = (at, 0);
        }
        units += character.len_utf16();
    }
    parts.push(&value[start..]);
    parts
}

#[cfg(test)]
mod tests {
    use super::super::fixture::FakeKeyring;
    use super::*;

    fn long(character: char, units: usize) -> Secret {
        Secret::new(character.to_string().repeat(units / character.len_utf16()))
    }

    #[test]
    fn a_value_of_any_length_comes_back_whole_and_goes_without_a_trace() {
        let keyring = FakeKeyring::default();
        let heading = Heading {
            count: 1,
            letter: 'a',
        }
        .text();
        for secret in [
            Secret::new(""),
            Secret::new("short"),
            long('x', LONGEST),
            long('x', LONGEST + 1),
            long('ü', 5_000),
            long('😀', 2 * LONGEST + 2),
            Secret::new(heading),
            Secret::new(MARK),
            Secret::new("short again"),
        ] {
            write(&keyring, "n", &secret).unwrap();
            let read = read(&keyring, "n").unwrap().unwrap();
            assert_eq!(read.expose(), secret.expose());
        }
        assert_eq!(keyring.names(), ["n"]);
        write(&keyring, "n", &long('y', 9_000)).unwrap();
        write(&keyring, "n", &long('z', 4_000)).unwrap();
        assert_eq!(keyring.names().len(), 5);
        remove(&keyring, "n").unwrap();
        remove(&keyring, "n").unwrap();
        assert!(keyring.names().is_empty());
        assert!(read(&keyring, "n").unwrap().is_none());
    }

    #[test]
    fn a_write_that_breaks_off_leaves_the_old_value_or_the_new_one_and_nothing_for_good() {
        for (old, new) in [(5_000, 3_000), (3_000, 10), (10, 3_000), (3_000, 3_000), (10, 10)] {
            let mut calls = 0;
            loop {
                let keyring = FakeKeyring::default();
                write(&keyring, "n", &long('o', old)).unwrap();
                keyring.break_off_after(calls);
                let done = write(&keyring, "n", &long('n', new)).is_ok();
                keyring.mend();
                let found = read(&keyring, "n").unwrap().unwrap();
                assert!([long('o', old).expose(), long('n', new).expose()].contains(&found.expose()));
                keyring.break_off_after(calls);
                let _ = remove(&keyring, "n");
                keyring.mend();
                remove(&keyring, "n").unwrap();
                assert!(
                    keyring.names().is_empty(),
                    "{old} {new} {calls}: {:?}",
                    keyring.names()
                );
                if done {
                    break;
                }
                calls += 1;
            }
            assert!(calls > 1);
        }
    }

    #[test]
    fn a_missing_part_is_an_error_not_a_shorter_secret() {
        let keyring = FakeKeyring::default();
        write(&keyring, "n", &long('x', 3_000)).unwrap();
        keyring.delete("n#a2").unwrap();
        assert!(matches!(
            read(&keyring, "n"),
            Err(CredentialError::Keyring { .. })
        ));
    }
}
