//! Laying every new file beside the environment, so that whatever takes space, time or permission is over before the
//! environment is touched.
//!
//! The stage is a folder on the file system of the prefix. What lies in it is made for the prefix: texts and programs already
//! name the place where they will be.

use std::collections::BTreeSet;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use filetime::FileTime;
use rattler::install::apple_codesign::AppleCodeSignBehavior;
use rattler::install::{
    ExternalSymlinkPolicy, LinkMethod, PythonInfo, get_windows_launcher, link_file,
    python_entry_point_template,
};
use rattler_conda_types::Subdir;
use rattler_conda_types::package::{AboutJson, PackageFile, PathType, PathsEntry};
use rattler_conda_types::prefix::Prefix;
use rattler_conda_types::prefix_record::{self, LinkType};
use rattler_digest::{Sha256, compute_bytes_digest};

use super::change::dist;
use super::error::TransactionError;
use super::layout::{CommandPart, Laid, Layout, Origin};
use crate::edit::file::FileError;
use crate::package::cache::{CacheError, Contents, Hostile};
use crate::package::stop::Stop;
use crate::side_by_side;

/// What the records will say of the files that were laid.
#[derive(Debug)]
pub(super) struct Staged {
    /// By package, sorted by path.
    pub paths: Vec<Vec<prefix_record::PathsEntry>>,
    /// How the files of each package got here.
    pub link_types: Vec<LinkType>,
    /// Places of the layout at which there is nothing: a link that Windows would not make, a file that somebody has removed.
    pub missing: Vec<PathBuf>,
}

pub(super) struct Stage<'a> {
    /// The environment as it is.
    pub prefix: &'a Path,
    /// The folder to lay files into.
    pub folder: &'a Path,
    pub contents: &'a [Contents],
    pub layout: &'a Layout,
    pub python: Option<&'a PythonInfo>,
    pub platform: Subdir,
    pub stop: &'a Stop,
    /// Is told each package that is whole: how many are, and its name.
    pub told: &'a (dyn Fn(usize, &str) + Sync),
}

/// How files can be laid, which the file systems decide.
#[derive(Debug, Clone, Copy)]
struct Ways {
    links: bool,
    /// Per package: whether its files can be second names of those in the cache.
    second_names: bool,
    copies_on_write: bool,
}

struct Laying<'a> {
    stage: &'a Stage<'a>,
    target: Prefix,
    /// The prefix as it is written into files.
    written: &'a str,
    /// By package.
    ways: Vec<Ways>,
    times: Vec<FileTime>,
    left: Vec<AtomicUsize>,
    whole: AtomicUsize,
    missing: Mutex<Vec<PathBuf>>,
}

