//! Getting everything that will be linked: found on this machine, or downloaded, checked and taken apart.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use futures::StreamExt;
use jiff::Timestamp;
use rattler_conda_types::RepoDataRecord;
use tempfile::TempDir;

use super::contents::Contents;
use super::download::Download;
use super::error::CacheError;
use super::{Digests, PackageCache, archive_kind, remove_whole, stem_of, unpack};
use crate::edit::file::FileError;
use crate::edit::lock::Lock;
use crate::package::stop::Stop;
use crate::package::transport::Transport;
use crate::side_by_side;

/// Downloads at one time. More would make no network faster, and some servers refuse them.
const AT_ONCE: usize = 8;

/// Bytes between two words about a download.
const TELL_EACH: u64 = 64 * 1024;

/// A package that will be linked.
#[derive(Debug, Clone)]
pub(in crate::package) struct Needed {
    pub record: RepoDataRecord,
    /// Only its address is known: the archive tells the rest.
    pub is_unindexed: bool,
}

/// How far it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::package) enum Told {
    Downloading {
        bytes: u64,
        total: u64,
        package: String,
    },
    Unpacking {
        done: usize,
        total: usize,
        package: String,
    },
}

/// Provides every package, in the order in which they are needed.
///
/// Errors: the first failure ends the rest, and nothing half done stays; [`CacheError::Cancelled`] when `stop` is set.
/// A package that came in whole stays in the cache either way.
pub(in crate::package) async fn provide(
    cache: &PackageCache,
    transport: &Transport,
    needed: Vec<Needed>,
    tell: impl Fn(Told) + Send + Sync + 'static,
    stop: &Stop,
) -> Result<Vec<Contents>, CacheError> {
    let needed = Arc::new(needed);
    let mut contents = {
        let (cache, needed, stop) = (cache.clone(), needed.clone(), stop.clone());
        off_the_runtime(move || find_all(&cache, &needed, &stop)).await?
    };
    let missing: Vec<usize> = (0..contents.len()).filter(|at| contents[*at].is_none()).collect();
    if missing.is_empty() {
        return Ok(contents.into_iter().flatten().collect());
    }
    let session = {
        let cache = cache.clone();
        off_the_runtime(move || Session::open(&cache.folder)).await?
    };
    let sizes = missing
        .iter()
        .filter_map(|at| needed[*at].record.package_record.size);
    let fetching = Arc::new(Fetching {
        cache: cache.clone(),
        transport: transport.clone(),
        folder: session.folder.clone(),
        // One failure ends the rest.
        stop: Stop::default(),
        tell: Box::new(tell),
        bytes: AtomicU64::new(0),
        told: AtomicU64::new(0),
        total: AtomicU64::new(sizes.sum()),
        unpacked: AtomicUsize::new(0),
        count: missing.len(),
    });
    let ended = fetching.all(&needed, missing, stop).await;
    off_the_runtime(move || {
        drop(session);
        Ok(())
    })
    .await?;
    for (at, fetched) in ended? {
        contents[at] = Some(fetched);
    }
    Ok(contents.into_iter().flatten().collect())
}

/// File work, off the threads that wait for the network.
async fn off_the_runtime<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, CacheError> + Send + 'static,
) -> Result<T, CacheError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            // The runtime is going down.
            Err(_) => Err(CacheError::Cancelled),
        },
    }
}

/// What lies here already, on as many threads as the machine has.
fn find_all(
    cache: &PackageCache,
    needed: &[Needed],
    stop: &Stop,
) -> Result<Vec<Option<Contents>>, CacheError> {
    let find = |wanted: &Needed| match stop.is_set() {
        true => Err(CacheError::Cancelled),
        false => cache.find(wanted),
    };
    side_by_side::try_each(needed, find)
}

/// A folder for what is on its way, taken away at the end. What a killed session has left is taken away by the next.
#[derive(Debug)]
struct Session {
    folder: PathBuf,
    lock_file: PathBuf,
    _lock: Lock,
}

impl Session {
    fn open(cache: &Path) -> Result<Self, CacheError> {
        let fetching = cache.join(".fetching");
        fs::create_dir_all(&fetching).map_err(|error| FileError::of_io(error, &fetching, "created"))?;
        Self::sweep(&fetching);
        let mut tries = 3;
        loop {
            match Self::begin(&fetching) {
                // Another Sextant swept between making the lock and taking it.
                Err(CacheError::Lock(_)) if tries > 1 => tries -= 1,
                begun => return begun,
            }
        }
    }

