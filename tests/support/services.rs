//! The services over a temporary home beside a practice server, with a clock that a test can set.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::Timestamp;
use sextant::credential::FileStore;
use sextant::locations::Locations;
use sextant::practice::{Options, Practice};
use sextant::repository::Domain;
use sextant::secret::Secret;
use sextant::service::connection::Service;
use sextant::service::merge::PutBack;
use sextant::service::sign_in::{ChannelChoice, Replacing, SignedIn};
use sextant::service::{Clock, Services};
use tempfile::TempDir;

pub const CONDARC: &str = "# mine\nchannels:\n  - conda-forge  # fast\nssl_verify: true\n";

/// The clock of the machine, moved on at will.
#[derive(Debug, Default)]
pub struct MovedClock(Mutex<Duration>);

impl MovedClock {
    pub fn advance(&self, by: Duration) {
        *self.0.lock().unwrap() += by;
    }
}

impl Clock for MovedClock {
    fn now(&self) -> Timestamp {
        Timestamp::now() + *self.0.lock().unwrap()
    }
}

pub struct Machine {
    pub practice: Practice,
    pub services: Services,
    pub clock: Arc<MovedClock>,
    runtime: tokio::runtime::Runtime,
    home: TempDir,
}

pub fn password() -> Secret {
    Secret::new("sextant")
}

impl Machine {
    /// A home with a `.condarc`, and a healthy server.
    pub fn new() -> Self {
        Self::with(Options::default(), |_, _| {})
    }

    /// `furnish` sees the server and the locations before the services are made.
    pub fn with(options: Options, furnish: impl FnOnce(&Practice, &mut Locations)) -> Self {
        let home = tempfile::tempdir().unwrap();
        fs::write(home.path().join(".condarc"), CONDARC).unwrap();
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        let practice = runtime.block_on(Practice::start(options)).unwrap();
        let mut locations = Locations::inside(home.path());
        furnish(&practice, &mut locations);
        let credentials = Arc::new(FileStore::new(locations.credentials()));
        let clock = Arc::new(MovedClock::default());
        let services = Services::with(locations, credentials, clock.clone());
        Self {
            practice,
            services,
            clock,
            runtime,
            home,
        }
    }

    pub fn wait<T>(&self, work: impl Future<Output = T>) -> T {
        self.runtime.block_on(work)
    }

    pub fn path(&self, inside: &str) -> PathBuf {
        self.home.path().join(inside)
    }

    pub fn file(&self, inside: &str) -> String {
        fs::read_to_string(self.path(inside)).unwrap_or_default()
    }

    pub fn write(&self, inside: &str, content: &str) {
        let path = self.path(inside);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    /// Alice signs in to the practice server.
    pub fn sign_in(&self) -> SignedIn {
        let domain = Domain::parse(self.practice.url()).unwrap();
        let services = &self.services;
        self.wait(async {
            let login = services.log_in(&domain, None, "alice", &password()).await?;
            let plan = services.plan_sign_in(&login, &ChannelChoice::default(), &Replacing::Nothing)?;
            services.sign_in(&login, &plan).await
        })
        .unwrap()
    }

    pub fn sign_out(&self) {
        let plan = self
            .services
            .plan_sign_out(Service::Server, &PutBack::KeepEdits)
            .unwrap();
        self.wait(self.services.sign_out(Service::Server, &plan, None))
            .unwrap();
    }

    /// What a reinstallation does: everything of Sextant's and every token file is lost, the server knows nothing of it.
    pub fn forget_everything(&self) {
        for folder in [".local", ".config", ".continuum", ".anaconda"] {
            let _ = fs::remove_dir_all(self.path(folder));
        }
        fs::write(self.path(".condarc"), CONDARC).unwrap();
    }

    /// The content of every token file.
    pub fn token_values(&self) -> Vec<String> {
        let listing = self.listing();
        let values = listing
            .into_iter()
            .filter(|(path, _)| path.extension().is_some_and(|extension| extension == "token"));
        values.map(|(_, content)| content).collect()
    }

    /// Every file of the home but Sextant's own, with its content.
    pub fn listing(&self) -> BTreeMap<PathBuf, String> {
        let mut found = BTreeMap::new();
        walk(self.home.path(), self.home.path(), &mut found);
        found
    }
}

fn walk(folder: &Path, root: &Path, found: &mut BTreeMap<PathBuf, String>) {
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.ends_with(".local/share/sextant") {
            continue;
        }
        if path.is_dir() {
            walk(&path, root, found);
        } else {
            let content = String::from_utf8_lossy(&fs::read(&path).unwrap()).into_owned();
            found.insert(path.strip_prefix(root).unwrap().to_owned(), content);
        }
    }
}
