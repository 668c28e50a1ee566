//! The use cases, in the words of a person: sign in, sign out, choose channels, change the domain, undo.
//!
//! Whatever changes something is two calls. `plan_…` reads the world and returns a [`plan::Plan`]: the file
//! changes, the remote effects, the warnings. The second call executes it as a journalled transaction.
//! Services are built once, from [`Locations`], a credential store and a clock, so that a test builds the same
//! ones over a temporary home.

pub mod channels;
pub mod commit;
pub mod connection;
pub mod domain;
pub mod environments;
pub mod error;
mod machine;
pub mod merge;
pub mod plan;
pub mod preferences;
pub mod recover;
pub mod sign_in;
pub mod sign_out;
pub mod status;
pub mod undo;
pub mod watch;

use std::fmt;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;

use crate::conda::Surroundings;
use crate::credential::{CredentialStore, SystemStore};
use crate::edit::file;
use crate::edit::history::History;
use crate::locations::Locations;
use crate::repository::{
    CaBundle, Domain, HttpClient, HttpSettings, ProxySettings, ProxyVariables, RepositoryError, ServerClient,
};

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
    watcher: Arc<Watcher>,
    clients: Arc<Mutex<Vec<(CaBundle, HttpClient)>>>,
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
            locations: Arc::new(locations),
            credentials,
            clock,
            watcher: Arc::new(|_| {}),
            clients: Arc::default(),
        }
    }

    /// Lets `watcher` see the name of every step before and after it is taken.
    #[must_use]
    pub fn watched_by(mut self, watcher: Arc<Watcher>) -> Self {
        self.watcher = watcher;
        self
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

    /// The way to a server: its own CA file beside the operating system's trust store, proxies as the environment
    /// names them. Clients are kept, since making one reads the whole trust store.
    pub(crate) async fn http(&self, ca_file: Option<&Path>) -> Result<HttpClient, ServiceError> {
        let ca = match ca_file {
            None => CaBundle::default(),
            Some(path) => match file::read(path)? {
                Some(image) => CaBundle::from_bytes(&image.bytes).map_err(RepositoryError::from)?,
                None => {
                    return Err(ServiceError::NoCaFile {
                        path: path.to_owned(),
                    });
                }
            },
        };
        let known = |clients: &[(CaBundle, HttpClient)]| {
            let found = clients.iter().find(|(known, _)| *known == ca);
            found.map(|(_, client)| client.clone())
        };
        if let Some(client) = known(&self.clients.lock().unwrap_or_else(PoisonError::into_inner)) {
            return Ok(client);
        }
        let settings = HttpSettings {
            proxy: ProxySettings::Environment(ProxyVariables::capture(self.locations.variables.clone())),
            ca: ca.clone(),
            ..HttpSettings::default()
        };
        let client = HttpClient::open(settings).await?;
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        clients.push((ca, client.clone()));
        Ok(client)
    }

    pub(crate) async fn server(
        &self,
        domain: &Domain,
        ca_file: Option<&Path>,
    ) -> Result<ServerClient, ServiceError> {
        Ok(ServerClient::new(self.http(ca_file).await?, domain.clone()))
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
