//! How a file or folder looked at one moment.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::{self, Metadata};
use std::path::Path;
use std::time::SystemTime;

/// What tells one folder from another of the same name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Identity {
    #[cfg(unix)]
    inode: (u64, u64),
    #[cfg(not(unix))]
    created: Option<SystemTime>,
}

impl Identity {
    pub fn of(folder: &Path) -> Option<Self> {
        let metadata = fs::metadata(folder).ok()?;
        #[cfg(unix)]
        {
            use std::os::unix::fs::MetadataExt;
            Some(Self {
                inode: (metadata.dev(), metadata.ino()),
            })
        }
        #[cfg(not(unix))]
        Some(Self {
            created: metadata.created().ok(),
        })
    }
}

/// What changes when a file changes, without reading it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Stamp {
    length: u64,
    modified: Option<SystemTime>,
    /// Inode, and the moment of the last change of content or permissions.
    #[cfg(unix)]
    change: (u64, i64, i64),
}

impl Stamp {
    fn of(metadata: &Metadata) -> Self {
        Self {
            length: metadata.len(),
            modified: metadata.modified().ok(),
            #[cfg(unix)]
            change: {
                use std::os::unix::fs::MetadataExt;
                (metadata.ino(), metadata.ctime(), metadata.ctime_nsec())
            },
        }
    }
}

/// The files of a place: the file itself, or those of a folder; none where nothing is there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Fingerprint(BTreeMap<OsString, Stamp>);

impl Fingerprint {
    pub fn of(path: &Path) -> Self {
        let Ok(metadata) = fs::metadata(path) else {
            return Self::default();
        };
        if metadata.is_file() {
            return Self(BTreeMap::from([(OsString::new(), Stamp::of(&metadata))]));
        }
        let entries = fs::read_dir(path).into_iter().flatten().flatten();
        Self(
            entries
                .filter_map(|entry| {
                    let metadata = fs::metadata(entry.path()).ok()?;
                    let stamp = metadata.is_file().then(|| Stamp::of(&metadata))?;
                    Some((entry.file_name(), stamp))
                })
                .collect(),
        )
    }
}
