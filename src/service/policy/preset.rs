//! A preset: what a person takes over from a colleague or an administrator, as a file or a link.

use std::path::{Path, PathBuf};

use url::Url;

use super::{Authority, PolicyError, PolicyFile};
use crate::edit::{self, lock::Lock};
use crate::repository::{Domain, fetch_text};
use crate::service::{ServiceError, Services, blocking};

/// A preset that was read, and is in force only once it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preset {
    /// The file or link that it came from.
    pub source: String,
    pub file: PolicyFile,
    text: String,
}

impl Services {
    /// Reads a preset from a file or from a link that begins with `https://`. Nothing is stored.
    ///
    /// Errors: [`PolicyError::NoPreset`], [`PolicyError::NotALink`], [`PolicyError::NotFetched`],
    /// [`PolicyError::Damaged`] with every line that is wrong.
    pub async fn read_preset(&self, source: &str) -> Result<Preset, ServiceError> {
        let (path, bytes) = match source.contains("://") {
            true => (PathBuf::from(source), self.fetch_preset(source).await?),
            false => {
                let path = Path::new(source);
                let image = blocking(|| edit::file::read(path))?;
                let missing = || PolicyError::NoPreset {
                    path: path.to_owned(),
                };
                (path.to_owned(), image.ok_or_else(missing)?.bytes)
            }
        };
        let damaged = |problems| PolicyError::Damaged {
            by: Authority::Preset,
            path,
            problems,
        };
        Ok(Preset {
            source: source.to_owned(),
            file: PolicyFile::parse(&bytes).map_err(damaged)?,
            text: String::from_utf8_lossy(&bytes).into_owned(),
        })
    }

    async fn fetch_preset(&self, source: &str) -> Result<Vec<u8>, ServiceError> {
        let not_a_link = || PolicyError::NotALink {
            address: crate::secret::mask_text(source),
        };
        let url = Url::parse(source).map_err(|_| not_a_link())?;
        if url.scheme() != "https" || !url.username().is_empty() || url.password().is_some() {
            return Err(not_a_link().into());
        }
        let http = self.http(&Domain::parse(source)?, None).await?;
        let text = fetch_text(&http, &url).await;
        Ok(text.map_err(|source| PolicyError::NotFetched { source })?)
    }

    /// Stores a preset: from now on it is in force. The one that was stored before is replaced.
    ///
    /// Errors: file errors; [`ServiceError::Lock`] while another Sextant changes something.
    pub fn store_preset(&self, preset: &Preset) -> Result<(), ServiceError> {
        blocking(|| {
            let _lock = Lock::take(&self.locations().lock())?;
            let head = format!("# Taken over from {}\n", preset.source.replace(['\n', '\r'], " "));
            let text = match preset.text.starts_with("# Taken over from ") {
                true => preset.text.clone(),
                false => head + &preset.text,
            };
            Ok(edit::file::write(&self.preset_path(), text.as_bytes(), 0o644)?)
        })
    }

    /// Takes the preset out of force. Whether there was one.
    ///
    /// Errors: as for [`Services::store_preset`].
    pub fn forget_preset(&self) -> Result<bool, ServiceError> {
        blocking(|| {
            let _lock = Lock::take(&self.locations().lock())?;
            let path = self.preset_path();
            let is_there = path.symlink_metadata().is_ok();
            edit::file::remove(&path)?;
            Ok(is_there)
        })
    }
}
