//! Dropping what a change has worked with, without anybody having to wait for it.
//!
//! It leaves the environment at once, by a rename into Sextant's own data, and is removed there on another thread. Where that is
//! another file system it is removed where it is, before anything else happens. Only what means nothing any more is discarded: what a
//! killed program has not come to lies there until the next change or start, and does no harm.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::run::{self, is_there};
use crate::edit::file;

/// Where discarded files lie, and how many threads of this program are removing them. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Discards {
    folder: PathBuf,
    threads: Arc<AtomicUsize>,
}

/// Counts a thread for as long as it works.
struct Working(Arc<AtomicUsize>);

impl Drop for Working {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Discards {
    /// `folder` is Sextant's own, and there only while something lies in it.
    pub fn new(folder: PathBuf) -> Self {
        Self {
            folder,
            threads: Arc::default(),
        }
    }

    /// Whether a thread of this program still removes something.
    pub fn are_being_removed(&self) -> bool {
        self.threads.load(Ordering::SeqCst) > 0
    }

    /// Lets a thread remove what programs that were killed have left. What cannot be removed stays.
    pub fn sweep(&self) {
        if !self.is_folder() {
            return;
        }
        self.threads.fetch_add(1, Ordering::SeqCst);
        let working = Working(self.threads.clone());
        let folder = self.folder.clone();
        let thread = std::thread::Builder::new().name("removal".to_owned());
        let started = thread.spawn(move || {
            let _working = working;
            empty(&folder);
        });
        if started.is_err() {
            empty(&self.folder);
        }
    }

    /// Takes folders away, each under a name that nothing else has. They are gone when this comes back, their files soon
    /// afterwards.
    pub(super) fn take(&self, folders: &[(PathBuf, String)]) {
        for (path, name) in folders.iter().filter(|(path, _)| is_there(path)) {
            if self.moved(path, &self.folder.join(name)).is_err() {
                let _ = fs::remove_dir_all(path);
            }
        }
        self.sweep();
    }

    /// A link would lead to what is somebody else's.
    fn is_folder(&self) -> bool {
        let found = self.folder.symlink_metadata();
        found.is_ok_and(|metadata| metadata.is_dir())
    }

    fn moved(&self, path: &Path, place: &Path) -> io::Result<()> {
        let attempt = || {
            file::private_folder(&self.folder).map_err(io::Error::other)?;
            match self.is_folder() {
                true => run::patient_rename(path, place),
                false => Err(io::ErrorKind::NotADirectory.into()),
            }
        };
        match attempt() {
            // Another change has just emptied the folder, and taken it away.
            Err(error) if error.kind() == io::ErrorKind::NotFound => attempt(),
            other => other,
        }
    }
}

/// Removes all that lies in a folder, one after the other, so that what cannot be removed keeps nothing else; then the folder.
fn empty(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let _ = fs::remove_dir_all(entry.path());
    }
    let _ = fs::remove_dir(folder);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder_with_files(above: &Path, name: &str) -> PathBuf {
        let folder = above.join(name);
        fs::create_dir_all(folder.join("a/b/c")).unwrap();
        fs::write(folder.join("a/b/c/file"), "text").unwrap();
        fs::write(folder.join("file"), "text").unwrap();
        folder
    }

    fn settled(discards: &Discards) {
        while discards.are_being_removed() {
            std::thread::yield_now();
        }
    }

    #[test]
    fn it_is_gone_at_once_and_soon_nowhere() {
        let home = tempfile::tempdir().unwrap();
        let discards = Discards::new(home.path().join("data/discarded"));
        let stage = folder_with_files(home.path(), "stage");
        let kept = folder_with_files(home.path(), "kept");
        discards.take(&[
            (stage.clone(), "one".to_owned()),
            (home.path().join("nothing"), "two".to_owned()),
            (kept.clone(), "three".to_owned()),
        ]);
        assert!(!stage.exists() && !kept.exists());
        settled(&discards);
        assert!(!home.path().join("data/discarded").exists());
    }

    #[test]
    fn what_a_killed_program_left_goes_too() {
        let home = tempfile::tempdir().unwrap();
        let left = home.path().join("discarded");
        folder_with_files(&left, "20260101-stage");
        let discards = Discards::new(left.clone());
        discards.sweep();
        settled(&discards);
        assert!(!left.exists());
        discards.sweep();
        assert!(!discards.are_being_removed(), "there is nothing to do");
    }

    #[test]
    fn what_cannot_be_moved_is_removed_where_it_is() {
        let home = tempfile::tempdir().unwrap();
        let in_the_way = home.path().join("discarded");
        fs::write(&in_the_way, "a file").unwrap();
        let stage = folder_with_files(home.path(), "stage");
        let discards = Discards::new(in_the_way.clone());
        discards.take(&[(stage.clone(), "one".to_owned())]);
        settled(&discards);
        assert!(!stage.exists());
        assert!(in_the_way.exists());
    }

    #[test]
    #[cfg(unix)]
    fn links_are_not_followed() {
        let home = tempfile::tempdir().unwrap();
        let mine = folder_with_files(home.path(), "mine");
        let stage = folder_with_files(home.path(), "stage");
        std::os::unix::fs::symlink(&mine, stage.join("a/link")).unwrap();
        let discarded = home.path().join("discarded");
        fs::create_dir(&discarded).unwrap();
        std::os::unix::fs::symlink(&mine, discarded.join("link")).unwrap();
        let discards = Discards::new(discarded);
        discards.take(&[(stage, "one".to_owned())]);
        settled(&discards);
        assert!(mine.join("a/b/c/file").exists() && mine.join("file").exists());
    }

    #[test]
    #[cfg(unix)]
    fn a_link_in_the_place_of_the_folder_leads_nowhere() {
        let home = tempfile::tempdir().unwrap();
        let mine = folder_with_files(home.path(), "mine");
        let stage = folder_with_files(home.path(), "stage");
        let discarded = home.path().join("discarded");
        std::os::unix::fs::symlink(&mine, &discarded).unwrap();
        let discards = Discards::new(discarded);
        discards.take(&[(stage.clone(), "one".to_owned())]);
        discards.sweep();
        settled(&discards);
        assert!(!stage.exists());
        assert!(mine.join("a/b/c/file").exists() && mine.join("file").exists());
    }

    #[test]
    fn what_cannot_be_removed_keeps_nothing_else() {
        let home = tempfile::tempdir().unwrap();
        let discarded = home.path().join("discarded");
        for number in 0..6 {
            folder_with_files(&discarded, &format!("{number}-stage"));
            // No folder, and so nothing that a change has left here.
            fs::write(discarded.join(format!("{number}-strange")), "text").unwrap();
        }
        let discards = Discards::new(discarded.clone());
        discards.sweep();
        settled(&discards);
        let left = fs::read_dir(&discarded).unwrap().flatten();
        let names: Vec<_> = left
            .map(|entry| entry.file_name().into_string().unwrap())
            .collect();
        assert_eq!(names.len(), 6, "{names:?}");
        assert!(names.iter().all(|name| name.ends_with("strange")), "{names:?}");
    }
}
