//! An environment, a cache and a server for the tests.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use tempfile::TempDir;

use super::super::*;
use crate::error::{Kind, Problem};
use crate::package::fixture::{Built, Server, platform, tree};
use crate::package::solve::ChangeSpecs;

/// Keeps the history and the list of environments the way conda does, as far as the tests look at it.
pub(super) struct Book {
    list: PathBuf,
    refuses: bool,
}

impl Ledger for Book {
    fn history(&self, before: Option<&[u8]>, present: &[Record]) -> Vec<u8> {
        let mut names: Vec<String> = present
            .iter()
            .map(|record| format!("{}-{}", record.name, record.version))
            .collect();
        names.sort();
        let mut text = before.unwrap_or_default().to_vec();
        text.extend(format!("==> {} <==\n", names.join(" ")).bytes());
        text
    }

    fn register(&self, prefix: &Path) -> Result<(), Problem> {
        if self.refuses {
            return Err(Problem::new(Kind::File, "the list cannot be written"));
        }
        // One after the other, as the real list is written.
        static TURN: Mutex<()> = Mutex::new(());
        let _turn = TURN.lock();
        let text = fs::read_to_string(&self.list).unwrap_or_default();
        let line = prefix.display().to_string();
        if !text.lines().any(|known| known == line) {
            fs::write(&self.list, format!("{text}{line}\n")).unwrap();
        }
        Ok(())
    }
}

pub(super) type Watcher = Arc<dyn Fn(&str) + Send + Sync>;

/// Where everything of a test lies; taken away with it, unless it belongs to another process.
pub(super) struct Root {
    path: PathBuf,
    _own: Option<TempDir>,
}

impl Root {
    pub fn path(&self) -> &Path {
        &self.path
    }
}

pub(super) struct World {
    pub folder: Root,
    pub server: Server,
    pub prefix: PathBuf,
    pub cache: PathBuf,
    pub scripts: Scripts,
    pub expected: Option<Expected>,
    pub discards: Discards,
    pub refuses_to_register: bool,
    pub told: Arc<Mutex<Vec<Progress>>>,
}

