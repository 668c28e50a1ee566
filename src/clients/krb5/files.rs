//! All files that make up the configuration.

use std::fs;
use std::path::{Path, PathBuf};

use super::file::{Include, Krb5File, Relation};
use crate::clients::machine::Machine;
use crate::edit::file;
use crate::locations::Platform;

/// How deep files may take in one another; a ring ends there.
const DEEPEST: usize = 8;

/// What became of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Krb5State {
    Read,
    Missing,
    /// Kerberos stops at it, for this reason.
    Broken {
        reason: String,
    },
}

/// A file of the configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Krb5Place {
    pub path: PathBuf,
    pub state: Krb5State,
    /// The file that takes it in.
    pub included_by: Option<PathBuf>,
}

/// What all files say together: of several values of one name the first counts.
#[derive(Debug, Clone, Default)]
pub struct Krb5Files {
    pub places: Vec<Krb5Place>,
    relations: Vec<(PathBuf, Relation)>,
}

/// The files that Kerberos reads on this machine, in its order: those of `KRB5_CONFIG`, else the system's.
fn named_files(machine: &Machine) -> Vec<PathBuf> {
    let platform = machine.locations.platform;
    let separator = if platform == Platform::Windows { ';' } else { ':' };
    if let Some(named) = machine.variable("KRB5_CONFIG") {
        return named
            .split(separator)
            .filter_map(|path| machine.expand(path.strip_prefix("FILE:").unwrap_or(path)))
            .collect();
    }
    match platform {
        Platform::Linux | Platform::MacOs => vec![machine.system("etc/krb5.conf")],
        Platform::Windows => vec![machine.system("ProgramData/MIT/Kerberos5/krb5.ini")],
    }
}

/// The file in which something is added: the first that exists, else the first.
pub fn main_file(machine: &Machine) -> PathBuf {
    let named = named_files(machine);
    let existing = named.iter().find(|path| path.is_file());
    existing
        .or(named.first())
        .cloned()
        .unwrap_or_else(|| machine.system("etc/krb5.conf"))
}

impl Krb5Files {
    /// Reads every file. Never fails: one that cannot be used becomes a place with a reason.
    pub fn read(machine: &Machine) -> Self {
        let mut files = Self::default();
        for path in named_files(machine) {
            files.take(&path, None, 0);
        }
        files
    }

    fn take(&mut self, path: &Path, included_by: Option<&Path>, depth: usize) {
        if self.places.iter().any(|place| place.path == path) || depth > DEEPEST {
            return;
        }
        let read = match file::read(path) {
            Ok(Some(image)) => Krb5File::parse(&image.bytes).map_err(|error| Krb5State::Broken {
                reason: error.to_string(),
            }),
            Ok(None) => Err(Krb5State::Missing),
            Err(error) => Err(Krb5State::Broken {
                reason: error.to_string(),
            }),
        };
        let state = read.as_ref().err().cloned().unwrap_or(Krb5State::Read);
        self.places.push(Krb5Place {
            path: path.to_owned(),
            state,
            included_by: included_by.map(Path::to_owned),
        });
        let Ok(read) = read else { return };
        let mut includes = read.includes.iter().peekable();
        for (at, relation) in read.relations.iter().enumerate() {
            while let Some((_, include)) = includes.next_if(|(before, _)| *before <= at) {
                self.include(include, path, depth);
            }
            self.relations.push((path.to_owned(), relation.clone()));
        }
        for (_, include) in includes {
            self.include(include, path, depth);
        }
    }

    fn include(&mut self, include: &Include, by: &Path, depth: usize) {
        match include {
            Include::File(path) => self.take(Path::new(path), Some(by), depth + 1),
            Include::Folder(folder) => {
                let mut paths: Vec<PathBuf> = fs::read_dir(folder)
                    .into_iter()
                    .flatten()
                    .flatten()
                    .filter(|entry| entry.file_name().to_str().is_some_and(counts))
                    .map(|entry| entry.path())
                    .collect();
                paths.sort();
                for path in paths {
                    self.take(&path, Some(by), depth + 1);
                }
            }
        }
    }

