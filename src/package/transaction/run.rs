//! Taking the steps of a journal, and taking them back.
//!
//! Both can be done again after a kill: what lies in the folder of the change tells which steps were taken.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::error::TransactionError;
use super::journal::{Journal, Step};
use super::stage::second_name;
use crate::edit::file::FileError;
use crate::package::stop::Stop;

/// Where files that belong to no package and were in the way are given back, told from the prefix.
pub(super) const ASIDE: &str = ".kept";

/// Is told the name of every step before and after it is taken.
pub(super) type Watch<'a> = &'a (dyn Fn(&str) + Sync);

/// Takes every step. `told` is told how many are done.
///
/// Errors: [`TransactionError::Cancelled`] between two steps; [`TransactionError::Changed`] when something lies where nothing
/// was; file errors. The steps are then to be taken back.
pub(super) fn forward(
    journal: &Journal,
    prefix: &Path,
    watch: Watch<'_>,
    stop: Option<&Stop>,
    told: impl Fn(usize),
) -> Result<(), TransactionError> {
    let kept = journal.kept_folder();
    fs::create_dir_all(&kept).map_err(|error| FileError::of_io(error, &kept, "created"))?;
    for (number, step) in journal.record.steps.iter().enumerate() {
        if stop.is_some_and(Stop::is_set) {
            return Err(TransactionError::Cancelled);
        }
        let name = step.name();
        watch(&format!("{name}: before"));
        take(journal, prefix, number, step)?;
        watch(&format!("{name}: after"));
        told(number + 1);
    }
    Ok(())
}

fn take(journal: &Journal, prefix: &Path, number: usize, step: &Step) -> Result<(), TransactionError> {
    let kept = journal.kept(number);
    match step {
        Step::Keep { path, .. } => {
            let from = prefix.join(path);
            let gone = kept.with_extension("gone");
            if is_there(&kept) || is_there(&gone) {
                return Ok(());
            }
            match rename(&from, &kept) {
                // Somebody was quicker. It is noted, or what comes there would be taken for it after a kill.
                Err(error) if error.kind() == io::ErrorKind::NotFound && !is_there(&from) => {
                    fs::write(&gone, "").map_err(|error| FileError::of_io(error, &gone, "written").into())
                }
                other => Ok(other.map_err(|error| FileError::of_io(error, &from, "removed"))?),
            }
        }
        Step::Place { path } => {
            let (from, to) = (journal.stage().join(path), prefix.join(path));
            if !is_there(&from) {
                return Ok(());
            }
            if is_there(&to) {
                return Err(TransactionError::Changed {
                    prefix: prefix.to_owned(),
                });
            }
            Ok(rename(&from, &to).map_err(|error| FileError::of_io(error, &to, "written"))?)
        }
        Step::Replace { path } => {
            let (from, to) = (journal.stage().join(path), prefix.join(path));
            if !is_there(&from) {
                return Ok(());
            }
            if !is_there(&kept) && is_there(&to) {
                second_name(&to, &kept).map_err(|error| FileError::of_io(error, &kept, "written"))?;
            }
            Ok(rename(&from, &to).map_err(|error| FileError::of_io(error, &to, "written"))?)
        }
    }
}

/// Takes every step back, newest first. `told` is told how many are.
///
/// Errors: the first file that could not be put back; all others are.
pub(super) fn back(
    journal: &Journal,
    prefix: &Path,
    watch: Watch<'_>,
    told: impl Fn(usize),
) -> Result<(), TransactionError> {
    let mut failed = None;
    for (count, (number, step)) in journal.record.steps.iter().enumerate().rev().enumerate() {
        let name = step.name();
        watch(&format!("back {name}: before"));
        if let Err(error) = take_back(journal, prefix, number, step) {
            failed.get_or_insert(error);
        }
        watch(&format!("back {name}: after"));
        told(count + 1);
    }
    match failed {
        Some(error) => Err(error),
        None => Ok(()),
    }
}

