//! Reading and replacing one file so that a reader always sees it whole, old or new.
//!
//! Rules: `.condarc` editor rules 5 to 8 and 10 of the conda reference, section 3.5.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use thiserror::Error;

use crate::error::{Explain, Kind, Problem};
use crate::locations::Platform;

/// No configuration file is larger; what is, is not one.
pub const LARGEST: u64 = 64 * 1024 * 1024;

/// The mode of files that hold a secret.
pub const PRIVATE: u32 = 0o600;

#[derive(Debug, Clone, Error)]
pub enum FileError {
    #[error("{path} is a folder, not a file")]
    IsFolder { path: PathBuf },
    #[error("{path} is not a regular file")]
    NotRegular { path: PathBuf },
    #[error("{path} is a link to {target}, which does not exist")]
    DanglingLink { path: PathBuf, target: PathBuf },
    #[error("{path} is a link that leads back to itself")]
    LinkLoop { path: PathBuf },
    #[error("{path} is read-only")]
    ReadOnly { path: PathBuf },
    #[error("{path} may not be {verb} by this account")]
    Denied { path: PathBuf, verb: &'static str },
    #[error("there is no space left for {path}")]
    NoSpace { path: PathBuf },
    #[error("{path} is too large to be a configuration file ({bytes} bytes)")]
    TooLarge { path: PathBuf, bytes: u64 },
    #[error("{path} could not be {verb}")]
    Other {
        path: PathBuf,
        verb: &'static str,
        source: Arc<io::Error>,
    },
}

impl FileError {
    pub fn path(&self) -> &Path {
        match self {
            Self::IsFolder { path }
            | Self::NotRegular { path }
            | Self::DanglingLink { path, .. }
            | Self::LinkLoop { path }
            | Self::ReadOnly { path }
            | Self::Denied { path, .. }
            | Self::NoSpace { path }
            | Self::TooLarge { path, .. }
            | Self::Other { path, .. } => path,
        }
    }

    /// What went wrong while the file at `path` was being `verb`.
    pub fn of_io(error: io::Error, path: &Path, verb: &'static str) -> Self {
        Self::from_io(error, path, verb)
    }

    fn from_io(error: io::Error, path: &Path, verb: &'static str) -> Self {
        let path = path.to_owned();
        match error.kind() {
            io::ErrorKind::PermissionDenied => Self::Denied { path, verb },
            io::ErrorKind::ReadOnlyFilesystem => Self::ReadOnly { path },
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::NoSpace { path },
            io::ErrorKind::IsADirectory => Self::IsFolder { path },
            _ => Self::Other {
                path,
                verb,
                source: Arc::new(error),
            },
        }
    }
}

impl Explain for FileError {
    fn explain(&self) -> Problem {
        let problem = Problem::new(Kind::File, self.to_string());
        match self {
            Self::IsFolder { path } => problem.remedy(format!(
                "move the folder away, for example: mv {0} {0}.folder",
                path.display()
            )),
            Self::NotRegular { .. } => problem.remedy("put a regular file in its place"),
            Self::DanglingLink { path, .. } => problem.remedy(format!(
                "create the file that the link names, or remove the link: rm {}",
                path.display()
            )),
            Self::LinkLoop { path } => problem.remedy(format!("remove the link: rm {}", path.display())),
            Self::ReadOnly { path } => problem
                .because("its permissions, or those of its file system, allow no writing")
                .remedy(format!("allow it and try again: chmod u+w {}", path.display())),
            Self::Denied { path, .. } => problem
                .because("the operating system refused")
                .remedy(format!("check who owns it: ls -ld {}", path.display())),
            Self::NoSpace { .. } => problem
                .because("the disk or your quota is full; the file is as it was")
                .remedy("free some space and try again"),
            Self::TooLarge { .. } => {
                problem.remedy("look at the file; something else may have been saved under its name")
            }
            Self::Other { source, .. } => problem.because(source.to_string()),
        }
    }
}

/// A file's content and mode at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    pub bytes: Vec<u8>,
    /// Unix permission bits; `None` elsewhere.
    pub mode: Option<u32>,
}