    /// The values under a row of names with their files, the one that counts first.
    pub fn values(&self, path: &[&str]) -> Vec<(&str, &Path)> {
        let named = self.relations.iter().filter(|(_, relation)| relation.is_at(path));
        named
            .map(|(file, relation)| (relation.value.as_str(), file.as_path()))
            .collect()
    }

    pub fn value(&self, path: &[&str]) -> Option<&str> {
        self.values(path).first().map(|(value, _)| *value)
    }

    pub fn default_realm(&self) -> Option<&str> {
        self.value(&["libdefaults", "default_realm"])
    }

    /// The realm that a server is in by `[domain_realm]`, with the name that says so: its own, then those of the domains
    /// above it, each with a dot in front and without.
    pub fn realm_of(&self, host: &str) -> Option<(&str, String)> {
        let host = host.to_ascii_lowercase();
        let mut name = host.as_str();
        loop {
            if let Some(realm) = self.value(&["domain_realm", name]) {
                return Some((realm, name.to_owned()));
            }
            name = match name.strip_prefix('.') {
                Some(rest) => rest,
                None => &name[name.find('.')?..],
            };
        }
    }

    /// The key servers of a realm.
    pub fn key_servers(&self, realm: &str) -> Vec<&str> {
        let values = self.values(&["realms", realm, "kdc"]);
        values.into_iter().map(|(value, _)| value).collect()
    }

    /// The file at which Kerberos stops, and the reason.
    pub fn broken(&self) -> Option<(&Path, &str)> {
        self.places.iter().find_map(|place| match &place.state {
            Krb5State::Broken { reason } => Some((place.path.as_path(), reason.as_str())),
            _ => None,
        })
    }
}

/// The names that count in a folder: letters, digits, dashes and underscores, or whatever ends in `.conf`.
fn counts(name: &str) -> bool {
    let plain = |text: &str| {
        text.chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
    };
    !name.starts_with('.') && (plain(name) || name.ends_with(".conf"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clients::fixture::Home;

    fn plant(home: &Home, path: &str, content: &str) -> String {
        let path = home.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        path.display().to_string()
    }

    #[test]
    fn the_first_value_counts_and_files_take_in_others() {
        let home = Home::new();
        let folder = home.path("d").display().to_string();
        plant(&home, "d/10-a", "[domain_realm]\n.corp = FROM.FOLDER\n");
        plant(&home, "d/b.conf", "[realms]\nCORP = {\nkdc = b\n}\n");
        plant(&home, "d/c.rpmsave", "[realms]\nCORP = {\nkdc = no\n}\n");
        let one = plant(
            &home,
            "one",
            &format!("includedir {folder}\n[domain_realm]\n.corp = LATER\nrepo.corp = EXACT\n"),
        );
        let two = plant(
            &home,
            "two",
            "[realms]\nCORP = {\nkdc = two\n}\n[libdefaults]\ndefault_realm = CORP\n",
        );
        let home = home.variable("KRB5_CONFIG", &format!("{one}:/nowhere/krb5.conf:FILE:{two}"));
        let files = Krb5Files::read(&home.machine());
        assert_eq!(files.default_realm(), Some("CORP"));
        assert_eq!(files.key_servers("CORP"), ["b", "two"]);
        assert_eq!(
            files.realm_of("Repo.corp"),
            Some(("EXACT", "repo.corp".to_owned()))
        );
        assert_eq!(
            files.realm_of("x.y.corp"),
            Some(("FROM.FOLDER", ".corp".to_owned()))
        );
        assert_eq!(files.realm_of("elsewhere"), None);
        let names: Vec<_> = files.places.iter().map(|place| place.state.clone()).collect();
        assert_eq!(names.len(), 5, "{names:?}");
        assert!(names.contains(&Krb5State::Missing));
        assert_eq!(main_file(&home.machine()), Path::new(&one));
    }

    #[test]
    fn a_broken_file_is_told_and_the_usual_place_is_the_systems() {
        let home = Home::new();
        assert_eq!(main_file(&home.machine()), home.path("system-root/etc/krb5.conf"));
        plant(&home, "system-root/etc/krb5.conf", "[realms]\nnonsense\n");
        let files = Krb5Files::read(&home.machine());
        assert!(files.broken().unwrap().1.contains("line 2"));
    }
}
