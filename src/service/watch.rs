//! Noticing that other programs change the files that Sextant shows.
//!
//! Folders are watched, since programs replace files rather than rewrite them; where a folder is missing, the nearest one
//! above it. What the operating system reports only gives the occasion to look: what counts is whether the files differ
//! from when they were looked at last.

mod mounts;
mod snapshot;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures::{Stream, stream};
use notify::event::{EventKind, ModifyKind};
use notify::{ErrorKind, Event, RecursiveMode, Watcher};
use serde::Serialize;
use tokio::sync::Notify;
use tokio::time::{Instant, timeout, timeout_at};

use super::{Services, blocking};
use crate::clients;
use crate::conda::{search_path, token_file};
use crate::edit::file;
use crate::navigator::location;
use snapshot::{Fingerprint, Identity};

/// What happens within this time is one change.
const QUIET: Duration = Duration::from_millis(150);

/// A change that goes on and on is told after this time all the same.
const LONGEST: Duration = Duration::from_secs(1);

/// How often the files are looked at where nothing reports their changes.
const POLL: Duration = Duration::from_secs(5);

/// How often folders may come and go while they are being watched, before that is left to the next look.
const ROUNDS: usize = 8;

/// What the files are about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Subject {
    /// A `.condarc` that conda reads.
    Condarc,
    /// `anaconda-navigator.ini`.
    Navigator,
    /// Token files and sessions, whoever wrote them.
    Tokens,
    /// What anaconda-client, conda-repo-cli and anaconda-auth know of logins.
    OtherTools,
    /// What Sextant remembers; another Sextant changed it.
    Connections,
    /// What the person decided about Sextant itself.
    Preferences,
}

/// How changes are noticed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "by")]
pub enum Noticed {
    /// The operating system reports them.
    Events,
    /// The files are looked at every few seconds, because not all of their changes are reported.
    Polling { reason: String },
}

/// Files have changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Changed {
    /// Never empty.
    pub subjects: BTreeSet<Subject>,
    pub noticed: Noticed,
}

impl Services {
    /// Every change of the files from now on, changes by this program included; a burst of them is one. It never ends by
    /// itself, and dropping it ends the watching.
    ///
    /// Reads files before it returns: call it off the window's thread, within the runtime that drives the stream.
    pub fn watch(&self) -> impl Stream<Item = Changed> + Send + use<> {
        let services = self.clone();
        let watch = blocking(|| Watch::start(services, &system_watcher, POLL));
        watch.changes()
    }

    /// The files, and the folders whose files count, with what they are about. None of them need exist.
    pub(crate) fn watched_places(&self) -> Vec<(PathBuf, Subject)> {
        let locations = self.locations();
        let surroundings = self.surroundings();
        let navigator = location::candidates(
            &locations.home,
            |name| locations.variable(name).map(str::to_owned),
            locations.platform,
        );
        let others = clients::watched(&self.machine());
        let tokens = token_file::folders(&surroundings)
            .into_iter()
            .map(|folder| folder.path)
            .chain(others.tokens);
        let mut places: Vec<(PathBuf, Subject)> = Vec::new();
        let mut add = |paths: &mut dyn Iterator<Item = PathBuf>, subject| {
            places.extend(paths.map(|path| (path, subject)));
        };
        add(
            &mut search_path::places(&surroundings).into_iter(),
            Subject::Condarc,
        );
        add(&mut navigator.into_iter(), Subject::Navigator);
        add(&mut tokens.into_iter(), Subject::Tokens);
        add(&mut others.settings.into_iter(), Subject::OtherTools);
        add(&mut [locations.connections()].into_iter(), Subject::Connections);
        let own = [self.preferences_path(), self.trust_path()];
        add(&mut own.into_iter(), Subject::Preferences);
        places
    }
}

/// Makes what reports changes of folders to the ear.
type MakeWatcher = dyn Fn(Arc<Ear>) -> notify::Result<Box<dyn Watcher + Send>>;

fn system_watcher(ear: Arc<Ear>) -> notify::Result<Box<dyn Watcher + Send>> {
    let watcher = notify::recommended_watcher(move |event| ear.hear(event))?;
    Ok(Box::new(watcher))
}

/// Where reports arrive.
#[derive(Debug, Default)]
struct Ear {
    occasion: Notify,
    /// What was removed or renamed since the last look. A watched folder among it is watched no more, even if another has
    /// its name and number since.
    gone: Mutex<BTreeSet<PathBuf>>,
}

impl Ear {
    /// More than this is not remembered while nobody looks.
    const MOST: usize = 1024;

    fn hear(&self, event: notify::Result<Event>) {
        match event {
            // Looking at files is reported, too, this program's own looking included.
            Ok(event) if event.kind.is_access() => return,
            Ok(event)
                if event.kind.is_remove() || matches!(event.kind, EventKind::Modify(ModifyKind::Name(_))) =>
            {
                let mut gone = self.gone.lock().unwrap_or_else(PoisonError::into_inner);
                if gone.len() < Self::MOST {
                    gone.extend(event.paths);
                }
            }
            Ok(_) | Err(_) => {}
        }
        self.occasion.notify_one();
    }

