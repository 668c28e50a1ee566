//! The files that conda reads, in the order in which later ones prevail (repository reference, section 3.1).

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use super::{Platform, Surroundings};

/// The two names under which conda looks for its file in a folder, lower precedence first.
pub(super) const FILE_NAMES: [&str; 2] = [".condarc", "condarc"];

/// Where a setting may come from. The order of the search path is the order of precedence, lowest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A file that exists and that conda reads.
    File { path: PathBuf, scope: Scope },
    /// The variables `CONDA_<KEY>`, which prevail over every file.
    Variables,
}

impl Source {
    pub fn path(&self) -> Option<&Path> {
        match self {
            Self::File { path, .. } => Some(path),
            Self::Variables => None,
        }
    }
}

/// Whom a file of conda's is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Everybody on this machine.
    Machine,
    /// Everybody who uses the base installation.
    Installation,
    /// One person.
    Person,
    /// The active environment.
    Environment,
    /// What the variable `CONDARC` names.
    Named,
}

/// The search path, and what of it conda passes over in silence.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SearchPath {
    /// Lowest precedence first; the variables are last.
    pub sources: Vec<Source>,
    /// The value of `CONDARC` when it names something conda does not read.
    pub ignored_condarc: Option<IgnoredCondarc>,
}

/// A value of `CONDARC` without effect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IgnoredCondarc {
    pub path: PathBuf,
    pub reason: IgnoredReason,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IgnoredReason {
    /// The name is neither `.condarc` nor `condarc` and does not end in `.yml` or `.yaml`.
    Name,
    /// It is no absolute path: what it names depends on the folder in which conda is started.
    Relative,
    /// There is no such file or folder.
    Missing,
}

/// A place conda looks at, whether or not there is something.
struct Candidate {
    path: PathBuf,
    scope: Scope,
}

/// What conda finds at a place of its search path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PlaceState {
    /// A file that it reads.
    Read,
    /// A folder whose files of YAML it reads; they are places of their own.
    Folder,
    Missing,
    /// A file that it has read further down already, where it keeps its place.
    Repeated,
    /// Something else than a file or a folder.
    Other,
}

/// A place of the search path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    pub path: PathBuf,
    pub scope: Scope,
    pub state: PlaceState,
}

/// Every place that conda looks at in these surroundings, lowest precedence first; the files of a folder follow it.
pub fn order(surroundings: &Surroundings) -> Vec<Place> {
    let mut order: Vec<Place> = Vec::new();
    for Candidate { path, scope } in candidates(surroundings) {
        let seen = |order: &[Place], path: &Path| {
            order
                .iter()
                .any(|place| place.path == path && place.state != PlaceState::Missing)
        };
        let state = if path.is_dir() {
            PlaceState::Folder
        } else if seen(&order, &path) {
            PlaceState::Repeated
        } else if path.is_file() && is_condarc_name(&path) {
            PlaceState::Read
        } else if path.exists() {
            PlaceState::Other
        } else {
            PlaceState::Missing
        };
        let files = files_of(&path, None);
        let is_folder = state == PlaceState::Folder;
        if !order
            .iter()
            .any(|place| place.path == path && state == PlaceState::Missing)
        {
            order.push(Place { path, scope, state });
        }
        for file in files.into_iter().filter(|_| is_folder) {
            let state = if seen(&order, &file) {
                PlaceState::Repeated
            } else {
                PlaceState::Read
            };
            order.push(Place {
                path: file,
                scope,
                state,
            });
        }
    }
    order
}

/// The files conda reads in these surroundings, and the variables.
pub fn search_path(surroundings: &Surroundings) -> SearchPath {
    search_path_with(surroundings, None)
}

/// Every file, and every folder of files, that conda looks for in these surroundings, whether or not it is there.
pub fn places(surroundings: &Surroundings) -> Vec<PathBuf> {
    let candidates = candidates(surroundings).into_iter();
    candidates.map(|candidate| candidate.path).collect()
}

/// The search path as it will be once the file `planned` exists.
pub(super) fn search_path_with(surroundings: &Surroundings, planned: Option<&Path>) -> SearchPath {
    let mut sources: Vec<Source> = Vec::new();
    for Candidate { path, scope } in candidates(surroundings) {
        for path in files_of(&path, planned) {
            // A file that is named twice keeps its first, lower place.
            if !sources.iter().any(|source| source.path() == Some(&path)) {
                sources.push(Source::File { path, scope });
            }
        }
    }
    sources.push(Source::Variables);
    SearchPath {
        sources,
        ignored_condarc: ignored_condarc(surroundings, planned),
    }
}

