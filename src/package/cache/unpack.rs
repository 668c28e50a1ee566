//! Taking an archive apart, with a look at every path before anything is written.
//!
//! An archive that holds `..`, an absolute path, a link that leads out, or a file behind one of its own links is refused as
//! a whole: skipping such an entry would hide that somebody tried.

use std::collections::HashSet;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use rattler_conda_types::package::CondaArchiveType;
use rattler_package_streaming::ExtractError;
use rattler_package_streaming::read::stream_tar_bz2;
use rattler_package_streaming::seek::{stream_conda_content, stream_conda_info};

use super::error::{CacheError, Hostile};
use crate::edit::file::FileError;
use crate::package::inside::{inside, led_to};
use crate::package::stop::Stop;

const BLOCK: usize = 128 * 1024;

/// 1980-01-01: some file systems know no time before.
const EARLIEST: u64 = 315_532_800;

/// Takes the archive at `archive` apart into the new folder `into`.
///
/// Errors: [`CacheError::Hostile`], [`CacheError::Damaged`], file errors, and [`CacheError::Cancelled`] between two files.
/// Whatever fails, what was written until then is the caller's to remove.
pub(super) fn unpack(
    package: &str,
    archive: &Path,
    kind: CondaArchiveType,
    into: &Path,
    stop: &Stop,
) -> Result<(), CacheError> {
    let failed = |error| FileError::of_io(error, archive, "read");
    let open = || File::open(archive).map_err(failed);
    fs::create_dir_all(into).map_err(|error| FileError::of_io(error, into, "created"))?;
    let mut unpacking = Unpacking {
        package,
        into,
        stop,
        made: HashSet::new(),
        links: HashSet::new(),
        block: vec![0; BLOCK],
    };
    match kind {
        CondaArchiveType::TarBz2 => unpacking.all(stream_tar_bz2(BufReader::with_capacity(BLOCK, open()?))),
        CondaArchiveType::Conda => {
            let unreadable = |error: ExtractError| unpacking_error(package, &error);
            unpacking.all(stream_conda_info(open()?).map_err(unreadable)?)?;
            unpacking.all(stream_conda_content(open()?).map_err(unreadable)?)
        }
    }
}

fn unpacking_error(package: &str, error: &dyn std::error::Error) -> CacheError {
    CacheError::Damaged {
        package: package.to_owned(),
        reason: error.to_string(),
    }
}

struct Unpacking<'a> {
    package: &'a str,
    into: &'a Path,
    stop: &'a Stop,
    /// Folders that are there, told from `into`.
    made: HashSet<PathBuf>,
    /// Links of the archive, told from `into`.
    links: HashSet<PathBuf>,
    block: Vec<u8>,
}

