//! The environments on this machine, read from what conda leaves on the disk.
//!
//! Places: what `~/.conda/environments.txt` lists, the folders of `envs_dirs`, every installation of conda that shows, and the
//! environment that is active. What cannot be read is left out; lines that lead nowhere are told.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::folders::{self, envs_dirs, is_environment};
use super::{Environment, meta, protection, registry};
use crate::conda::Surroundings;

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Found {
    /// Base installations first, then by name.
    pub environments: Vec<Environment>,
    /// Lines of `environments.txt` that lead to no environment. conda strikes them out by itself.
    pub stale: Vec<PathBuf>,
    /// Why `environments.txt` could not be read.
    pub unread: Option<String>,
}

/// Every environment that can be found, base installations first, then by name.
pub fn list(surroundings: &Surroundings) -> Vec<Environment> {
    find(surroundings).environments
}

/// Every environment that can be found, and what leads to none.
pub fn find(surroundings: &Surroundings) -> Found {
    let (listed, unread) = match registry::read(surroundings) {
        Ok(listed) => (listed, None),
        Err(error) => (Vec::new(), Some(error.to_string())),
    };
    let roots = roots_with(surroundings, &listed);
    let mut folders: Vec<PathBuf> = roots.iter().map(|root| root.join("envs")).collect();
    folders.extend(envs_dirs(surroundings, roots.first().map(PathBuf::as_path)));

    let mut candidates = roots.clone();
    candidates.extend(folders.iter().flat_map(|folder| folders_in(folder)));
    candidates.extend(listed.iter().cloned());
    candidates.extend(surroundings.folder("CONDA_PREFIX"));

    let mut seen = BTreeSet::new();
    let mut environments: Vec<Environment> = candidates
        .into_iter()
        .filter(|prefix| is_environment(prefix))
        .filter(|prefix| seen.insert(fs::canonicalize(prefix).unwrap_or_else(|_| prefix.clone())))
        .filter_map(|prefix| read(&prefix, &roots, &folders))
        .collect();
    environments.sort_by_key(|environment| {
        (
            !environment.is_base,
            environment.name.is_none(),
            environment.name.as_deref().unwrap_or_default().to_lowercase(),
            environment.prefix.clone(),
        )
    });
    let stale = listed.into_iter().filter(|prefix| !is_environment(prefix));
    Found {
        environments,
        stale: stale.collect(),
        unread,
    }
}

/// The environment at a prefix, wherever it lies; nothing where conda would see none.
pub fn at(surroundings: &Surroundings, prefix: &Path) -> Option<Environment> {
    if !is_environment(prefix) {
        return None;
    }
    let listed = registry::read(surroundings).unwrap_or_default();
    let roots = roots_with(surroundings, &listed);
    let mut folders: Vec<PathBuf> = roots.iter().map(|root| root.join("envs")).collect();
    folders.extend(envs_dirs(surroundings, roots.first().map(PathBuf::as_path)));
    read(prefix, &roots, &folders)
}

/// The installations of conda on this machine; the one that is in use comes first.
pub fn roots(surroundings: &Surroundings) -> Vec<PathBuf> {
    roots_with(surroundings, &registry::read(surroundings).unwrap_or_default())
}

fn roots_with(surroundings: &Surroundings, listed: &[PathBuf]) -> Vec<PathBuf> {
    let mut candidates: Vec<PathBuf> = surroundings.conda_root().into_iter().collect();
    let active = surroundings.folder("CONDA_PREFIX");
    for prefix in active.iter().chain(listed) {
        // An environment in an `envs` folder belongs to the installation above it; any other may be one itself.
        match root_above(prefix) {
            Some(root) => candidates.push(root.to_owned()),
            None => candidates.push(prefix.clone()),
        }
    }
    candidates.extend(on_path(surroundings));
    candidates.extend(usual_places(surroundings));
    let mut seen = BTreeSet::new();
    candidates
        .into_iter()
        .filter(|root| is_installation(root))
        .filter(|root| seen.insert(fs::canonicalize(root).unwrap_or_else(|_| root.clone())))
        .collect()
}

