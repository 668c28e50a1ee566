use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicUsize, Ordering};

use futures::{FutureExt, StreamExt};
use tempfile::TempDir;

use super::*;
use crate::credential::FileStore;
use crate::locations::Locations;
use crate::service::SystemClock;

/// Nothing takes that long unless it never comes.
const GENEROUS: Duration = Duration::from_secs(60);

struct Home(TempDir);

impl Home {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, path: &str) -> PathBuf {
        self.0.path().join(path)
    }

    /// Writes a file anew, as an editor does that replaces it.
    fn replace(&self, path: &str, content: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let beside = path.with_extension("beside");
        fs::write(&beside, content).unwrap();
        fs::rename(beside, path).unwrap();
    }

    fn services(&self) -> Services {
        let locations = Locations::inside(self.0.path());
        let credentials = Arc::new(FileStore::new(locations.credentials()));
        Services::with(locations, credentials, Arc::new(SystemClock))
    }

    fn watch(&self) -> Pin<Box<dyn Stream<Item = Changed> + Send>> {
        Box::pin(self.services().watch())
    }
}

async fn next(changes: &mut (impl Stream<Item = Changed> + Unpin)) -> Changed {
    let next = timeout(GENEROUS, changes.next()).await;
    next.expect("the change was not noticed").unwrap()
}

