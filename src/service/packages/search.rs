//! Searching for packages by name (seeds 000 and 001: "gain access to all packages").

use crate::error::{Explain, Problem};
use crate::package::Record;
use crate::package::index::Hit;
use crate::service::{ServiceError, Services};

/// What a search found.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Found {
    pub hits: Vec<Hit>,
    /// How many names were looked through.
    pub names: usize,
    /// Channels and subdirs of which no index is kept, so that nothing of theirs is found.
    pub lacking: Vec<Problem>,
}

impl Services {
    /// The names that fit what somebody types, at most `limit`, the best first. Asks no network. Whoever searches at every
    /// key press opens [`Self::package_index`] once and searches that.
    ///
    /// # Errors
    /// As [`Self::package_index`].
    pub fn search_packages(&self, query: &str, limit: usize) -> Result<Found, ServiceError> {
        let index = self.package_index()?;
        Ok(Found {
            hits: index.search(query, limit),
            names: index.len(),
            lacking: index.lacking().iter().map(Explain::explain).collect(),
        })
    }

    /// Every version and build of a package that the channels offer, the newest first. Sharded channels are asked.
    ///
    /// # Errors
    /// As [`Self::package_index`], and an index that is damaged or cannot be asked.
    pub async fn package_versions(&self, name: &str) -> Result<Vec<Record>, ServiceError> {
        Ok(self.package_index()?.versions(name).await?)
    }
}
