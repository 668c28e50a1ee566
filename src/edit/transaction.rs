//! Several files changed as one: all of them or none, whatever happens in between.

use std::fs;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde_json::Value;
use thiserror::Error;

use super::file::{self, FileError, Image};
use super::history::{Entry, History, HistoryError};
use super::journal::{Journal, JournalError, JournalFile, Phase, Stored};
use super::snapshot::digest;
use crate::error::{Explain, Kind, Problem};

#[derive(Debug, Clone, Error)]
pub enum TransactionError {
    #[error(transparent)]
    File(#[from] FileError),
    #[error(transparent)]
    Journal(#[from] JournalError),
    #[error(transparent)]
    History(#[from] HistoryError),
    #[error("{path} was changed by another program meanwhile")]
    Changed { path: PathBuf },
}

impl Explain for TransactionError {
    fn explain(&self) -> Problem {
        match self {
            Self::File(error) => error.explain(),
            Self::Journal(error) => error.explain(),
            Self::History(error) => error.explain(),
            Self::Changed { .. } => Problem::new(Kind::Conflict, self.to_string())
                .because("it is no longer what the change was planned for")
                .remedy("try again; the change is then planned anew"),
        }
    }
}

/// A file to be changed: what it must still be, and what it becomes. `None` is no file.
#[derive(Debug, Clone)]
pub struct FileWrite {
    pub path: PathBuf,
    pub before: Option<Vec<u8>>,
    pub after: Option<Vec<u8>>,
    /// Permission bits if the file is new.
    pub new_mode: u32,
    /// Permission bits that a file which is there gets; none leaves them as they are.
    pub mode: Option<u32>,
}

/// How a change ended.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ended {
    /// Files that another program changed after the crash; they were left as they are.
    pub left_alone: Vec<PathBuf>,
}

/// Is told the name of every step before and after it is taken, in order. Progress is shown by it, and the tests
/// of crash safety stop the process in it.
pub type Observer<'a> = &'a (dyn Fn(&str) + Send + Sync);

/// A change under way.
#[derive(Debug)]
pub struct Transaction {
    journal: Journal,
}

impl Transaction {
    /// Announces the change and its remote effects. Nothing but the journal is written.
    pub fn begin(
        journals: &Path,
        id: &str,
        what: &str,
        at: Timestamp,
        remote: Vec<Value>,
        observer: Observer<'_>,
    ) -> Result<Self, TransactionError> {
        observer("journal: before");
        let journal = Journal::open(journals, id, what, at, remote)?;
        observer("journal: after");
        Ok(Self { journal })
    }

    /// What crashes, or servers that could not be reached, left behind.
    pub fn pending(journals: &Path) -> Result<Vec<Self>, TransactionError> {
        Ok(Journal::pending(journals)?
            .into_iter()
            .map(|journal| Self { journal })
            .collect())
    }

    /// Journals that cannot be read, with the reason. Until they are put aside, nothing is changed.
    pub fn damaged(journals: &Path) -> Vec<(PathBuf, JournalError)> {
        Journal::damaged(journals)
    }

    pub fn id(&self) -> &str {
        &self.journal.record.id
    }

    pub fn what(&self) -> &str {
        &self.journal.record.what
    }

    pub fn phase(&self) -> Phase {
        self.journal.record.phase
    }

    pub fn remote(&self) -> &[Value] {
        &self.journal.record.remote
    }

    /// Replaces the description of the remote effects, durably.
    pub fn set_remote(&mut self, remote: Vec<Value>) -> Result<(), TransactionError> {
        self.journal.record.remote = remote;
        Ok(self.journal.save()?)
    }

    /// The point of no return: checks that every file is what the plan saw, lays all contents into the journal
    /// and turns it to [`Phase::Forward`].
    ///
    /// Errors: [`TransactionError::Changed`] when a file is not what the plan saw; nothing was changed then.
    pub fn stage(
        &mut self,
        writes: &[FileWrite],
        entry: Option<Entry>,
        observer: Observer<'_>,
    ) -> Result<(), TransactionError> {
        let mut files = Vec::new();
        for (index, write) in writes.iter().enumerate() {
            let present = file::read(&write.path)?;
            if present.as_ref().map(|image| &image.bytes) != write.before.as_ref() {
                return Err(TransactionError::Changed {
                    path: write.path.clone(),
                });
            }
            // Its permissions can be set although it cannot be written.
            if write.before != write.after {
                file::check_writable(&write.path)?;
            }
            files.push(JournalFile {
                path: write.path.clone(),
                new_folders: file::missing_folders(&write.path),
                new_mode: write.new_mode,
                before: match &present {
                    Some(image) => Some(self.journal.store(&format!("before-{index}"), image)?),
                    None => None,
                },
                after: match &write.after {
                    Some(bytes) => {
                        let image = Image {
                            bytes: bytes.clone(),
                            mode: write.mode.or(present.as_ref().and_then(|image| image.mode)),
                        };
                        Some(self.journal.store(&format!("after-{index}"), &image)?)
                    }
                    None => None,
                },
            });
        }
        self.journal.record.files = files;
        self.journal.record.entry = entry;
        self.journal.record.phase = Phase::Forward;
        observer("commit: before");
        if let Err(error) = self.journal.save() {
            self.journal.record.phase = Phase::Preparing;
            return Err(error.into());
        }
        observer("commit: after");
        Ok(())
    }

    /// Writes the files. When one cannot be written, those already written are put back and the error returned;
    /// the journal then is in [`Phase::Back`] and the remote effects are still to be undone by the caller.
    pub fn apply(&mut self, observer: Observer<'_>) -> Result<Ended, TransactionError> {
        match self.write_all(Direction::Forward, observer) {
            Ok(ended) => Ok(ended),
            Err(error) => {
                // What could not be put back stays in the journal for the next recovery.
                let _ = self.roll_back(observer);
                Err(error)
            }
        }
    }

    /// Puts back whatever was written.
    pub fn roll_back(&mut self, observer: Observer<'_>) -> Result<Ended, TransactionError> {
        if self.journal.record.phase == Phase::Preparing {
            return Ok(Ended::default());
        }
        self.journal.record.phase = Phase::Back;
        // Without space even for this, the journal still says `forward`, and a recovery would go that way; the
        // files are put back all the same.
        let _ = self.journal.save();
        self.write_all(Direction::Back, observer)
    }

    /// Finishes the files of a journal that was found: forward or back, as its phase says.
    pub fn resume(&mut self, observer: Observer<'_>) -> Result<Ended, TransactionError> {
        match self.journal.record.phase {
            Phase::Preparing => Ok(Ended::default()),
            Phase::Forward => self.apply(observer),
            Phase::Back => self.write_all(Direction::Back, observer),
        }
    }

    /// Records the history entry of a change that happened, and ends the journal.
    pub fn finish(self, history: &History, observer: Observer<'_>) -> Result<(), TransactionError> {
        if self.journal.record.phase == Phase::Forward
            && let Some(entry) = &self.journal.record.entry
        {
            observer("history: before");
            history.record(entry)?;
            observer("history: after");
        }
        observer("end: before");
        self.journal.close()?;
        observer("end: after");
        Ok(())
    }

    /// First every new content is laid beside its target, which needs the space, then each takes its place, which
    /// needs none: a full disk is found before any file was replaced.
    fn write_all(&self, direction: Direction, observer: Observer<'_>) -> Result<Ended, TransactionError> {
        let mut files: Vec<&JournalFile> = self.journal.record.files.iter().collect();
        if direction == Direction::Back {
            files.reverse();
        }
        let mut ended = Ended::default();
        let mut failed = None;
        let mut prepared = Vec::new();
        for journalled in files {
            match self.prepare(journalled, direction, observer) {
                Ok(Prepared::LeftAlone) => ended.left_alone.push(journalled.path.clone()),
                Ok(step) => prepared.push((journalled, step)),
                Err(error) if direction == Direction::Forward => return Err(error),
                // On the way back one file that resists must not keep the others from their old content.
                Err(error) => failed = failed.or(Some(error)),
            }
        }
        for (journalled, step) in prepared {
            match Self::place(journalled, step, observer) {
                Ok(()) => self.drop_new_folders(journalled, direction),
                Err(error) if direction == Direction::Forward => return Err(error),
                Err(error) => failed = failed.or(Some(error)),
            }
        }
        match failed {
            Some(error) => Err(error),
            None => Ok(ended),
        }
    }

    fn prepare(
        &self,
        journalled: &JournalFile,
        direction: Direction,
        observer: Observer<'_>,
    ) -> Result<Prepared, TransactionError> {
        let path = &journalled.path;
        let mark = self.journal.mark();
        file::remove_waiting(path, &mark);
        let (from, to) = match direction {
            Direction::Forward => (&journalled.before, &journalled.after),
            Direction::Back => (&journalled.after, &journalled.before),
        };
        let image = file::read(path)?;
        let present = image.as_ref().map(|image| digest(&image.bytes));
        let is = |stored: &Option<Stored>| present.as_ref() == stored.as_ref().map(|stored| &stored.digest);
        if is(to) {
            let wanted = mode_to_set(from.as_ref(), to.as_ref());
            let has = image.and_then(|image| image.mode);
            return Ok(match wanted.filter(|wanted| has != Some(*wanted)) {
                Some(mode) => Prepared::Restrict(mode),
                None => Prepared::Done,
            });
        }
        if !is(from) {
            return Ok(Prepared::LeftAlone);
        }
        let Some(stored) = to else {
            return Ok(Prepared::Remove);
        };
        let bytes = self.journal.content(stored)?;
        let mode = stored.mode.unwrap_or(journalled.new_mode);
        observer(&format!("stage {}: before", path.display()));
        let staged = file::stage(path, &bytes, mode, &mark)?;
        if let Some(mode) = other_mode(from.as_ref(), to.as_ref()) {
            staged.restrict(mode)?;
        }
        observer(&format!("stage {}: after", path.display()));
        Ok(Prepared::Place(staged))
    }

    fn place(
        journalled: &JournalFile,
        step: Prepared,
        observer: Observer<'_>,
    ) -> Result<(), TransactionError> {
        let path = &journalled.path;
        if matches!(step, Prepared::Done | Prepared::LeftAlone) {
            return Ok(());
        }
        observer(&format!("write {}: before", path.display()));
        match step {
            Prepared::Place(staged) => staged.take_place()?,
            Prepared::Restrict(mode) => file::set_mode(path, mode)?,
            _ => file::remove(path)?,
        }
        observer(&format!("write {}: after", path.display()));
        Ok(())
    }

    fn drop_new_folders(&self, journalled: &JournalFile, direction: Direction) {
        if direction == Direction::Back {
            for folder in journalled.new_folders.iter().rev() {
                // Fails where something else was put meanwhile, and then the folder is no longer ours.
                let _ = fs::remove_dir(folder);
            }
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Direction {
    Forward,
    Back,
}

/// What is left to do for one file.
#[derive(Debug)]
enum Prepared {
    /// It already is what it shall become.
    Done,
    /// It is neither the old nor the new version: another program's work is not overwritten.
    LeftAlone,
    Place(file::Staged),
    /// Its content is right; it gets these permissions.
    Restrict(u32),
    Remove,
}

/// The permissions that a change is about beside the content.
fn other_mode(from: Option<&Stored>, to: Option<&Stored>) -> Option<u32> {
    let (from, to) = (from?, to?);
    to.mode.filter(|_| from.mode != to.mode)
}

/// The permissions that a change is about; none where it is about the content.
fn mode_to_set(from: Option<&Stored>, to: Option<&Stored>) -> Option<u32> {
    let (from, to) = (from?, to?);
    to.mode
        .filter(|_| from.digest == to.digest && from.mode != to.mode)
}

#[cfg(test)]
mod tests;
