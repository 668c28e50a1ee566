//! Channels that are folders on this machine.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::UNIX_EPOCH;

use super::body::{Stop, Undone};
use super::{Fetch, News};
use crate::edit::file::FileError;
use crate::package::index::error::IndexTrouble;
use crate::package::index::intake::Encoding;
use crate::package::index::lock::Lock;
use crate::package::index::place;
use crate::package::index::state::{Content, State};

impl Fetch<'_> {
    pub(super) async fn local(&self, lock: Arc<Lock>, known: Option<State>) -> Result<News, IndexTrouble> {
        let folder = self
            .place
            .url
            .to_file_path()
            .map_err(|()| IndexTrouble::Address {
                address: self.place.url.to_string(),
                reason: "it names no folder of this machine".to_owned(),
            })?;
        let Some((path, encoding)) = index_in(&folder, &self.place.file_name) else {
            if self.place.is_noarch() {
                let address = folder.join(&self.place.file_name).display().to_string();
                return Err(IndexTrouble::NotThere { address });
            }
            let next = State::new(self.place, Content::Nothing, self.now);
            next.write(&place::folder(self.cache), self.place)?;
            return Ok(News::Missing);
        };
        let version = version_of(&path).map_err(|error| FileError::of_io(error, &path, "read"))?;
        let same = known.filter(|known| {
            known.content.encoding() == Some(encoding) && known.etag.as_deref() == Some(version.as_str())
        });
        if let Some(mut known) = same {
            known.checked = self.now;
            known.write(&place::folder(self.cache), self.place)?;
            return Ok(News::Unchanged);
        }
        let mut next = State::new(self.place, Content::Nothing, self.now);
        next.etag = Some(version);
        let stop = Stop::new();
        let job = self.job(lock, next, &stop);
        let source = path.clone();
        let work = tokio::task::spawn_blocking(move || {
            let failed = |error| Undone::Cache(FileError::of_io(error, &source, "read"));
            let file = File::open(&source).map_err(failed)?;
            job.run(file, encoding)
        });
        let worked = work.await.map_err(|error| IndexTrouble::Internal {
            detail: error.to_string(),
        })?;
        drop(stop);
        match worked {
            Ok(()) => Ok(News::Updated),
            Err(Undone::Cache(error)) => Err(error.into()),
            Err(Undone::Intake(error)) => Err(IndexTrouble::NotAnIndex {
                address: path.display().to_string(),
                what: error.to_string(),
            }),
            Err(Undone::Stopped) => Err(IndexTrouble::Internal {
                detail: "an index was given up while it was waited for".to_owned(),
            }),
        }
    }
}

fn index_in(folder: &Path, file_name: &str) -> Option<(PathBuf, Encoding)> {
    [Encoding::Plain, Encoding::Zst, Encoding::Bz2]
        .into_iter()
        .map(|encoding| {
            (
                folder.join(format!("{file_name}{}", encoding.extension())),
                encoding,
            )
        })
        .find(|(path, _)| path.is_file())
}

/// Changes whenever the file does.
fn version_of(path: &Path) -> io::Result<String> {
    let metadata = path.metadata()?;
    let modified = metadata
        .modified()?
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    Ok(format!("{}-{}", metadata.len(), modified.as_nanos()))
}
