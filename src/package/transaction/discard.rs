//! Dropping what a change has worked with, without anybody having to wait for it.
//!
//! It leaves the environment at once, by a rename into Sextant's own data, and is removed there on another thread. Where that is
//! another file system it is removed where it is. What a process that is killed has not come to is removed by the next change or
//! the next start.

use std::fs;
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use tokio::runtime::Handle;

use super::run::is_there;
use crate::edit::file;

/// So many folders within one another are dropped side by side; no package that means well has more.
const DEPTH: usize = 12;

/// Where discarded files lie, beside the registrations of changes.
pub(super) fn folder(registrations: &Path) -> PathBuf {
    registrations.with_file_name("discarded")
}

/// Takes a folder away, under a name that nothing else has. It is gone when this comes back, its files soon afterwards.
pub(super) fn discard(path: &Path, folder: &Path, name: &str) {
    if !is_there(path) {
        return;
    }
    let place = folder.join(name);
    let is_moved = file::private_folder(folder).is_ok() && fs::rename(path, &place).is_ok();
    match Handle::try_current() {
        Ok(runtime) if is_moved => {
            let folder = folder.to_owned();
            runtime.spawn_blocking(move || remove(&folder));
        }
        _ if is_moved => remove(folder),
        _ => {
            // Made for nothing, unless another change uses it.
            let _ = fs::remove_dir(folder);
            remove(path);
        }
    }
}

/// Removes a folder with all that is in it, on as many threads as the machine has. Links are not followed. What cannot be
/// removed stays.
pub(super) fn remove(folder: &Path) {
    remove_within(folder, DEPTH);
}

fn remove_within(folder: &Path, depth: usize) {
    if depth > 0 {
        let entries = fs::read_dir(folder).into_iter().flatten().flatten();
        let inner = entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()));
        let inner: Vec<PathBuf> = inner.map(|entry| entry.path()).collect();
        inner.par_iter().for_each(|inner| remove_within(inner, depth - 1));
    }
    let _ = fs::remove_dir_all(folder);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder_with_files(above: &Path) -> PathBuf {
        let folder = above.join("stage");
        fs::create_dir_all(folder.join("a/b/c")).unwrap();
        fs::write(folder.join("a/b/c/file"), "text").unwrap();
        fs::write(folder.join("file"), "text").unwrap();
        folder
    }

    #[test]
    fn it_is_gone_at_once_and_soon_nowhere() {
        let home = tempfile::tempdir().unwrap();
        let discarded = folder(&home.path().join("changing-environments"));
        let stage = folder_with_files(home.path());
        let runtime = tokio::runtime::Builder::new_multi_thread().build().unwrap();
        runtime.block_on(async { discard(&stage, &discarded, "one") });
        assert!(!stage.exists());
        // Waits for its threads.
        drop(runtime);
        assert!(!discarded.exists());
    }

    #[test]
    fn what_cannot_be_moved_is_removed_where_it_is() {
        let home = tempfile::tempdir().unwrap();
        let in_the_way = home.path().join("discarded");
        fs::write(&in_the_way, "a file").unwrap();
        let stage = folder_with_files(home.path());
        discard(&stage, &in_the_way, "one");
        assert!(!stage.exists());
        assert!(in_the_way.exists());
        discard(&stage, &in_the_way, "nothing is there");
    }

    #[test]
    #[cfg(unix)]
    fn links_are_not_followed_and_depth_is_no_matter() {
        let home = tempfile::tempdir().unwrap();
        let kept = home.path().join("kept");
        fs::create_dir(&kept).unwrap();
        fs::write(kept.join("file"), "text").unwrap();
        let stage = folder_with_files(home.path());
        std::os::unix::fs::symlink(&kept, stage.join("a/link")).unwrap();
        fs::create_dir_all(stage.join("d/".repeat(DEPTH * 3))).unwrap();
        remove(&stage);
        assert!(!stage.exists());
        assert!(kept.join("file").exists());
    }
}
