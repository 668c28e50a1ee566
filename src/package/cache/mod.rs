//! Packages that lie unpacked on this machine, to be linked from.
//!
//! Each lies in a folder of its own, named by the package and by what tells its file apart from any other of that name, with
//! `info/repodata_record.json` in it as conda writes it. A package comes in whole or not at all: it is fetched and taken
//! apart in `.fetching`, checked, and then takes its place by a rename.
//!
//! Packages that conda has fetched (its `pkgs_dirs`) are used where they lie if they are what the index announces and nothing
//! of them is missing; nothing is ever written there.

mod contents;
mod download;
mod error;
mod fetch;
mod unpack;

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use rattler_conda_types::RepoDataRecord;
use rattler_conda_types::package::{CondaArchiveType, DistArchiveType};
use rattler_conda_types::utils::ensure_safe_path_component;
use rattler_digest::{Md5, Md5Hash, Sha256, Sha256Hash, digest::Digest};
use serde::Deserialize;

use crate::edit::file::FileError;

pub(in crate::package) use contents::Contents;
pub use error::{CacheError, Hostile};
pub(in crate::package) use fetch::{Needed, Told, provide};

/// Where unpacked packages lie.
#[derive(Debug, Clone)]
pub struct PackageCache {
    folder: PathBuf,
    conda: Vec<PathBuf>,
}

/// What tells the file of a package apart from any other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Digests {
    pub sha256: Sha256Hash,
    pub md5: Md5Hash,
    pub size: u64,
}

impl Digests {
    fn of_file(path: &Path) -> io::Result<Self> {
        let mut file = File::open(path)?;
        let mut digesting = Digesting::default();
        let mut block = vec![0; 128 * 1024];
        loop {
            match io::Read::read(&mut file, &mut block)? {
                0 => return Ok(digesting.finish()),
                read => digesting.take(&block[..read]),
            }
        }
    }

    /// Whether it is the file that the index announces, as far as the index says. Where both digests are announced the
    /// stronger one decides: some servers announce a wrong md5.
    fn is_announced_by(&self, record: &RepoDataRecord) -> Result<(), (String, String)> {
        let package = &record.package_record;
        let told = |announced: String, found: String| match announced == found {
            true => Ok(()),
            false => Err((announced, found)),
        };
        if let Some(sha256) = &package.sha256 {
            told(
                format!("SHA-256 {}", hexadecimal(sha256)),
                format!("SHA-256 {}", hexadecimal(&self.sha256)),
            )
        } else if let Some(md5) = &package.md5 {
            told(
                format!("MD5 {}", hexadecimal(md5)),
                format!("MD5 {}", hexadecimal(&self.md5)),
            )
        } else if let Some(size) = package.size {
            told(format!("{size} bytes"), format!("{} bytes", self.size))
        } else {
            Ok(())
        }
    }
}

/// Digests of bytes that come one after another.
#[derive(Default)]
struct Digesting {
    sha256: Sha256,
    md5: Md5,
    size: u64,
}

impl Digesting {
    fn take(&mut self, bytes: &[u8]) {
        self.sha256.update(bytes);
        self.md5.update(bytes);
        self.size += bytes.len() as u64;
    }

    fn finish(self) -> Digests {
        Digests {
            sha256: self.sha256.finalize(),
            md5: self.md5.finalize(),
            size: self.size,
        }
    }
}

/// What conda writes beside a package that it has unpacked, as far as it tells the package apart.
#[derive(Deserialize)]
struct Unpacked {
    #[serde(rename = "fn")]
    file_name: Option<String>,
    sha256: Option<String>,
    md5: Option<String>,
}

impl PackageCache {
    /// `folder` is Sextant's own; `conda` are folders to take whole packages from without changing anything in them.
    pub fn new(folder: PathBuf, conda: Vec<PathBuf>) -> Self {
        Self { folder, conda }
    }

    /// Whether the package needs no download, as far as that can be seen without looking into it.
    pub(in crate::package) fn holds(&self, record: &RepoDataRecord) -> bool {
        record.url.scheme() == "file"
            || self.unpacked(record).is_some()
            || self.archive_of_conda(record).is_some()
    }

    /// Where the package lies unpacked, if it does. Whether it is whole was not looked at.
    pub(in crate::package) fn unpacked(&self, record: &RepoDataRecord) -> Option<PathBuf> {
        let own = self.place_of(record).ok().filter(|place| place.is_dir());
        own.or_else(|| self.unpacked_by_conda(record))
    }