fn candidates(surroundings: &Surroundings) -> Vec<Candidate> {
    let root = &surroundings.system_root;
    let machine = match surroundings.platform {
        Platform::Windows => vec![root.join("ProgramData").join("conda")],
        Platform::Linux | Platform::MacOs => vec![root.join("etc/conda"), root.join("var/lib/conda")],
    };
    let mut candidates = in_folders(Scope::Machine, machine);
    candidates.extend(in_folders(Scope::Installation, surroundings.conda_root()));
    candidates.extend(in_folders(Scope::Person, person_folders(surroundings)));
    candidates.push(Candidate {
        path: home_condarc(surroundings),
        scope: Scope::Person,
    });
    candidates.extend(in_folders(
        Scope::Environment,
        surroundings.folder("CONDA_PREFIX"),
    ));
    candidates.extend(surroundings.folder("CONDARC").map(|path| Candidate {
        path,
        scope: Scope::Named,
    }));
    candidates
}

fn in_folders(scope: Scope, folders: impl IntoIterator<Item = PathBuf>) -> Vec<Candidate> {
    let names = || FILE_NAMES.into_iter().chain(["condarc.d"]);
    let candidate = |folder: &Path, name| Candidate {
        path: folder.join(name),
        scope,
    };
    folders
        .into_iter()
        .flat_map(|folder| names().map(|name| candidate(&folder, name)).collect::<Vec<_>>())
        .collect()
}

/// The folders for a person's own files, lower precedence first; `~/.condarc` stands above them.
pub(super) fn person_folders(surroundings: &Surroundings) -> Vec<PathBuf> {
    let xdg = surroundings
        .folder("XDG_CONFIG_HOME")
        .map(|folder| folder.join("conda"));
    let home = &surroundings.home;
    xdg.into_iter()
        .chain([home.join(".config").join("conda"), home.join(".conda")])
        .collect()
}

pub(super) fn home_condarc(surroundings: &Surroundings) -> PathBuf {
    surroundings.home.join(".condarc")
}

/// Whether conda reads a file of this name where it is told a file.
pub(super) fn is_condarc_name(path: &Path) -> bool {
    path.file_name()
        .is_some_and(|name| FILE_NAMES.iter().any(|known| name == *known))
        || is_yaml_name(path)
}

fn is_yaml_name(path: &Path) -> bool {
    path.extension()
        .is_some_and(|extension| extension == OsStr::new("yml") || extension == OsStr::new("yaml"))
}

/// The files a candidate stands for: itself, or the YAML files of a folder, sorted as plain text.
fn files_of(path: &Path, planned: Option<&Path>) -> Vec<PathBuf> {
    if path.is_dir() {
        let mut files: Vec<PathBuf> = fs::read_dir(path)
            .into_iter()
            .flatten()
            .flatten()
            .map(|entry| entry.path())
            .filter(|file| is_yaml_name(file) && file.is_file())
            .collect();
        files.sort_by(|a, b| a.file_name().cmp(&b.file_name()));
        files
    } else if is_condarc_name(path) && (path.is_file() || planned == Some(path)) {
        vec![path.to_owned()]
    } else {
        Vec::new()
    }
}

