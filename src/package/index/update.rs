//! Asking for the index of many channels at once.

use std::path::{Path, PathBuf};

use futures::StreamExt;
use jiff::Timestamp;

use super::error::{IndexError, IndexTrouble};
use super::fetch::{Fetch, Kept, News};
use super::place::Place;
use super::state::Content;
use crate::package::{Channel, Transport};

/// So many indexes are fetched at once; each needs a thread to read it.
const AT_ONCE: usize = 8;

/// A channel that is searched, and where in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WantedChannel {
    pub channel: Channel,
    pub subdirs: Vec<String>,
}

/// The forms in which an index is taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Forms {
    /// The names under which an index is looked for, the first that a server has being taken: conda's `repodata_fns`.
    /// `repodata.json` always comes last.
    pub file_names: Vec<String>,
    /// Whether indexes that are compressed with zstd are taken: conda's `repodata_use_zst`.
    pub use_zst: bool,
    /// Whether sharded indexes are: conda's `repodata_use_shards`.
    pub use_shards: bool,
}

impl Default for Forms {
    fn default() -> Self {
        Self {
            file_names: Vec::new(),
            use_zst: true,
            use_shards: true,
        }
    }
}

/// Which indexes are meant.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Wanted {
    /// In the order of search.
    pub channels: Vec<WantedChannel>,
    pub forms: Forms,
}

impl Wanted {
    pub(super) fn subdirs(&self) -> impl Iterator<Item = (&Channel, &String)> {
        self.channels
            .iter()
            .flat_map(|wanted| wanted.subdirs.iter().map(|subdir| (&wanted.channel, subdir)))
    }
}

/// What is kept of one channel and subdir.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubdirIndex {
    pub channel: Channel,
    pub subdir: String,
    /// By version and build. Of a sharded channel, which does not tell, the number of names.
    pub records: u64,
    /// Records that were broken and are left out.
    pub skipped: u64,
    /// When the server last said that this is what it has; nothing where nothing is kept.
    pub checked: Option<Timestamp>,
}

/// What came of asking for one.
#[derive(Debug, Clone)]
pub enum Outcome {
    Updated,
    /// The server has nothing new.
    Unchanged,
    /// The server has no such subdir, which conda takes for empty.
    Missing,
    /// What was kept before stays.
    Failed(IndexError),
}

/// What an update tells while it runs. The numbers are those of the channels and subdirs in [`Progress::Planned`].
#[derive(Debug, Clone)]
#[allow(clippy::large_enum_variant, reason = "a few a second, never kept")]
pub enum Progress {
    Planned(Vec<(Channel, String)>),
    Received {
        which: usize,
        bytes: u64,
        total: Option<u64>,
    },
    Ended {
        which: usize,
        index: SubdirIndex,
        outcome: Outcome,
    },
}

/// When what is kept is good enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Freshness {
    /// Every server is asked.
    Ask,
    /// For as long as the server said.
    AsTheServerSays,
    /// For so many seconds.
    Seconds(u64),
    /// Whatever its age; only what is missing is fetched.
    Whatever,
}

/// Where indexes come from, and where they are kept.
#[derive(Debug, Clone)]
pub struct Indexer {
    transport: Transport,
    cache: PathBuf,
    now: Timestamp,
}

impl Indexer {
    /// `cache` is Sextant's cache folder, `now` what o'clock it is.
    pub fn new(transport: Transport, cache: &Path, now: Timestamp) -> Self {
        Self {
            transport,
            cache: cache.to_owned(),
            now,
        }
    }

    pub(super) const fn transport(&self) -> &Transport {
        &self.transport
    }

    pub(super) fn cache(&self) -> &Path {
        &self.cache
    }

    /// Fetches every index that is not fresh, side by side, and gives what is kept afterwards and what came of asking, in
    /// the order of channels and subdirs. Dropping the future ends it at once; every index is then the old or the new one.
    pub async fn update(
        &self,
        wanted: &Wanted,
        freshness: Freshness,
        progress: &(dyn Fn(Progress) + Send + Sync),
    ) -> Vec<(SubdirIndex, Outcome)> {
        let all: Vec<(Channel, String)> = wanted
            .subdirs()
            .map(|(channel, subdir)| (channel.clone(), subdir.clone()))
            .collect();
        progress(Progress::Planned(all.clone()));
        let one = |(which, (channel, subdir)): (usize, (Channel, String))| async move {
            let on_bytes = move |bytes, total| progress(Progress::Received { which, bytes, total });
            let outcome = self.one(&channel, &subdir, wanted, freshness, &on_bytes).await;
            let index = kept(&self.cache, &channel, &subdir, &wanted.forms.file_names);
            progress(Progress::Ended {
                which,
                index: index.clone(),
                outcome: outcome.clone(),
            });
            (which, index, outcome)
        };
        let running = futures::stream::iter(all.into_iter().enumerate()).map(one);
        let mut ended: Vec<_> = running.buffer_unordered(AT_ONCE).collect().await;
        ended.sort_by_key(|(which, ..)| *which);
        ended
            .into_iter()
            .map(|(_, index, outcome)| (index, outcome))
            .collect()
    }

