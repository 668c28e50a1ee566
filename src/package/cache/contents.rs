//! What an unpacked package says of itself, looked at before anything is linked from it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use rattler_conda_types::package::{
    EntryPoint, IndexJson, LinkJson, NoArchLinks, PackageFile, PathType, PathsEntry, PathsJson,
};
use rattler_conda_types::{PackageRecord, RepoDataRecord};

use super::error::{CacheError, Hostile};
use crate::edit::file::FileError;
use crate::package::inside::{inside, led_to};

/// A package that lies unpacked on this machine, whole and honest.
#[derive(Debug, Clone)]
pub(in crate::package) struct Contents {
    /// Where it lies.
    pub folder: PathBuf,
    /// What the environment will say of it.
    pub record: RepoDataRecord,
    pub index: IndexJson,
    pub paths: PathsJson,
    /// Commands that a package for every Python brings.
    pub entry_points: Vec<EntryPoint>,
}

/// Files in `conda-meta` that other programs keep and a package may bring: pins, and what marks an environment as frozen.
fn is_bookkeeping(path: &Path) -> bool {
    let Ok(within) = path.strip_prefix("conda-meta") else {
        return false;
    };
    let name = within.to_string_lossy();
    name.is_empty() || name == "history" || name.starts_with('.') || name.ends_with(".json")
}

impl Contents {
    /// Reads and checks the package that lies in `folder`. `is_unindexed` where the record was read off an address, so that
    /// the package tells the rest.
    ///
    /// Errors: [`CacheError::Damaged`] when something is missing or has another size, [`CacheError::Hostile`].
    pub fn read(folder: &Path, record: &RepoDataRecord, is_unindexed: bool) -> Result<Self, CacheError> {
        let reading = Reading {
            package: record.identifier.to_file_name(),
            folder,
        };
        let index = IndexJson::from_package_directory(folder)
            .map_err(|error| reading.unreadable("info/index.json", &error))?;
        reading.is_what_it_says(&index, record)?;
        let paths = PathsJson::from_package_directory_with_deprecated_fallback(folder)
            .map_err(|error| reading.unreadable("info/paths.json", &error))?;
        for entry in &paths.paths {
            reading.check(entry)?;
        }
        let entry_points = match index.noarch.is_python() {
            true => reading.entry_points()?,
            false => Vec::new(),
        };
        let record = match is_unindexed {
            true => reading.completed(record, &index)?,
            false => record.clone(),
        };
        Ok(Self {
            folder: folder.to_owned(),
            record,
            index,
            paths,
            entry_points,
        })
    }
}

struct Reading<'a> {
    package: String,
    folder: &'a Path,
}

impl Reading<'_> {
    fn is_what_it_says(&self, index: &IndexJson, record: &RepoDataRecord) -> Result<(), CacheError> {
        let announced = &record.package_record;
        let is_same = index.name.as_normalized() == announced.name.as_normalized()
            && index.version == announced.version
            && index.build.as_str() == announced.build.as_str();
        match is_same {
            true => Ok(()),
            false => Err(self.hostile(Hostile::Disguised {
                found: format!(
                    "{}-{}-{}",
                    index.name.as_normalized(),
                    index.version,
                    index.build.as_str()
                ),
            })),
        }
    }

    fn check(&self, entry: &PathsEntry) -> Result<(), CacheError> {
        let Some(path) = inside(&entry.relative_path) else {
            return Err(self.hostile(Hostile::Path {
                path: entry.relative_path.clone(),
            }));
        };
        if is_bookkeeping(&path) {
            return Err(self.hostile(Hostile::Bookkeeping { path }));
        }
        let place = self.folder.join(&path);
        let metadata = match fs::symlink_metadata(&place) {
            Ok(metadata) => metadata,
            // Windows lets only some accounts make links, so that they may be missing there.
            Err(_) if cfg!(windows) && entry.path_type == PathType::SoftLink => return Ok(()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(self.damaged(format!("{} is missing", path.display())));
            }
            Err(error) => return Err(FileError::of_io(error, &place, "examined").into()),
        };
        let is_as_told = match entry.path_type {
            PathType::HardLink => metadata.is_file() || metadata.is_symlink(),
            PathType::SoftLink => metadata.is_symlink() || cfg!(windows),
            PathType::Directory => metadata.is_dir(),
        };
        if !is_as_told {
            return Err(self.damaged(format!("{} is another kind of file than it says", path.display())));
        }
        if metadata.is_symlink() {
            let target =
                fs::read_link(&place).map_err(|error| FileError::of_io(error, &place, "followed"))?;
            return match led_to(&path, &target) {
                Some(_) => Ok(()),
                None => Err(self.hostile(Hostile::Link { path, target })),
            };
        }
        match entry.size_in_bytes {
            Some(size) if metadata.is_file() && size != metadata.len() => Err(self.damaged(format!(
                "{} has {} bytes, not {size}",
                path.display(),
                metadata.len()
            ))),
            _ => Ok(()),
        }
    }

    fn entry_points(&self) -> Result<Vec<EntryPoint>, CacheError> {
        let link = match LinkJson::from_package_directory(self.folder) {
            Ok(link) => link,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(self.unreadable("info/link.json", &error)),
        };
        let NoArchLinks::Python(python) = link.noarch else {
            return Ok(Vec::new());
        };
        for entry in &python.entry_points {
            let command = Path::new(&entry.command);
            if inside(command).is_none_or(|path| path.components().count() != 1) {
                return Err(self.hostile(Hostile::Path {
                    path: command.to_owned(),
                }));
            }
        }
        Ok(python.entry_points)
    }

    /// The record of a package that no index described, with what its archive says.
    fn completed(&self, record: &RepoDataRecord, index: &IndexJson) -> Result<RepoDataRecord, CacheError> {
        let known = &record.package_record;
        let subdir = index.subdir.clone().unwrap_or_else(|| known.subdir.clone());
        let mut index = index.clone();
        index.subdir = Some(subdir);
        let told = PackageRecord::from_index_json(index, known.size, known.sha256, known.md5)
            .map_err(|error| self.damaged(error.to_string()))?;
        Ok(RepoDataRecord {
            package_record: told,
            ..record.clone()
        })
    }

    fn unreadable(&self, file: &str, error: &io::Error) -> CacheError {
        self.damaged(format!("{file} cannot be read: {error}"))
    }

    fn damaged(&self, reason: String) -> CacheError {
        CacheError::Damaged {
            package: self.package.clone(),
            reason,
        }
    }

    fn hostile(&self, what: Hostile) -> CacheError {
        CacheError::Hostile {
            package: self.package.clone(),
            what,
        }
    }
}