    /// The lock is there before the folder and goes after it, so that a folder without one is nobody's.
    fn begin(fetching: &Path) -> Result<Self, CacheError> {
        let name = random_name();
        let lock_file = fetching.join(format!("{name}.lock"));
        let lock = Lock::take(&lock_file)?;
        let folder = fetching.join(name);
        fs::create_dir(&folder).map_err(|error| FileError::of_io(error, &folder, "created"))?;
        Ok(Self {
            folder,
            lock_file,
            _lock: lock,
        })
    }

    /// A lock that can be taken is nobody's any more.
    fn sweep(fetching: &Path) {
        for found in fs::read_dir(fetching).into_iter().flatten().flatten() {
            let path = found.path();
            if path.extension().is_none() {
                if !path.with_extension("lock").exists() {
                    let _ = remove_whole(&path);
                }
                continue;
            }
            let Ok(file) = File::options().read(true).write(true).open(&path) else {
                continue;
            };
            if file.try_lock().is_ok() {
                let _ = remove_whole(&path.with_extension(""));
                let _ = fs::remove_file(&path);
            }
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        let _ = remove_whole(&self.folder);
        let _ = fs::remove_file(&self.lock_file);
        if let Some(fetching) = self.folder.parent() {
            // Stays where another session is at work.
            let _ = fs::remove_dir(fetching);
        }
    }
}

fn random_name() -> String {
    let mut random = [0; 8];
    if getrandom::fill(&mut random).is_err() {
        // Unique enough: no two processes have one number, and none opens two sessions at one instant.
        random =
            (u64::from(std::process::id()) << 32 ^ Timestamp::now().as_nanosecond() as u64).to_be_bytes();
    }
    random.iter().map(|byte| format!("{byte:02x}")).collect()
}

struct Fetching {
    cache: PackageCache,
    transport: Transport,
    folder: PathBuf,
    stop: Stop,
    tell: Box<dyn Fn(Told) + Send + Sync>,
    bytes: AtomicU64,
    /// How many bytes there were at the last word about them.
    told: AtomicU64,
    total: AtomicU64,
    unpacked: AtomicUsize,
    count: usize,
}

impl Fetching {
    async fn all(
        self: &Arc<Self>,
        needed: &Arc<Vec<Needed>>,
        missing: Vec<usize>,
        stop: &Stop,
    ) -> Result<Vec<(usize, Contents)>, CacheError> {
        let work = missing.into_iter().map(|at| {
            let (fetching, needed) = (self.clone(), needed.clone());
            async move { Ok::<_, CacheError>((at, fetching.one(&needed[at]).await?)) }
        });
        let mut ended = futures::stream::iter(work).buffer_unordered(AT_ONCE);
        let mut fetched = Vec::new();
        let mut failed = None;
        // Every one is waited for, also after a failure: what is still being written cannot be taken away.
        loop {
            let next = tokio::select! {
                next = ended.next() => next,
                () = stop.wished(), if !self.stop.is_set() => {
                    self.stop.set();
                    continue;
                }
            };
            match next {
                None => break,
                Some(Ok(one)) => fetched.push(one),
                Some(Err(error)) => {
                    self.stop.set();
                    failed.get_or_insert(error);
                }
            }
        }
        match failed {
            None => Ok(fetched),
            Some(error) => Err(error),
        }
    }

    async fn one(self: &Arc<Self>, needed: &Needed) -> Result<Contents, CacheError> {
        let record = &needed.record;
        let package = stem_of(record);
        let kind = archive_kind(record)?;
        if self.stop.is_set() {
            return Err(CacheError::Cancelled);
        }
        let place = TempDir::new_in(&self.folder)
            .map_err(|error| FileError::of_io(error, &self.folder, "written"))?;
        let (archive, digests) = self.archive(record, &package, place.path()).await?;
        let needed = needed.clone();
        let fetching = self.clone();
        let contents = off_the_runtime(move || {
            let name = stem_of(&needed.record);
            digests
                .is_announced_by(&needed.record)
                .map_err(|(announced, found)| CacheError::WrongContent {
                    package: name.clone(),
                    url: needed.record.url.to_string(),
                    announced,
                    found,
                })?;
            let unpacked = place.path().join("unpacked");
            unpack::unpack(&name, &archive, kind, &unpacked, &fetching.stop)?;
            let mut contents = Contents::read(&unpacked, &needed.record, needed.is_unindexed)?;
            if needed.is_unindexed {
                contents.record.package_record.sha256 = Some(digests.sha256);
                contents.record.package_record.md5 = Some(digests.md5);
                contents.record.package_record.size = Some(digests.size);
            }
            write_record(&unpacked, &contents.record, digests)?;
            contents.folder = fetching.settle(&unpacked, &needed)?;
            // Off the runtime too: an archive may be large.
            drop(place);
            Ok(contents)
        })
        .await?;
        (self.tell)(Told::Unpacking {
            done: self.unpacked.fetch_add(1, Ordering::SeqCst) + 1,
            total: self.count,
            package,
        });
        Ok(contents)
    }