    /// One channel and subdir, under the first name that the server has.
    async fn one(
        &self,
        channel: &Channel,
        subdir: &str,
        wanted: &Wanted,
        freshness: Freshness,
        on_bytes: &(dyn Fn(u64, Option<u64>) + Send + Sync),
    ) -> Outcome {
        let mut outcome = Outcome::Missing;
        for file_name in file_names(&wanted.forms.file_names) {
            let place = match Place::new(channel, subdir, file_name) {
                Ok(place) => place,
                Err(error) => return Outcome::Failed(error),
            };
            outcome = match self.at(&place, wanted, freshness, on_bytes).await {
                Ok(News::Updated) => Outcome::Updated,
                Ok(News::Unchanged) => Outcome::Unchanged,
                Ok(News::Missing) => Outcome::Missing,
                Err(error) => Outcome::Failed(error),
            };
            let is_there = match &outcome {
                Outcome::Failed(error) => !matches!(error.reason, IndexTrouble::NotThere { .. }),
                Outcome::Missing => false,
                Outcome::Updated | Outcome::Unchanged => true,
            };
            if is_there {
                break;
            }
        }
        outcome
    }

    async fn at(
        &self,
        place: &Place,
        wanted: &Wanted,
        freshness: Freshness,
        on_bytes: &(dyn Fn(u64, Option<u64>) + Send + Sync),
    ) -> Result<News, IndexError> {
        if freshness != Freshness::Ask
            && let Some(kept) = Kept::read(&self.cache, place)
            && self.is_fresh(&kept, freshness)
        {
            return Ok(match kept.state.content {
                Content::Nothing => News::Missing,
                Content::Records { .. } | Content::Names { .. } => News::Unchanged,
            });
        }
        let fetch = Fetch {
            transport: &self.transport,
            cache: &self.cache,
            now: self.now,
            place,
            use_zst: wanted.forms.use_zst,
            use_shards: wanted.forms.use_shards,
            on_bytes,
        };
        fetch.run().await.map_err(|reason| place.failed(reason))
    }

    fn is_fresh(&self, kept: &Kept, freshness: Freshness) -> bool {
        let limit = match freshness {
            Freshness::Ask => 0,
            Freshness::AsTheServerSays => kept.state.max_age.unwrap_or(0),
            Freshness::Seconds(seconds) => seconds,
            Freshness::Whatever => return true,
        };
        kept.state.age(self.now).is_some_and(|age| age < limit)
    }
}

/// The name of the whole index, which every channel has.
const WHOLE: &str = "repodata.json";

/// The names to look under, each once.
pub(super) fn file_names(wanted: &[String]) -> impl Iterator<Item = &str> {
    let wanted = wanted.iter().map(String::as_str);
    // A name with a separator would lead out of the subdir.
    let wanted =
        wanted.filter(|name| *name != WHOLE && !name.is_empty() && !name.contains(['/', '\\', '?', '#']));
    wanted.chain([WHOLE])
}

/// What is kept of one channel and subdir, under the first name under which anything is.
pub(super) fn kept(cache: &Path, channel: &Channel, subdir: &str, names: &[String]) -> SubdirIndex {
    let mut index = SubdirIndex {
        channel: channel.clone(),
        subdir: subdir.to_owned(),
        records: 0,
        skipped: 0,
        checked: None,
    };
    for file_name in file_names(names) {
        let place = Place::new(channel, subdir, file_name);
        let Some(kept) = place.ok().and_then(|place| Kept::read(cache, &place)) else {
            continue;
        };
        index.checked = index.checked.or(Some(kept.state.checked));
        if let Some(stored) = kept.stored {
            index.records = match kept.state.content {
                Content::Names { .. } => stored.len() as u64,
                Content::Records { .. } | Content::Nothing => stored.records(),
            };
            index.skipped = stored.skipped();
            index.checked = Some(kept.state.checked);
            break;
        }
    }
    index
}