/// The subjects of the next changes until all of these have come.
#[track_caller]
fn expect(
    changes: &mut (impl Stream<Item = Changed> + Unpin),
    subjects: &[Subject],
) -> impl Future<Output = Changed> {
    let mut missing: BTreeSet<Subject> = subjects.iter().copied().collect();
    async move {
        loop {
            let changed = next(changes).await;
            missing.retain(|subject| !changed.subjects.contains(subject));
            if missing.is_empty() {
                return changed;
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_file_that_is_shown_is_watched() {
    let home = Home::new();
    let mut changes = home.watch();
    for (path, subject) in [
        (".condarc", Subject::Condarc),
        (".condarc", Subject::Condarc),
        (".config/conda/condarc.d/a.yml", Subject::Condarc),
        ("system-root/etc/conda/.condarc", Subject::Condarc),
        (".anaconda/navigator/anaconda-navigator.ini", Subject::Navigator),
        (".config/binstar/https%3A%2F%2Fh%2Fapi.token", Subject::Tokens),
        (".continuum/anaconda-client/tokens/x.token", Subject::Tokens),
        (".conda/tokens/x.token", Subject::Tokens),
        (".conda/repo-cli-config.yaml", Subject::OtherTools),
        (".continuum/anaconda-client/config.yaml", Subject::OtherTools),
        (".anaconda/keyring", Subject::OtherTools),
        (".anaconda/config.toml", Subject::OtherTools),
        (".local/share/sextant/connections.json", Subject::Connections),
        (".config/sextant/preferences.toml", Subject::Preferences),
        (".config/sextant/trust.toml", Subject::Preferences),
    ] {
        home.replace(path, "one");
        let changed = expect(&mut changes, &[subject]).await;
        assert_eq!(changed.noticed, Noticed::Events, "{path}");
        // In place, as long as before.
        fs::write(home.path(path), "two").unwrap();
        expect(&mut changes, &[subject]).await;
        fs::remove_file(home.path(path)).unwrap();
        expect(&mut changes, &[subject]).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_burst_is_one_change_and_other_files_are_none() {
    let home = Home::new();
    home.replace(".condarc", "channels: []\n");
    let mut changes = home.watch();
    for number in 0..50 {
        home.replace("unrelated.txt", &number.to_string());
        home.replace(".condarc", &format!("channels: [c{number}]\n"));
        home.replace(".conda/tokens/x.token", &number.to_string());
    }
    let first = next(&mut changes).await;
    let mut seen = first.subjects.clone();
    // The burst may have outlasted what is bearable, on a slow machine. What comes last is the mark.
    home.replace(".anaconda/keyring", "");
    let mut count = 1;
    while !seen.contains(&Subject::OtherTools) {
        seen.extend(next(&mut changes).await.subjects);
        count += 1;
    }
    assert!(count <= 4, "{count} changes for one burst");
    assert_eq!(
        seen.into_iter().collect::<Vec<_>>(),
        [Subject::Condarc, Subject::Tokens, Subject::OtherTools]
    );
    home.replace("unrelated.txt", "again");
    fs::read(home.path(".condarc")).unwrap();
    home.replace(".anaconda/keyring", "x");
    let changed = next(&mut changes).await;
    assert_eq!(changed.subjects, BTreeSet::from([Subject::OtherTools]));
}

#[tokio::test(flavor = "multi_thread")]
async fn folders_that_come_go_and_are_exchanged_stay_watched() {
    let home = Home::new();
    let mut changes = home.watch();
    // Deep, and at once.
    home.replace(".continuum/anaconda-client/tokens/x.token", "1");
    expect(&mut changes, &[Subject::Tokens]).await;
    fs::remove_dir_all(home.path(".continuum")).unwrap();
    expect(&mut changes, &[Subject::Tokens]).await;
    home.replace(".continuum/anaconda-client/tokens/x.token", "2");
    expect(&mut changes, &[Subject::Tokens]).await;
    // Another folder of the same name.
    home.replace("other/tokens/y.token", "3");
    fs::rename(home.path(".continuum/anaconda-client"), home.path("gone")).unwrap();
    fs::rename(home.path("other"), home.path(".continuum/anaconda-client")).unwrap();
    expect(&mut changes, &[Subject::Tokens]).await;
    home.replace(".continuum/anaconda-client/tokens/y.token", "4");
    expect(&mut changes, &[Subject::Tokens]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_that_is_made_anew_at_once_stays_watched() {
    let home = Home::new();
    home.replace(".conda/tokens/x.token", "0");
    let mut changes = home.watch();
    for number in 0..20 {
        // The new folder may well have the number of the old one.
        fs::remove_dir_all(home.path(".conda/tokens")).unwrap();
        home.replace(".conda/tokens/x.token", &format!("anew {number}"));
        expect(&mut changes, &[Subject::Tokens]).await;
        home.replace(".conda/tokens/x.token", &format!("changed {number}"));
        expect(&mut changes, &[Subject::Tokens]).await;
    }
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_link_is_watched_where_it_leads() {
    let home = Home::new();
    home.replace("dotfiles/condarc", "channels: []\n");
    std::os::unix::fs::symlink(home.path("dotfiles/condarc"), home.path(".condarc")).unwrap();
    let mut changes = home.watch();
    home.replace("dotfiles/condarc", "channels: [a]\n");
    expect(&mut changes, &[Subject::Condarc]).await;
    home.replace("elsewhere/condarc", "channels: [b]\n");
    fs::remove_file(home.path(".condarc")).unwrap();
    std::os::unix::fs::symlink(home.path("elsewhere/condarc"), home.path(".condarc")).unwrap();
    expect(&mut changes, &[Subject::Condarc]).await;
    fs::write(home.path("elsewhere/condarc"), "channels: [c]\n").unwrap();
    expect(&mut changes, &[Subject::Condarc]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_keyring_is_watched_where_its_settings_put_it() {
    let home = Home::new();
    let mut changes = home.watch();
    home.replace(
        ".anaconda/config.toml",
        "[plugin.auth]\nkeyring_path = '~/moved/ring'\n",
    );
    expect(&mut changes, &[Subject::OtherTools]).await;
    home.replace("moved/ring", "{}");
    expect(&mut changes, &[Subject::OtherTools]).await;
}

fn no_watcher(_: Arc<Ear>) -> notify::Result<Box<dyn Watcher + Send>> {
    Err(notify::Error::io(std::io::Error::from_raw_os_error(24)))
}

#[tokio::test(flavor = "multi_thread")]
async fn without_reports_the_files_are_looked_at_again_and_again() {
    let home = Home::new();
    let watch = Watch::start(home.services(), &no_watcher, Duration::from_millis(10));
    let mut changes = pin!(watch.changes());
    home.replace(".condarc", "channels: []\n");
    let changed = next(&mut changes).await;
    assert_eq!(changed.subjects, BTreeSet::from([Subject::Condarc]));
    let Noticed::Polling { reason } = changed.noticed else {
        panic!("{changed:?}")
    };
    assert!(reason.contains("limit of watchers"), "{reason}");
}

/// Takes no folder.
struct Full;

impl Watcher for Full {
    fn new<F: notify::EventHandler>(_: F, _: notify::Config) -> notify::Result<Self> {
        Ok(Self)
    }

    fn watch(&mut self, _: &Path, _: RecursiveMode) -> notify::Result<()> {
        Err(notify::Error::new(ErrorKind::MaxFilesWatch))
    }

    fn unwatch(&mut self, _: &Path) -> notify::Result<()> {
        Ok(())
    }

    fn kind() -> notify::WatcherKind {
        notify::WatcherKind::NullWatcher
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn where_no_more_folders_can_be_watched_the_files_are_looked_at() {
    let home = Home::new();
    let full = |_| Ok(Box::new(Full) as Box<dyn Watcher + Send>);
    let watch = Watch::start(home.services(), &full, Duration::from_millis(10));
    let mut changes = pin!(watch.changes());
    home.replace(".conda/tokens/x.token", "1");
    let changed = expect(&mut changes, &[Subject::Tokens]).await;
    assert!(matches!(changed.noticed, Noticed::Polling { reason } if reason.contains("watched folders")));
}

/// Counts how many of it there are.
struct Counted(Arc<AtomicUsize>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn dropping_the_stream_ends_the_watching() {
    let home = Home::new();
    let alive = Arc::new(AtomicUsize::new(1));
    let counted = std::sync::Mutex::new(Some(Counted(Arc::clone(&alive))));
    let make = move |ear: Arc<Ear>| {
        let counted = counted.lock().unwrap().take();
        let watcher = notify::recommended_watcher(move |event| {
            let _ = &counted;
            ear.hear(event);
        });
        watcher.map(|watcher| Box::new(watcher) as Box<dyn Watcher + Send>)
    };
    let watch = Watch::start(home.services(), &make, POLL);
    let mut changes = Box::pin(watch.changes());
    assert!(changes.next().now_or_never().is_none());
    drop(changes);
    // The thread of the watcher holds it, and ends.
    let gone = async {
        while alive.load(Ordering::SeqCst) > 0 {
            tokio::task::yield_now().await;
        }
    };
    timeout(GENEROUS, gone).await.unwrap();
}
