//! Files in which people and programs leave secrets in the clear. They need not exist.

use std::path::{Path, PathBuf};

use crate::conda::search_path::{Source, search_path};
use crate::locations::Platform;
use crate::service::Services;

/// conda's own files, and the copies that other programs make of them (product research, section 1.8; server reference,
/// section 2.2).
pub(in crate::service::doctor) fn conda(services: &Services) -> Vec<PathBuf> {
    let home = &services.locations().home;
    let sources = search_path(&services.surroundings()).sources;
    let mut files: Vec<PathBuf> = sources
        .iter()
        .filter_map(Source::path)
        .map(Path::to_owned)
        .collect();
    files.extend([".condarc_copy", ".condarc.bak"].map(|name| home.join(name)));
    files.extend(files_in(
        &home.join(".anaconda/navigator/condarc_storage"),
        |_| true,
    ));
    files
}

/// pip's files, from the machine's to that of the environment.
pub(in crate::service::doctor) fn pip(services: &Services) -> Vec<PathBuf> {
    let locations = services.locations();
    let home = &locations.home;
    let folder = |name: &str| {
        let value = locations.variable(name).filter(|value| !value.is_empty());
        value.map(PathBuf::from).filter(|path| path.is_absolute())
    };
    let mut files = match locations.platform {
        Platform::Windows => vec![
            locations.system_root.join("ProgramData/pip/pip.ini"),
            home.join("pip/pip.ini"),
            folder("APPDATA")
                .unwrap_or_else(|| home.join("AppData/Roaming"))
                .join("pip/pip.ini"),
        ],
        Platform::MacOs => vec![
            locations
                .system_root
                .join("Library/Application Support/pip/pip.conf"),
            home.join("Library/Application Support/pip/pip.conf"),
        ],
        Platform::Linux => vec![
            locations.system_root.join("etc/pip.conf"),
            locations.system_root.join("etc/xdg/pip/pip.conf"),
        ],
    };
    files.push(home.join(".pip/pip.conf"));
    files.push(
        folder("XDG_CONFIG_HOME")
            .unwrap_or_else(|| home.join(".config"))
            .join("pip/pip.conf"),
    );
    files.push(home.join(".pypirc"));
    let name = if locations.platform == Platform::Windows {
        "pip.ini"
    } else {
        "pip.conf"
    };
    files.extend(
        ["VIRTUAL_ENV", "CONDA_PREFIX"]
            .iter()
            .filter_map(|variable| Some(folder(variable)?.join(name))),
    );
    files.extend(folder("PIP_CONFIG_FILE"));
    unique(files)
}

/// What shells, and interpreters that people type into, remember.
pub(in crate::service::doctor) fn shells(services: &Services) -> Vec<PathBuf> {
    let locations = services.locations();
    let home = &locations.home;
    let data = locations
        .variable("XDG_DATA_HOME")
        .map_or_else(|| home.join(".local/share"), PathBuf::from);
    let mut files: Vec<PathBuf> = [
        ".bash_history",
        ".zsh_history",
        ".zhistory",
        ".histfile",
        ".sh_history",
        ".history",
        ".python_history",
    ]
    .map(|name| home.join(name))
    .to_vec();
    files.push(data.join("fish/fish_history"));
    files.push(data.join("powershell/PSReadLine/ConsoleHost_history.txt"));
    if locations.platform == Platform::Windows {
        let roaming = locations
            .variable("APPDATA")
            .map_or_else(|| home.join("AppData/Roaming"), PathBuf::from);
        files.push(roaming.join("Microsoft/Windows/PowerShell/PSReadLine/ConsoleHost_history.txt"));
    }
    files.extend(
        locations
            .variable("HISTFILE")
            .map(PathBuf::from)
            .filter(|path| path.is_absolute()),
    );
    unique(files)
}

/// The logs of anaconda-client, conda-repo-cli and Navigator (server reference, section 4.1; repository reference, section
/// 2.1).
pub(in crate::service::doctor) fn logs(services: &Services) -> Vec<PathBuf> {
    let locations = services.locations();
    let home = &locations.home;
    let folder = |name: &str, usual: &str| {
        let value = locations.variable(name).filter(|value| !value.is_empty());
        value.map_or_else(|| home.join(usual), PathBuf::from)
    };
    let mut folders = match locations.platform {
        Platform::Linux => vec![
            folder("XDG_STATE_HOME", ".local/state").join("binstar/log"),
            folder("XDG_CACHE_HOME", ".cache").join("binstar/log"),
        ],
        Platform::MacOs => vec![home.join("Library/Logs/binstar")],
        Platform::Windows => vec![folder("LOCALAPPDATA", "AppData/Local").join("ContinuumIO/binstar/Logs")],
    };
    folders.extend(
        locations
            .variable("BINSTAR_CONFIG_DIR")
            .map(|folder| Path::new(folder).join("log")),
    );
    folders.push(home.join(".anaconda/navigator/logs"));
    folders.push(home.join(".continuum/anaconda-client"));
    let is_log = |name: &str| name.contains(".log");
    unique(
        folders
            .iter()
            .flat_map(|folder| files_in(folder, is_log))
            .collect(),
    )
}

fn files_in(folder: &Path, counts: impl Fn(&str) -> bool) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut files: Vec<PathBuf> = entries
        .filter(|entry| entry.file_name().to_str().is_some_and(&counts))
        .map(|entry| entry.path())
        .collect();
    files.sort();
    files
}

fn unique(files: Vec<PathBuf>) -> Vec<PathBuf> {
    let mut kept: Vec<PathBuf> = Vec::new();
    for file in files {
        if !kept.contains(&file) {
            kept.push(file);
        }
    }
    kept
}
