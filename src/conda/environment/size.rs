//! What environments take on the disk.
//!
//! conda links the files of a package instead of copying them, so that the same bytes appear in the package cache and in every
//! environment. A file whose links all lie in one environment is that environment's own: removing it gives them back. What is
//! linked from elsewhere too is shared, and counts once in the whole.
//!
//! On Windows links cannot be told from copies; everything counts as own.

use std::collections::{HashMap, HashSet};
use std::fs::{self, Metadata};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use serde::{Deserialize, Serialize};

/// What a folder takes: an environment or a package cache.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Size {
    pub prefix: PathBuf,
    /// What removing it would give back.
    pub own: u64,
    /// In files that are linked from elsewhere too.
    pub shared: u64,
    pub files: u64,
}

impl Size {
    pub fn bytes(&self) -> u64 {
        self.own + self.shared
    }
}

/// What is there altogether.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sizes {
    /// In the order in which they were asked for.
    pub environments: Vec<Size>,
    pub caches: Vec<Size>,
    /// Of all of them, whatever is linked more than once counted once.
    pub total: u64,
}

/// How far the counting is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SizeProgress {
    /// So many files of this folder have been counted.
    Counting {
        prefix: PathBuf,
        files: u64,
    },
    Counted(Size),
}

/// Counting was stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stopped;

/// A file on a file system.
type Inode = (u64, u64);

/// Counts environments, then package caches. `stop` ends it within a few files.
///
/// Errors: [`Stopped`]. What cannot be read counts nothing.
pub fn measure(
    environments: &[PathBuf],
    caches: &[PathBuf],
    progress: &dyn Fn(SizeProgress),
    stop: &AtomicBool,
) -> Result<Sizes, Stopped> {
    let mut seen = HashSet::new();
    let mut sizes = Sizes::default();
    for (folders, is_environment) in [(environments, true), (caches, false)] {
        for folder in folders {
            let count = count(folder, is_environment, progress, stop)?;
            sizes.total += count.size.own;
            // Of what is shared, whoever comes first counts it.
            for (inode, bytes) in count.shared {
                if seen.insert(inode) {
                    sizes.total += bytes;
                }
            }
            progress(SizeProgress::Counted(count.size.clone()));
            match is_environment {
                true => sizes.environments.push(count.size),
                false => sizes.caches.push(count.size),
            }
        }
    }
    Ok(sizes)
}

struct Count {
    size: Size,
    shared: Vec<(Inode, u64)>,
}

/// A file with several links: how many of them were met here, of how many, and what it takes.
struct Linked {
    met: u64,
    links: u64,
    bytes: u64,
}

fn count(
    prefix: &Path,
    is_environment: bool,
    progress: &dyn Fn(SizeProgress),
    stop: &AtomicBool,
) -> Result<Count, Stopped> {
    const EVERY: u64 = 1024;
    let mut own = 0;
    let mut files = 0;
    let mut linked: HashMap<Inode, Linked> = HashMap::new();
    let mut folders = vec![prefix.to_owned()];
    while let Some(folder) = folders.pop() {
        own += fs::symlink_metadata(&folder).map_or(0, |metadata| on_disk(&metadata));
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            if stop.load(Ordering::Relaxed) {
                return Err(Stopped);
            }
            let Ok(metadata) = entry.metadata() else { continue };
            if metadata.is_dir() {
                // An installation has its environments and packages within it, which count for themselves.
                let name = entry.file_name();
                let is_apart = folder == prefix && is_environment && (name == "envs" || name == "pkgs");
                if !is_apart {
                    folders.push(entry.path());
                }
                continue;
            }
            files += 1;
            if files % EVERY == 0 {
                let prefix = prefix.to_owned();
                progress(SizeProgress::Counting { prefix, files });
            }
            let bytes = on_disk(&metadata);
            match links(&metadata) {
                Some((inode, links)) if links > 1 => {
                    let linked = linked.entry(inode).or_insert(Linked { met: 0, links, bytes });
                    linked.met += 1;
                }
                _ => own += bytes,
            }
        }
    }
    let mut shared = Vec::new();
    for (inode, file) in linked {
        match file.met >= file.links {
            true => own += file.bytes,
            false => shared.push((inode, file.bytes)),
        }
    }
    Ok(Count {
        size: Size {
            prefix: prefix.to_owned(),
            own,
            shared: shared.iter().map(|(_, bytes)| bytes).sum(),
            files,
        },
        shared,
    })
}