/// Whether conda runs from there. An environment that merely holds the package `conda` lies in the `envs` of another.
fn is_installation(root: &Path) -> bool {
    let has_conda = || {
        ["condabin", "bin/conda", "Scripts/conda.exe"]
            .iter()
            .any(|sign| root.join(sign).exists())
    };
    root_above(root).is_none() && meta(root).is_dir() && has_conda()
}

/// The installations whose `conda` is on `PATH`: `<root>/bin/conda`, `<root>/condabin/conda`, `<root>\Scripts\conda.exe`.
fn on_path(surroundings: &Surroundings) -> Vec<PathBuf> {
    let path = surroundings.variable("PATH").unwrap_or_default();
    std::env::split_paths(path)
        .filter(|folder| folder.is_absolute())
        .flat_map(|folder| ["conda", "conda.exe", "conda.bat"].map(|name| folder.join(name)))
        .filter(|program| program.is_file())
        .filter_map(|program| {
            let program = fs::canonicalize(&program).unwrap_or(program);
            Some(program.parent()?.parent()?.to_owned())
        })
        .collect()
}

/// Where the installers put conda unless they are told otherwise.
fn usual_places(surroundings: &Surroundings) -> Vec<PathBuf> {
    const NAMES: [&str; 5] = [
        "miniforge3",
        "miniconda3",
        "anaconda3",
        "mambaforge",
        "micromamba",
    ];
    let home = &surroundings.home;
    let root = &surroundings.system_root;
    let mut places: Vec<PathBuf> = surroundings.folder("MAMBA_ROOT_PREFIX").into_iter().collect();
    places.extend(NAMES.iter().map(|name| home.join(name)));
    places.push(root.join("opt/conda"));
    places.extend(NAMES.iter().map(|name| root.join("opt").join(name)));
    places
}

/// The installation whose `envs` folder holds the prefix.
fn root_above(prefix: &Path) -> Option<&Path> {
    let folder = prefix.parent()?;
    (folder.file_name()? == "envs").then(|| folder.parent())?
}

fn folders_in(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|entry| entry.path())
        .filter(|path| path.is_dir())
        .collect()
}

/// Reads one prefix; nothing when it cannot be read.
fn read(prefix: &Path, roots: &[PathBuf], folders: &[PathBuf]) -> Option<Environment> {
    let mut python = None;
    let mut packages = 0;
    for entry in fs::read_dir(meta(prefix)).ok()?.flatten() {
        let file = entry.file_name();
        let Some((name, version)) = file.to_str().and_then(package) else {
            continue;
        };
        packages += 1;
        if name == "python" {
            python = Some(version.to_owned());
        }
    }
    let is_base = roots.iter().any(|root| folders::is_same(root, prefix));
    Some(Environment {
        name: folders::name_of(prefix, roots, folders),
        prefix: prefix.to_owned(),
        python,
        packages,
        is_base,
        protections: protection::of(prefix, is_base),
    })
}