/// The file that `path` leads to: the last target of a chain of links, or `path` itself when nothing is there.
///
/// Errors: [`FileError::DanglingLink`], [`FileError::LinkLoop`], [`FileError::IsFolder`], [`FileError::NotRegular`].
pub fn resolve(path: &Path) -> Result<PathBuf, FileError> {
    match fs::symlink_metadata(path) {
        Err(error)
            if error.kind() == io::ErrorKind::NotFound || error.kind() == io::ErrorKind::NotADirectory =>
        {
            Ok(path.to_owned())
        }
        Err(error) => Err(FileError::from_io(error, path, "examined")),
        Ok(metadata) if metadata.is_symlink() => match fs::canonicalize(path) {
            Ok(target) => {
                regular(&target)?;
                Ok(target)
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Err(FileError::DanglingLink {
                path: path.to_owned(),
                target: fs::read_link(path).unwrap_or_default(),
            }),
            Err(error) if is_loop(&error) => Err(FileError::LinkLoop {
                path: path.to_owned(),
            }),
            Err(error) => Err(FileError::from_io(error, path, "followed")),
        },
        Ok(_) => {
            regular(path)?;
            Ok(path.to_owned())
        }
    }
}

/// The kind has no stable name in the standard library yet: ELOOP of Linux, of macOS, and Windows' own.
fn is_loop(error: &io::Error) -> bool {
    matches!(
        (Platform::current(), error.raw_os_error()),
        (Platform::Linux, Some(40)) | (Platform::MacOs, Some(62)) | (Platform::Windows, Some(1921))
    )
}

fn regular(path: &Path) -> Result<(), FileError> {
    let metadata = fs::metadata(path).map_err(|error| FileError::from_io(error, path, "examined"))?;
    if metadata.is_dir() {
        return Err(FileError::IsFolder {
            path: path.to_owned(),
        });
    }
    if !metadata.is_file() {
        return Err(FileError::NotRegular {
            path: path.to_owned(),
        });
    }
    Ok(())
}

/// The content of the file that `path` leads to; `None` when there is none.
pub fn read(path: &Path) -> Result<Option<Image>, FileError> {
    let target = resolve(path)?;
    let file = match File::open(&target) {
        Ok(file) => file,
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
            ) =>
        {
            return Ok(None);
        }
        Err(error) => return Err(FileError::from_io(error, path, "read")),
    };
    let metadata = file
        .metadata()
        .map_err(|error| FileError::from_io(error, path, "examined"))?;
    if metadata.len() > LARGEST {
        return Err(FileError::TooLarge {
            path: path.to_owned(),
            bytes: metadata.len(),
        });
    }
    let mut bytes = Vec::new();
    file.take(LARGEST)
        .read_to_end(&mut bytes)
        .map_err(|error| FileError::from_io(error, path, "read"))?;
    Ok(Some(Image {
        bytes,
        mode: mode_of(&metadata),
    }))
}

/// Fails when [`write`] would be refused for a reason that can be seen beforehand.
pub fn check_writable(path: &Path) -> Result<(), FileError> {
    let target = resolve(path)?;
    match fs::metadata(&target) {
        Ok(metadata) if metadata.permissions().readonly() => Err(FileError::ReadOnly {
            path: path.to_owned(),
        }),
        Ok(_) => Ok(()),
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound) => Ok(()),
        Err(error) => Err(FileError::from_io(error, path, "examined")),
    }
}

/// The folders that must be made before a file at `path` can be written, outermost first.
pub fn missing_folders(path: &Path) -> Vec<PathBuf> {
    let mut missing: Vec<PathBuf> = path
        .ancestors()
        .skip(1)
        .take_while(|folder| !folder.as_os_str().is_empty() && !folder.exists())
        .map(Path::to_owned)
        .collect();
    missing.reverse();
    missing
}

/// A new content that lies beside its target, flushed to disk, and waits to take its place.
#[derive(Debug)]
pub struct Staged {
    path: PathBuf,
    target: PathBuf,
    place: Place,
}

impl Drop for Staged {
    fn drop(&mut self) {
        if let Place::Beside(waiting) = &self.place {
            let _ = fs::remove_file(waiting);
        }
    }
}

#[derive(Debug)]
enum Place {
    /// The ordinary way: a finished file beside the target, to be renamed over it.
    Beside(PathBuf),
    /// The folder takes no new file but the target can be written: in place. The journal holds both contents.
    InPlace(Vec<u8>),
}

/// The name under which the new content of `target` waits. `mark` is unique to the change, so that what a crash
/// leaves can be recognised.
fn waiting_name(target: &Path, mark: &str) -> PathBuf {
    let mut name = OsString::from(".");
    name.push(target.file_name().unwrap_or_default());
    name.push(format!(".{mark}"));
    target.with_file_name(name)
}

/// Writes `bytes` beside the file that `path` leads to, with its mode and owner (`new_mode` when it is new).
pub fn stage(path: &Path, bytes: &[u8], new_mode: u32, mark: &str) -> Result<Staged, FileError> {
    check_writable(path)?;
    let target = resolve(path)?;
    if let Some(folder) = target.parent() {
        fs::create_dir_all(folder).map_err(|error| FileError::from_io(error, path, "written"))?;
    }
    let existing = fs::metadata(&target).ok();
    let mode = existing.as_ref().and_then(mode_of).unwrap_or(new_mode);
    let waiting = waiting_name(&target, mark);
    let place = match write_new(&waiting, bytes, mode) {
        Ok(()) => {
            keep_owner(&waiting, existing.as_ref());
            Place::Beside(waiting)
        }
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied && existing.is_some() => {
            OpenOptions::new()
                .write(true)
                .open(&target)
                .map_err(|error| FileError::from_io(error, path, "written"))?;
            Place::InPlace(bytes.to_vec())
        }
        Err(error) => {
            let _ = fs::remove_file(&waiting);
            return Err(FileError::from_io(error, path, "written"));
        }
    };
    Ok(Staged {
        path: path.to_owned(),
        target,
        place,
    })
}

