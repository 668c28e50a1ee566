//! The environments on this machine, read from what conda leaves on the disk: no conda process is started.
//!
//! conda writes the prefix of every environment it makes into `~/.conda/environments.txt`, and one file
//! `conda-meta/<name>-<version>-<build>.json` for every package it links. Whatever cannot be read is left out.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::Surroundings;
use crate::edit::file;

/// An environment: a folder with packages linked into it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Environment {
    /// `base`, the name that `conda activate` takes, or nothing where only the prefix activates it.
    pub name: Option<String>,
    pub prefix: PathBuf,
    /// The version of the package `python`.
    pub python: Option<String>,
    /// How many packages are linked.
    pub packages: usize,
    /// Whether it is the installation that conda itself runs from.
    pub is_base: bool,
}

/// Every environment that can be found, base installations first, then by name.
pub fn list(surroundings: &Surroundings) -> Vec<Environment> {
    let listed = listed_prefixes(surroundings);
    let mut roots: Vec<PathBuf> = surroundings.conda_root().into_iter().collect();
    let active = surroundings.folder("CONDA_PREFIX");
    for prefix in listed.iter().chain(&active) {
        // An environment in an `envs` folder belongs to the installation above it; any other may be one itself.
        match root_above(prefix) {
            Some(root) => roots.push(root.to_owned()),
            None => roots.push(prefix.clone()),
        }
    }
    let mut candidates = roots.clone();
    for folder in roots
        .iter()
        .map(|root| root.join("envs"))
        .chain([surroundings.home.join(".conda/envs")])
    {
        candidates.extend(folders_in(&folder));
    }
    candidates.extend(listed);
    candidates.extend(active);

    let mut seen = BTreeSet::new();
    let mut found: Vec<Environment> = candidates
        .into_iter()
        .filter(|prefix| seen.insert(fs::canonicalize(prefix).unwrap_or_else(|_| prefix.clone())))
        .filter_map(|prefix| read(&prefix))
        .collect();
    found.sort_by_key(|environment| {
        (
            !environment.is_base,
            environment.name.is_none(),
            environment.name.as_deref().unwrap_or_default().to_lowercase(),
            environment.prefix.clone(),
        )
    });
    found
}

fn listed_prefixes(surroundings: &Surroundings) -> Vec<PathBuf> {
    let image = file::read(&surroundings.home.join(".conda/environments.txt"));
    let bytes = image.ok().flatten().map(|image| image.bytes).unwrap_or_default();
    String::from_utf8_lossy(&bytes)
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(PathBuf::from)
        .collect()
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

/// Reads one prefix; nothing when it is no environment.
fn read(prefix: &Path) -> Option<Environment> {
    let mut python = None;
    let mut packages = 0;
    for entry in fs::read_dir(prefix.join("conda-meta")).ok()?.flatten() {
        let file = entry.file_name();
        let Some((name, version)) = file.to_str().and_then(package) else {
            continue;
        };
        packages += 1;
        if name == "python" {
            python = Some(version.to_owned());
        }
    }
    let is_base = prefix.join("condabin").is_dir();
    let name = if is_base {
        Some("base".to_owned())
    } else {
        let folder = prefix.parent().and_then(Path::file_name);
        let own = prefix.file_name().map(|name| name.to_string_lossy().into_owned());
        own.filter(|_| folder.is_some_and(|folder| folder == "envs"))
    };
    Some(Environment {
        name,
        prefix: prefix.to_owned(),
        python,
        packages,
        is_base,
    })
}

/// Name and version out of `<name>-<version>-<build>.json`; a name may hold `-`, the other two cannot.
fn package(file: &str) -> Option<(&str, &str)> {
    let (rest, _build) = file.strip_suffix(".json")?.rsplit_once('-')?;
    let (name, version) = rest.rsplit_once('-')?;
    (!name.is_empty() && !version.is_empty()).then_some((name, version))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conda::fixture::Machine;

    fn names(machine: &Machine) -> Vec<(Option<String>, Option<String>, usize)> {
        list(&machine.surroundings)
            .into_iter()
            .map(|environment| (environment.name, environment.python, environment.packages))
            .collect()
    }

    #[test]
    fn a_fresh_machine_has_none() {
        assert!(names(&Machine::linux()).is_empty());
    }

    #[test]
    fn the_installation_and_its_environments_are_found_through_a_variable() {
        let machine = Machine::linux()
            .file("opt/conda/condabin/conda", "")
            .file("opt/conda/conda-meta/history", "")
            .file("opt/conda/conda-meta/python-3.12.4-h1_0.json", "{}")
            .file("opt/conda/conda-meta/ca-certificates-2026.1-0.json", "not json")
            .file("opt/conda/envs/etl/conda-meta/history", "")
            .file(
                "opt/conda/envs/Forecast/conda-meta/python-3.11.9-h2_0_cpython.json",
                "{}",
            )
            .file("opt/conda/envs/leftover/readme", "no environment")
            .place("CONDA_EXE", "opt/conda/bin/conda");
        let name = |text: &str| Some(text.to_owned());
        assert_eq!(
            names(&machine),
            [
                (name("base"), name("3.12.4"), 2),
                (name("etl"), None, 0),
                (name("Forecast"), name("3.11.9"), 1)
            ]
        );
        // Activated, only CONDA_PREFIX may be there; it leads to its siblings.
        let mut machine = machine.place("CONDA_PREFIX", "opt/conda/envs/etl");
        machine.surroundings.variables.remove("CONDA_EXE");
        assert_eq!(names(&machine).len(), 3);
    }

    #[test]
    fn what_conda_lists_is_found_once_and_what_is_gone_is_left_out() {
        let machine = Machine::linux().file("work/project/.env/conda-meta/python-3.13.0-0.json", "{}");
        let prefix = machine.path("work/project/.env").display().to_string();
        let listed = format!("\n{prefix}\n{prefix}/\n/nowhere/at/all\n\u{fffd}\n");
        let machine = machine.file("home/.conda/environments.txt", listed);
        assert_eq!(names(&machine), [(None, Some("3.13.0".to_owned()), 1)]);
    }
}