    /// Where the package lies, or would lie.
    fn place_of(&self, record: &RepoDataRecord) -> Result<PathBuf, CacheError> {
        let package = &record.package_record;
        let digest = match (&package.sha256, &package.md5) {
            (Some(sha256), _) => hexadecimal(sha256),
            (None, Some(md5)) => hexadecimal(md5),
            (None, None) => hexadecimal(&rattler_digest::compute_url_digest::<Sha256>(record.url.clone())),
        };
        let name = format!("{}.{}", stem_of(record), &digest[..12.min(digest.len())]);
        safe(&name)?;
        Ok(self.folder.join(name))
    }

    /// A folder of conda in which the package lies unpacked.
    fn unpacked_by_conda(&self, record: &RepoDataRecord) -> Option<PathBuf> {
        let name = stem_of(record);
        safe(&name).ok()?;
        let mut places = self.conda.iter().map(|folder| folder.join(&name));
        places.find(|place| {
            let text = fs::read(place.join("info/repodata_record.json")).unwrap_or_default();
            let Ok(unpacked) = serde_json::from_slice::<Unpacked>(&text) else {
                return false;
            };
            let package = &record.package_record;
            let is_same = match (&package.sha256, &package.md5) {
                (Some(sha256), _) => unpacked.sha256 == Some(hexadecimal(sha256)),
                (None, Some(md5)) => unpacked.md5 == Some(hexadecimal(md5)),
                // Nothing says that it is the same one.
                (None, None) => false,
            };
            let file_name = record.identifier.to_file_name();
            is_same && unpacked.file_name.is_none_or(|name| name == file_name)
        })
    }

    /// An archive that conda has kept. Whether it is whole, its digest tells.
    fn archive_of_conda(&self, record: &RepoDataRecord) -> Option<PathBuf> {
        let package = &record.package_record;
        if package.sha256.is_none() && package.md5.is_none() {
            return None;
        }
        let name = record.identifier.to_file_name();
        safe(&name).ok()?;
        let mut places = self.conda.iter().map(|folder| folder.join(&name));
        places.find(|place| {
            let length = fs::metadata(place)
                .ok()
                .filter(fs::Metadata::is_file)
                .map(|file| file.len());
            length.is_some() && (package.size.is_none() || length == package.size)
        })
    }

    /// The package, if it lies here and is whole. One that is damaged in Sextant's own folder is taken away.
    fn find(&self, needed: &Needed) -> Result<Option<Contents>, CacheError> {
        let read = |folder: &Path| Contents::read(folder, &needed.record, needed.is_unindexed);
        let own = self.place_of(&needed.record)?;
        if own.is_dir() {
            match read(&own) {
                Ok(contents) => return Ok(Some(contents)),
                Err(CacheError::Damaged { .. }) => remove_whole(&own)?,
                Err(error) => return Err(error),
            }
        }
        // One of conda's that is not whole, or not honest, is left to conda.
        Ok(self
            .unpacked_by_conda(&needed.record)
            .and_then(|folder| read(&folder).ok()))
    }
}

/// `<name>-<version>-<build>`
fn stem_of(record: &RepoDataRecord) -> String {
    let package = &record.package_record;
    format!(
        "{}-{}-{}",
        package.name.as_normalized(),
        package.version,
        package.build.as_str()
    )
}

fn hexadecimal(digest: &[u8]) -> String {
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Errors: a name that is more than the name of a file.
fn safe(name: &str) -> Result<(), CacheError> {
    ensure_safe_path_component(name).map_err(|_| CacheError::Hostile {
        package: name.to_owned(),
        what: Hostile::Name {
            name: name.to_owned(),
        },
    })
}

fn archive_kind(record: &RepoDataRecord) -> Result<CondaArchiveType, CacheError> {
    match record.identifier.archive_type {
        DistArchiveType::Conda(kind) => Ok(kind),
        DistArchiveType::Wheel(_) => Err(CacheError::NotAPackage {
            package: stem_of(record),
            file_name: record.identifier.to_file_name(),
        }),
    }
}

fn remove_whole(folder: &Path) -> Result<(), FileError> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(FileError::of_io(error, folder, "removed"))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
pub(in crate::package) mod tests;