impl Stage<'_> {
    /// Lays every file, on as many threads as the machine has.
    ///
    /// Errors: the first failure, [`TransactionError::Cancelled`] between two files.
    pub fn lay(&self) -> Result<Staged, TransactionError> {
        let written = self.prefix.to_str().ok_or_else(|| TransactionError::NotUnicode {
            prefix: self.prefix.to_owned(),
        })?;
        let failed = |error| FileError::of_io(error, self.folder, "written");
        let target = Prefix::create(self.folder).map_err(failed)?;
        self.make_folders()?;
        let links = can_link(self.folder);
        let ways = self
            .contents
            .iter()
            .map(|contents| Ways::between(&contents.folder, &target, links));
        let ways: Vec<Ways> = ways.collect();
        let mut counts = vec![0; self.contents.len()];
        for package in self.layout.laid.iter().filter_map(Laid::package) {
            counts[package] += 1;
        }
        let laying = Laying {
            stage: self,
            target,
            written,
            ways,
            times: self.contents.iter().map(time_of_changed_files).collect(),
            left: counts.iter().copied().map(AtomicUsize::new).collect(),
            whole: AtomicUsize::new(0),
            missing: Mutex::default(),
        };
        for package in (0..counts.len()).filter(|package| counts[*package] == 0) {
            laying.is_whole(package);
        }
        let mut paths = vec![Vec::new(); self.contents.len()];
        for (package, entry) in laying.all()? {
            paths[package].push(entry);
        }
        for paths in &mut paths {
            paths.sort_by(|one: &prefix_record::PathsEntry, other| {
                one.relative_path.cmp(&other.relative_path)
            });
        }
        let link_types = laying.ways.iter().map(|ways| match ways.second_names {
            true => LinkType::HardLink,
            false => LinkType::Copy,
        });
        let link_types = link_types.collect();
        Ok(Staged {
            paths,
            link_types,
            missing: owned(laying.missing),
        })
    }

    fn make_folders(&self) -> Result<(), TransactionError> {
        let mut folders: BTreeSet<&Path> = self.layout.folders.iter().map(PathBuf::as_path).collect();
        for laid in &self.layout.laid {
            let mut above = laid.place.parent();
            while let Some(folder) = above.filter(|folder| !folder.as_os_str().is_empty()) {
                if !folders.insert(folder) {
                    break;
                }
                above = folder.parent();
            }
        }
        let depth = |folder: &&Path| folder.components().count();
        let mut folders: Vec<&Path> = folders.into_iter().collect();
        folders.sort_by_key(depth);
        // Those of one depth side by side, after the ones that they lie in.
        for level in folders.chunk_by(|one, other| depth(one) == depth(other)) {
            side_by_side::try_each(level, |folder| self.make_folder(&self.folder.join(folder)))?;
        }
        Ok(())
    }

    fn make_folder(&self, place: &Path) -> Result<(), TransactionError> {
        if self.stop.is_set() {
            return Err(TransactionError::Cancelled);
        }
        let made = match fs::create_dir(place) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
            // Above the last part of a folder that packages bring there may be nothing.
            Err(error) if error.kind() == io::ErrorKind::NotFound => fs::create_dir_all(place),
            other => other,
        };
        made.map_err(|error| FileError::of_io(error, place, "created").into())
    }
}

impl Ways {
    /// Tries it with a file that every package has.
    fn between(package: &Path, stage: &Prefix, links: bool) -> Self {
        let probe = Path::new("info/index.json");
        let name = PathBuf::from(".probe");
        let second_names = fs::hard_link(package.join(probe), stage.path().join(&name)).is_ok();
        let entry = PathsEntry {
            relative_path: probe.to_owned(),
            no_link: false,
            path_type: PathType::HardLink,
            prefix_placeholder: None,
            sha256: None,
            size_in_bytes: None,
        };
        // Where a second name can be had it is the cheaper one, and what conda does.
        let copies_on_write = !second_names
            && link_file(
                &entry,
                name.clone(),
                package,
                stage,
                "",
                false,
                false,
                true,
                Subdir::NoArch,
                AppleCodeSignBehavior::DoNothing,
                FileTime::now(),
                ExternalSymlinkPolicy::Deny,
            )
            .is_ok_and(|linked| linked.is_some_and(|linked| linked.method == LinkMethod::Reflink));
        let _ = fs::remove_file(stage.path().join(&name));
        Self {
            links,
            second_names,
            copies_on_write,
        }
    }
}

/// Windows lets only some accounts make links.
fn can_link(stage: &Path) -> bool {
    #[cfg(unix)]
    let _ = stage;
    #[cfg(unix)]
    return true;
    #[cfg(windows)]
    {
        let name = stage.join(".link");
        let made = std::os::windows::fs::symlink_file("nowhere", &name).is_ok();
        let _ = fs::remove_file(&name);
        made
    }
}

/// The time of files whose content depends on the prefix: later than any in the package, so that Python compiles them anew,
/// and the same on each machine.
fn time_of_changed_files(contents: &Contents) -> FileTime {
    match fs::symlink_metadata(contents.folder.join(AboutJson::package_path())) {
        Ok(metadata) => {
            let time = FileTime::from_last_modification_time(&metadata);
            FileTime::from_unix_time(time.unix_seconds() + 1, time.nanoseconds())
        }
        Err(_) => FileTime::now(),
    }
}