    fn gone(&self) -> BTreeSet<PathBuf> {
        std::mem::take(&mut self.gone.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

struct Watch {
    services: Services,
    watcher: Option<Box<dyn Watcher + Send>>,
    ear: Arc<Ear>,
    /// The folders that are watched. A folder of the same name that took another's place is another folder.
    folders: BTreeMap<PathBuf, Identity>,
    known: BTreeMap<(PathBuf, Subject), Fingerprint>,
    /// Why changes may go unreported.
    trouble: Option<String>,
    poll: Duration,
}

impl Watch {
    fn start(services: Services, make_watcher: &MakeWatcher, poll: Duration) -> Self {
        let ear = Arc::new(Ear::default());
        let (watcher, trouble) = match make_watcher(Arc::clone(&ear)) {
            Ok(watcher) => (
                Some(watcher),
                mounts::network_file_system_of(&services.locations().home),
            ),
            Err(error) => (None, Some(reason_of(&error))),
        };
        let mut watch = Self {
            services,
            watcher,
            ear,
            folders: BTreeMap::new(),
            known: BTreeMap::new(),
            trouble,
            poll,
        };
        watch.look();
        watch
    }

    fn changes(self) -> impl Stream<Item = Changed> + Send {
        stream::unfold(self, |mut watch| async move {
            let changed = watch.next().await;
            Some((changed, watch))
        })
    }

    async fn next(&mut self) -> Changed {
        loop {
            let poll = self.trouble.is_some().then_some(self.poll);
            occasion_to_look(&self.ear.occasion, poll).await;
            let subjects = blocking(|| self.look());
            if !subjects.is_empty() {
                let noticed = match &self.trouble {
                    None => Noticed::Events,
                    Some(reason) => Noticed::Polling {
                        reason: reason.clone(),
                    },
                };
                return Changed { subjects, noticed };
            }
        }
    }

    /// Looks at all files, and sees to it that their folders are watched. What differs from the last time.
    fn look(&mut self) -> BTreeSet<Subject> {
        let places = self.services.watched_places();
        // First the folders: what changes after that is reported.
        self.watch_folders(&places);
        let now: BTreeMap<_, _> = places
            .into_iter()
            .map(|(path, subject)| {
                let fingerprint = Fingerprint::of(&path);
                ((path, subject), fingerprint)
            })
            .collect();
        let nothing = Fingerprint::default();
        let differs = |key: &(PathBuf, Subject)| {
            now.get(key).unwrap_or(&nothing) != self.known.get(key).unwrap_or(&nothing)
        };
        let subjects = now
            .keys()
            .chain(self.known.keys())
            .filter(|key| differs(key))
            .map(|(_, subject)| *subject)
            .collect();
        self.known = now;
        subjects
    }

    /// Watches the folders that matter now and no others. A folder that appears while it happens is found in the next
    /// round, since nothing would report it; where that goes on and on, at the next look.
    fn watch_folders(&mut self, places: &[(PathBuf, Subject)]) {
        let Some(watcher) = &mut self.watcher else { return };
        let gone = self.ear.gone();
        self.folders.retain(|folder, _| {
            let stays = !gone.contains(folder);
            if !stays {
                let _ = watcher.unwatch(folder);
            }
            stays
        });
        for _ in 0..ROUNDS {
            let wanted: BTreeSet<PathBuf> = places.iter().flat_map(|(path, _)| folders_for(path)).collect();
            let identities: BTreeMap<PathBuf, Identity> = wanted
                .into_iter()
                .filter_map(|folder| Some((folder.clone(), Identity::of(&folder)?)))
                .collect();
            if identities == self.folders {
                return;
            }
            for (folder, identity) in &self.folders {
                if identities.get(folder) != Some(identity) {
                    // It may have ended by itself, with the folder.
                    let _ = watcher.unwatch(folder);
                }
            }
            for (folder, identity) in &identities {
                if self.folders.get(folder) == Some(identity) {
                    continue;
                }
                if let Err(error) = watcher.watch(folder, RecursiveMode::NonRecursive)
                    && folder.exists()
                {
                    self.trouble.get_or_insert(reason_of(&error));
                }
            }
            self.folders = identities;
        }
        self.ear.occasion.notify_one();
    }
}

/// Waits until something was reported and it is quiet again, or, with `poll`, until it is time to look all the same.
async fn occasion_to_look(occasion: &Notify, poll: Option<Duration>) {
    match poll {
        None => occasion.notified().await,
        Some(poll) => {
            if timeout(poll, occasion.notified()).await.is_err() {
                return;
            }
        }
    }
    let latest = Instant::now() + LONGEST;
    let goes_on = async { while timeout(QUIET, occasion.notified()).await.is_ok() {} };
    // Quiet, or as long as is bearable.
    let _ = timeout_at(latest, goes_on).await;
}

/// The folders in which a change of this file or folder shows: itself, or the nearest one above that exists, and for a
/// link the same where it leads.
fn folders_for(path: &Path) -> Vec<PathBuf> {
    let targets = match fs::symlink_metadata(path) {
        Ok(metadata) if metadata.is_symlink() => {
            let target = file::resolve(path).or_else(|_| {
                fs::read_link(path).map(|link| match path.parent() {
                    Some(folder) => folder.join(link),
                    None => link,
                })
            });
            [Some(path.parent().unwrap_or(path).to_owned()), target.ok()]
        }
        _ => [Some(path.to_owned()), None],
    };
    targets
        .iter()
        .flatten()
        .filter_map(|target| target.ancestors().find(|above| above.is_dir()))
        // One folder under two names is one folder to the operating system.
        .filter_map(|folder| fs::canonicalize(folder).ok())
        .collect()
}

/// In a person's words; never a path, since it may be any of many.
fn reason_of(error: &notify::Error) -> String {
    match &error.kind {
        ErrorKind::MaxFilesWatch => {
            "the operating system's limit of watched folders is reached (fs.inotify.max_user_watches)"
                .to_owned()
        }
        ErrorKind::Io(error) if error.raw_os_error() == Some(24) => {
            "the operating system's limit of watchers is reached (fs.inotify.max_user_instances)".to_owned()
        }
        ErrorKind::Io(error) => format!("a folder cannot be watched: {error}"),
        _ => "a folder cannot be watched".to_owned(),
    }
}

#[cfg(test)]
mod tests;
