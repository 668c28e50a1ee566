//! The records of an environment: one file in `conda-meta` for each package.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

use rattler_conda_types::PrefixRecord;
use rattler_conda_types::prefix_record::{Link, LinkType, PathType, PathsEntry};
use rattler_conda_types::utils::ensure_safe_path_component;

use super::change::{Change, dist};
use super::error::TransactionError;
use super::layout::Layout;
use super::prefix::META;
use super::stage::Staged;
use crate::edit::file::FileError;
use crate::package::cache::{CacheError, Contents, Hostile};

/// Writes the records of the packages that were laid into the stage, and those of staying packages that have changed.
///
/// Gives the new files, and those that take the place of present ones; both told from the prefix.
///
/// Errors: file errors.
pub(super) fn write(
    stage: &Path,
    change: &Change,
    contents: &[Contents],
    layout: &Layout,
    staged: &Staged,
    requested: &HashMap<String, Vec<String>>,
) -> Result<(BTreeSet<PathBuf>, BTreeSet<PathBuf>), TransactionError> {
    let mut new = BTreeSet::new();
    for (package, contents) in contents.iter().enumerate() {
        let record = record_of(
            contents,
            staged.paths[package].clone(),
            staged.link_types[package],
            requested,
        );
        let name = record.file_name();
        ensure_safe_path_component(&name).map_err(|_| CacheError::Hostile {
            package: dist(&contents.record),
            what: Hostile::Name { name: name.clone() },
        })?;
        let file = Path::new(META).join(name);
        write_one(stage, &file, &record)?;
        new.insert(file);
    }
    let mut replaced = BTreeSet::new();
    for (package, record) in &layout.rewritten {
        let file = &change.staying[*package].file;
        write_one(stage, file, record)?;
        replaced.insert(file.clone());
    }
    Ok((new, replaced))
}

fn record_of(
    contents: &Contents,
    paths: Vec<PathsEntry>,
    link_type: LinkType,
    requested: &HashMap<String, Vec<String>>,
) -> PrefixRecord {
    let name = contents.record.package_record.name.as_normalized();
    let requested = requested.get(name).cloned().unwrap_or_default();
    let mut record = PrefixRecord {
        extracted_package_dir: Some(contents.folder.clone()),
        link: Some(Link {
            source: contents.folder.clone(),
            link_type: Some(link_type),
        }),
        requested_specs: requested.clone(),
        ..PrefixRecord::from_repodata_record(contents.record.clone(), paths)
    };
    // conda takes what is listed here for files.
    let folders: HashSet<&PathBuf> = record
        .paths_data
        .paths
        .iter()
        .filter(|path| path.path_type == PathType::Directory)
        .map(|path| &path.relative_path)
        .collect();
    record.files.retain(|file| !folders.contains(file));
    // conda before 26 reads this one and not the list.
    #[allow(deprecated, reason = "other programs read it")]
    {
        record.requested_spec = requested.last().cloned();
    }
    record
}

fn write_one(stage: &Path, file: &Path, record: &PrefixRecord) -> Result<(), TransactionError> {
    let place = stage.join(file);
    let failed = |error| FileError::of_io(error, &place, "written");
    let text = serde_json::to_vec_pretty(record).map_err(|error| failed(error.into()))?;
    Ok(fs::write(&place, text).map_err(failed)?)
}
