//! What environments take on the disk: counted in the background, and remembered until the next count.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::time::UNIX_EPOCH;

use serde::{Deserialize, Serialize};

use crate::conda::environment::size::{self, Size, SizeProgress, Sizes};
use crate::conda::environment::{EnvironmentError, folders, roots};
use crate::edit::file::{self, PRIVATE};
use crate::service::{ServiceError, Services, blocking};

/// What an environment took when it was last counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownSize {
    pub size: Size,
    /// When the folders that every change of packages touches were last changed, in seconds: of `conda-meta` and of
    /// site-packages.
    stamps: Vec<u64>,
}

impl KnownSize {
    fn of(size: Size) -> Self {
        Self {
            stamps: stamps(&size.prefix),
            size,
        }
    }

    /// Whether nothing was installed or removed since.
    pub fn is_current(&self) -> bool {
        self.stamps == stamps(&self.size.prefix)
    }
}

impl Services {
    /// What was counted last, by prefix: to be shown until [`Services::measure_environments`] knows better.
    pub fn known_sizes(&self) -> BTreeMap<PathBuf, KnownSize> {
        blocking(|| self.read_sizes())
    }

    /// Counts what environments take, and the package caches beside them. Takes seconds where much is there: not on a thread
    /// that waits for the network. `stop` ends it within a few files.
    ///
    /// Errors: [`EnvironmentError::Cancelled`].
    pub fn measure_environments(
        &self,
        prefixes: &[PathBuf],
        progress: &dyn Fn(SizeProgress),
        stop: &AtomicBool,
    ) -> Result<Sizes, ServiceError> {
        let measured = size::measure(prefixes, &self.package_caches(), progress, stop);
        let sizes = measured.map_err(|_| EnvironmentError::Cancelled)?;
        let mut known = self.read_sizes();
        known.retain(|prefix, _| folders::is_environment(prefix));
        for size in &sizes.environments {
            known.insert(size.prefix.clone(), KnownSize::of(size.clone()));
        }
        if let Ok(text) = serde_json::to_vec(&known) {
            // It is counted again where it cannot be remembered.
            let _ = file::write(&self.sizes_path(), &text, PRIVATE);
        }
        Ok(sizes)
    }

    /// The package caches of every conda on this machine, and Sextant's own.
    fn package_caches(&self) -> Vec<PathBuf> {
        let surroundings = self.surroundings();
        let mut caches = vec![self.locations().cache().join("pkgs")];
        caches.extend(folders::pkgs_dirs(&surroundings, None));
        for root in roots(&surroundings) {
            caches.extend(folders::pkgs_dirs(&surroundings, Some(&root)));
        }
        let mut unique: Vec<PathBuf> = Vec::new();
        for cache in caches {
            if cache.is_dir() && !unique.contains(&cache) {
                unique.push(cache);
            }
        }
        unique
    }

    fn sizes_path(&self) -> PathBuf {
        self.locations().cache().join("environment-sizes.json")
    }

    fn read_sizes(&self) -> BTreeMap<PathBuf, KnownSize> {
        let image = file::read(&self.sizes_path()).ok().flatten();
        image
            .and_then(|image| serde_json::from_slice(&image.bytes).ok())
            .unwrap_or_default()
    }
}

fn stamps(prefix: &Path) -> Vec<u64> {
    let mut folders = vec![prefix.join("conda-meta")];
    let libraries = std::fs::read_dir(prefix.join("lib"))
        .into_iter()
        .flatten()
        .flatten();
    folders.extend(libraries.map(|entry| entry.path().join("site-packages")));
    folders.push(prefix.join("Lib").join("site-packages"));
    folders.sort();
    folders
        .iter()
        .filter_map(|folder| {
            let changed = folder.metadata().ok()?.modified().ok()?;
            Some(changed.duration_since(UNIX_EPOCH).ok()?.as_secs())
        })
        .collect()
}
