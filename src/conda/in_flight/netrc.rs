//! `.netrc`, in which conda's HTTP library looks for a login when no address names one.

use std::path::PathBuf;

use super::{CredentialSource, Login};
use crate::conda::Surroundings;
use crate::edit::file;
use crate::secret::Secret;

/// One `machine`, or `default`.
struct Entry {
    /// `None` for `default`.
    machine: Option<String>,
    login: Secret,
    password: Secret,
}

pub(super) struct Netrc {
    path: PathBuf,
    entries: Vec<Entry>,
}

impl Netrc {
    /// The file that `NETRC` names, else `~/.netrc`, else `~/_netrc`. One that cannot be read or understood is none, as
    /// for conda.
    pub(super) fn read(surroundings: &Surroundings) -> Option<Self> {
        let candidates = match surroundings.variable("NETRC") {
            Some(path) => vec![surroundings.expand_home(path)],
            None => vec![surroundings.home.join(".netrc"), surroundings.home.join("_netrc")],
        };
        let path = candidates.into_iter().find(|path| path.is_file())?;
        let image = file::read(&path).ok()??;
        let entries = parse(&String::from_utf8_lossy(&image.bytes))?;
        Some(Self { path, entries })
    }

    pub(super) fn login_for(&self, host: &str) -> Option<Login> {
        let named = |entry: &&Entry| entry.machine.as_deref() == Some(host);
        // The last of a name counts.
        let named = self.entries.iter().rev().find(named);
        let entry = named.or_else(|| self.entries.iter().rev().find(|entry| entry.machine.is_none()))?;
        Some(Login {
            user: entry.login.clone(),
            password: entry.password.clone(),
            source: CredentialSource::Netrc(self.path.clone()),
        })
    }
}

/// The entries of a file by the rules of Python's `netrc`; nothing for one that it refuses.
fn parse(text: &str) -> Option<Vec<Entry>> {
    let mut words = Words { rest: text };
    let mut entries: Vec<Entry> = Vec::new();
    let mut keyword = words.keyword();
    while let Some(start) = keyword {
        let machine = match start.as_str() {
            "machine" => Some(words.value()),
            "default" => None,
            "macdef" => {
                words.skip_macro();
                keyword = words.keyword();
                continue;
            }
            _ => return None,
        };
        let mut entry = Entry {
            machine,
            login: Secret::new(""),
            password: Secret::new(""),
        };
        loop {
            keyword = words.keyword();
            match keyword.as_deref() {
                Some("login" | "user") => entry.login = Secret::new(words.value()),
                Some("password") => entry.password = Secret::new(words.value()),
                Some("account") => drop(words.value()),
                Some("machine" | "default" | "macdef") | None => break,
                Some(_) => return None,
            }
        }
        entries.push(entry);
    }
    Some(entries)
}

struct Words<'t> {
    rest: &'t str,
}

impl Words<'_> {
    /// A macro lasts until an empty line.
    fn skip_macro(&mut self) {
        self.rest = match self.rest.find("\n\n") {
            Some(end) => &self.rest[end + 2..],
            None => "",
        };
    }

    /// The next word that is no comment.
    fn keyword(&mut self) -> Option<String> {
        loop {
            self.rest = self.rest.trim_start();
            match self.rest.strip_prefix('#') {
                Some(comment) => self.rest = comment.split_once('\n').map_or("", |(_, rest)| rest),
                None => break,
            }
        }
        (!self.rest.is_empty()).then(|| self.value())
    }

    /// The next word, whatever it begins with; empty at the end.
    fn value(&mut self) -> String {
        self.rest = self.rest.trim_start();
        let mut word = String::new();
        let mut characters = self.rest.char_indices();
        let is_quoted = self.rest.starts_with('"');
        if is_quoted {
            characters.next();
        }
        let mut end = self.rest.len();
        while let Some((at, character)) = characters.next() {
            match character {
                '"' if is_quoted => {
                    end = at + 1;
                    break;
                }
                '\\' => word.extend(characters.next().map(|(_, escaped)| escaped)),
                character if character.is_whitespace() && !is_quoted => {
                    end = at;
                    break;
                }
                character => word.push(character),
            }
        }
        self.rest = &self.rest[end..];
        word
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Option<Vec<(Option<String>, String, String)>> {
        let entries = parse(text)?;
        let shown = |entry: Entry| {
            let text = |secret: Secret| secret.expose().to_owned();
            (entry.machine, text(entry.login), text(entry.password))
        };
        Some(entries.into_iter().map(shown).collect())
    }

    /// What Python's `netrc` makes of the same texts.
    #[test]
    fn entries_are_read_as_python_reads_them() {
        let entry = |machine: Option<&str>, login: &str, password: &str| {
            (machine.map(str::to_owned), login.to_owned(), password.to_owned())
        };
        for (text, entries) in [
            (
                "# mine\nmachine h login al password \"p w\\\"\" account x\nmacdef init\ncd /\n\ndefault\n login any password #1\n",
                vec![entry(Some("h"), "al", "p w\""), entry(None, "any", "#1")],
            ),
            (
                "machine h\n  login a#b\n  # c\n  password b\n",
                vec![entry(Some("h"), "a#b", "b")],
            ),
            ("machine h login", vec![entry(Some("h"), "", "")]),
            ("", vec![]),
        ] {
            assert_eq!(shown(text), Some(entries), "{text}");
        }
        assert_eq!(shown("nonsense"), None);
    }
}