fn take_back(journal: &Journal, prefix: &Path, number: usize, step: &Step) -> Result<(), TransactionError> {
    let kept = journal.kept(number);
    let failed =
        |place: PathBuf| move |error| TransactionError::from(FileError::of_io(error, &place, "put back"));
    match step {
        Step::Keep { path, .. } => {
            if !is_there(&kept) {
                return Ok(());
            }
            let to = prefix.join(path);
            if is_there(&to) {
                // Somebody has put something there since.
                set_aside(prefix, &journal.record.id, &to, path)?;
            }
            if let Some(folder) = to.parent() {
                fs::create_dir_all(folder).map_err(failed(to.clone()))?;
            }
            rename(&kept, &to).map_err(failed(to))
        }
        Step::Place { path } => put_into_stage(journal, prefix, path),
        Step::Replace { path } => match is_there(&kept) {
            true => {
                // The kept one stays, and tells after a kill that this was a file which is to be put back.
                let (to, beside) = (prefix.join(path), kept.with_extension("back"));
                let _ = fs::remove_file(&beside);
                second_name(&kept, &beside).map_err(failed(beside.clone()))?;
                rename(&beside, &to).map_err(failed(to))
            }
            false => put_into_stage(journal, prefix, path),
        },
    }
}

/// What was placed goes back to where it came from.
fn put_into_stage(journal: &Journal, prefix: &Path, path: &Path) -> Result<(), TransactionError> {
    let (staged, place) = (journal.stage().join(path), prefix.join(path));
    if is_there(&staged) || !is_there(&place) {
        return Ok(());
    }
    if let Some(folder) = staged.parent() {
        fs::create_dir_all(folder).map_err(|error| FileError::of_io(error, &staged, "written"))?;
    }
    Ok(rename(&place, &staged).map_err(|error| FileError::of_io(error, &place, "put back"))?)
}

/// Gives files that belong to no package and were in the way back to the person: under their path in `.kept/<id>`. What is
/// empty is nobody's loss.
///
/// Errors: file errors; what was given back until then is.
pub(super) fn give_back_foreign(journal: &Journal, prefix: &Path) -> Result<(), TransactionError> {
    for (number, step) in journal.record.steps.iter().enumerate() {
        if let Step::Keep {
            path,
            is_foreign: true,
        } = step
        {
            let kept = journal.kept(number);
            if is_there(&kept) && !is_hollow(&kept) {
                set_aside(prefix, &journal.record.id, &kept, path)?;
            }
        }
    }
    Ok(())
}

/// Where the foreign files of a journal lie once they are given back, told from the prefix.
pub(super) fn given_back(journal: &Journal, prefix: &Path) -> Vec<PathBuf> {
    let foreign = journal.record.steps.iter().filter_map(|step| match step {
        Step::Keep {
            path,
            is_foreign: true,
        } => Some(Path::new(ASIDE).join(&journal.record.id).join(path)),
        _ => None,
    });
    foreign.filter(|place| is_there(&prefix.join(place))).collect()
}

fn set_aside(prefix: &Path, id: &str, from: &Path, path: &Path) -> Result<(), TransactionError> {
    let to = prefix.join(ASIDE).join(id).join(path);
    let failed = |error| TransactionError::from(FileError::of_io(error, &to, "written"));
    if let Some(folder) = to.parent() {
        fs::create_dir_all(folder).map_err(failed)?;
    }
    rename(from, &to).map_err(failed)
}

/// A folder with nothing but such folders in it.
fn is_hollow(path: &Path) -> bool {
    let is_folder = path.symlink_metadata().is_ok_and(|metadata| metadata.is_dir());
    is_folder
        && fs::read_dir(path).is_ok_and(|entries| entries.flatten().all(|entry| is_hollow(&entry.path())))
}

/// Whether anything is there, be it a link that leads nowhere.
pub(super) fn is_there(path: &Path) -> bool {
    path.symlink_metadata().is_ok()
}

/// A file goes to another file system by a copy, where part of an environment lies on one of its own.
fn rename(from: &Path, to: &Path) -> io::Result<()> {
    match patient_rename(from, to) {
        Err(error) if error.kind() == io::ErrorKind::CrossesDevices => copy_over(from, to),
        other => other,
    }
}

/// Windows refuses a rename while a virus scanner holds the file; a few tries later it agrees.
pub(super) fn patient_rename(from: &Path, to: &Path) -> io::Result<()> {
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

fn copy_over(from: &Path, to: &Path) -> io::Result<()> {
    let mut name = to.file_name().unwrap_or_default().to_owned();
    name.push(".sextant-new");
    let beside = to.with_file_name(name);
    let _ = fs::remove_file(&beside);
    second_name(from, &beside)?;
    fs::rename(&beside, to)?;
    fs::remove_file(from)
}
