//! Files that cannot be read as what they are: named with the line, and with a way out. None of them keeps the program
//! from starting, and none is ever overwritten because it could not be read.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::history::FileSnapshot;
use super::watch::Subject;
use super::{ServiceError, Services, blocking};
use crate::edit::file::{self, FileError};
use crate::edit::lock::Lock;
use crate::edit::transaction::Transaction;
use crate::edit::yaml::YamlFile;
use crate::error::{Explain, Problem};
use crate::locations::LocationsError;
use crate::navigator::{NavigatorError, NavigatorFile};
use crate::service::policy::PolicyError;

/// One file that is broken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Trouble {
    pub path: PathBuf,
    /// The line to look at, from 1, where it can be told.
    pub line: Option<usize>,
    #[serde(flatten)]
    pub problem: Problem,
    /// The last version of the file that was good, where one is kept.
    pub snapshot: Option<FileSnapshot>,
    /// Whether it is Sextant's own, so that it can be put aside.
    pub can_be_set_aside: bool,
}

impl Services {
    /// Everything that is broken. Asks no network, and writes nothing.
    pub fn troubles(&self) -> Vec<Trouble> {
        blocking(|| {
            let mut troubles = Vec::new();
            if self.locations().is_stand_in {
                let home = self.locations().home.clone();
                troubles.push(self.trouble(&home, None, &LocationsError::NoHome));
            }
            troubles.extend(self.troubles_of_conda());
            troubles.extend(self.trouble_of_navigator());
            troubles.extend(self.trouble_of_policy());
            troubles.extend(self.troubles_of_sextant());
            troubles
        })
    }

    fn troubles_of_conda(&self) -> Vec<Trouble> {
        let edited = self
            .condarc_path()
            .unwrap_or_else(|_| self.locations().home.join(".condarc"));
        let places = self.watched_places().into_iter();
        let mut paths: BTreeSet<PathBuf> = places
            .filter(|(_, subject)| *subject == Subject::Condarc)
            .map(|(path, _)| path)
            .collect();
        paths.insert(edited.clone());
        let mut troubles = Vec::new();
        for path in paths {
            // Only where a file is to be edited does a folder stand in the way; conda reads what is in it.
            if path.is_dir() && path != edited {
                continue;
            }
            let error: ServiceError = match file::read(&path) {
                Ok(None) => continue,
                // The way there is broken: one trouble, however many files would lie there.
                Err(error @ FileError::Other { .. }) if path != edited => {
                    let folder = path.parent().unwrap_or(&path).to_owned();
                    if !troubles.iter().any(|trouble: &Trouble| trouble.path == folder) {
                        troubles.push(self.trouble(&folder, None, &error));
                    }
                    continue;
                }
                Err(error) => error.into(),
                Ok(Some(image)) => match YamlFile::parse(&image.bytes) {
                    Ok(_) => continue,
                    Err(error) => {
                        let line = error.line();
                        let error = ServiceError::in_condarc(&path)(error);
                        troubles.push(self.trouble(&path, line, &error));
                        continue;
                    }
                },
            };
            troubles.push(self.trouble(&path, None, &error));
        }
        troubles
    }

    fn trouble_of_navigator(&self) -> Option<Trouble> {
        let path = self.navigator_path();
        match file::read(&path) {
            Ok(image) => match NavigatorFile::parse(&image?.bytes) {
                Ok(_) => None,
                Err(error) => {
                    let (NavigatorError::Unreadable(ini) | NavigatorError::Unchangeable(ini)) = &error;
                    let line = ini.line();
                    Some(self.trouble(&path, line, &ServiceError::in_navigator(&path)(error)))
                }
            },
            Err(error) => Some(self.trouble(&path, None, &error)),
        }
    }

