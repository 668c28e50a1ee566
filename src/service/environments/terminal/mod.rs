//! Opening a terminal of the person's own in which an environment is active, without any conda.
//!
//! The terminal starts a small script, the script the person's shell, and the shell reads its own start-up files first and then
//! what activates the environment, so that a conda which activates its base at start does not have the last word.

mod programs;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant, SystemTime};

use serde::Serialize;
use thiserror::Error;

use super::protect::shown;
use crate::conda::environment::Environment;
use crate::edit::file::{self, FileError};
use crate::error::{Explain, Kind, Problem};
use crate::locations::Platform;
use crate::package::activation::{self, ActivationError, Shell};
use crate::service::{ServiceError, Services, blocking};
use programs::Terminal;

/// How long a terminal is watched for failing at once.
const PATIENCE: Duration = Duration::from_millis(250);

/// Scripts that are older were read long ago.
const STALE: Duration = Duration::from_secs(24 * 60 * 60);

#[derive(Debug, Clone, Error)]
pub enum TerminalError {
    #[error("there is no desktop here on which a terminal could open")]
    NoDesktop,
    #[error("no terminal program was found")]
    NoneFound { tried: Vec<String> },
    #[error("the variable TERMINAL names {program}, which is not there")]
    NotThere { program: String },
    #[error("{program} could not be started")]
    NotStarted { program: String, detail: String },
    #[error(transparent)]
    Activation(#[from] ActivationError),
    #[error(transparent)]
    File(#[from] FileError),
}

impl Explain for TerminalError {
    fn explain(&self) -> Problem {
        let problem = Problem::new(Kind::Conflict, self.to_string());
        match self {
            Self::NoDesktop => problem
                .because("neither DISPLAY nor WAYLAND_DISPLAY is set")
                .remedy("activate it in the terminal that you are in: conda activate"),
            Self::NoneFound { tried } => problem
                .because(format!("none of these is there: {}", tried.join(", ")))
                .remedy("name yours in the variable TERMINAL, such as TERMINAL=xterm"),
            Self::NotThere { .. } => problem.remedy("correct the variable TERMINAL, or unset it"),
            Self::NotStarted { detail, .. } => problem
                .because(detail.clone())
                .remedy("name another one in the variable TERMINAL, such as TERMINAL=xterm"),
            Self::Activation(error) => error.explain(),
            Self::File(error) => error.explain(),
        }
    }
}

/// A terminal that was opened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OpenedTerminal {
    /// The terminal program.
    pub program: String,
    /// The shell in it.
    pub shell: String,
}

impl Services {
    /// Opens a terminal in which the environment is active. Returns as soon as it runs; that may take a quarter of a second.
    ///
    /// Errors: [`TerminalError`].
    pub fn open_terminal(&self, environment: &Environment) -> Result<OpenedTerminal, ServiceError> {
        Ok(blocking(|| self.open(environment))?)
    }

    fn open(&self, environment: &Environment) -> Result<OpenedTerminal, TerminalError> {
        let terminal = self.terminal()?;
        let shell = self.shell();
        let folder = self.locations().cache().join("terminals");
        file::private_folder(&folder)?;
        remove_stale(&folder);
        let folder = folder.join(self.new_id());
        file::private_folder(&folder)?;
        let start = self.write_scripts(environment, &shell, &folder)?;
        let (program, arguments) = terminal.command(&start, &self.locations().home);
        let mut command = Command::new(&program);
        command
            .args(arguments)
            .env_clear()
            .envs(&self.locations().variables)
            .current_dir(&self.locations().home)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        // Otherwise an interrupt on the terminal that Sextant was started from would end it too.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let not_started = |detail: String| TerminalError::NotStarted {
            program: program.display().to_string(),
            detail,
        };
        let child = command.spawn().map_err(|error| not_started(error.to_string()))?;
        watch(child).map_err(not_started)?;
        Ok(OpenedTerminal {
            program: terminal.name,
            shell: shell.path.display().to_string(),
        })
    }

    fn terminal(&self) -> Result<Terminal, TerminalError> {
        let locations = self.locations();
        let set = |name: &str| locations.variable(name).filter(|value| !value.trim().is_empty());
        if locations.platform == Platform::Linux
            && ["DISPLAY", "WAYLAND_DISPLAY"]
                .iter()
                .all(|name| set(name).is_none())
        {
            return Err(TerminalError::NoDesktop);
        }
        programs::find(
            locations.platform,
            set("PATH").unwrap_or_default(),
            set("TERMINAL"),
        )
    }

    /// The person's shell. One that Sextant cannot activate an environment in gives way to `sh`.
    fn shell(&self) -> PersonsShell {
        let locations = self.locations();
        if locations.platform == Platform::Windows {
            return PersonsShell {
                kind: Shell::Cmd,
                path: PathBuf::from("cmd.exe"),
            };
        }
        let usual = match locations.platform {
            Platform::MacOs => "/bin/zsh",
            _ => "/bin/bash",
        };
        let named = locations.variable("SHELL").map(PathBuf::from);
        let candidates = named
            .into_iter()
            .chain([PathBuf::from(usual), PathBuf::from("/bin/sh")]);
        let known = candidates
            .filter(|path| path.is_absolute() && path.is_file())
            .find_map(|path| {
                Some(PersonsShell {
                    kind: kind(&path)?,
                    path,
                })
            });
        known.unwrap_or_else(|| PersonsShell {
            kind: Shell::Bash,
            path: PathBuf::from("/bin/sh"),
        })
    }