fn ignored_condarc(surroundings: &Surroundings, planned: Option<&Path>) -> Option<IgnoredCondarc> {
    let path = surroundings.expand_home(surroundings.variable("CONDARC")?);
    let reason = if path.is_relative() {
        IgnoredReason::Relative
    } else if path.is_dir() || planned == Some(&path) {
        return None;
    } else if !is_condarc_name(&path) {
        IgnoredReason::Name
    } else if !path.is_file() {
        IgnoredReason::Missing
    } else {
        return None;
    };
    Some(IgnoredCondarc { path, reason })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conda::fixture::Machine;

    fn machine(files: &[&str], places: &[(&str, &str)]) -> Machine {
        let machine = files.iter().fold(Machine::linux(), |machine, file| {
            machine.file(file, "channels: []\n")
        });
        places
            .iter()
            .fold(machine, |machine, (name, place)| machine.place(name, place))
    }

    fn read(machine: &Machine) -> Vec<String> {
        let sources = search_path(&machine.surroundings).sources;
        assert_eq!(sources.last(), Some(&Source::Variables));
        sources
            .iter()
            .filter_map(Source::path)
            .map(|path| machine.inside(path))
            .collect()
    }

    #[test]
    fn the_order_is_condas_own() {
        let in_order = [
            "etc/conda/.condarc",
            "etc/conda/condarc",
            "etc/conda/condarc.d/a.yml",
            "var/lib/conda/.condarc",
            "var/lib/conda/condarc",
            "var/lib/conda/condarc.d/a.yaml",
            "root/.condarc",
            "root/condarc",
            "root/condarc.d/a.yml",
            "xdg/conda/.condarc",
            "xdg/conda/condarc",
            "xdg/conda/condarc.d/a.yml",
            "home/.config/conda/.condarc",
            "home/.config/conda/condarc",
            "home/.config/conda/condarc.d/a.yml",
            "home/.conda/.condarc",
            "home/.conda/condarc",
            "home/.conda/condarc.d/a.yml",
            "home/.condarc",
            "env/.condarc",
            "env/condarc",
            "env/condarc.d/a.yml",
            "named/my.yaml",
        ];
        let variables = [
            ("CONDA_ROOT", "root"),
            ("XDG_CONFIG_HOME", "xdg"),
            ("CONDA_PREFIX", "env"),
            ("CONDARC", "named/my.yaml"),
        ];
        assert_eq!(read(&machine(&in_order, &variables)), in_order);
    }

    #[test]
    fn a_folder_gives_its_yaml_files_sorted_as_text() {
        let files = [
            "10-a.yml",
            "9-b.yaml",
            "B.yml",
            "a.yml",
            "notes.txt",
            "c.YML",
            ".yml",
            "sub/x.yml",
        ];
        let paths: Vec<_> = files
            .iter()
            .map(|file| format!("home/.conda/condarc.d/{file}"))
            .collect();
        let home = machine(&paths.iter().map(String::as_str).collect::<Vec<_>>(), &[]);
        let read: Vec<_> = read(&home)
            .iter()
            .map(|path| path.rsplit('/').next().unwrap().to_owned())
            .collect();
        assert_eq!(read, ["10-a.yml", "9-b.yaml", "B.yml", "a.yml"]);
    }

    #[test]
    fn what_is_named_twice_keeps_its_lower_place() {
        let files = ["root/.condarc", "home/.config/conda/condarc", "home/.condarc"];
        // The base environment is active, XDG points at the usual place, and CONDARC at the base's file.
        let variables = [
            ("CONDA_ROOT", "root"),
            ("CONDA_PREFIX", "root"),
            ("XDG_CONFIG_HOME", "home/.config"),
            ("CONDARC", "root/.condarc"),
        ];
        assert_eq!(read(&machine(&files, &variables)), files);
    }

    #[test]
    fn condarc_counts_only_under_a_name_conda_knows() {
        let ignored = |file: &str, value| {
            let home = machine(&[file], &[("CONDARC", value)]);
            (
                read(&home).len(),
                search_path(&home.surroundings)
                    .ignored_condarc
                    .map(|ignored| ignored.reason),
            )
        };
        assert_eq!(ignored("x/myrc", "x/myrc"), (0, Some(IgnoredReason::Name)));
        assert_eq!(ignored("x/.yml", "x/.yml"), (0, Some(IgnoredReason::Name)));
        assert_eq!(ignored("x/condarc", "x/condarc"), (1, None));
        assert_eq!(ignored("x/my.yml", "x/my.yml"), (1, None));
        assert_eq!(ignored("x/my.yml", "x"), (1, None));
        assert_eq!(ignored("x/my.yml", "y/my.yml"), (0, Some(IgnoredReason::Missing)));
        let relative = Machine::linux().variable("CONDARC", "my.yml");
        let reason = search_path(&relative.surroundings)
            .ignored_condarc
            .map(|ignored| ignored.reason);
        assert_eq!(reason, Some(IgnoredReason::Relative));
    }

    #[test]
    fn folders_and_other_names_are_no_condarc() {
        let home = machine(
            &[
                "home/.condarc/x.txt",
                "home/.conda/condarc.yml",
                "etc/conda/condarc.d",
            ],
            &[],
        );
        assert_eq!(read(&home), Vec::<String>::new());
    }

    #[test]
    fn windows_has_one_folder_for_the_machine() {
        let mut home = machine(
            &["ProgramData/conda/condarc", "etc/conda/condarc", "home/.condarc"],
            &[],
        );
        home.surroundings.platform = Platform::Windows;
        assert_eq!(read(&home), ["ProgramData/conda/condarc", "home/.condarc"]);
    }

    #[test]
    fn a_planned_file_takes_its_place() {
        let home = machine(&["home/.conda/condarc", "etc/conda/condarc"], &[]);
        let planned = home_condarc(&home.surroundings);
        let sources = search_path_with(&home.surroundings, Some(&planned)).sources;
        assert_eq!(
            sources[2],
            Source::File {
                path: planned,
                scope: Scope::Person
            }
        );
    }
}
