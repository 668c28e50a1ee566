//! One subdir of a channel: where its index is on the server, and where it is kept here.

use std::path::{Path, PathBuf};
use std::time::Duration;

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

/// What nobody has asked after for so long belongs to channels that are no longer searched.
const FORGOTTEN: Duration = Duration::from_secs(90 * 24 * 60 * 60);

/// Removes what is kept of places that nobody has asked after for a long time. Whatever is asked after is written anew each
/// time, if only to say when.
pub(super) fn remove_forgotten(folder: &Path) {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return;
    };
    let names: Vec<_> = entries
        .flatten()
        .filter_map(|entry| entry.file_name().into_string().ok())
        .collect();
    let is_old = |name: &&String| {
        let modified = folder
            .join(name)
            .metadata()
            .and_then(|metadata| metadata.modified());
        modified.is_ok_and(|modified| modified.elapsed().is_ok_and(|age| age > FORGOTTEN))
    };
    for state in names.iter().filter(|name| name.ends_with(".json")).filter(is_old) {
        let key = state.trim_end_matches(".json");
        for name in names.iter().filter(|name| name.starts_with(key)) {
            let _ = std::fs::remove_file(folder.join(name));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::time::SystemTime;

    use super::*;

    #[test]
    fn what_is_no_longer_asked_after_is_removed_at_last() {
        let folder = tempfile::tempdir().unwrap();
        for name in [
            "aa.json",
            "aa-1.index",
            "aa.lock",
            "bb.json",
            "bb-1.index",
            "cc-1.index",
        ] {
            let file = File::create(folder.path().join(name)).unwrap();
            if name != "bb.json" {
                file.set_modified(SystemTime::now() - FORGOTTEN * 2).unwrap();
            }
        }
        remove_forgotten(folder.path());
        let mut left: Vec<_> = std::fs::read_dir(folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        left.sort();
        assert_eq!(left, ["bb-1.index", "bb.json", "cc-1.index"]);
    }

    #[test]
    fn each_address_has_files_of_its_own() {
        let channel = |url: &str| Channel {
            name: "x".to_owned(),
            url: url.to_owned(),
        };
        let key =
            |url: &str, subdir: &str, file: &str| Place::new(&channel(url), subdir, file).unwrap().key();
        let one = key("https://h/a", "noarch", "repodata.json");
        assert_eq!(one, key("https://h/a/", "noarch", "repodata.json"));
        for other in [
            key("https://h/b", "noarch", "repodata.json"),
            key("https://h/a", "linux-64", "repodata.json"),
            key("https://h/a", "noarch", "current_repodata.json"),
            key("http://h/a", "noarch", "repodata.json"),
        ] {
            assert_ne!(one, other);
        }
    }
}