impl Unpacking<'_> {
    fn all<R: Read>(&mut self, mut archive: tar::Archive<R>) -> Result<(), CacheError> {
        for entry in archive.entries().map_err(|error| self.damaged(&error))? {
            if self.stop.is_set() {
                return Err(CacheError::Cancelled);
            }
            let entry = entry.map_err(|error| self.damaged(&error))?;
            self.one(entry)?;
        }
        // A stream that is cut short behind the last file is damaged too.
        let mut rest = archive.into_inner();
        io::copy(&mut rest, &mut io::sink()).map_err(|error| self.damaged(&error))?;
        Ok(())
    }

    fn one<R: Read>(&mut self, mut entry: tar::Entry<'_, R>) -> Result<(), CacheError> {
        let named = entry.path().map_err(|error| self.damaged(&error))?.into_owned();
        let kind = entry.header().entry_type();
        if kind.is_pax_global_extensions() || kind.is_pax_local_extensions() {
            return Ok(());
        }
        let Some(path) = inside(&named) else {
            return match kind.is_dir()
                && named
                    .components()
                    .all(|part| part == std::path::Component::CurDir)
            {
                true => Ok(()),
                false => Err(self.hostile(Hostile::Path { path: named })),
            };
        };
        if path.ancestors().skip(1).any(|above| self.links.contains(above)) {
            return Err(self.hostile(Hostile::ThroughLink { path }));
        }
        let is_folder = kind.is_dir() || (kind.is_file() && entry.path_bytes().ends_with(b"/"));
        if is_folder {
            return match self.links.contains(&path) {
                true => Err(self.hostile(Hostile::ThroughLink { path })),
                false => self.folder(&path),
            };
        }
        if let Some(above) = path.parent() {
            self.folder(above)?;
        }
        self.make_room(&path)?;
        if kind.is_file() || kind.is_contiguous() || kind.is_gnu_sparse() {
            self.file(&mut entry, &path)
        } else if kind.is_symlink() || kind.is_hard_link() {
            let target = entry.link_name().map_err(|error| self.damaged(&error))?;
            let target = target.map(std::borrow::Cow::into_owned).unwrap_or_default();
            match kind.is_symlink() {
                true => self.link(&path, &target),
                false => self.second_name(&path, &target),
            }
        } else {
            Err(self.hostile(Hostile::Special { path }))
        }
    }

    fn folder(&mut self, path: &Path) -> Result<(), CacheError> {
        if path.as_os_str().is_empty() || self.made.contains(path) {
            return Ok(());
        }
        if let Some(above) = path.parent() {
            self.folder(above)?;
        }
        let place = self.into.join(path);
        match fs::create_dir(&place) {
            // The two halves of a package may both hold a folder; anything else of that name makes no folder of it.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && place.is_dir() => {}
            other => other.map_err(|error| self.failed(error, path))?,
        }
        self.made.insert(path.to_owned());
        Ok(())
    }

    /// A later entry of one path takes the place of an earlier one, and never goes through it.
    fn make_room(&mut self, path: &Path) -> Result<(), CacheError> {
        let place = self.into.join(path);
        if place.symlink_metadata().is_ok() {
            self.links.remove(path);
            fs::remove_file(&place).map_err(|error| self.failed(error, path))?;
        }
        Ok(())
    }

    fn file<R: Read>(&mut self, entry: &mut tar::Entry<'_, R>, path: &Path) -> Result<(), CacheError> {
        let place = self.into.join(path);
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        {
            // Never more than the umask of the person allows, never less than what removing it takes.
            let mode = entry.header().mode().unwrap_or(0o644) & 0o777 | 0o600;
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, mode);
        }
        let mut file = options.open(&place).map_err(|error| self.failed(error, path))?;
        let mut block = std::mem::take(&mut self.block);
        let copied = loop {
            if self.stop.is_set() {
                break Err(CacheError::Cancelled);
            }
            match entry.read(&mut block) {
                Ok(0) => break Ok(()),
                Ok(read) => {
                    if let Err(error) = file.write_all(&block[..read]) {
                        break Err(self.failed(error, path));
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => break Err(self.damaged(&error)),
            }
        };
        self.block = block;
        copied?;
        let seconds = entry.header().mtime().unwrap_or(0).max(EARLIEST);
        if let Some(time) = SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(seconds)) {
            // A file system that knows no such time loses nothing that matters.
            let _ = file.set_modified(time);
        }
        Ok(())
    }

    fn link(&mut self, path: &Path, target: &Path) -> Result<(), CacheError> {
        if led_to(path, target).is_none() || target.as_os_str().is_empty() {
            return Err(self.hostile(Hostile::Link {
                path: path.to_owned(),
                target: target.to_owned(),
            }));
        }
        let place = self.into.join(path);
        #[cfg(unix)]
        std::os::unix::fs::symlink(target, &place).map_err(|error| self.failed(error, path))?;
        // Windows lets only some accounts make links. What cannot be made is left out, as other programs do.
        #[cfg(windows)]
        let _ = std::os::windows::fs::symlink_file(target, &place);
        self.links.insert(path.to_owned());
        Ok(())
    }

    /// A file of the archive under a second name.
    fn second_name(&mut self, path: &Path, target: &Path) -> Result<(), CacheError> {
        let hostile = || Hostile::Link {
            path: path.to_owned(),
            target: target.to_owned(),
        };
        let first = inside(target).ok_or_else(|| self.hostile(hostile()))?;
        if first.ancestors().any(|above| self.links.contains(above)) {
            return Err(self.hostile(hostile()));
        }
        let (first, place) = (self.into.join(first), self.into.join(path));
        let linked = fs::hard_link(&first, &place).or_else(|_| fs::copy(&first, &place).map(|_| ()));
        linked.map_err(|error| self.damaged(&error))
    }

    fn damaged(&self, error: &dyn std::error::Error) -> CacheError {
        unpacking_error(self.package, error)
    }

    fn hostile(&self, what: Hostile) -> CacheError {
        CacheError::Hostile {
            package: self.package.to_owned(),
            what,
        }
    }

    fn failed(&self, error: io::Error, path: &Path) -> CacheError {
        FileError::of_io(error, &self.into.join(path), "written").into()
    }
}
