//! Channels whose index is sharded (CEP 16): the names come at once, the records of a name when they are wanted.

use std::collections::HashSet;
use std::io::BufWriter;
use std::str::FromStr;
use std::sync::Arc;

use rattler_conda_types::Subdir;
use rattler_repodata_gateway::{CacheClearMode, SubdirSelection};
use reqwest::StatusCode;

use super::body::{Job, Part, Stop, Undone};
use super::{Fetch, News, conditions, note_version, rattler_channel};
use crate::edit::file::FileError;
use crate::package::index::error::IndexTrouble;
use crate::package::index::gateway::gateway;
use crate::package::index::lock::Lock;
use crate::package::index::state::{self, Content, State};
use crate::package::index::store::Writer;

/// The name of the list of shards.
const SHARDS: &str = "repodata_shards.msgpack.zst";

/// The index that is there in sharded form too.
const WHOLE: &str = "repodata.json";

impl Fetch<'_> {
    /// What came of the sharded index; nothing where the place has none.
    pub(super) async fn sharded(
        &self,
        lock: &Arc<Lock>,
        known: Option<&State>,
        next: &mut State,
    ) -> Result<Option<News>, IndexTrouble> {
        if !self.use_shards || self.place.file_name != WHOLE || next.lacks(SHARDS, self.now) {
            return Ok(None);
        }
        let known = known.filter(|known| matches!(known.content, Content::Names { .. }));
        let asked = self.transport.client().head(self.place.beside(SHARDS)?);
        let answer = match (asked.headers(conditions(known)).send().await, known) {
            (Ok(answer), _) => answer,
            (Err(error), Some(_)) => return Err(IndexTrouble::of_request(&error)),
            // Whoever does not answer this is asked for the whole index, more than once, and then named.
            (Err(_), None) => return Ok(None),
        };
        let is_same = |known: &State| {
            let etag = answer.headers().get(reqwest::header::ETAG);
            let etag = etag.and_then(|etag| etag.to_str().ok());
            answer.status() == StatusCode::NOT_MODIFIED || (etag.is_some() && etag == known.etag.as_deref())
        };
        match answer.status() {
            StatusCode::OK | StatusCode::NOT_MODIFIED => {}
            StatusCode::NOT_FOUND | StatusCode::GONE | StatusCode::NOT_IMPLEMENTED => {
                next.absent.insert(SHARDS.to_owned(), self.now);
                return Ok(None);
            }
            _ => return Ok(None),
        }
        if let Some(known) = known.filter(|known| is_same(known)) {
            self.unchanged(known, answer.headers())?;
            return Ok(Some(News::Unchanged));
        }
        let mut state = next.clone();
        note_version(&mut state, answer.headers());
        let Some(names) = self.names().await? else {
            return Ok(None);
        };
        let stop = Stop::new();
        let job = self.job(lock.clone(), state, &stop);
        let work = tokio::task::spawn_blocking(move || keep(job, &names));
        let worked = work.await.map_err(|error| IndexTrouble::Internal {
            detail: error.to_string(),
        })?;
        drop(stop);
        match worked {
            Ok(()) => Ok(Some(News::Updated)),
            Err(Undone::Cache(error)) => Err(error.into()),
            Err(Undone::Intake(_) | Undone::Stopped) => Ok(None),
        }
    }

    /// The names in the list of shards; nothing where that is no such list.
    async fn names(&self) -> Result<Option<Vec<String>>, IndexTrouble> {
        let Ok(subdir) = Subdir::from_str(&self.place.subdir) else {
            return Ok(None);
        };
        let channel = rattler_channel(self.place)?;
        let gateway = gateway(self.transport, self.cache);
        // What the gateway keeps may be older than what the server has just said.
        let one = SubdirSelection::Some(HashSet::from([self.place.subdir.clone()]));
        gateway
            .clear_repodata_cache(&channel, one, CacheClearMode::InMemoryAndDisk)
            .map_err(|error| FileError::of_io(error, self.cache, "cleared"))?;
        match gateway.names([channel], [subdir]).execute().await {
            Ok(found) => {
                let names = found.names.iter().map(|name| name.as_normalized().to_owned());
                Ok(Some(names.collect()))
            }
            Err(error) => match IndexTrouble::of_request(&error) {
                trouble @ IndexTrouble::Unreached(_) if is_carried(&error) => Err(trouble),
                _ => Ok(None),
            },
        }
    }
}

/// Whether it was the courier that failed, not the reading of what it brought.
fn is_carried(error: &(dyn std::error::Error + 'static)) -> bool {
    std::iter::successors(Some(error), |cause| cause.source())
        .any(<dyn std::error::Error + 'static>::is::<crate::package::CourierError>)
}

fn keep(mut job: Job, names: &[String]) -> Result<(), Undone> {
    let file_name = state::new_file(&job.place, job.now);
    let part_path = job.folder.join(format!("{}.part", job.place.key()));
    let failed = |error| Undone::Cache(FileError::of_io(error, &part_path, "written"));
    let (part, file) = Part::create(&part_path).map_err(failed)?;
    let mut writer = Writer::new(BufWriter::new(file)).map_err(failed)?;
    for name in names {
        writer.add_name(name);
    }
    writer.finish(None).map_err(failed)?;
    let path = job.folder.join(&file_name);
    job.next.content = Content::Names { file: file_name };
    job.publish(part, &path)
}
