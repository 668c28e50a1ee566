//! The services of a home that is made up.

use std::path::Path;
use std::sync::Arc;

use sextant::credential::FileStore;
use sextant::locations::Locations;
use sextant::service::{Services, SystemClock};

pub fn services(home: &Path) -> Services {
    let locations = Locations::inside(home);
    let credentials = Arc::new(FileStore::new(locations.credentials()));
    Services::with(locations, credentials, Arc::new(SystemClock))
}

pub fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap()
}