    /// Writes what the terminal starts, and what the shell reads. The path of the former.
    fn write_scripts(
        &self,
        environment: &Environment,
        shell: &PersonsShell,
        folder: &Path,
    ) -> Result<PathBuf, TerminalError> {
        const READABLE: u32 = 0o600;
        const EXECUTABLE: u32 = 0o700;
        let activation = activation::script(&environment.prefix, &shown(environment), shell.kind)?;
        let home = &self.locations().home;
        let put = |name: &str, text: String, mode| -> Result<PathBuf, FileError> {
            let path = folder.join(name);
            file::write(&path, text.as_bytes(), mode)?;
            Ok(path)
        };
        if shell.kind == Shell::Cmd {
            return Ok(put("start.bat", activation, EXECUTABLE)?);
        }
        let program = quoted(&shell.path);
        let is_bash = shell.path.file_name().is_some_and(|name| name == "bash");
        let run = match shell.kind {
            Shell::Zsh => {
                // zsh reads its files from ZDOTDIR: ours hands on to the person's, and gives the variable back.
                let own = self
                    .locations()
                    .variable("ZDOTDIR")
                    .map_or_else(|| home.clone(), PathBuf::from);
                let own = quoted(&own);
                put(
                    ".zshenv",
                    format!(
                        "ZDOTDIR={own}\n[ -f {own}/.zshenv ] && . {own}/.zshenv\nZDOTDIR={0}\n",
                        quoted(folder)
                    ),
                    READABLE,
                )?;
                put(
                    ".zshrc",
                    format!("ZDOTDIR={own}\n[ -f {own}/.zshrc ] && . {own}/.zshrc\n{activation}"),
                    READABLE,
                )?;
                format!("ZDOTDIR={} exec {program} -i", quoted(folder))
            }
            Shell::Fish => {
                let file = put("activate.fish", activation, READABLE)?;
                format!("exec {program} -i -C \"source {}\"", quoted(&file))
            }
            _ if is_bash => {
                let first =
                    "[ -f /etc/bash.bashrc ] && . /etc/bash.bashrc\n[ -f ~/.bashrc ] && . ~/.bashrc\n";
                let file = put("bashrc", format!("{first}{activation}"), READABLE)?;
                format!("exec {program} --rcfile {} -i", quoted(&file))
            }
            _ => {
                // The descendants of the Bourne shell read what ENV names, and it is given back to the shells in the terminal.
                let own = self.locations().variable("ENV").filter(|own| !own.is_empty());
                let first = match own {
                    Some(own) => {
                        let file = quoted(&at_home(own, home));
                        format!("ENV={}\n[ -f {file} ] && . {file}\n", quoted(Path::new(own)))
                    }
                    None => "unset ENV\n".to_owned(),
                };
                let file = put("shrc", format!("{first}{activation}"), READABLE)?;
                format!("ENV={} exec {program} -i", quoted(&file))
            }
        };
        let start = format!("#!/bin/sh\ncd {}\n{run}\n", quoted(home));
        let name = match self.locations().platform {
            // What Terminal opens by itself.
            Platform::MacOs => "start.command",
            _ => "start",
        };
        Ok(put(name, start, EXECUTABLE)?)
    }
}

struct PersonsShell {
    kind: Shell,
    path: PathBuf,
}

/// Which kind of shell a program is; nothing for those with a language of their own that is not known here.
fn kind(path: &Path) -> Option<Shell> {
    match path.file_name()?.to_str()? {
        "zsh" => Some(Shell::Zsh),
        "fish" => Some(Shell::Fish),
        "bash" | "sh" | "dash" | "ksh" | "mksh" | "ash" => Some(Shell::Bash),
        _ => None,
    }
}

/// The path that a variable of the person's names, in the ways in which people write their home folder.
fn at_home(named: &str, home: &Path) -> PathBuf {
    let inside = ["~/", "$HOME/", "${HOME}/"]
        .iter()
        .find_map(|start| named.strip_prefix(start));
    inside.map_or_else(|| PathBuf::from(named), |inside| home.join(inside))
}

/// A path as one word of a shell script.
fn quoted(path: &Path) -> String {
    format!("'{}'", path.display().to_string().replace('\'', r"'\''"))
}

fn remove_stale(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let modified = entry.metadata().and_then(|metadata| metadata.modified());
        let is_stale = modified.is_ok_and(|modified| {
            SystemTime::now()
                .duration_since(modified)
                .is_ok_and(|age| age > STALE)
        });
        if is_stale {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

/// Leaves a terminal alone once it has not failed at once.
fn watch(mut child: Child) -> Result<(), String> {
    const GLANCE: Duration = Duration::from_millis(10);
    let until = Instant::now() + PATIENCE;
    loop {
        match child.try_wait() {
            // Some hand their work to a program that runs already.
            Ok(Some(status)) if status.success() => return Ok(()),
            Ok(Some(status)) => return Err(format!("it ended with {status}")),
            Ok(None) if Instant::now() < until => std::thread::sleep(GLANCE),
            // It runs. Somebody must take note of its end, or it would stay as a zombie.
            Ok(None) | Err(_) => break,
        }
    }
    std::thread::spawn(move || child.wait());
    Ok(())
}

#[cfg(all(test, unix))]
mod tests;
