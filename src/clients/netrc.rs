//! `.netrc`: names and passwords by host, which pip, uv, conda and many others read without being told.
//!
//! pip asks it before its keyring, and needs no add-on for it; the keyring takes the Python package `keyring` in the
//! environment of pip itself (pip's documentation, "Authentication").

use std::path::PathBuf;

use super::machine::Machine;
use crate::locations::Platform;
use crate::secret::Secret;

/// What stands in the way of a change. Never holds a value of the file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NetrcError {
    #[error("the file is not UTF-8 text")]
    NotUtf8,
    #[error("what stands there after {machine} cannot be told")]
    Unclear { machine: String },
    #[error("a name or password with white space, a quote or a hash cannot be written there")]
    Value,
}

/// The file that Python's programs read.
pub fn path(machine: &Machine) -> PathBuf {
    if let Some(named) = machine.folder("NETRC") {
        return named;
    }
    let home = machine.home();
    let (usual, other) = match machine.locations.platform {
        Platform::Windows => ("_netrc", ".netrc"),
        Platform::Linux | Platform::MacOs => (".netrc", "_netrc"),
    };
    let other = home.join(other);
    match other.is_file() && !home.join(usual).is_file() {
        true => other,
        false => home.join(usual),
    }
}

/// The passwords in it, whoever's they are.
pub fn passwords(text: &str) -> Vec<Secret> {
    let words: Vec<&str> = text.split_whitespace().collect();
    words
        .windows(2)
        .filter(|pair| matches!(pair[0], "password" | "account"))
        .map(|pair| Secret::new(pair[1].trim_matches('"')))
        .filter(|secret| !secret.is_empty())
        .collect()
}

/// The content with the login for a host; what stands there for others stays.
///
/// Errors: a file that cannot be changed without risk; a password that the file cannot hold.
pub fn with_login(
    before: Option<&[u8]>,
    host: &str,
    login: &str,
    password: &Secret,
) -> Result<String, NetrcError> {
    let fits = |text: &str| {
        let unsafe_there = |c: char| c.is_whitespace() || c.is_control() || matches!(c, '"' | '#' | '\\');
        !text.is_empty() && !text.contains(unsafe_there)
    };
    if !fits(login) || !fits(password.expose()) {
        return Err(NetrcError::Value);
    }
    let text = std::str::from_utf8(before.unwrap_or_default()).map_err(|_| NetrcError::NotUtf8)?;
    let words = words(text);
    let at = words
        .windows(2)
        .position(|pair| pair[0].text == "machine" && pair[1].text == host);
    let Some(at) = at else {
        let entry = format!(
            "machine {host}\n  login {login}\n  password {}\n",
            password.expose()
        );
        return Ok(match text.is_empty() || text.ends_with('\n') {
            // A default entry would count before everything below it.
            true => before_default(text, &words, &entry),
            false => before_default(&format!("{text}\n"), &words, &entry),
        });
    };
    let unclear = || NetrcError::Unclear {
        machine: host.to_owned(),
    };
    let mut changed = text.to_owned();
    let (mut own_login, mut own_password) = (None, None);
    let mut next = at + 2;
    while let (Some(name), Some(value)) = (words.get(next), words.get(next + 1)) {
        match name.text {
            "login" | "user" => own_login = Some(value),
            "password" => own_password = Some(value),
            "account" => {}
            _ => break,
        }
        next += 2;
    }
    let (Some(old_login), Some(old_password)) = (own_login, own_password) else {
        return Err(unclear());
    };
    let mut edits = [(old_login, login), (old_password, password.expose())];
    edits.sort_by_key(|(word, _)| std::cmp::Reverse(word.start));
    for (word, value) in edits {
        changed.replace_range(word.start..word.start + word.text.len(), value);
    }
    Ok(changed)
}

fn before_default(text: &str, words: &[Word<'_>], entry: &str) -> String {
    match words.iter().find(|word| word.text == "default") {
        Some(word) => format!("{}{entry}{}", &text[..word.start], &text[word.start..]),
        None => format!("{text}{entry}"),
    }
}

struct Word<'t> {
    text: &'t str,
    start: usize,
}

/// The words outside of comments and macros.
fn words(text: &str) -> Vec<Word<'_>> {
    let mut words = Vec::new();
    let mut at = 0;
    let mut in_macro = false;
    for line in text.split_inclusive('\n') {
        let is_blank = line.trim().is_empty();
        if in_macro && is_blank {
            in_macro = false;
        }
        if !in_macro {
            let uncommented = match line.trim_start().starts_with('#') {
                true => "",
                false => line,
            };
            let mut from = 0;
            for word in uncommented.split_whitespace() {
                let start = from + uncommented[from..].find(word).unwrap_or_default();
                from = start + word.len();
                words.push(Word {
                    text: word,
                    start: at + start,
                });
            }
            in_macro = uncommented.trim_start().starts_with("macdef");
        }
        at += line.len();
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(text: &str) -> String {
        with_login(Some(text.as_bytes()), "repo.corp", "jane", &Secret::new("pw")).unwrap()
    }

    const ENTRY: &str = "machine repo.corp\n  login jane\n  password pw\n";

    #[test]
    fn a_login_is_added_and_others_stay() {
        assert_eq!(with(""), ENTRY);
        assert_eq!(
            with("machine a login b password c"),
            format!("machine a login b password c\n{ENTRY}")
        );
        assert_eq!(
            with(
                "# machine repo.corp login x password y\nmacdef init\nmachine repo.corp login m password n\n\ndefault login d password e\n"
            ),
            format!(
                "# machine repo.corp login x password y\nmacdef init\nmachine repo.corp login m password n\n\n{ENTRY}default login d password e\n"
            )
        );
    }

    #[test]
    fn a_login_that_is_there_is_changed_in_place() {
        assert_eq!(
            with("machine repo.corp\tpassword old login  me # x\nmachine b login c password d\n"),
            "machine repo.corp\tpassword pw login  jane # x\nmachine b login c password d\n"
        );
        let unclear = with_login(
            Some(b"machine repo.corp login me\n"),
            "repo.corp",
            "j",
            &Secret::new("p"),
        );
        assert!(matches!(unclear, Err(NetrcError::Unclear { .. })));
        let value = with_login(None, "h", "j", &Secret::new("with space"));
        assert_eq!(value, Err(NetrcError::Value));
    }

    #[test]
    fn every_password_is_known_as_one() {
        let found = passwords("machine a login b password one\ndefault login x\n password \"two\"\n");
        let found: Vec<&str> = found.iter().map(Secret::expose).collect();
        assert_eq!(found, ["one", "two"]);
    }
}
