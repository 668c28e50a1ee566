//! A throw-away home with settings of Sextant and conda and an environment of its own, and the way that follows.

// Every test file that includes this uses only a part of it.
#![allow(dead_code)]

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use sextant::credential::FileStore;
use sextant::locations::Locations;
use sextant::repository::{Domain, RepositoryError, TlsFailure};
use sextant::service::network::Way;
use sextant::service::{ServiceError, Services, SystemClock};

/// A home of one's own, with the variables that a test gives it.
pub struct Home {
    pub folder: tempfile::TempDir,
    variables: Vec<(String, String)>,
}

impl Home {
    pub fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            variables: Vec::new(),
        }
    }

    pub fn file(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        path
    }

    pub fn variable(mut self, name: &str, value: impl Into<String>) -> Self {
        self.variables.push((name.to_owned(), value.into()));
        self
    }

    /// As the next start of the program would make them.
    pub fn services(&self) -> Services {
        let mut locations = Locations::inside(self.folder.path());
        locations.variables.extend(self.variables.iter().cloned());
        let credentials = Arc::new(FileStore::new(locations.credentials()));
        Services::with(locations, credentials, Arc::new(SystemClock))
    }

    pub fn way(&self, domain: &str) -> Way {
        self.services().way_to(&of(domain), None).unwrap()
    }

    /// The proxy on the way, and where it is set.
    pub fn proxy(&self, domain: &str) -> Option<(String, String)> {
        self.way(domain).proxy.map(|proxy| (proxy.address, proxy.source))
    }

    pub fn warnings(&self, domain: &str) -> Vec<String> {
        let warnings = self.way(domain).warnings;
        warnings.into_iter().map(|warning| warning.message).collect()
    }
}

pub fn of(domain: &str) -> Domain {
    Domain::parse(domain).unwrap()
}

pub async fn check(services: &Services, domain: &str) -> Result<(), ServiceError> {
    services.check_domain(&of(domain), None, |_| ()).await.map(|_| ())
}

pub async fn refused(services: &Services, domain: &str) -> TlsFailure {
    match check(services, domain).await {
        Err(ServiceError::Repository(RepositoryError::Tls(failure))) => *failure,
        other => panic!("{other:?}"),
    }
}
