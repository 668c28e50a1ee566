//! The new contents of a moving environment, and the old ones, in a folder within its prefix.
//!
//! Order of things, each of which a crash may follow:
//!
//! 1. every new content lies in `new/<number>`, the files are as they were;
//! 2. `manifest.json` says which file each is for: from here on the exchange can be undone;
//! 3. file by file, the old one goes to `old/<number>` and the new one takes its place.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::{Relocation, Replacement};
use crate::conda::environment::EnvironmentError;
use crate::conda::environment::installed::record_paths;
use crate::edit::file::{self, FileError, PRIVATE};
use crate::edit::snapshot::digest;
use crate::edit::transaction::Observer;

/// How the folder's name begins.
pub(super) const NAME: &str = ".sextant-move-";

/// What is exchanged: files by their paths relative to the prefix.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Manifest {
    files: Vec<String>,
}

/// The folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Staging {
    prefix: PathBuf,
    name: String,
}

impl Staging {
    /// The one of the change `id`, in an environment that lies at `prefix` now.
    pub fn of(prefix: &Path, id: &str) -> Self {
        Self {
            prefix: prefix.to_owned(),
            name: format!("{NAME}{id}"),
        }
    }

    fn folder(&self) -> PathBuf {
        self.prefix.join(&self.name)
    }

    fn new_file(&self, number: usize) -> PathBuf {
        self.folder().join("new").join(number.to_string())
    }

    fn old_file(&self, number: usize) -> PathBuf {
        self.folder().join("old").join(number.to_string())
    }

    fn manifest_path(&self) -> PathBuf {
        self.folder().join("manifest.json")
    }

    /// Lays out everything that changes; the environment is as it was. The number of files.
    ///
    /// Errors: file errors; [`EnvironmentError::PrefixTooLong`]; [`EnvironmentError::Cancelled`].
    pub fn prepare(
        &self,
        relocation: &Relocation,
        found: &dyn Fn() -> bool,
    ) -> Result<usize, EnvironmentError> {
        for folder in ["new", "old"] {
            let folder = self.folder().join(folder);
            fs::create_dir_all(&folder).map_err(|error| FileError::of_io(error, &folder, "created"))?;
        }
        let mut manifest = Manifest::default();
        let mut digests = BTreeMap::new();
        relocation.each(found, &mut |inside, replacement| {
            if let Replacement::Content(content) = &replacement {
                digests.insert(inside.to_owned(), digest(content));
            }
            self.lay(&mut manifest, inside, &replacement)
        })?;
        for (inside, record) in self.records(&digests)? {
            self.lay(&mut manifest, &inside, &Replacement::Content(record))?;
        }
        let text = serde_json::to_vec(&manifest).map_err(|error| EnvironmentError::Staging {
            folder: self.folder(),
            reason: error.to_string(),
        })?;
        file::write(&self.manifest_path(), &text, PRIVATE)?;
        Ok(manifest.files.len())
    }

    fn lay(
        &self,
        manifest: &mut Manifest,
        inside: &str,
        replacement: &Replacement,
    ) -> Result<(), EnvironmentError> {
        let place = self.new_file(manifest.files.len());
        let original = self.prefix.join(inside);
        lay(&place, &original, replacement).map_err(|error| FileError::of_io(error, &place, "written"))?;
        manifest.files.push(inside.to_owned());
        Ok(())
    }

    /// The records that tell the digest of a file which changes, with the new one: `conda doctor` compares them.
    fn records(
        &self,
        digests: &BTreeMap<String, String>,
    ) -> Result<Vec<(String, Vec<u8>)>, EnvironmentError> {
        let mut changed = Vec::new();
        for path in record_paths(&self.prefix)? {
            let Ok(bytes) = fs::read(&path) else { continue };
            let Ok(mut record) = serde_json::from_slice::<serde_json::Value>(&bytes) else {
                continue;
            };
            if note_digests(&mut record, digests)
                && let (Some(name), Ok(text)) = (path.file_name(), serde_json::to_vec_pretty(&record))
            {
                changed.push((format!("conda-meta/{}", name.to_string_lossy()), text));
            }
        }
        Ok(changed)
    }

