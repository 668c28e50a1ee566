//! Working offline: because a person said so, or because a request has found no network.

use std::path::PathBuf;

use serde::Serialize;
use thiserror::Error;

use super::{ServiceError, Services, blocking};
use crate::edit::file;
use crate::error::{Explain, Kind, Problem};
use crate::navigator::NavigatorFile;
use crate::repository::{Domain, RepositoryError};

/// Why nothing is asked of the network.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "by")]
pub enum OfflineReason {
    /// Sextant's preferences say so.
    Preferences,
    /// Anaconda Navigator's do, and Sextant's say nothing.
    Navigator { path: PathBuf },
    /// A request has failed for want of a network, and there is none still.
    Network,
}

#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum OfflineError {
    #[error("Sextant works offline, so nothing was asked of {host}")]
    Switched { host: String, reason: OfflineReason },
}

impl Explain for OfflineError {
    fn explain(&self) -> Problem {
        let Self::Switched { reason, .. } = self;
        let problem = Problem::new(Kind::Network, self.to_string());
        match reason {
            OfflineReason::Navigator { path } => problem
                .because(format!(
                    "offline mode is on in Anaconda Navigator's preferences, {}",
                    path.display()
                ))
                .remedy("switch it off there, or for Sextant alone: sextant offline off"),
            OfflineReason::Preferences | OfflineReason::Network => problem
                .because("offline mode is on in Sextant's preferences")
                .remedy("switch it off: sextant offline off"),
        }
    }
}

impl Services {
    /// Why nothing is asked of the network now; nothing when there is no reason. Asks no network.
    pub fn offline(&self) -> Option<OfflineReason> {
        self.switched_offline()
            .or_else(|| self.reach().lacks_network().then_some(OfflineReason::Network))
    }

    /// Who has switched the network off. A file that cannot be read switches nothing: it is told elsewhere.
    fn switched_offline(&self) -> Option<OfflineReason> {
        match self
            .preferences()
            .ok()
            .and_then(|preferences| preferences.offline)
        {
            Some(true) => return Some(OfflineReason::Preferences),
            Some(false) => return None,
            None => {}
        }
        let path = self.navigator_path();
        let image = blocking(|| file::read(&path)).ok().flatten()?;
        let navigator = NavigatorFile::parse(&image.bytes).ok()?;
        navigator
            .offline_mode()
            .then_some(OfflineReason::Navigator { path })
    }

    /// Switches Sextant's own requests off or on; `None` leaves it to Anaconda Navigator's preferences.
    ///
    /// Errors: damaged preferences, which are not overwritten.
    pub fn set_offline(&self, offline: Option<bool>) -> Result<(), ServiceError> {
        let mut preferences = self.preferences()?;
        preferences.offline = offline;
        self.set_preferences(&preferences)
    }

    /// Whether a request may be sent to a server, as far as somebody decided that.
    ///
    /// Errors: [`ServiceError::Offline`].
    pub(crate) fn expect_online(&self, address: &Domain) -> Result<(), ServiceError> {
        match self.switched_offline() {
            None => Ok(()),
            Some(reason) => Err(OfflineError::Switched {
                host: address.host_and_port().to_owned(),
                reason,
            }
            .into()),
        }
    }

    /// Takes note of how something that is no plain request has ended.
    pub(crate) fn heard<T>(&self, address: &Domain, outcome: &Result<T, RepositoryError>) {
        self.reach().heard(address.host(), outcome);
    }
}
