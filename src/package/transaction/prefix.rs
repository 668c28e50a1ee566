//! What an environment holds, read from its `conda-meta`.

use std::collections::HashMap;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use rattler_conda_types::PrefixRecord;
use rattler_conda_types::prefix_record::PathType;

use super::error::TransactionError;
use crate::edit::file::FileError;
use crate::package::inside::inside;
use crate::side_by_side;

/// The folder that makes a prefix an environment.
pub(super) const META: &str = "conda-meta";

/// A package of an environment.
#[derive(Debug, Clone)]
pub(super) struct Installed {
    /// Its record, told from the prefix: `conda-meta/<name>-<version>-<build>.json`.
    pub file: PathBuf,
    pub record: PrefixRecord,
}

/// Every record of the prefix, by name of file; none where there is no environment yet.
///
/// Errors: [`TransactionError::BrokenRecords`] with all that cannot be read, that name files out of the environment, or that
/// are two of one package. conda works on no such environment either.
pub(super) fn installed(prefix: &Path) -> Result<Vec<Installed>, TransactionError> {
    let files = record_files(prefix)?;
    let read = side_by_side::each(&files, |file| read_record(&prefix.join(file)));
    let mut records = Vec::new();
    let mut broken = Vec::new();
    let mut names = HashMap::new();
    for (file, record) in files.iter().zip(read) {
        match record {
            Err(reason) => broken.push((prefix.join(file), reason)),
            Ok(record) => {
                if let Some(other) = names.insert(record.name().as_normalized().to_owned(), file) {
                    let reason = format!("{} is a record of the same package", other.display());
                    broken.push((prefix.join(file), reason));
                }
                records.push(Installed {
                    file: file.clone(),
                    record,
                });
            }
        }
    }
    match broken.is_empty() {
        true => Ok(records),
        false => Err(TransactionError::BrokenRecords {
            prefix: prefix.to_owned(),
            records: broken,
        }),
    }
}

/// The records as conda finds them, told from the prefix.
fn record_files(prefix: &Path) -> Result<Vec<PathBuf>, FileError> {
    let meta = prefix.join(META);
    let failed = |error| FileError::of_io(error, &meta, "read");
    let entries = match fs::read_dir(&meta) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(failed(error)),
    };
    let mut files = Vec::new();
    for entry in entries {
        let name = entry.map_err(failed)?.file_name();
        let text = name.to_string_lossy();
        if text.ends_with(".json") && !text.starts_with("._") {
            files.push(Path::new(META).join(&name));
        }
    }
    files.sort();
    Ok(files)
}

/// Errors: the reason in words.
fn read_record(path: &Path) -> Result<PrefixRecord, String> {
    let text = fs::read(path).map_err(|error| error.to_string())?;
    let record: PrefixRecord = serde_json::from_slice(&text).map_err(|error| error.to_string())?;
    let listed = record
        .paths_data
        .paths
        .iter()
        .map(|path| path.relative_path.as_path());
    let outside = paths_of(&record)
        .chain(listed)
        .find(|path| inside(path).is_none());
    match outside {
        Some(path) => Err(format!(
            "it names a file out of the environment: {}",
            path.display()
        )),
        None => Ok(record),
    }
}

/// The files of a record, where they lie in the prefix, and folders that the package brought although nothing is in them.
///
/// What conda goes by is the list of names. In the list of paths it tells packages for every Python as they are in their
/// archive (`site-packages/…`), so that only folders are taken from there, which the other does not have.
pub(super) fn paths_of(record: &PrefixRecord) -> impl Iterator<Item = &Path> {
    let is_named = !record.files.is_empty();
    let listed = record.paths_data.paths.iter();
    let listed = listed.filter(move |path| !is_named || path.path_type == PathType::Directory);
    let named = record.files.iter().map(PathBuf::as_path);
    named.chain(listed.map(|path| path.relative_path.as_path()))
}

/// The state of `conda-meta`, to see whether another program has changed it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mark(Vec<(OsString, u64, Option<SystemTime>)>);

impl Mark {
    pub fn of(prefix: &Path) -> Result<Self, FileError> {
        let meta = prefix.join(META);
        let failed = |error| FileError::of_io(error, &meta, "read");
        let entries = match fs::read_dir(&meta) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self(Vec::new())),
            Err(error) => return Err(failed(error)),
        };
        let mut files = Vec::new();
        for entry in entries {
            let entry = entry.map_err(failed)?;
            let name = entry.file_name();
            let text = name.to_string_lossy();
            if text.ends_with(".json") || text == "history" {
                let metadata = entry.metadata().map_err(failed)?;
                files.push((name, metadata.len(), metadata.modified().ok()));
            }
        }
        files.sort();
        Ok(Self(files))
    }
}
