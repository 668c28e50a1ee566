//! From the first byte of an index to the file that is kept.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use jiff::Timestamp;
use reqwest::Response;
use url::Url;

use super::{Fetch, Met, News, note_version};
use crate::edit::file::FileError;
use crate::error::{Kind, Problem};
use crate::package::index::arriving;
use crate::package::index::entries::NotAnIndex;
use crate::package::index::error::IndexTrouble;
use crate::package::index::intake::{Encoding, IntakeError, take_in};
use crate::package::index::lock::Lock;
use crate::package::index::place::{self, Place};
use crate::package::index::state::{self, Content, State};
use crate::package::index::stranger;

/// What a stranger's answer is described by.
const BEGINNING: usize = 8 * 1024;

/// Says to the thread that writes that nobody waits for it any more.
pub(super) struct Stop(Arc<AtomicBool>);

impl Stop {
    pub(super) fn new() -> Self {
        Self(Arc::default())
    }

    pub(super) fn watched(&self) -> Arc<AtomicBool> {
        self.0.clone()
    }
}

impl Drop for Stop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

/// The making of a file that is kept.
pub(super) struct Job {
    /// Held until the last file is in its place.
    pub(super) _lock: Arc<Lock>,
    pub(super) folder: PathBuf,
    pub(super) place: Place,
    pub(super) now: Timestamp,
    /// What will be known of it, but for the file's name.
    pub(super) next: State,
    pub(super) stop: Arc<AtomicBool>,
}

/// A file that is removed unless it becomes what is kept.
pub(super) struct Part {
    path: PathBuf,
    is_kept: bool,
}

impl Part {
    pub(super) fn create(path: &Path) -> io::Result<(Self, File)> {
        let file = File::create(path)?;
        let part = Self {
            path: path.to_owned(),
            is_kept: false,
        };
        Ok((part, file))
    }

    pub(super) fn take_place(mut self, path: &Path) -> io::Result<()> {
        std::fs::rename(&self.path, path)?;
        self.is_kept = true;
        Ok(())
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        if !self.is_kept {
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

/// A source that ends with a failure as soon as nobody waits for what is read from it.
struct Watched<R> {
    source: R,
    stop: Arc<AtomicBool>,
}

impl<R: Read> Read for Watched<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.stop.load(Ordering::SeqCst) {
            return Err(io::ErrorKind::ConnectionAborted.into());
        }
        self.source.read(buffer)
    }
}

/// Why a job came to nothing.
pub(super) enum Undone {
    Intake(IntakeError),
    Cache(FileError),
    /// Nobody waits for it.
    Stopped,
}

impl Job {
    /// Reads the source to its end and makes what it holds what is kept: all of it, or nothing.
    pub(super) fn run(mut self, source: impl Read, encoding: Encoding) -> Result<(), Undone> {
        let file_name = state::new_file(&self.place, self.now);
        let part_path = self.folder.join(format!("{}.part", self.place.key()));
        let path = self.folder.join(&file_name);
        let cache = |error| Undone::Cache(FileError::of_io(error, &part_path, "written"));
        let (part, file) = Part::create(&part_path).map_err(cache)?;
        let watched = Watched {
            source,
            stop: self.stop.clone(),
        };
        match take_in(watched, encoding, file) {
            Ok(_) => {}
            Err(IntakeError::Target(error)) => return Err(cache(error)),
            Err(error) => return Err(Undone::Intake(error)),
        }
        self.next.content = Content::Records {
            file: file_name,
            encoding: encoding.extension().to_owned(),
        };
        self.publish(part, &path)
    }

    /// Puts the finished file in its place, unless nobody waits for it any more.
    pub(super) fn publish(self, part: Part, path: &Path) -> Result<(), Undone> {
        if self.stop.load(Ordering::SeqCst) {
            return Err(Undone::Stopped);
        }
        let failed = |error| Undone::Cache(FileError::of_io(error, path, "written"));
        part.take_place(path).map_err(failed)?;
        if let Err(error) = self.next.write(&self.folder, &self.place) {
            let _ = std::fs::remove_file(path);
            return Err(Undone::Cache(error));
        }
        Ok(())
    }
}

impl Fetch<'_> {
    pub(super) fn job(&self, lock: Arc<Lock>, next: State, stop: &Stop) -> Job {
        Job {
            _lock: lock,
            folder: place::folder(self.cache),
            place: self.place.clone(),
            now: self.now,
            next,
            stop: stop.watched(),
        }
    }

    /// Reads the answer to its end and keeps it.
    pub(super) async fn take_in(
        &self,
        encoding: Encoding,
        mut response: Response,
        url: &Url,
        lock: Arc<Lock>,
        next: &State,
    ) -> Result<Met, IndexTrouble> {
        let mut next = next.clone();
        note_version(&mut next, response.headers());
        let total = response.content_length();
        let broken = |error: reqwest::Error| IndexTrouble::of_request(&error);
        let mut first = response.chunk().await.map_err(broken)?.unwrap_or_default();
        if !encoding.may_begin_with(&first) || first.is_empty() {
            let trouble = IndexTrouble::NotAnIndex {
                address: url.to_string(),
                what: stranger::described(&first[..first.len().min(BEGINNING)]),
            };
            return Ok(Met::NotThis(trouble));
        }
        let stop = Stop::new();
        let job = self.job(lock, next, &stop);
        let (inlet, outlet) = arriving::pipe();
        let work = tokio::task::spawn_blocking(move || job.run(outlet, encoding));
        let mut received = 0;
        let failure = loop {
            received += first.len() as u64;
            (self.on_bytes)(received, total);
            if !inlet.put(first).await {
                break None;
            }
            first = match response.chunk().await {
                Ok(Some(bytes)) => bytes,
                Ok(None) => {
                    inlet.end().await;
                    break None;
                }
                Err(error) => {
                    // Without its end, what has come is not taken for the whole.
                    drop(inlet);
                    break Some(broken(error));
                }
            };
        };
        let worked = work.await.map_err(|error| IndexTrouble::Internal {
            detail: error.to_string(),
        })?;
        drop(stop);
        match (worked, failure) {
            (Ok(()), _) => Ok(Met::Kept(News::Updated)),
            (Err(Undone::Cache(error)), _) => Err(error.into()),
            (Err(_), Some(failure)) => Err(failure),
            (Err(Undone::Stopped), None) => Err(IndexTrouble::Internal {
                detail: "an index was given up while it was waited for".to_owned(),
            }),
            (Err(Undone::Intake(error)), None) => unreadable(error, encoding, url, received),
        }
    }
}

/// The answer came to its end, but is no index.
fn unreadable(error: IntakeError, encoding: Encoding, url: &Url, received: u64) -> Result<Met, IndexTrouble> {
    let is_cut = match &error {
        IntakeError::NotAnIndex(NotAnIndex::CutShort { .. }) => true,
        IntakeError::Source(error) => error.kind() == io::ErrorKind::UnexpectedEof,
        _ => false,
    };
    if is_cut && encoding == Encoding::Plain {
        let message = format!("the answer of {url} ends in the middle");
        let problem = Problem::new(Kind::Network, message)
            .because(format!(
                "the connection broke off after {received} bytes, or the server's file is not whole"
            ))
            .remedy("try again; if it stays so, tell the administrator of the server");
        return Err(IndexTrouble::Unreached(Box::new(problem)));
    }
    // A server that has a broken compressed index may have a plain one that is whole.
    Ok(Met::NotThis(IndexTrouble::NotAnIndex {
        address: url.to_string(),
        what: error.to_string(),
    }))
}