fn owned<T>(shared: Mutex<T>) -> T {
    shared
        .into_inner()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}

type Entry = (usize, prefix_record::PathsEntry);

impl Laying<'_> {
    fn all(&self) -> Result<Vec<Entry>, TransactionError> {
        let entries = side_by_side::try_each(&self.stage.layout.laid, |laid| self.one(laid))?;
        Ok(entries.into_iter().flatten().collect())
    }

    fn one(&self, laid: &Laid) -> Result<Option<Entry>, TransactionError> {
        if self.stage.stop.is_set() {
            return Err(TransactionError::Cancelled);
        }
        let entry = match &laid.origin {
            Origin::File { package, entry } => self.file(laid, *package, *entry)?,
            Origin::Command {
                package,
                command,
                part,
            } => self.command(laid, *package, *command, *part)?,
            Origin::Moved { from } => {
                self.moved(laid, from)?;
                None
            }
        };
        let Some(package) = laid.package() else {
            return Ok(None);
        };
        if self.left[package].fetch_sub(1, Ordering::SeqCst) == 1 {
            self.is_whole(package);
        }
        Ok(entry.map(|entry| (package, entry)))
    }

    fn is_whole(&self, package: usize) {
        let whole = self.whole.fetch_add(1, Ordering::SeqCst) + 1;
        (self.stage.told)(whole, &dist(&self.stage.contents[package].record));
    }

    fn file(
        &self,
        laid: &Laid,
        package: usize,
        entry: usize,
    ) -> Result<Option<prefix_record::PathsEntry>, TransactionError> {
        let contents = &self.stage.contents[package];
        let path = &contents.paths.paths[entry];
        let ways = self.ways[package];
        let told = prefix_record::PathsEntry {
            relative_path: laid.recorded.clone(),
            original_path: laid.original.clone(),
            path_type: path.path_type.into(),
            no_link: path.no_link,
            sha256: path.sha256,
            sha256_in_prefix: None,
            size_in_bytes: path.size_in_bytes,
            file_mode: None,
            prefix_placeholder: path
                .prefix_placeholder
                .as_ref()
                .map(|found| found.placeholder.clone()),
        };
        if path.path_type == PathType::Directory {
            // Made with all other folders.
            return Ok(Some(told));
        }
        let linked = link_file(
            path,
            laid.place.clone(),
            &contents.folder,
            &self.target,
            self.written,
            ways.links && !path.no_link,
            ways.second_names && !path.no_link,
            ways.copies_on_write && !path.no_link,
            self.stage.platform,
            AppleCodeSignBehavior::default(),
            self.times[package],
            ExternalSymlinkPolicy::Deny,
        );
        let linked = match linked {
            Ok(Some(linked)) => linked,
            // A link that this account could not even unpack.
            Ok(None) => {
                self.is_missing(laid);
                return Ok(None);
            }
            Err(error) => return Err(self.not_linked(package, laid, &error)),
        };
        let is_file = path.path_type == PathType::HardLink;
        Ok(Some(prefix_record::PathsEntry {
            sha256_in_prefix: Some(linked.sha256).filter(|found| is_file && Some(*found) != path.sha256),
            size_in_bytes: Some(linked.file_size),
            file_mode: match linked.method {
                LinkMethod::Patched(mode) => Some(mode),
                _ => None,
            },
            ..told
        }))
    }

    fn command(
        &self,
        laid: &Laid,
        package: usize,
        command: usize,
        part: CommandPart,
    ) -> Result<Option<prefix_record::PathsEntry>, TransactionError> {
        let contents = &self.stage.contents[package];
        let Some(python) = self.stage.python else {
            return Err(TransactionError::NoPython {
                package: dist(&contents.record),
            });
        };
        let entry_point = &contents.entry_points[command];
        let script = |for_windows| {
            python_entry_point_template(self.written, for_windows, entry_point, python).into_bytes()
        };
        let (content, path_type) = match part {
            CommandPart::UnixScript => (script(false), prefix_record::PathType::UnixPythonEntryPoint),
            CommandPart::WindowsScript => (
                script(true),
                prefix_record::PathType::WindowsPythonEntryPointScript,
            ),
            CommandPart::WindowsProgram => (
                get_windows_launcher(&self.stage.platform).to_vec(),
                prefix_record::PathType::WindowsPythonEntryPointExe,
            ),
        };
        let place = self.stage.folder.join(&laid.place);
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o777);
        options
            .open(&place)
            .and_then(|mut file| file.write_all(&content))
            .map_err(|error| FileError::of_io(error, &place, "written"))?;
        Ok(Some(prefix_record::PathsEntry {
            relative_path: laid.recorded.clone(),
            original_path: laid.original.clone(),
            path_type,
            no_link: false,
            sha256: Some(compute_bytes_digest::<Sha256>(&content)),
            sha256_in_prefix: None,
            size_in_bytes: Some(content.len() as u64),
            file_mode: None,
            prefix_placeholder: None,
        }))
    }

    /// The file of a package that stays, under the name that it will have.
    fn moved(&self, laid: &Laid, from: &Path) -> Result<(), TransactionError> {
        let (from, to) = (self.stage.prefix.join(from), self.stage.folder.join(&laid.place));
        match second_name(&from, &to) {
            // A package whose file somebody has removed: there is nothing to move.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                self.is_missing(laid);
                Ok(())
            }
            other => Ok(other.map_err(|error| FileError::of_io(error, &to, "written"))?),
        }
    }

    fn is_missing(&self, laid: &Laid) {
        if let Ok(mut missing) = self.missing.lock() {
            missing.push(laid.place.clone());
        }
    }

    fn not_linked(
        &self,
        package: usize,
        laid: &Laid,
        error: &rattler::install::LinkFileError,
    ) -> TransactionError {
        let name = dist(&self.stage.contents[package].record);
        if matches!(error, rattler::install::LinkFileError::SymlinkTargetEscapesPrefix) {
            let target = fs::read_link(self.stage.contents[package].folder.join(&laid.recorded));
            return CacheError::Hostile {
                package: name,
                what: Hostile::Link {
                    path: laid.recorded.clone(),
                    target: target.unwrap_or_default(),
                },
            }
            .into();
        }
        let first: &(dyn std::error::Error + 'static) = error;
        let causes = || std::iter::successors(Some(first), |error| error.source());
        let io = causes().find_map(|cause| cause.downcast_ref::<io::Error>());
        match io.map(io::Error::kind) {
            Some(
                kind @ (io::ErrorKind::StorageFull
                | io::ErrorKind::QuotaExceeded
                | io::ErrorKind::PermissionDenied
                | io::ErrorKind::ReadOnlyFilesystem),
            ) => FileError::of_io(kind.into(), &self.stage.prefix.join(&laid.recorded), "written").into(),
            _ => TransactionError::Link {
                package: name,
                path: laid.recorded.clone(),
                reason: causes().last().unwrap_or(first).to_string(),
            },
        }
    }
}

/// Gives a file or link a second name, or copies it where the file system has none.
pub(super) fn second_name(from: &Path, to: &Path) -> io::Result<()> {
    if fs::hard_link(from, to).is_ok() {
        return Ok(());
    }
    let metadata = fs::symlink_metadata(from)?;
    if metadata.is_symlink() {
        let target = fs::read_link(from)?;
        #[cfg(unix)]
        return std::os::unix::fs::symlink(target, to);
        #[cfg(windows)]
        return std::os::windows::fs::symlink_file(target, to);
    }
    fs::copy(from, to)?;
    let time = FileTime::from_last_modification_time(&metadata);
    filetime::set_file_mtime(to, time)
}
