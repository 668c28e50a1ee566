//! Terminal programs, and how each is told what to run.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::TerminalError;
use crate::locations::Platform;

/// How a terminal program takes the program that it shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Takes {
    /// Behind `--`.
    Dashes,
    /// Behind this option.
    Option(&'static str),
    /// As its first argument.
    Bare,
    /// `wezterm start -- program`.
    Start,
}

/// Those of Linux, in the order in which they are looked for. The first two are what the person or the system chose.
const LINUX: [(&str, Takes); 18] = [
    ("xdg-terminal-exec", Takes::Bare),
    ("x-terminal-emulator", Takes::Option("-e")),
    ("gnome-terminal", Takes::Dashes),
    ("ptyxis", Takes::Dashes),
    ("kgx", Takes::Dashes),
    ("konsole", Takes::Option("-e")),
    ("xfce4-terminal", Takes::Option("-x")),
    ("mate-terminal", Takes::Option("-x")),
    ("tilix", Takes::Option("-e")),
    ("terminator", Takes::Option("-x")),
    ("lxterminal", Takes::Option("-e")),
    ("kitty", Takes::Bare),
    ("alacritty", Takes::Option("-e")),
    ("wezterm", Takes::Start),
    ("foot", Takes::Bare),
    ("ghostty", Takes::Option("-e")),
    ("urxvt", Takes::Option("-e")),
    ("xterm", Takes::Option("-e")),
];

/// A terminal program that is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Terminal {
    /// As it is called.
    pub name: String,
    program: PathBuf,
    /// What the person wants it to be told beside.
    words: Vec<String>,
    kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Linux(Takes),
    /// `open`, which hands the script to Terminal or what the person has put in its place.
    MacOs,
    /// `wt`.
    WindowsTerminal,
    /// A window of its own for the command line of old.
    WindowsConsole,
}

/// Finds the terminal program. `wanted` is what the variable TERMINAL says.
///
/// Errors: [`TerminalError::NoneFound`]; [`TerminalError::NotThere`].
pub(super) fn find(platform: Platform, path: &str, wanted: Option<&str>) -> Result<Terminal, TerminalError> {
    let there = |name: &str| program(path, name);
    let found = |name: &str, program, kind| Terminal {
        name: name.to_owned(),
        program,
        words: Vec::new(),
        kind,
    };
    match platform {
        Platform::MacOs => Ok(found("Terminal", PathBuf::from("/usr/bin/open"), Kind::MacOs)),
        Platform::Windows => Ok(match there("wt.exe") {
            Some(program) => found("Windows Terminal", program, Kind::WindowsTerminal),
            None => found("cmd", PathBuf::from("cmd.exe"), Kind::WindowsConsole),
        }),
        Platform::Linux => {
            if let Some(wanted) = wanted {
                let mut words = wanted.split_whitespace().map(str::to_owned);
                let name = words.next().unwrap_or_default();
                let program = there(&name).ok_or_else(|| TerminalError::NotThere {
                    program: name.clone(),
                })?;
                let own = Path::new(&name)
                    .file_name()
                    .map(|name| name.to_string_lossy().into_owned());
                let known = LINUX.iter().find(|(known, _)| own.as_deref() == Some(known));
                return Ok(Terminal {
                    kind: Kind::Linux(known.map_or(Takes::Option("-e"), |(_, takes)| *takes)),
                    name,
                    program,
                    words: words.collect(),
                });
            }
            LINUX
                .iter()
                .find_map(|(name, takes)| Some(found(name, there(name)?, Kind::Linux(*takes))))
                .ok_or_else(|| TerminalError::NoneFound {
                    tried: LINUX.iter().map(|(name, _)| (*name).to_owned()).collect(),
                })
        }
    }
}

/// The program of this name on the search path, or at this path.
fn program(path: &str, name: &str) -> Option<PathBuf> {
    let is_one = |path: &Path| path.is_file() && is_executable(path);
    let named = Path::new(name);
    if named.is_absolute() {
        return is_one(named).then(|| named.to_owned());
    }
    std::env::split_paths(path)
        .filter(|folder| folder.is_absolute())
        .map(|folder| folder.join(name))
        .find(|program| is_one(program))
}

#[cfg(unix)]
fn is_executable(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    path.metadata()
        .is_ok_and(|metadata| metadata.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_executable(_path: &Path) -> bool {
    true
}

impl Terminal {
    /// The command that shows a script.
    pub fn command(&self, start: &Path, home: &Path) -> (PathBuf, Vec<OsString>) {
        let mut arguments: Vec<OsString> = self.words.iter().map(OsString::from).collect();
        let before: &[&str] = match self.kind {
            Kind::Linux(Takes::Dashes) => &["--"],
            Kind::Linux(Takes::Option(option)) => &[option],
            Kind::Linux(Takes::Start) => &["start", "--"],
            Kind::Linux(Takes::Bare) | Kind::MacOs => &[],
            Kind::WindowsTerminal => {
                arguments.extend(["-d".into(), home.into(), "cmd.exe".into(), "/K".into()]);
                &[]
            }
            Kind::WindowsConsole => &["/C", "start", "", "cmd.exe", "/K"],
        };
        arguments.extend(before.iter().map(OsString::from));
        arguments.push(start.into());
        (self.program.clone(), arguments)
    }
}
