//! Where conda puts environments and packages, and what it calls an environment.

use std::fs::OpenOptions;
use std::path::{Path, PathBuf};

use super::registry::normal;
use crate::conda::configuration::Configuration;
use crate::conda::setting::Key;
use crate::conda::{Platform, Surroundings};

/// The folders for environments with a name, in the order in which conda looks a name up: those of `envs_dirs`, then
/// `<root>/envs` and `~/.conda/envs`, the other way about where the installation cannot be written.
///
/// `root` is the installation, where one is known; conda itself always knows its own.
pub fn envs_dirs(surroundings: &Surroundings, root: Option<&Path>) -> Vec<PathBuf> {
    let own = surroundings.home.join(".conda").join("envs");
    let of_root = root.map(|root| root.join("envs"));
    let mut folders = configured(surroundings, Key::EnvsDirs);
    match root.is_some_and(is_writable_environment) {
        true => folders.extend(of_root.into_iter().chain([own])),
        false => folders.extend([own].into_iter().chain(of_root)),
    }
    if surroundings.platform == Platform::Windows {
        folders.extend(windows_data(surroundings).map(|data| data.join("envs")));
    }
    without_repetitions(folders)
}

/// The package caches, in the order in which conda looks into them.
pub fn pkgs_dirs(surroundings: &Surroundings, root: Option<&Path>) -> Vec<PathBuf> {
    let configured = configured(surroundings, Key::PkgsDirs);
    if !configured.is_empty() {
        return without_repetitions(configured);
    }
    let mut folders: Vec<PathBuf> = root.map(|root| root.join("pkgs")).into_iter().collect();
    folders.push(surroundings.home.join(".conda").join("pkgs"));
    if surroundings.platform == Platform::Windows {
        folders.extend(windows_data(surroundings).map(|data| data.join("pkgs")));
    }
    without_repetitions(folders)
}

/// `%LOCALAPPDATA%\conda\conda`.
fn windows_data(surroundings: &Surroundings) -> Option<PathBuf> {
    let local = surroundings.folder("LOCALAPPDATA")?;
    Some(local.join("conda").join("conda"))
}

fn configured(surroundings: &Surroundings, key: Key) -> Vec<PathBuf> {
    let value = Configuration::read(surroundings).explain(key).value;
    value
        .items()
        .iter()
        .map(|item| surroundings.expand_home(&surroundings.expand_variables(item.expose())))
        // A relative one depends on the folder in which conda is started.
        .filter(|path| path.is_absolute())
        .map(|path| normal(&path))
        .collect()
}

fn without_repetitions(folders: Vec<PathBuf>) -> Vec<PathBuf> {
    let mut unique: Vec<PathBuf> = Vec::new();
    for folder in folders {
        if !unique.contains(&folder) {
            unique.push(folder);
        }
    }
    unique
}

/// Whether conda takes the folder for an environment.
pub fn is_environment(prefix: &Path) -> bool {
    super::history::path(prefix).is_file()
}

/// Whether conda takes the environment for one that it may change: its history can be written.
pub fn is_writable_environment(prefix: &Path) -> bool {
    let history = super::history::path(prefix);
    history.is_file() && OpenOptions::new().append(true).open(history).is_ok()
}

/// The name under which an environment at this prefix is known: `base`, the name of its folder in one of `envs_dirs`, or
/// nothing.
pub fn name_of(prefix: &Path, roots: &[PathBuf], envs_dirs: &[PathBuf]) -> Option<String> {
    if roots.iter().any(|root| is_same(root, prefix)) {
        return Some("base".to_owned());
    }
    let folder = prefix.parent()?;
    if envs_dirs.iter().any(|known| is_same(known, folder)) {
        return Some(prefix.file_name()?.to_string_lossy().into_owned());
    }
    None
}

pub(super) fn is_same(one: &Path, other: &Path) -> bool {
    let canonical = |path: &Path| path.canonicalize().unwrap_or_else(|_| normal(path));
    one == other || canonical(one) == canonical(other)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conda::fixture::Machine;

    #[test]
    fn names_are_looked_up_where_conda_looks() {
        let machine = Machine::linux().file("opt/conda/conda-meta/history", "");
        let root = machine.path("opt/conda");
        let inside = |machine: &Machine, folders: Vec<PathBuf>| -> Vec<String> {
            folders.iter().map(|folder| machine.inside(folder)).collect()
        };
        let folders = envs_dirs(&machine.surroundings, Some(&root));
        assert_eq!(inside(&machine, folders), ["opt/conda/envs", "home/.conda/envs"]);
        // An installation that cannot be written, as one without a history, comes last.
        let elsewhere = machine.path("opt/other");
        let folders = envs_dirs(&machine.surroundings, Some(&elsewhere));
        assert_eq!(inside(&machine, folders), ["home/.conda/envs", "opt/other/envs"]);
        let folders = envs_dirs(&machine.surroundings, None);
        assert_eq!(inside(&machine, folders), ["home/.conda/envs"]);

        let work = machine.path("work").display().to_string();
        let machine = machine
            .file(
                "home/.condarc",
                "envs_dirs:\n  - $WORK/a/../envs\n  - ~/own\n  - relative\n",
            )
            .variable("WORK", &work);
        let folders = envs_dirs(&machine.surroundings, Some(&root));
        assert_eq!(
            inside(&machine, folders),
            ["work/envs", "home/own", "opt/conda/envs", "home/.conda/envs"]
        );
        let variable = format!("{work}/x:{work}/y");
        let machine = machine.variable("CONDA_ENVS_PATH", &variable);
        let folders = envs_dirs(&machine.surroundings, None);
        assert_eq!(
            inside(&machine, folders),
            ["work/x", "work/y", "work/envs", "home/own", "home/.conda/envs"]
        );
    }

    #[test]
    fn package_caches_are_those_of_the_installation_unless_others_are_set() {
        let machine = Machine::linux();
        let root = machine.path("opt/conda");
        let folders = pkgs_dirs(&machine.surroundings, Some(&root));
        assert_eq!(folders, [root.join("pkgs"), machine.path("home/.conda/pkgs")]);
        let machine = machine.file("home/.condarc", "pkgs_dirs: [/scratch/pkgs]\n");
        assert_eq!(
            pkgs_dirs(&machine.surroundings, Some(&root)),
            [PathBuf::from("/scratch/pkgs")]
        );
    }
}
