//! The index of all channels that conda searches on this machine (seeds 000 and 001, "update index").

use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;
use serde::Serialize;
use url::Url;

use super::channels::each_once;
use crate::conda::configuration::Configuration;
use crate::conda::in_flight::CredentialSource;
use crate::conda::resolution::SearchedChannel;
use crate::conda::setting::Key;
use crate::error::{Explain, Problem};
use crate::package::index::{
    Forms, Freshness, IndexError, IndexTrouble, Indexer, Outcome, PackageIndex, Progress, SubdirIndex,
    Wanted, WantedChannel,
};
use crate::service::manage_channels::ManageError;
use crate::service::{ServiceError, Services, blocking};

/// One channel and subdir of the index, as the command line prints it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct IndexedSubdir {
    /// The channel as conda calls it.
    pub name: String,
    /// The channel's address, without subdir and secrets.
    pub url: String,
    pub subdir: String,
    /// How many packages, counted by version and build. Of a sharded channel, which does not tell, the number of names.
    pub records: u64,
    /// Records that were broken and are left out.
    #[serde(skip_serializing_if = "is_zero")]
    pub skipped: u64,
    /// When the server last said that this is what it has; nothing where nothing is kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub as_of: Option<Timestamp>,
    pub status: IndexStatus,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<Problem>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum IndexStatus {
    /// It was fetched.
    Updated,
    /// The server said that nothing changed.
    Unchanged,
    /// The server has no such subdir, which conda takes for empty.
    Missing,
    /// What an earlier update fetched stays in use, if there is any.
    Failed,
}

/// What an update of the index tells while it runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IndexProgress {
    /// Everything that will be asked for: channel name and subdir, in the order of the rows to show.
    Planned(Vec<(String, String)>),
    /// Bytes of one channel and subdir that have arrived, out of the bytes to come where that is known.
    Received {
        name: String,
        subdir: String,
        bytes: u64,
        total: Option<u64>,
    },
    Ended(IndexedSubdir),
}

/// For serde, which asks by reference.
#[allow(clippy::trivially_copy_pass_by_ref)]
fn is_zero(number: &u64) -> bool {
    *number == 0
}

impl Services {
    /// Fetches the index of every channel that conda searches, side by side. Dropping the future ends it at once, and
    /// every index is then the old or the new one. One that could not be fetched is told in its row, and does not keep the
    /// others back.
    ///
    /// # Errors
    /// What keeps the channels from being known at all.
    pub async fn update_index(
        &self,
        progress: impl FnMut(IndexProgress) + Send,
    ) -> Result<Vec<IndexedSubdir>, ServiceError> {
        let wanted = self.wanted_indexes()?;
        let indexer = self.indexer()?;
        let rows: Vec<_> = wanted
            .channels
            .iter()
            .flat_map(|wanted| {
                wanted
                    .subdirs
                    .iter()
                    .map(|subdir| (wanted.channel.name.clone(), subdir.clone()))
            })
            .collect();
        let progress = Mutex::new(progress);
        let tell = |told: IndexProgress| {
            let mut progress = progress.lock().unwrap_or_else(PoisonError::into_inner);
            (*progress)(told);
        };
        let pace = Pace::new(rows.len());
        let on_progress = |told: Progress| match told {
            Progress::Planned(_) => tell(IndexProgress::Planned(rows.clone())),
            Progress::Received { which, bytes, total } => {
                if let Some((name, subdir)) = rows.get(which).filter(|_| pace.is_due(which)) {
                    tell(IndexProgress::Received {
                        name: name.clone(),
                        subdir: subdir.clone(),
                        bytes,
                        total,
                    });
                }
            }
            Progress::Ended { index, outcome, .. } => tell(IndexProgress::Ended(self.row(&index, &outcome))),
        };
        let ended = indexer.update(&wanted, Freshness::Ask, &on_progress).await;
        Ok(ended
            .iter()
            .map(|(index, outcome)| self.row(index, outcome))
            .collect())
    }

    /// Everything that the channels offer which conda searches, as far as their indexes are kept here. Asks no network; what
    /// is not kept is among its [`PackageIndex::lacking`].
    ///
    /// # Errors
    /// What keeps the channels from being known at all.
    pub fn package_index(&self) -> Result<PackageIndex, ServiceError> {
        let wanted = self.wanted_indexes()?;
        let indexer = self.indexer()?;
        Ok(blocking(|| PackageIndex::open(indexer, &wanted)))
    }

    pub(crate) fn indexer(&self) -> Result<Indexer, ServiceError> {
        Ok(Indexer::new(
            self.transport()?,
            &self.locations.cache(),
            self.now(),
        ))
    }

    /// The indexes that conda reads, by its own settings.
    ///
    /// # Errors
    /// As [`Self::searched_channels`].
    pub(crate) fn wanted_indexes(&self) -> Result<Wanted, ServiceError> {
        let configuration = blocking(|| Configuration::read(&self.surroundings()));
        let searched = configuration.searched().map_err(ManageError::from)?;
        Ok(self.wanted_indexes_of(&configuration, &searched))
    }