/// What a file takes, in whole blocks where the system tells.
#[cfg(unix)]
fn on_disk(metadata: &Metadata) -> u64 {
    use std::os::unix::fs::MetadataExt;
    // The unit is 512 bytes whatever the size of a block is.
    metadata.blocks() * 512
}

#[cfg(not(unix))]
fn on_disk(metadata: &Metadata) -> u64 {
    metadata.len()
}

#[cfg(unix)]
fn links(metadata: &Metadata) -> Option<(Inode, u64)> {
    use std::os::unix::fs::MetadataExt;
    Some(((metadata.dev(), metadata.ino()), metadata.nlink()))
}

#[cfg(not(unix))]
fn links(_metadata: &Metadata) -> Option<(Inode, u64)> {
    None
}

#[cfg(all(test, unix))]
mod tests {
    use std::cell::RefCell;

    use super::*;
    use crate::conda::fixture::Machine;

    const BLOCK: usize = 64 * 1024;

    fn link(machine: &Machine, from: &str, to: &str) {
        let to = machine.path(to);
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::hard_link(machine.path(from), to).unwrap();
    }

    fn du(paths: &[PathBuf]) -> u64 {
        let output = std::process::Command::new("du")
            .args(["-s", "-c", "-B1"])
            .args(paths)
            .output()
            .unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let total = text.lines().last().unwrap();
        total.split_whitespace().next().unwrap().parse().unwrap()
    }

    #[test]
    fn what_is_linked_counts_once_and_what_is_own_is_told_apart() {
        let content = vec![7; BLOCK];
        let machine = Machine::linux()
            .file("pkgs/numpy/a", &content)
            .file("envs/one/own", &content)
            .file("envs/two/twice", &content);
        link(&machine, "pkgs/numpy/a", "envs/one/a");
        link(&machine, "pkgs/numpy/a", "envs/two/lib/a");
        link(&machine, "envs/two/twice", "envs/two/again");
        let environments = [machine.path("envs/one"), machine.path("envs/two")];
        let caches = [machine.path("pkgs")];
        let told = RefCell::new(Vec::new());
        let sizes = measure(
            &environments,
            &caches,
            &|progress| told.borrow_mut().push(progress),
            &AtomicBool::new(false),
        )
        .unwrap();
        let folder = fs::metadata(machine.path("envs/one"))
            .map(|metadata| on_disk(&metadata))
            .unwrap();
        let block = BLOCK as u64;
        let one = &sizes.environments[0];
        assert_eq!((one.own, one.shared, one.files), (block + folder, block, 2));
        let two = &sizes.environments[1];
        assert_eq!((two.own, two.shared, two.files), (block + 2 * folder, block, 3));
        assert_eq!(sizes.caches[0].shared, block);
        assert_eq!(told.borrow().len(), 3);
        if cfg!(target_os = "linux") {
            let all: Vec<PathBuf> = environments.iter().chain(&caches).cloned().collect();
            assert_eq!(sizes.total, du(&all));
        }
    }

    #[test]
    fn an_installation_does_not_count_what_lies_within_it() {
        let content = vec![7; BLOCK];
        let machine = Machine::linux()
            .file("conda/bin/python", &content)
            .file("conda/pkgs/x", &content)
            .file("conda/envs/a/envs/x", &content);
        let measured = |folder: &str| {
            let sizes = measure(&[machine.path(folder)], &[], &|_| {}, &AtomicBool::new(false));
            sizes.unwrap().environments[0].files
        };
        assert_eq!(measured("conda"), 1);
        assert_eq!(measured("nowhere"), 0);
    }

    #[test]
    fn counting_stops_at_once() {
        let machine = Machine::linux().file("a/b", "x");
        let stopped = measure(&[machine.path("a")], &[], &|_| {}, &AtomicBool::new(true));
        assert_eq!(stopped, Err(Stopped));
    }
}
