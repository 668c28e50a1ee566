//! Services over a home with an installation of conda and environments, made up.

#![allow(dead_code, reason = "every test uses its part")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use jiff::Timestamp;
use sextant::credential::FileStore;
use sextant::edit::history::Entry;
use sextant::locations::Locations;
use sextant::service::environments::{EnvironmentPlan, NewEnvironment, WhichEnvironment};
use sextant::service::merge::PutBack;
use sextant::service::undo::Undone;
use sextant::service::{Clock, ServiceError, Services};

/// The clock of the machine, moved on at will.
#[derive(Debug, Default)]
pub struct MovedClock(std::sync::Mutex<Duration>);

impl MovedClock {
    pub fn advance(&self, by: Duration) {
        *self.0.lock().unwrap() += by;
    }
}

impl Clock for MovedClock {
    fn now(&self) -> Timestamp {
        Timestamp::now() + *self.0.lock().unwrap()
    }
}

pub struct Home {
    pub folder: PathBuf,
    pub services: Services,
    pub clock: Arc<MovedClock>,
    runtime: tokio::runtime::Runtime,
    _owned: Option<tempfile::TempDir>,
}

impl Default for Home {
    fn default() -> Self {
        Self::new()
    }
}

impl Home {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut home = Self::over(folder.path(), &[], |services| services);
        home._owned = Some(folder);
        home
    }

    /// With an installation in `conda` and the environment `etl` in it, which names its prefix in some files.
    pub fn furnished() -> Self {
        let home = Self::new();
        furnish(&home.folder);
        home
    }

    pub fn with_variables(self, variables: &[(&str, &Path)]) -> Self {
        let variables: Vec<(&str, String)> = variables
            .iter()
            .map(|(name, path)| (*name, path.display().to_string()))
            .collect();
        let variables: Vec<(&str, &str)> = variables
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        let mut home = Self::over(&self.folder, &variables, |services| services);
        home._owned = self._owned;
        home
    }

    /// Over a folder that somebody else looks after.
    pub fn over(
        folder: &Path,
        variables: &[(&str, &str)],
        furnish: impl FnOnce(Services) -> Services,
    ) -> Self {
        let mut locations = Locations::inside(folder);
        let root = folder.join("conda").display().to_string();
        locations.variables.insert("CONDA_ROOT".to_owned(), root);
        for (name, value) in variables {
            locations
                .variables
                .insert((*name).to_owned(), (*value).to_owned());
        }
        let credentials = Arc::new(FileStore::new(locations.credentials()));
        let clock = Arc::new(MovedClock::default());
        Self {
            folder: folder.to_owned(),
            services: furnish(Services::with(locations, credentials, clock.clone())),
            clock,
            runtime: tokio::runtime::Builder::new_multi_thread()
                .worker_threads(1)
                .enable_all()
                .build()
                .unwrap(),
            _owned: None,
        }
    }

    pub fn wait<T>(&self, work: impl Future<Output = T>) -> T {
        self.runtime.block_on(work)
    }

    pub fn path(&self, inside: &str) -> PathBuf {
        self.folder.join(inside)
    }

    pub fn write(&self, inside: &str, content: impl AsRef<[u8]>) {
        write(&self.path(inside), content);
    }

    pub fn read(&self, inside: &str) -> String {
        fs::read_to_string(self.path(inside)).unwrap_or_default()
    }

    pub fn change(&self, plan: &EnvironmentPlan) -> Result<Entry, ServiceError> {
        self.wait(self.services.change_environment(plan, &AtomicBool::new(false)))
    }

    pub fn remove(&self, name: &str) -> Result<Entry, ServiceError> {
        let plan = self.services.plan_remove_environment(&named(name), false)?;
        self.change(&plan)
    }

    pub fn rename(&self, name: &str, new: &str) -> Result<Entry, ServiceError> {
        let new = NewEnvironment::Named(new.to_owned());
        let plan = self.services.plan_rename_environment(&named(name), &new, false)?;
        self.change(&plan)
    }

    pub fn create(&self, new: &NewEnvironment) -> Result<Entry, ServiceError> {
        let plan = self.services.plan_empty_environment(new)?;
        self.change(&plan)
    }

    pub fn undo(&self, id: Option<&str>) -> Result<Entry, ServiceError> {
        let plan = self.services.plan_undo(id, &PutBack::KeepEdits)?;
        match self.wait(self.services.undo(&plan))? {
            Undone::Files(entry) => Ok(entry),
            other => panic!("{other:?}"),
        }
    }

    /// The names of all environments.
    pub fn names(&self) -> Vec<String> {
        let found = self.services.environments().into_iter();
        found
            .map(|found| found.name.unwrap_or_else(|| found.prefix.display().to_string()))
            .collect()
    }

    /// Everything in the home but what is Sextant's own: files with contents and permissions, links, folders.
    pub fn listing(&self) -> BTreeMap<String, String> {
        listing(&self.folder)
    }
}

