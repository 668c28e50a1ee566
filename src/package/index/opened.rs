//! The index of one channel and subdir, open for reading.

use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;

use rattler_conda_types::package::DistArchiveIdentifier;
use rattler_conda_types::{PackageRecord, RepoDataRecord, compute_package_url};

use super::error::{IndexError, IndexTrouble};
use super::fetch::Kept;
use super::place::{self, Place};
use super::state::{Content, State};
use super::store::{StoreError, Stored};
use super::update::file_names;
use super::{essentials, update};
use crate::package::{Channel, Record};

/// An index that is kept.
pub(super) struct Opened {
    pub(super) place: Place,
    stored: Stored,
    /// Whether the records are here too, and not the names alone.
    pub(super) has_records: bool,
    /// As rattler calls the channel in its records.
    channel_name: String,
    folder: std::path::PathBuf,
}

impl Opened {
    /// What is kept of a channel and subdir; nothing where the server has no such subdir.
    ///
    /// # Errors
    /// [`IndexTrouble::NotIndexed`] where nothing is kept that can be used.
    pub(super) fn open(
        cache: &Path,
        channel: &Channel,
        subdir: &str,
        names: &[String],
    ) -> Result<Option<Self>, IndexError> {
        let mut is_missing = false;
        for file_name in file_names(names) {
            let place = Place::new(channel, subdir, file_name)?;
            let Some(kept) = Kept::read(cache, &place) else {
                continue;
            };
            let Some(stored) = kept.stored else {
                is_missing = true;
                continue;
            };
            let channel_name =
                super::fetch::rattler_channel(&place).map_err(|reason| place.failed(reason))?;
            return Ok(Some(Self {
                has_records: matches!(kept.state.content, Content::Records { .. }),
                channel_name: channel_name.base_url.to_string(),
                folder: place::folder(cache),
                place,
                stored,
            }));
        }
        match is_missing {
            true => Ok(None),
            false => Err(IndexError {
                channel: channel.name.clone(),
                subdir: subdir.to_owned(),
                reason: IndexTrouble::NotIndexed,
            }),
        }
    }

    pub(super) const fn stored(&self) -> &Stored {
        &self.stored
    }

    /// Every record of a name, as it is shown; broken ones are left out.
    pub(super) fn records(&self, name: usize) -> Result<Vec<Record>, IndexError> {
        let mut records = Vec::new();
        self.each(name, |file_name, record| {
            let (channel, subdir) = (&self.place.channel, self.place.subdir.as_str());
            records.extend(essentials::shown(channel, subdir, file_name, record));
        })?;
        Ok(records)
    }

    /// Every record of a name, as the solver takes it; broken ones are left out.
    pub(super) fn rattler_records(&self, name: usize) -> Result<Vec<Arc<RepoDataRecord>>, IndexError> {
        let mut records = Vec::new();
        self.each(name, |file_name, record| {
            let read = || {
                let mut package_record: PackageRecord = serde_json::from_slice(record).ok()?;
                if package_record.subdir.is_empty() {
                    package_record.subdir.clone_from(&self.place.subdir);
                }
                Some(RepoDataRecord {
                    package_record,
                    identifier: DistArchiveIdentifier::from_str(file_name).ok()?,
                    url: compute_package_url(&self.place.url, self.stored.base(), file_name),
                    channel: Some(self.channel_name.clone()),
                })
            };
            records.extend(read().map(Arc::new));
        })?;
        Ok(records)
    }

    fn each(&self, name: usize, each: impl FnMut(&str, &[u8])) -> Result<(), IndexError> {
        let read = self.stored.details(name);
        let read = read.and_then(|details| self.stored.records_of(&details, each));
        read.map_err(|error| self.damaged(error))
    }

    pub(super) fn summary(&self, name: usize) -> Result<(Option<String>, u64), IndexError> {
        self.stored.summary(name).map_err(|error| self.damaged(error))
    }

    /// What is damaged is forgotten, so that the next update fetches it anew.
    fn damaged(&self, error: StoreError) -> IndexError {
        State::remove(&self.folder, &self.place);
        self.place.failed(IndexTrouble::Damaged {
            what: error.to_string(),
        })
    }

    /// What is told of it.
    pub(super) fn told(&self, cache: &Path, names: &[String]) -> update::SubdirIndex {
        update::kept(cache, &self.place.channel, &self.place.subdir, names)
    }
}
