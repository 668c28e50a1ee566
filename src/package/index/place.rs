//! One subdir of a channel: where its index is on the server, and where it is kept here.

use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use url::Url;

use super::error::{IndexError, IndexTrouble};
use crate::package::Channel;

/// The subdir that every channel has.
pub(super) const NOARCH: &str = "noarch";

/// A channel, one of its subdirs, and the name of the index that is wanted of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) channel: Channel,
    pub(super) subdir: String,
    /// `repodata.json`, or what conda's `repodata_fns` names instead.
    pub(super) file_name: String,
    /// With a slash at its end.
    pub(super) url: Url,
}

impl Place {
    pub(super) fn new(channel: &Channel, subdir: &str, file_name: &str) -> Result<Self, IndexError> {
        let address = format!("{}/{subdir}/", channel.url.trim_end_matches('/'));
        let url = Url::parse(&address).map_err(|error| IndexError {
            channel: channel.name.clone(),
            subdir: subdir.to_owned(),
            reason: IndexTrouble::Address {
                address: channel.url.clone(),
                reason: error.to_string(),
            },
        })?;
        Ok(Self {
            channel: channel.clone(),
            subdir: subdir.to_owned(),
            file_name: file_name.to_owned(),
            url,
        })
    }

    pub(super) fn failed(&self, reason: IndexTrouble) -> IndexError {
        IndexError {
            channel: self.channel.name.clone(),
            subdir: self.subdir.clone(),
            reason,
        }
    }

    /// The address of a file beside the index.
    pub(super) fn beside(&self, file_name: &str) -> Result<Url, IndexTrouble> {
        self.url.join(file_name).map_err(|error| IndexTrouble::Address {
            address: self.url.to_string(),
            reason: error.to_string(),
        })
    }

    pub(super) fn is_noarch(&self) -> bool {
        self.subdir == NOARCH
    }

    /// The beginning of the names of all files that are kept of it: one address, one name.
    pub(super) fn key(&self) -> String {
        let mut hash = Sha256::new();
        for part in [self.url.as_str(), &self.file_name] {
            hash.update(part.as_bytes());
            hash.update([0]);
        }
        hash.finalize()
            .iter()
            .take(10)
            .map(|byte| format!("{byte:02x}"))
            .collect()
    }
}

/// The folder in which indexes are kept. `cache` is Sextant's cache folder.
pub(super) fn folder(cache: &Path) -> PathBuf {
    cache.join("index")
}