pub fn named(name: &str) -> WhichEnvironment {
    WhichEnvironment::Named(name.to_owned())
}

pub fn write(path: &Path, content: impl AsRef<[u8]>) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, content).unwrap();
}

/// An installation, the environment `etl` in it, and conda's list.
pub fn furnish(home: &Path) {
    write(&home.join("conda/condabin/conda"), "#!/bin/sh\n");
    write(&home.join("conda/conda-meta/history"), "");
    let prefix = home.join("conda/envs/etl");
    let text = prefix.display().to_string();
    let placeholder = "p".repeat(240);
    let mut library = format!("\u{7f}ELF{text}/lib").into_bytes();
    library.extend(vec![0; 1 + placeholder.len().saturating_sub(text.len())]);
    write(&prefix.join("lib/lib.so"), library);
    write(&prefix.join("bin/tool"), format!("#!{text}/bin/python\n"));
    write(
        &prefix.join("bin/mine"),
        format!("#!{text}/bin/python\nprint()\n"),
    );
    write(&prefix.join("share/data"), "nothing in it\n");
    write(
        &prefix.join("conda-meta/history"),
        format!(
            "==> 2026-11-20 08:00:00 <==\n# cmd: conda create -p {text} tool\n+main/noarch::tool-1-0\n# update specs: ['tool']\n"
        ),
    );
    let record = serde_json::json!({
        "name": "tool", "version": "1", "build": "0", "subdir": "noarch",
        "files": ["bin/tool", "lib/lib.so", "share/data"],
        "paths_data": {"paths_version": 1, "paths": [
            {"_path": "bin/tool", "path_type": "hardlink", "file_mode": "text", "prefix_placeholder": placeholder,
             "sha256_in_prefix": digest(&prefix.join("bin/tool"))},
            {"_path": "lib/lib.so", "path_type": "hardlink", "file_mode": "binary", "prefix_placeholder": placeholder,
             "sha256_in_prefix": digest(&prefix.join("lib/lib.so"))},
            {"_path": "share/data", "path_type": "hardlink"},
        ]},
    });
    write(
        &prefix.join("conda-meta/tool-1-0.json"),
        serde_json::to_string_pretty(&record).unwrap(),
    );
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let executable = fs::Permissions::from_mode(0o755);
        fs::set_permissions(prefix.join("bin/tool"), executable).unwrap();
        std::os::unix::fs::symlink(prefix.join("bin/tool"), prefix.join("bin/link")).unwrap();
    }
    write(
        &home.join(".conda/environments.txt"),
        format!("# mine\n{text}\n/gone/long/ago\n"),
    );
}

pub fn digest(path: &Path) -> String {
    sextant::edit::snapshot::digest(&fs::read(path).unwrap())
}

pub fn listing(home: &Path) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut folders = vec![home.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap().map(Result::unwrap) {
            let path = entry.path();
            if path.ends_with(".local") {
                continue;
            }
            let name = path.strip_prefix(home).unwrap().display().to_string();
            let metadata = entry.metadata().unwrap();
            let content = if metadata.is_dir() {
                folders.push(path.clone());
                "folder".to_owned()
            } else if metadata.is_symlink() {
                format!("-> {}", fs::read_link(&path).unwrap().display())
            } else {
                let bytes = fs::read(&path).unwrap();
                format!("{} {}", mode(&metadata), String::from_utf8_lossy(&bytes))
            };
            found.insert(name, content);
        }
    }
    found
}

#[cfg(unix)]
fn mode(metadata: &fs::Metadata) -> String {
    use std::os::unix::fs::PermissionsExt;
    format!("{:o}", metadata.permissions().mode() & 0o777)
}

#[cfg(not(unix))]
fn mode(_metadata: &fs::Metadata) -> String {
    String::new()
}