    /// The archive: one that conda has kept, one of a channel on this machine, or a download.
    async fn archive(
        &self,
        record: &RepoDataRecord,
        package: &str,
        place: &Path,
    ) -> Result<(PathBuf, Digests), CacheError> {
        if let Some(kept) = self.cache.archive_of_conda(record) {
            let read = kept.clone();
            let digests = off_the_runtime(move || {
                Digests::of_file(&read).map_err(|error| FileError::of_io(error, &read, "read").into())
            });
            if let Ok(digests) = digests.await
                && digests.is_announced_by(record).is_ok()
            {
                self.arrived(package, 0, digests.size);
                return Ok((kept, digests));
            }
        }
        if record.url.scheme() == "file" {
            let path = record.url.to_file_path().map_err(|()| CacheError::BrokeOff {
                package: package.to_owned(),
                url: record.url.to_string(),
                reason: "this address names no file of this machine".to_owned(),
            })?;
            let read = path.clone();
            let digests = off_the_runtime(move || {
                Digests::of_file(&read).map_err(|error| FileError::of_io(error, &read, "read").into())
            });
            let digests = digests.await?;
            self.arrived(package, 0, digests.size);
            return Ok((path, digests));
        }
        let to = place.join("archive");
        let download = Download {
            transport: &self.transport,
            record,
            package,
            stop: &self.stop,
        };
        let before = AtomicU64::new(0);
        let digests = download
            .run(&to, |bytes| {
                let before = before.swap(bytes, Ordering::SeqCst);
                self.arrived(package, before, bytes);
            })
            .await?;
        Ok((to, digests))
    }

    /// Says how much has arrived, not with every packet.
    fn arrived(&self, package: &str, before: u64, now: u64) {
        let bytes = self.bytes.fetch_add(now, Ordering::SeqCst) + now;
        let bytes = bytes.saturating_sub(before);
        self.bytes.fetch_sub(before, Ordering::SeqCst);
        let total = self.total.fetch_max(bytes, Ordering::SeqCst).max(bytes);
        let told = self.told.load(Ordering::SeqCst);
        if told == 0 || bytes < told || bytes >= told + TELL_EACH || bytes == total {
            self.told.store(bytes, Ordering::SeqCst);
            (self.tell)(Told::Downloading {
                bytes,
                total,
                package: package.to_owned(),
            });
        }
    }

    /// Moves a whole package to its place. Another Sextant may have been quicker; then its package is used.
    fn settle(&self, unpacked: &Path, needed: &Needed) -> Result<PathBuf, CacheError> {
        let place = self.cache.place_of(&needed.record)?;
        if fs::rename(unpacked, &place).is_ok() {
            return Ok(place);
        }
        match self.cache.find(needed)? {
            Some(theirs) => Ok(theirs.folder),
            None => {
                fs::rename(unpacked, &place).map_err(|error| FileError::of_io(error, &place, "written"))?;
                Ok(place)
            }
        }
    }
}

/// What conda writes beside a package that it has unpacked.
fn write_record(unpacked: &Path, record: &RepoDataRecord, digests: Digests) -> Result<(), CacheError> {
    let path = unpacked.join("info/repodata_record.json");
    let mut record = record.clone();
    record.package_record.sha256 = Some(digests.sha256);
    record.package_record.md5 = Some(digests.md5);
    record.package_record.size = Some(digests.size);
    let text = serde_json::to_vec_pretty(&record).map_err(|error| CacheError::Damaged {
        package: stem_of(&record),
        reason: error.to_string(),
    })?;
    fs::write(&path, text).map_err(|error| FileError::of_io(error, &path, "written").into())
}