    /// The same of other channels than those that are searched now.
    pub(crate) fn wanted_indexes_of(
        &self,
        configuration: &Configuration,
        searched: &[SearchedChannel],
    ) -> Wanted {
        let subdirs = |url: &str| {
            let mut subdirs: Vec<String> = Vec::new();
            for known in searched.iter().filter(|known| known.channel.url() == url) {
                for subdir in &known.subdirs {
                    if !subdirs.contains(subdir) {
                        subdirs.push(subdir.clone());
                    }
                }
            }
            subdirs
        };
        let channels = each_once(searched).into_iter().map(|channel| WantedChannel {
            subdirs: subdirs(&channel.url),
            channel,
        });
        Wanted {
            channels: channels.collect(),
            forms: forms(configuration),
        }
    }

    fn row(&self, index: &SubdirIndex, outcome: &Outcome) -> IndexedSubdir {
        let (status, problem) = match outcome {
            Outcome::Updated => (IndexStatus::Updated, None),
            Outcome::Unchanged => (IndexStatus::Unchanged, None),
            Outcome::Missing => (IndexStatus::Missing, None),
            Outcome::Failed(error) => (IndexStatus::Failed, Some(self.explain_index(index, error))),
        };
        IndexedSubdir {
            name: index.channel.name.clone(),
            url: index.channel.url.clone(),
            subdir: index.subdir.clone(),
            records: index.records,
            skipped: index.skipped,
            as_of: index.checked,
            status,
            problem,
        }
    }

    /// Why an index could not be had, and whose credential is to blame.
    fn explain_index(&self, index: &SubdirIndex, error: &IndexError) -> Problem {
        let problem = error.explain();
        let source = || {
            let address = Url::parse(&format!("{}/{}/", index.channel.url, index.subdir)).ok()?;
            self.credential_source(&address)
        };
        match &error.reason {
            IndexTrouble::Unauthorized { .. } => match source() {
                Some(CredentialSource::TokenFile(path)) => problem
                    .because(format!(
                        "the token in {} has expired or was revoked; conda fails with it on public channels too",
                        path.display()
                    ))
                    .remedy("renew the token, or sign in again"),
                Some(CredentialSource::Netrc(path)) => problem
                    .because(format!("the login in {} is not accepted", path.display()))
                    .remedy("correct it there"),
                Some(source) => problem
                    .because(format!("the credential that stands in {source} is not accepted"))
                    .remedy("take it out, and sign in instead"),
                None => problem
                    .because("it is private, and there is no token for it on this machine")
                    .remedy("sign in to the server of the channel: sextant sign-in"),
            },
            IndexTrouble::Forbidden { .. } => match source() {
                Some(CredentialSource::TokenFile(path)) => problem.because(format!(
                    "the server knows the token in {}, and does not open this channel to it",
                    path.display()
                )),
                Some(source) => problem.because(format!(
                    "the server knows the credential in {source}, and does not open this channel to it"
                )),
                None => problem
                    .because("it is private, and there is no token for it on this machine")
                    .remedy("sign in to the server of the channel, or take the channel out"),
            },
            _ => problem,
        }
    }
}

/// The forms of indexes that conda takes by its own settings.
pub(crate) fn forms(configuration: &Configuration) -> Forms {
    let is_on = |key| configuration.explain(key).value.as_switch() != Some(false);
    Forms {
        file_names: file_names(configuration),
        use_zst: is_on(Key::RepodataUseZst),
        use_shards: is_on(Key::RepodataUseShards),
    }
}

/// What a person has set in `repodata_fns`. conda's own default begins with a short index that only its old solver reads.
fn file_names(configuration: &Configuration) -> Vec<String> {
    let explanation = configuration.explain(Key::RepodataFns);
    if explanation.sources.is_empty() {
        return Vec::new();
    }
    let items = explanation.value.items().iter();
    items.map(|item| item.expose().to_owned()).collect()
}

/// For how long conda takes an index without asking again: its `local_repodata_ttl`; offline, for ever.
pub(crate) fn freshness(configuration: &Configuration) -> Freshness {
    if configuration.explain(Key::Offline).value.as_switch() == Some(true) {
        return Freshness::Whatever;
    }
    let value = configuration.explain(Key::LocalRepodataTtl).value;
    let text = value.as_text().map(|text| text.expose().trim());
    match (value.as_switch(), text.and_then(|text| text.parse().ok())) {
        (Some(false), _) | (_, Some(0)) => Freshness::Ask,
        (_, Some(seconds)) if seconds > 1 => Freshness::Seconds(seconds),
        _ => Freshness::AsTheServerSays,
    }
}

/// Keeps what a window is told to some messages a second.
struct Pace(Vec<Mutex<Option<std::time::Instant>>>);

impl Pace {
    const PAUSE: std::time::Duration = std::time::Duration::from_millis(80);

    fn new(rows: usize) -> Self {
        Self((0..rows).map(|_| Mutex::default()).collect())
    }

    fn is_due(&self, row: usize) -> bool {
        let Some(last) = self.0.get(row) else { return false };
        let mut last = last.lock().unwrap_or_else(PoisonError::into_inner);
        let is_due = last.is_none_or(|last| last.elapsed() >= Self::PAUSE);
        if is_due {
            *last = Some(std::time::Instant::now());
        }
        is_due
    }
}
