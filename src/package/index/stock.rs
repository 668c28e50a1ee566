//! The kept indexes as the solver reads them.
//!
//! What an update has fetched is not fetched again, nor kept a second time in another form: a package's records are read from
//! the file that is searched, and only those of the packages that a solve comes across.

use std::collections::HashMap;
use std::str::FromStr;
use std::sync::{Arc, Mutex, PoisonError};

use rattler_conda_types::{MatchSpec, PackageName, RepoDataRecord, Subdir};
use rattler_repodata_gateway::sparse::PackageFormatSelection;
use rattler_repodata_gateway::{Gateway, GatewayError, RepoDataSource};

use super::error::{IndexError, IndexTrouble};
use super::fetch::rattler_channel;
use super::gateway::gateway;
use super::opened::Opened;
use super::update::{Forms, Freshness, Indexer, Outcome, SubdirIndex, Wanted, WantedChannel};
use crate::package::Channel;

/// An index that could not be asked after, so that an older one is used.
#[derive(Debug, Clone)]
pub struct Stale {
    pub index: SubdirIndex,
    pub error: IndexError,
}

/// By address and subdirs.
type ByPlace = HashMap<(String, Vec<String>), Arc<StockedChannel>>;

/// The indexes of channels, fetched where they are missing or too old. What has been read stays in memory as long as it
/// lives, and each server is asked once at most.
pub struct Stock {
    indexer: Indexer,
    forms: Forms,
    freshness: Freshness,
    gateway: Gateway,
    opened: tokio::sync::Mutex<ByPlace>,
    stale: Mutex<Vec<Stale>>,
}

impl std::fmt::Debug for Stock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Stock")
    }
}

impl Stock {
    pub fn new(indexer: Indexer, forms: Forms, freshness: Freshness) -> Self {
        Self {
            gateway: gateway(indexer.transport(), indexer.cache()),
            indexer,
            forms,
            freshness,
            opened: tokio::sync::Mutex::default(),
            stale: Mutex::default(),
        }
    }

    pub(in crate::package) const fn gateway(&self) -> &Gateway {
        &self.gateway
    }

    /// The indexes in use that could not be asked after.
    pub fn stale(&self) -> Vec<Stale> {
        self.stale.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// These channels in this order, to be queried in these subdirs.
    ///
    /// # Errors
    /// A channel of which nothing is kept and nothing can be fetched; one that is closed to the person, whatever is kept.
    pub(in crate::package) async fn channels(
        &self,
        channels: &[&Channel],
        subdirs: &[String],
    ) -> Result<Vec<Arc<StockedChannel>>, IndexError> {
        let mut opened = self.opened.lock().await;
        let key = |channel: &Channel| (channel.url.trim_end_matches('/').to_owned(), subdirs.to_vec());
        let missing: Vec<_> = channels
            .iter()
            .filter(|channel| !opened.contains_key(&key(channel)))
            .map(|channel| WantedChannel {
                channel: (*channel).clone(),
                subdirs: subdirs.to_vec(),
            })
            .collect();
        let wanted = Wanted {
            channels: missing,
            forms: self.forms.clone(),
        };
        for (index, outcome) in self.indexer.update(&wanted, self.freshness, &|_| {}).await {
            let Outcome::Failed(error) = outcome else {
                continue;
            };
            let is_offline = matches!(
                error.reason,
                IndexTrouble::Unreached(_) | IndexTrouble::ServerFailed { .. }
            );
            if !is_offline || index.checked.is_none() {
                return Err(error);
            }
            let stale = Stale { index, error };
            self.stale
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(stale);
        }
        for WantedChannel { channel, .. } in wanted.channels {
            let stocked = self.open(&channel, subdirs)?;
            opened.insert(key(&channel), Arc::new(stocked));
        }
        let held = channels
            .iter()
            .filter_map(|channel| opened.get(&key(channel)).cloned());
        Ok(held.collect())
    }

    fn open(&self, channel: &Channel, subdirs: &[String]) -> Result<StockedChannel, IndexError> {
        let mut held = HashMap::new();
        for subdir in subdirs {
            let opened = Opened::open(self.indexer.cache(), channel, subdir, &self.forms.file_names)?;
            if let (Some(opened), Ok(subdir)) = (opened, Subdir::from_str(subdir)) {
                held.insert(subdir, Arc::new(opened));
            }
        }
        Ok(StockedChannel {
            subdirs: held,
            gateway: self.gateway.clone(),
            read: Mutex::default(),
        })
    }
}

type Read = HashMap<(Subdir, String), Vec<Arc<RepoDataRecord>>>;

/// A channel as rattler's gateway asks it.
pub(in crate::package) struct StockedChannel {
    subdirs: HashMap<Subdir, Arc<Opened>>,
    /// For subdirs whose records are kept by the name.
    gateway: Gateway,
    read: Mutex<Read>,
}

impl StockedChannel {
    fn read(&self) -> std::sync::MutexGuard<'_, Read> {
        self.read.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The records of a name in a subdir whose shards are fetched when they are wanted.
    async fn shard(
        &self,
        opened: &Opened,
        subdir: Subdir,
        name: &PackageName,
    ) -> Result<Vec<Arc<RepoDataRecord>>, GatewayError> {
        let channel = rattler_channel(&opened.place).map_err(|reason| told(opened.place.failed(reason)))?;
        let query = self
            .gateway
            .query([channel], [subdir], [MatchSpec::from(name.clone())]);
        let query = query.package_format_selection(PackageFormatSelection::Both);
        let found = query.execute().await?;
        Ok(found
            .repodata
            .iter()
            .flat_map(|data| data.iter_arc().cloned())
            .collect())
    }
}

#[async_trait::async_trait]
impl RepoDataSource for StockedChannel {
    async fn fetch_package_records(
        &self,
        subdir: Subdir,
        name: &PackageName,
    ) -> Result<Vec<Arc<RepoDataRecord>>, GatewayError> {
        let Some(opened) = self.subdirs.get(&subdir) else {
            return Ok(Vec::new());
        };
        let Some(place) = opened.stored().find(name.as_normalized()) else {
            return Ok(Vec::new());
        };
        let key = (subdir, name.as_normalized().to_owned());
        let known = self.read().get(&key).cloned();
        if let Some(known) = known {
            return Ok(known);
        }
        let records = match opened.has_records {
            true => {
                let opened = opened.clone();
                let read = tokio::task::spawn_blocking(move || opened.rattler_records(place)).await;
                read.map_err(|_| GatewayError::Cancelled)?.map_err(told)?
            }
            false => self.shard(opened, subdir, name).await?,
        };
        self.read().insert(key, records.clone());
        Ok(records)
    }

    fn package_names(&self, subdir: Subdir) -> Vec<String> {
        let opened = self.subdirs.get(&subdir);
        let names = opened.map(|opened| opened.stored().names().map(str::to_owned).collect());
        names.unwrap_or_default()
    }
}

/// Stands around an error of this room, because the gateway hands on what is below an error and not the error itself.
#[derive(Debug, thiserror::Error)]
#[error("the index could not be read")]
struct NotRead(#[source] IndexError);

fn told(error: IndexError) -> GatewayError {
    let text = error.to_string();
    GatewayError::IoError(text, std::io::Error::other(NotRead(error)))
}