impl Staged {
    /// Gives what waits other permission bits than the file has that it takes the place of.
    pub fn restrict(&self, mode: u32) -> Result<(), FileError> {
        match &self.place {
            Place::Beside(waiting) => set_mode(waiting, mode),
            Place::InPlace(_) => set_mode(&self.target, mode),
        }
    }

    /// Puts the new content in its place and makes that durable.
    pub fn take_place(self) -> Result<(), FileError> {
        let done = match &self.place {
            Place::Beside(waiting) => rename_patiently(waiting, &self.target),
            Place::InPlace(bytes) => OpenOptions::new()
                .write(true)
                .truncate(true)
                .open(&self.target)
                .and_then(|mut file| {
                    file.write_all(bytes)?;
                    file.sync_all()
                }),
        };
        done.map_err(|error| FileError::from_io(error, &self.path, "written"))?;
        sync_folder(&self.target);
        Ok(())
    }
}

/// [`stage`] and [`Staged::take_place`] in one, for files that no journal watches over.
pub fn write(path: &Path, bytes: &[u8], new_mode: u32) -> Result<(), FileError> {
    stage(path, bytes, new_mode, "sextant-new")?.take_place()
}

/// Removes the file that `path` leads to; a link is kept when it leads elsewhere. Nothing there is no error.
pub fn remove(path: &Path) -> Result<(), FileError> {
    let target = resolve(path)?;
    match fs::remove_file(&target) {
        Ok(()) => {
            sync_folder(&target);
            Ok(())
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(FileError::from_io(error, path, "removed")),
    }
}

/// Removes the content that a killed [`stage`] with this `mark` may have left waiting beside `path`.
pub fn remove_waiting(path: &Path, mark: &str) {
    if let Ok(target) = resolve(path) {
        let _ = fs::remove_file(waiting_name(&target, mark));
    }
}

/// Sets the permission bits of the file that `path` leads to; where there are none such, nothing happens.
pub fn set_mode(path: &Path, mode: u32) -> Result<(), FileError> {
    let target = resolve(path)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(&target, fs::Permissions::from_mode(mode))
            .map_err(|error| FileError::from_io(error, path, "changed"))?;
    }
    #[cfg(not(unix))]
    let _ = (target, mode);
    Ok(())
}

/// Makes a folder that only its owner can enter.
///
/// Folders above it are made as usual: they are not ours.
pub fn private_folder(path: &Path) -> Result<(), FileError> {
    let failed = |error| FileError::from_io(error, path, "created");
    if path.is_dir() {
        return Ok(());
    }
    if let Some(above) = path.parent() {
        fs::create_dir_all(above).map_err(failed)?;
    }
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).map_err(failed)
}

fn write_new(path: &Path, bytes: &[u8], mode: u32) -> io::Result<()> {
    let _ = fs::remove_file(path);
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, mode);
    let mut file = options.open(path)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // The process's umask may have taken bits that the file had.
        file.set_permissions(fs::Permissions::from_mode(mode))?;
    }
    file.write_all(bytes)?;
    file.sync_all()
}

#[cfg(unix)]
fn mode_of(metadata: &fs::Metadata) -> Option<u32> {
    use std::os::unix::fs::PermissionsExt;
    Some(metadata.permissions().mode() & 0o7777)
}

#[cfg(not(unix))]
fn mode_of(_metadata: &fs::Metadata) -> Option<u32> {
    None
}

/// An administrator who edits another's file leaves it that person's. Failing is no reason to stop.
fn keep_owner(path: &Path, existing: Option<&fs::Metadata>) {
    #[cfg(unix)]
    if let Some(existing) = existing {
        use std::os::unix::fs::MetadataExt;
        let _ = std::os::unix::fs::chown(path, Some(existing.uid()), Some(existing.gid()));
    }
    #[cfg(not(unix))]
    let _ = (path, existing);
}

/// Windows refuses a rename while a virus scanner holds the target open; a few tries later it agrees.
fn rename_patiently(from: &Path, to: &Path) -> io::Result<()> {
    let mut tries = if cfg!(windows) { 8 } else { 1 };
    loop {
        tries -= 1;
        match fs::rename(from, to) {
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied && tries > 0 => {
                std::thread::sleep(std::time::Duration::from_millis(40));
            }
            other => return other,
        }
    }
}

/// The rename itself is durable only once the folder is flushed. Some file systems do not offer that.
fn sync_folder(target: &Path) {
    if cfg!(unix)
        && let Some(folder) = target.parent()
        && let Ok(folder) = File::open(folder)
    {
        let _ = folder.sync_all();
    }
}

#[cfg(test)]
mod tests;