    fn trouble_of_policy(&self) -> Option<Trouble> {
        let error = self.policy().err()?;
        let path = match &error {
            PolicyError::Damaged { path, .. } | PolicyError::Unreadable { path, .. } => path.clone(),
            _ => self.policy_path(),
        };
        let line = match &error {
            PolicyError::Damaged { problems, .. } => problems.first().and_then(|first| line_in(first)),
            _ => None,
        };
        Some(self.trouble(&path, line, &error))
    }

    fn troubles_of_sextant(&self) -> Vec<Trouble> {
        let mut troubles = Vec::new();
        let mut note = |path: PathBuf, error: &dyn Explain| {
            let line = error.explain().cause.as_deref().and_then(line_in);
            troubles.push(self.trouble(&path, line, error));
        };
        let locations = self.locations();
        for folder in [&locations.data, &locations.config] {
            if fs::symlink_metadata(folder).is_ok() && !folder.is_dir() {
                note(folder.clone(), &NotAFolder(folder.clone()));
            }
        }
        if let Err(error) = self.connections() {
            note(locations.connections(), &error);
        }
        if let Err(error) = self.preferences() {
            note(locations.config.join("preferences.toml"), &error);
        }
        if let Err(error) = self.trust_by_server() {
            note(locations.config.join("trust.toml"), &error);
        }
        for (path, error) in self.history().damaged() {
            note(path, &error);
        }
        for (path, error) in Transaction::damaged(&locations.journals()) {
            note(path, &error);
        }
        troubles
    }

    fn trouble(&self, path: &Path, line: Option<usize>, error: &(impl Explain + ?Sized)) -> Trouble {
        let mut problem = error.explain();
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        if !problem.message.contains(&name) {
            problem.message = format!("{}: {}", path.display(), problem.message);
        }
        Trouble {
            line,
            problem,
            snapshot: self.last_good_snapshot(path).ok().flatten(),
            can_be_set_aside: self.is_own(path),
            path: path.to_owned(),
        }
    }

    /// Whether it is a file, or the journal of one change, that only Sextant reads.
    fn is_own(&self, path: &Path) -> bool {
        let locations = self.locations();
        let files = [
            locations.connections(),
            locations.config.join("preferences.toml"),
            locations.config.join("trust.toml"),
            self.preset_path(),
        ];
        let folders = [locations.history().join("entries"), locations.journals()];
        files.iter().any(|file| file == path)
            || folders
                .iter()
                .any(|folder| path.parent() == Some(folder.as_path()))
    }

    /// Puts a broken file of Sextant's own aside, under another name beside it, as it is. Where it is now.
    ///
    /// Errors: [`ServiceError::NotOurs`] for any other file; file errors.
    pub fn set_aside(&self, path: &Path) -> Result<PathBuf, ServiceError> {
        if !self.is_own(path) {
            return Err(ServiceError::NotOurs {
                path: path.to_owned(),
            });
        }
        blocking(|| {
            let _lock = Lock::take(&self.locations().lock())?;
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let name = format!("{name}.damaged-{}", self.new_id());
            // Journals are looked for in their folder, so one that is put aside must leave it.
            let is_journal = path.parent() == Some(self.locations().journals().as_path());
            let aside = match is_journal {
                true => self.locations().data.join(name),
                false => path.with_file_name(name),
            };
            fs::rename(path, &aside).map_err(|error| FileError::of_io(error, path, "put aside"))?;
            Ok(aside)
        })
    }
}

/// A file stands where a folder should be.
struct NotAFolder(PathBuf);

impl Explain for NotAFolder {
    fn explain(&self) -> Problem {
        let path = self.0.display();
        Problem::new(crate::error::Kind::File, format!("{path} is not a folder"))
            .because("Sextant keeps its files in it, and can change nothing without")
            .remedy(format!("move it away: mv {path} {path}.old"))
    }
}

/// The number behind "line" in words about a file.
fn line_in(words: &str) -> Option<usize> {
    let (_, behind) = words.split_once("line ")?;
    let digits: String = behind.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}
