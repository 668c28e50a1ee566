//! The use cases, in the words of a person: sign in, sign out, choose channels, change the domain, undo.
//!
//! Whatever changes something is two calls. `plan_…` reads the world and returns a [`plan::Plan`]: the file
//! changes, the remote effects, the warnings. The second call executes it as a journalled transaction.
//! Services are built once, from [`Locations`], a credential store and a clock, so that a test builds the same
//! ones over a temporary home.

pub mod access;
pub mod broken;
pub mod browser;
mod channel_search;
pub mod channels;
mod cloud_channels;
pub mod commit;
pub mod configuration;
pub mod connection;
pub mod doctor;
pub mod domain;
pub mod environments;
pub mod error;
pub mod found;
pub mod history;
pub mod left_behind;
mod machine;
pub mod manage_channels;
pub mod merge;
pub mod network;
pub mod offline;
pub mod packages;
pub mod plan;
pub mod policy;
pub mod preferences;
pub mod recover;
pub mod repair;
mod repository_channels;
pub mod setup;
pub mod sign_in;
pub mod sign_out;
pub mod status;
pub mod tokens;
pub mod trust;
mod under_way;
pub mod undo;
pub mod upload;
pub mod watch;

use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;

use crate::conda::Surroundings;
use crate::credential::{CredentialStore, SystemStore};
use crate::edit::history::History;
use crate::locations::Locations;
use crate::package::transaction::Discards;
use crate::repository::kerberos::{Negotiator, SystemKerberos};

use browser::{Browser, SystemBrowser};
pub use error::ServiceError;

/// What o'clock it is; a test sets it.
pub trait Clock: Send + Sync {
    fn now(&self) -> Timestamp;
}

/// The clock of the machine.
#[derive(Debug, Clone, Copy)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

type Watcher = dyn Fn(&str) + Send + Sync;

/// Everything a use case needs. Cheap to clone.
#[derive(Clone)]
pub struct Services {
    locations: Arc<Locations>,
    credentials: Arc<dyn CredentialStore>,
    clock: Arc<dyn Clock>,
    browser: Arc<dyn Browser>,
    kerberos: Arc<dyn Negotiator>,
    watcher: Arc<Watcher>,
    ways: Arc<network::Ways>,
    discards: Discards,
}

impl fmt::Debug for Services {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Services")
            .field("locations", &self.locations)
            .field("credentials", &self.credentials)
            .finish_non_exhaustive()
    }
}

impl Services {
    /// The services of this machine's user: secrets in the operating system's keyring where there is one.
    pub fn new(locations: Locations) -> Self {
        let credentials = Arc::new(SystemStore::new(locations.credentials()));
        Self::with(locations, credentials, Arc::new(SystemClock))
    }

    pub fn with(locations: Locations, credentials: Arc<dyn CredentialStore>, clock: Arc<dyn Clock>) -> Self {
        Self {
            browser: Arc::new(SystemBrowser::new(&locations)),
            kerberos: Arc::new(SystemKerberos),
            discards: Discards::new(locations.journals().with_file_name("discarded")),
            locations: Arc::new(locations),
            credentials,
            clock,
            watcher: Arc::new(|_| {}),
            ways: Arc::default(),
        }
    }

    /// Lets `watcher` see the name of every step before and after it is taken.
    #[must_use]
    pub fn watched_by(mut self, watcher: Arc<Watcher>) -> Self {
        self.watcher = watcher;
        self
    }

    /// Uses another browser than the person's own.
    #[must_use]
    pub fn with_browser(mut self, browser: Arc<dyn Browser>) -> Self {
        self.browser = browser;
        self
    }

    /// Uses another Kerberos than the system's.
    #[must_use]
    pub fn with_kerberos(mut self, kerberos: Arc<dyn Negotiator>) -> Self {
        self.kerberos = kerberos;
        self
    }

    pub(crate) fn browser(&self) -> &Arc<dyn Browser> {
        &self.browser
    }

    pub(crate) fn kerberos(&self) -> &Arc<dyn Negotiator> {
        &self.kerberos
    }

    pub fn locations(&self) -> &Locations {
        &self.locations
    }

    pub fn credentials(&self) -> &Arc<dyn CredentialStore> {
        &self.credentials
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub(crate) fn step(&self, name: &str) {
        (self.watcher)(name);
    }

    /// The same for work on other threads.
    pub(crate) fn shared_watcher(&self) -> Arc<Watcher> {
        self.watcher.clone()
    }

    pub(crate) fn watcher(&self) -> &Watcher {
        &*self.watcher
    }

    pub(crate) fn history(&self) -> History {
        History::new(self.locations.history())
    }

    pub(crate) fn surroundings(&self) -> Surroundings {
        Surroundings {
            home: self.locations.home.clone(),
            variables: self.locations.variables.clone(),
            platform: self.locations.platform,
            system_root: self.locations.system_root.clone(),
        }
    }

    /// Unique to one change of this machine: sorts by time, and is a file name everywhere.
    pub(crate) fn new_id(&self) -> String {
        let at = self.now().strftime("%Y%m%d-%H%M%S").to_string();
        format!("{at}-{}", random_hexadecimal(3))
    }
}

/// `bytes` random bytes as lower-case hexadecimal digits.
pub(crate) fn random_hexadecimal(bytes: usize) -> String {
    let mut random = vec![0; bytes];
    if getrandom::fill(&mut random).is_err() {
        // No randomness is no reason to stop: the name is unique enough by time and process.
        let fallback =
            (u64::from(std::process::id()) ^ Timestamp::now().as_nanosecond() as u64).to_be_bytes();
        for (target, source) in random.iter_mut().zip(fallback.iter().cycle()) {
            *target = *source;
        }
    }
    random.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// File work of a service: off the threads that wait for the network.
pub(crate) fn blocking<T>(work: impl FnOnce() -> T) -> T {
    match tokio::runtime::Handle::try_current().map(|handle| handle.runtime_flavor()) {
        Ok(tokio::runtime::RuntimeFlavor::MultiThread) => tokio::task::block_in_place(work),
        _ => work(),
    }
}