    /// Exchanges old and new, file by file.
    ///
    /// Errors: file errors.
    pub fn exchange(&self, observer: Observer<'_>) -> Result<(), EnvironmentError> {
        let Some(manifest) = self.manifest()? else {
            return Ok(());
        };
        for (number, inside) in manifest.files.iter().enumerate() {
            let (new, old, place) = (
                self.new_file(number),
                self.old_file(number),
                self.prefix.join(inside),
            );
            observer(&format!("exchange {inside}: before"));
            rename(&place, &old)?;
            observer(&format!("exchange {inside}: between"));
            rename(&new, &place)?;
        }
        observer("exchange: after");
        Ok(())
    }

    /// Puts back whatever was exchanged and removes the folder; nothing to put back is no error.
    ///
    /// Errors: file errors.
    pub fn put_back(&self) -> Result<(), EnvironmentError> {
        let manifest = self.manifest()?.unwrap_or_default();
        for (number, inside) in manifest.files.iter().enumerate().rev() {
            let old = self.old_file(number);
            if old.symlink_metadata().is_ok() {
                rename(&old, &self.prefix.join(inside))?;
            }
        }
        self.remove()
    }

    /// Removes the folder, with the old contents.
    ///
    /// Errors: file errors.
    pub fn remove(&self) -> Result<(), EnvironmentError> {
        let folder = self.folder();
        match fs::remove_dir_all(&folder) {
            Ok(()) => Ok(()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(FileError::of_io(error, &folder, "removed").into()),
        }
    }

    fn manifest(&self) -> Result<Option<Manifest>, EnvironmentError> {
        let Some(image) = file::read(&self.manifest_path())? else {
            return Ok(None);
        };
        serde_json::from_slice(&image.bytes)
            .map(Some)
            .map_err(|error| EnvironmentError::Staging {
                folder: self.folder(),
                reason: error.to_string(),
            })
    }
}

fn rename(from: &Path, to: &Path) -> Result<(), EnvironmentError> {
    Ok(fs::rename(from, to).map_err(|error| FileError::of_io(error, to, "written"))?)
}

/// Writes what takes the place of `original`, with its permissions.
fn lay(place: &Path, original: &Path, replacement: &Replacement) -> io::Result<()> {
    match replacement {
        Replacement::Link(target) => link(target, place),
        Replacement::Content(content) => {
            let mut file = fs::File::create_new(place)?;
            file.write_all(content)?;
            let metadata = fs::metadata(original)?;
            // `conda` and `make` go by the times of files.
            file.set_modified(metadata.modified()?)?;
            file.sync_all()?;
            drop(file);
            fs::set_permissions(place, metadata.permissions())?;
            signed(place, content)
        }
    }
}

#[cfg(unix)]
pub(super) fn link(target: &Path, place: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(target, place)
}

#[cfg(windows)]
pub(super) fn link(target: &Path, place: &Path) -> io::Result<()> {
    std::os::windows::fs::symlink_file(target, place)
}

/// macOS runs no program whose signature does not fit its content: it is signed anew, by nobody, as conda does.
fn signed(place: &Path, content: &[u8]) -> io::Result<()> {
    const MACH_O: [&[u8]; 3] = [b"\xcf\xfa\xed\xfe", b"\xce\xfa\xed\xfe", b"\xca\xfe\xba\xbe"];
    if !cfg!(target_os = "macos") || !MACH_O.iter().any(|magic| content.starts_with(magic)) {
        return Ok(());
    }
    let output = std::process::Command::new("/usr/bin/codesign")
        .args(["--sign", "-", "--force", "--preserve-metadata=entitlements"])
        .arg(place)
        .output()?;
    match output.status.success() {
        true => Ok(()),
        false => Err(io::Error::other(
            String::from_utf8_lossy(&output.stderr).trim().to_owned(),
        )),
    }
}

/// Whether the record tells the digest of one of the files; it then tells the new one.
fn note_digests(record: &mut serde_json::Value, digests: &BTreeMap<String, String>) -> bool {
    let Some(paths) = record
        .pointer_mut("/paths_data/paths")
        .and_then(serde_json::Value::as_array_mut)
    else {
        return false;
    };
    let mut changed = false;
    for path in paths {
        let Some(digest) = path.get("_path").and_then(|path| digests.get(path.as_str()?)) else {
            continue;
        };
        let Some(told) = path.get_mut("sha256_in_prefix") else {
            continue;
        };
        *told = digest.as_str().into();
        changed = true;
    }
    changed
}