/// Name and version out of `<name>-<version>-<build>.json`; a name may hold `-`, the other two cannot.
fn package(file: &str) -> Option<(&str, &str)> {
    let (rest, _build) = file.strip_suffix(".json")?.rsplit_once('-')?;
    let (name, version) = rest.rsplit_once('-')?;
    (!name.is_empty() && !version.is_empty() && !name.starts_with("._")).then_some((name, version))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conda::environment::Protection;
    use crate::conda::fixture::Machine;

    fn names(machine: &Machine) -> Vec<(Option<String>, Option<String>, usize)> {
        list(&machine.surroundings)
            .into_iter()
            .map(|environment| (environment.name, environment.python, environment.packages))
            .collect()
    }

    fn name(text: &str) -> Option<String> {
        Some(text.to_owned())
    }

    #[test]
    fn a_fresh_machine_has_none() {
        assert!(names(&Machine::linux()).is_empty());
    }

    #[test]
    fn the_installation_and_its_environments_are_found_through_a_variable() {
        let machine = Machine::linux()
            .file("srv/conda/condabin/conda", "")
            .file("srv/conda/conda-meta/history", "")
            .file("srv/conda/conda-meta/python-3.12.4-h1_0.json", "{}")
            .file("srv/conda/conda-meta/ca-certificates-2026.1-0.json", "not json")
            .file("srv/conda/envs/etl/conda-meta/history", "")
            .file("srv/conda/envs/Forecast/conda-meta/history", "")
            .file(
                "srv/conda/envs/Forecast/conda-meta/python-3.11.9-h2_0_cpython.json",
                "{}",
            )
            .file("srv/conda/envs/leftover/readme", "no environment")
            .file("srv/conda/envs/half/conda-meta/python-3.11.9-0.json", "{}")
            .place("CONDA_EXE", "srv/conda/bin/conda");
        assert_eq!(
            names(&machine),
            [
                (name("base"), name("3.12.4"), 2),
                (name("etl"), None, 0),
                (name("Forecast"), name("3.11.9"), 1)
            ]
        );
        let found = list(&machine.surroundings);
        assert_eq!(found[0].protections, [Protection::Base]);
        assert!(found[1].protections.is_empty());
        // Activated, only CONDA_PREFIX may be there; it leads to its siblings.
        let mut machine = machine.place("CONDA_PREFIX", "srv/conda/envs/etl");
        machine.surroundings.variables.remove("CONDA_EXE");
        assert_eq!(names(&machine).len(), 3);
    }

    #[test]
    fn what_conda_lists_is_found_once_and_what_is_gone_is_told() {
        let machine = Machine::linux()
            .file("work/project/.env/conda-meta/history", "")
            .file("work/project/.env/conda-meta/python-3.13.0-0.json", "{}");
        let prefix = machine.path("work/project/.env").display().to_string();
        let listed = format!("\n{prefix}\n{prefix}/\n/nowhere/at/all\n# mine\n");
        let machine = machine.file("home/.conda/environments.txt", listed);
        assert_eq!(names(&machine), [(None, Some("3.13.0".to_owned()), 1)]);
        let found = find(&machine.surroundings);
        assert_eq!(found.stale, [PathBuf::from("/nowhere/at/all")]);
        assert_eq!(found.unread, None);
        assert_eq!(
            at(&machine.surroundings, Path::new(&prefix)).map(|found| found.packages),
            Some(1)
        );
        assert_eq!(at(&machine.surroundings, Path::new("/nowhere/at/all")), None);

        // A list that is no file hides nothing else.
        let machine = Machine::linux()
            .file("home/.conda/environments.txt/readme", "")
            .file("home/.conda/envs/a/conda-meta/history", "");
        let found = find(&machine.surroundings);
        assert_eq!(found.environments.len(), 1);
        assert!(found.unread.is_some());
    }

    #[test]
    fn installations_show_in_the_usual_places_and_on_the_path() {
        let machine = Machine::linux()
            .file("home/miniforge3/bin/conda", "")
            .file("home/miniforge3/conda-meta/history", "")
            .file("tools/c/condabin/conda", "")
            .file("tools/c/conda-meta/history", "")
            .file("tools/c/envs/with-conda/condabin/conda", "")
            .file("tools/c/envs/with-conda/conda-meta/history", "")
            .place("PATH", "tools/c/condabin");
        let roots = roots(&machine.surroundings);
        assert_eq!(roots, [machine.path("tools/c"), machine.path("home/miniforge3")]);
        let found = names(&machine);
        let found: Vec<_> = found.iter().map(|(name, ..)| name.as_deref()).collect();
        assert_eq!(found, [Some("base"), Some("base"), Some("with-conda")]);
    }

    #[cfg(unix)]
    #[test]
    fn one_environment_under_two_paths_is_one() {
        let machine = Machine::linux().file("data/envs/a/conda-meta/history", "");
        std::fs::create_dir_all(machine.path("home/.conda")).unwrap();
        std::os::unix::fs::symlink(machine.path("data/envs"), machine.path("home/.conda/envs")).unwrap();
        let listed = format!("{}\n", machine.path("data/envs/a").display());
        let machine = machine.file("home/.conda/environments.txt", listed);
        assert_eq!(names(&machine), [(name("a"), None, 0)]);
    }
}