impl World {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self::at(Root {
            path: folder.path().to_owned(),
            _own: Some(folder),
        })
    }

    /// In a folder that another process takes away.
    pub fn in_folder(path: &Path) -> Self {
        Self::at(Root {
            path: path.to_owned(),
            _own: None,
        })
    }

    fn at(folder: Root) -> Self {
        Self {
            server: Server::default(),
            prefix: folder.path().join("envs/work"),
            cache: folder.path().join("cache/pkgs"),
            discards: Discards::new(folder.path().join("data/discarded")),
            folder,
            scripts: Scripts::Skip,
            expected: None,
            refuses_to_register: false,
            told: Arc::default(),
        }
    }

    pub fn ledger(&self) -> Book {
        Book {
            list: self.folder.path().join("environments.txt"),
            refuses: self.refuses_to_register,
        }
    }

    pub fn registrations(&self) -> PathBuf {
        self.folder.path().join("data/environments")
    }

    pub fn request(&self, packages: &[&Built], watcher: Watcher) -> Request {
        let records = packages.iter().map(|built| built.record.clone()).collect();
        let requested = packages
            .iter()
            .map(|built| built.record.package_record.name.as_normalized().to_owned());
        Request {
            solution: Solution::new(self.prefix.clone(), platform(), records)
                .asked(requested.collect(), ChangeSpecs::default()),
            cache: PackageCache::new(self.cache.clone(), Vec::new()),
            transport: self.server.transport(),
            registrations: self.registrations(),
            discards: self.discards.clone(),
            id: "20261124-101213-abcdef".to_owned(),
            what: "Install packages into work".to_owned(),
            at: "2026-11-24T10:12:13Z".parse().unwrap(),
            scripts: self.scripts,
            expected: self.expected.clone(),
            ledger: Arc::new(self.ledger()),
            variables: std::env::vars().collect(),
            watcher,
        }
    }

    /// Brings the environment to hold these packages.
    pub async fn hold(&self, packages: &[&Built]) -> Result<Outcome, TransactionError> {
        self.hold_watched(packages, Arc::new(|_| {}), std::future::pending())
            .await
    }

    pub async fn hold_watched(
        &self,
        packages: &[&Built],
        watcher: Watcher,
        stop: impl Future<Output = Result<(), ()>>,
    ) -> Result<Outcome, TransactionError> {
        for built in packages {
            self.server.offers(built);
        }
        let told = self.told.clone();
        let hear = move |progress| told.lock().unwrap().push(progress);
        apply(self.request(packages, watcher), hear, stop).await
    }

    pub fn recover(&self) -> Vec<(PathBuf, Result<Option<Recovered>, TransactionError>)> {
        let recovered = recover(&self.registrations(), &self.ledger(), &|_| {});
        // As the services do.
        self.discards.sweep();
        recovered
    }

    /// [`World::state`] with what differs from test to test made equal.
    pub fn comparable(&self) -> BTreeMap<PathBuf, String> {
        let root = self.folder.path().display().to_string();
        let state = self.state().into_iter();
        state
            .map(|(path, what)| (path, without_sums_of_prefix(&what).replace(&root, "ROOT")))
            .collect()
    }

    /// Everything that a change may change.
    pub fn state(&self) -> BTreeMap<PathBuf, String> {
        self.settle();
        let mut state = tree(&self.folder.path().join("envs"));
        for name in ["environments.txt", "data"] {
            let place = self.folder.path().join(name);
            if place.is_dir() {
                state.extend(
                    tree(&place)
                        .into_iter()
                        .map(|(path, what)| (Path::new(name).join(path), what)),
                );
            } else if let Ok(text) = fs::read_to_string(&place) {
                state.insert(name.into(), text);
            }
        }
        state
    }

    pub fn read(&self, path: &str) -> String {
        fs::read_to_string(self.prefix.join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    pub fn write(&self, path: &str, content: &str) {
        let place = self.prefix.join(path);
        fs::create_dir_all(place.parent().unwrap()).unwrap();
        fs::write(place, content).unwrap();
    }

    pub fn has(&self, path: &str) -> bool {
        self.prefix.join(path).symlink_metadata().is_ok()
    }

    pub fn record(&self, name: &str) -> serde_json::Value {
        serde_json::from_str(&self.read(&format!("conda-meta/{name}.json"))).unwrap()
    }

    /// Waits for the threads that remove what changes have discarded.
    pub fn settle(&self) {
        while self.discards.are_being_removed() {
            std::thread::yield_now();
        }
    }

    /// Nothing of the way is left, in the prefix or elsewhere.
    #[track_caller]
    pub fn assert_tidy(&self) {
        self.assert_without(&["CACHEDIR", ".fetching"], "");
        self.assert_tidy_but_fetching("");
    }

    /// A download that was killed leaves something in the cache, which the next one sweeps.
    #[track_caller]
    pub fn assert_tidy_but_fetching(&self, at: &str) {
        self.assert_without(&[".sextant", "CACHEDIR", ".condatmp", "data/environments"], at);
    }

    #[track_caller]
    fn assert_without(&self, marks: &[&str], at: &str) {
        self.settle();
        let left: Vec<_> = tree(self.folder.path())
            .into_keys()
            .filter(|path| {
                let text = path.to_string_lossy();
                marks.iter().any(|mark| text.contains(mark))
            })
            .collect();
        assert!(left.is_empty(), "{at}: {left:?}");
    }
}

/// Without the sums of files that name the environment's own folder, which is another one in every test.
fn without_sums_of_prefix(what: &str) -> String {
    let mut is_made_here = false;
    let line = |line: &'_ str| {
        let key = line.trim_start();
        if key.starts_with("\"path_type\"") {
            is_made_here = key.contains("entry_point");
        }
        match key.starts_with("\"sha256_in_prefix\"") || is_made_here && key.starts_with("\"sha256\"") {
            true => "(a sum)".to_owned(),
            false => line.to_owned(),
        }
    };
    what.split('\n').map(line).collect::<Vec<_>>().join("\n")
}
